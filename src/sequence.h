/*-------------------------------------------------------------------------
 *
 * sequence.h
 *		Numbers that never come back.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_SEQUENCE_H
#define QUEUE_SEQUENCE_H

/*
 * Advance a sequence by a step and return its new value; the first value is 1.
 * Not undone by a rollback.  owner is a role with the rights to do so.
 */
extern int64 sequence_advance(Oid sequence, Oid owner, int64 step);

#endif							/* QUEUE_SEQUENCE_H */
