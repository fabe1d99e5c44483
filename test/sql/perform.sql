--
-- Promises: queue.perform does what sqs_action does, for each of many requests,
-- of which each succeeds or fails by itself and has a row, in order; what one
-- that fails did is undone, what others did is not.  It acts as the role of an
-- access key.  A receive never waits: it tells for how long it may.  An error
-- that is not one of SQS ends the call, and nothing was done.
--
\pset format unaligned
\pset null NULL
\set SHOW_CONTEXT never
SELECT sqs_create_queue('perform');
SELECT sqs_create_queue('perform-other');
SELECT sqs_create_queue('perform-strict', '{"StrictReceiptHandles": true}');
SELECT sqs_create_queue('perform.fifo', '{"FifoQueue": true, "ContentBasedDeduplication": true}');
SELECT sqs_create_queue('perform-waits', '{"ReceiveMessageWaitTimeSeconds": 7}');
-- rows by number, with what is not stable left out
CREATE FUNCTION perform_as(key text, action text, requests text[], last boolean DEFAULT true)
RETURNS TABLE (n bigint, error text, answer text, wait_seconds int) LANGUAGE sql AS $$
  SELECT n, error,
         CASE WHEN wait_seconds IS NOT NULL THEN answer WHEN error IS NULL THEN regexp_replace(answer::jsonb::text, '("(MessageId|ReceiptHandle)": ")[^"]*', '\1...', 'g')
              ELSE regexp_replace(answer, 'A[Q-Z][A-Za-z0-9_/+=-]{30,}', '...') END, wait_seconds
  FROM queue.perform(key, action, requests, last) WITH ORDINALITY AS p (error, answer, wait_seconds, n)
  ORDER BY n
$$;
CREATE FUNCTION perform(action text, VARIADIC requests text[])
RETURNS TABLE (n bigint, error text, answer text, wait_seconds int) LANGUAGE sql AS $$
  SELECT * FROM perform_as(NULL, action, requests)
$$;

-- messages: good ones and bad ones, of several queues, by name and by URL
SELECT * FROM perform('SendMessage',
  '{"QueueUrl": "perform", "MessageBody": "1"}',
  '{"QueueUrl": "perform", "MessageBody": "2", "DelaySeconds": 900}',
  '{"QueueUrl": "perform", "MessageBody": ""}',
  '{"QueueUrl": "perform-other", "MessageBody": "3"}',
  '{"QueueUrl": "perform-none", "MessageBody": "4"}',
  '{"QueueUrl": "perform", "MessageBody": "5", "MessageAttributes": {"a": {"DataType": "Number", "StringValue": "1"}}}',
  '{"QueueUrl": "http://localhost:9324/000000000000/perform", "MessageBody": "6"}',
  '{"QueueUrl": "perform", "MessageBody": "7", "DelaySeconds": 901}',
  '{"QueueUrl": "perform", "MessageBody": "8", "MessageGroupId": "g", "MessageDeduplicationId": "d"}',
  '{"QueueUrl": "perform", "MessageBody": "9\u0001"}',
  '{"MessageBody": "10"}',
  '{"QueueUrl": "", "MessageBody": "11"}',
  '{"QueueUrl": "perform"}',
  '{"QueueUrl": "perform", "MessageBody": 14}',
  NULL,
  '',
  '{',
  '[]',
  '{"QueueUrl": "perform", "MessageBody": "a\u0000"}',
  '{"QueueUrl": "perform", "MessageBody": "\ud800"}',
  '{"QueueUrl": "perform", "MessageBody": "a", "DelaySeconds": 1e400000}',
  repeat('[', 100000),
  '{"QueueUrl": "perform", "MessageBody": "last"}');
SELECT body, message_attributes FROM sqs_peek('perform', 100) ORDER BY body;
SELECT body FROM sqs_peek('perform-other');
SELECT sqs_get_queue_attributes('perform', '{ApproximateNumberOfMessages, ApproximateNumberOfMessagesDelayed}');
-- each answer is the message's own, in order whatever the delays
CREATE TEMP TABLE sent AS
  SELECT n, answer::jsonb ->> 'MessageId' AS message_id
  FROM queue.perform(NULL, 'SendMessage', ARRAY(
         SELECT format('{"QueueUrl": "perform-other", "MessageBody": "own %s"%s}', n, CASE WHEN n % 3 = 0 THEN ', "DelaySeconds": 0' END)
         FROM generate_series(1, 8) AS n)) WITH ORDINALITY AS p (error, answer, wait_seconds, n);
