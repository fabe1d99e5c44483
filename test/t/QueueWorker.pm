# A queue-worker under test: its start, its log, its metrics, its end; and a handler
# that does what the body of a message says.

package QueueWorker;

use strict;
use warnings;

use FindBin;
use HTTP::Tiny;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

my $program = "$FindBin::RealBin/../../src/worker/queue-worker";
my $count = 0;

# Whether there is one: make leaves it out where its libraries are not.
sub is_built
{
	return -x $program;
}

# Runs it to its end; what it wrote, and its exit status.
sub output_of
{
	my (@arguments) = @_;
	my ($out, $err) = ('', '');

	IPC::Run::run([ $program, @arguments ], '<', \undef, '>', \$out, '2>', \$err);
	return ($out, $err, $? >> 8);
}

# Starts one for a queue; options are settings, with "resident" and so on as 1.
sub start
{
	my ($class, $node, $queue, $command, %options) = @_;
	my $dsn = delete $options{dsn} // $node->connstr('postgres');
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	my $log = PostgreSQL::Test::Utils::tempdir() . '/worker_' . ++$count . '.log';
	my @arguments = ('--queue', $queue, '--dsn', $dsn, '--metrics-listen', "127.0.0.1:$port");

	foreach my $setting (sort keys %options)
	{
		push @arguments, '--' . ($setting =~ tr/_/-/r) . "=$options{$setting}";
	}
	open(my $file, '>', $log) or die "could not open \"$log\": $!";
	my $run = IPC::Run::start([ $program, @arguments, '--', @$command ],
		'<', \undef, '>', '/dev/null', '2>', $log);
	close $file;
	return bless { run => $run, log => $log, url => "http://127.0.0.1:$port/metrics" }, $class;
}

sub pid
{
	my ($self) = @_;

	return $self->{run}->{KIDS}->[0]->{PID};
}

# The lines of the log, each a hash; of one event, if it is named.
sub events
{
	my ($self, $event) = @_;
	my @lines = map { decode_json($_) } grep { /\}$/ } split /\n/, slurp_file($self->{log});

	return grep { !defined $event || $_->{event} eq $event } @lines;
}

