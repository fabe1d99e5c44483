/*-------------------------------------------------------------------------
 *
 * authorize.h
 *		Who may do what with a queue.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_AUTHORIZE_H
#define QUEUE_AUTHORIZE_H

#include "catalog.h"

/*
 * Raise AccessDenied (42501) unless the current user may use the queue: its
 * owner, a member of its owner, or a superuser.  action is SQS's name of the
 * call ("SendMessage"), for the message.
 */
extern void authorize_queue(const Queue *queue, const char *action);

/* The same as a question, for views that list only what a role may use */
extern bool authorize_queue_allows(const Queue *queue);

/* The same for a role that is not, or no longer, the current user */
extern bool authorize_role_allows(Oid role, const Queue *queue);

/* Raise AccessDenied unless the current user may create queues here */
extern void authorize_create(void);

/* Look up and authorize in one: the first line of every call on a queue */
extern void authorize_lookup(const text *reference, const char *action, Queue *queue);

/* The same, with the lock that changes of a queue need (catalog_lock) */
extern void authorize_change(const text *reference, const char *action, Queue *queue);

#endif							/* QUEUE_AUTHORIZE_H */
