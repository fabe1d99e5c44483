/*-------------------------------------------------------------------------
 *
 * deleted.c
 *		Deleted queues: rows of queue.deleted_queues.
 *
 * A row keeps a name from being used again at once, and tells the worker whose
 * tables it has to drop.  The worker removes it when both are done.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

#include "deleted.h"

/*
 * Remember a queue that is being deleted.
 */
void
deleted_add(const Queue *queue, TimestampTz now)
{
	Datum		values[Natts_deleted_queues];
	bool		nulls[Natts_deleted_queues] = {0};
	Relation	rel = table_open(catalog_relation("deleted_queues"), RowExclusiveLock);

	values[Anum_deleted_queues_queue_id - 1] = Int64GetDatum(queue->queue_id);
	values[Anum_deleted_queues_account_id - 1] = CStringGetTextDatum(queue->account_id);
	values[Anum_deleted_queues_queue_name - 1] = CStringGetTextDatum(queue->queue_name);
	values[Anum_deleted_queues_deleted_at - 1] = TimestampTzGetDatum(now);
	CatalogTupleInsert(rel, heap_form_tuple(RelationGetDescr(rel), values, nulls));
	table_close(rel, NoLock);
	CommandCounterIncrement();
}

/*
 * Whether a queue of this name was deleted after since.  The columns are of
 * collation "C", which ScanKeyInit() assumes.
 */
bool
deleted_since(const QueueName *name, TimestampTz since)
{
	Relation	rel = table_open(catalog_relation("deleted_queues"), AccessShareLock);
	ScanKeyData keys[3];
	SysScanDesc scan;
	bool		found;

	ScanKeyInit(&keys[0], Anum_deleted_queues_account_id, BTEqualStrategyNumber,
				F_TEXTEQ, CStringGetTextDatum(name->account_id));
	ScanKeyInit(&keys[1], Anum_deleted_queues_queue_name, BTEqualStrategyNumber,
				F_TEXTEQ, CStringGetTextDatum(name->queue_name));
	ScanKeyInit(&keys[2], Anum_deleted_queues_deleted_at, BTGreaterStrategyNumber,
				F_TIMESTAMPTZ_GT, TimestampTzGetDatum(since));

	/* There is no index for this; the worker keeps the table small */
	scan = systable_beginscan(rel, InvalidOid, false, catalog_snapshot(), 3, keys);
	found = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}
