-- Update one row by key, a row that no other client wants, get all of it, and
-- then delete it by key.
\set n :n + 1
\set key :client_id * :share + :n
UPDATE /* receive */ bench.plain SET visible_at = clock_timestamp() + interval '30 s',
  first_received_at = clock_timestamp(), received_at = clock_timestamp(),
  receive_count = receive_count + 1, stamp = 17
  WHERE id = :key RETURNING * \gset
DELETE /* delete */ FROM bench.plain WHERE id = :id;
