/*-------------------------------------------------------------------------
 *
 * modes.c
 *		What a load does.
 *
 * One thread; a mode asks for something on each connection, and on each again
 * when it has been answered, until its time is over.  Then it waits for the
 * answers that are due, so that each message it counts is one that the server
 * has, or has deleted.
 *
 *-------------------------------------------------------------------------
 */
#include "modes.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "calls.h"
#include "die.h"

#define SECOND INT64_C(1000000000)
#define PATIENCE 60000			/* milliseconds without an answer */
#define EVENTS 256				/* taken from epoll at once */

/*
 * Before this much of a load at a rate has passed, answers are not timed: the
 * first call of each of the server's sessions has things to open.
 */
#define WARM_UP (SECOND / 2)

/* After a poll was asked for, and before a message is sent for it */
#define PAUSE INT64_C(5000000)

/* Steps of a connection */
enum
{
	STEP_IDLE,
	STEP_SEND,
	STEP_RECEIVE,
	STEP_DELETE,
	STEP_POLL
};

static const Options *options;
static Outcome *outcome;
static Connection *connections;
static bool finished;			/* whoever still waits need not be waited for */
static int	timer_fd;
static bool timer_is_set;
static int64_t began;
static int64_t deadline;
static int64_t last_answer;

/* For a load at a rate: connections that are idle, and the next arrival */
static Connection **idle;
static int	idle_count;
static int64_t next_due;

/* Messages that were asked to be sent, in fill and wakeup */
static int	begun;

static const char *
queue_of(const Connection *connection)
{
	return options->queues[connection->number % options->queue_count];
}

static void
add_time(int64_t nanoseconds)
{
	if (outcome->time_count == outcome->time_room)
	{
		outcome->time_room = 2 * outcome->time_room + 4096;
		outcome->times = realloc(outcome->times, outcome->time_room * sizeof(int64_t));
		if (outcome->times == NULL)
			die("out of memory");
	}
	outcome->times[outcome->time_count++] = nanoseconds;
}

/* Have the mode's timer called at a time, once */
static void
timer_set(int64_t at)
{
	struct itimerspec when = {{0, 0}, {at / SECOND, at % SECOND}};

	if (timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &when, NULL) < 0)
		die("timerfd_settime: %s", strerror(errno));
	timer_is_set = true;
}

/*
 * send: one message after the other.
 */
static void
ask_send(Connection *connection, int64_t due)
{
	connection->due = due;
	calls_send(connection, queue_of(connection));
}

/*
 * The time to the next arrival at the rate that was asked for.  Arrivals are
 * at random, as those of clients that know nothing of each other are.
 */
static int64_t
gap(void)
{
	return (int64_t) (-log(1.0 - drand48()) / options->rate * SECOND);
}

/*
 * Begin the calls that are due.  Where no connection is idle a call begins
 * late, and the time that it waited counts for it.
 */
static void
send_due(void)
{
	int64_t		now = clock_now();

	while (next_due < deadline && next_due <= now && idle_count > 0)
	{
		ask_send(idle[--idle_count], next_due);
		next_due += gap();
	}
	if (next_due < deadline && idle_count > 0)
		timer_set(next_due);
}

static void
begin_send(void)
{
	if (options->rate > 0)
	{
		idle = malloc(options->connections * sizeof(Connection *));
		if (idle == NULL)
			die("out of memory");
		for (int i = 0; i < options->connections; i++)
			idle[idle_count++] = &connections[i];
		next_due = began + gap();
		send_due();
		return;
	}
	for (int i = 0; i < options->connections; i++)
		ask_send(&connections[i], clock_now());
}

static void
answered_send(Connection *connection, const Answer *answer)
{
	calls_check(answer, "SendMessage", "\"MessageId\"");
	outcome->calls++;
	outcome->messages++;
	if (options->rate > 0)
	{
		if (connection->due >= began + WARM_UP)
			add_time(last_answer - connection->due);
		idle[idle_count++] = connection;
		send_due();
		return;
	}
	add_time(last_answer - connection->asked_at);
	if (last_answer < deadline)
		ask_send(connection, last_answer);
}

