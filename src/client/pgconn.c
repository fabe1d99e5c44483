/*-------------------------------------------------------------------------
 *
 * pgconn.c
 *		One connection to the database, asynchronous, in pipeline mode.
 *
 * The statements of a transaction are sent one after the other, then a Sync:
 * the server runs them as one implicit transaction and commits at the Sync.
 * Its answer to that is when we know the outcome, not the end of a statement.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "log.h"
#include "loop.h"
#include "pgconn.h"

/* Type ids of PostgreSQL, which never change */
#define TEXT_TYPE 25

/* Waits between attempts to connect, in microseconds */
#define RETRY_FIRST INT64_C(50000)
#define RETRY_MAX INT64_C(2000000)

/* How long an attempt to connect may take, in microseconds */
#define CONNECT_LIMIT (10 * MICROSECONDS_PER_SECOND)

/* How much longer we wait than the server does before it cancels a statement */
#define GRACE (5 * MICROSECONDS_PER_SECOND)

typedef enum ConnState
{
	CONN_DOWN,					/* waits to try again */
	CONN_CONNECTING,
	CONN_SETTING_UP,			/* connected, statements are being prepared */
	CONN_READY
} ConnState;

/* A transaction in flight */
typedef struct Flight
{
	Statement  *first;
	Statement  *current;		/* whose results are being read; NULL: all of
								 * them are, the answer to Sync is awaited */
	bool		failed;
	struct Flight *next;
} Flight;

struct PgConn
{
	const char *purpose;
	const char *dsn;
	int			time_limit;
	const Prepared *prepared;
	int			prepared_count;
	void		(*changed) (void *arg);
	void		(*notified) (const char *payload, void *arg);	/* or NULL */
	void	   *arg;

	ConnState	state;
	PGconn	   *conn;
	int			fd;
	LoopSource *source;
	uint32_t	events;
	LoopTimer	timer;			/* to try again, or to give up */
	int64_t		retry;			/* the next wait */
	bool		complained;		/* of this outage, in the log */
	char		limit[16];		/* time_limit in milliseconds, as text */

	Flight	   *first;			/* in the order they were sent */
	Flight	  **last;
	int			pending;
};

static void pgconn_start(void *arg);
static void pgconn_lose(PgConn *connection, const char *reason);
static void pgconn_event(void *arg, uint32_t events);

static void
nothing_done(Statement *statement, Outcome outcome, const PGresult *result)
{
	free(statement);
}

/*
 * Watch the socket for these events.  While it connects libpq may have taken
 * another one, maybe under the same number, of which epoll knows nothing.
 */
static void
pgconn_watch(PgConn *connection, uint32_t events)
{
	int			fd = PQsocket(connection->conn);

	if (connection->source != NULL &&
		(fd != connection->fd || connection->state == CONN_CONNECTING))
	{
		loop_remove(connection->source);
		connection->source = NULL;
	}
	if (connection->source == NULL)
		connection->source = loop_add(fd, events, pgconn_event, connection);
	else if (connection->events != events)
		loop_modify(connection->source, events);
	connection->fd = fd;
	connection->events = events;
}

/*
 * End a transaction: tell everybody.
 */
static void
flight_end(Flight *flight, bool lost)
{
	Statement  *statement = flight->first;

	while (statement != NULL)
	{
		Statement  *next = statement->next;
		PGresult   *result = statement->result;
		Outcome		outcome = OUTCOME_DONE;

		statement->result = NULL;
		if (lost)
			outcome = OUTCOME_LOST;
		else if (flight->failed)
			outcome = result != NULL && PQresultStatus(result) == PGRES_FATAL_ERROR ?
				OUTCOME_FAILED : OUTCOME_ABORTED;
		statement->next = NULL;
		statement->done(statement, outcome, lost ? NULL : result);
		PQclear(result);
		statement = next;
	}
	free(flight);
}

/*
 * The connection is of no use any more: try again after a while.
 */
