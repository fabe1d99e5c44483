--
-- Promises: sqs_get_metric_statistics gives what was counted in each minute, by
-- CloudWatch's names, in periods of any multiple of a minute; each message, receive
-- and delete is in one point, whatever becomes of the transaction that takes a
-- sample; points are made coarser and forgotten as their time comes, and only for
-- who may ask for a queue's attributes.
--
\pset null '(null)'
-- time is moved by hand; from here on the worker has nothing to sample
SELECT queue.sample_metrics('2200-01-01 00:00Z') >= 0 AS sampled;
CREATE ROLE regress_metrics_owner;
CREATE ROLE regress_metrics_nobody;
GRANT CREATE ON SCHEMA queue TO regress_metrics_owner;
SET ROLE regress_metrics_owner;
SELECT sqs_create_queue('history') IS NOT NULL AS created, sqs_create_queue('history.fifo', '{"FifoQueue": "true"}') IS NOT NULL AS created;
RESET ROLE;
CREATE FUNCTION pg_temp.points(queue text, metric text, start_time text, end_time text, period int = 60)
RETURNS TABLE (at timestamp, n float8, sum float8, average numeric, minimum float8, maximum float8) LANGUAGE sql AS $$
  SELECT s.timestamp AT TIME ZONE 'UTC', s.sample_count, s.sum, s.average::numeric(10, 2), s.minimum, s.maximum
  FROM sqs_get_metric_statistics(queue, metric, start_time::timestamptz, end_time::timestamptz, period) AS s
$$;
CREATE FUNCTION pg_temp.hour(queue text, period int = 3600)
RETURNS TABLE (metric text, n float8, sum float8, minimum float8, maximum float8) LANGUAGE sql AS $$
  SELECT m, p.n, p.sum, p.minimum, p.maximum
  FROM unnest(ARRAY['SentMessageSize', 'ApproximateAgeOfOldestMessage', 'ApproximateNumberOfMessagesVisible',
    'ApproximateNumberOfMessagesNotVisible', 'ApproximateNumberOfMessagesDelayed',
    'ApproximateNumberOfGroupsWithInflightMessages', 'ApproximateNumberOfNoisyGroups', 'NumberOfMessagesSent',
    'NumberOfDeduplicatedSentMessages', 'NumberOfMessagesReceived', 'NumberOfMessagesDeleted', 'NumberOfEmptyReceives'])
      WITH ORDINALITY AS u (m, o), pg_temp.points(queue, m, '2200-01-01 00:00Z', '2200-01-01 01:00Z', period) AS p
  WHERE m <> 'ApproximateAgeOfOldestMessage' ORDER BY o
$$;
-- a queue that nobody has used has no points
SELECT queue.sample_metrics('2200-01-01 00:01Z') >= 0 AS sampled;
SELECT * FROM pg_temp.hour('history');
-- the first minutes
SELECT count(*) FROM sqs_send_batch('history', ARRAY['a', 'bb', 'cccc']);
SELECT sqs_send('history', 'ddddd', 900) IS NOT NULL AS sent;
SELECT count(*) FROM sqs_receive('history', 2);
SELECT queue.sample_metrics('2200-01-01 00:02:59.9Z') >= 1 AS sampled;
SELECT * FROM pg_temp.hour('history');
SELECT queue.sample_metrics('2200-01-01 00:03Z') >= 1 AS sampled;
SELECT count(*) FILTER (WHERE sqs_delete('history', receipt_handle)) AS deleted FROM sqs_receive('history', 10);
SELECT count(*) FROM sqs_receive('history', 10);
SELECT sqs_send('history', repeat('x', 1000)) IS NOT NULL AS sent;
SELECT queue.sample_metrics('2200-01-01 00:04Z') >= 1 AS sampled;
SELECT * FROM pg_temp.points('history', 'NumberOfMessagesSent', '2200-01-01 00:00Z', '2200-01-01 01:00Z');
SELECT * FROM pg_temp.points('history', 'SentMessageSize', '2200-01-01 00:00Z', '2200-01-01 01:00Z');
SELECT * FROM pg_temp.hour('history');
-- one that is FIFO: deduplicated, groups
SELECT sqs_send('history.fifo', 'a', message_group_id => g, message_deduplication_id => d) IS NOT NULL AS sent
FROM (VALUES ('g', 'd'), ('g', 'd'), ('h', 'e')) AS v (g, d);
SELECT count(*) FROM sqs_receive('history.fifo', 10);
SELECT queue.sample_metrics('2200-01-01 00:05Z') >= 2 AS sampled;
SELECT * FROM pg_temp.hour('history.fifo');

