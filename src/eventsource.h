/*-------------------------------------------------------------------------
 *
 * eventsource.h
 *		Event source mappings: rows of queue.event_source_mappings.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_EVENTSOURCE_H
#define QUEUE_EVENTSOURCE_H

#include "utils/jsonpath.h"

#include "catalog.h"

/* Attribute numbers of queue.event_source_mappings */
#define Anum_event_source_mappings_mapping_id 1
#define Anum_event_source_mappings_queue_id 2
#define Anum_event_source_mappings_account_id 3
#define Anum_event_source_mappings_queue_name 4
#define Anum_event_source_mappings_function 5
#define Anum_event_source_mappings_function_name 6
#define Anum_event_source_mappings_run_as 7
#define Anum_event_source_mappings_enabled 8
#define Anum_event_source_mappings_batch_size 9
#define Anum_event_source_mappings_batching_window_seconds 10
#define Anum_event_source_mappings_max_concurrency 11
#define Anum_event_source_mappings_report_batch_item_failures 12
#define Anum_event_source_mappings_filter 13
#define Anum_event_source_mappings_created_at 14
#define Anum_event_source_mappings_modified_at 15
#define Natts_event_source_mappings 15

typedef struct EventSource
{
	pg_uuid_t	mapping_id;
	int64		queue_id;
	char		account_id[ACCOUNT_ID_LENGTH + 1];
	char		queue_name[QUEUE_NAME_MAX + 1];
	Oid			function;
	char	   *function_name;	/* schema and name when it was mapped, quoted */
	Oid			run_as;
	bool		enabled;
	bool		is_void;		/* run_as is not held: see rolehold.c */
	int32		batch_size;
	int32		batching_window_seconds;
	int32		max_concurrency;
	bool		report_batch_item_failures;
	JsonPath   *filter;			/* NULL: none */
	TimestampTz created_at;
	TimestampTz modified_at;
} EventSource;

/* All mappings, by time of creation, in a palloc'd array */
extern EventSource *eventsource_list(int *count);

/* One mapping; false if there is none */
extern bool eventsource_find(const pg_uuid_t *mapping_id, EventSource *source);

/*
 * Changes.  The lock keeps other sessions from making any until the transaction
 * ends.  xact_note_mappings() has the processes that act on mappings look at them
 * after the commit.
 */
extern void eventsource_lock(void);
extern void eventsource_insert(const EventSource *source);
extern void eventsource_update(const EventSource *source);
extern void eventsource_delete(const EventSource *source);

/* Whether a type is sqs_message, of which functions that are mapped take arrays */
extern bool eventsource_is_message(Oid type);

/* The columns of what a mapped function takes; to be given to ReleaseTupleDesc() */
extern TupleDesc eventsource_message_desc(Oid function);

/* The name of a function with its schema, quoted, palloc'd; NULL if it is gone */
extern char *eventsource_function_name(Oid function);

#endif							/* QUEUE_EVENTSOURCE_H */
