/*-------------------------------------------------------------------------
 *
 * wake.c
 *		Sessions that sleep until a queue may have a message for them.
 *
 * Each queue has a list of sleepers, a node for each, in the order they came.
 * A commit that brings n messages takes the first n off the list and sets
 * their latches; nobody else stirs.  The first in the list, the leader, also
 * minds the clock: it sleeps no longer than until the earliest due time of the
 * schedule.  Whoever becomes first, or whose earliest time changes, is told by
 * its latch, without being taken off the list.
 *
 * Who waits on many queues and was woken sees at the nodes themselves, without
 * the queues' locks, which were taken off their lists or told to look: both are
 * written before the latch is set.  Of those that it minds the clock of it keeps
 * the times.  So what it costs to wait does not depend on what goes on in the
 * queues.
 *
 * A session that gets up tries to receive.  When it takes something, it lets
 * the then leader look if there is more; when it fails, anyway.  If it is
 * cancelled before it could try, it passes the wake-up on to the next.
 *
 * sqs_wait() only tells of a message.  For a moment others leave it to that
 * session, or they would all be told of it, one after the other; then the
 * leader gets up.
 *
 * No wake-up is lost: a sleeper looks at the queue's state under its lock
 * after it has entered the list, and whoever makes a message receivable
 * changes that state under the same lock.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

/*
 * libpq.h wants GSSAPI's headers, which need not be installed where the server
 * is.  Of what it declares only the wait set is used here, and that does not
 * depend on them.
 */
#undef ENABLE_GSS
#include "libpq/libpq.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "tcop/dest.h"
#include "tcop/tcopprot.h"
#include "utils/wait_event.h"

#include "compat.h"
#include "report.h"
#include "schedule.h"
#include "wake.h"
#include "xact.h"

#if PG_VERSION_NUM >= 170000
/*
 * The wait event that pg_stat_activity shows.
 */
static uint32
queue_wait_event(void)
{
	static uint32 event = 0;

	if (event == 0)
		event = WaitEventExtensionNew("QueueWait");
	return event;
}
#endif

/*
 * How long a message that sqs_wait() told of is left to that session, in
 * microseconds: long enough for a round trip, short enough should it be dead
 */
#define QUIET_TIME INT64CONST(200000)

/* How often a session looks that could not be entered in a list */
#define POLL_INTERVAL INT64CONST(100000)

/* The queues of a call of wake_wait */
typedef struct WakeCall
{
	int			count;
	WakeNode   *nodes;
	int		   *waiters;		/* the same numbers as in nodes */
} WakeCall;

static void
wake_unlink(QueueShared *qs, int number)
{
	SharedWaiter *waiter = shared_waiter(number);

	if (waiter->previous >= 0)
		shared_waiter(waiter->previous)->next = waiter->next;
	else
		qs->waiters_first = waiter->next;
	if (waiter->next >= 0)
		shared_waiter(waiter->next)->previous = waiter->previous;
	else
		qs->waiters_last = waiter->previous;
	waiter->listed = false;
	qs->leader_until = DT_NOEND;
}

static void
wake_link(QueueShared *qs, int number, bool front)
{
	SharedWaiter *waiter = shared_waiter(number);

	waiter->previous = waiter->next = -1;
	if (qs->waiters_first < 0)
		qs->waiters_first = qs->waiters_last = number;
	else if (front)
	{
		waiter->next = qs->waiters_first;
		shared_waiter(waiter->next)->previous = number;
		qs->waiters_first = number;
	}
	else
	{
		waiter->previous = qs->waiters_last;
		shared_waiter(waiter->previous)->next = number;
		qs->waiters_last = number;
	}
	waiter->told = false;
	waiter->listed = true;
}

/*
 * Have a sleeper look, that stays in its list.
 */
static void
wake_tell(int number)
{
	SharedWaiter *waiter = shared_waiter(number);

	waiter->told = true;
	SetLatch(waiter->latch);
}

/*
 * Wake up to count sleepers.
 */
void
wake_waiters(QueueShared *qs, int64 count)
{
	while (count-- > 0 && qs->waiters_first >= 0)
	{
		SharedWaiter *waiter = shared_waiter(qs->waiters_first);

		wake_unlink(qs, qs->waiters_first);
		SetLatch(waiter->latch);
	}
}

/*
 * Let the leader look at the queue: it may have messages left, or another
 * time to get up at.
 */
void
wake_next(QueueShared *qs)
{
	if (qs->waiters_first >= 0)
		wake_tell(qs->waiters_first);
}

/*
 * Give who found a message the time to come back for it.
 */
