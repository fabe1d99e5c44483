/*-------------------------------------------------------------------------
 *
 * counters.c
 *		How many messages a queue holds, in which state, without looking.
 *
 * "stored" counts a queue's messages.  A message that is hidden until a time
 * is counted in a histogram too, under that time, as in flight or as delayed;
 * when the time passes it becomes visible without anybody doing anything, so
 * the histogram's sums are rolled forward to now whenever they are read:
 * visible = stored - in flight - delayed.  As all such times are multiples of
 * a tick (schedule.h), this is exact.
 *
 * Transactions note what they change and add it when they commit (xact.c).
 * Everything is linear, so the order of commits and of rolling is of no
 * consequence: a change under a time that was rolled already changes no sum.
 *
 * Where the counters are not known (after a restart, a purge, a prepared
 * transaction), the rows are counted.  The recount takes its snapshot while it
 * holds the queue's lock, sets everything to zero, and publishes the snapshot:
 * from then on a committing transaction counts its changes if and only if the
 * snapshot does not see them in the rows.  At the end the rows are added.  The
 * snapshot stays: a transaction may be visible to it a good while before its
 * callback runs.  What this transaction itself has written is not looked at,
 * its own commit will count it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/twophase.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/procarray.h"
#include "utils/snapmgr.h"

#include "census.h"
#include "counters.h"
#include "fair.h"
#include "histogram.h"
#include "rows.h"
#include "schedule.h"
#include "settings.h"
#include "stop.h"
#include "store.h"
#include "xid.h"

/*
 * How long a page of the histogram is kept for a transaction that may use it,
 * in microseconds: longer than most take
 */
#define RESERVED_TIME INT64CONST(10000000)

/* A table of up to so many pages is counted by who asks, not by the worker */
#define INLINE_RECOUNT_BLOCKS 256

/* Rows that a recount adds at a time */
#define RECOUNT_BATCH 1024

/* A snapshot that others can test transactions against */
typedef struct CounterSnapshot
{
	FullTransactionId xmin;
	FullTransactionId xmax;
	int			count;
	TransactionId xip[FLEXIBLE_ARRAY_MEMBER];
} CounterSnapshot;

/* What a recount has gathered and not added yet */
typedef struct Recount
{
	const Queue *queue;
	int			count;
	int64		stored;
	TimestampTz arrived;		/* see shared_note_arrival() */
	CounterKind kinds[RECOUNT_BATCH];
	TimestampTz times[RECOUNT_BATCH];
} Recount;

static int64 *
counters_sum(QueueShared *qs, CounterKind kind)
{
	return kind == COUNTER_IN_FLIGHT ? &qs->in_flight : &qs->delayed;
}

/*
 * Take off the sums what has become visible.
 */
static void
counters_roll(QueueShared *qs, TimestampTz now)
{
	int64		until = now / SCHEDULE_TICK;
	int64		tick = qs->watermark + 1;
	int64		passed[COUNTER_KINDS] = {0};

	if (until < tick)
		return;
	qs->watermark = until;

	/* after a long time all of it is past, and the ring was passed only once */
	if (until - tick >= HISTOGRAM_REACH)
	{
		histogram_free(qs);
		histogram_zero(qs);
		qs->in_flight = qs->delayed = 0;
		return;
	}
	histogram_roll(qs, tick, until, passed);
	qs->in_flight -= passed[COUNTER_IN_FLIGHT];
	qs->delayed -= passed[COUNTER_DELAYED];
}

/*
 * Messages in flight now, for the limit.  Of those that are counted coarsely
 * and may be visible already none is taken for in flight: a receive shall not
 * be refused because memory is short.
 */
int64
counters_in_flight(QueueShared *qs, TimestampTz now)
{
	counters_roll(qs, now);
	if (likely(qs->coarse_until <= qs->watermark))
		return qs->in_flight;
	return qs->in_flight -
		Max(*histogram_coarse(qs, COUNTER_IN_FLIGHT, qs->watermark), 0);
}

/*
 * Make room so that counters_add() for this time will be exact, if there is
 * memory.
 */
void
counters_reserve(QueueShared *qs, TimestampTz now, TimestampTz visible_at)
{
	int64		tick = visible_at / SCHEDULE_TICK;

	counters_roll(qs, now);
	if (tick > qs->watermark && tick - qs->watermark < HISTOGRAM_REACH)
	{
		histogram_reserve(qs, tick);
		qs->reserved_at = now;
	}
}

