/*-------------------------------------------------------------------------
 *
 * errors.c
 *		Errors that a client can be answered with.
 *
 *-------------------------------------------------------------------------
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "errors.h"
#include "utf8.h"

/*
 * Of the module's errors these few are not in SQS's model: they come from the
 * framework that services are built with.
 */
#define IS_FRAMEWORK(error) \
	((error) == SQS_INVALID_PARAMETER_VALUE || (error) == SQS_MISSING_PARAMETER || \
	 (error) == SQS_UNKNOWN_OPERATION || (error) == SQS_SERIALIZATION || \
	 (error) == SQS_ACCESS_DENIED || (error) == SQS_UNRECOGNIZED_CLIENT)

/*
 * What a client is told of an error.
 */
const ErrorInfo *
error_info(int error)
{
#define MODULE_INFO(symbol, sqlstate, shape, code, status) \
	{shape, code, status, IS_FRAMEWORK(SQS_##symbol)},
#define GATEWAY_INFO(symbol, shape, code, status) {shape, code, status, true},
	static const ErrorInfo infos[] = {
		SQS_ERROR_LIST(MODULE_INFO)
		GATEWAY_ERROR_LIST(GATEWAY_INFO)
	};
#undef MODULE_INFO
#undef GATEWAY_INFO

	if (error < 0 || error >= GATEWAY_ERROR_END)
		error = GATEWAY_INTERNAL_FAILURE;
	return &infos[error];
}

/*
 * The error of the module that a SQLSTATE stands for; -1 if it is none.
 */
int
error_from_sqlstate(const char *sqlstate)
{
#define SQLSTATE_OF(symbol, sqlstate, shape, code, status) sqlstate,
	static const char *const sqlstates[] = {SQS_ERROR_LIST(SQLSTATE_OF)};
#undef SQLSTATE_OF

	for (int i = 0; i < SQS_ERROR_COUNT; i++)
	{
		if (strcmp(sqlstate, sqlstates[i]) == 0)
			return i;
	}
	return -1;
}

/*
 * Fill in a failure.
 */
bool
failure_set(Failure *failure, int error, const char *format,...)
{
	va_list		args;
	int			length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0)
		length = 0;

	failure->error = error;
	failure->text = must_calloc(1, (size_t) length + 1);
	va_start(args, format);
	vsnprintf(failure->text, (size_t) length + 1, format, args);
	va_end(args);
	utf8_clean(failure->text);
	return false;
}

void
failure_free(Failure *failure)
{
	free(failure->text);
	failure->text = NULL;
}
