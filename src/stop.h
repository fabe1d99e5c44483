/*-------------------------------------------------------------------------
 *
 * stop.h
 *		Points at which a test can hold a session.
 *
 * Only a module built with -DQUEUE_STOP_POINTS has them.  A session whose
 * queue.stop_point is set to the name of one waits there for as long as another
 * session holds the advisory lock that stop.c names.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_STOP_H
#define QUEUE_STOP_H

#ifdef QUEUE_STOP_POINTS
extern void stop_define(void);
extern void stop_point(const char *name);
#else
#define stop_define() ((void) 0)
#define stop_point(name) ((void) 0)
#endif

#endif							/* QUEUE_STOP_H */
