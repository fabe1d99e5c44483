#!/bin/bash
# The media example: uploads test clips to web front ends, which only enqueue, has
# queue-workers transcode them with ffmpeg, kills one of these in the middle, and
# checks what came out with ffprobe. Debian 12, unattended, two minutes or so.
#
#   MEDIA_CLIPS=8 MEDIA_SECONDS=3 MEDIA_SIZE=640x360 MEDIA_HEIGHT=180
#                            how many test clips, and how long and large they are;
#                            the height of the results
#   MEDIA_FRONTS=2           web front ends
#   MEDIA_WORKERS=2          queue-workers
#   MEDIA_HANDLERS=3         transcoders of each of them, at most
#   MEDIA_LIMIT=300          seconds after which all of it has failed
#   MEDIA_DSN="host=… dbname=…"   a database with the extension, where the one that
#                            connects is a superuser; without, a server is made
#   QUEUE_WORKER=/path/to/queue-worker   with MEDIA_DSN, if it is not in PATH
#   PG_CONFIG=...            another PostgreSQL than Debian's
#   TMPDIR=/var/tmp          where the folder of the run is
#   KEEP=1                   keep that folder
#
# Root may run it: packages that are missing are installed, and everything runs as
# an unprivileged user, on loopback addresses, in a folder of its own, which is
# gone at the end. PostgreSQL is copied; the machine's own is not touched.
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=test/lib.sh
. "$here/../../../test/lib.sh"

clips=${MEDIA_CLIPS:-8}
seconds=${MEDIA_SECONDS:-3}
size=${MEDIA_SIZE:-640x360}
height=${MEDIA_HEIGHT:-180}
fronts=${MEDIA_FRONTS:-2}
workers=${MEDIA_WORKERS:-2}
handlers=${MEDIA_HANDLERS:-3}
limit=${MEDIA_LIMIT:-300}
major=${PG_MAJOR:-15}

# What ffmpeg can make out of nothing, and the formats that it comes in.
sources=(testsrc2 mandelbrot smptebars testsrc rgbtestsrc)
formats=('webm libvpx libvorbis' 'avi mpeg4 libmp3lame' 'mpegts mpeg2video mp2' 'matroska mjpeg pcm_s16le')

dir=
failed=0
declare -a front_pids=() front_urls=() worker_pids=() ids=()

say()
{
	echo "media: $*"
}

wrong()
{
	say "WRONG: $*"
	failed=1
}

# wait_for WHAT COMMAND...: until the command succeeds.
wait_for()
{
	local what=$1

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$limit" ] || die "no end after $limit seconds, waiting for $what"
		sleep 0.2
	done
}

sql()
{
	"${as_tester[@]}" "$bin/psql" -X -q -At -v ON_ERROR_STOP=1 -d "$dsn" "$@"
}

get()
{
	curl --noproxy '*' -fsS --max-time 60 "$@"
}

stop()
{
	local pid

	for pid in "$@"; do
		kill -TERM "$pid" 2>/dev/null || true
		# we may have been interrupted while it was held
		kill -CONT "$pid" 2>/dev/null || true
	done
}

