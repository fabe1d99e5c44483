/*-------------------------------------------------------------------------
 *
 * names.c
 *		Names of queues, and the URLs and ARNs made of them.
 *
 * A call may name its queue in three ways:
 *
 *		orders									a name, in the account of the role
 *		arn:aws:sqs:us-east-1:000000000000:orders	an ARN
 *		http://localhost:9324/000000000000/orders	a URL
 *
 * Of a URL only the last two parts of the path matter, as in SQS: a client
 * may reach the server under any host name, and a proxy may put a path in
 * front.  The scheme and host can be left out.  Of an ARN the region counts
 * and the partition does not.
 *
 * None of these forms can be mistaken for another, because a name has neither
 * a colon nor a slash.  What has the form of a reference and names nothing
 * here is a queue that does not exist; what has no such form is an invalid
 * address.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "characters.h"
#include "compat.h"
#include "names.h"
#include "report.h"
#include "settings.h"

/* No reference is longer; spares us work on, and messages with, a long one */
#define REFERENCE_MAX 1024

#define FIFO_SUFFIX ".fifo"
#define FIFO_SUFFIX_LENGTH ((int) strlen(FIFO_SUFFIX))

static const char *setting_account(void);
static bool is_queue_name(const char *s, int length);
static bool is_plain_name(const char *s, int length);
static void fill_name(QueueName *name, const char *account_id,
					  const char *queue_name, int length);
static const char *last_char(const char *s, int length, char c);
static bool split_arn(const char *arn, int length, const char **fields, int *lengths);
static bool split_url(const char *url, int length, const char **fields, int *lengths);
pg_noreturn static void report_address(const char *s, int length);

const char *(*names_own_account) (void) = setting_account;

static const char *
setting_account(void)
{
	return setting_account_id;
}

/*
 * Whether s is an account id: 12 digits.
 */
bool
names_is_account_id(const char *s, int length)
{
	if (length != ACCOUNT_ID_LENGTH)
		return false;
	for (int i = 0; i < length; i++)
	{
		if (s[i] < '0' || s[i] > '9')
			return false;
	}
	return true;
}

/*
 * Whether s has only letters, digits, hyphens and underscores, and at least
 * one of them.
 */
