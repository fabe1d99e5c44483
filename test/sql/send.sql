--
-- Promises: what is sent is received as it was sent, by the time it was sent
-- for, in the order of a batch; a message may have just as many bytes as its
-- queue allows; of a batch, all messages are sent or none.
--
\pset null '(null)'
\pset format unaligned
SELECT sqs_create_queue('send') IS NOT NULL AS created;

-- what is returned is the message's id
SELECT sqs_send('send', 'first') AS id \gset
SELECT message_id = :'id' AS same, body, message_attributes, message_group_id, message_deduplication_id,
       sequence_number, receive_count, sender_id = current_user AS sender, dead_letter_source, trace_header,
       now() - sent_at < interval '10 minutes' AND sent_at < visible_at AS sent,
       first_received_at BETWEEN sent_at AND visible_at AS received
FROM sqs_receive('send');
-- each message has its own, of version 4
SELECT sqs_send('send', 'second') = :'id' AS same;
SELECT message_id::text ~ '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' AS version_4 FROM sqs_pop('send');
-- by name, ARN and URL
SELECT sqs_send(sqs_get_queue_url('send'), 'by URL') IS NOT NULL AS sent;
SELECT sqs_send(sqs_get_queue_attributes('send') ->> 'QueueArn', 'by ARN') IS NOT NULL AS sent;
SELECT body FROM sqs_pop('send', 10);

-- text and JSON documents; an untyped literal is text
SELECT sqs_send('send', '{"a":  1}') IS NOT NULL AS sent;
SELECT sqs_send('send', '{"b":  1, "a": [true, null]}'::jsonb) IS NOT NULL AS sent;
SELECT sqs_send('send', '"text"'::jsonb) IS NOT NULL AS sent;
SELECT sqs_send('send', 'null'::jsonb) IS NOT NULL AS sent;
SELECT sqs_send('send', jsonb_build_object('n', 1.50)) IS NOT NULL AS sent;
SELECT body FROM sqs_pop('send', 10);
-- all that can go with it
SELECT sqs_send('send', 'all', delay_seconds => 0, message_attributes => '{"n": 17, "s": {"DataType": "String", "StringValue": "x"}}',
                message_group_id => 'tenant', message_system_attributes => '{"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1"}}')
       IS NOT NULL AS sent;
SELECT body, message_attributes, message_group_id, trace_header FROM sqs_pop('send');
-- NULL is "not given"
SELECT sqs_send('send', 'nothing', NULL, NULL, NULL, NULL, NULL) IS NOT NULL AS sent;
SELECT body, message_attributes, message_group_id, trace_header FROM sqs_pop('send');

-- batches, in order
SELECT count(*) FROM sqs_send_batch('send', ARRAY['a', 'b', 'c']);
SELECT body FROM sqs_pop('send', 10);
SELECT array_agg(id ORDER BY n) AS ids FROM sqs_send_batch('send', ARRAY['a', 'b', 'c']) WITH ORDINALITY AS b (id, n) \gset
SELECT message_id = (:'ids'::uuid[])[n] AS same, body FROM sqs_pop('send', 10) WITH ORDINALITY AS p
  (message_id, receipt_handle, body, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, n) ORDER BY n;
SELECT count(*) FROM sqs_send_batch('send', ARRAY['{"a":1}', '2']::jsonb[]);
SELECT body FROM sqs_pop('send', 10);
SELECT count(*) FROM sqs_send_batch('send', ARRAY['a', 'b'], 0, ARRAY['{"n": 1}', NULL]::jsonb[], ARRAY[NULL, 'g'], ARRAY[NULL, NULL]);
SELECT body, message_attributes, message_group_id FROM sqs_pop('send', 10);
-- many, across blocks of ids; an array may have any shape
SELECT count(*), count(DISTINCT id) FROM sqs_send_batch('send', ARRAY(SELECT i::text FROM generate_series(1, 10000) AS i)) AS id;
SELECT count(*), count(DISTINCT message_id), bool_and(body = n::text) AS in_order
FROM sqs_pop('send', 10000) WITH ORDINALITY AS p
  (message_id, receipt_handle, body, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, n);
SELECT count(*) FROM sqs_send_batch('send', '{{a,b},{c,d}}'::text[]);
SELECT body FROM sqs_pop('send', 10);
SELECT count(*) FROM sqs_send_batch('send', '[5:6]={a,b}'::text[]);
SELECT body FROM sqs_pop('send', 10);
-- all or none
SELECT sqs_send_batch('send', ARRAY['a', NULL]);
SELECT sqs_send_batch('send', ARRAY['a', '']);
SELECT sqs_send_batch('send', ARRAY['a', E'b\x01']);
SELECT sqs_send_batch('send', ARRAY['a', 'b'], message_attributes => ARRAY['{}', '{"": 1}']::jsonb[]);
SELECT sqs_send_batch('send', ARRAY['a', 'b'], message_group_ids => ARRAY['a', 'b c']);
SELECT sqs_send_batch('send', ARRAY['a', 'b'], message_deduplication_ids => ARRAY[NULL, 'b']);
SELECT sqs_send_batch('send', ARRAY['a', 'b'], message_group_ids => ARRAY['a']);
SELECT sqs_send_batch('send', ARRAY['a', 'b'], message_attributes => ARRAY['{}', '{}', '{}']::jsonb[]);
SELECT sqs_send_batch('send', ARRAY['a', 'b'], message_deduplication_ids => '{}');
SELECT sqs_send_batch('send', ARRAY['a', 'b'], 901);
SELECT sqs_send_batch('send', '{}'::text[]);
SELECT sqs_send_batch('send', NULL::text[]);
SELECT sqs_send_batch('send', '{}'::jsonb[]);
SELECT sqs_send_batch('send', ARRAY(SELECT i::text FROM generate_series(1, 10001) AS i));
SELECT count(*) FROM sqs_receive('send', 10);

