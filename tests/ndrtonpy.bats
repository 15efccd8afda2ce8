# ndrtonpy: arrays as numpy.load() would find them.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper
load stream

setup() {
	good=$root/tests/format/passed
	cd "$BATS_TEST_TMPDIR" || return
}

# npy FILE -- type, shape and numbers, read by the letter of the format
npy() {
	python3 - "$1" <<-'EOF'
		import ast, struct, sys
		data = open(sys.argv[1], "rb").read()
		assert data[:8] == b"\x93NUMPY\1\0"
		length, = struct.unpack_from("<H", data, 8)
		assert (10 + length) % 64 == 0 and data[9 + length:10 + length] == b"\n"
		head = ast.literal_eval(data[10:10 + length].decode())
		assert sorted(head) == ["descr", "fortran_order", "shape"] and head["fortran_order"] is False
		code = {"|u1": "B", "|b1": "B", "<u2": "H", "<u8": "Q", "<f4": "f", "<f8": "d"}[head["descr"]]
		n = 1
		for d in head["shape"]:
		    n *= d
		numbers = struct.unpack("<%d%s" % (n, code), data[10 + length:])
		print(head["descr"], *head["shape"], ":", *("%g" % x for x in numbers))
	EOF
}

@test "NN01 images and activations, stacked" {
	ndrtonpy --type image "$good/items.ndr" >a
	[ "$(npy a)" = "|u1 2 2 2 3 : 0 1 2 3 4 5 6 7 8 9 10 11 0 1 2 3 4 5 6 7 8 9 10 11" ]
	ndrtonpy --type act "$good/two-segments.ndr" >a
	row="0 1 -2 3.5 0 0 1e-30 1e+30"
	[ "$(npy a)" = "<f4 3 2 2 2 : $row $row $row" ]
	ndrtonpy --type act --layer conv5 --item 2 "$good/items.ndr" >a
	[ "$(npy a)" = "<f4 1 2 2 2 : $row" ]
}

@test "NN02 thresholds and scores" {
	ndrtonpy --type thresh "$good/summary.ndr" >a
	[ "$(npy a)" = "<f8 2 8 : 1 0 2 100 0.005 0 0 1 0 1 2 3 4 5 6 7" ]
	ndrtonpy --type score "$good/summary.ndr" >a
	[ "$(npy a)" = "<u8 2 4 3 : $(seq -s ' ' 0 23)" ]
}

@test "NN03 label maps of one item; whole-image labels spread out" {
	ndrtonpy --type label --item 0 "$good/items.ndr" >a
	[ "$(npy a)" = "<u2 3 2 2 : 0 1 3 1 1 1 1 1 3 3 3 3" ]
	ndrtonpy --type label --item 2 --category object "$good/items.ndr" >a
	[ "$(npy a)" = "<u2 1 2 2 : 0 1 3 1" ]
	run --separate-stderr -2 ndrtonpy --type label "$good/items.ndr"
	[ "$stderr" = "ndrtonpy: --type label: label maps do not stack, choose with --item" ]
}

@test "NN04 the same file by redirect, pipe, append and -o" {
	ndrtonpy --type act "$good/items.ndr" >a
	ndrtonpy --type act "$good/items.ndr" | cmp - a
	ndrtonpy --type act -o b "$good/items.ndr"
	cmp a b
	printf x >c
	ndrtonpy --type act "$good/items.ndr" >>c
	{ printf x && cat a; } | cmp - c
	{
		printf x
		ndrtonpy --type act "$good/items.ndr"
	} >d
	cmp c d
	TMPDIR=/nonexistent ndrtonpy --type act -o b "$good/items.ndr"
}

@test "NN09 every other type, by hand" {
	type() {
		ndrtonpy --type "$1" "$good/$2.ndr" >a
		npy a | cmp - <(echo "$3") || {
			npy a
			return 1
		}
	}
	type seg items '|b1 2 2 2 2 : 0 0 0 0 1 0 0 1 0 0 0 0 1 0 0 1'
	ndrtonpy --type planes --item 0 "$good/planes.ndr" >a
	[ "$(npy a)" = "<f4 1 2 2 2 : 0 0.5 -1 7 1 2 3 4" ]
	run --separate-stderr -3 ndrtonpy --type planes "$good/planes.ndr"
	[ "$stderr" = "ndrtonpy: item 1: an image of 5 channels does not stack on the first, of 2: choose with --item" ]
	type count summary '<u8 4 : 0 2 0 1'
	type top summary '<f8 2 2 2 : 3 1 2 0 1 2 0 -1'
	type matrix summary '<f4 2 2 : 0 1 -1 0'
	type sketch summary '<f8 1 4 : 0 0 7.00649e-45 7'
	type linear summary-minor-1 '<f4 1 3 : 0.5 -2 3'
	type topmap summary-minor-1 '<f4 2 2 2 2 : -3 -3 -3 3 -2 -2 -2 2 -1 -1 -1 1 0 0 0 0'
	type chance summary-minor-1 '<u8 3 2 4 : 0 1 2 3 4 5 6 7 0 1 2 3 0 1 2 3 0 1 2 3 4 5 6 7'
	type tail summary-minor-1 '<f8 5 2 : 0 4 0 2 0 2 1 4 1 -1'
	type maxima summary-minor-1 '<f8 3 4 : 0 2 -1 1 0 1 0 2 0 0 3 1'
	type joint summary-minor-1 '<u8 2 3 : 0 0 4 0 2 8'
	type classes summary-minor-1 '<u8 7 5 : 0 9 2 2 0 1 3 1 0 0 1 3 1 1 1 2 8 2 0 0 2 8 2 0 1 2 8 2 1 1 2 8 2 1 3'
	type top summary-minor-1-empty '<f8 2 0 2 :'
	type tail summary-minor-1-empty '<f8 0 2 :'
	# Samples below zero, whose order is turned round: -1 is bits bf800000.
	stream 'Stream().preamble().record(SKETCH, struct.pack("<2IQ", 1, 20, 1) + struct.pack("<I2HQ", 0x407ff, 0xfff, 0xfff, 3)).end()' >minus
	ndrtonpy --type sketch minus >a
	[ "$(npy a)" = "<f8 1 4 : 1 -1 -1 3" ]
}

