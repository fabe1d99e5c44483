/*-------------------------------------------------------------------------
 *
 * program.c
 *		Running a command of the shell, for what it is asked.
 *
 * The server's own means open a pipe in one direction, and wait for the other
 * end for as long as it takes.  Here a command is asked something, and who waits
 * for the answer can cancel that: the command, and what it has started, is
 * killed then.  What it writes to standard error goes to the server log.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "miscadmin.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "compat.h"
#include "program.h"
#include "secret.h"

/* How long a command may take, in milliseconds */
#define TIME_MAX 30000

/* How often to see whether we are to stop, in milliseconds */
#define POLL_INTERVAL 100

extern char **environ;

typedef struct Program
{
	pid_t		pid;			/* 0: not started, or ended */
	int			in[2];			/* pipes; -1: closed */
	int			out[2];
} Program;

static void
close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/*
 * Whether the command has ended, and how; or wait until it has.
 */
static bool
reap(Program *program, bool wait, int *status)
{
	pid_t		ended;

	while ((ended = waitpid(program->pid, status, wait ? 0 : WNOHANG)) < 0)
	{
		if (errno != EINTR)
		{
			program->pid = 0;
			ereport(ERROR,
					(errcode(ERRCODE_SYSTEM_ERROR),
					 errmsg("could not wait for a command: %m")));
		}
	}
	if (ended == 0)
		return false;
	program->pid = 0;
	return true;
}

/*
 * Leave nothing behind.
 */
static void
clean_up(Program *program)
{
	int			status;

	close_end(&program->in[0]);
	close_end(&program->in[1]);
	close_end(&program->out[0]);
	close_end(&program->out[1]);
	if (program->pid != 0)
	{
		kill(-program->pid, SIGKILL);
		(void) reap(program, true, &status);
	}
}

/*
 * Make the pipes, none of which the command inherits but by the names that
 * start() gives them.
 */
static void
make_pipes(Program *program)
{
	if (pipe(program->in) != 0 || pipe(program->out) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not create pipe for a command: %m")));
	for (int i = 0; i < 2; i++)
		if (fcntl(program->in[i], F_SETFD, FD_CLOEXEC) != 0 ||
			fcntl(program->out[i], F_SETFD, FD_CLOEXEC) != 0)
			ereport(ERROR,
					(errcode_for_file_access(),
					 errmsg("could not set up pipe for a command: %m")));
}

/*
 * Start the command, in a process group of its own, and with signals as a
 * program expects them, not as a backend has them.
 */
static void
start(Program *program, const char *command)
{
	char	   *arguments[] = {"sh", "-c", unconstify(char *, command), NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t	signals;
	int			error;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	error = posix_spawn_file_actions_adddup2(&actions, program->in[0], STDIN_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&actions, program->out[1], STDOUT_FILENO);
	sigfillset(&signals);
	posix_spawnattr_setsigdefault(&attributes, &signals);
	sigemptyset(&signals);
	posix_spawnattr_setsigmask(&attributes, &signals);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
							 POSIX_SPAWN_SETPGROUP);
	if (error == 0)
		error = posix_spawn(&program->pid, "/bin/sh", &actions, &attributes, arguments, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (error != 0)
	{
		program->pid = 0;
		errno = error;
		ereport(ERROR,
				(errcode(ERRCODE_SYSTEM_ERROR),
				 errmsg("could not start a command: %m")));
	}
	close_end(&program->in[0]);
	close_end(&program->out[1]);
}

/*
 * Hand the input over.  It fits into the pipe; a command that ends without
 * reading it is no error, and SIGPIPE is ignored in a server.
 */
static void
give_input(Program *program, const void *input, Size length)
{
	if (length > 0 && write(program->in[1], input, length) < 0 && errno != EPIPE)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not write to a command: %m")));
	close_end(&program->in[1]);
}

/*
 * Between two looks at a command that is not done.
 */
static void
check_time(TimestampTz begun)
{
	CHECK_FOR_INTERRUPTS();
	if (TimestampDifferenceExceeds(begun, GetCurrentTimestamp(), TIME_MAX))
		ereport(ERROR,
				(errcode(ERRCODE_SYSTEM_ERROR),
				 errmsg("a command took longer than %d seconds", TIME_MAX / 1000)));
}

/*
 * Read what the command writes.
 */
static Size
take_output(Program *program, TimestampTz begun, char *output, Size size)
{
	Size		length = 0;

	for (;;)
	{
		struct pollfd fd = {.fd = program->out[0],.events = POLLIN};
		char		rest[512];
		ssize_t		got;
		int			ready;

		check_time(begun);
		ready = poll(&fd, 1, POLL_INTERVAL);
		if (ready < 0 && errno != EINTR)
			ereport(ERROR,
					(errcode(ERRCODE_SYSTEM_ERROR),
					 errmsg("could not wait for a command: %m")));
		if (ready <= 0)
			continue;
		if (length < size)
			got = read(program->out[0], output + length, size - length);
		else
			got = read(program->out[0], rest, sizeof(rest));
		if (got == 0)
			return length;
		if (got < 0 && errno != EINTR)
			ereport(ERROR,
					(errcode_for_file_access(),
					 errmsg("could not read from a command: %m")));
		if (got > 0 && length < size)
			length += got;
		else if (got > 0)
			secret_wipe(rest, sizeof(rest));
	}
}

/*
 * Wait until the command has ended, which is soon after its output has.
 */
static int
take_status(Program *program, TimestampTz begun)
{
	int			status;

	for (int pause = 1; !reap(program, false, &status); pause = Min(2 * pause, POLL_INTERVAL))
	{
		check_time(begun);
		(void) poll(NULL, 0, pause);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/*
 * Run a command.
 */
int
program_run(const char *command, const void *input, Size input_length,
			char *output, Size size, Size *length)
{
	Program    *program = palloc(sizeof(Program));
	TimestampTz begun = GetCurrentTimestamp();
	volatile int status = 0;

	if (input_length > PROGRAM_INPUT_MAX)
		elog(ERROR, "too much for a command: %zu bytes", input_length);
	program->pid = 0;
	program->in[0] = program->in[1] = program->out[0] = program->out[1] = -1;
	pgstat_report_wait_start(PG_WAIT_EXTENSION);
	PG_TRY();
	{
		make_pipes(program);
		start(program, command);
		give_input(program, input, input_length);
		*length = take_output(program, begun, output, size);
		status = take_status(program, begun);
	}
	PG_FINALLY();
	{
		clean_up(program);
		pgstat_report_wait_end();
	}
	PG_END_TRY();
	pfree(program);
	return status;
}
