/*-------------------------------------------------------------------------
 *
 * wait.c
 *		The SQL procedure that waits for a message without holding a snapshot.
 *
 * A function called by SELECT holds its statement's snapshot for as long as it
 * runs, and VACUUM removes nothing that the snapshot might see.  A procedure
 * may end its transaction: this one does so before it sleeps, so that programs
 * can keep any number of waits open at no cost to the rest of the server.
 *
 * Who was woken is expected to receive.  Nobody else is woken for the same
 * message; if there are more, the receive hands the wake-up on.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "authorize.h"
#include "dequeue.h"
#include "report.h"
#include "wake.h"

QUEUE_FUNCTION(sqs_wait);
QUEUE_FUNCTION(sqs_wait_any);

/*
 * Refuse to run where the transaction can't be ended.
 */
static void
wait_check_context(FunctionCallInfo fcinfo)
{
	PreventCommandDuringRecovery("sqs_wait()");
	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		castNode(CallContext, fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("sqs_wait cannot run inside a transaction block"),
				 errhint("It ends its transaction before it waits. Call it outside of one, or use sqs_receive() with wait_time_seconds.")));
}

/*
 * The first of the queues in which a message is receivable, or -1.
 */
static int
wait_probe(text *const *references, int count, Queue *queues)
{
	int			found = -1;

	PushActiveSnapshot(GetTransactionSnapshot());
	for (int i = 0; i < count; i++)
		authorize_lookup(references[i], "ReceiveMessage", &queues[i]);
	for (int i = 0; i < count && found < 0; i++)
	{
		if (dequeue_messages(&queues[i], DEQUEUE_PROBE, 1, 0, NULL, NULL, NULL) > 0)
			found = i;
	}
	PopActiveSnapshot();
	return found;
}

/*
 * We answer for one queue only: in the others, the next in the list has to
 * look, since we may have been the one to be woken, or to mind the clock.
 */
static void
wait_pass_on(const Queue *queues, int count, int found)
{
	for (int i = 0; i < count; i++)
	{
		QueueShared *qs;

		if (i == found)
			continue;
		qs = shared_acquire(&queues[i]);
		wake_next(qs);
		shared_release(qs);
	}
}

/*
 * Wait until a message is receivable in one of the queues, or for a time.
 */
static void
wait_any(text *const *references, int count, int seconds)
{
	Queue	   *queues = palloc0(count * sizeof(Queue));
	TimestampTz deadline = GetCurrentTimestamp() + seconds * USECS_PER_SEC;
	bool		senior = false;
	int			found;

	while ((found = wait_probe(references, count, queues)) < 0)
	{
		/* the sleep below holds neither snapshot nor locks */
		SPI_commit();
		InvalidateCatalogSnapshot();
		if (!wake_wait(queues, count, deadline, senior))
			break;
		AcceptInvalidationMessages();
		senior = true;
	}
	if (senior && found >= 0)
		wait_pass_on(queues, count, found);
}

/*
 * The time to wait, in seconds.
 */
static int
wait_argument(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(1))
		report_missing_parameter("WaitTimeSeconds");
	return report_integer_argument(fcinfo, 1, "WaitTimeSeconds", 0, WAIT_TIME_SECONDS_MAX, 0);
}

/*
 * CALL sqs_wait(queue text, wait_time_seconds int)
 */
Datum
sqs_wait(PG_FUNCTION_ARGS)
{
	text	   *reference;
	int			seconds;

	wait_check_context(fcinfo);
	seconds = wait_argument(fcinfo);
	if (PG_ARGISNULL(0))
		report_missing_parameter("QueueUrl");

	SPI_connect_ext(SPI_OPT_NONATOMIC);
	reference = PG_GETARG_TEXT_P_COPY(0);
	wait_any(&reference, 1, seconds);
	SPI_finish();
	return (Datum) 0;
}

/*
 * CALL sqs_wait(queues text[], wait_time_seconds int)
 */
Datum
sqs_wait_any(PG_FUNCTION_ARGS)
{
	ArrayType  *array;
	Datum	   *values;
	bool	   *isnull;
	text	  **references;
	int			seconds;
	int			count;

	wait_check_context(fcinfo);
	seconds = wait_argument(fcinfo);
	if (PG_ARGISNULL(0))
		report_missing_parameter("QueueUrl");

	SPI_connect_ext(SPI_OPT_NONATOMIC);
	array = PG_GETARG_ARRAYTYPE_P_COPY(0);
	count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (count == 0)
		report_missing_parameter("QueueUrl");
	if (count > BATCH_MAX)
		report_large_batch(count, BATCH_MAX);
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, &isnull, &count);
	references = palloc(count * sizeof(text *));
	for (int i = 0; i < count; i++)
	{
		if (isnull[i])
			report_missing_parameter("QueueUrl");
		references[i] = DatumGetTextPP(values[i]);
	}
	wait_any(references, count, seconds);
	SPI_finish();
	return (Datum) 0;
}
