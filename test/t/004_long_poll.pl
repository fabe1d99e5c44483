# A long poll returns when a message is sent, when a delay or a visibility
# timeout runs out, and when a transaction elsewhere gives a message back. A
# cancel, a lost client and a deleted queue end it at once. As many waiters get
# up as there are messages for. sqs_wait() holds no snapshot meanwhile.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $node = queue_node('poll', conf => "queue.recreate_delay = 0\n");
my $receive = "SELECT body FROM sqs_receive('q', 1, 600, 20)";

$node->safe_psql('postgres', "SELECT sqs_create_queue('q', '{\"VisibilityTimeout\": 600}')");

# The number of those sessions that are waiting.
sub waiting_query
{
	my $pids = join ',', map { $_->pid } @_;

	return <<"SQL";
SELECT count(*) FROM pg_stat_activity
WHERE pid IN ($pids) AND state = 'active' AND wait_event_type = 'Extension'
SQL
}

# Begins a statement that is expected to wait, in sessions, and sees it wait.
sub start_waiting
{
	my ($statement, @sessions) = @_;

	$_->start($statement) foreach @sessions;
	$node->poll_query_until('postgres', waiting_query(@sessions), scalar @sessions)
	  or die "no wait in: $statement";
	return;
}

sub empty_queue
{
	$node->safe_psql('postgres', "SET queue.purge_interval = 0; SELECT sqs_purge_queue('q')");
	return;
}

my $waiter = queue_session($node, 'postgres');
my $other = queue_session($node, 'postgres');

# --------------------------------------------------------------------------
# What ends a wait with a message

start_waiting($receive, $waiter);
$other->run("SELECT sqs_send('q', 'sent')");
is($waiter->finish, 'sent', 'a send ends the wait');

$other->run('BEGIN');
$other->run("SELECT sqs_send('q', 'committed')");
start_waiting($receive, $waiter);
$other->run('COMMIT');
is($waiter->finish, 'committed', 'the commit of a send ends the wait');

start_waiting($receive, $waiter);
$other->run("SELECT sqs_send('q', 'delayed', 1)");
is($waiter->finish, 'delayed', 'the end of a delay ends the wait');

$other->run("SELECT sqs_send('q', 'hidden')");
$other->run("SELECT * FROM sqs_receive('q', 1, 1)");
$waiter->start($receive);
is($waiter->finish, 'hidden', 'the end of a visibility timeout ends the wait');

$other->run("SELECT sqs_send('q', 'shown')");
my $handle = $other->run("SELECT receipt_handle FROM sqs_receive('q', 1, 600)");
start_waiting($receive, $waiter);
$other->run("SELECT sqs_change_visibility('q', '$handle', 0)");
is($waiter->finish, 'shown', 'a visibility timeout set to 0 ends the wait');

$other->run("SELECT sqs_send('q', 'shortened')");
$handle = $other->run("SELECT receipt_handle FROM sqs_receive('q', 1, 600)");
start_waiting($receive, $waiter);
$other->run("SELECT sqs_change_visibility('q', '$handle', 1)");
is($waiter->finish, 'shortened', 'a visibility timeout made shorter ends the wait');

foreach my $take ("SELECT * FROM sqs_receive('q')", "SELECT * FROM sqs_pop('q')")
{
	my ($call) = $take =~ /(sqs_\w+)/;

	$other->run("SELECT sqs_send('q', 'given back')");
	$other->run('BEGIN');
	$other->run($take);
	start_waiting($receive, $waiter);
	$other->run('ROLLBACK');
	is($waiter->finish, 'given back', "the rollback of a $call ends the wait");

	$other->run("SELECT sqs_send('q', 'given back')");
	$other->run('BEGIN');
	$other->run('SAVEPOINT s');
	$other->run($take);
	start_waiting($receive, $waiter);
	$other->run('ROLLBACK TO s');
	is($waiter->finish, 'given back', "the rollback of a $call to a savepoint ends the wait");
	$other->run('COMMIT');

	my $victim = queue_session($node, 'postgres');

	$other->run("SELECT sqs_send('q', 'given back')");
	$victim->run('BEGIN');
	$victim->run($take);
	start_waiting($receive, $waiter);
	$victim->vanish;
	is($waiter->finish, 'given back', "the end of a session after a $call ends the wait");
}

$other->run("SELECT sqs_send('q', 'prepared')");
$other->run('BEGIN');
$other->run("SELECT * FROM sqs_receive('q')");
$other->run("PREPARE TRANSACTION 'taken'");
start_waiting($receive, $waiter);
$other->run("ROLLBACK PREPARED 'taken'");
is($waiter->finish, 'prepared', 'the rollback of a prepared receive ends the wait');

$other->run('BEGIN');
$other->run("SELECT sqs_send('q', 'prepared')");
$other->run("PREPARE TRANSACTION 'sent'");
start_waiting($receive, $waiter);
$other->run("COMMIT PREPARED 'sent'");
is($waiter->finish, 'prepared', 'the commit of a prepared send ends the wait');

# --------------------------------------------------------------------------
# What ends a wait without one

is($waiter->run("SELECT body FROM sqs_receive('q', 1, 600, 1)"), '',
	'a wait ends when its time is over');

start_waiting($receive, $waiter);
$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $waiter->pid . ')');
is($waiter->finish, 'ERROR:  canceling statement due to user request',
	'a cancel ends the wait');

