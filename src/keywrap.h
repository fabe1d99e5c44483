/*-------------------------------------------------------------------------
 *
 * keywrap.h
 *		Encrypting data keys with a key of SSE-KMS.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_KEYWRAP_H
#define QUEUE_KEYWRAP_H

#include "compat.h"
#include "kmskey.h"

/* Why a key's provider has not done what it was asked */
typedef struct KeywrapFailure
{
	SqsError	error;
	char		what[128];
} KeywrapFailure;

/*
 * Have a data key of SECRET_LENGTH bytes encrypted or decrypted.  If that cannot
 * be done, NULL or false is returned and the failure says why.
 */
extern bytea *keywrap_wrap(const KmsKey *key, const pg_uuid_t *data_key_id,
						   const unsigned char *data_key, KeywrapFailure *failure);
extern bool keywrap_unwrap(const KmsKey *key, const pg_uuid_t *data_key_id,
						   const bytea *wrapped, unsigned char *data_key,
						   KeywrapFailure *failure);

/* Raise it */
pg_noreturn extern void keywrap_report(const KmsKey *key, const KeywrapFailure *failure);

#endif							/* QUEUE_KEYWRAP_H */
