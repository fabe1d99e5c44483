/*-------------------------------------------------------------------------
 *
 * fuzz_awsjson.c
 *		Whatever body a request of the AWS JSON protocol has: what is accepted is
 *		JSON of one object, which does not have U+0000 and is not nested deeply.
 *
 * The first byte chooses the action; a trace header is sent along.
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

static int
depth(json_t *json)
{
	int			deepest = 0;
	const char *key;
	json_t	   *element;
	size_t		i;

	json_array_foreach(json, i, element)
	{
		int			d = depth(element);

		deepest = d > deepest ? d : deepest;
	}
	json_object_foreach(json, key, element)
	{
		int			d = depth(element);

		deepest = d > deepest ? d : deepest;
	}
	return deepest + (json_is_array(json) || json_is_object(json));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char		target[64];
	HttpHeader	headers[] = {
		{"content-type", "application/x-amz-json-1.0"},
		{"x-amz-target", target},
		{"x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793"}
	};
	HttpRequest request = {.method = "POST",.path = "/",.query = "",.headers = headers,.header_count = 3};
	Call		call;
	Failure		failure = {0};
	char	   *body;

	if (size < 1)
		return 0;
	snprintf(target, sizeof(target), "AmazonSQS.%s", actions[data[0] % action_count].name);
	body = must_strndup((const char *) data + 1, size - 1);
	request.body = body;
	request.body_length = size - 1;

	if (call_read(&request, &call, &failure))
	{
		/* This takes no U+0000, as the server does not */
		json_t	   *root = json_loads(call.request, 0, NULL);

		if (!json_is_object(root) || depth(root) > 66 ||
			!utf8_valid(call.request, strlen(call.request)) ||
			call.action != &actions[data[0] % action_count])
			abort();
		json_decref(root);
	}
	else if (failure.text == NULL || call.request != NULL)
		abort();
	call_free(&call);
	failure_free(&failure);
	free(body);
	return 0;
}
