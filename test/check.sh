#!/bin/bash
# Builds the extension and runs its tests in a private copy of PostgreSQL.
#
# On a bare Debian 12, as root, it first installs what is missing; the
# servers then run as an unprivileged user. The machine's own PostgreSQL is
# copied, never touched. Prints one line a test and ends with
# "N passed, N failed". A regression test, an isolation spec, a TAP file, a unit
# program, a fuzz target, a client of AWS and a static check each count as one;
# so does a build or a suite that breaks.
#
#   SUITES="regress isolation policy gateway worker aws tap stops static"
#                                            which suites to run
#   PG_CONFIG=/path/to/pg_config             another PostgreSQL than Debian's
#   REGRESS, ISOLATION, PROVE_TESTS, STOPS, GATEWAY, WORKER, AWS
#                                            only these tests of a suite
#   QUEUE_FUZZ_SECONDS=60                    how long each fuzz target runs
#   KEEP=1                                   keep the folder of the run
#
# "policy" is the fuzz target of access policies; "gateway" and "worker" are
# programs that test parts of these, without a server; "aws" are real clients of SQS against a gateway and a server. "stops" are isolation
# specs that need a build with stop points, where a session can be held in the
# middle of a call.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=test/lib.sh
. "$here/lib.sh"

SUITES=${SUITES:-regress isolation policy gateway worker aws tap stops static}
QUEUE_FUZZ_SECONDS=${QUEUE_FUZZ_SECONDS:-60}
PG_MAJOR=${PG_MAJOR:-15}

# Seconds that a suite, or one TAP file, may take before it counts as hung.
SUITE_LIMIT=${SUITE_LIMIT:-900}
TAP_LIMIT=${TAP_LIMIT:-600}

wanted()
{
	[[ " $SUITES " == *" $1 "* ]]
}

# Leaves nothing behind but, if something failed, the logs.
cleanup()
{
	local status=$? pidfile

	trap - EXIT INT TERM HUP
	if [ -n "$(jobs -p)" ]; then
		# shellcheck disable=SC2046 # one word a job is meant
		kill $(jobs -p) 2>/dev/null || true
		wait || true
	fi
	# Servers whose test was stopped before it could stop them.
	find "$work" -name postmaster.pid 2>/dev/null | while read -r pidfile; do
		kill -QUIT "$(head -n 1 "$pidfile")" 2>/dev/null || true
	done
	if [ -n "${KEEP:-}" ]; then
		echo "kept: $work" >&2
	elif [ "$status" -ne 0 ] && [ -n "$(ls -A "$work/log")" ]; then
		find "$work" -mindepth 1 -maxdepth 1 ! -name log -exec rm -rf {} +
		[ "$status" -eq 1 ] || echo "stopped; logs: $work/log" >&2
	else
		rm -rf "$work"
	fi
	exit "$status"
}

# build NAME [FLAG...]: compiles with these flags beside the usual ones, and
# installs. An earlier build goes: make does not notice other flags.
build()
{
	local name=$1 log=$work/log/build-$1.log version make
	shift
	version="PostgreSQL $("$pg_config" --version | cut -d ' ' -f 2)"
	make=("${as_tester[@]}" make -C "$work/src" PG_CONFIG="$pg_config")

	if run "${make[@]}" clean >"$log" 2>&1 &&
		run "${make[@]}" -j"$(nproc)" COPT="-Werror $*" all >>"$log" 2>&1 &&
		run "${make[@]}" install >>"$log" 2>&1; then
		result ok build "$version${*:+, $name}"
		return 0
	fi
	tail -n 60 "$log"
	result not build "$version${*:+, $name}"
	return 1
}

