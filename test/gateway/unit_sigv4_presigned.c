/*-------------------------------------------------------------------------
 *
 * unit_sigv4_presigned.c
 *		Signatures in a query string: what is wrong with one is found, and told.
 *
 *-------------------------------------------------------------------------
 */
#include "sigv4_trial.h"

/*
 * Test a change of the query string of the second, which is presigned.
 */
static void
query(const char *old, const char *new, int error, const char *expected, const char *what)
{
	Trial		trial;

	start(&trial, &vectors[1]);
	trial.request.query = replace(&trial, trial.request.query, old, new);
	if (expected == NULL)
		taken(&trial, what);
	else
		refused(&trial, error, expected, what);
}

/*
 * Presigned requests, part by part.
 */
static void
test_presigned(void)
{
	Buffer		many = {0};
	Trial		trial;

	query("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=", GATEWAY_INCOMPLETE_SIGNATURE,
		  "AWS query-string parameters must include 'X-Amz-Algorithm'. "
		  "Re-examine the query-string parameters.", "an empty algorithm");
	query("X-Amz-Algorithm=", "X=", GATEWAY_INCOMPLETE_SIGNATURE,
		  "AWS query-string parameters must include 'X-Amz-Algorithm'. "
		  "Re-examine the query-string parameters.", "no algorithm");
	query("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=AWS4%00", GATEWAY_INCOMPLETE_SIGNATURE,
		  "Unsupported AWS 'algorithm': 'AWS4%00' (only AWS4-HMAC-SHA256 for now).",
		  "another algorithm");
	query("X-Amz-Date=", "X-Amz-date=", GATEWAY_INCOMPLETE_SIGNATURE,
		  "AWS query-string parameters must include 'X-Amz-Date'. "
		  "Re-examine the query-string parameters.", "no date");
	query("X-Amz-Date=2", "X-Amz-Date=%32", 0, NULL, "a digit that is escaped");
	query("X-Amz-Date=20260131T235959Z", "X-Amz-Date=Sat,+31+Jan+2026+23:59:59+GMT",
		  GATEWAY_INCOMPLETE_SIGNATURE,
		  "Date must be in ISO-8601 'basic format'. Got 'Sat,+31+Jan+2026+23:59:59+GMT'. "
		  "See http://en.wikipedia.org/wiki/ISO_8601", "a date of another format");
	query("Credential=AKIA", "Credential=BKIA", GATEWAY_INVALID_SIGNATURE, MISMATCH, "another access key");
	query("%2Fsqs%2F", "%2Fsns%2F", GATEWAY_INVALID_SIGNATURE,
		  "Credential should be scoped to correct service: 'sqs'.", "another service");
	query("%2F20260131%2F", "%2F20260201%2F", GATEWAY_INVALID_SIGNATURE,
		  "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
		  "from HTTP: '20260201' != '20260131', from '20260131T235959Z'.", "another day");
	query("%2F20260131%2F", "/20260131/", 0, NULL, "slashes that are not escaped");
	query("%2F20260131%2F", "%2f20260131%2f", 0, NULL, "escapes in lower case");
	query("AKIA", "%41KIA", 0, NULL, "a letter that is escaped");
	query("Action=", "&&Action=", 0, NULL, "empty parameters");
	query("Action=SendMessage&MessageBody=hello", "MessageBody=hello&Action=SendMessage", 0, NULL,
		  "another order");
	query("MessageBody=hello", "MessageBody=hell%6F", 0, NULL, "a letter of a parameter");
	query("MessageBody=hello", "MessageBody=Hello", GATEWAY_INVALID_SIGNATURE, MISMATCH,
		  "a parameter changed");
	query("MessageBody=hello&", "", GATEWAY_INVALID_SIGNATURE, MISMATCH, "a parameter dropped");
	query("MessageBody=", "messageBody=", GATEWAY_INVALID_SIGNATURE, MISMATCH, "the case of its name");
	query("MessageBody=hello", "MessageBody%3Dhello", GATEWAY_INVALID_SIGNATURE, MISMATCH,
		  "an equals sign that is escaped");
	query("hello&Version", "hello%26Version", GATEWAY_INVALID_SIGNATURE, MISMATCH,
		  "an ampersand that is escaped");
	query("X-Amz-Expires=3600", "X-Amz-Expires=3601", GATEWAY_INVALID_SIGNATURE, MISMATCH,
		  "a longer time");
	query("X-Amz-Expires=3600", "X-Amz-Expires=0", GATEWAY_INCOMPLETE_SIGNATURE,
		  "X-Amz-Expires must be a number of seconds from 1 to 604800.", "no time");
	query("X-Amz-Expires=3600", "X-Amz-Expires=604801", GATEWAY_INCOMPLETE_SIGNATURE,
		  "X-Amz-Expires must be a number of seconds from 1 to 604800.", "more than a week");
	query("X-Amz-Expires=3600", "X-Amz-Expires=-1", GATEWAY_INCOMPLETE_SIGNATURE,
		  "X-Amz-Expires must be a number of seconds from 1 to 604800.", "a time before");
	query("X-Amz-Expires=3600", "X-Amz-Expires=", GATEWAY_INCOMPLETE_SIGNATURE,
		  "X-Amz-Expires must be a number of seconds from 1 to 604800.", "an empty time");
	query("X-Amz-Expires=3600", "X-Amz-Expires=1e3", GATEWAY_INCOMPLETE_SIGNATURE,
		  "X-Amz-Expires must be a number of seconds from 1 to 604800.", "no number");
	query("X-Amz-Expires=3600", "X-Amz-Expires=18446744073709555216", GATEWAY_INCOMPLETE_SIGNATURE,
		  "X-Amz-Expires must be a number of seconds from 1 to 604800.", "a large number");
	query("&X-Amz-Expires=3600", "", GATEWAY_INVALID_SIGNATURE, MISMATCH, "the time dropped");
	query("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=hos", GATEWAY_INVALID_SIGNATURE,
		  "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
		  "no host signed");
	query("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=host%3Bx", GATEWAY_INVALID_SIGNATURE,
		  "The request lacks the header 'x' of SignedHeaders.", "a header that was not sent");
	query("X-Amz-Signature=0", "X-Amz-Signature=1", GATEWAY_INVALID_SIGNATURE, MISMATCH,
		  "another signature");
	query("X-Amz-Signature=0", "X-Amz-Signature=%30", 0, NULL, "a digit of it that is escaped");
	query("X-Amz-Signature=", "X%2DAmz%2DSignature=", 0, NULL, "its name, escaped");
	query("X-Amz-Signature=", "X-Amz-Signature=0&X-Amz-Signature=", GATEWAY_INCOMPLETE_SIGNATURE,
		  "Found 'X-Amz-Signature' more than once in the query-string parameters.",
		  "two signatures");
	query("X-Amz-Date=", "%58-Amz-Date=20250131T235959Z&X-Amz-Date=", GATEWAY_INCOMPLETE_SIGNATURE,
		  "Found 'X-Amz-Date' more than once in the query-string parameters.",
		  "two dates, one escaped");

	/* Escapes, and how many parameters there may be */
	query("hello", "hello%", GATEWAY_INCOMPLETE_SIGNATURE,
		  "The query string has a malformed escape, or more than 1024 parameters.",
		  "an escape that is cut off");
	query("hello", "hell%6", GATEWAY_INCOMPLETE_SIGNATURE,
		  "The query string has a malformed escape, or more than 1024 parameters.", "another");
	query("hello", "%zz", GATEWAY_INCOMPLETE_SIGNATURE,
		  "The query string has a malformed escape, or more than 1024 parameters.",
		  "an escape of no digits");
	query("hello", "a%00b", GATEWAY_INVALID_SIGNATURE, MISMATCH, "a NUL");
	query("hello", "%FF%C0%80", GATEWAY_INVALID_SIGNATURE, MISMATCH, "no UTF-8");
	for (int i = 0; i < 1015; i++)
		buffer_puts(&many, "a&");
	buffer_puts(&many, "Action");
	query("Action", many.data, GATEWAY_INVALID_SIGNATURE, MISMATCH, "1,024 parameters");
	buffer_puts(&many, "&Action");
	query("Action", many.data, GATEWAY_INCOMPLETE_SIGNATURE,
		  "The query string has a malformed escape, or more than 1024 parameters.",
		  "1,025 parameters");
	buffer_free(&many);

	/* A blank, as forms have it */
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
	{
		if (strstr(vectors[i].query, "MessageBody=a%20b%2Bc") == NULL)
			continue;
		start(&trial, &vectors[i]);
		trial.request.query = replace(&trial, vectors[i].query, "a%20b", "a+b");
		taken(&trial, "a plus sign for a blank");
		trial.request.query = replace(&trial, vectors[i].query, "b%2Bc", "b+c");
		refused(&trial, GATEWAY_INVALID_SIGNATURE, MISMATCH, "a plus sign for one that is escaped");
	}

	/* In both places */
	start(&trial, &vectors[1]);
	add_header(&trial, "authorization", header(&trial, "host")->value);
	refused(&trial, GATEWAY_INVALID_SIGNATURE,
			"Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
			"a header Authorization beside it");
	start(&trial, &vectors[0]);
	trial.request.query = vectors[1].query;
	refused(&trial, GATEWAY_INVALID_SIGNATURE,
			"Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
			"parameters beside the header");
	trial.request.query = "X-Amz-Signature=0";
	refused(&trial, GATEWAY_INVALID_SIGNATURE,
			"Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
			"one parameter beside it");
}

/*
 * For how long they are valid.
 */
static void
test_times(void)
{
	Trial		trial;
	Failure		failure;
	Signature	signature = {0};

	start(&trial, &vectors[1]);
	trial.late = 3600;
	taken(&trial, "at the end of its time");
	trial.late = 3601;
	refused(&trial, GATEWAY_REQUEST_EXPIRED,
			"Request has expired: 20260201T005959Z is now earlier than 20260201T010000Z",
			"a second after it");
	trial.late = -301;
	refused(&trial, GATEWAY_INVALID_SIGNATURE,
			"Signature not yet current: 20260131T235959Z is still later than 20260131T235958Z "
			"(20260131T235458Z + 5 min.)",
			"before it");

	/* One that does not say for how long */
	memset(&failure, 0, sizeof(failure));
	signature.presigned = true;
	signature.signed_at = 1769903999;
	ok(sigv4_check_time(&signature, 1769903999 + 300, &failure), "5 minutes without an end");
	ok(!sigv4_check_time(&signature, 1769903999 + 301, &failure) &&
	   failure.error == GATEWAY_INVALID_SIGNATURE, "but no longer");
	failure_free(&failure);
}

int
main(void)
{
	test_presigned();
	test_times();
	printf("1..%d\n", tests);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
