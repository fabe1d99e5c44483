--
-- Promises: each operator of IAM's conditions, with IfExists, ForAllValues: and
-- ForAnyValue:, holds when IAM's documentation says so.  Each case is evaluated
-- four times: in a statement that allows and in one that denies, of the queue's
-- policy and of the role's.  What is shown are those that did not decide as
-- expected.
--
\pset format unaligned
\pset null (null)
CREATE ROLE regress_policy_conditions;
SELECT sqs_create_queue('policy-conditions') IS NOT NULL AS created;

-- operator, value of the policy, value of the request (NULL: none), holds?
CREATE TEMP TABLE conditions (n int GENERATED ALWAYS AS IDENTITY, operator text, value jsonb, have jsonb, holds boolean);

-- strings: a value of the policy is one of several, case matters
INSERT INTO conditions (operator, value, have, holds) VALUES
  ('StringEquals', '"a"', '"a"', true),
  ('StringEquals', '"a"', '"A"', false),
  ('StringEquals', '"a"', '"b"', false),
  ('StringEquals', '"a"', '""', false),
  ('StringEquals', '""', '""', true),
  ('StringEquals', '"a"', NULL, false),
  ('StringEquals', '["a", "b"]', '"b"', true),
  ('StringEquals', '["a", "b"]', '"c"', false),
  ('StringEquals', '"a*"', '"a*"', true),
  ('StringEquals', '"a*"', '"ab"', false),
  ('StringEquals', '"a?"', '"ab"', false),
  ('StringEquals', '"a"', '["a", "b"]', true),
  ('StringEquals', '"a"', '["c", "b"]', false),
  ('StringEquals', '7', '"7"', true),
  ('StringEquals', 'true', '"true"', true),
  ('StringEquals', '"7"', '7', true),
  ('StringEquals', '"a b"', '"a b"', true),
  ('StringEquals', '"ä€😀"', '"ä€😀"', true),
  ('StringEquals', '"a\u0001b"', '"a\u0001b"', true),
  ('StringNotEquals', '"a"', '"a"', false),
  ('StringNotEquals', '"a"', '"b"', true),
  ('StringNotEquals', '"a"', '"A"', true),
  ('StringNotEquals', '"a"', NULL, true),
  ('StringNotEquals', '["a", "b"]', '"a"', false),
  ('StringNotEquals', '["a", "b"]', '"b"', false),
  ('StringNotEquals', '["a", "b"]', '"c"', true),
  ('StringNotEquals', '"a"', '["a", "b"]', false),
  ('StringNotEquals', '"a"', '["c", "b"]', true),
  ('StringEqualsIgnoreCase', '"a"', '"A"', true),
  ('StringEqualsIgnoreCase', '"Ab"', '"aB"', true),
  ('StringEqualsIgnoreCase', '"ab"', '"aBc"', false),
  ('StringEqualsIgnoreCase', '"a"', NULL, false),
  ('StringNotEqualsIgnoreCase', '"a"', '"A"', false),
  ('StringNotEqualsIgnoreCase', '"a"', '"b"', true),
  ('StringNotEqualsIgnoreCase', '"a"', NULL, true),
  ('StringLike', '"a*"', '"abc"', true),
  ('StringLike', '"a*"', '"a"', true),
  ('StringLike', '"a*"', '"ba"', false),
  ('StringLike', '"*a"', '"ba"', true),
  ('StringLike', '"*"', '""', true),
  ('StringLike', '"*"', '"anything"', true),
  ('StringLike', '"*"', NULL, false),
  ('StringLike', '"a?c"', '"abc"', true),
  ('StringLike', '"a?c"', '"ac"', false),
  ('StringLike', '"a?c"', '"abbc"', false),
  ('StringLike', '"a?c"', '"a€c"', true),
  ('StringLike', '"a??c"', '"a€c"', false),
  ('StringLike', '"?"', '"😀"', true),
  ('StringLike', '"a*b*c"', '"aXbYbZc"', true),
  ('StringLike', '"a*b*c"', '"aXcYb"', false),
  ('StringLike', '"*a*b"', '"aab"', true),
  ('StringLike', '"**"', '"x"', true),
  ('StringLike', '"A*"', '"abc"', false),
  ('StringLike', '"abc"', '"abc"', true),
  ('StringLike', '"a*"', '"a:b/c"', true),
  ('StringLike', '"a*\u0001"', '"ab\u0001"', true),
  ('StringNotLike', '"a*"', '"abc"', false),
  ('StringNotLike', '"a*"', '"bc"', true),
  ('StringNotLike', '["a*", "*c"]', '"bc"', false),
  ('StringNotLike', '"a*"', NULL, true);

