/*-------------------------------------------------------------------------
 *
 * policy.h
 *		Access policies as documents: a list of statements.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_POLICY_H
#define QUEUE_POLICY_H

#include "nodes/pg_list.h"

/*
 * What is wrong with a policy, as a sentence, or NULL.  Raises OverLimit for one
 * that would be valid, but has more of something than there may be.
 */
extern const char *policy_problem(const char *policy);

/*
 * A policy with one more statement, palloc'd, which allows accounts some
 * actions on the queue of this ARN.  policy is NULL if there was none; the
 * lists are of C strings and not empty.  Raises InvalidParameterValue for a
 * label that is taken, and OverLimit.
 */
extern char *policy_add(const char *policy, const char *arn, const char *label,
						const List *accounts, const List *actions);

/*
 * A policy without the statement of a label; NULL if none is left.  Raises
 * InvalidParameterValue if there is no such statement.
 */
extern char *policy_remove(const char *policy, const char *label);

#endif							/* QUEUE_POLICY_H */
