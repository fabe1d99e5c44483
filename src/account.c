/*-------------------------------------------------------------------------
 *
 * account.c
 *		Accounts: which one a role is in.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "account.h"
#include "settings.h"

/*
 * All roles are in the account that the server has.
 */
const char *
account_of_role(Oid role)
{
	return setting_account_id;
}
