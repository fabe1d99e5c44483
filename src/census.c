/*-------------------------------------------------------------------------
 *
 * census.c
 *		A queue's tables as a whole: how far the ids go, each row, pages.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/tableam.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/snapmgr.h"

#include "census.h"
#include "compat.h"
#include "storetable.h"

/*
 * The greatest id in the index, dead rows included as far as they are still
 * there; 0 if there is none.
 */
int64
census_max_id(const Queue *queue)
{
	StoreTable *table = store_open(queue, false);
	int64		max = 0;

	for (int i = 0; i < table->count; i++)
	{
		StoreSegment *segment = &table->segments[i];
		TupleTableSlot *slot = table_slot_create(segment->heap, NULL);
		IndexScanDesc scan;
		StoreRow	row;

		/* rows of any state count, also those that nobody can see */
		scan = compat_index_beginscan(segment->heap, segment->index, SnapshotAny, 0);
		index_rescan(scan, NULL, 0, NULL, 0);
		if (index_getnext_slot(scan, BackwardScanDirection, slot))
		{
			store_read(ExecFetchSlotHeapTuple(slot, false, NULL), &row);
			max = Max(max, row.id);
		}
		index_endscan(scan);
		ExecDropSingleTupleTableSlot(slot);
	}
	store_close(table);
	return max;
}

/*
 * Call a function with the fixed columns of each row that a snapshot sees.
 */
void
census_each(StoreTable *table, Snapshot snapshot,
			void (*row) (const StoreRow *row, void *arg), void *arg)
{
	for (int i = 0; i < table->count; i++)
	{
		Relation	heap = table->segments[i].heap;
		TupleTableSlot *slot = table_slot_create(heap, NULL);
		TableScanDesc scan = table_beginscan(heap, snapshot, 0, NULL);
		StoreRow	columns;

		while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
		{
			CHECK_FOR_INTERRUPTS();
			store_read(ExecFetchSlotHeapTuple(slot, false, NULL), &columns);
			row(&columns, arg);
		}
		table_endscan(scan);
		ExecDropSingleTupleTableSlot(slot);
	}
}

/*
 * Pages of the open tables themselves.
 */
BlockNumber
census_blocks(const StoreTable *table)
{
	BlockNumber blocks = 0;

	for (int i = 0; i < table->count; i++)
		blocks += RelationGetNumberOfBlocks(table->segments[i].heap);
	return blocks;
}
