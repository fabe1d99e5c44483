--
-- Promises: a message that is sent exists when, and only when, the transaction
-- commits; a receive that is rolled back, as a whole, to a savepoint, or by an
-- error that is caught, gives its messages back at once and uncounted; all of
-- it under every isolation level, and by PREPARE TRANSACTION.
--
\pset format unaligned
SELECT sqs_create_queue('transactions') IS NOT NULL AS created;
CREATE VIEW transaction_counts AS
  SELECT a ->> 'ApproximateNumberOfMessages' AS visible, a ->> 'ApproximateNumberOfMessagesNotVisible' AS in_flight,
         a ->> 'ApproximateNumberOfMessagesDelayed' AS delayed
  FROM sqs_get_queue_attributes('transactions') AS a;
CREATE FUNCTION purge() RETURNS void LANGUAGE sql SET queue.purge_interval = 0 AS $$ SELECT sqs_purge_queue('transactions') $$;

-- sends: not there before the commit, not even for the sender
BEGIN;
SELECT sqs_send('transactions', 'a') IS NOT NULL AS sent;
SELECT body FROM sqs_receive('transactions', 10);
SELECT body FROM sqs_peek('transactions', 10);
SELECT body FROM sqs_pop('transactions', 10);
SELECT * FROM transaction_counts;
COMMIT;
SELECT * FROM transaction_counts;
SELECT body, receive_count FROM sqs_receive('transactions', 10, 0);
BEGIN;
SELECT sqs_send('transactions', 'b') IS NOT NULL AS sent;
SELECT count(*) FROM sqs_send_batch('transactions', ARRAY['c', 'd']);
ROLLBACK;
SELECT body FROM sqs_receive('transactions', 10, 0);
SELECT * FROM transaction_counts;
-- savepoints
BEGIN;
SELECT sqs_send('transactions', 'b') IS NOT NULL AS sent;
SAVEPOINT s1;
SELECT sqs_send('transactions', 'c') IS NOT NULL AS sent;
SAVEPOINT s2;
SELECT sqs_send('transactions', 'd') IS NOT NULL AS sent;
RELEASE s2;
SELECT sqs_send('transactions', 'e') IS NOT NULL AS sent;
ROLLBACK TO s1;
SELECT sqs_send('transactions', 'f') IS NOT NULL AS sent;
SAVEPOINT s3;
SELECT sqs_send('transactions', 'g') IS NOT NULL AS sent;
RELEASE s3;
COMMIT;
SELECT body FROM sqs_receive('transactions', 10, 0) ORDER BY body;
SELECT * FROM transaction_counts;
SELECT * FROM sqs_check('transactions');
-- what the sends of a rolled-back part left is passed over
SELECT purge();
BEGIN;
SELECT count(*) FROM sqs_send_batch('transactions', ARRAY(SELECT i::text FROM generate_series(1, 5000) AS i));
ROLLBACK;
SELECT sqs_send('transactions', 'after') IS NOT NULL AS sent;
SELECT body FROM sqs_receive('transactions', 10, 0);

-- receives: back at once, and not counted
SELECT purge();
SELECT count(*) FROM sqs_send_batch('transactions', ARRAY['a', 'b', 'c']);
BEGIN;
SELECT body, receive_count FROM sqs_receive('transactions', 2);
ROLLBACK;
SELECT * FROM transaction_counts;
SELECT body, receive_count FROM sqs_receive('transactions', 10, 0) ORDER BY body;
-- by an error
BEGIN;
SELECT body, receive_count FROM sqs_receive('transactions', 10) ORDER BY body;
SELECT 1 / 0;
COMMIT;
SELECT body, receive_count FROM sqs_receive('transactions', 10, 0) ORDER BY body;
-- by an error within the statement
SELECT body, 1 / (receive_count - 3) FROM sqs_receive('transactions', 10);
SELECT body, receive_count FROM sqs_receive('transactions', 10, 0) ORDER BY body;
-- to a savepoint, nested, and received again within the transaction
BEGIN;
SELECT body FROM sqs_receive('transactions', 1);
SAVEPOINT s1;
SELECT body FROM sqs_receive('transactions', 1);
SAVEPOINT s2;
SELECT body FROM sqs_receive('transactions', 1);
SELECT count(*) FROM sqs_receive('transactions', 10);
ROLLBACK TO s2;
SELECT count(*), min(receive_count), max(receive_count) FROM sqs_receive('transactions', 10);
ROLLBACK TO s1;
SELECT count(*), min(receive_count), max(receive_count) FROM sqs_receive('transactions', 10);
ROLLBACK TO s1;
COMMIT;
SELECT * FROM transaction_counts;
SELECT count(*), min(receive_count), max(receive_count) FROM sqs_receive('transactions', 10, 0);
SELECT * FROM sqs_check('transactions');
-- released savepoints follow the transaction
SELECT purge();
SELECT count(*) FROM sqs_send_batch('transactions', ARRAY['a', 'b', 'c']);
BEGIN;
SAVEPOINT s1;
SELECT body FROM sqs_receive('transactions');
RELEASE s1;
SAVEPOINT s2;
SAVEPOINT s3;
SELECT body FROM sqs_receive('transactions');
RELEASE s3;
ROLLBACK TO s2;
SELECT body, receive_count FROM sqs_receive('transactions', 10) ORDER BY body;
ROLLBACK;
SELECT body, receive_count FROM sqs_receive('transactions', 10, 0) ORDER BY body;
-- an error that plpgsql catches
SELECT purge();
SELECT count(*) FROM sqs_send_batch('transactions', ARRAY['bad', 'good']);
DO $$
DECLARE
  message sqs_message;
