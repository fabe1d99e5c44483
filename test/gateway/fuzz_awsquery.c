/*-------------------------------------------------------------------------
 *
 * fuzz_awsquery.c
 *		Whatever a form, a path and headers are: what is accepted is JSON that
 *		can be parsed again, and what is refused can be answered.
 *
 * The first lines of the input are the path, the query string, the header
 * Accept and the trace header; the rest is the body.
 *
 *-------------------------------------------------------------------------
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "call.h"
#include "utf8.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Take a line of the input.
 */
static char *
take_line(const char **data, size_t *size)
{
	const char *end = memchr(*data, '\n', *size);
	size_t		length = end == NULL ? *size : (size_t) (end - *data);
	char	   *line = must_strndup(*data, length);

	*data += length;
	*size -= length;
	if (end != NULL)
	{
		(*data)++;
		(*size)--;
	}
	return line;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *rest = (const char *) data;
	char	   *path = take_line(&rest, &size);
	char	   *query = take_line(&rest, &size);
	char	   *accept = take_line(&rest, &size);
	char	   *trace = take_line(&rest, &size);
	char	   *body = must_strndup(rest, size);
	HttpHeader	headers[] = {{"accept", accept}, {"x-amzn-trace-id", trace}};
	HttpRequest request = {"POST", path, query, headers, 2, body, size, false};
	Call		call;
	Failure		failure = {0};

	if (call_read(&request, &call, &failure))
	{
		json_t	   *root = json_loads(call.request, 0, NULL);

		if (!json_is_object(root) || call.action == NULL)
			abort();
		json_decref(root);
	}
	else
	{
		Answer		answer;

		if (failure.text == NULL || !utf8_valid(failure.text, strlen(failure.text)))
			abort();
		call_fail(&call, &failure, "id", &answer);
		if (!utf8_valid(answer.body.data, answer.body.length))
			abort();
		buffer_free(&answer.body);
	}
	call_free(&call);
	failure_free(&failure);
	free(path);
	free(query);
	free(accept);
	free(trace);
	free(body);
	return 0;
}
