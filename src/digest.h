/*-------------------------------------------------------------------------
 *
 * digest.h
 *		MD5 digests of bodies and message attributes, as SQS answers them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_DIGEST_H
#define QUEUE_DIGEST_H

#include "utils/jsonb.h"

/* All are palloc'd, of 32 hexadecimal digits in lower case */
extern char *digest_body(const text *body);

/* Of AWS's map of message attributes, as it is stored */
extern char *digest_attributes(Jsonb *attributes);

/* Of system attributes, of which there is but AWSTraceHeader */
extern char *digest_trace_header(const text *trace_header);

#endif							/* QUEUE_DIGEST_H */
