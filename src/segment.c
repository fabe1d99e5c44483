/*-------------------------------------------------------------------------
 *
 * segment.c
 *		The tables of a queue's messages as a whole: made, emptied, dropped.
 *
 * A queue's messages are in a few tables, its segments.  Each is an ordinary
 * table and no member of the extension, since pg_dump leaves out the rows of
 * those; being a typed table it still depends on the extension, and goes with
 * it in DROP EXTENSION ... CASCADE only.  It belongs to the extension's owner,
 * whoever creates the queue, so that nobody else can change it.
 *
 * Nothing here waits for a lock on a segment that anybody might use: whatever
 * needs one asks for all of them, without waiting, and does nothing if it
 * can't have them.  A vacuum may be at work on the table of out-of-line values
 * alone, so that is locked as well.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xlog.h"
#include "catalog/dependency.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "storage/procarray.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/wait_event.h"

#include "segment.h"
#include "shared.h"
#include "xid.h"

/*
 * How a table of messages is kept.  The free space is for the updates that a
 * receive makes, which then stay on their page and need no index entry.  Rows
 * die as fast as they come, so vacuum comes early; it must not cut off the end
 * of the file, for which it would lock out senders and receivers.
 */
#define SEGMENT_OPTIONS \
	"fillfactor = 70, " \
	"autovacuum_vacuum_scale_factor = 0.05, " \
	"vacuum_truncate = off, toast.vacuum_truncate = off"

/* Where the server has it, lz4: it costs a fraction of pglz's time */
#ifdef USE_LZ4
#define SEGMENT_COMPRESSION "lz4"
#else
#define SEGMENT_COMPRESSION "pglz"
#endif

/* A pause while transactions are waited for, in milliseconds */
#define PAUSE 10L

/*
 * Run utility commands, a NULL ends them, as the extension's owner, with
 * nothing of the caller's settings that could lead elsewhere.
 */
static void
segment_run(const char *const *commands)
{
	bool		save_creating_extension = creating_extension;
	Oid			save_userid;
	int			save_sec_context;
	int			save_nestlevel;

	GetUserIdAndSecContext(&save_userid, &save_sec_context);
	SetUserIdAndSecContext(catalog_extension_owner(),
						   save_sec_context | SECURITY_LOCAL_USERID_CHANGE);
	save_nestlevel = NewGUCNestLevel();
	(void) set_config_option("search_path", "pg_catalog, pg_temp",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("default_tablespace", "",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);

	/* Another extension's script may create queues, but not own their tables */
	PG_TRY();
	{
		creating_extension = false;
		SPI_connect();
		for (int i = 0; commands[i] != NULL; i++)
		{
			int			result = SPI_execute(commands[i], false, 0);

			if (result != SPI_OK_UTILITY)
				elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(result));
		}
		SPI_finish();
	}
	PG_FINALLY();
	{
		creating_extension = save_creating_extension;
	}
	PG_END_TRY();

	AtEOXact_GUC(false, save_nestlevel);
	SetUserIdAndSecContext(save_userid, save_sec_context);
}

/*
 * Whether a segment is in use.
 */
bool
segment_in_use(const Queue *queue, int segment)
{
	for (int i = 0; i < queue->segment_count; i++)
		if (queue->segments[i] == segment)
			return true;
	return false;
}

/*
 * What has the name of a segment.
 */
static Oid
segment_by_name(int64 queue_id, int segment, Oid schema)
{
	char		relname[NAMEDATALEN];

	snprintf(relname, sizeof(relname), SEGMENT_RELATION, queue_id, segment);
	return get_relname_relid(relname, schema);
}

/*
 * The table of a segment.
 *
 * The right to create queues is CREATE on the schema that the tables are in, so
 * whoever has it can put there, or move there, a table of the name that a queue's
 * next segment would have.  Messages must not be stored in a table, nor be taken
 * from one, of anybody who could not read and change them all the same.
 */
Oid
segment_find(int64 queue_id, int segment, Oid schema, Oid owner)
{
	Oid			relid = segment_by_name(queue_id, segment, schema);
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			relowner;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	relowner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return relowner == owner || superuser_arg(relowner) ? relid : InvalidOid;
}

/*
 * Whether a segment can be made: somebody else's table may have its name.
 */
bool
segment_name_free(int64 queue_id, int segment)
{
	return !OidIsValid(segment_by_name(queue_id, segment, catalog_namespace()));
}

/*
 * Create the table of a segment.  A role that it is to hold, see authorize.c, gets
 * a privilege on the ids alone: pg_stats shows who may read a column the values
 * in it, bodies too, and asks neither for USAGE on the schema nor for policies.
 */
void
segment_create(int64 queue_id, int segment, bool fifo, bool unlogged, Oid holder)
{
	char	   *relname = psprintf(SEGMENT_RELATION, queue_id, segment);
	const char *commands[5] = {NULL};
	int			n = 2;

	commands[0] = psprintf("CREATE %s TABLE queue.%s OF queue.message ("
						   " id WITH OPTIONS PRIMARY KEY,"
						   " visible_at WITH OPTIONS NOT NULL,"
						   " first_received_at WITH OPTIONS NOT NULL,"
						   " received_at WITH OPTIONS NOT NULL,"
						   " sent_at WITH OPTIONS NOT NULL,"
						   " receive_count WITH OPTIONS NOT NULL,"
						   " stamp WITH OPTIONS NOT NULL"
						   ") USING heap WITH (%s)",
						   unlogged ? "UNLOGGED" : "", relname, SEGMENT_OPTIONS);
	commands[1] = psprintf("ALTER TABLE queue.%s"
						   " ALTER COLUMN attributes SET COMPRESSION %s,"
						   " ALTER COLUMN body SET COMPRESSION %s,"
						   " ALTER COLUMN sealed_body SET STORAGE EXTERNAL",
						   relname, SEGMENT_COMPRESSION, SEGMENT_COMPRESSION);
	if (fifo)
		commands[n++] = psprintf("CREATE INDEX ON queue.%s"
								 " (group_id COLLATE pg_catalog.\"C\", id)", relname);
	if (OidIsValid(holder))
		commands[n++] = psprintf("GRANT SELECT (id) ON TABLE queue.%s TO %s", relname,
								 quote_identifier(GetUserNameFromId(holder, false)));
	segment_run(commands);
}