/*
 * Count n more messages that are not visible before visible_at.
 */
void
counters_add(QueueShared *qs, CounterKind kind, TimestampTz visible_at, int64 n)
{
	int64		tick = visible_at / SCHEDULE_TICK;
	int32	   *slot;

	if (n == 0 || tick <= qs->watermark)
		return;
	if (tick - qs->watermark >= HISTOGRAM_REACH)
	{
		qs->counted = false;
		return;
	}
	*counters_sum(qs, kind) += n;

	/* what is counted coarsely goes first, so that it is gone with the rest */
	if (n < 0 && qs->coarse_until > qs->watermark)
	{
		int32	   *coarse = histogram_coarse(qs, kind, tick);
		int64		taken = Max(Min(-n, *coarse), 0);

		*coarse -= taken;
		n += taken;
		if (n == 0)
			return;
	}
	slot = histogram_slot(qs, kind, tick);
	if (slot == NULL)
	{
		slot = histogram_coarse(qs, kind, tick);
		qs->coarse_until = Max(qs->coarse_until,
							   (tick / HISTOGRAM_COARSE_TICKS + 1) * HISTOGRAM_COARSE_TICKS - 1);
	}
	*slot += n;
}

/*
 * Whether the changes of a committing transaction have to be counted.
 */
bool
counters_wants(QueueShared *qs, FullTransactionId xid)
{
	CounterSnapshot *snapshot;

	if (!FullTransactionIdIsValid(xid))
		return true;

	/* it may have sent what a purge took since: that has to be counted out */
	if (FullTransactionIdPrecedes(xid, qs->purge_next))
		qs->counted = false;

	if (!DsaPointerIsValid(qs->recount_snapshot))
		return true;
	snapshot = histogram_address(qs->recount_snapshot);
	if (snapshot == NULL)
	{
		qs->counted = false;
		return false;
	}
	if (!FullTransactionIdPrecedes(xid, snapshot->xmax))
		return true;
	if (FullTransactionIdPrecedes(xid, snapshot->xmin))
		return false;
	for (int i = 0; i < snapshot->count; i++)
		if (TransactionIdEquals(XidFromFullTransactionId(xid), snapshot->xip[i]))
			return true;
	return false;
}

/*
 * Remember a prepared transaction that changed the queue.
 */
void
counters_prepared(QueueShared *qs, FullTransactionId xid)
{
	for (int i = 0; i < qs->prepared_count; i++)
		if (FullTransactionIdEquals(qs->prepared[i], xid))
			return;
	if (qs->prepared_count < SHARED_PREPARED_MAX)
		qs->prepared[qs->prepared_count++] = xid;
	else
		qs->counted = false;
}

/*
 * Whether the counters are known to be off.
 */
bool
counters_stale(QueueShared *qs)
{
	int			n = 0;

	for (int i = 0; i < qs->prepared_count; i++)
	{
		if (TransactionIdIsInProgress(XidFromFullTransactionId(qs->prepared[i])))
			qs->prepared[n++] = qs->prepared[i];
		else
			qs->counted = false;
	}
	qs->prepared_count = n;
	return !qs->counted;
}

/*
 * Set all counters to zero.
 */
static void
counters_zero(QueueShared *qs)
{
	histogram_zero(qs);
	qs->stored = qs->in_flight = qs->delayed = 0;
}

/*
 * All messages are gone; those of transactions still running may not be, so
 * the rows have to be counted.
 */
void
counters_purge(QueueShared *qs, int64 below)
{
	qs->purged_below = Max(qs->purged_below, below);
	counters_zero(qs);
	qs->counted = false;
	qs->purge_next = ReadNextFullTransactionId();
}

/*
 * Whether less than half of the memory that there may be is in use.
 */
static bool
counters_memory_is_plenty(void)
{
	return shared_allocated() < (uint64) setting_shared_memory_limit * 512;
}

/*
 * Of a queue that is idle: free the histogram if nothing is counted in it, and
 * have the rows counted if memory was short and is there again, or is needed no
 * longer.
 */
