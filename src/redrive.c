/*-------------------------------------------------------------------------
 *
 * redrive.c
 *		SQL calls for tasks that move messages out of a dead-letter queue.
 *
 * A task is a row (movetask.c), and the worker does what it says (mover.c).  It
 * exists when the transaction that started it commits.  Starting and cancelling
 * take the lock on the queue's name, under which the worker moves a batch of
 * messages; so a task that is cancelled is so at once, and moves nothing more.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "common/base64.h"
#include "datatype/timestamp.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"
#include "utils/uuid.h"

#include "authorize.h"
#include "characters.h"
#include "compat.h"
#include "counters.h"
#include "deadletter.h"
#include "document.h"
#include "movetask.h"
#include "redrive.h"
#include "report.h"
#include "shared.h"

QUEUE_FUNCTION(sqs_start_message_move_task);
QUEUE_FUNCTION(sqs_list_message_move_tasks);
QUEUE_FUNCTION(sqs_cancel_message_move_task);

#define TEXT_OR_NULL(n) (PG_ARGISNULL(n) ? NULL : PG_GETARG_TEXT_PP(n))

/* StartMessageMoveTask, ListMessageMoveTasks, and DLQ redrive quotas */
#define RATE_MAX 500
#define RESULTS_MAX MOVE_TASKS_KEPT
#define ACTIVE_MAX 100

/* No handle is longer */
#define HANDLE_MAX 1024

/* Columns of sqs_list_message_move_tasks(), in order */
enum TaskColumn
{
	TASK_HANDLE,
	TASK_STATUS,
	TASK_SOURCE_ARN,
	TASK_DESTINATION_ARN,
	TASK_MAX_MESSAGES_PER_SECOND,
	TASK_MESSAGES_MOVED,
	TASK_MESSAGES_TO_MOVE,
	TASK_FAILURE_REASON,
	TASK_STARTED,
	TASK_COLUMNS
};

pg_noreturn static void report_no_resource(const char *parameter);
pg_noreturn static void report_no_task(void);
pg_noreturn static void report_handle(void);

/*
 * Report a queue that is not there, by the parameter that names it.
 */
static void
report_no_resource(const char *parameter)
{
	ereport(ERROR,
			(sqs_errcode(SQS_RESOURCE_NOT_FOUND),
			 errmsg("the queue that %s names does not exist", parameter),
			 sqs_errdetail(SQS_RESOURCE_NOT_FOUND,
						   "The resource that you specified for the %s parameter doesn't exist.",
						   parameter),
			 errhint("List the queues with sqs_list_queues(). Names are case sensitive.")));
}

static void
report_no_task(void)
{
	ereport(ERROR,
			(sqs_errcode(SQS_RESOURCE_NOT_FOUND),
			 errmsg("there is no such message move task that is running"),
			 sqs_errdetail(SQS_RESOURCE_NOT_FOUND, "Task does not exist."),
			 errhint("sqs_list_message_move_tasks() shows the tasks of a queue, and the handle of one that is running.")));
}

static void
report_handle(void)
{
	ereport(ERROR,
			(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
			 errmsg("invalid handle of a message move task"),
			 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
						   "Value for parameter TaskHandle is invalid."),
			 errhint("Pass what sqs_start_message_move_task() returned.")));
}

/*
 * Report that a queue can't have another task, in SQS's words.
 */
static void
report_refused(const char *message, const char *detail, const char *hint)
{
	ereport(ERROR,
			(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
			 errmsg_internal("%s", message),
			 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE, "%s", detail),
			 errhint("%s", hint)));
}

/*
 * Report an argument that cannot be the ARN of a queue.
 */
static void
report_malformed_arn(const text *reference, const char *parameter)
{
	ereport(ERROR,
			(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for parameter %s: \"%s\"", parameter,
					characters_quotable(VARDATA_ANY(reference),
										VARSIZE_ANY_EXHDR(reference))),
			 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
						   "You must use this format to specify the %s: arn:<partition>:<service>:<region>:<account-id>:<resource-id>",
						   parameter),
			 errhint("Give the queue's ARN, its name or its URL.")));
}

void
redrive_check_arn(const text *reference, const char *parameter)
{
	if (reference != NULL && VARSIZE_ANY_EXHDR(reference) > 0 &&
		!names_is_arn(text_to_cstring(reference)))
		report_malformed_arn(reference, parameter);
}

