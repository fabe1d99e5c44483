-- Receive and delete ten messages in a call.
SELECT /* pop */ array_agg(message_id)::text AS ids, array_agg(body)::text AS bodies
  FROM sqs_pop(:queue, 10) \gset
