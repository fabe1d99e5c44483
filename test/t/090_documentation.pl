# Promises: what README.md and doc/ show is true.  Every block of SQL in them
# runs, in order, in a database of its own for each file, and fails only where
# the page says so and as it says; outputs that a page vouches for are right;
# shell commands are run, or are targets of the Makefile; settings exist; links
# lead somewhere.  And the pages are complete: each function, view, column,
# setting, SQLSTATE, queue attribute and source file is described, and of the
# gateway and the worker each setting and metric.  A block of configuration is one
# that the program which the page is about finds nothing wrong with.
#
# Comments in a page say what is to be done with a block:
#
#	<!-- error: SQ001 -->	the block of SQL after it raises just this
#	<!-- output -->			the block of text after it is how the output of the
#							last block of SQL ends
#	<!-- sql ... -->		SQL that the examples need and readers do not

use strict;
use warnings;

use File::Basename;
use FindBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::RealBin/../..";
my @pages = ("$top/README.md", sort glob("$top/doc/*.md"));
my %programs = (
	'queue-gateway' => "$top/src/gateway/queue-gateway",
	'queue-worker' => "$top/src/worker/queue-worker");

# Where a program cannot be built, as make says, nothing is said of it here.
my %has = map { $_ => -x $programs{$_} } keys %programs;

# The examples with access keys need a master key.
my $master_key = PostgreSQL::Test::Utils::tempdir() . '/master.key';
append_to_file($master_key, '0123456789abcdef' x 4);
chmod 0600, $master_key or die "could not change the mode of \"$master_key\": $!\n";

my $node = PostgreSQL::Test::Cluster->new('documentation');
$node->init;
$node->append_conf(
	'postgresql.conf', q{
shared_preload_libraries = 'queue'
max_prepared_transactions = 10
wal_level = logical
} . "queue.master_key_file = '$master_key'\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION queue');

# Takes a page apart.  A block has a kind, a line and a text; of SQL, also the
# error it has to raise; of text, whether it is to be compared.
sub read_page
{
	my ($file) = @_;
	my (@blocks, $block, $error, $compare);
	my $end;

	foreach my $line (split /\n/, slurp_file($file), -1)
	{
		my $number = ++$end;

		if ($block)
		{
			if ($line eq $block->{end})
			{
				push @blocks, $block;
				($block, $error, $compare) = ();
			}
			else
			{
				$block->{text} .= "$line\n";
			}
		}
		elsif ($line =~ /^```(\w*)$/)
		{
			$block = {
				kind => $1,
				line => $number,
				text => '',
				end => '```',
				error => $error,
				compare => $compare
			};
		}
		elsif ($line eq '<!-- sql')
		{
			$block = { kind => 'sql', line => $number, text => '', end => '-->' };
		}
		elsif ($line =~ /^<!-- error: (\w{5}) -->$/)
		{
			$error = $1;
		}
		elsif ($line eq '<!-- output -->')
		{
			$compare = 1;
		}
		elsif ($line =~ /<!--/)
		{
			push @blocks, { kind => 'strange comment', line => $number, text => '' };
		}
	}
	push @blocks, { kind => 'block without end', line => $block->{line}, text => '' }
	  if $block;
	return @blocks;
}

# Output as it is compared: without blanks at the ends of lines, and without
# empty lines around it.
sub tidy
{
	my ($text) = @_;

	$text =~ s/[ \t]+$//mg;
	$text =~ s/^\n+//;
	$text =~ s/\n*$/\n/;
	return $text;
}

