# A standby follows changes of segments. Promoted in the middle of them, under
# load, it goes on where the primary was: every message whose sending it knows
# is processed exactly once when receive, result and delete share a
# transaction, and at least once otherwise.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use QueueLoad;
use QueueTest;
use Test::More;

my $primary = queue_node('primary',
	init => { allows_streaming => 1 },
	conf => <<'CONF');
log_statement = none
queue.worker_interval = 100ms
queue.segment_size = 64kB
queue.truncate_delay = 0
max_standby_streaming_delay = 0
CONF
my $standby = PostgreSQL::Test::Cluster->new('standby');
my $rotations = 'SELECT sum(rotations) FROM queue.queues';

load_prepare($primary);
$primary->safe_psql(
	'postgres', <<'SQL');
SELECT sqs_create_queue('kept', '{"VisibilityTimeout": 3600}');
SELECT sqs_send_batch('kept', ARRAY['a', 'b', 'c']);
CREATE TABLE handles AS SELECT receipt_handle FROM sqs_receive('kept', 3);
SQL
$primary->backup('backup');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;

load_round($primary, 300, sub {
	load_flows($primary, 3000);

	# the queue whose messages are kept is filled and emptied, and so changed
	foreach my $turn (1 .. 5)
	{
		$primary->safe_psql('postgres', <<'SQL');
SELECT count(*) FROM sqs_send_batch('kept', array_fill(repeat('x', 200), ARRAY[1000]));
SELECT count(*) FROM sqs_pop('kept', 10000);
SQL
		$primary->poll_query_until('postgres',
			"SELECT rotations >= 2 * $turn FROM queue.queues WHERE queue_name = 'kept'") or die 'nothing is changed';
	}
	becomes($standby, 'postgres', "SELECT ($rotations) > 20", 't', 'the standby follows');
	# a look may have to give way to what is replayed
	becomes($standby, 'postgres', "SELECT in_flight FROM sqs_queues WHERE name = 'kept'", 3,
		'it finds the messages where they are');
	load_flows($primary, 2000);
	$standby->promote;
	$primary->stop('immediate');
}, rate => 400);

sound($standby, 'postgres', 'after the promotion', 'exact', 'loose', 'kept');
query_is($standby, 'postgres', "SELECT sqs_delete_batch('kept', array_agg(receipt_handle)) FROM handles", 3,
	'receipt handles of the primary are good');
my $before = $standby->safe_psql('postgres', $rotations);
load_round($standby, 4, undef, rate => 400);
sound($standby, 'postgres', 'after more load', 'exact', 'loose', 'kept');
cmp_ok($standby->safe_psql('postgres', $rotations), '>', $before, 'the new primary changes segments, too');
load_drain($standby);
load_verify($standby);
$standby->stop;
log_is_clean($standby,
	qr/$disturbances|cannot execute|could not (?:receive data|connect)|streaming|terminating walreceiver|conflict with recovery/,
	'the new primary met no other errors');
done_testing();
