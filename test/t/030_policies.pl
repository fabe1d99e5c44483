# Policies: what they can ask about the connection is what the connection is;
# what changes in one session counts at the next call of another, and while it
# waits; a dump and a restore keep the policies and the right to set them; and
# on a standby they decide as they do on the primary.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $node = queue_node(
	'main',
	init => { allows_streaming => 1 },
	conf => "listen_addresses = '127.0.0.1'\n");
my $dir = PostgreSQL::Test::Utils::tempdir();

$node->safe_psql(
	'postgres', <<'SQL');
CREATE ROLE app LOGIN;
CREATE ROLE security;
SELECT sqs_create_queue(name) FROM unnest(ARRAY['orders', 'bills']) AS name;
CREATE FUNCTION public.try(call text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE call;
  RETURN 'done';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END
$$;
SQL

# Gives the role one policy: a statement, with what is missing filled in.
sub put_policy
{
	my ($server, $name, $statement) = @_;

	$server->safe_psql(
		'postgres', <<"SQL");
SELECT sqs_put_role_policy('app', '$name', jsonb_build_object('Version', '2012-10-17', 'Statement',
  '{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}'::jsonb || '$statement'));
SQL
	return;
}

#
# The connection: an address and a transport, or neither.
#
put_policy($node, 'local',
	'{"Action": "sqs:GetQueueUrl", "Condition": {"Bool": {"aws:SecureTransport": true}, "Null": {"aws:SourceIp": true}}}');
put_policy($node, 'tcp',
	'{"Action": "sqs:PurgeQueue", "Condition": {"Bool": {"aws:SecureTransport": false}, "IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}}');
put_policy($node, 'elsewhere',
	'{"Action": "sqs:ListQueueTags", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}');
put_policy($node, 'agent', '{"Action": "sqs:GetQueueAttributes", "Condition": {"StringLike": {"aws:UserAgent": "shop/*"}}}');

sub tries
{
	my ($connection) = @_;

	return $node->safe_psql(
		'postgres',
		q{SELECT string_agg(try(format('SELECT %s(''orders'')', f)), ' ' ORDER BY n)
		  FROM unnest(ARRAY['sqs_get_queue_url', 'sqs_purge_queue', 'sqs_list_queue_tags', 'sqs_get_queue_attributes'])
		    WITH ORDINALITY AS u (f, n)},
		connstr => "$connection dbname=postgres user=app");
}

SKIP:
{
	skip 'connections by TCP only', 1 unless $use_unix_sockets;
	is(tries('port=' . $node->port . ' host=' . $node->host . ' application_name=shop/1'),
		'done 42501 42501 done', 'a Unix socket has no address, and is secure');
}
# a database that lets everybody in by that way, too
append_to_file($node->data_dir . '/pg_hba.conf', "host all all 127.0.0.1/32 trust\n");
$node->reload;
is(tries('port=' . $node->port . ' host=127.0.0.1 application_name=store/1'),
	'42501 done 42501 42501', 'TCP has an address, and is not secure');

SKIP:
{
	my ($key, $certificate) = map { "$dir/server.$_" } qw(key crt);

	skip 'there is no openssl', 1
	  if system("openssl req -new -x509 -days 2 -nodes -subj /CN=localhost -keyout '$key' -out '$certificate' >'$dir/openssl' 2>&1") != 0;
	chmod 0600, $key or die "could not change the mode of \"$key\": $!\n";
	$node->append_conf('postgresql.conf',
		"ssl = on\nssl_key_file = '$key'\nssl_cert_file = '$certificate'\n");
	$node->restart;
	skip 'the server has no TLS', 1
	  if $node->safe_psql('postgres', 'SHOW ssl') ne 'on';
	put_policy($node, 'tls', '{"Action": "sqs:ListQueueTags", "Condition": {"Bool": {"aws:SecureTransport": true}, "IpAddress": {"aws:SourceIp": "127.0.0.1"}}}');
	is(tries('port=' . $node->port . ' host=127.0.0.1 sslmode=require application_name=store/1'),
		'42501 42501 done 42501', 'TLS is secure, and has an address');
	$node->safe_psql('postgres', q{SELECT sqs_delete_role_policy('app', 'tls')});
}
$node->safe_psql('postgres', q{SELECT sqs_delete_role_policy('app', policy_name) FROM sqs_list_role_policies('app')});

#
# What others change.
#
my $session = queue_session($node, 'postgres');
my $send = q{SELECT try('SELECT sqs_send(''orders'', ''x'')')};

$session->run('SET ROLE app');
is($session->run($send), '42501', 'no policy, and nothing is allowed');
put_policy($node, 'send', '{}');
is($session->run($send), 'done', 'a policy that another session has put counts');
$node->safe_psql('postgres',
	q{SELECT sqs_set_queue_attributes('orders', '{"Policy": "{\"Statement\": {\"Effect\": \"Deny\", \"Principal\": {\"AWS\": \"arn:aws:iam::000000000000:role/app\"}, \"Action\": \"sqs:SendMessage\", \"Resource\": \"*\"}}"}')});
is($session->run($send), '42501', '... and one that it set on the queue');
$node->safe_psql('postgres', 'ALTER ROLE app RENAME TO app2');
is($session->run($send), 'done', 'a role that was renamed has another ARN, and its policies');
$node->safe_psql('postgres', 'ALTER ROLE app2 RENAME TO app');
is($session->run($send), '42501', '... and named as before, the same');
$node->safe_psql('postgres', q{SELECT sqs_set_queue_attributes('orders', '{"Policy": ""}')});
is($session->run($send), 'done', 'a policy that is gone counts no more');
$node->safe_psql('postgres', q{SELECT sqs_delete_role_policy('app', 'send')});
is($session->run($send), '42501', '... nor does that of the role');
$node->safe_psql('postgres', 'CREATE ROLE team; GRANT team TO app');
$node->safe_psql('postgres', q{SELECT sqs_put_role_policy('team', 'send', '{"Statement": {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}}')});
is($session->run($send), 'done', 'a membership counts');
$node->safe_psql('postgres', 'REVOKE team FROM app');
is($session->run($send), '42501', '... and one that ended does not');
change_setting($node, 'queue.region', 'eu-west-1');
put_policy($node, 'send', '{"Resource": "arn:aws:sqs:eu-west-1:*:orders"}');
is($session->run($send), 'done', 'the ARN of a queue has the region of now');
change_setting($node, 'queue.region', 'us-east-1');
is($session->run($send), '42501', '... at the next call');

#
# A standby.
#
$node->backup('standby');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'standby', has_streaming => 1);
$standby->start;
put_policy($node, 'peek', '{"Action": ["sqs:GetQueueUrl", "sqs:ReceiveMessage"], "Resource": "arn:aws:sqs:*:*:orders"}');
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
query_is($standby, 'postgres',
	q{SET ROLE app; SELECT try('SELECT sqs_get_queue_url(''orders'')') || ' ' || try('SELECT sqs_get_queue_url(''bills'')')},
	'done 42501', 'on a standby, policies decide');
