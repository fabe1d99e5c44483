--
-- Promises: a role is given policies by superusers, and by who was granted
-- EXECUTE and administers the role: nobody gives one to itself, to a superuser or
-- to a role that is not its own to administer.  They are listed, and simulated,
-- for whom could be the role.  A role with policies is not dropped; DROP OWNED
-- makes what they allow void, and not what they deny.
--
\pset format unaligned
\pset null (null)
CREATE ROLE regress_policy_admin;
CREATE ROLE regress_policy_role ADMIN regress_policy_admin;
CREATE ROLE regress_policy_member IN ROLE regress_policy_role;
CREATE ROLE regress_policy_stranger;
CREATE ROLE regress_policy_super SUPERUSER ADMIN regress_policy_admin;
\set allow '''{"Version": "2012-10-17", "Statement": {"Sid": "all", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}'''
\set deny '''{"Statement": [{"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"}]}'''
SELECT sqs_create_queue('role-policies') IS NOT NULL AS created;

-- put, list, replace, delete; the whole is kept as it is
SELECT sqs_put_role_policy('regress_policy_role', 'b', :allow);
SELECT sqs_put_role_policy('regress_policy_role', 'a', :deny);
SELECT * FROM sqs_list_role_policies('regress_policy_role');
SELECT sqs_put_role_policy('regress_policy_role', 'b', :deny);
SELECT * FROM sqs_list_role_policies('regress_policy_role');
SELECT * FROM sqs_list_role_policies('regress_policy_member');
SELECT sqs_delete_role_policy('regress_policy_role', 'a');
SELECT sqs_delete_role_policy('regress_policy_role', 'a');
SELECT sqs_delete_role_policy('regress_policy_role', 'b');
SELECT * FROM sqs_list_role_policies('regress_policy_role');

-- arguments
SELECT sqs_put_role_policy(NULL, 'a', :allow);
SELECT sqs_put_role_policy('-', 'a', :allow);
SELECT sqs_put_role_policy('4294967295', 'a', :allow);
SELECT sqs_put_role_policy('regress_policy_nobody_at_all', 'a', :allow);
SELECT sqs_put_role_policy('regress_policy_role', NULL, :allow);
SELECT sqs_put_role_policy('regress_policy_role', '', :allow);
SELECT sqs_put_role_policy('regress_policy_role', 'a b', :allow);
SELECT sqs_put_role_policy('regress_policy_role', repeat('x', 129), :allow);
SELECT sqs_put_role_policy('regress_policy_role', 'a', NULL);
SELECT sqs_put_role_policy('regress_policy_role', 'a', '{}');
SELECT sqs_delete_role_policy('regress_policy_role', NULL);
SELECT sqs_delete_role_policy('regress_policy_role', E'a\nb');
SELECT sqs_list_role_policies(NULL);
SELECT count(sqs_put_role_policy('regress_policy_role', repeat('x', 100) || '+=,.@-_' || n, :allow)) FROM generate_series(1, 10) AS n;
SELECT sqs_put_role_policy('regress_policy_role', 'one-more', :allow);
SELECT sqs_put_role_policy('regress_policy_role', repeat('x', 100) || '+=,.@-_1', :deny);
SELECT count(sqs_delete_role_policy('regress_policy_role', policy_name)) FROM sqs_list_role_policies('regress_policy_role');

