/*-------------------------------------------------------------------------
 *
 * unit_message.c
 *		Promises: JSON that handlers get is valid and in one line, whatever bytes
 *		a body has, and gives it back; what a message does not have is not there;
 *		the environment has what it should, and nothing that is too long or has a
 *		strange name.
 *
 *-------------------------------------------------------------------------
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "tap.h"

/*
 * A message as the database might give it; NULL: it does not have that.
 */
static Message *
make_message(const char *body, const char *attributes, const char *group)
{
	static char name[] = "c";
	PGresult   *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc columns[MESSAGE_FIELDS];
	const char *values[MESSAGE_FIELDS] = {
		[MESSAGE_ID] = "the-id",[MESSAGE_BODY] = body,[MESSAGE_ATTRIBUTES] = attributes,
		[MESSAGE_GROUP_ID] = group,[MESSAGE_RECEIVE_COUNT] = "3",[MESSAGE_RECEIPT_HANDLE] = "handle"
	};
	Message    *message;

	memset(columns, 0, sizeof(columns));
	for (int i = 0; i < MESSAGE_FIELDS; i++)
		columns[i].name = name;
	if (!PQsetResultAttrs(result, MESSAGE_FIELDS, columns))
		abort();
	for (int i = 0; i < MESSAGE_FIELDS; i++)
	{
		if (!PQsetvalue(result, 0, i, (char *) values[i], values[i] == NULL ? -1 : (int) strlen(values[i])))
			abort();
	}
	message = message_read(result, 0);
	PQclear(result);
	return message;
}

static void
test_body(const char *body, const char *expected)
{
	Message    *message = make_message(body, NULL, NULL);
	Buffer		text = {0};
	json_t	   *json;
	const char *got;

	message_put_json(&text, message);
	json = json_loads(text.data, 0, NULL);
	got = json_string_value(json_object_get(json, "body"));
	tap_ok(got != NULL && strcmp(got, expected) == 0 && strchr(text.data, '\n') == NULL &&
		   json_object_get(json, "message_group_id") == NULL &&
		   json_integer_value(json_object_get(json, "receive_count")) == 3,
		   "a body of %zu bytes: %.20s", strlen(body), body[0] < ' ' ? "" : body);
	json_decref(json);
	buffer_free(&text);
	message_free(message);
}

static void
test_bodies(void)
{
	char		all[256];

	for (int i = 1; i < 128; i++)
		all[i - 1] = (char) i;
	all[127] = '\0';
	test_body(all, all);
	test_body("", "");
	test_body("\"quotes\" and \\ and /", "\"quotes\" and \\ and /");
	test_body("\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80", "\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80");
	test_body("a\xFFz\xC3", "a\xEF\xBF\xBDz\xEF\xBF\xBD");
}

static void
test_list(void)
{
	Message    *messages[2] = {make_message("a", NULL, NULL), make_message("b", "{\"x\": {}}", "g")};
	Buffer		text = {0};
	json_t	   *json;
	json_t	   *second;

	message_put_list(&text, "17", messages, 2);
	json = json_loads(text.data, 0, NULL);
	second = json_array_get(json_object_get(json, "messages"), 1);
	tap_ok(strcmp(json_string_value(json_object_get(json, "id")), "17") == 0 &&
		   strcmp(json_string_value(json_object_get(second, "body")), "b") == 0 &&
		   json_is_object(json_object_get(second, "message_attributes")) &&
		   strcmp(json_string_value(json_object_get(second, "message_group_id")), "g") == 0,
		   "a list of two");
	json_decref(json);
	buffer_free(&text);
	message_free(messages[0]);
	message_free(messages[1]);
}

/*
 * The value of a variable; NULL: there is none.
 */
static const char *
variable(char **environment, const char *name)
{
	size_t		length = strlen(name);

	for (; *environment != NULL; environment++)
	{
		if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
			return *environment + length + 1;
	}
	return NULL;
}

static void
test_environment(void)
{
	Buffer		attributes = {0};
	Message    *message;
	char	  **environment;
	const char *value;

	setenv("QUEUE_WORKER_DSN", "password=secret", 1);
	setenv("SQS_TRACE_HEADER", "inherited", 1);
	setenv("OTHER", "kept", 1);
	buffer_puts(&attributes, "{\"Good_1\": {\"DataType\": \"String\", \"StringValue\": \"a=b\\nc\"},"
				" \"bad-name\": {\"DataType\": \"String\", \"StringValue\": \"x\"},"
				" \"Binary\": {\"DataType\": \"Binary\", \"BinaryValue\": \"eA==\"},"
				" \"Long\": {\"DataType\": \"String\", \"StringValue\": \"");
	for (int i = 0; i < 100001; i++)
		buffer_putc(&attributes, 'x');
	buffer_puts(&attributes, "\"}}");
	message = make_message("body", attributes.data, NULL);
	environment = message_environment("the-queue", message);

	value = variable(environment, "SQS_ATTRIBUTE_Good_1");
	tap_ok(value != NULL && strcmp(value, "a=b\nc") == 0, "a message attribute");
	tap_ok(variable(environment, "SQS_ATTRIBUTE_bad-name") == NULL, "none whose name has other characters");
	tap_ok(variable(environment, "SQS_ATTRIBUTE_Binary") == NULL, "none that is binary");
	tap_ok(variable(environment, "SQS_ATTRIBUTE_Long") == NULL &&
		   variable(environment, "SQS_MESSAGE_ATTRIBUTES") == NULL, "none that is too long");
	value = variable(environment, "SQS_QUEUE");
	tap_ok(value != NULL && strcmp(value, "the-queue") == 0, "the queue");
	value = variable(environment, "SQS_RECEIVE_COUNT");
	tap_ok(value != NULL && strcmp(value, "3") == 0, "the receive count");
	tap_ok(variable(environment, "SQS_TRACE_HEADER") == NULL, "what the message does not have is not inherited");
	tap_ok(variable(environment, "QUEUE_WORKER_DSN") == NULL, "settings are not inherited");
	value = variable(environment, "OTHER");
	tap_ok(value != NULL && strcmp(value, "kept") == 0, "other variables are");
	message_free_environment(environment);
	message_free(message);
	buffer_free(&attributes);
}

int
main(void)
{
	test_bodies();
	test_list();
	test_environment();
	return tap_end();
}
