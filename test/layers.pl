#!/usr/bin/perl

# Checks the shape of src/ and of the folders in it: every file is in a table
# below, includes run downwards only, each header belongs to a source file, tables
# and indexes are opened only where they may be, what a program is not linked with
# is not used in it, and no file is longer than it should be.
#
# Usage: layers.pl module|client|gateway|worker DIRECTORY

use strict;
use warnings;

# From the bottom up. A file may include the headers of its own layer and of
# those below it; in the layer "calls" no file includes another's header.
my @module_layers = (
	[ foundation => qw(queue compat errors report settings names characters document
		  redrivepolicy payload identity digest secret program iamrequest iamjson iammatch iamvalue iamcondition iampolicy stop alarmstate timelimit piece) ],
	[ state => qw(catalog deleted movetask accesskey database sequence tagset segment store storetable group
		  census records rows message receipt crypto shared xid account rolehold rolepolicy
		  tablecache tablerows keyring masterkey body kmskey keywrap datakey eventsource eventstate
		  holder vitals tally metric statistic owner alarm) ],
	[ glue => qw(xact wake counters histogram schedule fair unsampled) ],
	[ rules => qw(authorize audit access contextkeys requestcontext impersonate attributes policy dedup deadletter transfer enqueue dequeue take fifo
		  attempt eventcheck finding queuehealth) ],
	[
		calls =>
		  qw(queues tags permission purge send receive visibility delete peek wait watch accounts
		  redrive metrics trigger check accesskeys rolepolicies simulate keys eventsources health statistics alarms)
	],
	[
		door =>
		  qw(action action_json action_each action_batch action_queue action_move action_send
		  action_receive action_receipt perform)
	],
	[ processes => qw(worker retention rotation mover eventcoordinator eventworker eventbatch sampler alarmer) ],
	[ entry => qw(entry) ]);

# What the programs share, which are clients of the database.
my @client_layers = (
	[ tools => qw(address buffer utf8) ],
	[ services => qw(log setting options loop listen signals pgconn) ]);

# The same for the gateway. What reads bytes from outside is near the bottom: it
# knows neither settings nor the log, neither clients nor the database.
my @gateway_layers = (
	[ base => qw(errors request shape) ],
	[
		protocols => qw(actions call awsjson awsquery awsxml form sigv4 canonical
		  sha256)
	],
	[ services => qw(config tls pgpool keys) ],
	[ traffic => qw(batch watch waits http) ],
	[ requests => qw(metrics serve) ],
	[ program => qw(main) ]);

# And for the worker.
my @worker_layers = (
	[ base => qw(config count message answer lines retry session) ],
	[ services => qw(child http) ],
	[ traffic => qw(intake stock settle) ],
	[ work => qw(handlers scale) ],
	[ program => qw(main metrics) ]);

# What only some files may call, and which. The heap_ functions named as
# harmless build and take apart tuples in memory; every function that returns
# a row needs them, and they reach no table.
my %harmless = map { $_ => 1 } qw(heap_form_tuple heap_modify_tuple
  heap_modify_tuple_by_cols heap_copytuple heap_freetuple heap_getattr
  heap_deform_tuple heap_attisnull heap_copy_tuple_as_datum);
