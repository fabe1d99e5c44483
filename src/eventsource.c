/*-------------------------------------------------------------------------
 *
 * eventsource.c
 *		Event source mappings: rows of queue.event_source_mappings.
 *
 * The rows are read and changed as those of queue.queues are (catalog.c), and
 * changes are serialized by one lock, held until the transaction ends.
 *
 * A mapping acts as a role, and must never act as another one.  So its role is
 * held while it has mappings (rolehold.c), and a mapping whose role is not held
 * is void.  That also keeps a restored mapping from acting before the restore is
 * done, since privileges come last in a dump.
 *
 * It calls a function by its number, so that a function which somebody creates
 * under the name of one that was dropped is not called; and since numbers come
 * again, only as long as it has the name that it had.  The queue is known by its
 * number, too: one that was deleted and created anew is another.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "compat.h"
#include "eventsource.h"
#include "rolehold.h"
#include "tablerows.h"

#define COLUMN(name) (Anum_event_source_mappings_##name - 1)

#define TABLE "event_source_mappings"

static const RoleColumn role_column = {TABLE, "run_as", Anum_event_source_mappings_run_as};

/*
 * Make an EventSource of a row.
 */
static void
source_from_row(TupleDesc desc, HeapTuple row, void *entry)
{
	EventSource *source = entry;
	Datum		values[Natts_event_source_mappings];
	bool		nulls[Natts_event_source_mappings];

	if (desc->natts != Natts_event_source_mappings)
		elog(ERROR, "unexpected number of columns in \"queue.%s\": %d", TABLE, desc->natts);
	heap_deform_tuple(row, desc, values, nulls);
	memset(source, 0, sizeof(EventSource));
	source->mapping_id = *DatumGetUUIDP(values[COLUMN(mapping_id)]);
	source->queue_id = DatumGetInt64(values[COLUMN(queue_id)]);
	text_to_cstring_buffer(DatumGetTextPP(values[COLUMN(account_id)]),
						   source->account_id, sizeof(source->account_id));
	text_to_cstring_buffer(DatumGetTextPP(values[COLUMN(queue_name)]),
						   source->queue_name, sizeof(source->queue_name));
	source->function = DatumGetObjectId(values[COLUMN(function)]);
	source->function_name = TextDatumGetCString(values[COLUMN(function_name)]);
	source->run_as = DatumGetObjectId(values[COLUMN(run_as)]);
	source->enabled = DatumGetBool(values[COLUMN(enabled)]);
	source->is_void = !rolehold_is_held(&role_column, source->run_as);
	source->batch_size = DatumGetInt32(values[COLUMN(batch_size)]);
	source->batching_window_seconds = DatumGetInt32(values[COLUMN(batching_window_seconds)]);
	source->max_concurrency = DatumGetInt32(values[COLUMN(max_concurrency)]);
	source->report_batch_item_failures =
		DatumGetBool(values[COLUMN(report_batch_item_failures)]);
	if (!nulls[COLUMN(filter)])
		source->filter = DatumGetJsonPathPCopy(values[COLUMN(filter)]);
	source->created_at = DatumGetTimestampTz(values[COLUMN(created_at)]);
	source->modified_at = DatumGetTimestampTz(values[COLUMN(modified_at)]);
}

/*
 * Make a row of an EventSource.
 */
static HeapTuple
source_to_row(TupleDesc desc, const EventSource *source)
{
	Datum		values[Natts_event_source_mappings];
	bool		nulls[Natts_event_source_mappings] = {0};

	values[COLUMN(mapping_id)] = UUIDPGetDatum(&source->mapping_id);
	values[COLUMN(queue_id)] = Int64GetDatum(source->queue_id);
	values[COLUMN(account_id)] = CStringGetTextDatum(source->account_id);
	values[COLUMN(queue_name)] = CStringGetTextDatum(source->queue_name);
	values[COLUMN(function)] = ObjectIdGetDatum(source->function);
	values[COLUMN(function_name)] = CStringGetTextDatum(source->function_name);
	values[COLUMN(run_as)] = ObjectIdGetDatum(source->run_as);
	values[COLUMN(enabled)] = BoolGetDatum(source->enabled);
	values[COLUMN(batch_size)] = Int32GetDatum(source->batch_size);
	values[COLUMN(batching_window_seconds)] = Int32GetDatum(source->batching_window_seconds);
	values[COLUMN(max_concurrency)] = Int32GetDatum(source->max_concurrency);
	values[COLUMN(report_batch_item_failures)] =
		BoolGetDatum(source->report_batch_item_failures);
	values[COLUMN(filter)] = PointerGetDatum(source->filter);
	nulls[COLUMN(filter)] = source->filter == NULL;
	values[COLUMN(created_at)] = TimestampTzGetDatum(source->created_at);
	values[COLUMN(modified_at)] = TimestampTzGetDatum(source->modified_at);
	return heap_form_tuple(desc, values, nulls);
}

/*
 * The row of a mapping, as a copy, or NULL.
 */
static HeapTuple
source_fetch(Relation rel, const pg_uuid_t *mapping_id)
{
	ScanKeyData key;

	ScanKeyInit(&key, Anum_event_source_mappings_mapping_id, BTEqualStrategyNumber,
				F_UUID_EQ, UUIDPGetDatum(mapping_id));
	return catalog_scan_one(rel, catalog_relation(TABLE "_pkey"), &key, 1);
}

