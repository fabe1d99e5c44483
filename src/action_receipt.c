/*-------------------------------------------------------------------------
 *
 * action_receipt.c
 *		DeleteMessage, ChangeMessageVisibility, and both of them in batches;
 *		messages that the gateway gives back.
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
 * Add a message if its handle is one, and its timeout in range; NULL: it is to
 * be deleted.
 */
static void
work_add(ReceiptWork *work, const Queue *queue, int number, text *handle,
		 const ActionValue *timeout)
{
	Receipt    *receipt = &work->receipts[work->good];

	work->handles[number] = handle;
	receipt_decode(queue, handle, receipt);
	receipt->entry = number;
	if (timeout != NULL)
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
action_delete_message(JsonbContainer *request, StringInfo answer)
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
action_change_message_visibility(JsonbContainer *request, StringInfo answer)
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
	receipt->lookup.client = action_act_for(receipt->calls, number);
	queue = action_lookup(&receipt->lookup, values[REQUEST_QUEUE].string);
	work_add(&receipt->work, queue, number, values[REQUEST_HANDLE].string,
			 receipt->work.change ? &values[REQUEST_TIMEOUT] : NULL);
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

/* What the two kinds of batches differ in */
typedef struct BatchKind
{
	const char *action;
	bool		change;
	const char *entry;			/* SQS's name of an entry */
	int			count;
	ActionMember members[3];	/* that an entry has */
} BatchKind;

#define ENTRY_HANDLE 1
#define ENTRY_TIMEOUT 2

/* What an entry has that changes visibility */
#define CHANGE_MEMBERS \
	BATCH_ID_MEMBER, \
	{"ReceiptHandle", MEMBER_STRING, false}, \
	{"VisibilityTimeout", MEMBER_INTEGER, false}

static const BatchKind delete_batch = {
	"DeleteMessage", false, "DeleteMessageBatchRequestEntry", 2,
	{
		BATCH_ID_MEMBER,
		{"ReceiptHandle", MEMBER_STRING, false}
	}
};

static const BatchKind change_batch = {
	"ChangeMessageVisibility", true, "ChangeMessageVisibilityBatchRequestEntry", 3,
	{CHANGE_MEMBERS}
};

/*
 * What ChangeMessageVisibilityBatch does, for messages that were received and
 * could not be delivered.  To give them back takes no other right than to
 * receive them.
 */
static const BatchKind return_batch = {
	"ReceiveMessage", true, "ChangeMessageVisibilityBatchRequestEntry", 3,
	{CHANGE_MEMBERS}
};

/* A batch among those that came together */
typedef struct ReceiptBatch
{
	Queue	   *queue;
	Batch		batch;
	int			first;			/* number of its first entry, among all */
	int			from;			/* its receipts, among all that are good */
	int			to;				/* 0: it has none */
} ReceiptBatch;

/* Batches that came together, and their entries, numbered through */
typedef struct ReceiptBatches
{
	const BatchKind *kind;
	ActionCalls *calls;
	ActionLookup lookup;
	ActionGood	good;
	ReceiptBatch *batches;		/* one for each request */
	int			entries;
	ReceiptBatch **owners;		/* of each entry, its batch */
	ActionFailure *failures;	/* one for each entry */
	ReceiptWork work;
} ReceiptBatches;

static void
batches_begin(ReceiptBatches *receipt, const BatchKind *kind, ActionCalls *calls)
{
	memset(receipt, 0, sizeof(ReceiptBatches));
	receipt->kind = kind;
	receipt->calls = calls;
	receipt->lookup.action = kind->action;
	receipt->batches = palloc0(calls->count * sizeof(ReceiptBatch));
	action_good_begin(&receipt->good, calls);
}

static void
read_batch(int number, void *arg)
{
	static const ActionMember members[] = {BATCH_MEMBERS};
	ReceiptBatches *receipt = arg;
	const BatchKind *kind = receipt->kind;
	ReceiptBatch *batch = &receipt->batches[number];
	ActionValue values[lengthof(members)];

	ACTION_READ(receipt->calls->requests[number], members, values);
	receipt->lookup.client = action_act_for(receipt->calls, number);
	batch->queue = action_lookup(&receipt->lookup, values[BATCH_QUEUE].string);
	batch_read(&values[BATCH_ENTRIES], kind->entry, kind->members, kind->count,
			   &batch->batch);
	action_good_add(&receipt->good, number, batch->queue);
}

static void
check_entry(int number, void *arg)
{
	ReceiptBatches *receipt = arg;
	ReceiptBatch *batch = receipt->owners[number];
	const ActionValue *values = batch_entry(&batch->batch, number - batch->first);

	work_add(&receipt->work, batch->queue, number, values[ENTRY_HANDLE].string,
			 receipt->kind->change ? &values[ENTRY_TIMEOUT] : NULL);
	if (batch->to == 0)
		batch->from = receipt->work.good - 1;
	batch->to = receipt->work.good;
}

/*
 * Check the entries of the batches that could be read.
 */
static void
batches_check(ReceiptBatches *receipt)
{
	int			entries = receipt->good.count * WIRE_BATCH_MAX;

	receipt->owners = palloc(entries * sizeof(ReceiptBatch *));
	receipt->failures = palloc0(entries * sizeof(ActionFailure));
	work_begin(&receipt->work, receipt->kind->change, entries);
	for (int i = 0; i < receipt->good.count; i++)
	{
		ReceiptBatch *batch = &receipt->batches[receipt->good.numbers[i]];

		batch->first = receipt->entries;
		batch->batch.failures = &receipt->failures[batch->first];
		for (int j = 0; j < batch->batch.count; j++)
			receipt->owners[receipt->entries++] = batch;
	}
	action_check_each(receipt->failures, 0, receipt->entries, check_entry, receipt);
}

static void
do_batches(int from, int to, void *arg)
{
	ReceiptBatches *receipt = arg;
	int			begin = 0;
	int			end = 0;

	for (int i = from; i < to; i++)
	{
		const ReceiptBatch *batch = &receipt->batches[receipt->good.numbers[i]];

		if (batch->to == 0)
			continue;
		if (end == 0)
			begin = batch->from;
		end = batch->to;
	}
	if (end > 0)
		work_do(&receipt->work, receipt->good.queues[from], begin, end);
}

static void
put_batch(const ReceiptBatch *batch, StringInfo answer)
{
	batch_put_successes(&batch->batch, answer, NULL, NULL);
	batch_put_failures(&batch->batch, answer);
}

/*
 * Delete or change the messages of one batch.
 */
static void
receipt_batch(JsonbContainer *request, StringInfo answer, const BatchKind *kind)
{
	ActionCalls calls = {.count = 1,.requests = &request};
	ReceiptBatches receipt;

	batches_begin(&receipt, kind, &calls);
	read_batch(0, &receipt);
	batches_check(&receipt);
	do_batches(0, 1, &receipt);
	work_end(&receipt.work, receipt.failures, receipt.entries);
	put_batch(&receipt.batches[0], answer);
}

/*
 * Delete or change the messages of several batches.
 */
static void
receipt_batch_each(ActionCalls *calls, const BatchKind *kind)
{
	ReceiptBatches receipt;

	batches_begin(&receipt, kind, calls);
	action_check_each(calls->failures, 0, calls->count, read_batch, &receipt);
	batches_check(&receipt);
	action_try_together(calls, &receipt.good, do_batches, &receipt);
	work_end(&receipt.work, receipt.failures, receipt.entries);
	for (int i = 0; i < receipt.good.count; i++)
	{
		int			number = receipt.good.numbers[i];
		StringInfoData answer;

		if (calls->failures[number].failed)
			continue;
		initStringInfo(&answer);
		action_begin(&answer, '{');
		put_batch(&receipt.batches[number], &answer);
		action_end(&answer, '}');
		calls->answers[number] = answer.data;
	}
}

/*
 * DeleteMessageBatch
 */
void
action_delete_message_batch(JsonbContainer *request, StringInfo answer)
{
	receipt_batch(request, answer, &delete_batch);
}

void
action_delete_message_batch_each(ActionCalls *calls)
{
	receipt_batch_each(calls, &delete_batch);
}

/*
 * ChangeMessageVisibilityBatch
 */
void
action_change_message_visibility_batch(JsonbContainer *request, StringInfo answer)
{
	receipt_batch(request, answer, &change_batch);
}

void
action_change_message_visibility_batch_each(ActionCalls *calls)
{
	receipt_batch_each(calls, &change_batch);
}

/*
 * ReturnMessages, for the gateway
 */
void
action_return_messages(JsonbContainer *request, StringInfo answer)
{
	receipt_batch(request, answer, &return_batch);
}

void
action_return_messages_each(ActionCalls *calls)
{
	receipt_batch_each(calls, &return_batch);
}
