--
-- Promises: what SQS says of dead-letter queues, statement by statement: a
-- message that has been received as often as the RedrivePolicy allows is moved
-- by the receive that would return it once more, in its transaction, and stays
-- the message it is; where it cannot be moved, it is returned.  A message that
-- was received three times and not deleted goes to the back of the queue.
--
\pset null '(null)'
\pset format unaligned
CREATE FUNCTION dead_letters_policy(target text, count int, OUT policy jsonb) LANGUAGE sql AS $$
  SELECT jsonb_build_object('RedrivePolicy',
    jsonb_build_object('deadLetterTargetArn', 'arn:aws:sqs:us-east-1:000000000000:' || target, 'maxReceiveCount', count)::text)
$$;
-- receives one message so many times, in a transaction, with a timeout of 0
CREATE FUNCTION dead_letters_receive(queue text, times int, OUT received text) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. times LOOP
    SELECT body || ' ' || receive_count INTO received FROM sqs_receive(queue, 1, 0);
  END LOOP;
END
$$;
-- makes the messages of a queue older
CREATE FUNCTION dead_letters_age(queue text, age interval) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE (SELECT format('UPDATE queue.messages_%s_1 SET sent_at = sent_at - %L::interval', queue_id, age)
           FROM queue.queues WHERE queue_name = queue);
END
$$;
CREATE VIEW dead_letters_counts AS
  SELECT queue_name, approximate_number_of_messages_visible AS visible, approximate_number_of_messages_not_visible AS in_flight,
         number_of_messages_sent AS sent, number_of_messages_received AS received, number_of_messages_deleted AS deleted
  FROM sqs_metrics
  WHERE queue_name LIKE 'dead%'
  ORDER BY queue_name;
SELECT sqs_create_queue('dead-last') IS NOT NULL AS created;
SELECT sqs_create_queue('dead', dead_letters_policy('dead-last', 3)) IS NOT NULL AS created;
SELECT sqs_create_queue('dead-source', dead_letters_policy('dead', 1)) IS NOT NULL AS created;
SELECT format('messages_%s_1', queue_id) AS dead FROM queue.queues WHERE queue_name = 'dead' \gset

-- 1. With a maxReceiveCount of 1 the first receive returns the message, the
-- second returns nothing and moves it.
SELECT sqs_send('dead-source', 'a', NULL, '{"Price": {"DataType": "Number", "StringValue": "17.5"}}', 'a-group', NULL,
                '{"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988"}}') AS id \gset
CREATE TABLE dead_letters_first AS SELECT * FROM sqs_receive('dead-source', 1, 0);
SELECT body, receive_count, dead_letter_source FROM dead_letters_first;
SELECT count(*) FROM sqs_receive('dead-source', 1, 0);
SELECT * FROM dead_letters_counts;
SELECT count(*) FROM sqs_peek('dead-source');

-- 2. The message id, body, attributes, trace header, group, sender and time of
-- the send are kept; the count goes on, and the move itself does not count; the
-- source is named.
SELECT m.body, m.receive_count, m.dead_letter_source, m.message_id = :'id' AS same_id,
       (m.message_attributes, m.message_group_id, m.trace_header, m.sent_at, m.sender_id, m.first_received_at)
       = (f.message_attributes, f.message_group_id, f.trace_header, f.sent_at, f.sender_id, f.first_received_at) AS same
FROM sqs_peek('dead') AS m, dead_letters_first AS f;
SELECT m.body, m.receive_count, m.dead_letter_source, m.message_id = :'id' AS same_id, m.receipt_handle <> f.receipt_handle AS other_handle
FROM sqs_receive('dead', 1, 0) AS m, dead_letters_first AS f;
-- a handle that the source gave is none of the dead-letter queue
SELECT sqs_delete('dead-source', receipt_handle) FROM dead_letters_first;
\set VERBOSITY sqlstate
SELECT sqs_delete('dead', receipt_handle) FROM dead_letters_first;
\set VERBOSITY default
SELECT * FROM sqs_check('dead');

