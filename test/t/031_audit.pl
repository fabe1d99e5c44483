# Audit and transport: a line for each call says who was allowed or denied what,
# with nothing secret in it; and calls by connections that others can read can be
# refused.

use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir();
append_to_file("$dir/key", 'c0ffee' x 10 . 'beef');
chmod(0600, "$dir/key") or die "could not chmod \"$dir/key\": $!";
my $node = queue_node('main',
	conf => "listen_addresses = '127.0.0.1'\nqueue.master_key_file = '$dir/key'\nqueue.recreate_delay = 0\n");
$node->safe_psql(
	'postgres', <<'SQL');
CREATE ROLE shop LOGIN;
CREATE ROLE clerk LOGIN;
CREATE ROLE gateway LOGIN;
GRANT shop TO gateway;
GRANT CREATE ON SCHEMA queue TO shop;
GRANT USAGE ON SCHEMA queue TO gateway;
GRANT EXECUTE ON FUNCTION queue.perform(text, text, text[], boolean, text[]) TO gateway;
CREATE TABLE goods (id int);
CREATE TRIGGER send AFTER INSERT ON goods FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('orders');
GRANT INSERT ON goods TO shop, clerk;
SQL
my $key = $node->safe_psql('postgres', "SELECT access_key_id FROM sqs_create_access_key('shop')");

# Runs SQL as a role, or as superuser, and returns the lines that this adds to the log.
sub logged
{
	my ($role, $sql, $host) = @_;
	my $offset = -s $node->logfile;

	$host //= $node->host;
	$role = defined $role ? "user=$role" : '';
	$node->psql('postgres', $sql, on_error_stop => 0,
		connstr => "host=$host port=" . $node->port . " dbname=postgres $role application_name=till/1");
	return PostgreSQL::Test::Utils::slurp_file($node->logfile, $offset);
}

# The same of the audit, as the objects that the lines have.
sub audited
{
	return [ map { decode_json($_) } logged(@_) =~ /LOG:  audit: (\{.*\})$/mg ];
}

sub decisions
{
	return [ map { "$_->{decision} $_->{action}" } @{ $_[0] } ];
}

# What goes through the gateway, for clients.
sub perform
{
	my ($action, $request, @clients) = @_;
	my $count = @clients || 1;
	my $for = @clients ? 'ARRAY[' . join(', ', map { "'$_'" } @clients) . ']' : 'NULL';

	return "SELECT error FROM queue.perform('$key', '$action', array_fill('$request'::text, ARRAY[$count]), true, $for)";
}

my $messages = <<'SQL';
SELECT sqs_send('orders', 'secret-body', message_attributes => '{"secret-attribute": "secret-value"}');
SELECT sqs_send_batch('orders', ARRAY['secret-body', 'secret-body']);
SELECT sqs_peek('orders');
SELECT sqs_change_visibility('orders', receipt_handle, 0) FROM sqs_receive('orders');
SELECT sqs_delete('orders', receipt_handle) FROM sqs_receive('orders');
SELECT sqs_pop('orders');
SELECT sqs_receive('orders', 10, 0, 1);
INSERT INTO goods VALUES (1);
SQL
my $management = <<'SQL';
SELECT sqs_set_queue_attributes('orders', '{"VisibilityTimeout": 17}');
SELECT sqs_get_queue_attributes('orders');
SELECT sqs_tag_queue('orders', '{"secret-tag": "secret-value"}');
SELECT count(*) FROM sqs_list_queues();
SELECT sqs_add_permission('orders', 'secret-label', ARRAY['000000000001'], ARRAY['SendMessage']);
SELECT sqs_purge_queue('orders');
SQL
my $create = "SELECT sqs_create_queue('orders')";
my @noted_management =
  qw(SetQueueAttributes GetQueueAttributes TagQueue ListQueues AddPermission PurgeQueue);
my @noted_messages = qw(
  SendMessage SendMessage ReceiveMessage ReceiveMessage ChangeMessageVisibility
  ReceiveMessage DeleteMessage ReceiveMessage DeleteMessage ReceiveMessage SendMessage);

is_deeply(audited('shop', "$create; $messages $management"), [], 'as it is installed, nothing is noted');

change_setting($node, 'queue.audit', 'management');
my $lines = audited('shop', "$messages $management");
is_deeply(decisions($lines), [ map { "allowed $_" } @noted_management ], 'management is noted, each call once')
  or diag(explain($lines));
is_deeply(
	$lines->[1],
	{
		action => 'GetQueueAttributes',
		decision => 'allowed',
		resource => 'arn:aws:sqs:us-east-1:000000000000:orders',
		principal => 'arn:aws:iam::000000000000:role/shop',
		sessionUser => 'shop',
		database => 'postgres',
		userAgent => 'till/1',
		secureTransport => JSON::PP::true
	},
	'who, what, on what, from where');
