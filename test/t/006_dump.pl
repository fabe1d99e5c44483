# pg_dump and restore carry queues with their attributes and tags, and messages
# in whatever state, into another server. There they are received at once,
# receipt handles from the old server are good, and new messages come after
# the old ones. DROP EXTENSION does not throw messages away unasked.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $old = queue_node('old');
my $new = queue_node('new', start => 0);
my $dump = PostgreSQL::Test::Utils::tempdir();

$new->start;
$old->safe_psql(
	'postgres', <<'SQL');
CREATE ROLE sender;
GRANT USAGE, CREATE ON SCHEMA queue TO sender;
SELECT sqs_create_queue('q', '{"VisibilityTimeout": 600, "DelaySeconds": 0, "MessageRetentionPeriod": 86400}',
  '{"team": "accounts", "stage": ""}');
SELECT sqs_create_queue('dead');
SELECT sqs_set_queue_attributes('q', jsonb_build_object('RedrivePolicy', jsonb_build_object(
  'deadLetterTargetArn', sqs_get_queue_attributes('dead') ->> 'QueueArn', 'maxReceiveCount', 3)::text));
SELECT sqs_create_queue('fast', '{"Durability": "unlogged"}');
SELECT sqs_create_queue('purged');
SELECT sqs_send('purged', 'gone');
SELECT sqs_purge_queue('purged');
SELECT sqs_send('purged', 'kept');
SELECT sqs_create_queue('deleted');
SELECT sqs_send('deleted', 'gone');
SELECT sqs_delete_queue('deleted');
SET ROLE sender;
SELECT sqs_create_queue('theirs');
RESET ROLE;

SELECT sqs_send('q', 'with attributes', NULL,
  '{"Price": {"DataType": "Number", "StringValue": "17.5"}, "Raw": {"DataType": "Binary", "BinaryValue": "AAE="}}',
  'a-group', NULL, '{"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}}');
SELECT sqs_send('q', repeat('long ', 40000));
SELECT sqs_send('q', E'quoted '' \\ \n\t\u00e9');
SELECT sqs_send('q', 'in flight');
SELECT sqs_send('q', 'late', 900);
CREATE TABLE handles AS
SELECT body, receipt_handle, message_id, receive_count FROM sqs_receive('q', 10)
WHERE body = 'in flight' OR sqs_change_visibility('q', receipt_handle, 0) IS NULL;
SQL

# What must be the same in both servers
my $state = <<'SQL';
SELECT name, kind, visible, in_flight, delayed, retention, visibility_timeout, dead_letter_queue, created
FROM sqs_queues ORDER BY name;
SELECT sqs_get_queue_attributes('q') - 'LastModifiedTimestamp', sqs_list_queue_tags('q');
SELECT m.* FROM sqs_peek('q', 100) AS m ORDER BY message_id;
SELECT md5(string_agg(m::text, chr(10) ORDER BY id)) FROM queue.messages_1_1 AS m;
SELECT body FROM sqs_peek('purged');
SELECT queue_name, owner FROM queue.queues ORDER BY 1;
SQL
my $before = $old->safe_psql('postgres', $state);

isnt($before, '', 'there is something to compare');
sound($old, 'postgres', 'the old server', 'q', 'purged');
$new->safe_psql('postgres', 'CREATE ROLE sender');

foreach my $format ('plain', 'custom')
{
	my $db = "restored_$format";
	my $file = "$dump/$format";

	$new->safe_psql('postgres', "CREATE DATABASE $db");
	$old->command_ok([ 'pg_dump', '--format', $format, '--file', $file, 'postgres' ],
		"pg_dump writes the $format format");
	if ($format eq 'plain')
	{
		$new->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $db, '-f', $file ],
			'the plain format is restored');
	}
	else
	{
		$new->command_ok([ 'pg_restore', '--exit-on-error', '--jobs=2', '-d', $db, $file ],
			'the custom format is restored, in parallel');
	}

	query_is($new, $db, $state, $before, "$format: queues, tags and messages are the same");
	query_is($new, $db, <<'SQL', 't', "$format: a receipt handle from the old server is good");
SELECT sqs_delete('q', receipt_handle) FROM handles
SQL
	query_is($new, $db, <<'SQL', '3|long , quote, with ', "$format: messages are received at once");
SELECT count(*), string_agg(left(body, 5), ', ' ORDER BY left(body, 5) COLLATE "C") FROM sqs_receive('q', 10)
SQL
	my $last = $new->safe_psql($db, 'SELECT max(id) FROM queue.messages_1_1');
	$new->safe_psql($db, "SELECT sqs_send('q', 'new')");
	query_is($new, $db, "SELECT id > $last FROM queue.messages_1_1 WHERE body = 'new'", 't',
		"$format: new messages come after the old ones");
	query_is($new, $db, "SELECT body FROM sqs_pop('q', 10)", 'new', "$format: and are received");
	query_is($new, $db, "SELECT body FROM sqs_pop('purged', 10)", 'kept',
		"$format: what was purged stays purged");
	$new->safe_psql($db, "SELECT sqs_create_queue('another'); SELECT sqs_send('another', 'x')");
	query_is($new, $db, "SELECT count(DISTINCT queue_id) = count(*) FROM queue.queues", 't',
		"$format: a new queue has a number of its own");
	sound($new, $db, "$format: the new server", 'q', 'purged', 'another');
}

# Message tables are no members of the extension, but depend on it.
my ($status, $stdout, $stderr) = $new->psql('restored_plain', 'DROP EXTENSION queue');

like($stderr, qr/cannot drop extension queue because other objects depend on it/,
	'DROP EXTENSION is refused while there are queues');
query_is($new, 'restored_plain', 'SELECT count(*) > 0 FROM sqs_queues', 't', 'nothing is lost by it');
$new->safe_psql('restored_plain', 'DROP EXTENSION queue CASCADE');
query_is($new, 'restored_plain', <<'SQL', 0, 'DROP EXTENSION ... CASCADE leaves nothing');
SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE nspname = 'queue' OR relname LIKE 'sqs%'
SQL
$new->safe_psql('restored_plain',
	"CREATE EXTENSION queue; SELECT sqs_create_queue('q'); SELECT sqs_send('q', 'again')");
query_is($new, 'restored_plain', "SELECT body FROM sqs_pop('q')", 'again',
	'the extension can be created again');

$old->stop;
$new->stop;
log_is_clean($new, qr/DROP EXTENSION|cannot drop extension|terminating/, 'the new server met no other errors');
done_testing();
