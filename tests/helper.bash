# helper.bash -- what every bats file loads.

bats_require_minimum_version 1.5.0

root=${BATS_TEST_DIRNAME%/*}
export PATH="${NDPIPE_BIN:-$root/build/bin}:$root/pipelines:$PATH"
export LC_ALL=C.UTF-8

# The system's own python3, or NDPIPE_PYTHON: what stands first in PATH can be a version
# manager's, which takes longer to start than most tests run.
python=${NDPIPE_PYTHON:-/usr/bin/python3}
if [ -x "$python" ]; then
	if [ ! -x "$BATS_RUN_TMPDIR/bin/python3" ]; then
		mkdir -p "$BATS_RUN_TMPDIR/bin"
		printf '#!/bin/sh\nexec "%s" "$@"\n' "$python" >"$BATS_RUN_TMPDIR/bin/python3"
		chmod +x "$BATS_RUN_TMPDIR/bin/python3"
	fi
	PATH=$BATS_RUN_TMPDIR/bin:$PATH
fi
shared=${NDPIPE_SHARED:-$root/../shared}
export PYTHONDONTWRITEBYTECODE=yes # beside modules that tests import

# run [-N | !] [--separate-stderr] COMMAND... -- as bats has it, in a third of its time: that starts
# mktemp and two subshells for each command.
run() {
	set +T # the trap that bats has before each command is not for these
	if ! capture "$@"; then
		set -T
		return 1
	fi
	set -T
}

capture() {
	local want='' merged=yes said=$BATS_TEST_TMPDIR.said
	while :; do
		case $1 in
		!) want=another ;;
		-[0-9]*) want=${1#-} ;;
		--separate-stderr) merged='' ;;
		*) break ;;
		esac
		shift
	done
	status=0 stderr=''
	if [ -n "$merged" ]; then
		apart "$@" >"$said" 2>&1
	else
		apart "$@" >"$said" 2>"$said.error"
	fi || status=$?
	text_of "$said" output lines
	[ -n "$merged" ] || text_of "$said.error" stderr stderr_lines
	case $want in
	"$status") return ;;
	'') [ "$status" = 127 ] || return 0 ;; # no such command
	another) [ "$status" = 0 ] || return 0 ;;
	esac
	printf '%q ' "$@"
	printf -- '-- exit status %s%s:\n%s\n' "$status" "${want:+, not $want}" "$output$stderr"
	return 1
}

# What a function does to variables stays in a subshell.
apart() {
	if declare -F "$1" >/dev/null; then
		("$@")
	else
		"$@"
	fi
}

# text_of FILE TEXT LINES -- a file's text but for newlines at its end, and its lines that are not empty
text_of() {
	declare -n text_of=$2
	IFS= read -r -d '' text_of <"$1" || :
	text_of=${text_of%"${text_of##*[!$'\n']}"}
	IFS=$'\n' read -r -d '' -a "$3" <"$1" || :
}

# exhaustive SHORT ALL -- how much of what is done for each of many: all with make check-long,
# which sets NDPIPE_LONG, else a sample.
exhaustive() {
	echo $((${#NDPIPE_LONG} > 0 ? $2 : $1))
}

# one_of N WORD... -- what all do alike a share of them shows: one word in N, but all with make check-long
one_of() {
	local n=0 every
	every=$(exhaustive "$1" 1)
	shift
	for word; do
		[ $((n++ % every)) != 0 ] || printf '%s\n' "$word"
	done
}

# Skip a test that runs on data which is not part of the project.
need_shared() {
	[ -d "$shared/data" ] || skip "no ../shared here"
}

# Skip a test that restates something in NumPy.
need_numpy() {
	python3 -c 'import numpy' 2>/dev/null || skip "no NumPy here"
}

# Sets of instructions that this processor has, the oldest first: what NDPIPE_MACHINE takes.
instructions() {
	echo plain
	! grep -qw asimd /proc/cpuinfo || echo neon
	! grep -qw avx2 /proc/cpuinfo || ! grep -qw fma /proc/cpuinfo || echo avx2
	! grep -qw avx512f /proc/cpuinfo || echo avx512
}

# unread COMMAND -- into a pipe whose reader is gone before the first byte comes
unread() {
	local pipe=$BATS_TEST_TMPDIR.pipe reader writer status=0
	[ -p "$pipe" ] || mkfifo "$pipe"
	exec {reader}<>"$pipe"
	exec {writer}>"$pipe"
	exec {reader}<&-
	"$@" >&"$writer" || status=$?
	exec {writer}>&-
	return $status
}

# Directory with small files of every kind (see tests/fixture); read only.
fixture() {
	if [ -z "${NDPIPE_FIXTURE:-}" ]; then
		NDPIPE_FIXTURE=$BATS_FILE_TMPDIR/fixture
		[ -d "$NDPIPE_FIXTURE" ] || "$root/tests/fixture" "$NDPIPE_FIXTURE"
	fi
	printf '%s\n' "$NDPIPE_FIXTURE"
}

# The fixture's network and result, and eight of its images as a Broden directory: setup_file makes it.
few_images() {
	local few=$BATS_FILE_TMPDIR/few fixture
	if [ ! -d "$few" ]; then
		fixture=$(fixture)
		mkdir "$few"
		ln -s "$fixture"/{alexnet.onnx,conv5-result.csv} "$few"
		ndr-head -q -n 8 "$fixture/images.ndr" | python3 "$root/tests/broden-directory" "$few/broden1_227"
	fi
	printf '%s\n' "$few"
}
