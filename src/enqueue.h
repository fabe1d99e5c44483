/*-------------------------------------------------------------------------
 *
 * enqueue.h
 *		Storing messages, for the SQL calls and the trigger.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ENQUEUE_H
#define QUEUE_ENQUEUE_H

#include "catalog.h"
#include "payload.h"

/*
 * Store count checked messages in one queue, in order.  delay is in seconds,
 * or -1 for the queue's own, as always in a FIFO queue.  If ids is not NULL it
 * receives the messages' numbers; in a FIFO queue that of a duplicate is the
 * number of the message that was sent first.
 */
extern void enqueue_messages(const Queue *queue, const Payload *payloads, int count,
							 int delay, int64 *ids);

#endif							/* QUEUE_ENQUEUE_H */
