/*-------------------------------------------------------------------------
 *
 * holder.c
 *		Who holds back vacuum, or has locks on tables.
 *
 * Vacuum removes rows that no snapshot can see any more: none in this database,
 * none of a standby that reports its own, and none that is granted to a
 * replication slot.  Snapshots in other databases do not matter to our tables.  A
 * transaction there that has an id does: until it ends, every snapshot that is
 * taken here reaches back to it.
 *
 * What is read here is what pg_stat_activity, pg_prepared_xacts,
 * pg_replication_slots and pg_locks show.  All of it may have changed a moment
 * later.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/twophase.h"
#include "access/xlog.h"
#include "catalog/pg_authid.h"
#include "commands/dbcommands.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "replication/slot.h"
#include "replication/walreceiver.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "utils/acl.h"
#include "utils/backend_status.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

#include "compat.h"
#include "holder.h"
#include "vitals.h"
#include "xid.h"

/* Columns of pg_prepared_xact() */
#define Anum_prepared_transaction 1
#define Anum_prepared_gid 2
#define Anum_prepared_at 3
#define Anum_prepared_owner 4
#define Anum_prepared_database 5

/* A list that grows */
typedef struct HolderList
{
	int			count;
	int			room;
	Holder	   *holders;
} HolderList;

/*
 * A new member of the list, zeroed.
 */
static Holder *
holder_add(HolderList *list, HolderKind kind)
{
	Holder	   *holder;

	if (list->count == list->room)
	{
		list->room *= 2;
		list->holders = repalloc(list->holders, list->room * sizeof(Holder));
	}
	holder = &list->holders[list->count++];
	memset(holder, 0, sizeof(Holder));
	holder->kind = kind;
	return holder;
}

/*
 * The older of two transaction ids, of which either may be invalid.
 */
static TransactionId
holder_older(TransactionId a, TransactionId b)
{
	if (!TransactionIdIsNormal(a))
		return TransactionIdIsNormal(b) ? b : InvalidTransactionId;
	if (!TransactionIdIsNormal(b))
		return a;
	return TransactionIdPrecedes(a, b) ? a : b;
}

/*
 * What a process holds back with its transaction's id and snapshot, as
 * ComputeXidHorizons() in procarray.c sees it.
 */
static TransactionId
holder_horizon(const PGPROC *proc, TransactionId xid, TransactionId xmin)
{
	if (proc->statusFlags & (PROC_IN_VACUUM | PROC_IN_LOGICAL_DECODING))
		return InvalidTransactionId;
	if (RecoveryInProgress())
		return hot_standby_feedback ? xmin : InvalidTransactionId;
	if (proc->databaseId == MyDatabaseId ||
		(proc->statusFlags & PROC_AFFECTS_ALL_HORIZONS) != 0)
		return holder_older(xid, xmin);
	return xid;
}

static void
holder_add_sessions(HolderList *list)
{
	int			count = pgstat_fetch_stat_numbackends();

	for (int i = 1; i <= count; i++)
	{
		LocalPgBackendStatus *local = compat_local_beentry(i);
		PgBackendStatus *status = local != NULL ? &local->backendStatus : NULL;
		PGPROC	   *proc;
		Holder	   *holder;

		if (status == NULL || status->st_procpid <= 0 || status->st_procpid == MyProcPid ||
			(status->st_xact_start_timestamp == 0 &&
			 !TransactionIdIsValid(local->backend_xid) &&
			 !TransactionIdIsValid(local->backend_xmin)))
			continue;
		/* parallel workers end with their leader */
		proc = BackendPidGetProc(status->st_procpid);
		if (proc == NULL || (proc->lockGroupLeader != NULL && proc->lockGroupLeader != proc))
			continue;

		holder = holder_add(list, status->st_backendType == B_WAL_SENDER &&
							(proc->statusFlags & PROC_AFFECTS_ALL_HORIZONS) != 0 ?
							HOLDER_STANDBY : HOLDER_SESSION);
		holder->pid = status->st_procpid;
		holder->name = pstrdup(status->st_appname);
		holder->database = status->st_databaseid;
		holder->role = status->st_userid;
		holder->idle = status->st_state == STATE_IDLEINTRANSACTION ||
			status->st_state == STATE_IDLEINTRANSACTION_ABORTED;
		holder->horizon = holder_horizon(proc, local->backend_xid, local->backend_xmin);
		holder->since = status->st_xact_start_timestamp;
	}
}

/*
 * One row of pg_prepared_xact().
 */
