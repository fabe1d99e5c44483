/*-------------------------------------------------------------------------
 *
 * message.c
 *		A message as callers see it.
 *
 * A message is stored under a number that rises with each send.  Outside it
 * has a UUID, which is computed from the number and the queue's salt and
 * stored only where it came from elsewhere: that saves sixteen bytes a row
 * and any thought of an index.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "port/pg_bswap.h"

#include "utils/builtins.h"

#include "message.h"
#include "receipt.h"

StaticAssertDecl(offsetof(StoreRow, stamp) + sizeof(int32) == 48,
				 "fixed columns of a message are laid out without gaps");

/*
 * A one-to-one mapping of 64-bit numbers that leaves no pattern (the finalizer
 * of SplitMix64).
 */
static uint64
message_mix(uint64 x)
{
	x = (x ^ (x >> 30)) * UINT64CONST(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64CONST(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/*
 * The id a message is known by outside: a version 4 UUID.  Its second half
 * is the number, mixed with one half of the salt, so no two messages of a
 * queue share it; the rest depends on the whole salt.
 */
void
message_uuid(const Queue *queue, int64 id, pg_uuid_t *uuid)
{
	uint64		salt[2];
	uint64		low;
	uint64		high;

	memcpy(salt, queue->salt.data, sizeof(salt));
	low = message_mix((uint64) id + salt[0]);
	high = message_mix(low + salt[1]);

	/* version and variant take six bits; two of them are low's: keep those */
	high = (high & ~UINT64CONST(0xf003)) | UINT64CONST(0x4000) | (low >> 62);
	low = (low & (UINT64CONST(0x3fffffffffffffff))) | UINT64CONST(0x8000000000000000);

	high = pg_hton64(high);
	low = pg_hton64(low);
	memcpy(uuid->data, &high, sizeof(high));
	memcpy(uuid->data + sizeof(high), &low, sizeof(low));
}

/*
 * A new stamp.
 */
int32
message_stamp(const StoreRow *row)
{
	uint32		random = pg_prng_uint32(&pg_global_prng_state);

	return (int32) ((random & ~(uint32) MESSAGE_MOVED) | (row->stamp & MESSAGE_MOVED));
}

/*
 * A message's sequence number.
 */
char *
message_sequence(int64 id)
{
	return psprintf("%020lld", (long long) id);
}

/*
 * Turn a stored message into the columns of sqs_message.
 */
void
message_result(const Queue *queue, const StoreRow *row,
			   const Datum *values, const bool *isnull, bool with_handle,
			   Datum *result, bool *result_isnull)
{
#define COPY(to, from) \
	(result[Anum_sqs_message_##to - 1] = values[Anum_message_##from - 1], \
	 result_isnull[Anum_sqs_message_##to - 1] = isnull[Anum_message_##from - 1])
#define SET(to, value, null) \
	(result[Anum_sqs_message_##to - 1] = (value), \
	 result_isnull[Anum_sqs_message_##to - 1] = (null))

	if (isnull[Anum_message_message_id - 1])
	{
		pg_uuid_t  *uuid = palloc(sizeof(pg_uuid_t));

		message_uuid(queue, row->id, uuid);
		SET(message_id, UUIDPGetDatum(uuid), false);
	}
	else
		COPY(message_id, message_id);

	if (with_handle)
	{
		Receipt		receipt;

		receipt.id = row->id;
		receipt.stamp = row->stamp;
		SET(receipt_handle, PointerGetDatum(receipt_encode(queue, &receipt)), false);
	}
	else
		SET(receipt_handle, (Datum) 0, true);

	COPY(body, body);
	COPY(message_attributes, attributes);
	COPY(message_group_id, group_id);
	COPY(message_deduplication_id, deduplication_id);
	SET(sequence_number, queue->fifo ? CStringGetTextDatum(message_sequence(row->id)) : (Datum) 0,
		!queue->fifo);
	SET(sent_at, TimestampTzGetDatum(row->sent_at), false);
	SET(first_received_at, TimestampTzGetDatum(row->first_received_at),
		TIMESTAMP_IS_NOBEGIN(row->first_received_at));
	SET(receive_count, Int32GetDatum(row->receive_count), false);
	SET(visible_at, TimestampTzGetDatum(row->visible_at), false);
	COPY(sender_id, sender_id);
	COPY(dead_letter_source, dead_letter_source);
	COPY(trace_header, trace_header);

#undef COPY
#undef SET
}
