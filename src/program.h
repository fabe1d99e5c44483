/*-------------------------------------------------------------------------
 *
 * program.h
 *		Running a command of the shell, for what it is asked.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_PROGRAM_H
#define QUEUE_PROGRAM_H

/* What program_run() returns where there is no exit status, which has 8 bits */
#define PROGRAM_NOT_STARTED 256
#define PROGRAM_TIMED_OUT 257

/* The longest that a command may take, in seconds */
#define PROGRAM_TIME_MAX 30

/*
 * Run a command as the user of the server, give it some bytes on its standard
 * input, and read at most size bytes of what it writes; *length is how many
 * there were, size if there are more.  Returns its exit status, as the shell
 * would tell it: 128 + n if signal n ended it; or one of those above.  An error,
 * of which nothing is left behind, if the statement is cancelled or the session
 * ended; the output is wiped then.
 */
extern int	program_run(const char *command, const void *input, Size input_length,
						char *output, Size size, Size *length);

#endif							/* QUEUE_PROGRAM_H */
