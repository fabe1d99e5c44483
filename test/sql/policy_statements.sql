--
-- Promises: statements are about the actions, resources and principals that they
-- name, or about all others; a deny counts more than anything, then what allows,
-- within an account by one of the policies, across accounts by both; and the
-- statement that decided is named.  What is shown of the tables of cases are
-- those that were not decided as expected.
--
\pset format unaligned
\pset null (null)
CREATE ROLE regress_policy_group;
CREATE ROLE regress_policy_app IN ROLE regress_policy_group;
CREATE ROLE regress_policy_noinherit NOINHERIT IN ROLE regress_policy_group;
CREATE ROLE regress_policy_other;
CREATE ROLE "regress_policy_*";
CREATE ROLE "regress_policy_a:b/c ""d""";
SELECT name, sqs_create_queue(name, CASE WHEN name LIKE '%.fifo' THEN '{"FifoQueue": "true"}' ELSE '{}' END::jsonb) IS NOT NULL AS created
FROM unnest(ARRAY['policy-orders', 'policy-far', 'policy-orders.fifo']) AS name;
-- a queue of another account, whose owner is nobody of ours
UPDATE queue.queues SET account_id = '999988887777' WHERE queue_name = 'policy-far';
\set far '''arn:aws:sqs:us-east-1:999988887777:policy-far'''

CREATE FUNCTION pg_temp.set_policies(for_role text, queue text, role_statements jsonb, queue_statements jsonb, version text DEFAULT '2012-10-17')
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  name text;
BEGIN
  FOR name IN SELECT policy_name FROM sqs_list_role_policies(for_role::regrole) LOOP
    PERFORM sqs_delete_role_policy(for_role::regrole, name);
  END LOOP;
  IF role_statements IS NOT NULL THEN
    PERFORM sqs_put_role_policy(for_role::regrole, 'statements', jsonb_build_object('Version', version, 'Statement', role_statements));
  END IF;
  PERFORM sqs_set_queue_attributes(queue, jsonb_build_object('Policy',
    coalesce(jsonb_build_object('Version', version, 'Statement', queue_statements)::text, '')))
  WHERE queue_statements IS NOT NULL;
  PERFORM sqs_set_queue_attributes(queue, '{"Policy": ""}') WHERE queue_statements IS NULL;
END
$$;

-- actions: pattern, action, whether it is one
CREATE TEMP TABLE actions (n int GENERATED ALWAYS AS IDENTITY, element text, value jsonb, action text, matches boolean);
INSERT INTO actions (element, value, action, matches) VALUES
  ('Action', '"*"', 'SendMessage', true),
  ('Action', '"sqs:*"', 'SendMessage', true),
  ('Action', '"SQS:*"', 'ReceiveMessage', true),
  ('Action', '"sqs:SendMessage"', 'SendMessage', true),
  ('Action', '"sqs:sendmessage"', 'SendMessage', true),
  ('Action', '"SQS:SENDMESSAGE"', 'sqs:sendmessage', true),
  ('Action', '"sqs:SendMessage"', 'SendMessageBatch', true),
  ('Action', '"sqs:DeleteMessage"', 'DeleteMessageBatch', true),
  ('Action', '"sqs:ChangeMessageVisibility"', 'ChangeMessageVisibilityBatch', true),
  ('Action', '"sqs:SendMessage"', 'ReceiveMessage', false),
  ('Action', '"sqs:DeleteMessage"', 'DeleteQueue', false),
  ('Action', '["sqs:SendMessage", "sqs:GetQueueUrl"]', 'GetQueueUrl', true),
  ('Action', '["sqs:SendMessage", "sqs:GetQueueUrl"]', 'GetQueueAttributes', false),
  ('Action', '"sqs:Get*"', 'GetQueueUrl', true),
  ('Action', '"sqs:Get*"', 'GetQueueAttributes', true),
  ('Action', '"sqs:Get*"', 'SetQueueAttributes', false),
  ('Action', '"sqs:*Message"', 'SendMessage', true),
  ('Action', '"sqs:*Message"', 'ChangeMessageVisibility', false),
  ('Action', '"sqs:*message*"', 'ChangeMessageVisibility', true),
  ('Action', '"sqs:?etQueueAttributes"', 'GetQueueAttributes', true),
  ('Action', '"sqs:?etQueueAttributes"', 'SetQueueAttributes', true),
  ('Action', '"sqs:S?tQueueAttributes"', 'GetQueueAttributes', false),
  ('Action', '"sqs:PurgeQueue"', 'PurgeQueue', true),
  ('Action', '"sqs:TagQueue"', 'UntagQueue', false),
  ('Action', '"sqs:*TagQueue"', 'UntagQueue', true),
  ('Action', '"sqs:List*"', 'ListDeadLetterSourceQueues', true),
  ('Action', '"sqs:ListQueues"', 'ListQueueTags', false),
  ('NotAction', '"sqs:SendMessage"', 'SendMessage', false),
  ('NotAction', '"sqs:SendMessage"', 'ReceiveMessage', true),
  ('NotAction', '"sqs:sendmessage"', 'SendMessage', false),
  ('NotAction', '["sqs:SendMessage", "sqs:Get*"]', 'GetQueueUrl', false),
  ('NotAction', '["sqs:SendMessage", "sqs:Get*"]', 'DeleteQueue', true),
  ('NotAction', '"sqs:*"', 'SendMessage', false),
  ('NotAction', '"*"', 'SendMessage', false);

