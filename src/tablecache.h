/*-------------------------------------------------------------------------
 *
 * tablecache.h
 *		Whether what a session has cached of a table of ours is as of now.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_TABLECACHE_H
#define QUEUE_TABLECACHE_H

/* Of one table; the name is set by the owner, and all else is zero */
typedef struct TableCache
{
	const char *table;			/* in schema queue */
	bool		loaded;
	volatile bool stale;		/* set by the callbacks, which look at nothing */
	Oid			relid;			/* InvalidOid: any table may be the one */
} TableCache;

/*
 * Have changes of the table noticed from here on, those of privileges on it
 * included; and of roles and their memberships, if that is what the cache is
 * about.  Called once: callbacks cannot be taken back.
 */
extern void tablecache_register(TableCache *cache, bool roles);

/* Whether nothing has changed since tablecache_end() */
static inline bool
tablecache_is_good(const TableCache *cache)
{
	return likely(cache->loaded && !cache->stale);
}

/*
 * Begin and end to fill the cache anew, from what the owner has emptied.  After an
 * error in between it is not good.  Nor is it if something changes in between;
 * what was read then is good for that one time.
 */
extern void tablecache_begin(TableCache *cache);
extern void tablecache_end(TableCache *cache);

#endif							/* QUEUE_TABLECACHE_H */
