/*-------------------------------------------------------------------------
 *
 * mover.c
 *		The worker's part in message move tasks: messages are moved.
 *
 * A task goes through its queue in passes, from the smallest id to the greatest,
 * and moves what is receivable.  Messages in flight, delayed ones and such as
 * another session is at work on it passes over.  A pass that moved nothing is
 * the last; so what becomes visible while the task is at work is moved as well,
 * and so is what arrives.
 *
 * One step moves a batch, in one transaction, which also writes down in the
 * task's row how many were moved so far and where the next step goes on.  So
 * whatever happens at any moment, a message is in one of the two queues, and
 * the number is right.  The row and the queue's messages are protected by the
 * lock on the queue's name, as against rotation and changes of the queue; it is
 * asked for without waiting, and where it, or a table, cannot be had at once,
 * the task has to wait and the others do not.
 *
 * The rate.  A task that shall move at most n messages a second pays with 1/n
 * second for each: next_at is when all that it has moved is paid for.  It may
 * have a second's worth of messages ahead of that, and no more, so that a pause
 * is not made up for by a burst.  It is in the row, so it holds across workers.
 * After an error next_at is set ahead, and the task rests until then.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "authorize.h"
#include "body.h"
#include "compat.h"
#include "fifo.h"
#include "mover.h"
#include "movetask.h"
#include "piece.h"
#include "report.h"
#include "rows.h"
#include "schedule.h"
#include "stop.h"
#include "store.h"
#include "transfer.h"

/* Messages, and bytes about, moved in a step; rows looked at in it */
#define STEP_MESSAGES 500
#define STEP_BYTES ((Size) 4 * 1024 * 1024)
#define STEP_ROWS 10000

/* Queues that a step moves messages to */
#define STEP_WAYS 32

/* With a limited rate, steps are this far apart, in microseconds, if not more */
#define STEP_PAUSE INT64CONST(100000)

/* When to come back to what could not be had at once, in microseconds */
#define BUSY_PAUSE INT64CONST(500000)

/* When to go on after an error, in microseconds */
#define FAILED_PAUSE (60 * USECS_PER_SEC)

/* How long a task may run, in microseconds; DLQ redrive quotas */
#define TASK_TIME_MAX (36 * USECS_PER_HOUR)

/* Reasons why a task fails */
#define REASON_NO_QUEUE "AWS.SimpleQueueService.NonExistentQueue"
#define REASON_DENIED "AccessDenied"
#define REASON_TIME "TimeLimitExceeded"
#define REASON_NO_MASTER_KEY "MasterKeyMissing"

/* Where messages of one source go */
typedef struct Way
{
	char	   *source;			/* ARN; NULL: whatever it is */
	Transfer   *transfer;		/* NULL: they have to stay */
	bool		busy;			/* ... for now */
} Way;

typedef struct Step
{
	MoveTask	task;
	Queue		from;
	int			max;			/* messages to move */
	int			way_count;
	Way			ways[STEP_WAYS];
} Step;

/*
 * What a message costs, in microseconds.
 */
static int64
mover_price(const MoveTask *task)
{
	int64		rate = task->max_messages_per_second;

	return (USECS_PER_SEC + rate - 1) / rate;
}

/*
 * How many messages a task may move now; if none, *next is when to come back.
 */
static int
mover_allowance(const MoveTask *task, TimestampTz now, TimestampTz *next)
{
	int64		price;
	int64		batch;
	int64		paid;

	if (task->max_messages_per_second == 0)
	{
		if (now >= task->next_at)
			return STEP_MESSAGES;
		*next = Min(*next, task->next_at);
		return 0;
	}
	price = mover_price(task);
	batch = Max(STEP_PAUSE / price, 1);
	paid = Max(task->next_at, now - USECS_PER_SEC);
	if (now - paid >= batch * price)
		return (int) Min((now - paid) / price, STEP_MESSAGES);
	*next = Min(*next, paid + batch * price);
	return 0;
}

/*
 * Note what was moved, and what it costs.
 */
static void
mover_pay(MoveTask *task, TimestampTz now, int moved)
{
	task->moved += moved;
	task->moved_in_pass += moved;
	if (task->max_messages_per_second > 0)
		task->next_at = Max(task->next_at, now - USECS_PER_SEC) +
			moved * mover_price(task);
}

