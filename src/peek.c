/*-------------------------------------------------------------------------
 *
 * peek.c
 *		The SQL call that looks at messages and changes nothing.
 *
 * A body that cannot be decrypted is shown as NULL, with a warning that says why.
 *
 * It touches no shared memory and writes nothing, so it works on a standby and
 * in a read-only transaction.  It is for people, not for programs: it goes
 * through the index from the lowest id there is.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "authorize.h"
#include "body.h"
#include "fifo.h"
#include "message.h"
#include "report.h"
#include "rows.h"
#include "schedule.h"
#include "store.h"

QUEUE_FUNCTION(sqs_peek);

/*
 * sqs_peek(queue, max_messages) returns setof sqs_message
 */
Datum
sqs_peek(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int			max;
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz expired;
	MemoryContext row_context;
	StoreTable *table;
	StoreRow	row;
	StoreResult result;
	FullTransactionId xid;
	Queue		queue;
	FifoGroups *blocked = NULL;
	int			found = 0;

	body_begin_result(fcinfo);
	max = report_integer_argument(fcinfo, 1, "MaxNumberOfMessages", 1, BATCH_MAX, 10);
	authorize_lookup(PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0),
					 "ReceiveMessage", &queue);

	if (RecoveryInProgress() && !rows_ready(&queue))
		return (Datum) 0;		/* a standby has no rows of an unlogged table */

	expired = now - queue.message_retention_period * USECS_PER_SEC;
	row_context = AllocSetContextCreate(CurrentMemoryContext, "queue message",
										ALLOCSET_SMALL_SIZES);
	table = store_open(&queue, false);
	store_scan(table, queue.purged_below, PG_INT64_MAX);
	while (found < max && store_next(table, &row, &result, &xid))
	{
		Datum		values[Natts_message];
		bool		isnull[Natts_message];
		Datum		out[Natts_sqs_message];
		bool		out_isnull[Natts_sqs_message];
		MemoryContext old;
		BodyProblem problem;
		bool		receivable;

		CHECK_FOR_INTERRUPTS();
		if (row.sent_at <= expired)
			continue;
		receivable = result == STORE_OK && schedule_visible_at(&queue, &row) <= now;
		if (queue.fifo)
			receivable = fifo_peek(&blocked, table, receivable);
		if (!receivable)
			continue;
		old = MemoryContextSwitchTo(row_context);
		store_values(table, values, isnull);
		if (!body_open(&queue, row.id, GetUserId(), values, isnull, &problem))
			body_report(WARNING, &problem);
		message_result(&queue, &row, values, isnull, false, out, out_isnull);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, out, out_isnull);
		MemoryContextSwitchTo(old);
		MemoryContextReset(row_context);
		found++;
	}
	store_close(table);
	MemoryContextDelete(row_context);
	return (Datum) 0;
}
