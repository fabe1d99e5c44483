/*-------------------------------------------------------------------------
 *
 * sign.h
 *		Signatures of requests: AWS Signature Version 4, service "sqs".
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLIENT_SIGN_H
#define CLIENT_SIGN_H

#include <stddef.h>
#include <time.h>

/* Enough for what sign_request() writes */
#define SIGN_SIZE 512

/* Whose signatures to make, from now on; host is that of the header */
extern void sign_init(const char *access_key_id, const char *secret,
					  const char *region, const char *host);

/*
 * Write the headers X-Amz-Date and Authorization of a POST of this body to
 * "/", each with its line end.  target is the value of X-Amz-Target.
 */
extern void sign_request(const char *target, const char *body, size_t length,
						 time_t now, char out[SIGN_SIZE]);

#endif							/* CLIENT_SIGN_H */
