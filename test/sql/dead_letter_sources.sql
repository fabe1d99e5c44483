--
-- Promises: the sources of a dead-letter queue are the queues whose
-- RedrivePolicy names it, by name; of them those that the caller may use.
--
\pset format unaligned
CREATE FUNCTION redrive_to(name text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('RedrivePolicy', format('{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:%s:%s", "maxReceiveCount": 3}',
                                                    current_setting('queue.account_id'), name))
$$;
SELECT sqs_create_queue('sources-dead') IS NOT NULL AS created;
SELECT sqs_create_queue('sources-other') IS NOT NULL AS created;
SELECT sqs_list_dead_letter_source_queues('sources-dead');
SELECT sqs_create_queue(name, redrive_to(target)) IS NOT NULL AS created
FROM (VALUES ('sources-c', 'sources-dead'), ('sources-a', 'sources-dead'),
             ('sources-b', 'sources-other'), ('sources-B', 'sources-dead')) AS v (name, target);
SELECT sqs_list_dead_letter_source_queues('sources-dead');
SELECT sqs_list_dead_letter_source_queues('sources-other');
SELECT sqs_list_dead_letter_source_queues('sources-a');

-- its policy may change, or be removed; a queue may be its own
SELECT sqs_set_queue_attributes('sources-c', '{"RedrivePolicy": ""}');
SELECT sqs_set_queue_attributes('sources-b', redrive_to('sources-dead'));
SELECT sqs_set_queue_attributes('sources-dead', redrive_to('sources-dead'));
SELECT sqs_list_dead_letter_source_queues('sources-dead');
SELECT sqs_list_dead_letter_source_queues('sources-other');
-- of a source that is deleted no more is said
SELECT sqs_delete_queue('sources-a');
SELECT sqs_list_dead_letter_source_queues('sources-dead');

-- only what the caller may use
CREATE ROLE regress_queue_sources;
GRANT CREATE ON SCHEMA queue TO regress_queue_sources;
SET ROLE regress_queue_sources;
SELECT sqs_create_queue('sources-mine') IS NOT NULL AS created;
SELECT sqs_create_queue('sources-mine-too', redrive_to('sources-mine')) IS NOT NULL AS created;
RESET ROLE;
SELECT sqs_set_queue_attributes('sources-b', redrive_to('sources-mine'));
SELECT sqs_list_dead_letter_source_queues('sources-mine');
SET ROLE regress_queue_sources;
SELECT sqs_list_dead_letter_source_queues('sources-mine');
SELECT sqs_list_dead_letter_source_queues('sources-dead');
RESET ROLE;
SELECT sqs_list_dead_letter_source_queues('sources-none');
SELECT sqs_list_dead_letter_source_queues(NULL);

SELECT sqs_delete_queue(name) FROM sqs_queues WHERE name LIKE 'sources%' ORDER BY name;
DROP FUNCTION redrive_to(text);
REVOKE CREATE ON SCHEMA queue FROM regress_queue_sources;
SET queue.recreate_delay = 0;
DO $$
BEGIN
  -- the tables go with the next round of the worker
  FOR i IN 1 .. 100 LOOP
    PERFORM queue.sweep();
    EXIT WHEN NOT EXISTS (SELECT FROM queue.deleted_queues WHERE queue_name LIKE 'sources%');
    PERFORM pg_sleep(0.1);
  END LOOP;
END
$$;
DROP ROLE regress_queue_sources;
