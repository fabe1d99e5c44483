/*-------------------------------------------------------------------------
 *
 * authorize.c
 *		Who may do what with a queue.
 *
 * A queue belongs to the role that created it.  It can be used by that role,
 * by roles that have its privileges, by superusers, and by whom policies allow
 * it: access.c has the rules.  The right to create queues is CREATE on schema
 * queue, or a policy of the role.  The current user counts, so a SECURITY
 * DEFINER function lends its owner's rights, as it does for tables.
 *
 * The tables behind a queue belong to the extension's owner: none of this
 * gives access to them, or needs it.  The queue's owner has SELECT on the ids
 * in its table of messages.  That privilege makes DROP ROLE refuse to remove a
 * role that owns a queue, and name the table; dumps take it along.  After a DROP
 * OWNED, which revokes it, the role can go; its queues can then be used by
 * superusers, and by whom policies allow it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/dbcommands.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "access.h"
#include "account.h"
#include "audit.h"
#include "authorize.h"
#include "report.h"
#include "requestcontext.h"
#include "rolepolicy.h"
#include "settings.h"

/*
 * Whether a role may do something with a queue.
 */
bool
authorize_role_allows(Oid role, const Queue *queue, const char *action)
{
	return access_allows(role, queue, action);
}

bool
authorize_queue_allows(const Queue *queue, const char *action)
{
	return access_allows(GetUserId(), queue, action);
}

/*
 * The second half of AWS's sentence: why.
 */
static char *
reason_text(const AccessDecision *decision, const char *action)
{
	switch (decision->reason)
	{
		case DENIED_BY_IDENTITY_POLICY:
			return pstrdup("with an explicit deny in an identity-based policy");
		case DENIED_BY_QUEUE_POLICY:
			return pstrdup("with an explicit deny in a resource-based policy");
		case NO_QUEUE_POLICY:
			return psprintf("because no resource-based policy allows the sqs:%s action", action);
		default:
			return psprintf("because no identity-based policy allows the sqs:%s action", action);
	}
}

pg_noreturn static void report_denied(const AccessRequest *request,
									  const AccessDecision *decision, const char *message,
									  const char *hint);

/*
 * Raise AccessDenied, in AWS's words, which have the action in small letters.
 */
static void
report_denied(const AccessRequest *request, const AccessDecision *decision,
			  const char *message, const char *hint)
{
	char	   *action = pstrdup(request->action);

	audit_queue(request->action, request->name->account_id, request->name->queue_name, false);
	for (char *c = action; *c != '\0'; c++)
		*c = pg_ascii_tolower((unsigned char) *c);
	ereport(ERROR,
			(sqs_errcode(SQS_ACCESS_DENIED),
			 errmsg_internal("%s", message),
			 sqs_errdetail(SQS_ACCESS_DENIED,
						   "User: %s is not authorized to perform: sqs:%s on resource: %s %s",
						   access_role_arn(request->role), action,
						   names_arn(request->name->account_id,
									 request->name->queue_name[0] == '\0' ? "*" :
									 request->name->queue_name),
						   reason_text(decision, action)),
			 errhint("%s", hint)));
}

/*
 * Raise AccessDenied for a request on a queue that is denied.
 */
static void
check_queue(const char *action, Jsonb *tags, ArrayType *tag_keys, const Queue *queue)
{
	AccessDecision decision;
	QueueName	name;
	AccessRequest request = {.role = GetUserId(),.action = action,.name = &name,
	.queue = queue,.tags = tags,.tag_keys = tag_keys};

	access_queue_name(queue, &name);
	access_decide(&request, &decision);
	if (!decision.allowed)
		report_denied(&request, &decision,
					  psprintf("permission denied for queue \"%s\"", queue->queue_name),
					  "A queue may be used by its owner, by members of its owner, by superusers, and by whom policies of the role or the queue allow it.");
}

/*
 * Raise InvalidSecurity if others can read the connection, and must not.  The queue
 * may be NULL.
 */
static void
check_transport(const Queue *queue)
{
	bool		kms = queue != NULL && queue->encryption == ENCRYPTION_KMS;

	if (unlikely(setting_require_secure_transport >=
				 (kms ? SECURE_TRANSPORT_KMS : SECURE_TRANSPORT_ON)) &&
		!request_context_secure())
		ereport(ERROR,
				(sqs_errcode(SQS_INVALID_SECURITY),
				 errmsg("the connection is not secure"),
				 sqs_errdetail(SQS_INVALID_SECURITY,
							   "The request was not made over HTTPS or did not use SigV4 for signing."),
				 errhint("The setting queue.require_secure_transport demands TLS, or a socket on this machine.")));
}

/*
 * Raise an error unless the current user may do something with the queue.  The
 * reasons are looked for only if it may not.
 */
static void
check_allowed(const Queue *queue, const char *action)
{
	check_transport(queue);
	if (!access_allows(GetUserId(), queue, action))
		check_queue(action, NULL, NULL, queue);
}

/*
 * Raise AccessDenied unless the current user may do something with the queue.
 */
void
authorize_queue(const Queue *queue, const char *action)
{
	check_allowed(queue, action);
	audit_queue(action, queue->account_id, queue->queue_name, true);
}

/*
 * A name in an ARN.  Encoded so, no name can look like two, or like a pattern.
 */
static void
append_arn_name(StringInfo arn, const char *name)
{
	for (const unsigned char *c = (const unsigned char *) name; *c != '\0'; c++)
	{
		if (*c <= ' ' || strchr("%/:*?$", *c) != NULL)
			appendStringInfo(arn, "%%%02X", *c);
		else
			appendStringInfoChar(arn, *c);
	}
}

