/*-------------------------------------------------------------------------
 *
 * attributes.c
 *		The attributes of a queue, by SQS's names.
 *
 * A table says of each attribute what it is and which column of queue.queues
 * holds it; most of what follows is driven by that table.  A column is NULL
 * where an attribute is not set, and then the attribute is not shown.
 *
 * Values come as JSON strings, numbers or booleans and are judged by their
 * text, so that "30" and 30 are the same.  All are shown as strings.  Policies
 * are kept and shown as the text that was given.
 *
 * Nothing is said to be encrypted that is not: SqsManagedSseEnabled is true from
 * the start where the server has a master key, and cannot be set to that
 * elsewhere.  As KmsMasterKeyId any text is taken, as by SQS; who sends finds out
 * whether there is such a key.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "attributes.h"
#include "characters.h"
#include "compat.h"
#include "counters.h"
#include "deadletter.h"
#include "masterkey.h"
#include "policy.h"
#include "report.h"
#include "settings.h"

/* No value is longer than a Policy */
#define VALUE_MAX POLICY_MAX

/* What DeduplicationScope and FifoThroughputLimit may be, the defaults first */
#define SCOPE_QUEUE "queue"
#define SCOPE_GROUP "messageGroup"
#define LIMIT_QUEUE "perQueue"
#define LIMIT_GROUP "perMessageGroupId"

/* Shown, and compared, where KmsDataKeyReusePeriodSeconds is not set */
#define KEY_REUSE_DEFAULT 300

typedef enum AttributeKind
{
	ATTRIBUTE_INTEGER,			/* within low .. high */
	ATTRIBUTE_BOOLEAN,
	ATTRIBUTE_DURABILITY,
	ATTRIBUTE_POLICY,			/* "" removes this one and those below */
	ATTRIBUTE_REDRIVE_POLICY,
	ATTRIBUTE_REDRIVE_ALLOW_POLICY,
	ATTRIBUTE_KEY_ID,
	ATTRIBUTE_FIFO_TYPE,		/* for FIFO queues only, as those below */
	ATTRIBUTE_FIFO_BOOLEAN,
	ATTRIBUTE_FIFO_CHOICE,
	ATTRIBUTE_VISIBLE,			/* read-only, as those below */
	ATTRIBUTE_IN_FLIGHT,
	ATTRIBUTE_DELAYED,
	ATTRIBUTE_TIME,
	ATTRIBUTE_ARN
} AttributeKind;

typedef struct AttributeInfo
{
	const char *name;
	AttributeKind kind;
	AttrNumber	column;			/* 0 if none */
	int32		low;
	int32		high;
	int32		initial;
} AttributeInfo;