/*
 * fill: so many messages, ten a call.
 */
static void
ask_fill(Connection *connection)
{
	int			count = options->messages - begun;

	if (count > CALLS_BATCH)
		count = CALLS_BATCH;
	if (count <= 0)
		return;
	begun += count;
	calls_send_batch(connection, queue_of(connection), count);
}

static void
begin_fill(void)
{
	for (int i = 0; i < options->connections; i++)
		ask_fill(&connections[i]);
}

static void
answered_fill(Connection *connection, const Answer *answer)
{
	calls_check(answer, "SendMessageBatch", "\"Successful\"");
	outcome->calls++;
	outcome->messages = begun;
	ask_fill(connection);
}

/*
 * work: receive ten, delete them, until the queue is empty.
 */
static void
ask_work(Connection *connection)
{
	connection->step = STEP_RECEIVE;
	calls_receive(connection, queue_of(connection), CALLS_BATCH, 0);
}

static void
begin_work(void)
{
	for (int i = 0; i < options->connections; i++)
		ask_work(&connections[i]);
}

static void
answered_work(Connection *connection, const Answer *answer)
{
	if (connection->step == STEP_RECEIVE)
	{
		calls_check(answer, "ReceiveMessage", NULL);
		if (calls_received(answer) == 0)
		{
			/* Nobody begins anew, and the clock stops with the last delete */
			deadline = 0;
			return;
		}
		connection->step = STEP_DELETE;
		connection->due = calls_delete_batch(connection, queue_of(connection), answer);
		return;
	}
	calls_check(answer, "DeleteMessageBatch", NULL);
	outcome->calls++;
	outcome->messages += connection->due;
	outcome->seconds = (double) (last_answer - began) / SECOND;
	if (last_answer < deadline)
		ask_work(connection);
}

/*
 * poll: a long poll on each connection.  Since none is answered before its time
 * is over, and it takes much less to ask for all, they wait together.
 */
static void
begin_poll(void)
{
	for (int i = 0; i < options->connections; i++)
		calls_receive(&connections[i], queue_of(&connections[i]), 1, options->wait);
	if (clock_now() - began > options->wait * SECOND / 2)
		die("it took too long to ask for so many polls: they do not wait together");
	printf("{\"asked\": %d}\n", options->connections);
	fflush(stdout);
}

static void
answered_poll(Connection *connection, const Answer *answer)
{
	int64_t		waited = last_answer - connection->asked_at;

	calls_check(answer, "ReceiveMessage", NULL);
	if (calls_received(answer) > 0 || waited < (options->wait - 1) * SECOND)
		die("a poll of %d s was answered after %.3f s", options->wait, (double) waited / SECOND);
	outcome->calls++;
	add_time(waited);
}

/*
 * wakeup: the first connection waits for a message, the second sends it; the
 * others wait on the other queues, for what never comes.
 */
static void
ask_poll(Connection *connection)
{
	int			others = options->queue_count - 1;
	const char *queue = options->queues[0];

	if (connection->number > 1 && others > 0)
		queue = options->queues[1 + connection->number % others];
	connection->step = STEP_POLL;
	calls_receive(connection, queue, 1, options->wait);
}

static void
begin_wakeup(void)
{
	if (options->connections < 2 || options->queue_count < 1 ||
		(options->connections > 2 && options->queue_count < 2))
		die("wakeup needs two connections, and another queue for those beyond");
	for (int i = options->connections - 1; i > 1; i--)
		ask_poll(&connections[i]);
	ask_poll(&connections[0]);
	timer_set(clock_now() + SECOND);
}

static void
timer_wakeup(void)
{
	begun++;
	connections[1].step = STEP_SEND;
	calls_send(&connections[1], options->queues[0]);
}

