/*-------------------------------------------------------------------------
 *
 * fifo.h
 *		The order of FIFO queues: which messages of a group are receivable.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_FIFO_H
#define QUEUE_FIFO_H

#include "group.h"
#include "take.h"

/*
 * A receive has met the current row, visible and free: take what is receivable
 * of its group, in order, as long as messages are wanted.
 */
extern void fifo_visit(Dequeue *dq, int64 id);

/* The tables were opened anew, or it is later: ranges will be scanned again */
extern void fifo_again(Dequeue *dq);

/* At the end of a receive: groups of which messages were removed go on */
extern void fifo_end(Dequeue *dq);

/* Groups of which this transaction has removed messages */
typedef struct fifo_hash FifoGroups;

/* Add one to the set, which is made with the first; takes the text over */
extern void fifo_add_removed(FifoGroups **groups, text *group);

/*
 * See to it that whatever follows in these groups is found.  The table has all
 * segments open, and may be opened anew.  groups is NULL if there are none.
 */
extern void fifo_removed(FifoGroups *groups, Queue *queue, StoreTable **table,
						 QueueShared *qs);

/*
 * Whether the current row, of this id, is its group's first one; if so *group is
 * its group.
 */
extern bool fifo_is_first(const Queue *queue, StoreTable *table, QueueShared *qs,
						  int64 id, text **group);

/*
 * For who goes through all rows in order: whether the current one is receivable,
 * given that it is or is not by itself.  blocked gathers groups.
 */
extern bool fifo_peek(FifoGroups **blocked, const StoreTable *table, bool receivable);

/*
 * How many groups have messages in flight: goes through the ids that will become
 * visible, and so takes the longer the more there are
 */
extern int64 fifo_groups_in_flight(const Queue *queue);

#endif							/* QUEUE_FIFO_H */
