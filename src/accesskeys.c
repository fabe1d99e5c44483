/*-------------------------------------------------------------------------
 *
 * accesskeys.c
 *		sqs_create_access_key, sqs_update_access_key, sqs_delete_access_key,
 *		sqs_list_access_keys, and what the gateway asks about keys.
 *
 * A role's keys are for those who could SET ROLE to it: who has a key can do
 * no more than that.
 *
 * The secret leaves the server once, when the key is created.  It is stored
 * encrypted, with the key's id as its context, so that it cannot be moved to
 * another row.  The gateway, which has to verify signatures, does not get it
 * either, but what AWS Signature Version 4 makes of it for a day and a region.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/base64.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "access.h"
#include "accesskey.h"
#include "authorize.h"
#include "compat.h"
#include "crypto.h"
#include "impersonate.h"
#include "masterkey.h"
#include "report.h"

QUEUE_FUNCTION(sqs_create_access_key);
QUEUE_FUNCTION(sqs_update_access_key);
QUEUE_FUNCTION(sqs_delete_access_key);
QUEUE_FUNCTION(sqs_list_access_keys);
QUEUE_FUNCTION(queue_signing_key);
QUEUE_FUNCTION(queue_note_access_keys);

#define TEXT_OR_NULL(n) (PG_ARGISNULL(n) ? NULL : PG_GETARG_TEXT_PP(n))

/* What secrets are encrypted for */
#define PURPOSE "access key"

/* What ids begin with: AWS's mark of keys that do not expire */
#define ID_PREFIX "AKIA"
#define ID_RANDOM (ACCESS_KEY_ID_LENGTH - (int) strlen(ID_PREFIX))

/* Base64 makes four characters of three bytes */
#define SECRET_BYTES (SECRET_ACCESS_KEY_LENGTH / 4 * 3)

/* A key's use within this time of the last that was noted is not noted */
#define NOTE_INTERVAL (60 * USECS_PER_SEC)

/*
 * Raise AccessDenied unless the current user may manage the keys of a role.
 * action is AWS's name of the call.
 */
static void
authorize_keys(Oid role, const char *action)
{
	authorize_other(impersonate_allowed(role), action, access_role_arn(role),
					psprintf("permission denied for access keys of role \"%s\"",
							 GetUserNameFromId(role, true)),
					"The access keys of a role are managed by superusers and by who may SET ROLE to it.");
}

/*
 * Make a new id.
 */
static void
make_id(char *id)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned char bytes[ACCESS_KEY_ID_LENGTH];

	crypto_random(bytes, sizeof(bytes));
	strlcpy(id, ID_PREFIX, ACCESS_KEY_ID_LENGTH + 1);
	for (int i = 0; i < ID_RANDOM; i++)
		id[ACCESS_KEY_ID_LENGTH - ID_RANDOM + i] = alphabet[bytes[i] & 31];
	id[ACCESS_KEY_ID_LENGTH] = '\0';
}

/*
 * Make a new secret.
 */
static void
make_secret(char *secret)
{
	char		bytes[SECRET_BYTES];
	int			length;

	crypto_random(bytes, sizeof(bytes));
	length = compat_b64_encode(bytes, sizeof(bytes), secret, SECRET_ACCESS_KEY_LENGTH);
	secret_wipe(bytes, sizeof(bytes));
	if (length != SECRET_ACCESS_KEY_LENGTH)
		elog(ERROR, "unexpected length of a secret: %d", length);
	secret[SECRET_ACCESS_KEY_LENGTH] = '\0';
}

/*
 * sqs_create_access_key(role regrole)
 * returns table (access_key_id text, secret_access_key text)
 */
