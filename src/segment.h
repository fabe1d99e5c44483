/*-------------------------------------------------------------------------
 *
 * segment.h
 *		The tables of a queue's messages as a whole: made, emptied, dropped.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_SEGMENT_H
#define QUEUE_SEGMENT_H

#include "storage/lock.h"

#include "catalog.h"

/* Whether a segment is in use */
extern bool segment_in_use(const Queue *queue, int segment);

/*
 * The table of a segment in this schema, or InvalidOid if there is none that this
 * owner of the extension, or a superuser, has
 */
extern Oid	segment_find(int64 queue_id, int segment, Oid schema, Oid owner);

/* Whether nothing at all has the name of a segment */
extern bool segment_name_free(int64 queue_id, int segment);

/*
 * Create the table of a segment.  holder is a role that is not to be dropped
 * while there is the table, or InvalidOid.
 */
extern void segment_create(int64 queue_id, int segment, bool fifo, bool unlogged,
						   Oid holder);

/*
 * Bytes on disk of a table, its index and its out-of-line values; 0: there is no
 * table, or somebody has it for himself
 */
extern int64 segment_size(Oid relid);

/* Whether a table is unlogged */
extern bool segment_unlogged(Oid relid);

/* Lock a table for a look at it, if that can be had at once */
extern bool segment_try_lock(Oid relid);

/* Whether a table has no pages, so that there is nothing to truncate */
extern bool segment_is_empty(Oid relid);

/* Whether no snapshot that is still in use is older than a transaction id */
extern bool segment_is_past(Oid relid, FullTransactionId xid);

/*
 * The transactions that have the table open for writing, in a palloc'd array;
 * how many
 */
extern int	segment_writers(Oid relid, VirtualTransactionId **writers);

/*
 * Leave in an array of transactions those that have not ended; waits for them
 * so many times 10 milliseconds at most.  Returns how many are left.
 */
extern int	segment_wait(VirtualTransactionId *writers, int count, int pauses);

/*
 * Lock a table with its index and its out-of-line values against everybody, if
 * all of that can be had at once.  False if not, or if there is no table.
 */
extern bool segment_lock(Oid relid);

/* Truncate a table in schema queue that the caller has locked */
extern void segment_truncate_table(const char *relname);

/* Truncate a segment that segment_lock() has locked */
extern void segment_truncate(int64 queue_id, int segment);

/*
 * Drop what there is of a deleted queue's segments whose locks can be had at
 * once; true if all are gone.
 */
extern bool segment_drop_all(int64 queue_id);

#endif							/* QUEUE_SEGMENT_H */
