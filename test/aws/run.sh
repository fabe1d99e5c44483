#!/bin/bash
# Runs real clients of SQS against queue-gateway: SDKs of AWS in six languages,
# and what is built upon them. README.md says which, and what each proves.
#
#   run.sh [NAME...]     all of them, or these
#
# Called by check.sh it tests what is installed beside PG_CONFIG and logs into
# the folder QUEUE_LOG. By itself it first builds and installs into a private
# copy of PostgreSQL. Either way it makes a cluster and access keys of its own,
# and each test gets a gateway of its own.
set -euo pipefail
umask 022

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=test/lib.sh
. "$here/../lib.sh"
# shellcheck source=test/aws/install.sh
. "$here/install.sh"

# Seconds a test may take before it counts as hung.
TEST_LIMIT=${TEST_LIMIT:-300}

# Looks at a gateway, about 20 a second, until it counts as not starting.
START_LIMIT=1200

# Each test: its name, the client that must be installed, whether others may
# run at the same time, options of its gateway (TLS asks for one with TLS
# beside it, none for no gateway at all), and its command.
tests()
{
	cat <<-TESTS
		boto3|python|share|tls|@python@/bin/python boto.py
		boto3-query|debian|share|tls|/usr/bin/python3 boto.py
		java|java|share||java -cp @java@/target/classes:@java@/lib/* Client
		rust|rust|share||@rust@/client
		go|go|share||@go@/client
		js|js|share||node @js@/client.mjs
		sqs-consumer|js|share||node @js@/consumer.mjs
		awscli|python|share||env QUEUE_AWS=@python@/bin/aws bash awscli.sh
		awscli-query|debian|share||env QUEUE_AWS=/usr/bin/aws bash awscli.sh
		celery|python|share||@python@/bin/python celery_tasks.py
		migration|debian|share||/usr/bin/python3 migration.py
		accounts|python|share||@python@/bin/python accounts.py
		policies|debian|share|tls|/usr/bin/python3 policies.py
		client-encryption|debian|share||/usr/bin/python3 client_encryption.py
		signatures|python|share||@python@/bin/python signatures.py
		errors|python|alone||@python@/bin/python errors.py
		errors-query|debian|alone||/usr/bin/python3 errors.py
		hostile||alone|--request-timeout=2 --idle-timeout=2 --max-connections=1000 --max-memory=64MB|/usr/bin/python3 hostile.py
		polls||alone|none|/usr/bin/python3 polls.py
		kill||alone|none|/usr/bin/python3 kill.py
	TESTS
}

cleanup()
{
	local status=$? pid

	trap - EXIT
	trap '' INT TERM HUP
	if [ -n "$(jobs -p)" ]; then
		# shellcheck disable=SC2046 # one word a job is meant
		kill $(jobs -p) 2>/dev/null || true
		wait || true
	fi
	if pid=$(head -n 1 "$cluster/postmaster.pid" 2>/dev/null); then
		kill -QUIT "$pid" 2>/dev/null || true
		tail --pid="$pid" -f /dev/null
	fi
	if [ -n "${KEEP:-}" ]; then
		echo "kept: $work" >&2
	elif [ "$status" -ne 0 ] && [ "$QUEUE_NESTED" = no ]; then
		find "$work" -mindepth 1 -maxdepth 1 ! -name log -exec rm -rf {} +
		echo "logs: $work/log" >&2
	else
		rm -rf "$work"
	fi
	exit "$status"
}

sql()
{
	"${as_tester[@]}" "$bin/psql" -XqAt -v ON_ERROR_STOP=1 -h "$work" -p "$PGPORT" -U postgres \
		"$@" </dev/null
}

# Builds and installs into a copy of PostgreSQL, as check.sh does.
build()
{
	copy_postgresql "$work/pg"
	copy_tree "$here/../.." "$work/src"
	if is_root; then chown -R "$QUEUE_TEST_USER:" "$work"; fi
	if ! run "${as_tester[@]}" make -C "$work/src" -j"$(nproc)" PG_CONFIG="$pg_config" install \
		>"$log/build.log" 2>&1; then
		tail -n 40 "$log/build.log"
		result not build 'for the clients of SQS'
		return 1
	fi
}

# A cluster that only its owner and root can reach, with a key to seal secrets
# with, and without the minutes that SQS has between two purges.
start_server()
{
	(
		umask 077
		od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n' |
			"${as_tester[@]}" tee "$work/master.key" >/dev/null
	)
	"${as_tester[@]}" chmod 600 "$work/master.key"
	"${as_tester[@]}" "$bin/initdb" -D "$cluster" -U postgres --no-sync --encoding=UTF8 \
		--locale=C.UTF-8 -A trust >"$log/initdb.log"
	"${as_tester[@]}" tee -a "$cluster/postgresql.conf" >/dev/null <<-CONF
		shared_preload_libraries = 'queue'
		listen_addresses = ''
		unix_socket_directories = '$work'
		port = $PGPORT
		log_line_prefix = '%m [%p] %b %q%a '
		queue.master_key_file = '$work/master.key'
		queue.purge_interval = 0
		queue.recreate_delay = 0
	CONF
	"${as_tester[@]}" "$bin/pg_ctl" -D "$cluster" -l "$log/server.log" -w start >"$log/start.log"
	sql -d postgres -c 'CREATE DATABASE queue'
	"${as_tester[@]}" tee "$work/setup.sql" >/dev/null <<-SQL
		CREATE EXTENSION queue;
		CREATE ROLE app;
		CREATE ROLE stranger;
		CREATE ROLE elsewhere;
		SELECT sqs_create_account('111111111111', 'elsewhere');
		SELECT sqs_assign_account('elsewhere', '111111111111');
		CREATE ROLE queue_gateway LOGIN;
		GRANT app, stranger, elsewhere TO queue_gateway;
		GRANT USAGE ON SCHEMA queue TO app, stranger, elsewhere, queue_gateway;
		GRANT CREATE ON SCHEMA queue TO app, elsewhere;
		GRANT EXECUTE ON ALL ROUTINES IN SCHEMA queue TO queue_gateway;
	SQL
	sql -d queue -f "$work/setup.sql"
}

# access_key ROLE: makes one, and prints its id and secret.
access_key()
{
	sql -d queue -F ' ' -c "SELECT * FROM sqs_create_access_key('$1')"
}

make_keys()
{
	local id secret

	read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY < <(access_key app)
	read -r QUEUE_OTHER_ACCESS_KEY_ID QUEUE_OTHER_SECRET_ACCESS_KEY < <(access_key stranger)
	read -r QUEUE_FOREIGN_ACCESS_KEY_ID QUEUE_FOREIGN_SECRET_ACCESS_KEY < <(access_key elsewhere)
	read -r id secret < <(access_key app)
	sql -d queue -c "SELECT sqs_update_access_key('$id', false)" >/dev/null
	QUEUE_DISABLED_ACCESS_KEY_ID=$id
	QUEUE_DISABLED_SECRET_ACCESS_KEY=$secret
	export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY QUEUE_OTHER_ACCESS_KEY_ID \
		QUEUE_OTHER_SECRET_ACCESS_KEY QUEUE_DISABLED_ACCESS_KEY_ID QUEUE_DISABLED_SECRET_ACCESS_KEY \
		QUEUE_FOREIGN_ACCESS_KEY_ID QUEUE_FOREIGN_SECRET_ACCESS_KEY
	[ -n "$QUEUE_DISABLED_SECRET_ACCESS_KEY" ] || die 'no access keys could be made'
}

# An authority, and a certificate of it for this machine.
make_certificate()
{
	(
		cd "$work"
		"${as_tester[@]}" openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem \
			-days 2 -subj '/CN=test authority' -addext keyUsage=critical,keyCertSign,cRLSign
		"${as_tester[@]}" openssl req -newkey rsa:2048 -nodes -keyout tls.key -out tls.csr \
			-subj /CN=localhost
		printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' |
			"${as_tester[@]}" tee tls.ext >/dev/null
		"${as_tester[@]}" openssl x509 -req -in tls.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
			-days 2 -extfile tls.ext -out tls.pem
	) >"$log/certificate.log" 2>&1
}

# free_port FROM: the first from there on that nobody listens on.
free_port()
{
	local port=$1

	while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
		port=$((port + 1))
	done
	echo "$port"
}

# Is the gateway on a port ready? TLS is not looked into.
is_ready()
{
	local line=

	if [ "$2" = tls ]; then
		(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
		return
	fi
	{
		exec 3<>"/dev/tcp/127.0.0.1/$1" &&
			printf 'GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3 &&
			read -r line <&3
		exec 3<&-
	} 2>/dev/null || return 1
	[[ $line == *' 200 '* ]]
}

# start_gateway LOG PORT plain|tls [OPTION...]: sets $gateway to its process.
start_gateway()
{
	local file=$1 port=$2 kind=$3 tries=0
	shift 3

	"${as_tester[@]}" "$bin/queue-gateway" --listen="127.0.0.1:$port" --dsn="$QUEUE_DSN" --pool=4 \
		"$@" 2>"$file" </dev/null &
	gateway=$!
	until is_ready "$port" "$kind"; do
		if ! kill -0 "$gateway" 2>/dev/null || [ $((++tries)) -gt "$START_LIMIT" ]; then
			echo '# the gateway does not start:'
			tail -n 3 "$file"
			return 1
		fi
		sleep 0.05
	done
}

# Becomes one test with its gateway. Its ports begin with the one given.
run_test()
{
	local name=$1 options=$2 command=$3 port=$4 status=0 gateway=

	# shellcheck disable=SC2317 # called by the trap
	stop()
	{
		trap '' TERM
		# shellcheck disable=SC2046 # one word a job is meant
		[ -z "$(jobs -p)" ] || kill $(jobs -p) 2>/dev/null || true
		wait
	}
	trap stop EXIT
	trap 'exit 143' TERM

	port=$(free_port "$port")
	export AWS_ENDPOINT_URL=http://127.0.0.1:$port QUEUE_METRICS_URL=http://127.0.0.1:$port/metrics
	export QUEUE_PORT=$port
	if [ "$options" = tls ]; then
		start_gateway "$log/$name.tls.log" "$((port + 1))" tls \
			--tls-certificate="$work/tls.pem" --tls-key="$work/tls.key" || return 1
		export QUEUE_TLS_ENDPOINT_URL=https://localhost:$((port + 1))
		options=
	fi
	if [ "$options" != none ]; then
		# shellcheck disable=SC2086 # words are meant
		start_gateway "$log/$name.gateway.log" "$port" plain $options || return 1
		export QUEUE_GATEWAY_PID=$gateway
	fi
	cd "$work/aws"
	set -f
	# shellcheck disable=SC2086 # words are meant
	run "${as_tester[@]}" timeout -k 20 "$TEST_LIMIT" $command || status=$?
	set +f
	# It must not have ended before it is told to.
	if [ "$options" != none ] && ! kill -0 "$QUEUE_GATEWAY_PID" 2>/dev/null; then
		echo 'not ok - the gateway has ended'
		status=1
	fi
	return "$status"
}

# Says how a test ended.
test_result()
{
	local name=$1 status=$2 file=$log/$1.log number

	number=$(grep -c '^ok ' "$file" || true)
	if [ "$status" -eq 0 ] && [ "$number" -gt 0 ] && ! grep -q '^not ok' "$file"; then
		result ok aws "$name" "$number checks"
	else
		result not aws "$name" "$([ "$status" -ne 124 ] || echo "hung, stopped after $TEST_LIMIT s")"
		grep -A 12 '^not ok' "$file" | cut -c 1-400 | head -n 60 || true
		tail -n 15 "$file" | cut -c 1-400
	fi
}

test_wait()
{
	local pid status=0

	wait -n -p pid "${!running[@]}" || status=$?
	test_result "${running[$pid]}" "$status"
	unset "running[$pid]"
}

# How many tests go on at a time, from here on.
test_room()
{
	while [ ${#running[@]} -ge "$1" ]; do
		test_wait
	done
}

run_tests()
{
	local name client share options command port=$first_port
	local -A running=()

	while IFS='|' read -r name client share options command; do
		if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then continue; fi
		if [ -n "$client" ]; then
			case $(cat "$prepared/$client") in
				ok\ *)
					command=${command//@$client@/$(cut -d ' ' -f 2- "$prepared/$client")}
					;;
				skip\ *)
					result skip aws "$name" "$(cut -d ' ' -f 2- "$prepared/$client")"
					continue
					;;
				*)
					result not aws "$name" 'its client cannot be built'
					tail -n 20 "$prepared/$client.log"
					continue
					;;
			esac
		fi
		if [ "$share" = share ]; then
			test_room "$(nproc)"
		else
			test_room 1
		fi
		port=$((port + 10))
		run_test "$name" "$options" "$command" "$port" >"$log/$name.log" 2>&1 &
		running[$!]=$name
		if [ "$share" = alone ]; then test_room 1; fi
	done < <(tests)
	test_room 1
}

# --------------------------------------------------------------------------

packages=(make gcc libc6-dev python3 openssl libmicrohttpd-dev libjansson-dev libgnutls28-dev
	libssl-dev libpq-dev pkg-config)
if [ -z "${PG_CONFIG:-}" ]; then
	packages+=(postgresql-15 postgresql-server-dev-15)
fi
need_packages "${packages[@]}" || die 'cannot go on without them'
pg_config=${PG_CONFIG:-/usr/lib/postgresql/15/bin/pg_config}
pg_config=$(command -v "$pg_config") || die "there is no \"$pg_config\""

# A short path: a socket's may not exceed 107 bytes.
work=$(mktemp -d "${TMPDIR:-/tmp}/queue-aws.XXXXXX")
log=$work/log
cluster=$work/data
cache=$QUEUE_CACHE/aws
prepared=$work/prepared
mkdir "$log" "$prepared" "$work/home"
PGPORT=54321
# Below the ports that a system gives to clients, and not always the same.
first_port=$((16000 + RANDOM % 14000))
need_tester "$work/home"
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [ "$QUEUE_NESTED" = no ]; then
	QUEUE_RESULTS=$work/results
	export QUEUE_RESULTS
fi
: >>"$QUEUE_RESULTS"
if [ -n "${QUEUE_LOG:-}" ]; then
	log=$QUEUE_LOG
	mkdir -p "$log"
fi
for name in "$@"; do
	tests | grep -q "^$name|" || die "there is no test \"$name\""
done

# What the tests ask for, while the server is built and started.
mapfile -t clients < <(tests | awk -F '|' -v names=" $* " \
	'(names == "  " || index(names, " " $1 " ")) && $2 != "" && !seen[$2]++ { print $2 }')
mkdir -p "$cache"
locked install_clients "${clients[@]}" &
installer=$!

if [ "$QUEUE_NESTED" = no ]; then
	build || exit 1
fi
bin=$(dirname "$pg_config")
[ -x "$bin/queue-gateway" ] || die "there is no queue-gateway beside $pg_config"
copy_tree "$here" "$work/aws"
cp "$here/../../doc/migration.md" "$here/../../doc/client-side-encryption.md" \
	"$here/../../doc/examples/envelope.py" "$here"/../sql/policy_{statements,conditions}.sql "$work/aws/"
if is_root; then chown -R "$QUEUE_TEST_USER:" "$work" "$log"; fi

# Ten thousand clients have as many sockets, and their gateway again.
if [ "$(ulimit -Hn)" != unlimited ] && [ "$(ulimit -Hn)" -lt 20000 ]; then
	ulimit -Hn 20000 2>/dev/null || true
fi

# Nobody but root may enter the folder we were called from.
cd /
export QUEUE_DSN="host=$work port=$PGPORT user=queue_gateway dbname=queue"
export QUEUE_ADMIN_DSN="host=$work port=$PGPORT user=postgres dbname=queue"
export QUEUE_GATEWAY=$bin/queue-gateway QUEUE_DATA=$cluster QUEUE_CA_FILE=$work/ca.pem
export QUEUE_LOG_FOLDER=$log PATH=$bin:$PATH
start_server || die 'the server does not start'
make_keys
make_certificate

# Of an SDK nothing is told but where to go and who we are.
unset AWS_PROFILE AWS_SESSION_TOKEN http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY
unset AWS_CA_BUNDLE
export AWS_DEFAULT_REGION=us-east-1 AWS_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_PAGER=
export PYTHONDONTWRITEBYTECODE=1 NODE_NO_WARNINGS=1 NO_PROXY=127.0.0.1,localhost

wait "$installer" || die 'the clients cannot be installed'
run_tests "$@"
summary
