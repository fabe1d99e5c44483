/*-------------------------------------------------------------------------
 *
 * masterkey.h
 *		The master keys, which the database does not have.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_MASTERKEY_H
#define QUEUE_MASTERKEY_H

#include "keyring.h"

/* Whether the server is set up to have master keys; they are not looked at */
extern bool masterkey_configured(void);

/*
 * The master keys; an error if there are none, or they cannot be had.  They are
 * kept until the configuration is read again.
 */
extern const Keyring *masterkey_ring(void);

/*
 * Find the one with a fingerprint; NULL if there is none.  Where others may have
 * come into use since, they are read again.
 */
extern const unsigned char *masterkey_find(uint32 fingerprint);

/* A number that changes whenever the keys may have */
extern uint64 masterkey_generation(void);

/*
 * Encrypt some bytes with a key that is made of the first master key and a
 * purpose, so that what is encrypted for one cannot be passed off as the
 * other's.  The context, what the bytes belong to, is not encrypted and not part
 * of the result; decrypting needs the same.
 */
extern bytea *masterkey_seal(const char *purpose, const char *context,
							 const void *data, Size length);

/*
 * The way back: palloc'd bytes, with a zero after them, for secret_wipe() when
 * they have done their duty.  False if that is not what masterkey_seal() made
 * with this purpose, this context and one of the master keys.
 */
extern bool masterkey_unseal(const char *purpose, const char *context,
							 const bytea *sealed, char **data, Size *length);

#endif							/* QUEUE_MASTERKEY_H */
