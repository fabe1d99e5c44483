--
-- Promises: a mapping is created by whom could SET ROLE to the role that it runs as,
-- if that role may receive and delete and call the function; it is changed, deleted
-- and seen by whom could be that role.  Arguments are checked.  A role with mappings
-- is not dropped; DROP OWNED makes them void, and a new one does not bring them back.
-- What is mapped is called as that role, with a search_path of its own, and can
-- neither end the transaction nor become somebody else.
--
\pset format unaligned
\pset null (null)
CREATE ROLE regress_event_owner;
CREATE ROLE regress_event_member IN ROLE regress_event_owner;
CREATE ROLE regress_event_other;
CREATE ROLE regress_event_super SUPERUSER;
GRANT USAGE, CREATE ON SCHEMA queue TO regress_event_owner;
CREATE SCHEMA regress_event;
GRANT USAGE, CREATE ON SCHEMA regress_event TO regress_event_owner;
GRANT USAGE ON SCHEMA regress_event TO PUBLIC;
SET ROLE regress_event_owner;
SELECT sqs_create_queue('event') IS NOT NULL AND sqs_create_queue('event.fifo', '{"FifoQueue": "true"}') IS NOT NULL AS created;
CREATE FUNCTION regress_event.good(messages sqs_message[]) RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION regress_event.partly(messages sqs_message[]) RETURNS SETOF uuid LANGUAGE sql AS 'SELECT NULL::uuid WHERE false';
CREATE FUNCTION regress_event.one(messages sqs_message[]) RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';
CREATE FUNCTION regress_event.single(message sqs_message) RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION regress_event.two(messages sqs_message[], n int DEFAULT 1) RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION regress_event.none() RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION regress_event.texts(messages text[]) RETURNS void LANGUAGE sql AS '';
CREATE PROCEDURE regress_event.procedure(messages sqs_message[]) LANGUAGE sql AS '';
CREATE TYPE regress_event.sqs_message AS (body text);
CREATE FUNCTION regress_event.shadow(messages regress_event.sqs_message[]) RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION regress_event.private(messages sqs_message[]) RETURNS void LANGUAGE sql AS '';
REVOKE EXECUTE ON FUNCTION regress_event.private FROM PUBLIC, regress_event_owner;

-- what cannot be mapped
SELECT sqs_create_event_source_mapping(NULL, 'regress_event.good');
SELECT sqs_create_event_source_mapping('', 'regress_event.good');
SELECT sqs_create_event_source_mapping('event-none', 'regress_event.good');
SELECT sqs_create_event_source_mapping('event', NULL);
SELECT sqs_create_event_source_mapping('event', '-');
SELECT sqs_create_event_source_mapping('event', '4294967295');
SELECT sqs_create_event_source_mapping('event', 'regress_event.nobody');
SELECT sqs_create_event_source_mapping('event', 'regress_event.partly');
SELECT sqs_create_event_source_mapping('event', 'regress_event.good', report_batch_item_failures => true);
\set VERBOSITY terse
SELECT sqs_create_event_source_mapping('event', 'regress_event.one', report_batch_item_failures => true);
SELECT sqs_create_event_source_mapping('event', 'regress_event.single');
SELECT sqs_create_event_source_mapping('event', 'regress_event.two');
SELECT sqs_create_event_source_mapping('event', 'regress_event.none');
SELECT sqs_create_event_source_mapping('event', 'regress_event.texts');
SELECT sqs_create_event_source_mapping('event', 'regress_event.procedure');
SELECT sqs_create_event_source_mapping('event', 'regress_event.shadow');
SELECT sqs_create_event_source_mapping('event', 'pg_catalog.every');
SELECT sqs_create_event_source_mapping('event', 'regress_event.good', 0);
SELECT sqs_create_event_source_mapping('event', 'regress_event.good', 10001);
SELECT sqs_create_event_source_mapping('event', 'regress_event.good', 1, -1);
SELECT sqs_create_event_source_mapping('event', 'regress_event.good', 1, 301);
SELECT sqs_create_event_source_mapping('event', 'regress_event.good', max_concurrency => 0);
SELECT sqs_create_event_source_mapping('event', 'regress_event.good', max_concurrency => 1001);
SELECT sqs_create_event_source_mapping('event', 'regress_event.good', filter => 'no path');
SELECT sqs_create_event_source_mapping('event', 'regress_event.good', run_as => '-');
SELECT sqs_create_event_source_mapping('event', 'regress_event.good', run_as => '4294967295');
SELECT sqs_create_event_source_mapping('event', 'regress_event.good', run_as => 'regress_event_nobody');

