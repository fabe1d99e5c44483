/*-------------------------------------------------------------------------
 *
 * kmskey.h
 *		Keys of SSE-KMS: rows of queue.keys and queue.key_grants.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_KMSKEY_H
#define QUEUE_KMSKEY_H

#include "catalog.h"
#include "errors.h"

/* Attribute numbers of queue.keys */
#define Anum_keys_key_id 1
#define Anum_keys_account_id 2
#define Anum_keys_alias 3
#define Anum_keys_provider 4
#define Anum_keys_config 5
#define Anum_keys_state 6
#define Anum_keys_version 7
#define Anum_keys_created_at 8
#define Anum_keys_rotated_at 9
#define Natts_keys 9

/* ... and of queue.key_grants */
#define Anum_key_grants_key_id 1
#define Anum_key_grants_role 2
#define Anum_key_grants_operations 3
#define Natts_key_grants 3

/* Operations that a grant allows: a sum of these */
#define KMSKEY_ENCRYPT 1
#define KMSKEY_DECRYPT 2

#define KMSKEY_ALIAS_PREFIX "alias/"

/* The longest alias, its prefix included; AWS's limit */
#define KMSKEY_ALIAS_MAX 256

typedef enum KmsState
{
	KMSKEY_ENABLED,
	KMSKEY_DISABLED,
	KMSKEY_PENDING_DELETION
} KmsState;

/* A key; what it points to belongs to the cache, or is palloc'd */
typedef struct KmsKey
{
	pg_uuid_t	key_id;
	char		account_id[ACCOUNT_ID_LENGTH + 1];
	char	   *alias;			/* with its prefix */
	char	   *path;			/* provider "file"; else NULL */
	char	   *wrap;			/* provider "command": two commands */
	char	   *unwrap;
	KmsState	state;
	int32		version;		/* counts rotations, from 1 */
	TimestampTz created_at;
	TimestampTz rotated_at;		/* 0: never */
} KmsKey;

/*
 * Find a key by its id, its alias, or an ARN of one of these; or by the id
 * alone.  NULL if there is none.  It is valid until the next call of these.
 */
extern const KmsKey *kmskey_find(const char *reference);
extern const KmsKey *kmskey_find_id(const pg_uuid_t *key_id);

/* All keys, by age, as they are valid until the next call */
extern const KmsKey *kmskey_all(int *count);

extern char *kmskey_arn(const KmsKey *key);
extern const char *kmskey_state_name(KmsState state);
extern bool kmskey_state_parse(const char *name, KmsState *state);

/* An operation by its name; 0: there is none of that name */
extern int	kmskey_operation(const char *name);

/*
 * Whether a role can do an operation with a key now, which may be NULL: there
 * is no such key.  If not, *error says why.
 */
extern bool kmskey_usable(const KmsKey *key, Oid role, int operation, SqsError *error);

/* Whether a role may do an operation, one of a sum of them, with a key */
extern bool kmskey_granted(const KmsKey *key, Oid role, int operation);

/* What such an error says: about the key, and in SQS's words */
extern const char *kmskey_error_message(SqsError error);
extern const char *kmskey_error_detail(SqsError error);

/*
 * Changes.  The first call locks out others until the transaction ends; what
 * follows sees them, and others learn of them at commit.
 */
extern void kmskey_lock(void);
extern void kmskey_insert(const KmsKey *key, Datum provider, Datum config);
extern void kmskey_set_state(const KmsKey *key, KmsState state);
extern void kmskey_set_rotated(const KmsKey *key, TimestampTz now);
extern void kmskey_grant(const KmsKey *key, Oid role, int operations);

#endif							/* QUEUE_KMSKEY_H */