SELECT s.n, m.body FROM sent AS s JOIN sqs_pop('perform-other', 100) AS m ON m.message_id::text = s.message_id ORDER BY s.n;
-- none, and all bad
SELECT * FROM perform_as(NULL, 'SendMessage', '{}');
SELECT * FROM perform('SendMessage', '{', '{');
-- subtransactions do not add up, or they would slow others down
SELECT format('queue.messages_%s_1', queue_id) AS messages FROM queue.queues WHERE queue_name = 'perform-strict' \gset
BEGIN;
SELECT count(*), count(error) AS errors FROM queue.perform(NULL, 'SendMessage',
  array_fill('{"QueueUrl": "perform-strict", "MessageBody": "x"}'::text, ARRAY[64]) || '{"{"}'::text[]);
SELECT count(*), count(error) AS errors FROM queue.perform(NULL, 'ReceiveMessage', array_fill('{"QueueUrl": "perform-strict"}'::text, ARRAY[64]));
SELECT count(*), count(DISTINCT xmin::text) AS ids FROM :messages;
ROLLBACK;

-- actions that are done one after the other
SELECT * FROM perform('ListQueues', '{"QueueNamePrefix": "perform-"}', '{"MaxResults": 0}', '{"QueueNamePrefix": "perform.f"}');
SELECT * FROM perform('SetQueueAttributes',
  '{"QueueUrl": "perform", "Attributes": {"VisibilityTimeout": "600"}}',
  '{"QueueUrl": "perform", "Attributes": {"VisibilityTimeout": "x"}}',
  '{"QueueUrl": "perform", "Attributes": {"DelaySeconds": "3", "MaximumMessageSize": "1"}}',
  '{"QueueUrl": "perform", "Attributes": {"MessageRetentionPeriod": "3600"}}');
SELECT sqs_get_queue_attributes('perform', '{VisibilityTimeout, DelaySeconds, MessageRetentionPeriod}');
-- what is done before a failure is done once, in order
SELECT * FROM perform('CreateQueue', '{"QueueName": "perform-a"}', '{"QueueName": "perform-b", "tags": {"k": "v"}}', '{"QueueName": "?"}',
  '{"QueueName": "perform-a", "Attributes": {"DelaySeconds": "1"}}', '{"QueueName": "perform-a"}', '{"QueueName": "perform-c", "Attributes": {"X": "1"}}');
SELECT * FROM perform('DeleteQueue', '{"QueueUrl": "perform-a"}', '{"QueueUrl": "perform-a"}', '{"QueueUrl": "perform-b"}', '{"QueueUrl": "perform-c"}');
SELECT * FROM perform('SendMessageBatch',
  '{"QueueUrl": "perform-other", "Entries": [{"Id": "a", "MessageBody": "batch 1"}, {"Id": "b", "MessageBody": ""}]}',
  '{"QueueUrl": "perform-other", "Entries": []}',
  '{"QueueUrl": "perform-other", "Entries": [{"Id": "a", "MessageBody": "batch 2"}]}',
  '{"QueueUrl": "perform-other", "Entries": [{"Id": "?", "MessageBody": "batch 3"}]}',
  '{"QueueUrl": "perform-other", "Entries": [{"Id": "a", "MessageBody": "batch 4"}]}');
SELECT body FROM sqs_pop('perform-other', 100);
SELECT number_of_messages_sent FROM sqs_metrics WHERE queue_name = 'perform-other';
-- no such action
SELECT * FROM perform('Nothing', '{}');
SELECT * FROM perform_as(NULL, NULL, '{"{}"}');
SELECT * FROM perform_as(NULL, 'SendMessage', NULL);

-- receives
SELECT * FROM perform('ReceiveMessage',
  '{"QueueUrl": "perform"}',
  '{"QueueUrl": "perform", "MaxNumberOfMessages": 11}',
  '{"QueueUrl": "perform", "MaxNumberOfMessages": 2, "MessageAttributeNames": ["All"], "VisibilityTimeout": 100}',
  '{"QueueUrl": "perform-none"}',
  '{"QueueUrl": "perform", "WaitTimeSeconds": 21}',
  '{"QueueUrl": "perform", "MaxNumberOfMessages": 10, "AttributeNames": ["ApproximateReceiveCount"]}',
  '{"QueueUrl": "perform", "WaitTimeSeconds": 20}');
