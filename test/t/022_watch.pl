# queue.watch() tells one session of messages in any number of queues, whatever
# brings them, and of queues that are gone. What is watched stays so from call to
# call. A call ends when the client sends the next one. No wake-up is lost with a
# session that watched.

use strict;
use warnings;

use IO::Socket::UNIX;
use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $node = queue_node('watch', conf => "queue.recreate_delay = 0\n");

$node->safe_psql('postgres', "SELECT sqs_create_queue('$_', '{\"VisibilityTimeout\": 600}')")
  foreach qw(q second third);
$node->safe_psql('postgres', <<'SQL');
SELECT sqs_create_queue('f.fifo', '{"FifoQueue": true, "ContentBasedDeduplication": true, "VisibilityTimeout": 600}')
SQL

# The number of those sessions that are waiting.
sub waiting_query
{
	my $pids = join ',', map { $_->pid } @_;

	return <<"SQL";
SELECT count(*) FROM pg_stat_activity
WHERE pid IN ($pids) AND state = 'active' AND wait_event_type = 'Extension'
SQL
}

sub wait_for
{
	my (@sessions) = @_;

	$node->poll_query_until('postgres', waiting_query(@sessions), scalar @sessions)
	  or die 'no wait';
	return;
}

# What a call has returned, without the notification that it waits.
sub ready
{
	my ($session) = @_;
	my $answer = $session->finish;

	$answer =~ s/^Asynchronous notification .*\n?//mg;
	chomp $answer;
	return $answer;
}

# A call, with the queues to be added and removed.
sub call
{
	my ($seconds, $add, $remove) = @_;
	my @lists = map { 'ARRAY[' . join(',', map { "'$_'" } @$_) . ']::text[]' } $add // [], $remove // [];

	return "CALL queue.watch($lists[0], $lists[1], $seconds)";
}

# Begins a call that is expected to wait, and sees it wait.
sub start_watching
{
	my ($session, $add, $remove) = @_;

	$session->start(call(60, $add, $remove));
	wait_for($session);
	return;
}

# What is ready now.
sub ready_now
{
	my ($session, $add, $remove) = @_;

	$session->start(call(0, $add, $remove));
	return ready($session);
}

my $watcher = queue_session($node, 'postgres');
my $other = queue_session($node, 'postgres');

# A wait that was forgotten ends with an error, and not by what is there then.
$watcher->run("SET statement_timeout = '50s'");

# --------------------------------------------------------------------------
# What brings a message

start_watching($watcher, [ 'q', 'second', 'f.fifo' ]);
query_is($node, 'postgres', 'SELECT backend_xmin, backend_xid FROM pg_stat_activity WHERE pid = '
	  . $watcher->pid, '|', 'a call that waits holds no snapshot and no transaction id');
query_is($node, 'postgres', 'SELECT count(*) FROM pg_locks WHERE pid = ' . $watcher->pid
	  . " AND locktype <> 'virtualxid'", 0, 'a call that waits holds no lock');
$other->run("SELECT sqs_send('second', 'sent')");
is(ready($watcher), '{second}', 'a send');
is($other->run("SELECT body FROM sqs_pop('second')"), 'sent', 'the message is there');

start_watching($watcher);
$other->run("SELECT sqs_send('q', 'sent')");
is(ready($watcher), '{q}', 'what is watched stays so from call to call');
is($other->run("SELECT body FROM sqs_pop('q')"), 'sent', 'the message is there');

start_watching($watcher);
$other->run("SELECT sqs_send('q', 'not watched')");
$other->run("SELECT sqs_send('second', 'not watched')");
$other->run("SELECT sqs_send('f.fifo', 'first', message_group_id => 'g')");
is(ready($watcher), '{f.fifo}', 'what was reported is not watched any longer');

# A group that is blocked by its first message
my $first = $other->run("SELECT receipt_handle FROM sqs_receive('f.fifo')");
$other->run("SELECT sqs_send('f.fifo', 'next', message_group_id => 'g')");
start_watching($watcher, ['f.fifo']);
$other->run("SELECT sqs_delete('f.fifo', '$first')");
is(ready($watcher), '{f.fifo}', 'the end of the message that blocks a group');

