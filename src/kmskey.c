/*-------------------------------------------------------------------------
 *
 * kmskey.c
 *		Keys of SSE-KMS: rows of queue.keys and queue.key_grants.
 *
 * A key here is not the bytes of it, which the database never has, but where to
 * turn to for having data keys encrypted and decrypted: a file or a command
 * (keywrap.c).
 *
 * There are few keys, and each message asks for one.  So a backend keeps all of
 * them, and all grants, and reads them anew when something of queues may have
 * changed: who changes a key says that, too.
 *
 * A grant counts while its role is held (rolehold.c), as do access keys; so it
 * never comes to another role.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "compat.h"
#include "kmskey.h"
#include "rolehold.h"
#include "settings.h"
#include "tablerows.h"

#define KEYS "keys"
#define GRANTS "key_grants"

#define COLUMN(name) (Anum_keys_##name - 1)
#define GRANT_COLUMN(name) (Anum_key_grants_##name - 1)

static const RoleColumn role_column = {GRANTS, "role", Anum_key_grants_role};

static const char *const state_names[] = {"Enabled", "Disabled", "PendingDeletion"};

typedef struct KmsGrant
{
	pg_uuid_t	key_id;
	Oid			role;
	int			operations;
} KmsGrant;

/* What there is, as of a generation of the catalog; 0: nothing was read */
static MemoryContext cache_context = NULL;
static uint64 cache_generation = 0;
static KmsKey *keys = NULL;
static int	key_count = 0;
static KmsGrant *grants = NULL;
static int	grant_count = 0;

static bool
same_id(const pg_uuid_t *a, const pg_uuid_t *b)
{
	return memcmp(a->data, b->data, UUID_LEN) == 0;
}

/*
 * The names of states.
 */
const char *
kmskey_state_name(KmsState state)
{
	return state_names[state];
}

bool
kmskey_state_parse(const char *name, KmsState *state)
{
	for (int i = 0; i < lengthof(state_names); i++)
	{
		if (strcmp(name, state_names[i]) == 0)
		{
			*state = (KmsState) i;
			return true;
		}
	}
	return false;
}

/*
 * A member of a key's configuration; NULL if it is not there.
 */
static char *
config_text(Datum config, const char *name)
{
	Jsonb	   *document = DatumGetJsonbP(config);
	JsonbValue	buffer;
	JsonbValue *value = getKeyJsonValueFromContainer(&document->root, name,
													 strlen(name), &buffer);

	return value == NULL || value->type != jbvString ? NULL :
		pnstrdup(value->val.string.val, value->val.string.len);
}

/*
 * Make a KmsKey of a row.
 */
static void
key_from_row(TupleDesc desc, HeapTuple row, void *entry)
{
	KmsKey	   *key = entry;
	Datum		values[Natts_keys];
	bool		nulls[Natts_keys];
	char	   *state;

	if (desc->natts != Natts_keys)
		elog(ERROR, "unexpected number of columns in \"queue.%s\": %d", KEYS, desc->natts);
	heap_deform_tuple(row, desc, values, nulls);
	memset(key, 0, sizeof(KmsKey));
	key->key_id = *DatumGetUUIDP(values[COLUMN(key_id)]);
	text_to_cstring_buffer(DatumGetTextPP(values[COLUMN(account_id)]),
						   key->account_id, sizeof(key->account_id));
	key->alias = TextDatumGetCString(values[COLUMN(alias)]);
	if (strcmp(TextDatumGetCString(values[COLUMN(provider)]), "file") == 0)
		key->path = config_text(values[COLUMN(config)], "path");
	else
	{
		key->wrap = config_text(values[COLUMN(config)], "wrap");
		key->unwrap = config_text(values[COLUMN(config)], "unwrap");
	}
	state = TextDatumGetCString(values[COLUMN(state)]);
	if (!kmskey_state_parse(state, &key->state))
		elog(ERROR, "unexpected state of a key: \"%s\"", state);
	key->version = DatumGetInt32(values[COLUMN(version)]);
	key->created_at = DatumGetTimestampTz(values[COLUMN(created_at)]);
	if (!nulls[COLUMN(rotated_at)])
		key->rotated_at = DatumGetTimestampTz(values[COLUMN(rotated_at)]);
}

/*
 * An operation by its name.
 */