-- who may: without EXECUTE nobody but superusers
SET ROLE regress_policy_admin;
SELECT sqs_put_role_policy('regress_policy_role', 'a', :allow);
SELECT sqs_delete_role_policy('regress_policy_role', 'a');
RESET ROLE;
GRANT EXECUTE ON FUNCTION sqs_put_role_policy, sqs_delete_role_policy TO regress_policy_admin, regress_policy_role, regress_policy_member, regress_policy_stranger;
-- with it, who administers the role
SET ROLE regress_policy_admin;
SELECT sqs_put_role_policy('regress_policy_role', 'a', :allow);
SELECT policy_name FROM sqs_list_role_policies('regress_policy_role');
SELECT decision FROM sqs_simulate_policy('regress_policy_role', 'SendMessage', 'role-policies');
-- not for itself, nor a superuser, nor a role that it does not administer
SELECT sqs_put_role_policy('regress_policy_admin', 'a', :allow);
SELECT sqs_put_role_policy('regress_policy_super', 'a', :allow);
SELECT sqs_put_role_policy('regress_policy_stranger', 'a', :allow);
SELECT sqs_list_role_policies('regress_policy_stranger');
SELECT sqs_simulate_policy('regress_policy_stranger', 'SendMessage', 'role-policies');
-- the role itself does not change them, and sees them
SET ROLE regress_policy_role;
SELECT sqs_put_role_policy('regress_policy_role', 'b', :allow);
SELECT sqs_delete_role_policy('regress_policy_role', 'a');
SELECT policy_name FROM sqs_list_role_policies('regress_policy_role');
-- nor do members, who could be it
SET ROLE regress_policy_member;
SELECT sqs_delete_role_policy('regress_policy_role', 'a');
SELECT policy_name FROM sqs_list_role_policies('regress_policy_role');
SELECT * FROM sqs_simulate_policy('regress_policy_role', 'SendMessage', 'role-policies');
-- strangers do neither
SET ROLE regress_policy_stranger;
SELECT sqs_put_role_policy('regress_policy_role', 'b', :allow);
SELECT sqs_list_role_policies('regress_policy_role');
SELECT sqs_simulate_policy('regress_policy_role', 'SendMessage', 'role-policies');
-- the statement of a queue's policy is shown to whom the policy is
RESET ROLE;
SELECT sqs_set_queue_attributes('role-policies', '{"Policy": "{\"Statement\": {\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"sqs:SendMessage\", \"Resource\": \"*\"}}"}');
SET ROLE regress_policy_stranger;
SELECT * FROM sqs_simulate_policy('regress_policy_stranger', 'SendMessage', 'role-policies');
SET ROLE regress_policy_member;
SELECT * FROM sqs_simulate_policy('regress_policy_member', 'SendMessage', 'role-policies');
RESET ROLE;
SELECT sqs_set_queue_attributes('role-policies', '{"Policy": ""}');

-- a role with policies is held
\set VERBOSITY sqlstate
DROP ROLE regress_policy_role;
\set VERBOSITY default
-- what DROP OWNED leaves: nothing is allowed any more, and what is denied stays
SELECT sqs_put_role_policy('regress_policy_role', 'd', '{"Statement": [{"Effect": "Deny", "Action": "sqs:PurgeQueue", "Resource": "*"}]}');
SELECT action, decision FROM unnest(ARRAY['SendMessage', 'PurgeQueue']) AS action, LATERAL sqs_simulate_policy('regress_policy_role', action, 'role-policies');
DROP OWNED BY regress_policy_role;
SELECT action, decision FROM unnest(ARRAY['SendMessage', 'PurgeQueue']) AS action, LATERAL sqs_simulate_policy('regress_policy_role', action, 'role-policies');
SELECT action, decision FROM unnest(ARRAY['SendMessage', 'PurgeQueue']) AS action, LATERAL sqs_simulate_policy('regress_policy_member', action, 'role-policies');
SELECT policy_name FROM sqs_list_role_policies('regress_policy_role');
SELECT sqs_put_role_policy('regress_policy_role', 'a', :allow);
SELECT count(sqs_delete_role_policy('regress_policy_role', policy_name)) FROM sqs_list_role_policies('regress_policy_role');
SELECT sqs_put_role_policy('regress_policy_role', 'a', :allow);
SELECT decision FROM sqs_simulate_policy('regress_policy_role', 'SendMessage', 'role-policies');
-- rolled back, as all else
BEGIN;
SELECT sqs_delete_role_policy('regress_policy_role', 'a');
SELECT decision FROM sqs_simulate_policy('regress_policy_role', 'SendMessage', 'role-policies');
ROLLBACK;
SELECT decision FROM sqs_simulate_policy('regress_policy_role', 'SendMessage', 'role-policies');
-- under any isolation
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT sqs_put_role_policy('regress_policy_role', 'a', :deny);
SELECT sqs_put_role_policy('regress_policy_role', 'a', :allow);
SELECT count(*) FROM sqs_list_role_policies('regress_policy_role');
SELECT decision FROM sqs_simulate_policy('regress_policy_role', 'SendMessage', 'role-policies');
COMMIT;
BEGIN READ ONLY;
SELECT sqs_put_role_policy('regress_policy_role', 'a', :allow);
ROLLBACK;
BEGIN READ ONLY;
SELECT sqs_delete_role_policy('regress_policy_role', 'a');
ROLLBACK;
BEGIN READ ONLY;
SELECT policy_name FROM sqs_list_role_policies('regress_policy_role');
SELECT decision FROM sqs_simulate_policy('regress_policy_role', 'SendMessage', 'role-policies');
ROLLBACK;

SELECT sqs_delete_role_policy('regress_policy_role', 'a');
SELECT sqs_delete_queue('role-policies');
DROP OWNED BY regress_policy_admin, regress_policy_role, regress_policy_member, regress_policy_stranger;
DROP ROLE regress_policy_admin, regress_policy_role, regress_policy_member, regress_policy_stranger, regress_policy_super;
