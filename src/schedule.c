/*-------------------------------------------------------------------------
 *
 * schedule.c
 *		Which ids a receiver should look at.
 *
 * A queue's ids fall into two parts.  Those at or above "head" are fresh: no
 * receiver has ever looked at them.  Receivers take them in disjoint ranges by
 * advancing head, and every message above it is found in time.  Of the ids
 * below head, those that may still become receivable are in one of five
 * places:
 *
 * - the schedule, an array of (due time, range) sorted by due time: messages
 *   in flight and delayed ones, and ranges that came due but were not taken;
 * - "pending", ranges that a receiver had to skip because a transaction was
 *   still at work on a row, with the id of that transaction;
 * - "returned", ranges due now that an aborting transaction gave back.  They are
 *   kept in the entry itself: an abort must not fail, and anything in the DSA
 *   area may have to be mapped into the process first;
 * - "late", ranges due now of messages that were received often in vain.  They
 *   go to the back of the queue: each waits until head has come to where tail
 *   was when it was entered, or until there is nothing else to look at;
 * - "aside", ranges due now of messages whose tenants are noisy (fair.c).
 *
 * A range is a hint.  It may cover ids that are gone, not due, or somewhere
 * else as well; the row decides, and whoever skips a live row registers it
 * again.  So ranges may always be merged into one that covers both, with the
 * earlier time: that costs somebody a look, never a message.  This is how
 * everything here has a bound: a full schedule merges neighbours among the
 * ids, so that few rows are looked at in vain, and a full list of returned
 * ranges the two that are closest.
 *
 * A small schedule is in the entry itself, so that there is always one, also
 * where no memory can be had.  What is due is not merged with what is not: a
 * receive that has looked at a row and entered it again must not meet it
 * again, or it might never come to an end.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "port/pg_bitutils.h"
#include "storage/procarray.h"
#include "utils/timestamp.h"

#include "schedule.h"
#include "wake.h"

/*
 * Entries of the smallest schedule outside of the queue's entry, 1.5 kB, and
 * of the largest, 384 kB: while it is made, half of it is there once more
 */
#define SCHEDULE_MIN 64
#define SCHEDULE_MAX 16384

/* Longest timeout, in seconds, that is rounded to single ticks */
#define SCHEDULE_EXACT 255

/*
 * How often at most the transactions of pending ranges are checked, unless a
 * transaction that used the queue has ended, in microseconds
 */
#define PENDING_LOOK_INTERVAL INT64CONST(100000)

/* When to look again at a range for which no other place was found */
#define RETRY_INTERVAL INT64CONST(1000000)

/* The time at which this process last looked for what is due */
static TimestampTz looked_at = DT_NOBEGIN;

/*
 * When a message hidden now for so many seconds becomes visible.
 */
TimestampTz
schedule_time(TimestampTz now, int seconds)
{
	int64		unit = SCHEDULE_TICK;
	TimestampTz due;

	if (seconds == 0)
		return now;
	if (seconds > SCHEDULE_EXACT)
		unit <<= Min(pg_leftmost_one_pos32(seconds) - 7, SCHEDULE_TICKS_SHIFT);
	due = now + (int64) seconds * USECS_PER_SEC + unit - 1;
	return due - due % unit;
}

/*
 * When a stored message becomes visible.
 */
TimestampTz
schedule_visible_at(const Queue *queue, const StoreRow *row)
{
	if (queue->fifo && row->receive_count == 0)
		return schedule_time(row->sent_at, queue->delay_seconds);
	return row->visible_at;
}

/*
 * The entries.
 */
ScheduleEntry *
schedule_entries(QueueShared *qs)
{
	ScheduleEntry *all = DsaPointerIsValid(qs->schedule) ?
	dsa_get_address(shared_area(), qs->schedule) : qs->few;

	return all + qs->schedule_first;
}

/*
 * Move the entries to the beginning of an array of another size, or into the
 * queue's own entry if there are few.  False if there is no memory for it.
 */
