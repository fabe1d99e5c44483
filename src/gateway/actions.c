/*-------------------------------------------------------------------------
 *
 * actions.c
 *		The actions of SQS, and the members of their requests and answers.
 *
 * Source: SQS's service model, and for the names in the Query protocol the
 * last one that had them.  A member that is not here is ignored in a form and
 * left out of XML; JSON goes to the server and comes from it as it is.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "actions.h"
#include "shape.h"

#define lengthof(array) ((int) (sizeof(array) / sizeof((array)[0])))

#define STRUCTURE(table) \
	{.kind = SHAPE_STRUCTURE, .members = table, .member_count = lengthof(table)}
#define LIST(of) {.kind = SHAPE_LIST, .element = &(of)}
#define MAP(key_name, value_name, to) \
	{.kind = SHAPE_MAP, .key = key_name, .value = value_name, .element = &(to)}

static const Shape string = {.kind = SHAPE_STRING};
static const Shape integer = {.kind = SHAPE_INTEGER};
static const Shape boolean = {.kind = SHAPE_BOOLEAN};
static const Shape strings = LIST(string);
static const Shape attributes = MAP("Name", "Value", string);
static const Shape tags = MAP("Key", "Value", string);
static const Shape nothing = {.kind = SHAPE_STRUCTURE};

/* Message attributes; a binary value is base64 in every protocol */
static const ShapeMember message_attribute_members[] = {
	{"DataType", "DataType", &string},
	{"StringValue", "StringValue", &string},
	{"BinaryValue", "BinaryValue", &string},
	{"StringListValues", "StringListValue", &strings},
	{"BinaryListValues", "BinaryListValue", &strings}
};
static const Shape message_attribute = STRUCTURE(message_attribute_members);
static const Shape message_attributes = MAP("Name", "Value", message_attribute);

/* Requests and answers that several actions have */
#define QUEUE_URL {"QueueUrl", "QueueUrl", &string}

static const ShapeMember queue_members[] = {QUEUE_URL};
static const Shape queue = STRUCTURE(queue_members);

static const ShapeMember task_handle_members[] = {
	{"TaskHandle", "TaskHandle", &string}
};
static const Shape task_handle = STRUCTURE(task_handle_members);

/* Batches: what became of their entries */
static const ShapeMember failed_entry_members[] = {
	{"Id", "Id", &string},
	{"SenderFault", "SenderFault", &boolean},
	{"Code", "Code", &string},
	{"Message", "Message", &string}
};
static const Shape failed_entry = STRUCTURE(failed_entry_members);
static const Shape failed_entries = LIST(failed_entry);

static const ShapeMember done_entry_members[] = {
	{"Id", "Id", &string}
};
static const Shape done_entry = STRUCTURE(done_entry_members);
static const Shape done_entries = LIST(done_entry);

#define FAILED {"Failed", "BatchResultErrorEntry", &failed_entries}

/* AddPermission, RemovePermission */
static const ShapeMember add_permission_members[] = {
	QUEUE_URL,
	{"Label", "Label", &string},
	{"AWSAccountIds", "AWSAccountId", &strings},
	{"Actions", "ActionName", &strings}
};
static const Shape add_permission = STRUCTURE(add_permission_members);

static const ShapeMember remove_permission_members[] = {
	QUEUE_URL,
	{"Label", "Label", &string}
};
static const Shape remove_permission = STRUCTURE(remove_permission_members);

/* CreateQueue, GetQueueUrl */
static const ShapeMember create_queue_members[] = {
	{"QueueName", "QueueName", &string},
	{"Attributes", "Attribute", &attributes},
	{"tags", "Tag", &tags}
};
static const Shape create_queue = STRUCTURE(create_queue_members);

static const ShapeMember get_queue_url_members[] = {
	{"QueueName", "QueueName", &string},
	{"QueueOwnerAWSAccountId", "QueueOwnerAWSAccountId", &string}
};
static const Shape get_queue_url = STRUCTURE(get_queue_url_members);

