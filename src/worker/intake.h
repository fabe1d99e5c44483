/*-------------------------------------------------------------------------
 *
 * intake.h
 *		Receiving messages, and waiting for them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKER_INTAKE_H
#define WORKER_INTAKE_H

#include "config.h"

/*
 * wanted() tells how many messages there should be more; arrived() is called
 * when some have come.
 */
extern void intake_open(const Config *config, int (*wanted) (void), void (*arrived) (void));
extern void intake_close(void);

/* What is wanted may have changed */
extern void intake_schedule(void);

/*
 * Receive no more; what still comes is returned.  Whether none can come any more;
 * it cannot after intake_abandon(), which loses what is on its way.
 */
extern void intake_stop(void);
extern bool intake_stopped(void);
extern void intake_abandon(void);

/*
 * Whether the last receive got all that it asked for: there may be much more
 */
extern bool intake_is_pressed(void);

extern bool intake_ready(void); /* the connection is there */

#endif							/* WORKER_INTAKE_H */
