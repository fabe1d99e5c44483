/*-------------------------------------------------------------------------
 *
 * iampolicy.c
 *		Policies: documents in IAM's language, and what they say to a request.
 *
 * A document is checked as a whole when it is set: what this file does not
 * know is refused, for a statement that is not understood must not be one that
 * denies nothing.  So are principals that nobody can be here: users of other
 * identity providers, sessions, and patterns of names.
 *
 * The service of an action is "sqs".  A queue's policy may have no other; those
 * of an identity may, as they do in IAM, and such actions match none of ours.
 *
 * Whoever evaluates looks at all that denies before what allows counts, and at
 * nothing more than needed: a condition may cost something to look up.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FRONTEND
#include "postgres.h"
#else
#include "postgres_fe.h"
#endif

#include "iamcondition.h"
#include "iampolicy.h"

#define SERVICE "sqs:"
#define BATCH_SUFFIX "Batch"
#define ACCOUNT_LENGTH 12

/* Quotas of an Amazon SQS policy */
#define STATEMENTS_MAX 20
#define PRINCIPALS_MAX 50
#define CONDITIONS_MAX 10

/* What a queue's policy can be about; the forms for batches have no names */
static const char *const sqs_actions[] = {
	"AddPermission", "CancelMessageMoveTask", "ChangeMessageVisibility",
	"CreateQueue", "DeleteMessage", "DeleteQueue", "GetQueueAttributes",
	"GetQueueUrl", "ListDeadLetterSourceQueues", "ListMessageMoveTasks",
	"ListQueues", "ListQueueTags", "PurgeQueue", "ReceiveMessage",
	"RemovePermission", "SendMessage", "SetQueueAttributes",
	"StartMessageMoveTask", "TagQueue", "UntagQueue"
};

typedef enum PrincipalForm
{
	EVERYBODY,					/* "*" */
	ACCOUNT,					/* all roles of an account */
	ROLE,						/* one, and those that have its privileges */
	SERVICE_PRINCIPAL
} PrincipalForm;

typedef struct StatementPrincipal
{
	PrincipalForm form;
	char		account[ACCOUNT_LENGTH + 1];
	const char *name;			/* of a role or service */
} StatementPrincipal;

struct IamStatement
{
	bool		allows;			/* else it denies */
	bool		is_not_principal;
	bool		is_not_resource;
	int			principal_count;
	StatementPrincipal *principals;
	uint32		actions;		/* a bit for each of sqs_actions */
	int			resource_count;
	IamText    *resources;
	int			condition_count;
	IamCondition *conditions;
};

/* What the functions below need to know of a document that is being read */
typedef struct PolicyState
{
	IamPolicyKind kind;
	bool		variables;		/* the version has them */
	int			statement;		/* number of the present one, from 1; 0: none */
	int			principals;		/* in all statements */
	int			conditions;
	IamProblem *problem;
} PolicyState;

/*
 * Note what is wrong, and return false.
 */
static bool
refuse(PolicyState *state, const char *text)
{
	state->problem->text = state->statement == 0 ? text :
				psprintf("Statement %d: %s", state->statement, text);

	return false;
}

static bool
refuse_limit(PolicyState *state, int count, const char *things, int maximum)
{
	state->problem->over_limit = true;
	state->problem->text = psprintf("%d %s were found, maximum allowed is %d.",
									count, things, maximum);
	return false;
}

/*
 * The values of an element that is a string or an array of strings: the first,
 * and how many.
 */
static bool
strings(PolicyState *state, const IamNode *node, const IamNode **first, int *count)
{
	*first = node->kind == IAM_NODE_ARRAY ? node->first : node;
	*count = node->kind == IAM_NODE_ARRAY ? node->count : 1;
	if (*count == 0)
		return refuse(state, psprintf("%s must not be empty.", iamcondition_quote(node->name)));
	for (const IamNode *value = *first; value != NULL; value = value->next)
	{
		if (value->kind != IAM_NODE_STRING)
			return refuse(state, psprintf("%s must be a string or an array of strings.",
										  iamcondition_quote(node->name)));
		if (node->kind != IAM_NODE_ARRAY)
			break;
	}
	return true;
}

