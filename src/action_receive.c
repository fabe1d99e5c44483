/*-------------------------------------------------------------------------
 *
 * action_receive.c
 *		ReceiveMessage.
 *
 * What a message has beside its body is in the answer only where it is asked
 * for.  The digest of message attributes is over those that are given.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "action_json.h"
#include "action_receive.h"
#include "digest.h"
#include "message.h"
#include "receive.h"
#include "report.h"

/* System attributes of a received message, and the columns they are made of */
typedef enum SystemAttributeKind
{
	SYSTEM_TEXT,
	SYSTEM_NUMBER,
	SYSTEM_TIME					/* in milliseconds of the Unix epoch */
} SystemAttributeKind;

static const struct
{
	const char *name;
	int			column;
	SystemAttributeKind kind;
}			system_attributes[] = {
	{"AWSTraceHeader", Anum_sqs_message_trace_header, SYSTEM_TEXT},
	{"ApproximateFirstReceiveTimestamp", Anum_sqs_message_first_received_at, SYSTEM_TIME},
	{"ApproximateReceiveCount", Anum_sqs_message_receive_count, SYSTEM_NUMBER},
	{"DeadLetterQueueSourceArn", Anum_sqs_message_dead_letter_source, SYSTEM_TEXT},
	{"MessageDeduplicationId", Anum_sqs_message_message_deduplication_id, SYSTEM_TEXT},
	{"MessageGroupId", Anum_sqs_message_message_group_id, SYSTEM_TEXT},
	{"SenderId", Anum_sqs_message_sender_id, SYSTEM_TEXT},
	{"SentTimestamp", Anum_sqs_message_sent_at, SYSTEM_TIME},
	{"SequenceNumber", Anum_sqs_message_sequence_number, SYSTEM_TEXT}
};

/* What receiving messages needs to write them */
typedef struct ReceiveAnswer
{
	StringInfo	answer;
	MemoryContext context;		/* which the answer is made in */
	bool		begun;
	bool		system[lengthof(system_attributes)];	/* asked for */
	int			filters;
	char	  **filter;			/* what was asked for of message attributes */
} ReceiveAnswer;

/*
 * The strings of an array that may be NULL.
 */
static char **
array_strings(ArrayType *array, int *count)
{
	Datum	   *values;
	char	  **strings;

	*count = 0;
	if (array == NULL)
		return NULL;
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, NULL, count);
	strings = palloc(*count * sizeof(char *));
	for (int i = 0; i < *count; i++)
		strings[i] = TextDatumGetCString(values[i]);
	return strings;
}

/*
 * Note which system attributes are asked for.  There are names of queue
 * attributes that clients ask for here; they, and all that are not known, are
 * passed over.
 */
static void
want_system_attributes(ReceiveAnswer *receive, ArrayType *names)
{
	int			count;
	char	  **strings = array_strings(names, &count);

	for (int i = 0; i < count; i++)
	{
		for (int j = 0; j < lengthof(system_attributes); j++)
		{
			if (strcmp(strings[i], "All") == 0 ||
				strcmp(strings[i], system_attributes[j].name) == 0)
				receive->system[j] = true;
		}
	}
}

/*
 * Whether a message attribute is asked for: by its name, by the beginning of
 * it and ".*", or with all of them.
 */
static bool
wants_attribute(const ReceiveAnswer *receive, const JsonbValue *name)
{
	for (int i = 0; i < receive->filters; i++)
	{
		const char *filter = receive->filter[i];
		int			length = strlen(filter);

		if (strcmp(filter, "All") == 0 || strcmp(filter, "*") == 0)
			return true;
		if (length >= 2 && strcmp(filter + length - 2, ".*") == 0)
		{
			length -= 2;
			if (name->val.string.len >= length &&
				memcmp(name->val.string.val, filter, length) == 0)
				return true;
		}
		else if (name->val.string.len == length &&
				 memcmp(name->val.string.val, filter, length) == 0)
			return true;
	}
	return false;
}

/*
 * The message attributes that are asked for.
 */
