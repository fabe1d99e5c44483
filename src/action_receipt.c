/*-------------------------------------------------------------------------
 *
 * action_receipt.c
 *		DeleteMessage, ChangeMessageVisibility, and both of them in batches.
 *
 * Whether a receipt handle is one is a question for its entry alone, and asked
 * before anything is done.  Whether its message is there turns out when all of
 * them are deleted or changed, in one go and in the order of their rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "action_batch.h"
#include "action_json.h"
#include "action_receipt.h"
#include "authorize.h"
#include "characters.h"
#include "delete.h"
#include "report.h"
#include "visibility.h"

/*
 * DeleteMessage
 */
void
action_delete_message(JsonbContainer *request, JsonbParseState **answer)
{
	static const ActionMember members[] = {
		{"QueueUrl", MEMBER_STRING, true},
		{"ReceiptHandle", MEMBER_STRING, true}
	};
	ActionValue values[lengthof(members)];
	Queue		queue;
	Receipt		receipt;
	DeleteResult result;

	ACTION_READ(request, members, values);
	authorize_lookup(values[0].string, "DeleteMessage", &queue);
	receipt_decode(&queue, values[1].string, &receipt);
	delete_messages(&queue, &receipt, 1, &result);
	if (result == DELETE_EXPIRED)
		receipt_expired();
}

/*
 * ChangeMessageVisibility
 */
void
action_change_message_visibility(JsonbContainer *request, JsonbParseState **answer)
{
	static const ActionMember members[] = {
		{"QueueUrl", MEMBER_STRING, true},
		{"ReceiptHandle", MEMBER_STRING, true},
		{"VisibilityTimeout", MEMBER_INTEGER, true}
	};
	ActionValue values[lengthof(members)];
	Queue		queue;
	Receipt		receipt;
	ChangeResult result;

	ACTION_READ(request, members, values);
	authorize_lookup(values[0].string, "ChangeMessageVisibility", &queue);
	receipt_decode(&queue, values[1].string, &receipt);
	visibility_check(values[2].integer);
	visibility_change(&queue, &receipt, &values[2].integer, 1, GetCurrentTimestamp(),
					  &result);
	visibility_report(result, values[2].integer);
}

/* The members of an entry that names a received message */
#define RECEIPT_HANDLE 1
#define RECEIPT_TIMEOUT 2

/* Such an entry that is checked, and what comes of it */
typedef struct ReceiptCheck
{
	const Queue *queue;
	const ActionValue *values;
	Receipt    *receipt;
} ReceiptCheck;

/* Such an entry that could not be changed */
typedef struct ChangeRefusal
{
	ChangeResult result;
	int			timeout;
} ChangeRefusal;

static void
check_deletion(void *arg)
{
	ReceiptCheck *check = arg;

	receipt_decode(check->queue, check->values[RECEIPT_HANDLE].string, check->receipt);
}

static void
check_change(void *arg)
{
	ReceiptCheck *check = arg;

	receipt_decode(check->queue, check->values[RECEIPT_HANDLE].string, check->receipt);
	if (!check->values[RECEIPT_TIMEOUT].given)
		report_missing_parameter("VisibilityTimeout");
	visibility_check(check->values[RECEIPT_TIMEOUT].integer);
}

static void
refuse_deletion(void *arg)
{
	receipt_expired();
}

static void
refuse_change(void *arg)
{
	ChangeRefusal *refusal = arg;

	visibility_report(refusal->result, refusal->timeout);
}

/*
 * Errors do not quote receipt handles; answers do, as SQS's.
 */
static void
name_handles(Batch *batch)
{
	static const char invalid[] = "The input receipt handle is ";
	static const char unusable[] = "The value for parameter ReceiptHandle is ";

	for (int i = 0; i < batch->count; i++)
	{
		BatchFailure *failure = &batch->failures[i];
		text	   *handle = batch_entry(batch, i)[RECEIPT_HANDLE].string;
		char	   *quoted;

		if (!failure->failed || handle == NULL)
			continue;
		quoted = characters_quotable(VARDATA_ANY(handle), VARSIZE_ANY_EXHDR(handle));
		if (strncmp(failure->text, invalid, strlen(invalid)) == 0)
			failure->text = psprintf("The input receipt handle \"%s\" is %s", quoted,
									 failure->text +strlen(invalid));
		else if (strncmp(failure->text, unusable, strlen(unusable)) == 0)
			failure->text = psprintf("Value %s for parameter ReceiptHandle is %s", quoted,
									 failure->text +strlen(unusable));
	}
}