-- 3. Dead-letter queues can have one themselves.  The last source is named.
SELECT body, receive_count FROM sqs_receive('dead', 1, 0);
SELECT body, receive_count FROM sqs_receive('dead', 1, 0);
SELECT body, receive_count, dead_letter_source, message_id = :'id' AS same_id FROM sqs_receive('dead-last', 1, 0);

-- 4. Automatic moves are no sends, and no deletes.
SELECT * FROM dead_letters_counts;
SELECT sqs_delete('dead-last', receipt_handle) FROM sqs_receive('dead-last', 1, 0);

-- 5. The receive that moves a message goes on to others.
SELECT count(*) FROM sqs_send_batch('dead-source', ARRAY['b', 'c', 'd', 'e', 'f']);
SELECT body, receive_count FROM sqs_receive('dead-source', 3, 0);
SELECT body, receive_count FROM sqs_receive('dead-source', 1, 0);
SELECT body, receive_count FROM sqs_receive('dead-source', 10, 0);
SELECT body, receive_count FROM sqs_receive('dead-source', 10, 0);
SELECT body, receive_count FROM sqs_receive('dead', 10, 0) ORDER BY body;
SELECT * FROM sqs_check();

-- a pop decides like a receive
SELECT count(*) FROM sqs_send_batch('dead-source', ARRAY['g', 'h']);
SELECT body FROM sqs_receive('dead-source', 1, 0);
SELECT body FROM sqs_pop('dead-source', 10);
SELECT body, receive_count FROM sqs_pop('dead', 10) ORDER BY body;

-- a receive that moved something does not wait: what it moved would have to wait
-- for its commit
SELECT sqs_send('dead-source', 'i') IS NOT NULL AS sent;
SELECT body FROM sqs_receive('dead-source', 1, 0);
SELECT clock_timestamp() AS before \gset
SELECT count(*) FROM sqs_receive('dead-source', 1, 0, 20);
SELECT clock_timestamp() - :'before' < interval '10 seconds' AS at_once;
SELECT body FROM sqs_pop('dead', 10);

-- 6. A rollback, of the whole or of a part, leaves the message where it was, with
-- the count it had.
SELECT sqs_send('dead-source', 'j') IS NOT NULL AS sent;
SELECT body FROM sqs_receive('dead-source', 1, 0);
BEGIN;
SELECT count(*) FROM sqs_receive('dead-source', 1, 0);
SELECT count(*) FROM sqs_receive('dead', 10);
ROLLBACK;
SELECT body, receive_count FROM sqs_peek('dead-source');
BEGIN;
SAVEPOINT s;
SELECT count(*) FROM sqs_receive('dead-source', 1, 0);
ROLLBACK TO s;
SELECT body, receive_count FROM sqs_peek('dead-source');
SELECT count(*) FROM sqs_receive('dead-source', 1, 0);
COMMIT;
SELECT count(*) FROM sqs_peek('dead-source');
SELECT body, receive_count FROM sqs_pop('dead', 10);
SELECT * FROM sqs_check();
-- and a prepared transaction is no exception
SELECT sqs_send('dead-source', 'k') IS NOT NULL AS sent;
SELECT body FROM sqs_receive('dead-source', 1, 0);
BEGIN;
SELECT count(*) FROM sqs_receive('dead-source', 1, 0);
PREPARE TRANSACTION 'dead_letters';
SELECT count(*) FROM sqs_receive('dead-source', 1, 0);
SELECT count(*) FROM sqs_receive('dead', 1, 0);
ROLLBACK PREPARED 'dead_letters';
SELECT count(*) FROM sqs_receive('dead-source', 1, 0, 5);
SELECT body, receive_count FROM sqs_pop('dead', 10);
SELECT * FROM sqs_check();

