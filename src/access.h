/*-------------------------------------------------------------------------
 *
 * access.h
 *		What policies, and the ownership of queues, say to a request.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ACCESS_H
#define QUEUE_ACCESS_H

#include "contextkeys.h"

/* What decided */
typedef enum AccessReason
{
	ACCESS_BY_SUPERUSER,
	ACCESS_BY_PRIVILEGE,		/* of the owner; or to create queues */
	ACCESS_BY_IDENTITY_POLICY,
	ACCESS_BY_QUEUE_POLICY,		/* across accounts, together with the role's */
	DENIED_BY_IDENTITY_POLICY,
	DENIED_BY_QUEUE_POLICY,
	NO_IDENTITY_POLICY,			/* allows it, as those below */
	NO_QUEUE_POLICY
} AccessReason;

typedef struct AccessDecision
{
	bool		allowed;
	AccessReason reason;
	Oid			policy_role;	/* of a role's policy that decided ... */
	const char *policy_name;	/* ... palloc'd */
	int			statement;		/* its place in the policy that decided; -1:
								 * no policy did, or one that cannot be read */
} AccessDecision;

/*
 * Whether a role may do something with a queue that was just looked up.  Where
 * there are no policies that costs no more than the question whose it is.
 */
extern bool access_allows(Oid role, const Queue *queue, const char *action);

/* The same for any request, with the reasons, and without the cache */
extern void access_decide(const AccessRequest *request, AccessDecision *decision);

/*
 * Whether a queue's policy lets a service do something with it, on account of
 * what has an ARN, in an account.  Nothing else speaks for services.
 */
extern bool access_service_allows(const char *service, const char *source_arn,
								  const char *source_account, const Queue *queue,
								  const char *action);

/* Whether an action is for the queue's own account only, whatever policies say */
extern bool access_is_for_account(const char *action);

/* The ARN that policies know a role by, palloc'd */
extern char *access_role_arn(Oid role);

/* The name of a queue, as a key */
extern void access_queue_name(const Queue *queue, QueueName *name);

#endif							/* QUEUE_ACCESS_H */
