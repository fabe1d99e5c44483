# The load of the tests of "exactly once": pgbench scripts that send to two
# queues and process what they receive, disturbed at random, and the queries
# that compare what was sent with what was processed.
#
# Whoever sends records it in table sent, in the same transaction. Whoever
# processes a message records it in table done: the messages of queue "exact"
# in the transaction that receives and deletes them, those of queue "loose" in
# one between. So after any disturbance done must hold what is in sent, once or
# at least once.

package QueueLoad;

use strict;
use warnings;

use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

our @EXPORT = qw(
  load_messages
  load_prepare
  load_flows
  load_round
  load_kill_backend
  load_stop_at_once
  load_sent
  load_drain
  load_verify
  load_rotations
  $disturbances
  $crashes
);

# Errors that the load brings about itself; pgbench goes on where preparing a
# statement was cancelled.
our $disturbances = qr/canceling statement due to (?:user request|statement timeout)|terminating connection due to administrator command|terminating background worker "queue [a-z]+" due to administrator command|PID \d+ is not a PostgreSQL (?:server|backend) process|could not send signal to process \d+: No such process|connection to client lost|prepared statement "P_\d+" does not exist/;

# What sessions hear of a server that goes down and comes back.
our $crashes = qr/terminating connection because of crash of another server process|the database system is (?:in recovery mode|starting up|shutting down|not (?:yet )?accepting connections)/;

# pgbench does not start again a session that met an error, so of each kind the
# last ones are spared.
my $spared = 8;
my $alive = <<'SQL';
FROM (SELECT pid, state, application_name, count(*) OVER (PARTITION BY application_name) AS alive
  FROM pg_stat_activity WHERE application_name IN ('producer', 'consumer')) AS sessions
SQL
my $interrupt = <<"SQL";
\\set milliseconds random(1, 10)
SELECT set_config('statement_timeout', CASE WHEN alive > $spared THEN :milliseconds ELSE 1000 END::text, false)
$alive WHERE pid = pg_backend_pid();
SQL

# Scripts and their weights.
my %producer = (
	one => [
		600, <<'PGBENCH'
\set queue random(0, 1)
\set delay random(1, 50)
INSERT INTO sent SELECT :client_id::int, serial, (ARRAY['exact', 'loose'])[:queue + 1],
  sqs_send((ARRAY['exact', 'loose'])[:queue + 1], :client_id || ':' || serial,
    CASE WHEN :delay = 1 THEN 1 END)
FROM nextval('serials') AS serial;
PGBENCH
	],
	batch => [
		200, <<'PGBENCH'
\set queue random(0, 1)
\set count random(1, 20)
SELECT send_batch(:client_id, (ARRAY['exact', 'loose'])[:queue + 1], :count);
PGBENCH
	],
	unsure => [
		100, <<'PGBENCH'
\set fate random(0, 3)
BEGIN;
SELECT send_batch(:client_id, 'exact', 1);
SAVEPOINT s;
SELECT send_batch(:client_id, 'loose', 2);
SELECT send_batch(:client_id, 'exact', 2);
\if :fate = 0
ROLLBACK TO s;
\endif
SELECT send_batch(:client_id, 'loose', 1);
\if :fate = 1
ROLLBACK;
\elif :fate = 2
SET LOCAL synchronous_commit = off;
COMMIT;
\else
COMMIT;
\endif
PGBENCH
	],
	interrupted => [
		10, $interrupt . <<'PGBENCH'
SELECT send_until_interrupted(:client_id);
RESET statement_timeout;
PGBENCH
	],);