static int
source_compare(const void *a, const void *b)
{
	const EventSource *x = a;
	const EventSource *y = b;

	if (x->created_at != y->created_at)
		return x->created_at < y->created_at ? -1 : 1;
	return memcmp(&x->mapping_id, &y->mapping_id, sizeof(pg_uuid_t));
}

static const TableRows mapping_rows = {
	TABLE, sizeof(EventSource), source_from_row, source_compare
};

/*
 * All mappings, the oldest first.
 */
EventSource *
eventsource_list(int *count)
{
	return tablerows_list(&mapping_rows, false, NULL, 0, count);
}

/*
 * One mapping.
 */
bool
eventsource_find(const pg_uuid_t *mapping_id, EventSource *source)
{
	Relation	rel = table_open(catalog_relation(TABLE), AccessShareLock);
	HeapTuple	row = source_fetch(rel, mapping_id);

	if (row != NULL)
		source_from_row(RelationGetDescr(rel), row, source);
	table_close(rel, AccessShareLock);
	return row != NULL;
}

/*
 * The lock that changes of mappings need.
 */
void
eventsource_lock(void)
{
	LockDatabaseObject(RelationRelationId, catalog_relation(TABLE),
					   Anum_event_source_mappings_mapping_id, ExclusiveLock);
	AcceptInvalidationMessages();
}

/*
 * Note that mappings have changed, after which our own cache sees it, too.
 */
static void
sources_changed(void)
{
	CacheInvalidateRelcacheByRelid(catalog_relation(TABLE));
	CommandCounterIncrement();
}

/*
 * Delete a mapping's row.
 */
static void
source_remove(const EventSource *source)
{
	Relation	rel = table_open(catalog_relation(TABLE), RowExclusiveLock);
	HeapTuple	row = source_fetch(rel, &source->mapping_id);

	if (row != NULL)
		CatalogTupleDelete(rel, &row->t_self);
	table_close(rel, NoLock);
	sources_changed();
}

/*
 * Add a mapping, and hold its role.
 */
void
eventsource_insert(const EventSource *source)
{
	Relation	rel;

	if (!rolehold_is_held(&role_column, source->run_as))
	{
		int			count;
		EventSource *sources = eventsource_list(&count);

		for (int i = 0; i < count; i++)
			if (sources[i].run_as == source->run_as)
				source_remove(&sources[i]);
		rolehold_set(&role_column, source->run_as, true);
	}
	rel = table_open(catalog_relation(TABLE), RowExclusiveLock);
	CatalogTupleInsert(rel, source_to_row(RelationGetDescr(rel), source));
	table_close(rel, NoLock);
	sources_changed();
}

/*
 * Change a mapping that was found under the lock.
 */
void
eventsource_update(const EventSource *source)
{
	Relation	rel = table_open(catalog_relation(TABLE), RowExclusiveLock);
	HeapTuple	row = source_fetch(rel, &source->mapping_id);
	HeapTuple	changed = source_to_row(RelationGetDescr(rel), source);

	if (row == NULL)
		elog(ERROR, "event source mapping vanished");
	CatalogTupleUpdate(rel, &row->t_self, changed);
	table_close(rel, NoLock);
	sources_changed();
}

/*
 * Delete a mapping; with its last one, the role is let go.
 */
void
eventsource_delete(const EventSource *source)
{
	int			count;
	EventSource *sources;

	source_remove(source);
	sources = eventsource_list(&count);
	for (int i = 0; i < count; i++)
		if (sources[i].run_as == source->run_as)
			return;
	if (SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(source->run_as)) &&
		rolehold_is_held(&role_column, source->run_as))
		rolehold_set(&role_column, source->run_as, false);
}

/*
 * Whether a type is our sqs_message, wherever the extension has put it.  That is
 * a look at dependencies, so the type that was seen last is remembered.
 */
bool
eventsource_is_message(Oid type)
{
	static Oid	known = InvalidOid;
	HeapTuple	tuple;
	bool		named;

	if (type == known && OidIsValid(type))
		return true;
	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	if (!HeapTupleIsValid(tuple))
		return false;
	named = strcmp(NameStr(((Form_pg_type) GETSTRUCT(tuple))->typname), "sqs_message") == 0;
	ReleaseSysCache(tuple);
	if (!named || !OidIsValid(getExtensionOfObject(TypeRelationId, type)) ||
		getExtensionOfObject(TypeRelationId, type) != get_extension_oid(QUEUE_EXTENSION, false))
		return false;
	known = type;
	return true;
}

/*
 * The columns of sqs_message, by the argument of a function that takes arrays of
 * it.
 */
TupleDesc
eventsource_message_desc(Oid function)
{
	Oid		   *types;
	int			count;

	(void) get_func_signature(function, &types, &count);
	if (count != 1)
		elog(ERROR, "unexpected number of arguments: %d", count);
	return lookup_rowtype_tupdesc(get_element_type(types[0]), -1);
}

/*
 * The name of a function, with its schema.
 */
char *
eventsource_function_name(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc proc;
	char	   *namespace;
	char	   *name = NULL;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	proc = (Form_pg_proc) GETSTRUCT(tuple);
	namespace = get_namespace_name(proc->pronamespace);
	if (namespace != NULL)
		name = quote_qualified_identifier(namespace, NameStr(proc->proname));
	ReleaseSysCache(tuple);
	return name;
}
