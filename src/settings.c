/*-------------------------------------------------------------------------
 *
 * settings.c
 *		The extension's configuration parameters.
 *
 * What names a queue to the outside (account, region, endpoint) belongs to
 * the server and is read from its configuration file.  The rules of time and
 * size that come from SQS can also be changed by a superuser within a
 * session: they are looked at only by the call that they govern, and a test
 * need not wait a minute for them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>
#include <limits.h>

#include "utils/guc.h"

#include "names.h"
#include "queue.h"
#include "settings.h"
#include "stop.h"

char	   *setting_account_id = NULL;
char	   *setting_region = NULL;
char	   *setting_endpoint = NULL;
char	   *setting_master_key_file = NULL;
char	   *setting_master_key_command = NULL;
int			setting_default_maximum_message_size = 262144;
int			setting_purge_interval = 60;
int			setting_recreate_delay = 60;
int			setting_deduplication_window = 300;
int			setting_minimum_retention = 60;
int			setting_in_flight_limit = 120000;
int			setting_worker_interval = 5000;
int			setting_event_source_timeout = 300000;
int			setting_segment_size = 65536;
int			setting_truncate_delay = 30;
int			setting_shared_memory_limit = 256 * 1024;
int			setting_metrics_queues = 16384;
int			setting_health_message_age = SECS_PER_HOUR;
int			setting_health_transaction_age = 600;

int			setting_audit = AUDIT_NONE;
int			setting_require_secure_transport = SECURE_TRANSPORT_OFF;

static const struct config_enum_entry audit_options[] = {
	{"none", AUDIT_NONE, false},
	{"management", AUDIT_MANAGEMENT, false},
	{"all", AUDIT_ALL, false},
	{NULL, 0, false}
};

/* "on" and "off" by all the names that PostgreSQL has for them */
static const struct config_enum_entry secure_transport_options[] = {
	{"off", SECURE_TRANSPORT_OFF, false},
	{"kms", SECURE_TRANSPORT_KMS, false},
	{"on", SECURE_TRANSPORT_ON, false},
	{"true", SECURE_TRANSPORT_ON, true},
	{"false", SECURE_TRANSPORT_OFF, true},
	{"yes", SECURE_TRANSPORT_ON, true},
	{"no", SECURE_TRANSPORT_OFF, true},
	{"1", SECURE_TRANSPORT_ON, true},
	{"0", SECURE_TRANSPORT_OFF, true},
	{NULL, 0, false}
};

static bool check_account_id(char **newval, void **extra, GucSource source);
static bool check_region(char **newval, void **extra, GucSource source);
static bool check_endpoint(char **newval, void **extra, GucSource source);
static bool check_master_key_file(char **newval, void **extra, GucSource source);

/*
 * Check hook of queue.account_id: digits, as many as an AWS account has.
 */
static bool
check_account_id(char **newval, void **extra, GucSource source)
{
	if (!names_is_account_id(*newval, strlen(*newval)))
	{
		GUC_check_errdetail("An account id has %d digits.", ACCOUNT_ID_LENGTH);
		return false;
	}
	return true;
}

/*
 * Check hook of queue.region: a part of every ARN, so nothing that would take
 * an ARN apart.
 */
static bool
check_region(char **newval, void **extra, GucSource source)
{
	size_t		length = strlen(*newval);

	if (length == 0 || length > NAMEDATALEN ||
		strspn(*newval, "abcdefghijklmnopqrstuvwxyz0123456789-") != length)
	{
		GUC_check_errdetail("A region has lower-case letters, digits and hyphens.");
		return false;
	}
	return true;
}

/*
 * Check hook of queue.endpoint: an absolute URL without query or fragment.
 */
static bool
check_endpoint(char **newval, void **extra, GucSource source)
{
	const char *host;
	const char *p;

	if (strncmp(*newval, "http://", 7) == 0)
		host = *newval + 7;
	else if (strncmp(*newval, "https://", 8) == 0)
		host = *newval + 8;
	else
	{
		GUC_check_errdetail("The URL must begin with \"http://\" or \"https://\".");
		return false;
	}
	for (p = host; *p != '\0'; p++)
	{
		if (!isgraph((unsigned char) *p) || *p == '?' || *p == '#')
			break;
	}
	if (*host == '\0' || *host == '/' || *p != '\0')
	{
		GUC_check_errdetail("The URL must name a host and may have a path, but no query and no fragment.");
		return false;
	}
	return true;
}

