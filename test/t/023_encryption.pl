# Bodies are encrypted at rest: what was sent is not found in the data directory,
# the WAL or a dump. Ciphertext that was changed, or moved to another message, is
# refused and stays where it is, in nobody's way. Without its key a message waits,
# and with it it is received. Encrypted and plain messages live in one
# queue, and encrypted ones go to dead-letter queues and back.

use strict;
use warnings;

use File::Find;
use PostgreSQL::Test::Utils;
use QueueTest;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir();
my $file = "$dir/master.key";
my @keys = map { $_ x 32 } qw(a1 b2 c3);
my $node = queue_node('main', conf => "queue.master_key_file = '$file'\nqueue.recreate_delay = 0\n");

# Writes the master keys, the first of which encrypts.
sub write_keys
{
	my (@lines) = @_;

	unlink $file;
	append_to_file($file, join("\n", @lines));
	chmod 0600, $file or die "could not change the mode of \"$file\": $!\n";
	$node->reload;
	return;
}

# Passes if a statement raises this.
sub fails
{
	my ($statement, $pattern, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($status, $out, $err) =
	  $node->psql('postgres', "\\set VERBOSITY verbose\n$statement");

	return like($err, $pattern, $name);
}

# Passes if a statement gives this, and raises a warning.
sub warns
{
	my ($statement, $expected, $pattern, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($status, $out, $err) = $node->psql('postgres', $statement);

	is($out, $expected, $name);
	return like($err, $pattern, "$name: the warning");
}

# The table of a queue's messages.
sub table_of
{
	my ($queue) = @_;

	return $node->safe_psql('postgres',
		"SELECT format('queue.messages_%s_1', queue_id) FROM queue.queues WHERE queue_name = '$queue'");
}

# The files below a folder that have one of these texts in them.
sub files_with
{
	my ($folder, @texts) = @_;
	my $pattern = join '|', map { quotemeta } @texts;
	my @found;

	find(
		{
			no_chdir => 1,
			wanted => sub {
				push @found, $_ if -f $_ && slurp_file($_) =~ /$pattern/;
			}
		},
		$folder);
	return @found;
}

write_keys($keys[0]);

#
# What is on disk
#
$node->safe_psql(
	'postgres', q{
	SELECT sqs_create_queue('q');
	SELECT sqs_create_queue('plain', '{"SqsManagedSseEnabled": false}');
	SELECT sqs_create_queue('order.fifo', '{"FifoQueue": true, "ContentBasedDeduplication": true}')});
query_is($node, 'postgres',
	q{SELECT sqs_get_queue_attributes('q', '{SqsManagedSseEnabled}') ->> 'SqsManagedSseEnabled'},
	'true', 'with a master key new queues are encrypted');

# The statements are not to be found in the log, which is not in the data
# directory; the text is made from two halves all the same.
my $send = q{SELECT sqs_send('%s', repeat('top' || 'secret%d', %d))};
foreach my $queue ('q', 'plain')
{
	$node->safe_psql('postgres', sprintf($send, $queue, 1, 1));
	$node->safe_psql('postgres', sprintf($send, $queue, 2, 20000));
	$node->safe_psql('postgres',
		"SELECT sqs_send_batch('$queue', ARRAY['top' || 'secret3', 'top' || 'secret4'])");
}
$node->safe_psql('postgres',
	q{SELECT sqs_send('order.fifo', 'top' || 'secret5', message_group_id => 'g')});
$node->safe_psql('postgres', 'CHECKPOINT');
my @files = files_with($node->data_dir, 'topsecret');
isnt(scalar(@files), 0, 'the search finds what is not encrypted');
$node->safe_psql('postgres', q{SELECT sqs_delete_queue('plain'); SELECT queue.sweep()});

my $dump = "$dir/dump.sql";
$node->command_ok([ 'pg_dump', '-f', $dump, '-d', $node->connstr('postgres') ], 'dump');
unlike(slurp_file($dump), qr/topsecret/, 'a dump has nothing of it');
unlike(slurp_file($dump), qr/$keys[0]/i, 'nor the key');

my $clean = queue_node('clean', conf => "queue.master_key_file = '$file'\n");
$clean->safe_psql('postgres', q{SELECT sqs_create_queue('q'); SELECT sqs_create_queue('order.fifo', '{"FifoQueue": true, "ContentBasedDeduplication": true}')});
$clean->safe_psql('postgres', sprintf($send, 'q', 1, 1));
$clean->safe_psql('postgres', sprintf($send, 'q', 2, 20000));
$clean->safe_psql('postgres',
	q{SELECT sqs_send_batch('q', ARRAY['top' || 'secret3', 'top' || 'secret4'])});
$clean->safe_psql('postgres',
	q{SELECT sqs_send('order.fifo', 'top' || 'secret5', message_group_id => 'g')});
$clean->safe_psql('postgres',
	q{SELECT count(*) FROM sqs_receive('q', 10, 0); SELECT count(*) FROM sqs_receive('order.fifo', 10, 0)});
$clean->safe_psql('postgres', 'CHECKPOINT');
is(join(' ', files_with($clean->data_dir, 'topsecret', $keys[0], pack('H*', $keys[0]))),
	'', 'data directory and WAL have neither bodies nor the key');
$clean->stop;

#
# Every way to a body
#
query_is($node, 'postgres',
	q{SELECT string_agg(length(body) || left(body, 10), ',' ORDER BY length(body), body) FROM sqs_peek('q')},
	'10topsecret1,10topsecret3,10topsecret4,200000topsecret2', 'a peek decrypts');
query_is($node, 'postgres',
	q{SELECT sqs_action('ReceiveMessage', '{"QueueUrl": "order.fifo", "ReceiveRequestAttemptId": "a"}') #>> '{Messages,0,Body}'},
	'topsecret5', 'so does an action');
query_is($node, 'postgres',
	q{SELECT body FROM sqs_receive('order.fifo', receive_request_attempt_id => 'a')},
	'topsecret5', 'and the repetition of a receive');
query_is($node, 'postgres',
	q{SELECT sqs_action('SendMessage', '{"QueueUrl": "q", "MessageBody": "hello"}') ->> 'MD5OfMessageBody' = md5('hello')},
	't', 'the digest is that of the body');
query_is($node, 'postgres',
	q{SELECT string_agg(left(body, 10), ',' ORDER BY body) FROM sqs_pop('q', 10)},
	'hello,topsecret1,topsecret2,topsecret3,topsecret4', 'a pop decrypts');
$node->safe_psql('postgres',
	q{CREATE TABLE t (a text); CREATE TRIGGER s AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION sqs_enqueue('q');
	  INSERT INTO t VALUES ('row')});
my $table = table_of('q');
query_is($node, 'postgres', "SELECT body IS NULL AND sealed_body IS NOT NULL FROM $table", 't',
	'what a trigger sends is encrypted');
query_is($node, 'postgres', q{SELECT body::jsonb #>> '{new,a}' FROM sqs_pop('q')}, 'row', 'and received');
query_is($node, 'postgres',
	qq{SELECT attstorage FROM pg_attribute WHERE attrelid = '$table'::regclass AND attname = 'sealed_body'},
	'e', 'ciphertext is not compressed in vain');

#
# Encrypted and plain messages in one queue
#
$node->safe_psql(
	'postgres', q{
	SELECT sqs_send('q', 'encrypted');
	SELECT sqs_set_queue_attributes('q', '{"SqsManagedSseEnabled": false}');
	SELECT sqs_send('q', 'plain');
	SELECT sqs_set_queue_attributes('q', '{"SqsManagedSseEnabled": true}');
	SELECT sqs_send('q', 'again')});
query_is($node, 'postgres', "SELECT string_agg(coalesce(body, '-'), ',' ORDER BY id) FROM $table",
	'-,plain,-', 'a message is encrypted as its queue was when it was sent');
query_is($node, 'postgres',
	q{SELECT string_agg(body, ',' ORDER BY body) FROM sqs_pop('q', 10)},
	'again,encrypted,plain', 'and all are received');

#
# Changed ciphertext
#
my $flip = q{UPDATE %s SET sealed_body = set_bit(sealed_body, 8 * %d, 1 - get_bit(sealed_body, 8 * %d)) WHERE id = (SELECT min(id) FROM %s)};
$node->safe_psql('postgres', q{SELECT sqs_set_queue_attributes('q', '{"VisibilityTimeout": 0}')});
foreach my $place (0, 1, 6, 14, 18, 30, 46)
{
	$node->safe_psql('postgres', q{SELECT sqs_send('q', 'body')});
	$node->safe_psql('postgres', sprintf($flip, $table, $place, $place, $table));
	my $name = "a bit of byte $place was changed: it is not received";

	# that it was changed is not known where the key seems to be another one
	if ($place == 1)
	{
		fails(q{SELECT * FROM sqs_receive('q')}, qr/ERROR:  55000: could not decrypt message/, $name);
	}
	else
	{
		warns(q{SELECT count(*) FROM sqs_receive('q')}, 0,
			qr/WARNING:  could not decrypt message "[0-9a-f-]{36}"\nDETAIL:  /, $name);
	}
	fails(q{SELECT * FROM sqs_pop('q')}, qr/ERROR:  (XX001|55000): could not decrypt message/, 'nor popped');
	warns(q{SELECT body IS NULL FROM sqs_peek('q')}, 't', qr/WARNING:  could not decrypt message/, 'nor shown');
	query_is($node, 'postgres', "SELECT count(*) FROM $table", 1, 'and it stays');
	$node->safe_psql('postgres', sprintf($flip, $table, $place, $place, $table));
	query_is($node, 'postgres', q{SELECT body FROM sqs_pop('q')}, 'body', 'changed back, it is received');
}

# In nobody's way, and on to the dead-letter queue
$node->safe_psql(
	'postgres', q{
	SELECT sqs_create_queue('dead');
	SELECT sqs_set_queue_attributes('q', jsonb_build_object('RedrivePolicy',
		jsonb_build_object('deadLetterTargetArn', 'arn:aws:sqs:us-east-1:000000000000:dead', 'maxReceiveCount', 2)::text));
	SELECT sqs_send('q', 'damaged'); SELECT sqs_send('q', 'sound')});
$node->safe_psql('postgres', sprintf($flip, $table, 50, 50, $table));
foreach my $round (1 .. 2)
{
	warns(q{SELECT body FROM sqs_receive('q', 10, 0)}, 'sound', qr/WARNING:  could not decrypt message/,
		"others are received, round $round");
}
$node->psql('postgres', q{SELECT sqs_send('q', 'other'); SELECT count(*) FROM sqs_receive('q', 10, 0)});
$node->safe_psql('postgres', q{SELECT count(*) FROM sqs_pop('q', 10); SELECT sqs_send('q', 'standing alone')});
$node->safe_psql('postgres', sprintf($flip, $table, 50, 50, $table));
$node->safe_psql('postgres', q{SELECT count(*) FROM sqs_receive('q')}) foreach 1 .. 3;
query_is($node, 'postgres', 'SELECT count(*) FROM ' . table_of('dead'), 3, 'damaged ones go to the dead-letter queue, with others or alone');
query_is($node, 'postgres', 'SELECT * FROM sqs_check()', '', 'all is sound');
$node->safe_psql('postgres', q{SELECT sqs_purge_queue('q'); SELECT sqs_purge_queue('dead'); SELECT queue.sweep()});

# Of another message
$node->safe_psql('postgres', q{SELECT sqs_send('q', 'one'); SELECT sqs_send('q', 'two')});
$node->safe_psql('postgres', "UPDATE $table AS a SET sealed_body = b.sealed_body FROM $table AS b WHERE a.id <> b.id");
fails(q{SELECT * FROM sqs_pop('q', 10)}, qr/ERROR:  XX001: could not decrypt message/,
	'what belongs to another message is refused');
$node->safe_psql('postgres', "UPDATE $table AS a SET sealed_body = b.sealed_body FROM $table AS b WHERE a.id <> b.id");
query_is($node, 'postgres', q{SELECT count(*) FROM sqs_pop('q', 10)}, 2, 'and is good where it belongs');

#
# To a dead-letter queue and back
#
$node->safe_psql('postgres', q{SELECT sqs_set_queue_attributes('dead', '{"SqsManagedSseEnabled": false}'); SELECT sqs_send('q', 'buried')});
$node->safe_psql('postgres', q{SELECT count(*) FROM sqs_receive('q')}) foreach 1 .. 3;
my $dead = table_of('dead');
query_is($node, 'postgres', "SELECT body IS NULL AND sealed_body IS NOT NULL FROM $dead", 't',
	'in a dead-letter queue that is not encrypted it stays encrypted');
query_is($node, 'postgres', q{SELECT body FROM sqs_receive('dead', 1, 0)}, 'buried', 'and is received there');
$node->safe_psql('postgres', q{SELECT sqs_start_message_move_task('arn:aws:sqs:us-east-1:000000000000:dead')});
$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM $table") or die 'no message was moved';
query_is($node, 'postgres', q{SELECT body FROM sqs_pop('q')}, 'buried', 'a move task brings it back');

#
# Other master keys
#
my $first = $node->safe_psql('postgres', q{SELECT sqs_send('q', 'by the first key')});
write_keys($keys[1], $keys[0]);
my $second = $node->safe_psql('postgres', q{SELECT sqs_send('q', 'by the second key')});
query_is($node, 'postgres', "SELECT count(DISTINCT substr(sealed_body, 2, 4)) FROM $table", 2,
	'a new key before the old one encrypts from now on');
query_is($node, 'postgres', q{SELECT string_agg(body, ',' ORDER BY sent_at) FROM sqs_peek('q')},
	'by the first key,by the second key', 'and both decrypt');
write_keys($keys[1]);
warns(q{SELECT body FROM sqs_receive('q', 10, 0)}, 'by the second key', qr/WARNING:  could not decrypt message "$first"/,
	'without the old key what is encrypted with the new one is received');
write_keys($keys[2]);
fails(q{SELECT * FROM sqs_receive('q', 10, 0)},
	qr/ERROR:  55000: could not decrypt message.*\nDETAIL:  The master key that it was encrypted with is not among those of the server/,
	'without both keys nothing is');
query_is($node, 'postgres', "SELECT count(*), max(receive_count) FROM $table", '2|1', 'and nothing is lost, or counted');
unlink $file;
$node->reload;
fails(q{SELECT * FROM sqs_receive('q', 10, 0)}, qr/ERROR:  55000: could not decrypt message/, 'without a file a receive fails');
$node->safe_psql('postgres', q{SELECT sqs_create_queue('mixed', '{"SqsManagedSseEnabled": "false"}')});
write_keys(@keys);
$node->safe_psql('postgres',
	q{SELECT sqs_set_queue_attributes('mixed', '{"SqsManagedSseEnabled": "true"}');
	  SELECT sqs_send('mixed', 'sealed');
	  SELECT sqs_set_queue_attributes('mixed', '{"SqsManagedSseEnabled": "false"}');
	  SELECT sqs_send('mixed', 'plain')});
unlink $file;
$node->reload;
warns(q{SELECT body FROM sqs_receive('mixed', 10, 0)}, 'plain', qr/WARNING:  could not decrypt message/,
	'but what is not encrypted is received');
fails(q{SELECT sqs_send('q', 'lost')}, qr/ERROR:  58P01: could not open master key file/, 'and so does a send');
write_keys(@keys);
is( join(',', sort map { $node->safe_psql('postgres', q{SELECT body FROM sqs_pop('q', 1, 20)}) } 1 .. 2),
	'by the first key,by the second key',
	'given back, the keys repair that, also for what a receive had passed over');

# A session that has the keys learns of others
my $session = queue_session($node);
$session->start(q{SELECT sqs_send('q', 'before')});
$session->finish;
write_keys($keys[0]);
$node->safe_psql('postgres', q{SELECT sqs_send('q', 'after')});
$session->start('SELECT pg_sleep(1.1)');
$session->finish;
$session->start(q{SELECT body FROM sqs_peek('q') WHERE body = 'after'});
is($session->finish, 'after', 'a session learns of another key');
write_keys(@keys);

# From a command
change_setting($node, 'queue.master_key_command', "cat $file");
fails(q{SELECT sqs_send('q', 'lost')}, qr/ERROR:  F0000: both queue.master_key_file and queue.master_key_command are set/,
	'keys come from one place');
change_setting($node, 'queue.master_key_file', '');
query_is($node, 'postgres', q{SELECT string_agg(body, ',' ORDER BY sent_at) FROM sqs_pop('q', 10)},
	'before,after', 'the output of a command is as good as a file');
foreach my $case ([ 'exit 3', qr/master key command failed with exit status 3/ ],
	[ 'echo nonsense', qr/master key command does not write a key/ ])
{
	change_setting($node, 'queue.master_key_command', $case->[0]);
	fails(q{SELECT sqs_send('q', 'lost')}, qr/ERROR:  F0000: $case->[1]/, "a command that fails: $case->[0]");
}
change_setting($node, 'queue.master_key_command', "cat $file");

#
# Restored elsewhere
#
$node->safe_psql('postgres', q{SELECT sqs_send('q', 'dumped'); SELECT sqs_send('order.fifo', 'dumped too', message_group_id => 'h')});
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, '-d', $node->connstr('postgres') ], 'dump again');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'pg_restore', '-d', $node->connstr('restored'), $dump ], 'restore');
query_is($node, 'restored', q{SELECT body FROM sqs_pop('q')}, 'dumped', 'a restored message is received');
query_is($node, 'restored', q{SELECT count(*) FROM sqs_pop('order.fifo', 10) WHERE body = 'dumped too'}, 1, 'from a FIFO queue too');
query_is($node, 'restored', 'SELECT * FROM sqs_check()', '', 'all is sound there');

#
# Keys of SSE-KMS: a file, and a command that stands for a key service
#
my $kms_file = "$dir/kms.key";
my $service = "$dir/service";
my @kms_keys = map { $_ x 32 } qw(d4 e5);

sub write_kms_keys
{
	my (@lines) = @_;

	unlink $kms_file;
	append_to_file($kms_file, join("\n", @lines) . "\n");
	chmod 0600, $kms_file or die "could not change the mode of \"$kms_file\": $!\n";
	return;
}

# As doc/encryption.md has it, with openssl in the place of Vault.
append_to_file($service, <<'SCRIPT');
#!/bin/sh
# wrap or unwrap, with the key in a file
here=$(dirname "$0")
[ -e "$here/service.key" ] || exit 66
[ ! -e "$here/busy" ] || exit 75
case $1 in
	wrap) openssl enc -aes-256-ctr -pbkdf2 -a -A -pass "file:$here/service.key" ;;
	unwrap) openssl enc -d -aes-256-ctr -pbkdf2 -a -A -pass "file:$here/service.key" ;;
