/*-------------------------------------------------------------------------
 *
 * loop.c
 *		The event loop: descriptors, timers, and work for the end of a round.
 *
 * A program has one thread.  A round waits for events, calls what they and
 * the timers ask for, and then the tasks that were deferred: these see all that
 * came in at the same time, which is what makes batches of requests.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "buffer.h"
#include "log.h"
#include "loop.h"

#define EVENTS_PER_ROUND 256

struct LoopSource
{
	int			fd;
	LoopEventCallback callback; /* NULL: removed, to be freed */
	void	   *arg;
	LoopSource *next_removed;
};

static int	epoll_fd = -1;
static bool running = false;
static int64_t now = 0;
static int64_t (*before_wait) (void) = NULL;

/* Sources removed in this round: events of theirs may still come up in it */
static LoopSource *removed = NULL;

/* The deferred tasks, in the order they came */
static LoopTask *first_task = NULL;
static LoopTask **last_task = &first_task;

/* The timers that are set: a heap whose root, the earliest, is element 1 */
static LoopTimer **heap = NULL;
static int	heap_count = 0;
static int	heap_room = 0;

int64_t
loop_clock(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * MICROSECONDS_PER_SECOND + time.tv_nsec / 1000;
}

int64_t
loop_now(void)
{
	return now;
}

/*
 * Something failed that cannot.
 */
static void
loop_broken(const char *what)
{
	log_event(LOG_LEVEL_ERROR, "broken", "what", "s", what,
			  "reason", "s", strerror(errno), NULL);
	exit(EXIT_FAILURE);
}

void
loop_init(void)
{
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0)
		loop_broken("epoll_create1");
	now = loop_clock();
}

LoopSource *
loop_add(int fd, uint32_t events, LoopEventCallback callback, void *arg)
{
	LoopSource *source = must_calloc(1, sizeof(*source));
	struct epoll_event event;

	source->fd = fd;
	source->callback = callback;
	source->arg = arg;
	memset(&event, 0, sizeof(event));
	event.events = events;
	event.data.ptr = source;
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
		loop_broken("epoll_ctl");
	return source;
}

void
loop_modify(LoopSource *source, uint32_t events)
{
	struct epoll_event event;

	memset(&event, 0, sizeof(event));
	event.events = events;
	event.data.ptr = source;
	if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, source->fd, &event) != 0)
		loop_broken("epoll_ctl");
}

void
loop_remove(LoopSource *source)
{
	/* the descriptor may be closed already, and then is in no set */
	(void) epoll_ctl(epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
	source->callback = NULL;
	source->next_removed = removed;
	removed = source;
}

static void
heap_put(int place, LoopTimer *timer)
{
	heap[place] = timer;
	timer->place = place;
}

/*
 * Put a timer where it belongs, from a place on that is free.
 */
static void
heap_settle(int place, LoopTimer *timer)
{
	while (place > 1 && timer->due < heap[place / 2]->due)
	{
		heap_put(place, heap[place / 2]);
		place /= 2;
	}
	for (;;)
	{
		int			child = 2 * place;

		if (child > heap_count)
			break;
		if (child < heap_count && heap[child + 1]->due < heap[child]->due)
			child++;
		if (timer->due <= heap[child]->due)
			break;
		heap_put(place, heap[child]);
		place = child;
	}
	heap_put(place, timer);
}

void
loop_timer_set(LoopTimer *timer, int64_t due, void (*callback) (void *arg), void *arg)
{
	timer->due = due;
	timer->callback = callback;
	timer->arg = arg;
	if (timer->place == 0)
	{
		heap_count++;
		if (heap_count >= heap_room)
		{
			heap_room = heap_room == 0 ? 256 : 2 * heap_room;
			heap = must_realloc(heap, heap_room * sizeof(*heap));
		}
		heap_settle(heap_count, timer);
	}
	else
		heap_settle(timer->place, timer);
}

void
loop_timer_clear(LoopTimer *timer)
{
	int			place = timer->place;
	LoopTimer  *last;

	if (place == 0)
		return;
	timer->place = 0;
	last = heap[heap_count--];
	if (last != timer)
		heap_settle(place, last);
}

static void
run_timers(void)
{
	while (heap_count > 0 && heap[1]->due <= now)
	{
		LoopTimer  *timer = heap[1];

		loop_timer_clear(timer);
		timer->callback(timer->arg);
	}
}

void
loop_defer(LoopTask *task)
{
	if (task->queued)
		return;
	task->queued = true;
	task->next = NULL;
	*last_task = task;
	last_task = &task->next;
}

/*
 * Run the tasks, and those that they ask for in turn.
 */
static void
run_tasks(void)
{
	while (first_task != NULL)
	{
		LoopTask   *task = first_task;

		first_task = task->next;
		if (first_task == NULL)
			last_task = &first_task;
		task->queued = false;
		task->callback(task->arg);
	}
}

void
loop_set_idle(int64_t (*idle) (void))
{
	before_wait = idle;
}

void
loop_stop(void)
{
	running = false;
}

/*
 * How long the next wait may take, in milliseconds; -1: for ever.
 */
static int
wait_time(void)
{
	int64_t		wait = before_wait == NULL ? -1 : before_wait();

	if (first_task != NULL)
		return 0;
	if (heap_count > 0)
	{
		int64_t		until = heap[1]->due - loop_clock();

		if (until < 0)
			until = 0;
		if (wait < 0 || until < wait)
			wait = until;
	}
	if (wait < 0)
		return -1;
	wait = (wait + 999) / 1000;
	return wait > 60000 ? 60000 : (int) wait;
}

void
loop_run(void)
{
	struct epoll_event events[EVENTS_PER_ROUND];

	running = true;
	while (running)
	{
		int			count = epoll_wait(epoll_fd, events, EVENTS_PER_ROUND, wait_time());

		if (count < 0 && errno != EINTR)
			loop_broken("epoll_wait");
		now = loop_clock();
		for (int i = 0; i < count; i++)
		{
			LoopSource *source = events[i].data.ptr;

			if (source->callback != NULL)
				source->callback(source->arg, events[i].events);
		}
		run_timers();
		run_tasks();
		while (removed != NULL)
		{
			LoopSource *source = removed;

			removed = source->next_removed;
			free(source);
		}
	}
}
