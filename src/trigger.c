/*-------------------------------------------------------------------------
 *
 * trigger.c
 *		sqs_enqueue(): send the rows that a statement changes to a queue.
 *
 *		CREATE TRIGGER t AFTER INSERT OR UPDATE OR DELETE ON orders
 *		FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('orders-queue');
 *
 * The first argument names the queue.  The second, if given, lists the columns
 * to take, by the rules of SQL identifiers; '*' or an empty string takes all.
 * The third names a column whose value becomes the message group id; where it
 * is NULL the message has none.  The value is that of the new row, or of the
 * old one if there is no new row.
 *
 * A message's body is a JSON document:
 *
 *		{"operation": "INSERT", "UPDATE" or "DELETE",
 *		 "schema": ..., "table": ..., "new": {...}, "old": {...},
 *		 "at": the time of the call, in UTC}
 *
 * "new" and "old" are rows as row_to_json() writes them, or null where the
 * operation has no such row.  The table is the one that the trigger is fired
 * for: a partition, if it is a row-level trigger of a partitioned table.
 *
 * FOR EACH STATEMENT sends one message for each row of the transition tables,
 * in their order.  If an UPDATE has both tables, a message has the rows that
 * stand at the same place in each, which are two versions of one row: the
 * executor adds to both at once.  It fails to do so only if a row moves to
 * another partition and a BEFORE trigger there drops it; then the tables
 * differ in length, and that is an error, for nothing tells which row is
 * missing.  If an UPDATE has one of the tables, the other row is null.  The
 * rows are sent in batches, so that a statement may change any number.
 *
 * The trigger acts as the role that changes the row, and that role needs the
 * right to send to the queue: SQL gives a trigger no rights of its own.  Or the
 * queue's policy allows the table to send, whoever changes it.  The messages are
 * sent in the transaction that changes the rows: both happen, or neither.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "parser/parse_relation.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"
#include "utils/varlena.h"

#include "authorize.h"
#include "catalog.h"
#include "enqueue.h"
#include "identity.h"
#include "payload.h"
#include "queue.h"

/* A batch ends at either; what it holds in memory is little more than this */
#define BATCH_ROWS 1000
#define BATCH_BYTES (4 * 1024 * 1024)

/* One call of the trigger function */
typedef struct TriggerCall
{
	TriggerData *trigdata;
	Relation	relation;
	const char *operation;
	const char *head;			/* of a document, up to the new row */
	const char *tail;			/* of a document, after the old row */
	Queue		queue;
	int			column_count;
	AttrNumber *columns;		/* to take; NULL for the whole row */
	TupleDesc	record;			/* of a row of these columns */
	AttrNumber	group_column;	/* InvalidAttrNumber if there is none */
	FmgrInfo	group_output;	/* output function of its type */
} TriggerCall;

QUEUE_FUNCTION(sqs_enqueue);

/*
 * Say in any error which change could not be sent.
 */
static void
trigger_error_context(void *arg)
{
	TriggerCall *call = arg;

	errcontext("sending %s on table \"%s\" by trigger \"%s\"",
			   call->operation, RelationGetRelationName(call->relation),
			   call->trigdata->tg_trigger->tgname);
}

static void
refuse_call(const char *requirement)
{
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("function \"sqs_enqueue\" must be fired %s", requirement),
			 errhint("Use CREATE TRIGGER ... AFTER INSERT OR UPDATE OR DELETE ... EXECUTE FUNCTION sqs_enqueue('queue').")));
}

/*
 * The name of the operation, after making sure that the function was called
 * the way it must be.
 */
static const char *
trigger_operation(FunctionCallInfo fcinfo)
{
	TriggerData *trigdata = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"sqs_enqueue\" was not called by trigger manager"),
				 errhint("Name it in CREATE TRIGGER ... EXECUTE FUNCTION.")));
	if (!TRIGGER_FIRED_AFTER(trigdata->tg_event))
		refuse_call("AFTER");
	if (TRIGGER_FIRED_BY_INSERT(trigdata->tg_event))
		return "INSERT";
	if (TRIGGER_FIRED_BY_UPDATE(trigdata->tg_event))
		return "UPDATE";
	if (TRIGGER_FIRED_BY_DELETE(trigdata->tg_event))
		return "DELETE";
	refuse_call("for INSERT, UPDATE or DELETE");
	return NULL;				/* keep compiler quiet */
}