static void
mover_end(MoveTask *task, const char *status, const char *reason)
{
	strlcpy(task->status, status, sizeof(task->status));
	strlcpy(task->failure_reason, reason, sizeof(task->failure_reason));
}

/*
 * Note that messages stay for want of a key: with no others left to move, the
 * task has failed.  Until then the reason is kept with the task, as a pass may
 * take many steps.
 */
static void
mover_pass_over(Step *step, SqsError error)
{
	strlcpy(step->task.failure_reason,
			error == SQS_ERROR_COUNT ? REASON_NO_MASTER_KEY : report_query_code(error),
			sizeof(step->task.failure_reason));
}

/*
 * Open the way to a queue for messages of a source.  The lock on its name keeps
 * it from being deleted at the same moment, with what is moved there.
 */
static Way *
mover_add_way(Step *step, const char *source, const Queue *to)
{
	Way		   *way = &step->ways[step->way_count++];
	QueueName	name = {0};
	Queue		locked;
	SqsError	error;

	way->source = source == NULL ? NULL : pstrdup(source);
	if (to == NULL)
		return way;
	strlcpy(name.account_id, to->account_id, sizeof(name.account_id));
	strlcpy(name.queue_name, to->queue_name, sizeof(name.queue_name));
	way->busy = !catalog_try_lock(&name) || !catalog_lookup_id(to->queue_id, &locked);
	if (way->busy)
		return way;
	if (!body_allowed(&locked, step->task.started_by, &error))
	{
		mover_pass_over(step, error);
		return way;
	}
	way->transfer = transfer_begin(&step->from, &locked, TRANSFER_REDRIVE,
								   step->task.started_by);
	way->busy = way->transfer == NULL;
	return way;
}

/*
 * The way of a message that goes back to where it came from; NULL if there are
 * too many of them already.  One whose source is gone, or may not be used by
 * who started the task, stays.
 */
static Way *
mover_way_back(Step *step, const char *source)
{
	QueueName	name;
	Queue		to;
	bool		open;

	for (int i = 0; i < step->way_count; i++)
		if (strcmp(step->ways[i].source, source) == 0)
			return &step->ways[i];
	if (step->way_count == STEP_WAYS)
		return NULL;
	open = names_from_arn(source, &name) && catalog_lookup_name(&name, &to) &&
		to.queue_id != step->from.queue_id && to.fifo == step->from.fifo &&
		authorize_role_allows(step->task.started_by, &to, "SendMessage");
	return mover_add_way(step, source, open ? &to : NULL);
}

/*
 * Move one message, a row of a scan.  Returns whether the step can go on; *moved
 * is set if the message was moved, *bytes raised by its size.
 */
static bool
mover_row(Step *step, StoreTable *table, const StoreRow *row, MemoryContext context,
		  Size *bytes, bool *moved)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	Datum		values[Natts_message];
	bool		isnull[Natts_message];
	StoreResult result;
	FullTransactionId xid;
	BodyProblem problem;
	Way		   *way = &step->ways[0];
	bool		available = true;

	*moved = false;
	store_values(table, values, isnull);
	if (step->task.destination_id == 0)
	{
		char	   *source = isnull[Anum_message_dead_letter_source - 1] ? NULL :
		TextDatumGetCString(values[Anum_message_dead_letter_source - 1]);

		MemoryContextSwitchTo(old);
		way = source == NULL ? NULL : mover_way_back(step, source);
		available = source == NULL || way != NULL;
		MemoryContextSwitchTo(context);
	}
	if (way != NULL && way->busy)
		available = false;
	else if (way != NULL && way->transfer != NULL &&
			 body_open(&step->from, row->id, step->task.started_by, values, isnull, &problem))
	{
		*bytes += VARSIZE_ANY(DatumGetPointer(MESSAGE_STORED_BODY(values, isnull)));
		available = transfer_row(way->transfer, table, row, values, isnull, &result, &xid);
		*moved = available && result == STORE_OK;
	}
	else if (way != NULL && way->transfer != NULL && !problem.damaged)
		mover_pass_over(step, problem.error);
	MemoryContextSwitchTo(old);
	MemoryContextReset(context);
	return available;
}

/*
 * Move a batch, and go on in the pass.  Returns how many were moved, and whether
 * the queue's end was reached.
 */
