/*-------------------------------------------------------------------------
 *
 * store.c
 *		The rows of a queue's messages, by direct access to heap and index.
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
 * A queue's rows lie in one or a few segments, and a scan visits them one after
 * the other, the oldest first.  The worker moves rows, each by a delete and an
 * insert in one transaction, always to a newer segment; so a row that has left
 * one before the scan came by is met in a later one, and an id that is met
 * twice is the same message, which was on the move.  Which segments there
 * are the caller knows as of its look-up of the queue.  Where that has changed
 * since, the scan may have missed rows; store_stale() tells, after the scan.
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
#include "catalog/index.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_class.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "report.h"
#include "store.h"
#include "storetable.h"
#include "xid.h"

/* Rows that one heap_multi_insert() takes */
#define INSERT_BATCH 500

/*
 * Open the index of groups of a FIFO queue's segment; false if there is none.
 */
static bool
store_open_groups(StoreSegment *segment, LOCKMODE mode)
{
	List	   *indexes = RelationGetIndexList(segment->heap);
	ListCell   *cell;

	foreach(cell, indexes)
	{
		Relation	index;

		if (lfirst_oid(cell) == RelationGetRelid(segment->index))
			continue;
		index = index_open(lfirst_oid(cell), mode);
		if (index->rd_index->indisvalid &&
			index->rd_index->indnkeyatts == 2 &&
			index->rd_index->indkey.values[0] == Anum_message_group_id &&
			index->rd_index->indkey.values[1] == Anum_message_id)
		{
			segment->groups = index;
			break;
		}
		index_close(index, NoLock);
	}
	list_free(indexes);
	return segment->groups != NULL;
}

/*
 * Open a segment; false if it, or an index of it, is missing.
 */
static bool
store_open_table(StoreSegment *segment, Oid relid, LOCKMODE mode, bool fifo)
{
	Relation	heap;
	Oid			index = InvalidOid;

	heap = OidIsValid(relid) ? try_table_open(relid, mode) : NULL;
	if (heap == NULL)
		return false;
	/* a standby has the name of an unlogged table, and no file */
	if (heap->rd_rel->relkind == RELKIND_RELATION &&
		heap->rd_rel->relam == HEAP_TABLE_AM_OID &&
		!(RecoveryInProgress() && !RelationIsPermanent(heap)))
		index = compat_primary_key(heap);
	if (!OidIsValid(index))
	{
		table_close(heap, NoLock);
		return false;
	}
	memset(segment, 0, sizeof(StoreSegment));
	segment->heap = heap;
	segment->context = CurrentMemoryContext;
	segment->index = index_open(index, mode);
	if (fifo && !store_open_groups(segment, mode))
	{
		index_close(segment->index, NoLock);
		table_close(heap, NoLock);
		return false;
	}
	return true;
}

/*
 * Open tables as one, or return NULL if any of them is missing.
 */
static StoreTable *
store_open_tables(const Queue *queue, const Oid *relids, int count, bool writing)
{
	StoreTable *table = palloc0(sizeof(StoreTable));

	table->rotations = queue->rotations;
	table->writing = writing;
	table->lock_buffer = InvalidBuffer;
	InitDirtySnapshot(table->snapshot);
	for (table->count = 0; table->count < count; table->count++)
	{
		if (!store_open_table(&table->segments[table->count], relids[table->count],
							  writing ? RowExclusiveLock : AccessShareLock, queue->fifo))
		{
			store_close(table);
			return NULL;
		}
	}
	return table;
}

/*
 * Which of the segments is missing: the first one, or the only one that is
 * known to be.
 */
static int
store_missing_segment(const Queue *queue)
{
	for (int i = 0; i < queue->segment_count; i++)
		if (!OidIsValid(queue->relids[i]))
			return queue->segments[i];
	return queue->segments[0];
}

/*
 * Complain that a table is not there.
 */
static pg_noreturn void
store_missing(const Queue *queue)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the messages of queue \"%s\" are not available",
					queue->queue_name),
			 errdetail("Table %s.messages_" INT64_FORMAT "_%d or an index of it is missing.",
					   QUEUE_SCHEMA, queue->queue_id, store_missing_segment(queue)),
			 errhint("If a restore is under way, let it finish. Otherwise delete the queue with sqs_delete_queue().")));
}

/*
 * Open all of a queue's segments for reading, or return NULL.
 */
StoreTable *
store_try_open(const Queue *queue)
{
	return store_open_tables(queue, queue->relids, queue->segment_count, false);
}

/*
 * Open all of a queue's segments.
 */