Datum
sqs_create_access_key(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	AccessKey	key = {0};
	char		secret[SECRET_ACCESS_KEY_LENGTH + 1];
	Datum		values[2];
	bool		nulls[2] = {0};

	PreventCommandIfReadOnly("sqs_create_access_key()");
	PreventCommandIfParallelMode("sqs_create_access_key()");
	if (PG_ARGISNULL(0) || !OidIsValid(PG_GETARG_OID(0)))
		report_missing_parameter("role");
	key.role = PG_GETARG_OID(0);
	authorize_keys(key.role, "iam:CreateAccessKey");
	(void) GetUserNameFromId(key.role, false);	/* superusers may do all, with
												 * roles that exist */

	make_id(key.access_key_id);
	make_secret(secret);
	key.secret = masterkey_seal(PURPOSE, key.access_key_id, secret, SECRET_ACCESS_KEY_LENGTH);
	key.active = true;
	key.created_at = GetCurrentTimestamp();
	accesskey_insert(&key);

	InitMaterializedSRF(fcinfo, 0);
	values[0] = CStringGetTextDatum(key.access_key_id);
	values[1] = CStringGetTextDatum(secret);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	secret_wipe(VARDATA(DatumGetPointer(values[1])), SECRET_ACCESS_KEY_LENGTH);
	secret_wipe(secret, sizeof(secret));
	return (Datum) 0;
}

/*
 * Find a key for a change: lock it, and raise an error if there is none or it
 * is not for the current user to change.  Only who may change a key gets to
 * wait for a lock.
 */
static void
find_for_change(const text *access_key_id, const char *action, AccessKey *key)
{
	if (access_key_id == NULL || VARSIZE_ANY_EXHDR(access_key_id) == 0)
		report_missing_parameter("access_key_id");
	for (bool locked = false;; locked = true)
	{
		if (!accesskey_find(access_key_id, key))
			ereport(ERROR,
					(sqs_errcode(SQS_RESOURCE_NOT_FOUND),
					 errmsg("access key does not exist"),
					 sqs_errdetail(SQS_RESOURCE_NOT_FOUND,
								   "The access key cannot be found."),
					 errhint("List the access keys with sqs_list_access_keys().")));
		if (locked || !impersonate_allowed(key->role))
			authorize_keys(key->role, action);
		if (locked)
			return;
		accesskey_lock(access_key_id);
	}
}

/*
 * sqs_update_access_key(access_key_id text, active boolean) returns void
 */
Datum
sqs_update_access_key(PG_FUNCTION_ARGS)
{
	AccessKey	key;
	bool		active;

	PreventCommandIfReadOnly("sqs_update_access_key()");
	PreventCommandIfParallelMode("sqs_update_access_key()");
	find_for_change(TEXT_OR_NULL(0), "iam:UpdateAccessKey", &key);
	if (PG_ARGISNULL(1))
		report_missing_parameter("active");
	active = PG_GETARG_BOOL(1);
	if (active && key.is_void)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("access key \"%s\" is void", key.access_key_id),
				 errdetail("Its role has been dropped, or DROP OWNED has taken its privileges away."),
				 errhint("Create another key with sqs_create_access_key().")));
	accesskey_set_active(&key, active);
	PG_RETURN_VOID();
}

/*
 * sqs_delete_access_key(access_key_id text) returns void
 */
Datum
sqs_delete_access_key(PG_FUNCTION_ARGS)
{
	AccessKey	key;

	PreventCommandIfReadOnly("sqs_delete_access_key()");
	PreventCommandIfParallelMode("sqs_delete_access_key()");
	find_for_change(TEXT_OR_NULL(0), "iam:DeleteAccessKey", &key);
	accesskey_delete(&key);
	PG_RETURN_VOID();
}

/*
 * sqs_list_access_keys(role regrole DEFAULT NULL)
 * returns table (access_key_id text, role regrole, active boolean,
 *                created_at timestamptz, last_used_at timestamptz)
 */