/*
 * Look a queue up that an argument names.
 */
static void
find_queue(const text *reference, const char *parameter, QueueName *name, Queue *queue)
{
	if (reference == NULL || VARSIZE_ANY_EXHDR(reference) == 0)
		report_missing_parameter(parameter);
	switch (names_find(reference, name))
	{
		case NAME_VALID:
			if (catalog_lookup_name(name, queue))
				return;
			break;
		case NAME_ELSEWHERE:
			break;
		case NAME_MALFORMED:
			report_malformed_arn(reference, parameter);
			break;
	}
	report_no_resource(parameter);
}

/*
 * The handle of a task.
 */
text *
redrive_handle(const MoveTask *task, const char *source_arn)
{
	char	   *id = DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&task->task_id)));
	char	   *json = psprintf("{\"taskId\":\"%s\",\"sourceArn\":\"%s\"}", id, source_arn);
	int			room = pg_b64_enc_len(strlen(json));
	text	   *handle = palloc(VARHDRSZ + room);
	int			length = compat_b64_encode(json, strlen(json), VARDATA(handle), room);

	if (length < 0)
		elog(ERROR, "could not encode a task handle");
	SET_VARSIZE(handle, VARHDRSZ + length);
	return handle;
}

/*
 * Read 36 characters as a UUID; false if they are none.
 */
static bool
parse_uuid(const char *string, pg_uuid_t *uuid)
{
	int			n = 0;

	if (strlen(string) != 36)
		return false;
	for (int i = 0; i < 36; i++)
	{
		static const char digits[] = "0123456789abcdef";
		const char *digit;

		if (i == 8 || i == 13 || i == 18 || i == 23)
		{
			if (string[i] != '-')
				return false;
			continue;
		}
		digit = strchr(digits, pg_tolower((unsigned char) string[i]));
		if (digit == NULL)
			return false;
		if (n % 2 == 0)
			uuid->data[n / 2] = (digit - digits) << 4;
		else
			uuid->data[n / 2] |= digit - digits;
		n++;
	}
	return true;
}

/*
 * What a handle says.
 */
static void
parse_handle(const text *handle, pg_uuid_t *task_id, char **source_arn)
{
	DocumentField fields[] = {{.name = "taskId"}, {.name = "sourceArn"}};
	char	   *json;
	int			length;

	if (handle == NULL || VARSIZE_ANY_EXHDR(handle) == 0)
		report_missing_parameter("TaskHandle");
	if (VARSIZE_ANY_EXHDR(handle) > HANDLE_MAX)
		report_handle();
	length = pg_b64_dec_len(VARSIZE_ANY_EXHDR(handle));
	json = palloc(length + 1);
	length = compat_b64_decode(VARDATA_ANY(handle), VARSIZE_ANY_EXHDR(handle), json, length);
	if (length < 0)
		report_handle();
	json[length] = '\0';

	/* what else than text it may be must not get to a parser of text */
	for (int i = 0; i < length; i++)
		if (json[i] < ' ' || json[i] > '~')
			report_handle();
	if (!document_read(json, fields, lengthof(fields)) ||
		fields[0].kind != DOCUMENT_STRING || fields[1].kind != DOCUMENT_STRING ||
		!parse_uuid(fields[0].value, task_id) || !names_is_arn(fields[1].value))
		report_handle();
	*source_arn = fields[1].value;
}

/*
 * Refuse a task that there is no place for.
 */
static void
check_active(const Queue *source)
{
	int			count;
	MoveTask   *tasks = movetask_list(0, &count);
	int			active = 0;

	for (int i = 0; i < count; i++)
	{
		if (!MOVE_TASK_IS_RUNNING(&tasks[i]))
			continue;
		if (tasks[i].source_id == source->queue_id)
			report_refused("a message move task is already running for the queue",
						   "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
						   "Wait for its end, or cancel it with sqs_cancel_message_move_task().");
		if (strcmp(tasks[i].account_id, source->account_id) == 0)
			active++;
	}
	if (active >= ACTIVE_MAX)
		ereport(ERROR,
				(sqs_errcode(SQS_OVER_LIMIT),
				 errmsg("%d message move tasks are running", active),
				 sqs_errdetail(SQS_OVER_LIMIT,
							   "An account can have %d active message move tasks.", ACTIVE_MAX),
				 errhint("Wait for the end of one, or cancel it with sqs_cancel_message_move_task().")));
}

