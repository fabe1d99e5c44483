--
-- Promises: a message of a FIFO queue is receivable if it is visible and no
-- earlier message of its group is in flight or delayed; those that the same
-- call took do not count. The cases are those recorded of SQS.
--
\pset null '(null)'
\pset format unaligned
SET queue.recreate_delay = 0;
CREATE TABLE fifo_taken (body text, receipt_handle text, receive_count int);
CREATE FUNCTION fifo_take(n int, timeout int DEFAULT 3600) RETURNS text LANGUAGE sql AS $$
  WITH m AS (SELECT * FROM sqs_receive('fifo.fifo', n, timeout)),
    gone AS (DELETE FROM fifo_taken USING m WHERE fifo_taken.body = m.body),
    kept AS (INSERT INTO fifo_taken SELECT body, receipt_handle, receive_count FROM m)
  SELECT string_agg(body, ' ') FROM m
$$;
CREATE FUNCTION fifo_done(VARIADIC bodies text[]) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FILTER (WHERE sqs_delete('fifo.fifo', receipt_handle)) FROM fifo_taken WHERE body = ANY (bodies)
$$;
CREATE FUNCTION fifo_show(VARIADIC bodies text[]) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(sqs_change_visibility('fifo.fifo', receipt_handle, 0)) FROM fifo_taken WHERE body = ANY (bodies)
$$;
CREATE FUNCTION fifo_send(VARIADIC bodies text[]) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*) FROM sqs_send_batch('fifo.fifo', bodies, message_group_ids => ARRAY(SELECT left(b, 2) FROM unnest(bodies) AS b))
$$;
-- Between cases: a queue of which nothing is known
CREATE FUNCTION fifo_clear() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM sqs_delete_queue(q) FROM sqs_list_queues('fifo.fifo') AS q;
  PERFORM sqs_create_queue('fifo.fifo', '{"FifoQueue": true, "ContentBasedDeduplication": true, "VisibilityTimeout": 3600}');
  DELETE FROM fifo_taken;
END $$;
SELECT fifo_clear();

-- The consequences of the rule, in the order in which they are recorded.
-- 1. A group waits for all of its messages that are in flight.
SELECT fifo_send('g1m1', 'g1m2', 'g1m3', 'g1m4');
SELECT fifo_take(2);
SELECT fifo_take(10);
SELECT fifo_done('g1m1');
SELECT fifo_take(10);
SELECT fifo_done('g1m2');
SELECT fifo_take(10);
-- 4. New messages of a group that waits do not change that.
SELECT fifo_send('g1m5');
SELECT fifo_take(10);
SELECT fifo_done('g1m3', 'g1m4');
SELECT fifo_take(10);
SELECT * FROM sqs_check('fifo.fifo');
SELECT fifo_clear();

-- 2. A message in flight holds up what comes after it, not what comes before.
SELECT fifo_send('g1m1', 'g1m2', 'g1m3');
SELECT fifo_take(3);
SELECT fifo_show('g1m1', 'g1m3');
SELECT fifo_take(10);
SELECT fifo_take(10);
SELECT fifo_show('g1m1', 'g1m2');
SELECT fifo_take(10);
SELECT body, receive_count FROM fifo_taken ORDER BY body;
SELECT fifo_clear();

-- 3. One that is visible again is received although a later one is in flight,
-- made so by a call or by time.
SELECT fifo_send('g1m1', 'g1m2');
SELECT fifo_take(2);
SELECT fifo_show('g1m1');
SELECT fifo_take(10);
SELECT fifo_clear();
SELECT fifo_send('g1m1', 'g1m2');
SELECT fifo_take(2);
SELECT count(sqs_change_visibility('fifo.fifo', receipt_handle, 1)) FROM fifo_taken WHERE body = 'g1m1';
SELECT fifo_take(10);
SELECT pg_sleep(1.2);
SELECT fifo_take(10);
SELECT fifo_clear();

-- 5. After the timeout they come back in their order, and are counted.
SELECT fifo_send('g1m1', 'g1m2', 'g1m3', 'g1m4');
SELECT fifo_take(3, 1);
SELECT fifo_take(10);
SELECT pg_sleep(1.2);
SELECT fifo_take(10);
SELECT body, receive_count FROM fifo_taken ORDER BY body;
SELECT fifo_clear();

-- 6., 7. Of one group as far as possible, then of the next; what was served goes
-- to the end.
SELECT fifo_send('g1m1', 'g1m2', 'g2m1', 'g2m2', 'g3m1');
SELECT fifo_take(3, 0);
SELECT fifo_take(10, 0);
SELECT fifo_take(10);
SELECT fifo_show('g1m1');
SELECT fifo_take(10);
SELECT fifo_clear();

