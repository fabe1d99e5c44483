--
-- Promises: a receive returns messages that are visible, the oldest first, as
-- many as are asked for, and hides them for the visibility timeout; each
-- receive is counted; it may stand anywhere in a statement.  A pop receives
-- and deletes, a peek changes nothing.
--
\pset null '(null)'
\pset format unaligned
SELECT sqs_create_queue('receive') IS NOT NULL AS created;
CREATE VIEW receive_counts AS
  SELECT a ->> 'ApproximateNumberOfMessages' AS visible, a ->> 'ApproximateNumberOfMessagesNotVisible' AS in_flight,
         a ->> 'ApproximateNumberOfMessagesDelayed' AS delayed
  FROM sqs_get_queue_attributes('receive') AS a;
-- nothing there
SELECT * FROM sqs_receive('receive');
SELECT * FROM sqs_pop('receive');
SELECT * FROM sqs_peek('receive');

-- one, some, and all there are; none twice
SELECT count(*) FROM sqs_send_batch('receive', ARRAY['a', 'b', 'c', 'd', 'e', 'f']);
SELECT body, receive_count FROM sqs_receive('receive');
SELECT body, receive_count FROM sqs_receive('receive', 2);
SELECT body, receive_count FROM sqs_receive('receive', 10000);
SELECT body, receive_count FROM sqs_receive('receive', 10);
SELECT * FROM receive_counts;
SELECT * FROM sqs_check('receive');

-- columns: the timeout is the one given, else the queue's
SET queue.purge_interval = 0;
SELECT sqs_purge_queue('receive');
SELECT count(*) FROM sqs_send_batch('receive', ARRAY['a', 'b', 'c', 'd']);
SELECT body, round(extract(epoch FROM visible_at - first_received_at)) AS timeout, first_received_at >= sent_at AS later,
       length(receipt_handle) BETWEEN 1 AND 1024 AS handle
FROM sqs_receive('receive');
SELECT body, round(extract(epoch FROM visible_at - first_received_at)) AS timeout FROM sqs_receive('receive', 1, 100);
-- a long one is rounded up, by less than 0.05 percent
SELECT body, extract(epoch FROM visible_at - first_received_at) BETWEEN 43200 AND 43216 AS in_time FROM sqs_receive('receive', visibility_timeout => 43200);
SELECT sqs_set_queue_attributes('receive', '{"VisibilityTimeout": 77}');
SELECT body, round(extract(epoch FROM visible_at - first_received_at)) AS timeout FROM sqs_receive('receive', NULL, NULL, NULL, NULL);
SELECT sqs_set_queue_attributes('receive', '{"VisibilityTimeout": 30}');

-- with a timeout of 0 a message is received again at once, and counted
SELECT sqs_purge_queue('receive');
SELECT count(*) FROM sqs_send_batch('receive', ARRAY['a', 'b', 'c']);
SELECT body, receive_count FROM sqs_receive('receive', 10, 0);
SELECT body, receive_count FROM sqs_receive('receive', 2, 0);
SELECT * FROM receive_counts;
SELECT body, receive_count FROM sqs_receive('receive', 10) ORDER BY body;
SELECT * FROM receive_counts;
-- each receive gives a handle of its own; the first receive's time stays
SELECT sqs_purge_queue('receive');
SELECT sqs_send('receive', 'a') IS NOT NULL AS sent;
SELECT receipt_handle AS handle, first_received_at AS first FROM sqs_receive('receive', 1, 0) \gset
SELECT receipt_handle = :'handle' AS same_handle, first_received_at = :'first' AS same_time, receive_count FROM sqs_receive('receive', 1, 0);