/* ListQueues, ListDeadLetterSourceQueues */
static const ShapeMember list_queues_members[] = {
	{"QueueNamePrefix", "QueueNamePrefix", &string},
	{"MaxResults", "MaxResults", &integer},
	{"NextToken", "NextToken", &string}
};
static const Shape list_queues = STRUCTURE(list_queues_members);

static const ShapeMember queues_listed_members[] = {
	{"QueueUrls", "QueueUrl", &strings},
	{"NextToken", "NextToken", &string}
};
static const Shape queues_listed = STRUCTURE(queues_listed_members);

static const ShapeMember list_sources_members[] = {
	QUEUE_URL,
	{"MaxResults", "MaxResults", &integer},
	{"NextToken", "NextToken", &string}
};
static const Shape list_sources = STRUCTURE(list_sources_members);

static const ShapeMember sources_listed_members[] = {
	{"queueUrls", "QueueUrl", &strings},
	{"NextToken", "NextToken", &string}
};
static const Shape sources_listed = STRUCTURE(sources_listed_members);

/* GetQueueAttributes, SetQueueAttributes */
static const ShapeMember get_attributes_members[] = {
	QUEUE_URL,
	{"AttributeNames", "AttributeName", &strings}
};
static const Shape get_attributes = STRUCTURE(get_attributes_members);

static const ShapeMember attributes_got_members[] = {
	{"Attributes", "Attribute", &attributes}
};
static const Shape attributes_got = STRUCTURE(attributes_got_members);

static const ShapeMember set_attributes_members[] = {
	QUEUE_URL,
	{"Attributes", "Attribute", &attributes}
};
static const Shape set_attributes = STRUCTURE(set_attributes_members);

/* TagQueue, UntagQueue, ListQueueTags */
static const ShapeMember tag_queue_members[] = {
	QUEUE_URL,
	{"Tags", "Tag", &tags}
};
static const Shape tag_queue = STRUCTURE(tag_queue_members);

static const ShapeMember untag_queue_members[] = {
	QUEUE_URL,
	{"TagKeys", "TagKey", &strings}
};
static const Shape untag_queue = STRUCTURE(untag_queue_members);

static const ShapeMember tags_listed_members[] = {
	{"Tags", "Tag", &tags}
};
static const Shape tags_listed = STRUCTURE(tags_listed_members);

/* SendMessage, SendMessageBatch */
#define MESSAGE \
	{"MessageBody", "MessageBody", &string}, \
	{"DelaySeconds", "DelaySeconds", &integer}, \
	{"MessageAttributes", "MessageAttribute", &message_attributes}, \
	{"MessageSystemAttributes", "MessageSystemAttribute", &message_attributes}, \
	{"MessageDeduplicationId", "MessageDeduplicationId", &string}, \
	{"MessageGroupId", "MessageGroupId", &string}
#define MESSAGE_SENT \
	{"MessageId", "MessageId", &string}, \
	{"MD5OfMessageBody", "MD5OfMessageBody", &string}, \
	{"MD5OfMessageAttributes", "MD5OfMessageAttributes", &string}, \
	{"MD5OfMessageSystemAttributes", "MD5OfMessageSystemAttributes", &string}, \
	{"SequenceNumber", "SequenceNumber", &string}

static const ShapeMember send_message_members[] = {QUEUE_URL, MESSAGE};
static const Shape send_message = STRUCTURE(send_message_members);

static const ShapeMember message_sent_members[] = {MESSAGE_SENT};
static const Shape message_sent = STRUCTURE(message_sent_members);

static const ShapeMember send_entry_members[] = {
	{"Id", "Id", &string},
	MESSAGE
};
static const Shape send_entry = STRUCTURE(send_entry_members);
static const Shape send_entries = LIST(send_entry);
static const ShapeMember send_batch_members[] = {
	QUEUE_URL,
	{"Entries", "SendMessageBatchRequestEntry", &send_entries}
};
static const Shape send_batch = STRUCTURE(send_batch_members);

static const ShapeMember sent_entry_members[] = {
	{"Id", "Id", &string},
	MESSAGE_SENT
};
static const Shape sent_entry = STRUCTURE(sent_entry_members);
static const Shape sent_entries = LIST(sent_entry);
static const ShapeMember batch_sent_members[] = {
	{"Successful", "SendMessageBatchResultEntry", &sent_entries},
	FAILED
};
static const Shape batch_sent = STRUCTURE(batch_sent_members);

