/*-------------------------------------------------------------------------
 *
 * impersonate.c
 *		Acting as the role of an access key.
 *
 * The gateway has one role of its own and signs in as that.  What it does for
 * a request it does as the role of the access key that signed it, so that the
 * rights of that role count and its name is what a message's sender_id says.
 * It may do so for roles that it could SET ROLE to.
 *
 * The role is changed the way that a SECURITY DEFINER function does it.  Until
 * it is changed back, SET ROLE and SET SESSION AUTHORIZATION are refused, or
 * what acts for one key could become another.  If an error is raised,
 * PostgreSQL restores who we were: at the begin of the transaction, or of the
 * subtransaction that is rolled back.  One that is begun as the key's role and
 * rolled back leaves us as that role.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

#include "accesskey.h"
#include "compat.h"
#include "impersonate.h"
#include "report.h"
#include "requestcontext.h"

/*
 * Whether the current user may act as a role.
 */
bool
impersonate_allowed(Oid role)
{
	return compat_may_set_role(GetUserId(), role);
}

/*
 * Whether the current user administers a role.  Nobody does so for itself, nor,
 * but for superusers, for a superuser.
 */
bool
impersonate_administers(Oid role)
{
	Oid			user = GetUserId();

	if (superuser_arg(user))
		return true;
	return user != role && !superuser_arg(role) &&
		(is_admin_of_role(user, role) || compat_may_grant_any_role(user));
}

/*
 * The role of an access key.
 */
Oid
impersonate_role(const text *access_key_id)
{
	Oid			role = accesskey_role(access_key_id);

	if (!OidIsValid(role))
		ereport(ERROR,
				(sqs_errcode(SQS_UNRECOGNIZED_CLIENT),
				 errmsg("access key does not exist or is not active"),
				 sqs_errdetail(SQS_UNRECOGNIZED_CLIENT,
							   "The security token included in the request is invalid."),
				 errhint("List the access keys with sqs_list_access_keys().")));
	if (!impersonate_allowed(role))
		ereport(ERROR,
				(sqs_errcode(SQS_ACCESS_DENIED),
				 errmsg("permission denied to act as role \"%s\"",
						GetUserNameFromId(role, false)),
				 sqs_errdetail(SQS_ACCESS_DENIED,
							   "User %s is not authorized to act for this access key.",
							   GetUserNameFromId(GetUserId(), true)),
				 errhint("Use GRANT %s TO %s.",
						 quote_identifier(GetUserNameFromId(role, false)),
						 quote_identifier(GetUserNameFromId(GetUserId(), false)))));
	return role;
}

/*
 * Act as the role of an access key.
 */
void
impersonate(const text *access_key_id, Impersonation *before)
{
	Oid			role = impersonate_role(access_key_id);

	GetUserIdAndSecContext(&before->user, &before->sec_context);
	SetUserIdAndSecContext(role, before->sec_context | SECURITY_LOCAL_USERID_CHANGE);
	request_context_set_access_key(text_to_cstring(access_key_id));
}

/*
 * Be again who we were.
 */
void
impersonate_end(const Impersonation *before)
{
	SetUserIdAndSecContext(before->user, before->sec_context);
	request_context_set_access_key(NULL);
}
