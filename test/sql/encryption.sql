-- Encryption with named keys: SSE-KMS. What the provider's commands do here is
-- no secret; that bodies are not on disk is shown by test/t/023_encryption.pl.
\pset null (null)
\set VERBOSITY default

CREATE ROLE regress_sender;
CREATE ROLE regress_receiver;
CREATE ROLE regress_member IN ROLE regress_sender, regress_receiver;

-- keys
SELECT sqs_create_key('orders', 'command', '{"wrap": "tr A-Za-z N-ZA-Mn-za-m", "unwrap": "tr A-Za-z N-ZA-Mn-za-m"}')
  ~ '^arn:aws:kms:us-east-1:000000000000:key/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' AS arn;
SELECT alias, provider, state, created_at <= clock_timestamp() AS created, rotated_at FROM sqs_list_keys();
SELECT key_arn AS arn FROM sqs_list_keys() \gset
-- what is wrong with one
SELECT sqs_create_key('orders', 'command', '{"wrap": "cat", "unwrap": "cat"}');
SELECT sqs_create_key('alias/aws/sqs', 'command', '{"wrap": "cat", "unwrap": "cat"}');
SELECT sqs_create_key('a b', 'command', '{"wrap": "cat", "unwrap": "cat"}');
SELECT sqs_create_key('other', 'cloud', '{}');
SELECT sqs_create_key('other', 'command', '{"wrap": "cat"}');
SELECT sqs_create_key('other', 'command', '{"wrap": "cat", "unwrap": "cat", "more": "cat"}');
SELECT sqs_create_key('other', 'command', '[]');
SELECT sqs_create_key('other', 'file', '{"path": "key"}');
SELECT sqs_create_key('other', 'file', '{"path": "/nonexistent/key"}');
SELECT sqs_create_key('other', 'command', '{"wrap": "exit 77", "unwrap": "cat"}');
SELECT sqs_create_key('other', 'command', '{"wrap": "cat >/dev/null", "unwrap": "cat"}');
SELECT sqs_create_key('other', 'command', '{"wrap": "cat", "unwrap": "echo nonsense"}');
SELECT sqs_create_key(NULL, 'command', '{}');
SELECT sqs_set_key_state('orders', 'Gone');
SELECT sqs_set_key_state('missing', 'Enabled');
SELECT sqs_grant_key('orders', 'regress_sender', '{Encrypt,Delete}');
SELECT sqs_grant_key('orders', 'regress_sender', '{}');
SELECT count(*) FROM sqs_list_keys();

-- a queue with a key
SELECT sqs_create_queue('encryption', '{"KmsMasterKeyId": "alias/orders", "VisibilityTimeout": 0}') IS NOT NULL AS created;
SELECT sqs_get_queue_attributes('encryption', '{KmsMasterKeyId,SqsManagedSseEnabled}');
SELECT queue_id FROM queue.queues WHERE queue_name = 'encryption' \gset
SELECT format($$queue.messages_%s_1$$, :queue_id) AS rows \gset
SELECT sqs_send('encryption', 'first') IS NOT NULL AS sent;
SELECT count(*) FROM sqs_send_batch('encryption', '{second,third}'::text[]);
SELECT body IS NULL AS no_body, get_byte(sealed_body, 0) AS kind, octet_length(sealed_body) FROM :rows ORDER BY id;
SELECT count(*) AS data_keys FROM queue.data_keys;
SELECT body FROM sqs_receive('encryption', 10) ORDER BY body;
SELECT body FROM sqs_peek('encryption') ORDER BY body;
SELECT sqs_action('ReceiveMessage', '{"QueueUrl": "encryption"}') #>> '{Messages,0,Body}' IS NOT NULL AS received;
-- by any name of the key
SELECT sqs_set_queue_attributes('encryption', jsonb_build_object('KmsMasterKeyId', :'arn'));
SELECT sqs_send('encryption', 'fourth') IS NOT NULL AS sent;
SELECT sqs_set_queue_attributes('encryption', jsonb_build_object('KmsMasterKeyId', substr(:'arn', length(:'arn') - 35)));
SELECT sqs_send('encryption', 'fifth') IS NOT NULL AS sent;
SELECT sqs_set_queue_attributes('encryption', '{"KmsMasterKeyId": "arn:aws:kms:us-east-1:000000000000:alias/orders"}');
SELECT sqs_send('encryption', 'sixth') IS NOT NULL AS sent;
SELECT count(*) AS data_keys FROM queue.data_keys;

