/*-------------------------------------------------------------------------
 *
 * transfer.c
 *		Messages that go from one queue to another.
 *
 * A message moves by a delete in one queue and an insert in the other, under an
 * id of that queue, both in the caller's transaction: at any moment it is in
 * exactly one of them, and a rollback leaves it where it was.
 *
 * A redrive policy moves a message as it is.  It keeps its message id, which is
 * stored in the row then, as it is no longer that of the row's own id.  A move
 * task makes a new message of it, with the same content.  So an encrypted body
 * stays what it is on the way to a dead-letter queue; a move task decrypts it, and
 * encrypts it anew if the other queue's attributes say so.
 *
 * In the old queue this is a delete that nobody asked for.  In the new one it is
 * a send: the rows are inserted first and head is looked at after, as in
 * enqueue.c; the commit raises tail, counts and wakes.  Only the totals of what
 * users sent and deleted do not change.  The lock of one queue is held at a time.
 *
 * The other queue's tables are locked as a sender's are, but only if that can
 * be had at once: whoever receives must not wait for somebody who is at work on
 * the dead-letter queue, nor fail because that is being restored.
 *
 * Messages do not come to a dead-letter queue in the order of their sends, so
 * there the age does not fall as the ids rise.  The worker has to know (retention.c).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "body.h"
#include "group.h"
#include "rows.h"
#include "schedule.h"
#include "stop.h"
#include "transfer.h"
#include "xact.h"
#include "xid.h"

struct Transfer
{
	TransferKind kind;
	Queue		from;
	Queue		to;				/* a copy; its segments may change */
	StoreTable *table;			/* newest segment of it; NULL: not available */
	TimestampTz now;
	text	   *source;			/* ARN of from */
	BodySealer	sealer;			/* for new messages */
	int64		id;				/* given, but not used yet; 0: none */
	int64		count;			/* messages moved */
	int64		last;			/* greatest id among them */
	TimestampTz oldest;			/* when the first of them was sent; 0: just
								 * now */
	int			run_count;		/* ids used, in runs */
	int			run_room;
	IdRange    *runs;
	MemoryContext context;		/* of all this */
};

/*
 * Open the newest segment of the other queue, if it and all others are there and
 * nobody has them for himself.
 */
static bool
transfer_open(Transfer *transfer)
{
	if (!OidIsValid(transfer->to.relid) || !store_try_lock(&transfer->to) ||
		!rows_ready(&transfer->to))
		return false;
	transfer->table = transfer->to.fifo ? store_open(&transfer->to, true) :
		store_open_newest(&transfer->to);
	return true;
}

/*
 * Look the other queue up again, and open it as it is now.
 */
static bool
transfer_reopen(Transfer *transfer)
{
	CHECK_FOR_INTERRUPTS();
	store_close(transfer->table);
	transfer->table = NULL;
	if (!catalog_reload(&transfer->to) || !OidIsValid(transfer->to.relid))
		return false;
	shared_correct_segments(&transfer->to);
	return transfer_open(transfer);
}

/*
 * Make ready to move messages.
 */
Transfer *
transfer_begin(const Queue *from, const Queue *to, TransferKind kind, Oid role)
{
	Transfer   *transfer = palloc0(sizeof(Transfer));

	transfer->kind = kind;
	transfer->from = *from;
	transfer->to = *to;
	transfer->context = CurrentMemoryContext;
	transfer->now = GetCurrentTimestamp();
	if (kind != TRANSFER_DEAD)
		body_begin(to, role, &transfer->sealer);
	if (!transfer_open(transfer))
	{
		body_end(&transfer->sealer);
		pfree(transfer);
		return NULL;
	}
	transfer->source = cstring_to_text(names_arn(from->account_id, from->queue_name));
	return transfer;
}

/*
 * Make ready to move messages to the dead-letter queue.
 */
Transfer *
transfer_begin_dead(const Queue *from)
{
	QueueName	name = {0};
	Queue		to;

	strlcpy(name.account_id, from->account_id, sizeof(name.account_id));
	strlcpy(name.queue_name, from->dead_letter_queue, sizeof(name.queue_name));
	if (!catalog_lookup_name(&name, &to) ||
		to.queue_id == from->queue_id || to.fifo != from->fifo)
		return NULL;
	return transfer_begin(from, &to, TRANSFER_DEAD, InvalidOid);
}

