/*-------------------------------------------------------------------------
 *
 * settle.h
 *		What is to be changed in the database: deletes, returns, heartbeats.
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKER_SETTLE_H
#define WORKER_SETTLE_H

#include "config.h"
#include "message.h"

extern void settle_open(const Config *config);
extern void settle_close(void);

/*
 * Delete a message, or have it visible again after so many seconds; takes the
 * message.  They are executed in the order they came, many together.
 */
extern void settle_delete(Message *message);
extern void settle_return(Message *message, int timeout);

typedef enum Extended
{
	EXTENDED,
	EXTENDED_NOT_NOW,			/* the database could not do it */
	EXTENDED_REFUSED			/* it does not want to, for one of them at
								 * least */
} Extended;

/*
 * Hide messages for another visibility timeout; only one call at a time.  done()
 * is called, later.
 */
extern void settle_extend(const char *const *handles, int count,
						  void (*done) (Extended outcome));

/* What is known of the number of visible messages, if not that */
#define BACKLOG_UNKNOWN (-1)	/* it is not for us to know */
#define BACKLOG_NOT_NOW (-2)

/*
 * Ask for the number of messages that are visible; only one call at a time.
 * done() is called, maybe at once, with it or one of the above.
 */
extern void settle_ask_backlog(void (*done) (int64_t visible));

/* End what a session is doing, by its process id */
extern void settle_cancel(int pid);

/* Changes that are not committed yet; whether the connection is there */
extern int	settle_pending(void);
extern bool settle_ready(void);

#endif							/* WORKER_SETTLE_H */