StoreTable *
store_open(const Queue *queue, bool writing)
{
	StoreTable *table;

	Assert(ActiveSnapshotSet());
	table = store_open_tables(queue, queue->relids, queue->segment_count, writing);
	if (table == NULL)
		store_missing(queue);
	return table;
}

/*
 * Open the newest segment only, to insert.
 */
StoreTable *
store_open_newest(const Queue *queue)
{
	StoreTable *table;

	Assert(ActiveSnapshotSet());
	table = store_open_tables(queue, &queue->relids[queue->segment_count - 1], 1, true);
	if (table == NULL)
		store_missing(queue);
	return table;
}

/*
 * Open one table of the queue's, in use or not, or return NULL.
 */
StoreTable *
store_open_one(const Queue *queue, Oid relid, bool writing)
{
	Assert(ActiveSnapshotSet());
	return store_open_tables(queue, &relid, 1, writing);
}

/*
 * Lock all segments for writing if that can be had at once.
 */
bool
store_try_lock(const Queue *queue)
{
	for (int i = 0; i < queue->segment_count; i++)
	{
		if (!OidIsValid(queue->relids[i]) ||
			!ConditionalLockRelationOid(queue->relids[i], RowExclusiveLock))
			return false;
	}
	return true;
}

/*
 * Whether segments came into use that are not open here.
 */
bool
store_stale(const StoreTable *table, const QueueShared *qs)
{
	/* what the scan saw was there before this looks */
	pg_read_barrier();
	return unlikely(pg_atomic_read_u64((pg_atomic_uint64 *) &qs->rotations) >
					(uint64) table->rotations);
}

/*
 * Look the queue up again and open it as it is now.
 */
StoreTable *
store_reopen(StoreTable *table, Queue *queue)
{
	bool		writing = table->writing;

	store_close(table);
	if (!catalog_reload(queue))
		report_no_queue(queue->queue_name);
	shared_correct_segments(queue);
	return store_open(queue, writing);
}

static void
store_unlock_buffer(StoreTable *table)
{
	if (BufferIsValid(table->lock_buffer))
		ReleaseBuffer(table->lock_buffer);
	table->lock_buffer = InvalidBuffer;
}

static void
store_end_scan(StoreScan *scan)
{
	if (scan->scan)
	{
		index_endscan(scan->scan);
		ExecDropSingleTupleTableSlot(scan->slot);
	}
}

/*
 * Close a table; its lock is kept until the end of the transaction.
 */
void
store_close(StoreTable *table)
{
	store_unlock_buffer(table);
	for (int i = 0; i < table->count; i++)
	{
		StoreSegment *segment = &table->segments[i];

		store_end_scan(&segment->by_id);
		store_end_scan(&segment->by_group);
		if (segment->groups)
			index_close(segment->groups, NoLock);
		index_close(segment->index, NoLock);
		table_close(segment->heap, NoLock);
	}
	pfree(table);
}

/*
 * Begin a scan of a segment, or begin it anew.
 */
void
store_begin_scan(StoreTable *table, StoreSegment *segment, StoreScan *scan,
				 Relation index, ScanKey keys, int count)
{
	store_unlock_buffer(table);
	if (scan->scan == NULL)
	{
		scan->slot = table_slot_create(segment->heap, NULL);
		scan->scan = compat_index_beginscan(segment->heap, index, &table->snapshot, count);
	}
	ExecClearTuple(scan->slot);
	index_rescan(scan->scan, keys, count, NULL, 0);
}

/*
 * Begin to scan a segment by id.
 */
static void
store_scan_segment(StoreTable *table, StoreSegment *segment)
{
	ScanKeyData keys[2];

	ScanKeyInit(&keys[0], 1, BTGreaterEqualStrategyNumber, F_INT8GE,
				Int64GetDatum(table->lo));
	ScanKeyInit(&keys[1], 1, BTLessStrategyNumber, F_INT8LT, Int64GetDatum(table->hi));
	table->last_id = 0;
	table->current = segment;
	store_begin_scan(table, segment, &segment->by_id, segment->index, keys, 2);
}

/*
 * Begin to scan lo <= id < hi.
 */
void
store_scan(StoreTable *table, int64 lo, int64 hi)
{
	if (table->current != NULL)
		ExecClearTuple(table->current->by_id.slot);
	table->lo = lo;
	table->hi = hi;
	store_scan_segment(table, &table->segments[0]);
}

/*
 * Whether the scan has come to the newest segment.
 */
bool
store_at_newest(const StoreTable *table)
{
	return table->at == &table->segments[table->count - 1];
}

/*
 * Have the scan go on with the next segment; false if there is none.
 */
bool
store_next_segment(StoreTable *table)
{
	if (table->current == &table->segments[table->count - 1])
		return false;
	ExecClearTuple(table->current->by_id.slot);
	store_scan_segment(table, table->current + 1);
	return true;
}

