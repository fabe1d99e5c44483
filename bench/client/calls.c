/*-------------------------------------------------------------------------
 *
 * calls.c
 *		The calls that a load is made of.
 *
 * Requests are in AWS JSON 1.0.  Of the answers nothing is read but what the
 * load needs, by a search for the names of members: the bodies of the messages
 * are this program's own, and have no quotes in them.  A receipt handle goes
 * back as it came, so that it need not be decoded and encoded.
 *
 *-------------------------------------------------------------------------
 */
#include "calls.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "die.h"

#define HANDLE "\"ReceiptHandle\""

static const char *message;
static Bytes request;

static void add(const char *format,...) __attribute__((format(printf, 1, 2)));

/* Append to the request */
static void
add(const char *format,...)
{
	va_list		arguments;
	int			length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	bytes_need(&request, length + 1);
	va_start(arguments, format);
	vsnprintf(request.data + request.length, length + 1, format, arguments);
	va_end(arguments);
	request.length += length;
}

static void
ask(Connection *connection, const char *action)
{
	connection_ask(connection, action, request.data, request.length);
	request.length = 0;
}

/* After blanks */
static const char *
skip_blanks(const char *string)
{
	return string + strspn(string, " \t\r\n");
}

/*
 * The next receipt handle from a place on, without its quotes: where it ends,
 * or NULL if there is none.
 */
static const char *
next_handle(const char *from, const char **handle)
{
	const char *end;

	from = strstr(from, HANDLE);
	if (from == NULL)
		return NULL;
	from = skip_blanks(from + strlen(HANDLE));
	if (*from++ != ':')
		die("a receipt handle is not a member");
	from = skip_blanks(from);
	if (*from++ != '"')
		die("a receipt handle is not a string");
	for (end = from; *end != '"'; end++)
	{
		if (*end == '\\')
			end++;
		if (*end == '\0')
			die("a receipt handle does not end");
	}
	*handle = from;
	return end;
}

void
calls_init(const char *body)
{
	message = body;
}

void
calls_send(Connection *connection, const char *queue)
{
	add("{\"QueueUrl\":\"%s\",\"MessageBody\":\"%s\"}", queue, message);
	ask(connection, "SendMessage");
}

void
calls_send_batch(Connection *connection, const char *queue, int count)
{
	add("{\"QueueUrl\":\"%s\",\"Entries\":[", queue);
	for (int i = 0; i < count; i++)
		add("%s{\"Id\":\"%d\",\"MessageBody\":\"%s\"}", i > 0 ? "," : "", i, message);
	add("]}");
	ask(connection, "SendMessageBatch");
}

void
calls_receive(Connection *connection, const char *queue, int most, int wait)
{
	add("{\"QueueUrl\":\"%s\",\"MaxNumberOfMessages\":%d,\"WaitTimeSeconds\":%d}", queue,
		most, wait);
	ask(connection, "ReceiveMessage");
}

int
calls_received(const Answer *answer)
{
	const char *handle;
	int			count = 0;

	for (const char *at = answer->body; (at = next_handle(at, &handle)) != NULL;)
		count++;
	return count;
}

int
calls_delete_batch(Connection *connection, const char *queue, const Answer *received)
{
	const char *handle;
	int			count = 0;

	add("{\"QueueUrl\":\"%s\",\"Entries\":[", queue);
	for (const char *at = received->body; (at = next_handle(at, &handle)) != NULL; count++)
		add("%s{\"Id\":\"%d\",\"ReceiptHandle\":\"%.*s\"}", count > 0 ? "," : "", count,
			(int) (at - handle), handle);
	add("]}");
	ask(connection, "DeleteMessageBatch");
	return count;
}

void
calls_check(const Answer *answer, const char *action, const char *member)
{
	const char *failed;

	if (answer->status != 200)
		die("%s: status %d: %.400s", action, answer->status, answer->body);
	if (member != NULL && strstr(answer->body, member) == NULL)
		die("%s: no %s in: %.400s", action, member, answer->body);

	/* Some servers leave a list of failures out, some give an empty one */
	failed = strstr(answer->body, "\"Failed\"");
	if (failed != NULL)
	{
		failed = skip_blanks(failed + strlen("\"Failed\""));
		failed = skip_blanks(failed + (*failed == ':'));
		if (*failed == '[' && *skip_blanks(failed + 1) != ']')
			die("%s: %.400s", action, answer->body);
	}
}
