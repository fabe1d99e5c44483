# Order under load: sixteen senders and sixteen receivers on fifty groups, with
# rollbacks, savepoints, cancelled statements and sessions that are killed. For
# each group the order of the sequence numbers is the order in which the sending
# transactions committed, and the order of processing is the same; each message
# is processed once.

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $rounds = $ENV{QUEUE_TEST_ROUNDS} || 6;
my $node = queue_node('fifo', conf => <<'CONF');
log_statement = none
track_commit_timestamp = on
queue.worker_interval = 200ms
queue.segment_size = 256kB
queue.truncate_delay = 0
CONF

# Two sends of one message must not be the same: bodies are unique.
my %scripts = (
	send => <<'PGBENCH',
\set fate random(0, 9)
\set group random(1, 50)
\set count random(1, 4)
BEGIN;
SELECT send(:group, 1);
\if :fate < 3
SAVEPOINT s;
SELECT send(:group, :count);
\endif
\if :fate = 0
ROLLBACK TO s;
\endif
\if :fate = 4
ROLLBACK;
\else
COMMIT;
\endif
PGBENCH
	receive => <<'PGBENCH',
\set fate random(0, 9)
\set count random(1, 10)
BEGIN;
SELECT process(:count);
\if :fate = 0
ROLLBACK;
\else
COMMIT;
\endif
PGBENCH
	cancel => <<'PGBENCH');
SELECT pg_cancel_backend(pid) FROM pg_stat_activity
WHERE application_name = 'receive' AND state = 'active'
ORDER BY random() LIMIT 1;
PGBENCH

$node->safe_psql('postgres', <<'SQL');
SELECT sqs_create_queue('load.fifo', '{"FifoQueue": true, "ContentBasedDeduplication": true, "VisibilityTimeout": 600}');
CREATE SEQUENCE serials;
CREATE SEQUENCE turns;
CREATE TABLE sent (grp text, message_id uuid);
CREATE TABLE done (turn bigint DEFAULT nextval('turns'), grp text, message_id uuid, sequence_number text, receive_count int);

CREATE FUNCTION send(grp int, n int) RETURNS bigint LANGUAGE sql AS $$
  WITH ids AS (SELECT id FROM sqs_send_batch('load.fifo', ARRAY(SELECT nextval('serials')::text FROM generate_series(1, n)),
      message_group_ids => array_fill('g' || grp, ARRAY[n])) AS id),
    kept AS (INSERT INTO sent SELECT 'g' || grp, id FROM ids)
  SELECT count(*) FROM ids
$$;

CREATE FUNCTION process(n int) RETURNS bigint LANGUAGE sql AS $$
  WITH m AS (SELECT * FROM sqs_receive('load.fifo', n)),
    kept AS (INSERT INTO done (grp, message_id, sequence_number, receive_count)
      SELECT message_group_id, message_id, sequence_number, receive_count FROM m)
  SELECT count(sqs_delete('load.fifo', receipt_handle)) FROM m
$$;
SQL

my $dir = PostgreSQL::Test::Utils::tempdir();
append_to_file("$dir/$_.sql", $scripts{$_}) foreach keys %scripts;

# Starts a pgbench. Serialization of nothing: who is stopped stays stopped.
sub start
{
	my ($name, $clients, @options) = @_;
	my $load = { output => '' };
	local $ENV{PGAPPNAME} = $name;

	$load->{run} = IPC::Run::start(
		[
			$node->installed_command('pgbench'), '--no-vacuum', '--protocol=prepared',
			'-c', $clients, @options, '-f', "$dir/$name.sql", $node->connstr('postgres')
		],
		'<', \undef, '>&', \$load->{output}, IPC::Run::timeout(4 * $PostgreSQL::Test::Utils::timeout_default));
	return $load;
}

# The messages of a group were processed in order if the turns rise with the
# sequence numbers; and these rise with the commits.
sub in_order
{
	my ($name) = @_;

	query_is($node, 'postgres', <<'SQL', 0, "$name: each group was processed in order");
SELECT count(*) FROM (SELECT turn, lag(turn) OVER (PARTITION BY grp ORDER BY sequence_number) AS before FROM done) AS d
WHERE turn < before
SQL
	query_is($node, 'postgres', <<'SQL', 0, "$name: the order is that of the commits");
SELECT count(*) FROM (
  SELECT at, lag(at) OVER (PARTITION BY grp ORDER BY sequence_number) AS before
  FROM (SELECT pg_xact_commit_timestamp(s.xmin) AS at, s.grp, d.sequence_number FROM sent AS s JOIN done AS d USING (message_id)) AS x
) AS y WHERE at < before
SQL
	return;
}

foreach my $round (1 .. $rounds)
{
	my $crash = $round % 2 == 0;
	my $before = $node->safe_psql('postgres', 'SELECT count(*) FROM done');
	my @time = ('-T', $crash ? 300 : 4);
	my @loads = (
		start('send', 16, '--rate=1500', @time), start('receive', 16, @time),
		start('cancel', 1, '--rate=20', '-T', 3));

	$node->poll_query_until('postgres', "SELECT count(*) > $before + 300 FROM done") or die 'nothing moves';
	if ($crash)
	{
		my $log = -s $node->logfile;
		my $pid = $node->safe_psql('postgres', <<'SQL');
SELECT pid FROM pg_stat_activity WHERE application_name IN ('send', 'receive')
ORDER BY state = 'active' DESC, random() LIMIT 1
SQL

		kill 'KILL', $pid;
		$node->wait_for_log(qr/all server processes terminated; reinitializing/, $log);
	}
	$_->{run}->finish foreach @loads;
	$node->poll_query_until('postgres', undef, '') or die 'no recovery';
	sound($node, 'postgres', "round $round", 'load.fifo');
	in_order("round $round");
}

# What is left
$node->poll_query_until('postgres', 'SELECT process(100) = 0') or die 'not drained';
is($node->safe_psql('postgres', 'SELECT process(1000)'), 0, 'nothing is left');
in_order('at the end');
query_is($node, 'postgres', 'SELECT count(*) FROM (SELECT message_id FROM sent EXCEPT SELECT message_id FROM done) AS lost', 0,
	'no message was lost');
query_is($node, 'postgres', 'SELECT count(*) FROM (SELECT message_id FROM done EXCEPT SELECT message_id FROM sent) AS invented', 0,
	'no message was invented');
query_is($node, 'postgres', 'SELECT count(*) - count(DISTINCT message_id) FROM done', 0, 'each was processed once');
query_is($node, 'postgres', 'SELECT count(*) FROM done WHERE receive_count <> 1', 0, 'what was rolled back did not count');
note($node->safe_psql('postgres', q{SELECT format('%s messages, %s rotations', (SELECT count(*) FROM done), rotations) FROM queue.queues}));
sound($node, 'postgres', 'at the end', 'load.fifo');
$node->stop;
log_is_clean($node,
	qr/canceling statement due to user request|terminating connection because of crash|the database system is|connection to client lost|terminating background worker|prepared statement "P_\d+" does not exist/,
	'the server met no other errors');
done_testing();
