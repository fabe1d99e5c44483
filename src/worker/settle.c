/*-------------------------------------------------------------------------
 *
 * settle.c
 *		What is to be changed in the database: deletes, returns, heartbeats.
 *
 * One connection executes all of it, a transaction at a time.  What comes in
 * meanwhile goes together in the next one, whatever handler it is of.
 *
 * Where the outcome is not known, or the database could not do it just now, it
 * is tried again: a delete of what is gone succeeds, and so does a return of a
 * message that is visible.  Where it refuses, each change is tried by itself,
 * so that the bad one does not spoil the others; what is refused then is given
 * up, and its message is back after its visibility timeout.
 *
 *-------------------------------------------------------------------------
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "count.h"
#include "intake.h"
#include "log.h"
#include "loop.h"
#include "pgconn.h"
#include "session.h"
#include "settle.h"

/* Messages in a transaction */
#define CHANGES_MAX 1000

/* How long to rest after a transaction that is to be tried again */
#define REST MICROSECONDS_PER_SECOND

#define STATEMENT_DELETE "delete"
#define STATEMENT_CHANGE "change"
#define STATEMENT_BACKLOG "backlog"
#define STATEMENT_CANCEL "cancel"

static const Prepared prepared[] = {
	SESSION_SEARCH_PATH,
	{STATEMENT_DELETE,
	"SELECT sqs_delete_batch($1::pg_catalog.text, $2::pg_catalog.text[])"},
	{STATEMENT_CHANGE,
		"SELECT pg_catalog.sum(sqs_change_visibility_batch($1::pg_catalog.text, c.handles, c.timeout))"
		" FROM (SELECT u.timeout::pg_catalog.int4 AS timeout, pg_catalog.array_agg(u.handle) AS handles"
		" FROM ROWS FROM (pg_catalog.unnest($2::pg_catalog.text[]), pg_catalog.unnest($3::pg_catalog.text[]))"
		" AS u (handle, timeout)"
	" GROUP BY u.timeout) AS c"},
	{STATEMENT_BACKLOG,
		"SELECT sqs_get_queue_attributes($1::pg_catalog.text, '{ApproximateNumberOfMessages}'::pg_catalog.text[])"
	" OPERATOR(pg_catalog.->>) 'ApproximateNumberOfMessages'::pg_catalog.text"},
	{STATEMENT_CANCEL,
	"SELECT pg_catalog.pg_cancel_backend($1::pg_catalog.int4)"}
};

/* A list of messages, in order */
typedef struct Changes
{
	Message    *first;
	Message   **last;
	int			count;
} Changes;

/* A transaction: up to three statements, for so many messages */
typedef struct Flight
{
	Statement	statements[3];
	int			statement_count;
	char	   *memory[6];
	int			memory_count;
	int			ended;			/* of the statements */
	Message    *messages;
	int			count;
	void		(*extended) (Extended outcome);
	Outcome		outcome;
	char		sqlstate[6];
	char	   *reason;
} Flight;

static void settle_flush(void *arg);

static const Config *config;
static PgConn *connection = NULL;
static Changes waiting = {NULL, &waiting.first, 0};
static int	in_flight = 0;
static bool busy = false;		/* a transaction is in flight */
static LoopTask flush = {settle_flush, NULL, false, NULL};
static LoopTimer rest;			/* set while it rests */

/* The heartbeat that waits to be sent */
static char **extend_handles = NULL;
static int	extend_count = 0;
static void (*extend_done) (Extended outcome) = NULL;

static void (*backlog_done) (int64_t visible) = NULL;
static Statement backlog;
static Statement cancel;
static char cancel_pid[16];

static void
settle_changed(void *arg)
{
	loop_defer(&flush);
	intake_schedule();			/* it goes on only while we can */
}

void
settle_open(const Config *settings)
{
	config = settings;
	connection = pgconn_open("changes", config->dsn, config->statement_timeout,
							 prepared, sizeof(prepared) / sizeof(prepared[0]),
							 settle_changed, NULL);
}

void
settle_close(void)
{
	pgconn_close(connection);
}

static void
changes_put(Changes *changes, Message *message)
{
	message->next_change = NULL;
	*changes->last = message;
	changes->last = &message->next_change;
	changes->count++;
}

void
settle_delete(Message *message)
{
	settle_return(message, -1);
}

void
settle_return(Message *message, int timeout)
{
	message->timeout = timeout;
	changes_put(&waiting, message);
	loop_defer(&flush);
}

void
settle_extend(const char *const *handles, int count, void (*done) (Extended outcome))
{
	extend_handles = must_calloc(count, sizeof(char *));
	for (int i = 0; i < count; i++)
		extend_handles[i] = must_strdup(handles[i]);
	extend_count = count;
	extend_done = done;
	loop_defer(&flush);
}

