/*-------------------------------------------------------------------------
 *
 * config.c
 *		The gateway's settings.
 *
 * Variables of the environment that begin like ours and name no setting are
 * passed over: Kubernetes makes QUEUE_GATEWAY_SERVICE_HOST and others for a
 * service that has our name.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "buffer.h"
#include "config.h"

/* Longest region: as queue.region and SIGV4_REGION_MAX have it */
#define REGION_LENGTH_MAX 64

/* Longest URL that URLs of queues begin with, as queue.endpoint has it */
#define URL_LENGTH_MAX 256

static bool check_url(const char *value);
static bool check_region(const char *value);

static const char *const metrics_choices[] = {"off", "local", "all", NULL};

static const Setting settings[] = {
	{.name = "listen",.type = SETTING_STRING,.offset = offsetof(Config, listen),
		.value = "127.0.0.1:9324",.check = setting_check_address,.argument = "ADDRESS:PORT",
		.form = "an address or name and a port, such as 127.0.0.1:9324 or [::1]:9324",
	.help = "address and port to listen on"},
	{.name = "dsn",.type = SETTING_STRING,.offset = offsetof(Config, dsn),
		.value = "",.check = setting_check_dsn,.secret = true,.argument = "CONNECTION",
		.form = "a connection string as libpq takes it",
	.help = "how to connect to the database"},
	{.name = "pool",.type = SETTING_INTEGER,.offset = offsetof(Config, pool),
		.value = "4",.minimum = 1,.maximum = 64,.argument = "NUMBER",
	.help = "connections to the database for calls"},
	{.name = "url",.type = SETTING_STRING,.offset = offsetof(Config, url),
		.value = "",.check = check_url,.argument = "URL",
		.form = "a URL with http:// or https://, without query and fragment",
	.help = "what URLs of queues begin with; if empty, the Host header of a request"},
	{.name = "region",.type = SETTING_STRING,.offset = offsetof(Config, region),
		.value = "",.check = check_region,.argument = "REGION",
		.form = "of lower-case letters, digits and hyphens, 64 at most",
	.help = "region that signatures must be made for; if empty, any"},
	{.name = "tls_certificate",.type = SETTING_STRING,.offset = offsetof(Config, tls_certificate),
		.value = "",.argument = "FILE",
	.help = "certificate, and those of its issuers, in PEM; if empty, no TLS"},
	{.name = "tls_key",.type = SETTING_STRING,.offset = offsetof(Config, tls_key),
		.value = "",.argument = "FILE",
	.help = "private key of the certificate, in PEM"},
	{.name = "insecure_accept_any",.type = SETTING_BOOLEAN,.offset = offsetof(Config, insecure_accept_any),
		.value = "off",
	.help = "verify no signature; only on a loopback address"},
	{.name = "max_connections",.type = SETTING_INTEGER,.offset = offsetof(Config, max_connections),
		.value = "16000",.minimum = 1,.maximum = 1000000,.argument = "NUMBER",
	.help = "connections of clients at a time"},
	{.name = "max_header",.type = SETTING_SIZE,.offset = offsetof(Config, max_header),
		.value = "16kB",.minimum = 4 * KB,.maximum = MB,.argument = "SIZE",
	.help = "line and headers of a request"},
	{.name = "max_body",.type = SETTING_SIZE,.offset = offsetof(Config, max_body),
		.value = "8MB",.minimum = 64 * KB,.maximum = 64 * MB,.argument = "SIZE",
	.help = "body of a request"},
	{.name = "max_memory",.type = SETTING_SIZE,.offset = offsetof(Config, max_memory),
		.value = "256MB",.minimum = MB,.maximum = 64 * GB,.argument = "SIZE",
	.help = "bodies of all requests and answers at a time"},
	{.name = "request_timeout",.type = SETTING_INTEGER,.offset = offsetof(Config, request_timeout),
		.value = "30",.minimum = 1,.maximum = 3600,.argument = "SECONDS",
	.help = "time in which a client must have sent a request"},
	{.name = "idle_timeout",.type = SETTING_INTEGER,.offset = offsetof(Config, idle_timeout),
		.value = "75",.minimum = 1,.maximum = 3600,.argument = "SECONDS",
	.help = "time after which a connection without a request is closed"},
	{.name = "statement_timeout",.type = SETTING_INTEGER,.offset = offsetof(Config, statement_timeout),
		.value = "30",.minimum = 1,.maximum = 3600,.argument = "SECONDS",
	.help = "time that a call may take in the database"},
	{.name = "shutdown_timeout",.type = SETTING_INTEGER,.offset = offsetof(Config, shutdown_timeout),
		.value = "30",.minimum = 1,.maximum = 3600,.argument = "SECONDS",
	.help = "time to answer what was taken before a stop"},
	{.name = "metrics",.type = SETTING_CHOICE,.offset = offsetof(Config, metrics),
		.value = "local",.choices = metrics_choices,.argument = "WHOM",
	.help = "who may read /metrics: nobody, clients of this machine, all"},
	{.name = "log_level",.type = SETTING_CHOICE,.offset = offsetof(Config, log_level),
		.value = "info",.choices = log_level_choices,.argument = "LEVEL",
	.help = "least level of what is logged"},
	{.name = "log_requests",.type = SETTING_BOOLEAN,.offset = offsetof(Config, log_requests),
		.value = "off",
	.help = "log a line for each request"},
};

