/*-------------------------------------------------------------------------
 *
 * access.c
 *		What policies, and the ownership of queues, say to a request.
 *
 * Superusers may do everything: they are to policies what they are to GRANT,
 * and so they repair what locks an owner out.  For all others:
 *
 *	1. What a policy denies, of the queue or of one that applies to the role, is
 *	   denied, to the owner as well.
 *	2. Who has the privileges of the queue's owner may do everything, whatever
 *	   the account.  That is what membership is in PostgreSQL: who has it could
 *	   as well become the owner.
 *	3. Within the queue's account it is enough that one of the policies allows.
 *	4. Across accounts both have to, and some actions are not for others at all.
 *
 * A policy that cannot be read denies: nobody knows what it was to keep out.
 *
 * The cache.  A decision is kept, by role, queue and action, if it has to do
 * with nothing that may be different at the next call: while it is made, keys of
 * the request are looked up, and one that is not as constant as the role is
 * noted (is_constant).  All decisions go when a queue changes, a role's policy,
 * a role or a membership; and each is good for the account that the role had.
 * So are the policies of queues, which are parsed once.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "access.h"
#include "account.h"
#include "compat.h"
#include "rolepolicy.h"
#include "settings.h"

/* With more decisions, or policies, than this in the cache, it starts anew */
#define DECISIONS_MAX 65536
#define POLICIES_MAX 1024

/* Room for the name of an action: none is longer than 26 characters */
#define ACTION_MAX 28

/* What only the owner's account can do; SQS, "API permissions" */
static const char *const actions_for_account[] = {
	"AddPermission", "CancelMessageMoveTask", "CreateQueue", "DeleteQueue",
	"ListMessageMoveTasks", "ListQueues", "ListQueueTags", "RemovePermission",
	"SetQueueAttributes", "StartMessageMoveTask", "TagQueue", "UntagQueue"
};

typedef struct DecisionKey
{
	int64		queue_id;
	Oid			role;
	char		action[ACTION_MAX];
} DecisionKey;

typedef struct CachedDecision
{
	DecisionKey key;
	char		account[ACCOUNT_ID_LENGTH + 1]; /* of the role */
	bool		allowed;
} CachedDecision;

typedef struct CachedPolicy
{
	int64		queue_id;		/* key */
	IamPolicy  *policy;			/* NULL: it cannot be read */
} CachedPolicy;

static MemoryContext cache_context = NULL;
static HTAB *decisions = NULL;
static HTAB *policies = NULL;
static uint64 queues_generation;
static uint64 roles_generation;
static char *cached_region;

/* What is needed while one decision is made; reset before the next one */
static MemoryContext work_context = NULL;

/*
 * Make sure that there is a cache, and that what it has is as of now.
 */
