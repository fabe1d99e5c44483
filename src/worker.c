/*-------------------------------------------------------------------------
 *
 * worker.c
 *		The background processes: a launcher, and workers that come and go.
 *
 * The launcher belongs to no database.  When it starts, it sends a worker to
 * every database, one after the other; a worker that finds the extension there
 * announces the database, which is then visited every queue.worker_interval.
 * Later on databases announce themselves when their first queue is used.
 *
 * A worker connects, does one round (retention.c) and exits.  If there are tasks
 * that move messages (mover.c), it works on them until the next round is due; and
 * if no other database waits for a worker, it does that round itself and goes on.  So most of the
 * time no process of ours is connected to any database, where it would block
 * DROP DATABASE and the like; and what such a command meets is told to leave by
 * our utility hook, and kept away until the command is done.  So are the processes
 * of event source mappings, which stay longer (eventcoordinator.c).
 *
 * Nothing runs in recovery or in a binary upgrade.  After a crash of any
 * process the postmaster starts the launcher again, with shared memory empty.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "catalog/pg_extension.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "nodes/value.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/ps_status.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "compat.h"
#include "database.h"
#include "eventcoordinator.h"
#include "eventstate.h"
#include "mover.h"
#include "queue.h"
#include "retention.h"
#include "sampler.h"
#include "settings.h"
#include "shared.h"
#include "tally.h"
#include "vitals.h"
#include "worker.h"

/* Databases visited in a round of the launcher */
#define LAUNCHER_DATABASES 1024

/* Seconds after which all databases are visited again, announced or not */
#define LAUNCHER_REDISCOVER 600

/* Seconds to wait before trying again after no worker could be started */
#define LAUNCHER_PAUSE 10

extern PGDLLEXPORT void queue_launcher_main(Datum arg);
extern PGDLLEXPORT void queue_worker_main(Datum arg);

static ProcessUtility_hook_type previous_process_utility = NULL;

/*
 * Forget what is counted of databases that were dropped without our noticing:
 * that outlives the server.
 */
static void
launcher_forget_tallies(void)
{
	Oid		   *tallied;
	int			count = tally_databases(&tallied);
	bool		connectable;

	for (int i = 0; i < count; i++)
	{
		if ((i == 0 || tallied[i] != tallied[i - 1]) &&
			!database_find(tallied[i], &connectable))
			tally_forget(tallied[i], NIL);
	}
	pfree(tallied);
}

/*
 * Find the databases to visit: those that are known to have queues, or all.
 * Forgets those that are known, but gone.  Returns how many.
 */
static int
launcher_find_databases(Oid *databases, bool all)
{
	Oid		   *known;
	int			known_count;
	int			count = 0;

	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	known = palloc(LAUNCHER_DATABASES * sizeof(Oid));
	known_count = shared_databases(known, LAUNCHER_DATABASES);
	if (all)
		count = database_list(databases, LAUNCHER_DATABASES);
	if (all)
		launcher_forget_tallies();
	for (int i = 0; i < known_count; i++)
	{
		bool		listed = false;
		bool		connectable;

		if (!database_find(known[i], &connectable))
		{
			retention_forget_database(known[i]);
			continue;
		}
		for (int j = 0; j < count && !listed; j++)
			listed = databases[j] == known[i];
		if (connectable && !listed && count < LAUNCHER_DATABASES)
			databases[count++] = known[i];
	}
	CommitTransactionCommand();
	return count;
}

/*
 * Send a worker to a database and wait until it has left.  Returns false if
 * none could be started.
 */
static bool
launcher_send_worker(Oid database)
{
	BackgroundWorker worker;
	BackgroundWorkerHandle *handle;
	pid_t		pid;
	BgwHandleStatus status;

	memset(&worker, 0, sizeof(worker));
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	strlcpy(worker.bgw_library_name, QUEUE_EXTENSION, sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "queue_worker_main", sizeof(worker.bgw_function_name));
	strlcpy(worker.bgw_name, "queue worker", sizeof(worker.bgw_name));
	strlcpy(worker.bgw_type, "queue worker", sizeof(worker.bgw_type));
	worker.bgw_main_arg = ObjectIdGetDatum(database);
	worker.bgw_notify_pid = MyProcPid;

	if (!RegisterDynamicBackgroundWorker(&worker, &handle))
		return false;
	status = WaitForBackgroundWorkerStartup(handle, &pid);
	if (status == BGWH_STARTED)
		status = WaitForBackgroundWorkerShutdown(handle);
	if (status == BGWH_POSTMASTER_DIED)
		proc_exit(1);
	pfree(handle);
	return true;
}

static void
launcher_sleep(long milliseconds)
{
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
					 milliseconds, PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
	}
}

static void
launcher_exit(int code, Datum arg)
{
	shared_set_launcher(0);
}