static bool
is_account(const char *text, size_t length)
{
	return length == ACCOUNT_LENGTH && strspn(text, "0123456789") >= ACCOUNT_LENGTH;
}

/*
 * Read a principal of AWS: an account, by number or as its root; a role or user.
 */
static bool
parse_aws_principal(const char *text, StatementPrincipal *principal)
{
	const char *account;
	const char *name;

	if (strcmp(text, "*") == 0)
	{
		principal->form = EVERYBODY;
		return true;
	}
	principal->form = ACCOUNT;
	account = text;

	if (!is_account(text, strlen(text)))
	{
		/* arn:partition:iam::account:name */
		if (!iammatch_is_arn(text))
			return false;
		account = strchr(text +strlen("arn:"), ':');
		if (account == NULL || strncmp(account, ":iam::", strlen(":iam::")) != 0)
			return false;
		account += strlen(":iam::");
		name = strchr(account, ':');
		if (name == NULL || !is_account(account, name - account))
			return false;
		name++;
		if (strcmp(name, "root") != 0)
		{
			principal->form = ROLE;
			principal->name = strchr(name, '/');
			if (principal->name == NULL || principal->name[1] == '\0')
				return false;
			if (strncmp(name, "role/", strlen("role/")) != 0 &&
				strncmp(name, "user/", strlen("user/")) != 0)
				return false;
			principal->name++;
		}
	}
	memcpy(principal->account, account, ACCOUNT_LENGTH);
	return true;
}

/*
 * Read a service: a name with dots, such as sns.amazonaws.com.
 */
static bool
parse_service(const char *text, StatementPrincipal *principal)
{
	principal->form = SERVICE_PRINCIPAL;
	principal->name = text;

	return strchr(text, '.') != NULL &&
		strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == strlen(text);
}

/*
 * Add the principals of one kind.
 */
static bool
parse_principals(PolicyState *state, const IamNode *node, IamStatement *statement)
{
	bool		service = strcmp(node->name, "Service") == 0;
	const IamNode *value;
	int			count;

	if (!service && strcmp(node->name, "AWS") != 0)
		return refuse(state, psprintf("\"%s\" is not a kind of principal: it must be AWS or Service.",
									  iamcondition_quote(node->name)));
	if (!strings(state, node, &value, &count))
		return false;
	for (int i = 0; i < count; i++, value = value->next)
	{
		StatementPrincipal *principal = &statement->principals[statement->principal_count++];

		if (service ? !parse_service(value->text, principal) :
			!parse_aws_principal(value->text, principal))
			return refuse(state, psprintf("\"%s\" is not a principal: it must be %s.",
										  iamcondition_quote(value->text),
										  service ? "the name of a service" :
										  "*, an account, or the ARN of an account's root, a role or a user"));
	}
	return true;
}

/*
 * Read Principal or NotPrincipal.
 */
static bool
parse_principal(PolicyState *state, const IamNode *node, IamStatement *statement)
{
	int			total = 0;

	if (state->kind == IAM_IDENTITY_POLICY)
		return refuse(state, psprintf("%s is for the policies of queues; a role's policy is about the role.",
									  node->name));
	statement->is_not_principal = strcmp(node->name, "NotPrincipal") == 0;
	if (node->kind == IAM_NODE_STRING && strcmp(node->text, "*") == 0)
	{
		statement->principals = palloc0(sizeof(StatementPrincipal));
		statement->principals[0].form = EVERYBODY;
		statement->principal_count = 1;
	}
	else
	{
		if (node->kind != IAM_NODE_OBJECT || node->count == 0)
			return refuse(state, psprintf("%s must be \"*\" or an object such as {\"AWS\": \"*\"}.",
										  node->name));
		for (const IamNode *member = node->first; member != NULL; member = member->next)
			total += member->kind == IAM_NODE_ARRAY ? member->count : 1;
		statement->principals = palloc0((total + 1) * sizeof(StatementPrincipal));
		for (const IamNode *member = node->first; member != NULL; member = member->next)
			if (!parse_principals(state, member, statement))
				return false;
	}
	state->principals += statement->principal_count;
	return true;
}