-- resources: element, value, version, whether it is that of the queue
CREATE TEMP TABLE resources (n int GENERATED ALWAYS AS IDENTITY, element text, value jsonb, version text, matches boolean);
INSERT INTO resources (element, value, version, matches) VALUES
  ('Resource', '"*"', '2012-10-17', true),
  ('Resource', '"arn:aws:sqs:us-east-1:000000000000:policy-orders"', '2012-10-17', true),
  ('Resource', '"arn:aws:sqs:us-east-1:000000000000:policy-order"', '2012-10-17', false),
  ('Resource', '"arn:aws:sqs:us-east-1:000000000000:policy-orders.fifo"', '2012-10-17', false),
  ('Resource', '"arn:aws:sqs:us-east-1:000000000000:Policy-Orders"', '2012-10-17', false),
  ('Resource', '"arn:aws:sqs:us-east-1:000000000001:policy-orders"', '2012-10-17', false),
  ('Resource', '"arn:aws:sqs:eu-west-1:000000000000:policy-orders"', '2012-10-17', false),
  ('Resource', '"arn:aws:sns:us-east-1:000000000000:policy-orders"', '2012-10-17', false),
  ('Resource', '"arn:aws:sqs:us-east-1:000000000000:policy-*"', '2012-10-17', true),
  ('Resource', '"arn:aws:sqs:us-east-1:000000000000:*"', '2012-10-17', true),
  ('Resource', '"arn:aws:sqs:us-east-1:000000000000:*-orders"', '2012-10-17', true),
  ('Resource', '"arn:aws:sqs:us-east-1:000000000000:*-bills"', '2012-10-17', false),
  ('Resource', '"arn:aws:sqs:us-east-1:000000000000:policy?orders"', '2012-10-17', true),
  ('Resource', '"arn:aws:sqs:us-east-1:000000000000:policy?"', '2012-10-17', false),
  ('Resource', '"arn:aws:sqs:*:000000000000:policy-orders"', '2012-10-17', true),
  ('Resource', '"arn:aws:sqs:*:*:policy-orders"', '2012-10-17', true),
  ('Resource', '"arn:aws:sqs:us-*-1:*:policy-orders"', '2012-10-17', true),
  ('Resource', '"arn:aws:sqs:eu-*-1:*:policy-orders"', '2012-10-17', false),
  ('Resource', '"arn:aws:sqs:*:policy-orders"', '2012-10-17', true),
  ('Resource', '"arn:aws:sqs:*"', '2012-10-17', true),
  ('Resource', '"arn:aws:s3:*"', '2012-10-17', false),
  ('Resource', '["arn:aws:sqs:*:*:a", "arn:aws:sqs:*:*:policy-o*"]', '2012-10-17', true),
  ('Resource', '["arn:aws:sqs:*:*:a", "arn:aws:sqs:*:*:b"]', '2012-10-17', false),
  ('NotResource', '"arn:aws:sqs:*:*:a"', '2012-10-17', true),
  ('NotResource', '"arn:aws:sqs:*:*:policy-*"', '2012-10-17', false),
  ('NotResource', '["arn:aws:sqs:*:*:a", "arn:aws:sqs:*:*:policy-o*"]', '2012-10-17', false),
  ('NotResource', '"*"', '2012-10-17', false),
  ('Resource', '"arn:aws:sqs:*:${aws:ResourceAccount}:policy-orders"', '2012-10-17', true),
  ('Resource', '"arn:aws:sqs:*:${aws:ResourceAccount}:policy-orders"', '2008-10-17', false),
  ('Resource', '"arn:aws:sqs:*:*:policy-${aws:part}"', '2012-10-17', true),
  ('Resource', '"arn:aws:sqs:*:*:policy-${aws:part}"', '2008-10-17', false),
  ('Resource', '"arn:aws:sqs:*:*:policy-${aws:star}"', '2012-10-17', false),
  ('Resource', '"arn:aws:sqs:*:*:policy-${aws:star}*"', '2012-10-17', false),
  ('Resource', '"arn:aws:sqs:*:*:policy-${aws:nothing}"', '2012-10-17', false),
  ('Resource', '"arn:aws:sqs:*:*:policy-${aws:nothing, ''orders''}"', '2012-10-17', true),
  ('Resource', '"arn:aws:sqs:*:*:policy${*}"', '2012-10-17', false),
  ('NotResource', '"arn:aws:sqs:*:*:policy-${aws:part}"', '2012-10-17', false);

