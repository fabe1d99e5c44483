/*-------------------------------------------------------------------------
 *
 * attempt.h
 *		Receives from FIFO queues that can be repeated.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ATTEMPT_H
#define QUEUE_ATTEMPT_H

#include "dequeue.h"

/*
 * Receive as dequeue_messages(), under an attempt id: if a receive with that id
 * was made a short while ago, and all it gave is as it was, return the same
 * messages with the same receipt handles, hidden anew for as long.  Waits for
 * another transaction that is receiving under the same id.
 */
extern int	attempt_receive(const Queue *queue, const text *attempt_id, int max,
							int visibility_timeout, DequeueResult result, void *arg);

#endif							/* QUEUE_ATTEMPT_H */