static bool
schedule_resize(QueueShared *qs, int capacity)
{
	dsa_pointer old = qs->schedule;
	dsa_pointer new = InvalidDsaPointer;
	ScheduleEntry *to = qs->few;

	Assert(capacity >= qs->schedule_count);
	if (capacity > SHARED_FEW)
	{
		new = shared_allocate(qs, capacity * sizeof(ScheduleEntry));
		if (!DsaPointerIsValid(new))
			return false;
		to = dsa_get_address(shared_area(), new);
	}
	memmove(to, schedule_entries(qs), qs->schedule_count * sizeof(ScheduleEntry));
	if (DsaPointerIsValid(old))
		shared_free(qs, old, qs->schedule_capacity * sizeof(ScheduleEntry));
	qs->schedule = new;
	qs->schedule_capacity = Max(capacity, SHARED_FEW);
	qs->schedule_first = 0;
	return true;
}

/*
 * Whether an entry is due for this process, for others, or not yet.
 */
static int
schedule_class(const ScheduleEntry *entry, TimestampTz now)
{
	return (entry->due > looked_at) + (entry->due > now);
}

static int
schedule_compare_ids(const void *a, const void *b, void *arg)
{
	const ScheduleEntry *x = a;
	const ScheduleEntry *y = b;
	TimestampTz now = *(TimestampTz *) arg;
	int			difference = schedule_class(x, now) - schedule_class(y, now);

	if (difference != 0)
		return difference;
	return (x->ids.lo > y->ids.lo) - (x->ids.lo < y->ids.lo);
}

/*
 * Order of entries: by time, and oldest message first within a time.
 */
static int
schedule_compare(const ScheduleEntry *entry, TimestampTz due, int64 lo)
{
	if (entry->due != due)
		return entry->due < due ? -1 : 1;
	return (entry->ids.lo > lo) - (entry->ids.lo < lo);
}

static int
schedule_compare_times(const void *a, const void *b)
{
	const ScheduleEntry *entry = b;

	return schedule_compare(a, entry->due, entry->ids.lo);
}

/*
 * Merge entries whose ids are close until there are no more than count.  Two
 * become one if that covers no more than width ids, or if it costs nothing;
 * width grows as far as it has to.
 */
static void
schedule_coarsen(QueueShared *qs, int count)
{
	ScheduleEntry *entries = schedule_entries(qs);
	TimestampTz now = GetCurrentTimestamp();
	int64		width = 1;

	/* one for each class always remains */
	Assert(count >= 3);
	qsort_arg(entries, qs->schedule_count, sizeof(ScheduleEntry),
			  schedule_compare_ids, &now);
	while (qs->schedule_count > count)
	{
		int			last = 0;

		for (int i = 1; i < qs->schedule_count; i++)
		{
			ScheduleEntry *left = &entries[last];
			ScheduleEntry *right = &entries[i];
			int64		hi = Max(left->ids.hi, right->ids.hi);

			if (schedule_class(left, now) == schedule_class(right, now) &&
				(hi - left->ids.lo <= width ||
				 (hi == left->ids.hi && left->due <= right->due)))
			{
				left->ids.hi = hi;
				left->due = Min(left->due, right->due);
			}
			else
				entries[++last] = *right;
		}
		qs->schedule_count = last + 1;
		width = width > PG_INT64_MAX / 2 ? PG_INT64_MAX : 2 * width;
	}
	qsort(entries, qs->schedule_count, sizeof(ScheduleEntry), schedule_compare_times);
}

/*
 * Make room for one more entry, by moving, enlarging or coarsening.
 */
