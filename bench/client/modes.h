/*-------------------------------------------------------------------------
 *
 * modes.h
 *		What a load does.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLIENT_MODES_H
#define CLIENT_MODES_H

#include <stdbool.h>

#include "connection.h"

typedef struct Options
{
	int			port;
	const char **queues;		/* URLs */
	int			queue_count;
	int			connections;
	double		seconds;
	double		rate;			/* calls a second; 0: as many as there can be */
	int			messages;
	int			body;			/* bytes of a message */
	int			wait;			/* seconds of a long poll */
} Options;

/* What was measured */
typedef struct Outcome
{
	long		calls;
	long		messages;
	double		seconds;		/* from the first request to the last answer */
	int64_t    *times;			/* nanoseconds, each of a call; sorted */
	long		time_count;
	long		time_room;
} Outcome;

typedef struct Mode
{
	const char *name;
	const char *does;			/* a line of help */
	void		(*begin) (void);	/* all connections are open */
	void		(*answered) (Connection *connection, const Answer *answer);
	void		(*timer) (void);	/* the time set with timer_set() has come */
} Mode;

/* Ends with one that has no name */
extern const Mode modes[];

/* Run one, until it is done */
extern void modes_run(const Mode *mode, const Options *options, Outcome *outcome);

#endif							/* CLIENT_MODES_H */
