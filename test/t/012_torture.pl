# Everything at once, on a few queues: senders, receivers, deletes and changes
# of visibility by handles new and old, purges, queues that are deleted and
# created again, retention of a second, tiny segments, rounds of the worker,
# transactions of all kinds, and sqs_check. Nothing fails that should not,
# nobody waits for long, and when all is quiet everything is sound.
#
#   QUEUE_TEST_SECONDS=n    so long
#   QUEUE_TEST_SEED=n       the same statements again

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $seconds = $ENV{QUEUE_TEST_SECONDS} || 40;
my $seed = $ENV{QUEUE_TEST_SEED} || time;
my @queues = ('logged1', 'logged2', 'strict', 'unlogged');
my %durability = (unlogged => 'unlogged');
my $node = queue_node('torture', conf => <<'CONF');
log_statement = none
deadlock_timeout = 200ms
queue.segment_size = 64kB
queue.truncate_delay = 0
queue.worker_interval = 100ms
queue.minimum_retention = 1
queue.purge_interval = 0
queue.recreate_delay = 0
CONF

# What handles that are outdated, and queues that come and go, bring about, and
# what else fails in a transaction after that
my $allowed = join '|',
  'queue "\w+" does not exist',
  'queue "\w+" already exists with a different value of \w+',
  'invalid receipt handle for queue "\w+"',
  'the receipt handle has expired',
  'the message is not available for a change of its visibility',
  'the batch is empty',
  'parameter ReceiptHandle is missing',
  # by the handle of a receive that was rolled back
  'invalid value for parameter VisibilityTimeout: "\d"',
  # queue.sweep() under REPEATABLE READ, as another one forgets a queue
  'could not serialize access due to concurrent delete',
  'prepared transaction with identifier "\w+" does not exist',
  'savepoint "s" does not exist',
  'current transaction is aborted';

# The same under SERIALIZABLE: only sessions of this kind sweep in transactions
# that also send and receive, and only to them is it allowed.
my $sweeping = 'rotator \d';
my $conflict = 'could not serialize access due to read/write dependencies among transactions';

note("seed $seed");
srand $seed;

# --------------------------------------------------------------------------
# What sessions do: each is a sequence of these, chosen at random

sub any
{
	return $_[ int rand @_ ];
}

sub up_to
{
	my ($n) = @_;

	return 1 + int rand $n;
}

sub create_queue
{
	my ($queue) = @_;
	my $attributes = sprintf '{"VisibilityTimeout": 1%s%s}',
	  $durability{$queue} ? ", \"Durability\": \"$durability{$queue}\"" : '',
	  $queue eq 'strict' ? ', "StrictReceiptHandles": true' : '';

	return "SELECT sqs_create_queue('$queue', '$attributes');";
}