/*
 * Read the fixed columns of a row.
 */
void
store_read(HeapTuple tuple, StoreRow *row)
{
	memcpy(row, (char *) tuple->t_data + tuple->t_data->t_hoff,
		   offsetof(StoreRow, stamp) + sizeof(row->stamp));
}

/*
 * Make the next version of a row that a scan meets the current row.
 */
bool
store_fetch(StoreTable *table, StoreSegment *segment, StoreScan *scan, StoreRow *row)
{
	store_unlock_buffer(table);
	table->at = segment;
	table->met_by = scan;
	if (!index_getnext_slot(scan->scan, ForwardScanDirection, scan->slot))
		return false;
	table->tuple = ExecFetchSlotHeapTuple(scan->slot, false, NULL);
	store_read(table->tuple, row);
	return true;
}

/*
 * Whether the current row was made by the command that is running.
 */
bool
store_is_new(const StoreTable *table)
{
	HeapTupleHeader header = table->tuple->t_data;

	return (header->t_infomask & HEAP_UPDATED) != 0 &&
		TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(header)) &&
		HeapTupleHeaderGetCmin(header) >= GetCurrentCommandId(false);
}

/*
 * What is to be said of the row that was just fetched.
 */
StoreResult
store_judge(StoreTable *table, FullTransactionId *xid)
{
	HeapTupleHeader header = table->tuple->t_data;

	table->uncommitted = TransactionIdIsValid(table->snapshot.xmin);
	*xid = InvalidFullTransactionId;
	if (TransactionIdIsValid(table->snapshot.xmin))
	{
		*xid = xid_full(table->snapshot.xmin);
		return STORE_BUSY;
	}
	if (TransactionIdIsValid(table->snapshot.xmax))
	{
		*xid = xid_full(table->snapshot.xmax);
		return STORE_BUSY;
	}
	if ((header->t_infomask & (HEAP_UPDATED | HEAP_XMIN_COMMITTED)) == 0 &&
		TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(header)))
	{
		/* sent by this transaction: it does not exist before the commit */
		*xid = GetTopFullTransactionId();
		return STORE_OWN;
	}
	return STORE_OK;
}

/*
 * The next row of the scan by id.
 *
 * A row that another transaction is updating has two versions that a dirty
 * snapshot shows; the second is passed over.  So is a version that this very
 * command made: it has been dealt with.
 */
