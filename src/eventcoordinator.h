/*-------------------------------------------------------------------------
 *
 * eventcoordinator.h
 *		The process that watches the queues of a database's event source mappings.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_EVENTCOORDINATOR_H
#define QUEUE_EVENTCOORDINATOR_H

/*
 * Called by the worker: start this database's coordinator if there are mappings
 * at work and it has none
 */
extern void eventcoordinator_start(void);

#endif							/* QUEUE_EVENTCOORDINATOR_H */
