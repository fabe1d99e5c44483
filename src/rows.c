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
#include "storage/procarray.h"

#include "rows.h"

/* Looks at a row that each time turns out to be changing */
#define TRIES_MAX 100

/* Poison messages that one look for the oldest passes over */
#define POISON_PASSED_MAX 10000

/* Ids that a scan for several rows may pass, for each of them */
#define SEARCH_SPREAD 4

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
		CHECK_FOR_INTERRUPTS();
		*table = store_reopen(*table, queue);
	}
	return true;
}

/*
 * Begin to search for rows.  Those received together have ids that follow each
 * other more or less, and are deleted together: one scan over all of them is
 * less work than to descend the index for each.
 */
void
rows_search(RowsSearch *search, int64 first, int64 last, int count)
{
	search->hi = count > 1 && (uint64) last - (uint64) first < (uint64) count * SEARCH_SPREAD ? last + 1 : 0;
	search->scanning = false;
}

/*
 * Find the next row.  What the scan does not find, as it may have moved since
 * or stand in another segment, or is asked for again, is looked up by itself.
 */
bool
rows_search_next(RowsSearch *search, StoreTable **table, Queue *queue,
				 const QueueShared *qs, int64 id, StoreRow *row,
				 StoreResult *result, FullTransactionId *xid)
{
	if (search->hi > id)
	{
		if (!search->scanning)
			store_scan(*table, id, search->hi);
		search->scanning = true;
		while (store_next(*table, row, result, xid))
		{
			if (row->id == id)
				return true;
			if (row->id > id)
				break;
		}
		search->scanning = false;
	}
	return rows_find(table, queue, qs, id, row, result, xid);
}

/*
 * Since when a message is in the queue.
 */
TimestampTz
rows_since(StoreTable *table, const StoreRow *row)
{
	Datum		values[Natts_message];
	bool		isnull[Natts_message];

	if ((row->stamp & MESSAGE_MOVED) == 0)
		return row->sent_at;
	store_values(table, values, isnull);
	return isnull[Anum_message_moved_at - 1] ? row->sent_at :
		DatumGetTimestampTz(values[Anum_message_moved_at - 1]);
}

/*
 * Since when the oldest message is in the queue.
 */
TimestampTz
rows_oldest(const Queue *queue, TimestampTz expired, int64 *low)
{
	StoreTable *table = store_try_open(queue);
	StoreRow	row;
	StoreResult result;
	FullTransactionId xid;
	TimestampTz oldest = DT_NOEND;
	int64		oldest_id = PG_INT64_MAX;
	int64		next = PG_INT64_MAX;
	int			poison = 0;
	bool		more = true;

	if (table == NULL)
		return DT_NOEND;
	store_scan(table, *low, PG_INT64_MAX);
	while (more && store_next(table, &row, &result, &xid))
	{
		CHECK_FOR_INTERRUPTS();
		if (row.sent_at <= expired)
			continue;
		if (result == STORE_OWN || store_is_uncommitted(table))
		{
			/* it may be the oldest one day */
			next = Min(next, row.id);
			continue;
		}
		/* a row being received or deleted is still there */
		if (MESSAGE_IS_POISON(&row) && poison++ < POISON_PASSED_MAX)
			continue;
		if (row.id < oldest_id && !MESSAGE_IS_POISON(&row))
		{
			oldest_id = row.id;
			oldest = rows_since(table, &row);
		}
		next = Min(next, row.id);
		/* a later segment may have an older message */
		more = store_next_segment(table);
	}
	store_close(table);
	if (next != PG_INT64_MAX)
		*low = Max(*low, next);
	return oldest;
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
static bool
rows_wait_for_mover(QueueShared *qs, Oid relid, FullTransactionId xid)
{
	bool		mover;

	if (!FullTransactionIdIsValid(xid) || !shared_reacquire(qs, relid))
		return false;
	mover = FullTransactionIdEquals(qs->mover, xid);
	shared_release(qs);

	/* it may have ended since its row was met */
	if (!mover)
		return !TransactionIdIsInProgress(XidFromFullTransactionId(xid));
	XactLockTableWait(XidFromFullTransactionId(xid), NULL, NULL, XLTW_None);
	return true;
}

/*
 * Whether a row that could not be had is worth another look.
 */
bool
rows_try_again(QueueShared *qs, Oid relid, StoreResult result, FullTransactionId xid,
			   int *tries)
{
	CHECK_FOR_INTERRUPTS();
	switch (result)
	{
		case STORE_OK:
		case STORE_OWN:
			return false;
		case STORE_BUSY:
			return (*tries)++ < TRIES_MAX && rows_wait_for_mover(qs, relid, xid);
		case STORE_CHANGED:
		case STORE_GONE:
			return (*tries)++ < TRIES_MAX;
	}
	return false;
}
