/*-------------------------------------------------------------------------
 *
 * purge.c
 *		sqs_purge_queue.
 *
 * A purge writes one row: from the commit on, no message of the queue with an
 * id below the mark exists.  It deletes nothing and waits for no session that
 * uses the queue's messages; the worker removes the rows in its own time.
 *
 * The mark is above the id of every message sent before, whether or not its
 * sender has committed, and at most the id of every message whose send begins
 * after the purge.  So a message sent after the purge has returned is safe.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "authorize.h"
#include "purge.h"
#include "report.h"
#include "settings.h"
#include "shared.h"
#include "xact.h"

QUEUE_FUNCTION(sqs_purge_queue);

/*
 * Raise PurgeQueueInProgress if the queue was purged a moment ago.
 */
static void
check_interval(const Queue *queue, TimestampTz purged_at, TimestampTz now)
{
	if (!TimestampDifferenceExceeds(purged_at, now, setting_purge_interval * 1000))
		ereport(ERROR,
				(sqs_errcode(SQS_PURGE_QUEUE_IN_PROGRESS),
				 errmsg("queue \"%s\" was purged less than %d seconds ago",
						queue->queue_name, setting_purge_interval),
				 sqs_errdetail(SQS_PURGE_QUEUE_IN_PROGRESS,
							   "Only one PurgeQueue operation on %s is allowed every %d seconds.",
							   queue->queue_name, setting_purge_interval),
				 errhint("Try again later. The time is set by queue.purge_interval.")));
}

/*
 * Delete all messages of a queue.
 */
void
purge_queue(const text *reference)
{
	TimestampTz now;
	int64		below;
	Queue		queue;
	Datum		values[Natts_queues];
	bool		nulls[Natts_queues];
	bool		replaces[Natts_queues] = {0};

	authorize_change(reference, "PurgeQueue", &queue);
	if (!catalog_fetch(queue.queue_id, values, nulls))
		report_no_queue(queue.queue_name);
	now = GetCurrentTimestamp();
	if (!nulls[Anum_queues_purged_at - 1])
		check_interval(&queue, DatumGetTimestampTz(values[Anum_queues_purged_at - 1]),
					   now);

	below = shared_purge_mark(&queue);
	values[Anum_queues_purged_below - 1] = Int64GetDatum(below);
	replaces[Anum_queues_purged_below - 1] = true;
	values[Anum_queues_purged_at - 1] = TimestampTzGetDatum(now);
	nulls[Anum_queues_purged_at - 1] = false;
	replaces[Anum_queues_purged_at - 1] = true;
	catalog_update(queue.queue_id, values, nulls, replaces);
	xact_note_purge(&queue, below);
	/* what messages held up that are gone is registered nowhere else */
	if (queue.fifo)
		xact_note_reset(&queue, 0);
}

/*
 * sqs_purge_queue(queue text) returns void
 */
Datum
sqs_purge_queue(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("sqs_purge_queue()");
	PreventCommandIfParallelMode("sqs_purge_queue()");
	purge_queue(PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0));
	PG_RETURN_VOID();
}
