/*-------------------------------------------------------------------------
 *
 * address.h
 *		Addresses to listen on, as they are written in settings.
 *
 *-------------------------------------------------------------------------
 */
#ifndef CLIENT_ADDRESS_H
#define CLIENT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

/* Longest name of a host; that of DNS is 253 */
#define HOST_LENGTH_MAX 255

/*
 * Take an address and a port apart; host is without brackets.  False if they
 * are none, or if there is no room for the host.
 */
extern bool address_split(const char *address, char *host, size_t host_size,
						  int *port);

/* Whether a host is one of this machine's loopback addresses */
extern bool address_is_loopback(const char *host);

#endif							/* CLIENT_ADDRESS_H */
