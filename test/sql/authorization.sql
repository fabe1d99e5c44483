--
-- Promises: a queue is for the role that created it, roles that have its
-- privileges, and superusers.  Every call that another role makes on it is
-- refused with 42501 before it has done, or said, anything.  The right to
-- create queues is CREATE on schema queue.  Nobody gets at the tables.
--
\pset format unaligned
\set VERBOSITY terse
CREATE ROLE regress_queue_owner;
CREATE ROLE regress_queue_member IN ROLE regress_queue_owner;
CREATE ROLE regress_queue_noinherit NOINHERIT IN ROLE regress_queue_owner;
CREATE ROLE regress_queue_nobody;
GRANT CREATE ON SCHEMA queue TO regress_queue_owner, regress_queue_nobody;

SET ROLE regress_queue_owner;
SELECT sqs_create_queue('authorization', '{"DelaySeconds": "0"}', '{"a": "b"}');
SELECT count(*) FROM sqs_send_batch('authorization', ARRAY['a', 'b', 'c', 'd']);
SELECT sender_id, receipt_handle AS handle FROM sqs_receive('authorization') \gset
SELECT :'sender_id' AS sender_id;
SELECT sqs_put_metric_alarm('authorization', 'authorization', 'NumberOfMessagesSent', 'Sum', 'GreaterThanThreshold', 1);
RESET ROLE;
INSERT INTO queue.access_keys VALUES ('AKIAREGRESSQUEUEKEYS', 'regress_queue_owner', '\x00', true, now(), NULL);
INSERT INTO queue.event_source_mappings VALUES ('00000000-0000-4000-8000-000000000041', 0, '', 'authorization', 'pg_catalog.now()', '', 'regress_queue_owner', false, 1, 0, 1, false, NULL, now(), now());

