/*-------------------------------------------------------------------------
 *
 * http.h
 *		The HTTP server: requests come in, answers go out.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_HTTP_H
#define GATEWAY_HTTP_H

#include <stdint.h>

#include "buffer.h"
#include "config.h"
#include "request.h"

#define REQUEST_ID_LENGTH 36	/* a UUID */

/* A request that was received in full, and what belongs to it */
typedef struct Exchange
{
	HttpRequest request;
	bool		loopback;		/* the client is on this machine */
	const char *address;		/* of the client */
	char		request_id[REQUEST_ID_LENGTH + 1];
	int64_t		began;			/* as loop_now() tells time */
	void	   *serve;			/* of who answers it */
} Exchange;

typedef struct HttpHandlers
{
	/* Answer a request, now or later, by http_answer() or http_drop() */
	void		(*begin) (Exchange *exchange);

	/* The client of a request under http_mind_client() is gone */
	void		(*gone) (Exchange *exchange);

	/*
	 * It is over: the last call for an exchange.  delivered: the answer was
	 * handed to the client's connection.
	 */
	void		(*ended) (Exchange *exchange, bool delivered);
} HttpHandlers;

/* Listen; ends the process if that is not possible */
extern void http_open(const Config *config, const HttpHandlers *handlers);

/*
 * Take no new connections, and answer each of those that are there once more at
 * most.
 */
extern void http_quiesce(void);

/* End; every exchange was answered */
extern void http_close(void);

/* Answer a request; takes what is in the body */
extern void http_answer(Exchange *exchange, int status, const char *content_type,
						const char *query_error, Buffer *body);

/* End a request without an answer, and its connection */
extern void http_drop(Exchange *exchange);

/* Notice when the client goes away, or do not any more */
extern void http_mind_client(Exchange *exchange, bool mind);

/* Whether it is still there, as far as its connection tells */
extern bool http_client_there(const Exchange *exchange);

/* The URL of this gateway as the client of a request knows it */
extern void http_base_url(const Exchange *exchange, Buffer *url);

/* Requests that are being answered; connections; bytes of bodies and answers */
extern int	http_active(void);
extern int	http_connections(void);
extern size_t http_bytes_held(void);

/* Whether there are fewer bytes of bodies and answers than there may be */
extern bool http_has_room(void);

#endif							/* GATEWAY_HTTP_H */
