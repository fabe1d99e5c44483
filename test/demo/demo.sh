#!/bin/bash
# The demo: builds queue, starts a PostgreSQL of its own, and runs a pipeline
# on real files: see pipeline.py. Then it starts the gateway, and says how to
# try it with the AWS CLI. Debian 12, unattended.
#
#   demo.sh          run it, and leave server and gateway running
#   demo.sh stop     stop them and remove their folder
#
# Environment:
#   QUEUE_DEMO_DIR      folder for all of it (/var/tmp/queue-demo)
#   QUEUE_DEMO_PORT     port of the server (the first free one from 54320 on)
#   QUEUE_DEMO_GATEWAY_PORT   that of the gateway (the same from 9324 on)
#   QUEUE_DEMO_SOURCE   folder with the files to work through (/usr/share/doc)
#
# Root may run it: packages that are missing are installed, and the server,
# which refuses to be root, belongs to the user "queuedemo". Anybody else needs
# the packages in place. The extension goes into a copy of PostgreSQL in the
# folder; the machine's own PostgreSQL and its clusters are not touched.

set -euo pipefail
umask 022

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=test/lib.sh
. "$here/../lib.sh"

major=15
packages=("postgresql-$major" "postgresql-server-dev-$major" gcc make libc6-dev python3
	python3-psycopg2 curl pkg-config libmicrohttpd-dev libjansson-dev libpq-dev libssl-dev
	libgnutls28-dev)
few=1000

dir=$(realpath -ms "${QUEUE_DEMO_DIR:-/var/tmp/queue-demo}")
source=$(realpath -m "${QUEUE_DEMO_SOURCE:-/usr/share/doc}")
mark=$dir/.queue-demo
bin=$dir/pg/lib/postgresql/$major/bin
cluster=$dir/data
logs=$dir/log
role=demo
database=demo
gateway_role=demo_gateway
client_role=demo_client
pipeline=
endpoint=

# lib.sh makes this user and sets as_tester, if we are root.
QUEUE_TEST_USER=queuedemo
owner=$(id -un)
is_root && owner=$QUEUE_TEST_USER
as_tester=()

say()
{
	echo "demo: $*"
}

# Runs a step with its output in a log of its own; shows the end of it if the
# step fails.
logged()
{
	local log=$logs/$1.log

	shift
	"$@" >"$log" 2>&1 </dev/null || {
		tail -n 20 "$log" >&2
		die "failed: $* (all of it: $log)"
	}
}

# Is there a folder of an earlier demo? Gives up if it is not one of ours.
have_folder()
{
	[ -e "$dir" ] || [ -L "$dir" ] || return 1
	if [ -L "$dir" ] || [ ! -d "$dir" ]; then die "$dir is not a folder"; fi
	[ -n "$(ls -A "$dir")" ] || return 0
	[ -e "$mark" ] || die "$dir is not empty, and no demo made it: not touching it"
	[ "$(stat -c %U "$dir")" = "$owner" ] ||
		die "$dir belongs to $(stat -c %U "$dir"), not to $owner"
}

# Ends the demo.sh that works in the folder, if there is one. It cleans up.
stop_driver()
{
	local pid

	pid=$(cat "$mark" 2>/dev/null) || return 0
	if [[ ! $pid =~ ^[0-9]+$ ]] || [ "$pid" -eq $$ ]; then return 0; fi
	grep -qsa 'demo\.sh' "/proc/$pid/cmdline" || return 0
	say "ending the demo that is running, process $pid"
	kill "$pid" || return 0
	tail --pid="$pid" -f /dev/null
}

# Ends the gateway of the folder, if it runs.
stop_gateway()
{
	local pid

	pid=$(cat "$dir/gateway.pid" 2>/dev/null) || return 0
	if [[ ! $pid =~ ^[0-9]+$ ]]; then return 0; fi
	[ "$(readlink "/proc/$pid/exe" 2>/dev/null)" = "$bin/queue-gateway" ] || return 0
	kill "$pid" || return 0
	tail --pid="$pid" -f /dev/null
	say "stopped the gateway"
}

