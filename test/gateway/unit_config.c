/*-------------------------------------------------------------------------
 *
 * unit_config.c
 *		Promises: settings come from the command line, else the environment,
 *		else the configuration file, else defaults; a value that is out of
 *		range, malformed or unknown ends the program with a message that says
 *		which, where and what would be right; what goes together is checked
 *		together; no part of a connection string is ever shown.
 *
 * config_read() ends the process where something is wrong, so each case runs in
 * one of its own.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "address.h"
#include "buffer.h"
#include "config.h"
#include "tap.h"

#define ARGUMENTS_MAX 8

/* In the folder that the program runs in, so that messages can be compared */
typedef enum Expected
{
	ACCEPTED,					/* the settings have this part */
	REFUSED						/* this is the message; NULL: any without the
								 * word "secret" */
} Expected;

/* Lists end with NULL */
typedef struct Case
{
	Expected	expected;
	const char *name;
	const char *text;
	const char *arguments[ARGUMENTS_MAX];
	const char *environment[ARGUMENTS_MAX]; /* name=value */
	const char *file;			/* content of a configuration file */
} Case;

static char file_name[] = "unit_config.conf";

/*
 * Read the settings and print them; never returns.
 */
static void
child(const Case *given)
{
	static Config config;
	char	   *argv[ARGUMENTS_MAX + 3] = {"queue-gateway"};
	int			argc = 1;
	char		host[64] = "";
	int			port = 0;

	for (int i = 0; given->arguments[i] != NULL; i++)
		argv[argc++] = (char *) given->arguments[i];
	for (int i = 0; given->environment[i] != NULL; i++)
		putenv((char *) given->environment[i]);
	if (given->file != NULL)
	{
		FILE	   *file = fopen(file_name, "w");

		if (file == NULL || fputs(given->file, file) == EOF || fclose(file) != 0)
			abort();
		argv[argc++] = "--config";
		argv[argc++] = file_name;
	}

	config_read(argc, argv, &config);
	address_split(config.listen, host, sizeof(host), &port);
	printf("listen=%s port=%d dsn=%s pool=%d url=%s region=%s tls=%s,%s any=%d "
		   "connections=%d header=%zu body=%zu memory=%zu times=%d,%d,%d,%d "
		   "metrics=%d level=%d requests=%d check=%d",
		   host, port, config.dsn, config.pool,
		   config.url == NULL ? "-" : config.url,
		   config.region == NULL ? "-" : config.region,
		   config.tls_certificate == NULL ? "-" : config.tls_certificate,
		   config.tls_key == NULL ? "-" : config.tls_key,
		   config.insecure_accept_any, config.max_connections,
		   config.max_header, config.max_body, config.max_memory,
		   config.request_timeout, config.idle_timeout, config.statement_timeout,
		   config.shutdown_timeout, config.metrics, config.log_level,
		   config.log_requests, config.check);
	exit(EXIT_SUCCESS);
}

/*
 * Run a case.  Returns what it wrote, to be freed: the settings, or, with
 * *failed, the message.
 */
static char *
outcome(const Case *given, bool *failed)
{
	int			ends[2];
	pid_t		pid;
	Buffer		output = {0};
	char		bytes[4096];
	ssize_t		count;
	int			status;

	fflush(stdout);
	if (pipe(ends) != 0 || (pid = fork()) < 0)
		abort();
	if (pid == 0)
	{
		close(ends[0]);
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		child(given);
	}
	close(ends[1]);
	while ((count = read(ends[0], bytes, sizeof(bytes))) > 0)
		buffer_append(&output, bytes, count);
	close(ends[0]);
	if (waitpid(pid, &status, 0) != pid)
		abort();
	*failed = !WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS;
	return buffer_take(&output, NULL);
}

#define FORM "HINT:  A line is name = value. A value with blanks, quotes or # is in single quotes.\n"
#define TRY "HINT:  Try \"queue-gateway --help\" for more information.\n"

