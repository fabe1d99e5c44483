/*-------------------------------------------------------------------------
 *
 * action.c
 *		sqs_action, the one door for programs.
 *
 * An action of AWS by its name, with the request and answer of the AWS JSON
 * protocol.  What is done is what the SQL calls do: this layer reads requests
 * and writes answers, keeps the limits that hold on the wire only, and has
 * batches in which each entry succeeds or fails by itself.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

#include "action.h"
#include "action_json.h"
#include "action_move.h"
#include "action_queue.h"
#include "action_receipt.h"
#include "action_receive.h"
#include "action_send.h"
#include "characters.h"
#include "queue.h"
#include "report.h"

QUEUE_FUNCTION(sqs_action);

static const Action actions[] = {
	{"AddPermission", action_add_permission, true, NULL},
	{"CancelMessageMoveTask", action_cancel_message_move_task, true, NULL},
	{"ChangeMessageVisibility", action_change_message_visibility, true, action_change_message_visibility_each},
	{"ChangeMessageVisibilityBatch", action_change_message_visibility_batch, true, action_change_message_visibility_batch_each},
	{"CreateQueue", action_create_queue, true, NULL},
	{"DeleteMessage", action_delete_message, true, action_delete_message_each},
	{"DeleteMessageBatch", action_delete_message_batch, true, action_delete_message_batch_each},
	{"DeleteQueue", action_delete_queue, true, NULL},
	{"GetQueueAttributes", action_get_queue_attributes, false, NULL},
	{"GetQueueUrl", action_get_queue_url, false, NULL},
	{"ListDeadLetterSourceQueues", action_list_dead_letter_source_queues, false, NULL},
	{"ListMessageMoveTasks", action_list_message_move_tasks, false, NULL},
	{"ListQueueTags", action_list_queue_tags, false, NULL},
	{"ListQueues", action_list_queues, false, NULL},
	{"PurgeQueue", action_purge_queue, true, NULL},
	{"ReceiveMessage", action_receive_message, true, action_receive_message_each},
	{"RemovePermission", action_remove_permission, true, NULL},
	{"SendMessage", action_send_message, true, action_send_message_each},
	{"SendMessageBatch", action_send_message_batch, true, NULL},
	{"SetQueueAttributes", action_set_queue_attributes, true, NULL},
	{"StartMessageMoveTask", action_start_message_move_task, true, NULL},
	{"TagQueue", action_tag_queue, true, NULL},
	{"UntagQueue", action_untag_queue, true, NULL}
};

/* One that SQS does not have: the gateway's own */
static const Action internal_action =
{"ReturnMessages", action_return_messages, true, action_return_messages_each};

static bool
is_named(const Action *action, const text *name)
{
	return VARSIZE_ANY_EXHDR(name) == strlen(action->name) &&
		memcmp(VARDATA_ANY(name), action->name, VARSIZE_ANY_EXHDR(name)) == 0;
}

/*
 * The action of a name.
 */
const Action *
action_find(const text *name, bool internal)
{
	if (name == NULL || VARSIZE_ANY_EXHDR(name) == 0)
		report_missing_parameter("Action");
	for (int i = 0; i < lengthof(actions); i++)
	{
		if (is_named(&actions[i], name))
			return &actions[i];
	}
	if (internal && is_named(&internal_action, name))
		return &internal_action;
	ereport(ERROR,
			(sqs_errcode(SQS_UNKNOWN_OPERATION),
			 errmsg("there is no action \"%s\"",
					characters_quotable(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name))),
			 sqs_errdetail(SQS_UNKNOWN_OPERATION,
						   "The action %s is not valid for this endpoint.",
						   characters_quotable(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name))),
			 errhint("Actions have the names that AWS gives them, such as SendMessage. Names are case sensitive.")));
	return NULL;				/* keep compiler quiet */
}

/*
 * Whether it may be done here.
 */
void
action_prevent(const Action *action, const char *function)
{
	if (action->writes)
	{
		PreventCommandIfReadOnly(function);
		PreventCommandIfParallelMode(function);
	}
}

/*
 * The object that a request has to be.
 */
JsonbContainer *
action_request(Jsonb *request)
{
	if (!JB_ROOT_IS_OBJECT(request))
		ereport(ERROR,
				(sqs_errcode(SQS_SERIALIZATION),
				 errmsg("the request is not a JSON object"),
				 sqs_errdetail(SQS_SERIALIZATION, "The request must be a JSON object."),
				 errhint("For example: {\"QueueUrl\": \"orders\", \"MessageBody\": \"hello\"}.")));
	return &request->root;
}

/*
 * Do what a request asks for.
 */
char *
action_perform(const Action *action, JsonbContainer *request)
{
	StringInfoData answer;

	initStringInfo(&answer);
	action_begin(&answer, '{');
	action->perform(request, &answer);
	action_end(&answer, '}');
	return answer.data;
}

/*
 * sqs_action(action text, request jsonb) returns jsonb
 */
Datum
sqs_action(PG_FUNCTION_ARGS)
{
	const Action *action = action_find(PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0), false);
	char	   *answer;

	action_prevent(action, "sqs_action()");
	if (PG_ARGISNULL(1))
		report_missing_parameter("request");
	answer = action_perform(action, action_request(PG_GETARG_JSONB_P(1)));
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(answer));
}
