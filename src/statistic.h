/*-------------------------------------------------------------------------
 *
 * statistic.h
 *		Statistics of metrics over time, by CloudWatch's names.
 *
 *-------------------------------------------------------------------------
 */
#ifndef QUEUE_STATISTIC_H
#define QUEUE_STATISTIC_H

#include "metric.h"

typedef enum StatisticKind
{
	STATISTIC_SAMPLE_COUNT,
	STATISTIC_SUM,
	STATISTIC_AVERAGE,
	STATISTIC_MINIMUM,
	STATISTIC_MAXIMUM,
	STATISTIC_PERCENTILE
} StatisticKind;

typedef struct Statistic
{
	StatisticKind kind;
	double		fraction;		/* of a percentile: from 0 to 1 */
} Statistic;

/* Statistics of a metric in a period */
typedef struct StatisticValues
{
	TimestampTz at;				/* its start */
	double	   *values;			/* one for each statistic */
} StatisticValues;

/* What a name has to be, for errors */
#define STATISTIC_NAMES "SampleCount, Sum, Average, Minimum, Maximum, p0 to p100, with up to two decimal places"

/* The statistic of a name; false if there is none */
extern bool statistic_parse(const char *name, Statistic *statistic);

/*
 * Statistics of a metric of a queue, in periods from start on, before end, which are
 * multiples of the period; those without a sample are left out.  Palloc'd.
 */
extern int	statistic_read(int64 queue_id, Metric metric, TimestampTz start,
						   TimestampTz end, int period, const Statistic *statistics,
						   int statistic_count, StatisticValues **points);

#endif							/* QUEUE_STATISTIC_H */
