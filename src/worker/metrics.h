/*-------------------------------------------------------------------------
 *
 * metrics.h
 *		What the worker tells Prometheus.
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKER_METRICS_H
#define WORKER_METRICS_H

#include "config.h"

/* Serve metrics, and write them to a file, as the settings say */
extern void metrics_open(const Config *config);
extern void metrics_close(void);

#endif							/* WORKER_METRICS_H */
