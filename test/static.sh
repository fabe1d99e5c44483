#!/bin/bash
# Everything that can be said about the sources without running them. Each
# check below counts as one; works on a copy of the tree.
#
#   CHECKS="layers indent"   only these
#   PG_CONFIG=...            the PostgreSQL to compile against
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=test/lib.sh
. "$here/lib.sh"

CHECKS=${CHECKS:-gcc clang symbols alone layers cppcheck scan-build clang-tidy service indent shellcheck python text}

need_packages make gcc libc6-dev binutils bzip2 clang clang-tools clang-tidy cppcheck perl \
	pg-bsd-indent shellcheck pyflakes3 python3-psycopg2 postgresql-server-dev-15 \
	"${gateway_packages[@]}" ||
	echo 'the checks that need these packages will fail' >&2
pg_config=${PG_CONFIG:-/usr/lib/postgresql/15/bin/pg_config}

work=$(mktemp -d "${TMPDIR:-/tmp}/queue-static.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
if [ "$QUEUE_NESTED" = no ]; then
	QUEUE_RESULTS=$work/results
	export QUEUE_RESULTS
fi
: >>"$QUEUE_RESULTS"
copy_tree "$here/.." "$work/tree"
cd "$work/tree"

# The module, the load of the benchmark, and the programs, which make leaves out
# where they cannot be built.
build_in()
{
	copy_tree "$work/tree" "$1"
	make -s -k -C "$1" -j"$(nproc)" PG_CONFIG="$pg_config" "${@:2}" all &&
		make -s -C "$1/bench/client" -j"$(nproc)" "${@:2}" client &&
		test -x "$1/src/gateway/queue-gateway" &&
		test -x "$1/src/worker/queue-worker"
}

check_gcc()
{
	build_in "$work/gcc" COPT=-Werror CC=gcc
}

check_clang()
{
	# The fragments say how each file was compiled; clang-tidy wants to know.
	build_in "$work/clang" CC=clang \
		COPT="-Werror -Wno-unused-command-line-argument -gen-cdb-fragment-path $work/commands"
}

# All that the module shows to the rest of the server's process.
check_symbols()
{
	local strange

	[ -e "$work/gcc/queue.so" ] || check_gcc >/dev/null
	strange=$(nm -D --defined-only "$work/gcc/queue.so" | awk '{ print $3 }' |
		grep -vE '^(sqs_.*|queue_.*|pg_finfo_.*|_PG_init|Pg_magic_func)$' || true)
	if [ -n "$strange" ]; then
		echo "exported, and should not be:"
		echo "$strange"
		return 1
	fi
}

# The module builds where the programs cannot, and make says what is missing.
check_alone()
{
	copy_tree "$work/tree" "$work/alone"
	make -s -C "$work/alone" -j"$(nproc)" PG_CONFIG="$pg_config" \
		PACKAGES='libpq no-such-library' all | tee "$work/said"
	test -e "$work/alone/queue.so" &&
		grep -qx 'queue-gateway is left out, pkg-config does not find: no-such-library' "$work/said" &&
		grep -qx 'queue-worker is left out, pkg-config does not find: no-such-library' "$work/said" &&
		test ! -e "$work/alone/src/gateway/queue-gateway" &&
		test ! -e "$work/alone/src/worker/queue-worker"
}

check_layers()
{
	perl test/layers.pl module src &&
		perl test/layers.pl client src/client &&
		perl test/layers.pl gateway src/gateway &&
		perl test/layers.pl worker src/worker
}

check_cppcheck()
{
	local options=(-q -j "$(nproc)" '--enable=warning,performance,portability' --std=c99
		--inline-suppr --error-exitcode=1) programs

	# Libraries of the programs are not read: a loop of jansson has to be told.
	# And a list of arguments may end with NULL, which is a pointer in C here.
	cat >"$work/loops.h" <<-'LOOPS'
		#define json_array_foreach(a, i, v) \
			for (i = 0; (v = json_array_get(a, i)) != NULL; i++)
		#define json_object_foreach(o, k, v) \
			for (k = first(o); (v = get(o, k)) != NULL; k = next(o, k))
	LOOPS
	programs=(-I src/client '-DQUEUE_VERSION="0"' '-DPROGRAM_NAME="x"'
		--include="$work/loops.h" --suppress=varFuncNullUB)
	cppcheck "${options[@]}" -I src -i src/client -i src/gateway -i src/worker src &&
		cppcheck "${options[@]}" "${programs[@]}" src/client &&
		cppcheck "${options[@]}" "${programs[@]}" -I src/gateway src/gateway &&
		cppcheck "${options[@]}" "${programs[@]}" -I src/worker src/worker &&
		cppcheck "${options[@]}" bench/client
}

check_scan-build()
{
	copy_tree "$work/tree" "$work/scan"
	(cd "$work/scan" && scan-build --status-bugs -o "$work/scan-out" \
		make -s PG_CONFIG="$pg_config" all)
}

check_clang-tidy()
{
	[ -d "$work/commands" ] || check_clang >/dev/null || return
	if [ "$(find "$work/commands" -name '*.json' | wc -l)" -lt "$(find src -name '*.c' | wc -l)" ]; then
		echo 'clang did not compile every file'
		return 1
	fi
	{
		echo '['
		cat "$work"/commands/*.json | sed '$ s/,$//'
		echo ']'
	} >"$work/clang/compile_commands.json"
	(cd "$work/clang" && printf '%s\n' src/*.c src/client/*.c src/gateway/*.c src/worker/*.c bench/client/*.c |
		xargs -P "$(nproc)" -n 2 clang-tidy --quiet \
			--config-file="$work/tree/.clang-tidy" -p .)
}

# What systemd thinks of the services, with programs that are there.
check_service()
{
	local program service

	command -v systemd-analyze >/dev/null || return 77
	mkdir -p "$work/service"
	: >"$work/said"
	for service in gateway/queue-gateway worker/queue-worker@; do
		program=$(basename "${service%@}")
		sed "s|@bindir@|$work/service|" "src/$service.service.in" \
			>"$work/service/$(basename "$service").service"
		printf '#!/bin/sh\n' >"$work/service/$program"
		chmod +x "$work/service/$program"
		systemd-analyze verify --man=no "$work/service/$(basename "${service/%@/@x}").service" 2>&1 |
			tee -a "$work/said"
	done
	test ! -s "$work/said"
}

check_indent()
{
	test/indent.sh --check
}

check_shellcheck()
{
	# The drivers of the peers are called by name, and some are no shell.
	{
		find . -name '*.sh' -print0
		printf '.ci/run\0'
		grep -lZ -d skip '^#!/bin/bash' bench/peers/* bench/standins/*
	} | xargs -0 shellcheck -x -P SCRIPTDIR
}

check_python()
{
	find . -name '*.py' -print0 | xargs -0 pyflakes3 &&
		/usr/bin/python3 -B bench/selftest.py
}

# What a reader trips over, in every file that people write; the inputs of fuzz
# targets are none.
check_text()
{
	local status=0

	if [ -d test/t ] && grep -rnwE 'sleep|usleep' test/t; then
		echo 'a test waits with poll_query_until, it does not sleep'
		status=1
	fi
	if grep -rnI --exclude='*.out' --exclude-dir=corpus '[[:blank:]]$' .; then
		echo 'trailing blanks'
		status=1
	fi
	while read -r -d '' file; do
		if [ -n "$(tail -c 1 "$file")" ]; then
			echo "$file: no newline at the end"
			status=1
		fi
	done < <(find . -name corpus -prune -o -type f ! -name '*.out' -size +0 -print0 | xargs -0 grep -lIZ .)

	# what the server says must be valid in any encoding of a database
	if LC_ALL=C grep -rn --include='*.[ch]' '[^ -~	]' src; then
		echo 'sources in C are ASCII'
		status=1
	fi
	while read -r -d '' file; do
		if ! iconv -f utf-8 -t utf-8 "$file" >"$work/utf8" 2>&1; then
			echo "$file: not valid UTF-8"
			status=1
		fi
	done < <(find . -type f \( -name '*.sql' -o -name '*.out' -o -name '*.md' -o -name '*.pl' -o -name '*.sh' -o -name '*.py' \) -print0)
	return "$status"
}

for check in $CHECKS; do
	status=0
	"check_$check" >"$work/log" 2>&1 </dev/null || status=$?
	case $status in
		0) result ok static "$check" ;;
		77)
			result skip static "$check" 'a tool cannot be had here'
			cat "$work/log"
			;;
		*)
			result not static "$check"
			head -n 120 "$work/log"
			;;
	esac
done

summary
