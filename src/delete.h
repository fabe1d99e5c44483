/*-------------------------------------------------------------------------
 *
 * delete.h
 *		Deleting received messages.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_DELETE_H
#define QUEUE_DELETE_H

#include "receipt.h"

typedef enum DeleteResult
{
	DELETE_DONE,
	DELETE_NOTHING,				/* it was gone, or another session is at work
								 * on it */
	DELETE_EXPIRED				/* the handle is outdated and the queue minds */
} DeleteResult;

/*
 * Delete messages by their receipts, which are sorted on the way.  results has
 * a place for each, at its entry.  Returns how many were removed.
 */
extern int	delete_messages(Queue *queue, Receipt *receipts, int count,
							DeleteResult *results);

#endif							/* QUEUE_DELETE_H */
