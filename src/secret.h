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

/*
 * A copy of a key that goes with the current memory context, so that an error
 * leaves nothing behind, or earlier when it is dropped.
 */
typedef struct SecretCopy SecretCopy;
extern SecretCopy *secret_copy(const unsigned char *secret);
extern const unsigned char *secret_copied(const SecretCopy *copy);
extern void secret_drop(SecretCopy *copy);

/* Overwrite what is secret; no compiler finds that useless */
extern void secret_wipe(void *bytes, size_t length);

#endif							/* QUEUE_SECRET_H */
