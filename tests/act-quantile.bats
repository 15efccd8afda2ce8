# act-quantile: thresholds, however they are found.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper
load filter

# The fixture's activations in two halves.
setup_file() {
	fixture=$(fixture)
	cd "$BATS_FILE_TMPDIR" || exit
	for i in 1 2; do
		broden-synth --seed 7 -n 24 --shard $i/2 |
			cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5 --preset demo -o half$i
	done
}

setup() {
	halves=$BATS_FILE_TMPDIR/half
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
	same_bytes "$fixture/conv5.ndr" act-quantile --partial --sketch
}

@test "AQ03 two passes and a tail give the same thresholds; a pipe is told what to do" {
	# 16 units with 120000 samples each, most of which are to be kept: 9 MiB.
	{
		npy 300 16 20 20 </dev/null
		python3 -c 'import array, sys
x, wide = 1, array.array("f")
for i in range(240000):
    x = x * 69069 % 4294967291
    wide.append(x % 30011 / 1024 - 9)
sys.stdout.buffer.write(8 * wide.tobytes())'
	} | npytondr --as act -l conv -o wide.ndr
	act-quantile --quantile 0.99 --no-provenance wide.ndr >kept
	run --separate-stderr -0 bash -c \
		'act-quantile -v --memory 8 --quantile 0.99 --no-provenance wide.ndr >two'
	[[ $stderr == *"two passes"* ]]
	for t in 1 2 8; do
		act-quantile -t $t --memory 8 --quantile 0.99 --no-provenance wide.ndr | cmp - two
	done
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
			act-quantile --partial --sketch --no-provenance -o part$i
	done
	act-quantile --sketch --no-provenance "$fixture/conv5.ndr" >whole
	act-quantile --no-provenance part3 part1 part2 | cmp - whole
	ndr-cat part2 part3 part1 | act-quantile --no-provenance | cmp - whole
	act-quantile --partial --sketch "$fixture/conv5.ndr" | act-quantile --no-provenance | cmp - whole
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
	[[ $stderr == *"another segment"* ]]
	run -3 act-quantile "$fixture/conv5.thr"
}

@test "AQ08 cut or damaged input, misuse, help, a full disk" {
	refuses_damage "$fixture/conv5.ndr" act-quantile
	speaks_well "$fixture/conv5.ndr" act-quantile
}

@test "AQ09 files of more items than the first announces are read in two passes" {
	for i in 1 2; do
		cp "$halves$i" whole$i
		# The same without the number of all items in META.
		python3 - whole$i >act$i <<-'EOP'
			import struct, sys, zlib
			data, out, over = open(sys.argv[1], "rb").read(), [], 0
			at = 0
			while at < len(data):
			    head = bytearray(data[at:at + 64])
			    kind, length = struct.unpack_from("<4xH2xQ", head)
			    body = data[at + 64:at + 64 + length]
			    at += 64 + -(-length // 64) * 64
			    if kind == 1:
			        held = head, bytearray(body)
			        continue
			    if kind == 2:
			        body = b"".join(l for l in body.splitlines(True)
			                        if not l.startswith(b"dataset.items="))
			        struct.pack_into("<I", held[1], 8, zlib.crc32(body))
			        out.append(held)
			    out.append((head, body))
			for head, body in out:
			    kind, = struct.unpack_from("<4xH", head)
			    body = bytearray(body)
			    if kind == 15:
			        struct.pack_into("<I", body, 4, over)
			    struct.pack_into("<Q", head, 8, len(body))
			    if kind == 2:
			        struct.pack_into("<I", head, 36, len(body))
			    body += bytes(-len(body) % 64)
			    struct.pack_into("<I", head, 56, zlib.crc32(body))
			    struct.pack_into("<I", head, 60, zlib.crc32(head[:60]))
			    over = zlib.crc32(head[60:], over)
			    sys.stdout.buffer.write(head + body)
		EOP
		run -0 ndr-check act$i
	done
	act-quantile --quantile 0.5 whole1 whole2 >want
	run --separate-stderr -0 act-quantile -v --quantile 0.5 -o thr act1 act2
	[[ $stderr == *"two passes"* ]]
	[ "$(rows 1024 thr)" = "$(rows 1024 want)" ]
	run --separate-stderr -1 bash -c 'cat act1 act2 | act-quantile --quantile 0.5'
	[[ $stderr == *"more than there was room for: give a file"* ]]
}

@test "AQ10 a shard without items has no sketches" {
	cp "${halves}1" full
	ndr-head -n 0 <"${halves}2" | act-quantile --partial --sketch >empty
	run -0 ndr-check empty
	act-quantile --partial --sketch full >part
	act-quantile -q --incomplete --sketch full >want
	for shards in "empty part" "part empty"; do
		# shellcheck disable=SC2086 # two words
		act-quantile $shards >thr
		[ "$(rows 1024 thr)" = "$(rows 1024 want)" ]
	done
	run --separate-stderr -3 act-quantile -q --incomplete empty
	[[ $stderr == *"no activations"* ]]
	run --separate-stderr -3 act-quantile --partial "$fixture/images.ndr"
	[[ $stderr == *"no activations"* ]]
}

@test "AQ11 histograms that find no room name what may do" {
	run --separate-stderr -1 act-quantile --sketch --memory 1 "$fixture/conv5.ndr"
	[[ $stderr == *"histograms of 128 units take more than 1024 KiB: try --memory "* ]]
	while ((status)); do # which grows, so this ends
		run --separate-stderr act-quantile --sketch --memory "${stderr##* }" \
			-o thr "$fixture/conv5.ndr"
	done
	run -0 ndr-check thr
}

# Other numbers of threads than AQ02's.
@test "AQ12 by every method, on any number of threads: the same bytes" {
	local method t
	for method in "" --sketch --partial "--partial --sketch"; do
		# shellcheck disable=SC2086 # words
		act-quantile -t 1 $method "$fixture/conv5.ndr" >want
		for t in 3 8; do
			# shellcheck disable=SC2086
			act-quantile -t $t $method "$fixture/conv5.ndr" | cmp - want
		done
	done
}
