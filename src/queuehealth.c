/*-------------------------------------------------------------------------
 *
 * queuehealth.c
 *		What a queue suffers from.
 *
 * A look may cost no more where a queue is long.  The oldest message is among
 * the first rows, as ids rise with time: behind one that is young enough no other
 * need be looked at.  Messages that were received and are visible again are among
 * the ids that a receiver would look at now, which shared memory knows, or begin
 * where fresh ones do, after a restart.  In both places so many rows are looked
 * at, and not one more: of very many poison messages not all are counted.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>
#include <unistd.h>

#include "access/htup_details.h"
#include "access/xlog.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "counters.h"
#include "deadletter.h"
#include "fair.h"
#include "kmskey.h"
#include "masterkey.h"
#include "message.h"
#include "queuehealth.h"
#include "rows.h"
#include "schedule.h"
#include "segment.h"
#include "settings.h"
#include "store.h"

/* Rows of a queue that are looked at in all, for each purpose */
#define LOOK_ROWS 1000

/* Ranges of ids that are due, of which poison messages may be in any */
#define LOOK_RANGES 64

/* The part of queue.in_flight_limit from which that is worth a word, in percent */
#define IN_FLIGHT_NEAR 80

/* ... and the part of the retention period, after which messages will be lost */
#define EXPIRY_NEAR 75

/* What a queue's rows have told */
typedef struct Look
{
	TimestampTz oldest;			/* DT_NOEND: there is none */
	int			poison;			/* messages */
	TimestampTz poison_since;	/* the first receive of the first of them */
	int64		poison_id;		/* ... its id ... */
	int			poison_count;	/* ... and how often it was received */
} Look;

/*
 * Since when the message of the current row could have been dealt with; DT_NOEND
 * if it is not one to wait for.
 */
static TimestampTz
look_since(const Queue *queue, StoreTable *table, const StoreRow *row, TimestampTz now)
{
	TimestampTz visible_at = schedule_visible_at(queue, row);

	if (MESSAGE_IS_POISON(row) || (row->receive_count == 0 && visible_at > now))
		return DT_NOEND;
	if (row->receive_count == 0)
		return Max(visible_at, rows_since(table, row));
	return rows_since(table, row);
}

/*
 * Look for the oldest message, from the id on where the last look for it ended.
 */
static void
look_for_oldest(const Queue *queue, StoreTable *table, TimestampTz now, int64 low,
				Look *look)
{
	TimestampTz expired = now - queue->message_retention_period * USECS_PER_SEC;
	TimestampTz young = now - setting_health_message_age * USECS_PER_SEC;
	StoreRow	row;
	StoreResult result;
	FullTransactionId xid;
	bool		more = true;

	look->oldest = DT_NOEND;
	store_scan(table, low, PG_INT64_MAX);
	for (int i = 0; more && i < LOOK_ROWS && store_next(table, &row, &result, &xid); i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (row.sent_at <= expired || result == STORE_OWN || store_is_uncommitted(table))
			continue;
		look->oldest = Min(look->oldest, look_since(queue, table, &row, now));
		/* a later segment may have an older message */
		if (look->oldest <= young || rows_since(table, &row) > young)
			more = store_next_segment(table);
	}
}

static int
look_compare_ranges(const void *a, const void *b)
{
	int64		x = ((const IdRange *) a)->lo;
	int64		y = ((const IdRange *) b)->lo;

	return (x > y) - (x < y);
}

/*
 * Copy the ranges of ids that a receiver would look at now, LOOK_RANGES of them
 * at most, by id.  Those that stand back are most likely to be poison messages.
 */
static int
look_copy_ranges(QueueShared *qs, TimestampTz now, IdRange *ranges)
{
	int			count = 0;

	for (int i = 0; i < qs->late_count; i++)
		ranges[count++] = qs->late[i].ids;
	ranges[count].lo = qs->head;
	ranges[count++].hi = PG_INT64_MAX;
	for (int i = 0; i < qs->ready_count && count < LOOK_RANGES; i++)
	{
		ranges[count].lo = qs->ready[i].id;
		ranges[count++].hi = qs->ready[i].id + 1;
	}
	for (int i = 0; i < qs->returned_count && count < LOOK_RANGES; i++)
		ranges[count++] = qs->returned[i];
	for (int i = 0; i < qs->schedule_count && count < LOOK_RANGES; i++)
	{
		if (schedule_entries(qs)[i].due > now)
			break;
		ranges[count++] = schedule_entries(qs)[i].ids;
	}
	return count;
}

StaticAssertDecl(SHARED_LATE_MAX < LOOK_RANGES, "late ranges fit in");

/*
 * Look for poison messages in ranges that are sorted by id.
 */
