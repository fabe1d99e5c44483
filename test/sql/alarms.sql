--
-- Promises: the state of an alarm is what CloudWatch's examples say, for each way to
-- treat missing data and for M out of N; on each change, and on no other occasion, an
-- alarm does its actions, as its owner and with no more rights, and one that fails
-- neither keeps it from its state nor the others from being done; changes and actions
-- are in its history; and an alarm is its owner's.
--
\pset null '(null)'
-- M out of N: points of five periods, of which three are evaluated
SELECT points, m, array_agg(queue.alarm_state(points, 3, m, missing, 'OK') ORDER BY o) AS ok,
  array_agg(queue.alarm_state(points, 3, m, missing, 'ALARM') ORDER BY o) AS alarm
FROM (VALUES
  (0, '0 - - - -', 3), (1, '0 - X - X', 3), (2, '- - - - 0', 3), (3, '- - - - -', 3), (4, '0 X X - X', 3), (5, '- - X - -', 3),
  (6, '0 - X - X', 2), (7, '0 0 X 0 X', 2), (8, '0 - X - -', 2), (9, '- - - - 0', 2), (10, '- - - X -', 2),
  (11, '- - - - X', 3), (12, '0 0 0 0 0', 3), (13, 'X X X 0 0', 2), (14, 'X X 0 X X', 3)) AS v (n, points, m),
  unnest(ARRAY['missing', 'ignore', 'breaching', 'notBreaching']) WITH ORDINALITY AS u (missing, o)
GROUP BY n, points, m ORDER BY n;