-- a data key whose row is rolled back is not used again
SELECT sqs_rotate_key('orders');
SELECT rotated_at >= created_at AS rotated FROM sqs_list_keys();
BEGIN;
SELECT sqs_send('encryption', 'lost') IS NOT NULL AS sent;
SELECT count(*) AS data_keys FROM queue.data_keys;
ROLLBACK;
SELECT sqs_send('encryption', 'seventh') IS NOT NULL AS sent;
BEGIN;
SELECT sqs_rotate_key('orders');
SAVEPOINT s;
SELECT sqs_send('encryption', 'lost') IS NOT NULL AS sent;
ROLLBACK TO s;
SELECT sqs_send('encryption', 'eighth') IS NOT NULL AS sent;
SELECT sqs_send('encryption', 'ninth') IS NOT NULL AS sent;
COMMIT;
BEGIN;
SELECT sqs_rotate_key('orders');
SELECT sqs_send('encryption', 'tenth') IS NOT NULL AS sent;
PREPARE TRANSACTION 'regress_encryption';
SELECT sqs_send('encryption', 'eleventh') IS NOT NULL AS sent;
COMMIT PREPARED 'regress_encryption';
SELECT count(*) AS data_keys, count(DISTINCT version) AS versions FROM queue.data_keys;
SELECT string_agg(body, ',' ORDER BY sent_at) FROM sqs_peek('encryption', 20);

-- states
\set VERBOSITY sqlstate
SELECT sqs_set_key_state('orders', 'Disabled');
SELECT sqs_send('encryption', 'refused');
SELECT count(*) FROM sqs_receive('encryption');
SELECT count(*) FROM sqs_pop('encryption');
SELECT sqs_action('SendMessage', '{"QueueUrl": "encryption", "MessageBody": "refused"}');
SELECT sqs_set_key_state('orders', 'PendingDeletion');
SELECT sqs_send('encryption', 'refused');
SELECT count(*) FROM sqs_receive('encryption');
SELECT alias, state FROM sqs_list_keys();
SELECT sqs_set_key_state(:'arn', 'Enabled');
SELECT count(*) FROM sqs_receive('encryption', 20);
SELECT sqs_set_queue_attributes('encryption', '{"KmsMasterKeyId": "testKeyId"}');
SELECT sqs_send('encryption', 'refused');
SELECT count(*) FROM sqs_receive('encryption', 20);
SELECT sqs_set_queue_attributes('encryption', '{"KmsMasterKeyId": "alias/orders"}');

-- grants, through membership too
SELECT sqs_set_queue_attributes('encryption', '{"Policy": "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"sqs:*\", \"Resource\": \"*\"}}"}');
SET ROLE regress_member;
SELECT sqs_send('encryption', 'refused');
SELECT count(*) FROM sqs_receive('encryption');
SELECT count(*) FROM sqs_list_keys();
SELECT sqs_rotate_key('orders');
RESET ROLE;
SELECT sqs_grant_key('orders', 'regress_sender', '{Encrypt}');
SET ROLE regress_sender;
SELECT sqs_send('encryption', 'by sender') IS NOT NULL AS sent;
SELECT count(*) FROM sqs_receive('encryption');
SELECT alias FROM sqs_list_keys();
RESET ROLE;
-- EXECUTE on the functions does not make a superuser
GRANT EXECUTE ON FUNCTION sqs_create_key, sqs_rotate_key TO regress_receiver;
SET ROLE regress_receiver;
SELECT sqs_create_key('mine', 'command', '{"wrap": "cat", "unwrap": "cat"}');
SELECT sqs_rotate_key('orders');
RESET ROLE;
REVOKE EXECUTE ON FUNCTION sqs_create_key, sqs_rotate_key FROM regress_receiver;
SELECT sqs_grant_key('orders', 'regress_receiver', '{Decrypt}');
SET ROLE regress_receiver;
SELECT sqs_send('encryption', 'refused');
SELECT count(*) FROM sqs_receive('encryption', 20);
SET ROLE regress_member;
SELECT sqs_send('encryption', 'by member') IS NOT NULL AS sent;
SELECT count(*) FROM sqs_receive('encryption', 20);
RESET ROLE;
-- a role that has grants stays
\set VERBOSITY default
DROP ROLE regress_sender;
SELECT sqs_revoke_key('orders', 'regress_sender');
SELECT sqs_revoke_key('orders', 'regress_receiver');
\set VERBOSITY sqlstate
SET ROLE regress_member;
SELECT sqs_send('encryption', 'refused');
SELECT count(*) FROM sqs_receive('encryption');
RESET ROLE;
\set VERBOSITY default
DROP ROLE regress_member, regress_sender, regress_receiver;

-- the key of SSE-SQS by its other name
SELECT sqs_set_queue_attributes('encryption', '{"KmsMasterKeyId": "alias/aws/sqs"}');
SELECT sqs_send('encryption', 'refused');

-- a key that does not exist, in words
SELECT sqs_set_queue_attributes('encryption', '{"KmsMasterKeyId": "testKeyId"}');
SELECT sqs_send('encryption', 'refused');

SELECT sqs_delete_queue('encryption');
