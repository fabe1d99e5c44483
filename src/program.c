/*-------------------------------------------------------------------------
 *
 * program.c
 *		Running a command of the shell, for what it is asked.
 *
 * The server's own means open a pipe in one direction, and wait for the other
 * end for as long as it takes.  Here a command is asked something, and who waits
 * for the answer can cancel that: the command, and what it has started, is
 * killed then, and when the session is ended.  What it writes to standard error
 * goes to the server log.  It inherits nothing else of the server's.
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
#include "storage/ipc.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "compat.h"
#include "program.h"
#include "secret.h"

/* How often to see whether we are to stop, in milliseconds */
#define POLL_INTERVAL 100

extern char **environ;

typedef struct Program
{
	pid_t		pid;			/* 0: not started, or ended */
	int			in[2];			/* pipes; -1: closed */
	int			out[2];
	TimestampTz until;
	const char *input;			/* what it was not given yet */
	Size		input_left;
	char	   *output;
	Size		size;
	Size		length;			/* of the output so far */
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
			/* somebody else has asked, so that how it ended is not known */
			program->pid = 0;
			*status = 0xff00;
			return true;
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
	pgstat_report_wait_end();
}

static void
clean_up_callback(int code, Datum arg)
{
	Program    *program = (Program *) DatumGetPointer(arg);

	secret_wipe(program->output, program->size);
	clean_up(program);
}

/*
 * Make the pipes, none of which the command inherits but by the names that
 * start() gives them.  Our end of its input does not block: it may never read.
 */
static bool
make_pipes(Program *program)
{
	if (pipe(program->in) != 0 || pipe(program->out) != 0)
		return false;
	for (int i = 0; i < 2; i++)
		if (fcntl(program->in[i], F_SETFD, FD_CLOEXEC) != 0 ||
			fcntl(program->out[i], F_SETFD, FD_CLOEXEC) != 0)
			return false;
	return fcntl(program->in[1], F_SETFL, O_NONBLOCK) == 0;
}

/*
 * Start the command, in a process group of its own, and with signals as a
 * program expects them, not as a backend has them.
 */
static bool
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
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
	/* versions before 16 let a program inherit sockets and files */
	if (error == 0)
		error = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
#endif
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
		return false;
	}
	close_end(&program->in[0]);
	close_end(&program->out[1]);
	return true;
}

/*
 * Hand over some of the input.  A command that ends without reading it is no
 * error, and SIGPIPE is ignored in a server.
 */
static void
give_input(Program *program)
{
	ssize_t		given = write(program->in[1], program->input, program->input_left);

	if (given < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (given > 0)
	{
		program->input += given;
		program->input_left -= given;
	}
	if (given < 0 || program->input_left == 0)
		close_end(&program->in[1]);
}

/*
 * Read some of the output; false at its end.
 */
static bool
take_output(Program *program)
{
	char		rest[512];
	bool		room = program->length < program->size;
	ssize_t		got = read(program->out[0], room ? program->output + program->length : rest,
						   room ? program->size - program->length : sizeof(rest));

	if (got < 0)
		return errno == EINTR;
	if (room)
		program->length += got;
	else
		secret_wipe(rest, sizeof(rest));
	return got > 0;
}

/*
 * Talk to the command until it has closed its output; false if it takes too
 * long.
 */
static bool
talk(Program *program)
{
	if (program->input_left == 0)
		close_end(&program->in[1]);
	for (;;)
	{
		struct pollfd fds[2] = {
			{.fd = program->out[0],.events = POLLIN},
			{.fd = program->in[1],.events = POLLOUT}	/* ignored if negative */
		};

		CHECK_FOR_INTERRUPTS();
		if (GetCurrentTimestamp() > program->until)
			return false;
		if (poll(fds, 2, POLL_INTERVAL) <= 0)
			continue;
		if (fds[1].revents != 0)
			give_input(program);
		if (fds[0].revents != 0 && !take_output(program))
			return true;
	}
}

/*
 * Wait until the command has ended, which is soon after its output has; false if
 * it takes too long.
 */
static bool
await(Program *program, int *status)
{
	for (int pause = 1; !reap(program, false, status); pause = Min(2 * pause, POLL_INTERVAL))
	{
		CHECK_FOR_INTERRUPTS();
		if (GetCurrentTimestamp() > program->until)
			return false;
		(void) poll(NULL, 0, pause);
	}
	return true;
}

/*
 * Run a command.
 */
int
program_run(const char *command, const void *input, Size input_length,
			char *output, Size size, Size *length)
{
	Program    *program = palloc0(sizeof(Program));
	int			status = 0;
	int			result;

	program->in[0] = program->in[1] = program->out[0] = program->out[1] = -1;
	program->until = GetCurrentTimestamp() + PROGRAM_TIME_MAX * USECS_PER_SEC;
	program->input = input;
	program->input_left = input_length;
	program->output = output;
	program->size = size;
	pgstat_report_wait_start(PG_WAIT_EXTENSION);

	/* also when the session is ended, which PG_FINALLY is not told of */
	PG_ENSURE_ERROR_CLEANUP(clean_up_callback, PointerGetDatum(program));
	{
		if (!make_pipes(program) || !start(program, command))
		{
			ereport(LOG,
					(errcode(ERRCODE_SYSTEM_ERROR),
					 errmsg("could not start a command: %m")));
			result = PROGRAM_NOT_STARTED;
		}
		else if (!talk(program) || !await(program, &status))
			result = PROGRAM_TIMED_OUT;
		else
			result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
	PG_END_ENSURE_ERROR_CLEANUP(clean_up_callback, PointerGetDatum(program));
	clean_up(program);
	*length = program->length;
	pfree(program);
	return result;
}
