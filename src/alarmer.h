/*-------------------------------------------------------------------------
 *
 * alarmer.h
 *		The worker's part in alarms: they are evaluated.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ALARMER_H
#define QUEUE_ALARMER_H

#include "shared.h"

/*
 * Evaluate all alarms, by periods that have ended by a time; the sample before was of
 * another.  database is the entry that stands for it.  With own transactions: each in
 * one of its own; otherwise all are part of the caller's.
 */
extern void alarmer_evaluate(QueueShared *database, TimestampTz after, TimestampTz until,
							 bool own_transactions);

#endif							/* QUEUE_ALARMER_H */
