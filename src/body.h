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

/* What bodies of one queue are encrypted with, during one call */
typedef struct BodySealer
{
	QueueEncryption encryption;
	int64		queue_id;
	pg_uuid_t	data_key_id;	/* of SSE-KMS */
	const unsigned char *data_key;
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
 * Make ready to store messages in a queue, with the rights of a role.  To be
 * called before ids are given to them: it may take a while.
 */
extern void body_begin(const Queue *queue, Oid role, BodySealer *sealer);

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

/* Say it to the user: elevel is ERROR or WARNING */
extern void body_report(int elevel, const BodyProblem *problem);

#endif							/* QUEUE_BODY_H */
