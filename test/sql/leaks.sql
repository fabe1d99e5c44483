--
-- Promises: nothing that a role without rights can read shows a body, an attribute,
-- a group, a tag, a handle or a policy of another's queue, nor to a member of the
-- owner to which a policy denies it; and nothing that it puts
-- into schemas of somebody else's search_path is called by the extension.
--
\pset format unaligned
\pset null (null)
CREATE ROLE regress_leaks_owner;
CREATE ROLE regress_leaks_spy;
CREATE ROLE regress_leaks_denied IN ROLE regress_leaks_owner;
SELECT sqs_put_role_policy('regress_leaks_denied', 'all', '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}}');
GRANT CREATE ON SCHEMA queue TO regress_leaks_owner;

-- the secret is in no statement, or pg_stat_activity would rightly show it to whom
-- the session belongs
CREATE FUNCTION pg_temp.secret() RETURNS text LANGUAGE sql AS $$SELECT pg_catalog.md5('leaks')$$;
SET ROLE regress_leaks_owner;
SELECT sqs_create_queue('leaks', jsonb_build_object('Policy', format('{"Version": "2012-10-17", "Statement": {"Sid": "%s", "Effect": "Allow", "Principal": {"AWS": "000000000009"}, "Action": "sqs:SendMessage", "Resource": "*"}}', pg_temp.secret())),
  jsonb_build_object('tag', pg_temp.secret())) IS NOT NULL AS created;
SELECT count(sqs_send('leaks', pg_temp.secret(), message_attributes => jsonb_build_object('a', pg_temp.secret()), message_group_id => pg_temp.secret()))
FROM generate_series(1, 500);
RESET ROLE;
CREATE TEMP TABLE handles AS SELECT receipt_handle FROM sqs_receive('leaks', 2, 600);
SELECT format('queue.messages_%s_1', queue_id) AS messages FROM queue.queues WHERE queue_name = 'leaks' \gset
ANALYZE :messages;
ANALYZE queue.queues;
SELECT count(*) > 0 AS known_to_statistics FROM pg_stats WHERE schemaname = 'queue' AND most_common_vals::text LIKE '%' || pg_temp.secret() || '%';

-- every relation that a role can read
CREATE FUNCTION pg_temp.look(role text, secrets text[]) RETURNS TABLE (relation text, shown boolean) LANGUAGE plpgsql AS $$
DECLARE
  columns text;
BEGIN
  FOR relation, columns IN
    SELECT c.oid::regclass::text,
           (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
            WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND has_column_privilege(look.role, c.oid, attnum, 'select'))
    FROM pg_class AS c
    WHERE c.relkind IN ('r', 'v', 'm', 'S', 'p', 'f') AND c.relpersistence <> 't'
      AND has_any_column_privilege(look.role, c.oid, 'select')
      AND has_schema_privilege(look.role, c.relnamespace, 'usage')
    ORDER BY 1
  LOOP
    PERFORM set_config('role', look.role, true);
    BEGIN
      EXECUTE format('SELECT EXISTS (SELECT FROM (SELECT %s FROM %s) AS r WHERE r::text LIKE ANY (SELECT ''%%'' || s || ''%%'' FROM unnest($1) AS s))', columns, relation)
      INTO shown USING secrets;
    EXCEPTION WHEN insufficient_privilege OR undefined_table THEN
      shown := false;           -- a view of what it cannot read; dropped meanwhile
    END;
    PERFORM set_config('role', 'none', true);
    RETURN NEXT;
  END LOOP;
END $$;
SELECT role, count(shown) > 100 AS looked, coalesce(string_agg(relation, ', ') FILTER (WHERE shown), 'nowhere') AS shown
FROM (SELECT array_agg(receipt_handle) || pg_temp.secret() AS secrets FROM handles) AS s,
  unnest(ARRAY['regress_leaks_spy', 'regress_leaks_denied']) AS role, pg_temp.look(role, secrets)
