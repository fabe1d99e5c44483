/*-------------------------------------------------------------------------
 *
 * client.c
 *		Puts a load on a server that speaks SQS's protocol.
 *
 * Whatever server is measured, this is what calls it: so many connections that
 * stay open, one request at a time on each, every one signed.  It runs on the
 * machine that the server runs on, so it is made to cost little; the line it
 * prints at the end says how much of the processor it took.
 *
 * The access key is that of the environment: AWS_ACCESS_KEY_ID,
 * AWS_SECRET_ACCESS_KEY, AWS_REGION.
 *
 *-------------------------------------------------------------------------
 */
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/resource.h>

#include "calls.h"
#include "die.h"
#include "modes.h"
#include "sign.h"

#define CONNECTIONS_MAX 20000
#define BODY_MAX 1048576		/* SQS's limit of a message */
#define WAIT_MAX 20				/* SQS's limit of a long poll */

void
die(const char *format,...)
{
	va_list		arguments;

	fputs("client: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

static void
help(void)
{
	puts("usage: client --mode MODE --port PORT --queue URL [OPTION]...\n\n"
		 "  --queue URL          may be given many times\n"
		 "  --connections N      64\n"
		 "  --seconds S          5\n"
		 "  --rate CALLS         a second; 0: as many as there can be\n"
		 "  --messages N         1000\n"
		 "  --body BYTES         250\n"
		 "  --wait S             20; of a long poll\n\nmodes:");
	for (const Mode *mode = modes; mode->name != NULL; mode++)
		printf("  %-10s %s\n", mode->name, mode->does);
}

static double
number(const char *string, double least, double most)
{
	char	   *end;
	double		value = strtod(string, &end);

	if (end == string || *end != '\0' || !(value >= least && value <= most))
		die("\"%s\" is not a number from %g to %g", string, least, most);
	return value;
}

static const char *
need_variable(const char *name)
{
	const char *value = getenv(name);

	if (value == NULL || *value == '\0')
		die("%s is not set", name);
	return value;
}

/* Letters and digits, the same in each run, that do not compress */
static char *
make_body(int length)
{
	static const char letters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	char	   *body = malloc(length + 1);

	if (body == NULL)
		die("out of memory");
	srand48(length);
	for (int i = 0; i < length; i++)
		body[i] = letters[lrand48() % (sizeof(letters) - 1)];
	body[length] = '\0';
	return body;
}

static void
need_descriptors(int connections)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < (rlim_t) connections + 16)
		die("no more than %lu files may be open", (unsigned long) limit.rlim_cur);
}

static double
milliseconds(const Outcome *outcome, double share)
{
	long		at = (long) ceil(outcome->time_count * share) - 1;

	return outcome->times[at < 0 ? 0 : at] / 1e6;
}

static void
print_outcome(const Mode *mode, const Options *options, const Outcome *outcome)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	printf("{\"mode\": \"%s\", \"connections\": %d, \"calls\": %ld, \"messages\": %ld,"
		   " \"seconds\": %.6f, \"cpu_seconds\": %.3f, \"samples\": %ld",
		   mode->name, options->connections, outcome->calls, outcome->messages,
		   outcome->seconds,
		   (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		   (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
		   outcome->time_count);
	if (outcome->time_count > 0)
		printf(", \"p50_ms\": %.3f, \"p90_ms\": %.3f, \"p99_ms\": %.3f, \"p999_ms\": %.3f,"
			   " \"most_ms\": %.3f",
			   milliseconds(outcome, 0.5), milliseconds(outcome, 0.9),
			   milliseconds(outcome, 0.99), milliseconds(outcome, 0.999),
			   milliseconds(outcome, 1));
	puts("}");
}

int
main(int argc, char **argv)
{
	static const struct option known[] = {
		{"mode", required_argument, NULL, 'm'},
		{"port", required_argument, NULL, 'p'},
		{"queue", required_argument, NULL, 'q'},
		{"connections", required_argument, NULL, 'c'},
		{"seconds", required_argument, NULL, 's'},
		{"rate", required_argument, NULL, 'r'},
		{"messages", required_argument, NULL, 'n'},
		{"body", required_argument, NULL, 'b'},
		{"wait", required_argument, NULL, 'w'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}
	};
	Options		options = {.connections = 64,.seconds = 5,.messages = 1000,.body = 250,.wait = WAIT_MAX};
	Outcome		outcome = {0};
	const Mode *mode = NULL;
	char	   *body;
	char		host[32];
	int			c;

	options.queues = calloc(argc, sizeof(char *));
	if (options.queues == NULL)
		die("out of memory");
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1)
		switch (c)
		{
			case 'm':
				for (mode = modes; mode->name != NULL && strcmp(mode->name, optarg) != 0;)
					mode++;
				if (mode->name == NULL)
					die("there is no mode \"%s\"", optarg);
				break;
			case 'p':
				options.port = (int) number(optarg, 1, 65535);
				break;
			case 'q':
				options.queues[options.queue_count++] = optarg;
				break;
			case 'c':
				options.connections = (int) number(optarg, 1, CONNECTIONS_MAX);
				break;
			case 's':
				options.seconds = number(optarg, 0.1, 86400);
				break;
			case 'r':
				options.rate = number(optarg, 0, 1e6);
				break;
			case 'n':
				options.messages = (int) number(optarg, 1, 1e9);
				break;
			case 'b':
				options.body = (int) number(optarg, 1, BODY_MAX);
				break;
			case 'w':
				options.wait = (int) number(optarg, 1, WAIT_MAX);
				break;
			case 'h':
				help();
				exit(0);
			default:
				exit(1);
		}
	if (mode == NULL || options.port == 0 || options.queue_count == 0 || optind < argc)
		die("--mode, --port and --queue are needed, and nothing but options");

	snprintf(host, sizeof(host), "127.0.0.1:%d", options.port);
	sign_init(need_variable("AWS_ACCESS_KEY_ID"), need_variable("AWS_SECRET_ACCESS_KEY"),
			  need_variable("AWS_REGION"), host);
	need_descriptors(options.connections);
	body = make_body(options.body);
	calls_init(body);
	connection_init(options.port);
	modes_run(mode, &options, &outcome);
	print_outcome(mode, &options, &outcome);
	return 0;
}