BEGIN
  FOR i IN 1 .. 3 LOOP
    BEGIN
      SELECT * INTO message FROM sqs_receive('transactions');
      EXIT WHEN NOT FOUND;
      PERFORM sqs_delete('transactions', message.receipt_handle);
      IF message.body = 'bad' THEN
        RAISE 'cannot do it';
      END IF;
      PERFORM sqs_send('transactions', 'done: ' || message.body);
    EXCEPTION WHEN OTHERS THEN
      PERFORM sqs_send('transactions', 'failed: ' || message.body, 900);
    END;
  END LOOP;
END
$$;
SELECT * FROM transaction_counts;
SELECT body, receive_count FROM sqs_receive('transactions', 10, 0) ORDER BY body;
SELECT * FROM sqs_check('transactions');
-- an error of a call itself
BEGIN;
SAVEPOINT s;
SELECT sqs_send_batch('transactions', ARRAY['x', '']);
ROLLBACK TO s;
SELECT sqs_send('transactions', 'y') IS NOT NULL AS sent;
COMMIT;
SELECT body FROM sqs_receive('transactions', 10, 0) ORDER BY body;

-- pops and deletes
SELECT purge();
SELECT count(*) FROM sqs_send_batch('transactions', ARRAY['a', 'b', 'c']);
BEGIN;
SELECT body FROM sqs_pop('transactions', 2);
SELECT body FROM sqs_pop('transactions', 2);
ROLLBACK;
SELECT * FROM transaction_counts;
BEGIN;
SELECT body FROM sqs_pop('transactions', 1) ORDER BY body;
SAVEPOINT s;
SELECT count(*) FROM sqs_pop('transactions', 10);
ROLLBACK TO s;
COMMIT;
SELECT * FROM transaction_counts;
SELECT count(*), min(receive_count), max(receive_count) FROM sqs_pop('transactions', 10);
-- received and popped in one transaction
SELECT sqs_send('transactions', 'a') IS NOT NULL AS sent;
BEGIN;
SELECT body FROM sqs_receive('transactions', 1, 0);
SELECT body, receive_count FROM sqs_pop('transactions');
SELECT body FROM sqs_pop('transactions');
COMMIT;
SELECT * FROM transaction_counts;
-- received, hidden longer, shown, received, and deleted in one transaction, and all of it undone
SELECT sqs_send('transactions', 'a') IS NOT NULL AS sent;
BEGIN;
SELECT receipt_handle AS handle FROM sqs_receive('transactions') \gset
SELECT sqs_change_visibility('transactions', :'handle', 600) IS NOT NULL AS changed;
SELECT sqs_change_visibility('transactions', :'handle', 0) IS NOT NULL AS changed;
SELECT receipt_handle AS handle, receive_count FROM sqs_receive('transactions') \gset
SELECT :receive_count AS receive_count;
SELECT sqs_delete('transactions', :'handle');
SELECT sqs_delete('transactions', :'handle');
ROLLBACK;
SELECT * FROM transaction_counts;
SELECT body, receive_count FROM sqs_receive('transactions', 10, 0);
SELECT * FROM sqs_check('transactions');