static void
look_for_poison(const Queue *queue, StoreTable *table, TimestampTz now,
				const IdRange *ranges, int count, Look *look)
{
	TimestampTz expired = now - queue->message_retention_period * USECS_PER_SEC;
	int64		from = queue->purged_below;
	int			rows = 0;

	for (int i = 0; i < count && rows < LOOK_ROWS; i++)
	{
		StoreRow	row;
		StoreResult result;
		FullTransactionId xid;

		from = Max(from, ranges[i].lo);
		if (from >= ranges[i].hi)
			continue;
		store_scan(table, from, ranges[i].hi);
		while (rows++ < LOOK_ROWS && store_next(table, &row, &result, &xid))
		{
			CHECK_FOR_INTERRUPTS();
			if (result != STORE_OK || row.sent_at <= expired || !MESSAGE_IS_POISON(&row) ||
				schedule_visible_at(queue, &row) > now)
				continue;
			if (look->poison++ > 0 && row.first_received_at >= look->poison_since)
				continue;
			look->poison_since = row.first_received_at;
			look->poison_id = row.id;
			look->poison_count = row.receive_count;
		}
		from = ranges[i].hi;
	}
}

/*
 * Look at a queue's rows; false if its tables are not there.
 */
static bool
look_at_rows(const Queue *queue, TimestampTz now, Look *look)
{
	StoreTable *table = store_try_open(queue);
	IdRange		ranges[LOOK_RANGES];
	int			count = 1;
	int64		low = queue->purged_below;

	memset(look, 0, sizeof(Look));
	if (table == NULL)
		return false;
	if (RecoveryInProgress())
	{
		ranges[0].lo = low;
		ranges[0].hi = PG_INT64_MAX;
	}
	else
	{
		/* of a queue that nobody has used yet, nothing is known */
		QueueShared *qs = shared_acquire_known(queue);

		if (qs == NULL)
		{
			ranges[0].lo = low;
			ranges[0].hi = PG_INT64_MAX;
		}
		else
		{
			count = look_copy_ranges(qs, now, ranges);
			low = Max(low, qs->low);
			shared_release(qs);
		}
		qsort(ranges, count, sizeof(IdRange), look_compare_ranges);
	}
	look_for_oldest(queue, table, now, low, look);
	look_for_poison(queue, table, now, ranges, count, look);
	store_close(table);
	return true;
}

/*
 * Messages that nobody has dealt with.  In a dead-letter queue they wait for a
 * person.
 */
static void
find_old_message(Findings *findings, const Queue *queue, const char *name,
				 TimestampTz oldest)
{
	int64		retention = queue->message_retention_period;
	int64		age = (findings->now - oldest) / USECS_PER_SEC;
	char	   *literal = quote_literal_cstr(name);

	if (oldest == DT_NOEND || age < setting_health_message_age)
		return;
	if (age * 100 >= retention * EXPIRY_NEAR)
		finding_add(findings, SEVERITY_CRITICAL, "messages are about to expire", name, oldest,
					"They are lost after MessageRetentionPeriod, %d seconds. Start more consumers%s",
					queue->message_retention_period,
					retention == RETENTION_MAX ? "." :
					psprintf(", or keep them for longer: SELECT sqs_set_queue_attributes(%s, '{\"MessageRetentionPeriod\": %d}');",
							 literal, RETENTION_MAX));
	else if (deadletter_is_target(queue))
		finding_add(findings, SEVERITY_INFO, "dead-letter queue has messages", name, oldest,
					"See why they have failed: SELECT * FROM sqs_peek(%s); and give them another try: SELECT sqs_start_message_move_task(%s);",
					literal, literal);
	else
		finding_add(findings, SEVERITY_WARNING, "oldest message is old", name, oldest,
					"Start more consumers of it. What waits: SELECT * FROM sqs_peek(%s);",
					literal);
}

/*
 * Messages that are received again and again.  Where there is a dead-letter queue
 * they will go to it.
 */
static void
find_poison(Findings *findings, const Queue *queue, const char *name, const Look *look)
{
	pg_uuid_t	message_id;
	char	   *id;

	if (look->poison == 0)
		return;
	message_uuid(queue, look->poison_id, &message_id);
	id = DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&message_id)));
	if (queue->max_receive_count > 0)
		finding_add(findings, SEVERITY_INFO, "poison messages", name, look->poison_since,
					"%d, the first is %s, received %d times; after %d receives they go to \"%s\". See why they fail: SELECT * FROM sqs_peek(%s, 1000) WHERE receive_count >= %d;",
					look->poison, id, look->poison_count, queue->max_receive_count,
					queue->dead_letter_queue, quote_literal_cstr(name), MESSAGE_POISON_COUNT);
	else
		finding_add(findings, SEVERITY_WARNING, "poison messages", name, look->poison_since,
					"%d, the first is %s, received %d times. See why they fail: SELECT * FROM sqs_peek(%s, 1000) WHERE receive_count >= %d; and set a RedrivePolicy, which puts such messages aside.",
					look->poison, id, look->poison_count, quote_literal_cstr(name),
					MESSAGE_POISON_COUNT);
}

