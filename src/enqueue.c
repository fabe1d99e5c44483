/*-------------------------------------------------------------------------
 *
 * enqueue.c
 *		Storing messages.
 *
 * A sender inserts first and looks at head after; a receiver advances head
 * first and scans after.  Between the two stands the queue's lock, so where a
 * receiver has passed ids of ours before they were in the index, we see it,
 * and register them as pending on our own transaction.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "body.h"
#include "counters.h"
#include "dedup.h"
#include "enqueue.h"
#include "group.h"
#include "message.h"
#include "report.h"
#include "schedule.h"
#include "stop.h"
#include "store.h"
#include "xact.h"

/* Messages formed and inserted at a time */
#define ENQUEUE_CHUNK 500

/*
 * The columns of one message.
 */
static void
enqueue_form(const Queue *queue, const BodySealer *sealer, const StoreRow *row,
			 const Payload *payload, Datum sender, Datum *values, bool *isnull)
{
#define SET(column, value, null) \
	(values[Anum_message_##column - 1] = (value), \
	 isnull[Anum_message_##column - 1] = (null))

	SET(id, Int64GetDatum(row->id), false);
	SET(visible_at, TimestampTzGetDatum(row->visible_at), false);
	SET(first_received_at, TimestampTzGetDatum(row->first_received_at), false);
	SET(received_at, TimestampTzGetDatum(row->received_at), false);
	SET(sent_at, TimestampTzGetDatum(row->sent_at), false);
	SET(receive_count, Int32GetDatum(row->receive_count), false);
	SET(stamp, Int32GetDatum(row->stamp), false);
	SET(group_id, PointerGetDatum(payload->group_id), payload->group_id == NULL);
	SET(deduplication_id, PointerGetDatum(payload->deduplication_id),
		payload->deduplication_id == NULL);
	SET(message_id, (Datum) 0, true);
	SET(sender_id, sender, false);
	SET(trace_header, PointerGetDatum(payload->trace_header),
		payload->trace_header == NULL);
	SET(dead_letter_source, (Datum) 0, true);
	SET(attributes, PointerGetDatum(payload->attributes), payload->attributes == NULL);
	SET(body, PointerGetDatum(payload->body), false);
	SET(moved_at, (Datum) 0, true);
	SET(sealed_body, (Datum) 0, true);

#undef SET

	body_seal(sealer, queue, row->id, values, isnull);
}

/*
 * After the rows and their index entries are in: catch up with receivers that
 * were ahead of us, and note what the commit has to make known.
 */
static void
enqueue_register(const Queue *queue, TimestampTz now, TimestampTz visible_at,
				 const IdRange *runs, int run_count,
				 const Payload *payloads, int count)
{
	FullTransactionId xid = GetTopFullTransactionId();
	QueueShared *qs;
	int64		last = runs[0].hi - 1;
	QueueTotals sent = {.sent = count,.smallest = PG_INT32_MAX};
	bool		delayed = visible_at > now;

	xact_reserve(2);
	qs = shared_acquire(queue);
	for (int i = 0; i < run_count; i++)
	{
		last = Max(last, runs[i].hi - 1);
		if (runs[i].lo < qs->head)
			schedule_pend(qs, xid, runs[i].lo, Min(runs[i].hi, qs->head));
	}
	if (delayed)
		counters_reserve(qs, now, visible_at);
	shared_release(qs);

	for (int i = 0; i < count; i++)
	{
		sent.sent_bytes += payloads[i].size;
		sent.smallest = Min(sent.smallest, (int32) payloads[i].size);
		sent.greatest = Max(sent.greatest, (int32) payloads[i].size);
		sent.sizes[size_bucket((int32) payloads[i].size)]++;
	}
	xact_note_sent(qs, queue->relid, last, &sent, delayed);
	if (delayed)
		xact_note_hidden(qs, queue->relid, COUNTER_DELAYED, visible_at, count);
}

/*
 * Open the newest segment, and get the ids.
 *
 * It must be the newest still when the ids are given; then it stays in use for
 * as long as we hold its lock, because the worker waits for that.
 */
static StoreTable *
enqueue_open(const Queue *queue, int count, IdRange *runs, int *run_count)
{
	Queue		newer = *queue;

	for (;;)
	{
		StoreTable *table;

		stop_point("send_open");
		table = store_open_newest(&newer);
		*run_count = shared_allocate_ids(&newer, count, runs);
		if (likely(*run_count > 0))
			return table;
		store_close(table);
		CHECK_FOR_INTERRUPTS();
		if (!catalog_reload(&newer))
			report_no_queue(queue->queue_name);
		shared_correct_segments(&newer);
	}
}

/*
 * What a new message's row has in its fixed columns, but for the id.
 */
static void
enqueue_begin_row(const Queue *queue, int delay, TimestampTz now, StoreRow *row)
{
	row->sent_at = now;
	row->visible_at = schedule_time(now, delay >= 0 ? delay : queue->delay_seconds);
	row->first_received_at = row->received_at = DT_NOBEGIN;
	row->receive_count = 0;
	row->stamp = 0;
}

static Datum
enqueue_sender(void)
{
	return PointerGetDatum(cstring_to_text(GetUserNameFromId(GetUserId(), false)));
}

/*
 * Store messages in a standard queue.
 */
static void
enqueue_standard(const Queue *queue, const Payload *payloads, int count,
				 int delay, int64 *ids)
{
	IdRange		runs[SHARED_RUNS_MAX];
	StoreTable *table;
	int			run_count;
	MemoryContext chunk_context;
	Datum		sender;
	StoreRow	row;
	BodySealer	sealer;
	int			run = 0;
	int64		id;
	TimestampTz now;

	body_begin(queue, GetUserId(), &sealer);
	table = enqueue_open(queue, count, runs, &run_count);
	id = runs[0].lo;
	now = GetCurrentTimestamp();
	enqueue_begin_row(queue, delay, now, &row);
	chunk_context = AllocSetContextCreate(CurrentMemoryContext, "queue messages",
										  ALLOCSET_DEFAULT_SIZES);
	sender = enqueue_sender();

	for (int done = 0; done < count;)
	{
		int			n = Min(count - done, ENQUEUE_CHUNK);
		MemoryContext old = MemoryContextSwitchTo(chunk_context);
		Datum	  **values = palloc(n * sizeof(Datum *));
		bool	  **isnull = palloc(n * sizeof(bool *));

		for (int i = 0; i < n; i++)
		{
			values[i] = palloc(Natts_message * sizeof(Datum));
			isnull[i] = palloc(Natts_message * sizeof(bool));
			row.id = id++;
			if (id == runs[run].hi && ++run < run_count)
				id = runs[run].lo;
			enqueue_form(queue, &sealer, &row, &payloads[done + i], sender,
						 values[i], isnull[i]);
			if (ids)
				ids[done + i] = row.id;
		}
		stop_point("send_insert");
		store_insert(table, values, isnull, n);
		MemoryContextSwitchTo(old);
		MemoryContextReset(chunk_context);
		done += n;
	}
	MemoryContextDelete(chunk_context);
	store_close(table);
	body_end(&sealer);

	enqueue_register(queue, now, row.visible_at, runs, run_count,
					 payloads, count);
	CommandCounterIncrement();
}

/* A FIFO queue's send under way */
typedef struct FifoSend
{
	Queue		queue;			/* a copy; its segments may change */
	QueueShared *qs;
	StoreTable *table;			/* all segments */
	Records    *records;
	const Payload *payloads;
	int64	   *ids;			/* of each message, or of the one it repeats */
	int		   *order;			/* messages by group, in order in each */
	int			waits;			/* for other transactions so far */
	int			dated;			/* how many there were at the time of row */
	int			stored_count;	/* since then */
	int		   *stored;			/* those that are no duplicates */
	int64		duplicates;
	StoreRow	row;
	Datum		sender;
	BodySealer	sealer;
} FifoSend;

/*
 * Order by group, always the same, so that two who send to the same groups do
 * not wait for each other.
 */
static int
enqueue_compare_groups(const void *a, const void *b, void *arg)
{
	const Payload *payloads = arg;
	int			x = *(const int *) a;
	int			y = *(const int *) b;
	GroupHash	group_x = group_hash(payloads[x].group_id);
	GroupHash	group_y = group_hash(payloads[y].group_id);

	if (group_x != group_y)
		return group_x < group_y ? -1 : 1;
	return x - y;
}

static int
enqueue_compare_numbers(const void *a, const void *b)
{
	return *(const int *) a - *(const int *) b;
}

/*
 * Give messages ids, those of order[from] up to order[to]; false if segments
 * have come into use that are not open.
 */
static bool
enqueue_give_ids(FifoSend *send, int from, int to)
{
	IdRange		runs[SHARED_RUNS_MAX];
	int			run_count = shared_allocate_ids(&send->queue, to - from, runs);

	for (int run = 0; run < run_count; run++)
		for (int64 id = runs[run].lo; id < runs[run].hi; id++)
			send->ids[send->order[from++]] = id;
	return run_count > 0;
}

/*
 * With the group locked, see that what is left of its messages has ids greater
 * than those that are there, and goes into a segment that is the newest.  Ids
 * that were given before a wait are not used: the worker relies on it that ids
 * become rows soon.
 */
static bool
enqueue_may_store(FifoSend *send, int from, int to, int64 last_id, int *given)
{
	if (!store_stale(send->table, send->qs) &&
		((last_id < send->ids[send->order[from]] && *given == send->waits) ||
		 enqueue_give_ids(send, from, to)))
	{
		*given = send->waits;
		return true;
	}
	group_unlock(&send->queue, send->payloads[send->order[from]].group_id);
	CHECK_FOR_INTERRUPTS();
	send->table = store_reopen(send->table, &send->queue);
	return false;
}

/*
 * Register what was stored at one time.
 */
static void
enqueue_register_fifo(FifoSend *send)
{
	int			count = send->stored_count;
	IdRange    *ranges = palloc(Max(count, 1) * sizeof(IdRange));
	Payload    *stored = palloc(Max(count, 1) * sizeof(Payload));

	/* in order of ids, as far as they are */
	qsort(send->stored, count, sizeof(int), enqueue_compare_numbers);
	for (int i = 0; i < count; i++)
	{
		int			n = send->stored[i];

		ranges[i].lo = send->ids[n];
		ranges[i].hi = send->ids[n] + 1;
		stored[i] = send->payloads[n];
	}
	if (count > 0)
		enqueue_register(&send->queue, send->row.sent_at, send->row.visible_at, ranges,
						 count, stored, count);
	pfree(ranges);
	pfree(stored);
	send->stored_count = 0;
}

/*
 * A message is sent when it is stored: after a wait that is later.
 */
static void
enqueue_date(FifoSend *send)
{
	enqueue_register_fifo(send);
	enqueue_begin_row(&send->queue, -1, GetCurrentTimestamp(), &send->row);
	send->dated = send->waits;
}

/*
 * Store the messages of one group, order[from] up to order[to].  One that is
 * just being sent by somebody else has us wait for him; what comes before it is
 * stored by then.
 */
static void
enqueue_group(FifoSend *send, int from, int to)
{
	const text *group = send->payloads[send->order[from]].group_id;
	int			given = 0;		/* waits before the ids were given */

	while (from < to)
	{
		int64		last_id = group_lock_for_send(&send->queue, send->table, group,
												  &send->waits);
		RecordResult result = RECORD_NONE;
		TransactionId busy = InvalidTransactionId;

		if (!enqueue_may_store(send, from, to, last_id, &given))
			continue;
		if (send->dated != send->waits)
			enqueue_date(send);
		for (; from < to && result != RECORD_BUSY; from++)
		{
			int			i = send->order[from];
			Datum		values[Natts_message];
			bool		isnull[Natts_message];
			Datum	   *row_values = values;
			bool	   *row_isnull = isnull;
			int64		original;

			CHECK_FOR_INTERRUPTS();
			result = dedup_claim(send->records, &send->queue, &send->payloads[i],
								 send->ids[i], send->row.sent_at, &original, &busy);
			if (result == RECORD_BUSY)
				break;
			if (result == RECORD_FOUND)
			{
				send->ids[i] = original;
				send->duplicates++;
				continue;
			}
			send->row.id = send->ids[i];
			enqueue_form(&send->queue, &send->sealer, &send->row, &send->payloads[i],
						 send->sender, values, isnull);
			store_insert(send->table, &row_values, &row_isnull, 1);
			send->stored[send->stored_count++] = i;
		}
		group_unlock(&send->queue, group);
		if (result == RECORD_BUSY)
		{
			send->waits++;
			XactLockTableWait(busy, NULL, NULL, XLTW_None);
		}
	}
}

/*
 * Store messages in a FIFO queue.
 */
static void
enqueue_fifo(const Queue *queue, const Payload *payloads, int count, int64 *ids)
{
	FifoSend	send;

	memset(&send, 0, sizeof(send));
	send.queue = *queue;
	send.qs = shared_acquire(queue);
	shared_release(send.qs);
	send.payloads = payloads;
	send.ids = ids;
	send.order = palloc(count * sizeof(int));
	send.stored = palloc(count * sizeof(int));
	send.sender = enqueue_sender();
	body_begin(queue, GetUserId(), &send.sealer);
	for (int i = 0; i < count; i++)
		send.order[i] = i;

	send.table = store_open(queue, true);
	send.records = records_open();
	while (!enqueue_give_ids(&send, 0, count))
	{
		CHECK_FOR_INTERRUPTS();
		send.table = store_reopen(send.table, &send.queue);
	}
	qsort_arg(send.order, count, sizeof(int), enqueue_compare_groups,
			  unconstify(Payload *, payloads));
	enqueue_begin_row(queue, -1, GetCurrentTimestamp(), &send.row);

	for (int from = 0, to = 0; from < count; from = to)
	{
		GroupHash	group = group_hash(payloads[send.order[from]].group_id);

		while (to < count && group_hash(payloads[send.order[to]].group_id) == group)
			to++;
		enqueue_group(&send, from, to);
	}
	records_close(send.records);
	store_close(send.table);
	body_end(&send.sealer);

	enqueue_register_fifo(&send);
	if (send.duplicates > 0)
		xact_note_deduplicated(send.qs, queue->relid, send.duplicates);
	CommandCounterIncrement();
}

/*
 * Store count checked messages in one queue, in order.
 */
void
enqueue_messages(const Queue *queue, const Payload *payloads, int count,
				 int delay, int64 *ids)
{
	if (!queue->fifo)
		enqueue_standard(queue, payloads, count, delay, ids);
	else
		enqueue_fifo(queue, payloads, count,
					 ids != NULL ? ids : palloc(count * sizeof(int64)));
}
