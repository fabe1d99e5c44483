/*-------------------------------------------------------------------------
 *
 * send.h
 *		Sending messages.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_SEND_H
#define QUEUE_SEND_H

#include "utils/jsonb.h"
#include "utils/uuid.h"

#include "catalog.h"
#include "payload.h"

/* A message to be sent, as it was given; NULL is "not given" */
typedef struct SendEntry
{
	text	   *body;
	Jsonb	   *attributes;
	Jsonb	   *system_attributes;
	text	   *group_id;
	text	   *deduplication_id;
	bool		has_delay;
	int			delay;			/* seconds, if has_delay */
} SendEntry;

/* What became of it */
typedef struct SendResult
{
	pg_uuid_t	message_id;
	text	   *sequence_number;	/* NULL on a standard queue */
} SendResult;

/*
 * Check one message: everything that can be wrong with it.  Raises what
 * payload_check() does, and InvalidParameterValue.
 */
extern void send_check(const Queue *queue, const SendEntry *entry, Payload *payload);

/* Store checked messages in order; payloads are those of the entries */
extern void send_messages(const Queue *queue, const SendEntry *entries,
						  const Payload *payloads, int count, SendResult *results);

#endif							/* QUEUE_SEND_H */
