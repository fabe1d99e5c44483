/*-------------------------------------------------------------------------
 *
 * rolepolicies.c
 *		sqs_put_role_policy, sqs_delete_role_policy, sqs_list_role_policies.
 *
 * A policy of a role can give it every queue of its account, whoever owns it.
 * So it is not for those who manage a role to give it one, as they could give it
 * a password: that would hand out what is not theirs.  It takes two things:
 *
 *	- EXECUTE on the functions, which superusers have, and can grant to whom
 *	  they let speak for all owners of queues of an account;
 *	- the role has to be one that the caller administers: it has ADMIN OPTION on
 *	  it, or before PostgreSQL 16, where that was enough to grant the role,
 *	  CREATEROLE.  So whoever may call the functions is kept to its own roles.
 *
 * Nobody does it for itself, nor for a superuser.  And as a policy is about
 * queues of the role's account, and no more than half of what is needed for
 * others, nothing reaches beyond an account that way.
 *
 * The policies of a role are listed for whom could SET ROLE to it, and who
 * administers it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "access.h"
#include "authorize.h"
#include "characters.h"
#include "iampolicy.h"
#include "impersonate.h"
#include "report.h"
#include "rolepolicy.h"

QUEUE_FUNCTION(sqs_put_role_policy);
QUEUE_FUNCTION(sqs_delete_role_policy);
QUEUE_FUNCTION(sqs_list_role_policies);

#define POLICY_NAME_MAX 128		/* characters; IAM, PutRolePolicy */

/*
 * The argument that names a role, which exists.
 */
static Oid
role_argument(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0) || !OidIsValid(PG_GETARG_OID(0)))
		report_missing_parameter("role");
	(void) GetUserNameFromId(PG_GETARG_OID(0), false);
	return PG_GETARG_OID(0);
}

/*
 * The argument that names a policy.
 */
static char *
name_argument(FunctionCallInfo fcinfo)
{
	char	   *name;
	size_t		length;

	if (PG_ARGISNULL(1) || VARSIZE_ANY_EXHDR(PG_GETARG_TEXT_PP(1)) == 0)
		report_missing_parameter("policy_name");
	name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+=,.@_-");
	if (name[length] != '\0' || length > POLICY_NAME_MAX)
		report_invalid_parameter("PolicyName", characters_quotable(name, strlen(name)),
								 "Can only include alphanumeric characters and +=,.@_-. 1 to 128 in length.");
	return name;
}

/*
 * Raise AccessDenied for a call on the policies of a role, unless it is allowed.
 */
static void
check_rights(bool allowed, Oid role, const char *action, const char *hint)
{
	authorize_other(allowed, action, access_role_arn(role),
					psprintf("permission denied for policies of role \"%s\"",
							 GetUserNameFromId(role, false)),
					hint);
}

static void
check_administers(Oid role, const char *action)
{
	check_rights(impersonate_administers(role), role, action,
				 "The policies of a role are set by superusers, and by who was granted EXECUTE on the function and administers the role.");
}

/*
 * Check a policy.
 */
static void
check_policy(Jsonb *policy)
{
	char	   *text = JsonbToCString(NULL, &policy->root, VARSIZE(policy));
	IamProblem	problem;

	if (strlen(text) > POLICY_MAX)
		ereport(ERROR,
				(sqs_errcode(SQS_OVER_LIMIT),
				 errmsg("the policy is too large"),
				 sqs_errdetail(SQS_OVER_LIMIT,
							   "%d Bytes of policy were found, maximum allowed is %d.",
							   (int) strlen(text), POLICY_MAX),
				 errhint("Use fewer, wider statements, or several policies.")));
	if (iampolicy_parse(text, strlen(text), GetDatabaseEncoding(), IAM_IDENTITY_POLICY,
						&problem) == NULL)
		ereport(ERROR,
				(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
				 errmsg("invalid policy"),
				 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
							   "Value for parameter PolicyDocument is invalid. Reason: %s",
							   problem.text),
				 errhint("For example: {\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sqs:SendMessage\", \"Resource\": \"*\"}]}.")));
}

