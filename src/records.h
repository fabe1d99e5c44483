/*-------------------------------------------------------------------------
 *
 * records.h
 *		What is remembered for a while of sends to FIFO queues, and receives.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_RECORDS_H
#define QUEUE_RECORDS_H

#include "access/transam.h"

#include "catalog.h"

/* The tables of records, open */
typedef struct Records Records;

typedef enum RecordResult
{
	RECORD_NONE,
	RECORD_FOUND,
	RECORD_BUSY					/* one that its transaction has not committed */
} RecordResult;

extern Records *records_open(void);
extern void records_close(Records *records);

/*
 * Lock a key of a queue for the moment between a look for its record and the
 * insertion of one
 */
extern void records_lock(const Queue *queue, const text *key);
extern void records_unlock(const Queue *queue, const text *key);

/*
 * Find the record of a key with the greatest number that was made in the last
 * window seconds before now; those of messages that were purged do not count.
 * data may be NULL.  RECORD_BUSY: *xid is who has to end first.
 */
extern RecordResult records_find(Records *records, const Queue *queue, const text *key,
								 TimestampTz now, int window, int64 *id,
								 bytea **data, TransactionId *xid);

/*
 * Make a record under a number, with data or NULL; window is how many seconds it
 * will be looked for
 */
extern void records_insert(Records *records, const Queue *queue, const text *key,
						   int64 id, bytea *data, TimestampTz now, int window);

/*
 * Truncate a table of which no record was made after a time, if nobody has it
 * open.  For the worker, in a transaction of its own.
 */
extern void records_expire(TimestampTz now, int window);

#endif							/* QUEUE_RECORDS_H */
