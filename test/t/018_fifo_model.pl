# The order of FIFO queues, against a model of it: random steps of several
# sessions, each in transactions of its own, with rollbacks and savepoints. The
# model knows the rule and nothing else: a message is receivable if it is
# visible and no earlier message of its group is in flight, delayed, or in the
# hands of another transaction; what the same call took does not count. A
# receive must give as many messages as it asked for if there are so many, in
# order within each group, all that is receivable of one group before another.
# Every other seed has a dead-letter queue: a message that was received often
# enough goes there instead of to the receiver, and its group goes on. A queue's
# DelaySeconds, when it is set, delays all messages that were never received.
#
# The first difference ends the test, with the seed. QUEUE_TEST_SEED runs that
# one alone; QUEUE_TEST_STEPS says how many steps each seed has, QUEUE_TEST_SEEDS
# how many seeds there are.

use strict;
use warnings;

use QueueTest;
use Test::More;

my $steps = $ENV{QUEUE_TEST_STEPS} || 500;
my @seeds = $ENV{QUEUE_TEST_SEED} ? ($ENV{QUEUE_TEST_SEED}) : (1 .. ($ENV{QUEUE_TEST_SEEDS} || 10));
my $node = queue_node('model', conf => <<'CONF');
queue.worker_interval = 1h
queue.segment_size = 64kB
queue.truncate_delay = 0
queue.purge_interval = 0
CONF

my @groups;        # their names
my @messages;      # all that were committed, in order
my @sessions;
my $serial;
my $step;
my @history;       # the last steps
my %handles;       # the last receipt handle of each message
my $delayed;       # whether the queue has DelaySeconds
my $most;          # receives after which a message is dead
my $dead_table;    # where dead ones go
my %dead;          # those that are there for good

# A session: what its transaction has done, which is undone by copying it back.
sub new_session
{
	return { psql => queue_session($node, 'postgres'), tx => undef, savepoints => [] };
}

sub copy_tx
{
	my ($tx) = @_;

	return {
		sent => [ @{ $tx->{sent} } ],
		map { $_ => { %{ $tx->{$_} } } } qw(touched handles counts dead)
	};
}

sub run_in
{
	my ($session, $sql) = @_;
	my ($number) = grep { $sessions[$_] == $session } 0 .. $#sessions;

	my $answer = $session->{psql}->run($sql);
	(my $short = $answer) =~ s/x{9,}|\|\S*//g;
	$sql =~ s/ \|\| repeat\('x', \d+\)//g;

	push @history, "$step: session $number: $sql -> " . join(' ', split /\n/, $short);
	shift @history if @history > 150;
	return $answer;
}

# Whether another session's transaction is at work on a message.
sub is_busy
{
	my ($session, $message) = @_;

	foreach my $other (@sessions)
	{
		return 1
		  if $other != $session && $other->{tx} && exists $other->{tx}{touched}{ $message->{body} };
	}
	return 0;
}

# The state of a message as a session's transaction sees it.
sub state_of
{
	my ($session, $message) = @_;

	return $session->{tx}{touched}{ $message->{body} }
	  if $session->{tx} && exists $session->{tx}{touched}{ $message->{body} };
	return $message->{state};
}

# How often a message has been received, as a session's transaction sees it.
sub count_of
{
	my ($session, $message) = @_;

	return $session->{tx}{counts}{ $message->{body} }
	  if $session->{tx} && exists $session->{tx}{counts}{ $message->{body} };
	return $message->{count};
}

# What is receivable, a list for each group; dead ones among it.
sub receivable
{
	my ($session) = @_;
	my (%lists, %blocked);

	foreach my $message (@messages)
	{
		my $group = $message->{group};
		my $state = state_of($session, $message);

		next if $blocked{$group} || $state eq 'gone';
		if ($state ne 'visible' || is_busy($session, $message) || ($delayed && count_of($session, $message) == 0))
		{
			$blocked{$group} = 1;
			next;
		}
		push @{ $lists{$group} }, $message;
	}
	return \%lists;
}

