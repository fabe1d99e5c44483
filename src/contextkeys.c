/*-------------------------------------------------------------------------
 *
 * contextkeys.c
 *		The keys of a request's context, which conditions of policies compare.
 *
 * The names are AWS's.  Keys that say something of the way in which somebody
 * signed in to AWS, of an organization or a virtual network, do not exist here:
 * they are absent from every request, as they are in AWS where they do not
 * apply.  The values of a simulation come first.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "contextkeys.h"
#include "iampolicy.h"
#include "requestcontext.h"
#include "settings.h"
#include "tagset.h"

#define REQUEST_TAG "aws:RequestTag/"
#define RESOURCE_TAG "aws:ResourceTag/"

typedef enum KeyKind
{
	KEY_CURRENT_TIME,
	KEY_EPOCH_TIME,
	KEY_SECURE_TRANSPORT,
	KEY_SOURCE_IP,
	KEY_USER_AGENT,
	KEY_TAG_KEYS,
	KEY_SOURCE_ARN,
	KEY_SOURCE_ACCOUNT,
	KEY_SERVICE_NAME,
	KEY_PRINCIPAL_ARN,			/* constant, as those below */
	KEY_PRINCIPAL_ACCOUNT,
	KEY_PRINCIPAL_TYPE,
	KEY_PRINCIPAL_IS_SERVICE,
	KEY_USERNAME,
	KEY_USERID,
	KEY_REQUESTED_REGION,
	KEY_RESOURCE_ACCOUNT
} KeyKind;

typedef struct KeyInfo
{
	const char *name;
	KeyKind		kind;
} KeyInfo;

static const KeyInfo key_infos[] = {
	{"aws:CurrentTime", KEY_CURRENT_TIME},
	{"aws:EpochTime", KEY_EPOCH_TIME},
	{"aws:SecureTransport", KEY_SECURE_TRANSPORT},
	{"aws:SourceIp", KEY_SOURCE_IP},
	{"aws:UserAgent", KEY_USER_AGENT},
	{"aws:TagKeys", KEY_TAG_KEYS},
	{"aws:SourceArn", KEY_SOURCE_ARN},
	{"aws:SourceAccount", KEY_SOURCE_ACCOUNT},
	{"aws:PrincipalServiceName", KEY_SERVICE_NAME},
	{"aws:PrincipalArn", KEY_PRINCIPAL_ARN},
	{"aws:PrincipalAccount", KEY_PRINCIPAL_ACCOUNT},
	{"aws:PrincipalType", KEY_PRINCIPAL_TYPE},
	{"aws:PrincipalIsAWSService", KEY_PRINCIPAL_IS_SERVICE},
	{"aws:username", KEY_USERNAME},
	{"aws:userid", KEY_USERID},
	{"aws:RequestedRegion", KEY_REQUESTED_REGION},
	{"aws:ResourceAccount", KEY_RESOURCE_ACCOUNT}
};

static void
add_value(IamValues *values, const char *value)
{
	if (values->values == NULL)
		values->values = palloc(sizeof(char *));
	else
		values->values = repalloc(values->values, (values->count + 1) * sizeof(char *));
	values->values[values->count++] = value;
}

/*
 * A value of a map, which is a scalar, as text; NULL for null, and for others.
 */
static char *
scalar_text(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvString:
			return pnstrdup(value->val.string.val, value->val.string.len);
		case jbvNumeric:
			return numeric_normalize(value->val.numeric);
		case jbvBool:
			return value->val.boolean ? "true" : "false";
		default:
			return NULL;
	}
}

/*
 * The values of one member of a map, an array or a scalar.
 */
static void
add_member(IamValues *values, const JsonbValue *member)
{
	char	   *text = scalar_text(member);
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	element;

	if (text !=NULL)
		add_value(values, text);
	if (member->type != jbvBinary || !JsonContainerIsArray(member->val.binary.data))
		return;
	iterator = JsonbIteratorInit(member->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE)
		if (token == WJB_ELEM && (text = scalar_text(&element)) !=NULL)
			add_value(values, text);
}

/*
 * Look up a member of a map by its name, or, without one, collect the names.
 * Case does not matter, so several members may have the name.  Returns whether
 * there is one.
 */
static bool
search_map(Jsonb *map, const char *name, IamValues *values)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;
	bool		here = false;
	bool		found = false;

	if (map == NULL || !JB_ROOT_IS_OBJECT(map))
		return false;
	iterator = JsonbIteratorInit(&map->root);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			char	   *key = pnstrdup(value.val.string.val, value.val.string.len);

			here = name != NULL && pg_strcasecmp(key, name) == 0;
			found |= here;
			if (name == NULL)
				add_value(values, key);
		}
		else if (token == WJB_VALUE && here)
			add_member(values, &value);
	}
	return found;
}

/*
 * The keys of the tags that a call brings along.
 */
static void
add_tag_keys(IamValues *values, const AccessRequest *request)
{
	Datum	   *keys;
	bool	   *nulls;
	int			count;

	(void) search_map(request->tags, NULL, values);
	if (request->tag_keys == NULL)
		return;
	deconstruct_array(request->tag_keys, TEXTOID, -1, false, TYPALIGN_INT,
					  &keys, &nulls, &count);
	for (int i = 0; i < count; i++)
		if (!nulls[i])
			add_value(values, TextDatumGetCString(keys[i]));
}

