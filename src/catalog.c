/*-------------------------------------------------------------------------
 *
 * catalog.c
 *		The queues themselves: rows of queue.queues, cached per backend.
 *
 * Tables of the extension are read and changed the way PostgreSQL treats its
 * own catalogs: by index scan, with a snapshot taken for the purpose.  So a
 * queue that another session created, changed or deleted is seen as it is
 * now, under REPEATABLE READ too, as a table would be.  Nothing here uses the
 * planner, nor triggers, constraints or privileges; callers check what has to
 * be checked.
 *
 * Under SERIALIZABLE such a snapshot would leave predicate locks on the pages
 * read, and two sessions that create two queues would fail each other.  There
 * we read with SnapshotSelf, which takes none.  It is no atomic picture: of a
 * row that is being updated it may show both versions or, between the commit
 * of the one and our look at the other, neither.  Hence we take the last
 * version met, and look twice before we say that there is none.
 *
 * The cache.  What a call on messages needs of a queue is kept in a hash table
 * per backend, by name and by number, and copied to the caller, so that no
 * pointer into it can dangle.  Whoever changes queue.queues sends a relcache
 * invalidation for it.  PostgreSQL delivers that to other sessions at commit,
 * to ourselves at the next command, and to ourselves again if the change is
 * rolled back, by a savepoint or as a whole; that covers all cases in which
 * an entry can become wrong.  The callback must not look at anything, it only
 * sets a flag; the next look-up then drops the whole cache.  A flag set while
 * we load stays set, so what was loaded is used for that one call only.
 *
 * A look-up first takes in pending invalidations.  Most calls on a queue come
 * in statements which lock no table and would not do so otherwise; and a call
 * that waits for messages has to notice that its queue was deleted.  That
 * costs one unlocked read of shared memory while there is nothing to take in.
 *
 * Changes of one queue are serialized by a lock on its name (catalog_lock),
 * held until the transaction ends.  The row is read after the lock is granted,
 * so the second of two sessions builds upon what the first one left.  The lock
 * is taken by writers only: sends and receives never wait for it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heaptoast.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_type_d.h"
#include "commands/extension.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "catalog.h"
#include "redrivepolicy.h"
#include "report.h"
#include "segment.h"
#include "sequence.h"

/* The version of the SQL objects that this library is made for */
#define EXTENSION_VERSION "1.0"

/* With more queues than this in the cache, it starts anew; about 20 MB */
#define CACHE_MAX 65536

typedef struct CachedName
{
	QueueName	name;			/* key */
	Queue		queue;
} CachedName;

typedef struct CachedId
{
	int64		queue_id;		/* key */
	CachedName *entry;
} CachedId;

/* Fixed relations that are needed often; their indexes change their Oid only
 * together with an invalidation of the table */
typedef enum FixedRelation
{
	FIXED_QUEUES,
	FIXED_QUEUES_PKEY,
	FIXED_QUEUES_NAME,
	FIXED_MESSAGE_ID_SEQ,
	FIXED_DEDUPLICATION_0,
	FIXED_DEDUPLICATION_1,
	FIXED_DEDUPLICATION_2,
	FIXED_COUNT
}			FixedRelation;

static const char *const fixed_names[FIXED_COUNT] = {
	"queues",
	"queues_pkey",
	"queues_account_id_queue_name_key",
	"message_id_seq",
	"deduplication_0",
	"deduplication_1",
	"deduplication_2"
};

/* Valid while catalog_loaded; stale is set by the callback at any time */
static bool catalog_loaded = false;
static volatile bool catalog_stale = false;
static Oid	catalog_nspid = InvalidOid;
static Oid	catalog_owner = InvalidOid;
static Oid	fixed_relids[FIXED_COUNT];

static uint64 cache_generation = 0;
static MemoryContext cache_context = NULL;
static HTAB *cache_by_name = NULL;
static HTAB *cache_by_id = NULL;

/*
 * Relcache callback: queue.queues, or everything, may have changed.  Runs at
 * odd moments, in aborted transactions too: does nothing but note it.  While
 * the table's Oid is not known, any relation may be it.
 */
static void
relcache_callback(Datum arg, Oid relid)
{
	if (!OidIsValid(relid) || relid == fixed_relids[FIXED_QUEUES] ||
		!OidIsValid(fixed_relids[FIXED_QUEUES]))
		catalog_stale = true;
}