static const Case cases[] = {
	/* where settings come from */
	{
		ACCEPTED, "the defaults",
		"listen=127.0.0.1 port=9324 dsn= pool=4 url=- region=- tls=-,- any=0 "
		"connections=16000 header=16384 body=8388608 memory=268435456 "
		"times=30,75,30,30 metrics=1 level=1 requests=0 check=0",
		.file = NULL
	},
	{
		ACCEPTED, "each of them from the file",
		"listen=::1 port=80 dsn=host=/tmp user=u pool=64 url=https://sqs.example.com/a "
		"region=eu-west-1 tls=c,k any=1 connections=7 header=4096 body=1048576 "
		"memory=1073741824 times=1,2,3,4 metrics=2 level=3 requests=0 check=0",
		.file =
		"listen = '[::1]:80'\ndsn = 'host=/tmp user=u'\npool = 64\n"
		"url = https://sqs.example.com/a/\nregion = eu-west-1\n"
		"tls_certificate = c\ntls_key = k\ninsecure_accept_any = yes\n"
		"max_connections = 7\nmax_header = 4kB\nmax_body = 1024kB\n"
		"max_memory = 1GB\nrequest_timeout = 1\nidle_timeout = 2\n"
		"statement_timeout = 3\nshutdown_timeout = 4\nmetrics = all\n"
		"log_level = error\nlog_requests = false\n"
	},
	{
		ACCEPTED, "each of them from the file, written otherwise",
		"listen=localhost port=65535 dsn=postgresql:///db pool=2 url=http://h region=x "
		"tls=c,k any=1 connections=1 header=1048576 body=65536 memory=2097152 "
		"times=5,6,7,8 metrics=0 level=0 requests=1 check=0",
		.file =
		"listen=localhost:65535\ndsn='postgresql:///db'\npool=2\nurl='http://h'\n"
		"region=x\ntls_certificate='c'\ntls_key='k'\ninsecure_accept_any=1\n"
		"max_connections=1\nmax_header=1MB\nmax_body=65536\nmax_memory='2 MB'\n"
		"request_timeout=5\nidle_timeout=6\nstatement_timeout=7\n"
		"shutdown_timeout=8\nmetrics=off\nlog_level=debug\nlog_requests=TRUE\n"
	},
	{
		ACCEPTED, "the environment goes before the file", " pool=6 ",
		.file = "pool = 5\n",.environment = {"QUEUE_GATEWAY_POOL=6"}
	},
	{
		ACCEPTED, "the command line goes before the environment", " pool=7 ",
		.arguments = {"--pool=7"},.environment = {"QUEUE_GATEWAY_POOL=6"},.file = "pool = 5\n"
	},
	{
		ACCEPTED, "the environment names the file too", " check=1",
		.arguments = {"--check-config"},.environment = {"QUEUE_GATEWAY_CONFIG="}
	},
	{
		REFUSED, "the file that the environment names is read",
		"queue-gateway: could not open configuration file \"/no/such\": No such file or directory\n",
		.environment = {"QUEUE_GATEWAY_CONFIG=/no/such"}
	},
	{
		ACCEPTED, "variables of the environment that are no settings", "pool=4",
		.environment = {"QUEUE_GATEWAY_PORT=tcp://10.0.0.1:80", "QUEUE_GATEWAY_SERVICE_HOST=10.0.0.1"}
	},
	{
		ACCEPTED, "an option without a value turns a switch on", " requests=1 ",
		.arguments = {"--log-requests"}
	},
	{
		ACCEPTED, "and one with a value off", " requests=0 ",
		.arguments = {"--log-requests=off"},.environment = {"QUEUE_GATEWAY_LOG_REQUESTS=on"}
	},
	{
		REFUSED, "a value in the file is checked though another overrides it",
		"queue-gateway: unit_config.conf, line 1: invalid value for setting \"pool\": \"0\"\n"
		"HINT:  It must be from 1 to 64.\n",
		.arguments = {"--pool=7"},.file = "pool = 0\n"
	},
	/* values */
	{
		REFUSED, "a size out of range",
		"queue-gateway: QUEUE_GATEWAY_MAX_BODY: invalid value for setting \"max_body\": \"1GB\"\n"
		"HINT:  It must be from 64kB to 64MB; the units are B, kB, MB and GB.\n",
		.environment = {"QUEUE_GATEWAY_MAX_BODY=1GB"}
	},
	{
		REFUSED, "a choice that there is not",
		"queue-gateway: command line: invalid value for setting \"metrics\": \"some\"\n"
		"HINT:  It must be one of off, local, all.\n",
		.arguments = {"--metrics=some"}
	},
	{
		REFUSED, "a switch that is neither on nor off",
		"queue-gateway: command line: invalid value for setting \"log_requests\": \"perhaps\"\n"
		"HINT:  It must be one of on, off.\n",
		.arguments = {"--log-requests=perhaps"}
	},
	{
		REFUSED, "a region in capitals",
		"queue-gateway: command line: invalid value for setting \"region\": \"EU\"\n"
		"HINT:  It must be of lower-case letters, digits and hyphens, 64 at most.\n",
		.arguments = {"--region=EU"}
	},
	{
		REFUSED, "an option that there is not",
		"queue-gateway: invalid option \"--listne\"\n" TRY,
		.arguments = {"--listne=127.0.0.1:1"}
	},
	{
		REFUSED, "an option without its value",
		"queue-gateway: option \"--pool\" needs a value\n" TRY,
		.arguments = {"--pool"}
	},
	{
		REFUSED, "a word that is no option",
		"queue-gateway: too many arguments on the command line\n" TRY,
		.arguments = {"start"}
	},
	/* the configuration file */
	{
		ACCEPTED, "comments, blanks, empty lines, quotes, a last line without an end",
		"dsn=host=a password='it\\'s' pool=3 url=http://h ",
		.file =
		"# comment\n\n \t \n"
		"\tdsn \t= \t'host=a password=''it\\\\''s''' # comment\n"
		"pool=3# comment\n"
		"url = http://other # comment\r\n"
		"url = 'http://h'"
	},
	{
		ACCEPTED, "the last of two lines counts", " pool=3 ",
		.file = "pool = 2\npool = 3\n"
	},
	{
		REFUSED, "a line without an equals sign",
		"queue-gateway: unit_config.conf, line 2: syntax error\n" FORM,
		.file = "\npool 3\n"
	},
	{
		REFUSED, "a line without a name",
		"queue-gateway: unit_config.conf, line 1: syntax error\n" FORM,
		.file = "= 3\n"
	},
	{
		REFUSED, "a line without a value",
		"queue-gateway: unit_config.conf, line 1: syntax error in the value of setting \"pool\"\n" FORM,
		.file = "pool =  # three\n"
	},
	{
		REFUSED, "a quote without its end",
		"queue-gateway: unit_config.conf, line 1: syntax error in the value of setting \"url\"\n" FORM,
		.file = "url = 'http://h\n"
	},
	{
		REFUSED, "something after a quote",
		"queue-gateway: unit_config.conf, line 1: syntax error in the value of setting \"url\"\n" FORM,
		.file = "url = 'http://h' x\n"
	},
	{
		REFUSED, "blanks without quotes",
		"queue-gateway: unit_config.conf, line 1: syntax error in the value of setting \"max_body\"\n" FORM,
		.file = "max_body = 1 MB\n"
	},
	{
		REFUSED, "a setting that there is not",
		"queue-gateway: unit_config.conf, line 3: there is no setting \"max-body\"\n"
		"HINT:  \"queue-gateway --help\" lists them all.\n",
		.file = "\n\nmax-body = 1MB\n"
	},
	{
		REFUSED, "a folder instead of a file",
		"queue-gateway: could not read configuration file \"/tmp\": Is a directory\n",
		.arguments = {"--config=/tmp"}
	},
	/* what goes together */
	{
		REFUSED, "a certificate without a key",
		"queue-gateway: setting \"tls_certificate\" is given without \"tls_key\"\n"
		"HINT:  Set both of them, or none.\n",
		.arguments = {"--tls-certificate=c"}
	},
	{
		REFUSED, "a key without a certificate",
		"queue-gateway: setting \"tls_key\" is given without \"tls_certificate\"\n"
		"HINT:  Set both of them, or none.\n",
		.arguments = {"--tls-key=k"}
	},
	{
		REFUSED, "less memory than a body may have",
		"queue-gateway: setting \"max_memory\" is less than \"max_body\"\n"
		"HINT:  \"max_memory\" must have room for one body at least.\n",
		.arguments = {"--max-memory=4MB"}
	},
	{
		REFUSED, "no signatures on an address of the network",
		"queue-gateway: setting \"insecure_accept_any\" is refused while \"listen\" is not a loopback address: \"0.0.0.0:9324\"\n"
		"HINT:  It must be 127.0.0.1, another address in 127.0.0.0/8, ::1 or localhost.\n",
		.arguments = {"--insecure-accept-any", "--listen=0.0.0.0:9324"}
	},
	{
		ACCEPTED, "no signatures on a loopback address", "listen=127.8.9.10 port=1 dsn= pool=4 url=- region=- tls=-,- any=1",
		.arguments = {"--insecure-accept-any", "--listen=127.8.9.10:1"}
	},
	/* connection strings */
	{
		REFUSED, "a wrong connection string in the environment", NULL,
		.environment = {"QUEUE_GATEWAY_DSN=host=a password=b secret"}
	},
	{
		REFUSED, "one on the command line", NULL,
		.arguments = {"--dsn=postgresql://u:secret@[::1/db"}
	},
	{
		REFUSED, "one in the file", NULL,
		.file = "dsn = 'host=a secret=b'\n"
	},
	{
		REFUSED, "one in the file without quotes", NULL,
		.file = "dsn = host=a password=secret\n"
	},
	{
		REFUSED, "one whose option is misspelled", NULL,
		.arguments = {"--dns=password=secret"}
	},
	{
		REFUSED, "one that is an argument of its own", NULL,
		.arguments = {"--dsn=", "password=secret"}
	}
};

