/*-------------------------------------------------------------------------
 *
 * action_each.h
 *		Steps of which each succeeds or fails by itself.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ACTION_EACH_H
#define QUEUE_ACTION_EACH_H

#include "utils/jsonb.h"

#include "catalog.h"
#include "errors.h"

/* Why one failed */
typedef struct ActionFailure
{
	bool		failed;
	SqsError	error;
	const char *text;			/* SQS's */
} ActionFailure;

/* Not done, as the answers before are long enough: to be asked again */
#define CALL_POSTPONED (-1)

/* Several requests of one action; arrays have a place for each */
typedef struct ActionCalls
{
	int			count;
	JsonbContainer **requests;
	ActionFailure *failures;	/* who has failed before is passed over */
	char	  **answers;		/* as text; NULL: nothing to say */
	int		   *waits;			/* seconds that a receive may wait for a
								 * message, and the answer is its queue's ARN;
								 * or CALL_POSTPONED; else 0 */
	bool		last;			/* it shall not */
	int			client_count;	/* 0, 1 for all of them, or one for each */
	text	  **clients;		/* whose they are: see action_act_for() */
	const text *acting_for;		/* the last of whom that was said */
} ActionCalls;

/* The queue that was looked up last, how it was called, and for whom */
typedef struct ActionLookup
{
	const char *action;
	const text *client;			/* set by the caller before each look-up */
	const text *looked_up_for;
	const text *reference;		/* NULL: none yet */
	Queue	   *queue;
} ActionLookup;

/*
 * Call a function for each number from one up to another, but for those that
 * have failed.  Where it raises an SQS error, that number has failed, and what
 * it did is undone; others are not affected.  Other errors pass through.
 */
extern void action_try_each(ActionFailure *failures, int from, int to,
							void (*step) (int number, void *arg), void *arg);

/*
 * The same for a function that changes nothing but memory: none is called more
 * than once.
 */
extern void action_check_each(ActionFailure *failures, int from, int to,
							  void (*check) (int number, void *arg), void *arg);

/* Those of several requests that are good, in order, and their queues */
typedef struct ActionGood
{
	int			count;
	int		   *numbers;		/* of the requests */
	Queue	  **queues;
} ActionGood;

extern void action_good_begin(ActionGood *good, const ActionCalls *calls);
extern void action_good_add(ActionGood *good, int number, Queue *queue);

/*
 * Call a function for all good requests of a queue that follow each other, from
 * one up to another of them; where that fails, for each alone.
 */
extern void action_try_together(ActionCalls *calls, const ActionGood *good,
								void (*step) (int from, int to, void *arg), void *arg);

/*
 * Have policies judge what follows by the client of a request, NULL if none was
 * named: "1 192.0.2.1 aws-cli/2", which is whether its connection is secure, its
 * address and what it calls itself, empty if it does not say.
 */
extern const text *action_act_for(ActionCalls *calls, int number);

/*
 * Look a queue up and authorize the action on it, unless that was done just
 * before.  The queue is palloc'd, and the same one for the same reference.
 */
extern Queue *action_lookup(ActionLookup *lookup, const text *reference);

#endif							/* QUEUE_ACTION_EACH_H */
