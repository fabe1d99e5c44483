/*-------------------------------------------------------------------------
 *
 * alarm.c
 *		Alarms: rows of queue.alarms, and of queue.alarm_history.
 *
 * An alarm acts as its owner, so its owner is held while it has alarms
 * (rolehold.c); of a role that is not held they do nothing.  Changes by users are
 * serialized by a lock on the table; the worker changes only the state, and looks
 * whether the row is as it was.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "alarm.h"
#include "catalog.h"
#include "owner.h"
#include "settings.h"

#define Anum_alarms_owner 2

const RoleColumn alarm_owner_column = {"alarms", "owner", Anum_alarms_owner};

const char *const alarm_comparison_names[ALARM_COMPARISONS] = {
	"GreaterThanOrEqualToThreshold", "GreaterThanThreshold",
	"LessThanThreshold", "LessThanOrEqualToThreshold"
};

int
alarm_find_name(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

bool
alarm_lock(const char *name, Oid *owner)
{
	Oid			types[] = {TEXTOID};
	Datum		args[] = {CStringGetTextDatum(name)};
	OwnerScope	scope;
	bool		found;
	bool		isnull;

	/* against each other, not against the worker, which locks rows */
	LockRelationOid(catalog_relation("alarms"), ShareUpdateExclusiveLock);
	owner_begin(&scope);
	owner_execute("SELECT owner FROM queue.alarms WHERE alarm_name = $1", 1, types, args,
				  NULL, false, SPI_OK_SELECT);
	found = SPI_processed > 0;
	if (found)
		*owner = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[0],
												SPI_tuptable->tupdesc, 1, &isnull));
	owner_end(&scope);
	return found;
}

/*
 * An array of texts.
 */
static Datum
alarm_text_array(const List *texts)
{
	Datum	   *elements = palloc(Max(list_length(texts), 1) * sizeof(Datum));
	int			n = 0;
	ListCell   *cell;

	foreach(cell, texts)
		elements[n++] = CStringGetTextDatum((char *) lfirst(cell));
	return PointerGetDatum(construct_array(elements, n, TEXTOID, -1, false, TYPALIGN_INT));
}

/*
 * Store an alarm in place of one of its name, whose state and owner it takes over.
 * If its owner comes to be held by that, what has its number already was another's.
 */
void
alarm_put(const Alarm *alarm)
{
	Oid			types[] = {TEXTOID, OIDOID, INT8OID, TEXTOID, TEXTOID, TEXTOID, FLOAT8OID, INT4OID,
	INT4OID, INT4OID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID};
	Datum		args[lengthof(types)];
	bool		held = rolehold_is_held(&alarm_owner_column, alarm->owner);
	OwnerScope	scope;

	args[0] = CStringGetTextDatum(alarm->name);
	args[1] = ObjectIdGetDatum(alarm->owner);
	args[2] = Int64GetDatum(alarm->queue_id);
	args[3] = CStringGetTextDatum(metric_name(alarm->metric));
	args[4] = CStringGetTextDatum(alarm->statistic_name);
	args[5] = CStringGetTextDatum(alarm_comparison_names[alarm->comparison]);
	args[6] = Float8GetDatum(alarm->threshold);
	args[7] = Int32GetDatum(alarm->period);
	args[8] = Int32GetDatum(alarm->evaluated);
	args[9] = Int32GetDatum(alarm->datapoints);
	args[10] = CStringGetTextDatum(alarm_missing_names[alarm->missing]);
	for (int i = 0; i < ALARM_STATES; i++)
		args[11 + i] = alarm_text_array(alarm->actions[i]);

	owner_begin(&scope);
	if (!held)
		owner_execute("DELETE FROM queue.alarms WHERE owner = $1", 1, types + 1, args + 1,
					  NULL, false, SPI_OK_DELETE);
	owner_execute("INSERT INTO queue.alarms AS a (alarm_name, owner, queue_id, metric, statistic,"
				  " comparison_operator, threshold, period, evaluation_periods, datapoints_to_alarm,"
				  " treat_missing_data, insufficient_data_actions, ok_actions, alarm_actions,"
				  " actions_enabled, state, state_reason, state_updated_at)"
				  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
				  " true, 'INSUFFICIENT_DATA', 'Unchecked: Initial alarm creation', clock_timestamp())"
				  " ON CONFLICT (alarm_name) DO UPDATE SET queue_id = $3, metric = $4, statistic = $5,"
				  " comparison_operator = $6, threshold = $7, period = $8, evaluation_periods = $9,"
				  " datapoints_to_alarm = $10, treat_missing_data = $11, insufficient_data_actions = $12,"
				  " ok_actions = $13, alarm_actions = $14, actions_enabled = true",
				  lengthof(types), types, args, NULL, false, SPI_OK_INSERT);
	owner_end(&scope);
	if (!held)
		rolehold_set(&alarm_owner_column, alarm->owner, true);
}