int
kmskey_operation(const char *name)
{
	if (strcmp(name, "Encrypt") == 0)
		return KMSKEY_ENCRYPT;
	return strcmp(name, "Decrypt") == 0 ? KMSKEY_DECRYPT : 0;
}

/*
 * The operations that a row of queue.key_grants names.
 */
static int
grant_operations(Datum array)
{
	Datum	   *names;
	bool	   *nulls;
	int			count;
	int			operations = 0;

	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT,
					  &names, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		char	   *name = nulls[i] ? "" : TextDatumGetCString(names[i]);

		operations |= kmskey_operation(name);
	}
	return operations;
}

static void
grant_from_row(TupleDesc desc, HeapTuple row, void *entry)
{
	KmsGrant   *grant = entry;
	Datum		values[Natts_key_grants];
	bool		nulls[Natts_key_grants];

	heap_deform_tuple(row, desc, values, nulls);
	grant->key_id = *DatumGetUUIDP(values[GRANT_COLUMN(key_id)]);
	grant->role = DatumGetObjectId(values[GRANT_COLUMN(role)]);
	grant->operations = grant_operations(values[GRANT_COLUMN(operations)]);
}

static int
key_compare(const void *a, const void *b)
{
	const KmsKey *x = a;
	const KmsKey *y = b;

	if (x->created_at != y->created_at)
		return x->created_at < y->created_at ? -1 : 1;
	return memcmp(x->key_id.data, y->key_id.data, UUID_LEN);
}

static int
grant_compare(const void *a, const void *b)
{
	const KmsGrant *x = a;
	const KmsGrant *y = b;

	if (x->role != y->role)
		return x->role < y->role ? -1 : 1;
	return memcmp(x->key_id.data, y->key_id.data, UUID_LEN);
}

static const TableRows key_rows = {KEYS, sizeof(KmsKey), key_from_row, key_compare};
static const TableRows grant_rows = {GRANTS, sizeof(KmsGrant), grant_from_row, grant_compare};

/*
 * Read everything anew, if something may have changed.
 */
static void
cache_refresh(void)
{
	MemoryContext old;
	uint64		generation;

	AcceptInvalidationMessages();
	(void) catalog_namespace();
	generation = catalog_generation();
	if (cache_generation == generation && cache_generation != 0)
		return;
	cache_generation = 0;
	key_count = grant_count = 0;
	if (cache_context == NULL)
		cache_context = AllocSetContextCreate(CacheMemoryContext, "queue keys",
											  ALLOCSET_SMALL_SIZES);
	MemoryContextReset(cache_context);
	old = MemoryContextSwitchTo(cache_context);
	keys = tablerows_list(&key_rows, false, NULL, 0, &key_count);
	grants = tablerows_list(&grant_rows, false, NULL, 0, &grant_count);
	MemoryContextSwitchTo(old);

	/* what changed while it was read is read the next time */
	cache_generation = generation;
}

/*
 * All keys.
 */
const KmsKey *
kmskey_all(int *count)
{
	cache_refresh();
	*count = key_count;
	return keys;
}

/*
 * A key by its id.
 */
const KmsKey *
kmskey_find_id(const pg_uuid_t *key_id)
{
	cache_refresh();
	for (int i = 0; i < key_count; i++)
		if (same_id(&keys[i].key_id, key_id))
			return &keys[i];
	return NULL;
}

/*
 * What a reference names within a key's account and region; NULL if it is an ARN
 * of others.
 */
static const char *
local_reference(const KmsKey *key, const char *reference)
{
	char	   *prefix;

	if (strncmp(reference, "arn:", 4) != 0)
		return reference;
	prefix = psprintf("arn:aws:kms:%s:%s:", setting_region, key->account_id);
	if (strncmp(reference, prefix, strlen(prefix)) != 0)
		return NULL;
	reference += strlen(prefix);
	return strncmp(reference, "key/", 4) == 0 ? reference + 4 : reference;
}

/*
 * A key by any of its names.
 */
const KmsKey *
kmskey_find(const char *reference)
{
	cache_refresh();
	for (int i = 0; i < key_count; i++)
	{
		const char *local = local_reference(&keys[i], reference);
		char	   *id = DatumGetCString(DirectFunctionCall1(uuid_out,
															 UUIDPGetDatum(&keys[i].key_id)));

		if (local != NULL &&
			(strcmp(local, keys[i].alias) == 0 || pg_strcasecmp(local, id) == 0))
			return &keys[i];
	}
	return NULL;
}

