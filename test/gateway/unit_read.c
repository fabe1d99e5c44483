/*-------------------------------------------------------------------------
 *
 * unit_read.c
 *		Requests of both protocols become the JSON that the server takes, or are
 *		refused with the error that SQS has for it.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "call.h"
#include "tap.h"

#define JSON_TYPE "application/x-amz-json-1.0"
#define FORM_TYPE "application/x-www-form-urlencoded; charset=utf-8"
#define QUEUE "http://localhost:9324/000000000000/orders"
#define QUEUE_ENCODED "http%3A%2F%2Flocalhost%3A9324%2F000000000000%2Forders"

/*
 * A request and what becomes of it: JSON, compared by value, or an error.
 */
typedef struct Case
{
	const char *name;
	const char *target;			/* NULL: a form */
	const char *path;
	const char *body;			/* without one it is a GET of the path */
	const char *json;			/* NULL: refused */
	int			error;
	const char *text;
} Case;

static const Case cases[] = {
	/* JSON: what the client sent */
	{"JSON", "AmazonSQS.SendMessage", "/",
		"{\"QueueUrl\": \"" QUEUE "\", \"MessageBody\": \"h\\u00e9llo\", \"DelaySeconds\": 5}",
	"{\"QueueUrl\": \"" QUEUE "\", \"MessageBody\": \"h\\u00e9llo\", \"DelaySeconds\": 5}", 0, NULL},
	{"JSON to the path of a queue", "AmazonSQS.PurgeQueue", "/000000000000/other",
	"{\"QueueUrl\": \"orders\"}", "{\"QueueUrl\": \"orders\"}", 0, NULL},
	{"JSON without QueueUrl is left to the server", "AmazonSQS.PurgeQueue",
	"/000000000000/other", "{}", "{}", 0, NULL},
	{"JSON with a QueueUrl that is no string is left to the server", "AmazonSQS.PurgeQueue",
	"/", "{\"QueueUrl\": 7}", "{\"QueueUrl\": 7}", 0, NULL},
	{"JSON with white space", "AmazonSQS.ListQueues", "/", " \t\r\n{ } \n", "{}", 0, NULL},
	{"JSON without body", "AmazonSQS.ListQueues", "/", "", "{}", 0, NULL},
	{"JSON with a key twice", "AmazonSQS.ListQueues", "/",
	"{\"QueueNamePrefix\": \"a\", \"QueueNamePrefix\": \"b\"}", "{\"QueueNamePrefix\": \"b\"}", 0, NULL},
	{"JSON with U+0000", "AmazonSQS.ListQueues", "/",
	"{\"a\\u0000\": \"\\u0000b\\u0000\\u0000\"}", "{\"a\\u0001\": \"\\u0001b\\u0001\\u0001\"}", 0, NULL},
	{"JSON with a backslash before u0000", "AmazonSQS.ListQueues", "/",
	"{\"a\": \"\\\\u0000\", \"b\": \"\\\\\\u0000\"}", "{\"a\": \"\\\\u0000\", \"b\": \"\\\\\\u0001\"}", 0, NULL},
	{"JSON with a pair of surrogates", "AmazonSQS.ListQueues", "/",
	"{\"a\": \"\\ud83d\\ude00\"}", "{\"a\": \"\xF0\x9F\x98\x80\"}", 0, NULL},
	{"JSON nested as deeply as it may be", "AmazonSQS.ListQueues", "/",
		"{\"a\": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
		"]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
		"{\"a\": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
	"]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", 0, NULL},
	{"JSON with numbers", "AmazonSQS.ListQueues", "/",
		"{\"a\": [0, -0.5, 1e3, 1.5E+300, 123456789012345678]}",
	"{\"a\": [0, -0.5, 1e3, 1.5E+300, 123456789012345678]}", 0, NULL},

	/* JSON that is refused */
	{"JSON nested too deeply", "AmazonSQS.ListQueues", "/",
		"{\"a\": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
		"]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
	NULL, SQS_SERIALIZATION, "The request is nested too deeply."},
	{"JSON with a long number", "AmazonSQS.ListQueues", "/",
		"{\"a\": 0.12345678901234567890123456789012345678901234567890123456789012345}",
	NULL, SQS_SERIALIZATION, "A number in the request has too many digits."},
	{"JSON with a large exponent", "AmazonSQS.ListQueues", "/", "{\"a\": 1e-99999}",
	NULL, SQS_SERIALIZATION, "A number in the request has too many digits."},
	{"JSON with an infinite number", "AmazonSQS.ListQueues", "/", "{\"a\": 1e999}",
	NULL, SQS_SERIALIZATION, "The request is not valid JSON."},
	{"JSON with a lone high surrogate", "AmazonSQS.ListQueues", "/", "{\"a\": \"\\ud800\"}",
	NULL, SQS_SERIALIZATION, "The request is not valid JSON."},
	{"JSON with a lone low surrogate", "AmazonSQS.ListQueues", "/", "{\"a\": \"\\udc00\"}",
	NULL, SQS_SERIALIZATION, "The request is not valid JSON."},
	{"JSON with broken UTF-8", "AmazonSQS.ListQueues", "/", "{\"a\": \"\xC3\"}",
	NULL, SQS_SERIALIZATION, "The request is not valid JSON."},
	{"JSON with a surrogate in UTF-8", "AmazonSQS.ListQueues", "/", "{\"a\": \"\xED\xA0\x80\"}",
	NULL, SQS_SERIALIZATION, "The request is not valid JSON."},
	{"JSON with a control character", "AmazonSQS.ListQueues", "/", "{\"a\": \"\n\"}",
	NULL, SQS_SERIALIZATION, "The request is not valid JSON."},
	{"JSON that ends early", "AmazonSQS.ListQueues", "/", "{\"a\": \"\\",
	NULL, SQS_SERIALIZATION, "The request is not valid JSON."},
	{"JSON that goes on", "AmazonSQS.ListQueues", "/", "{}{}",
	NULL, SQS_SERIALIZATION, "The request is not valid JSON."},
	{"JSON of white space", "AmazonSQS.ListQueues", "/", " ",
	NULL, SQS_SERIALIZATION, "The request is not valid JSON."},
	{"JSON that is no object", "AmazonSQS.ListQueues", "/", "[]",
	NULL, SQS_SERIALIZATION, "The request must be a JSON object."},
	{"JSON of an unknown action", "AmazonSQS.sendMessage", "/", "{}",
	NULL, SQS_UNKNOWN_OPERATION, "The action sendMessage is not valid for this endpoint."},
	{"JSON for another service", "DynamoDB_20120810.ListTables", "/", "{}",
	NULL, SQS_UNKNOWN_OPERATION, "The action DynamoDB_20120810.ListTables is not valid for this endpoint."},
	{"JSON without target", "", "/", "{}",
	NULL, SQS_UNKNOWN_OPERATION, "The request must have the header X-Amz-Target."},

	/* Query: every kind of member */
	{"Query by POST", NULL, "/",
		"Action=SendMessage&Version=2012-11-05&QueueUrl=" QUEUE_ENCODED
		"&MessageBody=a+b%2Bc%26%3d%25%0D%0a&DelaySeconds=0&MessageGroupId=g"
		"&MessageDeduplicationId=d",
		"{\"QueueUrl\": \"" QUEUE "\", \"MessageBody\": \"a b+c&=%\\r\\n\", \"DelaySeconds\": 0,"
	"\"MessageGroupId\": \"g\", \"MessageDeduplicationId\": \"d\"}", 0, NULL},
	{"Query by GET", NULL, "/?Action=GetQueueUrl&QueueName=orders&QueueOwnerAWSAccountId=1",
	NULL, "{\"QueueName\": \"orders\", \"QueueOwnerAWSAccountId\": \"1\"}", 0, NULL},
	{"Query by POST with a query string", NULL,
		"/000000000000/orders?Action=SendMessage&X-Amz-Algorithm=AWS4-HMAC-SHA256",
	"MessageBody=x", "{\"QueueUrl\": \"/000000000000/orders\", \"MessageBody\": \"x\"}", 0, NULL},
	{"Query with a parameter twice", NULL, "/?Action=GetQueueUrl&QueueName=a&QueueName=b",
	NULL, "{\"QueueName\": \"b\"}", 0, NULL},
	{"Query with empty pieces and unknown parameters", NULL,
		"/?&&Action=GetQueueUrl&=&=x&Foo.1.2=3&.=4&QueueName=a&Expires&",
	NULL, "{\"QueueName\": \"a\"}", 0, NULL},
	{"Query with attributes", NULL, "/",
		"Action=CreateQueue&QueueName=q&Attribute.1.Name=VisibilityTimeout&Attribute.1.Value=40"
		"&Attribute.2.Value=true&Attribute.2.Name=FifoQueue&Tag.1.Key=k&Tag.1.Value=",
		"{\"QueueName\": \"q\", \"Attributes\": {\"VisibilityTimeout\": \"40\", \"FifoQueue\": \"true\"},"
	"\"tags\": {\"k\": \"\"}}", 0, NULL},
	{"Query with tags", NULL, "/000000000000/q",
		"Action=TagQueue&Tag.1.Key=k&Tag.1.Value=v",
	"{\"QueueUrl\": \"/000000000000/q\", \"Tags\": {\"k\": \"v\"}}", 0, NULL},
	{"Query with keys of tags", NULL, "/",
		"Action=UntagQueue&QueueUrl=q&TagKey.1=a&TagKey.2=b",
	"{\"QueueUrl\": \"q\", \"TagKeys\": [\"a\", \"b\"]}", 0, NULL},
	{"Query with accounts and actions", NULL, "/",
		"Action=AddPermission&QueueUrl=q&Label=l&AWSAccountId.1=1&AWSAccountId.2=2&ActionName.1=*",
		"{\"QueueUrl\": \"q\", \"Label\": \"l\", \"AWSAccountIds\": [\"1\", \"2\"],"
	"\"Actions\": [\"*\"]}", 0, NULL},
	{"Query with lists of names", NULL, "/",
		"Action=ReceiveMessage&QueueUrl=q&AttributeName.1=All&MessageAttributeName.1=a.*"
		"&MessageSystemAttributeName.1=SenderId&MaxNumberOfMessages=10&WaitTimeSeconds=20"
		"&VisibilityTimeout=7&ReceiveRequestAttemptId=x",
		"{\"QueueUrl\": \"q\", \"AttributeNames\": [\"All\"], \"MessageAttributeNames\": [\"a.*\"],"
		"\"MessageSystemAttributeNames\": [\"SenderId\"], \"MaxNumberOfMessages\": 10,"
	"\"WaitTimeSeconds\": 20, \"VisibilityTimeout\": 7, \"ReceiveRequestAttemptId\": \"x\"}", 0, NULL},
	{"Query with message attributes", NULL, "/",
		"Action=SendMessage&QueueUrl=q&MessageBody=b"
		"&MessageAttribute.1.Name=s&MessageAttribute.1.Value.DataType=String"
		"&MessageAttribute.1.Value.StringValue=v"
		"&MessageAttribute.2.Name=b&MessageAttribute.2.Value.DataType=Binary"
		"&MessageAttribute.2.Value.BinaryValue=AP8%3D"
		"&MessageAttribute.3.Name=l&MessageAttribute.3.Value.DataType=String"
		"&MessageAttribute.3.Value.StringListValue.1=x"
		"&MessageSystemAttribute.1.Name=AWSTraceHeader"
		"&MessageSystemAttribute.1.Value.DataType=String"
		"&MessageSystemAttribute.1.Value.StringValue=Root%3D1",
		"{\"QueueUrl\": \"q\", \"MessageBody\": \"b\", \"MessageAttributes\": {"
		"\"s\": {\"DataType\": \"String\", \"StringValue\": \"v\"},"
		"\"b\": {\"DataType\": \"Binary\", \"BinaryValue\": \"AP8=\"},"
		"\"l\": {\"DataType\": \"String\", \"StringListValues\": [\"x\"]}},"
	"\"MessageSystemAttributes\": {\"AWSTraceHeader\": {\"DataType\": \"String\", \"StringValue\": \"Root=1\"}}}", 0, NULL},
	{"Query with a batch", NULL, "/",
		"Action=SendMessageBatch&QueueUrl=q"
		"&SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=A"
		"&SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=n"
		"&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=Number"
		"&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue=1"
		"&SendMessageBatchRequestEntry.2.Id=b&SendMessageBatchRequestEntry.2.MessageBody=B"
		"&SendMessageBatchRequestEntry.2.DelaySeconds=3",
		"{\"QueueUrl\": \"q\", \"Entries\": [{\"Id\": \"a\", \"MessageBody\": \"A\", \"MessageAttributes\":"
		"{\"n\": {\"DataType\": \"Number\", \"StringValue\": \"1\"}}},"
	"{\"Id\": \"b\", \"MessageBody\": \"B\", \"DelaySeconds\": 3}]}", 0, NULL},
	{"Query with numbers out of order and with gaps", NULL, "/",
		"Action=DeleteMessageBatch&QueueUrl=q"
		"&DeleteMessageBatchRequestEntry.10.Id=c&DeleteMessageBatchRequestEntry.9.Id=b"
		"&DeleteMessageBatchRequestEntry.09.ReceiptHandle=h"
		"&DeleteMessageBatchRequestEntry.10000.Id=d&DeleteMessageBatchRequestEntry.2.Id=a",
		"{\"QueueUrl\": \"q\", \"Entries\": [{\"Id\": \"a\"}, {\"Id\": \"b\"}, {\"ReceiptHandle\": \"h\"},"
	"{\"Id\": \"c\"}, {\"Id\": \"d\"}]}", 0, NULL},
	{"Query with visibility timeouts", NULL, "/",
		"Action=ChangeMessageVisibilityBatch&QueueUrl=q"
		"&ChangeMessageVisibilityBatchRequestEntry.1.Id=a"
		"&ChangeMessageVisibilityBatchRequestEntry.1.ReceiptHandle=h"
		"&ChangeMessageVisibilityBatchRequestEntry.1.VisibilityTimeout=-1",
	"{\"QueueUrl\": \"q\", \"Entries\": [{\"Id\": \"a\", \"ReceiptHandle\": \"h\", \"VisibilityTimeout\": -1}]}", 0, NULL},
	{"Query with a batch without entries", NULL, "/",
	"Action=DeleteMessageBatch&QueueUrl=q", "{\"QueueUrl\": \"q\", \"Entries\": []}", 0, NULL},
	{"Query with an empty list by its name in JSON", NULL, "/",
	"Action=UntagQueue&QueueUrl=q&TagKeys=", "{\"QueueUrl\": \"q\", \"TagKeys\": []}", 0, NULL},
	{"Query with an empty list", NULL, "/",
	"Action=UntagQueue&QueueUrl=q&TagKey=", "{\"QueueUrl\": \"q\", \"TagKeys\": []}", 0, NULL},
	{"Query with member in a list", NULL, "/",
		"Action=UntagQueue&QueueUrl=q&TagKey.member.2=b&TagKey.member.1=a",
	"{\"QueueUrl\": \"q\", \"TagKeys\": [\"a\", \"b\"]}", 0, NULL},
	{"Query with member after the name in JSON", NULL, "/",
		"Action=ReceiveMessage&QueueUrl=q&MessageAttributeNames.member.1=All",
	"{\"QueueUrl\": \"q\", \"MessageAttributeNames\": [\"All\"]}", 0, NULL},
	{"Query with member in a map", NULL, "/",
		"Action=TagQueue&QueueUrl=q&Tag.member.1.Key=k&Tag.member.1.Value=v",
	"{\"QueueUrl\": \"q\", \"Tags\": {\"k\": \"v\"}}", 0, NULL},
	{"Query with a list without number", NULL, "/",
		"Action=GetQueueAttributes&QueueUrl=q&AttributeName=All",
	"{\"QueueUrl\": \"q\", \"AttributeNames\": [\"All\"]}", 0, NULL},
	{"Query with a map without number", NULL, "/",
		"Action=SetQueueAttributes&QueueUrl=q&Attribute.Name=Policy&Attribute.Value=",
	"{\"QueueUrl\": \"q\", \"Attributes\": {\"Policy\": \"\"}}", 0, NULL},
	{"Query with a batch without number", NULL, "/",
		"Action=DeleteMessageBatch&QueueUrl=q&DeleteMessageBatchRequestEntry.Id=a",
	"{\"QueueUrl\": \"q\", \"Entries\": [{\"Id\": \"a\"}]}", 0, NULL},
	{"Query with an empty integer", NULL, "/",
	"Action=ReceiveMessage&QueueUrl=q&WaitTimeSeconds=", "{\"QueueUrl\": \"q\"}", 0, NULL},
	{"Query with NUL", NULL, "/", "Action=SendMessage&QueueUrl=q&MessageBody=a%00b",
	"{\"QueueUrl\": \"q\", \"MessageBody\": \"a\\u0001b\"}", 0, NULL},
	{"Query with UTF-8", NULL, "/",
		"Action=SendMessage&QueueUrl=q&MessageBody=%C3%A9\xC3\xA9%F0%9F%98%80",
	"{\"QueueUrl\": \"q\", \"MessageBody\": \"\xC3\xA9\xC3\xA9\xF0\x9F\x98\x80\"}", 0, NULL},
	{"Query with a missing member is left to the server", NULL, "/",
	"Action=SendMessage&QueueUrl=q", "{\"QueueUrl\": \"q\"}", 0, NULL},
	{"Query on move tasks", NULL, "/000000000000/q",
		"Action=StartMessageMoveTask&SourceArn=s&DestinationArn=d&MaxNumberOfMessagesPerSecond=5",
	"{\"SourceArn\": \"s\", \"DestinationArn\": \"d\", \"MaxNumberOfMessagesPerSecond\": 5}", 0, NULL},

	/* Query: the path of a queue */
	{"Query on a queue", NULL, "/000000000000/orders?Action=PurgeQueue", NULL,
	"{\"QueueUrl\": \"/000000000000/orders\"}", 0, NULL},
	{"Query on a queue behind a proxy's path", NULL, "/sqs/000000000000/orders/?Action=PurgeQueue",
	NULL, "{\"QueueUrl\": \"/sqs/000000000000/orders/\"}", 0, NULL},
	{"Query on an encoded path", NULL, "/000000000000/a%5Fb+c?Action=PurgeQueue", NULL,
	"{\"QueueUrl\": \"/000000000000/a_b+c\"}", 0, NULL},
	{"Query with QueueUrl on another queue", NULL,
		"/000000000000/orders?Action=PurgeQueue&QueueUrl=/000000000000/other", NULL,
	"{\"QueueUrl\": \"/000000000000/other\"}", 0, NULL},
	{"Query with an empty QueueUrl on a queue", NULL,
		"/000000000000/orders?Action=PurgeQueue&QueueUrl=", NULL,
	"{\"QueueUrl\": \"/000000000000/orders\"}", 0, NULL},
	{"Query without queue is left to the server", NULL, "/?Action=PurgeQueue", NULL, "{}", 0, NULL},
	{"Query for another queue's URL on a queue", NULL,
		"/000000000000/orders?Action=GetQueueUrl&QueueName=other", NULL,
	"{\"QueueName\": \"other\"}", 0, NULL},
	{"Query of all queues behind a proxy's path", NULL, "/sqs?Action=ListQueues&MaxResults=5",
	NULL, "{\"MaxResults\": 5}", 0, NULL},

	/* Query that is refused */
	{"Query of all queues on a queue", NULL, "/000000000000/orders?Action=ListQueues", NULL,
	NULL, GATEWAY_INVALID_ACTION, "The action ListQueues is not valid for this endpoint."},
	{"Query of a new queue on a queue", NULL, "/000000000000/orders/", "Action=CreateQueue&QueueName=q",
	NULL, GATEWAY_INVALID_ACTION, "The action CreateQueue is not valid for this endpoint."},
	{"Query of an unknown action", NULL, "/?Action=FooBar", NULL,
	NULL, GATEWAY_INVALID_ACTION, "The action FooBar is not valid for this endpoint."},
	{"Query without action", NULL, "/", "Version=2012-11-05",
	NULL, SQS_UNKNOWN_OPERATION, "The request must contain the parameter Action."},
	{"Query of nothing", NULL, "/", NULL,
	NULL, SQS_UNKNOWN_OPERATION, "The request must contain the parameter Action."},
	{"Query with a word for an integer", NULL, "/",
		"Action=ReceiveMessage&QueueUrl=q&WaitTimeSeconds=two",
	NULL, GATEWAY_MALFORMED_INPUT, "STRING_VALUE can not be converted to an Integer"},
	{"Query with a fraction for an integer", NULL, "/",
		"Action=ReceiveMessage&QueueUrl=q&WaitTimeSeconds=1.5",
	NULL, GATEWAY_MALFORMED_INPUT, "STRING_VALUE can not be converted to an Integer"},
	{"Query with a blank before an integer", NULL, "/",
		"Action=ReceiveMessage&QueueUrl=q&WaitTimeSeconds=+1",
	NULL, GATEWAY_MALFORMED_INPUT, "STRING_VALUE can not be converted to an Integer"},
	{"Query with an integer of more than 32 bits", NULL, "/",
		"Action=ReceiveMessage&QueueUrl=q&WaitTimeSeconds=2147483648",
	NULL, GATEWAY_MALFORMED_INPUT, "STRING_VALUE can not be converted to an Integer"},
	{"Query with an integer of more than 64 bits", NULL, "/",
		"Action=ReceiveMessage&QueueUrl=q&WaitTimeSeconds=99999999999999999999",
	NULL, GATEWAY_MALFORMED_INPUT, "STRING_VALUE can not be converted to an Integer"},
	{"Query with parts of a string", NULL, "/", "Action=PurgeQueue&QueueUrl.1=q",
	NULL, GATEWAY_MALFORMED_INPUT, "Start of structure or map found where not expected."},
	{"Query with a string and parts of it", NULL, "/", "Action=PurgeQueue&QueueUrl=q&QueueUrl.1=q",
	NULL, GATEWAY_MALFORMED_INPUT, "Start of structure or map found where not expected."},
	{"Query with a string for an entry", NULL, "/",
		"Action=DeleteMessageBatch&QueueUrl=q&DeleteMessageBatchRequestEntry.1=x",
	NULL, GATEWAY_MALFORMED_INPUT, "STRING_VALUE can not be converted to a Structure"},
	{"Query with a string for a message attribute", NULL, "/",
		"Action=SendMessage&QueueUrl=q&MessageAttribute.1.Name=n&MessageAttribute.1.Value=v",
	NULL, GATEWAY_MALFORMED_INPUT, "STRING_VALUE can not be converted to a Structure"},
	{"Query with a string for a map", NULL, "/", "Action=TagQueue&QueueUrl=q&Tag.1=x",
	NULL, GATEWAY_MALFORMED_INPUT, "STRING_VALUE can not be converted to a Structure"},
	{"Query with parts of an element", NULL, "/",
		"Action=UntagQueue&QueueUrl=q&TagKey.1.x=y",
	NULL, GATEWAY_MALFORMED_INPUT, "Start of structure or map found where not expected."},
	{"Query with member twice", NULL, "/",
		"Action=UntagQueue&QueueUrl=q&TagKey.member.member.1=y",
	NULL, GATEWAY_MALFORMED_INPUT, "Start of structure or map found where not expected."},
	{"Query with a map's value without key", NULL, "/",
		"Action=TagQueue&QueueUrl=q&Tag.1.Value=x",
	NULL, SQS_MISSING_PARAMETER, "The request must contain the parameter Key."},
	{"Query with a map's key without value", NULL, "/",
		"Action=SetQueueAttributes&QueueUrl=q&Attribute.1.Name=x",
	NULL, SQS_MISSING_PARAMETER, "The request must contain the parameter Value."},
	{"Query with a large number", NULL, "/",
		"Action=UntagQueue&QueueUrl=q&TagKey.10001=x",
	NULL, GATEWAY_MALFORMED_INPUT, "The index of a list is larger than 10000."},
	{"Query with an enormous number", NULL, "/",
		"Action=UntagQueue&QueueUrl=q&TagKey.18446744073709551617=x",
	NULL, GATEWAY_MALFORMED_INPUT, "The index of a list is larger than 10000."},
	{"Query with a bad escape", NULL, "/", "Action=SendMessage&QueueUrl=q&MessageBody=%4",
	NULL, GATEWAY_MALFORMED_INPUT, "A parameter of the request is not URL-encoded UTF-8."},
	{"Query with a bad digit", NULL, "/", "Action=SendMessage&QueueUrl=q&MessageBody=%4g1",
	NULL, GATEWAY_MALFORMED_INPUT, "A parameter of the request is not URL-encoded UTF-8."},
	{"Query with broken UTF-8", NULL, "/", "Action=SendMessage&QueueUrl=q&MessageBody=%C3",
	NULL, GATEWAY_MALFORMED_INPUT, "A parameter of the request is not URL-encoded UTF-8."},
	{"Query with a long form of UTF-8", NULL, "/", "Action=SendMessage&QueueUrl=q&MessageBody=%C0%80",
	NULL, GATEWAY_MALFORMED_INPUT, "A parameter of the request is not URL-encoded UTF-8."},
	{"Query with a broken name", NULL, "/", "Action=SendMessage&QueueUrl=q&%FF=b",
	NULL, GATEWAY_MALFORMED_INPUT, "A parameter of the request is not URL-encoded UTF-8."},
	{"Query with a broken path", NULL, "/%FF?Action=PurgeQueue", NULL,
	NULL, GATEWAY_MALFORMED_INPUT, "The path of the request is not URL-encoded UTF-8."}
};

