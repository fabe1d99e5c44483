/*-------------------------------------------------------------------------
 *
 * lines.h
 *		Lines of what comes in pieces.
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKER_LINES_H
#define WORKER_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

/*
 * What was read of a line that has not ended.  All zero but for the limit: a new
 * one.
 */
typedef struct Lines
{
	size_t		limit;			/* bytes of a line */
	Buffer		begun;
	bool		cut;			/* the rest of this line is passed over */
	size_t		passed_over;	/* bytes, until somebody asks */
} Lines;

/* cut: it was longer than may be, and this is its beginning */
typedef void (*LineCallback) (void *arg, const char *text, size_t length, bool cut);

extern void lines_feed(Lines *lines, const char *bytes, size_t length,
					   LineCallback line, void *arg);

/* There is no more: what was begun is a line; forgets it all but the limit */
extern void lines_end(Lines *lines, LineCallback line, void *arg);

/* How many bytes were passed over since this was asked last */
extern size_t lines_passed_over(Lines *lines);

#endif							/* WORKER_LINES_H */