-- where there is nothing, who may wait is told so, unless it is the last try
SELECT count(*) FROM sqs_pop('perform-waits', 10, 0);
SELECT number_of_empty_receives FROM sqs_metrics WHERE queue_name = 'perform-waits' \gset before_
SELECT * FROM perform_as(NULL, 'ReceiveMessage', ARRAY[
  '{"QueueUrl": "perform-waits"}',
  '{"QueueUrl": "perform-waits", "WaitTimeSeconds": 20}',
  '{"QueueUrl": "perform-waits", "WaitTimeSeconds": 0}',
  '{"QueueUrl": "perform-waits", "ReceiveRequestAttemptId": "ignored"}'], false);
SELECT number_of_empty_receives - :before_number_of_empty_receives AS counted FROM sqs_metrics WHERE queue_name = 'perform-waits';
SELECT * FROM perform('ReceiveMessage', '{"QueueUrl": "perform-waits"}', '{"QueueUrl": "perform-waits", "WaitTimeSeconds": 0}');
SELECT number_of_empty_receives - :before_number_of_empty_receives AS counted FROM sqs_metrics WHERE queue_name = 'perform-waits';
-- what is there is given to the first
SELECT sqs_send('perform-waits', 'there') IS NOT NULL AS sent;
SELECT * FROM perform_as(NULL, 'ReceiveMessage', ARRAY['{"QueueUrl": "perform-waits"}', '{"QueueUrl": "perform-waits"}'], false);
-- too many in flight: who may wait does, others fail
SET queue.in_flight_limit = 1;
SELECT sqs_send('perform-waits', 'more') IS NOT NULL AS sent;
SELECT * FROM perform_as(NULL, 'ReceiveMessage', ARRAY['{"QueueUrl": "perform-waits"}', '{"QueueUrl": "perform-waits", "WaitTimeSeconds": 0}'], false);
SELECT * FROM perform('ReceiveMessage', '{"QueueUrl": "perform-waits"}', '{"QueueUrl": "perform-waits", "WaitTimeSeconds": 0}');
RESET queue.in_flight_limit;
SELECT * FROM perform('ReceiveMessage', '{"QueueUrl": "perform-waits"}');

-- deletions and changes: handles that are none, of another queue, repeated
SELECT count(*) FROM sqs_receive('perform', 10);
SET queue.purge_interval = 0;
SELECT sqs_purge_queue('perform');
RESET queue.purge_interval;
SELECT count(*) FROM sqs_send_batch('perform', '{d1,d2,d3,d4}'::text[]);
SELECT receipt_handle AS h1 FROM sqs_receive('perform') \gset
SELECT receipt_handle AS h2 FROM sqs_receive('perform') \gset
SELECT receipt_handle AS h3 FROM sqs_receive('perform') \gset
SELECT sqs_send('perform-other', 'x') IS NOT NULL AS sent;
SELECT receipt_handle AS foreign FROM sqs_receive('perform-other') \gset
SELECT sqs_send('perform-strict', 'x') IS NOT NULL AS sent;
SELECT receipt_handle AS stale FROM sqs_receive('perform-strict', 1, 0) \gset
SELECT receipt_handle AS fresh FROM sqs_receive('perform-strict') \gset
SELECT * FROM perform('ChangeMessageVisibility',
  format('{"QueueUrl": "perform", "ReceiptHandle": "%s", "VisibilityTimeout": 1000}', :'h3'),
  format('{"QueueUrl": "perform", "ReceiptHandle": "%s", "VisibilityTimeout": 43201}', :'h1'),
  format('{"QueueUrl": "perform", "ReceiptHandle": "%s"}', :'h1'),
  format('{"QueueUrl": "perform", "ReceiptHandle": "%s", "VisibilityTimeout": 0}', :'h2'),
  '{"QueueUrl": "perform", "ReceiptHandle": "x", "VisibilityTimeout": 0}',
  format('{"QueueUrl": "perform-strict", "ReceiptHandle": "%s", "VisibilityTimeout": 0}', :'stale'),
  format('{"QueueUrl": "perform", "ReceiptHandle": "%s", "VisibilityTimeout": 2000}', :'h3'));
