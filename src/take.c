/*-------------------------------------------------------------------------
 *
 * take.c
 *		What becomes of a row that a receive meets.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "message.h"
#include "schedule.h"
#include "take.h"
#include "xact.h"

/* Messages moved to the dead-letter queue after which a receive has done enough */
#define DEAD_MAX 1000

/* When to look again whether a key that was missing is there */
#define KEY_RETRY (5 * USECS_PER_SEC)

/*
 * Remember a row that was not handed out; neighbours with the same fate share
 * an entry.
 */
static void
take_remember(Dequeue *dq, FullTransactionId xid, TimestampTz due, Tenant aside, int64 id)
{
	Deferred   *last = dq->deferred_count > 0 ?
	&dq->deferred[dq->deferred_count - 1] : NULL;

	/* where a group was visited, there may be others between its messages */
	if (last != NULL && last->due == due && last->aside == aside &&
		FullTransactionIdEquals(last->xid, xid) && id >= last->ids.lo &&
		(id <= last->ids.hi || !dq->queue.fifo))
	{
		last->ids.hi = Max(last->ids.hi, id + 1);
		return;
	}
	if (dq->deferred == NULL)
	{
		dq->deferred_room = 16;
		dq->deferred = palloc(dq->deferred_room * sizeof(Deferred));
	}
	else if (dq->deferred_count == dq->deferred_room)
	{
		dq->deferred_room *= 2;
		dq->deferred = repalloc_huge(dq->deferred,
									 dq->deferred_room * sizeof(Deferred));
	}
	last = &dq->deferred[dq->deferred_count++];
	last->xid = xid;
	last->due = due;
	last->aside = aside;
	last->ids.lo = id;
	last->ids.hi = id + 1;
}

void
take_defer(Dequeue *dq, FullTransactionId xid, TimestampTz due, int64 id)
{
	take_remember(dq, xid, due, 0, id);
}

void
take_put_aside(Dequeue *dq, Tenant tenant, int64 id)
{
	take_remember(dq, InvalidFullTransactionId, dq->now, tenant, id);
}

/*
 * Remember a row that another transaction is at work on.
 */
void
take_defer_busy(Dequeue *dq, FullTransactionId xid, int64 id)
{
	if (FullTransactionIdIsValid(xid))
		take_defer(dq, xid, 0, id);
	else
		take_defer(dq, xid, dq->now + TAKE_BUSY_RETRY, id);
}

/*
 * Whether dead messages can be moved.
 */
static bool
take_can_bury(Dequeue *dq)
{
	if (dq->dead == NULL && !dq->dead_refused)
	{
		dq->dead = transfer_begin_dead(&dq->queue);
		dq->dead_refused = dq->dead == NULL;
	}
	return !dq->dead_refused;
}

/*
 * Move a row to the dead-letter queue.  False if that cannot be done; else
 * *result is what became of it.
 */
static bool
take_bury(Dequeue *dq, const StoreRow *row, StoreResult *result, FullTransactionId *xid)
{
	MemoryContext old = MemoryContextSwitchTo(dq->row_context);
	Datum		values[Natts_message];
	bool		isnull[Natts_message];

	store_values(dq->table, values, isnull);
	dq->dead_refused = !transfer_row(dq->dead, dq->table, row, values, isnull,
									 result, xid);
	MemoryContextSwitchTo(old);
	MemoryContextReset(dq->row_context);

	/* one call does not work through a large heap of them */
	if (!dq->dead_refused && *result == STORE_OK && ++dq->moved == DEAD_MAX)
		dq->max = dq->found;
	return !dq->dead_refused;
}

/*
 * Note a message that cannot be decrypted: it is passed over, for the sake of
 * others.
 */
static void
take_note_unreadable(Dequeue *dq, const BodyProblem *problem)
{
	if (dq->unreadable++ == 0)
		dq->problem = *problem;

	/* one call does not work through a large heap of them */
	if (dq->unreadable == TAKE_UNREADABLE_MAX)
		dq->max = dq->found;
}

/*
 * Read the current row and decrypt its body.  False if that cannot be done; then
 * it is noted.
 */
static bool
take_values(Dequeue *dq, const StoreRow *row, Datum *values, bool *isnull,
			BodyProblem *problem)
{
	store_values(dq->table, values, isnull);
	if (likely(body_open(&dq->queue, row->id, GetUserId(), values, isnull, problem)))
		return true;
	take_note_unreadable(dq, problem);
	return false;
}

/*
 * When to look again at a message that could not be decrypted.  Others may have
 * the rights that the current user has not.
 */
