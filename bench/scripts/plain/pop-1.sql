-- Delete one row by key and get all of it.
\set n :n + 1
\set key :client_id * :share + :n
DELETE /* pop */ FROM bench.plain WHERE id = :key RETURNING * \gset
