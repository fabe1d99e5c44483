/*-------------------------------------------------------------------------
 *
 * queues.c
 *		sqs_create_queue, sqs_delete_queue, sqs_get_queue_url,
 *		sqs_list_queues, sqs_list_dead_letter_source_queues,
 *		sqs_get_queue_attributes, sqs_set_queue_attributes.
 *
 * A queue is a row of queue.queues and a table of messages.  Both come into
 * being, with the tags, in the transaction of the caller: if that rolls back,
 * there is no queue.  See segment.c for what kind of table it is.
 *
 * Deleting a queue removes the row.  The table stays for the worker to drop:
 * that needs a lock for which we would have to wait until the last receive is
 * done, and every later one behind us.  A new queue of the same name has
 * another number, and so another table.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "access.h"
#include "attributes.h"
#include "authorize.h"
#include "deadletter.h"
#include "deleted.h"
#include "movetask.h"
#include "queues.h"
#include "report.h"
#include "segment.h"
#include "settings.h"
#include "tagset.h"
#include "xact.h"

QUEUE_FUNCTION(sqs_create_queue);
QUEUE_FUNCTION(sqs_delete_queue);
QUEUE_FUNCTION(sqs_get_queue_url);
QUEUE_FUNCTION(sqs_list_queues);
QUEUE_FUNCTION(sqs_list_dead_letter_source_queues);
QUEUE_FUNCTION(sqs_get_queue_attributes);
QUEUE_FUNCTION(sqs_set_queue_attributes);

#define TEXT_OR_NULL(n) (PG_ARGISNULL(n) ? NULL : PG_GETARG_TEXT_PP(n))
#define JSONB_OR_NULL(n) (PG_ARGISNULL(n) ? NULL : PG_GETARG_JSONB_P(n))

/*
 * Raise QueueDeletedRecently if a name is not free yet.
 */
static void
check_deleted(const QueueName *name, TimestampTz now)
{
	TimestampTz since = now - setting_recreate_delay * USECS_PER_SEC;

	if (deleted_since(name, since))
		ereport(ERROR,
				(sqs_errcode(SQS_QUEUE_DELETED_RECENTLY),
				 errmsg("queue \"%s\" was deleted less than %d seconds ago",
						name->queue_name, setting_recreate_delay),
				 sqs_errdetail(SQS_QUEUE_DELETED_RECENTLY,
							   "You must wait %d seconds after deleting a queue before you can create another with the same name.",
							   setting_recreate_delay),
				 errhint("Try again later, or use another name. The time is set by queue.recreate_delay.")));
}

/*
 * A queue of the name exists: it must have the attributes that were given.
 * Those that were not given play no part, nor do tags.
 */
static void
check_same(const Queue *queue, const QueueAttributes *attributes)
{
	Datum		values[Natts_queues];
	bool		nulls[Natts_queues];
	const char *different;

	if (!catalog_fetch(queue->queue_id, values, nulls))
		report_no_queue(queue->queue_name);
	different = attributes_difference(attributes, values, nulls);
	if (different != NULL)
		ereport(ERROR,
				(sqs_errcode(SQS_QUEUE_NAME_EXISTS),
				 errmsg("queue \"%s\" already exists with a different value of %s",
						queue->queue_name, different),
				 sqs_errdetail(SQS_QUEUE_NAME_EXISTS,
							   "A queue already exists with the same name and a different value for attribute %s",
							   different),
				 errhint("Leave the attribute out, or change it with sqs_set_queue_attributes().")));
}

/*
 * Create a queue that does not exist.  The lock on its name is held.
 */
