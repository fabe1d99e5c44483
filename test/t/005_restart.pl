# After a restart, in good order or after a crash, every message is in the
# state it was in: visible, in flight or delayed, until the same time. So are
# the messages that a prepared transaction sends, receives or deletes, whether
# it is committed or rolled back after the restart. Ids go on rising.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $node = queue_node('restart', conf => "log_statement = none\nqueue.worker_interval = 500ms\n");
my %restart = (
	'a restart' => sub { $node->restart },
	'a crash' => sub { $node->stop('immediate'); $node->start });

# --------------------------------------------------------------------------
# Many messages

$node->safe_psql(
	'postgres', <<'SQL');
SELECT sqs_create_queue('q');
SELECT count(sent)
FROM generate_series(1, 50000, 10000) AS n,
  sqs_send_batch('q', ARRAY(SELECT 'visible ' || i FROM generate_series(n, n + 9999) AS i)) AS sent;
SELECT count(sqs_send('q', 'delayed ' || i, 900)) FROM generate_series(1, 500) AS i;
CREATE TABLE taken AS
SELECT * FROM sqs_receive('q', 1000, 3600)
UNION ALL SELECT * FROM sqs_receive('q', 1000, 7200);
SQL

my $rows = 'SELECT md5(string_agg(m::text, chr(10) ORDER BY id)) FROM queue.messages_1_1 AS m';
my $before = $node->safe_psql('postgres', $rows);

state_is($node, 'postgres', 'q', '48000|2000|500', 'before any restart');
foreach my $what (sort keys %restart)
{
	$restart{$what}->();
	query_is($node, 'postgres', <<'SQL', '10|1|visible', "after $what: messages are received");
BEGIN;
SELECT count(*), max(receive_count), min(left(body, 7)) FROM sqs_receive('q', 10);
ROLLBACK;
SQL
	query_is($node, 'postgres', $rows, $before, "after $what: the rows are the same");
	state_becomes($node, 'postgres', 'q', '48000|2000|500', "after $what: so are the counters");
	sound($node, 'postgres', "after $what", 'q');
}

$node->safe_psql(
	'postgres', <<'SQL');
CREATE TABLE received AS
SELECT r.* FROM generate_series(1, 6) AS n, sqs_receive('q', 10000 - n, 7200) AS r;
SQL
query_is($node, 'postgres', <<'SQL', '48000|48000|48000|0', 'all that is visible is received, once');
SELECT count(*), count(DISTINCT message_id), count(*) FILTER (WHERE left(body, 7) = 'visible'),
  (SELECT count(*) FROM received JOIN taken USING (message_id))
FROM received
SQL
query_is($node, 'postgres', <<'SQL', 2000, 'receipt handles from before are good');
SELECT count(*) FILTER (WHERE sqs_delete('q', receipt_handle)) FROM taken
SQL

my $id = $node->safe_psql('postgres', 'SELECT max(id) FROM queue.messages_1_1');

$node->safe_psql('postgres', "SELECT sqs_send('q', 'new')");
query_is($node, 'postgres', "SELECT id > $id FROM queue.messages_1_1 WHERE body = 'new'", 't',
	'ids go on rising');
sound($node, 'postgres', 'after many messages', 'q');

# What is in flight or delayed becomes visible when its time has come, also if
# that is while the server is down.
$node->safe_psql(
	'postgres', <<'SQL');
SELECT sqs_create_queue('soon');
SELECT sqs_send_batch('soon', ARRAY['in flight', 'kept']);
SELECT sqs_send('soon', 'delayed', 1);
SELECT sqs_receive('soon', 1, 1);
SELECT sqs_receive('soon', 1, 3600);
SQL
$node->restart;
becomes($node, 'postgres', "SELECT string_agg(body, ', ' ORDER BY body) FROM sqs_peek('soon')",
	'delayed, in flight', 'what became visible meanwhile is there');
query_is($node, 'postgres', <<'SQL', 'delayed 1, in flight 2', 'and is received');
SELECT string_agg(body || ' ' || receive_count, ', ' ORDER BY body) FROM sqs_receive('soon', 10)
SQL

# --------------------------------------------------------------------------
# Prepared transactions

# What each does, and "visible|in flight|delayed" after its end.
my %prepared = (
	sending => [ "SELECT sqs_send('%s', 'p')", '2|0|0', '1|0|0' ],
	sending_late => [ "SELECT sqs_send('%s', 'p', 900)", '1|0|1', '1|0|0' ],
	receiving => [ "SELECT * FROM sqs_receive('%s', 1, 600)", '0|1|0', '1|0|0' ],
	popping => [ "SELECT * FROM sqs_pop('%s')", '0|0|0', '1|0|0' ],
	deleting => [ "SELECT sqs_delete('%1\$s', receipt_handle) FROM sqs_receive('%1\$s')", '0|0|0', '1|0|0' ],
	nothing => [ "SELECT 1", '1|0|0', '1|0|0' ]);

foreach my $what (sort keys %restart)
{
	foreach my $call (sort keys %prepared)
	{
		foreach my $end ('COMMIT', 'ROLLBACK')
		{
			my $queue = "${call}_$end";
			my $statement = sprintf $prepared{$call}[0], $queue;

			$node->safe_psql('postgres', <<"SQL");
SET queue.purge_interval = 0;
SELECT sqs_create_queue('$queue');
SELECT sqs_purge_queue('$queue');
SELECT sqs_send('$queue', 'm');
BEGIN;
$statement;
PREPARE TRANSACTION '$queue';
SQL
		}
	}
	$restart{$what}->();

	# Looking at the queues now must not spoil what is said of them later.
	$node->safe_psql('postgres', 'SELECT * FROM sqs_queues; SELECT queue.sweep()');
	foreach my $call (sort keys %prepared)
	{
		foreach my $end ('COMMIT', 'ROLLBACK')
		{
			my $queue = "${call}_$end";
			my $expected = $prepared{$call}[ $end eq 'COMMIT' ? 1 : 2 ];
			my ($visible) = split /\|/, $expected;

			$node->safe_psql('postgres', "$end PREPARED '$queue'");
			state_becomes($node, 'postgres', $queue, $expected, "$what, $call, $end: counters")
			  or next;
			sound($node, 'postgres', "$what, $call, $end", $queue);
			query_is($node, 'postgres', "SELECT count(*) FROM sqs_receive('$queue', 10, 600, 1)",
				$visible, "$what, $call, $end: what is visible is received");
			sound($node, 'postgres', "$what, $call, $end, at the end", $queue);
		}
	}
}

$node->stop;
log_is_clean($node, qr/the database system is|terminating/, 'the server met no errors');
done_testing();