my %consumer = (
	exact => [
		300, <<'PGBENCH'
\set fate random(0, 9)
\set count random(1, 20)
\if :fate = 1
BEGIN ISOLATION LEVEL REPEATABLE READ;
\elif :fate = 2
BEGIN ISOLATION LEVEL SERIALIZABLE;
\else
BEGIN;
\endif
SELECT process('exact', :count);
\if :fate = 0
ROLLBACK;
\else
COMMIT;
\endif
PGBENCH
	],
	exact_pop => [
		300, <<'PGBENCH'
\set count random(1, 10)
INSERT INTO done SELECT 'exact', body, message_id, receive_count
FROM sqs_pop('exact', :count, 1);
PGBENCH
	],
	exact_steps => [
		300, <<'PGBENCH'
\set fate random(0, 3)
\set count random(1, 10)
BEGIN;
SAVEPOINT s;
SELECT process('exact', :count);
\if :fate = 0
ROLLBACK TO s;
\elif :fate = 1
RELEASE s;
\endif
SELECT coalesce(array_agg(receipt_handle), '{}') AS handles,
  coalesce(array_agg(message_id), '{}') AS ids,
  coalesce(array_agg(body), '{}') AS bodies,
  coalesce(array_agg(receive_count), '{}') AS counts,
  count(*) AS found FROM sqs_receive('exact', :count) \gset
\if :found > 0
INSERT INTO done SELECT 'exact', *
FROM unnest(:bodies::text[], :ids::uuid[], :counts::int[]);
SELECT sqs_delete_batch('exact', :handles);
\endif
COMMIT;
PGBENCH
	],
	exact_wait => [
		30, <<'PGBENCH'
CALL sqs_wait(ARRAY['exact', 'loose'], 1);
SELECT process('exact', 1);
PGBENCH
	],
	exact_interrupted => [
		20, $interrupt . <<'PGBENCH'
SELECT process_until_interrupted('exact');
RESET statement_timeout;
PGBENCH
	],
	loose => [
		400, <<'PGBENCH'
\set fate random(0, 19)
\set count random(1, 20)
SELECT coalesce(array_agg(receipt_handle), '{}') AS handles,
  coalesce(array_agg(message_id), '{}') AS ids,
  coalesce(array_agg(body), '{}') AS bodies,
  coalesce(array_agg(receive_count), '{}') AS counts,
  count(*) AS found FROM sqs_receive('loose', :count) \gset
\if :found > 0
INSERT INTO done SELECT 'loose', *
FROM unnest(:bodies::text[], :ids::uuid[], :counts::int[]);
\if :fate = 0
SELECT sqs_change_visibility_batch('loose', :handles, 0);
\elif :fate = 1
BEGIN;
SELECT sqs_delete_batch('loose', :handles);
ROLLBACK;
\else
SELECT sqs_delete_batch('loose', :handles);
\endif
\endif
PGBENCH
	],);

# Scripts that stop other sessions, at random.
my $unspared = "$alive WHERE alive > $spared AND pid <> pg_backend_pid()";

my %disturber = (
	cancel => [ 10, <<"PGBENCH" ],
SELECT pg_cancel_backend(pid) $unspared AND state = 'active'
ORDER BY random() LIMIT 1;
PGBENCH
	terminate => [ 4, <<"PGBENCH" ],
SELECT pg_terminate_backend(pid) $unspared
ORDER BY random() LIMIT 1;
PGBENCH
);

# What the worker does, more often. Nobody stops it but with the server.
my %rotator = (
	rotate => [ 4, "CALL queue.rotate();\n" ],
	sweep => [ 1, "SELECT queue.sweep();\n" ],);

# What is left is processed without any disturbance.
my %drainer = (
	exact => [ 1, "SELECT process('exact', 100);\n" ],
	loose => [ 1, "SELECT process('loose', 100);\n" ],);

# How many messages to send: QUEUE_TEST_MESSAGES, or a part of the default.
sub load_messages
{
	my ($default) = @_;

	return $ENV{QUEUE_TEST_MESSAGES} || $default;
}

