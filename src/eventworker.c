/*-------------------------------------------------------------------------
 *
 * eventworker.c
 *		The workers of event source mappings.
 *
 * A worker belongs to one mapping, and to the role that the mapping acts as: from
 * its first transaction on that is the session's user, so that nothing which
 * happens later makes it a superuser.  It does one batch after the other
 * (eventbatch.c), each a transaction, and looks at the mapping anew in each.
 * When there is nothing, it waits as sqs_wait() does, for a few seconds; it
 * enters the queue's list of sleepers in front, so that of several workers with
 * little to do the others find nothing and leave.  When to start more of them is
 * for the coordinator to say (eventcoordinator.c).
 *
 * Where the mapping has a batching window, a worker that knows of a message waits
 * for more of them before it receives.
 *
 * An error that is not the function's is not the messages' fault.  They have come
 * back at once, so the worker rests, the longer the more often it happens.
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
#include "storage/lock.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "counters.h"
#include "dequeue.h"
#include "eventbatch.h"
#include "eventcheck.h"
#include "eventstate.h"
#include "eventworker.h"
#include "settings.h"
#include "store.h"
#include "wake.h"

/* How long a worker without work waits for some before it leaves */
#define IDLE_TIME (5 * USECS_PER_SEC)

/* How often a worker in a batching window looks how many messages there are */
#define WINDOW_LOOK INT64CONST(100000)

/*
 * How long to rest where too many messages are in flight, or somebody has locked
 * the queue's tables; and where there are none but such as cannot be decrypted
 */
#define OVER_LIMIT_PAUSE USECS_PER_SEC
#define UNREADABLE_PAUSE (5 * USECS_PER_SEC)

/* How long to rest after an error that is not the function's: doubled, to this */
#define FAILED_PAUSE USECS_PER_SEC
#define FAILED_PAUSE_MAX (60 * USECS_PER_SEC)

extern PGDLLEXPORT void queue_event_worker_main(Datum arg);

/* What a worker finds in bgw_extra */
typedef struct WorkerTicket
{
	int			place;
	uint32		ticket;
} WorkerTicket;

typedef enum StepResult
{
	STEP_DONE,					/* some messages, and there may be more */
	STEP_NOTHING,				/* no message */
	STEP_OVER_LIMIT,			/* too many are in flight */
	STEP_LOCKED,				/* the queue's tables are locked */
	STEP_UNREADABLE,			/* no message that can be decrypted */
	STEP_FAILED,				/* an error that is not the function's */
	STEP_LEAVE					/* the mapping is not to be acted on */
} StepResult;

/* What this worker knows of its mapping, as of its last transaction */
static pg_uuid_t mapping_id;
static Queue mapping_queue;
static int	mapping_window;		/* seconds */
static int	mapping_batch_size;
static int	failures = 0;		/* in a row */
static bool unreadable = false; /* the last batch met messages without a key */

/* Its place in the queue's list, while it waits */
static WakeNode node = {.waiter = -1};

static void
worker_leave_list(WakeReason reason)
{
	wake_leave(&node, reason);
	if (node.waiter >= 0)
		shared_give_waiters(1, &node.waiter);
	node.waiter = -1;
}

/*
 * Fill in what a process of ours is.
 */
void
eventworker_describe(BackgroundWorker *worker, const char *function, const char *name)
{
	memset(worker, 0, sizeof(BackgroundWorker));
	worker->bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker->bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker->bgw_restart_time = BGW_NEVER_RESTART;
	strlcpy(worker->bgw_library_name, QUEUE_EXTENSION, sizeof(worker->bgw_library_name));
	strlcpy(worker->bgw_function_name, function, sizeof(worker->bgw_function_name));
	strlcpy(worker->bgw_name, name, sizeof(worker->bgw_name));
	strlcpy(worker->bgw_type, name, sizeof(worker->bgw_type));
	worker->bgw_notify_pid = MyProcPid;
}

/*
 * Connect to a database, with none of the settings that it has for its sessions
 * and that are not meant for us.
 */
