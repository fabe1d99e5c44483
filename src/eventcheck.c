/*-------------------------------------------------------------------------
 *
 * eventcheck.c
 *		What keeps an event source mapping from being at work.
 *
 * Asked before each batch, by the coordinator before it starts a worker, and by
 * the view.  So a mapping whose function was dropped, or whose role has lost a
 * right, does nothing, says why, and goes on when that is put right.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "authorize.h"
#include "compat.h"
#include "eventcheck.h"

/*
 * What is wrong with a function.
 */
const char *
eventcheck_function(Oid function, bool report_batch_item_failures)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc proc;
	const char *problem = NULL;

	if (!HeapTupleIsValid(tuple))
		return "The function does not exist.";
	proc = (Form_pg_proc) GETSTRUCT(tuple);
	if (proc->prokind != PROKIND_FUNCTION)
		problem = "What is mapped is not a function.";
	else if (proc->pronargs != 1 ||
			 !eventsource_is_message(get_element_type(proc->proargtypes.values[0])))
		problem = "The function does not take sqs_message[].";
	else if (report_batch_item_failures &&
			 (proc->prorettype != UUIDOID || !proc->proretset))
		problem = "The function does not return SETOF uuid, the ids of the messages that failed.";
	else if (!report_batch_item_failures &&
			 (proc->prorettype != VOIDOID || proc->proretset))
		problem = "The function does not return void.";
	ReleaseSysCache(tuple);
	return problem;
}

/*
 * What is wrong with the function of a mapping.
 */
static const char *
function_problem(const EventSource *source)
{
	const char *problem = eventcheck_function(source->function,
											  source->report_batch_item_failures);
	char	   *name;

	if (problem != NULL)
		return problem;
	name = eventsource_function_name(source->function);
	if (name == NULL || strcmp(name, source->function_name) != 0)
		return "The function was renamed, or is another one.";
	if (compat_function_aclcheck(source->function, source->run_as, ACL_EXECUTE) != ACLCHECK_OK)
		return psprintf("Role \"%s\" has no EXECUTE privilege on the function.",
						GetUserNameFromId(source->run_as, false));
	return NULL;
}

/*
 * What keeps a mapping from being at work.
 */
const char *
eventcheck_problem(const EventSource *source, Queue *queue)
{
	static const char *const actions[] = {"ReceiveMessage", "DeleteMessage"};

	if (!SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(source->run_as)))
		return "The role does not exist.";
	if (source->is_void)
		return "The mapping is void: DROP OWNED has taken the privilege away that it counts by, or a restore has left it out.";
	if (!catalog_lookup_id(source->queue_id, queue) || !OidIsValid(queue->relid))
		return "The queue does not exist.";
	for (int i = 0; i < lengthof(actions); i++)
	{
		if (!authorize_role_allows(source->run_as, queue, actions[i]))
			return psprintf("Role \"%s\" is not allowed sqs:%s on the queue.",
							GetUserNameFromId(source->run_as, false), actions[i]);
	}
	return function_problem(source);
}
