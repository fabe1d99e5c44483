# Without shared_preload_libraries CREATE EXTENSION gives one clear error and
# leaves nothing behind. Without room for background processes there is one
# warning, and queues work.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $node = queue_node('server', start => 0);

# --------------------------------------------------------------------------
# Not preloaded

$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->start;

my $objects = 'SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_proc),'
  . ' (SELECT count(*) FROM pg_type), (SELECT count(*) FROM pg_namespace), (SELECT count(*) FROM pg_extension)';
my $before = $node->safe_psql('postgres', $objects);
my ($status, $stdout, $stderr) = $node->psql('postgres', 'CREATE EXTENSION queue', on_error_stop => 0);
my $errors = () = $stderr =~ /ERROR:/g;

is($errors, 1, 'CREATE EXTENSION gives one error');
like($stderr, qr/ERROR:  .*shared_preload_libraries/, 'it names the setting');
like($stderr, qr/HINT:  .*restart/i, 'it says what to do');
query_is($node, 'postgres', $objects, $before, 'nothing is left behind');

# A database that has the extension, on a server that no longer preloads it
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'queue'");
$node->restart;
$node->safe_psql('postgres',
	"CREATE EXTENSION queue; SELECT sqs_create_queue('q'); SELECT sqs_send('q', 'kept')");
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->restart;
foreach my $call ("sqs_send('q', 'x')", "sqs_receive('q')", "sqs_create_queue('r')", 'queue.sweep()')
{
	($status, $stdout, $stderr) = $node->psql('postgres', "SELECT $call");
	like($stderr, qr/ERROR:  .*shared_preload_libraries/, "$call says what is missing");
}

# --------------------------------------------------------------------------
# No room for the launcher, or none for its workers

foreach my $processes (0, 1)
{
	my $log = -s $node->logfile;

	$node->append_conf('postgresql.conf', <<"CONF");
shared_preload_libraries = 'queue'
max_worker_processes = $processes
max_logical_replication_workers = 0
queue.worker_interval = 100ms
CONF
	$node->restart;
	$node->wait_for_log(
		$processes == 0
		? qr/too many background workers/
		: qr/WARNING:  out of background worker slots for queues/, $log);
	query_is($node, 'postgres', "SELECT body FROM sqs_receive('q', 1, 0)", 'kept',
		"$processes processes: a message is received");
	state_is($node, 'postgres', 'q', '1|0|0', "$processes processes: messages are counted");
	$node->safe_psql('postgres', "SELECT sqs_send('q', 'x')");
	query_is($node, 'postgres', "SELECT body FROM sqs_pop('q', 10) WHERE body = 'x'", 'x',
		"$processes processes: a message is sent and received");
	$node->safe_psql('postgres', "SELECT sqs_send('q', 'kept'); SELECT queue.sweep()");
	sound($node, 'postgres', "$processes processes", 'q');

	# Each reload has the launcher try again.
	foreach my $turn (1 .. 3)
	{
		my $loaded = $node->safe_psql('postgres', 'SELECT pg_conf_load_time()');

		$node->reload;
		$node->poll_query_until('postgres', "SELECT pg_conf_load_time() > '$loaded'")
		  or die 'no reload';
	}
	my $warnings = () = slurp_file($node->logfile, $log) =~ /WARNING: /g;
	is($warnings, $processes, "$processes processes: no more than one warning");
}

$node->stop;
done_testing();