/* ReceiveMessage */
static const ShapeMember receive_members[] = {
	QUEUE_URL,
	{"AttributeNames", "AttributeName", &strings},
	{"MessageSystemAttributeNames", "MessageSystemAttributeName", &strings},
	{"MessageAttributeNames", "MessageAttributeName", &strings},
	{"MaxNumberOfMessages", "MaxNumberOfMessages", &integer},
	{"VisibilityTimeout", "VisibilityTimeout", &integer},
	{"WaitTimeSeconds", "WaitTimeSeconds", &integer},
	{"ReceiveRequestAttemptId", "ReceiveRequestAttemptId", &string}
};
static const Shape receive = STRUCTURE(receive_members);

static const ShapeMember message_members[] = {
	{"MessageId", "MessageId", &string},
	{"ReceiptHandle", "ReceiptHandle", &string},
	{"MD5OfBody", "MD5OfBody", &string},
	{"Body", "Body", &string},
	{"Attributes", "Attribute", &attributes},
	{"MD5OfMessageAttributes", "MD5OfMessageAttributes", &string},
	{"MessageAttributes", "MessageAttribute", &message_attributes}
};
static const Shape message = STRUCTURE(message_members);
static const Shape messages = LIST(message);
static const ShapeMember received_members[] = {
	{"Messages", "Message", &messages}
};
static const Shape received = STRUCTURE(received_members);

/* DeleteMessage, DeleteMessageBatch */
static const ShapeMember delete_message_members[] = {
	QUEUE_URL,
	{"ReceiptHandle", "ReceiptHandle", &string}
};
static const Shape delete_message = STRUCTURE(delete_message_members);

static const ShapeMember delete_entry_members[] = {
	{"Id", "Id", &string},
	{"ReceiptHandle", "ReceiptHandle", &string}
};
static const Shape delete_entry = STRUCTURE(delete_entry_members);
static const Shape delete_entries = LIST(delete_entry);
static const ShapeMember delete_batch_members[] = {
	QUEUE_URL,
	{"Entries", "DeleteMessageBatchRequestEntry", &delete_entries}
};
static const Shape delete_batch = STRUCTURE(delete_batch_members);

static const ShapeMember batch_deleted_members[] = {
	{"Successful", "DeleteMessageBatchResultEntry", &done_entries},
	FAILED
};
static const Shape batch_deleted = STRUCTURE(batch_deleted_members);

/* ChangeMessageVisibility, ChangeMessageVisibilityBatch */
static const ShapeMember change_message_members[] = {
	QUEUE_URL,
	{"ReceiptHandle", "ReceiptHandle", &string},
	{"VisibilityTimeout", "VisibilityTimeout", &integer}
};
static const Shape change_message = STRUCTURE(change_message_members);

static const ShapeMember change_entry_members[] = {
	{"Id", "Id", &string},
	{"ReceiptHandle", "ReceiptHandle", &string},
	{"VisibilityTimeout", "VisibilityTimeout", &integer}
};
static const Shape change_entry = STRUCTURE(change_entry_members);
static const Shape change_entries = LIST(change_entry);
static const ShapeMember change_batch_members[] = {
	QUEUE_URL,
	{"Entries", "ChangeMessageVisibilityBatchRequestEntry", &change_entries}
};
static const Shape change_batch = STRUCTURE(change_batch_members);

static const ShapeMember batch_changed_members[] = {
	{"Successful", "ChangeMessageVisibilityBatchResultEntry", &done_entries},
	FAILED
};
static const Shape batch_changed = STRUCTURE(batch_changed_members);

/* StartMessageMoveTask, ListMessageMoveTasks, CancelMessageMoveTask */
static const ShapeMember start_task_members[] = {
	{"SourceArn", "SourceArn", &string},
	{"DestinationArn", "DestinationArn", &string},
	{"MaxNumberOfMessagesPerSecond", "MaxNumberOfMessagesPerSecond", &integer}
};
static const Shape start_task = STRUCTURE(start_task_members);

