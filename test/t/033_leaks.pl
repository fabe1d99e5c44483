# Promises: while others work with a queue, a role without rights finds no body, no
# attribute, no receipt handle, no secret of a key and no policy in anything that it
# can read; and calls that pass them as parameters, and fail, leave none of them in
# the server log, nor in pg_stat_statements.

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir();
append_to_file("$dir/key", 'c0ffee' x 10 . 'beef');
chmod(0600, "$dir/key") or die "could not chmod \"$dir/key\": $!";

# As the server is by default, where the tests have other settings.
my $node = queue_node('main', start => 0, conf => <<"CONF");
queue.master_key_file = '$dir/key'
log_statement = none
CONF
my ($share) = run_command([ 'pg_config', '--sharedir' ]);
my $has_statements = -e "$share/extension/pg_stat_statements.control";
$node->append_conf('postgresql.conf', <<'CONF') if $has_statements;
shared_preload_libraries = 'queue, pg_stat_statements'
pg_stat_statements.track = all
CONF
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION pg_stat_statements') if $has_statements;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION queue;
CREATE ROLE owner LOGIN;
CREATE ROLE denied LOGIN IN ROLE owner;
CREATE ROLE spy LOGIN;
GRANT CREATE ON SCHEMA queue TO owner;
CREATE TABLE orders (id int, note text);
CREATE TRIGGER send AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('orders');
GRANT INSERT ON orders TO owner;
SQL

# Each word stands for what is secret; reversed, it can be named without being there.
my %secret = map { $_ => "secretive-$_-" . unpack('H*', pack('N', rand(2**32))) } qw(body attribute policy);

# Runs a script once, with secrets as parameters; true if it succeeds.
my $scripts = 0;

sub call
{
	my ($role, $script) = @_;
	my $file = "$dir/script" . $scripts++;
	my ($out, $err);

	append_to_file($file, "$script;\n");
	return IPC::Run::run(
		[
			$node->installed_command('pgbench'), '--no-vacuum', '--protocol=extended', '--transactions=1',
			(map { "--define=$_=$secret{$_}" } sort keys %secret),
			"--file=$file", "--username=$role", '--host=' . $node->host, '--port=' . $node->port, 'postgres'
		],
		'>', \$out, '2>', \$err);
}

my $policy = qq({"Version": "2012-10-17", "Statement": {"Sid": "$secret{policy}", "Effect": "Allow", "Principal": {"AWS": "000000000001"}, "Action": "sqs:SendMessage", "Resource": "*"}});
$node->safe_psql('postgres', "SELECT sqs_create_queue('orders', jsonb_build_object('Policy', '$policy'))", extra_params => [ '-U', 'owner' ]);
ok( call('owner', <<'SQL'), 'messages');
SELECT count(sqs_send('orders', :body::text, message_attributes => jsonb_build_object('a', :attribute::text))) FROM generate_series(1, 300)
SQL
my $deny = '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}}';
$node->safe_psql('postgres', "SELECT sqs_put_role_policy('denied', 'all', '$deny'); SELECT sqs_create_queue('other')");
$secret{handle} = $node->safe_psql('postgres', "SELECT receipt_handle FROM sqs_receive('orders', 1, 600)");
($secret{key}, my $id) = split /\|/, $node->safe_psql('postgres', "SELECT secret_access_key, access_key_id FROM sqs_create_access_key('owner')");
$node->safe_psql('postgres', 'ANALYZE');
my $superuser = $node->safe_psql('postgres', 'SELECT current_user');

# What fails
my %fails = (
	'a body with a character that SQS does not take' => "SELECT sqs_send('orders', :body::text || chr(1))",
	'one that is too long' => "SELECT sqs_send('orders', repeat(:body::text, 100000))",
	'one of a batch' => "SELECT sqs_send_batch('orders', ARRAY[:body::text, :body::text || chr(1)])",
	'an attribute that is no number' =>
	  "SELECT sqs_send('orders', 'x', message_attributes => jsonb_build_object('a', jsonb_build_object('DataType', 'Number', 'StringValue', :attribute::text)))",
	'an attribute that is no base64' =>
	  "SELECT sqs_send('orders', 'x', message_attributes => jsonb_build_object('a', jsonb_build_object('DataType', 'Binary', 'BinaryValue', :attribute::text)))",
	'a delay that is too long' => "SELECT sqs_send('orders', :body::text, 901)",
	'no queue' => "SELECT sqs_send('none', :body::text)",
	'a changed row' => "INSERT INTO orders VALUES (1, repeat(:body::text, 100000))",
	'a handle of another queue' => "SELECT sqs_delete('other', :handle::text)",
	'a handle that is damaged' => "SELECT sqs_delete('orders', :handle::text || 'A')",
	'several of them' => "SELECT sqs_delete_batch('orders', ARRAY[:handle::text || 'A'])",
	'a visibility that is too long' => "SELECT sqs_change_visibility('orders', :handle::text, 43201)",
	'a visibility with a wrong handle' => "SELECT sqs_change_visibility('orders', :handle::text || 'A', 1)",
	'a handle that is none of a task' => "SELECT sqs_cancel_message_move_task(:handle::text)",
	'an action with a body' => "SELECT sqs_action('SendMessage', jsonb_build_object('QueueUrl', 'orders', 'MessageBody', :body::text || chr(1)))",
	'an action with a handle' => "SELECT sqs_action('DeleteMessage', jsonb_build_object('QueueUrl', 'orders', 'ReceiptHandle', :handle::text || 'A'))",
	'a body that is no text' => "SELECT sqs_action('SendMessage', jsonb_build_object('QueueUrl', 'orders', 'MessageBody', jsonb_build_object('a', :body::text)))",
	'a policy that is no JSON' => "SELECT sqs_set_queue_attributes('orders', jsonb_build_object('Policy', '{' || :policy::text))",
	'a policy that is none' =>
	  "SELECT sqs_set_queue_attributes('orders', jsonb_build_object('Policy', jsonb_build_object('Statement', jsonb_build_object('Sid', :policy::text))::text))",
	'a secret in place of an id' => "SELECT sqs_delete_access_key(:key::text)");