SELECT body, visible_at > now() + interval '1500 s' AS later, visible_at <= now() AS visible FROM sqs_peek('perform') ORDER BY body;
SELECT * FROM perform('DeleteMessage',
  format('{"QueueUrl": "perform", "ReceiptHandle": "%s"}', :'h3'),
  format('{"QueueUrl": "perform", "ReceiptHandle": "%s"}', :'h1'),
  format('{"QueueUrl": "perform", "ReceiptHandle": "%s"}', :'foreign'),
  format('{"QueueUrl": "perform-strict", "ReceiptHandle": "%s"}', :'stale'),
  format('{"QueueUrl": "perform-strict", "ReceiptHandle": "%s"}', :'fresh'),
  format('{"QueueUrl": "perform", "ReceiptHandle": "%s"}', :'h3'),
  '{"QueueUrl": "perform", "ReceiptHandle": ""}',
  '{"QueueUrl": "perform"}',
  format('{"QueueUrl": "perform-other", "ReceiptHandle": "%s"}', :'foreign'));
SELECT body FROM sqs_pop('perform', 10) ORDER BY body;
SELECT sum(visible + in_flight) AS left_over FROM sqs_queues WHERE name IN ('perform', 'perform-other', 'perform-strict');
SELECT * FROM perform('DeleteMessageBatch',
  format('{"QueueUrl": "perform", "Entries": [{"Id": "a", "ReceiptHandle": "%s"}, {"Id": "b", "ReceiptHandle": "x"}]}', :'h2'),
  '{"QueueUrl": "perform", "Entries": [{"Id": "a"}]}');

-- a FIFO queue: order, duplicates among the requests, and what one lacks
SELECT n,
       dense_rank() OVER (ORDER BY answer::jsonb ->> 'SequenceNumber') AS place
FROM queue.perform(NULL, 'SendMessage', ARRAY[
  '{"QueueUrl": "perform.fifo", "MessageGroupId": "a", "MessageBody": "1"}',
  '{"QueueUrl": "perform.fifo", "MessageBody": "no group"}',
  '{"QueueUrl": "perform.fifo", "MessageGroupId": "b", "MessageBody": "2"}',
  '{"QueueUrl": "perform.fifo", "MessageGroupId": "a", "MessageBody": "1"}',
  '{"QueueUrl": "perform.fifo", "MessageGroupId": "a", "MessageBody": "3", "DelaySeconds": 1}',
  '{"QueueUrl": "perform.fifo", "MessageGroupId": " ", "MessageBody": "4"}',
  '{"QueueUrl": "perform.fifo", "MessageGroupId": "a", "MessageBody": "5"}',
  '{"QueueUrl": "perform.fifo", "MessageGroupId": "c", "MessageBody": "1"}'])
  WITH ORDINALITY AS p (error, answer, wait_seconds, n) WHERE error IS NULL ORDER BY n;
SELECT * FROM perform('SendMessage',
  '{"QueueUrl": "perform.fifo", "MessageGroupId": "d", "MessageBody": "6", "MessageDeduplicationId": ""}',
  '{"QueueUrl": "perform.fifo", "MessageBody": "7"}',
  '{"QueueUrl": "perform.fifo", "MessageGroupId": "d", "MessageBody": "8", "DelaySeconds": 1}');
SELECT * FROM perform('ReceiveMessage',
  '{"QueueUrl": "perform.fifo", "MaxNumberOfMessages": 1, "ReceiveRequestAttemptId": "r"}',
  '{"QueueUrl": "perform.fifo", "MaxNumberOfMessages": 10}',
  '{"QueueUrl": "perform.fifo", "ReceiveRequestAttemptId": " "}',
  '{"QueueUrl": "perform.fifo", "MaxNumberOfMessages": 10, "ReceiveRequestAttemptId": "r"}');
SELECT number_of_messages_sent, number_of_deduplicated_sent_messages FROM sqs_metrics WHERE queue_name = 'perform.fifo';

