/*-------------------------------------------------------------------------
 *
 * store.c
 *		The rows of a queue's table of messages, by direct access to the heap
 *		and its one index.
 *
 * A receive is a short index scan, a row lock, and an update that changes no
 * indexed column (HOT); a send is a heap and an index insert; a delete is a
 * delete.  No planner, no executor, no SPI.
 *
 * Scans use a dirty snapshot.  Receivers must notice the rows that a running
 * transaction inserts, updates or deletes, since whoever skips such a row has
 * to remember it; and an MVCC snapshot would be blind to what was committed
 * after the statement began, and under SERIALIZABLE would take predicate locks
 * that make senders and receivers fail.  What a dirty scan finds is only a
 * candidate: it counts once it is locked or deleted, and its columns are read
 * again from the version that was locked.
 *
 * Nothing here waits for another transaction.  Locks are taken with
 * LockWaitSkip; a delete is asked not to wait; an update follows a lock that is
 * already ours.  A row's TID is used only while the scan that found it still
 * pins its page.
 *
 * A caller must have an active snapshot: TOAST access asks for one, and it
 * keeps VACUUM from what the scan is about to visit.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/relscan.h"
#include "access/detoast.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/dependency.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_class.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "report.h"
#include "shared.h"
#include "store.h"

/* Rows that one heap_multi_insert() takes */
#define INSERT_BATCH 500

struct StoreTable
{
	Relation	heap;
	Relation	index;			/* its primary key */
	IndexInfo  *index_info;		/* made when first needed */
	IndexScanDesc scan;
	SnapshotData snapshot;		/* a dirty one */
	TupleTableSlot *slot;		/* the current row, its page pinned */
	HeapTuple	tuple;			/* the same */
	int64		last_id;		/* of the row met last; 0: none yet */
	Buffer		lock_buffer;	/* pins the row just locked */
	HeapTupleData locked;
};

/*
 * Open a queue's table, or return NULL if it, or its primary key, is missing.
 */
static StoreTable *
store_try_open(const Queue *queue, LOCKMODE mode)
{
	StoreTable *table;
	Relation	heap;
	Oid			index = InvalidOid;

	if (!OidIsValid(queue->relid))
		return NULL;
	heap = try_table_open(queue->relid, mode);
	if (heap == NULL)
		return NULL;
	/* a standby has the name of an unlogged table, and no file */
	if (heap->rd_rel->relkind == RELKIND_RELATION &&
		heap->rd_rel->relam == HEAP_TABLE_AM_OID &&
		!(RecoveryInProgress() && !RelationIsPermanent(heap)))
		index = compat_primary_key(heap);
	if (!OidIsValid(index))
	{
		table_close(heap, NoLock);
		return NULL;
	}

	table = palloc0(sizeof(StoreTable));
	table->heap = heap;
	table->index = index_open(index, mode);
	table->lock_buffer = InvalidBuffer;
	InitDirtySnapshot(table->snapshot);
	return table;
}

/*
 * Open a queue's table.
 */
StoreTable *
store_open(const Queue *queue, bool writing)
{
	StoreTable *table;

	Assert(ActiveSnapshotSet());
	table = store_try_open(queue, writing ? RowExclusiveLock : AccessShareLock);
	if (table == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the messages of queue \"%s\" are not available",
						queue->queue_name),
				 errdetail("Table %s.messages_" INT64_FORMAT "_1 or its primary key is missing.",
						   QUEUE_SCHEMA, queue->queue_id),
				 errhint("If a restore is under way, let it finish. Otherwise delete the queue with sqs_delete_queue().")));
	return table;
}

static void
store_unlock_buffer(StoreTable *table)
{
	if (BufferIsValid(table->lock_buffer))
		ReleaseBuffer(table->lock_buffer);
	table->lock_buffer = InvalidBuffer;
}

/*
 * Close a table; its lock is kept until the end of the transaction.
 */
