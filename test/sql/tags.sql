--
-- Promises: a queue has up to 50 tags of the lengths and characters that AWS
-- allows; setting one again changes it; removing one that is not there does no
-- harm; all or none of a call takes effect; tags go with the queue.
--
\pset format unaligned
SELECT sqs_create_queue('tags', '{}', '{"b": "2", "a": "1"}') IS NOT NULL AS created;
SELECT sqs_list_queue_tags('tags');
SELECT sqs_tag_queue('tags', '{"a": "one", "c": ""}');
SELECT sqs_list_queue_tags('tags');
-- keys are case sensitive
SELECT sqs_tag_queue('tags', '{"A": "1"}');
SELECT sqs_list_queue_tags('tags');
SELECT sqs_untag_queue('tags', '{a}');
SELECT sqs_list_queue_tags('tags');
SELECT sqs_untag_queue('tags', '{a,nothing,b,b}');
SELECT sqs_list_queue_tags('tags');
SELECT sqs_untag_queue('tags', '{A,c}');
SELECT sqs_list_queue_tags('tags');
SELECT sqs_untag_queue('tags', '{A}');

-- all characters and lengths, in characters and not bytes
SELECT sqs_tag_queue('tags', '{" _.:/=+-@aZ09": " _.:/=+-@aZ09"}');
SELECT sqs_list_queue_tags('tags');
SELECT sqs_untag_queue('tags', '{" _.:/=+-@aZ09"}');
SELECT sqs_tag_queue('tags', jsonb_build_object(repeat('k', 128), repeat('v', 256)));
SELECT sqs_tag_queue('tags', jsonb_build_object(repeat('ü', 128), repeat('ß', 256)));
SELECT length(key) AS key, length(value) AS value
FROM jsonb_each_text(sqs_list_queue_tags('tags'))
ORDER BY key;
SELECT sqs_untag_queue('tags', ARRAY[repeat('k', 128), repeat('ü', 128)]);
-- a number in place of a string
SELECT sqs_tag_queue('tags', '{"n": 1.50}');
SELECT sqs_list_queue_tags('tags');
SELECT sqs_untag_queue('tags', '{n}');

-- refused; and nothing of the call remains
SELECT sqs_tag_queue('tags', '{"a": "1", "": "2"}');
SELECT sqs_tag_queue('tags', jsonb_build_object('a', '1', repeat('k', 129), '2'));
SELECT sqs_tag_queue('tags', jsonb_build_object('a', repeat('v', 257)));
SELECT sqs_tag_queue('tags', '{"a": "1", "b!": "2"}');
SELECT sqs_tag_queue('tags', '{"a": "1", "b": "2;"}');
SELECT sqs_tag_queue('tags', '{"a": "1", "aws:b": "2"}');
SELECT sqs_tag_queue('tags', '{"a": "1", "AwS:b": "2"}');
SELECT sqs_tag_queue('tags', '{"a": "1", "b": null}');
SELECT sqs_tag_queue('tags', '{"a": "1", "b": {}}');
SELECT sqs_tag_queue('tags', '{"a": "1", "b": ["2"]}');
SELECT sqs_tag_queue('tags', '["a"]');
SELECT sqs_tag_queue('tags', '"a"');
SELECT sqs_tag_queue('tags', '{}');
SELECT sqs_tag_queue('tags', NULL);
SELECT sqs_untag_queue('tags', '{}');
SELECT sqs_untag_queue('tags', NULL);
SELECT sqs_untag_queue('tags', '{""}');
SELECT sqs_untag_queue('tags', '{a,NULL}');
SELECT sqs_untag_queue('tags', ARRAY[repeat('k', 129)]);
SELECT sqs_tag_queue('nothing', '{"a": "1"}');
SELECT sqs_untag_queue('nothing', '{a}');
SELECT sqs_list_queue_tags('nothing');
SELECT sqs_list_queue_tags(NULL);
SELECT sqs_list_queue_tags('tags');

-- fifty
SELECT sqs_tag_queue('tags', (SELECT jsonb_object_agg('k' || i, i::text) FROM generate_series(1, 50) AS i));
SELECT count(*) FROM jsonb_object_keys(sqs_list_queue_tags('tags'));
SELECT sqs_tag_queue('tags', '{"k51": ""}');
SELECT sqs_tag_queue('tags', '{"k50": "fifty"}');
SELECT sqs_untag_queue('tags', '{k1}');
SELECT sqs_tag_queue('tags', '{"k51": "", "k52": ""}');
SELECT sqs_tag_queue('tags', '{"k51": ""}');
SELECT count(*), count(*) FILTER (WHERE value = 'fifty') AS fifty FROM jsonb_each_text(sqs_list_queue_tags('tags'));
SELECT sqs_tag_queue('tags', (SELECT jsonb_object_agg('k' || i, i::text) FROM generate_series(1, 51) AS i));
SELECT sqs_create_queue('tags-many', '{}', (SELECT jsonb_object_agg('k' || i, i::text) FROM generate_series(1, 51) AS i));
SELECT * FROM sqs_list_queues('tags-many');

-- undone with the transaction, or its part
BEGIN;
SELECT sqs_untag_queue('tags', (SELECT array_agg(key) FROM jsonb_object_keys(sqs_list_queue_tags('tags')) AS key));
SELECT sqs_list_queue_tags('tags');
SAVEPOINT s;
SELECT sqs_tag_queue('tags', '{"a": "1"}');
SELECT sqs_tag_queue('tags', '{"a": "2"}');
SELECT sqs_list_queue_tags('tags');
ROLLBACK TO s;
SELECT sqs_list_queue_tags('tags');
ROLLBACK;
SELECT count(*) FROM jsonb_object_keys(sqs_list_queue_tags('tags'));
-- under every isolation level
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT sqs_untag_queue('tags', (SELECT array_agg(key) FROM jsonb_object_keys(sqs_list_queue_tags('tags')) AS key));
SELECT sqs_tag_queue('tags', '{"a": "1"}');
SELECT sqs_tag_queue('tags', '{"a": "2", "b": ""}');
SELECT sqs_list_queue_tags('tags');
COMMIT;
SELECT sqs_list_queue_tags('tags');

SELECT sqs_delete_queue('tags');
SELECT count(*) FROM queue.tags AS t WHERE NOT EXISTS (SELECT FROM queue.queues AS q WHERE q.queue_id = t.queue_id);
