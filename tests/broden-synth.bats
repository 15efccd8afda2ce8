# broden-synth: the stream of rendered scenes.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup_file() {
	export work=$BATS_FILE_TMPDIR
	cd "$work" || exit
	make_reader >show
	chmod +x show
	broden-synth --seed 3 -n 40 --size 48 -o whole
}

setup() {
	cd "$work" || exit
	PATH=$work:$PATH
}

# show < stream: a line for each record: type, item, group, dims, digest of the
# data; META as it is.
make_reader() {
	cat <<-'EOF'
		#!/usr/bin/env python3
		import struct, sys, zlib
		f = sys.stdin.buffer
		names = {4: "item", 5: "image", 6: "label", 15: "end"}
		while header := f.read(64):
		    kind, _, length = struct.unpack_from("<HHQ", header, 4)
		    item, group = struct.unpack_from("<II", header, 24)
		    dims = struct.unpack_from("<4I", header, 36)
		    data = f.read((length + 63) // 64 * 64)[:length]
		    if kind == 4:
		        dims = struct.unpack_from("<4I", data)
		    if kind == 2:
		        print(data.decode(), end="")
		    if kind in names:
		        print(names[kind], item, group, *dims, "" if kind == 15 else zlib.crc32(data))
	EOF
}

# Of what show says, the records of items.
records() {
	grep '^[il][a-z]* '
}

@test "BS01 a whole, valid stream: ITEM, IMAGE and LABEL records of each item" {
	ndr-check -q whole
	show <whole >out
	[ "$(grep -c '^item ' out)" = 40 ]
	[ "$(grep -c '^item [0-9]* [0-9]* 48 48 24 24 ' out)" = 40 ]
	[ "$(grep -c '^image [0-9]* [0-9]* 48 48 3 1 ' out)" = 40 ]
	[ "$(grep -c '^label [0-9]* 0 1 24 24 1 ' out)" = 40 ]
	for category in 1 2 3; do
		n=$(grep -c "^label [0-9]* $category [12] 24 24 1 " out)
		[ "$n" -gt 0 ]
		[ "$n" -lt 40 ]
	done
	for category in 4 5; do
		n=$(grep -c "^label [0-9]* $category 1 1 1 1 " out)
		[ "$n" -gt 0 ]
		[ "$n" -lt 40 ]
	done
}

@test "BS02 META: the six categories, the labels, the number of items" {
	show <whole >out
	grep -q '^dataset.items=40$' out
	[ "$(grep '^category\.' out | cut -d= -f2 | xargs)" = "color object part material scene texture" ]
	grep '^label\.' out | cut -d= -f2- | sort >labels
	[ "$(wc -l <labels)" -ge 30 ]
	[ -z "$(uniq -d labels)" ]
	for label in "0 black-c" "1 house" "2 wheel" "3 brick" "4 beach-s" "5 striped"; do
		grep -qx "$label" labels
	done
}

@test "BS03 the same bytes from any number of threads, to a file and to a pipe" {
	for t in 1 2 5; do
		broden-synth --seed 3 -n 40 --size 48 -t $t | cmp - whole
	done
}

@test "BS04 shards hold the items of the whole, and merge to it" {
	show <whole | records >out
	for n in 2 7; do
		for i in $(seq $n); do
			broden-synth --seed 3 -n 40 --size 48 --shard "$i/$n"
		done | show | records | cmp - out
	done
	for i in 1 2; do
		broden-synth --seed 3 -n 40 --size 48 --shard $i/2 -o part$i
	done
	ndr-cat part2 part1 | cmp - whole
}

@test "BS05 an item depends on seed and number alone" {
	broden-synth --seed 3 -n 5 --size 48 | show | records >out
	show <whole | records | head -n "$(wc -l <out)" | cmp - out
	broden-synth --seed 4 -n 5 --size 48 | show | grep ^image >other
	[ "$(grep ^image out | cut -d' ' -f8 | sort - <(cut -d' ' -f8 other) | uniq | wc -l)" = 10 ]
}

@test "BS06 without -n it goes on, and stops without a word when the reader has enough" {
	run -141 bash -c 'set -o pipefail; broden-synth --size 48 | head -c 3000000 >/dev/null'
	[ -z "$output" ]
	broden-synth --seed 3 --size 48 | ndr-head -n 3 | show | records >out
	show <whole | records | head -n "$(wc -l <out)" | cmp - out
}

@test "BS07 --categories: their labels in their order, and only items that have some" {
	broden-synth --seed 3 -n 40 --size 48 --categories texture,scene -o some
	ndr-check -q some
	show <some >out
	[ "$(grep '^category\.' out | xargs)" = "category.0=scene category.1=texture" ]
	run ! grep -q '^label.*house' out
	grep '^item ' out | cut -d' ' -f2 >items
	show <whole | grep '^label [0-9]* [45] ' | cut -d' ' -f2 | cmp - items
	broden-synth --seed 3 -n 40 --size 48 --categories color,object,part,material,scene,texture |
		show | cmp - <(show <whole)
}

@test "BS08 --no-images, --no-labels" {
	broden-synth --seed 3 -n 9 --size 48 --no-images | show >out
	run ! grep -q ^image out
	[ "$(grep -c '^item [0-9]* [0-9]* 0 0 24 24 ' out)" = 9 ]
	broden-synth --seed 3 -n 9 --size 48 --no-labels | show >out
	run ! grep -q '^label ' out
	[ "$(grep -c '^item [0-9]* [0-9]* 48 48 0 0 ' out)" = 9 ]
}

@test "BS09 sizes from 16, even and odd: masks are half, rounded down" {
	for size in 16 17 33 113 227; do
		broden-synth -n 3 --size $size | show >out
		half=$((size / 2))
		[ "$(grep -c "^item [0-9]* [0-9]* $size $size $half $half " out)" = 3 ]
		[ "$(grep -c "^label [0-9]* 0 1 $half $half 1 " out)" = 3 ]
	done
}

@test "BS10 netpbm reads the pictures" {
	ndrtopam whole >pictures
	[ "$(pamfile -allimages pictures | grep -c '48 by 48')" = 40 ]
}

@test "BS11 misuse: exit 2, one reason, no output" {
	for misuse in 'operand' '-n -1' '-n x' '--size 15' '--size 2049' '--size big' '--seed' \
		'--shard 1/2' '-n 4 --shard 0/2' '-n 4 --shard 3/2' '-n 4 --shard 1' \
		'-n 4 --shard 1/2/3' '-n 4 --shard 1/x' '--categories colour' '--categories color,' \
		'--categories object,,part' '--nonsense'; do
		echo "$misuse"
		# shellcheck disable=SC2086
		run --separate-stderr -2 broden-synth $misuse
		[ -z "$output" ]
		[[ $stderr == broden-synth:* ]]
	done
}

@test "BS12 --help and --version" {
	run --separate-stderr -0 broden-synth --help
	[[ $output == "usage: broden-synth "*--seed* ]]
	[ -z "$stderr" ]
	run --separate-stderr -0 broden-synth --version
	[[ $output == "broden-synth "* ]]
}

@test "BS13 a full disk, a directory that is not there" {
	run --separate-stderr -1 bash -c 'broden-synth -n 3 >/dev/full'
	[[ $stderr == "broden-synth: <stdout>: No space left on device" ]]
	run --separate-stderr -1 broden-synth -n 3 -o none/out
	[[ $stderr == "broden-synth: none/out"* ]]
}

@test "BS14 --kinds 40: other scenes, more things, and the pictures of --kinds 10 are as ever" {
	broden-synth --seed 3 -n 40 --size 48 --kinds 10 | cmp - whole
	broden-synth -n 300 --no-provenance | sha256sum | grep -q "^e5eaeaf7fe74540978df0350ae95fbbb600b0fb9c23cef1fe65cd8adc10b3c3c "
	broden-synth -n 300 --kinds 40 --size 72 --no-provenance -o forty
	sha256sum forty | grep -q "^d9db0a723212f680b6e75d1c2d16b23daeb25e2782ce8ae545c093110549eb67 "
	ndr-check -q forty
	show <forty >out
	[ "$(grep -c '^label\..*-s$' out)" = 40 ]
	[ "$(grep -c '^label\.' out)" = 170 ]
	for label in "1 house" "1 bicycle" "2 blanket" "4 oasis-s"; do
		grep -q "^label\.[0-9]*=$label$" out
	done
	run ! grep -q '=4 beach-s' out
	run -2 broden-synth --kinds 20 -n 1
}
