-- Send one to a group, receive the next of any, delete it: the queue stays as
-- long as it is.
\if :loaded = 0
SELECT body FROM bench.bodies WHERE size = :size \gset
\set loaded 1
\endif
\set group random(0, :groups - 1)
SELECT /* send */ sqs_send(:queue, :body::text, message_group_id => 'g' || :group,
  message_deduplication_id => gen_random_uuid()::text);
SELECT /* receive */ * FROM sqs_receive(:queue, 1) \gset
SELECT /* delete */ sqs_delete(:queue, :receipt_handle);