/* Ranges and defaults: SetQueueAttributes.  Two more are settings, see below. */
static const AttributeInfo attribute_infos[] = {
	{"DelaySeconds", ATTRIBUTE_INTEGER, Anum_queues_delay_seconds,
	0, DELAY_SECONDS_MAX, 0},
	{"MaximumMessageSize", ATTRIBUTE_INTEGER, Anum_queues_maximum_message_size,
	MESSAGE_SIZE_MIN, MESSAGE_SIZE_MAX, 0},
	{"MessageRetentionPeriod", ATTRIBUTE_INTEGER, Anum_queues_message_retention_period,
	0, RETENTION_MAX, 345600},
	{"ReceiveMessageWaitTimeSeconds", ATTRIBUTE_INTEGER, Anum_queues_receive_message_wait_time_seconds,
	0, WAIT_TIME_SECONDS_MAX, 0},
	{"VisibilityTimeout", ATTRIBUTE_INTEGER, Anum_queues_visibility_timeout,
	0, VISIBILITY_TIMEOUT_MAX, 30},
	{"StrictReceiptHandles", ATTRIBUTE_BOOLEAN, Anum_queues_strict_receipt_handles, 0, 0, 0},
	{"Durability", ATTRIBUTE_DURABILITY, Anum_queues_durability, 0, 0, 0},
	{"Policy", ATTRIBUTE_POLICY, Anum_queues_policy, 0, 0, 0},
	{"RedrivePolicy", ATTRIBUTE_REDRIVE_POLICY, Anum_queues_redrive_policy, 0, 0, 0},
	{"RedriveAllowPolicy", ATTRIBUTE_REDRIVE_ALLOW_POLICY, Anum_queues_redrive_allow_policy, 0, 0, 0},
	{"KmsMasterKeyId", ATTRIBUTE_KEY_ID, Anum_queues_kms_master_key_id, 0, 0, 0},
	{"KmsDataKeyReusePeriodSeconds", ATTRIBUTE_INTEGER, Anum_queues_kms_data_key_reuse_period_seconds,
	60, 86400, KEY_REUSE_DEFAULT},
	{"SqsManagedSseEnabled", ATTRIBUTE_BOOLEAN, Anum_queues_sqs_managed_sse_enabled, 0, 0, 0},
	{"FifoQueue", ATTRIBUTE_FIFO_TYPE, Anum_queues_fifo, 0, 0, 0},
	{"ContentBasedDeduplication", ATTRIBUTE_FIFO_BOOLEAN, Anum_queues_content_based_deduplication, 0, 0, 0},
	{"DeduplicationScope", ATTRIBUTE_FIFO_CHOICE, Anum_queues_deduplication_scope, 0, 0, 0},
	{"FifoThroughputLimit", ATTRIBUTE_FIFO_CHOICE, Anum_queues_fifo_throughput_limit, 0, 0, 0},
	{"ApproximateNumberOfMessages", ATTRIBUTE_VISIBLE, 0, 0, 0, 0},
	{"ApproximateNumberOfMessagesNotVisible", ATTRIBUTE_IN_FLIGHT, 0, 0, 0, 0},
	{"ApproximateNumberOfMessagesDelayed", ATTRIBUTE_DELAYED, 0, 0, 0, 0},
	{"CreatedTimestamp", ATTRIBUTE_TIME, Anum_queues_created_at, 0, 0, 0},
	{"LastModifiedTimestamp", ATTRIBUTE_TIME, Anum_queues_modified_at, 0, 0, 0},
	{"QueueArn", ATTRIBUTE_ARN, 0, 0, 0, 0}
};

pg_noreturn static void report_name(const char *name);
pg_noreturn static void report_value(const char *name, const char *value,
									 const char *reason);

/*
 * Report a name that SQS does not know, or not here.
 */
static void
report_name(const char *name)
{
	ereport(ERROR,
			(sqs_errcode(SQS_INVALID_ATTRIBUTE_NAME),
			 errmsg("unknown attribute \"%s\"", name),
			 sqs_errdetail(SQS_INVALID_ATTRIBUTE_NAME, "Unknown Attribute %s.", name),
			 errhint("Names are case sensitive; some attributes cannot be set, or not for this kind of queue. sqs_get_queue_attributes() shows those of a queue.")));
}

/*
 * Report a value that SQS refuses; reason is a sentence.
 */
static void
report_value(const char *name, const char *value, const char *reason)
{
	ereport(ERROR,
			(sqs_errcode(SQS_INVALID_ATTRIBUTE_VALUE),
			 errmsg("invalid value for attribute %s: \"%s\"",
					name, characters_quotable(value, strlen(value))),
			 sqs_errdetail(SQS_INVALID_ATTRIBUTE_VALUE,
						   "Invalid value for the parameter %s. Reason: %s",
						   name, reason),
			 errhint("Leave the attribute out for its default or its present value.")));
}

/*
 * What there is to know of an attribute; an error if there is no such.
 */
static const AttributeInfo *
find_info(const char *name)
{
	for (int i = 0; i < lengthof(attribute_infos); i++)
	{
		if (strcmp(attribute_infos[i].name, name) == 0)
			return &attribute_infos[i];
	}
	report_name(characters_quotable(name, strlen(name)));
}

/*
 * The text of a value in a map of attributes.
 */
static char *
value_text(const char *name, const JsonbValue *value)
{
	char	   *string;

	switch (value->type)
	{
		case jbvString:
			string = pnstrdup(value->val.string.val,
							  Min(value->val.string.len, VALUE_MAX + 1));
			break;
		case jbvNumeric:
			string = numeric_normalize(value->val.numeric);
			break;
		case jbvBool:
			string = value->val.boolean ? "true" : "false";
			break;
		case jbvNull:
			report_value(name, "null", "It must be a string.");
			break;
		default:
			report_value(name, "{}", "It must be a string, not an object or array.");
			break;
	}
	if (strlen(string) > VALUE_MAX)
		report_value(name, string,
					 psprintf("It must not be longer than %d bytes.", VALUE_MAX));
	return string;
}

