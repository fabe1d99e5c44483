/*-------------------------------------------------------------------------
 *
 * awsjson.c
 *		The AWS JSON protocol: requests and answers that are JSON.
 *
 * What a client sends goes to the server byte by byte, and what the server
 * answers to the client, as the server reads and writes this protocol.  But
 * requests share a statement: one that the server's parser stumbled over would
 * be an error of them all.  So whatever jsonb does not take is refused here.
 *
 * A parser checks the grammar, UTF-8 and surrogates.  It has no limit that is
 * near enough for nesting and for numbers, it takes no U+0000, and after a
 * number it overlooks a NUL; so the text is scanned for these before.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "awsjson.h"
#include "shape.h"

/* Requests of SQS have objects and arrays in four levels, or seven */
#define NESTING_MAX 64

/* Characters of a number, and digits of its exponent; jsonb's limits are higher */
#define NUMBER_MAX 64
#define EXPONENT_MAX 3

/* As much of a client's word as an error quotes */
#define QUOTED_MAX 80

#define TARGET_PREFIX "AmazonSQS."

/*
 * Whether a request is of this protocol.  Only its own clients send a target;
 * the content type counts where there is a body.
 */
bool
awsjson_speaks(const HttpRequest *request)
{
	static const char json[] = "application/x-amz-json-1.";
	const char *type = request_header(request, "content-type");

	if (request_header(request, "x-amz-target") != NULL)
		return true;
	return strcmp(request->method, "POST") == 0 && type != NULL &&
		strncasecmp(type, json, strlen(json)) == 0;
}

/*
 * Scan a string, whose opening quote was read: returns where it ends, and puts
 * U+0001 for each U+0000.  What else may be wrong with it is seen later.
 */
static size_t
scan_string(char *bytes, size_t length, size_t at)
{
	while (at < length && bytes[at] != '"')
	{
		if (bytes[at] != '\\')
		{
			at++;
			continue;
		}
		if (length - at > 5 && memcmp(bytes + at, "\\u0000", 6) == 0)
			bytes[at + 5] = '1';
		at += 2;
	}
	return at < length ? at + 1 : length;
}

/*
 * Scan a number: returns where it ends, and whether its size is bearable.
 */
static size_t
scan_number(const char *bytes, size_t length, size_t at, bool *bearable)
{
	size_t		start = at;
	size_t		exponent = 0;

	while (at < length && strchr("+-.0123456789eE", bytes[at]) != NULL)
	{
		if (bytes[at] == 'e' || bytes[at] == 'E')
			exponent = at;
		at++;
	}
	*bearable = at - start <= NUMBER_MAX &&
		(exponent == 0 || at - exponent <= EXPONENT_MAX + 2);
	return at;
}

/*
 * Look for what the parser would let pass.  Returns what is wrong, or NULL.
 */
static const char *
scan(char *bytes, size_t length)
{
	int			nesting = 0;
	size_t		at = 0;

	if (memchr(bytes, '\0', length) != NULL)
		return "The request is not valid JSON.";
	while (at < length)
	{
		char		c = bytes[at];

		if (c == '"')
			at = scan_string(bytes, length, at + 1);
		else if (c == '-' || (c >= '0' && c <= '9'))
		{
			bool		bearable;

			at = scan_number(bytes, length, at, &bearable);
			if (!bearable)
				return "A number in the request has too many digits.";
		}
		else
		{
			if (c == '{' || c == '[')
				nesting++;
			else if (c == '}' || c == ']')
				nesting--;
			if (nesting > NESTING_MAX)
				return "The request is nested too deeply.";
			at++;
		}
	}
	return NULL;
}

/*
 * Read a request.
 */
json_t *
awsjson_read(const HttpRequest *request, Call *call, Failure *failure)
{
	const char *target = request_header(request, "x-amz-target");
	const char *body = request->body;
	size_t		length = request->body_length;
	const char *problem;
	json_t	   *root;
	json_error_t error;

	if (target == NULL)
		failure_set(failure, SQS_UNKNOWN_OPERATION,
					"The request must have the header X-Amz-Target.");
	else
	{
		if (strncmp(target, TARGET_PREFIX, strlen(TARGET_PREFIX)) == 0)
		{
			target += strlen(TARGET_PREFIX);
			call->action = action_find(target, strlen(target));
		}
		if (call->action == NULL)
			failure_set(failure, SQS_UNKNOWN_OPERATION,
						"The action %.*s is not valid for this endpoint.",
						QUOTED_MAX, target);
	}
	if (call->action == NULL)
		return NULL;

	/* no body at all is no member at all */
	if (length == 0)
	{
		body = "{}";
		length = strlen(body);
	}
	call->request = must_strndup(body, length);
	problem = scan(call->request, length);
	if (problem != NULL)
	{
		failure_set(failure, SQS_SERIALIZATION, "%s", problem);
		return NULL;
	}
	root = json_loadb(call->request, length, 0, &error);
	if (root == NULL)
		failure_set(failure, SQS_SERIALIZATION, "The request is not valid JSON.");
	else if (!json_is_object(root))
	{
		failure_set(failure, SQS_SERIALIZATION, "The request must be a JSON object.");
		json_decref(root);
		root = NULL;
	}
	return root;
}

