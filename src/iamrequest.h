/*-------------------------------------------------------------------------
 *
 * iamrequest.h
 *		What a policy is asked about: who wants to do what with which queue.
 *
 * The files iam*.c know the language of policies and nothing of the server:
 * what they need of it they ask for by the functions of a request.  So they
 * can be linked into a program that tests them alone.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_IAMREQUEST_H
#define QUEUE_IAMREQUEST_H

typedef enum IamPrincipalKind
{
	IAM_ROLE,					/* a role of an account */
	IAM_SERVICE,				/* a service, such as sns.amazonaws.com */
	IAM_ANONYMOUS				/* nobody knows who */
} IamPrincipalKind;

typedef struct IamPrincipal
{
	IamPrincipalKind kind;
	const char *account;		/* of a role: 12 digits */
	const char *name;			/* of a role or a service */
} IamPrincipal;

/* The values of a key of the request's context */
typedef struct IamValues
{
	int			count;
	const char **values;
} IamValues;

typedef struct IamRequest
{
	IamPrincipal principal;
	const char *action;			/* without the service: "SendMessage" */
	const char *resource;		/* an ARN */

	/*
	 * Whether the principal, a role, stands for another one as well, by name
	 * and account: it has that role's privileges.
	 */
	bool		(*stands_for) (const struct IamRequest *request,
							   const char *account, const char *name);

	/*
	 * The values of a key, whose name is not case sensitive; false if the
	 * request has no such key.  They live as long as the evaluation.
	 */
	bool		(*key) (const struct IamRequest *request, const char *name,
						IamValues *values);
	void	   *arg;			/* for the two functions */
} IamRequest;

#endif							/* QUEUE_IAMREQUEST_H */