-- principals: element, value, whether the role is meant
CREATE TEMP TABLE principals (n int GENERATED ALWAYS AS IDENTITY, element text, value jsonb, role text, matches boolean);
INSERT INTO principals (element, value, role, matches) VALUES
  ('Principal', '"*"', 'regress_policy_app', true),
  ('Principal', '{"AWS": "*"}', 'regress_policy_app', true),
  ('Principal', '{"AWS": "000000000000"}', 'regress_policy_app', true),
  ('Principal', '{"AWS": "000000000001"}', 'regress_policy_app', false),
  ('Principal', '{"AWS": "arn:aws:iam::000000000000:root"}', 'regress_policy_app', true),
  ('Principal', '{"AWS": "arn:aws:iam::000000000001:root"}', 'regress_policy_app', false),
  ('Principal', '{"AWS": "arn:aws:iam::000000000000:role/regress_policy_app"}', 'regress_policy_app', true),
  ('Principal', '{"AWS": "arn:aws:iam::000000000000:user/regress_policy_app"}', 'regress_policy_app', true),
  ('Principal', '{"AWS": "arn:aws:iam::000000000001:role/regress_policy_app"}', 'regress_policy_app', false),
  ('Principal', '{"AWS": "arn:aws:iam::000000000000:role/regress_policy_ap"}', 'regress_policy_app', false),
  ('Principal', '{"AWS": "arn:aws:iam::000000000000:role/Regress_policy_app"}', 'regress_policy_app', false),
  ('Principal', '{"AWS": "arn:aws:iam::000000000000:role/regress_policy_group"}', 'regress_policy_app', true),
  ('Principal', '{"AWS": "arn:aws:iam::000000000001:role/regress_policy_group"}', 'regress_policy_app', false),
  ('Principal', '{"AWS": "arn:aws:iam::000000000000:role/regress_policy_group"}', 'regress_policy_other', false),
  ('Principal', '{"AWS": "arn:aws:iam::000000000000:role/regress_policy_group"}', 'regress_policy_noinherit', false),
  ('Principal', '{"AWS": "arn:aws:iam::000000000000:role/regress_policy_app"}', 'regress_policy_group', false),
  ('Principal', '{"AWS": ["arn:aws:iam::000000000000:role/x", "arn:aws:iam::000000000000:role/regress_policy_app"]}', 'regress_policy_app', true),
  ('Principal', '{"AWS": ["000000000001", "arn:aws:iam::000000000002:root"]}', 'regress_policy_app', false),
  ('Principal', '{"Service": "sns.amazonaws.com"}', 'regress_policy_app', false),
  ('Principal', '{"Service": "sns.amazonaws.com", "AWS": "000000000000"}', 'regress_policy_app', true),
  ('Principal', '{"Service": ["sns.amazonaws.com", "s3.amazonaws.com"], "AWS": ["000000000001"]}', 'regress_policy_app', false),
  ('Principal', '{"AWS": "arn:aws:iam::000000000000:role/regress_policy_*"}', 'regress_policy_*', true),
  ('Principal', '{"AWS": "arn:aws:iam::000000000000:role/regress_policy_*"}', 'regress_policy_app', false),
  ('Principal', '{"AWS": "arn:aws:iam::000000000000:role/regress_policy_a:b/c \"d\""}', 'regress_policy_a:b/c "d"', true),
  ('Principal', '{"AWS": "arn:aws:iam::000000000000:role/c \"d\""}', 'regress_policy_a:b/c "d"', false),
  ('Principal', '{"AWS": "arn:aws:iam::000000000000:role/nobody_at_all"}', 'regress_policy_app', false),
  ('NotPrincipal', '"*"', 'regress_policy_app', false),
  ('NotPrincipal', '{"AWS": "000000000000"}', 'regress_policy_app', false),
  ('NotPrincipal', '{"AWS": "000000000001"}', 'regress_policy_app', true),
  ('NotPrincipal', '{"AWS": "arn:aws:iam::000000000000:role/regress_policy_app"}', 'regress_policy_app', false),
  ('NotPrincipal', '{"AWS": "arn:aws:iam::000000000000:role/regress_policy_group"}', 'regress_policy_app', false),
  ('NotPrincipal', '{"AWS": "arn:aws:iam::000000000000:role/regress_policy_group"}', 'regress_policy_other', true),
  ('NotPrincipal', '{"AWS": ["arn:aws:iam::000000000000:role/a", "arn:aws:iam::000000000000:role/b"]}', 'regress_policy_app', true),
  ('NotPrincipal', '{"Service": "sns.amazonaws.com"}', 'regress_policy_app', true);

