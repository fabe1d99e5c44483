/*-------------------------------------------------------------------------
 *
 * alarms.c
 *		Alarms: put, delete, enable and disable them.
 *
 * An alarm is its owner's: who puts it first.  It may be changed by who has the
 * privileges of its owner.  Its owner needs the right to get the attributes of its
 * queue, when it is put and whenever it is evaluated.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type_d.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "alarm.h"
#include "authorize.h"
#include "characters.h"
#include "report.h"
#include "shared.h"

QUEUE_FUNCTION(sqs_put_metric_alarm);
QUEUE_FUNCTION(sqs_delete_alarm);
QUEUE_FUNCTION(sqs_enable_alarm_actions);
QUEUE_FUNCTION(sqs_disable_alarm_actions);
QUEUE_FUNCTION(queue_alarm_state);

/* CloudWatch's limits */
#define ALARM_NAME_MAX 255
#define ALARM_ACTIONS_MAX 5
#define ALARM_SECONDS_MAX 86400
#define ALARM_SECONDS_MAX_HOURLY 604800

/* Periods of an alarm in queue.alarm_state(), which is for tests */
#define ALARM_POINTS_MAX 100

enum PutArgument
{
	PUT_NAME,
	PUT_QUEUE,
	PUT_METRIC,
	PUT_STATISTIC,
	PUT_COMPARISON,
	PUT_THRESHOLD,
	PUT_PERIOD,
	PUT_EVALUATION_PERIODS,
	PUT_DATAPOINTS,
	PUT_MISSING,
	PUT_ALARM_ACTIONS,
	PUT_OK_ACTIONS,
	PUT_INSUFFICIENT_DATA_ACTIONS
};

/* CloudWatch's names of those that must not be NULL, but the queue's */
static const char *const put_names[] = {
	"AlarmName", "QueueName", "MetricName", "Statistic", "ComparisonOperator", "Threshold",
	"Period", "EvaluationPeriods", NULL, "TreatMissingData"
};

static char *
alarms_quotable(const char *value)
{
	return characters_quotable(value, strlen(value));
}

/*
 * The number of a name in a list; raises InvalidParameterValue.
 */
static int
alarms_name(const char *parameter, const char *const *names, int count, const text *value)
{
	char	   *name = text_to_cstring(value);
	int			number = alarm_find_name(names, count, name);
	char	   *all = pstrdup(names[0]);

	if (number >= 0)
		return number;
	for (int i = 1; i < count; i++)
		all = psprintf("%s, %s", all, names[i]);
	report_invalid_parameter(parameter, alarms_quotable(name), psprintf("Must be one of: %s.", all));
}

/*
 * The action that calls a function: with its schema, as it is found now.
 */
static char *
alarms_function(const char *action, const char *name)
{
	Datum		found = (Datum) 0;
	Oid			function = InvalidOid;

	LOCAL_FCINFO(fcinfo, 1);

	InitFunctionCallInfoData(*fcinfo, NULL, 1, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = CStringGetTextDatum(psprintf("%s(pg_catalog.jsonb)", name));
	fcinfo->args[0].isnull = false;
	found = to_regprocedure(fcinfo);
	if (!fcinfo->isnull)
		function = DatumGetObjectId(found);
	if (!OidIsValid(function) || get_func_prokind(function) != PROKIND_FUNCTION)
		report_invalid_parameter("AlarmActions", alarms_quotable(action),
								 "There is no function of this name with one parameter of type jsonb.");
	if (isAnyTempNamespace(get_func_namespace(function)))
		report_invalid_parameter("AlarmActions", alarms_quotable(action),
								 "The function must not be a temporary one.");
	if (!DatumGetBool(DirectFunctionCall2(has_function_privilege_id, ObjectIdGetDatum(function),
										  CStringGetTextDatum("EXECUTE"))))
		ereport(ERROR,
				(sqs_errcode(SQS_ACCESS_DENIED),
				 errmsg("permission denied for function %s", alarms_quotable(name))));
	return psprintf("function:%s",
					quote_qualified_identifier(get_namespace_name(get_func_namespace(function)),
											   get_func_name(function)));
}

/*
 * Check one action; returns it as it is to be stored.
 */
static char *
alarms_action(char *action)
{
	if (strncmp(action, "notify:", 7) == 0 && action[7] != '\0' && strlen(action + 7) < NAMEDATALEN)
		return action;
	if (strncmp(action, "queue:", 6) == 0)
	{
		Queue		queue;

		authorize_lookup(cstring_to_text(action + 6), "SendMessage", &queue);
		if (queue.fifo)
			report_invalid_parameter("AlarmActions", alarms_quotable(action), "The queue must not be a FIFO queue.");
		return action;
	}
	if (strncmp(action, "function:", 9) == 0)
		return alarms_function(action, action + 9);
	report_invalid_parameter("AlarmActions", alarms_quotable(action),
							 "Must be notify:CHANNEL, queue:QUEUE or function:NAME.");
}

/*
 * Check a list of actions.
 */
static List *
alarms_actions(FunctionCallInfo fcinfo, int argument)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	List	   *actions = NIL;

	if (PG_ARGISNULL(argument))
		return NIL;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(argument), TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, &nulls, &count);
	if (count > ALARM_ACTIONS_MAX)
		report_range("AlarmActions", count, 0, ALARM_ACTIONS_MAX);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			report_missing_parameter("AlarmActions");
		actions = lappend(actions, alarms_action(TextDatumGetCString(elements[i])));
	}
	return actions;
}

