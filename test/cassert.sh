#!/bin/bash
# Runs the tests on a PostgreSQL 15 built with assertions, from the source
# that Debian packs. Debian's server has them off, and much of what we rely on
# is only checked by them. The server is built once and kept in QUEUE_CACHE.
# Takes the same settings as check.sh.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=test/lib.sh
. "$here/lib.sh"

need_packages make gcc libc6-dev bzip2 perl libipc-run-perl libssl-dev liblz4-dev zlib1g-dev ||
	die 'cannot go on without them'
tarball=$(postgresql_tarball) || die 'cannot go on without it'
version=$(basename "$tarball" | sed -E 's/^postgresql-15_(.*)\.orig\.tar.*$/\1/')
prefix=$QUEUE_CACHE/cassert-$version

# Builds and installs the server, unless it is there.
build_server()
{
	local work

	if [ -e "$prefix/complete" ]; then
		return
	fi
	echo "building PostgreSQL $version with assertions"
	work=$(mktemp -d)
	tar -C "$work" -xf "$tarball"
	if ! (cd "$work"/postgresql-* &&
		./configure --prefix="$prefix" --enable-cassert --enable-debug --enable-tap-tests \
			--with-openssl --with-lz4 --without-readline CFLAGS='-Og -ggdb' &&
		make -s -j"$(nproc)" && make -s -j"$(nproc)" -C contrib &&
		make -s install && make -s -C contrib install) >"$work/log" 2>&1; then
		tail -n 20 "$work/log" >&2
		rm -rf "$work"
		return 1
	fi
	touch "$prefix/complete"
	rm -rf "$work"
}

locked build_server || die 'PostgreSQL did not build'
PG_CONFIG=$prefix/bin/pg_config SUITES=${SUITES:-regress isolation tap stops} "$here/check.sh"
