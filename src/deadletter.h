/*-------------------------------------------------------------------------
 *
 * deadletter.h
 *		The rules of dead-letter queues: RedrivePolicy, RedriveAllowPolicy.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_DEADLETTER_H
#define QUEUE_DEADLETTER_H

#include "catalog.h"

/*
 * Check a RedrivePolicy that is to be set on a queue: its form, and that the
 * queue it names exists, fits, allows it and may be used by the current user.
 * Raises InvalidParameterValue, QueueDoesNotExist or AccessDenied.
 */
extern void deadletter_check_policy(const char *policy, const QueueName *source,
									bool fifo);

/* Whether some queue names this one as its dead-letter queue */
extern bool deadletter_is_target(const Queue *queue);

/*
 * The dead-letter queue that a RedrivePolicy names, whether or not it exists;
 * false if there can be none of this name here.
 */
extern bool deadletter_target(const char *policy, QueueName *name);

/* Check the form of a RedriveAllowPolicy.  Raises InvalidParameterValue. */
extern void deadletter_check_allow_policy(const char *policy);

#endif							/* QUEUE_DEADLETTER_H */