static void
holder_add_prepared_row(HolderList *list, HeapTupleHeader row)
{
	Holder	   *holder = holder_add(list, HOLDER_PREPARED);
	bool		isnull;

	holder->xid = DatumGetTransactionId(GetAttributeByNum(row, Anum_prepared_transaction,
														  &isnull));
	holder->name = TextDatumGetCString(GetAttributeByNum(row, Anum_prepared_gid, &isnull));
	holder->since = DatumGetTimestampTz(GetAttributeByNum(row, Anum_prepared_at, &isnull));
	holder->role = DatumGetObjectId(GetAttributeByNum(row, Anum_prepared_owner, &isnull));
	holder->database = DatumGetObjectId(GetAttributeByNum(row, Anum_prepared_database,
														  &isnull));
	holder->horizon = holder->xid;
}

/*
 * Prepared transactions.  The server has no other door to them than the function
 * that the view pg_prepared_xacts calls.
 */
static void
holder_add_prepared(HolderList *list)
{
	LOCAL_FCINFO(fcinfo, 0);
	FmgrInfo	function;
	ReturnSetInfo result = {0};

	if (max_prepared_xacts == 0)
		return;
	result.type = T_ReturnSetInfo;
	result.econtext = CreateStandaloneExprContext();
	result.allowedModes = SFRM_ValuePerCall;
	result.returnMode = SFRM_ValuePerCall;
	fmgr_info(F_PG_PREPARED_XACT, &function);
	InitFunctionCallInfoData(*fcinfo, &function, 0, InvalidOid, NULL, (Node *) &result);
	for (;;)
	{
		Datum		row;

		fcinfo->isnull = false;
		result.isDone = ExprSingleResult;
		row = FunctionCallInvoke(fcinfo);
		if (result.isDone != ExprMultipleResult)
			break;
		if (!fcinfo->isnull)
			holder_add_prepared_row(list, DatumGetHeapTupleHeader(row));
	}
	FreeExprContext(result.econtext, true);
}

/*
 * Replication slots that hold back something.
 */
static void
holder_add_slots(HolderList *list)
{
	ReplicationSlot *slots = palloc(Max(max_replication_slots, 1) * sizeof(ReplicationSlot));
	int			count = 0;

	LWLockAcquire(ReplicationSlotControlLock, LW_SHARED);
	for (int i = 0; i < max_replication_slots; i++)
	{
		ReplicationSlot *slot = &ReplicationSlotCtl->replication_slots[i];

		if (!slot->in_use)
			continue;
		SpinLockAcquire(&slot->mutex);
		slots[count++] = *slot;
		SpinLockRelease(&slot->mutex);
	}
	LWLockRelease(ReplicationSlotControlLock);

	for (int i = 0; i < count; i++)
	{
		const ReplicationSlot *slot = &slots[i];
		Holder	   *holder;

		if (compat_slot_is_invalid(slot) ||
			(!TransactionIdIsNormal(slot->effective_xmin) &&
			 !TransactionIdIsNormal(slot->effective_catalog_xmin)))
			continue;
		holder = holder_add(list, HOLDER_SLOT);
		holder->pid = slot->active_pid;
		holder->name = pstrdup(NameStr(slot->data.name));
		holder->database = slot->data.database;
		holder->horizon = slot->effective_xmin;
		holder->catalog_horizon = slot->effective_catalog_xmin;
		holder->since = compat_slot_inactive_since(slot);
	}
	pfree(slots);
}

/*
 * Where a holder's time is not known, the time since when its transaction id is
 * not the newest any more will do.  A slot's own time is since when nobody has
 * used it, which may be later.
 */
static void
holder_set_time(Holder *holder)
{
	TransactionId oldest = holder_older(holder->horizon, holder->catalog_horizon);
	TimestampTz passed;

	if (!TransactionIdIsNormal(oldest) || RecoveryInProgress() ||
		(holder->since != 0 && holder->kind != HOLDER_SLOT))
		return;
	passed = vitals_passed(xid_full(oldest));
	if (passed != 0 && (holder->since == 0 || passed < holder->since))
		holder->since = passed;
}

Holder *
holder_list(int *count)
{
	HolderList	list;

	list.count = 0;
	list.room = 64;
	list.holders = palloc(list.room * sizeof(Holder));
	holder_add_sessions(&list);
	holder_add_prepared(&list);
	holder_add_slots(&list);
	for (int i = 0; i < list.count; i++)
		holder_set_time(&list.holders[i]);
	*count = list.count;
	return list.holders;
}

/*
 * Which of them has a lock.  A prepared transaction has no process; it goes by the
 * session's virtual transaction id, or after a restart by its own id.
 */