/*
 * Check the numbers of an alarm.
 */
static void
alarms_check(const Alarm *alarm)
{
	int64		limit = alarm->period >= SECS_PER_HOUR ? ALARM_SECONDS_MAX_HOURLY : ALARM_SECONDS_MAX;

	if (isnan(alarm->threshold) || isinf(alarm->threshold))
		report_invalid_parameter("Threshold", psprintf("%g", alarm->threshold), "Must be a finite number.");
	if (alarm->period <= 0 || alarm->period % METRIC_PERIOD != 0 || alarm->period > METRIC_PERIOD_MAX)
		report_invalid_parameter("Period", psprintf("%d", alarm->period),
								 psprintf("Must be a multiple of %d, up to %d.",
										  METRIC_PERIOD, METRIC_PERIOD_MAX));
	if (alarm->evaluated < 1 || (int64) alarm->evaluated * alarm->period > limit)
		report_range("EvaluationPeriods", alarm->evaluated, 1, limit / alarm->period);
	if (alarm->datapoints < 1 || alarm->datapoints > alarm->evaluated)
		report_range("DatapointsToAlarm", alarm->datapoints, 1, alarm->evaluated);
}

/*
 * The name of an alarm; raises InvalidParameterValue or MissingParameter.
 */
static char *
alarms_alarm_name(FunctionCallInfo fcinfo)
{
	char	   *name;

	if (PG_ARGISNULL(0))
		report_missing_parameter("AlarmName");
	name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (name[0] == '\0')
		report_missing_parameter("AlarmName");
	if (pg_mbstrlen(name) > ALARM_NAME_MAX)
		report_invalid_parameter("AlarmName", alarms_quotable(name),
								 psprintf("Must be %d characters long at most.", ALARM_NAME_MAX));
	for (const char *c = name; *c != '\0'; c++)
		if ((unsigned char) *c < ' ' || *c == '\x7f')
			report_invalid_parameter("AlarmName", alarms_quotable(name),
									 "Must have no control characters.");
	return name;
}

/*
 * Whether there is an alarm of a name, which the current user may change then.
 */
static bool
alarms_lock(const char *name, const char *action, Oid *owner)
{
	if (!alarm_lock(name, owner))
		return false;
	authorize_other(has_privs_of_role(GetUserId(), *owner), action, name,
					psprintf("permission denied for alarm \"%s\"", name),
					"An alarm may be changed by its owner, by members of its owner, and by superusers.");
	return true;
}

/*
 * sqs_put_metric_alarm(alarm_name, queue, metric, statistic, ...)
 */
Datum
sqs_put_metric_alarm(PG_FUNCTION_ARGS)
{
	Alarm		alarm = {0};
	Queue		queue;
	char	   *metric;
	Oid			owner = GetUserId();
	bool		exists;

	PreventCommandIfReadOnly("sqs_put_metric_alarm()");
	for (int i = 0; i < lengthof(put_names); i++)
		if (put_names[i] != NULL && PG_ARGISNULL(i))
			report_missing_parameter(put_names[i]);
	alarm.name = alarms_alarm_name(fcinfo);
	authorize_lookup(PG_GETARG_TEXT_PP(PUT_QUEUE), "GetQueueAttributes", &queue);
	alarm.queue_id = queue.queue_id;
	metric = text_to_cstring(PG_GETARG_TEXT_PP(PUT_METRIC));
	if (metric_find(metric) < 0)
		report_invalid_parameter("MetricName", alarms_quotable(metric),
								 "Must be the name of a metric of Amazon SQS, such as NumberOfMessagesSent.");
	alarm.metric = (Metric) metric_find(metric);
	alarm.statistic_name = text_to_cstring(PG_GETARG_TEXT_PP(PUT_STATISTIC));
	if (!statistic_parse(alarm.statistic_name, &alarm.statistic))
		report_invalid_parameter("Statistic", alarms_quotable(alarm.statistic_name),
								 "Must be one of: " STATISTIC_NAMES ".");
	alarm.comparison = (AlarmComparison) alarms_name("ComparisonOperator", alarm_comparison_names, ALARM_COMPARISONS,
													 PG_GETARG_TEXT_PP(PUT_COMPARISON));
	alarm.missing = (AlarmMissing) alarms_name("TreatMissingData", alarm_missing_names, ALARM_MISSINGS,
											   PG_GETARG_TEXT_PP(PUT_MISSING));
	alarm.threshold = PG_GETARG_FLOAT8(PUT_THRESHOLD);
	alarm.period = PG_GETARG_INT32(PUT_PERIOD);
	alarm.evaluated = PG_GETARG_INT32(PUT_EVALUATION_PERIODS);
	alarm.datapoints = PG_ARGISNULL(PUT_DATAPOINTS) ? alarm.evaluated : PG_GETARG_INT32(PUT_DATAPOINTS);
	alarms_check(&alarm);
	alarm.actions[ALARM_ALARM] = alarms_actions(fcinfo, PUT_ALARM_ACTIONS);
	alarm.actions[ALARM_OK] = alarms_actions(fcinfo, PUT_OK_ACTIONS);
	alarm.actions[ALARM_INSUFFICIENT_DATA] = alarms_actions(fcinfo, PUT_INSUFFICIENT_DATA_ACTIONS);

	/*
	 * of a role that is gone, or that gave it up by DROP OWNED, nothing is
	 * left but the name
	 */
	exists = alarm_lock(alarm.name, &owner);
	if (exists && !rolehold_is_held(&alarm_owner_column, owner))
	{
		alarm_delete(alarm.name, owner);
		owner = GetUserId();
		exists = false;
	}
	exists = exists && alarms_lock(alarm.name, "cloudwatch:PutMetricAlarm", &owner);
	alarm.owner = owner;
	alarm_put(&alarm);

	/* the worker comes to databases that it knows */
	shared_announce_database();
	alarm_note(alarm.name, owner, "ConfigurationUpdate",
			   psprintf("Alarm \"%s\" %s", alarm.name, exists ? "updated" : "created"));
	PG_RETURN_VOID();
}