-- 8. Groups are independent of each other.
SELECT fifo_send('g1m1', 'g2m1', 'g1m2', 'g2m2');
SELECT fifo_take(1);
SELECT approximate_number_of_groups_with_inflight_messages AS groups FROM sqs_metrics WHERE queue_name = 'fifo.fifo';
SELECT fifo_take(10);
SELECT approximate_number_of_groups_with_inflight_messages AS groups FROM sqs_metrics WHERE queue_name = 'fifo.fifo';
SELECT fifo_take(10);
SELECT fifo_done('g2m1');
SELECT fifo_take(10);
SELECT fifo_done('g1m1', 'g2m2');
SELECT fifo_take(10);
SELECT fifo_clear();

-- popping does not hold up anything
SELECT fifo_send('g1m1', 'g1m2', 'g2m1');
SELECT string_agg(body, ' ') FROM sqs_pop('fifo.fifo', 1);
SELECT string_agg(body, ' ') FROM sqs_pop('fifo.fifo', 10);
SELECT fifo_clear();

-- in one transaction
BEGIN;
SELECT fifo_send('g1m1', 'g1m2', 'g1m3');
SELECT fifo_take(10);
COMMIT;
BEGIN;
SELECT fifo_take(1);
SELECT fifo_take(1);
SAVEPOINT s;
SELECT fifo_done('g1m1');
SELECT fifo_take(1);
ROLLBACK TO s;
SELECT fifo_take(1);
ROLLBACK;
SELECT fifo_take(10);
SELECT fifo_clear();

-- a look does not show what is not receivable
SELECT fifo_send('g1m1', 'g1m2', 'g2m1');
SELECT fifo_take(1);
SELECT string_agg(body, ' ') FROM sqs_peek('fifo.fifo');
SELECT visible, in_flight, delayed FROM sqs_queues WHERE name = 'fifo.fifo';
SELECT fifo_clear();

-- a delay is the queue's, holds for what waits, and holds up what comes after
SELECT sqs_set_queue_attributes('fifo.fifo', '{"DelaySeconds": 900}');
SELECT fifo_send('g1m1', 'g1m2');
SELECT sqs_send('fifo.fifo', 'g2m1', delay_seconds => 0, message_group_id => 'g2') IS NOT NULL AS sent;
SELECT fifo_take(10);
SELECT visible, in_flight, delayed FROM sqs_queues WHERE name = 'fifo.fifo';
SELECT sqs_set_queue_attributes('fifo.fifo', '{"DelaySeconds": 0}');
SELECT visible, in_flight, delayed FROM sqs_queues WHERE name = 'fifo.fifo';
SELECT fifo_take(1);
SELECT sqs_set_queue_attributes('fifo.fifo', '{"DelaySeconds": 900}');
SELECT visible, in_flight, delayed FROM sqs_queues WHERE name = 'fifo.fifo';
SELECT fifo_take(10);
SELECT sqs_set_queue_attributes('fifo.fifo', '{"DelaySeconds": 0}');
SELECT fifo_take(10);
SELECT * FROM sqs_check('fifo.fifo');
SELECT fifo_clear();

-- a handle is good while its message is in flight, and it is the last one
\set VERBOSITY sqlstate
SELECT fifo_send('g1m1');
SELECT receipt_handle AS h1 FROM sqs_receive('fifo.fifo', 1, 0) \gset
SELECT sqs_delete('fifo.fifo', :'h1');
SELECT sqs_change_visibility('fifo.fifo', :'h1', 10);
SELECT receipt_handle AS h2 FROM sqs_receive('fifo.fifo', 1) \gset
SELECT sqs_delete('fifo.fifo', :'h1');
SELECT sqs_delete_batch('fifo.fifo', ARRAY[:'h1', :'h1']);
SELECT sqs_delete('fifo.fifo', :'h2');
SELECT sqs_delete('fifo.fifo', :'h2');
\set VERBOSITY default
SELECT fifo_clear();

-- sequence numbers rise
SELECT fifo_send('g1m1', 'g1m2', 'g1m3');
SELECT count(*) = 3 AND bool_and(sequence_number ~ '^\d{20}$') AND
  array_agg(sequence_number ORDER BY body) = array_agg(sequence_number ORDER BY sequence_number) AS rising
FROM sqs_peek('fifo.fifo');
SELECT fifo_clear();

-- a receive can be repeated
SELECT fifo_send('g1m1', 'g1m2', 'g2m1');
CREATE TEMP TABLE fifo_first AS SELECT * FROM sqs_receive('fifo.fifo', 2, receive_request_attempt_id => 'a1');
SELECT body, receive_count, f.receipt_handle = again.receipt_handle AS same_handle
FROM fifo_first AS f JOIN sqs_receive('fifo.fifo', 2, receive_request_attempt_id => 'a1') AS again USING (body, receive_count)
ORDER BY body;
SELECT body FROM sqs_receive('fifo.fifo', 2, receive_request_attempt_id => 'a2');
-- not when it was rolled back
BEGIN;
SELECT count(*) FROM sqs_receive('fifo.fifo', 2, receive_request_attempt_id => 'a3');
ROLLBACK;
SELECT count(*) FROM sqs_receive('fifo.fifo', 2, receive_request_attempt_id => 'a3');
-- nor when a message is not as it was
SELECT sqs_delete('fifo.fifo', receipt_handle) FROM fifo_first WHERE body = 'g1m1';
SELECT body FROM sqs_receive('fifo.fifo', 2, receive_request_attempt_id => 'a1');
SELECT sqs_change_visibility('fifo.fifo', receipt_handle, 0) IS NOT NULL AS changed FROM fifo_first WHERE body = 'g1m2';
SELECT body, receive_count FROM sqs_receive('fifo.fifo', 2, receive_request_attempt_id => 'a1');
SELECT body, receive_count FROM sqs_receive('fifo.fifo', 2, receive_request_attempt_id => 'a1');
SELECT visible, in_flight, delayed FROM sqs_queues WHERE name = 'fifo.fifo';
SELECT * FROM sqs_check('fifo.fifo');
SELECT sqs_receive('fifo.fifo', receive_request_attempt_id => 'a b');
SELECT fifo_clear();

