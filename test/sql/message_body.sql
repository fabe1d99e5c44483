--
-- Promises: a body of one byte up to the queue's MaximumMessageSize, made of
-- the characters that SQS allows, arrives as it was sent; any other is refused
-- with SQS's error and without being quoted.  A message group id has 1 to 128
-- printable ASCII characters, on a standard queue too; a deduplication id is
-- refused there.  Of a batch, all messages are sent or none.
--
\pset null '(null)'
\pset format unaligned
SELECT sqs_create_queue('message_body', '{"MaximumMessageSize": 1024}') IS NOT NULL AS created;

-- what a call says, in one line
CREATE FUNCTION pg_temp.outcome(body text, message_group_id text DEFAULT NULL,
                                message_deduplication_id text DEFAULT NULL)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  state text;
  message text;
  detail text;
BEGIN
  PERFORM sqs_send('message_body', body, message_group_id => outcome.message_group_id,
                   message_deduplication_id => outcome.message_deduplication_id);
  RETURN 'sent';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE,
    message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
  RETURN format('%s %s / %s', state, message, detail);
END
$$;

-- a body must be there
SELECT sqs_send('message_body', NULL::text);
SELECT sqs_send('message_body', '');
SELECT sqs_send('message_body', NULL::jsonb);
\set VERBOSITY sqlstate
SELECT sqs_send('message_body', NULL::text);
\set VERBOSITY default

-- the characters at both ends of each range that is allowed
CREATE TEMP TABLE given AS
  SELECT n, 'before ' || chr(n) || ' after' AS body
  FROM (VALUES (x'9'::int), (x'A'::int), (x'D'::int), (x'20'::int), (x'7F'::int), (x'80'::int),
               (x'D7FF'::int), (x'E000'::int), (x'FEFF'::int), (x'FFFD'::int), (x'10000'::int),
               (x'1FFFE'::int), (x'10FFFF'::int)) AS v (n);
SELECT n, pg_temp.outcome(body) FROM given ORDER BY n;
SELECT count(*) AS arrived
FROM sqs_pop('message_body', 100) AS m JOIN given USING (body);

-- every character that is refused, of those that text can have
DO $$
DECLARE
  refused text;
BEGIN
  SELECT string_agg(format('U+%s', upper(lpad(to_hex(n), 4, '0'))), ' ' ORDER BY n) INTO refused
  FROM generate_series(1, x'10010'::int) AS n
  WHERE n NOT BETWEEN x'D800'::int AND x'DFFF'::int
    AND (n < 300 OR n > x'FD00'::int)
    AND pg_temp.outcome('before ' || chr(n) || ' after') LIKE 'SQ006 %';
  RAISE NOTICE '%', refused;
END
$$;
SELECT count(*) AS sent FROM sqs_pop('message_body', 10000);
SELECT sqs_send('message_body', E'a secret and \u0001');

-- wherever in the body it is
SELECT count(*) AS bodies, count(*) FILTER (WHERE pg_temp.outcome(body) LIKE 'SQ006 %') AS refused
FROM generate_series(0, 20) AS front, generate_series(0, 20) AS back,
     unnest(ARRAY[E'\u0008', E'\uFFFF']) AS bad,
     unnest(ARRAY['a', 'é', '…', '😀']) AS good,
     concat(repeat(good, front), bad, repeat(good, back)) AS body;

-- size is counted in bytes of UTF-8, and is looked at before the characters
SELECT what, pg_temp.outcome(body)
FROM (VALUES (1, '1024 bytes', repeat('x', 1024)),
             (2, '1025 bytes', repeat('x', 1025)),
             (3, '512 characters of two bytes', repeat('é', 512)),
             (4, '513 characters of two bytes', repeat('é', 513)),
             (5, '256 characters of four bytes', repeat('😀', 256)),
             (6, '257 characters of four bytes', repeat('😀', 257)),
             (7, 'a million control characters', repeat(E'\u0001', 1000000))) AS v (n, what, body)
ORDER BY n;
SELECT length(body) AS characters, octet_length(body) AS bytes
FROM sqs_pop('message_body', 10) ORDER BY characters;

-- a body that comes out of TOAST, compressed or not
CREATE TEMP TABLE toasted (n int, body text);
INSERT INTO toasted VALUES (1, repeat('x', 1000000));
ALTER TABLE toasted ALTER body SET STORAGE EXTERNAL;
INSERT INTO toasted VALUES (2, repeat('x', 1000000));
SELECT n, pg_temp.outcome(body) FROM toasted ORDER BY n;
SELECT sqs_create_queue('message_body_large', '{"MaximumMessageSize": 1048576}') IS NOT NULL AS created;
SELECT count(sqs_send('message_body_large', body)) AS sent FROM toasted;
SELECT sqs_send('message_body_large', repeat('x', 1048576)) IS NOT NULL AS sent;
SELECT sqs_send('message_body_large', repeat('x', 1048577)) IS NOT NULL AS sent;
SELECT octet_length(body) AS bytes, md5(body) = md5(repeat('x', octet_length(body))) AS intact
FROM sqs_pop('message_body_large', 10) ORDER BY bytes;

-- the size of a queue's messages can be changed, for what is sent from then on
SELECT sqs_set_queue_attributes('message_body_large', '{"MaximumMessageSize": 2048}');
SELECT sqs_send('message_body_large', repeat('x', 2049));
SELECT sqs_delete_queue('message_body_large');

-- a JSON document as the body
SELECT sqs_send('message_body', '{"b": [1, 2.50, null], "a": "é"}'::jsonb) IS NOT NULL AS sent;
SELECT body FROM sqs_pop('message_body');

-- all of a batch or none
SELECT count(*) AS sent FROM sqs_send_batch('message_body', ARRAY['one', 'two', 'three']);
SELECT count(*) AS sent FROM sqs_send_batch('message_body', ARRAY['four', E'fi\u0001ve', 'six']);
SELECT count(*) AS sent FROM sqs_send_batch('message_body', ARRAY['four', NULL, 'six']);
SELECT body FROM sqs_pop('message_body', 10) ORDER BY body;

-- message group ids
SELECT n, pg_temp.outcome('body', message_group_id)
FROM (VALUES (1, 'group-1'),
             (2, '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~'),
             (3, repeat('g', 128)),
             (4, repeat('g', 129)),
             (5, ''),
             (6, 'group 1'),
             (7, 'grüppe'),
             (8, E'line\nbreak'),
             (9, repeat('ü', 1000)),
             (10, NULL)) AS v (n, message_group_id)
ORDER BY n;
SELECT message_group_id FROM sqs_pop('message_body', 10) ORDER BY message_group_id;

-- deduplication ids
SELECT pg_temp.outcome('body', message_deduplication_id => 'd');
SELECT pg_temp.outcome('body', message_deduplication_id => '');
SELECT count(*) AS messages FROM sqs_peek('message_body');

SELECT sqs_delete_queue('message_body');