-- time is moved by hand
SELECT queue.sample_metrics('2150-01-01 00:00Z') >= 0 AS sampled;
CREATE ROLE regress_alarms_owner;
CREATE ROLE regress_alarms_nobody;
GRANT CREATE ON SCHEMA queue TO regress_alarms_owner;
CREATE TABLE regress_alarms_calls (who text, name text, state text, reason text);
GRANT INSERT ON regress_alarms_calls TO regress_alarms_owner;
CREATE FUNCTION regress_alarms_call(message jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO public.regress_alarms_calls VALUES (current_user, message ->> 'AlarmName', message ->> 'NewStateValue', message ->> 'NewStateReason')
$$;
CREATE FUNCTION regress_alarms_fail(message jsonb) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE 'failed %', message ->> 'AlarmName'; END $$;
CREATE FUNCTION regress_alarms_reset(message jsonb) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RESET ROLE; SET SESSION AUTHORIZATION DEFAULT; END $$;
SET ROLE regress_alarms_owner;
SELECT sqs_create_queue('alarms') IS NOT NULL AS created, sqs_create_queue('alarms-told') IS NOT NULL AS created, sqs_create_queue('alarms.fifo', '{"FifoQueue": "true"}') IS NOT NULL AS created;
SELECT sqs_put_metric_alarm('alarms-sent', 'alarms', 'NumberOfMessagesSent', 'Sum', 'GreaterThanOrEqualToThreshold', 2,
  alarm_actions => ARRAY['queue:alarms-told', 'function:regress_alarms_fail', 'function:regress_alarms_reset', 'function:regress_alarms_call', 'notify:regress_alarms'],
  ok_actions => ARRAY['function:regress_alarms_call']);
SELECT sqs_put_metric_alarm('alarms-backlog', 'alarms', 'ApproximateNumberOfMessagesVisible', 'Maximum', 'GreaterThanThreshold', 1, 300, 2, 1,
  alarm_actions => ARRAY['function:regress_alarms_call']);
SELECT alarm_name, queue_name, metric, alarm_actions, state, state_reason, owner FROM sqs_alarms ORDER BY alarm_name;
RESET ROLE;
LISTEN regress_alarms;
\set VERBOSITY terse
SELECT sqs_send('alarms', 'a') IS NOT NULL AS sent;
SELECT queue.sample_metrics('2150-01-01 00:01Z') > 0 AS sampled;
SELECT alarm_name, state, state_reason FROM sqs_alarms WHERE alarm_name LIKE 'alarms-%' ORDER BY alarm_name;
SELECT count(sqs_send('alarms', 'a')) FROM generate_series(1, 2);
BEGIN;
SELECT queue.sample_metrics('2150-01-01 00:02Z') > 0 AS sampled;
UNLISTEN regress_alarms;
COMMIT;
SELECT queue.sample_metrics('2150-01-01 00:03Z') > 0 AS sampled;
SELECT queue.sample_metrics('2150-01-01 00:04Z') > 0 AS sampled;
\set VERBOSITY default
SELECT * FROM regress_alarms_calls;
SELECT alarm_name, state, state_reason FROM sqs_alarms WHERE alarm_name LIKE 'alarms-%' ORDER BY alarm_name;
SELECT body::jsonb - 'StateChangeTime' AS message, sender_id ~ 'regress_alarms_owner$' AS owner FROM sqs_pop('alarms-told', 10);
SET ROLE regress_alarms_owner;
SELECT alarm_name, type, summary FROM sqs_alarm_history ORDER BY at, alarm_name, type;
-- actions that are disabled
SELECT sqs_disable_alarm_actions('alarms-sent');
RESET ROLE;
SELECT count(sqs_send('alarms', 'a')) FROM generate_series(1, 2);
SELECT queue.sample_metrics('2150-01-01 00:05Z') > 0 AS sampled;
SELECT alarm_name, state, actions_enabled FROM sqs_alarms WHERE alarm_name LIKE 'alarms-%' ORDER BY alarm_name;
SELECT count(*) FROM sqs_pop('alarms-told', 10);
SELECT sqs_enable_alarm_actions('alarms-sent');
-- an alarm that is replaced keeps its state
SELECT sqs_put_metric_alarm('alarms-sent', 'alarms', 'NumberOfMessagesSent', 'Sum', 'LessThanThreshold', 1);
SELECT threshold, comparison_operator, state, actions_enabled, owner FROM sqs_alarms WHERE alarm_name = 'alarms-sent';

-- its owner's
SELECT rolname FROM pg_roles WHERE has_column_privilege(oid, 'queue.alarms', 'owner', 'SELECT') AND rolname LIKE 'regress%';
\set VERBOSITY terse
DROP ROLE regress_alarms_owner;
\set VERBOSITY default
SET ROLE regress_alarms_nobody;
SELECT count(*) FROM sqs_alarms;
SELECT count(*) FROM sqs_alarm_history;
SELECT sqs_delete_alarm('alarms-sent');
SELECT sqs_put_metric_alarm('alarms-nobody', 'alarms', 'NumberOfMessagesSent', 'Sum', 'LessThanThreshold', 1);
RESET ROLE;

-- the name of an alarm of a role that is gone is free
SET ROLE regress_alarms_owner;
SELECT sqs_put_metric_alarm('alarms-left', 'alarms', 'NumberOfMessagesSent', 'Sum', 'LessThanThreshold', 0);
RESET ROLE;
CREATE ROLE regress_alarms_gone;
UPDATE queue.alarms SET owner = 'regress_alarms_gone' WHERE alarm_name = 'alarms-left';
DROP ROLE regress_alarms_gone;
SELECT sqs_put_metric_alarm('alarms-left', 'alarms', 'NumberOfMessagesSent', 'Sum', 'LessThanThreshold', 0);
SELECT owner = current_user::regrole AS mine FROM sqs_alarms WHERE alarm_name = 'alarms-left';
SELECT sqs_delete_alarm('alarms-left');

-- errors
SELECT sqs_delete_alarm('missing');
SELECT sqs_put_metric_alarm('', 'alarms', 'NumberOfMessagesSent', 'Sum', 'LessThanThreshold', 1);
SELECT sqs_put_metric_alarm('a', 'alarms', 'Messages', 'Sum', 'LessThanThreshold', 1);
SELECT sqs_put_metric_alarm('a', 'alarms', 'NumberOfMessagesSent', 'p101', 'LessThanThreshold', 1);
SELECT sqs_put_metric_alarm('a', 'alarms', 'NumberOfMessagesSent', 'Sum', '<', 1);
SELECT sqs_put_metric_alarm('a', 'alarms', 'NumberOfMessagesSent', 'Sum', 'LessThanThreshold', 'NaN');
SELECT sqs_put_metric_alarm('a', 'alarms', 'NumberOfMessagesSent', 'Sum', 'LessThanThreshold', 1, 61);
SELECT sqs_put_metric_alarm('a', 'alarms', 'NumberOfMessagesSent', 'Sum', 'LessThanThreshold', 1, 60, 1441);
SELECT sqs_put_metric_alarm('a', 'alarms', 'NumberOfMessagesSent', 'Sum', 'LessThanThreshold', 1, 60, 2, 3);
SELECT sqs_put_metric_alarm('a', 'alarms', 'NumberOfMessagesSent', 'Sum', 'LessThanThreshold', 1, treat_missing_data => 'x');
SELECT sqs_put_metric_alarm('a', 'alarms', 'NumberOfMessagesSent', 'Sum', 'LessThanThreshold', 1, alarm_actions => '{mail:x}');
SELECT sqs_put_metric_alarm('a', 'alarms', 'NumberOfMessagesSent', 'Sum', 'LessThanThreshold', 1, alarm_actions => '{queue:alarms.fifo}');
SELECT sqs_put_metric_alarm('a', 'alarms', 'NumberOfMessagesSent', 'Sum', 'LessThanThreshold', 1, alarm_actions => '{queue:missing}');
SELECT sqs_put_metric_alarm('a', 'alarms', 'NumberOfMessagesSent', 'Sum', 'LessThanThreshold', 1, alarm_actions => '{function:missing}');
CREATE FUNCTION pg_temp.regress_alarms_temporary(jsonb) RETURNS void LANGUAGE sql AS 'SELECT';
\set VERBOSITY terse
DO $$ BEGIN
  PERFORM sqs_put_metric_alarm('a', 'alarms', 'NumberOfMessagesSent', 'Sum', 'LessThanThreshold', 1, alarm_actions => '{function:pg_temp.regress_alarms_temporary}');
EXCEPTION WHEN OTHERS THEN RAISE NOTICE '%', SQLERRM;
END $$;
\set VERBOSITY default

SELECT sqs_delete_alarm('alarms-sent'), sqs_delete_alarm('alarms-backlog');
SELECT rolname FROM pg_roles WHERE has_column_privilege(oid, 'queue.alarms', 'owner', 'SELECT') AND rolname LIKE 'regress%';
SELECT sqs_delete_queue('alarms'), sqs_delete_queue('alarms-told'), sqs_delete_queue('alarms.fifo');
DROP FUNCTION regress_alarms_call, regress_alarms_fail, regress_alarms_reset;
DROP TABLE regress_alarms_calls;
SET queue.recreate_delay = 0;
SELECT queue.sweep();
DROP OWNED BY regress_alarms_owner;
DROP ROLE regress_alarms_owner, regress_alarms_nobody;
-- others may be of any time
DO $$ BEGIN
  EXECUTE (SELECT 'TRUNCATE ' || string_agg(format('queue.%I', relname), ', ') FROM pg_class WHERE relnamespace = 'queue'::regnamespace AND relkind = 'r' AND relname LIKE 'metrics\_%');
END $$;
