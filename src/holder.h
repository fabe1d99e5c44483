/*-------------------------------------------------------------------------
 *
 * holder.h
 *		Who holds back vacuum, or has locks on tables.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_HOLDER_H
#define QUEUE_HOLDER_H

#include "access/transam.h"
#include "datatype/timestamp.h"
#include "storage/lockdefs.h"

typedef enum HolderKind
{
	HOLDER_SESSION,
	HOLDER_PREPARED,			/* a prepared transaction */
	HOLDER_SLOT,				/* a replication slot */
	HOLDER_STANDBY				/* one that gives feedback, without a slot */
} HolderKind;

typedef struct Holder
{
	HolderKind	kind;
	int			pid;			/* 0: none */
	char	   *name;			/* of the application, transaction or slot */
	Oid			database;		/* invalid: none */
	Oid			role;			/* likewise */
	bool		idle;			/* a session in a transaction, doing nothing */
	TransactionId xid;			/* of a prepared transaction */
	TransactionId horizon;		/* rows that died since cannot be removed from
								 * tables of this database; or invalid */
	TransactionId catalog_horizon;	/* the same, of catalogs only */
	TimestampTz since;			/* 0: not known */
} Holder;

/* A lock that one of them has on a table or index of this database */
typedef struct HeldLock
{
	const Holder *holder;
	Oid			relid;
	LOCKMASK	modes;
} HeldLock;

/*
 * All sessions in a transaction but this one, prepared transactions, slots and
 * standbys, palloc'd; and of the first so many of them the locks
 */
extern Holder *holder_list(int *count);
extern HeldLock *holder_locks(const Holder *holders, int count, int *lock_count);

/* How long it has been so, in microseconds; 0 if that is not known */
extern int64 holder_age(const Holder *holder, TimestampTz now);

/* Whether the current user may know more of a session than that it exists */
extern bool holder_is_visible(const Holder *holder);

/* Who that is, and how to be rid of it: as texts for people, palloc'd */
extern char *holder_name(const Holder *holder);
extern char *holder_remedy(const Holder *holder);

#endif							/* QUEUE_HOLDER_H */
