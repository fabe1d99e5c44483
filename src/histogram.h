/*-------------------------------------------------------------------------
 *
 * histogram.h
 *		When hidden messages become visible, counted by tick.
 *
 * Every function is called with the queue's lock held exclusively.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_HISTOGRAM_H
#define QUEUE_HISTOGRAM_H

#include "counters.h"

/*
 * Ticks ahead of the watermark that can be told apart: the longest visibility
 * timeout, with room for rounding
 */
#define HISTOGRAM_REACH (INT64CONST(16) * VISIBILITY_TIMEOUT_MAX + 12 * 1024)

/* Ticks under one coarse count: 512 seconds */
#define HISTOGRAM_COARSE_TICKS 8192

/*
 * The address of something in the DSA area; NULL, and no error, if it can't be
 * mapped.
 */
extern void *histogram_address(dsa_pointer at);

/* Make room for a tick, so that it has a slot, if there is memory */
extern void histogram_reserve(QueueShared *qs, int64 tick);

/* Where a tick is counted; NULL if it has no slot.  Never throws. */
extern int32 *histogram_slot(QueueShared *qs, CounterKind kind, int64 tick);

/* Where a tick is counted coarsely */
extern int32 *histogram_coarse(QueueShared *qs, CounterKind kind, int64 tick);

/*
 * Add what is counted from a tick up to another, which have passed, to the sums
 * for each kind, and free what has passed
 */
extern void histogram_roll(QueueShared *qs, int64 tick, int64 until, int64 *passed);

/* Set all counts to zero; frees nothing and never throws */
extern void histogram_zero(QueueShared *qs);

/* Free it if nothing is counted in it; free it in any case */
extern void histogram_trim(QueueShared *qs);
extern void histogram_free(QueueShared *qs);

#endif							/* QUEUE_HISTOGRAM_H */
