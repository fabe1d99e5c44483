--
-- Promises: AddPermission and RemovePermission change one statement of a
-- queue's access policy, as SQS writes it, and leave the rest as it was; the
-- last statement takes the policy with it; what is wrong is refused in SQS's
-- words.
--
\pset format unaligned
\pset null (null)
SELECT sqs_create_queue('permissions') IS NOT NULL AS created;
CREATE VIEW permissions AS SELECT sqs_get_queue_attributes('permissions', '{Policy}') ->> 'Policy' AS policy;

-- one account and action is a string, several are an array
SELECT sqs_add_permission('permissions', 'one', '{111122223333}', '{ReceiveMessage}');
SELECT * FROM permissions;
SELECT sqs_add_permission('permissions', 'Two-2_', '{111122223333,444455556666}', '{SendMessage,GetQueueUrl}');
SELECT * FROM permissions;
SELECT sqs_add_permission('permissions', 'all', '{111122223333}', '{*}');
SELECT sqs_remove_permission('permissions', 'one');
SELECT sqs_remove_permission('permissions', 'all');
SELECT * FROM permissions;
SELECT sqs_remove_permission('permissions', 'Two-2_');
SELECT * FROM permissions;

-- a policy that was set stays as it was written, but for the statement
SELECT sqs_set_queue_attributes('permissions', jsonb_build_object('Policy',
  '{ "Statement" : { "Effect":"Deny", "Sid":"m\u0069ne", "Principal" : "*","Action":[ "sqs:*" ], "Resource": "*", "Condition":{"NumericEquals": {"aws:n": [1.50, "Sid"]}} },  "Id":"\"x\"" }'));
SELECT sqs_set_queue_attributes('permissions', jsonb_build_object('Policy',
  '{ "Statement" : { "Effect":"Deny", "Sid":"m\u0069ne", "Principal" : "*","Action":[ "sqs:*" ], "Resource": "*", "Condition":{"NumericEquals": {"aws:n": [1.50, "2"]}} },  "Id":"\"x\"" }'));
SELECT sqs_add_permission('permissions', 'mine', '{111122223333}', '{SendMessage}');
SELECT sqs_add_permission('permissions', 'inner', '{111122223333}', '{SendMessage}');
SELECT * FROM permissions;
SELECT sqs_remove_permission('permissions', 'mine');
SELECT * FROM permissions;
SELECT sqs_remove_permission('permissions', 'inner');
SELECT * FROM permissions;
-- one that was put there by hand and is none is not made longer
UPDATE queue.queues SET policy = '{"Statement": ["odd", null, 1, []]}' WHERE queue_name = 'permissions';
SELECT sqs_add_permission('permissions', 'a', '{111122223333}', '{SendMessage}');
SELECT sqs_set_queue_attributes('permissions', '{"Policy": ""}');
SELECT sqs_add_permission('permissions', 'a', '{111122223333}', '{SendMessage}');
SELECT sqs_remove_permission('permissions', 'a');
-- it is a change of the queue
SELECT (SELECT modified_at > created_at FROM queue.queues WHERE queue_name = 'permissions') AS modified;
SELECT sqs_set_queue_attributes('permissions', '{"Policy": ""}');

-- refused
SELECT sqs_add_permission('permissions', 'a', '{111122223333}', '{SendMessage}');
SELECT sqs_add_permission('permissions', 'a', '{444455556666}', '{ReceiveMessage}');
SELECT sqs_add_permission('permissions', NULL, '{111122223333}', '{SendMessage}');
SELECT sqs_add_permission('permissions', '', '{111122223333}', '{SendMessage}');
SELECT sqs_add_permission('permissions', 'a b', '{111122223333}', '{SendMessage}');
SELECT sqs_add_permission('permissions', repeat('x', 81), '{111122223333}', '{SendMessage}');
SELECT sqs_add_permission('permissions', 'b', '{}', '{SendMessage}');
SELECT sqs_add_permission('permissions', 'b', NULL, '{SendMessage}');
SELECT sqs_add_permission('permissions', 'b', '{111122223333,1}', '{SendMessage}');
SELECT sqs_add_permission('permissions', 'b', '{NULL}', '{SendMessage}');
SELECT sqs_add_permission('permissions', 'b', '{111122223333}', '{}');
SELECT sqs_add_permission('permissions', 'b', '{111122223333}', NULL);
SELECT sqs_add_permission('permissions', 'b', '{111122223333}', '{RemovePermission}');
SELECT sqs_add_permission('permissions', 'b', '{111122223333}', '{SendMessage,Foobar}');
SELECT sqs_add_permission('permissions', 'b', '{111122223333}', '{SendMessage,NULL}');
SELECT sqs_add_permission('permissions', 'b', '{111122223333}',
  '{SendMessage,ReceiveMessage,DeleteMessage,ChangeMessageVisibility,GetQueueAttributes,GetQueueUrl,PurgeQueue,ListDeadLetterSourceQueues}');
SELECT sqs_remove_permission('permissions', 'b');
SELECT sqs_remove_permission('permissions', NULL);
SELECT sqs_remove_permission('permissions-none', 'a');
SELECT sqs_add_permission('permissions-none', 'a', '{111122223333}', '{SendMessage}');
SELECT * FROM permissions;

-- twenty statements, fifty principals, and 8,192 bytes
SELECT count(sqs_add_permission('permissions', 'a' || i, '{111122223333}', '{SendMessage}')) AS added
FROM generate_series(2, 20) AS i;
SELECT sqs_add_permission('permissions', 'a21', '{111122223333}', '{SendMessage}');
SELECT json_array_length(policy::json -> 'Statement') AS statements FROM permissions;
SELECT sqs_set_queue_attributes('permissions', '{"Policy": ""}');
SELECT sqs_add_permission('permissions', 'large', array_fill('111122223333'::text, ARRAY[300]), '{SendMessage}');
SELECT * FROM permissions;
SELECT sqs_add_permission('permissions', 'large', array_fill('111122223333'::text, ARRAY[51]), '{SendMessage}');
SELECT sqs_add_permission('permissions', 'large', array_fill('111122223333'::text, ARRAY[50]), '{SendMessage}');
SELECT json_array_length(policy::json #> '{Statement,0,Principal,AWS}') AS accounts FROM permissions;

DROP VIEW permissions;
SELECT sqs_delete_queue('permissions');
