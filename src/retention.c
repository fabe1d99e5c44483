/*-------------------------------------------------------------------------
 *
 * retention.c
 *		The worker's rounds: what has outlived its time is removed.
 *
 * A round visits each queue of a database: it deletes messages that have
 * expired or were purged, in small batches, each in a transaction of its own;
 * counts the rows again where the counters are off; and drops the tables of
 * deleted queues as soon as nobody uses them.  Nothing of this is urgent: a
 * receive ignores what the worker has yet to remove.  So it waits for nobody,
 * and may be killed at any moment.
 *
 * Expired messages are at the front of each segment's index.  So as not to walk
 * over what earlier rounds deleted, a round begins at "swept".  A round that
 * finds no row below some id, in any segment, moves it there, but one round
 * later: a sender that was given a smaller id may have been about to insert its
 * row.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "catalog/pg_type_d.h"
#include "catalog.h"
#include "counters.h"
#include "datakey.h"
#include "fair.h"
#include "fifo.h"
#include "group.h"
#include "message.h"
#include "mover.h"
#include "piece.h"
#include "records.h"
#include "report.h"
#include "retention.h"
#include "rotation.h"
#include "rows.h"
#include "schedule.h"
#include "segment.h"
#include "settings.h"
#include "store.h"
#include "tally.h"
#include "xact.h"

QUEUE_FUNCTION(queue_sweep);

/* Rows deleted in a transaction */
#define SWEEP_BATCH 1000

/* Steps of rotation of a queue in a round */
#define STEPS_MAX 10000

/* Rows in a row that have not expired after which a round gives up */
#define SWEEP_PATIENCE 64

/*
 * Pause between two sweeps that look at all rows of a queue, and how many times
 * as long as the sweep it is at least, in microseconds
 */
#define SWEEP_ALL_PAUSE INT64CONST(10000000)
#define SWEEP_ALL_PART 20

/* Rounds after which everything is looked at again: an hour by default */
#define SWEEPS_FULL 720

/* Longest pause after failures, in microseconds */
#define RETRY_MAX (3600 * USECS_PER_SEC)

/* What a round has found so far in a queue's segments */
typedef struct Sweep
{
	int64		from;			/* where the next batch in this segment begins */
	int64		first_kept;		/* the smallest id of a row that stays */
	TimestampTz oldest;			/* when the oldest of these was sent */
	bool		purge_done;		/* no purged row stays */
	bool		all;			/* look at all rows ... */
	TimestampTz begun;
	int64		arrivals;		/* ... as so many came from other queues */
	TimestampTz arrived_oldest; /* when the oldest of those that stay was sent */
} Sweep;

/*
 * Delete a batch of expired and purged messages of one segment, with ids >=
 * sweep->from.  Returns whether there may be more.
 */
static bool
retention_delete_batch(Queue *queue, int segment, Sweep *sweep)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz expired = now - queue->message_retention_period * USECS_PER_SEC;
	StoreTable *table;
	QueueShared *qs;
	StoreRow	row;
	StoreResult result;
	FullTransactionId xid;
	FifoGroups *groups = NULL;
	bool		any_kept = false;
	int			deleted = 0;
	int			kept = 0;
	int64		swept;

	qs = shared_acquire(queue);
	swept = qs->swept;
	shared_release(qs);

	table = store_open_one(queue, catalog_segment(queue->queue_id, segment), true);
	if (table == NULL)
		return false;
	store_scan(table, Max(swept, sweep->from), PG_INT64_MAX);
	while (deleted < SWEEP_BATCH && (kept < SWEEP_PATIENCE || sweep->all) &&
		   store_next(table, &row, &result, &xid))
	{
		bool		purged = row.id < queue->purged_below;
		text	   *group = NULL;

		CHECK_FOR_INTERRUPTS();
		if (queue->fifo && (purged || row.sent_at <= expired))
			group = group_of_row(table);
		if (result == STORE_OK && (purged || row.sent_at <= expired) &&
			store_delete(table, &xid) == STORE_OK)
		{
			deleted++;
			kept = 0;
			if (group != NULL)
				fifo_add_removed(&groups, group);
			if (!any_kept || sweep->all)
				sweep->from = row.id + 1;
			/* a purge has set the counters already */
			if (purged)
				continue;
			xact_note_deleted(qs, queue->relid, 1, 0);
			if (row.visible_at > now)
				xact_note_hidden(qs, queue->relid,
								 row.receive_count > 0 ? COUNTER_IN_FLIGHT : COUNTER_DELAYED,
								 row.visible_at, -1);
		}
		else
		{
			any_kept = true;
			sweep->first_kept = Min(sweep->first_kept, row.id);
			sweep->oldest = Min(sweep->oldest, row.sent_at);
			if ((row.stamp & MESSAGE_MOVED) != 0 &&
				(sweep->arrived_oldest == 0 || row.sent_at < sweep->arrived_oldest))
				sweep->arrived_oldest = row.sent_at;
			if (purged)
				sweep->purge_done = false;
			else
				kept++;
		}
	}
	store_close(table);
	if (groups != NULL)
	{
		table = store_open(queue, true);
		fifo_removed(groups, queue, &table, qs);
		store_close(table);
	}
	return deleted == SWEEP_BATCH;
}

