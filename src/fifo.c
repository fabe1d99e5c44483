/*-------------------------------------------------------------------------
 *
 * fifo.c
 *		The order of FIFO queues: which messages of a group are receivable.
 *
 * A message is receivable if it is visible and no earlier message of its group
 * is in flight or delayed; those that the same receive took do not count.  So
 * a group is looked at from its first message on, and up to the first one that
 * is not to be had.
 *
 * Which groups to look at says the schedule, as for standard queues: an id
 * stands for its group.  A message that is found blocked is registered nowhere.
 * What blocks it is: a message in flight or delayed, under the time at which it
 * becomes visible; one that a transaction is at work on, or else the message
 * that met it, as pending on that transaction.  When a message is removed,
 * whoever does it looks up the one that is then the group's first, and
 * registers that, to be looked at when he has committed.  So no message is
 * looked at in vain more than once, however many wait behind one.
 *
 * A fresh message that is not its group's first is passed over unless the first
 * is among those that this receive has just taken from the fresh ones: one that
 * was fresh before is registered.  This is also what puts a group that was
 * served behind those that have not been.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "fifo.h"
#include "schedule.h"
#include "xact.h"

/* Groups that a receive has dealt with */
typedef struct FifoGroup
{
	GroupHash	hash;			/* key */
	char		status;
	bool		done;
	bool		registered;		/* its first message is, for another look */
	bool		taken;			/* messages of it were */
	bool		removed;		/* and are gone from the queue */
	text	   *name;
} FifoGroup;

/* PostgreSQL 15's own code has a variable that hides another */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow=compatible-local"
#endif

#define SH_PREFIX fifo
#define SH_ELEMENT_TYPE FifoGroup
#define SH_KEY_TYPE GroupHash
#define SH_KEY hash
#define SH_HASH_KEY(tb, key) ((uint32) (key))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

/* Groups expected, by the number of messages wanted */
#define GROUPS_MIN 8
#define GROUPS_MAX 256

/*
 * Whether a row does not count any more, though it is still stored.
 */
static bool
fifo_is_past(const Dequeue *dq, const StoreRow *row)
{
	return row->id < dq->queue.purged_below || row->sent_at <= dq->expired;
}

/*
 * What the functions here need of a receive, for who is none.
 */
static void
fifo_begin(Dequeue *dq, const Queue *queue, StoreTable *table, QueueShared *qs)
{
	memset(dq, 0, sizeof(Dequeue));
	dq->queue = *queue;
	dq->qs = qs;
	dq->table = table;
	dq->now = GetCurrentTimestamp();
	dq->expired = dq->now - queue->message_retention_period * USECS_PER_SEC;
}

/*
 * Begin to scan a group, where it is known to begin, which is returned.
 */
static int64
fifo_scan(Dequeue *dq, GroupHash hash, const text *group)
{
	QueueShared *qs = shared_acquire(&dq->queue);
	int64		lowest = group_lowest(qs, hash);

	shared_release(qs);
	group_scan(dq->table, group, lowest);
	return lowest;
}

/*
 * Remember where a group begins.  What this transaction has deleted it does not
 * see, but its rollback would bring it back.
 */
static void
fifo_found_first(Dequeue *dq, GroupHash hash, int64 id)
{
	QueueShared *qs;

	if (xact_has_deleted(dq->qs))
		return;
	qs = shared_acquire(&dq->queue);
	/* an earlier one may be in a segment that is not open */
	if (!store_stale(dq->table, qs))
		group_set_lowest(qs, hash, id);
	shared_release(qs);
}

/*
 * Note that a row will be taken that is not in the range taken, so that an
 * abort gives it back, too.
 */
static void
fifo_note_taken(Dequeue *dq, int64 id)
{
	if (id >= dq->range.lo && id < dq->range.hi)
		return;
	xact_reserve(1);
	xact_note_taken(dq->qs, dq->queue.relid, id, id + 1);
}

/*
 * A receive has met a row: take what is receivable of its group.
 *
 * A scan may miss a row that gets another version on another page in the same
 * moment: of the new one it does not see the index entry, and the old one is
 * dead when it comes there.  What comes after that row must not be taken.  So
 * each is looked for twice, by a scan that begins behind the one before it.
 */
