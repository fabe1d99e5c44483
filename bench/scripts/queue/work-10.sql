-- Receive ten messages, and delete them in one call. They come as one row:
-- pgbench could not keep more.
SELECT /* receive */ array_agg(receipt_handle)::text AS handles, array_agg(body)::text AS bodies
  FROM sqs_receive(:queue, 10) \gset
SELECT /* delete */ sqs_delete_batch(:queue, :handles::text[]);
