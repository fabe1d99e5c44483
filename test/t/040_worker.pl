# Promises: queue-worker runs a handler for each message, for lists of them, or keeps
# handlers running. What succeeds is deleted; what fails comes back with a back-off,
# and becomes a dead letter by the queue's policy. A message is not received again
# while its handler works, however long that takes; one that takes too long is
# killed with all its processes. Output without end hurts nobody. A stop finishes
# what runs and returns what does not. Nothing is lost when a handler, the worker or
# the server is killed, or the queue deleted and made again. The number of handlers
# follows the backlog. It needs no more rights than it uses.
#
# QUEUE_BURST is the number of messages of the burst: 50000 for a longer run.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueTest;
use QueueWorker;
use Test::More;

plan skip_all => 'queue-worker is not built here' unless QueueWorker::is_built();

my $burst = $ENV{QUEUE_BURST} || 3000;
my $node = queue_node('worker', conf => "queue.recreate_delay = 0\nqueue.minimum_retention = 60\n");

# Makes a queue of its own for a test, and a folder for its handler.
my $made = 0;

sub scene
{
	my ($attributes) = @_;
	my $queue = 'jobs' . ++$made;

	$attributes //= '{}';
	$queue .= '.fifo' if $attributes =~ /FifoQueue/;
	$node->safe_psql('postgres', "SELECT sqs_create_queue('$queue', '$attributes')");
	return ($queue, QueueWorker::folder());
}

sub send_bodies
{
	my ($queue, @bodies) = @_;

	$node->safe_psql('postgres', "SELECT sqs_send('$queue', '$_')") foreach @bodies;
	return;
}

# Passes once a queue is empty.
sub drained
{
	my ($queue, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return state_becomes($node, 'postgres', $queue, '0|0|0', $name);
}

# --------------------------------------------------------------------------
# Settings

my %wrong = (
	'' => 'setting "queue" is missing',
	'--queue q' => 'there is no command',
	'--queue q -- no-such-program' => 'there is no program "no-such-program" that can be executed',
	'--queue q --command x -- cat' => 'there are two commands',
	'--queue q --min 3 --max 2 -- cat' => 'setting "max" is less than "min"',
	'--queue q --backoff 10 --backoff-max 9 -- cat' => 'setting "backoff_max" is less than "backoff"',
	'--queue q --max 1001 -- cat' => 'command line: invalid value for setting "max": "1001"',
	'--queue q --timeout x -- cat' => 'command line: invalid value for setting "timeout": "x"',
	'--queue q --metrics-listen 192.0.2.1:80 -- cat' =>
	  'command line: invalid value for setting "metrics_listen": "192.0.2.1:80"',
	'--queue q --no-such -- cat' => 'invalid option "--no-such"');

foreach my $arguments (sort keys %wrong)
{
	my ($out, $err, $status) = QueueWorker::output_of(split ' ', $arguments);

	like($err, qr/^queue-worker: \Q$wrong{$arguments}\E$/m, "refused: $arguments");
	is($status, 1, 'with an exit status that says so');
}
unlike((QueueWorker::output_of('--queue=q', '--dsn=password=secret x', '--', 'cat'))[1],
	qr/secret/, 'a connection string is not shown');
is(join('|', QueueWorker::output_of(qw(--queue q --check-config -- cat))), '||0', 'good settings are good');
{
	local $ENV{QUEUE_WORKER_QUEUE} = 'q';
	local $ENV{QUEUE_WORKER_COMMAND} = 'cat >/dev/null';
	is(join('|', QueueWorker::output_of('--check-config')), '||0', 'settings of the environment are, too');
}
like((QueueWorker::output_of('--help'))[0], qr/^  --backlog-per-worker=MESSAGES$/m, 'there is help');

# --------------------------------------------------------------------------
# A process for each message

my ($queue, $folder) = scene();
my $worker;
{
	local $ENV{QUEUE_WORKER_LOG_LEVEL} = 'debug';
	local $ENV{SQS_SENDER_ID} = 'forged';
	$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'one'), max => 3);
}
my $id = $node->safe_psql('postgres', <<"SQL");
SELECT sqs_send('$queue', 'env environment', message_group_id => 'tenant', message_attributes =>
  '{"Customer": "ada", "a.b": "dotted", "Amount": 17}')
