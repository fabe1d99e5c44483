--
-- Promises: the visibility timeout of a message that was received can be
-- changed, by any of its handles and also after it has run out; it counts from
-- the call, 0 makes the message visible at once, and in all it cannot be
-- longer than twelve hours from the receive.
--
\pset null '(null)'
\pset format unaligned
SELECT sqs_create_queue('visibility') IS NOT NULL AS created;
SELECT sqs_create_queue('visibility-other') IS NOT NULL AS created;
CREATE VIEW visibility_counts AS
  SELECT visible, in_flight, delayed FROM sqs_queues WHERE name = 'visibility';
SELECT sqs_send('visibility', 'a') IS NOT NULL AS sent;
SELECT receipt_handle AS a1 FROM sqs_receive('visibility') \gset
SELECT * FROM visibility_counts;
-- visible at once; not remembered for the next receive
SELECT sqs_change_visibility('visibility', :'a1', 0) - clock_timestamp() BETWEEN interval '-1 minute' AND interval '1 second' AS now;
SELECT * FROM visibility_counts;
SELECT body, receive_count, round(extract(epoch FROM visible_at - clock_timestamp())) BETWEEN 25 AND 30 AS thirty, receipt_handle AS a2
FROM sqs_receive('visibility') \gset
SELECT :receive_count AS receive_count, :'thirty' AS thirty;
SELECT * FROM visibility_counts;
-- longer, from the time of the call
SELECT extract(epoch FROM sqs_change_visibility('visibility', :'a2', 1000) - clock_timestamp()) BETWEEN 900 AND 1000.5 AS changed;
SELECT * FROM visibility_counts;
SELECT body FROM sqs_receive('visibility');
-- by an older handle
SELECT sqs_change_visibility('visibility', :'a1', 0) IS NOT NULL AS changed;
SELECT body, receive_count FROM sqs_receive('visibility', 1, 0);
-- after it has run out, which hides the message again
SELECT sqs_change_visibility('visibility', :'a2', 100) IS NOT NULL AS changed;
SELECT body FROM sqs_receive('visibility');
SELECT * FROM visibility_counts;
SELECT sqs_change_visibility('visibility', :'a2', 0) IS NOT NULL AS changed;
SELECT * FROM visibility_counts;
-- the row says what was returned
SELECT sqs_change_visibility('visibility', :'a2', 200) AS visible_at \gset
SELECT format('messages_%s_1', queue_id) AS messages FROM queue.queues WHERE queue_name = 'visibility' \gset
SELECT visible_at = :'visible_at' AS same FROM queue.:"messages";

-- twelve hours from the receive
SELECT sqs_change_visibility('visibility', :'a2', 0) IS NOT NULL AS changed;
SELECT receipt_handle AS a3 FROM sqs_receive('visibility') \gset
SELECT sqs_change_visibility('visibility', :'a3', 43190) IS NOT NULL AS changed;
UPDATE queue.:"messages" SET received_at = received_at - interval '12 hours' + interval '100 seconds';
SELECT sqs_change_visibility('visibility', :'a3', 90) IS NOT NULL AS changed;
SELECT sqs_change_visibility('visibility', :'a3', 110);
SELECT sqs_change_visibility_batch('visibility', ARRAY[:'a3'], 110);
SELECT sqs_change_visibility('visibility', :'a3', 43201);
SELECT sqs_change_visibility('visibility', :'a3', -1);
SELECT sqs_change_visibility('visibility', :'a3', NULL);
SELECT * FROM visibility_counts;

-- undone with the transaction, or its part
BEGIN;
SELECT sqs_change_visibility('visibility', :'a3', 0) IS NOT NULL AS changed;
SELECT body FROM sqs_receive('visibility', 1, 0);
ROLLBACK;
SELECT * FROM visibility_counts;
SELECT body FROM sqs_receive('visibility');
BEGIN;
SAVEPOINT s;
SELECT sqs_change_visibility('visibility', :'a3', 0) IS NOT NULL AS changed;
ROLLBACK TO s;
COMMIT;
SELECT body FROM sqs_receive('visibility');
SELECT sqs_change_visibility('visibility', :'a3', 0) IS NOT NULL AS changed;
BEGIN;
SELECT sqs_change_visibility('visibility', :'a3', 50) IS NOT NULL AS changed;
SELECT body FROM sqs_receive('visibility');
ROLLBACK;
SELECT * FROM visibility_counts;
SELECT body, receipt_handle AS a4, receive_count FROM sqs_receive('visibility') \gset
SELECT :'body' AS body, :receive_count AS receive_count;
-- twice in one transaction
BEGIN;
SELECT sqs_change_visibility('visibility', :'a4', 100) IS NOT NULL AS changed;
SELECT sqs_change_visibility('visibility', :'a4', 50) IS NOT NULL AS changed;
COMMIT;
SELECT * FROM visibility_counts;
SELECT * FROM sqs_check('visibility');