$other->run("SELECT sqs_pop('$_', 10)") foreach qw(q second f.fifo);
start_watching($watcher, ['q']);
$other->run("SELECT sqs_send('q', 'delayed', 1)");
is(ready($watcher), '{q}', 'the end of a delay');
is($other->run("SELECT body FROM sqs_receive('q', 1, 1)"), 'delayed', 'the message is there');
$watcher->start("CALL queue.watch('{q}', NULL, 60)");
is(ready($watcher), '{q}', 'the end of a visibility timeout');

$other->run('BEGIN');
is($other->run("SELECT body FROM sqs_pop('q')"), 'delayed', 'a message is taken');
start_watching($watcher, ['q']);
$other->run('ROLLBACK');
is(ready($watcher), '{q}', 'the rollback of a receive');
$other->run("SELECT * FROM sqs_pop('q')");

$other->run('BEGIN');
$other->run("SELECT sqs_send('q', 'committed')");
start_watching($watcher, ['q']);
$other->run('COMMIT');
is(ready($watcher), '{q}', 'the commit of a send');
is(ready_now($watcher), '{}', 'nothing is reported twice');

# What is there when it is added; for a moment it is left to who was told of it.
$other->run("SELECT sqs_send('third', 'there')");
is(ready_now($watcher, [ 'second', 'third', 'none', 'a b', '' ]), '{none,"a b","",third}',
	'what has a message when it is added, and what does not exist');
$other->run("SELECT sqs_pop('$_')") foreach qw(q third);

