# Promises: the media example in doc/examples/media does what its page says. Uploads
# to several fronts are transcoded by several queue-workers, of which one is killed
# in the middle of it: each clip is there at the end, as ffprobe sees it, what is no
# video is a dead letter, and the example leaves nothing behind.

use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Utils;
use QueueTest;
use QueueWorker;
use Test::More;

my $example = "$FindBin::RealBin/../../doc/examples/media/run.sh";
my $worker = "$FindBin::RealBin/../../src/worker/queue-worker";

plan skip_all => 'queue-worker is not built here' unless QueueWorker::is_built();
foreach my $program (qw(ffmpeg ffprobe curl pgrep setpriv dpkg-query))
{
	plan skip_all => "there is no $program here" if system("command -v $program >/dev/null");
}
plan skip_all => 'there is no psycopg2 for /usr/bin/python3 here'
  if system("/usr/bin/python3 -c 'import psycopg2' 2>/dev/null");

my $clips = 3;
my $node = queue_node('media', conf => "queue.recreate_delay = 0\n");
my $folder = PostgreSQL::Test::Utils::tempdir();
my ($out, $err) = ('', '');

local %ENV = (
	%ENV,
	MEDIA_DSN => $node->connstr('postgres'),
	MEDIA_CLIPS => $clips,
	MEDIA_SECONDS => 1,
	MEDIA_SIZE => '160x120',
	MEDIA_HEIGHT => 60,
	MEDIA_HANDLERS => 2,
	MEDIA_LIMIT => $PostgreSQL::Test::Utils::timeout_default,
	QUEUE_WORKER => $worker,
	TMPDIR => $folder);
delete $ENV{KEEP};
my $done = IPC::Run::run([ 'bash', $example ], '<', \undef, '>', \$out, '2>', \$err);

ok($done, 'the example runs') or diag("$out$err");
is(scalar(() = $out =~ /^media: \d\.\w+ is now h264, 80x60, aac, [01]\.\d+ s$/mg),
	$clips, 'each clip was transcoded');
like($out, qr/^media: killed worker \d, process \d+, while it had a clip transcoded$/m,
	'a worker was killed in the middle of it');
like($out, qr/^media: [1-9]\d* of them were begun again after the worker was killed$/m,
	'what it was doing was begun again');
like($out, qr/^media: the file that is no video is in the dead-letter queue$/m,
	'what cannot be transcoded is a dead letter');
unlike($out, qr/WRONG/, 'nothing is wrong');

query_is($node, 'postgres', 'SELECT count(*) FROM sqs_queues', '0', 'it leaves no queue');
query_is($node, 'postgres', "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'media%'", '0', 'no role');
query_is($node, 'postgres', "SELECT to_regclass('videos') IS NULL", 't', 'no table');
is(join(' ', glob("$folder/queue-media*")), '', 'and no folder');

log_is_clean($node, qr/terminating (?:connection|background worker)|connection to client lost|canceling statement|system is shutting down|starting up/,
	'the server has nothing to complain of but what it should');
$node->stop;
done_testing();
