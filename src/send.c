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
#include "identity.h"
#include "message.h"
#include "report.h"
#include "send.h"

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
 * Check one message.
 */
void
send_check(const Queue *queue, const SendEntry *entry, Payload *payload)
{
	if (entry->has_delay && (entry->delay < 0 || entry->delay > DELAY_SECONDS_MAX))
		report_invalid_parameter("DelaySeconds", psprintf("%d", entry->delay),
								 psprintf("DelaySeconds must be >= 0 and <= %d.",
										  DELAY_SECONDS_MAX));
	if (queue->fifo && entry->has_delay && entry->delay != 0)
		report_invalid_parameter("DelaySeconds", psprintf("%d", entry->delay),
								 "The request include parameter that is not valid for this queue type.");
	payload_check(entry->body, entry->attributes, entry->group_id,
				  entry->system_attributes, queue->maximum_message_size, payload);
	identity_check_fifo(queue->fifo, queue->content_based_deduplication, false,
						entry->deduplication_id, payload);
}

/*
 * Store checked messages in order: at once those that follow each other with
 * the same delay, which are all of them as a rule.
 */
void
send_messages(const Queue *queue, const SendEntry *entries, const Payload *payloads,
			  int count, SendResult *results)
{
	int64	   *ids = palloc(count * sizeof(int64));
	int			first = 0;

	for (int i = 1; i <= count; i++)
	{
		if (i < count && queue->fifo)
			continue;
		if (i < count && entries[i].has_delay == entries[first].has_delay &&
			(!entries[i].has_delay || entries[i].delay == entries[first].delay))
			continue;
		enqueue_messages(queue, &payloads[first], i - first,
						 entries[first].has_delay ? entries[first].delay : -1,
						 &ids[first]);
		first = i;
	}
	for (int i = 0; i < count; i++)
	{
		message_uuid(queue, ids[i], &results[i].message_id);
		results[i].sequence_number = queue->fifo ?
			cstring_to_text(message_sequence(ids[i])) : NULL;
	}
	pfree(ids);
}

/*
 * The delay argument.
 */
static void
send_delay(FunctionCallInfo fcinfo, SendEntry *entry)
{
	entry->has_delay = !PG_ARGISNULL(ARG_DELAY);
	entry->delay = entry->has_delay ? PG_GETARG_INT32(ARG_DELAY) : 0;
}

/*
 * Check and store one message; body is NULL if the argument was.
 */
static Datum
send_one(FunctionCallInfo fcinfo, const Queue *queue, text *body)
{
	SendEntry	entry;
	Payload		payload;
	SendResult *result = palloc(sizeof(SendResult));

	entry.body = body;
	entry.attributes = JSONB_OR_NULL(ARG_ATTRIBUTES);
	entry.system_attributes = JSONB_OR_NULL(ARG_SYSTEM_ATTRIBUTES);
	entry.group_id = TEXT_OR_NULL(ARG_GROUP_ID);
	entry.deduplication_id = TEXT_OR_NULL(ARG_DEDUPLICATION_ID);
	send_delay(fcinfo, &entry);
	send_check(queue, &entry, &payload);
	send_messages(queue, &entry, &payload, 1, result);
	return UUIDPGetDatum(&result->message_id);
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
	SendEntry  *entries;
	Payload    *payloads;
	SendResult *results;
	int			count;

	send_begin(fcinfo, "sqs_send_batch()", &queue);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);

	if (PG_ARGISNULL(ARG_BODY))
		report_empty_batch("SendMessageBatchRequestEntry");
	array = PG_GETARG_ARRAYTYPE_P(ARG_BODY);
	count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (count == 0)
		report_empty_batch("SendMessageBatchRequestEntry");
	if (count > BATCH_MAX)
		report_large_batch(count, BATCH_MAX);
	deconstruct_array(array, type, -1, false, TYPALIGN_INT, &bodies, &no_body, &count);
	send_array(fcinfo, ARG_ATTRIBUTES, "message_attributes", JSONBOID, count,
			   &attributes, &no_attributes);
	send_array(fcinfo, ARG_GROUP_ID, "message_group_ids", TEXTOID, count,
			   &groups, &no_group);
	send_array(fcinfo, ARG_DEDUPLICATION_ID, "message_deduplication_ids", TEXTOID,
			   count, &deduplications, &no_deduplication);

	entries = palloc0(count * sizeof(SendEntry));
	payloads = palloc(count * sizeof(Payload));
	for (int i = 0; i < count; i++)
	{
		SendEntry  *entry = &entries[i];

		CHECK_FOR_INTERRUPTS();
		if (!no_body[i])
			entry->body = type == JSONBOID ? send_jsonb_text(DatumGetJsonbP(bodies[i])) :
				DatumGetTextPP(bodies[i]);
		if (attributes && !no_attributes[i])
			entry->attributes = DatumGetJsonbP(attributes[i]);
		if (groups && !no_group[i])
			entry->group_id = DatumGetTextPP(groups[i]);
		if (deduplications && !no_deduplication[i])
			entry->deduplication_id = DatumGetTextPP(deduplications[i]);
		send_delay(fcinfo, entry);
		identity_check_given(queue.fifo, queue.content_based_deduplication, true,
							 entry->group_id, entry->deduplication_id);
		send_check(&queue, entry, &payloads[i]);
	}

	results = palloc(count * sizeof(SendResult));
	send_messages(&queue, entries, payloads, count, results);
	for (int i = 0; i < count; i++)
	{
		Datum		value = UUIDPGetDatum(&results[i].message_id);
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