void
alarm_delete(const char *name, Oid owner)
{
	Oid			types[] = {TEXTOID, OIDOID};
	Datum		args[] = {CStringGetTextDatum(name), ObjectIdGetDatum(owner)};
	OwnerScope	scope;
	bool		last;

	owner_begin(&scope);
	owner_execute("DELETE FROM queue.alarms WHERE alarm_name = $1", 1, types, args, NULL,
				  false, SPI_OK_DELETE);
	owner_execute("SELECT FROM queue.alarms WHERE owner = $1 LIMIT 1", 1, types + 1, args + 1,
				  NULL, false, SPI_OK_SELECT);
	last = SPI_processed == 0;
	owner_end(&scope);
	if (last && rolehold_is_held(&alarm_owner_column, owner))
		rolehold_set(&alarm_owner_column, owner, false);
}

void
alarm_enable(const char *name, bool enabled)
{
	Oid			types[] = {TEXTOID, BOOLOID};
	Datum		args[] = {CStringGetTextDatum(name), BoolGetDatum(enabled)};
	OwnerScope	scope;

	owner_begin(&scope);
	owner_execute("UPDATE queue.alarms SET actions_enabled = $2 WHERE alarm_name = $1"
				  " AND actions_enabled <> $2", 2, types, args, NULL, false, SPI_OK_UPDATE);
	owner_end(&scope);
}

/*
 * A list of texts of an array.
 */
static List *
alarm_list_of_array(Datum array)
{
	Datum	   *elements;
	int			count;
	List	   *texts = NIL;

	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, NULL, &count);
	for (int i = 0; i < count; i++)
		texts = lappend(texts, TextDatumGetCString(elements[i]));
	return texts;
}

/*
 * Make an Alarm of a row of alarm_list(); NULL if it has names that are not known.
 */
static Alarm *
alarm_from_row(HeapTuple tuple, TupleDesc desc)
{
	Alarm	   *alarm = palloc0(sizeof(Alarm));
	bool		isnull;
	int			metric;
	int			comparison;
	int			missing;
	int			state;

#define VALUE(n) SPI_getbinval(tuple, desc, n, &isnull)
	metric = metric_find(TextDatumGetCString(VALUE(4)));
	alarm->statistic_name = TextDatumGetCString(VALUE(5));
	comparison = alarm_find_name(alarm_comparison_names, ALARM_COMPARISONS, TextDatumGetCString(VALUE(6)));
	missing = alarm_find_name(alarm_missing_names, ALARM_MISSINGS, TextDatumGetCString(VALUE(11)));
	state = alarm_find_name(alarm_state_names, ALARM_STATES, TextDatumGetCString(VALUE(13)));
	if (metric < 0 || !statistic_parse(alarm->statistic_name, &alarm->statistic) || comparison < 0 || missing < 0 || state < 0)
		return NULL;
	alarm->name = TextDatumGetCString(VALUE(1));
	alarm->owner = DatumGetObjectId(VALUE(2));
	alarm->queue_id = DatumGetInt64(VALUE(3));
	alarm->metric = (Metric) metric;
	alarm->comparison = (AlarmComparison) comparison;
	alarm->threshold = DatumGetFloat8(VALUE(7));
	alarm->period = DatumGetInt32(VALUE(8));
	alarm->evaluated = DatumGetInt32(VALUE(9));
	alarm->datapoints = DatumGetInt32(VALUE(10));
	alarm->missing = (AlarmMissing) missing;
	alarm->actions_enabled = DatumGetBool(VALUE(12));
	alarm->state = (AlarmState) state;
	for (int i = 0; i < ALARM_STATES; i++)
		alarm->actions[i] = alarm_list_of_array(VALUE(14 + i));
#undef VALUE
	return alarm;
}

/* The columns that alarm_from_row() reads */
#define ALARM_COLUMNS \
	"SELECT alarm_name, owner, queue_id, metric, statistic, comparison_operator, threshold," \
	" period, evaluation_periods, datapoints_to_alarm, treat_missing_data, actions_enabled," \
	" state, insufficient_data_actions, ok_actions, alarm_actions FROM queue.alarms"

List *
alarm_list(void)
{
	List	   *alarms = NIL;
	OwnerScope	scope;
	MemoryContext old;

	owner_begin(&scope);
	owner_execute(ALARM_COLUMNS " ORDER BY alarm_name", 0, NULL, NULL, NULL, false, SPI_OK_SELECT);
	old = MemoryContextSwitchTo(scope.context);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		Alarm	   *alarm = alarm_from_row(SPI_tuptable->vals[i], SPI_tuptable->tupdesc);

		if (alarm != NULL && rolehold_is_held(&alarm_owner_column, alarm->owner))
			alarms = lappend(alarms, alarm);
	}
	MemoryContextSwitchTo(old);
	owner_end(&scope);
	return alarms;
}

