# A fault is told at once, though the input has not ended and nothing more comes.
# shellcheck disable=SC2154 # set by bats
load helper

setup() {
	fixture=$(fixture)
	format=$root/tests/format
	cd "$BATS_TEST_TMPDIR"
	act-quantile -q --quantile 0.3 -o thr "$format/passed/items.ndr"
}

# stalled WANT FILE COMMAND... -- COMMAND with FILE in a pipe that stays open
stalled() {
	local want=$1 file=$2 threads
	shift 2
	for threads in 1 4; do
		rm -f input
		mkfifo input
		exec 8<>input
		cat "$file" >&8 3>&- &
		run --separate-stderr "-$want" timeout 20 "$@" -t $threads input
		kill $! 2>/dev/null || true
		[[ $stderr == "$1: "* && ${#stderr_lines[@]} = 1 ]]
		[ ! -e result ] && [ -z "$(find . -name '.ndr*')" ]
	done
}

@test "ST01 what is damaged" {
	for bad in act-nan payload-crc-flipped text; do
		for command in ndr-check ndr-dump ndr-cat "ndr-head -n 99" ndrtopam \
			"ndrtonpy --type act" act-quantile act-top iou-score \
			"act-segment -q -T thr --upsample resize" "rotate-basis --seed 1"; do
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
