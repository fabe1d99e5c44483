/*-------------------------------------------------------------------------
 *
 * tagset.c
 *		The tags of a queue: the rules for them, and the rows of queue.tags.
 *
 * The rows are read and changed as those of queue.queues are (catalog.c), and
 * under the same lock.  They are not cached: no call on messages needs them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/numeric.h"
#include "utils/rel.h"

#include "characters.h"
#include "report.h"
#include "tagset.h"

/* Limits of TagQueue and of AWS's tags at large */
#define TAGS_MAX 50
#define TAG_KEY_MAX 128			/* characters */
#define TAG_VALUE_MAX 256		/* characters */

#define TAG_PREFIX_RESERVED "aws:"

/*
 * Whether a string has only characters that tags may have.  Of what is not
 * ASCII we do not tell letters from others.
 */
static bool
has_tag_characters(const char *string)
{
	for (const char *p = string; *p != '\0'; p++)
	{
		if (!IS_HIGHBIT_SET(*p) &&
			!(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') &&
			!(*p >= '0' && *p <= '9') && strchr(" _.:/=+-@", *p) == NULL)
			return false;
	}
	return true;
}

/*
 * Check the key of a tag, to be set or to be removed.
 */
void
tagset_check_key(const char *key)
{
	size_t		length = strlen(key);

	if (length == 0 || pg_mbstrlen_with_len(key, length) > TAG_KEY_MAX)
		report_invalid_parameter("TagKeys", characters_quotable(key, length),
								 psprintf("Tag keys must be between 1 and %d characters in length.",
										  TAG_KEY_MAX));
}

/*
 * Check one tag to be set.
 */
static void
check_tag(const QueueTag *tag)
{
	tagset_check_key(tag->key);
	if (!has_tag_characters(tag->key))
		report_invalid_parameter("TagKeys", characters_quotable(tag->key, strlen(tag->key)),
								 "Tag keys can only include letters, digits, spaces and _.:/=+-@ characters.");
	if (pg_strncasecmp(tag->key, TAG_PREFIX_RESERVED, strlen(TAG_PREFIX_RESERVED)) == 0)
		report_invalid_parameter("TagKeys", characters_quotable(tag->key, strlen(tag->key)),
								 "Tag keys must not begin with the reserved prefix " TAG_PREFIX_RESERVED ".");
	if (pg_mbstrlen(tag->value) > TAG_VALUE_MAX)
		report_invalid_parameter("TagValues", characters_quotable(tag->value, strlen(tag->value)),
								 psprintf("Tag values must be between 0 and %d characters in length.",
										  TAG_VALUE_MAX));
	if (!has_tag_characters(tag->value))
		report_invalid_parameter("TagValues", characters_quotable(tag->value, strlen(tag->value)),
								 "Tag values can only include letters, digits, spaces and _.:/=+-@ characters.");
}

/*
 * Report tags that are no map of strings.
 */
static void
report_no_map(void)
{
	ereport(ERROR,
			(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
			 errmsg("parameter Tags must be a JSON object of strings"),
			 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
						   "Tags maps keys of tags to values."),
			 errhint("For example: {\"team\": \"billing\"}.")));
}

/*
 * Report more tags than a queue can have.
 */
static void
report_too_many(const char *queue_name)
{
	ereport(ERROR,
			(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
			 errmsg("queue \"%s\" would have more than %d tags", queue_name, TAGS_MAX),
			 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
						   "Too many tags added for queue %s.", queue_name),
			 errhint("Remove some with sqs_untag_queue().")));
}

/*
 * Check a map of tags.
 */
void
tagset_parse(Jsonb *map, const char *queue_name, TagSet *set)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;
	QueueTag   *tag;

	set->count = 0;
	set->tags = NULL;
	if (map == NULL)
		return;
	if (!JB_ROOT_IS_OBJECT(map))
		report_no_map();
	if (JB_ROOT_COUNT(map) > TAGS_MAX)
		report_too_many(queue_name);

	set->tags = palloc(JB_ROOT_COUNT(map) * sizeof(QueueTag));
	iterator = JsonbIteratorInit(&map->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		tag = &set->tags[set->count];
		if (token == WJB_KEY)
			tag->key = pnstrdup(value.val.string.val, value.val.string.len);
		else if (token == WJB_VALUE)
		{
			if (value.type == jbvString)
				tag->value = pnstrdup(value.val.string.val, value.val.string.len);
			else if (value.type == jbvNumeric)
				tag->value = numeric_normalize(value.val.numeric);
			else
				report_no_map();
			check_tag(tag);
			set->count++;
		}
	}
}

/*
 * Keys to find one tag.  Column key is of collation "C", which ScanKeyInit()
 * assumes.
 */
