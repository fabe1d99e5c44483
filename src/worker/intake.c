/*-------------------------------------------------------------------------
 *
 * intake.c
 *		Receiving messages, and waiting for them.
 *
 * A connection of its own receives, for all handlers.  Where it found nothing it
 * waits, with the receive that shall follow sent behind: the server goes on to
 * it as soon as a message comes, and holds no snapshot until then.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <string.h>

#include "count.h"
#include "intake.h"
#include "log.h"
#include "loop.h"
#include "pgconn.h"
#include "session.h"
#include "settle.h"
#include "stock.h"

/* How long to wait for a message, in seconds: as long as SQS lets */
#define WAIT_SECONDS 20
#define WAIT_SECONDS_TEXT "20"

/* Rests after a receive that failed */
#define REST_FIRST (MICROSECONDS_PER_SECOND / 2)
#define REST_MAX (30 * MICROSECONDS_PER_SECOND)

/*
 * Memory for messages that are held, in bytes, and what a message is taken to
 * have until it is known better.
 */
#define BYTES_MAX (64 * MB)
#define SIZE_GUESS (256 * KB)

#define STATEMENT_WAIT "wait"
#define STATEMENT_RECEIVE "receive"

static const Prepared prepared[] = {
	SESSION_SEARCH_PATH,
	{STATEMENT_WAIT,
	"CALL sqs_wait($1::pg_catalog.text, " WAIT_SECONDS_TEXT ")"},
	{STATEMENT_RECEIVE,
		"SELECT " MESSAGE_COLUMNS
	" FROM sqs_receive($1::pg_catalog.text, $2::pg_catalog.int4, $3::pg_catalog.int4, 0)"}
};

static void intake_dispatch(void *arg);

static const Config *config;
static int	(*ask_wanted) (void);
static void (*tell_arrived) (void);
static PgConn *connection = NULL;
static bool stopping = false;
static bool receiving = false;
static bool waiting = false;	/* there is a wait before it */
static bool empty = false;		/* the last receive was */
static bool pressed = false;
static bool waited = false;		/* it was sent behind one */
static int64_t sent_at = 0;
static int	asked = 0;			/* messages that it asks for */
static double size_seen = SIZE_GUESS;
static Statement wait_statement;
static Statement receive_statement;
static char count_text[16];
static char timeout_text[16];
static LoopTask dispatch = {intake_dispatch, NULL, false, NULL};
static LoopTimer rest_timer;
static int64_t rest = 0;
static char complaint[6];		/* the SQLSTATE that was logged last; "":
								 * none, all is well */

void
intake_schedule(void)
{
	loop_defer(&dispatch);
}

static void
intake_changed(void *arg)
{
	intake_schedule();
}

void
intake_open(const Config *settings, int (*wanted) (void), void (*arrived) (void))
{
	config = settings;
	ask_wanted = wanted;
	tell_arrived = arrived;
	snprintf(timeout_text, sizeof(timeout_text), "%d", config->visibility_timeout);
	connection = pgconn_open("receives", config->dsn, config->statement_timeout + WAIT_SECONDS,
							 prepared, sizeof(prepared) / sizeof(prepared[0]),
							 intake_changed, NULL);
}

void
intake_close(void)
{
	if (connection != NULL)
		pgconn_close(connection);
	connection = NULL;
}

/*
 * All is well again.
 */
static void
note_success(void)
{
	if (session_queue_is_gone(complaint))
		log_event(LOG_LEVEL_INFO, "queue_back", "queue", "s", config->queue, NULL);
	else if (complaint[0] != '\0')
		log_event(LOG_LEVEL_INFO, "receives_again", "queue", "s", config->queue, NULL);
	complaint[0] = '\0';
	rest = 0;
}

static void
rest_over(void *arg)
{
	intake_schedule();
}

/*
 * Say once what is wrong, and try again after a while.
 */
