/*-------------------------------------------------------------------------
 *
 * secret.h
 *		Memory for keys.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_SECRET_H
#define QUEUE_SECRET_H

#define SECRET_LENGTH 32		/* bytes of a key of AES-256 */

/* Keys that a backend can have at a time */
#define SECRET_MAX 1024

/*
 * Room for a key, zeroed; an error if SECRET_MAX are in use.  It belongs to the
 * caller, whatever becomes of the transaction.
 */
extern unsigned char *secret_alloc(void);

/* Wipe it and give it back */
extern void secret_free(unsigned char *secret);

/* Overwrite what is secret; no compiler finds that useless */
extern void secret_wipe(void *bytes, size_t length);

#endif							/* QUEUE_SECRET_H */
