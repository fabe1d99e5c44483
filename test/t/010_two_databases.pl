# Queues of two databases have nothing to do with each other, also if they have
# the same name and are used at once. And the worker, however busy, does not
# hold up what needs a database without anybody in it.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $node = queue_node('two', conf => "queue.worker_interval = 100ms\nlog_statement = none\n");
my @databases = ('postgres', 'other');

$node->safe_psql('postgres', 'CREATE DATABASE other');
$node->safe_psql('other', 'CREATE EXTENSION queue');

# --------------------------------------------------------------------------
# The same name in both

foreach my $db (@databases)
{
	$node->safe_psql($db, <<"SQL");
SELECT sqs_create_queue('q', '{"VisibilityTimeout": 600}');
SELECT sqs_send('q', 'of $db');
SQL
}
query_is($node, 'postgres', "SELECT body FROM sqs_receive('q', 10)", 'of postgres',
	'one database receives its own message');
state_is($node, 'postgres', 'q', '0|1|0', 'it is in flight there');
state_is($node, 'other', 'q', '1|0|0', 'that of the other database is still visible');
query_is($node, 'other', "SELECT body FROM sqs_receive('q', 10)", 'of other',
	'the other database receives its own');

my @waiters = map { queue_session($node, $_) } @databases;
my $pids = join ',', map { $_->pid } @waiters;

$_->start("SELECT body FROM sqs_receive('q', 1, 600, 20)") foreach @waiters;
becomes($node, 'postgres', "SELECT count(*) FROM pg_stat_activity WHERE pid IN ($pids) AND wait_event_type = 'Extension'",
	2, 'a session waits in each');
$node->safe_psql('other', "SELECT sqs_send('q', 'for other')");
is($waiters[1]->finish, 'for other', 'a message ends the wait in its own database');
$node->safe_psql('postgres', "SELECT sqs_send('q', 'for postgres')");
is($waiters[0]->finish, 'for postgres', 'and only there');
state_is($node, 'postgres', 'q', '0|2|0', 'no message went astray');

# Both at once
foreach my $db (@databases)
{
	$node->safe_psql($db, <<'SQL');
SELECT sqs_create_queue('busy', '{"VisibilityTimeout": 600}');
CREATE TABLE sent (body text);
CREATE TABLE done (body text);
CREATE PROCEDURE work(n int) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. n LOOP
    INSERT INTO sent VALUES (current_database() || i);
    PERFORM sqs_send('busy', current_database() || i);
    IF i % 10 = 0 THEN
      ROLLBACK;
    ELSE
      COMMIT;
    END IF;
    IF i % 3 = 0 THEN
      INSERT INTO done SELECT body FROM sqs_receive('busy', 5)
      WHERE sqs_delete('busy', receipt_handle);
    END IF;
  END LOOP;
END $$;
SQL
}
$_->start('CALL work(3000)') foreach @waiters;
is($_->finish, '', 'the work is done in one of the databases') foreach @waiters;
foreach my $db (@databases)
{
	query_is($node, $db, <<'SQL', '0|0|2700', "what $db sent was processed there, once");
WITH rest AS (INSERT INTO done SELECT body FROM sqs_pop('busy', 10000) RETURNING body),
  finished AS (SELECT body FROM done UNION ALL SELECT body FROM rest)
SELECT (SELECT count(*) FROM (SELECT body FROM sent EXCEPT ALL SELECT body FROM finished) AS lost),
  (SELECT count(*) FROM (SELECT body FROM finished EXCEPT ALL SELECT body FROM sent) AS invented),
  (SELECT count(*) FROM sent)
SQL
	sound($node, $db, $db, 'q', 'busy');
}
$_->quit foreach @waiters;

# --------------------------------------------------------------------------
# Databases that come and go

$node->safe_psql('other', "SELECT sqs_create_queue('model'); SELECT sqs_send('model', 'copied')");
my $received = 0;
my $counted = 0;

