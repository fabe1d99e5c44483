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

/* One queue of a call of wake_wait, in the sleeper's own memory */
typedef struct WakeNode
{
	const Queue *queue;
	QueueShared *qs;			/* NULL: not linked yet */
	int			waiter;
	TimestampTz patience;		/* leave messages to others until then; 0: no
								 * such message was met */
} WakeNode;

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
	waiter->listed = true;
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
		SetLatch(shared_waiter(qs->waiters_first)->latch);
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
		SetLatch(shared_waiter(qs->waiters_first)->latch);
	}
}

/*
 * Leave all lists and give the waiters back.  up: the caller is going to try.
 */
static void
wake_leave(WakeCall *call, bool up)
{
	for (int i = 0; i < call->count; i++)
	{
		WakeNode   *node = &call->nodes[i];
		QueueShared *qs = node->qs;

		if (qs == NULL || !shared_reacquire(qs, node->queue->relid))
			continue;
		if (shared_waiter(node->waiter)->listed)
		{
			bool		first = (qs->waiters_first == node->waiter);

			wake_unlink(qs, node->waiter);
			if (first && !up)
				wake_next(qs);
		}
		else if (!up)
		{
			/* somebody meant us to receive: let another do it */
			wake_waiters(qs, 1);
		}
		shared_release(qs);
	}
	shared_give_waiters(call->count, call->waiters);
}

static void
wake_leave_failed(int code, Datum arg)
{
	/* the error may have come while a lock was held that is needed here */
	LWLockReleaseAll();
	wake_leave((WakeCall *) DatumGetPointer(arg), false);
}

/*
 * Whether to get up; if not, *until is lowered to when this node has to look
 * again.  Throws if the queue was deleted: the catalog cache may not know yet,
 * as invalidations are sent after a commit has woken us.
 */
static bool
wake_look(WakeNode *node, TimestampTz *until)
{
	QueueShared *qs = node->qs;
	SharedWaiter *waiter = shared_waiter(node->waiter);
	TimestampTz now = GetCurrentTimestamp();
	bool		quiet = false;
	bool		up;
	bool		gone;

	if (!shared_reacquire(qs, node->queue->relid))
		report_no_queue(node->queue->queue_name);
	gone = qs->gone;
	up = !waiter->listed || schedule_ready(qs, now);
	if (!up)
		node->patience = 0;
	else if (waiter->listed && now < qs->quiet_until)
	{
		/* somebody is to receive it; if nobody does in time, we shall */
		if (node->patience == 0)
			node->patience = qs->quiet_until;
		quiet = now < node->patience;
		up = !quiet;
		if (quiet)
			*until = Min(*until, node->patience);
	}
	if (!up && qs->waiters_first == node->waiter)
	{
		qs->leader_until = quiet ? node->patience : schedule_next(qs, now);
		*until = Min(*until, qs->leader_until);
	}
	shared_release(qs);
	if (gone)
		report_no_queue(node->queue->queue_name);
	return up;
}

/*
 * Sleep on the process latch until it is set, or until a time.  Where there is
 * a client, it is watched too: the server's own wait set for it is used.
 */
void
wake_sleep(TimestampTz until)
{
	long		timeout = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until);

	if (whereToSendOutput == DestRemote && FeBeWaitSet != NULL)
	{
		WaitEvent	events[FeBeWaitSetNEvents];
		int			happened;
		uint32		closed = WaitEventSetCanReportClosed() ? WL_SOCKET_CLOSED : 0;

		ModifyWaitEvent(FeBeWaitSet, FeBeWaitSetSocketPos, closed, NULL);
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
		}
	}
	else
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 timeout, compat_wait_event());
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}

/*
 * Sleep until one of the queues may have a message.
 */
bool
wake_wait(const Queue *queues, int count, TimestampTz deadline, bool senior)
{
	WakeCall	call;
	volatile bool up = false;

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
			WakeNode   *node = &call.nodes[i];
			QueueShared *qs;

			node->queue = &queues[i];
			node->waiter = call.waiters[i];
			qs = shared_acquire(node->queue);
			shared_waiter(node->waiter)->latch = MyLatch;
			wake_link(qs, node->waiter, senior);
			node->qs = qs;
			shared_release(qs);
		}
		for (;;)
		{
			TimestampTz until = deadline;
			bool		last = GetCurrentTimestamp() >= deadline;

			for (int i = 0; i < count && !up; i++)
			{
				/* in the end, what is there is not left to others */
				if (last)
					call.nodes[i].patience = DT_NOBEGIN;
				up = wake_look(&call.nodes[i], &until);
			}
			if (up || last)
				break;
			wake_sleep(until);
		}
	}
	PG_END_ENSURE_ERROR_CLEANUP(wake_leave_failed, PointerGetDatum(&call));

	/* from here on, whatever goes wrong lets another one look */
	for (int i = 0; up && i < count; i++)
		xact_note_woken(call.nodes[i].qs, queues[i].relid);
	wake_leave(&call, up);
	pfree(call.nodes);
	pfree(call.waiters);
	return up;
}
