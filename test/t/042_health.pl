# sqs_health() names each thing that hurts, who or what is to blame, and what to
# do; what it says to do helps, and when the cause is gone it says no more. Who may
# not know of others' sessions learns no more of them than that they are in the way.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $node = queue_node(
	'health',
	init => { allows_streaming => 'logical' },
	conf => <<'CONF');
queue.segment_size = '64kB'
queue.truncate_delay = 0
queue.recreate_delay = 0
queue.worker_interval = '100ms'
autovacuum = off
CONF

# A query for what is found, without the times; the ages are 0, so that nothing
# has to grow old.
my $young = "\\set QUIET on\nSET queue.health_message_age = 0; SET queue.health_transaction_age = 0;";

sub findings
{
	my ($where, $columns) = @_;

	$columns //= 'severity, finding, object';
	return "$young SELECT $columns FROM sqs_health()" . ($where ? " WHERE $where" : '');
}

# Passes once that is found, with this advice; and what it says.
sub finds
{
	my ($finding, $expected, $advice, $name, $db) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	$db //= 'postgres';
	becomes($node, $db, findings("finding = '$finding'"), $expected, "$name: it is named");
	my $given = $node->safe_psql($db, findings("finding = '$finding'", 'advice'));
	like($given, $advice, "$name: what to do");
	return $given;
}

