/*-------------------------------------------------------------------------
 *
 * translate.c
 *		Read requests and write answers for a test in another language.
 *
 * Each line of the input is a JSON object, and each line of the output the
 * answer to it.  {"read": {"method", "path", "query", "headers", "body"}} gives
 * {"action", "request", "queue"} or {"error", "text"}; it is remembered for the
 * next lines.  {"answer": "...", "base": "..."} and {"fail": "SQLSTATE", "text":
 * "..."} give {"status", "type", "query_error", "body"}.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "call.h"

#define LINE_MAX_LENGTH (4 << 20)
#define HEADERS_MAX 64
#define REQUEST_ID "00000000-0000-4000-8000-000000000000"

static const char *
member(json_t *object, const char *name)
{
	const char *value = json_string_value(json_object_get(object, name));

	if (value == NULL)
	{
		fprintf(stderr, "there is no \"%s\"\n", name);
		exit(2);
	}
	return value;
}

static json_t *
read_call(json_t *sent, Call *call)
{
	HttpHeader	headers[HEADERS_MAX];
	HttpRequest request = {0};
	json_t	   *list = json_object_get(sent, "headers");
	json_t	   *result = json_object();
	Failure		failure = {0};
	const char *name;
	json_t	   *value;

	request.method = member(sent, "method");
	request.path = member(sent, "path");
	request.query = member(sent, "query");
	json_object_foreach(list, name, value)
	{
		headers[request.header_count].name = name;
		headers[request.header_count].value = json_string_value(value);
		if (++request.header_count == HEADERS_MAX)
			break;
	}
	request.headers = headers;
	request.body = member(sent, "body");
	request.body_length = strlen(request.body);

	call_free(call);
	if (call_read(&request, call, &failure))
	{
		json_object_set_new(result, "action", json_string(call->action->name));
		json_object_set_new(result, "request", json_loads(call->request, 0, NULL));
		json_object_set_new(result, "queue",
							call->queue == NULL ? json_null() : json_string(call->queue));
	}
	else
	{
		json_object_set_new(result, "error", json_string(error_info(failure.error)->code));
		json_object_set_new(result, "text", json_string(failure.text));
	}
	failure_free(&failure);
	return result;
}

static json_t *
write_answer(json_t *line, const Call *call)
{
	json_t	   *result = json_object();
	Answer		answer;

	if (json_object_get(line, "answer") != NULL)
		call_answer(call, member(line, "answer"), member(line, "base"), REQUEST_ID, &answer);
	else
	{
		Failure		failure;

		failure.error = error_from_sqlstate(member(line, "fail"));
		failure.text = must_strdup(member(line, "text"));
		call_fail(call, &failure, REQUEST_ID, &answer);
		failure_free(&failure);
	}
	json_object_set_new(result, "status", json_integer(answer.status));
	json_object_set_new(result, "type", json_string(answer.content_type));
	json_object_set_new(result, "query_error", json_string(answer.query_error));
	json_object_set_new(result, "body", json_string(answer.body.data));
	buffer_free(&answer.body);
	return result;
}

int
main(void)
{
	char	   *text = must_malloc(LINE_MAX_LENGTH);
	Call		call = {0};

	while (fgets(text, LINE_MAX_LENGTH, stdin) != NULL)
	{
		json_t	   *line = json_loads(text, 0, NULL);
		json_t	   *sent = json_object_get(line, "read");
		json_t	   *result = sent != NULL ? read_call(sent, &call) : write_answer(line, &call);

		json_dumpf(result, stdout, JSON_COMPACT);
		putchar('\n');
		fflush(stdout);
		json_decref(result);
		json_decref(line);
	}
	call_free(&call);
	free(text);
	return 0;
}
