/*-------------------------------------------------------------------------
 *
 * statistic.c
 *		Statistics of metrics over time, by CloudWatch's names.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "statistic.h"

static const char *const names[STATISTIC_PERCENTILE] = {
	"SampleCount", "Sum", "Average", "Minimum", "Maximum"
};

/*
 * Read what is behind the p of a percentile: up to three digits, and two decimals.
 */
static bool
statistic_parse_percentile(const char *digits, double *fraction)
{
	size_t		whole = strspn(digits, "0123456789");
	size_t		length = whole;

	if (digits[whole] == '.')
	{
		size_t		decimals = strspn(digits + whole + 1, "0123456789");

		if (decimals < 1 || decimals > 2)
			return false;
		length = whole + 1 + decimals;
	}
	if (whole < 1 || whole > 3 || digits[length] != '\0')
		return false;
	*fraction = strtod(digits, NULL) / 100;
	return *fraction <= 1;
}

bool
statistic_parse(const char *name, Statistic *statistic)
{
	statistic->fraction = 0;
	for (int i = 0; i < lengthof(names); i++)
	{
		statistic->kind = (StatisticKind) i;
		if (strcmp(names[i], name) == 0)
			return true;
	}
	statistic->kind = STATISTIC_PERCENTILE;
	return name[0] == 'p' && statistic_parse_percentile(name + 1, &statistic->fraction);
}

/*
 * A statistic of a point that is no percentile.
 */
static double
statistic_value(StatisticKind kind, const MetricStatistics *point)
{
	switch (kind)
	{
		case STATISTIC_SAMPLE_COUNT:
			return point->samples;
		case STATISTIC_SUM:
			return point->sum;
		case STATISTIC_AVERAGE:
			return point->sum / point->samples;
		case STATISTIC_MINIMUM:
			return point->minimum;
		case STATISTIC_MAXIMUM:
			return point->maximum;
		case STATISTIC_PERCENTILE:
			break;
	}
	pg_unreachable();
}

int
statistic_read(int64 queue_id, Metric metric, TimestampTz start, TimestampTz end,
			   int period, const Statistic *statistics, int statistic_count,
			   StatisticValues **points)
{
	double	   *fractions = palloc(statistic_count * sizeof(double));
	int			fraction_count = 0;
	MetricStatistics *plain;
	MetricPercentiles *percentiles = NULL;
	int			count;
	int			percentile_count = 0;
	int			next = 0;
	int			n = 0;

	for (int k = 0; k < statistic_count; k++)
		if (statistics[k].kind == STATISTIC_PERCENTILE)
			fractions[fraction_count++] = statistics[k].fraction;
	count = metric_read(queue_id, metric, start, end, period, &plain);
	if (fraction_count > 0)
		percentile_count = metric_read_percentiles(queue_id, metric, start, end, period,
												   fractions, fraction_count, &percentiles);
	*points = palloc_extended(Max(count, 1) * sizeof(StatisticValues), MCXT_ALLOC_HUGE);
	for (int i = 0; i < count; i++)
	{
		const MetricPercentiles *percentile;
		double	   *values;

		while (next < percentile_count && percentiles[next].at < plain[i].at)
			next++;
		percentile = next < percentile_count && percentiles[next].at == plain[i].at ?
			&percentiles[next] : NULL;
		if (fraction_count > 0 && percentile == NULL)
			continue;
		values = palloc(statistic_count * sizeof(double));
		for (int k = 0, f = 0; k < statistic_count; k++)
			values[k] = statistics[k].kind == STATISTIC_PERCENTILE ?
				percentile->values[f++] : statistic_value(statistics[k].kind, &plain[i]);
		(*points)[n].at = plain[i].at;
		(*points)[n++].values = values;
	}
	return n;
}
