# A fault is told at once, though the input has not ended and nothing more comes.
# shellcheck disable=SC2154 # set by bats
load helper

setup() {
	set +T # no trap of bats before each command of a function: that takes longer than most of them
	fixture=$(fixture)
	format=$root/tests/format
	cd "$BATS_TEST_TMPDIR"
	mkfifo input
	act-quantile -q --quantile 0.3 -o thr "$format/passed/items.ndr"
}

# stalled WANT FILE COMMAND... -- COMMAND with FILE in a pipe that stays open
stalled() {
	local want=$1 file=$2 threads
	shift 2
	for threads in 1 4; do
		exec 8<>input
		cat "$file" >&8 3>&- &
		run --separate-stderr "-$want" timeout 20 "$@" -t $threads input
		kill $! 2>/dev/null || true
		wait $! || true
		exec 8<&-
		[[ $stderr == "$1: "* && ${#stderr_lines[@]} = 1 ]]
		[ ! -e result ] && ! compgen -G '.ndr*' >/dev/null || return
	done
}

@test "ST01 what is damaged" {
	local bads=(act-nan payload-crc-flipped text) n=0 first
	for command in ndr-check ndr-dump ndr-cat "ndr-head -n 99" ndrtopam \
		"ndrtonpy --type act" act-quantile act-top iou-score \
		"act-segment -q -T thr --upsample resize" "rotate-basis --seed 1" "act-ablate --units 1"; do
		# Each command has one of them, or all.
		first=$((n++ % 3))
		for bad in "${bads[@]:$(exhaustive $first 0):$(exhaustive 1 3)}"; do
			# shellcheck disable=SC2086 # words
			stalled 3 "$format/failed/$bad.3.ndr" $command -o result
		done
	done
}

@test "ST02 what a filter cannot use, found by one thread while another waits" {
	broden-synth -n 50 --size 16 -o images
	stalled 3 images cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5 -o result
	head -c -64 "$fixture/conv5.ndr" >acts # no END
	stalled 1 acts rotate-basis --seed 1 -o /dev/full
	stalled 1 acts act-segment -q -T "$fixture/conv5.thr" -o /dev/full
}
