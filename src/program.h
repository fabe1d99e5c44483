/*-------------------------------------------------------------------------
 *
 * program.h
 *		Running a command of the shell, for what it is asked.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_PROGRAM_H
#define QUEUE_PROGRAM_H

/* Bytes that a command can be given: what fits into a pipe at once */
#define PROGRAM_INPUT_MAX 16384

/*
 * Run a command as the user of the server, give it some bytes on its standard
 * input, and read at most size bytes of what it writes; *length is how many
 * there were, size if there are more.  Returns its exit status, as the shell
 * would tell it: 128 + n if signal n ended it.  An error, of which nothing is
 * left behind, if it cannot be run or takes too long; the caller wipes what is
 * secret in the output then.
 */
extern int	program_run(const char *command, const void *input, Size input_length,
						char *output, Size size, Size *length);

#endif							/* QUEUE_PROGRAM_H */
