# ndr-cat: shards become what one run would have written.
# shellcheck disable=SC2154,SC2030,SC2031,SC2094 # set by bats and helper.bash; subshells
load helper
load stream

setup() {
	good=$root/tests/format/passed
	cd "$BATS_TEST_TMPDIR" || return
}

# Parts 1 to 3 of a data set with images and labels, and the whole.
shards() {
	broden-synth --seed 5 -n 7 -o whole
	for i in 1 2 3; do
		broden-synth --seed 5 -n 7 --shard $i/3 -o part$i
	done
}

@test "NC01 whatever the order, the bytes of one run" {
	shards
	ndr-cat part1 part2 part3 | cmp - whole
	ndr-cat part3 part1 part2 | cmp - whole
	cat part2 part3 part1 | ndr-cat | cmp - whole
	cat part3 part1 >two
	ndr-cat two part2 | cmp - whole
	ndr-cat two <part2 - | cmp - whole
	gzip part1
	ndr-cat part3 part1.gz part2 -o merged
	cmp merged whole
	ndr-cat <(cat part2) <(cat part1.gz) <(cat part3) | cmp - whole
}

@test "NC02 one segment is copied as it is" {
	for f in items summary subset unbounded unknown-ignorable unknown-of-an-item four-dimensions \
		empty-segment no-meta-lines ignorable-flags; do
		ndr-cat "$good/$f.ndr" | cmp - "$good/$f.ndr"
		ndr-cat <"$good/$f.ndr" | cmp - "$good/$f.ndr"
	done
}