static void
create_queue(const QueueName *name, const QueueAttributes *attributes,
			 const TagSet *tags)
{
	TimestampTz now = GetCurrentTimestamp();
	int64		queue_id;
	pg_uuid_t  *salt = palloc(sizeof(pg_uuid_t));
	Datum		values[Natts_queues] = {0};
	bool		nulls[Natts_queues];
	Datum		segment = Int32GetDatum(1);
	bool		unlogged;
	Queue		queue;

	check_deleted(name, now);
	if (!pg_strong_random(salt, sizeof(pg_uuid_t)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));

	do
		queue_id = catalog_new_id();
	while (!segment_name_free(queue_id, 1));
	memset(nulls, 0, sizeof(nulls));
	values[Anum_queues_queue_id - 1] = Int64GetDatum(queue_id);
	values[Anum_queues_account_id - 1] = CStringGetTextDatum(name->account_id);
	values[Anum_queues_queue_name - 1] = CStringGetTextDatum(name->queue_name);
	values[Anum_queues_owner - 1] = ObjectIdGetDatum(GetUserId());
	values[Anum_queues_salt - 1] = UUIDPGetDatum(salt);
	values[Anum_queues_purged_below - 1] = Int64GetDatum(0);
	nulls[Anum_queues_purged_at - 1] = true;
	values[Anum_queues_segments - 1] = PointerGetDatum(construct_array(&segment, 1, INT4OID, sizeof(int32),
																	   true, TYPALIGN_INT));
	values[Anum_queues_rotations - 1] = Int64GetDatum(0);
	attributes_default(names_is_fifo(name), values, nulls);
	attributes_check_together(attributes, values, nulls);
	values[Anum_queues_created_at - 1] = TimestampTzGetDatum(now);
	nulls[Anum_queues_created_at - 1] = false;
	values[Anum_queues_modified_at - 1] = TimestampTzGetDatum(now);
	nulls[Anum_queues_modified_at - 1] = false;
	for (int i = 0; i < Natts_queues; i++)
	{
		if (attributes->replaces[i])
		{
			values[i] = attributes->values[i];
			nulls[i] = attributes->nulls[i];
		}
	}
	unlogged = !nulls[Anum_queues_durability - 1] &&
		strcmp(TextDatumGetCString(values[Anum_queues_durability - 1]), "unlogged") == 0;

	catalog_insert(values, nulls);

	/* See authorize.c for what it is good for that the table holds the owner */
	segment_create(queue_id, 1, names_is_fifo(name), unlogged,
				   GetUserId() == catalog_extension_owner() ? InvalidOid : GetUserId());
	if (!catalog_lookup_id(queue_id, &queue))
		elog(ERROR, "queue " INT64_FORMAT " vanished", queue_id);
	tagset_add(&queue, tags);
}

/*
 * Create a queue, or find it, and return its URL.
 *
 * If the queue exists, this is the question for its URL, which needs neither
 * the right to create queues nor the lock.
 */
char *
queues_create(const text *queue_name, Jsonb *map, Jsonb *tag_map)
{
	QueueName	name;
	Queue		queue;
	QueueAttributes attributes;
	TagSet		tags;
	bool		exists;

	names_check_new(queue_name, attributes_want_fifo(map), &name);

	exists = catalog_lookup_name(&name, &queue);
	if (!exists)
	{
		authorize_create(&name, tag_map);
		catalog_lock(&name);
		exists = catalog_lookup_name(&name, &queue);
	}
	if (exists)
		authorize_queue(&queue, "CreateQueue");

	attributes_parse(map, &name, &attributes);
	tagset_parse(tag_map, name.queue_name, &tags);
	if (exists)
		check_same(&queue, &attributes);
	else
	{
		attributes_complete(&attributes);
		create_queue(&name, &attributes, &tags);
	}
	return names_url(name.account_id, name.queue_name);
}

/*
 * sqs_create_queue(queue_name text, attributes jsonb, tags jsonb) returns text
 */
Datum
sqs_create_queue(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("sqs_create_queue()");
	PreventCommandIfParallelMode("sqs_create_queue()");
	PG_RETURN_TEXT_P(cstring_to_text(queues_create(TEXT_OR_NULL(0), JSONB_OR_NULL(1),
												   JSONB_OR_NULL(2))));
}

