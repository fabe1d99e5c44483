/*-------------------------------------------------------------------------
 *
 * sigv4.c
 *		AWS Signature Version 4, as the service "sqs" asks for it.
 *
 * A signature comes in the header Authorization, or, presigned, in parameters
 * of the query string:
 *
 *	AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/sqs/aws4_request,
 *		SignedHeaders=host;x-amz-date, Signature=HEX
 *
 * It is the HMAC, with a key that was derived from the secret, the date, the
 * region and the service, of the time, the scope and the digest of the
 * canonical request.  The server derives the key; no secret is known here.
 *
 * Signed has to be what may change the meaning of a request: the host and all
 * headers whose names begin with "x-amz-".  Those that begin with "x-amzn-" do
 * not belong to them, as for AWS: proxies and load balancers add
 * x-amzn-trace-id on the way, so that no SDK signs it, and x-amzn-query-mode
 * changes nothing but a header of the answer.  The body always is signed, by
 * its digest: what x-amz-content-sha256 says is not relied on.
 *
 * Order and texts of the errors are AWS's, as far as they are known.  Unlike
 * AWS's they do not repeat the header Authorization, nor the canonical request:
 * that would help those who guess as much as those who erred.  Where they do
 * repeat something, it is short and printable.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "buffer.h"
#include "canonical.h"
#include "sigv4.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define SERVICE "sqs"
#define TERMINATOR "aws4_request"

/* Bytes of the list of signed headers: 64 names of 32 bytes */
#define SIGNED_HEADERS_SIZE 2048

/* Headers of a request, signed or not: clients and proxies send about 30 */
#define HEADERS_MAX 256

/* Bytes of a credential: the longest parts, and what may be too long in them */
#define CREDENTIAL_SIZE 512

/* Characters of what a client sent that a text repeats */
#define QUOTED_SIZE 65

/* Seconds for which a presigned request may be valid: AWS's limit, 7 days */
#define EXPIRES_MAX 604800

#define MISMATCH \
	"The request signature we calculated does not match the signature you provided. " \
	"Check your AWS Secret Access Key and signing method. " \
	"Consult the service documentation for details."

/* The parts of a signature, as they were sent; bytes NULL: missing */
enum
{
	PART_ALGORITHM,
	PART_CREDENTIAL,
	PART_SIGNATURE,
	PART_SIGNED_HEADERS,
	PART_DATE,
	PART_EXPIRES,
	PART_COUNT
};

/* Names of the parameters; those of the header are the same without X-Amz- */
#define PARAMETER_PREFIX "X-Amz-"

static const char *const part_names[PART_COUNT] = {
	"X-Amz-Algorithm",
	"X-Amz-Credential",
	CANONICAL_SIGNATURE_PARAMETER,
	"X-Amz-SignedHeaders",
	"X-Amz-Date",
	"X-Amz-Expires"
};

/* Names of signed headers */
typedef struct Names
{
	char		list[SIGNED_HEADERS_SIZE];	/* as listed, decoded */
	size_t		length;
	Slice		names[CANONICAL_HEADERS_MAX];
	int			count;
} Names;

/*
 * What a client sent, such that a text can repeat it.
 */
static const char *
quoted(const char *bytes, size_t length, char *buffer)
{
	size_t		i;

	for (i = 0; i < length && i < QUOTED_SIZE - 1; i++)
	{
		char		c = bytes[i];

		buffer[i] = c >= ' ' && c <= '~' ? c : '?';
	}
	buffer[i] = '\0';
	return buffer;
}

/*
 * A part, decoded.  Returns its length; -1 if it is missing, or longer than the
 * buffer.
 */
static int
part_text(Slice part, bool presigned, char *buffer, size_t size)
{
	if (presigned)
		return parameter_decode(part, buffer, size);
	if (part.bytes == NULL || part.length > size)
		return -1;
	if (part.length > 0)
		memcpy(buffer, part.bytes, part.length);
	return (int) part.length;
}

static bool
slice_equals(const char *bytes, size_t length, const char *string)
{
	return length == strlen(string) && memcmp(bytes, string, length) == 0;
}

/*
 * Find the parameters of a presigned request.  *found: whether there is one
 * that only such requests have.  One that is there twice is refused, as nobody
 * could tell which is meant.
 */
