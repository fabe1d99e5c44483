/*-------------------------------------------------------------------------
 *
 * eventbatch.h
 *		One batch of messages for the function of an event source mapping.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_EVENTBATCH_H
#define QUEUE_EVENTBATCH_H

#include "body.h"
#include "eventsource.h"

typedef struct BatchOutcome
{
	int			found;			/* as dequeue_messages() returns it */
	int			processed;		/* messages that are deleted */
	int			failed;			/* messages that come again */
	char	   *error;			/* why, or NULL: the function named them */
	BodyProblem problem;		/* of messages that could not be decrypted;
								 * its message is empty if there was none */
} BatchOutcome;

/*
 * Receive a batch as the current user, call the function and delete, as part of
 * a transaction of the caller's that was just begun, and that has to be committed
 * if this returns.
 */
extern void eventbatch_run(const EventSource *source, Queue *queue, BatchOutcome *outcome);

#endif							/* QUEUE_EVENTBATCH_H */