-- who may
CREATE ROLE regress_queue_gateway;
CREATE ROLE regress_queue_caller;
CREATE ROLE regress_queue_other;
GRANT regress_queue_caller TO regress_queue_gateway;
SET ROLE regress_queue_gateway;
SELECT * FROM queue.perform(NULL, 'ListQueues', '{"{}"}');
CALL queue.watch(NULL, NULL, 0);
RESET ROLE;
GRANT USAGE ON SCHEMA queue TO regress_queue_gateway;
GRANT CREATE ON SCHEMA queue TO regress_queue_caller;
GRANT EXECUTE ON FUNCTION queue.perform TO regress_queue_gateway;
INSERT INTO queue.access_keys VALUES
  ('AKIAREGRESSPERFORM01', 'regress_queue_caller', '\x00', true, now(), NULL),
  ('AKIAREGRESSPERFORM02', 'regress_queue_caller', '\x00', false, now(), NULL),
  ('AKIAREGRESSPERFORM03', 'regress_queue_other', '\x00', true, now(), NULL);
GRANT SELECT (role) ON queue.access_keys TO regress_queue_caller, regress_queue_other;
SET ROLE regress_queue_gateway;
SELECT * FROM perform_as('AKIAREGRESSPERFORM01', 'CreateQueue', '{"{\"QueueName\": \"perform-mine\"}"}');
SELECT current_user;
SELECT * FROM perform_as('AKIAREGRESSPERFORM01', 'SendMessage', ARRAY[
  '{"QueueUrl": "perform-mine", "MessageBody": "mine"}', '{"QueueUrl": "perform", "MessageBody": "not mine"}',
  '{', '{"QueueUrl": "perform-mine", "MessageBody": "mine too"}']);
SELECT * FROM perform_as('AKIAREGRESSPERFORM01', 'ReceiveMessage',
  '{"{\"QueueUrl\": \"perform-mine\", \"AttributeNames\": [\"SenderId\"], \"VisibilityTimeout\": 0}"}');
-- as itself, it may not
SELECT * FROM perform('SendMessage', '{"QueueUrl": "perform", "MessageBody": "x"}');
-- keys that are not active, of another role, unknown
SELECT * FROM perform_as('AKIAREGRESSPERFORM02', 'ReceiveMessage', '{"{\"QueueUrl\": \"perform-mine\"}", "{"}');
SELECT * FROM perform_as('AKIAREGRESSPERFORM03', 'ListQueues', '{"{}"}');
SELECT * FROM perform_as('x', 'ListQueues', '{"{}"}');
SELECT current_user;
RESET ROLE;

-- messages that the gateway gives back; no client can ask for that
SELECT sqs_send('perform-strict', 'undelivered') IS NOT NULL AS sent;
SELECT receipt_handle AS handle FROM sqs_receive('perform-strict') \gset
SELECT * FROM perform('ReturnMessages', format('{"QueueUrl": "perform-strict", "Entries": [{"Id": "0", "ReceiptHandle": "%s", "VisibilityTimeout": 0}]}', :'handle'));
SELECT body FROM sqs_pop('perform-strict');
SELECT sqs_action('ReturnMessages', '{}');

-- long answers: what comes after them is left for another call
SELECT sqs_set_queue_attributes('perform-strict', '{"MaximumMessageSize": 1048576}');
SELECT count(sqs_send('perform-strict', repeat(n::text, 1000000))) FROM generate_series(1, 9) AS n;
SELECT n, error, length(answer) > 3000000 AS long, left(answer, 20) AS answer, wait_seconds
FROM perform('ReceiveMessage', '{"QueueUrl": "perform-strict"}', '{"QueueUrl": "perform-strict", "MaxNumberOfMessages": 4}',
  '{"QueueUrl": "perform-strict"}', '{"QueueUrl": "perform-strict", "MaxNumberOfMessages": 0}', '{"QueueUrl": "perform-strict"}');
SELECT count(*), min(left(body, 1)) FROM sqs_pop('perform-strict', 10);
SELECT sqs_purge_queue('perform-strict');

-- policies that ask about the client
SELECT sqs_set_queue_attributes('perform-other', jsonb_build_object('Policy', $${"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*", "Condition":
    {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}, "Bool": {"aws:SecureTransport": "true"}, "StringLike": {"aws:UserAgent": "good*"}}},
  {"Effect": "Allow", "Principal": "*", "Action": "sqs:GetQueueUrl", "Resource": "*", "Condition": {"Null": {"aws:UserAgent": "true"}}}]}$$::text));
