/*-------------------------------------------------------------------------
 *
 * mover.h
 *		The worker's part in message move tasks: messages are moved.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_MOVER_H
#define QUEUE_MOVER_H

#include "datatype/timestamp.h"

/*
 * Work on the tasks that are running until a time, or until there are none, in
 * transactions of its own.  Returns whether there are some left.
 */
extern bool mover_run(TimestampTz until);

/* Do one step of each task, as part of the caller's transaction */
extern void mover_step_all(void);

#endif							/* QUEUE_MOVER_H */