-- numbers: what is none equals none
INSERT INTO conditions (operator, value, have, holds) VALUES
  ('NumericEquals', '5', '"5"', true),
  ('NumericEquals', '"5"', '"5.0"', true),
  ('NumericEquals', '5', '"05"', true),
  ('NumericEquals', '5', '"+5"', true),
  ('NumericEquals', '5', '"5e0"', true),
  ('NumericEquals', '5', '"6"', false),
  ('NumericEquals', '5', '"five"', false),
  ('NumericEquals', '5', '"5 "', false),
  ('NumericEquals', '5', '""', false),
  ('NumericEquals', '5', '"0x5"', false),
  ('NumericEquals', '5', NULL, false),
  ('NumericEquals', '[4, 5]', '"5"', true),
  ('NumericEquals', '-1.5', '"-1.50"', true),
  ('NumericEquals', '0', '"-0"', true),
  ('NumericNotEquals', '5', '"5"', false),
  ('NumericNotEquals', '5', '"6"', true),
  ('NumericNotEquals', '5', '"five"', true),
  ('NumericNotEquals', '5', NULL, true),
  ('NumericLessThan', '5', '"4"', true),
  ('NumericLessThan', '5', '"5"', false),
  ('NumericLessThan', '5', '"10"', false),
  ('NumericLessThan', '5', NULL, false),
  ('NumericLessThan', '5', '"inf"', false),
  ('NumericLessThanEquals', '5', '"5"', true),
  ('NumericLessThanEquals', '5', '"5.01"', false),
  ('NumericGreaterThan', '5', '"5"', false),
  ('NumericGreaterThan', '5', '"10"', true),
  ('NumericGreaterThan', '5', '"nan"', false),
  ('NumericGreaterThanEquals', '5', '"5"', true),
  ('NumericGreaterThanEquals', '5', '"4.99"', false),
  ('NumericGreaterThanEquals', '[5, 7]', '"6"', true);

