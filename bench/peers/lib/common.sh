# Shared by the drivers in the folder above: what they do when called, and
# pgbench as the sender where a peer is called by SQL. Sourced, never run.
# shellcheck shell=bash

peers=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=test/lib.sh
. "$peers/../../test/lib.sh"

name=$(basename "$0")
bin=${PG_BIN:-/usr/lib/postgresql/15/bin}
scratch=
umask 022

# Ends what was started in the background, and takes the scratch folder away.
tidy()
{
	local status=$?

	trap - EXIT
	trap '' INT TERM HUP
	if [ -n "$(jobs -pr)" ]; then
		# shellcheck disable=SC2046 # one word a job is meant
		kill $(jobs -pr) 2>/dev/null || true
		wait || true
	fi
	if [ -n "$scratch" ]; then
		rm -rf "$scratch"
	fi
	exit "$status"
}

# Cannot be installed here: one line that says why.
cannot()
{
	echo "$*"
	exit 3
}

need_numbers()
{
	local number

	for number in "$@"; do
		[[ $number =~ ^[1-9][0-9]{0,8}$ ]] || die "not a number: \"$number\""
	done
}

# sql DSN ARGUMENT...
sql()
{
	local dsn=$1

	shift
	"$bin/psql" -XqAt -v ON_ERROR_STOP=1 -d "$dsn" "$@" </dev/null
}

# What autovacuum does to the tables of a schema some time after they were
# filled; without it the peers' queries have plans for an empty table.
settle()
{
	printf '%s\n' "SELECT format('VACUUM ANALYZE %s', oid::regclass) FROM pg_class
		WHERE relnamespace = '$2'::regnamespace AND relkind = 'r' \gexec" |
		"$bin/psql" -XqAt -v ON_ERROR_STOP=1 -d "$1"
}

# The value of a keyword in a DSN that has no quotes in it.
from_dsn()
{
	local pair

	for pair in $2; do
		if [ "${pair%%=*}" = "$1" ]; then
			echo "${pair#*=}"
		fi
	done
}

# The expression for a body of so many bytes, the same in every driver:
# md5 of 0, 1, 2 and so on, one after the other. Nothing compresses it.
sql_body()
{
	echo "(SELECT left(string_agg(md5(i::text), '' ORDER BY i), $1) FROM generate_series(0, $1 / 32) AS i)"
}

# A body for those who take JSON only: as many bytes when written as JSON.
sql_json_body()
{
	[ "$1" -ge 12 ] || die 'no body of less than 12 bytes here'
	echo "(SELECT '{\"body\":\"' || $(sql_body $(($1 - 11))) || '\"}')"
}

# pgbench_send DSN CLIENTS BATCH SECONDS NOTE BODY CALL: lets pgbench send and
# prints what it did. BODY is the expression that makes the body, asked for
# once by each client; CALL the statement that sends it as :body.
pgbench_send()
{
	local dsn=$1 clients=$2 batch=$3 seconds=$4 note=$5 body=$6 call=$7
	local threads calls rate

	scratch=$(mktemp -d)
	cat >"$scratch/send.sql" <<-SQL
		\\if :n = 0
		SELECT $body AS body \\gset
		\\set n 1
		\\endif
		$call
	SQL
	threads=$(nproc)
	[ "$threads" -le "$clients" ] || threads=$clients
	run "$bin/pgbench" -n -M prepared -c "$clients" -j "$threads" -T "$seconds" -D n=0 \
		-f "$scratch/send.sql" "$dsn" >"$scratch/out" 2>"$scratch/err" || {
		tail -n 5 "$scratch/err" >&2
		die 'pgbench failed'
	}
	calls=$(sed -nE 's/^number of transactions actually processed: ([0-9]+).*/\1/p' "$scratch/out")
	rate=$(sed -nE 's/^tps = ([0-9.]+) .*/\1/p' "$scratch/out")
	awk -v calls="$calls" -v rate="$rate" -v batch="$batch" -v note="$note" 'BEGIN {
		printf "{\"calls\": %d, \"messages\": %d, \"seconds\": %.3f, \"note\": \"%s\"}\n",
			calls, calls * batch, calls / rate, note }'
}

# times N TEXT: the text that many times, commas between.
times()
{
	local list

	# pgbench knows no more than 255 parameters a statement
	[ "$1" -le 200 ] || die "a batch of $1 is more than pgbench can send"
	list=$(printf "%$1s" '' | sed "s/ /, $(sed 's/[&/\]/\\&/g' <<<"$2")/g")
	echo "${list#, }"
}

# An environment for Python in the folder, with these pinned packages.
install_python()
{
	local dir=$1 requirements=$2

	# Debian's own: one in root's home would be of no use to anybody else.
	need_packages python3-venv 2>"$dir/install.log" ||
		cannot "apt: $(tail -n 1 "$dir/install.log")"
	/usr/bin/python3 -m venv "$dir/venv" >"$dir/install.log" 2>&1 ||
		cannot "python3 cannot make a venv: $(tail -n 1 "$dir/install.log")"
	retry "$dir/venv/bin/pip" install -q --disable-pip-version-check --no-input \
		-r "$requirements" >"$dir/install.log" 2>&1 ||
		cannot "pip: $(grep -m 1 ERROR "$dir/install.log" || tail -n 1 "$dir/install.log")"
}

# The modules of Node.js that the lock file names, in the folder.
install_node()
{
	local dir=$1 locked=$2 node

	node=$(node -p 'process.versions.node' 2>/dev/null) || cannot 'there is no node'
	[ "${node%%.*}" -ge 20 ] || cannot "node is $node, and 20 is needed"
	command -v npm >/dev/null || cannot 'there is no npm'
	cp "$locked/package.json" "$locked/package-lock.json" "$dir"
	retry npm ci --prefix "$dir" --ignore-scripts --no-audit --no-fund --cache "$dir/.npm" \
		>"$dir/install.log" 2>&1 ||
		cannot "npm: $(grep -m 1 'npm error' "$dir/install.log" || tail -n 1 "$dir/install.log")"
	rm -rf "$dir/.npm"
}

# Calls the function of the subcommand: peer_install and so on.
peer_main()
{
	local usage="usage: $name install DIR | prepare|cleanup DIR DSN | load DIR DSN N BODY |
       run DIR DSN send|work CLIENTS BATCH SECONDS BODY" word=${1:-}

	case $word:$# in
		install:2 | prepare:3 | cleanup:3) ;;
		load:5) need_numbers "${@:4}" ;;
		run:8)
			[[ $4 =~ ^(send|work)$ ]] || die "$usage"
			need_numbers "${@:5}"
			;;
		*) die "$usage" ;;
	esac
	shift
	mkdir -p "$1"
	set -- "$(realpath "$1")" "${@:2}"
	trap tidy EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	"peer_$word" "$@"
}