static void
pgconn_lose(PgConn *connection, const char *reason)
{
	Flight	   *flight = connection->first;
	bool		was_ready = connection->state == CONN_READY;

	if (!connection->complained)
	{
		char	   *line = must_strdup(reason);
		size_t		length = strlen(line);

		while (length > 0 && line[length - 1] == '\n')
			line[--length] = '\0';
		log_event(LOG_LEVEL_WARNING, was_ready ? "database_lost" : "database_unreachable",
				  "purpose", "s", connection->purpose, "reason", "s", line, NULL);
		connection->complained = true;
		free(line);
	}
	if (connection->source != NULL)
		loop_remove(connection->source);
	connection->source = NULL;
	PQfinish(connection->conn);
	connection->conn = NULL;
	connection->state = CONN_DOWN;
	connection->first = NULL;
	connection->last = &connection->first;
	connection->pending = 0;
	if (was_ready)
		connection->retry = RETRY_FIRST;
	loop_timer_set(&connection->timer, loop_clock() + connection->retry, pgconn_start, connection);
	connection->retry = connection->retry * 2 > RETRY_MAX ? RETRY_MAX : connection->retry * 2;

	while (flight != NULL)
	{
		Flight	   *next = flight->next;

		flight_end(flight, true);
		flight = next;
	}
	connection->changed(connection->arg);
}

static void
pgconn_overdue(void *arg)
{
	PgConn	   *connection = arg;

	pgconn_lose(connection, connection->state == CONN_CONNECTING ?
				"could not connect in time" : "no answer in time");
}

/*
 * Mind the time of the transaction that is to answer next.
 */
static void
pgconn_mind_time(PgConn *connection)
{
	int			limit = connection->time_limit;

	if (connection->first == NULL)
	{
		loop_timer_clear(&connection->timer);
		return;
	}
	if (connection->first->first->time_limit > 0)
		limit = connection->first->first->time_limit;
	loop_timer_set(&connection->timer,
				   loop_now() + limit * MICROSECONDS_PER_SECOND + GRACE,
				   pgconn_overdue, connection);
}

/*
 * Write what libpq holds back, and see to it that the rest follows.
 */
static bool
pgconn_flush(PgConn *connection)
{
	int			left = PQflush(connection->conn);

	if (left < 0)
		return false;
	pgconn_watch(connection, left > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
	return true;
}

/*
 * Send a transaction, whatever state the connection is in.
 */
static bool
pgconn_send(PgConn *connection, Statement *first)
{
	Flight	   *flight = must_calloc(1, sizeof(*flight));
	bool		sent = true;

	flight->first = flight->current = first;
	*connection->last = flight;
	connection->last = &flight->next;
	connection->pending++;
	for (Statement *statement = first; statement != NULL && sent; statement = statement->next)
	{
		if (statement->name != NULL && statement->sql != NULL)
			sent = PQsendPrepare(connection->conn, statement->name, statement->sql, 0, NULL);
		else if (statement->name != NULL)
			sent = PQsendQueryPrepared(connection->conn, statement->name,
									   statement->param_count, statement->values,
									   statement->lengths, statement->formats,
									   statement->result_format);
		else
			sent = PQsendQueryParams(connection->conn, statement->sql,
									 statement->param_count, NULL, statement->values,
									 statement->lengths, statement->formats,
									 statement->result_format);
	}
	if (sent)
		sent = PQpipelineSync(connection->conn) && pgconn_flush(connection);
	if (flight == connection->first)
		pgconn_mind_time(connection);
	return sent;
}

static void
setup_done(Statement *statement, Outcome outcome, const PGresult *result)
{
	PgConn	   *connection = statement->arg;

	if (outcome == OUTCOME_DONE)
	{
		connection->state = CONN_READY;
		connection->retry = RETRY_FIRST;
		if (connection->complained)
			log_event(LOG_LEVEL_INFO, "database_back", "purpose", "s", connection->purpose, NULL);
		connection->complained = false;
	}
	free(statement);
}

static void
setup_failed(Statement *statement, Outcome outcome, const PGresult *result)
{
	PgConn	   *connection = statement->arg;

	if (outcome == OUTCOME_FAILED && !connection->complained)
	{
		log_event(LOG_LEVEL_ERROR, "database_not_prepared", "purpose", "s", connection->purpose,
				  "statement", "s", statement->name,
				  "reason", "s", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY), NULL);
		connection->complained = true;
	}
	free(statement);
}

static Statement *
setup_statement(PgConn *connection, const char *name, const char *sql, Statement ***last)
{
	Statement  *statement = must_calloc(1, sizeof(*statement));

	statement->name = name;
	statement->sql = sql;
	statement->done = setup_failed;
	statement->arg = connection;
	**last = statement;
	*last = &statement->next;
	return statement;
}

/*
 * What each session begins with.  A limit on statements is set by the server's
 * clock too, so that none goes on that nobody waits for.
 */
