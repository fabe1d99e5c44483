/*-------------------------------------------------------------------------
 *
 * visibility.h
 *		Changing when received messages become visible.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_VISIBILITY_H
#define QUEUE_VISIBILITY_H

#include "receipt.h"

typedef enum ChangeResult
{
	CHANGE_DONE,
	CHANGE_NO_MESSAGE,			/* deleted, or another session is at work on
								 * it */
	CHANGE_EXPIRED,				/* the handle is outdated and the queue minds */
	CHANGE_BEYOND_LIMIT			/* hidden for more than twelve hours in all */
} ChangeResult;

/* Raise InvalidParameterValue for a number of seconds that is out of range */
extern void visibility_check(int timeout);

/*
 * Change the visibility of messages by their receipts, which are sorted on the
 * way.  timeouts, in seconds from now, and results have a place for each, at
 * its entry.
 */
extern void visibility_change(Queue *queue, Receipt *receipts, const int *timeouts,
							  int count, TimestampTz now, ChangeResult *results);

/* Raise the error for a change that was not done */
extern void visibility_report(ChangeResult result, int timeout);

#endif							/* QUEUE_VISIBILITY_H */
