--
-- Promises: sqs_queues and sqs_metrics show one row a queue, with gauges that
-- are right at once and totals that count what was committed; sqs_check finds
-- nothing where nothing is wrong, and what is wrong where something is.
--
\pset null '(null)'
SELECT sqs_create_queue('metrics', '{"MessageRetentionPeriod": 86400, "VisibilityTimeout": 45}') IS NOT NULL AS created;
SELECT sqs_create_queue('metrics-dlq') IS NOT NULL AS created;
CREATE VIEW metrics AS
  SELECT approximate_age_of_oldest_message IS NOT NULL AS any, approximate_number_of_messages_visible AS visible,
         approximate_number_of_messages_not_visible AS in_flight, approximate_number_of_messages_delayed AS delayed,
         number_of_messages_sent AS sent, number_of_messages_received AS received,
         number_of_messages_deleted AS deleted, number_of_empty_receives AS empty, sent_message_size AS bytes
  FROM sqs_metrics
  WHERE queue_name = 'metrics';
SELECT * FROM metrics;
SELECT name, url, kind, visible, in_flight, delayed, oldest_message_age, retention, visibility_timeout,
       dead_letter_queue, size ~ '^[0-9]+ (bytes|kB)$' AS size, now() - created < interval '10 minutes' AS created
FROM sqs_queues
WHERE name = 'metrics';
-- columns
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
WHERE a.attrelid IN ('sqs_queues'::regclass, 'sqs_metrics'::regclass) AND a.attnum > 0
ORDER BY c.relname, a.attnum;

-- sends: bytes of body and attributes
SELECT sqs_send('metrics', 'abcde') IS NOT NULL AS sent;
SELECT count(*) FROM sqs_send_batch('metrics', ARRAY['ab', 'cd', 'ef']);
SELECT sqs_send('metrics', 'ü', 900, '{"n": 12}') IS NOT NULL AS sent;
SELECT * FROM metrics;
-- rolled back, as a whole or in part, or refused: not counted
BEGIN;
SELECT sqs_send('metrics', 'abcde') IS NOT NULL AS sent;
SELECT count(*) FROM sqs_receive('metrics', 2);
SELECT count(*) FROM sqs_pop('metrics', 2);
ROLLBACK;
BEGIN;
SAVEPOINT s;
SELECT sqs_send('metrics', 'abcde') IS NOT NULL AS sent;
SELECT count(*) FROM sqs_receive('metrics', 2);
ROLLBACK TO s;
COMMIT;
SELECT sqs_send('metrics', '');
SELECT * FROM metrics;

-- receives, also of the same message
SELECT count(*) FROM sqs_receive('metrics', 2, 0);
SELECT array_agg(receipt_handle) AS handles FROM sqs_receive('metrics', 2) \gset
SELECT * FROM metrics;
-- empty ones
SELECT count(*) FROM sqs_receive('metrics', 10);
SELECT count(*) FROM sqs_receive('metrics', 10);
SELECT count(*) FROM sqs_pop('metrics', 10);
SELECT count(*) FROM sqs_receive('metrics', 10, 0, 1);
SELECT count(*) FROM sqs_peek('metrics', 10);
SELECT * FROM metrics;
-- deletes
SELECT sqs_delete('metrics', (:'handles'::text[])[1]);
SELECT sqs_delete_batch('metrics', (:'handles'::text[])[2:2]);
SELECT * FROM metrics;
-- pops are both
SELECT sqs_send('metrics', 'x') IS NOT NULL AS sent;
SELECT count(*) FROM sqs_pop('metrics', 10);
SELECT * FROM metrics;
-- peeks are none
SELECT sqs_send('metrics', 'x') IS NOT NULL AS sent;
SELECT count(*) FROM sqs_peek('metrics', 10);
SELECT * FROM metrics;
-- the oldest message's age, in seconds; those past their time do not count
SELECT format('messages_%s_1', queue_id) AS messages FROM queue.queues WHERE queue_name = 'metrics' \gset
BEGIN;
LOCK TABLE queue.:"messages" IN SHARE ROW EXCLUSIVE MODE;
UPDATE queue.:"messages" SET sent_at = sent_at - interval '1 hour' WHERE receive_count > 0;
SELECT approximate_age_of_oldest_message BETWEEN 3600 AND 3660 AS an_hour FROM sqs_metrics WHERE queue_name = 'metrics';
SELECT oldest_message_age BETWEEN interval '1 hour' AND interval '1 hour 1 minute' AS an_hour FROM sqs_queues WHERE name = 'metrics';
UPDATE queue.:"messages" SET sent_at = sent_at - interval '1 day' WHERE receive_count > 0;
SELECT approximate_age_of_oldest_message BETWEEN 0 AND 60 AS now FROM sqs_metrics WHERE queue_name = 'metrics';
ROLLBACK;
-- a sweep's deletes are nobody's
BEGIN;
LOCK TABLE queue.:"messages" IN SHARE ROW EXCLUSIVE MODE;
UPDATE queue.:"messages" SET sent_at = sent_at - interval '1 day' WHERE body = 'x';
SELECT queue.sweep();
COMMIT;
SELECT * FROM metrics;
-- purges
SET queue.purge_interval = 0;
SELECT sqs_purge_queue('metrics');
SELECT * FROM metrics;
SELECT * FROM sqs_check('metrics');

