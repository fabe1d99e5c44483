-- Send one, receive the oldest, delete it: the queue stays as long as it is.
\if :loaded = 0
SELECT body FROM bench.bodies WHERE size = :size \gset
\set loaded 1
\endif
SELECT /* send */ sqs_send(:queue, :body::text);
SELECT /* receive */ * FROM sqs_receive(:queue, 1) \gset
SELECT /* delete */ sqs_delete(:queue, :receipt_handle);
