/*-------------------------------------------------------------------------
 *
 * wake.h
 *		Sessions that sleep until a queue may have a message for them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_WAKE_H
#define QUEUE_WAKE_H

#include "shared.h"

/*
 * Wake up to count sleepers, the longest waiting first; each will try to
 * receive.  The queue's lock is held.  Never throws.
 */
extern void wake_waiters(QueueShared *qs, int64 count);

/*
 * Tell the sleeper that minds the clock that something becomes due at a time
 * that may be earlier than it knows.  The queue's lock is held.
 */
extern void wake_leader(QueueShared *qs, TimestampTz due);

/* Let the first sleeper look.  The queue's lock is held.  Never throws. */
extern void wake_next(QueueShared *qs);

/*
 * Called by who takes messages: let the first sleeper look if there are more,
 * or if nobody minds the clock.  The queue's lock is held.  Never throws.
 */
extern void wake_hand_on(QueueShared *qs, TimestampTz now);

/*
 * Called by who found a message and will come back for it: others leave it to
 * him for a while.  The queue's lock is held.  Never throws.
 */
extern void wake_claim(QueueShared *qs, TimestampTz now);

/*
 * Sleep until one of the queues may have a message, and return true; false if
 * deadline came first.  Returns at once if one is ready.  Throws on interrupts,
 * among which is a client that went away, and QueueDoesNotExist if one of them
 * was deleted.  After true the caller has to try to receive; it is noted that
 * an abort lets others look instead.  senior: this call goes on a wait that was
 * woken in vain, so it goes to the front.
 */
extern bool wake_wait(const Queue *queues, int count, TimestampTz deadline,
					  bool senior);

/* Sleep until a time, or until the process latch is set; throws as above */
extern void wake_sleep(TimestampTz until);

#endif							/* QUEUE_WAKE_H */
