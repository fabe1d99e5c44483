--
-- Promises: each call of the extension and each action of SQS, by five roles: the
-- owner of a queue, a member of the owner, a role that policies permit all of SQS, a
-- member of the owner whom a policy denies all of it, and one of another account that
-- its own policies permit all.  What each may do is written out, and what each sees
-- of every relation; nothing is missing.
--
\pset format unaligned
\pset null (null)
CREATE ROLE regress_rights_owner;
CREATE ROLE regress_rights_member;
CREATE ROLE regress_rights_permitted;
CREATE ROLE regress_rights_denied;
CREATE ROLE regress_rights_foreign;
GRANT regress_rights_owner TO regress_rights_member, regress_rights_denied;
GRANT CREATE ON SCHEMA queue TO regress_rights_owner;
SELECT sqs_create_account('111111111111', 'foreign');
SELECT sqs_assign_account('regress_rights_foreign', '111111111111');
SELECT sqs_put_role_policy(role, 'rights', jsonb_build_object('Version', '2012-10-17', 'Statement',
  jsonb_build_object('Effect', effect, 'Action', 'sqs:*', 'Resource', '*')))
FROM (VALUES ('regress_rights_permitted'::regrole, 'Allow'), ('regress_rights_denied', 'Deny'), ('regress_rights_foreign', 'Allow')) AS v (role, effect);

-- from here on the worker takes no samples
SELECT queue.sample_metrics('2100-01-01 00:00Z') >= 0 AS sampled;
SET ROLE regress_rights_owner;
SELECT sqs_create_queue('rights-dead'), sqs_create_queue('rights-to');
SELECT sqs_create_queue('rights', jsonb_build_object(
  'RedrivePolicy', '{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:rights-dead", "maxReceiveCount": 1000}',
  'Policy', $${"Version": "2012-10-17", "Statement": [{"Sid": "rights", "Effect": "Allow", "Action": "sqs:*", "Resource": "*",
    "Principal": {"AWS": "arn:aws:iam::000000000000:role/regress_rights_permitted"}}]}$$));
SELECT count(sqs_send(queue, 'body')) FROM unnest(ARRAY['rights', 'rights', 'rights', 'rights-dead']) AS queue;
SELECT receipt_handle AS handle FROM sqs_receive('rights', 1, 600) \gset
-- one that is never at work
CREATE FUNCTION pg_temp.mapped(sqs_message[]) RETURNS void LANGUAGE sql AS '';
BEGIN;
SELECT sqs_create_event_source_mapping('rights', 'pg_temp.mapped') AS mapping \gset
SELECT sqs_update_event_source_mapping(:'mapping', enabled => false);
COMMIT;
SELECT sqs_put_metric_alarm('rights', 'rights', 'NumberOfMessagesSent', 'Sum', 'GreaterThanThreshold', 1);
RESET ROLE;
CREATE FUNCTION regress_rights_function(sqs_message[]) RETURNS void LANGUAGE sql AS '';
CREATE TABLE regress_rights_table (id int);
CREATE TRIGGER send AFTER INSERT ON regress_rights_table FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('http://localhost:9324/000000000000/rights');
GRANT INSERT ON regress_rights_table TO PUBLIC;

