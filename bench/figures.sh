#!/bin/bash
# Measures the calls of a queue against the plain statements that they stand
# for: send against INSERT, receive against UPDATE ... RETURNING by key, delete
# against DELETE by key, one message and ten a call. The plain statements work
# on a table of the same columns, index and storage parameters, in the same
# server. pgbench runs all of them as prepared statements.
#
#   figures.sh           prints a table in Markdown, then each round as CSV
#   figures.sh FOLDER    puts them there, as figures.md and figures.csv
#
#   CLIENTS=8            sessions at a time
#   SECONDS_=5           seconds a measurement
#   ROUNDS=5             measurements of each kind
#   PG_MAJOR=15          the release of PostgreSQL, as Debian packs it
#   PG_CONFIG=...        another PostgreSQL than Debian's
#   TMPDIR=/var/tmp      where the server has its files: which disk is measured
#   KEEP=1               keep the folder of the run
#
# Queue and plain take turns, and who goes first changes with each round. The
# ratios are taken within a round, so that what the machine does beside affects
# both alike. Each pair begins with a new queue and a new table, filled as much
# as needed and vacuumed; each measurement begins after a checkpoint, and ends
# with a look at whether each call did what it should have.
#
# Root may run it: packages that are missing are installed, and the server
# belongs to an unprivileged user. It listens on a socket in its own folder
# only, and is gone at the end.
set -euo pipefail
umask 022

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=test/lib.sh
. "$here/../test/lib.sh"

CLIENTS=${CLIENTS:-8}
SECONDS_=${SECONDS_:-5}
ROUNDS=${ROUNDS:-5}
PG_MAJOR=${PG_MAJOR:-15}

# Bytes of a body, and calls of each client before the first round.
body_size=250
warm_up=200

for number in CLIENTS SECONDS_ ROUNDS; do
	[[ ${!number} =~ ^[1-9][0-9]{0,3}$ ]] || die "$number is not a number from 1 to 9999"
done
[ $# -le 1 ] || die 'usage: figures.sh [FOLDER]'
folder=${1:+$(realpath -m "$1")}
if [ -n "$folder" ]; then
	mkdir -p "$folder"
fi

say()
{
	echo "$*" >&2
}

# Leaves nothing behind.
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
	if [ -e "$work/data/postmaster.pid" ]; then
		"${as_tester[@]}" "$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1 || true
	fi
	if [ -n "${KEEP:-}" ]; then
		say "kept: $work"
	else
		rm -rf "$work"
	fi
	exit "$status"
}

# logged NAME COMMAND...: its output is worth seeing only if it fails.
logged()
{
	local log=$work/log/$1

	shift
	run "$@" >"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		die "failed: $*"
	}
}

sql()
{
	"${as_tester[@]}" "$bin/psql" -h "$work" -d postgres -XqAt -v ON_ERROR_STOP=1 "$@" </dev/null
}

start_server()
{
	logged build "${as_tester[@]}" make -C "$work/src" -j"$(nproc)" PG_CONFIG="$pg_config" install
	logged initdb "${as_tester[@]}" "$bin/initdb" -D "$work/data" --auth=peer --no-sync \
		--encoding=UTF8 --locale=C.UTF-8
	# All that differs from PostgreSQL's defaults: room for WAL, so that no
	# checkpoint comes in between, and memory for all the rows.
	"${as_tester[@]}" tee -a "$work/data/postgresql.conf" >/dev/null <<-CONF
		shared_preload_libraries = 'queue'
		listen_addresses = ''
		unix_socket_directories = '$work'
		unix_socket_permissions = 0700
		max_connections = $((CLIENTS + 20))
		shared_buffers = ${buffers}MB
		min_wal_size = 2GB
		max_wal_size = 32GB
		checkpoint_timeout = 1h
	CONF
	logged start "${as_tester[@]}" "$bin/pg_ctl" -D "$work/data" -l "$work/log/server" -w start
	sql -c 'CREATE EXTENSION queue' -c 'CREATE SEQUENCE plain_id CACHE 1000'
}

