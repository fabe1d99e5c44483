-- Send ten, receive and delete ten.
\if :loaded = 0
SELECT body FROM bench.bodies WHERE size = :size \gset
\set loaded 1
\endif
SELECT /* send */ count(*) FROM sqs_send_batch(:queue,
  ARRAY[:body, :body, :body, :body, :body, :body, :body, :body, :body, :body]::text[]);
SELECT /* receive */ array_agg(receipt_handle)::text AS handles, array_agg(body)::text AS bodies
  FROM sqs_receive(:queue, 10) \gset
SELECT /* delete */ sqs_delete_batch(:queue, :handles::text[]);
