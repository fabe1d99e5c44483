/*-------------------------------------------------------------------------
 *
 * alarmer.c
 *		The worker's part in alarms: they are evaluated.
 *
 * After each sample (sampler.c) all alarms are evaluated, by the last of their
 * periods that has ended: what could not be done before is done then.  A change of
 * state and what it leads to are one transaction, and each action is a part of it
 * that can fail by itself: that is logged, and noted in the history.
 *
 * What an alarm does, it does as its owner, in a restricted operation: a function
 * cannot become somebody else by RESET ROLE, or leave anything behind that would
 * run as the worker.  One that does not end is cancelled; if it will not have that,
 * the worker ends, and the next one has the alarm change its state without its
 * actions.  Of the time that actions take, no owner has more than its part.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "common/hashfn.h"
#include "commands/async.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

#include "alarm.h"
#include "alarmer.h"
#include "authorize.h"
#include "piece.h"
#include "send.h"
#include "timelimit.h"

/* How long an action may take, and all of one owner's after a sample, in milliseconds */
#define ACTION_TIME 10000
#define OWNER_TIME 20000

/* How many times an action that does not end is cancelled before the worker ends */
#define CANCEL_TIMES 3

/* What the actions of an owner took so far, in milliseconds */
typedef struct OwnerTime
{
	Oid			owner;
	int64		spent;
} OwnerTime;

/* Values of points that a reason names */
#define REASON_POINTS 10

/* An alarm's last periods */
typedef struct Evaluation
{
	int			count;
	AlarmPoint *points;
	double	   *values;
} Evaluation;

/* Of the alarms that are being evaluated, in their context */
static List *owner_times = NIL;
static MemoryContext owner_times_context = NULL;

/* The database's entry, and which alarm was acting when a worker ended */
static QueueShared *database_entry = NULL;
static uint32 acted_last = 0;

static bool
alarmer_breaches(const Alarm *alarm, double value)
{
	switch (alarm->comparison)
	{
		case COMPARISON_GE:
			return value >= alarm->threshold;
		case COMPARISON_GT:
			return value > alarm->threshold;
		case COMPARISON_LT:
			return value < alarm->threshold;
		case COMPARISON_LE:
			return value <= alarm->threshold;
	}
	pg_unreachable();
}

/*
 * Read an alarm's last periods.  A queue that is gone, or whose attributes the owner
 * may not get any more, has no points.
 */
static void
alarmer_read(const Alarm *alarm, TimestampTz end, Evaluation *evaluation)
{
	int64		length = alarm->period * USECS_PER_SEC;
	TimestampTz start;
	StatisticValues *points;
	Queue		queue;
	int			count;

	evaluation->count = alarm->evaluated + ALARM_MORE_PERIODS;
	evaluation->points = palloc0(evaluation->count * sizeof(AlarmPoint));
	evaluation->values = palloc0(evaluation->count * sizeof(double));
	start = end - evaluation->count * length;
	if (!catalog_lookup_id(alarm->queue_id, &queue) ||
		!authorize_role_allows(alarm->owner, &queue, "GetQueueAttributes"))
		return;
	count = statistic_read(alarm->queue_id, alarm->metric, start, end, alarm->period,
						   &alarm->statistic, 1, &points);
	for (int i = 0; i < count; i++)
	{
		int64		n = (points[i].at - start) / length;

		if (n < 0 || n >= evaluation->count)
			continue;
		evaluation->values[n] = points[i].values[0];
		evaluation->points[n] = alarmer_breaches(alarm, evaluation->values[n]) ? POINT_BREACHING : POINT_OK;
	}
}

/*
 * Why an alarm has a new state.
 */
