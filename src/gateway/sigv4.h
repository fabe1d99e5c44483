/*-------------------------------------------------------------------------
 *
 * sigv4.h
 *		AWS Signature Version 4, as the service "sqs" asks for it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_SIGV4_H
#define GATEWAY_SIGV4_H

#include <time.h>

#include "errors.h"
#include "request.h"

#define SIGV4_KEY_LENGTH 32		/* of a signing key: a SHA-256 */
#define SIGV4_ACCESS_KEY_ID_MAX 128 /* bytes; IAM's limit */
#define SIGV4_REGION_MAX 64

/* How far a request's date may be from ours, in seconds; AWS's limit */
#define SIGV4_SKEW 300

/* What a request says of its signature; all of it from outside */
typedef struct Signature
{
	bool		presigned;		/* in the query string, not in a header */
	char		access_key_id[SIGV4_ACCESS_KEY_ID_MAX + 1];
	char		date[9];		/* yyyymmdd, of the credential scope */
	char		region[SIGV4_REGION_MAX + 1];
	char		timestamp[17];	/* yyyymmddThhmmssZ */
	time_t		signed_at;		/* the same */
	int			expires;		/* seconds; 0: it does not say */
	const char *signed_headers; /* points into the request, as sent */
	size_t		signed_headers_length;
	char		digest[64];		/* the signature, in hex digits; not checked */
} Signature;

/*
 * Read the signature.  Nothing has been verified after this but its form, and
 * that it covers what it has to: the host, and every x-amz-* header that the
 * request has.  *failure is set if false is returned: to
 * MISSING_AUTHENTICATION_TOKEN where there is none at all, to
 * INCOMPLETE_SIGNATURE where it is malformed, to INVALID_SIGNATURE where its
 * scope is another service's, or it covers too little.
 */
extern bool sigv4_read(const HttpRequest *request, Signature *signature,
					   Failure *failure);

/*
 * Whether the time is right: within SIGV4_SKEW of now, or, where the request
 * says for how long it is valid, not yet expired.  INVALID_SIGNATURE or
 * REQUEST_EXPIRED if not.
 */
extern bool sigv4_check_time(const Signature *signature, time_t now,
							 Failure *failure);

/*
 * Whether the signature was made of this request, with the key that signing
 * keys of its access key, date and region are.  Takes the same time wherever
 * two signatures differ.  INVALID_SIGNATURE if not.
 */
extern bool sigv4_verify(const HttpRequest *request, const Signature *signature,
						 const unsigned char *key, Failure *failure);

#endif							/* GATEWAY_SIGV4_H */