-- who has no rights is walked through every call
SET ROLE regress_queue_nobody;
CREATE FUNCTION pg_temp.refused(call text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE call;
  RETURN 'done: ' || call;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ': ' || call;
END
$$;
SELECT pg_temp.refused(replace(replace(call, '$1', quote_literal('authorization')), '$2', quote_literal(:'handle')))
         ~ '^42501: ' AS refused,
       call
FROM unnest(ARRAY[
  'SELECT sqs_send($1, ''x'')',
  'SELECT sqs_send($1, ''{}''::jsonb)',
  'SELECT sqs_send_batch($1, ''{x}''::text[])',
  'SELECT sqs_send_batch($1, ''{1}''::jsonb[])',
  'SELECT sqs_receive($1)',
  'SELECT sqs_receive($1, 1, 0, 20)',
  'SELECT sqs_pop($1)',
  'SELECT sqs_peek($1)',
  'SELECT sqs_delete($1, $2)',
  'SELECT sqs_delete($1, ''garbage'')',
  'SELECT sqs_delete_batch($1, ARRAY[$2])',
  'SELECT sqs_change_visibility($1, $2, 0)',
  'SELECT sqs_change_visibility_batch($1, ARRAY[$2], 0)',
  'SELECT sqs_create_queue($1)',
  'SELECT sqs_create_queue($1, ''{"DelaySeconds": 1}'')',
  'SELECT sqs_delete_queue($1)',
  'SELECT sqs_get_queue_url($1)',
  'SELECT sqs_list_dead_letter_source_queues($1)',
  'SELECT sqs_get_queue_attributes($1)',
  'SELECT sqs_get_queue_attributes($1, ''{}'')',
  'SELECT sqs_set_queue_attributes($1, ''{"DelaySeconds": 1}'')',
  'SELECT sqs_purge_queue($1)',
  'SELECT sqs_tag_queue($1, ''{"c": "d"}'')',
  'SELECT sqs_untag_queue($1, ''{a}'')',
  'SELECT sqs_list_queue_tags($1)',
  'SELECT sqs_start_message_move_task($1)',
  'SELECT sqs_list_message_move_tasks($1)',
  'SELECT sqs_cancel_message_move_task(translate(encode(convert_to(''{"taskId":"00000000-0000-4000-8000-000000000000","sourceArn":"arn:aws:sqs:us-east-1:000000000000:authorization"}'', ''UTF8''), ''base64''), chr(10), ''''))',
  'SELECT sqs_add_permission($1, ''a'', ''{111122223333}'', ''{SendMessage}'')',
  'SELECT sqs_remove_permission($1, ''a'')',
  'SELECT sqs_create_event_source_mapping($1, ''pg_catalog.now'')',
  'SELECT sqs_update_event_source_mapping(''00000000-0000-4000-8000-000000000041'', true)',
  'SELECT sqs_delete_event_source_mapping(''00000000-0000-4000-8000-000000000041'')',
  'SELECT sqs_action(''SendMessage'', jsonb_build_object(''QueueUrl'', $1, ''MessageBody'', ''x''))',
  'SELECT sqs_create_access_key(''regress_queue_owner'')',
  'SELECT sqs_update_access_key(''AKIAREGRESSQUEUEKEYS'', false)',
  'SELECT sqs_delete_access_key(''AKIAREGRESSQUEUEKEYS'')',
  'SELECT sqs_list_access_keys(''regress_queue_owner'')',
  'SELECT sqs_put_role_policy(''regress_queue_nobody'', ''a'', ''{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'')',
  'SELECT sqs_delete_role_policy(''regress_queue_nobody'', ''a'')',
  'SELECT sqs_list_role_policies(''regress_queue_owner'')',
  'SELECT sqs_simulate_policy(''regress_queue_owner'', ''SendMessage'', $1)',
  'SELECT sqs_create_key(''a'', ''command'', ''{"wrap": "cat", "unwrap": "cat"}'')',
  'SELECT sqs_set_key_state(''a'', ''Disabled'')',
  'SELECT sqs_rotate_key(''a'')',
  'SELECT sqs_grant_key(''a'', ''regress_queue_nobody'', ''{Encrypt}'')',
  'SELECT sqs_revoke_key(''a'', ''regress_queue_nobody'')',
  'SELECT * FROM queue.keys',
  'SELECT * FROM queue.key_grants',
  'SELECT * FROM queue.data_keys',
  'SELECT queue.signing_key(''AKIAREGRESSQUEUEKEYS'', ''20261127'', ''us-east-1'')',
  'SELECT queue.note_access_keys(''{AKIAREGRESSQUEUEKEYS}'')',
  'SELECT * FROM queue.access_keys',
  'SELECT * FROM queue.role_policies',
  'SELECT sqs_check($1)',
  'SELECT sqs_put_metric_alarm(''a'', $1, ''NumberOfMessagesSent'', ''Sum'', ''LessThanThreshold'', 1)',
  'SELECT sqs_delete_alarm(''authorization'')',
  'SELECT sqs_enable_alarm_actions(''authorization'')',
  'SELECT sqs_disable_alarm_actions(''authorization'')',
  'SELECT sqs_get_metric_statistics($1, ''NumberOfMessagesSent'', ''-infinity'', ''infinity'')',
  'SELECT queue.sweep()',
  'SELECT * FROM queue.queues',
  'SELECT * FROM queue.tags',
  'SELECT * FROM queue.message_move_tasks',
  'SELECT * FROM queue.event_source_mappings',
  'SELECT * FROM queue.deleted_queues',
  'SELECT nextval(''queue.message_id_seq'')',
  'UPDATE queue.queues SET owner = ''regress_queue_nobody''',
  'INSERT INTO queue.deleted_queues VALUES (1, '''', '''', now())',
  'SELECT sqs_create_queue(''authorization-mine'', jsonb_build_object(''RedrivePolicy'', ''{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:authorization","maxReceiveCount":1}''))'])
  WITH ORDINALITY AS u (call, n)
ORDER BY n;
-- no call is missing; the last two of the list, and sqs_wait, come below
SELECT p.proname
FROM pg_proc AS p JOIN pg_extension AS e ON e.extname = 'queue' AND p.pronamespace = e.extnamespace
WHERE p.proname LIKE 'sqs\_%'
  AND p.proname NOT IN ('sqs_send', 'sqs_send_batch', 'sqs_receive', 'sqs_pop', 'sqs_peek', 'sqs_delete', 'sqs_delete_batch',
                        'sqs_change_visibility', 'sqs_change_visibility_batch', 'sqs_wait', 'sqs_create_queue',
                        'sqs_delete_queue', 'sqs_get_queue_url', 'sqs_get_queue_attributes', 'sqs_set_queue_attributes',
                        'sqs_list_dead_letter_source_queues',
                        'sqs_purge_queue', 'sqs_tag_queue', 'sqs_untag_queue', 'sqs_list_queue_tags', 'sqs_check', 'sqs_health', 'sqs_get_metric_statistics',
                        'sqs_put_metric_alarm', 'sqs_delete_alarm', 'sqs_enable_alarm_actions', 'sqs_disable_alarm_actions',
                        'sqs_add_permission', 'sqs_remove_permission', 'sqs_action',
                        'sqs_list_queues', 'sqs_enqueue',
                        'sqs_start_message_move_task', 'sqs_list_message_move_tasks', 'sqs_cancel_message_move_task',
                        'sqs_create_access_key', 'sqs_update_access_key', 'sqs_delete_access_key', 'sqs_list_access_keys',
                        'sqs_put_role_policy', 'sqs_delete_role_policy', 'sqs_list_role_policies', 'sqs_simulate_policy',
                        'sqs_create_event_source_mapping', 'sqs_update_event_source_mapping', 'sqs_delete_event_source_mapping',
                        'sqs_create_account', 'sqs_assign_account', 'sqs_delete_account',
                        'sqs_create_key', 'sqs_set_key_state', 'sqs_rotate_key', 'sqs_grant_key', 'sqs_revoke_key', 'sqs_list_keys')
ORDER BY p.proname;
CALL sqs_wait('authorization', 0);
CALL sqs_wait(ARRAY['authorization'], 0);
-- by a trigger
CREATE TEMP TABLE authorization_rows (n int);
CREATE TRIGGER enqueue AFTER INSERT ON authorization_rows FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('authorization');
INSERT INTO authorization_rows VALUES (1);
-- it is in no list
SELECT * FROM sqs_list_access_keys();
SELECT * FROM sqs_list_keys();
SELECT * FROM sqs_list_queues('authorization');
SELECT name FROM sqs_queues WHERE name LIKE 'authorization%';
SELECT queue_name FROM sqs_metrics WHERE queue_name LIKE 'authorization%';
SELECT id FROM sqs_event_source_mappings WHERE queue LIKE 'authorization%';
SELECT * FROM sqs_check();
SET queue.health_message_age = 0;
SELECT * FROM sqs_health();
RESET queue.health_message_age;
-- what the refusal says
\set VERBOSITY default
SELECT sqs_send('authorization', 'x');
SELECT sqs_delete_queue(sqs_get_queue_url('authorization'));
\set VERBOSITY terse
-- a queue of its own it has
SELECT sqs_create_queue('authorization-nobody');
SELECT sqs_send('authorization-nobody', 'x') IS NOT NULL AS sent;
SELECT body, sender_id FROM sqs_pop('authorization-nobody');
SELECT name FROM sqs_queues WHERE name LIKE 'authorization%';
SELECT sqs_delete_queue('authorization-nobody');
RESET ROLE;

-- nothing has happened; the owner's own rights
DELETE FROM queue.event_source_mappings WHERE queue_name = 'authorization' RETURNING enabled;
DELETE FROM queue.access_keys WHERE active AND last_used_at IS NULL RETURNING access_key_id;
SELECT sqs_get_queue_attributes('authorization', '{DelaySeconds,ApproximateNumberOfMessages,ApproximateNumberOfMessagesNotVisible}');
SELECT sqs_list_queue_tags('authorization');

-- a member of the owner, and a superuser; whoever sends is named
SET ROLE regress_queue_member;
SELECT sqs_send('authorization', 'by a member') IS NOT NULL AS sent;
SELECT body FROM sqs_pop('authorization', 3);
SELECT body, sender_id FROM sqs_receive('authorization', 1, 0);
SELECT sqs_set_queue_attributes('authorization', '{"DelaySeconds": 1}');
SELECT sqs_tag_queue('authorization', '{"c": "d"}');
SELECT name FROM sqs_queues WHERE name LIKE 'authorization%';
SELECT * FROM sqs_check('authorization');
SELECT queue.sweep();
RESET ROLE;
SELECT sqs_send('authorization', 'by a superuser', 0) IS NOT NULL AS sent;
SELECT count(*) FROM sqs_pop('authorization', 10);
SELECT sqs_set_queue_attributes('authorization', '{"DelaySeconds": 0}');
-- a member that does not inherit must SET ROLE first
SET ROLE regress_queue_noinherit;
SELECT sqs_send('authorization', 'x');
SET ROLE regress_queue_owner;
SELECT sqs_send('authorization', 'x') IS NOT NULL AS sent;
RESET ROLE;
-- membership can be taken back
REVOKE regress_queue_owner FROM regress_queue_member;
SET ROLE regress_queue_member;
SELECT sqs_send('authorization', 'x');
RESET ROLE;
-- a SECURITY DEFINER function lends its owner's rights
CREATE FUNCTION authorization_lend(body text) RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT sqs_send('authorization', body) IS NOT NULL
$$;
ALTER FUNCTION authorization_lend(text) OWNER TO regress_queue_owner;
SET ROLE regress_queue_nobody;
SELECT authorization_lend('lent');
RESET ROLE;
SELECT body, sender_id FROM sqs_pop('authorization', 10);
DROP FUNCTION authorization_lend(text);

-- the right to create queues
REVOKE CREATE ON SCHEMA queue FROM regress_queue_nobody;
SET ROLE regress_queue_nobody;
\set VERBOSITY default
SELECT sqs_create_queue('authorization-new');
\set VERBOSITY terse
RESET ROLE;
-- without it, the owner still uses what it has, and finds it by sqs_create_queue
REVOKE CREATE ON SCHEMA queue FROM regress_queue_owner;
SET ROLE regress_queue_owner;
SELECT sqs_create_queue('authorization');
SELECT sqs_create_queue('authorization-new');
SELECT sqs_send('authorization', 'x') IS NOT NULL AS sent;
SELECT count(*) FROM sqs_pop('authorization', 10);
SELECT * FROM sqs_list_queues('authorization');
-- a privilege on the ids in the messages' table holds the owner, and gives no more
SELECT format('messages_%s_1', substring(relname FROM '[0-9]+')) AS messages
FROM pg_class AS c
WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'queue') AND relkind = 'r' AND relname ~ '^messages_'
  AND (SELECT bool_or(grantee = 'regress_queue_owner'::regrole)
       FROM pg_attribute AS a, aclexplode(a.attacl) WHERE a.attrelid = c.oid AND a.attname = 'id') \gset
