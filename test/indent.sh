#!/bin/bash
# Formats the sources as PostgreSQL 15 formats its own: its pgindent, its
# typedefs.list, and our typedefs, read from the built objects.
#
#   test/indent.sh            formats in place
#   test/indent.sh --check    shows what it would change; fails if anything
#   PGSRC=/path/to/source     takes pgindent from there instead of fetching
#
# Exit status 77: pgindent cannot be had here.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=test/lib.sh
. "$here/lib.sh"

top=$(cd "$here/.." && pwd)
check=${1:-}

need_packages make gcc binutils bzip2 perl pg-bsd-indent "postgresql-server-dev-15" \
	"${gateway_packages[@]}" || exit 77

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -n "${PGSRC:-}" ]; then
	tools=$PGSRC/src/tools/pgindent
else
	tarball=$(postgresql_tarball) || exit 77
	tar -C "$work" --wildcards -xf "$tarball" '*/src/tools/pgindent/*'
	tools=$(echo "$work"/postgresql-*/src/tools/pgindent)
fi

copy_tree "$top" "$work/tree"
cd "$work/tree"
if ! make -j"$(nproc)" COPT=-g PG_CONFIG="${PG_CONFIG:-/usr/lib/postgresql/15/bin/pg_config}" \
	all >"$work/log" 2>&1 ||
	! make -j"$(nproc)" -C src/gateway test-objects >>"$work/log" 2>&1 ||
	! make -j"$(nproc)" -C src/worker test-objects >>"$work/log" 2>&1 ||
	! make -j"$(nproc)" -C bench/client >>"$work/log" 2>&1; then
	tail -n 20 "$work/log" >&2
	die 'the typedefs are read from the built objects, and these do not build'
fi

# Programs know nothing of PostgreSQL's own types, some of which have names that
# others give to variables. What a script has written is left alone.
mapfile -t module < <(find src -maxdepth 1 -name '*.[ch]' | sort)
mapfile -t gateway < <(find src/client src/gateway test/client test/gateway -name '*.[ch]' ! -name '*_vectors.h' | sort)
mapfile -t worker < <(find src/worker test/worker -name '*.[ch]' | sort)
files=("${module[@]}" "${gateway[@]}" "${worker[@]}")

# format TYPEDEFS OBJECTS FILE...: with the typedefs of a list, and with those
# names of the objects' that occur in the files; the objects know every typedef
# of every header they met.
format()
{
	local list=$1 objects=$2 names
	shift 2

	find "$objects" -maxdepth 1 -name '*.o' -exec objdump --dwarf=info {} + |
		awk '/DW_TAG_typedef/ { t = 1; next }
			/DW_TAG_/ { t = 0 }
			t && /DW_AT_name/ { print $NF; t = 0 }' | sort -u >"$work/known"
	grep -ohE '[A-Za-z_][A-Za-z0-9_]*' "$@" | sort -u >"$work/words"
	names=$(comm -12 "$work/known" "$work/words" | tr '\n' ' ')
	perl "$tools/pgindent" --typedefs="$list" --list-of-typedefs="$names" \
		--indent=pg_bsd_indent "$@"
}

mkdir "$work/before"
cp -a --parents "${files[@]}" "$work/before"
printf 'bool\n' >"$work/typedefs"
format "$tools/typedefs.list" src "${module[@]}"
format "$work/typedefs" src/gateway "${gateway[@]}"
format "$work/typedefs" src/worker "${worker[@]}"

if [ "$check" = --check ]; then
	status=0
	for file in "${files[@]}"; do
		diff -u --label "$file" --label "$file (pgindent)" \
			"$work/before/$file" "$file" || status=1
	done
	exit "$status"
fi
for file in "${files[@]}"; do
	cmp -s "$file" "$top/$file" || cat "$file" >"$top/$file"
done
