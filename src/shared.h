/*-------------------------------------------------------------------------
 *
 * shared.h
 *		What sessions know of a queue in common, in shared memory.
 *
 * Lock order, wherever several are held: heavyweight locks, the registry's
 * lock, one queue's lock (never two), the locks of the DSA area, ProcArrayLock.
 * Buffer locks are never taken while one of ours is held.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_SHARED_H
#define QUEUE_SHARED_H

#include "access/transam.h"
#include "port/atomics.h"
#include "storage/lock.h"
#include "storage/lwlock.h"
#include "utils/dsa.h"

#include "catalog.h"

/*
 * Ranges kept inside a queue's own entry.  All lists may overflow: ranges
 * then merge or are scheduled for another look, so these are not limits.
 */
#define SHARED_FEW 16
#define SHARED_RETURNED_MAX 32
#define SHARED_PENDING_MAX 32
#define SHARED_LATE_MAX 12
#define SHARED_READY_MAX 12
#define SHARED_PREPARED_MAX 8

/* Coarse counts of hidden messages: of a kind, for 512 seconds; see histogram.c */
#define SHARED_COARSE_KINDS 2
#define SHARED_COARSE 88

/* Ids lo <= id < hi */
typedef struct IdRange
{
	int64		lo;
	int64		hi;
} IdRange;

/* Ids of which one may become receivable at a time */
typedef struct ScheduleEntry
{
	TimestampTz due;
	IdRange		ids;
} ScheduleEntry;

/* Ids that wait for a transaction's end */
typedef struct PendingEntry
{
	FullTransactionId xid;
	IdRange		ids;
} PendingEntry;

/* An id with which a group goes on, and since when */
typedef struct ReadyEntry
{
	TimestampTz due;
	int64		id;
} ReadyEntry;

/* Ids that are due, but stand back until head has come to after */
typedef struct LateEntry
{
	int64		after;
	IdRange		ids;
} LateEntry;

/*
 * A sleeper in one queue's list.  There is a fixed number of these, in the main
 * segment: a commit must be able to reach them without mapping anything.
 */
typedef struct SharedWaiter
{
	int			previous;		/* guarded by the queue's lock; -1: none */
	int			next;			/* likewise; in the free list, registry lock */
	struct Latch *latch;		/* constant while taken */
	bool		listed;			/* guarded by the queue's lock; not once woken */
	bool		told;			/* likewise; to look, while listed */
} SharedWaiter;

/*
 * A queue.  "Guarded by lock" means the LWLock of the same entry.  An entry
 * is never freed: when its queue is gone it is recycled for another, so that
 * a pointer to one stays valid for the life of the server; who follows an old
 * pointer finds another relid under the lock.
 */
