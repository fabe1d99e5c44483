/*-------------------------------------------------------------------------
 *
 * health.c
 *		The SQL call that names what hurts.
 *
 * Superusers and members of pg_monitor learn of all that is found.  Others learn of
 * the queues that they may use, and of somebody else's session no more than that it
 * is in the way.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_authid.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "postmaster/autovacuum.h"
#include "postmaster/bgworker.h"
#include "storage/proc.h"
#include "utils/acl.h"
#include "utils/backend_status.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

#include "authorize.h"
#include "compat.h"
#include "finding.h"
#include "holder.h"
#include "queuehealth.h"
#include "settings.h"
#include "shared.h"
#include "tally.h"
#include "vitals.h"
#include "xid.h"

QUEUE_FUNCTION(sqs_health);

#define HEALTH_COLUMNS 5

/* The part of queue.shared_memory_limit from which that is worth a word, in percent */
#define MEMORY_NEAR 80

/* Time for the launcher to start, in microseconds */
#define LAUNCH_TIME (5 * USECS_PER_SEC)

/* Intervals, and time at least, after which a worker should have come by */
#define WORKER_INTERVALS 20
#define WORKER_TIME (10 * USECS_PER_SEC)

/* Rounds in a row that come to no end: one may have been told to make way */
#define WORKER_FAILURES 2

/*
 * Those of the holders that are old, before the others; how many.
 */
static int
health_keep_old(Holder *holders, int count, TimestampTz now)
{
	int			n = 0;

	for (int i = 0; i < count; i++)
		if (holder_age(&holders[i], now) >= setting_health_transaction_age * USECS_PER_SEC)
			holders[n++] = holders[i];
	return n;
}

/*
 * How many transaction ids ago.
 */
static uint32
health_transactions(TransactionId xid)
{
	return XidFromFullTransactionId(ReadNextFullTransactionId()) - xid;
}

/*
 * Who holds back vacuum.
 */
static void
health_find_holder(Findings *findings, const Holder *holder)
{
	static const char *const what[] = {
		[HOLDER_SESSION] = "transaction holds back vacuum",
		[HOLDER_PREPARED] = "prepared transaction holds back vacuum",
		[HOLDER_SLOT] = "replication slot holds back vacuum",
		[HOLDER_STANDBY] = "standby holds back vacuum",
	};
	uint32		transactions;

	if (TransactionIdIsNormal(holder->horizon))
	{
		transactions = health_transactions(holder->horizon);
		finding_add(findings, transactions >= (uint32) autovacuum_freeze_max_age ?
					SEVERITY_CRITICAL : SEVERITY_WARNING,
					what[holder->kind], holder_name(holder), holder->since,
					"What died in the last %u transactions has to be kept. %s",
					transactions, holder_remedy(holder));
	}
	else if (TransactionIdIsNormal(holder->catalog_horizon))
	{
		transactions = health_transactions(holder->catalog_horizon);
		finding_add(findings, transactions >= (uint32) autovacuum_freeze_max_age ?
					SEVERITY_CRITICAL : SEVERITY_INFO,
					"replication slot holds back vacuum of catalogs",
					holder_name(holder), holder->since,
					"What died in system catalogs in the last %u transactions has to be kept. %s",
					transactions, holder_remedy(holder));
	}
}

/*
 * Whether there is a process of ours; in this database, or of all databases.
 */
static bool
health_is_running(const char *type, bool here)
{
	int			count = pgstat_fetch_stat_numbackends();

	for (int i = 1; i <= count; i++)
	{
		LocalPgBackendStatus *local = compat_local_beentry(i);
		const char *found;

		if (local == NULL || local->backendStatus.st_procpid <= 0 ||
			local->backendStatus.st_backendType != B_BG_WORKER ||
			(here && local->backendStatus.st_databaseid != MyDatabaseId))
			continue;
		found = GetBackgroundWorkerTypeByPid(local->backendStatus.st_procpid);
		if (found != NULL && strcmp(found, type) == 0)
			return true;
	}
	return false;
}

/*
 * The launcher, if it does not run: it has come to an end, or it never came.
 */
static bool
health_find_launcher(Findings *findings, const Vitals *vitals)
{
	if (health_is_running("queue launcher", false))
		return false;
	if (vitals->launched_at != 0)
		finding_add(findings, SEVERITY_CRITICAL, "launcher is not running", "queue launcher",
					0, "It has ended, and the server starts it again within seconds. If it does not stay, see the server log for why.");
	else if (max_worker_processes == 0 || findings->now - vitals->known_since >= LAUNCH_TIME)
		finding_add(findings, SEVERITY_CRITICAL, "launcher is not running", "queue launcher",
					vitals->known_since,
					"It found no place among max_worker_processes = %d when the server started: ALTER SYSTEM SET max_worker_processes = %d; and restart the server.",
					max_worker_processes, max_worker_processes + 8);
	return true;
}

/*
 * The worker of this database.
 */
