/*-------------------------------------------------------------------------
 *
 * metric.c
 *		Metrics over time: rows of queue.metrics_60_0 and the like.
 *
 * A row has what is known of a queue in one minute: an array of sums, by the
 * number of the metric (metric.h).  Its minima and maxima are NULL, or have no
 * element, where each is the sum, and its samples where there is one.  How many
 * messages of which sizes were sent is in an array with an element for each bucket
 * (tally.h) of which there were any: 128 times their number, and the bucket's.
 *
 * Minutes are kept for 15 days, spans of five minutes for 63, hours for 455.  For
 * each there are four tables, and time is cut into spans of half of how long
 * points are kept.  Points of span n go to table n modulo 4.  What is in the
 * table of the next span is then older than that, and is truncated, which leaves
 * no bloat, and which no snapshot can prevent.  If somebody has it locked all
 * that time, it is just filled further.
 *
 * Coarser points are made of the finer ones as soon as their time is over, each
 * once: those that there are tell how far that has come.  Statistics take the
 * coarsest points that fit their period, and finer ones from there on.
 *
 * All is done as the owner of the extension; the tables are nobody's to look at.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "metric.h"
#include "owner.h"
#include "segment.h"

#define METRIC_TABLES 4
#define METRIC_RESOLUTIONS 3
#define METRIC_RELATION "metrics_%d_%d"

/* What an element of the array of sizes is made of */
#define METRIC_SIZE_FACTOR 128

/* Marks our lock among advisory locks; see group.c */
#define METRIC_LOCK_CLASS 7172

/* CloudWatch's: seconds of a point, and days that it is kept */
static const struct
{
	int			seconds;
	int			days;
}			resolutions[METRIC_RESOLUTIONS] = {
	{METRIC_PERIOD, 15}, {300, 63}, {3600, 455}
};

/* In the order of Metric */
static const char *const names[METRIC_COUNT] = {
	"SentMessageSize",
	"ApproximateAgeOfOldestMessage",
	"ApproximateNumberOfMessagesVisible",
	"ApproximateNumberOfMessagesNotVisible",
	"ApproximateNumberOfMessagesDelayed",
	"ApproximateNumberOfGroupsWithInflightMessages",
	"ApproximateNumberOfNoisyGroups",
	"NumberOfMessagesSent",
	"NumberOfDeduplicatedSentMessages",
	"NumberOfMessagesReceived",
	"NumberOfMessagesDeleted",
	"NumberOfEmptyReceives"
};

const char *
metric_name(Metric metric)
{
	return names[metric];
}

int
metric_find(const char *name)
{
	for (int i = 0; i < METRIC_COUNT; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

TimestampTz
metric_floor(TimestampTz at, int64 seconds)
{
	TimestampTz past;

	if (TIMESTAMP_NOT_FINITE(at))
		return at;
	past = at % (seconds * USECS_PER_SEC);
	return at - past - (past < 0 ? seconds * USECS_PER_SEC : 0);
}

bool
metric_lock(bool wait)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, 0, 0, METRIC_LOCK_CLASS);
	return LockAcquire(&tag, ExclusiveLock, false, !wait) != LOCKACQUIRE_NOT_AVAIL;
}

/*
 * The table for points of a time.
 */
static int
metric_table(int resolution, TimestampTz at)
{
	int64		span = (int64) resolutions[resolution].days * SECS_PER_DAY / 2;
	TimestampTz start = metric_floor(at, span);
	int64		number = start / (span * USECS_PER_SEC) % METRIC_TABLES;

	return (int) (number < 0 ? number + METRIC_TABLES : number);
}

/*
 * Append an array of the first count elements, NULL where not known.
 */
static void
metric_append_array(StringInfo to, const int64 *values, const bool *known, int count)
{
	appendStringInfoChar(to, '{');
	for (int i = 0; i < count; i++)
	{
		if (i > 0)
			appendStringInfoChar(to, ',');
		if (known[i])
			appendStringInfo(to, INT64_FORMAT, values[i]);
		else
			appendStringInfoString(to, "NULL");
	}
	appendStringInfoChar(to, '}');
}

static Datum
metric_array_text(const int64 *values, const bool *known, int count)
{
	StringInfoData text;
	Datum		result;

	initStringInfo(&text);
	metric_append_array(&text, values, known, count);
	result = CStringGetTextDatum(text.data);
	pfree(text.data);
	return result;
}

