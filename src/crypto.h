/*-------------------------------------------------------------------------
 *
 * crypto.h
 *		Encryption with AES-256-GCM, and message authentication codes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_CRYPTO_H
#define QUEUE_CRYPTO_H

#include "secret.h"

#define CRYPTO_DIGEST_LENGTH 32 /* bytes of a SHA-256 */

/* What comes before the ciphertext, which is as long as the plaintext */
#define CRYPTO_NONCE_LENGTH 12
#define CRYPTO_TAG_LENGTH 16
#define CRYPTO_OVERHEAD (CRYPTO_NONCE_LENGTH + CRYPTO_TAG_LENGTH)

/* What ciphertext is tied to: two runs of bytes, of which the second may be empty */
typedef struct CryptoContext
{
	const void *first;
	Size		first_length;
	const void *second;
	Size		second_length;
} CryptoContext;

/*
 * Encrypt with a key of SECRET_LENGTH bytes: nonce, tag and ciphertext,
 * CRYPTO_OVERHEAD bytes more than the plaintext.  The context is not encrypted
 * and not part of the result; decrypting needs the same.  With the random
 * nonces one key is good for some 2^32 encryptions.
 */
extern void crypto_encrypt(const unsigned char *key, const CryptoContext *context,
						   const void *plain, Size length, unsigned char *sealed);

/*
 * The way back, of so many bytes in all; false if they are not what
 * crypto_encrypt() made with this key and this context.
 */
extern bool crypto_decrypt(const unsigned char *key, const CryptoContext *context,
						   const unsigned char *sealed, Size length, void *plain);

/* HMAC-SHA-256; the digest has CRYPTO_DIGEST_LENGTH bytes and may be the key */
extern void crypto_hmac(const void *key, Size key_length,
						const void *data, Size length, unsigned char *digest);

/* Random bytes that nobody can guess */
extern void crypto_random(void *bytes, Size length);

#endif							/* QUEUE_CRYPTO_H */
