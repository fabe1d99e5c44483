/*-------------------------------------------------------------------------
 *
 * watch.c
 *		One connection that waits for messages in any number of queues.
 *
 * The session runs queue.watch() all the time.  The server keeps what it
 * watches from one call to the next, and ends a call when the next is sent: so
 * a change is made known by a call with the change, sent while the one before
 * still waits.  It must have begun to: what is sent before may stay in the
 * server's buffer unnoticed.  So each call notifies us when it does.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "log.h"
#include "loop.h"
#include "pgconn.h"
#include "watch.h"

/* How long a call waits, in seconds, and how many changes it can carry */
#define WATCH_SECONDS "30"
#define WATCH_TIME_LIMIT 60
#define CHANGES_MAX 4096

/* How long to rest after a call that failed, in microseconds */
#define REST MICROSECONDS_PER_SECOND

/* Calls in flight: one that waits, and one that ends the waiting */
#define CALLS_MAX 2

#define STATEMENT_WATCH "watch"

/* Names that wait to be told to the server */
typedef struct Names
{
	char	  **names;
	int			count;
	int			room;
} Names;

typedef struct WatchCall
{
	Statement	statement;
	char	   *arrays[2];
} WatchCall;

static void watch_dispatch(void *arg);

static const Prepared prepared[] = {
	{STATEMENT_WATCH,
		"CALL queue.watch($1::pg_catalog.text[], $2::pg_catalog.text[],"
	" $3::pg_catalog.int4, NULL::pg_catalog.text[])"}
};

static WatchCallbacks callbacks;
static const char *dsn = NULL;
static PgConn *connection = NULL;
static bool connected = false;
static bool broken = false;		/* what the server watches is not known */
static int	calls = 0;
static unsigned long sent_calls = 0;	/* in this session */
static unsigned long waiting_call = 0;	/* the last of them that has begun to
										 * wait */
static bool anything = false;	/* was ever watched in this session */
static Names added;
static Names dropped;
static LoopTask dispatch = {watch_dispatch, NULL, false, NULL};
static LoopTimer rest;			/* set while it rests */

static void
names_put(Names *names, const char *name)
{
	if (names->count == names->room)
	{
		names->room = names->room == 0 ? 64 : 2 * names->room;
		names->names = must_realloc(names->names, names->room * sizeof(*names->names));
	}
	names->names[names->count++] = must_strdup(name);
}

/*
 * Forget the first names.
 */
static void
names_drop(Names *names, int count)
{
	for (int i = 0; i < count; i++)
		free(names->names[i]);
	if (count > 0)
		memmove(names->names, names->names + count,
				(names->count - count) * sizeof(*names->names));
	names->count -= count;
}

static void
watch_changed(void *arg)
{
	loop_defer(&dispatch);
}

static void
watch_waits(const char *payload, void *arg)
{
	waiting_call = strtoul(payload, NULL, 10);
	loop_defer(&dispatch);
}

static void
watch_connect(void)
{
	connection = pgconn_open("waits", dsn, 0, prepared, 1, watch_changed, NULL);
	pgconn_listen(connection, watch_waits);
}

void
watch_open(const Config *config, const WatchCallbacks *told)
{
	callbacks = *told;
	dsn = config->dsn;
	watch_connect();
}

void
watch_close(void)
{
	if (connection != NULL)
		pgconn_close(connection);
	connection = NULL;
}

bool
watch_connected(void)
{
	return connected;
}

void
watch_add(const char *queue)
{
	names_put(&added, queue);
	loop_defer(&dispatch);
}

void
watch_remove(const char *queue)
{
	names_put(&dropped, queue);
	loop_defer(&dispatch);
}

static void
put_ready(const char *string, size_t length, void *arg)
{
	callbacks.ready(string, length);
}

static void
call_done(Statement *statement, Outcome outcome, const PGresult *result)
{
	WatchCall  *call = statement->arg;

	calls--;
	if (outcome == OUTCOME_DONE && PQntuples(result) == 1 &&
		result_text_array(result, 0, 0, put_ready, NULL))
		loop_defer(&dispatch);
	else
	{
		if (outcome != OUTCOME_LOST)
			log_event(LOG_LEVEL_ERROR, "watch_failed",
					  "sqlstate", "s", PQresultErrorField(result, PG_DIAG_SQLSTATE),
					  "reason", "s", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY), NULL);
		broken = true;
		loop_defer(&dispatch);
	}
	free(call->arrays[0]);
	free(call->arrays[1]);
	free(call);
}

static void
send_call(void)
{
	WatchCall  *call = must_calloc(1, sizeof(*call));
	int			adds = added.count > CHANGES_MAX ? CHANGES_MAX : added.count;
	int			drops = dropped.count > CHANGES_MAX ? CHANGES_MAX : dropped.count;

	/* what is to be dropped first may be to be added again */
	if (drops < dropped.count)
		adds = 0;

	call->statement.name = STATEMENT_WATCH;
	statement_text_array(&call->statement, 0, &call->arrays[0], adds,
						 (const char *const *) added.names);
	statement_text_array(&call->statement, 1, &call->arrays[1], drops,
						 (const char *const *) dropped.names);
	call->statement.values[2] = WATCH_SECONDS;
	call->statement.param_count = 3;
	call->statement.result_format = 1;
	call->statement.time_limit = WATCH_TIME_LIMIT;
	call->statement.done = call_done;
	call->statement.arg = call;
	names_drop(&added, adds);
	names_drop(&dropped, drops);
	calls++;
	sent_calls++;
	anything = true;
	pgconn_execute(connection, &call->statement);
}

/*
 * Send what is to be sent, and notice when the connection comes and goes.
 */
static void
watch_dispatch(void *arg)
{
	if (connected && (broken || !pgconn_ready(connection)))
	{
		connected = false;
		anything = false;
		sent_calls = waiting_call = 0;
		if (pgconn_ready(connection))
		{
			/* a session that failed is not used again: begin another */
			pgconn_close(connection);
			watch_connect();
			loop_timer_set(&rest, loop_now() + REST, watch_changed, NULL);
		}
		broken = false;
		names_drop(&added, added.count);
		names_drop(&dropped, dropped.count);
		callbacks.lost();
	}
	if (!pgconn_ready(connection) || rest.place != 0)
		return;
	if (!connected)
	{
		connected = true;
		broken = false;
		callbacks.back();
	}
	if ((added.count > 0 || dropped.count > 0) && calls < CALLS_MAX &&
		(calls == 0 || waiting_call == sent_calls))
		send_call();
	if (calls == 0 && anything && pgconn_ready(connection))
		send_call();
}
