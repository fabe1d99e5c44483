/*-------------------------------------------------------------------------
 *
 * config.c
 *		The worker's settings.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "buffer.h"
#include "config.h"

/*
 * Longest time of a handler, and longest back-off: with what else a message may
 * be hidden for they stay below the 12 hours that SQS allows.
 */
#define HIDDEN_MAX 36000

static bool check_queue(const char *value);
static bool check_optional_address(const char *value);

static const Setting settings[] = {
	{.name = "queue",.type = SETTING_STRING,.offset = offsetof(Config, queue),
		.value = "",.check = check_queue,.argument = "QUEUE",
		.form = "the name, the ARN or the URL of a queue",
	.help = "queue to receive from; required"},
	{.name = "dsn",.type = SETTING_STRING,.offset = offsetof(Config, dsn),
		.value = "",.check = setting_check_dsn,.secret = true,.argument = "CONNECTION",
		.form = "a connection string as libpq takes it",
	.help = "how to connect to the database"},
	{.name = "command",.type = SETTING_STRING,.offset = offsetof(Config, shell_command),
		.value = "",.argument = "COMMAND",
	.help = "handler, as a command of the shell; only if none follows the options"},
	{.name = "resident",.type = SETTING_BOOLEAN,.offset = offsetof(Config, resident),
		.value = "off",
	.help = "handlers go on running, and get messages as lines of JSON"},
	{.name = "batch",.type = SETTING_INTEGER,.offset = offsetof(Config, batch),
		.value = "0",.minimum = 0,.maximum = 1000,.argument = "MESSAGES",
	.help = "messages that a handler gets at a time, in a list; 0: one, by itself"},
	{.name = "prefetch",.type = SETTING_INTEGER,.offset = offsetof(Config, prefetch),
		.value = "1000",.minimum = 0,.maximum = 10000,.argument = "MESSAGES",
	.help = "messages kept ready for the handlers, at most"},
	{.name = "min",.type = SETTING_INTEGER,.offset = offsetof(Config, min),
		.value = "1",.minimum = 1,.maximum = 1000,.argument = "HANDLERS",
	.help = "handlers at a time, at least"},
	{.name = "max",.type = SETTING_INTEGER,.offset = offsetof(Config, max),
		.value = "10",.minimum = 1,.maximum = 1000,.argument = "HANDLERS",
	.help = "handlers at a time, at most"},
	{.name = "backlog_per_worker",.type = SETTING_INTEGER,.offset = offsetof(Config, backlog_per_worker),
		.value = "50",.minimum = 1,.maximum = 1000000,.argument = "MESSAGES",
	.help = "messages that may wait for each handler before there are more handlers"},
	{.name = "scale_interval",.type = SETTING_INTEGER,.offset = offsetof(Config, scale_interval),
		.value = "5",.minimum = 1,.maximum = 3600,.argument = "SECONDS",
	.help = "time between two looks at the backlog"},
	{.name = "scale_out_cooldown",.type = SETTING_INTEGER,.offset = offsetof(Config, scale_out_cooldown),
		.value = "15",.minimum = 0,.maximum = 3600,.argument = "SECONDS",
	.help = "time after more handlers were allowed before there are more again"},
	{.name = "scale_in_cooldown",.type = SETTING_INTEGER,.offset = offsetof(Config, scale_in_cooldown),
		.value = "60",.minimum = 0,.maximum = 86400,.argument = "SECONDS",
	.help = "time after any change of their number before there are fewer"},
	{.name = "timeout",.type = SETTING_INTEGER,.offset = offsetof(Config, timeout),
		.value = "300",.minimum = 1,.maximum = HIDDEN_MAX,.argument = "SECONDS",
	.help = "time that a handler may take for a message, or a list"},
	{.name = "kill_after",.type = SETTING_INTEGER,.offset = offsetof(Config, kill_after),
		.value = "5",.minimum = 0,.maximum = 300,.argument = "SECONDS",
	.help = "time from SIGTERM to SIGKILL for a handler that is late"},
	{.name = "visibility_timeout",.type = SETTING_INTEGER,.offset = offsetof(Config, visibility_timeout),
		.value = "30",.minimum = 2,.maximum = 3600,.argument = "SECONDS",
	.help = "time for which a message is hidden at a time, and after which it is back if this program dies"},
	{.name = "backoff",.type = SETTING_INTEGER,.offset = offsetof(Config, backoff),
		.value = "2",.minimum = 0,.maximum = HIDDEN_MAX,.argument = "SECONDS",
	.help = "time before a message is tried again that failed once; doubles with each failure"},
	{.name = "backoff_max",.type = SETTING_INTEGER,.offset = offsetof(Config, backoff_max),
		.value = "600",.minimum = 0,.maximum = HIDDEN_MAX,.argument = "SECONDS",
	.help = "longest such time"},
	{.name = "shutdown_timeout",.type = SETTING_INTEGER,.offset = offsetof(Config, shutdown_timeout),
		.value = "30",.minimum = 0,.maximum = 36000,.argument = "SECONDS",
	.help = "time for handlers to finish before a stop"},
	{.name = "statement_timeout",.type = SETTING_INTEGER,.offset = offsetof(Config, statement_timeout),
		.value = "30",.minimum = 1,.maximum = 3600,.argument = "SECONDS",
	.help = "time that a call may take in the database"},
	{.name = "output_limit",.type = SETTING_SIZE,.offset = offsetof(Config, output_limit),
		.value = "64kB",.minimum = KB,.maximum = GB,.argument = "SIZE",
	.help = "output of a handler that is logged for a message, or a list; more is discarded"},
	{.name = "metrics_listen",.type = SETTING_STRING,.offset = offsetof(Config, metrics_listen),
		.value = "",.check = check_optional_address,.argument = "ADDRESS:PORT",
		.form = "a loopback address and a port, such as 127.0.0.1:9325 or [::1]:9325",
	.help = "address and port to serve /metrics on; if empty, none"},
	{.name = "metrics_file",.type = SETTING_STRING,.offset = offsetof(Config, metrics_file),
		.value = "",.argument = "FILE",
	.help = "file to write metrics to; if empty, none"},
	{.name = "log_level",.type = SETTING_CHOICE,.offset = offsetof(Config, log_level),
		.value = "info",.choices = log_level_choices,.argument = "LEVEL",
	.help = "least level of what is logged"},
};