/*
 * An integer's text: digits, with a sign or not.  One that is too large is
 * beyond every range.
 */
static bool
parse_integer(const char *string, int32 *value)
{
	const char *digits = string[0] == '-' ? string + 1 : string;
	int64		number = 0;

	if (*digits == '\0')
		return false;
	for (; *digits != '\0'; digits++)
	{
		if (*digits < '0' || *digits > '9')
			return false;
		number = Min(number * 10 + (*digits - '0'), PG_INT32_MAX);
	}
	*value = string[0] == '-' ? -number : number;
	return true;
}

static bool
parse_boolean(const char *name, const char *string)
{
	if (pg_strcasecmp(string, "true") == 0)
		return true;
	if (pg_strcasecmp(string, "false") == 0)
		return false;
	report_value(name, string, "It must be true or false.");
}

/*
 * Call a function for each attribute in a map.
 */
static void
each_attribute(Jsonb *map,
			   void (*callback) (const char *name, const JsonbValue *value, void *arg),
			   void *arg)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;
	char	   *name = "";

	if (!JB_ROOT_IS_OBJECT(map))
		ereport(ERROR,
				(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
				 errmsg("parameter Attributes must be a JSON object"),
				 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
							   "Attributes maps names of attributes to values."),
				 errhint("For example: {\"VisibilityTimeout\": 60}.")));

	iterator = JsonbIteratorInit(&map->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			name = pnstrdup(value.val.string.val, value.val.string.len);
		else if (token == WJB_VALUE)
			callback(name, &value, arg);
	}
}

static void
look_for_fifo(const char *name, const JsonbValue *value, void *arg)
{
	bool	   *fifo = arg;

	if (strcmp(name, "FifoQueue") == 0)
		*fifo = parse_boolean(name, value_text(name, value));
}

/*
 * Whether a map of attributes asks for a FIFO queue.
 */
bool
attributes_want_fifo(Jsonb *map)
{
	bool		fifo = false;

	if (map != NULL)
		each_attribute(map, look_for_fifo, &fifo);
	return fifo;
}

/* What parse_attribute() needs beside the attribute */
typedef struct AttributeParse
{
	const QueueName *name;
	bool		fifo;
	QueueAttributes *attributes;
} AttributeParse;

static void
set_column(QueueAttributes *attributes, AttrNumber column, Datum value, bool null)
{
	attributes->values[column - 1] = value;
	attributes->nulls[column - 1] = null;
	attributes->replaces[column - 1] = true;
}

/*
 * Check an integer against its range.
 */
static void
parse_number(const AttributeInfo *info, const char *string, QueueAttributes *attributes)
{
	int32		low = info->low;
	int32		number;

	if (info->column == Anum_queues_message_retention_period)
		low = setting_minimum_retention;
	if (!parse_integer(string, &number) || number < low || number > info->high)
		report_value(info->name, string,
					 psprintf("It must be an integer from %d to %d.", low, info->high));
	set_column(attributes, info->column, Int32GetDatum(number), false);
}

/*
 * Check an attribute whose value is a text, and which "" removes.
 */
static void
parse_text(const AttributeInfo *info, const char *string, const AttributeParse *state)
{
	const char *problem;

	if (string[0] == '\0')
	{
		set_column(state->attributes, info->column, (Datum) 0, true);
		return;
	}
	switch (info->kind)
	{
		case ATTRIBUTE_POLICY:
			problem = policy_problem(string);
			if (problem != NULL)
				report_value(info->name, string, problem);
			break;
		case ATTRIBUTE_REDRIVE_POLICY:
			/* An empty map removes the policy too */
			if (strcmp(string, "{}") == 0)
			{
				set_column(state->attributes, info->column, (Datum) 0, true);
				return;
			}
			deadletter_check_policy(string, state->name, state->fifo);
			break;
		case ATTRIBUTE_REDRIVE_ALLOW_POLICY:
			deadletter_check_allow_policy(string);
			break;
		default:
			break;
	}
	set_column(state->attributes, info->column, CStringGetTextDatum(string), false);
}

/*
 * Check an attribute that has two values.
 */
