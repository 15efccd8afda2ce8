# ndr-split: the layers of a stream, each to its own.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

setup_file() {
	export work=$BATS_FILE_TMPDIR
	cd "$work" || return
	model=$root/pipelines/demo/demo.onnx
	broden-synth -n 4 -o images
	for layer in conv1 conv3 conv1,conv3; do
		cnn-forward -m "$model" --preset demo --keep-images -l $layer -o $layer.act images
	done
}

# What a stream holds, but for how it came about and the checksum of META.
content() {
	ndr-check "$1"
	ndr-dump --meta "$1"
	ndr-dump "$1" | grep -v -e $'\tPROV\t' -e $'\tHEAD\t' | cut -f 2-
	ndrtonpy --type "${2:-act}" "$1" | md5sum
}

@test "NS01 each layer's stream is that of a run for it alone" {
	ndr-split -d made "$work/conv1,conv3.act"
	[ "$(ls made)" = $'conv1.ndr\nconv3.ndr' ]
	for layer in conv1 conv3; do
		cmp <(content made/$layer.ndr) <(content "$work/$layer.act")
		act-quantile --no-provenance -o thr made/$layer.ndr
		act-quantile --no-provenance "$work/$layer.act" | cmp - thr
	done
	cmp <(ndr-dump --provenance made/conv1.ndr) <(ndr-dump --provenance "$work/conv1,conv3.act")
}

@test "NS02 pipe, gzip, shards in one input: the same bytes" {
	ndr-split -d one "$work/conv1,conv3.act"
	ndr-split -d two --suffix .act.ndr <"$work/conv1,conv3.act"
	gzip -c "$work/conv1,conv3.act" | ndr-split -d three -t 3 -
	for layer in conv1 conv3; do
		cmp one/$layer.ndr two/$layer.act.ndr
		cmp one/$layer.ndr three/$layer.ndr
	done
	for i in 1 2; do
		broden-synth -n 4 --shard $i/2 |
			cnn-forward -m "$root/pipelines/demo/demo.onnx" --preset demo --keep-images \
				-l conv1,conv3 -o part$i
	done
	ndr-split -d parts part1 part2
	ndr-cat -o whole parts/conv3.ndr
	cmp <(content whole) <(content one/conv3.ndr)
}

@test "NS03 summaries of layers, counts of images" {
	act-quantile -q -o thr "$work/conv1,conv3.act"
	act-segment -q -T thr "$work/conv1,conv3.act" | iou-score -o both
	act-segment -q -T thr "$work/conv3.act" | iou-score -o alone
	ndr-split -d made both
	cmp <(content made/conv3.ndr score) <(content alone score)
	unit-label -q --min-images 1 made/conv1.ndr | cmp - <(unit-label -q --min-images 1 --layer conv1 both)
	act-top --maps -k 2 "$work/conv1,conv3.act" | ndr-split -d made --suffix .top
	cmp <(ndr-dump made/conv3.top | grep TOP) <(act-top --maps -k 2 "$work/conv3.act" | ndr-dump | grep TOP)
}

@test "NS04 names of layers as names of files; two that are the same are refused" {
	python3 "$root/tests/score-stream" >odd <<-'EOS'
		items 0 2
		category object
		label 1 object car
		layer ../a/b:0 1
		score 1 1 1 2 2
		layer é 1
		score 1 1 1 2 2
		images 1 2
	EOS
	ndr-split -d made odd
	[ "$(ls -A made)" = $'a-b-0.ndr\nlayer.ndr' ]
	sed 's/X/-/' >same <<-'EOS'
		items 0 2
		category object
		label 1 object car
		layer a/b 1
		layer aXb 1
		images 1 2
	EOS
	run --separate-stderr -2 ndr-split -d same.d <(python3 "$root/tests/score-stream" <same)
	[[ $stderr == "ndr-split: same.d/a-b.ndr: layers a/b and a-b have the same file"* ]]
	[ -z "$(ls -A same.d)" ]
}

@test "NS05 a broken stream leaves nothing, and what was there" {
	size=$(stat -c %s "$work/conv1,conv3.act")
	mkdir made
	echo old >made/conv1.ndr
	for n in 0 100 $((size / 2)) $((size - 1)); do
		run --separate-stderr -4 ndr-split -d made <(head -c $n "$work/conv1,conv3.act")
		[ "$(ls -A made)" = conv1.ndr ]
		[ "$(cat made/conv1.ndr)" = old ]
	done
	run --separate-stderr -3 ndr-split -d made "$work/images"
	[ "$stderr" = "ndr-split: the input has no layers" ]
	run --separate-stderr -3 ndr-split -d made "$work/conv1.act" "$work/conv3.act"
	[ "$(ls -A made)" = conv1.ndr ]
	touch file
	run --separate-stderr -1 ndr-split -d file/x "$work/conv1.act"
	[ "$stderr" = "ndr-split: file/x: Not a directory" ]
	run --separate-stderr -2 ndr-split -d made -o x "$work/conv1.act"
	[[ $stderr == "ndr-split: --output: results go to --directory"* ]]
	run --separate-stderr -2 ndr-split "$work/conv1.act"
}
