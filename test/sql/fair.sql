-- Fair queues: while a tenant is noisy, messages of others come first.
\pset format unaligned
\pset footer off

-- What tenants have in the queue, in the order in which it comes
CREATE FUNCTION fair_receive(queue text, count int, timeout int DEFAULT 600)
RETURNS SETOF text
LANGUAGE sql VOLATILE AS $$
SELECT coalesce(message_group_id, '-') || ' ' || body FROM sqs_receive(queue, count, timeout)
$$;
CREATE FUNCTION fair_send(queue text, tenant text, first int, last int)
RETURNS bigint
LANGUAGE sql VOLATILE AS $$
SELECT count(*) FROM sqs_send_batch(queue, ARRAY(SELECT i::text FROM generate_series(first, last) AS i),
  message_group_ids => array_fill(tenant, ARRAY[last - first + 1]))
$$;
CREATE FUNCTION fair_noisy(queue text)
RETURNS bigint
LANGUAGE sql VOLATILE AS $$
SELECT approximate_number_of_noisy_groups FROM sqs_metrics WHERE queue_name = queue
$$;

SELECT sqs_create_queue('fair') IS NOT NULL AS created;

-- As long as nobody is noisy, messages come in their order.
SELECT fair_send('fair', 'loud', 1, 100);
SELECT fair_send('fair', 'quiet', 1, 1);
SELECT fair_noisy('fair');
SELECT count(*), min(r), max(r) FROM fair_receive('fair', 10) AS r;
SELECT fair_noisy('fair');

-- With 30 in flight it is noisy: what comes last is received first.
SELECT count(*) FROM fair_receive('fair', 20);
SELECT fair_noisy('fair');
SELECT * FROM fair_receive('fair', 3);

-- A message without a group id is nobody's.
SELECT count(*) FROM sqs_send('fair', 'without');
SELECT fair_send('fair', 'quiet', 2, 3);
SELECT * FROM fair_receive('fair', 4);

-- One by one, too
SELECT fair_send('fair', 'other', 1, 2);
SELECT * FROM fair_receive('fair', 1);
SELECT * FROM fair_receive('fair', 1);
SELECT * FROM fair_receive('fair', 1);
SELECT * FROM sqs_check('fair');

-- A receive that is rolled back gives back what was put aside.
BEGIN;
SELECT * FROM fair_receive('fair', 2);
ROLLBACK;
SELECT * FROM fair_receive('fair', 1);
SELECT * FROM sqs_check('fair');

-- Pops go by the same order.
SELECT fair_send('fair', 'other', 3, 3);
SELECT body FROM sqs_pop('fair', 2);

-- What becomes visible again is of the same tenant.
SELECT fair_send('fair', 'other', 4, 4);
SELECT count(*) FROM (SELECT sqs_change_visibility('fair', receipt_handle, 0) FROM sqs_receive('fair', 3)) AS r;
SELECT * FROM fair_receive('fair', 2);
SELECT * FROM sqs_check('fair');

-- It ends when none of its messages is left.
SELECT count(*) > 50 AS rest FROM fair_receive('fair', 100);
SELECT fair_noisy('fair');
SELECT count(*) FROM fair_receive('fair', 10);
SELECT fair_noisy('fair');
SELECT fair_send('fair', 'loud', 101, 102);
SELECT fair_send('fair', 'quiet', 4, 4);
SELECT * FROM fair_receive('fair', 1);
SELECT * FROM fair_receive('fair', 2);
SELECT * FROM sqs_check('fair');

-- Of several, the one with the fewest in flight comes first.
SELECT sqs_create_queue('fair-several') IS NOT NULL AS created;
SELECT fair_send('fair-several', 'a', 1, 50);
SELECT fair_send('fair-several', 'b', 1, 40);
SELECT count(*) FROM fair_receive('fair-several', 45);
SELECT count(*) FROM fair_receive('fair-several', 31);
SELECT count(*) FROM fair_receive('fair-several', 5);
SELECT fair_noisy('fair-several');
SELECT fair_send('fair-several', 'a', 51, 60);
SELECT fair_send('fair-several', 'b', 41, 50);
SELECT fair_send('fair-several', 'c', 1, 1);
SELECT * FROM fair_receive('fair-several', 3);
SELECT * FROM sqs_check('fair-several');

-- Deleted messages are in flight no longer: who has few left is not noisy.
SELECT sqs_create_queue('fair-deleted') IS NOT NULL AS created;
SELECT fair_send('fair-deleted', 'a', 1, 40);
SELECT sqs_delete_batch('fair-deleted', array_agg(receipt_handle)) FROM sqs_receive('fair-deleted', 29);
SELECT count(*) FROM fair_receive('fair-deleted', 5);
SELECT fair_noisy('fair-deleted');
SELECT fair_send('fair-deleted', 'b', 1, 1);
SELECT * FROM fair_receive('fair-deleted', 1);
SELECT * FROM sqs_check('fair-deleted');

-- A purge takes what was put aside with the rest.
SELECT sqs_create_queue('fair-purged') IS NOT NULL AS created;
SELECT fair_send('fair-purged', 'a', 1, 100);
SELECT count(*) FROM fair_receive('fair-purged', 40);
SELECT fair_send('fair-purged', 'b', 1, 1);
SELECT * FROM fair_receive('fair-purged', 1);
SELECT sqs_purge_queue('fair-purged');
SELECT count(*) FROM fair_receive('fair-purged', 10);
SELECT fair_send('fair-purged', 'a', 1, 2);
SELECT * FROM fair_receive('fair-purged', 10);
SELECT * FROM sqs_check('fair-purged');

-- A FIFO queue has groups of another kind.
SELECT sqs_create_queue('fair.fifo', '{"FifoQueue": true, "ContentBasedDeduplication": true}') IS NOT NULL AS created;
SELECT fair_noisy('fair.fifo') IS NULL AS none;

SELECT sqs_delete_queue(q) FROM unnest(ARRAY['fair', 'fair-several', 'fair-deleted', 'fair-purged', 'fair.fifo']) AS q;
DROP FUNCTION fair_receive, fair_send, fair_noisy;
