# Every committed message is processed exactly once when receive, result and
# delete share a transaction, and at least once otherwise, while segments are
# changed all the time, also when in the middle of it a backend is killed with
# SIGKILL, one of those that change segments or the worker among them, or the
# server is stopped at once and started again.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueLoad;
use QueueTest;
use Test::More;

my $node = queue_node('segments', conf => <<'CONF');
log_statement = none
queue.worker_interval = 100ms
queue.segment_size = 64kB
queue.truncate_delay = 0
CONF

# Who is killed
my %victims = (
	'a session of the load' => undef,
	'a session that changes segments' =>
	  "SELECT pid FROM pg_stat_activity WHERE application_name = 'rotator' ORDER BY state = 'active' DESC, random() LIMIT 1",
	'the worker' => "SELECT pid FROM pg_stat_activity WHERE backend_type = 'queue worker'");

load_prepare($node);
foreach my $turn (1 .. 2)
{
	foreach my $victim (sort keys %victims)
	{
		load_round($node, 300, sub { load_kill_backend($node, $victims{$victim}) }, rate => 400);
		sound($node, 'postgres', "$victim was killed, $turn", 'exact', 'loose');
	}
	load_round($node, 300, sub { load_stop_at_once($node) }, rate => 400);
	sound($node, 'postgres', "after an immediate stop, $turn", 'exact', 'loose');
}
foreach my $turn (1 .. 10)
{
	load_round($node, 4, sub {
		query_is($node, 'postgres', 'SELECT * FROM sqs_check()', '',
			'under load: sqs_check finds nothing');
	}, rate => 400);
	sound($node, 'postgres', 'after a round', 'exact', 'loose') or last;
	last if load_rotations($node) > 200;
}
cmp_ok(load_rotations($node), '>', 200, 'segments were changed hundreds of times');
note('rotations: ' . load_rotations($node));
load_drain($node);
load_verify($node);
becomes($node, 'postgres', 'SELECT max(cardinality(segments)) FROM queue.queues', 1,
	'at rest a queue has one segment');
becomes($node, 'postgres', 'SELECT (' . queue_size() . ') < 1000000', 't',
	'all the space is given back');
sound($node, 'postgres', 'at rest', 'exact', 'loose');
$node->stop;
log_is_clean($node, qr/$disturbances|$crashes/, 'the server met no other errors');
done_testing();