# Creates the queues, tables and functions.
sub load_prepare
{
	my ($node) = @_;

	$node->safe_psql(
		'postgres', <<'SQL');
SELECT sqs_create_queue('exact', '{"VisibilityTimeout": 600}');
SELECT sqs_create_queue('loose', '{"VisibilityTimeout": 2}');
CREATE SEQUENCE serials CACHE 100;
CREATE TABLE sent (producer int, serial bigint, queue text, message_id uuid);
CREATE TABLE done (queue text, body text, message_id uuid, receive_count int);

CREATE FUNCTION send_batch(producer int, queue text, n int) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  serials bigint[] := ARRAY(SELECT nextval('serials') FROM generate_series(1, n));
  ids uuid[] := ARRAY(SELECT sqs_send_batch(queue,
    ARRAY(SELECT producer || ':' || s FROM unnest(serials) WITH ORDINALITY AS u (s, o) ORDER BY o)));
BEGIN
  INSERT INTO sent SELECT producer, s, queue, i FROM unnest(serials, ids) AS u (s, i);
END $$;

CREATE FUNCTION process(queue text, n int) RETURNS bigint
LANGUAGE sql AS $$
  WITH m AS (SELECT * FROM sqs_receive(queue, n)),
    d AS (INSERT INTO done SELECT queue, body, message_id, receive_count FROM m)
  SELECT count(sqs_delete(queue, receipt_handle)) FROM m
$$;

CREATE FUNCTION send_until_interrupted(producer int) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. 100 LOOP
    PERFORM send_batch(producer, 'exact', 20), send_batch(producer, 'loose', 1);
  END LOOP;
EXCEPTION WHEN query_canceled THEN
  NULL;
END $$;

CREATE FUNCTION process_until_interrupted(queue text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. 100 LOOP
    PERFORM process(queue, 10);
  END LOOP;
EXCEPTION WHEN query_canceled THEN
  NULL;
END $$;
SQL
	return;
}

# pgbench's options for scripts, which are written to files at first use.
my $scripts_dir;

sub load_scripts
{
	my ($kind, $scripts) = @_;
	my @options;

	$scripts_dir //= PostgreSQL::Test::Utils::tempdir();
	foreach my $name (sort keys %$scripts)
	{
		my ($weight, $text) = @{ $scripts->{$name} };
		my $file = "$scripts_dir/$kind-$name.sql";

		append_to_file($file, $text) unless -e $file;
		push @options, '-f', "$file\@$weight";
	}
	return @options;
}

# Starts a pgbench with scripts.
sub load_start
{
	my ($node, $kind, $scripts, @options) = @_;
	my $load = { output => '' };
	local $ENV{PGAPPNAME} = $kind;

	$load->{timeout} = IPC::Run::timeout(4 * $PostgreSQL::Test::Utils::timeout_default);
	$load->{run} = IPC::Run::start(
		[
			$node->installed_command('pgbench'), '--no-vacuum', '--protocol=prepared',
			@options, load_scripts($kind, $scripts), $node->connstr('postgres')
		],
		'<', \undef, '>&', \$load->{output}, $load->{timeout});
	return $load;
}

# Waits for its end. Its exit status tells whether clients were stopped, as
# many are; so what it printed must show that it ran at all.
sub load_finish
{
	my ($load) = @_;

	$load->{run}->finish;
	return if $load->{output} =~ /^number of transactions actually processed: /m;
	die "pgbench did not run:\n$load->{output}";
}

# Waits, under load, until so many more messages have been sent and processed.
sub load_flows
{
	my ($node, $messages) = @_;
	my ($sent, $done) = split /\|/, $node->safe_psql('postgres',
		'SELECT (SELECT count(*) FROM sent), (SELECT count(*) FROM done)');

	$node->poll_query_until('postgres', <<"SQL") or die 'nothing moves';
SELECT (SELECT count(*) > $sent + $messages FROM sent)
   AND (SELECT count(*) > $done + $messages FROM done)
SQL
	return;
}

# Some seconds of load. A function may be given that does something in the
# middle of it. With option rate there are so many transactions of producers a
# second, so that little is stored and segments are changed often, and sessions
# that do it beside the worker.
sub load_round
{
	my ($node, $seconds, $meanwhile, %options) = @_;
	my @rate = $options{rate} ? ("--rate=$options{rate}") : ();
	my @loads = (
		load_start($node, 'producer', \%producer, '-c', 16, '-T', $seconds, @rate),
		load_start($node, 'consumer', { %consumer, %disturber }, '-c', 16, '-T', $seconds));

	if ($options{rate})
	{
		push @loads, load_start($node, 'rotator', \%rotator, '-c', 2, '-T', $seconds, '--rate=50');
	}
	$meanwhile->() if $meanwhile;
	load_finish($_) foreach @loads;
	return;
}

# Under load: kills a backend that is at work, and waits until the server has
# recovered. The query names the backends that may be chosen, best ones first.
sub load_kill_backend
{
	my ($node, $query) = @_;
	my $log = -s $node->logfile;

	load_flows($node, 1000);
	$query //= <<'SQL';
SELECT pid FROM pg_stat_activity WHERE application_name IN ('producer', 'consumer')
ORDER BY state = 'active' DESC, random() LIMIT 1
SQL

	# Who was found may have ended by itself before the signal comes; and the
	# server may take no connection any more, so the query is an argument: with
	# a pipe there might be nobody left to read it.
	while (slurp_file($node->logfile, $log) !~ /all server processes terminated; reinitializing/)
	{
		my $victim;

		IPC::Run::run [ $node->installed_command('psql'), '-XAtc', $query, $node->connstr('postgres') ],
		  '<', \undef, '>', \$victim, '2>', \my $refused;
		kill 'KILL', $victim if $victim;
	}
	$node->poll_query_until('postgres', undef, '') or die 'no recovery';
	return;
}

# Under load: stops the server at once and starts it again.
sub load_stop_at_once
{
	my ($node) = @_;

	load_flows($node, 1000);
	$node->stop('immediate');
	$node->start;
	return;
}

# How often the chains of segments have changed.
sub load_rotations
{
	my ($node) = @_;

	return $node->safe_psql('postgres', 'SELECT sum(rotations) FROM queue.queues');
}

# How many messages were sent.
sub load_sent
{
	my ($node) = @_;

	return $node->safe_psql('postgres', 'SELECT count(*) FROM sent');
}

# Processes what is left.  Passes if nothing remains.
sub load_drain
{
	my ($node) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $left;
	my $empty = 0;

	for my $round (1 .. 50)
	{
		load_finish(load_start($node, 'drainer', \%drainer, '-c', 8, '-t', 50));
		my $rows = join ' UNION ALL ', map { 'SELECT * FROM ' . queue_rows($node, 'postgres', $_) . ' AS m' }
		  'exact', 'loose';
		$left = $node->safe_psql('postgres', "SELECT count(*) FROM ($rows) AS m");
		# A message may have been moved behind the back of a single look.
		$empty = $left == 0 ? $empty + 1 : 0;
		last if $empty == 2;
	}
	return is($left, 0, 'nothing is left');
}

# Compares what was processed with what was sent.
sub load_verify
{
	my ($node) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $sent = q{SELECT queue, producer || ':' || serial, message_id FROM sent};
	my $done = 'SELECT queue, body, message_id FROM done';

	query_is($node, 'postgres', "SELECT count(*) FROM ($sent EXCEPT $done) AS lost",
		0, 'no message was lost');
	query_is($node, 'postgres', "SELECT count(*) FROM ($done EXCEPT $sent) AS invented",
		0, 'no message was invented');
	query_is($node, 'postgres', <<'SQL', 0, 'no two messages have one id');
SELECT count(*) - count(DISTINCT message_id) FROM sent
SQL
	query_is($node, 'postgres', <<'SQL', 0, 'each message was processed once, where that is promised');
SELECT count(*) - count(DISTINCT message_id) FROM done WHERE queue = 'exact'
SQL
	query_is($node, 'postgres', <<'SQL', 0, 'a receive that was rolled back did not count');
SELECT count(*) FROM done WHERE queue = 'exact' AND receive_count <> 1
SQL
	sound($node, 'postgres', 'afterwards', 'exact', 'loose');
	note($node->safe_psql('postgres', <<'SQL'));
SELECT format('%s: %s sent, %s processed, received up to %s times', s.queue, s.n, d.n, d.most)
FROM (SELECT queue, count(*) AS n FROM sent GROUP BY 1) AS s
JOIN (SELECT queue, count(*) AS n, max(receive_count) AS most FROM done GROUP BY 1) AS d USING (queue)
SQL
	return;
}

1;
