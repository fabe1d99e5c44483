/*-------------------------------------------------------------------------
 *
 * owner.h
 *		Statements on the extension's own tables, as its owner.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_OWNER_H
#define QUEUE_OWNER_H

#include "utils/palloc.h"

/* Who we were before owner_begin(), and in which context */
typedef struct OwnerScope
{
	MemoryContext context;
	Oid			user;
	int			security;
	int			nestlevel;
} OwnerScope;

/*
 * Begin and end statements, which have nothing of the caller's search_path.  An
 * error that comes between ends the transaction, and all this with it.
 */
extern void owner_begin(OwnerScope *scope);
extern void owner_end(const OwnerScope *scope);

/* Run one statement in between, which has to end with a code of SPI */
extern void owner_execute(const char *sql, int nargs, Oid *types, Datum *args,
						  const char *nulls, bool read_only, int expected);

#endif							/* QUEUE_OWNER_H */
