/*-------------------------------------------------------------------------
 *
 * report.c
 *		Raising SQS errors with ereport().
 *
 * Every error a caller can meet has three parts: a message in PostgreSQL's
 * style, the SQLSTATE of its SQS error shape, and a detail that starts with
 * the shape's name and goes on with SQS's own wording, so that a program can
 * tell errors apart by code and a person can look them up by name.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "queue.h"
#include "report.h"

typedef struct SqsErrorInfo
{
	const char *sqlstate;
	const char *shape;
	const char *code;
	int			status;
} SqsErrorInfo;

static const SqsErrorInfo sqs_errors[SQS_ERROR_COUNT] = {
#define SQS_ERROR_INFO(symbol, sqlstate, shape, code, status) {sqlstate, shape, code, status},
	SQS_ERROR_LIST(SQS_ERROR_INFO)
#undef SQS_ERROR_INFO
};

/*
 * Set the SQLSTATE of an SQS error; for use inside ereport().
 */
int
sqs_errcode(SqsError error)
{
	const char *state = sqs_errors[error].sqlstate;

	return errcode(MAKE_SQLSTATE(state[0], state[1], state[2], state[3], state[4]));
}

/*
 * Set the detail "ShapeName: text"; for use inside ereport().
 */
int
sqs_errdetail(SqsError error, const char *fmt,...)
{
	StringInfoData text;

	initStringInfo(&text);
	for (;;)
	{
		va_list		args;
		int			needed;

		va_start(args, fmt);
		needed = appendStringInfoVA(&text, fmt, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(&text, needed);
	}
	return errdetail_internal("%s: %s", sqs_errors[error].shape, text.data);
}

/*
 * Whether a caught error is an SQS error.  It has the SQLSTATE of one, and the
 * detail that sqs_errdetail() gave it; the text is what follows the shape.
 */
bool
report_recognize(const ErrorData *caught, SqsError *error, const char **text)
{
	const char *state = unpack_sql_state(caught->sqlerrcode);

	for (int i = 0; i < SQS_ERROR_COUNT; i++)
	{
		size_t		length = strlen(sqs_errors[i].shape);

		if (strcmp(sqs_errors[i].sqlstate, state) != 0)
			continue;
		if (caught->detail == NULL ||
			strncmp(caught->detail, sqs_errors[i].shape, length) != 0 ||
			strncmp(caught->detail + length, ": ", 2) != 0)
			return false;
		*error = (SqsError) i;
		*text = caught->detail + length + 2;
		return true;
	}
	return false;
}

/*
 * The SQLSTATE of an error.
 */
const char *
report_sqlstate(SqsError error)
{
	return sqs_errors[error].sqlstate;
}

/*
 * The name of an error that the Query protocol has.
 */
const char *
report_query_code(SqsError error)
{
	return sqs_errors[error].code;
}

/*
 * Whether an error is the sender's fault: as its HTTP status tells.
 */
bool
report_sender_fault(SqsError error)
{
	return sqs_errors[error].status < 500;
}

/*
 * Report a parameter whose value SQS refuses, with its reason (a sentence).
 */
void
report_invalid_parameter(const char *parameter, const char *value,
						 const char *reason)
{
	ereport(ERROR,
			(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for parameter %s: \"%s\"", parameter, value),
			 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
						   "Value %s for parameter %s is invalid. Reason: %s",
						   value, parameter, reason),
			 errhint("Pass a value that is allowed; for an optional parameter, NULL stands for the queue's own setting.")));
}

/*
 * Report a required parameter that is NULL or empty.
 */
void
report_missing_parameter(const char *parameter)
{
	ereport(ERROR,
			(sqs_errcode(SQS_MISSING_PARAMETER),
			 errmsg("parameter %s is missing", parameter),
			 sqs_errdetail(SQS_MISSING_PARAMETER,
						   "The request must contain the parameter %s.",
						   parameter),
			 errhint("Pass a value that is neither NULL nor empty.")));
}

/*
 * Report a queue that is not there.
 */
void
report_no_queue(const char *name)
{
	ereport(ERROR,
			(sqs_errcode(SQS_QUEUE_DOES_NOT_EXIST),
			 errmsg("queue \"%s\" does not exist", name),
			 sqs_errdetail(SQS_QUEUE_DOES_NOT_EXIST,
						   "The specified queue does not exist."),
			 errhint("Create it with sqs_create_queue(), or list the queues with sqs_list_queues(). Names are case sensitive.")));
}

/*
 * Report a number that is out of its range.
 */
void
report_range(const char *parameter, int64 value, int64 low, int64 high)
{
	report_invalid_parameter(parameter, psprintf(INT64_FORMAT, value),
							 psprintf("Must be >= " INT64_FORMAT " and <= " INT64_FORMAT ", if provided.",
									  low, high));
}

/*
 * An integer argument within a range, or fallback where it is NULL.
 */
int
report_integer_argument(FunctionCallInfo fcinfo, int arg, const char *parameter,
						int low, int high, int fallback)
{
	int			value;

	if (PG_ARGISNULL(arg))
		return fallback;
	value = PG_GETARG_INT32(arg);
	if (value < low || value > high)
		report_range(parameter, value, low, high);
	return value;
}

/*
 * Report an array without elements; entry is SQS's name of its elements.
 */
void
report_empty_batch(const char *entry)
{
	ereport(ERROR,
			(sqs_errcode(SQS_EMPTY_BATCH_REQUEST),
			 errmsg("the batch is empty"),
			 sqs_errdetail(SQS_EMPTY_BATCH_REQUEST,
						   "There should be at least one %s in the request.", entry),
			 errhint("Pass an array with at least one element.")));
}

/*
 * Report an array with too many elements.
 */
void
report_large_batch(int count, int maximum)
{
	ereport(ERROR,
			(sqs_errcode(SQS_TOO_MANY_ENTRIES_IN_BATCH_REQUEST),
			 errmsg("the batch has too many entries"),
			 sqs_errdetail(SQS_TOO_MANY_ENTRIES_IN_BATCH_REQUEST,
						   "Maximum number of entries per request are %d. You have sent %d.",
						   maximum, count),
			 errhint("Split the batch.")));
}
