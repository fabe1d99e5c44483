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

/* A sleeper in one queue's list; in the DSA area, guarded by queue's lock */
typedef struct WakeNode
{
	dsa_pointer self;			/* constant */
	dsa_pointer previous;
	dsa_pointer next;
	QueueShared *qs;			/* the sleeper's own; address in its process */
	Oid			relid;			/* constant */
	Latch	   *latch;			/* constant; in the main segment */
	bool		listed;			/* in the list; no longer once woken */
} WakeNode;

/* One call of wake_wait; in the sleeper's own memory */
typedef struct WakeCall
{
	dsa_pointer nodes;			/* WakeNode[count] */
	int			count;
} WakeCall;

static WakeNode *
wake_node(dsa_pointer at)
{
	return dsa_get_address(shared_area(), at);
}

static void
wake_unlink(QueueShared *qs, WakeNode *node)
{
	if (DsaPointerIsValid(node->previous))
		wake_node(node->previous)->next = node->next;
	else
		qs->waiters_first = node->next;
	if (DsaPointerIsValid(node->next))
		wake_node(node->next)->previous = node->previous;
	else
		qs->waiters_last = node->previous;
	node->listed = false;
	qs->leader_until = DT_NOEND;
}

static void
wake_link(QueueShared *qs, WakeNode *node, bool front)
{
	node->previous = node->next = InvalidDsaPointer;
	if (!DsaPointerIsValid(qs->waiters_first))
		qs->waiters_first = qs->waiters_last = node->self;
	else if (front)
	{
		node->next = qs->waiters_first;
		wake_node(node->next)->previous = node->self;
		qs->waiters_first = node->self;
	}
	else
	{
		node->previous = qs->waiters_last;
		wake_node(node->previous)->next = node->self;
		qs->waiters_last = node->self;
	}
	node->listed = true;
}

/*
 * Wake up to count sleepers.
 */
void
wake_waiters(QueueShared *qs, int64 count)
{
	while (count-- > 0 && DsaPointerIsValid(qs->waiters_first))
	{
		WakeNode   *node = wake_node(qs->waiters_first);

		wake_unlink(qs, node);
		SetLatch(node->latch);
	}
}

/*
 * Let the leader look at the queue: it may have messages left, or another
 * time to get up at.
 */
void
wake_next(QueueShared *qs)
{
	if (DsaPointerIsValid(qs->waiters_first))
		SetLatch(wake_node(qs->waiters_first)->latch);
}

/*
 * Let the leader look if there is something to see.
 */
void
wake_hand_on(QueueShared *qs, TimestampTz now)
{
	if (DsaPointerIsValid(qs->waiters_first) &&
		(qs->leader_until == DT_NOEND || schedule_ready(qs, now)))
		wake_next(qs);
}

/*
 * Tell the leader of a due time.
 */
void
wake_leader(QueueShared *qs, TimestampTz due)
{
	if (due < qs->leader_until && DsaPointerIsValid(qs->waiters_first))
	{
		qs->leader_until = due;
		SetLatch(wake_node(qs->waiters_first)->latch);
	}
}

/*
 * Leave all lists and free the nodes.  up: the caller is going to try.
 */
static void
wake_leave(WakeCall *call, bool up)
{
	WakeNode   *nodes = wake_node(call->nodes);

	for (int i = 0; i < call->count; i++)
	{
		WakeNode   *node = &nodes[i];
		QueueShared *qs = node->qs;

		if (qs == NULL || !shared_reacquire(qs, node->relid))
			continue;
		if (node->listed)
		{
			bool		first = (qs->waiters_first == node->self);

			wake_unlink(qs, node);
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
	dsa_free(shared_area(), call->nodes);
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
wake_look(const Queue *queue, WakeNode *node, TimestampTz *until)
{
	QueueShared *qs = node->qs;
	TimestampTz now = GetCurrentTimestamp();
	bool		up;
	bool		gone;

	if (!shared_reacquire(qs, node->relid))
		report_no_queue(queue->queue_name);
	gone = qs->gone;
	up = !node->listed || schedule_ready(qs, now);
	if (!up && qs->waiters_first == node->self)
	{
		qs->leader_until = schedule_next(qs, now);
		*until = Min(*until, qs->leader_until);
	}
	shared_release(qs);
	if (gone)
		report_no_queue(queue->queue_name);
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
	dsa_area   *area = shared_area();
	WakeCall	call;
	WakeNode   *nodes;
	volatile bool up = false;

	xact_reserve(count);
	call.nodes = dsa_allocate0(area, count * sizeof(WakeNode));
	call.count = count;
	nodes = wake_node(call.nodes);
	PG_ENSURE_ERROR_CLEANUP(wake_leave_failed, PointerGetDatum(&call));
	{
		for (int i = 0; i < count; i++)
		{
			WakeNode   *node = &nodes[i];
			QueueShared *qs = shared_acquire(&queues[i]);

			node->self = call.nodes + i * sizeof(WakeNode);
			node->relid = queues[i].relid;
			node->latch = MyLatch;
			wake_link(qs, node, senior);
			node->qs = qs;
			shared_release(qs);
		}
		for (;;)
		{
			TimestampTz until = deadline;

			for (int i = 0; i < count && !up; i++)
				up = wake_look(&queues[i], &nodes[i], &until);
			if (up || GetCurrentTimestamp() >= deadline)
				break;
			wake_sleep(until);
		}
	}
	PG_END_ENSURE_ERROR_CLEANUP(wake_leave_failed, PointerGetDatum(&call));

	/* from here on, whatever goes wrong lets another one look */
	for (int i = 0; up && i < count; i++)
		xact_note_woken(nodes[i].qs, nodes[i].relid);
	wake_leave(&call, up);
	return up;
}
