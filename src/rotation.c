/*-------------------------------------------------------------------------
 *
 * rotation.c
 *		Segments: when a new one is begun, and an old one emptied and truncated.
 *
 * A deleted row is dead, but it stays in its table until vacuum comes by, and
 * for as long as any snapshot might see it.  So that a report, a dump or a
 * forgotten replication slot does not make a queue grow without bound, its
 * messages are kept in a short row of tables, its segments.  Messages are sent
 * to the newest.  A segment that has grown large, and mostly dead, is closed by
 * beginning another one; it is emptied by its receivers, and what is left over
 * is moved to the newest; then it goes out of use, and is truncated, which no
 * snapshot can prevent.
 *
 * One step is done at a time, each in a transaction of its own:
 *
 * open		The newest segment has reached queue.segment_size, and messages for
 *			at least twice what the queue stores have been sent since it was
 *			begun, or all have expired.  An empty segment comes into use; if
 *			there is none, it is made in a step before, so that all sessions
 *			have heard of the table when they hear that it is in use.
 *
 * move		All ids that live in a closed segment have been handed out once, and
 *			they are few, compared with what was sent since.  They are moved in
 *			batches: a delete and an insert of the same row.
 *
 * retire	A closed segment has no message any more, or none that has not
 *			expired or been purged.  It goes out of use.
 *
 * truncate	A segment is out of use, no snapshot is left that could see rows in
 *			it, or queue.truncate_delay has passed, and its lock can be had.
 *
 * Steps on a queue exclude each other by the lock on its name, which changes of
 * its attributes take, too.  They never wait, for this lock or another.
 *
 * What makes this safe without locking out anybody:
 *
 * - A sender opens the newest segment it knows of, gets its ids, and learns
 *   thereby, under the queue's lock, if there is a newer one.  So once a newer
 *   one is known (shared_know_segments), only those go on inserting into the
 *   old one who had it open at this moment.  They are noted (writers); those
 *   who open it later, to receive or to delete, don't matter.  It is "closed"
 *   when the noted transactions have ended.  Only then does it count that no
 *   row is found.
 *
 * - Who makes a row appear in a segment has made that segment known before.
 *   Who looks for rows looks afterwards whether there is a segment that he did
 *   not know of (store_stale).
 *
 * - A row moves to a newer segment only, and scans visit older ones first.
 *
 * - Who meets a row that is being moved takes it for one that another is at
 *   work on: receivers come back to it after that transaction's end.  Deletes
 *   and changes of visibility wait for it, as it waits for nobody.
 *
 * A truncated table is empty to old snapshots, too.  A dump locks all its tables
 * a moment after it took its snapshot, and a segment that is locked is left
 * alone; queue.truncate_delay is for this moment.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "authorize.h"
#include "counters.h"
#include "rotation.h"
#include "rows.h"
#include "segment.h"
#include "settings.h"
#include "stop.h"
#include "store.h"
#include "xact.h"

QUEUE_FUNCTION(queue_rotate);

/* Messages sent after which the size of a segment is looked at again */
#define LOOK_AFTER 1000

/* When that is done after the last of them, however few they were, in microseconds */
#define LOOK_AT_REST USECS_PER_SEC

/* Live rows of which so many are always few enough to be moved */
#define MOVE_FEW 1000

/* ... or this part of what was sent to the newest segment */
#define MOVE_PART 4

/* Rows, and bytes about, moved in a transaction */
#define MOVE_BATCH 500
#define MOVE_BYTES ((Size) 4 * 1024 * 1024)

/* A look at a closed segment's rows that takes long may take this part of the time */
#define SURVEY_LONG INT64CONST(10000)
#define SURVEY_PART 20

/* When to try again after an error, in microseconds */
#define FAILED_RETRY (60 * USECS_PER_SEC)

/* How often those who may still insert are waited for, ten milliseconds each */
#define WRITERS_PAUSES 10

