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
 * or -1 for the queue's own.  If message_ids is not NULL it receives count
 * message ids.
 */
extern void enqueue_messages(const Queue *queue, const Payload *payloads, int count,
							 int delay, pg_uuid_t *message_ids);

#endif							/* QUEUE_ENQUEUE_H */
