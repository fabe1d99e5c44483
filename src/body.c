/*-------------------------------------------------------------------------
 *
 * body.c
 *		Bodies of messages, encrypted where the queue asks for it.
 *
 * A row has its body either as text, or encrypted in a column of its own.  So
 * each row says for itself how to read it, whatever the queue's attributes were
 * when it was sent.  What is encrypted begins with a header that names the key:
 *
 *	kind		1 byte: 1, SSE-SQS
 *	fingerprint	4 bytes, of a master key
 *	queue		8 bytes: the queue's number
 *	epoch		4 bytes: the upper bits of the number that the message was sent
 *				under
 *
 * or
 *
 *	kind		1 byte: 2, SSE-KMS
 *	data key	16 bytes: its id; see datakey.c
 *
 * after which comes what crypto.c makes of the body, in UTF-8.
 *
 * The key of SSE-SQS is the HMAC-SHA-256 of queue and epoch with the master key.  An epoch
 * has 2^24 messages, so that no key is used for more than nonces chosen at
 * random are good for, whatever is sent in whatever time.
 *
 * The ciphertext is tied to the header and to the message id.  Put into another
 * message's row, it is refused.  A message that goes to a dead-letter queue keeps
 * its message id and remains as it is; a move task makes a new message of it,
 * with another id, and has it decrypted and encrypted anew.
 *
 * Bodies are not compressed before: their length, which can be seen, would tell
 * something of what is in them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"
#include "utils/uuid.h"

#include "body.h"
#include "compat.h"
#include "crypto.h"
#include "datakey.h"
#include "masterkey.h"
#include "report.h"

/* Kinds of encryption */
#define KIND_MANAGED 1
#define KIND_KMS 2

#define HEADER_LENGTH 17
#define SEALED_LENGTH(length) (HEADER_LENGTH + CRYPTO_OVERHEAD + (length))

/* Bits of a message's number that its epoch does not have */
#define EPOCH_SHIFT 24

/* Keys that are kept at a time; with more, it starts anew */
#define DERIVED_MAX 256

/* Memory for a result with bodies in it, in kilobytes */
#define RESULT_MEMORY (64 * 1024)

/* What a key is made of, after the name of its purpose */
#define PURPOSE "message body"

typedef struct DerivedName
{
	int64		queue_id;
	uint32		epoch;
	uint32		fingerprint;
} DerivedName;

typedef struct DerivedKey
{
	DerivedName name;			/* key; no padding */
	unsigned char *key;
} DerivedKey;

StaticAssertDecl(sizeof(DerivedName) == 16, "names of derived keys have no padding");

static HTAB *derived = NULL;
static uint64 derived_generation = 0;

/*
 * Wipe the keys that were made of master keys, if these may have changed or
 * there are too many.
 */
