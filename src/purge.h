/*-------------------------------------------------------------------------
 *
 * purge.h
 *		Purging a queue.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_PURGE_H
#define QUEUE_PURGE_H

#include "catalog.h"

/* Delete all messages of a queue; the argument is that of the SQL call */
extern void purge_queue(const text *reference);

#endif							/* QUEUE_PURGE_H */