-- dates: ISO 8601, or seconds since 1970
INSERT INTO conditions (operator, value, have, holds) VALUES
  ('DateEquals', '"2026-01-01T00:00:00Z"', '"2026-01-01T00:00:00Z"', true),
  ('DateEquals', '"2026-01-01"', '"2026-01-01T00:00:00Z"', true),
  ('DateEquals', '"2026-01"', '"2026-01-01T00:00Z"', true),
  ('DateEquals', '"2026"', '"2026-01-01T00:00:00.000Z"', true),
  ('DateEquals', '"2026-01-01T01:00:00+01:00"', '"2026-01-01T00:00:00Z"', true),
  ('DateEquals', '"2025-12-31T19:00:00-0500"', '"2026-01-01T00:00:00Z"', true),
  ('DateEquals', '1767225600', '"2026-01-01T00:00:00Z"', true),
  ('DateEquals', '"1767225600"', '"1767225600"', true),
  ('DateEquals', '"2026-01-01T00:00:00.5Z"', '"1767225600.5"', true),
  ('DateEquals', '"2026-01-01T00:00:00Z"', '"2026-01-01T00:00:01Z"', false),
  ('DateEquals', '"2024-02-29"', '"2024-02-29T00:00:00Z"', true),
  ('DateEquals', '"2024-02-29T23:59:60Z"', '"2024-03-01"', true),
  ('DateEquals', '"2026-01-01"', '"tomorrow"', false),
  ('DateEquals', '"2026-01-01"', '"2026-13-01"', false),
  ('DateEquals', '"2026-01-01"', NULL, false),
  ('DateEquals', '"1970-01-01"', '"0"', true),
  ('DateEquals', '"1969-12-31"', '"-86400"', true),
  ('DateEquals', '"2000-03-01"', '"951868800"', true),
  ('DateNotEquals', '"2026-01-01"', '"2026-01-01T00:00:00Z"', false),
  ('DateNotEquals', '"2026-01-01"', '"2026-01-02"', true),
  ('DateNotEquals', '"2026-01-01"', NULL, true),
  ('DateLessThan', '"2026-01-01"', '"2025-12-31T23:59:59.999999Z"', true),
  ('DateLessThan', '"2026-01-01"', '"2026-01-01"', false),
  ('DateLessThanEquals', '"2026-01-01"', '"2026-01-01"', true),
  ('DateLessThanEquals', '"2026-01-01"', '"2026-01-02"', false),
  ('DateGreaterThan', '"2026-01-01"', '"2026-01-01T00:00:00.000001Z"', true),
  ('DateGreaterThan', '"2026-01-01"', '"2026-01-01"', false),
  ('DateGreaterThan', '"2026-01-01"', NULL, false),
  ('DateGreaterThanEquals', '"2026-01-01"', '"2026-01-01"', true),
  ('DateGreaterThanEquals', '"2026-01-01"', '"2025"', false);

-- booleans and bytes
INSERT INTO conditions (operator, value, have, holds) VALUES
  ('Bool', '"true"', '"true"', true),
  ('Bool', 'true', '"true"', true),
  ('Bool', '"true"', 'true', true),
  ('Bool', '"True"', '"tRUE"', true),
  ('Bool', '"false"', '"false"', true),
  ('Bool', '"false"', '"true"', false),
  ('Bool', '"true"', '"yes"', false),
  ('Bool', '"true"', NULL, false),
  ('Bool', '"false"', NULL, false),
  ('Bool', '["true", "false"]', '"true"', true),
  ('BinaryEquals', '"QmluYXJ5"', '"QmluYXJ5"', true),
  ('BinaryEquals', '"QmluYXJ5"', '"Qmlu YXJ5"', false),
  ('BinaryEquals', '"QmluYXJ5"', '"QmluYXJ6"', false),
  ('BinaryEquals', '"QmluYXJ5"', '"Binary!"', false),
  ('BinaryEquals', '""', '""', true),
  ('BinaryEquals', '"QmluYXJ5"', NULL, false);

