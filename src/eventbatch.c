/*-------------------------------------------------------------------------
 *
 * eventbatch.c
 *		One batch of messages for the function of an event source mapping.
 *
 * Receive, call and delete are one transaction: what the function does in this
 * database and that its messages are gone come together or not at all.
 *
 * The function is called, and what it has processed is deleted, in a
 * subtransaction.  When it fails, that is rolled back and the receive is not: the
 * transaction commits it, with the back-off as the messages' visibility timeout.
 * So the receive counts, the queue's redrive policy sees it, and the messages are
 * in nobody else's hands between the failure and that commit; in a FIFO queue
 * their groups wait.  A receive in a second transaction after the failure would do
 * the same in two steps, between which others get the messages and a crash forgets
 * the count; one that is committed before the call would cost a second commit for
 * each batch that succeeds.
 *
 * What ends the transaction as a whole, a crash or the end of the process, gives
 * the messages back at once, and was no receive.
 *
 * The messages are hidden for longer than the function may take: if a handle
 * expired meanwhile, as those of FIFO queues do, the batch would have failed.
 *
 * The function runs as the mapping's role, in a security-restricted operation:
 * it can't become another role, make temporary tables, or leave anything in the
 * session for the next batch.  Settings it changes are reset, search_path is one
 * that nobody else can write to.  Since such an operation refuses to put triggers
 * off until the commit, constraints are immediate; so they fail, if they do, where
 * that is the function's failure.  It is called from an atomic context, which
 * refuses COMMIT.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "pgstat.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/jsonpath.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "audit.h"
#include "delete.h"
#include "dequeue.h"
#include "eventbatch.h"
#include "message.h"
#include "report.h"
#include "settings.h"
#include "stop.h"
#include "timelimit.h"
#include "visibility.h"

/* Seconds that messages stay hidden beyond the longest time of the function */
#define HIDDEN_MORE 60

/* The back-off after the n-th receive is 2^(n-1) seconds, and no more than this */
#define BACKOFF_MAX 900

/* Bytes from which on a batch has no more messages */
#define BATCH_BYTES (64 * 1024 * 1024)

/* Functions find what they name without a schema only where all may trust it */
#define SAFE_SEARCH_PATH "pg_catalog, pg_temp"

typedef struct BatchMessage
{
	Datum		row;			/* sqs_message */
	pg_uuid_t	message_id;
	Receipt		receipt;
	int			receive_count;
	char	   *body;			/* NULL: no filter asks for it */
	bool		matches;		/* the filter */
	bool		failed;
} BatchMessage;

typedef struct Batch
{
	const EventSource *source;
	Queue	   *queue;
	MemoryContext context;
	TupleDesc	desc;			/* of sqs_message */
	int			count;
	int			room;
	BatchMessage *messages;
	int64		bytes;
	MemoryContext filter_context;	/* of one message */
	TimestampTz filter_until;	/* all messages have to be filtered then */
	char	   *filter_error;	/* of a message that the filter fails with */
} Batch;

/*
 * Keep a message that was received.
 */
static bool
batch_add(Datum *values, bool *isnull, void *arg)
{
	Batch	   *batch = arg;
	MemoryContext old = MemoryContextSwitchTo(batch->context);
	BatchMessage *message;

	if (batch->count == batch->room)
	{
		batch->room *= 2;
		batch->messages = repalloc_huge(batch->messages, batch->room * sizeof(BatchMessage));
	}
	message = &batch->messages[batch->count++];
	message->row = HeapTupleGetDatum(heap_form_tuple(batch->desc, values, isnull));
	message->message_id = *DatumGetUUIDP(values[Anum_sqs_message_message_id - 1]);
	message->receive_count = DatumGetInt32(values[Anum_sqs_message_receive_count - 1]);
	message->body = batch->source->filter == NULL ? NULL :
		TextDatumGetCString(values[Anum_sqs_message_body - 1]);
	message->matches = true;
	message->failed = false;
	receipt_decode(batch->queue, DatumGetTextPP(values[Anum_sqs_message_receipt_handle - 1]),
				   &message->receipt);
	MemoryContextSwitchTo(old);
	batch->bytes += HeapTupleHeaderGetDatumLength(DatumGetHeapTupleHeader(message->row));
	return batch->bytes < BATCH_BYTES;
}

/*
 * Whether a body matches the filter: the path finds something in it, other than
 * false, which is what a path that is a predicate finds, and null.
 */
