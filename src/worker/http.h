/*-------------------------------------------------------------------------
 *
 * http.h
 *		The HTTP server for metrics.
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKER_HTTP_H
#define WORKER_HTTP_H

#include "buffer.h"

/*
 * Serve what text() writes as /metrics, on an address and port; ends the process
 * if that is not possible.
 */
extern void http_open(const char *address, void (*text) (Buffer *text));
extern void http_close(void);

#endif							/* WORKER_HTTP_H */