void
fifo_visit(Dequeue *dq, int64 id)
{
	text	   *group = group_of_row(dq->table);
	GroupHash	hash;
	FifoGroup  *known;
	bool		found;
	bool		first = true;
	int64		from;			/* the scan began there */
	int64		seen = 0;		/* the row that it has met before */
	StoreRow	row;
	StoreResult result;
	FullTransactionId xid;

	if (group == NULL)
		elog(ERROR, "message " INT64_FORMAT " of a FIFO queue has no group", id);
	if (dq->groups == NULL)
		dq->groups = fifo_create(CurrentMemoryContext,
								 Min(Max(dq->max, GROUPS_MIN), GROUPS_MAX), NULL);
	hash = group_hash(group);
	known = fifo_insert(dq->groups, hash, &found);
	if (!found)
		known->done = known->registered = known->taken = known->removed = false;
	if (known->done || (known->registered && dq->fresh))
	{
		pfree(group);
		return;
	}
	known->name = group;
	known->done = true;

	from = fifo_scan(dq, hash, group);
	while (dq->found < dq->max && group_next(dq->table, &row, &result, &xid))
	{
		if (fifo_is_past(dq, &row))
			continue;
		if (result != STORE_OK)
		{
			take_defer_busy(dq, xid, id);
			break;
		}
		if (schedule_visible_at(&dq->queue, &row) > dq->now)
			break;
		if (dq->fresh && row.id < dq->range.lo)
		{
			known->done = false;
			known->registered = true;
			break;
		}
		/* an earlier message may have been moved where we do not look */
		if (store_stale(dq->table, dq->qs))
			break;
		if (row.id != seen)
		{
			seen = row.id;
			group_scan(dq->table, group, from);
			continue;
		}
		if (first)
			fifo_found_first(dq, hash, row.id);
		first = false;
		from = row.id + 1;
		fifo_note_taken(dq, row.id);
		switch (take_row(dq, &row))
		{
			case TAKE_HANDED_OUT:
				known->taken = true;
				known->removed = known->removed || dq->mode == DEQUEUE_POP;
				dq->found++;
				break;
			case TAKE_MOVED:
				known->taken = known->removed = true;
				break;
			case TAKE_LEFT:
				/* whatever became of it, what met it is looked at again */
				if (row.id != id)
					take_defer(dq, InvalidFullTransactionId, dq->now, id);
				return;
		}
	}
}

/*
 * The tables were opened anew, or time has passed: look again at groups of which
 * nothing was taken.
 */
void
fifo_again(Dequeue *dq)
{
	fifo_iterator iterator;
	FifoGroup  *group;

	if (dq->groups == NULL)
		return;
	fifo_start_iterate(dq->groups, &iterator);
	while ((group = fifo_iterate(dq->groups, &iterator)) != NULL)
		group->done = group->taken;
}

/*
 * Register an id of which the queue is to be told: when another transaction has
 * ended, or if that is not known, in a while; or else when this one commits.
 */
static void
fifo_register(Dequeue *dq, int64 id, bool waits, FullTransactionId xid)
{
	QueueShared *qs;

	xact_reserve(1);
	qs = shared_acquire(&dq->queue);
	if (!waits)
		xact_note_ready(qs, dq->queue.relid, id);
	else if (FullTransactionIdIsValid(xid))
		schedule_pend(qs, xid, id, id + 1);
	else
		schedule_add(qs, dq->now + TAKE_BUSY_RETRY, id, id + 1);
	shared_release(qs);
}

/*
 * Register what is a group's first message now.  Returns whether there is one.
 *
 * Others may be at work on it, and on those that follow.  When they have ended,
 * any of these may be the first, or the first one that nobody is at work on.  So
 * both are to be looked at then: that one as soon as one of them has ended; who
 * meets it finds out about the others.
 */
static bool
fifo_register_first(Dequeue *dq, const text *group)
{
	FullTransactionId holder = InvalidFullTransactionId;
	bool		found = false;
	StoreRow	row;
	StoreResult result;
	FullTransactionId xid;

	fifo_scan(dq, group_hash(group), group);
	while (group_next(dq->table, &row, &result, &xid))
	{
		bool		held = result == STORE_BUSY && !store_is_uncommitted(dq->table);

		if (fifo_is_past(dq, &row))
			continue;
		if (held)
		{
			if (!found || !FullTransactionIdEquals(xid, holder))
				fifo_register(dq, row.id, true, xid);
			holder = xid;
			found = true;
			continue;
		}
		/* one that its sender has not committed is looked at in any case */
		if (result == STORE_OWN || (result == STORE_BUSY && !found))
			return true;
		if (!found && schedule_visible_at(&dq->queue, &row) > dq->now)
			return true;
		fifo_register(dq, row.id, found, holder);
		return true;
	}
	return found;
}

