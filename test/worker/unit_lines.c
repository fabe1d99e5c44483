/*-------------------------------------------------------------------------
 *
 * unit_lines.c
 *		Promises: lines come out as they were written, in whatever pieces they
 *		were read; of one that is too long the beginning does, and the rest is
 *		counted; what was begun when there is no more is a line.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "lines.h"
#include "tap.h"

static Buffer seen;

static void
take(void *arg, const char *text, size_t length, bool cut)
{
	buffer_putc(&seen, '[');
	buffer_append(&seen, text, length);
	buffer_puts(&seen, cut ? "...]" : "]");
}

/*
 * Feed a text in pieces of a size, and compare.
 */
static void
test(const char *text, size_t limit, const char *expected, size_t passed_over)
{
	size_t		length = strlen(text);

	for (size_t size = 1; size <= length; size++)
	{
		Lines		lines = {.limit = limit};
		size_t		over;

		buffer_reset(&seen);
		for (size_t i = 0; i < length; i += size)
			lines_feed(&lines, text + i, length - i < size ? length - i : size, take, NULL);
		lines_end(&lines, take, NULL);
		over = lines_passed_over(&lines);
		if (!tap_ok(strcmp(seen.data == NULL ? "" : seen.data, expected) == 0 && over == passed_over,
					"%s, pieces of %zu", expected, size))
			tap_difference(expected, seen.data == NULL ? "" : seen.data);
	}
}

int
main(void)
{
	test("one\ntwo\n", 10, "[one][two]", 0);
	test("one\n\nthree", 10, "[one][][three]", 0);
	test("\n\n", 10, "[][]", 0);
	test("0123456789\n", 10, "[0123456789]", 0);
	test("0123456789a\nb\n", 10, "[0123456789...][b]", 1);
	test("0123456789abcdef\nb", 10, "[0123456789...][b]", 6);
	test("0123456789abcdef", 10, "[0123456789...]", 6);
	buffer_free(&seen);
	return tap_end();
}
