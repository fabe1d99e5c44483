-- Receive ten messages, and delete them in one call.
SELECT /* receive */ array_agg(id)::text AS ids, array_agg(body)::text AS bodies
  FROM fixed.receive(30, 10) \gset
SELECT /* delete */ count(*) FROM fixed.delete_batch(:ids::int8[]);