esac
SCRIPT
chmod 0700, $service or die "could not change the mode of \"$service\": $!\n";
append_to_file("$dir/service.key", 'the key of the service');
write_kms_keys($kms_keys[0]);
$node->safe_psql(
	'postgres', qq{
	SELECT sqs_create_key('file', 'file', '{"path": "$kms_file"}');
	SELECT sqs_create_key('service', 'command', '{"wrap": "$service wrap", "unwrap": "$service unwrap"}');
	SELECT sqs_create_queue('file', '{"KmsMasterKeyId": "alias/file", "VisibilityTimeout": 0}');
	SELECT sqs_create_queue('service', '{"KmsMasterKeyId": "alias/service", "VisibilityTimeout": 0}')});
foreach my $queue ('file', 'service')
{
	$node->safe_psql('postgres', qq{SELECT sqs_send('$queue', 'kms' || 'secret'); SELECT sqs_send('$queue', repeat('kms' || 'secret', 20000))});
	query_is($node, 'postgres', qq{SELECT string_agg(length(body)::text, ',' ORDER BY length(body)) FROM sqs_receive('$queue', 10)},
		'9,180000', "key of a $queue: sent and received");
}
query_is($node, 'postgres', q{SELECT count(*), count(DISTINCT queue_id) FROM queue.data_keys}, '2|2',
	'sessions share the data key of a queue');
