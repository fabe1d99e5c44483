/*-------------------------------------------------------------------------
 *
 * http.c
 *		The HTTP server: requests come in, answers go out.
 *
 * The library parses, and keeps the connections; it runs within our event loop,
 * and its epoll descriptor is one of those that we watch.  A request whose
 * answer has to wait is suspended: the library then forgets about its socket
 * until it is resumed, and a client that goes away meanwhile is noticed by us.
 *
 * Every connection has a timer: a request has to arrive within a time, however
 * slowly its bytes come, and so has an answer to be taken.
 *
 *-------------------------------------------------------------------------
 */
#define _GNU_SOURCE				/* POLLRDHUP */
#include <arpa/inet.h>
#include <ctype.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/rand.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http.h"
#include "listen.h"
#include "log.h"
#include "loop.h"
#include "tls.h"

#define LISTEN_BACKLOG 4096

/* Headers of a request, at most */
#define HEADERS_MAX 200

/*
 * What the library needs of a connection's memory beside the request line and
 * the headers: it reads the body through the same memory, and writes the
 * answer's headers there.
 */
#define CONNECTION_OVERHEAD 4096

typedef struct Connection
{
	int			fd;
	LoopTimer	timer;
	struct HttpExchange *current;	/* whose request line was read last */
	bool		loopback;		/* the client is on this machine */
	char		address[INET6_ADDRSTRLEN];	/* of the client */
} Connection;

/* An exchange as this file sees it */
typedef struct HttpExchange
{
	Exchange	exchange;		/* first: handlers get a pointer to it */
	struct MHD_Connection *connection;
	Connection *socket;
	char	   *target;			/* path and query */
	HttpHeader *headers;
	char	   *names;			/* of the headers, in lower case */
	Buffer		body;
	size_t		counted;		/* bytes of it and of the answer, in
								 * bytes_held */
	bool		started;		/* the headers were seen */
	bool		begun;			/* the handler has it */
	bool		suspended;
	bool		dropped;
	struct MHD_Response *response;
	unsigned int status;
	LoopSource *client;			/* while the client is minded */
} HttpExchange;

static const Config *config;
static HttpHandlers handlers;
static struct MHD_Daemon *server = NULL;
static LoopSource *source = NULL;
static bool quiet = false;
static bool to_run = false;
static int	active = 0;
static int	connections = 0;
static size_t bytes_held = 0;

static void
server_run(void)
{
	to_run = false;
	(void) MHD_run(server);
}

static void
server_event(void *arg, uint32_t events)
{
	server_run();
}

/*
 * Called before each wait: do what can be done at once.
 */
static int64_t
server_idle(void)
{
	MHD_UNSIGNED_LONG_LONG timeout;

	if (server == NULL)
		return -1;
	if (to_run)
		server_run();
	if (MHD_get_timeout(server, &timeout) != MHD_YES)
		return -1;
	if (timeout == 0)
		to_run = true;
	return timeout * 1000;
}

/*
 * The time of a connection is over: have the library find its end.
 */
static void
connection_overdue(void *arg)
{
	Connection *connection = arg;

	(void) shutdown(connection->fd, SHUT_RDWR);
}

static void
connection_limit(Connection *connection, int seconds)
{
	loop_timer_set(&connection->timer, loop_now() + seconds * MICROSECONDS_PER_SECOND,
				   connection_overdue, connection);
}

/*
 * Whether the client is on a loopback address.
 */
static bool
is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return (ntohl(((const struct sockaddr_in *) address)->sin_addr.s_addr) >> 24) == 127;
	if (address->sa_family == AF_INET6)
	{
		const struct in6_addr *in6 = &((const struct sockaddr_in6 *) address)->sin6_addr;

		return IN6_IS_ADDR_LOOPBACK(in6) ||
			(IN6_IS_ADDR_V4MAPPED(in6) && in6->s6_addr[12] == 127);
	}
	return false;
}

/*
 * An address as text.  One of IPv4 looks the same by whatever socket it came.
 */
static void
write_address(const struct sockaddr *address, char *text)
{
	const void *bytes = &((const struct sockaddr_in *) address)->sin_addr;
	int			family = address->sa_family;

	text[0] = '\0';
	if (family == AF_INET6)
	{
		const struct in6_addr *in6 = &((const struct sockaddr_in6 *) address)->sin6_addr;

		bytes = in6;
		if (IN6_IS_ADDR_V4MAPPED(in6))
		{
			family = AF_INET;
			bytes = &in6->s6_addr[12];
		}
	}
	if (family == AF_INET || family == AF_INET6)
		(void) inet_ntop(family, bytes, text, INET6_ADDRSTRLEN);
}

/*
 * Free an exchange.
 */
