/*-------------------------------------------------------------------------
 *
 * unit_answer.c
 *		Answers and errors have the bytes, status and headers that each protocol
 *		wants.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "tap.h"
#include "utf8.h"

#define BASE "https://queues.example:8443/sqs"
#define ID "7a62c49f-347e-4fc4-9331-6e8e7a96aa73"

#define XML "<?xml version=\"1.0\"?>"
#define XMLNS " xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">"
#define METADATA "<ResponseMetadata><RequestId>" ID "</RequestId></ResponseMetadata>"
#define JSON_METADATA "\"ResponseMetadata\":{\"RequestId\":\"" ID "\"}"

/* The whole of an answer in XML */
#define RESULT(action, result) \
	XML "<" action "Response" XMLNS result METADATA "</" action "Response>"

static const struct
{
	const char *name;
	Protocol	protocol;
	const char *action;
	const char *json;			/* of the server */
	const char *body;
}			answers[] = {

	{"JSON is left as it is", PROTOCOL_JSON, "SendMessage",
	"{\"MessageId\": \"http://a/b/c\"}", "{\"MessageId\": \"http://a/b/c\"}"},
	{"the URL of a new queue", PROTOCOL_JSON, "CreateQueue",
		"{\"QueueUrl\": \"http://localhost:9324/000000000000/q\"}",
	"{\"QueueUrl\":\"" BASE "/000000000000/q\"}"},
	{"URLs of a list", PROTOCOL_JSON, "ListQueues",
		"{\"NextToken\": \"http://a/b/c\", \"QueueUrls\": [\"http://h/p/1/a\", \"http://h/2/b\"]}",
	"{\"NextToken\":\"http://a/b/c\",\"QueueUrls\":[\"" BASE "/1/a\",\"" BASE "/2/b\"]}"},
	{"URLs of sources", PROTOCOL_JSON, "ListDeadLetterSourceQueues",
		"{\"queueUrls\": [\"http://h/1/a\"]}",
	"{\"queueUrls\":[\"" BASE "/1/a\"]}"},
	{"no URLs", PROTOCOL_JSON, "ListDeadLetterSourceQueues", "{\"queueUrls\": []}",
	"{\"queueUrls\":[]}"},
	{"what is no URL", PROTOCOL_JSON, "GetQueueUrl", "{\"QueueUrl\": \"a/b\"}",
	"{\"QueueUrl\":\"a/b\"}"},
	{"nothing in JSON", PROTOCOL_JSON, "DeleteMessage", "{}", "{}"},

	{"nothing in XML", PROTOCOL_QUERY, "DeleteMessage", "{}",
	RESULT("DeleteMessage", "")},
	{"no message in XML", PROTOCOL_QUERY, "ReceiveMessage", "{}",
	RESULT("ReceiveMessage", "<ReceiveMessageResult/>")},
	{"no URLs in XML", PROTOCOL_QUERY, "ListDeadLetterSourceQueues", "{\"queueUrls\": []}",
	RESULT("ListDeadLetterSourceQueues", "<ListDeadLetterSourceQueuesResult/>")},
	{"URLs in XML", PROTOCOL_QUERY, "ListQueues",
		"{\"QueueUrls\": [\"http://h/1/a\", \"http://h/2/b\"], \"NextToken\": \"t\"}",
		RESULT("ListQueues", "<ListQueuesResult><QueueUrl>" BASE "/1/a</QueueUrl><QueueUrl>"
			   BASE "/2/b</QueueUrl><NextToken>t</NextToken></ListQueuesResult>")},
	{"attributes in XML", PROTOCOL_QUERY, "GetQueueAttributes",
		"{\"Attributes\": {\"DelaySeconds\": \"0\", \"Policy\": \"{\\\"a\\\": 1}\"}}",
		RESULT("GetQueueAttributes",
			   "<GetQueueAttributesResult><Attribute><Name>DelaySeconds</Name><Value>0</Value>"
			   "</Attribute><Attribute><Name>Policy</Name><Value>{&quot;a&quot;: 1}</Value>"
			   "</Attribute></GetQueueAttributesResult>")},
	{"tags in XML", PROTOCOL_QUERY, "ListQueueTags", "{\"Tags\": {\"k\": \"\"}}",
		RESULT("ListQueueTags", "<ListQueueTagsResult><Tag><Key>k</Key><Value></Value></Tag>"
			   "</ListQueueTagsResult>")},
	{"a message sent in XML", PROTOCOL_QUERY, "SendMessage",
		"{\"MD5OfMessageAttributes\": \"a\", \"MD5OfMessageBody\": \"b\", \"MessageId\": \"i\","
		"\"SequenceNumber\": \"18\", \"MD5OfMessageSystemAttributes\": \"s\"}",
		RESULT("SendMessage", "<SendMessageResult><MessageId>i</MessageId>"
			   "<MD5OfMessageBody>b</MD5OfMessageBody>"
			   "<MD5OfMessageAttributes>a</MD5OfMessageAttributes>"
			   "<MD5OfMessageSystemAttributes>s</MD5OfMessageSystemAttributes>"
			   "<SequenceNumber>18</SequenceNumber></SendMessageResult>")},
	{"messages in XML", PROTOCOL_QUERY, "ReceiveMessage",
		"{\"Messages\": [{\"Body\": \"b\", \"MD5OfBody\": \"m\", \"MessageId\": \"i\","
		"\"ReceiptHandle\": \"h\", \"Attributes\": {\"SenderId\": \"s\"},"
		"\"MD5OfMessageAttributes\": \"a\", \"MessageAttributes\": {"
		"\"x\": {\"DataType\": \"String\", \"StringValue\": \"v\"},"
		"\"y\": {\"DataType\": \"Binary\", \"BinaryValue\": \"AP8=\"}}},"
		"{\"MessageId\": \"j\"}]}",
		RESULT("ReceiveMessage", "<ReceiveMessageResult><Message><MessageId>i</MessageId>"
			   "<ReceiptHandle>h</ReceiptHandle><MD5OfBody>m</MD5OfBody><Body>b</Body>"
			   "<Attribute><Name>SenderId</Name><Value>s</Value></Attribute>"
			   "<MD5OfMessageAttributes>a</MD5OfMessageAttributes>"
			   "<MessageAttribute><Name>x</Name><Value><DataType>String</DataType>"
			   "<StringValue>v</StringValue></Value></MessageAttribute>"
			   "<MessageAttribute><Name>y</Name><Value><DataType>Binary</DataType>"
			   "<BinaryValue>AP8=</BinaryValue></Value></MessageAttribute></Message>"
			   "<Message><MessageId>j</MessageId></Message></ReceiveMessageResult>")},
	{"text in XML", PROTOCOL_QUERY, "ReceiveMessage",
		"{\"Messages\": [{\"Body\": \"<a b=\\\"&quot;\\\">\\r\\n\\t'\\u00e9\\ud83d\\ude00]]>\"}]}",
		RESULT("ReceiveMessage", "<ReceiveMessageResult><Message><Body>"
			   "&lt;a b=&quot;&amp;quot;&quot;&gt;&#xD;\n\t'\xC3\xA9\xF0\x9F\x98\x80]]&gt;"
			   "</Body></Message></ReceiveMessageResult>")},
	{"what XML has no characters for", PROTOCOL_QUERY, "ReceiveMessage",
		"{\"Messages\": [{\"Body\": \"a\\u0001b\\uffff\\ufffd\\u001f\"}]}",
		RESULT("ReceiveMessage", "<ReceiveMessageResult><Message><Body>"
			   "a\xEF\xBF\xBD" "b\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD</Body></Message>"
			   "</ReceiveMessageResult>")},
	{"a batch in XML", PROTOCOL_QUERY, "DeleteMessageBatch",
		"{\"Failed\": [{\"Id\": \"b\", \"Code\": \"ReceiptHandleIsInvalid\", \"Message\": \"m\","
		"\"SenderFault\": true}, {\"Id\": \"c\", \"SenderFault\": false}], \"Successful\": [{\"Id\": \"a\"}]}",
		RESULT("DeleteMessageBatch", "<DeleteMessageBatchResult>"
			   "<DeleteMessageBatchResultEntry><Id>a</Id></DeleteMessageBatchResultEntry>"
			   "<BatchResultErrorEntry><Id>b</Id><SenderFault>true</SenderFault>"
			   "<Code>ReceiptHandleIsInvalid</Code><Message>m</Message></BatchResultErrorEntry>"
			   "<BatchResultErrorEntry><Id>c</Id><SenderFault>false</SenderFault>"
			   "</BatchResultErrorEntry></DeleteMessageBatchResult>")},
	{"tasks in XML", PROTOCOL_QUERY, "ListMessageMoveTasks",
		"{\"Results\": [{\"Status\": \"RUNNING\", \"TaskHandle\": \"h\", \"SourceArn\": \"s\","
		"\"StartedTimestamp\": 1700000000123, \"ApproximateNumberOfMessagesMoved\": 0}]}",
		RESULT("ListMessageMoveTasks", "<ListMessageMoveTasksResult>"
			   "<ListMessageMoveTasksResultEntry><TaskHandle>h</TaskHandle><Status>RUNNING</Status>"
			   "<SourceArn>s</SourceArn>"
			   "<ApproximateNumberOfMessagesMoved>0</ApproximateNumberOfMessagesMoved>"
			   "<StartedTimestamp>1700000000123</StartedTimestamp>"
			   "</ListMessageMoveTasksResultEntry></ListMessageMoveTasksResult>")},

	{"nothing in JSON for a form", PROTOCOL_QUERY_JSON, "DeleteMessage", "{}",
	"{\"DeleteMessageResponse\":{" JSON_METADATA "}}"},
	{"URLs in JSON for a form", PROTOCOL_QUERY_JSON, "ListQueues",
		"{\"QueueUrls\": [\"http://h/1/a\"]}",
		"{\"ListQueuesResponse\":{\"ListQueuesResult\":{\"queueUrls\":[\"" BASE "/1/a\"]},"
	JSON_METADATA "}}"},
	{"messages in JSON for a form", PROTOCOL_QUERY_JSON, "ReceiveMessage",
		"{\"Messages\": [{\"Body\": \"b\", \"MessageId\": \"i\", \"Attributes\": {\"SenderId\": \"s\"}}]}",
		"{\"ReceiveMessageResponse\":{\"ReceiveMessageResult\":{\"messages\":[{\"MessageId\":\"i\","
	"\"Body\":\"b\",\"Attributes\":[{\"Name\":\"SenderId\",\"Value\":\"s\"}]}]}," JSON_METADATA "}}"}
};