SQL
drained($queue, 'a message is handled and deleted');
my %environment = map { split /=/, $_, 2 } split /\n/, slurp_file("$folder/environment");
is($environment{SQS_MESSAGE_ID}, $id, 'the handler knows the id');
is(join('|', @environment{qw(SQS_QUEUE SQS_RECEIVE_COUNT SQS_MESSAGE_GROUP_ID SQS_ATTRIBUTE_Customer SQS_ATTRIBUTE_Amount)}),
	"$queue|1|tenant|ada|17", 'and other attributes');
like($environment{SQS_SENT_AT}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'and when it was sent');
like($environment{SQS_MESSAGE_ATTRIBUTES}, qr/"a\.b".*"dotted"/, 'message attributes are there as JSON');
isnt($environment{SQS_RECEIPT_HANDLE} // '', '', 'and so is the receipt handle');
isnt($environment{SQS_SENDER_ID}, 'forged', "what has the name of a message's attribute is of the message");
is(join(' ', grep { /^QUEUE_WORKER_/ } sort keys %environment), '', "the worker's settings are not passed on");

send_bodies($queue, map { "m$_" } 1 .. 20);
drained($queue, 'twenty messages are handled');
is(scalar(grep { /^m\d+ 1$/ } QueueWorker::record($folder, 'end')), 20, 'each of them once');
is($worker->metric('queue_worker_messages_deleted_total'), 21, 'the metrics say so');
is($worker->stop, 0, 'a stop of an idle worker');
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'queue-worker'"),
	0, 'its sessions have ended');

# --------------------------------------------------------------------------
# Lists, and handlers that go on running

($queue, $folder) = scene();
send_bodies($queue, 'l0 fail', map { "l$_" } 1 .. 11);
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'list'), batch => 5, max => 2, backoff => 0);
drained($queue, 'lists are handled');
is(join(' ', grep { $_ > 5 } QueueWorker::record($folder, 'list')), '', 'none is longer than it may be');
is(join(',', sort grep { /^l\d+ / } QueueWorker::record($folder, 'end')),
	join(',', sort 'l0 2', map { "l$_ 1" } 1 .. 11), 'one that was named as failed comes again, and no other');
is($worker->stop, 0, 'a stop');

($queue, $folder) = scene();
send_bodies($queue, 'r0 fail', map { "r$_" } 1 .. 50);
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'resident'), resident => 1, min => 2, max => 2, backoff => 0);
drained($queue, 'handlers that go on running');
is(scalar(QueueWorker::record($folder, 'started')), 2, 'two were started, and no more');
is(scalar(grep { /^r/ } QueueWorker::record($folder, 'end')), 51, 'each message was handled once');
send_bodies($queue, 'rd die', 'after');
drained($queue, 'one that is killed is replaced');
is(join(',', sort grep { /^(rd|after)/ } QueueWorker::record($folder, 'end')), 'after 1,rd 2', 'its message is handled by another');
is($worker->metric('queue_worker_processes_crashed_total'), 1, 'the metrics say so');
is($worker->stop, 0, 'a stop');

($queue, $folder) = scene();
send_bodies($queue, 'x0 fail', map { "x$_" } 1 .. 30);
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'resident-list'), resident => 'on', batch => 10, backoff => 0);
drained($queue, 'both at once');
is(join(',', sort grep { /^x0/ } QueueWorker::record($folder, 'end')), 'x0 2', 'with one that failed');
is($worker->stop, 0, 'a stop');

# Two workers, and messages of all sizes
($queue, $folder) = scene('{"MaximumMessageSize": 1048576}');
$node->safe_psql('postgres', <<"SQL");
SELECT count(sqs_send('$queue', rpad('big' || i, 1000000, ' x'))) FROM generate_series(1, 40) AS i;
SELECT count(sqs_send('$queue', 'small' || i, message_attributes => jsonb_build_object('Large', repeat('y', 200000))))
FROM generate_series(1, 5) AS i;
SELECT count(sqs_send('$queue', 'tiny' || i)) FROM generate_series(1, 200) AS i
SQL
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'one'), max => 2, scale_interval => 1, backlog_per_worker => 10);
my $other = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'resident'), resident => 1, min => 2);
drained($queue, 'messages of a megabyte, and small ones, by two workers');
my %seen;
$seen{$_}++ foreach map { (split)[0] } QueueWorker::record($folder, 'end');
is(scalar(keys %seen), 245, 'all of them');
is(join(' ', grep { $seen{$_} > 1 } sort keys %seen), '', 'each once');
is($_->stop, 0, 'a stop') foreach $worker, $other;

