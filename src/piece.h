/*-------------------------------------------------------------------------
 *
 * piece.h
 *		Pieces of work of the background processes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_PIECE_H
#define QUEUE_PIECE_H

#include "utils/palloc.h"

/*
 * Begin and end a piece of work, with a snapshot: as a transaction of its own, or as
 * part of the caller's, where it is seen by what follows.
 */
extern void piece_begin(bool own_transactions);
extern void piece_end(bool own_transactions);

/*
 * Put the error into the log that ended a transaction of its own, in PG_CATCH(), and go
 * on in this context
 */
extern void piece_fail(MemoryContext context);

#endif							/* QUEUE_PIECE_H */