static Jsonb *
select_attributes(const ReceiveAnswer *receive, Jsonb *attributes)
{
	JsonbParseState *state = NULL;
	JsonbIterator *iterator = JsonbIteratorInit(&attributes->root);
	JsonbIteratorToken token;
	JsonbValue	name;
	JsonbValue	value;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	while ((token = JsonbIteratorNext(&iterator, &name, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		(void) JsonbIteratorNext(&iterator, &value, true);
		if (!wants_attribute(receive, &name))
			continue;
		pushJsonbValue(&state, WJB_KEY, &name);
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/*
 * Milliseconds of the Unix epoch.
 */
static int64
epoch_milliseconds(TimestampTz time)
{
	return time / 1000 +
		(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (USECS_PER_DAY / 1000);
}

/*
 * Write the system attributes that are asked for and that a message has.
 */
static void
put_system_attributes(const ReceiveAnswer *receive, Datum *values, bool *isnull)
{
	bool		begun = false;

	for (int i = 0; i < lengthof(system_attributes); i++)
	{
		int			column = system_attributes[i].column - 1;
		char	   *string = NULL;

		if (!receive->system[i] || isnull[column])
			continue;
		switch (system_attributes[i].kind)
		{
			case SYSTEM_TEXT:
				string = TextDatumGetCString(values[column]);
				break;
			case SYSTEM_NUMBER:
				string = psprintf("%d", DatumGetInt32(values[column]));
				break;
			case SYSTEM_TIME:
				string = psprintf(INT64_FORMAT,
								  epoch_milliseconds(DatumGetTimestampTz(values[column])));
				break;
		}
		if (!begun)
		{
			action_put_key(receive->answer, "Attributes");
			action_begin(receive->answer, '{');
			begun = true;
		}
		action_put_string(receive->answer, system_attributes[i].name, string);
	}
	if (begun)
		action_end(receive->answer, '}');
}

/*
 * Write the message attributes that are asked for, and their digest.
 */
static void
put_message_attributes(const ReceiveAnswer *receive, Datum attributes)
{
	Jsonb	   *selected = select_attributes(receive, DatumGetJsonbPCopy(attributes));

	if (JB_ROOT_COUNT(selected) == 0)
		return;
	action_put_map(receive->answer, "MessageAttributes", selected);
	action_put_string(receive->answer, "MD5OfMessageAttributes",
					  digest_attributes(selected));
}

/*
 * Write one message.
 */
static bool
put_message(Datum *values, bool *isnull, void *arg)
{
	ReceiveAnswer *receive = arg;
	StringInfo	answer = receive->answer;
	MemoryContext old_context = MemoryContextSwitchTo(receive->context);
	text	   *body = DatumGetTextPP(values[Anum_sqs_message_body - 1]);

	if (!receive->begun)
	{
		action_put_key(answer, "Messages");
		action_begin(answer, '[');
		receive->begun = true;
	}
	action_begin(answer, '{');
	action_put_string(answer, "MessageId",
					  DatumGetCString(DirectFunctionCall1(uuid_out,
														  values[Anum_sqs_message_message_id - 1])));
	action_put_text(answer, "ReceiptHandle",
					DatumGetTextPP(values[Anum_sqs_message_receipt_handle - 1]));
	action_put_string(answer, "MD5OfBody", digest_body(body));
	action_put_text(answer, "Body", body);
	put_system_attributes(receive, values, isnull);
	if (receive->filters > 0 && !isnull[Anum_sqs_message_message_attributes - 1])
		put_message_attributes(receive, values[Anum_sqs_message_message_attributes - 1]);
	action_end(answer, '}');
	MemoryContextSwitchTo(old_context);
	return true;
}

/*
 * A number of seconds within a range, or -1 if it is not given.
 */
static int
optional_seconds(const ActionValue *value, const char *parameter, int high)
{
	if (!value->given)
		return -1;
	if (value->integer < 0 || value->integer > high)
		report_range(parameter, value->integer, 0, high);
	return value->integer;
}

/*
 * Read a request.  System attributes are asked for by two members, one of which
 * is older.  Returns what it says of the queue.
 */
static text *
read_request(JsonbContainer *request, ReceiveCall *call, ReceiveAnswer *receive)
{
	static const ActionMember members[] = {
		{"QueueUrl", MEMBER_STRING, true},
		{"MaxNumberOfMessages", MEMBER_INTEGER, false},
		{"VisibilityTimeout", MEMBER_INTEGER, false},
		{"WaitTimeSeconds", MEMBER_INTEGER, false},
		{"AttributeNames", MEMBER_STRINGS, false},
		{"MessageSystemAttributeNames", MEMBER_STRINGS, false},
		{"MessageAttributeNames", MEMBER_STRINGS, false},
		{"ReceiveRequestAttemptId", MEMBER_STRING, false}
	};
	ActionValue values[lengthof(members)];

	ACTION_READ(request, members, values);
	call->mode = DEQUEUE_RECEIVE;
	call->max = values[1].given ? values[1].integer : 1;
	if (call->max < 1 || call->max > WIRE_MESSAGES_MAX)
		report_invalid_parameter("MaxNumberOfMessages", psprintf("%d", call->max),
								 psprintf("Must be between 1 and %d, if provided.",
										  WIRE_MESSAGES_MAX));
	call->visibility_timeout = optional_seconds(&values[2], "VisibilityTimeout",
												VISIBILITY_TIMEOUT_MAX);
	call->wait_time = optional_seconds(&values[3], "WaitTimeSeconds",
									   WAIT_TIME_SECONDS_MAX);
	call->attempt_id = values[7].string;
	call->result = put_message;
	call->arg = receive;

	memset(receive, 0, sizeof(ReceiveAnswer));
	receive->context = CurrentMemoryContext;
	want_system_attributes(receive, values[4].strings);
	want_system_attributes(receive, values[5].strings);
	receive->filter = array_strings(values[6].strings, &receive->filters);
	return values[0].string;
}

/*
 * ReceiveMessage
 */
void
action_receive_message(JsonbContainer *request, StringInfo answer)
{
	ReceiveCall call;
	ReceiveAnswer receive;
	text	   *reference = read_request(request, &call, &receive);

	receive.answer = answer;
	receive_messages(reference, &call);
	if (receive.begun)
		action_end(answer, ']');
}

/*
 * Bytes of answers after which the other requests are left for another call: a
 * request may be answered with ten messages of 1 MiB.
 */
#define ANSWERS_MAX (4 * 1024 * 1024)

/* Requests that came together, and for each what it asks for and has found */
typedef struct ReceiveCalls
{
	ActionCalls *calls;
	ActionLookup lookup;
	Queue	  **queues;
	ReceiveCall *receives;
	ReceiveAnswer *answers;
	int		   *found;
	Size		bytes;			/* of answers so far */
} ReceiveCalls;

static void
check_request(int number, void *arg)
{
	ReceiveCalls *receive = arg;
	ReceiveCall *call = &receive->receives[number];
	text	   *reference;

	reference = read_request(receive->calls->requests[number], call,
							 &receive->answers[number]);
	receive->lookup.client = action_act_for(receive->calls, number);
	receive->queues[number] = action_lookup(&receive->lookup, reference);
	receive_begin(receive->queues[number], call);
}

static void
do_request(int number, void *arg)
{
	ReceiveCalls *receive = arg;
	ReceiveAnswer *messages = &receive->answers[number];
	StringInfoData answer;

	if (receive->bytes >= ANSWERS_MAX)
	{
		receive->calls->waits[number] = CALL_POSTPONED;
		return;
	}
	initStringInfo(&answer);
	messages->answer = &answer;
	messages->begun = false;
	action_begin(&answer, '{');
	receive->found[number] = receive_once(receive->queues[number],
										  &receive->receives[number]);
	if (messages->begun)
		action_end(&answer, ']');
	action_end(&answer, '}');
	receive->calls->answers[number] = answer.data;
	receive->bytes += answer.len;
}

static void
end_request(int number, void *arg)
{
	ReceiveCalls *receive = arg;

	receive_end(receive->queues[number], &receive->receives[number],
				receive->found[number]);
}

/*
 * ReceiveMessage, several of them.  None waits here: who may gets no answer, and
 * is told for how long.
 */
void
action_receive_message_each(ActionCalls *calls)
{
	ReceiveCalls receive = {.calls = calls,.lookup.action = "ReceiveMessage"};

	receive.queues = palloc(calls->count * sizeof(Queue *));
	receive.receives = palloc(calls->count * sizeof(ReceiveCall));
	receive.answers = palloc(calls->count * sizeof(ReceiveAnswer));
	receive.found = palloc0(calls->count * sizeof(int));
	action_check_each(calls->failures, 0, calls->count, check_request, &receive);
	action_try_each(calls->failures, 0, calls->count, do_request, &receive);
	for (int i = 0; i < calls->count; i++)
	{
		if (calls->failures[i].failed || receive.found[i] > 0 ||
			calls->waits[i] == CALL_POSTPONED)
			continue;
		if (!calls->last && !receive_is_over(&receive.receives[i], receive.found[i]))
		{
			/* which queue it waits for, by whatever name it was asked */
			calls->answers[i] = names_arn(receive.queues[i]->account_id,
										  receive.queues[i]->queue_name);
			calls->waits[i] = receive.receives[i].wait_time;
		}
		else
			action_check_each(calls->failures, i, i + 1, end_request, &receive);
	}
}