# Waits until the log has so many lines of an event.
sub wait_for
{
	my ($self, $event, $number) = @_;

	return QueueWorker::eventually(sub { scalar($self->events($event)) >= ($number // 1) });
}

# A metric, of all there are with this name; undef if there is none.
sub metric
{
	my ($self, $name) = @_;
	my $answer = HTTP::Tiny->new(timeout => 10)->get($self->{url});

	return unless $answer->{success};
	return ($answer->{content} =~ /^\Q$name\E(?:\{[^}]*\})? (\S+)$/m)[0];
}

# Waits until a metric has a value, at least.
sub metric_reaches
{
	my ($self, $name, $value) = @_;

	return QueueWorker::eventually(sub { ($self->metric($name) // -1) >= $value });
}

# Sends a signal, and returns the exit status of the worker.
sub stop
{
	my ($self, $signal) = @_;

	kill $signal // 'TERM', $self->pid;
	return $self->finish;
}

# The exit status, once it ends; 128 and more: a signal.
sub finish
{
	my ($self) = @_;
	my $status;

	$self->{run}->finish;
	$status = $self->{run}->full_result(0);
	return $status & 127 ? 128 + ($status & 127) : $status >> 8;
}

# Waits for a condition, as long as tests may wait.
sub eventually
{
	my ($condition) = @_;

	foreach my $attempt (1 .. 20 * $PostgreSQL::Test::Utils::timeout_default)
	{
		return 1 if $condition->();
		select undef, undef, undef, 0.05;
	}
	return 0;
}

# --------------------------------------------------------------------------
# The handler: a program in a folder, which has a record of what was done. A body is
# words: what to do at the first receives, one after the other, and "ok" afterwards.
#
#	ok			succeed
#	fail		fail
#	die			be killed
#	wait:NAME	wait for a file of this name in the folder, and succeed
#	hang		pass over SIGTERM, with a child, and never end
#	flood		write a lot, and succeed
#	line		write a lot without a line end, and succeed
#	environment	write down the environment, and succeed
#	descriptors	write down what is open, and succeed
#	stranger	answer for a message that it did not get, and then as it should
#	mute		the same, and then be silent for ever
#	leave		succeed, and leave a process behind
#
# The argument says how it gets messages: "one", "list", "resident" and
# "resident-list".

my $handler = <<'PERL';
use strict;
use warnings;
use JSON::PP;
use Time::HiRes;

my ($folder, $mode) = @ARGV;
$| = 1;

sub record
{
	open(my $file, '>>', "$folder/record") or die;
	syswrite $file, join(' ', @_, $$) . "\n";
	close $file;
}

sub leave
{
	my ($name, $text) = @_;

	open(my $file, '>', "$folder/$name.new") or die;
	print $file $text;
	close $file;
	rename "$folder/$name.new", "$folder/$name";
}

sub hang
{
	$SIG{TERM} = 'IGNORE';
	my $child = fork;
	leave('hanging', $child) if $child;
	1 while select undef, undef, undef, 1000;
}

sub work
{
	my ($body, $times) = @_;
	my ($name, @steps) = split ' ', $body;
	my $step = $steps[ $times - 1 ] // 'ok';

	record('begin', $name, $times);
	hang() if $step eq 'hang';
	kill 'KILL', $$ if $step eq 'die';
	if ($step =~ /^wait:(.*)/)
	{
		select undef, undef, undef, 0.02 until -e "$folder/$1";
	}
	if ($step eq 'flood')
	{
		print STDERR 'x' x 99, "\n" foreach 1 .. 500_000;
	}
	if ($step eq 'line')
	{
		print STDERR 'x' x 1_000_000 foreach 1 .. 50;
	}
	leave('descriptors', join "\n", map { readlink($_) // () } glob('/proc/self/fd/*'))
	  if $step eq 'descriptors';
	print encode_json({ id => 'nobody', ok => JSON::PP::true }), "\n" if $step =~ /^(?:stranger|mute)$/;
	1 while $step eq 'mute' && select undef, undef, undef, 1000;
	leave('left', fork || do { 1 while select undef, undef, undef, 1000 }) if $step eq 'leave';
	leave('environment', join '', map { "$_=$ENV{$_}\n" } sort keys %ENV) if $step eq 'environment';
	record($step eq 'fail' ? 'failed' : 'end', $name, $times);
	return $step ne 'fail';
}

sub work_list
{
	my ($list) = @_;

	record('list', scalar @{ $list->{messages} });
	return [ map { $_->{id} } grep { !work($_->{body}, $_->{receive_count}) } @{ $list->{messages} } ];
}

record('started', $mode);
if ($mode eq 'one')
{
	my $body = do { local $/; <STDIN> };
	exit(work($body, $ENV{SQS_RECEIVE_COUNT}) ? 0 : 3);
}
elsif ($mode eq 'list')
{
	print encode_json({ failed => work_list(decode_json(do { local $/; <STDIN> })) }), "\n";
}
else
{
	while (my $line = <STDIN>)
	{
		my $message = decode_json($line);

		if ($mode eq 'resident')
		{
			my $ok = work($message->{body}, $message->{receive_count});
			print encode_json({ id => $message->{id}, ok => $ok ? JSON::PP::true : JSON::PP::false }), "\n";
			next;
		}
		print encode_json({ id => $message->{id}, ok => JSON::PP::true, failed => work_list($message) }), "\n";
	}
}
PERL

# Makes a folder with the handler in it.
sub folder
{
	my $folder = PostgreSQL::Test::Utils::tempdir();

	append_to_file("$folder/handler.pl", $handler);
	append_to_file("$folder/record", '');
	return $folder;
}

# The command that runs it.
sub command
{
	my ($folder, $mode) = @_;

	return [ $^X, "$folder/handler.pl", $folder, $mode ];
}

# Makes the file that a handler waits for.
sub let
{
	my ($folder, $name) = @_;

	append_to_file("$folder/$name", '');
	return;
}

# The lines of the record that begin with a word, without it and the process id.
sub record
{
	my ($folder, $word) = @_;

	return map { /^\Q$word\E (.*) \d+$/ ? $1 : () } split /\n/, slurp_file("$folder/record");
}

1;
