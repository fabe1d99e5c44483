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

/* The same, but also until the client sends something: then returns true */
extern bool wake_sleep_listening(TimestampTz until);

/*
 * A queue that a session waits on, in its own memory, for who does what
 * wake_wait() does by himself.  Fill in waiter, the number of one that was taken,
 * or -1 if there was none: then the queue is looked at now and then.
 */
typedef struct WakeNode
{
	QueueShared *qs;			/* NULL: not entered */
	Oid			relid;
	int			waiter;
	TimestampTz due;			/* when to look even if nobody says so */
	TimestampTz patience;		/* leave messages to others until then; 0: no
								 * such message was met */
} WakeNode;

typedef enum WakeLook
{
	WAKE_ASLEEP,
	WAKE_UP,					/* there may be a message */
	WAKE_GONE					/* the queue was deleted */
} WakeLook;

typedef enum WakeReason
{
	WAKE_TO_RECEIVE,			/* the caller will, and see to it that others
								 * look after */
	WAKE_TO_REPORT,				/* the caller has found a message, and tells */
	WAKE_TO_GO					/* whoever comes next shall look instead */
} WakeReason;

/* Wait on a queue, and go on with it after something was looked for in vain */
extern void wake_enter(WakeNode *node, const Queue *queue, bool senior);
extern void wake_enter_again(WakeNode *node);

/* Do not wait any longer; the waiter remains the caller's.  Never throws. */
extern void wake_leave(WakeNode *node, WakeReason reason);

/*
 * Whether one should look at a queue: asked after the latch was reset, it takes
 * no lock.  And the look: if it returns WAKE_ASLEEP, one can sleep until due.
 */
extern bool wake_is_called(const WakeNode *node, TimestampTz now);
extern WakeLook wake_look(WakeNode *node);

#endif							/* QUEUE_WAKE_H */
