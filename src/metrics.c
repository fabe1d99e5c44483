/*-------------------------------------------------------------------------
 *
 * metrics.c
 *		queue_status, which the views sqs_queues and sqs_metrics show, and
 *		queue.memory.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "authorize.h"
#include "counters.h"
#include "fifo.h"
#include "segment.h"

QUEUE_FUNCTION(queue_status);
QUEUE_FUNCTION(queue_groups_in_flight);
QUEUE_FUNCTION(queue_memory);

/* Columns of queue_status(), in order */
enum StatusColumn
{
	STATUS_QUEUE_ID,
	STATUS_ACCOUNT_ID,
	STATUS_QUEUE_NAME,
	STATUS_QUEUE_URL,
	STATUS_FIFO,
	STATUS_DURABILITY,
	STATUS_OWNER,
	STATUS_CREATED_AT,
	STATUS_VISIBLE,
	STATUS_IN_FLIGHT,
	STATUS_DELAYED,
	STATUS_OLDEST_MESSAGE_AGE,
	STATUS_MESSAGE_RETENTION_PERIOD,
	STATUS_VISIBILITY_TIMEOUT,
	STATUS_REDRIVE_POLICY,
	STATUS_SIZE,
	STATUS_MESSAGES_SENT,
	STATUS_MESSAGES_RECEIVED,
	STATUS_MESSAGES_DELETED,
	STATUS_EMPTY_RECEIVES,
	STATUS_SENT_MESSAGE_SIZE,
	STATUS_STATS_RESET,
	STATUS_MESSAGES_DEDUPLICATED,
	STATUS_NOISY_GROUPS,
	STATUS_COLUMNS
};

/*
 * Fill in the row of one queue; false if it was deleted meanwhile.
 */
static bool
fill_status(const Queue *queue, Datum *values, bool *nulls)
{
	Datum		row[Natts_queues];
	bool		row_nulls[Natts_queues];
	QueueStatus status;
	int64		size = 0;

	if (!catalog_fetch(queue->queue_id, row, row_nulls))
		return false;
	counters_read(queue, &status);

	/* segments that are out of use may still have to be truncated */
	for (int i = 1; i <= (queue->rotations > 0 ? SEGMENT_MAX : 1); i++)
		size += segment_size(i == 1 ? queue->relid : catalog_segment(queue->queue_id, i));

	memset(nulls, 0, STATUS_COLUMNS * sizeof(bool));
	values[STATUS_QUEUE_ID] = Int64GetDatum(queue->queue_id);
	values[STATUS_ACCOUNT_ID] = CStringGetTextDatum(queue->account_id);
	values[STATUS_QUEUE_NAME] = CStringGetTextDatum(queue->queue_name);
	values[STATUS_QUEUE_URL] = CStringGetTextDatum(names_url(queue->account_id,
															 queue->queue_name));
	values[STATUS_FIFO] = BoolGetDatum(queue->fifo);
	values[STATUS_DURABILITY] = row_nulls[Anum_queues_durability - 1] ?
		CStringGetTextDatum("logged") : row[Anum_queues_durability - 1];
	values[STATUS_OWNER] = ObjectIdGetDatum(queue->owner);
	values[STATUS_CREATED_AT] = row[Anum_queues_created_at - 1];
	values[STATUS_VISIBLE] = Int64GetDatum(status.visible);
	values[STATUS_IN_FLIGHT] = Int64GetDatum(status.in_flight);
	values[STATUS_DELAYED] = Int64GetDatum(status.delayed);
	values[STATUS_OLDEST_MESSAGE_AGE] = Int64GetDatum(status.oldest_age);
	nulls[STATUS_OLDEST_MESSAGE_AGE] = status.oldest_age < 0;
	values[STATUS_MESSAGE_RETENTION_PERIOD] = Int32GetDatum(queue->message_retention_period);
	values[STATUS_VISIBILITY_TIMEOUT] = Int32GetDatum(queue->visibility_timeout);
	values[STATUS_REDRIVE_POLICY] = row[Anum_queues_redrive_policy - 1];
	nulls[STATUS_REDRIVE_POLICY] = row_nulls[Anum_queues_redrive_policy - 1];
	values[STATUS_SIZE] = Int64GetDatum(size);
	values[STATUS_MESSAGES_SENT] = Int64GetDatum(status.sent);
	values[STATUS_MESSAGES_RECEIVED] = Int64GetDatum(status.received);
	values[STATUS_MESSAGES_DELETED] = Int64GetDatum(status.deleted);
	values[STATUS_EMPTY_RECEIVES] = Int64GetDatum(status.empty_receives);
	values[STATUS_SENT_MESSAGE_SIZE] = Int64GetDatum(status.sent_bytes);
	values[STATUS_STATS_RESET] = TimestampTzGetDatum(status.reset_at);
	values[STATUS_MESSAGES_DEDUPLICATED] = Int64GetDatum(status.deduplicated);
	nulls[STATUS_MESSAGES_DEDUPLICATED] = !queue->fifo;
	values[STATUS_NOISY_GROUPS] = Int64GetDatum(status.noisy);
	nulls[STATUS_NOISY_GROUPS] = queue->fifo;
	return true;
}

