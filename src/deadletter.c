/*-------------------------------------------------------------------------
 *
 * deadletter.c
 *		The rules of dead-letter queues.
 *
 * A queue's RedrivePolicy names its dead-letter queue, and how often a message
 * may be received before it goes there.  A RedriveAllowPolicy is the other
 * side: which queues may name this one.  Both are kept as the text that was
 * given, so what is checked here is checked when they are set.
 *
 * The dead-letter queue is not locked.  If it is deleted later, the policy
 * stays and names a queue that is not there, as in SQS.  A RedriveAllowPolicy
 * that is set later does not undo what was allowed before.
 *
 * Whoever names a dead-letter queue lets messages be put there, so he must be
 * one who may use it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "authorize.h"
#include "characters.h"
#include "compat.h"
#include "deadletter.h"
#include "document.h"
#include "redrivepolicy.h"
#include "report.h"

#define SOURCE_QUEUES_MAX 10	/* sourceQueueArns; SetQueueAttributes */

pg_noreturn static void refuse(const char *parameter, const char *policy,
							   const char *reason);
pg_noreturn static void refuse_missing(const char *parameter, const char *policy,
									   const char *field);

/*
 * Report what is wrong with a policy; reason is a sentence.
 */
static void
refuse(const char *parameter, const char *policy, const char *reason)
{
	report_invalid_parameter(parameter,
							 characters_quotable(policy, strlen(policy)), reason);
}

/*
 * Report a field that is not there.
 */
static void
refuse_missing(const char *parameter, const char *policy, const char *field)
{
	refuse(parameter, policy,
		   psprintf("It does not contain the mandatory attribute: %s.", field));
}

/*
 * Whether a queue lets another one use it as its dead-letter queue.  One whose
 * RedriveAllowPolicy is not set lets all.
 */
static bool
deadletter_allows(const Queue *queue, const QueueName *source)
{
	DocumentField fields[] = {{.name = "redrivePermission"}, {.name = "sourceQueueArns"}};
	Datum		values[Natts_queues];
	bool		nulls[Natts_queues];
	ListCell   *cell;

	if (!catalog_fetch(queue->queue_id, values, nulls) ||
		nulls[Anum_queues_redrive_allow_policy - 1] ||
		!document_read(TextDatumGetCString(values[Anum_queues_redrive_allow_policy - 1]),
					   fields, lengthof(fields)) ||
		fields[0].kind != DOCUMENT_STRING || strcmp(fields[0].value, "allowAll") == 0)
		return true;
	if (strcmp(fields[0].value, "byQueue") != 0)
		return false;
	foreach(cell, fields[1].strings)
	{
		QueueName	name;

		if (names_from_arn(lfirst(cell), &name) &&
			strcmp(name.account_id, source->account_id) == 0 &&
			strcmp(name.queue_name, source->queue_name) == 0)
			return true;
	}
	return false;
}

/*
 * Whether some queue names this one as its dead-letter queue.
 */
bool
deadletter_is_target(const Queue *queue)
{
	int			count;
	Queue	   *queues = catalog_all(&count);
	bool		found = false;

	for (int i = 0; i < count && !found; i++)
		found = queues[i].max_receive_count > 0 &&
			strcmp(queues[i].account_id, queue->account_id) == 0 &&
			strcmp(queues[i].dead_letter_queue, queue->queue_name) == 0;
	pfree(queues);
	return found;
}

/*
 * Check a RedrivePolicy.
 */