static void
tag_keys(ScanKeyData *keys, int64 queue_id, const char *key)
{
	ScanKeyInit(&keys[0], Anum_tags_queue_id, BTEqualStrategyNumber, F_INT8EQ,
				Int64GetDatum(queue_id));
	ScanKeyInit(&keys[1], Anum_tags_key, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(key));
}

/*
 * The tags of a queue.
 */
void
tagset_read(int64 queue_id, TagSet *set)
{
	Relation	rel;
	Relation	index;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	int			size = TAGS_MAX;

	ScanKeyInit(&key, Anum_tags_queue_id, BTEqualStrategyNumber, F_INT8EQ,
				Int64GetDatum(queue_id));
	rel = table_open(catalog_relation("tags"), AccessShareLock);
	index = index_open(catalog_relation("tags_pkey"), AccessShareLock);

	set->count = 0;
	set->tags = palloc(size * sizeof(QueueTag));
	scan = systable_beginscan_ordered(rel, index, catalog_snapshot(), 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext_ordered(scan, ForwardScanDirection)))
	{
		Datum		values[Natts_tags];
		bool		nulls[Natts_tags];
		QueueTag	tag;

		heap_deform_tuple(tuple, RelationGetDescr(rel), values, nulls);
		tag.key = TextDatumGetCString(values[Anum_tags_key - 1]);
		tag.value = TextDatumGetCString(values[Anum_tags_value - 1]);

		/* A second version of the same row, which SnapshotSelf may show */
		if (set->count > 0 && strcmp(set->tags[set->count - 1].key, tag.key) == 0)
			set->count--;
		if (set->count == size)
		{
			size *= 2;
			set->tags = repalloc(set->tags, size * sizeof(QueueTag));
		}
		set->tags[set->count++] = tag;
	}
	systable_endscan_ordered(scan);

	index_close(index, AccessShareLock);
	table_close(rel, AccessShareLock);
}

/*
 * Set one tag, new or not.
 */
static void
put_tag(Relation rel, int64 queue_id, const QueueTag *tag)
{
	ScanKeyData keys[2];
	HeapTuple	row;
	HeapTuple	changed;
	Datum		values[Natts_tags];
	bool		nulls[Natts_tags] = {0};

	values[Anum_tags_queue_id - 1] = Int64GetDatum(queue_id);
	values[Anum_tags_key - 1] = CStringGetTextDatum(tag->key);
	values[Anum_tags_value - 1] = CStringGetTextDatum(tag->value);
	changed = heap_form_tuple(RelationGetDescr(rel), values, nulls);

	tag_keys(keys, queue_id, tag->key);
	row = catalog_scan_one(rel, catalog_relation("tags_pkey"), keys, 2);
	if (row != NULL)
		CatalogTupleUpdate(rel, &row->t_self, changed);
	else
		CatalogTupleInsert(rel, changed);
	CommandCounterIncrement();
}

static bool
has_key(const TagSet *set, const char *key)
{
	for (int i = 0; i < set->count; i++)
	{
		if (strcmp(set->tags[i].key, key) == 0)
			return true;
	}
	return false;
}

/*
 * Set tags of a queue, all of them or none.
 */
void
tagset_add(const Queue *queue, const TagSet *set)
{
	TagSet		present;
	int			total = set->count;
	Relation	rel;

	tagset_read(queue->queue_id, &present);
	for (int i = 0; i < present.count; i++)
	{
		if (!has_key(set, present.tags[i].key))
			total++;
	}
	if (total > TAGS_MAX)
		report_too_many(queue->queue_name);

	rel = table_open(catalog_relation("tags"), RowExclusiveLock);
	for (int i = 0; i < set->count; i++)
		put_tag(rel, queue->queue_id, &set->tags[i]);
	table_close(rel, NoLock);
}

/*
 * Remove a tag of a queue, if it has it.
 */
void
tagset_remove(int64 queue_id, const char *key)
{
	Relation	rel = table_open(catalog_relation("tags"), RowExclusiveLock);
	ScanKeyData keys[2];
	HeapTuple	row;

	tag_keys(keys, queue_id, key);
	row = catalog_scan_one(rel, catalog_relation("tags_pkey"), keys, 2);
	if (row != NULL)
		CatalogTupleDelete(rel, &row->t_self);
	table_close(rel, NoLock);
	CommandCounterIncrement();
}

/*
 * Remove all tags of a queue.
 */
void
tagset_clear(int64 queue_id)
{
	TagSet		present;

	tagset_read(queue_id, &present);
	for (int i = 0; i < present.count; i++)
		tagset_remove(queue_id, present.tags[i].key);
}
