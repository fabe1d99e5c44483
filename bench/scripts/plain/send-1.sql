-- Insert one row.
\if :loaded = 0
SELECT body FROM bench.bodies WHERE size = :size \gset
\set loaded 1
\endif
INSERT /* send */ INTO bench.plain VALUES (nextval('bench.plain_id'), clock_timestamp(), '-infinity', '-infinity',
  clock_timestamp(), 0, 0, NULL, NULL, NULL, current_user::text, NULL, NULL, NULL, :body::text);
