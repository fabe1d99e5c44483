/*-------------------------------------------------------------------------
 *
 * keys.h
 *		Signing keys, as the database derives them from access keys.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_KEYS_H
#define GATEWAY_KEYS_H

#include "sigv4.h"

typedef enum KeyStatus
{
	KEY_FOUND,
	KEY_UNKNOWN,				/* no such access key, or it is not active */
	KEY_UNAVAILABLE,			/* the database cannot be asked */
	KEY_PENDING					/* it is being asked */
} KeyStatus;

/* Who waits for a key: done() is called once, and not from within keys_find() */
typedef struct KeyWaiter
{
	void		(*done) (struct KeyWaiter *waiter, KeyStatus status);
	void	   *arg;
	struct KeyWaiter *next;
} KeyWaiter;

extern void keys_init(void);

/* The key that a signature was made with, if it is what it says it is */
extern KeyStatus keys_find(const Signature *signature, unsigned char *key,
						   KeyWaiter *waiter);

/* Forget an access key, which the database did not accept any more */
extern void keys_forget(const char *access_key_id);

#endif							/* GATEWAY_KEYS_H */