int
settle_pending(void)
{
	return waiting.count + in_flight;
}

bool
settle_ready(void)
{
	return pgconn_ready(connection);
}

/*
 * Take changes for a transaction: as many as may be, or one that is to be alone.
 */
static void
take_changes(Flight *flight)
{
	Message   **last = &flight->messages;

	while (waiting.first != NULL && flight->count < CHANGES_MAX)
	{
		Message    *message = waiting.first;

		if (message->alone && flight->count > 0)
			break;
		waiting.first = message->next_change;
		waiting.count--;
		message->next_change = NULL;
		*last = message;
		last = &message->next_change;
		flight->count++;
		if (message->alone)
			break;
	}
	if (waiting.first == NULL)
		waiting.last = &waiting.first;
	in_flight += flight->count;
}

/*
 * Put the changes of a transaction back, before all others.
 */
static void
put_back(Flight *flight, bool alone)
{
	Message    *last = NULL;

	for (Message *message = flight->messages; message != NULL; message = message->next_change)
	{
		message->alone |= alone;
		last = message;
	}
	if (last == NULL)
		return;
	last->next_change = waiting.first;
	if (waiting.first == NULL)
		waiting.last = &last->next_change;
	waiting.first = flight->messages;
	waiting.count += flight->count;
	flight->messages = NULL;
}

/*
 * Forget the changes of a transaction.
 */
static void
drop_changes(Flight *flight, bool done)
{
	while (flight->messages != NULL)
	{
		Message    *message = flight->messages;

		flight->messages = message->next_change;
		if (done && message->timeout < 0)
			counts.deleted++;
		if (!done)
			counts.changes_lost++;
		message_free(message);
	}
}

static void
rest_over(void *arg)
{
	loop_defer(&flush);
}

/*
 * What became of a heartbeat.
 */
static Extended
flight_extended(const Flight *flight)
{
	if (flight->outcome == OUTCOME_DONE)
		return EXTENDED;
	if (flight->outcome == OUTCOME_LOST || session_is_passing(flight->sqlstate))
		return EXTENDED_NOT_NOW;
	return EXTENDED_REFUSED;
}

/*
 * A transaction was rolled back, and we know why.
 */
static void
flight_failed(Flight *flight)
{
	bool		again = session_is_passing(flight->sqlstate);

	if (flight->count > 0 && !session_queue_is_gone(flight->sqlstate))
		log_event(LOG_LEVEL_WARNING, "changes_failed", "messages", "i", flight->count,
				  "sqlstate", "s", flight->sqlstate, "reason", "s", flight->reason, NULL);
	if (again)
	{
		put_back(flight, false);
		loop_timer_set(&rest, loop_now() + REST, rest_over, NULL);
	}
	else if (flight->count > 1 && !session_queue_is_gone(flight->sqlstate))
		put_back(flight, true);
	else
		drop_changes(flight, false);
}

/*
 * All statements of a transaction have ended.
 */
static void
flight_end(Flight *flight)
{
	busy = false;
	in_flight -= flight->count;
	if (flight->outcome == OUTCOME_DONE)
		drop_changes(flight, true);
	else if (flight->outcome == OUTCOME_LOST)
		put_back(flight, false);
	else
		flight_failed(flight);
	if (flight->extended != NULL)
		flight->extended(flight_extended(flight));
	for (int i = 0; i < flight->memory_count; i++)
		free(flight->memory[i]);
	free(flight->reason);
	free(flight);
	loop_defer(&flush);
}

static void
flight_statement_done(Statement *statement, Outcome outcome, const PGresult *result)
{
	Flight	   *flight = statement->arg;

	if (outcome == OUTCOME_FAILED)
	{
		const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
		const char *reason = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

		snprintf(flight->sqlstate, sizeof(flight->sqlstate), "%s", sqlstate == NULL ? "" : sqlstate);
		flight->reason = must_strdup(reason == NULL ? "" : reason);
	}
	if (outcome != OUTCOME_DONE && flight->outcome != OUTCOME_FAILED)
		flight->outcome = outcome;
	if (++flight->ended == flight->statement_count)
		flight_end(flight);
}

/*
 * Add a statement for these receipt handles, and timeouts unless it deletes.
 */