-- attributes
SELECT a ->> 'FifoQueue', a ->> 'ContentBasedDeduplication', a ->> 'DeduplicationScope', a ->> 'FifoThroughputLimit'
FROM sqs_get_queue_attributes('fifo.fifo') AS a;
SELECT sqs_set_queue_attributes('fifo.fifo', '{"FifoQueue": "true", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}');
SELECT sqs_set_queue_attributes('fifo.fifo', '{"DeduplicationScope": "queue"}');
SELECT sqs_set_queue_attributes('fifo.fifo', '{"DeduplicationScope": "group"}');
SELECT sqs_set_queue_attributes('fifo.fifo', '{"FifoQueue": "false"}');
SELECT sqs_create_queue('fifo.fifo', '{"FifoQueue": "true", "ContentBasedDeduplication": "false"}');
SELECT sqs_create_queue('fifo', '{"FifoQueue": "true"}');

-- what a send must and must not have
SELECT sqs_send('fifo.fifo', 'x');
SELECT sqs_send_batch('fifo.fifo', ARRAY['x', 'y'], message_group_ids => ARRAY['g', NULL]);
SELECT sqs_send('fifo.fifo', 'x', message_group_id => '');
SELECT sqs_send('fifo.fifo', 'x', message_group_id => 'a b');
SELECT sqs_send('fifo.fifo', 'x', delay_seconds => 2, message_group_id => 'g');
SELECT sqs_send('fifo.fifo', 'x', message_group_id => 'g', message_deduplication_id => repeat('d', 129));

DROP FUNCTION fifo_take, fifo_done, fifo_show, fifo_send, fifo_clear;
DROP TABLE fifo_taken;
SELECT sqs_delete_queue('fifo.fifo');

-- through the door for programs
SELECT sqs_action('CreateQueue', '{"QueueName": "fifo-action.fifo", "Attributes": {"FifoQueue": "true"}}') ->> 'QueueUrl' AS url;
SELECT a ? 'SequenceNumber' AS sequenced, a ->> 'MD5OfMessageBody' AS digest FROM sqs_action('SendMessage',
  '{"QueueUrl": "fifo-action.fifo", "MessageBody": "a", "MessageGroupId": "g", "MessageDeduplicationId": "1"}') AS a;
SELECT jsonb_array_length(a -> 'Successful') AS sent,
  (SELECT count(DISTINCT e ->> 'MessageId') FROM jsonb_array_elements(a -> 'Successful') AS e) AS messages
FROM sqs_action('SendMessageBatch', '{"QueueUrl": "fifo-action.fifo", "Entries": [
  {"Id": "x", "MessageBody": "a", "MessageGroupId": "g", "MessageDeduplicationId": "1"},
  {"Id": "y", "MessageBody": "b", "MessageGroupId": "h", "MessageDeduplicationId": "2"},
  {"Id": "z", "MessageBody": "c", "MessageGroupId": "h", "MessageDeduplicationId": "2"}]}') AS a;
SELECT sqs_action('SendMessageBatch', '{"QueueUrl": "fifo-action.fifo", "Entries": [{"Id": "x", "MessageBody": "a", "MessageDeduplicationId": "1"}]}');
SELECT sqs_action('SendMessageBatch', '{"QueueUrl": "fifo-action.fifo", "Entries": [{"Id": "x", "MessageBody": "a", "MessageGroupId": "g"}]}');
SELECT m ->> 'Body' AS body, m -> 'Attributes' ->> 'MessageGroupId' AS grp, m -> 'Attributes' ->> 'MessageDeduplicationId' AS id,
  length(m -> 'Attributes' ->> 'SequenceNumber') AS length
FROM jsonb_array_elements(sqs_action('ReceiveMessage', '{"QueueUrl": "fifo-action.fifo", "MaxNumberOfMessages": 10,
  "AttributeNames": ["All"], "ReceiveRequestAttemptId": "a1"}') -> 'Messages') AS m;
SELECT jsonb_array_length(sqs_action('ReceiveMessage', '{"QueueUrl": "fifo-action.fifo", "MaxNumberOfMessages": 10,
  "ReceiveRequestAttemptId": "a1"}') -> 'Messages') AS again;
SELECT sqs_delete_queue('fifo-action.fifo');
