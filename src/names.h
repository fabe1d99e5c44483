/*-------------------------------------------------------------------------
 *
 * names.h
 *		Names of queues, and the URLs and ARNs made of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_NAMES_H
#define QUEUE_NAMES_H

#include "queue.h"

/*
 * What identifies a queue to its users.  Unused bytes are zero, so that it can
 * be the key of a hash table.
 */
typedef struct QueueName
{
	char		account_id[ACCOUNT_ID_LENGTH + 1];
	char		queue_name[QUEUE_NAME_MAX + 1];
} QueueName;

/*
 * The account that a plain name belongs to: the setting's, until account.c, which
 * knows whose account it is, puts its own function here.  Raises AccessDenied if
 * the current user is in none.
 */
extern const char *(*names_own_account) (void);

/*
 * Take a name, ARN or URL apart.  Raises MissingParameter (NULL or empty),
 * InvalidAddress (neither of the three) and QueueDoesNotExist (no queue can
 * have that name, or it is one of another region).
 */
extern void names_parse(const text *reference, QueueName *name);

/*
 * The same for an argument that must be a plain name, with an optional
 * account (GetQueueUrl).
 */
extern void names_parse_plain(const text *queue_name, const text *account_id,
							  QueueName *name);

/* Whether it has the form of an account's id: 12 digits */
extern bool names_is_account_id(const char *s, int length);

/* Whether it has the form of an ARN of SQS, whatever region and account */
extern bool names_is_arn(const char *arn);

/* Whether such an ARN is of our region */
extern bool names_is_local(const char *arn);

/* Whether a queue of this name is a FIFO queue: no other ends in ".fifo" */
extern bool names_is_fifo(const QueueName *name);

/*
 * The name in an ARN that was stored, whatever its region: queues do not change
 * when queue.region does.  False if it is not an ARN of SQS.
 */
extern bool names_from_arn(const char *arn, QueueName *name);

/* What names_find() has found */
typedef enum NameForm
{
	NAME_VALID,
	NAME_ELSEWHERE,				/* no queue here can have it */
	NAME_MALFORMED				/* neither name nor ARN nor URL */
} NameForm;

/* As names_parse(), of what is not NULL nor empty, but without an error */
extern NameForm names_find(const text *reference, QueueName *name);

/*
 * Check the name of a queue to be created and put it, with the account it
 * will belong to, into name.  Raises MissingParameter or
 * InvalidParameterValue.
 */
extern void names_check_new(const text *queue_name, bool fifo, QueueName *name);

/* A queue's URL and ARN, palloc'd */
extern char *names_url(const char *account_id, const char *queue_name);
extern char *names_arn(const char *account_id, const char *queue_name);

/* What the current user can call a queue: its name, or the ARN if that would be
 * a queue of its own account */
extern char *names_short(const char *account_id, const char *queue_name);

/*
 * Whether the KmsMasterKeyId of a queue in this account names the key of SSE-SQS:
 * "alias/aws/sqs", or its ARN
 */
extern bool names_is_managed_key(const char *account_id, const char *reference);

#endif							/* QUEUE_NAMES_H */
