/*-------------------------------------------------------------------------
 *
 * stock.h
 *		The messages that we hold: received, and neither deleted nor returned.
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKER_STOCK_H
#define WORKER_STOCK_H

#include "config.h"
#include "message.h"

extern void stock_open(const Config *config);

/* Messages were received, hidden until a moment as loop_now() tells time */
extern void stock_add(Message *message, int64_t hidden_until);

/*
 * Take messages for a handler, max at most; returns how many.  Each then ends by
 * one of the following.
 */
extern int	stock_take(Message **messages, int max);

extern void stock_done(Message *message);

/* Return it for so many seconds, and what comes after it in its group with it */
extern void stock_failed(Message *message, int timeout);

/* It was not begun after all: it is the next one to be taken */
extern void stock_put_back(Message *message);

/* Return all that are ready */
extern void stock_return_ready(void);

/* Messages that are held; that are ready; of these, that may be taken now */
extern int	stock_held(void);
extern int	stock_ready(void);
extern int	stock_available(void);
extern size_t stock_bytes(void);

#endif							/* WORKER_STOCK_H */