-- peek: visible messages, no handle, no count
SELECT sqs_purge_queue('receive');
SELECT count(*) FROM sqs_send_batch('receive', ARRAY['a', 'b', 'c', 'd']);
SELECT body, receipt_handle, receive_count, first_received_at FROM sqs_peek('receive');
SELECT body FROM sqs_receive('receive');
SELECT body FROM sqs_peek('receive', 2);
SELECT body FROM sqs_peek('receive', NULL);
SELECT count(*) FROM sqs_peek('receive', 10000);
SELECT * FROM receive_counts;
BEGIN READ ONLY;
SELECT body FROM sqs_peek('receive');
ROLLBACK;
-- pop: gone
SELECT body, receipt_handle, receive_count FROM sqs_pop('receive', 2);
SELECT * FROM receive_counts;
SELECT body, receive_count FROM sqs_pop('receive', 10000, 0);
SELECT body FROM sqs_pop('receive', NULL, NULL);
SELECT * FROM receive_counts;
SELECT * FROM sqs_check('receive');

-- receive and delete in one statement
SELECT count(*) FROM sqs_send_batch('receive', ARRAY(SELECT 'm' || i FROM generate_series(1, 9) AS i));
SELECT body, sqs_delete('receive', receipt_handle) FROM sqs_receive('receive', 2);
SELECT sqs_delete('receive', receipt_handle) FROM sqs_receive('receive', 1) WHERE body = 'm3';
SELECT sqs_delete_batch('receive', array_agg(receipt_handle)) FROM sqs_receive('receive', 1);
-- in a CTE, once
WITH received AS MATERIALIZED (SELECT * FROM sqs_receive('receive', 2))
SELECT a.body, b.body FROM received AS a JOIN received AS b USING (message_id) ORDER BY 1;
WITH received AS MATERIALIZED (SELECT * FROM sqs_receive('receive', 1))
SELECT body, sqs_delete('receive', receipt_handle) FROM received;
-- in a data-modifying statement
CREATE TEMP TABLE done (body text, n int);
WITH received AS MATERIALIZED (SELECT * FROM sqs_receive('receive', 1)),
     noted AS (INSERT INTO done SELECT body, receive_count FROM received RETURNING body)
SELECT noted.body, sqs_delete('receive', receipt_handle) FROM noted JOIN received USING (body);
INSERT INTO done SELECT body, receive_count FROM sqs_pop('receive', 1);
SELECT * FROM done ORDER BY body;
SELECT * FROM receive_counts;
-- in the select list
SELECT (sqs_pop('receive')).body;
SELECT sqs_purge_queue('receive');

-- in plpgsql
SELECT count(*) FROM sqs_send_batch('receive', ARRAY['a', 'b', 'c', 'd']);
DO $$
DECLARE
  message sqs_message;
BEGIN
  FOR message IN SELECT * FROM sqs_receive('receive', 2) LOOP
    RAISE NOTICE 'received %', message.body;
    PERFORM sqs_delete('receive', message.receipt_handle);
  END LOOP;
  SELECT * INTO message FROM sqs_receive('receive');
  RAISE NOTICE 'received %', message.body;
  IF NOT sqs_delete('receive', message.receipt_handle) THEN
    RAISE 'not deleted';
  END IF;
  message := sqs_pop('receive');
  RAISE NOTICE 'popped %', message.body;
  message := sqs_pop('receive');
  RAISE NOTICE 'popped %', message;
END
$$;
SELECT * FROM receive_counts;
-- with a transaction for each message
SELECT count(*) FROM sqs_send_batch('receive', ARRAY['a', 'b', 'c']);
CREATE PROCEDURE pg_temp.work() LANGUAGE plpgsql AS $$
DECLARE
  message sqs_message;
BEGIN
  LOOP
    SELECT * INTO message FROM sqs_receive('receive');
    EXIT WHEN NOT FOUND;
    RAISE NOTICE 'received %', message.body;
    COMMIT;
    PERFORM sqs_delete('receive', message.receipt_handle);
    COMMIT;
  END LOOP;
