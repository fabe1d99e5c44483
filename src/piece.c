/*-------------------------------------------------------------------------
 *
 * piece.c
 *		Pieces of work of the background processes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "pgstat.h"
#include "utils/snapmgr.h"

#include "piece.h"

void
piece_begin(bool own_transactions)
{
	if (own_transactions)
	{
		SetCurrentStatementStartTimestamp();
		StartTransactionCommand();
	}
	PushActiveSnapshot(GetTransactionSnapshot());
}

void
piece_end(bool own_transactions)
{
	PopActiveSnapshot();
	if (own_transactions)
	{
		CommitTransactionCommand();
		pgstat_report_stat(true);
	}
	else
		CommandCounterIncrement();
}

void
piece_fail(MemoryContext context)
{
	MemoryContextSwitchTo(context);
	AbortCurrentTransaction();
	EmitErrorReport();
	FlushErrorState();
}
