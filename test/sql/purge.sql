--
-- Promises: a purge takes every message there is, visible, in flight and
-- delayed, and none that is sent after it; it is undone with its transaction;
-- it can be had once in a while.
--
\pset format unaligned
SELECT sqs_create_queue('purge') IS NOT NULL AS created;
CREATE VIEW purge_counts AS
  SELECT a ->> 'ApproximateNumberOfMessages' AS visible, a ->> 'ApproximateNumberOfMessagesNotVisible' AS in_flight,
         a ->> 'ApproximateNumberOfMessagesDelayed' AS delayed
  FROM sqs_get_queue_attributes('purge') AS a;
SELECT count(*) FROM sqs_send_batch('purge', ARRAY['a', 'b', 'c']);
SELECT sqs_send('purge', 'delayed', 900) IS NOT NULL AS sent;
SELECT receipt_handle AS handle FROM sqs_receive('purge') \gset
SELECT * FROM purge_counts;
SELECT sqs_purge_queue('purge');
SELECT * FROM purge_counts;
SELECT body FROM sqs_receive('purge', 10);
SELECT body FROM sqs_peek('purge', 10);
SELECT sqs_delete('purge', :'handle');
SELECT * FROM sqs_check('purge');
SELECT sqs_send('purge', 'after') IS NOT NULL AS sent;
SELECT * FROM purge_counts;
SELECT body, receive_count FROM sqs_receive('purge', 10);
SELECT * FROM purge_counts;
-- once in a while
SELECT sqs_purge_queue('purge');
SELECT sqs_purge_queue(sqs_get_queue_url('purge'));
SELECT * FROM purge_counts;
SET queue.purge_interval = 3600;
SELECT sqs_purge_queue('purge');
SET queue.purge_interval = 0;
SELECT sqs_purge_queue('purge');
SELECT * FROM purge_counts;
SELECT sqs_purge_queue('purge');

-- the worker removes the rows, and only those
SELECT format('messages_%s_1', queue_id) AS messages FROM queue.queues WHERE queue_name = 'purge' \gset
SELECT count(*) FROM sqs_send_batch('purge', ARRAY(SELECT i::text FROM generate_series(1, 3000) AS i));
SELECT sqs_purge_queue('purge');
SELECT sqs_send('purge', 'after') IS NOT NULL AS sent;
BEGIN;
-- keeps the background worker out of it
LOCK TABLE queue.:"messages" IN SHARE ROW EXCLUSIVE MODE;
SELECT queue.sweep();
SELECT body FROM queue.:"messages";
COMMIT;
SELECT * FROM purge_counts;
SELECT * FROM sqs_check('purge');
SELECT body FROM sqs_pop('purge', 10);

-- undone with the transaction, or its part
SELECT count(*) FROM sqs_send_batch('purge', ARRAY['a', 'b']);
BEGIN;
SELECT sqs_purge_queue('purge');
SELECT body FROM sqs_receive('purge', 10);
ROLLBACK;
SELECT * FROM purge_counts;
BEGIN;
SAVEPOINT s;
SELECT sqs_purge_queue('purge');
SELECT body FROM sqs_receive('purge', 10);
ROLLBACK TO s;
SELECT body FROM sqs_receive('purge', 1, 0);
COMMIT;
SELECT * FROM purge_counts;
-- an undone purge is no purge for the interval either
SET queue.purge_interval = 60;
UPDATE queue.queues SET purged_at = purged_at - interval '2 minutes' WHERE queue_name = 'purge';
BEGIN;
SELECT sqs_purge_queue('purge');
ROLLBACK;
SELECT sqs_purge_queue('purge');
SELECT body FROM sqs_receive('purge', 10);
SET queue.purge_interval = 0;
-- in one transaction with sends: what was sent before goes, what is sent after stays
BEGIN;
SELECT sqs_send('purge', 'before') IS NOT NULL AS sent;
SELECT sqs_purge_queue('purge');
SELECT sqs_send('purge', 'after') IS NOT NULL AS sent;
COMMIT;
SELECT body FROM sqs_receive('purge', 10);
SELECT * FROM purge_counts;
-- with a receive: what was received cannot be deleted any more
SELECT sqs_purge_queue('purge');
SELECT sqs_send('purge', 'a') IS NOT NULL AS sent;
BEGIN;
SELECT receipt_handle AS handle FROM sqs_receive('purge') \gset
SELECT sqs_purge_queue('purge');
SELECT sqs_delete('purge', :'handle');
COMMIT;
SELECT * FROM purge_counts;
SELECT * FROM sqs_check('purge');
-- prepared
SELECT sqs_send('purge', 'a') IS NOT NULL AS sent;
BEGIN;
SELECT sqs_purge_queue('purge');
PREPARE TRANSACTION 'purge';
SELECT body FROM sqs_receive('purge', 10, 0);
COMMIT PREPARED 'purge';
SELECT body FROM sqs_receive('purge', 10);
SELECT * FROM purge_counts;
SELECT * FROM sqs_check('purge');

SELECT sqs_purge_queue('purge-none');
SELECT sqs_purge_queue(NULL);
BEGIN READ ONLY;
SELECT sqs_purge_queue('purge');
ROLLBACK;
RESET queue.purge_interval;
SELECT * FROM sqs_check();
DROP VIEW purge_counts;
SELECT sqs_delete_queue('purge');
