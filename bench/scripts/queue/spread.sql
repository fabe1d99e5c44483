-- Send one message to one of many queues.
\if :loaded = 0
SELECT body FROM bench.bodies WHERE size = :size \gset
\set loaded 1
\endif
\set n random(1, :queues)
SELECT /* send */ sqs_send('many_' || :n, :body::text);
