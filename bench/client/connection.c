/*-------------------------------------------------------------------------
 *
 * connection.c
 *		Connections to the server, with one request at a time on each.
 *
 * As much of HTTP/1.1 as servers of SQS use: bodies with a length, or in
 * chunks; connections that stay open, unless the server says otherwise.  A
 * connection that the server closes in the middle of a request ends the run,
 * since a figure of a load that lost requests would be none.
 *
 *-------------------------------------------------------------------------
 */
#include "connection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "die.h"
#include "sign.h"

#define READ_SIZE 16384			/* bytes of an answer that are read at once */
#define NO_LENGTH ((size_t) -1)

static struct sockaddr_in server;
static char host[32];
static int	epoll_fd;
static int	asked;

int64_t
clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void
bytes_need(Bytes *bytes, size_t more)
{
	if (bytes->room - bytes->length >= more)
		return;
	bytes->room = 2 * bytes->room + more;
	bytes->data = realloc(bytes->data, bytes->room);
	if (bytes->data == NULL)
		die("out of memory");
}

void
connection_init(int port)
{
	server.sin_family = AF_INET;
	server.sin_port = htons(port);
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	snprintf(host, sizeof(host), "127.0.0.1:%d", port);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0)
		die("epoll_create1: %s", strerror(errno));
}

int
connection_epoll(void)
{
	return epoll_fd;
}

int
connection_asked(void)
{
	return asked;
}

static void
connect_now(Connection *connection)
{
	struct epoll_event event = {.events = EPOLLIN,.data.ptr = connection};
	int			one = 1;
	int			fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket: %s", strerror(errno));
	if (connect(fd, (struct sockaddr *) &server, sizeof(server)) < 0)
		die("connection %d to %s: %s", connection->number, host, strerror(errno));
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ||
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0 ||
		epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		die("connection %d: %s", connection->number, strerror(errno));
	connection->fd = fd;
}

void
connection_open(Connection *connection, int number)
{
	memset(connection, 0, sizeof(*connection));
	connection->number = number;
	connect_now(connection);
}

void
connection_close(Connection *connection)
{
	if (connection->fd >= 0)
		close(connection->fd);
	connection->fd = -1;
}

/* Write what is left of the request, as far as the socket takes it */
static void
write_rest(Connection *connection)
{
	bool		waited = connection->sent > 0;

	while (connection->sent < connection->out.length)
	{
		ssize_t		written = send(connection->fd, connection->out.data + connection->sent,
								   connection->out.length - connection->sent, MSG_NOSIGNAL);

		if (written < 0 && errno == EAGAIN)
			break;
		if (written < 0 && errno != EINTR)
			die("connection %d, send: %s", connection->number, strerror(errno));
		if (written > 0)
			connection->sent += written;
	}
	if (waited || connection->sent < connection->out.length)
	{
		struct epoll_event event = {.events = EPOLLIN,.data.ptr = connection};

		if (connection->sent < connection->out.length)
			event.events |= EPOLLOUT;
		if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, connection->fd, &event) < 0)
			die("epoll_ctl: %s", strerror(errno));
	}
}

void
connection_ask(Connection *connection, const char *action, const char *body, size_t length)
{
	Bytes	   *out = &connection->out;
	char		target[64];
	char		signature[SIGN_SIZE];

	if (connection->asked)
		die("connection %d: a request before the answer of the last", connection->number);
	if (connection->fd < 0)
		connect_now(connection);

	snprintf(target, sizeof(target), "AmazonSQS.%s", action);
	sign_request(target, body, length, time(NULL), signature);
	out->length = 0;
	bytes_need(out, 1024 + length);
	out->length = snprintf(out->data, 1024,
						   "POST / HTTP/1.1\r\nHost: %s\r\n"
						   "Content-Type: application/x-amz-json-1.0\r\n"
						   "X-Amz-Target: %s\r\nContent-Length: %zu\r\n%s\r\n",
						   host, target, length, signature);
	memcpy(out->data + out->length, body, length);
	out->length += length;

	connection->in.length = 0;
	connection->head = 0;
	connection->sent = 0;
	connection->asked = true;
	asked++;
	connection->asked_at = clock_now();
	write_rest(connection);
}

