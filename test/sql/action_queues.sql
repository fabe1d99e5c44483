--
-- Promises: the actions on queues do what their SQL calls do, with the members
-- of AWS's answers, spelled as AWS spells them; an empty list or map is left
-- out, but for queueUrls; lists come in pages where MaxResults asks for them.
--
\pset format unaligned
-- CreateQueue, GetQueueUrl
SELECT sqs_action('CreateQueue', '{"QueueName": "action-q", "Attributes": {"DelaySeconds": "5", "VisibilityTimeout": "60"}, "tags": {"a": "1"}}');
SELECT sqs_action('CreateQueue', '{"QueueName": "action-q"}');
SELECT sqs_action('CreateQueue', '{"QueueName": "action-q", "Attributes": {"DelaySeconds": "6"}}');
SELECT sqs_action('CreateQueue', '{"QueueName": "action-q", "Tags": {"a": "1"}}');
SELECT sqs_action('CreateQueue', '{"QueueName": "action?"}');
SELECT sqs_action('CreateQueue', '{"QueueName": ""}');
SELECT sqs_action('CreateQueue', '{"QueueName": "action-r", "Attributes": {"DelaySeconds": "901"}}');
SELECT sqs_action('CreateQueue', '{"QueueName": "action-r", "Attributes": {"Foobar": "901"}}');
SELECT sqs_action('GetQueueUrl', '{"QueueName": "action-q"}');
SELECT sqs_action('GetQueueUrl', '{"QueueName": "action-q", "QueueOwnerAWSAccountId": "000000000000"}');
SELECT sqs_action('GetQueueUrl', '{"QueueName": "action-q", "QueueOwnerAWSAccountId": "111122223333"}');
SELECT sqs_action('GetQueueUrl', '{"QueueName": "action-none"}');

-- GetQueueAttributes: no names, no answer
SELECT sqs_action('GetQueueAttributes', '{"QueueUrl": "action-q"}');
SELECT sqs_action('GetQueueAttributes', '{"QueueUrl": "action-q", "AttributeNames": []}');
SELECT sqs_action('GetQueueAttributes', '{"QueueUrl": "action-q", "AttributeNames": ["Policy"]}');
SELECT sqs_action('GetQueueAttributes', '{"QueueUrl": "action-q", "AttributeNames": ["DelaySeconds", "VisibilityTimeout", "Policy"]}');
SELECT key FROM jsonb_object_keys(sqs_action('GetQueueAttributes', '{"QueueUrl": "action-q", "AttributeNames": ["All"]}') -> 'Attributes') AS key
ORDER BY key COLLATE "C";
SELECT sqs_action('GetQueueAttributes', '{"QueueUrl": "action-q", "AttributeNames": ["Foobar"]}');
SELECT sqs_action('GetQueueAttributes', '{"QueueUrl": "action-none"}');

-- SetQueueAttributes
SELECT sqs_action('SetQueueAttributes', '{"QueueUrl": "action-q", "Attributes": {"DelaySeconds": "0"}}');
SELECT sqs_action('GetQueueAttributes', '{"QueueUrl": "action-q", "AttributeNames": ["DelaySeconds"]}');
SELECT sqs_action('SetQueueAttributes', '{"QueueUrl": "action-q", "Attributes": {}}');
SELECT sqs_action('SetQueueAttributes', '{"QueueUrl": "action-q", "Attributes": {"QueueArn": "a"}}');
SELECT sqs_action('SetQueueAttributes', '{"QueueUrl": "action-q", "Attributes": {"DelaySeconds": ""}}');

-- tags
SELECT sqs_action('ListQueueTags', '{"QueueUrl": "action-q"}');
SELECT sqs_action('TagQueue', '{"QueueUrl": "action-q", "Tags": {"a": "one", "b": ""}}');
SELECT sqs_action('ListQueueTags', '{"QueueUrl": "action-q"}');
SELECT sqs_action('UntagQueue', '{"QueueUrl": "action-q", "TagKeys": ["a", "b", "c"]}');
SELECT sqs_action('ListQueueTags', '{"QueueUrl": "action-q"}');
SELECT sqs_action('TagQueue', '{"QueueUrl": "action-q", "Tags": {}}');
SELECT sqs_action('TagQueue', '{"QueueUrl": "action-q", "Tags": {"aws:a": "b"}}');
SELECT sqs_action('UntagQueue', '{"QueueUrl": "action-q", "TagKeys": []}');

-- permissions
SELECT sqs_action('AddPermission', '{"QueueUrl": "action-q", "Label": "l", "AWSAccountIds": ["111122223333"], "Actions": ["ReceiveMessage"]}');
SELECT sqs_action('GetQueueAttributes', '{"QueueUrl": "action-q", "AttributeNames": ["Policy"]}') #>> '{Attributes,Policy}' AS policy;
SELECT sqs_action('AddPermission', '{"QueueUrl": "action-q", "Label": "l", "AWSAccountIds": ["111122223333"], "Actions": ["ReceiveMessage"]}');
SELECT sqs_action('AddPermission', '{"QueueUrl": "action-q", "Label": "m", "AWSAccountIds": [], "Actions": ["ReceiveMessage"]}');
SELECT sqs_action('AddPermission', '{"QueueUrl": "action-q", "Label": "m", "AWSAccountIds": ["111122223333"],
                   "Actions": ["*", "*", "*", "*", "*", "*", "*", "*"]}');
