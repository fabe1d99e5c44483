# Shared by the scripts in this folder and in bench: packages, the unprivileged
# user, a PostgreSQL to spoil, and the counting of results. Sourced, never run.
# shellcheck shell=bash

# A make above us would hand its own variables to the makes below us.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
unset PGHOST PGHOSTADDR PGPORT PGUSER PGDATABASE PGDATA PGOPTIONS PGSERVICE PGPASSWORD
unset LC_ALL LANGUAGE
export LANG=C.UTF-8

# The user that servers run as when we are root, who may not start one.
QUEUE_TEST_USER=${QUEUE_TEST_USER:-queuetest}

# What the gateway is built with; the worker needs less.
# shellcheck disable=SC2034 # for those who source this
gateway_packages=(pkg-config libmicrohttpd-dev libjansson-dev libpq-dev libssl-dev libgnutls28-dev)

# What is worth fetching or building once: sources, other releases of Debian.
if [ -z "${QUEUE_CACHE:-}" ]; then
	if [ "$(id -u)" -eq 0 ]; then
		QUEUE_CACHE=/var/cache/queue-test
	else
		QUEUE_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/queue-test
	fi
fi

# Each result is a line "ok|not|skip<TAB>suite<TAB>name" in here. A script
# called by another adds to the other's file and leaves the counting to it.
if [ -n "${QUEUE_RESULTS:-}" ]; then
	QUEUE_NESTED=yes
else
	QUEUE_NESTED=no
	QUEUE_RESULTS=
fi

die()
{
	printf '%s: %s\n' "$(basename "$0")" "$*" >&2
	exit 2
}

is_root()
{
	[ "$(id -u)" -eq 0 ]
}

# Runs a command up to three times: package servers have their moments.
retry()
{
	local try

	for try in 1 2 3; do
		if "$@"; then
			return 0
		fi
		if [ "$try" -lt 3 ]; then
			sleep $((try * 10))
		fi
	done
	return 1
}

# Runs a command while no other run of these scripts changes the cache.
locked()
{
	mkdir -p "$QUEUE_CACHE"
	(
		flock 9
		"$@"
	) 9>"$QUEUE_CACHE/lock"
}

# Runs a program, not a function, in the background and waits: a signal to us
# then need not wait for it, and can be passed on.
run()
{
	"$@" &
	wait "$!"
}

# result ok|not|skip SUITE NAME [REMARK]: one line to see, one to count.
result()
{
	local word=$1

	case $word in
		not) word=FAILED ;;
		skip) word=skipped ;;
	esac
	printf '%-8s %-10s %s%s\n' "$word" "$2" "$3" "${4:+ ($4)}"
	printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$QUEUE_RESULTS"
}

# How many results have this word; in one suite, if one is named.
count_results()
{
	awk -F '\t' -v word="$1" -v suite="${2:-}" \
		'$1 == word && (suite == "" || $2 == suite) { n++ } END { print n + 0 }' \
		"$QUEUE_RESULTS"
}

# The counts of each suite, then the one line that a caller reads. Returns
# false if anything failed, or if nothing ran at all.
summary()
{
	local suite passed failed skipped

	passed=$(count_results ok)
	failed=$(count_results not)
	if [ $((passed + failed)) -eq 0 ]; then
		result not harness 'nothing was run'
		failed=1
	fi
	if [ "$QUEUE_NESTED" = no ]; then
		echo
		cut -f 2 "$QUEUE_RESULTS" | awk '!seen[$0]++' | while read -r suite; do
			skipped=$(count_results skip "$suite")
			printf '%s: %d ok, %d not ok%s\n' "$suite" \
				"$(count_results ok "$suite")" "$(count_results not "$suite")" \
				"$([ "$skipped" -eq 0 ] || printf ', %d skipped' "$skipped")"
		done
		printf '%d passed, %d failed\n' "$passed" "$failed"
	fi
	[ "$failed" -eq 0 ]
}