static char *
alarmer_reason(const Alarm *alarm, const Evaluation *evaluation, AlarmState state)
{
	StringInfoData values;
	int			shown = 0;
	int			breaching = 0;
	int			real = 0;

	initStringInfo(&values);
	for (int i = evaluation->count - 1; i >= 0 && real < alarm->evaluated; i--)
	{
		if (evaluation->points[i] == POINT_MISSING)
			continue;
		real++;
		breaching += evaluation->points[i] == POINT_BREACHING ? 1 : 0;
		if (shown++ < REASON_POINTS)
			appendStringInfo(&values, "%s%g", shown > 1 ? ", " : "", evaluation->values[i]);
	}
	if (state == ALARM_INSUFFICIENT_DATA || real == 0)
		return psprintf("%s: no datapoints were received in the last %d periods, and missing ones are treated as [%s].",
						state == ALARM_INSUFFICIENT_DATA ? "Insufficient Data" : "Threshold Crossed",
						evaluation->count, alarm_missing_names[alarm->missing]);
	return psprintf("Threshold Crossed: %d out of the last %d datapoints [%s] breached the threshold (%s %g);"
					" %d of %d are needed for ALARM.",
					breaching, real, values.data, alarm_comparison_names[alarm->comparison],
					alarm->threshold, alarm->datapoints, alarm->evaluated);
}

/*
 * Send the message to a queue.
 */
static void
alarmer_send(const char *reference, const char *message)
{
	SendEntry	entry = {.body = cstring_to_text(message)};
	SendResult	result;
	Payload		payload;
	Queue		queue;

	authorize_lookup(cstring_to_text(reference), "SendMessage", &queue);
	send_check(&queue, &entry, &payload);
	send_messages(&queue, &entry, &payload, 1, &result);
}

/*
 * Call a function, whose name was quoted when the alarm was put.
 */
static void
alarmer_call(const char *function, const char *message)
{
	Oid			types[] = {JSONBOID};
	Datum		args[] = {DirectFunctionCall1(jsonb_in, CStringGetDatum(message))};
	int			nestlevel = NewGUCNestLevel();
	int			result;

	(void) set_config_option("search_path", "pg_catalog, pg_temp",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	SPI_connect();
	result = SPI_execute_with_args(psprintf("SELECT %s($1)", function), 1, types, args, NULL, false, 0);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(result));
	SPI_finish();
	AtEOXact_GUC(false, nestlevel);
}

/*
 * Do one action, as the alarm's owner.
 */
