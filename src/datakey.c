/*-------------------------------------------------------------------------
 *
 * datakey.c
 *		Data keys of SSE-KMS: rows of queue.data_keys.
 *
 * Bodies are encrypted with data keys, of which the table has what the key's
 * provider makes of them.  So the provider is asked once for many messages: a
 * data key is used for the messages of its queue, by all sessions, as long as
 * KmsDataKeyReusePeriodSeconds says, and for as long its plain bytes are kept by
 * a session that has received with it.
 *
 * The row of a new data key is a part of its sender's transaction, as the
 * message is.  Others see both or neither.  In the session that has made it, the
 * data key is good for as long as the (sub)transaction that has stored it is not
 * rolled back: it is remembered with that, and asked about before it is used.
 * Sessions that need one at the same time make one each; that does no harm.
 *
 * A row is needed by messages for longer than they are kept in one queue: on the
 * way through dead-letter queues of FIFO queues, each begins their time anew.
 * Rows are deleted when that could have happened three times.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "crypto.h"
#include "datakey.h"
#include "keywrap.h"
#include "report.h"

#define TABLE "data_keys"

#define COLUMN(name) (Anum_data_keys_##name - 1)

/* KmsDataKeyReusePeriodSeconds, where it is not set, and the longest there is */
#define REUSE_DEFAULT 300
#define REUSE_MAX SECS_PER_DAY

/* How long rows are kept; see above */
#define KEEP_TIME ((REUSE_MAX + INT64CONST(4) * RETENTION_MAX) * USECS_PER_SEC)

/* How long a provider that has failed is not asked again for a data key */
#define RETRY_TIME USECS_PER_SEC

/* Transactions after which it is not asked any more whether one has committed */
#define XID_AGE_MAX 1000000

/* Data keys kept by a session, of each kind; with more, it starts anew */
#define CACHE_MAX 256

/* The data key that is in use for sends to a queue */
typedef struct Sending
{
	int64		queue_id;		/* key */
	uint64		generation;		/* of the catalog, when what follows was read */
	bool		exists;			/* there is a key by the queue's
								 * KmsMasterKeyId */
	pg_uuid_t	key_id;			/* ... which is this */
	int32		reuse;			/* seconds */
	unsigned char *data_key;	/* NULL: none */
	pg_uuid_t	data_key_id;
	pg_uuid_t	made_by;		/* key */
	int32		version;		/* of it */
	TimestampTz created_at;
	TimestampTz reloaded_at;	/* configuration, when it was decrypted */
	TransactionId xid;			/* has stored it; invalid: that is committed */
} Sending;

/* A data key that was decrypted: whoever asks for it next need not do it again */
typedef struct Receiving
{
	pg_uuid_t	data_key_id;	/* key */
	pg_uuid_t	made_by;
	unsigned char *data_key;	/* NULL: the provider has failed */
	SqsError	error;			/* ... and this is why */
	TimestampTz read_at;
	TimestampTz reloaded_at;
} Receiving;

static HTAB *sendings = NULL;
static HTAB *receivings = NULL;

static void
forget(unsigned char **data_key)
{
	if (*data_key != NULL)
		secret_free(*data_key);
	*data_key = NULL;
}

