/*-------------------------------------------------------------------------
 *
 * deleted.h
 *		Deleted queues: rows of queue.deleted_queues.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_DELETED_H
#define QUEUE_DELETED_H

#include "catalog.h"

/* Attribute numbers of queue.deleted_queues */
#define Anum_deleted_queues_queue_id 1
#define Anum_deleted_queues_account_id 2
#define Anum_deleted_queues_queue_name 3
#define Anum_deleted_queues_deleted_at 4
#define Natts_deleted_queues 4

/* Remember the name and number of a queue that is being deleted */
extern void deleted_add(const Queue *queue, TimestampTz now);

/* Whether a queue of this name was deleted after a point in time */
extern bool deleted_since(const QueueName *name, TimestampTz since);

#endif							/* QUEUE_DELETED_H */
