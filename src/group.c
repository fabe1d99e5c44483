/*-------------------------------------------------------------------------
 *
 * group.c
 *		The messages of one message group, in order.
 *
 * The tables of a FIFO queue have an index on (group_id, id).  Within a group
 * ids rise in the order in which the sending transactions commit, since a
 * transaction that sends to a group has all others that want to wait for its
 * end.  No lock is held for that, or a transaction that sends to many groups
 * would hold many: as with a unique index, the row itself is what keeps others
 * away.  Who is about to send looks at the last row of the group; if whoever
 * inserted it is still running he waits for that transaction, and looks again.
 * Only from there to the insertion of his own row he holds a lock on the group,
 * so that no two do it at once.
 *
 * Where a queue has several segments, their rows have to be brought in order.
 * The worker moves rows meanwhile, from any segment to the newest.  Each step
 * therefore looks for the next row in all segments anew, the oldest first: a
 * row that has left one before the look is in the newest when that is looked
 * at.
 *
 * A group that much is sent to has many dead rows at its front, which a pinned
 * vacuum horizon may keep there.  So as not to walk over them each time, shared
 * memory remembers for some groups, as many as fit, below which id there is
 * nothing left.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_collation_d.h"
#include "common/hashfn.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "storage/procarray.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "group.h"
#include "message.h"
#include "shared.h"
#include "storetable.h"

/* Groups whose lowest id is remembered, of each queue: 16 kB */
#define LOWEST_SLOTS 1024

/*
 * Marks our locks among advisory locks, whose tags they share: the server's own
 * functions use 1 and 2
 */
#define GROUP_LOCK_CLASS 7170

typedef struct GroupLowest
{
	GroupHash	group;
	int64		lo;
} GroupLowest;

/*
 * A group's name as a number.
 */
GroupHash
group_hash(const text *group)
{
	return hash_bytes_extended((const unsigned char *) VARDATA_ANY(group),
							   (int) VARSIZE_ANY_EXHDR(group), 0);
}

/*
 * The message group of the current row.
 */
text *
group_of_row(const StoreTable *table)
{
	bool		isnull;
	Datum		value = heap_getattr(table->tuple, Anum_message_group_id,
									 RelationGetDescr(table->at->heap), &isnull);

	return isnull ? NULL : DatumGetTextPCopy(value);
}

/*
 * Keys for a group's rows with ids >= lo.
 */
static void
group_keys(ScanKey keys, Datum group, int64 lo)
{
	ScanKeyEntryInitialize(&keys[0], 0, 1, BTEqualStrategyNumber, InvalidOid,
						   C_COLLATION_OID, F_TEXTEQ, group);
	ScanKeyInit(&keys[1], 2, BTGreaterEqualStrategyNumber, F_INT8GE, Int64GetDatum(lo));
}

/*
 * Begin to scan a group.
 */
void
group_scan(StoreTable *table, const text *group, int64 lo)
{
	table->group = PointerGetDatum(group);
	table->group_lo = lo;
	table->group_begun = false;
}

/*
 * The first row of the group in one segment, from table->group_lo on; what was
 * begun is gone on with.
 */
static bool
group_first(StoreTable *table, StoreSegment *segment, StoreCandidate *candidate)
{
	StoreScan  *scan = &segment->by_group;

	if (!table->group_begun)
	{
		ScanKeyData keys[2];

		group_keys(keys, table->group, table->group_lo);
		store_begin_scan(table, segment, scan, segment->groups, keys, 2);
	}
	do
	{
		CHECK_FOR_INTERRUPTS();
		candidate->found = store_fetch(table, segment, scan, &candidate->row);
		if (!candidate->found)
			return false;

		/* the second version of a row, or one that was dealt with already */
	} while (candidate->row.id < table->group_lo || store_is_new(table));
	candidate->result = store_judge(table, &candidate->xid);
	candidate->tuple = table->tuple;
	candidate->uncommitted = table->uncommitted;
	return true;
}

/*
 * The group's next row.
 */
bool
group_next(StoreTable *table, StoreRow *row, StoreResult *result,
		   FullTransactionId *xid)
{
	StoreCandidate candidates[SEGMENTS_IN_USE_MAX];
	int			best = -1;

	for (int i = 0; i < table->count; i++)
	{
		if (group_first(table, &table->segments[i], &candidates[i]) &&
			(best < 0 || candidates[i].row.id < candidates[best].row.id))
			best = i;
	}

	/* of one segment the scan can go on */
	table->group_begun = table->count == 1;
	if (best < 0)
		return false;
	table->at = &table->segments[best];
	table->met_by = &table->at->by_group;
	table->tuple = candidates[best].tuple;
	table->uncommitted = candidates[best].uncommitted;
	*row = candidates[best].row;
	*result = candidates[best].result;
	*xid = candidates[best].xid;
	table->group_lo = row->id + 1;
	return true;
}

static void
group_lock_tag(const Queue *queue, const text *group, LOCKTAG *tag)
{
	uint64		key = hash_combine64(group_hash(group), (uint64) queue->queue_id);

	SET_LOCKTAG_ADVISORY(*tag, MyDatabaseId, (uint32) (key >> 32), (uint32) key,
						 GROUP_LOCK_CLASS);
}

