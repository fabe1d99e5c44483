/*-------------------------------------------------------------------------
 *
 * action_batch.h
 *		Batches: what is wrong with all of one, and with single entries.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_ACTION_BATCH_H
#define QUEUE_ACTION_BATCH_H

#include "action_each.h"
#include "action_json.h"

/* The request of a batch, whatever its entries are: the table of its members */
#define BATCH_MEMBERS \
	{"QueueUrl", MEMBER_STRING, true}, \
	{"Entries", MEMBER_STRUCTURES, false}
#define BATCH_QUEUE 0
#define BATCH_ENTRIES 1

/* The member that every entry has, first in each table of members */
#define BATCH_ID 0
#define BATCH_ID_MEMBER {"Id", MEMBER_STRING, false}

typedef struct Batch
{
	int			count;
	int			members;		/* of an entry */
	ActionValue *values;		/* those of the entries, one after the other */
	ActionFailure *failures;	/* one for each entry; the caller's to make */
} Batch;

/*
 * Read the entries of a batch, of which a request has a list or not.  entry is
 * SQS's name of them ("SendMessageBatchRequestEntry").  Raises what fails the
 * call as a whole: EmptyBatchRequest, TooManyEntriesInBatchRequest,
 * InvalidBatchEntryId and BatchEntryIdsNotDistinct.
 */
extern void batch_read(const ActionValue *entries, const char *entry,
					   const ActionMember *members, int count, Batch *batch);

/* The values of an entry, in the order of its table of members */
extern const ActionValue *batch_entry(const Batch *batch, int entry);

/* Write the list of entries that failed, if there are any */
extern void batch_put_failures(const Batch *batch, StringInfo answer);

/*
 * Write the list of the others, if there are any: call a function, if it is
 * not NULL, for what each has beside its id, in order.
 */
extern void batch_put_successes(const Batch *batch, StringInfo answer,
								void (*put) (StringInfo answer, void *arg),
								void *arg);

#endif							/* QUEUE_ACTION_BATCH_H */