-- each of them in a statement that allows and one that denies; the queue's, and
-- but for principals the role's
CREATE FUNCTION pg_temp.decide(role text, effect text, whose text, elements jsonb, action text, version text DEFAULT '2012-10-17')
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  statements jsonb := jsonb_build_array(jsonb_build_object('Effect', effect) || elements);
  context jsonb := '{"aws:part": "orders", "aws:star": "*"}';
BEGIN
  IF effect = 'Deny' THEN
    statements := statements || '[{"Effect": "Allow", "Action": "*", "Resource": "*"}]';
  END IF;
  IF whose = 'queue' THEN
    SELECT jsonb_agg(CASE WHEN s ?| '{Principal,NotPrincipal}' THEN s ELSE s || '{"Principal": "*"}' END)
    INTO statements FROM jsonb_array_elements(statements) AS s;
    PERFORM pg_temp.set_policies(quote_ident(role), 'policy-orders', NULL, statements, version);
  ELSE
    PERFORM pg_temp.set_policies(quote_ident(role), 'policy-orders', statements, NULL, version);
  END IF;
  RETURN (SELECT decision FROM sqs_simulate_policy(quote_ident(role)::regrole, action, 'policy-orders', context));
END
$$;
CREATE FUNCTION pg_temp.expected(effect text, matches boolean) RETURNS text LANGUAGE sql AS $$
  SELECT CASE WHEN effect = 'Allow' THEN CASE WHEN matches THEN 'allowed' ELSE 'implicitDeny' END
              ELSE CASE WHEN matches THEN 'explicitDeny' ELSE 'allowed' END END
$$;
SELECT count(*) AS cases FROM (SELECT n FROM actions UNION ALL SELECT n FROM resources UNION ALL SELECT n FROM principals) AS c;
SELECT * FROM (
  SELECT whose, effect, element, value, action,
    pg_temp.decide('regress_policy_app', effect, whose,
      jsonb_build_object(element, value, 'Resource', '*'), action) AS decision,
    pg_temp.expected(effect, matches) AS expected
  FROM unnest(ARRAY['queue', 'role']) AS whose, unnest(ARRAY['Allow', 'Deny']) AS effect, actions) AS d
WHERE decision IS DISTINCT FROM expected;
SELECT * FROM (
  SELECT whose, effect, element, value, version,
    pg_temp.decide('regress_policy_app', effect, whose,
      jsonb_build_object(element, value, 'Action', 'sqs:SendMessage'), 'SendMessage', version) AS decision,
    pg_temp.expected(effect, matches) AS expected
  FROM unnest(ARRAY['queue', 'role']) AS whose, unnest(ARRAY['Allow', 'Deny']) AS effect, resources) AS d