static void
exchange_free(HttpExchange *x)
{
	x->socket->current = NULL;
	bytes_held -= x->counted;
	buffer_free(&x->body);
	if (x->response != NULL)
		MHD_destroy_response(x->response);
	free(x->headers);
	free(x->names);
	free(x->target);
	free(x);
}

static void
connection_notify(void *cls, struct MHD_Connection *connection, void **context,
				  enum MHD_ConnectionNotificationCode code)
{
	Connection *socket = *context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED)
	{
		const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

		socket = must_calloc(1, sizeof(*socket));
		socket->fd = info->connect_fd;
		info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
		socket->loopback = is_loopback(info->client_addr);
		write_address(info->client_addr, socket->address);
		connection_limit(socket, config->request_timeout);
		*context = socket;
		connections++;
	}
	else
	{
		loop_timer_clear(&socket->timer);
		if (socket->current != NULL)
			exchange_free(socket->current);
		free(socket);
		*context = NULL;
		connections--;
	}
}

/*
 * A request line was read: the library's parsing has not touched it yet.  It
 * does not tell of the end of each request that goes no further than that.
 */
static void *
request_line(void *cls, const char *uri, struct MHD_Connection *connection)
{
	HttpExchange *x = must_calloc(1, sizeof(*x));

	x->connection = connection;
	x->socket = MHD_get_connection_info(connection,
										MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	if (x->socket->current != NULL)
		exchange_free(x->socket->current);
	x->socket->current = x;
	x->target = must_strdup(uri);
	connection_limit(x->socket, config->request_timeout);
	return x;
}

static enum MHD_Result
answer_plain(struct MHD_Connection *connection, unsigned int status, const char *text)
{
	struct MHD_Response *response =
	MHD_create_response_from_buffer(strlen(text), (void *) text, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result;

	MHD_add_response_header(response, "Content-Type", "text/plain");
	MHD_add_response_header(response, "Connection", "close");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

/*
 * Count the headers that say where a body ends.
 */
static enum MHD_Result
count_lengths(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	int		   *count = cls;

	if (strcasecmp(name, "Content-Length") == 0 || strcasecmp(name, "Transfer-Encoding") == 0)
		(*count)++;
	return MHD_YES;
}

/*
 * Look at a request whose headers have been read: is it worth reading more?
 *
 * One that says twice where it ends is refused, as a proxy before us might
 * believe the other one: what is a body for us would be a request for it, or
 * the other way round.
 */
static enum MHD_Result
request_start(HttpExchange *x)
{
	const char *length = MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND,
													 "Content-Length");
	unsigned long long bytes = 0;
	int			lengths = 0;

	MHD_get_connection_values(x->connection, MHD_HEADER_KIND, count_lengths, &lengths);
	if (lengths > 1)
		return answer_plain(x->connection, MHD_HTTP_BAD_REQUEST, "The length of the request is ambiguous.\n");
	if (length != NULL)
		bytes = strtoull(length, NULL, 10);
	if (bytes > config->max_body)
		return answer_plain(x->connection, MHD_HTTP_CONTENT_TOO_LARGE, "The request is too large.\n");
	if (bytes > 0 && bytes_held + bytes > config->max_memory)
		return answer_plain(x->connection, MHD_HTTP_SERVICE_UNAVAILABLE, "Too many requests at a time.\n");
	return MHD_YES;
}

/*
 * Take a part of the body; false if there is too much of it.
 */
static bool
request_body(HttpExchange *x, const char *data, size_t size)
{
	size_t		before = x->body.room;

	if (size > config->max_body - x->body.length)
		return false;
	buffer_append(&x->body, data, size);
	bytes_held += x->body.room - before;
	x->counted += x->body.room - before;
	return bytes_held <= config->max_memory;
}

/* What goes through the headers */
typedef struct HeaderWalk
{
	HttpExchange *x;
	Buffer		names;
	bool		too_many;
} HeaderWalk;

static enum MHD_Result
take_header(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	HeaderWalk *walk = cls;
	HttpRequest *request = &walk->x->exchange.request;

	if (request->header_count >= HEADERS_MAX)
	{
		walk->too_many = true;
		return MHD_NO;
	}
	walk->x->headers[request->header_count++].value = value == NULL ? "" : value;
	for (const char *p = name; *p != '\0'; p++)
		buffer_putc(&walk->names, tolower((unsigned char) *p));
	buffer_putc(&walk->names, '\0');
	return MHD_YES;
}

/*
 * Fill in the request; false if it has too many headers.
 */
static bool
request_read(HttpExchange *x, const char *method)
{
	HttpRequest *request = &x->exchange.request;
	HeaderWalk	walk = {x, {0}, false};
	char	   *mark = strchr(x->target, '?');
	const char *name;

	if (mark != NULL)
		*mark = '\0';
	request->method = method;
	request->path = x->target;
	request->query = mark == NULL ? "" : mark + 1;
	x->headers = must_malloc(HEADERS_MAX * sizeof(*x->headers));
	MHD_get_connection_values(x->connection, MHD_HEADER_KIND, take_header, &walk);
	x->names = buffer_take(&walk.names, NULL);
	name = x->names;
	for (int i = 0; i < request->header_count; i++)
	{
		x->headers[i].name = name;
		name += strlen(name) + 1;
	}
	x->headers = must_realloc(x->headers, request->header_count * sizeof(*x->headers));
	request->headers = x->headers;
	request->body = x->body.data == NULL ? "" : x->body.data;
	request->body_length = x->body.length;
	request->secure = config->tls_certificate != NULL;
	return !walk.too_many;
}

/*
 * A version 4 UUID.
 */
static void
make_request_id(char *id)
{
	unsigned char bytes[16];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		memset(bytes, 0, sizeof(bytes));
	bytes[6] = (bytes[6] & 0x0f) | 0x40;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	for (int i = 0; i < 16; i++)
	{
		static const char digits[] = "0123456789abcdef";

		if (i == 4 || i == 6 || i == 8 || i == 10)
			*id++ = '-';
		*id++ = digits[bytes[i] >> 4];
		*id++ = digits[bytes[i] & 0x0f];
	}
	*id = '\0';
}

/*
 * Hand the answer to the library.
 */
static enum MHD_Result
queue_answer(HttpExchange *x)
{
	enum MHD_Result result;

	if (x->dropped)
		return MHD_NO;
	connection_limit(x->socket, config->request_timeout);
	result = MHD_queue_response(x->connection, x->status, x->response);
	MHD_destroy_response(x->response);
	x->response = NULL;
	return result;
}

static enum MHD_Result
request_handle(void *cls, struct MHD_Connection *connection, const char *url,
			   const char *method, const char *version, const char *upload_data,
			   size_t *upload_data_size, void **context)
{
	HttpExchange *x = *context;

	if (!x->started)
	{
		x->started = true;
		return request_start(x);
	}
	if (*upload_data_size > 0)
	{
		bool		taken = request_body(x, upload_data, *upload_data_size);

		*upload_data_size = 0;
		return taken ? MHD_YES : MHD_NO;
	}
	if (!x->begun)
	{
		if (!request_read(x, method))
			return answer_plain(connection, MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE,
								"The request has too many headers.\n");
		x->begun = true;
		x->exchange.began = loop_now();
		x->exchange.loopback = x->socket->loopback;
		x->exchange.address = x->socket->address;
		make_request_id(x->exchange.request_id);
		loop_timer_clear(&x->socket->timer);
		active++;
		handlers.begin(&x->exchange);
		if (x->response == NULL && !x->dropped)
		{
			x->suspended = true;
			MHD_suspend_connection(connection);
			return MHD_YES;
		}
	}
	return queue_answer(x);
}

static void
request_completed(void *cls, struct MHD_Connection *connection, void **context,
				  enum MHD_RequestTerminationCode code)
{
	HttpExchange *x = *context;

	if (x == NULL)
		return;
	if (x->client != NULL)
		loop_remove(x->client);
	if (x->begun)
	{
		active--;
		handlers.ended(&x->exchange, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
	}
	connection_limit(x->socket, quiet ? 0 : config->idle_timeout);
	exchange_free(x);
	*context = NULL;
}

/*
 * Let the library go on with a request.
 */
static void
resume(HttpExchange *x)
{
	http_mind_client(&x->exchange, false);
	if (!x->suspended)
		return;
	x->suspended = false;
	MHD_resume_connection(x->connection);
	to_run = true;
}

void
http_answer(Exchange *exchange, int status, const char *content_type,
			const char *query_error, Buffer *body)
{
	HttpExchange *x = (HttpExchange *) exchange;
	size_t		length;
	char	   *bytes = buffer_take(body, &length);

	/*
	 * until a slow client has read it, it takes memory that others cannot
	 * have
	 */
	bytes_held += length;
	x->counted += length;
	x->response = MHD_create_response_from_buffer(length, bytes, MHD_RESPMEM_MUST_FREE);
	if (x->response == NULL)
		abort();
	x->status = status;
	MHD_add_response_header(x->response, "Content-Type", content_type);
	MHD_add_response_header(x->response, "x-amzn-RequestId", exchange->request_id);
	if (query_error != NULL && query_error[0] != '\0')
		MHD_add_response_header(x->response, "x-amzn-query-error", query_error);
	if (quiet)
		MHD_add_response_header(x->response, "Connection", "close");
	resume(x);
}

void
http_drop(Exchange *exchange)
{
	HttpExchange *x = (HttpExchange *) exchange;

	x->dropped = true;
	resume(x);
}

static void
client_event(void *arg, uint32_t events)
{
	HttpExchange *x = arg;

	http_mind_client(&x->exchange, false);
	handlers.gone(&x->exchange);
}

void
http_mind_client(Exchange *exchange, bool mind)
{
	HttpExchange *x = (HttpExchange *) exchange;

	if (mind && x->client == NULL)
		x->client = loop_add(x->socket->fd, EPOLLRDHUP, client_event, x);
	else if (!mind && x->client != NULL)
	{
		loop_remove(x->client);
		x->client = NULL;
	}
}

bool
http_client_there(const Exchange *exchange)
{
	const HttpExchange *x = (const HttpExchange *) exchange;
	struct pollfd one = {x->socket->fd, POLLRDHUP, 0};

	return poll(&one, 1, 0) <= 0;
}

/*
 * A Host header is put into URLs, so nothing else may be in it.
 */
static bool
is_host(const char *host)
{
	size_t		length = strlen(host);

	return length > 0 && length < 256 &&
		strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]") == length;
}

void
http_base_url(const Exchange *exchange, Buffer *url)
{
	const char *host = request_header(&exchange->request, "host");

	if (config->url != NULL)
		buffer_puts(url, config->url);
	else
		buffer_printf(url, "%s://%s", exchange->request.secure ? "https" : "http",
					  host != NULL && is_host(host) ? host : config->listen);
}

int
http_active(void)
{
	return active;
}

int
http_connections(void)
{
	return connections;
}

bool
http_has_room(void)
{
	return bytes_held <= config->max_memory;
}

size_t
http_bytes_held(void)
{
	return bytes_held;
}

static void
library_says(void *cls, const char *format, va_list args)
{
	char		line[512];

	if (!log_enabled(LOG_LEVEL_DEBUG))
		return;
	vsnprintf(line, sizeof(line), format, args);
	line[strcspn(line, "\r\n")] = '\0';
	log_event(LOG_LEVEL_DEBUG, "http", "text", "s", line, NULL);
}

static void
add_option(struct MHD_OptionItem *options, int *count, enum MHD_OPTION option,
		   intptr_t value, void *pointer)
{
	options[*count].option = option;
	options[*count].value = value;
	options[*count].ptr_value = pointer;
	(*count)++;
}

void
http_open(const Config *settings, const HttpHandlers *callbacks)
{
	unsigned int flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	struct MHD_OptionItem options[16];
	int			count = 0;
	int			fd;

	config = settings;
	handlers = *callbacks;
	fd = listen_open(settings->listen, LISTEN_BACKLOG);
	add_option(options, &count, MHD_OPTION_LISTEN_SOCKET, fd, NULL);
	add_option(options, &count, MHD_OPTION_CONNECTION_LIMIT, settings->max_connections, NULL);
	add_option(options, &count, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
			   settings->max_header + CONNECTION_OVERHEAD, NULL);
	add_option(options, &count, MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL);
	if (settings->tls_certificate != NULL)
	{
		flags |= MHD_USE_TLS;
		add_option(options, &count, MHD_OPTION_HTTPS_PRIORITIES, 0,
				   (void *) tls_priorities());
		add_option(options, &count, MHD_OPTION_HTTPS_CERT_CALLBACK2, 0,
				   (void *) tls_certificate_callback2());
	}
	add_option(options, &count, MHD_OPTION_END, 0, NULL);

	server = MHD_start_daemon(flags, 0, NULL, NULL, request_handle, NULL,
							  MHD_OPTION_EXTERNAL_LOGGER, library_says, NULL,
							  MHD_OPTION_URI_LOG_CALLBACK, request_line, NULL,
							  MHD_OPTION_NOTIFY_COMPLETED, request_completed, NULL,
							  MHD_OPTION_NOTIFY_CONNECTION, connection_notify, NULL,
							  MHD_OPTION_ARRAY, options, MHD_OPTION_END);
	if (server == NULL)
		listen_failed(settings->listen, "the HTTP server could not be started");
	source = loop_add(MHD_get_daemon_info(server, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
					  EPOLLIN, server_event, NULL);
	loop_set_idle(server_idle);
}

void
http_quiesce(void)
{
	int			fd = MHD_quiesce_daemon(server);

	quiet = true;
	if (fd >= 0)
		close(fd);
}

void
http_close(void)
{
	loop_remove(source);
	MHD_stop_daemon(server);
	server = NULL;
}
