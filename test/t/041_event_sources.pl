# An event source mapping processes each message exactly once, as far as this
# database is concerned: under load, when functions fail, and when the server or a
# worker is killed in the middle. What fails comes again after a while, alone where
# the function says which, and ends in the dead-letter queue. A filter keeps the
# function from messages, groups of FIFO queues stay in order, workers come with
# the messages and go with them. A mapping never acts as another role, and calls no
# other function, than those it was made for; without them it rests, and says so. It
# is in nobody's way: a database can be dropped and copied, a restore is done
# before it begins.
#
# QUEUE_BURST is the number of messages of a load: 50000 for a longer run.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $conf = <<'CONF';
queue.worker_interval = 200ms
queue.recreate_delay = 0
max_worker_processes = 16
queue.audit = management
log_statement = none
CONF
my $node = queue_node('sources', conf => $conf);
my $burst = $ENV{QUEUE_BURST} || 5000;
my $dead = '"RedrivePolicy": "{\"deadLetterTargetArn\": \"arn:aws:sqs:us-east-1:000000000000:dead\", \"maxReceiveCount\": 2}"';

# Runs SQL as the role that the mappings run as.
sub app
{
	my ($sql, $server, $db) = @_;

	return ($server // $node)->safe_psql($db // 'postgres', "SET ROLE app;\n$sql");
}

# Creates a mapping; its id.
sub map_queue
{
	my ($queue, $function, $options) = @_;

	return app("SELECT sqs_create_event_source_mapping('$queue', '$function'" . ($options ? ", $options" : '') . ')');
}

# Sends so many messages, with bodies that are numbers.
sub fill
{
	my ($queue, $from, $to) = @_;

	app("SELECT count(*) FROM generate_series($from, $to, 5000) AS s, "
		  . "sqs_send_batch('$queue', ARRAY(SELECT g::text FROM generate_series(s, least(s + 4999, $to)) AS g))");
	return;
}

sub workers
{
	my ($queue) = @_;

	return "SELECT concurrency FROM sqs_event_source_mappings WHERE queue = '$queue'";
}

# Passes once a mapping is in a state, with a reason that begins so.
sub is_in_state
{
	my ($id, $state, $reason, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return becomes($node, 'postgres',
		"SELECT state, left(state_reason, length('$reason')) FROM sqs_event_source_mappings WHERE id = '$id'",
		"$state|$reason", $name);
}

my $setup = <<'SQL';
CREATE ROLE app;
GRANT CREATE, USAGE ON SCHEMA queue, public TO app;
SQL
$node->safe_psql('postgres', $setup);
app(<<"SQL");
SELECT sqs_create_queue('dead');
SELECT sqs_create_queue(name, '{}') FROM unnest(ARRAY['load', 'partial', 'filtered', 'slow', 'window', 'gone', 'held', 'rest']) AS name;
SELECT sqs_create_queue('failing', '{$dead}');
SELECT sqs_create_queue('order.fifo', '{"FifoQueue": "true", "ContentBasedDeduplication": "true", "VisibilityTimeout": "1"}');

-- what was processed; nothing may be in it twice
CREATE TABLE done (queue text, body text, message_id uuid PRIMARY KEY, run_by name DEFAULT current_user);
CREATE FUNCTION note(m sqs_message[]) RETURNS void LANGUAGE sql AS
  'INSERT INTO public.done SELECT ''load'', body, message_id FROM unnest(m)';
-- what was tried, which is not undone
CREATE SEQUENCE tries;
CREATE FUNCTION fail(m sqs_message[]) RETURNS void LANGUAGE plpgsql AS \$\$
BEGIN
  PERFORM nextval('public.tries');
  INSERT INTO public.done SELECT 'failing', body, message_id FROM unnest(m);
  IF EXISTS (SELECT FROM unnest(m) WHERE body = 'poison'
             OR body = 'once' AND receive_count = 1) THEN
    RAISE EXCEPTION 'no good';
  END IF;
END \$\$;
CREATE FUNCTION partly(m sqs_message[]) RETURNS SETOF uuid LANGUAGE sql AS \$\$
  INSERT INTO public.done SELECT 'partial', body, message_id FROM unnest(m) WHERE body::int % 3 <> 0 OR receive_count > 1;
  SELECT message_id FROM unnest(m) WHERE body::int % 3 = 0 AND receive_count = 1;
\$\$;
CREATE FUNCTION note_filtered(m sqs_message[]) RETURNS void LANGUAGE sql AS
  'INSERT INTO public.done SELECT ''filtered'', body, message_id FROM unnest(m)';
CREATE TABLE gate (id int PRIMARY KEY);
INSERT INTO gate VALUES (1);
CREATE FUNCTION wait_at_gate(m sqs_message[]) RETURNS void LANGUAGE plpgsql AS \$\$
BEGIN
  PERFORM FROM public.gate WHERE id = 1 FOR SHARE;
  INSERT INTO public.done SELECT 'slow', body, message_id FROM unnest(m);
END \$\$;
CREATE TABLE batches (n int);
CREATE FUNCTION count_batch(m sqs_message[]) RETURNS void LANGUAGE sql AS
  'INSERT INTO public.batches VALUES (cardinality(m))';
CREATE TABLE ordered (n int GENERATED ALWAYS AS IDENTITY, body text, group_id text, message_id uuid UNIQUE);
CREATE FUNCTION in_order(m sqs_message[]) RETURNS void LANGUAGE plpgsql AS \$\$
BEGIN
  INSERT INTO public.ordered (body, group_id, message_id)
  SELECT body, message_group_id, message_id FROM unnest(m) WITH ORDINALITY AS u ORDER BY ordinality;
  IF EXISTS (SELECT FROM unnest(m) WHERE body LIKE '%5 g%' AND receive_count = 1) THEN
    RAISE EXCEPTION 'not yet';
  END IF;
END \$\$;
SQL

# --------------------------------------------------------------------------
# Exactly once, with workers that come and go

my $load = map_queue('load', 'note', 'max_concurrency => 4');
becomes($node, 'postgres', "SELECT state FROM sqs_event_source_mappings WHERE id = '$load'", 'Enabled',
	'a mapping is at work');
query_is($node, 'postgres', workers('load'), 0, 'without messages it has no worker');
fill('load', 1, $burst);
becomes($node, 'postgres', 'SELECT count(*) FROM done', $burst, 'all messages are processed');
query_is($node, 'postgres', 'SELECT count(DISTINCT body), min(run_by) FROM done', "$burst|app", 'each once, as the role');
state_becomes($node, 'postgres', 'load', '0|0|0', 'and are gone from the queue');
becomes($node, 'postgres', workers('load'), 0, 'the workers leave');
query_is($node, 'postgres', "SELECT processed, failed, last_error, last_processed IS NOT NULL FROM sqs_event_source_mappings WHERE id = '$load'",
	"$burst|0||t", 'the view says so');
query_is($node, 'postgres', "SELECT backend_xmin IS NULL AND state = 'idle' FROM pg_stat_activity WHERE backend_type = 'queue event coordinator'",
	't', 'who watches holds no snapshot');

# --------------------------------------------------------------------------
# Concurrency

my $slow = map_queue('slow', 'wait_at_gate', 'batch_size => 1, max_concurrency => 3');
my $gate = queue_session($node, 'postgres');
$gate->run('BEGIN');
$gate->run('SELECT * FROM gate FOR UPDATE');
fill('slow', 1, 1);
becomes($node, 'postgres', workers('slow'), 1, 'one message, one worker');
fill('slow', 2, 20);
becomes($node, 'postgres', workers('slow'), 3, 'with more of them workers come, as many as may be');
$node->safe_psql('postgres', "SELECT sqs_update_event_source_mapping('$slow', max_concurrency => 1)");
$node->safe_psql('postgres', "SELECT sqs_update_event_source_mapping('$slow', max_concurrency => 3, enabled => false)");
is($node->safe_psql('postgres', "SELECT state FROM sqs_event_source_mappings WHERE id = '$slow'"),
	'Disabling', 'a mapping that is paused while at work');
$gate->run('COMMIT');
becomes($node, 'postgres', "SELECT state, concurrency FROM sqs_event_source_mappings WHERE id = '$slow'",
	'Disabled|0', 'comes to rest');
my $rest = $node->safe_psql('postgres', "SELECT count(*) FROM done WHERE queue = 'slow'");
cmp_ok($rest, '<', 20, 'with messages left');
$node->safe_psql('postgres', "SELECT sqs_update_event_source_mapping('$slow', enabled => true)");
becomes($node, 'postgres', "SELECT count(*), count(DISTINCT body) FROM done WHERE queue = 'slow'", '20|20', 'and goes on with them');

# --------------------------------------------------------------------------
# Failures

my $failing = map_queue('failing', 'fail', 'batch_size => 1');
app("SELECT sqs_send('failing', body) FROM unnest(ARRAY['a', 'poison', 'once', 'b']) AS body");
state_becomes($node, 'postgres', 'dead', '1|0|0', 'what fails too often gets to the dead-letter queue');
query_is($node, 'postgres', "SELECT body FROM sqs_peek('dead')", 'poison', 'and nothing else');
becomes($node, 'postgres', "SELECT string_agg(body, ' ' ORDER BY body) FROM done WHERE queue = 'failing'", 'a b once',
	'what failed once is processed then');
state_becomes($node, 'postgres', 'failing', '0|0|0', 'nothing is left');
query_is($node, 'postgres', "SELECT last_value FROM tries", 6, 'nothing was tried more often');
query_is($node, 'postgres', "SELECT processed, failed, last_error, last_error_at > created FROM sqs_event_source_mappings WHERE id = '$failing'",
	'3|3|P0001: no good|t', 'the view has the error');

# a function that takes too long
change_setting($node, 'queue.event_source_timeout', '200ms');
app(<<'SQL');
CREATE FUNCTION slow_first(m sqs_message[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO public.done SELECT 'late', body, message_id FROM unnest(m);
  SELECT pg_sleep(600) WHERE (SELECT max(receive_count) FROM unnest(m)) = 1;
$$;
SELECT sqs_create_queue('late'), sqs_create_event_source_mapping('late', 'slow_first');
SELECT sqs_send('late', 'x');
SQL
becomes($node, 'postgres', "SELECT last_error FROM sqs_event_source_mappings WHERE queue = 'late'",
	'57014: the function took longer than queue.event_source_timeout', 'a function that takes too long is canceled');
becomes($node, 'postgres', "SELECT count(*) FROM done WHERE queue = 'late'", 1, 'and called again');
app(<<'SQL');
CREATE FUNCTION stubborn(m sqs_message[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  BEGIN
    PERFORM pg_sleep(600) WHERE (SELECT max(receive_count) FROM unnest(m)) = 1;
  EXCEPTION WHEN query_canceled THEN
    NULL;
  END;
  INSERT INTO public.done SELECT 'stubborn', body || (SELECT max(receive_count) FROM unnest(m)), message_id FROM unnest(m);
END $$;
SELECT sqs_create_queue('stubborn'), sqs_create_event_source_mapping('stubborn', 'stubborn');
SELECT sqs_send('stubborn', 'x');
SQL
becomes($node, 'postgres', "SELECT body FROM done WHERE queue = 'stubborn'", 'x2', 'one that goes on nevertheless has failed');
change_setting($node, 'queue.event_source_timeout', '5min');

map_queue('partial', 'partly', 'report_batch_item_failures => true');
fill('partial', 1, 30);
becomes($node, 'postgres', "SELECT count(*), count(DISTINCT body) FROM done WHERE queue = 'partial'", '30|30',
	'of a batch only those come again that the function names');
state_becomes($node, 'postgres', 'partial', '0|0|0', 'none is left');

# --------------------------------------------------------------------------
# The filter

map_queue('filtered', 'note_filtered', q(filter => '$.kind == "a"'));
app(<<'SQL');
SELECT sqs_send('filtered', body) FROM unnest(ARRAY[
  '{"kind": "a", "n": 1}', '{"kind": "b"}', 'no json', '', '{"kind": "a', '[]', '"a"', '{"kind": "a", "n": 2}',
  '{"kind": "a", "big": 1e999999}', '{"kind": "a", "zero": "\u0000"}']) AS body WHERE body <> '';
SQL
state_becomes($node, 'postgres', 'filtered', '0|0|0', 'what does not match is deleted');
query_is($node, 'postgres', "SELECT body FROM done WHERE queue = 'filtered' ORDER BY body",
	"{\"kind\": \"a\", \"n\": 1}\n{\"kind\": \"a\", \"n\": 2}", 'without the function');

# A filter that fails has the message come again; how deep JSON may be, it cannot say.
app(<<"SQL");
SELECT sqs_create_queue('deep', '{$dead}'), sqs_create_event_source_mapping('deep', 'note_filtered', filter => '\$.kind');
SELECT sqs_send('deep', repeat('[', 100000) || repeat(']', 100000)), sqs_send('deep', '{"kind": "c"}');
SQL
state_becomes($node, 'postgres', 'dead', '2|0|0', 'a message that the filter fails with gets to the dead-letter queue');
becomes($node, 'postgres', "SELECT processed, failed, left(last_error, 5) FROM sqs_event_source_mappings WHERE queue = 'deep'", '1|2|54001',
	'and stops no other');

# --------------------------------------------------------------------------
# Large messages

app(<<'SQL');
SELECT sqs_create_queue('large');
SELECT count(sqs_send('large', body)) FROM generate_series(1, 280),
  (SELECT left(string_agg(md5(g::text), ''), 256000) AS body FROM generate_series(1, 8000) AS g) AS b;
SELECT sqs_create_event_source_mapping('large', 'count_batch', batch_size => 1000, max_concurrency => 1) IS NOT NULL;
SQL
becomes($node, 'postgres', 'SELECT sum(n), max(n) BETWEEN 100 AND 279 FROM batches', '280|t', 'a batch has no more than 64 MB, or a little more');
$node->safe_psql('postgres', 'TRUNCATE batches');

# --------------------------------------------------------------------------
# Messages without their key

my $key = PostgreSQL::Test::Utils::tempdir() . '/master.key';
append_to_file($key, '0123456789abcdef' x 4);
chmod 0600, $key or die "could not change the mode of \"$key\": $!";
change_setting($node, 'queue.master_key_file', $key);
app(<<'SQL');
SELECT sqs_create_queue('sealed', '{"SqsManagedSseEnabled": true}');
SELECT sqs_send('sealed', 'sealed');
SELECT sqs_set_queue_attributes('sealed', '{"SqsManagedSseEnabled": false}');
SQL
append_to_file("$key.other", 'fedcba9876543210' x 4);
chmod 0600, "$key.other" or die "could not change the mode of \"$key.other\": $!";
change_setting($node, 'queue.master_key_file', "$key.other");
map_queue('sealed', 'note_filtered');
like($node->poll_query_until('postgres', "SELECT last_error IS NOT NULL FROM sqs_event_source_mappings WHERE queue = 'sealed'") &&
	$node->safe_psql('postgres', "SELECT last_error FROM sqs_event_source_mappings WHERE queue = 'sealed'"),
	qr/^could not decrypt message/, 'the view says that a message cannot be decrypted');
app("SELECT sqs_send('sealed', 'plain')");
becomes($node, 'postgres', "SELECT body FROM done WHERE body IN ('sealed', 'plain')", 'plain', 'others are processed');
change_setting($node, 'queue.master_key_file', $key);
becomes($node, 'postgres', "SELECT count(*) FROM done WHERE body IN ('sealed', 'plain')", 2, 'with its key, so is that one');

# --------------------------------------------------------------------------
# A queue whose tables are locked, and another one

my $locked = $node->safe_psql('postgres', "SELECT 'queue.messages_' || queue_id || '_1' FROM queue.queues WHERE queue_name = 'load'");
my $locker = queue_session($node, 'postgres');
app("SELECT sqs_update_event_source_mapping('$load', enabled => false)");
becomes($node, 'postgres', "SELECT state FROM sqs_event_source_mappings WHERE id = '$load'", 'Disabled', 'a mapping is paused');
fill('load', 1, 100);
$locker->run('BEGIN');
$locker->run("LOCK TABLE $locked");
app("SELECT sqs_update_event_source_mapping('$load', enabled => true)");
becomes($node, 'postgres', workers('load') . ' AND concurrency > 0', 1, 'it has a worker');
app("SELECT sqs_send('filtered', '{\"kind\": \"a\", \"n\": 3}')");
becomes($node, 'postgres', "SELECT count(*) FROM done WHERE queue = 'filtered' AND body LIKE '%3}'", 1, 'another mapping goes on');
query_is($node, 'postgres', workers('load'), 1, 'no more workers come to wait with it');
$locker->run('COMMIT');
state_becomes($node, 'postgres', 'load', '0|0|0', 'and then that one');

# --------------------------------------------------------------------------
# The window

map_queue('window', 'count_batch', 'batch_size => 5, batching_window_seconds => 300, max_concurrency => 1');
fill('window', 1, 1);
becomes($node, 'postgres', workers('window'), 1, 'a worker waits for a batch to be full');
fill('window', $_, $_) foreach 2 .. 5;
becomes($node, 'postgres', 'SELECT * FROM batches', 5, 'which then is one');

# --------------------------------------------------------------------------
# Order

map_queue('order.fifo', 'in_order', 'max_concurrency => 4, batch_size => 7');
app(<<'SQL');
SELECT count(sqs_send('order.fifo', n || ' g' || g, message_group_id => 'g' || g))
FROM generate_series(1, 40) AS n, generate_series(1, 5) AS g;
SQL
becomes($node, 'postgres', 'SELECT count(*) FROM ordered', 200, 'messages of a FIFO queue are processed');
query_is($node, 'postgres', <<'SQL', 0, 'each group in order, whatever fails');
SELECT count(*) FROM ordered AS a JOIN ordered AS b USING (group_id)
WHERE a.n < b.n AND split_part(a.body, ' ', 1)::int >= split_part(b.body, ' ', 1)::int
SQL
state_becomes($node, 'postgres', 'order.fifo', '0|0|0', 'none is left');

# --------------------------------------------------------------------------
# What is gone

my $gone = map_queue('gone', 'note');
$node->safe_psql('postgres', <<'SQL');
SET ROLE app;
ALTER FUNCTION note RENAME TO renamed;
SQL
is_in_state($gone, 'Disabled', 'The function was renamed', 'a function that was renamed');
app('ALTER FUNCTION renamed RENAME TO note');
becomes($node, 'postgres', "SELECT state FROM sqs_event_source_mappings WHERE id = '$gone'", 'Enabled', 'and is itself again');
app(<<'SQL');
CREATE FUNCTION kept(m sqs_message[]) RETURNS void LANGUAGE sql AS '';
SELECT sqs_create_event_source_mapping('held', 'kept');
DROP FUNCTION kept;
CREATE FUNCTION kept(m sqs_message[]) RETURNS void LANGUAGE sql AS 'INSERT INTO public.done SELECT ''held'', body, message_id FROM unnest(m)';
SELECT sqs_send('held', 'x');
SQL
my $held = $node->safe_psql('postgres', "SELECT id FROM sqs_event_source_mappings WHERE queue = 'held'");
is_in_state($held, 'Disabled', 'The function does not exist', 'another function of the same name is not called');
fill('load', 800_001, 800_001);
becomes($node, 'postgres', "SELECT count(*) FROM done WHERE body = '800001'", 1, 'others go on');
state_is($node, 'postgres', 'held', '1|0|0', 'the message stays');
app("SELECT sqs_delete_event_source_mapping('$held')");

app("REVOKE EXECUTE ON FUNCTION note FROM PUBLIC, app");
is_in_state($gone, 'Disabled', 'Role "app" has no EXECUTE', 'a function that may not be called any longer');
app("GRANT EXECUTE ON FUNCTION note TO PUBLIC");
app("SELECT sqs_delete_queue('gone'); SELECT sqs_create_queue('gone'); SELECT sqs_send('gone', 'x')");
is_in_state($gone, 'Disabled', 'The queue does not exist', 'a queue that was deleted and created anew is another');
state_is($node, 'postgres', 'gone', '1|0|0', 'its messages stay');
app("SELECT sqs_delete_event_source_mapping('$gone')");

$node->safe_psql('postgres', <<'SQL');
CREATE ROLE leaver;
GRANT CREATE ON SCHEMA queue TO leaver;
SET ROLE leaver;
SELECT sqs_create_queue('leaver');
SELECT sqs_create_event_source_mapping('leaver', 'note');
RESET ROLE;
SQL
my ($status, $out, $err) = $node->psql('postgres', 'DROP ROLE leaver');
like($err, qr/privileges for column run_as of table queue\.event_source_mappings/, 'a role with a mapping is not dropped');
$node->safe_psql('postgres', 'DROP OWNED BY leaver');
my $leaver = $node->safe_psql('postgres', "SELECT id FROM sqs_event_source_mappings WHERE queue = 'leaver'");
is_in_state($leaver, 'Disabled', 'The mapping is void', 'DROP OWNED makes it void');
$node->safe_psql('postgres', 'DROP ROLE leaver');
is_in_state($leaver, 'Disabled', 'The role does not exist', 'and then the role can go');
$node->safe_psql('postgres', "SELECT sqs_delete_event_source_mapping('$leaver')");

# --------------------------------------------------------------------------
# Killed in the middle

my $times = 0;

app(<<'SQL');
SELECT sqs_create_queue('killed');
CREATE FUNCTION note_slowly(m sqs_message[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO public.done SELECT 'killed', body, message_id FROM unnest(m);
  SELECT pg_sleep(0.02);
$$;
SELECT sqs_create_event_source_mapping('killed', 'note_slowly', max_concurrency => 4);
SQL

# Passes if all is done after something has happened in the middle.
sub survives
{
	my ($name, $happens) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $from = 1_000_000 * ++$times;
	my $done = "FROM done WHERE queue = 'killed' AND body::int > $from AND body::int <= $from + $burst";

	fill('killed', $from + 1, $from + $burst);
	$node->poll_query_until('postgres', "SELECT count(*) > 100 $done");
	# only a long load cannot be over before it is looked at
	becomes($node, 'postgres', workers('killed'), 4, "$name: as many workers come as may be") if $burst >= 50_000;
	query_is($node, 'postgres', "SELECT count(*) < $burst $done", 't', "$name: in the middle");
	$happens->();
	$node->poll_query_until('postgres', 'SELECT 1', 1);
	becomes($node, 'postgres', "SELECT count(*), count(DISTINCT body) $done", "$burst|$burst",
		"$name: each message is processed once");
	state_becomes($node, 'postgres', 'killed', '0|0|0', "$name: none is left");
	sound($node, 'postgres', $name, 'killed');
	return;
}

# The process of a kind, which is there or comes.
sub pid_of
{
	my ($kind) = @_;
	my $query = "SELECT pid FROM pg_stat_activity WHERE backend_type = '$kind' LIMIT 1";

	return $node->safe_psql('postgres', $query);
}

survives('a worker is terminated',
	sub { $node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'queue event source'") });
survives('the coordinator is terminated',
	sub { $node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'queue event coordinator'") });
survives('a worker is canceled',
	sub { $node->safe_psql('postgres', "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE backend_type = 'queue event source'") });
survives(
	'a worker is killed',
	sub {
		my $pid = pid_of('queue event source') || pid_of('queue event coordinator');
		PostgreSQL::Test::Utils::system_log('pg_ctl', 'kill', 'KILL', $pid);
	});
survives('an immediate stop', sub { $node->stop('immediate'); $node->start });
survives('a restart', sub { $node->restart });
becomes($node, 'postgres', workers('killed'), 0, 'and in the end the workers leave');

# --------------------------------------------------------------------------
# In nobody's way

$node->safe_psql('postgres', 'CREATE DATABASE other');
$node->safe_psql('other', <<'SQL');
CREATE EXTENSION queue;
SELECT sqs_create_queue('q');
CREATE FUNCTION nothing(m sqs_message[]) RETURNS void LANGUAGE sql AS '';
SELECT sqs_create_event_source_mapping('q', 'nothing');
SELECT sqs_send('q', 'x');
SQL
state_becomes($node, 'other', 'q', '0|0|0', 'another database has its own');
$node->safe_psql('postgres', 'CREATE DATABASE copy TEMPLATE other');
pass('a database with mappings at work can be copied');
$node->safe_psql('other', "SELECT sqs_send('q', 'x')");
state_becomes($node, 'other', 'q', '0|0|0', 'they go on after that');
$node->safe_psql('postgres', 'DROP DATABASE other');
pass('and dropped');
$node->safe_psql('copy', "SELECT sqs_send('q', 'x')");
state_becomes($node, 'copy', 'q', '0|0|0', 'the copy is at work');
$node->safe_psql('copy', 'DROP EXTENSION queue CASCADE');
$node->safe_psql('copy', 'CREATE EXTENSION queue');
becomes($node, 'postgres', "SELECT count(*) FROM pg_stat_activity WHERE datname = 'copy'", 0, 'nobody is left without the extension');
$node->safe_psql('postgres', 'DROP DATABASE copy');

# --------------------------------------------------------------------------
# Too few processes

my $server = queue_node('few', init => { allows_streaming => 1 }, conf => "log_statement = none\nqueue.worker_interval = 200ms\nmax_worker_processes = 5\nmax_logical_replication_workers = 0\n");
$server->safe_psql('postgres', $setup);
app(<<'SQL', $server);
CREATE TABLE done (body text, message_id uuid PRIMARY KEY);
CREATE TABLE gate (id int);
INSERT INTO gate VALUES (1);
CREATE FUNCTION slow(m sqs_message[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM public.gate FOR SHARE;
  INSERT INTO public.done SELECT body, message_id FROM unnest(m);
END $$;
SELECT sqs_create_queue('a'), sqs_create_queue('b');
SELECT sqs_create_event_source_mapping('a', 'slow', batch_size => 1, max_concurrency => 10),
  sqs_create_event_source_mapping('b', 'slow');
SQL
my $session = queue_session($server, 'postgres');
$session->run('BEGIN');
$session->run('SELECT * FROM gate FOR UPDATE');
app("SELECT count(*) FROM sqs_send_batch('a', array_fill('x'::text, ARRAY[100]))", $server);
becomes($server, 'postgres', "SELECT state_reason FROM sqs_event_source_mappings WHERE queue = 'a'",
	'There are too few background processes: max_worker_processes is too small.', 'the view says that there are too few processes');
app("SELECT sqs_send('b', 'y')", $server);
$session->run('COMMIT');
becomes($server, 'postgres', 'SELECT count(*), count(*) FILTER (WHERE body = $$y$$) FROM done', '101|1', 'all mappings get on with what there is');
becomes($server, 'postgres', 'SELECT count(*) FROM sqs_event_source_mappings WHERE state_reason IS NOT NULL', 0,
	'and the view says no longer that there are too few');
my $log = slurp_file($server->logfile);
is(scalar(() = $log =~ /WARNING:  out of background worker slots for event source mappings/g), 1, 'the log says it once');

# --------------------------------------------------------------------------
# Restored elsewhere

my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';
$node->safe_psql('postgres', "SELECT sqs_update_event_source_mapping(id, enabled => false) FROM sqs_event_source_mappings WHERE queue = 'load'");
becomes($node, 'postgres', workers('load'), 0, 'at rest');
fill('load', 900001, 900100);
fill('rest', 1, 5);
$node->command_ok([ 'pg_dump', '--file', $dump, 'postgres' ], 'dumped');
$server->safe_psql('postgres', 'CREATE DATABASE restored');
$server->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', 'restored', '-f', $dump ], 'restored');
my $columns = 'queue, function, batch_size, batching_window_seconds, max_concurrency, report_batch_item_failures, filter, run_as, created, modified, id';
my $mappings = "SELECT $columns FROM sqs_event_source_mappings ORDER BY id";
query_is($server, 'restored', $mappings, $node->safe_psql('postgres', $mappings), 'with its mappings');
$server->safe_psql('restored', "SELECT sqs_update_event_source_mapping(id, enabled => true) FROM sqs_event_source_mappings WHERE queue = 'load'");
becomes($server, 'restored', "SELECT count(*) FROM done WHERE body BETWEEN '900001' AND '900100' AND length(body) = 6", 100, 'which go on there');
state_is($node, 'postgres', 'load', '100|0|0', 'and not here');

# --------------------------------------------------------------------------
# Promotion

my $standby = PostgreSQL::Test::Cluster->new('standby');
$server->backup('backup');
$standby->init_from_backup($server, 'backup', has_streaming => 1);
$standby->start;
$server->wait_for_catchup($standby, 'replay', $server->lsn('write'));
query_is($standby, 'postgres', 'SELECT DISTINCT state, state_reason FROM sqs_event_source_mappings',
	'Disabled|The server is a standby.', 'on a standby mappings rest');
($status, $out, $err) = $standby->psql('postgres', "SELECT sqs_create_event_source_mapping('a', 'slow')");
like($err, qr/cannot execute sqs_create_event_source_mapping\(\) in a read-only transaction/, 'and cannot be made');
$server->stop;
$standby->promote;
app("SELECT sqs_send('a', 'z')", $standby);
becomes($standby, 'postgres', "SELECT count(*) FROM done WHERE body = 'z'", 1, 'once promoted, it acts on them');
$standby->stop;

# --------------------------------------------------------------------------
# Who may not drop a database ends nobody's batch in it

$node->safe_psql('postgres', 'CREATE ROLE nobody_special LOGIN');
app(q{SELECT sqs_create_queue('long')});
map_queue('long', 'wait_at_gate');
my $guard = queue_session($node, 'postgres');
$guard->run('BEGIN; SELECT FROM gate WHERE id = 1 FOR UPDATE');
app(q{SELECT sqs_send('long', 'x')});
becomes($node, 'postgres', workers('long'), 1, 'a batch that takes long');
my $batch = $node->safe_psql('postgres', q{SELECT array_agg(pid) FROM pg_stat_activity WHERE backend_type LIKE 'queue event%'});
foreach my $command ('DROP DATABASE postgres', 'ALTER DATABASE postgres CONNECTION LIMIT 1',
	'ALTER DATABASE postgres RENAME TO other', 'CREATE DATABASE other TEMPLATE postgres')
{
	my ($code) = $node->psql('template1', "SET ROLE nobody_special; $command");
	isnt($code, 0, "$command is refused");
}
query_is($node, 'postgres', "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY ('$batch')",
	scalar(split /,/, $batch), 'and has ended no process');
$guard->quit;
becomes($node, 'postgres', q{SELECT processed, failed FROM sqs_event_source_mappings WHERE queue = 'long'}, '1|0',
	'the batch comes to its end');

# --------------------------------------------------------------------------
# A filter with dates and time zones

app(q{SELECT sqs_create_queue('dates');
	CREATE TABLE dated (body text);
	CREATE FUNCTION note_date(messages sqs_message[]) RETURNS void LANGUAGE sql SET search_path = public AS
	$$ INSERT INTO dated SELECT body FROM unnest(messages) $$});
map_queue('dates', 'note_date', q{filter => '$ ? (@.at.datetime() > "2020-01-01".datetime())'});
app(q{SELECT sqs_send('dates', '{"at": "2021-01-01T00:00:00+01:00"}'), sqs_send('dates', '{"at": "2021-01-01"}')});
becomes($node, 'postgres', q{SELECT processed, failed FROM sqs_event_source_mappings WHERE queue = 'dates'}, '2|0',
	'a message with a time zone does not stop a mapping');
query_is($node, 'postgres', 'SELECT count(*) FROM dated', 2, 'both match');

# --------------------------------------------------------------------------
# The end

$node->safe_psql('postgres', 'SELECT sqs_delete_event_source_mapping(id) FROM sqs_event_source_mappings');
my $audit = slurp_file($node->logfile);
like($audit, qr/audit: \{"action": "lambda:CreateEventSourceMapping", "decision": "allowed", "resource": "arn:aws:sqs:us-east-1:000000000000:load", "principal": "arn:aws:iam::000000000000:role\/app"/,
	'the audit has who made mappings');
like($audit, qr/audit: \{"action": "lambda:$_", "decision": "allowed", "resource": "arn:aws:lambda:us-east-1:000000000000:event-source-mapping:[-0-9a-f]{36}"/, "and $_")
  foreach 'UpdateEventSourceMapping', 'DeleteEventSourceMapping';
becomes($node, 'postgres', "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'queue event%'", 0, 'the last mapping takes its processes along');
query_is($node, 'postgres', "SELECT count(*) FROM pg_attribute, unnest(attacl) WHERE attrelid = 'queue.event_source_mappings'::regclass AND attname = 'run_as'", 0, 'no role is held');
$node->stop;
log_is_clean($node,
	qr/must be owner|permission denied to (copy|create|rename) database|the database system is|terminating|no good|not yet|DROP ROLE|role "leaver"|was terminated by|crash|canceling statement|stack depth|took longer than|could not decrypt|database \d+ does not exist/,
	'the server met no other errors');
done_testing();