/* Headers of a request that is put together */
typedef struct Sent
{
	HttpRequest request;
	HttpHeader	headers[8];
	char		path[256];
} Sent;

static void
add_header(Sent *sent, const char *name, const char *value)
{
	sent->headers[sent->request.header_count].name = name;
	sent->headers[sent->request.header_count].value = value;
	sent->request.header_count++;
}

/*
 * Put a request together.
 */
static void
make_request(Sent *sent, const char *target, const char *path, const char *body)
{
	char	   *question;

	memset(sent, 0, sizeof(*sent));
	snprintf(sent->path, sizeof(sent->path), "%s", path);
	question = strchr(sent->path, '?');
	sent->request.query = "";
	if (question != NULL)
	{
		*question = '\0';
		sent->request.query = question + 1;
	}
	sent->request.path = sent->path;
	sent->request.method = body == NULL ? "GET" : "POST";
	sent->request.body = body == NULL ? "" : body;
	sent->request.body_length = strlen(sent->request.body);
	sent->request.headers = sent->headers;
	if (body != NULL)
		add_header(sent, "content-type", target == NULL ? FORM_TYPE : JSON_TYPE);
	if (target != NULL && *target != '\0')
		add_header(sent, "x-amz-target", target);
}

static bool
same_json(const char *a, const char *b)
{
	json_t	   *a_json = json_loads(a, JSON_DECODE_ANY, NULL);
	json_t	   *b_json = json_loads(b, JSON_DECODE_ANY, NULL);
	bool		same = a_json != NULL && json_equal(a_json, b_json);

	json_decref(a_json);
	json_decref(b_json);
	return same;
}

