/*-------------------------------------------------------------------------
 *
 * message.h
 *		A message as it was received, and how handlers get it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKER_MESSAGE_H
#define WORKER_MESSAGE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"

/* In the order of the columns of MESSAGE_COLUMNS */
typedef enum MessageField
{
	MESSAGE_ID,
	MESSAGE_BODY,
	MESSAGE_ATTRIBUTES,			/* JSON */
	MESSAGE_GROUP_ID,
	MESSAGE_DEDUPLICATION_ID,
	MESSAGE_SEQUENCE_NUMBER,	/* only a FIFO queue's have one */
	MESSAGE_SENT_AT,
	MESSAGE_FIRST_RECEIVED_AT,
	MESSAGE_RECEIVE_COUNT,
	MESSAGE_SENDER_ID,
	MESSAGE_DEAD_LETTER_SOURCE,
	MESSAGE_TRACE_HEADER,
	MESSAGE_RECEIPT_HANDLE,
	MESSAGE_FIELDS
}			MessageField;

#define MESSAGE_TIME(column) \
	"pg_catalog.to_char(pg_catalog.timezone('UTC', " column ")," \
	" 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

#define MESSAGE_COLUMNS \
	"message_id, body, message_attributes, message_group_id," \
	" message_deduplication_id, sequence_number, " \
	MESSAGE_TIME("sent_at") ", " MESSAGE_TIME("first_received_at") "," \
	" receive_count, sender_id, dead_letter_source, trace_header, receipt_handle"

typedef struct Message
{
	const char *values[MESSAGE_FIELDS]; /* NULL: it has none */
	int			receive_count;
	size_t		size;			/* bytes of memory */

	/* of stock.c, while it is held */
	int64_t		came;			/* this and the next as loop_now() tells time */
	int64_t		hidden_until;
	bool		extending;		/* a heartbeat of it is on its way */
	bool		extend_alone;	/* one with others was refused */
	bool		extend_never;	/* so was one of it alone */
	struct Group *group;		/* of a FIFO queue */
	struct Message *previous;	/* of all that are held */
	struct Message *next;
	struct Message *next_ready;

	/* of settle.c, afterwards */
	int			timeout;		/* seconds; -1: to be deleted */
	bool		alone;			/* in a transaction of its own */
	struct Message *next_change;
} Message;

extern Message *message_read(const PGresult *result, int row);
extern void message_free(Message *message);

/* As an object of JSON, or a list of them with an id, without a line end */
extern void message_put_json(Buffer *buffer, const Message *message);
extern void message_put_list(Buffer *buffer, const char *id,
							 Message *const *messages, int count);

/*
 * The environment of a handler: that of this program without our own settings,
 * and the queue; then the message (or NULL).  A list that ends with NULL; to be
 * freed by message_free_environment().
 */
extern char **message_environment(const char *queue, const Message *message);
extern void message_free_environment(char **environment);

#endif							/* WORKER_MESSAGE_H */