# regress_suite NAME VARIABLE OUTPUT [ASSIGNMENT...]: both drivers, which count
# alike. The variable names the tests; the assignments are for make.
regress_suite()
{
	local suite=$1 variable=$2 output=$3 off=(REGRESS= ISOLATION= TAP_TESTS= PROVE_TESTS=)
	local log=$work/log/$1.log names status=0 name seen
	shift 3

	names=$("${as_tester[@]}" make -s -C "$work/src" PG_CONFIG="$pg_config" "$@" \
		"list-${variable,,}")
	names=${!variable:-$names}
	if [ -z "${names// /}" ]; then
		result not "$suite" 'no test found'
		return
	fi

	off=("${off[@]/$variable=*/$variable=$names}")
	run "${as_tester[@]}" timeout -k 30 "$SUITE_LIMIT" \
		make -C "$work/src" PG_CONFIG="$pg_config" installcheck "${off[@]}" "$@" \
		EXTRA_REGRESS_OPTS="--temp-instance=$work/$suite $(temp_configs "$suite" | xargs)" \
		>"$log" 2>&1 || status=$?

	mkdir -p "$work/log/$suite"
	cp -a "$work/src/$output/results" "$work/src/$output/log" "$work/src/$output/regression.diffs" \
		"$work/log/$suite/" 2>/dev/null || true
	rm -rf "$work/src/$output/log" "$work/src/$output/results" "$work/src/$output/regression.diffs"

	# Until 15 "test NAME ... ok  12 ms", from 16 on "ok 1  - NAME  12 ms";
	# in a group the name stands first.
	seen=$(sed -nE \
		-e 's/^(test|    ) *([^ ]+) +\.\.\. (ok|FAILED).*$/\3 \2/p' \
		-e 's/^(ok|not ok) +[0-9]+ +[-+] +([^ ]+) .*$/\1 \2/p' "$log" |
		sed -E 's/^(FAILED|not ok) /not /')
	for name in $names; do
		case $(printf '%s\n' "$seen" | awk -v name="$name" '$2 == name { print $1; exit }') in
			ok) result ok "$suite" "$name" ;;
			not) result not "$suite" "$name" ;;
			*)
				result not "$suite" "$name" 'did not run'
				tail -n 10 "$log"
				;;
		esac
	done
	if [ "$(count_results not "$suite")" -ne 0 ]; then
		head -n 400 "$work/log/$suite/regression.diffs" 2>/dev/null || tail -n 40 "$log"
	elif [ "$status" -ne 0 ]; then
		tail -n 40 "$log"
		result not "$suite" "the run itself" "exit status $status"
	fi
	look_in_logs "$suite" "$work/log/$suite" "$broken|was terminated by signal"
}

# The configuration of a suite's server.
temp_configs()
{
	echo "--temp-config=$work/src/test/conf/queue.conf"
	if [ "$1" != regress ]; then
		echo "--temp-config=$work/src/test/conf/specs.conf"
	fi
}

# The specs that need stop points, and the build that has them. It takes the
# place of the other one, so this suite goes last.
stops_suite()
{
	# shellcheck disable=SC2034 # read by its name
	local ISOLATION=${STOPS:-}

	build 'with stop points' -DQUEUE_STOP_POINTS || return 0
	regress_suite stops ISOLATION output_iso ISOLATION_DIR=test/stops
}

# look_in_logs SUITE FOLDER PATTERN: a server that crashed and came back, or
# warned of a leak, may leave every test green.
broken='TRAP: |PANIC: |(refcount|reference) leak|still referenced|resource was not closed|problem in (alloc|slab|generation)|detected write past chunk'
look_in_logs()
{
	local found

	found=$(grep -rhE "$3" "$2" 2>/dev/null | head -n 5 || true)
	if [ -n "$found" ]; then
		printf '%s\n' "$found"
		result not "$1" "server log of $(basename "$2")" 'see above'
	fi
}

# Becomes one TAP file, in a folder of its own.
tap_file()
{
	local file=$1 name dir pgxs
	name=$(basename "$file" .pl)
	dir=$work/tap/$name
	pgxs=$(dirname "$("$pg_config" --pgxs)")/../..

	"${as_tester[@]}" mkdir -p "$dir/tmp_check/log"
	cd "$work/src"
	exec "${as_tester[@]}" env TESTDIR="$dir" TESTDATADIR="$dir/tmp_check" \
		TESTLOGDIR="$dir/tmp_check/log" PG_TEST_PORT_DIR="$work/ports" \
		PG_REGRESS="$pgxs/src/test/regress/pg_regress" PGPORT=65432 \
		PG_CONFIG="$pg_config" PATH="$(dirname "$pg_config"):$PATH" \
		timeout -k 30 "$TAP_LIMIT" \
		prove -I "$pgxs/src/test/perl" -I . -I test/t "$file" >"$work/log/tap/$name.log" 2>&1
}

