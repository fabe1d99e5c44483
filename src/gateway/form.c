/*-------------------------------------------------------------------------
 *
 * form.c
 *		Forms: names and values, application/x-www-form-urlencoded.
 *
 * A form is decoded in one copy of it, which its fields point into.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "form.h"
#include "utf8.h"

int
form_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/*
 * Decode text in place: it only becomes shorter.
 */
long
form_decode(char *bytes, size_t length, bool plus)
{
	size_t		to = 0;

	for (size_t from = 0; from < length; from++)
	{
		char		c = bytes[from];

		if (c == '%')
		{
			int			high = from + 2 < length ? form_hex_digit(bytes[from + 1]) : -1;
			int			low = high >= 0 ? form_hex_digit(bytes[from + 2]) : -1;

			if (low < 0)
				return -1;
			c = (char) (high << 4 | low);
			from += 2;
		}
		else if (c == '+' && plus)
			c = ' ';
		bytes[to++] = c == '\0' ? '\001' : c;
	}
	bytes[to] = '\0';
	return utf8_valid(bytes, to) ? (long) to : -1;
}

/*
 * Decode one field, whose bytes a NUL may be written after.
 */
static bool
read_field(char *bytes, size_t length, Form *form)
{
	FormField  *field = &form->fields[form->count];
	char	   *equals = memchr(bytes, '=', length);
	size_t		name_length = equals == NULL ? length : (size_t) (equals - bytes);

	field->name = bytes;
	field->value = equals == NULL ? "" : equals + 1;
	form->count++;
	if (equals != NULL &&
		form_decode(equals + 1, length - name_length - 1, true) < 0)
		return false;
	return form_decode(bytes, name_length, true) >= 0;
}

/*
 * Read a form.
 */
bool
form_read(const char *query, const char *body, size_t body_length,
		  Form *form, Failure *failure)
{
	Buffer		both = {0};
	size_t		length;
	char	   *next;
	char	   *end;
	int			room = 1;

	buffer_puts(&both, query);
	buffer_putc(&both, '&');
	buffer_append(&both, body, body_length);
	memset(form, 0, sizeof(*form));
	form->memory = buffer_take(&both, &length);
	end = form->memory + length;
	for (next = form->memory; next < end; next++)
	{
		if (*next == '&')
			room++;
	}
	if (room > FORM_FIELDS_MAX)
	{
		form_free(form);
		return failure_set(failure, GATEWAY_MALFORMED_INPUT,
						   "The request has too many parameters.");
	}

	form->fields = must_malloc(room * sizeof(FormField));
	for (next = form->memory; next < end;)
	{
		char	   *ampersand = memchr(next, '&', end - next);
		char	   *field_end = ampersand == NULL ? end : ampersand;

		if (field_end > next && !read_field(next, field_end - next, form))
		{
			form_free(form);
			return failure_set(failure, GATEWAY_MALFORMED_INPUT,
							   "A parameter of the request is not URL-encoded UTF-8.");
		}
		next = field_end + 1;
	}
	return true;
}

void
form_free(Form *form)
{
	free(form->fields);
	free(form->memory);
	memset(form, 0, sizeof(*form));
}

/*
 * The value of a field.
 */
const char *
form_find(const Form *form, const char *name)
{
	for (int i = form->count - 1; i >= 0; i--)
	{
		if (strcmp(form->fields[i].name, name) == 0)
			return form->fields[i].value;
	}
	return NULL;
}
