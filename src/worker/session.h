/*-------------------------------------------------------------------------
 *
 * session.h
 *		What our sessions have in common: how they begin, and what errors mean.
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKER_SESSION_H
#define WORKER_SESSION_H

#include <stdbool.h>

/*
 * The functions are in the schema that the extension was created in.  It is the
 * only one that is looked into, whatever the role's search_path is.
 */
#define SESSION_SEARCH_PATH \
	{NULL, "SELECT pg_catalog.set_config('search_path', coalesce((" \
		"SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_extension AS e" \
		" JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) e.extnamespace" \
		" WHERE e.extname OPERATOR(pg_catalog.=) 'queue'" \
		"), 'pg_catalog'), false)"}

/* Whether an error says that there is no such queue */
extern bool session_queue_is_gone(const char *sqlstate);

/* Whether it has nothing to do with what was asked for, and may pass */
extern bool session_is_passing(const char *sqlstate);

#endif							/* WORKER_SESSION_H */