/*
 * Lock an alarm that has to be there; raises ResourceNotFound.
 */
static char *
alarms_existing(FunctionCallInfo fcinfo, const char *action, Oid *owner)
{
	char	   *name = alarms_alarm_name(fcinfo);

	if (!alarms_lock(name, action, owner))
		ereport(ERROR,
				(sqs_errcode(SQS_RESOURCE_NOT_FOUND),
				 errmsg("alarm \"%s\" does not exist", name),
				 sqs_errdetail(SQS_RESOURCE_NOT_FOUND, "Alarm %s does not exist.", name),
				 errhint("The view sqs_alarms lists the alarms. Names are case sensitive.")));
	return name;
}

/*
 * sqs_delete_alarm(alarm_name)
 */
Datum
sqs_delete_alarm(PG_FUNCTION_ARGS)
{
	Oid			owner;
	char	   *name;

	PreventCommandIfReadOnly("sqs_delete_alarm()");
	name = alarms_existing(fcinfo, "cloudwatch:DeleteAlarms", &owner);
	alarm_delete(name, owner);
	alarm_note(name, owner, "ConfigurationUpdate", psprintf("Alarm \"%s\" deleted", name));
	PG_RETURN_VOID();
}

/*
 * sqs_enable_alarm_actions(alarm_name), sqs_disable_alarm_actions(alarm_name)
 */
Datum
sqs_enable_alarm_actions(PG_FUNCTION_ARGS)
{
	Oid			owner;

	PreventCommandIfReadOnly("sqs_enable_alarm_actions()");
	alarm_enable(alarms_existing(fcinfo, "cloudwatch:EnableAlarmActions", &owner), true);
	PG_RETURN_VOID();
}

Datum
sqs_disable_alarm_actions(PG_FUNCTION_ARGS)
{
	Oid			owner;

	PreventCommandIfReadOnly("sqs_disable_alarm_actions()");
	alarm_enable(alarms_existing(fcinfo, "cloudwatch:DisableAlarmActions", &owner), false);
	PG_RETURN_VOID();
}

/*
 * queue.alarm_state(points, evaluation_periods, datapoints_to_alarm,
 *					 treat_missing_data, current) returns text
 *
 * The state by some periods, the latest last: "X" is breaching, "0" is not, "-" is
 * missing.
 */
Datum
queue_alarm_state(PG_FUNCTION_ARGS)
{
	char	   *letter = text_to_cstring(PG_GETARG_TEXT_PP(0));
	AlarmPoint	points[ALARM_POINTS_MAX];
	int			count = 0;
	AlarmMissing missing;
	AlarmState	current;

	for (; *letter != '\0' && count < ALARM_POINTS_MAX; letter++)
		if (*letter != ' ')
			points[count++] = *letter == 'X' ? POINT_BREACHING : *letter == '0' ? POINT_OK : POINT_MISSING;
	missing = (AlarmMissing) alarms_name("TreatMissingData", alarm_missing_names, ALARM_MISSINGS,
										 PG_GETARG_TEXT_PP(3));
	current = (AlarmState) alarms_name("StateValue", alarm_state_names, ALARM_STATES, PG_GETARG_TEXT_PP(4));
	PG_RETURN_TEXT_P(cstring_to_text(alarm_state_names[alarm_state(points, count, PG_GETARG_INT32(1),
																   PG_GETARG_INT32(2), missing, current)]));
}