static bool
find_in_query(const char *query, Slice *parts, bool *found, Failure *failure)
{
	Parameter	parameter;

	if (!canonical_query_check(query))
		return failure_set(failure, GATEWAY_INCOMPLETE_SIGNATURE,
						   "The query string has a malformed escape, or more than %d parameters.",
						   CANONICAL_PARAMETERS_MAX);

	while (parameter_next(&query, &parameter))
	{
		for (int i = 0; i < PART_COUNT; i++)
		{
			if (!parameter_equals(parameter.name, part_names[i]))
				continue;
			if (parts[i].bytes != NULL)
				return failure_set(failure, GATEWAY_INCOMPLETE_SIGNATURE,
								   "Found '%s' more than once in the query-string parameters.",
								   part_names[i]);
			parts[i] = parameter.value;
		}
	}
	*found = parts[PART_ALGORITHM].bytes != NULL ||
		parts[PART_CREDENTIAL].bytes != NULL ||
		parts[PART_SIGNATURE].bytes != NULL;
	return true;
}

/*
 * Take the header Authorization apart.  Names that are not known are passed
 * over.
 */
static bool
find_in_header(const char *authorization, Slice *parts, Failure *failure)
{
	static const char separators[] = " \t,";
	const char *at = authorization;
	char		buffer[QUOTED_SIZE];

	parts[PART_ALGORITHM].bytes = at;
	parts[PART_ALGORITHM].length = strcspn(at, separators);
	at += parts[PART_ALGORITHM].length;

	for (;;)
	{
		size_t		length;
		const char *equals;

		at += strspn(at, separators);
		length = strcspn(at, separators);
		if (length == 0)
			return true;

		equals = memchr(at, '=', length);
		if (equals == NULL)
			return failure_set(failure, GATEWAY_INCOMPLETE_SIGNATURE,
							   "'%s' not a valid key=value pair (missing equal-sign) in Authorization header.",
							   quoted(at, length, buffer));
		for (int i = PART_CREDENTIAL; i <= PART_SIGNED_HEADERS; i++)
		{
			if (!slice_equals(at, equals - at, part_names[i] + strlen(PARAMETER_PREFIX)))
				continue;
			if (parts[i].bytes != NULL)
				return failure_set(failure, GATEWAY_INCOMPLETE_SIGNATURE,
								   "Found '%s' more than once in Authorization header.",
								   part_names[i] + strlen(PARAMETER_PREFIX));
			parts[i].bytes = equals + 1;
			parts[i].length = at + length - parts[i].bytes;
		}
		at += length;
	}
}

/*
 * Find the header Authorization, *authorization, and the header with the date.
 */
static bool
find_headers(const HttpRequest *request, const char **authorization,
			 const char **date, Failure *failure)
{
	const char *x_amz_date = NULL;

	*authorization = NULL;
	*date = NULL;
	if (request->header_count > HEADERS_MAX)
		return failure_set(failure, GATEWAY_INCOMPLETE_SIGNATURE,
						   "The request has more than %d headers.", HEADERS_MAX);

	for (int i = 0; i < request->header_count; i++)
	{
		const HttpHeader *header = &request->headers[i];
		const char **place;

		if (strcmp(header->name, "authorization") == 0)
			place = authorization;
		else if (strcmp(header->name, "x-amz-date") == 0)
			place = &x_amz_date;
		else if (strcmp(header->name, "date") == 0)
			place = date;
		else
			continue;
		if (*place != NULL)
			return failure_set(failure, GATEWAY_INCOMPLETE_SIGNATURE,
							   "Found more than one '%s' header.", header->name);
		*place = header->value;
	}
	if (x_amz_date != NULL)
		*date = x_amz_date;
	return true;
}

/*
 * Refuse a signature that lacks parts; the text names all of them.
 */
