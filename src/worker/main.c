/*-------------------------------------------------------------------------
 *
 * main.c
 *		queue-worker: runs a command for each message of a queue.
 *
 * A client of the database that keeps nothing: a message is deleted after its
 * handler has succeeded, and not before.  Whenever the worker is killed, what it
 * held is received again by others.
 *
 *-------------------------------------------------------------------------
 */
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "buffer.h"
#include "config.h"
#include "handlers.h"
#include "intake.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "scale.h"
#include "settle.h"
#include "signals.h"
#include "stock.h"

/* How long the end may take after handlers were killed, in microseconds */
#define LAST_CHANCE (10 * MICROSECONDS_PER_SECOND)

/* Descriptors of a handler, and of all else */
#define HANDLER_DESCRIPTORS 5
#define OTHER_DESCRIPTORS 64

static Config config;
static const int signals[] = {SIGTERM, SIGINT, 0};
static bool stopping = false;
static bool forced = false;
static LoopTimer stop_timer;
static LoopTimer limit_timer;

/*
 * End when nothing runs and nothing is held.
 */
static void
stop_if_done(void *arg)
{
	if (handlers_running() == 0 && intake_stopped() && stock_held() == 0 && settle_pending() == 0)
		loop_stop();
	else
		loop_timer_set(&stop_timer, loop_now() + MICROSECONDS_PER_SECOND / 50, stop_if_done, NULL);
}

static void
give_up(void *arg)
{
	log_event(LOG_LEVEL_ERROR, "stopped_by_force", "messages", "i", stock_held() + settle_pending(), NULL);
	_exit(EXIT_FAILURE);
}

/*
 * The time to finish is over.
 */
static void
stop_now(void *arg)
{
	if (forced)
		return;
	forced = true;
	log_event(LOG_LEVEL_WARNING, "killing_handlers", "busy", "i", handlers_busy(), NULL);
	handlers_kill();
	intake_abandon();
	loop_timer_set(&limit_timer, loop_now() + LAST_CHANCE, give_up, NULL);
}

/*
 * Finish what runs, return what was not begun, and end.
 */
static void
stop(void)
{
	stopping = true;
	log_event(LOG_LEVEL_INFO, "stopping", "busy", "i", handlers_busy(),
			  "ready", "i", stock_ready(), NULL);
	loop_timer_set(&limit_timer, loop_now() + config.shutdown_timeout * MICROSECONDS_PER_SECOND,
				   stop_now, NULL);
	scale_stop();
	intake_stop();
	handlers_drain();
	stock_return_ready();
	loop_timer_set(&stop_timer, loop_now(), stop_if_done, NULL);
}

static void
signal_arrived(int number)
{
	if (!stopping)
		stop();
	else
		stop_now(NULL);
}

/*
 * What has the numbers of standard input, output and errors must be these, also
 * where we were started without.
 */
static void
open_standard_descriptors(void)
{
	int			fd;

	do
	{
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/*
 * Each handler takes descriptors: as many as we may have, and no more handlers
 * than these are enough for.
 */
static void
raise_descriptor_limit(void)
{
	rlim_t		needed = (rlim_t) config.max * HANDLER_DESCRIPTORS + OTHER_DESCRIPTORS;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed)
		return;
	limit.rlim_cur = needed < limit.rlim_max ? needed : limit.rlim_max;
	(void) setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= needed)
		return;
	config.max = limit.rlim_cur > OTHER_DESCRIPTORS + HANDLER_DESCRIPTORS ?
		(int) (limit.rlim_cur - OTHER_DESCRIPTORS) / HANDLER_DESCRIPTORS : 1;
	if (config.min > config.max)
		config.min = config.max;
	log_event(LOG_LEVEL_WARNING, "few_descriptors", "limit", "l", (int64_t) limit.rlim_cur,
			  "max", "i", config.max, NULL);
}

int
main(int argc, char **argv)
{
	open_standard_descriptors();
	json_set_alloc_funcs(must_malloc, free);
	config_read(argc, argv, &config);
	log_set_level(config.log_level);
	if (config.check)
		return EXIT_SUCCESS;
	raise_descriptor_limit();
	loop_init();
	srandom((unsigned int) (loop_now() ^ getpid()));
	signals_catch(signals, signal_arrived);
	handlers_open(&config);
	settle_open(&config);
	stock_open(&config);
	intake_open(&config, handlers_wanted, handlers_schedule);
	scale_open(&config);
	metrics_open(&config);
	log_event(LOG_LEVEL_INFO, "started", "queue", "s", config.queue, "command", "s", config.command[0],
			  "min", "i", config.min, "max", "i", config.max, "pid", "i", (int) getpid(), NULL);

	loop_run();

	signals_release();
	metrics_close();
	intake_close();
	settle_close();
	log_event(LOG_LEVEL_INFO, "stopped", NULL);
	return EXIT_SUCCESS;
}
