/*-------------------------------------------------------------------------
 *
 * dedup.h
 *		Deduplication: a message that was sent before is not sent again.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_DEDUP_H
#define QUEUE_DEDUP_H

#include "payload.h"
#include "records.h"

/*
 * Claim a message's deduplication id for the message to be stored under a
 * number.  RECORD_NONE: it is claimed.  RECORD_FOUND: the message was sent
 * before, as *message.  RECORD_BUSY: it is being sent; wait for *xid, and try
 * again.
 */
extern RecordResult dedup_claim(Records *records, const Queue *queue,
								const Payload *payload, int64 id, TimestampTz now,
								int64 *message, TransactionId *xid);

#endif							/* QUEUE_DEDUP_H */