static bool
check_parts(const Slice *parts, bool presigned, Failure *failure)
{
	Buffer		problems = {0};

	for (int i = presigned ? PART_ALGORITHM : PART_CREDENTIAL; i <= PART_DATE; i++)
	{
		if (parts[i].bytes != NULL && parts[i].length > 0)
			continue;
		if (presigned)
			buffer_printf(&problems, "AWS query-string parameters must include '%s'. ",
						  part_names[i]);
		else if (i == PART_DATE)
			buffer_puts(&problems, "Authorization header requires existence of either "
						"a 'X-Amz-Date' or a 'Date' header. ");
		else
			buffer_printf(&problems, "Authorization header requires '%s' parameter. ",
						  part_names[i] + strlen(PARAMETER_PREFIX));
	}
	if (problems.length == 0)
		return true;

	if (presigned)
		buffer_puts(&problems, "Re-examine the query-string parameters.");
	else
		problems.data[problems.length - 1] = '\0';
	failure_set(failure, GATEWAY_INCOMPLETE_SIGNATURE, "%s", problems.data);
	buffer_free(&problems);
	return false;
}

/*
 * Write a time as signatures have it.
 */
static void
format_time(time_t when, char *buffer, size_t size)
{
	struct tm	tm;

	if (gmtime_r(&when, &tm) == NULL ||
		strftime(buffer, size, "%Y%m%dT%H%M%SZ", &tm) == 0)
		buffer[0] = '\0';
}

/*
 * A number of so many digits; -1 if there are others.
 */
static int
read_digits(const char *digits, int count)
{
	int			number = 0;

	for (int i = 0; i < count; i++)
	{
		if (digits[i] < '0' || digits[i] > '9')
			return -1;
		number = number * 10 + (digits[i] - '0');
	}
	return number;
}

/*
 * Read yyyymmddThhmmssZ.
 */
static bool
read_timestamp(const char *string, time_t *when)
{
	struct tm	tm = {0};
	char		again[sizeof(((Signature *) NULL)->timestamp)];

	if (strlen(string) != strlen("yyyymmddThhmmssZ"))
		return false;
	tm.tm_year = read_digits(string, 4) - 1900;
	tm.tm_mon = read_digits(string + 4, 2) - 1;
	tm.tm_mday = read_digits(string + 6, 2);
	tm.tm_hour = read_digits(string + 9, 2);
	tm.tm_min = read_digits(string + 11, 2);
	tm.tm_sec = read_digits(string + 13, 2);

	/* What is not the same afterwards is no time: a 30th of February, say */
	*when = timegm(&tm);
	format_time(*when, again, sizeof(again));
	return strcmp(string, again) == 0;
}

/*
 * Read a date as HTTP has it, "Sun, 06 Nov 1994 08:49:37 GMT"; botocore writes
 * "-0000" in the place of "GMT".
 */
static bool
read_http_date(const char *string, time_t *when)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
	};
	const size_t length = strlen("Sun, 06 Nov 1994 08:49:37 ");
	struct tm	tm = {0};
	char		again[64];

	if (strlen(string) < length ||
		(strcmp(string + length, "GMT") != 0 && strcmp(string + length, "-0000") != 0))
		return false;

	while (tm.tm_mon < 12 && strncmp(string + 8, months[tm.tm_mon], 3) != 0)
		tm.tm_mon++;
	if (tm.tm_mon == 12)
		return false;
	tm.tm_mday = read_digits(string + 5, 2);
	tm.tm_year = read_digits(string + 12, 4) - 1900;
	tm.tm_hour = read_digits(string + 17, 2);
	tm.tm_min = read_digits(string + 20, 2);
	tm.tm_sec = read_digits(string + 23, 2);

	*when = timegm(&tm);
	if (gmtime_r(when, &tm) == NULL)
		return false;
	snprintf(again, sizeof(again), "%s, %02d %s %04d %02d:%02d:%02d ",
			 days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
			 tm.tm_hour, tm.tm_min, tm.tm_sec);
	return strncmp(string, again, length) == 0;
}

static bool
read_date(Slice part, Signature *signature, Failure *failure)
{
	char		string[QUOTED_SIZE];
	int			length = part_text(part, signature->presigned, string, sizeof(string) - 1);

	if (length >= 0)
	{
		string[length] = '\0';
		if (read_timestamp(string, &signature->signed_at) ||
			(!signature->presigned && read_http_date(string, &signature->signed_at)))
		{
			format_time(signature->signed_at, signature->timestamp,
						sizeof(signature->timestamp));
			return true;
		}
	}
	return failure_set(failure, GATEWAY_INCOMPLETE_SIGNATURE,
					   "Date must be in ISO-8601 'basic format'. Got '%s'. "
					   "See http://en.wikipedia.org/wiki/ISO_8601",
					   quoted(part.bytes, part.length, string));
}