void
store_close(StoreTable *table)
{
	store_unlock_buffer(table);
	if (table->scan)
		index_endscan(table->scan);
	if (table->slot)
		ExecDropSingleTupleTableSlot(table->slot);
	index_close(table->index, NoLock);
	table_close(table->heap, NoLock);
	pfree(table);
}

/*
 * Begin to scan lo <= id < hi.
 */
void
store_scan(StoreTable *table, int64 lo, int64 hi)
{
	ScanKeyData keys[2];

	store_unlock_buffer(table);
	if (table->scan == NULL)
	{
		table->slot = table_slot_create(table->heap, NULL);
		table->scan = compat_index_beginscan(table->heap, table->index,
											 &table->snapshot, 2);
	}
	ScanKeyInit(&keys[0], 1, BTGreaterEqualStrategyNumber, F_INT8GE,
				Int64GetDatum(lo));
	ScanKeyInit(&keys[1], 1, BTLessStrategyNumber, F_INT8LT, Int64GetDatum(hi));
	ExecClearTuple(table->slot);
	table->last_id = 0;
	index_rescan(table->scan, keys, 2, NULL, 0);
}

/*
 * Read the fixed columns of a row.
 */
static void
store_read(HeapTuple tuple, StoreRow *row)
{
	memcpy(row, (char *) tuple->t_data + tuple->t_data->t_hoff,
		   offsetof(StoreRow, stamp) + sizeof(row->stamp));
}

/*
 * Whether a version of a row was made by the command that is running.
 */
static bool
store_is_new(HeapTupleHeader header)
{
	return (header->t_infomask & HEAP_UPDATED) != 0 &&
		TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(header)) &&
		HeapTupleHeaderGetCmin(header) >= GetCurrentCommandId(false);
}

/*
 * The next row of the scan.
 *
 * A row that another transaction is updating has two versions that a dirty
 * snapshot shows; the second is passed over.  So is a version that this very
 * command made: it has been dealt with.
 */
bool
store_next(StoreTable *table, StoreRow *row, StoreResult *result,
		   FullTransactionId *xid)
{
	HeapTupleHeader header;

	store_unlock_buffer(table);
	do
	{
		if (!index_getnext_slot(table->scan, ForwardScanDirection, table->slot))
			return false;
		table->tuple = ExecFetchSlotHeapTuple(table->slot, false, NULL);
		store_read(table->tuple, row);
	} while (row->id == table->last_id || store_is_new(table->tuple->t_data));
	table->last_id = row->id;
	header = table->tuple->t_data;

	*xid = InvalidFullTransactionId;
	if (TransactionIdIsValid(table->snapshot.xmin))
	{
		*result = STORE_BUSY;
		*xid = shared_full_xid(table->snapshot.xmin);
	}
	else if (TransactionIdIsValid(table->snapshot.xmax))
	{
		*result = STORE_BUSY;
		*xid = shared_full_xid(table->snapshot.xmax);
	}
	else if ((header->t_infomask & (HEAP_UPDATED | HEAP_XMIN_COMMITTED)) == 0 &&
			 TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(header)))
	{
		/* sent by this transaction: it does not exist before the commit */
		*result = STORE_OWN;
		*xid = GetTopFullTransactionId();
	}
	else
		*result = STORE_OK;
	return true;
}

/*
 * Find the row of an id; a scan of its own.
 *
 * An update that is not HOT enters the new version under another TID.  Should
 * it commit between the scan's visits to the two, the scan may see neither; so
 * it looks twice before it says that there is none.
 */
bool
store_find(StoreTable *table, int64 id, StoreRow *row, StoreResult *result,
		   FullTransactionId *xid)
{
	for (int i = 0; i < 2; i++)
	{
		store_scan(table, id, id + 1);
		if (store_next(table, row, result, xid))
			return true;
	}
	return false;
}

/*
 * Who holds the current row, as far as its header tells.
 */
