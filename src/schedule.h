/*-------------------------------------------------------------------------
 *
 * schedule.h
 *		Which ids a receiver should look at: fresh ones, due ones, and those
 *		that wait for a transaction to end.
 *
 * Every function is called with the queue's lock held exclusively.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_SCHEDULE_H
#define QUEUE_SCHEDULE_H

#include "message.h"
#include "shared.h"

/*
 * Times at which messages become visible are rounded up to a multiple of this
 * many microseconds, 1/16 s; for more than four minutes to a multiple of more
 * ticks, a power of two, so that it makes less than 0.05 percent: 256 ticks
 * for twelve hours.  Messages hidden at about the same time thus share one
 * entry of the schedule, and the counters are exact and small.
 */
#define SCHEDULE_TICK INT64CONST(62500)
#define SCHEDULE_TICKS_SHIFT 8	/* as many ticks at most, as a power of 2 */

/* now + seconds, as a message's visible_at; now itself for 0 seconds */
extern TimestampTz schedule_time(TimestampTz now, int seconds);

/*
 * When a stored message becomes visible: what its row says, but that a FIFO
 * queue's DelaySeconds holds for messages sent before it was set, too, as long
 * as they have not been received
 */
extern TimestampTz schedule_visible_at(const Queue *queue, const StoreRow *row);

/* Ids of which one may become receivable at due; due may be past */
extern void schedule_add(QueueShared *qs, TimestampTz due, int64 lo, int64 hi);

/* Ids that are due now; allocates nothing, for callbacks, and wakes nobody */
extern void schedule_return(QueueShared *qs, int64 lo, int64 hi);

/*
 * Add ids to a list of at most max ranges, joined with those closest if it is
 * full; take up to n ids from the one that begins lowest of a list that is not
 * empty
 */
extern void schedule_join(IdRange *ranges, int *count, int max, int64 lo, int64 hi);
extern void schedule_cut_lowest(IdRange *ranges, int *count, int64 n, IdRange *ids);

/* Ids to be looked at again when a transaction has ended */
extern void schedule_pend(QueueShared *qs, FullTransactionId xid,
						  int64 lo, int64 hi);

/* The same for callbacks: false if there is no place for it */
extern bool schedule_try_pend(QueueShared *qs, FullTransactionId xid,
							  int64 lo, int64 hi);

/*
 * Ids that are due, but to be looked at only after what is in the queue now, or
 * when there is nothing else; wakes nobody
 */
extern void schedule_add_late(QueueShared *qs, int64 lo, int64 hi);

/* Move ids whose transaction has ended to those that are due now */
extern void schedule_look(QueueShared *qs, TimestampTz now);

/* Take up to count ids that are due; false if there are none */
extern bool schedule_take_due(QueueShared *qs, TimestampTz now, int64 count,
							  IdRange *ids);

/*
 * Take up to count ids that stood back; those whose turn has come, or any.
 * False if there are none.
 */
extern bool schedule_take_late(QueueShared *qs, int64 count, bool any, IdRange *ids);

/*
 * Take up to count fresh ids.  If next is not 0, no row has an id from head up
 * to it, and the ids begin to be counted there.  False if there are none.
 */
extern bool schedule_take_fresh(QueueShared *qs, int64 count, int64 next,
								IdRange *ids);

/*
 * FIFO queues: an id whose group goes on when this transaction has ended.  There
 * is a place to promise to a commit, or none; a promise is kept at commit, or
 * dropped.
 */
extern bool schedule_promise(QueueShared *qs);
extern void schedule_keep(QueueShared *qs, TimestampTz due, int64 id);
extern void schedule_drop(QueueShared *qs);

/*
 * Copy the ids that are pending on this transaction, SHARED_PENDING_MAX at most;
 * how many
 */
extern int	schedule_own(QueueShared *qs, IdRange *ranges);

/* FIFO queues: whether fresh ids come before those that are due, by age */
extern bool schedule_fresh_first(QueueShared *qs);
extern void schedule_met_fresh(QueueShared *qs, TimestampTz sent_at);

/* Whether a receive now might find a message */
extern bool schedule_ready(QueueShared *qs, TimestampTz now);

/* When the next id becomes due or has to be looked at; DT_NOEND: never */
extern TimestampTz schedule_next(QueueShared *qs, TimestampTz now);

/* The entries, schedule_count of them, sorted by time */
extern ScheduleEntry *schedule_entries(QueueShared *qs);

/* Give memory back that an idle queue needs no longer */
extern void schedule_trim(QueueShared *qs);

/* Forget everything: all ids are fresh again */
extern void schedule_reset(QueueShared *qs);

/* Free what the entry points to */
extern void schedule_free(QueueShared *qs);

#endif							/* QUEUE_SCHEDULE_H */