const Program config_program = {
	.prefix = "QUEUE_WORKER_",
	.purpose = "runs a command for each message of a queue in PostgreSQL",
	.arguments = "-- COMMAND [ARGUMENT]...",
	.example = "max = 20",
	.settings = settings,
	.setting_count = sizeof(settings) / sizeof(settings[0])
};

/*
 * Whether it can be a reference to a queue; the database knows better.
 */
static bool
check_queue(const char *value)
{
	for (const char *c = value; *c != '\0'; c++)
	{
		if (*c <= ' ' || *c > '~')
			return false;
	}
	return true;
}

static bool
check_optional_address(const char *value)
{
	char		host[HOST_LENGTH_MAX + 1];
	int			port;

	return value[0] == '\0' ||
		(address_split(value, host, sizeof(host), &port) && address_is_loopback(host));
}

/*
 * Look at what depends on more than one setting.
 */
static void
check_together(const Config *config)
{
	if (config->queue[0] == '\0')
		options_error("Name it by --queue=QUEUE.", "setting \"queue\" is missing");
	if (config->min > config->max)
		options_error("There can be no fewer handlers than \"min\".",
					  "setting \"max\" is less than \"min\"");
	if (config->backoff > config->backoff_max)
		options_error("It begins with \"backoff\".",
					  "setting \"backoff_max\" is less than \"backoff\"");
}

/*
 * The path of a program that is looked for as the shell does; NULL: there is
 * none.
 */
static char *
find_program(const char *name)
{
	const char *path = getenv("PATH");

	if (strchr(name, '/') != NULL)
		return access(name, X_OK) == 0 ? must_strdup(name) : NULL;
	if (path == NULL)
		path = "/usr/bin:/bin";
	for (;;)
	{
		size_t		length = strcspn(path, ":");
		Buffer		file = {0};

		buffer_append(&file, path, length);
		if (length > 0)
			buffer_putc(&file, '/');
		buffer_puts(&file, name);
		if (access(file.data, X_OK) == 0)
			return buffer_take(&file, NULL);
		buffer_free(&file);
		if (path[length] == '\0')
			return NULL;
		path += length + 1;
	}
}

/*
 * Take the command from the arguments, or from its setting.
 */
static void
find_command(Config *config, char **arguments)
{
	static char *shell[] = {"sh", "-c", NULL, NULL};
	static const char hint[] = "Say it after \"--\", or by setting \"command\".";
	char	   *path;

	if (arguments[0] != NULL && config->shell_command[0] != '\0')
		options_error(hint, "there are two commands");
	if (arguments[0] == NULL && config->shell_command[0] == '\0')
		options_error(hint, "there is no command");
	if (arguments[0] == NULL)
	{
		shell[2] = config->shell_command;
		arguments = shell;
	}
	path = find_program(arguments[0]);
	if (path == NULL)
		options_error(NULL, "there is no program \"%s\" that can be executed", arguments[0]);
	config->command = arguments;
	config->command[0] = path;
}

void
config_read(int argc, char **argv, Config *config)
{
	int			first;

	memset(config, 0, sizeof(*config));
	first = options_read(&config_program, argc, argv, config, &config->check);
	check_together(config);
	find_command(config, argv + first);
}

int
config_batch_size(const Config *config)
{
	return config->batch == 0 ? 1 : config->batch;
}
