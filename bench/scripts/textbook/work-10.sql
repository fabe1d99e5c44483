-- Receive ten messages, and delete them in one call.
SELECT /* receive */ array_agg(id)::text AS ids, array_agg(body)::text AS bodies
  FROM textbook.receive('messages', 30, 10) \gset
SELECT /* delete */ count(*) FROM textbook.delete_batch('messages', :ids::int8[]);