/* The value of a header, or NULL; the headers end with a NUL */
static const char *
find_header(const char *head, const char *name)
{
	size_t		length = strlen(name);

	for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line, "\r\n"))
	{
		line += 2;
		if (strncasecmp(line, name, length) == 0 && line[length] == ':')
			return line + length + 1 + strspn(line + length + 1, " \t");
	}
	return NULL;
}

/*
 * Decode a body in chunks, in place.  Returns false, and leaves it as it is,
 * if not all of it is there.
 */
static bool
join_chunks(char *body, size_t length, size_t *joined)
{
	bool		complete = false;

	for (int pass = 0; pass < 2; pass++)
	{
		const char *from = body;
		const char *end = body + length;
		char	   *to = body;

		for (;;)
		{
			char	   *digits_end;
			size_t		size = strtoul(from, &digits_end, 16);
			const char *line_end = strstr(digits_end, "\r\n");

			if (line_end == NULL || (size_t) (end - line_end) < size + 4)
				return false;
			if (digits_end == from)
				die("a chunk without a size");
			if (complete)
				memmove(to, line_end + 2, size);
			to += size;
			from = line_end + 2 + size + 2;
			if (size == 0)
				break;
		}
		complete = true;
		*joined = to - body;
	}
	return true;
}

/* Whether the answer is complete, and if so, what it is */
static bool
is_complete(Connection *connection, Answer *answer)
{
	Bytes	   *in = &connection->in;
	const char *value;
	char	   *body;
	size_t		length;

	in->data[in->length] = '\0';
	if (connection->head == 0)
	{
		const char *blank = strstr(in->data, "\r\n\r\n");

		if (blank == NULL)
			return false;
		connection->head = blank + 4 - in->data;
	}
	/* The line end of the last header becomes the end of a string */
	in->data[connection->head - 2] = '\0';
	body = in->data + connection->head;
	length = in->length - connection->head;
	value = find_header(in->data, "transfer-encoding");
	if (value != NULL && strncasecmp(value, "chunked", 7) == 0)
	{
		if (!join_chunks(body, length, &length))
			return false;
	}
	else
	{
		size_t		wanted;

		value = find_header(in->data, "content-length");
		if (value == NULL)
			die("an answer has neither a length nor chunks");
		wanted = strtoul(value, NULL, 10);
		if (length < wanted)
			return false;
		length = wanted;
	}
	body[length] = '\0';
	if (sscanf(in->data, "HTTP/1.%*c %d", &answer->status) != 1)
		die("not an answer of HTTP/1.1: %.40s", in->data);
	answer->body = body;
	answer->length = length;

	value = find_header(in->data, "connection");
	if (strncmp(in->data, "HTTP/1.0", 8) == 0 ||
		(value != NULL && strncasecmp(value, "close", 5) == 0))
		connection_close(connection);
	return true;
}

bool
connection_event(Connection *connection, uint32_t events, Answer *answer)
{
	Bytes	   *in = &connection->in;

	if (events & EPOLLOUT)
		write_rest(connection);
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return false;
	for (;;)
	{
		ssize_t		got;

		/* One more, for the NUL that is_complete() puts at the end */
		bytes_need(in, READ_SIZE + 1);
		got = recv(connection->fd, in->data + in->length, READ_SIZE, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return false;
		if (got <= 0)
		{
			if (connection->asked)
				die("connection %d: the server closed it before it had answered%s%s",
					connection->number, got < 0 ? ": " : "", got < 0 ? strerror(errno) : "");
			connection_close(connection);
			return false;
		}
		if (!connection->asked)
			die("connection %d: an answer that nobody asked for", connection->number);
		in->length += got;
		if (is_complete(connection, answer))
		{
			connection->asked = false;
			asked--;
			return true;
		}
	}
}
