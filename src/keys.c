/*-------------------------------------------------------------------------
 *
 * keys.c
 *		sqs_create_key, sqs_set_key_state, sqs_rotate_key, sqs_grant_key,
 *		sqs_revoke_key, sqs_list_keys.
 *
 * A key makes the server read a file or run a command.  So keys are for
 * superusers to manage; privileges on the functions cannot change that, nor can
 * those on the tables, which members of pg_write_all_data have.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "authorize.h"
#include "characters.h"
#include "compat.h"
#include "crypto.h"
#include "keywrap.h"
#include "kmskey.h"
#include "report.h"
#include "settings.h"

QUEUE_FUNCTION(sqs_create_key);
QUEUE_FUNCTION(sqs_set_key_state);
QUEUE_FUNCTION(sqs_rotate_key);
QUEUE_FUNCTION(sqs_grant_key);
QUEUE_FUNCTION(sqs_revoke_key);
QUEUE_FUNCTION(sqs_list_keys);
QUEUE_FUNCTION(queue_superusers_only);

/*
 * What every change does first.  action is KMS's name of it, resource an ARN, or what
 * the caller calls the key.
 */
static void
authorize_keys(const char *action, const char *resource)
{
	authorize_other(superuser(), action, resource, "permission denied for encryption keys",
					"Encryption keys are managed by superusers.");
}

static void
prevent(const char *function)
{
	PreventCommandIfReadOnly(function);
	PreventCommandIfParallelMode(function);
}

static char *
text_argument(FunctionCallInfo fcinfo, int n, const char *name)
{
	if (PG_ARGISNULL(n) || VARSIZE_ANY_EXHDR(PG_GETARG_TEXT_PP(n)) == 0)
		report_missing_parameter(name);
	return text_to_cstring(PG_GETARG_TEXT_PP(n));
}

/*
 * An alias as it is stored.
 */
static char *
check_alias(const char *given)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_-";
	Size		prefix = strlen(KMSKEY_ALIAS_PREFIX);
	const char *name = strncmp(given, KMSKEY_ALIAS_PREFIX, prefix) == 0 ? given + prefix : given;

	if (name[0] == '\0' || strlen(name) + prefix > KMSKEY_ALIAS_MAX ||
		strspn(name, allowed) != strlen(name) || strncmp(name, "aws/", 4) == 0)
		report_invalid_parameter("alias", characters_quotable(given, strlen(given)),
								 psprintf("It must have up to %d letters, digits, slashes, hyphens and underscores, and not begin with aws/.",
										  KMSKEY_ALIAS_MAX - (int) prefix));
	return psprintf("%s%s", KMSKEY_ALIAS_PREFIX, name);
}

/*
 * A member of a configuration, which has to be there.
 */
static char *
config_member(Jsonb *config, const char *provider, const char *name)
{
	JsonbValue	buffer;
	JsonbValue *value = getKeyJsonValueFromContainer(&config->root, name, strlen(name), &buffer);

	if (value != NULL && value->type == jbvString && value->val.string.len > 0)
		return pnstrdup(value->val.string.val, value->val.string.len);
	report_invalid_parameter("config", name,
							 psprintf("For provider %s it must be a string.", provider));
}

/*
 * Check a configuration.
 */
static void
check_config(const char *provider, Jsonb *config, KmsKey *key)
{
	uint32		members;

	if (!JB_ROOT_IS_OBJECT(config))
		report_invalid_parameter("config", "", "It must be a JSON object.");
	if (strcmp(provider, "file") == 0)
	{
		key->path = config_member(config, provider, "path");
		if (!is_absolute_path(key->path))
			report_invalid_parameter("config", "path", "The path must be absolute.");
		members = 1;
	}
	else if (strcmp(provider, "command") == 0)
	{
		key->wrap = config_member(config, provider, "wrap");
		key->unwrap = config_member(config, provider, "unwrap");
		members = 2;
	}
	else
		report_invalid_parameter("provider", characters_quotable(provider, strlen(provider)),
								 "It must be file or command.");
	if (JB_ROOT_COUNT(config) != members)
		report_invalid_parameter("config", "",
								 strcmp(provider, "file") == 0 ? "For provider file it has path and nothing else." :
								 "For provider command it has wrap and unwrap and nothing else.");
}

