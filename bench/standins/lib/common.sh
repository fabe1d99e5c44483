# Shared by the programs in the folder above: what they do when called.
# Sourced, never run.
# shellcheck shell=bash

# shellcheck source=bench/peers/lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../peers/lib/common.sh"

# Calls the function of the subcommand: standin_install or standin_serve.
standin_main()
{
	local usage="usage: $name install DIR | serve DIR PORT" word=${1:-}

	case $word:$# in
		install:2) ;;
		serve:3) need_numbers "$3" ;;
		*) die "$usage" ;;
	esac
	shift
	mkdir -p "$1"
	set -- "$(realpath "$1")" "${@:2}"
	"standin_$word" "$@"
}