# Says how a TAP file ended. A file that skipped itself has passed nothing.
tap_result()
{
	local name=$1 status=$2 log=$work/log/tap/$1.log tests

	mkdir -p "$work/log/tap/$name"
	cp -a "$work/tap/$name/tmp_check/log/." "$work/log/tap/$name/" 2>/dev/null || true
	tests=$(sed -nE 's/^Files=1, Tests=([0-9]+),.*/\1/p' "$log")
	if [ "$status" -eq 0 ] && grep -q ' skipped: ' "$log"; then
		result skip tap "$name" "$(sed -nE 's/.* skipped: (.*)/\1/p' "$log" | head -n 1)"
	elif [ "$status" -eq 0 ]; then
		result ok tap "$name" "${tests:-?} assertions"
	else
		result not tap "$name" "$([ "$status" -ne 124 ] || echo "hung, stopped after $TAP_LIMIT s")"
		tail -n 40 "$log"
	fi
	# A test may kill its server, but no server may fail by itself.
	look_in_logs tap "$work/log/tap/$name" "$broken"
}

# As many TAP files at a time as there are processors.
tap_suite()
{
	local files file name pid status
	local -A running=()

	files=$("${as_tester[@]}" make -s -C "$work/src" PG_CONFIG="$pg_config" list-tap)
	files=${PROVE_TESTS:-$files}
	if [ -z "${files// /}" ]; then
		result not tap 'no test found'
		return
	fi

	mkdir -p "$work/log/tap"
	for file in $files; do
		if [ ${#running[@]} -ge "$(nproc)" ]; then
			tap_wait
		fi
		tap_file "$file" &
		running[$!]=$(basename "$file" .pl)
	done
	while [ ${#running[@]} -gt 0 ]; do
		tap_wait
	done
}

tap_wait()
{
	status=0
	wait -n -p pid "${!running[@]}" || status=$?
	name=${running[$pid]}
	unset "running[$pid]"
	tap_result "$name" "$status"
	rm -rf "$work/tap/$name"
}

# program_suite SUITE WANTED: programs that test parts of the gateway, or of the
# worker, and fuzz targets, both built with sanitizers; as many at a time as there
# are processors. Only the wanted ones, if any are named.
program_suite()
{
	local suite=$1 wanted=$2 make=("${as_tester[@]}" make -C "$work/src/src/$1")
	local log=$work/log/build-$1.log kind name names pid status
	local -A running=()

	"${as_tester[@]}" mkdir -p "$work/log/$suite"
	for kind in unit fuzz; do
		if ! run "${make[@]}" -j"$(nproc)" COPT=-Werror "$kind-programs" >>"$log" 2>&1; then
			tail -n 40 "$log"
			result not "$suite" "build of $kind programs"
			continue
		fi
		names=$("${make[@]}" -s "list-$kind")
		if [ -z "${names// /}" ]; then
			result not "$suite" "no $kind program found"
		fi
		for name in $names; do
			if [ -n "$wanted" ] && [[ " $wanted " != *" $name "* ]]; then
				continue
			fi
			if [ ${#running[@]} -ge "$(nproc)" ]; then
				program_wait
			fi
			"program_$kind" "$suite" "$name" >"$work/log/$suite/$name.log" 2>&1 &
			running[$!]=$name
		done
	done
	while [ ${#running[@]} -gt 0 ]; do
		program_wait
	done
}

program_wait()
{
	local log name

	status=0
	wait -n -p pid "${!running[@]}" || status=$?
	name=${running[$pid]}
	unset "running[$pid]"
	log=$work/log/$suite/$name.log
	if [ "$status" -ne 0 ]; then
		result not "$suite" "$name" "$([ "$status" -ne 124 ] || echo "hung, stopped after $TAP_LIMIT s")"
		tail -n 40 "$log"
	elif [[ $name == fuzz_* ]]; then
		result ok "$suite" "$name" "$(sed -nE 's/^Done ([0-9]+ runs) .*/\1/p' "$log")"
	else
		result ok "$suite" "$name" "$(grep -c '^ok ' "$log") assertions"
	fi
}

# Becomes a unit program; it prints TAP, which prove judges.
program_unit()
{
	cd "$work/src"
	exec "${as_tester[@]}" env ASAN_OPTIONS=detect_stack_use_after_return=1 \
		timeout -k 30 "$TAP_LIMIT" \
		prove -v -e '' "src/$1/build/unit/$2"
}

program_fuzz()
{
	fuzz "$1" "src/$1/build/fuzz/$2" "test/$1/corpus/${2#fuzz_}"
}

# fuzz SUITE PROGRAM CORPUS: becomes a fuzz target. It begins with the inputs of
# the corpus; one that it does not survive is left among the logs.
fuzz()
{
	local name found
	name=$(basename "$2")
	found=$work/fuzz/$name

	"${as_tester[@]}" mkdir -p "$found"
	cd "$work/src"
	exec "${as_tester[@]}" timeout -k 30 "$((QUEUE_FUZZ_SECONDS + TAP_LIMIT))" \
		"$2" -max_total_time="$QUEUE_FUZZ_SECONDS" \
		-timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix="$work/log/$1/${name#fuzz_}-" "$found" "$3"
}

# The fuzz target of the module's own files.
policy_suite()
{
	local log=$work/log/policy/fuzz_policy.log status=0

	"${as_tester[@]}" mkdir -p "$work/log/policy"
	if ! run "${as_tester[@]}" make -C "$work/src/test/policy" PG_CONFIG="$pg_config" \
		COPT=-Werror all >"$log" 2>&1; then
		tail -n 40 "$log"
		result not policy 'build of fuzz_policy'
		return
	fi
	(fuzz policy test/policy/build/fuzz_policy test/policy/corpus) >"$log" 2>&1 || status=$?
	if [ "$status" -eq 0 ]; then
		result ok policy fuzz_policy "$(sed -nE 's/^Done ([0-9]+ runs) .*/\1/p' "$log")"
	else
		result not policy fuzz_policy
		tail -n 40 "$log"
	fi
}

# The clients of AWS bring a server and a gateway, from what is installed here.
aws_suite()
{
	local before after status=0

	before=$(suite_results aws)
	# shellcheck disable=SC2086 # one word a test is meant
	run env PG_CONFIG="$pg_config" QUEUE_LOG="$work/log/aws" \
		"$here/aws/run.sh" ${AWS:-} || status=$?
	after=$(suite_results aws)
	if [ "$after" -eq "$before" ]; then
		result not aws 'nothing was run' "exit status $status"
	fi
	look_in_logs aws "$work/log/aws" "$broken"
}

suite_results()
{
	awk -F '\t' -v suite="$1" '$2 == suite' "$QUEUE_RESULTS" | wc -l
}

# --------------------------------------------------------------------------

packages=(make gcc libc6-dev libssl-dev)
if [ -z "${PG_CONFIG:-}" ]; then
	packages+=("postgresql-$PG_MAJOR" "postgresql-server-dev-$PG_MAJOR")
fi
if wanted tap; then
	packages+=(perl libipc-run-perl)
fi
# The documentation says what the programs' help says.
if wanted gateway || wanted worker || wanted aws || wanted tap; then
	packages+=("${gateway_packages[@]}")
fi
if wanted policy; then
	packages+=(clang libclang-rt-dev)
fi
if wanted gateway || wanted worker; then
	packages+=(perl clang libclang-rt-dev)
fi
if wanted gateway; then
	packages+=(python3-botocore)
fi
need_packages "${packages[@]}" || die 'cannot go on without them'
# Tests that are skipped, or do less, where these cannot be had.
if wanted tap; then
	need_packages ffmpeg curl procps python3-psycopg2 ||
		echo 'without them the media example is not tested' >&2
	if QUEUE_PROMTOOL=$(need_promtool); then
		export QUEUE_PROMTOOL
	else
		echo 'without promtool the rules for Prometheus are tested by half' >&2
	fi
fi
pg_config=${PG_CONFIG:-/usr/lib/postgresql/$PG_MAJOR/bin/pg_config}
pg_config=$(command -v "$pg_config") || die "there is no \"$pg_config\""

# A short path: a socket's may not exceed 107 bytes.
work=$(mktemp -d "${TMPDIR:-/tmp}/queue-check.XXXXXX")
mkdir "$work/log" "$work/ports"
if [ "$QUEUE_NESTED" = no ]; then
	QUEUE_RESULTS=$work/results
	export QUEUE_RESULTS
fi
need_tester "$work"
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

: >>"$QUEUE_RESULTS"
copy_postgresql "$work/pg"
copy_tree "$here/.." "$work/src"
if is_root; then
	chown -R "$QUEUE_TEST_USER:" "$work"
fi

if build plain; then
	if wanted regress; then regress_suite regress REGRESS .; fi
	if wanted isolation; then regress_suite isolation ISOLATION output_iso; fi
	if wanted policy; then policy_suite; fi
	if wanted gateway; then program_suite gateway "${GATEWAY:-}"; fi
	if wanted worker; then program_suite worker "${WORKER:-}"; fi
	if wanted aws; then aws_suite; fi
	if wanted tap; then tap_suite; fi
	if wanted stops; then stops_suite; fi
fi
if wanted static; then
	run "$here/static.sh" || true
	[ "$(suite_results static)" -gt 0 ] ||
		result not static 'nothing was run'
fi

if [ "$(count_results not)" -ne 0 ]; then
	echo "logs: $work/log"
fi
summary
