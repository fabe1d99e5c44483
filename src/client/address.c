/*-------------------------------------------------------------------------
 *
 * address.c
 *		Addresses to listen on, as they are written in settings.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "address.h"

bool
address_split(const char *address, char *host, size_t host_size, int *port)
{
	const char *colon = strrchr(address, ':');
	const char *end = colon;
	size_t		digits;

	if (colon == NULL)
		return false;
	digits = strspn(colon + 1, "0123456789");
	if (digits == 0 || digits > 5 || colon[1 + digits] != '\0')
		return false;
	*port = atoi(colon + 1);
	if (*port < 1 || *port > 65535)
		return false;

	if (address[0] == '[')
	{
		struct in6_addr parsed;

		address++;
		if (end == address || *--end != ']' || end - address >= host_size)
			return false;
		memcpy(host, address, end - address);
		host[end - address] = '\0';
		return inet_pton(AF_INET6, host, &parsed) == 1;
	}

	if (end == address || end - address >= host_size)
		return false;
	memcpy(host, address, end - address);
	host[end - address] = '\0';
	for (const char *c = host; *c != '\0'; c++)
	{
		if (!isalnum((unsigned char) *c) && strchr(".-_", *c) == NULL)
			return false;
	}
	return true;
}

bool
address_is_loopback(const char *host)
{
	struct in_addr address;
	struct in6_addr address6;

	if (inet_pton(AF_INET, host, &address) == 1)
		return ntohl(address.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, host, &address6) == 1)
		return IN6_IS_ADDR_LOOPBACK(&address6) ||
			(IN6_IS_ADDR_V4MAPPED(&address6) && address6.s6_addr[12] == 127);
	return strcasecmp(host, "localhost") == 0;
}