/*
 * The actions that a pattern of names matches, a bit for each.
 */
static uint32
match_actions(const char *pattern)
{
	uint32		actions = 0;
	IamText		name;

	StaticAssertStmt(lengthof(sqs_actions) < 32, "an action has no bit");
	(void) iammatch_prepare(pattern, false, &name);
	for (int i = 0; i < lengthof(sqs_actions); i++)
		if (iammatch_glob(name.pattern, sqs_actions[i], true))
			actions |= (uint32) 1 << i;
	return actions;
}

/*
 * Read Action or NotAction.
 */
static bool
parse_actions(PolicyState *state, const IamNode *node, IamStatement *statement)
{
	const IamNode *value;
	int			count;

	if (!strings(state, node, &value, &count))
		return false;
	for (int i = 0; i < count; i++, value = value->next)
	{
		const char *action = value->text;
		const char *colon = strchr(action, ':');
		uint32		matched;

		if (strcmp(action, "*") == 0)
		{
			statement->actions |= match_actions("*");
			continue;
		}

		/* a service is a name, or an action that is meant would be none */
		if (colon == NULL || colon == action || colon[1] == '\0' ||
			strcspn(action, "*?") < (size_t) (colon - action))
			return refuse(state, psprintf("\"%s\" is not an action: it must have the form sqs:Name.",
										  iamcondition_quote(action)));
		if (pg_strncasecmp(action, SERVICE, strlen(SERVICE)) != 0)
		{
			if (state->kind == IAM_QUEUE_POLICY)
				return refuse(state, psprintf("Action \"%s\" is out of service scope: it must begin with sqs:.",
											  iamcondition_quote(action)));
			continue;
		}
		matched = match_actions(colon + 1);
		if (matched == 0)
			return refuse(state, psprintf("SQS has no action \"%s\" that a policy can be about.",
										  iamcondition_quote(colon + 1)));
		statement->actions |= matched;
	}
	if (strcmp(node->name, "NotAction") == 0)
		statement->actions = ~statement->actions;
	return true;
}

/*
 * Whether a text can be the pattern of an ARN: six parts, or an asterisk at the
 * end of one, which takes others as well.
 */
static bool
is_resource(const IamText *text)
{
	if (strcmp(text->text, "*") == 0 || text->has_variables)
		return true;
	return iammatch_is_arn(text->plain) ||
		(strncmp(text->plain, "arn:", 4) == 0 &&
		 (strstr(text->plain, "*:") != NULL || text->plain[strlen(text->plain) - 1] == '*'));
}

/*
 * Read Resource or NotResource.
 */
static bool
parse_resources(PolicyState *state, const IamNode *node, IamStatement *statement)
{
	const IamNode *value;
	int			count;

	if (!strings(state, node, &value, &count))
		return false;
	statement->is_not_resource = strcmp(node->name, "NotResource") == 0;
	statement->resources = palloc0(count * sizeof(IamText));
	for (; statement->resource_count < count; value = value->next)
	{
		IamText    *text = &statement->resources[statement->resource_count++];

		if (!iammatch_prepare(value->text, state->variables, text))
			return refuse(state, psprintf("\"%s\" has a malformed variable.",
										  iamcondition_quote(value->text)));
		if (!is_resource(text))
			return refuse(state, psprintf("\"%s\" is not a resource: it must be an ARN or *.",
										  iamcondition_quote(value->text)));
	}
	return true;
}

/*
 * Check a Sid: in IAM, letters and digits.  SQS takes more, but in one policy
 * none twice.
 */
