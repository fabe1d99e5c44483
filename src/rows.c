/*-------------------------------------------------------------------------
 *
 * rows.c
 *		Questions about a queue's rows, whatever segments they are in.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/lmgr.h"

#include "rows.h"

/*
 * The smallest id >= lo of any row that may be alive, or 0.
 */
int64
rows_next_id(StoreTable *table, int64 lo)
{
	StoreRow	row;
	StoreResult result;
	FullTransactionId xid;
	int64		next = 0;

	store_scan(table, lo, PG_INT64_MAX);
	while (store_next(table, &row, &result, &xid))
	{
		/* a later segment may have an older message */
		next = next == 0 ? row.id : Min(next, row.id);
		if (!store_next_segment(table))
			break;
	}
	return next;
}

/*
 * Find the row of an id in whatever segments there are.
 */
bool
rows_find(StoreTable **table, Queue *queue, const QueueShared *qs, int64 id,
		  StoreRow *row, StoreResult *result, FullTransactionId *xid)
{
	while (!store_find(*table, id, row, result, xid))
	{
		if (!store_stale(*table, qs))
			return false;
		*table = store_reopen(*table, queue);
	}
	return true;
}

/*
 * The oldest message: the committed row with the smallest id >= lo that was
 * sent after expired.  False if there is none.
 */
bool
rows_oldest(const Queue *queue, int64 lo, TimestampTz expired, StoreRow *oldest)
{
	StoreTable *table = store_try_open(queue);
	StoreRow	row;
	StoreResult result;
	FullTransactionId xid;
	bool		found = false;

	if (table == NULL)
		return false;
	store_scan(table, lo, PG_INT64_MAX);
	while (store_next(table, &row, &result, &xid))
	{
		CHECK_FOR_INTERRUPTS();
		/* a row being received or deleted is still there */
		if (row.sent_at <= expired || result == STORE_OWN ||
			store_is_uncommitted(table))
			continue;
		if (!found || row.id < oldest->id)
			*oldest = row;
		found = true;
		if (!store_next_segment(table))
			break;
	}
	store_close(table);
	return found;
}

/*
 * Whether the tables are there and complete.
 */
bool
rows_ready(const Queue *queue)
{
	StoreTable *table = store_try_open(queue);

	if (table == NULL)
		return false;
	store_close(table);
	return true;
}

/*
 * Wait for the end of a transaction if it is moving rows.
 */
bool
rows_wait_for_mover(QueueShared *qs, Oid relid, FullTransactionId xid)
{
	bool		mover;

	if (!FullTransactionIdIsValid(xid) || !shared_reacquire(qs, relid))
		return false;
	mover = FullTransactionIdEquals(qs->mover, xid);
	shared_release(qs);
	if (mover)
		XactLockTableWait(XidFromFullTransactionId(xid), NULL, NULL, XLTW_None);
	return mover;
}
