/*-------------------------------------------------------------------------
 *
 * serve.h
 *		What becomes of a request: who asks, for what, and the answer.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GATEWAY_SERVE_H
#define GATEWAY_SERVE_H

#include "config.h"
#include "http.h"

/* For http_open() */
extern const HttpHandlers serve_handlers;

extern void serve_init(const Config *config);

#endif							/* GATEWAY_SERVE_H */
