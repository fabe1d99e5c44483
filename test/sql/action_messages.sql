--
-- Promises: the actions on messages do what their SQL calls do; digests are
-- those that SQS computes; of attributes a receive answers those asked for, and
-- their digest; the limits of the wire hold.
--
\pset format unaligned
\set SHOW_CONTEXT never
SELECT sqs_action('CreateQueue', '{"QueueName": "action-m"}');
SELECT sqs_action('CreateQueue', '{"QueueName": "action-strict", "Attributes": {"StrictReceiptHandles": "true"}}');
-- a request for each step, with what is not stable left out
CREATE FUNCTION send(request jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT sqs_action('SendMessage', request || '{"QueueUrl": "action-m"}') - 'MessageId'
$$;
CREATE FUNCTION receive(request jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_agg(m - '{MessageId,ReceiptHandle}'::text[])
  FROM jsonb_array_elements(sqs_action('ReceiveMessage', request || '{"QueueUrl": "action-m", "VisibilityTimeout": 0}') -> 'Messages') AS m
$$;
CREATE FUNCTION empty() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM sqs_pop('action-m', 100) $$;

-- digests that SQS has given
SELECT send('{"MessageBody": "message"}') ->> 'MD5OfMessageBody' = '78e731027d8fd50ed642340b7c9a63b3' AS body;
SELECT empty();
SELECT digest, send(jsonb_build_object('MessageBody', 'message', 'MessageAttributes', attributes)) ->> 'MD5OfMessageAttributes' = digest AS same
FROM (VALUES
  ('235c5c510d26fb653d073faed50ae77c', '{"timestamp": {"DataType": "Number", "StringValue": "1493147359900"}}'::jsonb),
  ('a45daa70926828a2f0a1db3418e6feb4', '{"k": {"DataType": "String", "StringValue": "x"}}'),
  ('ae7155c6026991b6d54b11589678bf9c', '{"Foo": {"DataType": "String", "StringValue": "Bar"}}'),
  ('8cbe4db156db8a94db8b801b7addb984', jsonb_build_object('attr1', jsonb_build_object('DataType', 'Binary', 'BinaryValue',
     encode(convert_to(E'traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01', 'UTF8'), 'base64')))),
  ('4c360f3fdafd970e05fae2f149d997f5', '{"Help.Me": {"DataType": "String", "StringValue": "Me"},
     "Hello": {"DataType": "String", "StringValue": "There"}, "General": {"DataType": "String", "StringValue": "Kenobi"}}')) AS v (digest, attributes);
SELECT empty();
SELECT send('{"MessageBody": "message", "MessageSystemAttributes": {"AWSTraceHeader": {"DataType": "String",
  "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"}}}');
SELECT empty();
-- a digest is over UTF-8, in the order of bytes, with the label of the type
SELECT (send(jsonb_build_object('MessageBody', E'\u00fc\U0001F600')) ->> 'MD5OfMessageBody') = md5(convert_to(E'\u00fc\U0001F600', 'UTF8')) AS body;
SELECT empty();
CREATE FUNCTION part(bytes bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT int4send(length(bytes)) || bytes $$;
SELECT send('{"MessageBody": "a", "MessageAttributes": {
         "bb": {"DataType": "String.x", "StringValue": "2"}, "a": {"DataType": "Number", "StringValue": "1"},
         "B": {"DataType": "Binary", "BinaryValue": "AAH/"}, "aa": {"DataType": "String", "StringValue": "\u00fc"}}}')
       ->> 'MD5OfMessageAttributes' =
       md5(part('B') || part('Binary') || '\x02' || part('\x0001ff') ||
           part('a') || part('Number') || '\x01' || part('1') ||
           part('aa') || part('String') || '\x01' || part(convert_to(E'\u00fc', 'UTF8')) ||
           part('bb') || part('String.x') || '\x01' || part('2')) AS attributes;
SELECT empty();

-- an answer has an id that is the message's, and no more than there is to say
SELECT key FROM jsonb_object_keys(sqs_action('SendMessage', '{"QueueUrl": "action-m", "MessageBody": "id"}')) AS key ORDER BY 1;
SELECT sqs_action('SendMessage', '{"QueueUrl": "action-m", "MessageBody": "id too"}') ->> 'MessageId' AS id \gset
SELECT message_id = :'id' AS same FROM sqs_peek('action-m') WHERE body = 'id too';
SELECT empty();

-- SendMessage refuses
SELECT send('{"MessageBody": ""}');
SELECT send('{"MessageBody": "a\u0001"}');
SELECT send('{"MessageBody": "a", "DelaySeconds": 901}');
SELECT send('{"MessageBody": "a", "DelaySeconds": -1}');
SELECT send(jsonb_build_object('MessageBody', repeat('a', 262145)));
SELECT send('{"MessageBody": "a", "MessageDeduplicationId": "a"}');
SELECT send('{"MessageBody": "a", "MessageGroupId": "a b"}');
SELECT send('{"MessageBody": "a", "MessageAttributes": {"a": {"DataType": "Foo", "StringValue": "a"}}}');
SELECT send('{"MessageBody": "a", "MessageAttributes": {"a": {"DataType": "String", "StringListValues": ["a"]}}}');
SELECT send('{"MessageBody": "a", "MessageSystemAttributes": {"a": {"DataType": "String", "StringValue": "a"}}}');

-- ReceiveMessage: what is asked for
SELECT receive();
SELECT send('{"MessageBody": "x", "MessageGroupId": "g", "MessageAttributes": {"Help.Me": {"DataType": "String", "StringValue": "Me"},
  "Hello": {"DataType": "String", "StringValue": "There"}, "General": {"DataType": "String", "StringValue": "Kenobi"}},
  "MessageSystemAttributes": {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1"}}}');
SELECT receive();
SELECT sqs_action('ReceiveMessage', '{"QueueUrl": "action-m", "VisibilityTimeout": 0}') #> '{Messages,0}' ?& '{MessageId,ReceiptHandle}' AS both;
SELECT names, m #- '{Attributes,SentTimestamp}' #- '{Attributes,ApproximateFirstReceiveTimestamp}' #- '{Attributes,SenderId}' AS message
FROM (VALUES
  ('{"AttributeNames": ["All"]}'), ('{"MessageSystemAttributeNames": ["All"]}'),
  ('{"AttributeNames": ["MessageGroupId"], "MessageSystemAttributeNames": ["AWSTraceHeader"]}'),
  ('{"AttributeNames": ["VisibilityTimeout", "Foobar", "SequenceNumber", "DeadLetterQueueSourceArn"]}'),
  ('{"AttributeNames": []}')) AS v (names), receive(names::jsonb) AS r, jsonb_array_elements(r) AS m;
SELECT m -> 'Attributes' ->> 'SenderId' = current_user AS sender,
       abs((m -> 'Attributes' ->> 'SentTimestamp')::numeric / 1000 - extract(epoch FROM clock_timestamp())) < 600 AS sent,
       (m -> 'Attributes' ->> 'ApproximateFirstReceiveTimestamp')::numeric >= (m -> 'Attributes' ->> 'SentTimestamp')::numeric AS received,
       m -> 'Attributes' ->> 'SentTimestamp' ~ '^\d{13}$' AS milliseconds
FROM jsonb_array_elements(receive('{"AttributeNames": ["SenderId", "SentTimestamp", "ApproximateFirstReceiveTimestamp"]}')) AS m;
SELECT filters, (SELECT string_agg(key, ' ' ORDER BY key COLLATE "C") FROM jsonb_object_keys(m -> 'MessageAttributes') AS key) AS names,
       m ->> 'MD5OfMessageAttributes' AS digest
FROM (VALUES (1, '["All"]'), (2, '[".*"]'), (3, '["*"]'), (4, '["Hel.*"]'), (5, '["Hello", "General"]'), (6, '["Hello"]'),
             (7, '["Hello", "Help.Me"]'), (8, '["Help.*"]'), (9, '["hello"]'), (10, '["AWS.", "..foo", "Foo"]'), (11, '[]'),
             (12, '["", "Gen*", "General", "General"]')) AS v (n, filters),
     LATERAL receive(jsonb_build_object('MessageAttributeNames', filters::jsonb)) AS r, jsonb_array_elements(r) AS m
ORDER BY n;
SELECT m -> 'MessageAttributes' AS attributes FROM jsonb_array_elements(receive('{"MessageAttributeNames": ["Hello"]}')) AS m;
SELECT empty();

-- how many, how long; an attempt id is ignored on a standard queue
SELECT count(send(jsonb_build_object('MessageBody', 'n' || i))) FROM generate_series(1, 12) AS i;
SELECT jsonb_array_length(receive('{"MaxNumberOfMessages": 10, "ReceiveRequestAttemptId": "a"}')) AS received;
SELECT receive('{"MaxNumberOfMessages": 0}');
SELECT receive('{"MaxNumberOfMessages": 11}');
SELECT receive('{"WaitTimeSeconds": 21}');
SELECT receive('{"WaitTimeSeconds": -1}');
SELECT sqs_action('ReceiveMessage', '{"QueueUrl": "action-m", "VisibilityTimeout": 43201}');
SELECT sqs_action('ReceiveMessage', '{"QueueUrl": "action-m", "VisibilityTimeout": -1}');
SELECT sqs_action('ReceiveMessage', '{"QueueUrl": "action-none"}');
SELECT jsonb_array_length(sqs_action('ReceiveMessage', '{"QueueUrl": "action-m", "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1}') -> 'Messages') AS received;
SET queue.in_flight_limit = 1;
SELECT sqs_action('ReceiveMessage', '{"QueueUrl": "action-m"}');
RESET queue.in_flight_limit;
SELECT empty();
SELECT sqs_action('ReceiveMessage', '{"QueueUrl": "action-m", "WaitTimeSeconds": 1}');

-- DeleteMessage
SELECT sqs_action('SendMessage', '{"QueueUrl": "action-strict", "MessageBody": "a"}') ->> 'MD5OfMessageBody' AS digest;
SELECT sqs_action('ReceiveMessage', '{"QueueUrl": "action-strict", "VisibilityTimeout": 0}') #>> '{Messages,0,ReceiptHandle}' AS old \gset
SELECT sqs_action('ReceiveMessage', '{"QueueUrl": "action-strict"}') #>> '{Messages,0,ReceiptHandle}' AS handle \gset
SELECT sqs_action('DeleteMessage', jsonb_build_object('QueueUrl', 'action-strict', 'ReceiptHandle', :'old'));
SELECT sqs_action('ChangeMessageVisibility', jsonb_build_object('QueueUrl', 'action-strict', 'ReceiptHandle', :'old', 'VisibilityTimeout', 0));
SELECT sqs_action('ChangeMessageVisibility', jsonb_build_object('QueueUrl', 'action-strict', 'ReceiptHandle', :'handle', 'VisibilityTimeout', 0));
SELECT visible, in_flight FROM sqs_queues WHERE name = 'action-strict';
SELECT sqs_action('ChangeMessageVisibility', jsonb_build_object('QueueUrl', 'action-strict', 'ReceiptHandle', :'handle', 'VisibilityTimeout', 100));
SELECT visible, in_flight FROM sqs_queues WHERE name = 'action-strict';
SELECT sqs_action('ChangeMessageVisibility', jsonb_build_object('QueueUrl', 'action-strict', 'ReceiptHandle', :'handle', 'VisibilityTimeout', 43201));
SELECT sqs_action('ChangeMessageVisibility', jsonb_build_object('QueueUrl', 'action-strict', 'ReceiptHandle', :'handle'));
SELECT sqs_action('ChangeMessageVisibility', '{"QueueUrl": "action-strict", "ReceiptHandle": "garbage", "VisibilityTimeout": 0}');
SELECT sqs_action('DeleteMessage', jsonb_build_object('QueueUrl', 'action-strict', 'ReceiptHandle', :'handle'));
SELECT sqs_action('DeleteMessage', jsonb_build_object('QueueUrl', 'action-strict', 'ReceiptHandle', :'handle'));
SELECT sqs_action('ChangeMessageVisibility', jsonb_build_object('QueueUrl', 'action-strict', 'ReceiptHandle', :'handle', 'VisibilityTimeout', 0));
SELECT sqs_action('DeleteMessage', '{"QueueUrl": "action-strict", "ReceiptHandle": "garbage"}');
SELECT sqs_action('DeleteMessage', '{"QueueUrl": "action-strict", "ReceiptHandle": ""}');
SELECT sqs_action('DeleteMessage', '{"QueueUrl": "action-none", "ReceiptHandle": "garbage"}');

-- a large body, which is kept out of line, comes back as it was
SELECT send(jsonb_build_object('MessageBody', (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 8000) AS i))) ->> 'MD5OfMessageBody' AS digest \gset
SELECT m ->> 'MD5OfBody' = :'digest' AS same, md5(m ->> 'Body') = :'digest' AS whole, length(m ->> 'Body') FROM jsonb_array_elements(receive()) AS m;

DROP FUNCTION send(jsonb), receive(jsonb), empty(), part(bytea);
SELECT sqs_action('DeleteQueue', '{"QueueUrl": "action-m"}'), sqs_action('DeleteQueue', '{"QueueUrl": "action-strict"}');
SELECT * FROM sqs_check();
