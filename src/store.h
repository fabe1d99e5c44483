/*-------------------------------------------------------------------------
 *
 * store.h
 *		The rows of a queue's table of messages.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_STORE_H
#define QUEUE_STORE_H

#include "access/transam.h"
#include "utils/snapshot.h"

#include "catalog.h"
#include "message.h"

/* An open table of messages, with at most one scan and one current row */
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
 * Open a queue's table for reading and writing; raises QueueDoesNotExist if it
 * is not there.  An active snapshot is needed until it is closed.
 */
extern StoreTable *store_open(const Queue *queue, bool writing);
extern void store_close(StoreTable *table);

/* Begin to scan lo <= id < hi, in order of id; ends an earlier scan */
extern void store_scan(StoreTable *table, int64 lo, int64 hi);

/*
 * The next row, committed or not; false at the end.  *result is STORE_OK,
 * STORE_OWN or STORE_BUSY, and then *xid is who is at work on it.
 */
extern bool store_next(StoreTable *table, StoreRow *row, StoreResult *result,
					   FullTransactionId *xid);

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

/* Insert count rows of Natts_message values each */
extern void store_insert(StoreTable *table, Datum **values, bool **isnull, int count);

/* The smallest id >= lo of any row, or 0 */
extern int64 store_next_id(StoreTable *table, int64 lo);

/* Whole-queue questions; they open and close the table themselves */
extern int64 store_max_id(const Queue *queue);
extern bool store_oldest(const Queue *queue, int64 lo, TimestampTz expired,
						 StoreRow *row);
extern void store_each(const Queue *queue, Snapshot snapshot,
					   void (*row) (const StoreRow *row, void *arg), void *arg);
extern BlockNumber store_blocks(const Queue *queue);
extern int64 store_size(const Queue *queue);

/* Whether the table is there and complete: false in the middle of a restore */
extern bool store_ready(const Queue *queue);

/*
 * Drop the table of a deleted queue if its lock can be had at once; true if it
 * is gone.
 */
extern bool store_drop(int64 queue_id);

#endif							/* QUEUE_STORE_H */