/*
 * The launcher.
 */
void
queue_launcher_main(Datum arg)
{
	Oid		   *databases;
	TimestampTz discovered = 0;
	bool		warned = false;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);

	shared_set_launcher(MyProcPid);
	eventstate_set_launcher();
	vitals_note_launch();
	before_shmem_exit(launcher_exit, (Datum) 0);
	databases = MemoryContextAlloc(TopMemoryContext, LAUNCHER_DATABASES * sizeof(Oid));

	for (;;)
	{
		TimestampTz now = GetCurrentTimestamp();
		bool		all = now - discovered > LAUNCHER_REDISCOVER * USECS_PER_SEC;
		int			count = launcher_find_databases(databases, all);

		if (all)
			discovered = now;
		vitals_note_time();

		pgstat_report_activity(STATE_RUNNING, "sending workers");
		for (int i = 0; i < count; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if (launcher_send_worker(databases[i]))
			{
				if (warned)
					eventstate_make_room(false);
				warned = false;
				vitals_note_worker(true);
				continue;
			}
			eventstate_make_room(true);
			vitals_note_worker(false);
			if (!warned)
				ereport(WARNING,
						(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
						 errmsg("out of background worker slots for queues"),
						 errhint("You might need to increase max_worker_processes.")));
			warned = true;
			launcher_sleep(LAUNCHER_PAUSE * 1000L);
		}
		pgstat_report_activity(STATE_IDLE, NULL);
		if (!eventstate_is_wanted())
			launcher_sleep(setting_worker_interval);
	}
}

static void
worker_exit(int code, Datum arg)
{
	(void) shared_set_worker(0);
}

/*
 * Rounds in one database: one, or more while there are messages to move.
 */
static void
worker_rounds(void)
{
	TimestampTz begun = GetCurrentTimestamp();
	Oid			databases[2];

	for (;;)
	{
		TimestampTz until = GetCurrentTimestamp() + setting_worker_interval * INT64CONST(1000);
		bool		more;

		vitals_note_begin();
		pgstat_report_activity(STATE_RUNNING, "sweeping queues");
		retention_sweep(true);
		eventcoordinator_start();
		pgstat_report_activity(STATE_RUNNING, "sampling metrics");
		sampler_run();
		pgstat_report_activity(STATE_RUNNING, "moving messages");
		more = mover_run(until);
		vitals_note_end();
		if (!more || shared_databases(databases, lengthof(databases)) > 1 ||
			GetCurrentTimestamp() - begun > LAUNCHER_REDISCOVER * USECS_PER_SEC)
			break;
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
	}
}

/*
 * A worker: what is to be done in one database.
 */
