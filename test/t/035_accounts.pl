# Accounts: sessions wait in the queue that a name means to them, and are woken
# for no other. Roles that were assigned to none follow queue.account_id. The
# worker moves messages within an account. A standby knows who is in which account.
# Dumps take accounts and assignments along, but not those of roles that are gone;
# where they are void, a role is in no account.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir();
my $node = queue_node('main', init => { allows_streaming => 1 },
	conf => "queue.recreate_delay = 0\nqueue.worker_interval = '100ms'\n");
my %account = (one => '111111111111', two => '222222222222', zero => '000000000000');

$node->safe_psql(
	'postgres', <<'SQL');
CREATE ROLE one;
CREATE ROLE two;
CREATE ROLE zero;
CREATE ROLE one_member IN ROLE one;
GRANT CREATE ON SCHEMA queue TO one, two, zero;
SELECT sqs_create_account('111111111111', 'One');
SELECT sqs_create_account('222222222222', $$Two, "quoted"$$);
SELECT sqs_assign_account('one', '111111111111');
SELECT sqs_assign_account('two', '222222222222');
SQL
foreach my $role (sort keys %account)
{
	$node->safe_psql(
		'postgres', <<"SQL");
SET ROLE $role;
SELECT sqs_create_queue('dead');
SELECT sqs_create_queue('q', jsonb_build_object('RedrivePolicy', jsonb_build_object(
  'deadLetterTargetArn', 'arn:aws:sqs:us-east-1:$account{$role}:dead', 'maxReceiveCount', 1)::text));
SQL
}

# Runs a statement in a role; gives what it prints, or else its error.
sub as_role
{
	my ($server, $db, $role, $statement) = @_;
	my ($status, $out, $err) =
	  $server->psql($db, "\\set VERBOSITY sqlstate\nSET ROLE $role;\n$statement");

	$err =~ s/^psql:<stdin>:\d+: //mg;
	return $out ne '' ? $out : $err;
}

#
# Waiting
#
my %session = map { $_ => queue_session($node, 'postgres') } qw(one_member two zero);
my $pids = join ',', map { $_->pid } values %session;

foreach my $role (sort keys %session)
{
	$session{$role}->run("SET ROLE $role");
	$session{$role}->start("SELECT body FROM sqs_receive('q', 10, 0, 20)");
}
my $waiting = "SELECT count(*) FROM pg_stat_activity WHERE pid IN ($pids) AND state = 'active' AND wait_event_type = 'Extension'";
becomes($node, 'postgres', $waiting, 3, 'three sessions wait in queues of one name');
foreach my $way ([ two => 'two', 2 ], [ one_member => 'one', 1 ], [ zero => 'zero', 0 ])
{
	my ($session, $role, $others) = @$way;

	as_role($node, 'postgres', $role, "SELECT sqs_send('q', 'for $role')");
	is($session{$session}->finish, "for $role", "$session is woken by its own message");
	query_is($node, 'postgres', $waiting, $others, 'and no other is');
}
$_->quit foreach values %session;

#
# The worker: each task moves messages of its account
#
foreach my $role (sort keys %account)
{
	as_role($node, 'postgres', $role, "SELECT sqs_receive('q', 10, 0)");
	is(as_role($node, 'postgres', $role, "SELECT body FROM sqs_peek('dead')"),
		"for $role", "a message of $role dies in its account");
}
as_role($node, 'postgres', $_, "SELECT sqs_start_message_move_task('dead')") foreach qw(one two);
foreach my $role (qw(one two))
{
	becomes($node, 'postgres',
		"SELECT status FROM sqs_list_message_move_tasks('arn:aws:sqs:us-east-1:$account{$role}:dead')",
		'COMPLETED', "a move task of $role ends");
	is(as_role($node, 'postgres', $role, "SELECT body FROM sqs_peek('q')"),
		"for $role", 'the message is back in its queue');
}
is(as_role($node, 'postgres', 'zero', "SELECT body FROM sqs_peek('dead')"),
	'for zero', 'a dead-letter queue of the same name has what it had');

#
# A standby
#
$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;

sub catch_up
{
	$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
	return;
}
my $reader = queue_session($standby, 'postgres');

catch_up();
$reader->run('SET ROLE one_member');
is($reader->run("SELECT sqs_get_queue_url('q')"), 'http://localhost:9324/111111111111/q',
	'on a standby a name means the queue of the own account');
$node->safe_psql('postgres', "SELECT sqs_assign_account('one_member', '222222222222')");
catch_up();
like($reader->run("SELECT sqs_get_queue_url('q')"), qr/permission denied for queue/, 'a change gets to its sessions');
is($reader->run("SELECT sqs_list_queues('q')"), '', 'for lists, too');
like($reader->run("SELECT sqs_assign_account('one_member', NULL)"), qr/read-only|permission denied/,
	'nothing is changed there');
