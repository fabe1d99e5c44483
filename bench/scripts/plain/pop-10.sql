-- Delete ten rows by key and get them.
\set n :n + 10
\set high :client_id * :share + :n
\set low :high - 9
WITH /* pop */ d AS (DELETE FROM bench.plain WHERE id BETWEEN :low AND :high RETURNING *)
  SELECT array_agg(id)::text AS ids, array_agg(body)::text AS bodies FROM d \gset
