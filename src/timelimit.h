/*-------------------------------------------------------------------------
 *
 * timelimit.h
 *		A limit to how long a function of somebody else may run.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_TIMELIMIT_H
#define QUEUE_TIMELIMIT_H

/*
 * Cancel the current statement after so many milliseconds, and then each second
 * again; after so many times, 0 for never, end the process.  Call the second, which
 * says whether the limit has passed, however what is limited ends.
 */
extern void timelimit_begin(int64 milliseconds, int patience);
extern bool timelimit_end(void);

#endif							/* QUEUE_TIMELIMIT_H */
