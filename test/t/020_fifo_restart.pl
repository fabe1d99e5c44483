# Order, deduplication and running move tasks of FIFO queues survive a crash, a
# dump and its restore, and the promotion of a standby.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $primary = queue_node('primary',
	init => { allows_streaming => 1 },
	conf => "queue.worker_interval = 200ms\nqueue.segment_size = 64kB\n");
my $standby = PostgreSQL::Test::Cluster->new('standby');
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';

$primary->backup('backup');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;

# Makes a queue with messages in each state a group can be in: a has its first
# message in flight, of b the first is gone, c waits. Messages of group m are in
# its dead-letter queue, and a task has begun to move them back.
sub prepare
{
	my ($queue) = @_;

	$primary->safe_psql('postgres', <<"SQL");
SELECT sqs_create_queue('$queue-dead.fifo', '{"FifoQueue": true}');
SELECT sqs_create_queue('$queue.fifo', jsonb_build_object('FifoQueue', true, 'RedrivePolicy',
  jsonb_build_object('maxReceiveCount', 1, 'deadLetterTargetArn',
    sqs_get_queue_attributes('$queue-dead.fifo') ->> 'QueueArn')::text));
SELECT count(sqs_send('$queue.fifo', 'm ' || i, message_group_id => 'm', message_deduplication_id => 'm' || i))
FROM generate_series(1, 40) AS i;
SELECT count(*) FROM sqs_receive('$queue.fifo', 100, 0);
SELECT count(*) FROM sqs_receive('$queue.fifo', 100);
CREATE TABLE sent_$queue AS
SELECT g, i, sqs_send('$queue.fifo', g || ' ' || i, message_group_id => g, message_deduplication_id => g || i) AS id
FROM unnest(ARRAY['a', 'b', 'c']) AS g, generate_series(1, 20) AS i;
CREATE TABLE handle_$queue AS SELECT body, receipt_handle FROM sqs_receive('$queue.fifo', 1, 3600);
SELECT sqs_delete('$queue.fifo', receipt_handle) FROM sqs_receive('$queue.fifo', 1);
SELECT sqs_start_message_move_task(sqs_get_queue_attributes('$queue-dead.fifo') ->> 'QueueArn', NULL, 10);
SQL
	query_is($primary, 'postgres', "SELECT body FROM handle_$queue", 'a 1', "$queue: one message is in flight");
	becomes($primary, 'postgres', "SELECT messages_moved BETWEEN 1 AND 39 FROM queue.message_move_tasks ORDER BY started_at DESC LIMIT 1",
		't', "$queue: the task has begun");
	return;
}

# Passes if all is as it was, and goes on.
sub goes_on
{
	my ($node, $db, $queue) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $greatest = "SELECT max(sequence_number::numeric) FROM sqs_peek('$queue.fifo', 10000)";

	query_is($node, $db, <<"SQL", '60|60', "$queue: what was sent is not sent again");
SELECT count(*), count(*) FILTER (WHERE id = sqs_send('$queue.fifo', g || ' ' || i, message_group_id => g,
  message_deduplication_id => g || i))
FROM sent_$queue
SQL
	my $before = $node->safe_psql($db, $greatest);
	query_is($node, $db, <<"SQL", 't', "$queue: a new message comes after all others");
SELECT sqs_send('$queue.fifo', 'c 21', message_group_id => 'c', message_deduplication_id => 'c21') IS NOT NULL
SQL
	query_is($node, $db, "SELECT ($greatest) > $before", 't', "$queue: and has a greater sequence number");
	becomes($node, $db, "SELECT status FROM sqs_list_message_move_tasks('$queue-dead.fifo')",
		'COMPLETED', "$queue: the task comes to its end");
	query_is($node, $db, <<"SQL", 'b 2|b 20|19|t;c 1|c 21|21|t;m 1|m 40|40|t', "$queue: each group but that of the message in flight, in order");
WITH r AS MATERIALIZED (
  SELECT row_number() OVER () AS n, message_group_id AS g, body, substr(body, 3)::int AS i
  FROM sqs_pop('$queue.fifo', 1000)
), o AS (
  SELECT *, i > coalesce(lag(i) OVER (PARTITION BY g ORDER BY n), 0) AS rises FROM r
)
SELECT string_agg(line, ';' ORDER BY line)
FROM (SELECT format('%s|%s|%s|%s', (array_agg(body ORDER BY n))[1], (array_agg(body ORDER BY n DESC))[1], count(*), bool_and(rises)) AS line
  FROM o GROUP BY g) AS s
SQL
	query_is($node, $db, <<"SQL", 't', "$queue: its handle is good");
SELECT sqs_delete('$queue.fifo', receipt_handle) FROM handle_$queue
SQL
	query_is($node, $db, "SELECT string_agg(body, ',') FROM sqs_pop('$queue.fifo', 1000)",
		join(',', map { "a $_" } 2 .. 20), "$queue: its group goes on");
	sound($node, $db, $queue, "$queue.fifo", "$queue-dead.fifo");
	return;
}

# --------------------------------------------------------------------------

prepare('crash');
$primary->stop('immediate');
$primary->start;
goes_on($primary, 'postgres', 'crash');

prepare('restored');
$primary->command_ok([ 'pg_dump', '-d', $primary->connstr('postgres'), '-f', $dump ], 'pg_dump');
$primary->safe_psql('postgres', 'CREATE DATABASE copy');
$primary->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', 'copy', '-f', $dump ], 'restore');
goes_on($primary, 'copy', 'restored');
goes_on($primary, 'postgres', 'restored');

prepare('promoted');
$primary->wait_for_catchup($standby);
$primary->stop('immediate');
$standby->promote;
goes_on($standby, 'postgres', 'promoted');

$standby->stop;
log_is_clean($standby, qr/the database system is|terminating|could not connect|could not receive|invalid record|invalid magic|pg_stat|connection/i,
	'the server met no other errors');
done_testing();
