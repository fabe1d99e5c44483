--
-- Promises: message attributes arrive as AWS's map, whether they were sent as
-- that or in shorthand; names, types, values, their number and their size are
-- checked by SQS's rules, and each refusal carries SQS's error.  Of the system
-- attributes there is one, AWSTraceHeader, which does not count.
--
\pset null '(null)'
\pset format unaligned
SELECT sqs_create_queue('message_attributes', '{"MaximumMessageSize": 1024}') IS NOT NULL AS created;

-- what a call says, in one line
CREATE FUNCTION pg_temp.outcome(attributes jsonb, system_attributes jsonb DEFAULT NULL)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  state text;
  message text;
  detail text;
BEGIN
  PERFORM sqs_send('message_attributes', 'body', message_attributes => attributes,
                   message_system_attributes => system_attributes);
  RETURN 'sent';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE,
    message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
  RETURN format('%s %s / %s', state, message, detail);
END
$$;

-- the map, and the shorthand for it
SELECT pg_temp.outcome('{"OrderId": {"DataType": "String", "StringValue": "17"},
                         "Weight": {"DataType": "Number.float", "StringValue": "01.50", "BinaryValue": null},
                         "Picture": {"DataType": "Binary.png", "BinaryValue": "iVBORw0KGgo="}}');
SELECT pg_temp.outcome('{"short": "text", "number": 17.50, "tiny": 1e-7, "é": "ü"}');
SELECT pg_temp.outcome('{}');
SELECT pg_temp.outcome(NULL);
SELECT jsonb_pretty(message_attributes) AS attributes
FROM sqs_pop('message_attributes', 10) ORDER BY message_attributes::text;

-- the line breaks that encode() makes are taken out
SELECT pg_temp.outcome(jsonb_build_object('long', jsonb_build_object(
  'DataType', 'Binary', 'BinaryValue', encode(repeat('x', 100)::bytea, 'base64'))));
SELECT message_attributes -> 'long' ->> 'BinaryValue'
         = translate(encode(repeat('x', 100)::bytea, 'base64'), E'\n', '') AS without_breaks
FROM sqs_pop('message_attributes');

-- a full error
SELECT sqs_send('message_attributes', 'body', message_attributes => '{"a": {"DataType": "Text", "StringValue": "secret"}}');

-- what is not a map
SELECT n, pg_temp.outcome(attributes)
FROM (VALUES (1, '[]'::jsonb), (2, '"text"'), (3, '17'), (4, 'null'), (5, '[{"a": "x"}]')) AS v (n, attributes)
ORDER BY n;

-- names: letters, digits, underscores, hyphens, periods; 1 to 256 characters
SELECT left(name, 10) AS name, length(name), left(pg_temp.outcome(jsonb_build_object(name, 'x')), 250) AS outcome
FROM (VALUES (1, 'aZ09_-'), (2, 'a.b'), (3, 'a..b'), (4, 'øßä'), (5, 'ſ'), (6, 'Awsome'), (7, 'aws'),
             (8, repeat('n', 256)), (9, repeat('ß', 256)),
             (10, repeat('n', 257)), (11, repeat('ß', 257)), (12, repeat('n', 5000)), (13, ''),
             (14, 'a!b'), (15, 'a"b'), (16, 'a§b'), (17, 'a(b'), (18, 'a?b'), (19, 'a b'),
             (20, 'a×b'), (21, 'a÷b'), (22, '日本'), (23, E'a\tb'), (24, '.a'), (25, 'a.'),
             (26, 'aWs.a'), (27, 'AMAZON.a')) AS v (n, name)
ORDER BY n;
SELECT count(*) AS sent FROM sqs_pop('message_attributes', 100);

-- types and values
SELECT replace(attribute::text, E'\uFFFF', '(U+FFFF)') AS attribute,
       pg_temp.outcome(jsonb_build_object('a', attribute)) AS outcome
FROM (VALUES
  (1, '{"DataType": "String", "StringValue": "x"}'::jsonb),
  (2, '{"DataType": "String.a label", "StringValue": "\t\r\n"}'),
  (3, '{"DataType": "Binary", "BinaryValue": "+/+/"}'),
  (4, '{"StringValue": "x"}'),
  (5, '{"DataType": "", "StringValue": "x"}'),
  (6, '{"DataType": "string", "StringValue": "x"}'),
  (7, '{"DataType": "Stringy", "StringValue": "x"}'),
  (8, '{"DataType": "String.\u0001", "StringValue": "x"}'),
  (9, '{"DataType": 1, "StringValue": "x"}'),
  (10, '{}'),
  (11, '{"DataType": "String"}'),
  (12, '{"DataType": "String", "StringValue": ""}'),
  (13, '{"DataType": "String", "StringValue": null}'),
  (14, '{"DataType": "String", "StringValue": 17}'),
  (15, '{"DataType": "String", "StringValue": "\u0001"}'),
  (16, '{"DataType": "String", "StringValue": "\uFFFF"}'),
  (17, '{"DataType": "String", "BinaryValue": "eA=="}'),
  (18, '{"DataType": "String", "StringValue": "x", "BinaryValue": "eA=="}'),
  (19, '{"DataType": "Binary", "StringValue": "eA=="}'),
  (20, '{"DataType": "Binary", "BinaryValue": ""}'),
  (21, '{"DataType": "Binary", "BinaryValue": "eA"}'),
  (22, '{"DataType": "Binary", "BinaryValue": "eA==eA=="}'),
  (23, '{"DataType": "Binary", "BinaryValue": "===="}'),
  (24, '{"DataType": "Binary", "BinaryValue": "e A="}'),
  (25, '{"DataType": "Binary", "BinaryValue": "éA=="}'),
  (26, '{"DataType": "String", "StringListValues": ["x"]}'),
  (27, '{"DataType": "Binary", "BinaryListValues": ["eA=="]}'),
  (28, '{"DataType": "String", "Value": "x"}'),
  (29, '""'),
  (30, 'null'),
  (31, 'true'),
  (32, '["x"]')) AS v (n, attribute)
