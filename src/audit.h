/*-------------------------------------------------------------------------
 *
 * audit.h
 *		Who did what: lines for the server log.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_AUDIT_H
#define QUEUE_AUDIT_H

#include "names.h"

/*
 * Note that the current user was allowed or denied an action, by SQS's or IAM's
 * name of it.  What it was about is a queue, or an account's queues if it has no
 * name; or a role or another thing, by its ARN or name.  queue.audit decides
 * whether a line is written.
 */
extern void audit_queue(const char *action, const char *account_id,
						const char *queue_name, bool allowed);
extern void audit_other(const char *action, const char *resource, bool allowed);

/* Whether each call on messages is to be noted by itself */
extern bool audit_is_complete(void);

#endif							/* QUEUE_AUDIT_H */
