/*-------------------------------------------------------------------------
 *
 * canonical.c
 *		The canonical form of a request, which is what AWS's signatures sign.
 *
 * It is, a line each: the method; the path; the query string; the signed
 * headers and their values, and an empty line; their names; the digest of the
 * body.  No more than its digest is needed, so it goes into that piece by piece
 * and is never stored, except for the query string, which has to be sorted.
 *
 * The query string is decoded and encoded anew, as clients do not escape the
 * same characters.  "+" is a blank there, as in any form: what is signed has to
 * be what will be read.  The path is encoded again as it was sent, so that it
 * ends up encoded twice: that is the rule for every service but S3.  Slashes in
 * a row count as one, and "." and ".." are resolved, as in all SDKs that
 * normalize a path at all.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "canonical.h"
#include "form.h"

/* Of an encoded byte: "%XX" */
#define ENCODED_MAX 3

/* What may be between the words of a header's value */
#define BLANKS " \t"

/*
 * Whether a byte stands for itself in a URL, whatever the place.
 */
static bool
is_unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		c == '-' || c == '.' || c == '_' || c == '~';
}

static char *
encode(char *to, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";

	if (is_unreserved(c))
		*to++ = c;
	else
	{
		*to++ = '%';
		*to++ = digits[c >> 4];
		*to++ = digits[c & 15];
	}
	return to;
}

/*
 * The byte at *at, decoded; *at moves behind it.  -1: an escape is malformed.
 */
static int
decode(const char **at, const char *end)
{
	char		c = *(*at)++;
	int			high;
	int			low;

	if (c == '+')
		return ' ';
	if (c != '%')
		return (unsigned char) c;
	if (end - *at < 2)
		return -1;
	high = form_hex_digit((*at)[0]);
	low = form_hex_digit((*at)[1]);
	if (high < 0 || low < 0)
		return -1;
	*at += 2;
	return high << 4 | low;
}

bool
parameter_next(const char **query, Parameter *parameter)
{
	const char *start = *query + strspn(*query, "&");
	size_t		length = strcspn(start, "&");
	const char *equals = memchr(start, '=', length);

	*query = start + length;
	if (length == 0)
		return false;

	parameter->name.bytes = start;
	parameter->name.length = equals == NULL ? length : equals - start;
	parameter->value.bytes = equals == NULL ? start + length : equals + 1;
	parameter->value.length = start + length - parameter->value.bytes;
	return true;
}

int
parameter_decode(Slice part, char *decoded, size_t size)
{
	const char *at = part.bytes;
	const char *end = at + part.length;
	size_t		length = 0;

	while (at < end)
	{
		int			c = decode(&at, end);

		if (c < 0 || length == size)
			return -1;
		decoded[length++] = (char) c;
	}
	return (int) length;
}

bool
parameter_equals(Slice part, const char *string)
{
	const char *at = part.bytes;
	const char *end = at + part.length;

	for (; at < end; string++)
	{
		int			c = decode(&at, end);

		if (c <= 0 || c != (unsigned char) *string)
			return false;
	}
	return *string == '\0';
}

bool
canonical_query_check(const char *query)
{
	const char *end = query + strlen(query);
	const char *at = query;
	int			parameters = 1;

	while (at < end)
	{
		if (*at == '&' && ++parameters > CANONICAL_PARAMETERS_MAX)
			return false;
		if (decode(&at, end) < 0)
			return false;
	}
	return true;
}

/*
 * The path, normalized and encoded.
 */
static void
add_path(const char *path)
{
	size_t		path_length = strlen(path);
	char	   *normal = must_malloc(path_length + 1);
	size_t		length = 0;
	const char *at = path;
	char		encoded[ENCODED_MAX];

	while (*at != '\0')
	{
		const char *segment = at + strspn(at, "/");
		size_t		segment_length = strcspn(segment, "/");

		at = segment + segment_length;
		if (segment_length == 0 || (segment_length == 1 && segment[0] == '.'))
			continue;
		if (segment_length == 2 && segment[0] == '.' && segment[1] == '.')
		{
			while (length > 0 && normal[--length] != '/')
				;
			continue;
		}

		/* A slash was before each segment but, maybe, the first */
		normal[length++] = '/';
		memcpy(normal + length, segment, segment_length);
		length += segment_length;
	}
	if (length == 0 || path[path_length - 1] == '/')
		normal[length++] = '/';

	for (size_t i = 0; i < length; i++)
	{
		if (normal[i] == '/')
			sha256_add("/", 1);
		else
			sha256_add(encoded, encode(encoded, normal[i]) - encoded);
	}
	free(normal);
}

