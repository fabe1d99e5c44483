/*-------------------------------------------------------------------------
 *
 * sha256.h
 *		SHA-256 and HMAC with it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_SHA256_H
#define GATEWAY_SHA256_H

#include <stdbool.h>
#include <stddef.h>

#define SHA256_LENGTH 32		/* bytes of a digest */
#define SHA256_HEX_LENGTH (2 * SHA256_LENGTH)

/*
 * The digest of what is added between the two; there is one at a time.  That
 * something failed is known at the end.
 */
extern void sha256_begin(void);
extern void sha256_add(const void *bytes, size_t length);
extern bool sha256_end(unsigned char digest[SHA256_LENGTH]);

/* HMAC with a key of the length of a digest */
extern bool sha256_hmac(const unsigned char key[SHA256_LENGTH],
						const void *bytes, size_t length,
						unsigned char code[SHA256_LENGTH]);

/* In hex digits, lower case; no NUL at the end */
extern void sha256_to_hex(const unsigned char digest[SHA256_LENGTH],
						  char hex[SHA256_HEX_LENGTH]);

/* False: there are other characters than these, or an early NUL */
extern bool sha256_from_hex(const char hex[SHA256_HEX_LENGTH],
							unsigned char digest[SHA256_LENGTH]);

#endif							/* GATEWAY_SHA256_H */