-- addresses
INSERT INTO conditions (operator, value, have, holds) VALUES
  ('IpAddress', '"10.0.0.0/8"', '"10.1.2.3"', true),
  ('IpAddress', '"10.0.0.0/8"', '"11.1.2.3"', false),
  ('IpAddress', '"10.1.2.3"', '"10.1.2.3"', true),
  ('IpAddress', '"10.1.2.3"', '"10.1.2.4"', false),
  ('IpAddress', '"10.1.2.3/32"', '"10.1.2.3"', true),
  ('IpAddress', '"10.1.2.3/24"', '"10.1.2.99"', true),
  ('IpAddress', '"203.0.113.128/25"', '"203.0.113.127"', false),
  ('IpAddress', '"203.0.113.128/25"', '"203.0.113.128"', true),
  ('IpAddress', '"0.0.0.0/0"', '"192.0.2.1"', true),
  ('IpAddress', '"0.0.0.0/0"', '"2001:db8::1"', false),
  ('IpAddress', '"2001:db8::/32"', '"2001:db8:ffff::1"', true),
  ('IpAddress', '"2001:db8::/33"', '"2001:db8:8000::1"', false),
  ('IpAddress', '"2001:DB8:0:0::1"', '"2001:db8::1"', true),
  ('IpAddress', '"::/0"', '"::1"', true),
  ('IpAddress', '"::ffff:10.0.0.0/104"', '"10.9.9.9"', true),
  ('IpAddress', '"10.0.0.0/8"', '"::ffff:10.1.2.3"', true),
  ('IpAddress', '["192.0.2.0/24", "198.51.100.0/24"]', '"198.51.100.7"', true),
  ('IpAddress', '["192.0.2.0/24", "198.51.100.0/24"]', '"203.0.113.7"', false),
  ('IpAddress', '"10.0.0.0/8"', '"somewhere"', false),
  ('IpAddress', '"10.0.0.0/8"', '"010.1.2.3"', false),
  ('IpAddress', '"10.0.0.0/8"', NULL, false),
  ('IpAddress', '"10.0.0.0/16"', '"10.0.0.0/24"', true),
  ('IpAddress', '"10.0.0.0/16"', '"10.0.0.0/8"', false),
  ('NotIpAddress', '"10.0.0.0/8"', '"10.1.2.3"', false),
  ('NotIpAddress', '"10.0.0.0/8"', '"11.1.2.3"', true),
  ('NotIpAddress', '["10.0.0.0/8", "11.0.0.0/8"]', '"11.1.2.3"', false),
  ('NotIpAddress', '"10.0.0.0/8"', '"somewhere"', true),
  ('NotIpAddress', '"10.0.0.0/8"', NULL, true);

-- ARNs: part by part, and ArnEquals is ArnLike
INSERT INTO conditions (operator, value, have, holds) VALUES
  ('ArnEquals', '"arn:aws:sns:us-east-1:111122223333:topic"', '"arn:aws:sns:us-east-1:111122223333:topic"', true),
  ('ArnEquals', '"arn:aws:sns:us-east-1:111122223333:topic"', '"arn:aws:sns:us-east-1:111122223333:other"', false),
  ('ArnEquals', '"arn:aws:sns:us-east-1:111122223333:t*"', '"arn:aws:sns:us-east-1:111122223333:topic"', true),
  ('ArnEquals', '"arn:aws:sns:*:*:*"', '"arn:aws:sns:us-east-1:111122223333:topic"', true),
  ('ArnEquals', '"arn:aws:sns:*:*:*"', NULL, false),
  ('ArnLike', '"arn:aws:sns:us-*-1:111122223333:topic"', '"arn:aws:sns:us-east-1:111122223333:topic"', true),
  ('ArnLike', '"arn:*:*:*:*:*"', '"arn:aws:s3:::bucket"', true),
  ('ArnLike', '"arn:aws:s3:*:*:bucket"', '"arn:aws:s3:::bucket"', true),
  ('ArnLike', '"arn:aws:s3:*:*:*"', '"arn:aws:s3:::bucket/a:b"', true),
  ('ArnLike', '"arn:aws:s3:::*"', '"arn:aws:s3:eu-west-1::bucket"', false),
  ('ArnLike', '"arn:aws:s*:x:1:topic"', '"arn:aws:sns:a:x:1:topic"', false),
  ('ArnLike', '"arn:aws:sns:us-east-1:11112222333?:topic"', '"arn:aws:sns:us-east-1:111122223333:topic"', true),
  ('ArnLike', '"arn:aws:sns:*:*:*"', '"topic"', false),
  ('ArnLike', '"arn:aws:sns:*:*:*"', '"arn:aws:sns"', false),
  ('ArnLike', '["arn:aws:sns:*:*:a", "arn:aws:sns:*:*:b"]', '"arn:aws:sns:x:1:b"', true),
  ('ArnNotEquals', '"arn:aws:sns:*:*:a"', '"arn:aws:sns:x:1:a"', false),
  ('ArnNotEquals', '"arn:aws:sns:*:*:a"', '"arn:aws:sns:x:1:b"', true),
  ('ArnNotEquals', '"arn:aws:sns:*:*:a"', NULL, true),
  ('ArnNotLike', '"arn:aws:sns:*:*:*"', '"arn:aws:sns:x:1:b"', false),
  ('ArnNotLike', '"arn:aws:sns:*:*:*"', '"arn:aws:sqs:x:1:b"', true),
  ('ArnNotLike', '"arn:aws:sns:*:*:*"', NULL, true);

