/*-------------------------------------------------------------------------
 *
 * check.c
 *		The SQL call that compares shared memory with the rows.
 *
 * The invariant that everything rests on: a message that is stored is found
 * again.  Either its id is fresh (at or above head, below tail), or the
 * schedule covers it no later than it becomes visible, or it was returned by an
 * abort, or it is pending on a transaction, or it stands back behind others.  For
 * each row the check looks for one of these, in a copy of the queue's hints.
 *
 * Others go on working meanwhile.  Rows that a transaction is at work on are
 * passed over: their range is in that session's hands.  A row is in nobody's
 * list as well in the moment between being taken and being locked.  So what
 * looks wrong is looked at again, some times and a while later, with the hints
 * as they are then; only what stays the same all the time is reported.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "authorize.h"
#include "counters.h"
#include "fair.h"
#include "group.h"
#include "message.h"
#include "rows.h"
#include "schedule.h"
#include "segment.h"
#include "store.h"
#include "wake.h"

QUEUE_FUNCTION(sqs_check);

/* How often, and after how long, a suspicion is looked at again */
#define CHECK_ROUNDS 10
#define CHECK_PAUSE INT64CONST(100000)

/* Suspicions kept for a queue; more would say nothing new */
#define SUSPECTS_MAX 1000

/*
 * A range may be entered for another look a second from now, where it was not
 * known for whom to wait
 */
#define CHECK_GRACE (2 * USECS_PER_SEC)

/* Range with the time at which it is looked at */
typedef struct Cover
{
	IdRange		ids;
	TimestampTz due;
} Cover;

/* A copy of a queue's hints */
typedef struct Hints
{
	int64		head;
	int64		tail;
	bool		tail_known;
	int			count;
	Cover	   *covers;			/* sorted by lo */
	int64		last_id;		/* asked for last */
	int			active_count;	/* those that may cover the current id ... */
	int			next;			/* ... and the first one that begins above it */
	Cover	   *active;
} Hints;

typedef struct Suspect
{
	StoreRow	row;
	pg_uuid_t	message_id;
	const char *problem;
} Suspect;

/* What is known of a message group of a FIFO queue */
typedef struct CheckedGroup
{
	GroupHash	hash;			/* key */
	bool		busy;			/* somebody is at work on a row of it */
	bool		covered;		/* a row of it is looked at soon */
	StoreRow	first;
	pg_uuid_t	message_id;		/* of that */
} CheckedGroup;

static int
check_compare_covers(const void *a, const void *b)
{
	int64		x = ((const Cover *) a)->ids.lo;
	int64		y = ((const Cover *) b)->ids.lo;

	return (x > y) - (x < y);
}

static void
check_add_cover(Hints *hints, IdRange ids, TimestampTz due)
{
	hints->covers[hints->count].ids = ids;
	hints->covers[hints->count++].due = due;
}

/*
 * Copy a queue's hints.
 */
static void
check_copy_hints(const Queue *queue, Hints *hints)
{
	int			room = 256;
	IdRange    *aside = palloc(FAIR_NOISY_MAX * FAIR_RANGES * sizeof(IdRange));
	QueueShared *qs;

	hints->covers = palloc(room * sizeof(Cover));
	for (;;)
	{
		int			needed;

		qs = shared_acquire(queue);
		needed = qs->schedule_count + qs->returned_count + qs->pending_count +
			qs->late_count + qs->ready_count + qs->aside_count;
		if (needed <= room)
			break;
		shared_release(qs);
		room = needed + 256;
		hints->covers = repalloc_huge(hints->covers, room * sizeof(Cover));
	}
	hints->head = qs->head;
	hints->tail = qs->tail;
	hints->tail_known = qs->tail_known;
	hints->count = 0;
	for (int i = 0; i < qs->schedule_count; i++)
		check_add_cover(hints, schedule_entries(qs)[i].ids, schedule_entries(qs)[i].due);
	for (int i = 0; i < qs->returned_count; i++)
		check_add_cover(hints, qs->returned[i], DT_NOBEGIN);
	for (int i = 0; i < qs->ready_count; i++)
	{
		IdRange		ids = {qs->ready[i].id, qs->ready[i].id + 1};

		check_add_cover(hints, ids, qs->ready[i].due);
	}
	for (int i = 0; i < qs->pending_count; i++)
		check_add_cover(hints, qs->pending[i].ids, DT_NOBEGIN);
	for (int i = 0; i < qs->late_count; i++)
		check_add_cover(hints, qs->late[i].ids, DT_NOBEGIN);
	for (int i = fair_aside(qs, aside) - 1; i >= 0; i--)
		check_add_cover(hints, aside[i], DT_NOBEGIN);
	shared_release(qs);

	if (hints->count > 0)
		qsort(hints->covers, hints->count, sizeof(Cover), check_compare_covers);
	pfree(aside);
	hints->active = palloc_extended(Max(hints->count, 1) * sizeof(Cover), MCXT_ALLOC_HUGE);
	hints->last_id = PG_INT64_MAX;
	hints->active_count = hints->next = 0;
}