/*
 * Drop all cached queues and make ready for new ones.  If that fails, all is
 * loaded anew next time.
 */
static void
cache_reset(void)
{
	HASHCTL		ctl;

	catalog_loaded = false;
	cache_generation++;
	if (cache_context == NULL)
		cache_context = AllocSetContextCreate(CacheMemoryContext, "queue catalog",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(cache_context);

	ctl.keysize = sizeof(QueueName);
	ctl.entrysize = sizeof(CachedName);
	ctl.hcxt = cache_context;
	cache_by_name = hash_create("queues by name", 64, &ctl,
								HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);

	ctl.keysize = sizeof(int64);
	ctl.entrysize = sizeof(CachedId);
	cache_by_id = hash_create("queues by number", 64, &ctl,
							  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	catalog_loaded = true;
}

/*
 * Keep a queue in the cache.  One whose table is missing is not kept: nothing
 * would tell us that it has come back.
 */
static void
cache_put(const Queue *queue)
{
	QueueName	name = {0};
	CachedName *entry;
	CachedId   *by_id;

	if (!OidIsValid(queue->relid))
		return;
	for (int i = 0; i < queue->segment_count; i++)
		if (!OidIsValid(queue->relids[i]))
			return;
	if (hash_get_num_entries(cache_by_name) >= CACHE_MAX)
		cache_reset();

	strlcpy(name.account_id, queue->account_id, sizeof(name.account_id));
	strlcpy(name.queue_name, queue->queue_name, sizeof(name.queue_name));
	entry = hash_search(cache_by_name, &name, HASH_ENTER, NULL);
	entry->queue = *queue;
	by_id = hash_search(cache_by_id, &queue->queue_id, HASH_ENTER, NULL);
	by_id->entry = entry;
}

/*
 * Read the extension's row in pg_extension.
 */
static void
extension_read(bool *found, char **version, Oid *owner)
{
	Relation	rel = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber,
				F_NAMEEQ, CStringGetDatum(QUEUE_EXTENSION));
	scan = systable_beginscan(rel, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	*found = HeapTupleIsValid(tuple);
	if (*found)
	{
		bool		isnull;
		Datum		value;

		value = heap_getattr(tuple, Anum_pg_extension_extversion,
							 RelationGetDescr(rel), &isnull);
		*version = TextDatumGetCString(value);
		*owner = ((Form_pg_extension) GETSTRUCT(tuple))->extowner;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}

/*
 * Find the extension's objects, if they are not known or may have changed.
 * If it is not installed, or its SQL objects are of another version, return
 * false or raise an error.
 */
static bool
catalog_load(bool missing_ok)
{
	bool		found;
	char	   *version;

	if (catalog_loaded && !catalog_stale)
		return true;

	/* From here on, a change that comes in meanwhile sets the flag again */
	catalog_loaded = false;
	catalog_stale = false;
	fixed_relids[FIXED_QUEUES] = InvalidOid;

	extension_read(&found, &version, &catalog_owner);
	if (found)
		catalog_nspid = get_namespace_oid(QUEUE_SCHEMA, true);
	if (!found || !OidIsValid(catalog_nspid))
	{
		if (missing_ok)
			return false;
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("extension \"%s\" is not installed in this database",
						QUEUE_EXTENSION),
				 errhint("Use CREATE EXTENSION %s.", QUEUE_EXTENSION)));
	}
	if (strcmp(version, EXTENSION_VERSION) != 0)
	{
		if (missing_ok)
			return false;
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("extension \"%s\" is of version %s, but the loaded library is made for version %s",
						QUEUE_EXTENSION, version, EXTENSION_VERSION),
				 errhint("Use ALTER EXTENSION %s UPDATE; if a newer library was installed, restart the server first.",
						 QUEUE_EXTENSION)));
	}
	for (int i = 0; i < FIXED_COUNT; i++)
	{
		fixed_relids[i] = get_relname_relid(fixed_names[i], catalog_nspid);
		if (!OidIsValid(fixed_relids[i]))
		{
			/* This is so while the installation script runs */
			if (missing_ok)
				return false;
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_TABLE),
					 errmsg("relation \"%s.%s\" does not exist",
							QUEUE_SCHEMA, fixed_names[i])));
		}
	}
	cache_reset();
	return true;
}

