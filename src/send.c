/*-------------------------------------------------------------------------
 *
 * send.c
 *		SQL calls that send messages.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type_d.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/uuid.h"

#include "authorize.h"
#include "enqueue.h"
#include "payload.h"
#include "report.h"

QUEUE_FUNCTION(sqs_send);
QUEUE_FUNCTION(sqs_send_jsonb);
QUEUE_FUNCTION(sqs_send_batch);
QUEUE_FUNCTION(sqs_send_batch_jsonb);

/* Arguments that all calls have in the same place */
#define ARG_QUEUE 0
#define ARG_BODY 1
#define ARG_DELAY 2
#define ARG_ATTRIBUTES 3
#define ARG_GROUP_ID 4
#define ARG_DEDUPLICATION_ID 5
#define ARG_SYSTEM_ATTRIBUTES 6

#define TEXT_OR_NULL(n) (PG_ARGISNULL(n) ? NULL : PG_GETARG_TEXT_PP(n))
#define JSONB_OR_NULL(n) (PG_ARGISNULL(n) ? NULL : PG_GETARG_JSONB_P(n))

/*
 * A JSON document as the text of a body.
 */
static text *
send_jsonb_text(Jsonb *document)
{
	return cstring_to_text(JsonbToCString(NULL, &document->root, VARSIZE(document)));
}

/*
 * The delay in seconds, -1 if none was given.
 */
static int
send_delay(FunctionCallInfo fcinfo)
{
	int			delay;

	if (PG_ARGISNULL(ARG_DELAY))
		return -1;
	delay = PG_GETARG_INT32(ARG_DELAY);
	if (delay < 0 || delay > DELAY_SECONDS_MAX)
		report_invalid_parameter("DelaySeconds", psprintf("%d", delay),
								 psprintf("DelaySeconds must be >= 0 and <= %d.",
										  DELAY_SECONDS_MAX));
	return delay;
}

/*
 * Check and store one message; body is NULL if the argument was.
 */
static Datum
send_one(FunctionCallInfo fcinfo, const Queue *queue, text *body)
{
	Payload		payload;
	pg_uuid_t  *id = palloc(sizeof(pg_uuid_t));
	int			delay = send_delay(fcinfo);

	payload_refuse_deduplication_id(TEXT_OR_NULL(ARG_DEDUPLICATION_ID));
	payload_check(body, JSONB_OR_NULL(ARG_ATTRIBUTES), TEXT_OR_NULL(ARG_GROUP_ID),
				  JSONB_OR_NULL(ARG_SYSTEM_ATTRIBUTES),
				  queue->maximum_message_size, &payload);
	enqueue_messages(queue, &payload, 1, delay, id);
	return UUIDPGetDatum(id);
}

/*
 * What every send does first.
 */
static void
send_begin(FunctionCallInfo fcinfo, const char *function, Queue *queue)
{
	PreventCommandIfReadOnly(function);
	PreventCommandIfParallelMode(function);
	authorize_lookup(TEXT_OR_NULL(ARG_QUEUE), "SendMessage", queue);
}

/*
 * sqs_send(queue, body text, ...) returns uuid
 */
Datum
sqs_send(PG_FUNCTION_ARGS)
{
	Queue		queue;

	send_begin(fcinfo, "sqs_send()", &queue);
	/* as it was passed: one that is too long shall not be fetched */
	return send_one(fcinfo, &queue, PG_ARGISNULL(ARG_BODY) ? NULL :
					(text *) DatumGetPointer(PG_GETARG_DATUM(ARG_BODY)));
}

/*
 * sqs_send(queue, body jsonb, ...) returns uuid
 */
Datum
sqs_send_jsonb(PG_FUNCTION_ARGS)
{
	Queue		queue;

	send_begin(fcinfo, "sqs_send()", &queue);
	return send_one(fcinfo, &queue,
					PG_ARGISNULL(ARG_BODY) ? NULL :
					send_jsonb_text(PG_GETARG_JSONB_P(ARG_BODY)));
}

