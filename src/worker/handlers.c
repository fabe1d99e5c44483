/*-------------------------------------------------------------------------
 *
 * handlers.c
 *		The handlers: processes, and the messages that they are at work on.
 *
 * A handler is a place for a process.  Without the setting "resident" a process
 * is started for each run, that is for a message or a list of them, and its exit
 * status is the answer.  With it, processes go on running: a run is a line of
 * JSON to one, and ends with a line of it.
 *
 * A process that could not be started says nothing about the message, which is
 * tried again after a rest, by whoever comes first; so is nothing started for a
 * while after resident processes that ended before they had answered anything.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "answer.h"
#include "child.h"
#include "count.h"
#include "handlers.h"
#include "intake.h"
#include "log.h"
#include "loop.h"
#include "retry.h"
#include "stock.h"

/* Longest line of output that is logged, and longest answer, in bytes */
#define LINE_MAX_LOGGED 8192
#define LINE_MAX_ANSWER (256 * 1024)

/* Rests after a process could not be started */
#define REST_FIRST (MICROSECONDS_PER_SECOND / 2)
#define REST_MAX (30 * MICROSECONDS_PER_SECOND)

/* Messages are kept ready for as long as this, in microseconds */
#define AHEAD (MICROSECONDS_PER_SECOND / 5)

typedef enum HandlerState
{
	HANDLER_NONE,				/* no process */
	HANDLER_IDLE,				/* a resident one with nothing to do */
	HANDLER_BUSY,
	HANDLER_LEAVING				/* a resident one that has been told to end */
} HandlerState;

typedef struct Handler
{
	HandlerState state;
	Child		child;
	pid_t		pid;			/* for the log, also after its end */
	Message   **messages;		/* of the run */
	int			count;
	int64_t		began;
	char		run_id[24];		/* of a list */
	Answer		answer;			/* object is NULL: none yet */
	const char *killed;			/* why, or NULL */
	LoopTimer	timer;			/* its time is over */
	bool		served;			/* has answered since it was started */
	size_t		logged;			/* bytes of output, in this run */
	uint64_t	discarded;		/* and those that were not */
} Handler;

static void handlers_dispatch(void *arg);
static void handler_line(void *arg, ChildStream stream, const char *text, size_t length, bool cut);
static void handler_ended(void *arg, int error, int status);

static const ChildCallbacks callbacks = {handler_line, handler_ended};

static const Config *config;
static Handler *handlers = NULL;
static int	batch_size;
static int	allowed = 0;
static int	running = 0;
static int	busy = 0;
static uint64_t runs = 0;
static double average = 0;		/* microseconds of a message; 0: not known */
static int64_t began_sum = 0;	/* of those that are busy */
static bool draining = false;
static LoopTask dispatch = {handlers_dispatch, NULL, false, NULL};
static LoopTimer rest_timer;	/* set while nothing is started */
static int64_t rest = 0;

void
handlers_open(const Config *settings)
{
	config = settings;
	batch_size = config_batch_size(config);
	handlers = must_calloc(config->max, sizeof(*handlers));
	for (int i = 0; i < config->max; i++)
	{
		child_init(&handlers[i].child, &callbacks, &handlers[i],
				   LINE_MAX_ANSWER, LINE_MAX_LOGGED);
		handlers[i].messages = must_calloc(batch_size, sizeof(Message *));
	}
}

void
handlers_schedule(void)
{
	loop_defer(&dispatch);
}

void
handlers_allow(int count)
{
	allowed = count;
	handlers_schedule();
}

int
handlers_running(void)
{
	return running;
}

int
handlers_busy(void)
{
	return busy;
}

int
handlers_allowed(void)
{
	return allowed;
}

/*
 * How many messages to keep ready: what they get through in a moment, so that
 * none has to wait for the next receive.  Where a message takes long, those that
 * are at work or those before, that is none, and it is left to whoever comes first.
 */
static int
messages_ahead(void)
{
	double		time = average;
	double		ahead;

	if (busy > 0)
	{
		double		now = ((double) busy * loop_now() - began_sum) / busy / batch_size;

		time = now > time ? now : time;
	}
	ahead = time > 0 ? allowed * (double) AHEAD / (time < 1 ? 1 : time) : 0;
	return ahead > config->prefetch ? config->prefetch : (int) ahead;
}

