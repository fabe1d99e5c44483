-- Send ten messages in a call; the client sends each body.
\if :loaded = 0
SELECT body FROM bench.bodies WHERE size = :size \gset
\set loaded 1
\endif
SELECT /* send */ count(*) FROM textbook.send_batch('messages',
  ARRAY[:body, :body, :body, :body, :body, :body, :body, :body, :body, :body]::text[]);
