/*-------------------------------------------------------------------------
 *
 * action_queue.c
 *		Actions on queues, their attributes, tags and permissions.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/base64.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "action_json.h"
#include "action_queue.h"
#include "characters.h"
#include "compat.h"
#include "permission.h"
#include "purge.h"
#include "queues.h"
#include "report.h"
#include "tags.h"

/* Requests that name a queue and nothing else */
static const ActionMember queue_members[] = {
	{"QueueUrl", MEMBER_STRING, true}
};

static text *
read_queue(JsonbContainer *request)
{
	ActionValue values[lengthof(queue_members)];

	ACTION_READ(request, queue_members, values);
	return values[0].string;
}

/*
 * AddPermission
 */
void
action_add_permission(JsonbContainer *request, StringInfo answer)
{
	static const ActionMember members[] = {
		{"QueueUrl", MEMBER_STRING, true},
		{"Label", MEMBER_STRING, true},
		{"AWSAccountIds", MEMBER_STRINGS, true},
		{"Actions", MEMBER_STRINGS, true}
	};
	ActionValue values[lengthof(members)];

	ACTION_READ(request, members, values);
	permission_add(values[0].string, values[1].string, values[2].strings,
				   values[3].strings);
}

/*
 * RemovePermission
 */
void
action_remove_permission(JsonbContainer *request, StringInfo answer)
{
	static const ActionMember members[] = {
		{"QueueUrl", MEMBER_STRING, true},
		{"Label", MEMBER_STRING, true}
	};
	ActionValue values[lengthof(members)];

	ACTION_READ(request, members, values);
	permission_remove(values[0].string, values[1].string);
}

/*
 * CreateQueue
 */
void
action_create_queue(JsonbContainer *request, StringInfo answer)
{
	static const ActionMember members[] = {
		{"QueueName", MEMBER_STRING, true},
		{"Attributes", MEMBER_STRING_MAP, false},
		{"tags", MEMBER_STRING_MAP, false}
	};
	ActionValue values[lengthof(members)];

	ACTION_READ(request, members, values);
	action_put_string(answer, "QueueUrl",
					  queues_create(values[0].string, values[1].map, values[2].map));
}

/*
 * DeleteQueue
 */
void
action_delete_queue(JsonbContainer *request, StringInfo answer)
{
	queues_delete(read_queue(request));
}

/*
 * GetQueueUrl
 */
void
action_get_queue_url(JsonbContainer *request, StringInfo answer)
{
	static const ActionMember members[] = {
		{"QueueName", MEMBER_STRING, true},
		{"QueueOwnerAWSAccountId", MEMBER_STRING, false}
	};
	ActionValue values[lengthof(members)];

	ACTION_READ(request, members, values);
	action_put_string(answer, "QueueUrl", queues_url(values[0].string, values[1].string));
}

/*
 * GetQueueAttributes.  Without names there is nothing in the answer.
 */
void
action_get_queue_attributes(JsonbContainer *request, StringInfo answer)
{
	static const ActionMember members[] = {
		{"QueueUrl", MEMBER_STRING, true},
		{"AttributeNames", MEMBER_STRINGS, false}
	};
	ActionValue values[lengthof(members)];

	ACTION_READ(request, members, values);
	action_put_map(answer, "Attributes",
				   queues_get_attributes(values[0].string,
										 values[1].given ? values[1].strings :
										 construct_empty_array(TEXTOID)));
}

/*
 * SetQueueAttributes
 */
void
action_set_queue_attributes(JsonbContainer *request, StringInfo answer)
{
	static const ActionMember members[] = {
		{"QueueUrl", MEMBER_STRING, true},
		{"Attributes", MEMBER_STRING_MAP, true}
	};
	ActionValue values[lengthof(members)];

	ACTION_READ(request, members, values);
	queues_set_attributes(values[0].string, values[1].map);
}

/*
 * PurgeQueue
 */
void
action_purge_queue(JsonbContainer *request, StringInfo answer)
{
	purge_queue(read_queue(request));
}

/*
 * TagQueue
 */
void
action_tag_queue(JsonbContainer *request, StringInfo answer)
{
	static const ActionMember members[] = {
		{"QueueUrl", MEMBER_STRING, true},
		{"Tags", MEMBER_STRING_MAP, true}
	};
	ActionValue values[lengthof(members)];

	ACTION_READ(request, members, values);
	tags_set(values[0].string, values[1].map);
}

/*
 * UntagQueue
 */
void
action_untag_queue(JsonbContainer *request, StringInfo answer)
{
	static const ActionMember members[] = {
		{"QueueUrl", MEMBER_STRING, true},
		{"TagKeys", MEMBER_STRINGS, true}
	};
	ActionValue values[lengthof(members)];

	ACTION_READ(request, members, values);
	tags_remove(values[0].string, values[1].strings);
}

