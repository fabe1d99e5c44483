# Access keys: the secret is shown once and stored encrypted, with a key from a
# file that only the server can read; the gateway is given signing keys, equal to
# those that a client derives. A disabled or deleted key is none. A key never acts as another role than the one it was
# made for, not after that role is gone, and not in another server.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256 hmac_sha256_hex);
use File::Find;
use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir();
my $file = "$dir/master.key";
my $hex = '00112233445566778899aabbccddeeffFFEEDDCCBBAA99887766554433221100';
my $conf = "queue.master_key_file = '$file'\n";
my $node = queue_node('main', conf => $conf);
my $no_key = queue_node('no_key');

# Writes the master key's file.
sub write_key
{
	my ($text, $mode) = @_;

	unlink $file;
	append_to_file($file, $text);
	chmod $mode, $file or die "could not change the mode of \"$file\": $!\n";
	return;
}

# Passes if a statement, in a role, raises this.
sub fails
{
	my ($server, $role, $statement, $pattern, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($status, $out, $err) =
	  $server->psql('postgres', "\\set VERBOSITY verbose\nSET ROLE $role;\n$statement");

	return like($err, $pattern, $name);
}

# Creates a key; its id and its secret.
sub create_key
{
	my ($server, $role) = @_;

	return split /\|/, $server->safe_psql('postgres', "SELECT * FROM sqs_create_access_key('$role')");
}

# A signing key by the book, and by the server.
sub derived
{
	my ($secret, $date, $region) = @_;
	my $key = "AWS4$secret";

	$key = hmac_sha256($_, $key) foreach $date, $region, 'sqs';
	return '\x' . hmac_sha256_hex('aws4_request', $key);
}

sub signing_key
{
	my ($server, $id, $date, $region) = @_;

	$date //= '20261127';
	$region //= 'us-east-1';
	return $server->safe_psql('postgres', "SELECT queue.signing_key('$id', '$date', '$region')");
}

foreach my $server ($node, $no_key)
{
	$server->safe_psql('postgres', 'CREATE ROLE app; CREATE ROLE other; CREATE ROLE gateway');
}

#
# The file
#
fails($no_key, 'none', "SELECT sqs_create_access_key('app')",
	qr/ERROR:  55000: there is no master key\nHINT:  .*openssl rand -hex 32/,
	'without a master key there are no access keys');
fails($node, 'none', "SELECT sqs_create_access_key('app')",
	qr/ERROR:  58P01: could not open master key file/, 'a file that is missing');
write_key("$hex\n", 0644);
fails($node, 'none', "SELECT sqs_create_access_key('app')",
	qr/ERROR:  F0000: master key file ".*" can be read by others/, 'a file that others can read');
write_key("$hex\n", 0620);
fails($node, 'none', "SELECT sqs_create_access_key('app')",
	qr/ERROR:  F0000: master key file ".*" can be read by others/, 'a file that a group can write');
foreach my $text (
	'', substr($hex, 1), "${hex}0", "$hex\n\n", "$hex\r\n", " $hex",
	substr($hex, 1) . "\n", substr($hex, 1) . 'g', $hex x 1000)
{
	write_key($text, 0600);
	fails($node, 'none', "SELECT sqs_create_access_key('app')",
		qr/ERROR:  F0000: master key file ".*" does not hold a key/,
		'a file of ' . length($text) . ' bytes that holds no key');
}
unlink $file;
mkdir $file, 0700;
fails($node, 'none', "SELECT sqs_create_access_key('app')",
	qr/ERROR:  F0000: master key file ".*" is not a regular file/, 'a directory');
rmdir $file;
query_is($node, 'postgres', 'SELECT count(*) FROM queue.access_keys', 0, 'none of these made a key');
ok( $node->safe_psql('postgres', 'SELECT attacl IS NULL FROM pg_attribute WHERE attrelid = $$queue.access_keys$$::regclass AND attname = $$role$$') eq 't',
	'nor held a role');
fails($node, 'app', 'SHOW queue.master_key_file', qr/ERROR:  42501/, 'where the file is, is not for everybody');
fails($node, 'none', q{ALTER SYSTEM SET queue.master_key_file = 'master.key'},
	qr/ERROR:  22023: .*\nDETAIL:  The path must be absolute/, 'a path that depends on where one is');

#
# Keys
#
write_key($hex, 0400);
my ($id, $secret) = create_key($node, 'app');
like($id, qr/^AKIA[A-Z2-7]{16}$/, 'an id looks like one of AWS');
like($secret, qr{^[A-Za-z0-9+/]{40}$}, 'and so does a secret');
write_key("$hex\n", 0600);
my ($second, $second_secret) = create_key($node, 'app');
isnt($second, $id, 'a second key has another id');
isnt($second_secret, $secret, 'and another secret');

foreach my $scope ([ '20261127', 'us-east-1' ], [ '20261128', 'us-east-1' ], [ '20261127', 'eu-west-1' ])
{
	is(signing_key($node, $id, @$scope), derived($secret, @$scope),
		"the signing key of @$scope is what a client derives");
}
is( signing_key($node, $second), derived($second_secret, '20261127', 'us-east-1'),
	'a final newline is no part of the master key');
is(signing_key($node, $id, '', 'x' x 1000), derived($secret, '', 'x' x 1000),
	'what a client says of date and region may be anything');
is(signing_key($node, 'AKIAAAAAAAAAAAAAAAAA'), '', 'there is no signing key of an unknown key');
is(signing_key($node, "$id "), '', 'nor of one that merely begins like one');

# The server has the secret nowhere.
$node->safe_psql('postgres', 'CHECKPOINT');
my @found;
find(
	sub { push @found, $File::Find::name if -f && index(slurp_file($_), $secret) >= 0; },
	$node->data_dir, $node->logfile);
is("@found", '', 'no file of the server has the secret');

# Encrypted for its row, and with this master key
$node->safe_psql('postgres',
	"CREATE TABLE kept AS SELECT * FROM queue.access_keys; UPDATE queue.access_keys SET secret = (SELECT secret FROM kept WHERE access_key_id = '$id')");
is(signing_key($node, $id), derived($secret, '20261127', 'us-east-1'), 'in its own row a secret is good');
fails($node, 'none', "SELECT queue.signing_key('$second', '20261127', 'us-east-1')",
	qr/WARNING:  55000: could not decrypt/, 'in another row it is not');
$node->safe_psql('postgres',
	'UPDATE queue.access_keys AS a SET secret = k.secret FROM kept AS k WHERE k.access_key_id = a.access_key_id; DROP TABLE kept');
write_key('f' x 64, 0600);
fails($node, 'none', "SELECT queue.signing_key('$id', '20261127', 'us-east-1')",
	qr/WARNING:  55000: could not decrypt.*\nHINT:/, 'nor with another master key');
write_key("$hex\n", 0600);

# Disabled, enabled, deleted
$node->safe_psql('postgres', "SELECT sqs_update_access_key('$id', false)");
is(signing_key($node, $id), '', 'there is no signing key of a disabled key');
isnt(signing_key($node, $second), '', 'there still is of the other');
query_is($node, 'postgres', 'SELECT access_key_id, role, active FROM sqs_list_access_keys($$app$$)',
	"$id|app|f\n$second|app|t", 'the list says which is which');
$node->safe_psql('postgres', "SELECT sqs_update_access_key('$id', true)");
is(signing_key($node, $id), derived($secret, '20261127', 'us-east-1'), 'an enabled key is as before');
my ($third) = create_key($node, 'app');
$node->safe_psql('postgres', "SELECT sqs_delete_access_key('$third')");
is(signing_key($node, $third), '', 'there is none of a deleted key');

#
# Who may
#
fails($node, 'gateway', "SELECT queue.signing_key('$id', '20261127', 'us-east-1')",
	qr/ERROR:  42501: permission denied for schema queue/, 'not everybody asks for signing keys');
$node->safe_psql('postgres', 'GRANT USAGE ON SCHEMA queue TO gateway');
fails($node, 'gateway', "SELECT queue.signing_key('$id', '20261127', 'us-east-1')",
	qr/ERROR:  42501: permission denied for function signing_key/, 'nor with the schema alone');
$node->safe_psql('postgres',
	'GRANT EXECUTE ON FUNCTION queue.signing_key, queue.note_access_keys TO gateway');
query_is(
	$node, 'postgres',
	"SET ROLE gateway; SELECT queue.signing_key('$id', '20261127', 'us-east-1')",
	derived($secret, '20261127', 'us-east-1'), 'who was granted both gets signing keys');
fails($node, 'gateway', 'SELECT secret FROM queue.access_keys', qr/ERROR:  42501/, 'it cannot read the table');
fails($node, 'other', "SELECT sqs_create_access_key('app')",
	qr/ERROR:  42501: permission denied for access keys of role "app"\nDETAIL:  AccessDeniedException: User: arn:aws:iam::\d+:role\/other is not authorized to perform: iam:CreateAccessKey on resource: arn:aws:iam::\d+:role\/app\b/,
	'a role makes no keys of another');
my ($own) = split /\|/,
  $node->safe_psql('postgres', "SET ROLE other; SELECT * FROM sqs_create_access_key('other')");
like($own, qr/^AKIA/, 'it makes its own');
query_is($node, 'postgres', 'SET ROLE other; SELECT access_key_id FROM sqs_list_access_keys()',
	$own, 'and sees no others');

#
# Acting as a role: what one session knows of a key is as fresh as the key.
#
my $gateway = queue_session($node, 'postgres');
my $holder = queue_session($node, 'postgres');
my $send = qq{SELECT error, answer ~ 'MessageId' FROM queue.perform('%s', 'SendMessage', ARRAY['{"QueueUrl": "q", "MessageBody": "x"}'], true)};

$node->safe_psql(
	'postgres', <<'SQL');
GRANT CREATE ON SCHEMA queue TO app;
SET ROLE app;
SELECT sqs_create_queue('q');
RESET ROLE;
GRANT EXECUTE ON FUNCTION queue.perform TO gateway;
SQL
$gateway->run('SET ROLE gateway');
like($gateway->run("SELECT sqs_send('q', 'x')"), qr/ERROR:  permission denied for queue/,
	'the gateway has no rights on the queue by itself');
like($gateway->run(sprintf $send, $id), qr/^42501\|/, 'nor as a role that it is no member of');
$node->safe_psql('postgres', 'ALTER ROLE gateway NOINHERIT; GRANT app TO gateway');
is($gateway->run(sprintf $send, $id), '|t', 'as a member it acts as that role');
is($gateway->run('SELECT current_user'), 'gateway', 'and is itself again afterwards');
query_is($node, 'postgres', "SELECT sender_id FROM sqs_pop('q')", 'app', 'the role is what sent the message');
is($gateway->run(sprintf $send, 'AKIAAAAAAAAAAAAAAAAA'), 'SQ026|f', 'an unknown key acts as nobody');

$node->safe_psql('postgres', "SELECT sqs_update_access_key('$id', false)");
is($gateway->run(sprintf $send, $id), 'SQ026|f', 'a key that another session has disabled is refused at once');
$node->safe_psql('postgres', "SELECT sqs_update_access_key('$id', true)");
is($gateway->run(sprintf $send, $id), '|t', 'and is good at once when it is enabled');
$node->safe_psql('postgres', 'REVOKE SELECT (role) ON queue.access_keys FROM app');
is($gateway->run(sprintf $send, $id), 'SQ026|f', 'so is a key refused that has become void');
$node->safe_psql('postgres', 'GRANT SELECT (role) ON queue.access_keys TO app; REVOKE app FROM gateway');
like($gateway->run(sprintf $send, $id), qr/^42501\|/, 'membership can be taken back');
$node->safe_psql('postgres', 'GRANT app TO gateway');

# In one session: its own changes, and what becomes of them
my $all = queue_session($node, 'postgres');
is($all->run(sprintf $send, $id), '|t', 'a superuser may act as each role');
$all->run('BEGIN');
$all->run("SELECT sqs_update_access_key('$id', false)");
is($all->run(sprintf $send, $id), 'SQ026|f', 'a session sees its own change');
is($gateway->run(sprintf $send, $id), '|t', 'others do not, before it is committed');
$all->run('ROLLBACK');
is($all->run(sprintf $send, $id), '|t', 'what is rolled back has not been');
$all->quit;

# An error that is none of SQS's ends the call as that role.
my $table = $node->safe_psql('postgres', "SELECT format('queue.messages_%s_1', queue_id) FROM queue.queues");
$holder->run("BEGIN; LOCK TABLE $table");
$gateway->run("SET lock_timeout = '1ms'");
like($gateway->run(sprintf $send, $id), qr/ERROR:  canceling statement due to lock timeout/,
	'a call fails as a whole');
is($gateway->run('SELECT current_user'), 'gateway', 'after which the gateway is itself, too');
$holder->run('ROLLBACK');
$gateway->run('RESET lock_timeout');
is($gateway->run(sprintf $send, $id), '|t', 'and goes on');
$gateway->quit;
$node->safe_psql('postgres', 'REVOKE app FROM gateway');

#
# When a key was used
#
my $versions = "SELECT xmin, ctid FROM queue.access_keys WHERE access_key_id = '$id'";
$node->safe_psql('postgres', "SELECT queue.note_access_keys('{AKIAAAAAAAAAAAAAAAAA,NULL,x,$id,$id}')");
query_is(
	$node, 'postgres',
	"SELECT count(*) FILTER (WHERE last_used_at > created_at AND last_used_at <= clock_timestamp()), count(last_used_at) FROM sqs_list_access_keys()",
	'1|1', 'the use of a key is noted');
my $version = $node->safe_psql('postgres', $versions);
$node->safe_psql('postgres', "SELECT queue.note_access_keys('{$id}')");
query_is($node, 'postgres', $versions, $version, 'within a minute it is noted once');

# Another session that is at work on the key is not waited for.
my $late = "UPDATE queue.access_keys SET last_used_at = clock_timestamp() - interval '61 s' WHERE access_key_id = '$id'";
$node->safe_psql('postgres', $late);
$holder->run('BEGIN');
$holder->run("SELECT sqs_update_access_key('$id', true)");
$node->safe_psql('postgres', "SET statement_timeout = '60s'; SELECT queue.note_access_keys('{$id,$second}')");
$holder->run('ROLLBACK');
query_is(
	$node, 'postgres',
	"SELECT access_key_id, last_used_at > clock_timestamp() - interval '60 s' FROM sqs_list_access_keys('app')",
	"$id|f\n$second|t", 'a key that another session is at work on is passed over, and no other');
$node->safe_psql('postgres', "SELECT queue.note_access_keys('{$id}')");
query_is(
	$node, 'postgres',
	"SELECT last_used_at > clock_timestamp() - interval '60 s' FROM sqs_list_access_keys('app') WHERE access_key_id = '$id'",
	't', 'after a minute it is noted again');

# Many minutes take no more room than one.
my $size = $node->safe_psql('postgres', "SELECT pg_relation_size('queue.access_keys')");
$node->safe_psql(
	'postgres', <<"SQL");
DO \$\$
BEGIN
  FOR i IN 1 .. 300 LOOP
    $late;
    PERFORM queue.note_access_keys('{$id}');
    COMMIT;
  END LOOP;
END
\$\$
SQL
query_is($node, 'postgres', "SELECT pg_relation_size('queue.access_keys') <= $size + 8192",
	't', 'notes of many minutes do not make the table grow');
fails($node, 'none', "BEGIN READ ONLY; SELECT queue.note_access_keys('{$id}')",
	qr/ERROR:  25006/, 'nothing is noted in a read-only transaction');
$holder->quit;

#
# Roles that go
#
$node->safe_psql('postgres', 'CREATE DATABASE elsewhere');
foreach my $db ('postgres', 'elsewhere')
{
	my ($status, $out, $err) = $node->psql($db, 'DROP ROLE other');

	like($err, qr/role "other" cannot be dropped/, "a role with keys is not dropped in database $db");
}
$node->safe_psql('postgres', 'DROP OWNED BY other');
query_is($node, 'postgres', 'SELECT active FROM sqs_list_access_keys($$other$$)', 'f',
	'after DROP OWNED its keys are void');
is(signing_key($node, $own), '', 'there is no signing key of a void key');
fails($node, 'none', "SELECT sqs_update_access_key('$own', true)",
	qr/ERROR:  55000: access key "$own" is void/, 'and it cannot be enabled');

# A role that comes to have the number of one that is gone: the numbers are
# dealt out by the server, so the row is given the number of another role.
$node->safe_psql(
	'postgres', <<'SQL');
CREATE TABLE gone AS SELECT 'other'::regrole::oid AS role;
DROP ROLE other;
CREATE ROLE heir;
SQL
query_is($node, 'postgres',
	'SELECT access_key_id, active FROM sqs_list_access_keys() AS k JOIN gone AS g ON k.role = g.role',
	"$own|f", 'the list has keys whose role is gone');
$node->safe_psql('postgres',
	"UPDATE queue.access_keys SET role = 'heir' WHERE role = (SELECT g.role FROM gone AS g)");
is(signing_key($node, $own), '', 'a key of a role that is gone does not become the key of its heir');
my ($heirs, $heirs_secret) = create_key($node, 'heir');
is(signing_key($node, $own), '', 'nor when the heir makes a key');
query_is($node, 'postgres', 'SELECT access_key_id FROM sqs_list_access_keys($$heir$$)', $heirs,
	'by which the old one is removed');
is( signing_key($node, $heirs), derived($heirs_secret, '20261127', 'us-east-1'),
	'its own is good');
$node->safe_psql('postgres', "SELECT sqs_delete_access_key('$heirs'); DROP ROLE heir; DROP TABLE gone");
pass('with its last key a role can be dropped');

#
# Dump and restore
#
my $new = queue_node('new', conf => $conf);
my $roles = $node->safe_psql('postgres', "SELECT string_agg(oid::text, ',') FROM pg_roles");
my ($orphan) = create_key($node, 'app');
my ($disabled) = create_key($node, 'app');

# A role there whose number no role has here
my $number = $new->safe_psql(
	'postgres', <<"SQL");
CREATE ROLE app;
CREATE ROLE gateway;
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
SELECT sqs_update_access_key('$disabled', false);
UPDATE queue.access_keys SET role = $number WHERE access_key_id = '$orphan';
CREATE ROLE "12345";
SQL
my ($digits, $digits_secret) = create_key($node, '"12345"');
foreach my $way ([], ['--inserts'], ['--no-privileges'])
{
	my $db = join('_', 'restored', map { s/-//gr } @$way);

	$new->safe_psql('postgres', "CREATE DATABASE $db");
	$node->command_ok([ 'pg_dump', @$way, '--file', "$dir/$db", 'postgres' ], "$db: dumped");
	$new->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $db, '-f', "$dir/$db" ],
		"$db: restored");
	query_is($new, $db, "SELECT count(*) FROM queue.access_keys WHERE access_key_id = '$orphan'", 0,
		"$db: a key whose role is gone is not dumped");
	query_is($new, $db, q{SELECT string_agg(role::text, ' ' ORDER BY created_at) FROM queue.access_keys},
		'app app app "12345"', "$db: the others act as the same roles");

	my $good = "SELECT queue.signing_key('%s', '20261127', 'us-east-1')";
	if (@$way && $way->[0] eq '--no-privileges')
	{
		query_is($new, $db, sprintf($good, $id), '', "$db: without privileges, keys are void");
		next;
	}
	query_is($new, $db, sprintf($good, $id), derived($secret, '20261127', 'us-east-1'),
		"$db: with the same master key, a key is good");
	query_is($new, $db, sprintf($good, $digits), derived($digits_secret, '20261127', 'us-east-1'),
		"$db: so is one of a role whose name is a number");
	query_is($new, $db, sprintf($good, $disabled), '', "$db: a disabled key is disabled");
	query_is($new, $db, "SELECT sqs_create_access_key('passing') IS NOT NULL", 't',
		"$db: the role that has its number has a key of its own");
	query_is($new, $db, sprintf($good, $orphan), '', "$db: and not that one");
	my ($status, $out, $err) = $new->psql($db, 'DROP ROLE app');
	like($err, qr/role "app" cannot be dropped.*/s, "$db: the role is held");
}

$node->stop;
$no_key->stop;
$new->stop;
done_testing();