/* When to come back to rows that others were at work on, in microseconds */
#define MOVE_RETRY USECS_PER_SEC

/* What a look at a segment's rows has found */
typedef struct Survey
{
	int64		live;			/* messages, or more than were of interest */
	int64		expired;		/* rows of messages that have expired */
	int64		first;			/* the smallest id of a live row */
	int64		last;			/* the greatest */
} Survey;

/*
 * Whether there may be something to do.
 */
bool
rotation_is_due(const Queue *queue)
{
	QueueShared *qs = shared_acquire(queue);
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz expired = now - queue->message_retention_period * USECS_PER_SEC;
	bool		due;

	due = queue->segment_count > 1 || (queue->rotations > 0 && !qs->settled) ||
		qs->written_seen < 0 || qs->written - qs->written_seen >= LOOK_AFTER ||
		(qs->written != qs->written_seen && qs->last_sent <= now - LOOK_AT_REST) ||
		(qs->stored > 0 && qs->last_sent != 0 && qs->last_sent <= expired);
	shared_release(qs);
	return due;
}

/*
 * Write down another set of segments.
 */
static void
rotation_change(const Queue *queue, const int *segments, int count)
{
	Datum		numbers[SEGMENTS_IN_USE_MAX];
	Datum		values[Natts_queues];
	bool		nulls[Natts_queues] = {0};
	bool		replaces[Natts_queues] = {0};

	Assert(count > 0 && count <= SEGMENTS_IN_USE_MAX);
	for (int i = 0; i < count; i++)
		numbers[i] = Int32GetDatum(segments[i]);
	values[Anum_queues_segments - 1] =
		PointerGetDatum(construct_array(numbers, count, INT4OID, sizeof(int32), true,
										TYPALIGN_INT));
	replaces[Anum_queues_segments - 1] = true;
	values[Anum_queues_rotations - 1] = Int64GetDatum(queue->rotations + 1);
	replaces[Anum_queues_rotations - 1] = true;
	catalog_update(queue->queue_id, values, nulls, replaces);
}

/*
 * Look at the rows of a segment with ids >= from, until there are more than
 * limit live ones.  A row that somebody is at work on is a live one.  False if
 * the table can't be read.
 */
static bool
rotation_survey(const Queue *queue, Oid relid, int64 from, int64 limit, Survey *survey)
{
	TimestampTz expired = GetCurrentTimestamp() -
	queue->message_retention_period * USECS_PER_SEC;
	StoreTable *table = store_open_one(queue, relid, false);
	StoreRow	row;
	StoreResult result;
	FullTransactionId xid;

	memset(survey, 0, sizeof(Survey));
	survey->first = from;
	if (table == NULL)
		return false;
	store_scan(table, Max(from, queue->purged_below), PG_INT64_MAX);
	while (survey->live <= limit && store_next(table, &row, &result, &xid))
	{
		CHECK_FOR_INTERRUPTS();
		if (result == STORE_OK && row.sent_at <= expired)
			survey->expired++;
		else
		{
			if (survey->live++ == 0)
				survey->first = row.id;
			survey->last = row.id;
		}
	}
	store_close(table);
	return true;
}

/*
 * Put a segment that was out of use, and has messages all the same, first in
 * the row: the retention period was made longer, and they live again.
 */
static bool
rotation_adopt(const Queue *queue, QueueShared *qs, int segment)
{
	int			segments[SEGMENTS_IN_USE_MAX];

	if (queue->segment_count == SEGMENTS_IN_USE_MAX)
		return false;
	segments[0] = segment;
	memcpy(&segments[1], queue->segments, queue->segment_count * sizeof(int));
	rotation_change(queue, segments, queue->segment_count + 1);
	xact_note_reset(queue, queue->rotations + 1);
	xact_note_uncounted(qs, queue->relid, queue->rotations + 1);
	elog(DEBUG1, "segment %d of queue \"%s\" comes into use again", segment,
		 queue->queue_name);
	return true;
}

