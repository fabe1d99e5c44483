/*-------------------------------------------------------------------------
 *
 * identity.h
 *		Message group ids and deduplication ids.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_IDENTITY_H
#define QUEUE_IDENTITY_H

#include "payload.h"

/* Raise InvalidParameterValue if a group, deduplication or attempt id is not valid */
extern void identity_check_id(const char *parameter, const text *id);

/*
 * Raise an error if a message of a FIFO queue has no group, or neither a
 * deduplication id nor one of its content: MissingParameter and
 * InvalidParameterValue; in a batch the one for the other.
 */
extern void identity_check_given(bool fifo, bool content_based, bool batch,
								 const text *group_id, const text *deduplication_id);

/*
 * What a queue's kind asks for in addition: a FIFO queue a group, and a
 * deduplication id unless there is one of the content; a standard queue has
 * none.  Raises what identity_check_given() does, and InvalidParameterValue.
 */
extern void identity_check_fifo(bool fifo, bool content_based, bool batch,
								text *deduplication_id, Payload *payload);

#endif							/* QUEUE_IDENTITY_H */
