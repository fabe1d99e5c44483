--
-- Promises: sqs_health finds nothing where all is well; it names the queues whose
-- messages wait for too long, come back again and again, are too many in flight, or
-- have nowhere to go, with what to do, and no longer when that is over.  Everybody
-- learns of the queues he may use only; of the server, members of pg_monitor.
--
\pset null (null)
SET queue.recreate_delay = 0;
SET queue.purge_interval = 0;
SELECT sqs_create_queue('health') IS NOT NULL AS created;
SELECT sqs_create_queue('health-dead') IS NOT NULL AS created;
SELECT * FROM sqs_health();

-- an age of 0: whatever is visible, or in flight
SET queue.health_message_age = 0;
CREATE VIEW health AS
  SELECT severity, finding, object, since <= clock_timestamp() AS since, advice
  FROM sqs_health() WHERE object LIKE 'health%';
SELECT * FROM health;
SELECT sqs_send('health', 'later', 900) IS NOT NULL AS sent;
SELECT * FROM health;
SELECT sqs_send('health', 'now') IS NOT NULL AS sent;
SELECT * FROM health;
SELECT h.since = m.sent_at AS since_it_was_sent FROM sqs_health() AS h, sqs_peek('health') AS m WHERE h.object = 'health';
SELECT receipt_handle AS handle FROM sqs_receive('health', 1, 600) \gset
SELECT severity, finding FROM health;
SELECT sqs_delete('health', :'handle');
SELECT * FROM health;
-- what one has sent and not committed is nobody's yet
BEGIN;
SELECT sqs_send('health', 'open') IS NOT NULL AS sent;
SELECT * FROM health;
ROLLBACK;
-- most of the retention period is over
SELECT format('queue.messages_%s_1', queue_id) AS messages FROM queue.queues WHERE queue_name = 'health' \gset
SELECT sqs_purge_queue('health');
SELECT sqs_send('health', 'old') IS NOT NULL AS sent;
UPDATE :messages SET sent_at = sent_at - interval '71 hours', visible_at = visible_at - interval '71 hours' WHERE body = 'old';
SELECT severity, finding FROM health;
UPDATE :messages SET sent_at = sent_at - interval '2 hours', visible_at = visible_at - interval '2 hours' WHERE body = 'old';
SELECT * FROM health;
SELECT sqs_set_queue_attributes('health', '{"MessageRetentionPeriod": 1209600}');
SELECT severity, finding FROM health;
RESET queue.health_message_age;
SELECT severity, finding FROM health;
SELECT sqs_purge_queue('health');
SELECT * FROM health;

-- poison messages: received three times, and visible again
SELECT sqs_send_batch('health', ARRAY['bad', 'worse']) IS NOT NULL AS sent;
SELECT count(*) FROM sqs_receive('health', 10, 0);
SELECT count(*) FROM sqs_receive('health', 10, 0);
SELECT * FROM health;
SELECT count(*) FROM sqs_receive('health', 10, 0);
SELECT severity, finding, object, since, regexp_replace(advice, '[-0-9a-f]{36}', 'ID') AS advice FROM health;
SELECT substring(h.advice FROM '[-0-9a-f]{36}') = (m.message_id)::text AS first, h.since = m.first_received_at AS since
FROM sqs_health() AS h, sqs_peek('health') AS m WHERE h.object = 'health' AND m.body = 'bad';
-- a dead-letter queue waits for them
SELECT sqs_set_queue_attributes('health', '{"RedrivePolicy": "{\"deadLetterTargetArn\": \"arn:aws:sqs:us-east-1:000000000000:health-dead\", \"maxReceiveCount\": 5}"}');
SELECT severity, finding, object, since, regexp_replace(advice, '[-0-9a-f]{36}', 'ID') AS advice FROM health;
-- what is in that waits for a person
SELECT sqs_send('health-dead', 'dead') IS NOT NULL AS sent;
SET queue.health_message_age = 0;
SELECT * FROM health WHERE object = 'health-dead';
RESET queue.health_message_age;
SELECT (sqs_pop('health-dead')).body;
-- in flight they are somebody's
SELECT count(*) FROM sqs_receive('health', 10, 600);
SELECT * FROM health;
SELECT sqs_purge_queue('health');

-- in a FIFO queue, in front of its group
SELECT sqs_create_queue('health.fifo', '{"FifoQueue": true, "ContentBasedDeduplication": true}') IS NOT NULL AS created;
SELECT sqs_send('health.fifo', 'bad', message_group_id => 'a') IS NOT NULL AS sent;
SELECT sqs_send('health.fifo', 'good', message_group_id => 'a') IS NOT NULL AS sent;
SELECT (sqs_receive('health.fifo', 1, 0)).body FROM generate_series(1, 3);
SELECT severity, finding, object FROM health;
SELECT sqs_delete_queue('health.fifo');

