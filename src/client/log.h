/*-------------------------------------------------------------------------
 *
 * log.h
 *		The log: a JSON object a line, on standard error.
 *
 * Never written: bodies, attribute values, receipt handles, secrets,
 * signatures.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLIENT_LOG_H
#define CLIENT_LOG_H

typedef enum LogLevel
{
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR
} LogLevel;

/* Lines below it are not written; LOG_LEVEL_INFO until it is called */
extern void log_set_level(LogLevel level);

/* Whether a line of a level would be written */
extern int	log_enabled(LogLevel level);

/*
 * Write a line: time, level and event, then members.  Each is a key, a type and
 * a value: "s" a string (NULL is left out), "i" an int, "l" an int64_t, "f" a
 * double.  The list ends with NULL.
 *
 *	log_event(LOG_LEVEL_INFO, "listening", "address", "s", "127.0.0.1:9324",
 *			  "tls", "i", 0, NULL);
 */
extern void log_event(LogLevel level, const char *event,...) __attribute__((sentinel));

#endif							/* CLIENT_LOG_H */
