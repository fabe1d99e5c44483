/*-------------------------------------------------------------------------
 *
 * config.c
 *		The gateway's settings.
 *
 * One table has them all.  A setting max_body is "--max-body" on the command
 * line, QUEUE_GATEWAY_MAX_BODY in the environment and "max_body" in the
 * configuration file; its default is a text like any other value.  They are
 * applied in turn, the strongest last, so that a mistake in the file is found
 * even where the command line overrides it.
 *
 * Variables of the environment that begin like ours and name no setting are
 * passed over: Kubernetes makes QUEUE_GATEWAY_SERVICE_HOST and others for a
 * service that has our name.
 *
 * The value of a secret setting is never shown, and neither are messages of
 * libpq about a connection string that it cannot read: they quote pieces of
 * it, and any piece may be one of a password.
 *
 *-------------------------------------------------------------------------
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libpq-fe.h>

#include "buffer.h"
#include "config.h"

#ifndef QUEUE_VERSION
#error "QUEUE_VERSION is not defined"
#endif

#define ENVIRONMENT_PREFIX "QUEUE_GATEWAY_"

/* Longest name of a host; that of DNS is 253 */
#define HOST_LENGTH_MAX 255

/* Longest region: as queue.region and SIGV4_REGION_MAX have it */
#define REGION_LENGTH_MAX 64

/* Longest URL that URLs of queues begin with, as queue.endpoint has it */
#define URL_LENGTH_MAX 256

/* Longest line of a configuration file; a connection string is the longest */
#define LINE_LENGTH_MAX 8192

typedef enum SettingType
{
	SETTING_STRING,				/* char * */
	SETTING_INTEGER,			/* int */
	SETTING_SIZE,				/* size_t, in bytes, with units */
	SETTING_BOOLEAN,			/* bool */
	SETTING_CHOICE				/* an enum, whose values count from 0 */
} SettingType;

typedef struct Setting
{
	const char *name;
	SettingType type;
	size_t		offset;			/* in Config */
	const char *value;			/* the default */
	int64_t		minimum;		/* of integers and sizes */
	int64_t		maximum;
	const char *const *choices; /* of a choice; ends with NULL */
	bool		(*check) (const char *value);	/* of a string; may be NULL */
	bool		secret;			/* not to be shown */
	const char *argument;		/* what the help calls its value */
	const char *form;			/* of a string: what it must be */
	const char *help;
} Setting;

static void config_error(const char *hint, const char *format,...) __attribute__((noreturn, format(printf, 2, 3)));
static void print_help(void) __attribute__((noreturn));
static bool check_listen(const char *value);
static bool check_dsn(const char *value);
static bool check_url(const char *value);
static bool check_region(const char *value);

static const char *const metrics_choices[] = {"off", "local", "all", NULL};
static const char *const log_level_choices[] = {"debug", "info", "warning", "error", NULL};

#define KB INT64_C(1024)
#define MB (1024 * KB)
#define GB (1024 * MB)

static const Setting settings[] = {
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
		.value = "20000",.minimum = 1,.maximum = 1000000,.argument = "NUMBER",
	.help = "connections of clients at a time"},
	{.name = "max_header",.type = SETTING_SIZE,.offset = offsetof(Config, max_header),
		.value = "16kB",.minimum = 4 * KB,.maximum = MB,.argument = "SIZE",
	.help = "line and headers of a request"},
	{.name = "max_body",.type = SETTING_SIZE,.offset = offsetof(Config, max_body),
		.value = "8MB",.minimum = 64 * KB,.maximum = 64 * MB,.argument = "SIZE",
	.help = "body of a request"},
	{.name = "max_memory",.type = SETTING_SIZE,.offset = offsetof(Config, max_memory),
		.value = "256MB",.minimum = MB,.maximum = 64 * GB,.argument = "SIZE",
	.help = "all bodies at a time"},
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

#define SETTING_COUNT ((int) (sizeof(settings) / sizeof(settings[0])))

