/*-------------------------------------------------------------------------
 *
 * xact.c
 *		What a transaction tells other sessions when it ends.
 *
 * Calls note what they did, tagged with the subtransaction, in memory of this
 * backend.  A commit then makes it known: how far sent ids reach, how the
 * counters change, whom to wake.  An abort, of the transaction or of a part of
 * it, gives back the ids that were taken.  PREPARE TRANSACTION, after which no
 * callback of ours will run, leaves the ids as pending on the transaction, so
 * that others find out by themselves how it ended, and has the counters
 * recounted then.
 *
 * The commit callback runs after the transaction is visible to others and must
 * not fail: it allocates nothing, in shared memory or here, and throws nothing.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "utils/memutils.h"

#include "eventstate.h"
#include "fair.h"
#include "schedule.h"
#include "unsampled.h"
#include "wake.h"
#include "xact.h"

/*
 * Adjacent or overlapping ranges of taken ids are joined; so are any two whose
 * union is not wider than this, to keep transactions that receive one by one
 * from growing a long list.
 */
#define TAKEN_JOIN 64

/* How far back to look for a note that a new one can be added to */
#define NOTES_LOOK_BACK 16

typedef enum NoteKind
{
	NOTE_TAKEN,					/* a, b: range */
	NOTE_SENT,					/* a: greatest id; b: bytes; n: visible ones */
	NOTE_DELAYED,				/* the same, n: delayed ones */
	NOTE_ARRIVED,				/* a: greatest id; b: time of the oldest; n */
	NOTE_DEDUPLICATED,			/* n */
	NOTE_RECEIVED,				/* n */
	NOTE_DELETED,				/* n; a: how many were asked for */
	NOTE_HIDDEN,				/* a: kind; b: visible_at; n */
	NOTE_TENANT,				/* a: tenant; b: visible_at; n */
	NOTE_SHOWN,					/* n */
	NOTE_READY,					/* a: id */
	NOTE_WOKEN,
	NOTE_MOVED,
	NOTE_OPENED,
	NOTE_UNCOUNTED,
	NOTE_PURGE,
	NOTE_RESET,
	NOTE_QUEUE_DELETED,
	NOTE_SAMPLED,
	NOTE_SAMPLED_AT				/* a: minute */
} NoteKind;

typedef struct Note
{
	QueueShared *qs;
	Oid			relid;
	SubTransactionId subid;
	NoteKind	kind;
	int64		a;
	int64		b;
	int64		n;

	/* of NOTE_SENT and NOTE_DELAYED: */
	int32		smallest;		/* least and most bytes that a message has */
	int32		greatest;
	uint32	   *sizes;			/* how many are of each bucket; NULL: all are
								 * of one */
} Note;

/* This transaction's notes, in TopTransactionContext */
static Note *notes = NULL;
static int	note_count = 0;
static int	note_room = 0;

/* Whether event source mappings were changed; a rollback to before is no matter */
static bool mappings_changed = false;

/*
 * Make room for so many notes.
 */
void
xact_reserve(int count)
{
	if (note_count + count <= note_room)
		return;
	if (notes == NULL)
	{
		note_room = Max(count, 16);
		notes = MemoryContextAlloc(TopTransactionContext, note_room * sizeof(Note));
	}
	else
	{
		int			room = Max(note_count + count, 2 * note_room);

		notes = repalloc_huge(notes, room * sizeof(Note));
		note_room = room;
	}
}

/*
 * Add the sizes of messages to those of another note.  False if there is no memory.
 */
static bool
xact_join_sizes(Note *note, const Note *new)
{
	int			bucket = size_bucket(note->smallest);

	if (note->sizes == NULL && (new->sizes != NULL || size_bucket(new->smallest) != bucket))
	{
		note->sizes = MemoryContextAllocExtended(TopTransactionContext,
												 SIZE_BUCKETS * sizeof(uint32),
												 MCXT_ALLOC_ZERO | MCXT_ALLOC_NO_OOM);
		if (note->sizes == NULL)
			return false;
		note->sizes[bucket] = note->n;
	}
	for (int i = 0; new->sizes != NULL && i < SIZE_BUCKETS; i++)
		note->sizes[i] += new->sizes[i];
	if (new->sizes == NULL && note->sizes != NULL)
		note->sizes[size_bucket(new->smallest)] += new->n;
	note->smallest = Min(note->smallest, new->smallest);
	note->greatest = Max(note->greatest, new->greatest);
	return true;
}

