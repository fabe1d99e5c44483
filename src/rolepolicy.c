/*-------------------------------------------------------------------------
 *
 * rolepolicy.c
 *		Policies of roles: rows of queue.role_policies, cached per backend.
 *
 * The rows are read and changed as those of queue.queues are (catalog.c).
 * Changes are rare, and serialized by one lock, held until the transaction ends.
 *
 * A policy must never speak for another role than its own, so a role is held
 * while it has policies (rolehold.c).  But DROP OWNED, or a restore without
 * privileges, is no decision about what a role is to be denied.  So of the
 * policies of a role that is not held, what they allow does not count, and what
 * they deny does.  Nor is the role held again while they are there: who wants to
 * add one has to delete them first.
 *
 * The cache.  Most databases have no such policy, and that is what has to be
 * known quickly.  Where there are some, the cache has the roles that have any,
 * and for each role that was asked about, the policies that apply to it: its
 * own, and those of the roles that it has the privileges of.  It is dropped as a
 * whole when a row changes, or a role or a membership does; as in catalog.c,
 * the callbacks only set a flag.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "mb/pg_wchar.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "rolehold.h"
#include "rolepolicy.h"
#include "tablecache.h"
#include "tablerows.h"

#define COLUMN(name) (Anum_role_policies_##name - 1)

#define TABLE "role_policies"

/* With more roles than this in the cache, it starts anew */
#define CACHE_MAX 1024

static const RoleColumn role_column = {TABLE, "role", Anum_role_policies_role};

/* What applies to a role */
typedef struct CachedRole
{
	Oid			role;			/* key */
	int			count;
	AppliedPolicy *policies;
} CachedRole;

static TableCache rows_cache = {.table = TABLE};
static uint64 cache_generation = 0;
static MemoryContext cache_context = NULL;
static HTAB *cache = NULL;

/* The roles that have policies, and how many they are */
static Oid *owners = NULL;
static int	owner_count = 0;

/*
 * Make a RolePolicy of a row.
 */
static void
policy_from_row(TupleDesc desc, HeapTuple row, void *entry)
{
	RolePolicy *policy = entry;
	Datum		values[Natts_role_policies];
	bool		nulls[Natts_role_policies];

	if (desc->natts != Natts_role_policies)
		elog(ERROR, "unexpected number of columns in \"queue.%s\": %d", TABLE, desc->natts);
	heap_deform_tuple(row, desc, values, nulls);
	policy->role = DatumGetObjectId(values[COLUMN(role)]);
	policy->policy_name = TextDatumGetCString(values[COLUMN(policy_name)]);
	policy->policy = DatumGetJsonbPCopy(values[COLUMN(policy)]);
}

static int
policy_compare(const void *a, const void *b)
{
	const RolePolicy *x = a;
	const RolePolicy *y = b;

	if (x->role != y->role)
		return x->role < y->role ? -1 : 1;
	return strcmp(x->policy_name, y->policy_name);
}

static const TableRows policy_rows = {
	TABLE, sizeof(RolePolicy), policy_from_row, policy_compare
};

/*
 * The rows of a role, or of all: by role and name.
 */
static RolePolicy *
list_rows(Oid role, int *count)
{
	ScanKeyData key;

	ScanKeyInit(&key, Anum_role_policies_role, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(role));
	return tablerows_list(&policy_rows, OidIsValid(role), &key, OidIsValid(role) ? 1 : 0, count);
}

/*
 * Drop all that is cached if some of it may have changed, and find out which
 * roles have policies.
 */
