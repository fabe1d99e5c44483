/*-------------------------------------------------------------------------
 *
 * database.h
 *		The databases of the cluster.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_DATABASE_H
#define QUEUE_DATABASE_H

/* Whether there is a database, and whether one can connect to it */
extern bool database_find(Oid database, bool *connectable);

/* The databases one can connect to; how many */
extern int	database_list(Oid *databases, int max);

#endif							/* QUEUE_DATABASE_H */
