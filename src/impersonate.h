/*-------------------------------------------------------------------------
 *
 * impersonate.h
 *		Acting as the role of an access key.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_IMPERSONATE_H
#define QUEUE_IMPERSONATE_H

/* Who we are but for that */
typedef struct Impersonation
{
	Oid			user;
	int			sec_context;
} Impersonation;

/* Whether the current user could SET ROLE to a role, and so may act as it */
extern bool impersonate_allowed(Oid role);

/*
 * Whether the current user administers a role: a superuser does so, and for
 * others see the top of rolepolicies.c
 */
extern bool impersonate_administers(Oid role);

/*
 * The role of an access key that is active.  Raises UnrecognizedClient if there
 * is no such key, AccessDenied if the current user may not act as its role.
 */
extern Oid	impersonate_role(const text *access_key_id);

/*
 * Act as that role from here to impersonate_end(), which is for the case that
 * no error is raised.  No transaction may end in between.  A subtransaction
 * that is begun in between has to end there, too, by commit or abort.
 */
extern void impersonate(const text *access_key_id, Impersonation *before);
extern void impersonate_end(const Impersonation *before);

#endif							/* QUEUE_IMPERSONATE_H */