static void
parse_choice(const AttributeInfo *info, const char *string, QueueAttributes *attributes)
{
	bool		scope = info->column == Anum_queues_deduplication_scope;
	const char *queue = scope ? SCOPE_QUEUE : LIMIT_QUEUE;
	const char *group = scope ? SCOPE_GROUP : LIMIT_GROUP;

	if (strcmp(string, queue) != 0 && strcmp(string, group) != 0)
		report_value(info->name, string, psprintf("It must be %s or %s.", queue, group));
	set_column(attributes, info->column, CStringGetTextDatum(string), false);
}

/*
 * Check one attribute; called for each in the map.
 */
static void
parse_attribute(const char *name, const JsonbValue *value, void *arg)
{
	AttributeParse *state = arg;
	const AttributeInfo *info = find_info(name);
	char	   *string;

	/* Some are not attributes of a standard queue, whatever their value */
	switch (info->kind)
	{
		case ATTRIBUTE_FIFO_CHOICE:
			if (state->fifo)
				break;
			ereport(ERROR,
					(sqs_errcode(SQS_INVALID_ATTRIBUTE_NAME),
					 errmsg("attribute %s is for FIFO queues only", name),
					 sqs_errdetail(SQS_INVALID_ATTRIBUTE_NAME,
								   "You can specify the %s only when FifoQueue is set to true.",
								   name),
					 errhint("Leave it out for a standard queue.")));
			break;
		case ATTRIBUTE_FIFO_TYPE:
		case ATTRIBUTE_FIFO_BOOLEAN:
			if (state->fifo)
				break;
			report_name(name);
			break;
		case ATTRIBUTE_VISIBLE:
		case ATTRIBUTE_IN_FLIGHT:
		case ATTRIBUTE_DELAYED:
		case ATTRIBUTE_TIME:
		case ATTRIBUTE_ARN:
			report_name(name);
			break;
		default:
			break;
	}

	string = value_text(name, value);
	switch (info->kind)
	{
		case ATTRIBUTE_INTEGER:
			parse_number(info, string, state->attributes);
			break;
		case ATTRIBUTE_FIFO_TYPE:
			if (!parse_boolean(name, string))
				report_value(name, string, "Modifying queue type is not supported.");
			set_column(state->attributes, info->column, BoolGetDatum(true), false);
			break;
		case ATTRIBUTE_BOOLEAN:
		case ATTRIBUTE_FIFO_BOOLEAN:
			set_column(state->attributes, info->column,
					   BoolGetDatum(parse_boolean(name, string)), false);
			break;
		case ATTRIBUTE_FIFO_CHOICE:
			parse_choice(info, string, state->attributes);
			break;
		case ATTRIBUTE_DURABILITY:
			if (strcmp(string, "logged") != 0 && strcmp(string, "unlogged") != 0)
				report_value(name, string, "It must be logged or unlogged.");
			set_column(state->attributes, info->column, CStringGetTextDatum(string), false);
			break;
		default:
			parse_text(info, string, state);
			break;
	}
}

#define GIVEN(attributes, column) ((attributes)->replaces[Anum_queues_##column - 1])
#define VALUE(attributes, column) ((attributes)->values[Anum_queues_##column - 1])
#define IS_NULL(attributes, column) ((attributes)->nulls[Anum_queues_##column - 1])

/*
 * Check a map of attributes.
 */
void
attributes_parse(Jsonb *map, const QueueName *name, QueueAttributes *attributes)
{
	AttributeParse state;

	memset(attributes, 0, sizeof(QueueAttributes));
	state.name = name;
	state.fifo = names_is_fifo(name);
	state.attributes = attributes;
	if (map != NULL)
		each_attribute(map, parse_attribute, &state);

	if (GIVEN(attributes, kms_master_key_id) &&
		!IS_NULL(attributes, kms_master_key_id) &&
		GIVEN(attributes, sqs_managed_sse_enabled) &&
		DatumGetBool(VALUE(attributes, sqs_managed_sse_enabled)))
		ereport(ERROR,
				(sqs_errcode(SQS_INVALID_ATTRIBUTE_NAME),
				 errmsg("attributes KmsMasterKeyId and SqsManagedSseEnabled exclude each other"),
				 sqs_errdetail(SQS_INVALID_ATTRIBUTE_NAME,
							   "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE."),
				 errhint("Set one of them; the other is then off.")));
	if (GIVEN(attributes, sqs_managed_sse_enabled) &&
		DatumGetBool(VALUE(attributes, sqs_managed_sse_enabled)) && !masterkey_configured())
		ereport(ERROR,
				(sqs_errcode(SQS_INVALID_ATTRIBUTE_VALUE),
				 errmsg("attribute SqsManagedSseEnabled needs a master key"),
				 sqs_errdetail(SQS_INVALID_ATTRIBUTE_VALUE,
							   "Invalid value for the parameter SqsManagedSseEnabled. Reason: The server has no key to encrypt with."),
				 errhint("Leave it out, or have queue.master_key_file or queue.master_key_command set.")));
}

