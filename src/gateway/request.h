/*-------------------------------------------------------------------------
 *
 * request.h
 *		An HTTP request, as it was sent.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_REQUEST_H
#define GATEWAY_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct HttpHeader
{
	const char *name;			/* in lower case */
	const char *value;			/* as sent, without the blanks around it */
} HttpHeader;

/*
 * Nothing in it is decoded: what is signed is what was sent.  Strings end with
 * a NUL and contain none; the body may contain any byte, and a NUL that its
 * length does not count follows it.
 */
typedef struct HttpRequest
{
	const char *method;			/* "GET", "POST" */
	const char *path;			/* begins with "/" */
	const char *query;			/* after the question mark; "": none */
	const HttpHeader *headers;
	int			header_count;
	const char *body;
	size_t		body_length;
	bool		secure;			/* came over TLS */
} HttpRequest;

/* The first header of a name, which is in lower case; NULL: there is none */
extern const char *request_header(const HttpRequest *request, const char *name);

#endif							/* GATEWAY_REQUEST_H */
