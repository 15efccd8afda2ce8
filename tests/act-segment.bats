# act-segment: masks, and thresholds that do not fit.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper
load filter

setup() {
	fixture=$(fixture)
	cd "$BATS_TEST_TMPDIR" || exit
}

# The masks of a stream of 1x4 pixels, a line an item: unit, then its pixels in order.
masks() {
	python3 - "$1" <<-'EOP'
		import struct, sys
		f = open(sys.argv[1], "rb")
		while h := f.read(64):
		    kind, length = struct.unpack_from("<4xH2xQ", h)
		    payload = f.read(-(-length // 64) * 64)
		    if kind == 10:
		        height, width, count = struct.unpack_from("<3I", payload)
		        assert (height, width) == (1, 4)
		        units = struct.unpack_from(f"<{count}I", payload, 16)
		        print(*(f"{u + 1}:{payload[64 + 64 * i]:04b}"[:2] + f"{payload[64 + 64 * i]:04b}"[::-1]
		                for i, u in enumerate(units)))
	EOP
}

@test "AS01 two images by hand" {
	two_items
	act-quantile --quantile 0.25 act.ndr >thr
	# T of unit 1 is 3.  Between corners its S is 0 2 4 6, then 3 2 1 0.  Unit 2 has T = 1
	# and three of four samples at it: S > 1, and nothing is.
	run --separate-stderr -0 bash -c 'act-segment -T thr --upsample corners act.ndr >seg'
	[[ $stderr == "act-segment: warning: layer conv: 1 of 2 units "*"before the activation function" ]]
	[ "$(masks seg)" = $'1:0011\n1:1000' ]
	act-segment -q -T thr --upsample corners --compare gt act.ndr >seg
	[ "$(masks seg)" = 1:0011 ]
	# At half pixels S is 0 1.5 4.5 6, then 3 2.25 0.75 0.
	act-segment -q -T thr --upsample resize act.ndr >seg
	[ "$(masks seg)" = $'1:0011\n1:1000' ]
	# Where receptive fields are not known there is no rf.
	run --separate-stderr -3 act-segment -q -T thr act.ndr
	[[ $stderr == *"receptive fields are not known, which --upsample resize and corners do without"* ]]
}

@test "AS02 file, redirect, pipe, gzip and threads: the same bytes" {
	same_bytes "$fixture/conv5.ndr" act-segment -q -T "$fixture/conv5.thr"
	same_bytes "$fixture/conv5.ndr" act-segment -q -T "$fixture/conv5.thr" --upsample corners
}

@test "AS03 activations are replaced, all else passes" {
	act-segment -q -T "$fixture/conv5.thr" "$fixture/conv5.ndr" >seg
	for type in ITEM LABEL; do
		ndr-dump --type $type "$fixture/conv5.ndr" | cut -f 2- >before
		ndr-dump --type $type seg | cut -f 2- | cmp - before
	done
	[ "$(ndr-dump --type SEG seg | wc -l)" = "$(ndr-dump --type ACT "$fixture/conv5.ndr" | wc -l)" ]
	[ -z "$(ndr-dump --type ACT seg)" ]
}

@test "AS04 thresholds of another layer, basis or kind of file are refused, before any output" {
	two_items
	act-quantile act.ndr >other.thr
	rotate-basis --seed 1 "$fixture/conv5.ndr" >rotated.ndr
	run --separate-stderr -3 act-segment -q -T other.thr "$fixture/conv5.ndr"
	[ -z "$output" ]
	[[ $stderr == "act-segment: other.thr: no thresholds of layer conv5" ]]
	run --separate-stderr -3 act-segment -q -T "$fixture/conv5.thr" rotated.ndr
	[ -z "$output" ]
	[[ $stderr == *"another basis"* ]]
	act-quantile rotated.ndr >rotated.thr
	run --separate-stderr -3 act-segment -q -T rotated.thr "$fixture/conv5.ndr"
	[[ $stderr == *"another basis"* ]]
	act-segment -q -T rotated.thr rotated.ndr >/dev/null
	echo 0 6 1 1 9 9  3 0 1 0 9 9 | npy 2 3 1 2 |
		npytondr --as act --like labels.ndr -l conv -o wide.ndr
	run --separate-stderr -3 act-segment -q -T other.thr wide.ndr
	[[ $stderr == *"layer conv has 2 units, the input has 3"* ]]
	run --separate-stderr -3 act-segment -T act.ndr act.ndr
	[[ $stderr == *"act.ndr: no thresholds of layer conv" ]]
	cat other.thr other.thr >two.thr
	run --separate-stderr -3 act-segment -T two.thr act.ndr
	[[ $stderr == *"do not merge"* ]]
	head -c 500 other.thr >cut.thr
	run --separate-stderr -4 act-segment -T cut.thr act.ndr
	[[ $stderr == "act-segment: cut.thr: "* ]]
}

@test "AS05 an image without labels is segmented at its own size" {
	ppmpat -gingham2 -randomseed=1 7 5 | pamtondr >image.ndr
	echo 0 6 1 1 | npy 1 2 1 2 | npytondr --as act --like image.ndr -l conv -o act.ndr
	act-quantile act.ndr >thr
	act-segment -q -T thr --upsample resize act.ndr >seg
	run -0 ndr-dump --type SEG seg
	[[ $output == *7*5* || $output == *5*7* ]]
}

@test "AS06 cut or damaged input, misuse, help, a full disk, a closed pipe" {
	refuses_damage "$fixture/conv5.ndr" act-segment -q -T "$fixture/conv5.thr"
	speaks_well "$fixture/conv5.ndr" act-segment -q -T "$fixture/conv5.thr"
	run --separate-stderr -2 act-segment "$fixture/conv5.ndr"
	[[ $stderr == *"-T is missing"* ]]
	run -2 act-segment -T "$fixture/conv5.thr" --upsample nearest "$fixture/conv5.ndr"
	run -141 unread act-segment -q -T "$fixture/conv5.thr" "$fixture/conv5.ndr"
	[ -z "$output" ]
}

@test "AS07 thresholds from a pipe" {
	act-segment -q -T <(act-quantile -q "$fixture/conv5.ndr") -o masks "$fixture/conv5.ndr"
	cmp <(ndr-dump --type SEG masks) <(ndr-dump --type SEG "$fixture/conv5.seg")
}
