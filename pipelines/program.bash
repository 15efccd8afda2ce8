# shellcheck shell=bash
# program.bash -- what the programs of this folder have in common: messages, the filters'
# place, and options, which a table lists once.
#
# A line of a table is "WHO|-s, --long ARGUMENT|what it does".  Who begins with = takes the
# option itself; any other is a stage that is told it.

here=$(readlink -f -- "$0")
here=${here%/*}
name=${0##*/}

die() {
	printf '%s: %s\n' "$name" "$1" >&2
	exit "${2:-2}"
}

misuse() {
	die "$1; try '$name --help'"
}

# find_filters FILTER -- put the folder of it into PATH: the filters stand beside this program,
# or beside a link to it that it was called by; in the source tree, in build/bin.
find_filters() {
	local link=$0 bin
	local -a places=(${NDPIPE_BIN:+"$NDPIPE_BIN"})
	while :; do
		[[ $link == */* ]] || link=./$link
		bin=${link%/*}
		places+=("${bin:-/}")
		[ -L "$link" ] || break
		link=$(readlink -- "$link")
		[ "${link#/}" != "$link" ] || link=$bin/$link
	done
	places+=("$here/../build/bin" "$here/../../bin")
	for bin in "${places[@]}"; do
		[ -x "$bin/$1" ] || continue
		PATH=$(cd -- "$bin" && pwd):$PATH
		return
	done
	command -v "$1" >/dev/null || die "$1 is neither beside $name nor in PATH" 1
}

# Of each option by its long name: who takes it, its argument or nothing, what it was given;
# and by each of its names the long one.  In the order of the tables.
declare -A taker=() argument=() given=() long_name=()
options=() operands=()

# know_options < TABLE
know_options() {
	local who spelled
	while IFS='|' read -r who spelled _; do
		[[ $spelled =~ ^((-[a-zA-Z]),\ )?(--[a-z-]+)(\ (.*))?$ ]] || continue
		set -- "${BASH_REMATCH[3]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[5]}"
		options+=("$1")
		taker[$1]=$who argument[$1]=$3 long_name[$1]=$1
		[ -z "$2" ] || long_name[$2]=$1
	done
}

# show_options < TABLE -- as --help has them
show_options() {
	local spelled text
	while IFS='|' read -r _ spelled text; do
		[ "${spelled#--}" = "$spelled" ] || spelled="    $spelled"
		if [ -n "$spelled" ]; then
			printf '  %-22s %s' "$spelled" "$text"
		fi
		printf '\n'
	done
}

# give OPTION VALUE -- what the command line says of it; the last word counts.
give() {
	given[$1]=$2
	case $1 in
	--help) usage; exit 0 ;;
	--version) version; exit 0 ;;
	esac
}

# read_options WORD... -- a command line: given and operands
read_options() {
	local option joined
	while [ $# -gt 0 ]; do
		joined=''
		case $1 in
		--) shift; operands+=("$@"); return ;;
		--*=*) joined=yes; set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
		-[!-]?*)
			option=${long_name[${1:0:2}]-}
			if [ -n "$option" ] && [ -z "${argument[$option]}" ]; then
				set -- "${1:0:2}" "-${1:2}" "${@:2}"
			else
				set -- "${1:0:2}" "${1:2}" "${@:2}"
			fi
			;;
		-?*) ;;
		*) operands+=("$1"); shift; continue ;;
		esac
		option=${long_name[$1]-}
		[ -n "$option" ] || misuse "unknown option '$1'"
		if [ -z "${argument[$option]}" ]; then
			[ -z "$joined" ] || misuse "$1 takes no argument"
			give "$option" yes
			shift
		else
			[ $# -gt 1 ] || misuse "$1 needs an argument"
			give "$option" "$2"
			shift 2
		fi
	done
}

# told STAGE... -- words: the options that these stages were given, in the tables' order
told() {
	local option
	words=()
	for option in "${options[@]}"; do
		[[ -n ${given[$option]+given} && " $* " == *" ${taker[$option]} "* ]] || continue
		words+=("$option" ${argument[$option]:+"${given[$option]}"})
	done
}

# readable NAME -- as part of a file's name: neither like an option nor hidden, as ndr-split has it
readable() {
	local LC_ALL=C base=${1//[^A-Za-z0-9._-]/-}
	base=${base#"${base%%[!.-]*}"}
	printf '%s\n' "${base:-layer}"
}

# list_layers < what "cnn-forward -l NAMES --list" says -- the tensors that the names mean, a line each
list_layers() {
	sed 1d | cut -f 1
}