Alarm *
alarm_lock_row(const Alarm *alarm)
{
	Oid			types[] = {TEXTOID};
	Datum		args[] = {CStringGetTextDatum(alarm->name)};
	Alarm	   *current = NULL;
	OwnerScope	scope;
	MemoryContext old;

	owner_begin(&scope);
	owner_execute(ALARM_COLUMNS " WHERE alarm_name = $1 FOR NO KEY UPDATE SKIP LOCKED", 1, types,
				  args, NULL, false, SPI_OK_SELECT);
	old = MemoryContextSwitchTo(scope.context);
	if (SPI_processed > 0)
		current = alarm_from_row(SPI_tuptable->vals[0], SPI_tuptable->tupdesc);
	MemoryContextSwitchTo(old);
	owner_end(&scope);
	if (current == NULL || current->owner != alarm->owner || current->queue_id != alarm->queue_id ||
		current->metric != alarm->metric || strcmp(current->statistic_name, alarm->statistic_name) != 0 ||
		current->comparison != alarm->comparison || current->threshold != alarm->threshold ||
		current->period != alarm->period || current->evaluated != alarm->evaluated ||
		current->datapoints != alarm->datapoints || current->missing != alarm->missing ||
		current->state != alarm->state || !rolehold_is_held(&alarm_owner_column, current->owner))
		return NULL;
	return current;
}

/*
 * Set a new state.  The message is like the one that CloudWatch sends.
 */
bool
alarm_set_state(const Alarm *alarm, AlarmState state, const char *reason, TimestampTz now,
				char **message)
{
	Oid			types[] = {TEXTOID, OIDOID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TEXTOID};
	Datum		args[lengthof(types)];
	OwnerScope	scope;
	bool		isnull;
	bool		found;

	args[0] = CStringGetTextDatum(alarm->name);
	args[1] = ObjectIdGetDatum(alarm->owner);
	args[2] = CStringGetTextDatum(alarm_state_names[alarm->state]);
	args[3] = CStringGetTextDatum(alarm_state_names[state]);
	args[4] = CStringGetTextDatum(reason);
	args[5] = TimestampTzGetDatum(now);
	args[6] = CStringGetTextDatum(setting_region);
	owner_begin(&scope);
	owner_execute("UPDATE queue.alarms AS a SET state = $4, state_reason = $5, state_updated_at = $6"
				  " FROM queue.alarms AS b LEFT JOIN queue.queues AS q USING (queue_id)"
				  " WHERE a.alarm_name = $1 AND a.owner = $2 AND a.state = $3 AND b.alarm_name = a.alarm_name"
				  " RETURNING jsonb_build_object('AlarmName', a.alarm_name, 'AlarmDescription', NULL,"
				  " 'AWSAccountId', q.account_id, 'NewStateValue', $4, 'NewStateReason', $5,"
				  " 'StateChangeTime', to_char($6 AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS+0000'),"
				  " 'Region', $7, 'AlarmArn', concat('arn:aws:cloudwatch:', $7, ':', q.account_id, ':alarm:', a.alarm_name),"
				  " 'OldStateValue', $3, 'OKActions', a.ok_actions, 'AlarmActions', a.alarm_actions,"
				  " 'InsufficientDataActions', a.insufficient_data_actions,"
				  " 'Trigger', jsonb_build_object('MetricName', a.metric, 'Namespace', 'AWS/SQS',"
				  " 'StatisticType', 'Statistic', 'Statistic', a.statistic, 'Unit', NULL,"
				  " 'Dimensions', jsonb_build_array(jsonb_build_object('name', 'QueueName', 'value', q.queue_name)),"
				  " 'Period', a.period, 'EvaluationPeriods', a.evaluation_periods,"
				  " 'DatapointsToAlarm', a.datapoints_to_alarm, 'ComparisonOperator', a.comparison_operator,"
				  " 'Threshold', a.threshold, 'TreatMissingData', a.treat_missing_data))::text",
				  lengthof(types), types, args, NULL, false, SPI_OK_UPDATE_RETURNING);
	found = SPI_processed > 0;
	if (found)
	{
		MemoryContext old = MemoryContextSwitchTo(scope.context);

		*message = TextDatumGetCString(SPI_getbinval(SPI_tuptable->vals[0],
													 SPI_tuptable->tupdesc, 1, &isnull));
		MemoryContextSwitchTo(old);
	}
	owner_end(&scope);
	return found;
}

void
alarm_note(const char *name, Oid owner, const char *type, const char *summary)
{
	Oid			types[] = {TEXTOID, OIDOID, TEXTOID, TEXTOID};
	Datum		args[] = {CStringGetTextDatum(name), ObjectIdGetDatum(owner),
	CStringGetTextDatum(type), CStringGetTextDatum(summary)};
	OwnerScope	scope;

	owner_begin(&scope);
	owner_execute("INSERT INTO queue.alarm_history (alarm_name, owner, at, type, summary)"
				  " VALUES ($1, $2, clock_timestamp(), $3, $4)", lengthof(types), types, args,
				  NULL, false, SPI_OK_INSERT);
	owner_end(&scope);
}

void
alarm_expire(void)
{
	OwnerScope	scope;

	owner_begin(&scope);
	owner_execute("DELETE FROM queue.alarm_history WHERE at < clock_timestamp() - interval '30 days'",
				  0, NULL, NULL, NULL, false, SPI_OK_DELETE);
	owner_end(&scope);
}