static void
schedule_make_room(QueueShared *qs)
{
	int			capacity = qs->schedule_capacity;

	if (qs->schedule_first + qs->schedule_count < capacity)
		return;

	/* entries leave at the front: move back when that gains a quarter */
	if (qs->schedule_first > 0 && qs->schedule_first >= capacity / 4)
	{
		ScheduleEntry *entries = schedule_entries(qs);

		if (capacity > SCHEDULE_MIN && qs->schedule_count < capacity / 8 &&
			schedule_resize(qs, capacity / 4))
			return;
		memmove(entries - qs->schedule_first, entries,
				qs->schedule_count * sizeof(ScheduleEntry));
		qs->schedule_first = 0;
		return;
	}

	if (capacity >= SCHEDULE_MAX ||
		!schedule_resize(qs, Max(2 * capacity, SCHEDULE_MIN)))
		schedule_coarsen(qs, capacity / 2);
}

/*
 * Give memory back that an idle queue needs no longer: there need not be more
 * entries than messages, and most of those in excess cover ids that are gone.
 */
void
schedule_trim(QueueShared *qs)
{
	int			needed = (int) Min(Max(qs->stored, SHARED_FEW / 2), SCHEDULE_MAX / 2);

	if (!DsaPointerIsValid(qs->schedule))
		return;
	if (qs->counted && !qs->recounting && qs->schedule_count > needed)
		schedule_coarsen(qs, needed);
	needed = SHARED_FEW;
	while (needed < qs->schedule_count + qs->schedule_count / 4)
		needed *= 2;
	if (needed == SHARED_FEW || needed <= qs->schedule_capacity / 4)
		(void) schedule_resize(qs, needed);
}

/*
 * Insert an entry where it belongs, if there is room.
 */
static bool
schedule_insert(QueueShared *qs, TimestampTz due, int64 lo, int64 hi)
{
	ScheduleEntry *entries = schedule_entries(qs);
	int			low = 0;
	int			high = qs->schedule_count;

	/* the first entry that comes after; most are added at the end */
	if (high > 0 && schedule_compare(&entries[high - 1], due, lo) <= 0)
		low = high;
	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (schedule_compare(&entries[middle], due, lo) <= 0)
			low = middle + 1;
		else
			high = middle;
	}

	/* the same time and adjacent ids: the common case under load */
	for (int i = low - 1; i <= low; i++)
	{
		if (i >= 0 && i < qs->schedule_count && entries[i].due == due &&
			lo <= entries[i].ids.hi && hi >= entries[i].ids.lo)
		{
			entries[i].ids.lo = Min(entries[i].ids.lo, lo);
			entries[i].ids.hi = Max(entries[i].ids.hi, hi);
			return true;
		}
	}

	if (low == 0 && qs->schedule_first > 0)
	{
		qs->schedule_first--;
		entries--;
	}
	else if (qs->schedule_first + qs->schedule_count < qs->schedule_capacity)
		memmove(&entries[low + 1], &entries[low],
				(qs->schedule_count - low) * sizeof(ScheduleEntry));
	else
		return false;
	entries[low].due = due;
	entries[low].ids.lo = lo;
	entries[low].ids.hi = hi;
	qs->schedule_count++;
	return true;
}

/*
 * Register ids of which one may become receivable at due.
 */
void
schedule_add(QueueShared *qs, TimestampTz due, int64 lo, int64 hi)
{
	Assert(lo < hi);
	if (!schedule_insert(qs, due, lo, hi))
	{
		schedule_make_room(qs);
		if (!schedule_insert(qs, due, lo, hi))
			schedule_return(qs, lo, hi);
	}
	wake_leader(qs, due);
}

/*
 * Add ids to a list of ranges; allocates nothing.
 */
void
schedule_join(IdRange *ranges, int *count, int max, int64 lo, int64 hi)
{
	IdRange    *best = NULL;
	int64		best_gap = PG_INT64_MAX;

	Assert(lo < hi);
	for (int i = 0; i < *count; i++)
	{
		int64		gap = Max(ranges[i].lo - hi, lo - ranges[i].hi);

		if (gap < best_gap)
		{
			best = &ranges[i];
			best_gap = gap;
		}
	}
	if (best == NULL || (best_gap > 0 && *count < max))
	{
		best = &ranges[(*count)++];
		best->lo = lo;
		best->hi = hi;
		return;
	}
	best->lo = Min(best->lo, lo);
	best->hi = Max(best->hi, hi);
}

