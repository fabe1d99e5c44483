/*-------------------------------------------------------------------------
 *
 * calls.h
 *		The calls that a load is made of.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLIENT_CALLS_H
#define CLIENT_CALLS_H

#include "connection.h"

/* Messages that a batch may have, and a receive may bring */
#define CALLS_BATCH 10

/* What the messages to be sent contain: letters and digits */
extern void calls_init(const char *message);

extern void calls_send(Connection *connection, const char *queue);
extern void calls_send_batch(Connection *connection, const char *queue, int count);
extern void calls_receive(Connection *connection, const char *queue, int most, int wait);

/* Delete what the answer to a receive brought; the number of messages */
extern int	calls_delete_batch(Connection *connection, const char *queue,
							   const Answer *received);

/* Messages that the answer to a receive brought */
extern int	calls_received(const Answer *answer);

/*
 * End the run if the answer is an error, or says of an entry of a batch that
 * it failed, or lacks this member.
 */
extern void calls_check(const Answer *answer, const char *action, const char *member);

#endif							/* CLIENT_CALLS_H */
