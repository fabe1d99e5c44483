# However long a transaction holds back vacuum, a queue in use takes a bounded
# space. Neither a dump nor a consumer that idles in its transaction hold up
# senders and receivers, and after them the space comes back. A dump that is
# taken while segments change has each message once.

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $segment_size = 512 * 1024;
my $node = queue_node('pinned', conf => <<"CONF");
log_statement = none
autovacuum_naptime = 1s
queue.worker_interval = 100ms
queue.segment_size = '512kB'
queue.truncate_delay = 0
CONF

# What the space of a queue in use may be, in sizes of a segment: two segments
# that are full, one that is being filled, and what runs over between two rounds
# of the worker.
my $factor = 8;

my $script = PostgreSQL::Test::Utils::tempdir() . '/load.sql';

append_to_file($script, <<'PGBENCH');
SELECT count(*) FROM sqs_send_batch('q', array_fill(repeat('x', 300), ARRAY[10]));
SELECT coalesce(array_agg(receipt_handle), '{}') AS handles, count(*) AS found FROM sqs_receive('q', 10) \gset
\if :found > 0
SELECT sqs_delete_batch('q', :handles);
\endif
PGBENCH

# Runs load for some seconds. No statement may wait for long, and none may fail.
# Returns the largest size of the queue, in bytes, and how many messages were
# sent.
sub load
{
	my ($seconds, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	local $ENV{PGOPTIONS} = '-c lock_timeout=1s -c statement_timeout=5s';
	my $output = '';
	my $watch = queue_session($node, 'postgres');
	my $largest = 0;
	my $pgbench = IPC::Run::start(
		[
			$node->installed_command('pgbench'), '--no-vacuum', '--protocol=prepared', '--rate=300',
			'-c', 4, '-T', $seconds, '-f', $script, $node->connstr('postgres')
		],
		'<', \undef, '>&', \$output, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));

	while ($pgbench->pumpable)
	{
		my $size = $watch->run(queue_size('q') =~ s/^SELECT/SELECT pg_sleep(0.02) IS NULL,/r);

		$size =~ s/.*\|//;
		$largest = $size if $size > $largest;
		$pgbench->pump_nb;
	}
	$watch->quit;
	ok($pgbench->finish, "$name: senders and receivers go on") or diag($output);

	my ($transactions) = $output =~ /^number of transactions actually processed: (\d+)/m;
	note(sprintf '%s: %d messages, at most %.1f segments', $name, 10 * $transactions, $largest / $segment_size);
	return ($largest, 10 * $transactions);
}