/*
 * Register ids that are due now, in a callback that must not fail.  Whether
 * anybody shall look at them at once is for the caller to decide.
 */
void
schedule_return(QueueShared *qs, int64 lo, int64 hi)
{
	schedule_join(qs->returned, &qs->returned_count, SHARED_RETURNED_MAX, lo, hi);
}

/*
 * Register ids that are due, but stand back behind what is in the queue now.
 * Joined ranges keep the earlier place, so that none is put off for ever.
 */
void
schedule_add_late(QueueShared *qs, int64 lo, int64 hi)
{
	int64		after = qs->tail_known ? qs->tail : PG_INT64_MAX;
	LateEntry  *best = NULL;
	int64		best_gap = PG_INT64_MAX;

	Assert(lo < hi);
	for (int i = 0; i < qs->late_count; i++)
	{
		LateEntry  *entry = &qs->late[i];
		int64		gap = Max(entry->ids.lo - hi, lo - entry->ids.hi);

		if (gap < best_gap)
		{
			best = entry;
			best_gap = gap;
		}
	}
	if (best == NULL || (best_gap > 0 && qs->late_count < SHARED_LATE_MAX))
	{
		best = &qs->late[qs->late_count++];
		best->after = after;
		best->ids.lo = lo;
		best->ids.hi = hi;
	}
	else
	{
		best->after = Min(best->after, after);
		best->ids.lo = Min(best->ids.lo, lo);
		best->ids.hi = Max(best->ids.hi, hi);
	}
}

/*
 * Register ids to be looked at again when a transaction has ended, if there is
 * a place for that, its own or with other ids that wait for the same one;
 * allocates nothing.
 */
bool
schedule_try_pend(QueueShared *qs, FullTransactionId xid, int64 lo, int64 hi)
{
	PendingEntry *entry = NULL;
	int64		best_gap = PG_INT64_MAX;

	Assert(lo < hi);
	for (int i = 0; i < qs->pending_count; i++)
	{
		const IdRange *ids = &qs->pending[i].ids;
		int64		gap = Max(ids->lo - hi, lo - ids->hi);

		if (FullTransactionIdEquals(qs->pending[i].xid, xid) && gap < best_gap)
		{
			entry = &qs->pending[i];
			best_gap = gap;
		}
	}
	if (entry != NULL && (best_gap <= 0 || qs->pending_count == SHARED_PENDING_MAX))
	{
		entry->ids.lo = Min(entry->ids.lo, lo);
		entry->ids.hi = Max(entry->ids.hi, hi);
		return true;
	}
	if (qs->pending_count == SHARED_PENDING_MAX)
		return false;
	entry = &qs->pending[qs->pending_count++];
	entry->xid = xid;
	entry->ids.lo = lo;
	entry->ids.hi = hi;
	wake_leader(qs, GetCurrentTimestamp() + PENDING_LOOK_INTERVAL);
	return true;
}

/*
 * Register ids to be looked at again when a transaction has ended, or, if
 * there is no place for that, in a while: whoever looks will see again.
 */
void
schedule_pend(QueueShared *qs, FullTransactionId xid, int64 lo, int64 hi)
{
	if (!schedule_try_pend(qs, xid, lo, hi))
		schedule_add(qs, GetCurrentTimestamp() + RETRY_INTERVAL, lo, hi);
}

/*
 * A place for an id whose group goes on when this transaction has committed.
 */
bool
schedule_promise(QueueShared *qs)
{
	if (qs->ready_count + qs->ready_promised >= SHARED_READY_MAX)
		return false;
	qs->ready_promised++;
	return true;
}

/*
 * Use that place, in a callback; allocates nothing.
 */
void
schedule_keep(QueueShared *qs, TimestampTz due, int64 id)
{
	ReadyEntry *entry;

	schedule_drop(qs);
	if (qs->ready_count >= SHARED_READY_MAX)
	{
		schedule_return(qs, id, id + 1);
		return;
	}
	entry = &qs->ready[qs->ready_count++];
	entry->due = due;
	entry->id = id;
}