-- 7. Retention in the dead-letter queue counts from the original send.
SELECT sqs_send('dead-source', 'old') IS NOT NULL AS sent;
SELECT body FROM sqs_receive('dead-source', 1, 0);
SELECT dead_letters_age('dead-source', '3 days');
SELECT count(*) FROM sqs_receive('dead-source', 1, 0);
SELECT count(*) FROM sqs_send_batch('dead', array_fill('new'::text, ARRAY[100]));
SELECT body, now() - sent_at > interval '3 days' AS old FROM sqs_peek('dead', 1);
-- its age there counts from the move
SELECT approximate_age_of_oldest_message < 1000 AS from_the_move FROM sqs_metrics WHERE queue_name = 'dead';
SELECT sqs_set_queue_attributes('dead', '{"MessageRetentionPeriod": 259300}');
SELECT body FROM sqs_peek('dead', 1);
SELECT sqs_set_queue_attributes('dead', '{"MessageRetentionPeriod": 259200}');
SELECT body FROM sqs_peek('dead', 1);
SELECT sqs_set_queue_attributes('dead', '{"MessageRetentionPeriod": 345600}');
-- it is removed, wherever among others it stands
SELECT count(*) FROM sqs_receive('dead', 100, 600);
SELECT sqs_send('dead-source', 'older') IS NOT NULL AS sent;
SELECT body FROM sqs_receive('dead-source', 1, 0);
SELECT dead_letters_age('dead-source', interval '4 days' - interval '1 minute');
SELECT count(*) FROM sqs_receive('dead-source', 1, 0);
SELECT count(*) FROM queue.:"dead" WHERE body = 'older';
BEGIN;
SELECT sqs_set_queue_attributes('dead', '{"MessageRetentionPeriod": 345500}');
SELECT queue.sweep();
SELECT count(*) FROM queue.:"dead" WHERE body = 'older';
COMMIT;
SELECT visible, in_flight FROM dead_letters_counts WHERE queue_name = 'dead';
SELECT * FROM sqs_check('dead');
SET queue.purge_interval = 0;
SELECT sqs_purge_queue('dead');

-- 8. A dead-letter queue says which queues may name it.
SELECT sqs_create_queue('dead-other') IS NOT NULL AS created;
SELECT sqs_set_queue_attributes('dead-last', '{"RedriveAllowPolicy": "{\"redrivePermission\": \"denyAll\"}"}');
SELECT sqs_set_queue_attributes('dead-other', dead_letters_policy('dead-last', 2));
SELECT sqs_set_queue_attributes('dead-last', '{"RedriveAllowPolicy": "{\"redrivePermission\": \"byQueue\", \"sourceQueueArns\": [\"arn:aws:sqs:us-east-1:000000000000:dead\"]}"}');
SELECT sqs_set_queue_attributes('dead-other', dead_letters_policy('dead-last', 2));
SELECT sqs_set_queue_attributes('dead', dead_letters_policy('dead-last', 2));
SELECT sqs_set_queue_attributes('dead-last', '{"RedriveAllowPolicy": "{\"redrivePermission\": \"allowAll\"}"}');
SELECT sqs_set_queue_attributes('dead-other', dead_letters_policy('dead-last', 2));
SELECT sqs_set_queue_attributes('dead-last', '{"RedriveAllowPolicy": ""}');
SELECT sqs_set_queue_attributes('dead-other', dead_letters_policy('dead-last', 2));
-- no queue is its own
SELECT sqs_set_queue_attributes('dead-other', dead_letters_policy('dead-other', 2));
-- nor that of another account or region: see attributes

-- 9. Where the dead-letter queue cannot be had, the message stays and is
-- returned: in the middle of a restore, or deleted.
SELECT sqs_set_queue_attributes('dead', '{"RedrivePolicy": ""}');
SELECT sqs_send('dead-source', 'l') IS NOT NULL AS sent;
SELECT body, receive_count FROM sqs_receive('dead-source', 1, 0);
SELECT conname AS pkey FROM pg_constraint WHERE conrelid = format('queue.%I', :'dead')::regclass AND contype = 'p' \gset
ALTER TABLE queue.:"dead" DROP CONSTRAINT :"pkey";
SELECT body, receive_count FROM sqs_receive('dead-source', 1, 0);
ALTER TABLE queue.:"dead" ADD CONSTRAINT :"pkey" PRIMARY KEY (id);
SELECT count(*) FROM sqs_receive('dead-source', 1, 0);
SELECT body, receive_count FROM sqs_pop('dead');
SELECT sqs_send('dead-source', 'm') IS NOT NULL AS sent;
SELECT body, receive_count FROM sqs_receive('dead-source', 1, 0);
SELECT sqs_delete_queue('dead');
SELECT body, receive_count FROM sqs_receive('dead-source', 1, 0);
SELECT body, receive_count FROM sqs_receive('dead-source', 1, 0);
SELECT sqs_get_queue_attributes('dead-source', '{RedrivePolicy}') <> '{}' AS policy_stays;
-- and is moved when there is one again
SET queue.recreate_delay = 0;
SELECT sqs_create_queue('dead') IS NOT NULL AS created;
SELECT count(*) FROM sqs_receive('dead-source', 1, 0);
SELECT body, receive_count FROM sqs_pop('dead');

