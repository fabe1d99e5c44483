/*-------------------------------------------------------------------------
 *
 * xact.h
 *		What a transaction tells other sessions when it ends.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_XACT_H
#define QUEUE_XACT_H

#include "catalog.h"
#include "counters.h"
#include "tally.h"

/* Called by _PG_init: register the callbacks */
extern void xact_init(void);

/*
 * Make room for so many notes, so that none of the next ones can fail.
 */
extern void xact_reserve(int count);

/* These may be called with the queue's lock held if room was reserved. */

/* Ids were taken from the schedule: an abort gives them back */
extern void xact_note_taken(QueueShared *qs, Oid relid, int64 lo, int64 hi);

/*
 * Messages were stored, up to id last; delayed: they are not visible yet.  sent is
 * how many, their bytes, and their sizes.
 */
extern void xact_note_sent(QueueShared *qs, Oid relid, int64 last,
						   const QueueTotals *sent, bool delayed);

/*
 * Messages arrived from another queue, visible, stored up to id last; oldest is
 * when the first of them was sent, or 0 if they count as sent just now
 */
extern void xact_note_arrived(QueueShared *qs, Oid relid, int64 last, int64 count,
							  TimestampTz oldest);

/* Messages were sent that had been sent before, and were not stored */
extern void xact_note_deduplicated(QueueShared *qs, Oid relid, int64 count);

/* Messages were handed out */
extern void xact_note_received(QueueShared *qs, Oid relid, int64 count);

/*
 * Messages were removed, and deletes were asked for: a repeated one removes
 * nothing, retention asks for none.
 */
extern void xact_note_deleted(QueueShared *qs, Oid relid, int64 removed, int64 requested);

/* n more messages (or fewer) are hidden until visible_at */
extern void xact_note_hidden(QueueShared *qs, Oid relid, CounterKind kind,
							 TimestampTz visible_at, int64 n);

/* n more messages of a tenant (or fewer) are in flight until visible_at */
extern void xact_note_tenant(QueueShared *qs, Oid relid, uint64 tenant,
							 TimestampTz visible_at, int64 n);

/* Metrics over time took what had come of the queue: it is settled at the end */
extern void xact_note_sampled(QueueShared *qs, Oid relid);

/* They have a minute's sample of all queues, which this entry stands for */
extern void xact_note_sampled_at(QueueShared *qs, Oid relid, TimestampTz at);

/* Messages have become visible again */
extern void xact_note_shown(QueueShared *qs, Oid relid, int64 count);

/*
 * FIFO queues: at commit, look at an id, with which its group goes on.  The
 * queue's lock is held.
 */
extern void xact_note_ready(QueueShared *qs, Oid relid, int64 id);

/*
 * The ids that this transaction has noted so, added to count ranges that are
 * palloc'd; how many there are then
 */
extern int	xact_ready_ids(const QueueShared *qs, IdRange **ranges, int count);

/* Whether this transaction has removed messages of a queue */
extern bool xact_has_deleted(const QueueShared *qs);

/* This session was woken: if it fails, others have to look */
extern void xact_note_woken(QueueShared *qs, Oid relid);

/* At commit, all messages with ids below are gone, and all counters are zero */
extern void xact_note_purge(const Queue *queue, int64 below);

/* This transaction moves rows to another segment */
extern void xact_note_moved(QueueShared *qs, Oid relid);

/* At commit, another segment is the newest, and nothing was sent to it yet */
extern void xact_note_opened(QueueShared *qs, Oid relid);

/*
 * At commit, rows that were counted are gone, or will be: the rest is to be
 * counted again.  rotations as in xact_note_reset().
 */
extern void xact_note_uncounted(QueueShared *qs, Oid relid, int64 rotations);

/* The same for who has no pointer to the queue's entry */
extern void xact_note_recount(const Queue *queue);

/*
 * At commit, forget all hints: rows that were ignored may count again.  If
 * segments have come into use again, rotations is the number of that change,
 * else 0.
 */
extern void xact_note_reset(const Queue *queue, int64 rotations);

/* At commit, wake everyone who waits on the queue: it was deleted */
extern void xact_note_queue_deleted(const Queue *queue);

/*
 * At commit, have event source mappings looked at that were changed.  Where the
 * transaction is prepared, that is left to the coordinator's next round.
 */
extern void xact_note_mappings(void);

#endif							/* QUEUE_XACT_H */