/*
 * DeleteMessageBatch
 */
void
action_delete_message_batch(JsonbContainer *request, JsonbParseState **answer)
{
	static const ActionMember request_members[] = {BATCH_MEMBERS};
	static const ActionMember members[] = {
		BATCH_ID_MEMBER,
		{"ReceiptHandle", MEMBER_STRING, false}
	};
	ActionValue values[lengthof(request_members)];
	Queue		queue;
	Batch		batch;
	Receipt		receipts[WIRE_BATCH_MAX];
	DeleteResult results[WIRE_BATCH_MAX] = {DELETE_DONE};
	int			valid = 0;

	ACTION_READ(request, request_members, values);
	authorize_lookup(values[BATCH_QUEUE].string, "DeleteMessage", &queue);
	batch_read(&values[BATCH_ENTRIES], "DeleteMessageBatchRequestEntry", members, lengthof(members),
			   &batch);
	for (int i = 0; i < batch.count; i++)
	{
		ReceiptCheck check = {&queue, batch_entry(&batch, i), &receipts[valid]};

		if (batch_try(&batch, i, check_deletion, &check))
			receipts[valid++].entry = i;
	}
	if (valid > 0)
		delete_messages(&queue, receipts, valid, results);
	for (int i = 0; i < batch.count; i++)
	{
		if (!batch.failures[i].failed && results[i] == DELETE_EXPIRED)
			(void) batch_try(&batch, i, refuse_deletion, NULL);
	}
	name_handles(&batch);
	batch_put_successes(&batch, answer, NULL, NULL);
	batch_put_failures(&batch, answer);
}

/*
 * ChangeMessageVisibilityBatch
 */
void
action_change_message_visibility_batch(JsonbContainer *request, JsonbParseState **answer)
{
	static const ActionMember request_members[] = {BATCH_MEMBERS};
	static const ActionMember members[] = {
		BATCH_ID_MEMBER,
		{"ReceiptHandle", MEMBER_STRING, false},
		{"VisibilityTimeout", MEMBER_INTEGER, false}
	};
	ActionValue values[lengthof(request_members)];
	Queue		queue;
	Batch		batch;
	Receipt		receipts[WIRE_BATCH_MAX];
	int			timeouts[WIRE_BATCH_MAX] = {0};
	ChangeResult results[WIRE_BATCH_MAX] = {CHANGE_DONE};
	int			valid = 0;

	ACTION_READ(request, request_members, values);
	authorize_lookup(values[BATCH_QUEUE].string, "ChangeMessageVisibility", &queue);
	batch_read(&values[BATCH_ENTRIES], "ChangeMessageVisibilityBatchRequestEntry",
			   members, lengthof(members), &batch);
	for (int i = 0; i < batch.count; i++)
	{
		ReceiptCheck check = {&queue, batch_entry(&batch, i), &receipts[valid]};

		timeouts[i] = check.values[RECEIPT_TIMEOUT].integer;
		if (batch_try(&batch, i, check_change, &check))
			receipts[valid++].entry = i;
	}
	if (valid > 0)
		visibility_change(&queue, receipts, timeouts, valid, GetCurrentTimestamp(), results);
	for (int i = 0; i < batch.count; i++)
	{
		ChangeRefusal refusal;

		if (batch.failures[i].failed || results[i] == CHANGE_DONE)
			continue;
		refusal.result = results[i];
		refusal.timeout = timeouts[i];
		(void) batch_try(&batch, i, refuse_change, &refusal);
	}
	name_handles(&batch);
	batch_put_successes(&batch, answer, NULL, NULL);
	batch_put_failures(&batch, answer);
}