/*
 * Truncate a segment that is out of use, if there is one and it can be done.
 */
static bool
rotation_truncate(const Queue *queue, QueueShared *qs, bool *settled)
{
	TimestampTz now = GetCurrentTimestamp();

	*settled = queue->segment_count == 1;
	for (int segment = 1; segment <= SEGMENT_MAX; segment++)
	{
		Oid			relid = catalog_segment(queue->queue_id, segment);
		TimestampTz retired_at;
		FullTransactionId retired_xid;
		Survey		survey;
		bool		locked;

		if (segment_in_use(queue, segment) || !OidIsValid(relid))
			continue;
		locked = segment_try_lock(relid);
		if (locked && segment_is_empty(relid))
			continue;
		*settled = false;
		if (!locked)
			continue;

		if (!shared_reacquire(qs, queue->relid))
			return false;
		if (qs->retired_at[segment - 1] == 0)
		{
			qs->retired_at[segment - 1] = now;
			qs->retired_xid[segment - 1] = ReadNextFullTransactionId();
		}
		retired_at = qs->retired_at[segment - 1];
		retired_xid = qs->retired_xid[segment - 1];
		shared_release(qs);

		if ((now < retired_at + setting_truncate_delay * USECS_PER_SEC &&
			 !segment_is_past(relid, retired_xid)) ||
			!segment_lock(relid))
			continue;
		if (!rotation_survey(queue, relid, 0, 0, &survey))
			continue;
		if (survey.live > 0)
		{
			if (rotation_adopt(queue, qs, segment))
				return true;
			continue;
		}
		segment_truncate(queue->queue_id, segment);
		elog(DEBUG1, "truncated segment %d of queue \"%s\"", segment, queue->queue_name);
		return true;
	}
	return false;
}

/*
 * Move a batch of messages from a closed segment to the newest.
 */
static bool
rotation_move(const Queue *queue, QueueShared *qs, Oid relid, Rotation *rotation)
{
	TimestampTz expired = GetCurrentTimestamp() -
	queue->message_retention_period * USECS_PER_SEC;
	StoreTable *from = store_open_one(queue, relid, true);
	StoreTable *to = store_open_newest(queue);
	FullTransactionId own = GetTopFullTransactionId();
	StoreRow	row;
	StoreResult result;
	FullTransactionId xid;
	MemoryContext context;
	Size		bytes = 0;
	int			moved = 0;
	bool		more = true;

	if (from == NULL)
		elog(ERROR, "a segment of queue \"%s\" is missing", queue->queue_name);
	xact_note_moved(qs, queue->relid);
	if (!shared_reacquire(qs, queue->relid))
		elog(ERROR, "queue \"%s\" vanished", queue->queue_name);
	qs->mover = own;
	shared_release(qs);

	context = AllocSetContextCreate(CurrentMemoryContext, "queue move",
									ALLOCSET_DEFAULT_SIZES);
	store_scan(from, Max(rotation->from, queue->purged_below), PG_INT64_MAX);
	while (moved < MOVE_BATCH && bytes < MOVE_BYTES &&
		   (more = store_next(from, &row, &result, &xid)))
	{
		MemoryContext old;

		CHECK_FOR_INTERRUPTS();
		rotation->from = row.id + 1;
		if (row.sent_at <= expired)
			continue;
		old = MemoryContextSwitchTo(context);
		if (result == STORE_OK)
			result = store_move(from, to, &xid, &bytes);
		if (result == STORE_OK)
			moved++;
		else
			rotation->left++;
		MemoryContextSwitchTo(old);
		MemoryContextReset(context);
	}
	MemoryContextDelete(context);
	store_close(to);
	store_close(from);
	CommandCounterIncrement();

	/* they make the newest segment as large as if they had been sent to it */
	if (shared_reacquire(qs, queue->relid))
	{
		qs->written += moved;
		shared_release(qs);
	}
	stop_point("rotate_moved");

	if (more)
		return true;

	/* that was all; those that were left are looked at again in a while */
	rotation->segment = 0;
	if (rotation->left > 0 && shared_reacquire(qs, queue->relid))
	{
		qs->rotate_at = GetCurrentTimestamp() + MOVE_RETRY;
		shared_release(qs);
	}
	return rotation->left == 0;
}

