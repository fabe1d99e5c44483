/*-------------------------------------------------------------------------
 *
 * signals.c
 *		Signals, as events like others.
 *
 *-------------------------------------------------------------------------
 */
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "loop.h"
#include "signals.h"

static int	fd = -1;
static LoopSource *source = NULL;
static void (*tell) (int number);

static void
signals_event(void *arg, uint32_t events)
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof(info)) == sizeof(info))
		tell((int) info.ssi_signo);
}

void
signals_catch(const int *list, void (*arrived) (int number))
{
	sigset_t	set;

	tell = arrived;
	sigemptyset(&set);
	while (*list != 0)
		sigaddset(&set, *list++);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	source = loop_add(fd, EPOLLIN, signals_event, NULL);
}

void
signals_release(void)
{
	loop_remove(source);
	source = NULL;
}
