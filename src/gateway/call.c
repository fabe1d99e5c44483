/*-------------------------------------------------------------------------
 *
 * call.c
 *		A call of an action, whatever protocol it came by, and its answer.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "awsjson.h"
#include "awsquery.h"
#include "awsxml.h"
#include "call.h"

#define TRACE_HEADER "AWSTraceHeader"

/*
 * What the server and the Query protocol say of a queue that is not there.
 */
#define NO_QUEUE "The specified queue does not exist."
#define NO_QUEUE_QUERY "The specified queue does not exist for this wsdl version."

/*
 * Give a message that is sent the trace header of its HTTP request, unless it
 * has its own.  Returns whether that changed the request.
 */
static bool
add_trace_header(const HttpRequest *request, const Action *action, json_t *root)
{
	const char *header = request_header(request, "x-amzn-trace-id");
	json_t	   *attributes = json_object_get(root, "MessageSystemAttributes");
	json_t	   *value;
	json_t	   *attribute;

	if (header == NULL || *header == '\0' || strcmp(action->name, "SendMessage") != 0)
		return false;
	if (attributes != NULL && !json_is_null(attributes) &&
		(!json_is_object(attributes) || json_object_get(attributes, TRACE_HEADER) != NULL))
		return false;
	value = json_string(header);
	if (value == NULL)			/* is not UTF-8 */
		return false;

	attribute = json_object();
	json_object_set_new(attribute, "DataType", json_string("String"));
	json_object_set_new(attribute, "StringValue", value);
	if (!json_is_object(attributes))
	{
		attributes = json_object();
		json_object_set_new(root, "MessageSystemAttributes", attributes);
	}
	json_object_set_new(attributes, TRACE_HEADER, attribute);
	return true;
}

/*
 * Which protocol a request is of.
 */
Protocol
call_protocol(const HttpRequest *request)
{
	if (awsjson_speaks(request))
		return PROTOCOL_JSON;
	return awsquery_wants_json(request) ? PROTOCOL_QUERY_JSON : PROTOCOL_QUERY;
}

/*
 * Read a call.
 */
bool
call_read(const HttpRequest *request, Call *call, Failure *failure)
{
	json_t	   *root;
	const char *queue;

	memset(call, 0, sizeof(*call));
	call->protocol = call_protocol(request);
	if (call->protocol == PROTOCOL_JSON)
		root = awsjson_read(request, call, failure);
	else
		root = awsquery_read(request, call, failure);
	if (root == NULL)
	{
		free(call->request);
		call->request = NULL;
		return false;
	}

	if (add_trace_header(request, call->action, root) || call->request == NULL)
	{
		Buffer		written = {0};

		free(call->request);
		awsjson_put(root, &written);
		call->request = buffer_take(&written, NULL);
	}
	queue = json_string_value(json_object_get(root, "QueueUrl"));
	if (queue != NULL && call->action->on_queue)
		call->queue = must_strdup(queue);
	json_decref(root);
	return true;
}

void
call_free(Call *call)
{
	free(call->request);
	free(call->queue);
	memset(call, 0, sizeof(*call));
}

/*
 * The URL of a queue as the client knows it: what the server put before the
 * account and the name is replaced.
 */
static json_t *
rebase_url(json_t *url, const char *base)
{
	Buffer		rebased = {0};
	const char *string = json_string_value(url);
	size_t		at = json_string_length(url);
	int			slashes = 0;
	json_t	   *result;

	if (string == NULL)
		return json_incref(url);
	while (at > 0 && slashes < 2)
	{
		if (string[--at] == '/')
			slashes++;
	}
	if (slashes < 2)
		return json_incref(url);
	buffer_puts(&rebased, base);
	buffer_puts(&rebased, string + at);
	result = json_string(rebased.data);
	buffer_free(&rebased);
	return result;
}

/*
 * The same for all URLs of an answer.
 */
static void
rebase_urls(json_t *root, const char *base)
{
	static const char *const lists[] = {"QueueUrls", "queueUrls"};
	json_t	   *url = json_object_get(root, "QueueUrl");

	if (url != NULL)
		json_object_set_new(root, "QueueUrl", rebase_url(url, base));
	for (int i = 0; i < 2; i++)
	{
		json_t	   *list = json_object_get(root, lists[i]);
		size_t		at;

		json_array_foreach(list, at, url)
			json_array_set_new(list, at, rebase_url(url, base));
	}
}

static const char *
content_type(Protocol protocol)
{
	switch (protocol)
	{
		case PROTOCOL_JSON:
			return "application/x-amz-json-1.0";
		case PROTOCOL_QUERY:
			return "text/xml";
		case PROTOCOL_QUERY_JSON:
			return "application/json";
	}
	return NULL;
}

/*
 * Begin an answer, which is empty before.
 */
static void
begin_answer(Answer *answer, int status, Protocol protocol)
{
	memset(answer, 0, sizeof(*answer));
	answer->status = status;
	answer->content_type = content_type(protocol);
}

/*
 * Write the answer.
 */
void
call_answer(const Call *call, const char *json, const char *base,
			const char *request_id, Answer *answer)
{
	json_t	   *root;
	json_error_t error;

	begin_answer(answer, 200, call->protocol);
	if (call->protocol == PROTOCOL_JSON && !call->action->answers_urls)
	{
		buffer_puts(&answer->body, json);
		return;
	}

	root = json_loads(json, 0, &error);
	if (!json_is_object(root))
	{
		Failure		failure = {0};

		json_decref(root);
		failure_set(&failure, GATEWAY_INTERNAL_FAILURE,
					"The answer of the database is not valid.");
		call_fail(call, &failure, request_id, answer);
		failure_free(&failure);
		return;
	}
	if (call->action->answers_urls)
		rebase_urls(root, base);
	switch (call->protocol)
	{
		case PROTOCOL_JSON:
			awsjson_put(root, &answer->body);
			break;
		case PROTOCOL_QUERY:
			awsxml_put_answer(call->action, root, request_id, &answer->body);
			break;
		case PROTOCOL_QUERY_JSON:
			awsjson_put_result(call->action, root, request_id, &answer->body);
			break;
	}
	json_decref(root);
}

/*
 * Write what went wrong.
 */
void
call_fail(const Call *call, const Failure *failure, const char *request_id,
		  Answer *answer)
{
	const ErrorInfo *info = error_info(failure->error);
	const char *message = failure->text == NULL ? "" : failure->text;

	begin_answer(answer, info->status, call->protocol);
	if (call->protocol == PROTOCOL_JSON)
	{
		snprintf(answer->query_error, sizeof(answer->query_error), "%s;%s", info->code,
				 info->status < 500 ? "Sender" : "Receiver");
		awsjson_put_error(info, message, &answer->body);
		return;
	}

	if (failure->error == SQS_QUEUE_DOES_NOT_EXIST && strcmp(message, NO_QUEUE) == 0)
		message = NO_QUEUE_QUERY;
	if (failure->error == SQS_UNKNOWN_OPERATION)
	{
		answer->content_type = content_type(PROTOCOL_QUERY);
		awsxml_put_no_action(&answer->body);
	}
	else if (call->protocol == PROTOCOL_QUERY)
		awsxml_put_error(info, message, request_id, &answer->body);
	else
		awsjson_put_result_error(info, message, request_id, &answer->body);
}
