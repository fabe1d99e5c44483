# Promises: what doc/monitoring has for Grafana, Prometheus and postgres_exporter
# names metrics that there are: a gateway and a worker that run tell each of them. The
# dashboard is JSON, and its expressions and the rules are right for Prometheus; each
# alert fires where it should, and only there. The exporter's query runs for a role
# that may do no more than look, and gives the metrics that the gateway gives.

use strict;
use warnings;

use FindBin;
use HTTP::Tiny;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use QueueTest;
use QueueWorker;
use Test::More;

my $top = "$FindBin::RealBin/../..";
my $gateway = "$top/src/gateway/queue-gateway";
my $promtool = $ENV{QUEUE_PROMTOOL} || 'promtool';

plan skip_all => 'queue-gateway is not built here' unless -x $gateway;
plan skip_all => 'queue-worker is not built here' unless QueueWorker::is_built();

my $dashboard = decode_json(slurp_file("$top/doc/monitoring/grafana.json"));
my $rules = slurp_file("$top/doc/monitoring/queue.rules.yml");
my $exporter = slurp_file("$top/doc/monitoring/postgres_exporter.yml");

# --------------------------------------------------------------------------
# What there is: a gateway that has answered, refused and waited, a worker, queues.

my $node = queue_node('monitoring');
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $log = PostgreSQL::Test::Utils::tempdir() . '/gateway.log';

$node->safe_psql('postgres', q{SELECT sqs_create_queue('jobs'), sqs_create_queue('jobs.fifo', '{"FifoQueue": true}')});
my $run = IPC::Run::start([ $gateway, '--listen', "127.0.0.1:$port", '--dsn', $node->connstr('postgres'),
	'--insecure-accept-any' ], '<', \undef, '>', '/dev/null', '2>', $log);
my $http = HTTP::Tiny->new(timeout => 30);

sub get
{
	my ($path) = @_;

	return $http->get("http://127.0.0.1:$port$path");
}

sub action
{
	my ($name, %request) = @_;

	return $http->post("http://127.0.0.1:$port/", { headers => { 'Content-Type' => 'application/x-amz-json-1.0',
		'X-Amz-Target' => "AmazonSQS.$name" }, content => encode_json(\%request) })->{status};
}

# The names of the series in an answer; of histograms with their ends.
sub names
{
	my ($text) = @_;

	return map { $_ => 1 } $text =~ /^(\w+)[{ ]/mg;
}

ok(QueueWorker::eventually(sub { get('/health')->{success} }), 'a gateway runs');
my $url = "http://127.0.0.1:$port/000000000000/jobs";
is(action('SendMessage', QueueUrl => $url, MessageBody => 'hello'), 200, 'it sends');
is(action('SendMessage', QueueUrl => "$url-not", MessageBody => 'hello'), 400, 'it refuses');
is(action('ReceiveMessage', QueueUrl => $url), 200, 'it receives');

my $worker = QueueWorker->start($node, 'jobs', ['true']);
ok($worker->metric_reaches('queue_worker_backlog', 0), 'a worker runs');

my $said = get('/metrics')->{content};
my %of_gateway = names($said);
my %of_worker = names($http->get($worker->{url})->{content});
my %there = (%of_gateway, %of_worker, up => 1);

like($said, qr/^queue_gateway_requests_total\{action="SendMessage",code="OK"\} 1$/m, 'requests are counted, by action and code');
like($said, qr/^queue_gateway_requests_total\{action="SendMessage",code="[\w.]*NonExistentQueue"\} 1$/m, 'those refused, too');
like($said, qr/^queue_gateway_request_duration_seconds_bucket\{action="SendMessage",le="\+Inf"\} 2$/m, 'and how long they took');
like($said, qr/^queue_messages_in_flight\{queue="jobs",account="000000000000"\} 1$/m, 'queues are shown');

# --------------------------------------------------------------------------
# Names

# Metrics that a text names; words in braces are labels.
sub named
{
	my ($text) = @_;
	my %found;

	$text =~ s/\{[^}]*\}//g;
	$found{$_} = 1 foreach $text =~ /\b(queue_\w+|up)\b/g;
	my @found = sort keys %found;
	return @found;
}