/*
 * Add a note to one of the last of the same kind, if they fit together.
 */
static bool
xact_join(const Note *new)
{
	for (int i = note_count - 1; i >= 0 && i >= note_count - NOTES_LOOK_BACK; i--)
	{
		Note	   *note = &notes[i];

		if (note->subid != new->subid)
			return false;
		if (note->kind != new->kind || note->qs != new->qs ||
			note->relid != new->relid)
			continue;
		switch (new->kind)
		{
			case NOTE_TAKEN:
				if (Max(note->b, new->b) - Min(note->a, new->a) > TAKEN_JOIN &&
					(new->a > note->b || new->b < note->a))
					continue;
				note->a = Min(note->a, new->a);
				note->b = Max(note->b, new->b);
				return true;
			case NOTE_HIDDEN:
			case NOTE_TENANT:
				if (note->a != new->a || note->b != new->b)
					continue;
				note->n += new->n;
				return true;
			case NOTE_SENT:
			case NOTE_DELAYED:
				if (!xact_join_sizes(note, new))
					continue;
				note->a = Max(note->a, new->a);
				note->b += new->b;
				note->n += new->n;
				return true;
			case NOTE_ARRIVED:
				note->a = Max(note->a, new->a);
				if (note->b == 0 || (new->b != 0 && new->b < note->b))
					note->b = new->b;
				note->n += new->n;
				return true;
			case NOTE_DELETED:
				note->a += new->a;
				note->n += new->n;
				return true;
			case NOTE_READY:
				continue;
			case NOTE_UNCOUNTED:
			case NOTE_PURGE:
			case NOTE_RESET:
			case NOTE_SAMPLED_AT:
				note->a = Max(note->a, new->a);
				return true;
			default:
				note->n += new->n;
				return true;
		}
	}
	return false;
}

static void
xact_add(Note *note, QueueShared *qs, Oid relid)
{
	note->qs = qs;
	note->relid = relid;
	note->subid = GetCurrentSubTransactionId();
	if (note_count > 0 && xact_join(note))
		return;
	xact_reserve(1);
	notes[note_count++] = *note;
}

static void
xact_note(NoteKind kind, QueueShared *qs, Oid relid, int64 a, int64 b, int64 n)
{
	Note		note = {.kind = kind,.a = a,.b = b,.n = n};

	xact_add(&note, qs, relid);
}

void
xact_note_taken(QueueShared *qs, Oid relid, int64 lo, int64 hi)
{
	xact_note(NOTE_TAKEN, qs, relid, lo, hi, 0);
}

void
xact_note_sent(QueueShared *qs, Oid relid, int64 last, const QueueTotals *sent,
			   bool delayed)
{
	Note		note = {.kind = delayed ? NOTE_DELAYED : NOTE_SENT,.a = last,
		.b = sent->sent_bytes,.n = sent->sent,
	.smallest = sent->smallest,.greatest = sent->greatest};

	if (size_bucket(sent->smallest) != size_bucket(sent->greatest))
	{
		note.sizes = MemoryContextAlloc(TopTransactionContext, sizeof(sent->sizes));
		memcpy(note.sizes, sent->sizes, sizeof(sent->sizes));
	}
	xact_add(&note, qs, relid);
}

void
xact_note_arrived(QueueShared *qs, Oid relid, int64 last, int64 count, TimestampTz oldest)
{
	xact_note(NOTE_ARRIVED, qs, relid, last, oldest, count);
}

void
xact_note_deduplicated(QueueShared *qs, Oid relid, int64 count)
{
	xact_note(NOTE_DEDUPLICATED, qs, relid, 0, 0, count);
}

void
xact_note_received(QueueShared *qs, Oid relid, int64 count)
{
	xact_note(NOTE_RECEIVED, qs, relid, 0, 0, count);
}

void
xact_note_deleted(QueueShared *qs, Oid relid, int64 removed, int64 requested)
{
	xact_note(NOTE_DELETED, qs, relid, requested, 0, removed);
}