/*
 * Read for how long a presigned request is valid.  A request that does not say
 * so is valid for as long as any other.
 */
static bool
read_expires(Slice part, Signature *signature, Failure *failure)
{
	char		string[6];
	int			length;

	if (part.bytes == NULL)
	{
		signature->expires = 0;
		return true;
	}
	length = part_text(part, true, string, sizeof(string));
	if (length > 0)
		signature->expires = read_digits(string, length);
	if (length <= 0 || signature->expires < 1 || signature->expires > EXPIRES_MAX)
		return failure_set(failure, GATEWAY_INCOMPLETE_SIGNATURE,
						   "X-Amz-Expires must be a number of seconds from 1 to %d.",
						   EXPIRES_MAX);
	return true;
}

/*
 * Take the list of signed headers apart.
 */
static bool
read_names(const Signature *signature, Names *names)
{
	Slice		part = {signature->signed_headers, signature->signed_headers_length};
	int			length = part_text(part, signature->presigned, names->list,
								   sizeof(names->list));
	const char *at = names->list;
	const char *end;

	if (length < 0)
		return false;
	names->length = length;
	names->count = 0;
	end = at + length;
	while (at < end)
	{
		const char *semicolon = memchr(at, ';', end - at);
		Slice		name = {at, (semicolon == NULL ? end : semicolon) - at};

		if (name.length == 0 || names->count == CANONICAL_HEADERS_MAX)
			return false;
		names->names[names->count++] = name;
		at += name.length + 1;
	}
	return true;
}

static bool
is_listed(const Names *names, const char *name)
{
	for (int i = 0; i < names->count; i++)
	{
		if (slice_equals(names->names[i].bytes, names->names[i].length, name))
			return true;
	}
	return false;
}

static bool
is_sent(const HttpRequest *request, const Slice *name)
{
	for (int i = 0; i < request->header_count; i++)
	{
		if (slice_equals(name->bytes, name->length, request->headers[i].name))
			return true;
	}
	return false;
}

/*
 * Whether what has to be signed is, and what is said to be signed was sent.
 */
static bool
check_signed_headers(const HttpRequest *request, const Signature *signature, Failure *failure)
{
	Names		names;
	char		buffer[QUOTED_SIZE];

	if (!read_names(signature, &names))
		return failure_set(failure, GATEWAY_INCOMPLETE_SIGNATURE,
						   "SignedHeaders must be a list of at most %d names, separated by semicolons.",
						   CANONICAL_HEADERS_MAX);
	if (!is_listed(&names, "host"))
		return failure_set(failure, GATEWAY_INVALID_SIGNATURE,
						   "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
	for (int i = 0; i < request->header_count; i++)
	{
		const char *name = request->headers[i].name;

		if (strncmp(name, "x-amz-", strlen("x-amz-")) == 0 && !is_listed(&names, name))
			return failure_set(failure, GATEWAY_INVALID_SIGNATURE,
							   "'%s' must be a 'SignedHeader' in the AWS Authorization.",
							   quoted(name, strlen(name), buffer));
	}
	for (int i = 0; i < names.count; i++)
	{
		const Slice *name = &names.names[i];

		if (!is_sent(request, name))
			return failure_set(failure, GATEWAY_INVALID_SIGNATURE,
							   "The request lacks the header '%s' of SignedHeaders.",
							   quoted(name->bytes, name->length, buffer));
	}
	return true;
}

/*
 * Copy a part of a credential if it fits and has no other characters than
 * letters, digits and these.
 */
static bool
copy_word(char *to, size_t size, const char *from, size_t length, const char *others)
{
	if (length == 0 || length >= size)
		return false;
	for (size_t i = 0; i < length; i++)
	{
		char		c = from[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			  (c != '\0' && strchr(others, c) != NULL)))
			return false;
	}
	memcpy(to, from, length);
	to[length] = '\0';
	return true;
}