/*
 * Read a request and compare what it becomes.
 */
static void
check(const char *name, Sent *sent, Protocol protocol, const char *json, int error,
	  const char *text)
{
	Call		call;
	Failure		failure = {0};
	bool		read = call_read(&sent->request, &call, &failure);

	if (json != NULL)
	{
		bool		same = read && same_json(json, call.request);

		if (!tap_ok(same && call.protocol == protocol, "%s", name))
			tap_difference(json, read ? call.request : failure.text);
	}
	else
	{
		bool		same = !read && failure.error == error && strcmp(failure.text, text) == 0;

		if (!tap_ok(same && call.protocol == protocol, "%s", name))
			tap_difference(text, read ? call.request : failure.text);
	}
	call_free(&call);
	failure_free(&failure);
}

/*
 * Trace headers of HTTP.
 */
static void
check_trace(const char *name, const char *target, const char *body, const char *trace,
			const char *json)
{
	Sent		sent;

	make_request(&sent, target, "/", body);
	add_header(&sent, "x-amzn-trace-id", trace);
	check(name, &sent, target == NULL ? PROTOCOL_QUERY : PROTOCOL_JSON, json, 0, NULL);
}

#define TRACED(trace) \
	"{\"AWSTraceHeader\": {\"DataType\": \"String\", \"StringValue\": \"" trace "\"}}"

