/*-------------------------------------------------------------------------
 *
 * piece.h
 *		Pieces of work of the background processes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_PIECE_H
#define QUEUE_PIECE_H

/*
 * Begin and end a piece of work, with a snapshot: as a transaction of its own, or as
 * part of the caller's, where it is seen by what follows.
 */
extern void piece_begin(bool own_transactions);
extern void piece_end(bool own_transactions);

#endif							/* QUEUE_PIECE_H */