/*
 * Whether messages that came from other queues may have expired.  They have no
 * order among the others, so all rows have to be looked at; where there are
 * many, not all the time.  Lock held.
 */
static bool
retention_arrivals_due(const Queue *queue, QueueShared *qs, TimestampTz now)
{
	return qs->arrived_oldest != 0 && now >= qs->sweep_all_at &&
		now >= qs->arrived_oldest + queue->message_retention_period * USECS_PER_SEC;
}

/*
 * Begin to look at a queue.
 */
static void
retention_begin_sweep(const Queue *queue, Sweep *sweep)
{
	QueueShared *qs = shared_acquire(queue);

	memset(sweep, 0, sizeof(Sweep));
	sweep->first_kept = PG_INT64_MAX;
	sweep->oldest = sweep->begun = GetCurrentTimestamp();
	sweep->purge_done = true;
	sweep->all = retention_arrivals_due(queue, qs, sweep->begun);
	sweep->arrivals = qs->arrivals;
	shared_release(qs);
}

/*
 * Leave a note of what a round has found in all segments.
 */
static void
retention_note_sweep(const Queue *queue, const Sweep *sweep)
{
	QueueShared *qs = shared_acquire(queue);

	qs->swept_oldest = sweep->oldest;
	if (sweep->all)
	{
		TimestampTz now = GetCurrentTimestamp();

		/* the next time, others may have come that this one has not met */
		if (qs->arrivals == sweep->arrivals)
			qs->arrived_oldest = sweep->arrived_oldest;
		qs->sweep_all_at = now + Max(SWEEP_ALL_PAUSE, SWEEP_ALL_PART * (now - sweep->begun));
	}
	if (sweep->purge_done)
		qs->swept_purge = queue->purged_below;
	if (++qs->sweeps >= SWEEPS_FULL)
	{
		qs->sweeps = 0;
		qs->swept = qs->swept_next = 0;
	}
	else if (sweep->first_kept != PG_INT64_MAX)
	{
		qs->swept = Max(qs->swept, Min(qs->swept_next, sweep->first_kept));
		qs->swept_next = sweep->first_kept;
	}
	shared_release(qs);
}

/*
 * Look a queue up as it is now, and lock its tables if that can be had at once.
 * False if there is nothing to work on: it was deleted, its tables are being
 * restored, or somebody has one for himself.
 */
static bool
retention_open(const Queue *listed, Queue *queue)
{
	return catalog_lookup_id(listed->queue_id, queue) &&
		store_try_lock(queue) && rows_ready(queue);
}

/*
 * Whether a round has anything to do with a queue: with ten thousand of them,
 * most have not.
 */
static bool
retention_is_due(const Queue *queue)
{
	QueueShared *qs = shared_acquire(queue);
	TimestampTz now = GetCurrentTimestamp();
	bool		due;

	due = counters_stale(qs) || qs->swept_purge != queue->purged_below ||
		TIMESTAMP_IS_NOBEGIN(qs->swept_oldest) ||
		now >= qs->swept_oldest + queue->message_retention_period * USECS_PER_SEC ||
		retention_arrivals_due(queue, qs, now);
	shared_release(qs);
	return due || rotation_is_due(queue);
}

/*
 * Delete what has expired or was purged, segment by segment.
 */
static void
retention_delete(const Queue *listed, bool own_transactions)
{
	Sweep		sweep;
	Queue		queue = *listed;
	bool		open = true;

	retention_begin_sweep(listed, &sweep);
	for (int segment = 1; open && segment <= SEGMENT_MAX; segment++)
	{
		bool		more = queue.rotations > 0 || segment == 1;

		sweep.from = 0;
		while (open && more)
		{
			CHECK_FOR_INTERRUPTS();
			piece_begin(own_transactions);
			open = retention_open(listed, &queue);
			more = open && segment_in_use(&queue, segment) &&
				retention_delete_batch(&queue, segment, &sweep);
			piece_end(own_transactions);
		}
	}
	if (open)
		retention_note_sweep(&queue, &sweep);
}

