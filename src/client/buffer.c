/*-------------------------------------------------------------------------
 *
 * buffer.c
 *		Bytes that are put together piece by piece.
 *
 *-------------------------------------------------------------------------
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"

/*
 * Say so and end.
 */
static void
out_of_memory(void)
{
	static const char message[] = PROGRAM_NAME ": out of memory\n";

	fwrite(message, 1, sizeof(message) - 1, stderr);
	exit(EXIT_FAILURE);
}

void *
must_malloc(size_t size)
{
	void	   *memory = malloc(size == 0 ? 1 : size);

	if (memory == NULL)
		out_of_memory();
	return memory;
}

void *
must_calloc(size_t count, size_t size)
{
	void	   *memory = calloc(count == 0 ? 1 : count, size == 0 ? 1 : size);

	if (memory == NULL)
		out_of_memory();
	return memory;
}

void *
must_realloc(void *memory, size_t size)
{
	void	   *larger = realloc(memory, size == 0 ? 1 : size);

	if (larger == NULL)
		out_of_memory();
	return larger;
}

char *
must_strndup(const char *string, size_t length)
{
	char	   *copy = must_malloc(length + 1);

	memcpy(copy, string, length);
	copy[length] = '\0';
	return copy;
}

char *
must_strdup(const char *string)
{
	return must_strndup(string, strlen(string));
}

/*
 * Make room for so many more bytes and a NUL.
 */
static void
buffer_reserve(Buffer *buffer, size_t more)
{
	size_t		room = buffer->room == 0 ? 256 : buffer->room;

	if (more >= (size_t) -1 / 2 - buffer->length)
		out_of_memory();
	if (buffer->length + more < buffer->room)
		return;
	while (room <= buffer->length + more)
		room *= 2;
	buffer->data = must_realloc(buffer->data, room);
	buffer->room = room;
}

void
buffer_append(Buffer *buffer, const void *bytes, size_t length)
{
	buffer_reserve(buffer, length);
	if (length > 0)
		memcpy(buffer->data + buffer->length, bytes, length);
	buffer->length += length;
	buffer->data[buffer->length] = '\0';
}

void
buffer_puts(Buffer *buffer, const char *string)
{
	buffer_append(buffer, string, strlen(string));
}

void
buffer_putc(Buffer *buffer, char c)
{
	buffer_append(buffer, &c, 1);
}

void
buffer_printf(Buffer *buffer, const char *format,...)
{
	va_list		args;
	int			length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0)
		out_of_memory();
	buffer_reserve(buffer, length);
	va_start(args, format);
	vsnprintf(buffer->data + buffer->length, length + 1, format, args);
	va_end(args);
	buffer->length += length;
}

void
buffer_reset(Buffer *buffer)
{
	buffer->length = 0;
	if (buffer->data != NULL)
		buffer->data[0] = '\0';
}

void
buffer_free(Buffer *buffer)
{
	free(buffer->data);
	memset(buffer, 0, sizeof(*buffer));
}

char *
buffer_take(Buffer *buffer, size_t *length)
{
	char	   *data;

	buffer_reserve(buffer, 0);
	data = buffer->data;
	data[buffer->length] = '\0';
	if (length != NULL)
		*length = buffer->length;
	memset(buffer, 0, sizeof(*buffer));
	return data;
}
