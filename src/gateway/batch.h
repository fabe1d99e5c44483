/*-------------------------------------------------------------------------
 *
 * batch.h
 *		Requests that are performed together.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_BATCH_H
#define GATEWAY_BATCH_H

#include "actions.h"
#include "errors.h"

/* What became of a job; the strings are valid during the call of done() */
typedef struct JobResult
{
	const Failure *failure;		/* NULL: none */
	const char *answer;			/* JSON; NULL: there is no message yet, and
								 * the client is prepared to wait */
	int			wait;			/* for so many seconds, all in all */
	const char *awaited;		/* the queue that it waits for, by its ARN */
} JobResult;

/*
 * A request to be performed.  What it points to is the caller's and stays until
 * done() is called.
 */
typedef struct Job
{
	const char *access_key_id;	/* who asks; NULL: the gateway's own role */
	const Action *action;
	const char *queue;			/* QueueUrl as given; NULL: none */
	const char *request;		/* JSON */
	const char *client;			/* what the server is told of who sent it */
	bool		last;			/* of ReceiveMessage: nobody will wait */
	void		(*done) (struct Job *job, const JobResult *result);
	void	   *arg;

	/* of batch.c */
	bool		alone;			/* not with others any more */
	struct Job *next;
} Job;

extern void batch_init(void);

/* Have a job performed; done() is called later, never from within */
extern void batch_submit(Job *job);

/* Jobs that have not been sent to the database yet, and those that have */
extern int	batch_waiting(void);
extern int	batch_in_flight(void);

/* For the metrics: statements that were sent, and jobs in all of them */
extern void batch_totals(long *statements, long *jobs, long *transactions);

#endif							/* GATEWAY_BATCH_H */