typedef struct QueueShared
{
	LWLock		lock;
	Size		allocated;		/* bytes outside of this entry; guarded by
								 * lock */
	Oid			database;		/* guarded by lock and registry lock */
	Oid			relid;			/* its first segment; likewise */
	int64		queue_id;		/* likewise */
	dsa_pointer next;			/* in bucket or free list; registry lock */

	/* Fresh ids.  All guarded by lock. */
	int64		head;			/* no id >= head was ever handed out */
	int64		tail;			/* no committed id is >= tail ... */
	bool		tail_known;		/* ... if this is set */
	uint64		commits;		/* counts changes that may raise tail */
	int64		next_id;		/* next id to give to a sender */
	int64		block_end;		/* end of the block dealt out */
	int64		retired;		/* no block below it may be dealt out any more */
	int64		low;			/* the oldest message probably has id >= low */

	/* Segments.  All guarded by lock, but that anyone may read rotations. */
	pg_atomic_uint64 rotations; /* no segment is used that was not yet in use
								 * after so many changes */
	FullTransactionId mover;	/* moves rows, waits for nobody; invalid: none */
	int64		written;		/* messages sent or moved to the newest, as
								 * far as known */
	int64		written_seen;	/* written when rotation.c last looked; -1:
								 * never, or the segment was large */
	TimestampTz rotate_at;		/* no look before that */
	int			rotate_failures;	/* looks that failed in a row */
	bool		settled;		/* one segment in use, the others empty */
	uint16		closed;			/* bits of segments to which nobody sends */
	TimestampTz last_sent;		/* latest commit that sent; 0: not known */
	dsa_pointer writers[SEGMENT_MAX];	/* who may still send to it, once it
										 * is not the newest; see rotation.c */
	int64		first_live[SEGMENT_MAX];	/* no live row has a smaller id */
	TimestampTz retired_at[SEGMENT_MAX];	/* when it went out of use; 0: it
											 * is not known */
	FullTransactionId retired_xid[SEGMENT_MAX]; /* likewise; snapshots that
												 * saw live rows in it are
												 * older */

	/* Ids that may be due.  All guarded by lock.  See schedule.c. */
	dsa_pointer schedule;		/* ScheduleEntry[capacity], sorted; if there
								 * is none, few is used */
	int			schedule_capacity;
	int			schedule_first; /* index of the earliest entry */
	int			schedule_count;
	int			returned_count;
	int			pending_count;
	int			late_count;
	ScheduleEntry few[SHARED_FEW];
	IdRange		returned[SHARED_RETURNED_MAX];
	PendingEntry pending[SHARED_PENDING_MAX];
	LateEntry	late[SHARED_LATE_MAX];
	TimestampTz pending_looked_at;	/* when pending xids were last checked */

	/* Standard queues with group ids.  All guarded by lock.  See fair.c. */
	dsa_pointer fair;			/* what is known of tenants; hint without lock */
	int			aside_count;	/* ranges of noisy tenants' messages */

	/* FIFO queues.  All guarded by lock. */
	dsa_pointer groups;			/* where some groups begin; see group.c */
	bool		groups_known;	/* that is true */
	TimestampTz fresh_sent;		/* when the fresh message met last was sent */
	int			ready_count;	/* groups that go on; see schedule.c */
	int			ready_promised; /* places that commits to come will need */
	ReadyEntry	ready[SHARED_READY_MAX];

	/* Sleeping sessions.  All guarded by lock.  See wake.c. */
	int			waiters_first;	/* SharedWaiter; -1: none */
	int			waiters_last;
	TimestampTz leader_until;	/* when the first waiter wakes by itself */
	TimestampTz quiet_until;	/* a session was told of what is due: see
								 * wake.c */
	bool		gone;			/* the queue was deleted, for good */

	/* Counters.  All guarded by lock.  See counters.c. */
	int64		stored;			/* messages, whatever their state */
	int64		in_flight;
	int64		delayed;
	int64		watermark;		/* ticks up to this one have been rolled */
	dsa_pointer histogram;		/* directory of pages; see histogram.c */
	TimestampTz reserved_at;	/* when a page of it was last asked for */
	int64		coarse_until;	/* after this tick all coarse counts are past */
	int64		coarse_recount; /* no recount because of them before this tick */
	int32		coarse[SHARED_COARSE_KINDS][SHARED_COARSE];
	bool		counted;		/* stored ... delayed are the truth */
	bool		recounting;
	dsa_pointer recount_snapshot;	/* whose transactions the last recount saw */
	int64		purged_below;	/* the last purge's mark; 0: not known */
	FullTransactionId purge_next;	/* earlier ones may have purged messages */
	int			prepared_count;
	FullTransactionId prepared[SHARED_PREPARED_MAX];	/* not yet counted */

	/* The worker's notes.  All guarded by lock.  See retention.c. */
	int64		swept;			/* no expired row has an id < swept ... */
	int64		swept_next;		/* ... nor, seen once, < swept_next */
	int			sweeps;			/* since swept was last set back */
	int64		swept_purge;	/* the purge mark below which all is cleared */
	TimestampTz swept_oldest;	/* no row was sent before that ... */
	TimestampTz arrived_oldest; /* ... but those that came from other queues:
								 * not before that; 0: there are none */
	int64		arrivals;		/* counts these */
	TimestampTz sweep_all_at;	/* no sweep for their sake before that */
	int			failures;		/* sweeps that failed in a row */
	TimestampTz retry_at;		/* no sweep before that */
	int64		activity;		/* tells whether the queue was used since */

	/* Totals since reset_at.  All guarded by lock. */
	int64		sent;
	int64		received;
	int64		deleted;
	int64		empty_receives;
	int64		sent_bytes;
	int64		deduplicated;	/* sends of what was sent before */
	TimestampTz reset_at;

	/* Metrics over time.  All guarded by lock. */
	int			tally;			/* where what they do not have yet is counted,
								 * and one more; 0: not looked for.  See
								 * tally.c */
	TimestampTz sampled_at;		/* the minute sampled last: of the entry that
								 * stands for the database, see sampler.c */
	uint32		acting;			/* hash of the alarm that acts now, likewise;
								 * 0: none.  The worker's alone. */
} QueueShared;

