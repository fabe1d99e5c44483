/*-------------------------------------------------------------------------
 *
 * report.h
 *		Raising SQS errors with ereport().
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_REPORT_H
#define QUEUE_REPORT_H

#include "compat.h"
#include "errors.h"

/* To be used inside ereport(): the SQLSTATE, and "ShapeName: text" */
extern int	sqs_errcode(SqsError error);
extern int	sqs_errdetail(SqsError error, const char *fmt,...) pg_attribute_printf(2, 3);

/*
 * Whether a caught error is one of these, which one, and SQS's text of it; and
 * its SQLSTATE, its query code, and whether it is the sender's fault
 */
extern bool report_recognize(const ErrorData *caught, SqsError *error,
							 const char **text);
extern const char *report_sqlstate(SqsError error);
extern const char *report_query_code(SqsError error);
extern bool report_sender_fault(SqsError error);

/* The two most frequent errors, worded once */
pg_noreturn extern void report_invalid_parameter(const char *parameter, const char *value,
												 const char *reason);
pg_noreturn extern void report_missing_parameter(const char *parameter);
pg_noreturn extern void report_no_queue(const char *name);
pg_noreturn extern void report_range(const char *parameter, int64 value,
									 int64 low, int64 high);

/*
 * An integer argument of a function, or fallback where it is NULL; an error if it
 * is out of its range.
 */
extern int	report_integer_argument(FunctionCallInfo fcinfo, int arg, const char *parameter,
									int low, int high, int fallback);

pg_noreturn extern void report_empty_batch(const char *entry);
pg_noreturn extern void report_large_batch(int count, int maximum);

#endif							/* QUEUE_REPORT_H */
