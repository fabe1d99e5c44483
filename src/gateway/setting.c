/*-------------------------------------------------------------------------
 *
 * setting.c
 *		The table of settings, and texts of their values.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libpq-fe.h>

#include "buffer.h"
#include "config.h"
#include "setting.h"

/* Longest region: as queue.region and SIGV4_REGION_MAX have it */
#define REGION_LENGTH_MAX 64

/* Longest URL that URLs of queues begin with, as queue.endpoint has it */
#define URL_LENGTH_MAX 256

static bool check_listen(const char *value);
static bool check_dsn(const char *value);
static bool check_url(const char *value);
static bool check_region(const char *value);

static const char *const metrics_choices[] = {"off", "local", "all", NULL};
static const char *const log_level_choices[] = {"debug", "info", "warning", "error", NULL};

#define KB INT64_C(1024)
#define MB (1024 * KB)
#define GB (1024 * MB)

const Setting settings[] = {
	{.name = "listen",.type = SETTING_STRING,.offset = offsetof(Config, listen),
		.value = "127.0.0.1:9324",.check = check_listen,.argument = "ADDRESS:PORT",
		.form = "an address or name and a port, such as 127.0.0.1:9324 or [::1]:9324",
	.help = "address and port to listen on"},
	{.name = "dsn",.type = SETTING_STRING,.offset = offsetof(Config, dsn),
		.value = "",.check = check_dsn,.secret = true,.argument = "CONNECTION",
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

const int	setting_count = sizeof(settings) / sizeof(settings[0]);

const Setting *
setting_find(const char *name)
{
	for (int i = 0; i < setting_count; i++)
	{
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
	}
	return NULL;
}

bool
setting_split_address(const char *address, char *host, size_t host_size,
					  int *port)
{
	const char *colon = strrchr(address, ':');
	const char *end = colon;
	size_t		digits;

	if (colon == NULL)
		return false;
	digits = strspn(colon + 1, "0123456789");
	if (digits == 0 || digits > 5 || colon[1 + digits] != '\0')
		return false;
	*port = atoi(colon + 1);
	if (*port < 1 || *port > 65535)
		return false;

	if (address[0] == '[')
	{
		struct in6_addr parsed;

		address++;
		if (end == address || *--end != ']' || end - address >= host_size)
			return false;
		memcpy(host, address, end - address);
		host[end - address] = '\0';
		return inet_pton(AF_INET6, host, &parsed) == 1;
	}

	if (end == address || end - address >= host_size)
		return false;
	memcpy(host, address, end - address);
	host[end - address] = '\0';
	for (const char *c = host; *c != '\0'; c++)
	{
		if (!isalnum((unsigned char) *c) && strchr(".-_", *c) == NULL)
			return false;
	}
	return true;
}

static bool
check_listen(const char *value)
{
	char		host[HOST_LENGTH_MAX + 1];
	int			port;

	return setting_split_address(value, host, sizeof(host), &port);
}

static bool
check_dsn(const char *value)
{
	PQconninfoOption *options = PQconninfoParse(value, NULL);

	if (options == NULL)
		return false;
	PQconninfoFree(options);
	return true;
}

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
 * Read a whole number.
 */
static bool
parse_integer(const char *value, int64_t *result, char **end)
{
	errno = 0;
	*result = strtoll(value, end, 10);
	return *end != value && errno == 0;
}

/*
 * Read a number of bytes, with or without a unit.
 */
static bool
parse_size(const char *value, int64_t *result)
{
	static const struct
	{
		const char *name;
		int64_t		bytes;
	}			units[] = {{"", 1}, {"B", 1}, {"kB", KB}, {"MB", MB}, {"GB", GB}};
	char	   *unit;

	if (!parse_integer(value, result, &unit))
		return false;
	while (*unit == ' ')
		unit++;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
	{
		if (strcmp(unit, units[i].name) == 0)
			return !__builtin_mul_overflow(*result, units[i].bytes, result);
	}
	return false;
}

static bool
parse_boolean(const char *value, bool *result)
{
	static const char *const words[][2] = {
		{"off", "on"}, {"false", "true"}, {"no", "yes"}, {"0", "1"}
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
	{
		for (int truth = 0; truth < 2; truth++)
		{
			if (strcasecmp(value, words[i][truth]) == 0)
			{
				*result = truth;
				return true;
			}
		}
	}
	return false;
}

/*
 * Give a string setting its value.
 */
static void
store_string(const Setting *setting, Config *config, const char *value)
{
	char	  **place = (char **) ((char *) config + setting->offset);
	size_t		length = strlen(value);

	/* a URL goes on with a slash of our own */
	if (setting->check == check_url)
	{
		while (length > 0 && value[length - 1] == '/')
			length--;
	}
	free(*place);
	*place = must_strndup(value, length);
}

bool
setting_store(const Setting *setting, Config *config, const char *value)
{
	char	   *place = (char *) config + setting->offset;
	int64_t		number;
	char	   *end;

	switch (setting->type)
	{
		case SETTING_STRING:
			if (setting->check != NULL && !setting->check(value))
				return false;
			store_string(setting, config, value);
			return true;

		case SETTING_INTEGER:
			if (!parse_integer(value, &number, &end) || *end != '\0' ||
				number < setting->minimum || number > setting->maximum)
				return false;
			*(int *) place = (int) number;
			return true;

		case SETTING_SIZE:
			if (!parse_size(value, &number) ||
				number < setting->minimum || number > setting->maximum)
				return false;
			*(size_t *) place = (size_t) number;
			return true;

		case SETTING_BOOLEAN:
			return parse_boolean(value, (bool *) place);

		case SETTING_CHOICE:
			for (int i = 0; setting->choices[i] != NULL; i++)
			{
				if (strcmp(value, setting->choices[i]) == 0)
				{
					*(int *) place = i;
					return true;
				}
			}
			return false;
	}
	return false;
}

/*
 * Write a size with the largest unit that leaves it whole.
 */
static void
print_size(Buffer *buffer, int64_t size)
{
	if (size % GB == 0)
		buffer_printf(buffer, "%dGB", (int) (size / GB));
	else if (size % MB == 0)
		buffer_printf(buffer, "%dMB", (int) (size / MB));
	else
		buffer_printf(buffer, "%dkB", (int) (size / KB));
}

void
setting_print_range(Buffer *buffer, const Setting *setting)
{
	switch (setting->type)
	{
		case SETTING_STRING:
			break;

		case SETTING_INTEGER:
			buffer_printf(buffer, "%d to %d",
						  (int) setting->minimum, (int) setting->maximum);
			break;

		case SETTING_SIZE:
			print_size(buffer, setting->minimum);
			buffer_puts(buffer, " to ");
			print_size(buffer, setting->maximum);
			break;

		case SETTING_BOOLEAN:
			buffer_puts(buffer, "on, off");
			break;

		case SETTING_CHOICE:
			for (int i = 0; setting->choices[i] != NULL; i++)
				buffer_printf(buffer, "%s%s", i > 0 ? ", " : "", setting->choices[i]);
			break;
	}
}