/*
 * Whether the hints cover an id no later than a time.  Ids should come in rising
 * order, as they do within a segment.
 */
static bool
check_covered(Hints *hints, int64 id, TimestampTz until)
{
	int			n = 0;
	bool		covered = false;

	if (id < hints->last_id)
		hints->active_count = hints->next = 0;
	hints->last_id = id;
	while (hints->next < hints->count && hints->covers[hints->next].ids.lo <= id)
		hints->active[hints->active_count++] = hints->covers[hints->next++];
	for (int i = 0; i < hints->active_count; i++)
	{
		if (hints->active[i].ids.hi <= id)
			continue;
		covered = covered || hints->active[i].due <= until;
		hints->active[n++] = hints->active[i];
	}
	hints->active_count = n;
	return covered;
}

/*
 * What is wrong with a row, or NULL.  In a FIFO queue one that is visible need
 * not be registered itself: *alone says whether it is not.
 */
static const char *
check_row(const Queue *queue, Hints *hints, const StoreRow *row, TimestampTz now,
		  bool *alone)
{
	TimestampTz visible_at = schedule_visible_at(queue, row);
	TimestampTz until = Max(visible_at, now + CHECK_GRACE);

	*alone = false;
	if (row->receive_count < 0)
		return "the receive count is negative";
	if (row->visible_at > schedule_time(now, VISIBILITY_TIMEOUT_MAX) + CHECK_GRACE)
		return "the message is hidden for longer than SQS allows";
	if ((row->receive_count > 0) == TIMESTAMP_IS_NOBEGIN(row->first_received_at))
		return "the receive count and the time of the first receive disagree";
	if (row->id >= hints->head && (!hints->tail_known || row->id < hints->tail))
		return NULL;
	if (check_covered(hints, row->id, until))
		return NULL;
	/* a FIFO queue's may be taken, out of turn, before head gets there */
	if (row->id >= hints->head)
		return "the message lies beyond the end of the queue: no receiver will find it";
	*alone = queue->fifo && visible_at <= now;
	return *alone ? NULL : "the message is registered nowhere: no receiver will find it";
}

/*
 * The message id of the current row, which is in the row if it has come from
 * another queue.
 */
static void
check_message_id(const Queue *queue, StoreTable *table, const StoreRow *row,
				 pg_uuid_t *uuid)
{
	Datum		values[Natts_message];
	bool		isnull[Natts_message];

	message_uuid(queue, row->id, uuid);
	if ((row->stamp & MESSAGE_MOVED) == 0)
		return;
	store_values(table, values, isnull);
	if (!isnull[Anum_message_message_id - 1])
		*uuid = *DatumGetUUIDP(values[Anum_message_message_id - 1]);
}

/*
 * Gather what a row says of its group.
 */
static void
check_group_row(const Queue *queue, HTAB *groups, StoreTable *table,
				const StoreRow *row, bool busy, bool alone)
{
	text	   *name = group_of_row(table);
	GroupHash	hash;
	CheckedGroup *group;
	bool		found;

	if (name == NULL)
		return;
	hash = group_hash(name);
	pfree(name);
	group = hash_search(groups, &hash, HASH_ENTER, &found);
	if (!found)
		group->busy = group->covered = false;
	if (!found || row->id < group->first.id)
	{
		group->first = *row;
		check_message_id(queue, table, row, &group->message_id);
	}
	group->busy = group->busy || busy;
	group->covered = group->covered || !alone;
}

/*
 * The first message of a group is found if any message of it is looked at soon.
 * If it is hidden it is registered itself, which was seen already.
 */
