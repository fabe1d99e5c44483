/*-------------------------------------------------------------------------
 *
 * action.h
 *		Actions of AWS by their names.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ACTION_H
#define QUEUE_ACTION_H

#include "action_each.h"

typedef struct Action
{
	const char *name;
	void		(*perform) (JsonbContainer *request, StringInfo answer);
	bool		writes;
	void		(*perform_each) (ActionCalls *calls);	/* NULL: one after the
														 * other */
} Action;

/*
 * The action of a name, that of the gateway's own only if internal; raises
 * MissingParameter or UnknownOperation
 */
extern const Action *action_find(const text *name, bool internal);

/* Raise PostgreSQL's own error where an action may not be done, by a function */
extern void action_prevent(const Action *action, const char *function);

/* What a request has to be; raises SerializationException */
extern JsonbContainer *action_request(Jsonb *request);

/* Do what a request asks for, and return the answer, as text */
extern char *action_perform(const Action *action, JsonbContainer *request);

#endif							/* QUEUE_ACTION_H */