static char *
arn_of_table(Relation table, const char *account)
{
	StringInfoData arn;

	initStringInfo(&arn);
	appendStringInfo(&arn, "arn:aws:postgresql:%s:%s:table/", setting_region, account);
	append_arn_name(&arn, get_database_name(MyDatabaseId));
	appendStringInfoChar(&arn, '/');
	append_arn_name(&arn, get_namespace_name(RelationGetNamespace(table)));
	appendStringInfoChar(&arn, '/');
	append_arn_name(&arn, RelationGetRelationName(table));
	return arn.data;
}

/*
 * Raise AccessDenied unless the current user may send, or the table may.
 */
void
authorize_event(const Queue *queue, Relation table)
{
	const char *account;

	if (!access_allows(GetUserId(), queue, "SendMessage"))
	{
		account = account_of_role(table->rd_rel->relowner);
		if (!access_service_allows(TABLE_SERVICE, arn_of_table(table, account), account, queue,
								   "SendMessage"))
			check_queue("SendMessage", NULL, NULL, queue);
	}
	audit_queue("SendMessage", queue->account_id, queue->queue_name, true);
}

/*
 * Raise AccessDenied if policies deny what is not about one queue that there is.
 */
static void
check_not_denied(const AccessRequest *request, const AccessDecision *decision,
				 const char *message)
{
	if (decision->reason == DENIED_BY_IDENTITY_POLICY)
		report_denied(request, decision, message,
					  "A policy of the role denies it; sqs_list_role_policies() shows the policies of a role.");
}

/*
 * Raise AccessDenied unless the current user may create a queue.  It will be its
 * own, so only what is denied keeps it from having tags.
 */
void
authorize_create(const QueueName *name, Jsonb *tags)
{
	static const char *const message = "permission denied to create a queue";
	AccessRequest request = {.role = GetUserId(),.action = "CreateQueue",.name = name,.tags = tags};
	AccessDecision decision;

	check_transport(NULL);
	access_decide(&request, &decision);
	check_not_denied(&request, &decision, message);
	if (!decision.allowed)
		report_denied(&request, &decision, message,
					  psprintf("The right to create queues is CREATE on schema %s, or a policy of the role that allows sqs:CreateQueue.",
							   QUEUE_SCHEMA));
	if (tags != NULL && JB_ROOT_IS_OBJECT(tags) && JB_ROOT_COUNT(tags) > 0)
	{
		request.action = "TagQueue";
		access_decide(&request, &decision);
		check_not_denied(&request, &decision, message);
	}
	audit_queue("CreateQueue", name->account_id, name->queue_name, true);
}

/*
 * Raise AccessDenied if the current user may not even ask for the queues of an
 * account.  Which of them it sees is another question.
 */
void
authorize_list(const char *account_id)
{
	QueueName	name = {0};
	AccessRequest request = {.role = GetUserId(),.action = "ListQueues",.name = &name};
	AccessDecision decision;

	check_transport(NULL);
	if (rolepolicy_any())
	{
		strlcpy(name.account_id, account_id, sizeof(name.account_id));
		access_decide(&request, &decision);
		check_not_denied(&request, &decision, "permission denied to list queues");
	}
	audit_queue("ListQueues", account_id, "", true);
}

/*
 * Note what is about no queue, and raise AccessDenied if it is not allowed.
 */
void
authorize_other(bool allowed, const char *action, const char *resource,
				const char *message, const char *hint)
{
	audit_other(action, resource, allowed);
	if (!allowed)
		ereport(ERROR,
				(sqs_errcode(SQS_ACCESS_DENIED),
				 errmsg_internal("%s", message),
				 sqs_errdetail(SQS_ACCESS_DENIED,
							   "User: %s is not authorized to perform: %s on resource: %s",
							   access_role_arn(GetUserId()), action, resource),
				 errhint("%s", hint)));
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
 * The same once more, for a call that has begun already: it is noted once.
 */
void
authorize_again(const text *reference, const char *action, Queue *queue)
{
	catalog_lookup(reference, queue);
	check_allowed(queue, action);
}

/*
 * Look a queue up that has to exist.
 */
static void
lookup_name(const QueueName *name, Queue *queue)
{
	if (!catalog_lookup_name(name, queue))
		report_no_queue(name->queue_name);
}

/*
 * Look a queue up and authorize an action that changes it: on return the lock on
 * its name is held, and what is known of the queue is as of then.  Only who may
 * change the queue gets to wait for the lock, and who had to wait is judged
 * again.  The reference is taken apart once: while we wait a plain name may come
 * to mean a queue of another account, which the lock does not protect.
 */
void
authorize_change(const text *reference, const char *action, Queue *queue)
{
	QueueName	name;

	names_parse(reference, &name);
	lookup_name(&name, queue);
	check_allowed(queue, action);
	catalog_lock(&name);
	lookup_name(&name, queue);
	authorize_queue(queue, action);
}

/*
 * The same for an action that changes tags, which policies can ask about.
 */
void
authorize_change_tags(const text *reference, const char *action, Jsonb *tags,
					  ArrayType *tag_keys, Queue *queue)
{
	QueueName	name;

	names_parse(reference, &name);
	check_transport(NULL);
	lookup_name(&name, queue);
	check_queue(action, tags, tag_keys, queue);
	catalog_lock(&name);
	lookup_name(&name, queue);
	check_queue(action, tags, tag_keys, queue);
	audit_queue(action, queue->account_id, queue->queue_name, true);
}