$node->safe_psql('postgres', 'CHECKPOINT');
is(join(' ', files_with($node->data_dir, 'kmssecret', $kms_keys[0], pack('H*', $kms_keys[0]))),
	'', 'data directory and WAL have neither bodies nor the key');

# A new key before the old one
write_kms_keys(@kms_keys[ 1, 0 ]);
$node->safe_psql('postgres', q{SELECT sqs_rotate_key('file'); SELECT sqs_send('file', 'after')});
query_is($node, 'postgres', q{SELECT count(DISTINCT substr(wrapped, 2, 4)) FROM queue.data_keys d JOIN queue.queues USING (queue_id) WHERE queue_name = 'file'},
	2, 'after a rotation the new key is in use');
query_is($node, 'postgres', q{SELECT count(*) FROM sqs_receive('file', 10)}, 3, 'and the old one still decrypts');

# Lost, and given back
unlink $kms_file;
rename "$dir/service.key", "$dir/lost.key";
fails(q{SELECT sqs_send('file', 'lost')}, qr/ERROR:  SQ033: .*\nDETAIL:  KmsInvalidState: /, 'a lost file: send');
fails(q{SELECT * FROM sqs_receive('file')}, qr/ERROR:  SQ033: .*\nDETAIL:  KmsInvalidState: /, 'a lost file: receive');
fails(q{SELECT sqs_send('service', 'lost')}, qr/ERROR:  SQ034: .*\nDETAIL:  KmsNotFound: /, 'a lost service: send');
fails(q{SELECT * FROM sqs_receive('service')}, qr/ERROR:  SQ034: .*\nDETAIL:  KmsNotFound: /, 'a lost service: receive');
append_to_file("$dir/busy", '');
rename "$dir/lost.key", "$dir/service.key";
fails(q{SELECT * FROM sqs_receive('service')}, qr/ERROR:  SQ036: .*\nDETAIL:  KmsThrottled: /, 'a service that is busy');
unlink "$dir/busy";
write_kms_keys($kms_keys[1]);
my $log = -s $node->logfile;
warns(q{SELECT body FROM sqs_receive('file', 10)}, 'after', qr/WARNING:  could not decrypt message.*\nDETAIL:  KmsInvalidState: /,
	'without the old key what the new one has encrypted is received');
