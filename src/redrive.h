/*-------------------------------------------------------------------------
 *
 * redrive.h
 *		Tasks that move messages out of a dead-letter queue.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_REDRIVE_H
#define QUEUE_REDRIVE_H

#include "catalog.h"
#include "movetask.h"

/*
 * Arguments are those of the SQL calls; NULL, or 0 for the rate, is "not given".
 * Each checks them, and authorizes, and raises what its call documents.
 */
extern text *redrive_start(text *source_reference, text *destination_reference,
						   const int *rate);
extern MoveTask *redrive_list(text *reference, int max, Queue *source, int *count);
extern int64 redrive_cancel(text *handle);

/*
 * Raise InvalidParameterValue for what is given but has not the form of an ARN:
 * the SQL calls take names and URLs as well, SQS does not.
 */
extern void redrive_check_arn(const text *reference, const char *parameter);

/* The handle of a task, whose source has this ARN */
extern text *redrive_handle(const MoveTask *task, const char *source_arn);

/* When a task was started, in milliseconds since 1970 */
extern int64 redrive_started(const MoveTask *task);

#endif							/* QUEUE_REDRIVE_H */
