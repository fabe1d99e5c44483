/*-------------------------------------------------------------------------
 *
 * retention.h
 *		The worker's rounds: what has outlived its time is removed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_RETENTION_H
#define QUEUE_RETENTION_H

/*
 * One round over all queues of this database.  own_transactions: the caller is
 * outside a transaction, and each piece of work gets one of its own; otherwise
 * everything is part of the caller's.
 */
extern void retention_sweep(bool own_transactions);

/* Give up what is kept in memory of this database's queues whose table is gone */
extern void retention_forget_entries(bool own_transactions);

/* Give up what shared memory holds of a database that was dropped */
extern void retention_forget_database(Oid database);

#endif							/* QUEUE_RETENTION_H */