static bool
filter_finds(const EventSource *source, const char *body)
{
	Datum		json = DirectFunctionCall1(jsonb_in, CStringGetDatum(body));
	Datum		none = DirectFunctionCall1(jsonb_in, CStringGetDatum("{}"));
	Jsonb	   *items = DatumGetJsonbP(DirectFunctionCall4(jsonb_path_query_array_tz, json,
														   PointerGetDatum(source->filter), none,
														   BoolGetDatum(true)));
	uint32		count = JB_ROOT_COUNT(items);

	for (uint32 i = 0; i < count; i++)
	{
		JsonbValue *item = getIthJsonbValueFromContainer(&items->root, i);

		if (item->type != jbvNull && !(item->type == jbvBool && !item->val.boolean))
			return true;
	}
	return false;
}

/*
 * Whether an error says that a body is no JSON, or such as jsonb cannot hold.  How
 * deep it may be depends on max_stack_depth, so that says nothing.
 */
static bool
is_about_data(int sqlerrcode)
{
	int			category = ERRCODE_TO_CATEGORY(sqlerrcode);

	return sqlerrcode != ERRCODE_STATEMENT_TOO_COMPLEX &&
		(category == ERRCODE_DATA_EXCEPTION ||
		 category == ERRCODE_TO_CATEGORY(ERRCODE_PROGRAM_LIMIT_EXCEEDED) ||
		 category == ERRCODE_TO_CATEGORY(ERRCODE_UNTRANSLATABLE_CHARACTER));
}

/*
 * Put into the log what a filter or a function failed with, and return it in short.
 * One that took too long was cancelled by nobody, whatever the error says.
 */
static char *
batch_say(ErrorData *caught, bool too_long, const char *what)
{
	if (too_long && caught->sqlerrcode == ERRCODE_QUERY_CANCELED)
		caught->message = psprintf("the %s took longer than queue.event_source_timeout", what);
	caught->elevel = LOG;
	ThrowErrorData(caught);
	return psprintf("%s: %s", unpack_sql_state(caught->sqlerrcode), caught->message);
}

/*
 * Have a message count as failed, as if the function had said so.
 */
static void
filter_fail(BatchMessage *message)
{
	message->matches = false;
	message->failed = true;
}

/*
 * Deal with an error of the filter, with one message.  Returns the number of the
 * next to filter: a filter that takes too long is not tried with others.
 */
static int
filter_caught(Batch *batch, int number, ErrorData *caught, bool too_long)
{
	BatchMessage *message = &batch->messages[number];

	if (is_about_data(caught->sqlerrcode))
	{
		message->matches = false;
		return number + 1;
	}
	filter_fail(message);
	batch->filter_error = batch_say(caught, too_long, "filter");
	while (too_long && ++number < batch->count)
		filter_fail(&batch->messages[number]);
	return too_long ? number : number + 1;
}

/*
 * Filter messages from one on, up to the first with which the filter fails.  Returns
 * the number of the next.
 */
static int
filter_some(Batch *batch, int from)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile int number = from;

	BeginInternalSubTransaction(NULL);
	if (setting_event_source_timeout > 0)
		timelimit_begin(Max((batch->filter_until - GetCurrentTimestamp()) / 1000, 1), 0);
	PG_TRY();
	{
		MemoryContextSwitchTo(batch->filter_context);
		for (; number < batch->count; number++)
		{
			CHECK_FOR_INTERRUPTS();
			batch->messages[number].matches =
				filter_finds(batch->source, batch->messages[number].body);
			MemoryContextReset(batch->filter_context);
		}
		(void) timelimit_end();
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		bool		too_long = timelimit_end();
		ErrorData  *caught;

		MemoryContextSwitchTo(context);
		caught = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		MemoryContextReset(batch->filter_context);
		if (number >= batch->count ||
			(caught->sqlerrcode == ERRCODE_QUERY_CANCELED && !too_long))
			ReThrowError(caught);
		number = filter_caught(batch, number, caught, too_long);
	}
	PG_END_TRY();
	return number;
}

/*
 * The messages that match, as an array for the function; *count is how many.
 */
static Datum
batch_array(const Batch *batch, int *count)
{
	Datum	   *rows = palloc(batch->count * sizeof(Datum));

	*count = 0;
	for (int i = 0; i < batch->count; i++)
		if (batch->messages[i].matches)
			rows[(*count)++] = batch->messages[i].row;
	return PointerGetDatum(construct_array(rows, *count, batch->desc->tdtypeid,
										   -1, false, TYPALIGN_DOUBLE));
}

/*
 * Mark a message of which the function says that it failed.
 */
