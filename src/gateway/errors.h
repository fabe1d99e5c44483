/*-------------------------------------------------------------------------
 *
 * errors.h
 *		Errors that a client can be answered with.
 *
 * Those of SQS are the module's, from the header it shares with us; those of
 * the protocol around it are added here.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_ERRORS_H
#define GATEWAY_ERRORS_H

#include <stdbool.h>

#include "../errors.h"

/*
 *	X(symbol, shape, query code, HTTP status)
 */
#define GATEWAY_ERROR_LIST(X) \
	X(INVALID_SIGNATURE, "InvalidSignatureException", "SignatureDoesNotMatch", 403) \
	X(MISSING_AUTHENTICATION_TOKEN, "MissingAuthenticationTokenException", "MissingAuthenticationToken", 403) \
	X(INCOMPLETE_SIGNATURE, "IncompleteSignatureException", "IncompleteSignature", 400) \
	X(REQUEST_EXPIRED, "RequestExpiredException", "RequestExpired", 400) \
	X(INVALID_ACTION, "InvalidAction", "InvalidAction", 400) \
	X(MALFORMED_INPUT, "MalformedInput", "MalformedInput", 400) \
	X(REQUEST_TOO_LARGE, "RequestEntityTooLargeException", "RequestEntityTooLarge", 413) \
	X(METHOD_NOT_ALLOWED, "MethodNotAllowedException", "MethodNotAllowed", 405) \
	X(THROTTLING, "ThrottlingException", "ThrottlingException", 400) \
	X(INTERNAL_FAILURE, "InternalFailure", "InternalFailure", 500) \
	X(SERVICE_UNAVAILABLE, "ServiceUnavailable", "ServiceUnavailable", 503)

/* The numbers go on after the module's, which are of type SqsError */
enum GatewayError
{
	GATEWAY_ERROR_BASE = SQS_ERROR_COUNT - 1,
#define GATEWAY_ERROR_SYMBOL(symbol, shape, code, status) GATEWAY_##symbol,
	GATEWAY_ERROR_LIST(GATEWAY_ERROR_SYMBOL)
#undef GATEWAY_ERROR_SYMBOL
	GATEWAY_ERROR_END
};

typedef struct ErrorInfo
{
	const char *shape;			/* the tail of "__type" */
	const char *code;			/* of the Query protocol */
	int			status;			/* of HTTP */
	bool		framework;		/* not of SQS's own model: "__type" begins
								 * with another namespace */
} ErrorInfo;

/* What went wrong: SQS_... or GATEWAY_..., and the text for the client */
typedef struct Failure
{
	int			error;
	char	   *text;			/* malloc'd */
} Failure;

extern const ErrorInfo *error_info(int error);

/* The SQS_... with this SQLSTATE, or -1 */
extern int	error_from_sqlstate(const char *sqlstate);

/*
 * Fill in a failure; returns false, so that a caller can return it at once.
 * What the text quotes of a request may be any bytes: those that are not UTF-8
 * become question marks.
 */
extern bool failure_set(Failure *failure, int error, const char *format,...) __attribute__((format(printf, 3, 4)));
extern void failure_free(Failure *failure);

#endif							/* GATEWAY_ERRORS_H */