# Leaves nothing behind.
cleanup()
{
	local status=$?

	trap - EXIT
	trap '' INT TERM HUP
	stop "${front_pids[@]}" "${worker_pids[@]}"
	wait || true
	if [ -e "$dir/installed" ] && [ -n "${MEDIA_DSN:-}" ]; then
		sql -f "$here/drop.sql" >/dev/null || status=1
	fi
	if [ -e "$dir/data/postmaster.pid" ]; then
		"${as_tester[@]}" "$bin/pg_ctl" -D "$dir/data" -m fast -w stop >/dev/null || status=1
	fi
	if [ "$status" -ne 0 ] && [ -d "$dir/log" ]; then
		tail -n 20 "$dir"/log/*.log >&2
	fi
	if [ -n "${KEEP:-}" ]; then
		say "kept: $dir"
	else
		rm -rf "$dir"
	fi
	exit "$status"
}

check_settings()
{
	local name

	for name in clips seconds height fronts workers handlers limit; do
		[[ ${!name} =~ ^[1-9][0-9]{0,3}$ ]] || die "MEDIA_${name^^}: \"${!name}\" is no number from 1 to 9999"
	done
	[[ $size =~ ^([1-9][0-9]{1,3})x([1-9][0-9]{1,3})$ ]] || die "MEDIA_SIZE: \"$size\" is no size"
	# The width is the even number next to what keeps the proportions.
	width=$(awk -v w="${BASH_REMATCH[1]}" -v h="${BASH_REMATCH[2]}" -v height="$height" \
		'BEGIN { print int(w * height / h / 2 + 0.5) * 2 }')
	[ "$clips" -le 100 ] || die "MEDIA_CLIPS: 100 at most"
	[ "$workers" -ge 2 ] || die "MEDIA_WORKERS: one is going to be killed, so 2 at least"
}

# The server, from a copy of Debian's, with the extension built for it; or the one
# that was named.
have_server()
{
	local log=$dir/log/build.log

	if [ -n "${MEDIA_DSN:-}" ]; then
		bin=$("${PG_CONFIG:-pg_config}" --bindir)
		dsn=$MEDIA_DSN
		worker=$(command -v "${QUEUE_WORKER:-queue-worker}") || die "there is no queue-worker"
		return
	fi
	say "building the extension, and a server of its own"
	copy_postgresql "$dir/pg"
	copy_tree "$here/../../.." "$dir/src"
	if is_root; then
		chown -R "$QUEUE_TEST_USER:" "$dir/pg" "$dir/src"
	fi
	run "${as_tester[@]}" make -C "$dir/src" -j"$(nproc)" PG_CONFIG="$pg_config" install >"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		die "the extension cannot be built"
	}
	bin=$("$pg_config" --bindir)
	worker=$bin/queue-worker
	[ -x "$worker" ] || die "queue-worker was not built"
	# Over a socket, in a folder that only its owner may enter.
	run "${as_tester[@]}" "$bin/initdb" -D "$dir/data" -U postgres -A trust --no-sync \
		--encoding=UTF8 --locale=C.UTF-8 >"$dir/log/initdb.log"
	"${as_tester[@]}" tee -a "$dir/data/postgresql.conf" >/dev/null <<-CONF
		shared_preload_libraries = 'queue'
		listen_addresses = ''
		unix_socket_directories = '$dir'
	CONF
	"${as_tester[@]}" "$bin/pg_ctl" -D "$dir/data" -l "$dir/log/server.log" -w start >/dev/null
	dsn="host=$dir dbname=postgres user=postgres"
	sql -c 'CREATE EXTENSION queue'
}

# start LOG COMMAND...: in the background, as the unprivileged user; its id in $pid.
start()
{
	local log=$dir/log/$1.log

	shift
	"${as_tester[@]}" "$@" </dev/null >>"$log" 2>&1 &
	pid=$!
}

start_fronts()
{
	local i

	for ((i = 0; i < fronts; i++)); do
		start "front$i" /usr/bin/python3 -B "$here/front.py" --dsn "$dsn user=media_front" \
			--store "$dir/store" --port-file "$dir/front$i.port"
		front_pids+=("$pid")
	done
	for ((i = 0; i < fronts; i++)); do
		wait_for "front $i" test -s "$dir/front$i.port"
		front_urls+=("http://127.0.0.1:$(cat "$dir/front$i.port")")
	done
}

start_workers()
{
	local i

	for ((i = 0; i < workers; i++)); do
		start "worker$i" env MEDIA_STORE="$dir/store" MEDIA_PACE=1 "$worker" --queue transcode \
			--dsn "$dsn user=media_back" --min 1 --max "$handlers" --backlog-per-worker 1 \
			--scale-interval 1 --scale-out-cooldown 1 --scale-in-cooldown 5 --prefetch 0 \
			--visibility-timeout 3 --backoff 1 --backoff-max 2 --timeout 120 -- "$here/transcode.sh"
		worker_pids+=("$pid")
	done
}

make_clips()
{
	local i format video audio

	for ((i = 0; i < clips; i++)); do
		read -r format video audio <<<"${formats[i % ${#formats[@]}]}"
		run "${as_tester[@]}" ffmpeg -nostdin -v error -y \
			-f lavfi -i "${sources[i % ${#sources[@]}]}=size=$size:rate=25" \
			-f lavfi -i "sine=frequency=$((220 * (i + 1))):sample_rate=44100" -t "$seconds" \
			-c:v "$video" -c:a "$audio" -pix_fmt yuv"$([ "$video" = mjpeg ] && echo j)"420p \
			-f "$format" "$dir/clips/$i.$format"
		echo "$i.$format"
	done >"$dir/list"
}

upload()
{
	get --data-binary "@$dir/clips/$1" -H 'Content-Type: video/x-test' \
		"${front_urls[$2]}/videos?name=$1&height=$height" |
		sed -nE 's/.*"id": "([0-9a-f-]{36})".*/\1/p'
}

# Kills a worker that is in the middle of something: it is held first, so that it
# cannot delete the message of a handler that is seen to be at work.
kill_worker()
{
	local i handler state

	for i in "${!worker_pids[@]}"; do
		pid=${worker_pids[i]}
		kill -STOP "$pid"
		handler=$(pgrep -o -P "$pid" || true)
		state=$([ -z "$handler" ] || ps -o stat= -p "$handler" || true)
		if [[ $state == [SRD]* ]] && pgrep -P "$handler" -x ffmpeg >/dev/null; then
			kill -KILL "$pid"
			wait "$pid" 2>/dev/null || true
			unset "worker_pids[$i]"
			say "killed worker $i, process $pid, while it had a clip transcoded"
			return 0
		fi
		kill -CONT "$pid"
	done
	return 1
}

