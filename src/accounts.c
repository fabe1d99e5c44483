/*-------------------------------------------------------------------------
 *
 * accounts.c
 *		sqs_create_account, sqs_delete_account and sqs_assign_account.
 *
 * Only superusers are let in: who is in an account is the foundation of what
 * policies say.  A function that does one of these for others can be written by
 * a superuser, as SECURITY DEFINER.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "access.h"
#include "account.h"
#include "authorize.h"
#include "characters.h"
#include "report.h"
#include "settings.h"

QUEUE_FUNCTION(sqs_create_account);
QUEUE_FUNCTION(sqs_delete_account);
QUEUE_FUNCTION(sqs_assign_account);

#define TEXT_OR_NULL(n) (PG_ARGISNULL(n) ? NULL : PG_GETARG_TEXT_PP(n))

#define NAME_MAX_CHARACTERS 50	/* AWS Organizations, CreateAccount */

/*
 * Raise AccessDenied unless the current user is a superuser; action is the name
 * that AWS has for the call, of what is resource.
 */
static void
check_superuser(const char *action, const char *resource)
{
	authorize_other(superuser(), action, resource, "permission denied to manage accounts",
					"Accounts are managed by superusers.");
}

/*
 * An argument that is an account's id.
 */
static char *
account_argument(const text *argument)
{
	char	   *account_id;

	if (argument == NULL || VARSIZE_ANY_EXHDR(argument) == 0)
		report_missing_parameter("AccountId");
	account_id = text_to_cstring(argument);
	if (!names_is_account_id(account_id, strlen(account_id)))
		report_invalid_parameter("AccountId",
								 characters_quotable(account_id, strlen(account_id)),
								 "An account id has 12 digits.");
	return account_id;
}

pg_noreturn static void report_no_account(const char *account_id);

static void
report_no_account(const char *account_id)
{
	ereport(ERROR,
			(sqs_errcode(SQS_RESOURCE_NOT_FOUND),
			 errmsg("account %s does not exist", account_id),
			 sqs_errdetail(SQS_RESOURCE_NOT_FOUND, "The account %s cannot be found.", account_id),
			 errhint("Create it with sqs_create_account().")));
}

/*
 * sqs_create_account(account_id text, name text) returns void
 */
Datum
sqs_create_account(PG_FUNCTION_ARGS)
{
	char	   *account_id;
	char	   *name;
	int			length;

	PreventCommandIfReadOnly("sqs_create_account()");
	PreventCommandIfParallelMode("sqs_create_account()");
	account_id = account_argument(TEXT_OR_NULL(0));
	check_superuser("organizations:CreateAccount", account_id);
	if (PG_ARGISNULL(1))
		report_missing_parameter("AccountName");
	name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	length = pg_mbstrlen(name);
	if (length < 1 || length > NAME_MAX_CHARACTERS)
		report_invalid_parameter("AccountName", characters_quotable(name, strlen(name)),
								 "It must have 1 to 50 characters.");
	account_lock();
	if (account_exists(account_id))
		report_invalid_parameter("AccountId", account_id, "Already exists.");
	account_insert(account_id, name);
	PG_RETURN_VOID();
}

/*
 * Whether any queue belongs to an account.
 */
static bool
has_queues(const char *account_id)
{
	int			count;
	Queue	   *queues = catalog_all(&count);

	for (int i = 0; i < count; i++)
	{
		if (strcmp(queues[i].account_id, account_id) == 0)
			return true;
	}
	return false;
}

/*
 * sqs_delete_account(account_id text) returns void
 */
Datum
sqs_delete_account(PG_FUNCTION_ARGS)
{
	char	   *account_id;

	PreventCommandIfReadOnly("sqs_delete_account()");
	PreventCommandIfParallelMode("sqs_delete_account()");
	account_id = account_argument(TEXT_OR_NULL(0));
	check_superuser("organizations:CloseAccount", account_id);
	account_lock();
	if (!account_exists(account_id))
		report_no_account(account_id);
	if (account_has_roles(account_id) || has_queues(account_id))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("account %s is in use", account_id),
				 errhint("Delete its queues, and assign its roles to another account, or to none.")));
	account_delete(account_id);
	PG_RETURN_VOID();
}

/*
 * sqs_assign_account(role regrole, account_id text) returns void
 */
Datum
sqs_assign_account(PG_FUNCTION_ARGS)
{
	Oid			role;
	char	   *account_id = NULL;

	PreventCommandIfReadOnly("sqs_assign_account()");
	PreventCommandIfParallelMode("sqs_assign_account()");
	if (PG_ARGISNULL(0) || !OidIsValid(PG_GETARG_OID(0)))
		report_missing_parameter("role");
	role = PG_GETARG_OID(0);
	(void) GetUserNameFromId(role, false);
	if (!PG_ARGISNULL(1))
		account_id = account_argument(PG_GETARG_TEXT_PP(1));
	check_superuser("organizations:MoveAccount", access_role_arn(role));
	account_lock();
	if (account_id != NULL && strcmp(account_id, setting_account_id) != 0 &&
		!account_exists(account_id))
		report_no_account(account_id);
	account_assign(role, account_id);
	PG_RETURN_VOID();
}
