-- Update ten rows by key, and then delete them by key.
\set n :n + 10
\set high :client_id * :share + :n
\set low :high - 9
WITH /* receive */ u AS (UPDATE bench.plain SET visible_at = clock_timestamp() + interval '30 s',
  first_received_at = clock_timestamp(), received_at = clock_timestamp(),
  receive_count = receive_count + 1, stamp = 17
  WHERE id BETWEEN :low AND :high RETURNING *)
  SELECT array_agg(id)::text AS ids, array_agg(body)::text AS bodies FROM u \gset
DELETE /* delete */ FROM bench.plain WHERE id = ANY (:ids::int8[]);