/*
 * Make sure that the cache is as fresh as it can be; see above.
 */
static void
catalog_refresh(void)
{
	AcceptInvalidationMessages();
	(void) catalog_load(false);
}

/*
 * The snapshot to read our tables with; NULL stands for a fresh catalog
 * snapshot.  See the top of the file.
 */
Snapshot
catalog_snapshot(void)
{
	return IsolationIsSerializable() ? SnapshotSelf : NULL;
}

/*
 * Find the one row that the keys match: a palloc'd copy that refers to nothing
 * out of line, or NULL.
 */
HeapTuple
catalog_scan_one(Relation rel, Oid index, const ScanKeyData *keys, int nkeys)
{
	int			looks = IsolationIsSerializable() ? 2 : 1;
	HeapTuple	row = NULL;

	while (row == NULL && looks-- > 0)
	{
		ScanKeyData copies[2];
		SysScanDesc scan;
		HeapTuple	tuple;

		/* The scan changes its keys, before 17 those that were passed */
		Assert(nkeys <= lengthof(copies));
		memcpy(copies, keys, nkeys * sizeof(ScanKeyData));
		scan = systable_beginscan(rel, index, true, catalog_snapshot(),
								  nkeys, copies);
		while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		{
			if (HeapTupleHasExternal(tuple))
				row = toast_flatten_tuple(tuple, RelationGetDescr(rel));
			else
				row = heap_copytuple(tuple);
		}
		systable_endscan(scan);
	}
	return row;
}

/*
 * The table of a queue's segment, or InvalidOid if there is none.
 */
Oid
catalog_segment(int64 queue_id, int segment)
{
	return segment_find(queue_id, segment, catalog_nspid, catalog_owner);
}

/*
 * The segments in use, as a row of queue.queues lists them.
 */
static void
queue_read_segments(ArrayType *array, Queue *queue)
{
	int			count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	const int32 *numbers = (const int32 *) ARR_DATA_PTR(array);

	if (ARR_NDIM(array) != 1 || ARR_HASNULL(array) ||
		ARR_ELEMTYPE(array) != INT4OID || count > SEGMENTS_IN_USE_MAX)
		elog(ERROR, "unexpected segments of queue " INT64_FORMAT, queue->queue_id);
	queue->segment_count = count;
	for (int i = 0; i < count; i++)
	{
		if (numbers[i] < 1 || numbers[i] > SEGMENT_MAX)
			elog(ERROR, "unexpected segment of queue " INT64_FORMAT ": %d",
				 queue->queue_id, numbers[i]);
		queue->segments[i] = numbers[i];
		queue->relids[i] = numbers[i] == 1 ? queue->relid :
			catalog_segment(queue->queue_id, numbers[i]);
	}
}

/*
 * What a receive needs of a redrive policy.
 */
static void
queue_read_policy(const char *policy, Queue *queue)
{
	QueueName	target;
	int32		count;

	if (!redrivepolicy_read(policy, &target, &count) ||
		strcmp(target.account_id, queue->account_id) != 0)
		return;
	strlcpy(queue->dead_letter_queue, target.queue_name, sizeof(queue->dead_letter_queue));
	queue->max_receive_count = count;
}

/*
 * Make a Queue of a row of queue.queues.
 */
