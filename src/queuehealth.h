/*-------------------------------------------------------------------------
 *
 * queuehealth.h
 *		What a queue suffers from.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_QUEUEHEALTH_H
#define QUEUE_QUEUEHEALTH_H

#include "catalog.h"
#include "finding.h"
#include "holder.h"

/*
 * Add what is found with a queue.  locks are those of transactions that are old.
 * An active snapshot is needed.
 */
extern void queuehealth_look(Findings *findings, const Queue *queue,
							 const HeldLock *locks, int lock_count);

#endif							/* QUEUE_QUEUEHEALTH_H */
