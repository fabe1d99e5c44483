#!/bin/bash
# Measures the extension: against plain statements on a like table, which is
# the limit of any queue in a table, against the textbook queue in PL/pgSQL,
# and against other queues by their own packages. Writes figures, a report and
# plots. ../doc/benchmarks.md says what each part measures.
#
#   QUICK=1              under five minutes, with less of everything
#   PARTS=calls,pinned   only these parts; the results of others are kept
#   RESULTS=FOLDER       where the results go (doc/benchmarks)
#   ROUNDS, SECONDS_     rounds of a comparison, seconds of a measurement
#   CLIENTS              sessions at a time, where a part does not say otherwise
#   PINNED               seconds with a pinned horizon
#   BACKLOG, QUEUES      messages in the big queue; queues in the part of that name
#   SAMPLES              wake-ups that are measured
#   BEFORE=REVISION      an earlier revision, to compare with in the part "fair"
#   PG_MAJOR=15          the release of PostgreSQL, as Debian packs it
#   PG_CONFIG=...        another PostgreSQL than Debian's
#   TMPDIR=/var/tmp      where the servers have their files: which disk is measured
#   KEEP=1               keep the folder of the run
#
# Root may run it: packages that are missing are installed, and the servers
# belong to an unprivileged user. They listen on sockets in their own folders
# only, and are gone at the end.
set -euo pipefail
umask 022

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=test/lib.sh
. "$here/../test/lib.sh"

PG_MAJOR=${PG_MAJOR:-15}
results=$(realpath -m "${RESULTS:-$here/../doc/benchmarks}")

say()
{
	echo "bench: $*" >&2
}

# The quick mode has the programs only if they are named: see run.py.
wanted()
{
	if [ -z "${PARTS:-}" ]; then
		[[ $1 != gateway && $1 != worker ]] || [ "${QUICK:-0}" = 0 ]
	else
		[[ ,${PARTS// /,}, == *",$1,"* ]]
	fi
}

# Leaves nothing behind, and gives away what was finished.
# shellcheck disable=SC2317 # called by the trap
cleanup()
{
	local status=$?

	trap - EXIT
	trap '' INT TERM HUP
	if [ -n "$(jobs -p)" ]; then
		# shellcheck disable=SC2046 # one word a job is meant
		kill $(jobs -p) 2>/dev/null || true
		wait || true
	fi
	if [ -n "$(find "$work/results" -newer "$work/begun" -type f 2>/dev/null)" ]; then
		mkdir -p "$results"
		cp "$work"/results/* "$results/"
		say "results: $results"
	fi
	if [ -n "${KEEP:-}" ]; then
		say "kept: $work"
	else
		rm -rf "$work"
	fi
	exit "$status"
}

# Has a peer, or a stand-in, bring its packages. If it cannot, the file
# NAME.skip says why.
install_peer()
{
	local peer=$1 name status=0

	name=$(basename "$peer")
	mkdir -p "$work/peers/$name"
	timeout 600 "$peer" install "$work/peers/$name" >"$work/peers/$name.skip" \
		2>"$work/log/$name" </dev/null || status=$?
	if [ "$status" -eq 0 ]; then
		rm "$work/peers/$name.skip"
	elif [ "$status" -ne 3 ]; then
		tail -n 1 "$work/log/$name" >"$work/peers/$name.skip"
	fi
}

# Those of a folder, at the same time.
install_peers()
{
	local peer

	for peer in "$here/$1"/*; do
		if [ ! -f "$peer" ] || [ ! -x "$peer" ]; then continue; fi
		say "installing $(basename "$peer")"
		install_peer "$peer" &
	done
	wait
}

packages=(make gcc libc6-dev libssl-dev python3 python3-psycopg2 gnuplot-nox)
if wanted gateway || wanted worker; then
	packages+=("${gateway_packages[@]}")
fi
if [ -z "${PG_CONFIG:-}" ]; then
	packages+=("postgresql-$PG_MAJOR" "postgresql-server-dev-$PG_MAJOR")
fi
need_packages "${packages[@]}" || die 'cannot go on without them'
pg_config=${PG_CONFIG:-/usr/lib/postgresql/$PG_MAJOR/bin/pg_config}
pg_config=$(command -v "$pg_config") || die "there is no \"$pg_config\""

# A short path: a socket's may not exceed 107 bytes. And not /tmp, which may
# not be on a disk.
work=$(mktemp -d "${TMPDIR:-/var/tmp}/queue-bench.XXXXXX")
need_tester "$work"
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Nobody but root may enter the folder we were called from.
cd /
mkdir "$work/log" "$work/results" "$work/peers"
copy_tree "$here/.." "$work/src"
if [ -d "$results" ]; then
	find "$results" -maxdepth 1 -type f -exec cp -p {} "$work/results/" \;
fi
if wanted peers; then
	install_peers peers
fi
if wanted gateway; then
	install_peers standins
fi
# After the peers: some are extensions of the server.
theirs=$pg_config
if [ -n "${BEFORE:-}" ]; then
	mkdir "$work/src-before"
	git -C "$here/.." archive "$BEFORE" | tar -x -C "$work/src-before"
	copy_postgresql "$work/pg-before"
	before=$pg_config
	pg_config=$theirs
fi
copy_postgresql "$work/pg"
BENCH_COMMAND='make bench'
for name in QUICK PARTS ROUNDS SECONDS_ CLIENTS PINNED BACKLOG QUEUES SAMPLES BEFORE; do
	if [ -n "${!name:-}" ]; then BENCH_COMMAND+=" $name=${!name// /,}"; fi
done
BENCH_REVISION=$(git -C "$here" describe --always --dirty 2>/dev/null || true)
export BENCH_COMMAND BENCH_REVISION
touch "$work/begun"
if is_root; then
	chown -R "$QUEUE_TEST_USER:" "$work"
fi
bin=$(dirname "$pg_config")
[ -x "$bin/pgbench" ] || die "there is no pgbench beside $pg_config"

build()
{
	say "building $1"
	"${as_tester[@]}" make -C "$work/$1" -j"$(nproc)" PG_CONFIG="$2" install \
		>"$work/log/build" 2>&1 || {
		tail -n 20 "$work/log/build" >&2
		die 'the build failed'
	}
}

build src "$pg_config"
if wanted gateway; then
	say 'building the load'
	"${as_tester[@]}" make -C "$work/src/bench/client" >"$work/log/client" 2>&1 || {
		tail -n 20 "$work/log/client" >&2
		die 'the build of the load failed'
	}
fi
if [ -n "${BEFORE:-}" ]; then
	build src-before "$before"
	BENCH_BEFORE_BIN=$(dirname "$before")
	export BENCH_BEFORE_BIN
fi
status=0
run "${as_tester[@]}" env PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$work/src/bench/run.py" \
	"$work" "$bin" "$work/results" || status=$?
exit "$status"
