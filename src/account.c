/*-------------------------------------------------------------------------
 *
 * account.c
 *		Accounts, and the roles that are in them: rows of queue.accounts and
 *		queue.account_roles, cached per backend.
 *
 * The rows are read and changed as those of queue.queues are (catalog.c), and
 * changes are serialized by one lock.  An assignment must never speak for
 * another role than its own, so a role is held while it has one (rolehold.c).
 *
 * An assignment is void if its role is not held: DROP OWNED or a restore without
 * privileges has made it so, or the number was that of a role that is gone.  It
 * gives the role no account then, nor those who would be in it as members; but
 * not the setting's account either, where policies may be about all who are in
 * it, and names mean other queues.  They are in no account before a superuser
 * decides.
 *
 * The cache.  Where no role is assigned, which is what has to be known quickly,
 * all are in the account that the setting names.  Else the cache has the
 * assignments, and the account of each role that was asked about.  It is dropped
 * as a whole when a row changes, or a role or a membership does (tablecache.c).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "account.h"
#include "report.h"
#include "rolehold.h"
#include "settings.h"
#include "tablecache.h"
#include "tablerows.h"

#define ACCOUNTS "accounts"
#define ROLES "account_roles"

/* With more roles than this in the cache, it starts anew */
#define CACHE_MAX 4096

static const RoleColumn role_column = {ROLES, "role", Anum_account_roles_role};

typedef struct Assignment
{
	Oid			role;			/* key in the cache */
	char		account_id[ACCOUNT_ID_LENGTH + 1];	/* empty: the setting's */
	bool		is_void;		/* no account at all */
} Assignment;

static TableCache roles_cache = {.table = ROLES};
static MemoryContext cache_context = NULL;
static HTAB *cache = NULL;

/* The assignments, by role */
static Assignment *assignments = NULL;
static int	assignment_count = 0;

static int
compare_roles(const void *a, const void *b)
{
	Oid			x = ((const Assignment *) a)->role;
	Oid			y = ((const Assignment *) b)->role;

	return (x > y) - (x < y);
}

static void
assignment_from_row(TupleDesc desc, HeapTuple row, void *entry)
{
	Assignment *assignment = entry;
	bool		isnull;

	assignment->role = DatumGetObjectId(heap_getattr(row, Anum_account_roles_role, desc, &isnull));
	text_to_cstring_buffer(DatumGetTextPP(heap_getattr(row, Anum_account_roles_account_id,
													   desc, &isnull)),
						   assignment->account_id, sizeof(assignment->account_id));
	assignment->is_void = !rolehold_is_held(&role_column, assignment->role);
}

/* All assignments, by role */
static const TableRows assignment_rows = {
	ROLES, sizeof(Assignment), assignment_from_row, compare_roles
};

/*
 * Drop all that is cached if some of it may have changed, and read the
 * assignments.
 */
static void
cache_refresh(void)
{
	HASHCTL		ctl;
	Assignment *rows;

	if (tablecache_is_good(&roles_cache))
		return;
	tablecache_begin(&roles_cache);
	if (cache_context == NULL)
		cache_context = AllocSetContextCreate(CacheMemoryContext, "queue accounts",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(cache_context);
	ctl.keysize = sizeof(Oid);
	ctl.entrysize = sizeof(Assignment);
	ctl.hcxt = cache_context;
	cache = hash_create("accounts by role", 16, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);

	rows = tablerows_list(&assignment_rows, false, NULL, 0, &assignment_count);
	assignments = MemoryContextAllocHuge(cache_context,
										 Max(assignment_count, 1) * sizeof(Assignment));
	memcpy(assignments, rows, assignment_count * sizeof(Assignment));
	pfree(rows);
	tablecache_end(&roles_cache);
}

/*
 * Whether a role that is assigned is a member of another one: it comes before
 * that for its own members.  No superuser comes before any, nor would there be
 * an order among them.
 */
static bool
comes_before(Oid role, Oid other)
{
	return role != other && !superuser_arg(role) && has_privs_of_role(role, other);
}

/*
 * Whether a role has the privileges of one that is assigned and comes before
 * another one.
 */
static bool
is_behind(Oid role, Oid other)
{
	for (int i = 0; i < assignment_count; i++)
	{
		if (has_privs_of_role(role, assignments[i].role) &&
			comes_before(assignments[i].role, other))
			return true;
	}
	return false;
}

/*
 * The assignment that a role goes by, or NULL: it is in the setting's account.  A
 * superuser has the privileges of all roles, and is in none of their accounts for
 * that.  Nor does a group take its members with it where it is let into the
 * queues of another one, by membership in that.
 */
static const Assignment *
find_assignment(Oid role)
{
	Assignment	key = {.role = role};
	const Assignment *own = bsearch(&key, assignments, assignment_count,
									sizeof(Assignment), compare_roles);
	const Assignment *found = NULL;
	bool		several = false;

	if (own != NULL)
		return own;
	if (superuser_arg(role))
		return NULL;
	for (int i = 0; i < assignment_count; i++)
	{
		if (!has_privs_of_role(role, assignments[i].role) ||
			is_behind(role, assignments[i].role))
			continue;
		if (assignments[i].is_void)
			return &assignments[i];
		if (found != NULL && strcmp(found->account_id, assignments[i].account_id) != 0)
			several = true;
		found = &assignments[i];
	}
	return several ? NULL : found;
}

/*
 * The account of a role.
 */
const char *
account_of_role(Oid role)
{
	Assignment *cached;

	if (roles_cache.loaded && hash_get_num_entries(cache) >= CACHE_MAX)
		roles_cache.stale = true;
	cache_refresh();
	if (likely(assignment_count == 0))
		return setting_account_id;
	cached = hash_search(cache, &role, HASH_FIND, NULL);
	if (cached == NULL)
	{
		const Assignment *found = find_assignment(role);
		bool		is_void = found != NULL && found->is_void;

		cached = hash_search(cache, &role, HASH_ENTER, NULL);
		strlcpy(cached->account_id, found == NULL || is_void ? "" : found->account_id,
				sizeof(cached->account_id));
		cached->is_void = is_void;
	}
	return cached->account_id[0] == '\0' && !cached->is_void ?
		setting_account_id : cached->account_id;
}

/*
 * The account that plain names belong to.  They come before anything is looked
 * up, so pending invalidations are taken in here: see catalog.c.
 */
static const char *
own_account(void)
{
	const char *account_id;

	AcceptInvalidationMessages();
	account_id = account_of_role(GetUserId());
	if (unlikely(account_id[0] == '\0'))
		ereport(ERROR,
				(sqs_errcode(SQS_ACCESS_DENIED),
				 errmsg("role \"%s\" is in no account", GetUserNameFromId(GetUserId(), true)),
				 sqs_errdetail(SQS_ACCESS_DENIED,
							   "What assigns the role, or one that it is a member of, to an account is void: DROP OWNED has taken the privilege away that it counts by, or a restore has left it out."),
				 errhint("A superuser can assign the role anew with sqs_assign_account().")));
	return account_id;
}

/*
 * The row of an account, as a copy, or NULL.
 */
static HeapTuple
fetch_account(Relation rel, const char *account_id)
{
	ScanKeyData key;

	/* the column is of collation "C", which ScanKeyInit() assumes */
	ScanKeyInit(&key, Anum_accounts_account_id, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(account_id));
	return catalog_scan_one(rel, catalog_relation(ACCOUNTS "_pkey"), &key, 1);
}

bool
account_exists(const char *account_id)
{
	Relation	rel = table_open(catalog_relation(ACCOUNTS), AccessShareLock);
	bool		exists = fetch_account(rel, account_id) != NULL;

	table_close(rel, AccessShareLock);
	return exists;
}

bool
account_has_roles(const char *account_id)
{
	cache_refresh();
	for (int i = 0; i < assignment_count; i++)
	{
		if (strcmp(assignments[i].account_id, account_id) == 0 &&
			SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(assignments[i].role)))
			return true;
	}
	return false;
}

