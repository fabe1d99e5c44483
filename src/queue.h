/*-------------------------------------------------------------------------
 *
 * queue.h
 *		What every file of the extension needs: the macro that declares an
 *		SQL-callable function, and the limits that come from SQS.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_H
#define QUEUE_H

#include "fmgr.h"
#include "utils/timestamp.h"

/*
 * Declare an SQL-callable function.  The module is built with hidden
 * visibility, so the function itself has to be marked too.
 */
#define QUEUE_FUNCTION(fn) \
	extern PGDLLEXPORT Datum fn(PG_FUNCTION_ARGS); \
	PG_FUNCTION_INFO_V1(fn)

/* Schema of everything internal, and the extension's name */
#define QUEUE_SCHEMA "queue"
#define QUEUE_EXTENSION "queue"

/* Limits of SQS: ReceiveMessage, SendMessage, SetQueueAttributes, quotas */
#define QUEUE_NAME_MAX 80		/* characters in a queue's name */
#define ACCOUNT_ID_LENGTH 12	/* digits of an account id */
#define DELAY_SECONDS_MAX 900
#define VISIBILITY_TIMEOUT_MAX 43200	/* seconds; 12 hours */
#define WAIT_TIME_SECONDS_MAX 20
#define MESSAGE_SIZE_MIN 1024	/* bytes; range of MaximumMessageSize */
#define MESSAGE_SIZE_MAX 1048576
#define MESSAGE_ATTRIBUTES_MAX 10	/* per message */
#define RETENTION_MAX 1209600	/* seconds; 14 days */
#define POLICY_MAX 8192			/* bytes of an access policy */

/* Access keys have the form of AWS's: IAM, CreateAccessKey */
#define ACCESS_KEY_ID_LENGTH 20 /* "AKIA", and 16 characters of base32 */
#define SECRET_ACCESS_KEY_LENGTH 40 /* characters of base64 */

/* The SQL interface's own limit for max_messages and batch arrays */
#define BATCH_MAX 10000

#endif							/* QUEUE_H */
