/*-------------------------------------------------------------------------
 *
 * http.c
 *		The HTTP server for metrics.
 *
 * The library runs within our event loop, and its epoll descriptor is one of
 * those that we watch.
 *
 *-------------------------------------------------------------------------
 */
#include <microhttpd.h>
#include <string.h>

#include "http.h"
#include "listen.h"
#include "loop.h"

/* Who reads metrics are few */
#define CONNECTIONS_MAX 16
#define IDLE_SECONDS 30

static void (*write_text) (Buffer *text);
static struct MHD_Daemon *server = NULL;
static LoopSource *source = NULL;
static bool to_run = false;

static void
server_event(void *arg, uint32_t events)
{
	(void) MHD_run(server);
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
		(void) MHD_run(server);
	to_run = false;
	if (MHD_get_timeout(server, &timeout) != MHD_YES)
		return -1;
	to_run = timeout == 0;
	return timeout * 1000;
}

static enum MHD_Result
request_handle(void *cls, struct MHD_Connection *connection, const char *url,
			   const char *method, const char *version, const char *upload_data,
			   size_t *upload_data_size, void **context)
{
	static int	seen;
	unsigned int status = MHD_HTTP_OK;
	const char *type = "text/plain; version=0.0.4; charset=utf-8";
	struct MHD_Response *response;
	enum MHD_Result result;
	Buffer		text = {0};
	size_t		length;
	char	   *bytes;

	if (*context == NULL)
	{
		*context = &seen;
		return MHD_YES;
	}
	if (*upload_data_size > 0)
	{
		*upload_data_size = 0;
		return MHD_YES;
	}
	if (strcmp(method, "GET") == 0 && strcmp(url, "/metrics") == 0)
		write_text(&text);
	else
	{
		status = strcmp(url, "/metrics") == 0 ? MHD_HTTP_METHOD_NOT_ALLOWED : MHD_HTTP_NOT_FOUND;
		type = "text/plain";
		buffer_puts(&text, "There is GET /metrics, and nothing else.\n");
	}
	bytes = buffer_take(&text, &length);
	response = MHD_create_response_from_buffer(length, bytes, MHD_RESPMEM_MUST_FREE);
	MHD_add_response_header(response, "Content-Type", type);
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

void
http_open(const char *address, void (*text) (Buffer *text))
{
	int			fd = listen_open(address, CONNECTIONS_MAX);

	write_text = text;
	server = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, request_handle, NULL,
							  MHD_OPTION_LISTEN_SOCKET, fd,
							  MHD_OPTION_CONNECTION_LIMIT, (unsigned int) CONNECTIONS_MAX,
							  MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int) IDLE_SECONDS,
							  MHD_OPTION_END);
	if (server == NULL)
		listen_failed(address, "the HTTP server could not be started");
	source = loop_add(MHD_get_daemon_info(server, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
					  EPOLLIN, server_event, NULL);
	loop_set_idle(server_idle);
}

void
http_close(void)
{
	loop_remove(source);
	MHD_stop_daemon(server);
	server = NULL;
}