WHERE decision IS DISTINCT FROM expected;
SELECT * FROM (
  SELECT effect, element, value, role,
    pg_temp.decide(role, effect, 'queue',
      jsonb_build_object(element, value, 'Action', 'sqs:SendMessage', 'Resource', '*'), 'SendMessage') AS decision,
    pg_temp.expected(effect, matches) AS expected
  FROM unnest(ARRAY['Allow', 'Deny']) AS effect, principals) AS d
WHERE decision IS DISTINCT FROM expected;

-- an exception that cannot be known allows nothing, and denies all
SELECT effect, pg_temp.decide('regress_policy_app', effect, whose,
  '{"NotResource": "arn:aws:sqs:*:*:${aws:nothing}", "Action": "sqs:SendMessage"}', 'SendMessage')
FROM unnest(ARRAY['Allow', 'Deny']) AS effect, unnest(ARRAY['queue', 'role']) AS whose ORDER BY 1, 2;
-- actions of another service are none of ours
SELECT effect, element, pg_temp.decide('regress_policy_app', effect, 'role',
  jsonb_build_object(element, ARRAY['s3:*', 'sns:SendMessage'], 'Resource', '*'), 'SendMessage')
FROM unnest(ARRAY['Allow', 'Deny']) AS effect, unnest(ARRAY['Action', 'NotAction']) AS element ORDER BY 1, 2;