/*
 * Check hook of queue.master_key_file: a path that means the same wherever the
 * server looks from.  The file itself is looked at when it is needed.
 */
static bool
check_master_key_file(char **newval, void **extra, GucSource source)
{
	if (**newval != '\0' && !is_absolute_path(*newval))
	{
		GUC_check_errdetail("The path must be absolute.");
		return false;
	}
	return true;
}

/*
 * Define all parameters; called once, from _PG_init().
 */
void
settings_define(void)
{
	DefineCustomStringVariable("queue.account_id",
							   "Account that queues belong to.",
							   "It is a part of each queue's URL and ARN.",
							   &setting_account_id,
							   "000000000000",
							   PGC_SIGHUP,
							   0,
							   check_account_id, NULL, NULL);

	DefineCustomEnumVariable("queue.audit",
							 "Calls that are noted in the server log.",
							 "A line of JSON says who was allowed or denied what. "
							 "\"management\" notes all calls but those on messages.",
							 &setting_audit,
							 AUDIT_NONE,
							 audit_options,
							 PGC_SUSET,
							 0,
							 NULL, NULL, NULL);

	DefineCustomEnumVariable("queue.require_secure_transport",
							 "Refuses calls by connections that others can read.",
							 "\"kms\" refuses them on queues that are encrypted with a key of KmsMasterKeyId.",
							 &setting_require_secure_transport,
							 SECURE_TRANSPORT_OFF,
							 secure_transport_options,
							 PGC_SUSET,
							 0,
							 NULL, NULL, NULL);

	DefineCustomStringVariable("queue.region",
							   "Region that queues are in.",
							   "It is a part of each queue's ARN.",
							   &setting_region,
							   "us-east-1",
							   PGC_SIGHUP,
							   0,
							   check_region, NULL, NULL);

	DefineCustomStringVariable("queue.endpoint",
							   "URL under which clients reach the queues.",
							   "A queue's URL is this, the account and the queue's name.",
							   &setting_endpoint,
							   "http://localhost:9324",
							   PGC_SIGHUP,
							   0,
							   check_endpoint, NULL, NULL);

	DefineCustomStringVariable("queue.master_key_file",
							   "File with the keys that secrets and messages in the database are encrypted with.",
							   "It holds 64 hexadecimal digits a line, and nobody but the server may read it. "
							   "The first key encrypts, all decrypt.",
							   &setting_master_key_file,
							   "",
							   PGC_SIGHUP,
							   GUC_SUPERUSER_ONLY,
							   check_master_key_file, NULL, NULL);

	DefineCustomStringVariable("queue.master_key_command",
							   "Command whose output is what a file of master keys would hold.",
							   "It is run by the shell, as the user of the server.",
							   &setting_master_key_command,
							   "",
							   PGC_SIGHUP,
							   GUC_SUPERUSER_ONLY,
							   NULL, NULL, NULL);

	DefineCustomIntVariable("queue.default_maximum_message_size",
							"MaximumMessageSize of queues created without one.",
							NULL,
							&setting_default_maximum_message_size,
							262144,
							MESSAGE_SIZE_MIN, MESSAGE_SIZE_MAX,
							PGC_SUSET,
							GUC_UNIT_BYTE,
							NULL, NULL, NULL);

	DefineCustomIntVariable("queue.purge_interval",
							"Time after a purge before a queue can be purged again.",
							NULL,
							&setting_purge_interval,
							60,
							0, SECS_PER_DAY,
							PGC_SUSET,
							GUC_UNIT_S,
							NULL, NULL, NULL);

	DefineCustomIntVariable("queue.recreate_delay",
							"Time after a queue's deletion before its name can be used again.",
							NULL,
							&setting_recreate_delay,
							60,
							0, SECS_PER_DAY,
							PGC_SUSET,
							GUC_UNIT_S,
							NULL, NULL, NULL);

	DefineCustomIntVariable("queue.deduplication_window",
							"Time for which a FIFO queue recognizes a message that was sent before.",
							NULL,
							&setting_deduplication_window,
							300,
							1, SECS_PER_DAY,
							PGC_SUSET,
							GUC_UNIT_S,
							NULL, NULL, NULL);

	DefineCustomIntVariable("queue.minimum_retention",
							"Smallest MessageRetentionPeriod that can be set.",
							NULL,
							&setting_minimum_retention,
							60,
							1, RETENTION_MAX,
							PGC_SUSET,
							GUC_UNIT_S,
							NULL, NULL, NULL);

	DefineCustomIntVariable("queue.in_flight_limit",
							"Number of messages of one queue that can be in flight at a time.",
							NULL,
							&setting_in_flight_limit,
							120000,
							1, INT_MAX,
							PGC_SUSET,
							0,
							NULL, NULL, NULL);

	DefineCustomIntVariable("queue.worker_interval",
							"Time between two rounds of the background worker.",
							"In each round it drops expired messages and what deleted and purged queues left.",
							&setting_worker_interval,
							5000,
							100, SECS_PER_HOUR * 1000,
							PGC_SIGHUP,
							GUC_UNIT_MS,
							NULL, NULL, NULL);

	DefineCustomIntVariable("queue.event_source_timeout",
							"Longest time that the function of an event source mapping may run for a batch.",
							"Then it is canceled, and the batch has failed. 0 is no limit.",
							&setting_event_source_timeout,
							300000,
							0, VISIBILITY_TIMEOUT_MAX / 2 * 1000,
							PGC_SIGHUP,
							GUC_UNIT_MS,
							NULL, NULL, NULL);

	DefineCustomIntVariable("queue.segment_size",
							"Size from which a new segment is begun for a queue's messages.",
							"That is done only where most of the old one is dead; it is emptied and truncated afterwards.",
							&setting_segment_size,
							65536,
							64, INT_MAX,
							PGC_SIGHUP,
							GUC_UNIT_KB,
							NULL, NULL, NULL);

	DefineCustomIntVariable("queue.shared_memory_limit",
							"Shared memory that the queues' schedules and histograms may take in all.",
							"Without more of it messages are found with more looks in vain, and counted less exactly.",
							&setting_shared_memory_limit,
							256 * 1024,
							64, MAX_KILOBYTES,
							PGC_SIGHUP,
							GUC_UNIT_KB,
							NULL, NULL, NULL);

	DefineCustomIntVariable("queue.metrics_queues",
							"Queues in all databases that are in use at a time and have their messages counted for metrics over time.",
							"Each takes a kilobyte of memory and of disk, used or not. Further queues have gauges only.",
							&setting_metrics_queues,
							16384,
							16, METRICS_QUEUES_MAX,
							PGC_POSTMASTER,
							0,
							NULL, NULL, NULL);

	DefineCustomIntVariable("queue.truncate_delay",
							"Longest time for which an emptied segment is kept for the sake of older snapshots.",
							"A transaction whose snapshot is older, and which reads the queue's tables for the first time later than that, misses messages.",
							&setting_truncate_delay,
							30,
							0, SECS_PER_DAY,
							PGC_SIGHUP,
							GUC_UNIT_S,
							NULL, NULL, NULL);

	DefineCustomIntVariable("queue.health_message_age",
							"Age from which a message that nobody has dealt with is a finding of sqs_health().",
							"It begins when the message becomes visible for the first time.",
							&setting_health_message_age,
							SECS_PER_HOUR,
							0, RETENTION_MAX,
							PGC_USERSET,
							GUC_UNIT_S,
							NULL, NULL, NULL);

	DefineCustomIntVariable("queue.health_transaction_age",
							"Age from which a transaction that others suffer from is a finding of sqs_health().",
							"The same holds for replication slots and standbys.",
							&setting_health_transaction_age,
							600,
							0, INT_MAX / 2,
							PGC_USERSET,
							GUC_UNIT_S,
							NULL, NULL, NULL);

	stop_define();
	MarkGUCPrefixReserved("queue");
}
