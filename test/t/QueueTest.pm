# What the TAP tests share: servers with the extension, the question whether
# queues are sound, and sessions that can be left waiting.
#
# PostgreSQL::Test has background sessions of its own, but not on every release
# that we test on; QueueTest::Session needs nothing but IPC::Run.

package QueueTest;

use strict;
use warnings;

use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(
  queue_node
  queue_session
  queue_rows
  session_rows
  rows_become
  queue_size
  change_setting
  query_is
  becomes
  sweeps_until
  state_is
  state_becomes
  sound
  log_is_clean
);

# Makes a server that preloads the library; conf is added to its configuration,
# init is passed on. It is started and has the extension in database postgres,
# unless start is 0.
sub queue_node
{
	my ($name, %options) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(%{ $options{init} || {} });
	$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'queue'
max_connections = 100
max_prepared_transactions = 20
shared_buffers = 32MB
restart_after_crash = on
CONF
	$node->append_conf('postgresql.conf', $options{conf}) if $options{conf};
	if ($options{start} // 1)
	{
		$node->start;
		$node->safe_psql('postgres', 'CREATE EXTENSION queue');
	}
	return $node;
}

# Opens a session.
sub queue_session
{
	return QueueTest::Session->new(@_);
}

# Passes if a query answers as expected.
sub query_is
{
	my ($node, $db, $query, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return is($node->safe_psql($db, $query), $expected, $name);
}

# Passes once a query answers as expected; fails if it does not for long.
sub becomes
{
	my ($node, $db, $query, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return ok($node->poll_query_until($db, $query, $expected), $name);
}

# The same, with what the worker does in a round before each look.
sub sweeps_until
{
	my ($node, $db, $query, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $round = "\\o /dev/null\nCALL queue.rotate();\nSELECT queue.sweep();\n\\o\n";

	return ok($node->poll_query_until($db, "$round$query", $expected), $name);
}

# Changes a setting of the server, for the sessions that begin afterwards.
sub change_setting
{
	my ($node, $setting, $value) = @_;

	$node->safe_psql('postgres', "ALTER SYSTEM SET $setting = '$value'");
	$node->reload;
	$node->poll_query_until('postgres', "SELECT current_setting('$setting')", $value)
	  or die "$setting does not become $value";
	return;
}

# A query for the number of messages of a queue that are visible, in flight and
# delayed, by the queue's counters.
sub counters_query
{
	my ($queue) = @_;

	return <<"SQL";
SELECT (a ->> 'ApproximateNumberOfMessages')::bigint,
       (a ->> 'ApproximateNumberOfMessagesNotVisible')::bigint,
       (a ->> 'ApproximateNumberOfMessagesDelayed')::bigint
FROM sqs_get_queue_attributes('$queue') AS a
SQL
}

# A subquery for the rows of a queue, wherever in its chain of segments they
# are. It is good until the chain changes.
sub queue_rows
{
	my ($node, $db, $queue) = @_;

	return rows_in($queue, $node->safe_psql($db, segments_query($queue)));
}

# The same as an open session sees it, which may have an old snapshot.
sub session_rows
{
	my ($session, $queue) = @_;

	return rows_in($queue, $session->run(segments_query($queue)));
}

sub segments_query
{
	my ($queue) = @_;

	return <<"SQL";
SELECT format('queue.messages_%s_%s', queue_id, n)
FROM queue.queues, unnest(segments) AS n WHERE queue_name = '$queue'
SQL
}

sub rows_in
{
	my ($queue, $tables) = @_;

	die "there is no queue \"$queue\"" if $tables eq '';
	return '(' . join(' UNION ALL ', map { "SELECT * FROM $_" } split /\n/, $tables) . ')';
}

# Passes once a query for a queue's rows, with %s in their place, answers as
# expected: while the worker moves them, they may be gone from the tables that
# were in use a moment before.
sub rows_become
{
	my ($node, $db, $queue, $query, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $answer;

	foreach my $attempt (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
	{
		$answer = $node->safe_psql($db, sprintf $query, queue_rows($node, $db, $queue));
		last if $answer eq $expected;
		select undef, undef, undef, 0.1;
	}
	return is($answer, $expected, $name);
}

# A query for the size of all tables of messages, or of those of one queue, with
# indexes and values out of line. Tables that come and go meanwhile have none.
sub queue_size
{
	my ($queue) = @_;
	my $which = $queue ? "(SELECT queue_id FROM queue.queues WHERE queue_name = '$queue')::text" : q{'\d+'};

	return <<"SQL";
SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE nspname = 'queue' AND relkind = 'r' AND relname ~ ('^messages_' || $which || '_\\d+\$')
SQL
}

# The counters by the queue's rows.
sub rows_query
{
	my ($node, $db, $queue) = @_;
	my $purged = $node->safe_psql($db,
		"SELECT purged_below FROM queue.queues WHERE queue_name = '$queue'");
	my $rows = queue_rows($node, $db, $queue);

	return <<"SQL";
SELECT count(*) FILTER (WHERE visible_at <= clock_timestamp()),
       count(*) FILTER (WHERE visible_at > clock_timestamp() AND receive_count > 0),
       count(*) FILTER (WHERE visible_at > clock_timestamp() AND receive_count = 0)
FROM $rows AS m WHERE id >= $purged
SQL
}

# Whether the counters of a queue equal its rows. Messages may become visible,
# or be moved, between the two counts, so they are compared until they agree.
sub counters_agree
{
	my ($node, $db, $queue) = @_;
	my $counters = counters_query($queue);
	my $difference;

	foreach my $attempt (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
	{
		my $rows = rows_query($node, $db, $queue);

		$difference = $node->safe_psql($db, <<"SQL");
SELECT c.n || ' by the counters, ' || r.n || ' by the rows'
FROM (SELECT ROW(c.*)::text AS n FROM ($counters) AS c) AS c,
  (SELECT ROW(r.*)::text AS n FROM ($rows) AS r) AS r
WHERE c.n <> r.n
SQL
		return 1 if $difference eq '';
		select undef, undef, undef, 0.1;
	}
	diag("\"$queue\" has $difference");
	return 0;
}

# Passes if so many messages are "visible|in flight|delayed" by the counters.
sub state_is
{
	my ($node, $db, $queue, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return query_is($node, $db, counters_query($queue), $expected, $name);
}

# The same, when other sessions are about to get there.
sub state_becomes
{
	my ($node, $db, $queue, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return becomes($node, $db, counters_query($queue), $expected, $name);
}

# Passes if sqs_check() finds nothing and the counters of the queues equal
# their rows.
sub sound
{
	my ($node, $db, $name, @queues) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $sound = query_is($node, $db, 'SELECT * FROM sqs_check()', '',
		"$name: sqs_check finds nothing");

	foreach my $queue (@queues)
	{
		$sound &= ok(counters_agree($node, $db, $queue),
			"$name: the counters of \"$queue\" equal its rows");
	}
	return $sound;
}

# Passes if a server's log has no errors but those that match. A session whose
# client has gone may still be there when the server is stopped.
sub log_is_clean
{
	my ($node, $allowed, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $stopping = 0;
	my @lines;

	foreach (split /\n/, slurp_file($node->logfile))
	{
		$stopping = 1 if /received fast shutdown request/;
		$stopping = 0 if /LOG:  starting PostgreSQL/;
		next if !/\b(?:WARNING|ERROR|FATAL|PANIC|TRAP): / || /$allowed/;
		next if $stopping && /FATAL:  terminating connection due to administrator command/;
		push @lines, $_;
	}
	splice @lines, 10 if @lines > 10;
	return is(join("\n", @lines), '', $name);
}

# --------------------------------------------------------------------------
# A session: a psql that is fed one statement after the other. start() does not
# wait for the statement's end; finish() does, and returns what it printed,
# errors included. run() is both.

package QueueTest::Session;

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Utils;

sub new
{
	my ($class, $node, $db, %options) = @_;
	my $self = bless { input => '', output => '', count => 0 }, $class;

	$self->{timeout} = IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default);
	$self->{psql} = IPC::Run::start(
		[
			$node->installed_command('psql'), '--no-psqlrc', '--no-align',
			'--tuples-only', '--quiet', '--file', '-',
			'--dbname', $node->connstr($db),
			'--variable', 'ON_ERROR_STOP=0', '--variable', 'VERBOSITY=terse'
		],
		'<', \$self->{input}, '>&', \$self->{output}, $self->{timeout});
	$self->{pid} = $self->run('SELECT pg_backend_pid()');
	return $self;
}

# The process id of the session's backend.
sub pid
{
	my ($self) = @_;

	return $self->{pid};
}

# Begins a statement.
sub start
{
	my ($self, $statement) = @_;

	$self->{count}++;
	$self->{input} .= "$statement;\n\\echo -- end $self->{count}\n";
	$self->{timeout}->start($PostgreSQL::Test::Utils::timeout_default);
	$self->{psql}->pump_nb;
	return $self;
}

# Waits for the end of the statement, or of the session.
sub finish
{
	my ($self) = @_;
	my $end = "-- end $self->{count}\n";
	my $output;

	while ($self->{output} !~ /^\Q$end\E/m && $self->{psql}->pumpable)
	{
		$self->{psql}->pump;
	}
	$output = $self->{output};
	$self->{output} = '';
	$output =~ s/^\Q$end\E.*//ms;
	$output =~ s/^psql:<stdin>:\d+: //mg;
	chomp $output;
	return $output;
}

sub run
{
	my ($self, $statement) = @_;

	$self->start($statement);
	return $self->finish;
}

# Ends the session in good order.
sub quit
{
	my ($self) = @_;

	$self->{input} .= "\\q\n";
	$self->{psql}->finish;
	return;
}

# Makes the client vanish.
sub vanish
{
	my ($self) = @_;

	$self->{psql}->signal('KILL');
	$self->{psql}->finish;
	return;
}

1;
