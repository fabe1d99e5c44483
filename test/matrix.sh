#!/bin/bash
# Runs the tests on other releases of PostgreSQL, each inside the Debian that
# brings it. Needs root. The Debian trees stay in QUEUE_CACHE and are reused.
#
#   test/matrix.sh 17 18
#
# Ends with "N passed, N failed"; a release that cannot be tried is a failure.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=test/lib.sh
. "$here/lib.sh"

declare -A suite_of=([15]=bookworm [17]=trixie [18]=forky)
SUITES=${SUITES:-regress isolation tap stops}

[ $# -gt 0 ] || die 'usage: matrix.sh 17 18'
is_root || die 'must be root, to change the root directory'
need_packages debootstrap util-linux || die 'cannot go on without them'

output=$(mktemp)
trap 'rm -f "$output"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Where this machine gets its own Debian from.
mirror()
{
	local found

	# shellcheck disable=SC2016 # apt expands it
	for _ in once again; do
		found=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' \
			'Origin: Debian' 'Label: Debian' 2>/dev/null | head -n 1)
		[ -z "$found" ] || break
		# Origins are known only once the lists are here.
		retry apt-get -qq update >&2
	done
	[ -n "$found" ] && echo "$found"
}

# Makes the Debian $1 with PostgreSQL $2, unless the cache has it. It is built
# beside its place and moved there complete, so that half of one is never used.
need_debian()
{
	local suite=$1 major=$2 root=$QUEUE_CACHE/$1 from script=()

	if [ -e "$root/etc/queue-test-$major" ]; then
		return 0
	fi
	echo "making Debian $suite with PostgreSQL $major"
	if [ ! -d "$root" ]; then
		from=$(mirror) || return 1
		# An older debootstrap does not know the suites that came after it.
		if [ ! -e "/usr/share/debootstrap/scripts/$suite" ]; then
			script=(/usr/share/debootstrap/scripts/sid)
		fi
		retry bootstrap "$suite" "$root" "$from" "${script[@]}" || return 1
	fi
	retry install_inside "$root" "$major" || return 1
	touch "$root/etc/queue-test-$major"
}

bootstrap()
{
	local suite=$1 root=$2 new=$2.new

	rm -rf "$new"
	debootstrap --variant=minbase "$suite" "$new" "${@:3}" >"$output" 2>&1 &&
		mv "$new" "$root" && return 0
	tail -n 5 "$output" >&2
	return 1
}

install_inside()
{
	local root=$1 major=$2

	# Resolves as we do; starts no service; makes no cluster.
	cat /etc/resolv.conf >"$root/etc/resolv.conf"
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod +x "$root/usr/sbin/policy-rc.d"
	mkdir -p "$root/etc/postgresql-common/createcluster.d"
	echo 'create_main_cluster = false' >"$root/etc/postgresql-common/createcluster.d/queue-test.conf"
	# A mirror that lags behind may carry lists past their date. Our TMPDIR need
	# not be there.
	inside "$root" env -u TMPDIR bash -c 'export DEBIAN_FRONTEND=noninteractive
		apt-get -qq -o Acquire::Check-Valid-Until=false update && apt-get -qq -y --no-install-recommends install "$@" &&
		apt-get clean' bash \
		make gcc libc6-dev perl libipc-run-perl "postgresql-$major" \
		"postgresql-server-dev-$major" >"$output" 2>&1 && return 0
	tail -n 5 "$output" >&2
	return 1
}

# Runs a command in the other Debian. Where the machine allows, with a mount
# and a process namespace of its own: nothing then stays mounted or running,
# whatever happens. Elsewhere without any mount: PostgreSQL gets by without
# /proc, and with a plain folder for /dev/shm.
inside()
{
	local root=$1
	shift

	if [ "$namespaces" = yes ]; then
		# shellcheck disable=SC2016 # expanded by the inner shell
		unshare --mount --pid --ipc --fork --kill-child --propagation private \
			bash -c 'mount -t proc proc "$0/proc" &&
				mount -t tmpfs -o mode=1777 tmpfs "$0/dev/shm" &&
				exec chroot "$0" "$@"' "$root" "$@"
	else
		mkdir -p "$root/dev/shm"
		chmod 1777 "$root/dev/shm"
		chroot "$root" "$@"
	fi
}

namespaces=no
# shellcheck disable=SC2016 # expanded by the inner shell
if unshare --mount --pid --ipc --fork --propagation private \
	bash -c 'mount -t tmpfs tmpfs /mnt && mkdir /mnt/proc && mount -t proc proc /mnt/proc' \
	2>/dev/null; then
	namespaces=yes
fi

passed=0
failed=0
summaries=()
for major in "$@"; do
	suite=${suite_of[$major]:-}
	counts='0 passed, 1 failed'
	status=0
	if [ -z "$suite" ]; then
		echo "no Debian is known to bring PostgreSQL $major"
	elif ! locked need_debian "$suite" "$major"; then
		echo "PostgreSQL $major could not be installed"
	else
		root=$QUEUE_CACHE/$suite
		tree=$(mktemp -d "$root/tmp/queue-tree.XXXXXX")
		copy_tree "$here/.." "$tree"
		chmod 755 "$tree"
		echo "== PostgreSQL $major on Debian $suite"
		inside "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			HOME=/root TERM=dumb PG_MAJOR="$major" SUITES="$SUITES" \
			REGRESS="${REGRESS:-}" ISOLATION="${ISOLATION:-}" PROVE_TESTS="${PROVE_TESTS:-}" \
			STOPS="${STOPS:-}" \
			"/tmp/$(basename "$tree")/test/check.sh" 2>&1 | tee "$output" || status=$?
		rm -rf "$tree"
		counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$output" | tail -n 1 || true)
		counts=${counts:-0 passed, 1 failed}
		if [ "$status" -ne 0 ] && [[ $counts == *', 0 failed' ]]; then
			counts="${counts%, 0 failed}, 1 failed"
		fi
	fi
	read -r p _ f _ <<<"$counts"
	passed=$((passed + p))
	failed=$((failed + f))
	summaries+=("PostgreSQL $major: $p ok, $f not ok")
done

echo
printf '%s\n' "${summaries[@]}"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
