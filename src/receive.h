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

/* What is asked for */
typedef struct ReceiveCall
{
	DequeueMode mode;
	int			max;
	int			visibility_timeout; /* seconds, or -1 for the queue's own */
	int			wait_time;		/* likewise */
	const text *attempt_id;		/* NULL: none */
	DequeueResult result;
	void	   *arg;
} ReceiveCall;

/*
 * Receive or pop messages, as SQL calls do, from a queue that is named by a
 * caller, waiting for one if there is none.
 */
extern void receive_messages(const text *reference, ReceiveCall *call);

/*
 * The same for who waits by himself, with a queue that the caller may use.
 * First complete the call and check it; then take what there is, which returns
 * what dequeue_messages() does; and unless that is over, come again when there
 * may be something, or give up.  receive_end() then raises OverLimit for a call
 * that may not wait, and counts one that got nothing.
 */
extern void receive_begin(const Queue *queue, ReceiveCall *call);
extern int	receive_once(const Queue *queue, const ReceiveCall *call);
extern bool receive_is_over(const ReceiveCall *call, int found);
extern void receive_end(const Queue *queue, const ReceiveCall *call, int found);

#endif							/* QUEUE_RECEIVE_H */