-- delays: a message's own, else the queue's
SELECT sqs_send('send', 'delayed', 900) IS NOT NULL AS sent;
SELECT sqs_send('send', 'not delayed', 0) IS NOT NULL AS sent;
SELECT body FROM sqs_receive('send', 10);
SELECT sqs_get_queue_attributes('send', '{ApproximateNumberOfMessages,ApproximateNumberOfMessagesDelayed,ApproximateNumberOfMessagesNotVisible}');
SELECT sqs_set_queue_attributes('send', '{"DelaySeconds": 900}');
SELECT sqs_send('send', 'delayed by the queue') IS NOT NULL AS sent;
SELECT sqs_send('send', 'not delayed in spite of it', 0) IS NOT NULL AS sent;
SELECT count(*) FROM sqs_send_batch('send', ARRAY['delayed by the queue', 'delayed by the queue']);
SELECT count(*) FROM sqs_send_batch('send', ARRAY['not delayed'], 0);
SELECT body FROM sqs_receive('send', 10);
-- the queue's delay is not retroactive
SELECT sqs_set_queue_attributes('send', '{"DelaySeconds": 0}');
SELECT body FROM sqs_receive('send', 10);
SELECT sqs_get_queue_attributes('send', '{ApproximateNumberOfMessages,ApproximateNumberOfMessagesDelayed,ApproximateNumberOfMessagesNotVisible}');
SELECT sqs_send('send', 'a', -1);
SELECT sqs_send('send', 'a', 901);
SELECT sqs_send('send', 'a', 2147483647);
-- a delay is counted to the tick: it is over when it should be, not before
SELECT format('messages_%s_1', queue_id) AS messages FROM queue.queues WHERE queue_name = 'send' \gset
SELECT DISTINCT extract(epoch FROM visible_at - sent_at)::int AS delay, visible_at >= sent_at + 900 * interval '1 second' AS enough
FROM queue.:"messages"
WHERE visible_at > sent_at + interval '1 minute' AND receive_count = 0;

-- sizes, to the byte: body and attributes count, in UTF-8
SELECT sqs_set_queue_attributes('send', '{"MaximumMessageSize": 1024}');
SELECT sqs_send('send', repeat('x', 1024)) IS NOT NULL AS sent;
SELECT sqs_send('send', repeat('x', 1025));
SELECT sqs_send('send', repeat('ü', 512)) IS NOT NULL AS sent;
SELECT sqs_send('send', repeat('ü', 512) || 'x');
SELECT sqs_send('send', to_jsonb(repeat('x', 1022))) IS NOT NULL AS sent;
SELECT sqs_send('send', to_jsonb(repeat('x', 1023)));
SELECT sqs_send('send', repeat('x', 1024 - 10), message_attributes => '{"abc": {"DataType": "String", "StringValue": "x"}}') IS NOT NULL AS sent;
SELECT sqs_send('send', repeat('x', 1024 - 9), message_attributes => '{"abc": {"DataType": "String", "StringValue": "x"}}');
-- a batch has no limit of its own here
SELECT count(*) FROM sqs_send_batch('send', ARRAY[repeat('x', 1024), repeat('y', 1024)]);
SELECT sqs_send_batch('send', ARRAY[repeat('x', 1024), repeat('y', 1025)]);
SELECT octet_length(body) AS bytes, count(*) FROM sqs_pop('send', 10) GROUP BY 1 ORDER BY 1;
SELECT sqs_set_queue_attributes('send', '{"MaximumMessageSize": 1048576}');
SELECT sqs_send('send', repeat('x', 1048576)) IS NOT NULL AS sent;
SELECT sqs_send('send', repeat('x', 1048577));
SELECT sqs_send('send', repeat('x', 100000000));
SELECT body = repeat('x', 1048576) AS same FROM sqs_pop('send');
-- one that does not compress, out of line
SELECT string_agg(md5(i::text), '') AS body FROM generate_series(1, 32768) AS i \gset
SELECT sqs_send('send', :'body') IS NOT NULL AS sent;
SELECT octet_length(body) AS bytes, body = :'body' AS same FROM sqs_receive('send', 1, 0);
SELECT octet_length(body) AS bytes, body = :'body' AS same FROM sqs_pop('send');

-- from a table, where bodies are out of line already
CREATE TABLE send_bodies (body text);
ALTER TABLE send_bodies ALTER body SET STORAGE EXTERNAL;
INSERT INTO send_bodies VALUES (repeat('abc', 10000));
SELECT sqs_send('send', body) IS NOT NULL AS sent FROM send_bodies;
SELECT count(*) FROM send_bodies, sqs_send_batch('send', ARRAY[body]);
DROP TABLE send_bodies;
SELECT body = repeat('abc', 10000) AS same FROM sqs_pop('send', 10);

-- read-only transactions
BEGIN READ ONLY;
SELECT sqs_send('send', 'a');
ROLLBACK;
BEGIN READ ONLY;
SELECT sqs_send_batch('send', ARRAY['a']);
ROLLBACK;
SELECT sqs_send('send-none', 'a');
SELECT sqs_send(NULL, 'a');
SELECT * FROM sqs_check();
SELECT sqs_delete_queue('send');
