/*-------------------------------------------------------------------------
 *
 * eventsources.c
 *		SQL calls for event source mappings: create, change, delete, list.
 *
 * A mapping acts as a role, so whoever could SET ROLE to it may create it, and
 * change, delete and see it.  Whether the role may receive and delete, and call
 * the function, is asked then and before each batch, so a right that is taken
 * away ends what it allowed.  A mapping is at work when the transaction that
 * created it has committed.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xlog.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "account.h"
#include "authorize.h"
#include "compat.h"
#include "crypto.h"
#include "eventcheck.h"
#include "eventstate.h"
#include "impersonate.h"
#include "report.h"
#include "settings.h"
#include "shared.h"
#include "xact.h"

QUEUE_FUNCTION(sqs_create_event_source_mapping);
QUEUE_FUNCTION(sqs_update_event_source_mapping);
QUEUE_FUNCTION(sqs_delete_event_source_mapping);
QUEUE_FUNCTION(queue_event_source_status);

/* What AWS Lambda takes, but that batches of FIFO queues may have more than 10 */
#define BATCHING_WINDOW_MAX 300
#define CONCURRENCY_MAX 1000

/* Columns of queue.event_source_status() */
enum
{
	STATUS_ID,
	STATUS_QUEUE,
	STATUS_FUNCTION,
	STATUS_STATE,
	STATUS_STATE_REASON,
	STATUS_BATCH_SIZE,
	STATUS_BATCHING_WINDOW_SECONDS,
	STATUS_CONCURRENCY,
	STATUS_MAX_CONCURRENCY,
	STATUS_REPORT_BATCH_ITEM_FAILURES,
	STATUS_FILTER,
	STATUS_RUN_AS,
	STATUS_PROCESSED,
	STATUS_FAILED,
	STATUS_LAST_PROCESSED,
	STATUS_LAST_ERROR,
	STATUS_LAST_ERROR_AT,
	STATUS_CREATED,
	STATUS_MODIFIED,
	STATUS_COLUMNS
};

/*
 * The ARN of a mapping, for the audit.
 */
static char *
mapping_arn(const EventSource *source)
{
	char	   *id = DatumGetCString(DirectFunctionCall1(uuid_out,
														 UUIDPGetDatum(&source->mapping_id)));

	return psprintf("arn:aws:lambda:%s:%s:event-source-mapping:%s", setting_region,
					source->account_id, id);
}

/*
 * Raise AccessDenied unless the current user may create a mapping.
 */
static void
authorize_mapping(const EventSource *source, const Queue *queue)
{
	static const char *const action = "lambda:CreateEventSourceMapping";
	const char *arn = names_arn(queue->account_id, queue->queue_name);
	const char *role = GetUserNameFromId(source->run_as, false);

	if (!impersonate_allowed(source->run_as))
		authorize_other(false, action, arn,
						psprintf("permission denied to act as role \"%s\"", role),
						"A mapping runs as a role that its creator could SET ROLE to.");
	if (!authorize_role_allows(source->run_as, queue, "ReceiveMessage") ||
		!authorize_role_allows(source->run_as, queue, "DeleteMessage"))
		authorize_other(false, action, arn,
						psprintf("permission denied for queue \"%s\"", queue->queue_name),
						psprintf("Role \"%s\" needs the rights to receive and to delete.", role));
	if (SearchSysCacheExists1(PROCOID, ObjectIdGetDatum(source->function)) &&
		compat_function_aclcheck(source->function, source->run_as, ACL_EXECUTE) != ACLCHECK_OK)
		authorize_other(false, action, arn,
						psprintf("permission denied for function %s",
								 eventsource_function_name(source->function)),
						psprintf("Role \"%s\" needs the privilege EXECUTE on the function.", role));
	authorize_other(true, action, arn, NULL, NULL);
}

/*
 * Refuse a function that can't be mapped.
 */
static void
check_function(const EventSource *source)
{
	const char *problem = eventcheck_function(source->function,
											  source->report_batch_item_failures);

	if (problem != NULL)
		ereport(ERROR,
				(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
				 errmsg("the function cannot be mapped to a queue"),
				 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
							   "Value for parameter FunctionName is invalid. Reason: %s", problem),
				 errhint("A function takes sqs_message[] and returns void, or with report_batch_item_failures SETOF uuid.")));
}

/*
 * The role that a mapping acts as.
 */
static Oid
role_argument(FunctionCallInfo fcinfo, int arg)
{
	Oid			role = PG_ARGISNULL(arg) ? GetUserId() : PG_GETARG_OID(arg);

	if (!OidIsValid(role))
		report_missing_parameter("run_as");
	(void) GetUserNameFromId(role, false);
	return role;
}

/*
 * A new id: a version 4 UUID.
 */