-- a redrive policy that leads nowhere
SELECT sqs_delete_queue('health-dead');
SELECT * FROM health;
SELECT sqs_create_queue('health-dead') IS NOT NULL AS created;
SELECT * FROM health;

-- messages in flight
SET queue.in_flight_limit = 10;
SELECT count(sqs_send('health', 'x')) FROM generate_series(1, 10);
SELECT count(*) FROM sqs_receive('health', 7, 600);
SELECT * FROM health;
SELECT count(*) FROM sqs_receive('health', 1, 600);
SELECT * FROM health;
SELECT count(*) FROM sqs_receive('health', 10, 600);
SELECT * FROM health;
RESET queue.in_flight_limit;
SELECT * FROM health;
SELECT sqs_purge_queue('health');

-- encryption keys
SELECT sqs_create_key('regress-health', 'command', '{"wrap": "cat", "unwrap": "cat"}') IS NOT NULL AS created;
SELECT sqs_create_queue('health-key', '{"KmsMasterKeyId": "alias/regress-health"}') IS NOT NULL AS created;
SELECT * FROM health;
SELECT sqs_set_key_state('regress-health', 'Disabled');
SELECT * FROM health;
SELECT sqs_set_key_state('regress-health', 'Enabled');
SELECT * FROM health;
UPDATE queue.queues SET kms_master_key_id = 'alias/regress-missing' WHERE queue_name = 'health-key';
SELECT * FROM health;
UPDATE queue.queues SET kms_master_key_id = NULL, sqs_managed_sse_enabled = true WHERE queue_name = 'health-key';
SELECT * FROM health;
-- the worst comes first
SELECT sqs_send('health', 'x') IS NOT NULL AS sent;
SET queue.health_message_age = 0;
SELECT severity, finding, object FROM sqs_health() WHERE object LIKE 'health%';
RESET queue.health_message_age;
SELECT sqs_purge_queue('health');
SELECT sqs_delete_queue('health-key');
DELETE FROM queue.keys WHERE alias = 'alias/regress-health';

-- a prepared transaction that has sent; it is in this database, and holds back vacuum
SET queue.health_transaction_age = 0;
BEGIN;
SELECT sqs_send('health', 'prepared') IS NOT NULL AS sent;
PREPARE TRANSACTION 'regress''health';
SELECT severity, finding, object, since IS NOT NULL AS since, regexp_replace(advice, '\d+', 'N') AS advice
FROM sqs_health() WHERE finding ~ 'prepared';
COMMIT PREPARED 'regress''health';
SELECT count(*) FROM sqs_health() WHERE finding ~ 'prepared';
RESET queue.health_transaction_age;

-- who learns what: the owner of a queue, a stranger, a member of pg_monitor
CREATE ROLE regress_health_owner;
CREATE ROLE regress_health_stranger;
CREATE ROLE regress_health_monitor IN ROLE pg_monitor;
GRANT CREATE ON SCHEMA queue TO regress_health_owner;
SET ROLE regress_health_owner;
SELECT sqs_create_queue('health-owned') IS NOT NULL AS created;
SELECT sqs_send('health-owned', 'x') IS NOT NULL AS sent;
RESET ROLE;
SELECT sqs_send('health', 'x') IS NOT NULL AS sent;
SET queue.health_message_age = 0;
SET queue.health_transaction_age = 0;
BEGIN;
SELECT sqs_send('health-owned', 'prepared') IS NOT NULL AS sent;
PREPARE TRANSACTION 'regress_health';
CREATE FUNCTION pg_temp.learns(role text) RETURNS TABLE (finding text, object text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('role', role, true);
  RETURN QUERY SELECT h.finding, h.object FROM sqs_health() AS h WHERE h.object ~ 'health';
  PERFORM set_config('role', 'none', true);
END $$;
SELECT role, l.* FROM unnest(ARRAY['owner', 'stranger', 'monitor']) AS role, pg_temp.learns('regress_health_' || role) AS l
ORDER BY role, l.finding, l.object;
ROLLBACK PREPARED 'regress_health';
RESET queue.health_message_age;
RESET queue.health_transaction_age;

DROP VIEW health;
SELECT count(sqs_delete_queue(name)) FROM unnest(ARRAY['health', 'health-dead', 'health-owned']) AS name;
SELECT queue.sweep();
DROP OWNED BY regress_health_owner;
DROP ROLE regress_health_owner, regress_health_stranger, regress_health_monitor;
