/*-------------------------------------------------------------------------
 *
 * fair.c
 *		Fair queues: no tenant makes the others wait.
 *
 * A message of a standard queue may have a message group id, which says whose
 * it is.  A tenant that has too many messages in flight, or takes too much of
 * the consumers' time, is noisy, and receives hand out other tenants' messages
 * first.  The thresholds are those that Amazon publishes:
 *
 * - more than 10 percent of the messages in flight, and at least 30 of them; or
 * - more than 10 percent of the time that consumers have recently spent.  Here
 *   that is the integral of the number in flight over time, which a minute
 *   ago counts for 1/e; and as 10 percent of next to nothing make nobody
 *   noisy, at least half a minute of it.
 *
 * It ends when no message of the tenant is waiting, or after five minutes
 * without one.
 *
 * A receive goes through the queue as ever.  Whenever it meets a message of a
 * noisy tenant it does not take it, but puts its id aside, in ranges kept for
 * each noisy tenant; when nothing else is left, it takes from those.  So each
 * such message is passed over once, however many there are, and who comes
 * after it in the queue is found as fast as in an empty one.  A range is a hint,
 * as everywhere in the schedule: it may cover other messages.
 *
 * Only so many tenants can be watched.  Who is not watched replaces the one of
 * fewest messages in flight, but with a probability that falls with their
 * number: who has many messages soon gets in, and stays.  A tenant that has
 * every tenth message in flight cannot be the smallest of FAIR_TENANTS.
 *
 * All this is in memory that a queue gets when the first message with a group
 * id is received; others know nothing of it.  What cannot be had, or is lost
 * with a restart, makes messages go by their order in the queue again.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/hashfn.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "fair.h"
#include "histogram.h"

/* Tenants watched */
#define FAIR_TENANTS 64

/* In flight, and of the whole, from which on a tenant is noisy */
#define FAIR_IN_FLIGHT 30
#define FAIR_PART 10

/* How fast time spent is forgotten, and how much makes a tenant noisy, in seconds */
#define FAIR_MEMORY 60.0
#define FAIR_BUSY 30.0

/* How long a tenant of which no message is met stays noisy, in microseconds */
#define FAIR_QUIET (300 * USECS_PER_SEC)

/* When messages in flight are visible again is known to so many microseconds */
#define FAIR_TICK (16 * USECS_PER_SEC)
#define FAIR_TICKS 64

/* Time that consumers spent */
typedef struct FairBusy
{
	double		seconds;		/* as of "at" */
	TimestampTz at;
} FairBusy;

typedef struct FairTenant
{
	Tenant		tenant;			/* 0: the place is free */
	int			lane;			/* -1: not noisy */
	int			in_flight;
	FairBusy	busy;
	int64		tick;			/* ticks before this one have passed */
	int			ends[FAIR_TICKS];	/* in flight by when that ends; a ring */
} FairTenant;

typedef struct FairLane
{
	int			place;			/* of a tenant; -1: free */
	TimestampTz met;			/* when a message of it was met last */
	int			count;
	IdRange		ranges[FAIR_RANGES];
} FairLane;

typedef struct FairShared
{
	FairBusy	busy;			/* for all messages of the queue */
	uint32		random;
	FairTenant	tenants[FAIR_TENANTS];
	FairLane	lanes[FAIR_NOISY_MAX];
} FairShared;

/*
 * The tenant of a message group id.
 */
Tenant
fair_tenant(const text *group)
{
	uint64		hash = hash_bytes_extended((const unsigned char *) VARDATA_ANY(group),
										   VARSIZE_ANY_EXHDR(group), 0);

	return hash != 0 ? hash : 1;
}

/*
 * What is known of tenants; NULL: nothing.
 */
static FairShared *
fair_shared(QueueShared *qs)
{
	FairShared *fair;

	if (!DsaPointerIsValid(qs->fair))
		return NULL;
	fair = histogram_address(qs->fair);

	/* all hints were forgotten, by who could not get here */
	if (fair != NULL && qs->aside_count == 0)
		for (int i = 0; i < FAIR_NOISY_MAX; i++)
			fair->lanes[i].count = 0;
	return fair;
}

void
fair_reserve(QueueShared *qs)
{
	FairShared *fair;

	if (DsaPointerIsValid(qs->fair))
		return;
	qs->fair = shared_allocate(qs, sizeof(FairShared));
	if (!DsaPointerIsValid(qs->fair))
		return;
	fair = dsa_get_address(shared_area(), qs->fair);
	fair->random = (uint32) qs->queue_id + 1;
	for (int i = 0; i < FAIR_NOISY_MAX; i++)
		fair->lanes[i].place = -1;
	qs->aside_count = 0;
}

