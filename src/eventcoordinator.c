/*-------------------------------------------------------------------------
 *
 * eventcoordinator.c
 *		The process that watches the queues of a database's event source mappings.
 *
 * A database that has mappings which are enabled has one coordinator.  The worker
 * (worker.c) starts it, when it comes by or is sent for at the commit that made
 * the first mapping, and starts another if it dies; it leaves with the last
 * mapping.
 *
 * A mapping that has no worker costs nothing: the coordinator is one more sleeper
 * in its queue's list, as sqs_wait() is, holding neither snapshot nor lock.  When
 * it is woken, and finds a message, it starts a worker and leaves the list to it.
 *
 * While all workers of a mapping are at work, the coordinator looks now and then
 * how many messages they leave, and starts as many more as there are batches of
 * these, at most as many as there are, up to the limit.  A worker that finds
 * nothing leaves by itself (eventworker.c).
 *
 * When no process is to be had, that is said in the log once, and in the view,
 * and tried again.  So that all mappings get on, one without any worker has a
 * worker of the mapping leave that has most of them, if more than one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "counters.h"
#include "dequeue.h"
#include "eventcheck.h"
#include "eventcoordinator.h"
#include "eventstate.h"
#include "eventworker.h"
#include "settings.h"
#include "store.h"
#include "wake.h"

/* How often to look whether a mapping needs more workers, while all are at work */
#define GROW_INTERVAL INT64CONST(100000)

/* When to try again after no process was to be had */
#define STARVED_PAUSE USECS_PER_SEC

extern PGDLLEXPORT void queue_event_coordinator_main(Datum arg);

/* A mapping that is enabled, and that nothing keeps from being at work */
typedef struct Mapped
{
	pg_uuid_t	mapping_id;
	Queue		queue;
	int			batch_size;
	int			max_concurrency;
	WakeNode	node;			/* qs is NULL while there are workers */
	bool		up;				/* there may be a message */
	bool		wanted;			/* there was one, and no process for it */
	bool		starved;		/* there was no process for one more worker */
	TimestampTz look_at;		/* no look at its workers before that */
	bool		gone;			/* the queue was deleted, as it seems */
	bool		listed;			/* while mappings are read */
} Mapped;

static Mapped *mapped = NULL;
static int	mapped_count = 0;
static int	mapped_room = 0;

/*
 * Enter a queue's list, and leave it.
 */
static void
mapped_enter(Mapped *one)
{
	one->node.qs = NULL;
	one->node.waiter = -1;
	(void) shared_take_waiters(1, &one->node.waiter);
	wake_enter(&one->node, &one->queue, false);
}

static void
mapped_leave(Mapped *one, WakeReason reason)
{
	if (one->node.qs == NULL)
		return;
	wake_leave(&one->node, reason);
	if (one->node.waiter >= 0)
		shared_give_waiters(1, &one->node.waiter);
	one->node.waiter = -1;
}

static void
coordinator_exit(int code, Datum arg)
{
	/* the process may end while a lock is held that is needed here */
	LWLockReleaseAll();
	for (int i = 0; i < mapped_count; i++)
		mapped_leave(&mapped[i], WAKE_TO_GO);
	eventstate_leave();
}

/*
 * The place of a mapping in our list, made if need be.
 */
static Mapped *
mapped_find(const pg_uuid_t *mapping_id)
{
	for (int i = 0; i < mapped_count; i++)
		if (memcmp(&mapped[i].mapping_id, mapping_id, sizeof(pg_uuid_t)) == 0)
			return &mapped[i];
	if (mapped_count == mapped_room)
	{
		mapped_room = Max(2 * mapped_room, 16);
		mapped = mapped == NULL ?
			MemoryContextAlloc(TopMemoryContext, mapped_room * sizeof(Mapped)) :
			repalloc(mapped, mapped_room * sizeof(Mapped));
	}
	memset(&mapped[mapped_count], 0, sizeof(Mapped));
	mapped[mapped_count].mapping_id = *mapping_id;

	/* what another coordinator said before */
	eventstate_note_starved(mapping_id, false);
	return &mapped[mapped_count++];
}

/*
 * Read the mappings anew.  Returns how many are enabled.
 */
