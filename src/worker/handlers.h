/*-------------------------------------------------------------------------
 *
 * handlers.h
 *		The handlers: processes, and the messages that they are at work on.
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKER_HANDLERS_H
#define WORKER_HANDLERS_H

#include "config.h"

extern void handlers_open(const Config *config);

/* There may be messages for them, or another number of them is allowed */
extern void handlers_schedule(void);

/* How many there may be at a time */
extern void handlers_allow(int count);

/* How many messages there should be more, for them to go on with */
extern int	handlers_wanted(void);

/* Begin nothing more; those that have nothing to do end */
extern void handlers_drain(void);

/* Kill all that run; their messages are returned at once */
extern void handlers_kill(void);

/* Processes; those of them at work; how many there may be */
extern int	handlers_running(void);
extern int	handlers_busy(void);
extern int	handlers_allowed(void);

#endif							/* WORKER_HANDLERS_H */