SELECT sqs_action('RemovePermission', '{"QueueUrl": "action-q", "Label": "l"}');
SELECT sqs_action('RemovePermission', '{"QueueUrl": "action-q", "Label": "l"}');
SELECT sqs_action('GetQueueAttributes', '{"QueueUrl": "action-q", "AttributeNames": ["Policy"]}');

-- PurgeQueue
SELECT sqs_action('SendMessage', '{"QueueUrl": "action-q", "MessageBody": "a"}') ? 'MessageId' AS sent;
SELECT sqs_action('PurgeQueue', '{"QueueUrl": "action-q"}');
SELECT sqs_action('ReceiveMessage', '{"QueueUrl": "action-q"}');
SELECT sqs_action('PurgeQueue', '{"QueueUrl": "action-q"}');

-- ListQueues, in pages
SELECT sqs_action('ListQueues', '{"QueueNamePrefix": "action-none"}');
SELECT count(sqs_action('CreateQueue', jsonb_build_object('QueueName', 'action-list-' || i))) AS created FROM generate_series(1, 5) AS i;
SELECT sqs_action('ListQueues', '{"QueueNamePrefix": "action-list-"}');
SELECT sqs_action('ListQueues', '{"QueueNamePrefix": "action-list-", "MaxResults": 5}');
SELECT sqs_action('ListQueues', '{"QueueNamePrefix": "action-list-", "MaxResults": 1000}') ? 'NextToken' AS more;
SELECT page, page ->> 'NextToken' AS token FROM sqs_action('ListQueues', '{"QueueNamePrefix": "action-list-", "MaxResults": 2}') AS page \gset
SELECT :'page' AS page;
SELECT page, page ->> 'NextToken' AS token
FROM sqs_action('ListQueues', jsonb_build_object('QueueNamePrefix', 'action-list-', 'MaxResults', 2, 'NextToken', :'token')) AS page \gset
SELECT :'page' AS page;
-- a queue that goes, or comes, does not disturb the next page
SELECT sqs_action('DeleteQueue', '{"QueueUrl": "action-list-4"}');
SELECT sqs_action('CreateQueue', '{"QueueName": "action-list-41"}');
SELECT sqs_action('ListQueues', jsonb_build_object('QueueNamePrefix', 'action-list-', 'MaxResults', 3, 'NextToken', :'token'));
-- nor does it that there is no other
SELECT sqs_action('DeleteQueue', '{"QueueUrl": "action-list-41"}');
SELECT sqs_action('DeleteQueue', '{"QueueUrl": "action-list-5"}');
SELECT sqs_action('ListQueues', jsonb_build_object('QueueNamePrefix', 'action-list-', 'MaxResults', 3, 'NextToken', :'token'));
SELECT sqs_action('ListQueues', jsonb_build_object('NextToken', :'token'));
SELECT sqs_action('ListQueues', '{"MaxResults": 2, "NextToken": "!"}');
SELECT sqs_action('ListQueues', '{"MaxResults": 2, "NextToken": ""}');
SELECT sqs_action('ListQueues', jsonb_build_object('MaxResults', 2, 'NextToken', repeat('a', 1000)));
SELECT sqs_action('ListQueues', '{"MaxResults": 0}');
SELECT sqs_action('ListQueues', '{"MaxResults": 1001}');

-- ListDeadLetterSourceQueues
SELECT sqs_action('ListDeadLetterSourceQueues', '{"QueueUrl": "action-q"}');
SELECT sqs_action('SetQueueAttributes', jsonb_build_object('QueueUrl', 'action-list-' || i, 'Attributes', jsonb_build_object('RedrivePolicy',
  '{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:action-q", "maxReceiveCount": 3}')))
FROM generate_series(1, 3) AS i;
SELECT sqs_action('ListDeadLetterSourceQueues', '{"QueueUrl": "action-q"}');
SELECT page, page ->> 'NextToken' AS token FROM sqs_action('ListDeadLetterSourceQueues', '{"QueueUrl": "action-q", "MaxResults": 2}') AS page \gset
SELECT :'page' AS page;
SELECT sqs_action('ListDeadLetterSourceQueues', jsonb_build_object('QueueUrl', 'action-q', 'MaxResults', 2, 'NextToken', :'token'));
SELECT sqs_action('ListDeadLetterSourceQueues', '{"QueueUrl": "action-q", "NextToken": "YQ=="}');
SELECT sqs_action('ListDeadLetterSourceQueues', '{"QueueUrl": "action-q", "MaxResults": -1}');
SELECT sqs_action('ListDeadLetterSourceQueues', '{"QueueUrl": "action-none"}');

-- DeleteQueue
SELECT sqs_action('DeleteQueue', '{"QueueUrl": "action-q"}');
SELECT sqs_action('DeleteQueue', '{"QueueUrl": "action-q"}');
SELECT sqs_action('CreateQueue', '{"QueueName": "action-q"}');
SELECT sqs_action('DeleteQueue', jsonb_build_object('QueueUrl', url)) FROM sqs_queues WHERE name LIKE 'action-%' ORDER BY name;