# What a handler has open, and what it leaves behind
($queue, $folder) = scene();
my $metrics = "$folder/metrics.prom";
send_bodies($queue, 'd descriptors', 'l leave');
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'one'), metrics_file => $metrics);
drained($queue, 'a handler that leaves a process behind');
my $left = slurp_file("$folder/left");
ok(QueueWorker::eventually(sub { !kill 0, $left }), 'that one is killed');
is(join(' ', grep { !/^pipe:|handler\.pl$/ } split /\n/, slurp_file("$folder/descriptors")), '',
	'a handler has nothing open but its pipes');
is($worker->stop, 0, 'a stop');
like(slurp_file($metrics), qr/^queue_worker_messages_deleted_total\{queue="$queue"\} 2$/m, 'metrics are in a file');

# Answers that are none
($queue, $folder) = scene();
send_bodies($queue, 's stranger', 'm mute', 'after');
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'resident'), resident => 1, max => 1, timeout => 1, backoff => 0);
drained($queue, 'handlers that answer for a message that they did not get');
is(join(',', sort map { (split)[0] } QueueWorker::record($folder, 'end')), 'after,m,s', 'each message is handled all the same');
is($worker->metric('queue_worker_bad_answers_total'), 2, 'the metrics say so');
is($worker->metric('queue_worker_timeouts_total'), 1, 'and that one was silent');
is($worker->stop, 0, 'a stop');

# --------------------------------------------------------------------------
# Failures

($queue, $folder) = scene();
send_bodies($queue, 'f fail fail die');
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'one'), backoff => 1, backoff_max => 3);
drained($queue, 'a message that failed, and was the death of its handler, is handled in the end');
my @failures = $worker->events('message_failed');
is(join(',', map { "$_->{receive_count} $_->{status}" } @failures), '1 3,2 3,3 137', 'the log has each failure');
ok($failures[0]->{retry_seconds} == 1 && $failures[1]->{retry_seconds} >= 1 && $failures[1]->{retry_seconds} <= 2 &&
	$failures[2]->{retry_seconds} >= 2 && $failures[2]->{retry_seconds} <= 3, 'the back-off doubles, is spread, and ends');
is($worker->stop, 0, 'a stop');

my ($letters) = scene();
my $arn = "arn:aws:sqs:us-east-1:000000000000:$letters";
($queue, $folder) = scene(qq({"RedrivePolicy": "{\\"deadLetterTargetArn\\": \\"$arn\\", \\"maxReceiveCount\\": 2}"}));
send_bodies($queue, 'd fail fail fail fail', 'fine');
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'one'), backoff => 0);
state_becomes($node, 'postgres', $letters, '1|0|0', 'what fails too often becomes a dead letter');
drained($queue, 'and is not in the queue any more');
is(join(',', QueueWorker::record($folder, 'failed')), 'd 1,d 2', 'after as many receives as the policy says');
is($worker->stop, 0, 'a stop');

# --------------------------------------------------------------------------
# Time

($queue, $folder) = scene();
send_bodies($queue, 'long wait:go');
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'one'), visibility_timeout => 2, max => 3);
ok($worker->metric_reaches('queue_worker_heartbeats_total', 6), 'a message is hidden anew while it is handled');
state_is($node, 'postgres', $queue, '0|1|0', 'and in flight');
QueueWorker::let($folder, 'go');
drained($queue, 'until its handler is done');
is(join(',', QueueWorker::record($folder, 'begin')), 'long 1', 'it was received once');
is($worker->stop, 0, 'a stop');

