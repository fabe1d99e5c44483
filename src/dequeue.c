/*-------------------------------------------------------------------------
 *
 * dequeue.c
 *		Finding receivable messages and taking them.
 *
 * A receive takes a range of ids from the schedule, due ones before fresh
 * ones, and visits the rows in it.  What it takes is its own: no other
 * receiver looks at those ids meanwhile, so a hundred of them do not tread on
 * each other.  Each row met is either handed out, or remembered for later
 * under the time it becomes visible or the transaction that is at work on it,
 * or, if it has expired, for a good while later, or it was purged and no longer
 * counts.  What is left over of the range goes back.
 *
 * The range, unless it is a wide one, is entered in the schedule under its new
 * visibility time already when it is taken, with the same lock, so that a
 * receive that finds what it expects needs the lock only once.  A receive that
 * meets rows which are not due goes through a range that was merged; it enters
 * only what it hands out from then on, or such a range, entered as a whole,
 * would be looked at in vain again and again.  An error in
 * between undoes nothing here: the note that the ids were taken makes the abort
 * give them all back.
 *
 * A message that has been received as often as the queue's RedrivePolicy allows
 * is not handed out, but moved to the dead-letter queue, in this transaction;
 * where that cannot be done at once, it is handed out all the same.
 *
 * A message that has been received three times and is due again stands back:
 * where there is anything else, it is put at the end of those that do, and looked
 * at when its turn has come or nothing else is left.
 *
 * A message of a standard queue whose tenant is noisy is put aside (fair.c), and
 * comes when nothing else is left.
 *
 * The worker may move rows to a segment that has come into use since the queue
 * was looked up.  So after a range was scanned it is seen whether there is such
 * a segment; if so, the range is scanned once more, with all of them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "counters.h"
#include "dequeue.h"
#include "fair.h"
#include "fifo.h"
#include "rows.h"
#include "schedule.h"
#include "settings.h"
#include "stop.h"
#include "store.h"
#include "take.h"
#include "transfer.h"
#include "wake.h"
#include "xact.h"

/*
 * Ids taken at a time: as many as messages are wanted, twice as many after a
 * range of the same kind that brought too few, but no more than this
 */
#define CHUNK_MAX 1024

/* Ranges without any row after which the index says where rows begin */
#define MISSES_MAX 2

/* When to look again at a message that has expired and is still stored */
#define EXPIRED_RETRY (60 * USECS_PER_SEC)

/*
 * Messages that a receive has stand back; when it has met so many of them, it
 * looks for fresh ones before it goes on with those that are due
 */
#define LATE_MAX 256

/*
 * Messages of noisy tenants that a receive puts aside before it takes what there
 * is of them: so long, and no longer, it looks for other tenants' messages
 */
#define ASIDE_MAX 2048

/*
 * Put aside what was found to be a noisy tenant's.  If it is that no longer, it
 * is due, and this receive may take it.
 */
static void
dequeue_put_aside(Dequeue *dq, QueueShared *qs, const Deferred *deferred)
{
	if (fair_put_aside(qs, deferred->aside, dq->now, deferred->ids.lo, deferred->ids.hi))
		return;
	for (int i = 0; i < dq->noisy_count; i++)
		if (dq->noisy[i] == deferred->aside)
			dq->noisy[i--] = dq->noisy[--dq->noisy_count];
	schedule_add(qs, dq->now, deferred->ids.lo, deferred->ids.hi);
}

/*
 * Register what was deferred.  Ranges that are due now wait for the end of the
 * call, or it would take them again and again.  What a probe found it puts
 * back quietly: it was woken for that, and will receive it.
 */
static void
dequeue_register(Dequeue *dq, QueueShared *qs, bool last)
{
	int			n = 0;

	for (int i = 0; i < dq->deferred_count; i++)
	{
		Deferred   *deferred = &dq->deferred[i];

		if (FullTransactionIdIsValid(deferred->xid))
			schedule_pend(qs, deferred->xid, deferred->ids.lo, deferred->ids.hi);
		else if (TIMESTAMP_IS_NOBEGIN(deferred->due))
			schedule_add_late(qs, deferred->ids.lo, deferred->ids.hi);
		else if (deferred->aside != 0)
			dequeue_put_aside(dq, qs, deferred);
		else if (last && dq->mode == DEQUEUE_PROBE && deferred->due <= dq->now)
			schedule_return(qs, deferred->ids.lo, deferred->ids.hi);
		else if (last || deferred->due > dq->now)
			schedule_add(qs, deferred->due, deferred->ids.lo, deferred->ids.hi);
		else
			dq->deferred[n++] = *deferred;
	}
	dq->deferred_count = n;
}

