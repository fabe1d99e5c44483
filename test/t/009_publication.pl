# A publication FOR ALL TABLES includes the tables of queues: every call works
# as without it, and a subscriber has the same messages.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $node = queue_node('publisher',
	init => { allows_streaming => 'logical' },
	conf => "queue.worker_interval = 100ms\nqueue.recreate_delay = 0\nqueue.purge_interval = 0\n");
my $subscriber = queue_node('subscriber', init => { allows_streaming => 'logical' });
my $connection = $node->connstr . ' dbname=postgres';

$node->safe_psql('postgres', <<'SQL');
CREATE PUBLICATION everything FOR ALL TABLES;
SELECT sqs_create_queue('q', '{"VisibilityTimeout": 600}', '{"team": "a"}');
SQL
$subscriber->safe_psql('postgres', <<"SQL");
CREATE TABLE queue.messages_1_1 OF queue.message (PRIMARY KEY (id));
CREATE SUBSCRIPTION everything CONNECTION '$connection' PUBLICATION everything;
SQL
$subscriber->wait_for_subscription_sync($node, 'everything');

$node->safe_psql(
	'postgres', <<'SQL');
SELECT sqs_send('q', 'deleted');
SELECT sqs_delete('q', receipt_handle) FROM sqs_receive('q');
SELECT sqs_send('q', 'popped');
SELECT sqs_pop('q');
SELECT sqs_send('q', 'in flight');
SELECT sqs_receive('q');
SELECT sqs_send('q', 'shown again');
SELECT sqs_change_visibility('q', receipt_handle, 0) FROM sqs_receive('q');
SELECT sqs_send('q', repeat('long', 50000));
SELECT sqs_send('q', 'delayed', 900);
SELECT sqs_send_batch('q', ARRAY['a', 'b', 'c']);
BEGIN; SELECT sqs_pop('q', 10); ROLLBACK;
SELECT sqs_set_queue_attributes('q', '{"DelaySeconds": 1}');
SELECT sqs_tag_queue('q', '{"team": "b", "stage": "c"}');
SELECT sqs_untag_queue('q', ARRAY['stage']);
SELECT sqs_create_queue('purged');
SELECT sqs_put_metric_alarm('published', 'q', 'NumberOfMessagesSent', 'Sum', 'GreaterThanThreshold', 0);
SELECT queue.sample_metrics('2150-01-01 00:59Z');
SELECT sqs_delete_alarm('published');
SQL
$subscriber->safe_psql('postgres', "CREATE TABLE queue.messages_2_1 OF queue.message (PRIMARY KEY (id))");
$node->safe_psql(
	'postgres', <<'SQL');
SELECT sqs_send_batch('purged', ARRAY['a', 'b', 'c']);
SELECT sqs_purge_queue('purged');
SELECT queue.sweep();
SELECT sqs_create_queue('deleted');
SELECT sqs_delete_queue('deleted');
SQL
becomes($node, 'postgres', 'SELECT count(*) FROM queue.deleted_queues', 0,
	'the worker changes published tables');
sound($node, 'postgres', 'published', 'q', 'purged');

my $rows = <<'SQL';
SELECT (SELECT md5(string_agg(m::text, chr(10) ORDER BY id)) FROM queue.messages_1_1 AS m),
  (SELECT string_agg(q::text, chr(10) ORDER BY queue_id) FROM queue.queues AS q),
  (SELECT string_agg(t::text, chr(10) ORDER BY key) FROM queue.tags AS t)
SQL

is($node->safe_psql('postgres', 'SELECT count(*) FROM queue.messages_1_1'), 7, 'there are messages');
$node->wait_for_catchup('everything');
query_is($subscriber, 'postgres', $rows, $node->safe_psql('postgres', $rows),
	'the subscriber has the same rows');
query_is($subscriber, 'postgres', "SELECT string_agg(left(body, 4), ',' ORDER BY left(body, 4)) FROM sqs_receive('q', 10)",
	'a,b,c,long,show', 'and messages are received there');

$subscriber->safe_psql('postgres', 'DROP SUBSCRIPTION everything');
$node->stop;
$subscriber->stop;
log_is_clean($node, qr/terminating/, 'the publisher met no errors');
log_is_clean($subscriber, qr/terminating/, 'the subscriber met no errors');
done_testing();
