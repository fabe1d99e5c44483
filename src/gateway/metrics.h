/*-------------------------------------------------------------------------
 *
 * metrics.h
 *		What the gateway tells Prometheus.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_METRICS_H
#define GATEWAY_METRICS_H

#include <stdint.h>

#include "actions.h"
#include "buffer.h"

extern void metrics_init(void);

/*
 * Count a request: action is NULL where it is not known, error -1 where there
 * was none, or SQS_... or GATEWAY_..., microseconds what it took.
 */
extern void metrics_count(const Action *action, int error, int64_t microseconds);

/* Count an answer that the client did not take */
extern void metrics_count_undelivered(void);

/*
 * Put all of it together, in Prometheus's text format.  It asks the database
 * for the queues' metrics, so done() is called later, and not from within; then
 * the text is taken by whoever asked.  Without the database there is the rest.
 */
extern void metrics_write(void (*done) (void *arg, Buffer *text), void *arg);

#endif							/* GATEWAY_METRICS_H */
