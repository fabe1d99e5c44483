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

my $crash = qr/terminating connection because of crash of another server process|the database system is (?:in recovery mode|starting up|shutting down|not (?:yet )?accepting connections)/;
my $node = queue_node('crash', conf => "log_statement = none\nqueue.worker_interval = 500ms\n");

# Kills a backend that is at work, and waits until the server has recovered.
sub kill_backend
{
	my $log = -s $node->logfile;
	my $victim;

	load_flows($node, 5000);
	do
	{
		$victim = $node->safe_psql('postgres', <<'SQL');
SELECT pid FROM pg_stat_activity WHERE application_name = 'load'
ORDER BY state = 'active' DESC, random() LIMIT 1
SQL
	} until $victim && kill 'KILL', $victim;
	$node->wait_for_log(qr/all server processes terminated; reinitializing/, $log);
	$node->poll_query_until('postgres', 'SELECT true') or die 'no recovery';
	return;
}

sub stop_at_once
{
	load_flows($node, 5000);
	$node->stop('immediate');
	$node->start;
	return;
}

# A round ends with the server, so its length does not matter.
load_prepare($node);
foreach my $turn (1 .. 4)
{
	load_round($node, 60, \&kill_backend);
	sound($node, 'postgres', "after a backend was killed, $turn", 'exact', 'loose');
	load_round($node, 60, \&stop_at_once);
	sound($node, 'postgres', "after an immediate stop, $turn", 'exact', 'loose');
}
load_drain($node);
load_verify($node);
$node->stop;
log_is_clean($node, qr/$disturbances|$crash/, 'the server met no other errors');
done_testing();