static TimestampTz
take_retry(const Dequeue *dq, const BodyProblem *problem)
{
	return problem->error == SQS_KMS_ACCESS_DENIED ? dq->now : dq->now + KEY_RETRY;
}

/*
 * Take a row that is receivable as far as the scan saw.
 *
 * What a pop deletes it must have decrypted before.  A receive decrypts what it
 * has locked.  If the body is damaged, the message is received all the same, but
 * not handed out: so it comes to the dead-letter queue.  If a key is missing it
 * stays as it is, for when the key is there again.
 */
TakeResult
take_row(Dequeue *dq, StoreRow *row)
{
	FullTransactionId xid = InvalidFullTransactionId;
	StoreResult result;
	Datum		values[Natts_message];
	bool		isnull[Natts_message];
	Datum		out[Natts_sqs_message];
	bool		out_isnull[Natts_sqs_message];
	MemoryContext old;
	bool		dead = false;
	bool		readable = true;
	BodyProblem problem;

	if (dq->mode == DEQUEUE_PROBE)
	{
		take_defer(dq, xid, dq->now, row->id);
		return TAKE_HANDED_OUT;
	}

	if (unlikely(row->receive_count >= dq->dead_count) && take_can_bury(dq) &&
		take_bury(dq, row, &result, &xid))
		dead = true;
	else if (dq->mode == DEQUEUE_POP)
	{
		old = MemoryContextSwitchTo(dq->row_context);
		readable = take_values(dq, row, values, isnull, &problem);
		MemoryContextSwitchTo(old);
		if (!readable)
		{
			MemoryContextReset(dq->row_context);
			take_defer(dq, xid, take_retry(dq, &problem), row->id);
			return TAKE_LEFT;
		}
		result = store_delete(dq->table, &xid);
		if (result != STORE_OK)
			MemoryContextReset(dq->row_context);
	}
	else
		result = store_lock(dq->table, row, &xid);
	switch (result)
	{
		case STORE_OK:
			break;
		case STORE_BUSY:
			take_defer_busy(dq, xid, row->id);
			return TAKE_LEFT;
		case STORE_OWN:
		case STORE_CHANGED:
			/* somebody was faster; when it becomes due is for a later look */
			take_defer(dq, InvalidFullTransactionId, dq->now, row->id);
			return TAKE_LEFT;
		case STORE_GONE:
			/* the worker may have moved it, where this scan need not get to */
			if (!store_at_newest(dq->table))
				take_defer(dq, InvalidFullTransactionId, dq->now, row->id);
			return TAKE_LEFT;
	}
	if (dead)
		return TAKE_MOVED;
	if (schedule_visible_at(&dq->queue, row) > dq->now)
	{
		take_defer(dq, InvalidFullTransactionId,
				   schedule_visible_at(&dq->queue, row), row->id);
		return TAKE_LEFT;
	}

	row->visible_at = dq->visible_at;
	if (TIMESTAMP_IS_NOBEGIN(row->first_received_at))
		row->first_received_at = dq->now;
	row->received_at = dq->now;
	row->receive_count++;
	row->stamp = message_stamp(row);

	old = MemoryContextSwitchTo(dq->row_context);
	if (dq->mode != DEQUEUE_POP)
		readable = take_values(dq, row, values, isnull, &problem);
	if (likely(readable))
	{
		message_result(&dq->queue, row, values, isnull, dq->mode == DEQUEUE_RECEIVE,
					   out, out_isnull);
		if (!dq->result(out, out_isnull, dq->arg))
			dq->max = dq->found + 1;
	}
	else if (!problem.damaged)
	{
		MemoryContextSwitchTo(old);
		MemoryContextReset(dq->row_context);
		take_defer(dq, InvalidFullTransactionId, take_retry(dq, &problem), row->id);
		return TAKE_LEFT;
	}
	if (unlikely(dq->timed && !dq->queue.fifo && !isnull[Anum_message_group_id - 1]))
	{
		dq->tenants = true;
		xact_note_tenant(dq->qs, dq->queue.relid,
						 fair_tenant(DatumGetTextPP(values[Anum_message_group_id - 1])),
						 dq->visible_at, 1);
	}
	if (dq->mode == DEQUEUE_RECEIVE)
		store_update(dq->table, row);
	MemoryContextSwitchTo(old);
	MemoryContextReset(dq->row_context);

	if (dq->mode == DEQUEUE_RECEIVE && !dq->registered)
		take_defer(dq, InvalidFullTransactionId, dq->visible_at, row->id);
	if (unlikely(!readable))
	{
		dq->hidden++;
		return TAKE_LEFT;
	}
	return TAKE_HANDED_OUT;
}
