/*-------------------------------------------------------------------------
 *
 * iampolicy.h
 *		Policies: documents in IAM's language, and what they say to a request.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_IAMPOLICY_H
#define QUEUE_IAMPOLICY_H

#include "iamrequest.h"

/* What a policy belongs to */
typedef enum IamPolicyKind
{
	IAM_QUEUE_POLICY,			/* says whom it is about */
	IAM_IDENTITY_POLICY			/* is about those who have it */
} IamPolicyKind;

typedef struct IamStatement IamStatement;

/* A policy that was found to be valid */
typedef struct IamPolicy
{
	int			count;
	IamStatement *statements;
} IamPolicy;

typedef struct IamProblem
{
	bool		over_limit;		/* it is valid, but more than there may be */
	const char *text;			/* a sentence, or several; ASCII */
} IamProblem;

typedef enum IamDecision
{
	IAM_NOT_DECIDED,			/* no statement is about the request */
	IAM_ALLOWED,
	IAM_DENIED
} IamDecision;

/*
 * Read a policy, whose text is in an encoding.  All that is allocated stays for
 * the policy's life.  NULL if it is not valid; problem says why.
 */
extern IamPolicy *iampolicy_parse(const char *json, size_t length, int encoding,
								  IamPolicyKind kind, IamProblem *problem);

/*
 * What the statements of a policy say to a request; *statement is the place, in
 * the document, of the first that says so, -1 if none does.
 */
extern IamDecision iampolicy_evaluate(const IamPolicy *policy, const IamRequest *request,
									  int *statement);

/*
 * How SQS calls an action of its own that has this name, whatever the case, and
 * with "sqs:" before it or not; of a batch, the action on one message.  NULL if
 * there is no such action.
 */
extern const char *iampolicy_action(const char *name);

/* The ARN of a role, or the name of a service; palloc'd.  NULL: nobody's */
extern char *iampolicy_principal_arn(const IamPrincipal *principal);

#endif							/* QUEUE_IAMPOLICY_H */
