/*-------------------------------------------------------------------------
 *
 * action_move.c
 *		Actions on message move tasks.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "action_json.h"
#include "action_move.h"
#include "redrive.h"

/*
 * StartMessageMoveTask
 */
void
action_start_message_move_task(JsonbContainer *request, StringInfo answer)
{
	static const ActionMember members[] = {
		{"SourceArn", MEMBER_STRING, true},
		{"DestinationArn", MEMBER_STRING, false},
		{"MaxNumberOfMessagesPerSecond", MEMBER_INTEGER, false}
	};
	ActionValue values[lengthof(members)];

	ACTION_READ(request, members, values);
	redrive_check_arn(values[0].string, "SourceArn");
	redrive_check_arn(values[1].string, "DestinationArn");
	action_put_string(answer, "TaskHandle",
					  text_to_cstring(redrive_start(values[0].string, values[1].string,
													values[2].given ? &values[2].integer : NULL)));
}

/*
 * Write one task.
 */
static void
put_task(StringInfo answer, const MoveTask *task, const Queue *source)
{
	char	   *source_arn = names_arn(source->account_id, source->queue_name);

	action_begin(answer, '{');
	if (MOVE_TASK_IS_RUNNING(task))
		action_put_string(answer, "TaskHandle",
						  text_to_cstring(redrive_handle(task, source_arn)));
	action_put_string(answer, "Status", task->status);
	action_put_string(answer, "SourceArn", source_arn);
	if (task->destination_id != 0)
		action_put_string(answer, "DestinationArn",
						  names_arn(task->account_id, task->destination_name));
	if (task->max_messages_per_second != 0)
		action_put_integer(answer, "MaxNumberOfMessagesPerSecond",
						   task->max_messages_per_second);
	action_put_integer(answer, "ApproximateNumberOfMessagesMoved", task->moved);
	action_put_integer(answer, "ApproximateNumberOfMessagesToMove", task->to_move);
	if (MOVE_TASK_HAS_FAILED(task))
		action_put_string(answer, "FailureReason", task->failure_reason);
	action_put_integer(answer, "StartedTimestamp", redrive_started(task));
	action_end(answer, '}');
}

/*
 * ListMessageMoveTasks
 */
void
action_list_message_move_tasks(JsonbContainer *request, StringInfo answer)
{
	static const ActionMember members[] = {
		{"SourceArn", MEMBER_STRING, true},
		{"MaxResults", MEMBER_INTEGER, false}
	};
	ActionValue values[lengthof(members)];
	Queue		source;
	MoveTask   *tasks;
	int			count;

	ACTION_READ(request, members, values);
	tasks = redrive_list(values[0].string, values[1].given ? values[1].integer : 1,
						 &source, &count);
	if (count == 0)
		return;
	action_put_key(answer, "Results");
	action_begin(answer, '[');
	for (int i = 0; i < count; i++)
		put_task(answer, &tasks[i], &source);
	action_end(answer, ']');
}

/*
 * CancelMessageMoveTask
 */
void
action_cancel_message_move_task(JsonbContainer *request, StringInfo answer)
{
	static const ActionMember members[] = {
		{"TaskHandle", MEMBER_STRING, true}
	};
	ActionValue values[lengthof(members)];

	ACTION_READ(request, members, values);
	action_put_integer(answer, "ApproximateNumberOfMessagesMoved",
					   redrive_cancel(values[0].string));
}