-- receive, work and delete in one transaction: exactly once
CREATE TABLE transaction_work (body text);
SELECT purge();
SELECT count(*) FROM sqs_send_batch('transactions', ARRAY['a', 'b']);
BEGIN;
WITH message AS MATERIALIZED (SELECT * FROM sqs_receive('transactions', 2)),
     work AS (INSERT INTO transaction_work SELECT body FROM message)
SELECT sqs_delete('transactions', receipt_handle) FROM message;
ROLLBACK;
SELECT * FROM transaction_work;
SELECT * FROM transaction_counts;
BEGIN;
WITH message AS MATERIALIZED (SELECT * FROM sqs_receive('transactions', 2)),
     work AS (INSERT INTO transaction_work SELECT body FROM message)
SELECT sqs_delete('transactions', receipt_handle) FROM message;
COMMIT;
SELECT * FROM transaction_work ORDER BY body;
SELECT * FROM transaction_counts;
DROP TABLE transaction_work;

-- isolation levels: sends and receives see what is there now
CREATE PROCEDURE walk() LANGUAGE plpgsql AS $$
DECLARE
  message sqs_message;
BEGIN
  RAISE NOTICE '%', current_setting('transaction_isolation');
  SELECT * INTO message FROM sqs_receive('transactions');
  RAISE NOTICE 'received %, count %', message.body, message.receive_count;
  PERFORM sqs_change_visibility('transactions', message.receipt_handle, 0);
  SELECT * INTO message FROM sqs_receive('transactions');
  RAISE NOTICE 'received %, count %', message.body, message.receive_count;
  RAISE NOTICE 'deleted %', sqs_delete('transactions', message.receipt_handle);
  RAISE NOTICE 'deleted again %', sqs_delete('transactions', message.receipt_handle);
  RAISE NOTICE 'popped %', (SELECT count(*) FROM sqs_pop('transactions', 10));
  PERFORM sqs_send('transactions', 'one'), sqs_send('transactions', 'two');
  RAISE NOTICE 'received %', (SELECT count(*) FROM sqs_receive('transactions', 10));
END
$$;
SELECT count(*) FROM sqs_send_batch('transactions', ARRAY['one', 'two']);
BEGIN ISOLATION LEVEL READ COMMITTED;
SELECT 1 AS snapshot;
CALL walk();
COMMIT;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT 1 AS snapshot;
CALL walk();
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT 1 AS snapshot;
CALL walk();
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT 1 AS snapshot;
CALL walk();
ROLLBACK;
SELECT body, receive_count FROM sqs_receive('transactions', 10, 0) ORDER BY body;
SELECT * FROM transaction_counts;
SELECT * FROM sqs_check('transactions');
BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE;
SELECT body FROM sqs_peek('transactions', 10) ORDER BY body;
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT body FROM sqs_peek('transactions', 10) ORDER BY body;
SELECT * FROM transaction_counts;
SELECT * FROM sqs_check('transactions');
COMMIT;

