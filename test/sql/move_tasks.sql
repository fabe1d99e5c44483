--
-- Promises: what SQS says of message move tasks, statement by statement: who can
-- be moved where, how tasks are listed and cancelled, in its words; a message
-- that was moved is a new one.  What the worker does is done here by
-- queue.sweep(), in the transaction that starts the task, so that the worker
-- does not come between.
--
\pset null '(null)'
\pset format unaligned
CREATE FUNCTION move_tasks_policy(target text, count int, OUT policy jsonb) LANGUAGE sql AS $$
  SELECT jsonb_build_object('RedrivePolicy',
    jsonb_build_object('deadLetterTargetArn', 'arn:aws:sqs:us-east-1:000000000000:' || target, 'maxReceiveCount', count)::text)
$$;
-- has the messages of a queue die
CREATE FUNCTION move_tasks_die(queue text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM sqs_receive(queue, 10000, 0);
  PERFORM sqs_receive(queue, 10000, 0);
END
$$;
-- another handle, with a text of it replaced
CREATE FUNCTION move_tasks_handle(handle text, old text, new text) RETURNS text LANGUAGE sql AS $$
  SELECT translate(encode(convert_to(replace(convert_from(decode(handle, 'base64'), 'UTF8'), old, new), 'UTF8'), 'base64'), chr(10), '')
$$;
CREATE VIEW move_tasks AS
  SELECT task_handle IS NOT NULL AS handle, status, regexp_replace(source_arn, '^.*:', '') AS source,
         regexp_replace(destination_arn, '^.*:', '') AS destination,
         max_number_of_messages_per_second AS rate, approximate_number_of_messages_moved AS moved,
         approximate_number_of_messages_to_move AS to_move, failure_reason AS reason
  FROM sqs_list_message_move_tasks('tasks-dead', 10);
CREATE VIEW move_tasks_visible AS
  SELECT name, visible FROM sqs_queues WHERE name LIKE 'tasks%' AND visible > 0 ORDER BY name;
SELECT sqs_create_queue(name) IS NOT NULL AS created FROM unnest(ARRAY['tasks-dead', 'tasks-other']) AS name;
SELECT sqs_create_queue(name, move_tasks_policy('tasks-dead', 1)) IS NOT NULL AS created FROM unnest(ARRAY['tasks-one', 'tasks-two']) AS name;
\set arn 'arn:aws:sqs:us-east-1:000000000000:'

-- 1. The source must be the dead-letter queue of some queue.
SELECT sqs_start_message_move_task('tasks-other');
-- 2. Source and destination must exist.
SELECT sqs_start_message_move_task('tasks-none');
SELECT sqs_start_message_move_task(:'arn' || 'tasks-none');
SELECT sqs_start_message_move_task('arn:aws:sqs:eu-west-1:000000000000:tasks-dead');
SELECT sqs_start_message_move_task('tasks-dead', :'arn' || 'tasks-none');
-- 3. An ARN has its form; a name or a URL will do as well.
SELECT sqs_start_message_move_task('arn:aws:sqs:tasks-dead');
SELECT sqs_start_message_move_task('tasks-dead', 'tasks:other');
SELECT sqs_start_message_move_task(NULL);
SELECT sqs_start_message_move_task('');
-- 4. The rate is from 1 to 500.
SELECT sqs_start_message_move_task('tasks-dead', NULL, 0);
SELECT sqs_start_message_move_task('tasks-dead', NULL, 501);
-- not from a queue to itself
SELECT sqs_start_message_move_task('tasks-dead', 'tasks-dead');
BEGIN READ ONLY;
SELECT sqs_start_message_move_task('tasks-dead');
ROLLBACK;
SELECT * FROM move_tasks;

-- 5. The handle is the base64 form of a JSON document.
BEGIN;
SELECT sqs_start_message_move_task(:'arn' || 'tasks-dead', 'http://localhost:9324/000000000000/tasks-other', 500) AS handle \gset
SELECT regexp_replace(convert_from(decode(:'handle', 'base64'), 'UTF8'), '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}', 'UUID') AS handle;
-- 6. A task that is running is listed with its handle, its source, and what was
-- given of destination and rate.
SELECT task_handle = :'handle' AS same_handle, status, source_arn, destination_arn, max_number_of_messages_per_second AS rate,
       approximate_number_of_messages_moved AS moved, approximate_number_of_messages_to_move AS to_move, failure_reason,
       to_timestamp(started_timestamp / 1000.0) BETWEEN now() - interval '1 minute' AND clock_timestamp() AS started
FROM sqs_list_message_move_tasks('tasks-dead');
-- 7. One task a source.
SAVEPOINT s;
SELECT sqs_start_message_move_task('tasks-dead');
ROLLBACK TO s;
-- a task of a transaction that is rolled back never was
ROLLBACK;
SELECT * FROM move_tasks;

-- 8. Without a destination each message goes back to where it came from.  One
-- that was sent to the dead-letter queue stays there.
SELECT count(*) FROM sqs_send_batch('tasks-one', ARRAY['a', 'b', 'c']);
SELECT count(*) FROM sqs_send_batch('tasks-two', ARRAY['d', 'e']);
SELECT move_tasks_die('tasks-one'), move_tasks_die('tasks-two');
SELECT sqs_send('tasks-dead', 'sent') IS NOT NULL AS sent;
CREATE TABLE move_tasks_dead AS SELECT * FROM sqs_peek('tasks-dead', 100);
SELECT body, receive_count, dead_letter_source FROM move_tasks_dead ORDER BY body;
SELECT * FROM move_tasks_visible;
BEGIN;
SELECT sqs_start_message_move_task('tasks-dead') IS NOT NULL AS started;
-- as often as it takes: a row that the worker has locked at the moment is passed over
DO $$
BEGIN
  FOR i IN 1..1000 LOOP
    PERFORM queue.sweep();
    EXIT WHEN NOT EXISTS (SELECT FROM move_tasks WHERE status = 'RUNNING');
  END LOOP;
END
$$;
SELECT * FROM move_tasks;
COMMIT;
-- 9. Without a handle when it has ended.
SELECT * FROM move_tasks;
SELECT * FROM move_tasks_visible;
-- 10. A message that was moved is a new one: another id, sent now, never received.
SELECT n.body, n.message_id <> o.message_id AS new_id, n.sent_at > o.sent_at AS sent_later, n.receive_count,
       n.first_received_at, n.dead_letter_source, n.sender_id = o.sender_id AS same_sender
FROM (SELECT * FROM sqs_peek('tasks-one', 10) UNION ALL SELECT * FROM sqs_peek('tasks-two', 10)) AS n
  JOIN move_tasks_dead AS o USING (body)
ORDER BY body;
SELECT body, receive_count FROM sqs_receive('tasks-one', 1, 0);
SELECT * FROM sqs_check();
-- moves are no sends
SELECT queue_name, number_of_messages_sent AS sent, number_of_messages_deleted AS deleted
FROM sqs_metrics WHERE queue_name LIKE 'tasks%' ORDER BY queue_name;
SELECT count(*) FROM sqs_pop('tasks-one', 10);
SELECT count(*) FROM sqs_pop('tasks-two', 10);

-- 11. With a destination all go there, the oldest first, with what they carry.
SELECT sqs_send('tasks-one', 'f', NULL, '{"n": 1}', 'a-group', NULL,
                '{"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988"}}') IS NOT NULL AS sent;
SELECT count(*) FROM sqs_send_batch('tasks-one', ARRAY['g', 'h']);
SELECT move_tasks_die('tasks-one');
BEGIN;
SELECT sqs_start_message_move_task('tasks-dead', 'tasks-other') IS NOT NULL AS started;
SELECT queue.sweep();
SELECT queue.sweep();
SELECT * FROM move_tasks LIMIT 1;
COMMIT;
SELECT body, message_attributes, message_group_id, trace_header, dead_letter_source FROM sqs_pop('tasks-other', 10);
SELECT * FROM move_tasks_visible;

-- 12. Messages in flight are passed over; what can be received is moved, and then
-- the task ends.
SELECT count(*) FROM sqs_send_batch('tasks-one', ARRAY['i', 'j', 'k']);
SELECT move_tasks_die('tasks-one');
SELECT body, receipt_handle AS in_flight FROM sqs_receive('tasks-dead', 1) \gset
SELECT sqs_send('tasks-dead', 'delayed', 900) IS NOT NULL AS sent;
BEGIN;
SELECT sqs_start_message_move_task('tasks-dead', 'tasks-other') IS NOT NULL AS started;
SELECT queue.sweep();
SELECT status, moved, to_move FROM move_tasks LIMIT 1;
-- what becomes visible meanwhile is moved as well
SELECT sqs_change_visibility('tasks-dead', :'in_flight', 0) IS NOT NULL AS shown;
SELECT queue.sweep();
SELECT status, moved, to_move FROM move_tasks LIMIT 1;
SELECT queue.sweep();
SELECT status, moved, to_move FROM move_tasks LIMIT 1;
COMMIT;
SELECT name, visible, in_flight, delayed FROM sqs_queues WHERE name LIKE 'tasks%' ORDER BY name;
SELECT * FROM sqs_check();
SELECT count(*) FROM sqs_pop('tasks-other', 10);
SET queue.purge_interval = 0;
SELECT sqs_purge_queue('tasks-dead');

-- 13. A list has the latest first, one of them unless more are asked for, ten at
-- most; and of more none is kept.
SELECT count(*) FROM sqs_list_message_move_tasks('tasks-dead');
SELECT sqs_list_message_move_tasks('tasks-dead', 0);
SELECT sqs_list_message_move_tasks('tasks-dead', 11);
SELECT sqs_list_message_move_tasks('tasks-none');
SELECT sqs_list_message_move_tasks('arn:aws:sqs:tasks-dead');
SELECT sqs_list_message_move_tasks('');
SELECT count(*) FROM sqs_list_message_move_tasks('tasks-other', 10);
DO $$
BEGIN
  FOR i IN 1 .. 12 LOOP
    PERFORM sqs_cancel_message_move_task(sqs_start_message_move_task('tasks-dead', 'tasks-other', i));
  END LOOP;
END
$$;
SELECT status, rate FROM move_tasks;
SELECT count(*) FROM queue.message_move_tasks;

-- 14. A cancelled task moves nothing more; what was moved stays moved.
SELECT count(*) FROM sqs_send_batch('tasks-dead', ARRAY(SELECT i::text FROM generate_series(1, 1200) AS i));
BEGIN;
SELECT sqs_start_message_move_task('tasks-dead', 'tasks-other') AS handle \gset
SELECT queue.sweep();
SELECT handle, status, moved, to_move FROM move_tasks LIMIT 1;
SELECT sqs_cancel_message_move_task(:'handle') AS moved;
SELECT queue.sweep();
SELECT handle, status, moved, to_move FROM move_tasks LIMIT 1;
COMMIT;
SELECT * FROM move_tasks_visible;
-- the oldest were moved, in order
SELECT string_agg(body, ' ' ORDER BY n) FROM (SELECT body, row_number() OVER () AS n FROM sqs_receive('tasks-other', 5)) AS r;
SELECT min(body::int) FROM sqs_peek('tasks-dead', 10);
SELECT * FROM sqs_check();
SELECT sqs_purge_queue('tasks-other');
-- 15. Only one that is running can be cancelled, by a handle that is one.
SELECT sqs_cancel_message_move_task(:'handle');
SELECT sqs_cancel_message_move_task('garbage');
SELECT sqs_cancel_message_move_task(encode('{"taskId":"x","sourceArn":"y"}', 'base64'));
SELECT sqs_cancel_message_move_task(NULL);
SELECT sqs_cancel_message_move_task(move_tasks_handle(:'handle', 'tasks-dead', 'tasks-none'));
SELECT sqs_cancel_message_move_task(move_tasks_handle(:'handle', 'tasks-dead', 'tasks-one'));
SELECT sqs_cancel_message_move_task(move_tasks_handle(:'handle', 'us-east', 'eu-east'));
SELECT sqs_cancel_message_move_task(move_tasks_handle(:'handle', '"taskId":"', '"taskId":"0'));

-- 16. It fails when the destination is gone.
SELECT sqs_create_queue('tasks-gone') IS NOT NULL AS created;
BEGIN;
SELECT sqs_start_message_move_task('tasks-dead', 'tasks-gone') AS handle \gset
SELECT sqs_delete_queue('tasks-gone');
SELECT queue.sweep();
SELECT * FROM move_tasks LIMIT 1;
SAVEPOINT s;
SELECT sqs_cancel_message_move_task(:'handle');
ROLLBACK TO s;
COMMIT;
SELECT * FROM move_tasks_visible;

-- 17. The rate holds: nothing at once, and after a pause no more than a second's
-- worth.
BEGIN;
SELECT sqs_start_message_move_task('tasks-dead', 'tasks-other', 1) AS handle \gset
SELECT queue.sweep();
SELECT moved FROM move_tasks LIMIT 1;
UPDATE queue.message_move_tasks SET next_at = next_at - interval '1 hour' WHERE status = 'RUNNING';
SELECT queue.sweep();
SELECT moved FROM move_tasks LIMIT 1;
SELECT queue.sweep();
SELECT moved FROM move_tasks LIMIT 1;
SELECT sqs_cancel_message_move_task(:'handle') AS moved;
COMMIT;
-- 18. It ends after 36 hours.
BEGIN;
SELECT sqs_start_message_move_task('tasks-dead', 'tasks-other', 1) IS NOT NULL AS started;
UPDATE queue.message_move_tasks SET started_at = started_at - interval '36 hours' + interval '1 minute' WHERE status = 'RUNNING';
SELECT queue.sweep();
SELECT status, reason FROM move_tasks WHERE status <> 'CANCELLED';
UPDATE queue.message_move_tasks SET started_at = started_at - interval '1 minute' WHERE status = 'RUNNING';
SELECT queue.sweep();
SELECT status, reason FROM move_tasks WHERE reason LIKE 'T%';
ROLLBACK;
-- 19. An account has no more than a hundred active ones.
BEGIN;
INSERT INTO queue.message_move_tasks
SELECT gen_random_uuid(), -i, '000000000000', NULL, NULL, NULL, 'pg_monitor', now(), 'RUNNING', NULL, 0, 0, 0, 0, now()
FROM generate_series(1, 99) AS i;
SAVEPOINT s;
SELECT sqs_start_message_move_task('tasks-dead') IS NOT NULL AS started;
ROLLBACK TO s;
INSERT INTO queue.message_move_tasks
SELECT gen_random_uuid(), -100, '000000000000', NULL, NULL, NULL, 'pg_monitor', now(), 'RUNNING', NULL, 0, 0, 0, 0, now();
SELECT sqs_start_message_move_task('tasks-dead') IS NOT NULL AS started;
ROLLBACK;

-- 20. Who may use both queues may move messages, and goes on to may.
CREATE ROLE regress_queue_mover;
CREATE ROLE regress_queue_owner;
GRANT CREATE ON SCHEMA queue TO regress_queue_mover, regress_queue_owner;
SET ROLE regress_queue_owner;
SELECT sqs_create_queue('tasks-theirs') IS NOT NULL AS created;
SET ROLE regress_queue_mover;
SELECT sqs_create_queue('tasks-mine') IS NOT NULL AS created;
SELECT sqs_create_queue('tasks-my-source', move_tasks_policy('tasks-mine', 1)) IS NOT NULL AS created;
\set VERBOSITY sqlstate
SELECT sqs_start_message_move_task('tasks-dead');
SELECT sqs_list_message_move_tasks('tasks-dead');
SELECT sqs_cancel_message_move_task(:'handle');
SELECT sqs_start_message_move_task('tasks-mine', 'tasks-theirs');
SELECT count(*) FROM queue.message_move_tasks;
\set VERBOSITY default
RESET ROLE;
GRANT regress_queue_owner TO regress_queue_mover;
SET ROLE regress_queue_mover;
SELECT sqs_send('tasks-mine', 'a') IS NOT NULL AS sent;
BEGIN;
SELECT sqs_start_message_move_task('tasks-mine', 'tasks-theirs') IS NOT NULL AS started;
RESET ROLE;
REVOKE regress_queue_owner FROM regress_queue_mover;
SELECT queue.sweep();
SELECT status, approximate_number_of_messages_moved AS moved, failure_reason FROM sqs_list_message_move_tasks('tasks-mine');
COMMIT;

-- 21. Tasks go with their queue.
SELECT sqs_delete_queue(name) FROM sqs_queues WHERE name LIKE 'tasks%' ORDER BY name;
SELECT count(*) FROM queue.message_move_tasks;
SELECT * FROM sqs_check();
DROP VIEW move_tasks, move_tasks_visible;
DROP TABLE move_tasks_dead;
DROP FUNCTION move_tasks_policy(text, int);
DROP FUNCTION move_tasks_die(text);
DROP FUNCTION move_tasks_handle(text, text, text);
DROP OWNED BY regress_queue_owner, regress_queue_mover;
DROP ROLE regress_queue_owner, regress_queue_mover;