static void
check_traces(void)
{
	static const char target[] = "AmazonSQS.SendMessage";

	check_trace("trace header", target, "{\"MessageBody\": \"b\"}", "Root=1",
				"{\"MessageBody\": \"b\", \"MessageSystemAttributes\": " TRACED("Root=1") "}");
	check_trace("trace header of a form", NULL, "Action=SendMessage&MessageBody=b", "Root=1",
				"{\"MessageBody\": \"b\", \"MessageSystemAttributes\": " TRACED("Root=1") "}");
	check_trace("trace header with null for system attributes", target,
				"{\"MessageSystemAttributes\": null}", "Root=1",
				"{\"MessageSystemAttributes\": " TRACED("Root=1") "}");
	check_trace("trace header with other system attributes", target,
				"{\"MessageSystemAttributes\": {}}", "Root=1",
				"{\"MessageSystemAttributes\": " TRACED("Root=1") "}");
	check_trace("the message's own trace header", target,
				"{\"MessageSystemAttributes\": " TRACED("Own") "}", "Root=1",
				"{\"MessageSystemAttributes\": " TRACED("Own") "}");
	check_trace("trace header with system attributes of a wrong type", target,
				"{\"MessageSystemAttributes\": 7}", "Root=1", "{\"MessageSystemAttributes\": 7}");
	check_trace("empty trace header", target, "{}", "", "{}");
	check_trace("trace header that is not UTF-8", target, "{}", "\xFF", "{}");
	check_trace("trace header of another action", "AmazonSQS.SendMessageBatch", "{}", "Root=1", "{}");
}