-- the policy counts as it is at the receive; without one a message stays
SELECT sqs_set_queue_attributes('dead-source', dead_letters_policy('dead', 1000));
SELECT sqs_send('dead-source', 'n') IS NOT NULL AS sent;
SELECT dead_letters_receive('dead-source', 4);
SELECT sqs_set_queue_attributes('dead-source', dead_letters_policy('dead', 2));
SELECT count(*) FROM sqs_receive('dead-source', 1, 0);
SELECT body, receive_count FROM sqs_pop('dead');
SELECT sqs_set_queue_attributes('dead-source', '{"RedrivePolicy": ""}');
SELECT sqs_send('dead-source', 'o') IS NOT NULL AS sent;
SELECT dead_letters_receive('dead-source', 20);
SELECT body, receive_count FROM sqs_pop('dead-source');

-- many: one call moves no more than a thousand
SELECT sqs_set_queue_attributes('dead-source', dead_letters_policy('dead', 1));
SELECT count(*) FROM sqs_send_batch('dead-source', ARRAY(SELECT i::text FROM generate_series(1, 2500) AS i));
SELECT count(*) FROM sqs_receive('dead-source', 10000, 0);
SELECT count(*) FROM sqs_receive('dead-source');
SELECT visible FROM dead_letters_counts WHERE queue_name IN ('dead', 'dead-source');
SELECT count(*) FROM sqs_receive('dead-source');
SELECT count(*) FROM sqs_receive('dead-source');
SELECT count(*), count(DISTINCT message_id), count(DISTINCT body), min(dead_letter_source) AS source FROM sqs_receive('dead', 10000);
SELECT visible, in_flight FROM dead_letters_counts WHERE queue_name IN ('dead', 'dead-source');
SELECT * FROM sqs_check();

-- a large body goes with its message
SELECT sqs_purge_queue('dead');
SELECT sqs_send('dead-source', string_agg(md5(i::text), '')) IS NOT NULL AS sent FROM generate_series(1, 5000) AS i;
SELECT md5(body) AS digest FROM sqs_receive('dead-source', 1, 0) \gset
SELECT count(*) FROM sqs_receive('dead-source', 1, 0);
SELECT md5(body) = :'digest' AS same FROM sqs_pop('dead');

