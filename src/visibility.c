/*-------------------------------------------------------------------------
 *
 * visibility.c
 *		SQL calls that change when a received message becomes visible.
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
#include "fair.h"
#include "group.h"
#include "report.h"
#include "rows.h"
#include "schedule.h"
#include "stop.h"
#include "store.h"
#include "visibility.h"
#include "xact.h"

QUEUE_FUNCTION(sqs_change_visibility);
QUEUE_FUNCTION(sqs_change_visibility_batch);

#define TEXT_OR_NULL(n) (PG_ARGISNULL(n) ? NULL : PG_GETARG_TEXT_PP(n))

/*
 * Why a change makes a message more or less hidden, in the counters.
 */
static CounterKind
visibility_kind(const StoreRow *row)
{
	return row->receive_count > 0 ? COUNTER_IN_FLIGHT : COUNTER_DELAYED;
}

/*
 * Change the visibility of one message.
 */
static ChangeResult
visibility_change_one(Queue *queue, StoreTable **table, QueueShared *qs,
					  const Receipt *receipt, TimestampTz now, TimestampTz visible_at)
{
	StoreRow	row;
	StoreResult result;
	FullTransactionId xid;
	int			tries = 0;
	TimestampTz before;
	int64		left;
	text	   *group = NULL;

	if (receipt->id < queue->purged_below)
		return CHANGE_NO_MESSAGE;
	stop_point("visibility_find");
	do
	{
		if (!rows_find(table, queue, qs, receipt->id, &row, &result, &xid) ||
			row.sent_at <= now - queue->message_retention_period * USECS_PER_SEC)
			return CHANGE_NO_MESSAGE;
		if (result == STORE_OK && receipt_is_expired(queue, receipt, &row, now))
			return CHANGE_EXPIRED;

		/*
		 * what is left of the twelve hours, rounded as a timeout of that
		 * length
		 */
		left = row.received_at + VISIBILITY_TIMEOUT_MAX * USECS_PER_SEC - now;
		left = (Max(left, 0) + USECS_PER_SEC - 1) / USECS_PER_SEC;
		if (result == STORE_OK && visible_at > schedule_time(now, (int) left))
			return CHANGE_BEYOND_LIMIT;

		/*
		 * what is locked is the version just judged, or it is not ours to
		 * change
		 */
		if (result == STORE_OK)
			result = store_lock(*table, &row, &xid);
	} while (rows_try_again(qs, queue->relid, result, xid, &tries));
	if (result != STORE_OK)
		return CHANGE_NO_MESSAGE;

	before = row.visible_at;
	if (DsaPointerIsValid(qs->fair))
		group = group_of_row(*table);
	row.visible_at = visible_at;
	store_update(*table, &row);

	/* registered before the commit: too early is harmless, too late is not */
	qs = shared_acquire(queue);
	schedule_add(qs, visible_at, row.id, row.id + 1);
	counters_reserve(qs, now, visible_at);
	shared_release(qs);
	if (before > now)
		xact_note_hidden(qs, queue->relid, visibility_kind(&row), before, -1);
	if (visible_at > now)
		xact_note_hidden(qs, queue->relid, visibility_kind(&row), visible_at, 1);
	else
		xact_note_shown(qs, queue->relid, 1);
	if (group != NULL && before > now)
		xact_note_tenant(qs, queue->relid, fair_tenant(group), before, -1);
	if (group != NULL && visible_at > now)
		xact_note_tenant(qs, queue->relid, fair_tenant(group), visible_at, 1);
	return CHANGE_DONE;
}

/*
 * Change the visibility of messages by their receipts.
 */
void
visibility_change(Queue *queue, Receipt *receipts, const int *timeouts, int count,
				  TimestampTz now, ChangeResult *results)
{
	StoreTable *table = store_open(queue, true);
	QueueShared *qs = shared_acquire(queue);

	shared_release(qs);
	receipt_sort(receipts, count);
	for (int i = 0; i < count; i++)
	{
		const Receipt *receipt = &receipts[i];

		CHECK_FOR_INTERRUPTS();
		if (i > 0 && receipt->id == receipts[i - 1].id)
			CommandCounterIncrement();
		results[receipt->entry] =
			visibility_change_one(queue, &table, qs, receipt, now,
								  schedule_time(now, timeouts[receipt->entry]));
	}
	store_close(table);
	CommandCounterIncrement();
}