$waiter->run("SET statement_timeout = '100ms'");
is($waiter->run($receive), 'ERROR:  canceling statement due to statement timeout',
	'statement_timeout ends the wait');
$waiter->run('RESET statement_timeout');

foreach my $statement ($receive, "CALL sqs_wait('q', 20)")
{
	my $log = -s $node->logfile;
	my $lost = queue_session($node, 'postgres');
	my ($call) = $statement =~ /(sqs_\w+)/;
	my $pid = $lost->pid;

	# A backend that notices only when it answers says that it cannot.
	start_waiting($statement, $lost);
	$lost->vanish;
	becomes($node, 'postgres', "SELECT count(*) FROM pg_stat_activity WHERE pid = $pid", 0,
		"a lost client ends $call");
	unlike(slurp_file($node->logfile, $log), qr/could not send data to client/,
		"$call notices by itself that its client is lost");
}
$other->run("SELECT sqs_send('q', 'kept')");
is($waiter->run("SELECT body, receive_count FROM sqs_receive('q')"), 'kept|1',
	'no message is taken for a lost client');

$node->safe_psql('postgres', "SELECT sqs_create_queue('gone')");
start_waiting("SELECT * FROM sqs_receive('gone', 1, 600, 20)", $waiter);
start_waiting("CALL sqs_wait('gone', 20)", $other);
$node->safe_psql('postgres', "SELECT sqs_delete_queue('gone')");
is($waiter->finish, 'ERROR:  queue "gone" does not exist',
	'the deletion of the queue ends sqs_receive');
is($other->finish, 'ERROR:  queue "gone" does not exist',
	'the deletion of the queue ends sqs_wait');

# --------------------------------------------------------------------------
# sqs_wait()

start_waiting("CALL sqs_wait('q', 20)", $waiter);
query_is($node, 'postgres', 'SELECT backend_xmin, backend_xid FROM pg_stat_activity WHERE pid = '
	  . $waiter->pid, '|', 'sqs_wait holds no snapshot and no transaction id');
query_is($node, 'postgres', 'SELECT count(*) FROM pg_locks WHERE pid = ' . $waiter->pid
	  . " AND locktype <> 'virtualxid'", 0, 'sqs_wait holds no lock');
$other->run("SELECT sqs_send('q', 'awaited')");
is($waiter->finish, '', 'a send ends sqs_wait');
is($waiter->run("SELECT body FROM sqs_receive('q')"), 'awaited',
	'after sqs_wait the message is there');

$node->safe_psql('postgres', "SELECT sqs_create_queue('second')");
start_waiting("CALL sqs_wait(ARRAY['q', 'second'], 20)", $waiter);
$other->run("SELECT sqs_send('second', 'awaited', 1)");
is($waiter->finish, '', 'the end of a delay in one of two queues ends sqs_wait');
is($waiter->run("SELECT body FROM sqs_receive('second')"), 'awaited',
	'after sqs_wait on two queues the message is there');

is($waiter->run("CALL sqs_wait('q', 1)"), '', 'sqs_wait ends when its time is over');
start_waiting("CALL sqs_wait('q', 20)", $waiter);
$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $waiter->pid . ')');
is($waiter->finish, 'ERROR:  canceling statement due to user request',
	'a cancel ends sqs_wait');

# --------------------------------------------------------------------------
# Many waiters

my @waiters = map { queue_session($node, 'postgres') } 1 .. 8;

empty_queue();
start_waiting($receive, @waiters);
$other->run("SELECT sqs_send_batch('q', ARRAY['m', 'm', 'm'])");
becomes($node, 'postgres', waiting_query(@waiters), 5,
	'three messages of one transaction end three of eight waits');
state_becomes($node, 'postgres', 'q', '0|3|0', 'three messages are in flight');
$other->run("SELECT sqs_send('q', 'm')") foreach 1 .. 2;
becomes($node, 'postgres', waiting_query(@waiters), 3, 'two more messages end two more');
state_becomes($node, 'postgres', 'q', '0|5|0', 'five messages are in flight');
$other->run("SELECT sqs_send_batch('q', ARRAY['m', 'm', 'm', 'm'])");
is(join(',', map { $_->finish } @waiters), 'm,m,m,m,m,m,m,m',
	'each waiter received one message');
state_becomes($node, 'postgres', 'q', '1|8|0', 'the message too many is still there');

# Messages that nobody sends, but time makes visible
empty_queue();
start_waiting($receive, @waiters);
$other->run("SELECT sqs_send('q', 'm', 1)") foreach 1 .. 8;
is(join(',', map { $_->finish } @waiters), 'm,m,m,m,m,m,m,m',
	'the end of eight delays ends eight waits');

# A waiter that is woken but cancelled before it gets up
empty_queue();
my ($first, $second) = @waiters;

start_waiting($receive, $first);
start_waiting($receive, $second);
kill 'STOP', $first->pid;
$other->run("SELECT sqs_send('q', 'passed on')");
$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . $first->pid . ')');
kill 'CONT', $first->pid;
is($first->finish, 'ERROR:  canceling statement due to user request',
	'the waiter that was woken is cancelled');
is($second->finish, 'passed on', 'the next waiter receives the message');

$_->quit foreach $waiter, $other, @waiters;
sound($node, 'postgres', 'at the end', 'q', 'second');
$node->stop;
done_testing();