/*
 * queue_status() returns setof record
 *
 * One row for each queue that the current user may use, by name.  A table of
 * messages that is missing, in the middle of a restore or lost, must not hide
 * the other queues: its queue is left out.
 */
Datum
queue_status(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext row_context;
	Queue	   *queues;
	int			count;

	InitMaterializedSRF(fcinfo, 0);
	queues = catalog_all(&count);
	row_context = AllocSetContextCreate(CurrentMemoryContext, "queue status",
										ALLOCSET_DEFAULT_SIZES);
	for (int i = 0; i < count; i++)
	{
		MemoryContext old_context = MemoryContextSwitchTo(row_context);
		Datum		values[STATUS_COLUMNS];
		bool		nulls[STATUS_COLUMNS];

		CHECK_FOR_INTERRUPTS();
		if (OidIsValid(queues[i].relid) && authorize_queue_allows(&queues[i], "GetQueueAttributes") &&
			fill_status(&queues[i], values, nulls))
			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		MemoryContextSwitchTo(old_context);
		MemoryContextReset(row_context);
	}
	return (Datum) 0;
}

/*
 * queue.groups_in_flight(queue_id) returns bigint
 *
 * Message groups of a FIFO queue of which messages are in flight; null for
 * another queue, for one that the caller may not use, and on a standby.
 */
Datum
queue_groups_in_flight(PG_FUNCTION_ARGS)
{
	Queue		queue;

	if (RecoveryInProgress() || !catalog_lookup_id(PG_GETARG_INT64(0), &queue) ||
		!queue.fifo || !OidIsValid(queue.relid) || !authorize_queue_allows(&queue, "GetQueueAttributes"))
		PG_RETURN_NULL();
	PG_RETURN_INT64(fifo_groups_in_flight(&queue));
}

/*
 * queue.memory() returns setof record
 *
 * The bytes of shared memory that each queue of this database takes, by name:
 * 0 where nobody has used it since the server was started.
 */
Datum
queue_memory(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Queue	   *queues;
	int			count;

	InitMaterializedSRF(fcinfo, 0);
	queues = catalog_all(&count);
	for (int i = 0; i < count; i++)
	{
		QueueShared *qs = NULL;
		Datum		values[2];
		bool		nulls[2] = {false, false};
		int64		bytes = 0;

		CHECK_FOR_INTERRUPTS();
		if (OidIsValid(queues[i].relid))
			qs = shared_acquire_known(&queues[i]);
		if (qs != NULL)
		{
			bytes = counters_memory(qs);
			shared_release(qs);
		}
		values[0] = CStringGetTextDatum(names_short(queues[i].account_id,
													queues[i].queue_name));
		values[1] = Int64GetDatum(bytes);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
