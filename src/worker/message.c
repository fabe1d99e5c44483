/*-------------------------------------------------------------------------
 *
 * message.c
 *		A message as it was received, and how handlers get it.
 *
 * A handler gets the same of a message by JSON and by its environment.  What
 * comes from whoever sent the message is only ever a value, but for the names
 * of message attributes: they are part of a variable's name where they consist
 * of what such names may have, and begin with something of ours.
 *
 *-------------------------------------------------------------------------
 */
#define _GNU_SOURCE				/* environ */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "config.h"
#include "message.h"
#include "utf8.h"

/*
 * Longest variable: the kernel takes none with more than 128 kB.  What is longer
 * is left out; handlers that want it read JSON.
 */
#define VARIABLE_MAX 100000

/* U+FFFD, the replacement character */
#define REPLACEMENT "\xEF\xBF\xBD"

typedef struct FieldInfo
{
	const char *name;			/* in JSON */
	const char *variable;		/* NULL: it is on standard input */
	bool		raw;			/* is JSON itself */
} FieldInfo;

static const FieldInfo fields[MESSAGE_FIELDS] = {
	[MESSAGE_ID] = {"id", "SQS_MESSAGE_ID", false},
	[MESSAGE_BODY] = {"body", NULL, false},
	[MESSAGE_ATTRIBUTES] = {"message_attributes", "SQS_MESSAGE_ATTRIBUTES", true},
	[MESSAGE_GROUP_ID] = {"message_group_id", "SQS_MESSAGE_GROUP_ID", false},
	[MESSAGE_DEDUPLICATION_ID] = {"message_deduplication_id", "SQS_MESSAGE_DEDUPLICATION_ID", false},
	[MESSAGE_SEQUENCE_NUMBER] = {"sequence_number", "SQS_SEQUENCE_NUMBER", false},
	[MESSAGE_SENT_AT] = {"sent_at", "SQS_SENT_AT", false},
	[MESSAGE_FIRST_RECEIVED_AT] = {"first_received_at", "SQS_FIRST_RECEIVED_AT", false},
	[MESSAGE_RECEIVE_COUNT] = {"receive_count", "SQS_RECEIVE_COUNT", true},
	[MESSAGE_SENDER_ID] = {"sender_id", "SQS_SENDER_ID", false},
	[MESSAGE_DEAD_LETTER_SOURCE] = {"dead_letter_source", "SQS_DEAD_LETTER_SOURCE", false},
	[MESSAGE_TRACE_HEADER] = {"trace_header", "SQS_TRACE_HEADER", false},
	[MESSAGE_RECEIPT_HANDLE] = {"receipt_handle", "SQS_RECEIPT_HANDLE", false}
};

Message *
message_read(const PGresult *result, int row)
{
	size_t		size = sizeof(Message);
	Message    *message;
	char	   *end;

	for (int i = 0; i < MESSAGE_FIELDS; i++)
		size += PQgetlength(result, row, i) + 1;
	message = must_malloc(size);
	memset(message, 0, sizeof(*message));
	message->size = size;
	end = (char *) (message + 1);
	for (int i = 0; i < MESSAGE_FIELDS; i++)
	{
		size_t		length = PQgetlength(result, row, i);

		if (PQgetisnull(result, row, i))
			continue;
		memcpy(end, PQgetvalue(result, row, i), length + 1);
		message->values[i] = end;
		end += length + 1;
	}
	message->receive_count = atoi(message->values[MESSAGE_RECEIVE_COUNT]);
	return message;
}

void
message_free(Message *message)
{
	free(message);
}

/*
 * A string of JSON, whatever bytes it has: a database need not be UTF-8.
 */
static void
put_string(Buffer *buffer, const char *string)
{
	const char *end = string + strlen(string);

	buffer_putc(buffer, '"');
	while (string < end)
	{
		const char *plain = string;
		size_t		length;

		while (string < end && (unsigned char) *string >= ' ' &&
			   (unsigned char) *string < 0x7F && *string != '"' && *string != '\\')
			string++;
		buffer_append(buffer, plain, string - plain);
		if (string == end)
			break;
		length = utf8_length(string, end - string);
		if (length > 1)
		{
			buffer_append(buffer, string, length);
			string += length;
			continue;
		}
		if (length == 0)
			buffer_puts(buffer, REPLACEMENT);
		else if (*string == '"' || *string == '\\')
			buffer_printf(buffer, "\\%c", *string);
		else if (*string == '\n')
			buffer_puts(buffer, "\\n");
		else
			buffer_printf(buffer, "\\u%04x", (unsigned char) *string);
		string++;
	}
	buffer_putc(buffer, '"');
}

