--
-- Promises: each error that a caller can meet has one SQLSTATE for its SQS
-- error, whose name begins the detail; it is one line, without the message's
-- body; a hint says what to do where that helps.  Bad input of any kind gets
-- such an error and leaves nothing half done.
--
SELECT sqs_create_queue('errors') IS NOT NULL AS created;
SELECT sqs_create_queue('errors-other') IS NOT NULL AS created;
SELECT sqs_create_queue('errors-strict', '{"StrictReceiptHandles": true}') IS NOT NULL AS created;
SELECT sqs_create_queue('errors-deleted') IS NOT NULL AS created;
SELECT sqs_delete_queue('errors-deleted');
CREATE ROLE regress_queue_errors;
SELECT sqs_send('errors', 'a') IS NOT NULL AS sent;
SELECT receipt_handle AS handle FROM sqs_receive('errors') \gset
SELECT sqs_send('errors-strict', 'a') IS NOT NULL AS sent;
SELECT receipt_handle AS old FROM sqs_receive('errors-strict', 1, 0) \gset
SELECT body FROM sqs_receive('errors-strict');
SELECT sqs_purge_queue('errors-other');

-- one call for each error
CREATE TABLE errors_calls (n serial, call text);
INSERT INTO errors_calls (call) VALUES
  ($$SELECT sqs_send('errors-none', 'a')$$),                                      -- QueueDoesNotExist
  ($$SELECT sqs_create_queue('errors', '{"DelaySeconds": 1}')$$),                 -- QueueNameExists
  ($$SELECT sqs_create_queue('errors-deleted')$$),                                -- QueueDeletedRecently
  ($$SELECT sqs_get_queue_attributes('errors', '{Foobar}')$$),                    -- InvalidAttributeName
  ($$SELECT sqs_set_queue_attributes('errors', '{"FifoThroughputLimit": "perQueue"}')$$),
  ($$SELECT sqs_set_queue_attributes('errors', '{"KmsMasterKeyId": "x", "SqsManagedSseEnabled": true}')$$),
  ($$SELECT sqs_set_queue_attributes('errors', '{"DelaySeconds": 901}')$$),       -- InvalidAttributeValue
  ($$SELECT sqs_set_queue_attributes('errors', '{"Durability": "unlogged"}')$$),
  ($$SELECT sqs_send('errors', E'a\x01')$$),                                      -- InvalidMessageContents
  ($$SELECT sqs_delete('errors', 'garbage')$$),                                   -- ReceiptHandleIsInvalid
  ($$SELECT sqs_purge_queue('errors-other')$$),                                   -- PurgeQueueInProgress
  ($$SELECT sqs_send_batch('errors', '{}'::text[])$$),                            -- EmptyBatchRequest
  ($$SELECT sqs_delete_batch('errors', array_fill(''::text, ARRAY[10001]))$$),    -- TooManyEntriesInBatchRequest
  ($$SELECT sqs_create_queue('errors', '{"FifoQueue": "true"}')$$),               -- InvalidParameterValue
  ($$SELECT sqs_send('errors', 'a', message_attributes => '{"a": {"DataType": "String", "StringListValues": "a"}}')$$),
  ($$SELECT sqs_start_message_move_task('errors-none')$$),                        -- ResourceNotFoundException
  ($$SELECT sqs_start_message_move_task('errors')$$),
  ($$SELECT sqs_start_message_move_task('errors:')$$),
  ($$SELECT sqs_list_message_move_tasks('errors', 11)$$),
  ($$SELECT sqs_cancel_message_move_task('garbage')$$),
  ($$SELECT sqs_send('errors:', 'a')$$),                                          -- InvalidAddress
  ($$SELECT sqs_create_queue('errors?')$$),                                       -- InvalidParameterValue
  ($$SELECT sqs_send('errors', 'a', 901)$$),
  ($$SELECT sqs_send('errors', repeat('a', 262145))$$),
  ($$SELECT sqs_send('errors', 'a', message_attributes => '[]')$$),
  ($$SELECT sqs_send('errors', 'a', message_attributes => '{"a": true}')$$),
  ($$SELECT sqs_send('errors', 'a', message_attributes => (SELECT jsonb_object_agg(i, i) FROM generate_series(1, 11) AS i))$$),
  ($$SELECT sqs_send('errors', 'a', message_group_id => ' ')$$),
  ($$SELECT sqs_send('errors', 'a', message_deduplication_id => 'a')$$),
  ($$SELECT sqs_send('errors', 'a', message_system_attributes => '{"a": "b"}')$$),
  ($$SELECT sqs_send_batch('errors', '{a}'::text[], message_group_ids => '{a,b}')$$),
  ($$SELECT sqs_receive('errors', 0)$$),
  ($$SELECT sqs_get_queue_url('errors', '1')$$),
  ($$SELECT sqs_tag_queue('errors', '[]')$$),
  ($$SELECT sqs_tag_queue('errors', '{"aws:a": "b"}')$$),
  ($$SELECT sqs_tag_queue('errors', (SELECT jsonb_object_agg(i, i) FROM generate_series(1, 51) AS i))$$),
  ($$SELECT sqs_set_queue_attributes('errors', '[]')$$),
  ($$SELECT sqs_set_queue_attributes('errors', '{"RedrivePolicy": "{\"maxReceiveCount\": 1}"}')$$),
  ($$SELECT sqs_set_queue_attributes('errors', '{"RedriveAllowPolicy": "x"}')$$),
  ($$SELECT sqs_delete('errors-strict', $1)$$),
  ($$SELECT sqs_change_visibility('errors', $2, 10)$$),
  ($$SELECT sqs_send('errors', '')$$),                                            -- MissingParameter
  ($$SELECT sqs_set_queue_attributes('errors', NULL)$$),
  ($$SELECT sqs_set_queue_attributes('errors', '{"RedrivePolicy": "{\"maxReceiveCount\": 1, \"deadLetterTargetArn\": \"arn:aws:sqs:us-east-1:000000000000:none\"}"}')$$);