GROUP BY role ORDER BY role;
-- the same search finds it where it is
SELECT string_agg(regexp_replace(relation, '_[0-9]+_', '_N_'), ', ' ORDER BY relation COLLATE "C") AS shown
FROM pg_temp.look(session_user::text, ARRAY[pg_temp.secret()]) WHERE shown;

-- errors do not quote what they are about
CREATE FUNCTION pg_temp.said(call text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  message text;
  detail text;
  hint text;
BEGIN
  EXECUTE replace(call, '#', quote_literal(pg_temp.secret()));
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN concat(message, detail, hint) LIKE '%' || pg_temp.secret() || '%';
END $$;
SELECT call, pg_temp.said(call) AS quoted FROM unnest(ARRAY[
  $$select sqs_send('leaks', # || chr(1))$$, $$select sqs_send('leaks', repeat(#, 100000))$$,
  $$select sqs_send('leaks', 'x', message_attributes => jsonb_build_object('a', jsonb_build_object('DataType', 'Number', 'StringValue', #)))$$,
  $$select sqs_delete('leaks', #)$$, $$select sqs_delete_batch('leaks', array[#])$$, $$select sqs_change_visibility('leaks', #, 1)$$,
  $$select sqs_receive('none', 1)$$]) AS call;

-- what shadows operators, functions and types is not used
CREATE SCHEMA regress_leaks_evil AUTHORIZATION regress_leaks_spy;
SET ROLE regress_leaks_spy;
CREATE FUNCTION regress_leaks_evil.caught() RETURNS void LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'caught'; END$$;
DO $$
DECLARE
  types regtype[] := '{text,int4,int8,oid,uuid,jsonb,timestamptz,bool,name,float8,interval,regclass}';
  o pg_operator;
  p pg_proc;
BEGIN
  FOR o IN SELECT * FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace AND oprkind = 'b' AND oprleft = ANY (types) AND oprright = ANY (types) LOOP
    EXECUTE format('CREATE FUNCTION regress_leaks_evil.op_%s(%s, %s) RETURNS %s LANGUAGE plpgsql AS $f$BEGIN PERFORM regress_leaks_evil.caught(); END$f$',
                   o.oid, o.oprleft::regtype, o.oprright::regtype, o.oprresult::regtype);
    EXECUTE format('CREATE OPERATOR regress_leaks_evil.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = regress_leaks_evil.op_%s)',
                   o.oprname, o.oprleft::regtype, o.oprright::regtype, o.oid);
  END LOOP;
  FOR p IN SELECT * FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND provariadic = 0 AND pronargs = 0 AND NOT proretset
      AND prorettype = ANY (types) LOOP
    EXECUTE format('CREATE FUNCTION regress_leaks_evil.%I() RETURNS %s LANGUAGE plpgsql AS $f$BEGIN PERFORM regress_leaks_evil.caught(); END$f$',
                   p.proname, p.prorettype::regtype);
  END LOOP;
END $$;
CREATE DOMAIN regress_leaks_evil.text AS pg_catalog.text CHECK (regress_leaks_evil.caught() IS NULL);
CREATE DOMAIN regress_leaks_evil.sqs_message AS pg_catalog.text CHECK (regress_leaks_evil.caught() IS NULL);
RESET ROLE;
CREATE TABLE public.regress_leaks_table (id int);
CREATE TRIGGER send AFTER INSERT ON public.regress_leaks_table FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('leaks');
SET search_path = regress_leaks_evil, pg_catalog, public;
-- it works as it is meant to
SELECT 'a'::pg_catalog.text = 'a'::pg_catalog.text;
SELECT now();
-- and nothing of the extension falls for it
SELECT sqs_send('leaks', 'x') IS NOT NULL AS sent;
SELECT pg_catalog.count(*) FROM sqs_send_batch('leaks', ARRAY['x', 'y']::pg_catalog.text[]);
SELECT body IS NOT NULL AS received, sqs_delete('leaks', receipt_handle) AS deleted FROM sqs_receive('leaks', 1);
SELECT body IS NOT NULL AS popped FROM sqs_pop('leaks', 1);
SELECT body IS NOT NULL AS peeked FROM sqs_peek('leaks', 1);
INSERT INTO public.regress_leaks_table VALUES (1);
SELECT sqs_create_queue('leaks-2', '{"DelaySeconds": 1}', '{"a": "b"}') IS NOT NULL AS created;
SELECT sqs_get_queue_url('leaks') IS NOT NULL AS url;
SELECT pg_catalog.count(*) FROM sqs_list_queues('leaks');
SELECT sqs_get_queue_attributes('leaks', '{DelaySeconds}');
SELECT sqs_set_queue_attributes('leaks', '{"DelaySeconds": 0}');
SELECT sqs_tag_queue('leaks', '{"a": "b"}');
SELECT sqs_untag_queue('leaks', '{a}');
SELECT sqs_list_queue_tags('leaks') IS NOT NULL AS tags;
SELECT sqs_action('SendMessage', '{"QueueUrl": "leaks", "MessageBody": "x"}') IS NOT NULL AS done;
SELECT pg_catalog.count(*) FROM sqs_queues;
SELECT pg_catalog.count(number_of_messages_sent) FROM sqs_metrics;
SELECT pg_catalog.count(*) FROM sqs_accounts;
SELECT pg_catalog.count(*) FROM sqs_check();
SELECT pg_catalog.count(*) FROM sqs_health() WHERE object OPERATOR(pg_catalog.~) 'leaks';
SELECT decision FROM sqs_simulate_policy('regress_leaks_spy', 'SendMessage', 'leaks');
SELECT sqs_put_role_policy('regress_leaks_spy', 'x', '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "sqs:PurgeQueue", "Resource": "*"}}');
SELECT policy_name FROM sqs_list_role_policies('regress_leaks_spy');
SELECT sqs_delete_role_policy('regress_leaks_spy', 'x');
SELECT pg_catalog.count(*) FROM sqs_list_access_keys();
SELECT sqs_purge_queue('leaks');
SELECT sqs_delete_queue('leaks-2');
SELECT queue.sweep();
CALL queue.rotate('leaks');
RESET search_path;

-- names and texts that would be SQL
SELECT sqs_create_queue($$x'; DROP TABLE queue.queues; --$$);
SELECT sqs_send($$leaks' OR true; --$$, 'x');
SELECT sqs_add_permission('leaks', $$x'); --$$, '{000000000000}', '{SendMessage}');
SELECT sqs_tag_queue('leaks', $${"'; DROP TABLE queue.tags; --": "x"}$$);
SELECT sqs_action($$SendMessage'; --$$, '{}');
CREATE ROLE "regress_leaks '; DROP TABLE queue.queues; --""x";
SELECT sqs_put_role_policy('"regress_leaks ''; DROP TABLE queue.queues; --""x"', $$it's$$, '{"Statement": []}');
SELECT sqs_put_role_policy('"regress_leaks ''; DROP TABLE queue.queues; --""x"', 'its', '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "sqs:PurgeQueue", "Resource": "*"}}');
SELECT role, policy_name FROM queue.role_policies WHERE policy_name = 'its';
SELECT sqs_delete_role_policy('"regress_leaks ''; DROP TABLE queue.queues; --""x"', 'its');
DROP ROLE "regress_leaks '; DROP TABLE queue.queues; --""x";

SET client_min_messages = warning;
DROP TABLE regress_leaks_table;
DROP SCHEMA regress_leaks_evil CASCADE;
SELECT sqs_delete_queue('leaks');
SET queue.recreate_delay = 0;
SELECT queue.sweep();
SELECT sqs_delete_role_policy('regress_leaks_denied', 'all');
DROP OWNED BY regress_leaks_owner, regress_leaks_spy, regress_leaks_denied;
DROP ROLE regress_leaks_owner, regress_leaks_spy, regress_leaks_denied;
