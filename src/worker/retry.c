/*-------------------------------------------------------------------------
 *
 * retry.c
 *		When a message that failed is tried again.
 *
 *-------------------------------------------------------------------------
 */
#include <stdint.h>
#include <stdlib.h>

#include "retry.h"

/* Doubling it once more leaves any limit behind */
#define DOUBLINGS_MAX 20

int
retry_seconds(int receive_count, int first, int most)
{
	int			doublings = receive_count < 1 ? 0 : receive_count - 1;
	int64_t		seconds;
	int64_t		least;

	if (doublings > DOUBLINGS_MAX)
		doublings = DOUBLINGS_MAX;
	seconds = (int64_t) first << doublings;
	if (seconds > most)
		seconds = most;
	least = (seconds + 1) / 2;
	return (int) (least + random() % (seconds - least + 1));
}
