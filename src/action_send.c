/*-------------------------------------------------------------------------
 *
 * action_send.c
 *		SendMessage and SendMessageBatch.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/uuid.h"

#include "action_batch.h"
#include "action_json.h"
#include "action_send.h"
#include "authorize.h"
#include "digest.h"
#include "identity.h"
#include "report.h"
#include "send.h"

/*
 * The members of a message to be sent.  In a batch each has an id, where a
 * single message has the queue.
 */
#define SEND_FIRST 0
#define SEND_BODY 1
#define SEND_DELAY 2
#define SEND_ATTRIBUTES 3
#define SEND_SYSTEM_ATTRIBUTES 4
#define SEND_GROUP_ID 5
#define SEND_DEDUPLICATION_ID 6

#define SEND_MEMBERS(body_required) \
	{"MessageBody", MEMBER_STRING, body_required}, \
	{"DelaySeconds", MEMBER_INTEGER, false}, \
	{"MessageAttributes", MEMBER_ATTRIBUTE_MAP, false}, \
	{"MessageSystemAttributes", MEMBER_ATTRIBUTE_MAP, false}, \
	{"MessageGroupId", MEMBER_STRING, false}, \
	{"MessageDeduplicationId", MEMBER_STRING, false}

/*
 * What a request says of a message, as the call for it takes it.
 */
static void
read_entry(const ActionValue *values, SendEntry *entry)
{
	entry->body = values[SEND_BODY].string;
	entry->attributes = values[SEND_ATTRIBUTES].map;
	entry->system_attributes = values[SEND_SYSTEM_ATTRIBUTES].map;
	entry->group_id = values[SEND_GROUP_ID].string;
	entry->deduplication_id = values[SEND_DEDUPLICATION_ID].string;
	entry->has_delay = values[SEND_DELAY].given;
	entry->delay = values[SEND_DELAY].integer;
}

/*
 * Write what became of a message that was sent.
 */
static void
put_sent(StringInfo answer, const Payload *payload, const SendResult *result)
{
	action_put_string(answer, "MessageId",
					  DatumGetCString(DirectFunctionCall1(uuid_out,
														  UUIDPGetDatum(&result->message_id))));
	action_put_string(answer, "MD5OfMessageBody", digest_body(payload->body));
	if (payload->attributes != NULL)
		action_put_string(answer, "MD5OfMessageAttributes",
						  digest_attributes(payload->attributes));
	if (payload->trace_header != NULL)
		action_put_string(answer, "MD5OfMessageSystemAttributes",
						  digest_trace_header(payload->trace_header));
	if (result->sequence_number != NULL)
		action_put_string(answer, "SequenceNumber",
						  text_to_cstring(result->sequence_number));
}

/*
 * Read and check a message that is sent alone.  Returns its queue.
 */
static Queue *
read_message(JsonbContainer *request, ActionLookup *lookup, SendEntry *entry,
			 Payload *payload)
{
	static const ActionMember members[] = {
		{"QueueUrl", MEMBER_STRING, true},
		SEND_MEMBERS(true)
	};
	ActionValue values[lengthof(members)];
	Queue	   *queue;

	ACTION_READ(request, members, values);
	queue = action_lookup(lookup, values[SEND_FIRST].string);
	read_entry(values, entry);
	send_check(queue, entry, payload);
	return queue;
}

/*
 * SendMessage
 */
void
action_send_message(JsonbContainer *request, StringInfo answer)
{
	ActionLookup lookup = {.action = "SendMessage"};
	Queue	   *queue;
	SendEntry	entry;
	Payload		payload;
	SendResult	result;

	queue = read_message(request, &lookup, &entry, &payload);
	send_messages(queue, &entry, &payload, 1, &result);
	put_sent(answer, &payload, &result);
}

/* Messages that came together; of those that are good, in order */
typedef struct SendCalls
{
	ActionCalls *calls;
	ActionLookup lookup;
	ActionGood	good;
	SendEntry  *entries;
	Payload    *payloads;
	SendResult *results;
} SendCalls;

static void
check_message(int number, void *arg)
{
	SendCalls  *send = arg;
	int			i = send->good.count;
	Queue	   *queue;

	send->lookup.client = action_act_for(send->calls, number);
	queue = read_message(send->calls->requests[number], &send->lookup,
						 &send->entries[i], &send->payloads[i]);
	action_good_add(&send->good, number, queue);
}

static void
store_messages(int from, int to, void *arg)
{
	SendCalls  *send = arg;

	send_messages(send->good.queues[from], &send->entries[from], &send->payloads[from],
				  to - from, &send->results[from]);
}

/*
 * SendMessage, several of them.
 */
