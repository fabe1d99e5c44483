# Every committed message is processed exactly once when receive, result and
# delete share a transaction, and at least once otherwise, also when in the
# middle of the load a backend is killed with SIGKILL, or the server is stopped
# at once and started again.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueLoad;
use QueueTest;
use Test::More;

my $node = queue_node('crash', conf => "log_statement = none\nqueue.worker_interval = 500ms\n");

# A round ends with the server, so its length does not matter.
load_prepare($node);
foreach my $turn (1 .. 4)
{
	load_round($node, 300, sub { load_kill_backend($node) });
	sound($node, 'postgres', "after a backend was killed, $turn", 'exact', 'loose');
	load_round($node, 300, sub { load_stop_at_once($node) });
	sound($node, 'postgres', "after an immediate stop, $turn", 'exact', 'loose');
}
load_drain($node);
load_verify($node);
$node->stop;
log_is_clean($node, qr/$disturbances|$crashes/, 'the server met no other errors');
done_testing();
