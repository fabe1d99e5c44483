/*-------------------------------------------------------------------------
 *
 * listen.c
 *		Sockets to listen on.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "address.h"
#include "listen.h"
#include "log.h"

void
listen_failed(const char *address, const char *reason)
{
	log_event(LOG_LEVEL_ERROR, "cannot_listen", "address", "s", address, "reason", "s", reason, NULL);
	exit(EXIT_FAILURE);
}

int
listen_open(const char *address, int backlog)
{
	char		host[HOST_LENGTH_MAX + 1];
	char		service[16];
	int			port = 0;
	int			on = 1;
	int			fd;
	int			error;
	struct addrinfo hints;
	struct addrinfo *found;

	(void) address_split(address, host, sizeof(host), &port);
	snprintf(service, sizeof(service), "%d", port);
	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
	error = getaddrinfo(host[0] == '\0' ? NULL : host, service, &hints, &found);
	if (error != 0)
		listen_failed(address, gai_strerror(error));
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		bind(fd, found->ai_addr, found->ai_addrlen) != 0 ||
		listen(fd, backlog) != 0)
		listen_failed(address, strerror(errno));
	freeaddrinfo(found);
	return fd;
}
