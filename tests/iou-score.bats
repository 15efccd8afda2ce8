# iou-score: counts of pixels, from one stream or two.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper
load filter
load stream

setup() {
	fixture=$(fixture)
	cd "$BATS_TEST_TMPDIR" || exit
}

numbers() {
	ndr-dump --type "$1" --values 1000 "$2" | sed 's/.*\t//'
}

@test "IS01 two images by hand" {
	two_items
	act-quantile --quantile 0.25 act.ndr >thr
	act-segment -q -T thr --upsample corners act.ndr >seg
	iou-score seg >score
	# Masks of unit 1: 0011 and 1000; unit 2 has none.  Labels 1122 and, on the whole
	# image, 3; then 0220.  Rows: label 0 to 3; intersection, area, truth.  Both images
	# hold a thing (area 2 + 1), only the first a scene.
	[ "$(numbers SCORE score)" = "0 0 0 0 3 2 2 3 4 2 2 4 0 0 0 0 0 2 0 0 4 0 0 4" ]
	[ "$(numbers COUNT score)" = "0 1 2 1" ]
}

@test "IS02 file, redirect, pipe, gzip and threads: the same bytes" {
	same_bytes "$fixture/conv5.seg" iou-score
}

@test "IS03 labels from another stream" {
	iou-score --no-provenance "$fixture/conv5.seg" >one
	iou-score --no-provenance -L "$fixture/images.ndr" "$fixture/conv5.seg" | cmp - one
	# Masks that came without labels, nor any in META.
	ndrtopam "$fixture/images.ndr" | pamtondr | cnn-forward -q -m "$fixture/alexnet.onnx" \
		-l conv5 --preset demo >plain.ndr
	run --separate-stderr -3 bash -c "act-segment -q -T '$fixture/conv5.thr' plain.ndr | iou-score"
	[[ $stderr == *"no labels"*"--labels"* ]]
}

@test "IS04 shards add up, merged or read together" {
	for i in 1 2; do
		broden-synth --seed 7 -n 24 --shard $i/2 |
			cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5 --preset demo |
			act-segment -q -T "$fixture/conv5.thr" >seg$i
		iou-score --no-provenance seg$i >score$i
	done
	iou-score --no-provenance "$fixture/conv5.seg" >whole
	iou-score --no-provenance seg2 seg1 | cmp - whole
	ndr-cat --no-provenance score2 score1 | cmp - whole
	cat seg1 seg2 | iou-score --no-provenance | cmp - whole
}

@test "IS05 labels that do not fit" {
	two_items
	act-quantile -q act.ndr >thr
	act-segment -q -T thr --upsample corners act.ndr >seg
	ndr-head -n 1 labels.ndr >short.ndr
	run --separate-stderr -3 iou-score -L short.ndr seg
	[ -z "$output" ]
	[[ $stderr == "iou-score: short.ndr: item 1 is missing" ]]
	run --separate-stderr -3 iou-score -L "$fixture/images.ndr" seg
	[[ $stderr == "iou-score: item 0 is a.png in seg, but "* ]]
	# Other sizes of the same images.
	sed -i 's/,1,4,a.png,/,1,2,c.png,/' d/index.csv
	printf 'P3 2 1 255  1 0 0  2 0 0\n' | pnmtopng -force >d/images/c.png
	broden-cat --no-images d >small.ndr
	run --separate-stderr -3 iou-score -L small.ndr seg
	[[ $stderr == *"masks of 1x4 pixels, labels of 1x2"* ]]
	run --separate-stderr -3 iou-score act.ndr
	[[ $stderr == *"item 0 has no masks"*"act-segment"* ]]
	ppmpat -gingham2 -randomseed=1 7 5 | pamtondr >image.ndr
	run --separate-stderr -3 iou-score image.ndr
	[[ $stderr == *"no labels"*"--labels"* ]]
}

