--
-- Promises: receiving a message, and changing its visibility, rewrites neither
-- its body, however large, nor its index entry: the update stays on its page.
-- Whatever a body's storage, it arrives as it was sent.
--
SELECT sqs_create_queue('toast', '{"MaximumMessageSize": 1048576}') IS NOT NULL AS created;
SELECT format('messages_%s_1', queue_id) AS messages FROM queue.queues WHERE queue_name = 'toast' \gset
SELECT reltoastrelid::regclass AS toast FROM pg_class WHERE oid = format('queue.%I', :'messages')::regclass \gset
SELECT attname, attcompression IN ('l', 'p') AS compressed, attstorage
FROM pg_attribute
WHERE attrelid = format('queue.%I', :'messages')::regclass AND attname IN ('attributes', 'body')
ORDER BY attname;

-- bodies that do not compress, some inline and some not
CREATE FUNCTION pg_temp.noise(length int, seed int) RETURNS text LANGUAGE sql AS $$
  SELECT left(string_agg(md5(seed || ' ' || i), ''), length) FROM generate_series(0, length / 32) AS i
$$;
CREATE TABLE toast_sent AS SELECT n, pg_temp.noise(1000 * n * n, n) AS body FROM generate_series(1, 10) AS n;
SELECT count(*) FROM sqs_send_batch('toast', (SELECT array_agg(body ORDER BY n) FROM toast_sent),
                                    message_attributes => (SELECT array_agg(jsonb_build_object('noise', left(body, 5000)) ORDER BY n) FROM toast_sent));
SELECT pg_relation_size(:'toast') > 300000 AS out_of_line, pg_relation_size(:'toast') AS before \gset
SELECT :'out_of_line' AS out_of_line;
SELECT pg_relation_size(indexrelid) AS index_before, indexrelid AS index FROM pg_index WHERE indrelid = format('queue.%I', :'messages')::regclass \gset

-- 20 receives of each
DO $$
DECLARE
  received int;
  wrong int;
BEGIN
  FOR i IN 1 .. 20 LOOP
    SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT FROM toast_sent AS s
                                                        WHERE s.body = r.body
                                                          AND r.message_attributes #>> '{noise,StringValue}' = left(s.body, 5000)))
    INTO received, wrong
    FROM sqs_receive('toast', 10, 0) AS r;
    IF received <> 10 OR wrong > 0 THEN
      RAISE 'received %, wrong %', received, wrong;
    END IF;
  END LOOP;
END
$$;
SELECT pg_relation_size(:'toast') = :before AS toast_unchanged;
-- in transactions of their own, with changes of visibility
CREATE PROCEDURE toast_work() LANGUAGE plpgsql AS $$
DECLARE
  handles text[];
BEGIN
  FOR i IN 1 .. 20 LOOP
    handles := ARRAY(SELECT receipt_handle FROM sqs_receive('toast', 10, 60));
    COMMIT;
    IF sqs_change_visibility_batch('toast', handles, 0) <> 10 THEN
      RAISE 'not all changed';
    END IF;
    COMMIT;
  END LOOP;
END
$$;
CALL toast_work();
SELECT pg_relation_size(:'toast') = :before AS toast_unchanged, pg_relation_size(:index) = :index_before AS index_unchanged;
SELECT count(*), min(receive_count), max(receive_count), bool_and(r.body = s.body) AS same
FROM sqs_receive('toast', 10, 0) AS r JOIN toast_sent AS s USING (body);

-- small messages: the updates are HOT, so that the index has one entry each
-- (all of them, or while another snapshot keeps what died the 48 that pages have kept room for)
SELECT sqs_create_queue('toast-hot') IS NOT NULL AS created;
SELECT format('messages_%s_1', queue_id) AS hot FROM queue.queues WHERE queue_name = 'toast-hot' \gset
SELECT count(*) FROM sqs_send_batch('toast-hot', ARRAY(SELECT i::text FROM generate_series(1, 100) AS i));
SELECT 'SELECT count(*) FROM sqs_receive(''toast-hot'', 10)' FROM generate_series(1, 10) \gexec
SELECT pg_stat_force_next_flush() \g /dev/null
SELECT n_tup_ins, n_tup_upd, n_tup_hot_upd > 40 AS hot FROM pg_stat_user_tables WHERE relname = :'hot';
SELECT sqs_delete_queue('toast-hot');

-- what a pop returns was taken out of the table before it went
SELECT count(*) FROM sqs_pop('toast', 10000);
SELECT count(*) FROM sqs_send_batch('toast', (SELECT array_agg(body ORDER BY n) FROM toast_sent));
CREATE TABLE toast_received AS SELECT body FROM sqs_pop('toast', 10000);
VACUUM queue.:"messages";
SELECT count(*) FROM toast_received JOIN toast_sent USING (body);
-- and what a cursor has yet to fetch does not need the row
SELECT count(*) FROM sqs_send_batch('toast', (SELECT array_agg(body ORDER BY n) FROM toast_sent));
BEGIN;
DECLARE c CURSOR WITH HOLD FOR SELECT length(body), body IN (SELECT body FROM toast_sent) AS same FROM sqs_pop('toast', 3);
COMMIT;
VACUUM queue.:"messages";
FETCH ALL FROM c;
CLOSE c;
DROP PROCEDURE toast_work();
DROP TABLE toast_sent, toast_received;
SELECT * FROM sqs_check();
SELECT sqs_delete_queue('toast');
