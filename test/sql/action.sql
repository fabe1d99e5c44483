--
-- Promises: sqs_action() knows every action by its AWS name and no other; a
-- request has the members of the AWS JSON protocol, of their types, or an error
-- says which one is wrong before anything is done; null is "not given"; an
-- action that changes nothing works in a read-only transaction.
--
\pset format unaligned
SELECT sqs_action('CreateQueue', '{"QueueName": "action"}');

-- the actions
CREATE FUNCTION action_state(action text, request jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  detail text;
BEGIN
  RETURN sqs_action(action, request);
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN format('%s %s', SQLSTATE, detail);
END
$$;
-- without any member, each that is known says what is missing, or lists
SELECT action, action_state(action, '{}')
FROM unnest(ARRAY['AddPermission', 'ChangeMessageVisibility', 'ChangeMessageVisibilityBatch', 'CreateQueue', 'DeleteMessage',
                  'DeleteMessageBatch', 'DeleteQueue', 'GetQueueAttributes', 'GetQueueUrl', 'ListDeadLetterSourceQueues',
                  'ListQueueTags', 'PurgeQueue', 'ReceiveMessage', 'RemovePermission', 'SendMessage', 'SendMessageBatch',
                  'SetQueueAttributes', 'TagQueue', 'UntagQueue']) AS action;
SELECT sqs_action('ListQueues', '{"QueueNamePrefix": "action"}');
SELECT action, action_state(action, '{}')
FROM unnest(ARRAY['FooBar', 'sendmessage', 'SendMessages', 'SendMessag', 'AmazonSQS.SendMessage', ' ', '']) AS action;
SELECT sqs_action('FooBar', '{}');
SELECT sqs_action(NULL, '{}');
SELECT sqs_action('SendMessage', NULL);

-- the request
SELECT sqs_action('SendMessage', '[]');
SELECT request, action_state('SendMessage', request)
FROM unnest(ARRAY['[]', '"a"', '1', 'null', '[{"QueueUrl": "action"}]']::jsonb[]) AS request;
-- what it does not know it ignores
SELECT sqs_action('SendMessage', '{"QueueUrl": "action", "MessageBody": "a", "Foo": 1, "Bar": [{"a": {}}]}') - 'MessageId' AS answer;
SELECT jsonb_path_query(sqs_action('SendMessageBatch',
  '{"QueueUrl": "action", "Entries": [{"Id": "a", "MessageBody": "a", "Body": "a"}]}'), '$.Successful.Id') AS answer;
SELECT sqs_action('SendMessage', '{"QueueUrl": "action", "MessageBody": 1}');
SELECT action, request, action_state(action, request)
FROM (VALUES
  ('SendMessage', '{"QueueUrl": "action", "messageBody": "a"}'),
  ('SendMessage', '{"QueueUrl": null, "MessageBody": "a"}'),
  ('SendMessage', '{"QueueUrl": "action", "MessageBody": true}'),
  ('SendMessage', '{"QueueUrl": "action", "MessageBody": false}'),
  ('SendMessage', '{"QueueUrl": "action", "MessageBody": {}}'),
  ('SendMessage', '{"QueueUrl": "action", "MessageBody": ["a"]}'),
  ('SendMessage', '{"QueueUrl": "action", "MessageBody": "a", "DelaySeconds": "1"}'),
  ('SendMessage', '{"QueueUrl": "action", "MessageBody": "a", "DelaySeconds": 1.5}'),
  ('SendMessage', '{"QueueUrl": "action", "MessageBody": "a", "DelaySeconds": 1e400}'),
  ('SendMessage', '{"QueueUrl": "action", "MessageBody": "a", "DelaySeconds": 2147483648}'),
  ('SendMessage', '{"QueueUrl": "action", "MessageBody": "a", "DelaySeconds": [1]}'),
  ('SendMessage', '{"QueueUrl": "action", "MessageBody": "a", "MessageAttributes": []}'),
  ('SendMessage', '{"QueueUrl": "action", "MessageBody": "a", "MessageAttributes": {"a": "b"}}'),
  ('SendMessage', '{"QueueUrl": "action", "MessageBody": "a", "MessageAttributes": {"a": null}}'),
  ('SendMessage', '{"QueueUrl": "action", "MessageBody": "a", "MessageAttributes": {"a": {"DataType": 1}}}'),
  ('SendMessage', '{"QueueUrl": "action", "MessageBody": "a", "MessageAttributes": {"a": {"Type": "String"}}}'),
  ('SendMessage', '{"QueueUrl": "action", "MessageBody": "a", "MessageSystemAttributes": {"AWSTraceHeader": "b"}}'),
  ('SendMessageBatch', '{"QueueUrl": "action", "Entries": {}}'),
  ('SendMessageBatch', '{"QueueUrl": "action", "Entries": "a"}'),
  ('SendMessageBatch', '{"QueueUrl": "action", "Entries": ["a"]}'),
  ('SendMessageBatch', '{"QueueUrl": "action", "Entries": [null]}'),
  ('SendMessageBatch', '{"QueueUrl": "action", "Entries": [{"Id": "a", "MessageBody": "a"}, {"Id": 1, "MessageBody": "a"}]}'),
  ('GetQueueAttributes', '{"QueueUrl": "action", "AttributeNames": "All"}'),
  ('GetQueueAttributes', '{"QueueUrl": "action", "AttributeNames": ["All", null]}'),
  ('GetQueueAttributes', '{"QueueUrl": "action", "AttributeNames": ["All", 1]}'),
  ('SetQueueAttributes', '{"QueueUrl": "action", "Attributes": {"DelaySeconds": 1}}'),
  ('SetQueueAttributes', '{"QueueUrl": "action", "Attributes": [["DelaySeconds", "1"]]}'),
  ('TagQueue', '{"QueueUrl": "action", "Tags": {"a": true}}')) AS v (action, text),
  LATERAL (SELECT text::jsonb AS request) AS r;
-- nothing came of it
SELECT sqs_action('GetQueueAttributes', '{"QueueUrl": "action", "AttributeNames": ["ApproximateNumberOfMessages", "DelaySeconds"]}');
-- null is not given; a number may be written in other ways
SELECT sqs_action('SendMessage', '{"QueueUrl": "action", "MessageBody": "a", "DelaySeconds": null, "MessageAttributes": null}') - 'MessageId' AS sent;
SELECT sqs_action('SendMessage', '{"QueueUrl": "action", "MessageBody": "a", "DelaySeconds": 1e2}') - 'MessageId' AS sent;

-- odd values for each member in turn: an error of ours or an answer, and never another error
CREATE FUNCTION action_try(action text, request jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM sqs_action(action, request);
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  IF SQLSTATE ~ '^SQ[0-9]{3}$' AND SQLERRM !~ E'\n' AND length(SQLERRM) < 400 THEN
    RETURN NULL;
  END IF;
  RETURN format('%s %s: %s %s', action, left(request::text, 100), SQLSTATE, left(SQLERRM, 100));
END
$$;
SELECT action_try(action, jsonb_set(good, ARRAY[key], odd)) AS strange, count(*) > 1000 AS many
FROM (VALUES
    ('AddPermission', '{"QueueUrl": "action", "Label": "a", "AWSAccountIds": ["111122223333"], "Actions": ["*"]}'::jsonb),
    ('ChangeMessageVisibility', '{"QueueUrl": "action", "ReceiptHandle": "a", "VisibilityTimeout": 0}'),
    ('ChangeMessageVisibilityBatch', '{"QueueUrl": "action", "Entries": []}'),
    ('CreateQueue', '{"QueueName": "action", "Attributes": {}, "tags": {}}'),
    ('DeleteMessage', '{"QueueUrl": "action", "ReceiptHandle": "a"}'),
    ('DeleteMessageBatch', '{"QueueUrl": "action", "Entries": []}'),
    ('GetQueueAttributes', '{"QueueUrl": "action", "AttributeNames": ["All"]}'),
    ('GetQueueUrl', '{"QueueName": "action", "QueueOwnerAWSAccountId": "000000000000"}'),
    ('ListDeadLetterSourceQueues', '{"QueueUrl": "action", "MaxResults": 1, "NextToken": "YQ=="}'),
    ('ListQueues', '{"QueueNamePrefix": "action", "MaxResults": 1, "NextToken": "YQ=="}'),
    ('ReceiveMessage', '{"QueueUrl": "action", "MaxNumberOfMessages": 1, "VisibilityTimeout": 0, "WaitTimeSeconds": 0, "AttributeNames": [],
       "MessageSystemAttributeNames": [], "MessageAttributeNames": [], "ReceiveRequestAttemptId": "a"}'),
    ('RemovePermission', '{"QueueUrl": "action", "Label": "a"}'),
    ('SendMessage', '{"QueueUrl": "action", "MessageBody": "a", "DelaySeconds": 0, "MessageAttributes": {}, "MessageSystemAttributes": {},
       "MessageGroupId": "a", "MessageDeduplicationId": "a"}'),
    ('SendMessageBatch', '{"QueueUrl": "action", "Entries": []}'),
    ('SetQueueAttributes', '{"QueueUrl": "action", "Attributes": {}}'),
    ('TagQueue', '{"QueueUrl": "action", "Tags": {}}'),
    ('UntagQueue', '{"QueueUrl": "action", "TagKeys": []}')) AS g (action, good),
  LATERAL jsonb_object_keys(good) AS key,
  unnest(ARRAY['null', 'true', '0', '-1', '2147483647', '-2147483648', '1e400', '0.1', '""', '"x"', '" "', '"\n"', '"\uffff"', '"a\u0001"', '"%s%n"',
    '[]', '[null]', '[[]]', '["a", ""]', '["\u0001"]', '[1]', '[{}]', '[{"Id": "a"}]', '[{"Id": "a", "Foo": 1}]',
    '[{"Id": "a", "MessageBody": null}]', '[{"Id": "a", "MessageBody": "\u0001"}]', '[{"Id": "a", "ReceiptHandle": "\u0001"}]',
    '[{"Id": "a", "ReceiptHandle": "", "VisibilityTimeout": -1}]', '[{"Id": "\u0001"}]', '[{"Id": "a", "DelaySeconds": 1e400}]',
    '{}', '{"": ""}', '{"a": null}', '{"a": 1}', '{"a": []}', '{"a": {}}', '{"": {"DataType": ""}}', '{"a": {"DataType": "Binary", "BinaryValue": "="}}',
    '{"a": {"DataType": "String", "StringValue": "\u0001"}}', '{"DelaySeconds": ""}', '{"Policy": "{"}', '{"a": {"BinaryListValues": []}}']::jsonb[]
    || to_jsonb(repeat('x', 2000000)) || jsonb_build_array(repeat('x', 2000000)) || jsonb_build_object(repeat('x', 2000000), repeat('x', 2000000))
    || (SELECT jsonb_agg(i) FROM generate_series(1, 1000) AS i) || (SELECT jsonb_object_agg(i, i::text) FROM generate_series(1, 1000) AS i)) AS odd
GROUP BY 1 ORDER BY 1;
DROP FUNCTION action_try(text, jsonb);
SELECT sqs_delete_queue(name) FROM sqs_queues WHERE name = 'x';
SELECT sqs_untag_queue('action', ARRAY(SELECT jsonb_object_keys(sqs_list_queue_tags('action'))));
SELECT count(*) > 0 AS emptied FROM sqs_pop('action', 1000);

-- by name, ARN and URL
SELECT sqs_action('ListQueueTags', jsonb_build_object('QueueUrl', queue)) AS tags
FROM unnest(ARRAY['action', 'arn:aws:sqs:us-east-1:000000000000:action', 'https://sqs.us-east-1.amazonaws.com/000000000000/action']) AS queue;

-- what changes nothing
BEGIN READ ONLY;
SELECT sqs_action('GetQueueUrl', '{"QueueName": "action"}');
SELECT sqs_action('ListQueues', '{"QueueNamePrefix": "action"}');
SELECT sqs_action('ListQueueTags', '{"QueueUrl": "action"}');
SELECT sqs_action('ListDeadLetterSourceQueues', '{"QueueUrl": "action"}');
SELECT sqs_action('GetQueueAttributes', '{"QueueUrl": "action", "AttributeNames": ["DelaySeconds"]}');
SELECT sqs_action('SendMessage', '{"QueueUrl": "action", "MessageBody": "a"}');
ROLLBACK;

-- what rolls back did not happen
BEGIN;
SELECT sqs_action('SendMessage', '{"QueueUrl": "action", "MessageBody": "gone"}') - 'MessageId' AS sent;
SELECT sqs_action('TagQueue', '{"QueueUrl": "action", "Tags": {"a": "b"}}');
ROLLBACK;
SELECT sqs_action('ListQueueTags', '{"QueueUrl": "action"}');
SELECT sqs_action('GetQueueAttributes', '{"QueueUrl": "action", "AttributeNames": ["ApproximateNumberOfMessages"]}');

-- each error once, as a program sees it
\set VERBOSITY sqlstate
SELECT sqs_action('FooBar', '{}');
SELECT sqs_action('SendMessage', '[]');
SELECT sqs_action('SendMessage', '{"QueueUrl": "action"}');
SELECT sqs_action('SendMessage', '{"QueueUrl": "action-none", "MessageBody": "a"}');
SELECT sqs_action('SendMessage', '{"QueueUrl": "action:", "MessageBody": "a"}');
\set VERBOSITY default

-- whose queue it is not
CREATE ROLE regress_queue_action;
SET ROLE regress_queue_action;
SELECT action_state(action, request || '{"QueueUrl": "action"}')
FROM (VALUES
  ('AddPermission', '{"Label": "a", "AWSAccountIds": ["111122223333"], "Actions": ["SendMessage"]}'),
  ('ChangeMessageVisibility', '{"ReceiptHandle": "a", "VisibilityTimeout": 0}'),
  ('ChangeMessageVisibilityBatch', '{"Entries": []}'), ('DeleteMessage', '{"ReceiptHandle": "a"}'),
  ('DeleteMessageBatch', '{}'), ('DeleteQueue', '{}'), ('GetQueueAttributes', '{}'), ('ListDeadLetterSourceQueues', '{}'),
  ('ListQueueTags', '{}'), ('PurgeQueue', '{}'), ('ReceiveMessage', '{}'), ('RemovePermission', '{"Label": "a"}'),
  ('SendMessage', '{"MessageBody": "a"}'), ('SendMessageBatch', '{}'), ('SetQueueAttributes', '{"Attributes": {}}'),
  ('TagQueue', '{"Tags": {"a": "b"}}'), ('UntagQueue', '{"TagKeys": ["a"]}')) AS v (action, text),
  LATERAL (SELECT text::jsonb AS request) AS r;
SELECT action_state('GetQueueUrl', '{"QueueName": "action"}');
SELECT action_state('CreateQueue', '{"QueueName": "action-new"}');
SELECT sqs_action('ListQueues', '{"QueueNamePrefix": "action"}');
RESET ROLE;

DROP ROLE regress_queue_action;
DROP FUNCTION action_state(text, jsonb);
SELECT sqs_action('DeleteQueue', '{"QueueUrl": "action"}');