# Passes when an idle queue has given back all but what its messages need. A
# segment stays as long as it has a message that was never received, so what the
# load has left over is received first.
sub shrinks
{
	my ($name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	$node->safe_psql('postgres', "SELECT count(*) FROM sqs_pop('q', 10000)");

	my $shrunk = becomes($node, 'postgres', 'SELECT (' . queue_size('q') . ") < 2 * $segment_size", 't', $name);

	diag($node->safe_psql('postgres', <<'SQL')) unless $shrunk;
SELECT format('in use: %s, changes: %s', segments, rotations) FROM queue.queues;
SELECT format('%s: %s bytes, table %s', c.oid::regclass, pg_total_relation_size(c.oid), pg_relation_size(c.oid))
FROM pg_class AS c WHERE relname ~ '^messages_\d+_\d$' ORDER BY relname;
SELECT format('%s: %s by %s', relation::regclass, mode, pid) FROM pg_locks
WHERE relation::regclass::text ~ '^queue.messages';
SELECT visible, in_flight, delayed FROM sqs_queues;
SQL
	return $shrunk;
}

# Some messages stay for the whole test, and are moved each time.
$node->safe_psql(
	'postgres', <<'SQL');
SELECT sqs_create_queue('q', '{"VisibilityTimeout": 3600}');
SELECT count(*) FROM sqs_send_batch('q', ARRAY(SELECT 'kept ' || i FROM generate_series(1, 30) AS i), 900);
SQL
my $rows = 'SELECT rotations FROM queue.queues';
my $kept = "SELECT count(*), count(DISTINCT body), count(DISTINCT id), min(left(body, 4)) FROM %s AS m WHERE body <> repeat('x', 300)";

# --------------------------------------------------------------------------
# A pinned horizon

my $session = queue_session($node, 'postgres');

load(3, 'alone');
$session->run('BEGIN ISOLATION LEVEL REPEATABLE READ');
$session->run('SELECT 1 FROM pg_class LIMIT 1');
my ($early) = load(6, 'pinned');
my $rotations = $node->safe_psql('postgres', $rows);
my ($late, $messages) = load(10, 'still pinned');

cmp_ok($early, '<', $factor * $segment_size, 'with a pinned horizon the size is bounded');
cmp_ok($late, '<', $factor * $segment_size, 'and stays so');
cmp_ok($messages * 300, '>', $factor * $segment_size, 'what was sent meanwhile would not fit');
cmp_ok($node->safe_psql('postgres', $rows), '>', $rotations + 5, 'segments changed meanwhile');
rows_become($node, 'postgres', 'q', $kept, '30|30|30|kept', 'what is kept is there');
is($session->run('SELECT 1'), 1, 'the horizon is still pinned');
$session->run('COMMIT');
shrinks('when the horizon moves on, all space is given back');
sound($node, 'postgres', 'after the pinned horizon', 'q');

# --------------------------------------------------------------------------
# A consumer that idles in its transaction

$node->safe_psql('postgres', "SELECT count(*) FROM sqs_pop('q', 10000)");
$node->safe_psql('postgres', "SELECT sqs_send('q', 'idle')");
$session->run('BEGIN');
is($session->run("SELECT body FROM sqs_receive('q')"), 'idle', 'a consumer receives and idles');
load(6, 'with an idle consumer');
sound($node, 'postgres', 'with an idle consumer', 'q');
$session->run('COMMIT');
shrinks('when the consumer has finished, all space is given back');
$node->safe_psql('postgres', "SELECT count(*) FROM sqs_pop('q', 10000)");
$node->safe_psql('postgres', "SELECT sqs_send('q', 'idle 2')");
$session->run('BEGIN');
is($session->run("SELECT body FROM sqs_receive('q')"), 'idle 2', 'a consumer receives and idles again');
load(3, 'with another idle consumer');
$session->vanish;
becomes($node, 'postgres', "SELECT count(*) FROM sqs_pop('q', 10000) WHERE body = 'idle 2'", 1,
	'when it is gone its message is back');
shrinks('and all space is given back');
sound($node, 'postgres', 'after the idle consumers', 'q');

# --------------------------------------------------------------------------
# A dump

$session = queue_session($node, 'postgres');
$session->run('BEGIN ISOLATION LEVEL REPEATABLE READ');
$session->run(<<'SQL');
DO $$
BEGIN
  EXECUTE (SELECT 'LOCK TABLE ' || string_agg(c.oid::regclass::text, ', ') || ' IN ACCESS SHARE MODE'
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE nspname = 'queue' AND relkind = 'r');
END
$$
SQL
my $dumped = session_rows($session, 'q');
my $expected = $session->run(sprintf $kept, $dumped);
like($expected, qr/^31\|31\|31/, 'a dump has begun');
load(6, 'with a dump');
is($session->run(sprintf $kept, $dumped), $expected, 'the dump has read each message, once');
$session->run('COMMIT');
shrinks('when the dump is done, all space is given back');
sound($node, 'postgres', 'after the dump', 'q');

# pg_dump itself; it has the time of truncate_delay to lock the tables.
change_setting($node, 'queue.truncate_delay', '30s');
my $file = PostgreSQL::Test::Utils::tempdir() . '/dump';
my $output = '';
my $pgbench = IPC::Run::start(
	[
		$node->installed_command('pgbench'), '--no-vacuum', '--protocol=prepared', '--rate=300',
		'-c', 4, '-T', 8, '-f', $script, $node->connstr('postgres')
	],
	'<', \undef, '>&', \$output, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
my $dumps = 0;

while ($pgbench->pumpable)
{
	system_or_bail('pg_dump', '-d', $node->connstr('postgres'), '-f', $file . ++$dumps);
	$pgbench->pump_nb;
}
ok($pgbench->finish, 'senders and receivers go on while pg_dump runs') or diag($output);
cmp_ok($dumps, '>', 3, 'pg_dump has run some times');
foreach my $dump (1 .. ($dumps > 6 ? 6 : $dumps))
{
	$node->safe_psql('postgres', 'CREATE DATABASE copy');
	$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', 'copy', '-f', "$file$dump" ],
		"dump $dump is restored");
	rows_become($node, 'copy', 'q', $kept, '31|31|31|idle', "dump $dump: what is kept is there, once");
	rows_become($node, 'copy', 'q', 'SELECT count(*) - count(DISTINCT id) FROM %s AS m', 0,
		"dump $dump: no message is there twice");
	sound($node, 'copy', "dump $dump", 'q');
	$node->safe_psql('postgres', 'DROP DATABASE copy');
}
shrinks('after pg_dump all space is given back');

$session->quit;
sound($node, 'postgres', 'at the end', 'q');
$node->stop;
log_is_clean($node, qr/terminating|database \d+ does not exist|connection to client lost/, 'the server met no other errors');
done_testing();
