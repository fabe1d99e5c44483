/*-------------------------------------------------------------------------
 *
 * perform.c
 *		queue.perform, the door of the gateway: many requests in one call.
 *
 * Requests that reach the gateway at the same time are passed in one statement,
 * so that they share a transaction and its flush to disk: those of one access
 * key, one action and, as a rule, one queue.  They are answered one by one, and
 * each succeeds or fails by itself: an error that SQS would answer becomes a row
 * of the result.  Any other error ends the call, with which nothing was done; the
 * gateway then repeats each request alone.
 *
 * What several requests want of a queue is done together where it can be: the
 * messages of all of them are stored, or deleted, at once.
 *
 * Nobody waits for a message here, or the others would have to wait as well.
 * And what comes after answers that are long already is left for another call,
 * so that a transaction never holds more in memory than a few answers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "action.h"
#include "body.h"
#include "impersonate.h"
#include "queue.h"
#include "report.h"
#include "requestcontext.h"

QUEUE_FUNCTION(queue_perform);

/* Columns of the result */
#define PERFORM_ERROR 0
#define PERFORM_ANSWER 1
#define PERFORM_WAIT_SECONDS 2
#define PERFORM_COLUMNS 3

/* A call, with the requests as they were given */
typedef struct Perform
{
	const Action *action;
	ActionCalls calls;
	Datum	   *texts;
	bool	   *nulls;
} Perform;

/*
 * Raise SerializationException for what the server does not take as jsonb,
 * which may be wrong in itself or go beyond a limit: too long, or too deep.
 */
static Jsonb *
parse_request(Datum request)
{
	MemoryContext context = CurrentMemoryContext;
	volatile Datum result = (Datum) 0;

	PG_TRY();
	{
		result = DirectFunctionCall1(jsonb_in, CStringGetDatum(TextDatumGetCString(request)));
	}
	PG_CATCH();
	{
		ErrorData  *caught;

		MemoryContextSwitchTo(context);
		caught = CopyErrorData();
		if (ERRCODE_TO_CATEGORY(caught->sqlerrcode) != ERRCODE_DATA_EXCEPTION &&
			ERRCODE_TO_CATEGORY(caught->sqlerrcode) != ERRCODE_PROGRAM_LIMIT_EXCEEDED)
			PG_RE_THROW();
		FlushErrorState();
		ereport(ERROR,
				(sqs_errcode(SQS_SERIALIZATION),
				 errmsg("the request is not valid JSON: %s", caught->message),
				 sqs_errdetail(SQS_SERIALIZATION, "The request is not valid JSON.")));
	}
	PG_END_TRY();
	return DatumGetJsonbP(result);
}

static void
read_request(int number, void *arg)
{
	Perform    *perform = arg;

	if (perform->nulls[number])
		report_missing_parameter("request");
	perform->calls.requests[number] = action_request(parse_request(perform->texts[number]));
}

static void
do_request(int number, void *arg)
{
	Perform    *perform = arg;

	(void) action_act_for(&perform->calls, number);
	perform->calls.answers[number] = action_perform(perform->action,
													perform->calls.requests[number]);
}

/*
 * Whose requests they are.
 */
static void
perform_clients(ActionCalls *calls, ArrayType *clients)
{
	Datum	   *values;
	bool	   *nulls;

	deconstruct_array(clients, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls,
					  &calls->client_count);
	if ((calls->client_count != 1 && calls->client_count != calls->count) ||
		array_contains_nulls(clients))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there must be one client, or one for each request")));
	calls->clients = palloc(calls->client_count * sizeof(text *));
	for (int i = 0; i < calls->client_count; i++)
		calls->clients[i] = DatumGetTextPP(values[i]);
}

/*
 * The requests, not yet read.
 */
