/*-------------------------------------------------------------------------
 *
 * fuzz_sigv4.c
 *		Signatures of any bytes: read, checked, and compared.
 *
 * The input is a request: a line with the method, the path and, after a question
 * mark, the query string; the headers, a line each; an empty line; the body.
 * The corpus has requests that botocore signed, and the key is that of one of
 * them, so that all of the code is reached.
 *
 *-------------------------------------------------------------------------
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "sigv4.h"

#define HEADERS_MAX 300

/* Of the first request of the corpus */
static const unsigned char key[SIGV4_KEY_LENGTH] = {
	0x9b, 0x62, 0xe7, 0x69, 0x31, 0x1e, 0xf8, 0xbf,
	0xe6, 0xb2, 0xa9, 0x9a, 0xf9, 0x6d, 0x18, 0x76,
	0xf1, 0x94, 0x8e, 0x9c, 0x40, 0x6c, 0x6f, 0x60,
	0xe8, 0x2d, 0x4e, 0x4d, 0x53, 0x04, 0x8c, 0x72
};

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Cut off what is before a character, or all there is.
 */
static char *
cut(char **string, char at)
{
	char	   *start = *string;
	char	   *end = strchr(start, at);

	if (end == NULL)
		*string = start + strlen(start);
	else
	{
		*end = '\0';
		*string = end + 1;
	}
	return start;
}

/*
 * A text that goes to a client is printable, and there always is one.
 */
static void
check_failure(Failure *failure)
{
	if (failure->text == NULL || failure->text[0] == '\0')
		abort();
	for (const char *c = failure->text; *c != '\0'; c++)
	{
		if (*c < ' ' || *c > '~')
			abort();
	}
	failure_free(failure);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static HttpHeader headers[HEADERS_MAX];
	char	   *copy = must_strndup((const char *) data, size);
	char	   *at = copy;
	char	   *line = cut(&at, '\n');
	HttpRequest request = {0};
	Signature	signature;
	Failure		failure = {0};

	request.method = cut(&line, ' ');
	request.path = cut(&line, '?');
	request.query = line;
	request.headers = headers;
	while (*at != '\0' && *at != '\n' && request.header_count < HEADERS_MAX)
	{
		HttpHeader *header = &headers[request.header_count++];

		line = cut(&at, '\n');
		header->name = cut(&line, ':');
		header->value = line;
	}
	if (*at == '\n')
		at++;
	request.body = at;
	request.body_length = copy + size - at;

	if (!sigv4_read(&request, &signature, &failure))
		check_failure(&failure);
	else
	{
		if (!sigv4_check_time(&signature, signature.signed_at + size, &failure))
			check_failure(&failure);
		if (!sigv4_verify(&request, &signature, key, &failure))
		{
			/* What was read can be computed with */
			if (failure.error != GATEWAY_INVALID_SIGNATURE)
				abort();
			check_failure(&failure);
		}
		else
		{
			/* It is the digest that decides */
			signature.digest[size % sizeof(signature.digest)] ^= 1;
			if (sigv4_verify(&request, &signature, key, &failure))
				abort();
			check_failure(&failure);
		}
	}
	free(copy);
	return 0;
}