/*
 * Check a timeout.
 */
void
visibility_check(int timeout)
{
	if (timeout < 0 || timeout > VISIBILITY_TIMEOUT_MAX)
		report_range("VisibilityTimeout", timeout, 0, VISIBILITY_TIMEOUT_MAX);
}

/*
 * The timeout argument.
 */
static int
visibility_argument(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(2))
		report_missing_parameter("VisibilityTimeout");
	visibility_check(PG_GETARG_INT32(2));
	return PG_GETARG_INT32(2);
}

/*
 * Report why a message's visibility could not be changed.
 */
void
visibility_report(ChangeResult result, int timeout)
{
	switch (result)
	{
		case CHANGE_DONE:
			break;
		case CHANGE_NO_MESSAGE:
			ereport(ERROR,
					(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
					 errmsg("the message is not available for a change of its visibility"),
					 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
								   "The value for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change."),
					 errhint("It was deleted, has expired, or another session is at work on it.")));
			break;
		case CHANGE_EXPIRED:
			receipt_expired();
			break;
		case CHANGE_BEYOND_LIMIT:
			report_invalid_parameter("VisibilityTimeout", psprintf("%d", timeout),
									 psprintf("Total VisibilityTimeout for the message is beyond the limit [%d seconds]",
											  VISIBILITY_TIMEOUT_MAX));
			break;
	}
}

/*
 * sqs_change_visibility(queue, receipt_handle, visibility_timeout)
 *		returns timestamptz
 */
Datum
sqs_change_visibility(PG_FUNCTION_ARGS)
{
	Queue		queue;
	Receipt		receipt;
	ChangeResult result;
	TimestampTz now = GetCurrentTimestamp();
	int			timeout;

	PreventCommandIfReadOnly("sqs_change_visibility()");
	PreventCommandIfParallelMode("sqs_change_visibility()");
	authorize_lookup(TEXT_OR_NULL(0), "ChangeMessageVisibility", &queue);
	receipt_decode(&queue, TEXT_OR_NULL(1), &receipt);
	timeout = visibility_argument(fcinfo);
	visibility_change(&queue, &receipt, &timeout, 1, now, &result);
	visibility_report(result, timeout);
	PG_RETURN_TIMESTAMPTZ(schedule_time(now, timeout));
}

/*
 * sqs_change_visibility_batch(queue, receipt_handles, visibility_timeout)
 *		returns integer
 */
Datum
sqs_change_visibility_batch(PG_FUNCTION_ARGS)
{
	Queue		queue;
	Receipt    *receipts;
	ChangeResult *results;
	TimestampTz now = GetCurrentTimestamp();
	int		   *timeouts;
	int			timeout;
	int			count;
	int			changed = 0;

	PreventCommandIfReadOnly("sqs_change_visibility_batch()");
	PreventCommandIfParallelMode("sqs_change_visibility_batch()");
	authorize_lookup(TEXT_OR_NULL(0), "ChangeMessageVisibility", &queue);
	if (PG_ARGISNULL(1))
		report_empty_batch("ChangeMessageVisibilityBatchRequestEntry");
	receipts = receipt_decode_array(&queue, PG_GETARG_ARRAYTYPE_P(1),
									"ChangeMessageVisibilityBatchRequestEntry", &count);
	timeout = visibility_argument(fcinfo);
	timeouts = palloc(count * sizeof(int));
	for (int i = 0; i < count; i++)
		timeouts[i] = timeout;
	results = palloc(count * sizeof(ChangeResult));
	visibility_change(&queue, receipts, timeouts, count, now, results);
	for (int i = 0; i < count; i++)
	{
		if (results[i] == CHANGE_DONE)
			changed++;
	}
	PG_RETURN_INT32(changed);
}