/*
 * Have a closed segment go out of use.
 */
static void
rotation_retire(const Queue *queue, int which, bool expired)
{
	int			segment = queue->segments[which];
	int			segments[SEGMENTS_IN_USE_MAX];
	int			count = 0;
	QueueShared *qs = shared_acquire(queue);

	/* who could see rows of it in a snapshot has a snapshot older than this */
	qs->retired_at[segment - 1] = GetCurrentTimestamp();
	qs->retired_xid[segment - 1] = ReadNextFullTransactionId();
	qs->settled = false;
	shared_release(qs);

	for (int i = 0; i < queue->segment_count; i++)
		if (i != which)
			segments[count++] = queue->segments[i];
	rotation_change(queue, segments, count);
	if (expired)
		xact_note_uncounted(qs, queue->relid, queue->rotations + 1);
	/* what these messages held up is registered nowhere else */
	if (expired && queue->fifo)
		xact_note_reset(queue, queue->rotations + 1);
	elog(DEBUG1, "segment %d of queue \"%s\" goes out of use", segment, queue->queue_name);
}

/*
 * Whether all who may have been about to insert into a segment, when it ceased
 * to be the newest, have ended.  Others who have it open do not matter.
 */
static bool
rotation_is_closed(const Queue *queue, QueueShared *qs, int segment, Oid relid)
{
	dsa_pointer *at = &qs->writers[segment - 1];
	VirtualTransactionId *writers = NULL;
	Writers    *noted;
	Size		size;
	int			count = 0;
	bool		closed;

	/* only rotation changes these, and the lock on the name is held */
	if (!shared_reacquire(qs, queue->relid))
		return false;
	closed = (qs->closed & (1 << segment)) != 0;
	if (!closed && DsaPointerIsValid(*at))
		count = ((Writers *) dsa_get_address(shared_area(), *at))->count;
	shared_release(qs);
	if (closed)
		return true;

	if (count > 0)
	{
		writers = palloc(count * sizeof(VirtualTransactionId));
		if (!shared_reacquire(qs, queue->relid))
			return false;
		noted = dsa_get_address(shared_area(), *at);
		memcpy(writers, noted->writers, count * sizeof(VirtualTransactionId));
		shared_release(qs);
		count = segment_wait(writers, count, 0);
		closed = count == 0;
	}
	else
	{
		count = segment_writers(relid, &writers);
		count = segment_wait(writers, count, WRITERS_PAUSES);
		closed = count == 0;
	}

	if (!shared_reacquire(qs, queue->relid))
		return false;
	size = offsetof(Writers, writers) + count * sizeof(VirtualTransactionId);
	if (closed)
	{
		qs->closed |= 1 << segment;
		qs->first_live[segment - 1] = 0;
		shared_free_writers(qs, segment);
	}
	else if (!DsaPointerIsValid(*at))
	{
		*at = shared_allocate(qs, size);
		if (DsaPointerIsValid(*at))
		{
			noted = dsa_get_address(shared_area(), *at);
			noted->size = size;
			noted->count = count;
			memcpy(noted->writers, writers, count * sizeof(VirtualTransactionId));
		}
	}
	shared_release(qs);
	return closed;
}

/*
 * Empty a segment to which nothing is sent any more.
 */
