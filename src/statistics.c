/*-------------------------------------------------------------------------
 *
 * statistics.c
 *		Metrics over time: statistics of a queue, and pictures of the last hour.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type_d.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "authorize.h"
#include "characters.h"
#include "report.h"
#include "statistic.h"

QUEUE_FUNCTION(sqs_get_metric_statistics);
QUEUE_FUNCTION(sqs_get_metric_statistics_named);
QUEUE_FUNCTION(queue_metric_sparklines);

/* Minutes of a picture */
#define SPARKS 60

/* What it is made of, from nothing to most: eighth blocks, U+2581 to U+2588 */
#define SPARK_HEIGHTS 8
static const char *const sparks_utf8[SPARK_HEIGHTS] = {
	"\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83", "\xe2\x96\x84",
	"\xe2\x96\x85", "\xe2\x96\x86", "\xe2\x96\x87", "\xe2\x96\x88"
};
static const char *const sparks_ascii[SPARK_HEIGHTS] = {"_", ".", "-", "=", "+", "*", "%", "#"};

/* Columns of queue.metric_sparklines(), in order */
enum SparklineColumn
{
	SPARKLINE_QUEUE_NAME,
	SPARKLINE_METRIC,
	SPARKLINE_LAST_HOUR,
	SPARKLINE_MINIMUM,
	SPARKLINE_MAXIMUM,
	SPARKLINE_LATEST,
	SPARKLINE_ACCOUNT_ID,
	SPARKLINE_COLUMNS
};

/* The minutes of one metric of a queue */
typedef struct Sparkline
{
	bool		known[SPARKS];
	int64		values[SPARKS];
	int64		minimum;
	int64		maximum;
	int64		latest;
} Sparkline;

/*
 * The metric of a name; raises InvalidParameterValue.
 */
static Metric
statistics_metric(const char *name)
{
	int			metric = metric_find(name);

	if (metric < 0)
		report_invalid_parameter("MetricName", characters_quotable(name, strlen(name)),
								 "Must be the name of a metric of Amazon SQS, such as NumberOfMessagesSent.");
	return (Metric) metric;
}

/*
 * Check the times, and the period.
 */
static void
statistics_check(TimestampTz start, TimestampTz end, int32 period)
{
	if (period <= 0 || period % METRIC_PERIOD != 0 || period > METRIC_PERIOD_MAX)
		report_invalid_parameter("Period", psprintf("%d", period),
								 psprintf("Must be a multiple of %d, up to %d.",
										  METRIC_PERIOD, METRIC_PERIOD_MAX));
	if (start >= end)
		ereport(ERROR,
				(sqs_errcode(SQS_INVALID_PARAMETER_VALUE),
				 errmsg("the start time is not before the end time"),
				 sqs_errdetail(SQS_INVALID_PARAMETER_VALUE,
							   "The parameter StartTime must be less than the parameter EndTime.")));
}

/* What both forms of sqs_get_metric_statistics() are asked for */
typedef struct StatisticsRequest
{
	Queue		queue;
	Metric		metric;
	TimestampTz start;
	TimestampTz end;
	int32		period;
} StatisticsRequest;

/*
 * Get and check the arguments that both have.  Periods begin at multiples of their
 * length: the first is the one that start_time is in, the last begins before
 * end_time.
 */
