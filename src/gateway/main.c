/*-------------------------------------------------------------------------
 *
 * main.c
 *		queue-gateway: SQS's wire protocols for the extension "queue".
 *
 * A client of the database, on the one side, and an HTTP server on the other.
 * It keeps nothing: whatever it has acknowledged is committed, and whenever it
 * is killed another one can take its place.
 *
 *-------------------------------------------------------------------------
 */
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "batch.h"
#include "buffer.h"
#include "config.h"
#include "http.h"
#include "keys.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "pgpool.h"
#include "serve.h"
#include "signals.h"
#include "tls.h"
#include "waits.h"

static Config config;
static const int signals[] = {SIGTERM, SIGINT, SIGHUP, 0};
static bool stopping = false;
static LoopTimer stop_timer;

/*
 * End when everything was answered, and given back what was not taken.
 */
static void
stop_if_done(void *arg)
{
	if (http_active() == 0 && batch_waiting() == 0 && batch_in_flight() == 0)
		loop_stop();
	else
		loop_timer_set(&stop_timer, loop_now() + MICROSECONDS_PER_SECOND / 20,
					   stop_if_done, NULL);
}

static void
stop_by_force(void *arg)
{
	log_event(LOG_LEVEL_WARNING, "stopped_by_force", "requests", "i", http_active(), NULL);
	_exit(EXIT_FAILURE);
}

/*
 * Answer what was taken, and end.
 */
static void
stop(void)
{
	static LoopTimer limit;

	if (stopping)
		return;
	stopping = true;
	log_event(LOG_LEVEL_INFO, "stopping", "requests", "i", http_active(), NULL);
	loop_timer_set(&limit, loop_now() + config.shutdown_timeout * MICROSECONDS_PER_SECOND,
				   stop_by_force, NULL);
	http_quiesce();
	waits_finish();
	/* not before all that came in this round has been begun */
	loop_timer_set(&stop_timer, loop_now(), stop_if_done, NULL);
}

static void
signal_arrived(int number)
{
	if (number != SIGHUP)
		stop();
	else if (config.tls_certificate != NULL && tls_load(&config))
		log_event(LOG_LEVEL_INFO, "certificate_reloaded", NULL);
}

/*
 * Each client takes a descriptor: as many as we may have.
 */
static void
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void) setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < (rlim_t) config.max_connections + config.pool + 32)
	{
		config.max_connections = limit.rlim_cur > 64 ? (int) limit.rlim_cur - 32 - config.pool : 32;
		log_event(LOG_LEVEL_WARNING, "few_descriptors", "limit", "l", (int64_t) limit.rlim_cur,
				  "max_connections", "i", config.max_connections, NULL);
	}
}

int
main(int argc, char **argv)
{
	json_set_alloc_funcs(must_malloc, free);
	config_read(argc, argv, &config);
	log_set_level(config.log_level);
	if (config.tls_certificate != NULL && !tls_load(&config))
		return EXIT_FAILURE;
	if (config.check)
		return EXIT_SUCCESS;
	raise_descriptor_limit();
	loop_init();
	signals_catch(signals, signal_arrived);
	/* the pool serves them in this order */
	keys_init();
	metrics_init();
	batch_init();
	serve_init(&config);
	http_open(&config, &serve_handlers);
	pgpool_open(&config);
	waits_open(&config);
	log_event(LOG_LEVEL_INFO, "listening", "address", "s", config.listen,
			  "tls", "i", config.tls_certificate != NULL, "pid", "i", (int) getpid(), NULL);
	if (config.insecure_accept_any)
		log_event(LOG_LEVEL_WARNING, "insecure",
				  "text", "s", "signatures are NOT verified: whoever reaches this address can do all that the gateway's database role can", NULL);

	loop_run();

	signals_release();
	http_close();
	waits_close();
	pgpool_close();
	log_event(LOG_LEVEL_INFO, "stopped", NULL);
	return EXIT_SUCCESS;
}