/*
 * A key's ARN.
 */
char *
kmskey_arn(const KmsKey *key)
{
	return psprintf("arn:aws:kms:%s:%s:key/%s", setting_region, key->account_id,
					DatumGetCString(DirectFunctionCall1(uuid_out,
														UUIDPGetDatum(&key->key_id))));
}

/*
 * Whether a role may do one of some operations.
 */
bool
kmskey_granted(const KmsKey *key, Oid role, int operation)
{
	if (superuser_arg(role))
		return true;
	for (int i = 0; i < grant_count; i++)
	{
		if (same_id(&grants[i].key_id, &key->key_id) &&
			(grants[i].operations & operation) != 0 &&
			has_privs_of_role(role, grants[i].role) &&
			rolehold_is_held(&role_column, grants[i].role))
			return true;
	}
	return false;
}

/*
 * Whether a key can be used.
 */
bool
kmskey_usable(const KmsKey *key, Oid role, int operation, SqsError *error)
{
	if (key == NULL)
		*error = SQS_KMS_NOT_FOUND;
	else if (!kmskey_granted(key, role, operation))
		*error = SQS_KMS_ACCESS_DENIED;
	else if (key->state == KMSKEY_DISABLED)
		*error = SQS_KMS_DISABLED;
	else if (key->state == KMSKEY_PENDING_DELETION)
		*error = SQS_KMS_INVALID_STATE;
	else
		return true;
	return false;
}

/*
 * The words of errors.
 */
const char *
kmskey_error_message(SqsError error)
{
	switch (error)
	{
		case SQS_KMS_NOT_FOUND:
			return gettext_noop("encryption key does not exist");
		case SQS_KMS_ACCESS_DENIED:
			return gettext_noop("permission denied for encryption key");
		case SQS_KMS_DISABLED:
			return gettext_noop("encryption key is disabled");
		default:
			return gettext_noop("encryption key is pending deletion");
	}
}

const char *
kmskey_error_detail(SqsError error)
{
	switch (error)
	{
		case SQS_KMS_NOT_FOUND:
			return "The request was rejected because the specified entity or resource could not be found.";
		case SQS_KMS_ACCESS_DENIED:
			return "The caller doesn't have the required KMS access.";
		case SQS_KMS_DISABLED:
			return "The request was denied because the specified KMS key isn't enabled.";
		case SQS_KMS_INVALID_KEY_USAGE:
			return "The request was rejected because the key cannot be used for this operation.";
		case SQS_KMS_OPT_IN_REQUIRED:
			return "The caller has no access to the service that has the key.";
		case SQS_KMS_THROTTLED:
			return "The request was denied because the service that has the key is busy.";
		default:
			return "The request was rejected because the state of the specified resource is not valid for this request.";
	}
}

/*
 * The lock that changes need.
 */
void
kmskey_lock(void)
{
	LockDatabaseObject(RelationRelationId, catalog_relation(KEYS), Anum_keys_key_id,
					   ExclusiveLock);
	AcceptInvalidationMessages();
}

/*
 * Note that keys have changed.
 */
static void
keys_changed(void)
{
	catalog_invalidate();
	CommandCounterIncrement();
}

/*
 * Add a key.
 */
void
kmskey_insert(const KmsKey *key, Datum provider, Datum config)
{
	Relation	rel = table_open(catalog_relation(KEYS), RowExclusiveLock);
	Datum		values[Natts_keys];
	bool		nulls[Natts_keys] = {0};

	values[COLUMN(key_id)] = UUIDPGetDatum(&key->key_id);
	values[COLUMN(account_id)] = CStringGetTextDatum(key->account_id);
	values[COLUMN(alias)] = CStringGetTextDatum(key->alias);
	values[COLUMN(provider)] = provider;
	values[COLUMN(config)] = config;
	values[COLUMN(state)] = CStringGetTextDatum(kmskey_state_name(key->state));
	values[COLUMN(version)] = Int32GetDatum(key->version);
	values[COLUMN(created_at)] = TimestampTzGetDatum(key->created_at);
	nulls[COLUMN(rotated_at)] = true;
	CatalogTupleInsert(rel, heap_form_tuple(RelationGetDescr(rel), values, nulls));
	table_close(rel, NoLock);
	keys_changed();
}

/*
 * Change columns of a key's row, which is there: it was found under the lock.
 */