/*
 * Whether a column's value is there when a trigger fires.  18 brought columns
 * that are computed when they are read, and only then.
 */
static bool
column_has_value(Form_pg_attribute attribute)
{
#if PG_VERSION_NUM >= 180000
	if (attribute->attgenerated == ATTRIBUTE_GENERATED_VIRTUAL)
		return false;
#endif
	return !attribute->attisdropped;
}

/*
 * The number of a column that an argument names.
 */
static AttrNumber
find_column(Relation relation, const char *name)
{
	AttrNumber	column = attnameAttNum(relation, name, false);

	if (column == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of relation \"%s\" does not exist",
						name, RelationGetRelationName(relation)),
				 errhint("The names in an argument of sqs_enqueue() follow the rules of SQL: those with capitals need double quotes.")));
	if (!column_has_value(TupleDescAttr(RelationGetDescr(relation), column - 1)))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("column \"%s\" of relation \"%s\" is a virtual generated column",
						name, RelationGetRelationName(relation)),
				 errdetail("Virtual generated columns are not computed when a trigger fires."),
				 errhint("Take the columns it is computed from, or make it a stored one.")));
	return column;
}

/*
 * The names in an argument.
 */
static List *
split_names(const char *argument)
{
	List	   *names;

	if (!SplitIdentifierString(pstrdup(argument), ',', &names))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid list of columns: \"%s\"", argument),
				 errhint("Separate the names by commas; those with capitals need double quotes.")));
	return names;
}

/*
 * Find out which columns to take: those that the argument lists, in its order,
 * or all that have a value.
 */
static void
choose_columns(TriggerCall *call, const char *argument)
{
	TupleDesc	descriptor = RelationGetDescr(call->relation);
	List	   *names = NIL;
	ListCell   *cell;
	bool		whole = true;

	if (strcmp(argument, "*") != 0)
		names = split_names(argument);

	call->columns = palloc(sizeof(AttrNumber) * Max(descriptor->natts, list_length(names)));
	foreach(cell, names)
	{
		const char *name = lfirst(cell);
		AttrNumber	column = find_column(call->relation, name);

		for (int i = 0; i < call->column_count; i++)
		{
			if (call->columns[i] == column)
				ereport(ERROR,
						(errcode(ERRCODE_DUPLICATE_COLUMN),
						 errmsg("column \"%s\" specified more than once", name),
						 errhint("Name each column once.")));
		}
		call->columns[call->column_count++] = column;
		whole = false;
	}

	for (int i = 0; names == NIL && i < descriptor->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

		if (column_has_value(attribute))
			call->columns[call->column_count++] = attribute->attnum;
		else if (!attribute->attisdropped)
			whole = false;
	}

	if (whole)
	{
		/* What row_to_json() makes of the row as it is, and cheaper. */
		call->columns = NULL;
		return;
	}
	call->record = CreateTemplateTupleDesc(call->column_count);
	for (int i = 0; i < call->column_count; i++)
		TupleDescCopyEntry(call->record, i + 1, descriptor, call->columns[i]);
	BlessTupleDesc(call->record);
}

/*
 * Find the column that gives the message group id.
 */
static void
choose_group_column(TriggerCall *call, const char *argument)
{
	List	   *names = split_names(argument);
	Oid			output;
	bool		is_varlena;

	if (list_length(names) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("message group id must come from one column, not from \"%s\"",
						argument),
				 errhint("The third argument of sqs_enqueue() is the name of a column.")));
	call->group_column = find_column(call->relation, linitial(names));
	getTypeOutputInfo(TupleDescAttr(RelationGetDescr(call->relation),
									call->group_column - 1)->atttypid,
					  &output, &is_varlena);
	fmgr_info(output, &call->group_output);
}

/*
 * Write what all documents of a call have in common.
 */
static void
write_frame(TriggerCall *call)
{
	StringInfoData head;
	char		at[MAXDATELEN + 1];
	int			utc = 0;

	initStringInfo(&head);
	appendStringInfo(&head, "{\"operation\":\"%s\",\"schema\":", call->operation);
	escape_json(&head, get_namespace_name(RelationGetNamespace(call->relation)));
	appendStringInfoString(&head, ",\"table\":");
	escape_json(&head, RelationGetRelationName(call->relation));
	appendStringInfoString(&head, ",\"new\":");
	call->head = head.data;

	JsonEncodeDateTime(at, TimestampTzGetDatum(GetCurrentTimestamp()),
					   TIMESTAMPTZOID, &utc);
	call->tail = psprintf(",\"at\":\"%s\"}", at);
}