/*
 * How a request says which protocol it is of.
 */
static void
check_protocols(void)
{
	static const struct
	{
		const char *name;
		const char *path;
		const char *body;
		const char *type;
		const char *target;
		const char *accept;
		Protocol	protocol;
		const char *json;
	}			protocols[] = {
		{"target without content type", "/", "{}", NULL, "AmazonSQS.ListQueues", NULL,
		PROTOCOL_JSON, "{}"},
		{"JSON 1.1", "/", "{}", "Application/X-AMZ-JSON-1.1; charset=utf-8",
			"AmazonSQS.ListQueues", NULL,
		PROTOCOL_JSON, "{}"},
		{"a form without content type", "/", "Action=ListQueues&MaxResults=1", NULL, NULL, NULL,
		PROTOCOL_QUERY, "{\"MaxResults\": 1}"},
		{"a body of another type is no form", "/?Action=ListQueues", "MaxResults=1", "text/plain",
		NULL, NULL, PROTOCOL_QUERY, "{}"},
		{"GET with the content type of JSON", "/?Action=ListQueues", NULL, JSON_TYPE, NULL, NULL,
		PROTOCOL_QUERY, "{}"},
		{"a form whose answer shall be JSON", "/?Action=ListQueues", NULL, NULL, NULL,
		"application/json", PROTOCOL_QUERY_JSON, "{}"},
		{"a form whose answer may be JSON", "/?Action=ListQueues", NULL, NULL, NULL,
		"text/html , Application/JSON;q=0.9, */*", PROTOCOL_QUERY_JSON, "{}"},
		{"a form whose answer may be anything", "/?Action=ListQueues", NULL, NULL, NULL,
		"application/jsonlines, */*", PROTOCOL_QUERY, "{}"},
		{"JSON whose answer shall be JSON", "/", "{}", JSON_TYPE, "AmazonSQS.ListQueues",
		"application/json", PROTOCOL_JSON, "{}"}
	};

	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
	{
		Sent		sent;

		make_request(&sent, NULL, protocols[i].path, protocols[i].body);
		sent.request.header_count = 0;
		if (protocols[i].type != NULL)
			add_header(&sent, "content-type", protocols[i].type);
		if (protocols[i].target != NULL)
			add_header(&sent, "x-amz-target", protocols[i].target);
		if (protocols[i].accept != NULL)
			add_header(&sent, "accept", protocols[i].accept);
		check(protocols[i].name, &sent, protocols[i].protocol, protocols[i].json, 0, NULL);
	}
}