($queue, $folder) = scene();
send_bodies($queue, 'h hang');
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'one'), timeout => 1, kill_after => 1, backoff => 0);
ok($worker->wait_for('message_failed'), 'a handler that takes too long is killed');
is(($worker->events('message_failed'))[0]->{reason}, 'time limit', 'and the log says why');
is(scalar($worker->events('handler_timed_out')), 1, 'and when');
my $child = slurp_file("$folder/hanging");
ok(QueueWorker::eventually(sub { !kill 0, $child }), 'so are the processes that it has started');
drained($queue, 'its message is handled later');
is($worker->stop, 0, 'a stop');

# What was kept ready for a quick handler that is not quick any more
($queue, $folder) = scene();
send_bodies($queue, map { "q$_" } 1 .. 50);
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'resident'), resident => 1, max => 1, visibility_timeout => 2);
drained($queue, 'a quick handler');
$node->safe_psql('postgres', <<"SQL");
SELECT count(*) FROM sqs_send_batch('$queue', ARRAY['slow wait:go'] || (SELECT array_agg('t' || i) FROM generate_series(1, 40) AS i))
SQL
state_becomes($node, 'postgres', $queue, '40|1|0', 'messages that waited for their turn are left to others');
my $free = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'one'));
state_becomes($node, 'postgres', $queue, '0|1|0', 'who handle them');
QueueWorker::let($folder, 'go');
drained($queue, 'the slow one is handled in the end');
is(join(',', grep { /^slow/ } QueueWorker::record($folder, 'begin')), 'slow 1', 'once');
is($_->stop, 0, 'a stop') foreach $worker, $free;

# --------------------------------------------------------------------------
# Output

foreach my $what (qw(flood line))
{
	($queue, $folder) = scene();
	send_bodies($queue, "o $what");
	$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'one'), output_limit => '8kB');
	drained($queue, "$what: a handler that writes fifty megabytes is handled as any other");
	is(scalar($worker->events('handler_output_discarded')), 1, "$what: the log says how much was thrown away");
	cmp_ok(-s $worker->{log}, '<', 100_000, "$what: the log has little of it");
	cmp_ok(slurp_file('/proc/' . $worker->pid . '/status') =~ /^VmHWM:\s+(\d+)/m ? $1 : 0, '<', 64 * 1024,
		"$what: the worker's memory has nothing of it");
	cmp_ok($worker->metric('queue_worker_output_discarded_bytes_total'), '>', 40_000_000,
		"$what: the rest is counted");
	is($worker->stop, 0, 'a stop');
}

# --------------------------------------------------------------------------
# Stops

($queue, $folder) = scene();
send_bodies($queue, map { "w$_" } 1 .. 50);
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'resident'), resident => 1, max => 1);
drained($queue, 'a quick handler');
$node->safe_psql('postgres', <<"SQL");
SELECT count(*) FROM sqs_send_batch('$queue', ARRAY['s wait:go'] || (SELECT array_agg('t' || i) FROM generate_series(1, 40) AS i))
SQL
ok($worker->metric_reaches('queue_worker_messages_ready', 1), 'messages are kept ready for it');
kill 'TERM', $worker->pid;
state_becomes($node, 'postgres', $queue, '40|1|0', 'at a stop what was not begun is returned at once');
QueueWorker::let($folder, 'go');
is($worker->finish, 0, 'what was begun is finished');
state_is($node, 'postgres', $queue, '40|0|0', 'and deleted');
is(join(',', grep { /^t/ } QueueWorker::record($folder, 'begin')), '', 'nothing else was begun');

($queue, $folder) = scene();
send_bodies($queue, 'never hang');
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'one'), shutdown_timeout => 1);
ok(QueueWorker::eventually(sub { -e "$folder/hanging" }), 'a handler hangs');
is($worker->stop, 0, 'a stop does not wait for ever');
state_is($node, 'postgres', $queue, '1|0|0', 'the message is back at once');
$child = slurp_file("$folder/hanging");
ok(QueueWorker::eventually(sub { !kill 0, $child }), 'the processes are gone');

# --------------------------------------------------------------------------
# Queue and server go and come

($queue, $folder) = scene();
send_bodies($queue, 'kept wait:go');
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'one'), shutdown_timeout => 1, visibility_timeout => 2);
ok(QueueWorker::eventually(sub { QueueWorker::record($folder, 'begin') }), 'a handler is at work');
$node->stop;
QueueWorker::let($folder, 'go');
ok(QueueWorker::eventually(sub { QueueWorker::record($folder, 'end') }), 'it is done while there is no server');
is($worker->stop, 1, 'a stop that cannot settle what is done says so');
$node->start;
state_becomes($node, 'postgres', $queue, '1|0|0', 'the message is back');