/*
 * Append a row as JSON, or null.
 */
static void
append_row(TriggerCall *call, StringInfo document, TupleTableSlot *slot)
{
	Datum		row;
	text	   *json;

	if (slot == NULL)
	{
		appendStringInfoString(document, "null");
		return;
	}

	if (call->columns == NULL)
		row = ExecFetchSlotHeapTupleDatum(slot);
	else
	{
		Datum	   *values = palloc(sizeof(Datum) * call->column_count);
		bool	   *nulls = palloc(sizeof(bool) * call->column_count);

		for (int i = 0; i < call->column_count; i++)
			values[i] = slot_getattr(slot, call->columns[i], &nulls[i]);
		row = HeapTupleGetDatum(heap_form_tuple(call->record, values, nulls));
	}
	json = DatumGetTextPP(DirectFunctionCall1(row_to_json, row));
	appendBinaryStringInfo(document, VARDATA_ANY(json), VARSIZE_ANY_EXHDR(json));
}

/*
 * A deduplication id that no other message has.
 */
static text *
random_id(void)
{
	Datum		uuid = DirectFunctionCall1(gen_random_uuid, (Datum) 0);

	return cstring_to_text(DatumGetCString(DirectFunctionCall1(uuid_out, uuid)));
}

/*
 * Make a checked message of a changed row; a row that is not there is NULL.
 */
static void
make_message(TriggerCall *call, TupleTableSlot *new, TupleTableSlot *old,
			 Payload *payload)
{
	TupleTableSlot *current = new != NULL ? new : old;
	StringInfoData document;
	text	   *group_id = NULL;

	if (current == NULL)
		elog(ERROR, "trigger was fired without a row");

	/* The document becomes a text in place: leave room for its header. */
	initStringInfo(&document);
	appendStringInfoSpaces(&document, VARHDRSZ);
	appendStringInfoString(&document, call->head);
	append_row(call, &document, new);
	appendStringInfoString(&document, ",\"old\":");
	append_row(call, &document, old);
	appendStringInfoString(&document, call->tail);
	SET_VARSIZE(document.data, document.len);

	if (call->group_column != InvalidAttrNumber)
	{
		bool		is_null;
		Datum		value = slot_getattr(current, call->group_column, &is_null);

		if (!is_null)
			group_id = cstring_to_text(OutputFunctionCall(&call->group_output, value));
	}

	payload_check((text *) document.data, NULL, group_id, NULL,
				  call->queue.maximum_message_size, payload);

	/* each change is a message of its own, though another may look the same */
	identity_check_fifo(call->queue.fifo, false, false,
						call->queue.fifo ? random_id() : NULL, payload);
}

/*
 * Send one changed row.
 */
static void
enqueue_row(TriggerCall *call)
{
	TriggerData *trigdata = call->trigdata;
	TupleTableSlot *new = trigdata->tg_trigslot;
	TupleTableSlot *old = NULL;
	Payload		payload;

	if (TRIGGER_FIRED_BY_UPDATE(trigdata->tg_event))
	{
		new = trigdata->tg_newslot;
		old = trigdata->tg_trigslot;
	}
	else if (TRIGGER_FIRED_BY_DELETE(trigdata->tg_event))
	{
		new = NULL;
		old = trigdata->tg_trigslot;
	}
	make_message(call, new, old, &payload);
	enqueue_messages(&call->queue, &payload, 1, -1, NULL);
}

/*
 * Begin to read a transition table, which other triggers may read too, with a
 * read pointer of our own.  Returns a slot for its rows; NULL if there is no
 * such table.
 */
static TupleTableSlot *
begin_table(TriggerCall *call, Tuplestorestate *table, int *pointer)
{
	if (table == NULL)
		return NULL;
	*pointer = tuplestore_alloc_read_pointer(table, EXEC_FLAG_REWIND);
	tuplestore_select_read_pointer(table, *pointer);
	tuplestore_rescan(table);
	return MakeSingleTupleTableSlot(RelationGetDescr(call->relation),
									&TTSOpsMinimalTuple);
}

/*
 * Read the next row of a transition table; false at its end, or if there is no
 * such table.
 */
