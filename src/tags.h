/*-------------------------------------------------------------------------
 *
 * tags.h
 *		Tags: what the SQL calls and the door for programs do with them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_TAGS_H
#define QUEUE_TAGS_H

#include "utils/array.h"
#include "utils/jsonb.h"

/* Arguments are those of the SQL calls; NULL for what was not given */
extern void tags_set(const text *reference, Jsonb *tags);
extern void tags_remove(const text *reference, ArrayType *keys);
extern Jsonb *tags_list(const text *reference);

#endif							/* QUEUE_TAGS_H */