RESET ROLE;
SELECT string_agg(attname, ', ') AS columns,
       has_table_privilege('regress_queue_owner', 'queue.' || :'messages', 'select, insert, update, delete, truncate, references, trigger') AS others,
       has_any_column_privilege('regress_queue_owner', 'queue.' || :'messages', 'insert, update, references') AS change,
       has_any_column_privilege('regress_queue_nobody', 'queue.' || :'messages', 'select, insert, update, references') AS nobody
FROM pg_attribute
WHERE attrelid = ('queue.' || :'messages')::regclass AND attnum > 0 AND has_column_privilege('regress_queue_owner', attrelid, attnum, 'select');
-- settings that set aside SQS's rules are the superuser's
SET ROLE regress_queue_owner;
SET queue.purge_interval = 0;
SET queue.recreate_delay = 0;
SET queue.minimum_retention = 1;
SET queue.in_flight_limit = 1000000;
RESET ROLE;

DROP TABLE authorization_rows;
DROP FUNCTION pg_temp.refused(text);
-- a role that owns a queue is not dropped by accident
DROP ROLE regress_queue_owner;
SET ROLE regress_queue_owner;
SELECT sqs_delete_alarm('authorization');
SELECT sqs_delete_queue('authorization');
RESET ROLE;
SET queue.recreate_delay = 0;
DO $$
BEGIN
  -- the table goes with the next round of the worker
  FOR i IN 1 .. 100 LOOP
    PERFORM queue.sweep();
    EXIT WHEN NOT EXISTS (SELECT FROM queue.deleted_queues WHERE queue_name LIKE 'authorization%');
    PERFORM pg_sleep(0.1);
  END LOOP;
END
$$;
DROP ROLE regress_queue_owner;
DROP ROLE regress_queue_member;
DROP ROLE regress_queue_noinherit;
DROP ROLE regress_queue_nobody;
SELECT * FROM sqs_check();
