/*-------------------------------------------------------------------------
 *
 * settings.h
 *		The extension's configuration parameters.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_SETTINGS_H
#define QUEUE_SETTINGS_H

/* Values of queue.audit */
enum
{
	AUDIT_NONE,
	AUDIT_MANAGEMENT,			/* what is not on messages */
	AUDIT_ALL
};

/* Values of queue.require_secure_transport */
enum
{
	SECURE_TRANSPORT_OFF,
	SECURE_TRANSPORT_KMS,		/* for queues that are encrypted with SSE-KMS */
	SECURE_TRANSPORT_ON
};

/* Greatest value of queue.metrics_queues */
#define METRICS_QUEUES_MAX (1024 * 1024)

extern char *setting_account_id;
extern char *setting_region;
extern char *setting_endpoint;
extern char *setting_master_key_file;	/* empty: none */
extern char *setting_master_key_command;	/* likewise */
extern int	setting_default_maximum_message_size;	/* bytes */
extern int	setting_purge_interval; /* seconds */
extern int	setting_recreate_delay;
extern int	setting_deduplication_window;	/* seconds */
extern int	setting_minimum_retention;	/* seconds */
extern int	setting_in_flight_limit;	/* messages */
extern int	setting_segment_size;	/* kB */
extern int	setting_truncate_delay; /* seconds */
extern int	setting_worker_interval;	/* milliseconds */
extern int	setting_event_source_timeout;	/* milliseconds; 0: none */
extern int	setting_shared_memory_limit;	/* kilobytes */
extern int	setting_metrics_queues;
extern int	setting_health_message_age; /* seconds */
extern int	setting_health_transaction_age;

extern int	setting_audit;
extern int	setting_require_secure_transport;

extern void settings_define(void);

#endif							/* QUEUE_SETTINGS_H */