/*
 * Give the place back.
 */
void
schedule_drop(QueueShared *qs)
{
	qs->ready_promised = Max(qs->ready_promised - 1, 0);
}

/*
 * Sort into the schedule what commits have left.
 */
static void
schedule_sort_ready(QueueShared *qs)
{
	for (int i = 0; i < qs->ready_count; i++)
	{
		ReadyEntry	entry = qs->ready[i];

		if (!schedule_insert(qs, entry.due, entry.id, entry.id + 1))
		{
			schedule_make_room(qs);
			if (!schedule_insert(qs, entry.due, entry.id, entry.id + 1))
				schedule_return(qs, entry.id, entry.id + 1);
		}
	}
	qs->ready_count = 0;
}

/*
 * Of a FIFO queue's groups the one that has waited longest is served next: one
 * with a fresh message since that was sent, another since it became due.  When
 * the next fresh message was sent is not known before somebody has met it, but
 * not before the one that was met last.
 */
bool
schedule_fresh_first(QueueShared *qs)
{
	schedule_sort_ready(qs);
	if (qs->tail_known && qs->head >= qs->tail)
		return false;
	return qs->returned_count == 0 &&
		(qs->schedule_count == 0 || schedule_entries(qs)[0].due >= qs->fresh_sent);
}

void
schedule_met_fresh(QueueShared *qs, TimestampTz sent_at)
{
	qs->fresh_sent = Max(qs->fresh_sent, sent_at);
}

/*
 * What is pending on this transaction.
 */
int
schedule_own(QueueShared *qs, IdRange *ranges)
{
	int			count = 0;

	for (int i = 0; i < qs->pending_count; i++)
		if (TransactionIdIsCurrentTransactionId(XidFromFullTransactionId(qs->pending[i].xid)))
			ranges[count++] = qs->pending[i].ids;
	return count;
}

/*
 * Make due what waited for transactions that have ended.  Who ends a
 * transaction that used the queue sets pending_looked_at back; for others, as
 * for one that COMMIT PREPARED ends, looking now and then is enough.
 */
void
schedule_look(QueueShared *qs, TimestampTz now)
{
	FullTransactionId next;
	int			n = 0;

	looked_at = now;
	schedule_sort_ready(qs);
	if (qs->pending_count == 0 ||
		(now >= qs->pending_looked_at &&
		 now < qs->pending_looked_at + PENDING_LOOK_INTERVAL))
		return;

	qs->pending_looked_at = now;
	next = ReadNextFullTransactionId();
	for (int i = 0; i < qs->pending_count; i++)
	{
		PendingEntry *entry = &qs->pending[i];

		/* far in the past, the short id would mean another transaction */
		if (U64FromFullTransactionId(next) -
			U64FromFullTransactionId(entry->xid) < PG_INT32_MAX / 2 &&
			TransactionIdIsInProgress(XidFromFullTransactionId(entry->xid)))
			qs->pending[n++] = *entry;
		else if (!schedule_insert(qs, DT_NOBEGIN, entry->ids.lo, entry->ids.hi))
			schedule_return(qs, entry->ids.lo, entry->ids.hi);
	}
	qs->pending_count = n;
}

/*
 * Take up to count ids from a range, from its beginning.
 */
static bool
schedule_cut(IdRange *from, int64 count, IdRange *ids)
{
	ids->lo = from->lo;
	if (from->hi - from->lo > count)
	{
		ids->hi = from->lo += count;
		return false;
	}
	ids->hi = from->hi;
	return true;
}

/*
 * Take up to n ids from the range of a list that begins lowest.
 */
void
schedule_cut_lowest(IdRange *ranges, int *count, int64 n, IdRange *ids)
{
	IdRange    *lowest = &ranges[0];

	for (int i = 1; i < *count; i++)
		if (ranges[i].lo < lowest->lo)
			lowest = &ranges[i];
	if (schedule_cut(lowest, n, ids))
		*lowest = ranges[--*count];
}

