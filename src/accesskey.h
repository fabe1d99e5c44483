/*-------------------------------------------------------------------------
 *
 * accesskey.h
 *		Access keys: rows of queue.access_keys.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ACCESSKEY_H
#define QUEUE_ACCESSKEY_H

#include "catalog.h"

/* Attribute numbers of queue.access_keys */
#define Anum_access_keys_access_key_id 1
#define Anum_access_keys_role 2
#define Anum_access_keys_secret 3
#define Anum_access_keys_active 4
#define Anum_access_keys_created_at 5
#define Anum_access_keys_last_used_at 6
#define Natts_access_keys 6

typedef struct AccessKey
{
	char		access_key_id[ACCESS_KEY_ID_LENGTH + 1];
	Oid			role;			/* that it acts as */
	bytea	   *secret;			/* encrypted */
	bool		active;			/* can be used: not disabled, and not void */
	bool		is_void;		/* for good; see the top of accesskey.c */
	TimestampTz created_at;
	TimestampTz last_used_at;	/* 0: never */
} AccessKey;

/*
 * The role that a key acts as; InvalidOid if there is no such key or it is not
 * active.  The answer comes from a cache, as fresh as that of queues.
 */
extern Oid	accesskey_role(const text *access_key_id);

/* A key as it is in the table; false if there is none */
extern bool accesskey_find(const text *access_key_id, AccessKey *key);

/* All keys, by age, in a palloc'd array */
extern AccessKey *accesskey_list(int *count);

/*
 * Keep other sessions from changing a key until the transaction ends; or see
 * whether that can be had without waiting.
 */
extern void accesskey_lock(const text *access_key_id);
extern bool accesskey_try_lock(const text *access_key_id);

/*
 * Changes.  But for inserting, the caller holds the lock on the key.  They are
 * visible at once to what follows, and others learn of them at commit.
 */
extern void accesskey_insert(const AccessKey *key);
extern void accesskey_set_active(const AccessKey *key, bool active);
extern void accesskey_set_last_used(const AccessKey *key, TimestampTz now);
extern void accesskey_delete(const AccessKey *key);

/* Forget the cached keys of this backend when queue.access_keys changes */
extern void accesskey_register_callback(void);

#endif							/* QUEUE_ACCESSKEY_H */
