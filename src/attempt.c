/*-------------------------------------------------------------------------
 *
 * attempt.c
 *		Receives from FIFO queues that can be repeated.
 *
 * A client whose receive failed on the way cannot know whether it took
 * messages, and until their visibility timeout has passed nobody could have
 * what follows in their groups.  So it may receive again under the same
 * ReceiveRequestAttemptId.  What a receive under such an id gave is recorded, in
 * the tables of deduplication ids.  Repeating it hides the messages anew and
 * counts no further receive, so that their handles stay good.
 *
 * It is a new receive if the window has passed, or a message is not as it was:
 * deleted, visible again, received again, or its visibility was changed.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "attempt.h"
#include "body.h"
#include "compat.h"
#include "counters.h"
#include "message.h"
#include "receipt.h"
#include "records.h"
#include "rows.h"
#include "schedule.h"
#include "settings.h"
#include "xact.h"

/* What is recorded of a receive: after a header, one of these a message */
typedef struct AttemptMessage
{
	int64		id;
	int32		stamp;
	int32		visibility_timeout; /* seconds */
} AttemptMessage;

typedef struct Attempt
{
	const Queue *queue;
	int			visibility_timeout;
	DequeueResult result;
	void	   *arg;
	StringInfoData messages;	/* as they will be recorded */
} Attempt;

/*
 * The key of a receive's record: no deduplication id begins with a space.
 */
static text *
attempt_key(const text *attempt_id)
{
	return cstring_to_text(psprintf(" %s", text_to_cstring(attempt_id)));
}

/*
 * Pass a message on, and remember it.
 */
static bool
attempt_result(Datum *values, bool *isnull, void *arg)
{
	Attempt    *attempt = arg;
	AttemptMessage message;
	Receipt		receipt;

	receipt_decode(attempt->queue,
				   DatumGetTextPP(values[Anum_sqs_message_receipt_handle - 1]), &receipt);
	message.id = receipt.id;
	message.stamp = receipt.stamp;
	message.visibility_timeout = attempt->visibility_timeout;
	appendBinaryStringInfo(&attempt->messages, (char *) &message, sizeof(message));
	return attempt->result(values, isnull, attempt->arg);
}

/*
 * Lock the row of a message that is as the receive left it.
 */
static bool
attempt_lock(Queue *queue, StoreTable **table, QueueShared *qs,
			 const AttemptMessage *message, TimestampTz now, StoreRow *row)
{
	StoreResult result;
	FullTransactionId xid;
	int			tries = 0;

	do
	{
		if (message->id < queue->purged_below ||
			!rows_find(table, queue, qs, message->id, row, &result, &xid))
			return false;
		if (result == STORE_OK &&
			(row->stamp != message->stamp || row->visible_at <= now ||
			 row->visible_at != schedule_time(row->received_at, message->visibility_timeout) ||
			 row->sent_at <= now - queue->message_retention_period * USECS_PER_SEC))
			return false;
		if (result == STORE_OK)
			result = store_lock(*table, row, &xid);
	} while (rows_try_again(qs, queue->relid, result, xid, &tries));
	return result == STORE_OK;
}

/*
 * Hide a message anew, and pass it on.
 */
static void
attempt_repeat_one(Queue *queue, StoreTable *table, const AttemptMessage *message,
				   TimestampTz now, StoreRow *row, DequeueResult result, void *arg)
{
	Datum		values[Natts_message];
	bool		isnull[Natts_message];
	Datum		out[Natts_sqs_message];
	bool		out_isnull[Natts_sqs_message];
	BodyProblem problem;
	TimestampTz before = row->visible_at;
	QueueShared *qs;

	row->received_at = now;
	row->visible_at = schedule_time(now, message->visibility_timeout);
	store_values(table, values, isnull);
	if (!body_open(queue, row->id, GetUserId(), values, isnull, &problem))
		body_report(ERROR, &problem);
	message_result(queue, row, values, isnull, true, out, out_isnull);
	(void) result(out, out_isnull, arg);
	store_update(table, row);

	qs = shared_acquire(queue);
	schedule_add(qs, row->visible_at, row->id, row->id + 1);
	counters_reserve(qs, now, row->visible_at);
	shared_release(qs);
	xact_note_received(qs, queue->relid, 1);
	xact_note_hidden(qs, queue->relid, COUNTER_IN_FLIGHT, before, -1);
	xact_note_hidden(qs, queue->relid, COUNTER_IN_FLIGHT, row->visible_at, 1);
}

/*
 * Give again what a receive gave, all or nothing.  Returns how many messages.
 */
static int
attempt_repeat(const Queue *queue, const bytea *data, DequeueResult result, void *arg)
{
	Queue		newer = *queue;
	int			count = VARSIZE_ANY_EXHDR(data) / sizeof(AttemptMessage);
	AttemptMessage *messages = palloc(count * sizeof(AttemptMessage));
	StoreTable *table = store_open(queue, true);
	QueueShared *qs = shared_acquire(queue);
	TimestampTz now = GetCurrentTimestamp();
	StoreRow	row;
	int			locked = 0;

	shared_release(qs);
	memcpy(messages, VARDATA_ANY(data), count * sizeof(AttemptMessage));
	while (locked < count &&
		   attempt_lock(&newer, &table, qs, &messages[locked], now, &row))
		locked++;
	for (int i = 0; locked == count && i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!attempt_lock(&newer, &table, qs, &messages[i], now, &row))
			elog(ERROR, "a locked message has changed");
		attempt_repeat_one(&newer, table, &messages[i], now, &row, result, arg);
	}
	store_close(table);
	CommandCounterIncrement();
	return locked == count ? count : 0;
}

/*
 * Receive under an attempt id.
 */
int
attempt_receive(const Queue *queue, const text *attempt_id, int max,
				int visibility_timeout, DequeueResult result, void *arg)
{
	text	   *key = attempt_key(attempt_id);
	int			window = setting_deduplication_window;
	Records    *records = records_open();
	Attempt		attempt;
	TransactionId xid = InvalidTransactionId;
	int64		unused;
	bytea	   *data = NULL;
	TimestampTz now;
	int			found = 0;

	for (;;)
	{
		RecordResult before;

		records_lock(queue, key);
		now = GetCurrentTimestamp();
		before = records_find(records, queue, key, now, window, &unused, &data, &xid);
		if (before == RECORD_FOUND)
			found = attempt_repeat(queue, data, result, arg);
		if (before != RECORD_BUSY)
			break;
		records_unlock(queue, key);
		XactLockTableWait(xid, NULL, NULL, XLTW_None);
	}

	if (found == 0)
	{
		attempt.queue = queue;
		attempt.visibility_timeout = visibility_timeout;
		attempt.result = result;
		attempt.arg = arg;
		initStringInfo(&attempt.messages);
		appendStringInfoSpaces(&attempt.messages, VARHDRSZ);
		found = dequeue_messages(queue, DEQUEUE_RECEIVE, max, visibility_timeout,
								 attempt_result, &attempt, NULL);
		if (found > 0)
		{
			SET_VARSIZE(attempt.messages.data, attempt.messages.len);
			records_insert(records, queue, key, now, (bytea *) attempt.messages.data,
						   now, window);
		}
	}
	records_unlock(queue, key);
	records_close(records);
	return found;
}
