/*-------------------------------------------------------------------------
 *
 * count.c
 *		What is counted.
 *
 *-------------------------------------------------------------------------
 */
#include "count.h"

Counts		counts;

const int64_t count_bounds[COUNT_BUCKETS] = {
	100, 1000, 5000, 10000, 25000, 50000, 100000, 250000, 500000,
	1000000, 2500000, 5000000, 10000000, 30000000, 60000000, 300000000
};

void
count_run(int64_t microseconds)
{
	int			bucket = 0;

	while (bucket < COUNT_BUCKETS && microseconds > count_bounds[bucket])
		bucket++;
	counts.buckets[bucket]++;
	counts.microseconds += microseconds;
}
