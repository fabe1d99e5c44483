--
-- Promises: what was sent to a FIFO queue in the last minutes is not sent again;
-- the send succeeds and returns the message that was sent first.
--
\pset null '(null)'
\pset format unaligned
SET queue.purge_interval = 0;
SET queue.recreate_delay = 0;
SELECT sqs_create_queue('dedup.fifo', '{"FifoQueue": true}') IS NOT NULL AS created;
CREATE FUNCTION dedup_send(body text, id text, grp text DEFAULT 'g') RETURNS uuid LANGUAGE sql AS $$
  SELECT sqs_send('dedup.fifo', body, message_group_id => grp, message_deduplication_id => id)
$$;
CREATE FUNCTION dedup_bodies() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(body, ' ') FROM sqs_peek('dedup.fifo')
$$;

-- by an explicit id, whatever the body and the group are
SELECT dedup_send('a', '1') AS first \gset
SELECT dedup_send('b', '1') = :'first' AS same;
SELECT dedup_send('c', '1', 'other') = :'first' AS same;
SELECT dedup_send('d', '2') = :'first' AS same;
SELECT dedup_bodies();

-- after it was received, and deleted
SELECT count(sqs_delete('dedup.fifo', receipt_handle)) FROM sqs_receive('dedup.fifo', 10);
SELECT dedup_send('e', '1') = :'first' AS same;
SELECT dedup_bodies();

-- not after a purge
SELECT sqs_purge_queue('dedup.fifo');
SELECT dedup_send('f', '1') = :'first' AS same;
SELECT dedup_bodies();

-- nor when the first was rolled back
BEGIN;
SELECT dedup_send('g', '3') IS NOT NULL AS sent;
ROLLBACK;
SELECT dedup_send('h', '3') IS NOT NULL AS sent;
SELECT dedup_bodies();
BEGIN;
SAVEPOINT s;
SELECT dedup_send('i', '4') IS NOT NULL AS sent;
ROLLBACK TO s;
SELECT dedup_send('j', '4') AS first \gset
SELECT dedup_send('k', '4') = :'first' AS same;
COMMIT;
SELECT dedup_bodies();

-- in one batch
SELECT count(*), count(DISTINCT id) FROM sqs_send_batch('dedup.fifo', ARRAY['l', 'm', 'n', 'o'],
  message_group_ids => ARRAY['g', 'g', 'h', 'g'], message_deduplication_ids => ARRAY['5', '5', '5', '6']) AS id;
SELECT dedup_bodies();

-- the window counts from the first send
SET queue.deduplication_window = 1;
SELECT dedup_send('p', '7') AS first \gset
SELECT pg_sleep(1.1);
SELECT dedup_send('q', '7') = :'first' AS same;
RESET queue.deduplication_window;
SELECT dedup_bodies();
SELECT sqs_purge_queue('dedup.fifo');

-- by content; an explicit id comes first, and may be the digest of a body
SELECT sqs_send('dedup.fifo', 'x', message_group_id => 'g');
SELECT sqs_set_queue_attributes('dedup.fifo', '{"ContentBasedDeduplication": true}');
SELECT sqs_send('dedup.fifo', 'x', message_group_id => 'g') AS first \gset
SELECT sqs_send('dedup.fifo', 'x', message_group_id => 'g', message_attributes => '{"a": "b"}') = :'first' AS same;
SELECT message_deduplication_id = encode(sha256('x'), 'hex') AS digest FROM sqs_peek('dedup.fifo');
SELECT dedup_send('x', '8') = :'first' AS same;
SELECT dedup_send('y', encode(sha256('x'), 'hex')) = :'first' AS same;
SELECT dedup_bodies();
SELECT sqs_purge_queue('dedup.fifo');

-- each group by itself; what was sent before is not affected
SELECT dedup_send('a', '9') AS first \gset
SELECT sqs_set_queue_attributes('dedup.fifo', '{"DeduplicationScope": "messageGroup"}');
SELECT dedup_send('b', '10', 'g') AS first \gset
SELECT dedup_send('c', '10', 'h') = :'first' AS same;
SELECT dedup_send('d', '10', 'g') = :'first' AS same;
SELECT dedup_bodies();

-- another queue, and one of the same name, know nothing of it
SELECT sqs_create_queue('dedup-other.fifo', '{"FifoQueue": true}') IS NOT NULL AS created;
SELECT sqs_send('dedup-other.fifo', 'x', message_group_id => 'g', message_deduplication_id => '10') = :'first' AS same;
SELECT sqs_delete_queue('dedup.fifo');
SELECT sqs_create_queue('dedup.fifo', '{"FifoQueue": true}') IS NOT NULL AS created;
SELECT dedup_send('z', '9') IS NOT NULL AS sent;
SELECT dedup_bodies();

-- a standard queue takes no deduplication id
SELECT sqs_create_queue('dedup-standard') IS NOT NULL AS created;
SELECT sqs_send('dedup-standard', 'x', message_deduplication_id => '1');

-- what was not stored is counted, when it was committed
SELECT number_of_deduplicated_sent_messages IS NULL AS none FROM sqs_metrics WHERE queue_name = 'dedup-standard';
SELECT sqs_purge_queue('dedup.fifo');
SELECT number_of_deduplicated_sent_messages AS before FROM sqs_metrics WHERE queue_name = 'dedup.fifo' \gset
SELECT count(dedup_send('m', 'm')) FROM generate_series(1, 5);
BEGIN;
SELECT dedup_send('m', 'm') IS NOT NULL AS sent;
ROLLBACK;
SELECT number_of_deduplicated_sent_messages - :before AS more FROM sqs_metrics WHERE queue_name = 'dedup.fifo';

SELECT * FROM sqs_check();
DROP FUNCTION dedup_send, dedup_bodies;
SELECT sqs_delete_queue(q) FROM unnest(ARRAY['dedup.fifo', 'dedup-other.fifo', 'dedup-standard']) AS q;
