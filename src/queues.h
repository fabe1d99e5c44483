/*-------------------------------------------------------------------------
 *
 * queues.h
 *		Queues: what the SQL calls and the door for programs do with them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_QUEUES_H
#define QUEUE_QUEUES_H

#include "utils/array.h"
#include "utils/jsonb.h"

#include "catalog.h"

/*
 * Arguments are those of the SQL calls; a pointer is NULL for what was not
 * given.  Each checks them, and authorizes, and raises what its call documents.
 */
extern char *queues_create(const text *queue_name, Jsonb *attributes, Jsonb *tags);
extern void queues_delete(const text *reference);
extern char *queues_url(const text *queue_name, const text *account_id);
extern Jsonb *queues_get_attributes(const text *reference, ArrayType *names);
extern void queues_set_attributes(const text *reference, Jsonb *attributes);

/*
 * Queues that the current user may use, by name, in a palloc'd array: those of
 * our account whose names begin with a prefix, and those whose dead-letter
 * queue is a given one.
 */
extern Queue *queues_list(const char *prefix, int *count);
extern Queue *queues_list_sources(const text *reference, int *count);

#endif							/* QUEUE_QUEUES_H */
