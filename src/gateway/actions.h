/*-------------------------------------------------------------------------
 *
 * actions.h
 *		The actions of SQS, and the members of their requests and answers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_ACTIONS_H
#define GATEWAY_ACTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct ActionShape;				/* known to the protocols only */

typedef struct Action
{
	const char *name;
	bool		on_queue;		/* has a QueueUrl */
	bool		answers_urls;	/* the answer has URLs of queues */
	bool		on_messages;	/* sends, receives or changes messages, and
								 * locks nothing else */
	const struct ActionShape *shape;
} Action;

/* All of them, sorted by name */
extern const Action actions[];
extern const int action_count;

/* One that clients cannot ask for: give messages back that were received */
extern const Action action_return_messages;

/* NULL: there is none of this name */
extern const Action *action_find(const char *name, size_t length);

/* Its place in the table, for arrays with an element for each */
extern int	action_number(const Action *action);

#endif							/* GATEWAY_ACTIONS_H */
