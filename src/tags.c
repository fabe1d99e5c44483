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
#include "tagset.h"

QUEUE_FUNCTION(sqs_tag_queue);
QUEUE_FUNCTION(sqs_untag_queue);
QUEUE_FUNCTION(sqs_list_queue_tags);

/*
 * sqs_tag_queue(queue text, tags jsonb) returns void
 *
 * A tag that the queue has already gets the new value.
 */
Datum
sqs_tag_queue(PG_FUNCTION_ARGS)
{
	text	   *reference = PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0);
	Jsonb	   *map = PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1);
	Queue		queue;
	TagSet		set;

	PreventCommandIfReadOnly("sqs_tag_queue()");
	PreventCommandIfParallelMode("sqs_tag_queue()");

	authorize_change(reference, "TagQueue", &queue);
	tagset_parse(map, queue.queue_name, &set);
	if (set.count == 0)
		report_missing_parameter("Tags");
	tagset_add(&queue, &set);
	PG_RETURN_VOID();
}

/*
 * sqs_untag_queue(queue text, tag_keys text[]) returns void
 *
 * Keys that the queue does not have are passed over.
 */
Datum
sqs_untag_queue(PG_FUNCTION_ARGS)
{
	text	   *reference = PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0);
	Queue		queue;
	Datum	   *keys;
	bool	   *nulls;
	int			count = 0;

	PreventCommandIfReadOnly("sqs_untag_queue()");
	PreventCommandIfParallelMode("sqs_untag_queue()");

	authorize_change(reference, "UntagQueue", &queue);
	if (!PG_ARGISNULL(1))
		deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false,
						  TYPALIGN_INT, &keys, &nulls, &count);
	if (count == 0)
		tagset_check_key("");
	for (int i = 0; i < count; i++)
		tagset_check_key(nulls[i] ? "" : TextDatumGetCString(keys[i]));
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		tagset_remove(queue.queue_id, TextDatumGetCString(keys[i]));
	}
	PG_RETURN_VOID();
}

/*
 * sqs_list_queue_tags(queue text) returns jsonb
 */
Datum
sqs_list_queue_tags(PG_FUNCTION_ARGS)
{
	text	   *reference = PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0);
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
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}
