# Metrics over time have each message that was sent, received and deleted, once:
# under load, over a restart in good order, with sessions at work when it begins,
# over the launcher's own end, and over a crash but for what came after the last
# sample. Alarms are evaluated by the worker, and act as their owners.

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
my ($file) = glob($node->data_dir . '/pg_stat/queue_metrics.*');
ok(defined $file, 'what was not sampled is in a file');
$node->start;
points_become('after a restart');
becomes($node, 'postgres', "SELECT (" . points('NumberOfMessagesSent', 'busy') . ") = count(*) FROM queue.messages_2_1",
	't', 'so has the queue that a session was sending to');
ok(!-e $file, 'the file is gone');

# What the file says is taken in once.
$node->restart;
points_become('after another restart');

# --------------------------------------------------------------------------
# Over the end of the launcher alone

load('before the launcher ends');
note_totals();
$node->safe_psql('postgres',
	"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'queue launcher'");
becomes($node, 'postgres',
	"SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'queue launcher'", 1, 'the launcher is back');
becomes($node, 'postgres', "SELECT count(*) FROM pg_ls_dir('pg_stat') AS f WHERE f LIKE 'queue_metrics.%'", 0,
	'what it left was taken in');
$node->safe_psql('postgres', 'SELECT queue.sample_metrics(now())');
points_become('after the end of the launcher');

# A damaged file is none.
$node->safe_psql('postgres', "SELECT sqs_send('q', 'lost')");
$node->stop;
append_to_file($file, 'x');
open(my $handle, '+<', $file) or die "could not open \"$file\": $!";
seek($handle, 20, 0);
print $handle 'damage';
close($handle);
$node->start;
becomes($node, 'postgres', "SELECT count(*) FROM pg_ls_dir('pg_stat') AS f WHERE f LIKE 'queue_metrics.%'", 0,
	'a damaged file is removed');
ok($node->log_contains('queue_metrics.* is damaged'), 'and the log says so') if $node->can('log_contains');

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

# --------------------------------------------------------------------------
# Over a crash

$node->safe_psql('postgres', "SELECT sqs_send('q', 'x') FROM generate_series(1, 10)");
$node->safe_psql('postgres', 'SELECT queue.sample_metrics(now())');
my $sampled = $node->safe_psql('postgres', points('NumberOfMessagesSent'));
$node->safe_psql('postgres', "SELECT sqs_send('q', 'x') FROM generate_series(1, 10)");
$node->stop('immediate');
$node->start;
$node->safe_psql('postgres', "SELECT sqs_send('q', 'x')");
$node->safe_psql('postgres', 'SELECT queue.sample_metrics(now())');
my $after = $node->safe_psql('postgres', points('NumberOfMessagesSent'));
cmp_ok($after, '>=', $sampled + 1, 'after a crash: what was sampled is there');
cmp_ok($after, '<=', $sampled + 11, 'after a crash: nothing is counted twice');

$node->stop;
log_is_clean($node, qr/terminating|the database system is|could not execute action/, 'the server met no errors');
done_testing();
