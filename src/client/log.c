/*-------------------------------------------------------------------------
 *
 * log.c
 *		The log: a JSON object a line, on standard error.
 *
 * A line is written by a single write(), so that lines of several processes
 * that share a pipe or a file do not mix.  Where a line cannot be written it
 * is lost: the program does not wait for whoever reads its log.
 *
 * Some of what is logged comes from clients, so any byte may be in it.  JSON
 * has no way to write what is not UTF-8; such bytes become U+FFFD.
 *
 *-------------------------------------------------------------------------
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "buffer.h"
#include "log.h"
#include "utf8.h"

/* U+FFFD, the replacement character */
#define REPLACEMENT "\xEF\xBF\xBD"

/* Significant digits of a double: more than a time that was measured has */
#define DOUBLE_DIGITS 9

static LogLevel log_level = LOG_LEVEL_INFO;

void
log_set_level(LogLevel level)
{
	log_level = level;
}

int
log_enabled(LogLevel level)
{
	return level >= log_level;
}

/*
 * A string of JSON, whatever bytes it has.
 */
static json_t *
string_value(const char *string)
{
	json_t	   *value = json_string(string);	/* NULL if it is not UTF-8 */
	const char *end = string + strlen(string);
	Buffer		valid = {0};

	if (value != NULL)
		return value;
	while (string < end)
	{
		size_t		length = utf8_length(string, end - string);

		if (length == 0)
		{
			buffer_puts(&valid, REPLACEMENT);
			string++;
		}
		else
		{
			buffer_append(&valid, string, length);
			string += length;
		}
	}
	value = json_string(valid.data);
	buffer_free(&valid);
	return value;
}

/*
 * The time now, in UTC with milliseconds.
 */
static json_t *
time_value(void)
{
	struct timespec now;
	struct tm	parts;
	char		seconds[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &parts);
	return json_sprintf("%s.%03dZ", seconds, (int) (now.tv_nsec / 1000000));
}

/*
 * Write all of a line, at once where the system does so.
 */
static void
write_line(const char *line, size_t length)
{
	while (length > 0)
	{
		ssize_t		written = write(STDERR_FILENO, line, length);

		if (written < 0)
		{
			if (errno == EINTR)
				continue;
			return;
		}
		line += written;
		length -= written;
	}
}

void
log_event(LogLevel level, const char *event,...)
{
	static const char *const names[] = {"debug", "info", "warning", "error"};
	json_t	   *object;
	const char *key;
	char	   *dumped;
	Buffer		line = {0};
	va_list		members;

	if (!log_enabled(level))
		return;

	object = json_object();
	json_object_set_new(object, "time", time_value());
	json_object_set_new(object, "level", json_string(names[level]));
	json_object_set_new(object, "event", string_value(event));

	va_start(members, event);
	while ((key = va_arg(members, const char *)) != NULL)
	{
		const char *type = va_arg(members, const char *);
		json_t	   *value = NULL;

		switch (type[0])
		{
			case 's':
				{
					const char *string = va_arg(members, const char *);

					if (string == NULL)
						continue;
					value = string_value(string);
					break;
				}
			case 'i':
				value = json_integer(va_arg(members, int));
				break;
			case 'l':
				value = json_integer(va_arg(members, int64_t));
				break;
			case 'f':
				value = json_real(va_arg(members, double));
				break;
			default:
				assert(false);
				break;
		}

		/* there is no number in JSON for infinity */
		if (value == NULL)
			value = json_null();
		json_object_set_new(object, key, value);
	}
	va_end(members);

	dumped = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(DOUBLE_DIGITS));
	json_decref(object);
	if (dumped == NULL)
		return;
	buffer_puts(&line, dumped);
	buffer_putc(&line, '\n');
	write_line(line.data, line.length);
	buffer_free(&line);
	free(dumped);
}