my %does = (
	send => sub {
		my ($queue) = @_;

		return any(
			"SELECT sqs_send('$queue', 'one');",
			"SELECT sqs_send('$queue', 'mine', message_group_id => '" . any("loud", "loud", "loud", "quiet") . "');",
			"SELECT sqs_send_batch('$queue', array_fill('loud'::text, ARRAY[40]), message_group_ids => array_fill('loud'::text, ARRAY[40]));",
			"SELECT sqs_send('$queue', repeat('long ', 3000));",
			"SELECT sqs_send('$queue', 'late', " . int(rand 3) . ');',
			"SELECT sqs_send_batch('$queue', array_fill(repeat('x', 200), ARRAY[" . up_to(50) . ']));');
	},
	receive => sub {
		my ($queue) = @_;
		my $timeout = int rand 3;
		my $wait = any(0, 0, 0, 1);
		my $count = any(1, up_to(10), up_to(100));

		# Handles of earlier receives are kept, of whatever queue they were.
		return <<"SQL";
SELECT count(*) > 0 AS found, coalesce(array_agg(receipt_handle), '{}') AS handles
FROM sqs_receive('$queue', $count, $timeout, $wait) \\gset
\\if :found
\\set old :last
\\set last :handles
\\endif
SQL
	},
	pop => sub {
		my ($queue) = @_;

		return "SELECT sqs_pop('$queue', " . up_to(50) . ');';
	},
	delete => sub {
		my ($queue) = @_;
		my $handles = any('last', 'last', 'old');

		return any(
			"SELECT sqs_delete_batch('$queue', :'$handles');",
			"SELECT sqs_delete('$queue', (:'$handles'::text[])[1]);");
	},
	visibility => sub {
		my ($queue) = @_;
		my $handles = any('last', 'last', 'old');
		my $timeout = any(0, 0, up_to(3));

		return any(
			"SELECT sqs_change_visibility_batch('$queue', :'$handles', $timeout);",
			"SELECT sqs_change_visibility('$queue', (:'$handles'::text[])[1], $timeout);");
	},
	sweep => sub {
		return 'SELECT queue.sweep();';
	},
	rotate => sub {
		my ($queue) = @_;

		return any("CALL queue.rotate('$queue', 1);", "CALL queue.rotate('$queue');", 'CALL queue.rotate();');
	},
	purge => sub {
		my ($queue) = @_;

		return "SELECT pg_sleep(0.1); SELECT sqs_purge_queue('$queue');";
	},
	recreate => sub {
		my ($queue) = @_;
		my $pause = any('', 'SELECT pg_sleep(0.05);');

		return "SELECT pg_sleep(0.3); SELECT sqs_delete_queue('$queue'); $pause " . create_queue($queue);
	},
	attributes => sub {
		my ($queue) = @_;
		my $retention = any(1, 1, 2, 60);

		return any(
			"SELECT sqs_set_queue_attributes('$queue', '{\"MessageRetentionPeriod\": $retention}');",
			"SELECT sqs_set_queue_attributes('$queue', '{\"DelaySeconds\": " . any(0, 0, 0, 1) . "}');",
			"SELECT sqs_tag_queue('$queue', '{\"a\": \"b\"}'); SELECT sqs_untag_queue('$queue', ARRAY['a']);",
			'SELECT pg_sleep(0.05);');
	},
	look => sub {
		my ($queue) = @_;

		return any(
			"SELECT sqs_get_queue_attributes('$queue');",
			'SELECT * FROM sqs_queues;',
			'SELECT * FROM sqs_metrics;',
			"SELECT sqs_peek('$queue', 10);",
			"CALL sqs_wait(ARRAY['$queue'], 1);",
			'SELECT pg_sleep(0.02);');
	},
	# answers only if something is wrong
	check => sub {
		my ($queue) = @_;

		return "SELECT format('NOT SOUND: %s %s', queue_name, problem) FROM sqs_check();\nSELECT pg_sleep(0.2);\n";
	},
	transaction => sub {
		my ($does, $name) = @_;

		return join "\n", 'BEGIN ' . any('', '', '', 'ISOLATION LEVEL REPEATABLE READ', 'ISOLATION LEVEL SERIALIZABLE') . ';',
		  (map { $does->() } 1 .. up_to(4)),
		  any('COMMIT;', 'COMMIT;', 'ROLLBACK;');
	},
	savepoint => sub {
		my ($does, $name) = @_;

		return join "\n", 'BEGIN;', $does->(), 'SAVEPOINT s;', (map { $does->() } 1 .. up_to(3)),
		  any('ROLLBACK TO s;', 'RELEASE s;'), $does->(), any('COMMIT;', 'ROLLBACK;');
	},
	prepared => sub {
		my ($does, $name) = @_;

		return join "\n", 'BEGIN;', $does->(), $does->(), "PREPARE TRANSACTION '$name';",
		  any('', 'SELECT pg_sleep(0.05);'), any('COMMIT', 'ROLLBACK') . " PREPARED '$name';";
	});

# What a session chooses from, with weights, and what it may do inside of a
# transaction; how many sessions.
my %roles = (
	sender => [ 3, { send => 20, transaction => 4, savepoint => 2, prepared => 1 }, ['send'] ],
	consumer => [
		4, { receive => 20, delete => 12, visibility => 6, pop => 4, transaction => 8, savepoint => 3, prepared => 1 },
		[ 'receive', 'delete', 'visibility', 'pop', 'send' ]
	],
	rotator => [ 2, { rotate => 40, sweep => 5, look => 5, transaction => 3, savepoint => 1 }, [ 'sweep', 'sweep', 'send', 'pop' ] ],
	purger => [ 1, { purge => 1, transaction => 1 }, [ 'purge', 'send' ] ],
	creator => [ 1, { recreate => 5, transaction => 1 }, [ 'recreate', 'send' ] ],
	administrator => [ 1, { attributes => 5, look => 10, transaction => 1 }, [ 'attributes', 'send' ] ],
	inspector => [ 1, { check => 1 } ]);

# The script of one session. It ends by itself when its time has come.
sub script
{
	my ($role, $n) = @_;
	my ($count, $weights, $inside) = @{ $roles{$role} };
	my @choice = map { ($_) x $weights->{$_} } sort keys %$weights;
	my $script = "\\set last {}\n\\set old {}\nSET lock_timeout = '10s';\n";

	foreach my $i (1 .. 20000)
	{
		my $what = any(@choice);
		my $argument = any(@queues);

		# Inside of a transaction there is at most one action that locks a
		# queue until the end: two of them may well end in a deadlock.
		if ($what =~ /^(?:transaction|savepoint|prepared)$/)
		{
			my @inside = @$inside;

			$argument = sub {
				my $step = any(@inside);

				@inside = ('send') if $step =~ /^(?:purge|recreate|attributes|sweep)$/;
				return $does{$step}->(any(@queues));
			};
		}

		$script .= $does{$what}->($argument, "$role$n") . "\n";
		$script .= <<'SQL' if $i % 5 == 0;
SELECT clock_timestamp() > :'until' AS done \gset
\if :done
\q
\endif
SQL
	}
	return $script;
}