-- a sample that is rolled back has taken nothing
SELECT count(*) FROM sqs_send_batch('history', ARRAY['a', 'bb']);
BEGIN;
SELECT queue.sample_metrics('2200-01-01 00:06Z') >= 2 AS sampled;
ROLLBACK;
BEGIN;
SAVEPOINT s;
SELECT queue.sample_metrics('2200-01-01 00:06Z') >= 2 AS sampled;
ROLLBACK TO s;
COMMIT;
-- one in a transaction that goes on has taken it once
BEGIN;
SELECT queue.sample_metrics('2200-01-01 00:06Z') >= 2 AS sampled;
SELECT queue.sample_metrics('2200-01-01 00:07Z') >= 2 AS sampled;
COMMIT;
SELECT * FROM pg_temp.points('history', 'NumberOfMessagesSent', '2200-01-01 00:06Z', '2200-01-01 01:00Z');
SELECT * FROM pg_temp.points('history', 'SentMessageSize', '2200-01-01 00:06Z', '2200-01-01 01:00Z');
-- nor does a send that is rolled back count
BEGIN;
SELECT sqs_send('history', repeat('x', 5000)) IS NOT NULL AS sent;
ROLLBACK;
SELECT queue.sample_metrics('2200-01-01 00:08Z') >= 2 AS sampled;
SELECT * FROM pg_temp.points('history', 'SentMessageSize', '2200-01-01 00:08Z', '2200-01-01 01:00Z');

-- periods begin at multiples of their length; the end is not in
SELECT * FROM pg_temp.points('history', 'NumberOfMessagesSent', '2200-01-01 00:00Z', '2200-01-01 01:00Z', 120);
SELECT * FROM pg_temp.points('history', 'NumberOfMessagesSent', '2200-01-01 00:03:30Z', '2200-01-01 00:06Z');
SELECT * FROM pg_temp.points('history', 'NumberOfMessagesSent', '-infinity', 'infinity', 86400);
-- the same from points of five minutes, and of an hour, once there are
SELECT * FROM pg_temp.points('history', 'NumberOfMessagesSent', '2200-01-01 00:00Z', '2200-01-01 01:00Z', 300);
SELECT count(*) FROM queue.metrics_300_0 FULL JOIN queue.metrics_300_1 USING (queue_id, at)
  FULL JOIN queue.metrics_300_2 USING (queue_id, at) FULL JOIN queue.metrics_300_3 USING (queue_id, at)
WHERE at >= '2200-01-01 00:00Z' AND queue_id = (SELECT queue_id FROM queue.queues WHERE queue_name = 'history');
SELECT count(sqs_send('history', 'eee')) FROM generate_series(1, 7);
SELECT queue.sample_metrics('2200-01-01 00:59Z') >= 2 AS sampled;
SELECT * FROM pg_temp.points('history', 'NumberOfMessagesSent', '2200-01-01 00:00Z', '2200-01-01 01:00Z', 300);
SELECT * FROM pg_temp.points('history', 'SentMessageSize', '2200-01-01 00:00Z', '2200-01-01 01:00Z', 300);
SELECT * FROM pg_temp.hour('history');
SELECT count(sqs_send('history', 'ff')) FROM generate_series(1, 3);
SELECT queue.sample_metrics('2200-01-01 01:00Z') >= 2 AS sampled;
SELECT * FROM pg_temp.points('history', 'NumberOfMessagesSent', '2200-01-01 00:00Z', '2200-01-02 00:00Z', 3600);
SELECT * FROM pg_temp.points('history', 'NumberOfMessagesSent', '2200-01-01 00:00Z', '2200-01-02 00:00Z', 86400);