/*
 * The tags of the queue that have a key.
 */
static void
add_resource_tags(IamValues *values, const AccessRequest *request, const char *key)
{
	TagSet		set;

	if (request->queue == NULL)
		return;
	tagset_read(request->queue->queue_id, &set);
	for (int i = 0; i < set.count; i++)
		if (pg_strcasecmp(set.tags[i].key, key) == 0)
			add_value(values, set.tags[i].value);
}

/*
 * A time by ISO 8601.
 */
static char *
format_time(TimestampTz time)
{
	struct pg_tm tm;
	fsec_t		fsec;

	if (timestamp2tm(time, NULL, &tm, &fsec, NULL, NULL) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	return psprintf("%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", tm.tm_year, tm.tm_mon, tm.tm_mday,
					tm.tm_hour, tm.tm_min, tm.tm_sec, fsec);
}

static int64
epoch_seconds(TimestampTz time)
{
	return time / USECS_PER_SEC +
		(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (int64) SECS_PER_DAY;
}

/*
 * The value of a key that has one, or NULL.
 */
static const char *
key_value(KeyKind kind, const AccessRequest *request, const IamPrincipal *principal)
{
	switch (kind)
	{
		case KEY_CURRENT_TIME:
			return format_time(GetCurrentTimestamp());
		case KEY_EPOCH_TIME:
			return psprintf(INT64_FORMAT, epoch_seconds(GetCurrentTimestamp()));
		case KEY_SECURE_TRANSPORT:
			return request->service != NULL || request_context_secure() ? "true" : "false";
		case KEY_SOURCE_IP:
			return request->service != NULL ? NULL : request_context_source_ip();
		case KEY_USER_AGENT:
			return request->service != NULL ? NULL : request_context_user_agent();
		case KEY_TAG_KEYS:
			break;
		case KEY_SOURCE_ARN:
			return request->source_arn;
		case KEY_SOURCE_ACCOUNT:
			return request->source_account;
		case KEY_SERVICE_NAME:
			return request->service;
		case KEY_PRINCIPAL_ARN:
			return request->service != NULL ? NULL : iampolicy_principal_arn(principal);
		case KEY_PRINCIPAL_ACCOUNT:
			return principal->account;
		case KEY_PRINCIPAL_TYPE:
			return request->service != NULL ? "Service" : "AssumedRole";
		case KEY_PRINCIPAL_IS_SERVICE:
			return request->service != NULL ? "true" : "false";
		case KEY_USERNAME:
			return request->service != NULL ? NULL : principal->name;
		case KEY_USERID:
			return request->service != NULL ? NULL : psprintf("%u", request->role);
		case KEY_REQUESTED_REGION:
			return setting_region;
		case KEY_RESOURCE_ACCOUNT:
			return request->name->account_id;
	}
	return NULL;
}

/*
 * Look a key up.
 */
static bool
look_up(const IamRequest *iam, const char *name, IamValues *values)
{
	ContextKeys *keys = iam->arg;
	const AccessRequest *request = keys->request;

	values->count = 0;
	values->values = NULL;
	if (search_map(request->context, name, values))
		return values->count > 0;

	for (int i = 0; i < lengthof(key_infos); i++)
	{
		const char *value;

		if (pg_strcasecmp(key_infos[i].name, name) != 0)
			continue;
		if (key_infos[i].kind < KEY_PRINCIPAL_ARN)
			keys->is_constant = false;
		if (key_infos[i].kind == KEY_TAG_KEYS)
			add_tag_keys(values, request);
		value = key_value(key_infos[i].kind, request, &iam->principal);
		if (value != NULL)
			add_value(values, value);
		return values->count > 0;
	}
	if (pg_strncasecmp(name, REQUEST_TAG, strlen(REQUEST_TAG)) == 0)
	{
		keys->is_constant = false;
		return search_map(request->tags, name + strlen(REQUEST_TAG), values) &&
			values->count > 0;
	}
	if (pg_strncasecmp(name, RESOURCE_TAG, strlen(RESOURCE_TAG)) == 0)
	{
		keys->is_constant = false;
		add_resource_tags(values, request, name + strlen(RESOURCE_TAG));
	}
	return values->count > 0;
}

/*
 * The values of a key.
 */
bool
contextkeys_values(const IamRequest *iam, const char *name, IamValues *values)
{
	ContextKeys *keys = iam->arg;
	bool		exists;

	for (int i = 0; i < keys->count; i++)
	{
		if (strcmp(keys->kept[i].name, name) != 0)
			continue;
		*values = keys->kept[i].values;
		return keys->kept[i].exists;
	}
	exists = look_up(iam, name, values);
	if (keys->count < CONTEXT_KEYS_KEPT)
	{
		ContextKey *kept = &keys->kept[keys->count++];

		kept->name = name;
		kept->exists = exists;
		kept->values = *values;
	}
	return exists;
}
