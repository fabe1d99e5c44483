/*-------------------------------------------------------------------------
 *
 * simulate.c
 *		sqs_simulate_policy: what a role may do, and which statement says so.
 *
 * The decision is made by the very functions that make it for a call.  Keys of
 * the context that the caller gives take the place of those that the call would
 * have, and are added to them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/tuplestore.h"

#include "access.h"
#include "authorize.h"
#include "characters.h"
#include "iampolicy.h"
#include "impersonate.h"
#include "report.h"
#include "rolepolicy.h"

QUEUE_FUNCTION(sqs_simulate_policy);

/*
 * Raise AccessDenied unless the current user may know what a role may do.
 */
static void
check_rights(Oid role)
{
	authorize_other(impersonate_allowed(role) || impersonate_administers(role),
					"iam:SimulatePrincipalPolicy", access_role_arn(role),
					psprintf("permission denied to simulate policies of role \"%s\"",
							 GetUserNameFromId(role, false)),
					"What a role may do is simulated for superusers, for who may SET ROLE to it, and for who administers it.");
}

/*
 * The argument that names an action.
 */
static const char *
action_argument(FunctionCallInfo fcinfo)
{
	char	   *name;
	const char *action;

	if (PG_ARGISNULL(1) || VARSIZE_ANY_EXHDR(PG_GETARG_TEXT_PP(1)) == 0)
		report_missing_parameter("action");
	name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	action = iampolicy_action(name);
	if (action == NULL)
		report_invalid_parameter("ActionName", characters_quotable(name, strlen(name)),
								 "SQS has no such action.");
	return action;
}

pg_noreturn static void report_context(const char *reason);

static void
report_context(const char *reason)
{
	ereport(ERROR,
			(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
			 errmsg("invalid context"),
			 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
						   "Value for parameter ContextEntries is invalid. Reason: %s", reason),
			 errhint("For example: {\"aws:SourceIp\": \"10.0.0.1\", \"aws:TagKeys\": [\"a\", \"b\"]}.")));
}

/*
 * Check that a context maps keys to scalars, or arrays of strings.
 */
static void
check_context(Jsonb *context)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;
	int			depth = 0;

	if (!JB_ROOT_IS_OBJECT(context))
		report_context("It must be a JSON object.");
	iterator = JsonbIteratorInit(&context->root);
	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		if (token == WJB_BEGIN_OBJECT || token == WJB_BEGIN_ARRAY)
		{
			if (depth++ > 0 && (token == WJB_BEGIN_OBJECT || depth > 2))
				report_context("A value must be a string, or an array of strings.");
		}
		else if (token == WJB_END_OBJECT || token == WJB_END_ARRAY)
			depth--;
		else if (token == WJB_ELEM && value.type == jbvNull)
			report_context("An element of an array must be a string.");
	}
}

/*
 * A statement of a policy, by its place.
 */
static Jsonb *
policy_statement(Jsonb *policy, int place)
{
	JsonbValue	key = {.type = jbvString,.val.string = {.len = 9,.val = "Statement"}};
	JsonbValue *statements = findJsonbValueFromContainer(&policy->root, JB_FOBJECT, &key);
	JsonbValue *statement = statements;

	if (statements != NULL && statements->type == jbvBinary &&
		JsonContainerIsArray(statements->val.binary.data))
		statement = getIthJsonbValueFromContainer(statements->val.binary.data, place);
	return statement == NULL ? NULL : JsonbValueToJsonb(statement);
}

/*
 * The statement that decided, if one did.  The policy of a queue is shown to
 * whom it is shown anyway.
 */
static Jsonb *
decided_statement(const AccessRequest *request, const AccessDecision *decision)
{
	Datum		values[Natts_queues];
	bool		nulls[Natts_queues];
	RolePolicy	row;

	if (decision->statement < 0)
		return NULL;
	if (decision->policy_name != NULL)
		return rolepolicy_find(decision->policy_role, decision->policy_name, &row) ?
			policy_statement(row.policy, decision->statement) : NULL;
	if (request->queue == NULL ||
		!access_allows(GetUserId(), request->queue, "GetQueueAttributes") ||
		!catalog_fetch(request->queue->queue_id, values, nulls) ||
		nulls[Anum_queues_policy - 1])
		return NULL;
	return policy_statement(DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
															   CStringGetDatum(TextDatumGetCString(values[Anum_queues_policy - 1])))),
							decision->statement);
}

/*
 * sqs_simulate_policy(role regrole, action text, queue text, context jsonb)
 * returns table (decision text, statement jsonb)
 */
Datum
sqs_simulate_policy(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	AccessRequest request = {0};
	AccessDecision decision;
	QueueName	name;
	Queue		queue;
	Jsonb	   *statement;
	Datum		values[2] = {0};
	bool		nulls[2] = {0};

	if (PG_ARGISNULL(0) || !OidIsValid(PG_GETARG_OID(0)))
		report_missing_parameter("role");
	request.role = PG_GETARG_OID(0);
	(void) GetUserNameFromId(request.role, false);
	check_rights(request.role);
	request.action = action_argument(fcinfo);
	names_parse(PG_ARGISNULL(2) ? NULL : PG_GETARG_TEXT_PP(2), &name);
	request.name = &name;
	if (catalog_lookup_name(&name, &queue))
		request.queue = &queue;
	else if (strcmp(request.action, "CreateQueue") != 0)
		report_no_queue(name.queue_name);
	if (!PG_ARGISNULL(3))
	{
		request.context = PG_GETARG_JSONB_P(3);
		check_context(request.context);
	}

	InitMaterializedSRF(fcinfo, 0);
	access_decide(&request, &decision);
	if (decision.allowed)
		values[0] = CStringGetTextDatum("allowed");
	else if (decision.reason == DENIED_BY_IDENTITY_POLICY ||
			 decision.reason == DENIED_BY_QUEUE_POLICY)
		values[0] = CStringGetTextDatum("explicitDeny");
	else
		values[0] = CStringGetTextDatum("implicitDeny");
	statement = decided_statement(&request, &decision);
	nulls[1] = statement == NULL;
	if (statement != NULL)
		values[1] = JsonbPGetDatum(statement);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	return (Datum) 0;
}
