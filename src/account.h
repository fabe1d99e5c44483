/*-------------------------------------------------------------------------
 *
 * account.h
 *		Accounts: which one a role is in.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ACCOUNT_H
#define QUEUE_ACCOUNT_H

/* The account of a role: 12 digits */
extern const char *account_of_role(Oid role);

#endif							/* QUEUE_ACCOUNT_H */