static FullTransactionId
store_holder(HeapTupleHeader header)
{
	TransactionId xmax = HeapTupleHeaderGetRawXmax(header);

	if ((header->t_infomask & (HEAP_XMAX_INVALID | HEAP_XMAX_IS_MULTI)) != 0 ||
		!TransactionIdIsNormal(xmax))
		return InvalidFullTransactionId;
	return shared_full_xid(xmax);
}

/*
 * What a tuple operation's result means to us.
 */
static StoreResult
store_result(TM_Result result)
{
	switch (result)
	{
		case TM_Ok:
			return STORE_OK;
		case TM_WouldBlock:
		case TM_BeingModified:
			return STORE_BUSY;
		case TM_Updated:
		case TM_SelfModified:
			return STORE_CHANGED;
		case TM_Deleted:
			return STORE_GONE;
		case TM_Invisible:
			elog(ERROR, "attempted to lock an invisible message");
			break;
	}
	elog(ERROR, "unrecognized tuple status: %d", (int) result);
	return STORE_GONE;			/* keep compiler quiet */
}

/*
 * Lock the current row without waiting, as an update of it will need.
 */
StoreResult
store_lock(StoreTable *table, StoreRow *row, FullTransactionId *xid)
{
	TM_FailureData failure;
	StoreResult result;

	store_unlock_buffer(table);
	table->locked.t_self = table->tuple->t_self;
	result = store_result(heap_lock_tuple(table->heap, &table->locked,
										  GetCurrentCommandId(true),
										  LockTupleNoKeyExclusive, LockWaitSkip,
										  false, &table->lock_buffer, &failure));
	if (result == STORE_OK)
		store_read(&table->locked, row);
	else
	{
		*xid = store_holder(table->locked.t_data);
		store_unlock_buffer(table);
	}
	return result;
}

/*
 * Change the fixed columns of the row just locked.  Everything else is taken
 * over as it is, pointers to out-of-line values included.
 */
void
store_update(StoreTable *table, const StoreRow *row)
{
	HeapTuple	changed = heap_copytuple(&table->locked);
	TM_FailureData failure;
	LockTupleMode mode;
	StoreResult result;

	Assert(BufferIsValid(table->lock_buffer));
	memcpy((char *) changed->t_data + changed->t_data->t_hoff, row,
		   offsetof(StoreRow, stamp) + sizeof(row->stamp));
	result = store_result(compat_heap_update(table->heap, &table->locked.t_self,
											 changed, GetCurrentCommandId(true),
											 &failure, &mode));
	if (result != STORE_OK)
		elog(ERROR, "a locked message could not be updated");
	store_unlock_buffer(table);

	/* the scan need not visit the new version, next in the chain */
	table->scan->xs_heap_continue = false;

	/* the page was full: the new version needs an index entry of its own */
	if (!HeapTupleIsHeapOnly(changed))
	{
		Datum		value = Int64GetDatum(row->id);
		bool		isnull = false;

		if (table->index_info == NULL)
			table->index_info = BuildIndexInfo(table->index);
		index_insert(table->index, &value, &isnull, &changed->t_self, table->heap,
					 UNIQUE_CHECK_NO, true, table->index_info);
	}
	heap_freetuple(changed);
}

/*
 * Whether a row is locked by this transaction and nobody else, as it is after
 * a receive: the update leaves its own lock on the new version.
 */
static bool
store_locked_by_us(HeapTupleHeader header)
{
	return (header->t_infomask & (HEAP_XMAX_INVALID | HEAP_XMAX_IS_MULTI)) == 0 &&
		HEAP_XMAX_IS_LOCKED_ONLY(header->t_infomask) &&
		TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetRawXmax(header));
}

/*
 * Delete the current row without waiting.
 *
 * heap_delete() asked not to wait takes a lock of our own for somebody else's,
 * so where that is all there is, it may "wait"; where others have a share in
 * the lock, it is first seen whether we can have it alone.
 */
