/*-------------------------------------------------------------------------
 *
 * tablecache.c
 *		Whether what a session has cached of a table of ours is as of now.
 *
 * As with the queues themselves (catalog.c), whoever changes the table sends a
 * relcache invalidation for it, and the callback sets a flag and no more.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/inval.h"
#include "utils/syscache.h"

#include "catalog.h"
#include "tablecache.h"

/*
 * Relcache callback: the table, or everything, may have changed.
 */
static void
relcache_callback(Datum arg, Oid relid)
{
	TableCache *cache = (TableCache *) DatumGetPointer(arg);

	if (!OidIsValid(relid) || relid == cache->relid || !OidIsValid(cache->relid))
		cache->stale = true;
}

/*
 * Syscache callback: roles or their memberships may have changed.
 */
static void
role_callback(Datum arg, int cacheid, uint32 hashvalue)
{
	((TableCache *) DatumGetPointer(arg))->stale = true;
}

void
tablecache_register(TableCache *cache, bool roles)
{
	CacheRegisterRelcacheCallback(relcache_callback, PointerGetDatum(cache));
	if (!roles)
		return;
	CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, role_callback, PointerGetDatum(cache));
	CacheRegisterSyscacheCallback(AUTHOID, role_callback, PointerGetDatum(cache));

	/* who owns the database is a member of pg_database_owner */
	CacheRegisterSyscacheCallback(DATABASEOID, role_callback, PointerGetDatum(cache));
}

/*
 * While the table is looked up its number is not known, and any change will do to
 * set the flag.
 */
void
tablecache_begin(TableCache *cache)
{
	cache->loaded = false;
	cache->relid = InvalidOid;
	cache->stale = false;
	cache->relid = catalog_relation(cache->table);
}

void
tablecache_end(TableCache *cache)
{
	cache->loaded = true;
}