like(slurp_file($node->logfile, $log), qr/LOG:  the provider of encryption key "alias\/file" failed: the file does not hold the key/,
	'what is wrong is in the log');
write_kms_keys(@kms_keys[ 1, 0 ]);
$node->safe_psql('postgres', q{SELECT count(*) FROM sqs_pop('file', 1, 20)}) foreach 1 .. 3;
query_is($node, 'postgres', q{SELECT count(*) FROM sqs_receive('service', 10)}, 2, 'given back: service');
$node->safe_psql('postgres', q{SELECT sqs_send_batch('file', ARRAY['a', 'b', 'c'])});
query_is($node, 'postgres', 'SELECT count(*) FROM ' . table_of('file'), 3, 'given back: file');

# A command that hangs can be cancelled, and is killed
my $hanging = "ls -l /proc/self/fd >$dir/fds; echo \$\$ >$dir/pid; tail -f /dev/null";
$node->safe_psql('postgres', qq{UPDATE queue.keys SET config = '{"wrap": "false", "unwrap": "$hanging"}' WHERE alias = 'alias/service'});

# Passes when the command that has left its number is gone.
sub is_gone
{
	my ($name) = @_;
	my $pid = slurp_file("$dir/pid");

	chomp $pid;
	becomes($node, 'postgres', "SELECT pg_stat_file('/proc/$pid', true) IS NULL", 't', $name);
	unlink "$dir/pid";
	return;
}