-- a minute that is sampled again, as after a restart, is whole in coarser points, too
SELECT count(sqs_send('history', 'ff')) FROM generate_series(1, 2);
SELECT queue.sample_metrics('2200-01-01 01:04Z') >= 2 AS sampled;
SELECT count(sqs_send('history', 'ff')) FROM generate_series(1, 4);
SELECT queue.sample_metrics('2200-01-01 01:04Z') >= 2 AS sampled;
SELECT queue.sample_metrics('2200-01-01 01:05Z') >= 2 AS sampled;
SELECT * FROM pg_temp.points('history', 'NumberOfMessagesSent', '2200-01-01 01:00Z', '2200-01-01 01:10Z', 300);

-- percentiles: of messages of 1 to 100 bytes, sent by one call each, by one for ten, in one transaction or many
SELECT count(sqs_send('history', repeat('x', i))) FROM generate_series(1, 50) AS i;
SELECT queue.sample_metrics('2200-01-01 02:00Z') >= 2 AS sampled;
SELECT count(*) FROM generate_series(5, 8) AS i, sqs_send_batch('history', (SELECT array_agg(repeat('x', 10 * i + k)) FROM generate_series(1, 10) AS k));
BEGIN;
SELECT sqs_send('history', repeat('x', 91)) IS NOT NULL AS sent;
SAVEPOINT s;
SELECT sqs_send('history', repeat('x', 92)) IS NOT NULL AS sent;
SELECT sqs_send('history', repeat('x', 1)) IS NOT NULL AS sent;
ROLLBACK TO s;
SELECT count(sqs_send('history', repeat('x', i))) FROM generate_series(92, 95) AS i;
SAVEPOINT s;
SELECT count(sqs_send('history', repeat('x', i))) FROM generate_series(96, 98) AS i;
RELEASE s;
SELECT count(*) FROM sqs_send_batch('history', ARRAY[repeat('x', 99), repeat('x', 100)]);
COMMIT;
SELECT queue.sample_metrics('2200-01-01 02:01Z') >= 2 AS sampled;
SELECT statistic, value FROM sqs_get_metric_statistics('history', 'SentMessageSize', '2200-01-01 02:00Z', '2200-01-01 02:59Z', 3600,
  '{p0,p1,p10,p50,p90,p99.5,p100,Average,SampleCount}');
SELECT "timestamp" AT TIME ZONE 'UTC' AS at, statistic, value FROM sqs_get_metric_statistics('history', 'SentMessageSize', '2200-01-01 02:00Z', '2200-01-01 02:59Z', 60,
  '{Minimum,p50,Maximum}');
-- and of what each minute had, also where there are coarser points
SELECT count(sqs_send('history', 'x')) FROM generate_series(1, 10);
SELECT queue.sample_metrics('2200-01-01 03:00Z') >= 2 AS sampled;
SELECT statistic, value FROM sqs_get_metric_statistics('history', 'NumberOfMessagesSent', '2200-01-01 02:00Z', '2200-01-01 03:00Z', 3600, '{p0,p50,p75,p100,Sum}');
SELECT statistic, value FROM sqs_get_metric_statistics('history', 'SentMessageSize', '2200-01-01 02:00Z', '2200-01-01 03:00Z', 3600, '{p10,p50,p90}');
SELECT "timestamp" AT TIME ZONE 'UTC' AS at, statistic, value FROM sqs_get_metric_statistics('history', 'NumberOfMessagesSent', '2200-01-01 02:00Z', '2200-01-01 03:00:01Z', 60, '{p50}');

-- spans of time: minutes are kept for 15 days, five minutes for 63, hours for 455
CREATE VIEW pg_temp.kept AS
SELECT (SELECT count(*) FROM pg_temp.points('history', 'NumberOfMessagesSent', '2200-01-01 00:00Z', '2200-01-01 01:00Z', 60)) AS minutes,
  (SELECT count(*) FROM pg_temp.points('history', 'NumberOfMessagesSent', '2200-01-01 00:00Z', '2200-01-01 01:00Z', 300)) AS five_minutes,
  (SELECT count(*) FROM pg_temp.points('history', 'NumberOfMessagesSent', '2200-01-01 00:00Z', '2200-01-01 01:00Z', 3600)) AS hours;
