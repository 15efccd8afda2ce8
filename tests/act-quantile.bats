# act-quantile: thresholds, however they are found.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper
load filter

setup() {
	fixture=$(fixture)
	cd "$BATS_TEST_TMPDIR" || exit
}

# The first N numbers of each THRESH record: T, min, max, samples, level, rank error,
# above, at or above, unit by unit.
rows() {
	ndr-dump --type THRESH --values "$1" "$2" | sed 's/.*\t//'
}

@test "AQ01 two images by hand" {
	two_items
	# Unit 1 has samples 6 3 0 0, unit 2 1 1 1 0.  One of four may lie above.
	act-quantile --quantile 0.25 act.ndr >thr
	[ "$(rows 16 thr)" = "3 0 6 4 0.25 0 1 2 1 0 1 4 0.25 0 0 3" ]
	# None may: the greatest.
	act-quantile --quantile 0.249999 act.ndr >thr
	[ "$(rows 16 thr)" = "6 0 6 4 0.249999 0 0 1 1 0 1 4 0.249999 0 0 3" ]
	# So do histograms say, as these samples are not close to each other.
	act-quantile --sketch --quantile 0.25 act.ndr >thr
	[ "$(rows 16 thr)" = "3 0 6 4 0.25 0 1 2 1 0 1 4 0.25 0 0 3" ]
}

@test "AQ02 file, redirect, pipe, gzip and threads: the same bytes" {
	same_bytes "$fixture/conv5.ndr" act-quantile
	same_bytes "$fixture/conv5.ndr" act-quantile --sketch
	same_bytes "$fixture/conv5.ndr" act-quantile --partial
}

@test "AQ03 two passes and a tail give the same thresholds; a pipe is told what to do" {
	# 16 units with 120000 samples each, most of which are to be kept: 9 MiB.
	{
		npy 300 16 20 20 </dev/null
		python3 -c 'import array, sys
x, wide = 1, array.array("f")
for i in range(1920000):
    x = x * 69069 % 4294967291
    wide.append(x % 30011 / 1024 - 9)
sys.stdout.buffer.write(wide.tobytes())'
	} | npytondr --as act -l conv -o wide.ndr
	act-quantile --quantile 0.99 --no-provenance wide.ndr >kept
	run --separate-stderr -0 bash -c \
		'act-quantile -v --memory 8 --quantile 0.99 --no-provenance wide.ndr >two'
	[[ $stderr == *"two passes"* ]]
	cmp kept two
	run --separate-stderr -1 bash -c 'act-quantile --memory 8 --quantile 0.99 <wide.ndr'
	[ -z "$output" ]
	[[ $stderr == "act-quantile: "*"--memory is 8"*"--sketch"* ]]
	# A sketch's thresholds are the exact ones within the error that it states.
	act-quantile --sketch --quantile 0.99 --no-provenance wide.ndr >sketch
	for f in kept sketch; do
		ndrtonpy --type thresh $f | tail -c $((16 * 8 * 8)) >$f.f64
	done
	python3 - <<-'EOF'
		import struct
		def rows(name):
		    return list(struct.iter_unpack("<8d", open(name, "rb").read()))
		exact, sketch = rows("kept.f64"), rows("sketch.f64")
		assert len(exact) == 16 and any(s[5] for s in sketch)
		for e, s in zip(exact, sketch):
		    assert s[1:5] == e[1:5] and e[5] == 0
		    assert s[0] <= e[0] and 0 <= s[7] - e[7] <= s[5]
	EOF
}

@test "AQ04 sketches of shards, merged in any order, are the sketch of the whole" {
	for i in 1 2 3; do
		broden-synth --seed 7 -n 24 --shard $i/3 |
			cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5 --preset demo |
			act-quantile --partial --no-provenance -o part$i
	done
	act-quantile --sketch --no-provenance "$fixture/conv5.ndr" >whole
	act-quantile --no-provenance part3 part1 part2 | cmp - whole
	ndr-cat part2 part3 part1 | act-quantile --no-provenance | cmp - whole
	act-quantile --partial "$fixture/conv5.ndr" | act-quantile --no-provenance | cmp - whole
}

@test "AQ05 a stream without known length" {
	broden-synth --seed 7 | ndr-head -n 24 |
		cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5 --preset demo |
		act-quantile >thr
	act-quantile "$fixture/conv5.ndr" >want
	[ "$(rows 1024 thr)" = "$(rows 1024 want)" ]
}

@test "AQ06 levels that are none, and an input without activations" {
	for q in 1 -0.1 x 0.5x ''; do
		run --separate-stderr -2 act-quantile --quantile "$q" "$fixture/conv5.ndr"
		[ -z "$output" ]
		[[ $stderr == "act-quantile: '$q' is not a level"* ]]
	done
	run --separate-stderr -3 act-quantile "$fixture/images.ndr"
	[[ $stderr == "act-quantile: no activations"* ]]
	run -2 act-quantile --memory 0 "$fixture/conv5.ndr"
}

@test "AQ07 a segment twice is refused, and thresholds are no input" {
	run --separate-stderr -3 act-quantile "$fixture/conv5.ndr" "$fixture/conv5.ndr"
	[[ $stderr == *"in another segment"* ]]
	run -3 act-quantile "$fixture/conv5.thr"
}

@test "AQ08 cut or damaged input, misuse, help, a full disk" {
	refuses_damage "$fixture/conv5.ndr" act-quantile
	speaks_well "$fixture/conv5.ndr" act-quantile
}