/*
 * Of the two kinds of encryption, a queue has the one asked for last.
 */
void
attributes_complete(QueueAttributes *attributes)
{
	if (GIVEN(attributes, kms_master_key_id))
	{
		if (!IS_NULL(attributes, kms_master_key_id))
			set_column(attributes, Anum_queues_sqs_managed_sse_enabled,
					   BoolGetDatum(false), false);
	}
	else if (GIVEN(attributes, sqs_managed_sse_enabled) &&
			 DatumGetBool(VALUE(attributes, sqs_managed_sse_enabled)))
		set_column(attributes, Anum_queues_kms_master_key_id, (Datum) 0, true);
}

/*
 * The text of an attribute's column; what an attribute that is not set stands
 * for, if it is NULL.
 */
static char *
column_text(const AttributeInfo *info, const Datum *values, const bool *nulls)
{
	Datum		value = values[info->column - 1];
	bool		null = nulls[info->column - 1];

	switch (info->kind)
	{
		case ATTRIBUTE_INTEGER:
			return psprintf("%d", null ? info->initial : DatumGetInt32(value));
		case ATTRIBUTE_BOOLEAN:
		case ATTRIBUTE_FIFO_TYPE:
		case ATTRIBUTE_FIFO_BOOLEAN:
			return (!null && DatumGetBool(value)) ? "true" : "false";
		case ATTRIBUTE_DURABILITY:
			return null ? "logged" : TextDatumGetCString(value);
		case ATTRIBUTE_TIME:
			return psprintf(INT64_FORMAT,
							(DatumGetTimestampTz(value) +
							 (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY) /
							USECS_PER_SEC);
		default:
			return null ? "" : TextDatumGetCString(value);
	}
}

/*
 * Whether an attribute was given, with another value than a row has.
 */
static bool
differs(const AttributeInfo *info, const QueueAttributes *attributes,
		const Datum *values, const bool *nulls)
{
	return info->column != 0 && attributes->replaces[info->column - 1] &&
		strcmp(column_text(info, attributes->values, attributes->nulls),
			   column_text(info, values, nulls)) != 0;
}

/*
 * The first attribute given that differs from a row.
 */
const char *
attributes_difference(const QueueAttributes *attributes,
					  const Datum *values, const bool *nulls)
{
	for (int i = 0; i < lengthof(attribute_infos); i++)
	{
		if (differs(&attribute_infos[i], attributes, values, nulls))
			return attribute_infos[i].name;
	}
	return NULL;
}

/*
 * Refuse to change what is fixed when a queue is created.
 */
void
attributes_check_fixed(const QueueAttributes *attributes,
					   const Datum *values, const bool *nulls)
{
	const AttributeInfo *info = find_info("Durability");

	if (differs(info, attributes, values, nulls))
		report_value(info->name,
					 column_text(info, attributes->values, attributes->nulls),
					 "Modifying the durability of a queue is not supported.");
}

/*
 * A column as it is when the attributes given are set.
 */
static char *
resulting_text(AttrNumber column, const QueueAttributes *attributes,
			   const Datum *values, const bool *nulls)
{
	if (attributes->replaces[column - 1])
		return TextDatumGetCString(attributes->values[column - 1]);
	return nulls[column - 1] ? "" : TextDatumGetCString(values[column - 1]);
}

/*
 * Refuse a limit of throughput that does not go with the scope of
 * deduplication.
 */
void
attributes_check_together(const QueueAttributes *attributes,
						  const Datum *values, const bool *nulls)
{
	const char *limit = resulting_text(Anum_queues_fifo_throughput_limit, attributes,
									   values, nulls);
	const char *scope = resulting_text(Anum_queues_deduplication_scope, attributes,
									   values, nulls);

	if (strcmp(limit, LIMIT_GROUP) == 0 && strcmp(scope, SCOPE_GROUP) != 0)
		report_value("FifoThroughputLimit", limit,
					 "It requires that DeduplicationScope is " SCOPE_GROUP ".");
}

/*
 * Set the columns of a new row to the attributes' defaults.
 */
void
attributes_default(bool fifo, Datum *values, bool *nulls)
{
	for (int i = 0; i < lengthof(attribute_infos); i++)
	{
		const AttributeInfo *info = &attribute_infos[i];

		if (info->column == 0)
			continue;
		values[info->column - 1] = Int32GetDatum(info->initial);
		nulls[info->column - 1] = info->kind != ATTRIBUTE_INTEGER ||
			info->column == Anum_queues_kms_data_key_reuse_period_seconds;
	}
	values[Anum_queues_maximum_message_size - 1] =
		Int32GetDatum(setting_default_maximum_message_size);
	values[Anum_queues_fifo - 1] = BoolGetDatum(fifo);
	nulls[Anum_queues_fifo - 1] = false;
	if (fifo)
	{
		values[Anum_queues_content_based_deduplication - 1] = BoolGetDatum(false);
		values[Anum_queues_deduplication_scope - 1] = CStringGetTextDatum(SCOPE_QUEUE);
		values[Anum_queues_fifo_throughput_limit - 1] = CStringGetTextDatum(LIMIT_QUEUE);
		nulls[Anum_queues_content_based_deduplication - 1] = false;
		nulls[Anum_queues_deduplication_scope - 1] = false;
		nulls[Anum_queues_fifo_throughput_limit - 1] = false;
	}
	values[Anum_queues_sqs_managed_sse_enabled - 1] = BoolGetDatum(masterkey_configured());
	nulls[Anum_queues_sqs_managed_sse_enabled - 1] = false;
}

/*
 * Which attributes are asked for, one flag for each of attribute_infos.
 */
static void
parse_names(ArrayType *names, bool *wanted)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	memset(wanted, names == NULL, lengthof(attribute_infos) * sizeof(bool));
	if (names == NULL)
		return;

	deconstruct_array(names, TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		char	   *name = nulls[i] ? "" : TextDatumGetCString(elements[i]);

		if (strcmp(name, "All") == 0)
			memset(wanted, true, lengthof(attribute_infos) * sizeof(bool));
		else
			wanted[find_info(name) - attribute_infos] = true;
	}
}

