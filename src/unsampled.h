/*-------------------------------------------------------------------------
 *
 * unsampled.h
 *		What metrics over time do not have yet of what happened to a queue.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_UNSAMPLED_H
#define QUEUE_UNSAMPLED_H

#include "tally.h"

/*
 * So many messages were sent, of so many bytes; of which sizes, if not all are of
 * one bucket.  Lock of the queue's entry held; never throws.
 */
extern void unsampled_sent(QueueShared *qs, int64 count, int64 bytes, int32 smallest,
						   int32 greatest, const uint32 *sizes);

/*
 * Whether anything has come of late: by now, since the last sample, or in so many
 * microseconds before.  If not, the queue's tally is given up.  Lock held.
 */
extern bool unsampled_in_use(QueueShared *qs, TimestampTz now, int64 time);

/*
 * Take what has come, for the transaction that stores it, whose id is durable.  False
 * if that has taken something before, or nothing ever came.  What was taken is
 * settled when it ends; never throws.  Lock held.
 */
extern bool unsampled_take(QueueShared *qs, FullTransactionId xid, QueueTotals *totals);
extern void unsampled_settle(QueueShared *qs, bool committed);

#endif							/* QUEUE_UNSAMPLED_H */
