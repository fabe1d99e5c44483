/*-------------------------------------------------------------------------
 *
 * keyring.h
 *		Keys in a file, or in the output of a command.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_KEYRING_H
#define QUEUE_KEYRING_H

#include "fmgr.h"

#include "secret.h"

/* Keys that a file may hold */
#define KEYRING_MAX 16

typedef struct KeyringKey
{
	unsigned char *key;
	uint32		fingerprint;
} KeyringKey;

/* The first one encrypts, all decrypt */
typedef struct Keyring
{
	int			count;
	KeyringKey	keys[KEYRING_MAX];
} Keyring;

/*
 * Read keys: 64 hexadecimal digits each, one a line.  what says in errors what
 * they are, as "master key".  What is wrong is reported as an error of this level;
 * below ERROR, false is returned after it.
 */
extern bool keyring_read_file(const char *what, const char *path, int elevel,
							  Keyring *ring);
extern bool keyring_read_command(const char *what, const char *command, int elevel,
								 Keyring *ring);

/* The key with a fingerprint; NULL if it is not there */
extern const unsigned char *keyring_find(const Keyring *ring, uint32 fingerprint);

/* Wipe them all */
extern void keyring_forget(Keyring *ring);

/*
 * Encrypt and decrypt with the keys, or with what is made of them for a
 * purpose.  The result tells with which key it was made.
 */
extern bytea *keyring_seal(const Keyring *ring, const char *purpose,
						   const void *context, Size context_length,
						   const void *data, Size length);
extern bool keyring_unseal(const Keyring *ring, const char *purpose,
						   const void *context, Size context_length,
						   const bytea *sealed, char **data, Size *length);

/* The fingerprint of the key that some bytes were sealed with; false if they were not */
extern bool keyring_sealed_with(const bytea *sealed, uint32 *fingerprint);

#endif							/* QUEUE_KEYRING_H */