/*
 * Whether a message that is due has to stand back.  Not where order counts, nor
 * in a fresh range: after a restart, that may be all there is.
 */
static bool
dequeue_stands_back(Dequeue *dq, const StoreRow *row)
{
	if (dq->fresh || dq->late || dq->alone || dq->lane != 0 || dq->queue.fifo ||
		row->receive_count >= dq->dead_count || dq->late_count >= LATE_MAX)
		return false;
	dq->late_count++;
	return true;
}

/*
 * Whether a message that is due comes after those of other tenants: unless it
 * is their turn, or a good deal was put aside in vain.
 */
static bool
dequeue_puts_aside(Dequeue *dq, const StoreRow *row)
{
	text	   *group;
	Tenant		tenant;

	if (dq->aside_count >= ASIDE_MAX)
		return false;
	group = group_of_row(dq->table);
	if (group == NULL)
		return false;
	tenant = fair_tenant(group);
	pfree(group);
	if (tenant == dq->lane)
		return false;
	for (int i = 0; i < dq->noisy_count; i++)
	{
		if (dq->noisy[i] == tenant)
		{
			dq->aside_count++;
			take_put_aside(dq, tenant, row->id);
			return true;
		}
	}
	return false;
}

/*
 * Of a range that was visited up to an id in the segments so far, cut what the
 * later ones have nothing of: or who comes next meets all of it again.
 */
static void
dequeue_skip_gap(Dequeue *dq, IdRange *ids, int64 visited)
{
	int64		next = visited + 1;
	StoreRow	row;
	StoreResult result;
	FullTransactionId xid;

	while (store_next_segment(dq->table) && store_next(dq->table, &row, &result, &xid))
		next = Min(next, row.id);
	ids->lo = Max(ids->lo, next);
}

/*
 * Visit the rows of a range, until enough are found.  Returns how many rows
 * were met, and cuts from *ids what was visited in all segments.
 */
static int
dequeue_scan_segments(Dequeue *dq, IdRange *ids)
{
	StoreRow	row;
	StoreResult result;
	FullTransactionId xid;
	TimestampTz visible_at;
	int64		visited = ids->lo - 1;
	int			met = 0;

	store_scan(dq->table, ids->lo, ids->hi);
	while (dq->found < dq->max && store_next(dq->table, &row, &result, &xid))
	{
		CHECK_FOR_INTERRUPTS();
		met++;
		visited = row.id;

		/*
		 * what was not met up to here may be in a later segment, if there is
		 * one
		 */
		if (store_at_newest(dq->table) || row.id == ids->lo)
			ids->lo = row.id + 1;
		if (row.id < dq->queue.purged_below)
			continue;
		if (dq->fresh)
			dq->fresh_sent = row.sent_at;
		if (row.sent_at <= dq->expired)
			/* a longer retention may bring it back; mostly it is soon gone */
			take_defer(dq, InvalidFullTransactionId, dq->now + EXPIRED_RETRY, row.id);
		else if (result != STORE_OK)
			take_defer_busy(dq, xid, row.id);
		else if ((visible_at = schedule_visible_at(&dq->queue, &row)) > dq->now)
		{
			dq->vain = true;
			dq->due = Min(dq->due, visible_at);
			take_defer(dq, InvalidFullTransactionId, visible_at, row.id);
		}
		else if (dq->queue.fifo)
			fifo_visit(dq, row.id);
		else if (unlikely(dq->noisy_count > 0) && dequeue_puts_aside(dq, &row))
			continue;
		else if (unlikely(MESSAGE_IS_POISON(&row)) && dequeue_stands_back(dq, &row))
			take_defer(dq, InvalidFullTransactionId, DT_NOBEGIN, row.id);
		else if (take_row(dq, &row) == TAKE_HANDED_OUT)
			dq->found++;
	}
	if (dq->found < dq->max)
		ids->lo = ids->hi;
	else
		dequeue_skip_gap(dq, ids, visited);
	return met;
}

/*
 * The same, once more for as long as segments come into use meanwhile.  What
 * was handed out is not met again; what was deferred is deferred twice.
 */
