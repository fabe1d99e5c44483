--
-- Promises: each attribute of a queue has SQS's default, takes the values of
-- its range, as string or number, and refuses every other with SQS's error,
-- leaving all attributes as they were; attributes that a client cannot set
-- cannot be set; All shows just those that SQS shows.
--
\pset null '(null)'
\pset format unaligned
\set VERBOSITY terse
SET client_min_messages = warning;
SELECT sqs_create_queue('attributes') IS NOT NULL AS created;

-- All, with the defaults
SELECT key, value ->> 0 AS value, jsonb_typeof(value) AS type
FROM jsonb_each(sqs_get_queue_attributes('attributes'))
WHERE key NOT LIKE '%Timestamp'
ORDER BY key;
SELECT array_agg(key ORDER BY key) AS names FROM jsonb_object_keys(sqs_get_queue_attributes('attributes')) AS key;
SELECT sqs_get_queue_attributes('attributes') = sqs_get_queue_attributes('attributes', '{All}') AS same;
SELECT sqs_get_queue_attributes('attributes') = sqs_get_queue_attributes('attributes', '{QueueArn,All}') AS same;
-- times are seconds since 1970
SELECT (a ->> 'CreatedTimestamp') ~ '^[0-9]{10}$' AS form,
       abs((a ->> 'CreatedTimestamp')::bigint - extract(epoch FROM now())) < 600 AS now,
       a ->> 'CreatedTimestamp' = a ->> 'LastModifiedTimestamp' AS not_modified
FROM sqs_get_queue_attributes('attributes') AS a;

-- by names
SELECT sqs_get_queue_attributes('attributes', '{DelaySeconds}');
SELECT sqs_get_queue_attributes('attributes', '{VisibilityTimeout,DelaySeconds,DelaySeconds}');
SELECT sqs_get_queue_attributes('attributes', '{{VisibilityTimeout},{DelaySeconds}}');
SELECT sqs_get_queue_attributes('attributes', '{}');
-- known, but not set or not of a standard queue
SELECT sqs_get_queue_attributes('attributes', '{Policy,RedrivePolicy,RedriveAllowPolicy,KmsMasterKeyId,KmsDataKeyReusePeriodSeconds,FifoQueue,ContentBasedDeduplication,DeduplicationScope,FifoThroughputLimit,Durability,StrictReceiptHandles}');
-- unknown
SELECT sqs_get_queue_attributes('attributes', '{Foobar}');
SELECT sqs_get_queue_attributes('attributes', '{All,Foobar}');
SELECT sqs_get_queue_attributes('attributes', '{delayseconds}');
SELECT sqs_get_queue_attributes('attributes', '{all}');
SELECT sqs_get_queue_attributes('attributes', '{""}');
SELECT sqs_get_queue_attributes('attributes', '{NULL}');
\set VERBOSITY default
SELECT sqs_get_queue_attributes('attributes', '{Foobar}');
SELECT sqs_get_queue_attributes('attributes', ARRAY[repeat('x', 1000000)]);
\set VERBOSITY terse