/* Values of getopt_long() for what is no setting; those count from 0 */
enum
{
	OPTION_CONFIG = SETTING_COUNT,
	OPTION_CHECK,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_COUNT
};

/*
 * Say what is wrong, and how it would be right, and end.
 */
static void
config_error(const char *hint, const char *format,...)
{
	va_list		args;

	fputs("queue-gateway: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	if (hint != NULL)
		fprintf(stderr, "HINT:  %s\n", hint);
	exit(EXIT_FAILURE);
}

/*
 * The setting of a name; NULL if there is none.
 */
static const Setting *
find_setting(const char *name)
{
	for (int i = 0; i < SETTING_COUNT; i++)
	{
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
	}
	return NULL;
}

/*
 * Take an address and a port apart.  False if they are none, or if there is no
 * room for the host.
 */
static bool
split_address(const char *address, char *host, size_t host_size, int *port)
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

bool
config_listen_address(const Config *config, char *host, size_t host_size,
					  int *port)
{
	return split_address(config->listen, host, host_size, port);
}

bool
config_is_loopback(const char *host)
{
	struct in_addr address;
	struct in6_addr address6;

	if (inet_pton(AF_INET, host, &address) == 1)
		return ntohl(address.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, host, &address6) == 1)
		return IN6_IS_ADDR_LOOPBACK(&address6) ||
			(IN6_IS_ADDR_V4MAPPED(&address6) && address6.s6_addr[12] == 127);
	return strcasecmp(host, "localhost") == 0;
}

