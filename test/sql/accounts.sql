--
-- Promises: queue names are unique in an account; a plain name means a queue of the
-- account of the role, URLs and ARNs say their own; lists and creations are of the
-- role's account; only superusers manage accounts, and a role's account is never
-- another role's.
--
\pset format unaligned
\pset null (null)
CREATE ROLE regress_accounts_blue;
CREATE ROLE regress_accounts_green;
CREATE ROLE regress_accounts_member;
CREATE ROLE regress_accounts_both;
CREATE ROLE regress_accounts_plain;
GRANT CREATE ON SCHEMA queue TO regress_accounts_blue, regress_accounts_green, regress_accounts_plain;
GRANT regress_accounts_blue TO regress_accounts_member, regress_accounts_both;
GRANT regress_accounts_green TO regress_accounts_both;
CREATE FUNCTION pg_temp.try(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
  detail text;
BEGIN
  EXECUTE call INTO result;
  RETURN result;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN SQLSTATE || ' ' || SQLERRM || '; ' || detail;
END $$;
CREATE FUNCTION pg_temp.try_as(role text, call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  PERFORM set_config('role', role, true);
  result := pg_temp.try(call);
  PERFORM set_config('role', 'none', true);
  RETURN result;
END $$;

-- accounts
SELECT sqs_create_account('111111111111', 'the blue team');
SELECT sqs_create_account('222222222222', $$the "green" team; '--$$);
SELECT pg_temp.try(call) FROM unnest(ARRAY[
  $$SELECT sqs_create_account('111111111111', 'again')$$, $$SELECT sqs_create_account('11111111111', 'short')$$,
  $$SELECT sqs_create_account('11111111111x', 'x')$$, $$SELECT sqs_create_account(NULL, 'x')$$, $$SELECT sqs_create_account('333333333333', NULL)$$,
  $$SELECT sqs_create_account('333333333333', '')$$, $$SELECT sqs_create_account('333333333333', repeat('x', 51))$$,
  $$SELECT sqs_assign_account('regress_accounts_blue', '333333333333')$$, $$SELECT sqs_assign_account('regress_accounts_blue', '1')$$,
  $$SELECT sqs_assign_account(NULL, '111111111111')$$, $$SELECT sqs_assign_account(0::regrole, '111111111111')$$,
  $$SELECT sqs_assign_account(1::oid::regrole, '111111111111')$$, $$SELECT sqs_delete_account('333333333333')$$,
  $$SELECT sqs_delete_account('')$$]) AS call;
SELECT sqs_assign_account('regress_accounts_blue', '111111111111'), sqs_assign_account('regress_accounts_green', '222222222222');
SELECT account_id, name, roles, queues FROM sqs_accounts;

-- rights
SELECT pg_temp.try_as('regress_accounts_blue', call) FROM unnest(ARRAY[
  $$SELECT sqs_create_account('333333333333', 'x')$$, $$SELECT sqs_delete_account('222222222222')$$,
  $$SELECT sqs_assign_account('regress_accounts_blue', '222222222222')$$, $$SELECT count(*) FROM sqs_accounts$$,
  $$SELECT count(*) FROM queue.account_roles$$]) AS call;

-- the same name in three accounts
SELECT role, pg_temp.try_as(role, $$SELECT sqs_create_queue('orders', '{"MaximumMessageSize": 2048}')$$) FROM unnest(ARRAY[
  'regress_accounts_blue', 'regress_accounts_green', 'regress_accounts_plain']) AS role;
SELECT role, pg_temp.try_as(role, $$SELECT sqs_send('orders', current_user::text) IS NOT NULL$$) AS sent,
       pg_temp.try_as(role, $$SELECT sqs_get_queue_attributes('orders', '{QueueArn}')$$) AS arn,
       pg_temp.try_as(role, $$SELECT sqs_get_queue_url('orders')$$) AS url,
       pg_temp.try_as(role, $$SELECT string_agg(url, ',') FROM sqs_list_queues() AS url$$) AS list,
       pg_temp.try_as(role, $$SELECT sqs_action('ListQueues', '{}')$$) AS action
FROM unnest(ARRAY['regress_accounts_blue', 'regress_accounts_green', 'regress_accounts_plain', 'regress_accounts_member', 'regress_accounts_both']) AS role;
SELECT role, pg_temp.try_as(role, $$SELECT string_agg(body, ',') FROM sqs_receive('orders', 10, 0)$$) AS received
FROM unnest(ARRAY['regress_accounts_blue', 'regress_accounts_green', 'regress_accounts_plain', 'regress_accounts_member']) AS role;
SELECT account_id, name, roles, queues FROM sqs_accounts;
SELECT name, url FROM sqs_queues WHERE name = 'orders' ORDER BY url;
SELECT * FROM sqs_check();

-- where names are equal, it is told which queue is meant
SELECT account_id, queue_name, number_of_messages_sent AS sent FROM sqs_metrics WHERE queue_name = 'orders' ORDER BY account_id;
SELECT queue_name FROM queue.memory() WHERE queue_name LIKE '%orders' ORDER BY queue_name COLLATE "C";
BEGIN;
DO $$
DECLARE
  command text;
BEGIN
  FOR command IN
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname)
    FROM queue.queues AS q JOIN pg_constraint AS c ON c.conrelid = format('queue.messages_%s_1', q.queue_id)::regclass AND c.contype = 'p'
    WHERE q.queue_name = 'orders' LOOP
    EXECUTE command;
  END LOOP;
END $$;
SELECT queue_name, problem FROM sqs_check() ORDER BY queue_name COLLATE "C";
SELECT pg_temp.try_as(role, $$SELECT string_agg(queue_name, ',') FROM sqs_check()$$) FROM unnest(ARRAY['regress_accounts_green', 'regress_accounts_both']) AS role;
SELECT problem FROM sqs_check('arn:aws:sqs:us-east-1:222222222222:orders');
ROLLBACK;

-- another account's queue: by ARN, URL and account, where policies let it
SELECT pg_temp.try_as('regress_accounts_green', call) FROM unnest(ARRAY[
  $$SELECT sqs_send('arn:aws:sqs:us-east-1:111111111111:orders', 'x') IS NOT NULL$$,
  $$SELECT sqs_get_queue_url('orders', '111111111111')$$]) AS call;
SELECT pg_temp.try_as('regress_accounts_blue', $$SELECT sqs_add_permission('orders', 'green', '{222222222222}', '{SendMessage,GetQueueUrl}')$$);
SELECT pg_temp.try_as('regress_accounts_green', $$SELECT sqs_send('arn:aws:sqs:us-east-1:111111111111:orders', 'x') IS NOT NULL$$);
SELECT sqs_put_role_policy('regress_accounts_green', 'all', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}');
SELECT pg_temp.try_as('regress_accounts_green', call) FROM unnest(ARRAY[
  $$SELECT sqs_send('arn:aws:sqs:us-east-1:111111111111:orders', 'from green') IS NOT NULL$$,
  $$SELECT sqs_send('https://example.com/111111111111/orders', 'from green') IS NOT NULL$$,
  $$SELECT sqs_get_queue_url('orders', '111111111111')$$,
  $$SELECT sqs_action('GetQueueUrl', '{"QueueName": "orders", "QueueOwnerAWSAccountId": "111111111111"}')$$,
  $$SELECT count(*) FROM sqs_receive('arn:aws:sqs:us-east-1:111111111111:orders')$$]) AS call;
SELECT pg_temp.try_as('regress_accounts_blue', $$SELECT count(*) FROM sqs_receive('orders', 10) WHERE body = 'from green'$$);

-- what stays within an account
SELECT pg_temp.try_as('regress_accounts_blue', $$SELECT sqs_set_queue_attributes('orders',
  '{"RedrivePolicy": "{\"deadLetterTargetArn\": \"arn:aws:sqs:us-east-1:222222222222:orders\", \"maxReceiveCount\": 1}"}')$$);
SELECT pg_temp.try_as('regress_accounts_both', $$SELECT sqs_start_message_move_task('arn:aws:sqs:us-east-1:111111111111:orders', 'arn:aws:sqs:us-east-1:222222222222:orders')$$);

SELECT role, pg_temp.try_as(role, $$SELECT sqs_create_queue('dead')$$) AS dead FROM unnest(ARRAY['regress_accounts_blue', 'regress_accounts_green']) AS role;
SELECT pg_temp.try_as('regress_accounts_blue', $$SELECT sqs_set_queue_attributes('orders',
  '{"RedrivePolicy": "{\"deadLetterTargetArn\": \"arn:aws:sqs:us-east-1:111111111111:dead\", \"maxReceiveCount\": 1}"}')$$);
SELECT role, pg_temp.try_as(role, $$SELECT string_agg(url, ',') FROM sqs_list_dead_letter_source_queues('dead') AS url$$) AS sources
FROM unnest(ARRAY['regress_accounts_blue', 'regress_accounts_green']) AS role;
SELECT pg_temp.try_as('regress_accounts_both', $$SELECT sqs_start_message_move_task('arn:aws:sqs:us-east-1:111111111111:dead', 'arn:aws:sqs:us-east-1:222222222222:orders')$$);
SELECT pg_temp.try_as('regress_accounts_green', $$SELECT sqs_start_message_move_task('dead')$$);
SELECT pg_temp.try_as('regress_accounts_blue', $$SELECT sqs_start_message_move_task('dead') IS NOT NULL$$);
SELECT pg_temp.try_as('regress_accounts_blue', $$SELECT source_arn FROM sqs_list_message_move_tasks('dead')$$);

-- what was sent to a queue, or that it was deleted just now, is nothing to one of the same name
SELECT role, pg_temp.try_as(role, $$SELECT sqs_create_queue('orders.fifo', '{"FifoQueue": "true"}')$$) AS created,
       pg_temp.try_as(role, $$SELECT sqs_send('orders.fifo', current_user::text, message_group_id => 'g', message_deduplication_id => 'd') IS NOT NULL$$) AS sent
FROM unnest(ARRAY['regress_accounts_blue', 'regress_accounts_green']) AS role;
SELECT role, pg_temp.try_as(role, $$SELECT string_agg(body, ',') FROM sqs_pop('orders.fifo', 10)$$) AS popped
FROM unnest(ARRAY['regress_accounts_blue', 'regress_accounts_green']) AS role;
SET queue.recreate_delay = 60;
SELECT pg_temp.try_as('regress_accounts_blue', $$SELECT sqs_delete_queue('orders.fifo')$$);
SELECT role, pg_temp.try_as(role, $$SELECT sqs_create_queue('orders.fifo', '{"FifoQueue": "true"}')$$) AS created
FROM unnest(ARRAY['regress_accounts_blue', 'regress_accounts_green', 'regress_accounts_plain']) AS role;
RESET queue.recreate_delay;

-- a trigger sends to the queue of the account of the role that changes the row, unless it has an ARN
CREATE TABLE regress_accounts_rows (id int);
GRANT SELECT, INSERT ON regress_accounts_rows TO regress_accounts_blue, regress_accounts_green;
CREATE TRIGGER send AFTER INSERT ON regress_accounts_rows FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('orders.fifo', '*', 'id');
SELECT pg_temp.try_as(role, $$INSERT INTO regress_accounts_rows VALUES (1) RETURNING id$$) FROM unnest(ARRAY['regress_accounts_blue', 'regress_accounts_green']) AS role;
SELECT pg_temp.try_as('regress_accounts_green', $$SELECT count(*) FROM sqs_pop('orders.fifo', 10)$$);
DROP TRIGGER send ON regress_accounts_rows;
CREATE TRIGGER send AFTER INSERT ON regress_accounts_rows FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('arn:aws:sqs:us-east-1:222222222222:orders.fifo', '*', 'id');
SELECT pg_temp.try_as('regress_accounts_both', $$INSERT INTO regress_accounts_rows VALUES (1) RETURNING id$$);
SELECT pg_temp.try_as('regress_accounts_green', $$SELECT count(*) FROM sqs_pop('orders.fifo', 10)$$);
DROP TABLE regress_accounts_rows;

-- a SECURITY DEFINER function speaks for its owner's account
CREATE FUNCTION regress_accounts_url() RETURNS text LANGUAGE sql SECURITY DEFINER AS $$SELECT sqs_get_queue_url('orders')$$;
ALTER FUNCTION regress_accounts_url OWNER TO regress_accounts_blue;
SELECT pg_temp.try_as('regress_accounts_green', $$SELECT regress_accounts_url()$$);
DROP FUNCTION regress_accounts_url;

-- another account, none; an account in use
SELECT sqs_assign_account('regress_accounts_green', '111111111111');
SELECT pg_temp.try_as(role, $$SELECT sqs_get_queue_url('orders')$$) FROM unnest(ARRAY['regress_accounts_green', 'regress_accounts_both']) AS role;
SELECT sqs_assign_account('regress_accounts_green', NULL);
SELECT pg_temp.try_as(role, $$SELECT string_agg(url, ',') FROM sqs_list_queues() AS url$$) FROM unnest(ARRAY['regress_accounts_green', 'regress_accounts_both']) AS role;
SELECT pg_temp.try(call) FROM unnest(ARRAY[$$SELECT sqs_delete_account('111111111111')$$, $$SELECT sqs_delete_account('222222222222')$$]) AS call;

-- a group that is let into another one's queues takes its members nowhere
BEGIN;
SELECT sqs_assign_account('regress_accounts_green', '222222222222');
GRANT regress_accounts_green TO regress_accounts_blue;
SELECT role, pg_temp.try_as(role, $$SELECT sqs_get_queue_url('orders')$$) AS url,
       pg_temp.try_as(role, $$SELECT sqs_get_queue_url('orders', '222222222222')$$) AS other
FROM unnest(ARRAY['regress_accounts_blue', 'regress_accounts_member', 'regress_accounts_both']) AS role;
-- a superuser has the privileges of all, and comes before none
CREATE ROLE regress_accounts_super SUPERUSER;
SELECT pg_temp.try_as('regress_accounts_super', $$SELECT sqs_get_queue_url('orders')$$);
SELECT sqs_assign_account('regress_accounts_super', '111111111111');
SELECT pg_temp.try_as('regress_accounts_super', $$SELECT sqs_get_queue_url('orders')$$);
GRANT regress_accounts_super, regress_accounts_green TO regress_accounts_plain;
SELECT pg_temp.try_as('regress_accounts_plain', $$SELECT sqs_get_queue_url('orders')$$);
ROLLBACK;

-- rollback
BEGIN;
SELECT sqs_assign_account('regress_accounts_plain', '111111111111');
SAVEPOINT s;
SELECT sqs_assign_account('regress_accounts_plain', '222222222222');
SELECT pg_temp.try_as('regress_accounts_plain', $$SELECT sqs_get_queue_url('orders', NULL)$$);
ROLLBACK TO s;
SELECT left(pg_temp.try_as('regress_accounts_plain', $$SELECT sqs_get_queue_url('orders')$$), 60);
ROLLBACK;
SELECT pg_temp.try_as('regress_accounts_plain', $$SELECT sqs_get_queue_url('orders')$$);

-- a role that is gone: its number, if another role gets it, is in no account
\set VERBOSITY terse
DROP ROLE regress_accounts_blue;
\set VERBOSITY default
SELECT sqs_delete_role_policy('regress_accounts_green', 'all');
CREATE ROLE regress_accounts_gone;
SELECT sqs_assign_account('regress_accounts_gone', '222222222222');
\set VERBOSITY terse
DROP ROLE regress_accounts_gone;
\set VERBOSITY default
DROP OWNED BY regress_accounts_gone;
-- nor is it in that of the setting, where other queues have the names; its members neither
GRANT regress_accounts_gone TO regress_accounts_plain;
SELECT role, pg_temp.try_as(role, $$SELECT sqs_get_queue_url('orders', NULL)$$) AS url,
       pg_temp.try_as(role, $$SELECT sqs_send('orders', 'x')$$) AS sent, pg_temp.try_as(role, $$SELECT sqs_list_queues()$$) AS list,
       pg_temp.try_as(role, $$SELECT sqs_create_queue('orders')$$) AS created,
       pg_temp.try_as(role, $$SELECT sqs_action('ListQueues', '{}')$$) AS action,
       pg_temp.try_as(role, $$SELECT sqs_get_queue_url('orders', '000000000000')$$) AS other,
       pg_temp.try_as(role, $$SELECT count(*) FROM sqs_peek('arn:aws:sqs:us-east-1:000000000000:orders')$$) AS by_arn,
       pg_temp.try_as(role, $$SELECT count(*) FROM sqs_queues$$) AS queues
FROM unnest(ARRAY['regress_accounts_gone', 'regress_accounts_plain']) AS role;
-- the account is not deleted, since that would let them into the setting's
SELECT pg_temp.try($$SELECT sqs_delete_account('222222222222')$$);
-- a superuser decides
BEGIN;
SELECT sqs_assign_account('regress_accounts_gone', '111111111111');
SELECT role, pg_temp.try_as(role, $$SELECT sqs_get_queue_url('orders', NULL)$$) AS url FROM unnest(ARRAY['regress_accounts_gone', 'regress_accounts_plain']) AS role;
SELECT sqs_assign_account('regress_accounts_gone', NULL);
SELECT role, pg_temp.try_as(role, $$SELECT sqs_get_queue_url('orders', NULL)$$) AS url FROM unnest(ARRAY['regress_accounts_gone', 'regress_accounts_plain']) AS role;
ROLLBACK;
DROP ROLE regress_accounts_gone;
SELECT queues, roles = '{}' OR roles::text ~ '^{[0-9]+}$' AS empty FROM sqs_accounts WHERE account_id = '222222222222';

CREATE ROLE regress_accounts_heir;
UPDATE queue.account_roles SET role = 'regress_accounts_heir' WHERE role::text ~ '^[0-9]+$';
SELECT pg_temp.try_as('regress_accounts_heir', $$SELECT sqs_get_queue_url('orders', NULL)$$);
SELECT sqs_assign_account('regress_accounts_heir', '222222222222');
SELECT pg_temp.try_as('regress_accounts_heir', $$SELECT sqs_get_queue_url('orders', NULL)$$);
SELECT sqs_assign_account('regress_accounts_heir', NULL);
DROP ROLE regress_accounts_heir;

SELECT sqs_assign_account('regress_accounts_blue', NULL);
SELECT count(sqs_delete_queue(url)) FROM sqs_queues WHERE name IN ('orders', 'orders.fifo', 'dead');
SELECT sqs_delete_account(account_id) FROM sqs_accounts;
SELECT count(*) FROM queue.account_roles;
SET queue.recreate_delay = 0;
SELECT queue.sweep();
DROP OWNED BY regress_accounts_blue, regress_accounts_green, regress_accounts_member, regress_accounts_both, regress_accounts_plain;
DROP ROLE regress_accounts_blue, regress_accounts_green, regress_accounts_member, regress_accounts_both, regress_accounts_plain;