-- whether there is a key
INSERT INTO conditions (operator, value, have, holds) VALUES
  ('Null', '"true"', NULL, true),
  ('Null', '"true"', '"a"', false),
  ('Null', '"true"', '""', false),
  ('Null', '"true"', '[]', true),
  ('Null', '"false"', NULL, false),
  ('Null', '"false"', '"a"', true),
  ('Null', 'false', '"a"', true),
  ('Null', '["true", "false"]', '"a"', true);

-- IfExists: true where there is no such key, else as without
INSERT INTO conditions (operator, value, have, holds) VALUES
  ('StringEqualsIfExists', '"a"', NULL, true),
  ('StringEqualsIfExists', '"a"', '"a"', true),
  ('StringEqualsIfExists', '"a"', '"b"', false),
  ('StringNotEqualsIfExists', '"a"', NULL, true),
  ('StringNotEqualsIfExists', '"a"', '"a"', false),
  ('StringEqualsIgnoreCaseIfExists', '"a"', NULL, true),
  ('StringEqualsIgnoreCaseIfExists', '"a"', '"b"', false),
  ('StringNotEqualsIgnoreCaseIfExists', '"a"', NULL, true),
  ('StringNotEqualsIgnoreCaseIfExists', '"a"', '"A"', false),
  ('StringLikeIfExists', '"a*"', NULL, true),
  ('StringLikeIfExists', '"a*"', '"b"', false),
  ('StringNotLikeIfExists', '"a*"', NULL, true),
  ('StringNotLikeIfExists', '"a*"', '"a"', false),
  ('NumericEqualsIfExists', '5', NULL, true),
  ('NumericEqualsIfExists', '5', '"6"', false),
  ('NumericNotEqualsIfExists', '5', NULL, true),
  ('NumericLessThanIfExists', '5', NULL, true),
  ('NumericLessThanIfExists', '5', '"6"', false),
  ('NumericLessThanEqualsIfExists', '5', NULL, true),
  ('NumericGreaterThanIfExists', '5', NULL, true),
  ('NumericGreaterThanEqualsIfExists', '5', NULL, true),
  ('DateEqualsIfExists', '"2026"', NULL, true),
  ('DateEqualsIfExists', '"2026"', '"2025"', false),
  ('DateNotEqualsIfExists', '"2026"', NULL, true),
  ('DateLessThanIfExists', '"2026"', NULL, true),
  ('DateLessThanEqualsIfExists', '"2026"', NULL, true),
  ('DateGreaterThanIfExists', '"2026"', NULL, true),
  ('DateGreaterThanEqualsIfExists', '"2026"', NULL, true),
  ('BoolIfExists', '"true"', NULL, true),
  ('BoolIfExists', '"true"', '"false"', false),
  ('BinaryEqualsIfExists', '"QQ=="', NULL, true),
  ('BinaryEqualsIfExists', '"QQ=="', '"Qg=="', false),
  ('IpAddressIfExists', '"10.0.0.0/8"', NULL, true),
  ('IpAddressIfExists', '"10.0.0.0/8"', '"11.0.0.1"', false),
  ('NotIpAddressIfExists', '"10.0.0.0/8"', NULL, true),
  ('ArnEqualsIfExists', '"arn:aws:sns:*:*:*"', NULL, true),
  ('ArnLikeIfExists', '"arn:aws:sns:*:*:*"', NULL, true),
  ('ArnLikeIfExists', '"arn:aws:sns:*:*:*"', '"arn:aws:sqs:x:1:b"', false),
  ('ArnNotEqualsIfExists', '"arn:aws:sns:*:*:*"', NULL, true),
  ('ArnNotLikeIfExists', '"arn:aws:sns:*:*:*"', NULL, true);

