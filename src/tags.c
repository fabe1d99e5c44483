/*-------------------------------------------------------------------------
 *
 * tags.c
 *		sqs_tag_queue, sqs_untag_queue and sqs_list_queue_tags.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "authorize.h"
#include "report.h"
#include "tags.h"
#include "tagset.h"

QUEUE_FUNCTION(sqs_tag_queue);
QUEUE_FUNCTION(sqs_untag_queue);
QUEUE_FUNCTION(sqs_list_queue_tags);

#define TEXT_OR_NULL(n) (PG_ARGISNULL(n) ? NULL : PG_GETARG_TEXT_PP(n))

/*
 * Set tags.  One that the queue has already gets the new value.
 */
void
tags_set(const text *reference, Jsonb *map)
{
	Queue		queue;
	TagSet		set;

	authorize_change_tags(reference, "TagQueue", map, NULL, &queue);
	tagset_parse(map, queue.queue_name, &set);
	if (set.count == 0)
		report_missing_parameter("Tags");
	tagset_add(&queue, &set);
}

/*
 * sqs_tag_queue(queue text, tags jsonb) returns void
 */
Datum
sqs_tag_queue(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("sqs_tag_queue()");
	PreventCommandIfParallelMode("sqs_tag_queue()");
	tags_set(TEXT_OR_NULL(0), PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1));
	PG_RETURN_VOID();
}

/*
 * Remove tags.  Keys that the queue does not have are passed over.
 */
void
tags_remove(const text *reference, ArrayType *array)
{
	Queue		queue;
	Datum	   *keys;
	bool	   *nulls;
	int			count = 0;

	authorize_change_tags(reference, "UntagQueue", NULL, array, &queue);
	if (array != NULL)
		deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT,
						  &keys, &nulls, &count);
	if (count == 0)
		tagset_check_key("");
	for (int i = 0; i < count; i++)
		tagset_check_key(nulls[i] ? "" : TextDatumGetCString(keys[i]));
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		tagset_remove(queue.queue_id, TextDatumGetCString(keys[i]));
	}
}

/*
 * sqs_untag_queue(queue text, tag_keys text[]) returns void
 */
Datum
sqs_untag_queue(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("sqs_untag_queue()");
	PreventCommandIfParallelMode("sqs_untag_queue()");
	tags_remove(TEXT_OR_NULL(0), PG_ARGISNULL(1) ? NULL : PG_GETARG_ARRAYTYPE_P(1));
	PG_RETURN_VOID();
}

/*
 * The tags of a queue, as a map.
 */
Jsonb *
tags_list(const text *reference)
{
	Queue		queue;
	TagSet		set;
	JsonbParseState *state = NULL;

	authorize_lookup(reference, "ListQueueTags", &queue);
	tagset_read(queue.queue_id, &set);

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < set.count; i++)
	{
		JsonbValue	string;

		string.type = jbvString;
		string.val.string.val = set.tags[i].key;
		string.val.string.len = strlen(set.tags[i].key);
		pushJsonbValue(&state, WJB_KEY, &string);
		string.val.string.val = set.tags[i].value;
		string.val.string.len = strlen(set.tags[i].value);
		pushJsonbValue(&state, WJB_VALUE, &string);
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/*
 * sqs_list_queue_tags(queue text) returns jsonb
 */
Datum
sqs_list_queue_tags(PG_FUNCTION_ARGS)
{
	PG_RETURN_JSONB_P(tags_list(TEXT_OR_NULL(0)));
}
