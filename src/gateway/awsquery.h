/*-------------------------------------------------------------------------
 *
 * awsquery.h
 *		The AWS Query protocol: requests that are forms.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_AWSQUERY_H
#define GATEWAY_AWSQUERY_H

#include <jansson.h>

#include "call.h"

/*
 * Find the action of a request and translate its parameters.  Sets
 * call->action as soon as it is known.  Returns NULL after setting *failure.
 */
extern json_t *awsquery_read(const HttpRequest *request, Call *call, Failure *failure);

/* Whether the client wants its answer in JSON rather than XML */
extern bool awsquery_wants_json(const HttpRequest *request);

#endif							/* GATEWAY_AWSQUERY_H */
