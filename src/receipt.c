/*-------------------------------------------------------------------------
 *
 * receipt.c
 *		Receipt handles.
 *
 * A handle is 30 bytes in base64: a version, the logical server that gave it
 * (0, until a deployment spans several), the queue's number, the message's
 * number, the stamp that the receive left in the row, and a check over all of
 * it with the queue's salt.  The check tells a handle of another queue, or
 * garbage, from an old one; it is not a secret that guards anything, since
 * only who may use the queue gets as far as having a handle looked at.
 *
 * Handles name messages by number and never by place, so they stay valid when
 * a row moves.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type_d.h"
#include "common/base64.h"
#include "common/hashfn.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"

#include "compat.h"
#include "receipt.h"
#include "report.h"

#define RECEIPT_VERSION 1
#define RECEIPT_SERVER 0

/* version, server, queue, id, stamp, check; multiple of 3: no padding */
#define RECEIPT_AT_QUEUE 2
#define RECEIPT_AT_ID 10
#define RECEIPT_AT_STAMP 18
#define RECEIPT_AT_CHECK 22
#define RECEIPT_BYTES 30
#define RECEIPT_CHARS (RECEIPT_BYTES / 3 * 4)

static void
receipt_put64(char *at, uint64 value)
{
	value = pg_hton64(value);
	memcpy(at, &value, sizeof(value));
}

static uint64
receipt_get64(const char *at)
{
	uint64		value;

	memcpy(&value, at, sizeof(value));
	return pg_ntoh64(value);
}

static uint64
receipt_check(const Queue *queue, const char *bytes)
{
	unsigned char buffer[RECEIPT_AT_CHECK + UUID_LEN];

	memcpy(buffer, bytes, RECEIPT_AT_CHECK);
	memcpy(buffer + RECEIPT_AT_CHECK, queue->salt.data, UUID_LEN);
	return hash_bytes_extended(buffer, sizeof(buffer), 0);
}

/*
 * The handle as text.
 */
text *
receipt_encode(const Queue *queue, const Receipt *receipt)
{
	char		bytes[RECEIPT_BYTES];
	uint32		stamp = pg_hton32((uint32) receipt->stamp);
	text	   *handle = palloc(VARHDRSZ + RECEIPT_CHARS);

	bytes[0] = RECEIPT_VERSION;
	bytes[1] = RECEIPT_SERVER;
	receipt_put64(bytes + RECEIPT_AT_QUEUE, queue->queue_id);
	receipt_put64(bytes + RECEIPT_AT_ID, receipt->id);
	memcpy(bytes + RECEIPT_AT_STAMP, &stamp, sizeof(stamp));
	receipt_put64(bytes + RECEIPT_AT_CHECK, receipt_check(queue, bytes));

	if (compat_b64_encode(bytes, RECEIPT_BYTES, VARDATA(handle), RECEIPT_CHARS) != RECEIPT_CHARS)
		elog(ERROR, "could not encode a receipt handle");
	SET_VARSIZE(handle, VARHDRSZ + RECEIPT_CHARS);
	return handle;
}

/*
 * What a handle says.
 */
void
receipt_decode(const Queue *queue, const text *handle, Receipt *receipt)
{
	char		bytes[RECEIPT_BYTES];
	uint32		stamp;

	if (handle == NULL || VARSIZE_ANY_EXHDR(handle) == 0)
		report_missing_parameter("ReceiptHandle");

	if (VARSIZE_ANY_EXHDR(handle) != RECEIPT_CHARS ||
		compat_b64_decode(VARDATA_ANY(handle), RECEIPT_CHARS, bytes, RECEIPT_BYTES) != RECEIPT_BYTES ||
		bytes[0] != RECEIPT_VERSION ||
		bytes[1] != RECEIPT_SERVER ||
		receipt_get64(bytes + RECEIPT_AT_QUEUE) != (uint64) queue->queue_id ||
		receipt_get64(bytes + RECEIPT_AT_CHECK) != receipt_check(queue, bytes))
		ereport(ERROR,
				(sqs_errcode(SQS_RECEIPT_HANDLE_IS_INVALID),
				 errmsg("invalid receipt handle for queue \"%s\"", queue->queue_name),
				 sqs_errdetail(SQS_RECEIPT_HANDLE_IS_INVALID,
							   "The input receipt handle is not a valid receipt handle."),
				 errhint("Use the receipt_handle that sqs_receive() returned for a message of this queue.")));

	receipt->id = (int64) receipt_get64(bytes + RECEIPT_AT_ID);
	memcpy(&stamp, bytes + RECEIPT_AT_STAMP, sizeof(stamp));
	receipt->stamp = (int32) pg_ntoh32(stamp);
	receipt->entry = 0;
}

static int
receipt_compare(const void *a, const void *b)
{
	int64		x = ((const Receipt *) a)->id;
	int64		y = ((const Receipt *) b)->id;

	return (x > y) - (x < y);
}

/*
 * Bring receipts into the order in which rows are to be touched, so that two
 * batches never wait for each other in a circle.
 */
void
receipt_sort(Receipt *receipts, int count)
{
	qsort(receipts, count, sizeof(Receipt), receipt_compare);
}

/*
 * Decode an array of handles.
 */
Receipt *
receipt_decode_array(const Queue *queue, ArrayType *handles, const char *entry,
					 int *count)
{
	Datum	   *values;
	bool	   *isnull;
	Receipt    *receipts;

	*count = ArrayGetNItems(ARR_NDIM(handles), ARR_DIMS(handles));
	if (*count == 0)
		report_empty_batch(entry);
	if (*count > BATCH_MAX)
		report_large_batch(*count, BATCH_MAX);

	deconstruct_array(handles, TEXTOID, -1, false, TYPALIGN_INT,
					  &values, &isnull, count);
	receipts = palloc(*count * sizeof(Receipt));
	for (int i = 0; i < *count; i++)
	{
		receipt_decode(queue, isnull[i] ? NULL : DatumGetTextPP(values[i]), &receipts[i]);
		receipts[i].entry = i;
	}
	return receipts;
}

/*
 * Whether a handle is not good any more.
 */
bool
receipt_is_expired(const Queue *queue, const Receipt *receipt, const StoreRow *row,
				   TimestampTz now)
{
	if (queue->fifo && row->visible_at <= now)
		return true;
	return (queue->fifo || queue->strict_receipt_handles) && row->stamp != receipt->stamp;
}

/*
 * Report a handle that a newer receive has outdated, on a queue that minds.
 */
void
receipt_expired(void)
{
	ereport(ERROR,
			(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
			 errmsg("the receipt handle has expired"),
			 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
						   "The value for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."),
			 errhint("The message has been received again since. Its newest receipt handle is the only valid one, because the queue has StrictReceiptHandles set.")));
}
