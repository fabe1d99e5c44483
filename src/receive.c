/*-------------------------------------------------------------------------
 *
 * receive.c
 *		SQL calls that receive messages, waiting for one if asked to.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/timestamp.h"

#include "attempt.h"
#include "authorize.h"
#include "body.h"
#include "identity.h"
#include "payload.h"
#include "receive.h"
#include "report.h"
#include "tally.h"
#include "wake.h"

QUEUE_FUNCTION(sqs_receive);
QUEUE_FUNCTION(sqs_pop);

#define TEXT_OR_NULL(n) (PG_ARGISNULL(n) ? NULL : PG_GETARG_TEXT_PP(n))

/* How often to look again whether fewer messages are in flight */
#define OVER_LIMIT_INTERVAL INT64CONST(100000)

static bool
receive_put(Datum *values, bool *isnull, void *arg)
{
	ReturnSetInfo *rsinfo = arg;

	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, isnull);
	return true;
}

/*
 * Count a receive that found nothing.
 */
static void
receive_count_empty(const Queue *queue)
{
	QueueShared *qs = shared_acquire(queue);

	qs->empty_receives++;
	tally_totals(qs)->empty_receives++;
	shared_release(qs);
}

/*
 * Report that too many messages are in flight.
 */
static void
receive_over_limit(const Queue *queue)
{
	ereport(ERROR,
			(sqs_errcode(SQS_OVER_LIMIT),
			 errmsg("too many messages of queue \"%s\" are in flight", queue->queue_name),
			 sqs_errdetail(SQS_OVER_LIMIT,
						   "The maximum number of in flight messages is reached."),
			 errhint("Delete messages that are done, shorten the visibility timeout, or raise queue.in_flight_limit.")));
}

/*
 * Others may have to look at the queue after us: there may be more, or it is
 * for the next in the list now to mind the clock.
 */
static void
receive_pass_on(const Queue *queue)
{
	QueueShared *qs = shared_acquire(queue);

	wake_next(qs);
	shared_release(qs);
}

/*
 * Complete a call with what the queue says, and check what depends on its kind:
 * a standard queue ignores the attempt id, which some clients always send.
 */
void
receive_begin(const Queue *queue, ReceiveCall *call)
{
	if (call->wait_time < 0)
		call->wait_time = queue->receive_message_wait_time_seconds;
	if (!queue->fifo)
		call->attempt_id = NULL;
	if (call->attempt_id != NULL)
		identity_check_id("ReceiveRequestAttemptId", call->attempt_id);
}

/*
 * Take what there is.
 */
int
receive_once(const Queue *queue, const ReceiveCall *call)
{
	int			visibility = call->visibility_timeout;

	if (visibility < 0)
		visibility = queue->visibility_timeout;
	if (call->attempt_id != NULL)
		return attempt_receive(queue, call->attempt_id, call->max, visibility,
							   call->result, call->arg);
	return dequeue_messages(queue, call->mode, call->max, visibility, call->result,
							call->arg, NULL);
}

/*
 * Whether a call that found so many need not wait for more.  Where messages
 * were moved to the dead-letter queue it does not, so that they do not have to
 * wait for the commit.
 */
bool
receive_is_over(const ReceiveCall *call, int found)
{
	return found > 0 || found == DEQUEUE_MOVED || call->wait_time == 0;
}

/*
 * End a call.
 */
void
receive_end(const Queue *queue, const ReceiveCall *call, int found)
{
	if (found == DEQUEUE_OVER_LIMIT && call->wait_time == 0 && !queue->fifo)
		receive_over_limit(queue);
	if (found <= 0)
		receive_count_empty(queue);
}

/*
 * Look the queue up.  A pop receives and deletes.
 */
static void
receive_authorize(const text *reference, const ReceiveCall *call, bool again, Queue *queue)
{
	if (again)
		authorize_again(reference, "ReceiveMessage", queue);
	else
		authorize_lookup(reference, "ReceiveMessage", queue);
	if (call->mode == DEQUEUE_POP)
		authorize_queue(queue, "DeleteMessage");
}

/*
 * Receive or pop, waiting if there is nothing.
 *
 * The queue is looked up again after each wait: it may have been deleted, or
 * its attributes changed.
 */
void
receive_messages(const text *reference, ReceiveCall *call)
{
	TimestampTz deadline;
	Queue		queue;
	int			found;
	bool		senior = false;

	receive_authorize(reference, call, false, &queue);
	receive_begin(&queue, call);
	deadline = GetCurrentTimestamp() + call->wait_time * USECS_PER_SEC;
	found = receive_once(&queue, call);
	while (!receive_is_over(call, found))
	{
		bool		up = true;

		if (found == DEQUEUE_OVER_LIMIT)
		{
			if (GetCurrentTimestamp() >= deadline)
				break;
			wake_sleep(Min(deadline, GetCurrentTimestamp() + OVER_LIMIT_INTERVAL));
		}
		else
			up = wake_wait(&queue, 1, deadline, senior);
		if (!up)
			break;
		AcceptInvalidationMessages();
		receive_authorize(reference, call, true, &queue);
		found = receive_once(&queue, call);
		senior = true;
	}
	if (senior)
		receive_pass_on(&queue);
	receive_end(&queue, call, found);
}

/*
 * sqs_receive(queue, max_messages, visibility_timeout, wait_time_seconds,
 *			   receive_request_attempt_id) returns setof sqs_message
 */
Datum
sqs_receive(PG_FUNCTION_ARGS)
{
	ReceiveCall call;

	PreventCommandIfReadOnly("sqs_receive()");
	PreventCommandIfParallelMode("sqs_receive()");
	body_begin_result(fcinfo);
	call.mode = DEQUEUE_RECEIVE;
	call.max = report_integer_argument(fcinfo, 1, "MaxNumberOfMessages", 1, BATCH_MAX, 1);
	call.visibility_timeout = report_integer_argument(fcinfo, 2, "VisibilityTimeout", 0,
													  VISIBILITY_TIMEOUT_MAX, -1);
	call.wait_time = report_integer_argument(fcinfo, 3, "WaitTimeSeconds", 0,
											 WAIT_TIME_SECONDS_MAX, -1);
	call.attempt_id = TEXT_OR_NULL(4);
	call.result = receive_put;
	call.arg = fcinfo->resultinfo;
	receive_messages(TEXT_OR_NULL(0), &call);
	return (Datum) 0;
}

/*
 * sqs_pop(queue, max_messages, wait_time_seconds) returns setof sqs_message
 */
Datum
sqs_pop(PG_FUNCTION_ARGS)
{
	ReceiveCall call;

	PreventCommandIfReadOnly("sqs_pop()");
	PreventCommandIfParallelMode("sqs_pop()");
	body_begin_result(fcinfo);
	call.mode = DEQUEUE_POP;
	call.max = report_integer_argument(fcinfo, 1, "MaxNumberOfMessages", 1, BATCH_MAX, 1);
	call.visibility_timeout = 0;
	call.wait_time = report_integer_argument(fcinfo, 2, "WaitTimeSeconds", 0,
											 WAIT_TIME_SECONDS_MAX, -1);
	call.attempt_id = NULL;
	call.result = receive_put;
	call.arg = fcinfo->resultinfo;
	receive_messages(TEXT_OR_NULL(0), &call);
	return (Datum) 0;
}
