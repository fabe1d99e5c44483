/*-------------------------------------------------------------------------
 *
 * sampler.c
 *		The worker's part in metrics over time: samples are taken.
 *
 * When the minute has changed, what has come of each queue since the last sample
 * (unsampled.c) is stored as a point of the minute before, with the gauges of now.
 * All points of a database are stored in one transaction, with one statement;
 * before it, the gauges are read in short ones, as reading them locks tables of
 * messages.  Totals are taken in that transaction, and given back if it fails, or
 * if the server crashes before its commit: nothing is lost, and nothing counted
 * twice.  If the worker was away for some minutes, what came meanwhile is a point of
 * the last of them.
 *
 * A queue has points while it has messages, and for six hours after it was last
 * used.
 *
 * Which minute was sampled last in a database is in an entry of shared memory, that
 * of the queue that queue.metrics_60_0 would be a table of.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "alarmer.h"
#include "counters.h"
#include "fifo.h"
#include "metric.h"
#include "piece.h"
#include "report.h"
#include "rows.h"
#include "sampler.h"
#include "store.h"
#include "unsampled.h"
#include "xact.h"
#include "xid.h"

QUEUE_FUNCTION(queue_sample_metrics);

/* How long a queue that is empty has points after it was used; CloudWatch's */
#define USED_TIME (6 * USECS_PER_HOUR)

/* Queues whose gauges are read in a transaction */
#define GAUGE_BATCH 100

/*
 * The queue whose entry stands for the database.
 */
static void
sampler_database(Queue *database)
{
	memset(database, 0, sizeof(Queue));
	database->relid = catalog_relation("metrics_60_0");
}

/*
 * Whether a queue has points; its totals are not taken yet.
 */
static bool
sampler_wants(const Queue *queue, TimestampTz now)
{
	QueueShared *qs = shared_acquire(queue);
	bool		wants = unsampled_in_use(qs, now, USED_TIME) || qs->stored > 0;

	shared_release(qs);
	return wants;
}

static void
sampler_set(MetricPoint *point, Metric metric, int64 value)
{
	point->known[metric] = true;
	point->values[metric] = value;
}

/*
 * Read the gauges of a queue; they stay unknown where its tables cannot be had at
 * once.
 */
static void
sampler_gauges(const Queue *queue, MetricPoint *point)
{
	Queue		current;
	QueueStatus status;

	if (!catalog_lookup_id(queue->queue_id, &current) ||
		!store_try_lock(&current) || !rows_ready(&current))
		return;
	counters_read(&current, &status);
	sampler_set(point, METRIC_OLDEST_AGE, Max(status.oldest_age, 0));
	sampler_set(point, METRIC_VISIBLE, status.visible);
	sampler_set(point, METRIC_NOT_VISIBLE, status.in_flight);
	sampler_set(point, METRIC_DELAYED, status.delayed);
	if (current.fifo)
		sampler_set(point, METRIC_GROUPS_IN_FLIGHT, fifo_groups_in_flight(&current));
	else
		sampler_set(point, METRIC_NOISY_GROUPS, status.noisy);
}

/*
 * Take what has come of a queue.
 */
static void
sampler_totals(const Queue *queue, FullTransactionId xid, MetricPoint *point)
{
	QueueTotals totals = {0};
	QueueShared *qs;
	bool		taken;

	/* what may fail comes before anything is taken */
	xact_reserve(1);
	qs = shared_acquire(queue);
	taken = unsampled_take(qs, xid, &totals);
	shared_release(qs);
	if (taken)
		xact_note_sampled(qs, queue->relid);
	sampler_set(point, METRIC_SENT, totals.sent);
	sampler_set(point, METRIC_RECEIVED, totals.received);
	sampler_set(point, METRIC_DELETED, totals.deleted);
	sampler_set(point, METRIC_EMPTY_RECEIVES, totals.empty_receives);
	if (queue->fifo)
		sampler_set(point, METRIC_DEDUPLICATED, totals.deduplicated);
	if (totals.sent == 0)
		return;
	sampler_set(point, METRIC_SENT_MESSAGE_SIZE, totals.sent_bytes);
	point->smallest = totals.smallest;
	point->greatest = totals.greatest;
	memcpy(point->sizes, totals.sizes, sizeof(totals.sizes));
}

/*
 * The queues that have points, with their gauges.  Returns how many.
 */