void
eventworker_connect(Oid database)
{
	SetConfigOption("default_transaction_isolation", "read committed",
					PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("default_transaction_read_only", "off", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("default_transaction_deferrable", "off", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("statement_timeout", "0", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("lock_timeout", "0", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("idle_in_transaction_session_timeout", "0",
					PGC_SUSET, PGC_S_OVERRIDE);
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
}

/*
 * Say that there are too few processes, unless that was said since there were
 * enough of them.
 */
void
eventworker_warn(void)
{
	if (!eventstate_set_short(true))
		ereport(WARNING,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("out of background worker slots for event source mappings"),
				 errhint("You might need to increase max_worker_processes.")));
}

void
eventworker_started(void)
{
	(void) eventstate_set_short(false);
}

/*
 * Start one more worker.
 */
bool
eventworker_start(const pg_uuid_t *id)
{
	BackgroundWorker worker;
	WorkerTicket ticket;

	eventworker_describe(&worker, "queue_event_worker_main", "queue event source");
	ticket.place = eventstate_reserve(id, &ticket.ticket);
	if (ticket.place < 0)
		return false;
	memcpy(worker.bgw_extra, &ticket, sizeof(ticket));
	if (RegisterDynamicBackgroundWorker(&worker, NULL))
		return true;
	eventstate_cancel(ticket.place, ticket.ticket);
	return false;
}

/*
 * Read the mapping.  False if it is not to be acted on.
 */
static bool
read_mapping(EventSource *source)
{
	if (!eventsource_find(&mapping_id, source) || !source->enabled ||
		eventcheck_problem(source, &mapping_queue) != NULL)
		return false;
	mapping_window = source->batching_window_seconds;
	mapping_batch_size = source->batch_size;
	return true;
}

/*
 * The first transaction: the mapping's role becomes the user of this session.  If
 * there is an error, that is the end of the process.
 */
static bool
worker_begin(MemoryContext context)
{
	EventSource source;
	bool		wanted;

	StartTransactionCommand();
	MemoryContextSwitchTo(context);
	wanted = catalog_installed() && read_mapping(&source);
	if (wanted)
		SetSessionAuthorization(source.run_as, superuser_arg(source.run_as));
	CommitTransactionCommand();
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextReset(context);
	return wanted;
}

/*
 * What is done in a transaction: one batch.
 */
static StepResult
step_batch(BatchOutcome *outcome)
{
	EventSource source;

	/* the session is that of one role, and serves no other */
	if (!read_mapping(&source) || source.run_as != GetSessionUserId())
		return STEP_LEAVE;

	/* who waits for a lock cannot leave for others that need the process */
	if (!store_try_lock(&mapping_queue))
		return STEP_LOCKED;
	eventbatch_run(&source, &mapping_queue, outcome);
	if (outcome->found == DEQUEUE_OVER_LIMIT)
		return STEP_OVER_LIMIT;
	if (outcome->found == 0 && outcome->problem.message[0] != '\0')
		return STEP_UNREADABLE;
	return outcome->found == 0 ? STEP_NOTHING : STEP_DONE;
}

/*
 * Note what became of a batch.
 */
static void
note_outcome(const BatchOutcome *outcome)
{
	if (outcome->processed > 0 || outcome->failed > 0)
		eventstate_note_processed(&mapping_id, outcome->processed, outcome->failed);
	if (outcome->error != NULL)
		eventstate_note_error(&mapping_id, outcome->error);

	/* these come again each few seconds; the first is enough for the log */
	if (outcome->problem.message[0] == '\0')
		unreadable = unreadable && outcome->found == 0;
	else
	{
		if (!unreadable)
			body_report(WARNING, &outcome->problem);
		unreadable = true;
		if (outcome->error == NULL)
			eventstate_note_error(&mapping_id, outcome->problem.message);
	}
}

/*
 * Note an error that is not the function's, and tell of the first in a row.
 */
static void
note_failure(MemoryContext context)
{
	ErrorData  *caught;

	MemoryContextSwitchTo(context);
	caught = CopyErrorData();
	if (failures++ == 0)
		EmitErrorReport();
	FlushErrorState();
	eventstate_note_error(&mapping_id,
						  psprintf("%s: %s", unpack_sql_state(caught->sqlerrcode), caught->message));
}

/*
 * Do one batch in a transaction of its own.
 */
static StepResult
worker_step(MemoryContext context)
{
	volatile StepResult result = STEP_FAILED;
	BatchOutcome outcome = {0};

	PG_TRY();
	{
		SetCurrentStatementStartTimestamp();
		StartTransactionCommand();
		PushActiveSnapshot(GetTransactionSnapshot());
		MemoryContextSwitchTo(context);
		result = step_batch(&outcome);
		PopActiveSnapshot();
		CommitTransactionCommand();
		failures = 0;
		note_outcome(&outcome);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		AbortCurrentTransaction();
		note_failure(context);
		result = STEP_FAILED;
	}
	PG_END_TRY();
	LockReleaseSession(USER_LOCKMETHOD);
	pgstat_report_stat(false);
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextReset(context);
	return result;
}

/*
 * Wait for a message, without a transaction.  False if there is none for long, or
 * if this worker is to leave.
 */
static bool
worker_wait(void)
{
	TimestampTz deadline = GetCurrentTimestamp() + IDLE_TIME;
	WakeLook	look = WAKE_ASLEEP;

	(void) shared_take_waiters(1, &node.waiter);
	wake_enter(&node, &mapping_queue, true);
	for (;;)
	{
		TimestampTz now = GetCurrentTimestamp();

		if (wake_is_called(&node, now))
			look = wake_look(&node);
		if (look != WAKE_ASLEEP || now >= deadline || eventstate_must_leave())
			break;
		wake_sleep(Min(deadline, node.due));
	}
	worker_leave_list(look == WAKE_UP ? WAKE_TO_RECEIVE : WAKE_TO_GO);
	return look == WAKE_UP;
}

/*
 * Wait until there are enough messages for a batch, or the window has passed.
 */
static void
worker_fill(void)
{
	TimestampTz deadline = GetCurrentTimestamp() + mapping_window * USECS_PER_SEC;

	while (!eventstate_must_leave())
	{
		int64		visible = counters_visible(&mapping_queue);
		TimestampTz now = GetCurrentTimestamp();

		if (visible == 0 || visible >= mapping_batch_size || now >= deadline)
			return;
		wake_sleep(Min(deadline, now + WINDOW_LOOK));
	}
}

static void
worker_reload(void)
{
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
	}
}

/*
 * A message that we were meant to receive may be there still: let another sleeper
 * look.
 */
static void
worker_pass_on(void)
{
	QueueShared *qs = shared_acquire(&mapping_queue);

	wake_next(qs);
	shared_release(qs);
}

/*
 * Rest where there is nothing to be done for now.  More workers would do no better.
 */
static void
worker_rest(int64 pause)
{
	eventstate_set_busy(false);
	pgstat_report_activity(STATE_IDLE, NULL);
	wake_sleep(GetCurrentTimestamp() + pause);
	eventstate_set_busy(true);
}

/*
 * Batches, for as long as there are messages.
 */
static void
worker_loop(MemoryContext context)
{
	while (!eventstate_must_leave())
	{
		StepResult	result;

		worker_reload();
		if (mapping_window > 0)
			worker_fill();
		pgstat_report_activity(STATE_RUNNING, "processing messages");
		result = worker_step(context);
		if (result == STEP_LEAVE)
		{
			/*
			 * what has changed the coordinator is to see before it starts
			 * another
			 */
			eventstate_poke();
			break;
		}
		if (result == STEP_OVER_LIMIT)
			wake_sleep(GetCurrentTimestamp() + OVER_LIMIT_PAUSE);
		else if (result == STEP_LOCKED)
			worker_rest(OVER_LIMIT_PAUSE);
		else if (result == STEP_UNREADABLE)
			worker_rest(UNREADABLE_PAUSE);
		else if (result == STEP_FAILED)
			wake_sleep(GetCurrentTimestamp() +
					   Min(FAILED_PAUSE << Min(failures - 1, 6), FAILED_PAUSE_MAX));
		else if (result == STEP_NOTHING)
		{
			eventstate_set_busy(false);
			pgstat_report_stat(true);
			pgstat_report_activity(STATE_IDLE, NULL);
			if (!worker_wait())
				break;
			eventstate_set_busy(true);
		}
	}
	worker_pass_on();
}

static void
worker_exit(int code, Datum arg)
{
	/* the process may end while a lock is held that is needed here */
	LWLockReleaseAll();
	worker_leave_list(WAKE_TO_GO);
	eventstate_give_back();
}

/*
 * A worker.
 */
void
queue_event_worker_main(Datum arg)
{
	WorkerTicket ticket;
	Oid			database;
	MemoryContext context;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();

	memcpy(&ticket, MyBgworkerEntry->bgw_extra, sizeof(ticket));
	if (!eventstate_take(ticket.place, ticket.ticket, &database, &mapping_id))
		proc_exit(0);
	before_shmem_exit(worker_exit, (Datum) 0);
	eventworker_connect(database);

	context = AllocSetContextCreate(TopMemoryContext, "queue batch", ALLOCSET_DEFAULT_SIZES);
	if (worker_begin(context))
		worker_loop(context);
	else
		eventstate_poke();
	pgstat_report_stat(true);
	proc_exit(0);
}