void
action_send_message_each(ActionCalls *calls)
{
	SendCalls	send = {.calls = calls,.lookup.action = "SendMessage"};

	action_good_begin(&send.good, calls);
	send.entries = palloc(calls->count * sizeof(SendEntry));
	send.payloads = palloc(calls->count * sizeof(Payload));
	send.results = palloc(calls->count * sizeof(SendResult));
	action_check_each(calls->failures, 0, calls->count, check_message, &send);
	action_try_together(calls, &send.good, store_messages, &send);
	for (int i = 0; i < send.good.count; i++)
	{
		int			number = send.good.numbers[i];
		StringInfoData answer;

		if (calls->failures[number].failed)
			continue;
		initStringInfo(&answer);
		action_begin(&answer, '{');
		put_sent(&answer, &send.payloads[i], &send.results[i]);
		action_end(&answer, '}');
		calls->answers[number] = answer.data;
	}
}

/* The entries of a batch; those that are wrong give way to those after them */
typedef struct SendBatch
{
	const Queue *queue;
	SendEntry	entries[WIRE_BATCH_MAX];
	int64		sizes[WIRE_BATCH_MAX];
	Payload		payloads[WIRE_BATCH_MAX];
	SendResult	results[WIRE_BATCH_MAX];
	int			valid;			/* that many have been found good */
	int			next;			/* the result to be written next */
} SendBatch;

/*
 * Check an entry.  Of one that is too large SQS says so in other words than of
 * a single message.
 */
static void
check_entry(int number, void *arg)
{
	SendBatch  *send = arg;

	if (send->sizes[number] > send->queue->maximum_message_size)
		ereport(ERROR,
				(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
				 errmsg("message is larger than the queue's maximum of %d bytes",
						send->queue->maximum_message_size),
				 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
							   "One or more parameters cannot be validated. Reason: Message must be shorter than %d bytes.",
							   send->queue->maximum_message_size)));
	send_check(send->queue, &send->entries[number], &send->payloads[send->valid]);
	send->entries[send->valid++] = send->entries[number];
}

/*
 * Raise BatchRequestTooLong if messages are too large together, whatever their
 * queue allows for one.
 */
static void
check_total(int64 total)
{
	if (total > MESSAGE_SIZE_MAX)
		ereport(ERROR,
				(sqs_errcode(SQS_BATCH_REQUEST_TOO_LONG),
				 errmsg("the messages of the batch have more than %d bytes",
						MESSAGE_SIZE_MAX),
				 sqs_errdetail(SQS_BATCH_REQUEST_TOO_LONG,
							   "Batch requests cannot be longer than %d bytes. You have sent " INT64_FORMAT " bytes.",
							   MESSAGE_SIZE_MAX, total),
				 errhint("Split the batch, or use sqs_send_batch().")));
}

static void
put_sent_entry(StringInfo answer, void *arg)
{
	SendBatch  *send = arg;

	put_sent(answer, &send->payloads[send->next], &send->results[send->next]);
	send->next++;
}

/*
 * SendMessageBatch
 */
void
action_send_message_batch(JsonbContainer *request, StringInfo answer)
{
	static const ActionMember request_members[] = {BATCH_MEMBERS};
	static const ActionMember members[] = {
		BATCH_ID_MEMBER,
		SEND_MEMBERS(false)
	};
	ActionValue values[lengthof(request_members)];
	Queue		queue;
	Batch		batch;
	SendBatch	send;
	int64		total = 0;

	ACTION_READ(request, request_members, values);
	authorize_lookup(values[BATCH_QUEUE].string, "SendMessage", &queue);
	batch_read(&values[BATCH_ENTRIES], "SendMessageBatchRequestEntry", members, lengthof(members),
			   &batch);
	batch.failures = palloc0(batch.count * sizeof(ActionFailure));
	for (int i = 0; i < batch.count; i++)
	{
		read_entry(batch_entry(&batch, i), &send.entries[i]);
		send.sizes[i] = payload_size(send.entries[i].body, send.entries[i].attributes);
		total += send.sizes[i];
	}
	check_total(total);
	for (int i = 0; i < batch.count; i++)
		identity_check_given(queue.fifo, queue.content_based_deduplication, true,
							 send.entries[i].group_id, send.entries[i].deduplication_id);

	send.queue = &queue;
	send.valid = send.next = 0;
	action_check_each(batch.failures, 0, batch.count, check_entry, &send);
	if (send.valid > 0)
		send_messages(&queue, send.entries, send.payloads, send.valid, send.results);
	batch_put_successes(&batch, answer, put_sent_entry, &send);
	batch_put_failures(&batch, answer);
}