/*
 * Who sent last to a group in one segment, if that transaction is running and
 * is not this one; and the greatest id there.  Rows of transactions that were
 * rolled back are passed over; what comes before a row of one that has ended has
 * ended as well.
 */
static TransactionId
group_last_sender(StoreSegment *segment, Datum group, int64 *last_id)
{
	TransactionId sender = InvalidTransactionId;
	TupleTableSlot *slot = table_slot_create(segment->heap, NULL);
	IndexScanDesc scan = compat_index_beginscan(segment->heap, segment->groups,
												SnapshotAny, 2);
	ScanKeyData keys[2];

	group_keys(keys, group, 0);
	index_rescan(scan, keys, 2, NULL, 0);
	while (index_getnext_slot(scan, BackwardScanDirection, slot))
	{
		HeapTuple	tuple = ExecFetchSlotHeapTuple(slot, false, NULL);
		TransactionId xmin = HeapTupleHeaderGetXmin(tuple->t_data);
		StoreRow	row;

		CHECK_FOR_INTERRUPTS();
		store_read(tuple, &row);
		*last_id = Max(*last_id, row.id);
		if (HeapTupleHeaderXminInvalid(tuple->t_data))
			continue;
		/* who has changed a row found it committed */
		if ((tuple->t_data->t_infomask & HEAP_UPDATED) != 0 ||
			HeapTupleHeaderXminCommitted(tuple->t_data) ||
			TransactionIdIsCurrentTransactionId(xmin))
			break;
		if (TransactionIdIsInProgress(xmin))
		{
			sender = xmin;
			break;
		}
		if (TransactionIdDidCommit(xmin))
			break;
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	return sender;
}

/*
 * Who sent last to a group, in all segments.
 */
static TransactionId
group_sender(StoreTable *table, const text *group, int64 *last_id)
{
	TransactionId sender = InvalidTransactionId;

	*last_id = 0;
	for (int i = table->count - 1; i >= 0 && !TransactionIdIsValid(sender); i--)
		sender = group_last_sender(&table->segments[i], PointerGetDatum(group), last_id);
	return sender;
}

/*
 * Lock a group, once nobody else is sending to it.
 */
int64
group_lock_for_send(const Queue *queue, StoreTable *table, const text *group,
					int *waits)
{
	LOCKTAG		tag;
	int64		last_id = 0;

	group_lock_tag(queue, group, &tag);
	for (;;)
	{
		TransactionId sender;

		(void) LockAcquire(&tag, ExclusiveLock, false, false);
		sender = group_sender(table, group, &last_id);
		if (!TransactionIdIsValid(sender))
			return last_id;
		LockRelease(&tag, ExclusiveLock, false);
		(*waits)++;
		XactLockTableWait(sender, NULL, NULL, XLTW_None);
	}
}

/*
 * Lock a group if nobody else is sending to it.
 */
bool
group_try_lock_for_send(const Queue *queue, StoreTable *table, const text *group,
						int64 *last_id, TransactionId *sender)
{
	LOCKTAG		tag;

	*sender = InvalidTransactionId;
	group_lock_tag(queue, group, &tag);
	if (LockAcquire(&tag, ExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
		return false;
	*sender = group_sender(table, group, last_id);
	if (!TransactionIdIsValid(*sender))
		return true;
	LockRelease(&tag, ExclusiveLock, false);
	return false;
}

/*
 * Let others send to a group.
 */
void
group_unlock(const Queue *queue, const text *group)
{
	LOCKTAG		tag;

	group_lock_tag(queue, group, &tag);
	LockRelease(&tag, ExclusiveLock, false);
}

/*
 * Where a group's lowest id is remembered; NULL if there is no memory for it.
 */
static GroupLowest *
group_slot(QueueShared *qs, GroupHash group, bool make)
{
	GroupLowest *slots;

	if (!qs->groups_known && !make)
		return NULL;
	if (!DsaPointerIsValid(qs->groups))
		qs->groups = shared_allocate(qs, LOWEST_SLOTS * sizeof(GroupLowest));
	if (!DsaPointerIsValid(qs->groups))
		return NULL;
	slots = dsa_get_address(shared_area(), qs->groups);
	if (!qs->groups_known)
		memset(slots, 0, LOWEST_SLOTS * sizeof(GroupLowest));
	qs->groups_known = true;
	return &slots[group % LOWEST_SLOTS];
}

/*
 * No row of the group has a smaller id.
 */
int64
group_lowest(QueueShared *qs, GroupHash group)
{
	GroupLowest *slot = group_slot(qs, group, false);

	return slot != NULL && slot->group == group ? slot->lo : 0;
}

void
group_set_lowest(QueueShared *qs, GroupHash group, int64 lo)
{
	GroupLowest *slot = group_slot(qs, group, true);

	if (slot != NULL && (slot->group != group || slot->lo < lo))
	{
		slot->group = group;
		slot->lo = lo;
	}
}

/*
 * Forget all of that.
 */
void
group_forget(QueueShared *qs)
{
	if (DsaPointerIsValid(qs->groups))
		shared_free(qs, qs->groups, LOWEST_SLOTS * sizeof(GroupLowest));
	qs->groups = InvalidDsaPointer;
	qs->groups_known = false;
}
