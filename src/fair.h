/*-------------------------------------------------------------------------
 *
 * fair.h
 *		Fair queues: standard queues whose messages have group ids, one for
 *		each tenant, and no tenant makes the others wait.
 *
 * Every function is called with the queue's lock held exclusively.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_FAIR_H
#define QUEUE_FAIR_H

#include "schedule.h"

/* Tenants that can be noisy at a time */
#define FAIR_NOISY_MAX 16

/* Ranges of ids that are put aside for each of them */
#define FAIR_RANGES 32

/* A tenant: a hash of its message group id; 0: none */
typedef uint64 Tenant;

extern Tenant fair_tenant(const text *group);

/* Make room for what is to be known of tenants, if there is memory */
extern void fair_reserve(QueueShared *qs);

/*
 * Count n more messages of a tenant (or fewer) in flight until visible_at.  For
 * the commit callback: allocates nothing and never throws.
 */
extern void fair_count(QueueShared *qs, Tenant tenant, TimestampTz now,
					   TimestampTz visible_at, int64 n);

/* The tenants that are noisy, FAIR_NOISY_MAX at most; how many */
extern int	fair_noisy(QueueShared *qs, TimestampTz now, Tenant *tenants);

/*
 * Ids of a noisy tenant's messages, due now, to be looked at after all others.
 * False if the tenant is not noisy.
 */
extern bool fair_put_aside(QueueShared *qs, Tenant tenant, TimestampTz now,
						   int64 lo, int64 hi);

/*
 * Take up to count ids that were put aside, of the noisy tenant that has fewest
 * messages in flight; false if there are none.
 */
extern bool fair_take(QueueShared *qs, int64 count, IdRange *ids, Tenant *tenant);

/* Copy all that was put aside, FAIR_NOISY_MAX * FAIR_RANGES at most; how many */
extern int	fair_aside(QueueShared *qs, IdRange *ranges);

/* How many tenants are noisy */
extern int	fair_noisy_count(QueueShared *qs, TimestampTz now);

/* A receive has found nothing more: who has nothing put aside is not noisy */
extern void fair_drained(QueueShared *qs);

/* Of an idle queue: give the memory back if nothing is to be known */
extern void fair_trim(QueueShared *qs, TimestampTz now);
extern void fair_free(QueueShared *qs);

#endif							/* QUEUE_FAIR_H */
