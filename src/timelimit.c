/*-------------------------------------------------------------------------
 *
 * timelimit.c
 *		A limit to how long a function of somebody else may run.
 *
 * A function can catch that it is cancelled, and go on.  So one that does not end is
 * cancelled again and again, and what it did is not to be kept; nor can it keep the
 * process from ending.
 *
 * The limit has a timeout of its own: statement_timeout would cancel but once.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <signal.h>

#include "miscadmin.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "timelimit.h"

/* Milliseconds between two attempts to cancel */
#define CANCEL_PAUSE 1000

static TimeoutId timeout = MAX_TIMEOUTS;
static volatile sig_atomic_t cancelled = 0;
static int	patience = 0;

static void
timelimit_passed(void)
{
	cancelled++;
	kill(MyProcPid, patience > 0 && cancelled > patience ? SIGTERM : SIGINT);
}

void
timelimit_begin(int64 milliseconds, int new_patience)
{
	if (timeout == MAX_TIMEOUTS)
		timeout = RegisterTimeout(USER_TIMEOUT, timelimit_passed);
	cancelled = 0;
	patience = new_patience;
	enable_timeout_every(timeout, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), milliseconds),
						 CANCEL_PAUSE);
}

bool
timelimit_end(void)
{
	bool		passed;

	if (timeout == MAX_TIMEOUTS)
		return false;
	disable_timeout(timeout, false);

	/* one that came too late is meant for nothing else */
	passed = cancelled > 0;
	if (passed)
		QueryCancelPending = false;

	/* what is not limited is not to be told of this one */
	cancelled = 0;
	return passed;
}