# check_result ID NAME: what ffprobe says of it.
check_result()
{
	local file=$dir/result.mp4 said wanted

	get -o "$file" "${front_urls[0]}/videos/$1/result" || return 1
	said=$(ffprobe -v error -show_entries stream=codec_name,width,height:format=duration \
		-of default=noprint_wrappers=1 "$file" | sed 's/^[a-z_]*=//' | xargs)
	wanted="h264 $width $height aac"
	if [[ $said != "$wanted "* ]] || ! awk -v is="${said##* }" -v wanted="$seconds" \
		'BEGIN { exit is < wanted - 0.3 || is > wanted + 0.3 }'; then
		wrong "$2 became \"$said\", and not \"$wanted\", $seconds s"
		return 1
	fi
	say "$2 is now h264, ${width}x$height, aac, ${said##* } s"
}

all_done()
{
	[ "$(sql -c "SELECT visible FROM sqs_queues WHERE name = 'transcode-failed'")" -le 1 ] ||
		die "clips were given up"
	[ "$(find "$dir/store/done" -name '*.mp4' | wc -l)" -ge "$clips" ] &&
		[ "$(sql -c "SELECT visible + in_flight + delayed FROM sqs_queues WHERE name = 'transcode'")" = 0 ]
}

main()
{
	local clip i=0 number id good=0 begun twice

	check_settings
	packages=(ffmpeg curl procps python3 python3-psycopg2)
	if [ -z "${MEDIA_DSN:-}" ]; then
		packages+=(make gcc libc6-dev)
		[ -n "${PG_CONFIG:-}" ] || packages+=("postgresql-$major" "postgresql-server-dev-$major")
		packages+=("${gateway_packages[@]}")
		pg_config=${PG_CONFIG:-/usr/lib/postgresql/$major/bin/pg_config}
	fi
	need_packages "${packages[@]}" || exit 2
	SECONDS=0

	dir=$(mktemp -d "${TMPDIR:-/var/tmp}/queue-media.XXXXXX")
	need_tester "$dir"
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	mkdir -p "$dir"/log "$dir"/clips "$dir"/store/{incoming,parts,done}
	if is_root; then
		chown -R "$QUEUE_TEST_USER:" "$dir"
	fi
	have_server
	sql -f "$here/schema.sql" >"$dir/log/schema.log"
	: >"$dir/installed"

	say "making $clips clips of $seconds s, $size"
	make_clips
	start_fronts
	start_workers
	say "$fronts fronts, $workers workers of up to $handlers transcoders each"

	while read -r clip; do
		id=$(upload "$clip" $((i % fronts)))
		[ -n "$id" ] || die "an upload failed"
		ids[i++]=$id
	done <"$dir/list"
	echo 'this is no video' >"$dir/clips/broken"
	upload broken 0 >/dev/null
	say "uploaded $i clips, and a file that is none"

	wait_for "a worker in the middle of something" kill_worker
	wait_for "the results" all_done
	say "all of them are done"

	number=0
	while read -r clip; do
		if check_result "${ids[number++]}" "$clip"; then
			good=$((good + 1))
		fi
	done <"$dir/list"
	[ "$good" -eq "$clips" ] || wrong "$good of $clips results are right"

	begun=$(grep -ohE 'begins [0-9a-f-]+, received [0-9]+' "$dir"/log/worker*.log | sort -u)
	twice=0
	for id in "${ids[@]}"; do
		if [ "$(grep -c "begins $id," <<<"$begun")" -gt 1 ]; then
			twice=$((twice + 1))
		fi
	done
	[ "$twice" -gt 0 ] || wrong "no clip was begun again, so no worker was killed over one"
	say "$twice of them were begun again after the worker was killed"

	[ "$(sql -c "SELECT count(*) FROM sqs_receive('transcode-failed', 10)")" = 1 ] ||
		wrong "the file that is no video is not in the dead-letter queue"
	say "the file that is no video is in the dead-letter queue"
	[ "$(sql -c 'SELECT count(*) FROM videos')" -eq $((clips + 1)) ] || wrong "there are not $clips videos"
	[ -z "$(find "$dir/store/parts" -type f)" ] || wrong "parts of results were left behind"
	say "most transcoders at a time: $(grep -ohE '"event":"scaled_out".*"to":[0-9]+' "$dir"/log/worker*.log |
		sed 's/.*"to"://' | sort -n | tail -n 1) for a worker"

	stop "${worker_pids[@]}" "${front_pids[@]}"
	for pid in "${worker_pids[@]}" "${front_pids[@]}"; do
		wait "$pid" || wrong "process $pid ended with status $?"
	done
	worker_pids=()
	front_pids=()
	[ "$failed" -eq 0 ] || exit 1
	say "everything is right, after $SECONDS seconds"
}

main