-- policies together: what the role has, what the queue has (a: allows it, d:
-- denies it, o: says something else, -: there is none), and what comes out
CREATE FUNCTION pg_temp.statements(letters text, action text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_agg(jsonb_build_object('Sid', 's' || n, 'Effect', CASE letter WHEN 'd' THEN 'Deny' ELSE 'Allow' END,
    'Action', CASE letter WHEN 'o' THEN 'sqs:PurgeQueue' ELSE action END, 'Resource', '*') ORDER BY n)
  FROM string_to_table(nullif(letters, '-'), NULL) WITH ORDINALITY AS l (letter, n)
$$;
CREATE TEMP TABLE together (n int GENERATED ALWAYS AS IDENTITY, role_has text, queue_has text, within text, across text, sid text);
INSERT INTO together (role_has, queue_has, within, across, sid) VALUES
  ('-', '-', 'implicitDeny', 'implicitDeny', NULL),
  ('a', '-', 'allowed', 'implicitDeny', 's1'),
  ('-', 'a', 'allowed', 'implicitDeny', 's1'),
  ('a', 'a', 'allowed', 'allowed', 's1'),
  ('d', '-', 'explicitDeny', 'explicitDeny', 's1'),
  ('-', 'd', 'explicitDeny', 'explicitDeny', 's1'),
  ('d', 'a', 'explicitDeny', 'explicitDeny', 's1'),
  ('a', 'd', 'explicitDeny', 'explicitDeny', 's1'),
  ('d', 'd', 'explicitDeny', 'explicitDeny', 's1'),
  ('o', '-', 'implicitDeny', 'implicitDeny', NULL),
  ('-', 'o', 'implicitDeny', 'implicitDeny', NULL),
  ('o', 'o', 'implicitDeny', 'implicitDeny', NULL),
  ('o', 'a', 'allowed', 'implicitDeny', 's1'),
  ('a', 'o', 'allowed', 'implicitDeny', 's1'),
  ('o', 'd', 'explicitDeny', 'explicitDeny', 's1'),
  ('oa', '-', 'allowed', 'implicitDeny', 's2'),
  ('aod', '-', 'explicitDeny', 'explicitDeny', 's3'),
  ('-', 'oaa', 'allowed', 'implicitDeny', 's2'),
  ('-', 'aaad', 'explicitDeny', 'explicitDeny', 's4'),
  ('aaaa', 'oood', 'explicitDeny', 'explicitDeny', 's4'),
  ('oa', 'ooa', 'allowed', 'allowed', 's2'),
  ('a', 'oa', 'allowed', 'allowed', 's1');
CREATE FUNCTION pg_temp.decide_together(queue text, role_has text, queue_has text, action text, OUT decision text, OUT sid text)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_temp.set_policies('regress_policy_app', queue, pg_temp.statements(role_has, 'sqs:' || action),
    (SELECT jsonb_agg(s || '{"Principal": "*"}' ORDER BY s ->> 'Sid')
     FROM jsonb_array_elements(pg_temp.statements(queue_has, 'sqs:' || action)) AS s));
  SELECT s.decision, s.statement ->> 'Sid' INTO decision, sid
  FROM sqs_simulate_policy('regress_policy_app', action, queue) AS s;
END
$$;
SELECT t.role_has, t.queue_has, d.decision, t.within, d.sid, t.sid AS expected_sid
FROM together AS t, LATERAL pg_temp.decide_together('policy-orders', role_has, queue_has, 'SendMessage') AS d
WHERE (d.decision, d.sid) IS DISTINCT FROM (t.within, t.sid) ORDER BY n;
SELECT t.role_has, t.queue_has, d.decision, t.across
FROM together AS t, LATERAL pg_temp.decide_together(:far, role_has, queue_has, 'SendMessage') AS d
WHERE d.decision IS DISTINCT FROM t.across ORDER BY n;

-- each action, within the account and across, with both policies that allow it
SELECT string_agg(a || CASE WHEN within.decision = 'allowed' THEN '' ELSE ' ' || within.decision END, ', ' ORDER BY a COLLATE "C") AS within
FROM unnest(ARRAY['AddPermission', 'CancelMessageMoveTask', 'ChangeMessageVisibility', 'ChangeMessageVisibilityBatch', 'CreateQueue',
  'DeleteMessage', 'DeleteMessageBatch', 'DeleteQueue', 'GetQueueAttributes', 'GetQueueUrl', 'ListDeadLetterSourceQueues',
  'ListMessageMoveTasks', 'ListQueues', 'ListQueueTags', 'PurgeQueue', 'ReceiveMessage', 'RemovePermission', 'SendMessage',
  'SendMessageBatch', 'SetQueueAttributes', 'StartMessageMoveTask', 'TagQueue', 'UntagQueue']) AS a,
  LATERAL pg_temp.decide_together('policy-orders', 'a', 'a', replace(a, 'Batch', '')) AS within;
SELECT across.decision, string_agg(a, ', ' ORDER BY a COLLATE "C") AS across
FROM unnest(ARRAY['AddPermission', 'CancelMessageMoveTask', 'ChangeMessageVisibility', 'CreateQueue',
  'DeleteMessage', 'DeleteQueue', 'GetQueueAttributes', 'GetQueueUrl', 'ListDeadLetterSourceQueues',
  'ListMessageMoveTasks', 'ListQueues', 'ListQueueTags', 'PurgeQueue', 'ReceiveMessage', 'RemovePermission', 'SendMessage',
  'SetQueueAttributes', 'StartMessageMoveTask', 'TagQueue', 'UntagQueue']) AS a,
  LATERAL pg_temp.decide_together(:far, 'a', 'a', a) AS across
GROUP BY 1 ORDER BY 1;

-- a role has the policies of the roles whose privileges it has, and no others
SELECT pg_temp.set_policies('regress_policy_app', 'policy-orders', NULL, NULL);
SELECT sqs_put_role_policy('regress_policy_group', 'send', '{"Statement": {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}}');
SELECT role, decision FROM unnest(ARRAY['regress_policy_group', 'regress_policy_app', 'regress_policy_noinherit', 'regress_policy_other']) AS role,
  LATERAL sqs_simulate_policy(role::regrole, 'SendMessage', 'policy-orders') ORDER BY 1;
SELECT sqs_put_role_policy('regress_policy_app', 'never', '{"Statement": {"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"}}');
SELECT role, decision FROM unnest(ARRAY['regress_policy_group', 'regress_policy_app']) AS role,
  LATERAL sqs_simulate_policy(role::regrole, 'SendMessage', 'policy-orders') ORDER BY 1;
REVOKE regress_policy_group FROM regress_policy_app;
SELECT sqs_delete_role_policy('regress_policy_app', 'never');
SELECT decision FROM sqs_simulate_policy('regress_policy_app', 'SendMessage', 'policy-orders');
GRANT regress_policy_group TO regress_policy_app;
SELECT decision FROM sqs_simulate_policy('regress_policy_app', 'SendMessage', 'policy-orders');
-- a superuser is allowed everything, and no policy says so
SELECT sqs_set_queue_attributes('policy-orders', '{"Policy": "{\"Statement\": {\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"*\", \"Resource\": \"*\"}}"}');
SELECT * FROM sqs_simulate_policy(current_user::regrole, 'SendMessage', 'policy-orders');
SELECT * FROM sqs_simulate_policy('regress_policy_app', 'SendMessage', 'policy-orders');
-- one that cannot be read denies
UPDATE queue.queues SET policy = '{"Statement": []}' WHERE queue_name = 'policy-orders.fifo';
SELECT * FROM sqs_simulate_policy('regress_policy_app', 'SendMessage', 'policy-orders.fifo');
SELECT sqs_set_queue_attributes('policy-orders.fifo', '{"Policy": ""}');
SELECT * FROM sqs_simulate_policy('regress_policy_app', 'SendMessage', 'policy-orders.fifo');
INSERT INTO queue.role_policies VALUES ('regress_policy_app', 'odd', '[]');
SELECT sqs_delete_role_policy('regress_policy_group', 'send');
SELECT * FROM sqs_simulate_policy('regress_policy_app', 'SendMessage', 'policy-orders.fifo');
SELECT sqs_delete_role_policy('regress_policy_app', 'odd');
SELECT * FROM sqs_simulate_policy('regress_policy_app', 'SendMessage', 'policy-orders.fifo');
-- a queue that does not exist yet
SELECT sqs_put_role_policy('regress_policy_app', 'create', '{"Statement": [
  {"Effect": "Allow", "Action": "sqs:CreateQueue", "Resource": "arn:aws:sqs:*:*:policy-app-*"},
  {"Effect": "Deny", "Action": "sqs:CreateQueue", "Resource": "*", "Condition": {"Null": {"aws:RequestTag/team": "true"}}}]}');
