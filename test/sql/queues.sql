--
-- Promises: a queue is created once and then found again by the same call; it
-- is named by its name, its ARN or its URL; it is listed by its name; after its
-- deletion it is gone, and its name is free when a time has passed.
--
\pset null '(null)'
SELECT sqs_create_queue('queues-a');
-- the same call again, and with less than all attributes, finds it
SELECT sqs_create_queue('queues-a');
SELECT sqs_create_queue('queues-a', '{}', '{}');
SELECT sqs_create_queue('queues-a', NULL, NULL);
SELECT sqs_create_queue('queues-a', '{"VisibilityTimeout": "30"}');
SELECT sqs_create_queue('queues-a', '{"VisibilityTimeout": 30, "DelaySeconds": "0"}');
-- tags play no part in that, and are not added
SELECT sqs_create_queue('queues-a', '{}', '{"a": "b"}');
SELECT sqs_list_queue_tags('queues-a');
-- other values do not fit, and change nothing
SELECT sqs_create_queue('queues-a', '{"DelaySeconds": 1}');
SELECT sqs_create_queue('queues-a', '{"VisibilityTimeout": 30, "MessageRetentionPeriod": 61}');
SELECT sqs_get_queue_attributes('queues-a', '{DelaySeconds,MessageRetentionPeriod}');
-- it is the present values that count
SELECT sqs_set_queue_attributes('queues-a', '{"DelaySeconds": 1}');
SELECT sqs_create_queue('queues-a', '{"DelaySeconds": 1}');
SELECT sqs_create_queue('queues-a', '{"DelaySeconds": 0}');
SELECT sqs_set_queue_attributes('queues-a', '{"DelaySeconds": 0}');

-- names are case sensitive, up to 80 long
SELECT sqs_create_queue('Queues-A');
SELECT sqs_create_queue(repeat('q', 80));
SELECT sqs_create_queue('queues_1-B');
SELECT sqs_create_queue(repeat('q', 81));
SELECT sqs_create_queue('queues a');
SELECT sqs_create_queue('queues.a');
SELECT sqs_create_queue('queues/a');
SELECT sqs_create_queue('queues-ä');
SELECT sqs_create_queue('queues-a.fifo');
SELECT sqs_create_queue('queues'';a');
SELECT sqs_create_queue(E'queues\na');
SELECT sqs_create_queue('');
SELECT sqs_create_queue(NULL);
SELECT sqs_create_queue(repeat('q', 1000000));
-- a FIFO queue's name says so
SELECT sqs_create_queue('queues-a', '{"FifoQueue": "true"}');

-- by name, ARN and URL
SELECT sqs_get_queue_attributes('queues-a', '{QueueArn}') ->> 'QueueArn' AS arn \gset
SELECT sqs_get_queue_url('queues-a') AS url \gset
SELECT :'arn' AS arn, :'url' AS url;
SELECT name, sqs_get_queue_attributes(name, '{QueueArn}') ->> 'QueueArn' = :'arn' AS found
FROM (VALUES
  ('queues-a'),
  (:'arn'),
  ('arn:aws-cn:sqs:us-east-1:000000000000:queues-a'),
  (:'url'),
  (:'url' || '/'),
  ('https://sqs.eu-central-1.amazonaws.com/000000000000/queues-a'),
  ('http://elsewhere:1/some/path/000000000000/queues-a'),
  ('/000000000000/queues-a'),
  ('000000000000/queues-a')) AS v (name);
