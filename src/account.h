/*-------------------------------------------------------------------------
 *
 * account.h
 *		Accounts, and the roles that are in them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ACCOUNT_H
#define QUEUE_ACCOUNT_H

#include "catalog.h"

/* Attribute numbers of queue.accounts */
#define Anum_accounts_account_id 1
#define Anum_accounts_name 2
#define Anum_accounts_created_at 3
#define Natts_accounts 3

/* Attribute numbers of queue.account_roles */
#define Anum_account_roles_role 1
#define Anum_account_roles_account_id 2
#define Natts_account_roles 2

/*
 * The account of a role, 12 digits: the one that it was assigned to; else that
 * of the roles it has the privileges of, if it is the same for all of them that
 * have one, but for those that another of them is a member of; else the setting's.
 * An empty string, which is no account, if the assignment is void.  Valid until
 * the next call.
 */
extern const char *account_of_role(Oid role);

/* Whether there is an account, other than the setting's */
extern bool account_exists(const char *account_id);

/* Whether any role that there is was assigned to it, be that void or not */
extern bool account_has_roles(const char *account_id);

/*
 * Changes.  The lock keeps other sessions from making any until the transaction
 * ends.  account_assign() takes NULL for the account that the setting names,
 * for roles that are in no other.
 */
extern void account_lock(void);
extern void account_insert(const char *account_id, const char *name);
extern void account_delete(const char *account_id);
extern void account_assign(Oid role, const char *account_id);

/* Have names of queues mean those of the current user's account; once */
extern void account_register(void);

#endif							/* QUEUE_ACCOUNT_H */
