/*-------------------------------------------------------------------------
 *
 * serve.c
 *		What becomes of a request: who asks, for what, and the answer.
 *
 * A request is believed only when its signature has been verified; nothing of
 * it but the headers that this takes is read before.
 *
 *-------------------------------------------------------------------------
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "call.h"
#include "keys.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "pgpool.h"
#include "serve.h"
#include "utf8.h"
#include "waits.h"

/* As much of what a client calls itself as the server is told, in bytes */
#define USER_AGENT_MAX 512

/* A request and all that belongs to it, until its answer is out */
typedef struct Serve
{
	Exchange   *exchange;
	Call		call;
	Signature	signature;
	KeyWaiter	key_waiter;
	Poll		poll;			/* of ReceiveMessage; its job is that of the
								 * other actions, too */
	bool		working;		/* a callback is to come that needs this */
	bool		ended;			/* the exchange is no more */
	int			error;			/* what it was answered with; -1: none */
	char	   *messages;		/* the answer, if there are messages in it */
	char	   *client;			/* what the server is told of who asks */
} Serve;

static const Config *config;

/*
 * Give up what belongs to a request, if nobody needs it any more.
 */
static void
serve_release(Serve *serve)
{
	if (serve->working || !serve->ended)
		return;
	call_free(&serve->call);
	free(serve->messages);
	free(serve->client);
	free(serve);
}

static void
serve_answer(Serve *serve, Answer *answer)
{
	http_answer(serve->exchange, answer->status, answer->content_type,
				answer->query_error, &answer->body);
}

static void
serve_fail(Serve *serve, const Failure *failure)
{
	Answer		answer;

	memset(&answer, 0, sizeof(answer));
	serve->error = failure->error;
	call_fail(&serve->call, failure, serve->exchange->request_id, &answer);
	serve_answer(serve, &answer);
}

static void
serve_fail_with(Serve *serve, int error, const char *text)
{
	Failure		failure;

	failure.error = error;
	failure.text = (char *) text;
	serve_fail(serve, &failure);
}

/*
 * Answer with what the database has said.
 */
static void
serve_result(Serve *serve, const JobResult *result)
{
	Answer		answer;
	Buffer		base = {0};

	if (result->failure != NULL)
	{
		if (result->failure->error == SQS_UNRECOGNIZED_CLIENT)
			keys_forget(serve->signature.access_key_id);
		serve_fail(serve, result->failure);
		return;
	}
	memset(&answer, 0, sizeof(answer));
	http_base_url(serve->exchange, &base);
	call_answer(&serve->call, result->answer, base.data, serve->exchange->request_id, &answer);
	buffer_free(&base);
	serve_answer(serve, &answer);
}

static void
job_done(Job *job, const JobResult *result)
{
	Serve	   *serve = job->arg;

	serve->working = false;
	if (!serve->ended)
		serve_result(serve, result);
	serve_release(serve);
}

static Serve *
serve_of_poll(Poll *poll)
{
	return (Serve *) ((char *) poll - offsetof(Serve, poll));
}

static bool
poll_alive(Poll *poll)
{
	Serve	   *serve = serve_of_poll(poll);

	return !serve->ended && http_client_there(serve->exchange);
}

static void
poll_done(Poll *poll, const JobResult *result)
{
	Serve	   *serve = serve_of_poll(poll);

	serve->working = false;
	if (!serve->ended)
	{
		if (result == NULL)
			http_drop(serve->exchange);
		else
		{
			if (result->answer != NULL && strstr(result->answer, "\"Messages\"") != NULL)
				serve->messages = must_strdup(result->answer);
			serve_result(serve, result);
		}
	}
	serve_release(serve);
}

static void
poll_waiting(Poll *poll, bool waiting)
{
	Serve	   *serve = serve_of_poll(poll);

	if (!serve->ended)
		http_mind_client(serve->exchange, waiting);
}

/*
 * The client as queue.perform() has it: whether its connection is secure, its
 * address, what it calls itself.
 */