/*
 * Count the rows of a queue where the counters are off.
 */
static void
retention_recount(const Queue *listed, bool own_transactions)
{
	Queue		queue;

	/* under SERIALIZABLE, the caller's, reading the rows would hinder senders */
	if (IsolationIsSerializable())
		return;
	piece_begin(own_transactions);
	if (retention_open(listed, &queue))
		counters_recount(&queue, MaxBlockNumber);
	piece_end(own_transactions);
}

/*
 * The segments of a queue.  That most of one is dead is seen only if it is known
 * how many messages there are, as it is not after a purge.
 */
static void
retention_rotate(const Queue *listed)
{
	Rotation	rotation = {0};
	bool		more = true;

	retention_recount(listed, true);

	for (int steps = 0; more && steps < STEPS_MAX; steps++)
	{
		CHECK_FOR_INTERRUPTS();
		piece_begin(true);
		more = rotation_step(listed, &rotation);
		piece_end(true);
	}
}

/*
 * The rest of one queue's share of a round.
 */
static void
retention_sweep_queue(const Queue *listed, bool own_transactions)
{
	retention_delete(listed, own_transactions);
	retention_recount(listed, own_transactions);
}

/*
 * Note that a queue's sweep failed, and report it the first time in a row.
 */
static void
retention_failed(const Queue *queue)
{
	QueueShared *qs;
	int			failures;

	AbortCurrentTransaction();
	qs = shared_acquire(queue);
	failures = qs->failures++;
	qs->retry_at = GetCurrentTimestamp() +
		Min(RETRY_MAX, (INT64CONST(1) << Min(failures, 20)) *
			setting_worker_interval * INT64CONST(1000));
	shared_release(qs);
	if (failures == 0)
		EmitErrorReport();
	FlushErrorState();
}

/*
 * Whether a queue that failed may be tried again, and that it did well.
 */
static bool
retention_may_try(const Queue *queue)
{
	QueueShared *qs = shared_acquire(queue);
	bool		may = GetCurrentTimestamp() >= qs->retry_at;

	shared_release(qs);
	return may;
}

static void
retention_succeeded(const Queue *queue)
{
	QueueShared *qs = shared_acquire(queue);

	qs->failures = 0;
	shared_release(qs);
}

/*
 * Drop what is left of deleted queues, as the owner of the extension.
 */
static void
retention_drop_deleted(bool own_transactions)
{
	Datum	   *ids = NULL;
	uint64		count = 0;
	MemoryContext context = CurrentMemoryContext;
	Oid			user;
	int			security;

	piece_begin(own_transactions);
	SPI_connect();
	if (SPI_execute("SELECT queue_id FROM queue.deleted_queues ORDER BY queue_id",
					true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read queue.deleted_queues");
	count = SPI_processed;
	ids = MemoryContextAlloc(context, Max(count, 1) * sizeof(Datum));
	for (uint64 i = 0; i < count; i++)
	{
		bool		isnull;

		ids[i] = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull);
	}
	SPI_finish();
	piece_end(own_transactions);

	for (uint64 i = 0; i < count; i++)
	{
		Oid			types[] = {INT8OID, FLOAT8OID};
		Datum		values[2];

		CHECK_FOR_INTERRUPTS();
		piece_begin(own_transactions);
		GetUserIdAndSecContext(&user, &security);
		SetUserIdAndSecContext(catalog_extension_owner(),
							   security | SECURITY_LOCAL_USERID_CHANGE);
		if (segment_drop_all(DatumGetInt64(ids[i])))
		{
			/* the row still keeps the name for a while */
			SPI_connect();
			values[0] = ids[i];
			values[1] = Float8GetDatum(setting_recreate_delay);
			if (SPI_execute_with_args("DELETE FROM queue.deleted_queues"
									  " WHERE queue_id OPERATOR(pg_catalog.=) $1"
									  " AND deleted_at OPERATOR(pg_catalog.<)"
									  " (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-)"
									  " pg_catalog.make_interval(secs => $2))",
									  2, types, values, NULL, false, 0) != SPI_OK_DELETE)
				elog(ERROR, "could not delete from queue.deleted_queues");
			SPI_finish();
		}
		SetUserIdAndSecContext(user, security);
		piece_end(own_transactions);
	}
	pfree(ids);
}

/*
 * arg is a list of the tables that are gone.
 */
static bool
retention_keep_entry(Oid relid, int64 queue_id, void *arg)
{
	return !list_member_oid((List *) arg, relid);
}

static void
retention_free_entry(QueueShared *qs)
{
	for (int segment = 1; segment <= SEGMENT_MAX; segment++)
		shared_free_writers(qs, segment);
	schedule_free(qs);
	fair_free(qs);
	group_forget(qs);
	counters_free(qs);
}

/*
 * Give up what is kept in memory of queues whose table is gone.
 */
void
retention_forget_entries(bool own_transactions)
{
	MemoryContext context = CurrentMemoryContext;
	List	   *gone = NIL;
	Oid		   *relids;
	int			count = shared_tables(&relids);
	Oid		   *tallied;
	int			tallied_count = tally_tables(MyDatabaseId, &tallied);

	relids = repalloc_huge(relids, Max(count + tallied_count, 1) * sizeof(Oid));
	memcpy(relids + count, tallied, tallied_count * sizeof(Oid));
	count += tallied_count;
	pfree(tallied);
	piece_begin(own_transactions);
	for (int i = 0; i < count; i++)
	{
		if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relids[i])))
		{
			MemoryContext old = MemoryContextSwitchTo(context);

			gone = lappend_oid(gone, relids[i]);
			MemoryContextSwitchTo(old);
		}
	}
	piece_end(own_transactions);
	pfree(relids);
	if (gone == NIL)
		return;
	shared_forget(MyDatabaseId, retention_keep_entry, retention_free_entry, gone);
	tally_forget(MyDatabaseId, gone);
}

