/*-------------------------------------------------------------------------
 *
 * records.c
 *		What is remembered for a while of sends to FIFO queues, and receives.
 *
 * A record says that a message with some deduplication id was sent to a queue,
 * or what a receive under some attempt id gave.
 * It is wanted for five minutes, whatever becomes of the message.  Records are
 * inserted and never changed, and forgotten by the table: there are three, and
 * time is cut into slices as long as the window.  In slice n records go into
 * table n modulo 3.  What is in the table of the next slice is then older than
 * the window, and the worker truncates it, which leaves no bloat, and which no
 * snapshot can prevent.  If a transaction that has written there runs all that
 * time, it is just filled further.
 *
 * Who looks for a record looks in the present table and the one before, with a
 * dirty snapshot: a record of a transaction that is running has him wait for its
 * end, as a unique index would.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/pg_collation_d.h"
#include "common/hashfn.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "records.h"
#include "segment.h"
#include "shared.h"

#define RECORD_TABLES 3
#define RECORD_RELATION "deduplication_%d"

/* Attribute numbers of queue.deduplication_n */
#define Anum_record_queue_id 1
#define Anum_record_key 2
#define Anum_record_id 3
#define Anum_record_sent_at 4
#define Anum_record_data 5
#define Natts_record 5

/* Marks our locks among advisory locks; see group.c */
#define RECORD_LOCK_CLASS 7171

struct Records
{
	Relation	heaps[RECORD_TABLES];	/* NULL: not open */
	Relation	indexes[RECORD_TABLES];
	IndexInfo  *infos[RECORD_TABLES];	/* NULL: not written to yet */
	SnapshotData snapshot;		/* a dirty one */
};

/*
 * A table of records.
 */
static Oid
records_relation(int n)
{
	char		relname[NAMEDATALEN];

	snprintf(relname, sizeof(relname), RECORD_RELATION, n);
	return catalog_relation(relname);
}

/*
 * Begin to look for records, and to make them.
 */
Records *
records_open(void)
{
	Records    *records = palloc0(sizeof(Records));

	InitDirtySnapshot(records->snapshot);
	return records;
}

/*
 * Open a table, if it is not open.
 */
static void
records_open_table(Records *records, int n)
{
	if (records->heaps[n] != NULL)
		return;
	records->heaps[n] = table_open(records_relation(n), AccessShareLock);
	records->indexes[n] = index_open(compat_primary_key(records->heaps[n]),
									 AccessShareLock);
}

/*
 * Close the tables.  What was written to stays locked until the end of the
 * transaction, what was only read does not: it must not be in the way when the
 * table is to be truncated.
 */
void
records_close(Records *records)
{
	for (int i = 0; i < RECORD_TABLES; i++)
	{
		if (records->heaps[i] == NULL)
			continue;
		index_close(records->indexes[i], AccessShareLock);
		table_close(records->heaps[i], AccessShareLock);
	}
	pfree(records);
}

static void
records_lock_tag(const Queue *queue, const text *key, LOCKTAG *tag)
{
	uint64		hash = hash_combine64(hash_bytes_extended((const unsigned char *) VARDATA_ANY(key),
														  VARSIZE_ANY_EXHDR(key), 0),
									  (uint64) queue->queue_id);

	SET_LOCKTAG_ADVISORY(*tag, MyDatabaseId, (uint32) (hash >> 32), (uint32) hash,
						 RECORD_LOCK_CLASS);
}

/*
 * Lock a key.
 */
void
records_lock(const Queue *queue, const text *key)
{
	LOCKTAG		tag;

	records_lock_tag(queue, key, &tag);
	(void) LockAcquire(&tag, ExclusiveLock, false, false);
}

void
records_unlock(const Queue *queue, const text *key)
{
	LOCKTAG		tag;

	records_lock_tag(queue, key, &tag);
	LockRelease(&tag, ExclusiveLock, false);
}

/*
 * Look for a record in one table; it must have a greater number than *id.
 */
