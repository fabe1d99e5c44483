--
-- Promises: in a queue with StrictReceiptHandles only the newest handle of a
-- message is valid, so that a consumer whose lease ran out cannot delete, or
-- hide, what another one now works on; without it, every handle is.
--
\pset format unaligned
SELECT sqs_create_queue('strict', '{"StrictReceiptHandles": "true"}') IS NOT NULL AS created;
SELECT sqs_get_queue_attributes('strict', '{StrictReceiptHandles}');
SELECT sqs_send('strict', 'a') IS NOT NULL AS sent;
SELECT receipt_handle AS a1 FROM sqs_receive('strict', 1, 0) \gset
SELECT receipt_handle AS a2 FROM sqs_receive('strict', 1, 0) \gset
-- the older one: refused, and nothing happens
SELECT sqs_delete('strict', :'a1');
SELECT sqs_change_visibility('strict', :'a1', 10);
SELECT sqs_delete_batch('strict', ARRAY[:'a1']);
SELECT sqs_change_visibility_batch('strict', ARRAY[:'a1'], 10);
SELECT body, receive_count FROM sqs_peek('strict');
-- the newest one is valid also when its timeout has run out
SELECT sqs_change_visibility('strict', :'a2', 10) IS NOT NULL AS changed;
SELECT sqs_change_visibility('strict', :'a2', 0) IS NOT NULL AS changed;
SELECT sqs_delete('strict', :'a2');
-- afterwards there is nothing to protect
SELECT sqs_delete('strict', :'a2');
SELECT sqs_delete('strict', :'a1');
SELECT sqs_change_visibility('strict', :'a1', 10);

-- in a batch those that are valid are taken
SELECT count(*) FROM sqs_send_batch('strict', ARRAY['a', 'b']);
SELECT receipt_handle AS a1 FROM sqs_receive('strict', 1, 0) \gset
SELECT array_agg(receipt_handle) AS handles FROM sqs_receive('strict', 2) \gset
SELECT sqs_change_visibility_batch('strict', :'handles'::text[] || ARRAY[:'a1'], 5);
SELECT sqs_delete_batch('strict', :'handles'::text[] || ARRAY[:'a1']);

-- a receive that is rolled back leaves the handle before it the newest
SELECT sqs_send('strict', 'a') IS NOT NULL AS sent;
SELECT receipt_handle AS a1 FROM sqs_receive('strict', 1, 0) \gset
BEGIN;
SELECT receipt_handle AS a2 FROM sqs_receive('strict', 1, 0) \gset
SELECT receipt_handle AS a3 FROM sqs_receive('strict', 1, 0) \gset
SAVEPOINT s;
SELECT sqs_delete('strict', :'a2');
ROLLBACK TO s;
SELECT sqs_delete('strict', :'a3');
ROLLBACK;
SELECT sqs_delete('strict', :'a3');
SELECT sqs_delete('strict', :'a1');

-- the attribute can be changed, and acts at once
SELECT sqs_send('strict', 'a') IS NOT NULL AS sent;
SELECT receipt_handle AS a1 FROM sqs_receive('strict', 1, 0) \gset
SELECT receipt_handle AS a2 FROM sqs_receive('strict', 1, 0) \gset
SELECT sqs_set_queue_attributes('strict', '{"StrictReceiptHandles": "false"}');
SELECT sqs_change_visibility('strict', :'a1', 0) IS NOT NULL AS changed;
SELECT sqs_set_queue_attributes('strict', '{"StrictReceiptHandles": "true"}');
SELECT sqs_delete('strict', :'a1');
SELECT sqs_set_queue_attributes('strict', '{"StrictReceiptHandles": "false"}');
SELECT sqs_delete('strict', :'a1');
SELECT * FROM sqs_check();
SELECT sqs_delete_queue('strict');
