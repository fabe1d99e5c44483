/*-------------------------------------------------------------------------
 *
 * rows.h
 *		Questions about a queue's rows, whatever segments they are in.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ROWS_H
#define QUEUE_ROWS_H

#include "store.h"

/* Whether the segments are there and complete: false in the middle of a restore */
extern bool rows_ready(const Queue *queue);

/*
 * Find the row of an id, as store_find(); opens the queue anew if segments have
 * come into use since the table was opened.
 */
extern bool rows_find(StoreTable **table, Queue *queue, const QueueShared *qs,
					  int64 id, StoreRow *row, StoreResult *result,
					  FullTransactionId *xid);

/* Where a search for several rows, by rising ids, has come */
typedef struct RowsSearch
{
	int64		hi;				/* the scan that finds them ends there; 0:
								 * each is looked up by itself */
	bool		scanning;
} RowsSearch;

/*
 * Begin to search for that many rows, of which these are the smallest and the
 * greatest id.
 */
extern void rows_search(RowsSearch *search, int64 first, int64 last, int count);

/* Find the next of them, as rows_find() */
extern bool rows_search_next(RowsSearch *search, StoreTable **table, Queue *queue,
							 const QueueShared *qs, int64 id, StoreRow *row,
							 StoreResult *result, FullTransactionId *xid);

/*
 * Whether a row that could not be locked or deleted is worth another look:
 * because it was moved, or changed, or because whoever was at work on it has
 * ended.  If that is the worker, which moves rows, waits for its end, as it waits
 * for nobody.  *tries begins at 0 and counts.
 */
extern bool rows_try_again(QueueShared *qs, Oid relid, StoreResult result,
						   FullTransactionId xid, int *tries);

/* The smallest id >= lo of any row that may be alive, or 0 */
extern int64 rows_next_id(StoreTable *table, int64 lo);

/*
 * Since when the message of the current row is in the queue: since its send, or
 * since it was moved there
 */
extern TimestampTz rows_since(StoreTable *table, const StoreRow *row);

/*
 * Since when the oldest message is in the queue: the committed row with the
 * smallest id >= *low that was sent after expired and is no poison message.
 * DT_NOEND if there is none.  Raises *low to where the next look can begin.
 */
extern TimestampTz rows_oldest(const Queue *queue, TimestampTz expired, int64 *low);

#endif							/* QUEUE_ROWS_H */