static int
dequeue_scan(Dequeue *dq, IdRange *ids)
{
	const IdRange all = *ids;
	int			met;

	dq->range = all;
	stop_point("receive_scan");
	met = dequeue_scan_segments(dq, ids);
	while (store_stale(dq->table, dq->qs))
	{
		CHECK_FOR_INTERRUPTS();
		dq->table = store_reopen(dq->table, &dq->queue);
		*ids = all;
		fifo_again(dq);
		if (dq->found < dq->max)
			met += dequeue_scan_segments(dq, ids);
	}
	return met;
}

/*
 * A range was taken: note it, and enter it if it is not a wide one.  Releases the
 * queue's lock.
 */
static void
dequeue_taken(Dequeue *dq, QueueShared *qs, const IdRange *ids)
{
	xact_note_taken(qs, dq->queue.relid, ids->lo, ids->hi);
	dq->registered = dq->timed && !dq->vain && !dq->queue.fifo &&
		dq->noisy_count == 0 &&
		ids->hi - ids->lo <= Max(dq->max, CHUNK_MAX);
	if (dq->registered)
		schedule_add(qs, dq->visible_at, ids->lo, ids->hi);
	if (dq->timed)
		counters_reserve(qs, dq->now, dq->visible_at);
	if (dq->mode != DEQUEUE_PROBE)
		wake_hand_on(qs, dq->now);
	shared_release(qs);
}

/*
 * Take a range that has to stand back when there is nothing else, or what is due
 * and was not looked at because of too many of those.
 */
static bool
dequeue_take_late(Dequeue *dq, IdRange *ids)
{
	QueueShared *qs;

	if (dq->queue.fifo)
		return false;
	xact_reserve(1);
	qs = shared_acquire(&dq->queue);
	dequeue_register(dq, qs, false);
	dq->fresh = false;
	dq->late = schedule_take_late(qs, dq->due_count, true, ids);
	if (dq->late ||
		(dq->late_count >= LATE_MAX &&
		 schedule_take_due(qs, dq->now, dq->due_count, ids)))
	{
		dequeue_taken(dq, qs, ids);
		return true;
	}
	shared_release(qs);
	return false;
}

/*
 * Take the next range, or return false if nothing is left to look at.
 */
static bool
dequeue_take(Dequeue *dq, int misses, IdRange *ids)
{
	int64		next = 0;

	for (;;)
	{
		QueueShared *qs;
		int64		head;
		uint64		commits;
		int64		count;
		bool		more;
		bool		fresh_first;

		xact_reserve(1);
		qs = shared_acquire(&dq->queue);
		dequeue_register(dq, qs, false);
		head = qs->head;
		commits = qs->commits;
		more = !qs->tail_known || head < qs->tail;

		/* of a FIFO queue's groups, the one that waits longest is the next */
		schedule_met_fresh(qs, dq->fresh_sent);
		fresh_first = dq->queue.fifo && schedule_fresh_first(qs);

		/* ids that are gone are passed by the index faster than by us */
		count = misses < MISSES_MAX ? dq->due_count : PG_INT64_MAX;
		dq->late = false;
		dq->fresh = fresh_first ||
			!(dq->late_count < LATE_MAX &&
			  schedule_take_due(qs, dq->now, count, ids));
		if (dq->fresh && schedule_take_late(qs, count, false, ids))
		{
			dq->fresh = false;
			dq->late = true;
		}
		if (!dq->fresh ||
			((next != 0 || misses < MISSES_MAX) &&
			 schedule_take_fresh(qs, Max(dq->fresh_count, dq->max - dq->found),
								 next, ids)))
		{
			dq->alone = !more && ids->hi - ids->lo == 1 && !schedule_ready(qs, dq->now);
			dequeue_taken(dq, qs, ids);
			return true;
		}
		shared_release(qs);
		if (!more)
			return false;

		/* ids were given that no row has, or it isn't known how far they go */
		next = rows_next_id(dq->table, head);
		if (store_stale(dq->table, dq->qs))
		{
			CHECK_FOR_INTERRUPTS();
			dq->table = store_reopen(dq->table, &dq->queue);
			next = 0;
			continue;
		}
		if (next == 0)
		{
			bool		done;

			qs = shared_acquire(&dq->queue);
			if (qs->tail_known)
			{
				/* nothing but gaps; still, they have to be passed properly */
				next = qs->tail;
				done = qs->head >= qs->tail;
			}
			else
			{
				/* nobody committed since we looked, so there was no more */
				done = qs->commits == commits && qs->head == head;
				if (done)
				{
					qs->tail = head;
					qs->tail_known = true;
				}
			}
			shared_release(qs);
			/* what is due may have been left for later than what is fresh */
			if (done && !fresh_first)
				return false;
		}
	}
}

