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

@test "IS11 --permute: counts against other images' labels are those of a restatement" {
	need_numpy
	iou-score --permute 1-3,9 "$fixture/conv5.seg" >chance
	[ "$("$root/tests/permuted" "$fixture/conv5.seg" chance)" = \
		"6 records, 24 of 24 images, 4 strata" ]
	ndr-dump --type SCORE "$fixture/conv5.score" | cut -f 7 >want
	ndr-dump --type SCORE chance | cut -f 7 | cmp - want
	# Alone in their strata: left out of everything, with a warning that stays.
	broden-synth --seed 4 -n 9 | cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5 \
		--preset demo >few.ndr
	act-segment -q -T "$fixture/conv5.thr" few.ndr >few.seg
	run --separate-stderr -0 iou-score --permute 5-6 --strata few.tsv -o few few.seg
	[[ $stderr == *"1 of 9 labelled images are left out: there is no other of their source, categories and size" ]]
	[ "$(cut -f 5-7 few.tsv | sort | paste -sd ' ')" = \
		"1	1	yes 2	2	no 3	3	no 3	3	no images	blocks	left-out" ]
	grep -aq "warning=1 of 9 labelled images are left out" few
	[ "$("$root/tests/permuted" few.seg few)" = "4 records, 8 of 9 images, 3 strata" ]
}

@test "IS12 --permute: the same bytes from any threads, labels and shards" {
	local t i
	iou-score -t 1 --no-provenance --permute 1-5 "$fixture/conv5.seg" >want
	for t in 2 3 8; do
		iou-score -t $t --no-provenance --permute 5,1-4 "$fixture/conv5.seg" | cmp - want
	done
	iou-score --no-provenance --permute 1-5 -L "$fixture/images.ndr" "$fixture/conv5.seg" |
		cmp - want
	# Masks of parts, with the labels of all.
	for i in 1 2 3; do
		broden-synth --seed 7 -n 24 --shard $i/3 |
			cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5 --preset demo |
			act-segment -q -T "$fixture/conv5.thr" >seg$i
		iou-score -q --no-provenance --permute 1-5 -L "$fixture/images.ndr" seg$i >part$i
	done
	ndr-cat --no-provenance part3 part1 part2 | cmp - want
	# Without them, strata cannot be known; nor with some of them.
	run --separate-stderr -3 iou-score --permute 1 -o none seg1
	[[ $stderr == *"items 8 to 23 are missing"* ]]
	ndr-head -q -n 9 "$fixture/images.ndr" >some.ndr
	run --separate-stderr -3 iou-score --permute 1 -L some.ndr -o none "$fixture/conv5.seg"
	[[ $stderr == *"some.ndr: items are missing: permutations need the labels of all" ]]
	ndr-head -q -n 9 "$fixture/conv5.seg" >some.seg
	run --separate-stderr -3 iou-score -q --permute 1 -L "$fixture/images.ndr" -o none some.seg
	[[ $stderr == *"permutations need the masks of all items" ]]
	broden-synth --seed 7 -n 25 >more.ndr
	run --separate-stderr -3 iou-score --permute 1 -L more.ndr -o none "$fixture/conv5.seg"
	[[ $stderr == *"more.ndr has not the same data set as the masks"* ]]
	[ ! -e none ]
}

