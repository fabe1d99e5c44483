/*-------------------------------------------------------------------------
 *
 * accesskey.c
 *		Access keys: rows of queue.access_keys.
 *
 * The rows are read and changed as those of queue.queues are (catalog.c), and
 * what a request needs, the role that a key acts as, is cached the same way.
 * Changes of keys are rare, and serialized by one lock, held until the
 * transaction ends.  When a key was used last is written down without it, under
 * a lock on the key alone, which is asked for without waiting; so who changes a
 * key takes that one as well, second.
 *
 * A key must never act as another role than the one that it was made for.  So
 * its role is held while it has keys (rolehold.c).  From the moment that DROP
 * OWNED takes that away, the keys of the role are void: no key counts whose role
 * is not held.
 *
 * A dump has the names of roles, and numbers for those that are gone.  Where
 * it is restored, such a number may be any role's.  The condition that the
 * installation script passes to pg_extension_config_dump() leaves these rows
 * out; it looks at the very text that is dumped.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "accesskey.h"
#include "compat.h"
#include "rolehold.h"
#include "tablecache.h"
#include "tablerows.h"

#define COLUMN(name) (Anum_access_keys_##name - 1)

#define TABLE "access_keys"

/* With more keys than this in the cache, it starts anew */
#define CACHE_MAX 65536

static const RoleColumn role_column = {TABLE, "role", Anum_access_keys_role};

typedef struct CachedKey
{
	char		access_key_id[ACCESS_KEY_ID_LENGTH];	/* key */
	Oid			role;
} CachedKey;

static TableCache keys_cache = {.table = TABLE};
static HTAB *cache = NULL;

/*
 * Drop all cached keys if one of them may have changed.
 */
