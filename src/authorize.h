/*-------------------------------------------------------------------------
 *
 * authorize.h
 *		Who may do what with a queue.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_AUTHORIZE_H
#define QUEUE_AUTHORIZE_H

#include "utils/array.h"
#include "utils/jsonb.h"

#include "catalog.h"

/*
 * Raise AccessDenied (42501) unless the current user may do something with the
 * queue: its owner, a member of its owner, a superuser, or whom policies allow
 * it.  action is SQS's name of the call ("SendMessage"); that of a batch is the
 * name of the call on one message.
 */
extern void authorize_queue(const Queue *queue, const char *action);

/* The same as a question, for views that list only what a role may use */
extern bool authorize_queue_allows(const Queue *queue, const char *action);

/* The same for a role that is not, or no longer, the current user */
extern bool authorize_role_allows(Oid role, const Queue *queue, const char *action);

/*
 * Raise AccessDenied unless the current user may send to the queue, or its
 * policy lets a table do so: the service TABLE_SERVICE, with the ARN
 *
 *		arn:aws:postgresql:REGION:ACCOUNT:table/DATABASE/SCHEMA/TABLE
 *
 * as aws:SourceArn, and the account of the table's owner as aws:SourceAccount.
 * What would be a separator or a wildcard in a name is percent-encoded.
 */
#define TABLE_SERVICE "trigger.postgresql.org"
extern void authorize_event(const Queue *queue, Relation table);

/*
 * Raise AccessDenied unless the current user may create a queue of this name,
 * with these tags (NULL: none); or if it may not list the queues of an account
 */
extern void authorize_create(const QueueName *name, Jsonb *tags);
extern void authorize_list(const char *account_id);

/*
 * Note whether something is allowed that is about no queue, and raise AccessDenied
 * with this message if it is not.  action is AWS's name of the call with its
 * service ("iam:CreateAccessKey"), resource what it is about.
 */
extern void authorize_other(bool allowed, const char *action, const char *resource,
							const char *message, const char *hint);

/* Look up and authorize in one: the first line of every call on a queue */
extern void authorize_lookup(const text *reference, const char *action, Queue *queue);

/* The same, as one more look of a call that was authorized before */
extern void authorize_again(const text *reference, const char *action, Queue *queue);

/* The same, with the lock that changes of a queue need (catalog_lock) */
extern void authorize_change(const text *reference, const char *action, Queue *queue);

/* The same for a change of tags: a map, or keys; NULL for what was not given */
extern void authorize_change_tags(const text *reference, const char *action, Jsonb *tags,
								  ArrayType *tag_keys, Queue *queue);

#endif							/* QUEUE_AUTHORIZE_H */
