/*-------------------------------------------------------------------------
 *
 * permission.c
 *		sqs_add_permission and sqs_remove_permission.
 *
 * Both change the queue attribute Policy.  What it does, access.c says.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "access.h"
#include "authorize.h"
#include "characters.h"
#include "permission.h"
#include "policy.h"
#include "report.h"

QUEUE_FUNCTION(sqs_add_permission);
QUEUE_FUNCTION(sqs_remove_permission);

#define TEXT_OR_NULL(n) (PG_ARGISNULL(n) ? NULL : PG_GETARG_TEXT_PP(n))
#define ARRAY_OR_NULL(n) (PG_ARGISNULL(n) ? NULL : PG_GETARG_ARRAYTYPE_P(n))

#define LABEL_MAX 80			/* characters; AddPermission */
#define ACTIONS_MAX 7			/* AddPermission */

/* What an owner can let others do; AddPermission */
static const char *const actions_for_others[] = {
	"*", "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes",
	"GetQueueUrl", "ListDeadLetterSourceQueues", "PurgeQueue",
	"ReceiveMessage", "SendMessage"
};

static bool
is_for_others(const char *action)
{
	for (int i = 0; i < lengthof(actions_for_others); i++)
	{
		if (strcmp(actions_for_others[i], action) == 0)
			return true;
	}
	return false;
}

/*
 * The label of a statement, checked.
 */
static char *
permission_label(const text *label)
{
	char	   *string;
	size_t		length;

	if (label == NULL || VARSIZE_ANY_EXHDR(label) == 0)
		report_missing_parameter("Label");
	string = text_to_cstring(label);
	length = strspn(string, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
	if (string[length] != '\0' || length > LABEL_MAX)
		report_invalid_parameter("Label", characters_quotable(string, strlen(string)),
								 "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.");
	return string;
}

/*
 * The elements of an array, which may be NULL, as C strings; a NULL among them
 * counts as empty.
 */
static List *
permission_list(ArrayType *array)
{
	List	   *list = NIL;
	Datum	   *values;
	bool	   *nulls;
	int			count;

	if (array == NULL)
		return NIL;
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT,
					  &values, &nulls, &count);
	for (int i = 0; i < count; i++)
		list = lappend(list, nulls[i] ? "" : TextDatumGetCString(values[i]));
	return list;
}

/*
 * Raise InvalidParameterValue if there is no account, or one that can be none.
 */
static void
permission_check_accounts(const List *accounts)
{
	const ListCell *cell;

	if (accounts == NIL)
		report_invalid_parameter("PrincipalId", "[]", "Unable to verify.");
	foreach(cell, accounts)
	{
		const char *account = lfirst(cell);

		if (!names_is_account_id(account, strlen(account)))
			report_invalid_parameter("PrincipalId",
									 psprintf("[%s]", characters_quotable(account, strlen(account))),
									 "Unable to verify.");
	}
}

/*
 * Check the names of actions.
 */
static void
permission_check_actions(const List *actions)
{
	const ListCell *cell;

	if (actions == NIL)
		report_missing_parameter("Actions");
	if (list_length(actions) > ACTIONS_MAX)
		ereport(ERROR,
				(sqs_errcode(SQS_OVER_LIMIT),
				 errmsg("%d actions are more than %d", list_length(actions), ACTIONS_MAX),
				 sqs_errdetail(SQS_OVER_LIMIT,
							   "%d Actions were found, maximum allowed is %d.",
							   list_length(actions), ACTIONS_MAX),
				 errhint("Name fewer actions, or * for all of them.")));
	foreach(cell, actions)
	{
		const char *action = lfirst(cell);

		if (is_for_others(action))
			continue;
		report_invalid_parameter("ActionName",
								 psprintf("SQS:%s", characters_quotable(action, strlen(action))),
								 access_is_for_account(action) ?
								 "Only the queue owner is allowed to invoke this action." :
								 "Please refer to the appropriate WSDL for a list of valid actions.");
	}
}

/*
 * The access policy of a queue, NULL if it has none.
 */
static char *
permission_policy(const Queue *queue)
{
	Datum		values[Natts_queues];
	bool		nulls[Natts_queues];

	if (!catalog_fetch(queue->queue_id, values, nulls))
		report_no_queue(queue->queue_name);
	return nulls[Anum_queues_policy - 1] ? NULL :
		TextDatumGetCString(values[Anum_queues_policy - 1]);
}

/*
 * Set the access policy of a queue, or remove it.
 */
static void
permission_set_policy(const Queue *queue, const char *policy)
{
	Datum		values[Natts_queues] = {0};
	bool		nulls[Natts_queues] = {0};
	bool		replaces[Natts_queues] = {0};

	replaces[Anum_queues_policy - 1] = true;
	if (policy != NULL)
		values[Anum_queues_policy - 1] = CStringGetTextDatum(policy);
	else
		nulls[Anum_queues_policy - 1] = true;
	replaces[Anum_queues_modified_at - 1] = true;
	values[Anum_queues_modified_at - 1] = TimestampTzGetDatum(GetCurrentTimestamp());
	catalog_update(queue->queue_id, values, nulls, replaces);
}

/*
 * Add a statement to the policy of a queue.
 */
void
permission_add(const text *reference, const text *label, ArrayType *account_ids,
			   ArrayType *actions)
{
	Queue		queue;
	char	   *sid;
	List	   *accounts;
	List	   *names;

	authorize_change(reference, "AddPermission", &queue);
	sid = permission_label(label);
	accounts = permission_list(account_ids);
	names = permission_list(actions);
	permission_check_accounts(accounts);
	permission_check_actions(names);
	permission_set_policy(&queue,
						  policy_add(permission_policy(&queue),
									 names_arn(queue.account_id, queue.queue_name),
									 sid, accounts, names));
}

/*
 * sqs_add_permission(queue text, label text, account_ids text[],
 *					  actions text[]) returns void
 */
Datum
sqs_add_permission(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("sqs_add_permission()");
	PreventCommandIfParallelMode("sqs_add_permission()");
	permission_add(TEXT_OR_NULL(0), TEXT_OR_NULL(1), ARRAY_OR_NULL(2), ARRAY_OR_NULL(3));
	PG_RETURN_VOID();
}

/*
 * Remove a statement from the policy of a queue.
 */
void
permission_remove(const text *reference, const text *label)
{
	Queue		queue;
	char	   *sid;

	authorize_change(reference, "RemovePermission", &queue);
	sid = permission_label(label);
	permission_set_policy(&queue, policy_remove(permission_policy(&queue), sid));
}

/*
 * sqs_remove_permission(queue text, label text) returns void
 */
Datum
sqs_remove_permission(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("sqs_remove_permission()");
	PreventCommandIfParallelMode("sqs_remove_permission()");
	permission_remove(TEXT_OR_NULL(0), TEXT_OR_NULL(1));
	PG_RETURN_VOID();
}