-- PREPARE TRANSACTION: sends
SELECT purge();
BEGIN;
SELECT sqs_send('transactions', 'prepared') IS NOT NULL AS sent;
SELECT sqs_send('transactions', 'prepared, delayed', 900) IS NOT NULL AS sent;
PREPARE TRANSACTION 'sends';
SELECT body FROM sqs_receive('transactions', 10);
SELECT * FROM transaction_counts;
COMMIT PREPARED 'sends';
SELECT body, receive_count FROM sqs_receive('transactions', 10, 0, 20);
SELECT * FROM transaction_counts;
SELECT * FROM sqs_check('transactions');
BEGIN;
SELECT sqs_send('transactions', 'prepared in vain') IS NOT NULL AS sent;
PREPARE TRANSACTION 'sends';
SELECT sqs_send('transactions', 'meanwhile') IS NOT NULL AS sent;
ROLLBACK PREPARED 'sends';
SELECT body FROM sqs_receive('transactions', 10, 0) ORDER BY body;
SELECT * FROM transaction_counts;
SELECT * FROM sqs_check('transactions');
-- receives
SELECT purge();
SELECT count(*) FROM sqs_send_batch('transactions', ARRAY['a', 'b', 'c']);
BEGIN;
SELECT body FROM sqs_receive('transactions', 2);
PREPARE TRANSACTION 'receives';
SELECT body FROM sqs_receive('transactions', 10, 0);
SELECT body FROM sqs_peek('transactions', 10);
ROLLBACK PREPARED 'receives';
-- a session that waits finds them soon
SELECT body, receive_count FROM sqs_pop('transactions');
SELECT count(*), min(receive_count), max(receive_count) FROM sqs_receive('transactions', 10, 0, 20);
SELECT * FROM transaction_counts;
SELECT * FROM sqs_check('transactions');
BEGIN;
SELECT receipt_handle AS handle FROM sqs_receive('transactions', 1, 600) \gset
PREPARE TRANSACTION 'receives';
SELECT sqs_delete('transactions', :'handle');
SELECT sqs_change_visibility('transactions', :'handle', 0);
COMMIT PREPARED 'receives';
SELECT * FROM transaction_counts;
SELECT sqs_delete('transactions', :'handle');
SELECT sqs_delete('transactions', :'handle');
SELECT * FROM transaction_counts;
SELECT * FROM sqs_check('transactions');
-- receives, sends and deletes at once, with savepoints
SELECT purge();
SELECT count(*) FROM sqs_send_batch('transactions', ARRAY['a', 'b', 'c']);
BEGIN;
SELECT body, sqs_delete('transactions', receipt_handle) FROM sqs_receive('transactions');
SAVEPOINT s1;
SELECT body, sqs_delete('transactions', receipt_handle) FROM sqs_receive('transactions');
ROLLBACK TO s1;
SAVEPOINT s2;
SELECT body FROM sqs_receive('transactions', 1, 600);
RELEASE s2;
SELECT sqs_send('transactions', 'd') IS NOT NULL AS sent;
PREPARE TRANSACTION 'everything';
COMMIT PREPARED 'everything';
SELECT * FROM transaction_counts;
SELECT body, receive_count FROM sqs_receive('transactions', 10, 0, 20) ORDER BY body;
SELECT * FROM sqs_check('transactions');
-- create and delete a queue
BEGIN;
SELECT sqs_create_queue('transactions-prepared') IS NOT NULL AS created;
SELECT sqs_send('transactions-prepared', 'a') IS NOT NULL AS sent;
PREPARE TRANSACTION 'create';
SELECT sqs_get_queue_url('transactions-prepared');
COMMIT PREPARED 'create';
SELECT body FROM sqs_receive('transactions-prepared', 1, 0, 20);
BEGIN;
SELECT sqs_delete_queue('transactions-prepared');
PREPARE TRANSACTION 'delete';
SELECT body FROM sqs_receive('transactions-prepared', 1, 0);
COMMIT PREPARED 'delete';
SELECT body FROM sqs_receive('transactions-prepared', 1, 0);

-- cursors: what has been fetched is of no consequence
SELECT purge();
SELECT count(*) FROM sqs_send_batch('transactions', ARRAY['a', 'b', 'c']);
BEGIN;
DECLARE c CURSOR FOR SELECT body FROM sqs_receive('transactions', 3);
FETCH c;
ROLLBACK;
SELECT * FROM transaction_counts;
BEGIN;
SAVEPOINT s;
DECLARE c CURSOR FOR SELECT body, sqs_delete('transactions', receipt_handle) FROM sqs_receive('transactions', 3);
FETCH c;
FETCH c;
CLOSE c;
COMMIT;
SELECT * FROM transaction_counts;

-- many savepoints
SELECT purge();
SELECT count(*) FROM sqs_send_batch('transactions', ARRAY(SELECT i::text FROM generate_series(1, 1000) AS i));
DO $$
DECLARE
  message sqs_message;
BEGIN
  FOR i IN 1 .. 1000 LOOP
    BEGIN
      SELECT * INTO message FROM sqs_receive('transactions');
      IF i % 2 = 0 THEN
        RAISE 'odd ones only';
      END IF;
      PERFORM sqs_delete('transactions', message.receipt_handle);
    EXCEPTION WHEN raise_exception THEN
      NULL;
    END;
  END LOOP;
END
$$;
SELECT * FROM transaction_counts;
SELECT count(*), min(receive_count), max(receive_count) FROM sqs_receive('transactions', 10000);
SELECT * FROM sqs_check();
DROP VIEW transaction_counts;
DROP FUNCTION purge();
DROP PROCEDURE walk();
SELECT sqs_delete_queue('transactions');