static int
append_bytes(const char *bytes, size_t length, void *buffer)
{
	buffer_append(buffer, bytes, length);
	return 0;
}

void
awsjson_put(json_t *json, Buffer *body)
{
	json_dump_callback(json, append_bytes, body, JSON_COMPACT);
}

/*
 * Write an error.
 */
void
awsjson_put_error(const ErrorInfo *info, const char *text, Buffer *body)
{
	json_t	   *root = json_object();
	char		type[128];

	snprintf(type, sizeof(type), "%s#%s",
			 info->framework ? "com.amazon.coral.service" : "com.amazonaws.sqs",
			 info->shape);
	json_object_set_new(root, "__type", json_string(type));
	json_object_set_new(root, "message", json_string(text));
	awsjson_put(root, body);
	json_decref(root);
}

static json_t *translate(const Shape *shape, json_t *json);

/*
 * A map becomes a list of keys and values.
 */
static json_t *
translate_map(const Shape *shape, json_t *map)
{
	json_t	   *list = json_array();
	const char *key;
	json_t	   *value;

	json_object_foreach(map, key, value)
	{
		json_t	   *entry = json_object();

		json_object_set_new(entry, shape->key, json_string(key));
		json_object_set_new(entry, shape->value, translate(shape->element, value));
		json_array_append_new(list, entry);
	}
	return list;
}

/*
 * Of a structure, some lists are named otherwise.
 */
static json_t *
translate_structure(const Shape *shape, json_t *structure)
{
	json_t	   *translation = json_object();

	for (int i = 0; i < shape->member_count; i++)
	{
		const char *name = shape->members[i].name;
		json_t	   *value = json_object_get(structure, name);

		if (value == NULL)
			continue;
		if (strcmp(name, "Messages") == 0)
			name = "messages";
		else if (strcmp(name, "QueueUrls") == 0)
			name = "queueUrls";
		json_object_set_new(translation, name, translate(shape->members[i].shape, value));
	}
	return translation;
}

/*
 * Put JSON in the form that the Query protocol has it in.
 */
static json_t *
translate(const Shape *shape, json_t *json)
{
	json_t	   *list;
	json_t	   *element;
	size_t		i;

	switch (shape->kind)
	{
		case SHAPE_STRING:
		case SHAPE_INTEGER:
		case SHAPE_BOOLEAN:
			break;
		case SHAPE_LIST:
			list = json_array();
			json_array_foreach(json, i, element)
				json_array_append_new(list, translate(shape->element, element));
			return list;
		case SHAPE_MAP:
			return translate_map(shape, json);
		case SHAPE_STRUCTURE:
			return translate_structure(shape, json);
	}
	return json_incref(json);
}

/*
 * Write an answer of the Query protocol in JSON: {"ListQueuesResponse":
 * {"ListQueuesResult": {...}, "ResponseMetadata": {...}}}.
 */
void
awsjson_put_result(const Action *action, json_t *root, const char *request_id,
				   Buffer *body)
{
	const Shape *shape = action->shape->answer;
	json_t	   *answer = json_object();
	json_t	   *response = json_object();
	json_t	   *metadata = json_object();
	char		name[64];

	if (shape->member_count > 0)
	{
		snprintf(name, sizeof(name), "%sResult", action->name);
		json_object_set_new(response, name, translate(shape, root));
	}
	json_object_set_new(metadata, "RequestId", json_string(request_id));
	json_object_set_new(response, "ResponseMetadata", metadata);
	snprintf(name, sizeof(name), "%sResponse", action->name);
	json_object_set_new(answer, name, response);
	awsjson_put(answer, body);
	json_decref(answer);
}

/*
 * Write an error of the Query protocol in JSON.
 */
void
awsjson_put_result_error(const ErrorInfo *info, const char *text,
						 const char *request_id, Buffer *body)
{
	json_t	   *answer = json_object();
	json_t	   *error = json_object();

	json_object_set_new(error, "Code", json_string(info->code));
	json_object_set_new(error, "Message", json_string(text));
	json_object_set_new(error, "Type",
						json_string(info->status < 500 ? "Sender" : "Receiver"));
	json_object_set_new(answer, "Error", error);
	json_object_set_new(answer, "RequestId", json_string(request_id));
	awsjson_put(answer, body);
	json_decref(answer);
}
