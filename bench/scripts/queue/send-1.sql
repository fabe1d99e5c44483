-- Send one message.
\if :loaded = 0
SELECT body FROM bench.bodies WHERE size = :size \gset
\set loaded 1
\endif
SELECT /* send */ sqs_send(:queue, :body::text);
