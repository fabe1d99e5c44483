/*-------------------------------------------------------------------------
 *
 * signals.h
 *		Signals, as events like others.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLIENT_SIGNALS_H
#define CLIENT_SIGNALS_H

/*
 * Have a function called in the loop for each of these signals that arrives; the
 * list ends with 0.  SIGPIPE is ignored from here on.
 */
extern void signals_catch(const int *list, void (*arrived) (int number));

/* Call it no more */
extern void signals_release(void);

#endif							/* CLIENT_SIGNALS_H */
