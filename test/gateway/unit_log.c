/*-------------------------------------------------------------------------
 *
 * unit_log.c
 *		Promises: each line of the log is one JSON object, whatever bytes are
 *		in it, with time, level, event and the members that were given.
 *
 *-------------------------------------------------------------------------
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "log.h"
#include "tap.h"

static int	pipe_ends[2];
static char written[65536];

/*
 * A test of two strings.
 */
static void
check_string(const char *got, const char *expected, const char *name)
{
	if (!tap_ok(got != NULL && strcmp(got, expected) == 0, "%s", name))
		tap_difference(expected, got == NULL ? "(null)" : got);
}

/*
 * What has been logged since the last call: a string that ends here.
 */
static char *
logged(void)
{
	ssize_t		length;

	/* an empty pipe would not return from read() */
	if (write(STDERR_FILENO, "|", 1) != 1)
		exit(EXIT_FAILURE);
	length = read(pipe_ends[0], written, sizeof(written) - 1);
	if (length < 1 || written[length - 1] != '|')
		exit(EXIT_FAILURE);
	written[length - 1] = '\0';
	return written;
}

/*
 * The same, without the time, which must be now.
 */
static char *
logged_without_time(time_t before)
{
	char	   *line = logged();
	struct tm	parts = {0};
	char	   *rest;
	time_t		stamp;

	rest = strptime(line, "{\"time\":\"%Y-%m-%dT%H:%M:%S", &parts);
	if (rest == NULL || rest[0] != '.' || strspn(rest + 1, "0123456789") != 3 ||
		strncmp(rest + 4, "Z\",", 3) != 0)
		return line;
	stamp = timegm(&parts);
	if (stamp < before || stamp > time(NULL))
		return line;
	return rest + 7;
}

/*
 * A line with one string, as it comes out.
 */
static void
check_bytes(const char *bytes, const char *wanted, const char *name)
{
	time_t		before = time(NULL);
	char		expected[256];

	log_event(LOG_LEVEL_INFO, "e", "s", "s", bytes, NULL);
	snprintf(expected, sizeof(expected),
			 "\"level\":\"info\",\"event\":\"e\",\"s\":\"%s\"}\n", wanted);
	check_string(logged_without_time(before), expected, name);
}

#define R "\xEF\xBF\xBD"

int
main(void)
{
	time_t		before = time(NULL);
	json_t	   *object;

	if (pipe(pipe_ends) != 0 || dup2(pipe_ends[1], STDERR_FILENO) < 0)
		return EXIT_FAILURE;

	log_event(LOG_LEVEL_WARNING, "happened",
			  "text", "s", "a \"b\"\n\\",
			  "none", "s", NULL,
			  "int", "i", -7,
			  "long", "l", INT64_MIN,
			  "double", "f", 0.1,
			  "infinite", "f", INFINITY, NULL);
	check_string(logged_without_time(before),
				 "\"level\":\"warning\",\"event\":\"happened\",\"text\":\"a \\\"b\\\"\\n\\\\\","
				 "\"int\":-7,\"long\":-9223372036854775808,\"double\":0.1,\"infinite\":null}\n",
				 "members in order, by type, NULL left out");

	log_event(LOG_LEVEL_DEBUG, "not written", NULL);
	check_string(logged(), "", "debug is not written at first");
	tap_ok(!log_enabled(LOG_LEVEL_DEBUG) && log_enabled(LOG_LEVEL_INFO),
		   "log_enabled() says so");
	log_set_level(LOG_LEVEL_ERROR);
	log_event(LOG_LEVEL_WARNING, "not written", NULL);
	check_string(logged(), "", "a level below the one set is not written");
	log_set_level(LOG_LEVEL_DEBUG);
	log_event(LOG_LEVEL_DEBUG, "written", NULL);
	check_string(logged_without_time(before),
				 "\"level\":\"debug\",\"event\":\"written\"}\n",
				 "debug is written once it is set");

	check_bytes("", "", "an empty string");
	check_bytes("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80",
				"sequences of two, three and four bytes");
	check_bytes("a\xFF" "b", "a" R "b", "a byte that is none of UTF-8");
	check_bytes("\x80", R, "a byte that only goes on");
	check_bytes("\xC0\xAF", R R, "a sequence longer than it need be");
	check_bytes("\xE0\x80\xAF", R R R, "one of three bytes");
	check_bytes("\xF0\x80\x80\xAF", R R R R, "one of four bytes");
	check_bytes("\xED\xA0\x80", R R R, "a surrogate");
	check_bytes("\xF4\x90\x80\x80", R R R R, "above U+10FFFF");
	check_bytes("\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF", "the last character");
	check_bytes("x\xE2\x82", "x" R R, "cut off at the end");
	check_bytes("\xC3(", R "(", "cut off before the end");
	check_bytes("\x01\x7F", "\\u0001\x7F", "control characters");

	log_event(LOG_LEVEL_INFO, "\xFF", NULL);
	object = json_loads(logged(), 0, NULL);
	check_string(json_string_value(json_object_get(object, "event")), R,
				 "an event of bytes that are not UTF-8");
	json_decref(object);

	return tap_end();
}