#define XML_ERROR(type, code, message) \
	XML "<ErrorResponse" XMLNS "<Error><Type>" type "</Type><Code>" code "</Code><Message>" \
	message "</Message><Detail/></Error><RequestId>" ID "</RequestId></ErrorResponse>"

static const struct
{
	const char *name;
	Protocol	protocol;
	int			error;
	const char *text;
	int			status;
	const char *body;
	const char *query_error;
}			failures[] = {

	{"no queue in JSON", PROTOCOL_JSON, SQS_QUEUE_DOES_NOT_EXIST,
		"The specified queue does not exist.", 400,
		"{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\","
		"\"message\":\"The specified queue does not exist.\"}",
	"AWS.SimpleQueueService.NonExistentQueue;Sender"},
	{"no queue in XML", PROTOCOL_QUERY, SQS_QUEUE_DOES_NOT_EXIST,
		"The specified queue does not exist.", 400,
		XML_ERROR("Sender", "AWS.SimpleQueueService.NonExistentQueue",
				  "The specified queue does not exist for this wsdl version."),
	""},
	{"no queue in JSON for a form", PROTOCOL_QUERY_JSON, SQS_QUEUE_DOES_NOT_EXIST,
		"The specified queue does not exist.", 400,
		"{\"Error\":{\"Code\":\"AWS.SimpleQueueService.NonExistentQueue\","
		"\"Message\":\"The specified queue does not exist for this wsdl version.\","
		"\"Type\":\"Sender\"},\"RequestId\":\"" ID "\"}",
	""},
	{"an error of the framework in JSON", PROTOCOL_JSON, SQS_MISSING_PARAMETER, "t \"q\"", 400,
		"{\"__type\":\"com.amazon.coral.service#MissingRequiredParameterException\","
		"\"message\":\"t \\\"q\\\"\"}",
	"MissingParameter;Sender"},
	{"an error of the framework in XML", PROTOCOL_QUERY, SQS_INVALID_PARAMETER_VALUE, "t < \r", 400,
		XML_ERROR("Sender", "InvalidParameterValue", "t &lt; &#xD;"),
	""},
	{"a malformed request in JSON", PROTOCOL_JSON, SQS_SERIALIZATION, "t", 400,
		"{\"__type\":\"com.amazon.coral.service#SerializationException\",\"message\":\"t\"}",
	"SerializationException;Sender"},
	{"a wrong value in JSON", PROTOCOL_JSON, SQS_INVALID_PARAMETER_VALUE, "t", 400,
		"{\"__type\":\"com.amazon.coral.service#InvalidParameterValueException\",\"message\":\"t\"}",
	"InvalidParameterValue;Sender"},
	{"no right in JSON", PROTOCOL_JSON, SQS_ACCESS_DENIED, "t", 403,
		"{\"__type\":\"com.amazon.coral.service#AccessDeniedException\",\"message\":\"t\"}",
	"AccessDenied;Sender"},
	{"an unknown action in JSON", PROTOCOL_JSON, SQS_UNKNOWN_OPERATION, "t", 404,
		"{\"__type\":\"com.amazon.coral.service#UnknownOperationException\",\"message\":\"t\"}",
	"InvalidAction;Sender"},
	{"an unknown action in XML", PROTOCOL_QUERY, GATEWAY_INVALID_ACTION, "t", 400,
		XML_ERROR("Sender", "InvalidAction", "t"),
	""},
	{"no action in XML", PROTOCOL_QUERY, SQS_UNKNOWN_OPERATION, "t", 404,
		"<UnknownOperationException/>",
	""},
	{"no action in JSON for a form", PROTOCOL_QUERY_JSON, SQS_UNKNOWN_OPERATION, "t", 404,
		"<UnknownOperationException/>",
	""},
	{"a bad receipt handle in XML", PROTOCOL_QUERY, SQS_RECEIPT_HANDLE_IS_INVALID, "t", 404,
		XML_ERROR("Sender", "ReceiptHandleIsInvalid", "t"),
	""},
	{"an error of KMS in JSON", PROTOCOL_JSON, SQS_KMS_DISABLED, "t", 400,
		"{\"__type\":\"com.amazonaws.sqs#KmsDisabled\",\"message\":\"t\"}",
	"KMS.DisabledException;Sender"},
	{"a bad signature in JSON", PROTOCOL_JSON, GATEWAY_INVALID_SIGNATURE, "t", 403,
		"{\"__type\":\"com.amazon.coral.service#InvalidSignatureException\",\"message\":\"t\"}",
	"SignatureDoesNotMatch;Sender"},
	{"an unknown key in JSON", PROTOCOL_JSON, SQS_UNRECOGNIZED_CLIENT, "t", 403,
		"{\"__type\":\"com.amazon.coral.service#UnrecognizedClientException\",\"message\":\"t\"}",
	"InvalidClientTokenId;Sender"},
	{"an error of ours in JSON", PROTOCOL_JSON, GATEWAY_SERVICE_UNAVAILABLE, "t", 503,
		"{\"__type\":\"com.amazon.coral.service#ServiceUnavailable\",\"message\":\"t\"}",
	"ServiceUnavailable;Receiver"},
	{"an error of ours in XML", PROTOCOL_QUERY, GATEWAY_INTERNAL_FAILURE, "t", 500,
		XML_ERROR("Receiver", "InternalFailure", "t"),
	""},
	{"an error without text", PROTOCOL_JSON, SQS_OVER_LIMIT, NULL, 403,
		"{\"__type\":\"com.amazonaws.sqs#OverLimit\",\"message\":\"\"}",
	"OverLimit;Sender"},
	{"an error that is none", PROTOCOL_JSON, -1, "t", 500,
		"{\"__type\":\"com.amazon.coral.service#InternalFailure\",\"message\":\"t\"}",
	"InternalFailure;Receiver"}
};