@test "NC03 counts add up, the strongest stay, sketches and equal matrices merge" {
	python3 - "$root/tests/format/make-corpus" <<-'EOF'
		import random, sys
		names = {"__name__": "corpus"}
		exec(open(sys.argv[1]).read(), names)
		globals().update(names)
		random.seed(1)

		def part(first, scores, counts, top, bins):
		    s = Stream().preamble(first=first, end=first + 5, most=5)
		    s.record(MATRIX, struct.pack("<4f", 0, 1, -1, 0), [2, 2])
		    s.record(SCORE, struct.pack("<24Q", *scores), [2, 4, 3])
		    s.record(COUNT, struct.pack("<4Q", *counts), [4])
		    s.record(TOP, struct.pack("<%dd" % (4 * len(top[0])), *(x for row in top for pair in row for x in pair)),
		             [2, len(top[0]), 2])
		    for unit, of in enumerate(bins):
		        s.record(SKETCH, struct.pack("<2IQ", unit, 20, len(of)) + b"".join(
		            struct.pack("<I2HQ", b, *of[b]) for b in sorted(of)))
		    return s

		def merge(a, b):
		    return (min(a[0], b[0]), max(a[1], b[1]), a[2] + b[2]) if a and b else a or b

		parts = []
		for first in 0, 5, 10:
		    k = 3 if first else 2
		    top = [sorted([(float(random.randrange(4)), float(i)) for i in random.sample(range(first, first + 5), k)],
		                  key=lambda p: (-p[0], p[1])) for _ in range(2)]
		    if first == 5:
		        top[0][2] = (0.0, -1.0)  # nothing there
		    bins = [{random.randrange(600000, 600006): (3, random.randrange(3, 9), random.randrange(1, 99))
		             for _ in range(4)} for _ in range(2)]
		    parts.append([first, [random.randrange(2**40) for _ in range(24)],
		                  [random.randrange(9) for _ in range(4)], top, bins])
		for i, p in enumerate(parts):
		    open("part%d" % i, "wb").write(part(*p).end().data)
		k = 2  # of the shortest list: who came third in part 0 is not known
		top = []
		for unit in 0, 1:
		    rows = [p for q in parts for p in q[3][unit] if p[1] >= 0]
		    top.append(sorted(rows, key=lambda p: (-p[0], p[1]))[:k])
		bins = [{b: merge(merge(parts[0][4][u].get(b), parts[1][4][u].get(b)), parts[2][4][u].get(b))
		         for q in parts for b in q[4][u]} for u in (0, 1)]
		s = part(0, [sum(x) for x in zip(*(p[1] for p in parts))], [sum(x) for x in zip(*(p[2] for p in parts))], top, bins)
		head = Stream().preamble(first=0, end=15, most=15)
		whole = head.data + s.data[len(head.data):]
		s.data, s.over = whole, 0
		at = 0
		while at < len(whole):  # END's checksum over the headers, HEAD's being another one
		    s.over = crc(whole[at + 60:at + 64], s.over)
		    at += 64 + -(-struct.unpack_from("<Q", whole, at + 8)[0] // 64) * 64
		open("want", "wb").write(s.end().data)
	EOF
	ndr-check want
	ndr-cat part2 part0 part1 | cmp - want
}

@test "NC04 items in two segments are refused, without output" {
	shards
	run --separate-stderr -3 ndr-cat part1 part2 part1
	[ -z "$output" ]
	[[ $stderr == "ndr-cat: part1: announced items 0 to 1 overlap with those in another segment" ]]
	run -3 ndr-cat whole part2
	run --separate-stderr -3 ndr-cat "$good/unbounded.ndr" "$good/unbounded.ndr"
	[[ $stderr == *": announced items from 0 on overlap with those in another segment" ]]
	# What is announced counts, even if nothing is there.
	ndr-cat -q --incomplete -o ends part3 part1
	run --separate-stderr -3 ndr-cat ends part2
	[[ $stderr == "ndr-cat: part2: announced items 2 to 3 overlap with those in another segment" ]]
}

@test "NC05 other labels, layers or data are refused" {
	shards
	run --separate-stderr -3 ndr-cat part1 "$good/items.ndr"
	[ -z "$output" ]
	[[ $stderr == *"META differs"* ]]
	stream 'Stream().preamble(META_TEXT.replace(b"=kept", b"=new"), first=3, end=5).end()' >other
	run -3 ndr-cat "$good/items.ndr" other
}

@test "NC06 thresholds do not merge; other matrices do not either" {
	stream 'Stream().preamble().record(THRESH, bytes(128), [2, 8]).end()' >one
	stream 'Stream().preamble(first=3, end=9).end()' >two
	ndr-cat one | cmp - one
	run --separate-stderr -3 ndr-cat one two
	[ -z "$output" ]
	[[ $stderr == "ndr-cat: one: thresholds"* ]]
	stream 'Stream().preamble().record(MATRIX, bytes(4), [1, 1]).end()' >one
	stream 'Stream().preamble(first=3, end=9).record(MATRIX, b"\0\0\0\1", [1, 1]).end()' >two
	run --separate-stderr -3 ndr-cat -o none one two
	[[ $stderr == *"different matrices"* ]]
	[ ! -e none ]
}

@test "NC07 PROV is united; a subset makes the whole one; unknown records pass" {
	stream 'Stream().head().meta().prov(b"id=1\n").prov(b"id=2\n").record(0x8001, b"a").whole_item(0).end()' >one
	stream 'Stream().head(first=3, end=9, most=4).meta().prov(b"id=2\n").prov(b"id=3\n").whole_item(4).record(0x8001, b"b").end(flags=1)' >two
	stream 'Stream().head(end=9, most=7).meta().prov(b"id=1\n").prov(b"id=2\n").prov(b"id=3\n").record(0x8001, b"a").whole_item(0).whole_item(4).record(0x8001, b"b").end(flags=1)' >want
	ndr-cat two one | cmp - want
}

@test "NC08 files need no temporary space, pipes do" {
	shards
	TMPDIR=/nonexistent ndr-cat part2 part1 part3 | cmp - whole
	run --separate-stderr -1 bash -c 'cat part1 | TMPDIR=/nonexistent ndr-cat'
	[[ $stderr == "ndr-cat: a temporary file in /nonexistent: No such file or directory" ]]
}

@test "NC09 damage in any part: no END, no file" {
	shards
	damage part2 2500 >broken
	run --separate-stderr -3 ndr-cat -o none part1 broken part3
	[[ $stderr == "ndr-cat: broken: record "* ]]
	[ ! -e none ]
	head -c -1 part3 >short
	run --separate-stderr -4 ndr-cat part1 part2 short
	[ -z "$output" ]
}

@test "NC10 what filters made of shards is what they make of the whole" {
	shards
	model=$root/pipelines/demo/demo.onnx
	for f in whole part1 part2 part3; do
		cnn-forward -q -m "$model" -l conv5 --preset demo -o $f.act $f
	done
	act-quantile -o thr whole.act
	for f in whole part1 part2 part3; do
		act-segment -q -T thr -o $f.seg $f.act
		iou-score -o $f.score $f.seg
		act-top -k 4 -o $f.top $f.act
		act-quantile --partial --sketch -o $f.sketch $f.act
		act-quantile --partial -o $f.tail $f.act
	done
	for kind in act seg score top sketch tail; do
		ndr-cat part2.$kind part1.$kind part3.$kind | cmp - whole.$kind
	done
}

@test "NC11 equal schema ids do not make different METAs equal" {
	# Four bytes at the end of a name make the checksum whatever is wanted.
	python3 - "$root/tests/format/make-corpus" <<-'EOF'
		import sys
		names = {"__name__": "corpus"}
		exec(open(sys.argv[1]).read(), names)
		globals().update(names)

		# Two METAs of one CRC: b is a with four bytes changed, one unit more.
		a = META_TEXT
		grown = a.replace(b"shape=2 2 2", b"shape=9 2 2")
		head, zeros = grown + b"y=", b"\0\0\0\0\n"
		# CRC-32 is affine: solve for the 32 bits of four bytes.
		base = crc(head + zeros)
		rows = [crc(head + struct.pack("<I", 1 << i) + b"\n") ^ base for i in range(32)]
		target, solution, basis = crc(a) ^ base, 0, []
		for i, row in enumerate(rows):
		    mask = 1 << i
		    for r, m in basis:
		        if row ^ r < row:
		            row, mask = row ^ r, mask ^ m
		    if row:
		        basis.append((row, mask))
		        basis.sort(reverse=True)
		for r, m in basis:
		    if target ^ r < target:
		        target, solution = target ^ r, solution ^ m
		assert target == 0
		b = head + struct.pack("<I", solution) + b"\n"
		assert crc(a) == crc(b)
		one = Stream().preamble().record(SCORE, bytes(192), [2, 4, 3]).end()
		two = Stream().preamble(b, first=3, end=9).record(SCORE, bytes(864), [9, 4, 3]).end()
		open("one", "wb").write(one.data)
		open("two", "wb").write(two.data)
	EOF
	run -0 ndr-check one two
	run --separate-stderr -3 ndr-cat one two
	[[ $stderr == *"META differs"* ]]
	[ -z "$output" ]
}

# part FIRST END CODE -- a shard of 24 items, with the records that CODE adds to s.
part() {
	stream "(lambda s: ($3, s)[1])(Stream().preamble(minor=1, first=$1, end=$2, most=$2-$1)).end()"
}

@test "NC20 TAIL, CHANCE, CLASSES, JOINT and LINEAR of parts: those of the whole, in any order" {
	# Unit 0: samples 9 7 7 | 8 7 7 7 | 1; unit 1: only the third part has any.
	part 0 4 's.linear().chance(1, values=range(8)).chance(5)
		.tail(0, 3, 4, 3, 0, 7, 9, (9, 7, 7))
		.classes(((5, 2, (), ()), (3, 1, (0,), (1,)), (2, 2, (0, 1), (1, 3))))
		.joint(0, ((0, 4), (2, 1))).joint(1, ((1, 3),))' >a
	part 4 9 's.linear().chance(2, n=1).chance(2, 1, 1).chance(5, values=[9] * 8)
		.tail(0, 4, 4, 4, 0, 7, 8, (8, 7, 7, 7))
		.classes(((1, 1, (0,), ()), (4, 1, (0,), (1,)), (7, 3, (0,), (1, 3))))
		.joint(0, ((0, 1), (1, 2))).joint(1, ((1, 1), (2, 7)))' >b
	part 9 10 's.linear().tail(0, 1, 4, 1, 0, 1, 1, (1,)).tail(1, 6, 4, 4, 1, -1, 2, (2, 2, 0, 0))
		.classes(((1, 1, (), ()),)).joint(1, ((0, 1),))' >c
	part 0 10 's.linear().chance(1, values=range(8)).chance(2, n=1).chance(2, 1, 1)
		.chance(5, values=range(9, 17))
		.tail(0, 8, 4, 4, 3, 1, 9, (9, 8, 7, 7)).tail(1, 6, 4, 4, 1, -1, 2, (2, 2, 0, 0))
		.classes(((6, 3, (), ()), (1, 1, (0,), ()), (7, 2, (0,), (1,)), (7, 3, (0,), (1, 3)),
		          (2, 2, (0, 1), (1, 3))))
		.joint(0, ((0, 4), (1, 1), (2, 2), (4, 1))).joint(1, ((0, 1), (2, 4), (3, 7)))' >whole
	ndr-cat a b c | cmp - whole
	for order in 'a c b' 'b a c' 'b c a' 'c a b' 'c b a'; do
		# shellcheck disable=SC2086 # three names
		ndr-cat $order >got
		ndr-check got
		# What comes first in the first part stands in front.
		ndr-dump got | cut -f 2- | sort >lines
		ndr-dump whole | cut -f 2- | sort | cmp - lines
	done
	ndr-cat b c >rest
	ndr-cat rest a | cmp - whole
}

@test "NC21 parts whose tails or permutations are of another kind are refused" {
	part 0 4 's.tail(0, 1, 4, 1, 0, 1, 1, (1,)).chance(1)' >a
	part 4 8 's.tail(0, 1, 5, 1, 0, 1, 1, (1,))' >b
	part 4 8 's.chance(1, n=1)' >c
	run --separate-stderr -3 ndr-cat a b
	[[ $stderr == *"TAIL"* ]]
	run --separate-stderr -3 ndr-cat a c
	[[ $stderr == *"CHANCE"* ]]
	part 4 8 's.linear()' >a
	part 0 4 's.linear(activation=0)' >b
	run --separate-stderr -3 ndr-cat a b
	[[ $stderr == *"LINEAR"* ]]
}

@test "NC22 summaries are merged within --memory" {
	parts() { # UNITS: a TOP of 16 bytes each
		for i in 0 1; do
			stream "Stream().preamble(first=$i, end=$i + 1, most=1, text=META_TEXT.replace(
				b'shape=2', b'shape=$1')).record(TOP, struct.pack('<%dd' % ($1 * 2),
				*[0, -1] * $1), [$1, 1, 2]).end()" >part$i
		done
	}
	parts 40000
	ndr-cat -q --incomplete --memory 1 part0 part1 >whole
	ndr-check whole
	parts 80000
	run --separate-stderr -1 ndr-cat -q --incomplete --memory 1 -o none part0 part1
	[[ $stderr == *"what has to be merged takes more than 1 MiB: try a larger --memory" ]]
	[ ! -e none ]
}