static int
mover_move(Step *step, TimestampTz now, bool *end)
{
	Queue	   *from = &step->from;
	QueueShared *qs = shared_acquire(from);
	FifoGroups *groups = NULL;
	TimestampTz expired = now - from->message_retention_period * USECS_PER_SEC;
	StoreTable *table;
	MemoryContext context;
	StoreRow	row;
	StoreResult result;
	FullTransactionId xid;
	Size		bytes = 0;
	int			looked = 0;
	int			moved = 0;
	bool		more = true;

	shared_release(qs);
	table = store_open(from, true);
	context = AllocSetContextCreate(CurrentMemoryContext, "queue message",
									ALLOCSET_DEFAULT_SIZES);
	*end = false;
	store_scan(table, Max(step->task.next_id, from->purged_below), PG_INT64_MAX);
	while (more && moved < step->max && bytes < STEP_BYTES && looked++ < STEP_ROWS)
	{
		bool		one = false;
		text	   *group = NULL;

		CHECK_FOR_INTERRUPTS();
		if (!store_next(table, &row, &result, &xid))
		{
			*end = true;
			break;
		}
		if (result == STORE_OK && schedule_visible_at(from, &row) <= now &&
			row.sent_at > expired &&
			(!from->fifo || fifo_is_first(from, table, qs, row.id, &group)))
			more = mover_row(step, table, &row, context, &bytes, &one);
		if (more)
			step->task.next_id = row.id + 1;
		moved += one ? 1 : 0;
		if (one && group != NULL)
			fifo_add_removed(&groups, group);
	}
	fifo_removed(groups, from, &table, qs);
	store_close(table);
	MemoryContextDelete(context);
	return moved;
}

/*
 * Where a task's messages go, if that is one queue.  False if it has failed.
 */
static bool
mover_open_destination(Step *step)
{
	MoveTask   *task = &step->task;
	Queue		to;

	if (!authorize_role_allows(task->started_by, &step->from, "StartMessageMoveTask") ||
		!authorize_role_allows(task->started_by, &step->from, "ReceiveMessage") ||
		!authorize_role_allows(task->started_by, &step->from, "DeleteMessage"))
	{
		mover_end(task, MOVE_TASK_FAILED, REASON_DENIED);
		return false;
	}
	if (task->destination_id == 0)
		return true;
	if (!catalog_lookup_id(task->destination_id, &to))
	{
		mover_end(task, MOVE_TASK_FAILED, REASON_NO_QUEUE);
		return false;
	}
	if (!authorize_role_allows(task->started_by, &to, "SendMessage"))
	{
		mover_end(task, MOVE_TASK_FAILED, REASON_DENIED);
		return false;
	}
	(void) mover_add_way(step, NULL, &to);
	return true;
}

/*
 * Look a task and its queue up as they are now, with the lock that protects
 * them.  False if there is nothing to do, or not now.
 *
 * A queue that is not there was deleted a moment ago, with its tasks, or a
 * restore has not got to it yet.
 */
static bool
mover_lock(const MoveTask *listed, MoveTask *task, Queue *from)
{
	QueueName	name = {0};

	if (!catalog_lookup_id(listed->source_id, from))
		return false;
	strlcpy(name.account_id, from->account_id, sizeof(name.account_id));
	strlcpy(name.queue_name, from->queue_name, sizeof(name.queue_name));
	return catalog_try_lock(&name) && catalog_lookup_id(listed->source_id, from) &&
		movetask_find(&listed->task_id, task) && MOVE_TASK_IS_RUNNING(task);
}

/*
 * Do one step of a task.  Returns whether there is more to do at once; if not,
 * *next is lowered to when there may be.
 */
