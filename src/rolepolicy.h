/*-------------------------------------------------------------------------
 *
 * rolepolicy.h
 *		Policies of roles: rows of queue.role_policies, cached per backend.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ROLEPOLICY_H
#define QUEUE_ROLEPOLICY_H

#include "utils/jsonb.h"

#include "catalog.h"
#include "iampolicy.h"

/* Attribute numbers of queue.role_policies */
#define Anum_role_policies_role 1
#define Anum_role_policies_policy_name 2
#define Anum_role_policies_policy 3
#define Natts_role_policies 3

/* Policies that a role can have of its own; IAM's quota */
#define ROLE_POLICIES_MAX 10

/* A row */
typedef struct RolePolicy
{
	Oid			role;
	char	   *policy_name;
	Jsonb	   *policy;
} RolePolicy;

/* A policy that applies to a role: its own, or one of a role it is a member of */
typedef struct AppliedPolicy
{
	Oid			role;			/* whose it is */
	const char *policy_name;
	bool		is_void;		/* all that it allows does not count */
	IamPolicy  *policy;			/* NULL: it cannot be read */
} AppliedPolicy;

/* Whether any role has a policy; that costs next to nothing */
extern bool rolepolicy_any(void);

/*
 * The policies that apply to a role, in the cache: until the next call of one
 * of these functions.  The number grows whenever the answer for some role may
 * have changed.
 */
extern const AppliedPolicy *rolepolicy_of(Oid role, int *count);
extern uint64 rolepolicy_generation(void);

/* The rows of a role, by name, in a palloc'd array; one of them, or false */
extern RolePolicy *rolepolicy_list(Oid role, int *count);
extern bool rolepolicy_find(Oid role, const char *policy_name, RolePolicy *row);

/* Whether what the policies of a role allow counts; see the top of the file */
extern bool rolepolicy_counts(Oid role);

/*
 * Changes.  The lock keeps other sessions from making any until the transaction
 * ends.  Deleting returns false if there is no such policy.
 */
extern void rolepolicy_lock(void);
extern void rolepolicy_put(Oid role, const char *policy_name, Jsonb *policy);
extern bool rolepolicy_delete(Oid role, const char *policy_name);

/* Forget what is cached when policies, roles or memberships change */
extern void rolepolicy_register_callback(void);

#endif							/* QUEUE_ROLEPOLICY_H */
