/*-------------------------------------------------------------------------
 *
 * rolehold.h
 *		Roles that rows of ours belong to, and that are kept from being dropped.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ROLEHOLD_H
#define QUEUE_ROLEHOLD_H

#include "access/attnum.h"

/* A table with a column of roles */
typedef struct RoleColumn
{
	const char *table;			/* in schema queue */
	const char *column;
	AttrNumber	attnum;
} RoleColumn;

/* Whether a role is held, which its rows in the table count by */
extern bool rolehold_is_held(const RoleColumn *where, Oid role);

/* Hold a role, or let it go; to be called with the table's lock for changes */
extern void rolehold_set(const RoleColumn *where, Oid role, bool hold);

#endif							/* QUEUE_ROLEHOLD_H */