static void
queue_from_row(TupleDesc desc, HeapTuple row, Queue *queue)
{
	Datum		values[Natts_queues];
	bool		nulls[Natts_queues];

	if (desc->natts != Natts_queues)
		elog(ERROR, "unexpected number of columns in \"queue.queues\": %d", desc->natts);
	heap_deform_tuple(row, desc, values, nulls);

#define COLUMN(name) values[Anum_queues_##name - 1]
	memset(queue, 0, sizeof(Queue));
	queue->queue_id = DatumGetInt64(COLUMN(queue_id));
	strlcpy(queue->account_id, TextDatumGetCString(COLUMN(account_id)),
			sizeof(queue->account_id));
	strlcpy(queue->queue_name, TextDatumGetCString(COLUMN(queue_name)),
			sizeof(queue->queue_name));
	queue->owner = DatumGetObjectId(COLUMN(owner));
	queue->salt = *DatumGetUUIDP(COLUMN(salt));
	queue->fifo = DatumGetBool(COLUMN(fifo));
	queue->content_based_deduplication =
		!nulls[Anum_queues_content_based_deduplication - 1] &&
		DatumGetBool(COLUMN(content_based_deduplication));
	queue->deduplicates_groups =
		!nulls[Anum_queues_deduplication_scope - 1] &&
		strcmp(TextDatumGetCString(COLUMN(deduplication_scope)), "queue") != 0;
	queue->strict_receipt_handles =
		!nulls[Anum_queues_strict_receipt_handles - 1] &&
		DatumGetBool(COLUMN(strict_receipt_handles));
	queue->has_policy = !nulls[Anum_queues_policy - 1];
	if (DatumGetBool(COLUMN(sqs_managed_sse_enabled)))
		queue->encryption = ENCRYPTION_MANAGED;
	if (!nulls[Anum_queues_kms_master_key_id - 1])
		queue->encryption =
			names_is_managed_key(queue->account_id,
								 TextDatumGetCString(COLUMN(kms_master_key_id))) ?
			ENCRYPTION_MANAGED : ENCRYPTION_KMS;
	queue->purged_below = DatumGetInt64(COLUMN(purged_below));
	queue->delay_seconds = DatumGetInt32(COLUMN(delay_seconds));
	queue->maximum_message_size = DatumGetInt32(COLUMN(maximum_message_size));
	queue->message_retention_period = DatumGetInt32(COLUMN(message_retention_period));
	queue->receive_message_wait_time_seconds =
		DatumGetInt32(COLUMN(receive_message_wait_time_seconds));
	queue->visibility_timeout = DatumGetInt32(COLUMN(visibility_timeout));
	if (!nulls[Anum_queues_redrive_policy - 1])
		queue_read_policy(TextDatumGetCString(COLUMN(redrive_policy)), queue);
	queue->rotations = DatumGetInt64(COLUMN(rotations));
	queue->relid = catalog_segment(queue->queue_id, 1);
	queue_read_segments(DatumGetArrayTypeP(COLUMN(segments)), queue);
#undef COLUMN
}

/*
 * Read a queue that is not in the cache, and put it there.
 */
static bool
catalog_load_queue(Oid index, const ScanKeyData *keys, int nkeys, Queue *queue)
{
	Relation	rel = table_open(fixed_relids[FIXED_QUEUES], AccessShareLock);
	HeapTuple	row = catalog_scan_one(rel, index, keys, nkeys);

	if (row != NULL)
	{
		queue_from_row(RelationGetDescr(rel), row, queue);
		heap_freetuple(row);
		cache_put(queue);
	}
	table_close(rel, AccessShareLock);
	return row != NULL;
}

/*
 * Look a queue up by its parsed name; false if it does not exist.
 */
bool
catalog_lookup_name(const QueueName *name, Queue *queue)
{
	CachedName *entry;
	ScanKeyData keys[2];

	catalog_refresh();
	entry = hash_search(cache_by_name, name, HASH_FIND, NULL);
	if (entry != NULL)
	{
		*queue = entry->queue;
		return true;
	}
	/* both columns are of collation "C", which ScanKeyInit() assumes */
	ScanKeyInit(&keys[0], Anum_queues_account_id, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(name->account_id));
	ScanKeyInit(&keys[1], Anum_queues_queue_name, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(name->queue_name));
	return catalog_load_queue(fixed_relids[FIXED_QUEUES_NAME], keys, 2, queue);
}

/*
 * Look a queue up by name, ARN or URL.
 */
void
catalog_lookup(const text *reference, Queue *queue)
{
	QueueName	name;

	names_parse(reference, &name);
	if (!catalog_lookup_name(&name, queue))
		report_no_queue(name.queue_name);
}

/*
 * Look a queue up by number; false if it does not exist.
 */