/*
 * Take up to count ids that are due.
 */
bool
schedule_take_due(QueueShared *qs, TimestampTz now, int64 count, IdRange *ids)
{
	ScheduleEntry *entries;

	looked_at = now;
	if (qs->returned_count > 0)
	{
		schedule_cut_lowest(qs->returned, &qs->returned_count, count, ids);
		return true;
	}
	if (qs->schedule_count == 0)
		return false;
	entries = schedule_entries(qs);
	if (entries[0].due > now)
		return false;

	if (schedule_cut(&entries[0].ids, count, ids))
	{
		qs->schedule_first++;
		if (--qs->schedule_count == 0)
		{
			qs->schedule_first = 0;
			if (DsaPointerIsValid(qs->schedule))
				schedule_free(qs);
		}
	}
	return true;
}

/*
 * Take up to count ids that stood back.
 */
bool
schedule_take_late(QueueShared *qs, int64 count, bool any, IdRange *ids)
{
	LateEntry  *first = &qs->late[0];

	if (qs->late_count == 0)
		return false;
	for (int i = 1; i < qs->late_count; i++)
	{
		LateEntry  *entry = &qs->late[i];

		if (entry->after < first->after ||
			(entry->after == first->after && entry->ids.lo < first->ids.lo))
			first = entry;
	}
	if (first->after > qs->head && !any)
		return false;
	if (schedule_cut(&first->ids, count, ids))
		*first = qs->late[--qs->late_count];
	return true;
}

/*
 * Take up to count fresh ids, by advancing head.
 *
 * Head is advanced first and the range is scanned after, always from the old
 * head, also where the rows begin at next: a sender whose id was not in the
 * index yet may insert it meanwhile.  It looks at head afterwards; one of the
 * two sees the other.
 */
bool
schedule_take_fresh(QueueShared *qs, int64 count, int64 next, IdRange *ids)
{
	int64		hi = Max(qs->head, next) + count;

	if (qs->tail_known)
		hi = Min(hi, qs->tail);
	else if (next == 0)
		return false;
	if (hi <= qs->head)
		return false;
	ids->lo = qs->head;
	ids->hi = qs->head = hi;
	return true;
}

/*
 * Whether a receive now might find a message.
 */
bool
schedule_ready(QueueShared *qs, TimestampTz now)
{
	schedule_look(qs, now);
	return !qs->tail_known || qs->head < qs->tail || qs->returned_count > 0 ||
		qs->late_count > 0 || qs->aside_count > 0 ||
		(qs->schedule_count > 0 && schedule_entries(qs)[0].due <= now);
}

/*
 * When a receive might find a message although nobody commits one.
 */
TimestampTz
schedule_next(QueueShared *qs, TimestampTz now)
{
	TimestampTz next = DT_NOEND;

	schedule_sort_ready(qs);
	if (qs->schedule_count > 0)
		next = schedule_entries(qs)[0].due;
	if (qs->pending_count > 0)
		next = Min(next, now + PENDING_LOOK_INTERVAL);
	return next;
}

/*
 * Forget everything: all ids are fresh again, and it is not known up to where.
 */
void
schedule_reset(QueueShared *qs)
{
	qs->head = 0;
	qs->tail_known = false;
	qs->commits++;
	qs->low = 0;
	qs->schedule_count = 0;
	qs->schedule_first = 0;
	qs->returned_count = 0;
	qs->pending_count = 0;
	qs->late_count = 0;
	qs->aside_count = 0;
	qs->ready_count = 0;
	qs->fresh_sent = 0;
	qs->groups_known = false;

	/* what had expired may live again */
	memset(qs->first_live, 0, sizeof(qs->first_live));
}

/*
 * Free the array; the schedule must be empty, or no longer needed.
 */
void
schedule_free(QueueShared *qs)
{
	qs->schedule_count = 0;
	(void) schedule_resize(qs, SHARED_FEW);
}