StoreResult
store_delete(StoreTable *table, FullTransactionId *xid)
{
	ItemPointer tid = &table->tuple->t_self;
	TM_FailureData failure;
	StoreResult result;
	bool		ours = store_locked_by_us(table->tuple->t_data);

	store_unlock_buffer(table);
	result = store_result(compat_heap_delete(table->heap, tid, GetCurrentCommandId(true),
											 ours, &failure));
	if (result == STORE_BUSY)
	{
		table->locked.t_self = *tid;
		result = store_result(heap_lock_tuple(table->heap, &table->locked,
											  GetCurrentCommandId(true),
											  LockTupleExclusive, LockWaitSkip,
											  false, &table->lock_buffer, &failure));
		store_unlock_buffer(table);
		if (result == STORE_OK)
			result = store_result(compat_heap_delete(table->heap, tid,
													 GetCurrentCommandId(true),
													 true, &failure));
	}
	if (result != STORE_OK)
		*xid = store_holder(table->tuple->t_data);
	return result;
}

/*
 * The current row's columns.  Values stored out of line are fetched, as the
 * row may be gone by the time somebody reads them.
 */
void
store_values(StoreTable *table, Datum *values, bool *isnull)
{
	TupleDesc	desc = RelationGetDescr(table->heap);

	heap_deform_tuple(table->tuple, desc, values, isnull);
	for (int i = Anum_message_group_id - 1; i < Natts_message; i++)
	{
		if (!isnull[i] && TupleDescAttr(desc, i)->attlen == -1 &&
			VARATT_IS_EXTERNAL(DatumGetPointer(values[i])))
			values[i] = PointerGetDatum(detoast_external_attr((struct varlena *) DatumGetPointer(values[i])));
	}
}

/*
 * Enter a new row into the index.
 */
static void
store_insert_index(StoreTable *table, Datum id, ItemPointer tid)
{
	bool		isnull = false;

	index_insert(table->index, &id, &isnull, tid, table->heap,
				 UNIQUE_CHECK_YES, false, table->index_info);
}

/*
 * Insert rows.
 */
void
store_insert(StoreTable *table, Datum **values, bool **isnull, int count)
{
	TupleDesc	desc = RelationGetDescr(table->heap);
	CommandId	cid = GetCurrentCommandId(true);
	TupleTableSlot *slots[INSERT_BATCH];
	int			slot_count = Min(count, INSERT_BATCH);

	if (table->index_info == NULL)
		table->index_info = BuildIndexInfo(table->index);

	if (count == 1)
	{
		HeapTuple	tuple = heap_form_tuple(desc, values[0], isnull[0]);

		heap_insert(table->heap, tuple, cid, 0, NULL);
		store_insert_index(table, values[0][Anum_message_id - 1], &tuple->t_self);
		heap_freetuple(tuple);
		return;
	}

	for (int i = 0; i < slot_count; i++)
		slots[i] = MakeSingleTupleTableSlot(desc, &TTSOpsHeapTuple);
	for (int done = 0; done < count;)
	{
		int			n = Min(count - done, INSERT_BATCH);

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < n; i++)
			ExecStoreHeapTuple(heap_form_tuple(desc, values[done + i], isnull[done + i]),
							   slots[i], true);
		heap_multi_insert(table->heap, slots, n, cid, 0, NULL);
		for (int i = 0; i < n; i++)
			store_insert_index(table, values[done + i][Anum_message_id - 1],
							   &slots[i]->tts_tid);
		done += n;
	}
	for (int i = 0; i < slot_count; i++)
		ExecDropSingleTupleTableSlot(slots[i]);
}

/*
 * The smallest id >= lo of any row that may be alive, or 0.
 */
int64
store_next_id(StoreTable *table, int64 lo)
{
	StoreRow	row;
	StoreResult result;
	FullTransactionId xid;

	store_scan(table, lo, PG_INT64_MAX);
	return store_next(table, &row, &result, &xid) ? row.id : 0;
}

/*
 * The greatest id in the index, dead rows included as far as they are still
 * there; 0 if there is none.
 */