static int
compare_slices(const Slice *a, const Slice *b)
{
	size_t		shorter = a->length < b->length ? a->length : b->length;
	int			result = memcmp(a->bytes, b->bytes, shorter);

	return result != 0 ? result : (a->length > b->length) - (a->length < b->length);
}

static int
compare_parameters(const void *a, const void *b)
{
	const Parameter *x = a;
	const Parameter *y = b;
	int			result = compare_slices(&x->name, &y->name);

	return result != 0 ? result : compare_slices(&x->value, &y->value);
}

/*
 * Encode a part of a query string anew at to, and have it point there.  Returns
 * the end.  The escapes were checked.
 */
static char *
encode_part(Slice *part, char *to)
{
	const char *at = part->bytes;
	const char *end = at + part->length;

	part->bytes = to;
	while (at < end)
		to = encode(to, (unsigned char) decode(&at, end));
	part->length = to - part->bytes;
	return to;
}

/*
 * The query string: all parameters but the signature, encoded, then sorted.
 */
static bool
add_query(const char *query)
{
	Parameter  *parameters;
	Parameter	parameter;
	char	   *encoded;
	char	   *to;
	const char *at = query;
	int			count = 0;

	if (*query == '\0')
		return true;
	if (!canonical_query_check(query))
		return false;

	parameters = must_malloc(CANONICAL_PARAMETERS_MAX * sizeof(Parameter));
	to = encoded = must_malloc(ENCODED_MAX * strlen(query));
	while (parameter_next(&at, &parameter))
	{
		if (parameter_equals(parameter.name, CANONICAL_SIGNATURE_PARAMETER))
			continue;
		to = encode_part(&parameter.name, to);
		to = encode_part(&parameter.value, to);
		parameters[count++] = parameter;
	}
	qsort(parameters, count, sizeof(Parameter), compare_parameters);

	for (int i = 0; i < count; i++)
	{
		if (i > 0)
			sha256_add("&", 1);
		sha256_add(parameters[i].name.bytes, parameters[i].name.length);
		sha256_add("=", 1);
		sha256_add(parameters[i].value.bytes, parameters[i].value.length);
	}
	free(encoded);
	free(parameters);
	return true;
}

/*
 * The value of a header: no blanks around it, and one where there are several.
 */
static void
add_value(const char *value)
{
	bool		first = true;

	for (;;)
	{
		size_t		length;

		value += strspn(value, BLANKS);
		length = strcspn(value, BLANKS);
		if (length == 0)
			return;
		if (!first)
			sha256_add(" ", 1);
		sha256_add(value, length);
		value += length;
		first = false;
	}
}

/*
 * A header that may have been sent more than once.
 */
static void
add_header(const HttpRequest *request, const Slice *name)
{
	bool		found = false;

	sha256_add(name->bytes, name->length);
	sha256_add(":", 1);
	for (int i = 0; i < request->header_count; i++)
	{
		const HttpHeader *header = &request->headers[i];

		if (strncmp(header->name, name->bytes, name->length) != 0 ||
			header->name[name->length] != '\0')
			continue;
		if (found)
			sha256_add(",", 1);
		add_value(header->value);
		found = true;
	}
	sha256_add("\n", 1);
}

bool
canonical_digest(const HttpRequest *request, const Slice *names, int name_count,
				 Slice list, unsigned char digest[SHA256_LENGTH])
{
	unsigned char body[SHA256_LENGTH];
	char		body_hex[SHA256_HEX_LENGTH];

	sha256_begin();
	sha256_add(request->body, request->body_length);
	if (!sha256_end(body))
		return false;
	sha256_to_hex(body, body_hex);

	sha256_begin();
	sha256_add(request->method, strlen(request->method));
	sha256_add("\n", 1);
	add_path(request->path);
	sha256_add("\n", 1);
	if (!add_query(request->query))
		return false;
	sha256_add("\n", 1);
	for (int i = 0; i < name_count; i++)
		add_header(request, &names[i]);
	sha256_add("\n", 1);
	sha256_add(list.bytes, list.length);
	sha256_add("\n", 1);
	sha256_add(body_hex, sizeof(body_hex));
	return sha256_end(digest);
}