static bool
parse_sid(PolicyState *state, const IamNode *node, const IamNode *statements)
{
	if (node->kind != IAM_NODE_STRING)
		return refuse(state, "Sid must be a string.");
	if (state->kind == IAM_IDENTITY_POLICY &&
		strspn(node->text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != strlen(node->text))
		return refuse(state, "Sid must be alphanumeric.");
	for (const IamNode *statement = statements->first; statement != NULL; statement = statement->next)
		for (const IamNode *member = statement->first; member != NULL; member = member->next)
			if (member != node && statement->kind == IAM_NODE_OBJECT &&
				strcmp(member->name, "Sid") == 0 && member->kind == IAM_NODE_STRING &&
				node->text[0] != '\0' && strcmp(member->text, node->text) == 0)
				return refuse(state, psprintf("Sid \"%s\" is that of another statement as well.",
											  iamcondition_quote(node->text)));
	return true;
}

/*
 * Read a statement's element by its name.
 */
static bool
parse_element(PolicyState *state, const IamNode *node, const IamNode *statements,
			  IamStatement *statement)
{
	const char *name = node->name;

	if (strcmp(name, "Sid") == 0)
		return parse_sid(state, node, statements);
	if (strcmp(name, "Effect") == 0)
	{
		statement->allows = node->kind == IAM_NODE_STRING && strcmp(node->text, "Allow") == 0;
		if (!statement->allows &&
			!(node->kind == IAM_NODE_STRING && strcmp(node->text, "Deny") == 0))
			return refuse(state, "Effect must be Allow or Deny.");
		return true;
	}
	if (strcmp(name, "Principal") == 0 || strcmp(name, "NotPrincipal") == 0)
		return parse_principal(state, node, statement);
	if (strcmp(name, "Action") == 0 || strcmp(name, "NotAction") == 0)
		return parse_actions(state, node, statement);
	if (strcmp(name, "Resource") == 0 || strcmp(name, "NotResource") == 0)
		return parse_resources(state, node, statement);
	if (strcmp(name, "Condition") == 0)
	{
		const char *problem;

		statement->conditions = iamcondition_parse(node, state->variables,
												   &statement->condition_count, &problem);
		if (statement->conditions == NULL)
			return refuse(state, problem);
		state->conditions += statement->condition_count;
		return true;
	}
	return refuse(state, psprintf("\"%s\" is not an element of a statement.", iamcondition_quote(name)));
}

/*
 * How many of two elements, of which there must be one, a statement has.
 */
static int
count_elements(const IamNode *node, const char *one, const char *other)
{
	int			count = 0;

	for (const IamNode *member = node->first; member != NULL; member = member->next)
		count += strcmp(member->name, one) == 0 || strcmp(member->name, other) == 0 ? 1 : 0;
	return count;
}

static bool
parse_statement(PolicyState *state, const IamNode *node, const IamNode *statements,
				IamStatement *statement)
{
	if (node->kind != IAM_NODE_OBJECT)
		return refuse(state, "It must be an object.");
	for (const IamNode *member = node->first; member != NULL; member = member->next)
		if (!parse_element(state, member, statements, statement))
			return false;
	if (count_elements(node, "Effect", "Effect") != 1)
		return refuse(state, "Effect is missing.");
	if (state->kind == IAM_QUEUE_POLICY && count_elements(node, "Principal", "NotPrincipal") != 1)
		return refuse(state, "It must have either Principal or NotPrincipal.");
	if (count_elements(node, "Action", "NotAction") != 1)
		return refuse(state, "It must have either Action or NotAction.");
	if (count_elements(node, "Resource", "NotResource") != 1)
		return refuse(state, "It must have either Resource or NotResource.");
	return true;
}

/*
 * Read the version, which says what the rest means.
 */
static bool
parse_version(PolicyState *state, const IamNode *root)
{
	for (const IamNode *member = root->first; member != NULL; member = member->next)
	{
		if (strcmp(member->name, "Version") != 0)
			continue;
		state->variables = member->kind == IAM_NODE_STRING &&
			strcmp(member->text, "2012-10-17") == 0;
		if (!state->variables &&
			!(member->kind == IAM_NODE_STRING && strcmp(member->text, "2008-10-17") == 0))
			return refuse(state, "Version must be 2012-10-17 or 2008-10-17.");
	}
	return true;
}

/*
 * Read the statements: one, or a list of them.
 */
static bool
parse_statements(PolicyState *state, const IamNode *node, IamPolicy *policy)
{
	IamNode		one = {.kind = IAM_NODE_ARRAY};
	int			count = node->count;

	if (node->kind == IAM_NODE_OBJECT)
	{
		/* the list of it alone: it has no next, for that is another member */
		IamNode    *copy = palloc(sizeof(IamNode));

		*copy = *node;
		copy->next = NULL;
		one.first = copy;
		node = &one;
		count = 1;
	}
	if (node->kind != IAM_NODE_ARRAY || count == 0)
		return refuse(state, "Statement must be an object or an array of objects.");
	policy->statements = palloc0(count * sizeof(IamStatement));
	for (const IamNode *statement = node->first; statement != NULL; statement = statement->next)
	{
		state->statement = policy->count + 1;
		if (!parse_statement(state, statement, node, &policy->statements[policy->count++]))
			return false;
	}
	state->statement = 0;
	return true;
}

/*
 * Read a policy.
 */
IamPolicy *
iampolicy_parse(const char *json, size_t length, int encoding, IamPolicyKind kind,
				IamProblem *problem)
{
	PolicyState state = {.kind = kind,.problem = problem};
	IamPolicy  *policy = palloc0(sizeof(IamPolicy));
	const IamNode *statements = NULL;
	IamNode    *root;

	problem->over_limit = false;
	root = iamjson_parse(json, length, encoding, &problem->text);
	if (root == NULL)
		return NULL;
	if (root->kind != IAM_NODE_OBJECT)
	{
		(void) refuse(&state, "It must be a JSON object.");
		return NULL;
	}
	if (!parse_version(&state, root))
		return NULL;
	for (const IamNode *member = root->first; member != NULL; member = member->next)
	{
		if (strcmp(member->name, "Statement") == 0)
			statements = member;
		else if (strcmp(member->name, "Id") == 0)
		{
			if (member->kind != IAM_NODE_STRING)
			{
				(void) refuse(&state, "Id must be a string.");
				return NULL;
			}
		}
		else if (strcmp(member->name, "Version") != 0)
		{
			(void) refuse(&state, psprintf("\"%s\" is not an element of a policy.",
										   iamcondition_quote(member->name)));
			return NULL;
		}
	}
	if (statements == NULL)
	{
		(void) refuse(&state, "Statement is missing.");
		return NULL;
	}
	if (!parse_statements(&state, statements, policy))
		return NULL;

	/* IAM has no such quotas, but that of the size */
	if (kind == IAM_QUEUE_POLICY &&
		((policy->count > STATEMENTS_MAX &&
		  !refuse_limit(&state, policy->count, "Statements", STATEMENTS_MAX)) ||
		 (state.principals > PRINCIPALS_MAX &&
		  !refuse_limit(&state, state.principals, "Principals", PRINCIPALS_MAX)) ||
		 (state.conditions > CONDITIONS_MAX &&
		  !refuse_limit(&state, state.conditions, "Conditions", CONDITIONS_MAX))))
		return NULL;
	return policy;
}

static bool
principal_is(const StatementPrincipal *principal, const IamRequest *request)
{
	const IamPrincipal *who = &request->principal;

	switch (principal->form)
	{
		case EVERYBODY:
			return true;
		case ACCOUNT:
			return who->kind == IAM_ROLE && strcmp(principal->account, who->account) == 0;
		case ROLE:
			if (who->kind != IAM_ROLE)
				return false;
			if (strcmp(principal->account, who->account) == 0 &&
				strcmp(principal->name, who->name) == 0)
				return true;
			return request->stands_for(request, principal->account, principal->name);
		case SERVICE_PRINCIPAL:
			return who->kind == IAM_SERVICE && pg_strcasecmp(principal->name, who->name) == 0;
	}
	return false;
}

/*
 * Whether a statement is about a request, but for its conditions.
 */
static bool
is_about_principal(const IamStatement *statement, const IamRequest *request)
{
	/* without any it is an identity's, and about whose it is */
	if (statement->principal_count == 0)
		return true;
	for (int i = 0; i < statement->principal_count; i++)
		if (principal_is(&statement->principals[i], request))
			return !statement->is_not_principal;
	return statement->is_not_principal;
}

static bool
is_about_resource(const IamStatement *statement, const IamRequest *request)
{
	for (int i = 0; i < statement->resource_count; i++)
	{
		const char *pattern = iammatch_pattern(&statement->resources[i], request);

		if (pattern == NULL)
		{
			/* what it would except from all that it allows, is not known */
			if (statement->is_not_resource && statement->allows)
				return false;
			continue;
		}
		if (iammatch_glob(pattern, request->resource, false))
			return !statement->is_not_resource;
	}
	return statement->is_not_resource;
}

static bool
is_about(const IamStatement *statement, uint32 action, const IamRequest *request)
{
	return (statement->actions & action) != 0 && is_about_principal(statement, request) &&
		is_about_resource(statement, request) &&
		iamcondition_holds(statement->conditions, statement->condition_count, request);
}

/*
 * The bit of an action; what SQS does not have, only NotAction can be about.
 */
static uint32
action_bit(const char *action)
{
	int			i = 0;

	while (i < lengthof(sqs_actions) && strcmp(sqs_actions[i], action) != 0)
		i++;
	return (uint32) 1 << i;
}

/*
 * What a policy says to a request.
 */
IamDecision
iampolicy_evaluate(const IamPolicy *policy, const IamRequest *request, int *statement)
{
	uint32		action = action_bit(request->action);

	for (int pass = 0; pass < 2; pass++)
	{
		bool		allows = pass == 1;

		for (int i = 0; i < policy->count; i++)
		{
			if (policy->statements[i].allows != allows || !is_about(&policy->statements[i], action, request))
				continue;
			*statement = i;
			return allows ? IAM_ALLOWED : IAM_DENIED;
		}
	}
	*statement = -1;
	return IAM_NOT_DECIDED;
}

/*
 * How an action is called.
 */
const char *
iampolicy_action(const char *name)
{
	size_t		batch = strlen(BATCH_SUFFIX);
	size_t		length;

	if (pg_strncasecmp(name, SERVICE, strlen(SERVICE)) == 0)
		name += strlen(SERVICE);
	length = strlen(name);
	for (int i = 0; i < lengthof(sqs_actions); i++)
	{
		const char *action = sqs_actions[i];

		if (pg_strcasecmp(action, name) == 0)
			return action;
		if (strlen(action) + batch == length &&
			pg_strncasecmp(action, name, strlen(action)) == 0 &&
			pg_strcasecmp(name + length - batch, BATCH_SUFFIX) == 0 &&
			(strcmp(action, "SendMessage") == 0 || strcmp(action, "DeleteMessage") == 0 ||
			 strcmp(action, "ChangeMessageVisibility") == 0))
			return action;
	}
	return NULL;
}

/*
 * How a principal is called.
 */
char *
iampolicy_principal_arn(const IamPrincipal *principal)
{
	switch (principal->kind)
	{
		case IAM_ROLE:
			return psprintf("arn:aws:iam::%s:role/%s", principal->account, principal->name);
		case IAM_SERVICE:
			return pstrdup(principal->name);
		case IAM_ANONYMOUS:
			break;
	}
	return NULL;
}