void
deadletter_check_policy(const char *policy, const QueueName *source, bool fifo)
{
	static const char *const parameter = "RedrivePolicy";
	DocumentField fields[] = {{.name = "deadLetterTargetArn"}, {.name = "maxReceiveCount"}};
	DocumentField *target = &fields[0];
	DocumentField *count = &fields[1];
	QueueName	name;
	Queue		queue;

	if (!document_read(policy, fields, lengthof(fields)))
		refuse(parameter, policy, "It is not a valid JSON map.");
	if (target->kind == DOCUMENT_ABSENT)
		refuse_missing(parameter, policy, target->name);
	if (count->kind == DOCUMENT_ABSENT)
		refuse_missing(parameter, policy, count->name);

	if (redrivepolicy_count(count) == 0)
		refuse(parameter, policy,
			   psprintf("Invalid value for maxReceiveCount%s%s, valid values are from 1 to %d both inclusive.",
						count->value == NULL ? "" : ": ",
						count->value == NULL ? "" :
						characters_quotable(count->value, strlen(count->value)),
						MAX_RECEIVE_COUNT_MAX));

	/* An ARN of another region is one that we do not have, not a wrong one */
	if (target->kind != DOCUMENT_STRING || !names_is_arn(target->value))
		refuse(parameter, policy, "Invalid value for deadLetterTargetArn.");
	if (!names_is_local(target->value))
		refuse(parameter, policy,
			   "The dead-letter queue must be in the region of the queue.");
	names_parse(cstring_to_text(target->value), &name);
	if (strcmp(name.account_id, source->account_id) != 0)
		refuse(parameter, policy,
			   "The dead-letter queue must be in the account of the queue.");
	if (!catalog_lookup_name(&name, &queue))
		ereport(ERROR,
				(sqs_errcode(SQS_QUEUE_DOES_NOT_EXIST),
				 errmsg("dead-letter queue \"%s\" does not exist", name.queue_name),
				 sqs_errdetail(SQS_QUEUE_DOES_NOT_EXIST,
							   "Value %s for parameter %s is invalid. Reason: Dead letter target does not exist.",
							   characters_quotable(policy, strlen(policy)),
							   parameter),
				 errhint("Create the dead-letter queue first.")));
	authorize_queue(&queue, "SendMessage");
	if (queue.fifo != fifo)
		refuse(parameter, policy,
			   "The dead-letter queue must be of the same type as the queue.");
	if (strcmp(name.queue_name, source->queue_name) == 0)
		refuse(parameter, policy,
			   "The dead-letter queue must be another queue.");
	if (!deadletter_allows(&queue, source))
		refuse(parameter, policy,
			   "The dead-letter queue's RedriveAllowPolicy does not allow the queue to use it.");
}

/*
 * The dead-letter queue that a RedrivePolicy, which was checked, names.  The
 * region may have been set anew since.
 */
bool
deadletter_target(const char *policy, QueueName *name)
{
	DocumentField target = {.name = "deadLetterTargetArn"};

	if (!document_read(policy, &target, 1) || target.kind != DOCUMENT_STRING ||
		!names_is_arn(target.value) || !names_is_local(target.value))
		return false;
	names_parse(cstring_to_text(target.value), name);
	return true;
}

/*
 * Check a RedriveAllowPolicy.
 */
void
deadletter_check_allow_policy(const char *policy)
{
	static const char *const parameter = "RedriveAllowPolicy";
	DocumentField fields[] = {{.name = "redrivePermission"}, {.name = "sourceQueueArns"}};
	DocumentField *permission = &fields[0];
	DocumentField *sources = &fields[1];
	ListCell   *cell;

	if (!document_read(policy, fields, lengthof(fields)))
		refuse(parameter, policy, "It is not a valid JSON map.");
	if (permission->kind == DOCUMENT_ABSENT)
		refuse_missing(parameter, policy, permission->name);
	if (permission->kind != DOCUMENT_STRING ||
		(strcmp(permission->value, "allowAll") != 0 &&
		 strcmp(permission->value, "denyAll") != 0 &&
		 strcmp(permission->value, "byQueue") != 0))
		refuse(parameter, policy,
			   "The redrivePermission must be allowAll, denyAll or byQueue.");

	if (strcmp(permission->value, "byQueue") != 0)
	{
		if (sources->kind != DOCUMENT_ABSENT)
			refuse(parameter, policy,
				   "The sourceQueueArns can be given only if redrivePermission is byQueue.");
		return;
	}
	if (sources->kind == DOCUMENT_ABSENT)
		refuse_missing(parameter, policy, sources->name);
	if (sources->kind != DOCUMENT_STRINGS || sources->strings == NIL ||
		list_length(sources->strings) > SOURCE_QUEUES_MAX)
		refuse(parameter, policy,
			   psprintf("The sourceQueueArns must be an array of 1 to %d ARNs.",
						SOURCE_QUEUES_MAX));
	foreach(cell, sources->strings)
	{
		if (!names_is_arn(lfirst(cell)))
			refuse(parameter, policy, "A value of sourceQueueArns is not the ARN of a queue.");
	}
}
