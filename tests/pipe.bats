# The filters together: same bytes however the work is split, failure that
# reaches the last stage, and the main job on real photographs.
load helper

setup() {
	fixture=$(fixture)
	cd "$BATS_TEST_TMPDIR"
	model=$fixture/alexnet.onnx
}

# Activations and result of the fixture's scenes with so many threads.
whole() {
	broden-synth --seed 7 -n 24 -t "$1" |
		cnn-forward -t "$1" -m "$model" -l conv5 --preset demo -o "act$1"
	score "act$1" "csv$1" "$1"
}

score() {
	act-quantile -q -t "$3" -o thr "$1"
	act-segment -q -t "$3" -T thr "$1" | iou-score -t "$3" |
		unit-label -q --min-images 1 -o "$2"
}

@test "PI01 1, 2 and 4 threads: the same bytes, under each kernel set" {
	unset OPENBLAS_CORETYPE
	for set in $(instructions); do
		export NDPIPE_MACHINE=$set
		for t in 1 2 4; do
			whole $t
		done
		cmp act1 act2
		cmp act1 act4
		cmp csv1 csv2
		cmp csv1 csv4
	done
}

@test "PI02 two shards merged in either order: the bytes of one run" {
	whole 2
	for i in 1 2; do
		broden-synth --seed 7 -n 24 --shard $i/2 |
			cnn-forward -m "$model" -l conv5 --preset demo -o part$i
	done
	ndr-cat -o merged part2 part1
	cmp merged act2
	cat part1 part2 >both
	score both csv-both 2
	cmp csv-both csv2
	score act2 csv-whole 2
	cmp csv-whole csv2
}

@test "PI03 scores of shards add up" {
	whole 2
	act-quantile -q -o thr act2
	for i in 1 2; do
		broden-synth --seed 7 -n 24 --shard $i/2 |
			cnn-forward -m "$model" -l conv5 --preset demo |
			act-segment -q -T thr | iou-score -o score$i
	done
	ndr-cat score2 score1 | unit-label -q --min-images 1 -o csv-sum
	cmp csv-sum csv2
}

@test "PI04 an image's activations do not depend on its neighbours" {
	whole 2
	ndrtonpy --type act act2 -o all.npy
	broden-synth --seed 7 -n 24 --shard 13/24 |
		cnn-forward -m "$model" -l conv5 --preset demo | ndrtonpy --type act -o one.npy
	size=$(($(stat -c %s one.npy) - 128))
	cmp <(tail -c $size one.npy) <(tail -c +$((129 + 12 * size)) all.npy | head -c $size)
}

@test "PI05 SIGKILL of any stage: the last one fails and leaves no file" {
	sed 's/^\t//' >victim <<-'EOF'
		#!/bin/bash
		# run the command, and kill it after a while, in the middle of its work
		"$@" <&0 & pid=$!
		sleep 0.3
		kill -KILL $pid
		wait $pid 2>/dev/null
	EOF
	chmod +x victim
	synth=(broden-synth --seed 7)
	forward=(cnn-forward -m "$model" -l conv5 --preset demo)
	run -0 bash -c '"$@"' - true
	for stage in synth forward; do
		declare -n command=$stage
		saved=("${command[@]}")
		command=(./victim "${saved[@]}")
		status=0
		"${synth[@]}" 2>/dev/null | "${forward[@]}" 2>/dev/null |
			act-quantile -q --memory 4096 -o result 2>message || status=$?
		command=("${saved[@]}")
		[ "$status" = 4 ]
		[ ! -e result ]
		grep -q truncated message
	done
	act-quantile -q -o thr "$fixture/conv5.ndr"
	run -4 bash -c "head -c 20000 '$fixture/conv5.ndr' | act-segment -q -T thr | iou-score -o result"
	[ ! -e result ]
}

@test "PI06 a stage that reads slowly and one that writes slowly" {
	broden-synth --seed 7 -n 24 | (sleep 0.2; cat) |
		cnn-forward -m "$model" -l conv5 --preset demo | (sleep 0.2; cat) >slow
	cmp slow "$fixture/conv5.ndr"
}

# EX03 is the same with fewer.
@test "PI07 saturated units: MobileNet's last ReLU6 warns, names the tensor before, finds few" {
	need_shared
	[ "$(exhaustive 0 1)" = 1 ] || skip "with make check-all"
	mobilenet=$shared/data/models/mobilenet_v1_0.25_224.onnx
	broden-cat --limit 300 --size 224 "$shared/data/broden" |
		cnn-forward -m "$mobilenet" -l conv_pw_13_relu --preset tf -o act
	act-quantile -o thr act
	act-segment -T thr act 2>message | iou-score -o score
	grep -q 'warning: .* 255 of 256 units .*, conv_pw_13_bn$' message
	unit-label -q -o csv score
	detectors=$(awk -F, 'NR > 1 && $4 > 0.04' csv | wc -l)
	[ "$detectors" -le 2 ]
}