bool
catalog_lookup_id(int64 queue_id, Queue *queue)
{
	CachedId   *by_id;
	ScanKeyData key;

	catalog_refresh();
	by_id = hash_search(cache_by_id, &queue_id, HASH_FIND, NULL);
	if (by_id != NULL)
	{
		*queue = by_id->entry->queue;
		return true;
	}
	ScanKeyInit(&key, Anum_queues_queue_id, BTEqualStrategyNumber, F_INT8EQ,
				Int64GetDatum(queue_id));
	return catalog_load_queue(fixed_relids[FIXED_QUEUES_PKEY], &key, 1, queue);
}

/*
 * Look a queue up anew.  An invalidation that tells of the change may not have
 * been sent yet, though others know of the change already.
 */
bool
catalog_reload(Queue *queue)
{
	catalog_stale = true;
	return catalog_lookup_id(queue->queue_id, queue);
}

uint64
catalog_generation(void)
{
	return cache_generation;
}

/*
 * The schema of everything internal.
 */
Oid
catalog_namespace(void)
{
	(void) catalog_load(false);
	return catalog_nspid;
}

/*
 * A table, index or sequence of the extension; an error if there is none.
 */
Oid
catalog_relation(const char *relname)
{
	Oid			relid;

	(void) catalog_load(false);
	for (int i = 0; i < FIXED_COUNT; i++)
	{
		if (strcmp(fixed_names[i], relname) == 0)
			return fixed_relids[i];
	}
	relid = get_relname_relid(relname, catalog_nspid);
	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation \"%s.%s\" does not exist", QUEUE_SCHEMA, relname)));
	return relid;
}

/*
 * The role that owns the extension, and with it every table of messages.
 */
Oid
catalog_extension_owner(void)
{
	(void) catalog_load(false);
	return catalog_owner;
}

/*
 * Whether this database has the extension, in our version.
 */
bool
catalog_installed(void)
{
	AcceptInvalidationMessages();
	return catalog_load(true);
}

/*
 * All queues, by account and name.  The cache plays no part: it would not be
 * complete, and need not become so.
 */
Queue *
catalog_all(int *count)
{
	Relation	rel;
	Relation	index;
	SysScanDesc scan;
	HeapTuple	tuple;
	int			size = 64;
	Queue	   *queues = palloc(size * sizeof(Queue));
	MemoryContext row_context;

	catalog_refresh();
	rel = table_open(fixed_relids[FIXED_QUEUES], AccessShareLock);
	index = index_open(fixed_relids[FIXED_QUEUES_NAME], AccessShareLock);
	row_context = AllocSetContextCreate(CurrentMemoryContext, "queue row",
										ALLOCSET_SMALL_SIZES);

	*count = 0;
	scan = systable_beginscan_ordered(rel, index, catalog_snapshot(), 0, NULL);
	while (HeapTupleIsValid(tuple = systable_getnext_ordered(scan, ForwardScanDirection)))
	{
		MemoryContext old_context = MemoryContextSwitchTo(row_context);
		Queue		queue;

		CHECK_FOR_INTERRUPTS();
		queue_from_row(RelationGetDescr(rel), tuple, &queue);
		MemoryContextSwitchTo(old_context);
		MemoryContextReset(row_context);

		/* A second version of the same row, which SnapshotSelf may show */
		if (*count > 0 && queues[*count - 1].queue_id == queue.queue_id)
			(*count)--;
		if (*count == size)
		{
			size *= 2;
			queues = repalloc_huge(queues, size * sizeof(Queue));
		}
		queues[(*count)++] = queue;
	}
	systable_endscan_ordered(scan);

	MemoryContextDelete(row_context);
	index_close(index, AccessShareLock);
	table_close(rel, AccessShareLock);
	return queues;
}

/*
 * The full row of a queue.
 */
bool
catalog_fetch(int64 queue_id, Datum *values, bool *nulls)
{
	Relation	rel;
	ScanKeyData key;
	HeapTuple	row;

	catalog_refresh();
	ScanKeyInit(&key, Anum_queues_queue_id, BTEqualStrategyNumber, F_INT8EQ,
				Int64GetDatum(queue_id));
	rel = table_open(fixed_relids[FIXED_QUEUES], AccessShareLock);
	row = catalog_scan_one(rel, fixed_relids[FIXED_QUEUES_PKEY], &key, 1);
	if (row != NULL)
		heap_deform_tuple(row, RelationGetDescr(rel), values, nulls);
	table_close(rel, AccessShareLock);
	return row != NULL;
}