static HTAB *
make_table(const char *name, Size key_size, Size entry_size)
{
	HASHCTL		ctl;

	ctl.keysize = key_size;
	ctl.entrysize = entry_size;
	ctl.hcxt = CacheMemoryContext;
	return hash_create(name, 32, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/*
 * Empty a table that is full.  An entry begins with its key, and has its data key
 * so many bytes behind.
 */
static void
make_room(HTAB *table, Size at)
{
	HASH_SEQ_STATUS scan;
	char	   *entry;

	if (hash_get_num_entries(table) < CACHE_MAX)
		return;
	hash_seq_init(&scan, table);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		forget((unsigned char **) (entry + at));
		hash_search(table, entry, HASH_REMOVE, NULL);
	}
}

/*
 * What is known of the sends to a queue.
 */
static Sending *
find_sending(const Queue *queue)
{
	Sending    *sending;
	bool		found;

	if (sendings == NULL)
		sendings = make_table("data keys of queues", sizeof(int64), sizeof(Sending));
	make_room(sendings, offsetof(Sending, data_key));
	sending = hash_search(sendings, &queue->queue_id, HASH_ENTER, &found);
	if (!found)
	{
		sending->generation = 0;
		sending->data_key = NULL;
	}
	return sending;
}

/*
 * The key of a queue; NULL if there is none by the name that its attribute has.
 */
static const KmsKey *
find_key(const Queue *queue, Sending *sending)
{
	Datum		values[Natts_queues];
	bool		nulls[Natts_queues];
	const KmsKey *key;
	uint64		generation;

	/* of a change that is learned of from here on, the next call takes note */
	(void) catalog_namespace();
	generation = catalog_generation();
	if (sending->generation == generation)
		return sending->exists ? kmskey_find_id(&sending->key_id) : NULL;
	if (!catalog_fetch(queue->queue_id, values, nulls))
		report_no_queue(queue->queue_name);
	key = nulls[Anum_queues_kms_master_key_id - 1] ? NULL :
		kmskey_find(TextDatumGetCString(values[Anum_queues_kms_master_key_id - 1]));
	sending->reuse = nulls[Anum_queues_kms_data_key_reuse_period_seconds - 1] ? REUSE_DEFAULT :
		DatumGetInt32(values[Anum_queues_kms_data_key_reuse_period_seconds - 1]);
	sending->exists = key != NULL;
	if (key != NULL)
		sending->key_id = key->key_id;
	sending->generation = generation;
	return key;
}

/*
 * Whether the data key at hand can be used once more.
 */
static bool
is_good(Sending *sending, const KmsKey *key, TimestampTz now)
{
	if (sending->data_key == NULL ||
		memcmp(&sending->made_by, &key->key_id, UUID_LEN) != 0 ||
		sending->version != key->version ||
		sending->reloaded_at != PgReloadTime ||
		now < sending->created_at ||
		now - sending->created_at >= sending->reuse * USECS_PER_SEC)
		return false;
	if (!TransactionIdIsValid(sending->xid) ||
		TransactionIdIsCurrentTransactionId(sending->xid))
		return true;
	/* it was ours: it has ended, unless it is prepared */
	if ((int32) (XidFromFullTransactionId(ReadNextFullTransactionId()) - sending->xid) > XID_AGE_MAX ||
		!TransactionIdDidCommit(sending->xid))
		return false;
	sending->xid = InvalidTransactionId;
	return true;
}

/*
 * Take a data key into use.
 */
static void
use_data_key(Sending *sending, const pg_uuid_t *data_key_id, const KmsKey *key,
			 TimestampTz created_at, TransactionId xid)
{
	sending->data_key_id = *data_key_id;
	sending->made_by = key->key_id;
	sending->version = key->version;
	sending->created_at = created_at;
	sending->reloaded_at = PgReloadTime;
	sending->xid = xid;
}

/*
 * Look for a data key that another session has stored, or this one, and that can
 * be used for sends.  A copy of its row, or NULL.
 */
static HeapTuple
find_stored(Relation rel, const Queue *queue, const Sending *sending, const KmsKey *key,
			TimestampTz now)
{
	TupleDesc	desc = RelationGetDescr(rel);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	row;
	HeapTuple	found = NULL;
	TimestampTz newest = 0;

	ScanKeyInit(&keys[0], Anum_data_keys_queue_id, BTEqualStrategyNumber, F_INT8EQ,
				Int64GetDatum(queue->queue_id));
	ScanKeyInit(&keys[1], Anum_data_keys_created_at, BTGreaterStrategyNumber,
				F_TIMESTAMPTZ_GT,
				TimestampTzGetDatum(now - sending->reuse * USECS_PER_SEC));
	scan = systable_beginscan(rel, catalog_relation(TABLE "_queue_id_created_at"), true,
							  catalog_snapshot(), 2, keys);
	while (HeapTupleIsValid(row = systable_getnext(scan)))
	{
		Datum		values[Natts_data_keys];
		bool		nulls[Natts_data_keys];
		TimestampTz created_at;

		heap_deform_tuple(row, desc, values, nulls);
		created_at = DatumGetTimestampTz(values[COLUMN(created_at)]);
		if (memcmp(DatumGetUUIDP(values[COLUMN(key_id)]), &key->key_id, UUID_LEN) != 0 ||
			DatumGetInt32(values[COLUMN(version)]) != key->version ||
			created_at > now || (found != NULL && created_at < newest))
			continue;
		newest = created_at;
		found = heap_copytuple(row);
	}
	systable_endscan(scan);
	return found;
}

/*
 * Store a new data key.
 */
static void
store_data_key(Relation rel, const Queue *queue, const KmsKey *key,
			   const pg_uuid_t *data_key_id, bytea *wrapped, TimestampTz now)
{
	Datum		values[Natts_data_keys];
	bool		nulls[Natts_data_keys] = {0};

	values[COLUMN(data_key_id)] = UUIDPGetDatum(data_key_id);
	values[COLUMN(key_id)] = UUIDPGetDatum(&key->key_id);
	values[COLUMN(version)] = Int32GetDatum(key->version);
	values[COLUMN(queue_id)] = Int64GetDatum(queue->queue_id);
	values[COLUMN(wrapped)] = PointerGetDatum(wrapped);
	values[COLUMN(created_at)] = TimestampTzGetDatum(now);
	CatalogTupleInsert(rel, heap_form_tuple(RelationGetDescr(rel), values, nulls));
	CommandCounterIncrement();
}

/*
 * The bytes that a provider has made of a data key, from its row.
 */
static bytea *
row_wrapped(Relation rel, HeapTuple row)
{
	bool		isnull;
	Datum		wrapped = heap_getattr(row, Anum_data_keys_wrapped, RelationGetDescr(rel), &isnull);

	return DatumGetByteaPP(wrapped);
}

/*
 * What is known of a data key that was decrypted; NULL: nothing, or not any
 * more.
 */
static Receiving *
find_receiving(const pg_uuid_t *data_key_id, TimestampTz now)
{
	Receiving  *receiving;

	if (receivings == NULL)
		receivings = make_table("data keys of messages", UUID_LEN, sizeof(Receiving));
	receiving = hash_search(receivings, data_key_id, HASH_FIND, NULL);
	if (receiving == NULL)
		return NULL;
	if (receiving->reloaded_at == PgReloadTime && now >= receiving->read_at &&
		now - receiving->read_at < (receiving->data_key == NULL ? RETRY_TIME :
									REUSE_DEFAULT * USECS_PER_SEC))
		return receiving;
	forget(&receiving->data_key);
	hash_search(receivings, data_key_id, HASH_REMOVE, NULL);
	return NULL;
}

/*
 * Keep a data key that was decrypted; or, if that is NULL, why there is none.
 */
static Receiving *
add_receiving(const pg_uuid_t *data_key_id, const pg_uuid_t *made_by,
			  const unsigned char *data_key, SqsError error, TimestampTz now)
{
	unsigned char *kept = NULL;
	Receiving  *receiving;

	make_room(receivings, offsetof(Receiving, data_key));
	if (data_key != NULL)
	{
		kept = secret_alloc();
		memcpy(kept, data_key, SECRET_LENGTH);
	}
	receiving = hash_search(receivings, data_key_id, HASH_ENTER, NULL);
	receiving->made_by = *made_by;
	receiving->data_key = kept;
	receiving->error = error;
	receiving->read_at = now;
	receiving->reloaded_at = PgReloadTime;
	return receiving;
}

/*
 * Decrypt the data key of a row, if that is not at hand.  What the provider has to
 * say of a failure is for the server log.
 */
static Receiving *
unwrap(Relation rel, HeapTuple row, const KmsKey *key, const pg_uuid_t *data_key_id,
	   TimestampTz now)
{
	Receiving  *receiving = find_receiving(data_key_id, now);
	unsigned char data_key[SECRET_LENGTH];
	KeywrapFailure failure;

	if (receiving != NULL)
		return receiving;
	if (keywrap_unwrap(key, data_key_id, row_wrapped(rel, row), data_key, &failure))
	{
		receiving = add_receiving(data_key_id, &key->key_id, data_key, SQS_ERROR_COUNT, now);
		secret_wipe(data_key, SECRET_LENGTH);
		return receiving;
	}
	ereport(LOG,
			(errmsg("the provider of encryption key \"%s\" failed: %s",
					key->alias, failure.what)));
	return add_receiving(data_key_id, &key->key_id, NULL, failure.error, now);
}

/*
 * Use a data key that was stored, if it can be decrypted.
 */
static bool
use_stored(Relation rel, HeapTuple row, const KmsKey *key, Sending *sending, TimestampTz now)
{
	TransactionId xmin = HeapTupleHeaderGetXmin(row->t_data);
	Datum		values[Natts_data_keys];
	bool		nulls[Natts_data_keys];
	pg_uuid_t  *id;
	Receiving  *receiving;

	heap_deform_tuple(row, RelationGetDescr(rel), values, nulls);
	id = DatumGetUUIDP(values[COLUMN(data_key_id)]);
	receiving = unwrap(rel, row, key, id, now);
	if (receiving->data_key == NULL)
		return false;
	sending->data_key = secret_alloc();
	memcpy(sending->data_key, receiving->data_key, SECRET_LENGTH);
	use_data_key(sending, id, key, DatumGetTimestampTz(values[COLUMN(created_at)]),
				 TransactionIdIsCurrentTransactionId(xmin) ? xmin : InvalidTransactionId);
	return true;
}

/*
 * Make a data key and store it.  Should that fail half way, nothing depends on the
 * key.
 */
static void
use_new(Relation rel, const Queue *queue, const KmsKey *key, Sending *sending, TimestampTz now)
{
	unsigned char data_key[SECRET_LENGTH];
	KeywrapFailure failure;
	bytea	   *wrapped;
	pg_uuid_t	id;

	crypto_random(id.data, UUID_LEN);
	crypto_random(data_key, SECRET_LENGTH);
	wrapped = keywrap_wrap(key, &id, data_key, &failure);
	if (wrapped == NULL)
		keywrap_report(key, &failure);
	store_data_key(rel, queue, key, &id, wrapped, now);
	sending->data_key = secret_alloc();
	memcpy(sending->data_key, data_key, SECRET_LENGTH);
	secret_wipe(data_key, SECRET_LENGTH);
	use_data_key(sending, &id, key, now, GetCurrentTransactionId());
}

bool
datakey_allowed(const Queue *queue, Oid role, SqsError *error)
{
	return kmskey_usable(find_key(queue, find_sending(queue)), role, KMSKEY_ENCRYPT, error);
}

/*
 * The data key for sends.
 */
const unsigned char *
datakey_for_sending(const Queue *queue, Oid role, pg_uuid_t *data_key_id)
{
	Sending    *sending = find_sending(queue);
	const KmsKey *key = find_key(queue, sending);
	TimestampTz now = GetCurrentTimestamp();
	SqsError	error;

	if (!kmskey_usable(key, role, KMSKEY_ENCRYPT, &error))
		ereport(ERROR,
				(sqs_errcode(error),
				 errmsg("%s", _(kmskey_error_message(error))),
				 sqs_errdetail(error, "%s", kmskey_error_detail(error)),
				 errhint("The attribute KmsMasterKeyId of queue \"%s\" says which key that is. List the keys with sqs_list_keys().",
						 queue->queue_name)));
	if (unlikely(!is_good(sending, key, now)))
	{
		Relation	rel = table_open(catalog_relation(TABLE), RowExclusiveLock);
		HeapTuple	row = find_stored(rel, queue, sending, key, now);

		forget(&sending->data_key);
		if (row == NULL || !use_stored(rel, row, key, sending, now))
			use_new(rel, queue, key, sending, now);
		table_close(rel, NoLock);
	}
	*data_key_id = sending->data_key_id;
	return sending->data_key;
}

/*
 * The data key of a message.
 */
const unsigned char *
datakey_for_receiving(const pg_uuid_t *data_key_id, Oid role, SqsError *error)
{
	TimestampTz now = GetCurrentTimestamp();
	Receiving  *receiving = find_receiving(data_key_id, now);
	ScanKeyData scankey;
	Relation	rel;
	HeapTuple	row;

	if (likely(receiving != NULL))
	{
		if (!kmskey_usable(kmskey_find_id(&receiving->made_by), role, KMSKEY_DECRYPT, error))
			return NULL;
		*error = receiving->error;
		return receiving->data_key;
	}

	rel = table_open(catalog_relation(TABLE), AccessShareLock);
	ScanKeyInit(&scankey, Anum_data_keys_data_key_id, BTEqualStrategyNumber, F_UUID_EQ,
				UUIDPGetDatum(data_key_id));
	row = catalog_scan_one(rel, catalog_relation(TABLE "_pkey"), &scankey, 1);
	if (row == NULL)
		*error = SQS_KMS_NOT_FOUND;
	else
	{
		Datum		values[Natts_data_keys];
		bool		nulls[Natts_data_keys];
		const KmsKey *key;

		heap_deform_tuple(row, RelationGetDescr(rel), values, nulls);
		key = kmskey_find_id(DatumGetUUIDP(values[COLUMN(key_id)]));

		if (kmskey_usable(key, role, KMSKEY_DECRYPT, error))
		{
			receiving = unwrap(rel, row, key, data_key_id, now);
			*error = receiving->error;
		}
	}
	table_close(rel, AccessShareLock);
	return receiving != NULL ? receiving->data_key : NULL;
}

/*
 * Delete what is too old to be of use.
 */
void
datakey_expire(TimestampTz now)
{
	Relation	rel = table_open(catalog_relation(TABLE), RowExclusiveLock);
	ScanKeyData scankey;
	SysScanDesc scan;
	HeapTuple	row;

	ScanKeyInit(&scankey, Anum_data_keys_created_at, BTLessStrategyNumber,
				F_TIMESTAMPTZ_LT, TimestampTzGetDatum(now - KEEP_TIME));
	scan = systable_beginscan(rel, catalog_relation(TABLE "_created_at"), true,
							  catalog_snapshot(), 1, &scankey);
	while (HeapTupleIsValid(row = systable_getnext(scan)))
		CatalogTupleDelete(rel, &row->t_self);
	systable_endscan(scan);
	table_close(rel, NoLock);
	CommandCounterIncrement();
}