static int
coordinator_read(void)
{
	int			count;
	int			enabled = 0;
	int			kept = 0;
	EventSource *sources = eventsource_list(&count);

	for (int i = 0; i < mapped_count; i++)
		mapped[i].listed = false;
	for (int i = 0; i < count; i++)
	{
		Queue		queue;
		Mapped	   *one;

		CHECK_FOR_INTERRUPTS();
		enabled += sources[i].enabled ? 1 : 0;
		if (!sources[i].enabled || eventcheck_problem(&sources[i], &queue) != NULL)
		{
			eventstate_dismiss(&sources[i].mapping_id, 0);
			continue;
		}
		eventstate_dismiss(&sources[i].mapping_id, sources[i].max_concurrency);
		one = mapped_find(&sources[i].mapping_id);
		one->queue = queue;
		one->batch_size = sources[i].batch_size;
		one->max_concurrency = sources[i].max_concurrency;
		one->gone = false;
		one->listed = true;
	}
	for (int i = 0; i < mapped_count; i++)
	{
		if (mapped[i].listed)
			mapped[kept++] = mapped[i];
		else
		{
			eventstate_dismiss(&mapped[i].mapping_id, 0);
			mapped_leave(&mapped[i], WAKE_TO_GO);
		}
	}
	mapped_count = kept;
	return enabled;
}

/*
 * Whether there is a message for a mapping without workers.  Of a queue whose tables
 * somebody has locked that is assumed: a worker can wait, without holding up others.
 */
static bool
coordinator_probe(Mapped *one)
{
	return catalog_lookup_id(one->queue.queue_id, &one->queue) &&
		(!store_try_lock(&one->queue) ||
		 dequeue_messages(&one->queue, DEQUEUE_PROBE, 1, 0, NULL, NULL, NULL) > 0);
}

/*
 * Have the view say whether there are too few processes.
 */
static void
mapped_set_starved(Mapped *one, bool starved)
{
	if (one->starved != starved)
		eventstate_note_starved(&one->mapping_id, starved);
	one->starved = starved;
}

/*
 * Start workers of a mapping.  False if there are not enough processes.
 */
static bool
mapped_start(Mapped *one, int count, bool has_none)
{
	bool		started = true;

	while (started && count-- > 0)
		started = eventworker_start(&one->mapping_id);
	mapped_set_starved(one, !started);
	one->wanted = !started && has_none;
	one->look_at = GetCurrentTimestamp() + (started ? GROW_INTERVAL : STARVED_PAUSE);
	if (started)
	{
		eventworker_started();
		return true;
	}
	eventworker_warn();
	if (has_none)
		eventstate_dismiss_most(2);
	return false;
}

/*
 * See to a mapping that has no worker: be in the queue's list, and start one when
 * there is a message.
 */
static void
mapped_watch(Mapped *one, TimestampTz now)
{
	if (one->wanted)
	{
		if (now >= one->look_at)
			(void) mapped_start(one, 1, true);
		return;
	}
	mapped_set_starved(one, false);
	if (one->node.qs == NULL)
		mapped_enter(one);
	if (!wake_is_called(&one->node, now))
		return;
	switch (wake_look(&one->node))
	{
		case WAKE_ASLEEP:
			break;
		case WAKE_UP:
			one->up = true;
			break;
		case WAKE_GONE:
			mapped_leave(one, WAKE_TO_GO);
			one->gone = true;
			break;
	}
}

/*
 * See to a mapping that has workers: whether they are enough.
 */
static void
mapped_grow(Mapped *one, int workers, int busy, TimestampTz now)
{
	int64		left;
	int64		more;

	mapped_leave(one, WAKE_TO_REPORT);
	one->wanted = false;
	if (busy < workers || workers >= one->max_concurrency)
		mapped_set_starved(one, false);
	if (busy < workers || workers >= one->max_concurrency || now < one->look_at)
		return;
	one->look_at = now + GROW_INTERVAL;
	left = counters_visible(&one->queue) - (int64) workers * one->batch_size;
	more = (left + one->batch_size - 1) / one->batch_size;
	more = Min(more, Min(workers, one->max_concurrency - workers));
	if (more > 0)
		(void) mapped_start(one, (int) more, false);
	else
		mapped_set_starved(one, false);
}

/*
 * See to all mappings.  Returns whether some have to be probed; lowers *until to
 * when to look again.
 */
