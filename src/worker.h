/*-------------------------------------------------------------------------
 *
 * worker.h
 *		The background processes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_WORKER_H
#define QUEUE_WORKER_H

/* Called by _PG_init: register the launcher, install the utility hook */
extern void worker_init(void);

#endif							/* QUEUE_WORKER_H */