query_is($standby, 'postgres', q{SELECT decision FROM sqs_simulate_policy('app', 'ReceiveMessage', 'orders')},
	'allowed', '... and are simulated');
$standby->stop;

#
# Dump and restore.
#
$node->safe_psql(
	'postgres', <<'SQL');
GRANT EXECUTE ON FUNCTION sqs_put_role_policy TO security;
SELECT sqs_put_role_policy('app', 'deny', '{"Statement": {"Effect": "Deny", "Action": "sqs:PurgeQueue", "Resource": "*"}}');
CREATE ROLE gone;
SELECT sqs_put_role_policy('gone', 'send', '{"Statement": {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}}');
SELECT sqs_create_account('111111111111', 'shop');
CREATE ROLE clerk;
SELECT sqs_assign_account('clerk', '111111111111'), sqs_assign_account('gone', '111111111111');
DROP OWNED BY gone;
DROP ROLE gone;
SQL
my $accounts = q{SELECT account_id || ' ' || name || ' ' || roles::text || ' ' ||
  (SELECT split_part(principal, ':', 5) FROM (SELECT substring(public.detail_of('clerk') FROM 'User: (\S+)')) AS p (principal)) FROM sqs_accounts};
$node->safe_psql(
	'postgres', <<'SQL');
CREATE FUNCTION public.detail_of(role text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  detail text;
BEGIN
  PERFORM set_config('role', role, true);
  PERFORM sqs_delete_queue('arn:aws:sqs:us-east-1:000000000000:orders');
  RETURN NULL;
EXCEPTION WHEN insufficient_privilege THEN
  GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
  RETURN detail;
END
$$;
SQL
my $decisions = q{SELECT string_agg(decision, ' ' ORDER BY n)
FROM unnest(ARRAY['ReceiveMessage', 'PurgeQueue', 'SetQueueAttributes']) WITH ORDINALITY AS u (a, n),
  LATERAL sqs_simulate_policy('app', a, 'orders')};
my $list = q{SELECT string_agg(role::text || '/' || policy_name, ' ' ORDER BY role::text COLLATE "C", policy_name) FROM queue.role_policies};
my $right = q{SELECT has_function_privilege('security', 'sqs_put_role_policy(regrole, text, jsonb)', 'execute')
  OR has_function_privilege('app', 'sqs_put_role_policy(regrole, text, jsonb)', 'execute')};
foreach my $way ([], ['--no-privileges'])
{
	my $db = join('_', 'restored', map { s/-//gr } @$way);
	my $void = @$way > 0;

	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->command_ok([ 'pg_dump', @$way, '--file', "$dir/$db", 'postgres' ], "$db: dumped");
	$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $db, '-f', "$dir/$db" ], "$db: restored");
	query_is($node, $db, $list, 'app/deny app/peek app/send team/send', "$db: a policy whose role is gone is not dumped");
	query_is($node, $db, $decisions,
		$void ? 'implicitDeny explicitDeny implicitDeny' : 'allowed explicitDeny implicitDeny',
		$void ? "$db: without privileges, what they allow is void" : "$db: policies decide as before");
	query_is($node, $db, $accounts, '111111111111 shop {clerk} ' . ($void ? '' : '111111111111'),
		$void ? "$db: and roles are in no account" : "$db: roles are in their accounts");
	query_is($node, $db, $right, $void ? 'f' : 't', "$db: so for the right to set them");
}

log_is_clean($node);
$node->stop;
done_testing();
