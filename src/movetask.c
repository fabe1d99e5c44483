/*-------------------------------------------------------------------------
 *
 * movetask.c
 *		Tasks that move messages out of a dead-letter queue: rows of
 *		queue.message_move_tasks.
 *
 * The rows are read and changed as those of queue.queues are (catalog.c), under
 * the lock on the name of the queue that messages are moved from.  So a task
 * that is cancelled moves nothing after that, and the worker, which asks for the
 * lock without waiting, never meets a row that another session is changing.
 *
 * There are never many: ten for a queue, and none for one that was deleted.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

#include "movetask.h"
#include "tablerows.h"

#define COLUMN(name) (Anum_message_move_tasks_##name - 1)

/*
 * Make a MoveTask of a row.
 */
static void
movetask_from_row(TupleDesc desc, HeapTuple row, void *entry)
{
	MoveTask   *task = entry;
	Datum		values[Natts_message_move_tasks];
	bool		nulls[Natts_message_move_tasks];

	if (desc->natts != Natts_message_move_tasks)
		elog(ERROR, "unexpected number of columns in \"queue.message_move_tasks\": %d",
			 desc->natts);
	heap_deform_tuple(row, desc, values, nulls);
	memset(task, 0, sizeof(MoveTask));
	task->task_id = *DatumGetUUIDP(values[COLUMN(task_id)]);
	task->source_id = DatumGetInt64(values[COLUMN(source_id)]);
	text_to_cstring_buffer(DatumGetTextPP(values[COLUMN(account_id)]),
						   task->account_id, sizeof(task->account_id));
	if (!nulls[COLUMN(destination_id)])
		task->destination_id = DatumGetInt64(values[COLUMN(destination_id)]);
	if (!nulls[COLUMN(destination_name)])
		text_to_cstring_buffer(DatumGetTextPP(values[COLUMN(destination_name)]),
							   task->destination_name, sizeof(task->destination_name));
	if (!nulls[COLUMN(max_messages_per_second)])
		task->max_messages_per_second = DatumGetInt32(values[COLUMN(max_messages_per_second)]);
	task->started_by = DatumGetObjectId(values[COLUMN(started_by)]);
	task->started_at = DatumGetTimestampTz(values[COLUMN(started_at)]);
	text_to_cstring_buffer(DatumGetTextPP(values[COLUMN(status)]),
						   task->status, sizeof(task->status));
	if (!nulls[COLUMN(failure_reason)])
		text_to_cstring_buffer(DatumGetTextPP(values[COLUMN(failure_reason)]),
							   task->failure_reason, sizeof(task->failure_reason));
	task->to_move = DatumGetInt64(values[COLUMN(messages_to_move)]);
	task->moved = DatumGetInt64(values[COLUMN(messages_moved)]);
	task->next_id = DatumGetInt64(values[COLUMN(next_id)]);
	task->moved_in_pass = DatumGetInt64(values[COLUMN(moved_in_pass)]);
	task->next_at = DatumGetTimestampTz(values[COLUMN(next_at)]);
}

/*
 * Make a row of a MoveTask.
 */
static HeapTuple
movetask_to_row(TupleDesc desc, const MoveTask *task)
{
	Datum		values[Natts_message_move_tasks];
	bool		nulls[Natts_message_move_tasks] = {0};

	values[COLUMN(task_id)] = UUIDPGetDatum(&task->task_id);
	values[COLUMN(source_id)] = Int64GetDatum(task->source_id);
	values[COLUMN(account_id)] = CStringGetTextDatum(task->account_id);
	values[COLUMN(destination_id)] = Int64GetDatum(task->destination_id);
	nulls[COLUMN(destination_id)] = task->destination_id == 0;
	values[COLUMN(destination_name)] = CStringGetTextDatum(task->destination_name);
	nulls[COLUMN(destination_name)] = task->destination_id == 0;
	values[COLUMN(max_messages_per_second)] = Int32GetDatum(task->max_messages_per_second);
	nulls[COLUMN(max_messages_per_second)] = task->max_messages_per_second == 0;
	values[COLUMN(started_by)] = ObjectIdGetDatum(task->started_by);
	values[COLUMN(started_at)] = TimestampTzGetDatum(task->started_at);
	values[COLUMN(status)] = CStringGetTextDatum(task->status);
	values[COLUMN(failure_reason)] = CStringGetTextDatum(task->failure_reason);
	nulls[COLUMN(failure_reason)] = task->failure_reason[0] == '\0';
	values[COLUMN(messages_to_move)] = Int64GetDatum(task->to_move);
	values[COLUMN(messages_moved)] = Int64GetDatum(task->moved);
	values[COLUMN(next_id)] = Int64GetDatum(task->next_id);
	values[COLUMN(moved_in_pass)] = Int64GetDatum(task->moved_in_pass);
	values[COLUMN(next_at)] = TimestampTzGetDatum(task->next_at);
	return heap_form_tuple(desc, values, nulls);
}