query_is($standby, 'postgres', 'SELECT account_id, name, roles FROM sqs_accounts',
	"111111111111|One|{one}\n222222222222|Two, \"quoted\"|{one_member,two}",
	'accounts are listed there');
$reader->quit;
$standby->stop;
$node->safe_psql('postgres', "SELECT sqs_assign_account('one_member', NULL)");

#
# Another default account
#
change_setting($node, 'queue.account_id', '333333333333');
my $session = queue_session($node, 'postgres');
is( $session->run("SELECT sqs_create_queue('q')"),
	'http://localhost:9324/333333333333/q', 'the default account can be another');
$session->run("SELECT sqs_delete_queue('q')");
is(as_role($node, 'postgres', 'zero', "SELECT sqs_peek('q')"), 'ERROR:  SQ001',
	'what was in the old one is not found by its name');
is( as_role($node, 'postgres', 'zero', "SELECT body FROM sqs_peek('/000000000000/dead')"),
	'for zero', 'but by its URL');
is(as_role($node, 'postgres', 'one', "SELECT body FROM sqs_peek('q')"), 'for one',
	'who was assigned to an account stays there');
change_setting($node, 'queue.account_id', '000000000000');
$session->quit;

#
# Dump and restore
#
my $new = queue_node('new');
my $roles = $node->safe_psql('postgres', "SELECT string_agg(oid::text, ',') FROM pg_roles");

# A role there whose number no role has here
my $number = $new->safe_psql(
	'postgres', <<"SQL");
CREATE ROLE one;
CREATE ROLE two;
CREATE ROLE zero;
CREATE ROLE one_member IN ROLE one;
CREATE ROLE "12345";
DO \$\$
BEGIN
  LOOP
    CREATE ROLE passing;
    EXIT WHEN 'passing'::regrole::oid NOT IN ($roles);
    DROP ROLE passing;
  END LOOP;
END
\$\$;
SELECT 'passing'::regrole::oid;
SQL
$node->safe_psql(
	'postgres', <<"SQL");
CREATE ROLE "12345";
SELECT sqs_assign_account('"12345"', '111111111111');
INSERT INTO queue.account_roles VALUES ($number, '111111111111');
SQL
my $state = <<'SQL';
SELECT account_id, name, created_at FROM sqs_accounts;
SELECT url FROM sqs_queues ORDER BY 1;
SELECT a, body, message_id FROM unnest('{000000000000,111111111111,222222222222}'::text[]) AS a,
  sqs_peek(format('/%s/q', a), 10) ORDER BY 1;
SQL
my $before = $node->safe_psql('postgres', $state);
like($before, qr/^111111111111\|for one\|/m, 'there is something to compare');

foreach my $way ([], ['--inserts'], [ '--format=custom', '--no-privileges' ])
{
	my $db = join('_', 'restored', map { s/\W//gr } @$way);
	my $void = grep { $_ eq '--no-privileges' } @$way;

	$new->safe_psql('postgres', "CREATE DATABASE $db");
	$node->command_ok([ 'pg_dump', @$way, '--file', "$dir/$db", 'postgres' ], "$db: dumped");
	if ($void)
	{
		$new->command_ok([ 'pg_restore', '--exit-on-error', '--jobs=2', '-d', $db, "$dir/$db" ],
			"$db: restored");
	}
	else
	{
		$new->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $db, '-f', "$dir/$db" ],
			"$db: restored");
	}
	query_is($new, $db, $state, $before, "$db: accounts and queues are the same");
	query_is($new, $db,
		'SELECT role, account_id FROM queue.account_roles ORDER BY role::text COLLATE "C"',
		"\"12345\"|111111111111\none|111111111111\ntwo|222222222222",
		"$db: a role that is gone is not dumped, the others are");
	is(as_role($new, $db, $_->[0], "SELECT sqs_get_queue_url('q')"),
		$void && $_->[0] ne 'zero' ? 'ERROR:  42501' : "http://localhost:9324/$account{$_->[1]}/q",
		"$db: $_->[0] is in the account that it was in, unless that is void")
	  foreach [ one => 'one' ], [ one_member => 'one' ], [ two => 'two' ], [ zero => 'zero' ];
	is(as_role($new, $db, 'passing', "SELECT sqs_list_queues()"), '', "$db: nothing is lent to another role");
	if ($void)
	{
		is(as_role($new, $db, 'one', "SELECT body FROM sqs_peek('q')"), 'ERROR:  42501',
			"$db: without privileges they are in no account");
		$new->safe_psql($db, q{SELECT sqs_assign_account('one', '111111111111')});
	}
	is(as_role($new, $db, 'one_member', "SELECT body FROM sqs_peek('q')"), 'for one',
		"$db: a name means the queue that it meant");
	my ($status, $out, $err) = $new->psql($db, 'DROP ROLE one');
	like($err, qr/role "one" cannot be dropped/, "$db: the role is held");
}

$node->stop;
$new->stop;
done_testing();
