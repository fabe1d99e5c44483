INSERT INTO bench.rows SELECT gen_random_uuid(), b.body FROM bench.bodies AS b, generate_series(1, :n) WHERE b.size = :size;
