/*-------------------------------------------------------------------------
 *
 * datakey.h
 *		Data keys of SSE-KMS: rows of queue.data_keys.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_DATAKEY_H
#define QUEUE_DATAKEY_H

#include "kmskey.h"

/* Attribute numbers of queue.data_keys */
#define Anum_data_keys_data_key_id 1
#define Anum_data_keys_key_id 2
#define Anum_data_keys_version 3
#define Anum_data_keys_queue_id 4
#define Anum_data_keys_wrapped 5
#define Anum_data_keys_created_at 6
#define Natts_data_keys 6

/*
 * The data key for what is sent to a queue now, and its id; if need be, a new
 * one.  Raises one of the Kms errors if the role may not have it, or nobody can.
 * It stays valid until the next call of these.
 */
extern const unsigned char *datakey_for_sending(const Queue *queue, Oid role,
												pg_uuid_t *data_key_id);

/* Whether a role may have one; if not, why */
extern bool datakey_allowed(const Queue *queue, Oid role, SqsError *error);

/*
 * The data key with an id; NULL and the error if the role may not have it, there
 * is none, or the key's provider fails.
 */
extern const unsigned char *datakey_for_receiving(const pg_uuid_t *data_key_id,
												  Oid role, SqsError *error);

/* Delete data keys that no message can need any more */
extern void datakey_expire(TimestampTz now);

#endif							/* QUEUE_DATAKEY_H */