static void
cache_refresh(void)
{
	HASHCTL		ctl;
	HTAB	   *old = cache;

	AcceptInvalidationMessages();
	if (tablecache_is_good(&keys_cache) && hash_get_num_entries(cache) < CACHE_MAX)
		return;
	keys_cache.loaded = false;
	cache = NULL;
	hash_destroy(old);

	ctl.keysize = ACCESS_KEY_ID_LENGTH;
	ctl.entrysize = sizeof(CachedKey);
	ctl.hcxt = CacheMemoryContext;
	cache = hash_create("access keys", 64, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	tablecache_begin(&keys_cache);
	tablecache_end(&keys_cache);
}

/*
 * The lock that changes of keys need.
 */
static void
lock_changes(void)
{
	LockDatabaseObject(RelationRelationId, catalog_relation(TABLE),
					   Anum_access_keys_access_key_id, ExclusiveLock);
	AcceptInvalidationMessages();
}

/*
 * The lock on a key.  Ids that share a hash value share the lock, which does
 * no harm.
 */
static void
key_lock_tag(LOCKTAG *tag, const text *access_key_id)
{
	SET_LOCKTAG_OBJECT(*tag, MyDatabaseId, catalog_relation(TABLE),
					   hash_bytes((const unsigned char *) VARDATA_ANY(access_key_id),
								  VARSIZE_ANY_EXHDR(access_key_id)), 0);
}

/*
 * Wait for other sessions that change keys.
 */
void
accesskey_lock(const text *access_key_id)
{
	LOCKTAG		tag;

	lock_changes();
	key_lock_tag(&tag, access_key_id);
	(void) LockAcquire(&tag, ExclusiveLock, false, false);
	AcceptInvalidationMessages();
}

/*
 * Keep them from changing this key if nobody has to be waited for.
 */
bool
accesskey_try_lock(const text *access_key_id)
{
	LOCKTAG		tag;

	key_lock_tag(&tag, access_key_id);
	if (LockAcquire(&tag, ExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
		return false;
	AcceptInvalidationMessages();
	return true;
}

/*
 * Make an AccessKey of a row.
 */
static void
key_from_row(TupleDesc desc, HeapTuple row, void *entry)
{
	AccessKey  *key = entry;
	Datum		values[Natts_access_keys];
	bool		nulls[Natts_access_keys];

	if (desc->natts != Natts_access_keys)
		elog(ERROR, "unexpected number of columns in \"queue.%s\": %d", TABLE, desc->natts);
	heap_deform_tuple(row, desc, values, nulls);
	memset(key, 0, sizeof(AccessKey));
	text_to_cstring_buffer(DatumGetTextPP(values[COLUMN(access_key_id)]),
						   key->access_key_id, sizeof(key->access_key_id));
	key->role = DatumGetObjectId(values[COLUMN(role)]);
	key->secret = DatumGetByteaPCopy(values[COLUMN(secret)]);
	key->is_void = !rolehold_is_held(&role_column, key->role);
	key->active = DatumGetBool(values[COLUMN(active)]) && !key->is_void;
	key->created_at = DatumGetTimestampTz(values[COLUMN(created_at)]);
	if (!nulls[COLUMN(last_used_at)])
		key->last_used_at = DatumGetTimestampTz(values[COLUMN(last_used_at)]);
}

/*
 * The row of a key, as a copy, or NULL.
 */
static HeapTuple
key_fetch(Relation rel, const text *access_key_id)
{
	ScanKeyData scankey;

	/* the column is of collation "C", which ScanKeyInit() assumes */
	ScanKeyInit(&scankey, Anum_access_keys_access_key_id, BTEqualStrategyNumber, F_TEXTEQ,
				PointerGetDatum(access_key_id));
	return catalog_scan_one(rel, catalog_relation(TABLE "_pkey"), &scankey, 1);
}

/*
 * One key.
 */
bool
accesskey_find(const text *access_key_id, AccessKey *key)
{
	Relation	rel;
	HeapTuple	row;

	/* Longer ones than ours could not be found, only fill the index's keys */
	if (VARSIZE_ANY_EXHDR(access_key_id) != ACCESS_KEY_ID_LENGTH)
		return false;
	rel = table_open(catalog_relation(TABLE), AccessShareLock);
	row = key_fetch(rel, access_key_id);
	if (row != NULL)
		key_from_row(RelationGetDescr(rel), row, key);
	table_close(rel, AccessShareLock);
	return row != NULL;
}

/*
 * The role of a key that can be used.  Others are not cached: requests with
 * them end here.
 */
Oid
accesskey_role(const text *access_key_id)
{
	CachedKey  *cached;
	AccessKey	key;

	if (VARSIZE_ANY_EXHDR(access_key_id) != ACCESS_KEY_ID_LENGTH)
		return InvalidOid;
	cache_refresh();
	cached = hash_search(cache, VARDATA_ANY(access_key_id), HASH_FIND, NULL);
	if (cached != NULL)
		return cached->role;
	if (!accesskey_find(access_key_id, &key) || !key.active)
		return InvalidOid;
	cached = hash_search(cache, VARDATA_ANY(access_key_id), HASH_ENTER, NULL);
	cached->role = key.role;
	return key.role;
}

static int
key_compare(const void *a, const void *b)
{
	const AccessKey *x = a;
	const AccessKey *y = b;

	if (x->created_at != y->created_at)
		return x->created_at < y->created_at ? -1 : 1;
	return strcmp(x->access_key_id, y->access_key_id);
}

static const TableRows key_rows = {
	TABLE, sizeof(AccessKey), key_from_row, key_compare
};

/*
 * All keys, the oldest first.
 */
AccessKey *
accesskey_list(int *count)
{
	return tablerows_list(&key_rows, false, NULL, 0, count);
}

/*
 * Note that keys have changed, after which our own cache sees it, too.
 */
static void
keys_changed(void)
{
	CacheInvalidateRelcacheByRelid(catalog_relation(TABLE));
	CommandCounterIncrement();
}

/*
 * The row of a key that is there, because it was found under a lock.
 */
static HeapTuple
key_fetch_locked(Relation rel, const AccessKey *key)
{
	HeapTuple	row = key_fetch(rel, cstring_to_text(key->access_key_id));

	if (row == NULL)
		elog(ERROR, "access key \"%s\" vanished", key->access_key_id);
	return row;
}

/*
 * Change a column of a key's row.
 */
static void
key_update(const AccessKey *key, AttrNumber column, Datum value)
{
	Relation	rel = table_open(catalog_relation(TABLE), RowExclusiveLock);
	HeapTuple	row = key_fetch_locked(rel, key);
	Datum		values[Natts_access_keys] = {0};
	bool		nulls[Natts_access_keys] = {0};
	bool		replaces[Natts_access_keys] = {0};

	values[column - 1] = value;
	replaces[column - 1] = true;
	CatalogTupleUpdate(rel, &row->t_self,
					   heap_modify_tuple(row, RelationGetDescr(rel), values, nulls, replaces));
	table_close(rel, NoLock);
}

/*
 * Delete a key's row.
 */
static void
key_delete(const AccessKey *key)
{
	Relation	rel = table_open(catalog_relation(TABLE), RowExclusiveLock);

	CatalogTupleDelete(rel, &key_fetch_locked(rel, key)->t_self);
	table_close(rel, NoLock);
	keys_changed();
}

/*
 * Add a key, and hold its role.
 */
void
accesskey_insert(const AccessKey *key)
{
	Relation	rel;
	Datum		values[Natts_access_keys];
	bool		nulls[Natts_access_keys] = {0};

	lock_changes();
	if (!rolehold_is_held(&role_column, key->role))
	{
		int			count;
		AccessKey  *keys = accesskey_list(&count);

		for (int i = 0; i < count; i++)
		{
			if (keys[i].role != key->role)
				continue;
			accesskey_lock(cstring_to_text(keys[i].access_key_id));
			key_delete(&keys[i]);
		}
		rolehold_set(&role_column, key->role, true);
	}
	values[COLUMN(access_key_id)] = CStringGetTextDatum(key->access_key_id);
	values[COLUMN(role)] = ObjectIdGetDatum(key->role);
	values[COLUMN(secret)] = PointerGetDatum(key->secret);
	values[COLUMN(active)] = BoolGetDatum(key->active);
	values[COLUMN(created_at)] = TimestampTzGetDatum(key->created_at);
	nulls[COLUMN(last_used_at)] = true;
	rel = table_open(catalog_relation(TABLE), RowExclusiveLock);
	CatalogTupleInsert(rel, heap_form_tuple(RelationGetDescr(rel), values, nulls));
	table_close(rel, NoLock);
	keys_changed();
}

/*
 * Disable a key, or enable it again.
 */
void
accesskey_set_active(const AccessKey *key, bool active)
{
	key_update(key, Anum_access_keys_active, BoolGetDatum(active));
	keys_changed();
}

/*
 * Write down when a key was used.  That is nothing that others have cached.
 */
void
accesskey_set_last_used(const AccessKey *key, TimestampTz now)
{
	key_update(key, Anum_access_keys_last_used_at, TimestampTzGetDatum(now));
	CommandCounterIncrement();
}

/*
 * Delete a key; with its last one, the role is let go.
 */
void
accesskey_delete(const AccessKey *key)
{
	int			count;
	AccessKey  *keys;

	key_delete(key);
	keys = accesskey_list(&count);
	for (int i = 0; i < count; i++)
		if (keys[i].role == key->role)
			return;
	if (rolehold_is_held(&role_column, key->role))
		rolehold_set(&role_column, key->role, false);
}

/*
 * Forget the cached keys when queue.access_keys changes.  Called once:
 * callbacks cannot be taken back.
 */
void
accesskey_register_callback(void)
{
	tablecache_register(&keys_cache, false);
}