/*
 * The lock on a queue's name.  Names that share a hash value share the lock,
 * which does no harm.
 */
static void
catalog_set_lock_tag(LOCKTAG *tag, const QueueName *name)
{
	(void) catalog_load(false);
	SET_LOCKTAG_OBJECT(*tag, MyDatabaseId, fixed_relids[FIXED_QUEUES],
					   hash_bytes((const unsigned char *) name, sizeof(QueueName)), 0);
}

/*
 * Wait for other sessions that are about to change the queue of this name, or
 * to create it, and keep them out until the transaction ends.
 */
void
catalog_lock(const QueueName *name)
{
	LOCKTAG		tag;

	catalog_set_lock_tag(&tag, name);
	(void) LockAcquire(&tag, ExclusiveLock, false, false);
	AcceptInvalidationMessages();
}

/*
 * The same if nobody has to be waited for; false otherwise.
 */
bool
catalog_try_lock(const QueueName *name)
{
	LOCKTAG		tag;

	catalog_set_lock_tag(&tag, name);
	if (LockAcquire(&tag, ExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
		return false;
	AcceptInvalidationMessages();
	return true;
}

/*
 * The number of a new queue.  Numbers are never used twice.
 */
int64
catalog_new_id(void)
{
	return sequence_advance(catalog_relation("queue_id_seq"),
							catalog_extension_owner(), 1);
}

/*
 * Add a row to queue.queues.
 */
void
catalog_insert(Datum *values, bool *nulls)
{
	Relation	rel;

	catalog_refresh();
	rel = table_open(fixed_relids[FIXED_QUEUES], RowExclusiveLock);
	CatalogTupleInsert(rel, heap_form_tuple(RelationGetDescr(rel), values, nulls));
	table_close(rel, NoLock);
	catalog_invalidate();
	CommandCounterIncrement();
}

/*
 * Change the columns of a row of queue.queues that replaces marks.
 */
void
catalog_update(int64 queue_id, Datum *values, bool *nulls, bool *replaces)
{
	Relation	rel;
	ScanKeyData key;
	HeapTuple	row;
	HeapTuple	changed;

	catalog_refresh();
	ScanKeyInit(&key, Anum_queues_queue_id, BTEqualStrategyNumber, F_INT8EQ,
				Int64GetDatum(queue_id));
	rel = table_open(fixed_relids[FIXED_QUEUES], RowExclusiveLock);
	row = catalog_scan_one(rel, fixed_relids[FIXED_QUEUES_PKEY], &key, 1);
	if (row == NULL)
		elog(ERROR, "queue " INT64_FORMAT " vanished", queue_id);
	changed = heap_modify_tuple(row, RelationGetDescr(rel), values, nulls, replaces);
	CatalogTupleUpdate(rel, &row->t_self, changed);
	table_close(rel, NoLock);
	catalog_invalidate();
	CommandCounterIncrement();
}

/*
 * Delete a queue's row.
 */
void
catalog_delete(const Queue *queue)
{
	Relation	rel;
	ScanKeyData key;
	HeapTuple	row;

	catalog_refresh();
	ScanKeyInit(&key, Anum_queues_queue_id, BTEqualStrategyNumber, F_INT8EQ,
				Int64GetDatum(queue->queue_id));
	rel = table_open(fixed_relids[FIXED_QUEUES], RowExclusiveLock);
	row = catalog_scan_one(rel, fixed_relids[FIXED_QUEUES_PKEY], &key, 1);
	if (row == NULL)
		elog(ERROR, "queue " INT64_FORMAT " vanished", queue->queue_id);
	CatalogTupleDelete(rel, &row->t_self);
	table_close(rel, NoLock);
	catalog_invalidate();
	CommandCounterIncrement();
}

/*
 * Forget the cached queues when queue.queues changes.  Called once: callbacks
 * cannot be taken back.
 */
void
catalog_register_callback(void)
{
	CacheRegisterRelcacheCallback(relcache_callback, (Datum) 0);
}

/*
 * Note that queue.queues changes.  What follows it in this command must be a
 * CommandCounterIncrement(), or our own cache misses the change.
 */
void
catalog_invalidate(void)
{
	CacheInvalidateRelcacheByRelid(fixed_relids[FIXED_QUEUES]);
}