/*
 * Refuse a policy that there is no place for, or that would not count.
 */
static void
check_others(Oid role, const char *policy_name)
{
	RolePolicy *rows;
	int			count;

	rows = rolepolicy_list(role, &count);
	if (count > 0 && !rolepolicy_counts(role))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the policies of role \"%s\" are void", GetUserNameFromId(role, false)),
				 errdetail("DROP OWNED has taken the privilege away that they count by, or a restore has left it out. What they deny is still denied."),
				 errhint("Delete them with sqs_delete_role_policy(), and put them anew.")));
	for (int i = 0; i < count; i++)
		if (strcmp(rows[i].policy_name, policy_name) == 0)
			return;
	if (count >= ROLE_POLICIES_MAX)
		ereport(ERROR,
				(sqs_errcode(SQS_OVER_LIMIT),
				 errmsg("role \"%s\" has %d policies", GetUserNameFromId(role, false), count),
				 sqs_errdetail(SQS_OVER_LIMIT,
							   "Cannot exceed quota for PoliciesPerRole: %d", ROLE_POLICIES_MAX),
				 errhint("Delete a policy, or put more statements into one.")));
}

/*
 * sqs_put_role_policy(role regrole, policy_name text, policy jsonb) returns void
 */
Datum
sqs_put_role_policy(PG_FUNCTION_ARGS)
{
	Oid			role;
	char	   *policy_name;

	PreventCommandIfReadOnly("sqs_put_role_policy()");
	PreventCommandIfParallelMode("sqs_put_role_policy()");
	role = role_argument(fcinfo);
	check_administers(role, "iam:PutRolePolicy");
	policy_name = name_argument(fcinfo);
	if (PG_ARGISNULL(2))
		report_missing_parameter("policy");
	check_policy(PG_GETARG_JSONB_P(2));
	rolepolicy_lock();
	check_others(role, policy_name);
	rolepolicy_put(role, policy_name, PG_GETARG_JSONB_P(2));
	PG_RETURN_VOID();
}

/*
 * sqs_delete_role_policy(role regrole, policy_name text) returns void
 */
Datum
sqs_delete_role_policy(PG_FUNCTION_ARGS)
{
	Oid			role;
	char	   *policy_name;

	PreventCommandIfReadOnly("sqs_delete_role_policy()");
	PreventCommandIfParallelMode("sqs_delete_role_policy()");
	role = role_argument(fcinfo);
	check_administers(role, "iam:DeleteRolePolicy");
	policy_name = name_argument(fcinfo);
	rolepolicy_lock();
	if (!rolepolicy_delete(role, policy_name))
		ereport(ERROR,
				(sqs_errcode(SQS_RESOURCE_NOT_FOUND),
				 errmsg("role \"%s\" has no policy \"%s\"", GetUserNameFromId(role, false),
						policy_name),
				 sqs_errdetail(SQS_RESOURCE_NOT_FOUND,
							   "The role policy with name %s cannot be found.", policy_name),
				 errhint("List the policies with sqs_list_role_policies().")));
	PG_RETURN_VOID();
}

/*
 * sqs_list_role_policies(role regrole)
 * returns table (policy_name text, policy jsonb)
 */
Datum
sqs_list_role_policies(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid			role = role_argument(fcinfo);
	RolePolicy *rows;
	int			count;

	check_rights(impersonate_allowed(role) || impersonate_administers(role), role,
				 "iam:ListRolePolicies",
				 "The policies of a role are listed for superusers, for who may SET ROLE to it, and for who administers it.");
	InitMaterializedSRF(fcinfo, 0);
	rows = rolepolicy_list(role, &count);
	for (int i = 0; i < count; i++)
	{
		Datum		values[2] = {
			CStringGetTextDatum(rows[i].policy_name), JsonbPGetDatum(rows[i].policy)
		};
		bool		nulls[2] = {0};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
