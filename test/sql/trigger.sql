--
-- Promises: sqs_enqueue() sends each row that a statement changes, once, as a
-- JSON document with the row's values after and before; by row or by statement,
-- with the columns and the message group that were asked for; if, and only if,
-- the change is committed.  Where it cannot work it says why.
--
\pset null '(null)'
SELECT sqs_create_queue('trigger') IS NOT NULL AS created;

-- takes the messages; the time apart, which differs from run to run
CREATE FUNCTION pg_temp.taken() RETURNS TABLE (operation text, document jsonb, message_group_id text)
LANGUAGE sql AS $$
  SELECT body::jsonb ->> 'operation', body::jsonb - 'operation' - 'at', message_group_id
  FROM sqs_pop('trigger', 100)
  ORDER BY sent_at, body::jsonb - 'at'
$$;

CREATE SCHEMA shop;
CREATE TABLE shop."Orders" (
  id int PRIMARY KEY,
  old_price numeric,
  "Customer Id" text,
  price numeric(10, 2),
  total numeric GENERATED ALWAYS AS (price * 2) STORED,
  items jsonb);
ALTER TABLE shop."Orders" DROP old_price;

--
-- by row
--
CREATE TRIGGER send AFTER INSERT OR UPDATE OR DELETE ON shop."Orders"
  FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('trigger');
INSERT INTO shop."Orders" VALUES (1, 'a "quoted" name', 1.5, DEFAULT, '{"n": [1, 2]}');
SELECT * FROM pg_temp.taken();
UPDATE shop."Orders" SET price = NULL;
SELECT * FROM pg_temp.taken();
DELETE FROM shop."Orders";
SELECT * FROM pg_temp.taken();

-- the document as it is: members in this order, the time in UTC
SET TimeZone = 'Asia/Tokyo';
INSERT INTO shop."Orders" VALUES (2, 'x', 1);
SELECT regexp_replace(body, '"at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00"', '"at":(time)') AS body,
       abs(extract(epoch FROM (body::jsonb ->> 'at')::timestamptz - clock_timestamp())) < 60 AS now
FROM sqs_pop('trigger');
RESET TimeZone;

-- several rows, an upsert, and a change that is rolled back
INSERT INTO shop."Orders" VALUES (3, 'y', 2), (2, 'x', 1), (4, 'z', 3)
  ON CONFLICT (id) DO UPDATE SET price = 7;
SELECT operation, document -> 'new' ->> 'id' AS id, document -> 'new' ->> 'price' AS price,
       document -> 'old' ->> 'price' AS old_price
FROM pg_temp.taken() ORDER BY id;
BEGIN;
DELETE FROM shop."Orders";
ROLLBACK;
SELECT * FROM pg_temp.taken();
BEGIN;
SAVEPOINT s;
UPDATE shop."Orders" SET price = 8 WHERE id = 3;
ROLLBACK TO s;
UPDATE shop."Orders" SET price = 9 WHERE id = 4;
COMMIT;
SELECT operation, document -> 'new' ->> 'id' AS id FROM pg_temp.taken();
DROP TRIGGER send ON shop."Orders";

-- at the end of the transaction
CREATE CONSTRAINT TRIGGER send AFTER UPDATE ON shop."Orders" DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('trigger', 'price');
BEGIN;
UPDATE shop."Orders" SET price = 10 WHERE id = 4;
SELECT count(*) AS before_commit FROM sqs_peek('trigger');
COMMIT;
SELECT document FROM pg_temp.taken();
DROP TRIGGER send ON shop."Orders";

--
-- columns, and the message group
--
CREATE TRIGGER send AFTER INSERT OR UPDATE OR DELETE ON shop."Orders"
  FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('trigger', 'Total, "Customer Id",id', '"Customer Id"');
INSERT INTO shop."Orders" VALUES (5, 'tenant-1', 5);
UPDATE shop."Orders" SET "Customer Id" = 'tenant-2' WHERE id = 5;
SELECT * FROM pg_temp.taken();
UPDATE shop."Orders" SET "Customer Id" = NULL WHERE id = 5;
SELECT * FROM pg_temp.taken();
DELETE FROM shop."Orders" WHERE id IN (3, 5);
SELECT * FROM pg_temp.taken();
INSERT INTO shop."Orders" VALUES (6, 'tenant 1', 5);
\echo :SQLSTATE
DROP TRIGGER send ON shop."Orders";

