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

/*
 * If a transaction is the worker's that is moving rows of the queue, wait for
 * its end, which waits for nobody; false if it is another's.
 */
extern bool rows_wait_for_mover(QueueShared *qs, Oid relid, FullTransactionId xid);

/* The smallest id >= lo of any row that may be alive, or 0 */
extern int64 rows_next_id(StoreTable *table, int64 lo);

/*
 * The oldest message: the committed row with the smallest id >= lo that was
 * sent after expired.  False if there is none.
 */
extern bool rows_oldest(const Queue *queue, int64 lo, TimestampTz expired,
						StoreRow *oldest);

#endif							/* QUEUE_ROWS_H */
