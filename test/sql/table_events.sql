--
-- Promises: a queue's policy can let one table send to it, whoever changes the
-- table: a trigger is a service with the table's ARN.  Nothing else that the role
-- does becomes possible by it, and no other table can pass for that one.
--
\pset format unaligned
\pset null (null)
CREATE ROLE regress_events_owner;
CREATE ROLE regress_events_clerk;
GRANT CREATE ON SCHEMA queue TO regress_events_owner;
SET ROLE regress_events_owner;
SELECT sqs_create_queue('events') IS NOT NULL AS created;
RESET ROLE;

CREATE SCHEMA regress_events;
CREATE SCHEMA "regress_events/orders";
GRANT USAGE ON SCHEMA regress_events, "regress_events/orders" TO regress_events_clerk;
CREATE TABLE regress_events.orders (id int);
CREATE TABLE regress_events.bills (id int);
CREATE TABLE regress_events."a/b:*" (id int);
CREATE TABLE "regress_events/orders".x (id int);
CREATE TABLE regress_events."orders/x" (id int);
CREATE FUNCTION pg_temp.watch(r regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER send AFTER INSERT ON %s FOR EACH ROW EXECUTE FUNCTION sqs_enqueue(''events'')', r);
  EXECUTE format('GRANT INSERT ON %s TO regress_events_clerk', r);
END $$;
SELECT count(pg_temp.watch(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text LIKE '%regress_events%';

-- of the table in ARN form, in this database
CREATE FUNCTION pg_temp.allow(tables text, extra jsonb DEFAULT '{}') RETURNS void LANGUAGE sql AS $$
  SELECT sqs_set_queue_attributes('events', jsonb_build_object('Policy', jsonb_build_object('Version', '2012-10-17', 'Statement', jsonb_build_array(
    jsonb_build_object('Effect', 'Allow', 'Principal', '{"Service": "trigger.postgresql.org"}'::jsonb, 'Action', 'sqs:SendMessage', 'Resource', '*',
      'Condition', jsonb_build_object('ArnLike', jsonb_build_object('aws:SourceArn',
        'arn:aws:postgresql:us-east-1:000000000000:table/' || current_database() || '/' || tables)) || extra)))::text));
$$;
CREATE FUNCTION pg_temp.try(command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE command;
  RETURN 'sent';
EXCEPTION WHEN insufficient_privilege THEN
  RETURN SQLERRM;
END $$;

-- without a policy, as ever
SET ROLE regress_events_clerk;
INSERT INTO regress_events.orders VALUES (0);
RESET ROLE;

SELECT pg_temp.allow('regress_events/orders');
SET ROLE regress_events_clerk;
INSERT INTO regress_events.orders VALUES (1), (2);
SELECT pg_temp.try(command) FROM unnest(ARRAY['INSERT INTO regress_events.bills VALUES (1)', 'INSERT INTO regress_events."a/b:*" VALUES (1)',
  'INSERT INTO "regress_events/orders".x VALUES (1)', $$SELECT sqs_send('events', 'x')$$, $$SELECT * FROM sqs_receive('events')$$]) AS command;
RESET ROLE;
SELECT body::jsonb->'table' AS "table", body::jsonb->'new' AS new FROM sqs_pop('events', 10);

-- names that look like two, and patterns
SELECT pg_temp.allow('regress_events%2Forders/x');
SET ROLE regress_events_clerk;
SELECT pg_temp.try(command) FROM unnest(ARRAY['INSERT INTO "regress_events/orders".x VALUES (1)', 'INSERT INTO regress_events."orders/x" VALUES (1)']) AS command;
RESET ROLE;
SELECT pg_temp.allow('regress_events/a%2Fb%3A%2A');
SET ROLE regress_events_clerk;
SELECT pg_temp.try('INSERT INTO regress_events."a/b:*" VALUES (1)');
RESET ROLE;
SELECT pg_temp.allow('regress_events/*');
SET ROLE regress_events_clerk;
SELECT pg_temp.try(command) FROM unnest(ARRAY['INSERT INTO "regress_events/orders".x VALUES (1)', 'INSERT INTO regress_events."orders/x" VALUES (1)',
  'INSERT INTO regress_events.bills VALUES (1)']) AS command;
RESET ROLE;

-- the other keys of such a request
SELECT pg_temp.allow('regress_events/orders', '{"StringEquals": {"aws:SourceAccount": "000000000000",
  "aws:PrincipalServiceName": "trigger.postgresql.org"}, "Bool": {"aws:PrincipalIsAWSService": "true", "aws:SecureTransport": "true"},
  "Null": {"aws:SourceIp": "true", "aws:UserAgent": "true", "aws:PrincipalArn": "true", "aws:username": "true", "aws:userid": "true"}}');
SET ROLE regress_events_clerk;
SELECT pg_temp.try('INSERT INTO regress_events.orders VALUES (3)');
RESET ROLE;
SELECT pg_temp.allow('regress_events/orders', '{"StringEquals": {"aws:SourceAccount": "000000000001"}}');
SET ROLE regress_events_clerk;
SELECT pg_temp.try('INSERT INTO regress_events.orders VALUES (3)');
RESET ROLE;

-- what is denied to everybody is denied to services; what is denied to a role is not
SELECT sqs_set_queue_attributes('events', jsonb_build_object('Policy', $${"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": {"Service": "trigger.postgresql.org"}, "Action": "sqs:SendMessage", "Resource": "*"},
  {"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::000000000000:role/regress_events_clerk"}, "Action": "sqs:*", "Resource": "*"}]}$$::text));
SET ROLE regress_events_clerk;
SELECT pg_temp.try('INSERT INTO regress_events.orders VALUES (4)'), pg_temp.try($$SELECT sqs_send('events', 'x')$$);
RESET ROLE;
SELECT sqs_set_queue_attributes('events', jsonb_build_object('Policy', $${"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": {"Service": "trigger.postgresql.org"}, "Action": "sqs:SendMessage", "Resource": "*"},
  {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]}$$::text));
SET ROLE regress_events_clerk;
SELECT pg_temp.try('INSERT INTO regress_events.orders VALUES (4)');
RESET ROLE;
SELECT body::jsonb->'table' AS "table", body::jsonb->'new' AS new FROM sqs_pop('events', 10);

SET client_min_messages = warning;
DROP SCHEMA regress_events, "regress_events/orders" CASCADE;
SELECT sqs_delete_queue('events');
SET queue.recreate_delay = 0;
SELECT queue.sweep();
DROP OWNED BY regress_events_owner, regress_events_clerk;
DROP ROLE regress_events_owner, regress_events_clerk;
