-- The textbook queue for one fixed table: what an application can write for
-- itself. It is faster than textbook.sql, since its plans are kept, and since it
-- takes messages in the order of the index on the time of visibility.
--
-- psql -v persistence=     (or UNLOGGED)

CREATE SCHEMA fixed;

CREATE :persistence TABLE fixed.messages (
  id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  receive_count int4 NOT NULL DEFAULT 0,
  sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  visible_at timestamptz NOT NULL,
  body text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX messages_visible_at ON fixed.messages (visible_at);

CREATE FUNCTION fixed.send(message text, delay_seconds int4 DEFAULT 0)
RETURNS int8 LANGUAGE plpgsql AS $$
DECLARE
  new_id int8;
BEGIN
  INSERT INTO fixed.messages (visible_at, body)
  VALUES (clock_timestamp() + make_interval(secs => delay_seconds), message)
  RETURNING id INTO new_id;
  RETURN new_id;
END
$$;

CREATE FUNCTION fixed.send_batch(messages text[], delay_seconds int4 DEFAULT 0)
RETURNS SETOF int8 LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
  INSERT INTO fixed.messages (visible_at, body)
  SELECT clock_timestamp() + make_interval(secs => delay_seconds), message
  FROM unnest(messages) AS message
  RETURNING id;
END
$$;

-- The time is a variable, not a call in the condition: the index can serve it.
CREATE FUNCTION fixed.receive(visibility_timeout int4, max_messages int4)
RETURNS SETOF fixed.messages LANGUAGE plpgsql AS $$
DECLARE
  asked timestamptz := clock_timestamp();
BEGIN
  RETURN QUERY
  WITH picked AS (
    SELECT id FROM fixed.messages
    WHERE visible_at <= asked
    ORDER BY visible_at
    LIMIT max_messages
    FOR UPDATE SKIP LOCKED
  )
  UPDATE fixed.messages AS m
  SET visible_at = asked + make_interval(secs => visibility_timeout),
      receive_count = receive_count + 1
  FROM picked WHERE m.id = picked.id
  RETURNING m.*;
END
$$;

CREATE FUNCTION fixed.delete(message_id int8)
RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM fixed.messages WHERE id = message_id;
  RETURN FOUND;
END
$$;

CREATE FUNCTION fixed.delete_batch(message_ids int8[])
RETURNS SETOF int8 LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
  DELETE FROM fixed.messages WHERE id = ANY (message_ids) RETURNING id;
END
$$;

CREATE FUNCTION fixed.pop(max_messages int4)
RETURNS SETOF fixed.messages LANGUAGE plpgsql AS $$
DECLARE
  asked timestamptz := clock_timestamp();
BEGIN
  RETURN QUERY
  WITH picked AS (
    SELECT id FROM fixed.messages
    WHERE visible_at <= asked
    ORDER BY visible_at
    LIMIT max_messages
    FOR UPDATE SKIP LOCKED
  )
  DELETE FROM fixed.messages AS m USING picked
  WHERE m.id = picked.id
  RETURNING m.*;
END
$$;