/*
 * Give up what is kept in memory of a database that was dropped.
 */
void
retention_forget_database(Oid database)
{
	shared_forget_database(database);
	shared_forget(database, NULL, retention_free_entry, NULL);
	tally_forget(database, NIL);
}

/*
 * Have a queue that nobody has used since the last round give memory back.
 */
static void
retention_trim(const Queue *queue)
{
	QueueShared *qs = shared_acquire(queue);
	int64		activity = (int64) qs->commits + qs->received + qs->deleted;

	if (activity == qs->activity)
	{
		schedule_trim(qs);
		group_forget(qs);
		counters_trim(qs, GetCurrentTimestamp());
		fair_trim(qs, GetCurrentTimestamp());
	}
	qs->activity = activity;
	shared_release(qs);
}

/*
 * One round over all queues of this database.
 */
void
retention_sweep(bool own_transactions)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "queue sweep",
												  ALLOCSET_DEFAULT_SIZES);
	const Queue *queues;
	int			count;
	MemoryContext old;

	piece_begin(own_transactions);
	old = MemoryContextSwitchTo(context);
	queues = catalog_all(&count);
	MemoryContextSwitchTo(old);
	piece_end(own_transactions);

	for (int i = 0; i < count; i++)
	{
		const Queue *queue = &queues[i];

		CHECK_FOR_INTERRUPTS();
		if (!OidIsValid(queue->relid))
			continue;
		retention_trim(queue);
		if (!own_transactions)
		{
			retention_sweep_queue(queue, false);
			continue;
		}
		if (!retention_may_try(queue) || !retention_is_due(queue))
			continue;

		/* first the segments, so that what can go as a whole does */
		PG_TRY();
		{
			if (rotation_may_try(queue))
				retention_rotate(queue);
		}
		PG_CATCH();
		{
			MemoryContextSwitchTo(context);
			AbortCurrentTransaction();
			if (rotation_failed(queue))
				EmitErrorReport();
			FlushErrorState();
		}
		PG_END_TRY();
		PG_TRY();
		{
			retention_sweep_queue(queue, true);
			retention_succeeded(queue);
		}
		PG_CATCH();
		{
			/* one queue's trouble is not the others' */
			MemoryContextSwitchTo(context);
			retention_failed(queue);
		}
		PG_END_TRY();
	}

	piece_begin(own_transactions);
	records_expire(GetCurrentTimestamp(), setting_deduplication_window);
	datakey_expire(GetCurrentTimestamp());
	piece_end(own_transactions);
	old = MemoryContextSwitchTo(context);
	retention_forget_entries(own_transactions);
	retention_drop_deleted(own_transactions);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/*
 * queue.sweep(): one round, now, as part of the caller's transaction.
 */
Datum
queue_sweep(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("queue.sweep()");
	PreventCommandIfParallelMode("queue.sweep()");
	retention_sweep(false);
	mover_step_all();
	PG_RETURN_VOID();
}