int
handlers_wanted(void)
{
	int			free = allowed > busy ? (allowed - busy) * batch_size : 0;
	int			ahead = messages_ahead();
	int			available = stock_available();

	if (draining || rest_timer.place != 0)
		return 0;
	if (available >= free && available - free > ahead / 2)
		return 0;
	/* what is behind others of its group is held, too */
	if (stock_ready() - available > config->prefetch + free)
		return 0;
	return free + ahead - available;
}

static void
rest_over(void *arg)
{
	handlers_schedule();
	intake_schedule();
}

/*
 * Start no process for a while.
 */
static void
rest_a_while(void)
{
	rest = rest == 0 ? REST_FIRST : 2 * rest;
	if (rest > REST_MAX)
		rest = REST_MAX;
	loop_timer_set(&rest_timer, loop_now() + rest, rest_over, NULL);
}

static const char *
message_id(const Handler *handler)
{
	return handler->count == 1 ? handler->messages[0]->values[MESSAGE_ID] : NULL;
}

/*
 * Log a line of output, or count it where there was too much.
 */
static void
log_output(Handler *handler, ChildStream stream, const char *text, size_t length)
{
	char	   *line;

	counts.output += length + 1;
	if (length > LINE_MAX_LOGGED)
		length = LINE_MAX_LOGGED;
	if (handler->logged + length > config->output_limit)
	{
		if (handler->discarded == 0)
			log_event(LOG_LEVEL_WARNING, "handler_output_cut", "pid", "i", (int) handler->pid,
					  "message_id", "s", message_id(handler),
					  "limit", "l", (int64_t) config->output_limit, NULL);
		handler->logged = config->output_limit;
		handler->discarded += length + 1;
		counts.discarded += length + 1;
		return;
	}
	handler->logged += length + 1;
	line = must_strndup(text, length);
	log_event(LOG_LEVEL_INFO, "handler_output", "pid", "i", (int) handler->pid,
			  "message_id", "s", message_id(handler),
			  "stream", "s", stream == CHILD_OUTPUT ? "stdout" : "stderr", "text", "s", line, NULL);
	free(line);
}

/*
 * Say how much output there was too much, and begin to count anew.
 */
static void
end_output(Handler *handler)
{
	size_t		bytes = child_passed_over(&handler->child);

	counts.output += bytes;
	counts.discarded += bytes;
	handler->discarded += bytes;
	if (handler->discarded > 0)
		log_event(LOG_LEVEL_WARNING, "handler_output_discarded",
				  "pid", "i", (int) handler->pid, "message_id", "s", message_id(handler),
				  "bytes", "l", (int64_t) handler->discarded, NULL);
	handler->logged = 0;
	handler->discarded = 0;
}

/*
 * The time of a run, or of a stop, is over.
 */
static void
handler_kill_now(void *arg)
{
	Handler    *handler = arg;

	child_kill(&handler->child, SIGKILL);
}

static void
handler_terminate(Handler *handler, const char *why)
{
	handler->killed = why;
	child_kill(&handler->child, SIGTERM);
	loop_timer_set(&handler->timer, loop_now() + config->kill_after * MICROSECONDS_PER_SECOND,
				   handler_kill_now, handler);
}

static void
handler_overdue(void *arg)
{
	Handler    *handler = arg;

	if (handler->state == HANDLER_BUSY)
	{
		counts.timed_out++;
		log_event(LOG_LEVEL_WARNING, "handler_timed_out", "pid", "i", (int) handler->pid,
				  "message_id", "s", message_id(handler), "messages", "i", handler->count,
				  "seconds", "i", config->timeout, NULL);
	}
	handler_terminate(handler, "time limit");
}

/*
 * A message has failed: it comes back after a while, or at once if that was our
 * doing.
 */
static void
message_failed(const Handler *handler, Message *message, const char *reason, int status)
{
	bool		stopped = handler->killed != NULL && strcmp(handler->killed, "stop") == 0;
	int			seconds = stopped ? 0 : retry_seconds(message->receive_count, config->backoff,
													  config->backoff_max);

	log_event(LOG_LEVEL_INFO, stopped ? "message_returned" : "message_failed",
			  "message_id", "s", message->values[MESSAGE_ID],
			  "receive_count", "i", message->receive_count,
			  "reason", "s", reason, "status", "i", status, "retry_seconds", "i", seconds, NULL);
	if (stopped)
		counts.returned++;
	else
		counts.failed++;
	stock_failed(message, seconds);
}

/*
 * A run has ended; the list of the answer has those that failed although it is
 * ok.
 */
