/*-------------------------------------------------------------------------
 *
 * tagset.h
 *		The tags of a queue: the rules for them, and the rows of queue.tags.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_TAGSET_H
#define QUEUE_TAGSET_H

#include "utils/array.h"
#include "utils/jsonb.h"

#include "catalog.h"

/* Attribute numbers of queue.tags */
#define Anum_tags_queue_id 1
#define Anum_tags_key 2
#define Anum_tags_value 3
#define Natts_tags 3

typedef struct QueueTag
{
	char	   *key;
	char	   *value;
} QueueTag;

/* Tags in a palloc'd array; keys are distinct */
typedef struct TagSet
{
	int			count;
	QueueTag   *tags;
} TagSet;

/*
 * Check a map of tags, which may be NULL, for the queue of this name; check
 * the key of a tag.  Both raise InvalidParameterValue.
 */
extern void tagset_parse(Jsonb *map, const char *queue_name, TagSet *set);
extern void tagset_check_key(const char *key);

/* The tags of a queue, by key */
extern void tagset_read(int64 queue_id, TagSet *set);

/*
 * Change the tags of a queue; the caller holds its lock (catalog_lock).
 * Adding raises InvalidParameterValue if the queue would have too many.
 */
extern void tagset_add(const Queue *queue, const TagSet *set);
extern void tagset_remove(int64 queue_id, const char *key);
extern void tagset_clear(int64 queue_id);

#endif							/* QUEUE_TAGSET_H */