my @module_reserved = (
	[ qr/\b((?:table|index|heap|systable)_\w+)\s*\(/,
		qw(store group census records segment catalog tablerows deleted movetask accesskey account rolepolicy
		  database kmskey datakey
		  tagset eventsource compat) ],
	[ qr/\b(Register(?:Sub)?XactCallback)\s*\(/, qw(xact) ]);

# Each library of the programs has its place.
my @client_reserved = (
	[
		qr/\b(PQ(?:connect|reset|finish|socket|send|exec|consume|flush|isBusy|getResult
			|pipeline|enter|exit|getCancel)\w*)\s*\(/x,
		qw(pgconn)
	],
	[ qr/\b(epoll_\w+)\s*\(/, qw(loop) ]);
my @gateway_reserved = (
	@client_reserved,
	[ qr/\b(MHD_\w+)\s*\(/, qw(http) ],
	[ qr/\b(gnutls_\w+)\s*\(/, qw(tls) ]);
my @worker_reserved = (
	@client_reserved,
	[ qr/\b(MHD_\w+)\s*\(/, qw(http) ],
	[ qr/\b(fork|exec\w*|waitpid|kill)\s*\(/, qw(child) ],
	[ qr/\b(json_load\w*)\s*\(/, qw(answer message) ]);

my $longest = 800;

my ($what, $dir) = @ARGV;
my %tables = (
	module => [ \@module_layers, \@module_reserved ],
	client => [ \@client_layers, \@client_reserved ],
	gateway => [ \@gateway_layers, \@gateway_reserved ],
	worker => [ \@worker_layers, \@worker_reserved ]);
die "usage: layers.pl module|client|gateway|worker DIRECTORY\n"
  unless @ARGV == 2 && $tables{$what};
my @layers = @{ $tables{$what}->[0] };
my @reserved = @{ $tables{$what}->[1] };
my %shared = map { $_ => 1 } map { @$_[ 1 .. $#$_ ] } @client_layers;

my (%layer, %rank, @problems);
foreach my $i (0 .. $#layers)
{
	my ($name, @members) = @{ $layers[$i] };
	foreach my $member (@members)
	{
		$layer{$member} = $name;
		$rank{$member} = $i;
	}
}

opendir(my $handle, $dir) or die "could not open directory \"$dir\": $!\n";
my @files = sort grep { /\.[ch]$/ } readdir($handle);
closedir($handle);
die "no source file in \"$dir\"\n" unless @files;

foreach my $file (@files)
{
	my ($module, $suffix) = $file =~ /^(.*)\.([ch])$/;

	unless (defined $layer{$module})
	{
		push @problems, "$file: not in the table of layers";
		next;
	}

	# The lowest layer has headers of names and numbers, without code.
	push @problems, "$file: there is no $module.c"
	  if $suffix eq 'h'
	  && !-e "$dir/$module.c"
	  && $rank{$module} > 0
	  && $module ne 'storetable';

	open(my $in, '<', "$dir/$file") or die "could not open \"$file\": $!\n";
	my $text = do { local $/; <$in> };
	close($in);

	my $lines = ($text =~ tr/\n//);
	push @problems, "$file: $lines lines, more than $longest"
	  if $lines > $longest;

	# Comments and strings do not count, their line ends do.
	$text =~ s{(/\*.*?\*/)|("(?:\\.|[^"\\\n])*")}
		{ if (defined $1) { (my $c = $1) =~ s/[^\n]//g; $c } else { $2 } }gsex;
	my $number = 0;
	foreach my $line (split /\n/, $text)
	{
		$number++;
		if ($line =~ /^\s*#\s*include\s+"([^"]+)"/)
		{
			check_include("$file:$number", $module, $1);
			next;
		}
		$line =~ s/"(?:\\.|[^"\\])*"/""/g;
		foreach my $rule (@reserved)
		{
			my ($pattern, @owners) = @$rule;
			next if grep { $_ eq $module } @owners;
			while ($line =~ /$pattern/g)
			{
				push @problems,
				  "$file:$number: only "
				  . join(' and ', map { "$_.c" } @owners)
				  . " may call $1()"
				  unless $harmless{$1};
			}
		}
	}
}

# In the module a header that is not ours is PostgreSQL's, and anybody's. The
# gateway shares one with the module; programs have none of PostgreSQL's in quotes.
sub check_include
{
	my ($where, $module, $header) = @_;
	my ($other) = $header =~ /^([^\/]+)\.h$/;

	push @problems, "$where: $header is not for the $what"
	  if $what ne 'module'
	  && !($what eq 'gateway' && $header eq '../errors.h')
	  && !(defined $other && (defined $layer{$other} || $shared{$other}));
	return unless defined $other && defined $layer{$other};
	return if $other eq $module || !-e "$dir/$header";
	if ($rank{$other} > $rank{$module})
	{
		push @problems,
		  "$where: $layer{$module} includes $header of $layer{$other}, which is above it";
	}
	elsif ($layer{$module} eq 'calls' && $layer{$other} eq 'calls')
	{
		push @problems, "$where: one file of calls includes another's $header";
	}
	return;
}

print "$_\n" foreach @problems;
exit(@problems ? 1 : 0);
