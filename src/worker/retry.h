/*-------------------------------------------------------------------------
 *
 * retry.h
 *		When a message that failed is tried again.
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKER_RETRY_H
#define WORKER_RETRY_H

/*
 * Seconds: first doubles with each receive up to most; the result is between
 * half of that and all of it, at random.
 */
extern int	retry_seconds(int receive_count, int first, int most);

#endif							/* WORKER_RETRY_H */
