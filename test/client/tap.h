/*-------------------------------------------------------------------------
 *
 * tap.h
 *		What programs that test print, and how they end.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLIENT_TAP_H
#define CLIENT_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static int	tap_tests = 0;
static int	tap_failures = 0;

/*
 * Print a test; returns whether it passed, so that a caller can say more.
 */
static inline bool
__attribute__((format(printf, 2, 3)))
tap_ok(bool passed, const char *format,...)
{
	va_list		args;

	tap_tests++;
	if (!passed)
		tap_failures++;
	printf("%sok %d - ", passed ? "" : "not ", tap_tests);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	return passed;
}

/*
 * Print what was expected and what came.
 */
static inline void
tap_difference(const char *expected, const char *got)
{
	printf("#   expected: %s\n#        got: %s\n", expected, got);
}

/*
 * The exit status.
 */
static inline int
tap_end(void)
{
	printf("1..%d\n", tap_tests);
	return tap_failures == 0 ? 0 : 1;
}

#endif							/* CLIENT_TAP_H */
