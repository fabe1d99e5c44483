/*-------------------------------------------------------------------------
 *
 * eventstate.h
 *		What processes know in common of event source mappings that are at work.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_EVENTSTATE_H
#define QUEUE_EVENTSTATE_H

#include "datatype/timestamp.h"
#include "utils/uuid.h"

/* Bytes of an error's text that are kept */
#define EVENT_ERROR_MAX 512

/* What is known of a mapping since the server was started, or of late */
typedef struct EventStatus
{
	int			workers;		/* now */
	bool		starved;		/* there was no process for one more */
	int64		processed;		/* messages */
	int64		failed;			/* times that a message failed */
	TimestampTz last_processed; /* 0: never */
	TimestampTz last_error_at;	/* 0: none */
	char		last_error[EVENT_ERROR_MAX];
} EventStatus;

/* Called by _PG_init: ask for shared memory and arrange its set-up */
extern void eventstate_init(void);

/*
 * The launcher: its latch is set for who wants a database visited soon; whether
 * that was so since the last call
 */
extern void eventstate_set_launcher(void);
extern bool eventstate_is_wanted(void);

/*
 * The launcher has found no process for the worker: have one of ours leave, and no
 * other started for a while, until it has found one
 */
extern void eventstate_make_room(bool wanted);

/*
 * A database has one coordinator: become it, or false if there is one, or if
 * this database is to be kept free; leave; and whether there is one
 */
extern bool eventstate_enter(Oid database);
extern void eventstate_leave(void);
extern bool eventstate_is_coordinated(Oid database);

/*
 * Have this database's mappings looked at, which never throws; and, in the
 * coordinator, whether somebody wants that
 */
extern void eventstate_poke(void);
extern bool eventstate_is_poked(void);

/*
 * Have all processes of a database leave, and keep it free of them, a minute at
 * most; let them come again
 */
extern void eventstate_keep_away(Oid database);
extern void eventstate_let_back(Oid database);

/*
 * Places for workers.  The coordinator reserves one before it has a worker
 * started, or gets -1, and cancels what it could not start; the worker takes it,
 * unless it has come too late, and gives it back.
 */
extern int	eventstate_reserve(const pg_uuid_t *mapping_id, uint32 *ticket);
extern void eventstate_cancel(int place, uint32 ticket);
extern bool eventstate_take(int place, uint32 ticket, Oid *database, pg_uuid_t *mapping_id);
extern void eventstate_give_back(void);

/* In the worker: whether it has work, which wakes the coordinator; must leave */
extern void eventstate_set_busy(bool busy);
extern bool eventstate_must_leave(void);

/*
 * Ask workers of a mapping to leave soon, those beyond a number of them; or one
 * worker: one of the mapping, of any database, that has most of
 * them, if it has so many at least
 */
extern void eventstate_dismiss(const pg_uuid_t *mapping_id, int keep);
extern void eventstate_dismiss_most(int at_least);

/* What became of messages.  What is said of a mapping is made when first needed. */
extern void eventstate_note_processed(const pg_uuid_t *mapping_id, int64 processed, int64 failed);
extern void eventstate_note_error(const pg_uuid_t *mapping_id, const char *error);
extern void eventstate_note_starved(const pg_uuid_t *mapping_id, bool starved);
extern void eventstate_forget(const pg_uuid_t *mapping_id);
extern void eventstate_read(const pg_uuid_t *mapping_id, EventStatus *status);

/* The workers of a mapping alone; those that are about to start count as busy */
extern int	eventstate_workers(const pg_uuid_t *mapping_id, int *busy);

/*
 * Whether there were too few processes when one was last to be started: set it, and
 * return what it was; and ask
 */
extern bool eventstate_set_short(bool is_short);
extern bool eventstate_is_short(void);

#endif							/* QUEUE_EVENTSTATE_H */