void
xact_note_hidden(QueueShared *qs, Oid relid, CounterKind kind,
				 TimestampTz visible_at, int64 n)
{
	xact_note(NOTE_HIDDEN, qs, relid, kind, visible_at, n);
}

void
xact_note_tenant(QueueShared *qs, Oid relid, uint64 tenant, TimestampTz visible_at, int64 n)
{
	xact_note(NOTE_TENANT, qs, relid, (int64) tenant, visible_at, n);
}

void
xact_note_sampled(QueueShared *qs, Oid relid)
{
	xact_note(NOTE_SAMPLED, qs, relid, 0, 0, 0);
}

void
xact_note_sampled_at(QueueShared *qs, Oid relid, TimestampTz at)
{
	xact_note(NOTE_SAMPLED_AT, qs, relid, at, 0, 0);
}

void
xact_note_shown(QueueShared *qs, Oid relid, int64 count)
{
	xact_note(NOTE_SHOWN, qs, relid, 0, 0, count);
}

/*
 * Where no place can be promised, others may look before the commit; they will
 * find us at work, and come back when we have ended.
 */
void
xact_note_ready(QueueShared *qs, Oid relid, int64 id)
{
	if (schedule_promise(qs))
		xact_note(NOTE_READY, qs, relid, id, 0, 0);
	else
		schedule_add(qs, GetCurrentTimestamp(), id, id + 1);
}

int
xact_ready_ids(const QueueShared *qs, IdRange **ranges, int count)
{
	*ranges = repalloc_huge(*ranges, (count + note_count + 1) * sizeof(IdRange));
	for (int i = 0; i < note_count; i++)
	{
		if (notes[i].qs != qs || notes[i].kind != NOTE_READY)
			continue;
		(*ranges)[count].lo = notes[i].a;
		(*ranges)[count++].hi = notes[i].a + 1;
	}
	return count;
}

bool
xact_has_deleted(const QueueShared *qs)
{
	for (int i = 0; i < note_count; i++)
		if (notes[i].qs == qs && notes[i].kind == NOTE_DELETED && notes[i].n > 0)
			return true;
	return false;
}

void
xact_note_woken(QueueShared *qs, Oid relid)
{
	xact_note(NOTE_WOKEN, qs, relid, 0, 0, 0);
}

void
xact_note_moved(QueueShared *qs, Oid relid)
{
	xact_note(NOTE_MOVED, qs, relid, 0, 0, 0);
}

void
xact_note_opened(QueueShared *qs, Oid relid)
{
	xact_note(NOTE_OPENED, qs, relid, 0, 0, 0);
}

void
xact_note_uncounted(QueueShared *qs, Oid relid, int64 rotations)
{
	xact_note(NOTE_UNCOUNTED, qs, relid, rotations, 0, 0);
}

static void
xact_note_queue(NoteKind kind, const Queue *queue, int64 a)
{
	QueueShared *qs;

	if (!OidIsValid(queue->relid))
		return;
	qs = shared_acquire(queue);
	shared_release(qs);
	xact_note(kind, qs, queue->relid, a, 0, 0);
}

void
xact_note_purge(const Queue *queue, int64 below)
{
	xact_note_queue(NOTE_PURGE, queue, below);
}

void
xact_note_reset(const Queue *queue, int64 rotations)
{
	xact_note_queue(NOTE_RESET, queue, rotations);
}

void
xact_note_recount(const Queue *queue)
{
	xact_note_queue(NOTE_UNCOUNTED, queue, 0);
}

void
xact_note_queue_deleted(const Queue *queue)
{
	xact_note_queue(NOTE_QUEUE_DELETED, queue, 0);
}

void
xact_note_mappings(void)
{
	mappings_changed = true;
}

/*
 * Make known, with what else a note says, that the segments in use have changed.
 */
static void
xact_know_segments(QueueShared *qs, int64 rotations)
{
	if (pg_atomic_read_u64(&qs->rotations) < (uint64) rotations)
		pg_atomic_write_u64(&qs->rotations, rotations);
}

/*
 * Make known that messages were stored, up to an id: sent to the queue, or moved
 * there from another one.
 */
static void
xact_commit_stored(QueueShared *qs, const Note *note, bool counts)
{
	qs->tail = Max(qs->tail, note->a + 1);
	qs->commits++;
	qs->written += note->n;
	qs->last_sent = GetCurrentTransactionStopTimestamp();
	if (counts)
		qs->stored += note->n;
	/* one is enough to find out when delayed ones become visible */
	wake_waiters(qs, note->kind == NOTE_DELAYED ? 1 : note->n);
}