-- who may not
\set VERBOSITY default
SELECT sqs_create_event_source_mapping('event', 'regress_event.private');
SELECT sqs_create_event_source_mapping('event', 'regress_event.good', run_as => 'regress_event_other');
SELECT sqs_create_event_source_mapping('event', 'regress_event.good', run_as => 'regress_event_member');
SET ROLE regress_event_super;
SELECT sqs_create_event_source_mapping('event', 'regress_event.good', run_as => 'regress_event_other');
SET ROLE regress_event_other;
\set VERBOSITY terse
SELECT sqs_create_event_source_mapping('event', 'regress_event.good');
RESET ROLE;
GRANT EXECUTE ON FUNCTION regress_event.good TO PUBLIC;
SELECT sqs_put_role_policy('regress_event_other', 'receive', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": "*"}}');
SELECT sqs_create_event_source_mapping('event', 'regress_event.good', run_as => 'regress_event_other');
SELECT sqs_delete_role_policy('regress_event_other', 'receive');

-- who may: mappings that are paused at once are never at work
SET ROLE regress_event_owner;
BEGIN;
SELECT sqs_create_event_source_mapping('event', 'regress_event.good') AS first \gset
SELECT sqs_update_event_source_mapping(:'first', enabled => false);
SELECT sqs_create_event_source_mapping('event.fifo', 'regress_event.partly', 10000, 300, 1000, true, '$.n ? (@ > 1)') AS second \gset
SELECT sqs_update_event_source_mapping(:'second', enabled => false);
SET ROLE regress_event_member;
SELECT sqs_create_event_source_mapping('event', 'regress_event.good', run_as => 'regress_event_owner') AS third \gset
SELECT sqs_update_event_source_mapping(:'third', false, 5, 7);
SET ROLE regress_event_super;
SELECT sqs_create_event_source_mapping('event', 'regress_event.good') AS super \gset
SELECT sqs_update_event_source_mapping(:'super', enabled => false);
RESET ROLE;
COMMIT;
SELECT sqs_delete_event_source_mapping(:'super');
\set columns 'queue, function, state, state_reason, batch_size, batching_window_seconds, concurrency, max_concurrency, report_batch_item_failures, filter, run_as, processed, failed, last_processed, last_error, last_error_at'
SELECT :columns FROM sqs_event_source_mappings ORDER BY created, id;
SET ROLE regress_event_member;
SELECT count(*) FROM sqs_event_source_mappings;
SELECT sqs_update_event_source_mapping(:'first', batch_size => 20);
SELECT sqs_update_event_source_mapping(:'first', max_concurrency => 30);
SELECT sqs_update_event_source_mapping(:'first');
SELECT batch_size, max_concurrency, state FROM sqs_event_source_mappings WHERE id = :'first';
SELECT sqs_update_event_source_mapping(:'first', batch_size => 0);
SELECT sqs_update_event_source_mapping(:'first', max_concurrency => 1001);
SELECT sqs_update_event_source_mapping(NULL, true);
SELECT sqs_update_event_source_mapping('00000000-0000-4000-8000-000000000000', true);
SELECT sqs_delete_event_source_mapping(NULL);
SELECT sqs_delete_event_source_mapping('00000000-0000-4000-8000-000000000000');
SET ROLE regress_event_other;
SELECT count(*) FROM sqs_event_source_mappings;
SELECT sqs_update_event_source_mapping(:'first', true);
SELECT sqs_delete_event_source_mapping(:'first');
RESET ROLE;

-- the role is held as long as it has a mapping
DROP ROLE regress_event_owner;
SELECT sqs_delete_event_source_mapping(:'second');
SET ROLE regress_event_member;
SELECT sqs_delete_event_source_mapping(:'third');
RESET ROLE;
REVOKE SELECT (run_as) ON queue.event_source_mappings FROM regress_event_owner;
SELECT state FROM sqs_event_source_mappings WHERE id = :'first';
SELECT sqs_update_event_source_mapping(:'first', enabled => true);
SELECT state, state_reason FROM sqs_event_source_mappings WHERE id = :'first';
-- a new one does not bring the void one back
BEGIN;
SET LOCAL ROLE regress_event_owner;
SELECT sqs_create_event_source_mapping('event', 'regress_event.good') AS fourth \gset
SELECT id = :'fourth' AS only_this FROM sqs_event_source_mappings WHERE run_as = 'regress_event_owner'::regrole;
SELECT sqs_update_event_source_mapping(:'fourth', enabled => false);
COMMIT;
SELECT sqs_delete_event_source_mapping(:'fourth');
SELECT count(*) AS held FROM pg_attribute, unnest(attacl) WHERE attrelid = 'queue.event_source_mappings'::regclass AND attname = 'run_as';

-- at work: what a function sees, and what it cannot do
CREATE PROCEDURE regress_event.wait_for(query text) LANGUAGE plpgsql AS $$
DECLARE
  done boolean;
BEGIN
  FOR i IN 1 .. 5000 LOOP
    EXECUTE query INTO done;
    EXIT WHEN done;
    COMMIT;
    PERFORM pg_sleep(0.02);
  END LOOP;
END $$;
SET ROLE regress_event_owner;
CREATE TABLE regress_event.seen (n int GENERATED ALWAYS AS IDENTITY, body text, what text);
CREATE TABLE regress_event.late (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);
INSERT INTO regress_event.late VALUES (1);
CREATE FUNCTION regress_event.look(messages sqs_message[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  body text := messages[1].body;
BEGIN
  INSERT INTO regress_event.seen (body, what) VALUES (body, concat_ws(' ', cardinality(messages), current_user, session_user,
    current_setting('search_path'), current_setting('is_superuser'), current_setting('work_mem'), messages[1].receive_count));
  CASE body
    WHEN 'role' THEN RESET ROLE;
    WHEN 'session' THEN RESET SESSION AUTHORIZATION;
    WHEN 'commit' THEN COMMIT;
    WHEN 'rollback' THEN ROLLBACK;
    WHEN 'temporary' THEN CREATE TEMP TABLE regress_event_temporary (n int);
    WHEN 'deferred' THEN INSERT INTO regress_event.late VALUES (1);
    WHEN 'listen' THEN LISTEN regress_event;
    WHEN 'setting' THEN PERFORM set_config('work_mem', '77MB', false);
    ELSE NULL;
  END CASE;
END $$;
SELECT sqs_create_event_source_mapping('event', 'regress_event.look', 1, max_concurrency => 1) AS fifth \gset
SELECT sqs_send('event', body) IS NOT NULL AS sent FROM unnest(ARRAY['plain', 'setting', 'after']) AS body;
CALL regress_event.wait_for('SELECT count(*) = 3 FROM regress_event.seen');
SELECT body, what FROM regress_event.seen ORDER BY n;

-- with what error a message fails; then it is gone
CREATE PROCEDURE regress_event.fails(message text, INOUT error text DEFAULT NULL) LANGUAGE plpgsql AS $$
DECLARE
  before bigint := (SELECT failed FROM sqs_event_source_mappings WHERE queue = 'event');
BEGIN
  PERFORM sqs_send('event', message);
  CALL regress_event.wait_for(format('SELECT failed > %s FROM sqs_event_source_mappings WHERE queue = ''event''', before));
  error := (SELECT last_error FROM sqs_event_source_mappings WHERE queue = 'event');
  PERFORM sqs_purge_queue('event');
END $$;
RESET ROLE;
SET queue.purge_interval = 0;
SET ROLE regress_event_owner;
CALL regress_event.fails('role');
CALL regress_event.fails('session');
CALL regress_event.fails('commit');
CALL regress_event.fails('rollback');
CALL regress_event.fails('temporary');
CALL regress_event.fails('deferred');
CALL regress_event.fails('listen');
SELECT count(*) AS seen FROM regress_event.seen;
SELECT state, state_reason, processed, failed, last_processed IS NOT NULL AS processed_at, last_error_at IS NOT NULL AS failed_at
FROM sqs_event_source_mappings;

-- paused, and gone
SELECT sqs_update_event_source_mapping(:'fifth', enabled => false);
CALL regress_event.wait_for('SELECT state = ''Disabled'' FROM sqs_event_source_mappings');
SELECT sqs_send('event', 'stays') IS NOT NULL AS sent;
SELECT body FROM sqs_pop('event');
DROP FUNCTION regress_event.look;
SELECT sqs_update_event_source_mapping(:'fifth', enabled => true);
SELECT state, state_reason FROM sqs_event_source_mappings;
SELECT sqs_delete_event_source_mapping(:'fifth');
SELECT count(*) FROM sqs_event_source_mappings;

RESET ROLE;
SELECT count(sqs_delete_queue(name)) FROM unnest(ARRAY['event', 'event.fifo']) AS name;
SET client_min_messages = warning;
DROP SCHEMA regress_event CASCADE;
RESET client_min_messages;
SET queue.recreate_delay = 0;
SELECT queue.sweep();
DROP OWNED BY regress_event_owner;
DROP ROLE regress_event_member, regress_event_owner, regress_event_other, regress_event_super;
