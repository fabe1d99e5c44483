/*-------------------------------------------------------------------------
 *
 * awsxml.c
 *		Answers of the AWS Query protocol, which are XML.
 *
 * Lists and maps have no element around theirs: these follow each other among
 * the members of the structure.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "awsxml.h"
#include "shape.h"
#include "utf8.h"

#define XML_NAMESPACE "http://queue.amazonaws.com/doc/2012-11-05/"
#define XML_DECLARATION "<?xml version=\"1.0\"?>"

static void put_value(const Shape *shape, const char *name, json_t *value, Buffer *body);

/*
 * What stands for a character that cannot stand for itself; NULL if it can.  A
 * parser makes a line feed of a carriage return that is not escaped.  A
 * character that XML does not have at all, escaped or not, is in no message,
 * but may be in what an error quotes.
 */
static const char *
escape(const char *character, size_t length)
{
	switch (character[0])
	{
		case '&':
			return "&amp;";
		case '<':
			return "&lt;";
		case '>':
			return "&gt;";
		case '"':
			return "&quot;";
		case '\r':
			return "&#xD;";
		case '\t':
		case '\n':
			return NULL;
	}
	if (length == 0 || (unsigned char) character[0] < 0x20)
		return "\xEF\xBF\xBD";

	/* U+FFFE and U+FFFF */
	if (length == 3 && memcmp(character, "\xEF\xBF", 2) == 0 &&
		(unsigned char) character[2] >= 0xBE)
		return "\xEF\xBF\xBD";
	return NULL;
}

/*
 * Write text.  What needs no escape goes in one piece.
 */
static void
put_text(const char *string, size_t length, Buffer *body)
{
	size_t		done = 0;
	size_t		at = 0;

	while (at < length)
	{
		size_t		step = utf8_length(string + at, length - at);
		const char *escaped = escape(string + at, step);

		if (escaped != NULL)
		{
			buffer_append(body, string + done, at - done);
			buffer_puts(body, escaped);
			done = at + (step == 0 ? 1 : step);
		}
		at += step == 0 ? 1 : step;
	}
	buffer_append(body, string + done, length - done);
}

static void
put_start(const char *name, Buffer *body)
{
	buffer_putc(body, '<');
	buffer_puts(body, name);
	buffer_putc(body, '>');
}

static void
put_end(const char *name, Buffer *body)
{
	buffer_puts(body, "</");
	buffer_puts(body, name);
	buffer_putc(body, '>');
}

static void
put_string(const char *name, const char *text, size_t length, Buffer *body)
{
	put_start(name, body);
	put_text(text, length, body);
	put_end(name, body);
}

/*
 * Write a value that has no parts.
 */
static void
put_scalar(const char *name, json_t *value, Buffer *body)
{
	char		digits[32];

	if (json_is_string(value))
		put_string(name, json_string_value(value), json_string_length(value), body);
	else if (json_is_integer(value))
	{
		snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		put_string(name, digits, strlen(digits), body);
	}
	else if (json_is_boolean(value))
		put_string(name, json_is_true(value) ? "true" : "false",
				   json_is_true(value) ? 4 : 5, body);
}

static void
put_members(const Shape *shape, json_t *structure, Buffer *body)
{
	for (int i = 0; i < shape->member_count; i++)
	{
		json_t	   *value = json_object_get(structure, shape->members[i].name);

		if (value != NULL)
			put_value(shape->members[i].shape, shape->members[i].query, value, body);
	}
}

/*
 * Write a value, or all of a list or map.
 */
static void
put_value(const Shape *shape, const char *name, json_t *value, Buffer *body)
{
	const char *key;
	json_t	   *element;
	size_t		i;

	switch (shape->kind)
	{
		case SHAPE_STRING:
		case SHAPE_INTEGER:
		case SHAPE_BOOLEAN:
			put_scalar(name, value, body);
			break;
		case SHAPE_LIST:
			json_array_foreach(value, i, element)
				put_value(shape->element, name, element, body);
			break;
		case SHAPE_MAP:
			json_object_foreach(value, key, element)
			{
				put_start(name, body);
				put_string(shape->key, key, strlen(key), body);
				put_value(shape->element, shape->value, element, body);
				put_end(name, body);
			}
			break;
		case SHAPE_STRUCTURE:
			put_start(name, body);
			put_members(shape, value, body);
			put_end(name, body);
			break;
	}
}

/*
 * Write an answer.  An action whose answer has no members has no result, and
 * one that gives none of them an empty element for it.
 */
void
awsxml_put_answer(const Action *action, json_t *root, const char *request_id,
				  Buffer *body)
{
	const Shape *shape = action->shape->answer;

	buffer_printf(body, XML_DECLARATION "<%sResponse xmlns=\"" XML_NAMESPACE "\">",
				  action->name);
	if (shape->member_count > 0)
	{
		Buffer		result = {0};

		put_members(shape, root, &result);
		if (result.length == 0)
			buffer_printf(body, "<%sResult/>", action->name);
		else
		{
			buffer_printf(body, "<%sResult>", action->name);
			buffer_append(body, result.data, result.length);
			buffer_printf(body, "</%sResult>", action->name);
		}
		buffer_free(&result);
	}
	buffer_puts(body, "<ResponseMetadata>");
	put_string("RequestId", request_id, strlen(request_id), body);
	buffer_printf(body, "</ResponseMetadata></%sResponse>", action->name);
}

/*
 * Write an error.
 */
void
awsxml_put_error(const ErrorInfo *info, const char *text, const char *request_id,
				 Buffer *body)
{
	buffer_printf(body,
				  XML_DECLARATION "<ErrorResponse xmlns=\"" XML_NAMESPACE "\">"
				  "<Error><Type>%s</Type><Code>%s</Code>",
				  info->status < 500 ? "Sender" : "Receiver", info->code);
	put_string("Message", text, strlen(text), body);
	buffer_puts(body, "<Detail/></Error>");
	put_string("RequestId", request_id, strlen(request_id), body);
	buffer_puts(body, "</ErrorResponse>");
}

void
awsxml_put_no_action(Buffer *body)
{
	buffer_puts(body, "<UnknownOperationException/>");
}
