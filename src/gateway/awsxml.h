/*-------------------------------------------------------------------------
 *
 * awsxml.h
 *		Answers of the AWS Query protocol, which are XML.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_AWSXML_H
#define GATEWAY_AWSXML_H

#include <jansson.h>

#include "actions.h"
#include "buffer.h"
#include "errors.h"

/* Write an answer; root is the server's */
extern void awsxml_put_answer(const Action *action, json_t *root,
							  const char *request_id, Buffer *body);

extern void awsxml_put_error(const ErrorInfo *info, const char *text,
							 const char *request_id, Buffer *body);

/* Write the error of a request without action, which is like no other */
extern void awsxml_put_no_action(Buffer *body);

#endif							/* GATEWAY_AWSXML_H */