static const char *
check_group(const Queue *queue, const CheckedGroup *group, TimestampTz now)
{
	if (group->busy || group->covered ||
		schedule_visible_at(queue, &group->first) > now)
		return NULL;
	return "no message of the group is registered: no receiver will find it";
}

/*
 * Look through the groups of a FIFO queue.  With suspects given, keep those
 * that are still found wrong.
 */
static int
check_groups(const Queue *queue, HTAB *groups, Suspect *suspects, int kept,
			 TimestampTz now)
{
	HASH_SEQ_STATUS status;
	CheckedGroup *group;

	hash_seq_init(&status, groups);
	while ((group = hash_seq_search(&status)) != NULL)
	{
		const char *problem = check_group(queue, group, now);

		if (problem != NULL && kept < SUSPECTS_MAX)
		{
			suspects[kept].row = group->first;
			suspects[kept].message_id = group->message_id;
			suspects[kept++].problem = problem;
		}
	}
	return kept;
}

static HTAB *
check_create_groups(void)
{
	HASHCTL		ctl;

	ctl.keysize = sizeof(GroupHash);
	ctl.entrysize = sizeof(CheckedGroup);
	ctl.hcxt = CurrentMemoryContext;
	return hash_create("queue groups", 256, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/*
 * Whether a suspicion, found again, is one that there was before.
 */
static bool
check_is_old(const Suspect *suspects, int count, const StoreRow *row)
{
	for (int i = 0; i < count; i++)
		if (memcmp(row, &suspects[i].row, offsetof(StoreRow, stamp) + sizeof(int32)) == 0)
			return true;
	return false;
}

/*
 * Look through a queue.  With old suspects given, keep only those that are as
 * they were.  Returns how many there are now.
 */
static int
check_rows(Queue *queue, Suspect *suspects, const Suspect *old, int old_count)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz expired;
	StoreTable *table;
	HTAB	   *groups = NULL;
	Hints		hints;
	StoreRow	row;
	StoreResult result;
	FullTransactionId xid;
	int			count = 0;
	int			kept = 0;

	/* segments may have come into use, or gone out of it */
	if (!catalog_lookup_id(queue->queue_id, queue))
		return 0;
	expired = now - queue->message_retention_period * USECS_PER_SEC;
	table = store_open(queue, false);
	if (queue->fifo)
		groups = check_create_groups();

	/* what is sent from now on lies above tail: that is what rounds are for */
	check_copy_hints(queue, &hints);
	store_scan(table, queue->purged_below, PG_INT64_MAX);
	while (count < SUSPECTS_MAX && store_next(table, &row, &result, &xid))
	{
		const char *problem = NULL;
		bool		alone = false;

		CHECK_FOR_INTERRUPTS();
		if (row.sent_at <= expired)
			continue;
		if (result == STORE_OK)
			problem = check_row(queue, &hints, &row, now, &alone);
		if (groups != NULL)
			check_group_row(queue, groups, table, &row, result != STORE_OK, alone);
		if (problem != NULL)
		{
			suspects[count].row = row;
			check_message_id(queue, table, &row, &suspects[count].message_id);
			suspects[count++].problem = problem;
		}
	}
	if (groups != NULL)
	{
		count = check_groups(queue, groups, suspects, count, now);
		hash_destroy(groups);
	}
	store_close(table);
	pfree(hints.covers);
	pfree(hints.active);
	if (old == NULL)
		return count;
	for (int i = 0; i < count; i++)
		if (check_is_old(old, old_count, &suspects[i].row))
			suspects[kept++] = suspects[i];
	return kept;
}

/*
 * Whether a segment that is out of use has a message.
 */
static bool
check_unused(Queue *queue)
{
	TimestampTz expired;
	bool		found = false;

	if (!catalog_lookup_id(queue->queue_id, queue))
		return false;
	expired = GetCurrentTimestamp() - queue->message_retention_period * USECS_PER_SEC;
	for (int segment = 1; segment <= SEGMENT_MAX && !found; segment++)
	{
		StoreTable *table;
		StoreRow	row;
		StoreResult result;
		FullTransactionId xid;

		if (segment_in_use(queue, segment))
			continue;
		table = store_open_one(queue, catalog_segment(queue->queue_id, segment), false);
		if (table == NULL)
			continue;
		store_scan(table, queue->purged_below, PG_INT64_MAX);
		while (!found && store_next(table, &row, &result, &xid))
		{
			CHECK_FOR_INTERRUPTS();
			found = row.sent_at > expired;
		}
		store_close(table);
	}
	return found;
}

static void
check_report(ReturnSetInfo *rsinfo, const Queue *queue, const pg_uuid_t *message_id,
			 const char *problem)
{
	Datum		values[3];
	bool		isnull[3] = {false, message_id == NULL, false};

	values[0] = CStringGetTextDatum(names_short(queue->account_id, queue->queue_name));
	values[1] = UUIDPGetDatum(message_id);
	values[2] = CStringGetTextDatum(problem);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, isnull);
}