static void
run_end(Handler *handler, bool ok, const char *reason, int status)
{
	int64_t		took = loop_clock() - handler->began;

	loop_timer_clear(&handler->timer);
	count_run(took);
	average += ((double) took / handler->count - average) / (average == 0 ? 1 : 16);
	end_output(handler);
	for (int i = 0; i < handler->count; i++)
	{
		Message    *message = handler->messages[i];

		if (!ok)
			message_failed(handler, message, reason, status);
		else if (answer_failed(&handler->answer, message->values[MESSAGE_ID]))
			message_failed(handler, message, "named by the handler", status);
		else
			stock_done(message);
	}
	answer_free(&handler->answer);
	handler->count = 0;
	began_sum -= handler->began;
	busy--;
	handlers_schedule();
	intake_schedule();
}

/*
 * Begin a run: the messages are the handler's.
 */
static void
run_begin(Handler *handler)
{
	handler->state = HANDLER_BUSY;
	handler->began = loop_now();
	began_sum += handler->began;
	busy++;
	loop_timer_set(&handler->timer, loop_now() + config->timeout * MICROSECONDS_PER_SECOND,
				   handler_overdue, handler);
}

/*
 * What a run is: text for the input of a handler.
 */
static void
run_text(Handler *handler, Buffer *text)
{
	if (config->batch > 0)
	{
		snprintf(handler->run_id, sizeof(handler->run_id), "%" PRIu64, ++runs);
		message_put_list(text, handler->run_id, handler->messages, handler->count);
	}
	else if (config->resident)
		message_put_json(text, handler->messages[0]);
	else
		buffer_puts(text, handler->messages[0]->values[MESSAGE_BODY]);
}

static void
put_back(Handler *handler)
{
	while (handler->count > 0)
		stock_put_back(handler->messages[--handler->count]);
	if (draining)
		stock_return_ready();
}

static void
not_started(const char *reason)
{
	counts.not_started++;
	log_event(LOG_LEVEL_ERROR, "handler_not_started", "command", "s", config->command[0],
			  "reason", "s", reason, NULL);
	rest_a_while();
}

/*
 * Start a process; for a message that has one to itself it has its attributes.
 */
static bool
handler_start(Handler *handler)
{
	const Message *message = config->resident || config->batch > 0 ? NULL : handler->messages[0];
	char	  **environment = message_environment(config->queue, message);
	bool		started = child_start(&handler->child, config->command, environment);
	int			error = errno;

	message_free_environment(environment);
	handler->killed = NULL;
	handler->served = false;
	if (!started)
	{
		not_started(strerror(error));
		return false;
	}
	handler->pid = handler->child.pid;
	counts.started++;
	running++;
	return true;
}

/*
 * Have a handler work on the messages that it got.
 */
static void
handler_work(Handler *handler)
{
	static Buffer text;

	if (!config->resident && !handler_start(handler))
	{
		put_back(handler);
		return;
	}
	buffer_reset(&text);
	run_text(handler, &text);
	run_begin(handler);
	if (config->resident)
		buffer_putc(&text, '\n');
	child_write(&handler->child, &text);
	if (!config->resident)
		child_close_input(&handler->child);
}

/*
 * Tell a resident process to end, by the end of its input.
 */
static void
handler_leave(Handler *handler)
{
	handler->state = HANDLER_LEAVING;
	child_close_input(&handler->child);
	loop_timer_set(&handler->timer, loop_now() + config->kill_after * MICROSECONDS_PER_SECOND,
				   handler_overdue, handler);
}

/*
 * A resident process has answered.
 */
static void
resident_answered(Handler *handler)
{
	handler->served = true;
	rest = 0;
	handler->state = HANDLER_IDLE;
	if (handler->answer.error != NULL)
		log_event(LOG_LEVEL_INFO, "handler_error", "pid", "i", (int) handler->pid,
				  "message_id", "s", message_id(handler), "text", "s", handler->answer.error, NULL);
	run_end(handler, handler->answer.ok, "answer", 0);
	if (draining)
		handler_leave(handler);
}

/*
 * Whether a line of output is the answer to the run; if so, take it.
 */
static bool
take_answer(Handler *handler, const char *text, size_t length)
{
	const char *id = config->batch > 0 ? handler->run_id : NULL;
	Answer		answer;

	if (handler->state != HANDLER_BUSY || handler->killed != NULL ||
		(!config->resident && config->batch == 0) || !answer_read(text, length, &answer))
		return false;
	if (id == NULL)
		id = message_id(handler);
	if (config->resident ? !answer.has_ok || answer.id == NULL || strcmp(answer.id, id) != 0 :
		answer.failed == NULL)
	{
		counts.bad_answers += config->resident;
		answer_free(&answer);
		return false;
	}
	answer_free(&handler->answer);
	handler->answer = answer;
	return true;
}

