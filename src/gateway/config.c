/*-------------------------------------------------------------------------
 *
 * config.c
 *		The gateway's settings.
 *
 * The table in setting.c has them all.  A setting max_body is "--max-body" on the command
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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "config.h"
#include "setting.h"

#ifndef QUEUE_VERSION
#error "QUEUE_VERSION is not defined"
#endif

#define ENVIRONMENT_PREFIX "QUEUE_GATEWAY_"

/* Longest line of a configuration file; a connection string is the longest */
#define LINE_LENGTH_MAX 8192

/* Values of getopt_long() for what is no setting; those count from 0 */
enum
{
	OPTION_CONFIG = 1000,
	OPTION_CHECK,
	OPTION_HELP,
	OPTION_VERSION
};

static void config_error(const char *hint, const char *format,...) __attribute__((noreturn, format(printf, 2, 3)));

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

bool
config_listen_address(const Config *config, char *host, size_t host_size,
					  int *port)
{
	return setting_split_address(config->listen, host, host_size, port);
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

/*
 * Give a setting a value, or end with a message that says where it came from.
 */
static void
apply_value(const Setting *setting, Config *config, const char *value,
			const char *source)
{
	Buffer		hint = {0};

	if (setting_store(setting, config, value))
		return;

	if (setting->type == SETTING_STRING)
		buffer_printf(&hint, "It must be %s.", setting->form);
	else
	{
		buffer_puts(&hint, setting->type == SETTING_INTEGER || setting->type == SETTING_SIZE ?
					"It must be from " : "It must be one of ");
		setting_print_range(&hint, setting);
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

	setting = setting_find(name);
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
 * Print what the options are.
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
	for (int i = 0; i < setting_count; i++)
	{
		const Setting *setting = &settings[i];
		char	   *option = option_name(setting->name);
		Buffer		range = {0};

		setting_print_range(&range, setting);
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
}

/*
 * Read the command line: texts of settings, which are applied later, and the
 * name of the configuration file.  Ends the process if it asks for help or for
 * the version.
 */
static void
read_options(int argc, char **argv, const char **values, const char **file,
			 bool *check)
{
	static const char hint[] = "Try \"queue-gateway --help\" for more information.";
	static const struct option others[] = {
		{"config", required_argument, NULL, OPTION_CONFIG},
		{"check-config", no_argument, NULL, OPTION_CHECK},
		{"help", no_argument, NULL, OPTION_HELP},
		{"version", no_argument, NULL, OPTION_VERSION},
		{NULL, 0, NULL, 0}
	};
	struct option *options = must_calloc(setting_count + sizeof(others) / sizeof(others[0]),
										 sizeof(struct option));
	int			option;
	bool		help = false;
	bool		version = false;

	for (int i = 0; i < setting_count; i++)
	{
		options[i].name = option_name(settings[i].name);
		options[i].has_arg = settings[i].type == SETTING_BOOLEAN ?
			optional_argument : required_argument;
		options[i].val = i;
	}
	memcpy(options + setting_count, others, sizeof(others));

	/* getopt's own messages show values */
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1)
	{
		if (option >= 0 && option < setting_count)
			values[option] = optarg != NULL ? optarg : "on";
		else if (option == OPTION_CONFIG)
			*file = optarg;
		else if (option == OPTION_CHECK)
			*check = true;
		else if (option == OPTION_HELP)
			help = true;
		else if (option == OPTION_VERSION)
			version = true;
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
	for (int i = 0; i < setting_count; i++)
		free((char *) options[i].name);
	free(options);

	if (help)
		print_help();
	if (version)
		printf("queue-gateway %s\n", QUEUE_VERSION);
	if (help || version)
		exit(fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
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
	const char **values = must_calloc(setting_count, sizeof(char *));
	const char *file = NULL;
	bool		check = false;

	read_options(argc, argv, values, &file, &check);
	if (file == NULL)
		file = getenv(ENVIRONMENT_PREFIX "CONFIG");

	memset(config, 0, sizeof(*config));
	config->check = check;
	for (int i = 0; i < setting_count; i++)
		apply_value(&settings[i], config, settings[i].value, "default");
	if (file != NULL && file[0] != '\0')
		apply_file(config, file);
	for (int i = 0; i < setting_count; i++)
	{
		char	   *name = variable_name(settings[i].name);
		const char *value = getenv(name);

		if (value != NULL)
			apply_value(&settings[i], config, value, name);
		free(name);
	}
	for (int i = 0; i < setting_count; i++)
	{
		if (values[i] != NULL)
			apply_value(&settings[i], config, values[i], "command line");
	}
	free(values);

	clear_empty(&config->url);
	clear_empty(&config->region);
	clear_empty(&config->tls_certificate);
	clear_empty(&config->tls_key);
	check_together(config);
}