static void
perform_begin(Perform *perform, ArrayType *requests, bool last, ArrayType *clients)
{
	ActionCalls *calls = &perform->calls;

	deconstruct_array(requests, TEXTOID, -1, false, TYPALIGN_INT, &perform->texts,
					  &perform->nulls, &calls->count);
	calls->requests = palloc(calls->count * sizeof(JsonbContainer *));
	calls->failures = palloc0(calls->count * sizeof(ActionFailure));
	calls->answers = palloc0(calls->count * sizeof(char *));
	calls->waits = palloc0(calls->count * sizeof(int));
	calls->last = last;
	calls->client_count = 0;
	calls->acting_for = NULL;
	request_context_clear();
	if (clients != NULL)
		perform_clients(calls, clients);
}

static void
check_key(int number, void *arg)
{
	(void) impersonate_role((const text *) arg);
}

/*
 * Act as the role of an access key from here on, or have all requests fail if
 * that cannot be.
 */
static bool
perform_as(ActionCalls *calls, text *access_key_id, Impersonation *before)
{
	ActionFailure failure = {false};

	action_check_each(&failure, 0, 1, check_key, access_key_id);
	for (int i = 0; failure.failed && i < calls->count; i++)
		calls->failures[i] = failure;
	if (!failure.failed)
		impersonate(access_key_id, before);
	return !failure.failed;
}

/*
 * Do what the requests ask for.
 */
static void
perform_all(Perform *perform)
{
	ActionCalls *calls = &perform->calls;

	action_check_each(calls->failures, 0, calls->count, read_request, perform);
	if (perform->action->perform_each != NULL)
		perform->action->perform_each(calls);
	else
		action_try_each(calls->failures, 0, calls->count, do_request, perform);
}

/*
 * Return a row for each request.
 */
static void
perform_end(const ActionCalls *calls, ReturnSetInfo *rsinfo)
{
	for (int i = 0; i < calls->count; i++)
	{
		const ActionFailure *failure = &calls->failures[i];
		const char *answer = calls->answers[i];
		Datum		values[PERFORM_COLUMNS] = {0};
		bool		isnull[PERFORM_COLUMNS];

		isnull[PERFORM_ERROR] = !failure->failed;
		isnull[PERFORM_ANSWER] = !failure->failed && calls->waits[i] == CALL_POSTPONED;
		isnull[PERFORM_WAIT_SECONDS] = failure->failed || calls->waits[i] <= 0;
		if (failure->failed)
		{
			values[PERFORM_ERROR] = CStringGetTextDatum(report_sqlstate(failure->error));
			values[PERFORM_ANSWER] = CStringGetTextDatum(failure->text);
		}
		else if (calls->waits[i] != CALL_POSTPONED)
		{
			values[PERFORM_ANSWER] = CStringGetTextDatum(answer == NULL ? "{}" : answer);
			values[PERFORM_WAIT_SECONDS] = Int32GetDatum(calls->waits[i]);
		}
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, isnull);
	}
}

/*
 * queue.perform(access_key_id text, action text, requests text[], last boolean,
 *				 clients text[])
 * returns table (error text, answer text, wait_seconds int)
 */
Datum
queue_perform(PG_FUNCTION_ARGS)
{
	Perform		perform;
	Impersonation before;

	body_begin_result(fcinfo);
	perform.action = action_find(PG_ARGISNULL(1) ? NULL : PG_GETARG_TEXT_PP(1), true);
	action_prevent(perform.action, "queue.perform()");
	if (PG_ARGISNULL(2))
		report_missing_parameter("requests");
	perform_begin(&perform, PG_GETARG_ARRAYTYPE_P(2), PG_ARGISNULL(3) || PG_GETARG_BOOL(3),
				  PG_ARGISNULL(4) ? NULL : PG_GETARG_ARRAYTYPE_P(4));

	if (PG_ARGISNULL(0))
		perform_all(&perform);
	else if (perform_as(&perform.calls, PG_GETARG_TEXT_PP(0), &before))
	{
		perform_all(&perform);
		impersonate_end(&before);
	}
	request_context_clear();
	perform_end(&perform.calls, (ReturnSetInfo *) fcinfo->resultinfo);
	return (Datum) 0;
}