static void
statistics_request(FunctionCallInfo fcinfo, StatisticsRequest *request)
{
	static const char *const parameters[] = {"QueueName", "MetricName", "StartTime", "EndTime", "Period"};

	for (int i = 0; i < lengthof(parameters); i++)
		if (PG_ARGISNULL(i))
			report_missing_parameter(parameters[i]);
	authorize_lookup(PG_GETARG_TEXT_PP(0), "GetQueueAttributes", &request->queue);
	request->metric = statistics_metric(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	request->start = PG_GETARG_TIMESTAMPTZ(2);
	request->end = PG_GETARG_TIMESTAMPTZ(3);
	request->period = PG_GETARG_INT32(4);
	statistics_check(request->start, request->end, request->period);
	request->start = metric_floor(request->start, request->period);
	if (!TIMESTAMP_NOT_FINITE(request->end))
		request->end = metric_floor(request->end - 1, request->period) +
			request->period * USECS_PER_SEC;
}

/*
 * sqs_get_metric_statistics(queue, metric, start_time, end_time, period)
 *
 * Statistics of a metric, a row for each period that has samples.
 */
Datum
sqs_get_metric_statistics(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	StatisticsRequest request;
	MetricStatistics *points;
	int			count;

	statistics_request(fcinfo, &request);
	InitMaterializedSRF(fcinfo, 0);
	count = metric_read(request.queue.queue_id, request.metric, request.start, request.end,
						request.period, &points);
	for (int i = 0; i < count; i++)
	{
		Datum		values[6];
		bool		nulls[6] = {false};

		values[0] = TimestampTzGetDatum(points[i].at);
		values[1] = Float8GetDatum(points[i].samples);
		values[2] = Float8GetDatum(points[i].sum);
		values[3] = Float8GetDatum(points[i].sum / points[i].samples);
		values[4] = Float8GetDatum(points[i].minimum);
		values[5] = Float8GetDatum(points[i].maximum);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * Get the names of statistics.
 */
static Statistic *
statistics_names(ArrayType *array, text ***names, int *count)
{
	Datum	   *elements;
	bool	   *nulls;
	Statistic  *statistics;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, count);
	if (*count == 0)
		report_missing_parameter("Statistics");
	statistics = palloc(*count * sizeof(Statistic));
	*names = palloc(*count * sizeof(text *));
	for (int i = 0; i < *count; i++)
	{
		char	   *name;

		if (nulls[i])
			report_missing_parameter("Statistics");
		(*names)[i] = DatumGetTextPP(elements[i]);
		name = text_to_cstring((*names)[i]);
		if (!statistic_parse(name, &statistics[i]))
			report_invalid_parameter("Statistics", characters_quotable(name, strlen(name)),
									 "Must be of: " STATISTIC_NAMES ".");
	}
	return statistics;
}

/*
 * sqs_get_metric_statistics(queue, metric, start_time, end_time, period, statistics)
 *
 * Statistics of a metric by their names, a row for each and each period that has
 * samples.
 */
Datum
sqs_get_metric_statistics_named(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	StatisticsRequest request;
	Statistic  *statistics;
	StatisticValues *points;
	text	  **names;
	int			name_count;
	int			count;

	statistics_request(fcinfo, &request);
	if (PG_ARGISNULL(5))
		report_missing_parameter("Statistics");
	statistics = statistics_names(PG_GETARG_ARRAYTYPE_P(5), &names, &name_count);
	InitMaterializedSRF(fcinfo, 0);
	count = statistic_read(request.queue.queue_id, request.metric, request.start, request.end,
						   request.period, statistics, name_count, &points);
	for (int i = 0; i < count; i++)
	{
		for (int k = 0; k < name_count; k++)
		{
			Datum		values[3];
			bool		nulls[3] = {false};

			values[0] = TimestampTzGetDatum(points[i].at);
			values[1] = PointerGetDatum(names[k]);
			values[2] = Float8GetDatum(points[i].values[k]);
			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		}
	}
	return (Datum) 0;
}

/*
 * Gather one metric's minutes.  Returns whether there is anything to be seen.
 */
static bool
statistics_gather(const MetricSums *sums, int count, Metric metric, TimestampTz start,
				  Sparkline *line)
{
	bool		any = false;
	bool		seen = false;

	memset(line, 0, sizeof(Sparkline));
	for (int i = 0; i < count; i++)
	{
		int64		minute = (sums[i].at - start) / (METRIC_PERIOD * USECS_PER_SEC);

		if (!sums[i].known[metric] || minute < 0 || minute >= SPARKS)
			continue;
		line->known[minute] = true;

		/* a minute is sampled twice where the server was restarted in it */
		if (METRIC_IS_GAUGE(metric))
			line->values[minute] = Max(line->values[minute], sums[i].values[metric]);
		else
			line->values[minute] += sums[i].values[metric];
	}
	for (int i = 0; i < SPARKS; i++)
	{
		int64		value = line->values[i];

		if (!line->known[i])
			continue;
		line->minimum = any ? Min(line->minimum, value) : value;
		line->maximum = any ? Max(line->maximum, value) : value;
		line->latest = value;
		any = true;
		seen |= value != 0;
	}
	return seen;
}

/*
 * Draw it: a character for each minute, a space for one without a point.
 */
static Datum
statistics_draw(const Sparkline *line)
{
	const char *const *sparks = GetDatabaseEncoding() == PG_UTF8 ? sparks_utf8 : sparks_ascii;
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < SPARKS; i++)
	{
		double		height = line->maximum == 0 ? 0 :
		(double) line->values[i] / line->maximum * (SPARK_HEIGHTS - 1);

		/* what is not nothing is seen */
		appendStringInfoString(&text, !line->known[i] ? " " :
							   sparks[line->values[i] > 0 ? Max((int) (height + 0.5), 1) : 0]);
	}
	return CStringGetTextDatum(text.data);
}

/*
 * The rows of one queue.
 */
static void
statistics_put_queue(ReturnSetInfo *result, const Queue *queue, const MetricSums *sums,
					 int count, TimestampTz start)
{
	for (Metric metric = 0; metric < METRIC_COUNT; metric++)
	{
		Sparkline	line;
		Datum		values[SPARKLINE_COLUMNS];
		bool		nulls[SPARKLINE_COLUMNS] = {false};

		if (!statistics_gather(sums, count, metric, start, &line))
			continue;
		values[SPARKLINE_QUEUE_NAME] = CStringGetTextDatum(queue->queue_name);
		values[SPARKLINE_METRIC] = CStringGetTextDatum(metric_name(metric));
		values[SPARKLINE_LAST_HOUR] = statistics_draw(&line);
		values[SPARKLINE_MINIMUM] = Int64GetDatum(line.minimum);
		values[SPARKLINE_MAXIMUM] = Int64GetDatum(line.maximum);
		values[SPARKLINE_LATEST] = Int64GetDatum(line.latest);
		values[SPARKLINE_ACCOUNT_ID] = CStringGetTextDatum(queue->account_id);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

/*
 * The first of some sums, sorted by queue, that is not of a lesser one.
 */
static int
statistics_find(const MetricSums *sums, int count, int64 queue_id)
{
	int			low = 0;
	int			high = count;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (sums[middle].queue_id < queue_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * queue.metric_sparklines() returns setof record
 *
 * The last hour of the queues that the current user may use, a row for each
 * metric that was not 0 all the time.
 */
Datum
queue_metric_sparklines(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	TimestampTz end = metric_floor(GetCurrentTimestamp(), METRIC_PERIOD);
	TimestampTz start = end - SPARKS * METRIC_PERIOD * USECS_PER_SEC;
	MetricSums *sums;
	Queue	   *queues;
	int			sum_count;
	int			count;

	InitMaterializedSRF(fcinfo, 0);
	sum_count = metric_recent(start, end, &sums);
	queues = catalog_all(&count);
	for (int i = 0; i < count; i++)
	{
		int			first = statistics_find(sums, sum_count, queues[i].queue_id);
		int			next = statistics_find(sums, sum_count, queues[i].queue_id + 1);

		CHECK_FOR_INTERRUPTS();
		if (next > first && authorize_queue_allows(&queues[i], "GetQueueAttributes"))
			statistics_put_queue(result, &queues[i], &sums[first], next - first, start);
	}
	return (Datum) 0;
}