/*
 * The array of sizes.
 */
static Datum
metric_sizes_text(const uint32 *sizes)
{
	StringInfoData text;
	Datum		result;

	initStringInfo(&text);
	for (int i = 0; i < SIZE_BUCKETS; i++)
		if (sizes[i] > 0)
			appendStringInfo(&text, "%c" INT64_FORMAT, text.len == 0 ? '{' : ',',
							 (int64) sizes[i] * METRIC_SIZE_FACTOR + i);
	appendStringInfoString(&text, text.len == 0 ? "{}" : "}");
	result = CStringGetTextDatum(text.data);
	pfree(text.data);
	return result;
}

/*
 * Store the points of a minute, all in one statement.
 */
void
metric_insert(TimestampTz at, const MetricPoint *points, int count)
{
	Oid			types[] = {TIMESTAMPTZOID, INT8ARRAYOID, TEXTARRAYOID, TEXTARRAYOID,
	TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID};
	Datum		args[lengthof(types)];
	Datum	   *columns[lengthof(types)];
	bool	   *nulls = palloc(count * sizeof(bool));
	int			dims[1] = {count};
	int			bounds[1] = {1};
	OwnerScope	scope;

	for (int i = 1; i < lengthof(types); i++)
		columns[i] = palloc0(count * sizeof(Datum));
	for (int i = 0; i < count; i++)
	{
		const MetricPoint *point = &points[i];

		columns[1][i] = Int64GetDatum(point->queue_id);
		columns[2][i] = metric_array_text(point->values, point->known, METRIC_COUNT);
		nulls[i] = !point->known[METRIC_SENT_MESSAGE_SIZE];
		if (nulls[i])
			continue;
		columns[3][i] = metric_array_text(&point->smallest, point->known, 1);
		columns[4][i] = metric_array_text(&point->greatest, point->known, 1);
		columns[5][i] = metric_array_text(&point->values[METRIC_SENT], point->known, 1);
		columns[6][i] = metric_sizes_text(point->sizes);
	}
	args[0] = TimestampTzGetDatum(at);
	args[1] = PointerGetDatum(construct_array(columns[1], count, INT8OID, sizeof(int64),
											  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	for (int i = 2; i < lengthof(types); i++)
		args[i] = PointerGetDatum(construct_md_array(columns[i], i > 2 ? nulls : NULL, 1, dims,
													 bounds, TEXTOID, -1, false, TYPALIGN_INT));

	owner_begin(&scope);
	owner_execute(psprintf("INSERT INTO queue." METRIC_RELATION
						   " SELECT u.q, $1, u.s::int8[], u.lo::int8[], u.hi::int8[], u.n::int8[], u.z::int8[]"
						   " FROM unnest($2, $3, $4, $5, $6, $7) AS u (q, s, lo, hi, n, z)",
						   METRIC_PERIOD, metric_table(0, at)),
				  lengthof(types), types, args, NULL, false, SPI_OK_INSERT);
	owner_end(&scope);
}

/*
 * Append one SELECT for each table of a resolution, as one.
 */
static void
metric_append_union(StringInfo sql, int resolution, const char *columns, const char *where)
{
	for (int i = 0; i < METRIC_TABLES; i++)
		appendStringInfo(sql, "%sSELECT %s FROM queue." METRIC_RELATION " AS m WHERE %s",
						 i > 0 ? " UNION ALL " : "", columns,
						 resolutions[resolution].seconds, i, where);
}

/*
 * The first or last time, by an aggregate, of the points of a resolution that are
 * before another; DT_NOBEGIN if there are none.  Between owner_begin() and owner_end().
 */
static TimestampTz
metric_limit(int resolution, const char *aggregate, TimestampTz before)
{
	Oid			types[] = {TIMESTAMPTZOID};
	Datum		args[] = {TimestampTzGetDatum(before)};
	StringInfoData sql;
	Datum		datum;
	bool		isnull;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s(at) FROM (", aggregate);
	for (int i = 0; i < METRIC_TABLES; i++)
		appendStringInfo(&sql, "%s(SELECT %s(at) AS at FROM queue." METRIC_RELATION " WHERE at < $1)",
						 i > 0 ? " UNION ALL " : "", aggregate, resolutions[resolution].seconds, i);
	appendStringInfoString(&sql, ") AS u");
	owner_execute(sql.data, lengthof(types), types, args, NULL, true, SPI_OK_SELECT);
	datum = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	return isnull ? DT_NOBEGIN : DatumGetTimestampTz(datum);
}

/*
 * Where the points end of a resolution that are before a time; DT_NOBEGIN if there are
 * none.  Between owner_begin() and owner_end().
 */
static TimestampTz
metric_rolled(int resolution, TimestampTz before)
{
	TimestampTz last = metric_limit(resolution, "max", before);

	return TIMESTAMP_NOT_FINITE(last) ? last : last + resolutions[resolution].seconds * USECS_PER_SEC;
}

/*
 * Make points of a resolution of those of the one below, from a time on, for one
 * of its tables.
 */
static void
metric_roll_table(int resolution, int table, TimestampTz from, TimestampTz until)
{
	Oid			types[] = {TIMESTAMPTZOID, TIMESTAMPTZOID};
	Datum		args[] = {TimestampTzGetDatum(from), TimestampTzGetDatum(until)};
	int64		span = (int64) resolutions[resolution].days * SECS_PER_DAY / 2;
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "WITH finer AS MATERIALIZED (SELECT *,"
					 " date_bin(make_interval(secs => %d), at, '2000-01-01 00:00:00+00') AS bin FROM (",
					 resolutions[resolution].seconds);
	metric_append_union(&sql, resolution - 1, "*", "at >= $1 AND at < $2");
	appendStringInfo(&sql, ") AS m), points AS (SELECT queue_id, bin, array_agg(s ORDER BY k) AS sums,"
					 " array_agg(lo ORDER BY k) AS minima, array_agg(hi ORDER BY k) AS maxima,"
					 " array_agg(n ORDER BY k) AS samples"
					 " FROM (SELECT queue_id, bin, k, sum(u.s)::int8 AS s, min(coalesce(u.lo, u.s)) AS lo,"
					 " max(coalesce(u.hi, u.s)) AS hi, sum(CASE WHEN u.s IS NOT NULL THEN coalesce(u.n, 1) END)::int8 AS n"
					 " FROM finer, unnest(sums, minima, maxima, samples) WITH ORDINALITY AS u (s, lo, hi, n, k)"
					 " WHERE mod(floor(extract(epoch FROM bin - '2000-01-01 00:00:00+00') / " INT64_FORMAT "), %d) = %d"
					 " GROUP BY queue_id, bin, k) AS g GROUP BY queue_id, bin),",
					 span, METRIC_TABLES, table);
	appendStringInfo(&sql, " buckets AS (SELECT queue_id, bin, array_agg(n * %d + b ORDER BY b) AS sizes"
					 " FROM (SELECT queue_id, bin, v %% %d AS b, sum(v / %d)::int8 AS n"
					 " FROM finer, unnest(sizes) AS u (v) GROUP BY queue_id, bin, b) AS g GROUP BY queue_id, bin)"
					 " INSERT INTO queue." METRIC_RELATION
					 " SELECT queue_id, bin, sums, minima, maxima, samples, sizes"
					 " FROM points LEFT JOIN buckets USING (queue_id, bin)",
					 METRIC_SIZE_FACTOR, METRIC_SIZE_FACTOR, METRIC_SIZE_FACTOR,
					 resolutions[resolution].seconds, table);
	owner_execute(sql.data, lengthof(types), types, args, NULL, false, SPI_OK_INSERT);
	pfree(sql.data);
}

/*
 * Truncate a table if all in it is past.  Only who samples adds to it, and that is
 * us.  Whoever has it locked keeps it for now.
 */
static void
metric_expire_table(int resolution, int table, TimestampTz past)
{
	char	   *relname = psprintf(METRIC_RELATION, resolutions[resolution].seconds, table);
	Oid			relid = catalog_relation(relname);
	OwnerScope	scope;
	Datum		datum;
	bool		isnull;

	if (!segment_try_lock(relid) || segment_is_empty(relid))
		return;
	owner_begin(&scope);
	owner_execute(psprintf("SELECT max(at) FROM queue.%s", relname), 0, NULL, NULL,
				  NULL, false, SPI_OK_SELECT);
	datum = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	owner_end(&scope);
	if ((isnull || DatumGetTimestampTz(datum) < past) && segment_lock(relid))
		segment_truncate_table(relname);
}

/*
 * Truncate the tables, but the present one, of which all is past.
 */
static void
metric_expire(int resolution, TimestampTz now)
{
	int64		span = (int64) resolutions[resolution].days * SECS_PER_DAY / 2;
	TimestampTz past = metric_floor(now, span) - 2 * span * USECS_PER_SEC;

	for (int table = 0; table < METRIC_TABLES; table++)
		if (table != metric_table(resolution, now))
			metric_expire_table(resolution, table, past);
}

/*
 * Make coarser points of the finer ones, and truncate what is past.
 */
void
metric_roll(TimestampTz until)
{
	for (int i = 1; i < METRIC_RESOLUTIONS; i++)
	{
		TimestampTz end = metric_floor(until, resolutions[i].seconds);
		TimestampTz from;
		OwnerScope	scope;

		owner_begin(&scope);
		/* a clock that was ahead for a while has left points that are ahead */
		from = metric_rolled(i, end);
		for (int table = 0; from < end && table < METRIC_TABLES; table++)
		{
			/* where all goes into one table, the others need no look */
			if (from == DT_NOBEGIN || table == metric_table(i, end - 1) ||
				metric_table(i, from) != metric_table(i, end - 1))
				metric_roll_table(i, table, from, end);
		}
		owner_end(&scope);
		CommandCounterIncrement();
	}
	for (int i = 0; i < METRIC_RESOLUTIONS; i++)
		metric_expire(i, until);
}

/* What is read of points, and what is made of them */
typedef enum MetricReading
{
	READ_STATISTICS,
	READ_PERCENTILES,
	READ_SIZES,
	METRIC_READINGS
} MetricReading;

static const struct
{
	const char *columns;
	const char *results;
	const char *rest;
}			readings[METRIC_READINGS] = {

	{
		"at, sums[$2] AS s, coalesce(minima[$2], sums[$2]) AS lo, coalesce(maxima[$2], sums[$2]) AS hi,"
		" coalesce(samples[$2], 1) AS n",
		"sum(n)::float8, sum(s)::float8, min(lo)::float8, max(hi)::float8",
		"WHERE s IS NOT NULL GROUP BY bin ORDER BY bin"
	},
	{
		"at, sums[$2]::float8 / coalesce(samples[$2], 1) AS v",
		"percentile_cont($8) WITHIN GROUP (ORDER BY v)",
		"WHERE v IS NOT NULL GROUP BY bin ORDER BY bin"
	},
	{
		"at, sizes",
		/* METRIC_SIZE_FACTOR */
		"v % 128 AS b, sum(v / 128)::float8",
		", unnest(sizes) AS u (v) GROUP BY bin, b ORDER BY bin, b"
	}
};

/*
 * The statement of a reading: of three parts, each of the points of one resolution,
 * in a part of the time.  $1: queue, $2: number in arrays, $3: seconds of a period,
 * $4 and $5: start and end, $6 and $7: to where points of five minutes and of an hour
 * are taken, $8: fractions.
 */
static char *
metric_read_statement(MetricReading reading)
{
	const char *columns = readings[reading].columns;
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT date_bin(make_interval(secs => $3), at, '2000-01-01 00:00:00+00') AS bin, %s FROM (",
					 readings[reading].results);
	metric_append_union(&sql, 0, columns, "queue_id = $1 AND at >= greatest($4, $6, $7) AND at < $5");
	appendStringInfoString(&sql, " UNION ALL ");
	metric_append_union(&sql, 1, columns, "queue_id = $1 AND at >= greatest($4, $7) AND at < least($5, $6)");
	appendStringInfoString(&sql, " UNION ALL ");
	metric_append_union(&sql, 2, columns, "queue_id = $1 AND at >= $4 AND at < least($5, $7)");
	appendStringInfo(&sql, ") AS m %s", readings[reading].rest);
	return sql.data;
}

/*
 * Where the points begin of resolutions finer than one, from the start of a period
 * on; DT_NOEND if there are none.  Between owner_begin() and owner_end().
 */
static TimestampTz
metric_begun(int resolution, int period)
{
	TimestampTz begun = DT_NOEND;

	for (int i = 0; i < resolution; i++)
	{
		TimestampTz first = metric_limit(i, "min", DT_NOEND);

		if (!TIMESTAMP_NOT_FINITE(first))
			begun = Min(begun, metric_floor(first - 1, period) + period * USECS_PER_SEC);
	}
	return begun;
}

/*
 * Run the statement of a reading, between owner_begin() and owner_end().  The
 * coarsest points that fit are taken as far as there are any, or, finest, the finest.
 */
static void
metric_execute(MetricReading reading, int64 queue_id, Metric metric, TimestampTz start,
			   TimestampTz end, int period, bool finest, Datum fractions)
{
	static SPIPlanPtr plans[METRIC_READINGS];
	Oid			types[] = {INT8OID, INT4OID, FLOAT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID,
	TIMESTAMPTZOID, TIMESTAMPTZOID, FLOAT8ARRAYOID};
	Datum		args[lengthof(types)];
	int			count = reading == READ_PERCENTILES ? lengthof(types) : lengthof(types) - 1;
	int			result;

	args[0] = Int64GetDatum(queue_id);
	args[1] = Int32GetDatum(metric + 1);
	args[2] = Float8GetDatum(period);
	args[3] = TimestampTzGetDatum(start);
	args[4] = TimestampTzGetDatum(end);
	for (int i = 1; i < METRIC_RESOLUTIONS; i++)
		args[4 + i] = TimestampTzGetDatum(period % resolutions[i].seconds != 0 ? DT_NOBEGIN :
										  finest ? metric_begun(i, period) : metric_rolled(i, end));
	args[7] = fractions;
	if (plans[reading] == NULL)
	{
		SPIPlanPtr	prepared = SPI_prepare(metric_read_statement(reading), count, types);

		if (prepared == NULL || SPI_keepplan(prepared) != 0)
			elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
		plans[reading] = prepared;
	}
	result = SPI_execute_plan(plans[reading], args, NULL, true, 0);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
}

/*
 * A column of a row of the last statement, which is not NULL.
 */
static Datum
metric_result(uint64 row, int column)
{
	bool		isnull;

	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &isnull);
}

int
metric_read(int64 queue_id, Metric metric, TimestampTz start, TimestampTz end,
			int period, MetricStatistics **points)
{
	OwnerScope	scope;
	int			count;

	owner_begin(&scope);
	metric_execute(READ_STATISTICS, queue_id, metric, start, end, period, false, (Datum) 0);
	count = (int) SPI_processed;
	*points = MemoryContextAllocHuge(scope.context, Max(count, 1) * sizeof(MetricStatistics));
	for (int i = 0; i < count; i++)
	{
		MetricStatistics *point = &(*points)[i];

		point->at = DatumGetTimestampTz(metric_result(i, 1));
		point->samples = DatumGetFloat8(metric_result(i, 2));
		point->sum = DatumGetFloat8(metric_result(i, 3));
		point->minimum = DatumGetFloat8(metric_result(i, 4));
		point->maximum = DatumGetFloat8(metric_result(i, 5));
	}
	owner_end(&scope);
	return count;
}

/*
 * Percentiles of values.
 */
static int
metric_percentiles_of_values(int64 queue_id, Metric metric, TimestampTz start,
							 TimestampTz end, int period, const double *fractions,
							 int fraction_count, MetricPercentiles **points)
{
	Datum	   *elements = palloc(fraction_count * sizeof(Datum));
	OwnerScope	scope;
	int			count;

	for (int i = 0; i < fraction_count; i++)
		elements[i] = Float8GetDatum(fractions[i]);
	owner_begin(&scope);
	metric_execute(READ_PERCENTILES, queue_id, metric, start, end, period, true,
				   PointerGetDatum(construct_array(elements, fraction_count, FLOAT8OID, sizeof(float8),
												   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE)));
	count = (int) SPI_processed;
	*points = MemoryContextAllocHuge(scope.context, Max(count, 1) * sizeof(MetricPercentiles));
	for (int i = 0; i < count; i++)
	{
		int			n;

		(*points)[i].at = DatumGetTimestampTz(metric_result(i, 1));
		(*points)[i].values = MemoryContextAlloc(scope.context, fraction_count * sizeof(double));
		deconstruct_array(DatumGetArrayTypeP(metric_result(i, 2)), FLOAT8OID, sizeof(float8),
						  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements, NULL, &n);
		for (int k = 0; k < fraction_count; k++)
			(*points)[i].values[k] = DatumGetFloat8(elements[k]);
	}
	owner_end(&scope);
	return count;
}

/*
 * The size below which a fraction of messages is, by how many are of each bucket;
 * sizes of one bucket count as evenly spread.
 */
static double
metric_size_at(const double *counts, const MetricStatistics *point, double fraction)
{
	double		rank = fraction * point->samples;
	double		before = 0;

	for (int i = 0; i < SIZE_BUCKETS; i++)
	{
		double		low = Max((double) size_of_bucket(i), point->minimum);
		double		high = Min((double) size_of_bucket(i + 1) - 1, point->maximum);

		if (counts[i] > 0 && before + counts[i] >= rank)
			return low + (high - low) * (rank - before) / counts[i];
		before += counts[i];
	}
	return point->maximum;
}

/*
 * Percentiles of the sizes of messages.
 */
static int
metric_percentiles_of_sizes(int64 queue_id, TimestampTz start, TimestampTz end, int period,
							const double *fractions, int fraction_count,
							MetricPercentiles **points)
{
	MetricStatistics *statistics;
	int			count = metric_read(queue_id, METRIC_SENT_MESSAGE_SIZE, start, end, period, &statistics);
	uint64		row = 0;
	OwnerScope	scope;

	owner_begin(&scope);
	metric_execute(READ_SIZES, queue_id, METRIC_SENT_MESSAGE_SIZE, start, end, period, false, (Datum) 0);
	*points = MemoryContextAllocHuge(scope.context, Max(count, 1) * sizeof(MetricPercentiles));
	for (int i = 0; i < count; i++)
	{
		MetricPercentiles *point = &(*points)[i];
		double		counts[SIZE_BUCKETS] = {0};

		point->at = statistics[i].at;
		point->values = MemoryContextAlloc(scope.context, fraction_count * sizeof(double));
		for (; row < SPI_processed && DatumGetTimestampTz(metric_result(row, 1)) <= point->at; row++)
		{
			int64		bucket = DatumGetInt64(metric_result(row, 2));

			if (DatumGetTimestampTz(metric_result(row, 1)) == point->at &&
				bucket >= 0 && bucket < SIZE_BUCKETS)
				counts[bucket] = DatumGetFloat8(metric_result(row, 3));
		}
		for (int k = 0; k < fraction_count; k++)
			point->values[k] = metric_size_at(counts, &statistics[i], fractions[k]);
	}
	owner_end(&scope);
	return count;
}

int
metric_read_percentiles(int64 queue_id, Metric metric, TimestampTz start,
						TimestampTz end, int period, const double *fractions,
						int fraction_count, MetricPercentiles **points)
{
	if (metric == METRIC_SENT_MESSAGE_SIZE)
		return metric_percentiles_of_sizes(queue_id, start, end, period, fractions,
										   fraction_count, points);
	return metric_percentiles_of_values(queue_id, metric, start, end, period, fractions,
										fraction_count, points);
}

/*
 * Copy an array of sums.
 */
static void
metric_copy_sums(MetricSums *to, Datum array)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	memset(to->known, 0, sizeof(to->known));
	deconstruct_array(DatumGetArrayTypeP(array), INT8OID, sizeof(int64), FLOAT8PASSBYVAL,
					  TYPALIGN_DOUBLE, &elements, &nulls, &count);
	for (int i = 0; i < Min(count, METRIC_COUNT); i++)
	{
		to->known[i] = !nulls[i];
		to->values[i] = nulls[i] ? 0 : DatumGetInt64(elements[i]);
	}
}

