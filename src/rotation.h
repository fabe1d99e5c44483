/*-------------------------------------------------------------------------
 *
 * rotation.h
 *		Segments: when a new one is begun, and an old one emptied and truncated.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ROTATION_H
#define QUEUE_ROTATION_H

#include "catalog.h"

/* What a row of steps on one queue has to remember; begins as all zero */
typedef struct Rotation
{
	int			segment;		/* is being emptied; 0: none */
	bool		made;			/* the last step only made a table */
	int64		from;			/* rows with smaller ids have been moved ... */
	int64		left;			/* ... but so many, at which others were at
								 * work */
} Rotation;

/* Whether there may be something to do for a queue */
extern bool rotation_is_due(const Queue *queue);

/*
 * Do one step for a queue, with a snapshot, in a transaction that is to be
 * committed right after and that has not changed the queue before.  Returns
 * whether there may be more to do.
 */
extern bool rotation_step(const Queue *queue, Rotation *rotation);

/* For who does steps in the background: that one failed, and when to go on */
extern bool rotation_failed(const Queue *queue);
extern bool rotation_may_try(const Queue *queue);

#endif							/* QUEUE_ROTATION_H */
