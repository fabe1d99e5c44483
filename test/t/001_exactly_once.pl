# Every committed message is processed exactly once when receive, result and
# delete share a transaction, and at least once otherwise, under load from 16
# producers and 16 consumers, with transactions and savepoints rolled back,
# statements cancelled and backends terminated at random.
#
#   QUEUE_TEST_MESSAGES=n   send so many; the promise is tested with 200,000

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use QueueLoad;
use QueueTest;
use Test::More;

my $messages = load_messages(200_000);
my $node = queue_node('load', conf => "log_statement = none\nqueue.worker_interval = 500ms\n");
my $rounds = 0;

load_prepare($node);
while (load_sent($node) < $messages)
{
	load_round($node, 4, sub {
		query_is($node, 'postgres', 'SELECT * FROM sqs_check()', '',
			'under load: sqs_check finds nothing');
	});
	sound($node, 'postgres', 'after a round', 'exact', 'loose') or last;
	last if ++$rounds == 100;
}
cmp_ok(load_sent($node), '>=', $messages, 'all messages were sent');
load_drain($node);
load_verify($node);
$node->stop;
log_is_clean($node, $disturbances, 'the server met no other errors');
done_testing();