void
wake_claim(QueueShared *qs, TimestampTz now)
{
	qs->quiet_until = now + QUIET_TIME;
	wake_next(qs);
}

/*
 * Let the leader look if there is something to see.
 */
void
wake_hand_on(QueueShared *qs, TimestampTz now)
{
	qs->quiet_until = 0;
	if (qs->waiters_first >= 0 &&
		(qs->leader_until == DT_NOEND || schedule_ready(qs, now)))
		wake_next(qs);
}

/*
 * Tell the leader of a due time.
 */
void
wake_leader(QueueShared *qs, TimestampTz due)
{
	if (due < qs->leader_until && qs->waiters_first >= 0)
	{
		qs->leader_until = due;
		wake_tell(qs->waiters_first);
	}
}

/*
 * Enter a queue's list.
 */
void
wake_enter(WakeNode *node, const Queue *queue, bool senior)
{
	QueueShared *qs = shared_acquire(queue);

	node->relid = queue->relid;
	node->due = DT_NOBEGIN;
	node->patience = 0;
	if (node->waiter >= 0)
	{
		shared_waiter(node->waiter)->latch = MyLatch;
		wake_link(qs, node->waiter, senior);
	}
	node->qs = qs;
	shared_release(qs);
}

/*
 * Enter it once more, in front of the others, after a wake-up that was in vain.
 */
void
wake_enter_again(WakeNode *node)
{
	node->due = DT_NOBEGIN;
	node->patience = 0;
	if (node->waiter < 0 || !shared_reacquire(node->qs, node->relid))
		return;
	if (!shared_waiter(node->waiter)->listed)
		wake_link(node->qs, node->waiter, true);
	shared_release(node->qs);
}

/*
 * Leave the list.
 */
void
wake_leave(WakeNode *node, WakeReason reason)
{
	QueueShared *qs = node->qs;

	node->qs = NULL;
	if (qs == NULL || node->waiter < 0 || !shared_reacquire(qs, node->relid))
		return;
	if (shared_waiter(node->waiter)->listed)
	{
		bool		first = (qs->waiters_first == node->waiter);

		wake_unlink(qs, node->waiter);
		if (first && reason != WAKE_TO_RECEIVE)
			wake_next(qs);
	}
	else if (reason == WAKE_TO_GO)
	{
		/* somebody meant us to receive: let another do it */
		wake_waiters(qs, 1);
	}
	shared_release(qs);
}

/*
 * Leave all lists and give the waiters back.
 */
static void
wake_leave_all(WakeCall *call, WakeReason reason)
{
	for (int i = 0; i < call->count; i++)
		wake_leave(&call->nodes[i], reason);
	shared_give_waiters(call->count, call->waiters);
}

static void
wake_leave_failed(int code, Datum arg)
{
	/* the error may have come while a lock was held that is needed here */
	LWLockReleaseAll();
	wake_leave_all((WakeCall *) DatumGetPointer(arg), WAKE_TO_GO);
}

/*
 * Whether there is a reason to look at a queue.  Who says that there is sets the
 * latch after, so none is missed by who has reset it before.
 */
bool
wake_is_called(const WakeNode *node, TimestampTz now)
{
	const volatile SharedWaiter *waiter;

	if (node->due <= now)
		return true;
	if (node->waiter < 0)
		return false;
	waiter = shared_waiter(node->waiter);
	return waiter->told || !waiter->listed;
}

/*
 * Look at a queue.  A deletion is seen here: the catalog cache may not know yet,
 * as invalidations are sent after a commit has woken us.
 */
WakeLook
wake_look(WakeNode *node)
{
	QueueShared *qs = node->qs;
	SharedWaiter *waiter = node->waiter < 0 ? NULL : shared_waiter(node->waiter);
	TimestampTz now = GetCurrentTimestamp();
	bool		woken;
	bool		quiet = false;
	bool		up;
	bool		gone;

	if (!shared_reacquire(qs, node->relid))
		return WAKE_GONE;
	gone = qs->gone;
	woken = waiter != NULL && !waiter->listed;
	if (waiter != NULL)
		waiter->told = false;
	node->due = DT_NOEND;
	up = woken || schedule_ready(qs, now);
	if (!up)
		node->patience = 0;
	else if (!woken && now < qs->quiet_until)
	{
		/* somebody is to receive it; if nobody does in time, we shall */
		if (node->patience == 0)
			node->patience = qs->quiet_until;
		quiet = now < node->patience;
		up = !quiet;
		if (quiet)
			node->due = node->patience;
	}
	if (!up && waiter == NULL)
		node->due = Min(node->due, now + POLL_INTERVAL);
	else if (!up && qs->waiters_first == node->waiter)
	{
		qs->leader_until = quiet ? node->patience : schedule_next(qs, now);
		node->due = Min(node->due, qs->leader_until);
	}
	shared_release(qs);
	return gone ? WAKE_GONE : up ? WAKE_UP : WAKE_ASLEEP;
}

