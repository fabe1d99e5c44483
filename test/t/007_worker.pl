# The worker removes expired messages and the tables of deleted queues. A queue
# that is broken or locked does not keep it from the others. It survives the
# extension's absence and removal, a crash, SIGHUP, its own end and any kind of
# stop of the server; what a database sets for its sessions does not concern
# it.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $node = queue_node('worker', conf => <<'CONF');
queue.worker_interval = 100ms
queue.recreate_delay = 0
queue.minimum_retention = 1
CONF

# Creates a queue that keeps messages for a second; returns the name of its
# table.
sub create_queue
{
	my ($queue) = @_;

	$node->safe_psql('postgres', "SELECT sqs_create_queue('$queue', '{\"MessageRetentionPeriod\": 1}')");
	return table_of($queue);
}

sub table_of
{
	my ($queue) = @_;

	return $node->safe_psql('postgres',
		"SELECT 'queue.messages_' || queue_id || '_1' FROM queue.queues WHERE queue_name = '$queue'");
}

# Fills a queue with messages that expire.
sub fill
{
	my ($queue, $count) = @_;

	$node->safe_psql('postgres',
		"SELECT count(*) FROM sqs_send_batch('$queue', array_fill('expired'::text, ARRAY[$count]))");
	return;
}

# Passes if the worker removes the expired messages of a queue.
sub sweeps
{
	my ($queue, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $table = table_of($queue);

	# What is to be kept seems to have been sent later than it was.
	fill($queue, 3000);
	$node->safe_psql('postgres', <<"SQL");
BEGIN;
SELECT sqs_send_batch('$queue', array_fill('kept'::text, ARRAY[5]));
UPDATE $table SET sent_at = sent_at + interval '1 hour' WHERE body = 'kept';
COMMIT;
SQL
	becomes($node, 'postgres', "SELECT count(*) FROM $table WHERE body = 'expired'", 0,
		"$name: expired messages are removed");
	state_becomes($node, 'postgres', $queue, '5|0|0', "$name: the others are counted");
	query_is($node, 'postgres', "SELECT * FROM sqs_check('$queue')", '', "$name: the queue is sound");
	query_is($node, 'postgres', "SELECT count(*) FROM sqs_pop('$queue', 10000)", 5,
		"$name: the others are there");
	return;
}

my $table = create_queue('q');
my $session = queue_session($node, 'postgres');

# --------------------------------------------------------------------------
# What it does

sweeps('q', 'at work');

$node->safe_psql(
	'postgres', <<'SQL');
SELECT sqs_send_batch('q', ARRAY['in flight', 'in flight']);
SELECT sqs_send('q', 'delayed', 900);
SELECT sqs_receive('q', 10, 600);
SELECT sqs_send('q', 'visible');
SQL
becomes($node, 'postgres', "SELECT count(*) FROM $table", 0,
	'expired messages are removed in whatever state');
state_becomes($node, 'postgres', 'q', '0|0|0', 'and no longer counted');

my $deleted = create_queue('deleted');
$node->safe_psql('postgres', "SELECT sqs_send('deleted', 'x')");
$session->run('BEGIN');
$session->run("SELECT sqs_receive('deleted')");
$node->safe_psql('postgres', "SELECT sqs_delete_queue('deleted')");
sweeps('q', 'with a deleted queue in use');
query_is($node, 'postgres', "SELECT to_regclass('$deleted') IS NOT NULL", 't',
	'the table of a deleted queue stays while a transaction uses it');
$session->run('COMMIT');
becomes($node, 'postgres', "SELECT to_regclass('$deleted') IS NULL", 't',
	'the table of a deleted queue is dropped');
becomes($node, 'postgres', 'SELECT count(*) FROM queue.deleted_queues', 0, 'and forgotten');

# --------------------------------------------------------------------------
# What it is not kept from

my $broken = create_queue('broken');
$node->safe_psql('postgres', <<"SQL");
SELECT sqs_send('broken', 'x');
DO \$\$ BEGIN
  EXECUTE (SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
    FROM pg_constraint WHERE conrelid = '$broken'::regclass AND contype = 'p');
END \$\$;
SQL
query_is($node, 'postgres', 'SELECT queue_name, problem FROM sqs_check()',
	'broken|the table of messages or its primary key is missing',
	'sqs_check names a broken queue');
create_queue('second');
fill('q', 3000);
fill('second', 3000);
becomes($node, 'postgres', "SELECT count(*) FROM $table", 0,
	'a broken queue does not keep the worker from one before it');
state_becomes($node, 'postgres', 'second', '0|0|0',
	'nor from one after it');
$node->safe_psql('postgres', "SELECT sqs_delete_queue('broken')");
becomes($node, 'postgres', "SELECT to_regclass('$broken') IS NULL", 't',
	'a broken queue can be deleted');

my $viewed = create_queue('viewed');
$node->safe_psql('postgres', "CREATE VIEW on_top AS SELECT * FROM $viewed; SELECT sqs_delete_queue('viewed')");
becomes($node, 'postgres', "SELECT to_regclass('$viewed') IS NULL", 't',
	'a view does not keep the worker from dropping a table');

my $locked = create_queue('locked');
$session->run('BEGIN');
$session->run("LOCK TABLE $locked");
sweeps('second', 'with another queue locked');
$session->run('COMMIT');
sweeps('locked', 'when the lock is released');

$node->safe_psql(
	'postgres', <<'SQL');
ALTER DATABASE postgres SET default_transaction_isolation = 'serializable';
ALTER DATABASE postgres SET statement_timeout = '1ms';
ALTER DATABASE postgres SET lock_timeout = '1ms';
ALTER DATABASE postgres SET default_transaction_read_only = on;
SQL
{
	local $ENV{PGOPTIONS} =
	  '-c default_transaction_isolation=read\ committed -c statement_timeout=0 -c lock_timeout=0 -c default_transaction_read_only=off';

	sweeps('q', 'with settings of the database');
	$node->safe_psql('postgres', "ALTER DATABASE postgres RESET ALL");
}

# --------------------------------------------------------------------------
# What it survives

sub launcher
{
	return $node->safe_psql('postgres',
		"SELECT pid FROM pg_stat_activity WHERE backend_type = 'queue launcher'");
}

my $pid = launcher();
$node->safe_psql('postgres', "SELECT pg_terminate_backend($pid)");
becomes($node, 'postgres', "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'queue launcher' AND pid <> $pid",
	1, 'the launcher comes back when it was terminated');
sweeps('q', 'after the launcher was terminated');

my $log = -s $node->logfile;
$session->quit;
kill 'KILL', launcher();
$node->wait_for_log(qr/all server processes terminated; reinitializing/, $log);
$node->poll_query_until('postgres', undef, '') or die 'no recovery';
sweeps('q', 'after a crash');

foreach my $mode ('smart', 'fast', 'immediate')
{
	$node->stop($mode);
	$node->start;
	sweeps('q', "after a stop that is $mode");
}

# An hour is longer than this test: who sweeps has heard of the new interval.
$node->safe_psql('postgres', "ALTER SYSTEM SET queue.worker_interval = '1h'");
$node->restart;
becomes($node, 'postgres', "SELECT state FROM pg_stat_activity WHERE backend_type = 'queue launcher'",
	'idle', 'the launcher rests');
fill('q', 10);
$node->safe_psql('postgres', 'ALTER SYSTEM RESET queue.worker_interval');
$node->reload;
becomes($node, 'postgres', "SELECT count(*) FROM $table", 0, 'SIGHUP tells it of a new interval');

foreach my $turn (1 .. 5)
{
	fill('q', 3000);
	$node->safe_psql('postgres', 'DROP EXTENSION queue CASCADE');
	$node->safe_psql('postgres', 'CREATE EXTENSION queue');
	$table = create_queue('q');
}
sweeps('q', 'after the extension was dropped and created');

$node->stop;
log_is_clean($node,
	qr/the database system is|terminating (?:connection|background worker)/,
	'the server met no other errors');
done_testing();