static RecordResult
records_find_in(Records *records, int n, const Queue *queue, const text *key,
				TimestampTz since, int64 *id, bytea **data, TransactionId *xid)
{
	Relation	heap = records->heaps[n];
	TupleTableSlot *slot = table_slot_create(heap, NULL);
	IndexScanDesc scan = compat_index_beginscan(heap, records->indexes[n],
												&records->snapshot, 2);
	RecordResult result = RECORD_NONE;
	ScanKeyData keys[2];

	ScanKeyInit(&keys[0], 1, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(queue->queue_id));
	ScanKeyEntryInitialize(&keys[1], 0, 2, BTEqualStrategyNumber, InvalidOid,
						   C_COLLATION_OID, F_TEXTEQ, PointerGetDatum(key));
	index_rescan(scan, keys, 2, NULL, 0);
	while (result != RECORD_BUSY && index_getnext_slot(scan, ForwardScanDirection, slot))
	{
		TransactionId busy = records->snapshot.xmin;
		Datum		values[Natts_record];
		bool		isnull[Natts_record];

		CHECK_FOR_INTERRUPTS();
		heap_deform_tuple(ExecFetchSlotHeapTuple(slot, false, NULL),
						  RelationGetDescr(heap), values, isnull);
		if (DatumGetInt64(values[Anum_record_id - 1]) < Max(queue->purged_below, *id) ||
			DatumGetTimestampTz(values[Anum_record_sent_at - 1]) <= since)
			continue;
		if (TransactionIdIsValid(busy))
		{
			*xid = busy;
			result = RECORD_BUSY;
			continue;
		}
		*id = DatumGetInt64(values[Anum_record_id - 1]);
		if (data != NULL)
			*data = isnull[Anum_record_data - 1] ? NULL :
				DatumGetByteaPCopy(values[Anum_record_data - 1]);
		result = RECORD_FOUND;
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	return result;
}

/*
 * The table that records go into at a time.
 */
static int
records_current(TimestampTz now, int window)
{
	return (int) (now / USECS_PER_SEC / Max(window, 1) % RECORD_TABLES);
}

/*
 * Find the record of a key that is not older than the window.  It is in the
 * present table or in the one before; the third is not opened, so that it can be
 * truncated whatever the load.
 *
 * A queue that is not logged may have lost its messages when the server came
 * up; of what was sent before, nothing is known then.
 */
RecordResult
records_find(Records *records, const Queue *queue, const text *key, TimestampTz now,
			 int window, int64 *id, bytea **data, TransactionId *xid)
{
	RecordResult best = RECORD_NONE;
	TimestampTz since = now - window * USECS_PER_SEC;

	if (segment_unlogged(queue->relid))
	{
		QueueShared *qs = shared_acquire(queue);

		since = Max(since, qs->reset_at);
		shared_release(qs);
	}
	*id = 0;
	for (int i = 0; i < RECORD_TABLES - 1 && best != RECORD_BUSY; i++)
	{
		int			n = (records_current(now, window) + RECORD_TABLES - i) % RECORD_TABLES;
		RecordResult result;

		records_open_table(records, n);
		result = records_find_in(records, n, queue, key, since, id, data, xid);
		if (result != RECORD_NONE)
			best = result;
	}
	return best;
}

/*
 * Make a record.
 */
void
records_insert(Records *records, const Queue *queue, const text *key, int64 id,
			   bytea *data, TimestampTz now, int window)
{
	int			n = records_current(now, window);
	Relation	heap;
	Datum		values[Natts_record];
	bool		isnull[Natts_record] = {false};
	HeapTuple	tuple;

	records_open_table(records, n);
	heap = records->heaps[n];
	if (records->infos[n] == NULL)
	{
		LockRelationOid(RelationGetRelid(heap), RowExclusiveLock);
		LockRelationOid(RelationGetRelid(records->indexes[n]), RowExclusiveLock);
		records->infos[n] = BuildIndexInfo(records->indexes[n]);
	}
	values[Anum_record_queue_id - 1] = Int64GetDatum(queue->queue_id);
	values[Anum_record_key - 1] = PointerGetDatum(key);
	values[Anum_record_id - 1] = Int64GetDatum(id);
	values[Anum_record_sent_at - 1] = TimestampTzGetDatum(now);
	values[Anum_record_data - 1] = PointerGetDatum(data);
	isnull[Anum_record_data - 1] = data == NULL;
	tuple = heap_form_tuple(RelationGetDescr(heap), values, isnull);
	heap_insert(heap, tuple, GetCurrentCommandId(true), 0, NULL);
	index_insert(records->indexes[n], values, isnull, &tuple->t_self, heap,
				 UNIQUE_CHECK_YES, false, records->infos[n]);
	heap_freetuple(tuple);
}

/*
 * Whether a table has records, and none that was made after a time.
 */
static bool
records_are_past(Oid relid, TimestampTz since)
{
	Relation	heap = table_open(relid, NoLock);
	TupleTableSlot *slot = table_slot_create(heap, NULL);
	TableScanDesc scan = table_beginscan(heap, SnapshotAny, 0, NULL);
	bool		past = RelationGetNumberOfBlocks(heap) > 0;

	while (past && table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool		isnull;

		CHECK_FOR_INTERRUPTS();
		past = DatumGetTimestampTz(slot_getattr(slot, Anum_record_sent_at, &isnull)) <= since;
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(heap, NoLock);
	return past;
}

/*
 * Truncate a table whose records are all past.
 */
void
records_expire(TimestampTz now, int window)
{
	int			current = records_current(now, window);

	for (int i = 0; i < RECORD_TABLES; i++)
	{
		Oid			relid = records_relation(i);

		if (i == current || !segment_try_lock(relid) ||
			!records_are_past(relid, now - window * USECS_PER_SEC) ||
			!segment_lock(relid))
			continue;
		/* again, now that nobody can add to it */
		if (records_are_past(relid, now - window * USECS_PER_SEC))
			segment_truncate_table(psprintf(RECORD_RELATION, i));
	}
}
