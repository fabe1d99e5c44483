/*-------------------------------------------------------------------------
 *
 * receipt.h
 *		Receipt handles.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_RECEIPT_H
#define QUEUE_RECEIPT_H

#include "utils/array.h"

#include "catalog.h"
#include "compat.h"
#include "message.h"

typedef struct Receipt
{
	int64		id;				/* the message's */
	int32		stamp;			/* of the receive that gave the handle */
	int			entry;			/* its place in a batch */
} Receipt;

/* The handle as text, palloc'd */
extern text *receipt_encode(const Queue *queue, const Receipt *receipt);

/*
 * What a handle says; raises ReceiptHandleIsInvalid if it is not one that this
 * queue gave, and MissingParameter if it is NULL or empty.
 */
extern void receipt_decode(const Queue *queue, const text *handle, Receipt *receipt);

/*
 * Decode an array of handles; raises as receipt_decode(), and
 * EmptyBatchRequest or TooManyEntriesInBatchRequest.  action names the batch
 * entry ("DeleteMessageBatchRequestEntry").
 */
extern Receipt *receipt_decode_array(const Queue *queue, ArrayType *handles,
									 const char *entry, int *count);

/*
 * Whether a handle of a stored message is not good any more, as the queue sees
 * it: a FIFO queue's is while it hides the message, one of a queue with
 * StrictReceiptHandles until the next receive, any other one always.
 */
extern bool receipt_is_expired(const Queue *queue, const Receipt *receipt,
							   const StoreRow *row, TimestampTz now);

/* Bring receipts into the order in which rows are to be touched */
extern void receipt_sort(Receipt *receipts, int count);

/* Raise the error for a handle that a newer receive has outdated */
pg_noreturn extern void receipt_expired(void);

#endif							/* QUEUE_RECEIPT_H */
