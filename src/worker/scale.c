/*-------------------------------------------------------------------------
 *
 * scale.c
 *		How many handlers there may be.
 *
 * The target is a backlog of so many messages for each handler: what can be
 * received, and what is ready here.  There are more at once, if the last time
 * that there were more is long enough ago; there are fewer by half at most, and
 * only if their number has not changed for a while.
 *
 * Without the right to look at the queue's attributes the backlog is not known.
 * Then there are twice as many after a receive that got all that it asked for,
 * and half as many after one that did not.
 *
 *-------------------------------------------------------------------------
 */
#include <stdbool.h>

#include "count.h"
#include "handlers.h"
#include "intake.h"
#include "log.h"
#include "loop.h"
#include "scale.h"
#include "settle.h"
#include "stock.h"

static void scale_look(void *arg);

static const Config *config;
static LoopTimer timer;
static bool stopped = false;
static int64_t backlog = BACKLOG_UNKNOWN;
static int64_t last_out = 0;
static int64_t last_change = 0;

static bool
has_passed(int64_t since, int seconds)
{
	return since == 0 || loop_now() - since >= seconds * MICROSECONDS_PER_SECOND;
}

/*
 * How many handlers the backlog asks for.
 */
static int
needed(int allowed)
{
	int64_t		count;

	if (backlog >= 0)
		count = (backlog + config->backlog_per_worker - 1) / config->backlog_per_worker;
	else
		count = intake_is_pressed() ? 2 * (int64_t) allowed : allowed / 2;
	if (count < config->min)
		return config->min;
	return count > config->max ? config->max : (int) count;
}

static void
change(int from, int to)
{
	bool		out = to > from;

	last_change = loop_now();
	if (out)
	{
		last_out = last_change;
		counts.scaled_out++;
	}
	else
		counts.scaled_in++;
	log_event(LOG_LEVEL_INFO, out ? "scaled_out" : "scaled_in", "from", "i", from, "to", "i", to,
			  "backlog", "l", backlog, "busy", "i", handlers_busy(), NULL);
	handlers_allow(to);
}

static void
backlog_known(int64_t visible)
{
	int			allowed = handlers_allowed();
	int			count;

	if (visible == BACKLOG_NOT_NOW || stopped || !intake_ready())
		return;
	backlog = visible == BACKLOG_UNKNOWN ? BACKLOG_UNKNOWN : visible + stock_ready();
	count = needed(allowed);
	if (count > allowed && has_passed(last_out, config->scale_out_cooldown))
		change(allowed, count);
	else if (count < allowed && has_passed(last_change, config->scale_in_cooldown))
		change(allowed, count > allowed / 2 ? count : allowed / 2);
}

static void
scale_look(void *arg)
{
	loop_timer_set(&timer, loop_now() + config->scale_interval * MICROSECONDS_PER_SECOND,
				   scale_look, NULL);
	settle_ask_backlog(backlog_known);
}

void
scale_open(const Config *settings)
{
	config = settings;
	handlers_allow(config->min);
	loop_timer_set(&timer, loop_now() + config->scale_interval * MICROSECONDS_PER_SECOND,
				   scale_look, NULL);
}

void
scale_stop(void)
{
	stopped = true;
	loop_timer_clear(&timer);
}

int64_t
scale_backlog(void)
{
	return backlog;
}
