/*-------------------------------------------------------------------------
 *
 * contextkeys.h
 *		A request for access, and the keys of its context.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_CONTEXTKEYS_H
#define QUEUE_CONTEXTKEYS_H

#include "utils/array.h"
#include "utils/jsonb.h"

#include "catalog.h"
#include "iamrequest.h"

/* Who wants to do what; what is not named is zero */
typedef struct AccessRequest
{
	Oid			role;
	const char *action;			/* SQS's name of the call */
	const QueueName *name;		/* of the queue; one without a name: all of
								 * the account */
	const Queue *queue;			/* NULL: it does not exist, or not yet */
	Jsonb	   *tags;			/* that the call brings along: a map, or NULL */
	ArrayType  *tag_keys;		/* or their keys alone, or NULL */
	Jsonb	   *context;		/* a simulation's: a map of keys, or NULL */
	const char *service;		/* who asks instead of the role, or NULL */
	const char *source_arn;		/* of what made the service ask ... */
	const char *source_account; /* ... and its account */
} AccessRequest;

/* A key that was looked up, under the name that a policy has for it */
typedef struct ContextKey
{
	const char *name;
	bool		exists;
	IamValues	values;
} ContextKey;

/* As many as one decision remembers; policies often ask for one again */
#define CONTEXT_KEYS_KEPT 8

/* What the argument of an IamRequest points to */
typedef struct ContextKeys
{
	const AccessRequest *request;
	int			count;
	ContextKey	kept[CONTEXT_KEYS_KEPT];
	bool		is_constant;	/* until a key is looked up whose value
								 * another request of the role need not have */
} ContextKeys;

/* The values of a key, palloc'd; false if there is no such key */
extern bool contextkeys_values(const IamRequest *iam, const char *name, IamValues *values);

#endif							/* QUEUE_CONTEXTKEYS_H */
