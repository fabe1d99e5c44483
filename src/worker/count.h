/*-------------------------------------------------------------------------
 *
 * count.h
 *		What is counted.
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKER_COUNT_H
#define WORKER_COUNT_H

#include <stdint.h>

/* Upper ends of the histogram's buckets, and one more for what is beyond */
#define COUNT_BUCKETS 16

typedef struct Counts
{
	uint64_t	received;		/* messages */
	uint64_t	receives;		/* calls that returned some */
	uint64_t	deleted;
	uint64_t	failed;			/* and returned with back-off */
	uint64_t	returned;		/* that were not begun, or given up by a stop */
	uint64_t	overdue;		/* not begun before they were visible again */
	uint64_t	extended;		/* heartbeats */
	uint64_t	changes_lost;	/* deletes and returns that the database
								 * refused */
	uint64_t	transactions;	/* of deletes, returns and heartbeats */
	uint64_t	started;		/* processes */
	uint64_t	not_started;
	uint64_t	timed_out;
	uint64_t	crashed;		/* ended by a signal that was not ours */
	uint64_t	bad_answers;
	uint64_t	output;			/* bytes */
	uint64_t	discarded;		/* of them */
	uint64_t	scaled_out;
	uint64_t	scaled_in;
	uint64_t	buckets[COUNT_BUCKETS + 1]; /* of runs, by their time */
	uint64_t	microseconds;	/* of them all */
} Counts;

extern Counts counts;

/* The upper ends, in microseconds */
extern const int64_t count_bounds[COUNT_BUCKETS];

/* Count a run of a handler: one message, or a list */
extern void count_run(int64_t microseconds);

#endif							/* WORKER_COUNT_H */