/*
 * Compare a queue's counters with its rows; off is by how much each is wrong.
 */
static char *
check_counters(const Queue *queue, int64 *off)
{
	QueueStatus said;
	QueueStatus counted;

	if (!counters_audit(queue, &said, &counted))
		return NULL;
	off[0] = said.visible - counted.visible;
	off[1] = said.in_flight - counted.in_flight;
	off[2] = said.delayed - counted.delayed;
	if (off[0] == 0 && off[1] == 0 && off[2] == 0)
		return NULL;
	return psprintf("counters say " INT64_FORMAT " visible, " INT64_FORMAT " in flight, "
					INT64_FORMAT " delayed; rows say " INT64_FORMAT ", " INT64_FORMAT
					", " INT64_FORMAT,
					said.visible, said.in_flight, said.delayed,
					counted.visible, counted.in_flight, counted.delayed);
}

/*
 * The same once more.  Under load the counters may be off for a moment: a
 * transaction is visible in the rows a little before it counts.  What stays is
 * always off by the same.
 */
static char *
check_counters_again(const Queue *queue, const int64 *off)
{
	int64		now[3];
	char	   *difference = check_counters(queue, now);

	return difference != NULL && memcmp(now, off, sizeof(now)) == 0 ? difference : NULL;
}

/*
 * Check one queue.
 */
static void
check_queue(ReturnSetInfo *rsinfo, Queue *queue)
{
	Suspect    *suspects;
	Suspect    *old;
	char	   *difference;
	int64		off[3];
	bool		unused;
	int			count;

	/* it may have been deleted since, and another may drop its tables */
	if (!catalog_lookup_id(queue->queue_id, queue) ||
		(!rows_ready(queue) && !catalog_reload(queue)))
		return;
	if (!rows_ready(queue))
	{
		check_report(rsinfo, queue, NULL,
					 "the table of messages or its primary key is missing");
		return;
	}

	suspects = palloc(SUSPECTS_MAX * sizeof(Suspect));
	old = palloc(SUSPECTS_MAX * sizeof(Suspect));
	count = check_rows(queue, suspects, NULL, 0);
	difference = check_counters(queue, off);
	unused = check_unused(queue);
	for (int i = 0; i < CHECK_ROUNDS && (count > 0 || difference != NULL || unused); i++)
	{
		TimestampTz until = GetCurrentTimestamp() + CHECK_PAUSE;

		while (GetCurrentTimestamp() < until)
			wake_sleep(until);
		/* it may have been purged meanwhile, or deleted */
		if (!catalog_lookup_id(queue->queue_id, queue))
			return;
		if (count > 0)
		{
			memcpy(old, suspects, count * sizeof(Suspect));
			count = check_rows(queue, suspects, old, count);
		}
		if (difference != NULL)
			difference = check_counters_again(queue, off);
		if (unused)
			unused = check_unused(queue);
	}

	for (int i = 0; i < count; i++)
		check_report(rsinfo, queue, &suspects[i].message_id, suspects[i].problem);
	if (difference != NULL)
		check_report(rsinfo, queue, NULL, difference);
	if (unused)
		check_report(rsinfo, queue, NULL,
					 "a segment that is out of use has messages: no receiver will find them");
	pfree(suspects);
	pfree(old);
}

/*
 * sqs_check(queue text) returns table (queue_name, message_id, problem)
 */
Datum
sqs_check(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Queue	   *queues;
	int			count;

	PreventCommandDuringRecovery("sqs_check()");
	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		queues = catalog_all(&count);
	else
	{
		queues = palloc(sizeof(Queue));
		count = 1;
		authorize_lookup(PG_GETARG_TEXT_PP(0), "GetQueueAttributes", &queues[0]);
	}
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (authorize_queue_allows(&queues[i], "GetQueueAttributes"))
			check_queue(rsinfo, &queues[i]);
	}
	return (Datum) 0;
}
