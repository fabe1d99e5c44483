/*-------------------------------------------------------------------------
 *
 * delete.c
 *		SQL calls that delete received messages.
 *
 * On a standard queue every handle ever given for a message that is still
 * stored deletes it, as SQS does, unless the queue has StrictReceiptHandles.
 * On a FIFO queue only the last receive's handle does, while it hides the
 * message.
 *
 * A message that another session is at work on is skipped, not waited for,
 * but the worker that moves it: it waits for nobody, and is soon done.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "authorize.h"
#include "counters.h"
#include "delete.h"
#include "fair.h"
#include "fifo.h"
#include "report.h"
#include "rows.h"
#include "stop.h"
#include "store.h"
#include "xact.h"

QUEUE_FUNCTION(sqs_delete);
QUEUE_FUNCTION(sqs_delete_batch);

#define TEXT_OR_NULL(n) (PG_ARGISNULL(n) ? NULL : PG_GETARG_TEXT_PP(n))

/*
 * The tenant of the current row, if it has one, has one message less in flight.
 */
static void
delete_note_tenant(const Queue *queue, const StoreTable *table, QueueShared *qs,
				   TimestampTz visible_at)
{
	text	   *group = group_of_row(table);

	if (group != NULL)
		xact_note_tenant(qs, queue->relid, fair_tenant(group), visible_at, -1);
}

/*
 * Delete one message; *group is its group if it was removed.
 */
static DeleteResult
delete_message(Queue *queue, StoreTable **table, QueueShared *qs,
			   RowsSearch *search, const Receipt *receipt, text **group)
{
	TimestampTz now = GetCurrentTimestamp();
	StoreRow	row;
	StoreResult result;
	FullTransactionId xid;
	int			tries = 0;

	stop_point("delete_find");
	do
	{
		/* deleting once more what is gone succeeds in SQS, and counts */
		if (receipt->id < queue->purged_below ||
			!rows_search_next(search, table, queue, qs, receipt->id, &row, &result, &xid))
		{
			xact_note_deleted(qs, queue->relid, 0, 1);
			return DELETE_NOTHING;
		}
		if (result == STORE_OK && receipt_is_expired(queue, receipt, &row, now))
			return DELETE_EXPIRED;
		if (queue->fifo)
			*group = group_of_row(*table);
		if (result == STORE_OK)
			result = store_delete(*table, &xid);
	} while (rows_try_again(qs, queue->relid, result, xid, &tries));
	if (result != STORE_OK)
		return DELETE_NOTHING;

	xact_note_deleted(qs, queue->relid, 1, 1);

	/* it may be counted no more, if its segment has gone out of use */
	if (row.sent_at <= now - queue->message_retention_period * USECS_PER_SEC)
		xact_note_uncounted(qs, queue->relid, 0);
	if (row.visible_at > now)
	{
		if (shared_reacquire(qs, queue->relid))
		{
			counters_reserve(qs, now, row.visible_at);
			shared_release(qs);
		}
		xact_note_hidden(qs, queue->relid,
						 row.receive_count > 0 ? COUNTER_IN_FLIGHT : COUNTER_DELAYED,
						 row.visible_at, -1);
		if (DsaPointerIsValid(qs->fair))
			delete_note_tenant(queue, *table, qs, row.visible_at);
	}
	return DELETE_DONE;
}

/*
 * Delete messages by their receipts.
 */
int
delete_messages(Queue *queue, Receipt *receipts, int count, DeleteResult *results)
{
	StoreTable *table = store_open(queue, true);
	QueueShared *qs = shared_acquire(queue);
	FifoGroups *groups = NULL;
	RowsSearch	search;
	int			deleted = 0;

	shared_release(qs);
	receipt_sort(receipts, count);
	rows_search(&search, receipts[0].id, receipts[count - 1].id, count);
	for (int i = 0; i < count; i++)
	{
		DeleteResult *result = &results[receipts[i].entry];
		text	   *group = NULL;

		CHECK_FOR_INTERRUPTS();
		*result = delete_message(queue, &table, qs, &search, &receipts[i], &group);
		if (*result == DELETE_DONE)
		{
			deleted++;
			if (group != NULL)
				fifo_add_removed(&groups, group);
			/* the same message may be named again */
			if (i + 1 < count && receipts[i + 1].id == receipts[i].id)
				CommandCounterIncrement();
		}
	}
	fifo_removed(groups, queue, &table, qs);
	store_close(table);
	if (deleted > 0)
		CommandCounterIncrement();
	return deleted;
}

/*
 * sqs_delete(queue, receipt_handle) returns boolean
 */
Datum
sqs_delete(PG_FUNCTION_ARGS)
{
	Queue		queue;
	Receipt		receipt;
	DeleteResult result;

	PreventCommandIfReadOnly("sqs_delete()");
	PreventCommandIfParallelMode("sqs_delete()");
	authorize_lookup(TEXT_OR_NULL(0), "DeleteMessage", &queue);
	receipt_decode(&queue, TEXT_OR_NULL(1), &receipt);
	delete_messages(&queue, &receipt, 1, &result);
	if (result == DELETE_EXPIRED)
		receipt_expired();
	PG_RETURN_BOOL(result == DELETE_DONE);
}

/*
 * sqs_delete_batch(queue, receipt_handles) returns integer
 */
Datum
sqs_delete_batch(PG_FUNCTION_ARGS)
{
	Queue		queue;
	Receipt    *receipts;
	int			count;

	PreventCommandIfReadOnly("sqs_delete_batch()");
	PreventCommandIfParallelMode("sqs_delete_batch()");
	authorize_lookup(TEXT_OR_NULL(0), "DeleteMessage", &queue);
	if (PG_ARGISNULL(1))
		report_empty_batch("DeleteMessageBatchRequestEntry");
	receipts = receipt_decode_array(&queue, PG_GETARG_ARRAYTYPE_P(1),
									"DeleteMessageBatchRequestEntry", &count);
	PG_RETURN_INT32(delete_messages(&queue, receipts, count,
									palloc(count * sizeof(DeleteResult))));
}
