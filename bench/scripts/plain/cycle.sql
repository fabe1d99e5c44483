-- Insert one row, update it by key, delete it by key.
\if :loaded = 0
SELECT body FROM bench.bodies WHERE size = :size \gset
\set loaded 1
\endif
INSERT /* send */ INTO bench.plain VALUES (nextval('bench.plain_id'), clock_timestamp(), '-infinity', '-infinity',
  clock_timestamp(), 0, 0, NULL, NULL, NULL, current_user::text, NULL, NULL, NULL, :body::text)
  RETURNING id \gset
UPDATE /* receive */ bench.plain SET visible_at = clock_timestamp() + interval '30 s',
  first_received_at = clock_timestamp(), received_at = clock_timestamp(),
  receive_count = receive_count + 1, stamp = 17
  WHERE id = :id RETURNING * \gset
DELETE /* delete */ FROM bench.plain WHERE id = :id;