static bool
check_listen(const char *value)
{
	char		host[HOST_LENGTH_MAX + 1];
	int			port;

	return split_address(value, host, sizeof(host), &port);
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

/*
 * Give a setting a value; false if it cannot have it.
 */
static bool
store_value(const Setting *setting, Config *config, const char *value)
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

/*
 * Write what values a setting can have, where that is a range or a list.
 */
static void
print_range(Buffer *buffer, const Setting *setting)
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

/*
 * Give a setting a value, or end with a message that says where it came from.
 */
static void
apply_value(const Setting *setting, Config *config, const char *value,
			const char *source)
{
	Buffer		hint = {0};

	if (store_value(setting, config, value))
		return;

	if (setting->type == SETTING_STRING)
		buffer_printf(&hint, "It must be %s.", setting->form);
	else
	{
		buffer_puts(&hint, setting->type == SETTING_INTEGER || setting->type == SETTING_SIZE ?
					"It must be from " : "It must be one of ");
		print_range(&hint, setting);
		buffer_puts(&hint, setting->type == SETTING_SIZE ?
					"; the units are B, kB, MB and GB." : ".");
	}
	if (setting->secret)
		config_error(hint.data, "%s: invalid value for setting \"%s\"",
					 source, setting->name);
	config_error(hint.data, "%s: invalid value for setting \"%s\": \"%s\"",
				 source, setting->name, value);
}

/*
 * Take the value of a line of the configuration file out of its quotes, in
 * place; what stands around it is blanks and a comment.  False if it is not
 * well formed.
 */
static bool
unquote_value(char *raw, char **value)
{
	char	   *in = raw;
	char	   *out = raw;

	*value = raw;
	if (*in != '\'')
	{
		in += strcspn(in, "#");
		while (in > raw && isspace((unsigned char) in[-1]))
			in--;
		*in = '\0';

		/* blanks would hide a missing quote */
		return in > raw && strcspn(raw, " \t'") == in - raw;
	}

	for (in++; *in != '\0'; in++)
	{
		if (*in == '\'')
		{
			if (in[1] != '\'')
				break;
			in++;
		}
		else if (*in == '\\' && (in[1] == '\'' || in[1] == '\\'))
			in++;
		*out++ = *in;
	}
	if (*in != '\'')
		return false;
	in++;
	*out = '\0';
	in += strspn(in, " \t");
	return *in == '\0' || *in == '#';
}

/*
 * Read a line of the configuration file.
 */
static void
apply_line(Config *config, char *line, const char *source)
{
	static const char form[] =
	"A line is name = value. A value with blanks, quotes or # is in single quotes.";
	const Setting *setting;
	char	   *name;
	char	   *value;
	size_t		length;

	name = line + strspn(line, " \t");
	if (*name == '\0' || *name == '#')
		return;
	length = strcspn(name, " \t=#'");
	value = name + length;
	value += strspn(value, " \t");
	if (length == 0 || *value != '=')
		config_error(form, "%s: syntax error", source);
	name[length] = '\0';
	value++;
	value += strspn(value, " \t");

	setting = find_setting(name);
	if (setting == NULL)
		config_error("\"queue-gateway --help\" lists them all.",
					 "%s: there is no setting \"%s\"", source, name);
	if (!unquote_value(value, &value))
		config_error(form, "%s: syntax error in the value of setting \"%s\"",
					 source, name);
	apply_value(setting, config, value, source);
}

/*
 * Read the configuration file.
 */
static void
apply_file(Config *config, const char *name)
{
	FILE	   *file = fopen(name, "r");
	char		line[LINE_LENGTH_MAX + 2];
	int			number = 0;

	if (file == NULL)
		config_error(NULL, "could not open configuration file \"%s\": %s",
					 name, strerror(errno));
	while (fgets(line, sizeof(line), file) != NULL)
	{
		Buffer		source = {0};
		size_t		length = strlen(line);

		number++;
		buffer_printf(&source, "%s, line %d", name, number);
		if (length > LINE_LENGTH_MAX)
			config_error(NULL, "%s: line is too long", source.data);
		while (length > 0 && isspace((unsigned char) line[length - 1]))
			line[--length] = '\0';
		apply_line(config, line, source.data);
		buffer_free(&source);
	}
	if (ferror(file))
		config_error(NULL, "could not read configuration file \"%s\": %s",
					 name, strerror(errno));
	fclose(file);
}

/*
 * The name of a setting's variable in the environment.
 */
static char *
variable_name(const char *setting)
{
	Buffer		name = {0};

	buffer_puts(&name, ENVIRONMENT_PREFIX);
	for (const char *c = setting; *c != '\0'; c++)
		buffer_putc(&name, toupper((unsigned char) *c));
	return buffer_take(&name, NULL);
}

/*
 * The name of a setting's option on the command line, without its hyphens.
 */
static char *
option_name(const char *setting)
{
	char	   *name = must_strdup(setting);

	for (char *c = name; *c != '\0'; c++)
	{
		if (*c == '_')
			*c = '-';
	}
	return name;
}

/*
 * Print what the options are, and end.
 */
static void
print_help(void)
{
	printf("queue-gateway speaks the protocols of Amazon SQS for queues in PostgreSQL.\n"
		   "\n"
		   "Usage:\n"
		   "  queue-gateway [OPTION]...\n"
		   "\n"
		   "Options:\n");
	for (int i = 0; i < SETTING_COUNT; i++)
	{
		const Setting *setting = &settings[i];
		char	   *option = option_name(setting->name);
		Buffer		range = {0};

		print_range(&range, setting);
		printf("  --%s%s%s\n      %s\n      (",
			   option,
			   setting->argument != NULL ? "=" : "[=on|off]",
			   setting->argument != NULL ? setting->argument : "",
			   setting->help);
		if (range.length > 0)
			printf("%s; ", range.data);
		printf("default: %s)\n", setting->value[0] != '\0' ? setting->value : "empty");
		buffer_free(&range);
		free(option);
	}
	printf("  --config=FILE\n      configuration file\n"
		   "  --check-config\n      say whether the configuration is right, and end\n"
		   "  --help\n      show this, and end\n"
		   "  --version\n      show the version, and end\n"
		   "\n"
		   "What has a default is a setting. It is also taken from the environment, such as\n"
		   "QUEUE_GATEWAY_MAX_BODY=8MB, and from a line of the configuration file, such as\n"
		   "max_body = 8MB. The command line goes before the environment, and that before\n"
		   "the file. QUEUE_GATEWAY_CONFIG names the file as --config does.\n");
	exit(fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

/*
 * Read the command line: texts of settings, which are applied later, and the
 * name of the configuration file.
 */
static void
read_options(int argc, char **argv, const char **values, const char **file,
			 bool *check)
{
	static const char hint[] = "Try \"queue-gateway --help\" for more information.";
	struct option options[OPTION_COUNT + 1] = {
		[OPTION_CONFIG] = {"config", required_argument, NULL, OPTION_CONFIG},
		[OPTION_CHECK] = {"check-config", no_argument, NULL, OPTION_CHECK},
		[OPTION_HELP] = {"help", no_argument, NULL, OPTION_HELP},
		[OPTION_VERSION] = {"version", no_argument, NULL, OPTION_VERSION},
	};
	int			option;

	for (int i = 0; i < SETTING_COUNT; i++)
	{
		options[i].name = option_name(settings[i].name);
		options[i].has_arg = settings[i].type == SETTING_BOOLEAN ?
			optional_argument : required_argument;
		options[i].val = i;
	}

	/* getopt's own messages show values */
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1)
	{
		if (option >= 0 && option < SETTING_COUNT)
			values[option] = optarg != NULL ? optarg : "on";
		else if (option == OPTION_CONFIG)
			*file = optarg;
		else if (option == OPTION_CHECK)
			*check = true;
		else if (option == OPTION_HELP)
			print_help();
		else if (option == OPTION_VERSION)
		{
			printf("queue-gateway %s\n", QUEUE_VERSION);
			exit(fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
		}
		else
		{
			const char *word = argv[optind - 1];

			config_error(hint, option == ':' ?
						 "option \"%.*s\" needs a value" : "invalid option \"%.*s\"",
						 (int) strcspn(word, "="), word);
		}
	}
	if (optind < argc)
		config_error(hint, "too many arguments on the command line");
	for (int i = 0; i < SETTING_COUNT; i++)
		free((char *) options[i].name);
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
		config_error("Set both of them, or none.",
					 "setting \"%s\" is given without \"%s\"",
					 config->tls_key == NULL ? "tls_certificate" : "tls_key",
					 config->tls_key == NULL ? "tls_key" : "tls_certificate");
	if (config->max_memory < config->max_body)
		config_error("\"max_memory\" must have room for one body at least.",
					 "setting \"max_memory\" is less than \"max_body\"");
	if (config->insecure_accept_any &&
		config_listen_address(config, host, sizeof(host), &port) &&
		!config_is_loopback(host))
		config_error("It must be 127.0.0.1, another address in 127.0.0.0/8, ::1 or localhost.",
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

void
config_read(int argc, char **argv, Config *config)
{
	const char *values[SETTING_COUNT] = {NULL};
	const char *file = NULL;
	bool		check = false;

	read_options(argc, argv, values, &file, &check);
	if (file == NULL)
		file = getenv(ENVIRONMENT_PREFIX "CONFIG");

	memset(config, 0, sizeof(*config));
	config->check = check;
	for (int i = 0; i < SETTING_COUNT; i++)
		apply_value(&settings[i], config, settings[i].value, "default");
	if (file != NULL && file[0] != '\0')
		apply_file(config, file);
	for (int i = 0; i < SETTING_COUNT; i++)
	{
		char	   *name = variable_name(settings[i].name);
		const char *value = getenv(name);

		if (value != NULL)
			apply_value(&settings[i], config, value, name);
		free(name);
	}
	for (int i = 0; i < SETTING_COUNT; i++)
	{
		if (values[i] != NULL)
			apply_value(&settings[i], config, values[i], "command line");
	}

	clear_empty(&config->url);
	clear_empty(&config->region);
	clear_empty(&config->tls_certificate);
	clear_empty(&config->tls_key);
	check_together(config);
}
