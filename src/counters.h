/*-------------------------------------------------------------------------
 *
 * counters.h
 *		How many messages a queue holds, in which state, without looking.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_COUNTERS_H
#define QUEUE_COUNTERS_H

#include "storage/block.h"

#include "catalog.h"
#include "shared.h"

typedef struct QueueStatus
{
	int64		visible;
	int64		in_flight;
	int64		delayed;
	int64		oldest_age;		/* seconds; -1: no message */
	/* totals since reset_at */
	int64		sent;
	int64		received;
	int64		deleted;
	int64		empty_receives;
	int64		sent_bytes;
	int64		deduplicated;
	TimestampTz reset_at;
	int			noisy;			/* tenants, now */
} QueueStatus;

/* Why a message is not visible */
typedef enum CounterKind
{
	COUNTER_IN_FLIGHT,
	COUNTER_DELAYED
} CounterKind;
#define COUNTER_KINDS SHARED_COARSE_KINDS

/* Counters and totals of a queue; on a standby, counted from the rows */
extern void counters_read(const Queue *queue, QueueStatus *status);

/* How many messages are visible, as far as shared memory knows; never on a standby */
extern int64 counters_visible(const Queue *queue);

/*
 * Compare the gauges with the rows, for sqs_check(); false if they are not
 * known to be exact.  A commit that is just being made known may look like a
 * difference.
 */
extern bool counters_audit(const Queue *queue, QueueStatus *said,
						   QueueStatus *counted);

/*
 * Messages in flight now, for the limit: where they are counted coarsely,
 * rather too few than too many.  Lock held.
 */
extern int64 counters_in_flight(QueueShared *qs, TimestampTz now);

/* Make room so that counters_add() for this time will be exact.  Lock held. */
extern void counters_reserve(QueueShared *qs, TimestampTz now,
							 TimestampTz visible_at);

/*
 * Whether the changes of a committing transaction have to be counted: false if
 * the last recount saw them in the rows.  Lock held; never throws.
 */
extern bool counters_wants(QueueShared *qs, FullTransactionId xid);

/*
 * Count n more messages (or fewer) that are not visible before visible_at.
 * Allocates nothing and never throws.  Lock held.
 */
extern void counters_add(QueueShared *qs, CounterKind kind,
						 TimestampTz visible_at, int64 n);

/* A prepared transaction changed the queue: count again when it has ended */
extern void counters_prepared(QueueShared *qs, FullTransactionId xid);

/* All messages with ids below are gone.  Lock held. */
extern void counters_purge(QueueShared *qs, int64 below);

/*
 * Count the rows, if that is needed and nobody is at it, and if the queue has
 * no more pages than a limit
 */
extern void counters_recount(const Queue *queue, BlockNumber limit);

/* Whether the counters are known to be off.  Lock held. */
extern bool counters_stale(QueueShared *qs);

/* What can be tidied up of a queue that is idle.  Lock held. */
extern void counters_trim(QueueShared *qs, TimestampTz now);

/* Bytes that the queue takes in shared memory.  Lock held. */
extern int64 counters_memory(QueueShared *qs);

/* Free what the entry points to.  Lock held. */
extern void counters_free(QueueShared *qs);

#endif							/* QUEUE_COUNTERS_H */