/*
 * Make known what a note says, at commit.
 */
static void
xact_commit_note(const Note *note, bool counts)
{
	QueueShared *qs = note->qs;

	switch (note->kind)
	{
		case NOTE_TAKEN:
			break;
		case NOTE_SENT:
		case NOTE_DELAYED:
			qs->sent += note->n;
			qs->sent_bytes += note->b;
			unsampled_sent(qs, note->n, note->b, note->smallest, note->greatest, note->sizes);
			xact_commit_stored(qs, note, counts);
			break;
		case NOTE_ARRIVED:
			shared_note_arrival(qs, note->b);
			xact_commit_stored(qs, note, counts);
			break;
		case NOTE_DEDUPLICATED:
			qs->deduplicated += note->n;
			tally_totals(qs)->deduplicated += note->n;
			break;
		case NOTE_RECEIVED:
			qs->received += note->n;
			tally_totals(qs)->received += note->n;
			break;
		case NOTE_DELETED:
			qs->deleted += note->a;
			tally_totals(qs)->deleted += note->a;
			if (counts)
				qs->stored -= note->n;
			break;
		case NOTE_HIDDEN:
			if (counts)
				counters_add(qs, (CounterKind) note->a, note->b, note->n);
			break;
		case NOTE_TENANT:
			fair_count(qs, (Tenant) note->a, GetCurrentTransactionStopTimestamp(),
					   note->b, note->n);
			break;
		case NOTE_SHOWN:
			wake_waiters(qs, note->n);
			break;
		case NOTE_READY:
			schedule_keep(qs, GetCurrentTransactionStopTimestamp(), note->a);
			wake_waiters(qs, 1);
			break;
		case NOTE_WOKEN:
			break;
		case NOTE_MOVED:
			qs->mover = InvalidFullTransactionId;
			break;
		case NOTE_OPENED:
			qs->written = qs->written_seen = 0;
			break;
		case NOTE_UNCOUNTED:
			qs->counted = false;
			xact_know_segments(qs, note->a);
			break;
		case NOTE_PURGE:
			counters_purge(qs, note->a);
			break;
		case NOTE_RESET:
			schedule_reset(qs);
			xact_know_segments(qs, note->a);
			wake_waiters(qs, PG_INT64_MAX);
			break;
		case NOTE_QUEUE_DELETED:
			qs->gone = true;
			wake_waiters(qs, PG_INT64_MAX);
			break;
		case NOTE_SAMPLED:
			unsampled_settle(qs, true);
			break;
		case NOTE_SAMPLED_AT:
			qs->sampled_at = note->a;
			break;
	}
}

/*
 * Undo what a note says, at abort.
 */
static void
xact_abort_note(const Note *note)
{
	QueueShared *qs = note->qs;

	if (note->kind == NOTE_TAKEN)
	{
		schedule_return(qs, note->a, note->b);
		/* who gets up hands on as long as there is more */
		wake_waiters(qs, 1);
	}
	else if (note->kind == NOTE_READY)
		schedule_drop(qs);
	else if (note->kind == NOTE_WOKEN)
		wake_next(qs);
	else if (note->kind == NOTE_MOVED)
		qs->mover = InvalidFullTransactionId;
	else if (note->kind == NOTE_SAMPLED)
		unsampled_settle(qs, false);
}

/*
 * Leave a note for whoever finds out how a prepared transaction ends.
 */
