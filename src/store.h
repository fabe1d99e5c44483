/*-------------------------------------------------------------------------
 *
 * store.h
 *		The rows of a queue's messages.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_STORE_H
#define QUEUE_STORE_H

#include "access/transam.h"
#include "utils/snapshot.h"

#include "catalog.h"
#include "message.h"
#include "shared.h"

/* A queue's open segments, with at most one scan and one current row */
typedef struct StoreTable StoreTable;

/* What a scan met, and what became of an attempt to lock or delete */
typedef enum StoreResult
{
	STORE_OK,					/* the row is there; it is ours */
	STORE_BUSY,					/* another transaction is at work on it */
	STORE_OWN,					/* this transaction's own, not committed */
	STORE_CHANGED,				/* changed since, by one that committed */
	STORE_GONE					/* deleted since */
} StoreResult;

/*
 * Open a queue's segments for reading and writing; raises an error if one is
 * not there.  An active snapshot is needed until they are closed.
 */
extern StoreTable *store_open(const Queue *queue, bool writing);
extern void store_close(StoreTable *table);

/* The same for the newest segment only, for who is going to insert */
extern StoreTable *store_open_newest(const Queue *queue);

/* All of them, for reading; NULL if one is not there */
extern StoreTable *store_try_open(const Queue *queue);

/* Open one table of the queue's, in use or not; NULL if it is not there */
extern StoreTable *store_open_one(const Queue *queue, Oid relid, bool writing);

/* Lock all segments for writing, if that can be had at once */
extern bool store_try_lock(const Queue *queue);

/*
 * Whether segments have come into use that are not among those opened: what a
 * scan did not meet may be there.  For after the scan; needs no lock.
 */
extern bool store_stale(const StoreTable *table, const QueueShared *qs);

/* Look the queue up again, and open it as it is now */
extern StoreTable *store_reopen(StoreTable *table, Queue *queue);

/*
 * Begin to scan lo <= id < hi, segment by segment, in order of id in each;
 * ends an earlier scan.
 */
extern void store_scan(StoreTable *table, int64 lo, int64 hi);

/* Whether the scan has come to the newest segment, the last */
extern bool store_at_newest(const StoreTable *table);

/* Have the scan go on with the next segment; false if there is none */
extern bool store_next_segment(StoreTable *table);

/*
 * The next row, committed or not; false at the end.  *result is STORE_OK,
 * STORE_OWN or STORE_BUSY, and then *xid is who is at work on it.
 */
extern bool store_next(StoreTable *table, StoreRow *row, StoreResult *result,
					   FullTransactionId *xid);

/* Whether the current row was inserted by another transaction that is running */
extern bool store_is_uncommitted(const StoreTable *table);

/* Find the row of an id: as a scan of just that id */
extern bool store_find(StoreTable *table, int64 id, StoreRow *row,
					   StoreResult *result, FullTransactionId *xid);

/*
 * Lock the current row, without waiting: STORE_OK and the row as locked, or
 * STORE_BUSY (*xid may be invalid: unknown), STORE_CHANGED, STORE_GONE.
 */
extern StoreResult store_lock(StoreTable *table, StoreRow *row,
							  FullTransactionId *xid);

/* Change the fixed columns of the row just locked */
extern void store_update(StoreTable *table, const StoreRow *row);

/* Delete the current row, without waiting; results as store_lock */
extern StoreResult store_delete(StoreTable *table, FullTransactionId *xid);

/*
 * The current row's columns, Natts_message of them, external values fetched;
 * valid until the next call on the table.
 */
extern void store_values(StoreTable *table, Datum *values, bool *isnull);

/* Insert count rows of Natts_message values each into the newest segment */
extern void store_insert(StoreTable *table, Datum **values, bool **isnull, int count);

/*
 * Move the current row to the newest segment of "to"; results as store_lock.
 * Adds to *bytes about how large it was.
 */
extern StoreResult store_move(StoreTable *table, StoreTable *to,
							  FullTransactionId *xid, Size *bytes);

#endif							/* QUEUE_STORE_H */