# What pgbench runs. A receive brings the message to the client, which deletes
# it by what it got; so does the UPDATE, of a row that no other client wants.
# Ten come as one row: pgbench could not keep more.
write_scripts()
{
	local values="clock_timestamp(), '-infinity', '-infinity', clock_timestamp(),
		0, 0, NULL, NULL, NULL, current_user::text, NULL, NULL, NULL, :body::text"
	local received="visible_at = clock_timestamp() + interval '30 s',
		first_received_at = clock_timestamp(), received_at = clock_timestamp(),
		receive_count = receive_count + 1, stamp = 17"

	values=${values//[$'\n\t']/ }
	received=${received//[$'\n\t']/ }
	mkdir "$work/scripts"
	cd "$work/scripts"

	cat >send-1.queue <<-SQL
		SELECT sqs_send(:queue, :body::text);
	SQL
	cat >send-1.plain <<-SQL
		INSERT INTO plain VALUES (nextval('plain_id'), $values);
	SQL
	cat >send-10.queue <<-SQL
		SELECT count(*) FROM sqs_send_batch(:queue, array_fill(:body::text, '{10}'));
	SQL
	cat >send-10.plain <<-SQL
		INSERT INTO plain SELECT nextval('plain_id'), $values FROM generate_series(1, 10);
	SQL

	cat >work-1.queue <<-SQL
		SELECT * FROM sqs_receive(:queue, 1) \\gset
		SELECT sqs_delete(:queue, :receipt_handle);
	SQL
	cat >work-1.plain <<-SQL
		\\set n :n + 1
		\\set key :client_id * :share + :n
		UPDATE plain SET $received WHERE id = :key RETURNING * \\gset
		DELETE FROM plain WHERE id = :id;
	SQL
	cat >work-10.queue <<-SQL
		SELECT array_agg(receipt_handle)::text AS handles, array_agg(body)::text AS bodies FROM sqs_receive(:queue, 10) \\gset
		SELECT sqs_delete_batch(:queue, :handles::text[]);
	SQL
	cat >work-10.plain <<-SQL
		\\set n :n + 10
		\\set high :client_id * :share + :n
		\\set low :high - 9
		WITH u AS (UPDATE plain SET $received WHERE id BETWEEN :low AND :high RETURNING *) SELECT array_agg(id)::text AS ids, array_agg(body)::text AS bodies FROM u \\gset
		DELETE FROM plain WHERE id = ANY (:ids::int8[]);
	SQL
	cd /
}

# Makes a new queue and a new table with as many rows for each client; the
# table is made to be like the one of the queue in everything.
prepare()
{
	local rows=$(($1 * CLIENTS)) options

	queue=bench_$((++queues))
	sql -c "SELECT sqs_create_queue('$queue')" >/dev/null
	messages=$(sql -c "SELECT format('queue.messages_%s_1', queue_id) FROM queue.queues
		WHERE queue_name = '$queue'")
	options=$(sql -c "SELECT string_agg(prefix || option, ', ')
		FROM (SELECT '' AS prefix, unnest(reloptions) AS option
				FROM pg_class WHERE oid = '$messages'::regclass
			UNION ALL SELECT 'toast.', unnest(t.reloptions)
				FROM pg_class AS c JOIN pg_class AS t ON t.oid = c.reltoastrelid
				WHERE c.oid = '$messages'::regclass) AS o")
	sql -c "CREATE TABLE plain (LIKE $messages INCLUDING ALL) ${options:+WITH ($options)}"
	if [ "$rows" -gt 0 ]; then
		sql -c "SELECT count(*) FROM generate_series(0, $rows - 1, 10000) AS sent,
				sqs_send_batch('$queue', array_fill('$body'::text,
					ARRAY[least(10000, $rows - sent)::int]))" >/dev/null
		# Byte for byte what the queue keeps, but for the keys.
		sql -c "INSERT INTO plain SELECT row_number() OVER (ORDER BY id), visible_at,
				first_received_at, received_at, sent_at, receive_count, stamp, group_id,
				deduplication_id, message_id, sender_id, trace_header, dead_letter_source,
				attributes, body FROM $messages ORDER BY id"
	fi
	sql -c "VACUUM ANALYZE $messages" -c 'VACUUM ANALYZE plain'
}

# Looks for damage, and drops both. The worker's part of it is done at once,
# not in the middle of the next measurement.
finish()
{
	local unsound

	unsound=$(sql -c "SELECT count(*) FROM sqs_check('$queue')")
	[ "$unsound" -eq 0 ] || die "sqs_check reports $unsound problems"
	sql -c "SELECT sqs_delete_queue('$queue')" -c 'SELECT queue.sweep()' -c 'DROP TABLE plain' >/dev/null
}

# measure SCRIPT LIMIT...: runs one script. Sets calls, the number of them a
# second, and latencies, the milliseconds of each statement. Makes sure that
# each call sent, or received and deleted, what it should have.
measure()
{
	local script=$1 size=${1%.*} table=plain log=$work/log/pgbench
	local before after transactions status=0
	size=${size#*-}
	shift

	if [ "${script#*.}" = queue ]; then table=$messages; fi
	before=$(sql -c "SELECT count(*) FROM $table")
	sql -c 'CHECKPOINT'
	run "${as_tester[@]}" "$bin/pgbench" -h "$work" -n -M prepared -r -c "$CLIENTS" -j "$threads" \
		-D queue="$queue" -D body="$body" -D share="$share" -D n=0 "$@" \
		-f "$work/scripts/$script" postgres >"$log" 2>"$log.err" || status=$?
	if [ "$status" -ne 0 ]; then
		head -n 5 "$log.err" >&2
		die "pgbench failed with $script; $(sql -c "SELECT count(*) FROM $table") rows were left of $before"
	fi
	after=$(sql -c "SELECT count(*) FROM $table")

	transactions=$(sed -nE 's/^number of transactions actually processed: ([0-9]+).*/\1/p' "$log")
	calls=$(sed -nE 's/^tps = ([0-9.]+) .*/\1/p' "$log")
	mapfile -t latencies < <(sed -nE \
		's/^ +([0-9.]+) +([0-9]+ +)?(SELECT|INSERT|UPDATE|DELETE|WITH) .*/\1/p' "$log")
	if [ "${script%%-*}" = send ]; then
		[ ${#latencies[@]} -eq 1 ] || die "not understood: $(cat "$log")"
		[ $((after - before)) -eq $((size * transactions)) ] ||
			die "$script: $transactions calls for $size, but $((after - before)) new rows"
	else
		[ ${#latencies[@]} -eq 2 ] || die "not understood: $(cat "$log")"
		[ $((before - after)) -eq $((size * transactions)) ] ||
			die "$script: $transactions calls for $size, but $((before - after)) rows less"
	fi
}

# pair ROUND KIND SIZE: measures both, and adds what was measured to the CSV.
# Round 0 warms up, and finds out how many rows a measurement needs.
pair()
{
	local round=$1 kind=$2 size=$3 name=$2-$3 order=(queue plain) side limit=(-T "$SECONDS_") i
	local -A rate=() ms=()
	local figures=("$kind")

	if [ "$kind" = work ]; then figures=(receive delete both); fi
	if [ $((round % 2)) -eq 0 ]; then order=(plain queue); fi
	share=0
	if [ "$round" -eq 0 ]; then
		limit=(-t "$warm_up")
	fi
	if [ "$kind" = work ]; then
		share=$((size * warm_up))
		if [ "$round" -gt 0 ]; then
			share=$((size * SECONDS_ * enough[$name]))
		fi
	fi

	prepare "$share"
	for side in "${order[@]}"; do
		measure "$name.$side" "${limit[@]}"
		rate[$side]=$calls
		for i in "${!latencies[@]}"; do
			ms[$side-${figures[$i]}]=${latencies[$i]}
		done
		if [ "$kind" = work ]; then
			ms[$side-both]=$(awk -v a="${latencies[0]}" -v b="${latencies[1]}" 'BEGIN { print a + b }')
		fi
		# Three times as many as the fastest so far would use up.
		enough[$name]=$(awk -v calls="$calls" -v clients="$CLIENTS" -v known="${enough[$name]:-100}" \
			'BEGIN { n = int(3 * calls / clients) + 1; print (n > known ? n : known) }')
	done
	finish

	if [ "$round" -gt 0 ]; then
		for side in "${figures[@]}"; do
			awk -v OFS=, -v round="$round" -v first="${order[0]}" -v call="$side" -v size="$size" \
				-v queue="${ms[queue-$side]}" -v plain="${ms[plain-$side]}" \
				-v queue_rate="${rate[queue]}" -v plain_rate="${rate[plain]}" 'BEGIN {
					if (call == "receive" || call == "delete")
						queue_rate = plain_rate = ""
					print round, first, call, size, queue, plain, queue_rate, plain_rate, \
						sprintf("%.3f", plain / queue)
				}' >>"$csv"
		done
	fi
}

# What a round brought, in one line.
progress()
{
	awk -F , -v round="$1" -v rounds="$ROUNDS" -v order="${order_of[$(($1 % 2))]}" \
		'$1 == round { line = line sprintf("  %s %d: %.2f", $3, $4, $9) }
		END { printf "round %d of %d, %s:%s\n", round, rounds, order, line }' "$csv" >&2
}

# The medians of the rounds.
table()
{
	echo '| call | messages | compared with | queue, ms | plain, ms | queue, calls/s | plain, calls/s | speed, plain = 1 | spread |'
	echo '|---|--:|---|--:|--:|--:|--:|--:|--:|'
	tail -n +2 "$csv" | awk -F , '
		function median(figure, column,    n, i, j, v, sorted) {
			n = count[figure]
			for (i = 1; i <= n; i++) {
				v = value[figure, column, i]
				for (j = i - 1; j > 0 && sorted[j] > v; j--)
					sorted[j + 1] = sorted[j]
				sorted[j + 1] = v
			}
			least = sorted[1]
			most = sorted[n]
			return n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
		}
		BEGIN {
			name["send"] = "send"; plain["send"] = "INSERT"
			name["receive"] = "receive"; plain["receive"] = "UPDATE … RETURNING by key"
			name["delete"] = "delete"; plain["delete"] = "DELETE by key"
			name["both"] = "receive, then delete"; plain["both"] = "UPDATE, then DELETE"
		}
		{
			figure = $3 "," $4
			if (!(figure in count))
				order[++figures] = figure
			n = ++count[figure]
			for (i = 5; i <= 9; i++)
				value[figure, i, n] = $i + 0
			rated[figure] = $7 != ""
		}
		END {
			for (f = 1; f <= figures; f++) {
				split(order[f], part, ",")
				printf "| %s | %d | %s | %.3f | %.3f |", name[part[1]], part[2], plain[part[1]],
					median(order[f], 5), median(order[f], 6)
				if (rated[order[f]])
					printf " %.0f | %.0f |", median(order[f], 7), median(order[f], 8)
				else
					printf " | |"
				ratio = median(order[f], 9)
				printf " %.2f | %.2f..%.2f |\n", ratio, least, most
			}
		}'
}

report()
{
	local flush revision

	# As WAL is: blocks that the file has already.
	"${as_tester[@]}" dd if=/dev/zero of="$work/data/flush" bs=8k count=200 conv=fsync 2>/dev/null
	flush=$("${as_tester[@]}" dd if=/dev/zero of="$work/data/flush" bs=8k count=200 \
		conv=notrunc oflag=dsync 2>&1 |
		sed -nE 's/.* copied, ([0-9.e-]+) s,.*/\1/p')
	revision=$(git -C "$here" describe --always --dirty 2>/dev/null || true)

	echo '# Figures'
	echo
	table
	cat <<-TEXT

		Rounds: $ROUNDS of $SECONDS_ s each; medians. Clients: $CLIENTS. Bodies of $body_size bytes,
		\`pgbench -M prepared -r\`, one statement a transaction. The milliseconds are those
		of a statement as a client sees it. The speed is the plain time divided by the
		queue's, taken within each round: above 1 the queue is faster. The spread is that
		of the least and the greatest round. Each call was checked to have sent, or
		received and deleted, as many messages as it should; the plain statements too.

		- queue $(sql -c "SELECT extversion FROM pg_extension WHERE extname = 'queue'")${revision:+, $revision}
		- PostgreSQL $(sql -c 'SHOW server_version')
		- $(nproc) cores, $(sed -nE '0,/^model name/s/^model name[[:blank:]]*: *//p' /proc/cpuinfo | head -n 1)
		- $(awk '$1 == "MemTotal:" { printf "%.1f GB", $2 / 1048576 }' /proc/meminfo) of memory
		- files on $(df --output=fstype "$work" | tail -n 1), $(awk -v s="$flush" 'BEGIN { printf "%.2f", s * 1000 / 200 }') ms to write and flush a block of 8 kB
		- load before the run: $load
		- queue and plain share server and disk, and take turns; $threads threads of pgbench
	TEXT
	sql -F ' = ' -c "SELECT format('- %s = %s', name, current_setting(name)) FROM unnest('{fsync,
		synchronous_commit, full_page_writes, wal_level, wal_sync_method, wal_buffers,
		wal_compression, commit_delay, max_wal_size, checkpoint_timeout, shared_buffers,
		autovacuum, autovacuum_naptime}'::text[]) AS name"
}

# --------------------------------------------------------------------------

packages=(make gcc libc6-dev)
if [ -z "${PG_CONFIG:-}" ]; then
	packages+=("postgresql-$PG_MAJOR" "postgresql-server-dev-$PG_MAJOR")
fi
need_packages "${packages[@]}" || die 'cannot go on without them'
pg_config=${PG_CONFIG:-/usr/lib/postgresql/$PG_MAJOR/bin/pg_config}
pg_config=$(command -v "$pg_config") || die "there is no \"$pg_config\""

load=$(cut -d ' ' -f 1-3 /proc/loadavg)
threads=$(nproc)
[ "$threads" -le "$CLIENTS" ] || threads=$CLIENTS
# A quarter of the memory, but no more than 1 GB.
buffers=$(awk '$1 == "MemTotal:" { n = int($2 / 4096); print (n < 1024 ? n : 1024) }' /proc/meminfo)
body=$(printf "%${body_size}s" '' | tr ' ' x)
order_of=('plain first' 'queue first')
queues=0
declare -A enough=()

# A short path: a socket's may not exceed 107 bytes. And not /tmp, which may
# not be on a disk.
work=$(mktemp -d "${TMPDIR:-/var/tmp}/queue-figures.XXXXXX")
need_tester "$work"
bin=
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Nobody but root may enter the folder we were called from.
cd /
mkdir "$work/log"
csv=$work/figures.csv
echo 'round,first,call,messages,queue_ms,plain_ms,queue_calls_per_s,plain_calls_per_s,speed' >"$csv"
copy_postgresql "$work/pg"
copy_tree "$here/.." "$work/src"
write_scripts
if is_root; then
	chown -R "$QUEUE_TEST_USER:" "$work"
fi
bin=$(dirname "$pg_config")
[ -x "$bin/pgbench" ] || die "there is no pgbench beside $pg_config"

say 'building'
start_server
for round in $(seq 0 "$ROUNDS"); do
	for kind in send work; do
		for size in 1 10; do
			pair "$round" "$kind" "$size"
		done
	done
	if [ "$round" -eq 0 ]; then
		say 'warmed up; speed of the queue, plain = 1:'
	else
		progress "$round"
	fi
done
unsound=$(sql -c 'SELECT count(*) FROM sqs_check()')
[ "$unsound" -eq 0 ] || die "sqs_check reports $unsound problems"

if [ -n "$folder" ]; then
	report >"$folder/figures.md"
	cp "$csv" "$folder/figures.csv"
	say "written: $folder/figures.md, $folder/figures.csv"
else
	report
	echo
	cat "$csv"
fi