# --------------------------------------------------------------------------

$node->safe_psql('postgres', create_queue($_)) foreach @queues;

my $dir = PostgreSQL::Test::Utils::tempdir();
my $until = $node->safe_psql('postgres', "SELECT clock_timestamp() + interval '$seconds s'");
my @sessions;

foreach my $role (sort keys %roles)
{
	foreach my $n (1 .. $roles{$role}[0])
	{
		my $file = "$dir/$role$n.sql";
		my $session = { name => "$role $n", output => '' };

		append_to_file($file, script($role, $n));
		local $ENV{PGAPPNAME} = "$role $n";
		$session->{psql} = IPC::Run::start(
			[
				$node->installed_command('psql'), '-XAtq', '-d', $node->connstr('postgres'),
				'-v', "until=$until", '-v', 'VERBOSITY=terse', '-f', $file
			],
			'<', \undef, '2>', \$session->{errors},
			'>', $role eq 'inspector' ? \$session->{output} : '/dev/null',
			IPC::Run::timeout($seconds + $PostgreSQL::Test::Utils::timeout_default));
		push @sessions, $session;
	}
}

my %met;
my @strange;

foreach my $session (@sessions)
{
	ok($session->{psql}->finish, "$session->{name} comes to its end");
	foreach my $line (grep { /(?:ERROR|FATAL|WARNING): / } split /\n/, $session->{errors})
	{
		my ($message) = $line =~ /(?:ERROR|FATAL|WARNING): +(.*)/;

		if ($message =~ /$allowed/
			|| ($session->{name} =~ /^$sweeping$/ && $message =~ /^$conflict$/))
		{
			$met{ $message =~ s/"\w+"/"..."/gr }++;
			next;
		}
		push @strange, "$session->{name}: $message";
	}
	push @strange, grep { /NOT SOUND/ } split /\n/, $session->{output};
}
splice @strange, 20 if @strange > 20;
is(join("\n", @strange), '', 'no call failed that should not have, and sqs_check found nothing');
note("$met{$_} times: $_") foreach sort keys %met;
note('changes of chains that are left: '
	  . $node->safe_psql('postgres', "SELECT string_agg(rotations::text, ', ') FROM queue.queues"));

# --------------------------------------------------------------------------
# When all is quiet

query_is($node, 'postgres', 'SELECT count(*) FROM pg_prepared_xacts', 0, 'no transaction is left prepared');
foreach my $queue (@queues)
{
	my $exists = $node->safe_psql('postgres', "SELECT count(*) FROM queue.queues WHERE queue_name = '$queue'");

	$node->safe_psql('postgres', create_queue($queue)) unless $exists;
	$node->safe_psql('postgres', <<"SQL");
SELECT sqs_set_queue_attributes('$queue', '{"MessageRetentionPeriod": 600, "DelaySeconds": 0}');
SELECT sqs_send('$queue', 'in flight');
SELECT sqs_receive('$queue', 10000, 600);
SELECT sqs_send('$queue', 'delayed', 600);
SQL
}
sound($node, 'postgres', 'afterwards', @queues);
foreach my $queue (@queues)
{
	$node->safe_psql('postgres', "SELECT sqs_purge_queue('$queue'); SELECT sqs_send('$queue', 'fresh')");
	query_is($node, 'postgres', "SELECT body FROM sqs_pop('$queue', 10)", 'fresh',
		"$queue: a fresh message goes through");
	state_is($node, 'postgres', $queue, '0|0|0', "$queue: and the queue is empty");
}
sound($node, 'postgres', 'after a purge', @queues);
becomes($node, 'postgres', 'SELECT count(*) FROM queue.deleted_queues', 0, 'deleted queues are forgotten');
query_is($node, 'postgres', <<'SQL', '', 'no table is left of them');
SELECT string_agg(relname, ', ') FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE nspname = 'queue' AND relkind = 'r' AND relname ~ '^messages_'
  AND split_part(relname, '_', 2)::bigint NOT IN (SELECT queue_id FROM queue.queues)
SQL
becomes($node, 'postgres', 'SELECT (' . queue_size() . ') < 2000000', 't', 'all the space is given back');
$node->stop;
log_is_clean($node, qr/$allowed|$sweeping ERROR:  $conflict|terminating (?:connection|background worker)/,
	'the server met no other errors');
done_testing();