static bool
is_plain_name(const char *s, int length)
{
	if (length < 1)
		return false;
	for (int i = 0; i < length; i++)
	{
		char		c = s[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			  (c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
	}
	return true;
}

/*
 * Whether a queue, of either kind, can have this name.  The suffix of a FIFO
 * queue counts in its length.
 */
static bool
is_queue_name(const char *s, int length)
{
	if (length > QUEUE_NAME_MAX)
		return false;
	if (length > FIFO_SUFFIX_LENGTH &&
		memcmp(s + length - FIFO_SUFFIX_LENGTH, FIFO_SUFFIX, FIFO_SUFFIX_LENGTH) == 0)
		length -= FIFO_SUFFIX_LENGTH;
	return is_plain_name(s, length);
}

/*
 * Whether this is the name of a FIFO queue.
 */
bool
names_is_fifo(const QueueName *name)
{
	return !is_plain_name(name->queue_name, strlen(name->queue_name));
}

/*
 * Fill in a name whose parts have been checked.
 */
static void
fill_name(QueueName *name, const char *account_id,
		  const char *queue_name, int length)
{
	memset(name, 0, sizeof(QueueName));
	memcpy(name->account_id, account_id, ACCOUNT_ID_LENGTH);
	memcpy(name->queue_name, queue_name, length);
}

/*
 * Find the last c in s; NULL if there is none.
 */
static const char *
last_char(const char *s, int length, char c)
{
	while (--length >= 0)
	{
		if (s[length] == c)
			return s + length;
	}
	return NULL;
}

/*
 * Find the six fields of an ARN.  The last one takes the rest.
 */
static bool
split_arn(const char *arn, int length, const char **fields, int *lengths)
{
	const char *end = arn + length;

	for (int i = 0; i < 6; i++)
	{
		const char *colon = i < 5 ? memchr(arn, ':', end - arn) : end;

		if (colon == NULL)
			return false;
		fields[i] = arn;
		lengths[i] = colon - arn;
		arn = colon + 1;
	}
	return true;
}

/*
 * Find the last two parts of a URL's path.
 */
static bool
split_url(const char *url, int length, const char **fields, int *lengths)
{
	const char *end = url + length;
	const char *slash;

	/* The host is no part of the path, even if it looks like one */
	if (length > 7 && memcmp(url, "http://", 7) == 0)
		url = memchr(url + 7, '/', length - 7);
	else if (length > 8 && memcmp(url, "https://", 8) == 0)
		url = memchr(url + 8, '/', length - 8);
	if (url == NULL)
		return false;

	/* Clients that join paths may leave a slash at the end */
	if (end[-1] == '/')
		end--;
	slash = last_char(url, end - url, '/');
	if (slash == NULL)
		return false;
	fields[1] = slash + 1;
	lengths[1] = end - fields[1];

	end = slash;
	slash = last_char(url, end - url, '/');
	fields[0] = slash == NULL ? url : slash + 1;
	lengths[0] = end - fields[0];
	return true;
}

/*
 * Report what is neither a name nor an ARN nor a URL.
 */
static void
report_address(const char *s, int length)
{
	const char *address = characters_quotable(s, length);

	ereport(ERROR,
			(sqs_errcode(SQS_INVALID_ADDRESS),
			 errmsg("\"%s\" is not the address of a queue", address),
			 sqs_errdetail(SQS_INVALID_ADDRESS,
						   "The address %s is not valid for this endpoint.", address),
			 errhint("Give the queue's name, its ARN or its URL.")));
}

/*
 * Take a name, ARN or URL apart, if it is one.
 */
NameForm
names_find(const text *reference, QueueName *name)
{
	const char *s = VARDATA_ANY(reference);
	size_t		length = VARSIZE_ANY_EXHDR(reference);

	if (length > REFERENCE_MAX)
		return NAME_MALFORMED;

	if (is_queue_name(s, length))
		fill_name(name, names_own_account(), s, length);
	else if (length > 4 && memcmp(s, "arn:", 4) == 0)
	{
		const char *fields[6];
		int			lengths[6];

		if (!split_arn(s, length, fields, lengths) ||
			lengths[1] == 0 ||
			lengths[2] != 3 || memcmp(fields[2], "sqs", 3) != 0 ||
			!names_is_account_id(fields[4], lengths[4]) ||
			!is_queue_name(fields[5], lengths[5]))
			return NAME_MALFORMED;
		if (lengths[3] != strlen(setting_region) ||
			memcmp(fields[3], setting_region, lengths[3]) != 0)
			return NAME_ELSEWHERE;
		fill_name(name, fields[4], fields[5], lengths[5]);
	}
	else if (memchr(s, '/', length) != NULL)
	{
		const char *fields[2];
		int			lengths[2];

		if (!split_url(s, length, fields, lengths) ||
			!names_is_account_id(fields[0], lengths[0]) ||
			!is_queue_name(fields[1], lengths[1]))
			return NAME_MALFORMED;
		fill_name(name, fields[0], fields[1], lengths[1]);
	}
	else
		return memchr(s, ':', length) != NULL ? NAME_MALFORMED : NAME_ELSEWHERE;
	return NAME_VALID;
}

/*
 * Take a name, ARN or URL apart.
 */
void
names_parse(const text *reference, QueueName *name)
{
	if (reference == NULL || VARSIZE_ANY_EXHDR(reference) == 0)
		report_missing_parameter("QueueUrl");
	switch (names_find(reference, name))
	{
		case NAME_VALID:
			break;
		case NAME_ELSEWHERE:
			report_no_queue(characters_quotable(VARDATA_ANY(reference),
												VARSIZE_ANY_EXHDR(reference)));
			break;
		case NAME_MALFORMED:
			report_address(VARDATA_ANY(reference), VARSIZE_ANY_EXHDR(reference));
			break;
	}
}

/*
 * Take a plain name and, if account_id is not NULL, its account.
 */
void
names_parse_plain(const text *queue_name, const text *account_id,
				  QueueName *name)
{
	const char *account;

	if (queue_name == NULL || VARSIZE_ANY_EXHDR(queue_name) == 0)
		report_missing_parameter("QueueName");
	if (account_id == NULL)
		account = names_own_account();
	else
	{
		account = VARDATA_ANY(account_id);
		if (!names_is_account_id(account, VARSIZE_ANY_EXHDR(account_id)))
			report_invalid_parameter("QueueOwnerAWSAccountId",
									 characters_quotable(account, VARSIZE_ANY_EXHDR(account_id)),
									 "An account id has 12 digits.");
	}
	if (!is_queue_name(VARDATA_ANY(queue_name), VARSIZE_ANY_EXHDR(queue_name)))
		report_no_queue(characters_quotable(VARDATA_ANY(queue_name), VARSIZE_ANY_EXHDR(queue_name)));
	fill_name(name, account, VARDATA_ANY(queue_name), VARSIZE_ANY_EXHDR(queue_name));
}

/*
 * Whether it has the form of an ARN of SQS.
 */
bool
names_is_arn(const char *arn)
{
	const char *fields[6];
	int			lengths[6];

	return split_arn(arn, strlen(arn), fields, lengths) &&
		lengths[0] == 3 && memcmp(fields[0], "arn", 3) == 0 &&
		lengths[1] > 0 &&
		lengths[2] == 3 && memcmp(fields[2], "sqs", 3) == 0 &&
		lengths[3] > 0 &&
		names_is_account_id(fields[4], lengths[4]) &&
		is_queue_name(fields[5], lengths[5]);
}

/*
 * Whether a valid ARN is of our region.
 */
bool
names_is_local(const char *arn)
{
	const char *fields[6];
	int			lengths[6];

	return split_arn(arn, strlen(arn), fields, lengths) &&
		lengths[3] == strlen(setting_region) &&
		memcmp(fields[3], setting_region, lengths[3]) == 0;
}

/*
 * The name in an ARN, whatever its region.
 */
bool
names_from_arn(const char *arn, QueueName *name)
{
	const char *fields[6];
	int			lengths[6];

	if (!names_is_arn(arn) || !split_arn(arn, strlen(arn), fields, lengths))
		return false;
	fill_name(name, fields[4], fields[5], lengths[5]);
	return true;
}

/*
 * Report a name that a queue can't have, with SQS's text for it.
 */
static void
report_name(const char *name, int length, const char *text)
{
	ereport(ERROR,
			(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
			 errmsg("invalid name of a queue: \"%s\"", characters_quotable(name, length)),
			 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE, "%s", text),
			 errhint("Letters, digits, hyphens and underscores are allowed; the name of a FIFO queue ends with \".fifo\", and no other does.")));
}

/*
 * Check the name of a queue to be created.
 */
void
names_check_new(const text *queue_name, bool fifo, QueueName *name)
{
	const char *s;
	int			length;

	if (queue_name == NULL || VARSIZE_ANY_EXHDR(queue_name) == 0)
		report_missing_parameter("QueueName");
	s = VARDATA_ANY(queue_name);
	length = VARSIZE_ANY_EXHDR(queue_name);

	if (fifo)
	{
		/* A name that is valid but not plain is one with the suffix */
		if (!is_queue_name(s, length) || is_plain_name(s, length))
			report_name(s, length, "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length");
	}
	else if (length > QUEUE_NAME_MAX || !is_plain_name(s, length))
		report_name(s, length, "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
	fill_name(name, names_own_account(), s, length);
}

/*
 * The URL of a queue.
 */
char *
names_url(const char *account_id, const char *queue_name)
{
	int			length = strlen(setting_endpoint);

	while (length > 0 && setting_endpoint[length - 1] == '/')
		length--;
	return psprintf("%.*s/%s/%s", length, setting_endpoint, account_id, queue_name);
}

/*
 * The ARN of a queue.
 */
char *
names_arn(const char *account_id, const char *queue_name)
{
	return psprintf("arn:aws:sqs:%s:%s:%s", setting_region, account_id, queue_name);
}

/*
 * The shortest of the forms that mean the queue.
 */
char *
names_short(const char *account_id, const char *queue_name)
{
	if (strcmp(account_id, names_own_account()) == 0)
		return pstrdup(queue_name);
	return names_arn(account_id, queue_name);
}

/*
 * Whether this is the name that the key of SSE-SQS has as one of SSE-KMS.
 */
bool
names_is_managed_key(const char *account_id, const char *reference)
{
	static const char alias[] = "alias/aws/sqs";

	return strcmp(reference, alias) == 0 ||
		strcmp(reference, psprintf("arn:aws:kms:%s:%s:%s", setting_region, account_id,
								   alias)) == 0;
}
