/*-------------------------------------------------------------------------
 *
 * die.h
 *		The end of a run that cannot be measured.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLIENT_DIE_H
#define CLIENT_DIE_H

/* Write a line to standard error, and end with status 1 */
extern void die(const char *format,...) __attribute__((format(printf, 1, 2), noreturn));

#endif							/* CLIENT_DIE_H */