END
$$;
CALL pg_temp.work();
SELECT * FROM receive_counts;
-- in a cursor: the receive happens at the first fetch, all of it
SELECT count(*) FROM sqs_send_batch('receive', ARRAY['a', 'b', 'c']);
BEGIN;
DECLARE c CURSOR FOR SELECT body, receive_count FROM sqs_receive('receive', 3);
SELECT count(*) FROM sqs_peek('receive');
FETCH c;
SELECT count(*) FROM sqs_peek('receive');
FETCH ALL FROM c;
COMMIT;
SELECT * FROM receive_counts;
SELECT sqs_purge_queue('receive');
SELECT count(*) FROM sqs_send_batch('receive', ARRAY['a', 'b', 'c']);
BEGIN;
DECLARE c CURSOR WITH HOLD FOR SELECT body, sqs_delete('receive', receipt_handle) FROM sqs_receive('receive', 3);
COMMIT;
FETCH ALL FROM c;
CLOSE c;
SELECT * FROM receive_counts;
-- by a prepared statement, with a generic plan
PREPARE receive(text, int) AS SELECT body, sqs_delete($1, receipt_handle) FROM sqs_receive($1, $2);
SET plan_cache_mode = force_generic_plan;
SELECT count(*) FROM sqs_send_batch('receive', ARRAY['a', 'b', 'c']);
EXECUTE receive('receive', 1);
EXECUTE receive('receive', 5);
EXECUTE receive('receive', 1);
RESET plan_cache_mode;

-- two receives of one transaction share nothing
SELECT count(*) FROM sqs_send_batch('receive', ARRAY['a', 'b', 'c']);
BEGIN;
SELECT body FROM sqs_receive('receive');
SELECT body FROM sqs_receive('receive', 1, 0);
SELECT body, receive_count FROM sqs_receive('receive', 3) ORDER BY body;
SELECT body FROM sqs_receive('receive', 3);
COMMIT;
SELECT * FROM receive_counts;
SELECT * FROM sqs_check('receive');

-- a message that is sent while others are in flight is found
SELECT sqs_send('receive', 'late') IS NOT NULL AS sent;
SELECT body FROM sqs_receive('receive', 10);
-- and a delayed one hides none behind it
SELECT sqs_send('receive', 'delayed', 900) IS NOT NULL AS sent;
SELECT sqs_send('receive', 'behind') IS NOT NULL AS sent;
SELECT body FROM sqs_receive('receive', 10);

-- many: 10,000 at a time
SELECT sqs_purge_queue('receive');
SELECT count(*) FROM generate_series(1, 3) AS n, sqs_send_batch('receive', ARRAY(SELECT format('%s %s', n, i) FROM generate_series(1, 5000) AS i));
SELECT count(*), count(DISTINCT message_id) FROM sqs_receive('receive', 10000);
SELECT count(*), count(DISTINCT message_id) FROM sqs_receive('receive', 10000);
SELECT count(*) FROM sqs_receive('receive', 10000);
SELECT * FROM receive_counts;
SELECT * FROM sqs_check('receive');

-- messages in flight are limited
SELECT sqs_purge_queue('receive');
SELECT count(*) FROM sqs_send_batch('receive', ARRAY['a', 'b', 'c', 'd']);
SET queue.in_flight_limit = 3;
SELECT body FROM sqs_receive('receive', 2);
SELECT body FROM sqs_receive('receive', 2);
SELECT body FROM sqs_receive('receive', 2);
SELECT body FROM sqs_receive('receive', 2, wait_time_seconds => 1);
-- a pop leaves nothing in flight
SELECT body FROM sqs_pop('receive', 2);
RESET queue.in_flight_limit;

