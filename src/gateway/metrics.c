/*-------------------------------------------------------------------------
 *
 * metrics.c
 *		What the gateway tells Prometheus.
 *
 *-------------------------------------------------------------------------
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "http.h"
#include "log.h"
#include "metrics.h"
#include "pgpool.h"
#include "waits.h"

/* Columns of errors: one for each, and one for none */
#define ERROR_COLUMNS (GATEWAY_ERROR_END + 1)

/* Upper ends of the histogram's buckets, in microseconds */
static const int64_t bounds[] = {
	500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000,
	1000000, 2500000, 5000000, 10000000, 25000000
};

#define BOUNDS (int) (sizeof(bounds) / sizeof(bounds[0]))

/* What is counted of an action; the last one is of those not known */
typedef struct ActionCount
{
	uint64_t	ended[ERROR_COLUMNS];
	uint64_t	buckets[BOUNDS + 1];
	uint64_t	microseconds;
} ActionCount;

/* A metric of all queues: a column of the statement, and what it is called here */
typedef struct QueueMetric
{
	const char *column;
	const char *name;
	const char *type;
	const char *help;
} QueueMetric;

static const QueueMetric queue_metrics[] = {
	{"visible", "queue_messages_visible", "gauge", "Messages that can be received."},
	{"in_flight", "queue_messages_in_flight", "gauge", "Messages that were received and are hidden."},
	{"delayed", "queue_messages_delayed", "gauge", "Messages that were sent with a delay and are still hidden."},
	{"oldest_message_age", "queue_oldest_message_age_seconds", "gauge", "Age of the oldest message that was not deleted."},
	{"messages_sent", "queue_messages_sent_total", "counter", "Messages sent."},
	{"messages_received", "queue_messages_received_total", "counter", "Messages received, repeated receives included."},
	{"messages_deleted", "queue_messages_deleted_total", "counter", "Deletes with a valid receipt handle, repeated ones included."},
	{"empty_receives", "queue_empty_receives_total", "counter", "Receives that found nothing."},
	{"sent_message_size", "queue_sent_bytes_total", "counter", "Bytes of the messages sent."},
	{"messages_deduplicated", "queue_messages_deduplicated_total", "counter", "Sends that were recognized as repeated."},
	{"groups_in_flight", "queue_groups_in_flight", "gauge", "Message groups with messages in flight."},
	{"noisy_groups", "queue_noisy_groups", "gauge", "Message groups whose messages come last for now."}
};

#define QUEUE_METRICS (int) (sizeof(queue_metrics) / sizeof(queue_metrics[0]))

/* Somebody who waits for the text */
typedef struct Reader
{
	void		(*done) (void *arg, Buffer *text);
	void	   *arg;
	struct Reader *next;
} Reader;

static void metrics_dispatch(void);

static ActionCount *counts = NULL;	/* one for each action, and one more */
static uint64_t undelivered = 0;
static Reader *readers = NULL;	/* who asked since the last answer began */
static Reader *reading = NULL;	/* whose answer is being made */
static Statement statement;

void
metrics_init(void)
{
	counts = must_calloc(action_count + 1, sizeof(*counts));
	pgpool_add_user(metrics_dispatch);
}

void
metrics_count(const Action *action, int error, int64_t microseconds)
{
	ActionCount *count = &counts[action == NULL ? action_count : action_number(action)];
	int			bucket = 0;

	count->ended[error + 1]++;
	while (bucket < BOUNDS && microseconds > bounds[bucket])
		bucket++;
	count->buckets[bucket]++;
	count->microseconds += microseconds;
}

void
metrics_count_undelivered(void)
{
	undelivered++;
}