foreach my $turn (1 .. 20)
{
	$node->safe_psql('postgres', "CREATE DATABASE copy TEMPLATE other");
	$received += $node->safe_psql('copy',
		"SELECT count(*) FROM sqs_receive('model', 10, 600) WHERE body = 'copied'");
	$node->safe_psql('postgres', 'ALTER DATABASE copy RENAME TO renamed');
	# While the worker counts the messages of a new database, others see a part.
	$counted += $node->poll_query_until('renamed',
		"SELECT in_flight FROM sqs_queues WHERE name = 'model'", '1');
	$node->safe_psql('renamed', 'DROP EXTENSION queue CASCADE') if $turn % 2 == 0;
	$node->safe_psql('postgres', 'DROP DATABASE renamed');
}
is($received, 20, 'a message is received in each copy of a database, at once');
is($counted, 20, 'and counted, also when the copy is renamed');
state_is($node, 'other', 'model', '1|0|0', 'the original has not changed');

foreach my $turn (1 .. 20)
{
	$node->safe_psql('other', 'DROP EXTENSION queue CASCADE');
	$node->safe_psql('other',
		"CREATE EXTENSION queue; SELECT sqs_create_queue('q'); SELECT sqs_send('q', 'new')");
}
query_is($node, 'other', "SELECT body FROM sqs_receive('q', 10)", 'new',
	'the extension is dropped and created at once, and starts anew');

# A command meets a worker in the middle of its work, and the worker has to
# leave. It is stopped until the command is on its way. It may have been about
# to leave anyway; then it gets more to do.
sub makes_way
{
	my ($command, $db, $statement, $undo) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $told = 0;

	foreach my $attempt (1 .. 10)
	{
		my $log = -s $node->logfile;
		my $session = queue_session($node, $db);
		my $watch;
		my $look;
		my $worker;

		$node->safe_psql(
			'other', <<'SQL');
SET queue.minimum_retention = 1;
CREATE EXTENSION IF NOT EXISTS queue;
SELECT sqs_create_queue('old', '{"MessageRetentionPeriod": 1}');
SELECT count(*) FROM generate_series(1, 10) AS n, sqs_send_batch('old', array_fill('m'::text, ARRAY[10000 - n]));
SQL
		$watch = queue_session($node, 'other');
		$look = $watch->run(<<'SQL');
SELECT format('SELECT pid FROM pg_stat_activity WHERE backend_type = ''queue worker''
  AND datname = ''other'' AND (SELECT count(*) BETWEEN 1 AND 99900 FROM queue.messages_%s_1)', queue_id)
FROM queue.queues WHERE queue_name = 'old'
SQL
		# Nothing is asked of the server while it is stopped: it may hold a lock.
		foreach my $turn (1 .. 10000)
		{
			$worker = $watch->run($look);
			last if $worker && kill 'STOP', $worker;
		}
		$watch->quit;
		$session->start($statement);
		kill 'CONT', $worker if $worker;
		unlike($session->finish, qr/ERROR/, "$command succeeds");
		$session->quit;
		$told = slurp_file($node->logfile, $log) =~ /terminating background worker "queue worker"/;
		last if $told;
		$node->safe_psql('postgres', $undo) if $undo;
	}
	return ok($told, "$command: the worker makes way");
}

makes_way('CREATE DATABASE', 'postgres', 'CREATE DATABASE copy TEMPLATE other', 'DROP DATABASE copy');
makes_way('DROP EXTENSION', 'other', 'DROP EXTENSION queue CASCADE');
makes_way('DROP DATABASE', 'postgres', 'DROP DATABASE other', 'CREATE DATABASE other');
$node->safe_psql('postgres', 'DROP DATABASE copy');

$node->safe_psql('postgres', "SELECT sqs_send('q', 'still here')");
query_is($node, 'postgres', "SELECT body FROM sqs_receive('q', 10)", 'still here',
	'the first database goes on');
sound($node, 'postgres', 'at the end', 'q', 'busy');
$node->stop;
# A worker may be on its way to a database while that is dropped.
log_is_clean($node, qr/terminating background worker|database \d+ does not exist/, 'the server met no errors');
done_testing();
