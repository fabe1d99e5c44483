/*-------------------------------------------------------------------------
 *
 * attributes.h
 *		The attributes of a queue, by SQS's names.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ATTRIBUTES_H
#define QUEUE_ATTRIBUTES_H

#include "utils/array.h"
#include "utils/jsonb.h"

#include "catalog.h"

/*
 * Attributes as a caller gave them, checked: values for columns of
 * queue.queues, and which of them to set.
 */
typedef struct QueueAttributes
{
	Datum		values[Natts_queues];
	bool		nulls[Natts_queues];
	bool		replaces[Natts_queues];
} QueueAttributes;

/*
 * Whether a map of attributes, which may be NULL, asks for a FIFO queue.
 * Raises InvalidAttributeValue if it is not clear.
 */
extern bool attributes_want_fifo(Jsonb *map);

/*
 * Check a map of attributes, NULL if there is none, for the queue of this name
 * that is to be created or changed.  Raises InvalidAttributeName and
 * InvalidAttributeValue, and InvalidParameterValue for the redrive policies.
 */
extern void attributes_parse(Jsonb *map, const QueueName *name,
							 QueueAttributes *attributes);

/*
 * The name of the first attribute given whose value differs from that in a row
 * of queue.queues; NULL if there is none.
 */
extern const char *attributes_difference(const QueueAttributes *attributes,
										 const Datum *values, const bool *nulls);

/* Raise InvalidAttributeValue if what is fixed at creation would change */
extern void attributes_check_fixed(const QueueAttributes *attributes,
								   const Datum *values, const bool *nulls);

/* Fill in what the attributes given bring about in others */
extern void attributes_complete(QueueAttributes *attributes);

/* Raise InvalidAttributeValue if what is given does not go with the rest */
extern void attributes_check_together(const QueueAttributes *attributes,
									  const Datum *values, const bool *nulls);

/* Set the columns of a new row of queue.queues to the attributes' defaults */
extern void attributes_default(bool fifo, Datum *values, bool *nulls);

/*
 * A map of the attributes named, or of all if names is NULL or contains All;
 * values are strings.  Raises InvalidAttributeName.
 */
extern Jsonb *attributes_show(const Queue *queue, const Datum *values,
							  const bool *nulls, ArrayType *names);

#endif							/* QUEUE_ATTRIBUTES_H */