static void
put_head(Buffer *text, const char *name, const char *type, const char *help)
{
	buffer_printf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
put_value(Buffer *text, const char *name, const char *type, const char *help, int64_t value)
{
	put_head(text, name, type, help);
	buffer_printf(text, "%s %" PRId64 "\n", name, value);
}

static const char *
action_label(int number)
{
	return number == action_count ? "unknown" : actions[number].name;
}

static void
put_requests(Buffer *text)
{
	put_head(text, "queue_gateway_requests_total", "counter",
			 "Requests that were answered, by action and code.");
	for (int i = 0; i <= action_count; i++)
	{
		for (int j = 0; j < ERROR_COLUMNS; j++)
		{
			if (counts[i].ended[j] > 0)
				buffer_printf(text, "queue_gateway_requests_total{action=\"%s\",code=\"%s\"} %" PRIu64 "\n",
							  action_label(i), j == 0 ? "OK" : error_info(j - 1)->code,
							  counts[i].ended[j]);
		}
	}
}

static void
put_latencies(Buffer *text)
{
	static const char name[] = "queue_gateway_request_duration_seconds";

	put_head(text, name, "histogram",
			 "Time from a request to its answer, by action; of ReceiveMessage with the wait for a message.");
	for (int i = 0; i <= action_count; i++)
	{
		const ActionCount *count = &counts[i];
		uint64_t	sum = 0;

		for (int j = 0; j <= BOUNDS; j++)
			sum += count->buckets[j];
		if (sum == 0)
			continue;
		sum = 0;
		for (int j = 0; j < BOUNDS; j++)
		{
			sum += count->buckets[j];
			buffer_printf(text, "%s_bucket{action=\"%s\",le=\"%g\"} %" PRIu64 "\n", name,
						  action_label(i), (double) bounds[j] / 1000000, sum);
		}
		sum += count->buckets[BOUNDS];
		buffer_printf(text, "%s_bucket{action=\"%s\",le=\"+Inf\"} %" PRIu64 "\n", name, action_label(i), sum);
		buffer_printf(text, "%s_sum{action=\"%s\"} %g\n", name, action_label(i),
					  (double) count->microseconds / 1000000);
		buffer_printf(text, "%s_count{action=\"%s\"} %" PRIu64 "\n", name, action_label(i), sum);
	}
}

/*
 * What the gateway knows itself.
 */
static void
put_gateway(Buffer *text)
{
	long		statements;
	long		jobs;
	long		transactions;

	put_requests(text);
	put_latencies(text);
	batch_totals(&statements, &jobs, &transactions);
	put_value(text, "queue_gateway_database_requests_total", "counter",
			  "Requests that were passed to the database.", jobs);
	put_value(text, "queue_gateway_database_statements_total", "counter",
			  "Statements that these took.", statements);
	put_value(text, "queue_gateway_database_transactions_total", "counter",
			  "Transactions that these took.", transactions);
	put_value(text, "queue_gateway_undelivered_total", "counter",
			  "Answers with messages that the client did not take; they were given back.", undelivered);
	put_value(text, "queue_gateway_pool_connections", "gauge",
			  "Connections to the database for calls.", pgpool_size());
	put_value(text, "queue_gateway_pool_connections_ready", "gauge",
			  "Those of them that are connected.", pgpool_ready());
	put_value(text, "queue_gateway_pool_connections_idle", "gauge",
			  "Those of them that have nothing to do.", pgpool_idle());
	put_value(text, "queue_gateway_wait_connection_ready", "gauge",
			  "Whether the connection that waits for messages is connected.", waits_ready());
	put_value(text, "queue_gateway_requests_waiting", "gauge",
			  "Requests that have not been passed to the database yet.", batch_waiting());
	put_value(text, "queue_gateway_requests_in_flight", "gauge",
			  "Requests that the database is working on.", batch_in_flight());
	put_value(text, "queue_gateway_polls_waiting", "gauge",
			  "Long polls that wait for a message.", waits_count());
	put_value(text, "queue_gateway_queues_watched", "gauge",
			  "Queues that they wait for.", waits_watched());
	put_value(text, "queue_gateway_connections", "gauge",
			  "Connections of clients.", http_connections());
	put_value(text, "queue_gateway_held_bytes", "gauge",
			  "Memory of the bodies of requests and answers.", (int64_t) http_bytes_held());
}

/*
 * The name of a queue as a label: its characters need no escape, but who knows
 * what the database says.
 */
static void
put_label(Buffer *text, const char *value)
{
	for (; *value != '\0'; value++)
	{
		if (*value == '\\' || *value == '"')
			buffer_putc(text, '\\');
		if (*value == '\n')
			buffer_puts(text, "\\n");
		else
			buffer_putc(text, *value);
	}
}

/*
 * What the database says of the queues.  A column that this version of the
 * extension does not have is left out.
 */
static void
put_queues(Buffer *text, const PGresult *result)
{
	int			name = PQfnumber(result, "queue_name");
	int			account = PQfnumber(result, "account_id");

	for (int i = 0; i < QUEUE_METRICS && name >= 0 && account >= 0; i++)
	{
		const QueueMetric *metric = &queue_metrics[i];
		int			column = PQfnumber(result, metric->column);

		if (column < 0)
			continue;
		put_head(text, metric->name, metric->type, metric->help);
		for (int row = 0; row < PQntuples(result); row++)
		{
			if (PQgetisnull(result, row, column))
				continue;
			buffer_printf(text, "%s{queue=\"", metric->name);
			put_label(text, PQgetvalue(result, row, name));
			buffer_puts(text, "\",account=\"");
			put_label(text, PQgetvalue(result, row, account));
			buffer_printf(text, "\"} %s\n", PQgetvalue(result, row, column));
		}
	}
}

static void
answer_readers(Reader *reader, const PGresult *result)
{
	while (reader != NULL)
	{
		Reader	   *next = reader->next;
		Buffer		text = {0};

		put_gateway(&text);
		if (result != NULL)
			put_queues(&text, result);
		reader->done(reader->arg, &text);
		buffer_free(&text);
		free(reader);
		reader = next;
	}
}

static void
metrics_done(Statement *statement, Outcome outcome, const PGresult *result)
{
	Reader	   *reader = reading;

	if (outcome == OUTCOME_FAILED)
		log_event(LOG_LEVEL_WARNING, "metrics_failed",
				  "reason", "s", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY), NULL);
	reading = NULL;
	answer_readers(reader, outcome == OUTCOME_DONE ? result : NULL);
	pgpool_schedule();
}

static void
metrics_dispatch(void)
{
	if (readers == NULL || reading != NULL)
		return;
	if (pgpool_ready() == 0)
	{
		Reader	   *reader = readers;

		readers = NULL;
		answer_readers(reader, NULL);
		return;
	}
	if (pgpool_idle() == 0)
		return;
	reading = readers;
	readers = NULL;
	memset(&statement, 0, sizeof(statement));
	statement.name = STATEMENT_METRICS;
	statement.done = metrics_done;
	pgpool_execute(&statement);
}

void
metrics_write(void (*done) (void *arg, Buffer *text), void *arg)
{
	Reader	   *reader = must_calloc(1, sizeof(*reader));

	reader->done = done;
	reader->arg = arg;
	reader->next = readers;
	readers = reader;
	pgpool_schedule();
}