/*
 * Bytes that no string of C can have, and more parameters than there may be.
 */
static void
check_bodies(void)
{
	static const char json[] = "{\"a\": \"\0\"}";
	static const char number[] = "{\"a\": 0\0}";
	static const char form[] = "Action=SendMessage&MessageBody=a\0b";
	Buffer		many = {0};
	Sent		sent;

	make_request(&sent, "AmazonSQS.ListQueues", "/", "");
	sent.request.body = json;
	sent.request.body_length = sizeof(json) - 1;
	check("JSON with a NUL", &sent, PROTOCOL_JSON, NULL, SQS_SERIALIZATION,
		  "The request is not valid JSON.");

	sent.request.body = number;
	sent.request.body_length = sizeof(number) - 1;
	check("JSON with a NUL after a number", &sent, PROTOCOL_JSON, NULL, SQS_SERIALIZATION,
		  "The request is not valid JSON.");

	make_request(&sent, NULL, "/", "");
	sent.request.body = form;
	sent.request.body_length = sizeof(form) - 1;
	check("Query with a NUL", &sent, PROTOCOL_QUERY, "{\"MessageBody\": \"a\\u0001b\"}", 0, NULL);

	buffer_puts(&many, "Action=ListQueues");
	while (many.length < 20000)
		buffer_puts(&many, "&a");
	make_request(&sent, NULL, "/", many.data);
	check("Query with many parameters", &sent, PROTOCOL_QUERY, "{}", 0, NULL);
	while (many.length < 21000)
		buffer_puts(&many, "&a");
	make_request(&sent, NULL, "/", many.data);
	check("Query with too many parameters", &sent, PROTOCOL_QUERY, NULL,
		  GATEWAY_MALFORMED_INPUT, "The request has too many parameters.");

	buffer_reset(&many);
	buffer_puts(&many, "Action=UntagQueue&TagKey");
	for (int i = 0; i < 100000; i++)
		buffer_puts(&many, ".member");
	make_request(&sent, NULL, "/", many.data);
	check("Query with a long path of members", &sent, PROTOCOL_QUERY, NULL,
		  GATEWAY_MALFORMED_INPUT, "Start of structure or map found where not expected.");

	buffer_reset(&many);
	for (int i = 0; i < 100000; i++)
		buffer_puts(&many, "[{");
	make_request(&sent, "AmazonSQS.ListQueues", "/", many.data);
	check("JSON nested without end", &sent, PROTOCOL_JSON, NULL, SQS_SERIALIZATION,
		  "The request is nested too deeply.");
	buffer_free(&many);
}