/*
 * See that a key's provider does what it has to.
 */
static void
try_key(const KmsKey *key)
{
	unsigned char data_key[SECRET_LENGTH];
	unsigned char again[SECRET_LENGTH];
	KeywrapFailure failure = {SQS_KMS_INVALID_KEY_USAGE,
	"what was encrypted is something else when it is decrypted"};
	pg_uuid_t	id;
	bytea	   *wrapped;
	bool		same;

	/* this data key is never used */
	crypto_random(id.data, UUID_LEN);
	crypto_random(data_key, SECRET_LENGTH);
	wrapped = keywrap_wrap(key, &id, data_key, &failure);
	same = wrapped != NULL && keywrap_unwrap(key, &id, wrapped, again, &failure) &&
		memcmp(data_key, again, SECRET_LENGTH) == 0;
	if (!same)
		keywrap_report(key, &failure);
}

/*
 * sqs_create_key(alias text, provider text, config jsonb) returns text
 */
Datum
sqs_create_key(PG_FUNCTION_ARGS)
{
	KmsKey		key = {0};
	char	   *provider;

	prevent("sqs_create_key()");
	authorize_keys("kms:CreateKey", "*");
	key.alias = check_alias(text_argument(fcinfo, 0, "alias"));
	provider = text_argument(fcinfo, 1, "provider");
	if (PG_ARGISNULL(2))
		report_missing_parameter("config");
	check_config(provider, PG_GETARG_JSONB_P(2), &key);

	/* a version 4 UUID */
	crypto_random(key.key_id.data, UUID_LEN);
	key.key_id.data[6] = (key.key_id.data[6] & 0x0f) | 0x40;
	key.key_id.data[8] = (key.key_id.data[8] & 0x3f) | 0x80;
	strlcpy(key.account_id, setting_account_id, sizeof(key.account_id));
	key.state = KMSKEY_ENABLED;
	key.version = 1;
	key.created_at = GetCurrentTimestamp();
	try_key(&key);

	kmskey_lock();
	if (kmskey_find(key.alias) != NULL)
		report_invalid_parameter("alias", key.alias, "There is a key with this alias.");
	kmskey_insert(&key, CStringGetTextDatum(provider), PG_GETARG_DATUM(2));
	PG_RETURN_TEXT_P(cstring_to_text(kmskey_arn(&key)));
}

/*
 * Find the key that an argument names.
 */
static const KmsKey *
find_key(const char *reference)
{
	const KmsKey *key = kmskey_find(reference);

	if (key == NULL)
		key = kmskey_find(psprintf("%s%s", KMSKEY_ALIAS_PREFIX, reference));
	if (key == NULL)
		ereport(ERROR,
				(sqs_errcode(SQS_KMS_NOT_FOUND),
				 errmsg("encryption key \"%s\" does not exist",
						characters_quotable(reference, strlen(reference))),
				 sqs_errdetail(SQS_KMS_NOT_FOUND, "%s", kmskey_error_detail(SQS_KMS_NOT_FOUND)),
				 errhint("List the keys with sqs_list_keys().")));
	return key;
}

/*
 * What every change of a key begins with; what the caller calls the key.
 */
static char *
begin_change(FunctionCallInfo fcinfo, const char *function, const char *action)
{
	prevent(function);
	authorize_keys(action, PG_ARGISNULL(0) ? "*" : text_to_cstring(PG_GETARG_TEXT_PP(0)));
	return text_argument(fcinfo, 0, "key");
}

/*
 * The same, with the key as it is while others are locked out.
 */
static const KmsKey *
find_for_change(FunctionCallInfo fcinfo, const char *function, const char *action)
{
	char	   *reference = begin_change(fcinfo, function, action);

	kmskey_lock();
	return find_key(reference);
}

/*
 * sqs_set_key_state(key text, state text) returns void
 */
Datum
sqs_set_key_state(PG_FUNCTION_ARGS)
{
	const KmsKey *key = find_for_change(fcinfo, "sqs_set_key_state()", "kms:UpdateKey");
	char	   *name = text_argument(fcinfo, 1, "state");
	KmsState	state;

	if (!kmskey_state_parse(name, &state))
		report_invalid_parameter("state", characters_quotable(name, strlen(name)),
								 "It must be Enabled, Disabled or PendingDeletion.");
	kmskey_set_state(key, state);
	PG_RETURN_VOID();
}

