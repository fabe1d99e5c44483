-- Receive and delete ten messages in a call.
SELECT /* pop */ array_agg(id)::text AS ids, array_agg(body)::text AS bodies
  FROM textbook.pop('messages', 10) \gset