/*
 * An array argument that must have as many elements as there are bodies, or
 * be NULL: then *values is NULL.
 */
static void
send_array(FunctionCallInfo fcinfo, int arg, const char *name, Oid type, int count,
		   Datum **values, bool **isnull)
{
	ArrayType  *array;
	int			n;

	*values = NULL;
	*isnull = NULL;
	if (PG_ARGISNULL(arg))
		return;
	array = PG_GETARG_ARRAYTYPE_P(arg);
	n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (n != count)
		ereport(ERROR,
				(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
				 errmsg("%s has %d elements for %d bodies", name, n, count),
				 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
							   "The arrays of a batch must have the same length."),
				 errhint("Use NULL for an element that is not given.")));
	deconstruct_array(array, type, -1, false, TYPALIGN_INT, values, isnull, &n);
}

/*
 * Send a batch whose bodies are of a type, and return the ids in order.
 */
static Datum
send_batch(FunctionCallInfo fcinfo, Oid type)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Queue		queue;
	ArrayType  *array;
	Datum	   *bodies;
	Datum	   *attributes;
	Datum	   *groups;
	Datum	   *deduplications;
	bool	   *no_body;
	bool	   *no_attributes;
	bool	   *no_group;
	bool	   *no_deduplication;
	Payload    *payloads;
	pg_uuid_t  *ids;
	int			count;
	int			delay;

	send_begin(fcinfo, "sqs_send_batch()", &queue);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	delay = send_delay(fcinfo);

	if (PG_ARGISNULL(ARG_BODY))
		report_empty_batch("SendMessageBatchRequestEntry");
	array = PG_GETARG_ARRAYTYPE_P(ARG_BODY);
	count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (count == 0)
		report_empty_batch("SendMessageBatchRequestEntry");
	if (count > BATCH_MAX)
		report_large_batch(count);
	deconstruct_array(array, type, -1, false, TYPALIGN_INT, &bodies, &no_body, &count);
	send_array(fcinfo, ARG_ATTRIBUTES, "message_attributes", JSONBOID, count,
			   &attributes, &no_attributes);
	send_array(fcinfo, ARG_GROUP_ID, "message_group_ids", TEXTOID, count,
			   &groups, &no_group);
	send_array(fcinfo, ARG_DEDUPLICATION_ID, "message_deduplication_ids", TEXTOID,
			   count, &deduplications, &no_deduplication);

	payloads = palloc(count * sizeof(Payload));
	for (int i = 0; i < count; i++)
	{
		text	   *body = NULL;

		CHECK_FOR_INTERRUPTS();
		if (!no_body[i])
			body = type == JSONBOID ? send_jsonb_text(DatumGetJsonbP(bodies[i])) :
				DatumGetTextPP(bodies[i]);
		if (deduplications && !no_deduplication[i])
			payload_refuse_deduplication_id(DatumGetTextPP(deduplications[i]));
		payload_check(body,
					  attributes && !no_attributes[i] ? DatumGetJsonbP(attributes[i]) : NULL,
					  groups && !no_group[i] ? DatumGetTextPP(groups[i]) : NULL,
					  NULL, queue.maximum_message_size, &payloads[i]);
	}

	ids = palloc(count * sizeof(pg_uuid_t));
	enqueue_messages(&queue, payloads, count, delay, ids);
	for (int i = 0; i < count; i++)
	{
		Datum		value = UUIDPGetDatum(&ids[i]);
		bool		isnull = false;

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &value, &isnull);
	}
	return (Datum) 0;
}

/*
 * sqs_send_batch(queue, bodies text[], ...) returns setof uuid
 */
Datum
sqs_send_batch(PG_FUNCTION_ARGS)
{
	return send_batch(fcinfo, TEXTOID);
}

/*
 * sqs_send_batch(queue, bodies jsonb[], ...) returns setof uuid
 */
Datum
sqs_send_batch_jsonb(PG_FUNCTION_ARGS)
{
	return send_batch(fcinfo, JSONBOID);
}
