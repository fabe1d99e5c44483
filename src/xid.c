/*-------------------------------------------------------------------------
 *
 * xid.c
 *		Transaction ids that do not wrap around.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "access/xloginsert.h"
#include "catalog/pg_control.h"
#include "storage/lwlock.h"

#include "compat.h"
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

/*
 * The id of the current transaction, once a record of it is on disk: a crash makes no
 * other transaction of it.
 */
FullTransactionId
xid_durable(void)
{
	FullTransactionId xid = GetTopFullTransactionId();
	int			nothing = 0;

	/*
	 * the record is of the part of the transaction that we are in, if that
	 * has one
	 */
	(void) GetCurrentTransactionId();
	XLogBeginInsert();
	XLogRegisterData((char *) &nothing, sizeof(nothing));
	XLogFlush(XLogInsert(RM_XLOG_ID, XLOG_NOOP));
	return xid;
}

/*
 * Whether a transaction has committed.  Of one so old that nobody knows any more,
 * that is what we say.
 */
bool
xid_has_committed(FullTransactionId full)
{
	TransactionId xid = XidFromFullTransactionId(full);
	bool		committed;

	LWLockAcquire(XactTruncationLock, LW_SHARED);
	committed = TransactionIdPrecedes(xid, TransamVariables->oldestClogXid) ||
		TransactionIdDidCommit(xid);
	LWLockRelease(XactTruncationLock);
	return committed;
}