CREATE TABLE regress_rights_cases (
  n int GENERATED ALWAYS AS IDENTITY,
  name text NOT NULL,           -- of a function, or an action
  call text NOT NULL,           -- Q: the queue's URL, D: the dead-letter queue's, H: a receipt handle, E: a mapping
  owner text NOT NULL, member text NOT NULL, permitted text NOT NULL, denied text NOT NULL, foreign_ text NOT NULL
);
INSERT INTO regress_rights_cases (name, call, owner, member, permitted, denied, foreign_) VALUES
-- messages
('sqs_send', $$SELECT sqs_send(Q, 'x')$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_send', $$SELECT sqs_send(Q, '{}'::jsonb)$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_send_batch', $$SELECT sqs_send_batch(Q, ARRAY['x'])$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_send_batch', $$SELECT sqs_send_batch(Q, ARRAY['1'::jsonb])$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_receive', $$SELECT sqs_receive(Q)$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_pop', $$SELECT sqs_pop(Q)$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_peek', $$SELECT sqs_peek(Q)$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_delete', $$SELECT sqs_delete(Q, H)$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_delete_batch', $$SELECT sqs_delete_batch(Q, ARRAY[H])$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_change_visibility', $$SELECT sqs_change_visibility(Q, H, 1)$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_change_visibility_batch', $$SELECT sqs_change_visibility_batch(Q, ARRAY[H], 1)$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_wait', $$CALL sqs_wait(Q, 0)$$, '25001', '25001', '25001', '25001', '25001'),
('sqs_wait', $$CALL sqs_wait(ARRAY[Q], 0)$$, '25001', '25001', '25001', '25001', '25001'),
('sqs_enqueue', $$INSERT INTO regress_rights_table VALUES (1)$$, 'ok', 'ok', 'ok', 'no', 'no'),
-- (sqs_wait refuses to be in a transaction; see below)
-- queues: what is created belongs to who does it, in its own account
('sqs_create_queue', $$SELECT sqs_create_queue('rights-new')$$, 'ok', 'ok', 'ok', 'no', 'ok'),
('sqs_delete_queue', $$SELECT sqs_delete_queue(Q)$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_get_queue_url', $$SELECT sqs_get_queue_url('rights', '000000000000')$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_list_queues', $$SELECT sqs_list_queues()$$, 'ok', 'ok', 'ok', 'no', 'ok'),
('sqs_get_queue_attributes', $$SELECT sqs_get_queue_attributes(Q)$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_set_queue_attributes', $$SELECT sqs_set_queue_attributes(Q, '{"DelaySeconds": 1}')$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_purge_queue', $$SELECT sqs_purge_queue(Q)$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_list_dead_letter_source_queues', $$SELECT sqs_list_dead_letter_source_queues(Q)$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_tag_queue', $$SELECT sqs_tag_queue(Q, '{"a": "b"}')$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_untag_queue', $$SELECT sqs_untag_queue(Q, '{a}')$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_list_queue_tags', $$SELECT sqs_list_queue_tags(Q)$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_add_permission', $$SELECT sqs_add_permission(Q, 'new', '{111111111111}', '{SendMessage}')$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_remove_permission', $$SELECT sqs_remove_permission(Q, 'rights')$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_start_message_move_task', $$SELECT sqs_start_message_move_task(D)$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_list_message_move_tasks', $$SELECT * FROM sqs_list_message_move_tasks(D)$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_cancel_message_move_task', $$SELECT sqs_cancel_message_move_task(T)$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_get_metric_statistics', $$SELECT * FROM sqs_get_metric_statistics(Q, 'NumberOfMessagesSent', '-infinity', 'infinity')$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_get_metric_statistics', $$SELECT * FROM sqs_get_metric_statistics(Q, 'NumberOfMessagesSent', '-infinity', 'infinity', 60, '{p50}')$$, 'ok', 'ok', 'ok', 'no', 'no'),
-- (an alarm is its owner's, whatever policies say of the queue; that of these cases is of the owner of the queue)
('sqs_put_metric_alarm', $$SELECT sqs_put_metric_alarm('rights-new', Q, 'NumberOfMessagesSent', 'Sum', 'GreaterThanThreshold', 1)$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_put_metric_alarm', $$SELECT sqs_put_metric_alarm('rights', Q, 'NumberOfMessagesSent', 'Sum', 'GreaterThanThreshold', 1)$$, 'ok', 'ok', 'no', 'no', 'no'),
('sqs_delete_alarm', $$SELECT sqs_delete_alarm('rights')$$, 'ok', 'ok', 'no', 'ok', 'no'),
('sqs_enable_alarm_actions', $$SELECT sqs_enable_alarm_actions('rights')$$, 'ok', 'ok', 'no', 'ok', 'no'),
('sqs_disable_alarm_actions', $$SELECT sqs_disable_alarm_actions('rights')$$, 'ok', 'ok', 'no', 'ok', 'no'),
('sqs_check', $$SELECT sqs_check(Q)$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_check', $$SELECT sqs_check()$$, 'ok', 'ok', 'ok', 'ok', 'ok'),
-- what runs as the caller, and what runs as the owner
('sqs_create_event_source_mapping', $$SELECT sqs_create_event_source_mapping(Q, 'regress_rights_function')$$, 'ok', 'ok', 'ok', 'no', 'no'),
('sqs_create_event_source_mapping', $$SELECT sqs_create_event_source_mapping(Q, 'regress_rights_function', run_as => 'regress_rights_owner')$$, 'ok', 'ok', 'no', 'ok', 'no'),
('sqs_update_event_source_mapping', $$SELECT sqs_update_event_source_mapping(E, false)$$, 'ok', 'ok', 'no', 'ok', 'no'),
('sqs_delete_event_source_mapping', $$SELECT sqs_delete_event_source_mapping(E)$$, 'ok', 'ok', 'no', 'ok', 'no'),
-- (each learns of the queues that it may use)
('sqs_health', $$SELECT sqs_health()$$, 'ok', 'ok', 'ok', 'ok', 'ok'),
-- security
('sqs_simulate_policy', $$SELECT * FROM sqs_simulate_policy('regress_rights_owner', 'SendMessage', Q)$$, 'ok', 'ok', 'no', 'ok', 'no'),
('sqs_put_role_policy', $$SELECT sqs_put_role_policy('regress_rights_owner', 'x', '{"Statement": []}')$$, 'no', 'no', 'no', 'no', 'no'),
('sqs_delete_role_policy', $$SELECT sqs_delete_role_policy('regress_rights_owner', 'x')$$, 'no', 'no', 'no', 'no', 'no'),
('sqs_list_role_policies', $$SELECT * FROM sqs_list_role_policies('regress_rights_owner')$$, 'ok', 'ok', 'no', 'ok', 'no'),
('sqs_create_account', $$SELECT sqs_create_account('222222222222', 'x')$$, 'no', 'no', 'no', 'no', 'no'),
('sqs_assign_account', $$SELECT sqs_assign_account('regress_rights_owner', '111111111111')$$, 'no', 'no', 'no', 'no', 'no'),
('sqs_delete_account', $$SELECT sqs_delete_account('111111111111')$$, 'no', 'no', 'no', 'no', 'no'),
('sqs_create_key', $$SELECT sqs_create_key('rights', 'command', '{"wrap": "cat", "unwrap": "cat"}')$$, 'no', 'no', 'no', 'no', 'no'),
('sqs_set_key_state', $$SELECT sqs_set_key_state('alias/rights', 'Disabled')$$, 'no', 'no', 'no', 'no', 'no'),
('sqs_rotate_key', $$SELECT sqs_rotate_key('alias/rights')$$, 'no', 'no', 'no', 'no', 'no'),
('sqs_grant_key', $$SELECT sqs_grant_key('alias/rights', 'regress_rights_owner', '{Decrypt}')$$, 'no', 'no', 'no', 'no', 'no'),
('sqs_revoke_key', $$SELECT sqs_revoke_key('alias/rights', 'regress_rights_owner')$$, 'no', 'no', 'no', 'no', 'no'),
-- (each sees the keys that are granted to it)
('sqs_list_keys', $$SELECT sqs_list_keys()$$, 'ok', 'ok', 'ok', 'ok', 'ok'),
('sqs_create_access_key', $$SELECT * FROM sqs_create_access_key('regress_rights_owner')$$, '55000', '55000', 'no', '55000', 'no'),
('sqs_update_access_key', $$SELECT sqs_update_access_key('AKIAREGRESSRIGHTS001', false)$$, 'ok', 'ok', 'no', 'ok', 'no'),
('sqs_delete_access_key', $$SELECT sqs_delete_access_key('AKIAREGRESSRIGHTS001')$$, 'ok', 'ok', 'no', 'ok', 'no'),
('sqs_list_access_keys', $$SELECT * FROM sqs_list_access_keys('regress_rights_owner')$$, 'ok', 'ok', 'no', 'ok', 'no'),
-- actions
('AddPermission', $$A {"Label": "new", "AWSAccountIds": ["111111111111"], "Actions": ["SendMessage"]}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('CancelMessageMoveTask', $$A {"TaskHandle": "T"}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('ChangeMessageVisibility', $$A {"ReceiptHandle": "H", "VisibilityTimeout": 1}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('ChangeMessageVisibilityBatch', $$A {"Entries": [{"Id": "1", "ReceiptHandle": "H", "VisibilityTimeout": 1}]}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('CreateQueue', $$A {"QueueName": "rights-new"}$$, 'ok', 'ok', 'ok', 'no', 'ok'),
('DeleteMessage', $$A {"ReceiptHandle": "H"}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('DeleteMessageBatch', $$A {"Entries": [{"Id": "1", "ReceiptHandle": "H"}]}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('DeleteQueue', $$A {}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('GetQueueAttributes', $$A {"AttributeNames": ["All"]}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('GetQueueUrl', $$A {"QueueName": "rights", "QueueOwnerAWSAccountId": "000000000000"}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('ListDeadLetterSourceQueues', $$A {}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('ListMessageMoveTasks', $$A {"SourceArn": "arn:aws:sqs:us-east-1:000000000000:rights-dead"}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('ListQueueTags', $$A {}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('ListQueues', $$A {}$$, 'ok', 'ok', 'ok', 'no', 'ok'),
('PurgeQueue', $$A {}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('ReceiveMessage', $$A {}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('RemovePermission', $$A {"Label": "rights"}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('SendMessage', $$A {"MessageBody": "x"}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('SendMessageBatch', $$A {"Entries": [{"Id": "1", "MessageBody": "x"}]}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('SetQueueAttributes', $$A {"Attributes": {"DelaySeconds": "1"}}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('StartMessageMoveTask', $$A {"SourceArn": "arn:aws:sqs:us-east-1:000000000000:rights-dead"}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('TagQueue', $$A {"Tags": {"a": "b"}}$$, 'ok', 'ok', 'ok', 'no', 'no'),
('UntagQueue', $$A {"TagKeys": ["a"]}$$, 'ok', 'ok', 'ok', 'no', 'no'),
-- schema queue: the five roles can look into it here, which alone opens nothing
('queue.event_source_status', $$SELECT queue.event_source_status()$$, 'ok', 'ok', 'ok', 'ok', 'ok'),
('queue.queue_status', $$SELECT queue.queue_status()$$, 'ok', 'ok', 'ok', 'ok', 'ok'),
('queue.groups_in_flight', $$SELECT queue.groups_in_flight(1)$$, 'ok', 'ok', 'ok', 'ok', 'ok'),
('queue.perform', $$SELECT queue.perform('AKIAREGRESSRIGHTS001', 'ListQueues', '{"{}"}')$$, 'no', 'no', 'no', 'no', 'no'),
('queue.watch', $$CALL queue.watch('{AKIAREGRESSRIGHTS001}', ARRAY[Q], 0)$$, 'no', 'no', 'no', 'no', 'no'),
('queue.signing_key', $$SELECT queue.signing_key('AKIAREGRESSRIGHTS001', '20261127', 'us-east-1')$$, 'no', 'no', 'no', 'no', 'no'),
('queue.superusers_only', $$SELECT queue.superusers_only()$$, 'no', 'no', 'no', 'no', 'no'),
('queue.note_access_keys', $$SELECT queue.note_access_keys('{AKIAREGRESSRIGHTS001}')$$, 'no', 'no', 'no', 'no', 'no'),
('queue.metric_sparklines', $$SELECT queue.metric_sparklines()$$, 'ok', 'ok', 'ok', 'ok', 'ok'),
('queue.sample_metrics', $$SELECT queue.sample_metrics('2100-01-01')$$, 'no', 'no', 'no', 'no', 'no'),
('queue.alarm_state', $$SELECT queue.alarm_state('X', 1, 1, 'missing', 'OK')$$, 'ok', 'ok', 'ok', 'ok', 'ok'),
('queue.memory', $$SELECT queue.memory()$$, 'no', 'no', 'no', 'no', 'no'),
('queue.sweep', $$SELECT queue.sweep()$$, 'no', 'no', 'no', 'no', 'no'),
('queue.rotate', $$CALL queue.rotate(Q)$$, 'no', 'no', 'no', 'no', 'no'),
-- what has a row in no queue, or all of them
('sqs_action', $$SELECT sqs_action('Nothing', '{}')$$, 'SQ024', 'SQ024', 'SQ024', 'SQ024', 'SQ024');

GRANT USAGE ON SCHEMA queue TO regress_rights_owner, regress_rights_permitted, regress_rights_foreign;
-- a task of the owner's, which is not begun while this transaction lasts, and a key
SELECT set_config('regress.mapping', :'mapping', false) IS NOT NULL AS known;
CREATE FUNCTION pg_temp.outcome(role text, name text, call text, handle text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  queue text := 'http://localhost:9324/000000000000/rights';
  task text;
  result text := 'ok';
BEGIN
  BEGIN
    INSERT INTO queue.access_keys (access_key_id, role, secret, active, created_at)
    VALUES ('AKIAREGRESSRIGHTS001', 'regress_rights_owner'::regrole, '', true, now());
    GRANT SELECT (role) ON queue.access_keys TO regress_rights_owner;
    IF name IN ('sqs_cancel_message_move_task', 'CancelMessageMoveTask') THEN
      PERFORM set_config('role', 'regress_rights_owner', true);
      task := sqs_start_message_move_task('rights-dead');
    END IF;
    PERFORM set_config('role', role, true);
    IF left(call, 2) = 'A ' THEN
      call := replace(replace(substr(call, 3), '"H"', to_json(handle)::text), '"T"', coalesce(to_json(task)::text, '""'));
      PERFORM sqs_action(name, CASE WHEN call LIKE '%QueueName%' OR call LIKE '%SourceArn%' OR call LIKE '%TaskHandle%' OR name = 'ListQueues'
        THEN call::jsonb ELSE call::jsonb || jsonb_build_object('QueueUrl', queue) END);
    ELSE
      call := regexp_replace(call, '\mQ\M', quote_literal(queue), 'g');
      call := regexp_replace(call, '\mD\M', quote_literal('arn:aws:sqs:us-east-1:000000000000:rights-dead'), 'g');
      call := regexp_replace(call, '\mH\M', quote_literal(handle), 'g');
      call := regexp_replace(call, '\mE\M', quote_literal(current_setting('regress.mapping')), 'g');
      call := regexp_replace(call, '\mT\M', quote_literal(coalesce(task, '')), 'g');
      EXECUTE call;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'ZZZZZ';
  EXCEPTION WHEN OTHERS THEN
    result := CASE SQLSTATE WHEN 'ZZZZZ' THEN 'ok' WHEN '42501' THEN 'no' ELSE SQLSTATE END;
  END;
  RETURN result;
END $$;

-- what is not as it should be
SELECT n, name, call, role, expected, outcome
FROM regress_rights_cases,
  LATERAL (VALUES ('owner', owner), ('member', member), ('permitted', permitted), ('denied', denied), ('foreign', foreign_)) AS v (role, expected),
  LATERAL pg_temp.outcome('regress_rights_' || role, name, call, :'handle') AS outcome
WHERE outcome <> expected
ORDER BY n, role;
SELECT count(*) AS cases, count(DISTINCT name) FILTER (WHERE name ~ '^[A-Z]') AS actions FROM regress_rights_cases;

-- sqs_wait by itself; there is a message, so that nobody waits
\set VERBOSITY terse
SELECT format('SET ROLE regress_rights_%s', role), format('CALL sqs_wait(%L, 20)', 'http://localhost:9324/000000000000/rights')
FROM unnest(ARRAY['owner', 'member', 'permitted', 'denied', 'foreign']) AS role \gexec
RESET ROLE;
\set VERBOSITY default

-- functions that are missing from the table; each has as many cases as signatures
CREATE VIEW regress_rights_members AS
SELECT d.classid, d.objid
FROM pg_depend AS d JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
WHERE e.extname = 'queue' AND d.deptype = 'e';
SELECT name, signatures
FROM (SELECT CASE WHEN pronamespace = 'queue'::regnamespace THEN 'queue.' ELSE '' END || proname AS name, count(*) AS signatures
      FROM pg_proc WHERE oid IN (SELECT objid FROM regress_rights_members WHERE classid = 'pg_proc'::regclass)
      GROUP BY 1) AS p
WHERE signatures > (SELECT count(*) FROM regress_rights_cases AS c WHERE c.name = p.name)
ORDER BY name;
-- cases of functions that there are not
SELECT name FROM regress_rights_cases WHERE name LIKE '%\_%' AND to_regproc(name) IS NULL AND NOT EXISTS (SELECT FROM pg_proc WHERE proname = name);
-- without USAGE on the schema, not even those that are for everybody
SELECT has_schema_privilege('public', 'queue', 'usage') OR has_schema_privilege('public', 'queue', 'create') AS into_schema;
-- none runs as somebody else, or is of a language in which the caller's search_path would count
SELECT p.oid::regprocedure
FROM pg_proc AS p
WHERE p.oid IN (SELECT objid FROM regress_rights_members WHERE classid = 'pg_proc'::regclass)
  AND (p.prosecdef OR p.prolang <> (SELECT oid FROM pg_language WHERE lanname = 'c'));

-- relations, and how many rows of each that have to do with these queues a role sees
CREATE TABLE regress_rights_relations (
  relation text NOT NULL,
  owner text NOT NULL, member text NOT NULL, permitted text NOT NULL, denied text NOT NULL, foreign_ text NOT NULL
);
INSERT INTO regress_rights_relations VALUES
('sqs_queues', '3', '3', '3', '0', '0'),
('sqs_metrics', '3', '3', '3', '0', '0'),
('sqs_event_source_mappings', '1', '1', '0', '1', '0'),
('sqs_alarms', '1', '1', '0', '1', '0'),
('sqs_alarm_history', '1', '1', '0', '1', '0'),
('queue.alarms', 'no', 'no', 'no', 'no', 'no'),
('queue.alarm_history', 'no', 'no', 'no', 'no', 'no'),
-- (this has nothing without points; metrics_history.sql has some)
('sqs_metric_sparklines', '0', '0', '0', '0', '0'),
('sqs_accounts', 'no', 'no', 'no', 'no', 'no'),
('queue.queues', 'no', 'no', 'no', 'no', 'no'),
('queue.tags', 'no', 'no', 'no', 'no', 'no'),
('queue.deleted_queues', 'no', 'no', 'no', 'no', 'no'),
('queue.message_move_tasks', 'no', 'no', 'no', 'no', 'no'),
('queue.event_source_mappings', 'no', 'no', 'no', 'no', 'no'),
('queue.access_keys', 'no', 'no', 'no', 'no', 'no'),
('queue.role_policies', 'no', 'no', 'no', 'no', 'no'),
('queue.accounts', 'no', 'no', 'no', 'no', 'no'),
('queue.account_roles', 'no', 'no', 'no', 'no', 'no'),
('queue.keys', 'no', 'no', 'no', 'no', 'no'),
('queue.key_grants', 'no', 'no', 'no', 'no', 'no'),
('queue.data_keys', 'no', 'no', 'no', 'no', 'no'),
('queue.deduplication_0', 'no', 'no', 'no', 'no', 'no'),
('queue.deduplication_1', 'no', 'no', 'no', 'no', 'no'),
('queue.deduplication_2', 'no', 'no', 'no', 'no', 'no'),
('queue.metrics_60_0', 'no', 'no', 'no', 'no', 'no'),
('queue.metrics_60_1', 'no', 'no', 'no', 'no', 'no'),
('queue.metrics_60_2', 'no', 'no', 'no', 'no', 'no'),
('queue.metrics_60_3', 'no', 'no', 'no', 'no', 'no'),
('queue.metrics_300_0', 'no', 'no', 'no', 'no', 'no'),
('queue.metrics_300_1', 'no', 'no', 'no', 'no', 'no'),
('queue.metrics_300_2', 'no', 'no', 'no', 'no', 'no'),
('queue.metrics_300_3', 'no', 'no', 'no', 'no', 'no'),
('queue.metrics_3600_0', 'no', 'no', 'no', 'no', 'no'),
('queue.metrics_3600_1', 'no', 'no', 'no', 'no', 'no'),
('queue.metrics_3600_2', 'no', 'no', 'no', 'no', 'no'),
('queue.metrics_3600_3', 'no', 'no', 'no', 'no', 'no'),
('queue.queue_id_seq', 'no', 'no', 'no', 'no', 'no'),
('queue.message_id_seq', 'no', 'no', 'no', 'no', 'no');
-- the tables of messages are no members, and nobody's to look at
INSERT INTO regress_rights_relations
SELECT format('queue.messages_%s_1', queue_id), 'no', 'no', 'no', 'no', 'no' FROM queue.queues WHERE queue_name LIKE 'rights%';

CREATE FUNCTION pg_temp.seen(role text, relation text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  PERFORM set_config('role', role, true);
  BEGIN
    EXECUTE format('SELECT count(*) FROM (SELECT * FROM %s) AS r WHERE r::text LIKE ''%%rights%%''', relation) INTO result;
  EXCEPTION WHEN OTHERS THEN
    result := CASE SQLSTATE WHEN '42501' THEN 'no' ELSE SQLSTATE END;
  END;
  PERFORM set_config('role', 'none', true);
  RETURN result;
END $$;
SELECT relation, role, expected, seen
FROM regress_rights_relations,
  LATERAL (VALUES ('owner', owner), ('member', member), ('permitted', permitted), ('denied', denied), ('foreign', foreign_)) AS v (role, expected),
  LATERAL pg_temp.seen('regress_rights_' || role, relation) AS seen
WHERE seen <> expected
ORDER BY relation, role;
-- relations that are missing; indexes and types have no rows of their own
SELECT c.oid::regclass, c.relkind
FROM pg_class AS c
WHERE (c.oid IN (SELECT objid FROM regress_rights_members WHERE classid = 'pg_class'::regclass) OR c.relnamespace = 'queue'::regnamespace)
  AND c.relkind NOT IN ('c', 'i') AND c.relname !~ '^messages_[0-9]+_[0-9]+$'
  AND c.oid NOT IN (SELECT relation::regclass FROM regress_rights_relations)
ORDER BY 1::text;
-- nobody has more than SELECT on any, not even on a column
SELECT c.oid::regclass, role
FROM pg_class AS c, unnest(ARRAY['owner', 'member', 'permitted', 'denied', 'foreign']) AS role
WHERE (c.oid IN (SELECT objid FROM regress_rights_members WHERE classid = 'pg_class'::regclass) OR c.relnamespace = 'queue'::regnamespace)
  AND CASE c.relkind
      WHEN 'S' THEN has_sequence_privilege('regress_rights_' || role, c.oid, 'usage, select, update')
      WHEN 'i' THEN false
      ELSE has_table_privilege('regress_rights_' || role, c.oid, 'insert, update, delete, truncate, references, trigger')
        OR has_any_column_privilege('regress_rights_' || role, c.oid, 'insert, update, references') END
ORDER BY 1::text, role;

DROP VIEW regress_rights_members;
DROP TABLE regress_rights_relations;
DROP TABLE regress_rights_table, regress_rights_cases;
SELECT sqs_delete_event_source_mapping(:'mapping');
DROP FUNCTION regress_rights_function;
SELECT sqs_delete_alarm('rights');
SELECT count(sqs_delete_role_policy(role, 'rights')) FROM unnest(ARRAY['regress_rights_permitted', 'regress_rights_denied', 'regress_rights_foreign']::regrole[]) AS role;
SELECT sqs_assign_account('regress_rights_foreign', NULL);
SELECT sqs_delete_account('111111111111');
SELECT count(sqs_delete_queue(name)) FROM unnest(ARRAY['rights', 'rights-dead', 'rights-to']) AS name;
SET queue.recreate_delay = 0;
SELECT queue.sweep();
DROP OWNED BY regress_rights_owner, regress_rights_member, regress_rights_permitted, regress_rights_denied, regress_rights_foreign;
DROP ROLE regress_rights_owner, regress_rights_member, regress_rights_permitted, regress_rights_denied, regress_rights_foreign;
