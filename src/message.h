/*-------------------------------------------------------------------------
 *
 * message.h
 *		A message: its columns, its id, its receipt handle.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_MESSAGE_H
#define QUEUE_MESSAGE_H

#include "catalog.h"

/* Attribute numbers of queue.message, in table order */
#define Anum_message_id 1
#define Anum_message_visible_at 2
#define Anum_message_first_received_at 3
#define Anum_message_received_at 4
#define Anum_message_sent_at 5
#define Anum_message_receive_count 6
#define Anum_message_stamp 7
#define Anum_message_group_id 8
#define Anum_message_deduplication_id 9
#define Anum_message_message_id 10
#define Anum_message_sender_id 11
#define Anum_message_trace_header 12
#define Anum_message_dead_letter_source 13
#define Anum_message_attributes 14
#define Anum_message_body 15
#define Anum_message_moved_at 16
#define Anum_message_sealed_body 17
#define Natts_message 17

/* The body in a row, as it is stored: encrypted or not */
#define MESSAGE_STORED_BODY(values, isnull) \
	((isnull)[Anum_message_sealed_body - 1] ? (values)[Anum_message_body - 1] : \
	 (values)[Anum_message_sealed_body - 1])

/*
 * The fixed columns, as they are laid out in a row: all of fixed width, none
 * ever NULL, so that they can be read and changed in place.
 */
typedef struct StoreRow
{
	int64		id;
	TimestampTz visible_at;
	TimestampTz first_received_at;	/* DT_NOBEGIN: never received */
	TimestampTz received_at;	/* likewise; the latest receive */
	TimestampTz sent_at;
	int32		receive_count;
	int32		stamp;			/* random, new with each receive, but for a
								 * bit */
} StoreRow;

/*
 * Bit of stamp: the message came by a redrive policy from another queue, at
 * moved_at.  Its receive count and its age began there.
 */
#define MESSAGE_MOVED 1

/* A new stamp for a row that is received */
extern int32 message_stamp(const StoreRow *row);

/*
 * A message that has been received so often and not deleted is no longer waited
 * for: it stands back behind others, and counts no more in the age of the
 * oldest.  Not so in a dead-letter queue, where that is what one expects.
 */
#define MESSAGE_POISON_COUNT 3
#define MESSAGE_IS_POISON(row) \
	((row)->receive_count >= MESSAGE_POISON_COUNT && \
	 ((row)->stamp & MESSAGE_MOVED) == 0)

/* Attribute numbers of sqs_message */
#define Anum_sqs_message_message_id 1
#define Anum_sqs_message_receipt_handle 2
#define Anum_sqs_message_body 3
#define Anum_sqs_message_message_attributes 4
#define Anum_sqs_message_message_group_id 5
#define Anum_sqs_message_message_deduplication_id 6
#define Anum_sqs_message_sequence_number 7
#define Anum_sqs_message_sent_at 8
#define Anum_sqs_message_first_received_at 9
#define Anum_sqs_message_receive_count 10
#define Anum_sqs_message_visible_at 11
#define Anum_sqs_message_sender_id 12
#define Anum_sqs_message_dead_letter_source 13
#define Anum_sqs_message_trace_header 14
#define Natts_sqs_message 14

/* The id a message is known by outside, made of its number and the salt */
extern void message_uuid(const Queue *queue, int64 id, pg_uuid_t *uuid);

/*
 * A FIFO queue's sequence number of a message: 20 digits, so that later ones are
 * greater as texts, too
 */
extern char *message_sequence(int64 id);

/*
 * Turn a stored message into the columns of sqs_message.  row is what the
 * fixed columns are now; with_handle: give a receipt handle.
 */
extern void message_result(const Queue *queue, const StoreRow *row,
						   const Datum *values, const bool *isnull,
						   bool with_handle,
						   Datum *result, bool *result_isnull);

#endif							/* QUEUE_MESSAGE_H */