static bool
read_credential(Slice part, Signature *signature, Failure *failure)
{
	char		string[CREDENTIAL_SIZE];
	char		buffer[QUOTED_SIZE];
	char		other[QUOTED_SIZE];
	Slice		words[5];
	Buffer		problems = {0};
	int			length = part_text(part, signature->presigned, string, sizeof(string));
	int			count = 0;

	for (const char *at = string; length >= 0; count++)
	{
		const char *slash = memchr(at, '/', string + length - at);
		const char *end = slash == NULL ? string + length : slash;

		if (count < 5)
		{
			words[count].bytes = at;
			words[count].length = end - at;
		}
		if (slash == NULL)
		{
			count++;
			break;
		}
		at = slash + 1;
	}
	if (count != 5)
		return failure_set(failure, GATEWAY_INCOMPLETE_SIGNATURE,
						   "Credential must have exactly 5 slash-delimited elements, "
						   "e.g. keyid/date/region/service/term, got '%s'",
						   quoted(part.bytes, part.length, buffer));

	if (!copy_word(signature->region, sizeof(signature->region),
				   words[2].bytes, words[2].length, "-_"))
		buffer_printf(&problems, "Credential should be scoped to a valid region, not '%s'. ",
					  quoted(words[2].bytes, words[2].length, buffer));
	if (!slice_equals(words[3].bytes, words[3].length, SERVICE))
		buffer_puts(&problems, "Credential should be scoped to correct service: '" SERVICE "'. ");
	if (!slice_equals(words[4].bytes, words[4].length, TERMINATOR))
		buffer_printf(&problems, "Credential should be scoped with a valid terminator: '"
					  TERMINATOR "', not '%s'. ",
					  quoted(words[4].bytes, words[4].length, buffer));
	if (words[1].length != strlen("yyyymmdd") ||
		memcmp(words[1].bytes, signature->timestamp, words[1].length) != 0)
		buffer_printf(&problems, "Date in Credential scope does not match YYYYMMDD from ISO-8601 "
					  "version of date from HTTP: '%s' != '%.8s', from '%s'. ",
					  quoted(words[1].bytes, words[1].length, other),
					  signature->timestamp, signature->timestamp);
	if (problems.length > 0)
	{
		problems.data[problems.length - 1] = '\0';
		failure_set(failure, GATEWAY_INVALID_SIGNATURE, "%s", problems.data);
		buffer_free(&problems);
		return false;
	}
	memcpy(signature->date, words[1].bytes, words[1].length);
	signature->date[words[1].length] = '\0';

	if (!copy_word(signature->access_key_id, sizeof(signature->access_key_id),
				   words[0].bytes, words[0].length, "-_.+=@"))
		return failure_set(failure, GATEWAY_INCOMPLETE_SIGNATURE,
						   "Credential must begin with an access key ID of at most %d characters, got '%s'",
						   SIGV4_ACCESS_KEY_ID_MAX,
						   quoted(words[0].bytes, words[0].length, buffer));
	return true;
}

bool
sigv4_read(const HttpRequest *request, Signature *signature, Failure *failure)
{
	Slice		parts[PART_COUNT] = {{0}};
	const char *authorization;
	const char *date;
	char		algorithm[QUOTED_SIZE];
	int			length;

	memset(signature, 0, sizeof(*signature));
	if (!find_headers(request, &authorization, &date, failure) ||
		!find_in_query(request->query, parts, &signature->presigned, failure))
		return false;

	if (signature->presigned && authorization != NULL)
		return failure_set(failure, GATEWAY_INVALID_SIGNATURE,
						   "Found both 'X-Amz-Algorithm' as a query-string param "
						   "and 'Authorization' as HTTP header.");
	if (!signature->presigned)
	{
		if (authorization == NULL || strncmp(authorization, "AWS4-", strlen("AWS4-")) != 0)
			return failure_set(failure, GATEWAY_MISSING_AUTHENTICATION_TOKEN,
							   "Request is missing Authentication Token");
		memset(parts, 0, sizeof(parts));
		if (!find_in_header(authorization, parts, failure))
			return false;
		if (date != NULL)
		{
			parts[PART_DATE].bytes = date;
			parts[PART_DATE].length = strlen(date);
		}
	}

	if (!check_parts(parts, signature->presigned, failure) ||
		!read_date(parts[PART_DATE], signature, failure) ||
		!read_expires(parts[PART_EXPIRES], signature, failure))
		return false;

	signature->signed_headers = parts[PART_SIGNED_HEADERS].bytes;
	signature->signed_headers_length = parts[PART_SIGNED_HEADERS].length;
	if (!check_signed_headers(request, signature, failure))
		return false;

	length = part_text(parts[PART_ALGORITHM], signature->presigned, algorithm,
					   sizeof(algorithm));
	if (length < 0 || !slice_equals(algorithm, length, ALGORITHM))
		return failure_set(failure, GATEWAY_INCOMPLETE_SIGNATURE,
						   "Unsupported AWS 'algorithm': '%s' (only " ALGORITHM " for now).",
						   quoted(parts[PART_ALGORITHM].bytes,
								  parts[PART_ALGORITHM].length, algorithm));
	if (!read_credential(parts[PART_CREDENTIAL], signature, failure))
		return false;

	/* One of another length is wrong, but not in its form: so says AWS */
	length = part_text(parts[PART_SIGNATURE], signature->presigned, signature->digest,
					   sizeof(signature->digest));
	if (length != sizeof(signature->digest))
		return failure_set(failure, GATEWAY_INVALID_SIGNATURE, MISMATCH);
	return true;
}