int64
store_max_id(const Queue *queue)
{
	StoreTable *table = store_open(queue, false);
	TupleTableSlot *slot = table_slot_create(table->heap, NULL);
	IndexScanDesc scan;
	int64		max = 0;

	/* rows of any state count, also those that nobody can see */
	scan = compat_index_beginscan(table->heap, table->index, SnapshotAny, 0);
	index_rescan(scan, NULL, 0, NULL, 0);
	if (index_getnext_slot(scan, BackwardScanDirection, slot))
	{
		StoreRow	row;

		store_read(ExecFetchSlotHeapTuple(slot, false, NULL), &row);
		max = row.id;
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	store_close(table);
	return max;
}

/*
 * The oldest message: the first committed row with an id >= lo that was sent
 * after expired.  False if there is none.
 */
bool
store_oldest(const Queue *queue, int64 lo, TimestampTz expired, StoreRow *row)
{
	StoreTable *table = store_try_open(queue, AccessShareLock);
	StoreResult result;
	FullTransactionId xid;
	bool		found = false;

	if (table == NULL)
		return false;
	store_scan(table, lo, PG_INT64_MAX);
	while (!found && store_next(table, row, &result, &xid))
	{
		CHECK_FOR_INTERRUPTS();
		/* a row being received or deleted is still there */
		found = row->sent_at > expired && result != STORE_OWN &&
			!TransactionIdIsValid(table->snapshot.xmin);
	}
	store_close(table);
	return found;
}

/*
 * Call a function with the fixed columns of each row that a snapshot sees.
 */
void
store_each(const Queue *queue, Snapshot snapshot,
		   void (*row) (const StoreRow *row, void *arg), void *arg)
{
	StoreTable *table = store_try_open(queue, AccessShareLock);
	TupleTableSlot *slot;
	TableScanDesc scan;
	StoreRow	columns;

	if (table == NULL)
		return;
	slot = table_slot_create(table->heap, NULL);
	scan = table_beginscan(table->heap, snapshot, 0, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		store_read(ExecFetchSlotHeapTuple(slot, false, NULL), &columns);
		row(&columns, arg);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	store_close(table);
}

/*
 * Pages of the table itself; 0 if there is none.
 */
BlockNumber
store_blocks(const Queue *queue)
{
	StoreTable *table = store_try_open(queue, AccessShareLock);
	BlockNumber blocks;

	if (table == NULL)
		return 0;
	blocks = RelationGetNumberOfBlocks(table->heap);
	store_close(table);
	return blocks;
}

/*
 * Bytes on disk of the table, its index and its out-of-line values.
 */
int64
store_size(const Queue *queue)
{
	Relation	heap;
	int64		size;

	if (!OidIsValid(queue->relid))
		return 0;
	heap = try_table_open(queue->relid, AccessShareLock);
	if (heap == NULL)
		return 0;
	size = RecoveryInProgress() && !RelationIsPermanent(heap) ? 0 :
		DatumGetInt64(DirectFunctionCall1(pg_total_relation_size,
										  ObjectIdGetDatum(queue->relid)));
	table_close(heap, NoLock);
	return size;
}

/*
 * Whether the table is there and complete.
 */
bool
store_ready(const Queue *queue)
{
	StoreTable *table = store_try_open(queue, AccessShareLock);

	if (table == NULL)
		return false;
	store_close(table);
	return true;
}

/*
 * Drop the table of a deleted queue, unless somebody still uses it.
 */
bool
store_drop(int64 queue_id)
{
	char	   *name = psprintf("messages_" INT64_FORMAT "_1", queue_id);
	Oid			relid = get_relname_relid(name, catalog_namespace());
	ObjectAddress object;

	if (!OidIsValid(relid))
		return true;
	if (!ConditionalLockRelationOid(relid, AccessExclusiveLock))
		return false;
	/* it may have gone while we looked */
	if (get_relname_relid(name, catalog_namespace()) != relid)
		return true;
	ObjectAddressSet(object, RelationRelationId, relid);
	performDeletion(&object, DROP_CASCADE, PERFORM_DELETION_INTERNAL);
	return true;
}