static void
add_statement(Flight *flight, const char *name, int count, const char *const *handles,
			  const char *const *timeouts)
{
	Statement  *statement = &flight->statements[flight->statement_count++];

	statement->name = name;
	statement->values[0] = config->queue;
	statement_text_array(statement, 1, &flight->memory[flight->memory_count++], count, handles);
	statement->param_count = 2;
	if (timeouts != NULL)
	{
		statement_text_array(statement, 2, &flight->memory[flight->memory_count++],
							 count, timeouts);
		statement->param_count = 3;
	}
	statement->done = flight_statement_done;
	statement->arg = flight;
	if (flight->statement_count > 1)
		flight->statements[flight->statement_count - 2].next = statement;
}

/*
 * Make the statements for the deletes, or the returns, of a transaction.
 */
static void
add_changes(Flight *flight, bool deletes)
{
	const char *handles[CHANGES_MAX];
	const char *timeouts[CHANGES_MAX];
	char	   *texts = must_malloc(CHANGES_MAX * 16);
	int			count = 0;

	for (Message *message = flight->messages; message != NULL; message = message->next_change)
	{
		if ((message->timeout < 0) != deletes)
			continue;
		handles[count] = message->values[MESSAGE_RECEIPT_HANDLE];
		snprintf(texts + 16 * (size_t) count, 16, "%d", message->timeout);
		timeouts[count] = texts + 16 * (size_t) count;
		count++;
	}
	if (count > 0)
		add_statement(flight, deletes ? STATEMENT_DELETE : STATEMENT_CHANGE, count,
					  handles, deletes ? NULL : timeouts);
	free(texts);
}

/*
 * Make the statement for the heartbeat.
 */
static void
add_heartbeat(Flight *flight)
{
	char		text[16];
	const char **timeouts = must_calloc(extend_count, sizeof(char *));

	snprintf(text, sizeof(text), "%d", config->visibility_timeout);
	for (int i = 0; i < extend_count; i++)
		timeouts[i] = text;
	add_statement(flight, STATEMENT_CHANGE, extend_count,
				  (const char *const *) extend_handles, timeouts);
	free(timeouts);
	for (int i = 0; i < extend_count; i++)
		free(extend_handles[i]);
	free(extend_handles);
	flight->extended = extend_done;
	extend_handles = NULL;
	extend_count = 0;
	extend_done = NULL;
}

/*
 * Send what there is.  A heartbeat goes by itself, so that what it fails of does
 * not concern others.
 */
static void
settle_flush(void *arg)
{
	Flight	   *flight;

	if (!pgconn_ready(connection) || busy)
		return;
	if (extend_count == 0 && (waiting.count == 0 || rest.place != 0))
		return;
	flight = must_calloc(1, sizeof(*flight));
	if (extend_count > 0)
		add_heartbeat(flight);
	else
	{
		take_changes(flight);
		add_changes(flight, true);
		add_changes(flight, false);
	}
	busy = true;
	counts.transactions++;
	pgconn_execute(connection, &flight->statements[0]);
}

static void
backlog_known(Statement *statement, Outcome outcome, const PGresult *result)
{
	static bool complained = false;
	void		(*done) (int64_t visible) = backlog_done;
	const char *sqlstate;

	backlog_done = NULL;
	if (outcome == OUTCOME_DONE && PQntuples(result) == 1 && !PQgetisnull(result, 0, 0))
	{
		complained = false;
		done(strtoll(PQgetvalue(result, 0, 0), NULL, 10));
		return;
	}
	sqlstate = outcome == OUTCOME_FAILED ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	if (sqlstate != NULL && !complained && !session_queue_is_gone(sqlstate))
	{
		log_event(LOG_LEVEL_WARNING, "backlog_unknown", "sqlstate", "s", sqlstate,
				  "reason", "s", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY), NULL);
		complained = true;
	}
	done(sqlstate == NULL ? BACKLOG_NOT_NOW : BACKLOG_UNKNOWN);
}

void
settle_ask_backlog(void (*done) (int64_t visible))
{
	if (backlog_done != NULL)
		return;
	if (!pgconn_ready(connection))
	{
		done(BACKLOG_NOT_NOW);
		return;
	}
	backlog_done = done;
	memset(&backlog, 0, sizeof(backlog));
	backlog.name = STATEMENT_BACKLOG;
	backlog.values[0] = config->queue;
	backlog.param_count = 1;
	backlog.done = backlog_known;
	pgconn_execute(connection, &backlog);
}

static void
cancel_done(Statement *statement, Outcome outcome, const PGresult *result)
{
	cancel.name = NULL;
}

void
settle_cancel(int pid)
{
	if (!pgconn_ready(connection) || cancel.name != NULL)
		return;
	snprintf(cancel_pid, sizeof(cancel_pid), "%d", pid);
	cancel.name = STATEMENT_CANCEL;
	cancel.values[0] = cancel_pid;
	cancel.param_count = 1;
	cancel.done = cancel_done;
	pgconn_execute(connection, &cancel);
}
