/*-------------------------------------------------------------------------
 *
 * authorize.c
 *		Who may do what with a queue.
 *
 * A queue belongs to the role that created it.  It can be used by that role,
 * by roles that have its privileges, and by superusers.  The right to create
 * queues is CREATE on schema queue.  The current user counts, so a SECURITY
 * DEFINER function lends its owner's rights, as it does for tables.
 *
 * The tables behind a queue belong to the extension's owner: none of this
 * gives access to them, or needs it.  The queue's owner has SELECT on its
 * table of messages.  That privilege makes DROP ROLE refuse to remove a role
 * that owns a queue, and name the table; dumps take it along.  After a DROP
 * OWNED, which revokes it, the role can go; its queues can then be used by
 * superusers only.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "authorize.h"
#include "compat.h"
#include "report.h"

/*
 * Whether the current user may use the queue.  Superusers have the privileges
 * of every role.
 */
bool
authorize_queue_allows(const Queue *queue)
{
	return authorize_role_allows(GetUserId(), queue);
}

/*
 * Whether a role may use the queue.
 */
bool
authorize_role_allows(Oid role, const Queue *queue)
{
	return has_privs_of_role(role, queue->owner);
}

/*
 * Raise AccessDenied unless the current user may use the queue.
 */
void
authorize_queue(const Queue *queue, const char *action)
{
	if (!authorize_queue_allows(queue))
		ereport(ERROR,
				(sqs_errcode(SQS_ACCESS_DENIED),
				 errmsg("permission denied for queue \"%s\"", queue->queue_name),
				 sqs_errdetail(SQS_ACCESS_DENIED,
							   "User %s is not authorized to perform: sqs:%s on resource: %s",
							   GetUserNameFromId(GetUserId(), true), action,
							   names_arn(queue->account_id, queue->queue_name)),
				 errhint("A queue may be used by its owner, by members of its owner, and by superusers.")));
}

/*
 * Raise AccessDenied unless the current user may create queues.
 */
void
authorize_create(void)
{
	if (compat_namespace_aclcheck(catalog_namespace(), GetUserId(), ACL_CREATE) != ACLCHECK_OK)
		ereport(ERROR,
				(sqs_errcode(SQS_ACCESS_DENIED),
				 errmsg("permission denied to create a queue"),
				 sqs_errdetail(SQS_ACCESS_DENIED,
							   "User %s is not authorized to perform: sqs:CreateQueue.",
							   GetUserNameFromId(GetUserId(), true)),
				 errhint("The right to create queues is CREATE on schema %s.",
						 QUEUE_SCHEMA)));
}

/*
 * Look a queue up and authorize the action on it.
 */
void
authorize_lookup(const text *reference, const char *action, Queue *queue)
{
	catalog_lookup(reference, queue);
	authorize_queue(queue, action);
}

/*
 * The same for an action that changes the queue: on return the lock on its
 * name is held, and what is known of the queue is as of then.  Only who may
 * change the queue gets to wait for the lock, and who had to wait is judged
 * again.
 */
void
authorize_change(const text *reference, const char *action, Queue *queue)
{
	QueueName	name;

	names_parse(reference, &name);
	authorize_lookup(reference, action, queue);
	catalog_lock(&name);
	authorize_lookup(reference, action, queue);
}
