# Calls that fail, one at a time: exit 1 and a line, or the right result; no crash,
# no half-written file.
# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and helper.bash; subshells
load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	export NDR_THREADS=1
	cc -shared -fPIC -O1 -o inject.so "$root/tests/inject.c" 2>said || return 0
	cp "$root/tests/format/passed/items.ndr" items
	cp "$root/tests/format/passed/summary.ndr" summary
	gzip -k items
	ndrtonpy --type act items >npy
}

setup() {
	set +T # no trap of bats before each command of a function: that takes longer than most of them
	cd "$BATS_FILE_TMPDIR" || return
	[ -e inject.so ] || skip "no shared libraries here: $(head -n 1 said)"
	ldd "$(command -v ndr-cat)" | grep -q asan && skip "the sanitizer has its own malloc"
	return 0
}

# fails FUNCTION CALLS [STEP] -- each of the first CALLS calls of it, in each command; of those
# after the twelfth one in STEP
fails() {
	local command n status said step=${3:-1}
	while read -r -a command; do
		"${command[@]}" -o want || return
		for ((n = 1; n <= $2; n += n < 12 ? 1 : step)); do
			status=0
			INJECT=$1:$n LD_PRELOAD=./inject.so "${command[@]}" -o got 2>error || status=$?
			IFS= read -r -d '' said <error || said=${said%$'\n'}
			if [ $status = 0 ]; then
				cmp got want || complain "${command[*]}, $1 $n: another result"
				rm got
			elif [ $status != 1 ] || [[ $said != "${command[0]}: "* || $said == *$'\n'* ]]; then
				complain "${command[*]}, $1 $n: exit $status: $said"
			elif [ -e got ] || compgen -G '.got.*' >/dev/null; then
				complain "${command[*]}, $1 $n: something is left"
				rm -f got .got.*
			fi
		done
	done <<-'EOL'
		ndr-cat items
		ndr-cat items.gz
		ndr-cat summary
		ndr-head -n 1 items
		ndr-check --recover items
		ndr-dump items
		ndrtonpy --type act items
		npytondr --as act --like items npy
		act-quantile items
		act-top items
	EOL
	[ ! -e "$BATS_TEST_TMPDIR/complaints" ]
}

complain() {
	echo "$*" | tee -a "$BATS_TEST_TMPDIR/complaints"
}

@test "IN01 read" {
	fails read 6
}

@test "IN02 write" {
	fails write 4
}

@test "IN03 close" {
	fails close 4
}

@test "IN04 malloc" {
	fails malloc 64 "$(exhaustive 11 1)"
}

@test "IN05 writes that come short" {
	local n
	broden-synth -n 2 >photos
	for n in 1000 70000; do
		INJECT=short:$n LD_PRELOAD=./inject.so ndr-cat photos >got
		cmp got photos
	done
}

@test "IN06 a result is on the disk before it has its name" {
	rm -f got
	fails fsync 2
	run -1 env INJECT=fsync:1 LD_PRELOAD=./inject.so ndr-cat -o got items
	[ "$output" = "ndr-cat: got: Input/output error" ]
	[ ! -e got ]
	INJECT=fsync:1 LD_PRELOAD=./inject.so ndr-cat items | cmp - items
}

# All of them, for each n, are for make check-long.
@test "IN07 a sample of all calls that can fail, in every command" {
	run -0 "$root/tests/inject-all" --first 1 --every 151 --of "$(exhaustive 9 1)"
	[[ ${lines[-1]} == *" injected, 0 wrong, 0 crashed" ]]
}

@test "IN08 a sample of kills at any moment" {
	run -0 "$root/tests/kill-all" --times 3 --only act-top
	[[ ${lines[-1]} == *" 0 wrong" ]]
}

@test "IN09 a sample of disks that are full" {
	unshare --mount true 2>/dev/null || skip "no mount namespaces here"
	run -0 "$root/tests/full-disk" --only unit-label
	[[ ${lines[-1]} == *" 0 wrong" ]]
}
