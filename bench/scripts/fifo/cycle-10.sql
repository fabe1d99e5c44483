-- Send ten to one group, receive and delete ten.
\if :loaded = 0
SELECT body FROM bench.bodies WHERE size = :size \gset
\set loaded 1
\endif
SELECT /* send */ count(*) FROM sqs_send_batch(:queue,
  ARRAY[:body, :body, :body, :body, :body, :body, :body, :body, :body, :body]::text[],
  message_group_ids => array_fill('g'::text, ARRAY[10]),
  message_deduplication_ids => ARRAY(SELECT gen_random_uuid()::text FROM generate_series(1, 10)));
SELECT /* receive */ array_agg(receipt_handle)::text AS handles, array_agg(body)::text AS bodies
  FROM sqs_receive(:queue, 10) \gset
SELECT /* delete */ sqs_delete_batch(:queue, :handles::text[]);
