/*-------------------------------------------------------------------------
 *
 * iamcondition.h
 *		Conditions of policies: operators, and what they compare.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_IAMCONDITION_H
#define QUEUE_IAMCONDITION_H

#include "iamjson.h"
#include "iammatch.h"

/* An operator and a key, with the values that it compares the key's with */
typedef struct IamCondition IamCondition;

/*
 * Read the element Condition of a statement: all its conditions, in a palloc'd
 * array.  If something is wrong with it, NULL, and *problem says what; a text
 * that has to do with the document is quoted in it.
 */
extern IamCondition *iamcondition_parse(const IamNode *node, bool variables,
										int *count, const char **problem);

/* Whether a request fulfils all of the conditions */
extern bool iamcondition_holds(const IamCondition *conditions, int count,
							   const IamRequest *request);

/* A text of a document as an error may quote it: clipped, ASCII, palloc'd */
extern char *iamcondition_quote(const char *text);

#endif							/* QUEUE_IAMCONDITION_H */
