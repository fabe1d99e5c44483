/*-------------------------------------------------------------------------
 *
 * redrivepolicy.h
 *		What a RedrivePolicy says: where messages go, and when.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_REDRIVEPOLICY_H
#define QUEUE_REDRIVEPOLICY_H

#include "document.h"
#include "names.h"

/* Largest maxReceiveCount; SetQueueAttributes */
#define MAX_RECEIVE_COUNT_MAX 1000

/* The maxReceiveCount that a field of a policy gives; 0 if it is not valid */
extern int32 redrivepolicy_count(const DocumentField *field);

/*
 * Read the policy of a queue, which was checked when it was set.  False if it is
 * not valid, as one that was changed by hand may be; raises no error.
 */
extern bool redrivepolicy_read(const char *policy, QueueName *target, int32 *count);

#endif							/* QUEUE_REDRIVEPOLICY_H */
