/*-------------------------------------------------------------------------
 *
 * lines.c
 *		Lines of what comes in pieces.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "lines.h"

/*
 * Take a piece of a line that does not end in it.
 */
static void
begin_line(Lines *lines, const char *bytes, size_t length, LineCallback line, void *arg)
{
	size_t		room = lines->limit - lines->begun.length;

	if (lines->cut)
	{
		lines->passed_over += length;
		return;
	}
	buffer_append(&lines->begun, bytes, length < room ? length : room);
	if (length > room)
	{
		line(arg, lines->begun.data, lines->begun.length, true);
		buffer_free(&lines->begun);
		lines->cut = true;
		lines->passed_over += length - room;
	}
}

/*
 * Take the last piece of a line.
 */
static void
end_line(Lines *lines, const char *bytes, size_t length, LineCallback line, void *arg)
{
	if (!lines->cut && lines->begun.length == 0 && length <= lines->limit)
	{
		line(arg, bytes, length, false);
		return;
	}
	begin_line(lines, bytes, length, line, arg);
	if (!lines->cut)
		line(arg, lines->begun.data, lines->begun.length, false);
	buffer_free(&lines->begun);
	lines->cut = false;
}

void
lines_feed(Lines *lines, const char *bytes, size_t length, LineCallback line, void *arg)
{
	const char *end = bytes + length;
	const char *newline;

	while (bytes < end && (newline = memchr(bytes, '\n', end - bytes)) != NULL)
	{
		end_line(lines, bytes, newline - bytes, line, arg);
		bytes = newline + 1;
	}
	if (bytes < end)
		begin_line(lines, bytes, end - bytes, line, arg);
}

void
lines_end(Lines *lines, LineCallback line, void *arg)
{
	if (lines->begun.length > 0)
		line(arg, lines->begun.data, lines->begun.length, false);
	buffer_free(&lines->begun);
	lines->cut = false;
}

size_t
lines_passed_over(Lines *lines)
{
	size_t		bytes = lines->passed_over;

	lines->passed_over = 0;
	return bytes;
}
