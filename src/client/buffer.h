/*-------------------------------------------------------------------------
 *
 * buffer.h
 *		Bytes that are put together piece by piece.
 *
 * Programs bound what they take from outside before they store it, so that
 * memory which cannot be had means a machine in trouble: the process then ends
 * with a line in the log, and whoever runs it starts it anew.  Nothing that
 * was committed is lost by that.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLIENT_BUFFER_H
#define CLIENT_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/* All zero: an empty one.  data ends with a NUL that length does not count. */
typedef struct Buffer
{
	char	   *data;
	size_t		length;
	size_t		room;
} Buffer;

extern void buffer_append(Buffer *buffer, const void *bytes, size_t length);
extern void buffer_puts(Buffer *buffer, const char *string);
extern void buffer_putc(Buffer *buffer, char c);
extern void buffer_printf(Buffer *buffer, const char *format,...) __attribute__((format(printf, 2, 3)));
extern void buffer_reset(Buffer *buffer);	/* empty, but keeps its memory */
extern void buffer_free(Buffer *buffer);

/* The bytes, to be freed by the caller; the buffer is empty afterwards */
extern char *buffer_take(Buffer *buffer, size_t *length);

/* As malloc() and so on, but they do not return NULL: see above */
extern void *must_malloc(size_t size);
extern void *must_calloc(size_t count, size_t size);
extern void *must_realloc(void *memory, size_t size);
extern char *must_strdup(const char *string);
extern char *must_strndup(const char *string, size_t length);

#endif							/* CLIENT_BUFFER_H */