/*
 * Have an id for the next message.  As for a sender, the segment that is open
 * must be the newest still when the id is given.
 */
static bool
transfer_have_id(Transfer *transfer)
{
	while (transfer->id == 0)
	{
		IdRange		run[SHARED_RUNS_MAX];

		stop_point("transfer_open");
		if (shared_allocate_ids(&transfer->to, 1, run) > 0)
		{
			transfer->id = run[0].lo;
			stop_point("transfer_insert");
			break;
		}
		if (!transfer_reopen(transfer))
			return false;
	}
	return true;
}

#define SET(column, value, null) \
	(values[Anum_message_##column - 1] = (value), \
	 isnull[Anum_message_##column - 1] = (null))

/*
 * What changes in a message that goes to a dead-letter queue.  In a FIFO queue
 * it begins its time anew, and its deduplication id must not be mistaken there
 * for that of another message.
 */
static void
transfer_bury(Transfer *transfer, const StoreRow *row, Datum *values, bool *isnull)
{
	if (isnull[Anum_message_message_id - 1])
	{
		pg_uuid_t  *uuid = palloc(sizeof(pg_uuid_t));

		message_uuid(&transfer->from, row->id, uuid);
		SET(message_id, UUIDPGetDatum(uuid), false);
	}
	SET(dead_letter_source, PointerGetDatum(transfer->source), false);
	SET(moved_at, TimestampTzGetDatum(transfer->now), false);
	SET(stamp, Int32GetDatum(row->stamp | MESSAGE_MOVED), false);
	if (transfer->from.fifo)
	{
		char	   *id = DatumGetCString(DirectFunctionCall1(uuid_out,
															 values[Anum_message_message_id - 1]));

		SET(deduplication_id, CStringGetTextDatum(id), false);
		SET(sent_at, TimestampTzGetDatum(transfer->now), false);
	}
}

/*
 * What changes in a message that begins anew.
 */
static void
transfer_renew(Transfer *transfer, Datum *values, bool *isnull)
{
	SET(first_received_at, TimestampTzGetDatum(DT_NOBEGIN), false);
	SET(received_at, TimestampTzGetDatum(DT_NOBEGIN), false);
	SET(sent_at, TimestampTzGetDatum(transfer->now), false);
	SET(receive_count, Int32GetDatum(0), false);
	SET(stamp, Int32GetDatum(0), false);
	SET(message_id, (Datum) 0, true);
	SET(dead_letter_source, (Datum) 0, true);
	SET(moved_at, (Datum) 0, true);
	SET(sealed_body, (Datum) 0, true);
	body_seal(&transfer->sealer, &transfer->to, transfer->id, values, isnull);
}

/*
 * Note a message that was moved.
 */
static void
transfer_note(Transfer *transfer, TimestampTz sent_at)
{
	IdRange    *run = transfer->run_count > 0 ?
	&transfer->runs[transfer->run_count - 1] : NULL;

	transfer->count++;
	transfer->last = Max(transfer->last, transfer->id);
	if (sent_at < transfer->now && (transfer->oldest == 0 || sent_at < transfer->oldest))
		transfer->oldest = sent_at;
	if (run != NULL && run->hi == transfer->id)
		run->hi++;
	else
	{
		if (transfer->runs == NULL)
		{
			transfer->run_room = 16;
			transfer->runs = MemoryContextAlloc(transfer->context,
												transfer->run_room * sizeof(IdRange));
		}
		else if (transfer->run_count == transfer->run_room)
		{
			transfer->run_room *= 2;
			transfer->runs = repalloc(transfer->runs, transfer->run_room * sizeof(IdRange));
		}
		run = &transfer->runs[transfer->run_count++];
		run->lo = transfer->id;
		run->hi = transfer->id + 1;
	}
	transfer->id = 0;
}

/*
 * Of a FIFO queue, lock the message's group, as who sends to it does, and have an
 * id that is greater than all that the group has.  If another transaction is
 * sending to it, *result is STORE_BUSY and *sender who that is.  False if the
 * queue is not available any more.
 */
static bool
transfer_lock_group(Transfer *transfer, const text *group, StoreResult *result,
					FullTransactionId *sender)
{
	QueueShared *qs = shared_acquire(&transfer->to);
	int64		last_id;
	TransactionId xid;

	shared_release(qs);
	while (group_try_lock_for_send(&transfer->to, transfer->table, group, &last_id, &xid))
	{
		*result = STORE_OK;
		if (!store_stale(transfer->table, qs) && transfer->id > last_id)
			return true;
		group_unlock(&transfer->to, group);
		transfer->id = 0;
		if ((store_stale(transfer->table, qs) && !transfer_reopen(transfer)) ||
			!transfer_have_id(transfer))
			return false;
	}
	*result = STORE_BUSY;
	*sender = TransactionIdIsValid(xid) ? xid_full(xid) : InvalidFullTransactionId;
	return true;
}

/*
 * Move the current row of a scan.
 */
bool
transfer_row(Transfer *transfer, StoreTable *table, const StoreRow *row,
			 Datum *values, bool *isnull,
			 StoreResult *result, FullTransactionId *xid)
{
	MemoryContext old = MemoryContextSwitchTo(transfer->context);
	bool		available = transfer->table != NULL && transfer_have_id(transfer);
	text	   *group = NULL;

	*result = STORE_OK;
	if (available && transfer->to.fifo)
	{
		group = DatumGetTextPP(values[Anum_message_group_id - 1]);
		available = transfer_lock_group(transfer, group, result, xid);
	}
	MemoryContextSwitchTo(old);
	if (!available || *result != STORE_OK)
		return available;
	*result = store_delete(table, xid);
	if (*result != STORE_OK)
	{
		if (group != NULL)
			group_unlock(&transfer->to, group);
		return true;
	}

	SET(id, Int64GetDatum(transfer->id), false);
	SET(visible_at, TimestampTzGetDatum(transfer->now), false);
	if (transfer->kind == TRANSFER_DEAD)
		transfer_bury(transfer, row, values, isnull);
	else
		transfer_renew(transfer, values, isnull);
	store_insert(transfer->table, &values, &isnull, 1);
	if (group != NULL)
		group_unlock(&transfer->to, group);
	transfer_note(transfer, DatumGetTimestampTz(values[Anum_message_sent_at - 1]));
	return true;
}

#undef SET

/*
 * After the rows and their index entries are in: catch up with receivers that
 * were ahead of us, and note what the commit has to make known.
 */
int64
transfer_end(Transfer *transfer)
{
	int64		count = transfer->count;
	TimestampTz visible_at = transfer->now;
	FullTransactionId xid;
	QueueShared *qs;

	if (transfer->table != NULL)
		store_close(transfer->table);
	body_end(&transfer->sealer);
	if (count > 0)
	{
		xid = GetTopFullTransactionId();
		qs = shared_acquire(&transfer->to);
		for (int i = 0; i < transfer->run_count; i++)
		{
			const IdRange *run = &transfer->runs[i];

			if (run->lo < qs->head)
				schedule_pend(qs, xid, run->lo, Min(run->hi, qs->head));
		}
		/* what is new in a FIFO queue has its delay */
		if (transfer->kind != TRANSFER_DEAD && transfer->to.fifo)
			visible_at = schedule_time(transfer->now, transfer->to.delay_seconds);
		if (visible_at > transfer->now)
			counters_reserve(qs, transfer->now, visible_at);
		shared_release(qs);
		xact_note_arrived(qs, transfer->to.relid, transfer->last, count, transfer->oldest);
		if (visible_at > transfer->now)
			xact_note_hidden(qs, transfer->to.relid, COUNTER_DELAYED, visible_at, count);

		qs = shared_acquire(&transfer->from);
		shared_release(qs);
		xact_note_deleted(qs, transfer->from.relid, count, 0);
		pfree(transfer->runs);
	}
	pfree(transfer->source);
	pfree(transfer);
	return count;
}