static void
batch_fail(Batch *batch, Datum id, bool isnull)
{
	if (!isnull)
	{
		for (int i = 0; i < batch->count; i++)
		{
			BatchMessage *message = &batch->messages[i];

			if (message->matches &&
				memcmp(&message->message_id, DatumGetUUIDP(id), sizeof(pg_uuid_t)) == 0)
			{
				message->failed = true;
				return;
			}
		}
	}
	ereport(ERROR,
			(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
			 errmsg("the function returned an id that is none of its messages'"),
			 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
						   "A batch item failure has an invalid item identifier.")));
}

/*
 * Call a function that returns a set, and mark what it returns.
 */
static void
call_set(Batch *batch, FunctionCallInfo fcinfo)
{
	EState	   *estate = CreateExecutorState();
	ReturnSetInfo rsinfo = {.type = T_ReturnSetInfo};
	TupleDesc	desc = CreateTemplateTupleDesc(1);

	TupleDescInitEntry(desc, 1, "id", UUIDOID, -1, 0);
	rsinfo.econtext = CreateExprContext(estate);
	rsinfo.expectedDesc = desc;
	rsinfo.allowedModes = (int) (SFRM_ValuePerCall | SFRM_Materialize | SFRM_Materialize_Preferred);
	rsinfo.returnMode = SFRM_ValuePerCall;
	fcinfo->resultinfo = (Node *) &rsinfo;
	do
	{
		Datum		id;

		CHECK_FOR_INTERRUPTS();
		fcinfo->isnull = false;
		rsinfo.isDone = ExprSingleResult;
		id = FunctionCallInvoke(fcinfo);
		if (rsinfo.returnMode != SFRM_ValuePerCall || rsinfo.isDone == ExprEndResult)
			break;
		batch_fail(batch, id, fcinfo->isnull);
	} while (rsinfo.isDone == ExprMultipleResult);
	if (rsinfo.returnMode == SFRM_Materialize && rsinfo.setResult != NULL)
	{
		TupleTableSlot *slot = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);

		while (tuplestore_gettupleslot(rsinfo.setResult, true, false, slot))
		{
			bool		isnull;
			Datum		id = slot_getattr(slot, 1, &isnull);

			batch_fail(batch, id, isnull);
		}
		ExecDropSingleTupleTableSlot(slot);
		tuplestore_end(rsinfo.setResult);
	}
	FreeExecutorState(estate);
}

/*
 * Errors say which mapping they come from.
 */
static void
batch_error_context(void *arg)
{
	const Batch *batch = arg;

	errcontext("batch of %d messages of queue \"%s\" for function %s", batch->count,
			   batch->queue->queue_name, batch->source->function_name);
}

/*
 * Call the function.
 */
