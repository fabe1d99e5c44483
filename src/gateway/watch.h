/*-------------------------------------------------------------------------
 *
 * watch.h
 *		One connection that waits for messages in any number of queues.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_WATCH_H
#define GATEWAY_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"

/*
 * ready() is called with a queue in which something can be received; it is not
 * watched any more then.  lost() is called when the connection was lost, and
 * nothing is watched any more; back() when it is there again.
 */
typedef struct WatchCallbacks
{
	void		(*ready) (const char *queue, size_t length);
	void		(*lost) (void);
	void		(*back) (void);
} WatchCallbacks;

extern void watch_open(const Config *config, const WatchCallbacks *callbacks);
extern void watch_close(void);
extern bool watch_connected(void);

/* Watch a queue, by what it is called; watch it no more */
extern void watch_add(const char *queue);
extern void watch_remove(const char *queue);

#endif							/* GATEWAY_WATCH_H */