-- no message any more
SELECT sqs_delete('visibility', :'a4');
SELECT sqs_change_visibility('visibility', :'a4', 10);
-- no handle
SELECT sqs_change_visibility('visibility', 'garbage', 10);
SELECT sqs_change_visibility('visibility', '', 10);
SELECT sqs_change_visibility('visibility', NULL, 10);
SELECT sqs_change_visibility('visibility-other', :'a4', 10);
SELECT sqs_change_visibility('visibility-none', :'a4', 10);
SELECT sqs_change_visibility(NULL, :'a4', 10);
-- purged
SET queue.purge_interval = 0;
SELECT sqs_send('visibility', 'b') IS NOT NULL AS sent;
SELECT receipt_handle AS b FROM sqs_receive('visibility') \gset
SELECT sqs_purge_queue('visibility');
SELECT sqs_change_visibility('visibility', :'b', 10);

-- batches: how many were changed
SELECT count(*) FROM sqs_send_batch('visibility', ARRAY['a', 'b', 'c']);
SELECT array_agg(receipt_handle ORDER BY body) AS handles FROM sqs_receive('visibility', 10) \gset
SELECT sqs_change_visibility_batch('visibility', :'handles', 0);
SELECT * FROM visibility_counts;
SELECT sqs_change_visibility_batch('visibility', :'handles', 100);
SELECT * FROM visibility_counts;
SELECT sqs_delete('visibility', (:'handles'::text[])[1]);
SELECT sqs_change_visibility_batch('visibility', :'handles', 0);
SELECT sqs_change_visibility_batch('visibility', :'handles'::text[] || :'handles'::text[], 0);
SELECT body, receive_count FROM sqs_receive('visibility', 10) ORDER BY body;
SELECT sqs_change_visibility_batch('visibility', :'handles', 43190);
SELECT sqs_change_visibility_batch('visibility', :'handles', 43201);
SELECT sqs_change_visibility_batch('visibility', :'handles', -1);
SELECT sqs_change_visibility_batch('visibility', :'handles', NULL);
SELECT sqs_change_visibility_batch('visibility', :'handles'::text[] || 'garbage'::text, 0);
SELECT sqs_change_visibility_batch('visibility', '{}', 0);
SELECT sqs_change_visibility_batch('visibility', NULL, 0);
SELECT sqs_change_visibility_batch('visibility', ARRAY(SELECT 'x' FROM generate_series(1, 10001)), 0);
SELECT sqs_change_visibility_batch('visibility-none', '{x}', 0);
SELECT * FROM visibility_counts;
-- many
SELECT sqs_purge_queue('visibility');
SELECT count(*) FROM sqs_send_batch('visibility', ARRAY(SELECT i::text FROM generate_series(1, 2000) AS i));
SELECT sqs_change_visibility_batch('visibility', array_agg(receipt_handle), 0) FROM sqs_receive('visibility', 10000);
SELECT * FROM visibility_counts;
SELECT count(*), min(receive_count), max(receive_count) FROM sqs_receive('visibility', 10000);
SELECT * FROM visibility_counts;
-- in one statement with the receive
SELECT sqs_purge_queue('visibility');
SELECT sqs_send('visibility', 'a') IS NOT NULL AS sent;
SELECT sqs_change_visibility('visibility', receipt_handle, 0) IS NOT NULL AS changed FROM sqs_receive('visibility');
SELECT body, receive_count FROM sqs_receive('visibility', 1, 0);

-- read-only transactions
BEGIN READ ONLY;
SELECT sqs_change_visibility('visibility', :'a4', 0);
ROLLBACK;
BEGIN READ ONLY;
SELECT sqs_change_visibility_batch('visibility', ARRAY[:'a4'], 0);
ROLLBACK;
SELECT * FROM sqs_check();
DROP VIEW visibility_counts;
SELECT sqs_delete_queue('visibility'), sqs_delete_queue('visibility-other');
