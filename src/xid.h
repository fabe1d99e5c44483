/*-------------------------------------------------------------------------
 *
 * xid.h
 *		Transaction ids that do not wrap around.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_XID_H
#define QUEUE_XID_H

#include "access/transam.h"

/* The full id of a transaction that is running, or has just ended */
extern FullTransactionId xid_full(TransactionId xid);

/*
 * The current transaction's, which is on disk then, so that it will never be another's
 */
extern FullTransactionId xid_durable(void);

/*
 * Whether a transaction has committed that ran in this server's life or before; of
 * one that nobody knows any more, that is the answer
 */
extern bool xid_has_committed(FullTransactionId full);

#endif							/* QUEUE_XID_H */
