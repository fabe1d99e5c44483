--
-- Promises: a receipt handle deletes its message, whether or not its timeout
-- has run out and whether or not it is the newest; true is said once, when the
-- message is removed, and never an error about a message that is gone; what is
-- no handle of the queue is refused.
--
\pset null '(null)'
\pset format unaligned
SELECT sqs_create_queue('delete') IS NOT NULL AS created;
SELECT sqs_create_queue('delete-other') IS NOT NULL AS created;
SELECT count(*) FROM sqs_send_batch('delete', ARRAY['a', 'b', 'c']);
SELECT receipt_handle AS a FROM sqs_receive('delete') \gset
SELECT sqs_delete('delete', :'a');
-- again, any number of times
SELECT sqs_delete('delete', :'a');
SELECT sqs_delete(sqs_get_queue_url('delete'), :'a');
-- when it is visible again, and after another receive of it
SELECT receipt_handle AS b1 FROM sqs_receive('delete', 1, 0) \gset
SELECT body, receive_count FROM sqs_peek('delete');
SELECT sqs_delete('delete', :'b1');
SELECT receipt_handle AS c1 FROM sqs_receive('delete', 1, 0) \gset
SELECT receipt_handle AS c2 FROM sqs_receive('delete', 1) \gset
SELECT sqs_delete('delete', :'c1');
SELECT sqs_delete('delete', :'c2');
SELECT * FROM sqs_receive('delete', 10);

-- batches: how many were removed
SELECT count(*) FROM sqs_send_batch('delete', ARRAY['a', 'b', 'c', 'd']);
SELECT array_agg(receipt_handle) AS handles FROM sqs_receive('delete', 3) \gset
SELECT sqs_delete_batch('delete', (:'handles'::text[])[1:1]);
SELECT sqs_delete_batch('delete', :'handles');
SELECT sqs_delete_batch('delete', :'handles');
-- the same one twice
SELECT array_agg(receipt_handle) AS handles FROM sqs_receive('delete', 1, 0) \gset
SELECT array_agg(receipt_handle) AS more FROM sqs_receive('delete', 1, 0) \gset
SELECT sqs_delete_batch('delete', :'handles'::text[] || :'handles'::text[] || :'more'::text[]);
SELECT * FROM sqs_receive('delete', 10);
-- many, in any order
SELECT count(*) FROM sqs_send_batch('delete', ARRAY(SELECT i::text FROM generate_series(1, 10000) AS i));
SELECT sqs_delete_batch('delete', array_agg(receipt_handle ORDER BY receipt_handle)) FROM sqs_receive('delete', 10000);
SELECT name, visible, in_flight, delayed FROM sqs_queues WHERE name = 'delete';

-- undone with the transaction, or its part
SELECT count(*) FROM sqs_send_batch('delete', ARRAY['a', 'b']);
SELECT array_agg(receipt_handle ORDER BY body) AS handles FROM sqs_receive('delete', 10) \gset
BEGIN;
SELECT sqs_delete('delete', (:'handles'::text[])[1]);
SELECT sqs_delete('delete', (:'handles'::text[])[1]);
ROLLBACK;
BEGIN;
SAVEPOINT s;
SELECT sqs_delete('delete', (:'handles'::text[])[1]);
ROLLBACK TO s;
SELECT sqs_delete('delete', (:'handles'::text[])[2]);
COMMIT;
SELECT name, visible, in_flight, delayed FROM sqs_queues WHERE name = 'delete';
SELECT sqs_delete('delete', (:'handles'::text[])[1]);
SELECT name, visible, in_flight, delayed FROM sqs_queues WHERE name = 'delete';

-- no handles: garbage, damaged ones, those of another queue
SELECT sqs_send('delete', 'a') IS NOT NULL AS sent;
SELECT receipt_handle AS handle FROM sqs_receive('delete', 1, 0) \gset
SELECT sqs_delete('delete', 'garbage');
SELECT sqs_delete('delete', '');
SELECT sqs_delete('delete', NULL);
SELECT sqs_delete('delete-other', :'handle');
SELECT sqs_delete('delete', repeat('x', 1000000));
SELECT sqs_delete('delete-none', 'garbage');
SELECT sqs_delete('delete-none', :'handle');
SELECT sqs_delete(NULL, :'handle');
\set VERBOSITY terse
SELECT sqs_delete('delete', ' ' || :'handle');
SELECT sqs_delete('delete', :'handle' || E'\n');
SELECT sqs_delete('delete', :'handle' || 'AAAA');
SELECT sqs_delete('delete', left(:'handle', -4));
SELECT sqs_delete('delete', repeat('A', length(:'handle')));
SELECT sqs_delete('delete', repeat('!', length(:'handle')));
SELECT sqs_delete('delete', repeat('ü', length(:'handle') / 2));
\set VERBOSITY default
-- whatever character of it is changed
DO $$
DECLARE
  handle text := (SELECT receipt_handle FROM sqs_receive('delete', 1, 0));
  damaged text;
  refused int := 0;
BEGIN
  FOR i IN 1 .. length(handle) LOOP
    damaged := overlay(handle PLACING CASE substr(handle, i, 1) WHEN 'A' THEN 'B' ELSE 'A' END FROM i);
    BEGIN
      PERFORM sqs_delete('delete', damaged);
    EXCEPTION WHEN SQLSTATE 'SQ007' THEN
      refused := refused + 1;
    END;
  END LOOP;
  IF refused <> length(handle) THEN
    RAISE 'refused % of %', refused, length(handle);
  END IF;
END
$$;
-- in a batch one of them fails the call
SELECT sqs_delete_batch('delete', ARRAY[:'handle', 'garbage']);
SELECT sqs_delete_batch('delete', ARRAY[:'handle', NULL]);
SELECT sqs_delete_batch('delete', '{}');
SELECT sqs_delete_batch('delete', NULL);
SELECT sqs_delete_batch('delete', ARRAY(SELECT 'x' FROM generate_series(1, 10001)));
SELECT sqs_delete_batch('delete-none', '{x}');
SELECT sqs_delete_batch('delete', ARRAY[:'handle']);

-- read-only transactions
BEGIN READ ONLY;
SELECT sqs_delete('delete', :'handle');
ROLLBACK;
BEGIN READ ONLY;
SELECT sqs_delete_batch('delete', ARRAY[:'handle']);
ROLLBACK;
-- after a purge there is nothing to delete
SET queue.purge_interval = 0;
SELECT sqs_send('delete', 'a') IS NOT NULL AS sent;
SELECT receipt_handle AS handle FROM sqs_receive('delete') \gset
SELECT sqs_purge_queue('delete');
SELECT sqs_delete('delete', :'handle');
-- a message past its retention can still be deleted
SELECT format('messages_%s_1', queue_id) AS messages FROM queue.queues WHERE queue_name = 'delete' \gset
SELECT sqs_send('delete', 'a') IS NOT NULL AS sent;
SELECT receipt_handle AS handle FROM sqs_receive('delete') \gset
BEGIN;
UPDATE queue.:"messages" SET sent_at = sent_at - interval '30 days';
SELECT sqs_delete('delete', :'handle');
COMMIT;
SELECT * FROM sqs_check();
SELECT sqs_delete_queue('delete'), sqs_delete_queue('delete-other');