-- what has the form of a name, and names nothing
SELECT sqs_get_queue_attributes('queues-b');
SELECT sqs_get_queue_attributes('QUEUES-A');
SELECT sqs_get_queue_attributes('queues-a ');
SELECT sqs_get_queue_attributes('arn:aws:sqs:us-east-1:000000000000:queues-b');
SELECT sqs_get_queue_attributes('arn:aws:sqs:eu-central-1:000000000000:queues-a');
SELECT sqs_get_queue_attributes('arn:aws:sqs:us-east-1:000000000001:queues-a');
SELECT sqs_get_queue_attributes('http://localhost:9324/000000000001/queues-a');
SELECT sqs_get_queue_attributes('http://localhost:9324/000000000000/queues-b');
-- and what has not
SELECT sqs_get_queue_attributes('arn:aws:sns:us-east-1:000000000000:queues-a');
SELECT sqs_get_queue_attributes('arn:aws:sqs:us-east-1:queues-a');
SELECT sqs_get_queue_attributes('http://localhost:9324/queues-a');
SELECT sqs_get_queue_attributes('http://localhost:9324');
SELECT sqs_get_queue_attributes('a:b');
SELECT sqs_get_queue_attributes('');
SELECT sqs_get_queue_attributes(NULL);
SELECT sqs_get_queue_attributes(repeat('/', 1000000));

-- the URL by a plain name, of the own account
SELECT sqs_get_queue_url('queues-a', '000000000000');
SELECT sqs_get_queue_url('queues-a', NULL);
SELECT sqs_get_queue_url('queues-a', '000000000001');
SELECT sqs_get_queue_url('queues-a', '1');
SELECT sqs_get_queue_url('queues-a', '');
SELECT sqs_get_queue_url('queues-b');
SELECT sqs_get_queue_url(:'url');
SELECT sqs_get_queue_url('');
SELECT sqs_get_queue_url(NULL);

-- lists, by prefix
SELECT * FROM sqs_list_queues('queues');
SELECT * FROM sqs_list_queues('queues-');
SELECT * FROM sqs_list_queues('Q');
SELECT * FROM sqs_list_queues('queues-a');
SELECT * FROM sqs_list_queues('queues-ab');
SELECT * FROM sqs_list_queues('%');
SELECT * FROM sqs_list_queues(repeat('q', 81));
-- without one, all: the same that the view shows, by name
SELECT array_agg(url ORDER BY ordinality) = (SELECT array_agg(url ORDER BY name COLLATE "C") FROM sqs_queues) AS same
FROM sqs_list_queues() WITH ORDINALITY AS l (url, ordinality);
SELECT (SELECT count(*) FROM sqs_list_queues()) =
       ALL (SELECT count(*) FROM sqs_list_queues(NULL) UNION ALL SELECT count(*) FROM sqs_list_queues('')) AS same;

-- a queue is there when the transaction that made it is over, and for itself at once
BEGIN;
SELECT sqs_create_queue('queues-undone', '{}', '{"a": "b"}');
SELECT sqs_send('queues-undone', 'a') IS NOT NULL AS sent;
SELECT sqs_list_queue_tags('queues-undone');
ROLLBACK;
SELECT sqs_get_queue_url('queues-undone');
SELECT count(*) FROM queue.tags AS t WHERE NOT EXISTS (SELECT FROM queue.queues AS q WHERE q.queue_id = t.queue_id);
BEGIN;
SAVEPOINT s;
SELECT sqs_create_queue('queues-undone');
ROLLBACK TO s;
SELECT * FROM sqs_list_queues('queues-undone');
SELECT sqs_create_queue('queues-undone', '{"DelaySeconds": 5}');
COMMIT;
SELECT sqs_get_queue_attributes('queues-undone', '{DelaySeconds}');
-- deleted and undeleted
BEGIN;
SELECT sqs_delete_queue('queues-undone');
SELECT sqs_get_queue_url('queues-undone');
ROLLBACK;
SELECT sqs_get_queue_url('queues-undone');
BEGIN;
SAVEPOINT s;
SELECT sqs_delete_queue('queues-undone');
ROLLBACK TO s;
SELECT sqs_send('queues-undone', 'a', 0) IS NOT NULL AS sent;
COMMIT;
SELECT body, receive_count FROM sqs_receive('queues-undone');