void
counters_trim(QueueShared *qs, TimestampTz now)
{
	counters_roll(qs, now);
	if (qs->stored == 0 && (qs->in_flight != 0 || qs->delayed != 0))
		qs->counted = false;
	if (qs->coarse_until > qs->watermark && qs->coarse_recount <= qs->watermark &&
		(qs->stored == 0 || counters_memory_is_plenty()))
	{
		qs->counted = false;
		qs->coarse_recount = qs->watermark + HISTOGRAM_COARSE_TICKS;
	}
	if (qs->in_flight == 0 && qs->delayed == 0 &&
		now >= qs->reserved_at + RESERVED_TIME)
		histogram_trim(qs);
}

/*
 * Bytes that the queue takes in shared memory.
 */
int64
counters_memory(QueueShared *qs)
{
	int64		bytes = sizeof(QueueShared) + qs->allocated;

	if (DsaPointerIsValid(qs->recount_snapshot))
	{
		const CounterSnapshot *snapshot = dsa_get_address(shared_area(), qs->recount_snapshot);

		bytes += offsetof(CounterSnapshot, xip) +
			snapshot->count * sizeof(TransactionId);
	}
	return bytes;
}

/*
 * Free all that the entry points to.
 */
void
counters_free(QueueShared *qs)
{
	histogram_free(qs);
	if (DsaPointerIsValid(qs->recount_snapshot))
		dsa_free(shared_area(), qs->recount_snapshot);
	qs->recount_snapshot = InvalidDsaPointer;
}

/*
 * Add to the counters what a recount has gathered.
 */
static void
counters_recount_flush(Recount *recount)
{
	QueueShared *qs = shared_acquire(recount->queue);
	TimestampTz now = GetCurrentTimestamp();

	if (qs->recounting)
	{
		qs->stored += recount->stored;
		shared_note_arrival(qs, recount->arrived);
		for (int i = 0; i < recount->count; i++)
		{
			counters_reserve(qs, now, recount->times[i]);
			counters_add(qs, recount->kinds[i], recount->times[i], 1);
		}
	}
	shared_release(qs);
	recount->stored = 0;
	recount->count = 0;
}

static void
counters_recount_row(const StoreRow *row, void *arg)
{
	Recount    *recount = arg;

	if (row->id < recount->queue->purged_below)
		return;
	recount->stored++;
	if ((row->stamp & MESSAGE_MOVED) != 0 &&
		(recount->arrived == 0 || row->sent_at < recount->arrived))
		recount->arrived = row->sent_at;
	recount->kinds[recount->count] =
		row->receive_count > 0 ? COUNTER_IN_FLIGHT : COUNTER_DELAYED;
	recount->times[recount->count] = schedule_visible_at(recount->queue, row);
	if (++recount->count == RECOUNT_BATCH)
		counters_recount_flush(recount);
}

/*
 * End a recount, as known or as failed.
 */
static void
counters_recount_end(const Queue *queue, bool counted)
{
	QueueShared *qs = shared_acquire(queue);

	if (qs->recounting)
	{
		/* something else may have made them stale meanwhile */
		qs->recounting = false;
		qs->counted = qs->counted && counted;
	}
	shared_release(qs);
}

static void
counters_recount_failed(int code, Datum arg)
{
	/* the error may have come while a lock was held that is needed here */
	LWLockReleaseAll();
	counters_recount_end((Queue *) DatumGetPointer(arg), false);
}

/*
 * Make the latest snapshot active, but blind to what this transaction has
 * written: whose own notes are counted when it commits.
 */
static Snapshot
counters_push_snapshot(void)
{
	PushCopiedSnapshot(GetLatestSnapshot());
	GetActiveSnapshot()->curcid = FirstCommandId;
	return GetActiveSnapshot();
}

/*
 * Remember the prepared transactions that a snapshot takes for running: when
 * they end, which we won't be told, the rows have to be counted again.
 */
static void
counters_note_prepared(QueueShared *qs, const CounterSnapshot *snapshot)
{
	if (max_prepared_xacts == 0)
		return;
	for (int i = 0; i < snapshot->count; i++)
	{
		if (BackendXidGetPid(snapshot->xip[i]) == 0)
			counters_prepared(qs, xid_full(snapshot->xip[i]));
	}
}

