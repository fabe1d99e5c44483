/*-------------------------------------------------------------------------
 *
 * take.h
 *		A receive under way, and what becomes of a row that it meets.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_TAKE_H
#define QUEUE_TAKE_H

#include "body.h"
#include "dequeue.h"
#include "fair.h"
#include "store.h"
#include "transfer.h"

/* When to look again at a row that somebody holds, unknown who */
#define TAKE_BUSY_RETRY INT64CONST(1000000)

/* Messages that cannot be decrypted after which a receive has done enough */
#define TAKE_UNREADABLE_MAX 1000

/* A range to be registered: under a time, or pending on a transaction */
typedef struct Deferred
{
	FullTransactionId xid;		/* invalid: under due */
	TimestampTz due;			/* DT_NOBEGIN: it stands back */
	Tenant		aside;			/* not 0: it is put aside */
	IdRange		ids;
} Deferred;

typedef struct Dequeue
{
	Queue		queue;			/* a copy; its segments may change */
	QueueShared *qs;			/* not locked; callbacks check it */
	DequeueMode mode;
	int			max;
	int			found;
	bool		timed;			/* hides messages for a time, not for 0
								 * seconds */
	bool		registered;		/* the range is entered under visible_at */
	bool		vain;			/* a row was met that is not due */
	bool		fresh;			/* the range was a fresh one */
	bool		late;			/* it was one that stood back */
	bool		alone;			/* it is one id, and there is nothing else */
	int			late_count;		/* messages that have had to stand back */
	IdRange		range;			/* as it was taken */
	int			noisy_count;	/* tenants whose messages come last */
	Tenant		noisy[FAIR_NOISY_MAX];
	Tenant		lane;			/* the range was put aside for it; or 0 */
	int			aside_count;	/* messages put aside */
	bool		tenants;		/* messages of some were handed out */
	TimestampTz fresh_sent;		/* when the fresh message met last was sent */
	struct fifo_hash *groups;	/* FIFO queues: dealt with; see fifo.c */
	int64		due_count;		/* ids to take next of those that are due */
	int64		fresh_count;	/* ... and of fresh ones */
	int			visibility_timeout; /* seconds */
	int			dead_count;		/* receives after which a message is dead */
	bool		dead_refused;	/* the dead-letter queue can't be had */
	int			moved;			/* messages moved there */
	int			unreadable;		/* messages that could not be decrypted */
	int			hidden;			/* those of them that were received */
	BodyProblem problem;		/* with the first of them */
	Transfer   *dead;			/* opened when there is a first one */
	TimestampTz now;
	TimestampTz due;			/* when the first row met is due that was not */
	TimestampTz visible_at;		/* of the messages handed out */
	TimestampTz expired;		/* messages sent until then are gone */
	StoreTable *table;
	int			deferred_count;
	int			deferred_room;
	Deferred   *deferred;
	MemoryContext row_context;
	DequeueResult result;
	void	   *arg;
} Dequeue;

/*
 * Remember a row that was not handed out: to be looked at again when a
 * transaction has ended, or if xid is invalid at a time.
 */
extern void take_defer(Dequeue *dq, FullTransactionId xid, TimestampTz due, int64 id);

/* Have a row looked at after those of other tenants */
extern void take_put_aside(Dequeue *dq, Tenant tenant, int64 id);

/* The same for one that another transaction is at work on, xid if it is known */
extern void take_defer_busy(Dequeue *dq, FullTransactionId xid, int64 id);

typedef enum TakeResult
{
	TAKE_HANDED_OUT,
	TAKE_MOVED,					/* to the dead-letter queue */
	TAKE_LEFT					/* where it is, and remembered */
} TakeResult;

/* Take the current row, which is receivable as far as the scan saw */
extern TakeResult take_row(Dequeue *dq, StoreRow *row);

#endif							/* QUEUE_TAKE_H */