-- the dead-letter queue, by its ARN
SELECT sqs_set_queue_attributes('metrics', jsonb_build_object('RedrivePolicy',
         jsonb_build_object('deadLetterTargetArn', sqs_get_queue_attributes('metrics-dlq') ->> 'QueueArn', 'maxReceiveCount', 3)::text));
SELECT name, dead_letter_queue FROM sqs_queues WHERE name LIKE 'metrics%' ORDER BY name;
-- in a read-only transaction, and under SERIALIZABLE
BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY;
SELECT name, visible, in_flight, delayed FROM sqs_queues WHERE name LIKE 'metrics%' ORDER BY name;
SELECT * FROM sqs_check('metrics');
COMMIT;
-- a queue whose table is gone hides no other, can be deleted, and is reported
SELECT format('messages_%s_1', queue_id) AS messages FROM queue.queues WHERE queue_name = 'metrics-dlq' \gset
BEGIN;
SET LOCAL client_min_messages = warning;
DROP TABLE queue.:"messages";
SELECT name FROM sqs_queues WHERE name LIKE 'metrics%' ORDER BY name;
SELECT regexp_replace(problem, '[0-9]+', 'N', 'g') AS problem FROM sqs_check('metrics-dlq');
SAVEPOINT s;
\set VERBOSITY sqlstate
SELECT sqs_send('metrics-dlq', 'x');
ROLLBACK TO s;
SELECT * FROM sqs_receive('metrics-dlq');
ROLLBACK TO s;
\set VERBOSITY default
SELECT sqs_delete_queue('metrics-dlq');
ROLLBACK;

-- rows that were changed behind its back
SELECT format('messages_%s_1', queue_id) AS messages FROM queue.queues WHERE queue_name = 'metrics' \gset
SELECT count(*) FROM sqs_send_batch('metrics', ARRAY['a', 'b', 'c']);
BEGIN;
UPDATE queue.:"messages" SET receive_count = -1 WHERE body = 'a';
UPDATE queue.:"messages" SET visible_at = now() + interval '10 days' WHERE body = 'b';
UPDATE queue.:"messages" SET receive_count = 1 WHERE body = 'c';
SELECT queue_name, message_id IS NOT NULL AS message, problem FROM sqs_check('metrics') ORDER BY problem;
ROLLBACK;
SELECT * FROM sqs_check();
DELETE FROM queue.:"messages" WHERE body = 'a';
SELECT * FROM sqs_check('metrics');
SELECT sqs_check('metrics-none');
DROP VIEW metrics;
SELECT sqs_delete_queue('metrics');
SELECT sqs_delete_queue('metrics-dlq');
