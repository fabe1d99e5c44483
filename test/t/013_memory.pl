# Promises: a queue takes little shared memory, idle less than 4 kB, with
# 120,000 messages in flight less than 1 MB, whatever their timeouts. What all
# take stays below queue.shared_memory_limit; queues for which nothing is left
# refuse nothing, lose nothing and deliver nothing too early, and their counters
# are right again when there is memory again.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $node = queue_node(
	'memory', conf => <<'CONF');
queue.worker_interval = 100ms
queue.in_flight_limit = 1000000
synchronous_commit = off
log_statement = none
CONF
my $full = 120000;

$node->safe_psql('postgres', <<'SQL');
-- Receives all of a queue and gives each message a timeout between two, in
-- random order; remembers when each will be visible.
CREATE TABLE due (queue text, body text, receipt_handle text, due timestamptz);
CREATE PROCEDURE spread(queue text, first int, last int) LANGUAGE plpgsql AS $$
DECLARE
  message record;
  n int;
BEGIN
  LOOP
    INSERT INTO due SELECT spread.queue, body, receipt_handle FROM sqs_receive(spread.queue, 1000, 43200);
    GET DIAGNOSTICS n = ROW_COUNT;
    EXIT WHEN n = 0;
    COMMIT;
  END LOOP;
  FOR message IN SELECT * FROM due AS d WHERE d.queue = spread.queue ORDER BY random() LOOP
    PERFORM sqs_change_visibility(spread.queue, message.receipt_handle,
      first + floor(random() * (last - first + 1))::int);
    n := n + 1;
    IF n % 100 = 0 THEN
      COMMIT;
    END IF;
  END LOOP;
END $$;
SQL

# Sends messages, 1,000 at a time, without a word.
sub fill
{
	my ($queue, $count) = @_;

	$node->safe_psql('postgres', <<"SQL");
SELECT sqs_create_queue('$queue');
SELECT count(*) FROM generate_series(0, $count - 1, 1000) AS n,
  sqs_send_batch('$queue', ARRAY(SELECT (n + i)::text FROM generate_series(0, 999) AS i));
SQL
	return;
}

# A query for whether a queue takes fewer bytes than that.
sub takes_less
{
	my ($queue, $bytes) = @_;

	return "SELECT bytes < $bytes FROM queue.memory() WHERE queue_name = '$queue'";
}

# --------------------------------------------------------------------------
# Sizes

$node->safe_psql('postgres', "SELECT sqs_create_queue('idle')");
query_is($node, 'postgres', 'SELECT * FROM queue.memory()', 'idle|0',
	'a queue that nobody has used takes nothing');
$node->safe_psql('postgres', "SELECT sqs_delete('idle', receipt_handle) FROM sqs_receive('idle')");
query_is($node, 'postgres', takes_less('idle', 4096), 't', 'an idle queue takes less than 4 kB');

fill('typical', $full);
$node->pgbench(
	'--no-vacuum --client=8 --jobs=2 --transactions=4000',
	0, [qr/number of failed transactions: 0 /], [qr/^$/],
	'eight sessions receive all',
	{
		'typical' => <<'PGBENCH'
\set many random(0, 1)
\set timeout random(1, 3)
SELECT count(*) FROM sqs_receive('typical', 1 + 9 * :many, (ARRAY[300, 600, 43200])[:timeout]);
PGBENCH
	});
state_is($node, 'postgres', 'typical', "0|$full|0", 'all messages are in flight');
query_is($node, 'postgres', takes_less('typical', 1024 * 1024), 't',
	'the queue takes less than 1 MB');

fill('random', $full);
$node->safe_psql('postgres', "CALL spread('random', 300, 43000)");
state_is($node, 'postgres', 'random', "0|$full|0",
	'all messages are in flight, each with a timeout of its own');
query_is($node, 'postgres', takes_less('random', 1024 * 1024), 't',
	'the queue takes less than 1 MB, too');
sound($node, 'postgres', 'all in flight', 'typical', 'random');

# Dealing with those that are due is no search through those that are not.
$node->safe_psql('postgres', <<'SQL');
SELECT sqs_change_visibility('random', receipt_handle, 0)
FROM (SELECT receipt_handle FROM due WHERE queue = 'random' ORDER BY random() LIMIT 100) AS d;
SQL
query_is($node, 'postgres',
	"SELECT count(*) FROM sqs_receive('random', 1000, 600)",
	100, 'what becomes visible among them is found');
sound($node, 'postgres', 'some found', 'random');

# Memory comes back, whenever the messages would have become visible.
foreach my $queue (qw(typical random))
{
	$node->safe_psql('postgres', "SELECT sqs_purge_queue('$queue')");
	becomes($node, 'postgres', takes_less($queue, 4096), 't',
		"\"$queue\" takes less than 4 kB when it is empty and idle");
}

# --------------------------------------------------------------------------
# At the limit

my $limit = $node->safe_psql('postgres',
	"SELECT min_val FROM pg_settings WHERE name = 'queue.shared_memory_limit'");