const Program config_program = {
	.prefix = "QUEUE_GATEWAY_",
	.purpose = "speaks the protocols of Amazon SQS for queues in PostgreSQL",
	.example = "max_body = 8MB",
	.settings = settings,
	.setting_count = sizeof(settings) / sizeof(settings[0])
};

static bool
check_url(const char *value)
{
	size_t		length = strlen(value);
	const char *host;

	if (length == 0)
		return true;
	if (strncmp(value, "http://", 7) == 0)
		host = value + 7;
	else if (strncmp(value, "https://", 8) == 0)
		host = value + 8;
	else
		return false;
	if (length > URL_LENGTH_MAX || host[0] == '\0' || host[0] == '/')
		return false;
	for (const char *c = value; *c != '\0'; c++)
	{
		if (*c <= ' ' || *c > '~' || strchr("?#\"<>\\^`{|}", *c) != NULL)
			return false;
	}
	return true;
}

static bool
check_region(const char *value)
{
	size_t		length = strlen(value);

	return length <= REGION_LENGTH_MAX &&
		strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

/*
 * Look at what depends on more than one setting.
 */
static void
check_together(Config *config)
{
	char		host[HOST_LENGTH_MAX + 1];
	int			port;

	if ((config->tls_certificate == NULL) != (config->tls_key == NULL))
		options_error("Set both of them, or none.",
					  "setting \"%s\" is given without \"%s\"",
					  config->tls_key == NULL ? "tls_certificate" : "tls_key",
					  config->tls_key == NULL ? "tls_key" : "tls_certificate");
	if (config->max_memory < config->max_body)
		options_error("\"max_memory\" must have room for one body at least.",
					  "setting \"max_memory\" is less than \"max_body\"");
	if (config->insecure_accept_any &&
		address_split(config->listen, host, sizeof(host), &port) &&
		!address_is_loopback(host))
		options_error("It must be 127.0.0.1, another address in 127.0.0.0/8, ::1 or localhost.",
					  "setting \"insecure_accept_any\" is refused while \"listen\" is not a loopback address: \"%s\"",
					  config->listen);
}

/*
 * Empty strings of these say that there is none.
 */
static void
clear_empty(char **string)
{
	if ((*string)[0] != '\0')
		return;
	free(*string);
	*string = NULL;
}

/*
 * A URL goes on with a slash of our own.
 */
static void
trim_url(char *url)
{
	size_t		length = strlen(url);

	while (length > 0 && url[length - 1] == '/')
		url[--length] = '\0';
}

void
config_read(int argc, char **argv, Config *config)
{
	memset(config, 0, sizeof(*config));
	options_read(&config_program, argc, argv, config, &config->check);
	trim_url(config->url);
	clear_empty(&config->url);
	clear_empty(&config->region);
	clear_empty(&config->tls_certificate);
	clear_empty(&config->tls_key);
	check_together(config);
}
