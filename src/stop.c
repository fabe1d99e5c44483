/*-------------------------------------------------------------------------
 *
 * stop.c
 *		Points at which a test can hold a session, between two lines that others
 *		must be able to come between.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#ifdef QUEUE_STOP_POINTS

#include "fmgr.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"

#include "stop.h"

/* The advisory lock, as pg_advisory_lock(7168, 1) takes it */
#define STOP_CLASS 7168
#define STOP_OBJECT 1

static char *stop_name = NULL;

/*
 * Define queue.stop_point.
 */
void
stop_define(void)
{
	DefineCustomStringVariable("queue.stop_point",
							   "Point in the code at which this session waits for advisory lock (7168, 1).",
							   NULL,
							   &stop_name,
							   "",
							   PGC_USERSET,
							   0,
							   NULL, NULL, NULL);
}

/*
 * Wait if a test wants it.
 */
void
stop_point(const char *name)
{
	if (strcmp(stop_name, name) != 0)
		return;
	(void) DirectFunctionCall2(pg_advisory_lock_shared_int4,
							   Int32GetDatum(STOP_CLASS), Int32GetDatum(STOP_OBJECT));
	(void) DirectFunctionCall2(pg_advisory_unlock_shared_int4,
							   Int32GetDatum(STOP_CLASS), Int32GetDatum(STOP_OBJECT));
}

#endif							/* QUEUE_STOP_POINTS */
