--
-- Promises: a message is gone when it is as old as the queue's retention
-- period, whatever its state and whether or not the worker has come by; a
-- change of the period acts on messages that are stored; the counters agree.
--
\pset format unaligned
SELECT sqs_create_queue('retention') IS NOT NULL AS created;
SELECT format('messages_%s_1', queue_id) AS messages FROM queue.queues WHERE queue_name = 'retention' \gset
CREATE VIEW retention_counts AS
  SELECT a ->> 'ApproximateNumberOfMessages' AS visible, a ->> 'ApproximateNumberOfMessagesNotVisible' AS in_flight,
         a ->> 'ApproximateNumberOfMessagesDelayed' AS delayed
  FROM sqs_get_queue_attributes('retention') AS a;
SELECT sqs_send('retention', 'old in flight') IS NOT NULL AS sent;
SELECT sqs_send('retention', 'new in flight') IS NOT NULL AS sent;
SELECT receipt_handle AS old_handle FROM sqs_receive('retention') \gset
SELECT body FROM sqs_receive('retention');
SELECT count(*) FROM sqs_send_batch('retention', ARRAY['old', 'old', 'new', 'old']);
SELECT sqs_send('retention', 'old delayed', 900) IS NOT NULL AS sent;
SELECT sqs_send('retention', 'new delayed', 900) IS NOT NULL AS sent;
SELECT * FROM retention_counts;
SELECT * FROM sqs_check('retention');

-- as old as the period is too old; a minute less is not
BEGIN;
LOCK TABLE queue.:"messages" IN SHARE ROW EXCLUSIVE MODE;
UPDATE queue.:"messages" SET sent_at = sent_at - 345600 * interval '1 second' WHERE body LIKE 'old%';
UPDATE queue.:"messages" SET sent_at = sent_at - (345600 - 60) * interval '1 second' WHERE body LIKE 'new%';
SELECT body FROM sqs_peek('retention', 10);
SAVEPOINT s;
SELECT sqs_change_visibility('retention', :'old_handle', 0);
ROLLBACK TO s;
SELECT sqs_change_visibility_batch('retention', ARRAY[:'old_handle'], 0);
SELECT body, receive_count FROM sqs_receive('retention', 10);
SELECT body FROM sqs_receive('retention', 10);
-- the worker removes them, and does not touch the others
SELECT queue.sweep();
SELECT body FROM queue.:"messages" ORDER BY body;
COMMIT;
SELECT * FROM retention_counts;
SELECT * FROM sqs_check('retention');
SELECT queue.sweep();
SELECT * FROM retention_counts;
-- a delete of what is gone is no error
SELECT sqs_delete('retention', :'old_handle');

-- a shorter period acts on what is stored; a longer one on what is still there
SELECT sqs_set_queue_attributes('retention', '{"MessageRetentionPeriod": 1209600}');
SELECT count(*) FROM sqs_send_batch('retention', ARRAY['a', 'b']);
UPDATE queue.:"messages" SET sent_at = sent_at - interval '100 seconds' WHERE body = 'a';
BEGIN;
SELECT sqs_set_queue_attributes('retention', '{"MessageRetentionPeriod": 90}');
SELECT body FROM sqs_peek('retention', 10);
SELECT body FROM sqs_receive('retention', 10);
ROLLBACK;
SELECT body, receive_count FROM sqs_receive('retention', 10, 0) ORDER BY body;
-- passed over by a receive, and back when the period is longer
BEGIN;
SELECT sqs_set_queue_attributes('retention', '{"MessageRetentionPeriod": 90}');
SELECT body, receive_count FROM sqs_receive('retention', 10, 0);
SELECT sqs_set_queue_attributes('retention', '{"MessageRetentionPeriod": 1209600}');
COMMIT;
SELECT body, receive_count FROM sqs_receive('retention', 10, 0) ORDER BY body;
SELECT queue.sweep();
SELECT * FROM sqs_check('retention');

-- many, in batches; the lock keeps the worker out of it
SET queue.purge_interval = 0;
SELECT sqs_purge_queue('retention');
SELECT count(*) FROM sqs_send_batch('retention', ARRAY(SELECT i::text FROM generate_series(1, 3500) AS i));
SELECT sqs_send('retention', 'new') IS NOT NULL AS sent;
BEGIN;
LOCK TABLE queue.:"messages" IN SHARE ROW EXCLUSIVE MODE;
UPDATE queue.:"messages" SET sent_at = sent_at - interval '15 days' WHERE body <> 'new';
SELECT queue.sweep();
SELECT body FROM queue.:"messages";
COMMIT;
SELECT * FROM retention_counts;
SELECT body FROM sqs_receive('retention', 10);

-- one call of the worker is part of the caller's transaction
SELECT sqs_purge_queue('retention');
SELECT sqs_send('retention', 'a') IS NOT NULL AS sent;
BEGIN;
LOCK TABLE queue.:"messages" IN SHARE ROW EXCLUSIVE MODE;
UPDATE queue.:"messages" SET sent_at = sent_at - interval '15 days';
SELECT queue.sweep();
SELECT count(*) FROM queue.:"messages";
ROLLBACK;
SELECT * FROM retention_counts;
SELECT body FROM sqs_receive('retention', 10);
BEGIN READ ONLY;
SELECT queue.sweep();
ROLLBACK;
SELECT * FROM sqs_check();
DROP VIEW retention_counts;
SELECT sqs_delete_queue('retention');