static const ShapeMember list_tasks_members[] = {
	{"SourceArn", "SourceArn", &string},
	{"MaxResults", "MaxResults", &integer}
};
static const Shape list_tasks = STRUCTURE(list_tasks_members);

static const ShapeMember task_members[] = {
	{"TaskHandle", "TaskHandle", &string},
	{"Status", "Status", &string},
	{"SourceArn", "SourceArn", &string},
	{"DestinationArn", "DestinationArn", &string},
	{"MaxNumberOfMessagesPerSecond", "MaxNumberOfMessagesPerSecond", &integer},
	{"ApproximateNumberOfMessagesMoved", "ApproximateNumberOfMessagesMoved", &integer},
	{"ApproximateNumberOfMessagesToMove", "ApproximateNumberOfMessagesToMove", &integer},
	{"FailureReason", "FailureReason", &string},
	{"StartedTimestamp", "StartedTimestamp", &integer}
};
static const Shape task = STRUCTURE(task_members);
static const Shape tasks = LIST(task);
static const ShapeMember tasks_listed_members[] = {
	{"Results", "ListMessageMoveTasksResultEntry", &tasks}
};
static const Shape tasks_listed = STRUCTURE(tasks_listed_members);

static const ShapeMember task_cancelled_members[] = {
	{"ApproximateNumberOfMessagesMoved", "ApproximateNumberOfMessagesMoved", &integer}
};
static const Shape task_cancelled = STRUCTURE(task_cancelled_members);

/*
 * The actions: name, whether it has a QueueUrl, whether the answer has URLs,
 * request and answer.
 */
#define ACTION(name, on_queue, answers_urls, on_messages, request, answer) \
	{name, on_queue, answers_urls, on_messages, &(const ActionShape) {&(request), &(answer)}}

const Action actions[] = {
	ACTION("AddPermission", true, false, false, add_permission, nothing),
	ACTION("CancelMessageMoveTask", false, false, false, task_handle, task_cancelled),
	ACTION("ChangeMessageVisibility", true, false, true, change_message, nothing),
	ACTION("ChangeMessageVisibilityBatch", true, false, true, change_batch, batch_changed),
	ACTION("CreateQueue", false, true, false, create_queue, queue),
	ACTION("DeleteMessage", true, false, true, delete_message, nothing),
	ACTION("DeleteMessageBatch", true, false, true, delete_batch, batch_deleted),
	ACTION("DeleteQueue", true, false, false, queue, nothing),
	ACTION("GetQueueAttributes", true, false, false, get_attributes, attributes_got),
	ACTION("GetQueueUrl", false, true, false, get_queue_url, queue),
	ACTION("ListDeadLetterSourceQueues", true, true, false, list_sources, sources_listed),
	ACTION("ListMessageMoveTasks", false, false, false, list_tasks, tasks_listed),
	ACTION("ListQueueTags", true, false, false, queue, tags_listed),
	ACTION("ListQueues", false, true, false, list_queues, queues_listed),
	ACTION("PurgeQueue", true, false, false, queue, nothing),
	ACTION("ReceiveMessage", true, false, true, receive, received),
	ACTION("RemovePermission", true, false, false, remove_permission, nothing),
	ACTION("SendMessage", true, false, true, send_message, message_sent),
	ACTION("SendMessageBatch", true, false, true, send_batch, batch_sent),
	ACTION("SetQueueAttributes", true, false, false, set_attributes, nothing),
	ACTION("StartMessageMoveTask", false, false, false, start_task, task_handle),
	ACTION("TagQueue", true, false, false, tag_queue, nothing),
	ACTION("UntagQueue", true, false, false, untag_queue, nothing)
};
const int	action_count = lengthof(actions);

const Action action_return_messages =
ACTION("ReturnMessages", true, false, true, change_batch, batch_changed);

/*
 * The action of a name, which need not end with a NUL.
 */
const Action *
action_find(const char *name, size_t length)
{
	for (int i = 0; i < action_count; i++)
	{
		if (strlen(actions[i].name) == length &&
			memcmp(actions[i].name, name, length) == 0)
			return &actions[i];
	}
	return NULL;
}

int
action_number(const Action *action)
{
	return action - actions;
}