static bool
coordinator_look(TimestampTz *until)
{
	TimestampTz now = GetCurrentTimestamp();
	bool		up = false;

	for (int i = 0; i < mapped_count; i++)
	{
		Mapped	   *one = &mapped[i];
		int			workers;
		int			busy;

		if (one->gone)
			continue;
		workers = eventstate_workers(&one->mapping_id, &busy);
		if (workers == 0)
			mapped_watch(one, now);
		else
			mapped_grow(one, workers, busy, now);
		up |= one->up;
		if (one->node.qs != NULL)
			*until = Min(*until, one->node.due);
		else if (workers == 0 || (busy == workers && workers < one->max_concurrency))
			*until = Min(*until, Max(one->look_at, now));
	}
	return up;
}

/*
 * Look for messages of the mappings that were called, and start a worker for
 * each that has one.
 */
static void
coordinator_probe_all(void)
{
	PushActiveSnapshot(GetTransactionSnapshot());
	for (int i = 0; i < mapped_count; i++)
	{
		Mapped	   *one = &mapped[i];

		if (!one->up)
			continue;
		CHECK_FOR_INTERRUPTS();
		one->up = false;
		if (coordinator_probe(one))
		{
			/* without a worker, the message is for another sleeper */
			bool		started = mapped_start(one, 1, true);

			mapped_leave(one, started ? WAKE_TO_REPORT : WAKE_TO_GO);
		}
		else
			wake_enter_again(&one->node);
	}
	PopActiveSnapshot();
}

/*
 * Begin and end a transaction.
 */
static void
coordinator_begin(MemoryContext context)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	MemoryContextSwitchTo(context);
}

static void
coordinator_commit(MemoryContext context)
{
	CommitTransactionCommand();
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextReset(context);
	pgstat_report_stat(false);
}

/*
 * Whether mappings are to be read: they were changed, or some time has passed.
 */
static bool
coordinator_is_due(TimestampTz *read_at)
{
	TimestampTz now = GetCurrentTimestamp();

	if (now < *read_at && !eventstate_is_poked())
		return false;
	*read_at = now + setting_worker_interval * INT64CONST(1000);
	return true;
}

/*
 * Watch until no mapping is enabled any longer.
 */
static void
coordinator_loop(MemoryContext context)
{
	TimestampTz read_at = 0;

	for (;;)
	{
		TimestampTz until;

		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
		if (coordinator_is_due(&read_at))
		{
			int			enabled = 0;

			coordinator_begin(context);
			if (catalog_installed())
				enabled = coordinator_read();
			coordinator_commit(context);
			if (enabled == 0)
				return;
		}
		until = read_at;
		if (coordinator_look(&until))
		{
			pgstat_report_activity(STATE_RUNNING, "looking for messages");
			coordinator_begin(context);
			coordinator_probe_all();
			coordinator_commit(context);
			pgstat_report_activity(STATE_IDLE, NULL);
			continue;
		}
		wake_sleep(until);
	}
}

/*
 * A coordinator.
 */
void
queue_event_coordinator_main(Datum arg)
{
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();

	/* before connecting: who keeps us away wants nobody in the database */
	if (!eventstate_enter(DatumGetObjectId(arg)))
		proc_exit(0);
	before_shmem_exit(coordinator_exit, (Datum) 0);
	eventworker_connect(DatumGetObjectId(arg));
	pgstat_report_activity(STATE_IDLE, NULL);
	coordinator_loop(AllocSetContextCreate(TopMemoryContext, "queue event sources",
										   ALLOCSET_DEFAULT_SIZES));
	pgstat_report_stat(true);
	proc_exit(0);
}

/*
 * Start the coordinator of this database if it needs one.
 */
void
eventcoordinator_start(void)
{
	BackgroundWorker worker;
	bool		enabled = false;

	if (eventstate_is_coordinated(MyDatabaseId))
		return;
	StartTransactionCommand();
	if (catalog_installed())
	{
		int			count;
		EventSource *sources = eventsource_list(&count);

		for (int i = 0; i < count; i++)
			enabled |= sources[i].enabled;
	}
	CommitTransactionCommand();
	if (!enabled)
		return;
	eventworker_describe(&worker, "queue_event_coordinator_main", "queue event coordinator");
	worker.bgw_main_arg = ObjectIdGetDatum(MyDatabaseId);
	worker.bgw_notify_pid = 0;
	if (RegisterDynamicBackgroundWorker(&worker, NULL))
		eventworker_started();
	else
		eventworker_warn();
}
