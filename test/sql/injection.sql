--
-- Promises: text that would be SQL, as any argument of any function of the extension,
-- in any member of a request of any action, and in the names of roles, is a name or
-- an error, and is never run.
--
\pset format unaligned
\pset null (null)
SET client_min_messages = warning;
CREATE ROLE "regress_injection'; DROP TABLE regress_canary; --" SUPERUSER;
CREATE ROLE "regress_injection""; DROP TABLE regress_canary; --" SUPERUSER;
CREATE TABLE regress_canary (name text);
CREATE TABLE regress_injection_texts (n int GENERATED ALWAYS AS IDENTITY, injected text);
INSERT INTO regress_injection_texts (injected) VALUES
  ($$x'; DROP TABLE regress_canary; --$$), ($$x'); DROP TABLE regress_canary; --$$), ($$x"; DROP TABLE regress_canary; --$$),
  ($$x"'"); DROP TABLE regress_canary; --$$), ($$x$q$; DROP TABLE regress_canary; --$$), ($$\'; DROP TABLE regress_canary; --$$),
  ($$x' OR true --$$), ($$x; DROP TABLE regress_canary$$), ($$%s%n%I%L$$), ($$regress_canary$$), ($$'$$), ($$"$$), ($$\$$);

-- each argument of each function in turn, the others being harmless; as two roles
-- whose names are injections themselves; all is rolled back
CREATE FUNCTION pg_temp.inject(role text) RETURNS TABLE (called bigint, failed bigint) LANGUAGE plpgsql AS $f$
DECLARE
  p record;
  injected text;
  arguments text[];
  call text;
BEGIN
  called := 0;
  failed := 0;
  FOR p IN
    SELECT pr.oid, pr.oid::regproc::text AS name, pr.prokind, pr.proargtypes::oid[]::regtype[]::text[] AS types, pr.proargnames AS names
    FROM pg_proc AS pr JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = pr.oid AND d.deptype = 'e'
         JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'queue'
    WHERE pr.prorettype <> 'trigger'::regtype AND pr.prokind = 'f' AND pr.pronargs > 0
    ORDER BY 1
  LOOP
    FOR i IN 1 .. cardinality(p.types) LOOP
      FOR injected IN SELECT t.injected FROM regress_injection_texts AS t ORDER BY n LOOP
        SELECT array_agg(CASE
                 WHEN type IN ('integer', 'bigint') THEN CASE p.names[j] WHEN 'wait_time_seconds' THEN '0' ELSE '1' END
                 WHEN type = 'boolean' THEN 'true'
                 WHEN type = 'regrole' THEN quote_literal(quote_ident(role)) || '::regrole'
                 WHEN type = 'uuid' THEN 'gen_random_uuid()'
                 WHEN j <> i THEN CASE type WHEN 'text' THEN quote_literal('injection')
                                            WHEN 'jsonb' THEN $$'{}'::jsonb$$ ELSE format($$'{}'::%s$$, type) END
                 WHEN type = 'text' THEN quote_literal(injected)
                 WHEN type = 'jsonb' THEN quote_literal(jsonb_build_object(injected, injected, 'Policy', injected, 'QueueUrl', injected,
                                            'QueueName', injected, 'RedrivePolicy', injected, 'KmsMasterKeyId', injected)) || '::jsonb'
                 WHEN type = 'text[]' THEN quote_literal(ARRAY[injected]) || '::text[]'
                 WHEN type = 'jsonb[]' THEN quote_literal(ARRAY[jsonb_build_object(injected, injected)]) || '::jsonb[]'
                 ELSE 'NULL' END ORDER BY j)
        INTO arguments FROM unnest(p.types) WITH ORDINALITY AS u (type, j);
        call := format('SELECT %s(%s)', p.name, array_to_string(arguments, ', '));
        called := called + 1;
        BEGIN
          PERFORM set_config('role', role, true);
          EXECUTE call;
          PERFORM set_config('role', 'none', true);
          IF to_regclass('regress_canary') IS NULL THEN
            RAISE WARNING 'was run: %', call;
          END IF;
          RAISE EXCEPTION USING ERRCODE = 'ZZZZZ';
        EXCEPTION WHEN OTHERS THEN
          failed := failed + (SQLSTATE <> 'ZZZZZ')::int;
        END;
      END LOOP;
    END LOOP;
  END LOOP;
  RETURN NEXT;
END $f$;
SELECT sqs_create_queue('injection') IS NOT NULL AS created;
SELECT role, called > 500 AS called, failed > 0 AS some_failed, failed < called AS some_succeeded
FROM unnest(ARRAY[$$regress_injection'; DROP TABLE regress_canary; --$$, $$regress_injection"; DROP TABLE regress_canary; --$$]) AS role,
  LATERAL pg_temp.inject(role);

-- each action, with injections in every member that requests have
CREATE FUNCTION pg_temp.act(action text, request jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM sqs_action(action, request);
  RETURN CASE WHEN to_regclass('regress_canary') IS NULL THEN 'was run' ELSE 'ok' END;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;
SELECT count(*) AS requests, count(*) FILTER (WHERE outcome = 'ok') > 0 AS some_succeeded, count(*) FILTER (WHERE outcome ~ '^(ok|SQ...)$') AS answered
FROM regress_injection_texts,
  LATERAL (SELECT jsonb_build_object('QueueUrl', 'injection', 'SourceArn', 'injection') AS good) AS g,
  unnest(ARRAY['AddPermission', 'CancelMessageMoveTask', 'ChangeMessageVisibility', 'ChangeMessageVisibilityBatch', 'CreateQueue', 'DeleteMessage',
    'DeleteMessageBatch', 'GetQueueAttributes', 'GetQueueUrl', 'ListDeadLetterSourceQueues', 'ListMessageMoveTasks', 'ListQueueTags', 'ListQueues',
    'ReceiveMessage', 'RemovePermission', 'SendMessage', 'SendMessageBatch', 'SetQueueAttributes', 'StartMessageMoveTask', 'TagQueue', 'UntagQueue']) AS action,
  unnest(ARRAY['QueueUrl', 'QueueName', 'QueueOwnerAWSAccountId', 'SourceArn', 'DestinationArn', 'TaskHandle', 'Label', 'ReceiptHandle', 'MessageBody',
    'MessageGroupId', 'MessageDeduplicationId', 'QueueNamePrefix', 'NextToken', 'ReceiveRequestAttemptId', 'MaxResults', 'VisibilityTimeout']) AS member,
  LATERAL pg_temp.act(action, good || jsonb_build_object(member, injected,
    'Attributes', jsonb_build_object(injected, injected), 'Tags', jsonb_build_object(injected, injected), 'TagKeys', jsonb_build_array(injected),
    'AWSAccountIds', jsonb_build_array(injected), 'Actions', jsonb_build_array(injected), 'AttributeNames', jsonb_build_array(injected),
    'MessageAttributeNames', jsonb_build_array(injected),
    'Entries', jsonb_build_array(jsonb_build_object('Id', injected, 'MessageBody', injected, 'ReceiptHandle', injected)))) AS outcome;

-- a role of such a name owns queues, which rotates and drops tables by its name, and
-- a trigger names a queue so
SET ROLE "regress_injection'; DROP TABLE regress_canary; --";
SELECT sqs_create_queue('injection-owned') IS NOT NULL AS created;
SELECT sqs_send('injection-owned', 'x') IS NOT NULL AS sent;
SELECT sender_id FROM sqs_pop('injection-owned');
RESET ROLE;
CREATE TABLE regress_injection_table ("x'; DROP TABLE regress_canary; --" text);
CREATE TRIGGER send AFTER INSERT ON regress_injection_table
  FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('injection', '"x''; DROP TABLE regress_canary; --"', '"x''; DROP TABLE regress_canary; --"');
SELECT sqs_purge_queue('injection');
INSERT INTO regress_injection_table VALUES ($$y');DROP/**/TABLE/**/regress_canary;--$$);
SELECT body::jsonb -> 'new' AS new, message_group_id FROM sqs_pop('injection', 10) ORDER BY body;
SELECT count(*) AS canaries FROM pg_class WHERE oid = to_regclass('regress_canary');

DROP TABLE regress_canary, regress_injection_table, regress_injection_texts;
SELECT count(sqs_delete_queue(name)) > 0 AS deleted FROM sqs_queues WHERE name LIKE '%injection%' OR name = 'regress_canary';
SET queue.recreate_delay = 0;
SELECT queue.sweep();
DROP OWNED BY "regress_injection'; DROP TABLE regress_canary; --", "regress_injection""; DROP TABLE regress_canary; --";
DROP ROLE "regress_injection'; DROP TABLE regress_canary; --", "regress_injection""; DROP TABLE regress_canary; --";
