--
-- Promises: access keys of a role are for superusers and for who may SET ROLE
-- to it; nobody else makes, changes or sees them.  Without a master key there
-- are none.  What the gateway calls is for who was granted it.  While a role
-- has keys it is not dropped, and a key whose role has lost its hold is void.
-- (With a master key: test/t/021_access_keys.pl.)
--
\pset format unaligned
CREATE ROLE regress_queue_app;
CREATE ROLE regress_queue_admin NOINHERIT IN ROLE regress_queue_app;
CREATE ROLE regress_queue_stranger;

-- there is no master key here
SHOW queue.master_key_file;
SELECT sqs_create_access_key('regress_queue_app');
SET ROLE regress_queue_app;
SELECT sqs_create_access_key('regress_queue_app');
SET queue.master_key_file = '/tmp/mine';
\set VERBOSITY sqlstate
SHOW queue.master_key_file;
\set VERBOSITY default
RESET ROLE;
-- nothing is left of that
SELECT * FROM sqs_list_access_keys();
DROP ROLE regress_queue_app;
CREATE ROLE regress_queue_app;
GRANT regress_queue_app TO regress_queue_admin;

-- arguments
SELECT sqs_create_access_key(NULL);
SELECT sqs_create_access_key('-');
SELECT sqs_create_access_key('4294967295');
SELECT sqs_update_access_key(NULL, true);
SELECT sqs_update_access_key('', true);
SELECT sqs_update_access_key('AKIANONE', true);
SELECT sqs_delete_access_key('AKIANONE');
SELECT sqs_delete_access_key(repeat('A', 1000000));
SELECT sqs_list_access_keys('regress_queue_nobody_at_all');

-- rows, as a call would make them with a master key
CREATE FUNCTION pg_temp.make_keys() RETURNS void LANGUAGE sql AS $$
  INSERT INTO queue.access_keys VALUES
    ('AKIAREGRESSQUEUEKEY2', 'regress_queue_app', '\x00', true, '2026-01-02 00:00+00', NULL),
    ('AKIAREGRESSQUEUEKEY3', 'regress_queue_stranger', '\x00', true, '2026-01-03 00:00+00', NULL),
    ('AKIAREGRESSQUEUEKEYS', 'regress_queue_app', '\x00', true, '2026-01-01 00:00+00', NULL)
$$;
SELECT pg_temp.make_keys();
GRANT SELECT (role) ON queue.access_keys TO regress_queue_app, regress_queue_stranger;
SELECT access_key_id, role, active, last_used_at FROM sqs_list_access_keys();
SELECT access_key_id FROM sqs_list_access_keys('regress_queue_stranger');
SELECT sqs_update_access_key('AKIAREGRESSQUEUEKEYS', NULL);

-- who may: a member, whether or not it inherits
SET ROLE regress_queue_admin;
SELECT access_key_id, role, active FROM sqs_list_access_keys();
SELECT sqs_update_access_key('AKIAREGRESSQUEUEKEYS', false);
SELECT access_key_id, role, active FROM sqs_list_access_keys('regress_queue_app');
-- and who may not
SELECT sqs_list_access_keys('regress_queue_stranger');
SELECT sqs_update_access_key('AKIAREGRESSQUEUEKEY3', false);
SELECT sqs_delete_access_key('AKIAREGRESSQUEUEKEY3');
SELECT sqs_create_access_key('regress_queue_stranger');
SET ROLE regress_queue_stranger;
SELECT sqs_update_access_key('AKIAREGRESSQUEUEKEYS', true);
SELECT sqs_delete_access_key('AKIAREGRESSQUEUEKEYS');
SELECT access_key_id, active FROM sqs_list_access_keys();
-- the table is for nobody; its column of roles holds them
SELECT * FROM queue.access_keys;
RESET ROLE;
SELECT has_table_privilege('regress_queue_stranger', 'queue.access_keys', 'select, insert, update, delete, truncate, references, trigger') AS some,
       has_any_column_privilege('regress_queue_stranger', 'queue.access_keys', 'insert, update, references') AS change;
SELECT attname FROM pg_attribute
WHERE attrelid = 'queue.access_keys'::regclass AND attnum > 0
  AND has_column_privilege('regress_queue_stranger', attrelid, attnum, 'select');

-- what the gateway calls
SELECT queue.signing_key('AKIANONE', '20261127', 'us-east-1') IS NULL AS none;
SELECT queue.signing_key('AKIAREGRESSQUEUEKEYS', '20261127', 'us-east-1') IS NULL AS disabled;
-- what is wrong with one does not fail the others
SELECT left(id, 20) AS id, queue.signing_key(id, date, region) IS NULL AS none
FROM (VALUES ('AKIAREGRESSQUEUEKEY2', '20261127', 'us-east-1'), ('', '', ''), (repeat('x', 1000), '', repeat('x', 1000)),
             (NULL, NULL, NULL)) AS k (id, date, region)
ORDER BY length(id);
SELECT queue.note_access_keys('{AKIANONE,AKIAREGRESSQUEUEKEYS,AKIAREGRESSQUEUEKEY2,NULL}');
SELECT queue.note_access_keys('{}');
SELECT queue.note_access_keys(array_fill('x'::text, ARRAY[10001]));
SELECT access_key_id, last_used_at IS NOT NULL AS used FROM sqs_list_access_keys();
SET ROLE regress_queue_stranger;
SELECT queue.signing_key('AKIAREGRESSQUEUEKEY2', '20261127', 'us-east-1');
RESET ROLE;

-- what is rolled back has not been
BEGIN;
SELECT sqs_delete_access_key('AKIAREGRESSQUEUEKEYS');
SAVEPOINT s;
SELECT sqs_delete_access_key('AKIAREGRESSQUEUEKEY2');
DROP ROLE regress_queue_app;
ROLLBACK TO s;
SELECT access_key_id FROM sqs_list_access_keys('regress_queue_app');
ROLLBACK;
BEGIN READ ONLY;
SELECT access_key_id FROM sqs_list_access_keys('regress_queue_app');
SELECT sqs_delete_access_key('AKIAREGRESSQUEUEKEYS');
ROLLBACK;
-- under SERIALIZABLE, too
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT sqs_update_access_key('AKIAREGRESSQUEUEKEYS', true);
SELECT sqs_update_access_key('AKIAREGRESSQUEUEKEYS', false);
SELECT access_key_id, active FROM sqs_list_access_keys('regress_queue_app');
COMMIT;

-- a role with keys is not dropped
DROP ROLE regress_queue_app;
SELECT sqs_delete_access_key('AKIAREGRESSQUEUEKEYS');
DROP ROLE regress_queue_app;
-- DROP OWNED makes the other one void
DROP OWNED BY regress_queue_app;
SELECT access_key_id, active FROM sqs_list_access_keys('regress_queue_app');
SELECT sqs_update_access_key('AKIAREGRESSQUEUEKEY2', true);
SELECT queue.signing_key('AKIAREGRESSQUEUEKEY2', '20261127', 'us-east-1') IS NULL AS void;
SELECT sqs_delete_access_key('AKIAREGRESSQUEUEKEY2');
DROP ROLE regress_queue_app;
-- with the last key a role is free again
SELECT sqs_delete_access_key('AKIAREGRESSQUEUEKEY3');
DROP ROLE regress_queue_stranger, regress_queue_admin;
SELECT * FROM sqs_list_access_keys();
DROP FUNCTION pg_temp.make_keys();
