/*-------------------------------------------------------------------------
 *
 * metrics.c
 *		What the worker tells Prometheus.
 *
 *-------------------------------------------------------------------------
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "count.h"
#include "handlers.h"
#include "http.h"
#include "intake.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "scale.h"
#include "settle.h"
#include "stock.h"

/* Time between two writes of the file, in microseconds */
#define WRITE_INTERVAL (10 * MICROSECONDS_PER_SECOND)

/* A counter, and what it is called */
typedef struct Counter
{
	const char *name;
	const uint64_t *value;
	const char *help;
} Counter;

static const Counter counters[] = {
	{"queue_worker_messages_received_total", &counts.received, "Messages received, repeated receives included."},
	{"queue_worker_messages_deleted_total", &counts.deleted, "Messages that were handled, and deleted."},
	{"queue_worker_messages_failed_total", &counts.failed, "Messages that a handler failed at, and that were returned with back-off."},
	{"queue_worker_messages_returned_total", &counts.returned, "Messages that were returned at once: no handler had begun them, or it was stopped."},
	{"queue_worker_messages_overdue_total", &counts.overdue, "Messages that were not begun before they were visible again."},
	{"queue_worker_heartbeats_total", &counts.extended, "Messages that were hidden for another visibility timeout."},
	{"queue_worker_changes_refused_total", &counts.changes_lost, "Deletes and returns that the database refused."},
	{"queue_worker_receives_total", &counts.receives, "Receives that returned messages."},
	{"queue_worker_transactions_total", &counts.transactions, "Transactions of deletes, returns and heartbeats."},
	{"queue_worker_processes_started_total", &counts.started, "Processes that were started."},
	{"queue_worker_processes_not_started_total", &counts.not_started, "Processes that could not be started."},
	{"queue_worker_processes_crashed_total", &counts.crashed, "Processes that a signal ended which was not ours."},
	{"queue_worker_timeouts_total", &counts.timed_out, "Runs that took longer than they may."},
	{"queue_worker_bad_answers_total", &counts.bad_answers, "Objects from resident handlers that were no answer to what they had got."},
	{"queue_worker_output_bytes_total", &counts.output, "Bytes that handlers wrote, answers not included."},
	{"queue_worker_output_discarded_bytes_total", &counts.discarded, "Those of them that were more than may be logged."},
	{"queue_worker_scaled_out_total", &counts.scaled_out, "Times that more handlers were allowed."},
	{"queue_worker_scaled_in_total", &counts.scaled_in, "Times that fewer handlers were allowed."}
};

static const Config *config;
static LoopTimer timer;

static void
put_head(Buffer *text, const char *name, const char *type, const char *help)
{
	buffer_printf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/*
 * The label of all: a reference to a queue has nothing that needs an escape but
 * what setting "queue" lets through.
 */
static void
put_label(Buffer *text)
{
	buffer_puts(text, "queue=\"");
	for (const char *c = config->queue; *c != '\0'; c++)
	{
		if (*c == '\\' || *c == '"')
			buffer_putc(text, '\\');
		buffer_putc(text, *c);
	}
	buffer_putc(text, '"');
}

static void
put_gauge(Buffer *text, const char *name, const char *help, int64_t value)
{
	put_head(text, name, "gauge", help);
	buffer_printf(text, "%s{", name);
	put_label(text);
	buffer_printf(text, "} %" PRId64 "\n", value);
}

static void
put_counters(Buffer *text)
{
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
	{
		put_head(text, counters[i].name, "counter", counters[i].help);
		buffer_printf(text, "%s{", counters[i].name);
		put_label(text);
		buffer_printf(text, "} %" PRIu64 "\n", *counters[i].value);
	}
}

static void
put_runs(Buffer *text)
{
	static const char name[] = "queue_worker_run_duration_seconds";
	uint64_t	sum = 0;

	put_head(text, name, "histogram",
			 "Time that handlers took for a message, or a list.");
	for (int i = 0; i <= COUNT_BUCKETS; i++)
	{
		sum += counts.buckets[i];
		buffer_printf(text, "%s_bucket{", name);
		put_label(text);
		if (i < COUNT_BUCKETS)
			buffer_printf(text, ",le=\"%g\"} %" PRIu64 "\n", (double) count_bounds[i] / 1000000, sum);
		else
			buffer_printf(text, ",le=\"+Inf\"} %" PRIu64 "\n", sum);
	}
	buffer_printf(text, "%s_sum{", name);
	put_label(text);
	buffer_printf(text, "} %g\n%s_count{", (double) counts.microseconds / 1000000, name);
	put_label(text);
	buffer_printf(text, "} %" PRIu64 "\n", sum);
}

static void
metrics_text(Buffer *text)
{
	put_gauge(text, "queue_worker_handlers_allowed", "Handlers that there may be.", handlers_allowed());
	put_gauge(text, "queue_worker_handlers_min", "Setting \"min\".", config->min);
	put_gauge(text, "queue_worker_handlers_max", "Setting \"max\".", config->max);
	put_gauge(text, "queue_worker_handlers_running", "Processes of handlers.", handlers_running());
	put_gauge(text, "queue_worker_handlers_busy", "Handlers that are at work.", handlers_busy());
	if (scale_backlog() >= 0)
		put_gauge(text, "queue_worker_backlog", "Messages that wait for a handler, at the last look.",
				  scale_backlog());
	put_gauge(text, "queue_worker_messages_held", "Messages that were received and are not settled.", stock_held());
	put_gauge(text, "queue_worker_messages_ready", "Those of them that no handler has begun.", stock_ready());
	put_gauge(text, "queue_worker_messages_held_bytes", "Memory of the messages that are held.", (int64_t) stock_bytes());
	put_gauge(text, "queue_worker_changes_pending", "Deletes and returns that are not committed yet.", settle_pending());
	put_gauge(text, "queue_worker_connections_ready", "Connections to the database, of two.",
			  intake_ready() + settle_ready());
	put_counters(text);
	put_runs(text);
}

/*
 * Write the file anew, under another name first: nobody reads half of it.
 */
static void
write_file(void *arg)
{
	static bool complained = false;
	Buffer		text = {0};
	Buffer		name = {0};
	FILE	   *file;
	bool		written;

	metrics_text(&text);
	buffer_printf(&name, "%s.new", config->metrics_file);
	file = fopen(name.data, "we");
	written = file != NULL && fwrite(text.data, 1, text.length, file) == text.length;
	if (file != NULL)
		written = fclose(file) == 0 && written;
	written = written && rename(name.data, config->metrics_file) == 0;
	if (!written && !complained)
		log_event(LOG_LEVEL_ERROR, "metrics_not_written", "file", "s", config->metrics_file,
				  "reason", "s", strerror(errno), NULL);
	complained = !written;
	buffer_free(&name);
	buffer_free(&text);
	loop_timer_set(&timer, loop_clock() + WRITE_INTERVAL, write_file, NULL);
}

void
metrics_open(const Config *settings)
{
	config = settings;
	if (config->metrics_listen[0] != '\0')
		http_open(config->metrics_listen, metrics_text);
	if (config->metrics_file[0] != '\0')
		write_file(NULL);
}

void
metrics_close(void)
{
	if (config->metrics_listen[0] != '\0')
		http_close();
	if (config->metrics_file[0] != '\0')
		write_file(NULL);
}