static bool
pgconn_set_up(PgConn *connection)
{
	Statement  *first = NULL;
	Statement **last = &first;
	Statement  *statement;

	statement = setup_statement(connection, NULL,
								"SELECT pg_catalog.set_config('statement_timeout', $1, false),"
								" pg_catalog.set_config('idle_session_timeout', '0', false),"
								" pg_catalog.set_config('default_transaction_isolation', 'read committed', false)",
								&last);
	statement->values[0] = connection->limit;
	statement->param_count = 1;
	statement->done = nothing_done;
	for (int i = 0; i < connection->prepared_count; i++)
		setup_statement(connection, connection->prepared[i].name,
						connection->prepared[i].sql, &last);
	statement = setup_statement(connection, NULL, "SELECT 1", &last);
	statement->done = setup_done;

	connection->state = CONN_SETTING_UP;
	return PQsetnonblocking(connection->conn, 1) == 0 &&
		PQenterPipelineMode(connection->conn) &&
		pgconn_send(connection, first);
}

/*
 * Go on connecting.
 */
static void
pgconn_connect(PgConn *connection)
{
	switch (PQconnectPoll(connection->conn))
	{
		case PGRES_POLLING_READING:
			pgconn_watch(connection, EPOLLIN);
			break;
		case PGRES_POLLING_WRITING:
			pgconn_watch(connection, EPOLLOUT);
			break;
		case PGRES_POLLING_OK:
			loop_timer_clear(&connection->timer);
			if (!pgconn_set_up(connection))
				pgconn_lose(connection, PQerrorMessage(connection->conn));
			break;
		default:
			pgconn_lose(connection, PQerrorMessage(connection->conn));
			break;
	}
}

static void
pgconn_start(void *arg)
{
	PgConn	   *connection = arg;
	const char *keywords[] = {"dbname", "fallback_application_name", "client_encoding", NULL};
	const char *values[] = {connection->dsn, PROGRAM_NAME, "UTF8", NULL};

	connection->state = CONN_CONNECTING;
	connection->conn = PQconnectStartParams(keywords, values, 1);
	if (connection->conn == NULL || PQstatus(connection->conn) == CONNECTION_BAD)
	{
		pgconn_lose(connection, PQerrorMessage(connection->conn));
		return;
	}
	loop_timer_set(&connection->timer, loop_clock() + CONNECT_LIMIT, pgconn_overdue, connection);
	pgconn_watch(connection, EPOLLOUT);
}

/*
 * Read all results that have arrived.  Each statement's are followed by a
 * NULL, the answer to a Sync is not.  Returns whether a transaction has ended.
 */
static bool
pgconn_read(PgConn *connection)
{
	bool		ended = false;

	while (connection->first != NULL && !PQisBusy(connection->conn))
	{
		Flight	   *flight = connection->first;
		PGresult   *result = PQgetResult(connection->conn);

		if (result == NULL)
		{
			/*
			 * Once the connection is lost, libpq has no other end of it.  An
			 * error of the commit has a NULL of its own before the Sync's
			 * answer.
			 */
			if (flight->current != NULL)
				flight->current = flight->current->next;
			else if (PQstatus(connection->conn) == CONNECTION_BAD)
				break;
			continue;
		}
		switch (PQresultStatus(result))
		{
			case PGRES_PIPELINE_SYNC:
				PQclear(result);
				connection->first = flight->next;
				if (connection->first == NULL)
					connection->last = &connection->first;
				connection->pending--;
				flight_end(flight, false);
				ended = true;
				continue;
			case PGRES_FATAL_ERROR:
			case PGRES_PIPELINE_ABORTED:
				flight->failed = true;
				break;
			default:
				break;
		}
		if (flight->current != NULL && flight->current->result == NULL)
			flight->current->result = result;
		else
			PQclear(result);
	}
	return ended;
}

/*
 * Pass on what notifications have arrived.
 */
static void
pgconn_notify(PgConn *connection)
{
	PGnotify   *notification;

	while ((notification = PQnotifies(connection->conn)) != NULL)
	{
		if (connection->notified != NULL)
			connection->notified(notification->extra, connection->arg);
		PQfreemem(notification);
	}
}

static void
pgconn_event(void *arg, uint32_t events)
{
	PgConn	   *connection = arg;
	bool		ended;

	if (connection->state == CONN_CONNECTING)
	{
		pgconn_connect(connection);
		return;
	}
	if (!PQconsumeInput(connection->conn))
	{
		/* the server may have said why before it went */
		(void) pgconn_read(connection);
		pgconn_lose(connection, PQerrorMessage(connection->conn));
		return;
	}
	ended = pgconn_read(connection);
	pgconn_notify(connection);
	if (ended)
	{
		if (connection->state == CONN_SETTING_UP)
		{
			pgconn_lose(connection, "the session could not be set up");
			return;
		}
		pgconn_mind_time(connection);
		connection->changed(connection->arg);
	}
	if (connection->conn != NULL && !pgconn_flush(connection))
		pgconn_lose(connection, PQerrorMessage(connection->conn));
}

