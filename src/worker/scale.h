/*-------------------------------------------------------------------------
 *
 * scale.h
 *		How many handlers there may be.
 *
 *-------------------------------------------------------------------------
 */
#ifndef WORKER_SCALE_H
#define WORKER_SCALE_H

#include <stdint.h>

#include "config.h"

extern void scale_open(const Config *config);
extern void scale_stop(void);

/* The backlog at the last look; -1: it was not known */
extern int64_t scale_backlog(void);

#endif							/* WORKER_SCALE_H */
