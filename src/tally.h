/*-------------------------------------------------------------------------
 *
 * tally.h
 *		Counts of what happened to queues, in a file that is mapped into memory.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_TALLY_H
#define QUEUE_TALLY_H

#include "port/pg_bitutils.h"
#include "shared.h"

/*
 * Sizes of messages are counted in buckets: one for each size below 8, from there
 * on four for each power of two, up to 1 MiB.
 */
#define SIZE_BUCKETS 80

/* What became of a queue in some time */
typedef struct QueueTotals
{
	int64		sent;
	int64		received;
	int64		deleted;
	int64		empty_receives;
	int64		sent_bytes;
	int64		deduplicated;
	int32		smallest;		/* size of a sent message; 0: none was sent */
	int32		greatest;		/* likewise */
	uint32		sizes[SIZE_BUCKETS];	/* how many messages of each were sent */
} QueueTotals;

/*
 * A queue's counts.  All but the first two are guarded by the lock of the queue's
 * entry.
 */
typedef struct Tally
{
	Oid			database;		/* guarded by our lock */
	Oid			relid;			/* likewise; the queue's first segment */
	TimestampTz used_at;		/* when something was last found to have come */
	uint64		taken_by;		/* the transaction that took what is not
								 * counted at present; 0: it is empty */
	int			current;		/* where is counted */
	QueueTotals totals[2];
} Tally;

/* Called by _PG_init: ask for shared memory and arrange its set-up */
extern void tally_init(void);

/*
 * A queue's tally, which is made if need be; NULL if there is none, or no more
 * place.  Lock of the entry held; never throws.
 */
extern Tally *tally_find(QueueShared *qs, bool make);

/*
 * Where to count; what is counted is lost if there is no place.  Lock of the entry
 * held; never throws.
 */
extern QueueTotals *tally_totals(QueueShared *qs);

/* Give up a queue's tally.  Lock of the entry held. */
extern void tally_free(QueueShared *qs);

/* The tables of a database that have tallies; palloc'd.  Returns how many. */
extern int	tally_tables(Oid database, Oid **relids);

/* The databases that have tallies, some more than once; palloc'd.  How many. */
extern int	tally_databases(Oid **databases);

/* Give up the tallies of tables of a database that are gone; NULL: of all */
extern void tally_forget(Oid database, const List *relids);

/* Whether all places are taken */
extern bool tally_is_full(void);

/* The bucket of a size, and the least size of one */
static inline int
size_bucket(int32 size)
{
	int			power;

	if (size < 8)
		return Max(size, 0);
	power = pg_leftmost_one_pos32((uint32) size);
	return Min(8 + (power - 3) * 4 + ((size >> (power - 2)) & 3), SIZE_BUCKETS - 1);
}

static inline int32
size_of_bucket(int bucket)
{
	return bucket < 8 ? bucket : (4 + (bucket - 8) % 4) << ((bucket - 8) / 4 + 1);
}

#endif							/* QUEUE_TALLY_H */