/*
 * Add the time that so many messages have been in flight since the last look.
 */
static void
fair_spend(FairBusy *busy, int64 in_flight, TimestampTz now)
{
	double		seconds = Max(now - busy->at, 0) / (double) USECS_PER_SEC;
	double		left = exp(-seconds / FAIR_MEMORY);

	busy->seconds = busy->seconds * left + Max(in_flight, 0) * FAIR_MEMORY * (1 - left);
	busy->at = Max(now, busy->at);
}

/*
 * Take off a tenant's messages in flight those that have become visible.
 */
static void
fair_roll(FairTenant *tenant, TimestampTz now)
{
	int64		tick = now / FAIR_TICK;

	fair_spend(&tenant->busy, tenant->in_flight, now);
	for (int i = 0; i < FAIR_TICKS && tenant->tick < tick; i++)
	{
		int		   *end = &tenant->ends[tenant->tick++ % FAIR_TICKS];

		tenant->in_flight -= *end;
		*end = 0;
	}
	tenant->tick = Max(tenant->tick, tick);
}

/*
 * Begin to watch a tenant in a place.
 */
static FairTenant *
fair_watch(FairTenant *place, Tenant tenant, TimestampTz now)
{
	memset(place, 0, sizeof(FairTenant));
	place->tenant = tenant;
	place->lane = -1;
	place->busy.at = now;
	place->tick = now / FAIR_TICK;
	return place;
}

/*
 * Numbers that need not be good (xorshift).
 */
static uint32
fair_random(FairShared *fair)
{
	fair->random ^= fair->random << 13;
	fair->random ^= fair->random >> 17;
	fair->random ^= fair->random << 5;
	return fair->random;
}

/*
 * Find a tenant among those watched; if it has just received messages, watch it,
 * if there is a place.
 */
static FairTenant *
fair_find(FairShared *fair, Tenant tenant, TimestampTz now, bool watch)
{
	FairTenant *smallest = NULL;

	for (int i = 0; i < FAIR_TENANTS; i++)
	{
		FairTenant *place = &fair->tenants[i];

		if (place->tenant == tenant)
			return place;
		if (place->tenant == 0)
		{
			/* places are never given up, so it is not in a later one */
			return watch ? fair_watch(place, tenant, now) : NULL;
		}
		if (place->lane < 0 &&
			(smallest == NULL || place->in_flight < smallest->in_flight))
			smallest = place;
	}
	if (!watch || smallest == NULL)
		return NULL;
	fair_roll(smallest, now);
	if (smallest->in_flight > 0 &&
		fair_random(fair) % ((uint32) smallest->in_flight + 1) != 0)
		return NULL;
	return fair_watch(smallest, tenant, now);
}

/*
 * Have a tenant that has become noisy treated so.
 */
static void
fair_judge(QueueShared *qs, FairShared *fair, FairTenant *place, TimestampTz now)
{
	bool		noisy = place->in_flight >= FAIR_IN_FLIGHT &&
	place->in_flight > qs->in_flight / FAIR_PART;

	noisy |= place->busy.seconds >= FAIR_BUSY &&
		place->busy.seconds > fair->busy.seconds / FAIR_PART;
	if (!noisy || place->lane >= 0)
		return;
	for (int i = 0; i < FAIR_NOISY_MAX; i++)
	{
		FairLane   *lane = &fair->lanes[i];

		if (lane->place >= 0)
			continue;
		lane->place = (int) (place - fair->tenants);
		lane->met = now;
		lane->count = 0;
		place->lane = i;
		return;
	}
}

/*
 * Count messages of a tenant in flight, or no longer.
 */
void
fair_count(QueueShared *qs, Tenant tenant, TimestampTz now,
		   TimestampTz visible_at, int64 n)
{
	FairShared *fair = fair_shared(qs);
	FairTenant *place;
	int64		tick;

	if (fair == NULL)
		return;
	place = fair_find(fair, tenant, now, n > 0);
	if (place == NULL)
		return;
	fair_spend(&fair->busy, qs->in_flight, now);
	fair_roll(place, now);
	tick = Max(visible_at / FAIR_TICK, place->tick);
	tick = Min(tick, place->tick + FAIR_TICKS - 1);

	/* fewer: what was far ahead when it was counted is in some other tick */
	for (int i = 0; i < FAIR_TICKS && n < 0; i++)
	{
		int		   *end = &place->ends[(tick + FAIR_TICKS - i) % FAIR_TICKS];
		int			taken = (int) Min(-n, *end);

		*end -= taken;
		place->in_flight -= taken;
		n += taken;
	}
	if (n > 0)
	{
		place->ends[tick % FAIR_TICKS] += n;
		place->in_flight += n;
		fair_judge(qs, fair, place, now);
	}
}