@test "NN10 every type that ndr(5) lists but ITEM has a --type" {
	ndrtonpy --help >help
	sed -n '/^\.Ss Types/,/^\.Pp/s/^\.It [0-9]* Ta \([A-Z]*\) .*/\L\1/p' "$root/man/ndr.5" >types
	[ "$(wc -l <types)" = 23 ]
	grep -vxE 'head|meta|prov|item|end' types | while read -r t; do grep -qw -- "$t" help; done
	for t in head meta prov item end; do ndr-dump --type $t "$good/items.ndr" | grep -q .; done
}

@test "NN11 what is in several segments, and does not stack" {
	stream 'Stream().preamble(minor=1, end=1, most=1).top().tail().end().preamble(minor=1, first=1).top().tail().end()' >two
	for t in top tail; do
		run --separate-stderr -3 ndrtonpy --type $t -o none two
		[[ $stderr == "ndrtonpy: several ${t^^} of the layer: see ndr-cat" ]]
	done
	stream 'Stream().preamble(minor=1).chance(1, n=1).chance(2).end()' >part
	run --separate-stderr -3 ndrtonpy --type chance -o none part
	[[ $stderr == "ndrtonpy: "*"seed 1 has 1 of 2 units" ]]
	stream 'Stream().preamble().item(0).seg().item(1, sh=1, sw=4).seg(1, 4).end()' >mixed
	run --separate-stderr -3 ndrtonpy --type seg -o none mixed
	[[ $stderr == "ndrtonpy: item 1: a mask of 4x1 pixels does not stack on the first, of 2x2: choose with --item" ]]
	meta=$(printf '%s' 'META_TEXT.replace(b"layer.0.shape=2 2 2", b"layer.0.shape=9999999 2 2")')
	stream "Stream().preamble($meta).item(0, sh=256, sw=256).seg(256, 256, (), ()).end()" >large
	run --separate-stderr -3 ndrtonpy --type seg -o none large
	[[ $stderr == "ndrtonpy: item 0: masks of 9999999 units and 65536 pixels are more than 1073741824 bytes" ]]
	ndrtonpy --type seg --item 1 mixed >a
	[ "$(npy a)" = "|b1 1 2 1 4 : 0 0 0 0 1 0 0 1" ]
}

@test "NN05 what does not stack is refused" {
	stream 'Stream().preamble().item(0).image().item(1, 1, 4).of_item(IMAGE, bytes(12), [1, 4, 3]).end()' >mixed
	run --separate-stderr -3 ndrtonpy --type image -o none mixed
	[[ $stderr == "ndrtonpy: item 1: an image of 4x1 pixels does not stack on the first, of 2x2: choose with --item" ]]
	[ ! -e none ]
	ndrtonpy --type image --item 1 mixed >a
	[ "$(npy a)" = "|u1 1 1 4 3 : 0 0 0 0 0 0 0 0 0 0 0 0" ]
}

@test "NN06 items out of order, nothing to write, unknown layers" {
	stream 'Stream().preamble(first=3, end=9).whole_item(4).end().preamble().whole_item(0).end()' >swapped
	run --separate-stderr -3 ndrtonpy --type act swapped
	[ -z "$output" ]
	[[ $stderr == *"item 0 comes after item 4: see ndr-cat" ]]
	run --separate-stderr -3 ndrtonpy --type score "$good/items.ndr"
	[[ $stderr == "ndrtonpy: no SCORE records in the input" ]]
	run --separate-stderr -3 ndrtonpy --type act --item 1 "$good/items.ndr"
	[[ $stderr == *"of that item in the input" ]]
	run --separate-stderr -2 ndrtonpy --type act --layer conv4 "$good/items.ndr"
	[[ $stderr == *"--layer 'conv4': not in the input" ]]
	run --separate-stderr -2 ndrtonpy "$good/items.ndr"
	[[ $stderr == *"--type is missing"* ]]
}

@test "NN07 a closed standard output is named as such" {
	# shellcheck disable=SC2016 # $1 is for the inner shell
	run --separate-stderr -1 bash -c 'exec ndrtonpy --type act "$1" >&-' _ "$good/items.ndr"
	[ "$stderr" = "ndrtonpy: <stdout>: not open for writing" ]
}

@test "NN08 maps made of labels of the whole image are limited, too" {
	stream 'Stream().preamble().item(0, sh=4096, sw=4096).label([1] * 3, [3, 1, 1]).end()' >large
	run --separate-stderr -3 ndrtonpy --type label --item 0 -o none large
	[[ $stderr == *"labels of 4096 x 4096 pixels times 3 are more than 33554432 (--max-label-pixels)" ]]
	[ ! -e none ]
}
