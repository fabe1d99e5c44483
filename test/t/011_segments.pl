# A queue's messages lie in a chain of segments. Each can be emptied and given
# back as a whole: its last messages are moved to the newest one, as they are,
# in whatever state; receipt handles, snapshots and dumps taken before still
# have them, and a crash in between loses nothing. What was purged or has
# expired goes without being deleted row by row.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

# The worker keeps out of it; queue.rotate() does what it would do, step by step.
my $node = queue_node('segments', conf => <<'CONF');
queue.segment_size = '64kB'
queue.truncate_delay = 0
queue.worker_interval = '1h'
queue.minimum_retention = 1
queue.purge_interval = 0
queue.recreate_delay = 0
CONF

# Sends messages that nobody waits for, enough to fill a segment.
sub fill
{
	my ($queue, $count) = @_;

	$count //= 2000;
	$node->safe_psql('postgres', <<"SQL");
SELECT count(*) FROM generate_series(1, $count, 10000) AS i,
  sqs_send_batch('$queue', array_fill(repeat('x', 200), ARRAY[least(10000, $count - i + 1)]))
SQL
	return;
}

# The same, and what has become visible is removed.
sub fill_and_empty
{
	my ($queue) = @_;

	fill($queue);
	$node->safe_psql('postgres', "SELECT count(*) FROM sqs_pop('$queue', 10000)");
	return;
}

sub chain
{
	my ($queue) = @_;

	return "SELECT segments FROM queue.queues WHERE queue_name = '$queue'";
}

# A step of the worker's work on a queue's segments, or some. It needs to know
# how many messages there are, so somebody asks for that first.
sub rotate
{
	my ($queue, $steps) = @_;

	$steps //= 1;
	$node->safe_psql('postgres', "SELECT * FROM sqs_queues; CALL queue.rotate('$queue', $steps)");
	return;
}

