/*-------------------------------------------------------------------------
 *
 * eventworker.h
 *		The workers of event source mappings.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_EVENTWORKER_H
#define QUEUE_EVENTWORKER_H

#include "postmaster/bgworker.h"
#include "utils/uuid.h"

/* Start one more worker of a mapping; false if there is no process for it */
extern bool eventworker_start(const pg_uuid_t *mapping_id);

/*
 * What our processes for mappings have in common: what to fill in to have one
 * started, and what it does first, once it is to connect
 */
extern void eventworker_describe(BackgroundWorker *worker, const char *function, const char *name);
extern void eventworker_connect(Oid database);

/* Say, once, that there was no process for what is named; or that there was */
extern void eventworker_warn(void);
extern void eventworker_started(void);

#endif							/* QUEUE_EVENTWORKER_H */