static bool
mover_step(const MoveTask *listed, TimestampTz *next)
{
	Step	   *step = palloc0(sizeof(Step));
	MoveTask   *task = &step->task;
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz busy = now + BUSY_PAUSE;
	int			moved;
	int64		transferred = 0;
	bool		end;

	if (!mover_lock(listed, task, &step->from))
	{
		*next = Min(*next, busy);
		return false;
	}
	if (now >= task->started_at + TASK_TIME_MAX)
		mover_end(task, MOVE_TASK_FAILED, REASON_TIME);
	else
	{
		step->max = mover_allowance(task, now, next);
		if (step->max == 0)
			return false;
		if (!store_try_lock(&step->from) || !rows_ready(&step->from))
		{
			*next = Min(*next, busy);
			return false;
		}
		(void) mover_open_destination(step);
	}
	if (!MOVE_TASK_IS_RUNNING(task))
	{
		movetask_update(task);
		return false;
	}

	moved = mover_move(step, now, &end);
	for (int i = 0; i < step->way_count; i++)
		if (step->ways[i].transfer != NULL)
			transferred += transfer_end(step->ways[i].transfer);
	Assert(transferred == moved);
	if (transferred > 0)
		CommandCounterIncrement();
	stop_point("mover_moved");
	mover_pay(task, now, moved);
	if (end)
	{
		/* what there is now was all looked at, and none could be moved */
		if (task->moved_in_pass == 0 && task->failure_reason[0] != '\0')
			mover_end(task, MOVE_TASK_FAILED, pstrdup(task->failure_reason));
		else if (task->moved_in_pass == 0)
			mover_end(task, MOVE_TASK_COMPLETED, "");
		else
			task->failure_reason[0] = '\0';
		task->next_id = 0;
		task->moved_in_pass = 0;
	}
	movetask_update(task);
	for (int i = 0; i < step->way_count; i++)
	{
		if (step->ways[i].busy)
		{
			*next = Min(*next, busy);
			return moved > 0;
		}
	}
	return MOVE_TASK_IS_RUNNING(task);
}

/*
 * The tasks that are running.
 */
static MoveTask *
mover_list(int *running)
{
	int			count;
	MoveTask   *tasks = movetask_list(0, &count);

	*running = 0;
	for (int i = 0; i < count; i++)
		if (MOVE_TASK_IS_RUNNING(&tasks[i]))
			tasks[(*running)++] = tasks[i];
	return tasks;
}

/*
 * Have a task rest after an error.
 */
static void
mover_rest(const MoveTask *listed)
{
	MoveTask	task;
	Queue		from;

	piece_begin(true);
	if (mover_lock(listed, &task, &from))
	{
		task.next_at = GetCurrentTimestamp() + FAILED_PAUSE;
		movetask_update(&task);
	}
	piece_end(true);
}

/*
 * Do one step of a task in a transaction of its own.  One task's trouble is not
 * the others'.
 */
static bool
mover_try(const MoveTask *task, TimestampTz *next)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool more = false;
	volatile bool failed = false;

	PG_TRY();
	{
		piece_begin(true);
		more = mover_step(task, next);
		piece_end(true);
	}
	PG_CATCH();
	{
		piece_fail(context);
		failed = true;
	}
	PG_END_TRY();
	if (failed)
		mover_rest(task);
	MemoryContextSwitchTo(context);
	return more;
}

/*
 * Work on the tasks that are running.
 */
bool
mover_run(TimestampTz until)
{
	MemoryContext outer = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(outer, "queue mover",
												  ALLOCSET_DEFAULT_SIZES);
	int			count;

	for (;;)
	{
		TimestampTz next = until;
		bool		more = false;
		MoveTask   *tasks;

		piece_begin(true);
		MemoryContextSwitchTo(context);
		tasks = mover_list(&count);
		piece_end(true);

		/* each in turn, so that none waits for another's end */
		MemoryContextSwitchTo(context);
		for (int i = 0; i < count; i++)
		{
			CHECK_FOR_INTERRUPTS();
			more |= mover_try(&tasks[i], &next);
		}
		MemoryContextSwitchTo(outer);
		MemoryContextReset(context);
		if (count == 0 || GetCurrentTimestamp() >= until)
			break;
		if (!more)
		{
			(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
							 TimestampDifferenceMilliseconds(GetCurrentTimestamp(), next) + 1,
							 PG_WAIT_EXTENSION);
			ResetLatch(MyLatch);
			CHECK_FOR_INTERRUPTS();
		}
	}
	MemoryContextDelete(context);
	return count > 0;
}

/*
 * Do one step of each task.
 */
void
mover_step_all(void)
{
	int			count;
	MoveTask   *tasks = mover_list(&count);
	TimestampTz next = DT_NOEND;

	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		PushActiveSnapshot(GetTransactionSnapshot());
		(void) mover_step(&tasks[i], &next);
		PopActiveSnapshot();
		CommandCounterIncrement();
	}
}