my @panels = grep { $_->{type} ne 'row' } @{ $dashboard->{panels} };
my @expressions;

foreach my $panel (@panels)
{
	my @targets = @{ $panel->{targets} };
	my @missing = grep { !$there{$_} } map { named($_->{expr}) } @targets;

	push @expressions, map { $_->{expr} } @targets;
	is("@missing", '', "panel \"$panel->{title}\" shows what there is");
	ok(@targets > 0 && !grep({ !named($_->{expr}) } @targets), 'and something');
}
cmp_ok(scalar @panels, '>', 30, 'there are panels');
foreach my $variable (@{ $dashboard->{templating}->{list} })
{
	is(join(' ', grep { !$there{$_} } named($variable->{definition} // '')), '',
		"variable \"$variable->{name}\" lists what there is");
}

# What each of them has beside names: places and numbers of their own.
my (%ids, %places);
foreach my $panel (@{ $dashboard->{panels} })
{
	my $at = $panel->{gridPos};

	$ids{ $panel->{id} }++;
	foreach my $x ($at->{x} .. $at->{x} + $at->{w} - 1)
	{
		$places{"$x,$_"}++ foreach $at->{y} .. $at->{y} + $at->{h} - 1;
	}
}
is(scalar(grep { $_ > 1 } values %ids, values %places), 0, 'no panel is where another is');
my %variables = map { $_->{name} => 1 } @{ $dashboard->{templating}->{list} };
is(join(' ', grep { !$variables{$_} && $_ ne '__rate_interval' } map { /\$\{?(\w+)/g } @expressions),
	'', 'expressions use variables that there are');

my @queue_metrics = grep { !/^queue_(?:gateway|worker)_/ } sort keys %of_gateway;
my %shown = map { $_ => 1 } map { named($_) } @expressions;
is(join(' ', grep { !$shown{$_} } @queue_metrics), '', 'the dashboard shows all that there is of a queue');
cmp_ok(scalar @queue_metrics, '>=', 12, 'which is a lot');
is(join(' ', grep { !$shown{$_} && !/_(?:bucket|sum|count)$/ } grep { /^queue_gateway_/ } sort keys %of_gateway),
	'', 'and of a gateway');

my @alerts = $rules =~ /^ +- alert: (\w+)$/mg;
my @parts = split /^ +- alert: /m, $rules;
shift @parts;
foreach my $part (@parts)
{
	my ($alert) = $part =~ /^(\w+)/;
	my ($expression) = $part =~ /^ +expr: (.*?)^ +for:/ms;

	is(join(' ', grep { !$there{$_} } named($expression)), '', "alert $alert looks at what there is");
}
cmp_ok(scalar @alerts, '>', 15, 'there are alerts');

# What codes and jobs the rules name
my %codes = map { $_ => 1 } map { split /\|/ } $rules =~ /code=~"([^"]*)"/g;
my $known = slurp_file("$top/src/errors.h") . slurp_file("$top/src/gateway/errors.h");
is(join(' ', grep { $known !~ /"\Q$_\E", \d{3}/ } sort keys %codes), '', 'codes are those of the gateway');

# --------------------------------------------------------------------------
# Prometheus

SKIP:
{
	my $output = '';

	skip 'there is no promtool here', 3
	  if !IPC::Run::run([ 'sh', '-c', 'command -v "$0"', $promtool ], '>', '/dev/null');

	ok( IPC::Run::run([ $promtool, 'check', 'rules', "$top/doc/monitoring/queue.rules.yml" ], '>', \$output, '2>&1'),
		'Prometheus takes the rules') or diag($output);

	# With what Grafana puts in the place of variables
	my $file = PostgreSQL::Test::Utils::tempdir() . '/dashboard.yml';
	append_to_file($file, "groups:\n  - name: dashboard\n    rules:\n" . join('', map {
		"      - record: n$_\n        expr: "
		  . encode_json([ $expressions[$_] =~ s/\$__rate_interval/5m/gr ]) =~ s/^\[(.*)\]$/$1\n/r
	} 0 .. $#expressions));
	ok(IPC::Run::run([ $promtool, 'check', 'rules', $file ], '>', \$output, '2>&1'), 'and what panels ask for')
	  or diag($output);

	ok(IPC::Run::run([ $promtool, 'test', 'rules', "$top/test/monitoring/rules.yml" ], '>', \$output, '2>&1'),
		'alerts fire where they should') or diag($output);
}
my $cases = slurp_file("$top/test/monitoring/rules.yml");
is(join(' ', grep { $cases !~ /^  - name: \Q$_\E$/m } @alerts), '', 'each alert is tested');
my $page = slurp_file("$top/doc/monitoring.md");
is(join(' ', grep { $page !~ /^\| `\Q$_\E` \|/m } @alerts), '', 'and described');
is(join(' ', grep { my $a = $_; !grep { $_ eq $a } @alerts } $page =~ /^\| `(Queue\w+)` \|/mg), '', 'and no other');

# The query for KEDA is in a page, as SQL that is run, and in its configuration
my $scaling = slurp_file("$top/doc/scaling.md");
my ($asked) = $scaling =~ /^ +query: "(.*)"$/m;
ok(defined $asked && index($scaling, "\n$asked;\n") >= 0, 'KEDA is given the query that is shown');

# --------------------------------------------------------------------------
# postgres_exporter: of its file, as much of YAML as it needs.

$node->safe_psql('postgres', <<'SQL');
CREATE ROLE monitor LOGIN;
SELECT sqs_put_role_policy('monitor', 'look', '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
  "Action": "sqs:GetQueueAttributes", "Resource": "*"}]}')
SQL

my $queries = 0;
while ($exporter =~ /^(\w+):\n  query: \|\n((?:    .*\n)+)  metrics:\n((?:    .*\n?)+)/mg)
{
	my ($space, $query, $metrics) = ($1, $2, $3);
	my %usage = $metrics =~ /^    - (\w+):\n        usage: "(\w+)"$/mg;
	my ($out, $err) = ('', '');
	my $ran = IPC::Run::run([ 'psql', '-X', '-A', '-F', ' ', '-v', 'ON_ERROR_STOP=1', '-P', 'footer=off', '-P', 'null=NULL',
		'-d', $node->connstr('postgres') . ' user=monitor', '-c', $query ], '>', \$out, '2>', \$err);
	my ($columns, @rows) = split /\n/, $out;

	$queries++;
	ok($ran, "query $space runs") or diag($err);
	is(join(' ', sort split(' ', $columns)), join(' ', sort keys %usage), 'its columns are the metrics and labels');
	is(scalar @rows, 2, 'a row for each queue');
	unlike($out, qr/NULL/, 'with all values');
	is_deeply([ sort map { "${space}_$_" } grep { $usage{$_} ne 'LABEL' } keys %usage ], \@queue_metrics,
		'they are the metrics of queues that the gateway has');
	is(join(' ', grep { $usage{$_} eq 'LABEL' } sort keys %usage), 'account queue', 'and so are the labels');
	is(join(' ', grep { my $type = lc $usage{$_}; $type ne 'label' && $said !~ /^# TYPE ${space}_$_ $type$/m } sort keys %usage),
		'', 'and the types');
}
is($queries, scalar(() = $exporter =~ /^\w+:$/mg), 'each query ran');

is($worker->stop, 0, 'the worker stops');
$run->signal('TERM');
$run->finish;
log_is_clean($node, qr/terminating (?:connection|background worker)|canceling statement|system is shutting down|does not exist/,
	'the server has nothing to complain of but what it should');
$node->stop;
done_testing();
