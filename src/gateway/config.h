/*-------------------------------------------------------------------------
 *
 * config.h
 *		The gateway's settings.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_CONFIG_H
#define GATEWAY_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "log.h"
#include "options.h"

typedef enum MetricsAccess
{
	METRICS_OFF,
	METRICS_LOCAL,				/* clients on a loopback address */
	METRICS_ALL
} MetricsAccess;

typedef struct Config
{
	char	   *listen;			/* "ADDRESS:PORT", "[::1]:PORT"; default
								 * 127.0.0.1:9324 */
	char	   *dsn;			/* libpq connection string; "": libpq's
								 * defaults */
	int			pool;			/* connections for calls, 1..64 */
	char	   *url;			/* what URLs of queues begin with; NULL: the
								 * Host header decides */
	char	   *region;			/* of credential scopes; NULL: any */
	char	   *tls_certificate;	/* files; NULL: plain HTTP */
	char	   *tls_key;
	bool		insecure_accept_any;	/* no signature is verified */
	int			max_connections;	/* of clients */
	size_t		max_header;		/* bytes of a request's line and headers */
	size_t		max_body;		/* bytes of a request's body */
	size_t		max_memory;		/* bytes of all bodies, of answers too */
	int			request_timeout;	/* seconds to send a request in */
	int			idle_timeout;	/* seconds between two requests */
	int			statement_timeout;	/* seconds a call may take in the database */
	int			shutdown_timeout;	/* seconds to answer what was taken */
	MetricsAccess metrics;
	LogLevel	log_level;
	bool		log_requests;	/* a line for each */
	bool		check;			/* say whether all this is right, and end */
} Config;

/* The settings, and what the command line may have */
extern const Program config_program;

/* Read the settings: see options_read() */
extern void config_read(int argc, char **argv, Config *config);

#endif							/* GATEWAY_CONFIG_H */
