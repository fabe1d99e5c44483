# A message move task survives whatever happens to the worker and the server: no
# message is lost or moved twice, and the number that it says it has moved is
# right, when the worker is killed, the server crashes or stops in the middle of
# it, and when a dump that was taken in the middle is restored elsewhere. It
# keeps to its rate, does not keep the worker from other queues, and stops when
# it is cancelled or its destination is deleted. Messages that consumers fail to
# process end up once in the dead-letter queue, whatever happens.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $conf = <<'CONF';
queue.worker_interval = 200ms
queue.recreate_delay = 0
queue.minimum_retention = 1
log_statement = none
CONF
my $node = queue_node('tasks', conf => $conf);
my $policy = '{"RedrivePolicy": "{\"deadLetterTargetArn\": \"arn:aws:sqs:us-east-1:000000000000:dead\", \"maxReceiveCount\": 1}"}';

$node->safe_psql('postgres', <<"SQL");
SELECT sqs_create_queue('dead');
SELECT sqs_create_queue('source', '$policy');
SELECT sqs_create_queue('other');
CREATE TABLE sent (body text);
CREATE FUNCTION fill(n int) RETURNS bigint LANGUAGE plpgsql AS \$\$
BEGIN
  FOR i IN 1 .. n BY 5000 LOOP
    PERFORM sqs_send_batch('source', ARRAY(SELECT format('%s %s', i + j, repeat('x', 100)) FROM generate_series(0, 4999) AS j));
  END LOOP;
  RETURN n;
END
\$\$;
SQL

# Fills the dead-letter queue, by messages that are received twice.
sub fill
{
	my ($count) = @_;

	my $receive = "SELECT count(*) FROM sqs_receive('source', 10000, 0);\n";

	$node->safe_psql('postgres', "SELECT fill($count)");
	ok( $node->poll_query_until(
			'postgres',
			"\\o /dev/null\n" . $receive x 5 . <<'SQL', "$count|0"), "$count messages are dead");
\o
SELECT (SELECT visible FROM sqs_queues WHERE name = 'dead'), (SELECT visible FROM sqs_queues WHERE name = 'source')
SQL
	return;
}

sub task
{
	my ($db, $server) = @_;

	return ($server || $node)->safe_psql($db || 'postgres', <<'SQL');
SELECT status, approximate_number_of_messages_moved FROM sqs_list_message_move_tasks('dead')
SQL
}

# The worker that is at work on a task.
my $worker = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'queue worker'";

# Waits until a task has moved something since, and has not ended.
sub wait_for_progress
{
	my ($moved) = @_;

	return $node->poll_query_until('postgres', <<"SQL");
SELECT approximate_number_of_messages_moved > $moved FROM sqs_list_message_move_tasks('dead')
SQL
}

