--
-- Promises: every call, view, type and table says in a COMMENT what it is;
-- every function is declared as what it is: in C, never parallel safe, never
-- SECURITY DEFINER, without settings of its own, and not executable by
-- everybody where it belongs to the worker.
--
SELECT pg_describe_object(d.classid, d.objid, 0) AS without_comment
FROM pg_depend AS d
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'queue')
  -- without the types that belong to tables
  AND (d.classid <> 'pg_type'::regclass OR
       EXISTS (SELECT FROM pg_type AS t JOIN pg_class AS c ON c.oid = t.typrelid AND c.relkind = 'c'
               WHERE t.oid = d.objid))
  AND coalesce(obj_description(d.objid, (SELECT c.relname FROM pg_class AS c WHERE c.oid = d.classid)), '') = ''
ORDER BY 1;

SELECT p.oid::regprocedure AS function, l.lanname, p.prokind, p.provolatile AS volatile,
       p.proparallel AS parallel, p.proisstrict AS strict, p.prosecdef AS definer, p.proretset AS setof
FROM pg_proc AS p
  JOIN pg_language AS l ON l.oid = p.prolang
  JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
  JOIN pg_extension AS e ON d.refobjid = e.oid AND e.extname = 'queue'
ORDER BY p.oid::regprocedure::text COLLATE "C";

SELECT count(*) AS wrong
FROM pg_proc AS p
  JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
  JOIN pg_extension AS e ON d.refobjid = e.oid AND e.extname = 'queue'
WHERE p.proparallel = 's' OR p.prosecdef OR p.proconfig IS NOT NULL;

-- who may call, look and change
SELECT p.oid::regprocedure AS not_for_public
FROM pg_proc AS p
  JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
  JOIN pg_extension AS e ON d.refobjid = e.oid AND e.extname = 'queue'
WHERE NOT has_function_privilege('public', p.oid, 'execute')
ORDER BY 1;
SELECT c.oid::regclass AS relation, has_table_privilege('public', c.oid, 'select') AS public_select,
       has_table_privilege('public', c.oid, 'insert, update, delete, truncate') AS public_change
FROM pg_class AS c
  JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
  JOIN pg_extension AS e ON d.refobjid = e.oid AND e.extname = 'queue'
WHERE c.relkind IN ('r', 'v')
ORDER BY c.oid::regclass::text COLLATE "C";
SELECT has_schema_privilege('public', 'queue', 'usage') AS usage,
       has_schema_privilege('public', 'queue', 'create') AS create;
