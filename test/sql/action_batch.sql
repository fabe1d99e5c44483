--
-- Promises: in a batch of sqs_action() each entry succeeds or fails by itself,
-- and the answer says which and why, in SQS's words; what is wrong with the
-- batch as a whole is an error; entries are sent in order, each with what it has.
--
\pset format unaligned
\set SHOW_CONTEXT never
\pset null (null)
SELECT sqs_action('CreateQueue', '{"QueueName": "action-b", "Attributes": {"MaximumMessageSize": "1024"}}');
CREATE FUNCTION batch(action text, entries jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT sqs_action(action, jsonb_build_object('QueueUrl', 'action-b', 'Entries', entries))
$$;
-- without the ids of messages
CREATE FUNCTION send(entries jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT CASE WHEN a ? 'Successful' THEN jsonb_build_object('Successful', (SELECT jsonb_agg(s - 'MessageId') FROM jsonb_array_elements(a -> 'Successful') AS s))
              ELSE '{}' END || a - 'Successful'
  FROM batch('SendMessageBatch', entries) AS a
$$;

-- SendMessageBatch: all of them
SELECT send('[{"Id": "a", "MessageBody": "1"}]');
SELECT key FROM jsonb_object_keys(batch('SendMessageBatch', '[{"Id": "a", "MessageBody": "2"}]') #> '{Successful,0}') AS key ORDER BY 1;
SELECT jsonb_pretty(send('[{"Id": "b-1", "MessageBody": "3", "MessageGroupId": "g"},
  {"Id": "A_2", "MessageBody": "4", "DelaySeconds": 0, "MessageAttributes": {"k": {"DataType": "String", "StringValue": "x"}}},
  {"Id": "c", "MessageBody": "5", "DelaySeconds": 600},
  {"Id": "0", "MessageBody": "6", "MessageSystemAttributes": {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1"}}}]'));
SELECT body, message_attributes, message_group_id, trace_header FROM sqs_pop('action-b', 10);
SELECT delayed FROM sqs_queues WHERE name = 'action-b';
-- the ids are those of the messages, in order
SELECT batch('SendMessageBatch', '[{"Id": "x", "MessageBody": "7"}, {"Id": "y", "MessageBody": ""}, {"Id": "z", "MessageBody": "8"}]') AS answer \gset
SELECT s ->> 'Id' AS id, p.body
FROM jsonb_array_elements(:'answer'::jsonb -> 'Successful') WITH ORDINALITY AS e (s, n), sqs_peek('action-b') AS p
WHERE p.message_id::text = s ->> 'MessageId'
ORDER BY n;
SELECT count(*) FROM sqs_pop('action-b', 10);

-- some fail
SELECT jsonb_pretty(send(jsonb_build_array(
  '{"Id": "good", "MessageBody": "9"}'::jsonb,
  jsonb_build_object('Id', 'large', 'MessageBody', repeat('x', 1025)),
  jsonb_build_object('Id', 'limit', 'MessageBody', repeat('x', 1024)),
  jsonb_build_object('Id', 'with-attribute', 'MessageBody', repeat('x', 1016), 'MessageAttributes',
                     '{"a": {"DataType": "Binary", "BinaryValue": "AAECAw=="}}'::jsonb),
  '{"Id": "characters", "MessageBody": "\u0001"}'::jsonb,
  '{"Id": "delay", "MessageBody": "a", "DelaySeconds": 901}'::jsonb,
  '{"Id": "empty", "MessageBody": ""}'::jsonb,
  '{"Id": "missing"}'::jsonb,
  '{"Id": "lists", "MessageBody": "a", "MessageAttributes": {"a": {"DataType": "String", "StringListValues": []}}}'::jsonb,
  '{"Id": "deduplication", "MessageBody": "a", "MessageDeduplicationId": "d"}'::jsonb)));
SELECT left(body, 10), length(body) FROM sqs_pop('action-b', 10);
-- all fail
SELECT send('[{"Id": "a", "MessageBody": ""}, {"Id": "b", "MessageBody": "", "DelaySeconds": -1}]');
SELECT count(*) FROM sqs_pop('action-b', 10);

-- DeleteMessageBatch
SELECT send('[{"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "2"}, {"Id": "c", "MessageBody": "3"}]') ? 'Failed' AS failed;
SELECT jsonb_agg(m ->> 'ReceiptHandle' ORDER BY m ->> 'Body') AS handles
FROM jsonb_array_elements(sqs_action('ReceiveMessage', '{"QueueUrl": "action-b", "MaxNumberOfMessages": 10}') -> 'Messages') AS m \gset
SELECT jsonb_pretty(batch('DeleteMessageBatch', jsonb_build_array(
  jsonb_build_object('Id', 'last', 'ReceiptHandle', :'handles'::jsonb -> 2),
  '{"Id": "garbage", "ReceiptHandle": "gar\nbage"}'::jsonb,
  jsonb_build_object('Id', 'first', 'ReceiptHandle', :'handles'::jsonb -> 0),
  jsonb_build_object('Id', 'again', 'ReceiptHandle', :'handles'::jsonb -> 0),
  '{"Id": "empty", "ReceiptHandle": ""}'::jsonb, '{"Id": "none"}'::jsonb)));
SELECT in_flight FROM sqs_queues WHERE name = 'action-b';
SELECT batch('DeleteMessageBatch', jsonb_build_array(jsonb_build_object('Id', 'gone', 'ReceiptHandle', :'handles'::jsonb -> 0)));

-- ChangeMessageVisibilityBatch
SELECT jsonb_pretty(replace(batch('ChangeMessageVisibilityBatch', jsonb_build_array(
  jsonb_build_object('Id', 'longer', 'ReceiptHandle', :'handles'::jsonb -> 1, 'VisibilityTimeout', 1000),
  jsonb_build_object('Id', 'gone', 'ReceiptHandle', :'handles'::jsonb -> 0, 'VisibilityTimeout', 0),
  jsonb_build_object('Id', 'range', 'ReceiptHandle', :'handles'::jsonb -> 1, 'VisibilityTimeout', 43201),
  jsonb_build_object('Id', 'none', 'ReceiptHandle', :'handles'::jsonb -> 1),
  '{"Id": "garbage", "ReceiptHandle": "garbage", "VisibilityTimeout": 0}'::jsonb))::text, :'handles'::jsonb ->> 0, 'HANDLE')::jsonb);
SELECT visible, in_flight FROM sqs_queues WHERE name = 'action-b';
SELECT batch('ChangeMessageVisibilityBatch', jsonb_build_array(
  jsonb_build_object('Id', 'a', 'ReceiptHandle', :'handles'::jsonb -> 1, 'VisibilityTimeout', 100),
  jsonb_build_object('Id', 'b', 'ReceiptHandle', :'handles'::jsonb -> 1, 'VisibilityTimeout', 0)));
SELECT visible + in_flight AS one FROM sqs_queues WHERE name = 'action-b';
-- the limit of twelve hours, and handles that are outdated on a queue that minds
SELECT sqs_set_queue_attributes('action-b', '{"StrictReceiptHandles": true}');
SELECT sqs_change_visibility('action-b', :'handles'::jsonb ->> 1, 0) IS NOT NULL AS shown;
SELECT receipt_handle AS newer FROM sqs_receive('action-b') \gset
SELECT replace(batch('DeleteMessageBatch', jsonb_build_array(
  jsonb_build_object('Id', 'old', 'ReceiptHandle', :'handles'::jsonb -> 1),
  jsonb_build_object('Id', 'new', 'ReceiptHandle', :'newer'::text)))::text, :'handles'::jsonb ->> 1, 'HANDLE');
SELECT count(*) FROM sqs_send_batch('action-b', ARRAY['1', '2']);
SELECT receipt_handle AS old FROM sqs_receive('action-b', 1, 0) \gset
SELECT max(receipt_handle) AS newer FROM sqs_receive('action-b', 2) \gset
SELECT replace(batch('ChangeMessageVisibilityBatch', jsonb_build_array(
  jsonb_build_object('Id', 'old', 'ReceiptHandle', :'old'::text, 'VisibilityTimeout', 0)))::text, :'old', 'HANDLE');

-- what is wrong with all of it
\set entries '(SELECT jsonb_agg(jsonb_build_object(''Id'', i::text, ''MessageBody'', ''a'')) FROM generate_series(1, 11) AS i)'
SELECT batch('SendMessageBatch', '[]');
SELECT batch('SendMessageBatch', NULL);
SELECT batch('DeleteMessageBatch', '[]');
SELECT batch('ChangeMessageVisibilityBatch', '[]');
SELECT batch('SendMessageBatch', :entries);
SELECT batch('SendMessageBatch', '[{"Id": "", "MessageBody": "a"}]');
SELECT batch('SendMessageBatch', '[{"MessageBody": "a"}]');
SELECT batch('SendMessageBatch', '[{"Id": "a", "MessageBody": "a"}, {"Id": "a b", "MessageBody": "a"}]');
SELECT batch('SendMessageBatch', jsonb_build_array(jsonb_build_object('Id', repeat('i', 81), 'MessageBody', 'a')));
SELECT batch('SendMessageBatch', '[{"Id": "a", "MessageBody": "a"}, {"Id": "b", "MessageBody": "a"}, {"Id": "c", "MessageBody": "a"}, {"Id": "b", "MessageBody": "a"}]');
SELECT batch('DeleteMessageBatch', '[{"Id": "a", "ReceiptHandle": "a"}, {"Id": "a", "ReceiptHandle": "b"}]');
SELECT sqs_action('SendMessageBatch', '{"QueueUrl": "action-none", "Entries": []}');
-- a mebibyte, whatever the queue allows, and with the attributes
SELECT batch('SendMessageBatch', jsonb_build_array(
  jsonb_build_object('Id', 'a', 'MessageBody', repeat('a', 500000)), jsonb_build_object('Id', 'b', 'MessageBody', repeat(E'\u00fc', 274289))));
SELECT jsonb_array_length(batch('SendMessageBatch', jsonb_build_array(
  jsonb_build_object('Id', 'a', 'MessageBody', repeat('a', 500000)), jsonb_build_object('Id', 'b', 'MessageBody', repeat(E'\u00fc', 274288)))) -> 'Failed') AS failed;
SELECT batch('SendMessageBatch', jsonb_build_array(
  jsonb_build_object('Id', 'a', 'MessageBody', repeat('a', 1048567), 'MessageAttributes', '{"a": {"DataType": "Binary", "BinaryValue": "AAEC"}}'::jsonb)));
-- as a program sees it
\set VERBOSITY sqlstate
SELECT batch('SendMessageBatch', '[]');
SELECT batch('SendMessageBatch', :entries);
SELECT batch('SendMessageBatch', '[{"Id": "a", "MessageBody": "a"}, {"Id": "a", "MessageBody": "a"}]');
SELECT batch('SendMessageBatch', '[{"Id": " ", "MessageBody": "a"}]');
SELECT batch('SendMessageBatch', jsonb_build_array(jsonb_build_object('Id', 'a', 'MessageBody', repeat('a', 1048577))));
\set VERBOSITY default

-- a failed entry leaves the transaction as it was, also inside a savepoint
BEGIN;
SAVEPOINT s;
SELECT send('[{"Id": "a", "MessageBody": ""}, {"Id": "b", "MessageBody": "kept"}]');
RELEASE s;
SAVEPOINT t;
SELECT send('[{"Id": "a", "MessageBody": ""}, {"Id": "b", "MessageBody": "not kept"}]');
ROLLBACK TO t;
COMMIT;
SELECT body FROM sqs_pop('action-b', 10);
-- an error that is not SQS's passes through
BEGIN READ ONLY;
SELECT send('[{"Id": "a", "MessageBody": "a"}]');
ROLLBACK;

DROP FUNCTION send(jsonb), batch(text, jsonb);
SELECT sqs_action('DeleteQueue', '{"QueueUrl": "action-b"}');
SELECT * FROM sqs_check();