static char *
describe_client(const Exchange *exchange)
{
	const char *agent = request_header(&exchange->request, "user-agent");
	Buffer		client = {0};
	char	   *text;

	buffer_printf(&client, "%d %s %.*s", exchange->request.secure, exchange->address,
				  USER_AGENT_MAX, agent == NULL ? "" : agent);
	text = buffer_take(&client, NULL);
	utf8_clean(text);
	return text;
}

/*
 * It is known who asks: do what is asked for.
 */
static void
serve_perform(Serve *serve)
{
	Failure		failure;
	Job		   *job = &serve->poll.job;

	if (!http_has_room())
	{
		serve_fail_with(serve, GATEWAY_SERVICE_UNAVAILABLE,
						"Too many requests at a time. Try again later.");
		return;
	}
	if (!call_read(&serve->exchange->request, &serve->call, &failure))
	{
		serve_fail(serve, &failure);
		failure_free(&failure);
		return;
	}
	job->access_key_id = config->insecure_accept_any ? NULL : serve->signature.access_key_id;
	job->action = serve->call.action;
	job->queue = serve->call.queue;
	job->request = serve->call.request;
	job->client = serve->client = describe_client(serve->exchange);
	job->last = true;
	serve->working = true;
	if (strcmp(serve->call.action->name, "ReceiveMessage") == 0)
	{
		serve->poll.alive = poll_alive;
		serve->poll.done = poll_done;
		serve->poll.waiting = poll_waiting;
		waits_begin(&serve->poll);
	}
	else
	{
		job->done = job_done;
		job->arg = serve;
		batch_submit(job);
	}
}

/*
 * The key is known: verify the signature.
 */
static void
serve_verify(Serve *serve, const unsigned char *key)
{
	Failure		failure;

	if (!sigv4_verify(&serve->exchange->request, &serve->signature, key, &failure))
	{
		serve_fail(serve, &failure);
		failure_free(&failure);
		return;
	}
	serve_perform(serve);
}

static void
serve_key(Serve *serve, KeyStatus status, const unsigned char *key)
{
	switch (status)
	{
		case KEY_FOUND:
			serve_verify(serve, key);
			break;
		case KEY_UNKNOWN:
			serve_fail_with(serve, SQS_UNRECOGNIZED_CLIENT,
							"The security token included in the request is invalid.");
			break;
		case KEY_UNAVAILABLE:
			serve_fail_with(serve, GATEWAY_SERVICE_UNAVAILABLE,
							"Service is unavailable. Try again later.");
			break;
		case KEY_PENDING:
			break;
	}
}

static void
key_arrived(KeyWaiter *waiter, KeyStatus status)
{
	Serve	   *serve = waiter->arg;
	unsigned char key[SIGV4_KEY_LENGTH];

	serve->working = false;
	if (!serve->ended)
	{
		if (status == KEY_FOUND)
			status = keys_find(&serve->signature, key, &serve->key_waiter);
		if (status == KEY_PENDING)
			serve->working = true;
		else
			serve_key(serve, status, key);
	}
	serve_release(serve);
}

/*
 * Find out who asks.
 */
static void
serve_authenticate(Serve *serve)
{
	const HttpRequest *request = &serve->exchange->request;
	Failure		failure;
	KeyStatus	status;
	unsigned char key[SIGV4_KEY_LENGTH];

	if (!sigv4_read(request, &serve->signature, &failure) ||
		!sigv4_check_time(&serve->signature, time(NULL), &failure))
	{
		serve_fail(serve, &failure);
		failure_free(&failure);
		return;
	}
	if (config->region != NULL && strcmp(serve->signature.region, config->region) != 0)
	{
		(void) failure_set(&failure, GATEWAY_INVALID_SIGNATURE,
						   "Credential should be scoped to a valid region, not '%s'.",
						   serve->signature.region);
		serve_fail(serve, &failure);
		failure_free(&failure);
		return;
	}
	serve->key_waiter.done = key_arrived;
	serve->key_waiter.arg = serve;
	status = keys_find(&serve->signature, key, &serve->key_waiter);
	if (status == KEY_PENDING)
		serve->working = true;
	else
		serve_key(serve, status, key);
}

/*
 * Whether it works: with a connection to call the database on, and one to wait
 * on.
 */