# The name of a queue's segment, or the beginning of all names.
sub segment
{
	my ($queue, $n) = @_;
	my $id = $node->safe_psql('postgres', "SELECT queue_id FROM queue.queues WHERE queue_name = '$queue'");

	return "queue.messages_${id}_" . ($n // '');
}

# A query for all that is to know of the rows of a queue.
sub contents
{
	my ($queue) = @_;
	my $rows = queue_rows($node, 'postgres', $queue);

	return "SELECT count(*), count(DISTINCT id), md5(string_agg(m::text, chr(10) ORDER BY id)) FROM $rows AS m";
}

# Passes when what is left in the first segment has been moved to the second.
sub moves
{
	my ($queue, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return sweeps_until($node, 'postgres', chain($queue), '{2}', "$name: the first segment leaves the chain");
}

# --------------------------------------------------------------------------
# A whole turn

$node->safe_psql(
	'postgres', <<'SQL');
SELECT sqs_create_queue('q', '{"VisibilityTimeout": 600}');
SELECT sqs_send_batch('q', ARRAY['delete', 'hide', 'show', 'batch', 'batch', 'again']);
CREATE TABLE handles AS SELECT * FROM sqs_receive('q', 10);
SELECT sqs_change_visibility('q', receipt_handle, 0) FROM handles WHERE body = 'again';
SELECT sqs_send('q', repeat('long ', 4000), 900);
SELECT sqs_send('q', 'attributes', 900, '{"Price": {"DataType": "Number", "StringValue": "17.5"}}', 'a-group', NULL,
  '{"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}}');
SQL
query_is($node, 'postgres', chain('q'), '{1}', 'a queue begins with one segment');
query_is($node, 'postgres', "SELECT rotations FROM queue.queues WHERE queue_name = 'q'", 0,
	'and has not changed it');
rotate('q', 3);
query_is($node, 'postgres', chain('q'), '{1}', 'a small queue keeps its one segment');
fill('q');
rotate('q', 3);
query_is($node, 'postgres', chain('q'), '{1}', 'a large one does so as long as it lives');
$node->safe_psql('postgres', "SELECT count(*) FROM sqs_pop('q', 10000) WHERE body <> 'again'");
query_is($node, 'postgres', "SELECT count(*) FROM sqs_peek('q')", 0, 'all that was visible is gone');

my $before = $node->safe_psql('postgres', contents('q'));
my $first = segment('q', 1);
my $second = segment('q', 2);
my $full = $node->safe_psql('postgres', queue_size('q'));

cmp_ok($full, '>', 64 * 1024, 'the segment is full');
rotate('q');
query_is($node, 'postgres', chain('q'), '{1,2}', 'the first step: there is a second segment');
query_is($node, 'postgres', <<"SQL", 't', 'its table is like the first');
SELECT a.relpersistence = b.relpersistence AND a.relowner = b.relowner AND a.reloftype = b.reloftype
  AND a.reloptions = b.reloptions AND a.relacl IS NOT DISTINCT FROM b.relacl
FROM pg_class AS a, pg_class AS b WHERE a.oid = '$first'::regclass AND b.oid = '$second'::regclass
SQL
sound($node, 'postgres', 'with two segments', 'q');
moves('q', 'what is left');
query_is($node, 'postgres', contents('q'), $before, 'the rows are the same in the new segment');
query_is($node, 'postgres', "SELECT count(*) FROM $second", 7, 'all of them are there');
sweeps_until($node, 'postgres', "SELECT pg_relation_size('$first')", 0, 'the old one is truncated');
cmp_ok($node->safe_psql('postgres', queue_size('q')), '<', $full / 2, 'the space is given back');
query_is($node, 'postgres', "SELECT rotations FROM queue.queues WHERE queue_name = 'q'", 2,
	'the chain has changed twice');
sound($node, 'postgres', 'after the turn', 'q');

query_is($node, 'postgres', "SELECT sqs_delete('q', receipt_handle) FROM handles WHERE body = 'delete'", 't',
	'a handle from before the move deletes');
query_is($node, 'postgres', "SELECT sqs_delete('q', receipt_handle) FROM handles WHERE body = 'delete'", 'f',
	'once');
query_is($node, 'postgres', <<'SQL', 't', 'such a handle hides');
SELECT sqs_change_visibility('q', receipt_handle, 1000) > now() + interval '900 s' FROM handles WHERE body = 'hide'
SQL
$node->safe_psql('postgres',
	"SELECT sqs_change_visibility('q', receipt_handle, 0) FROM handles WHERE body = 'show'");
query_is($node, 'postgres', "SELECT body, receive_count FROM sqs_receive('q', 10, 0)", 'show|2',
	'such a handle shows');
query_is($node, 'postgres', <<'SQL', 2, 'such handles delete a batch');
SELECT sqs_delete_batch('q', array_agg(receipt_handle)) FROM handles WHERE body = 'batch'
SQL
query_is($node, 'postgres', "SELECT sqs_delete('q', receipt_handle) FROM handles WHERE body = 'show'", 't',
	'an older handle of a message that was received since deletes it');
state_is($node, 'postgres', 'q', '0|1|2', 'what was hidden and delayed still is');
sound($node, 'postgres', 'after the handles', 'q');

# Round and round
my $rotations = 2;
foreach my $turn (1 .. 5)
{
	my $chain = $node->safe_psql('postgres', chain('q'));

	fill_and_empty('q');
	$before = $node->safe_psql('postgres', contents('q'));
	$rotations += 2;
	sweeps_until($node, 'postgres', "SELECT rotations FROM queue.queues WHERE queue_name = 'q'", $rotations,
		"turn $turn: the chain has changed");
	isnt($node->safe_psql('postgres', chain('q')), $chain, "turn $turn: into another");
	query_is($node, 'postgres', contents('q'), $before, "turn $turn: the rows are the same");
}
sweeps_until($node, 'postgres', 'SELECT (' . queue_size('q') . ') < 300000', 't',
	'as much space as the messages need is left');
query_is($node, 'postgres', <<'SQL', 't', 'segments are used again');
SELECT count(*) <= 3 FROM pg_class WHERE relname ~ '^messages_1_\d$'
SQL
sound($node, 'postgres', 'after many turns', 'q');

my ($status, $stdout, $stderr) = $node->psql('postgres', "BEGIN; CALL queue.rotate('q'); COMMIT");
like($stderr, qr/queue\.rotate cannot run inside a transaction block/, 'queue.rotate makes its own transactions');

# --------------------------------------------------------------------------
# A move, and who has a message in hand

$node->safe_psql(
	'postgres', <<'SQL');
SELECT sqs_create_queue('strict', '{"VisibilityTimeout": 600, "StrictReceiptHandles": true}');
SELECT sqs_send('strict', 'm');
CREATE TABLE strict AS SELECT 1 AS n, receipt_handle FROM sqs_receive('strict', 1, 0);
INSERT INTO strict SELECT 2, receipt_handle FROM sqs_receive('strict');
SQL
fill_and_empty('strict');
moves('strict', 'strict');
foreach my $call ('sqs_delete(%s)', 'sqs_change_visibility(%s, 0)')
{
	($status, $stdout, $stderr) = $node->psql('postgres',
		sprintf "SELECT $call FROM strict WHERE n = 1", "'strict', receipt_handle");

	like($stderr, qr/the receipt handle has expired/, "$call: the older handle is refused as before");
}
query_is($node, 'postgres', "SELECT sqs_delete('strict', receipt_handle) FROM strict WHERE n = 2", 't',
	'the newest is good');

my $session = queue_session($node, 'postgres');

foreach my $end ('COMMIT', 'ROLLBACK')
{
	my $queue = "held_$end";

	$node->safe_psql('postgres', <<"SQL");
SELECT sqs_create_queue('$queue', '{"VisibilityTimeout": 600}');
SELECT sqs_send_batch('$queue', ARRAY['held', 'free']);
SELECT sqs_change_visibility('$queue', receipt_handle, 0) FROM sqs_receive('$queue', 2);
SQL
	$session->run('BEGIN');
	my ($body, $handle) = split /\|/, $session->run("SELECT body, receipt_handle FROM sqs_receive('$queue')");
	my ($free) = grep { $_ ne $body } 'held', 'free';

	query_is($node, 'postgres', "SELECT body FROM sqs_receive('$queue')", $free, "$end: the other one is received");
	fill_and_empty($queue);
	rotate($queue, 5);
	like($node->safe_psql('postgres', chain($queue)), qr/^\{1,/,
		"$end: the segment stays while a transaction is at work in it");
	sound($node, 'postgres', $end, $queue);
	$session->run($end);
	moves($queue, $end);
	query_is($node, 'postgres', "SELECT body, receive_count FROM sqs_receive('$queue')",
		$end eq 'COMMIT' ? '' : "$body|2", "$end: what that transaction had is where it belongs");
	query_is($node, 'postgres', "SELECT sqs_delete('$queue', '$handle')",
		$end eq 'COMMIT' ? 't' : 'f', "$end: its handle is good if it was committed")
	  if $end eq 'COMMIT';
	sound($node, 'postgres', "$end, afterwards", $queue);
}

# Held by a prepared transaction, over a restart
$node->safe_psql(
	'postgres', <<'SQL');
SELECT sqs_create_queue('prepared', '{"VisibilityTimeout": 600}');
SELECT sqs_send_batch('prepared', ARRAY['a', 'b']);
SELECT sqs_change_visibility('prepared', receipt_handle, 0) FROM sqs_receive('prepared', 2);
CREATE TABLE prepared (handle text);
BEGIN;
INSERT INTO prepared SELECT receipt_handle FROM sqs_receive('prepared');
SELECT sqs_send('prepared', 'sent');
PREPARE TRANSACTION 'holds';
SELECT sqs_receive('prepared');
SQL
fill_and_empty('prepared');
rotate('prepared', 3);
$session->quit;
$node->restart;
rotate('prepared', 3);
like($node->safe_psql('postgres', chain('prepared')), qr/^\{1,/,
	'the segment stays while a prepared transaction is at work in it');
$node->safe_psql('postgres', "COMMIT PREPARED 'holds'");
query_is($node, 'postgres', "SELECT body FROM sqs_receive('prepared', 10)", 'sent', 'what it has sent is received');
fill_and_empty('prepared');
sweeps_until($node, 'postgres',
	"SELECT rotations >= 2 AND cardinality(segments) = 1 FROM queue.queues WHERE queue_name = 'prepared'", 't',
	'when it has ended the segment leaves the chain');
query_is($node, 'postgres', "SELECT sqs_delete('prepared', handle) FROM prepared", 't', 'its handle is good');
state_is($node, 'postgres', 'prepared', '0|2|0', 'the others are there');
sound($node, 'postgres', 'after the prepared transaction', 'prepared');

# Ids rise, although a segment may have older messages than the one before.
my $greatest = "SELECT max(id) FROM " . queue_rows($node, 'postgres', 'prepared') . ' AS m';
$before = $node->safe_psql('postgres', $greatest);
$node->restart;
$node->safe_psql('postgres', "SELECT sqs_send('prepared', 'new')");
cmp_ok($node->safe_psql('postgres', $greatest), '>', $before, 'after a restart ids go on rising');

# More transactions than there can be segments in use, each with a message of
# another one in hand
my @holders;
$node->safe_psql('postgres', q(SELECT sqs_create_queue('full', '{"VisibilityTimeout": 600}')));
foreach my $n (1 .. 10)
{
	my $holder = queue_session($node, 'postgres');

	$node->safe_psql('postgres', "SELECT sqs_send('full', 'held $n')");
	$holder->run('BEGIN');
	is($holder->run("SELECT body FROM sqs_receive('full')"), "held $n", "message $n is received and held");
	push @holders, $holder;
	fill_and_empty('full');
	rotate('full', 3);
}
query_is($node, 'postgres', chain('full'), '{1,2,3,4}', 'the chain is as long as it can be');
sound($node, 'postgres', 'a long chain', 'full');
fill('full', 100);
query_is($node, 'postgres', "SELECT count(*) FROM sqs_pop('full', 10000)", 100, 'senders and receivers go on');
query_is($node, 'postgres', "SELECT count(*) FROM sqs_peek('full', 100)", 0, 'nothing else is visible');
foreach my $n (1 .. 10)
{
	$holders[ $n - 1 ]->run($n % 2 ? 'COMMIT' : 'ROLLBACK');
	$holders[ $n - 1 ]->quit;
}
query_is($node, 'postgres', "SELECT string_agg(body, ',' ORDER BY sent_at) FROM sqs_receive('full', 10)",
	'held 2,held 4,held 6,held 8,held 10', 'what was rolled back is received, from all segments');
sweeps_until($node, 'postgres', "SELECT cardinality(segments) FROM queue.queues WHERE queue_name = 'full'", 1,
	'in the end one segment is left');
state_is($node, 'postgres', 'full', '0|10|0', 'with all the messages');
sound($node, 'postgres', 'after the long chain', 'full');
$node->safe_psql('postgres', "SELECT sqs_delete_queue('full')");
sweeps_until($node, 'postgres', 'SELECT count(*) FROM queue.deleted_queues', 0, 'it is deleted with all its tables');
$session = queue_session($node, 'postgres');

# --------------------------------------------------------------------------
# Snapshots

# A queue whose first segment has some messages left, and a transaction that
# has taken its snapshot, but does not know the queue yet.
sub begin_snapshot
{
	my ($queue) = @_;

	$node->safe_psql('postgres', <<"SQL");
SELECT sqs_create_queue('$queue', '{"VisibilityTimeout": 600}');
SELECT sqs_send_batch('$queue', ARRAY['a', 'b', 'c']);
SELECT sqs_receive('$queue', 3);
SQL
	fill_and_empty($queue);
	$session->run('BEGIN ISOLATION LEVEL REPEATABLE READ');
	$session->run('SELECT 1 FROM pg_class LIMIT 1');
	return segment($queue, 1);
}

change_setting($node, 'queue.truncate_delay', '1h');
$first = begin_snapshot('snapshot');
moves('snapshot', 'with a snapshot');
rotate('snapshot', 3);
is($session->run("SELECT string_agg(body, ',' ORDER BY id) FROM $first"), 'a,b,c',
	'a snapshot from before the move finds the messages where they were');
$session->run('COMMIT');
sweeps_until($node, 'postgres', "SELECT pg_relation_size('$first')", 0,
	'when it has gone the segment is truncated');

change_setting($node, 'queue.truncate_delay', '2s');
$first = begin_snapshot('delay');
my $since = $node->safe_psql('postgres', 'SELECT clock_timestamp()');
moves('delay', 'with a snapshot and a delay');
sweeps_until($node, 'postgres', <<"SQL", 't|t', 'the segment is truncated after the delay');
SELECT pg_relation_size('$first') = 0, clock_timestamp() >= '$since'::timestamptz + interval '2 s'
SQL
$session->run('COMMIT');

change_setting($node, 'queue.truncate_delay', '0');
$first = begin_snapshot('pinned');
moves('pinned', 'with a snapshot and no delay');
sweeps_until($node, 'postgres', "SELECT pg_relation_size('$first')", 0,
	'the segment is truncated at once');
$session->run('COMMIT');
sound($node, 'postgres', 'after the snapshots', 'snapshot', 'delay', 'pinned');

# --------------------------------------------------------------------------
# Dump and crash, after each step of a turn

sub prepare_turn
{
	my ($queue, $durability) = @_;

	$node->safe_psql('postgres', <<"SQL");
SELECT sqs_create_queue('$queue', '{"VisibilityTimeout": 600, "Durability": "$durability"}');
SELECT sqs_send_batch('$queue', ARRAY['a', 'b', 'c']);
SELECT sqs_send('$queue', 'late', 900);
CREATE TABLE handle_$queue AS SELECT receipt_handle FROM sqs_receive('$queue');
SELECT sqs_receive('$queue', 2);
SQL
	fill_and_empty($queue);
	fill($queue, 10);
	$node->safe_psql('postgres', "SELECT sqs_receive('$queue', 10)");
	return;
}

my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';

prepare_turn('dumped', 'logged');
$node->safe_psql('postgres', "SELECT sqs_delete_queue(name) FROM sqs_queues WHERE name <> 'dumped'");
foreach my $step (0 .. 4)
{
	rotate('dumped') if $step > 0;

	my $state = contents('dumped') . '; ' . chain('dumped');
	$before = $node->safe_psql('postgres', $state);
	note("step $step: $before");
	$node->command_ok([ 'pg_dump', '--file', $dump, 'postgres' ], "step $step: pg_dump");
	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS copy');
	$node->safe_psql('postgres', 'CREATE DATABASE copy');
	$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', 'copy', '-f', $dump ],
		"step $step: the dump is restored");
	query_is($node, 'copy', $state, $before, "step $step: with each message once");
	query_is($node, 'copy', "SELECT sqs_delete('dumped', receipt_handle) FROM handle_dumped", 't',
		"step $step: a receipt handle is good there");
	$node->safe_psql('copy', "SELECT sqs_send('dumped', 'new')");
	query_is($node, 'copy', "SELECT body FROM sqs_pop('dumped', 10)", 'new', "step $step: the queue goes on");
	sweeps_until($node, 'copy', 'SELECT cardinality(segments) FROM queue.queues', 1,
		"step $step: and so does the turn");
	state_is($node, 'copy', 'dumped', '0|12|1', "step $step: the messages are there");
	sound($node, 'copy', "step $step: in the copy", 'dumped');
}
query_is($node, 'postgres', chain('dumped'), '{2}', 'the dumps were taken over a whole turn');
$node->safe_psql('postgres', 'DROP DATABASE copy');

prepare_turn('crashed', 'logged');
prepare_turn('unlogged', 'unlogged');
$session->quit;
foreach my $step (1 .. 4)
{
	rotate('crashed');
	rotate('unlogged', 2);
	$before = $node->safe_psql('postgres', contents('crashed'));
	note("step $step: ", $node->safe_psql('postgres', 'SELECT queue_name, segments, rotations FROM queue.queues'));
	# one time all of it is on disk already, the other time in the log only
	$node->safe_psql('postgres', 'CHECKPOINT') if $step % 2;
	$node->stop('immediate');
	$node->start;
	# the worker looks in once, when the server has started
	query_is($node, 'postgres', contents('crashed'), $before, "crash, step $step: the rows are the same");
	query_is($node, 'postgres', "SELECT body FROM sqs_receive('crashed', 10)", '',
		"crash, step $step: what is hidden stays so");
	sound($node, 'postgres', "crash, step $step", 'crashed', 'unlogged');
	query_is($node, 'postgres', "SELECT count(*) FROM sqs_peek('unlogged')", 0,
		"crash, step $step: the unlogged queue is empty");
	query_is($node, 'postgres', "SELECT count(*) FROM sqs_get_queue_attributes('unlogged') AS a WHERE a ->> 'ApproximateNumberOfMessagesNotVisible' = '0'",
		1, "crash, step $step: and counted so");
	$node->safe_psql('postgres', "SELECT sqs_send('unlogged', 'a', 900)");
	fill_and_empty('unlogged');
}
sweeps_until($node, 'postgres', chain('crashed'), '{2}', 'after the crashes: the turn is completed');
state_is($node, 'postgres', 'crashed', '0|13|1', 'after the crashes: the messages are there');
query_is($node, 'postgres', "SELECT sqs_delete('crashed', receipt_handle) FROM handle_crashed", 't',
	'after the crashes: a receipt handle is good');
sweeps_until($node, 'postgres', "SELECT cardinality(segments) = 1 AND rotations > 4 FROM queue.queues WHERE queue_name = 'unlogged'",
	't', 'an unlogged queue changes its segments, too');
query_is($node, 'postgres', <<'SQL', 'u', 'all of them unlogged');
SELECT string_agg(DISTINCT c.relpersistence::text, ',') FROM pg_class AS c
WHERE c.oid::regclass::text ~ ('^queue.messages_' || (SELECT queue_id FROM queue.queues WHERE queue_name = 'unlogged') || '_\d$')
SQL
state_is($node, 'postgres', 'unlogged', '0|0|1', 'and keeps its messages');
$node->restart;
state_is($node, 'postgres', 'unlogged', '0|0|1', 'also over a restart in good order');
sound($node, 'postgres', 'at rest', 'crashed', 'unlogged');

# --------------------------------------------------------------------------
# Purge, expiry, the end of a queue

# Rows deleted one by one, as far as PostgreSQL's statistics know.
sub deleted_rows
{
	my ($queue) = @_;
	my $tables = segment($queue);

	return "SELECT coalesce(sum(n_tup_del), 0) < 3000 FROM pg_stat_all_tables WHERE schemaname || '.' || relname LIKE '$tables%'";
}

change_setting($node, 'queue.worker_interval', '100ms');

# A backlog, and then nothing is sent any more
$node->safe_psql('postgres', "SELECT sqs_create_queue('backlog')");
fill('backlog', 20000);
$first = segment('backlog', 1);
state_becomes($node, 'postgres', 'backlog', '20000|0|0', 'there is a backlog');
becomes($node, 'postgres', <<"SQL", 't', 'the worker has had the time to look at it');
SELECT clock_timestamp() > max(sent_at) + interval '5 s' FROM $first
SQL
query_is($node, 'postgres', "SELECT count(*) FROM sqs_pop('backlog', 10000)", 10000,
	'half of it is received');
query_is($node, 'postgres', "SELECT count(*) FROM sqs_pop('backlog', 10000)", 10000, 'and the other half');
becomes($node, 'postgres', "SELECT pg_relation_size('$first')", 0, 'the space of a backlog is given back');
sound($node, 'postgres', 'after the backlog', 'backlog');

foreach my $kind ('purged', 'expired')
{
	$node->safe_psql('postgres', "SELECT sqs_create_queue('$kind')");
	fill($kind, 30000);
	$node->safe_psql('postgres', "SELECT sqs_receive('$kind', 10)");
	$first = segment($kind, 1);
	state_becomes($node, 'postgres', $kind, '29990|10|0', "$kind: there are many messages");
	if ($kind eq 'purged')
	{
		$node->safe_psql('postgres', "SELECT sqs_purge_queue('purged')");
	}
	else
	{
		# all of them expire at once
		becomes($node, 'postgres',
			"SELECT clock_timestamp() > max(sent_at) + interval '5 s' FROM $first", 't', 'time passes');
		$node->safe_psql('postgres', "SELECT sqs_set_queue_attributes('expired', '{\"MessageRetentionPeriod\": 1}')");
	}
	becomes($node, 'postgres', "SELECT pg_relation_size('$first')", 0, "$kind: the segment is truncated");
	becomes($node, 'postgres', 'SELECT (' . queue_size($kind) . ') < 300000', 't',
		"$kind: the space is given back");
	becomes($node, 'postgres', deleted_rows($kind), 't', "$kind: most rows went with their segment");
	$node->safe_psql('postgres', "SELECT sqs_set_queue_attributes('expired', '{\"MessageRetentionPeriod\": 600}')")
	  if $kind eq 'expired';
	$node->safe_psql('postgres', "SELECT sqs_send('$kind', 'new')");
	query_is($node, 'postgres', "SELECT body FROM sqs_pop('$kind', 10)", 'new', "$kind: the queue goes on");
	state_is($node, 'postgres', $kind, '0|0|0', "$kind: nothing else is left");
	sound($node, 'postgres', $kind, $kind);
}
change_setting($node, 'queue.worker_interval', '1h');

# Another role's queue
$node->safe_psql(
	'postgres', <<'SQL');
CREATE ROLE app;
GRANT USAGE, CREATE ON SCHEMA queue TO app;
CREATE TABLE theirs (handle text);
GRANT ALL ON theirs TO app;
SET ROLE app;
SELECT sqs_create_queue('theirs', '{"VisibilityTimeout": 600}');
SELECT sqs_send_batch('theirs', ARRAY['a', 'b']);
INSERT INTO theirs SELECT receipt_handle FROM sqs_receive('theirs', 2);
SQL
fill_and_empty('theirs');
moves('theirs', q{a role's queue});
query_is($node, 'postgres', <<'SQL', "t\nt\nnew", 'a role uses the segments of its queue');
SET ROLE app;
SELECT sqs_delete('theirs', handle) FROM theirs;
SELECT sqs_send('theirs', 'new') \g /dev/null
SELECT body FROM sqs_pop('theirs', 10);
SQL

# Deleted in the middle of a turn
$node->safe_psql(
	'postgres', <<'SQL');
SELECT sqs_create_queue('deleted', '{"VisibilityTimeout": 600}');
SELECT sqs_send_batch('deleted', ARRAY['a', 'b']);
SELECT sqs_receive('deleted', 2);
SQL
fill_and_empty('deleted');
rotate('deleted');
query_is($node, 'postgres', chain('deleted'), '{1,2}', 'a queue with two segments');
my $tables = segment('deleted');
$node->safe_psql('postgres', "SELECT sqs_delete_queue('deleted')");
sweeps_until($node, 'postgres', "SELECT count(*) FROM pg_class WHERE oid::regclass::text LIKE '$tables%'", 0,
	'a queue is deleted with all its segments');
sweeps_until($node, 'postgres', 'SELECT count(*) FROM queue.deleted_queues', 0, 'and forgotten');

sound($node, 'postgres', 'at the end');
$node->stop;
log_is_clean($node, qr/the database system is|terminating|database \d+ does not exist|the receipt handle has expired|cannot run inside a transaction block/,
	'the server met no other errors');
done_testing();
