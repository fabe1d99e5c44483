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
 * Messages to be deleted or changed, named by requests that came together or by
 * the entries of a batch.  All but receipts has a place for each of them.
 */
typedef struct ReceiptWork
{
	bool		change;
	int			good;			/* receipts, in the order of their entries */
	Receipt    *receipts;
	text	  **handles;
	int		   *timeouts;
	DeleteResult *deleted;
	ChangeResult *changed;
} ReceiptWork;

static void
work_begin(ReceiptWork *work, bool change, int count)
{
	work->change = change;
	work->good = 0;
	work->receipts = palloc(count * sizeof(Receipt));
	work->handles = palloc0(count * sizeof(text *));
	work->timeouts = palloc0(count * sizeof(int));
	work->deleted = palloc0(count * sizeof(DeleteResult));
	work->changed = palloc0(count * sizeof(ChangeResult));
}

/*
 * Add a message if its handle is one, and its timeout in range.
 */
static void
work_add(ReceiptWork *work, const Queue *queue, int number, text *handle,
		 const ActionValue *timeout)
{
	Receipt    *receipt = &work->receipts[work->good];

	work->handles[number] = handle;
	receipt_decode(queue, handle, receipt);
	receipt->entry = number;
	if (work->change)
	{
		if (!timeout->given)
			report_missing_parameter("VisibilityTimeout");
		visibility_check(timeout->integer);
		work->timeouts[number] = timeout->integer;
	}
	work->good++;
}

/*
 * Delete or change good ones of one queue.
 */
static void
work_do(ReceiptWork *work, Queue *queue, int from, int to)
{
	Size		size = (to - from) * sizeof(Receipt);
	Receipt    *receipts = palloc(size);

	/* they are sorted on the way, and may be wanted once more */
	memcpy(receipts, &work->receipts[from], size);
	if (work->change)
		visibility_change(queue, receipts, work->timeouts, to - from,
						  GetCurrentTimestamp(), work->changed);
	else
		delete_messages(queue, receipts, to - from, work->deleted);
}

/*
 * Raise the error for what could not be done.
 */
static void
work_refuse(int number, void *arg)
{
	ReceiptWork *work = arg;

	if (work->change)
		visibility_report(work->changed[number], work->timeouts[number]);
	else if (work->deleted[number] == DELETE_EXPIRED)
		receipt_expired();
}

/*
 * See which have failed.  Errors do not quote receipt handles; answers do, as
 * SQS's.
 */
static void
work_end(ReceiptWork *work, ActionFailure *failures, int count)
{
	static const char invalid[] = "The input receipt handle is ";
	static const char unusable[] = "The value for parameter ReceiptHandle is ";

	for (int i = 0; i < count; i++)
	{
		if (work->deleted[i] == DELETE_EXPIRED || work->changed[i] != CHANGE_DONE)
			action_check_each(failures, i, i + 1, work_refuse, work);
	}
	for (int i = 0; i < count; i++)
	{
		ActionFailure *failure = &failures[i];
		text	   *handle = work->handles[i];
		char	   *quoted;

		if (!failure->failed || handle == NULL)
			continue;
		quoted = characters_quotable(VARDATA_ANY(handle), VARSIZE_ANY_EXHDR(handle));
		if (strncmp(failure->text, invalid, strlen(invalid)) == 0)
			failure->text = psprintf("The input receipt handle \"%s\" is %s", quoted,
									 &failure->text[strlen(invalid)]);
		else if (strncmp(failure->text, unusable, strlen(unusable)) == 0)
			failure->text = psprintf("Value %s for parameter ReceiptHandle is %s", quoted,
									 &failure->text[strlen(unusable)]);
	}
}

/* The members of a request */
#define REQUEST_QUEUE 0
#define REQUEST_HANDLE 1
#define REQUEST_TIMEOUT 2

static const ActionMember delete_members[] = {
	{"QueueUrl", MEMBER_STRING, true},
	{"ReceiptHandle", MEMBER_STRING, true}
};

static const ActionMember change_members[] = {
	{"QueueUrl", MEMBER_STRING, true},
	{"ReceiptHandle", MEMBER_STRING, true},
	{"VisibilityTimeout", MEMBER_INTEGER, true}
};

/*
 * DeleteMessage
 */
void
action_delete_message(JsonbContainer *request, JsonbParseState **answer)
{
	ActionValue values[lengthof(delete_members)];
	Queue		queue;
	Receipt		receipt;
	DeleteResult result;

	ACTION_READ(request, delete_members, values);
	authorize_lookup(values[REQUEST_QUEUE].string, "DeleteMessage", &queue);
	receipt_decode(&queue, values[REQUEST_HANDLE].string, &receipt);
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
	ActionValue values[lengthof(change_members)];
	Queue		queue;
	Receipt		receipt;
	ChangeResult result;
	int			timeout;

	ACTION_READ(request, change_members, values);
	authorize_lookup(values[REQUEST_QUEUE].string, "ChangeMessageVisibility", &queue);
	receipt_decode(&queue, values[REQUEST_HANDLE].string, &receipt);
	timeout = values[REQUEST_TIMEOUT].integer;
	visibility_check(timeout);
	visibility_change(&queue, &receipt, &timeout, 1, GetCurrentTimestamp(), &result);
	visibility_report(result, timeout);
}