# Checks that all messages are in one of two queues, each once, and that the task
# tells the truth.
sub all_there
{
	my ($server, $db, $count, $to, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $dead = queue_rows($server, $db, 'dead');
	my $moved = queue_rows($server, $db, $to);

	query_is($server, $db, <<"SQL", "$count|$count|t", $name);
WITH rows AS (SELECT body, 'dead' AS place FROM $dead AS d UNION ALL SELECT body, 'moved' FROM $moved AS m)
SELECT count(*), count(DISTINCT body),
  count(*) FILTER (WHERE place = 'moved') = (SELECT messages_moved FROM queue.message_move_tasks ORDER BY started_at DESC LIMIT 1)
FROM rows
SQL
	return;
}

sub empty
{
	my ($queue) = @_;

	$node->safe_psql('postgres', "SET queue.purge_interval = 0; SELECT sqs_purge_queue('$queue')");
	becomes($node, 'postgres', "SELECT count(*) FROM " . queue_rows($node, 'postgres', $queue) . " AS r",
		0, "$queue is emptied");
	return;
}

# --------------------------------------------------------------------------
# As fast as it can

fill(20000);
$node->safe_psql('postgres', "SELECT sqs_start_message_move_task('dead')");
becomes($node, 'postgres', "SELECT status FROM sqs_list_message_move_tasks('dead')", 'COMPLETED',
	'the worker moves all');
is(task(), 'COMPLETED|20000', 'and says so');
all_there($node, 'postgres', 20000, 'source', 'each message is back, once');
sound($node, 'postgres', 'after a task', 'dead', 'source');
empty('source');

# --------------------------------------------------------------------------
# Whatever happens to the worker and the server

fill(5000);
$node->safe_psql('postgres', "SELECT sqs_start_message_move_task('dead', 'other', 400)");
my $moved = 0;
foreach my $turn (1 .. 3)
{
	wait_for_progress($moved) or die 'no progress';
	my $pid = $node->safe_psql('postgres', $worker);
	ok($pid ne '', "the worker stays at work, $turn");
	$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM ($worker) AS w");
	(undef, $moved) = split /\|/, task();
	all_there($node, 'postgres', 5000, 'other', "nothing is lost when the worker is terminated, $turn");
}
foreach my $turn (1 .. 3)
{
	wait_for_progress($moved) or die 'no progress';
	my $log = -s $node->logfile;
	my ($pid) = split /\n/, $node->safe_psql('postgres', $worker);

	SKIP:
	{
		skip 'the worker was not there', 1 unless $pid;
		kill 'KILL', $pid;
		$node->wait_for_log(qr/all server processes terminated; reinitializing/, $log);
		$node->poll_query_until('postgres', undef, '') or die 'no recovery';
		(undef, $moved) = split /\|/, task();
		all_there($node, 'postgres', 5000, 'other', "nor when it is killed, $turn");
	}
}
foreach my $mode ('fast', 'immediate')
{
	wait_for_progress($moved) or die 'no progress';
	$node->stop($mode);
	$node->start;
	(undef, $moved) = split /\|/, task();
	all_there($node, 'postgres', 5000, 'other', "nor by a stop that is $mode");
}
like(task(), qr/^RUNNING\|/, 'the task is still running');

# --------------------------------------------------------------------------
# A dump from the middle of it

my $dump = PostgreSQL::Test::Utils::tempdir();
$node->command_ok([ 'pg_dump', '--format', 'custom', '--file', "$dump/d", 'postgres' ], 'a dump is taken');
my $copy = queue_node('copy', conf => $conf, start => 0);
$copy->start;
$copy->safe_psql('postgres', 'CREATE DATABASE restored');
$copy->command_ok([ 'pg_restore', '--exit-on-error', '--jobs=2', '-d', 'restored', "$dump/d" ],
	'and restored, in parallel');
$copy->safe_psql('restored', 'UPDATE queue.message_move_tasks SET max_messages_per_second = NULL');
becomes($copy, 'restored', "SELECT status FROM sqs_list_message_move_tasks('dead')", 'COMPLETED',
	'the task goes on there');
is(task('restored', $copy), 'COMPLETED|5000', 'and moves what was left');
all_there($copy, 'restored', 5000, 'other', 'each message once');
sound($copy, 'restored', 'after the restore', 'dead', 'other');
$copy->stop;

# --------------------------------------------------------------------------
# Its end: cancelled, and with the destination

my ($before) = $node->safe_psql('postgres', <<'SQL');
SELECT sqs_cancel_message_move_task(task_handle) FROM sqs_list_message_move_tasks('dead')
SQL
all_there($node, 'postgres', 5000, 'other', 'a task that is cancelled tells how many it moved');
is(task(), "CANCELLED|$before", 'and moves no more');
$node->safe_psql('postgres', "SELECT sqs_start_message_move_task('dead', 'other', 50)");
wait_for_progress(0) or die 'no progress';
$node->safe_psql('postgres', "SELECT sqs_delete_queue('other')");
becomes($node, 'postgres', "SELECT status, failure_reason FROM sqs_list_message_move_tasks('dead')",
	'FAILED|AWS.SimpleQueueService.NonExistentQueue', 'a task whose destination is deleted fails');
empty('dead');

# --------------------------------------------------------------------------
# The rate, and others meanwhile

$node->safe_psql('postgres', "SELECT sqs_create_queue('other'); SELECT sqs_create_queue('short', '{\"MessageRetentionPeriod\": 1}')");
fill(5000);
$node->safe_psql('postgres', "SELECT sqs_start_message_move_task('dead', 'other', 100)");
wait_for_progress(0) or die 'no progress';
$node->safe_psql('postgres', "SELECT count(*) FROM sqs_send_batch('short', array_fill('expired'::text, ARRAY[3000]))");
becomes($node, 'postgres', "SELECT count(*) FROM " . queue_rows($node, 'postgres', 'short') . " AS r", 0,
	'other queues are swept meanwhile');
wait_for_progress(300) or die 'no progress';
query_is($node, 'postgres', <<'SQL', 't', 'a task keeps to its rate');
SELECT approximate_number_of_messages_moved <= 100 * extract(epoch FROM clock_timestamp() - to_timestamp(started_timestamp / 1000.0)) + 1
FROM sqs_list_message_move_tasks('dead')
SQL
my $session = queue_session($node, 'postgres');
$session->run('BEGIN');
$session->run("SELECT sqs_cancel_message_move_task(task_handle) FROM sqs_list_message_move_tasks('dead')");
$node->safe_psql('postgres', "SELECT count(*) FROM sqs_send_batch('short', array_fill('expired'::text, ARRAY[3000]))");
becomes($node, 'postgres', "SELECT count(*) FROM " . queue_rows($node, 'postgres', 'short') . " AS r", 0,
	'a session that holds a task does not hold the worker');
$session->run('ROLLBACK');
($before) = task() =~ /\|(\d+)/;
ok(wait_for_progress($before), 'a cancellation that is rolled back is none');
$node->safe_psql('postgres', "SELECT sqs_cancel_message_move_task(task_handle) FROM sqs_list_message_move_tasks('dead')");
sound($node, 'postgres', 'after tasks', 'dead', 'source', 'other', 'short');

# A database can be dropped while the worker moves messages in it.
$node->safe_psql('postgres', 'CREATE DATABASE doomed');
$node->safe_psql('doomed', <<"SQL");
CREATE EXTENSION queue;
SELECT sqs_create_queue('dead');
SELECT sqs_create_queue('source', '$policy');
SELECT sqs_send_batch('dead', array_fill('x'::text, ARRAY[1000]));
SELECT sqs_start_message_move_task('dead', 'source', 1);
SQL
becomes($node, 'doomed', "SELECT approximate_number_of_messages_moved > 0 FROM sqs_list_message_move_tasks('dead')",
	't', 'a task in another database');
$node->safe_psql('postgres', 'DROP DATABASE doomed');

# --------------------------------------------------------------------------
# Consumers that fail, at random, while backends are killed

foreach my $queue ('dead', 'source')
{
	empty($queue);
}
$node->safe_psql('postgres', <<"SQL");
TRUNCATE sent;
CREATE TABLE done (body text);
SELECT sqs_set_queue_attributes('source', '{"VisibilityTimeout": 0, "RedrivePolicy": "{\\"deadLetterTargetArn\\": \\"arn:aws:sqs:us-east-1:000000000000:dead\\", \\"maxReceiveCount\\": 3}"}');
CREATE FUNCTION produce(n int) RETURNS void LANGUAGE plpgsql AS \$\$
BEGIN
  WITH new AS (INSERT INTO sent SELECT gen_random_uuid()::text FROM generate_series(1, n) RETURNING body)
  SELECT count(sqs_send('source', body)) INTO n FROM new;
END
\$\$;
CREATE FUNCTION consume(n int) RETURNS void LANGUAGE plpgsql AS \$\$
DECLARE
  m sqs_message;
BEGIN
  FOR m IN SELECT * FROM sqs_receive('source', n) LOOP
    IF random() < 0.4 AND sqs_delete('source', m.receipt_handle) THEN
      INSERT INTO done VALUES (m.body);
    END IF;
  END LOOP;
END
\$\$;
SQL
my $scripts = PostgreSQL::Test::Utils::tempdir();
append_to_file("$scripts/produce", "SELECT produce(1 + (random() * 10)::int);\n");
append_to_file("$scripts/consume", <<'PGBENCH');
\set fate random(0, 9)
BEGIN;
SELECT consume(1 + (random() * 10)::int);
\if :fate = 0
ROLLBACK;
\else
COMMIT;
\endif
PGBENCH
$node->command_ok(
	[
		'pgbench', '-n', '-c', '8', '-j', '2', '-t', '400',
		'-f', "$scripts/produce\@3", '-f', "$scripts/consume\@10", 'postgres'
	],
	'consumers fail at random');
my $source = queue_rows($node, 'postgres', 'source');
my $dead = queue_rows($node, 'postgres', 'dead');
query_is($node, 'postgres', <<"SQL", '0|0|t|t', 'each message is done, dead or waiting, once');
WITH places AS (SELECT body FROM done UNION ALL SELECT body FROM $source AS s UNION ALL SELECT body FROM $dead AS d)
SELECT (SELECT count(*) FROM (SELECT body FROM sent EXCEPT ALL SELECT body FROM places) AS lost),
  (SELECT count(*) FROM (SELECT body FROM places EXCEPT ALL SELECT body FROM sent) AS twice),
  (SELECT count(*) > 0 FROM $dead AS d), (SELECT bool_and(receive_count = 3) FROM $dead AS d)
SQL
sound($node, 'postgres', 'after consumers that fail', 'dead', 'source');

$session->quit;
$node->stop;
log_is_clean($node, qr/the database system is|terminating|database \d+ does not exist|server process .* was terminated/, 'the server met no other errors');
done_testing();
