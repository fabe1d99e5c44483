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

#endif							/* QUEUE_XID_H */
