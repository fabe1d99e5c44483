/*-------------------------------------------------------------------------
 *
 * group.h
 *		The messages of one message group, in order.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_GROUP_H
#define QUEUE_GROUP_H

#include "store.h"

/* A group's name as a number; two groups of one queue hardly share one */
typedef uint64 GroupHash;

extern GroupHash group_hash(const text *group);

/*
 * The message group of the current row, NULL if it has none; a copy in the
 * current context.
 */
extern text *group_of_row(const StoreTable *table);

/* Begin to scan a group's rows with ids >= lo; ends an earlier scan of a group */
extern void group_scan(StoreTable *table, const text *group, int64 lo);

/*
 * The group's next row, in order of id whatever segment it is in, as
 * store_next(): it is the current row then.  A scan by id may be under way
 * meanwhile, and goes on after.
 */
extern bool group_next(StoreTable *table, StoreRow *row, StoreResult *result,
					   FullTransactionId *xid);

/*
 * Lock a group for the moment in which a message is sent to it, and see that no
 * other transaction that sent to it before is still running: waits for that.
 * The table is open for writing, all its segments.  Unlock it when the rows are
 * in: from then on they themselves keep others from sending.  Returns the
 * greatest id in the group so far, or 0, and counts in *waits.  The other one
 * does not wait, and may return false: then *sender is who sent to it before, if
 * it is known.
 */
extern int64 group_lock_for_send(const Queue *queue, StoreTable *table, const text *group,
								 int *waits);
extern bool group_try_lock_for_send(const Queue *queue, StoreTable *table,
									const text *group, int64 *last_id,
									TransactionId *sender);
extern void group_unlock(const Queue *queue, const text *group);

/*
 * No row of the group has a smaller id: 0 if nothing is known.  Queue's lock
 * held.
 */
extern int64 group_lowest(QueueShared *qs, GroupHash group);
extern void group_set_lowest(QueueShared *qs, GroupHash group, int64 lo);

/* Forget all of that, and free its memory.  Queue's lock held. */
extern void group_forget(QueueShared *qs);

#endif							/* QUEUE_GROUP_H */