static bool
next_row(Tuplestorestate *table, int pointer, TupleTableSlot *slot)
{
	if (table == NULL)
		return false;
	tuplestore_select_read_pointer(table, pointer);
	return tuplestore_gettupleslot(table, true, false, slot);
}

/*
 * Send all rows that a statement changed, in batches.
 */
static void
enqueue_statement(TriggerCall *call)
{
	Tuplestorestate *new_table = call->trigdata->tg_newtable;
	Tuplestorestate *old_table = call->trigdata->tg_oldtable;
	int			new_pointer = 0;
	int			old_pointer = 0;
	TupleTableSlot *new;
	TupleTableSlot *old;
	Payload    *payloads = palloc(sizeof(Payload) * BATCH_ROWS);
	int			count = 0;
	int64		bytes = 0;
	bool		more = true;
	MemoryContext batch_context;
	MemoryContext caller_context;

	if (new_table == NULL && old_table == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger \"%s\" has no transition table",
						call->trigdata->tg_trigger->tgname),
				 errhint("FOR EACH STATEMENT needs REFERENCING NEW TABLE AS ... or OLD TABLE AS ...; FOR EACH ROW needs neither.")));
	if (new_table != NULL && old_table != NULL &&
		tuplestore_tuple_count(new_table) != tuplestore_tuple_count(old_table))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("transition tables of trigger \"%s\" differ in length",
						call->trigdata->tg_trigger->tgname),
				 errdetail("A row was dropped on its way to another partition."),
				 errhint("Use FOR EACH ROW, or one of the two transition tables.")));

	new = begin_table(call, new_table, &new_pointer);
	old = begin_table(call, old_table, &old_pointer);
	batch_context = AllocSetContextCreate(CurrentMemoryContext,
										  "sqs_enqueue batch",
										  ALLOCSET_DEFAULT_SIZES);
	caller_context = MemoryContextSwitchTo(batch_context);
	while (more)
	{
		bool		has_new = next_row(new_table, new_pointer, new);
		bool		has_old = next_row(old_table, old_pointer, old);

		CHECK_FOR_INTERRUPTS();
		more = has_new || has_old;
		if (more)
		{
			make_message(call, new, old, &payloads[count]);
			bytes += payloads[count].size;
			count++;
		}
		if (count > 0 && (!more || count == BATCH_ROWS || bytes >= BATCH_BYTES))
		{
			enqueue_messages(&call->queue, payloads, count, -1, NULL);

			/* A row that was read back from disk lies in the context too. */
			if (new != NULL)
				ExecClearTuple(new);
			if (old != NULL)
				ExecClearTuple(old);
			MemoryContextReset(batch_context);
			count = 0;
			bytes = 0;
		}
	}
	MemoryContextSwitchTo(caller_context);
	MemoryContextDelete(batch_context);
	if (new != NULL)
		ExecDropSingleTupleTableSlot(new);
	if (old != NULL)
		ExecDropSingleTupleTableSlot(old);
}

/*
 * Trigger function: send the changed row, or all that the statement changed.
 */
Datum
sqs_enqueue(PG_FUNCTION_ARGS)
{
	TriggerCall call = {0};
	Trigger    *trigger;
	ErrorContextCallback callback;

	call.operation = trigger_operation(fcinfo);
	call.trigdata = (TriggerData *) fcinfo->context;
	call.relation = call.trigdata->tg_relation;
	trigger = call.trigdata->tg_trigger;

	callback.callback = trigger_error_context;
	callback.arg = &call;
	callback.previous = error_context_stack;
	error_context_stack = &callback;

	if (trigger->tgnargs < 1 || trigger->tgnargs > 3)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("function \"sqs_enqueue\" takes one to three arguments, not %d",
						trigger->tgnargs),
				 errhint("They are the queue, the columns to take, and the column that gives the message group id.")));
	catalog_lookup(cstring_to_text(trigger->tgargs[0]), &call.queue);
	authorize_event(&call.queue, call.relation);
	choose_columns(&call, trigger->tgnargs > 1 ? trigger->tgargs[1] : "*");
	if (trigger->tgnargs > 2)
		choose_group_column(&call, trigger->tgargs[2]);
	write_frame(&call);

	if (TRIGGER_FIRED_FOR_ROW(call.trigdata->tg_event))
		enqueue_row(&call);
	else
		enqueue_statement(&call);

	error_context_stack = callback.previous;
	return PointerGetDatum(NULL);
}