# Stops the server and removes the folder. Returns 1 if there was none.
stop()
{
	have_folder || return 1
	need_tester "$dir"
	stop_driver
	stop_gateway
	if [ -e "$cluster/postmaster.pid" ] &&
		"${as_tester[@]}" "$bin/pg_ctl" -D "$cluster" status >/dev/null; then
		"${as_tester[@]}" "$bin/pg_ctl" -D "$cluster" stop -m fast -w >/dev/null ||
			die "the server in $dir does not stop"
		say "stopped the server"
	fi
	rm -rf "$dir"
	say "removed $dir"
}

make_folder()
{
	if [ ${#dir} -gt 80 ] || [[ $dir =~ [^A-Za-z0-9/._-] ]]; then
		die "$dir: too long or too odd a name for a folder with a socket in it"
	fi
	mkdir -p "$dir"
	chmod 700 "$dir"
	is_root && chown "$owner:" "$dir"
	"${as_tester[@]}" test -w "$dir" || die "the user $owner cannot reach $dir"
	"${as_tester[@]}" mkdir "$logs" "$dir/pg"
	echo $$ >"$mark"
}

# Copies PostgreSQL and the sources into the folder, and builds there. The
# paths inside PostgreSQL are relative: the copy's pg_config knows only the
# copy.
build()
{
	local part

	for part in lib/postgresql/$major share/postgresql/$major include/postgresql; do
		"${as_tester[@]}" mkdir -p "$dir/pg/${part%/*}"
		"${as_tester[@]}" cp -a "/usr/$part" "$dir/pg/$part"
	done
	copy_tree "$here/../.." "$dir/src"
	is_root && chown -R "$owner:" "$dir/src"
	logged build "${as_tester[@]}" make -C "$dir/src" -j"$(nproc)" \
		PG_CONFIG="$bin/pg_config" install
}

# free_port FIRST WANTED: the port that is wanted, or else the first free one.
free_port()
{
	local port=${2:-$1}

	while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
		[ -z "$2" ] || die "port $port is in use"
		[ $((++port)) -lt $(($1 + 100)) ] || die "no free port from $1 to $(($1 + 99))"
	done
	echo "$port"
}

# random_hex BYTES FILE: writes a secret that only the owner can read.
random_hex()
{
	(
		umask 077
		od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n' |
			"${as_tester[@]}" tee "$2" >/dev/null
	)
}

# A cluster that only its owner and root can reach, over a socket in the
# folder, and whoever knows the password over the loopback.
start_server()
{
	random_hex 16 "$dir/password"
	random_hex 32 "$dir/master.key"
	logged initdb "${as_tester[@]}" "$bin/initdb" -D "$cluster" -U "$role" --no-sync \
		--encoding=UTF8 --locale=C.UTF-8 --pwfile="$dir/password"
	"${as_tester[@]}" tee -a "$cluster/postgresql.conf" >/dev/null <<-CONF
		shared_preload_libraries = 'queue'
		listen_addresses = 'localhost'
		port = $PGPORT
		unix_socket_directories = '$dir'
		queue.master_key_file = '$dir/master.key'
		shared_buffers = 256MB
		log_line_prefix = '%m [%p] %b %q%a '
	CONF
	"${as_tester[@]}" tee "$cluster/pg_hba.conf" >/dev/null <<-CONF
		local all all peer map=demo
		host all all 127.0.0.1/32 scram-sha-256
		host all all ::1/128 scram-sha-256
	CONF
	"${as_tester[@]}" tee "$cluster/pg_ident.conf" >/dev/null <<-CONF
		demo $owner $role
		demo root $role
		demo $owner $gateway_role
	CONF
	logged start "${as_tester[@]}" "$bin/pg_ctl" -D "$cluster" -l "$logs/server.log" -w start
}

sql()
{
	"$bin/psql" -X -q -P pager=off -v ON_ERROR_STOP=1 "$@"
}

# Starts the gateway, as a role that may do nothing but act as a client's, for
# which it makes an access key. Leaves its address and the key in variables.
start_gateway()
{
	local port pid try

	port=$(free_port 9324 "${QUEUE_DEMO_GATEWAY_PORT:-}")
	endpoint=http://127.0.0.1:$port
	sql -q -v gateway="$gateway_role" -v client="$client_role" -f "$here/gateway.sql" >"$logs/gateway.sql.log"
	read -r key secret < <(sql -At -F ' ' -v client="$client_role" <<<"SELECT * FROM sqs_create_access_key(:'client')")
	"${as_tester[@]}" setsid "$bin/queue-gateway" --listen "127.0.0.1:$port" \
		--dsn "host=$dir port=$PGPORT user=$gateway_role dbname=$database" \
		>"$logs/gateway.log" 2>&1 </dev/null &
	pid=$!
	disown
	echo "$pid" >"$dir/gateway.pid"
	for ((try = 0; try < 100; try++)); do
		if curl -fs "$endpoint/health" >/dev/null; then
			return 0
		fi
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	tail -n 20 "$logs/gateway.log" >&2
	die "the gateway does not start (its log: $logs/gateway.log)"
}

# What to paste to try it.
tell_gateway()
{
	say "the gateway speaks SQS on $endpoint; with the AWS CLI:"
	cat <<-TEXT

		  export AWS_ACCESS_KEY_ID=$key
		  export AWS_SECRET_ACCESS_KEY=$secret
		  export AWS_DEFAULT_REGION=us-east-1
		  alias sqs='aws --endpoint-url $endpoint sqs'
		  sqs create-queue --queue-name try
		  sqs send-message --queue-url $endpoint/000000000000/try --message-body hello
		  sqs receive-message --queue-url $endpoint/000000000000/try --wait-time-seconds 5
		  sqs list-queues

	TEXT
}

# In the background and waited for: so a signal is heeded at once, and can be
# passed on.
run_pipeline()
{
	local status=0

	/usr/bin/python3 -B "$here/pipeline.py" "$source" "$logs" &
	pipeline=$!
	wait "$pipeline" || status=$?
	pipeline=
	return "$status"
}

interrupted()
{
	trap '' INT TERM HUP
	[ -z "$pipeline" ] || { kill "$pipeline" && wait "$pipeline"; } || true
	echo
	say "interrupted"
	stop || true
	exit 130
}

demo()
{
	local files

	need_packages "${packages[@]}" || exit 1
	SECONDS=0
	[ -d "$source" ] || die "there is no folder $source"
	files=$(find "$source" -type f -printf x | wc -c)
	[ "$files" -gt 0 ] || die "no files in $source: nothing to work on"
	[ "$files" -ge "$few" ] ||
		say "few files in $source, $files (no documentation installed?): a short run"

	stop || true
	PGPORT=$(free_port 54320 "${QUEUE_DEMO_PORT:-}")
	trap interrupted INT TERM HUP
	need_tester "$dir"
	make_folder
	say "building queue"
	build

	export PGPORT PGHOST=$dir PGUSER=$role PGDATABASE=$database
	start_server
	sql -d postgres -c "CREATE DATABASE $database"
	say "PostgreSQL runs in $dir on port $PGPORT"
	logged schema sql -f "$here/schema.sql"

	say "sending and working through the files of $source"
	run_pipeline || leave 1
	echo
	sql -f "$here/report.sql"
	/usr/bin/python3 -B "$here/verify.py" "$source" || leave 1
	start_gateway
	leave 0
}

# Says how to go on, and exits.
leave()
{
	: >"$mark"
	[ -z "$endpoint" ] || tell_gateway
	say "took $SECONDS seconds; the server keeps running, connect with"
	say "  psql -h $dir -p $PGPORT -U $role $database"
	say "and end it with \"make demo-stop\""
	exit "$1"
}

# Nobody but root may enter the folder we were called from.
cd /
case ${1:-run} in
	run) demo ;;
	stop) stop || say "nothing to stop" ;;
	*) die "usage: demo.sh [stop]" ;;
esac
