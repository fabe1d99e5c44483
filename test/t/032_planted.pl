# Who may create queues has CREATE on the schema that their tables are in, and so
# can put tables of its own there. Whatever names they have, no message of another's
# queue ever gets into them, and queues are created and rotated all the same.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $node = queue_node('main', conf => <<'CONF');
queue.segment_size = '64kB'
queue.truncate_delay = 0
queue.worker_interval = '1h'
queue.recreate_delay = 0
CONF
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE bank LOGIN;
CREATE ROLE thief LOGIN;
GRANT CREATE ON SCHEMA queue TO bank, thief;
CREATE SCHEMA thief AUTHORIZATION thief;
SQL

sub as
{
	my ($role, $sql) = @_;

	return $node->safe_psql('postgres', $sql, extra_params => [ '-U', $role ]);
}

# A table that could be a segment. To make it in schema queue takes USAGE, to move it
# there does not; and what it inherits from shows its rows to its own owner.
my $columns = $node->safe_psql('postgres', <<'SQL');
SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)
FROM pg_attribute WHERE attrelid = 'queue.message'::regclass AND attnum > 0
SQL
as('thief', "CREATE TABLE thief.loot ($columns)");

sub plant
{
	my ($queue_id, @segments) = @_;

	as('thief', join '', map { <<"SQL" } @segments);
CREATE TABLE thief.messages_${queue_id}_$_ (PRIMARY KEY (id)) INHERITS (thief.loot);
ALTER TABLE thief.messages_${queue_id}_$_ SET SCHEMA queue;
SQL
	return;
}

# Has a new segment begun, if that can be.
sub fill_and_rotate
{
	my ($queue) = @_;

	as('bank', <<"SQL");
SELECT count(*) FROM sqs_send_batch('$queue', (SELECT array_agg(repeat('x', 200) || i) FROM generate_series(1, 2000) AS i),
  message_group_ids => CASE WHEN '$queue' LIKE '%.fifo' THEN array_fill('g'::text, ARRAY[2000]) END);
SELECT count(*) FROM sqs_pop('$queue', 10000);
SQL
	$node->safe_psql('postgres', "SELECT * FROM sqs_queues; CALL queue.rotate('$queue', 1)");
	return;
}

sub queue_id
{
	my ($queue) = @_;

	return $node->safe_psql('postgres', "SELECT queue_id FROM queue.queues WHERE queue_name = '$queue'");
}

sub newest_is
{
	my ($queue, $segment, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return query_is($node, 'postgres', "SELECT segments[cardinality(segments)] FROM queue.queues WHERE queue_name = '$queue'", $segment, $name);
}

foreach my $queue ('vault', 'vault.fifo')
{
	my $fifo = $queue =~ /fifo/ ? '{"FifoQueue": true, "ContentBasedDeduplication": true}' : '{}';
	my $group = $queue =~ /fifo/ ? ", message_group_id => 'g'" : '';

	as('bank', "SELECT sqs_create_queue('$queue', '$fifo')");
	plant(queue_id($queue), 2, 3);
	fill_and_rotate($queue);
	newest_is($queue, 4, "$queue: a segment is made of a name that is free");
	as('bank', "SELECT sqs_send('$queue', 'gold'$group)");
	query_is($node, 'postgres', 'SELECT count(*) FROM thief.loot', 0, "$queue: nothing is in the planted tables");
	is(as('bank', "SELECT body FROM sqs_pop('$queue', 10) WHERE body = 'gold'"), 'gold', "$queue: the message is in the queue");
}

as('bank', "SELECT sqs_create_queue('small')");
plant(queue_id('small'), 2 .. 8);
fill_and_rotate('small');
newest_is('small', 1, 'if no name is free, there is no new segment');
as('bank', "SELECT sqs_send('small', 'silver')");
is(as('bank', "SELECT body FROM sqs_pop('small', 10) WHERE body = 'silver'"), 'silver', 'the queue works without');
is(as('thief', 'SELECT count(*) FROM thief.loot'), 0, 'nothing is in the planted tables');

# The numbers that queues will have are no secret.
my $last = queue_id('small');
plant($last + $_, 1) for 1 .. 3;
as('bank', "SELECT sqs_create_queue('new'); SELECT sqs_send('new', 'bronze')");
is(as('bank', "SELECT body FROM sqs_pop('new')"), 'bronze', 'a queue is created with the first number that is free');
is(as('thief', 'SELECT count(*) FROM thief.loot'), 0, 'nothing is in the planted tables');

# What is dropped with a queue is its own.
as('bank', "SELECT sqs_delete_queue('small')");
sweeps_until($node, 'postgres', "SELECT to_regclass('queue.messages_${last}_1') IS NULL", 't', 'the deleted queue is dropped');
query_is($node, 'postgres', "SELECT count(*) FROM pg_class WHERE relowner = 'thief'::regrole AND relname ~ '^messages_${last}_\\d\$'", 7,
	"another's tables are left alone");
sound($node, 'postgres', 'at the end', 'vault', 'vault.fifo', 'new');
done_testing();