# Passes once that is not found any more.
sub is_over
{
	my ($finding, $name, $db) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return becomes($node, $db // 'postgres', findings("finding = '$finding'"), '', "$name: it is over");
}

# Does what an advice says: runs the statement in it.
sub follow
{
	my ($advice, $pattern) = @_;
	my ($statement) = $advice =~ /($pattern);/ or die "no $pattern in \"$advice\"";

	$node->safe_psql('postgres', $statement);
	return;
}

becomes($node, 'postgres', 'SELECT count(*) FROM sqs_health()', 0, 'a new server is healthy');
$node->safe_psql('postgres', "SELECT sqs_create_queue('q'); SELECT sqs_create_queue('other')");
becomes($node, 'postgres', findings(), '', 'with queues, and however young, too');

# --------------------------------------------------------------------------
# Who holds back vacuum

my $session = queue_session($node, 'postgres');
my $pid = $session->pid;

$session->run("SET application_name = 'report'");
$session->run('BEGIN ISOLATION LEVEL REPEATABLE READ');
$session->run('SELECT 1');
my $advice = finds('transaction holds back vacuum',
	"warning|transaction holds back vacuum|process $pid (role " . $node->safe_psql('postgres', 'SELECT current_user')
	  . ', application report, idle in transaction)',
	qr/SELECT pg_terminate_backend\($pid\);/, 'an old transaction');
query_is($node, 'postgres', <<"SQL", 't', 'an old transaction: since when it is open');
$young SELECT since = xact_start FROM sqs_health(), pg_stat_activity WHERE pid = $pid
SQL
query_is($node, 'postgres', "SET queue.health_transaction_age = '1d'; SELECT * FROM sqs_health()", '',
	'an old transaction: it is not old for everybody');
follow($advice, qr/SELECT pg_terminate_backend\(\d+\)/);
is_over('transaction holds back vacuum', 'an old transaction');
$session->vanish;

# In another database it matters once it has a transaction id.
$node->safe_psql('postgres', 'CREATE DATABASE another');
$session = queue_session($node, 'another');
$pid = $session->pid;
$session->run('BEGIN ISOLATION LEVEL REPEATABLE READ');
$session->run('SELECT 1');
query_is($node, 'postgres', findings(), '', 'a snapshot in another database does not matter');
$session->run('SELECT pg_current_xact_id()');
becomes($node, 'postgres',
	findings("finding = 'transaction holds back vacuum'", "object ~ '^process $pid .* database another'"),
	't', 'another database: a transaction there is named');
$session->run('COMMIT');
is_over('transaction holds back vacuum', 'another database');
$session->quit;

# Prepared, here and elsewhere
$node->safe_psql('postgres', "BEGIN; SELECT sqs_send('q', 'x'); PREPARE TRANSACTION 'forgotten'");
foreach my $restarted ('', ' after a restart')
{
	$node->restart if $restarted;
	finds('prepared transaction holds back vacuum',
		"warning|prepared transaction holds back vacuum|prepared transaction 'forgotten'",
		qr/COMMIT PREPARED 'forgotten'; or: ROLLBACK PREPARED 'forgotten';/, "a prepared transaction$restarted");
	$advice = finds('prepared transaction holds messages',
		'warning|prepared transaction holds messages|q',
		qr/COMMIT PREPARED 'forgotten'/, "a prepared transaction$restarted, with messages");
}
follow($advice, qr/ROLLBACK PREPARED 'forgotten'/);
is_over('prepared transaction holds back vacuum', 'a prepared transaction');
is_over('prepared transaction holds messages', 'a prepared transaction, with messages');
$node->safe_psql('another', "CREATE TABLE t (n int); BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'elsewhere'");
finds('prepared transaction holds back vacuum',
	"warning|prepared transaction holds back vacuum|prepared transaction 'elsewhere'",
	qr/End it, in database another: COMMIT PREPARED 'elsewhere'/, 'a prepared transaction elsewhere');
is_over('prepared transaction holds messages', 'a prepared transaction elsewhere');
$node->safe_psql('another', "COMMIT PREPARED 'elsewhere'");
is_over('prepared transaction holds back vacuum', 'a prepared transaction elsewhere');

# A logical slot: it holds back the vacuum of catalogs only.
$node->safe_psql('postgres', "SELECT pg_create_logical_replication_slot('logical', 'pgoutput')");
$advice = finds('replication slot holds back vacuum of catalogs',
	'info|replication slot holds back vacuum of catalogs|replication slot logical',
	qr/SELECT pg_drop_replication_slot\('logical'\);/, 'a logical slot');
query_is($node, 'postgres', findings("finding = 'replication slot holds back vacuum'"), '', 'a logical slot: of catalogs only');
follow($advice, qr/SELECT pg_drop_replication_slot\('logical'\)/);
is_over('replication slot holds back vacuum of catalogs', 'a logical slot');

# A standby that gives feedback, without a slot and with one
$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');

$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->append_conf('postgresql.conf', "hot_standby_feedback = on\nwal_receiver_status_interval = 1s\n");
$standby->start;
my $reader = queue_session($standby, 'postgres');

$reader->run('BEGIN ISOLATION LEVEL REPEATABLE READ');
$reader->run('SELECT 1');
$node->safe_psql('postgres', 'SELECT pg_current_xact_id()');
becomes($node, 'postgres',
	findings("finding = 'standby holds back vacuum'", "severity, object ~ 'application standby', advice ~ 'hot_standby_feedback = off'"),
	'warning|t|t', 'a standby: it is named');
query_is($standby, 'postgres',
	findings("finding = 'transaction holds back vacuum'", "object ~ '^process " . $reader->pid . " '"),
	't', 'there, the session is named');
$node->safe_psql('postgres', "SELECT sqs_send('other', 'replicated')");
$node->wait_for_catchup($standby);
query_is($standby, 'postgres', findings("object = 'other'"), 'warning|oldest message is old|other',
	'a standby knows of old messages');
$node->safe_psql('postgres', "SELECT sqs_pop('other')");
$node->safe_psql('postgres', "SELECT pg_create_physical_replication_slot('physical')");
$standby->append_conf('postgresql.conf', "primary_slot_name = 'physical'\n");
$reader->quit;
$standby->restart;
$reader = queue_session($standby, 'postgres');
$reader->run('BEGIN ISOLATION LEVEL REPEATABLE READ');
$reader->run('SELECT 1');
finds('replication slot holds back vacuum', 'warning|replication slot holds back vacuum|replication slot physical',
	qr/Process \d+ reads it: .* hot_standby_feedback = off/, 'a slot in use');
is_over('standby holds back vacuum', 'a standby with a slot');
$reader->quit;
$standby->stop('immediate');
becomes($node, 'postgres', "SELECT active FROM pg_replication_slots WHERE slot_name = 'physical'", 'f', 'nobody uses the slot');
$node->safe_psql('postgres', 'SELECT pg_current_xact_id()');
$advice = finds('replication slot holds back vacuum', 'warning|replication slot holds back vacuum|replication slot physical',
	qr/SELECT pg_drop_replication_slot\('physical'\);/, 'a slot that nobody uses');
follow($advice, qr/SELECT pg_drop_replication_slot\('physical'\)/);
is_over('replication slot holds back vacuum', 'a slot that nobody uses');

# --------------------------------------------------------------------------
# Segments

# The name of a queue's first segment.
sub first_segment
{
	my ($queue) = @_;

	return $node->safe_psql('postgres',
		"SELECT format('queue.messages_%s_1', queue_id) FROM queue.queues WHERE queue_name = '$queue'");
}

# Has a queue begin another. Somebody has to be in its way before, or the worker
# has truncated the first at once.
sub fill_segment
{
	my ($queue) = @_;

	$node->safe_psql('postgres', <<"SQL");
SELECT count(*) FROM sqs_send_batch('$queue', array_fill(repeat('x', 200), ARRAY[2000]));
SELECT count(*) FROM sqs_pop('$queue', 10000);
SQL
	return;
}

my $segment = first_segment('q');

$session = queue_session($node, 'postgres');
$pid = $session->pid;
$session->run('BEGIN');
$session->run("LOCK TABLE $segment IN ACCESS SHARE MODE");
fill_segment('q');
sweeps_until($node, 'postgres', "SELECT 1 = ANY(segments) FROM queue.queues WHERE queue_name = 'q'", 'f',
	'a locked segment: it goes out of use');
$advice = finds('segment cannot be truncated', 'warning|segment cannot be truncated|q',
	qr/^\Q$segment\E is locked by process $pid \(role .*SELECT pg_terminate_backend\($pid\);/, 'a locked segment');

# What others learn of it
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE owner;
CREATE ROLE monitor IN ROLE pg_monitor;
GRANT USAGE ON SCHEMA queue TO owner;
UPDATE queue.queues SET owner = 'owner'::regrole WHERE queue_name = 'q';
SELECT count(*) FROM queue.queues;
SQL
query_is($node, 'postgres', "SET ROLE owner;\n" . findings('', "finding, object, since IS NULL, advice ~ 'process $pid\\.'"),
	'segment cannot be truncated|q|t|t', 'a locked segment: its owner learns the process, and no more of it');
query_is($node, 'postgres', "SET ROLE monitor;\n" . findings("object = 'q'", "since IS NOT NULL, advice ~ 'process $pid \\(role'"),
	't|t', 'a locked segment: members of pg_monitor learn all');
follow($advice, qr/SELECT pg_terminate_backend\(\d+\)/);
is_over('segment cannot be truncated', 'a locked segment');
sweeps_until($node, 'postgres', "SELECT pg_relation_size('$segment')", 0, 'a locked segment: then it is truncated');
$session->vanish;

# One in use is held by who may still write to it.
my $held = first_segment('other');

$session = queue_session($node, 'postgres');
$pid = $session->pid;
$session->run('BEGIN');
$session->run("LOCK TABLE $held IN ROW EXCLUSIVE MODE");
fill_segment('other');
sweeps_until($node, 'postgres', "SELECT cardinality(segments) > 1 FROM queue.queues WHERE queue_name = 'other'", 't',
	'a segment in use: there is another');
finds('segment cannot be truncated', 'warning|segment cannot be truncated|other',
	qr/^\Q$held\E is locked by process $pid \(/, 'a segment in use');
$session->run('COMMIT');
is_over('segment cannot be truncated', 'a segment in use');
sweeps_until($node, 'postgres', "SELECT pg_relation_size('$held')", 0, 'a segment in use: then it is truncated');

# It is kept for those who might see its rows.
change_setting($node, 'queue.truncate_delay', '1d');
$node->safe_psql('postgres', "SELECT sqs_create_queue('kept')");
my $kept = first_segment('kept');

$session->run('BEGIN ISOLATION LEVEL REPEATABLE READ');
$session->run('SELECT 1');
fill_segment('kept');
sweeps_until($node, 'postgres', "SELECT 1 = ANY(segments) FROM queue.queues WHERE queue_name = 'kept'", 'f',
	'a segment that is kept: it goes out of use');
finds('segment is kept for older snapshots', 'info|segment is kept for older snapshots|kept',
	qr/^\Q$kept\E is truncated when these have ended.*queue\.truncate_delay/, 'a segment that is kept');
$session->run('COMMIT');
is_over('segment is kept for older snapshots', 'a segment that is kept');
$session->quit;
change_setting($node, 'queue.truncate_delay', '0');

# --------------------------------------------------------------------------
# Messages

$node->safe_psql('postgres', "SELECT sqs_create_queue('m'); SELECT sqs_send('m', 'old')");
$advice = finds('oldest message is old', 'warning|oldest message is old|m',
	qr/SELECT \* FROM sqs_peek\('m'\);/, 'an old message');
query_is($node, 'postgres', 'SELECT count(*) FROM sqs_health()', 0, 'an old message: it is not old for everybody');
$node->safe_psql('postgres', "SELECT sqs_receive('m', 1, 0) FROM generate_series(1, 3)");
finds('poison messages', 'warning|poison messages|m',
	qr/^1, the first is .*, received 3 times\. .*RedrivePolicy/, 'a poison message');
is_over('oldest message is old', 'an old message that is poison');

# After a crash nothing is known of it but its row.
$node->stop('immediate');
$node->start;
finds('poison messages', 'warning|poison messages|m', qr/received 3 times/, 'a poison message after a crash');
$node->safe_psql('postgres', "SELECT sqs_pop('m')");
is_over('poison messages', 'a poison message');

# A backlog hides neither, and is not read as a whole.
$node->safe_psql('postgres', <<'SQL');
SELECT sqs_send('m', 'bad');
SELECT sqs_receive('m', 1, 0) FROM generate_series(1, 3);
SELECT count(*) FROM generate_series(1, 5), sqs_send_batch('m', array_fill('x'::text, ARRAY[10000]));
SQL
finds('poison messages', 'warning|poison messages|m', qr/^1, /, 'a poison message in a backlog');
finds('oldest message is old', 'warning|oldest message is old|m', qr/sqs_peek/, 'a backlog');
$node->safe_psql('postgres', "SELECT sqs_delete_queue('m')");
is_over('poison messages', 'a poison message in a queue that is gone');

# --------------------------------------------------------------------------
# Shared memory

$node->safe_psql('postgres', <<'SQL');
SELECT sqs_create_queue('many');
SELECT count(*) FROM sqs_send_batch('many', array_fill('x'::text, ARRAY[2000]));
SELECT count(*) FROM generate_series(1, 2000) AS n, sqs_receive('many', 1, n * 20);
SQL
query_is($node, 'postgres', findings("finding = 'shared memory is near its limit'"), '', 'there is enough shared memory');
change_setting($node, 'queue.shared_memory_limit', '64kB');
$advice = finds('shared memory is near its limit',
	'warning|shared memory is near its limit|queue.shared_memory_limit',
	qr/^\d+ kB of 64 kB are in use/, 'too little shared memory');
like($advice, qr/ALTER SYSTEM SET queue\.shared_memory_limit = '128 kB'; SELECT pg_reload_conf\(\);/, 'too little shared memory: by a setting');
$node->safe_psql('postgres', 'ALTER SYSTEM RESET queue.shared_memory_limit; SELECT pg_reload_conf()');
is_over('shared memory is near its limit', 'too little shared memory');

# --------------------------------------------------------------------------
# Keys

my $file = PostgreSQL::Test::Utils::tempdir() . '/master.key';

append_to_file($file, '0123456789abcdef' x 4);
chmod 0600, $file or die "could not change the mode of \"$file\": $!\n";
change_setting($node, 'queue.master_key_file', $file);
$node->safe_psql('postgres', "SELECT sqs_create_queue('sealed', '{\"SqsManagedSseEnabled\": true}')");
query_is($node, 'postgres', findings("object = 'sealed'"), '', 'a key that is there');
rename $file, "$file.away" or die "could not rename \"$file\": $!\n";
finds('encryption key cannot be used', 'critical|encryption key cannot be used|sealed',
	qr/cannot read the file of queue\.master_key_file/, 'a key that is missing');
rename "$file.away", $file or die "could not rename \"$file.away\": $!\n";
is_over('encryption key cannot be used', 'a key that is missing');

# --------------------------------------------------------------------------
# The background processes

# What is found right after a process was ended.
sub found_without
{
	my ($type) = @_;

	return $node->safe_psql('postgres', <<"SQL");
\\o /dev/null
SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE backend_type = '$type';
\\o
SELECT severity, finding, object FROM sqs_health() WHERE object = '$type'
SQL
}

becomes($node, 'postgres', "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'queue launcher'", 1, 'the launcher runs');
is(found_without('queue launcher'), 'critical|launcher is not running|queue launcher', 'the launcher has ended: it is named');
is_over('launcher is not running', 'the launcher has ended');

# A launcher that hangs
my $launcher = $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE backend_type = 'queue launcher'");

becomes($node, 'postgres', "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'queue launcher'", 1, 'the launcher runs');
kill 'STOP', $launcher or die "could not stop process $launcher: $!\n";
becomes($node, 'postgres', findings("object = 'queue worker'", 'severity, finding'), 'critical|worker does not come',
	'a launcher that hangs: that no worker comes is named');
kill 'CONT', $launcher or die "could not continue process $launcher: $!\n";
is_over('worker does not come', 'a launcher that hangs');

# Workers that are ended in the middle, while they have messages to move
$node->safe_psql('postgres', <<'SQL');
SELECT sqs_create_queue('dead');
SELECT sqs_create_queue('source', '{"RedrivePolicy": "{\"deadLetterTargetArn\": \"arn:aws:sqs:us-east-1:000000000000:dead\", \"maxReceiveCount\": 1}"}');
SELECT count(*) FROM sqs_send_batch('dead', array_fill('x'::text, ARRAY[100]));
SQL
change_setting($node, 'queue.worker_interval', '1h');
$node->restart;
becomes($node, 'postgres', 'SELECT count(*) FROM sqs_health()', 0, 'healthy after a restart');
$node->safe_psql('postgres', "SELECT sqs_start_message_move_task('dead', 'arn:aws:sqs:us-east-1:000000000000:source', 1)");
foreach my $turn (1, 2)
{
	# each reload has the launcher send a worker
	ok( $node->poll_query_until(
			'postgres',
			"\\o /dev/null\nSELECT pg_reload_conf();\n\\o\nSELECT count(*) FROM pg_stat_activity WHERE backend_type = 'queue worker' AND query = 'moving messages'",
			1), "a worker that is ended: it has come, $turn");
	is(found_without('queue worker'), $turn == 1 ? '' : 'critical|worker does not finish|queue worker',
		"a worker that is ended, $turn");
}
$node->safe_psql('postgres', <<'SQL');
SELECT sqs_cancel_message_move_task(task_handle) FROM sqs_list_message_move_tasks('dead') WHERE status = 'RUNNING';
SELECT pg_reload_conf();
SQL
is_over('worker does not finish', 'a worker that is ended');

# No place for them
foreach my $processes (1, 0)
{
	$node->append_conf('postgresql.conf', "max_worker_processes = $processes\nmax_logical_replication_workers = 0\n");
	change_setting($node, 'queue.worker_interval', '100ms');
	$node->restart;
	finds(
		@{
			$processes == 0
			? [ 'launcher is not running', 'critical|launcher is not running|queue launcher' ]
			: [ 'worker cannot start', 'critical|worker cannot start|queue worker' ]
		},
		qr/ALTER SYSTEM SET max_worker_processes = @{[ $processes + 8 ]}; and restart the server/,
		"$processes processes");
}
$node->append_conf('postgresql.conf', "max_worker_processes = 8\n");
$node->restart;
is_over('launcher is not running', 'processes enough');
is_over('worker cannot start', 'processes enough');

# Where the library is not preloaded no call can do anything: it says so itself.
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''\n");
$node->restart;
my ($status, $stdout, $stderr) = $node->psql('postgres', 'SELECT * FROM sqs_health()');
like($stderr, qr/ERROR:  .*shared_preload_libraries.*HINT:  .*restart/s, 'not preloaded: the call says so');
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'queue'\n");
$node->restart;
becomes($node, 'postgres', 'SELECT count(*) FROM sqs_health()', 0, 'in the end all is healthy');

done_testing();