# Names, ARNs and URLs come back as they were given.
my @names = ('q', 'arn:aws:sqs:us-east-1:000000000000:q', 'http://localhost:9324/000000000000/q');
start_watching($watcher, \@names);
$other->run("SELECT sqs_send_batch('q', '{a,b,c}'::text[])");
my $seen = ready($watcher);
$seen .= ready_now($watcher) foreach 1 .. 2;
is(join(',', sort grep { $_ ne '' } split /[{},"]+/, $seen), join(',', sort { $a cmp $b } @names),
	'one queue by three names');
$other->run("SELECT sqs_pop('q', 10)");

# --------------------------------------------------------------------------
# Queues that come and go

$node->safe_psql('postgres', "SELECT sqs_create_queue('gone')");
start_watching($watcher, ['gone']);
$other->run("SELECT sqs_delete_queue('gone')");
is(ready($watcher), '{gone}', 'the deletion of a queue');
is(ready_now($watcher, ['gone']), '{gone}', 'a queue that was deleted');

is(ready_now($watcher, [], [ 'q', @names, 'second', 'never added' ]), '{}', 'queues are removed');
$other->run("SELECT sqs_send('$_', 'x')") foreach qw(q second);
is(ready_now($watcher), '{}', 'what was removed is not watched any longer');
is(ready_now($watcher, ['q'], ['q']), '{q}', 'what is removed and added is watched');
$other->run("SELECT sqs_pop('$_', 10)") foreach qw(q second);

# --------------------------------------------------------------------------
# Others that wait

# The times that these wait are longer than they are allowed to: what they are
# given they are given because they were woken.
my $sleeper = queue_session($node, 'postgres');
my $receive = "SELECT body FROM sqs_receive('q', 1, 600, 20)";
$sleeper->run("SET statement_timeout = '15s'");

my %ends = (
	'is terminated' => sub { "SELECT pg_terminate_backend($_[0])" },
	'is cancelled' => sub { "SELECT pg_cancel_backend($_[0])" });

foreach my $end (sort keys %ends)
{
	my $victim = queue_session($node, 'postgres');

	start_watching($victim, ['q']);
	$sleeper->start($receive);
	wait_for($sleeper);
	kill 'STOP', $victim->pid;
	$other->run("SELECT sqs_send('q', 'passed on')");
	$other->run($ends{$end}->($victim->pid));
	kill 'CONT', $victim->pid;
	is($sleeper->finish, 'passed on', "the wake-up of a session that $end goes to the next");
	$victim->finish;

	# and so does the clock
	$victim = queue_session($node, 'postgres');
	start_watching($victim, ['q']);
	$sleeper->start($receive);
	wait_for($sleeper);
	$other->run("SELECT sqs_send('q', 'delayed', 2)");
	$other->run($ends{$end}->($victim->pid));
	is($sleeper->finish, 'delayed', "after a session that $end, the next one minds the clock");
	$victim->finish;
}

# One that was woken between two calls, and ends
my $idle = queue_session($node, 'postgres');
is(ready_now($idle, ['q']), '{}', 'nothing is there');
$sleeper->start($receive);
wait_for($sleeper);
$other->run("SELECT sqs_send('q', 'for the first')");
$idle->quit;
is($sleeper->finish, 'for the first', 'the wake-up of a session that ends between calls goes to the next');

# One that was told of a message, and does not come for it
start_watching($watcher, ['q']);
$sleeper->start($receive);
wait_for($sleeper);
$other->run("SELECT sqs_send('q', 'left')");
is(ready($watcher), '{q}', 'the first is told');
is($sleeper->finish, 'left', 'what it leaves the next one takes');

# After an error nothing is watched.
start_watching($watcher, ['q']);
$other->run('SELECT pg_cancel_backend(' . $watcher->pid . ')');
like(ready($watcher), qr/canceling statement due to user request/, 'a cancel ends a call');
$other->run("SELECT sqs_send('q', 'x')");
is(ready_now($watcher), '{}', 'after an error nothing is watched');
is(ready_now($watcher, ['q']), '{q}', 'until it is added again');
$other->run("SELECT sqs_pop('q')");

my %refused = (
	"CALL queue.watch('{q}', NULL, 61)" => 'invalid value for parameter seconds: "61"',
	"CALL queue.watch('{q}', NULL, -1)" => 'invalid value for parameter seconds: "-1"',
	"CALL queue.watch('{q}', NULL, NULL)" => 'parameter seconds is missing',
	"CALL queue.watch('{NULL}', NULL, 1)" => 'parameter QueueUrl is missing',
	"BEGIN; CALL queue.watch('{q}', NULL, 1); ROLLBACK" =>
	  'queue.watch cannot run inside a transaction block');

foreach my $call (sort keys %refused)
{
	is($watcher->run($call), "ERROR:  $refused{$call}", "refused: $call");
}

# --------------------------------------------------------------------------
# Calls that end because of the next one

my $wire = Wire->new($node);

$wire->call("CALL queue.watch('{q}', NULL, 60)");
is($wire->next('A', 'E'), '1', 'a call tells that it waits');
$wire->call("CALL queue.watch('{second}', '{q}', 60)");
is($wire->next('D', 'E'), '{}', 'the next call ends it');
is($wire->next('A', 'E'), '2', 'the next call waits');
$other->run("SELECT sqs_send('q', 'x')");
$other->run("SELECT sqs_send('second', 'x')");
is($wire->next('D', 'E'), '{second}', 'with its changes made');

# Two at once: the second is not seen, and does what it is to do after the first.
$wire->call("CALL queue.watch('{none}', NULL, 60)", "CALL queue.watch('{third}', NULL, 60)");
is($wire->next('D', 'E'), '{none}', 'the first of two calls');
is($wire->next('A', 'E'), '4', 'the second of two calls waits');
$other->run("SELECT sqs_send('third', 'x')");
is($wire->next('D', 'E'), '{third}', 'the second of two calls');

$wire->call("CALL queue.watch('{f.fifo}', NULL, 60)");
is($wire->next('A', 'E'), '5', 'a call waits');
$wire->vanish;
becomes($node, 'postgres', "SELECT count(*) FROM pg_stat_activity WHERE pid = " . $wire->pid, 0,
	'a client that is lost ends a call');
$other->run("SELECT sqs_pop('$_', 10)") foreach qw(q second third);

# --------------------------------------------------------------------------
# Many queues

$node->safe_psql('postgres', <<'SQL');
DO $$ BEGIN
  FOR i IN 1 .. 5000 LOOP
    PERFORM sqs_create_queue('many' || i);
    COMMIT;
  END LOOP;
END $$
SQL
my @many = map { "many$_" } 1 .. 5000;

is(ready_now($watcher, \@many), '{}', '5000 queues are watched');
start_watching($watcher);
$other->run("SELECT sqs_send('many4321', 'x')");
is(ready($watcher), '{many4321}', 'one of 5000 queues is sent to');
$other->run("SELECT sqs_send('many17', 'x', 1)");
$watcher->start('CALL queue.watch(NULL, NULL, 60)');
is(ready($watcher), '{many17}', 'a delay in one of 5000 queues ends');
$other->run("SELECT sqs_send('many' || i, 'x') FROM generate_series(1001, 1200) AS i");
$other->run("SELECT sqs_pop('many' || i) FROM generate_series(1001, 1100) AS i");
my %told;
while ((my $answer = ready_now($watcher)) ne '{}')
{
	$told{$_}++ foreach $answer =~ /many\d+/g;
}
is(join(',', sort keys %told), join(',', map { "many$_" } 1101 .. 1200),
	'a hundred of 5000 queues have messages');
is(ready_now($watcher, [], \@many), '{}', '5000 queues are watched no longer');

# More than there are places for: what has none is looked at now and then. The
# host of a URL does not matter.
my @urls = map { "http://host$_/000000000000/q" } 1 .. 18000;

is(ready_now($watcher, \@urls), '{}', 'more waits than there are places for');
start_watching($watcher, ['third']);
$other->run("SELECT sqs_send('third', 'seen')");
is(ready($watcher), '{third}', 'a queue that is watched without a place');
$sleeper->start("SELECT body FROM sqs_receive('second', 1, 600, 20)");
wait_for($sleeper);
$other->run("SELECT sqs_send('second', 'seen')");
is($sleeper->finish, 'seen', 'a session that sleeps without a place');
is(ready_now($watcher, [], [ @urls[ 1 .. 17999 ] ]), '{}', 'all but one are watched no longer');
$other->run("SELECT sqs_send('q', 'seen')");
like(ready_now($watcher), qr{^\{http://host1/000000000000/q\}$}, 'and that one is');

$_->quit foreach $watcher, $sleeper, $other;
sound($node, 'postgres', 'at the end', qw(q second third f.fifo));
log_is_clean($node,
	qr/canceling statement|connection to client lost|terminating connection|queue\.watch cannot run|invalid value for|is missing$/,
	'the log has no errors but those');
$node->stop;
done_testing();

# --------------------------------------------------------------------------
# A client that speaks the protocol, as psql cannot send what follows before it
# has the answer.

package Wire;

use strict;
use warnings;

use PostgreSQL::Test::Utils;

sub new
{
	my ($class, $node) = @_;
	my $path = $node->host . '/.s.PGSQL.' . $node->port;
	my $self = bless { input => '' }, $class;
	my $user = getpwuid($<);

	$self->{socket} = IO::Socket::UNIX->new(Peer => $path)
	  or die "could not connect to \"$path\": $!";
	$self->put('', pack('N(Z*)*x', 196608, user => $user, database => 'postgres',
			options => '-c statement_timeout=50s'));
	$self->{pid} = unpack 'N', $self->next('K');
	$self->next('Z');
	return $self;
}

sub pid
{
	my ($self) = @_;

	return $self->{pid};
}

sub put
{
	my ($self, @messages) = @_;
	my $bytes = '';

	while (my ($type, $body) = splice @messages, 0, 2)
	{
		$bytes .= $type . pack('N', length($body) + 4) . $body;
	}
	syswrite($self->{socket}, $bytes) == length $bytes or die "could not write: $!";
	return;
}

# Sends statements, each of them with a Sync, in one go.
sub call
{
	my ($self, @statements) = @_;

	$self->put(map { (P => pack('Z*Z*n', '', $_, 0), B => pack('Z*Z*nnn', '', '', 0, 0, 0),
				E => pack('Z*N', '', 0), S => '') } @statements);
	return;
}

# Waits for a message of one of these types, and returns what it says: of a
# notification the payload, of a row the only column.
sub next
{
	my ($self, @types) = @_;
	my $late = sub { die "no answer\n" };
	local $SIG{ALRM} = $late;

	alarm $PostgreSQL::Test::Utils::timeout_default;
	for (;;)
	{
		while (length $self->{input} < 5 || length $self->{input} < 1 + unpack('x N', $self->{input}))
		{
			sysread($self->{socket}, $self->{input}, 8192, length $self->{input})
			  or die 'the server has closed the connection';
		}
		my ($type, $length) = unpack 'a N', $self->{input};
		my $body = substr $self->{input}, 5, $length - 4;

		substr($self->{input}, 0, $length + 1) = '';
		next unless grep { $_ eq $type } @types;
		alarm 0;
		return $type eq 'A' ? (unpack 'N Z* Z*', $body)[2]
		  : $type eq 'D' ? unpack('x2 N/a', $body)
		  : $body;
	}
	return;
}

sub vanish
{
	my ($self) = @_;

	close $self->{socket};
	return;
}