static void
serve_health(Exchange *exchange)
{
	Buffer		body = {0};
	bool		healthy = pgpool_ready() > 0 && waits_ready();

	buffer_printf(&body, "{\"status\": \"%s\", \"connections\": %d, \"waiting\": %s}\n",
				  healthy ? "ok" : "unavailable", pgpool_ready(),
				  waits_ready() ? "true" : "false");
	http_answer(exchange, healthy ? 200 : 503, "application/json", NULL, &body);
}

static void
metrics_text(void *arg, Buffer *text)
{
	Serve	   *serve = arg;

	serve->working = false;
	if (!serve->ended)
		http_answer(serve->exchange, 200, "text/plain; version=0.0.4; charset=utf-8", NULL, text);
	serve_release(serve);
}

static void
serve_plain(Exchange *exchange, int status, const char *text)
{
	Buffer		body = {0};

	buffer_puts(&body, text);
	http_answer(exchange, status, "text/plain", NULL, &body);
}

/*
 * The pages that are the gateway's own; false if it is none of them.
 */
static bool
serve_page(Exchange *exchange, Serve *serve)
{
	const HttpRequest *request = &exchange->request;

	if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0)
		return false;
	if (strcmp(request->path, "/health") == 0)
		serve_health(exchange);
	else if (strcmp(request->path, "/metrics") == 0)
	{
		if (config->metrics == METRICS_OFF)
			serve_plain(exchange, 404, "Metrics are off.\n");
		else if (config->metrics == METRICS_LOCAL && !exchange->loopback)
			serve_plain(exchange, 403, "Metrics are for clients on this machine.\n");
		else
		{
			serve->working = true;
			metrics_write(metrics_text, serve);
		}
	}
	else
		return false;
	return true;
}

static void
serve_begin(Exchange *exchange)
{
	Serve	   *serve = must_calloc(1, sizeof(*serve));
	const char *method = exchange->request.method;

	serve->exchange = exchange;
	serve->error = -1;
	exchange->serve = serve;
	if (serve_page(exchange, serve))
		return;
	serve->call.protocol = call_protocol(&exchange->request);
	if (strcmp(method, "GET") != 0 && strcmp(method, "POST") != 0)
		serve_fail_with(serve, GATEWAY_METHOD_NOT_ALLOWED, "The method is not allowed.");
	else if (config->insecure_accept_any)
		serve_perform(serve);
	else
		serve_authenticate(serve);
}

static void
serve_gone(Exchange *exchange)
{
	Serve	   *serve = exchange->serve;

	/* only polls that wait are minded */
	waits_abandon(&serve->poll);
}

/*
 * A line of the log.
 */
static void
serve_log(const Serve *serve, bool delivered, int64_t took)
{
	const ErrorInfo *info = serve->error < 0 ? NULL : error_info(serve->error);
	bool		failed = info != NULL && info->status >= 500;

	if (!config->log_requests && !failed)
		return;
	log_event(failed ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "request",
			  "request_id", "s", serve->exchange->request_id,
			  "action", "s", serve->call.action == NULL ? NULL : serve->call.action->name,
			  "access_key", "s", serve->signature.access_key_id[0] == '\0' ? NULL :
			  serve->signature.access_key_id,
			  "status", "i", info == NULL ? 200 : info->status,
			  "code", "s", info == NULL ? NULL : info->code,
			  "delivered", "i", delivered,
			  "milliseconds", "f", (double) took / 1000, NULL);
}

static void
serve_ended(Exchange *exchange, bool delivered)
{
	Serve	   *serve = exchange->serve;
	int64_t		took = loop_clock() - exchange->began;

	if (serve->messages != NULL && !delivered)
	{
		metrics_count_undelivered();
		waits_give_back(&serve->poll.job, serve->messages);
	}
	if (serve->call.action != NULL || serve->error >= 0)
		metrics_count(serve->call.action, serve->error, took);
	serve_log(serve, delivered, took);
	serve->ended = true;
	serve_release(serve);
}

const HttpHandlers serve_handlers = {serve_begin, serve_gone, serve_ended};

void
serve_init(const Config *settings)
{
	config = settings;
}