static const char *const content_types[] = {
	"application/x-amz-json-1.0", "text/xml", "application/json"
};

static void
check_answers(void)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
	{
		Call		call = {.protocol = answers[i].protocol};
		Answer		answer;

		call.action = action_find(answers[i].action, strlen(answers[i].action));
		call_answer(&call, answers[i].json, BASE, ID, &answer);
		if (!tap_ok(answer.status == 200 && answer.query_error[0] == '\0' &&
					strcmp(answer.content_type, content_types[call.protocol]) == 0 &&
					strcmp(answer.body.data, answers[i].body) == 0,
					"%s", answers[i].name))
			tap_difference(answers[i].body, answer.body.data);
		buffer_free(&answer.body);
	}
}

static void
check_failures(void)
{
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
	{
		Call		call = {.protocol = failures[i].protocol};
		Failure		failure = {failures[i].error, (char *) failures[i].text};
		bool		xml = failures[i].body[0] == '<';
		Answer		answer;

		call_fail(&call, &failure, ID, &answer);
		if (!tap_ok(answer.status == failures[i].status &&
					strcmp(answer.query_error, failures[i].query_error) == 0 &&
					strcmp(answer.content_type,
						   xml ? "text/xml" : content_types[call.protocol]) == 0 &&
					strcmp(answer.body.data, failures[i].body) == 0,
					"%s", failures[i].name))
			tap_difference(failures[i].body, answer.body.data);
		buffer_free(&answer.body);
	}
}