@test "IS13 --block keeps images together" {
	need_numpy
	local regex='/0000([012])'
	iou-score --permute 1-4 --block "$regex" --strata strata "$fixture/conv5.seg" >chance
	[ "$("$root/tests/permuted" "$fixture/conv5.seg" chance "$regex")" = \
		"6 records, 22 of 24 images, 3 strata" ]
	[ "$(cut -f 5-6 strata | paste -sd ' ')" = "images	blocks 4	2 7	3 2	1 11	3" ]
	# One block: nothing to be permuted.
	run --separate-stderr -0 iou-score --permute 1 --block synth -o all "$fixture/conv5.seg"
	[[ $stderr == *"24 of 24 labelled images are left out"* ]]
	[ "$(numbers COUNT all | tr -d ' 0')" = "" ]
	run --separate-stderr -2 iou-score --permute 1 --block '(' "$fixture/conv5.seg"
	[[ $stderr == *"--block '(': "* ]]
	run --separate-stderr -2 iou-score --block x "$fixture/conv5.seg"
	[[ $stderr == *"--block goes with --permute"* ]]
	cp "$fixture/conv5.seg" own
	for other in '-o same' '-L same'; do
		# shellcheck disable=SC2086 # two words
		run --separate-stderr -2 iou-score --permute 1 --strata same $other own
		[[ $stderr == *"--strata same: the same file as --"* ]]
	done
	run --separate-stderr -2 iou-score --permute 1 --strata own own
	[[ $stderr == *"--strata own: the same file as the input"* ]]
	cmp own "$fixture/conv5.seg"
	[ ! -e same ]
	run --separate-stderr -2 iou-score --permute 2-1 "$fixture/conv5.seg"
	[[ $stderr == *"--permute: '2-1' is no list of seeds"* ]]
	run --separate-stderr -2 iou-score --incomplete --permute 1 "$fixture/conv5.seg"
	[[ $stderr == *"--permute and --incomplete exclude each other"* ]]
	act-quantile -q --quantile 0.5 "$fixture/conv5.ndr" >half
	act-segment -q -T half "$fixture/conv5.ndr" >half.seg
	run --separate-stderr -1 iou-score --permute 1 --memory 1 -o none half.seg
	[[ $stderr == *"more than 1 MiB: try a larger --memory" ]]
	[ ! -e none ]
}

@test "IS14 --segments: counts of ranges of items, which add up to those of all" {
	local i
	iou-score --no-provenance "$fixture/conv5.seg" >want
	iou-score --no-provenance --segments 8 "$fixture/conv5.seg" >eight
	[ "$(ndr-dump eight | grep -c HEAD)" = 8 ]
	ndr-cat --no-provenance eight | cmp - want
	ndr-head -q -n 3 "$fixture/conv5.seg" | iou-score -q --no-provenance >first
	cmp <(numbers SCORE eight | head -n 1) <(numbers SCORE first)
	# Those of shards are the same segments.
	for i in 1 2; do
		broden-synth --seed 7 -n 24 --shard $i/2 |
			cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5 --preset demo |
			act-segment -q -T "$fixture/conv5.thr" >seg$i
		iou-score -q --no-provenance --segments 8 -t $i seg$i
	done | cmp - eight
	run --separate-stderr -3 iou-score -q --segments 3 -o none seg1
	[[ $stderr == *"a segment is of items 8 to 15, which are not all here: let --segments be a multiple of the shards" ]]
	run --separate-stderr -2 iou-score --segments 25 -o none "$fixture/conv5.seg"
	[[ $stderr == *"--segments 25: there are 24 items" ]]
	run --separate-stderr -2 iou-score --segments 2 --incomplete "$fixture/conv5.seg"
	[[ $stderr == *"--segments and --incomplete exclude each other"* ]]
	# Permuted counts of ranges add up, too.
	iou-score -q --no-provenance --permute 1-3 --segments 5 -t 1 "$fixture/conv5.seg" >five
	[ "$(ndr-dump five | grep -c HEAD)" = 5 ]
	ndr-cat --no-provenance five | cmp - <(iou-score -q --no-provenance --permute 1-3 "$fixture/conv5.seg")
}

# What iou-score wrote of all but sets of labels.
scores() {
	ndr-dump --values 100000 "$1" | cut -f 2- | grep -E '^(SCORE|COUNT)'
}