CREATE TRIGGER send AFTER DELETE ON shop."Orders"
  FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('trigger', '*', 'id');
DELETE FROM shop."Orders" WHERE id = 4;
SELECT * FROM pg_temp.taken();
DROP TRIGGER send ON shop."Orders";

--
-- by statement
--
CREATE TABLE shop.parts (id int, name text);
CREATE TRIGGER inserted AFTER INSERT ON shop.parts REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION sqs_enqueue('trigger', '', 'name');
CREATE TRIGGER updated AFTER UPDATE ON shop.parts REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION sqs_enqueue('trigger');
CREATE TRIGGER deleted AFTER DELETE ON shop.parts REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION sqs_enqueue('trigger', 'name', 'name');
INSERT INTO shop.parts VALUES (1, 'bolt'), (2, 'nut'), (3, NULL);
SELECT * FROM pg_temp.taken() ORDER BY document -> 'new' ->> 'id';
UPDATE shop.parts SET id = id + 10 WHERE id < 3;
SELECT * FROM pg_temp.taken() ORDER BY document -> 'new' ->> 'id';
DELETE FROM shop.parts WHERE id <> 3;
SELECT * FROM pg_temp.taken() ORDER BY document -> 'old' ->> 'name';
UPDATE shop.parts SET name = 'x' WHERE false;
SELECT * FROM pg_temp.taken();
DROP TRIGGER updated ON shop.parts;

-- one transition table of an UPDATE
CREATE TRIGGER updated AFTER UPDATE ON shop.parts REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION sqs_enqueue('trigger');
UPDATE shop.parts SET name = 'screw';
SELECT * FROM pg_temp.taken();
DROP TRIGGER updated ON shop.parts;

-- more rows than are sent at a time, more than memory holds, beside another
-- reader of the same tables
CREATE FUNCTION shop.count_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE NOTICE '% new rows, % old rows', (SELECT count(*) FROM new_rows), (SELECT count(*) FROM old_rows);
  RETURN NULL;
END
$$;
CREATE TRIGGER a_reader AFTER UPDATE ON shop.parts REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION shop.count_rows();
CREATE TRIGGER updated AFTER UPDATE ON shop.parts REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION sqs_enqueue('trigger');
CREATE TRIGGER z_reader AFTER UPDATE ON shop.parts REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION shop.count_rows();
SET work_mem = '64kB';
DELETE FROM shop.parts;
ALTER TABLE shop.parts DISABLE TRIGGER inserted;
INSERT INTO shop.parts SELECT n, repeat('x', 3000) FROM generate_series(1, 2500) AS n;
SELECT count(*) AS sent FROM sqs_pop('trigger', 10000);
UPDATE shop.parts SET id = -id;
RESET work_mem;
SELECT count(*) AS messages, count(DISTINCT document -> 'new' ->> 'id') AS rows,
       bool_and((document -> 'new' ->> 'id')::int = -(document -> 'old' ->> 'id')::int) AS paired
FROM (SELECT body::jsonb AS document FROM sqs_pop('trigger', 10000)) AS m;

-- partitions: by row it is the partition's, by statement the table's
CREATE TABLE shop.places (id int, name text) PARTITION BY LIST (id);
CREATE TABLE shop.places_1 PARTITION OF shop.places FOR VALUES IN (1);
CREATE TABLE shop.places_2 (name text, id int);
ALTER TABLE shop.places ATTACH PARTITION shop.places_2 FOR VALUES IN (2);
CREATE TRIGGER send AFTER INSERT ON shop.places
  FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('trigger');
CREATE TRIGGER updated AFTER UPDATE ON shop.places REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION sqs_enqueue('trigger');
INSERT INTO shop.places VALUES (1, 'here'), (2, 'there');
SELECT * FROM pg_temp.taken() ORDER BY document ->> 'table';
ALTER TABLE shop.places DISABLE TRIGGER send;
UPDATE shop.places SET id = 3 - id;
SELECT * FROM pg_temp.taken() ORDER BY document -> 'new' ->> 'id';
CREATE FUNCTION shop.drop_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER drop_row BEFORE INSERT ON shop.places_2
  FOR EACH ROW EXECUTE FUNCTION shop.drop_row();
