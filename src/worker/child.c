/*-------------------------------------------------------------------------
 *
 * child.c
 *		A process that we run: its input, its output, its end.
 *
 * A process is the leader of a group, and its end is the end of the group: what
 * it has left behind is killed before the process is waited for, as long as its
 * number can be nobody else's.
 *
 * Output is read as fast as it comes, a piece in each round of the loop, so that
 * a process that writes without end takes neither memory nor others' turns.
 *
 *-------------------------------------------------------------------------
 */
#define _GNU_SOURCE				/* pipe2(), close_range() */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

#define READ_SIZE 65536

/* What is read of a process's output after its end, at most */
#define LAST_READS 64

static char read_buffer[READ_SIZE];

void
child_init(Child *child, const ChildCallbacks *callbacks, void *arg,
		   size_t output_limit, size_t errors_limit)
{
	memset(child, 0, sizeof(*child));
	child->input_fd = -1;
	child->callbacks = callbacks;
	child->arg = arg;
	for (int i = 0; i < CHILD_STREAMS; i++)
	{
		child->pipes[i].child = child;
		child->pipes[i].stream = i;
		child->pipes[i].fd = -1;
		child->pipes[i].lines.limit = i == CHILD_OUTPUT ? output_limit : errors_limit;
	}
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
pass_line(void *arg, const char *text, size_t length, bool cut)
{
	ChildPipe  *pipe = arg;

	pipe->child->callbacks->line(pipe->child->arg, pipe->stream, text, length, cut);
}

static void
pipe_close(ChildPipe *pipe)
{
	if (pipe->source == NULL)
		return;
	loop_remove(pipe->source);
	pipe->source = NULL;
	close_fd(&pipe->fd);
	lines_end(&pipe->lines, pass_line, pipe);
}

/*
 * Read a piece; whether there may be more.
 */
static bool
pipe_read(ChildPipe *pipe)
{
	ssize_t		length;

	if (pipe->source == NULL)
		return false;
	length = read(pipe->fd, read_buffer, sizeof(read_buffer));
	if (length > 0)
	{
		lines_feed(&pipe->lines, read_buffer, length, pass_line, pipe);
		return true;
	}
	if (length == 0 || (errno != EAGAIN && errno != EINTR))
		pipe_close(pipe);
	return false;
}

static void
pipe_event(void *arg, uint32_t events)
{
	(void) pipe_read(arg);
}

/*
 * Close the input now.
 */
static void
input_close(Child *child)
{
	if (child->input_source != NULL)
		loop_remove(child->input_source);
	child->input_source = NULL;
	close_fd(&child->input_fd);
	buffer_free(&child->unsent);
	child->sent = 0;
}

static void input_event(void *arg, uint32_t events);

/*
 * Write what can be written.
 */
static void
input_send(Child *child)
{
	while (child->sent < child->unsent.length)
	{
		ssize_t		length = write(child->input_fd, child->unsent.data + child->sent,
								   child->unsent.length - child->sent);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0 && errno == EAGAIN)
		{
			if (child->input_source == NULL)
				child->input_source = loop_add(child->input_fd, EPOLLOUT, input_event, child);
			return;
		}
		if (length < 0)
		{
			/* it does not read any more, and need not */
			input_close(child);
			return;
		}
		child->sent += length;
	}
	if (child->input_source != NULL)
		loop_remove(child->input_source);
	child->input_source = NULL;
	buffer_reset(&child->unsent);
	child->sent = 0;
	if (child->closing)
		input_close(child);
}

static void
input_event(void *arg, uint32_t events)
{
	input_send(arg);
}

void
child_write(Child *child, const Buffer *bytes)
{
	if (child->input_fd < 0)
		return;
	buffer_append(&child->unsent, bytes->data, bytes->length);
	if (child->input_source == NULL)
		input_send(child);
}

void
child_close_input(Child *child)
{
	child->closing = true;
	if (child->input_fd >= 0 && child->input_source == NULL)
		input_close(child);
}

size_t
child_passed_over(Child *child)
{
	size_t		bytes = 0;

	for (int i = 0; i < CHILD_STREAMS; i++)
		bytes += lines_passed_over(&child->pipes[i].lines);
	return bytes;
}

