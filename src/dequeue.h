/*-------------------------------------------------------------------------
 *
 * dequeue.h
 *		Finding receivable messages and taking them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_DEQUEUE_H
#define QUEUE_DEQUEUE_H

#include "body.h"
#include "catalog.h"

typedef enum DequeueMode
{
	DEQUEUE_RECEIVE,			/* hide them for a while */
	DEQUEUE_POP,				/* delete them */
	DEQUEUE_PROBE				/* only see whether there is one */
} DequeueMode;

/*
 * dequeue_messages() returns this if too many messages are in flight, and this
 * if it found none to hand out, but moved some to the dead-letter queue
 */
#define DEQUEUE_OVER_LIMIT (-1)
#define DEQUEUE_MOVED (-2)

/*
 * Called with the Natts_sqs_message columns of each message; false: no more are
 * wanted
 */
typedef bool (*DequeueResult) (Datum *values, bool *isnull, void *arg);

/*
 * Take up to max messages that are receivable now, without waiting for
 * anything, and return how many.  Those that have been received too often for
 * the queue's RedrivePolicy are moved to its dead-letter queue instead.
 * visibility_timeout is in seconds.  An active snapshot is needed.
 *
 * That messages cannot be decrypted is noted in *problem, whose message is empty if
 * none was met.  Where problem is NULL it is a warning, or an error if that undoes
 * nothing.
 */
extern int	dequeue_messages(const Queue *queue, DequeueMode mode, int max,
							 int visibility_timeout,
							 DequeueResult result, void *arg,
							 BodyProblem *problem);

#endif							/* QUEUE_DEQUEUE_H */