static void
refresh_derived(void)
{
	HASH_SEQ_STATUS scan;
	DerivedKey *entry;
	HASHCTL		ctl;

	if (derived == NULL)
	{
		ctl.keysize = sizeof(DerivedName);
		ctl.entrysize = sizeof(DerivedKey);
		ctl.hcxt = CacheMemoryContext;
		derived = hash_create("keys of message bodies", 64, &ctl,
							  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	if (derived_generation == masterkey_generation() &&
		hash_get_num_entries(derived) < DERIVED_MAX)
		return;
	hash_seq_init(&scan, derived);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		if (entry->key != NULL)
			secret_free(entry->key);
		hash_search(derived, &entry->name, HASH_REMOVE, NULL);
	}
	derived_generation = masterkey_generation();
}

/*
 * The key for messages of a queue in an epoch, made of a master key.
 */
static const unsigned char *
derive_key(const unsigned char *master, const DerivedName *name)
{
	DerivedKey *entry;
	bool		found;
	unsigned char text[sizeof(PURPOSE) + sizeof(int64) + sizeof(uint32)] = PURPOSE;
	uint64		queue_id = pg_hton64((uint64) name->queue_id);
	uint32		epoch = pg_hton32(name->epoch);
	unsigned char key[CRYPTO_DIGEST_LENGTH];

	refresh_derived();
	entry = hash_search(derived, name, HASH_ENTER, &found);
	if (!found)
		entry->key = NULL;
	if (entry->key == NULL)
	{
		memcpy(text +sizeof(PURPOSE), &queue_id, sizeof(queue_id));
		memcpy(text +sizeof(PURPOSE) + sizeof(queue_id), &epoch, sizeof(epoch));
		/* after an error in between, nobody takes a slot for a key */
		crypto_hmac(master, SECRET_LENGTH, text, sizeof(text), key);
		entry->key = secret_alloc();
		memcpy(entry->key, key, SECRET_LENGTH);
		secret_wipe(key, sizeof(key));
	}
	return entry->key;
}

/*
 * Write the header for a message that is sent, and give the key.
 */
static const unsigned char *
begin_header(const BodySealer *sealer, int64 id, unsigned char *header)
{
	const KeyringKey *master;
	DerivedName name;
	uint64		queue_id;
	uint32		epoch;

	if (sealer->encryption == ENCRYPTION_KMS)
	{
		header[0] = KIND_KMS;
		memcpy(header + 1, sealer->data_key_id.data, UUID_LEN);
		return secret_copied(sealer->data_key);
	}
	master = &masterkey_ring()->keys[0];
	name.queue_id = sealer->queue_id;
	name.epoch = (uint32) (id >> EPOCH_SHIFT);
	name.fingerprint = master->fingerprint;
	queue_id = pg_hton64((uint64) name.queue_id);
	epoch = pg_hton32(name.epoch);
	header[0] = KIND_MANAGED;
	memcpy(header + 1, &name.fingerprint, sizeof(uint32));
	memcpy(header + 5, &queue_id, sizeof(queue_id));
	memcpy(header + 13, &epoch, sizeof(epoch));
	return derive_key(master->key, &name);
}

/*
 * The key for a message that has this header; NULL if the master key is missing.
 */
static const unsigned char *
find_managed(const unsigned char *header)
{
	const unsigned char *master;
	DerivedName name;
	uint64		queue_id;
	uint32		epoch;

	memcpy(&name.fingerprint, header + 1, sizeof(uint32));
	memcpy(&queue_id, header + 5, sizeof(queue_id));
	memcpy(&epoch, header + 13, sizeof(epoch));
	name.queue_id = (int64) pg_ntoh64(queue_id);
	name.epoch = pg_ntoh32(epoch);
	master = masterkey_find(name.fingerprint);
	return master == NULL ? NULL : derive_key(master, &name);
}

/*
 * Make ready to encrypt.
 */
void
body_begin(const Queue *queue, Oid role, BodySealer *sealer)
{
	sealer->encryption = queue->encryption;
	sealer->queue_id = queue->queue_id;
	sealer->data_key = NULL;
	if (sealer->encryption == ENCRYPTION_MANAGED)
		(void) masterkey_ring();
	else if (sealer->encryption == ENCRYPTION_KMS)
		sealer->data_key = secret_copy(datakey_for_sending(queue, role,
														   &sealer->data_key_id));
}

/*
 * Nothing is encrypted any more.
 */
void
body_end(BodySealer *sealer)
{
	if (sealer->data_key != NULL)
		secret_drop(sealer->data_key);
}

bool
body_allowed(const Queue *queue, Oid role, SqsError *error)
{
	return queue->encryption != ENCRYPTION_KMS || datakey_allowed(queue, role, error);
}

/*
 * Encrypt the body in a row.
 */
void
body_seal(const BodySealer *sealer, const Queue *queue, int64 id,
		  Datum *values, bool *isnull)
{
	text	   *body;
	const char *plain;
	Size		length;
	bytea	   *sealed;
	unsigned char *header;
	const unsigned char *key;
	pg_uuid_t	uuid;
	CryptoContext context;

	if (sealer->encryption == ENCRYPTION_NONE)
		return;
	body = DatumGetTextPP(values[Anum_message_body - 1]);
	plain = pg_server_to_any(VARDATA_ANY(body), VARSIZE_ANY_EXHDR(body), PG_UTF8);
	length = plain == VARDATA_ANY(body) ? VARSIZE_ANY_EXHDR(body) : strlen(plain);
	sealed = palloc(VARHDRSZ + SEALED_LENGTH(length));
	SET_VARSIZE(sealed, VARHDRSZ + SEALED_LENGTH(length));
	header = (unsigned char *) VARDATA(sealed);
	key = begin_header(sealer, id, header);
	message_uuid(queue, id, &uuid);
	context.first = header;
	context.first_length = HEADER_LENGTH;
	context.second = uuid.data;
	context.second_length = UUID_LEN;
	crypto_encrypt(key, &context, plain, length, header + HEADER_LENGTH);

	values[Anum_message_body - 1] = (Datum) 0;
	isnull[Anum_message_body - 1] = true;
	values[Anum_message_sealed_body - 1] = PointerGetDatum(sealed);
	isnull[Anum_message_sealed_body - 1] = false;
}

/*
 * The text of a problem.
 */
static void
set_problem(BodyProblem *problem, const char *detail, const char *hint, const pg_uuid_t *uuid)
{
	char	   *id = DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(uuid)));

	snprintf(problem->message, sizeof(problem->message),
			 _("could not decrypt message \"%s\""), id);
	strlcpy(problem->detail, detail, sizeof(problem->detail));
	strlcpy(problem->hint, hint, sizeof(problem->hint));
	pfree(id);
}

/*
 * The key of a message that has this header; NULL and the problem if it is not
 * to be had.
 */