($queue, $folder) = scene();
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'one'), visibility_timeout => 20);
send_bodies($queue, 'first');
drained($queue, 'a message of a queue');
$node->safe_psql('postgres', "SELECT sqs_delete_queue('$queue')");
ok($worker->wait_for('queue_missing'), 'the queue is deleted');
$node->safe_psql('postgres', "SELECT sqs_create_queue('$queue')");
send_bodies($queue, 'second');
drained($queue, 'a message of the queue that was made again');
is(scalar($worker->events('queue_back')), 1, 'the log says that it is back');
is(scalar($worker->events('queue_missing')), 1, 'and that it was missing, once');

# A message of the queue that was, and one of the queue that is
send_bodies($queue, 'old wait:go');
ok(QueueWorker::eventually(sub { grep { $_ eq 'old 1' } QueueWorker::record($folder, 'begin') }), 'a handler is at work');
$node->safe_psql('postgres', "SELECT sqs_delete_queue('$queue'), sqs_create_queue('$queue')");
QueueWorker::let($folder, 'go');
send_bodies($queue, 'new');
drained($queue, 'a queue that was deleted and made again while a handler was at work');
is(join(',', grep { /^new/ } QueueWorker::record($folder, 'end')), 'new 1', 'the new message is handled once');

# Heartbeats of both
my ($both, $shelf) = scene();
$other = QueueWorker->start($node, $both, QueueWorker::command($shelf, 'one'), min => 3, visibility_timeout => 2);
send_bodies($both, 'old wait:go');
ok(QueueWorker::eventually(sub { QueueWorker::record($shelf, 'begin') }), 'a handler is at work');
$node->safe_psql('postgres', "SELECT sqs_delete_queue('$both'), sqs_create_queue('$both')");
send_bodies($both, 'new wait:go', 'newer wait:go');
ok($other->metric_reaches('queue_worker_heartbeats_total', 8), 'messages are hidden anew, beside one of a queue that was');
QueueWorker::let($shelf, 'go');
drained($both, 'all are handled');
is(join(',', sort(QueueWorker::record($shelf, 'begin'))), 'new 1,newer 1,old 1', 'each of them once');
is($other->stop, 0, 'a stop');

send_bodies($queue, 'during wait:restarted');
ok(QueueWorker::eventually(sub { grep { $_ eq 'during 1' } QueueWorker::record($folder, 'begin') }), 'a handler is at work');
$node->restart;
ok($worker->wait_for('database_back', 2), 'the server is restarted');
QueueWorker::let($folder, 'restarted');
drained($queue, 'its message is deleted after that');
send_bodies($queue, 'after');
drained($queue, 'and another is handled');
is(join(',', grep { /^(during|after)/ } QueueWorker::record($folder, 'begin')), 'during 1,after 1', 'each of them once');
is($worker->stop, 0, 'a stop');

# --------------------------------------------------------------------------
# Kills

($queue, $folder) = scene();
send_bodies($queue, map { "k$_" } 1 .. 300);
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'resident'), resident => 1, min => 3, visibility_timeout => 2);
ok(QueueWorker::eventually(sub { scalar(QueueWorker::record($folder, 'end')) >= 50 }), 'a worker is in the middle of it');
is($worker->stop('KILL'), 137, 'and is killed');
my @pids = map { /^started .* (\d+)$/ ? $1 : () } split /\n/, slurp_file("$folder/record");
ok(QueueWorker::eventually(sub { !grep { kill 0, $_ } @pids }), 'its handlers go with it');
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'resident'), resident => 1, visibility_timeout => 2);
drained($queue, 'another one goes on');
my %ended = map { (split)[0] => 1 } QueueWorker::record($folder, 'end');
is(scalar(keys %ended), 300, 'no message was lost');
is($worker->stop, 0, 'a stop');

