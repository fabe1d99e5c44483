# Brings the clients that the tests in this folder use: packages of Debian, and
# what the registries of Python, Node.js, Go, Java and Rust have. All versions
# are pinned. What was built stays in QUEUE_CACHE, under a name that changes
# with the sources. Sourced by run.sh, after lib.sh.
# shellcheck shell=bash disable=SC2154

# A client that this machine cannot have: one line that says why. What needs it
# is skipped.
cannot()
{
	echo "$*" >&3
	exit 3
}

# fetch LOG WHAT COMMAND...: a command that asks a registry.
fetch()
{
	local log=$1 what=$2

	shift 2
	retry "$@" >"$log" 2>&1 || {
		cat "$log"
		cannot "$what: $(grep -iE -m 1 'error' "$log" || tail -n 1 "$log")"
	}
}

# A program that is there, or that a package of Debian brings.
have()
{
	local program=$1

	shift
	command -v "$program" >/dev/null || need_packages "$@" || cannot "there is no $program"
}

install_python()
{
	# Debian's own: one in somebody's home would be of no use to others.
	need_packages python3-venv || cannot 'there is no python3-venv'
	/usr/bin/python3 -m venv "$1" || cannot 'python3 makes no environment'
	fetch "$1/log" pip "$1/bin/pip" install -q --disable-pip-version-check --no-input \
		-r "$2/requirements.txt"
	# It knows where it was made.
	find "$1/bin" -type f -exec sed -i "1s|$1|${1%.new}|" {} +
}

install_debian()
{
	need_packages python3-boto3 python3-cryptography python3-psycopg2 awscli jq ||
		cannot 'Debian has no python3-boto3, python3-cryptography, python3-psycopg2, awscli or jq'
}

install_js()
{
	local node

	have node nodejs
	have npm npm
	node=$(node -p 'process.versions.node')
	[ "${node%%.*}" -ge 18 ] || cannot "node is $node, and 18 is needed"
	cp "$2"/* "$1"
	fetch "$1/log" npm npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund \
		--cache "$1/npm"
	rm -rf "$1/npm"
}

install_go()
{
	have go golang-go
	export GOFLAGS=-mod=readonly GOTOOLCHAIN=local CGO_ENABLED=0
	cp "$2"/* "$1"
	cd "$1"
	fetch "$1/log" go go mod download
	go build -trimpath -o client .
}

install_java()
{
	local release mvn=(mvn -q -B "-Dmaven.repo.local=$cache/maven" -f "$1/pom.xml")

	have javac default-jdk-headless
	have mvn maven
	release=$(javac -version 2>&1 | sed -E 's/^javac ([0-9]+).*/\1/')
	[ "$release" -ge 17 ] || cannot "java is $release, and 17 is needed"
	cp -r "$2"/* "$1"
	fetch "$1/log" mvn "${mvn[@]}" dependency:copy-dependencies dependency:resolve-plugins \
		-DincludeScope=runtime -DoutputDirectory="$1/lib"
	"${mvn[@]}" compile
}

install_rust()
{
	local release source

	command -v cargo >/dev/null || cannot 'there is no cargo'
	release=$(rustc --version | cut -d ' ' -f 2)
	# What the SDK asks for; Debian 12 has 1.63.
	printf '%s\n' 1.94.1 "$release" | sort -CV || cannot "rustc is $release, and 1.94.1 is needed"
	cp -r "$2"/* "$1"
	# The lock file names what there is, not where it comes from: that is put
	# back as the cargo of this machine writes it.
	mv "$1/Cargo.lock" "$1/Cargo.names"
	fetch "$1/log" cargo cargo generate-lockfile -q --manifest-path "$1/Cargo.toml"
	source=$(sed -n '/^source = /{p;q}' "$1/Cargo.lock")
	sed "s|^checksum = |$source\n&|" "$1/Cargo.names" >"$1/Cargo.lock"
	fetch "$1/log" cargo cargo fetch -q --locked --manifest-path "$1/Cargo.toml"
	CARGO_TARGET_DIR=$cache/cargo cargo build -q --locked --offline --manifest-path "$1/Cargo.toml"
	cp "$cache/cargo/debug/client" "$1/client"
}

# The folder of a client: its name, and what its sources are.
client_folder()
{
	local sources=$here/$1 sum

	if [ -d "$sources" ]; then
		sum=$(cd "$sources" && find . -type f ! -path './node_modules/*' ! -path './target/*' \
			-print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-12)
	else
		sum=0
	fi
	echo "$cache/$1-$sum"
}

# Installs one client, unless it is there. Says in $prepared/NAME how it went:
# "ok FOLDER", "skip REASON" or "not".
install_client()
{
	local name=$1 folder new log=$prepared/$1.log status=0

	folder=$(client_folder "$name")
	new=$folder.new
	if [ "$name" = debian ] || [ ! -d "$folder" ]; then
		rm -rf "$new"
		mkdir -p "$new"
		(
			set -eu
			"install_$name" "$new" "$here/$name"
		) >"$log" 2>&1 3>"$prepared/$name.why" || status=$?
		if [ "$status" -eq 0 ]; then
			# What it takes the place of.
			find "$cache" -mindepth 1 -maxdepth 1 -name "$name-*" ! -path "$new" \
				-exec rm -rf {} +
			chmod -R a+rX "$new"
			mv "$new" "$folder"
		else
			rm -rf "$new"
		fi
	fi
	case $status in
		0) echo "ok $folder" ;;
		3) echo "skip $(head -n 1 "$prepared/$name.why")" ;;
		*) echo not ;;
	esac >"$prepared/$name"
}

# Two at a time; Java and Rust take longest. Debian's packages go first, apt
# does not share.
install_clients()
{
	local name running=0

	for name in debian "$@"; do
		if [[ " $* " != *" $name "* ]]; then continue; fi
		if [ "$name" = debian ]; then
			install_client debian
			continue
		fi
		if [ "$running" -ge 2 ]; then
			wait -n || true
			running=$((running - 1))
		fi
		install_client "$name" &
		running=$((running + 1))
	done
	wait
}