# Installs those of the named packages that are missing. Never upgrades,
# and never lets a server package make or start a cluster of its own.
need_packages()
{
	local missing=() package drop_in=/etc/postgresql-common/createcluster.d/queue-test.conf
	local status=0

	for package in "$@"; do
		if ! dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
			missing+=("$package")
		fi
	done
	if [ ${#missing[@]} -eq 0 ]; then
		return 0
	fi
	if ! is_root; then
		echo "$(basename "$0"): as root, install: ${missing[*]}" >&2
		return 1
	fi

	echo "installing ${missing[*]}" >&2
	mkdir -p "$(dirname "$drop_in")"
	echo 'create_main_cluster = false' >"$drop_in"
	retry install_packages "${missing[@]}" || status=$?
	rm -f "$drop_in"
	rmdir --ignore-fail-on-non-empty "$(dirname "$drop_in")"
	return "$status"
}

# One attempt, first with the lists at hand, then with fresh ones.
install_packages()
{
	local log status=0

	log=$(mktemp)
	if ! apt_install "$@" >"$log" 2>&1; then
		apt-get -q update >>"$log" 2>&1 || true
		apt_install "$@" >>"$log" 2>&1 || status=$?
	fi
	if [ "$status" -ne 0 ]; then
		tail -n 20 "$log" >&2
	fi
	rm -f "$log"
	return "$status"
}

apt_download()
{
	apt-get -qq -o APT::Sandbox::User="$(id -un)" download "$@"
}

apt_install()
{
	DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-upgrade --no-install-recommends \
		-o DPkg::Lock::Timeout=600 install "$@"
}

# Prints where promtool is, of Prometheus as Debian 12 packs it; later releases do
# without. No package is installed, since that one would start a server: it is
# unpacked in the cache.
need_promtool()
{
	local dir=$QUEUE_CACHE/prometheus

	if command -v promtool; then
		return 0
	fi
	if [ ! -x "$dir/usr/bin/promtool" ]; then
		locked fetch_prometheus "$dir" >&2 || return 1
	fi
	echo "$dir/usr/bin/promtool"
}

fetch_prometheus()
{
	local to=$1 folder status=0

	[ ! -x "$to/usr/bin/promtool" ] || return 0
	folder=$(mktemp -d)
	if (cd "$folder" && { apt_download prometheus || { apt-get -q update && retry apt_download prometheus; }; } &&
		dpkg-deb -x prometheus_*.deb new && ls new/usr/bin/promtool) >"$folder/log" 2>&1; then
		rm -rf "$to"
		mkdir -p "$to/usr/bin"
		cp "$folder/new/usr/bin/promtool" "$to/usr/bin/"
		chmod -R a+rX "$QUEUE_CACHE"/prometheus
	else
		tail -n 5 "$folder/log" >&2
		status=1
	fi
	rm -rf "$folder"
	return "$status"
}

# Sets as_tester, the words to put before a command that PostgreSQL would not
# let root run; the user exists afterwards. The argument is its home.
# shellcheck disable=SC2034 # for those who source this
need_tester()
{
	as_tester=()
	if ! is_root; then
		return
	fi
	if ! id "$QUEUE_TEST_USER" >/dev/null 2>&1; then
		# Two runs may start at once.
		useradd --system --user-group --no-create-home --home-dir /nonexistent \
			--shell /bin/sh "$QUEUE_TEST_USER" 2>/dev/null ||
			id "$QUEUE_TEST_USER" >/dev/null
	fi
	as_tester=(setpriv --reuid="$QUEUE_TEST_USER" --regid="$QUEUE_TEST_USER" --clear-groups
		env HOME="$1" USER="$QUEUE_TEST_USER" LOGNAME="$QUEUE_TEST_USER")
}

# Copies the tree, without what a build or a test left in it, into a folder.
copy_tree()
{
	local from=$1 to=$2

	mkdir -p "$to"
	tar -C "$from" --exclude=./.git --exclude='*.o' --exclude='*.d' --exclude='*.so' \
		--exclude='*.bc' --exclude=./results --exclude='./tmp_check*' \
		--exclude=./output_iso --exclude=./log --exclude='./src/*/build' \
		--exclude=./src/gateway/queue-gateway --exclude=./src/gateway/queue-gateway.service \
		--exclude=./src/worker/queue-worker --exclude=./src/worker/queue-worker@.service \
		-cf - . | tar -C "$to" --no-same-owner -xf -
}

# Copies PostgreSQL under a folder, each part at its own path: it finds its
# files by their place relative to the program. The pg_config of the copy takes
# the place of the one in $pg_config.
copy_postgresql()
{
	local to=$1 dir

	for dir in --bindir --pkglibdir --sharedir --includedir --includedir-server --libdir; do
		dir=$("$pg_config" "$dir")
		# The folder of all libraries of the machine is none of ours.
		case $dir in
			/usr/lib | /usr/lib/*-linux-gnu | /usr/include) continue ;;
		esac
		if [ ! -e "$to$dir" ]; then
			mkdir -p "$to$(dirname "$dir")"
			cp -a "$dir" "$to$dir"
		fi
	done
	pg_config=$to$("$pg_config" --bindir)/pg_config
}

# Prints where the source of PostgreSQL 15 lies, as Debian packs it; fetches
# the newest that Debian still offers if it is not in the cache. Asks the
# archives this machine trusts, with an apt of its own: needs no root, and
# leaves apt's state as it is.
postgresql_tarball()
{
	local cached key apt version

	cached=$(find "$QUEUE_CACHE" -maxdepth 1 -name 'postgresql-15_*.orig.tar.*' 2>/dev/null |
		sort -V | tail -n 1)
	if [ -n "$cached" ]; then
		echo "$cached"
		return 0
	fi

	apt=$(mktemp -d)
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$QUEUE_CACHE"
	key=/usr/share/keyrings/debian-archive-keyring.gpg
	# shellcheck disable=SC2016 # apt expands these
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Identifier: Packages' 'Origin: Debian' 2>/dev/null |
		sort -u | sed "s|^|deb-src $([ ! -r "$key" ] || echo "[signed-by=$key] ")|" \
		>"$apt/sources.list"
	cat >"$apt/apt.conf" <<-CONF
		Dir::Etc::SourceList "$apt/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::State::Lists "$apt/lists";
		Dir::Cache "$apt/cache";
		APT::Sandbox::User "$(id -un)";
	CONF

	if APT_CONFIG=$apt/apt.conf retry apt-get -qq update >"$apt/log" 2>&1; then
		for version in $(APT_CONFIG=$apt/apt.conf apt-cache showsrc --only-source \
			postgresql-15 2>/dev/null | sed -n 's/^Version: //p' | sort -Vru); do
			if (cd "$apt" && APT_CONFIG=$apt/apt.conf apt-get -qq --only-source \
				--download-only source "postgresql-15=$version") >>"$apt/log" 2>&1; then
				break
			fi
		done
	fi
	if ! mv "$apt"/postgresql-15_*.orig.tar.* "$QUEUE_CACHE/" 2>>"$apt/log"; then
		echo 'the source of PostgreSQL 15 cannot be had:' >&2
		tail -n 5 "$apt/log" >&2
		rm -rf "$apt"
		return 1
	fi
	rm -rf "$apt"
	find "$QUEUE_CACHE" -maxdepth 1 -name 'postgresql-15_*.orig.tar.*' | sort -V | tail -n 1
}
