/*-------------------------------------------------------------------------
 *
 * transfer.h
 *		Messages that go from one queue to another.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_TRANSFER_H
#define QUEUE_TRANSFER_H

#include "store.h"

/* Messages on their way from one queue to another, in one call */
typedef struct Transfer Transfer;

typedef enum TransferKind
{
	TRANSFER_DEAD,				/* by a redrive policy: they stay what they
								 * are */
	TRANSFER_REDRIVE			/* by a move task: they become new messages */
} TransferKind;

/*
 * Make ready to move messages.  NULL if that cannot be done at once: a table of
 * the queue they are to go to is missing, or somebody has it for himself.  Waits
 * for nobody.  An active snapshot is needed until transfer_end().
 */
extern Transfer *transfer_begin(const Queue *from, const Queue *to, TransferKind kind, Oid role);

/*
 * The same, to the queue's dead-letter queue; NULL also if it does not exist, or
 * is none that the messages could go to.
 */
extern Transfer *transfer_begin_dead(const Queue *from);

/*
 * Move the current row of a scan of "from", visible, with the columns that
 * store_values() gave, which are changed.  Returns false, and has done nothing,
 * if the other queue has become unavailable.  Otherwise *result is as
 * store_delete() gave it: STORE_OK if the message was moved.
 */
extern bool transfer_row(Transfer *transfer, StoreTable *table, const StoreRow *row,
						 Datum *values, bool *isnull,
						 StoreResult *result, FullTransactionId *xid);

/*
 * Do for both queues what is due after the last row; the Transfer is gone then.
 * Returns how many messages were moved; the caller has to end the command if it
 * is not 0.
 */
extern int64 transfer_end(Transfer *transfer);

#endif							/* QUEUE_TRANSFER_H */