my @queues = map { "limit$_" } 1 .. 4;
my $count = 10000;

# What queues take without the limit's share: an entry each.
sub below_limit
{
	my ($name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return query_is($node, 'postgres',
		"SELECT sum(bytes) <= $limit * 1024 + 4096 * count(*) FROM queue.memory()",
		't', "$name: all queues together take no more than they may");
}

$node->safe_psql('postgres', 'DELETE FROM due');
$node->safe_psql('postgres', "ALTER SYSTEM SET queue.shared_memory_limit = '${limit}kB'");
$node->reload;
becomes($node, 'postgres', 'SHOW queue.shared_memory_limit', "${limit}kB", 'the limit is low');
fill($_, $count) foreach @queues;
my @sessions = map { queue_session($node, 'postgres') } @queues;
foreach my $i (0 .. $#queues)
{
	$sessions[$i]->start("CALL spread('$queues[$i]', 600, 43000)");
}
is($_->finish, '', 'messages are received and hidden as before') foreach @sessions;
below_limit('all in flight');
query_is($node, 'postgres', "SELECT sum(bytes) > $limit * 1024 FROM queue.memory()",
	't', 'which is not what they would take');
state_is($node, 'postgres', $_, "0|$count|0", "\"$_\" counts its messages") foreach @queues;
query_is($node, 'postgres', 'SELECT * FROM sqs_check()', '', 'sqs_check finds nothing');
query_is($node, 'postgres',
	join(' UNION ALL ', map { "SELECT count(*) FROM sqs_receive('$_', 10)" } @queues),
	"0\n0\n0\n0", 'none is visible');

# Now they shall become visible within seconds, while sessions try to get them
# all the time.
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE done (queue text, body text, at timestamptz);
ALTER TABLE due ADD PRIMARY KEY (queue, body);
CREATE PROCEDURE drain(queue text) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. 5 LOOP
    INSERT INTO done SELECT drain.queue, body, received_at
    FROM (SELECT m.*, clock_timestamp() AS received_at FROM sqs_receive(drain.queue, 10, 600, 1) AS m) AS m
    WHERE sqs_delete(drain.queue, m.receipt_handle);
    COMMIT;
  END LOOP;
END $$;
SQL
foreach my $i (0 .. $#queues)
{
	$sessions[$i]->start(<<"SQL");
DO \$\$
DECLARE
  message record;
BEGIN
  FOR message IN SELECT * FROM due WHERE queue = '$queues[$i]' ORDER BY random() LOOP
    UPDATE due SET due = sqs_change_visibility(queue, receipt_handle, 1 + floor(random() * 10)::int)
    WHERE queue = '$queues[$i]' AND body = message.body;
    IF random() < 0.01 THEN
      COMMIT;
    END IF;
  END LOOP;
END \$\$
SQL
}
my @drains = map { queue_session($node, 'postgres') } @queues;
my $errors = '';
my $left = 1;

for (my $round = 0; $left > 0 && $round < 500; $round++)
{
	$drains[$_]->start("CALL drain('$queues[$_]')") foreach 0 .. $#queues;
	$errors .= $_->finish foreach @drains;
	$left = @queues * $count - $node->safe_psql('postgres', 'SELECT count(*) FROM done');
}
is($_->finish, '', 'messages are hidden for a short time') foreach @sessions;
is($errors, '', 'no receive and no delete is refused');
is($left, 0, 'all messages have come back');
below_limit('all done');
query_is($node, 'postgres', 'SELECT queue, body FROM done GROUP BY 1, 2 HAVING count(*) > 1 LIMIT 10',
	'', 'none came twice');
query_is($node, 'postgres',
	'SELECT queue, body, due, at FROM due JOIN done USING (queue, body) WHERE at < due LIMIT 10',
	'', 'none came too early');
query_is($node, 'postgres', 'SELECT * FROM sqs_check()', '', 'sqs_check finds nothing');

# The memory is free again, and the counters recover.
foreach my $queue (@queues)
{
	becomes($node, 'postgres', takes_less($queue, 4096), 't', "\"$queue\" gives its memory back")
	  or diag($node->safe_psql('postgres',
		"SELECT m, q.visible, q.in_flight, q.delayed FROM queue.memory() AS m, sqs_queues AS q WHERE q.name = m.queue_name"));
	state_becomes($node, 'postgres', $queue, '0|0|0', "the counters of \"$queue\" are right again");
}
$node->safe_psql('postgres', 'ALTER SYSTEM RESET queue.shared_memory_limit');
$node->reload;
$node->safe_psql('postgres', 'DELETE FROM due');
fill($queues[-1], $count);
$node->safe_psql('postgres', "CALL spread('$queues[-1]', 600, 43000)");
state_is($node, 'postgres', $queues[-1], "0|$count|0", 'and count exactly');
sound($node, 'postgres', 'in the end', @queues);

log_is_clean($node, qr/^$/, 'nothing but what was asked for');
$node->stop;
done_testing();