static const Holder *
holder_of_lock(const Holder *holders, int count, const LockInstanceData *held)
{
	VirtualTransactionId vxid = compat_lock_vxid(held);
	TransactionId xid = InvalidTransactionId;
	bool		more;

	if (held->pid == 0)
		xid = VirtualTransactionIdIsRecoveredPreparedXact(vxid) ?
			vxid.localTransactionId : TwoPhaseGetXidByVirtualXID(vxid, &more);
	for (int i = 0; i < count; i++)
	{
		if (held->pid != 0 ? holders[i].kind == HOLDER_SESSION && holders[i].pid == held->pid :
			holders[i].kind == HOLDER_PREPARED && TransactionIdEquals(holders[i].xid, xid))
			return &holders[i];
	}
	return NULL;
}

HeldLock *
holder_locks(const Holder *holders, int count, int *lock_count)
{
	LockData   *data;
	HeldLock   *locks;

	*lock_count = 0;
	if (count == 0)
		return NULL;
	data = GetLockStatusData();
	locks = palloc_extended(Max(data->nelements, 1) * sizeof(HeldLock), MCXT_ALLOC_HUGE);
	for (int i = 0; i < data->nelements; i++)
	{
		const LockInstanceData *held = &data->locks[i];
		const Holder *holder;

		if (held->holdMask == 0 || held->locktag.locktag_type != LOCKTAG_RELATION ||
			held->locktag.locktag_field1 != MyDatabaseId)
			continue;
		holder = holder_of_lock(holders, count, held);
		if (holder == NULL)
			continue;
		locks[*lock_count].holder = holder;
		locks[*lock_count].relid = held->locktag.locktag_field2;
		locks[(*lock_count)++].modes = held->holdMask;
	}
	return locks;
}

int64
holder_age(const Holder *holder, TimestampTz now)
{
	return holder->since == 0 ? 0 : Max(now - holder->since, 0);
}

/*
 * As pg_stat_activity does; the other views hide nothing of what is shown here.
 */
bool
holder_is_visible(const Holder *holder)
{
	return (holder->kind != HOLDER_SESSION && holder->kind != HOLDER_STANDBY) ||
		has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS) ||
		(OidIsValid(holder->role) && has_privs_of_role(GetUserId(), holder->role));
}

/*
 * The name of its database, or NULL if it has none, or this one.
 */
static char *
holder_database(const Holder *holder)
{
	if (!OidIsValid(holder->database) || holder->database == MyDatabaseId)
		return NULL;
	return get_database_name(holder->database);
}

/*
 * A session: by what tells people which one it is.
 */
static char *
holder_session_name(const Holder *holder)
{
	StringInfoData name;
	char	   *role = OidIsValid(holder->role) ? GetUserNameFromId(holder->role, true) : NULL;
	char	   *database = holder_database(holder);
	const char *separator = " (";

	initStringInfo(&name);
	appendStringInfo(&name, "process %d", holder->pid);
	if (!holder_is_visible(holder))
		return name.data;
#define APPEND(...) \
	(appendStringInfoString(&name, separator), \
	 appendStringInfo(&name, __VA_ARGS__), \
	 separator = ", ")
	if (role != NULL)
		APPEND("role %s", role);
	if (database != NULL)
		APPEND("database %s", database);
	if (holder->name[0] != '\0')
		APPEND("application %s", holder->name);
	if (holder->idle)
		APPEND("idle in transaction");
#undef APPEND
	if (*separator == ',')
		appendStringInfoChar(&name, ')');
	return name.data;
}

char *
holder_name(const Holder *holder)
{
	switch (holder->kind)
	{
		case HOLDER_PREPARED:
			return psprintf("prepared transaction %s", quote_literal_cstr(holder->name));
		case HOLDER_SLOT:
			return psprintf("replication slot %s", holder->name);
		case HOLDER_SESSION:
		case HOLDER_STANDBY:
			break;
	}
	return holder_session_name(holder);
}

char *
holder_remedy(const Holder *holder)
{
	char	   *database = holder_database(holder);

	switch (holder->kind)
	{
		case HOLDER_SESSION:
			return psprintf("End its transaction, or the session: SELECT pg_terminate_backend(%d);",
							holder->pid);
		case HOLDER_PREPARED:
			return psprintf("End it, in %s: COMMIT PREPARED %s; or: ROLLBACK PREPARED %s;",
							database != NULL ? psprintf("database %s", database) : "this database",
							quote_literal_cstr(holder->name), quote_literal_cstr(holder->name));
		case HOLDER_SLOT:
			if (holder->pid == 0)
				return psprintf("Start again what reads it, or if nothing will, drop it: SELECT pg_drop_replication_slot(%s);",
								quote_literal_cstr(holder->name));
			return psprintf("Process %d reads it: end old queries on its standby, or set hot_standby_feedback = off there; a logical subscriber has to catch up.",
							holder->pid);
		case HOLDER_STANDBY:
			return pstrdup("End old queries on the standby, or set hot_standby_feedback = off there.");
	}
	return NULL;
}