Datum
sqs_list_access_keys(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid			role = PG_ARGISNULL(0) ? InvalidOid : PG_GETARG_OID(0);
	AccessKey  *keys;
	int			count;

	if (OidIsValid(role))
		authorize_keys(role, "iam:ListAccessKeys");
	InitMaterializedSRF(fcinfo, 0);
	keys = accesskey_list(&count);
	for (int i = 0; i < count; i++)
	{
		const AccessKey *key = &keys[i];
		Datum		values[5];
		bool		nulls[5] = {0};

		if (OidIsValid(role) ? key->role != role : !impersonate_allowed(key->role))
			continue;
		values[0] = CStringGetTextDatum(key->access_key_id);
		values[1] = ObjectIdGetDatum(key->role);
		values[2] = BoolGetDatum(key->active);
		values[3] = TimestampTzGetDatum(key->created_at);
		values[4] = TimestampTzGetDatum(key->last_used_at);
		nulls[4] = key->last_used_at == 0;
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * The signing key of AWS Signature Version 4: made of the secret by way of the
 * date, the region, the service, and a constant.
 */
static void
derive_signing_key(const char *secret, const text *date, const text *region,
				   unsigned char *digest)
{
	static const char service[] = "sqs";
	static const char termination[] = "aws4_request";
	char		first[4 + SECRET_ACCESS_KEY_LENGTH + 1];

	snprintf(first, sizeof(first), "AWS4%s", secret);
	crypto_hmac(first, strlen(first), VARDATA_ANY(date), VARSIZE_ANY_EXHDR(date), digest);
	secret_wipe(first, sizeof(first));
	crypto_hmac(digest, CRYPTO_DIGEST_LENGTH,
				VARDATA_ANY(region), VARSIZE_ANY_EXHDR(region), digest);
	crypto_hmac(digest, CRYPTO_DIGEST_LENGTH, service, strlen(service), digest);
	crypto_hmac(digest, CRYPTO_DIGEST_LENGTH, termination, strlen(termination), digest);
}

/*
 * queue.signing_key(access_key_id text, date text, region text) returns bytea
 *
 * NULL if there is no such key, or it is not active, or of no use.  The gateway
 * asks for many at once, and all three arguments come from outside: one that is
 * wrong must not fail the others.  So whether the gateway may act as the key's
 * role is for the call to find out that follows, and answers that client.
 */
Datum
queue_signing_key(PG_FUNCTION_ARGS)
{
	AccessKey	key;
	char	   *secret;
	Size		length;
	bytea	   *result;

	if (!accesskey_find(PG_GETARG_TEXT_PP(0), &key) || !key.active)
		PG_RETURN_NULL();
	if (!masterkey_unseal(PURPOSE, key.access_key_id, key.secret, &secret, &length))
	{
		ereport(WARNING,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("could not decrypt the secret of access key \"%s\"", key.access_key_id),
				 errhint("The file that queue.master_key_file names, or the output of queue.master_key_command, must hold the master key that the access key was created with.")));
		PG_RETURN_NULL();
	}
	result = palloc(VARHDRSZ + CRYPTO_DIGEST_LENGTH);
	SET_VARSIZE(result, VARHDRSZ + CRYPTO_DIGEST_LENGTH);
	derive_signing_key(secret, PG_GETARG_TEXT_PP(1), PG_GETARG_TEXT_PP(2),
					   (unsigned char *) VARDATA(result));
	secret_wipe(secret, length);
	PG_RETURN_BYTEA_P(result);
}

/*
 * Whether the use of a key is to be noted.
 */
static bool
is_due(const text *access_key_id, TimestampTz now, AccessKey *key)
{
	return accesskey_find(access_key_id, key) && key->active &&
		now - key->last_used_at >= NOTE_INTERVAL;
}

/*
 * queue.note_access_keys(access_key_ids text[]) returns void
 *
 * Keys that there are not, that are not active, that were noted a moment ago
 * or that another session is at work on are passed over.  So a row has a new
 * version once a minute at most, on its page, and nobody is waited for.
 */
Datum
queue_note_access_keys(PG_FUNCTION_ARGS)
{
	TimestampTz now = GetCurrentTimestamp();
	Datum	   *ids;
	bool	   *nulls;
	int			count;

	PreventCommandIfReadOnly("queue.note_access_keys()");
	PreventCommandIfParallelMode("queue.note_access_keys()");
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false, TYPALIGN_INT,
					  &ids, &nulls, &count);
	if (count > BATCH_MAX)
		report_large_batch(count, BATCH_MAX);
	for (int i = 0; i < count; i++)
	{
		const text *id = nulls[i] ? NULL : DatumGetTextPP(ids[i]);
		AccessKey	key;

		CHECK_FOR_INTERRUPTS();
		if (id != NULL && is_due(id, now, &key) && accesskey_try_lock(id) &&
			is_due(id, now, &key))
			accesskey_set_last_used(&key, now);
	}
	PG_RETURN_VOID();
}
