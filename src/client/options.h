/*-------------------------------------------------------------------------
 *
 * options.h
 *		The command line, the environment, the configuration file.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLIENT_OPTIONS_H
#define CLIENT_OPTIONS_H

#include <stdbool.h>

#include "setting.h"

/* What a program can be told; its name is PROGRAM_NAME */
typedef struct Program
{
	const char *prefix;			/* of its variables in the environment */
	const char *purpose;		/* what it does, as the rest of a sentence */
	const char *arguments;		/* what follows its options, for the help;
								 * NULL: nothing may */
	const char *example;		/* a line of its configuration file */
	const Setting *settings;
	int			setting_count;
} Program;

/*
 * Read the settings: those of the command line, else those of the environment
 * (QUEUE_GATEWAY_LISTEN and so on), else those of the configuration file, else
 * defaults.  config is all zero.  *check becomes whether they were only to be
 * checked.  Returns the index of the first argument that is no option.  Ends
 * the process after --help and --version, and with a message on standard error
 * where something is wrong.
 */
extern int	options_read(const Program *described, int argc, char **argv,
						 void *config, bool *check);

/* Say what is wrong, and how it would be right (or NULL), and end */
extern void options_error(const char *hint, const char *format,...) __attribute__((noreturn, format(printf, 2, 3)));

#endif							/* CLIENT_OPTIONS_H */