static void
batch_invoke(Batch *batch)
{
	LOCAL_FCINFO(fcinfo, 1);
	FmgrInfo	function;
	PgStat_FunctionCallUsage usage;
	int			count;
	Datum		array = batch_array(batch, &count);

	if (count == 0)
		return;
	fmgr_info(batch->source->function, &function);
	InitFunctionCallInfoData(*fcinfo, &function, 1, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = array;
	fcinfo->args[0].isnull = false;
	pgstat_init_function_usage(fcinfo, &usage);
	if (batch->source->report_batch_item_failures)
		call_set(batch, fcinfo);
	else
		(void) FunctionCallInvoke(fcinfo);
	pgstat_end_function_usage(&usage, true);
}

/*
 * The same as the mapping's role, where nothing can be left behind.
 */
static void
batch_invoke_restricted(Batch *batch)
{
	Oid			save_userid;
	int			save_sec_context;
	int			save_nestlevel = NewGUCNestLevel();
	ErrorContextCallback context = {
		.previous = error_context_stack,.callback = batch_error_context,.arg = batch
	};

	error_context_stack = &context;
	GetUserIdAndSecContext(&save_userid, &save_sec_context);
	SetUserIdAndSecContext(batch->source->run_as,
						   save_sec_context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
	(void) set_config_option("search_path", SAFE_SEARCH_PATH, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	if (setting_event_source_timeout > 0)
		timelimit_begin(setting_event_source_timeout, 0);
	PushActiveSnapshot(GetTransactionSnapshot());
	batch_invoke(batch);
	PopActiveSnapshot();
	if (timelimit_end())
		ereport(ERROR,
				(errcode(ERRCODE_QUERY_CANCELED),
				 errmsg("the function took longer than queue.event_source_timeout")));
	AtEOXact_GUC(false, save_nestlevel);
	SetUserIdAndSecContext(save_userid, save_sec_context);
	error_context_stack = context.previous;
}

/*
 * Delete what did not fail, and what the filter leaves out; returns how many.
 * Whatever the function did must not be committed if a message stays.
 */
static int
batch_delete(Batch *batch)
{
	Receipt    *receipts = palloc(batch->count * sizeof(Receipt));
	DeleteResult *results = palloc(batch->count * sizeof(DeleteResult));
	int			count = 0;

	for (int i = 0; i < batch->count; i++)
	{
		if (batch->messages[i].failed)
			continue;
		receipts[count] = batch->messages[i].receipt;
		receipts[count].entry = count;
		count++;
	}
	if (count == 0)
		return 0;
	audit_queue("DeleteMessage", batch->queue->account_id, batch->queue->queue_name, true);
	(void) delete_messages(batch->queue, receipts, count, results);
	for (int i = 0; i < count; i++)
		if (results[i] == DELETE_EXPIRED)
			receipt_expired();
	return count;
}

/*
 * Call the function and delete in a subtransaction, which is rolled back if that
 * fails.
 */
static void
batch_try(Batch *batch, BatchOutcome *outcome)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		batch_invoke_restricted(batch);
		stop_point("event_called");
		outcome->processed = batch_delete(batch);
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		bool		too_long = timelimit_end();
		ErrorData  *caught;

		MemoryContextSwitchTo(context);
		caught = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		outcome->processed = 0;
		outcome->error = batch_say(caught, too_long, "function");
		for (int i = 0; i < batch->count; i++)
			batch->messages[i].failed = batch->messages[i].failed || batch->messages[i].matches;
	}
	PG_END_TRY();
}

/*
 * How long a message that failed stays hidden, in seconds.
 */
static int
batch_backoff(const BatchMessage *message)
{
	int			doublings = Min(Max(message->receive_count - 1, 0), 20);

	return Min(1 << doublings, BACKOFF_MAX);
}

/*
 * Have what failed come again after a while.
 */
static void
batch_return(Batch *batch, BatchOutcome *outcome)
{
	Receipt    *receipts = palloc(batch->count * sizeof(Receipt));
	ChangeResult *results = palloc(batch->count * sizeof(ChangeResult));
	int		   *timeouts = palloc(batch->count * sizeof(int));
	int			count = 0;

	for (int i = 0; i < batch->count; i++)
	{
		if (!batch->messages[i].failed)
			continue;
		receipts[count] = batch->messages[i].receipt;
		receipts[count].entry = count;
		timeouts[count] = batch_backoff(&batch->messages[i]);
		count++;
	}
	if (count == 0)
		return;
	visibility_change(batch->queue, receipts, timeouts, count, GetCurrentTimestamp(), results);
	outcome->failed = count;
}

/*
 * How long the messages are hidden, in seconds.
 */
static int
batch_hidden(const EventSource *source, const Queue *queue)
{
	int			limits = source->filter == NULL ? 1 : 2;
	int			longest = setting_event_source_timeout == 0 ? VISIBILITY_TIMEOUT_MAX :
	setting_event_source_timeout / 1000 * limits + HIDDEN_MORE;

	return Min(Max(queue->visibility_timeout, longest), VISIBILITY_TIMEOUT_MAX);
}

/*
 * Do one batch.
 */
void
eventbatch_run(const EventSource *source, Queue *queue, BatchOutcome *outcome)
{
	ConstraintsSetStmt immediate = {.type = T_ConstraintsSetStmt,.deferred = false};
	Batch		batch = {.source = source,.queue = queue,.context = CurrentMemoryContext};

	memset(outcome, 0, sizeof(BatchOutcome));
	batch.desc = eventsource_message_desc(source->function);
	batch.room = Min(source->batch_size, 64);
	batch.messages = palloc(batch.room * sizeof(BatchMessage));
	batch.filter_context = AllocSetContextCreate(CurrentMemoryContext, "queue filter",
												 ALLOCSET_DEFAULT_SIZES);
	outcome->found = dequeue_messages(queue, DEQUEUE_RECEIVE, source->batch_size,
									  batch_hidden(source, queue), batch_add, &batch,
									  &outcome->problem);
	if (outcome->found > 0)
	{
		audit_queue("ReceiveMessage", queue->account_id, queue->queue_name, true);
		batch.filter_until = GetCurrentTimestamp() + setting_event_source_timeout * INT64CONST(1000);
		for (int i = 0; source->filter != NULL && i < batch.count;)
			i = filter_some(&batch, i);
		AfterTriggerSetState(&immediate);
		batch_try(&batch, outcome);
		if (outcome->error != NULL)
			outcome->processed = batch_delete(&batch);
		batch_return(&batch, outcome);
		if (outcome->error == NULL)
			outcome->error = batch.filter_error;
	}
	ReleaseTupleDesc(batch.desc);
}