static void
xact_prepare_note(const Note *note, FullTransactionId xid)
{
	QueueShared *qs = note->qs;

	switch (note->kind)
	{
		case NOTE_TAKEN:
			/* where it has no place, the next receiver meets the rows */
			if (!schedule_try_pend(qs, xid, note->a, note->b))
				schedule_return(qs, note->a, note->b);
			break;
		case NOTE_READY:
			schedule_drop(qs);
			if (!schedule_try_pend(qs, xid, note->a, note->a + 1))
				schedule_return(qs, note->a, note->a + 1);
			break;
		case NOTE_SENT:
		case NOTE_DELAYED:
		case NOTE_ARRIVED:
			/* receivers will find the rows, and wait for the transaction */
			if (note->kind == NOTE_ARRIVED)
				shared_note_arrival(qs, note->b);
			qs->tail = Max(qs->tail, note->a + 1);
			qs->commits++;
			counters_prepared(qs, xid);
			wake_next(qs);
			break;
		case NOTE_DELETED:
		case NOTE_HIDDEN:
		case NOTE_UNCOUNTED:
		case NOTE_PURGE:
			counters_prepared(qs, xid);
			break;
		case NOTE_RESET:
			if (qs->head > 0 && !schedule_try_pend(qs, xid, 0, qs->head))
				schedule_return(qs, 0, qs->head);
			break;
		case NOTE_DEDUPLICATED:
		case NOTE_RECEIVED:
		case NOTE_TENANT:
		case NOTE_SHOWN:
		case NOTE_QUEUE_DELETED:
		case NOTE_WOKEN:
		case NOTE_MOVED:
		case NOTE_OPENED:
		case NOTE_SAMPLED:
		case NOTE_SAMPLED_AT:
			break;
	}
}

typedef enum NoteEnd
{
	END_COMMIT,
	END_ABORT,
	END_PREPARE
} NoteEnd;

/*
 * Leave a queue: what waited for us need not wait any longer.
 */
static void
xact_unlock(QueueShared *qs)
{
	if (qs->pending_count > 0)
	{
		qs->pending_looked_at = DT_NOBEGIN;
		wake_next(qs);
	}
	shared_release(qs);
}

/*
 * Go through the notes from one on, each queue locked once for a run of notes.
 */
static void
xact_end_notes(int from, NoteEnd end)
{
	FullTransactionId xid = GetTopFullTransactionIdIfAny();
	const Note *locked = NULL;	/* the note whose queue is locked */
	bool		counts = true;

	for (int i = from; i < note_count; i++)
	{
		const Note *note = &notes[i];

		if (locked == NULL || locked->qs != note->qs || locked->relid != note->relid)
		{
			if (locked != NULL)
				xact_unlock(locked->qs);
			locked = NULL;
			if (!shared_reacquire(note->qs, note->relid))
				continue;		/* the queue is gone */
			locked = note;
			counts = end != END_COMMIT ||
				counters_wants(note->qs, xid);
		}
		switch (end)
		{
			case END_COMMIT:
				xact_commit_note(note, counts);
				break;
			case END_ABORT:
				xact_abort_note(note);
				break;
			case END_PREPARE:
				xact_prepare_note(note, xid);
				break;
		}
	}
	if (locked != NULL)
		xact_unlock(locked->qs);
}

static void
xact_callback(XactEvent event, void *arg)
{
	NoteEnd		end;

	switch (event)
	{
		case XACT_EVENT_COMMIT:
			end = END_COMMIT;
			break;
		case XACT_EVENT_ABORT:
			end = END_ABORT;
			break;
		case XACT_EVENT_PREPARE:
			end = END_PREPARE;
			break;
		default:
			return;
	}
	if (note_count > 0)
		xact_end_notes(0, end);
	notes = NULL;
	note_count = note_room = 0;
	if (mappings_changed && end == END_COMMIT)
		eventstate_poke();
	mappings_changed = false;
}

/*
 * A part of the transaction has ended: notes of a part that was rolled back
 * are undone, others become its parent's.
 */
static void
xact_sub_callback(SubXactEvent event, SubTransactionId subid,
				  SubTransactionId parent, void *arg)
{
	int			first = note_count;

	if (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB)
		return;
	while (first > 0 && notes[first - 1].subid == subid)
		first--;
	if (first == note_count)
		return;
	if (event == SUBXACT_EVENT_COMMIT_SUB)
	{
		int			count = note_count;

		/* join them anew, so that many small parts do not add up */
		note_count = first;
		for (int i = first; i < count; i++)
		{
			Note		note = notes[i];

			note.subid = parent;
			if (!xact_join(&note))
				notes[note_count++] = note;
		}
	}
	else
	{
		xact_end_notes(first, END_ABORT);
		note_count = first;
	}
}

/*
 * Register the callbacks, once.
 */
void
xact_init(void)
{
	RegisterXactCallback(xact_callback, NULL);
	RegisterSubXactCallback(xact_sub_callback, NULL);
}