void
message_put_json(Buffer *buffer, const Message *message)
{
	bool		first = true;

	for (int i = 0; i < MESSAGE_FIELDS; i++)
	{
		if (message->values[i] == NULL)
			continue;
		buffer_puts(buffer, first ? "{\"" : ",\"");
		first = false;
		buffer_puts(buffer, fields[i].name);
		buffer_puts(buffer, "\":");
		if (fields[i].raw)
			buffer_puts(buffer, message->values[i]);
		else
			put_string(buffer, message->values[i]);
	}
	buffer_putc(buffer, '}');
}

void
message_put_list(Buffer *buffer, const char *id, Message *const *messages, int count)
{
	buffer_printf(buffer, "{\"id\":\"%s\",\"messages\":", id);
	for (int i = 0; i < count; i++)
	{
		buffer_putc(buffer, i == 0 ? '[' : ',');
		message_put_json(buffer, messages[i]);
	}
	buffer_puts(buffer, "]}");
}

/* An environment in the making */
typedef struct Variables
{
	char	  **list;
	int			count;
	int			room;
} Variables;

static void
add_variable(Variables *variables, char *variable)
{
	if (variables->count >= variables->room)
	{
		variables->room = variables->room == 0 ? 64 : 2 * variables->room;
		variables->list = must_realloc(variables->list, variables->room * sizeof(char *));
	}
	variables->list[variables->count++] = variable;
}

/*
 * Add a variable, unless it is too long.
 */
static void
set_variable(Variables *variables, const char *prefix, const char *name, const char *value)
{
	Buffer		variable = {0};

	if (strlen(value) > VARIABLE_MAX)
		return;
	buffer_printf(&variable, "%s%s=", prefix, name);
	buffer_puts(&variable, value);
	add_variable(variables, buffer_take(&variable, NULL));
}

static bool
is_variable_name(const char *name)
{
	for (const char *c = name; *c != '\0'; c++)
	{
		if (!isascii((unsigned char) *c) || (!isalnum((unsigned char) *c) && *c != '_'))
			return false;
	}
	return true;
}

/*
 * A variable for each message attribute that is text.
 */
static void
set_attributes(Variables *variables, const char *text)
{
	json_t	   *attributes = json_loads(text, 0, NULL);
	const char *name;
	json_t	   *attribute;

	json_object_foreach(attributes, name, attribute)
	{
		const char *value = json_string_value(json_object_get(attribute, "StringValue"));

		if (value != NULL && is_variable_name(name))
			set_variable(variables, "SQS_ATTRIBUTE_", name, value);
	}
	json_decref(attributes);
}

char	  **
message_environment(const char *queue, const Message *message)
{
	Variables	variables = {0};

	for (char **inherited = environ; *inherited != NULL; inherited++)
	{
		if (strncmp(*inherited, config_program.prefix, strlen(config_program.prefix)) != 0 &&
			strncmp(*inherited, "SQS_", 4) != 0)
			add_variable(&variables, must_strdup(*inherited));
	}
	set_variable(&variables, "", "SQS_QUEUE", queue);
	if (message != NULL)
	{
		for (int i = 0; i < MESSAGE_FIELDS; i++)
		{
			if (fields[i].variable != NULL && message->values[i] != NULL)
				set_variable(&variables, "", fields[i].variable, message->values[i]);
		}
		if (message->values[MESSAGE_ATTRIBUTES] != NULL)
			set_attributes(&variables, message->values[MESSAGE_ATTRIBUTES]);
	}
	add_variable(&variables, NULL);
	return variables.list;
}

void
message_free_environment(char **environment)
{
	for (char **variable = environment; *variable != NULL; variable++)
		free(*variable);
	free(environment);
}
