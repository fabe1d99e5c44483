/*-------------------------------------------------------------------------
 *
 * canonical.h
 *		The canonical form of a request, which is what AWS's signatures sign.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_CANONICAL_H
#define GATEWAY_CANONICAL_H

#include <stdbool.h>
#include <stddef.h>

#include "request.h"
#include "sha256.h"

/*
 * Limits of our own, so that a request costs no more than it is long.  Clients
 * sign about ten headers.  A batch of ten messages with ten attributes each,
 * sent by GET, has fewer than 500 parameters.
 */
#define CANONICAL_HEADERS_MAX 64
#define CANONICAL_PARAMETERS_MAX 1024

/* Bytes of the request, not decoded */
typedef struct Slice
{
	const char *bytes;
	size_t		length;
} Slice;

typedef struct Parameter
{
	Slice		name;
	Slice		value;
} Parameter;

/* The parameter that leaves itself out of what it signs */
#define CANONICAL_SIGNATURE_PARAMETER "X-Amz-Signature"

/*
 * The next parameter of a query string, from *query on, which moves behind it;
 * false if there is none.  Empty ones are passed over.
 */
extern bool parameter_next(const char **query, Parameter *parameter);

/*
 * Decode a part of a query string.  Returns the length, or -1 if an escape is
 * malformed or there is more than size bytes.
 */
extern int	parameter_decode(Slice part, char *decoded, size_t size);

/* Whether a part of a query string means these characters */
extern bool parameter_equals(Slice part, const char *string);

/* Whether the escapes of a query string, and the number of parameters, are right */
extern bool canonical_query_check(const char *query);

/*
 * The digest of the canonical request.  names are the signed headers, each of
 * which the request has to have, list the same as the client lists them.  False
 * if libcrypto fails, or the query string is one that canonical_query_check()
 * refuses.
 */
extern bool canonical_digest(const HttpRequest *request, const Slice *names,
							 int name_count, Slice list,
							 unsigned char digest[SHA256_LENGTH]);

#endif							/* GATEWAY_CANONICAL_H */