@test "IS15 --joint: two images by hand" {
	two_items
	act-quantile --quantile 0.25 act.ndr >thr
	act-segment -q -T thr --upsample corners act.ndr >seg
	iou-score --joint seg >score
	# As in IS01.  The classes, by categories and labels: of the second image, {thing} {}
	# and {thing} {plate}, two pixels each; of the first {thing scene} with kitchen and
	# cup, or plate.
	run -0 ndr-dump --type CLASSES score
	[[ $output == *"classes=4 pixels=8" ]]
	# Unit, class, pixels: 0011 has two of the last, 1000 one of the first.
	[ "$(ndrtonpy --type joint score | tail -c 48 | od -An -v -tu8 | xargs)" = "0 0 1 0 3 2" ]
	[ "$(ndr-dump --type JOINT score | cut -f 7)" = "unit=0 classes=2 pixels=3
unit=1 classes=0 pixels=0" ]
	iou-score seg >plain
	cmp <(scores plain) <(scores score)
}

@test "IS16 --joint: classes, counts and formulas are those of a restatement, SCORE that of a plain run" {
	need_numpy
	iou-score --joint "$fixture/conv5.seg" >joint
	[ "$("$root/tests/joint" "$fixture/conv5.seg" joint)" = "568 classes, 128 units, 760 formulas" ]
	cmp <(scores joint) <(scores "$fixture/conv5.score")
	# Some images are without labels.
	broden-synth --seed 7 -n 24 --categories scene,texture >few.ndr
	iou-score --no-provenance --joint -L few.ndr "$fixture/conv5.seg" >few
	cmp <(scores few) <(iou-score -L few.ndr "$fixture/conv5.seg" | scores -)
	[[ $(ndr-dump --type CLASSES few) == *" pixels=75264" ]]
	# Labels that changed places: the same classes.
	iou-score --joint --permute 3 "$fixture/conv5.seg" >joint.3
	[ "$("$root/tests/joint" "$fixture/conv5.seg" joint.3 3)" = "568 classes, 128 units, 760 formulas" ]
	run -1 "$root/tests/joint" "$fixture/conv5.seg" joint.3 4
	[[ $output == "JOINT differs"* ]]
	cmp <(ndr-dump --type CLASSES joint | cut -f 2-) <(ndr-dump --type CLASSES joint.3 | cut -f 2-)
}

@test "IS17 --joint: the same bytes from any input, threads and shards" {
	local i t
	same_bytes "$fixture/conv5.seg" iou-score --joint
	iou-score --no-provenance --joint "$fixture/conv5.seg" >want
	iou-score --no-provenance --joint -L "$fixture/images.ndr" "$fixture/conv5.seg" | cmp - want
	iou-score --no-provenance --joint --permute 5 "$fixture/conv5.seg" >want5
	for t in 1 8; do
		iou-score -t $t --no-provenance --joint --permute 5 -L "$fixture/images.ndr" \
			"$fixture/conv5.seg" | cmp - want5
	done
	for i in 1 2 3; do
		broden-synth --seed 7 -n 24 --shard $i/3 |
			cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5 --preset demo |
			act-segment -q -T "$fixture/conv5.thr" >seg$i
		iou-score -q --no-provenance --joint seg$i >part$i
		iou-score -q --no-provenance --joint --permute 5 -L "$fixture/images.ndr" seg$i >part5$i
	done
	iou-score --no-provenance --joint seg3 seg1 seg2 | cmp - want
	ndr-cat --no-provenance part3 part1 part2 | cmp - want
	ndr-cat --no-provenance part52 part51 part53 | cmp - want5
}

@test "IS18 --joint: who reads SCORE reads it beside the others" {
	iou-score --joint -o joint "$fixture/conv5.seg"
	run -0 ndr-check joint
	unit-label -q joint | cmp - <(unit-label -q "$fixture/conv5.score")
	ndr-cat joint | cmp - joint
	ndr-split -d layers joint
	cmp layers/conv5.ndr joint
	cp "$fixture/conv5.thr.ndr" "$fixture/conv5.top.ndr" .
	iou-score --no-provenance -o conv5.score.ndr "$fixture/conv5.seg"
	unit-report -q -i "$fixture/images.ndr" conv5 | grep -v '^digest.score=' >page.html
	iou-score --no-provenance --joint -o conv5.score.ndr "$fixture/conv5.seg"
	unit-report -q -i "$fixture/images.ndr" conv5 | grep -v '^digest.score=' | cmp - page.html
}

@test "IS19 --joint: misuse, and more than memory holds" {
	run --separate-stderr -2 iou-score --joint --segments 2 "$fixture/conv5.seg"
	[[ $stderr == *"--segments and --joint exclude each other"* ]]
	run --separate-stderr -2 iou-score --joint --permute 1,2 "$fixture/conv5.seg"
	[[ $stderr == *"--joint goes with one seed of --permute"* ]]
	refuses_damage "$fixture/conv5.seg" iou-score --joint
	act-quantile -q --quantile 0.5 "$fixture/conv5.ndr" >half
	act-segment -q -T half "$fixture/conv5.ndr" >half.seg
	run --separate-stderr -1 iou-score --joint --memory 1 -o none half.seg
	[[ $stderr == "iou-score: "*"joint counts take more than 1 MiB: try a larger --memory" ]]
	[ ! -e none ]
}

@test "IS20 --joint: as many classes as pixels" {
	need_numpy
	local k
	k=$(exhaustive 12 20)
	"$root/tests/many-classes" "$k" seg want
	iou-score --joint --memory 256 -o joint seg
	run -0 ndr-check joint
	[[ $(ndr-dump --type CLASSES joint) == *"classes=$((1 << k)) pixels=$((1 << k))" ]]
	ndrtonpy --type joint joint | tail -c "$(stat -c %s want)" | cmp - want
}

@test "IS21 --split: the counts of a split are those of a data set of it" {
	local s index=broden1_227/index.csv how
	cp -r "$fixture/broden1_227" .
	awk -F , -v OFS=, 'NR > 1 { $2 = NR % 3 ? "train" : "val" } { print }' "$fixture/$index" >$index
	broden-cat broden1_227 | cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5 --preset demo |
		act-segment -q -T "$fixture/conv5.thr" -o seg
	for s in train val; do
		broden-cat --split $s broden1_227 | cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5 \
			--preset demo | act-segment -q -T "$fixture/conv5.thr" -o $s.seg
		for how in '' --joint '--permute 1,2' '--joint --permute 2'; do
			# shellcheck disable=SC2086 # words
			iou-score -q $how --split $s --index $index -o part seg
			# shellcheck disable=SC2086
			iou-score -q $how -o want $s.seg
			cmp <(ndr-dump --values 99999 part | grep -E 'SCORE|COUNT|CHANCE|CLASSES|JOINT' | cut -f 2-) \
				<(ndr-dump --values 99999 want | grep -E 'SCORE|COUNT|CHANCE|CLASSES|JOINT' | cut -f 2-)
		done
		iou-score --no-provenance -q --permute 1,2 --split $s --index $index -L seg seg >one
		iou-score --no-provenance -q --permute 1,2 --split $s --index $index seg | cmp - one
	done
	[[ $(ndr-dump part | tail -n 1) == *subset* ]]
	run --separate-stderr -2 iou-score --split test --index $index -o none seg
	[[ $stderr == "iou-score: $index: no row of split 'test'" ]]
	run --separate-stderr -2 iou-score --split train -o none seg
	[[ $stderr == *"--split goes with --index"* ]]
	run --separate-stderr -2 iou-score --split train --index $index --segments 2 -o none seg
	[[ $stderr == *"--segments and --split exclude each other"* ]]
	sed -i 3d $index
	run --separate-stderr -3 iou-score --split train --index $index -o none seg
	[[ $stderr == "iou-score: seg: item 1 ("*") is not in $index" ]]
	sed -i '3{p;p}' $index
	run --separate-stderr -3 iou-score --split train --index $index -o none seg
	[[ $stderr == "iou-score: $index: image "*" stands twice" ]]
	[ ! -e none ]
}