static bool
rotation_drain(const Queue *queue, QueueShared *qs, int which, Rotation *rotation)
{
	int			segment = queue->segments[which];
	Oid			relid = queue->relids[which];
	TimestampTz begun = GetCurrentTimestamp();
	Survey		survey;
	int64		from;
	int64		head;
	int64		limit;
	bool		early;

	if (rotation->segment == segment)
		return rotation_move(queue, qs, relid, rotation);

	/* before it is closed, what is not found there may be on its way */
	if (!rotation_is_closed(queue, qs, segment, relid) ||
		!shared_reacquire(qs, queue->relid))
		return false;
	early = begun < qs->rotate_at &&
		!(qs->last_sent != 0 && qs->last_sent <= begun -
		  queue->message_retention_period * USECS_PER_SEC);
	from = qs->first_live[segment - 1];
	head = qs->head;
	limit = Max(MOVE_FEW, qs->written / MOVE_PART);
	shared_release(qs);
	if (early)
		return false;

	begun = GetCurrentTimestamp();
	if (!rotation_survey(queue, relid, from, limit, &survey) ||
		!shared_reacquire(qs, queue->relid))
		return false;
	qs->first_live[segment - 1] = survey.first;
	if (survey.live > 0 && GetCurrentTimestamp() - begun > SURVEY_LONG)
		qs->rotate_at = GetCurrentTimestamp() +
			SURVEY_PART * (GetCurrentTimestamp() - begun);
	shared_release(qs);

	if (survey.live == 0)
	{
		rotation_retire(queue, which, survey.expired > 0);
		return true;
	}
	if (survey.live > limit || survey.last >= head)
		return false;
	rotation->segment = segment;
	rotation->from = survey.first;
	rotation->left = 0;
	return rotation_move(queue, qs, relid, rotation);
}

/*
 * Whether it is time for a new segment.
 */
static bool
rotation_is_time(const Queue *queue, QueueShared *qs)
{
	TimestampTz expired = GetCurrentTimestamp() -
	queue->message_retention_period * USECS_PER_SEC;
	bool		large;
	bool		dead;

	large = segment_size(queue->relids[queue->segment_count - 1]) >=
		setting_segment_size * INT64CONST(1024);
	if (!shared_reacquire(qs, queue->relid))
		return false;

	/* a large one is looked at again: its messages may be worked off */
	qs->written_seen = large ? -1 : qs->written;
	dead = (qs->last_sent != 0 && qs->last_sent <= expired) ||
		(!counters_stale(qs) && !qs->recounting && qs->written >= 2 * qs->stored);
	shared_release(qs);
	return large && dead;
}

/*
 * Begin a new segment.
 */
static bool
rotation_open(const Queue *queue, QueueShared *qs, Rotation *rotation)
{
	int			segments[SEGMENTS_IN_USE_MAX];
	int			segment = 0;
	bool		found = false;

	if (queue->segment_count == SEGMENTS_IN_USE_MAX || !rotation_is_time(queue, qs))
		return false;

	/* one that is there already, or else one to be made */
	for (int i = 1; i <= SEGMENT_MAX && !found; i++)
	{
		Oid			relid = catalog_segment(queue->queue_id, i);

		if (segment_in_use(queue, i))
			continue;
		if (!OidIsValid(relid))
			segment = segment == 0 && segment_name_free(queue->queue_id, i) ? i : segment;
		else if (segment_try_lock(relid) && segment_is_empty(relid))
		{
			segment = i;
			found = true;
		}
	}
	if (segment == 0)
		return false;
	if (!found)
	{
		segment_create(queue->queue_id, segment, queue->fifo,
					   segment_unlogged(queue->relids[queue->segment_count - 1]),
					   InvalidOid);
		rotation->made = true;
		return true;
	}

	memcpy(segments, queue->segments, queue->segment_count * sizeof(int));
	segments[queue->segment_count] = segment;
	rotation_change(queue, segments, queue->segment_count + 1);
	if (shared_reacquire(qs, queue->relid))
	{
		qs->closed &= ~(1 << segment);
		qs->retired_at[segment - 1] = 0;
		qs->settled = false;
		qs->rotate_at = 0;
		shared_release(qs);
		xact_note_opened(qs, queue->relid);
	}
	elog(DEBUG1, "segment %d of queue \"%s\" comes into use", segment, queue->queue_name);
	return true;
}