-- several values of the request
INSERT INTO conditions (operator, value, have, holds) VALUES
  ('ForAllValues:StringEquals', '["a", "b"]', '["a"]', true),
  ('ForAllValues:StringEquals', '["a", "b"]', '["a", "b"]', true),
  ('ForAllValues:StringEquals', '["a", "b"]', '["a", "c"]', false),
  ('ForAllValues:StringEquals', '["a", "b"]', '[]', true),
  ('ForAllValues:StringEquals', '["a", "b"]', NULL, true),
  ('ForAllValues:StringEquals', '"a"', '"a"', true),
  ('ForAllValues:StringEqualsIfExists', '"a"', NULL, true),
  ('ForAllValues:StringNotEquals', '["a", "b"]', '["c", "d"]', true),
  ('ForAllValues:StringNotEquals', '["a", "b"]', '["c", "a"]', false),
  ('ForAllValues:StringNotEquals', '["a", "b"]', NULL, true),
  ('ForAllValues:StringLike', '["a*", "b*"]', '["a1", "b1"]', true),
  ('ForAllValues:StringLike', '["a*"]', '["a1", "b1"]', false),
  ('ForAllValues:StringNotLike', '["a*"]', '["c1", "b1"]', true),
  ('ForAllValues:StringEqualsIgnoreCase', '"a"', '["a", "A"]', true),
  ('ForAllValues:NumericLessThan', '5', '["1", "2"]', true),
  ('ForAllValues:NumericLessThan', '5', '["1", "7"]', false),
  ('ForAllValues:DateLessThan', '"2026"', '["2025", "2024"]', true),
  ('ForAllValues:Bool', '"true"', '["true", "false"]', false),
  ('ForAllValues:IpAddress', '"10.0.0.0/8"', '["10.0.0.1", "10.0.0.2"]', true),
  ('ForAllValues:NotIpAddress', '"10.0.0.0/8"', '["10.0.0.1", "11.0.0.2"]', false),
  ('ForAllValues:ArnLike', '"arn:aws:sns:*:*:*"', '["arn:aws:sns:x:1:b"]', true),
  ('ForAnyValue:StringEquals', '["a", "b"]', '["a", "c"]', true),
  ('ForAnyValue:StringEquals', '["a", "b"]', '["d", "c"]', false),
  ('ForAnyValue:StringEquals', '["a", "b"]', '[]', false),
  ('ForAnyValue:StringEquals', '["a", "b"]', NULL, false),
  ('ForAnyValue:StringEqualsIfExists', '["a", "b"]', NULL, true),
  ('ForAnyValue:StringNotEquals', '["a", "b"]', '["a", "c"]', true),
  ('ForAnyValue:StringNotEquals', '["a", "b"]', '["a", "b"]', false),
  ('ForAnyValue:StringNotEquals', '["a", "b"]', NULL, false),
  ('ForAnyValue:StringLike', '"a*"', '["x", "a1"]', true),
  ('ForAnyValue:StringNotLike', '"a*"', '["a2", "a1"]', false),
  ('ForAnyValue:NumericGreaterThan', '5', '["1", "7"]', true),
  ('ForAnyValue:DateEquals', '"2026"', '["2025", "2026"]', true),
  ('ForAnyValue:Bool', '"true"', '["false", "true"]', true),
  ('ForAnyValue:BinaryEquals', '"QQ=="', '["Qg==", "QQ=="]', true),
  ('ForAnyValue:IpAddress', '"10.0.0.0/8"', '["11.0.0.1", "10.0.0.2"]', true),
  ('ForAnyValue:NotIpAddress', '"10.0.0.0/8"', '["10.0.0.1", "10.0.0.2"]', false),
  ('ForAnyValue:ArnEquals', '"arn:aws:sns:*:*:*"', '["x", "arn:aws:sns:x:1:b"]', true),
  ('StringEquals', '["a", "b"]', '[]', false),
  ('StringNotEquals', '["a", "b"]', '[]', true);