is($lines->[3]{resource}, 'arn:aws:sqs:us-east-1:000000000000:*', 'a list is of an account');
is_deeply(
	decisions(audited(undef,
		"SELECT count(*) FROM sqs_list_access_keys('shop'); SELECT sqs_update_access_key('$key', true);"
		  . "SELECT sqs_put_role_policy('clerk', 'secret-name', '{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Deny\", \"Action\": \"sqs:PurgeQueue\", \"Resource\": \"*\"}]}')")),
	[ 'allowed iam:ListAccessKeys', 'allowed iam:UpdateAccessKey', 'allowed iam:PutRolePolicy' ],
	'so is what is IAM\'s');

change_setting($node, 'queue.audit', 'all');
$lines = audited('shop', "$messages $management");
is_deeply(
	decisions($lines),
	[ map { "allowed $_" } @noted_messages, @noted_management ],
	'with all of it, so are calls on messages')
  or diag(explain($lines));
is_deeply(
	[ grep { !/^(?:denied|allowed ListQueues)/ } @{ decisions(audited('clerk', "$messages $management; SELECT sqs_create_queue('mine'); SELECT sqs_create_access_key('shop'); SELECT * FROM sqs_queues")) } ],
	[], 'what is denied is noted as that');
is_deeply(
	decisions(audited('clerk', "SELECT sqs_send('orders', 'x'); INSERT INTO goods VALUES (2); SELECT sqs_purge_queue('orders'); SELECT sqs_create_queue('mine')")),
	[ 'denied SendMessage', 'denied SendMessage', 'denied PurgeQueue', 'denied CreateQueue' ],
	'each call once');
is_deeply(
	audited('shop', "BEGIN; SELECT sqs_send('orders', 'x'); ROLLBACK", '127.0.0.1'),
	[
		{
			action => 'SendMessage',
			decision => 'allowed',
			resource => 'arn:aws:sqs:us-east-1:000000000000:orders',
			principal => 'arn:aws:iam::000000000000:role/shop',
			sessionUser => 'shop',
			database => 'postgres',
			sourceIp => '127.0.0.1',
			userAgent => 'till/1',
			secureTransport => JSON::PP::false
		}
	],
	'a rollback takes nothing away');

# The gateway: its clients, each request by itself.
$lines = audited('gateway', perform('SendMessage', '{"QueueUrl": "orders", "MessageBody": "secret-body"}',
		'1 192.0.2.1 "good"', '0 2001:db8::1 ', '0 2001:db8::1 '));
is_deeply(
	[ map { [ @$_{qw(action principal sessionUser accessKeyId sourceIp userAgent secureTransport)} ] } @$lines ],
	[
		[ 'SendMessage', 'arn:aws:iam::000000000000:role/shop', 'gateway', $key, '192.0.2.1', '"good"', JSON::PP::true ],
		([ 'SendMessage', 'arn:aws:iam::000000000000:role/shop', 'gateway', $key, '2001:db8::1', undef, JSON::PP::false ]) x 2
	],
	'through the gateway it is its clients')
  or diag(explain($lines));

my $log = PostgreSQL::Test::Utils::slurp_file($node->logfile);
my @secrets = grep { /audit: .*secret/ } split(/\n/, $log);
is_deeply(\@secrets, [], 'no line has a body, an attribute, a label or a handle');

# Connections that others can read.
change_setting($node, 'queue.audit', 'none');
change_setting($node, 'queue.require_secure_transport', 'on');
my $call = "SELECT sqs_send('orders', 'x'); SELECT sqs_create_queue('other'); SELECT count(*) FROM sqs_list_queues();"
  . "SELECT sqs_tag_queue('orders', '{\"a\": \"b\"}'); SELECT sqs_purge_queue('orders')";
is(() = logged('shop', $call, '127.0.0.1') =~ /ERROR:  the connection is not secure/g, 5, 'are refused for every call');
unlike(logged('shop', "SELECT sqs_send('orders', 'x')"), qr/not secure/, 'a socket on this machine is secure');
is( $node->safe_psql('postgres',
		perform('SendMessage', '{"QueueUrl": "orders", "MessageBody": "x"}', '1 192.0.2.1 x', '0 192.0.2.1 x')),
	"\nSQ021", 'of clients of the gateway each is judged by its own');
change_setting($node, 'queue.require_secure_transport', 'kms');
is( () = logged(
		'shop',
		"SELECT sqs_set_queue_attributes('orders', '{\"KmsMasterKeyId\": \"alias/some\"}'); SELECT sqs_list_queue_tags('orders');"
		  . "SELECT sqs_set_queue_attributes('orders', '{\"KmsMasterKeyId\": \"\"}'); SELECT sqs_create_queue('third')",
		'127.0.0.1') =~ /ERROR:  the connection is not secure/g,
	2, 'or for every call on queues with a named key only');
is( logged('shop', "SELECT sqs_set_queue_attributes('orders', '{\"KmsMasterKeyId\": \"\"}'); SELECT sqs_send('orders', 'x')")
	  =~ /ERROR/ ? 1 : 0,
	0, 'a socket on this machine is good for these, too');
change_setting($node, 'queue.require_secure_transport', 'off');
sound($node, 'postgres', 'at the end');
done_testing();
