/*-------------------------------------------------------------------------
 *
 * alarmer.h
 *		The worker's part in alarms: they are evaluated.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ALARMER_H
#define QUEUE_ALARMER_H

#include "datatype/timestamp.h"

/*
 * Evaluate the alarms of which a period has ended after a time, and not after
 * another.  With own transactions: each in one of its own; otherwise all are part
 * of the caller's.
 */
extern void alarmer_evaluate(TimestampTz after, TimestampTz until, bool own_transactions);

#endif							/* QUEUE_ALARMER_H */