void
queue_worker_main(Datum arg)
{
	bool		installed;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();

	/* before connecting: who keeps us away wants nobody in the database */
	if (!shared_set_worker(MyProcPid))
		proc_exit(0);
	before_shmem_exit(worker_exit, (Datum) 0);

	/* what a database or role sets for its sessions is not meant for us */
	SetConfigOption("default_transaction_isolation", "read committed",
					PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("default_transaction_read_only", "off", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("statement_timeout", "0", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("lock_timeout", "0", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("idle_in_transaction_session_timeout", "0",
					PGC_SUSET, PGC_S_OVERRIDE);
	BackgroundWorkerInitializeConnectionByOid(DatumGetObjectId(arg), InvalidOid, 0);

	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	installed = catalog_installed();
	CommitTransactionCommand();
	if (installed)
	{
		shared_announce_database();
		worker_rounds();
	}
	else
	{
		retention_forget_entries(true);
		shared_forget_database(MyDatabaseId);
	}
	pgstat_report_stat(true);
	proc_exit(0);
}

/*
 * Whether a command needs a database without us in it, or the extension
 * without anyone at work on its tables.
 */
static bool
worker_is_in_the_way(Node *command)
{
	ListCell   *cell;

	switch (nodeTag(command))
	{
		case T_CreatedbStmt:
		case T_DropdbStmt:
		case T_AlterDatabaseStmt:
			return true;
		case T_RenameStmt:
			return castNode(RenameStmt, command)->renameType == OBJECT_DATABASE;
		case T_DropStmt:
			if (castNode(DropStmt, command)->removeType != OBJECT_EXTENSION)
				return false;
			foreach(cell, castNode(DropStmt, command)->objects)
			{
				if (strcmp(strVal(lfirst(cell)), QUEUE_EXTENSION) == 0)
					return true;
			}
			return false;
		default:
			return false;
	}
}

/*
 * The database that such a command is about.
 */
static Oid
worker_database_in_question(Node *command)
{
	const char *name = "template1";
	ListCell   *cell;

	switch (nodeTag(command))
	{
		case T_CreatedbStmt:
			foreach(cell, castNode(CreatedbStmt, command)->options)
			{
				DefElem    *option = lfirst(cell);

				if (strcmp(option->defname, "template") == 0 && option->arg != NULL)
					name = defGetString(option);
			}
			break;
		case T_DropdbStmt:
			name = castNode(DropdbStmt, command)->dbname;
			break;
		case T_AlterDatabaseStmt:
			name = castNode(AlterDatabaseStmt, command)->dbname;
			break;
		case T_RenameStmt:
			name = castNode(RenameStmt, command)->subname;
			break;
		default:
			return MyDatabaseId;
	}
	return get_database_oid(name, true);
}

/*
 * Whether our processes have to get out of the way of a command, and of which
 * database those that see to mappings.  Not if the current user may not give it
 * anyway: that our processes are ended must not be anybody's to bring about.  Of a
 * template anybody with CREATEDB makes copies.
 */
static bool
worker_must_give_way(Node *command, Oid *database)
{
	HeapTuple	tuple;
	bool		is_template = false;
	bool		may_create = false;

	*database = InvalidOid;
	if (!worker_is_in_the_way(command))
		return false;
	*database = worker_database_in_question(command);
	if (nodeTag(command) == T_DropStmt)
	{
		Oid			extension = get_extension_oid(QUEUE_EXTENSION, true);

		return OidIsValid(extension) && compat_extension_ownercheck(extension, GetUserId());
	}
	if (!OidIsValid(*database))
		return false;
	if (compat_database_ownercheck(*database, GetUserId()))
		return true;
	if (nodeTag(command) != T_CreatedbStmt)
		return false;
	tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(*database));
	if (HeapTupleIsValid(tuple))
	{
		is_template = ((Form_pg_database) GETSTRUCT(tuple))->datistemplate;
		ReleaseSysCache(tuple);
	}
	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(GetUserId()));
	if (HeapTupleIsValid(tuple))
	{
		may_create = ((Form_pg_authid) GETSTRUCT(tuple))->rolcreatedb;
		ReleaseSysCache(tuple);
	}
	return is_template && may_create;
}

/*
 * Do what the hook was called for.
 */
static void
worker_call_next(PlannedStmt *statement, const char *query, bool read_only,
				 ProcessUtilityContext context, ParamListInfo params,
				 QueryEnvironment *environment, DestReceiver *dest,
				 QueryCompletion *completion)
{
	if (previous_process_utility)
		previous_process_utility(statement, query, read_only, context, params,
								 environment, dest, completion);
	else
		standard_ProcessUtility(statement, query, read_only, context, params,
								environment, dest, completion);
}

/*
 * Do it with our processes out of the way.
 */
static void
worker_call_alone(Oid database, PlannedStmt *statement, const char *query, bool read_only,
				  ProcessUtilityContext context, ParamListInfo params,
				  QueryEnvironment *environment, DestReceiver *dest,
				  QueryCompletion *completion)
{
	shared_keep_worker_away();
	eventstate_keep_away(database);
	PG_TRY();
	{
		worker_call_next(statement, query, read_only, context, params,
						 environment, dest, completion);
	}
	PG_FINALLY();
	{
		eventstate_let_back(database);
		shared_let_worker_back();
	}
	PG_END_TRY();
}

/*
 * The utility hook: out of the way of commands that need us to be.
 */
static void
worker_process_utility(PlannedStmt *statement, const char *query, bool read_only,
					   ProcessUtilityContext context, ParamListInfo params,
					   QueryEnvironment *environment, DestReceiver *dest,
					   QueryCompletion *completion)
{
	Oid			database;

	if (worker_must_give_way(statement->utilityStmt, &database))
		worker_call_alone(database, statement, query, read_only, context, params,
						  environment, dest, completion);
	else
		worker_call_next(statement, query, read_only, context, params,
						 environment, dest, completion);
}

/*
 * Register the launcher, install the utility hook.
 */
void
worker_init(void)
{
	BackgroundWorker launcher;

	previous_process_utility = ProcessUtility_hook;
	ProcessUtility_hook = worker_process_utility;

	if (IsBinaryUpgrade)
		return;
	memset(&launcher, 0, sizeof(launcher));
	launcher.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	launcher.bgw_start_time = BgWorkerStart_RecoveryFinished;
	launcher.bgw_restart_time = 5;
	strlcpy(launcher.bgw_library_name, QUEUE_EXTENSION, sizeof(launcher.bgw_library_name));
	strlcpy(launcher.bgw_function_name, "queue_launcher_main", sizeof(launcher.bgw_function_name));
	strlcpy(launcher.bgw_name, "queue launcher", sizeof(launcher.bgw_name));
	strlcpy(launcher.bgw_type, "queue launcher", sizeof(launcher.bgw_type));
	RegisterBackgroundWorker(&launcher);
}