/*
 * A case does what is expected of it.
 */
static void
test_case(const Case *given)
{
	bool		failed;
	char	   *got = outcome(given, &failed);
	bool		right;

	if (given->expected == ACCEPTED)
		right = !failed && strstr(got, given->text) != NULL;
	else if (given->text != NULL)
		right = failed && strcmp(got, given->text) == 0;
	else
		right = failed && strstr(got, "queue-gateway: ") == got &&
			strstr(got, "secret") == NULL;
	if (!tap_ok(right, "%s", given->name))
		tap_difference(given->text == NULL ? "an error without the word" : given->text, got);
	free(got);
}

/*
 * An option with a value is refused, by a message with this part.
 */
static void
test_value(const char *option, const char *value, const char *part)
{
	Case		given = {.arguments = {option, value}};
	bool		failed;
	char	   *got = outcome(&given, &failed);

	tap_ok(failed && strstr(got, part) != NULL, "%s \"%s\" is refused", option, value);
	free(got);
}

static void
test_values(void)
{
	static const char *const sizes[] = {
		"0", "-1", "8 megabytes", "8mb", "8.5MB", "", "65535", "65MB", "9223372036854775807GB",
		"99999999999999999999", "8MB x", NULL
	};
	static const char *const numbers[] = {
		"0", "65", "-1", "", "x", "4x", "4.0", "0x4", "99999999999999999999", NULL
	};
	static const char *const addresses[] = {
		"", "x", ":1", "h:", "h:0", "h:65536", "h:99999999999", "h:1x", "::1:80", "[::1]", "[::1]80",
		"[]:80", "[1.2.3.4]:80", "[::1:80", "a b:80", "h:-1", "[:80", NULL
	};
	static const char *const urls[] = {
		"h", "ftp://h", "http://", "https:///x", "http://h/?a", "http://h/#a", "http://h x", NULL
	};

	for (const char *const *size = sizes; *size != NULL; size++)
		test_value("--max-body", *size, "from 64kB to 64MB");
	for (const char *const *number = numbers; *number != NULL; number++)
		test_value("--pool", *number, "from 1 to 64");
	for (const char *const *address = addresses; *address != NULL; address++)
		test_value("--listen", *address, "setting \"listen\"");
	for (const char *const *url = urls; *url != NULL; url++)
		test_value("--url", *url, "setting \"url\"");
}