/*
 * A redrive policy that leads nowhere.
 */
static void
find_redrive(Findings *findings, const Queue *queue, const char *name)
{
	QueueName	target = {0};
	Queue		found;

	if (queue->max_receive_count == 0)
		return;
	strlcpy(target.account_id, queue->account_id, sizeof(target.account_id));
	strlcpy(target.queue_name, queue->dead_letter_queue, sizeof(target.queue_name));
	if (catalog_lookup_name(&target, &found))
		return;
	finding_add(findings, SEVERITY_WARNING, "dead-letter queue does not exist", name, 0,
				"Create it: SELECT sqs_create_queue(%s%s); or go without: SELECT sqs_set_queue_attributes(%s, '{\"RedrivePolicy\": \"\"}');",
				quote_literal_cstr(target.queue_name),
				queue->fifo ? ", '{\"FifoQueue\": true}'" : "", quote_literal_cstr(name));
}

/*
 * Too many messages that were received and not deleted.
 */
static void
find_in_flight(Findings *findings, const Queue *queue, const char *name)
{
	QueueShared *qs = RecoveryInProgress() ? NULL : shared_acquire_known(queue);
	int64		limit = setting_in_flight_limit;
	int64		in_flight;
	bool		reached;

	if (qs == NULL)
		return;
	in_flight = counters_in_flight(qs, findings->now);
	shared_release(qs);
	if (in_flight * 100 < limit * IN_FLIGHT_NEAR)
		return;
	reached = in_flight >= limit;
	finding_add(findings, reached ? SEVERITY_CRITICAL : SEVERITY_WARNING,
				reached ? "in-flight limit is reached" : "in-flight limit is near", name, 0,
				INT64_FORMAT " messages are in flight, of " INT64_FORMAT
				". Delete those that are done, or shorten VisibilityTimeout, or raise the limit: ALTER SYSTEM SET queue.in_flight_limit = " INT64_FORMAT "; SELECT pg_reload_conf();",
				in_flight, limit, Min(2 * limit, INT_MAX));
}

/*
 * What is wrong with the key that a queue's messages are encrypted with, or NULL.
 * No key is read: that a file can be is all that is asked.
 */
static const char *
key_problem(const Queue *queue)
{
	Datum		values[Natts_queues];
	bool		nulls[Natts_queues];
	const KmsKey *key;

	if (queue->encryption == ENCRYPTION_MANAGED)
	{
		if (!masterkey_configured())
			return "There is no master key: set queue.master_key_file or queue.master_key_command, and reload.";
		if (setting_master_key_file[0] != '\0' && access(setting_master_key_file, R_OK) != 0)
			return "The server cannot read the file of queue.master_key_file: restore it, with its owner and mode.";
		return NULL;
	}
	if (!catalog_fetch(queue->queue_id, values, nulls) ||
		nulls[Anum_queues_kms_master_key_id - 1])
		return NULL;
	key = kmskey_find(TextDatumGetCString(values[Anum_queues_kms_master_key_id - 1]));
	if (key == NULL)
		return "There is no key of the name in KmsMasterKeyId: create one with this alias, or set another.";
	if (key->state != KMSKEY_ENABLED)
		return psprintf("Its key is disabled: SELECT sqs_set_key_state(%s, 'Enabled');",
						quote_literal_cstr(key->alias));
	if (key->path != NULL && access(key->path, R_OK) != 0)
		return psprintf("The server cannot read the file of key %s: restore it, with its owner and mode.",
						key->alias);
	return NULL;
}

static void
find_key(Findings *findings, const Queue *queue, const char *name)
{
	const char *problem = queue->encryption == ENCRYPTION_NONE ? NULL : key_problem(queue);

	if (problem != NULL)
		finding_add(findings, SEVERITY_CRITICAL, "encryption key cannot be used", name, 0,
					"%s", problem);
}

/*
 * The table of a segment's out-of-line values.
 */
static Oid
segment_toast(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			toast = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		toast = ((Form_pg_class) GETSTRUCT(tuple))->reltoastrelid;
		ReleaseSysCache(tuple);
	}
	return toast;
}

/*
 * Whether there is something in a segment that is out of use.  Where somebody has
 * it for himself, one has to suppose so.
 */
static bool
segment_is_full(Oid relid)
{
	return !segment_try_lock(relid) || !segment_is_empty(relid);
}

