/*-------------------------------------------------------------------------
 *
 * metric.h
 *		Metrics over time: rows of queue.metrics_60_0 and the like.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_METRIC_H
#define QUEUE_METRIC_H

#include "datatype/timestamp.h"
#include "tally.h"

/*
 * The metrics, by their numbers in the arrays of a row.  The first is the only one
 * of which a minute has more than one sample, so that the arrays that tell of
 * those are short.
 */
typedef enum Metric
{
	METRIC_SENT_MESSAGE_SIZE,
	METRIC_OLDEST_AGE,
	METRIC_VISIBLE,
	METRIC_NOT_VISIBLE,
	METRIC_DELAYED,
	METRIC_GROUPS_IN_FLIGHT,
	METRIC_NOISY_GROUPS,
	METRIC_SENT,
	METRIC_DEDUPLICATED,
	METRIC_RECEIVED,
	METRIC_DELETED,
	METRIC_EMPTY_RECEIVES,
	METRIC_COUNT
} Metric;

/* Those that are of a moment; the others are what has come since the sample before */
#define METRIC_IS_GAUGE(metric) \
	((metric) >= METRIC_OLDEST_AGE && (metric) <= METRIC_NOISY_GROUPS)

/* Seconds of the points that a sample makes */
#define METRIC_PERIOD 60

/* Longest period of statistics, in seconds */
#define METRIC_PERIOD_MAX 86400

/* What is known of a queue in a minute */
typedef struct MetricPoint
{
	int64		queue_id;
	bool		known[METRIC_COUNT];
	int64		values[METRIC_COUNT];
	int64		smallest;		/* the sizes of messages, if any was sent */
	int64		greatest;
	uint32		sizes[SIZE_BUCKETS];
} MetricPoint;

/* Statistics of a metric in a period */
typedef struct MetricStatistics
{
	TimestampTz at;				/* its start */
	double		samples;
	double		sum;
	double		minimum;
	double		maximum;
} MetricStatistics;

/* Percentiles of a metric in a period */
typedef struct MetricPercentiles
{
	TimestampTz at;				/* its start */
	double	   *values;
} MetricPercentiles;

/* Sums of a queue in a minute, for who looks at many */
typedef struct MetricSums
{
	int64		queue_id;
	TimestampTz at;
	bool		known[METRIC_COUNT];
	int64		values[METRIC_COUNT];
} MetricSums;

/* CloudWatch's name of a metric, and the other way round; -1: there is none */
extern const char *metric_name(Metric metric);
extern int	metric_find(const char *name);

/* The start of the period, of so many seconds, that a time is in */
extern TimestampTz metric_floor(TimestampTz at, int64 seconds);

/*
 * Lock against others that sample until the end of the transaction; false if
 * somebody does, and we are not to wait
 */
extern bool metric_lock(bool wait);

/* Store the points of a minute */
extern void metric_insert(TimestampTz at, const MetricPoint *points, int count);

/* Make coarser points of those before a time, and truncate what is past */
extern void metric_roll(TimestampTz until);

/*
 * Statistics of a metric of a queue, in periods from start on, before end, which
 * are multiples of the period; those without a sample are left out.  Palloc'd.
 */
extern int	metric_read(int64 queue_id, Metric metric, TimestampTz start,
						TimestampTz end, int period, MetricStatistics **points);

/*
 * Percentiles likewise, of fractions from 0 to 1: of the values of the finest points
 * that there are; of SentMessageSize, of the messages.  Palloc'd.
 */
extern int	metric_read_percentiles(int64 queue_id, Metric metric, TimestampTz start,
									TimestampTz end, int period, const double *fractions,
									int fraction_count, MetricPercentiles **points);

/* All minutes of all queues from a time on, by queue and time.  Palloc'd. */
extern int	metric_recent(TimestampTz start, TimestampTz end, MetricSums **sums);

#endif							/* QUEUE_METRIC_H */