/*
 * An answer that cannot be told to who sent a form is an error.
 */
static void
check_broken_answers(void)
{
	static const char *const broken[] = {"", "[]", "{", "{\"a\": \"\xFF\"}"};

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
	{
		Call		call = {.protocol = PROTOCOL_QUERY,.action = action_find("ListQueues", 10)};
		Answer		answer;

		call_answer(&call, broken[i], BASE, ID, &answer);
		tap_ok(answer.status == 500 && strstr(answer.body.data, "<Code>InternalFailure</Code>") != NULL,
			   "broken answer %zu", i);
		buffer_free(&answer.body);
	}
}

/*
 * All actions are found by their names, and these are sorted.
 */
static void
check_actions(void)
{
	bool		found = true;
	bool		sorted = true;

	for (int i = 0; i < action_count; i++)
	{
		const char *name = actions[i].name;

		found = found && action_find(name, strlen(name)) == &actions[i] &&
			action_number(&actions[i]) == i;
		sorted = sorted && (i == 0 || strcmp(actions[i - 1].name, name) < 0);
	}
	tap_ok(action_count == 23, "there are 23 actions");
	tap_ok(found, "actions are found by name and by number");
	tap_ok(sorted, "actions are sorted");
	tap_ok(action_find("SendMessag", 10) == NULL && action_find("SendMessageX", 12) == NULL &&
		   action_find("", 0) == NULL, "there is no other action");
}