foreach my $role ('owner', 'spy')
{
	foreach my $name (sort keys %fails)
	{
		ok(!call($role, $fails{$name}), "$role fails: $name");
	}
}

# The gateway passes requests as text: what is not JSON, or cannot be stored, is answered.
ok( call($superuser, <<"SQL"), 'requests that are no JSON');
SELECT error FROM queue.perform('$id', 'SendMessage', ARRAY[:body::text, '{"MessageBody": "' || :body::text || '\\u0000"}'])
SQL

# Everything that a role can read, as the relations in which a secret is found.
my $reversed = join ', ', map { "reverse('" . reverse($_) . "')" } sort values %secret;
my $search = <<"SQL";
CREATE FUNCTION pg_temp.look() RETURNS TABLE (relation text, shown boolean) LANGUAGE plpgsql AS \$\$
DECLARE
  columns text;
  secrets text[] := ARRAY[$reversed];
BEGIN
  FOR relation, columns IN
    SELECT c.oid::regclass::text,
           (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
            WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND has_column_privilege(c.oid, attnum, 'select'))
    FROM pg_class AS c
    WHERE c.relkind IN ('r', 'v', 'm', 'S', 'p', 'f') AND has_any_column_privilege(c.oid, 'select') AND has_schema_privilege(c.relnamespace, 'usage')
    UNION ALL
    VALUES ('pg_stat_get_activity(NULL)', '*'),
           ('(SELECT pg_stat_get_backend_activity(n) FROM pg_stat_get_backend_idset() AS n)', '*')
  LOOP
    BEGIN
      EXECUTE format('SELECT EXISTS (SELECT FROM (SELECT %s FROM %s AS r) AS r WHERE r::text LIKE ANY (SELECT ''%%'' || s || ''%%'' FROM unnest(\$1) AS s))',
                     columns, relation) INTO shown USING secrets;
    EXCEPTION WHEN insufficient_privilege OR undefined_table THEN
      shown := false;
    END;
    RETURN NEXT;
  END LOOP;
END \$\$;
SELECT relation FROM pg_temp.look() WHERE shown OR shown IS NULL ORDER BY relation COLLATE "C";
SQL
sub finds_nothing
{
	my ($role, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return is($node->safe_psql('postgres', $search, extra_params => [ '-U', $role ]), '', $name);
}

finds_nothing('denied', 'a member of the owner to which a policy denies all finds nothing');

SKIP:
{
	skip 'there is no pg_stat_statements', 2 unless $has_statements;
	my $secrets = join '|', map { quotemeta } values %secret;
	my $statements = $node->safe_psql('postgres', 'SELECT query FROM pg_stat_statements');

	like($statements, qr/sqs_send\(/, 'pg_stat_statements has the calls');
	unlike($statements, qr/$secrets/, 'and nothing of what was passed');
}

# What is under way: a statement that has a body in it, sessions that wait, a prepared
# statement, an open cursor. PostgreSQL shows a statement to its role and the members of
# that, so this is not for the one that is denied.
my @sessions;

sub begin
{
	my ($statement) = @_;
	local $ENV{PGUSER} = 'owner';
	my $session = queue_session($node, 'postgres');

	$session->run("SET application_name = 'at_work'");
	push @sessions, $session;
	return $session->start($statement);
}

begin("SELECT sqs_send('orders', '$secret{body}'), pg_sleep(600)");
begin("SELECT sqs_delete('orders', '$secret{handle}'), pg_sleep(600)");
begin("BEGIN; DECLARE c CURSOR FOR SELECT sqs_peek('orders', 10), '$secret{body}'; FETCH c; SELECT '$secret{key}', pg_sleep(600)");
begin("PREPARE s AS SELECT sqs_send('orders', '$secret{body}'); EXECUTE s; SELECT '$secret{policy}', pg_sleep(600)");
becomes($node, 'postgres', "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'at_work' AND wait_event = 'PgSleep'", 4, 'all are at work');

finds_nothing('spy', 'a role without rights finds nothing');
like($node->safe_psql('postgres', $search), qr/^pg_stat_activity\npg_stat_get_activity.*\npg_statistic\npg_stats\nqueue\.messages_\d+_1\nqueue\.queues$/ms,
	'the same search finds it where it is');

# The log has the errors, and of a policy that is none what is wrong with it. What the sessions above have as literals is in it only if
# they fail, so they end after this.
my $log = slurp_file($node->logfile);
cmp_ok(scalar(() = $log =~ /ERROR: /g), '>=', 2 * keys %fails, 'the log has the errors');
foreach my $name (grep { $_ ne 'policy' } sort keys %secret)
{
	unlike($log, qr/\Q$secret{$name}\E/, "the log has no $name");
}
$node->stop('immediate');
done_testing();