/*
 * Sleep on the process latch until it is set, or until a time.  Where there is
 * a client, it is watched too: the server's own wait set for it is used.
 * Returns whether it has sent something, if that is of interest.
 */
static bool
wake_sleep_for(TimestampTz until, bool listen)
{
	long		timeout = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until);
	bool		heard = false;

	if (whereToSendOutput == DestRemote && FeBeWaitSet != NULL)
	{
		WaitEvent	events[FeBeWaitSetNEvents];
		int			happened;
		uint32		wanted = WaitEventSetCanReportClosed() ? WL_SOCKET_CLOSED : 0;

		if (listen)
			wanted |= WL_SOCKET_READABLE;
		ModifyWaitEvent(FeBeWaitSet, FeBeWaitSetSocketPos, wanted, NULL);
		ModifyWaitEvent(FeBeWaitSet, FeBeWaitSetLatchPos, WL_LATCH_SET, MyLatch);
		happened = WaitEventSetWait(FeBeWaitSet, timeout, events, lengthof(events),
									compat_wait_event());
		for (int i = 0; i < happened; i++)
		{
			if (events[i].events & WL_POSTMASTER_DEATH)
				proc_exit(1);
			if (events[i].events & WL_SOCKET_CLOSED)
			{
				/* as a failed write to the client would say it */
				ClientConnectionLost = true;
				InterruptPending = true;
			}
			if (events[i].events & WL_SOCKET_READABLE)
				heard = true;
		}
	}
	else
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 timeout, compat_wait_event());
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
	return heard;
}

/*
 * Sleep on the process latch until it is set, or until a time.
 */
void
wake_sleep(TimestampTz until)
{
	(void) wake_sleep_for(until, false);
}

/*
 * The same, but also until the client sends something.
 */
bool
wake_sleep_listening(TimestampTz until)
{
	return wake_sleep_for(until, true);
}

/*
 * Sleep until one of the queues may have a message.
 */
bool
wake_wait(const Queue *queues, int count, TimestampTz deadline, bool senior)
{
	WakeCall	call;
	volatile WakeLook look = WAKE_ASLEEP;
	volatile int seen = 0;

	xact_reserve(count);
	call.count = count;
	call.nodes = palloc0(count * sizeof(WakeNode));
	call.waiters = palloc(count * sizeof(int));
	if (!shared_take_waiters(count, call.waiters))
	{
		/* too many sleep already: do without, and look now and then */
		wake_sleep(Min(deadline, GetCurrentTimestamp() + POLL_INTERVAL));
		return GetCurrentTimestamp() < deadline;
	}
	PG_ENSURE_ERROR_CLEANUP(wake_leave_failed, PointerGetDatum(&call));
	{
		for (int i = 0; i < count; i++)
		{
			call.nodes[i].waiter = call.waiters[i];
			wake_enter(&call.nodes[i], &queues[i], senior);
		}
		for (;;)
		{
			TimestampTz until = deadline;
			TimestampTz now = GetCurrentTimestamp();
			bool		last = now >= deadline;

			for (int i = 0; i < count && look == WAKE_ASLEEP; i++)
			{
				WakeNode   *node = &call.nodes[i];

				/* in the end, what is there is not left to others */
				if (last)
					node->patience = DT_NOBEGIN;
				if (last || wake_is_called(node, now))
					look = wake_look(node);
				until = Min(until, node->due);
				seen = i;
			}
			if (look != WAKE_ASLEEP || last)
				break;
			wake_sleep(until);
		}
		if (look == WAKE_GONE)
			report_no_queue(queues[seen].queue_name);
	}
	PG_END_ENSURE_ERROR_CLEANUP(wake_leave_failed, PointerGetDatum(&call));

	/* from here on, whatever goes wrong lets another one look */
	for (int i = 0; look == WAKE_UP && i < count; i++)
		xact_note_woken(call.nodes[i].qs, queues[i].relid);
	wake_leave_all(&call, look == WAKE_UP ? WAKE_TO_RECEIVE : WAKE_TO_GO);
	pfree(call.nodes);
	pfree(call.waiters);
	return look == WAKE_UP;
}
