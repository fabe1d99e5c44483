# Metrics over time have each message that was sent, received and deleted, once:
# under load, over a restart with sessions at work when it begins, over a crash of the
# server and of one session, with a sample under way or not. What is kept for that is
# not taken for what it is not. Alarms are evaluated by the worker, and act as their
# owners.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $node = queue_node('metrics', conf => "log_statement = none\nqueue.worker_interval = 100ms\n");

# A query for the sum of all points of a metric.
sub points
{
	my ($metric, $queue) = @_;

	$queue //= 'q';
	return <<"SQL";
SELECT coalesce(sum(sum), 0) FROM sqs_get_metric_statistics('$queue', '$metric', '-infinity', 'infinity')
SQL
}

my %totals = (
	NumberOfMessagesSent => 'number_of_messages_sent',
	NumberOfMessagesReceived => 'number_of_messages_received',
	NumberOfMessagesDeleted => 'number_of_messages_deleted',
	NumberOfEmptyReceives => 'number_of_empty_receives',
	SentMessageSize => 'sent_message_size');
my %expected = map { $_ => 0 } keys %totals;

# Adds the totals since the server was started to what is expected.
sub note_totals
{
	foreach my $metric (keys %totals)
	{
		$expected{$metric} += $node->safe_psql('postgres',
			"SELECT $totals{$metric} FROM sqs_metrics WHERE queue_name = 'q'");
	}
	return;
}