/*
 * A group of which a message was removed.
 */
void
fifo_add_removed(FifoGroups **groups, text *group)
{
	FifoGroup  *entry;
	bool		found;

	if (*groups == NULL)
		*groups = fifo_create(CurrentMemoryContext, GROUPS_MIN, NULL);
	entry = fifo_insert(*groups, group_hash(group), &found);
	entry->name = group;
	entry->done = entry->taken = entry->removed = true;
}

/*
 * Messages of groups have been removed: register what follows.
 */
void
fifo_removed(FifoGroups *groups, Queue *queue, StoreTable **table, QueueShared *qs)
{
	Dequeue		dq;
	fifo_iterator iterator;
	FifoGroup  *group;

	if (groups == NULL)
		return;
	fifo_begin(&dq, queue, *table, qs);
	fifo_start_iterate(groups, &iterator);
	while ((group = fifo_iterate(groups, &iterator)) != NULL)
	{
		while (group->removed && !fifo_register_first(&dq, group->name) &&
			   store_stale(dq.table, qs))
		{
			CHECK_FOR_INTERRUPTS();
			dq.table = store_reopen(dq.table, &dq.queue);
		}
	}
	*queue = dq.queue;
	*table = dq.table;
}

/*
 * At the end of a receive.
 */
void
fifo_end(Dequeue *dq)
{
	if (dq->mode == DEQUEUE_POP || dq->moved > 0)
		fifo_removed(dq->groups, &dq->queue, &dq->table, dq->qs);
}

/*
 * Whether a row is receivable, for who goes through all of them in order.
 */
bool
fifo_peek(FifoGroups **blocked, const StoreTable *table, bool receivable)
{
	text	   *group = group_of_row(table);

	if (group == NULL ||
		(*blocked != NULL && fifo_lookup(*blocked, group_hash(group)) != NULL))
		return false;
	if (!receivable)
		fifo_add_removed(blocked, group);
	return receivable;
}

/*
 * Whether the current row is its group's first one.
 */
bool
fifo_is_first(const Queue *queue, StoreTable *table, QueueShared *qs, int64 id,
			  text **group)
{
	Dequeue		dq;
	StoreRow	row;
	StoreResult result;
	FullTransactionId xid;
	bool		found;

	*group = group_of_row(table);
	if (*group == NULL)
		return false;
	fifo_begin(&dq, queue, table, qs);
	fifo_scan(&dq, group_hash(*group), *group);
	do
		found = group_next(table, &row, &result, &xid);
	while (found && fifo_is_past(&dq, &row));
	return found && row.id == id;
}

/*
 * Count groups with messages in flight.
 */
int64
fifo_groups_in_flight(const Queue *queue)
{
	StoreTable *table = store_try_open(queue);
	FifoGroups *groups = NULL;
	TimestampTz now = GetCurrentTimestamp();
	IdRange    *ranges;
	int			room;
	int			count = 0;
	int64		result;
	QueueShared *qs;

	if (table == NULL)
		return 0;
	qs = shared_acquire(queue);
	room = qs->schedule_count;
	shared_release(qs);
	ranges = palloc_extended((room + 1) * sizeof(IdRange), MCXT_ALLOC_HUGE);
	qs = shared_acquire(queue);
	for (int i = 0; i < qs->schedule_count && count < room; i++)
		if (schedule_entries(qs)[i].due > now)
			ranges[count++] = schedule_entries(qs)[i].ids;
	shared_release(qs);

	for (int i = 0; i < count; i++)
	{
		StoreRow	row;
		StoreResult found;
		FullTransactionId xid;

		store_scan(table, ranges[i].lo, ranges[i].hi);
		while (store_next(table, &row, &found, &xid))
		{
			text	   *group;

			CHECK_FOR_INTERRUPTS();
			if (row.receive_count == 0 || row.visible_at <= now)
				continue;
			group = group_of_row(table);
			if (group != NULL)
				fifo_add_removed(&groups, group);
		}
	}
	result = groups != NULL ? groups->members : 0;
	store_close(table);
	return result;
}