/*
 * Take a range that was put aside.
 */
static bool
dequeue_take_aside(Dequeue *dq, IdRange *ids)
{
	QueueShared *qs;

	if (dq->queue.fifo || (dq->noisy_count == 0 && dq->qs->aside_count == 0))
		return false;
	xact_reserve(1);
	qs = shared_acquire(&dq->queue);
	dequeue_register(dq, qs, false);
	if (!fair_take(qs, dq->due_count, ids, &dq->lane))
	{
		dq->lane = 0;
		shared_release(qs);
		return false;
	}
	dq->fresh = dq->late = false;
	dequeue_taken(dq, qs, ids);
	return true;
}

/*
 * Take the next range: what is due or fresh, then what was put aside, then what
 * stands back.  Who has put enough aside goes on with that, and only if it is
 * nothing after all with the rest.
 */
static bool
dequeue_next(Dequeue *dq, int misses, IdRange *ids)
{
	dq->lane = 0;
	if (dq->aside_count < ASIDE_MAX && dequeue_take(dq, misses, ids))
		return true;
	if (dequeue_take_aside(dq, ids))
		return true;
	if (dq->aside_count >= ASIDE_MAX)
	{
		dq->aside_count = 0;
		if (dequeue_take(dq, misses, ids))
			return true;
	}
	return dequeue_take_late(dq, ids);
}

/*
 * Whether, and how many, messages may be in flight in addition.
 */
static int
dequeue_limit(Dequeue *dq)
{
	QueueShared *qs = dq->qs = shared_acquire(&dq->queue);
	int64		room = PG_INT64_MAX;

	schedule_look(qs, dq->now);
	if (dq->mode == DEQUEUE_RECEIVE)
		room = setting_in_flight_limit - counters_in_flight(qs, dq->now);
	if (DsaPointerIsValid(qs->fair) && dq->mode != DEQUEUE_PROBE)
		dq->noisy_count = fair_noisy(qs, dq->now, dq->noisy);
	shared_release(qs);
	return (int) Max(0, Min((int64) dq->max, room));
}

/*
 * How many ids to take after a range that brought too few.
 *
 * Of due ids many may be gone.  Of fresh ones few are, and while we hold more
 * than we hand out, others may find none.
 */
static void
dequeue_take_more(Dequeue *dq)
{
	int64	   *count = dq->fresh ? &dq->fresh_count : &dq->due_count;

	*count = Min(2 * *count, CHUNK_MAX);
}

/*
 * Set what depends on the time.
 */
static void
dequeue_set_time(Dequeue *dq)
{
	dq->now = GetCurrentTimestamp();
	dq->due = DT_NOEND;
	dq->visible_at = schedule_time(dq->now, dq->visibility_timeout);
	dq->expired = dq->now -
		(int64) dq->queue.message_retention_period * USECS_PER_SEC;
}

/*
 * Look at groups of a FIFO queue that go on for this transaction only, because it
 * has removed messages of them or shown them again.  Others are told at its
 * commit, or wait for its end.
 */
static void
dequeue_own(Dequeue *dq)
{
	IdRange    *ranges;
	int			count;
	QueueShared *qs;

	if (!TransactionIdIsValid(GetTopTransactionIdIfAny()))
		return;
	ranges = palloc(SHARED_PENDING_MAX * sizeof(IdRange));
	qs = shared_acquire(&dq->queue);
	count = schedule_own(qs, ranges);
	shared_release(qs);
	count = xact_ready_ids(dq->qs, &ranges, count);

	dq->fresh = false;
	for (int i = 0; i < count && dq->found < dq->max; i++)
	{
		xact_reserve(1);
		xact_note_taken(dq->qs, dq->queue.relid, ranges[i].lo, ranges[i].hi);
		(void) dequeue_scan(dq, &ranges[i]);
	}
	pfree(ranges);
}

/*
 * Under which time what is left of a range goes back.  In a FIFO queue, what is
 * left of a fresh one comes before the groups that have been served, and before
 * what is still fresh.
 */
static TimestampTz
dequeue_rest_due(const Dequeue *dq)
{
	if (dq->queue.fifo && dq->fresh && !TIMESTAMP_IS_NOBEGIN(dq->fresh_sent))
		return dq->fresh_sent - 1;
	return dq->now;
}

/*
 * Say that messages could not be decrypted.  That is an error only if it undoes
 * nothing: neither what was handed out or moved, nor that a damaged message was
 * received once more; nor, if there are many, that the next call begins behind
 * them.
 */