/*
 * Do one step for a queue.
 */
bool
rotation_step(const Queue *listed, Rotation *rotation)
{
	QueueName	name = {0};
	Queue		queue;
	QueueShared *qs;
	bool		settled;

	strlcpy(name.account_id, listed->account_id, sizeof(name.account_id));
	strlcpy(name.queue_name, listed->queue_name, sizeof(name.queue_name));
	if (!catalog_try_lock(&name) || !catalog_lookup_id(listed->queue_id, &queue) ||
		!store_try_lock(&queue) || !rows_ready(&queue))
		return false;

	rotation->made = false;
	qs = shared_acquire(&queue);
	shared_know_segments(qs, &queue);
	shared_release(qs);

	if (rotation_truncate(&queue, qs, &settled))
		return true;
	for (int i = 0; i < queue.segment_count - 1; i++)
		if (rotation_drain(&queue, qs, i, rotation))
			return true;
	if (rotation_open(&queue, qs, rotation))
		return true;
	if (shared_reacquire(qs, queue.relid))
	{
		qs->settled = settled;
		qs->rotate_failures = 0;
		shared_release(qs);
	}
	return false;
}

/*
 * Whether a step that failed may be tried again.
 */
bool
rotation_may_try(const Queue *queue)
{
	QueueShared *qs = shared_acquire(queue);
	bool		may = qs->rotate_failures == 0 || GetCurrentTimestamp() >= qs->rotate_at;

	shared_release(qs);
	return may;
}

/*
 * Note that a step failed.  Returns whether it is the first in a row.
 */
bool
rotation_failed(const Queue *queue)
{
	QueueShared *qs = shared_acquire(queue);
	bool		first = qs->rotate_failures++ == 0;

	qs->rotate_at = GetCurrentTimestamp() + FAILED_RETRY;
	shared_release(qs);
	return first;
}

/*
 * Do steps for a queue until there is nothing more to do, or so many.
 */
static void
rotation_steps(const Queue *queue, int max)
{
	Rotation	rotation = {0};
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "queue rotation",
												  ALLOCSET_DEFAULT_SIZES);
	bool		more = true;

	for (int i = 0; more && i < max; i += rotation.made ? 0 : 1)
	{
		MemoryContext old = MemoryContextSwitchTo(context);

		CHECK_FOR_INTERRUPTS();
		PushActiveSnapshot(GetTransactionSnapshot());
		more = rotation_step(queue, &rotation);
		PopActiveSnapshot();
		MemoryContextSwitchTo(old);
		MemoryContextReset(context);
		SPI_commit();
	}
	MemoryContextDelete(context);
}

/*
 * CALL queue.rotate(queue text, steps int)
 *
 * What the worker would do with the segments, of one queue or of all, now.
 */
Datum
queue_rotate(PG_FUNCTION_ARGS)
{
	Queue	   *queues;
	int			count = 1;
	int			max = PG_ARGISNULL(1) ? INT_MAX : PG_GETARG_INT32(1);

	PreventCommandIfReadOnly("queue.rotate()");
	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		castNode(CallContext, fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("queue.rotate cannot run inside a transaction block"),
				 errhint("Each of its steps is a transaction of its own. Call it outside of one.")));

	SPI_connect_ext(SPI_OPT_NONATOMIC);
	if (PG_ARGISNULL(0))
	{
		PushActiveSnapshot(GetTransactionSnapshot());
		queues = catalog_all(&count);
		PopActiveSnapshot();
	}
	else
	{
		queues = palloc(sizeof(Queue));
		authorize_lookup(PG_GETARG_TEXT_PP(0), "SetQueueAttributes", queues);
	}
	SPI_commit();
	for (int i = 0; i < count; i++)
		rotation_steps(&queues[i], max);
	SPI_finish();
	return (Datum) 0;
}