bool
store_next(StoreTable *table, StoreRow *row, StoreResult *result,
		   FullTransactionId *xid)
{
	do
	{
		while (!store_fetch(table, table->current, &table->current->by_id, row))
		{
			if (!store_next_segment(table))
				return false;
		}
	} while (row->id == table->last_id || store_is_new(table));
	table->last_id = row->id;
	*result = store_judge(table, xid);
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
 * Whether the current row is of a message whose sender has not ended.
 */
bool
store_is_uncommitted(const StoreTable *table)
{
	return table->uncommitted;
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
	return xid_full(xmax);
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
	result = store_result(heap_lock_tuple(table->at->heap, &table->locked,
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
 * What an index has to be told with each entry; it is kept as long as the table
 * is open.
 */
static IndexInfo *
store_index_info(StoreSegment *segment, Relation index)
{
	MemoryContext old = MemoryContextSwitchTo(segment->context);
	IndexInfo  *info = BuildIndexInfo(index);

	MemoryContextSwitchTo(old);
	return info;
}

/*
 * Enter a version of a row into the indexes.  "updated" says that it is another
 * version of one that is there.
 */
static void
store_insert_indexes(StoreSegment *segment, int64 id, Datum group, bool no_group,
					 ItemPointer tid, bool updated)
{
	Datum		keys[2] = {Int64GetDatum(id), (Datum) 0};
	bool		isnull[2] = {false, false};

	if (segment->index_info == NULL)
		segment->index_info = store_index_info(segment, segment->index);
	index_insert(segment->index, keys, isnull, tid, segment->heap,
				 updated ? UNIQUE_CHECK_NO : UNIQUE_CHECK_YES, updated,
				 segment->index_info);
	if (segment->groups == NULL)
		return;
	if (segment->groups_info == NULL)
		segment->groups_info = store_index_info(segment, segment->groups);
	keys[0] = group;
	keys[1] = Int64GetDatum(id);
	isnull[0] = no_group;
	index_insert(segment->groups, keys, isnull, tid, segment->heap,
				 UNIQUE_CHECK_NO, updated, segment->groups_info);
}

/*
 * Change the fixed columns of the row just locked.  Everything else is taken
 * over as it is, pointers to out-of-line values included.
 */
void
store_update(StoreTable *table, const StoreRow *row)
{
	StoreSegment *segment = table->at;
	HeapTuple	changed = heap_copytuple(&table->locked);
	TM_FailureData failure;
	LockTupleMode mode;
	StoreResult result;

	Assert(BufferIsValid(table->lock_buffer));
	memcpy((char *) changed->t_data + changed->t_data->t_hoff, row,
		   offsetof(StoreRow, stamp) + sizeof(row->stamp));
	result = store_result(compat_heap_update(segment->heap, &table->locked.t_self,
											 changed, GetCurrentCommandId(true),
											 &failure, &mode));
	if (result != STORE_OK)
		elog(ERROR, "a locked message could not be updated");
	store_unlock_buffer(table);

	/* the scan need not visit the new version, next in the chain */
	table->met_by->scan->xs_heap_continue = false;

	/* the page was full: the new version needs index entries of its own */
	if (!HeapTupleIsHeapOnly(changed))
	{
		Datum		group = (Datum) 0;
		bool		no_group = true;

		if (segment->groups)
			group = heap_getattr(changed, Anum_message_group_id,
								 RelationGetDescr(segment->heap), &no_group);
		store_insert_indexes(segment, row->id, group, no_group, &changed->t_self, true);
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
	result = store_result(compat_heap_delete(table->at->heap, tid, GetCurrentCommandId(true),
											 ours, &failure));
	if (result == STORE_BUSY)
	{
		table->locked.t_self = *tid;
		result = store_result(heap_lock_tuple(table->at->heap, &table->locked,
											  GetCurrentCommandId(true),
											  LockTupleExclusive, LockWaitSkip,
											  false, &table->lock_buffer, &failure));
		store_unlock_buffer(table);
		if (result == STORE_OK)
			result = store_result(compat_heap_delete(table->at->heap, tid,
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
	TupleDesc	desc = RelationGetDescr(table->at->heap);

	heap_deform_tuple(table->tuple, desc, values, isnull);
	for (int i = Anum_message_group_id - 1; i < Natts_message; i++)
	{
		if (!isnull[i] && TupleDescAttr(desc, i)->attlen == -1 &&
			VARATT_IS_EXTERNAL(DatumGetPointer(values[i])))
			values[i] = PointerGetDatum(detoast_external_attr((struct varlena *) DatumGetPointer(values[i])));
	}
}

/*
 * Insert a row into a segment.
 */
static void
store_insert_one(StoreSegment *segment, Datum *values, bool *isnull)
{
	HeapTuple	tuple = heap_form_tuple(RelationGetDescr(segment->heap), values, isnull);

	heap_insert(segment->heap, tuple, GetCurrentCommandId(true), 0, NULL);
	store_insert_indexes(segment, DatumGetInt64(values[Anum_message_id - 1]),
						 values[Anum_message_group_id - 1],
						 isnull[Anum_message_group_id - 1], &tuple->t_self, false);
	heap_freetuple(tuple);
}

/*
 * Insert rows into the newest segment.
 */
void
store_insert(StoreTable *table, Datum **values, bool **isnull, int count)
{
	StoreSegment *segment = &table->segments[table->count - 1];
	TupleDesc	desc = RelationGetDescr(segment->heap);
	CommandId	cid = GetCurrentCommandId(true);
	TupleTableSlot *slots[INSERT_BATCH];
	int			slot_count = Min(count, INSERT_BATCH);

	if (count == 1)
	{
		store_insert_one(segment, values[0], isnull[0]);
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
		heap_multi_insert(segment->heap, slots, n, cid, 0, NULL);
		for (int i = 0; i < n; i++)
			store_insert_indexes(segment, DatumGetInt64(values[done + i][Anum_message_id - 1]),
								 values[done + i][Anum_message_group_id - 1],
								 isnull[done + i][Anum_message_group_id - 1],
								 &slots[i]->tts_tid, false);
		done += n;
	}
	for (int i = 0; i < slot_count; i++)
		ExecDropSingleTupleTableSlot(slots[i]);
}

/*
 * Move the current row to the newest segment of another open table of the same
 * queue: as it is, under its own id.
 */
StoreResult
store_move(StoreTable *table, StoreTable *to, FullTransactionId *xid, Size *bytes)
{
	Datum		values[Natts_message];
	bool		isnull[Natts_message];
	StoreResult result;

	store_values(table, values, isnull);
	result = store_delete(table, xid);
	if (result == STORE_OK)
		store_insert_one(&to->segments[to->count - 1], values, isnull);
	*bytes += VARSIZE_ANY(DatumGetPointer(MESSAGE_STORED_BODY(values, isnull)));
	return result;
}