fails(q{SET statement_timeout = 500; SELECT * FROM sqs_receive('service')}, qr/ERROR:  57014: canceling statement due to statement timeout/,
	'a command that hangs is cancelled');
is_gone('and killed');
unlike(slurp_file("$dir/fds"), qr/socket:|\/(base|global|pg_wal)\//, 'it had none of the files of the server');
my $waiting = queue_session($node);
$waiting->start(q{SELECT * FROM sqs_receive('service')});
becomes($node, 'postgres', "SELECT length(pg_read_file('$dir/pid', 0, 20, true)) > 0", 't', 'a session waits for another');
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%FROM sqs_receive%' AND pid <> pg_backend_pid()});
is_gone('so is that of a session that is terminated');
$node->safe_psql('postgres', qq{UPDATE queue.keys SET config = '{"wrap": "$service wrap", "unwrap": "$service unwrap"}' WHERE alias = 'alias/service'});

# A damaged message, and one in a dead-letter queue whose key is another
my $kms_table = table_of('file');
$node->safe_psql('postgres', sprintf($flip, $kms_table, 30, 30, $kms_table));
warns(q{SELECT count(*) FROM sqs_receive('file', 10)}, 2, qr/WARNING:  could not decrypt message/, 'a damaged one is passed over');
$node->safe_psql('postgres', sprintf($flip, $kms_table, 30, 30, $kms_table));

# More messages without their key than one receive looks at
$node->safe_psql(
	'postgres', q{
	SELECT sqs_create_queue('many', '{"KmsMasterKeyId": "alias/file", "VisibilityTimeout": 0}');
	SELECT count(*) FROM sqs_send_batch('many', ARRAY(SELECT i::text FROM generate_series(1, 1100) AS i));
	SELECT sqs_set_queue_attributes('many', '{"SqsManagedSseEnabled": true}');
	SELECT sqs_send('many', 'good');
	SELECT sqs_set_key_state('file', 'Disabled')});
warns(q{SELECT body FROM sqs_receive('many')}, '', qr/WARNING:  could not decrypt message.*\nDETAIL:  KmsDisabled: /,
	'many messages without their key');
warns(q{SELECT body FROM sqs_receive('many')}, 'good', qr/WARNING:  could not decrypt message/, 'do not keep what is behind them');

# A move task passes over what it cannot decrypt
$node->safe_psql(
	'postgres', q{
	SELECT count(*) FROM sqs_send_batch('many', ARRAY(SELECT i::text FROM generate_series(1, 20) AS i));
	SELECT sqs_create_queue('moved');
	SELECT sqs_set_queue_attributes('file', jsonb_build_object('RedrivePolicy',
		jsonb_build_object('deadLetterTargetArn', 'arn:aws:sqs:us-east-1:000000000000:many', 'maxReceiveCount', 100)::text));
	SELECT sqs_start_message_move_task('arn:aws:sqs:us-east-1:000000000000:many', 'arn:aws:sqs:us-east-1:000000000000:moved')});
my $task = q{SELECT status || ' ' || coalesce(failure_reason, '-') || ' ' || approximate_number_of_messages_moved
	FROM sqs_list_message_move_tasks('arn:aws:sqs:us-east-1:000000000000:many')};
$node->poll_query_until('postgres', $task, 'FAILED KMS.DisabledException 21')
  or diag($node->safe_psql('postgres', $task));
query_is($node, 'postgres', $task, 'FAILED KMS.DisabledException 21', 'a move task passes over what it cannot decrypt, and says why');
query_is($node, 'postgres', q{SELECT count(*) FROM sqs_receive('moved', 100)}, 21, 'and moves the rest');
$node->safe_psql('postgres', q{SELECT sqs_set_key_state('file', 'Enabled');
	SELECT sqs_start_message_move_task('arn:aws:sqs:us-east-1:000000000000:many', 'arn:aws:sqs:us-east-1:000000000000:moved')});
$node->poll_query_until('postgres', $task, 'COMPLETED - 1100')
  or diag($node->safe_psql('postgres', $task));
query_is($node, 'postgres', $task, 'COMPLETED - 1100', 'with the key the next one moves all');

# Who may not decrypt keeps nothing from others
$node->safe_psql(
	'postgres', q{
	CREATE ROLE reader;
	SELECT sqs_put_role_policy('reader', 'all', '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}');
	SELECT count(*) FROM sqs_send_batch('many', ARRAY['p1', 'p2']);
	SELECT sqs_set_queue_attributes('many', '{"KmsMasterKeyId": "alias/file"}');
	SELECT count(*) FROM sqs_send_batch('many', ARRAY['k1', 'k2', 'k3'])});
warns(q{SET ROLE reader; SELECT string_agg(body, ',' ORDER BY body) FROM sqs_receive('many', 10)}, 'p1,p2',
	qr/WARNING:  could not decrypt message.*\nDETAIL:  KmsAccessDenied: /, 'without Decrypt a role receives what is plain');
query_is($node, 'postgres', q{SELECT string_agg(body, ',' ORDER BY body) FROM sqs_receive('many', 10)}, 'k1,k2,k3,p1,p2',
	'and others receive the rest at once');

# Nor do privileges on tables give what the functions refuse
$node->safe_psql('postgres', 'CREATE ROLE writer IN ROLE pg_write_all_data, pg_read_all_data');
foreach my $change (
	q{UPDATE queue.keys SET config = '{"wrap": "true", "unwrap": "true"}'},
	q{INSERT INTO queue.key_grants SELECT key_id, 'writer'::regrole, '{Decrypt}' FROM queue.keys},
	q{DELETE FROM queue.data_keys},
	q{UPDATE queue.access_keys SET role = 'writer'::regrole})
{
	fails("SET ROLE writer; $change", qr/ERROR:  42501: permission denied to change table/, "refused: $change");
}

# Bodies are not written to temporary files
$node->safe_psql(
	'postgres', q{
	SELECT sqs_create_queue('large', '{"MaximumMessageSize": 1048576, "VisibilityTimeout": 0}');
	SELECT sqs_send('large', repeat('x', 1048576)) FROM generate_series(1, 10)});
$log = -s $node->logfile;
query_is($node, 'postgres', qq{SET log_temp_files = 0; SELECT sum(length(body)) FROM $_}, 10 * 1048576, "ten of the largest: $_")
  foreach q{sqs_receive('large', 10)}, q{sqs_peek('large', 10)}, q{sqs_pop('large', 10)};
unlike(slurp_file($node->logfile, $log), qr/temporary file/, 'nothing is written to a temporary file');

# Restored elsewhere
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, '-d', $node->connstr('postgres') ], 'dump keys');
$node->safe_psql('postgres', 'CREATE DATABASE restored_keys');
$node->command_ok([ 'pg_restore', '-d', $node->connstr('restored_keys'), $dump ], 'restore keys');
query_is($node, 'restored_keys', qq{SELECT count(*) FROM sqs_receive('$_', 10)}, $_ eq 'file' ? 3 : 2, "restored: $_")
  foreach 'file', 'service';
query_is($node, 'restored_keys', q{SELECT string_agg(alias, ',' ORDER BY alias) FROM sqs_list_keys()}, 'alias/file,alias/service', 'keys are restored');

# Data keys that nothing can need any more are removed
$node->safe_psql('postgres', q{UPDATE queue.data_keys SET created_at = now() - interval '58 days' WHERE version = 2; SELECT queue.sweep()});
query_is($node, 'postgres', q{SELECT count(*) FROM queue.data_keys}, 2, 'old data keys are removed');
query_is($node, 'postgres', 'SELECT * FROM sqs_check()', '', 'all is sound');

unlike(slurp_file($node->logfile), qr/$keys[0]|$keys[1]|$keys[2]|$kms_keys[0]|$kms_keys[1]/i, 'no key is in the log');

done_testing();