static void
check_errors(void)
{
	Failure		failure = {0};

	tap_ok(error_from_sqlstate("SQ001") == SQS_QUEUE_DOES_NOT_EXIST &&
		   error_from_sqlstate("42501") == SQS_ACCESS_DENIED, "errors have SQLSTATEs");
	tap_ok(error_from_sqlstate("XX000") == -1 && error_from_sqlstate("") == -1,
		   "other SQLSTATEs have no error");
	tap_ok(!failure_set(&failure, SQS_OVER_LIMIT, "%s %d", "a\xC3\xA9\xFF\xE2\x82", 7) &&
		   failure.error == SQS_OVER_LIMIT && strcmp(failure.text, "a\xC3\xA9??? 7") == 0,
		   "the text of a failure is UTF-8");
	failure_free(&failure);
}

/*
 * Sequences of UTF-8, well formed and not.
 */
static void
check_utf8(void)
{
	static const char *const valid[] = {
		"", "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
		"\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"
	};
	static const char *const invalid[] = {
		"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x7F", "\xC2\xC0", "\xE0\x9F\xBF",
		"\xED\xA0\x80", "\xED\xBF\xBF", "\xE2\x82", "\xE2\x82\x28", "\xF0\x8F\xBF\xBF",
		"\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF0\x90\x80", "\xF0\x90\x80\xC0", "\xFF"
	};

	for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++)
		tap_ok(utf8_valid(valid[i], strlen(valid[i])), "UTF-8 %zu", i);
	for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++)
		tap_ok(!utf8_valid(invalid[i], strlen(invalid[i])), "no UTF-8 %zu", i);
}

int
main(void)
{
	check_answers();
	check_broken_answers();
	check_failures();
	check_actions();
	check_errors();
	check_utf8();
	return tap_end();
}
