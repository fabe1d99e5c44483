/*-------------------------------------------------------------------------
 *
 * loop.h
 *		The event loop: descriptors, timers, and work for the end of a round.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLIENT_LOOP_H
#define CLIENT_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#define MICROSECONDS_PER_SECOND INT64_C(1000000)

/* A descriptor that is watched */
typedef struct LoopSource LoopSource;

typedef void (*LoopEventCallback) (void *arg, uint32_t events);

/*
 * A moment at which something is to be called.  All zero: not set.  It belongs
 * to whoever set it, and must be cleared before its memory is freed.
 */
typedef struct LoopTimer
{
	int64_t		due;
	int			place;			/* in the heap, from 1; 0: not set */
	void		(*callback) (void *arg);
	void	   *arg;
} LoopTimer;

/* Called at the end of each round in which it was asked for, once */
typedef struct LoopTask
{
	void		(*callback) (void *arg);
	void	   *arg;
	bool		queued;
	struct LoopTask *next;
} LoopTask;

extern void loop_init(void);

/*
 * Watch a descriptor for events of epoll, level triggered; the source is freed
 * by loop_remove(), after which the callback is not called any more.
 */
extern LoopSource *loop_add(int fd, uint32_t events, LoopEventCallback callback,
							void *arg);
extern void loop_modify(LoopSource *source, uint32_t events);
extern void loop_remove(LoopSource *source);

/* Set a timer, anew if it was set; due as loop_now() tells time */
extern void loop_timer_set(LoopTimer *timer, int64_t due,
						   void (*callback) (void *arg), void *arg);
extern void loop_timer_clear(LoopTimer *timer);

/* Have a task called at the end of this round */
extern void loop_defer(LoopTask *task);

/*
 * Microseconds since some moment in the past; never goes back.  Read once a
 * round: good enough for deadlines.  loop_clock() reads it anew.
 */
extern int64_t loop_now(void);
extern int64_t loop_clock(void);

/*
 * Have a function called before each wait, which may shorten it: it returns
 * the microseconds that it can do without being called, or -1.
 */
extern void loop_set_idle(int64_t (*idle) (void));

/* Run until loop_stop() */
extern void loop_run(void);
extern void loop_stop(void);

#endif							/* CLIENT_LOOP_H */