void
child_kill(const Child *child, int signal)
{
	if (child->pid > 0)
		(void) kill(-child->pid, signal);
}

/*
 * The process has ended, but was not waited for yet.
 */
static void
end_event(void *arg, uint32_t events)
{
	Child	   *child = arg;
	pid_t		pid = child->pid;
	int			status = 0;
	int			error = 0;

	(void) kill(-pid, SIGKILL);
	for (int i = 0; i < CHILD_STREAMS; i++)
	{
		ChildPipe  *pipe = &child->pipes[i];

		for (int reads = 0; reads < LAST_READS && pipe_read(pipe); reads++)
			;
		pipe_close(pipe);
	}
	input_close(child);
	loop_remove(child->end_source);
	close_fd(&child->end_fd);
	if (read(child->error_fd, &error, sizeof(error)) != sizeof(error))
		error = 0;
	close_fd(&child->error_fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	child->pid = 0;
	child->callbacks->ended(child->arg, error, status);
}

/*
 * Become the program: called in the new process, and does not return.
 */
static void
execute(char *const *command, char *const *environment, const int *fds, int error_fd,
		pid_t parent)
{
	sigset_t	none;
	int			error;

	(void) setpgid(0, 0);
	(void) prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	(void) sigprocmask(SIG_SETMASK, &none, NULL);
	/* ours are closed by execve() anyway, these may be of whoever started us */
	(void) close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	if (dup2(fds[0], STDIN_FILENO) >= 0 && dup2(fds[1], STDOUT_FILENO) >= 0 &&
		dup2(fds[2], STDERR_FILENO) >= 0)
		(void) execve(command[0], command, environment);
	error = errno;
	(void) !write(error_fd, &error, sizeof(error));
	_exit(EXIT_FAILURE);
}

static bool
set_nonblocking(int fd)
{
	return fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

/*
 * The pipes: input, output, errors, and the one that tells of a failure; of each
 * the end to read from, and the end to write to.
 */
static bool
make_pipes(int pipes[4][2])
{
	for (int i = 0; i < 4; i++)
	{
		if (pipe2(pipes[i], O_CLOEXEC) != 0)
			return false;
	}
	return set_nonblocking(pipes[0][1]) && set_nonblocking(pipes[1][0]) &&
		set_nonblocking(pipes[2][0]) && set_nonblocking(pipes[3][0]);
}

static void
close_pipes(int pipes[4][2])
{
	int			error = errno;

	for (int i = 0; i < 4; i++)
	{
		close_fd(&pipes[i][0]);
		close_fd(&pipes[i][1]);
	}
	errno = error;
}

/*
 * Watch the process that was started, and take our ends of its pipes.
 */
static void
child_watch(Child *child, int pipes[4][2])
{
	child->end_source = loop_add(child->end_fd, EPOLLIN, end_event, child);
	child->input_fd = pipes[0][1];
	child->closing = false;
	child->error_fd = pipes[3][0];
	pipes[0][1] = pipes[3][0] = -1;
	for (int i = 0; i < CHILD_STREAMS; i++)
	{
		ChildPipe  *pipe = &child->pipes[i];

		pipe->fd = pipes[1 + i][0];
		pipes[1 + i][0] = -1;
		pipe->source = loop_add(pipe->fd, EPOLLIN, pipe_event, pipe);
	}
	close_pipes(pipes);
}

bool
child_start(Child *child, char *const *command, char *const *environment)
{
	int			pipes[4][2] = {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
	pid_t		parent = getpid();
	pid_t		pid;

	if (!make_pipes(pipes))
	{
		close_pipes(pipes);
		return false;
	}
	pid = fork();
	if (pid == 0)
	{
		int			fds[3] = {pipes[0][0], pipes[1][1], pipes[2][1]};

		execute(command, environment, fds, pipes[3][1], parent);
	}
	if (pid < 0)
	{
		close_pipes(pipes);
		return false;
	}
	(void) setpgid(pid, pid);
	child->end_fd = pidfd_open(pid, 0);
	if (child->end_fd < 0)
	{
		int			error = errno;

		(void) kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		close_pipes(pipes);
		errno = error;
		return false;
	}
	child->pid = pid;
	child_watch(child, pipes);
	return true;
}