static void
new_mapping_id(pg_uuid_t *id)
{
	crypto_random(id, sizeof(pg_uuid_t));
	id->data[6] = (id->data[6] & 0x0f) | 0x40;
	id->data[8] = (id->data[8] & 0x3f) | 0x80;
}

/*
 * sqs_create_event_source_mapping(queue text, function regproc, batch_size int,
 *		batching_window_seconds int, max_concurrency int,
 *		report_batch_item_failures boolean, filter jsonpath, run_as regrole)
 *		returns uuid
 */
Datum
sqs_create_event_source_mapping(PG_FUNCTION_ARGS)
{
	EventSource source = {0};
	Queue		queue;

	PreventCommandIfReadOnly("sqs_create_event_source_mapping()");
	PreventCommandIfParallelMode("sqs_create_event_source_mapping()");
	catalog_lookup(PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0), &queue);
	if (PG_ARGISNULL(1))
		report_missing_parameter("function");
	source.queue_id = queue.queue_id;
	strlcpy(source.account_id, queue.account_id, sizeof(source.account_id));
	strlcpy(source.queue_name, queue.queue_name, sizeof(source.queue_name));
	source.function = PG_GETARG_OID(1);
	source.run_as = role_argument(fcinfo, 7);
	source.report_batch_item_failures = !PG_ARGISNULL(5) && PG_GETARG_BOOL(5);
	authorize_mapping(&source, &queue);
	check_function(&source);
	source.function_name = eventsource_function_name(source.function);
	source.batch_size = report_integer_argument(fcinfo, 2, "BatchSize", 1, BATCH_MAX, 10);
	source.batching_window_seconds =
		report_integer_argument(fcinfo, 3, "MaximumBatchingWindowInSeconds", 0, BATCHING_WINDOW_MAX, 0);
	source.max_concurrency = report_integer_argument(fcinfo, 4, "MaximumConcurrency", 1, CONCURRENCY_MAX, 2);
	source.filter = PG_ARGISNULL(6) ? NULL : PG_GETARG_JSONPATH_P(6);
	source.enabled = true;
	source.created_at = source.modified_at = GetCurrentTimestamp();
	new_mapping_id(&source.mapping_id);
	if (superuser_arg(source.run_as))
		ereport(NOTICE,
				(errmsg("function %s will run as superuser \"%s\"", source.function_name,
						GetUserNameFromId(source.run_as, false)),
				 errhint("Name another role with run_as.")));

	eventsource_lock();
	eventsource_insert(&source);
	shared_announce_database();
	xact_note_mappings();
	PG_RETURN_UUID_P(memcpy(palloc(sizeof(pg_uuid_t)), &source.mapping_id, sizeof(pg_uuid_t)));
}

/*
 * Whether the current user may change and see a mapping.
 */
static bool
is_allowed(const EventSource *source)
{
	if (!SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(source->run_as)))
		return superuser();
	return impersonate_allowed(source->run_as);
}

/*
 * The mapping that the first argument names, for a change.
 */
static void
find_mapping(FunctionCallInfo fcinfo, const char *action, EventSource *source)
{
	if (PG_ARGISNULL(0))
		report_missing_parameter("id");
	eventsource_lock();
	if (!eventsource_find(PG_GETARG_UUID_P(0), source))
		ereport(ERROR,
				(sqs_errcode(SQS_RESOURCE_NOT_FOUND),
				 errmsg("event source mapping \"%s\" does not exist",
						DatumGetCString(DirectFunctionCall1(uuid_out, PG_GETARG_DATUM(0)))),
				 sqs_errdetail(SQS_RESOURCE_NOT_FOUND, "The resource you requested does not exist."),
				 errhint("The view sqs_event_source_mappings lists them.")));
	authorize_other(is_allowed(source), action, mapping_arn(source),
					"permission denied for event source mapping",
					"A mapping is changed by superusers, and by who could SET ROLE to the role that it runs as.");
}

/*
 * sqs_update_event_source_mapping(id uuid, enabled boolean, batch_size int,
 *		max_concurrency int) returns void
 */
Datum
sqs_update_event_source_mapping(PG_FUNCTION_ARGS)
{
	EventSource source;

	PreventCommandIfReadOnly("sqs_update_event_source_mapping()");
	PreventCommandIfParallelMode("sqs_update_event_source_mapping()");
	find_mapping(fcinfo, "lambda:UpdateEventSourceMapping", &source);
	if (!PG_ARGISNULL(1))
		source.enabled = PG_GETARG_BOOL(1);
	source.batch_size = report_integer_argument(fcinfo, 2, "BatchSize", 1, BATCH_MAX,
												source.batch_size);
	source.max_concurrency = report_integer_argument(fcinfo, 3, "MaximumConcurrency", 1,
													 CONCURRENCY_MAX, source.max_concurrency);
	source.modified_at = GetCurrentTimestamp();
	eventsource_update(&source);
	xact_note_mappings();
	PG_RETURN_VOID();
}