# Passes once the points have all that is expected.
sub points_become
{
	my ($name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	foreach my $metric (sort keys %totals)
	{
		becomes($node, 'postgres', points($metric), $expected{$metric}, "$name: $metric");
	}
	query_is($node, 'postgres', "SELECT round(sum(sample_count)) = $expected{NumberOfMessagesSent}
FROM sqs_get_metric_statistics('q', 'SentMessageSize', '-infinity', 'infinity', 3600)",
		't', "$name: and as many sizes as messages");
	return;
}

my $script = PostgreSQL::Test::Utils::tempdir() . '/load.sql';
append_to_file($script, <<'SQL');
SELECT sqs_send('q', repeat('x', 1 + (random() * 100)::int));
SELECT count(*) FROM sqs_send_batch('q', ARRAY['a', 'b']);
SELECT sqs_delete('q', receipt_handle) FROM sqs_receive('q', 4);
SELECT count(*) FROM sqs_pop('q');
SQL

sub load
{
	my ($name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	$node->command_ok([ 'pgbench', '-n', '-c', '4', '-t', '100', '-f', $script, $node->connstr('postgres') ], "$name: the load runs");
	return;
}

# --------------------------------------------------------------------------
# Under load, with samples all the time

$node->safe_psql('postgres', "SELECT sqs_create_queue('q'), sqs_create_queue('busy')");
my $sampler = queue_session($node, 'postgres');
$sampler->start(<<'SQL');
DO $$ BEGIN
  FOR i IN 1 .. 300 LOOP
    PERFORM queue.sample_metrics(now());
    IF i % 3 = 0 THEN ROLLBACK; ELSE COMMIT; END IF;
  END LOOP;
END $$
SQL
load('with samples');
is($sampler->finish, '', 'samples are taken meanwhile');
$node->safe_psql('postgres', 'SELECT queue.sample_metrics(now())');
note_totals();
points_become('under load');

# --------------------------------------------------------------------------
# Over a restart, with a session at work

my $busy = queue_session($node, 'postgres');
$busy->start("DO \$\$ BEGIN LOOP PERFORM sqs_send('busy', 'x'); COMMIT; END LOOP; END \$\$");
%expected = map { $_ => 0 } keys %totals;
load('before a restart');
note_totals();
$node->stop;
$node->start;
points_become('after a restart');
becomes($node, 'postgres', "SELECT (" . points('NumberOfMessagesSent', 'busy') . ") = count(*) FROM queue.messages_2_1",
	't', 'so has the queue that a session was sending to');
$node->restart;
points_become('after another restart');

# --------------------------------------------------------------------------
# Over a crash

load('before a crash');
note_totals();
$node->stop('immediate');
$node->start;
points_become('after a crash');

# With a sample that does not come to its end
load('before a crash with a sample');
note_totals();
my $unfinished = queue_session($node, 'postgres');
$unfinished->run('BEGIN');
$unfinished->run('SELECT queue.sample_metrics(now())');
$node->stop('immediate');
$unfinished->quit;
$node->start;
points_become('after a crash with a sample');

# --------------------------------------------------------------------------
# A session that is killed makes all start anew. A send that it was about to be told
# of is committed, and may be counted or not: at most one for each sender and crash.

my $senders = 3;
foreach my $round (1 .. 3)
{
	my @sessions = map { queue_session($node, 'postgres') } 1 .. $senders;

	$_->start("DO \$\$ BEGIN LOOP PERFORM sqs_send('busy', 'x'); COMMIT; END LOOP; END \$\$") foreach @sessions;
	becomes($node, 'postgres', "SELECT number_of_messages_sent > 100 FROM sqs_metrics WHERE queue_name = 'busy'",
		't', "round $round: messages are sent");
	$node->safe_psql('postgres', 'SELECT queue.sample_metrics(now())');
	kill 'KILL', $sessions[0]->pid;
	$_->finish foreach @sessions;
	$node->poll_query_until('postgres', 'SELECT true') or die 'the server did not come back';
	$node->safe_psql('postgres', 'SELECT queue.sample_metrics(now())');
	my $missing = $node->safe_psql('postgres',
		'SELECT count(*) - (' . points('NumberOfMessagesSent', 'busy') . ') FROM queue.messages_2_1');
	cmp_ok($missing, '>=', 0, "round $round: nothing is counted twice");
	cmp_ok($missing, '<=', $round * $senders, "round $round: what was answered is counted");
}

# --------------------------------------------------------------------------
# A file of another format, or of a machine that was started since and of a server
# that did not end, is none

my $file = $node->data_dir . '/pg_dynshmem/queue_tallies';

# Overwrites part of the file.
sub damage
{
	my ($offset, $with) = @_;

	open(my $handle, '+<', $file) or die "could not open \"$file\": $!";
	binmode $handle;
	seek($handle, $offset, 0) or die "could not seek in \"$file\": $!";
	print $handle $with;
	close($handle) or die "could not write \"$file\": $!";
	return;
}

# What is overwritten: magic, and clean and boot, of TallyHeader; current of a Tally.
foreach my $case ([ 'of another format', 0, 'none' ], [ 'that was not written to disk', 20, "\0none" ],
	[ 'with a damaged place', 4096 + 24, pack('l', 1 << 30) ])
{
	my ($name, $offset, $with) = @$case;
	my $holder = queue_session($node, 'postgres');

	# who samples keeps others from it
	$node->safe_psql('postgres', 'SELECT queue.sample_metrics(now())');
	$holder->run('BEGIN');
	$holder->run('SELECT queue.sample_metrics(now())');
	my $before = $node->safe_psql('postgres', points('NumberOfMessagesSent'));
	$node->safe_psql('postgres', "SELECT sqs_send('q', 'lost')");
	$node->stop;
	$holder->quit;
	damage($offset, $with);
	$node->start;
	$node->safe_psql('postgres', "SELECT sqs_send('q', 'kept')");
	$node->safe_psql('postgres', 'SELECT queue.sample_metrics(now())');
	query_is($node, 'postgres', points('NumberOfMessagesSent'), $before + 1, "a file $name is none");
}

# --------------------------------------------------------------------------
# Alarms are evaluated by the worker, after its first sample at the latest. What
# they do does not stop it.

$node->safe_psql(
	'postgres', <<'SQL');
CREATE ROLE watcher;
CREATE TABLE called (who name, state text);
GRANT INSERT ON called TO watcher;
CREATE FUNCTION note(message jsonb) RETURNS void LANGUAGE sql AS
  $$ INSERT INTO public.called VALUES (current_user, message ->> 'NewStateValue') $$;
CREATE FUNCTION fail(message jsonb) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE 'failed'; END $$;
CREATE FUNCTION escape(message jsonb) RETURNS void LANGUAGE plpgsql AS
  $$ BEGIN EXECUTE 'RESET SESSION AUTHORIZATION'; INSERT INTO public.called VALUES (current_user, 'escaped'); END $$;
SELECT sqs_create_queue('watched', jsonb_build_object('Policy',
  '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}}'));
SET ROLE watcher;
SELECT sqs_put_metric_alarm('watch', 'watched', 'NumberOfMessagesSent', 'Sum', 'GreaterThanThreshold', 0, 60, 1, 1, 'ignore',
  '{function:fail,function:escape,function:note,notify:alarms}');
SELECT sqs_send('watched', 'x');
SQL
$node->restart;
becomes($node, 'postgres', "SELECT state FROM sqs_alarms WHERE alarm_name = 'watch'", 'ALARM',
	'the worker sets the state of an alarm');
query_is($node, 'postgres', 'SELECT * FROM called', 'watcher|ALARM', 'a function is called as the owner of the alarm');
query_is($node, 'postgres', "SELECT count(*) FROM sqs_alarm_history WHERE summary LIKE 'Failed%'", 2,
	'what failed is in the history');
my $listener = queue_session($node, 'postgres');
$listener->run('LISTEN alarms');
$node->safe_psql('postgres', <<'SQL');
UPDATE queue.alarms SET state = 'OK';
SELECT sqs_send('watched', 'x');
SELECT queue.sample_metrics(now());
SQL
like($listener->run('SELECT 1'), qr/"alarms" with payload ".*"NewStateValue": "ALARM"/, 'a channel is notified');
$node->safe_psql('postgres', "SELECT sqs_delete_alarm('watch')");

# A function that does not end, and catches that it is cancelled, ends its worker, not
# all of them; a transaction in which somebody puts an alarm keeps no other one from its state.
$node->safe_psql(
	'postgres', <<'SQL');
CREATE FUNCTION hang(message jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  LOOP
    BEGIN PERFORM pg_sleep(1000); EXCEPTION WHEN query_canceled THEN NULL; END;
  END LOOP;
END $$;
SELECT sqs_put_metric_alarm(name, 'watched', 'NumberOfMessagesSent', 'Sum', 'GreaterThanOrEqualToThreshold', 0, treat_missing_data => 'breaching',
  alarm_actions => actions) FROM (VALUES ('hang', '{function:hang}'::text[]), ('later', '{}')) AS v (name, actions);
SQL
$node->restart;
my $putter = queue_session($node, 'postgres');
$putter->run("BEGIN; SELECT sqs_put_metric_alarm('other', 'watched', 'NumberOfMessagesSent', 'Sum', 'LessThanThreshold', 0)");
becomes($node, 'postgres', "SELECT string_agg(state, ' ') FROM sqs_alarms WHERE alarm_name IN ('hang', 'later')", 'ALARM ALARM',
	'a function that does not end holds nobody up for long');
query_is($node, 'postgres', "SELECT count(*) FROM sqs_alarm_history WHERE alarm_name = 'hang' AND summary LIKE 'Failed%the worker ended%'", 1,
	'and the history says so');
$putter->run('ROLLBACK');
$node->safe_psql('postgres', "SELECT sqs_delete_alarm('hang'), sqs_delete_alarm('later')");

# --------------------------------------------------------------------------
# More queues than there are places

# Has a database with 20 queues in use.
sub use_many
{
	my ($db) = @_;

	$node->safe_psql($db, <<'SQL');
CREATE EXTENSION IF NOT EXISTS queue;
SELECT sqs_create_queue('many-' || n) FROM generate_series(1, 20) AS n;
SELECT sqs_send('many-' || n, 'x') FROM generate_series(1, 20) AS n;
SQL
	return;
}

my $finding = "SELECT count(*) FROM sqs_health() WHERE finding = 'too many queues for metrics over time'";

query_is($node, 'postgres', $finding, 0, 'there are enough places');
$node->append_conf('postgresql.conf', 'queue.metrics_queues = 16');
$node->restart;
use_many('postgres');
query_is($node, 'postgres', $finding, 1, 'there are not');
$node->safe_psql('postgres', 'SELECT queue.sample_metrics(now())');
query_is($node, 'postgres', "SELECT sum(s.sum) FROM generate_series(1, 20) AS n,
sqs_get_metric_statistics('many-' || n, 'NumberOfMessagesSent', '-infinity', 'infinity') AS s", 16, 'as many queues are counted as have one');
query_is($node, 'postgres', "SELECT count(DISTINCT n) FROM generate_series(1, 20) AS n,
sqs_get_metric_statistics('many-' || n, 'ApproximateNumberOfMessagesVisible', '-infinity', 'infinity') AS s", 20, 'others have gauges');
$node->safe_psql('postgres', "SELECT sqs_delete_queue('many-' || n) FROM generate_series(1, 20) AS n");
becomes($node, 'postgres', $finding, 0, 'queues that are gone need no place');
$node->safe_psql('postgres', 'CREATE DATABASE other');
use_many('other');
query_is($node, 'postgres', $finding, 1, 'places are for all databases');
$node->safe_psql('other', 'DROP EXTENSION queue CASCADE');
becomes($node, 'postgres', $finding, 0, 'where the extension is gone none is needed');
use_many('other');
query_is($node, 'postgres', $finding, 1, 'they are taken again');
$node->safe_psql('postgres', 'DROP DATABASE other');
$node->restart;
becomes($node, 'postgres', $finding, 0, 'and needed no more when the database is gone');

$node->stop;
log_is_clean($node, qr/terminating|the database system is|could not execute action|out of background worker slots|terminating background worker/, 'the server met no errors');
done_testing();