/*
 * sqs_rotate_key(key text) returns void
 *
 * The provider may take its time, in which others can disable the key.
 */
Datum
sqs_rotate_key(PG_FUNCTION_ARGS)
{
	char	   *reference = begin_change(fcinfo, "sqs_rotate_key()", "kms:RotateKeyOnDemand");
	const KmsKey key = *find_key(reference);

	try_key(&key);
	kmskey_lock();
	kmskey_set_rotated(find_key(reference), GetCurrentTimestamp());
	PG_RETURN_VOID();
}

/*
 * A role that there is.
 */
static Oid
role_argument(FunctionCallInfo fcinfo, int n)
{
	if (PG_ARGISNULL(n) || !OidIsValid(PG_GETARG_OID(n)))
		report_missing_parameter("role");
	(void) GetUserNameFromId(PG_GETARG_OID(n), false);
	return PG_GETARG_OID(n);
}

/*
 * sqs_grant_key(key text, role regrole, operations text[]) returns void
 */
Datum
sqs_grant_key(PG_FUNCTION_ARGS)
{
	const KmsKey *key = find_for_change(fcinfo, "sqs_grant_key()", "kms:CreateGrant");
	Oid			role = role_argument(fcinfo, 1);
	Datum	   *names;
	bool	   *nulls;
	int			count = 0;
	int			operations = 0;

	if (!PG_ARGISNULL(2))
		deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false, TYPALIGN_INT,
						  &names, &nulls, &count);
	if (count == 0)
		report_missing_parameter("operations");
	for (int i = 0; i < count; i++)
	{
		char	   *name = nulls[i] ? "" : TextDatumGetCString(names[i]);
		int			operation = kmskey_operation(name);

		operations |= operation;
		if (operation == 0)
			report_invalid_parameter("operations", characters_quotable(name, strlen(name)),
									 "An operation is Encrypt or Decrypt.");
	}
	kmskey_grant(key, role, operations);
	PG_RETURN_VOID();
}

/*
 * sqs_revoke_key(key text, role regrole) returns void
 */
Datum
sqs_revoke_key(PG_FUNCTION_ARGS)
{
	const KmsKey *key = find_for_change(fcinfo, "sqs_revoke_key()", "kms:RevokeGrant");

	kmskey_grant(key, role_argument(fcinfo, 1), 0);
	PG_RETURN_VOID();
}

/*
 * sqs_list_keys()
 * returns table (key_arn text, alias text, provider text, state text,
 *                created_at timestamptz, rotated_at timestamptz)
 */
Datum
sqs_list_keys(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const KmsKey *keys;
	int			count;

	InitMaterializedSRF(fcinfo, 0);
	keys = kmskey_all(&count);
	for (int i = 0; i < count; i++)
	{
		const KmsKey *key = &keys[i];
		Datum		values[6];
		bool		nulls[6] = {0};

		if (!kmskey_granted(key, GetUserId(), KMSKEY_ENCRYPT | KMSKEY_DECRYPT))
			continue;
		values[0] = CStringGetTextDatum(kmskey_arn(key));
		values[1] = CStringGetTextDatum(key->alias);
		values[2] = CStringGetTextDatum(key->path != NULL ? "file" : "command");
		values[3] = CStringGetTextDatum(kmskey_state_name(key->state));
		values[4] = TimestampTzGetDatum(key->created_at);
		values[5] = TimestampTzGetDatum(key->rotated_at);
		nulls[5] = key->rotated_at == 0;
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * queue.superusers_only() returns trigger
 *
 * Before each statement that changes a table of keys.  What the functions do is
 * no statement.
 */
Datum
queue_superusers_only(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("queue.superusers_only() can only be called as a trigger")));
	if (!superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to change table \"%s\"",
						RelationGetRelationName(((TriggerData *) fcinfo->context)->tg_relation)),
				 errhint("Keys are managed by functions; their tables can only be changed by superusers.")));
	PG_RETURN_POINTER(NULL);
}
