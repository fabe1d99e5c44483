-- Send a message of the noisy tenant, receive and delete one of any. How long a
-- quiet tenant's message has waited is written down.
\if :loaded = 0
SELECT body FROM bench.bodies WHERE size = :size \gset
\set loaded 1
\endif
SELECT /* send */ sqs_send(:queue, :body::text, message_group_id => 'loud');
WITH r AS MATERIALIZED (SELECT * FROM sqs_receive(:queue, 1)),
  w AS (INSERT INTO bench.waits SELECT 1000 * extract(epoch FROM clock_timestamp() - sent_at)
    FROM r WHERE message_group_id = 'quiet')
SELECT /* receive */ * FROM r \gset
\sleep 5 ms
SELECT /* delete */ sqs_delete(:queue, :receipt_handle);