SELECT sqs_delete('errors', :'handle');
UPDATE errors_calls SET call = replace(replace(call, '$1', quote_literal(:'old')), '$2', quote_literal(:'handle'));

-- as a user sees them
SELECT call FROM errors_calls WHERE call NOT LIKE '%sqs_delete(''errors-strict%' AND call NOT LIKE '%sqs_change%' ORDER BY n \gexec
SELECT sqs_delete('errors-strict', :'old');
SELECT sqs_change_visibility('errors', :'handle', 10);
BEGIN;
CALL sqs_wait('errors', 1);
ROLLBACK;
BEGIN READ ONLY;
SELECT sqs_send('errors', 'a');
ROLLBACK;
SET queue.in_flight_limit = 1;
SELECT count(*) FROM sqs_send_batch('errors', '{a,b}'::text[]);
SELECT count(*) FROM sqs_receive('errors');
SELECT sqs_receive('errors');                                                     -- OverLimit
RESET queue.in_flight_limit;
SET ROLE regress_queue_errors;
SELECT sqs_send('errors', 'a');                                                   -- AccessDenied
SELECT sqs_create_queue('errors-mine');
RESET ROLE;

-- as a program sees them
\set VERBOSITY sqlstate
SELECT call FROM errors_calls WHERE call NOT LIKE '%sqs_delete(''errors-strict%' AND call NOT LIKE '%sqs_change%' ORDER BY n \gexec
SELECT sqs_delete('errors-strict', :'old');
SELECT sqs_change_visibility('errors', :'handle', 10);
BEGIN;
CALL sqs_wait('errors', 1);
ROLLBACK;
BEGIN READ ONLY;
SELECT sqs_send('errors', 'a');
ROLLBACK;
SET queue.in_flight_limit = 1;
SELECT sqs_receive('errors');
RESET queue.in_flight_limit;
SET ROLE regress_queue_errors;
SELECT sqs_send('errors', 'a');
SELECT sqs_create_queue('errors-mine');
RESET ROLE;
\set VERBOSITY default

