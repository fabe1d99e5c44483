/*-------------------------------------------------------------------------
 *
 * config.h
 *		The worker's settings.
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKER_CONFIG_H
#define WORKER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "log.h"
#include "options.h"

typedef struct Config
{
	char	   *queue;			/* its name, ARN or URL */
	char	   *dsn;			/* libpq connection string; "": libpq's
								 * defaults */
	char	   *shell_command;	/* "": what follows the options is it */
	bool		resident;		/* handlers go on running */
	int			batch;			/* messages that a handler gets at a time; 0:
								 * one, and not as a list */
	int			prefetch;		/* messages kept ready, at most */
	int			min;			/* handlers */
	int			max;
	int			backlog_per_worker; /* messages a handler shall have to wait
									 * for it */
	int			scale_interval; /* this and all that follow: seconds */
	int			scale_out_cooldown;
	int			scale_in_cooldown;
	int			timeout;		/* of a handler */
	int			kill_after;		/* from SIGTERM to SIGKILL */
	int			visibility_timeout;
	int			backoff;		/* after the first failure */
	int			backoff_max;
	int			shutdown_timeout;
	int			statement_timeout;
	size_t		output_limit;	/* bytes that are logged of one run */
	char	   *metrics_listen; /* "": nowhere */
	char	   *metrics_file;	/* "": none */
	LogLevel	log_level;
	bool		check;			/* say whether all this is right, and end */
	char	  **command;		/* the program's path, and its arguments; ends
								 * with NULL */
} Config;

/* The settings, and what the command line may have */
extern const Program config_program;

/* Read the settings: see options_read() */
extern void config_read(int argc, char **argv, Config *config);

/* How many messages a handler gets at a time */
extern int	config_batch_size(const Config *config);

#endif							/* WORKER_CONFIG_H */