static void
test_loopback(void)
{
	tap_ok(address_is_loopback("127.0.0.1") && address_is_loopback("127.255.255.255") &&
		   address_is_loopback("::1") && address_is_loopback("0:0:0:0:0:0:0:1") &&
		   address_is_loopback("::ffff:127.0.0.1") && address_is_loopback("LocalHost"),
		   "addresses that are loopback addresses");
	tap_ok(!address_is_loopback("126.0.0.1") && !address_is_loopback("128.0.0.1") &&
		   !address_is_loopback("0.0.0.0") && !address_is_loopback("::") &&
		   !address_is_loopback("::ffff:10.0.0.1") && !address_is_loopback("::2") &&
		   !address_is_loopback("localhost.example.com") && !address_is_loopback("127.0.0.1.example.com") &&
		   !address_is_loopback(""),
		   "addresses that are none");
}

static void
test_help(void)
{
	static const Case help = {.arguments = {"--help"}};
	static const Case version = {.arguments = {"--version"}};
	bool		failed;
	char	   *got = outcome(&help, &failed);

	tap_ok(!failed && strstr(got, "queue-gateway: ") == NULL, "--help is no error");
	for (int i = 0; i < config_program.setting_count; i++)
	{
		Buffer		line = {0};

		buffer_printf(&line, "\n  --%s", config_program.settings[i].name);
		for (size_t j = 0; j < line.length; j++)
		{
			if (line.data[j] == '_')
				line.data[j] = '-';
		}
		tap_ok(strstr(got, line.data) != NULL && strstr(got, config_program.settings[i].help) != NULL,
			   "--help describes %s", config_program.settings[i].name);
		buffer_free(&line);
	}
	free(got);

	got = outcome(&version, &failed);
	tap_ok(!failed && strcmp(got, "queue-gateway " QUEUE_VERSION "\n") == 0, "--version");
	free(got);
}

int
main(void)
{
	char		folder[] = "/tmp/unit_config.XXXXXX";

	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		abort();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		test_case(&cases[i]);
	test_values();
	test_loopback();
	test_help();
	unlink(file_name);
	rmdir(folder);
	return tap_end();
}
