/*-------------------------------------------------------------------------
 *
 * payload.h
 *		What a sender hands over: the rules for bodies, message attributes,
 *		system attributes and group ids, and how their size is counted.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_PAYLOAD_H
#define QUEUE_PAYLOAD_H

#include "utils/jsonb.h"

#include "queue.h"

/* A message as its sender gave it, checked; pointers are into the arguments
 * or palloc'd in the current context; NULL is "not given" */
typedef struct Payload
{
	text	   *body;
	Jsonb	   *attributes;		/* AWS's map, shorthand expanded */
	text	   *group_id;
	text	   *deduplication_id;	/* FIFO queues; given, or of the body */
	text	   *trace_header;	/* AWSTraceHeader, the one system attribute */
	int64		size;			/* bytes of body and attributes, as SQS counts */
} Payload;

/*
 * Check one message.  Raises the SQS error the rules name: MissingParameter,
 * InvalidMessageContents, InvalidParameterValue, UnsupportedOperation.
 * Arguments may be NULL.  maximum is the queue's MaximumMessageSize.
 */
extern void payload_check(text *body, Jsonb *attributes, text *group_id,
						  Jsonb *system_attributes, int32 maximum,
						  Payload *payload);

/*
 * Bytes of a body and of AWS's map of message attributes, as SQS counts them,
 * whatever else may be wrong with them.  Both may be NULL.
 */
extern int64 payload_size(const text *body, Jsonb *attributes);

#endif							/* QUEUE_PAYLOAD_H */
