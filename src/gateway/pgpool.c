/*-------------------------------------------------------------------------
 *
 * pgpool.c
 *		The connections that calls are executed on.
 *
 * A connection has one transaction in flight, of one statement or several.
 * What comes in meanwhile is gathered by those who send it, and goes together.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "buffer.h"
#include "pgpool.h"

#define USERS_MAX 8

static const Prepared prepared[] = {
	{STATEMENT_PERFORM,
		"SELECT error, answer, wait_seconds FROM queue.perform($1::pg_catalog.text,"
		" $2::pg_catalog.text, $3::pg_catalog.text[], $4::pg_catalog.bool,"
	" $5::pg_catalog.text[])"},
	{STATEMENT_SIGNING_KEYS,
		"SELECT pg_catalog.encode(queue.signing_key(k.id, k.date, k.region), 'hex')"
		" FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]),"
		" pg_catalog.unnest($2::pg_catalog.text[]), pg_catalog.unnest($3::pg_catalog.text[]))"
	" WITH ORDINALITY AS k (id, date, region, n) ORDER BY k.n"},
	{STATEMENT_NOTE_KEYS,
	"SELECT queue.note_access_keys($1::pg_catalog.text[])"},
	{STATEMENT_METRICS,
		"SELECT s.*, queue.groups_in_flight(s.queue_id) AS groups_in_flight"
	" FROM queue.queue_status() AS s ORDER BY s.queue_name"}
};

static PgConn **connections = NULL;
static int	count = 0;
static void (*users[USERS_MAX]) (void);
static int	user_count = 0;

static void serve_users(void *arg);

static LoopTask schedule = {serve_users, NULL, false, NULL};

static void
serve_users(void *arg)
{
	for (int i = 0; i < user_count; i++)
		users[i] ();
}

void
pgpool_schedule(void)
{
	loop_defer(&schedule);
}

static void
pool_changed(void *arg)
{
	pgpool_schedule();
}

void
pgpool_open(const Config *config)
{
	count = config->pool;
	connections = must_calloc(count, sizeof(*connections));
	for (int i = 0; i < count; i++)
		connections[i] = pgconn_open("calls", config->dsn, config->statement_timeout,
									 prepared, sizeof(prepared) / sizeof(prepared[0]),
									 pool_changed, NULL);
}

void
pgpool_add_user(void (*user) (void))
{
	if (user_count < USERS_MAX)
		users[user_count++] = user;
}

void
pgpool_close(void)
{
	for (int i = 0; i < count; i++)
		pgconn_close(connections[i]);
	free(connections);
	connections = NULL;
	count = 0;
}

static bool
is_idle(const PgConn *connection)
{
	return pgconn_ready(connection) && pgconn_pending(connection) == 0;
}

int
pgpool_idle(void)
{
	int			idle = 0;

	for (int i = 0; i < count; i++)
		idle += is_idle(connections[i]);
	return idle;
}

int
pgpool_ready(void)
{
	int			ready = 0;

	for (int i = 0; i < count; i++)
		ready += pgconn_ready(connections[i]);
	return ready;
}

int
pgpool_size(void)
{
	return count;
}

void
pgpool_execute(Statement *first)
{
	for (int i = 0; i < count; i++)
	{
		if (is_idle(connections[i]))
		{
			pgconn_execute(connections[i], first);
			return;
		}
	}
	abort();					/* the caller has made sure */
}