static void
dequeue_report(const Dequeue *dq)
{
	bool		done = dq->found > 0 || dq->moved > 0 || dq->hidden > 0 ||
	dq->unreadable >= TAKE_UNREADABLE_MAX;

	body_report(done ? WARNING : ERROR, &dq->problem);
}

/*
 * Take up to max messages that are receivable now.
 */
int
dequeue_messages(const Queue *queue, DequeueMode mode, int max,
				 int visibility_timeout, DequeueResult result, void *arg,
				 BodyProblem *problem)
{
	Dequeue		dq;
	IdRange		ids;
	int			misses = 0;
	QueueShared *qs;

	memset(&dq, 0, sizeof(dq));
	dq.queue = *queue;
	dq.mode = mode;
	dq.max = max;
	dq.timed = mode == DEQUEUE_RECEIVE && visibility_timeout > 0;
	dq.visibility_timeout = visibility_timeout;
	dq.dead_count = queue->max_receive_count > 0 ? queue->max_receive_count : PG_INT32_MAX;
	dequeue_set_time(&dq);
	dq.result = result;
	dq.arg = arg;
	stop_point("receive_open");
	dq.table = store_open(queue, mode != DEQUEUE_PROBE);
	dq.max = dequeue_limit(&dq);
	if (dq.max == 0)
	{
		store_close(dq.table);
		return DEQUEUE_OVER_LIMIT;
	}

	dq.row_context = AllocSetContextCreate(CurrentMemoryContext, "queue message",
										   ALLOCSET_SMALL_SIZES);
	dq.fresh_sent = DT_NOBEGIN;
	ids.lo = ids.hi = 0;
	dq.due_count = dq.max;
	dq.fresh_count = 1;
	if (queue->fifo)
		dequeue_own(&dq);
	for (;;)
	{
		while (dq.found < dq.max &&
			   dequeue_next(&dq, misses, &ids))
		{
			CHECK_FOR_INTERRUPTS();
			if (dequeue_scan(&dq, &ids) > 0)
				misses = 0;
			else
				misses++;
			dequeue_take_more(&dq);
		}

		/* we may have been held up until what was too new is due */
		if (dq.found > 0 || GetCurrentTimestamp() < dq.due)
			break;
		dequeue_set_time(&dq);
		fifo_again(&dq);
	}
	if (queue->fifo)
		fifo_end(&dq);
	store_close(dq.table);
	MemoryContextDelete(dq.row_context);
	if (dq.dead != NULL && transfer_end(dq.dead) > 0)
		CommandCounterIncrement();

	if (problem != NULL)
		*problem = dq.problem;
	else if (unlikely(dq.unreadable > 0))
		dequeue_report(&dq);

	if (dq.deferred_count > 0 || ids.lo < ids.hi || dq.noisy_count > 0 || dq.tenants)
	{
		qs = shared_acquire(queue);
		schedule_met_fresh(qs, dq.fresh_sent);
		dequeue_register(&dq, qs, true);
		if (ids.lo < ids.hi && mode == DEQUEUE_PROBE)
			schedule_return(qs, ids.lo, ids.hi);
		else if (ids.lo < ids.hi)
			schedule_add(qs, dequeue_rest_due(&dq), ids.lo, ids.hi);
		if (dq.tenants)
			fair_reserve(qs);
		if (dq.noisy_count > 0 && dq.found < dq.max)
			fair_drained(qs);
		if (dq.found > 0 && mode == DEQUEUE_PROBE)
			wake_claim(qs, dq.now);
		else if (mode != DEQUEUE_PROBE && (dq.late_count > 0 || dq.aside_count > 0))
			/* who looked meanwhile has not seen what stood back or aside */
			wake_hand_on(qs, dq.now);
		shared_release(qs);
	}
	if (dq.deferred)
		pfree(dq.deferred);

	if (dq.found + dq.hidden > 0 && mode != DEQUEUE_PROBE)
	{
		qs = dq.qs;
		xact_note_received(qs, queue->relid, dq.found + dq.hidden);
		if (mode == DEQUEUE_POP)
			xact_note_deleted(qs, queue->relid, dq.found, dq.found);
		else if (dq.timed)
			xact_note_hidden(qs, queue->relid, COUNTER_IN_FLIGHT, dq.visible_at,
							 dq.found + dq.hidden);
		else
			xact_note_shown(qs, queue->relid, dq.found + dq.hidden);
		CommandCounterIncrement();
	}
	return dq.found == 0 && dq.moved > 0 ? DEQUEUE_MOVED : dq.found;
}
