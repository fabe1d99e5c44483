/*-------------------------------------------------------------------------
 *
 * action_batch.c
 *		Batches: what is wrong with all of one, and with single entries.
 *
 * In a batch of the AWS protocol each entry fails or succeeds by itself: it is
 * checked by itself.  What is done with the entries that are left is done after,
 * and at once.
 *
 * An answer is not written to a log, so unlike an error it may name the
 * receipt handle that was given.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "action_batch.h"
#include "characters.h"
#include "report.h"

#define ENTRY_ID_MAX 80			/* characters; SendMessageBatch */

#define SERVICE_PREFIX "AWS.SimpleQueueService."

/*
 * Whether an entry may have this id.
 */
static bool
is_entry_id(const text *id)
{
	const char *string;
	Size		length;

	if (id == NULL)
		return false;
	string = VARDATA_ANY(id);
	length = VARSIZE_ANY_EXHDR(id);
	if (length == 0 || length > ENTRY_ID_MAX)
		return false;
	for (Size i = 0; i < length; i++)
	{
		if (!(string[i] >= 'a' && string[i] <= 'z') &&
			!(string[i] >= 'A' && string[i] <= 'Z') &&
			!(string[i] >= '0' && string[i] <= '9') &&
			string[i] != '-' && string[i] != '_')
			return false;
	}
	return true;
}

static char *
entry_id(const Batch *batch, int entry)
{
	return text_to_cstring(batch_entry(batch, entry)[BATCH_ID].string);
}

/*
 * Check the ids of all entries.
 */
static void
check_ids(const Batch *batch)
{
	for (int i = 0; i < batch->count; i++)
	{
		if (!is_entry_id(batch_entry(batch, i)[BATCH_ID].string))
			ereport(ERROR,
					(sqs_errcode(SQS_INVALID_BATCH_ENTRY_ID),
					 errmsg("invalid id of a batch entry"),
					 sqs_errdetail(SQS_INVALID_BATCH_ENTRY_ID,
								   "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most %d letters long.",
								   ENTRY_ID_MAX),
					 errhint("The ids name the entries in the answer.")));
	}
	for (int i = 1; i < batch->count; i++)
	{
		const char *id = entry_id(batch, i);

		for (int j = 0; j < i; j++)
		{
			if (strcmp(entry_id(batch, j), id) == 0)
				ereport(ERROR,
						(sqs_errcode(SQS_BATCH_ENTRY_IDS_NOT_DISTINCT),
						 errmsg("two batch entries have the id \"%s\"", id),
						 sqs_errdetail(SQS_BATCH_ENTRY_IDS_NOT_DISTINCT,
									   "Id %s repeated.", id),
						 errhint("The ids name the entries in the answer.")));
		}
	}
}

/*
 * Read the entries of a batch.
 */
void
batch_read(const ActionValue *entries, const char *entry,
		   const ActionMember *members, int count, Batch *batch)
{
	batch->count = list_length(entries->structures);
	if (batch->count == 0)
		report_empty_batch(entry);
	if (batch->count > WIRE_BATCH_MAX)
		report_large_batch(batch->count, WIRE_BATCH_MAX);

	batch->members = count;
	batch->values = palloc(batch->count * count * sizeof(ActionValue));
	for (int i = 0; i < batch->count; i++)
		action_read(list_nth(entries->structures, i), members, count,
					&batch->values[i * count]);
	check_ids(batch);
}

/*
 * The values of an entry.
 */
const ActionValue *
batch_entry(const Batch *batch, int entry)
{
	return &batch->values[entry * batch->members];
}

/*
 * The name of an error in a list of failures: its query code, without the
 * prefix that some have.
 */
static const char *
failure_code(SqsError error)
{
	const char *code = report_query_code(error);

	if (strncmp(code, SERVICE_PREFIX, strlen(SERVICE_PREFIX)) == 0)
		code += strlen(SERVICE_PREFIX);
	return code;
}

/*
 * Write the list of entries that failed.
 */
void
batch_put_failures(const Batch *batch, StringInfo answer)
{
	bool		begun = false;

	for (int i = 0; i < batch->count; i++)
	{
		const ActionFailure *failure = &batch->failures[i];

		if (!failure->failed)
			continue;
		if (!begun)
		{
			action_put_key(answer, "Failed");
			action_begin(answer, '[');
			begun = true;
		}
		action_begin(answer, '{');
		action_put_string(answer, "Id", entry_id(batch, i));
		action_put_boolean(answer, "SenderFault", report_sender_fault(failure->error));
		action_put_string(answer, "Code", failure_code(failure->error));
		action_put_string(answer, "Message", failure->text);
		action_end(answer, '}');
	}
	if (begun)
		action_end(answer, ']');
}

/*
 * Write the list of entries that did not fail.
 */
void
batch_put_successes(const Batch *batch, StringInfo answer,
					void (*put) (StringInfo answer, void *arg),
					void *arg)
{
	bool		begun = false;

	for (int i = 0; i < batch->count; i++)
	{
		if (batch->failures[i].failed)
			continue;
		if (!begun)
		{
			action_put_key(answer, "Successful");
			action_begin(answer, '[');
			begun = true;
		}
		action_begin(answer, '{');
		action_put_string(answer, "Id", entry_id(batch, i));
		if (put != NULL)
			put(answer, arg);
		action_end(answer, '}');
	}
	if (begun)
		action_end(answer, ']');
}