static void
cache_refresh(void)
{
	HASHCTL		ctl;
	RolePolicy *rows;
	int			count;

	if (tablecache_is_good(&rows_cache))
		return;
	cache_generation++;
	tablecache_begin(&rows_cache);
	if (cache_context == NULL)
		cache_context = AllocSetContextCreate(CacheMemoryContext, "queue role policies",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(cache_context);
	ctl.keysize = sizeof(Oid);
	ctl.entrysize = sizeof(CachedRole);
	ctl.hcxt = cache_context;
	cache = hash_create("policies by role", 16, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);

	owner_count = 0;
	rows = list_rows(InvalidOid, &count);
	owners = MemoryContextAllocHuge(cache_context, Max(count, 1) * sizeof(Oid));
	for (int i = 0; i < count; i++)
	{
		if (owner_count == 0 || owners[owner_count - 1] != rows[i].role)
			owners[owner_count++] = rows[i].role;
		pfree(rows[i].policy_name);
		pfree(rows[i].policy);
	}
	pfree(rows);
	tablecache_end(&rows_cache);
}

/*
 * Whether any role has a policy.
 */
bool
rolepolicy_any(void)
{
	cache_refresh();
	return owner_count > 0;
}

uint64
rolepolicy_generation(void)
{
	cache_refresh();
	return cache_generation;
}

/*
 * Read a policy for the cache.  One that is not valid, as it may be if somebody
 * has changed the table by hand, is there all the same.
 */
static void
apply_policy(AppliedPolicy *applied, const RolePolicy *row, bool is_void)
{
	char	   *text = JsonbToCString(NULL, &row->policy->root, VARSIZE(row->policy));
	IamProblem	problem;
	MemoryContext old_context = MemoryContextSwitchTo(cache_context);

	applied->role = row->role;
	applied->policy_name = pstrdup(row->policy_name);
	applied->is_void = is_void;
	applied->policy = iampolicy_parse(text, strlen(text), GetDatabaseEncoding(),
									  IAM_IDENTITY_POLICY, &problem);
	MemoryContextSwitchTo(old_context);
}

/*
 * The policies that apply to a role.
 */
const AppliedPolicy *
rolepolicy_of(Oid role, int *count)
{
	CachedRole *cached;
	CachedRole	found = {role, 0, NULL};
	int			room = ROLE_POLICIES_MAX;

	if (rows_cache.loaded && hash_get_num_entries(cache) >= CACHE_MAX)
		rows_cache.stale = true;
	cache_refresh();
	*count = 0;
	if (owner_count == 0)
		return NULL;
	cached = hash_search(cache, &role, HASH_FIND, NULL);
	if (cached == NULL)
	{
		found.policies = MemoryContextAlloc(cache_context, room * sizeof(AppliedPolicy));
		for (int i = 0; i < owner_count; i++)
		{
			bool		is_void;
			RolePolicy *rows;
			int			n;

			if (!has_privs_of_role(role, owners[i]))
				continue;
			is_void = !rolepolicy_counts(owners[i]);
			rows = list_rows(owners[i], &n);
			while (found.count + n > room)
				room *= 2;
			found.policies = repalloc_huge(found.policies, room * sizeof(AppliedPolicy));
			for (int j = 0; j < n; j++)
				apply_policy(&found.policies[found.count++], &rows[j], is_void);
		}
		cached = hash_search(cache, &role, HASH_ENTER, NULL);
		*cached = found;
	}
	*count = cached->count;
	return cached->policies;
}

RolePolicy *
rolepolicy_list(Oid role, int *count)
{
	return list_rows(role, count);
}

/*
 * The row of a policy, as a copy, or NULL.
 */
static HeapTuple
fetch_row(Relation rel, Oid role, const char *policy_name)
{
	ScanKeyData keys[2];

	ScanKeyInit(&keys[0], Anum_role_policies_role, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(role));
	/* the column is of collation "C", which ScanKeyInit() assumes */
	ScanKeyInit(&keys[1], Anum_role_policies_policy_name, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(policy_name));
	return catalog_scan_one(rel, catalog_relation(TABLE "_pkey"), keys, 2);
}

bool
rolepolicy_find(Oid role, const char *policy_name, RolePolicy *policy)
{
	Relation	rel = table_open(catalog_relation(TABLE), AccessShareLock);
	HeapTuple	row = fetch_row(rel, role, policy_name);

	if (row != NULL)
		policy_from_row(RelationGetDescr(rel), row, policy);
	table_close(rel, AccessShareLock);
	return row != NULL;
}

bool
rolepolicy_counts(Oid role)
{
	return rolehold_is_held(&role_column, role);
}

void
rolepolicy_lock(void)
{
	LockDatabaseObject(RelationRelationId, catalog_relation(TABLE),
					   Anum_role_policies_policy_name, ExclusiveLock);
	AcceptInvalidationMessages();
}

/*
 * Note that policies have changed, after which our own cache sees it, too.
 */
static void
policies_changed(void)
{
	CacheInvalidateRelcacheByRelid(catalog_relation(TABLE));
	CommandCounterIncrement();
}

/*
 * Add a policy, or put it in the place of another, and hold its role.
 */
void
rolepolicy_put(Oid role, const char *policy_name, Jsonb *policy)
{
	Relation	rel = table_open(catalog_relation(TABLE), RowExclusiveLock);
	HeapTuple	row = fetch_row(rel, role, policy_name);
	HeapTuple	new_row;
	Datum		values[Natts_role_policies];
	bool		nulls[Natts_role_policies] = {0};

	values[COLUMN(role)] = ObjectIdGetDatum(role);
	values[COLUMN(policy_name)] = CStringGetTextDatum(policy_name);
	values[COLUMN(policy)] = JsonbPGetDatum(policy);
	new_row = heap_form_tuple(RelationGetDescr(rel), values, nulls);
	if (row == NULL)
		CatalogTupleInsert(rel, new_row);
	else
		CatalogTupleUpdate(rel, &row->t_self, new_row);
	table_close(rel, NoLock);
	policies_changed();
	if (!rolepolicy_counts(role))
		rolehold_set(&role_column, role, true);
}

/*
 * Delete a policy; with its last one, the role is let go.
 */
bool
rolepolicy_delete(Oid role, const char *policy_name)
{
	Relation	rel = table_open(catalog_relation(TABLE), RowExclusiveLock);
	HeapTuple	row = fetch_row(rel, role, policy_name);
	int			count;

	if (row != NULL)
		CatalogTupleDelete(rel, &row->t_self);
	table_close(rel, NoLock);
	if (row == NULL)
		return false;
	policies_changed();
	(void) list_rows(role, &count);
	if (count == 0 && rolepolicy_counts(role))
		rolehold_set(&role_column, role, false);
	return true;
}

/*
 * Called once: callbacks cannot be taken back.
 */
void
rolepolicy_register_callback(void)
{
	tablecache_register(&rows_cache, true);
}
