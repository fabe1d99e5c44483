/*-------------------------------------------------------------------------
 *
 * keywrap.h
 *		Encrypting data keys with a key of SSE-KMS.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_KEYWRAP_H
#define QUEUE_KEYWRAP_H

#include "kmskey.h"

/*
 * Have a data key of SECRET_LENGTH bytes encrypted or decrypted.  Raises one of
 * the Kms errors if that cannot be done.
 */
extern bytea *keywrap_wrap(const KmsKey *key, const pg_uuid_t *data_key_id,
						   const unsigned char *data_key);
extern void keywrap_unwrap(const KmsKey *key, const pg_uuid_t *data_key_id,
						   const bytea *wrapped, unsigned char *data_key);

#endif							/* QUEUE_KEYWRAP_H */