/*
 * A map of attributes.
 */
Jsonb *
attributes_show(const Queue *queue, const Datum *values, const bool *nulls,
				ArrayType *names)
{
	bool		wanted[lengthof(attribute_infos)];
	JsonbParseState *state = NULL;
	QueueStatus status;
	bool		counted = false;

	parse_names(names, wanted);
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < lengthof(attribute_infos); i++)
	{
		const AttributeInfo *info = &attribute_infos[i];
		JsonbValue	key;
		JsonbValue	value;
		char	   *string;

		if (!wanted[i] || (info->column != 0 && nulls[info->column - 1]) ||
			(info->kind == ATTRIBUTE_FIFO_TYPE && !queue->fifo))
			continue;
		switch (info->kind)
		{
			case ATTRIBUTE_VISIBLE:
			case ATTRIBUTE_IN_FLIGHT:
			case ATTRIBUTE_DELAYED:
				if (!counted)
					counters_read(queue, &status);
				counted = true;
				string = psprintf(INT64_FORMAT,
								  info->kind == ATTRIBUTE_VISIBLE ? status.visible :
								  info->kind == ATTRIBUTE_IN_FLIGHT ? status.in_flight :
								  status.delayed);
				break;
			case ATTRIBUTE_ARN:
				string = names_arn(queue->account_id, queue->queue_name);
				break;
			default:
				string = column_text(info, values, nulls);
				break;
		}
		key.type = jbvString;
		key.val.string.val = unconstify(char *, info->name);
		key.val.string.len = strlen(info->name);
		pushJsonbValue(&state, WJB_KEY, &key);
		value.type = jbvString;
		value.val.string.val = string;

		value.val.string.len = strlen(string);
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}