static int
sampler_gather(bool own_transactions, MemoryContext context, Queue **queues,
			   MetricPoint **points)
{
	TimestampTz now = GetCurrentTimestamp();
	MemoryContext old;
	int			count;
	int			n = 0;

	piece_begin(own_transactions);
	old = MemoryContextSwitchTo(context);
	*queues = catalog_all(&count);
	*points = MemoryContextAllocExtended(context, Max(count, 1) * sizeof(MetricPoint),
										 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	MemoryContextSwitchTo(old);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!OidIsValid((*queues)[i].relid) || !sampler_wants(&(*queues)[i], now))
			continue;
		(*queues)[n] = (*queues)[i];
		(*points)[n].queue_id = (*queues)[n].queue_id;
		sampler_gauges(&(*queues)[n], &(*points)[n]);
		if (++n % GAUGE_BATCH == 0)
		{
			piece_end(own_transactions);
			piece_begin(own_transactions);
		}
	}
	piece_end(own_transactions);
	return n;
}

/*
 * Take a sample, and store it as of a minute.  Returns the number of points, or -1 if
 * somebody else is just doing that.
 */
static int
sampler_take(TimestampTz at, const Queue *database, bool own_transactions)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "queue sample",
												  ALLOCSET_DEFAULT_SIZES);
	Queue	   *queues;
	MetricPoint *points;
	QueueShared *qs;
	FullTransactionId xid = InvalidFullTransactionId;
	int			count;

	count = sampler_gather(own_transactions, context, &queues, &points);
	piece_begin(own_transactions);
	if (!metric_lock(!own_transactions))
	{
		piece_end(own_transactions);
		MemoryContextDelete(context);
		return -1;
	}

	/* what the one has stored that we waited for must not be stored once more */
	PopActiveSnapshot();
	PushActiveSnapshot(GetLatestSnapshot());
	if (count > 0)				/* an idle server is to write nothing */
		xid = xid_durable();
	for (int i = 0; i < count; i++)
		sampler_totals(&queues[i], xid, &points[i]);
	if (count > 0)
		metric_insert(at, points, count);

	/* up to this minute: after a restart it may be sampled once more */
	metric_roll(at);
	qs = shared_acquire(database);
	shared_release(qs);
	xact_note_sampled_at(qs, database->relid, at);

	/* what is taken is off the tally at the commit, so that has to last */
	ForceSyncCommit();
	piece_end(own_transactions);
	MemoryContextDelete(context);
	return count;
}

/*
 * Evaluate the alarms, after a sample of one minute that came after another.  Times
 * of these are of their start.
 */
static void
sampler_alarms(QueueShared *qs, TimestampTz before, TimestampTz at, bool own_transactions)
{
	alarmer_evaluate(qs, before == 0 ? DT_NOBEGIN : before + METRIC_PERIOD * USECS_PER_SEC,
					 at + METRIC_PERIOD * USECS_PER_SEC, own_transactions);
}

/*
 * Take a sample if it is time.  Where that fails, this minute is given up: its
 * gauges are lost, its totals are not.
 */
void
sampler_run(void)
{
	MemoryContext context = CurrentMemoryContext;
	TimestampTz at = metric_floor(GetCurrentTimestamp(), METRIC_PERIOD) -
	METRIC_PERIOD * USECS_PER_SEC;
	Queue		database;
	QueueShared *qs;
	TimestampTz before;

	piece_begin(true);
	sampler_database(&database);
	qs = shared_acquire(&database);
	before = qs->sampled_at;
	shared_release(qs);
	piece_end(true);
	MemoryContextSwitchTo(context);
	if (before >= at)
		return;

	PG_TRY();
	{
		if (sampler_take(at, &database, true) >= 0)
			sampler_alarms(qs, before, at, true);
	}
	PG_CATCH();
	{
		piece_fail(context);
		if (shared_reacquire(qs, database.relid))
		{
			qs->sampled_at = at;
			shared_release(qs);
		}
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
}

/*
 * queue.sample_metrics(at timestamptz) returns int4
 *
 * Take a sample now, as part of the caller's transaction, and store it as of the
 * minute of some time; then evaluate the alarms of which a period ends with it.
 * Returns the number of queues that have points.
 */
Datum
queue_sample_metrics(PG_FUNCTION_ARGS)
{
	TimestampTz at = PG_GETARG_TIMESTAMPTZ(0);
	Queue		database;
	int			count;

	PreventCommandIfReadOnly("queue.sample_metrics()");
	PreventCommandIfParallelMode("queue.sample_metrics()");
	if (TIMESTAMP_NOT_FINITE(at))
		report_invalid_parameter("Timestamp", TIMESTAMP_IS_NOBEGIN(at) ? "-infinity" : "infinity",
								 "Must be finite.");
	sampler_database(&database);
	at = metric_floor(at, METRIC_PERIOD);
	count = sampler_take(at, &database, false);
	sampler_alarms(NULL, at - METRIC_PERIOD * USECS_PER_SEC, at, false);
	PG_RETURN_INT32(count);
}