-- a deleted queue is gone, with messages and tags
SELECT sqs_tag_queue('queues-a', '{"a": "b"}');
SELECT sqs_send('queues-a', 'a') IS NOT NULL AS sent;
SELECT sqs_delete_queue('queues-a');
SELECT sqs_get_queue_url('queues-a');
SELECT sqs_send('queues-a', 'a');
SELECT * FROM sqs_receive('queues-a');
SELECT sqs_delete_queue('queues-a');
SELECT sqs_delete_queue(:'url');
SELECT * FROM sqs_list_queues('queues-a');
-- its name is free after a while
SELECT sqs_create_queue('queues-a');
SET queue.recreate_delay = 30;
SELECT sqs_create_queue('queues-a');
SET queue.recreate_delay = 0;
SELECT sqs_create_queue('queues-a', '{"DelaySeconds": 7}');
SELECT sqs_get_queue_attributes('queues-a', '{DelaySeconds}');
SELECT sqs_list_queue_tags('queues-a');
SELECT body FROM sqs_receive('queues-a');
SELECT sqs_get_queue_attributes('queues-a', '{ApproximateNumberOfMessages}');
-- deleted and created in one transaction
BEGIN;
SELECT sqs_delete_queue('queues-a');
SELECT sqs_create_queue('queues-a');
SELECT sqs_get_queue_attributes('queues-a', '{DelaySeconds}');
COMMIT;
RESET queue.recreate_delay;
SELECT sqs_send('queues-a', 'b') IS NOT NULL AS sent;
SELECT body FROM sqs_pop('queues-a');
-- a handle of the queue that was deleted is none of the new one's
SELECT sqs_send('queues-a', 'c') IS NOT NULL AS sent;
SELECT receipt_handle AS handle FROM sqs_receive('queues-a') \gset
SET queue.recreate_delay = 0;
SELECT sqs_delete_queue('queues-a');
SELECT sqs_create_queue('queues-a');
SELECT sqs_delete('queues-a', :'handle');
RESET queue.recreate_delay;

-- unlogged queues
SELECT sqs_create_queue('queues-unlogged', '{"Durability": "unlogged"}');
SELECT sqs_create_queue('queues-unlogged', '{"Durability": "logged"}');
SELECT sqs_create_queue('queues-b', '{"Durability": "forever"}');
SELECT q.queue_name, c.relpersistence
FROM queue.queues AS q
  JOIN pg_class AS c ON c.oid = format('queue.messages_%s_1', q.queue_id)::regclass
WHERE q.queue_name IN ('queues-a', 'queues-unlogged')
ORDER BY q.queue_name;
SELECT sqs_send('queues-unlogged', 'a') IS NOT NULL AS sent;
SELECT body FROM sqs_pop('queues-unlogged');

-- what is wrong makes no queue
SELECT sqs_create_queue('queues-b', '{"NoSuchAttribute": "1"}');
SELECT sqs_create_queue('queues-b', '{}', '{"aws:a": "b"}');
SELECT sqs_create_queue('queues-b', '[]');
SELECT sqs_create_queue('queues-b', '1');
SELECT sqs_create_queue('queues-b', 'null');
SELECT sqs_create_queue('queues-b', '{}', '[]');
SELECT sqs_create_queue('queues-b', '{}', 'null');
SELECT * FROM sqs_list_queues('queues-b');

SELECT sqs_delete_queue(name) FROM sqs_queues WHERE name ~ '^(queues|Queues|q{80}$)' ORDER BY name COLLATE "C";
SELECT * FROM sqs_list_queues('queues');
-- the worker drops what is left, once nobody uses it
SET queue.recreate_delay = 0;
DO $$
BEGIN
  -- the background worker may be at it, too
  FOR i IN 1 .. 100 LOOP
    PERFORM queue.sweep();
    IF NOT EXISTS (SELECT FROM pg_class
                   WHERE relnamespace = 'queue'::regnamespace AND relkind = 'r'
                     AND relname ~ '^messages_[0-9]+_1$'
                     AND NOT EXISTS (SELECT FROM queue.queues AS q
                                     WHERE relname = format('messages_%s_1', q.queue_id)))
       AND NOT EXISTS (SELECT FROM queue.deleted_queues WHERE queue_name ~ '^queues') THEN
      RAISE NOTICE 'all dropped';
      EXIT;
    END IF;
    PERFORM pg_sleep(0.1);
  END LOOP;
END
$$;
SELECT count(*) FROM queue.deleted_queues WHERE queue_name ~ '^queues';
SELECT * FROM sqs_check();
