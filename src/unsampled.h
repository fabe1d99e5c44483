/*-------------------------------------------------------------------------
 *
 * unsampled.h
 *		What metrics over time do not have yet of a queue's totals.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_UNSAMPLED_H
#define QUEUE_UNSAMPLED_H

#include "shared.h"

/* Messages of these sizes were sent.  Lock held; never throws. */
extern void unsampled_sizes(QueueShared *qs, int32 smallest, int32 greatest);

/* What has come since it was last taken; whether anything has.  Lock held. */
extern bool unsampled_read(const QueueShared *qs, QueueTotals *totals);

/* Take what was read, and give it back.  Lock held; never throws. */
extern void unsampled_take(QueueShared *qs, const QueueTotals *totals);
extern void unsampled_return(QueueShared *qs, const QueueTotals *totals);

/*
 * Over a restart in good order what was not taken is in a file of its database.
 * Written by the launcher, as the last of those that are at work there; read by
 * the database's next worker, in a transaction.
 */
extern void unsampled_save(Oid database);
extern void unsampled_restore(void);

#endif							/* QUEUE_UNSAMPLED_H */