-- arguments out of range
SELECT * FROM sqs_receive('receive', 0);
SELECT * FROM sqs_receive('receive', -1);
SELECT * FROM sqs_receive('receive', 10001);
SELECT * FROM sqs_receive('receive', 1, -1);
SELECT * FROM sqs_receive('receive', 1, 43201);
SELECT * FROM sqs_receive('receive', 1, 0, -1);
SELECT * FROM sqs_receive('receive', 1, 0, 21);
SELECT * FROM sqs_pop('receive', 0);
SELECT * FROM sqs_pop('receive', 10001);
SELECT * FROM sqs_pop('receive', 1, -1);
SELECT * FROM sqs_pop('receive', 1, 21);
SELECT * FROM sqs_peek('receive', 0);
SELECT * FROM sqs_peek('receive', 10001);
SELECT * FROM sqs_receive('receive-none');
SELECT * FROM sqs_receive(NULL);
SELECT * FROM sqs_pop('receive-none');
SELECT * FROM sqs_pop(NULL);
SELECT * FROM sqs_peek('receive-none');
SELECT * FROM sqs_peek(NULL);
-- an attempt id, which some clients always send, is ignored
SELECT count(*) FROM sqs_receive('receive', 1, 0, 0, 'attempt');
SELECT count(*) FROM sqs_receive('receive', 1, 0, 0, '');

-- waiting: not when there is a message; the queue's own time is in force if none is given
SELECT sqs_send('receive', 'a') IS NOT NULL AS sent;
SELECT clock_timestamp() AS start \gset
SELECT body FROM sqs_receive('receive', 1, 0, 20);
SELECT body FROM sqs_pop('receive', 10, 20);
CALL sqs_wait('receive', 0);
SELECT sqs_set_queue_attributes('receive', '{"ReceiveMessageWaitTimeSeconds": 20}');
SELECT body FROM sqs_receive('receive', 1, 0, 0);
SELECT body FROM sqs_pop('receive', 1, 0);
SELECT clock_timestamp() - :'start' < interval '15 seconds' AS at_once;
SELECT sqs_set_queue_attributes('receive', '{"ReceiveMessageWaitTimeSeconds": 1}');
SELECT clock_timestamp() AS start \gset
SELECT body FROM sqs_receive('receive');
SELECT clock_timestamp() - :'start' BETWEEN interval '1 second' AND interval '10 seconds' AS waited;
-- a message that becomes visible meanwhile is received
SELECT sqs_send('receive', 'soon', 1) IS NOT NULL AS sent;
SELECT body, receive_count FROM sqs_receive('receive', 1, 1, 20);
SELECT body, receive_count FROM sqs_receive('receive', 1, 30, 20);
SELECT clock_timestamp() - :'start' < interval '15 seconds' AS in_time;
-- CALL sqs_wait takes several queues, and returns when one has a message
SELECT sqs_create_queue('receive-other') IS NOT NULL AS created;
SELECT sqs_send('receive-other', 'a') IS NOT NULL AS sent;
CALL sqs_wait(ARRAY['receive', 'receive-other'], 20);
CALL sqs_wait('receive-other', 20);
SELECT body, receive_count FROM sqs_receive('receive-other', 1, 1);
CALL sqs_wait(ARRAY['receive', 'receive-other'], 20);
SELECT body, receive_count FROM sqs_pop('receive-other');
SELECT clock_timestamp() - :'start' < interval '15 seconds' AS in_time;
BEGIN;
CALL sqs_wait('receive', 0);
ROLLBACK;
CALL sqs_wait('receive', -1);
CALL sqs_wait('receive', 21);
CALL sqs_wait('receive', NULL);
CALL sqs_wait(NULL::text, 1);
CALL sqs_wait(NULL::text[], 1);
CALL sqs_wait('{}'::text[], 1);
CALL sqs_wait('{NULL}'::text[], 1);
CALL sqs_wait(ARRAY['receive', 'receive-none'], 1);

-- read-only transactions
BEGIN READ ONLY;
SELECT * FROM sqs_receive('receive');
ROLLBACK;
BEGIN READ ONLY;
SELECT * FROM sqs_pop('receive');
ROLLBACK;
SELECT * FROM sqs_check();
DROP VIEW receive_counts;
SELECT sqs_delete_queue('receive'), sqs_delete_queue('receive-other');
