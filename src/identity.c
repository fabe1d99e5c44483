/*-------------------------------------------------------------------------
 *
 * identity.c
 *		Message group ids and deduplication ids: what they may be, which
 *		queues need them, and the one that is made of a body.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "characters.h"
#include "identity.h"
#include "report.h"

#define ID_MAX 128				/* characters; SendMessage */

/*
 * Check a message group id, a deduplication id or an attempt id.
 */
void
identity_check_id(const char *parameter, const text *id)
{
	const char *string = VARDATA_ANY(id);
	Size		length = VARSIZE_ANY_EXHDR(id);
	bool		allowed = length >= 1 && length <= ID_MAX;

	/* Letters, digits and punctuation of ASCII: all that print but the space */
	for (Size i = 0; allowed && i < length; i++)
		allowed = string[i] > 0x20 && string[i] < 0x7F;
	if (!allowed)
		report_invalid_parameter(parameter, characters_quotable(string, length),
								 psprintf("%s can only include alphanumeric and punctuation characters. 1 to %d in length.",
										  parameter, ID_MAX));
}

/*
 * The deduplication id of a body: the digits of its SHA-256.
 */
static text *
content_id(const text *body)
{
	pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	char		digits[2 * PG_SHA256_DIGEST_LENGTH];
	char	   *utf8 = pg_server_to_any(VARDATA_ANY(body), VARSIZE_ANY_EXHDR(body), PG_UTF8);
	Size		length = utf8 == VARDATA_ANY(body) ? VARSIZE_ANY_EXHDR(body) : strlen(utf8);

	if (pg_cryptohash_init(context) < 0 ||
		pg_cryptohash_update(context, (const uint8 *) utf8, length) < 0 ||
		pg_cryptohash_final(context, digest, sizeof(digest)) < 0)
		elog(ERROR, "could not compute a digest: %s", pg_cryptohash_error(context));
	pg_cryptohash_free(context);
	hex_encode((const char *) digest, sizeof(digest), digits);
	return cstring_to_text_with_len(digits, sizeof(digits));
}

/*
 * What must be given for a message of a FIFO queue.
 */
void
identity_check_given(bool fifo, bool content_based, bool batch, const text *group_id,
					 const text *deduplication_id)
{
	if (!fifo)
		return;
	if (group_id == NULL)
	{
		if (!batch)
			report_missing_parameter("MessageGroupId");
		ereport(ERROR,
				(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
				 errmsg("a message of a FIFO queue must have a message group id"),
				 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
							   "The request must contain the parameter MessageGroupId."),
				 errhint("Give message_group_ids one element for each body.")));
	}
	if (deduplication_id == NULL && !content_based)
		ereport(ERROR,
				(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
				 errmsg("a message of this FIFO queue must have a deduplication id"),
				 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
							   "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"),
				 errhint("Give message_deduplication_id, or set the queue attribute ContentBasedDeduplication.")));
}

/*
 * What a queue's kind asks for in addition.
 */
void
identity_check_fifo(bool fifo, bool content_based, bool batch, text *deduplication_id,
					Payload *payload)
{
	payload->deduplication_id = deduplication_id;
	if (!fifo)
	{
		if (deduplication_id != NULL)
			report_invalid_parameter("MessageDeduplicationId",
									 characters_quotable(VARDATA_ANY(deduplication_id),
														 VARSIZE_ANY_EXHDR(deduplication_id)),
									 "The request include parameter that is not valid for this queue type.");
		return;
	}
	identity_check_given(fifo, content_based, batch, payload->group_id, deduplication_id);
	if (deduplication_id != NULL)
		identity_check_id("MessageDeduplicationId", deduplication_id);
	else
		payload->deduplication_id = content_id(payload->body);
}