/*
 * Check where the messages are to go.
 */
static void
check_destination(const Queue *source, const Queue *destination)
{
	authorize_queue(destination, "SendMessage");
	if (destination->queue_id == source->queue_id)
		report_refused("messages cannot be moved to the queue that they are in",
					   "Source and destination queue must be different queues.",
					   "Name another destination, or none.");
	if (strcmp(destination->account_id, source->account_id) != 0)
		report_refused("the destination queue is in another account",
					   "Source and destination queue must be in the same account.",
					   "Name a queue of the same account.");
	if (destination->fifo != source->fifo)
		report_refused("the destination queue is of another type",
					   "Source and destination queue must be of the same type.",
					   "Move messages of a FIFO queue to a FIFO queue, and others to a standard queue.");
}

/*
 * A new id: a version 4 UUID.
 */
static void
new_task_id(pg_uuid_t *id)
{
	if (!pg_strong_random(id, sizeof(pg_uuid_t)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	id->data[6] = (id->data[6] & 0x0f) | 0x40;
	id->data[8] = (id->data[8] & 0x3f) | 0x80;
}

/*
 * Who has messages moved receives and deletes them here.
 */
static void
authorize_source(const Queue *source)
{
	authorize_queue(source, "StartMessageMoveTask");
	authorize_queue(source, "ReceiveMessage");
	authorize_queue(source, "DeleteMessage");
}

/*
 * Start a task.
 */
text *
redrive_start(text *source_reference, text *destination_reference, const int *rate)
{
	QueueName	name;
	QueueName	destination_name;
	Queue		source;
	Queue		destination;
	QueueStatus status;
	MoveTask	task;

	memset(&task, 0, sizeof(task));
	find_queue(source_reference, "SourceArn", &name, &source);
	authorize_source(&source);
	if (rate != NULL)
	{
		task.max_messages_per_second = *rate;
		if (task.max_messages_per_second < 1 || task.max_messages_per_second > RATE_MAX)
			report_range("MaxNumberOfMessagesPerSecond", task.max_messages_per_second,
						 1, RATE_MAX);
	}

	/* from here on as it is when we have its lock, which is that of this name */
	catalog_lock(&name);
	if (!catalog_lookup_name(&name, &source))
		report_no_resource("SourceArn");
	authorize_source(&source);
	if (!deadletter_is_target(&source))
		report_refused("the queue is no dead-letter queue of another queue",
					   "Source queue must be configured as a Dead Letter Queue.",
					   "A queue becomes one when the RedrivePolicy of another names it.");
	if (destination_reference != NULL)
	{
		find_queue(destination_reference, "DestinationArn", &destination_name, &destination);
		check_destination(&source, &destination);
		task.destination_id = destination.queue_id;
		strlcpy(task.destination_name, destination.queue_name, sizeof(task.destination_name));
	}
	check_active(&source);

	counters_read(&source, &status);
	new_task_id(&task.task_id);
	task.source_id = source.queue_id;
	strlcpy(task.account_id, source.account_id, sizeof(task.account_id));
	task.started_by = GetUserId();
	task.started_at = task.next_at = GetCurrentTimestamp();
	strlcpy(task.status, MOVE_TASK_RUNNING, sizeof(task.status));
	task.to_move = status.visible;
	movetask_insert(&task);
	return redrive_handle(&task, names_arn(source.account_id, source.queue_name));
}

/*
 * sqs_start_message_move_task(source, destination, max_messages_per_second)
 *		returns text
 */
Datum
sqs_start_message_move_task(PG_FUNCTION_ARGS)
{
	int			rate = PG_ARGISNULL(2) ? 0 : PG_GETARG_INT32(2);

	PreventCommandIfReadOnly("sqs_start_message_move_task()");
	PreventCommandIfParallelMode("sqs_start_message_move_task()");
	PG_RETURN_TEXT_P(redrive_start(TEXT_OR_NULL(0), TEXT_OR_NULL(1),
								   PG_ARGISNULL(2) ? NULL : &rate));
}


/*
 * When a task was started.
 */
int64
redrive_started(const MoveTask *task)
{
	return (task->started_at +
			(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY) / 1000;
}

/*
 * Fill in the row of one task.
 */
static void
fill_task(const MoveTask *task, const Queue *source, Datum *values, bool *nulls)
{
	char	   *source_arn = names_arn(source->account_id, source->queue_name);

	memset(nulls, 0, TASK_COLUMNS * sizeof(bool));
	memset(values, 0, TASK_COLUMNS * sizeof(Datum));
	if (MOVE_TASK_IS_RUNNING(task))
		values[TASK_HANDLE] = PointerGetDatum(redrive_handle(task, source_arn));
	else
		nulls[TASK_HANDLE] = true;
	values[TASK_STATUS] = CStringGetTextDatum(task->status);
	values[TASK_SOURCE_ARN] = CStringGetTextDatum(source_arn);
	if (task->destination_id != 0)
		values[TASK_DESTINATION_ARN] =
			CStringGetTextDatum(names_arn(task->account_id, task->destination_name));
	else
		nulls[TASK_DESTINATION_ARN] = true;
	values[TASK_MAX_MESSAGES_PER_SECOND] = Int32GetDatum(task->max_messages_per_second);
	nulls[TASK_MAX_MESSAGES_PER_SECOND] = task->max_messages_per_second == 0;
	values[TASK_MESSAGES_MOVED] = Int64GetDatum(task->moved);
	values[TASK_MESSAGES_TO_MOVE] = Int64GetDatum(task->to_move);
	if (MOVE_TASK_HAS_FAILED(task))
		values[TASK_FAILURE_REASON] = CStringGetTextDatum(task->failure_reason);
	else
		nulls[TASK_FAILURE_REASON] = true;
	values[TASK_STARTED] = Int64GetDatum(redrive_started(task));
}

/*
 * The last tasks of a queue, at most max of them, the latest first.
 */
MoveTask *
redrive_list(text *reference, int max, Queue *source, int *count)
{
	QueueName	name;
	MoveTask   *tasks;

	find_queue(reference, "SourceArn", &name, source);
	authorize_queue(source, "ListMessageMoveTasks");
	if (max < 1 || max > RESULTS_MAX)
		report_range("MaxResults", max, 1, RESULTS_MAX);
	tasks = movetask_list(source->queue_id, count);

	/*
	 * who looks waits for the worker, which may not know of a restored
	 * database
	 */
	if (*count > 0 && MOVE_TASK_IS_RUNNING(&tasks[0]) && !RecoveryInProgress())
		shared_announce_database();
	*count = Min(*count, max);
	return tasks;
}

/*
 * sqs_list_message_move_tasks(source, max_results) returns setof record
 */
Datum
sqs_list_message_move_tasks(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Queue		source;
	MoveTask   *tasks;
	int			count;

	InitMaterializedSRF(fcinfo, 0);
	tasks = redrive_list(TEXT_OR_NULL(0), PG_ARGISNULL(1) ? 1 : PG_GETARG_INT32(1),
						 &source, &count);
	for (int i = 0; i < count; i++)
	{
		Datum		values[TASK_COLUMNS];
		bool		nulls[TASK_COLUMNS];

		fill_task(&tasks[i], &source, values, nulls);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * Cancel a task.
 */
int64
redrive_cancel(text *handle)
{
	pg_uuid_t	task_id;
	char	   *source_arn;
	QueueName	name;
	Queue		source;
	MoveTask	task;

	parse_handle(handle, &task_id, &source_arn);
	find_queue(cstring_to_text(source_arn), "SourceArn", &name, &source);
	authorize_queue(&source, "CancelMessageMoveTask");
	catalog_lock(&name);
	find_queue(cstring_to_text(source_arn), "SourceArn", &name, &source);
	authorize_queue(&source, "CancelMessageMoveTask");
	if (!movetask_find(&task_id, &task) || task.source_id != source.queue_id ||
		!MOVE_TASK_IS_RUNNING(&task))
		report_no_task();

	strlcpy(task.status, MOVE_TASK_CANCELLED, sizeof(task.status));
	movetask_update(&task);
	return task.moved;
}

/*
 * sqs_cancel_message_move_task(task_handle) returns bigint
 */
Datum
sqs_cancel_message_move_task(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("sqs_cancel_message_move_task()");
	PreventCommandIfParallelMode("sqs_cancel_message_move_task()");
	PG_RETURN_INT64(redrive_cancel(TEXT_OR_NULL(0)));
}