static void
handler_line(void *arg, ChildStream stream, const char *text, size_t length, bool cut)
{
	Handler    *handler = arg;

	if (stream == CHILD_OUTPUT && !cut && take_answer(handler, text, length))
	{
		if (config->resident)
			resident_answered(handler);
		return;
	}
	log_output(handler, stream, text, length);
}

/*
 * A resident process has ended.
 */
static void
resident_ended(Handler *handler, int status)
{
	log_event(LOG_LEVEL_WARNING, "handler_ended", "pid", "i", (int) handler->pid,
			  "status", "i", WIFEXITED(status) ? WEXITSTATUS(status) : -1,
			  "signal", "i", WIFSIGNALED(status) ? WTERMSIG(status) : 0,
			  "killed", "s", handler->killed, NULL);
	if (!handler->served && handler->killed == NULL)
		rest_a_while();
}

/*
 * Why a run has failed whose process has ended.
 */
static const char *
end_reason(const Handler *handler, int error, int status)
{
	if (error != 0)
		return strerror(error);
	if (handler->killed != NULL)
		return handler->killed;
	if (WIFSIGNALED(status))
		return "signal";
	return config->resident ? "ended" : "exit status";
}

/*
 * A process has ended.  That it could not be executed is not the message's fault,
 * unless that has too much for an environment.
 */
static void
handler_ended(void *arg, int error, int status)
{
	Handler    *handler = arg;
	HandlerState state = handler->state;
	bool		good = !config->resident && handler->killed == NULL &&
	WIFEXITED(status) && WEXITSTATUS(status) == 0;

	running--;
	loop_timer_clear(&handler->timer);
	handler->state = HANDLER_NONE;
	if (error != 0 && error != E2BIG)
	{
		not_started(strerror(error));
		if (state == HANDLER_BUSY)
		{
			began_sum -= handler->began;
			busy--;
		}
		put_back(handler);
		handlers_schedule();
		return;
	}
	if (WIFSIGNALED(status) && handler->killed == NULL)
		counts.crashed++;
	if (!config->resident)
		rest = 0;				/* it could be started */
	if (config->resident && state != HANDLER_LEAVING)
		resident_ended(handler, status);
	if (state == HANDLER_BUSY)
		run_end(handler, good, end_reason(handler, error, status),
				WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
	handlers_schedule();
}

/*
 * Have as many resident processes as there may be.
 */
static void
keep_residents(void)
{
	int			present = 0;

	for (int i = 0; i < config->max; i++)
		present += handlers[i].state == HANDLER_IDLE || handlers[i].state == HANDLER_BUSY;
	for (int i = config->max; i-- > 0 && present > allowed;)
	{
		if (handlers[i].state == HANDLER_IDLE)
		{
			handler_leave(&handlers[i]);
			present--;
		}
	}
	for (int i = 0; i < config->max && present < allowed && rest_timer.place == 0; i++)
	{
		if (handlers[i].state == HANDLER_NONE && handler_start(&handlers[i]))
		{
			handlers[i].state = HANDLER_IDLE;
			present++;
		}
	}
}

/*
 * Give the handlers that are free what there is.
 */
static void
handlers_dispatch(void *arg)
{
	HandlerState free = config->resident ? HANDLER_IDLE : HANDLER_NONE;

	if (draining)
		return;
	if (config->resident)
		keep_residents();
	for (int i = 0; i < config->max && busy < allowed && stock_available() > 0; i++)
	{
		Handler    *handler = &handlers[i];

		if (handler->state != free || (!config->resident && rest_timer.place != 0))
			continue;
		end_output(handler);
		handler->count = stock_take(handler->messages, batch_size);
		if (handler->count > 0)
			handler_work(handler);
	}
	intake_schedule();
}

void
handlers_drain(void)
{
	draining = true;
	for (int i = 0; i < config->max; i++)
	{
		if (handlers[i].state == HANDLER_IDLE)
			handler_leave(&handlers[i]);
	}
}

void
handlers_kill(void)
{
	for (int i = 0; i < config->max; i++)
	{
		if (handlers[i].state == HANDLER_NONE)
			continue;
		handlers[i].killed = "stop";
		child_kill(&handlers[i].child, SIGKILL);
	}
}
