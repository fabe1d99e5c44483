/*-------------------------------------------------------------------------
 *
 * sigv4_trial.h
 *		What the tests of signatures have in common.
 *
 * The requests of sigv4_vectors.h were signed by botocore.  A test takes one of
 * them, changes something, and says what has to come of it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SIGV4_TRIAL_H
#define SIGV4_TRIAL_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "buffer.h"
#include "canonical.h"
#include "sha256.h"
#include "sigv4.h"

#define HEADERS_MAX 320

typedef struct Vector
{
	const char *name;
	const char *method;
	const char *path;
	const char *query;
	HttpHeader	headers[64];
	const char *body;
	size_t		body_length;
	const char *secret;
	const char *access_key_id;
	const char *timestamp;
	const char *region;
	int			expires;
	bool		presigned;
} Vector;

#include "sigv4_vectors.h"

/* A request that can be changed */
typedef struct Trial
{
	HttpRequest request;
	HttpHeader	headers[HEADERS_MAX];
	const Vector *vector;
	const char *secret;
	int			late;			/* seconds between the signature and now */
	char		made[32768];	/* for values that are put together */
} Trial;

#define MISMATCH \
	"The request signature we calculated does not match the signature you provided. " \
	"Check your AWS Secret Access Key and signing method. " \
	"Consult the service documentation for details."

static int	tests = 0;
static int	failures = 0;

static inline void ok(bool right, const char *format,...) __attribute__((format(printf, 2, 3)));

static inline void
ok(bool right, const char *format,...)
{
	va_list		args;

	tests++;
	if (!right)
		failures++;
	printf("%sok %d - ", right ? "" : "not ", tests);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/*
 * What the server does: derive the key for a day, a region and a service.
 */
static inline void
derive(const char *secret, const char *date, const char *region, const char *service,
	   unsigned char key[SIGV4_KEY_LENGTH])
{
	const char *const steps[] = {date, region, service, "aws4_request"};
	unsigned char last[256];
	int			length = snprintf((char *) last, sizeof(last), "AWS4%s", secret);

	for (int i = 0; i < 4; i++)
	{
		HMAC(EVP_sha256(), last, length, (const unsigned char *) steps[i],
			 strlen(steps[i]), key, NULL);
		memcpy(last, key, SIGV4_KEY_LENGTH);
		length = SIGV4_KEY_LENGTH;
	}
}

static inline void
start(Trial *trial, const Vector *vector)
{
	memset(trial, 0, sizeof(*trial));
	trial->vector = vector;
	trial->secret = vector->secret;
	trial->request.method = vector->method;
	trial->request.path = vector->path;
	trial->request.query = vector->query;
	trial->request.body = vector->body;
	trial->request.body_length = vector->body_length;
	while (vector->headers[trial->request.header_count].name != NULL)
	{
		trial->headers[trial->request.header_count] =
			vector->headers[trial->request.header_count];
		trial->request.header_count++;
	}
	trial->request.headers = trial->headers;
}

/*
 * All that the gateway does with a signature.
 */
static inline bool
perform(Trial *trial, Signature *signature, Failure *failure)
{
	unsigned char key[SIGV4_KEY_LENGTH];

	memset(failure, 0, sizeof(*failure));
	if (!sigv4_read(&trial->request, signature, failure) ||
		!sigv4_check_time(signature, signature->signed_at + trial->late, failure))
		return false;
	derive(trial->secret, signature->date, signature->region, "sqs", key);
	return sigv4_verify(&trial->request, signature, key, failure);
}

/*
 * Test that a request is taken.
 */
static inline void
taken(Trial *trial, const char *what)
{
	Signature	signature;
	Failure		failure;
	bool		right = perform(trial, &signature, &failure);

	ok(right, "taken: %s", what);
	if (!right)
		printf("# %d: %s\n", failure.error, failure.text);
	failure_free(&failure);
}

/*
 * Test that it is refused, with an error and a text.
 */
static inline void
refused(Trial *trial, int error, const char *expected, const char *what)
{
	Signature	signature;
	Failure		failure;
	bool		right;

	right = !perform(trial, &signature, &failure) &&
		failure.error == error && strcmp(failure.text, expected) == 0;
	ok(right, "refused: %s", what);
	if (!right)
		printf("# got %d: %s\n# not %d: %s\n", failure.error,
			   failure.text == NULL ? "(nothing)" : failure.text, error, expected);
	failure_free(&failure);
}

static inline HttpHeader *
header(Trial *trial, const char *name)
{
	for (int i = 0; i < trial->request.header_count; i++)
	{
		if (strcmp(trial->headers[i].name, name) == 0)
			return &trial->headers[i];
	}
	printf("Bail out! %s has no header %s\n", trial->vector->name, name);
	exit(EXIT_FAILURE);
}

static inline void
add_header(Trial *trial, const char *name, const char *value)
{
	HttpHeader	added = {name, value};

	trial->headers[trial->request.header_count++] = added;
}

static inline void
drop_header(Trial *trial, const char *name)
{
	HttpHeader *dropped = header(trial, name);

	*dropped = trial->headers[--trial->request.header_count];
}

/*
 * Put something in the place of what is somewhere once.
 */
static inline const char *
replace(Trial *trial, const char *in, const char *old, const char *new)
{
	const char *at = strstr(in, old);

	if (at == NULL)
	{
		printf("Bail out! no %s in %s\n", old, in);
		exit(EXIT_FAILURE);
	}
	snprintf(trial->made, sizeof(trial->made), "%.*s%s%s", (int) (at - in), in, new,
			 at + strlen(old));
	return trial->made;
}

#endif							/* SIGV4_TRIAL_H */
