/*-------------------------------------------------------------------------
 *
 * iammatch.h
 *		Texts of policies: wildcards, ARNs and policy variables.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_IAMMATCH_H
#define QUEUE_IAMMATCH_H

#include "iamrequest.h"

/* A text of a policy, which may have policy variables in it */
typedef struct IamText
{
	const char *text;			/* as it was written */
	bool		has_variables;	/* they have to be looked up for each request */
	const char *plain;			/* else the text, and the text as a pattern */
	const char *pattern;
} IamText;

/*
 * Prepare a text.  Variables are such only if they are asked for.  False if one
 * is malformed.
 */
extern bool iammatch_prepare(const char *text, bool variables, IamText *result);

/*
 * The text of a request, and the text as a pattern in which only wildcards that
 * the policy has are wildcards.  NULL if the request has no value for a
 * variable that has no default either.
 */
extern const char *iammatch_plain(const IamText *text, const IamRequest *request);
extern const char *iammatch_pattern(const IamText *text, const IamRequest *request);

/* Whether a string is as a pattern says; case does not matter if fold */
extern bool iammatch_glob(const char *pattern, const char *string, bool fold);

/* The same for an ARN: each of its six parts for itself */
extern bool iammatch_arn(const char *pattern, const char *arn);

/* Whether a text can be an ARN, or a pattern of such: it has six parts */
extern bool iammatch_is_arn(const char *text);

/* Whether a text has a character that is a wildcard in a pattern */
extern bool iammatch_has_wildcard(const char *text);

#endif							/* QUEUE_IAMMATCH_H */
