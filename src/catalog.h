/*-------------------------------------------------------------------------
 *
 * catalog.h
 *		The queues themselves: rows of queue.queues, cached per backend.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_CATALOG_H
#define QUEUE_CATALOG_H

#include "access/htup.h"
#include "access/skey.h"
#include "datatype/timestamp.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"
#include "utils/uuid.h"

#include "names.h"
#include "queue.h"

/* Attribute numbers of queue.queues, in table order */
#define Anum_queues_queue_id 1
#define Anum_queues_account_id 2
#define Anum_queues_queue_name 3
#define Anum_queues_owner 4
#define Anum_queues_salt 5
#define Anum_queues_fifo 6
#define Anum_queues_durability 7
#define Anum_queues_created_at 8
#define Anum_queues_modified_at 9
#define Anum_queues_purged_below 10
#define Anum_queues_purged_at 11
#define Anum_queues_segments 12
#define Anum_queues_rotations 13
#define Anum_queues_delay_seconds 14
#define Anum_queues_maximum_message_size 15
#define Anum_queues_message_retention_period 16
#define Anum_queues_receive_message_wait_time_seconds 17
#define Anum_queues_visibility_timeout 18
#define Anum_queues_strict_receipt_handles 19
#define Anum_queues_content_based_deduplication 20
#define Anum_queues_deduplication_scope 21
#define Anum_queues_fifo_throughput_limit 22
#define Anum_queues_policy 23
#define Anum_queues_redrive_policy 24
#define Anum_queues_redrive_allow_policy 25
#define Anum_queues_kms_master_key_id 26
#define Anum_queues_kms_data_key_reuse_period_seconds 27
#define Anum_queues_sqs_managed_sse_enabled 28
#define Natts_queues 28

/* Numbers that a queue's segments, its tables of messages, may have: 1 .. 8 */
#define SEGMENT_MAX 8

/* Segments that can be in use at a time */
#define SEGMENTS_IN_USE_MAX 4

/* Name of a segment, in schema queue; takes the queue_id and its number */
#define SEGMENT_RELATION "messages_" INT64_FORMAT "_%d"

/* What the bodies of messages are encrypted with from now on */
typedef enum QueueEncryption
{
	ENCRYPTION_NONE,
	ENCRYPTION_MANAGED,			/* a master key: SSE-SQS */
	ENCRYPTION_KMS				/* a key of KmsMasterKeyId: SSE-KMS */
} QueueEncryption;

/* What a call on messages needs to know of a queue; a copy, never a pointer */
typedef struct Queue
{
	int64		queue_id;
	char		account_id[ACCOUNT_ID_LENGTH + 1];
	char		queue_name[QUEUE_NAME_MAX + 1];
	Oid			owner;
	pg_uuid_t	salt;			/* random; message ids and handles use it */
	bool		fifo;
	bool		content_based_deduplication;
	bool		deduplicates_groups;	/* each group by itself */
	bool		strict_receipt_handles;
	bool		has_policy;		/* an access policy */
	QueueEncryption encryption;
	int64		purged_below;	/* messages with a smaller id are gone */
	int32		delay_seconds;
	int32		maximum_message_size;	/* bytes */
	int32		message_retention_period;	/* seconds */
	int32		receive_message_wait_time_seconds;
	int32		visibility_timeout; /* seconds */
	int32		max_receive_count;	/* of RedrivePolicy; 0: there is none */
	char		dead_letter_queue[QUEUE_NAME_MAX + 1];	/* of the same account */
	Oid			relid;			/* segment 1, which always exists; it stands
								 * for the queue in shared memory */
	int64		rotations;		/* how often the segments in use have changed */
	int			segment_count;	/* those in use, oldest first; messages are
								 * sent to the last */
	int			segments[SEGMENTS_IN_USE_MAX];
	Oid			relids[SEGMENTS_IN_USE_MAX];
} Queue;

/*
 * Look a queue up by name, ARN or URL and copy what is known of it.  Raises
 * MissingParameter, InvalidAddress or QueueDoesNotExist.  Checks no rights:
 * authorize_queue() does.
 */
extern void catalog_lookup(const text *reference, Queue *queue);
extern bool catalog_lookup_name(const QueueName *name, Queue *queue);
extern bool catalog_lookup_id(int64 queue_id, Queue *queue);

/*
 * Look a queue up anew, for who knows that what the cache holds is outdated;
 * false if it does not exist any more.
 */
extern bool catalog_reload(Queue *queue);

/* A number that grows whenever what is known of some queue may have changed */
extern uint64 catalog_generation(void);

/* Object ids of the extension's fixed tables and sequences, looked up once */
extern Oid	catalog_namespace(void);
extern Oid	catalog_relation(const char *relname);
extern Oid	catalog_extension_owner(void);

/*
 * Whether the extension is installed in this database, in the version that
 * this library is made for (no error if not)
 */
extern bool catalog_installed(void);

/* The table of a queue's segment, or InvalidOid if there is none */
extern Oid	catalog_segment(int64 queue_id, int segment);

/* All queues of this database, by account and name, in a palloc'd array */
extern Queue *catalog_all(int *count);

/*
 * The full row of a queue in queue.queues, in two arrays of Natts_queues, with
 * values that are palloc'd; false if there is none.
 */
extern bool catalog_fetch(int64 queue_id, Datum *values, bool *nulls);

/*
 * Changes of queues.  The caller holds the lock on the queue's name, which
 * lasts until the transaction ends.  Changes are visible at once to what
 * follows, and made known to other sessions at commit.
 */
extern void catalog_lock(const QueueName *name);
extern bool catalog_try_lock(const QueueName *name);
extern int64 catalog_new_id(void);
extern void catalog_insert(Datum *values, bool *nulls);
extern void catalog_update(int64 queue_id, Datum *values, bool *nulls,
						   bool *replaces);
extern void catalog_delete(const Queue *queue);

/*
 * How the extension's own tables are read: with this snapshot, NULL standing
 * for a fresh catalog snapshot; and the one row that some keys of a unique
 * index match, as a palloc'd copy, or NULL.
 */
extern Snapshot catalog_snapshot(void);
extern HeapTuple catalog_scan_one(Relation rel, Oid index,
								  const ScanKeyData *keys, int nkeys);

/* Forget the cached queues of this backend when queue.queues changes */
extern void catalog_register_callback(void);

/* Tell every backend, at commit, that queue.queues changed */
extern void catalog_invalidate(void);

#endif							/* QUEUE_CATALOG_H */