/* The next one, once both connections are through with this one */
static void
next_wakeup(void)
{
	if (connections[0].step != STEP_IDLE || connections[1].step != STEP_IDLE)
		return;
	if (begun == options->messages)
	{
		finished = true;
		return;
	}
	ask_poll(&connections[0]);
	timer_set(clock_now() + PAUSE + (int64_t) (drand48() * PAUSE));
}

static void
answered_wakeup(Connection *connection, const Answer *answer)
{
	if (connection->number > 1)
	{
		calls_check(answer, "ReceiveMessage", NULL);
		ask_poll(connection);
		return;
	}
	switch (connection->step)
	{
		case STEP_SEND:
			calls_check(answer, "SendMessage", "\"MessageId\"");
			outcome->calls++;
			connection->step = STEP_IDLE;
			break;
		case STEP_POLL:
			calls_check(answer, "ReceiveMessage", "\"ReceiptHandle\"");
			add_time(last_answer - connections[1].asked_at);
			connection->step = STEP_DELETE;
			outcome->messages += calls_delete_batch(connection, options->queues[0], answer);
			return;
		case STEP_DELETE:
			calls_check(answer, "DeleteMessageBatch", NULL);
			connection->step = STEP_IDLE;
			break;
	}
	next_wakeup();
}

const Mode	modes[] = {
	{"send", "SendMessage, for --seconds; at --rate calls a second if given",
	begin_send, answered_send, send_due},
	{"fill", "SendMessageBatch, ten a call, --messages in all",
	begin_fill, answered_fill, NULL},
	{"work", "ReceiveMessage of ten and DeleteMessageBatch, for --seconds or until none are left",
	begin_work, answered_work, NULL},
	{"poll", "a ReceiveMessage of --wait seconds on each connection",
	begin_poll, answered_poll, NULL},
	{"wakeup", "one connection waits, one sends, --messages times; the others wait on other queues",
	begin_wakeup, answered_wakeup, timer_wakeup},
	{NULL, NULL, NULL, NULL, NULL}
};

static int
compare_times(const void *a, const void *b)
{
	int64_t		x = *(const int64_t *) a;
	int64_t		y = *(const int64_t *) b;

	return (x > y) - (x < y);
}

/* What epoll told of a connection, or, with NULL, of the timer */
static void
handle(const Mode *mode, Connection *connection, uint32_t events)
{
	Answer		answer;

	if (connection == NULL)
	{
		uint64_t	expired;

		if (read(timer_fd, &expired, sizeof(expired)) == sizeof(expired))
		{
			timer_is_set = false;
			mode->timer();
		}
		return;
	}
	if (connection_event(connection, events, &answer))
	{
		last_answer = clock_now();
		mode->answered(connection, &answer);
	}
}

void
modes_run(const Mode *mode, const Options *given, Outcome *result)
{
	struct epoll_event events[EVENTS];
	struct epoll_event timer = {.events = EPOLLIN,.data.ptr = NULL};

	options = given;
	outcome = result;
	connections = calloc(options->connections, sizeof(Connection));
	if (connections == NULL)
		die("out of memory");
	timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (timer_fd < 0 || epoll_ctl(connection_epoll(), EPOLL_CTL_ADD, timer_fd, &timer) < 0)
		die("timerfd: %s", strerror(errno));
	for (int i = 0; i < options->connections; i++)
		connection_open(&connections[i], i);

	began = clock_now();
	deadline = began + (int64_t) (options->seconds * SECOND);
	mode->begin();
	while (!finished && (connection_asked() > 0 || timer_is_set))
	{
		int			count = epoll_wait(connection_epoll(), events, EVENTS, PATIENCE);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			die("epoll_wait: %s", strerror(errno));
		if (count == 0)
			die("no answer for %d seconds", PATIENCE / 1000);
		for (int i = 0; i < count; i++)
			handle(mode, events[i].data.ptr, events[i].events);
	}
	if (outcome->seconds == 0)
		outcome->seconds = (double) (last_answer - began) / SECOND;
	if (outcome->time_count > 0)
		qsort(outcome->times, outcome->time_count, sizeof(int64_t), compare_times);
}