-- the form of each: one line, with the shape's name before the detail
CREATE FUNCTION errors_form(call text, OUT state text, OUT shape text, OUT wrong text) LANGUAGE plpgsql AS $$
DECLARE
  message text;
  detail text;
  hint text;
BEGIN
  EXECUTE call;
  wrong := 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  shape := substring(detail FROM '^([A-Za-z]+): .');
  IF state !~ '^SQ[0-9]{3}$' THEN
    wrong := 'state';
  ELSIF shape IS NULL THEN
    wrong := 'detail';
  ELSIF message || detail || hint ~ E'\n' OR length(message) > 300 OR length(detail) > 800 THEN
    wrong := 'length';
  ELSIF message ~ '^[A-Z][a-z]' OR message ~ '\.$' THEN
    wrong := 'style of message';
  ELSIF hint !~ '^[A-Z]' OR hint !~ '\.$' OR hint ~ '[^ -~]' THEN
    wrong := 'hint';
  END IF;
END
$$;
SELECT DISTINCT f.state, f.shape, f.wrong FROM errors_calls, errors_form(call) AS f ORDER BY 1;

-- nothing was left half done
SELECT name, visible, in_flight, delayed FROM sqs_queues WHERE name LIKE 'errors%' ORDER BY name;
SELECT sqs_get_queue_attributes('errors', '{All}') - '{QueueArn,CreatedTimestamp,LastModifiedTimestamp}'::text[];
SELECT sqs_list_queue_tags('errors');

