/*-------------------------------------------------------------------------
 *
 * pgpool.h
 *		The connections that calls are executed on.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_PGPOOL_H
#define GATEWAY_PGPOOL_H

#include "config.h"
#include "loop.h"
#include "pgconn.h"

/* Names of the statements that every session of the pool has prepared */
#define STATEMENT_PERFORM "perform"
#define STATEMENT_SIGNING_KEYS "signing_keys"
#define STATEMENT_NOTE_KEYS "note_keys"
#define STATEMENT_METRICS "metrics"

extern void pgpool_open(const Config *config);

/*
 * Who has something to execute: called at the end of a round in which somebody
 * asked for that, or a connection has become free or been lost.  They are called
 * in the order they were added, so that who has little, and is waited for by
 * others, is not kept from the connections by who has much.
 */
extern void pgpool_add_user(void (*user) (void));
extern void pgpool_schedule(void);
extern void pgpool_close(void);

/* Connections with nothing in flight; those that are ready; all of them */
extern int	pgpool_idle(void);
extern int	pgpool_ready(void);
extern int	pgpool_size(void);

/*
 * Execute a transaction on an idle connection; there is one.  Not from within
 * done() of a statement: that defers a task instead.
 */
extern void pgpool_execute(Statement *first);

#endif							/* GATEWAY_PGPOOL_H */
