-- Insert ten rows in a statement; the client sends each body.
\if :loaded = 0
SELECT body FROM bench.bodies WHERE size = :size \gset
\set loaded 1
\endif
INSERT /* send */ INTO bench.plain SELECT nextval('bench.plain_id'), clock_timestamp(), '-infinity', '-infinity',
  clock_timestamp(), 0, 0, NULL, NULL, NULL, current_user::text, NULL, NULL, NULL, body
  FROM unnest(ARRAY[:body, :body, :body, :body, :body, :body, :body, :body, :body, :body]::text[]) AS body;
