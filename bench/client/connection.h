/*-------------------------------------------------------------------------
 *
 * connection.h
 *		Connections to the server, with one request at a time on each.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLIENT_CONNECTION_H
#define CLIENT_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that grow */
typedef struct Bytes
{
	char	   *data;
	size_t		length;
	size_t		room;
} Bytes;

typedef struct Connection
{
	int			number;
	int			fd;				/* -1: closed */
	bool		asked;			/* a request has not been answered yet */
	int64_t		asked_at;		/* when it was written, nanoseconds */
	Bytes		out;			/* the request */
	size_t		sent;			/* bytes of it that were written */
	Bytes		in;				/* the answer, as far as it has come */
	size_t		head;			/* bytes of its headers; 0: not all are there */
	int			step;			/* for whoever asks */
	int64_t		due;			/* likewise: when the request should have been
								 * made */
} Connection;

/* What came back: valid until the next request */
typedef struct Answer
{
	int			status;
	char	   *body;			/* ends with a NUL */
	size_t		length;
} Answer;

/* Nanoseconds, of a clock that is not set */
extern int64_t clock_now(void);

/* Where the server is; 127.0.0.1 only.  Makes the epoll set too. */
extern void connection_init(int port);
extern int	connection_epoll(void);

/* Requests that have not been answered, on all connections */
extern int	connection_asked(void);

extern void connection_open(Connection *connection, int number);
extern void connection_close(Connection *connection);

/* Ask for an action; nothing may be asked for already */
extern void connection_ask(Connection *connection, const char *action, const char *body,
						   size_t length);

/*
 * What epoll said of the connection: write what is left, read what there is.
 * True if the answer is complete.
 */
extern bool connection_event(Connection *connection, uint32_t events, Answer *answer);

extern void bytes_need(Bytes *bytes, size_t more);

#endif							/* CLIENT_CONNECTION_H */