-- policy variables: what they stand for is no pattern
INSERT INTO conditions (operator, value, have, holds) VALUES
  ('StringEquals', '"${aws:username}"', '"regress_policy_conditions"', true),
  ('StringEquals', '"${AWS:UserName}"', '"regress_policy_conditions"', true),
  ('StringEquals', '"x-${aws:username}-y"', '"x-regress_policy_conditions-y"', true),
  ('StringEquals', '"${aws:username}"', '"${aws:username}"', false),
  ('StringLike', '"*-${aws:username}"', '"a-regress_policy_conditions"', true),
  ('StringLike', '"${aws:pattern}"', '"anything"', false),
  ('StringLike', '"${aws:pattern}"', '"*"', true),
  ('StringLike', '"a${*}"', '"a*"', true),
  ('StringLike', '"a${*}"', '"ab"', false),
  ('StringLike', '"a${?}*"', '"a?b"', true),
  ('StringLike', '"a${?}"', '"ab"', false),
  ('StringEquals', '"${$}{aws:username}"', '"${aws:username}"', true),
  ('StringEquals', '"a${*}"', '"a*"', true),
  ('StringEquals', '"${aws:nothing}"', '""', false),
  ('StringEquals', '"${aws:nothing}"', '"${aws:nothing}"', false),
  ('StringEquals', '"${aws:nothing, ''team''}"', '"team"', true),
  ('StringEquals', '"${aws:username, ''team''}"', '"team"', false),
  ('StringEquals', '"${aws:several}"', '"a"', false),
  ('StringNotEquals', '"${aws:nothing}"', '"a"', true),
  ('ArnLike', '"arn:aws:iam::${aws:PrincipalAccount}:role/*"', '"arn:aws:iam::000000000000:role/x"', true),
  ('ArnEquals', '"${aws:PrincipalArn}"', '"arn:aws:iam::000000000000:role/regress_policy_conditions"', true),
  ('IpAddress', '"10.0.0.0/8"', '"${aws:username}"', false);

