--
-- Promises: what policies say is what calls do, each call by the action that it
-- is; the owner is kept out by what is denied, superusers by nothing; AccessDenied
-- says who, what, on what and why; what changes counts at the next call.
--
\pset format unaligned
\pset null (null)
CREATE ROLE regress_policy_owner;
CREATE ROLE regress_policy_user;
CREATE ROLE regress_policy_team;
GRANT CREATE ON SCHEMA queue TO regress_policy_owner;
SET ROLE regress_policy_owner;
SELECT sqs_create_queue('calls', '{}', '{"team": "blue"}') IS NOT NULL AS created;
SELECT sqs_create_queue('calls-other') IS NOT NULL AS created;
RESET ROLE;

CREATE FUNCTION pg_temp.allow(VARIADIC actions text[]) RETURNS void LANGUAGE sql AS $$
  SELECT sqs_set_queue_attributes('calls', jsonb_build_object('Policy', jsonb_build_object('Version', '2012-10-17', 'Statement',
    jsonb_build_object('Effect', 'Allow', 'Principal', '{"AWS": "arn:aws:iam::000000000000:role/regress_policy_user"}'::jsonb,
      'Action', actions, 'Resource', 'arn:aws:sqs:us-east-1:000000000000:calls'))::text));
$$;
CREATE FUNCTION pg_temp.try(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  detail text;
BEGIN
  EXECUTE call;
  RETURN 'done';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN CASE SQLSTATE WHEN '42501' THEN coalesce(substring(detail FROM 'perform: (\S+)'), 'denied') ELSE SQLSTATE END;
END
$$;
CREATE TEMP TABLE calls (n int GENERATED ALWAYS AS IDENTITY, call text, needs text[]);
GRANT SELECT ON calls TO PUBLIC;
INSERT INTO calls (call, needs) VALUES
  ($$SELECT sqs_send('calls', 'x')$$, '{SendMessage}'),
  ($$SELECT sqs_send('calls', '{}'::jsonb)$$, '{SendMessage}'),
  ($$SELECT sqs_send_batch('calls', '{x,y}'::text[])$$, '{SendMessage}'),
  ($$SELECT sqs_receive('calls')$$, '{ReceiveMessage}'),
  ($$SELECT sqs_peek('calls')$$, '{ReceiveMessage}'),
  ($$SELECT sqs_pop('calls')$$, '{ReceiveMessage,DeleteMessage}'),
  ($$SELECT sqs_delete('calls', 'x')$$, '{DeleteMessage}'),
  ($$SELECT sqs_delete_batch('calls', '{}')$$, '{DeleteMessage}'),
  ($$SELECT sqs_change_visibility('calls', 'x', 0)$$, '{ChangeMessageVisibility}'),
  ($$SELECT sqs_change_visibility_batch('calls', '{}', 0)$$, '{ChangeMessageVisibility}'),
  ($$SELECT sqs_create_queue('calls')$$, '{CreateQueue}'),
  ($$SELECT sqs_get_queue_url('calls')$$, '{GetQueueUrl}'),
  ($$SELECT sqs_get_queue_attributes('calls')$$, '{GetQueueAttributes}'),
  ($$SELECT sqs_list_dead_letter_source_queues('calls')$$, '{ListDeadLetterSourceQueues}'),
  ($$SELECT sqs_list_queue_tags('calls')$$, '{ListQueueTags}'),
  ($$SELECT sqs_tag_queue('calls', '{"a": "b"}')$$, '{TagQueue}'),
  ($$SELECT sqs_untag_queue('calls', '{a}')$$, '{UntagQueue}'),
  ($$SELECT sqs_list_message_move_tasks('calls')$$, '{ListMessageMoveTasks}'),
  ($$SELECT sqs_check('calls')$$, '{GetQueueAttributes}'),
  ($$SELECT sqs_start_message_move_task('calls')$$, '{StartMessageMoveTask,ReceiveMessage,DeleteMessage}'),
  ($$SELECT sqs_set_queue_attributes('calls', '{"DelaySeconds": 0}')$$, '{SetQueueAttributes}'),
  ($$SELECT sqs_purge_queue('calls')$$, '{PurgeQueue}'),
  ($$SELECT sqs_action('SendMessageBatch', '{"QueueUrl": "calls", "Entries": [{"Id": "a", "MessageBody": "x"}]}')$$, '{SendMessage}'),
  ($$SELECT sqs_action('DeleteMessageBatch', '{"QueueUrl": "calls", "Entries": [{"Id": "a", "ReceiptHandle": "x"}]}')$$, '{DeleteMessage}'),
  ($$SELECT sqs_action('ChangeMessageVisibilityBatch', '{"QueueUrl": "calls", "Entries": [{"Id": "a", "ReceiptHandle": "x", "VisibilityTimeout": 0}]}')$$, '{ChangeMessageVisibility}'),
  ($$SELECT sqs_action('ReceiveMessage', '{"QueueUrl": "calls"}')$$, '{ReceiveMessage}'),
  ($$SELECT sqs_remove_permission('calls', 'none')$$, '{RemovePermission}');
-- without what a call needs it is denied; with it, and nothing else, it is done,
-- or fails for another reason; with all but one thing it needs that one
CREATE FUNCTION pg_temp.try_as_user(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  SET LOCAL ROLE regress_policy_user;
  result := pg_temp.try(call);
  RESET ROLE;
  RETURN result;
END
$$;
CREATE TEMP TABLE results (n int, without text, with_all text, with_all_but_last text);
DO $$
DECLARE
  c record;
  r results;
BEGIN
  FOR c IN SELECT * FROM calls ORDER BY n LOOP
    r.n := c.n;
    PERFORM pg_temp.allow('sqs:DeleteQueue');
    r.without := pg_temp.try_as_user(c.call);
    PERFORM pg_temp.allow(VARIADIC ARRAY(SELECT 'sqs:' || a FROM unnest(c.needs) AS a));
    r.with_all := pg_temp.try_as_user(c.call);
    r.with_all_but_last := NULL;
    IF cardinality(c.needs) > 1 THEN
      PERFORM pg_temp.allow(VARIADIC ARRAY(SELECT 'sqs:' || a FROM unnest(c.needs[:cardinality(c.needs) - 1]) AS a));
      r.with_all_but_last := pg_temp.try_as_user(c.call);
    END IF;
    INSERT INTO results SELECT r.*;
  END LOOP;
END
$$;
SELECT substring(call FROM 'SELECT (\w+\((''[A-Z]\w+)?)') AS call, without, with_all, with_all_but_last FROM results JOIN calls USING (n) ORDER BY n;

-- the procedure, and the last of all
SELECT pg_temp.allow('sqs:ReceiveMessage');
SET ROLE regress_policy_user;
CALL sqs_wait('calls', 0);
SELECT pg_temp.try($$SELECT sqs_delete_queue('calls')$$);
RESET ROLE;
SELECT pg_temp.allow('sqs:SendMessage');
SET ROLE regress_policy_user;
CALL sqs_wait('calls', 0);
-- a trigger sends as who changes the row
CREATE TEMP TABLE rows (n int);
CREATE TRIGGER enqueue AFTER INSERT ON rows FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('calls');
INSERT INTO rows VALUES (1);
RESET ROLE;
SELECT pg_temp.allow('sqs:GetQueueUrl');
SET ROLE regress_policy_user;
INSERT INTO rows VALUES (1);
-- the views show what it may look at
SELECT count(*) FROM sqs_queues WHERE name LIKE 'calls%';
SELECT count(*) FROM sqs_metrics WHERE queue_name LIKE 'calls%';
SELECT sqs_list_queues('calls');
RESET ROLE;
SELECT pg_temp.allow('sqs:GetQueueAttributes', 'sqs:ListQueues');
SET ROLE regress_policy_user;
SELECT name FROM sqs_queues WHERE name LIKE 'calls%';
SELECT queue_name FROM sqs_metrics WHERE queue_name LIKE 'calls%';
SELECT sqs_list_queues('calls');
SELECT DISTINCT queue_name FROM sqs_check() WHERE queue_name LIKE 'calls%';
RESET ROLE;

-- what the errors say
SELECT sqs_set_queue_attributes('calls', '{"Policy": ""}');
SET ROLE regress_policy_user;
SELECT sqs_send('calls', 'a secret');
RESET ROLE;
SELECT sqs_put_role_policy('regress_policy_user', 'deny', '{"Statement": {"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"}}');
SET ROLE regress_policy_user;
SELECT sqs_send('calls', 'a secret');
RESET ROLE;
SELECT sqs_delete_role_policy('regress_policy_user', 'deny');
SELECT sqs_set_queue_attributes('calls', '{"Policy": "{\"Statement\": {\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"sqs:*\", \"Resource\": \"*\"}}"}');
SET ROLE regress_policy_user;
SELECT sqs_send('calls', 'a secret');
-- the owner has locked itself out, and a superuser lets it in again
SET ROLE regress_policy_owner;
SELECT sqs_send('calls', 'a secret');
SELECT sqs_set_queue_attributes('calls', '{"Policy": ""}');
SELECT name FROM sqs_queues WHERE name LIKE 'calls%';
RESET ROLE;
SELECT sqs_send('calls', 'x') IS NOT NULL AS sent;
SELECT sqs_set_queue_attributes('calls', '{"Policy": ""}');
SET ROLE regress_policy_owner;
SELECT sqs_send('calls', 'x') IS NOT NULL AS sent;
RESET ROLE;
-- a policy of the role keeps it out as well
SELECT sqs_put_role_policy('regress_policy_owner', 'deny', '{"Statement": {"Effect": "Deny", "Action": "sqs:DeleteQueue", "Resource": "*"}}');
SET ROLE regress_policy_owner;
SELECT sqs_delete_queue('calls');
SELECT sqs_send('calls', 'x') IS NOT NULL AS sent;
RESET ROLE;
SELECT sqs_delete_role_policy('regress_policy_owner', 'deny');

-- policies of roles: a pattern of names, inherited, and gone with the membership
SELECT sqs_put_role_policy('regress_policy_team', 'calls', '{"Statement": {"Effect": "Allow", "Action": ["sqs:Send*", "sqs:List*"], "Resource": "arn:aws:sqs:*:*:calls"}}');
GRANT regress_policy_team TO regress_policy_user;
SET ROLE regress_policy_user;
SELECT sqs_send('calls', 'x') IS NOT NULL AS sent;
SELECT sqs_send('calls-other', 'x') IS NOT NULL AS sent;
SELECT sqs_list_queues('calls');
RESET ROLE;
BEGIN;
REVOKE regress_policy_team FROM regress_policy_user;
SET LOCAL ROLE regress_policy_user;
SAVEPOINT s;
SELECT sqs_send('calls', 'x');
ROLLBACK;
SET ROLE regress_policy_user;
SELECT sqs_send('calls', 'x') IS NOT NULL AS sent;
RESET ROLE;
-- also that of a queue, in a transaction and after it is rolled back
BEGIN;
SELECT sqs_set_queue_attributes('calls', '{"Policy": "{\"Statement\": {\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"sqs:*\", \"Resource\": \"*\"}}"}');
SET LOCAL ROLE regress_policy_user;
SAVEPOINT s;
SELECT sqs_send('calls', 'x');
ROLLBACK;
SET ROLE regress_policy_user;
SELECT sqs_send('calls', 'x') IS NOT NULL AS sent;
RESET ROLE;
BEGIN;
SELECT sqs_put_role_policy('regress_policy_team', 'deny', '{"Statement": {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}}');
SET LOCAL ROLE regress_policy_user;
SAVEPOINT s;
SELECT sqs_list_queues('calls');
ROLLBACK;
SET ROLE regress_policy_user;
SELECT sqs_send('calls', 'x') IS NOT NULL AS sent;
RESET ROLE;
REVOKE regress_policy_team FROM regress_policy_user;
SELECT sqs_delete_role_policy('regress_policy_team', 'calls');

-- conditions on what the request is: tags, the client, the time
SELECT sqs_put_role_policy('regress_policy_user', 'conditions', '{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/Team": "blue"}}},
  {"Effect": "Allow", "Action": ["sqs:TagQueue", "sqs:UntagQueue"], "Resource": "*", "Condition": {"ForAllValues:StringLike": {"aws:TagKeys": "my-*"}}},
  {"Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": "*", "Condition": {"StringLike": {"aws:UserAgent": "regress agent"}}},
  {"Effect": "Allow", "Action": "sqs:PurgeQueue", "Resource": "*", "Condition": {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}},
  {"Effect": "Allow", "Action": "sqs:GetQueueUrl", "Resource": "*", "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01", "aws:EpochTime": 1577836800},
     "Bool": {"aws:PrincipalIsAWSService": false}, "Null": {"aws:SecureTransport": false, "aws:MultiFactorAuthAge": true, "aws:TokenAge": true,
     "aws:PrincipalTag/a": true, "aws:PrincipalOrgID": true, "aws:SourceVpc": true, "aws:SourceArn": true},
     "StringEquals": {"aws:username": "regress_policy_user", "aws:PrincipalAccount": "000000000000", "aws:PrincipalType": "AssumedRole", "aws:RequestedRegion": "us-east-1",
       "aws:ResourceAccount": "000000000000"},
     "ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::000000000000:role/regress_policy_user"}, "NumericGreaterThan": {"aws:userid": 0}}},
  {"Effect": "Allow", "Action": "sqs:CreateQueue", "Resource": "arn:aws:sqs:*:*:${aws:username}-*", "Condition": {"StringEquals": {"aws:RequestTag/owner": "${aws:username}"}}},
  {"Effect": "Deny", "Action": "sqs:TagQueue", "Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "forbidden"}}}]}');
SET ROLE regress_policy_user;
SELECT pg_temp.try($$SELECT sqs_send('calls', 'x')$$) AS tagged, pg_temp.try($$SELECT sqs_send('calls-other', 'x')$$) AS untagged;
SELECT pg_temp.try($$SELECT sqs_tag_queue('calls', '{"my-a": "1", "my-b": "2"}')$$) AS mine, pg_temp.try($$SELECT sqs_tag_queue('calls', '{"my-a": "1", "team": "red"}')$$) AS theirs;
SELECT pg_temp.try($$SELECT sqs_untag_queue('calls', '{my-a,my-b}')$$) AS mine, pg_temp.try($$SELECT sqs_untag_queue('calls', '{my-a,team}')$$) AS theirs;
SELECT pg_temp.try($$SELECT sqs_receive('calls')$$);
SET application_name = 'regress agent';
SELECT pg_temp.try($$SELECT sqs_receive('calls')$$);
SET application_name = '';
SELECT pg_temp.try($$SELECT sqs_receive('calls')$$);
SELECT pg_temp.try($$SELECT sqs_purge_queue('calls')$$), pg_temp.try($$SELECT sqs_get_queue_url('calls')$$);
SELECT pg_temp.try($$SELECT sqs_create_queue('regress_policy_user-1')$$) AS untagged,
  pg_temp.try($$SELECT sqs_create_queue('regress_policy_user-1', '{}', '{"Owner": "somebody"}')$$) AS of_another,
  pg_temp.try($$SELECT sqs_create_queue('somebody-1', '{}', '{"owner": "regress_policy_user"}')$$) AS for_another,
  pg_temp.try($$SELECT sqs_create_queue('regress_policy_user-1', '{}', '{"owner": "regress_policy_user", "forbidden": "1"}')$$) AS forbidden,
  pg_temp.try($$SELECT sqs_create_queue('regress_policy_user-1', '{}', '{"owner": "regress_policy_user"}')$$) AS right;
SELECT owner FROM sqs_queues AS q, LATERAL (SELECT sqs_list_queue_tags(q.name) ->> 'owner' AS owner) AS t WHERE name LIKE 'regress_policy_user-%';
SELECT pg_temp.try($$SELECT sqs_delete_queue('regress_policy_user-1')$$);
RESET ROLE;
SELECT sqs_tag_queue('calls', '{"team": "red"}');
SET ROLE regress_policy_user;
SELECT pg_temp.try($$SELECT sqs_send('calls', 'x')$$);
RESET ROLE;
SELECT sqs_delete_role_policy('regress_policy_user', 'conditions');

-- sqs_add_permission is for accounts: all roles of ours, or of another
SELECT sqs_add_permission('calls', 'theirs', '{111122223333}', '{SendMessage}');
SET ROLE regress_policy_user;
SELECT pg_temp.try($$SELECT sqs_send('calls', 'x')$$);
RESET ROLE;
SELECT sqs_add_permission('calls', 'ours', '{000000000000}', '{SendMessage}');
SET ROLE regress_policy_user;
SELECT pg_temp.try($$SELECT sqs_send('calls', 'x')$$), pg_temp.try($$SELECT sqs_receive('calls')$$);
RESET ROLE;
SELECT sqs_remove_permission('calls', 'ours');
SET ROLE regress_policy_user;
SELECT pg_temp.try($$SELECT sqs_send('calls', 'x')$$);
RESET ROLE;

-- across accounts, with a queue that is in another
UPDATE queue.queues SET account_id = '999988887777', policy = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}}'
WHERE queue_name = 'calls-other';
\set far '''arn:aws:sqs:us-east-1:999988887777:calls-other'''
SET ROLE regress_policy_user;
SELECT sqs_send(:far, 'x');
SELECT sqs_delete_queue(:far);
RESET ROLE;
SELECT sqs_put_role_policy('regress_policy_user', 'far', '{"Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:999988887777:*"}}');
SET ROLE regress_policy_user;
SELECT sqs_send(:far, 'x') IS NOT NULL AS sent;
SELECT count(*) FROM sqs_pop(:far);
SELECT sqs_delete_queue(:far);
SELECT sqs_tag_queue(:far, '{"a": "b"}');
SELECT sqs_send('calls', 'x');
RESET ROLE;
SELECT sqs_set_queue_attributes(:far, '{"Policy": ""}');
SET ROLE regress_policy_user;
SELECT sqs_send(:far, 'x');
RESET ROLE;
SELECT sqs_delete_role_policy('regress_policy_user', 'far');

-- the right to create queues, and what denies it
SELECT sqs_put_role_policy('regress_policy_owner', 'deny', '{"Statement": [{"Effect": "Deny", "Action": "sqs:CreateQueue", "Resource": "arn:aws:sqs:*:*:no-*"},
  {"Effect": "Deny", "Action": "sqs:ListQueues", "Resource": "*"}]}');
SET ROLE regress_policy_owner;
SELECT pg_temp.try($$SELECT sqs_create_queue('no-1')$$), pg_temp.try($$SELECT sqs_create_queue('calls-yes')$$);
SELECT sqs_list_queues('calls');
SELECT name FROM sqs_queues WHERE name = 'calls-yes';
SELECT sqs_delete_queue('calls-yes');
RESET ROLE;
SELECT sqs_delete_role_policy('regress_policy_owner', 'deny');

SELECT sqs_delete_queue(q) FROM unnest(ARRAY['calls', :far]) AS q;
SET queue.recreate_delay = 0;
DROP TABLE rows;
SELECT queue.sweep();
REVOKE ALL ON SCHEMA queue FROM regress_policy_owner;
DROP OWNED BY regress_policy_owner, regress_policy_user;
DROP ROLE regress_policy_owner, regress_policy_user, regress_policy_team;
