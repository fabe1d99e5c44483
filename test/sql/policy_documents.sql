--
-- Promises: a document that is no valid policy is refused when it is set, as the
-- policy of a queue and as that of a role, with what is wrong and where; the
-- quotas of SQS hold; nothing in a document or a name is taken for SQL.
--
\pset format unaligned
\pset null (null)
\set VERBOSITY terse
CREATE ROLE regress_policy_documents;
SELECT sqs_create_queue('policy-documents') IS NOT NULL AS created;

CREATE FUNCTION pg_temp.set_queue(policy text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  detail text;
BEGIN
  PERFORM sqs_set_queue_attributes('policy-documents', jsonb_build_object('Policy', policy));
  RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN SQLSTATE || ' ' || regexp_replace(detail, '^\w+: (.* Reason: )?', '');
END
$$;
CREATE FUNCTION pg_temp.set_role(policy text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  detail text;
BEGIN
  PERFORM sqs_put_role_policy('regress_policy_documents', 'x', policy::jsonb);
  RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN SQLSTATE || CASE WHEN SQLSTATE ~ '^22' THEN '' ELSE ' ' || regexp_replace(detail, '^\w+: (.* Reason: )?', '') END;
END
$$;

-- documents as a whole
SELECT n, policy, pg_temp.set_queue(policy) AS queue, pg_temp.set_role(policy) AS role
FROM unnest(ARRAY[
  'nonsense', '{', '[]', '"x"', 'null', '{}',
  '{"Statement": null}', '{"Statement": []}', '{"Statement": "x"}', '{"Statement": [1]}', '{"Statement": [[]]}', '{"Statement": {}}',
  '{"statement": {}}', '{"Statement": {}, "Other": 1}',
  '{"Version": "2012-10-18", "Statement": {}}', '{"Version": 2012, "Statement": {}}', '{"Id": 1, "Statement": {}}',
  '{"Statement": {"Effect": "\u0000"}}', '{"Statement": {"Effect": "\ud800"}}',
  '{"Version": "2012-10-17", "Statement": {}} x',
  '[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]']) WITH ORDINALITY AS u (policy, n) ORDER BY n;
-- a member that comes twice; of jsonb only the last is there
SELECT pg_temp.set_queue('{"Statement": {"Effect": "Deny", "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}}'),
  pg_temp.set_role('{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}');

-- statements: {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}, and for
-- queues Principal, with one element changed; null takes it away
CREATE FUNCTION pg_temp.with_element(base jsonb, change jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT jsonb_build_object('Version', '2012-10-17', 'Statement', jsonb_build_array(jsonb_strip_nulls(base || change)))::text
$$;
SELECT n, change,
  pg_temp.set_queue(pg_temp.with_element('{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}', change)) AS queue,
  pg_temp.set_role(pg_temp.with_element('{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}', change)) AS role
FROM unnest(ARRAY[
  '{}',
  '{"Effect": null}', '{"Effect": "allow"}', '{"Effect": true}', '{"Effect": ["Allow"]}', '{"Effect": {}}',
  '{"Principal": null}', '{"Principal": "x"}', '{"Principal": "000000000000"}', '{"Principal": []}', '{"Principal": {}}', '{"Principal": 1}',
  '{"Principal": "*", "NotPrincipal": "*"}', '{"Principal": {"aws": "*"}}', '{"Principal": {"AWS": []}}', '{"Principal": {"AWS": [1]}}',
  '{"Principal": {"AWS": {}}}', '{"Principal": {"AWS": "00000000000"}}', '{"Principal": {"AWS": "0000000000000"}}', '{"Principal": {"AWS": "00000000000x"}}',
  '{"Principal": {"AWS": "arn:aws:iam::000000000000:role/*x", "Federated": "y"}}',
  '{"Principal": {"AWS": "arn:aws:iam::000000000000:role/"}}', '{"Principal": {"AWS": "arn:aws:iam::000000000000:group/x"}}',
  '{"Principal": {"AWS": "arn:aws:iam::*:root"}}', '{"Principal": {"AWS": "arn:aws:iam::000000000000"}}', '{"Principal": {"AWS": "arn:aws:iam::000000000000:*"}}',
  '{"Principal": {"AWS": "arn:aws:sts::000000000000:assumed-role/x/y"}}', '{"Principal": {"AWS": "arn:aws:s3::000000000000:role/x"}}',
  '{"Principal": {"AWS": ""}}', '{"Principal": {"Service": "*"}}', '{"Principal": {"Service": "sns"}}', '{"Principal": {"Service": ["sns.amazonaws.com", ""]}}',
  '{"Principal": {"CanonicalUser": "0123"}}',
  '{"Action": null}', '{"NotAction": "*"}', '{"Action": []}', '{"Action": {}}', '{"Action": 1}', '{"Action": ["sqs:*", 1]}', '{"Action": ""}',
  '{"Action": "SendMessage"}', '{"Action": "sqs:"}', '{"Action": ":SendMessage"}', '{"Action": "sqs:Send"}', '{"Action": "sqs:SendMessageBatch"}',
  '{"Action": "sqs:Send?"}', '{"Action": "s3:GetObject"}', '{"Action": ["sqs:SendMessage", "s3:*"]}', '{"Action": "*:SendMessage"}', '{"Action": "sqs:Send Message"}',
  '{"Resource": null}', '{"NotResource": "*"}', '{"Resource": []}', '{"Resource": {}}', '{"Resource": "policy-documents"}',
  '{"Resource": "arn:aws:sqs"}', '{"Resource": "arn:aws:sqs:us-east-1:000000000000"}', '{"Resource": "arn"}', '{"Resource": ""}', '{"Resource": ["*", ""]}',
  '{"Resource": "arn:aws:sqs:*:*:${"}', '{"Resource": "arn:aws:sqs:*:*:${}"}', '{"Resource": "arn:aws:sqs:*:*:${a, b}"}', '{"Resource": "arn:aws:sqs:*:*:${a*}"}',
  '{"Sid": 1}', '{"Sid": "a b"}', '{"Sid": ""}',
  '{"Other": 1}', '{"action": "sqs:*"}', '{"Conditions": {}}',
  '{"Condition": []}', '{"Condition": "x"}', '{"Condition": {"StringEqual": {"aws:a": "b"}}}', '{"Condition": {"stringEquals": {"aws:a": "b"}}}',
  '{"Condition": {"StringEquals": []}}', '{"Condition": {"StringEquals": {"a": "b"}}}', '{"Condition": {"StringEquals": {"aws:": "b"}}}',
  '{"Condition": {"StringEquals": {"aws:a*": "b"}}}', '{"Condition": {"StringEquals": {"aws:a": []}}}', '{"Condition": {"StringEquals": {"aws:a": {}}}}',
  '{"Condition": {"StringEquals": {"aws:a": ["b", ["c"]]}}}', '{"Condition": {"StringEquals": {"aws:a": "${"}}}',
  '{"Condition": {"NumericEquals": {"aws:a": "b"}}}', '{"Condition": {"NumericEquals": {"aws:a": ""}}}', '{"Condition": {"NumericEquals": {"aws:a": true}}}',
  '{"Condition": {"NumericLessThan": {"aws:a": "1e999"}}}', '{"Condition": {"DateEquals": {"aws:a": "2026-02-29"}}}',
  '{"Condition": {"DateEquals": {"aws:a": "2026-01-01T00:00:00"}}}', '{"Condition": {"DateEquals": {"aws:a": "2026-01-01 00:00:00Z"}}}',
  '{"Condition": {"DateEquals": {"aws:a": "2026-01-01T24:00:00Z"}}}', '{"Condition": {"DateEquals": {"aws:a": "1e300"}}}',
  '{"Condition": {"Bool": {"aws:a": "yes"}}}', '{"Condition": {"Bool": {"aws:a": 1}}}', '{"Condition": {"BinaryEquals": {"aws:a": "!"}}}',
  '{"Condition": {"IpAddress": {"aws:a": "10.0.0.0/33"}}}', '{"Condition": {"IpAddress": {"aws:a": "10.0.0/8"}}}', '{"Condition": {"IpAddress": {"aws:a": "10.0.0.0/"}}}',
  '{"Condition": {"IpAddress": {"aws:a": "10.0.0.0/-1"}}}', '{"Condition": {"IpAddress": {"aws:a": "::/129"}}}', '{"Condition": {"IpAddress": {"aws:a": "10.0.0.*"}}}',
  '{"Condition": {"ArnLike": {"aws:a": "*"}}}', '{"Condition": {"ArnEquals": {"aws:a": "arn:aws:sns:*"}}}', '{"Condition": {"ArnLike": {"aws:a": "a:b:c:d:e:f"}}}',
  '{"Condition": {"Null": {"aws:a": "x"}}}', '{"Condition": {"NullIfExists": {"aws:a": "true"}}}', '{"Condition": {"ForAnyValue:Null": {"aws:a": "true"}}}',
  '{"Condition": {"ForAllValues:": {"aws:a": "true"}}}', '{"Condition": {"IfExists": {"aws:a": "true"}}}', '{"Condition": {"ForAnyValue:ForAllValues:Bool": {"aws:a": "true"}}}',
  '{"Condition": {"\u00e4": {"aws:a": "true"}}}', '{"Condition": {"StringEquals": {"\u00e4": "true"}}}'
  ]::jsonb[]) WITH ORDINALITY AS u (change, n) ORDER BY n;
-- which of several, by number; two with the same Sid
SELECT pg_temp.set_queue('{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"},
  {"Effect": "Allow", "Principal": "*", "Action": "sqs:*"}, {"Effect": "Maybe"}]}');
SELECT pg_temp.set_queue('{"Statement": [{"Sid": "a", "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"},
  {"Sid": "b", "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"},
  {"Sid": "a", "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]}');
-- what comes after it is not clipped, but quoted in part and in ASCII
SELECT pg_temp.set_queue(pg_temp.with_element('{"Effect": "Allow", "Principal": "*", "Action": "sqs:*"}', jsonb_build_object('Resource', repeat('ä', 50))));

-- quotas: of queues' policies all, of roles' policies the size
CREATE FUNCTION pg_temp.large(statements int, principals int, conditions int, bytes int DEFAULT 0) RETURNS text LANGUAGE sql AS $$
  SELECT jsonb_build_object('Id', repeat('x', bytes), 'Statement', jsonb_agg(jsonb_strip_nulls(jsonb_build_object('Effect', 'Allow', 'Action', 'sqs:*', 'Resource', '*',
    'Principal', CASE WHEN principals > 0 THEN jsonb_build_object('AWS', (SELECT jsonb_agg(lpad(p::text, 12, '0')) FROM generate_series(1, principals) AS p)) END,
    'Condition', jsonb_build_object('StringEquals', (SELECT jsonb_object_agg('aws:' || c, 'x') FROM generate_series(1, conditions) AS c))))))::text
  FROM generate_series(1, statements)
$$;
SELECT pg_temp.set_queue(pg_temp.large(20, 1, 0));
SELECT pg_temp.set_queue(pg_temp.large(21, 1, 0));
SELECT pg_temp.set_queue(pg_temp.large(1, 50, 0));
SELECT pg_temp.set_queue(pg_temp.large(1, 51, 0));
SELECT pg_temp.set_queue(pg_temp.large(10, 5, 0));
SELECT pg_temp.set_queue(pg_temp.large(10, 6, 0));
SELECT pg_temp.set_queue(pg_temp.large(1, 1, 10));
SELECT pg_temp.set_queue(pg_temp.large(1, 1, 11));
SELECT pg_temp.set_queue(pg_temp.large(5, 1, 2));
SELECT pg_temp.set_queue(pg_temp.large(6, 1, 2));
SELECT pg_temp.set_queue(pg_temp.large(1, 1, 0, 8192));
SELECT pg_temp.set_role(pg_temp.large(50, 0, 1));
SELECT pg_temp.set_role(pg_temp.large(1, 0, 1, 8192));

-- texts that would be something in SQL, JSON or a pattern, are texts
SELECT pg_temp.set_queue(pg_temp.with_element('{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}',
  jsonb_build_object('Sid', $$'; DROP TABLE queue.queues; --$$, 'Condition', jsonb_build_object('StringEquals',
    jsonb_build_object($$aws:'||user||'$$, $$"}, "Effect": "Deny$$)))));
SELECT sqs_get_queue_attributes('policy-documents', '{Policy}') ->> 'Policy' AS policy;
SELECT statement FROM sqs_simulate_policy('regress_policy_documents', 'SendMessage', 'policy-documents', jsonb_build_object($$aws:'||user||'$$, $$"}, "Effect": "Deny$$));
SELECT sqs_put_role_policy('regress_policy_documents', $$x'; DROP TABLE queue.queues; --$$, '{}');
SELECT sqs_simulate_policy('regress_policy_documents', $$x'; DROP TABLE queue.queues; --$$, 'policy-documents');
SELECT sqs_simulate_policy('regress_policy_documents', 'SendMessage', $$x'; DROP TABLE queue.queues; --$$);

SELECT sqs_delete_queue('policy-documents');
SELECT sqs_delete_role_policy('regress_policy_documents', 'x');
DROP ROLE regress_policy_documents;