/* Requests that came together */
typedef struct ReceiptCalls
{
	ActionCalls *calls;
	ActionLookup lookup;
	ActionGood	good;
	ReceiptWork work;
} ReceiptCalls;

static void
check_request(int number, void *arg)
{
	ReceiptCalls *receipt = arg;
	JsonbContainer *request = receipt->calls->requests[number];
	ActionValue values[lengthof(change_members)];
	Queue	   *queue;

	if (receipt->work.change)
		ACTION_READ(request, change_members, values);
	else
		ACTION_READ(request, delete_members, values);
	queue = action_lookup(&receipt->lookup, values[REQUEST_QUEUE].string);
	work_add(&receipt->work, queue, number, values[REQUEST_HANDLE].string,
			 &values[REQUEST_TIMEOUT]);
	action_good_add(&receipt->good, number, queue);
}

static void
do_requests(int from, int to, void *arg)
{
	ReceiptCalls *receipt = arg;

	work_do(&receipt->work, receipt->good.queues[from], from, to);
}

/*
 * Delete or change the messages of several requests.
 */
static void
receipt_each(ActionCalls *calls, const char *action, bool change)
{
	ReceiptCalls receipt = {.calls = calls,.lookup.action = action};

	action_good_begin(&receipt.good, calls);
	work_begin(&receipt.work, change, calls->count);
	action_check_each(calls->failures, 0, calls->count, check_request, &receipt);
	action_try_together(calls, &receipt.good, do_requests, &receipt);
	work_end(&receipt.work, calls->failures, calls->count);
}

/*
 * DeleteMessage, several of them.
 */
void
action_delete_message_each(ActionCalls *calls)
{
	receipt_each(calls, "DeleteMessage", false);
}

/*
 * ChangeMessageVisibility, several of them.
 */
void
action_change_message_visibility_each(ActionCalls *calls)
{
	receipt_each(calls, "ChangeMessageVisibility", true);
}

/* The members of an entry of a batch */
#define ENTRY_HANDLE 1
#define ENTRY_TIMEOUT 2

/* A batch */
typedef struct ReceiptBatch
{
	Queue		queue;
	Batch		batch;
	ReceiptWork work;
} ReceiptBatch;

static void
check_entry(int number, void *arg)
{
	ReceiptBatch *receipt = arg;
	const ActionValue *values = batch_entry(&receipt->batch, number);

	work_add(&receipt->work, &receipt->queue, number, values[ENTRY_HANDLE].string,
			 receipt->work.change ? &values[ENTRY_TIMEOUT] : NULL);
}

/*
 * Delete or change the messages of a batch.
 */
static void
receipt_batch(JsonbContainer *request, JsonbParseState **answer, const char *action,
			  bool change, const char *entry, const ActionMember *members, int count)
{
	static const ActionMember request_members[] = {BATCH_MEMBERS};
	ActionValue values[lengthof(request_members)];
	ReceiptBatch receipt;
	Batch	   *batch = &receipt.batch;

	ACTION_READ(request, request_members, values);
	authorize_lookup(values[BATCH_QUEUE].string, action, &receipt.queue);
	batch_read(&values[BATCH_ENTRIES], entry, members, count, batch);
	work_begin(&receipt.work, change, batch->count);
	action_check_each(batch->failures, 0, batch->count, check_entry, &receipt);
	if (receipt.work.good > 0)
		work_do(&receipt.work, &receipt.queue, 0, receipt.work.good);
	work_end(&receipt.work, batch->failures, batch->count);
	batch_put_successes(batch, answer, NULL, NULL);
	batch_put_failures(batch, answer);
}

/*
 * DeleteMessageBatch
 */
void
action_delete_message_batch(JsonbContainer *request, JsonbParseState **answer)
{
	static const ActionMember members[] = {
		BATCH_ID_MEMBER,
		{"ReceiptHandle", MEMBER_STRING, false}
	};

	receipt_batch(request, answer, "DeleteMessage", false,
				  "DeleteMessageBatchRequestEntry", members, lengthof(members));
}

/*
 * ChangeMessageVisibilityBatch
 */
void
action_change_message_visibility_batch(JsonbContainer *request, JsonbParseState **answer)
{
	static const ActionMember members[] = {
		BATCH_ID_MEMBER,
		{"ReceiptHandle", MEMBER_STRING, false},
		{"VisibilityTimeout", MEMBER_INTEGER, false}
	};

	receipt_batch(request, answer, "ChangeMessageVisibility", true,
				  "ChangeMessageVisibilityBatchRequestEntry", members, lengthof(members));
}
