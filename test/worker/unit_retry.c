/*-------------------------------------------------------------------------
 *
 * unit_retry.c
 *		Promises: a back-off doubles from the first to the longest, is spread
 *		between half and all, and overflows nowhere; SQLSTATEs are told apart.
 *
 *-------------------------------------------------------------------------
 */
#include <limits.h>

#include "retry.h"
#include "session.h"
#include "tap.h"

#define SAMPLES 2000

static void
test_range(int count, int first, int most, int expected_least, int expected_most)
{
	int			least = INT_MAX;
	int			greatest = INT_MIN;

	for (int i = 0; i < SAMPLES; i++)
	{
		int			seconds = retry_seconds(count, first, most);

		least = seconds < least ? seconds : least;
		greatest = seconds > greatest ? seconds : greatest;
	}
	tap_ok(least == expected_least && greatest == expected_most,
		   "receive %d of %d to %d: %d to %d seconds", count, first, most, least, greatest);
}

int
main(void)
{
	test_range(1, 2, 600, 1, 2);
	test_range(2, 2, 600, 2, 4);
	test_range(5, 2, 600, 16, 32);
	test_range(9, 2, 30, 15, 30);
	test_range(1, 0, 600, 0, 0);
	test_range(40, 0, 600, 0, 0);
	test_range(0, 1, 10, 1, 1);
	test_range(INT_MAX, 36000, 20, 10, 20);
	test_range(INT_MIN, 1, 10, 1, 1);
	tap_ok(session_queue_is_gone("SQ001") && !session_queue_is_gone("SQ007"), "no such queue");
	tap_ok(session_is_passing("57P01") && session_is_passing("25006") && session_is_passing("40001") &&
		   !session_is_passing("SQ007") && !session_is_passing("42501") && !session_is_passing(""),
		   "errors that may pass");
	return tap_end();
}