bool
sigv4_check_time(const Signature *signature, time_t now, Failure *failure)
{
	char		limit[sizeof(signature->timestamp)];
	char		ours[sizeof(signature->timestamp)];

	format_time(now, ours, sizeof(ours));
	if (signature->signed_at > now + SIGV4_SKEW)
	{
		format_time(now + SIGV4_SKEW, limit, sizeof(limit));
		return failure_set(failure, GATEWAY_INVALID_SIGNATURE,
						   "Signature not yet current: %s is still later than %s (%s + %d min.)",
						   signature->timestamp, limit, ours, SIGV4_SKEW / 60);
	}
	if (signature->expires > 0)
	{
		if (signature->signed_at + signature->expires >= now)
			return true;
		format_time(signature->signed_at + signature->expires, limit, sizeof(limit));
		return failure_set(failure, GATEWAY_REQUEST_EXPIRED,
						   "Request has expired: %s is now earlier than %s",
						   limit, ours);
	}
	if (signature->signed_at < now - SIGV4_SKEW)
	{
		format_time(now - SIGV4_SKEW, limit, sizeof(limit));
		return failure_set(failure, GATEWAY_INVALID_SIGNATURE,
						   "Signature expired: %s is now earlier than %s (%s - %d min.)",
						   signature->timestamp, limit, ours, SIGV4_SKEW / 60);
	}
	return true;
}

bool
sigv4_verify(const HttpRequest *request, const Signature *signature,
			 const unsigned char *key, Failure *failure)
{
	Names		names;
	Slice		list;
	unsigned char digest[SHA256_LENGTH];
	char		hex[SHA256_HEX_LENGTH];
	char		to_sign[256];
	int			length;
	unsigned char ours[SHA256_LENGTH];
	unsigned char theirs[SHA256_LENGTH];

	/* Cannot happen: sigv4_read() read the same */
	if (!read_names(signature, &names))
		return failure_set(failure, GATEWAY_INVALID_SIGNATURE, MISMATCH);

	list.bytes = names.list;
	list.length = names.length;
	if (!canonical_digest(request, names.names, names.count, list, digest))
		return failure_set(failure, GATEWAY_INTERNAL_FAILURE, "SHA-256 failed.");
	sha256_to_hex(digest, hex);

	length = snprintf(to_sign, sizeof(to_sign),
					  ALGORITHM "\n%s\n%s/%s/" SERVICE "/" TERMINATOR "\n%.*s",
					  signature->timestamp, signature->date, signature->region,
					  (int) sizeof(hex), hex);
	if (!sha256_hmac(key, to_sign, length, ours))
		return failure_set(failure, GATEWAY_INTERNAL_FAILURE, "HMAC failed.");

	if (!sha256_from_hex(signature->digest, theirs) ||
		CRYPTO_memcmp(ours, theirs, sizeof(ours)) != 0)
		return failure_set(failure, GATEWAY_INVALID_SIGNATURE, MISMATCH);
	return true;
}