/*
 * What a call says beside its request.
 */
static void
check_calls(void)
{
	static const struct
	{
		const char *name;
		const char *target;
		const char *path;
		const char *body;
		const char *action;
		const char *queue;
	}			calls[] = {
		{"queue of JSON", "AmazonSQS.PurgeQueue", "/", "{\"QueueUrl\": \"q\"}", "PurgeQueue", "q"},
		{"queue of a form", NULL, "/", "Action=PurgeQueue&QueueUrl=q", "PurgeQueue", "q"},
		{"queue of a path", NULL, "/000000000000/q", "Action=PurgeQueue", "PurgeQueue",
		"/000000000000/q"},
		{"no queue", "AmazonSQS.PurgeQueue", "/", "{}", "PurgeQueue", NULL},
		{"a queue that is no string", "AmazonSQS.PurgeQueue", "/", "{\"QueueUrl\": []}",
		"PurgeQueue", NULL},
		{"an action on no queue", "AmazonSQS.ListQueues", "/", "{\"QueueUrl\": \"q\"}",
		"ListQueues", NULL}
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
	{
		Sent		sent;
		Call		call;
		Failure		failure = {0};

		make_request(&sent, calls[i].target, calls[i].path, calls[i].body);
		tap_ok(call_read(&sent.request, &call, &failure) &&
			   strcmp(call.action->name, calls[i].action) == 0 &&
			   (calls[i].queue == NULL ? call.queue == NULL :
				call.queue != NULL && strcmp(call.queue, calls[i].queue) == 0),
			   "%s", calls[i].name);
		call_free(&call);
		failure_free(&failure);
	}
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		const Case *c = &cases[i];
		Sent		sent;

		make_request(&sent, c->target, c->path, c->body);
		check(c->name, &sent, c->target == NULL ? PROTOCOL_QUERY : PROTOCOL_JSON,
			  c->json, c->error, c->text);
	}
	check_protocols();
	check_traces();
	check_bodies();
	check_calls();
	return tap_end();
}