/*
 * Delete a queue.
 */
void
queues_delete(const text *reference)
{
	Queue		queue;

	authorize_change(reference, "DeleteQueue", &queue);
	tagset_clear(queue.queue_id);
	movetask_clear(queue.queue_id);
	deleted_add(&queue, GetCurrentTimestamp());
	catalog_delete(&queue);
	xact_note_queue_deleted(&queue);
}

/*
 * sqs_delete_queue(queue text) returns void
 */
Datum
sqs_delete_queue(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("sqs_delete_queue()");
	PreventCommandIfParallelMode("sqs_delete_queue()");
	queues_delete(TEXT_OR_NULL(0));
	PG_RETURN_VOID();
}

/*
 * The URL of a queue.
 */
char *
queues_url(const text *queue_name, const text *account_id)
{
	QueueName	name;
	Queue		queue;

	names_parse_plain(queue_name, account_id, &name);
	if (!catalog_lookup_name(&name, &queue))
		report_no_queue(name.queue_name);
	authorize_queue(&queue, "GetQueueUrl");
	return names_url(name.account_id, name.queue_name);
}

/*
 * sqs_get_queue_url(queue_name text, account_id text) returns text
 */
Datum
sqs_get_queue_url(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(queues_url(TEXT_OR_NULL(0), TEXT_OR_NULL(1))));
}

/*
 * Return queues as their URLs.
 */
static Datum
return_urls(FunctionCallInfo fcinfo, const Queue *queues, int count)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (int i = 0; i < count; i++)
	{
		Datum		value = CStringGetTextDatum(names_url(queues[i].account_id,
														  queues[i].queue_name));
		bool		null = false;

		tuplestore_putvalues(result->setResult, result->setDesc, &value, &null);
	}
	return (Datum) 0;
}

/*
 * The queues of our account that the current user may use and whose names
 * begin with a prefix, by name, in a palloc'd array.
 */
Queue *
queues_list(const char *prefix, int *count)
{
	char	   *account_id = pstrdup(names_own_account());
	Queue	   *queues;
	int			all;

	authorize_list(account_id);
	queues = catalog_all(&all);
	*count = 0;
	for (int i = 0; i < all; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (strcmp(queues[i].account_id, account_id) == 0 &&
			strncmp(queues[i].queue_name, prefix, strlen(prefix)) == 0 &&
			authorize_queue_allows(&queues[i], "ListQueues"))
			queues[(*count)++] = queues[i];
	}
	return queues;
}

/*
 * sqs_list_queues(prefix text) returns setof text
 */
Datum
sqs_list_queues(PG_FUNCTION_ARGS)
{
	char	   *prefix = PG_ARGISNULL(0) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(0));
	int			count;
	Queue	   *queues = queues_list(prefix, &count);

	return return_urls(fcinfo, queues, count);
}

/*
 * Whether the dead-letter queue of one queue is the other.
 */
static bool
is_source(const Queue *source, const Queue *target)
{
	Datum		values[Natts_queues];
	bool		nulls[Natts_queues];
	QueueName	name;

	return catalog_fetch(source->queue_id, values, nulls) &&
		!nulls[Anum_queues_redrive_policy - 1] &&
		deadletter_target(TextDatumGetCString(values[Anum_queues_redrive_policy - 1]), &name) &&
		strcmp(name.account_id, target->account_id) == 0 &&
		strcmp(name.queue_name, target->queue_name) == 0;
}

/*
 * The queues that the current user may use and whose dead-letter queue is a
 * given one, by name, in a palloc'd array.
 */