SELECT decision FROM sqs_simulate_policy('regress_policy_app', 'CreateQueue', 'policy-app-1');
SELECT decision FROM sqs_simulate_policy('regress_policy_app', 'CreateQueue', 'policy-app-1', '{"aws:requesttag/Team": "a"}');
SELECT decision FROM sqs_simulate_policy('regress_policy_app', 'CreateQueue', 'policy-other-1', '{"aws:RequestTag/team": "a"}');
SELECT decision FROM sqs_simulate_policy('regress_policy_app', 'SendMessage', 'policy-app-1');

-- arguments of the simulator
SELECT sqs_simulate_policy(NULL, 'SendMessage', 'policy-orders');
SELECT sqs_simulate_policy('-', 'SendMessage', 'policy-orders');
SELECT sqs_simulate_policy('4294967295', 'SendMessage', 'policy-orders');
SELECT sqs_simulate_policy('regress_policy_app', NULL, 'policy-orders');
SELECT sqs_simulate_policy('regress_policy_app', 'Send', 'policy-orders');
SELECT sqs_simulate_policy('regress_policy_app', 'ReceiveMessageBatch', 'policy-orders');
SELECT sqs_simulate_policy('regress_policy_app', 's3:GetObject', 'policy-orders');
SELECT sqs_simulate_policy('regress_policy_app', 'SendMessage', NULL);
SELECT sqs_simulate_policy('regress_policy_app', 'SendMessage', '*');
SELECT sqs_simulate_policy('regress_policy_app', 'SendMessage', 'policy-orders', '[]');
SELECT sqs_simulate_policy('regress_policy_app', 'SendMessage', 'policy-orders', '{"aws:a": {}}');
SELECT sqs_simulate_policy('regress_policy_app', 'SendMessage', 'policy-orders', '{"aws:a": [[]]}');
SELECT sqs_simulate_policy('regress_policy_app', 'SendMessage', 'policy-orders', '{"aws:a": [null]}');
SELECT sqs_simulate_policy('regress_policy_app', 'SendMessage', 'policy-orders', NULL);

SELECT sqs_delete_queue(q) FROM unnest(ARRAY['policy-orders', 'policy-orders.fifo', :far]) AS q;
SELECT sqs_delete_role_policy('regress_policy_app', 'create');
DROP ROLE regress_policy_app, regress_policy_noinherit, regress_policy_group, regress_policy_other, "regress_policy_*", "regress_policy_a:b/c ""d""";
