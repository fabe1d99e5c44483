/*-------------------------------------------------------------------------
 *
 * metric.c
 *		Metrics over time: rows of queue.metrics_60_0 and the like.
 *
 * A row has what is known of a queue in one minute: an array of sums, by the
 * number of the metric (metric.h).  Its minima and maxima are NULL, or have no
 * element, where each is the sum, and its samples where there is one.
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
 * Store the points of a minute, all in one statement.
 */
void
metric_insert(TimestampTz at, const MetricPoint *points, int count)
{
	Oid			types[] = {TIMESTAMPTZOID, INT8ARRAYOID, TEXTARRAYOID, TEXTARRAYOID,
	TEXTARRAYOID, TEXTARRAYOID};
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
	}
	args[0] = TimestampTzGetDatum(at);
	args[1] = PointerGetDatum(construct_array(columns[1], count, INT8OID, sizeof(int64),
											  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	for (int i = 2; i < lengthof(types); i++)
		args[i] = PointerGetDatum(construct_md_array(columns[i], i > 2 ? nulls : NULL, 1, dims,
													 bounds, TEXTOID, -1, false, TYPALIGN_INT));

	owner_begin(&scope);
	owner_execute(psprintf("INSERT INTO queue." METRIC_RELATION
						   " SELECT u.q, $1, u.s::int8[], u.lo::int8[], u.hi::int8[], u.n::int8[]"
						   " FROM unnest($2, $3, $4, $5, $6) AS u (q, s, lo, hi, n)",
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
 * Where the points end of a resolution; DT_NOBEGIN if there are none.  Between
 * owner_begin() and owner_end().
 */
static TimestampTz
metric_rolled(int resolution)
{
	StringInfoData sql;
	Datum		datum;
	bool		isnull;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT max(at) FROM (");
	for (int i = 0; i < METRIC_TABLES; i++)
		appendStringInfo(&sql, "%s(SELECT max(at) AS at FROM queue." METRIC_RELATION ")",
						 i > 0 ? " UNION ALL " : "", resolutions[resolution].seconds, i);
	appendStringInfoString(&sql, ") AS u");
	owner_execute(sql.data, 0, NULL, NULL, NULL, true, SPI_OK_SELECT);
	datum = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	return isnull ? DT_NOBEGIN :
		DatumGetTimestampTz(datum) + resolutions[resolution].seconds * USECS_PER_SEC;
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
	appendStringInfo(&sql, "INSERT INTO queue." METRIC_RELATION
					 " SELECT queue_id, bin, array_agg(s ORDER BY k), array_agg(lo ORDER BY k),"
					 " array_agg(hi ORDER BY k), array_agg(n ORDER BY k)"
					 " FROM (SELECT queue_id, bin, k, sum(u.s)::int8 AS s, min(coalesce(u.lo, u.s)) AS lo,"
					 " max(coalesce(u.hi, u.s)) AS hi, sum(CASE WHEN u.s IS NOT NULL THEN coalesce(u.n, 1) END)::int8 AS n"
					 " FROM (SELECT *, date_bin(make_interval(secs => %d), at, '2000-01-01 00:00:00+00') AS bin FROM (",
					 resolutions[resolution].seconds, table, resolutions[resolution].seconds);
	metric_append_union(&sql, resolution - 1, "*", "at >= $1 AND at < $2");
	appendStringInfo(&sql, ") AS m) AS b, unnest(sums, minima, maxima, samples)"
					 " WITH ORDINALITY AS u (s, lo, hi, n, k)"
					 " WHERE mod(floor(extract(epoch FROM bin - '2000-01-01 00:00:00+00') / " INT64_FORMAT "), %d) = %d"
					 " GROUP BY queue_id, bin, k) AS g GROUP BY queue_id, bin",
					 span, METRIC_TABLES, table);
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
		from = metric_rolled(i);
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

/*
 * The statement that reads statistics: of three parts, each of the points of one
 * resolution, in a part of the time.  $1: queue, $2: number in arrays, $3: seconds
 * of a period, $4 and $5: start and end, $6 and $7: to where points of five
 * minutes and of an hour are taken.
 */
static char *
metric_read_statement(void)
{
	const char *columns = "at, sums[$2] AS s, coalesce(minima[$2], sums[$2]) AS lo,"
	" coalesce(maxima[$2], sums[$2]) AS hi, coalesce(samples[$2], 1) AS n";
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT date_bin(make_interval(secs => $3), at, '2000-01-01 00:00:00+00') AS bin,"
						   " sum(n)::float8, sum(s)::float8, min(lo)::float8, max(hi)::float8 FROM (");
	metric_append_union(&sql, 0, columns, "queue_id = $1 AND at >= greatest($4, $6, $7) AND at < $5");
	appendStringInfoString(&sql, " UNION ALL ");
	metric_append_union(&sql, 1, columns, "queue_id = $1 AND at >= greatest($4, $7) AND at < least($5, $6)");
	appendStringInfoString(&sql, " UNION ALL ");
	metric_append_union(&sql, 2, columns, "queue_id = $1 AND at >= $4 AND at < least($5, $7)");
	appendStringInfoString(&sql, ") AS m WHERE s IS NOT NULL GROUP BY bin ORDER BY bin");
	return sql.data;
}

int
metric_read(int64 queue_id, Metric metric, TimestampTz start, TimestampTz end,
			int period, MetricStatistics **points)
{
	static SPIPlanPtr plan = NULL;
	Oid			types[] = {INT8OID, INT4OID, FLOAT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID,
	TIMESTAMPTZOID, TIMESTAMPTZOID};
	Datum		args[lengthof(types)];
	TimestampTz rolled[METRIC_RESOLUTIONS];
	OwnerScope	scope;
	int			count;
	int			result;

	owner_begin(&scope);
	for (int i = 1; i < METRIC_RESOLUTIONS; i++)
		rolled[i] = period % resolutions[i].seconds == 0 ? metric_rolled(i) : DT_NOBEGIN;
	if (plan == NULL)
	{
		SPIPlanPtr	prepared = SPI_prepare(metric_read_statement(), lengthof(types), types);

		if (prepared == NULL || SPI_keepplan(prepared) != 0)
			elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
		plan = prepared;
	}
	args[0] = Int64GetDatum(queue_id);
	args[1] = Int32GetDatum(metric + 1);
	args[2] = Float8GetDatum(period);
	args[3] = TimestampTzGetDatum(start);
	args[4] = TimestampTzGetDatum(end);
	args[5] = TimestampTzGetDatum(rolled[1]);
	args[6] = TimestampTzGetDatum(rolled[2]);
	result = SPI_execute_plan(plan, args, NULL, true, 0);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
	count = (int) SPI_processed;
	*points = MemoryContextAllocHuge(scope.context, Max(count, 1) * sizeof(MetricStatistics));
	for (int i = 0; i < count; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		MetricStatistics *point = &(*points)[i];
		bool		isnull;

		point->at = DatumGetTimestampTz(SPI_getbinval(tuple, desc, 1, &isnull));
		point->samples = DatumGetFloat8(SPI_getbinval(tuple, desc, 2, &isnull));
		point->sum = DatumGetFloat8(SPI_getbinval(tuple, desc, 3, &isnull));
		point->minimum = DatumGetFloat8(SPI_getbinval(tuple, desc, 4, &isnull));
		point->maximum = DatumGetFloat8(SPI_getbinval(tuple, desc, 5, &isnull));
	}
	owner_end(&scope);
	return count;
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
