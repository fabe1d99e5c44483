/*-------------------------------------------------------------------------
 *
 * body.h
 *		Bodies of messages, encrypted where the queue asks for it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_BODY_H
#define QUEUE_BODY_H

#include "catalog.h"
#include "errors.h"
#include "message.h"
#include "secret.h"

/* What bodies of one queue are encrypted with, during one call */
typedef struct BodySealer
{
	QueueEncryption encryption;
	int64		queue_id;
	pg_uuid_t	data_key_id;	/* of SSE-KMS */
	SecretCopy *data_key;		/* NULL: none is needed */
} BodySealer;

/* Why a body cannot be decrypted */
typedef struct BodyProblem
{
	bool		damaged;		/* nothing will help; else a key is missing */
	int			sqlerrcode;		/* if error is SQS_ERROR_COUNT */
	SqsError	error;
	char		message[256];
	char		detail[256];	/* or empty, as the hint */
	char		hint[256];
} BodyProblem;

/*
 * Make ready to store messages in a queue, with the rights of a role, and end it.
 * To be called before ids are given to the messages: it may take a while.  Raises
 * one of the Kms errors if there is no key to be had.
 */
extern void body_begin(const Queue *queue, Oid role, BodySealer *sealer);
extern void body_end(BodySealer *sealer);

/*
 * Whether a role has what it takes to store messages in a queue, as far as can be
 * told without asking for a key; if not, why
 */
extern bool body_allowed(const Queue *queue, Oid role, SqsError *error);

/*
 * Of a row of Natts_message columns, about to be stored in the queue with this
 * id, encrypt the body, if there is need to.
 */
extern void body_seal(const BodySealer *sealer, const Queue *queue, int64 id,
					  Datum *values, bool *isnull);

/*
 * Of a row that was read, decrypt the body, with the rights of a role.  If that
 * cannot be done now, or never, return false and say why.
 */
extern bool body_open(const Queue *queue, int64 id, Oid role,
					  Datum *values, bool *isnull, BodyProblem *problem);

/*
 * InitMaterializedSRF() for a function whose result has bodies.  They are kept in
 * memory up to a size that ten of the largest do not reach; a temporary file has
 * them in plain text.
 */
extern void body_begin_result(FunctionCallInfo fcinfo);

/* Say it to the user: elevel is ERROR or WARNING */
extern void body_report(int elevel, const BodyProblem *problem);

#endif							/* QUEUE_BODY_H */