/*
 * Whether what the caller knows of the queue is not enough to count its rows: it
 * has been purged since, or other segments are in use.  Lock held.
 */
static bool
counters_outdated(const Queue *queue, const StoreTable *table, QueueShared *qs)
{
	return queue->purged_below < qs->purged_below || store_stale(table, qs);
}

/*
 * Publish the latest snapshot and set the counters to zero, in one step.
 * Returns false if there is nothing to do, or no memory to do it.
 */
static bool
counters_recount_begin(const Queue *queue, const StoreTable *table)
{
	TransactionId own = GetTopTransactionIdIfAny();
	QueueShared *qs = shared_acquire(queue);
	Snapshot	snapshot;
	CounterSnapshot *copy;
	dsa_pointer at;

	if (!counters_stale(qs) || qs->recounting || counters_outdated(queue, table, qs))
	{
		shared_release(qs);
		return false;
	}
	snapshot = counters_push_snapshot();
	at = dsa_allocate_extended(shared_area(), offsetof(CounterSnapshot, xip) +
							   (snapshot->xcnt + 1) * sizeof(TransactionId),
							   DSA_ALLOC_NO_OOM);
	if (!DsaPointerIsValid(at))
	{
		shared_release(qs);
		PopActiveSnapshot();
		return false;
	}
	copy = dsa_get_address(shared_area(), at);
	copy->xmin = xid_full(snapshot->xmin);
	copy->xmax = xid_full(snapshot->xmax);
	copy->count = snapshot->xcnt;
	memcpy(copy->xip, snapshot->xip, copy->count * sizeof(TransactionId));
	if (DsaPointerIsValid(qs->recount_snapshot))
		dsa_free(shared_area(), qs->recount_snapshot);
	qs->counted = true;			/* unless something comes between */
	counters_note_prepared(qs, copy);

	/* a snapshot does not list its own transaction, whose commit is to count */
	if (TransactionIdIsValid(own))
		copy->xip[copy->count++] = own;
	qs->recount_snapshot = at;
	qs->recounting = true;
	counters_roll(qs, GetCurrentTimestamp());
	counters_zero(qs);
	shared_release(qs);
	return true;
}

/*
 * Count the rows, if that is needed and nobody is at it.
 *
 * The tables are opened before the snapshot is taken: so none of them can be
 * truncated any more of which the snapshot sees rows.  If others have come into
 * use by then, somebody else will have to count.
 */
void
counters_recount(const Queue *queue, BlockNumber limit)
{
	StoreTable *table = store_try_open(queue);
	Queue		newer = *queue;
	Recount		recount;

	if (table == NULL)
		return;
	if (census_blocks(table) <= limit && counters_recount_begin(queue, table))
	{
		stop_point("recount_scan");
		PG_ENSURE_ERROR_CLEANUP(counters_recount_failed, PointerGetDatum(queue));
		{
			/*
			 * what made the counters stale may be more than the caller knows:
			 * a change of a FIFO queue's delay, or a purge that was prepared
			 */
			(void) catalog_reload(&newer);
			recount.queue = &newer;
			recount.count = 0;
			recount.stored = 0;
			recount.arrived = 0;
			census_each(table, GetActiveSnapshot(), counters_recount_row, &recount);
			counters_recount_flush(&recount);
		}
		PG_END_ENSURE_ERROR_CLEANUP(counters_recount_failed, PointerGetDatum(queue));
		PopActiveSnapshot();
		counters_recount_end(queue, true);
	}
	store_close(table);
}

typedef struct CountedRows
{
	const Queue *queue;
	TimestampTz now;
	QueueStatus *status;
} CountedRows;

static void
counters_count_row(const StoreRow *row, void *arg)
{
	CountedRows *counted = arg;
	QueueStatus *status = counted->status;

	if (row->id < counted->queue->purged_below)
		return;
	if (schedule_visible_at(counted->queue, row) <= counted->now)
		status->visible++;
	else if (row->receive_count > 0)
		status->in_flight++;
	else
		status->delayed++;
}

/*
 * Count the rows of a queue of up to so many pages as this transaction sees
 * them: on a standby no memory tells what the primary knows.
 */