-- 10. A message that was received three times and not deleted goes to the back
-- of the queue, with or without a policy ...
SELECT sqs_create_queue('dead-poison') IS NOT NULL AS created;
SELECT sqs_send('dead-poison', 'poison') IS NOT NULL AS sent;
SELECT body, receive_count FROM sqs_receive('dead-poison', 1, 0);
SELECT sqs_send('dead-poison', 'a') IS NOT NULL AS sent;
SELECT body, receive_count FROM sqs_receive('dead-poison', 1, 0);
SELECT body, receive_count FROM sqs_receive('dead-poison', 1, 0);
SELECT body, receive_count FROM sqs_receive('dead-poison', 1);
SELECT count(*) FROM sqs_send_batch('dead-poison', ARRAY['b', 'c']);
SELECT body, receive_count FROM sqs_receive('dead-poison', 1);
-- ... where it has its turn: it is not put behind what came later
SELECT sqs_create_queue('dead-turn') IS NOT NULL AS created;
SELECT sqs_send('dead-turn', 'poison') IS NOT NULL AS sent;
SELECT dead_letters_receive('dead-turn', 3);
SELECT count(*) FROM sqs_send_batch('dead-turn', ARRAY['d', 'e']);
SELECT body, receive_count FROM sqs_pop('dead-turn');
SELECT count(*) FROM sqs_send_batch('dead-turn', ARRAY['f', 'g']);
SELECT body, receive_count FROM sqs_pop('dead-turn');
SELECT body, receive_count FROM sqs_pop('dead-turn');
SELECT body, receive_count FROM sqs_pop('dead-turn', 10);
SELECT * FROM sqs_check('dead-turn');
-- behind others that are due, too
SELECT sqs_send('dead-turn', 'poison') IS NOT NULL AS sent;
SELECT dead_letters_receive('dead-turn', 3);
SELECT sqs_send('dead-turn', 'h') IS NOT NULL AS sent;
SELECT body, receive_count FROM sqs_receive('dead-turn', 1, 0);
SELECT body, receive_count FROM sqs_pop('dead-turn');
SELECT body, receive_count FROM sqs_pop('dead-turn', 10);
-- a receive that is rolled back does not lose it
SELECT sqs_send('dead-turn', 'poison') IS NOT NULL AS sent;
SELECT dead_letters_receive('dead-turn', 3);
SELECT count(*) FROM sqs_send_batch('dead-turn', ARRAY['i', 'j']);
BEGIN;
SELECT body, receive_count FROM sqs_receive('dead-turn', 1);
SELECT * FROM sqs_check('dead-turn');
ROLLBACK;
SELECT * FROM sqs_check('dead-turn');
SELECT body, receive_count FROM sqs_receive('dead-turn', 10) ORDER BY body;
SELECT * FROM sqs_check('dead-turn');
-- many of them, and none is lost
SELECT sqs_create_queue('dead-many') IS NOT NULL AS created;
SELECT count(*) FROM sqs_send_batch('dead-many', ARRAY(SELECT i::text FROM generate_series(1, 2000) AS i));
DO $$ BEGIN FOR i IN 1 .. 3 LOOP PERFORM sqs_receive('dead-many', 10000, 0); END LOOP; END $$;
SELECT count(*) FROM sqs_send_batch('dead-many', array_fill('fresh'::text, ARRAY[100]));
SELECT count(*) FILTER (WHERE body = 'fresh') > 0 AS fresh, count(*) FROM sqs_receive('dead-many', 100);
SELECT * FROM sqs_check('dead-many');
SELECT count(*), min(receive_count), max(receive_count) FROM sqs_receive('dead-many', 10000);
SELECT * FROM sqs_check('dead-many');

-- ... and drops out of the age of the oldest; not so in a dead-letter queue
SELECT sqs_purge_queue('dead-poison');
SELECT sqs_send('dead-poison', 'poison') IS NOT NULL AS sent;
SELECT dead_letters_receive('dead-poison', 2);
SELECT approximate_age_of_oldest_message IS NOT NULL AS counts FROM sqs_metrics WHERE queue_name = 'dead-poison';
SELECT dead_letters_receive('dead-poison', 1);
SELECT approximate_age_of_oldest_message IS NOT NULL AS counts FROM sqs_metrics WHERE queue_name = 'dead-poison';
SELECT sqs_send('dead-poison', 'j') IS NOT NULL AS sent;
SELECT approximate_age_of_oldest_message IS NOT NULL AS counts FROM sqs_metrics WHERE queue_name = 'dead-poison';
SELECT sqs_set_queue_attributes('dead-poison', dead_letters_policy('dead', 3));
SELECT body FROM sqs_receive('dead-poison', 10);
SELECT body, receive_count FROM sqs_receive('dead', 1, 0);
SELECT approximate_age_of_oldest_message IS NOT NULL AS counts FROM sqs_metrics WHERE queue_name = 'dead';

SELECT * FROM sqs_check();
DROP VIEW dead_letters_counts;
DROP TABLE dead_letters_first;
DROP FUNCTION dead_letters_policy(text, int);
DROP FUNCTION dead_letters_receive(text, int);
DROP FUNCTION dead_letters_age(text, interval);
SELECT sqs_delete_queue(name) FROM sqs_queues WHERE name LIKE 'dead%' ORDER BY name;
