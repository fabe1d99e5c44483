/*-------------------------------------------------------------------------
 *
 * storetable.h
 *		An open table of messages as store.c and group.c see it.
 *
 * There are two scans, one by id and one of a message group; both may be under
 * way at a time, but there is one current row: the one that was met last, by
 * either of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_STORETABLE_H
#define QUEUE_STORETABLE_H

#include "access/genam.h"
#include "executor/tuptable.h"
#include "nodes/execnodes.h"
#include "utils/rel.h"

#include "store.h"

/* A scan of one segment; made when first needed */
typedef struct StoreScan
{
	IndexScanDesc scan;
	TupleTableSlot *slot;		/* the row met last, its page pinned */
} StoreScan;

typedef struct StoreSegment
{
	Relation	heap;
	Relation	index;			/* its primary key */
	Relation	groups;			/* its index of groups; NULL: not a FIFO
								 * queue's */
	MemoryContext context;		/* of what follows */
	IndexInfo  *index_info;		/* made when first needed */
	IndexInfo  *groups_info;	/* likewise */
	StoreScan	by_id;
	StoreScan	by_group;
} StoreSegment;

/* What a scan of a group has met first in a segment */
typedef struct StoreCandidate
{
	bool		found;
	StoreRow	row;
	HeapTuple	tuple;
	bool		uncommitted;
	StoreResult result;
	FullTransactionId xid;
} StoreCandidate;

struct StoreTable
{
	int64		rotations;		/* of the queue as it was opened */
	bool		writing;
	int			count;
	StoreSegment segments[SEGMENTS_IN_USE_MAX]; /* oldest first */
	SnapshotData snapshot;		/* a dirty one */

	/* The scan by id */
	StoreSegment *current;		/* where it is; NULL: there is none */
	int64		lo;				/* bounds */
	int64		hi;
	int64		last_id;		/* of the row met last in this segment; 0:
								 * none */

	/* The scan of a group */
	Datum		group;
	int64		group_lo;		/* the next row has at least this id */
	bool		group_begun;	/* the one segment is being scanned */

	/* The current row */
	StoreSegment *at;
	StoreScan  *met_by;
	HeapTuple	tuple;
	bool		uncommitted;	/* another transaction inserted it, and runs */
	Buffer		lock_buffer;	/* pins the row just locked */
	HeapTupleData locked;
};

/* Begin a scan, or begin it anew, with keys */
extern void store_begin_scan(StoreTable *table, StoreSegment *segment, StoreScan *scan,
							 Relation index, ScanKey keys, int count);

/*
 * Make the next version of a row that the scan meets the current row, and read
 * its fixed columns; false at the end.
 */
extern bool store_fetch(StoreTable *table, StoreSegment *segment, StoreScan *scan,
						StoreRow *row);

/* Whether the current row was made by the command that is running */
extern bool store_is_new(const StoreTable *table);

/* Read the fixed columns of a row */
extern void store_read(HeapTuple tuple, StoreRow *row);

/* What is to be said of the row that was just fetched */
extern StoreResult store_judge(StoreTable *table, FullTransactionId *xid);

#endif							/* QUEUE_STORETABLE_H */
