/*-------------------------------------------------------------------------
 *
 * awsjson.h
 *		The AWS JSON protocol: requests and answers that are JSON.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_AWSJSON_H
#define GATEWAY_AWSJSON_H

#include <jansson.h>

#include "call.h"

/* Whether a request is of this protocol, rather than of AWS Query */
extern bool awsjson_speaks(const HttpRequest *request);

/*
 * Find the action of a request and check its body.  Sets call->action as soon
 * as it is known, and call->request to the body.  Returns NULL after setting
 * *failure.
 */
extern json_t *awsjson_read(const HttpRequest *request, Call *call, Failure *failure);

/*
 * Write an answer to who sent a form but wants JSON back.
 */
extern void awsjson_put_result(const Action *action, json_t *root,
							   const char *request_id, Buffer *body);
extern void awsjson_put_result_error(const ErrorInfo *info, const char *text,
									 const char *request_id, Buffer *body);

/* Write an error */
extern void awsjson_put_error(const ErrorInfo *info, const char *text, Buffer *body);

/* Write any JSON */
extern void awsjson_put(json_t *json, Buffer *body);

#endif							/* GATEWAY_AWSJSON_H */
