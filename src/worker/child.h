/*-------------------------------------------------------------------------
 *
 * child.h
 *		A process that we run: its input, its output, its end.
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKER_CHILD_H
#define WORKER_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "buffer.h"
#include "lines.h"
#include "loop.h"

typedef enum ChildStream
{
	CHILD_OUTPUT,
	CHILD_ERRORS,
	CHILD_STREAMS
} ChildStream;

/* What becomes of a process */
typedef struct ChildCallbacks
{
	/* A line of its output; see lines.h */
	void		(*line) (void *arg, ChildStream stream, const char *text,
						 size_t length, bool cut);

	/*
	 * It has ended, and all its output was passed on: error is why it could
	 * not be executed, as errno, or 0; else status is that of waitpid().
	 */
	void		(*ended) (void *arg, int error, int status);
} ChildCallbacks;

struct Child;

typedef struct ChildPipe
{
	struct Child *child;
	ChildStream stream;
	int			fd;
	LoopSource *source;			/* NULL: closed */
	Lines		lines;
} ChildPipe;

typedef struct Child
{
	pid_t		pid;			/* 0: none */
	LoopSource *end_source;
	int			end_fd;
	int			error_fd;		/* tells why it could not be executed */
	ChildPipe	pipes[CHILD_STREAMS];
	int			input_fd;		/* -1: closed */
	LoopSource *input_source;	/* while it does not take what we write */
	Buffer		unsent;
	size_t		sent;			/* bytes of unsent */
	bool		closing;		/* the input, once all is sent */
	const ChildCallbacks *callbacks;
	void	   *arg;
} Child;

/* All that begin from now on; limits are the longest lines of each stream */
extern void child_init(Child *child, const ChildCallbacks *callbacks, void *arg,
					   size_t output_limit, size_t errors_limit);

/*
 * Start a process in a process group of its own; false, and errno, if that
 * fails.  It dies with us.
 */
extern bool child_start(Child *child, char *const *command, char *const *environment);

/* Write to its input, in time; what it does not read is lost */
extern void child_write(Child *child, const Buffer *bytes);

/* No more input */
extern void child_close_input(Child *child);

/* Bytes of its output that were in no line, since this was asked last */
extern size_t child_passed_over(Child *child);

/* Send a signal to its process group */
extern void child_kill(const Child *child, int signal);

#endif							/* WORKER_CHILD_H */