SELECT format('SELECT queue.sample_metrics(''2200-01-01 01:30Z''::timestamptz + interval ''%s hours'') >= 1 AS sampled', 24 * days),
  format('SELECT %s AS days, * FROM pg_temp.kept', days)
FROM unnest(ARRAY[15, 23, 63, 95, 455, 690]) AS days \gexec

-- the view, for who may see the queue
SELECT count(sqs_send('history', 'g')) FROM generate_series(1, 3);
SELECT queue.sample_metrics(now() - interval '2 minutes') >= 1 AS sampled;
SET ROLE regress_metrics_owner;
SELECT metric, length(last_hour) AS length, last_hour ~ '[▁▂▃▄▅▆▇█]' AS drawn, maximum >= 3 AS maximum, latest IS NOT NULL AS latest, account_id
FROM sqs_metric_sparklines WHERE queue_name = 'history' AND metric IN ('NumberOfMessagesSent', 'SentMessageSize') ORDER BY metric;
SELECT DISTINCT queue_name FROM sqs_metric_sparklines ORDER BY queue_name;
SET ROLE regress_metrics_nobody;
SELECT * FROM sqs_metric_sparklines;
SELECT * FROM sqs_get_metric_statistics('history', 'NumberOfMessagesSent', '-infinity', 'infinity');
SELECT queue.sample_metrics(now());
RESET ROLE;

-- errors
SELECT * FROM sqs_get_metric_statistics('history', 'NumberOfMessages', '2200-01-01', '2200-01-02');
SELECT * FROM sqs_get_metric_statistics('history', 'NumberOfMessagesSent', '2200-01-01', '2200-01-01');
SELECT * FROM sqs_get_metric_statistics('history', 'NumberOfMessagesSent', '2200-01-02', '2200-01-01');
SELECT * FROM sqs_get_metric_statistics('history', 'NumberOfMessagesSent', '2200-01-01', '2200-01-02', 61);
SELECT * FROM sqs_get_metric_statistics('history', 'NumberOfMessagesSent', '2200-01-01', '2200-01-02', 0);
SELECT * FROM sqs_get_metric_statistics('history', 'NumberOfMessagesSent', '2200-01-01', '2200-01-02', 86460);
SELECT * FROM sqs_get_metric_statistics('history', NULL, '2200-01-01', '2200-01-02');
SELECT * FROM sqs_get_metric_statistics('history', 'NumberOfMessagesSent', NULL, '2200-01-02');
SELECT * FROM sqs_get_metric_statistics('missing', 'NumberOfMessagesSent', '2200-01-01', '2200-01-02');
SELECT queue.sample_metrics('infinity');
SELECT * FROM sqs_get_metric_statistics('history', 'NumberOfMessagesSent', '2200-01-01', '2200-01-02', 60, NULL);
SELECT * FROM sqs_get_metric_statistics('history', 'NumberOfMessagesSent', '2200-01-01', '2200-01-02', 60, '{}');
SELECT * FROM sqs_get_metric_statistics('history', 'NumberOfMessagesSent', '2200-01-01', '2200-01-02', 60, '{NULL}');
SELECT format('SELECT * FROM sqs_get_metric_statistics(''history'', ''NumberOfMessagesSent'', ''2200-01-01'', ''2200-01-02'', 60, ARRAY[%L])', statistic)
FROM unnest('{p,p101,p-1,p1.234,p1.,P50,p50x,p0x10,pinf,sum,IQM}'::text[]) AS statistic \gexec

SELECT sqs_delete_queue('history'), sqs_delete_queue('history.fifo');
SELECT * FROM sqs_get_metric_statistics('history', 'NumberOfMessagesSent', '2200-01-01', '2200-01-02');
SET queue.recreate_delay = 0;
SELECT queue.sweep();
DROP OWNED BY regress_metrics_owner;
DROP ROLE regress_metrics_owner, regress_metrics_nobody;
-- others may be of any time
DO $$ BEGIN
  EXECUTE (SELECT 'TRUNCATE ' || string_agg(format('queue.%I', relname), ', ') FROM pg_class WHERE relnamespace = 'queue'::regnamespace AND relkind = 'r' AND relname LIKE 'metrics\_%');
END $$;
