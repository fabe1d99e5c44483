/*-------------------------------------------------------------------------
 *
 * receive.h
 *		Receiving messages, waiting for one if asked to.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_RECEIVE_H
#define QUEUE_RECEIVE_H

#include "dequeue.h"

/*
 * Receive or pop up to max messages, as SQL calls do, from a queue that is
 * named by a caller.  visibility_timeout and wait_time are in seconds, within
 * their ranges, or -1 for the queue's own.
 */
extern void receive_messages(const text *reference, DequeueMode mode, int max,
							 int visibility_timeout, int wait_time,
							 const text *attempt_id,
							 DequeueResult result, void *arg);

#endif							/* QUEUE_RECEIVE_H */