static void
alarmer_do(const Alarm *alarm, const char *action, const char *message)
{
	Oid			user;
	int			security;

	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(alarm->owner, security | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
	if (strncmp(action, "notify:", 7) == 0)
		Async_Notify(action + 7, message);
	else if (strncmp(action, "queue:", 6) == 0)
		alarmer_send(action + 6, message);
	else if (strncmp(action, "function:", 9) == 0)
		alarmer_call(action + 9, message);
	SetUserIdAndSecContext(user, security);
}

/*
 * What the owner's actions took so far.
 */
static OwnerTime *
alarmer_owner_time(Oid owner)
{
	MemoryContext old;
	OwnerTime  *time;
	ListCell   *cell;

	foreach(cell, owner_times)
	{
		time = lfirst(cell);
		if (time->owner == owner)
			return time;
	}
	old = MemoryContextSwitchTo(owner_times_context);
	time = palloc0(sizeof(OwnerTime));
	time->owner = owner;
	owner_times = lappend(owner_times, time);
	MemoryContextSwitchTo(old);
	return time;
}

/*
 * Do one action in a part of the transaction.  NULL, or the error's message, palloc'd.
 */
static char *
alarmer_try(const Alarm *alarm, const char *action, const char *message, int64 milliseconds)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	char	   *volatile problem = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	if (milliseconds > 0)
		timelimit_begin(milliseconds, CANCEL_TIMES);
	PG_TRY();
	{
		alarmer_do(alarm, action, message);
		if (timelimit_end())
			ereport(ERROR,
					(errcode(ERRCODE_QUERY_CANCELED),
					 errmsg("the action took too long")));
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		(void) timelimit_end();
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		problem = error->message == NULL ? pstrdup("unknown error") : error->message;
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return problem;
}

/*
 * What stands for an alarm in the database's entry; not 0.
 */
static uint32
alarmer_hash(const Alarm *alarm)
{
	return hash_bytes((const unsigned char *) alarm->name, strlen(alarm->name)) | 1;
}

/*
 * The same in the time that the owner has left; in the caller's transaction there is
 * no limit.
 */
static char *
alarmer_try_in_time(const Alarm *alarm, const char *action, const char *message,
					bool own_transactions)
{
	OwnerTime  *time = alarmer_owner_time(alarm->owner);
	TimestampTz begun = GetCurrentTimestamp();
	char	   *problem;

	if (!own_transactions)
		return alarmer_try(alarm, action, message, 0);
	if (acted_last == alarmer_hash(alarm))
		return pstrdup("the worker ended while this alarm acted, so it does not again");
	if (time->spent >= OWNER_TIME)
		return psprintf("actions of this owner's alarms took %d seconds already", OWNER_TIME / 1000);
	problem = alarmer_try(alarm, action, message, Min(ACTION_TIME, OWNER_TIME - time->spent));
	time->spent += (GetCurrentTimestamp() - begun) / 1000;
	return problem;
}

/*
 * Do what an alarm has to do in its new state.
 */
static void
alarmer_act(const Alarm *alarm, AlarmState state, const char *message, bool own_transactions)
{
	ListCell   *cell;

	if (!alarm->actions_enabled)
		return;
	foreach(cell, alarm->actions[state])
	{
		const char *action = lfirst(cell);
		char	   *problem = alarmer_try_in_time(alarm, action, message, own_transactions);

		if (problem != NULL)
			ereport(WARNING,
					(errmsg("could not execute action \"%s\" of alarm \"%s\"", action, alarm->name),
					 errdetail_internal("%s", problem)));
		alarm_note(alarm->name, alarm->owner, "Action", problem == NULL ?
				   psprintf("Successfully executed action %s", action) :
				   psprintf("Failed to execute action %s. Received error: \"%s\"", action, problem));
	}
}

/*
 * Evaluate one alarm.  If it is to change, it is looked at again: somebody may have
 * changed it since it was listed.  If somebody is just doing that, its time comes
 * with the next sample.
 */
static void
alarmer_evaluate_one(const Alarm *alarm, TimestampTz end, bool own_transactions)
{
	Evaluation	evaluation;
	AlarmState	state;
	Alarm	   *current;
	char	   *reason;
	char	   *message;

	alarmer_read(alarm, end, &evaluation);
	state = alarm_state(evaluation.points, evaluation.count, alarm->evaluated, alarm->datapoints,
						alarm->missing, alarm->state);
	if (state == alarm->state)
		return;
	current = alarm_lock_row(alarm);
	if (current == NULL)
		return;
	reason = alarmer_reason(alarm, &evaluation, state);
	if (!alarm_set_state(alarm, state, reason, GetCurrentTimestamp(), &message))
		return;
	alarm_note(alarm->name, alarm->owner, "StateUpdate",
			   psprintf("Alarm updated from %s to %s", alarm_state_names[alarm->state],
						alarm_state_names[state]));
	if (own_transactions)
		database_entry->acting = alarmer_hash(alarm);
	alarmer_act(current, state, message, own_transactions);
}

/*
 * Evaluate one alarm in a transaction of its own.  One alarm's trouble is not the
 * others'.
 */
static void
alarmer_evaluate_alone(const Alarm *alarm, TimestampTz end)
{
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		piece_begin(true);
		alarmer_evaluate_one(alarm, end, true);
		piece_end(true);
	}
	PG_CATCH();
	{
		piece_fail(context);
	}
	PG_END_TRY();
	database_entry->acting = 0;
	MemoryContextSwitchTo(context);
}

void
alarmer_evaluate(QueueShared *database, TimestampTz after, TimestampTz until,
				 bool own_transactions)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "queue alarms",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = CurrentMemoryContext;
	List	   *alarms;
	ListCell   *cell;

	database_entry = database;
	acted_last = own_transactions ? database->acting : 0;
	owner_times = NIL;
	owner_times_context = context;
	piece_begin(own_transactions);
	MemoryContextSwitchTo(context);
	alarms = alarm_list();
	if (metric_floor(after, SECS_PER_HOUR) < metric_floor(until, SECS_PER_HOUR))
		alarm_expire();
	piece_end(own_transactions);
	MemoryContextSwitchTo(context);
	foreach(cell, alarms)
	{
		const Alarm *alarm = lfirst(cell);
		TimestampTz end = metric_floor(until, alarm->period);

		CHECK_FOR_INTERRUPTS();
		if (own_transactions)
			alarmer_evaluate_alone(alarm, end);
		else
		{
			piece_begin(false);
			alarmer_evaluate_one(alarm, end, false);
			piece_end(false);
		}
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}