# Runs all SQL of a page in one session, and notes with each block what came
# out and which errors were raised.
sub run_sql
{
	my ($database, @blocks) = @_;
	my $script = "\\set VERBOSITY sqlstate\n";
	my ($out, $err) = ('', '');

	foreach my $i (0 .. $#blocks)
	{
		$script .= "\\echo <<$i>>\n\\warn <<$i>>\n$blocks[$i]->{text};\n";
	}
	IPC::Run::run(
		[ 'psql', '-X', '-q', '-d', $node->connstr($database) ],
		'<', \$script, '>', \$out, '2>', \$err);
	$out =~ s/\A.*?(?=<<0>>)//s;
	$err =~ s/\A.*?(?=<<0>>)//s;
	my (undef, %out) = split /^<<(\d+)>>\n/m, $out, -1;
	my (undef, %err) = split /^<<(\d+)>>\n/m, $err, -1;
	foreach my $i (0 .. $#blocks)
	{
		$blocks[$i]->{out} = $out{$i};
		$blocks[$i]->{errors} =
		  join(' ', ($err{$i} // 'none ran') =~ /(?:ERROR|FATAL|none ran|psql: error):?\s*(\w*)/g);
	}
	return;
}

# Whether "make NAME" does something: it is in our Makefile, or of PGXS.
sub is_target
{
	my ($name) = @_;

	return $name =~ /^(?:all|install|uninstall|clean)$/
	  || slurp_file("$top/Makefile") =~ /^(?:\Q$name\E|[\w .-]*\s\Q$name\E):/m
	  || slurp_file("$top/Makefile") =~ /^SCRIPTED =.*\b\Q$name\E\b/m;
}

# Checks the lines of a shell block that call make; runs any other block.
sub check_shell
{
	my ($name, $database, $folder, $block) = @_;
	my @lines = split /\n/, $block->{text};

	if (!grep { !/^(?:sudo )?make\b/ } @lines)
	{
		foreach my $line (@lines)
		{
			my @words = split ' ', $line;
			my @targets = grep { !/^(?:sudo|make)$/ && !/=/ } @words;
			is(join(' ', grep { !is_target($_) } @targets), '', "$name: $line");
		}
		return;
	}

	my $output = '';
	foreach my $program (grep { !$has{$_} } sort keys %programs)
	{
		next unless grep { /\b$program / } @lines;
		note("$name: there is no $program here");
		return;
	}
	local %ENV = (
		%ENV,
		PATH => join(':', (map { dirname($_) } values %programs), $ENV{PATH}),
		PGHOST => $node->host,
		PGPORT => $node->port,
		PGDATABASE => $database);
	my $result = IPC::Run::run(
		[ 'bash', '-euc', "cd '$folder'; $block->{text}" ],
		'<', \undef, '>', \$output, '2>&1');
	ok($result, "$name: the commands run") or diag($output);
	return;
}

# Has a program check a configuration.  It is also left for the commands that
# follow, by the name that the page gives it.
sub check_configuration
{
	my ($name, $folder, $program, $block) = @_;
	my $output = '';

	unlink "$folder/$program.conf";
	append_to_file("$folder/$program.conf", $block->{text});
	return unless $has{$program};
	my $result = IPC::Run::run(
		[ 'bash', '-c', "cd '$folder' && '$programs{$program}' --check-config --config=$program.conf" ],
		'<', \undef, '>', \$output, '2>&1');
	ok($result, "$name: the configuration is right") or diag($output);
	return;
}

foreach my $page (@pages)
{
	my $name = basename($page);
	my $database = 'page_' . lc(basename($page, '.md')) =~ s/\W/_/gr;
	my @blocks = read_page($page);
	my @sql = grep { $_->{kind} eq 'sql' } @blocks;
	my $known = qr/^(?:sql|text|sh|ini|conf|bash|console|python|js|go|java|rust|yaml|hcl)$/;
	my $folder = PostgreSQL::Test::Utils::tempdir();

	is(join(', ', map { "line $_->{line}: $_->{kind}" } grep { $_->{kind} !~ $known } @blocks),
		'', "$name: every block is of a kind that is known");

	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database, 'CREATE EXTENSION queue')
	  unless grep { $_->{text} =~ /^CREATE EXTENSION queue/m } @sql;
	run_sql($database, @sql) if @sql;
	foreach my $block (@sql)
	{
		is($block->{errors}, $block->{error} // '', "$name, line $block->{line}: runs");
	}

	my $last;
	foreach my $block (@blocks)
	{
		my $where = "$name, line $block->{line}";

		if ($block->{kind} eq 'sql')
		{
			$last = $block;
		}
		elsif ($block->{kind} eq 'text' && $block->{compare})
		{
			my $wanted = tidy($block->{text});
			my $got = tidy($last->{out} // '');

			$got = substr($got, -length($wanted))
			  if length($block->{text}) > 0 && length($got) > length($wanted);
			is($got, $wanted, "$where: the output is as shown");
		}
		elsif ($block->{kind} eq 'sh')
		{
			check_shell($where, $database, $folder, $block);
		}
		elsif ($block->{kind} eq 'conf')
		{
			check_configuration($where, $folder, $name =~ /^(?:worker|scaling)\.md$/ ? 'queue-worker' : 'queue-gateway', $block);
		}
		elsif ($block->{kind} eq 'ini')
		{
			foreach my $setting ($block->{text} =~ /^#?\s*([\w.]+)\s*=/mg)
			{
				is( $node->safe_psql(
						'postgres', "SELECT count(*) FROM pg_settings WHERE name = '$setting'"),
					1,
					"$where: $setting is a setting");
			}
		}
	}
}

# A heading as GitHub makes an anchor of it.
sub anchor
{
	my ($heading) = @_;

	$heading = lc($heading);
	$heading =~ s/[^\w\- ]//g;
	$heading =~ s/ /-/g;
	return $heading;
}

foreach my $page (@pages, (map { "$top/src/${_}README.md" } '', 'client/', 'gateway/', 'worker/'), "$top/CHANGELOG.md",
	"$top/doc/examples/media/README.md")
{
	my $name = basename(dirname($page)) . '/' . basename($page);
	my $text = slurp_file($page);
	my @broken;

	$text =~ s/^```.*?^```$//msg;
	while ($text =~ /\]\(([^)\s]+)\)/g)
	{
		my ($file, $anchor) = split /#/, $1, 2;

		next if $file =~ /^https?:/;
		my $target = $file eq '' ? $page : dirname($page) . "/$file";
		my $found = -e $target;

		$found = grep { anchor($_) eq $anchor } slurp_file($target) =~ /^#+ (.*)$/mg
		  if $found && defined $anchor;
		push @broken, $1 unless $found;
	}
	is("@broken", '', "$name: links lead somewhere");
}

#
# Nothing is left out.
#
sub rows
{
	my ($query) = @_;
	return map { [ split /\|/, $_, -1 ] } split /\n/, $node->safe_psql('postgres', $query);
}

# The part of a page under a heading, up to the next of the same level.
sub section
{
	my ($page, $heading) = @_;
	my ($text) =
	  slurp_file("$top/doc/$page") =~ /^### \Q$heading\E\n(.*?)(?=^##|\z)/ms;

	return $text // '';
}

my %exists;
foreach my $row (
	rows(
		q{SELECT p.proname, coalesce(array_to_string(p.proargnames, ' '), '')
		  FROM pg_proc p JOIN pg_depend d
		    ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
		  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'queue'
		  WHERE p.proname LIKE 'sqs\_%' ORDER BY 1, 2}))
{
	my ($function, $arguments) = @$row;
	my $text = section('functions.md', $function);

	$exists{$function} = 1;
	is(join(' ', grep { $text !~ /\b\Q$_\E\b/ } split(' ', $arguments)),
		'', "functions.md describes $function($arguments)")
	  if $text ne '';
	isnt($text, '', "functions.md has a section $function");
}

foreach my $view (qw(sqs_accounts sqs_event_source_mappings sqs_queues sqs_metrics sqs_metric_sparklines sqs_alarms sqs_alarm_history sqs_message))
{
	my $text = section($view eq 'sqs_message' ? 'functions.md' : 'views.md', $view);
	my @columns = map { $_->[0] } rows(
		"SELECT attname FROM pg_attribute WHERE attrelid = '$view'::regclass AND attnum > 0");

	$exists{$view} = 1;
	is(join(' ', grep { $text !~ /^\| `\Q$_\E` /m } @columns),
		'', "the columns of $view are described");
	is(join(' ', grep { my $c = $_; !grep { $_ eq $c } @columns } $text =~ /^\| `(\w+)` /mg),
		'', "$view has the columns described");
}

foreach my $row (
	rows(
		q{SELECT name, boot_val, coalesce(min_val, ''), coalesce(max_val, '')
		  FROM pg_settings WHERE name LIKE 'queue.%' ORDER BY 1}))
{
	my ($setting, @values) = @$row;
	my $text = section('settings.md', $setting);
	my $default = $values[0] eq '' ? "''" : $values[0];

	is(join(' ', grep { $_ ne '' && $text !~ /`\Q$_\E`/ } @values),
		'', "settings.md tells default and range of $setting");
	like(slurp_file("$top/README.md"),
		qr/^\| `\Q$setting\E` \| `\Q$default\E`/m, "README.md tells the default of $setting");
}

my $errors = slurp_file("$top/doc/errors.md");
foreach my $entry (slurp_file("$top/src/errors.h") =~ /^\tX\((.*)\) ?\\?$/mg)
{
	my ($state, $shape, $code, $status) = $entry =~ /"(\w+)", "(\w+)", "([\w.]+)", (\d+)/;

	like($errors, qr/^\| `$state` \| `$shape` \| `\Q$code\E` \| $status \|/m,
		"errors.md describes $state");
}

my $attributes = slurp_file("$top/doc/attributes.md");
my @attributes = slurp_file("$top/src/attributes.c") =~ /^\t\{"(\w+)", ATTRIBUTE_/mg;
cmp_ok(scalar @attributes, '>', 20, 'the attributes of queues were found');
is(join(' ', grep { $attributes !~ /^\| `$_` /m } @attributes),
	'', 'attributes.md describes every attribute');

# What a page names and the extension does not have is in the list of what is
# not there yet.
my ($missing) = slurp_file("$top/doc/differences.md") =~ /^## Not implemented.*?\n(.*?)(?=^## )/ms;
foreach my $page (@pages)
{
	my %named = map { $_ => 1 } slurp_file($page) =~ /\b(sqs_\w+)/g;
	is( join(' ', grep { !$exists{$_} && $missing !~ /`$_`/ } sort keys %named),
		'', basename($page) . ': names only what there is');
}

# The maps of the source, layer by layer.
sub check_map
{
	my ($what, $folder) = @_;
	my $map = slurp_file("$top/$folder/README.md");
	my @files = map { basename($_) } glob("$top/$folder/*.[ch]");
	my ($layers) =
	  slurp_file("$top/test/layers.pl") =~ /^my \@${what}_layers = \((.*?)\);\n\n/ms;

	is(join(' ', grep { $map !~ /^\|.*`\Q$_\E`.*\|/m } @files),
		'', "$folder/README.md lists every file");
	is(join(' ', grep { !-e "$top/$folder/$_" } map { /`(\w+\.[ch])`/g } $map =~ /^(\|.*)$/mg),
		'', "$folder/README.md lists no other");
	while ($layers =~ /\[\s*(\w+) =>\s*qw\(([^)]*)\)/g)
	{
		my ($layer, @modules) = ($1, split ' ', $2);
		my ($text) = $map =~ /^### \u$layer\n(.*?)(?=^#|\z)/ms;

		is( join(' ', grep { ($text // '') !~ /`$_\.[ch]`/ } grep { -e "$top/$folder/$_.c" } @modules),
			'', "$folder/README.md has the files of layer $layer where they belong");
	}
	return;
}

check_map('module', 'src');
check_map('client', 'src/client');
check_map('gateway', 'src/gateway');
check_map('worker', 'src/worker');

# A program's settings are those of its help, in the table of its page and in the
# sample of a configuration file; its metrics are those of the source.
sub check_program
{
	my ($what, $program, $alone) = @_;
	my $page = slurp_file("$top/doc/$what.md");
	my $sample = slurp_file("$top/src/$what/$program.conf.sample");
	my $help = '';
	my %settings;

  SKIP:
	{
		skip "$program is not built here", 1 unless $has{$program};

		IPC::Run::run([ $programs{$program}, '--help' ], '>', \$help) or die "no help: $?";
		while ($help =~ /^  --([\w-]+)\S*\n\s+(.*)\n\s+\((?:(.*); )?default: (.*)\)$/mg)
		{
			my ($setting, $text, $range, $default) = ($1, $2, $3 // '', $4);

			$setting =~ tr/-/_/;
			$settings{$setting} = 1;
			my $shown = $default eq 'empty' ? $default : "`$default`";
			ok($page =~ /^\| `$setting` \| \Q$shown\E \| \Q$range\E ?\| \Q$text\E \|$/m,
				"$what.md describes $setting as the help does");
			my $value = $default eq 'empty' ? "''" : $default;
			ok($sample =~ /^#$setting = \Q$value\E\s+#/m, "the sample of $program has the default of $setting");
		}
		cmp_ok(scalar keys %settings, '>', 15, "the settings of $program were found");
		is( join(' ', grep { !$settings{$_} } ($page =~ /^\| `([a-z]\w+)` \| (?:empty|`)/mg, $sample =~ /^#(\w+) = /mg)),
			'', "$what.md and the sample have no other setting");

		# uncommented, it is what the program does without it, with what it needs
		my $folder = PostgreSQL::Test::Utils::tempdir();
		check_configuration("the sample of a configuration file of $program", $folder, $program,
			{ text => ($sample =~ s/^#(\w+ = )/$1/mgr) . $alone });
	}

	my @metrics = map { /"((?:queue|queue_$what)_\w+)"/g } slurp_file("$top/src/$what/metrics.c");
	cmp_ok(scalar @metrics, '>', 20, "the metrics of $program were found");
	is(join(' ', grep { my $m = $_; $m ne 'queue_name' && $page !~ /^\| `$m` \| /m } @metrics),
		'', "$what.md describes every metric");
	is( join(' ', grep { my $m = $_; !grep { $_ eq $m } @metrics } $page =~ /^\| `(queue_\w+)` \| /mg),
		'', "$what.md describes no other");
	return;
}

check_program('gateway', 'queue-gateway', '');
check_program('worker', 'queue-worker', "queue = jobs\ncommand = cat\n");

$node->stop;
done_testing();