static void
key_update(const KmsKey *key, Datum *values, bool *replaces)
{
	Relation	rel = table_open(catalog_relation(KEYS), RowExclusiveLock);
	bool		nulls[Natts_keys] = {0};
	ScanKeyData scankey;
	HeapTuple	row;

	ScanKeyInit(&scankey, Anum_keys_key_id, BTEqualStrategyNumber, F_UUID_EQ,
				UUIDPGetDatum(&key->key_id));
	row = catalog_scan_one(rel, catalog_relation(KEYS "_pkey"), &scankey, 1);
	if (row == NULL)
		elog(ERROR, "encryption key \"%s\" vanished", key->alias);
	CatalogTupleUpdate(rel, &row->t_self,
					   heap_modify_tuple(row, RelationGetDescr(rel), values, nulls, replaces));
	table_close(rel, NoLock);
	keys_changed();
}

/*
 * Change a key's state.
 */
void
kmskey_set_state(const KmsKey *key, KmsState state)
{
	Datum		values[Natts_keys] = {0};
	bool		replaces[Natts_keys] = {0};

	values[COLUMN(state)] = CStringGetTextDatum(kmskey_state_name(state));
	replaces[COLUMN(state)] = true;
	key_update(key, values, replaces);
}

/*
 * Note a rotation.
 */
void
kmskey_set_rotated(const KmsKey *key, TimestampTz now)
{
	Datum		values[Natts_keys] = {0};
	bool		replaces[Natts_keys] = {0};

	values[COLUMN(version)] = Int32GetDatum(key->version + 1);
	values[COLUMN(rotated_at)] = TimestampTzGetDatum(now);
	replaces[COLUMN(version)] = replaces[COLUMN(rotated_at)] = true;
	key_update(key, values, replaces);
}

/*
 * Delete the grants of a role, of one key or, if that is NULL, of all.
 */
static void
grants_delete(Relation rel, const KmsKey *key, Oid role)
{
	SysScanDesc scan;
	HeapTuple	row;

	scan = systable_beginscan(rel, InvalidOid, false, catalog_snapshot(), 0, NULL);
	while (HeapTupleIsValid(row = systable_getnext(scan)))
	{
		KmsGrant	grant;

		grant_from_row(RelationGetDescr(rel), row, &grant);
		if (grant.role == role && (key == NULL || same_id(&grant.key_id, &key->key_id)))
			CatalogTupleDelete(rel, &row->t_self);
	}
	systable_endscan(scan);
	CommandCounterIncrement();
}

/*
 * Whether a role has a grant.
 */
static bool
has_grants(Oid role)
{
	cache_refresh();
	for (int i = 0; i < grant_count; i++)
		if (grants[i].role == role)
			return true;
	return false;
}

/*
 * Grant a role these operations with a key, and no others; 0: none.  The role is
 * held while it has grants.
 */
void
kmskey_grant(const KmsKey *key, Oid role, int operations)
{
	const KmsKey copy = *key;
	Relation	rel = table_open(catalog_relation(GRANTS), RowExclusiveLock);
	bool		held = rolehold_is_held(&role_column, role);
	Datum		values[Natts_key_grants];
	bool		nulls[Natts_key_grants] = {0};
	Datum		names[2];
	int			count = 0;

	/* what a role that was not held has left is not this one's */
	grants_delete(rel, held ? &copy : NULL, role);
	if (operations != 0)
	{
		if (!held)
			rolehold_set(&role_column, role, true);
		if ((operations & KMSKEY_ENCRYPT) != 0)
			names[count++] = CStringGetTextDatum("Encrypt");
		if ((operations & KMSKEY_DECRYPT) != 0)
			names[count++] = CStringGetTextDatum("Decrypt");
		values[GRANT_COLUMN(key_id)] = UUIDPGetDatum(&copy.key_id);
		values[GRANT_COLUMN(role)] = ObjectIdGetDatum(role);
		values[GRANT_COLUMN(operations)] = PointerGetDatum(construct_array(names, count, TEXTOID, -1,
																		   false, TYPALIGN_INT));
		CatalogTupleInsert(rel, heap_form_tuple(RelationGetDescr(rel), values, nulls));
	}
	table_close(rel, NoLock);
	keys_changed();
	if (operations == 0 && held && !has_grants(role))
		rolehold_set(&role_column, role, false);
}