($queue, $folder) = scene();
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'one'));
append_to_file("$folder/program", "#!/bin/sh\nexec cat >/dev/null\n");
chmod 0755, "$folder/program";
$worker->stop;
$worker = QueueWorker->start($node, $queue, ["$folder/program"]);
send_bodies($queue, 'x');
drained($queue, 'a program is there');
rename "$folder/program", "$folder/elsewhere" or die;
send_bodies($queue, 'x');
ok($worker->wait_for('handler_not_started', 2), 'it is there no longer');
rename "$folder/elsewhere", "$folder/program" or die;
drained($queue, 'and then it is');
is(scalar($worker->events('message_failed')), 0, 'no message has failed of that');
is($worker->metric('queue_worker_messages_received_total'), 2, 'nor was received again');
is($worker->stop, 0, 'a stop');

# --------------------------------------------------------------------------
# Groups

($queue, $folder) = scene('{"FifoQueue": true, "ContentBasedDeduplication": true}');
$node->safe_psql('postgres', <<"SQL");
SELECT sqs_send('$queue', b, message_group_id => left(b, 1))
FROM unnest(ARRAY['a1', 'b1 fail', 'a2 fail fail', 'b2', 'a3', 'b3', 'a4', 'c1']) WITH ORDINALITY AS t (b, n) ORDER BY n
SQL
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'resident'), resident => 1, min => 4, backoff => 0);
drained($queue, 'a FIFO queue');
foreach my $group (qw(a b c))
{
	my @order = map { (split)[0] } grep { /^$group/ } QueueWorker::record($folder, 'end');

	is("@order", join(' ', sort @order), "group $group is handled in order");
}
is(scalar(QueueWorker::record($folder, 'end')), 8, 'each message once');
is($worker->stop, 0, 'a stop');

# --------------------------------------------------------------------------
# Rights

($queue, $folder) = scene();
$node->safe_psql('postgres', <<"SQL");
CREATE ROLE consumer LOGIN;
SELECT sqs_put_role_policy('consumer', 'consume', '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
  "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"], "Resource": "*"}]}')
SQL
send_bodies($queue, 'p fail', map { "p$_" } 1 .. 10);
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'one'),
	dsn => $node->connstr('postgres') . ' user=consumer', backoff => 0, scale_interval => 1);
drained($queue, 'a role that may receive, delete and change visibility');
ok($worker->wait_for('backlog_unknown'), 'that it may not see the backlog is logged');
is($worker->stop, 0, 'a stop');

# --------------------------------------------------------------------------
# A burst

($queue, $folder) = scene();
$worker = QueueWorker->start($node, $queue, QueueWorker::command($folder, 'resident'), resident => 1,
	max => 8, backlog_per_worker => 100, scale_interval => 1, scale_out_cooldown => 1, scale_in_cooldown => 1, visibility_timeout => 5);
$node->safe_psql('postgres', "SELECT count(*) FROM generate_series(0, ($burst - 1) / 1000) AS s, "
	  . "sqs_send_batch('$queue', (SELECT array_agg('n' || s * 1000 + i || ' wait:go') FROM generate_series(1, least(1000, $burst - s * 1000)) AS i))");
ok($worker->metric_reaches('queue_worker_handlers_running', 8), 'a burst brings as many handlers as there may be');
my @out = $worker->events('scaled_out');
is("$out[0]->{from} $out[-1]->{to}", '1 8', 'the log says so');
QueueWorker::let($folder, 'go');
drained($queue, "$burst messages are handled");
ok(QueueWorker::eventually(sub { ($worker->metric('queue_worker_handlers_running') // 0) == 1 }), 'then there is one handler again');
my @in = $worker->events('scaled_in');
is("$in[0]->{from} $in[-1]->{to}", '8 1', 'and the log says so');
cmp_ok(scalar @in, '>', 1, 'in steps');
%ended = map { (split)[0] => 1 } QueueWorker::record($folder, 'end');
is(scalar(keys %ended), $burst, 'none was lost');
is($worker->stop, 0, 'a stop');

sound($node, 'postgres', 'at the end', $queue);
log_is_clean($node, qr/terminating (?:connection|background worker)|connection to client lost|canceling statement|system is shutting down|starting up|jobs\d+" does not exist|permission denied|receipt handle/,
	'the server has nothing to complain of but what it should');
$node->stop;
done_testing();