void
pgconn_listen(PgConn *connection, void (*notified) (const char *payload, void *arg))
{
	connection->notified = notified;
}

PgConn *
pgconn_open(const char *purpose, const char *dsn, int time_limit,
			const Prepared *prepared, int count,
			void (*changed) (void *arg), void *arg)
{
	PgConn	   *connection = must_calloc(1, sizeof(*connection));

	connection->purpose = purpose;
	connection->dsn = dsn;
	connection->time_limit = time_limit;
	connection->prepared = prepared;
	connection->prepared_count = count;
	connection->changed = changed;
	connection->arg = arg;
	connection->fd = -1;
	connection->last = &connection->first;
	connection->retry = RETRY_FIRST;
	snprintf(connection->limit, sizeof(connection->limit), "%ds", time_limit);
	pgconn_start(connection);
	return connection;
}

static void
nothing_changed(void *arg)
{
}

void
pgconn_close(PgConn *connection)
{
	connection->changed = nothing_changed;
	connection->complained = true;
	if (connection->conn != NULL)
		pgconn_lose(connection, "");
	loop_timer_clear(&connection->timer);
	free(connection);
}

bool
pgconn_ready(const PgConn *connection)
{
	return connection->state == CONN_READY;
}

int
pgconn_backend_pid(const PgConn *connection)
{
	return PQbackendPID(connection->conn);
}

int
pgconn_pending(const PgConn *connection)
{
	return connection->pending;
}

void
pgconn_execute(PgConn *connection, Statement *first)
{
	if (!pgconn_send(connection, first))
		pgconn_lose(connection, PQerrorMessage(connection->conn));
}

static void
put_int32(Buffer *buffer, uint32_t value)
{
	uint32_t	network = htonl(value);

	buffer_append(buffer, &network, sizeof(network));
}

void
statement_text_array(Statement *statement, int param, char **memory,
					 int count, const char *const *strings)
{
	Buffer		buffer = {0};
	size_t		length;

	put_int32(&buffer, count > 0 ? 1 : 0);	/* dimensions */
	put_int32(&buffer, 0);		/* no NULLs */
	put_int32(&buffer, TEXT_TYPE);
	if (count > 0)
	{
		put_int32(&buffer, count);
		put_int32(&buffer, 1);	/* lower bound */
	}
	for (int i = 0; i < count; i++)
	{
		put_int32(&buffer, strlen(strings[i]));
		buffer_puts(&buffer, strings[i]);
	}
	*memory = buffer_take(&buffer, &length);
	statement->values[param] = *memory;
	statement->lengths[param] = length;
	statement->formats[param] = 1;
}

/*
 * The integer at a place, which is moved on; false if it would be beyond end.
 */
static bool
get_int32(const char **at, const char *end, int32_t *value)
{
	uint32_t	network;

	if (end - *at < (ptrdiff_t) sizeof(network))
		return false;
	memcpy(&network, *at, sizeof(network));
	*at += sizeof(network);
	*value = (int32_t) ntohl(network);
	return true;
}

bool
result_text_array(const PGresult *result, int row, int column,
				  void (*put) (const char *string, size_t length, void *arg),
				  void *arg)
{
	const char *at = PQgetvalue(result, row, column);
	const char *end = at + PQgetlength(result, row, column);
	int32_t		dimensions;
	int32_t		has_nulls;
	int32_t		type;
	int32_t		count;
	int32_t		lower_bound;

	if (PQgetisnull(result, row, column))
		return true;
	if (!get_int32(&at, end, &dimensions) || !get_int32(&at, end, &has_nulls) ||
		!get_int32(&at, end, &type) || type != TEXT_TYPE || dimensions > 1)
		return false;
	if (dimensions == 0)
		return true;
	if (!get_int32(&at, end, &count) || !get_int32(&at, end, &lower_bound))
		return false;
	while (count-- > 0)
	{
		int32_t		length;

		if (!get_int32(&at, end, &length) || length > end - at)
			return false;
		if (length < 0)
			continue;
		put(at, length, arg);
		at += length;
	}
	return true;
}