static const unsigned char *
find_key(const unsigned char *header, Oid role, const pg_uuid_t *uuid, BodyProblem *problem)
{
	const unsigned char *key;
	pg_uuid_t	data_key_id;

	problem->damaged = false;
	problem->error = SQS_ERROR_COUNT;
	problem->sqlerrcode = ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
	if (header[0] == KIND_MANAGED)
	{
		key = find_managed(header);
		if (key == NULL)
			set_problem(problem,
						_("The master key that it was encrypted with is not among those of the server."),
						_("Add the key to the file that queue.master_key_file names, or to the output of queue.master_key_command, and reload the configuration."),
						uuid);
		return key;
	}
	memcpy(data_key_id.data, header + 1, UUID_LEN);
	key = datakey_for_receiving(&data_key_id, role, &problem->error);
	if (key == NULL)
		set_problem(problem, kmskey_error_detail(problem->error),
					_("Its encryption key has to exist, to be enabled, and to be granted for Decrypt. List the keys with sqs_list_keys()."),
					uuid);
	return key;
}

/*
 * Decrypt the body in a row.
 */
bool
body_open(const Queue *queue, int64 id, Oid role, Datum *values, bool *isnull,
		  BodyProblem *problem)
{
	bytea	   *sealed;
	const unsigned char *header;
	const unsigned char *key = NULL;
	Size		length;
	text	   *body;
	char	   *server;
	pg_uuid_t	uuid;
	CryptoContext context;
	bool		known;

	if (likely(isnull[Anum_message_sealed_body - 1]))
		return true;
	if (isnull[Anum_message_message_id - 1])
		message_uuid(queue, id, &uuid);
	else
		uuid = *DatumGetUUIDP(values[Anum_message_message_id - 1]);

	sealed = DatumGetByteaPP(values[Anum_message_sealed_body - 1]);
	header = (const unsigned char *) VARDATA_ANY(sealed);
	known = VARSIZE_ANY_EXHDR(sealed) >= SEALED_LENGTH(0) &&
		(header[0] == KIND_MANAGED || header[0] == KIND_KMS);
	if (known)
	{
		key = find_key(header, role, &uuid, problem);
		if (key == NULL)
			return false;
	}

	length = known ? VARSIZE_ANY_EXHDR(sealed) - SEALED_LENGTH(0) : 0;
	body = palloc(VARHDRSZ + length + 1);
	context.first = header;
	context.first_length = HEADER_LENGTH;
	context.second = uuid.data;
	context.second_length = UUID_LEN;
	if (!known || !crypto_decrypt(key, &context, header + HEADER_LENGTH,
								  VARSIZE_ANY_EXHDR(sealed) - HEADER_LENGTH, VARDATA(body)))
	{
		pfree(body);
		problem->damaged = true;
		problem->error = SQS_ERROR_COUNT;
		problem->sqlerrcode = ERRCODE_DATA_CORRUPTED;
		set_problem(problem,
					_("What is stored is not what was sent: it was changed, or it is that of another message."),
					_("Other messages can be received. It goes to the dead-letter queue, if there is one, when it has been met often enough."),
					&uuid);
		return false;
	}
	SET_VARSIZE(body, VARHDRSZ + length);
	if (GetDatabaseEncoding() != PG_UTF8)
	{
		VARDATA(body)[length] = '\0';
		server = pg_any_to_server(VARDATA(body), length, PG_UTF8);
		if (server != VARDATA(body))
			body = cstring_to_text(server);
	}
	values[Anum_message_body - 1] = PointerGetDatum(body);
	isnull[Anum_message_body - 1] = false;
	return true;
}

/*
 * Report a problem.
 */
void
body_report(int elevel, const BodyProblem *problem)
{
	ereport(elevel,
			(problem->error == SQS_ERROR_COUNT ? errcode(problem->sqlerrcode) :
			 sqs_errcode(problem->error),
			 errmsg_internal("%s", problem->message),
			 problem->error == SQS_ERROR_COUNT ? errdetail_internal("%s", problem->detail) :
			 sqs_errdetail(problem->error, "%s", problem->detail),
			 errhint("%s", problem->hint)));
}

/*
 * Begin a result with bodies in it.
 */
void
body_begin_result(FunctionCallInfo fcinfo)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext old;

	if (result == NULL || !IsA(result, ReturnSetInfo) ||
		(result->allowedModes & SFRM_Materialize) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("set-valued function called in context that cannot accept a set")));
	old = MemoryContextSwitchTo(result->econtext->ecxt_per_query_memory);
	if (get_call_result_type(fcinfo, NULL, &result->setDesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	result->returnMode = SFRM_Materialize;
	result->setResult = tuplestore_begin_heap((result->allowedModes & SFRM_Materialize_Random) != 0,
											  false, Max(work_mem, RESULT_MEMORY));
	MemoryContextSwitchTo(old);
}
