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

# exhaustive SHORT ALL -- how much of what is done for each of many: all with make check-long,
# which sets NDPIPE_LONG, else a sample.
exhaustive() {
	echo $((${#NDPIPE_LONG} > 0 ? $2 : $1))
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
	local gone=$BATS_TEST_TMPDIR/gone
	rm -f "$gone"
	mkfifo "$gone"
	{
		read -r <"$gone"
		"$@"
	} | {
		exec <&-
		echo >"$gone"
	}
	return "${PIPESTATUS[0]}"
}

# Directory with small files of every kind (see tests/fixture); read only.
fixture() {
	if [ -z "${NDPIPE_FIXTURE:-}" ]; then
		NDPIPE_FIXTURE=$BATS_FILE_TMPDIR/fixture
		[ -d "$NDPIPE_FIXTURE" ] || "$root/tests/fixture" "$NDPIPE_FIXTURE"
	fi
	printf '%s\n' "$NDPIPE_FIXTURE"
}