/* Called by _PG_init: ask for shared memory and arrange its set-up */
extern void shared_init(void);

/* The area that everything of variable size lives in */
extern dsa_area *shared_area(void);

/* The queue's entry, made if need be, with its lock held exclusively */
extern QueueShared *shared_acquire(const Queue *queue);

/* The same, but NULL and no lock if nobody has used the queue yet */
extern QueueShared *shared_acquire_known(const Queue *queue);

/*
 * Memory for what an entry points to, zeroed; invalid where that would pass
 * queue.shared_memory_limit, or there is no more to be had.  Lock held.
 */
extern dsa_pointer shared_allocate(QueueShared *qs, Size size);
extern void shared_free(QueueShared *qs, dsa_pointer at, Size size);

/* Note that a message came from another queue, where it was sent.  Lock held. */
static inline void
shared_note_arrival(QueueShared *qs, TimestampTz sent_at)
{
	if (sent_at == 0)
		return;
	qs->arrivals++;
	if (qs->arrived_oldest == 0 || sent_at < qs->arrived_oldest)
		qs->arrived_oldest = sent_at;
}

/* Bytes of it in use, by the queues of all databases */
extern uint64 shared_allocated(void);

/* Sleepers by number; taken for a wait and given back.  False: too few left. */
extern SharedWaiter *shared_waiter(int number);
extern bool shared_take_waiters(int count, int *numbers);
extern void shared_give_waiters(int count, const int *numbers);

/*
 * Lock an entry that may have been recycled meanwhile; false, and no lock, if
 * it is not the queue's any more.  Never throws, so callbacks may use it.
 */
extern bool shared_reacquire(QueueShared *qs, Oid relid);
extern void shared_release(QueueShared *qs);

/*
 * Make known that segments are in use of which the caller has learned, before
 * a row is put in one.  Lock held.
 */
extern void shared_know_segments(QueueShared *qs, const Queue *queue);

/* The same after the queue was looked up anew: the row has the last word */
extern void shared_correct_segments(const Queue *queue);

/*
 * Ids for count messages of a queue, rising, in runs: a run ends where its
 * block does.  Returns the number of runs; 0 if segments have come into use
 * since the caller looked the queue up.  The caller has opened the newest.
 */
#define SHARED_RUNS_MAX 32
extern int	shared_allocate_ids(const Queue *queue, int count, IdRange *runs);

/*
 * An id greater than that of every message sent to the queue so far and not
 * greater than that of any message whose send begins later: the mark of a
 * purge.  Consumes a sequence value.
 */
extern int64 shared_purge_mark(const Queue *queue);

/* Who had a segment open for writing when another became the newest */
typedef struct Writers
{
	Size		size;			/* of all this */
	int			count;
	VirtualTransactionId writers[FLEXIBLE_ARRAY_MEMBER];
} Writers;

/* Forget them.  Lock held. */
extern void shared_free_writers(QueueShared *qs, int segment);

/* Give up the entries of a database's queues, but those that keep() keeps */
extern void shared_forget(Oid database,
						  bool (*keep) (Oid relid, int64 queue_id, void *arg),
						  void (*release) (QueueShared *qs), void *arg);

/* The tables that this database has entries for, palloc'd; how many */
extern int	shared_tables(Oid **relids);

/* Databases known to have queues; see worker.c */
extern void shared_announce_database(void);
extern int	shared_databases(Oid *databases, int max);
extern void shared_forget_database(Oid database);
extern void shared_set_launcher(int pid);

/*
 * One worker runs at a time.  Somebody who needs a database for himself has it
 * leave, and keeps it away until he is done, a minute at most.
 */
extern bool shared_set_worker(int pid);
extern void shared_keep_worker_away(void);
extern void shared_let_worker_back(void);

#endif							/* QUEUE_SHARED_H */
