load helper

setup() {
	fixture=$(fixture)
	cd "$BATS_TEST_TMPDIR"
	job=(dissect -m "$fixture/alexnet.onnx" -l conv5 -b "$fixture/broden1_227" -o out
		--preset demo --min-images 1)
}

@test "DI01 leaves result, scores and thresholds, and says where" {
	run --separate-stderr -0 "${job[@]}"
	[ -s out/conv5-result.csv ] && [ -s out/conv5.score.ndr ] && [ -s out/conv5.thr.ndr ]
	[ "${lines[-1]}" = "$PWD/out/conv5-result.csv" ]
}

@test "DI02 the filters by hand give the same bytes" {
	"${job[@]}" -q
	broden-cat "$fixture/broden1_227" |
		cnn-forward -m "$fixture/alexnet.onnx" -l conv5 --preset demo -o act.ndr
	act-quantile -q -o thr.ndr act.ndr
	act-segment -q -T thr.ndr act.ndr | iou-score | unit-label -q --min-images 1 -o hand.csv
	cmp hand.csv out/conv5-result.csv
}

@test "DI03 another IoU threshold reruns only the labelling" {
	"${job[@]}" -q
	stat -c '%n %y' out/conv5.*.ndr >before
	"${job[@]}" -q --threshold 0.2
	stat -c '%n %y' out/conv5.*.ndr >after
	cmp before after
}

@test "DI04 another upsampling reruns neither network nor quantiles" {
	"${job[@]}" -q
	stat -c '%n %y' out/conv5.{act,thr}.ndr >before
	cp out/conv5.score.ndr was
	"${job[@]}" -q --upsample corners
	stat -c '%n %y' out/conv5.{act,thr}.ndr >after
	cmp before after
	run ! cmp -s was out/conv5.score.ndr
}

@test "DI05 --no-cache gives the same result and keeps no activations" {
	"${job[@]}" -q
	mv out cached
	"${job[@]}" -q --no-cache
	cmp cached/conv5-result.csv out/conv5-result.csv
	[ ! -e out/conv5.act.ndr ]
}

@test "DI06 --rotate 0 is the network's own basis, --rotate 1 another, without the network" {
	"${job[@]}" -q
	stat -c %y out/conv5.act.ndr >before
	"${job[@]}" -q --rotate 0
	"${job[@]}" -q --rotate 1 --seed 3
	stat -c %y out/conv5.act.ndr >after
	cmp before after
	cmp out/conv5-result.csv out/conv5.rotated-0-seed-1-result.csv
	run ! cmp -s out/conv5-result.csv out/conv5.rotated-1-seed-3-result.csv
}

@test "DI07 a directory in use is refused" {
	mkdir out
	exec 8>out/.lock
	flock 8
	run --separate-stderr -1 "${job[@]}"
	[[ $stderr == "dissect: out: another dissection is at work there" ]]
}

@test "DI08 a killed stage leaves no result, and the next run mends it" {
	mkdir bin
	printf '#!/bin/sh\nkill -KILL $$\n' >bin/iou-score
	chmod +x bin/iou-score
	# The stage before is the real one; its reader dies.
	cp -r "$root/pipelines" pipelines
	PATH=$PWD/bin:$PATH run -1 env -u NDPIPE_BIN pipelines/dissect "${job[@]:1}"
	[ ! -e out/conv5.score.ndr ] && [ ! -e out/conv5-result.csv ]
	"${job[@]}" -q
	[ -s out/conv5-result.csv ]
}

@test "DI09 misuse: one line, exit 2" {
	for wrong in "-l conv5 -o out --synth 1" "-m x -o out --synth 1" "-m x -l y --synth 1" \
		"-m $fixture/alexnet.onnx -l y -o out" "--nonsense 1" "-m"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr -2 dissect $wrong
		[ -z "$output" ] && [ "$(wc -l <<<"$stderr")" = 1 ]
	done
}

@test "DI10 a layer that is not there, a model that is not there" {
	run --separate-stderr -2 "${job[@]}" -l conv55
	[[ $stderr == *conv55* ]]
	run --separate-stderr -1 "${job[@]}" -m missing.onnx
	[ "$stderr" = "dissect: missing.onnx: cannot be read" ]
}

@test "DI11 names with spaces" {
	cp -r "$fixture/broden1_227" "broden with space"
	cp "$fixture/alexnet.onnx" "a network.onnx"
	run -0 dissect -m "a network.onnx" -l conv5 -b "broden with space" -o "out put" --preset demo
	[ -s "out put/conv5-result.csv" ]
}

@test "DI12 a layer whose name begins with a slash" {
	need_shared
	run -0 dissect -m "$shared/data/models/cifar10_resnet20_torchexport.onnx" \
		-l /layer1/layer1.0/conv1/Conv_output_0 -b "$shared/data/broden" --limit 20 --size 32 \
		--preset imagenet-torch -o out
	[ -s out/-layer1-layer1.0-conv1-Conv_output_0-result.csv ]
}

@test "DI13 bad values are found before the network runs" {
	for wrong in "--quantile 5" "--threshold abc" "--min-images -1" "--upsample nearest" \
		"--compare xx" "--rotate 2" "--rotate .5 --seed x" "--size 0" "-t 0" "--limit x"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr -2 "${job[@]}" $wrong
		[ "$(wc -l <<<"$stderr")" = 1 ] && [ ! -e out ]
	done
	run --separate-stderr -2 dissect -m "$fixture/alexnet.onnx" -l conv5 --synth 9 --limit 3 -o out
	[[ $stderr == "dissect: --limit goes with -b only" ]]
}

@test "DI14 CDPATH and a make around it change nothing" {
	mkdir -p elsewhere/out
	CDPATH=$PWD/elsewhere MAKEFLAGS=n "${job[@]}" -q
	[ -s out/conv5-result.csv ] && [ -z "$(ls elsewhere/out)" ]
}

@test "DI15 without its activations, a result is relabelled without the network" {
	"${job[@]}" -q
	rm out/conv5.act.ndr
	"${job[@]}" -q --threshold 0.1
	[ ! -e out/conv5.act.ndr ]
}

@test "DI16 what a killed run left is cleared away" {
	mkdir out
	touch out/.ndr.abcdef
	"${job[@]}" -q
	[ ! -e out/.ndr.abcdef ]
}

@test "DI18 what a run warned of is said again where all is cached" {
	for _ in 1 2; do
		run --separate-stderr -0 dissect -m "$fixture/alexnet.onnx" -l conv5 \
			-b "$fixture/broden1_227" -o out --min-images 1
		[[ $'\n'$stderr == *$'\n'"dissect: warning: cnn-forward: pixel values are fed as they are"* ]]
		[[ $'\n'$stderr == *$'\n'"dissect: warning: only 24 images: "* ]]
	done
	[[ $stderr != *$'\n'cnn-forward:* ]]
	rm -r out
	"${job[@]}" -q
	run --separate-stderr -0 "${job[@]}"
	[[ $stderr == "dissect: warning: only 24 images: "* ]]
	run --separate-stderr -1 "${job[@]}" --min-images 1000
	[[ $stderr == *"unit-label: no label is held by 1000 images or more: --min-images 1000 leaves none"* ]]
}