-- bad values for each argument: an error of ours or a result, and never another error
CREATE FUNCTION errors_try(call text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE call;
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  IF SQLSTATE ~ '^SQ[0-9]{3}$' AND SQLERRM !~ E'\n' AND length(SQLERRM) < 400 THEN
    RETURN NULL;
  END IF;
  RETURN format('%s: %s %s', left(call, 100), SQLSTATE, left(SQLERRM, 100));
END
$$;
CREATE TABLE errors_values (type text, value text);
INSERT INTO errors_values VALUES
  ('text', 'NULL'), ('text', $$''$$), ($$text$$, $$' '$$), ('text', $$E'\n'$$), ('text', $$E'\x01'$$), ('text', $$E'\x7f'$$),
  ('text', $$'errors'$$), ('text', $$'arn:aws:sqs:us-east-1:000000000000:'$$), ('text', $$':::::'$$), ('text', $$'////'$$),
  ('text', $$'http://'$$), ('text', $$'https:///'$$), ('text', $$'%s%n%1$s'$$), ('text', $$chr(65535)$$), ('text', $$chr(1114111)$$),
  ('text', $$repeat('ü', 100000)$$), ('text', $$repeat('x', 2000000)$$), ('text', $$repeat(E'\\', 200)$$), ('text', $$'"''"; DROP TABLE errors'$$),
  ('int', 'NULL'), ('int', '(-2147483648)'), ('int', '(-1)'), ('int', '0'), ('int', '2147483647'),
  ('jsonb', 'NULL'), ('jsonb', $$'null'$$), ('jsonb', $$'{}'$$), ('jsonb', $$'[]'$$), ('jsonb', $$'""'$$), ('jsonb', $$'1e1000'$$), ('jsonb', $$'true'$$),
  ('jsonb', $$'{"": ""}'$$), ('jsonb', $$'{"a": null}'$$), ('jsonb', $$'{"a": []}'$$), ('jsonb', $$'{"a": {"a": {}}}'$$), ('jsonb', $$'{"a": 1e1000}'$$),
  ('jsonb', $$'{"DelaySeconds": 1e1000}'$$), ('jsonb', $$'{"DelaySeconds": {}}'$$), ('jsonb', $$'{"RedrivePolicy": 1}'$$), ('jsonb', $$'{"Policy": true}'$$),
  ('jsonb', $$'{"a": {"DataType": "String"}}'$$), ('jsonb', $$'{"a": {"DataType": 1, "StringValue": {}}}'$$),
  ('jsonb', $$'{"AWSTraceHeader": ""}'$$), ('jsonb', $$'{"AWSTraceHeader": {"DataType": "Binary", "BinaryValue": "!"}}'$$),
  ('jsonb', $$jsonb_build_object('a', repeat('x', 2000000))$$), ('jsonb', $$jsonb_build_object(repeat('x', 2000000), 'a')$$),
  ('jsonb', $$(SELECT jsonb_object_agg(i, i) FROM generate_series(1, 1000) AS i)$$), ('jsonb', $$'{"a": "\u0001"}'$$), ('jsonb', $$'"\uffff"'$$),
  ('text[]', 'NULL'), ('text[]', $$'{}'$$), ('text[]', $$'{NULL}'$$), ('text[]', $$'{""}'$$), ('text[]', $$'{{a,b},{c,d}}'$$),
  ('text[]', $$array_fill('x'::text, ARRAY[10001])$$), ('text[]', $$'[-5:-4]={a,b}'$$), ('text[]', $$ARRAY[repeat('x', 2000000)]$$),
  ('jsonb[]', 'NULL'), ('jsonb[]', $$'{}'$$), ('jsonb[]', $$'{NULL}'$$), ('jsonb[]', $$ARRAY['{}', '[]']::jsonb[]$$);
-- each argument in turn, the others being good
WITH functions AS (
  SELECT p.oid, p.proname, a.type, a.n
  FROM pg_proc AS p
    JOIN pg_extension AS e ON e.extname = 'queue' AND p.pronamespace = e.extnamespace,
    LATERAL (SELECT format_type(t, NULL), n FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS u (t, n)) AS a (type, n)
  WHERE p.proname LIKE 'sqs\_%' AND p.prokind = 'f'
    AND p.proname NOT IN ('sqs_delete_queue', 'sqs_purge_queue', 'sqs_create_queue')
), good AS (
  SELECT oid, n, CASE type WHEN 'text' THEN CASE WHEN n = 1 AND proname <> 'sqs_list_queues' THEN '''errors''' ELSE 'NULL::text' END
                           ELSE 'NULL::' || type END AS value
  FROM functions
), calls AS (
  SELECT f.oid, f.n, v.value, format('SELECT %I(', f.proname) ||
         (SELECT string_agg(CASE WHEN g.n = f.n THEN v.value || '::' || f.type ELSE g.value END, ', ' ORDER BY g.n)
          FROM good AS g WHERE g.oid = f.oid) || ')' AS call
  FROM functions AS f JOIN errors_values AS v ON v.type = replace(f.type, 'integer', 'int')
)
SELECT errors_try(call) AS strange, count(*) > 300 AS many FROM calls GROUP BY 1 ORDER BY 1;
WITH calls AS (
  SELECT format(call, value) AS call
  FROM errors_values, unnest(ARRAY['SELECT sqs_create_queue(%s)', 'SELECT sqs_create_queue(''errors-new'', %s)',
                                   'SELECT sqs_create_queue(''errors-new'', ''{}'', %s)', 'SELECT sqs_delete_queue(%s || ''-none'')']) AS call
  WHERE type = CASE WHEN call LIKE '%errors-new%' THEN 'jsonb' ELSE 'text' END
)
SELECT errors_try(call) AS strange, count(*) > 50 AS many FROM calls GROUP BY 1 ORDER BY 1;
SELECT * FROM sqs_list_queues('errors') ORDER BY 1;
SELECT * FROM sqs_check();

DROP TABLE errors_calls, errors_values;
DROP FUNCTION errors_form(text);
DROP FUNCTION errors_try(text);
DROP ROLE regress_queue_errors;
SELECT sqs_delete_queue(name) FROM sqs_queues WHERE name LIKE 'errors%' ORDER BY name;
