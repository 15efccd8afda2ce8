# Input without anything to work on: exit 3 and a line, no result.
# shellcheck disable=SC2154 # set by bats
load helper

setup() {
	set +T # no trap of bats before each command of a function: that takes longer than most of them
	fixture=$(fixture)
	cd "$BATS_TEST_TMPDIR"
	ndr-head -n 0 "$fixture/conv5.ndr" >none          # HEAD, META, END, of a layer
	broden-synth -n 3 --shard 7/9 >shard              # the same, of no layer
	broden-synth -n 3 --size 16 --no-images >labels
	broden-synth -n 3 --size 16 --no-labels >images
}

# lacks WHAT FILE COMMAND...
lacks() {
	refuses "no $1 in the input" "${@:2}"
}

# misses ITEMS OF FILE COMMAND... -- which says that before it looks for activations
misses() {
	refuses "items $1 are missing: 0 of $2 are here (--incomplete goes on without)" "${@:3}"
}

# refuses REASON FILE COMMAND...
refuses() {
	local reason=$1 file=$2
	shift 2
	run --separate-stderr -3 "$@" -o result "$file"
	[ "$stderr" = "$1: $reason" ]
	[ -z "$output" ]
	[ ! -e result ]
	status=0
	"$@" "$file" 2>/dev/null >part || status=$?
	[ $status = 3 ]
	[ ! -s part ] || run -4 ndr-check part # what follows fails, too
}

@test "EM01 streams without the records that a command works on" {
	for file in none shard labels images "$fixture/conv5.thr" \
		"$root"/tests/format/passed/{empty-segment,no-image-no-labels}.ndr; do
		lacks activations "$file" act-top
		lacks activations "$file" rotate-basis --seed 1
	done
	for file in none shard labels images "$fixture/conv5.thr"; do
		lacks activations "$file" act-segment -q -T "$fixture/conv5.thr"
	done
	for file in "$root"/tests/format/passed/{empty-segment,no-image-no-labels}.ndr; do
		refuses "$fixture/conv5.thr: layer conv5 has 128 units, the input has 2" "$file" \
			act-segment -q -T "$fixture/conv5.thr"
	done
	# What was cut off on purpose is not missed.
	lacks activations none act-quantile -q
	lacks scores none unit-label -q
	for command in act-quantile unit-label; do
		misses "0 to 2" 3 shard $command
		misses "0 to 2" 3 "$root/tests/format/passed/empty-segment.ndr" $command
	done
	for file in labels images "$fixture/conv5.thr" "$root/tests/format/passed/no-image-no-labels.ndr"; do
		lacks activations "$file" act-quantile
		lacks scores "$file" unit-label
	done
	for file in none shard "$fixture/conv5.thr"; do
		lacks masks "$file" iou-score
	done
	for file in none shard labels "$fixture/conv5.ndr"; do
		lacks images "$file" ndrtopam
	done
	for file in none shard images; do
		lacks "such label maps" "$file" ndrtopam --type label
	done
	lacks images shard cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5
	refuses "item 0 (synth-1/000000): no image in the stream" labels \
		cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5
	lacks "ACT records" none ndrtonpy -q --type act
	lacks "IMAGE records" labels ndrtonpy --type image
}

@test "EM02 where only some parts are empty, the others count" {
	for parts in "none $fixture/conv5.ndr" "$fixture/conv5.ndr none"; do
		# shellcheck disable=SC2086 # two names
		rotate-basis --seed 1 -a 0 $parts >rotated
		ndr-check rotated
		[ "$(ndr-dump rotated | grep -c $'\tEND\t')" = 2 ]
	done
}

@test "EM03 what takes any stream takes an empty one, too" {
	for command in ndr-check ndr-dump ndr-cat ndr-head; do
		"$command" none >/dev/null
	done
	act-quantile --partial none | ndr-check
}