UPDATE shop.places SET id = 3 - id;
\echo :SQLSTATE

--
-- rights: those of the role that changes the row
--
CREATE ROLE regress_queue_clerk;
GRANT USAGE ON SCHEMA shop TO regress_queue_clerk;
CREATE TABLE shop.sales (id int);
GRANT INSERT ON shop.sales TO regress_queue_clerk;
CREATE TRIGGER send AFTER INSERT ON shop.sales
  FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('trigger');
SET ROLE regress_queue_clerk;
INSERT INTO shop.sales VALUES (1);
\echo :SQLSTATE
RESET ROLE;
SELECT count(*) AS sales FROM shop.sales;
REVOKE ALL ON SCHEMA shop FROM regress_queue_clerk;
REVOKE ALL ON shop.sales FROM regress_queue_clerk;
DROP ROLE regress_queue_clerk;

--
-- what cannot work
--
CREATE TABLE shop.wrong (id int, "Capital" int);

SELECT sqs_enqueue();
\echo :SQLSTATE

CREATE TRIGGER send BEFORE INSERT ON shop.wrong
  FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('trigger');
INSERT INTO shop.wrong VALUES (1);
\echo :SQLSTATE
DROP TRIGGER send ON shop.wrong;

CREATE TRIGGER send AFTER TRUNCATE ON shop.wrong
  FOR EACH STATEMENT EXECUTE FUNCTION sqs_enqueue('trigger');
TRUNCATE shop.wrong;
\echo :SQLSTATE
DROP TRIGGER send ON shop.wrong;

CREATE VIEW shop.wrong_view AS SELECT * FROM shop.wrong;
CREATE TRIGGER send INSTEAD OF INSERT ON shop.wrong_view
  FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('trigger');
INSERT INTO shop.wrong_view VALUES (1);
\echo :SQLSTATE
DROP VIEW shop.wrong_view;

CREATE TRIGGER send AFTER INSERT ON shop.wrong
  FOR EACH STATEMENT EXECUTE FUNCTION sqs_enqueue('trigger');
INSERT INTO shop.wrong VALUES (1);
\echo :SQLSTATE
DROP TRIGGER send ON shop.wrong;

CREATE TRIGGER send AFTER INSERT ON shop.wrong
  FOR EACH ROW EXECUTE FUNCTION sqs_enqueue();
INSERT INTO shop.wrong VALUES (1);
\echo :SQLSTATE
DROP TRIGGER send ON shop.wrong;

CREATE TRIGGER send AFTER INSERT ON shop.wrong
  FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('no-such-queue');
INSERT INTO shop.wrong VALUES (1);
\echo :SQLSTATE
DROP TRIGGER send ON shop.wrong;

CREATE TRIGGER send AFTER INSERT ON shop.wrong
  FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('trigger', 'id, Capital');
INSERT INTO shop.wrong VALUES (1);
\echo :SQLSTATE
DROP TRIGGER send ON shop.wrong;

CREATE TRIGGER send AFTER INSERT ON shop.wrong
  FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('trigger', 'id, id');
INSERT INTO shop.wrong VALUES (1);
\echo :SQLSTATE
DROP TRIGGER send ON shop.wrong;

CREATE TRIGGER send AFTER INSERT ON shop.wrong
  FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('trigger', 'id; name');
INSERT INTO shop.wrong VALUES (1);
\echo :SQLSTATE
DROP TRIGGER send ON shop.wrong;

CREATE TRIGGER send AFTER INSERT ON shop.wrong
  FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('trigger', '*', 'id, "Capital"');
INSERT INTO shop.wrong VALUES (1);
\echo :SQLSTATE
DROP TRIGGER send ON shop.wrong;

-- a document that is too large
SELECT sqs_set_queue_attributes('trigger', '{"MaximumMessageSize": 1024}');
CREATE TRIGGER send AFTER UPDATE ON shop.parts
  FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('trigger');
UPDATE shop.parts SET name = repeat('x', 2000) WHERE id = -1;
\echo :SQLSTATE

-- a queue that is gone
SELECT sqs_delete_queue('trigger');
UPDATE shop.parts SET name = 'x' WHERE id = -1;
\echo :SQLSTATE

SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