CREATE FUNCTION perform_for(action text, request text, VARIADIC clients text[])
RETURNS TABLE (client text, error text) LANGUAGE sql AS $$
  SELECT client, error
  FROM queue.perform('AKIAREGRESSPERFORM01', action, array_fill(request, ARRAY[greatest(cardinality(clients), 1)]), true, clients)
       WITH ORDINALITY AS p (error, answer, wait_seconds, n)
       LEFT JOIN unnest(clients) WITH ORDINALITY AS c (client, n) USING (n)
  ORDER BY n
$$;
SET ROLE regress_queue_gateway;
SELECT * FROM perform_for('SendMessage', '{"QueueUrl": "perform-other", "MessageBody": "x"}', '1 192.0.2.1 good', '0 192.0.2.1 good',
  '1 192.0.3.1 good', '1 192.0.2.255 good at it', '1 192.0.2.1 bad', '1 192.0.2.1 ', '1  good', '1 192.0.2.1 good');
SELECT * FROM perform_for('SendMessageBatch', '{"QueueUrl": "perform-other", "Entries": [{"Id": "1", "MessageBody": "x"}]}',
  '1 192.0.2.1 good', '0 192.0.2.1 good');
SELECT * FROM perform_for('GetQueueUrl', '{"QueueName": "perform-other"}', '1 192.0.2.1 good', '1 192.0.2.1 ', '0  ');
SELECT error FROM queue.perform('AKIAREGRESSPERFORM01', 'SendMessage',
  array_fill('{"QueueUrl": "perform-other", "MessageBody": "x"}'::text, ARRAY[3]), true, ARRAY['1 192.0.2.1 good']);
-- without a client it is the session's
SELECT error FROM queue.perform('AKIAREGRESSPERFORM01', 'SendMessage', ARRAY['{"QueueUrl": "perform-other", "MessageBody": "x"}']);
-- clients that are none
SELECT * FROM perform_for('ListQueues', '{}', '');
SELECT * FROM perform_for('ListQueues', '{}', '2 192.0.2.1 x');
SELECT * FROM perform_for('ListQueues', '{}', '1 192.0.2.1');
SELECT * FROM perform_for('ListQueues', '{}', '1 192.0.2.1 x', NULL);
SELECT * FROM queue.perform('AKIAREGRESSPERFORM01', 'ListQueues', ARRAY['{}', '{}', '{}'], true, ARRAY['1 192.0.2.1 x', '1 192.0.2.1 x']);
RESET ROLE;
DROP FUNCTION perform_for;
SELECT sqs_set_queue_attributes('perform-other', '{"Policy": ""}');

-- errors that are none of SQS's
BEGIN READ ONLY;
SELECT * FROM perform('SendMessage', '{"QueueUrl": "perform", "MessageBody": "x"}');
ROLLBACK;
BEGIN READ ONLY;
SELECT n, error FROM perform('ListQueues', '{"QueueNamePrefix": "perform-m"}', '{');
ROLLBACK;
SELECT format('queue.messages_%s_1', queue_id) AS messages FROM queue.queues WHERE queue_name = 'perform-other' \gset
BEGIN;
SET LOCAL client_min_messages = warning;
DROP TABLE :messages CASCADE;
SAVEPOINT s;
\set VERBOSITY terse
SELECT * FROM perform('SendMessage', '{"QueueUrl": "perform", "MessageBody": "undone"}', '{"QueueUrl": "perform-other", "MessageBody": "broken"}');
\set VERBOSITY default
ROLLBACK TO s;
SELECT body FROM sqs_peek('perform');
ROLLBACK;

SELECT * FROM sqs_check();
DELETE FROM queue.access_keys WHERE access_key_id LIKE 'AKIAREGRESSPERFORM%';
SELECT count(sqs_delete_queue(url)) FROM sqs_list_queues('perform') AS url;
DROP FUNCTION perform, perform_as;
DROP OWNED BY regress_queue_gateway, regress_queue_caller, regress_queue_other;
DROP ROLE regress_queue_gateway, regress_queue_caller, regress_queue_other;