/*
 * Bytes on disk.
 */
int64
segment_size(Oid relid)
{
	Relation	heap;
	int64		size;

	if (!OidIsValid(relid) || !segment_try_lock(relid))
		return 0;
	heap = try_table_open(relid, NoLock);
	if (heap == NULL)
		return 0;
	size = RecoveryInProgress() && !RelationIsPermanent(heap) ? 0 :
		DatumGetInt64(DirectFunctionCall1(pg_total_relation_size,
										  ObjectIdGetDatum(relid)));
	table_close(heap, NoLock);
	return size;
}

/*
 * Whether a table is unlogged.
 */
bool
segment_unlogged(Oid relid)
{
	Relation	heap = table_open(relid, AccessShareLock);
	bool		unlogged = !RelationIsPermanent(heap);

	table_close(heap, NoLock);
	return unlogged;
}

/*
 * Lock a table for a look at it, without waiting.
 */
bool
segment_try_lock(Oid relid)
{
	return ConditionalLockRelationOid(relid, AccessShareLock);
}

/*
 * Whether a table has no pages.
 */
bool
segment_is_empty(Oid relid)
{
	Relation	heap = table_open(relid, AccessShareLock);
	bool		empty = RelationGetNumberOfBlocks(heap) == 0;

	table_close(heap, NoLock);
	return empty;
}

/*
 * Whether no snapshot in use, here or on a standby that reports its own, is
 * older than a transaction id.
 */
bool
segment_is_past(Oid relid, FullTransactionId xid)
{
	Relation	heap = table_open(relid, AccessShareLock);
	FullTransactionId oldest = xid_full(GetOldestNonRemovableTransactionId(heap));

	table_close(heap, NoLock);
	return !FullTransactionIdPrecedes(oldest, xid);
}

/*
 * Who has the table open for writing, prepared transactions included.
 */
int
segment_writers(Oid relid, VirtualTransactionId **writers)
{
	LOCKTAG		tag;
	int			count;

	SET_LOCKTAG_RELATION(tag, MyDatabaseId, relid);
	*writers = GetLockConflicts(&tag, ShareLock, &count);
	return count;
}

/*
 * Which of these transactions have not ended.
 */
int
segment_wait(VirtualTransactionId *writers, int count, int pauses)
{
	for (;;)
	{
		int			n = 0;

		for (int i = 0; i < count; i++)
			if (!VirtualXactLock(writers[i], false))
				writers[n++] = writers[i];
		count = n;
		if (count == 0 || pauses-- == 0)
			return count;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 PAUSE, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * Lock the indexes of an open table without waiting.
 */
static bool
segment_lock_indexes(Relation rel)
{
	List	   *indexes = RelationGetIndexList(rel);
	ListCell   *cell;

	foreach(cell, indexes)
	{
		if (!ConditionalLockRelationOid(lfirst_oid(cell), AccessExclusiveLock))
			return false;
	}
	return true;
}

/*
 * Lock a table with all that belongs to it, without waiting.
 */
bool
segment_lock(Oid relid)
{
	Relation	heap;
	Relation	toast;
	bool		locked;

	if (!ConditionalLockRelationOid(relid, AccessExclusiveLock))
		return false;
	heap = try_table_open(relid, NoLock);
	if (heap == NULL)
		return false;
	locked = segment_lock_indexes(heap);
	if (locked && OidIsValid(heap->rd_rel->reltoastrelid))
	{
		locked = ConditionalLockRelationOid(heap->rd_rel->reltoastrelid,
											AccessExclusiveLock);
		if (locked)
		{
			toast = relation_open(heap->rd_rel->reltoastrelid, NoLock);
			locked = segment_lock_indexes(toast);
			relation_close(toast, NoLock);
		}
	}
	table_close(heap, NoLock);
	return locked;
}

/*
 * Truncate a table in schema queue.
 */
void
segment_truncate_table(const char *relname)
{
	const char *commands[2] = {NULL};

	commands[0] = psprintf("TRUNCATE TABLE ONLY queue.%s", relname);
	segment_run(commands);
}

/*
 * Truncate a segment.
 */
void
segment_truncate(int64 queue_id, int segment)
{
	segment_truncate_table(psprintf(SEGMENT_RELATION, queue_id, segment));
}

/*
 * Drop a deleted queue's segments, unless somebody still uses them.
 */
bool
segment_drop_all(int64 queue_id)
{
	bool		gone = true;

	for (int segment = 1; segment <= SEGMENT_MAX; segment++)
	{
		Oid			relid = catalog_segment(queue_id, segment);
		ObjectAddress object;

		if (!OidIsValid(relid))
			continue;
		/* it may have gone while we looked */
		if (!segment_lock(relid) || catalog_segment(queue_id, segment) != relid)
		{
			gone = gone && !OidIsValid(catalog_segment(queue_id, segment));
			continue;
		}
		ObjectAddressSet(object, RelationRelationId, relid);
		performDeletion(&object, DROP_CASCADE, PERFORM_DELETION_INTERNAL);
	}
	return gone;
}
