/*-------------------------------------------------------------------------
 *
 * movetask.h
 *		Tasks that move messages out of a dead-letter queue: rows of
 *		queue.message_move_tasks.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_MOVETASK_H
#define QUEUE_MOVETASK_H

#include "catalog.h"

/* Attribute numbers of queue.message_move_tasks */
#define Anum_message_move_tasks_task_id 1
#define Anum_message_move_tasks_source_id 2
#define Anum_message_move_tasks_account_id 3
#define Anum_message_move_tasks_destination_id 4
#define Anum_message_move_tasks_destination_name 5
#define Anum_message_move_tasks_max_messages_per_second 6
#define Anum_message_move_tasks_started_by 7
#define Anum_message_move_tasks_started_at 8
#define Anum_message_move_tasks_status 9
#define Anum_message_move_tasks_failure_reason 10
#define Anum_message_move_tasks_messages_to_move 11
#define Anum_message_move_tasks_messages_moved 12
#define Anum_message_move_tasks_next_id 13
#define Anum_message_move_tasks_moved_in_pass 14
#define Anum_message_move_tasks_next_at 15
#define Natts_message_move_tasks 15

/*
 * Values of status.  SQS has CANCELLING, too; here nothing lies between the call
 * and the end.
 */
#define MOVE_TASK_RUNNING "RUNNING"
#define MOVE_TASK_COMPLETED "COMPLETED"
#define MOVE_TASK_CANCELLED "CANCELLED"
#define MOVE_TASK_FAILED "FAILED"
#define MOVE_TASK_STATUS_MAX 16 /* bytes; more than the longest has */

/* Bytes of a reason for a failure */
#define MOVE_TASK_REASON_MAX 64

/* Tasks of a queue that are remembered; ListMessageMoveTasks shows no more */
#define MOVE_TASKS_KEPT 10

typedef struct MoveTask
{
	pg_uuid_t	task_id;
	int64		source_id;		/* the queue's number */
	char		account_id[ACCOUNT_ID_LENGTH + 1];	/* of both queues */
	int64		destination_id; /* likewise; 0: each message's own source */
	char		destination_name[QUEUE_NAME_MAX + 1];
	int32		max_messages_per_second;	/* 0: not limited */
	Oid			started_by;		/* a role, whose rights count */
	TimestampTz started_at;
	char		status[MOVE_TASK_STATUS_MAX];
	char		failure_reason[MOVE_TASK_REASON_MAX];	/* empty: none; before
														 * it has failed: what
														 * may come */
	int64		to_move;		/* messages in the queue when it was started */
	int64		moved;
	int64		next_id;		/* where this pass over the queue goes on */
	int64		moved_in_pass;
	TimestampTz next_at;		/* what was moved is paid for until then; see
								 * mover.c */
} MoveTask;

#define MOVE_TASK_IS_RUNNING(task) (strcmp((task)->status, MOVE_TASK_RUNNING) == 0)
#define MOVE_TASK_HAS_FAILED(task) (strcmp((task)->status, MOVE_TASK_FAILED) == 0)

/*
 * All tasks of a queue, or of all queues if source_id is 0, the latest first, in
 * a palloc'd array.
 */
extern MoveTask *movetask_list(int64 source_id, int *count);

/* One task; false if there is none */
extern bool movetask_find(const pg_uuid_t *task_id, MoveTask *task);

/*
 * Changes; the caller holds the lock on the name of the queue that messages are
 * moved from.  Inserting forgets old tasks of that queue.
 */
extern void movetask_insert(const MoveTask *task);
extern void movetask_update(const MoveTask *task);
extern void movetask_clear(int64 source_id);

#endif							/* QUEUE_MOVETASK_H */