ORDER BY n;
SELECT left(pg_temp.outcome(jsonb_build_object('a', jsonb_build_object(
  'DataType', 'String.' || repeat('l', n), 'StringValue', 'x'))), 250) AS outcome
FROM (VALUES (249), (250)) AS v (n) ORDER BY n;
SELECT count(*) AS sent FROM sqs_pop('message_attributes', 100);

-- numbers: 38 digits, 1e-128 to 1e126
SELECT number, left(pg_temp.outcome(jsonb_build_object('a', jsonb_build_object(
  'DataType', 'Number', 'StringValue', number))), 5) AS outcome
FROM (VALUES (1, '0'), (2, '-17'), (3, '+1.50'), (4, '.5'), (5, '5.'), (6, '1e5'), (7, '1E-5'),
             (8, '007'), (9, '0e999999999999'), (10, '1e126'), (11, '-10.0e125'), (12, '1.1e126'),
             (13, '1e-128'), (14, '0.9e-128'), (15, '1e999999999999999999999'), (16, '1e-999999999999999999999'),
             (17, '12345678901234567890123456789012345678'),
             (18, '123456789012345678901234567890123456789'),
             (19, '000.00012345678901234567890123456789012345678000'),
             (20, '12345678901234567890123456789012345678000000'),
             (21, ''), (22, '.'), (23, '-'), (24, '1e'), (25, 'e1'), (26, '1 '), (27, ' 1'), (28, '1,5'),
             (29, '1.2.3'), (30, '0x10'), (31, 'NaN'), (32, 'Infinity'), (33, '١')) AS v (n, number)
ORDER BY n;
SELECT pg_temp.outcome('{"a": 1e126}'), pg_temp.outcome('{"a": 1e127}');
SELECT count(*) AS sent FROM sqs_pop('message_attributes', 100);

-- ten, and no more
SELECT count, pg_temp.outcome((SELECT jsonb_object_agg('a' || n, n) FROM generate_series(1, count) AS n)) AS outcome
FROM (VALUES (10), (11)) AS v (count) ORDER BY count;

-- size: 4 bytes of body, and name, type and value; of a binary value as it is decoded
SELECT n, left(pg_temp.outcome(attributes), 120) AS outcome
FROM (VALUES
  (1, jsonb_build_object('name', repeat('x', 1024 - 4 - 4 - 6))),
  (2, jsonb_build_object('name', repeat('x', 1024 - 4 - 4 - 6 + 1))),
  (3, jsonb_build_object('é', repeat('ü', (1024 - 4 - 2 - 6) / 2))),
  (4, jsonb_build_object('éx', repeat('ü', (1024 - 4 - 2 - 6) / 2))),
  (5, jsonb_build_object('name', jsonb_build_object('DataType', 'Binary.label', 'BinaryValue',
        encode(repeat('x', 1024 - 4 - 4 - 12)::bytea, 'base64')))),
  (6, jsonb_build_object('name', jsonb_build_object('DataType', 'Binary.label', 'BinaryValue',
        encode(repeat('x', 1024 - 4 - 4 - 12 + 1)::bytea, 'base64')))),
  (7, jsonb_build_object('name', repeat('x', 10000000)))) AS v (n, attributes)
ORDER BY n;
SELECT count(*) AS sent FROM sqs_pop('message_attributes', 100);

-- system attributes
SELECT n, left(pg_temp.outcome(NULL, attributes), 200) AS outcome
FROM (VALUES
  (1, '{"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}}'::jsonb),
  (2, '{"AWSTraceHeader": "Root=2"}'),
  (3, '{}'),
  (4, jsonb_build_object('AWSTraceHeader', repeat('r', 1024))),
  (5, jsonb_build_object('AWSTraceHeader', repeat('r', 1025))),
  (6, '{"AWSTraceHeader": {"DataType": "Number", "StringValue": "17"}}'),
  (7, '{"AWSTraceHeader": {"DataType": "String.x", "StringValue": "x"}}'),
  (8, '{"AWSTraceHeader": {"DataType": "String", "StringValue": ""}}'),
  (9, '{"AWSTraceHeader": {"DataType": "String", "StringValue": "\u0001"}}'),
  (10, '{"SenderId": "x"}'),
  (11, '[]')) AS v (n, attributes)
ORDER BY n;
SELECT left(trace_header, 50) AS trace_header, length(trace_header)
FROM sqs_pop('message_attributes', 10) ORDER BY 2, 1;

-- a batch has a map for each message, or NULL
SELECT count(*) AS sent
FROM sqs_send_batch('message_attributes', ARRAY['one', 'two', 'three'],
                    message_attributes => ARRAY['{"n": 1}', NULL, '{"n": 3}']::jsonb[]);
SELECT count(*) AS sent
FROM sqs_send_batch('message_attributes', ARRAY['four', 'five'],
                    message_attributes => ARRAY['{"n": 4}', '{"n": true}']::jsonb[]);
SELECT body, message_attributes FROM sqs_pop('message_attributes', 10) ORDER BY body;

SELECT sqs_delete_queue('message_attributes');
