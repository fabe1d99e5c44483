/*-------------------------------------------------------------------------
 *
 * dedup.c
 *		Deduplication: a message that was sent before is not sent again.
 *
 * The first send of a deduplication id makes a record, which counts for the
 * window from then on.  Whoever sends the same while the first is not committed
 * waits for the end of that transaction.  If it is rolled back, the record is
 * gone with it, and the next sends.
 *
 * The scope is the queue, or each message group by itself: then the group is a
 * part of the key.  Neither may contain a space, which separates the two; so
 * keys of the two scopes never meet, and a change of scope leaves alone what
 * was sent before.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "dedup.h"
#include "settings.h"

/*
 * The key of a message's record.
 */
static text *
dedup_key(const Queue *queue, const Payload *payload)
{
	StringInfoData key;

	if (!queue->deduplicates_groups)
		return payload->deduplication_id;
	initStringInfo(&key);
	appendBinaryStringInfo(&key, VARDATA_ANY(payload->group_id),
						   VARSIZE_ANY_EXHDR(payload->group_id));
	appendStringInfoChar(&key, ' ');
	appendBinaryStringInfo(&key, VARDATA_ANY(payload->deduplication_id),
						   VARSIZE_ANY_EXHDR(payload->deduplication_id));
	return cstring_to_text_with_len(key.data, key.len);
}

/*
 * Claim a deduplication id.
 */
RecordResult
dedup_claim(Records *records, const Queue *queue, const Payload *payload, int64 id,
			TimestampTz now, int64 *message, TransactionId *xid)
{
	int			window = setting_deduplication_window;
	text	   *key = dedup_key(queue, payload);
	RecordResult result;

	records_lock(queue, key);
	result = records_find(records, queue, key, now, window, message, NULL, xid);
	if (result == RECORD_NONE)
		records_insert(records, queue, key, id, NULL, now, window);
	records_unlock(queue, key);
	return result;
}
