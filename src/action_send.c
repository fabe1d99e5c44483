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
put_sent(JsonbParseState **answer, const Payload *payload, const SendResult *result)
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
 * SendMessage
 */
void
action_send_message(JsonbContainer *request, JsonbParseState **answer)
{
	static const ActionMember members[] = {
		{"QueueUrl", MEMBER_STRING, true},
		SEND_MEMBERS(true)
	};
	ActionValue values[lengthof(members)];
	Queue		queue;
	SendEntry	entry;
	Payload		payload;
	SendResult	result;

	ACTION_READ(request, members, values);
	authorize_lookup(values[SEND_FIRST].string, "SendMessage", &queue);
	read_entry(values, &entry);
	send_check(&queue, &entry, &payload);
	send_messages(&queue, &entry, &payload, 1, &result);
	put_sent(answer, &payload, &result);
}

/* An entry of a batch that is checked, and what comes of it */
typedef struct SendCheck
{
	const Queue *queue;
	const SendEntry *entry;
	int64		size;
	Payload    *payload;
} SendCheck;

/*
 * Check an entry.  Of one that is too large SQS says so in other words than of
 * a single message.
 */
static void
check_entry(void *arg)
{
	SendCheck  *check = arg;

	if (check->size > check->queue->maximum_message_size)
		ereport(ERROR,
				(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
				 errmsg("message is larger than the queue's maximum of %d bytes",
						check->queue->maximum_message_size),
				 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
							   "One or more parameters cannot be validated. Reason: Message must be shorter than %d bytes.",
							   check->queue->maximum_message_size)));
	send_check(check->queue, check->entry, check->payload);
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

/* Entries that were sent, in order, and which of them is to be written next */
typedef struct SentBatch
{
	Payload		payloads[WIRE_BATCH_MAX];
	SendResult	results[WIRE_BATCH_MAX];
	int			next;
} SentBatch;

static void
put_sent_entry(JsonbParseState **answer, void *arg)
{
	SentBatch  *sent = arg;

	put_sent(answer, &sent->payloads[sent->next], &sent->results[sent->next]);
	sent->next++;
}

/*
 * SendMessageBatch
 */
void
action_send_message_batch(JsonbContainer *request, JsonbParseState **answer)
{
	static const ActionMember request_members[] = {BATCH_MEMBERS};
	static const ActionMember members[] = {
		BATCH_ID_MEMBER,
		SEND_MEMBERS(false)
	};
	ActionValue values[lengthof(request_members)];
	Queue		queue;
	Batch		batch;
	SendEntry	entries[WIRE_BATCH_MAX];
	SentBatch	sent;
	int64		sizes[WIRE_BATCH_MAX];
	int64		total = 0;
	int			valid = 0;

	ACTION_READ(request, request_members, values);
	authorize_lookup(values[BATCH_QUEUE].string, "SendMessage", &queue);
	batch_read(&values[BATCH_ENTRIES], "SendMessageBatchRequestEntry", members, lengthof(members),
			   &batch);
	for (int i = 0; i < batch.count; i++)
	{
		read_entry(batch_entry(&batch, i), &entries[i]);
		sizes[i] = payload_size(entries[i].body, entries[i].attributes);
		total += sizes[i];
	}
	check_total(total);
	for (int i = 0; i < batch.count; i++)
		identity_check_given(queue.fifo, queue.content_based_deduplication, true,
							 entries[i].group_id, entries[i].deduplication_id);

	for (int i = 0; i < batch.count; i++)
	{
		SendCheck	check = {&queue, &entries[i], sizes[i], &sent.payloads[valid]};

		/* those that are wrong give way to those after them */
		if (batch_try(&batch, i, check_entry, &check))
			entries[valid++] = entries[i];
	}
	if (valid > 0)
		send_messages(&queue, entries, sent.payloads, valid, sent.results);
	sent.next = 0;
	batch_put_successes(&batch, answer, put_sent_entry, &sent);
	batch_put_failures(&batch, answer);
}