@test "IS06 cut or damaged input, misuse, help, a full disk" {
	refuses_damage "$fixture/conv5.seg" iou-score
	speaks_well "$fixture/conv5.seg" iou-score
	head -c 99999 "$fixture/images.ndr" >part
	run --separate-stderr -4 iou-score -L part "$fixture/conv5.seg"
	[[ $stderr == "iou-score: part: "* ]]
	# All items are there, END is not.
	head -c -64 "$fixture/images.ndr" >part
	run --separate-stderr -4 iou-score -L part -o none "$fixture/conv5.seg"
	[[ $stderr == "iou-score: part: "* ]]
	[ ! -e none ]
	# shellcheck disable=SC2016 # for the inner shell
	run -4 bash -c 'iou-score -L <(cat part) -o none "$1"' none "$fixture/conv5.seg"
}

@test "IS07 labels in several segments: one META, and no item twice" {
	two_items
	act-quantile --quantile 0.25 act.ndr >thr
	act-segment -q -T thr --upsample corners act.ndr >seg
	for i in 1 2; do
		broden-cat --no-images --shard $i/2 d >part$i
		sed -i s/cup/mug/ d/label.csv
	done
	iou-score --no-provenance seg >want
	cat part1 part2 >other.ndr
	run --separate-stderr -3 iou-score -L other.ndr seg
	[[ $stderr == "iou-score: other.ndr: META differs"* ]]
	sed -i s/mug/cup/ d/label.csv
	broden-cat --no-images --shard 2/2 d >part2
	cat part1 part2 >both.ndr
	iou-score --no-provenance -L both.ndr seg | cmp - want
	cat part1 part1 part2 >twice.ndr
	run --separate-stderr -3 iou-score -L twice.ndr seg
	[[ $stderr == *"another segment"* ]]
	cat part2 part1 >descending.ndr
	run --separate-stderr -3 iou-score -L descending.ndr seg
	[[ $stderr == *"item 1 is missing" ]]
	run --separate-stderr -3 iou-score -L part1 seg
	[[ $stderr == "iou-score: part1: item 1 is missing" ]]
}

@test "IS08 items that the labels' stream leaves out have no label" {
	two_items
	act-quantile --quantile 0.25 act.ndr >thr
	act-segment -q -T thr --upsample corners act.ndr >seg
	broden-cat --no-images --categories scene d >scene.ndr
	iou-score -L scene.ndr seg >score
	# As IS01, of label 3 alone, which item 1 does not have.
	[ "$(numbers SCORE score)" = "0 0 0 0 0 0 0 0 0 2 2 4 0 0 0 0 0 0 0 0 0 0 0 4" ]
	[ "$(numbers COUNT score)" = "0 0 0 1" ]
}

@test "IS09 labels of another stream on any number of threads: the same bytes" {
	local t
	ndr-head -q -n 9 "$fixture/conv5.seg" >seg
	iou-score -q -t 1 -L "$fixture/conv5.ndr" seg >want
	for t in 2 3 8; do
		iou-score -q -t $t -L "$fixture/conv5.ndr" seg | cmp - want
	done
	# The first fault in order is the one that is said.
	broden-synth --seed 7 -n 5 >few.ndr
	for t in 1 4; do
		run --separate-stderr -3 iou-score -t $t -L few.ndr "$fixture/conv5.seg"
		[ "$stderr" = "iou-score: few.ndr: item 5 is missing" ]
	done
}

@test "IS10 little input does not become gigabytes of counts: --memory" {
	meta='META_TEXT.replace(b"label.3=1 paw %25\n", b"label.3=1 paw %25\nlabel.65535=0 last\n")'
	meta="$meta"'.replace(b"shape=2 2 2", b"shape=600 2 2")'
	stream "Stream().preamble(text=$meta).item(0).seg(units=(), bits=()).end()" >large
	run --separate-stderr -1 iou-score --incomplete -o none large
	[[ $stderr == *"counts of 600 units and 65536 labels take 1201 MiB, but --memory is 512" ]]
	[ ! -e none ]
	# What fits on some of the threads gives the same bytes.
	iou-score -q -t 1 "$fixture/conv5.seg" >one
	iou-score -q -t 8 --memory 1 "$fixture/conv5.seg" | cmp - one
}
