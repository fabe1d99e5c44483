/*-------------------------------------------------------------------------
 *
 * fuzz_lines.c
 *		Whatever a handler writes, in whatever pieces: the lines are those of the
 *		whole, none is longer than it may be, no byte is lost uncounted; and each
 *		is an answer or none.
 *
 * The first byte is the size of pieces, the second the limit of lines.
 *
 *-------------------------------------------------------------------------
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "lines.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Seen
{
	size_t		limit;
	size_t		bytes;			/* in lines */
	size_t		lines;
} Seen;

static void
take(void *arg, const char *text, size_t length, bool cut)
{
	Seen	   *seen = arg;
	Answer		answer;

	if (length > seen->limit || memchr(text, '\n', length) != NULL)
		abort();
	seen->bytes += length;
	seen->lines++;
	if (answer_read(text, length, &answer))
	{
		(void) answer_failed(&answer, "id");
		answer_free(&answer);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t		piece;
	size_t		newlines = 0;
	Lines		lines = {0};
	Seen		seen = {0};

	if (size < 2)
		return 0;
	piece = data[0] + 1;
	lines.limit = seen.limit = data[1] + 1;
	data += 2;
	size -= 2;
	for (size_t i = 0; i < size; i++)
		newlines += data[i] == '\n';
	for (size_t i = 0; i < size; i += piece)
		lines_feed(&lines, (const char *) data + i, size - i < piece ? size - i : piece, take, &seen);
	lines_end(&lines, take, &seen);
	if (seen.bytes + newlines + lines_passed_over(&lines) != size ||
		seen.lines < newlines || seen.lines > newlines + 1)
		abort();
	return 0;
}
