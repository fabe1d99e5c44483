-- Send ten messages in a call; the client sends each body.
\if :loaded = 0
SELECT body FROM bench.bodies WHERE size = :size \gset
\set loaded 1
\endif
SELECT /* send */ count(*) FROM fixed.send_batch(
  ARRAY[:body, :body, :body, :body, :body, :body, :body, :body, :body, :body]::text[]);