/*
 * sqs_delete_event_source_mapping(id uuid) returns void
 */
Datum
sqs_delete_event_source_mapping(PG_FUNCTION_ARGS)
{
	EventSource source;

	PreventCommandIfReadOnly("sqs_delete_event_source_mapping()");
	PreventCommandIfParallelMode("sqs_delete_event_source_mapping()");
	find_mapping(fcinfo, "lambda:DeleteEventSourceMapping", &source);
	eventsource_delete(&source);
	eventstate_forget(&source.mapping_id);
	xact_note_mappings();
	PG_RETURN_VOID();
}

/*
 * The state of a mapping, by AWS Lambda's names, and the reason.
 */
static const char *
mapping_state(const EventSource *source, const EventStatus *status, const char **reason)
{
	Queue		queue;
	bool		coordinated;

	*reason = NULL;
	if (!source->enabled)
		return status->workers > 0 ? "Disabling" : "Disabled";
	*reason = RecoveryInProgress() ? "The server is a standby." :
		eventcheck_problem(source, &queue);
	if (*reason != NULL)
		return "Disabled";
	coordinated = eventstate_is_coordinated(MyDatabaseId);
	if (status->starved || (!coordinated && eventstate_is_short()))
		*reason = "There are too few background processes: max_worker_processes is too small.";
	return coordinated ? "Enabled" : "Creating";
}

/*
 * Put a text or a time in a row, or NULL.
 */
static void
put_text(Datum *values, bool *nulls, int column, const char *value)
{
	nulls[column] = value == NULL;
	if (value != NULL)
		values[column] = CStringGetTextDatum(value);
}

static void
put_time(Datum *values, bool *nulls, int column, TimestampTz value)
{
	nulls[column] = value == 0;
	values[column] = TimestampTzGetDatum(value);
}

/*
 * Fill in the row of one mapping.
 */
static void
fill_status(const EventSource *source, Datum *values, bool *nulls)
{
	EventStatus status;
	const char *reason;

	eventstate_read(&source->mapping_id, &status);
	memset(nulls, 0, STATUS_COLUMNS * sizeof(bool));
	values[STATUS_ID] = UUIDPGetDatum(&source->mapping_id);
	put_text(values, nulls, STATUS_QUEUE, source->queue_name);
	put_text(values, nulls, STATUS_FUNCTION, source->function_name);
	put_text(values, nulls, STATUS_STATE, mapping_state(source, &status, &reason));
	put_text(values, nulls, STATUS_STATE_REASON, reason);
	values[STATUS_BATCH_SIZE] = Int32GetDatum(source->batch_size);
	values[STATUS_BATCHING_WINDOW_SECONDS] = Int32GetDatum(source->batching_window_seconds);
	values[STATUS_CONCURRENCY] = Int32GetDatum(status.workers);
	values[STATUS_MAX_CONCURRENCY] = Int32GetDatum(source->max_concurrency);
	values[STATUS_REPORT_BATCH_ITEM_FAILURES] = BoolGetDatum(source->report_batch_item_failures);
	values[STATUS_FILTER] = PointerGetDatum(source->filter);
	nulls[STATUS_FILTER] = source->filter == NULL;
	values[STATUS_RUN_AS] = ObjectIdGetDatum(source->run_as);
	values[STATUS_PROCESSED] = Int64GetDatum(status.processed);
	values[STATUS_FAILED] = Int64GetDatum(status.failed);
	put_time(values, nulls, STATUS_LAST_PROCESSED, status.last_processed);
	put_text(values, nulls, STATUS_LAST_ERROR,
			 status.last_error_at == 0 ? NULL : status.last_error);
	put_time(values, nulls, STATUS_LAST_ERROR_AT, status.last_error_at);
	put_time(values, nulls, STATUS_CREATED, source->created_at);
	put_time(values, nulls, STATUS_MODIFIED, source->modified_at);
}

/*
 * queue.event_source_status() returns setof record
 */
Datum
queue_event_source_status(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	EventSource *sources;
	int			count;

	InitMaterializedSRF(fcinfo, 0);
	sources = eventsource_list(&count);

	/* the launcher may not know of a restored database */
	if (count > 0 && !RecoveryInProgress())
		shared_announce_database();
	for (int i = 0; i < count; i++)
	{
		Datum		values[STATUS_COLUMNS];
		bool		nulls[STATUS_COLUMNS];

		CHECK_FOR_INTERRUPTS();
		if (!is_allowed(&sources[i]))
			continue;
		fill_status(&sources[i], values, nulls);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
