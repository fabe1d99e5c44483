/*-------------------------------------------------------------------------
 *
 * form.h
 *		Forms: names and values, application/x-www-form-urlencoded.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_FORM_H
#define GATEWAY_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "errors.h"

/*
 * More fields than any request of SQS has: ten entries of a batch with ten
 * attributes each have some 500.
 */
#define FORM_FIELDS_MAX 10000

typedef struct FormField
{
	const char *name;			/* UTF-8; a NUL has become U+0001 */
	const char *value;			/* the same */
} FormField;

typedef struct Form
{
	FormField  *fields;			/* as they were sent */
	int			count;
	char	   *memory;			/* which they point into */
} Form;

/*
 * Read a form: what a client sent, with or without a form before it, such as
 * the query string of a URL and the body.  MALFORMED_INPUT if it is none.
 */
extern bool form_read(const char *query, const char *body, size_t body_length,
					  Form *form, Failure *failure);
extern void form_free(Form *form);

/* The value of a field, the last one of this name; NULL: there is none */
extern const char *form_find(const Form *form, const char *name);

/*
 * Decode percent signs in place, and NUL to U+0001, and, in a form, plus to a
 * blank.  Returns the new length, and puts a NUL there; -1 if it is malformed
 * or not UTF-8.
 */
extern long form_decode(char *bytes, size_t length, bool plus);

/* The value of a hex digit, upper or lower case; -1: it is none */
extern int	form_hex_digit(char c);

#endif							/* GATEWAY_FORM_H */
