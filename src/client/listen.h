/*-------------------------------------------------------------------------
 *
 * listen.h
 *		Sockets to listen on.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLIENT_LISTEN_H
#define CLIENT_LISTEN_H

/*
 * A socket that listens on an address, as address_split() takes it; without a host
 * on all of this machine's.  So many connections may wait to be accepted.  If it
 * cannot be had, that is logged and the program ends.
 */
extern int	listen_open(const char *address, int backlog);

/* Log why there is nobody to listen on an address, and end the program */
extern void listen_failed(const char *address, const char *reason)
			__attribute__((noreturn));

#endif							/* CLIENT_LISTEN_H */
