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
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "counters.h"
#include "enqueue.h"
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
enqueue_form(const StoreRow *row, const Payload *payload, Datum sender,
			 Datum *values, bool *isnull)
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
	SET(deduplication_id, (Datum) 0, true);
	SET(message_id, (Datum) 0, true);
	SET(sender_id, sender, false);
	SET(trace_header, PointerGetDatum(payload->trace_header),
		payload->trace_header == NULL);
	SET(dead_letter_source, (Datum) 0, true);
	SET(attributes, PointerGetDatum(payload->attributes), payload->attributes == NULL);
	SET(body, PointerGetDatum(payload->body), false);
	SET(moved_at, (Datum) 0, true);

#undef SET
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
	int64		bytes = 0;
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
		bytes += payloads[i].size;
	xact_note_sent(qs, queue->relid, last, count, bytes, delayed);
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
 * Store count checked messages in one queue, in order.
 */
void
enqueue_messages(const Queue *queue, const Payload *payloads, int count,
				 int delay, pg_uuid_t *message_ids)
{
	IdRange		runs[SHARED_RUNS_MAX];
	StoreTable *table;
	int			run_count;
	MemoryContext chunk_context;
	Datum		sender;
	StoreRow	row;
	int			run = 0;
	int64		id;
	TimestampTz now;

	table = enqueue_open(queue, count, runs, &run_count);
	id = runs[0].lo;
	now = GetCurrentTimestamp();
	chunk_context = AllocSetContextCreate(CurrentMemoryContext, "queue messages",
										  ALLOCSET_DEFAULT_SIZES);
	sender = PointerGetDatum(cstring_to_text(GetUserNameFromId(GetUserId(), false)));
	row.sent_at = now;
	row.visible_at = schedule_time(now, delay >= 0 ? delay : queue->delay_seconds);
	row.first_received_at = row.received_at = DT_NOBEGIN;
	row.receive_count = 0;
	row.stamp = 0;

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
			enqueue_form(&row, &payloads[done + i], sender, values[i], isnull[i]);
			if (message_ids)
				message_uuid(queue, row.id, &message_ids[done + i]);
		}
		stop_point("send_insert");
		store_insert(table, values, isnull, n);
		MemoryContextSwitchTo(old);
		MemoryContextReset(chunk_context);
		done += n;
	}
	MemoryContextDelete(chunk_context);
	store_close(table);

	enqueue_register(queue, now, row.visible_at, runs, run_count,
					 payloads, count);
	CommandCounterIncrement();
}
