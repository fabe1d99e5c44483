# A standby answers what only reads and refuses what writes. Promoted in the
# middle of the load it goes on where the primary was: every message whose
# sending it knows is processed exactly once when receive, result and delete
# share a transaction, and at least once otherwise.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use QueueLoad;
use QueueTest;
use Test::More;

my $primary = queue_node('primary',
	init => { allows_streaming => 1 },
	conf => "log_statement = none\nqueue.worker_interval = 500ms\n");
my $standby = PostgreSQL::Test::Cluster->new('standby');

$primary->backup('backup');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;

# --------------------------------------------------------------------------
# What a standby answers

$primary->safe_psql(
	'postgres', <<'SQL');
SELECT sqs_create_queue('q', '{"VisibilityTimeout": 600}', '{"team": "a"}');
SELECT sqs_send_batch('q', ARRAY['a', 'b', 'c']);
SELECT sqs_send('q', 'later', 600);
CREATE TABLE handles AS SELECT receipt_handle FROM sqs_receive('q');
SELECT sqs_create_queue('fast', '{"Durability": "unlogged"}');
SELECT sqs_send('fast', 'not replicated');
SQL
$primary->wait_for_catchup($standby);

query_is($standby, 'postgres', "SELECT string_agg(body, ',') FROM sqs_peek('q')",
	'b,c', 'sqs_peek works on a standby');
query_is($standby, 'postgres', <<'SQL', 'q|2|1|1', 'the view sqs_queues works on a standby');
SELECT name, visible, in_flight, delayed FROM sqs_queues WHERE name = 'q'
SQL
query_is($standby, 'postgres', <<'SQL', 'q|2|1|1', 'the view sqs_metrics works on a standby');
SELECT queue_name, approximate_number_of_messages_visible,
  approximate_number_of_messages_not_visible, approximate_number_of_messages_delayed
FROM sqs_metrics WHERE queue_name = 'q'
SQL
state_is($standby, 'postgres', 'q', '2|1|1', 'sqs_get_queue_attributes works on a standby');
query_is($standby, 'postgres', "SELECT sqs_list_queue_tags('q')", '{"team": "a"}',
	'sqs_list_queue_tags works on a standby');
query_is($standby, 'postgres', "SELECT regexp_replace(sqs_get_queue_url('q'), '.*/', '')", 'q',
	'sqs_get_queue_url works on a standby');
query_is($standby, 'postgres', 'SELECT count(*) FROM sqs_list_queues()', 2,
	'sqs_list_queues works on a standby');
query_is($standby, 'postgres', "SELECT visible FROM sqs_queues WHERE name = 'fast'", 0,
	'an unlogged queue is empty on a standby');

my $handle = '(SELECT receipt_handle FROM handles)';
my %refused = (
	sqs_send => "SELECT sqs_send('q', 'x')",
	'sqs_send of jsonb' => "SELECT sqs_send('q', '{}'::jsonb)",
	sqs_send_batch => "SELECT sqs_send_batch('q', ARRAY['x'])",
	'sqs_send_batch of jsonb' => "SELECT sqs_send_batch('q', ARRAY['{}'::jsonb])",
	sqs_receive => "SELECT sqs_receive('q')",
	'sqs_receive that waits' => "SELECT sqs_receive('q', 1, 30, 20)",
	sqs_pop => "SELECT sqs_pop('q')",
	sqs_delete => "SELECT sqs_delete('q', $handle)",
	sqs_delete_batch => "SELECT sqs_delete_batch('q', ARRAY[$handle])",
	sqs_change_visibility => "SELECT sqs_change_visibility('q', $handle, 0)",
	sqs_change_visibility_batch => "SELECT sqs_change_visibility_batch('q', ARRAY[$handle], 0)",
	sqs_create_queue => "SELECT sqs_create_queue('another')",
	sqs_delete_queue => "SELECT sqs_delete_queue('q')",
	sqs_set_queue_attributes => "SELECT sqs_set_queue_attributes('q', '{\"DelaySeconds\": 1}')",
	sqs_purge_queue => "SELECT sqs_purge_queue('q')",
	sqs_tag_queue => "SELECT sqs_tag_queue('q', '{\"a\": \"b\"}')",
	sqs_untag_queue => "SELECT sqs_untag_queue('q', ARRAY['team'])",
	'queue.sweep' => 'SELECT queue.sweep()');

foreach my $call (sort keys %refused)
{
	my ($status, $stdout, $stderr) = $standby->psql('postgres',
		"\\set VERBOSITY sqlstate\n$refused{$call}");

	is($stderr =~ s/.*ERROR: *//r, '25006', "$call is refused on a standby as read-only");
}
foreach my $call ("CALL sqs_wait('q', 20)", 'SELECT * FROM sqs_check()')
{
	my ($status, $stdout, $stderr) = $standby->psql('postgres', $call);

	like($stderr, qr/ERROR:  cannot execute sqs_\w+\(\) during recovery/,
		"no $call on a standby");
}

# --------------------------------------------------------------------------
# Promotion in the middle of the load

load_prepare($primary);
load_round($primary, 300, sub {
	load_flows($primary, 5000);
	$standby->promote;
	$primary->stop('immediate');
});
query_is($standby, 'postgres', 'SELECT count(*) > 1000 FROM sent', 't',
	'the load reached the standby');
query_is($standby, 'postgres', "SELECT string_agg(body, ',') FROM sqs_receive('q', 10)", 'b,c',
	'after the promotion messages are received at once');
query_is($standby, 'postgres', "SELECT sqs_delete('q', $handle)", 't',
	'after the promotion a receipt handle of the primary is good');
$standby->safe_psql('postgres', "SELECT sqs_send('fast', 'new')");
query_is($standby, 'postgres', "SELECT body FROM sqs_pop('fast', 10)", 'new',
	'after the promotion an unlogged queue is empty, and works');
sound($standby, 'postgres', 'after the promotion', 'exact', 'loose', 'q', 'fast');
load_round($standby, 4);
sound($standby, 'postgres', 'after more load', 'exact', 'loose', 'q', 'fast');
load_drain($standby);
load_verify($standby);
$standby->stop;
log_is_clean($standby,
	qr/$disturbances|cannot execute|could not (?:receive data|connect)|streaming|terminating walreceiver/,
	'the new primary met no other errors');
done_testing();