/*
 * A transaction that has a lock on a segment: if it has changed rows, it may hold
 * messages, and an old segment cannot be emptied; if that is out of use, any lock
 * keeps it from being truncated.
 */
static void
find_lock(Findings *findings, const Queue *queue, const char *name, int segment,
		  const Holder *holder, LOCKMASK modes)
{
	bool		writes = (modes & ~(LOCKBIT_ON(AccessShareLock) | LOCKBIT_ON(RowShareLock))) != 0;
	bool		newest = segment == queue->segments[queue->segment_count - 1];
	TimestampTz since = holder_is_visible(holder) ? holder->since : 0;

	if (holder->kind == HOLDER_PREPARED && writes && segment_in_use(queue, segment))
		finding_add(findings, SEVERITY_WARNING, "prepared transaction holds messages", name,
					since, "%s: %s", holder_name(holder), holder_remedy(holder));
	if (newest || (segment_in_use(queue, segment) ? !writes :
				   !segment_is_full(catalog_segment(queue->queue_id, segment))))
		return;
	finding_add(findings, SEVERITY_WARNING, "segment cannot be truncated", name, since,
				"queue." SEGMENT_RELATION " is locked by %s. %s",
				queue->queue_id, segment, holder_name(holder), holder_remedy(holder));
}

/*
 * A segment that is emptied, but kept for snapshots that are older.
 */
static void
find_kept_segment(Findings *findings, const Queue *queue, const char *name, int segment,
				  Oid relid)
{
	QueueShared *qs = shared_acquire_known(queue);
	TimestampTz retired_at = 0;
	FullTransactionId retired_xid = InvalidFullTransactionId;

	if (qs != NULL)
	{
		retired_at = qs->retired_at[segment - 1];
		retired_xid = qs->retired_xid[segment - 1];
		shared_release(qs);
	}
	if (retired_at == 0 ||
		findings->now - retired_at < setting_health_transaction_age * USECS_PER_SEC ||
		findings->now - retired_at >= setting_truncate_delay * USECS_PER_SEC ||
		!segment_try_lock(relid) || segment_is_empty(relid) ||
		segment_is_past(relid, retired_xid))
		return;
	finding_add(findings, SEVERITY_INFO, "segment is kept for older snapshots", name, retired_at,
				"queue." SEGMENT_RELATION " is truncated when these have ended, or after queue.truncate_delay, %d seconds. To make that shorter: ALTER SYSTEM SET queue.truncate_delay = '30s'; SELECT pg_reload_conf();",
				queue->queue_id, segment, setting_truncate_delay);
}

/*
 * The modes in which the holder of a lock has locked a segment; 0 if another of its
 * locks was asked about before, or if this one is on something else.
 */
static LOCKMASK
lock_modes(const HeldLock *locks, int count, int which, Oid relid, Oid toast)
{
	LOCKMASK	modes = 0;

	if (locks[which].relid != relid && locks[which].relid != toast)
		return 0;
	for (int i = 0; i < count; i++)
	{
		if (locks[i].holder != locks[which].holder ||
			(locks[i].relid != relid && locks[i].relid != toast))
			continue;
		if (i < which)
			return 0;
		modes |= locks[i].modes;
	}
	return modes;
}

/*
 * Segments, and who is at work on them.
 */
static void
find_segments(Findings *findings, const Queue *queue, const char *name,
			  const HeldLock *locks, int lock_count)
{
	int			last = queue->rotations > 0 ? SEGMENT_MAX : 1;

	for (int segment = 1; segment <= last; segment++)
	{
		Oid			relid = catalog_segment(queue->queue_id, segment);
		Oid			toast;

		if (!OidIsValid(relid))
			continue;
		toast = lock_count > 0 ? segment_toast(relid) : InvalidOid;
		for (int i = 0; i < lock_count; i++)
		{
			LOCKMASK	modes = lock_modes(locks, lock_count, i, relid, toast);

			if (modes != 0)
				find_lock(findings, queue, name, segment, locks[i].holder, modes);
		}
		if (!segment_in_use(queue, segment) && !RecoveryInProgress())
			find_kept_segment(findings, queue, name, segment, relid);
	}
}

void
queuehealth_look(Findings *findings, const Queue *queue, const HeldLock *locks,
				 int lock_count)
{
	char	   *name = names_short(queue->account_id, queue->queue_name);
	Look		look;

	find_redrive(findings, queue, name);
	find_key(findings, queue, name);
	if (!OidIsValid(queue->relid) || !look_at_rows(queue, findings->now, &look))
		return;
	find_old_message(findings, queue, name, look.oldest);
	find_poison(findings, queue, name, &look);
	find_in_flight(findings, queue, name);
	find_segments(findings, queue, name, locks, lock_count);
}