static void
health_find_worker(Findings *findings)
{
	int64		late = Max(WORKER_TIME,
						   WORKER_INTERVALS * setting_worker_interval * INT64CONST(1000));
	Vitals		vitals;
	bool		here;
	bool		elsewhere;
	int			failed;

	vitals_read(&vitals);
	if (health_find_launcher(findings, &vitals))
		return;
	here = health_is_running("queue worker", true);
	elsewhere = !here && health_is_running("queue worker", false);
	failed = vitals.unfinished - (here ? 1 : 0);
	if (vitals.refused_at != 0)
		finding_add(findings, SEVERITY_CRITICAL, "worker cannot start", "queue worker",
					vitals.refused_at,
					"All of max_worker_processes = %d are in use: ALTER SYSTEM SET max_worker_processes = %d; and restart the server.",
					max_worker_processes, max_worker_processes + 8);
	else if (failed >= WORKER_FAILURES)
		finding_add(findings, SEVERITY_CRITICAL, "worker does not finish", "queue worker",
					vitals.ended_at,
					"%d rounds in a row have ended early. See the server log for why.", failed);
	else if (!here && findings->now - vitals.awake_at >= late)
		finding_add(findings, elsewhere ? SEVERITY_WARNING : SEVERITY_CRITICAL,
					"worker does not come", "queue worker", vitals.awake_at,
					elsewhere ? "It has much to do in another database." :
					"The launcher hangs. Have it start anew: SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'queue launcher';");
}

/*
 * What all queues of all databases share.
 */
static void
health_find_memory(Findings *findings)
{
	uint64		limit = (uint64) setting_shared_memory_limit * 1024;
	uint64		used = shared_allocated();

	if (tally_is_full())
		finding_add(findings, SEVERITY_WARNING, "too many queues for metrics over time",
					"queue.metrics_queues", 0,
					"%d queues in use have their messages counted; of further ones metrics over time have gauges only. Raise it: ALTER SYSTEM SET queue.metrics_queues = %d; then restart the server.",
					setting_metrics_queues, Min(2 * setting_metrics_queues, METRICS_QUEUES_MAX));
	if (used * 100 < limit * MEMORY_NEAR)
		return;
	finding_add(findings, SEVERITY_WARNING, "shared memory is near its limit",
				"queue.shared_memory_limit", 0,
				UINT64_FORMAT " kB of %d kB are in use; with no more, receives look in vain more often, and counters are less exact. Raise it: ALTER SYSTEM SET queue.shared_memory_limit = '%d kB'; SELECT pg_reload_conf();",
				used / 1024, setting_shared_memory_limit,
				setting_shared_memory_limit <= MAX_KILOBYTES / 2 ?
				2 * setting_shared_memory_limit : MAX_KILOBYTES);
}

/*
 * Look at the queues that the caller may use.
 */
static void
health_find_queues(Findings *findings, const HeldLock *locks, int lock_count)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "queue health",
												  ALLOCSET_DEFAULT_SIZES);
	ResourceOwner owner = CurrentResourceOwner;
	int			count;
	Queue	   *queues = catalog_all(&count);

	for (int i = 0; i < count; i++)
	{
		MemoryContext old = CurrentMemoryContext;

		/* the locks on the tables of one queue end before those of the next */
		CHECK_FOR_INTERRUPTS();
		BeginInternalSubTransaction(NULL);
		MemoryContextSwitchTo(context);
		if (findings->full || authorize_queue_allows(&queues[i], "GetQueueAttributes"))
			queuehealth_look(findings, &queues[i], locks, lock_count);
		RollbackAndReleaseCurrentSubTransaction();
		CurrentResourceOwner = owner;
		MemoryContextSwitchTo(old);
		MemoryContextReset(context);
	}
	MemoryContextDelete(context);
}

/*
 * sqs_health() returns table (severity, finding, object, since, advice)
 */
Datum
sqs_health(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Findings   *findings;
	Holder	   *holders;
	HeldLock   *locks;
	int			count;
	int			lock_count;

	InitMaterializedSRF(fcinfo, 0);
	findings = finding_begin(has_privs_of_role(GetUserId(), ROLE_PG_MONITOR));
	holders = holder_list(&count);
	count = health_keep_old(holders, count, findings->now);
	locks = holder_locks(holders, count, &lock_count);

	if (findings->full)
	{
		for (int i = 0; i < count; i++)
			health_find_holder(findings, &holders[i]);
		if (!RecoveryInProgress())
			health_find_worker(findings);
		health_find_memory(findings);
	}
	health_find_queues(findings, locks, lock_count);
	finding_sort(findings);

	for (int i = 0; i < findings->count; i++)
	{
		const Finding *finding = &findings->list[i];
		Datum		values[HEALTH_COLUMNS];
		bool		nulls[HEALTH_COLUMNS] = {0};

		values[0] = CStringGetTextDatum(finding_severity_name(finding->severity));
		values[1] = CStringGetTextDatum(finding->what);
		values[2] = CStringGetTextDatum(finding->object);
		values[3] = TimestampTzGetDatum(finding->since);
		nulls[3] = finding->since == 0;
		values[4] = CStringGetTextDatum(finding->advice);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