CREATE FUNCTION pg_temp.decide(effect text, whose text, operator text, value jsonb, have jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  statement jsonb := jsonb_build_object('Effect', effect, 'Action', 'sqs:SendMessage', 'Resource', '*',
    'Condition', jsonb_build_object(operator, jsonb_build_object('aws:k', value)));
  statements jsonb := jsonb_build_array(statement);
  context jsonb := '{"aws:pattern": "*", "aws:several": ["a", "b"]}';
BEGIN
  IF effect = 'Deny' THEN
    statements := statements || '[{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]';
  END IF;
  IF have IS NOT NULL THEN
    context := context || jsonb_build_object('aws:K', have);
  END IF;
  IF whose = 'queue' THEN
    SELECT jsonb_agg(s || '{"Principal": "*"}') INTO statements FROM jsonb_array_elements(statements) AS s;
    PERFORM sqs_set_queue_attributes('policy-conditions', jsonb_build_object('Policy',
      jsonb_build_object('Version', '2012-10-17', 'Statement', statements)::text));
  ELSE
    PERFORM sqs_set_queue_attributes('policy-conditions', '{"Policy": ""}');
    PERFORM sqs_put_role_policy('regress_policy_conditions', 'conditions',
      jsonb_build_object('Version', '2012-10-17', 'Statement', statements));
  END IF;
  RETURN (SELECT decision FROM sqs_simulate_policy('regress_policy_conditions', 'SendMessage', 'policy-conditions', context));
END
$$;

CREATE TEMP TABLE decisions AS
SELECT whose, effect, n, operator, value, have, pg_temp.decide(effect, whose, operator, value, have) AS decision,
  CASE WHEN effect = 'Allow' THEN CASE WHEN holds THEN 'allowed' ELSE 'implicitDeny' END
       ELSE CASE WHEN holds THEN 'explicitDeny' ELSE 'allowed' END END AS expected
FROM unnest(ARRAY['queue']) AS whose, unnest(ARRAY['Allow', 'Deny']) AS effect, conditions;
INSERT INTO decisions
SELECT whose, effect, n, operator, value, have, pg_temp.decide(effect, whose, operator, value, have),
  CASE WHEN effect = 'Allow' THEN CASE WHEN holds THEN 'allowed' ELSE 'implicitDeny' END
       ELSE CASE WHEN holds THEN 'explicitDeny' ELSE 'allowed' END END
FROM unnest(ARRAY['role']) AS whose, unnest(ARRAY['Allow', 'Deny']) AS effect, conditions;
SELECT count(*) AS cases FROM conditions;
SELECT whose, effect, operator, value, have, decision, expected
FROM decisions WHERE decision IS DISTINCT FROM expected ORDER BY whose, effect, n;
-- each operator is among them
SELECT count(DISTINCT regexp_replace(operator, '^For(All|Any)Values?:|IfExists$', '', 'g')) AS operators FROM conditions;

-- in the older version of the language a variable is a text
SELECT sqs_delete_role_policy('regress_policy_conditions', 'conditions');
CREATE FUNCTION pg_temp.by_version(version text) RETURNS text LANGUAGE sql AS $$
  SELECT sqs_set_queue_attributes('policy-conditions', jsonb_build_object('Policy', jsonb_build_object('Version', version,
    'Statement', '{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*",
                   "Condition": {"StringEquals": {"aws:k": "${aws:username}"}}}'::jsonb)::text));
  SELECT decision FROM sqs_simulate_policy('regress_policy_conditions', 'SendMessage', 'policy-conditions',
    '{"aws:k": "${aws:username}"}');
$$;
SELECT pg_temp.by_version('2008-10-17');
SELECT pg_temp.by_version('2012-10-17');

-- several keys, and several operators, must all hold
CREATE FUNCTION pg_temp.all_of(condition jsonb, context jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT sqs_set_queue_attributes('policy-conditions', jsonb_build_object('Policy', jsonb_build_object('Version', '2012-10-17',
    'Statement', jsonb_build_object('Effect', 'Allow', 'Principal', '*', 'Action', 'sqs:*', 'Resource', '*', 'Condition', condition))::text));
  SELECT decision FROM sqs_simulate_policy('regress_policy_conditions', 'SendMessage', 'policy-conditions', context);
$$;
SELECT pg_temp.all_of('{"StringEquals": {"aws:a": "1", "aws:b": "2"}}', '{"aws:a": "1", "aws:b": "2"}');
SELECT pg_temp.all_of('{"StringEquals": {"aws:a": "1", "aws:b": "2"}}', '{"aws:a": "1", "aws:b": "3"}');
SELECT pg_temp.all_of('{"StringEquals": {"aws:a": "1"}, "NumericLessThan": {"aws:b": 5}}', '{"aws:a": "1", "aws:b": "2"}');
SELECT pg_temp.all_of('{"StringEquals": {"aws:a": "1"}, "NumericLessThan": {"aws:b": 5}}', '{"aws:a": "1", "aws:b": "6"}');
SELECT pg_temp.all_of('{"StringEquals": {"aws:a": "1"}, "StringNotEquals": {"aws:a": "1"}}', '{"aws:a": "1"}');
SELECT pg_temp.all_of('{}', '{}');
SELECT pg_temp.all_of('{"StringEquals": {}}', '{}');

SELECT sqs_delete_queue('policy-conditions');
DROP ROLE regress_policy_conditions;