-- what a call says: the value afterwards, or the error and its reason
CREATE FUNCTION pg_temp.set(name text, value jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  before jsonb := sqs_get_queue_attributes('attributes') - 'LastModifiedTimestamp';
  state text;
  detail text;
BEGIN
  PERFORM sqs_set_queue_attributes('attributes', jsonb_build_object(name, value));
  RETURN coalesce(sqs_get_queue_attributes('attributes', ARRAY[name]) ->> name, 'not set');
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL;
  IF sqs_get_queue_attributes('attributes') - 'LastModifiedTimestamp' <> before THEN
    RAISE 'changed in spite of an error';
  END IF;
  RETURN format('%s %s', state, coalesce(substring(detail FROM 'Reason: (.*)'), detail));
END
$$;

-- integers: both ends of the range, as string and as number, and beyond
SELECT name, low AS value, pg_temp.set(name, to_jsonb(low)), pg_temp.set(name, to_jsonb(high)),
       pg_temp.set(name, to_jsonb(low::text)), pg_temp.set(name, to_jsonb(high::text)) AS high
FROM (VALUES
  (1, 'DelaySeconds', 0, 900),
  (2, 'MaximumMessageSize', 1024, 1048576),
  (3, 'MessageRetentionPeriod', 60, 1209600),
  (4, 'ReceiveMessageWaitTimeSeconds', 0, 20),
  (5, 'VisibilityTimeout', 0, 43200),
  (6, 'KmsDataKeyReusePeriodSeconds', 60, 86400)) AS v (n, name, low, high)
ORDER BY n;
SELECT name, wrong AS value, pg_temp.set(name, wrong)
FROM (VALUES
  (1, 'DelaySeconds', 0, 900),
  (2, 'MaximumMessageSize', 1024, 1048576),
  (3, 'MessageRetentionPeriod', 60, 1209600),
  (4, 'ReceiveMessageWaitTimeSeconds', 0, 20),
  (5, 'VisibilityTimeout', 0, 43200),
  (6, 'KmsDataKeyReusePeriodSeconds', 60, 86400)) AS v (n, name, low, high),
  LATERAL (VALUES (1, to_jsonb(low - 1)), (2, to_jsonb(high + 1)), (3, to_jsonb((low - 1)::text)),
                  (4, to_jsonb((high + 1)::text))) AS w (m, wrong)
ORDER BY n, m;
-- what is no integer
SELECT v AS value, pg_temp.set('DelaySeconds', v)
FROM unnest(ARRAY['""', '"x"', '"1x"', '" 1"', '"1.0"', '1.5', '1e2', '"1e2"', '"+1"', '"-"', '"0x10"', '"007"', 'null', 'true', '[]', '{}',
                  '["1"]', '99999999999999999999999999', '"99999999999999999999999999"', '"4294967296"', '"-4294967296"']::jsonb[]) WITH ORDINALITY AS u (v, n)
ORDER BY n;
SELECT pg_temp.set('DelaySeconds', '-1e400');
SELECT pg_temp.set('DelaySeconds', '1e-400');
SELECT pg_temp.set('DelaySeconds', to_jsonb(repeat('1', 100000)));
-- retention's lower end is a setting
SET queue.minimum_retention = 1;
SELECT pg_temp.set('MessageRetentionPeriod', '1');
SELECT pg_temp.set('MessageRetentionPeriod', '0');
RESET queue.minimum_retention;
SELECT pg_temp.set('MessageRetentionPeriod', '59');
SELECT pg_temp.set('MessageRetentionPeriod', '345600');
-- and the default size another one
SET queue.default_maximum_message_size = 2048;
SELECT sqs_create_queue('attributes-size') IS NOT NULL AS created;
RESET queue.default_maximum_message_size;
SELECT sqs_get_queue_attributes('attributes-size', '{MaximumMessageSize}');

-- booleans, in any case of letters, as a JSON boolean too
SELECT v AS value, pg_temp.set('SqsManagedSseEnabled', v), pg_temp.set('StrictReceiptHandles', v)
FROM unnest(ARRAY['"true"', '"false"', '"True"', '"FALSE"', 'true', 'false', '"yes"', '"1"', '1', '""', 'null']::jsonb[])
  WITH ORDINALITY AS u (v, n)
ORDER BY n;
SELECT pg_temp.set('SqsManagedSseEnabled', '"true"');

-- encryption: one kind at a time, the one asked for last
SELECT pg_temp.set('KmsMasterKeyId', '"testKeyId"');
SELECT sqs_get_queue_attributes('attributes', '{KmsMasterKeyId,SqsManagedSseEnabled}');
SELECT pg_temp.set('KmsMasterKeyId', '""');
SELECT sqs_get_queue_attributes('attributes', '{KmsMasterKeyId,SqsManagedSseEnabled}');
SELECT pg_temp.set('KmsMasterKeyId', '"testKeyId"');
SELECT pg_temp.set('SqsManagedSseEnabled', '"true"');
SELECT sqs_get_queue_attributes('attributes', '{KmsMasterKeyId,SqsManagedSseEnabled}');
SELECT sqs_set_queue_attributes('attributes', '{"KmsMasterKeyId": "testKeyId", "SqsManagedSseEnabled": "true"}');
SELECT sqs_set_queue_attributes('attributes', '{"KmsMasterKeyId": "testKeyId", "SqsManagedSseEnabled": "false"}');
SELECT sqs_get_queue_attributes('attributes', '{KmsMasterKeyId,SqsManagedSseEnabled}');
SELECT sqs_set_queue_attributes('attributes', '{"KmsMasterKeyId": "", "SqsManagedSseEnabled": "true"}');
SELECT sqs_get_queue_attributes('attributes', '{KmsMasterKeyId,SqsManagedSseEnabled}');

-- read-only attributes, those of FIFO queues, and no attributes at all
SELECT name, pg_temp.set(name, '"1"')
FROM unnest(ARRAY['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesDelayed',
                  'ApproximateNumberOfMessagesNotVisible', 'CreatedTimestamp', 'LastModifiedTimestamp',
                  'QueueArn', 'All', 'Foobar', '', 'delayseconds', repeat('x', 1000)]) WITH ORDINALITY AS u (name, n)
ORDER BY n;
SELECT name, value, pg_temp.set(name, value)
FROM (VALUES
  (1, 'FifoQueue', '"false"'::jsonb), (2, 'FifoQueue', '"true"'), (3, 'ContentBasedDeduplication', '"false"'),
  (4, 'ContentBasedDeduplication', '"true"'), (5, 'DeduplicationScope', '"queue"'),
  (6, 'FifoThroughputLimit', '"perQueue"')) AS v (n, name, value)
ORDER BY n;
-- at creation as well
SELECT sqs_create_queue('attributes-fifo', '{"FifoQueue": "false"}');
SELECT sqs_create_queue('attributes-fifo', '{"ContentBasedDeduplication": "false"}');
SELECT sqs_create_queue('attributes-fifo', '{"DeduplicationScope": "queue"}');
SELECT sqs_create_queue('attributes-fifo', '{"FifoThroughputLimit": "perQueue"}');
SELECT sqs_create_queue('attributes-fifo', '{"FifoQueue": "perhaps"}');
SELECT sqs_create_queue('attributes-fifo', '{"QueueArn": "x"}');
SELECT sqs_create_queue('attributes-fifo', '{"DelaySeconds": 901}');

-- Durability is fixed at creation
SELECT v AS value, pg_temp.set('Durability', v)
FROM unnest(ARRAY['"logged"', '"unlogged"', '"Logged"', '""', 'null', '1']::jsonb[]) WITH ORDINALITY AS u (v, n)
ORDER BY n;
SELECT sqs_create_queue('attributes-unlogged', '{"Durability": "unlogged"}') IS NOT NULL AS created;
SELECT sqs_get_queue_attributes('attributes-unlogged', '{Durability}');
SELECT sqs_set_queue_attributes('attributes-unlogged', '{"Durability": "unlogged"}');
SELECT sqs_set_queue_attributes('attributes-unlogged', '{"Durability": "logged"}');

-- policies are kept as they were given; "" removes them, also where there is none
\set statement '{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}'
SELECT v AS value, pg_temp.set('Policy', v)
FROM unnest(ARRAY['""', to_jsonb(E'{ "Version" : "2012-10-17",\n "Statement":' || :'statement' || ' }')::text,
                  '"{ \"Version\" : \"2012-10-17\",\n \"Statement\": [] }"', '"{}"', '"x"', '"[]"', '"1"', '"null"', '{}', '[]', '1', 'null',
                  '""']::jsonb[]) WITH ORDINALITY AS u (v, n)
ORDER BY n;
SELECT pg_temp.set('Policy', to_jsonb('{"Id": "' || repeat('y', 8192 - 24 - length(:'statement')) || '", "Statement":' || :'statement' || '}')) LIKE '{"Id": "yyyy%yyy%}' AS taken;
SELECT pg_temp.set('Policy', to_jsonb('{"Id": "' || repeat('y', 8192 - 23 - length(:'statement')) || '", "Statement":' || :'statement' || '}'));
SELECT pg_temp.set('Policy', '""');

-- dead-letter queues: the policy is checked, the queue must be there
SELECT sqs_create_queue('attributes-dlq') IS NOT NULL AS created;
SELECT v AS value, pg_temp.set('RedrivePolicy', to_jsonb(v))
FROM unnest(ARRAY[
  '',
  '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:attributes-dlq","maxReceiveCount":1}',
  '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:attributes-dlq","maxReceiveCount":"1000"}',
  '{}',
  '{"maxReceiveCount":1}',
  '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:attributes-dlq"}',
  '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:attributes-dlq","maxReceiveCount":0}',
  '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:attributes-dlq","maxReceiveCount":1001}',
  '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:attributes-dlq","maxReceiveCount":-1}',
  '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:attributes-dlq","maxReceiveCount":1.5}',
  '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:attributes-dlq","maxReceiveCount":"x"}',
  '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:attributes-dlq","maxReceiveCount":null}',
  '{"deadLetterTargetArn":"attributes-dlq","maxReceiveCount":1}',
  '{"deadLetterTargetArn":1,"maxReceiveCount":1}',
  '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:attributes-none","maxReceiveCount":1}',
  '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:attributes-dlq","maxReceiveCount":1}',
  '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000001:attributes-dlq","maxReceiveCount":1}',
  'x', '[]', '1', 'null', '{']) WITH ORDINALITY AS u (v, n)
ORDER BY n;
SELECT v AS value, pg_temp.set('RedriveAllowPolicy', to_jsonb(v))
FROM unnest(ARRAY[
  '',
  '{"redrivePermission":"allowAll"}',
  '{"redrivePermission":"denyAll"}',
  '{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:000000000000:x"]}',
  '{"redrivePermission":"byQueue"}',
  '{"redrivePermission":"byQueue","sourceQueueArns":[]}',
  '{"redrivePermission":"byQueue","sourceQueueArns":["x"]}',
  '{"redrivePermission":"byQueue","sourceQueueArns":"arn:aws:sqs:us-east-1:000000000000:x"}',
  '{"redrivePermission":"allowAll","sourceQueueArns":["arn:aws:sqs:us-east-1:000000000000:x"]}',
  '{"redrivePermission":"everybody"}',
  '{"sourceQueueArns":[]}',
  'x', '[]', '{',
  '']) WITH ORDINALITY AS u (v, n)
ORDER BY n;
SELECT pg_temp.set('RedriveAllowPolicy',
                   to_jsonb('{"redrivePermission":"byQueue","sourceQueueArns":[' ||
                            (SELECT string_agg('"arn:aws:sqs:us-east-1:000000000000:x"', ',')
                             FROM generate_series(1, 11)) || ']}')) LIKE 'SQ022 %' AS refused;

-- several at a time, all or none
SELECT sqs_set_queue_attributes('attributes', '{"DelaySeconds": 1, "VisibilityTimeout": 2, "MaximumMessageSize": "2000"}');
SELECT sqs_get_queue_attributes('attributes', '{DelaySeconds,VisibilityTimeout,MaximumMessageSize}');
SELECT sqs_set_queue_attributes('attributes', '{"DelaySeconds": 3, "VisibilityTimeout": -1}');
SELECT sqs_set_queue_attributes('attributes', '{"DelaySeconds": 3, "Foobar": -1}');
SELECT sqs_get_queue_attributes('attributes', '{DelaySeconds,VisibilityTimeout,MaximumMessageSize}');
SELECT sqs_set_queue_attributes('attributes', '{}');
SELECT sqs_set_queue_attributes('attributes', NULL);
SELECT sqs_set_queue_attributes('attributes', '[]');
SELECT sqs_set_queue_attributes('attributes', '"x"');
SELECT sqs_set_queue_attributes('attributes', 'null');
SELECT sqs_set_queue_attributes('attributes-none', '{"DelaySeconds": 3}');
SELECT sqs_set_queue_attributes(NULL, '{"DelaySeconds": 3}');
-- undone with the transaction, or its part
BEGIN;
SELECT sqs_set_queue_attributes('attributes', '{"DelaySeconds": 4}');
SELECT sqs_get_queue_attributes('attributes', '{DelaySeconds}');
SAVEPOINT s;
SELECT sqs_set_queue_attributes('attributes', '{"DelaySeconds": 5}');
SELECT sqs_get_queue_attributes('attributes', '{DelaySeconds}');
ROLLBACK TO s;
SELECT sqs_get_queue_attributes('attributes', '{DelaySeconds}');
ROLLBACK;
SELECT sqs_get_queue_attributes('attributes', '{DelaySeconds}');
-- by a session that sees an old snapshot, too
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT sqs_set_queue_attributes('attributes', '{"DelaySeconds": 6}');
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT sqs_set_queue_attributes('attributes', '{"DelaySeconds": 0}');
SELECT sqs_get_queue_attributes('attributes', '{DelaySeconds}');
COMMIT;
-- a change of attributes is noted; the time of creation stays
UPDATE queue.queues SET created_at = created_at - interval '1 hour', modified_at = modified_at - interval '1 hour'
WHERE queue_name = 'attributes';
SELECT (a ->> 'LastModifiedTimestamp')::int - extract(epoch FROM now()) < -3000 AS old
FROM sqs_get_queue_attributes('attributes') AS a;
SELECT sqs_set_queue_attributes('attributes', '{"DelaySeconds": 0}');
SELECT (a ->> 'LastModifiedTimestamp')::int - extract(epoch FROM now()) > -600 AS modified,
       (a ->> 'CreatedTimestamp')::int - extract(epoch FROM now()) < -3000 AS created
FROM sqs_get_queue_attributes('attributes') AS a;

-- read-only transactions
BEGIN READ ONLY;
SELECT sqs_get_queue_attributes('attributes', '{DelaySeconds}');
SELECT sqs_set_queue_attributes('attributes', '{"DelaySeconds": 0}');
ROLLBACK;
SELECT sqs_delete_queue(name) FROM sqs_queues WHERE name LIKE 'attributes%' ORDER BY name;
SELECT * FROM sqs_check();