/*
 * ListQueueTags
 */
void
action_list_queue_tags(JsonbContainer *request, StringInfo answer)
{
	action_put_map(answer, "Tags", tags_list(read_queue(request)));
}

/*
 * The token that lets a list go on after a queue: its name.  Who is given it
 * need not know.
 */
static char *
make_token(const char *queue_name)
{
	int			size = pg_b64_enc_len(strlen(queue_name));
	char	   *token = palloc(size + 1);
	int			length = compat_b64_encode(queue_name, strlen(queue_name), token, size);

	if (length < 0)
		elog(ERROR, "could not encode a token");
	token[length] = '\0';
	return token;
}

/*
 * The name in a token.
 */
static char *
read_token(const text *token)
{
	char	   *name = palloc(QUEUE_NAME_MAX + 1);
	int			length = -1;

	if (VARSIZE_ANY_EXHDR(token) <= pg_b64_enc_len(QUEUE_NAME_MAX))
		length = compat_b64_decode(VARDATA_ANY(token), VARSIZE_ANY_EXHDR(token),
								   name, QUEUE_NAME_MAX);
	if (length <= 0)
		report_invalid_parameter("NextToken",
								 characters_quotable(VARDATA_ANY(token), VARSIZE_ANY_EXHDR(token)),
								 "Invalid or expired next token.");
	name[length] = '\0';
	return name;
}

/*
 * Write a page of a list of queues.  Without MaxResults there is but one, and
 * no token even if it ends before the list does.  An empty list is left out
 * unless if_empty.
 */
static void
put_queues(StringInfo answer, const char *key, bool if_empty,
		   const Queue *queues, int count,
		   const ActionValue *max_results, const ActionValue *next_token)
{
	int			maximum = max_results->given ? max_results->integer : WIRE_RESULTS_MAX;
	int			first = 0;
	int			end;

	if (next_token->given)
	{
		const char *after = read_token(next_token->string);

		while (first < count && strcmp(queues[first].queue_name, after) <= 0)
			first++;
	}
	end = Min(count, first + maximum);
	if (first == end && !if_empty)
		return;

	action_put_key(answer, key);
	action_begin(answer, '[');
	for (int i = first; i < end; i++)
		action_put_element(answer, names_url(queues[i].account_id, queues[i].queue_name));
	action_end(answer, ']');
	if (max_results->given && end < count)
		action_put_string(answer, "NextToken", make_token(queues[end - 1].queue_name));
}

/*
 * Check what a request for a page says of it.
 */
static void
check_page(const ActionValue *max_results, const ActionValue *next_token)
{
	if (max_results->given &&
		(max_results->integer < 1 || max_results->integer > WIRE_RESULTS_MAX))
		report_invalid_parameter("MaxResults", psprintf("%d", max_results->integer),
								 psprintf("MaxResults must be an integer between 1 and %d.",
										  WIRE_RESULTS_MAX));
	if (next_token->given && !max_results->given)
		ereport(ERROR,
				(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
				 errmsg("parameter NextToken is given without MaxResults"),
				 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
							   "MaxResults is a mandatory parameter when you provide a value for NextToken."),
				 errhint("Pass the MaxResults of the request that gave the token.")));
}

/*
 * ListQueues
 */
void
action_list_queues(JsonbContainer *request, StringInfo answer)
{
	static const ActionMember members[] = {
		{"QueueNamePrefix", MEMBER_STRING, false},
		{"MaxResults", MEMBER_INTEGER, false},
		{"NextToken", MEMBER_STRING, false}
	};
	ActionValue values[lengthof(members)];
	Queue	   *queues;
	int			count;

	ACTION_READ(request, members, values);
	check_page(&values[1], &values[2]);
	queues = queues_list(values[0].given ? text_to_cstring(values[0].string) : "", &count);
	put_queues(answer, "QueueUrls", false, queues, count, &values[1], &values[2]);
}

/*
 * ListDeadLetterSourceQueues, which has its list in any case.
 */
void
action_list_dead_letter_source_queues(JsonbContainer *request, StringInfo answer)
{
	static const ActionMember members[] = {
		{"QueueUrl", MEMBER_STRING, true},
		{"MaxResults", MEMBER_INTEGER, false},
		{"NextToken", MEMBER_STRING, false}
	};
	ActionValue values[lengthof(members)];
	Queue	   *queues;
	int			count;

	ACTION_READ(request, members, values);
	check_page(&values[1], &values[2]);
	queues = queues_list_sources(values[0].string, &count);
	put_queues(answer, "queueUrls", true, queues, count, &values[1], &values[2]);
}