static void
note_failure(const PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (sqlstate == NULL)
		sqlstate = "";
	if (stopping)
		return;
	if (strcmp(complaint, sqlstate) != 0)
	{
		bool		gone = session_queue_is_gone(sqlstate);

		log_event(LOG_LEVEL_WARNING, gone ? "queue_missing" : "receive_failed",
				  "queue", "s", config->queue, "sqlstate", "s", sqlstate,
				  "reason", "s", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY), NULL);
		snprintf(complaint, sizeof(complaint), "%s", sqlstate);
	}
	rest = rest == 0 ? REST_FIRST : 2 * rest;
	if (rest > REST_MAX)
		rest = REST_MAX;
	loop_timer_set(&rest_timer, loop_now() + rest, rest_over, NULL);
}

/*
 * Take what has come.  The time that it is hidden for began with the receive:
 * after it was sent, or if it was sent behind a wait, just now.
 */
static void
take_messages(const PGresult *result, int64_t began)
{
	int			count = PQntuples(result);
	int64_t		hidden_until = began + config->visibility_timeout * MICROSECONDS_PER_SECOND;

	empty = count == 0;
	pressed = count == asked;
	if (count == 0)
		return;
	counts.receives++;
	counts.received += count;
	for (int i = 0; i < count; i++)
	{
		Message    *message = message_read(result, i);

		size_seen += ((double) message->size - size_seen) / 16;
		stock_add(message, hidden_until);
	}
	if (stopping)
		stock_return_ready();
	else
		tell_arrived();
}

static void
wait_done(Statement *statement, Outcome outcome, const PGresult *result)
{
	/* the receive that follows has the same troubles, and tells of them */
	waiting = false;
}

static void
receive_done(Statement *statement, Outcome outcome, const PGresult *result)
{
	receiving = false;
	if (outcome == OUTCOME_DONE)
	{
		note_success();
		take_messages(result, waited ? loop_now() : sent_at);
	}
	else if (outcome == OUTCOME_FAILED)
	{
		empty = false;
		note_failure(result);
	}
	intake_schedule();
}

/*
 * How many messages to ask for.
 */
static int
intake_wanted(void)
{
	int64_t		room = (int64_t) BYTES_MAX - (int64_t) stock_bytes();
	int			wanted = ask_wanted();
	int			most;

	if (room <= 0 && stock_available() > 0)
		return 0;
	most = room <= 0 ? 1 : (int) (room / size_seen) + 1;
	return wanted < most ? wanted : most;
}

static void
intake_dispatch(void *arg)
{
	if (stopping || receiving || !intake_ready() || !settle_ready() || rest_timer.place != 0)
		return;
	asked = intake_wanted();
	if (asked <= 0)
		return;
	snprintf(count_text, sizeof(count_text), "%d", asked);
	memset(&receive_statement, 0, sizeof(receive_statement));
	receive_statement.name = STATEMENT_RECEIVE;
	receive_statement.values[0] = config->queue;
	receive_statement.values[1] = count_text;
	receive_statement.values[2] = timeout_text;
	receive_statement.param_count = 3;
	receive_statement.done = receive_done;
	receive_statement.time_limit = config->statement_timeout;
	receiving = true;
	waiting = waited = empty;
	sent_at = loop_now();
	if (empty)
	{
		memset(&wait_statement, 0, sizeof(wait_statement));
		wait_statement.name = STATEMENT_WAIT;
		wait_statement.values[0] = config->queue;
		wait_statement.param_count = 1;
		wait_statement.done = wait_done;
		pgconn_execute(connection, &wait_statement);
	}
	if (!empty || pgconn_ready(connection))
		pgconn_execute(connection, &receive_statement);
	else
		receiving = false;
}

void
intake_stop(void)
{
	stopping = true;
	if (waiting && intake_ready())
		settle_cancel(pgconn_backend_pid(connection));
}

bool
intake_stopped(void)
{
	return stopping && !receiving;
}

void
intake_abandon(void)
{
	intake_close();
}

bool
intake_is_pressed(void)
{
	return pressed;
}

bool
intake_ready(void)
{
	return connection != NULL && pgconn_ready(connection);
}