Queue *
queues_list_sources(const text *reference, int *count)
{
	Queue		target;
	Queue	   *queues;
	int			all;
	MemoryContext row_context;

	authorize_lookup(reference, "ListDeadLetterSourceQueues", &target);
	queues = catalog_all(&all);
	row_context = AllocSetContextCreate(CurrentMemoryContext, "queue row",
										ALLOCSET_SMALL_SIZES);
	*count = 0;
	for (int i = 0; i < all; i++)
	{
		MemoryContext old_context = MemoryContextSwitchTo(row_context);

		CHECK_FOR_INTERRUPTS();
		if (authorize_queue_allows(&queues[i], "GetQueueAttributes") && is_source(&queues[i], &target))
			queues[(*count)++] = queues[i];
		MemoryContextSwitchTo(old_context);
		MemoryContextReset(row_context);
	}
	MemoryContextDelete(row_context);
	return queues;
}

/*
 * sqs_list_dead_letter_source_queues(queue text) returns setof text
 */
Datum
sqs_list_dead_letter_source_queues(PG_FUNCTION_ARGS)
{
	int			count;
	Queue	   *queues = queues_list_sources(TEXT_OR_NULL(0), &count);

	return return_urls(fcinfo, queues, count);
}

/*
 * Attributes of a queue.
 */
Jsonb *
queues_get_attributes(const text *reference, ArrayType *names)
{
	Queue		queue;
	Datum		values[Natts_queues];
	bool		nulls[Natts_queues];

	authorize_lookup(reference, "GetQueueAttributes", &queue);
	if (!catalog_fetch(queue.queue_id, values, nulls))
		report_no_queue(queue.queue_name);
	return attributes_show(&queue, values, nulls, names);
}

/*
 * sqs_get_queue_attributes(queue text, names text[]) returns jsonb
 */
Datum
sqs_get_queue_attributes(PG_FUNCTION_ARGS)
{
	ArrayType  *names = PG_ARGISNULL(1) ? NULL : PG_GETARG_ARRAYTYPE_P(1);

	PG_RETURN_JSONB_P(queues_get_attributes(TEXT_OR_NULL(0), names));
}

/*
 * Change attributes of a queue.
 */
void
queues_set_attributes(const text *reference, Jsonb *map)
{
	Queue		queue;
	QueueName	name;
	QueueAttributes attributes;
	Datum		values[Natts_queues];
	bool		nulls[Natts_queues];
	int32		retention;
	bool		delayed;

	authorize_change(reference, "SetQueueAttributes", &queue);
	access_queue_name(&queue, &name);
	if (map == NULL)
		report_missing_parameter("Attributes");
	attributes_parse(map, &name, &attributes);
	if (!catalog_fetch(queue.queue_id, values, nulls))
		report_no_queue(queue.queue_name);
	attributes_check_fixed(&attributes, values, nulls);
	attributes_check_together(&attributes, values, nulls);
	attributes_complete(&attributes);

	attributes.values[Anum_queues_modified_at - 1] = TimestampTzGetDatum(GetCurrentTimestamp());
	attributes.replaces[Anum_queues_modified_at - 1] = true;
	retention = queue.message_retention_period;
	if (attributes.replaces[Anum_queues_message_retention_period - 1])
		retention = DatumGetInt32(attributes.values[Anum_queues_message_retention_period - 1]);
	catalog_update(queue.queue_id, attributes.values, attributes.nulls, attributes.replaces);

	/* In a FIFO queue the delay holds for messages that are waiting, too */
	delayed = queue.fifo && attributes.replaces[Anum_queues_delay_seconds - 1] &&
		DatumGetInt32(attributes.values[Anum_queues_delay_seconds - 1]) != queue.delay_seconds;
	if (delayed)
		xact_note_recount(&queue);

	/* Messages that had expired, and are still stored, are back */
	if (delayed || retention > queue.message_retention_period)
		xact_note_reset(&queue, 0);
}

/*
 * sqs_set_queue_attributes(queue text, attributes jsonb) returns void
 */
Datum
sqs_set_queue_attributes(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("sqs_set_queue_attributes()");
	PreventCommandIfParallelMode("sqs_set_queue_attributes()");
	queues_set_attributes(TEXT_OR_NULL(0), JSONB_OR_NULL(1));
	PG_RETURN_VOID();
}