void
account_lock(void)
{
	LockDatabaseObject(RelationRelationId, catalog_relation(ACCOUNTS),
					   Anum_accounts_account_id, ExclusiveLock);
	AcceptInvalidationMessages();
}

void
account_insert(const char *account_id, const char *name)
{
	Relation	rel = table_open(catalog_relation(ACCOUNTS), RowExclusiveLock);
	Datum		values[Natts_accounts];
	bool		nulls[Natts_accounts] = {0};

	values[Anum_accounts_account_id - 1] = CStringGetTextDatum(account_id);
	values[Anum_accounts_name - 1] = CStringGetTextDatum(name);
	values[Anum_accounts_created_at - 1] = TimestampTzGetDatum(GetCurrentTimestamp());
	CatalogTupleInsert(rel, heap_form_tuple(RelationGetDescr(rel), values, nulls));
	table_close(rel, NoLock);
	CommandCounterIncrement();
}

/*
 * Delete an account, and the assignments of roles that are gone.
 */
void
account_delete(const char *account_id)
{
	Relation	rel = table_open(catalog_relation(ACCOUNTS), RowExclusiveLock);
	HeapTuple	row = fetch_account(rel, account_id);
	Assignment *rows;
	int			count;

	if (row != NULL)
		CatalogTupleDelete(rel, &row->t_self);
	table_close(rel, NoLock);
	CommandCounterIncrement();
	rows = tablerows_list(&assignment_rows, false, NULL, 0, &count);
	for (int i = 0; i < count; i++)
	{
		if (strcmp(rows[i].account_id, account_id) == 0)
			account_assign(rows[i].role, NULL);
	}
}

/*
 * Assign a role to an account, or to none, and hold it accordingly.
 */
void
account_assign(Oid role, const char *account_id)
{
	Relation	rel = table_open(catalog_relation(ROLES), RowExclusiveLock);
	bool		held = rolehold_is_held(&role_column, role);
	ScanKeyData key;
	HeapTuple	row;

	ScanKeyInit(&key, Anum_account_roles_role, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(role));
	row = catalog_scan_one(rel, catalog_relation(ROLES "_pkey"), &key, 1);
	if (row != NULL)
		CatalogTupleDelete(rel, &row->t_self);
	CommandCounterIncrement();
	if (account_id != NULL)
	{
		Datum		values[Natts_account_roles];
		bool		nulls[Natts_account_roles] = {0};

		values[Anum_account_roles_role - 1] = ObjectIdGetDatum(role);
		values[Anum_account_roles_account_id - 1] = CStringGetTextDatum(account_id);
		CatalogTupleInsert(rel, heap_form_tuple(RelationGetDescr(rel), values, nulls));
	}
	table_close(rel, NoLock);
	CacheInvalidateRelcacheByRelid(catalog_relation(ROLES));
	CommandCounterIncrement();
	if (held != (account_id != NULL))
		rolehold_set(&role_column, role, account_id != NULL);
}

void
account_register(void)
{
	names_own_account = own_account;
	tablecache_register(&roles_cache, true);
}
