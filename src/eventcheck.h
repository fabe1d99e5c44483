/*-------------------------------------------------------------------------
 *
 * eventcheck.h
 *		What keeps an event source mapping from being at work.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_EVENTCHECK_H
#define QUEUE_EVENTCHECK_H

#include "eventsource.h"

/*
 * What is wrong with a function for a mapping, as a message, or NULL; it takes
 * an array of sqs_message and returns nothing, or a set of uuid
 */
extern const char *eventcheck_function(Oid function, bool report_batch_item_failures);

/*
 * What keeps a mapping from being at work, whether it is enabled or not, as one
 * sentence that is palloc'd or constant; or NULL, and then *queue is its queue.
 * Rights are those of the role that it acts as, now.
 */
extern const char *eventcheck_problem(const EventSource *source, Queue *queue);

#endif							/* QUEUE_EVENTCHECK_H */
