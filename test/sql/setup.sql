--
-- Promises: CREATE EXTENSION puts the calls and the type sqs_message where it
-- is told to and everything internal into schema queue; it cannot be moved
-- afterwards; nobody but a superuser installs it.  The columns of its tables
-- and types have the numbers that the C code knows them by.
--
CREATE SCHEMA elsewhere;
CREATE EXTENSION queue SCHEMA elsewhere;
SELECT n.nspname, count(*) > 0 AS has_calls
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE p.proname ~ '^sqs_'
GROUP BY n.nspname
ORDER BY n.nspname;
SELECT elsewhere.sqs_create_queue('elsewhere');
SELECT elsewhere.sqs_send('elsewhere', 'a') IS NOT NULL AS sent;
SELECT (elsewhere.sqs_pop('elsewhere')).body;
ALTER EXTENSION queue SET SCHEMA public;
-- a table of messages stops a careless DROP EXTENSION
DROP EXTENSION queue;
SET client_min_messages = warning;
DROP EXTENSION queue CASCADE;
RESET client_min_messages;
SELECT count(*) AS left_over FROM pg_namespace WHERE nspname = 'queue';
DROP SCHEMA elsewhere;

CREATE ROLE regress_queue_installer;
SET ROLE regress_queue_installer;
CREATE EXTENSION queue;
RESET ROLE;
DROP ROLE regress_queue_installer;

CREATE EXTENSION queue;
SELECT e.extname, e.extversion, n.nspname, e.extrelocatable
FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
WHERE e.extname = 'queue';
CREATE EXTENSION queue;
-- \dx+, without the types that belong to tables
SELECT pg_describe_object(classid, objid, 0) AS member
FROM pg_depend
WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
  AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'queue')
  AND (classid <> 'pg_type'::regclass OR
       EXISTS (SELECT FROM pg_type AS t JOIN pg_class AS c ON c.oid = t.typrelid AND c.relkind = 'c'
               WHERE t.oid = objid))
ORDER BY 1;

-- what pg_dump has to take along
SELECT unnest(extconfig)::regclass::text COLLATE "C" AS configuration
FROM pg_extension
WHERE extname = 'queue'
ORDER BY configuration;

-- numbers of columns: catalog.h and message.h say the same, in this order
SELECT c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS nn
FROM pg_attribute AS a
  JOIN pg_class AS c ON c.oid = a.attrelid
WHERE a.attrelid IN ('queue.message'::regclass, 'queue.queues'::regclass,
                     'queue.deleted_queues'::regclass, 'queue.tags'::regclass, 'queue.message_move_tasks'::regclass,
                     'queue.access_keys'::regclass, 'queue.event_source_mappings'::regclass,
                     'sqs_message'::regclass)
  AND a.attnum > 0
ORDER BY c.relname COLLATE "C", a.attnum;

-- a queue's own table has the columns of its type, dropped ones included
SELECT sqs_create_queue('setup');
SELECT count(*) AS columns, bool_and(t.attname = m.attname AND t.atttypid = m.atttypid) AS same
FROM pg_attribute AS t
  JOIN pg_attribute AS m ON m.attrelid = 'queue.message'::regclass AND m.attnum = t.attnum
WHERE t.attnum > 0
  AND t.attrelid = (SELECT format('queue.messages_%s_1', queue_id)::regclass
                    FROM queue.queues WHERE queue_name = 'setup');
-- it is no member of the extension, but goes with it
SELECT deptype, count(*)
FROM pg_depend
WHERE classid = 'pg_class'::regclass
  AND objid = (SELECT format('queue.messages_%s_1', queue_id)::regclass
               FROM queue.queues WHERE queue_name = 'setup')
  AND refobjid IN ('queue.message'::regtype, (SELECT oid FROM pg_extension WHERE extname = 'queue'))
GROUP BY deptype
ORDER BY deptype;
-- one index, on what no receive changes; room on each page; not cut off by vacuum
SELECT indexdef ~ 'UNIQUE INDEX [^ ]+ ON queue.messages_[0-9]+_1 USING btree \(id\)$' AS one_index
FROM pg_indexes
WHERE schemaname = 'queue'
  AND tablename = (SELECT format('messages_%s_1', queue_id) FROM queue.queues WHERE queue_name = 'setup');
SELECT unnest(reloptions) AS option
FROM pg_class
WHERE oid = (SELECT format('queue.messages_%s_1', queue_id)::regclass
             FROM queue.queues WHERE queue_name = 'setup')
ORDER BY 1;
SELECT sqs_delete_queue('setup');

-- settings: documented, with a unit, and none that we do not know
SELECT name, setting, unit, context, min_val, max_val
FROM pg_settings
WHERE name LIKE 'queue.%'
ORDER BY name COLLATE "C";
SELECT count(*) AS without_description
FROM pg_settings
WHERE name LIKE 'queue.%' AND coalesce(short_desc, '') = '';
SET queue.no_such_setting = 1;
SET queue.account_id = '123456789012';