static void
cache_refresh(void)
{
	HASHCTL		ctl;
	uint64		generation = rolepolicy_generation();

	if (cache_context != NULL && queues_generation == catalog_generation() &&
		roles_generation == generation && strcmp(cached_region, setting_region) == 0 &&
		hash_get_num_entries(decisions) < DECISIONS_MAX &&
		hash_get_num_entries(policies) < POLICIES_MAX)
		return;
	if (cache_context == NULL)
		cache_context = AllocSetContextCreate(CacheMemoryContext, "queue access",
											  ALLOCSET_DEFAULT_SIZES);
	queues_generation = 0;
	MemoryContextReset(cache_context);
	cached_region = MemoryContextStrdup(cache_context, setting_region);
	ctl.hcxt = cache_context;
	ctl.keysize = sizeof(DecisionKey);
	ctl.entrysize = sizeof(CachedDecision);
	decisions = hash_create("decisions", 256, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	ctl.keysize = sizeof(int64);
	ctl.entrysize = sizeof(CachedPolicy);
	policies = hash_create("policies by queue", 64, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	roles_generation = generation;
	queues_generation = catalog_generation();
}

void
access_queue_name(const Queue *queue, QueueName *name)
{
	memset(name, 0, sizeof(QueueName));
	strlcpy(name->account_id, queue->account_id, sizeof(name->account_id));
	strlcpy(name->queue_name, queue->queue_name, sizeof(name->queue_name));
}

/*
 * The ARN of a role; one that is gone has its number for a name.
 */
char *
access_role_arn(Oid role)
{
	char	   *name = GetUserNameFromId(role, true);
	IamPrincipal principal = {IAM_ROLE, account_of_role(role),
	name != NULL ? name : psprintf("%u", role)};

	return iampolicy_principal_arn(&principal);
}

/*
 * The policy of a queue, from the cache, or NULL if it cannot be read.
 */
static const IamPolicy *
queue_policy(const Queue *queue)
{
	CachedPolicy *cached = hash_search(policies, &queue->queue_id, HASH_FIND, NULL);
	Datum		values[Natts_queues];
	bool		nulls[Natts_queues];
	IamPolicy  *policy = NULL;

	if (cached != NULL)
		return cached->policy;
	if (catalog_fetch(queue->queue_id, values, nulls) && !nulls[Anum_queues_policy - 1])
	{
		char	   *json = TextDatumGetCString(values[Anum_queues_policy - 1]);
		IamProblem	problem;
		MemoryContext old_context = MemoryContextSwitchTo(cache_context);

		policy = iampolicy_parse(json, strlen(json), GetDatabaseEncoding(),
								 IAM_QUEUE_POLICY, &problem);
		MemoryContextSwitchTo(old_context);
	}
	cached = hash_search(policies, &queue->queue_id, HASH_ENTER, NULL);
	cached->policy = policy;
	return policy;
}

/*
 * Whether the role has the privileges of another, of an account.
 */
static bool
stands_for(const IamRequest *iam, const char *account, const char *name)
{
	ContextKeys *keys = iam->arg;
	Oid			other = strlen(name) < NAMEDATALEN ? get_role_oid(name, true) : InvalidOid;

	if (!OidIsValid(other) || !has_privs_of_role(keys->request->role, other))
		return false;

	/* which account the other role is in may change */
	keys->is_constant = false;
	return strcmp(account_of_role(other), account) == 0;
}

bool
access_is_for_account(const char *action)
{
	for (int i = 0; i < lengthof(actions_for_account); i++)
		if (strcmp(actions_for_account[i], action) == 0)
			return true;
	return false;
}

/*
 * What the policies that apply to the role say.
 */
static IamDecision
ask_role(const AccessRequest *request, const IamRequest *iam, AccessDecision *decision)
{
	int			count;
	const AppliedPolicy *applied = rolepolicy_of(request->role, &count);
	IamDecision result = IAM_NOT_DECIDED;

	for (int i = 0; i < count; i++)
	{
		IamDecision one = IAM_DENIED;
		int			statement = -1;

		if (applied[i].policy != NULL)
			one = iampolicy_evaluate(applied[i].policy, iam, &statement);
		if (one == IAM_NOT_DECIDED ||
			(one == IAM_ALLOWED && (applied[i].is_void || result == IAM_ALLOWED)))
			continue;
		result = one;
		decision->policy_role = applied[i].role;
		decision->policy_name = applied[i].policy_name;
		decision->statement = statement;
		if (one == IAM_DENIED)
			break;
	}
	return result;
}

static void
decide(AccessDecision *decision, bool allowed, AccessReason reason)
{
	decision->allowed = allowed;
	decision->reason = reason;
}

/*
 * Whether what is no policy gives the role what it wants.
 */
static bool
has_privilege(const AccessRequest *request)
{
	if (request->queue != NULL)
		return has_privs_of_role(request->role, request->queue->owner);
	return strcmp(request->action, "CreateQueue") == 0 &&
		compat_namespace_aclcheck(catalog_namespace(), request->role, ACL_CREATE) == ACLCHECK_OK;
}

/*
 * Decide a request of a role that is no superuser.
 */
static void
decide_request(const AccessRequest *request, const IamRequest *iam, AccessDecision *decision)
{
	const Queue *queue = request->queue;
	bool		same_account = strcmp(iam->principal.account, request->name->account_id) == 0;
	AccessDecision by_role = {.statement = -1};
	IamDecision role = ask_role(request, iam, &by_role);
	IamDecision resource = IAM_NOT_DECIDED;
	int			statement = -1;

	memset(decision, 0, sizeof(AccessDecision));
	decision->statement = -1;
	if (role == IAM_DENIED)
	{
		*decision = by_role;
		decide(decision, false, DENIED_BY_IDENTITY_POLICY);
		return;
	}
	if (queue != NULL && queue->has_policy)
	{
		const IamPolicy *policy = queue_policy(queue);

		resource = policy == NULL ? IAM_DENIED : iampolicy_evaluate(policy, iam, &statement);
	}
	if (resource == IAM_DENIED)
	{
		decision->statement = statement;
		decide(decision, false, DENIED_BY_QUEUE_POLICY);
		return;
	}
	if (has_privilege(request))
	{
		decide(decision, true, ACCESS_BY_PRIVILEGE);
		return;
	}
	if (same_account && role == IAM_ALLOWED)
	{
		*decision = by_role;
		decide(decision, true, ACCESS_BY_IDENTITY_POLICY);
		return;
	}
	if (resource != IAM_ALLOWED || (!same_account && access_is_for_account(request->action)))
		decide(decision, false, same_account ? NO_IDENTITY_POLICY : NO_QUEUE_POLICY);
	else if (!same_account && role != IAM_ALLOWED)
		decide(decision, false, NO_IDENTITY_POLICY);
	else
	{
		decision->statement = statement;
		decide(decision, true, ACCESS_BY_QUEUE_POLICY);
	}
}

/*
 * Decide a request, in the context for work.  Returns whether the next of the
 * kind would be decided the same way.
 */
static bool
decide_in_context(const AccessRequest *request, AccessDecision *decision)
{
	char	   *name = GetUserNameFromId(request->role, true);
	ContextKeys keys = {.request = request,.is_constant = true};
	IamRequest	iam = {
		.principal = {IAM_ROLE, pstrdup(account_of_role(request->role)), name},
		.action = request->action,
		.resource = names_arn(request->name->account_id,
							  request->name->queue_name[0] == '\0' ? "*" : request->name->queue_name),
		.stands_for = stands_for,
		.key = contextkeys_values,
		.arg = &keys
	};

	/* a role that is gone can do nothing */
	if (name == NULL)
	{
		memset(decision, 0, sizeof(AccessDecision));
		decision->statement = -1;
		decide(decision, false, NO_IDENTITY_POLICY);
		return false;
	}
	decide_request(request, &iam, decision);
	return keys.is_constant;
}

/*
 * Begin and end the making of a decision.  What it takes is freed as a whole,
 * after an error by the next one.
 */
static MemoryContext
work_begin(void)
{
	if (work_context == NULL)
		work_context = AllocSetContextCreate(TopMemoryContext, "queue access decision",
											 ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(work_context);
	return MemoryContextSwitchTo(work_context);
}

static void
work_end(MemoryContext old_context)
{
	MemoryContextSwitchTo(old_context);
	MemoryContextReset(work_context);
}

/*
 * Decide a request, with the reasons.
 */
void
access_decide(const AccessRequest *request, AccessDecision *decision)
{
	MemoryContext old_context;

	if (superuser_arg(request->role))
	{
		memset(decision, 0, sizeof(AccessDecision));
		decision->statement = -1;
		decide(decision, true, ACCESS_BY_SUPERUSER);
		return;
	}
	cache_refresh();
	old_context = work_begin();
	(void) decide_in_context(request, decision);
	if (decision->policy_name != NULL)
		decision->policy_name = MemoryContextStrdup(old_context, decision->policy_name);
	work_end(old_context);
}

/*
 * Decide by the policies there are, or remember what was decided.
 */
static bool
allowed_by_policies(Oid role, const Queue *queue, const char *action)
{
	DecisionKey key;
	CachedDecision *cached;
	char		account[ACCOUNT_ID_LENGTH + 1];
	QueueName	name;
	AccessRequest request = {.role = role,.queue = queue,.action = action,.name = &name};
	AccessDecision decision;
	MemoryContext old_context;
	bool		is_constant;

	if (superuser_arg(role))
		return true;
	cache_refresh();
	memset(&key, 0, sizeof(key));
	key.queue_id = queue->queue_id;
	key.role = role;
	strlcpy(key.action, action, sizeof(key.action));
	strlcpy(account, account_of_role(role), sizeof(account));
	cached = hash_search(decisions, &key, HASH_FIND, NULL);
	if (cached != NULL && strcmp(cached->account, account) == 0)
		return cached->allowed;

	old_context = work_begin();
	access_queue_name(queue, &name);
	is_constant = decide_in_context(&request, &decision);
	work_end(old_context);
	if (is_constant)
	{
		cached = hash_search(decisions, &key, HASH_ENTER, NULL);
		strlcpy(cached->account, account, sizeof(cached->account));
		cached->allowed = decision.allowed;
	}
	return decision.allowed;
}

/*
 * Whether a role may do something with a queue.
 */
bool
access_allows(Oid role, const Queue *queue, const char *action)
{
	if (!queue->has_policy && !rolepolicy_any())
		return has_privs_of_role(role, queue->owner);
	return allowed_by_policies(role, queue, action);
}

static bool
stands_for_nobody(const IamRequest *iam, const char *account, const char *name)
{
	return false;
}

/*
 * Whether a service may do something with a queue.
 */
bool
access_service_allows(const char *service, const char *source_arn,
					  const char *source_account, const Queue *queue, const char *action)
{
	QueueName	name;
	AccessRequest request = {.queue = queue,.action = action,.name = &name,
	.service = service,.source_arn = source_arn,.source_account = source_account};
	ContextKeys keys = {.request = &request};
	IamRequest	iam = {.principal = {IAM_SERVICE, NULL, service},.action = action,
	.stands_for = stands_for_nobody,.key = contextkeys_values,.arg = &keys};
	const IamPolicy *policy;
	IamDecision decision = IAM_NOT_DECIDED;
	MemoryContext old_context;
	int			statement;

	if (!queue->has_policy)
		return false;
	cache_refresh();
	old_context = work_begin();
	access_queue_name(queue, &name);
	iam.resource = names_arn(name.account_id, name.queue_name);
	policy = queue_policy(queue);
	if (policy != NULL)
		decision = iampolicy_evaluate(policy, &iam, &statement);
	work_end(old_context);
	return decision == IAM_ALLOWED;
}
