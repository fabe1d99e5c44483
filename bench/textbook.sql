-- The textbook queue: what most queues on PostgreSQL do, written with care. A
-- table with a time of visibility, an index on it, and functions in PL/pgSQL.
-- One fixed table, so that plans are kept: queues that make the table's name
-- at run time plan each call anew, and are slower than this.
--
-- psql -v persistence=     (or UNLOGGED)

CREATE SCHEMA textbook;

CREATE :persistence TABLE textbook.messages (
  id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  receive_count int4 NOT NULL DEFAULT 0,
  sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  visible_at timestamptz NOT NULL,
  body text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX messages_visible_at ON textbook.messages (visible_at);

CREATE FUNCTION textbook.send(message text, delay_seconds int4 DEFAULT 0)
RETURNS int8 LANGUAGE plpgsql AS $$
DECLARE
  new_id int8;
BEGIN
  INSERT INTO textbook.messages (visible_at, body)
  VALUES (clock_timestamp() + make_interval(secs => delay_seconds), message)
  RETURNING id INTO new_id;
  RETURN new_id;
END
$$;

CREATE FUNCTION textbook.send_batch(messages text[], delay_seconds int4 DEFAULT 0)
RETURNS SETOF int8 LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
  INSERT INTO textbook.messages (visible_at, body)
  SELECT clock_timestamp() + make_interval(secs => delay_seconds), message
  FROM unnest(messages) AS message
  RETURNING id;
END
$$;

-- The time is a variable, not a call in the condition: the index can serve it.
CREATE FUNCTION textbook.receive(visibility_timeout int4, max_messages int4)
RETURNS SETOF textbook.messages LANGUAGE plpgsql AS $$
DECLARE
  asked timestamptz := clock_timestamp();
BEGIN
  RETURN QUERY
  WITH picked AS (
    SELECT id FROM textbook.messages
    WHERE visible_at <= asked
    ORDER BY visible_at
    LIMIT max_messages
    FOR UPDATE SKIP LOCKED
  )
  UPDATE textbook.messages AS m
  SET visible_at = asked + make_interval(secs => visibility_timeout),
      receive_count = receive_count + 1
  FROM picked WHERE m.id = picked.id
  RETURNING m.*;
END
$$;

CREATE FUNCTION textbook.delete(message_id int8)
RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM textbook.messages WHERE id = message_id;
  RETURN FOUND;
END
$$;

CREATE FUNCTION textbook.delete_batch(message_ids int8[])
RETURNS SETOF int8 LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
  DELETE FROM textbook.messages WHERE id = ANY (message_ids) RETURNING id;
END
$$;

CREATE FUNCTION textbook.pop(max_messages int4)
RETURNS SETOF textbook.messages LANGUAGE plpgsql AS $$
DECLARE
  asked timestamptz := clock_timestamp();
BEGIN
  RETURN QUERY
  WITH picked AS (
    SELECT id FROM textbook.messages
    WHERE visible_at <= asked
    ORDER BY visible_at
    LIMIT max_messages
    FOR UPDATE SKIP LOCKED
  )
  DELETE FROM textbook.messages AS m USING picked
  WHERE m.id = picked.id
  RETURNING m.*;
END
$$;
