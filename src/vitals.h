/*-------------------------------------------------------------------------
 *
 * vitals.h
 *		Signs of life of the background processes, in shared memory.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_VITALS_H
#define QUEUE_VITALS_H

#include "access/transam.h"
#include "datatype/timestamp.h"

/* What is known of the launcher, and of the workers of one database */
typedef struct Vitals
{
	TimestampTz known_since;	/* shared memory is that old */
	TimestampTz launched_at;	/* the launcher's latest start; 0: none */
	TimestampTz awake_at;		/* its latest sign of life */
	TimestampTz refused_at;		/* since when it can start no worker; 0: it
								 * can */
	TimestampTz ended_at;		/* the latest one that came to its end; 0:
								 * none */
	int			unfinished;		/* rounds begun since then, the one that may
								 * be running included */
} Vitals;

/* Called by _PG_init: ask for shared memory and arrange its set-up */
extern void vitals_init(void);

/* The launcher starts; it could start a worker, or not; it is awake */
extern void vitals_note_launch(void);
extern void vitals_note_worker(bool started);
extern void vitals_note_time(void);

/* A round in this database begins, and has come to its end */
extern void vitals_note_begin(void);
extern void vitals_note_end(void);

/* What is known now, with the rounds of this database */
extern void vitals_read(Vitals *vitals);

/*
 * A time at which this transaction id had been given out: the earliest that is
 * known, which may be a good while later than it was.  0 if none is known.
 */
extern TimestampTz vitals_passed(FullTransactionId xid);

#endif							/* QUEUE_VITALS_H */
