/*-------------------------------------------------------------------------
 *
 * xid.c
 *		Transaction ids that do not wrap around.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "xid.h"

/*
 * The full transaction id of a transaction that is running, or has just ended.
 */
FullTransactionId
xid_full(TransactionId xid)
{
	FullTransactionId next = ReadNextFullTransactionId();
	uint32		epoch = EpochFromFullTransactionId(next);

	if (xid > XidFromFullTransactionId(next))
		epoch--;
	return FullTransactionIdFromEpochAndXid(epoch, xid);
}
