/*-------------------------------------------------------------------------
 *
 * unit_sigv4.c
 *		Signatures that others made are taken; what is wrong with one in the
 *		header Authorization is found, and told.
 *
 * Two examples are AWS's own.
 *
 *-------------------------------------------------------------------------
 */
#include "sigv4_trial.h"

/*
 * Test a change of the header Authorization of the first vector.
 */
static void
authorization(const char *old, const char *new, int error, const char *expected,
			  const char *what)
{
	Trial		trial;
	HttpHeader *changed;

	start(&trial, &vectors[0]);
	changed = header(&trial, "authorization");
	changed->value = replace(&trial, changed->value, old, new);
	if (expected == NULL)
		taken(&trial, what);
	else
		refused(&trial, error, expected, what);
}

/*
 * The example of AWS's documentation, of another service: the key, the
 * canonical request and the signature.
 */
static void
test_examples(void)
{
	static const HttpHeader headers[] = {
		{"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
		{"host", "iam.amazonaws.com"},
		{"x-amz-date", "20150830T123600Z"}
	};
	static const Slice names[] = {{"content-type", 12}, {"host", 4}, {"x-amz-date", 10}};
	static const Slice list = {"content-type;host;x-amz-date", 28};
	static const char scope[] =
	"AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n";
	static const char secret[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
	HttpRequest request = {"GET", "/", "Action=ListUsers&Version=2010-05-08", headers, 3, "", 0, false};
	unsigned char key[SIGV4_KEY_LENGTH];
	unsigned char digest[SHA256_LENGTH];
	char		to_sign[sizeof(scope) - 1 + SHA256_HEX_LENGTH];
	char		hex[SHA256_HEX_LENGTH];

	derive(secret, "20120215", "us-east-1", "iam", key);
	sha256_to_hex(key, hex);
	ok(memcmp(hex, "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d",
			  sizeof(hex)) == 0, "the example of a derived key");

	derive(secret, "20150830", "us-east-1", "iam", key);
	sha256_to_hex(key, hex);
	ok(memcmp(hex, "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9",
			  sizeof(hex)) == 0, "another");

	ok(canonical_digest(&request, names, 3, list, digest), "the example of a request");
	memcpy(to_sign, scope, sizeof(scope) - 1);
	sha256_to_hex(digest, to_sign + sizeof(scope) - 1);
	ok(memcmp(to_sign + sizeof(scope) - 1,
			  "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59",
			  SHA256_HEX_LENGTH) == 0, "its canonical form");

	ok(sha256_hmac(key, to_sign, sizeof(to_sign), digest), "a signature of it");
	sha256_to_hex(digest, hex);
	ok(memcmp(hex, "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
			  sizeof(hex)) == 0, "is that of the example");
}

/*
 * What botocore signed is taken, and nothing of it can be changed.
 */
static void
test_vectors(void)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
	{
		const Vector *vector = &vectors[i];
		Trial		trial;
		Signature	signature;
		Failure		failure;
		char		changed[4096];

		start(&trial, vector);
		taken(&trial, vector->name);

		memset(&failure, 0, sizeof(failure));
		ok(sigv4_read(&trial.request, &signature, &failure) &&
		   strcmp(signature.access_key_id, vector->access_key_id) == 0 &&
		   strcmp(signature.region, vector->region) == 0 &&
		   strcmp(signature.timestamp, vector->timestamp) == 0 &&
		   strncmp(signature.timestamp, signature.date, 8) == 0 &&
		   signature.expires == vector->expires &&
		   signature.presigned == vector->presigned,
		   "read: %s", vector->name);
		failure_free(&failure);

		trial.secret = "another";
		refused(&trial, GATEWAY_INVALID_SIGNATURE, MISMATCH, "another secret");

		start(&trial, vector);
		trial.request.method = "PUT";
		refused(&trial, GATEWAY_INVALID_SIGNATURE, MISMATCH, "another method");

		start(&trial, vector);
		snprintf(changed, sizeof(changed), "%s%s", vector->path,
				 vector->path[strlen(vector->path) - 1] == '/' ? "x" : "/x");
		trial.request.path = changed;
		refused(&trial, GATEWAY_INVALID_SIGNATURE, MISMATCH, "another path");

		start(&trial, vector);
		snprintf(trial.made, sizeof(trial.made), "%s&added=1", vector->query);
		trial.request.query = trial.made;
		refused(&trial, GATEWAY_INVALID_SIGNATURE, MISMATCH, "another parameter");

		start(&trial, vector);
		snprintf(changed, sizeof(changed), "%sx", vector->body);
		trial.request.body = changed;
		trial.request.body_length = strlen(changed);
		refused(&trial, GATEWAY_INVALID_SIGNATURE, MISMATCH, "another body");

		start(&trial, vector);
		header(&trial, "host")->value = "sqs.example";
		refused(&trial, GATEWAY_INVALID_SIGNATURE, MISMATCH, "another host");
	}
}

/*
 * The header Authorization, part by part.
 */
static void
test_authorization(void)
{
	static const char credential[] =
	"Credential=AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request";
	static const char key_id[] = "AKIAQUEUEEXAMPLE0001";
	static const char names[] =
	"content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode";
	const char *value = NULL;
	char		digest[SHA256_HEX_LENGTH + 1] = "";
	char		upper[SHA256_HEX_LENGTH + 1] = "";
	char		long_name[4096];
	Trial		trial;

	start(&trial, &vectors[0]);
	value = strstr(header(&trial, "authorization")->value, "Signature=") + strlen("Signature=");
	for (size_t i = 0; i < SHA256_HEX_LENGTH; i++)
	{
		digest[i] = value[i];
		upper[i] = value[i] >= 'a' ? value[i] - 'a' + 'A' : value[i];
	}

	/* None */
	drop_header(&trial, "authorization");
	refused(&trial, GATEWAY_MISSING_AUTHENTICATION_TOKEN, "Request is missing Authentication Token",
			"no Authorization");
	add_header(&trial, "authorization", "");
	refused(&trial, GATEWAY_MISSING_AUTHENTICATION_TOKEN, "Request is missing Authentication Token",
			"an empty one");
	header(&trial, "authorization")->value = "Basic QTpC";
	refused(&trial, GATEWAY_MISSING_AUTHENTICATION_TOKEN, "Request is missing Authentication Token",
			"another scheme");
	header(&trial, "authorization")->value = "AWS AKIAQUEUEEXAMPLE0001:frJIUN8DYpKDtOLCwo//yllqDzg=";
	refused(&trial, GATEWAY_MISSING_AUTHENTICATION_TOKEN, "Request is missing Authentication Token",
			"a signature of version 2");
	header(&trial, "authorization")->value = "AWS4-HMAC-SHA256";
	refused(&trial, GATEWAY_INCOMPLETE_SIGNATURE,
			"Authorization header requires 'Credential' parameter. "
			"Authorization header requires 'Signature' parameter. "
			"Authorization header requires 'SignedHeaders' parameter.",
			"nothing but the algorithm");
	drop_header(&trial, "x-amz-date");
	refused(&trial, GATEWAY_INCOMPLETE_SIGNATURE,
			"Authorization header requires 'Credential' parameter. "
			"Authorization header requires 'Signature' parameter. "
			"Authorization header requires 'SignedHeaders' parameter. "
			"Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
			"and no date either");

	/* The algorithm */
	authorization("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512", GATEWAY_INCOMPLETE_SIGNATURE,
				  "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512' (only AWS4-HMAC-SHA256 for now).",
				  "another algorithm");
	authorization("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256", GATEWAY_INCOMPLETE_SIGNATURE,
				  "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (only AWS4-HMAC-SHA256 for now).",
				  "signature version 4A");

	/* The form */
	authorization(", SignedHeaders", ",SignedHeaders", 0, NULL, "a comma without a blank");
	authorization(", SignedHeaders", " \t,,  SignedHeaders", 0, NULL, "more of both");
	authorization(", SignedHeaders", ", Other=1, SignedHeaders", 0, NULL, "a part that is not known");
	authorization("Credential=", "Credential", GATEWAY_INCOMPLETE_SIGNATURE,
				  "'CredentialAKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_reque' not a valid "
				  "key=value pair (missing equal-sign) in Authorization header.",
				  "no equals sign");
	authorization("Credential=AKIA", "Credential= AKIA", GATEWAY_INCOMPLETE_SIGNATURE,
				  "'AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request' not a valid "
				  "key=value pair (missing equal-sign) in Authorization header.",
				  "a blank in the credential");
	authorization("Credential=AKIA", "Credential=AKIA, AK\x01\xc3\xa9", GATEWAY_INCOMPLETE_SIGNATURE,
				  "'AK???QUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request' not a valid "
				  "key=value pair (missing equal-sign) in Authorization header.",
				  "characters that no text repeats");
	authorization("Credential=", "credential=", GATEWAY_INCOMPLETE_SIGNATURE,
				  "Authorization header requires 'Credential' parameter.", "a name in lower case");
	authorization("SignedHeaders=", "Signedheaders=", GATEWAY_INCOMPLETE_SIGNATURE,
				  "Authorization header requires 'SignedHeaders' parameter.", "another");
	authorization("Signature=", "Sign=", GATEWAY_INCOMPLETE_SIGNATURE,
				  "Authorization header requires 'Signature' parameter.", "no signature");
	authorization(names, "", GATEWAY_INCOMPLETE_SIGNATURE,
				  "Authorization header requires 'SignedHeaders' parameter.", "no signed headers");
	authorization("Credential=", "Credential=a, Credential=", GATEWAY_INCOMPLETE_SIGNATURE,
				  "Found 'Credential' more than once in Authorization header.", "two credentials");
	authorization("Signature=", "Signature=, Signature=", GATEWAY_INCOMPLETE_SIGNATURE,
				  "Found 'Signature' more than once in Authorization header.", "two signatures");
	start(&trial, &vectors[0]);
	add_header(&trial, "authorization", header(&trial, "authorization")->value);
	refused(&trial, GATEWAY_INCOMPLETE_SIGNATURE, "Found more than one 'authorization' header.",
			"two headers");

	/* The credential */
	authorization(credential, "Credential=a/b/c/d", GATEWAY_INCOMPLETE_SIGNATURE,
				  "Credential must have exactly 5 slash-delimited elements, "
				  "e.g. keyid/date/region/service/term, got 'a/b/c/d'",
				  "four elements");
	authorization("aws4_request", "aws4_request/", GATEWAY_INCOMPLETE_SIGNATURE,
				  "Credential must have exactly 5 slash-delimited elements, "
				  "e.g. keyid/date/region/service/term, got "
				  "'AKIAQUEUEEXAMPLE0001/20260131/eu-west-3/sqs/aws4_request/'",
				  "six");
	memset(long_name, '/', 600);
	long_name[600] = '\0';
	authorization(key_id, long_name, GATEWAY_INCOMPLETE_SIGNATURE,
				  "Credential must have exactly 5 slash-delimited elements, "
				  "e.g. keyid/date/region/service/term, got "
				  "'////////////////////////////////////////////////////////////////'",
				  "hundreds");
	authorization("/eu-west-3/", "//", GATEWAY_INVALID_SIGNATURE,
				  "Credential should be scoped to a valid region, not ''.", "no region");
	authorization("/eu-west-3/", "/eu;west/", GATEWAY_INVALID_SIGNATURE,
				  "Credential should be scoped to a valid region, not 'eu;west'.", "no name of a region");
	authorization("/eu-west-3/", "/us-east-1/", GATEWAY_INVALID_SIGNATURE, MISMATCH, "another region");
	authorization("/sqs/", "/sns/", GATEWAY_INVALID_SIGNATURE,
				  "Credential should be scoped to correct service: 'sqs'.", "another service");
	authorization("/aws4_request", "/aws5_request", GATEWAY_INVALID_SIGNATURE,
				  "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'.",
				  "another terminator");
	authorization("/20260131/", "/20260130/", GATEWAY_INVALID_SIGNATURE,
				  "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
				  "from HTTP: '20260130' != '20260131', from '20260131T235959Z'.",
				  "another day");
	authorization("/20260131/eu-west-3/sqs/aws4_request", "/b/$/d/e", GATEWAY_INVALID_SIGNATURE,
				  "Credential should be scoped to a valid region, not '$'. "
				  "Credential should be scoped to correct service: 'sqs'. "
				  "Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. "
				  "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
				  "from HTTP: 'b' != '20260131', from '20260131T235959Z'.",
				  "all of them wrong");
	authorization(key_id, "", GATEWAY_INCOMPLETE_SIGNATURE,
				  "Credential must begin with an access key ID of at most 128 characters, got ''",
				  "no access key");
	authorization(key_id, "A'B", GATEWAY_INCOMPLETE_SIGNATURE,
				  "Credential must begin with an access key ID of at most 128 characters, got 'A'B'",
				  "one that is none");
	memset(long_name, 'A', 129);
	long_name[129] = '\0';
	authorization(key_id, long_name, GATEWAY_INCOMPLETE_SIGNATURE,
				  "Credential must begin with an access key ID of at most 128 characters, got "
				  "'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'",
				  "a long one");

	/*
	 * Another access key with the same secret: the key is no part of what is
	 * signed.  Whoever looks the secret up has to see to it.
	 */
	authorization(key_id, "AKIAQUEUEEXAMPLE0009", 0, NULL, "another access key with the same secret");

	/* The signature */
	authorization(digest, upper, GATEWAY_INVALID_SIGNATURE, MISMATCH, "hex digits in upper case");
	authorization(digest, "0", GATEWAY_INVALID_SIGNATURE, MISMATCH, "a short signature");
	authorization(digest, digest + 1, GATEWAY_INVALID_SIGNATURE, MISMATCH, "a digit too few");
	authorization("Signature=", "Signature=0", GATEWAY_INVALID_SIGNATURE, MISMATCH, "a digit too many");
	for (int i = 0; i < SHA256_HEX_LENGTH; i++)
	{
		char		changed[SHA256_HEX_LENGTH + 1];

		memcpy(changed, digest, sizeof(changed));
		changed[i] = changed[i] == '0' ? '1' : '0';
		authorization(digest, changed, GATEWAY_INVALID_SIGNATURE, MISMATCH, "another digit");
	}
	memcpy(upper, digest, sizeof(upper));
	upper[63] = 'g';
	authorization(digest, upper, GATEWAY_INVALID_SIGNATURE, MISMATCH, "no hex digit");
}

/*
 * Which headers are signed.
 */
static void
test_signed_headers(void)
{
	static const char names[] =
	"content-type;host;x-amz-date;x-amz-target;x-amzn-query-mode";
	Buffer		many = {0};
	Trial		trial;

	authorization("content-type;host;", "content-type;", GATEWAY_INVALID_SIGNATURE,
				  "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
				  "no host signed");
	authorization("x-amz-date;", "", GATEWAY_INVALID_SIGNATURE,
				  "'x-amz-date' must be a 'SignedHeader' in the AWS Authorization.",
				  "no date signed");
	authorization("x-amz-target;", "", GATEWAY_INVALID_SIGNATURE,
				  "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
				  "no target signed");
	authorization(";x-amzn-query-mode", "", GATEWAY_INVALID_SIGNATURE, MISMATCH,
				  "a header fewer that need not be signed");
	authorization("content-type;", "", GATEWAY_INVALID_SIGNATURE, MISMATCH, "another");
	authorization("content-type;host", "host;content-type", GATEWAY_INVALID_SIGNATURE, MISMATCH,
				  "another order");
	authorization("content-type;host", "content-type;user-agent;host", GATEWAY_INVALID_SIGNATURE, MISMATCH,
				  "a header more");
	authorization("content-type;host", "content-type;absent;host", GATEWAY_INVALID_SIGNATURE,
				  "The request lacks the header 'absent' of SignedHeaders.", "one that was not sent");
	authorization("content-type;host", "Content-Type;host", GATEWAY_INVALID_SIGNATURE,
				  "The request lacks the header 'Content-Type' of SignedHeaders.", "a name in upper case");
	authorization("content-type;host", "content-type;;host", GATEWAY_INCOMPLETE_SIGNATURE,
				  "SignedHeaders must be a list of at most 64 names, separated by semicolons.",
				  "an empty name");
	authorization("content-type;host", ";content-type;host", GATEWAY_INCOMPLETE_SIGNATURE,
				  "SignedHeaders must be a list of at most 64 names, separated by semicolons.",
				  "an empty name at the start");
	for (int i = 0; i < 60; i++)
		buffer_puts(&many, "host;");
	buffer_puts(&many, names);
	authorization(names, many.data, GATEWAY_INCOMPLETE_SIGNATURE,
				  "SignedHeaders must be a list of at most 64 names, separated by semicolons.",
				  "65 names");
	authorization(names, many.data + strlen("host;"), GATEWAY_INVALID_SIGNATURE, MISMATCH, "64 names");
	buffer_reset(&many);
	for (int i = 0; i < 2049; i++)
		buffer_putc(&many, 'a');
	authorization(names, many.data, GATEWAY_INCOMPLETE_SIGNATURE,
				  "SignedHeaders must be a list of at most 64 names, separated by semicolons.",
				  "a name of 2,049 bytes");
	buffer_free(&many);

	start(&trial, &vectors[0]);
	drop_header(&trial, "content-type");
	refused(&trial, GATEWAY_INVALID_SIGNATURE,
			"The request lacks the header 'content-type' of SignedHeaders.", "a header dropped");
	start(&trial, &vectors[0]);
	drop_header(&trial, "host");
	refused(&trial, GATEWAY_INVALID_SIGNATURE,
			"The request lacks the header 'host' of SignedHeaders.", "the host dropped");
	start(&trial, &vectors[0]);
	header(&trial, "x-amz-target")->value = "AmazonSQS.DeleteQueue";
	refused(&trial, GATEWAY_INVALID_SIGNATURE, MISMATCH, "a header changed");
	start(&trial, &vectors[0]);
	add_header(&trial, "x-amz-target", "AmazonSQS.DeleteQueue");
	refused(&trial, GATEWAY_INVALID_SIGNATURE, MISMATCH, "a header sent twice");
	start(&trial, &vectors[0]);
	add_header(&trial, "x-amz-security-token", "t");
	refused(&trial, GATEWAY_INVALID_SIGNATURE,
			"'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization.",
			"a header added that has to be signed");
	start(&trial, &vectors[0]);
	add_header(&trial, "x-amz-", "");
	refused(&trial, GATEWAY_INVALID_SIGNATURE,
			"'x-amz-' must be a 'SignedHeader' in the AWS Authorization.", "the shortest such");
	start(&trial, &vectors[0]);
	add_header(&trial, "x-amzn-trace-id", "Root=1");
	taken(&trial, "a header added that need not be signed");
	start(&trial, &vectors[0]);
	header(&trial, "content-type")->value = " \t application/x-amz-json-1.0\t ";
	taken(&trial, "blanks around a value");
	start(&trial, &vectors[0]);
	while (trial.request.header_count < 256)
		add_header(&trial, "x", "y");
	taken(&trial, "256 headers");
	add_header(&trial, "x", "y");
	refused(&trial, GATEWAY_INCOMPLETE_SIGNATURE, "The request has more than 256 headers.",
			"257 headers");

	start(&trial, &vectors[1]);
	add_header(&trial, "x-amz-target", "AmazonSQS.DeleteQueue");
	refused(&trial, GATEWAY_INVALID_SIGNATURE,
			"'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
			"a header added to a presigned request");
}

/*
 * Test a header with the date.
 */
static void
date(const char *name, const char *value, bool right, const char *what)
{
	Trial		trial;
	Signature	signature;
	Failure		failure = {0};
	char		expected[256];

	start(&trial, &vectors[0]);
	drop_header(&trial, "x-amz-date");
	add_header(&trial, name, value);
	snprintf(expected, sizeof(expected), "Date must be in ISO-8601 'basic format'. Got '%s'. "
			 "See http://en.wikipedia.org/wiki/ISO_8601", value);
	if (right)
	{
		/* The signature is of another header, but the time is read before */
		sigv4_read(&trial.request, &signature, &failure);
		ok(strcmp(signature.timestamp, vectors[0].timestamp) == 0 &&
		   signature.signed_at == 1769903999, "read: %s", what);
		failure_free(&failure);
	}
	else
		refused(&trial, GATEWAY_INCOMPLETE_SIGNATURE, expected, what);
}

/*
 * The times of signatures.
 */
static void
test_times(void)
{
	Trial		trial;

	/* Formats */
	date("x-amz-date", "20260131T235959Z", true, "the format of X-Amz-Date");
	date("date", "20260131T235959Z", true, "the same in Date");
	date("date", "Sat, 31 Jan 2026 23:59:59 GMT", true, "the format of Date");
	date("date", "Sat, 31 Jan 2026 23:59:59 -0000", true, "that of botocore");
	date("date", "Sat, 31 Jan 2026 23:59:59 +0100", false, "another zone");
	date("date", "Sat, 31 Jan 2026 23:59:59 ", false, "no zone");
	date("date", "Fri, 31 Jan 2026 23:59:59 GMT", false, "another day of the week");
	date("date", "Sat, 31 Foo 2026 23:59:59 GMT", false, "no month");
	date("date", "Sat, 1 Jan 2026 23:59:59 GMT", false, "a digit too few");
	date("date", "Sat Jan 31 23:59:59 2026", false, "the format of C");
	date("date", "Saturday, 31-Jan-26 23:59:59 GMT", false, "an old format");
	date("x-amz-date", "2026-01-31T23:59:59Z", false, "the extended format");
	date("x-amz-date", "20260131T235959", false, "no Z");
	date("x-amz-date", "20260131T235959Z0", false, "more than that");
	date("x-amz-date", "20260131 235959Z", false, "no T");
	date("x-amz-date", "20261331T235959Z", false, "a 13th month");
	date("x-amz-date", "20260229T235959Z", false, "a 29th of February");
	date("x-amz-date", "20260131T245959Z", false, "a 24th hour");
	date("x-amz-date", "20260131T236059Z", false, "a 60th minute");
	date("x-amz-date", "20260131T235960Z", false, "a 60th second");
	date("x-amz-date", "2026013aT235959Z", false, "a letter");
	date("x-amz-date", "-2260131T235959Z", false, "a sign");
	date("x-amz-date", "00000000T000000Z", false, "noughts");
	start(&trial, &vectors[0]);
	add_header(&trial, "date", "nonsense");
	taken(&trial, "a Date beside X-Amz-Date");
	add_header(&trial, "x-amz-date", "20260131T235959Z");
	refused(&trial, GATEWAY_INCOMPLETE_SIGNATURE, "Found more than one 'x-amz-date' header.",
			"two dates");

	/* The clock */
	start(&trial, &vectors[0]);
	trial.late = 300;
	taken(&trial, "5 minutes late");
	trial.late = 301;
	refused(&trial, GATEWAY_INVALID_SIGNATURE,
			"Signature expired: 20260131T235959Z is now earlier than 20260201T000000Z "
			"(20260201T000500Z - 5 min.)",
			"5 minutes and a second late");
	trial.late = -300;
	taken(&trial, "5 minutes early");
	trial.late = -301;
	refused(&trial, GATEWAY_INVALID_SIGNATURE,
			"Signature not yet current: 20260131T235959Z is still later than 20260131T235958Z "
			"(20260131T235458Z + 5 min.)",
			"5 minutes and a second early");
}

int
main(void)
{
	test_examples();
	test_vectors();
	test_authorization();
	test_signed_headers();
	test_times();
	printf("1..%d\n", tests);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