int
metric_recent(TimestampTz start, TimestampTz end, MetricSums **sums)
{
	Oid			types[] = {TIMESTAMPTZOID, TIMESTAMPTZOID};
	Datum		args[] = {TimestampTzGetDatum(start), TimestampTzGetDatum(end)};
	StringInfoData sql;
	OwnerScope	scope;
	int			count;

	owner_begin(&scope);
	initStringInfo(&sql);
	metric_append_union(&sql, 0, "queue_id, at, sums", "at >= $1 AND at < $2");
	appendStringInfoString(&sql, " ORDER BY queue_id, at");
	owner_execute(sql.data, lengthof(types), types, args, NULL, true, SPI_OK_SELECT);
	count = (int) SPI_processed;
	*sums = MemoryContextAllocHuge(scope.context, Max(count, 1) * sizeof(MetricSums));
	for (int i = 0; i < count; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		bool		isnull;

		(*sums)[i].queue_id = DatumGetInt64(SPI_getbinval(tuple, desc, 1, &isnull));
		(*sums)[i].at = DatumGetTimestampTz(SPI_getbinval(tuple, desc, 2, &isnull));
		metric_copy_sums(&(*sums)[i], SPI_getbinval(tuple, desc, 3, &isnull));
	}
	owner_end(&scope);
	return count;
}