static void
counters_read_rows(const Queue *queue, QueueStatus *status, TimestampTz now,
				   BlockNumber limit)
{
	CountedRows counted;
	StoreTable *table = store_try_open(queue);

	counted.queue = queue;
	counted.now = now;
	counted.status = status;
	if (table == NULL)
		return;
	if (census_blocks(table) <= limit)
	{
		status->visible = status->in_flight = status->delayed = 0;
		PushActiveSnapshot(GetLatestSnapshot());
		census_each(table, GetActiveSnapshot(), counters_count_row, &counted);
		PopActiveSnapshot();
	}
	store_close(table);
}

/*
 * Compare the counters with the rows, as of one moment.  Returns false if the
 * counters are not known to be right at this moment.
 */
bool
counters_audit(const Queue *queue, QueueStatus *said, QueueStatus *counted)
{
	StoreTable *table = store_try_open(queue);
	CountedRows rows;
	QueueShared *qs;
	TimestampTz now = GetCurrentTimestamp();
	bool		known;

	memset(said, 0, sizeof(QueueStatus));
	memset(counted, 0, sizeof(QueueStatus));
	if (table == NULL)
		return false;
	qs = shared_acquire(queue);
	known = !counters_stale(qs) && !qs->recounting && qs->prepared_count == 0 &&
		!counters_outdated(queue, table, qs);
	if (known)
	{
		counters_roll(qs, now);
		known = qs->coarse_until <= qs->watermark;
	}
	if (known)
	{
		said->in_flight = qs->in_flight;
		said->delayed = qs->delayed;
		said->visible = qs->stored - qs->in_flight - qs->delayed;
		(void) counters_push_snapshot();
	}
	shared_release(qs);
	if (known)
	{
		rows.queue = queue;
		rows.now = now;
		rows.status = counted;
		census_each(table, GetActiveSnapshot(), counters_count_row, &rows);
		PopActiveSnapshot();
	}
	store_close(table);
	return known;
}

/*
 * Counters and totals of a queue, now.
 */
void
counters_read(const Queue *queue, QueueStatus *status)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz oldest;
	int64		low = 0;
	int64		passed;
	bool		recounting;

	memset(status, 0, sizeof(QueueStatus));
	status->oldest_age = -1;
	if (!OidIsValid(queue->relid))
		return;

	if (RecoveryInProgress())
		counters_read_rows(queue, status, now, MaxBlockNumber);
	else
	{
		QueueShared *qs = shared_acquire(queue);

		if (counters_stale(qs) && !qs->recounting && !IsolationIsSerializable())
		{
			shared_release(qs);
			counters_recount(queue, INLINE_RECOUNT_BLOCKS);
			qs = shared_acquire(queue);
		}
		counters_roll(qs, now);
		status->in_flight = Max(qs->in_flight, 0);
		status->delayed = Max(qs->delayed, 0);
		status->visible = Max(qs->stored - qs->in_flight - qs->delayed, 0);
		status->sent = qs->sent;
		status->received = qs->received;
		status->deleted = qs->deleted;
		status->empty_receives = qs->empty_receives;
		status->sent_bytes = qs->sent_bytes;
		status->deduplicated = qs->deduplicated;
		status->reset_at = qs->reset_at;
		status->noisy = fair_noisy_count(qs, now);
		low = qs->low;
		recounting = qs->recounting;
		shared_release(qs);

		/* another session is just counting, and has a part only */
		if (recounting && !IsolationIsSerializable())
			counters_read_rows(queue, status, now, INLINE_RECOUNT_BLOCKS);
	}

	passed = Max(low, queue->purged_below);
	oldest = rows_oldest(queue, now - (int64) queue->message_retention_period * USECS_PER_SEC,
						 &passed);
	if (oldest != DT_NOEND)
		status->oldest_age = Max(now - oldest, 0) / USECS_PER_SEC;
	if (!RecoveryInProgress() && passed > low)
	{
		QueueShared *qs = shared_acquire(queue);

		if (qs->low == low)
			qs->low = passed;
		shared_release(qs);
	}
}

/*
 * How many messages are visible, without a look at any row.
 */
int64
counters_visible(const Queue *queue)
{
	QueueShared *qs = shared_acquire(queue);
	int64		visible;

	counters_roll(qs, GetCurrentTimestamp());
	visible = qs->stored - qs->in_flight - qs->delayed;
	shared_release(qs);
	return Max(visible, 0);
}
