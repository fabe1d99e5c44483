/*-------------------------------------------------------------------------
 *
 * options.c
 *		The command line, the environment, the configuration file.
 *
 * A setting max_body is "--max-body" on the command line, QUEUE_GATEWAY_MAX_BODY
 * in the environment and "max_body" in the configuration file; its default is a
 * text like any other value.  They are applied in turn, the strongest last, so
 * that a mistake in the file is found even where the command line overrides it.
 *
 * The value of a secret setting is never shown, and neither are messages of
 * libpq about a connection string that it cannot read: they quote pieces of
 * it, and any piece may be one of a password.
 *
 *-------------------------------------------------------------------------
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "options.h"

#if !defined(QUEUE_VERSION) || !defined(PROGRAM_NAME)
#error "QUEUE_VERSION or PROGRAM_NAME is not defined"
#endif

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

static const Program *program;

/* What the command line says of each setting; NULL: nothing */
static const char **values;

void
options_error(const char *hint, const char *format,...)
{
	va_list		args;

	fputs(PROGRAM_NAME ": ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	if (hint != NULL)
		fprintf(stderr, "HINT:  %s\n", hint);
	exit(EXIT_FAILURE);
}

/* NULL: there is none of this name */
static const Setting *
find_setting(const char *name)
{
	for (int i = 0; i < program->setting_count; i++)
	{
		if (strcmp(program->settings[i].name, name) == 0)
			return &program->settings[i];
	}
	return NULL;
}

/*
 * Give a setting a value, or end with a message that says where it came from.
 */
static void
apply_value(const Setting *setting, void *config, const char *value,
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
		options_error(hint.data, "%s: invalid value for setting \"%s\"",
					  source, setting->name);
	options_error(hint.data, "%s: invalid value for setting \"%s\": \"%s\"",
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
apply_line(void *config, char *line, const char *source)
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
		options_error(form, "%s: syntax error", source);
	name[length] = '\0';
	value++;
	value += strspn(value, " \t");

	setting = find_setting(name);
	if (setting == NULL)
		options_error("\"" PROGRAM_NAME " --help\" lists them all.",
					  "%s: there is no setting \"%s\"", source, name);
	if (!unquote_value(value, &value))
		options_error(form, "%s: syntax error in the value of setting \"%s\"",
					  source, name);
	apply_value(setting, config, value, source);
}

/*
 * Read the configuration file.
 */
static void
apply_file(void *config, const char *name)
{
	FILE	   *file = fopen(name, "r");
	char		line[LINE_LENGTH_MAX + 2];
	int			number = 0;

	if (file == NULL)
		options_error(NULL, "could not open configuration file \"%s\": %s",
					  name, strerror(errno));
	while (fgets(line, sizeof(line), file) != NULL)
	{
		Buffer		source = {0};
		size_t		length = strlen(line);

		number++;
		buffer_printf(&source, "%s, line %d", name, number);
		if (length > LINE_LENGTH_MAX)
			options_error(NULL, "%s: line is too long", source.data);
		while (length > 0 && isspace((unsigned char) line[length - 1]))
			line[--length] = '\0';
		apply_line(config, line, source.data);
		buffer_free(&source);
	}
	if (ferror(file))
		options_error(NULL, "could not read configuration file \"%s\": %s",
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

	buffer_puts(&name, program->prefix);
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
 * The example of a line of the file, as it is in the environment.
 */
static char *
example_variable(void)
{
	size_t		length = strcspn(program->example, " ");
	char	   *setting = must_strndup(program->example, length);
	char	   *name = variable_name(setting);
	Buffer		text = {0};

	buffer_printf(&text, "%s=%s", name, program->example + length + strlen(" = "));
	free(name);
	free(setting);
	return buffer_take(&text, NULL);
}

/*
 * Print what the options are.
 */
static void
print_help(void)
{
	char	   *variable = example_variable();

	printf("%s %s.\n"
		   "\n"
		   "Usage:\n"
		   "  %s [OPTION]...%s%s\n"
		   "\n"
		   "Options:\n", PROGRAM_NAME, program->purpose, PROGRAM_NAME,
		   program->arguments == NULL ? "" : " ",
		   program->arguments == NULL ? "" : program->arguments);
	for (int i = 0; i < program->setting_count; i++)
	{
		const Setting *setting = &program->settings[i];
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
		   "%s, and from a line of the configuration file, such as\n"
		   "%s. The command line goes before the environment, and that before\n"
		   "the file. %sCONFIG names the file as --config does.\n",
		   variable, program->example, program->prefix);
	free(variable);
}

/*
 * Read the command line: texts of settings, which are applied later, and the
 * name of the configuration file.  Ends the process if it asks for help or for
 * the version.  Returns where the arguments begin that are no options.
 */
static int
read_options(int argc, char **argv, const char **file, bool *check)
{
	static const char hint[] = "Try \"" PROGRAM_NAME " --help\" for more information.";
	static const struct option others[] = {
		{"config", required_argument, NULL, OPTION_CONFIG},
		{"check-config", no_argument, NULL, OPTION_CHECK},
		{"help", no_argument, NULL, OPTION_HELP},
		{"version", no_argument, NULL, OPTION_VERSION},
		{NULL, 0, NULL, 0}
	};
	struct option *options = must_calloc(program->setting_count + sizeof(others) / sizeof(others[0]),
										 sizeof(struct option));
	int			option;
	bool		help = false;
	bool		version = false;

	for (int i = 0; i < program->setting_count; i++)
	{
		options[i].name = option_name(program->settings[i].name);
		options[i].has_arg = program->settings[i].type == SETTING_BOOLEAN ?
			optional_argument : required_argument;
		options[i].val = i;
	}
	memcpy(options + program->setting_count, others, sizeof(others));

	/* getopt's own messages show values */
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:", options, NULL)) != -1)
	{
		if (option >= 0 && option < program->setting_count)
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

			options_error(hint, option == ':' ?
						  "option \"%.*s\" needs a value" : "invalid option \"%.*s\"",
						  (int) strcspn(word, "="), word);
		}
	}
	if (optind < argc && program->arguments == NULL)
		options_error(hint, "too many arguments on the command line");
	for (int i = 0; i < program->setting_count; i++)
		free((char *) options[i].name);
	free(options);

	if (help)
		print_help();
	if (version)
		printf("%s %s\n", PROGRAM_NAME, QUEUE_VERSION);
	if (help || version)
		exit(fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
	return optind;
}

int
options_read(const Program *described, int argc, char **argv, void *config,
			 bool *check)
{
	const char *file = NULL;
	int			first;

	program = described;
	values = must_calloc(program->setting_count, sizeof(char *));
	*check = false;
	first = read_options(argc, argv, &file, check);
	if (file == NULL)
	{
		char	   *name = variable_name("config");

		file = getenv(name);
		free(name);
	}

	for (int i = 0; i < program->setting_count; i++)
		apply_value(&program->settings[i], config, program->settings[i].value, "default");
	if (file != NULL && file[0] != '\0')
		apply_file(config, file);
	for (int i = 0; i < program->setting_count; i++)
	{
		char	   *name = variable_name(program->settings[i].name);
		const char *value = getenv(name);

		if (value != NULL)
			apply_value(&program->settings[i], config, value, name);
		free(name);
	}
	for (int i = 0; i < program->setting_count; i++)
	{
		if (values[i] != NULL)
			apply_value(&program->settings[i], config, values[i], "command line");
	}
	free(values);
	return first;
}