/*
 * The row of a task, as a copy, or NULL.
 */
static HeapTuple
movetask_fetch(Relation rel, const pg_uuid_t *task_id)
{
	ScanKeyData key;

	ScanKeyInit(&key, Anum_message_move_tasks_task_id, BTEqualStrategyNumber, F_UUID_EQ,
				UUIDPGetDatum(task_id));
	return catalog_scan_one(rel, catalog_relation("message_move_tasks_pkey"), &key, 1);
}

static int
movetask_compare(const void *a, const void *b)
{
	const MoveTask *x = a;
	const MoveTask *y = b;

	if (x->started_at != y->started_at)
		return x->started_at > y->started_at ? -1 : 1;
	return memcmp(&x->task_id, &y->task_id, sizeof(pg_uuid_t));
}

static const TableRows task_rows = {
	"message_move_tasks", sizeof(MoveTask), movetask_from_row, movetask_compare
};

/*
 * The tasks of a queue, or all, the latest first.
 */
MoveTask *
movetask_list(int64 source_id, int *count)
{
	ScanKeyData key;

	ScanKeyInit(&key, Anum_message_move_tasks_source_id, BTEqualStrategyNumber, F_INT8EQ,
				Int64GetDatum(source_id));
	return tablerows_list(&task_rows, false, &key, source_id == 0 ? 0 : 1, count);
}

/*
 * One task.
 */
bool
movetask_find(const pg_uuid_t *task_id, MoveTask *task)
{
	Relation	rel = table_open(catalog_relation("message_move_tasks"), AccessShareLock);
	HeapTuple	row = movetask_fetch(rel, task_id);

	if (row != NULL)
		movetask_from_row(RelationGetDescr(rel), row, task);
	table_close(rel, AccessShareLock);
	return row != NULL;
}

/*
 * Delete the row of a task.
 */
static void
movetask_delete(Relation rel, const pg_uuid_t *task_id)
{
	HeapTuple	row = movetask_fetch(rel, task_id);

	if (row != NULL)
		CatalogTupleDelete(rel, &row->t_self);
	CommandCounterIncrement();
}

/*
 * Delete the tasks of a queue, but so many of the latest.
 */
static void
movetask_keep(Relation rel, int64 source_id, int kept)
{
	int			count;
	MoveTask   *tasks = movetask_list(source_id, &count);

	for (int i = kept; i < count; i++)
		movetask_delete(rel, &tasks[i].task_id);
	pfree(tasks);
}

/*
 * Add a task, in the place of an old one if there are as many as are kept.
 */
void
movetask_insert(const MoveTask *task)
{
	Relation	rel = table_open(catalog_relation("message_move_tasks"), RowExclusiveLock);

	movetask_keep(rel, task->source_id, MOVE_TASKS_KEPT - 1);
	CatalogTupleInsert(rel, movetask_to_row(RelationGetDescr(rel), task));
	table_close(rel, NoLock);
	CommandCounterIncrement();
}

/*
 * Change a task.
 */
void
movetask_update(const MoveTask *task)
{
	Relation	rel = table_open(catalog_relation("message_move_tasks"), RowExclusiveLock);
	HeapTuple	row = movetask_fetch(rel, &task->task_id);

	if (row == NULL)
		elog(ERROR, "a message move task vanished");
	CatalogTupleUpdate(rel, &row->t_self, movetask_to_row(RelationGetDescr(rel), task));
	table_close(rel, NoLock);
	CommandCounterIncrement();
}

/*
 * Delete all tasks of a queue.
 */
void
movetask_clear(int64 source_id)
{
	Relation	rel = table_open(catalog_relation("message_move_tasks"), RowExclusiveLock);

	movetask_keep(rel, source_id, 0);
	table_close(rel, NoLock);
}
