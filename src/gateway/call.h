/*-------------------------------------------------------------------------
 *
 * call.h
 *		A call of an action, whatever protocol it came by, and its answer.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_CALL_H
#define GATEWAY_CALL_H

#include "actions.h"
#include "buffer.h"
#include "errors.h"
#include "request.h"

typedef enum Protocol
{
	PROTOCOL_JSON,				/* AWS JSON 1.0 */
	PROTOCOL_QUERY,				/* a form, answered in XML */
	PROTOCOL_QUERY_JSON			/* a form, answered in JSON: who asked for
								 * that */
} Protocol;

/*
 * request is JSON that the server's jsonb takes: valid UTF-8, and U+0000, which
 * jsonb has no room for and SQS refuses everywhere, has become U+0001, which
 * SQS refuses as well.
 */
typedef struct Call
{
	Protocol	protocol;
	const Action *action;		/* NULL until known */
	char	   *request;		/* malloc'd */
	char	   *queue;			/* its QueueUrl, malloc'd; NULL if there is
								 * none, or it is no string */
} Call;

/* What goes back to the client */
typedef struct Answer
{
	int			status;
	const char *content_type;
	Buffer		body;
	char		query_error[128];	/* of the header x-amzn-query-error; "":
									 * none */
} Answer;

/* Which protocol a request is of: decided by its headers */
extern Protocol call_protocol(const HttpRequest *request);

/*
 * Read a call.  If it returns false *failure is set, and call->protocol, in
 * which the failure is to be answered.
 */
extern bool call_read(const HttpRequest *request, Call *call, Failure *failure);
extern void call_free(Call *call);

/*
 * Write the answer: json is what the server gave, base the URL of this gateway
 * as the client knows it, without a slash at the end, which URLs of queues
 * shall begin with.
 */
extern void call_answer(const Call *call, const char *json, const char *base,
						const char *request_id, Answer *answer);

/* The same of what went wrong */
extern void call_fail(const Call *call, const Failure *failure,
					  const char *request_id, Answer *answer);

#endif							/* GATEWAY_CALL_H */