/*
 * A tenant is noisy no longer.
 */
static void
fair_end(QueueShared *qs, FairShared *fair, FairLane *lane, TimestampTz now)
{
	fair->tenants[lane->place].lane = -1;
	lane->place = -1;
	while (lane->count > 0)
	{
		const IdRange *range = &lane->ranges[--lane->count];

		qs->aside_count--;
		schedule_add(qs, now, range->lo, range->hi);
	}
}

int
fair_noisy(QueueShared *qs, TimestampTz now, Tenant *tenants)
{
	FairShared *fair = fair_shared(qs);
	int			count = 0;

	for (int i = 0; fair != NULL && i < FAIR_NOISY_MAX; i++)
	{
		FairLane   *lane = &fair->lanes[i];

		if (lane->place < 0)
			continue;
		if (now > lane->met + FAIR_QUIET)
			fair_end(qs, fair, lane, now);
		else
			tenants[count++] = fair->tenants[lane->place].tenant;
	}
	return count;
}

bool
fair_put_aside(QueueShared *qs, Tenant tenant, TimestampTz now, int64 lo, int64 hi)
{
	FairShared *fair = fair_shared(qs);
	FairTenant *place = fair != NULL ? fair_find(fair, tenant, now, false) : NULL;
	FairLane   *lane;
	int			before;

	if (place == NULL || place->lane < 0)
		return false;
	lane = &fair->lanes[place->lane];
	lane->met = now;
	before = lane->count;
	schedule_join(lane->ranges, &lane->count, FAIR_RANGES, lo, hi);
	qs->aside_count += lane->count - before;
	return true;
}

bool
fair_take(QueueShared *qs, int64 count, IdRange *ids, Tenant *tenant)
{
	FairShared *fair = qs->aside_count > 0 ? fair_shared(qs) : NULL;
	FairLane   *first = NULL;
	int			before;

	for (int i = 0; fair != NULL && i < FAIR_NOISY_MAX; i++)
	{
		FairLane   *lane = &fair->lanes[i];

		if (lane->place >= 0 && lane->count > 0 &&
			(first == NULL || fair->tenants[lane->place].in_flight <
			 fair->tenants[first->place].in_flight))
			first = lane;
	}
	if (first == NULL)
		return false;
	before = first->count;
	schedule_cut_lowest(first->ranges, &first->count, count, ids);
	qs->aside_count += first->count - before;
	*tenant = fair->tenants[first->place].tenant;
	return true;
}

int
fair_aside(QueueShared *qs, IdRange *ranges)
{
	FairShared *fair = fair_shared(qs);
	int			count = 0;

	for (int i = 0; fair != NULL && i < FAIR_NOISY_MAX; i++)
	{
		FairLane   *lane = &fair->lanes[i];

		memcpy(ranges + count, lane->ranges, lane->count * sizeof(IdRange));
		count += lane->count;
	}
	return count;
}

int
fair_noisy_count(QueueShared *qs, TimestampTz now)
{
	Tenant		tenants[FAIR_NOISY_MAX];

	return DsaPointerIsValid(qs->fair) ? fair_noisy(qs, now, tenants) : 0;
}

void
fair_drained(QueueShared *qs)
{
	FairShared *fair = fair_shared(qs);

	for (int i = 0; fair != NULL && i < FAIR_NOISY_MAX; i++)
		if (fair->lanes[i].place >= 0 && fair->lanes[i].count == 0)
			fair_end(qs, fair, &fair->lanes[i], 0);
}

void
fair_trim(QueueShared *qs, TimestampTz now)
{
	FairShared *fair = fair_shared(qs);

	if (fair == NULL || qs->aside_count > 0)
		return;
	for (int i = 0; i < FAIR_TENANTS; i++)
	{
		FairTenant *place = &fair->tenants[i];

		if (place->tenant == 0)
			break;
		fair_roll(place, now);
		if (place->in_flight > 0)
			return;
	}
	fair_free(qs);
}

/*
 * Free it; nothing may be put aside, or it must no longer be needed.
 */
void
fair_free(QueueShared *qs)
{
	if (DsaPointerIsValid(qs->fair))
		shared_free(qs, qs->fair, sizeof(FairShared));
	qs->fair = InvalidDsaPointer;
	qs->aside_count = 0;
}