# Takes out of the lists the dead ones that a receive has moved: all of them, if
# it had reason to look at everything; else those before what it handed out. Of
# others it may have moved some. Returns what is wrong, or nothing.
sub bury
{
	my ($session, $lists, $max, @bodies) = @_;
	my %returned = map { $_ => 1 } @bodies;
	my %there = map { s/x+$//r => 1 } split /\n/, run_in($session, "SELECT body FROM $dead_table");

	foreach my $group (sort keys %$lists)
	{
		my @left;
		my $passed = @bodies < $max;

		foreach my $message (reverse @{ $lists->{$group} })
		{
			my $body = $message->{body};

			if (count_of($session, $message) < $most)
			{
				$passed ||= $returned{$body};
				unshift @left, $message;
			}
			elsif ($there{$body})
			{
				touch($session, $body, 'gone');
				($session->{tx} ? $session->{tx}{dead} : \%dead)->{$body} = 1;
			}
			else
			{
				return "$body should have been moved" if $passed;
				unshift @left, $message;
			}
		}
		$lists->{$group} = \@left;
	}
	return;
}

# Sets the state of a message, in the transaction or for all.
sub touch
{
	my ($session, $body, $state) = @_;

	if ($session->{tx})
	{
		$session->{tx}{touched}{$body} = $state;
	}
	else
	{
		$_->{state} = $state foreach grep { $_->{body} eq $body } @messages;
	}
	return;
}

# What is wrong with the bodies that a receive returned, or nothing.
sub difference
{
	my ($lists, $max, @bodies) = @_;
	my $total = 0;
	my (%seen, $current);

	$total += @$_ foreach values %$lists;
	return 'expected ' . ($total < $max ? $total : $max) . ' messages'
	  if @bodies != ($total < $max ? $total : $max);
	foreach my $body (@bodies)
	{
		my ($group) = $body =~ /^(\w+):/;

		if (!defined $current || $group ne $current)
		{
			return "group $group twice" if $seen{$group}++;
			return "$group was begun before $current was done"
			  if defined $current && @{ $lists->{$current} };
			$current = $group;
		}
		my $next = shift @{ $lists->{$group} || [] };
		return "$body is not the next of its group" unless $next && $next->{body} eq $body;
	}
	return;
}

sub receive
{
	my ($session, $call, $max, $state) = @_;
	my $lists = receivable($session);
	my %before = map { $_->{body} => $_ } map { @$_ } values %$lists;
	my $expected = join '; ', map {
		my $group = $_;
		"$group: " . join ' ', map { "$_->{body} (" . count_of($session, $_) . ')' } @{ $lists->{$group} }
	} sort keys %$lists;
	my $answer = run_in($session, $call);
	my (@bodies, %new);

	foreach my $line (split /\n/, $answer)
	{
		my ($body, $handle) = $line =~ /^(\w+:\d+)x*\|(\S*)$/ or return "unexpected answer: $line";

		push @bodies, $body;
		$new{$body} = $handle if $handle;
	}
	my $problem = $most ? bury($session, $lists, $max, @bodies) : undef;
	# what it might have moved, and need not, is not to be expected either
	$lists->{$_} = [ grep { !$most || count_of($session, $_) < $most } @{ $lists->{$_} } ] foreach keys %$lists;
	$problem ||= difference($lists, $max, @bodies);
	return "$problem\nreceived: @bodies\nreceivable: $expected" if $problem;
	foreach my $body (@bodies)
	{
		touch($session, $body, $state);
		if ($session->{tx}) { $session->{tx}{counts}{$body} = count_of($session, $before{$body}) + 1 }
		else { $before{$body}{count}++ }
		($session->{tx} ? $session->{tx}{handles} : \%handles)->{$body} = $new{$body} if $new{$body};
	}
	return;
}

# The last handle of a message, as a session knows it.
sub handle
{
	my ($session, $message) = @_;

	return ($session->{tx} && $session->{tx}{handles}{ $message->{body} }) || $handles{ $message->{body} };
}

# A message that a session may do something with by its handle.
sub pick_in_flight
{
	my ($session) = @_;
	my @found = grep {
		state_of($session, $_) eq 'hidden' && !is_busy($session, $_) && handle($session, $_)
	} @messages;

	return @found ? $found[ rand @found ] : undef;
}

# The steps. Each returns what is wrong, or nothing.
my %actions = (
	send => sub {
		my ($session) = @_;
		my %locked = map { $_->{group} => 1 }
		  map { $_ != $session && $_->{tx} ? @{ $_->{tx}{sent} } : () } @sessions;
		my @free = grep { !$locked{$_} } @groups or return;
		my @new = map { { group => $free[ rand @free ], body => undef, state => 'visible', count => 0 } }
		  1 .. 1 + int rand 4;

		foreach my $message (@new)
		{
			$message->{body} = "$message->{group}:" . ++$serial;
		}
		my $answer = run_in($session, 'SELECT count(*) FROM sqs_send_batch(\'m.fifo\', ARRAY['
			  . join(', ', map { "'$_->{body}' || repeat('x', 1500)" } @new) . '], message_group_ids => ARRAY['
			  . join(', ', map { "'$_->{group}'" } @new) . '])');
		return "unexpected answer: $answer" unless $answer eq scalar @new;
		if ($session->{tx}) { push @{ $session->{tx}{sent} }, @new }
		else { push @messages, @new }
		return;
	},
	receive => sub {
		my ($session) = @_;
		my $max = 1 + int rand 10;
		my $timeout = rand() < 0.2 ? 0 : 3600;

		return receive($session, "SELECT body, receipt_handle FROM sqs_receive('m.fifo', $max, $timeout)",
			$max, $timeout ? 'hidden' : 'visible');
	},
	pop => sub {
		my ($session) = @_;
		my $max = 1 + int rand 5;

		return receive($session, "SELECT body, receipt_handle FROM sqs_pop('m.fifo', $max)", $max, 'gone');
	},
	delete => sub {
		my ($session) = @_;
		my $message = pick_in_flight($session) or return;
		my $answer = run_in($session, "SELECT /* $message->{body} */ sqs_delete('m.fifo', '@{[ handle($session, $message) ]}')");

		return "delete of $message->{body}: $answer" unless $answer eq 't';
		touch($session, $message->{body}, 'gone');
		return;
	},
	show => sub {
		my ($session) = @_;
		my $message = pick_in_flight($session) or return;
		my $answer = run_in($session,
			"SELECT /* $message->{body} */ sqs_change_visibility('m.fifo', '@{[ handle($session, $message) ]}', 0) IS NOT NULL");

		return "change of $message->{body}: $answer" unless $answer eq 't';
		touch($session, $message->{body}, 'visible');
		return;
	},
	extend => sub {
		my ($session) = @_;
		my $message = pick_in_flight($session) or return;
		my $answer = run_in($session,
			"SELECT /* $message->{body} */ sqs_change_visibility('m.fifo', '@{[ handle($session, $message) ]}', 7200) IS NOT NULL");

		return "change of $message->{body}: $answer" unless $answer eq 't';
		touch($session, $message->{body}, 'hidden');
		return;
	},
	outdated => sub {
		my ($session) = @_;
		my @shown = grep { handle($session, $_) && state_of($session, $_) eq 'visible' && !is_busy($session, $_) }
		  @messages;

		return if $session->{tx} || !@shown;
		my $message = $shown[ rand @shown ];
		my $answer = run_in($session, "SELECT /* $message->{body} */ sqs_delete('m.fifo', '@{[ handle($session, $message) ]}')");
		return "delete of $message->{body}: $answer" unless $answer =~ /receipt handle/;
		return;
	},
	begin => sub {
		my ($session) = @_;
		# a look at what is dead is a read that others' moves conflict with
		my @levels = ('READ COMMITTED', 'REPEATABLE READ', $most ? () : 'SERIALIZABLE');
		my $level = $levels[ rand @levels ];

		return if $session->{tx};
		run_in($session, "BEGIN ISOLATION LEVEL $level");
		$session->{tx} = { sent => [], map { $_ => {} } qw(touched handles counts dead) };
		$session->{savepoints} = [];
		return;
	},
	savepoint => sub {
		my ($session) = @_;

		return unless $session->{tx};
		push @{ $session->{savepoints} },
		  copy_tx($session->{tx});
		run_in($session, 'SAVEPOINT s' . @{ $session->{savepoints} });
		return;
	},
	rollback_to => sub {
		my ($session) = @_;

		return unless $session->{tx} && @{ $session->{savepoints} };
		run_in($session, 'ROLLBACK TO s' . @{ $session->{savepoints} });
		my $saved = $session->{savepoints}[-1];
		$session->{tx} = copy_tx($saved);
		return;
	},
	rollback => sub {
		my ($session) = @_;

		return unless $session->{tx};
		run_in($session, 'ROLLBACK');
		$session->{tx} = undef;
		return;
	},
	commit => sub {
		my ($session) = @_;

		return unless $session->{tx};
		my $answer = run_in($session, 'COMMIT');
		return "commit: $answer" if $answer ne '';
		my $tx = $session->{tx};
		$session->{tx} = undef;
		touch($session, $_, $tx->{touched}{$_}) foreach keys %{ $tx->{touched} };
		foreach my $message (@messages, @{ $tx->{sent} })
		{
			$message->{count} = $tx->{counts}{ $message->{body} } // $message->{count};
		}
		%dead = (%dead, %{ $tx->{dead} });
		%handles = (%handles, %{ $tx->{handles} });
		push @messages, @{ $tx->{sent} };
		return;
	},
	purge => sub {
		my ($session) = @_;

		return if grep { $_->{tx} } @sessions;
		run_in($session, "SELECT sqs_purge_queue('m.fifo')");
		$_->{state} = 'gone' foreach @messages;
		return;
	},
	delay => sub {
		my ($session) = @_;

		return if grep { $_->{tx} } @sessions;
		$delayed = !$delayed;
		run_in($session, "SELECT sqs_set_queue_attributes('m.fifo', '{\"DelaySeconds\": " . ($delayed ? 900 : 0) . '}\')');
		return;
	},
	rotate => sub {
		my ($session) = @_;

		return if $session->{tx};
		run_in($session, "CALL queue.rotate('m.fifo', 20)");
		return;
	},
	check => sub {
		my ($session) = @_;

		return if $session->{tx};
		my $answer = run_in($session, "SELECT * FROM sqs_check('m.fifo')");
		return $answer eq '' ? undef : "sqs_check: $answer";
	},
	expire => sub {
		my ($session) = @_;

		return if grep { $_->{tx} } @sessions;
		my $problem = receive($session, "SELECT body, receipt_handle FROM sqs_receive('m.fifo', 5, 1)", 5, 'visible');
		my $until = $node->safe_psql('postgres', q{SELECT clock_timestamp() + interval '1.2 s'});
		$node->poll_query_until('postgres', "SELECT clock_timestamp() > '$until'") or die 'time stands still';
		return $problem;
	},);
my %weights = (
	send => 20, receive => 20, pop => 6, delete => 25, show => 6, extend => 3, outdated => 2,
	begin => 12, savepoint => 4, rollback_to => 3, rollback => 4, commit => 10, rotate => 2,
	check => 1, expire => 0.4, purge => 0.3, delay => 1);

sub choose
{
	my $total = 0;

	$total += $_ foreach values %weights;
	my $at = rand $total;
	foreach my $name (sort keys %weights)
	{
		return $name if ($at -= $weights{$name}) < 0;
	}
	return 'send';
}

foreach my $seed (@seeds)
{
	my $problem;

	srand $seed;
	$serial = 0;
	@messages = ();
	@history = ();
	%handles = ();
	%dead = ();
	$delayed = 0;
	$most = $seed % 2 ? 3 : undef;
	@groups = map { "g$_" } 1 .. 1 + $seed % 6;
	$node->safe_psql('postgres', <<'SQL');
SET queue.recreate_delay = 0;
SELECT sqs_create_queue('m.fifo', '{"FifoQueue": true, "ContentBasedDeduplication": true}');
SELECT sqs_create_queue('m-dead.fifo', '{"FifoQueue": true, "ContentBasedDeduplication": true}');
SQL
	$dead_table = $node->safe_psql('postgres',
		"SELECT format('queue.messages_%s_1', queue_id) FROM queue.queues WHERE queue_name = 'm-dead.fifo'");
	$node->safe_psql('postgres', <<"SQL") if $most;
SELECT sqs_set_queue_attributes('m.fifo', jsonb_build_object('RedrivePolicy', jsonb_build_object(
  'maxReceiveCount', $most, 'deadLetterTargetArn', sqs_get_queue_attributes('m-dead.fifo') ->> 'QueueArn')::text));
SQL
	@sessions = map { new_session() } 1 .. ($seed % 4 ? 4 : 1);
	for ($step = 1; $step <= $steps && !$problem; $step++)
	{
		my $session = $sessions[ rand @sessions ];
		my $name = choose();

		$problem = $actions{$name}->($session);
		@messages = grep { $_->{state} ne 'gone' } @messages;
	}
	if (!$problem)
	{
		# all that is left can be had in order, and so can what is dead
		foreach my $session (@sessions)
		{
			$problem ||= $actions{commit}->($session);
		}
		$problem ||= $actions{delay}->($sessions[0]) if $delayed;
		foreach my $message (grep { $_->{state} eq 'hidden' } @messages)
		{
			run_in($sessions[0], "SELECT sqs_change_visibility('m.fifo', '$handles{ $message->{body} }', 0)");
			$message->{state} = 'visible';
		}
		$problem ||= receive($sessions[0], "SELECT body, receipt_handle FROM sqs_pop('m.fifo', 10000)", 10000, 'gone');
		my %order;
		foreach my $body (split /\n/, run_in($sessions[0], "SELECT body FROM sqs_pop('m-dead.fifo', 10000)"))
		{
			my ($group, $number) = $body =~ /^(\w+):(\d+)/;

			$problem ||= "$body is not dead" unless delete $dead{"$group:$number"};
			$problem ||= "$body comes too late" if ($order{$group} // 0) > $number;
			$order{$group} = $number;
		}
		$problem ||= 'not there: ' . join ' ', %dead if %dead;
	}
	ok(!$problem, "seed $seed: the queue does as the model")
	  or diag("seed $seed, step $step: $problem\n" . join("\n", @history));
	note("seed $seed: $serial messages; rotations: "
		  . $node->safe_psql('postgres', 'SELECT max(rotations) FROM queue.queues'));
	$_->{psql}->quit foreach @sessions;
	last if $problem;
	sound($node, 'postgres', "seed $seed", 'm.fifo', 'm-dead.fifo');
	$node->safe_psql('postgres', <<'SQL');
SET queue.recreate_delay = 0;
SELECT sqs_delete_queue('m.fifo');
SELECT sqs_delete_queue('m-dead.fifo');
SELECT queue.sweep();
SQL
}
$node->stop;
log_is_clean($node, qr/receipt handle|administrator command/, 'the server met no other errors');
done_testing();
