/*-------------------------------------------------------------------------
 *
 * crypto.h
 *		Encryption with the master key, and message authentication codes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_CRYPTO_H
#define QUEUE_CRYPTO_H

#include "fmgr.h"

#define CRYPTO_DIGEST_LENGTH 32 /* bytes of a SHA-256 */

/*
 * Encrypt some bytes with a key that is made of the master key and a purpose,
 * so that what is encrypted for one cannot be passed off as the other's.  The
 * context, what the bytes belong to, is not encrypted and not part of the
 * result; decrypting needs the same.  Raises an error if there is no master
 * key, or it cannot be read.
 */
extern bytea *crypto_seal(const char *purpose, const char *context,
						  const void *data, Size length);

/*
 * The way back: palloc'd bytes, with a zero after them, for crypto_wipe() when
 * they have done their duty.  False if that is not what crypto_seal() made with
 * this purpose, this context and this master key.
 */
extern bool crypto_unseal(const char *purpose, const char *context,
						  const bytea *sealed, char **data, Size *length);

/* HMAC-SHA-256; the digest has CRYPTO_DIGEST_LENGTH bytes and may be the key */
extern void crypto_hmac(const void *key, Size key_length,
						const void *data, Size length, unsigned char *digest);

/* Random bytes that nobody can guess */
extern void crypto_random(void *bytes, Size length);

/* Overwrite what is secret; no compiler finds that useless */
extern void crypto_wipe(void *bytes, Size length);

#endif							/* QUEUE_CRYPTO_H */
