/*-------------------------------------------------------------------------
 *
 * waits.h
 *		Long polls.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_WAITS_H
#define GATEWAY_WAITS_H

#include "batch.h"
#include "config.h"
#include "loop.h"

typedef enum PollState
{
	POLL_TRYING,				/* a receive is on its way */
	POLL_WAITING,				/* in the list of its queue */
	POLL_LAST					/* the last try is on its way */
} PollState;

/*
 * A ReceiveMessage whose client may be prepared to wait.  The job is filled in
 * by whoever begins it, and so are the callbacks.
 */
typedef struct Poll
{
	Job			job;

	/* Whether the client is still there */
	bool		(*alive) (struct Poll *poll);

	/*
	 * Called once, and not from within waits_begin(): with an answer or a
	 * failure; with NULL if the client was gone, and took nothing.
	 */
	void		(*done) (struct Poll *poll, const JobResult *result);

	/*
	 * Called when it begins to wait, that is when a client that goes away had
	 * better be noticed, and when it ends to
	 */
	void		(*waiting) (struct Poll *poll, bool waiting);

	/* of waits.c */
	PollState	state;
	bool		abandoned;
	int64_t		began;
	int64_t		deadline;		/* 0: not known yet */
	struct Watched *watched;
	struct Poll *previous;
	struct Poll *next;
	LoopTimer	timer;
} Poll;

extern void waits_open(const Config *config);
extern void waits_close(void);

extern void waits_begin(Poll *poll);

/* The client is gone; done() is called as soon as possible, maybe at once */
extern void waits_abandon(Poll *poll);

/* Let no poll wait any more: those that do are answered */
extern void waits_finish(void);

/* Polls that wait, and queues that are watched for them */
extern int	waits_count(void);
extern int	waits_watched(void);
extern bool waits_ready(void);	/* the connection to wait on is there */

/*
 * Make the messages of an answer to a job visible again, which the client did
 * not get.
 */
extern void waits_give_back(const Job *job, const char *answer);

#endif							/* GATEWAY_WAITS_H */
