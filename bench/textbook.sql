-- The textbook queue: what most queues on PostgreSQL do, written with care. A
-- table for each queue, with a time of visibility and an index on it, and
-- functions in PL/pgSQL that take the queue's name. So they have to use dynamic
-- SQL, which is planned at each call. Messages are taken in the order in which
-- they were sent. fixed.sql is the same for one table whose name is known.

CREATE SCHEMA textbook;

CREATE FUNCTION textbook.create_queue(queue text, persistence text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'CREATE %s TABLE textbook.%I (
       id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
       receive_count int4 NOT NULL DEFAULT 0,
       sent_at timestamptz NOT NULL DEFAULT clock_timestamp(),
       visible_at timestamptz NOT NULL,
       body text NOT NULL
     ) WITH (autovacuum_vacuum_scale_factor = 0.05)', persistence, queue);
  EXECUTE format('CREATE INDEX ON textbook.%I (visible_at)', queue);
END
$$;

CREATE TYPE textbook.message AS (
  id int8, receive_count int4, sent_at timestamptz, visible_at timestamptz, body text);

CREATE FUNCTION textbook.send(queue text, message text, delay_seconds int4 DEFAULT 0)
RETURNS int8 LANGUAGE plpgsql AS $$
DECLARE
  new_id int8;
BEGIN
  EXECUTE format(
    'INSERT INTO textbook.%I (visible_at, body)
     VALUES (clock_timestamp() + make_interval(secs => $2), $1)
     RETURNING id', queue)
  INTO new_id USING message, delay_seconds;
  RETURN new_id;
END
$$;

CREATE FUNCTION textbook.send_batch(queue text, messages text[], delay_seconds int4 DEFAULT 0)
RETURNS SETOF int8 LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format(
    'INSERT INTO textbook.%I (visible_at, body)
     SELECT clock_timestamp() + make_interval(secs => $2), message
     FROM unnest($1) AS message
     RETURNING id', queue)
  USING messages, delay_seconds;
END
$$;

CREATE FUNCTION textbook.receive(queue text, visibility_timeout int4, max_messages int4)
RETURNS SETOF textbook.message LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format(
    'WITH picked AS (
       SELECT id FROM textbook.%1$I
       WHERE visible_at <= $1
       ORDER BY id
       LIMIT $3
       FOR UPDATE SKIP LOCKED
     )
     UPDATE textbook.%1$I AS m
     SET visible_at = $1 + make_interval(secs => $2), receive_count = receive_count + 1
     FROM picked WHERE m.id = picked.id
     RETURNING m.*', queue)
  USING clock_timestamp(), visibility_timeout, max_messages;
END
$$;

CREATE FUNCTION textbook.delete(queue text, message_id int8)
RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
  deleted int8;
BEGIN
  EXECUTE format('DELETE FROM textbook.%I WHERE id = $1', queue) USING message_id;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  RETURN deleted > 0;
END
$$;

CREATE FUNCTION textbook.delete_batch(queue text, message_ids int8[])
RETURNS SETOF int8 LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format(
    'DELETE FROM textbook.%I WHERE id = ANY ($1) RETURNING id', queue)
  USING message_ids;
END
$$;

CREATE FUNCTION textbook.pop(queue text, max_messages int4)
RETURNS SETOF textbook.message LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format(
    'WITH picked AS (
       SELECT id FROM textbook.%1$I
       WHERE visible_at <= $1
       ORDER BY id
       LIMIT $2
       FOR UPDATE SKIP LOCKED
     )
     DELETE FROM textbook.%1$I AS m USING picked
     WHERE m.id = picked.id
     RETURNING m.*', queue)
  USING clock_timestamp(), max_messages;
END
$$;
