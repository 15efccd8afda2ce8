# shellcheck disable=SC2030,SC2031 # a test is a subshell
load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	know_job
	"${job[@]}" -q
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	know_job
}

# What most tests begin with is done once.
first_run() {
	cp -a "$BATS_FILE_TMPDIR/out" .
}

know_job() {
	fixture=$(few_images)
	job=(dissect -m "$fixture/alexnet.onnx" -l conv5 -b "$fixture/broden1_227" -o out
		--preset demo --min-images 1)
}

# Images and values of TOP, as numbers.
strongest() {
	ndr-dump --type TOP --values 99999 "$@" | cut -f 2-
}

@test "DI01 leaves result, scores and thresholds, and says where" {
	run --separate-stderr -0 "${job[@]}"
	[ -s out/conv5-result.csv ]
	[ -s out/conv5.score.ndr ]
	[ -s out/conv5.thr.ndr ]
	[ "${lines[-1]}" = "$PWD/out/conv5-result.csv" ]
}

@test "DI02 the filters by hand give the same bytes" {
	first_run
	broden-cat "$fixture/broden1_227" |
		cnn-forward -m "$fixture/alexnet.onnx" -l conv5 --preset demo -o act.ndr
	act-quantile -q -o thr.ndr act.ndr
	act-segment -q -T thr.ndr act.ndr | iou-score | unit-label -q --min-images 1 -o hand.csv
	cmp hand.csv out/conv5-result.csv
}

@test "DI03 another IoU threshold reruns only the labelling" {
	first_run
	stat -c '%n %y' out/conv5.*.ndr >before
	"${job[@]}" -q --threshold 0.2
	stat -c '%n %y' out/conv5.*.ndr >after
	cmp before after
}

@test "DI04 another upsampling reruns neither network nor quantiles" {
	first_run
	stat -c '%n %y' out/*/conv5.{act,thr}.ndr >before
	cp out/conv5.score.ndr was
	"${job[@]}" -q --upsample corners
	stat -c '%n %y' out/*/conv5.{act,thr}.ndr >after
	cmp before after
	run ! cmp -s was out/conv5.score.ndr
}

@test "DI05 --no-cache gives the same result and keeps no activations" {
	first_run
	mv out cached
	"${job[@]}" -q --no-cache
	cmp cached/conv5-result.csv out/conv5-result.csv
	[ -z "$(find out -name '*.act.ndr')" ]
}

@test "DI06 --rotate 0 is the network's own basis, --rotate 1 another, without the network" {
	first_run
	stat -c %y out/*/conv5.act.ndr >before
	"${job[@]}" -q --rotate 0
	"${job[@]}" -q --rotate 1 --seed 3
	stat -c %y out/*/conv5.act.ndr >after
	cmp before after
	cmp out/conv5-result.csv out/conv5.rotated-0-seed-1-result.csv
	run ! cmp -s out/conv5-result.csv out/conv5.rotated-1-seed-3-result.csv
	[ "$(find out -name '*.act.ndr' | wc -l)" = 1 ] # rotated ones are never kept
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
	[ ! -e out/conv5.score.ndr ]
	[ ! -e out/conv5-result.csv ]
	"${job[@]}" -q
	[ -s out/conv5-result.csv ]
}

@test "DI09 misuse: one line, exit 2" {
	for wrong in "-l conv5 -o out --synth 1" "-m x -o out --synth 1" "-m x -l y --synth 1" \
		"-m $fixture/alexnet.onnx -l y -o out" "--nonsense 1" "-m"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr -2 dissect $wrong
		[ -z "$output" ]
		[ "$(wc -l <<<"$stderr")" = 1 ]
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
	run -0 dissect -m "a network.onnx" -l conv5 -b "broden with space" -o "out put" --preset demo --min-images 1
	[ -s "out put/conv5-result.csv" ]
}

@test "DI12 a layer whose name begins with a slash" {
	need_shared
	run -0 dissect -m "$shared/data/models/cifar10_resnet20_torchexport.onnx" \
		-l /layer1/layer1.0/conv1/Conv_output_0 -b "$shared/data/broden" --limit 20 --size 32 \
		--preset imagenet-torch -o out
	[ -s out/layer1-layer1.0-conv1-Conv_output_0-result.csv ]
}

@test "DI13 bad values are found before the network runs" {
	for wrong in "--quantile 5" "--threshold abc" "--min-images -1" "--upsample nearest" \
		"--compare xx" "--rotate 2" "--rotate .5 --seed x" "--size 0" "-t 0" "--limit x"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr -2 "${job[@]}" $wrong
		[ "$(wc -l <<<"$stderr")" = 1 ]
		[ ! -e out ]
	done
	run --separate-stderr -2 dissect -m "$fixture/alexnet.onnx" -l conv5 --synth 9 --limit 3 -o out
	[[ $stderr == "dissect: --limit goes with -b only" ]]
}

@test "DI14 CDPATH and a make around it change nothing" {
	mkdir -p elsewhere/out
	CDPATH=$PWD/elsewhere MAKEFLAGS=n "${job[@]}" -q
	[ -s out/conv5-result.csv ]
	[ -z "$(ls elsewhere/out)" ]
}

@test "DI15 without its activations, a result is relabelled without the network" {
	first_run
	rm out/*/conv5.act.ndr
	"${job[@]}" -q --threshold 0.1
	[ -z "$(find out -name '*.act.ndr')" ]
}

@test "DI16 what a killed run left is cleared away" {
	first_run
	run=$(echo out/alexnet-*)
	touch "$run/.ndr.abcdef"
	"${job[@]}" -q
	[ ! -e "$run/.ndr.abcdef" ]
}

@test "DI18 what a run warned of is said again where all is cached" {
	for _ in 1 2; do
		run --separate-stderr -0 dissect -m "$fixture/alexnet.onnx" -l conv5 \
			-b "$fixture/broden1_227" -o out --min-images 1
		[[ $'\n'$stderr == *$'\n'"dissect: warning: cnn-forward: pixel values are fed as they are"* ]]
		[[ $'\n'$stderr == *$'\n'"dissect: warning: only 8 images: "* ]]
	done
	[[ $stderr != *$'\n'cnn-forward:* ]]
	rm -r out
	"${job[@]}" -q
	run --separate-stderr -0 "${job[@]}"
	[[ $stderr == "dissect: warning: only 8 images: "* ]]
	run --separate-stderr -1 "${job[@]}" --min-images 1000
	[[ $stderr == *"unit-label: no label is held by 1000 images or more: --min-images 1000 leaves none"* ]]
}

@test "DI20 a signal ends all stages, and the next run in the directory starts at once" {
	signals=(TERM HUP INT)
	for signal in "${signals[@]:0:$(exhaustive 1 3)}"; do
		"$root/tests/interrupt" "$signal" 1 'out/*/.ndr.*' dissect -m "$fixture/alexnet.onnx" -l conv5 \
			--synth 1000000 -o out
		run --separate-stderr -0 timeout 60 dissect -q -m "$fixture/alexnet.onnx" -l conv5 \
			--synth 3 --min-images 1 -o out
		[ ! -e out/.lock ]
		rm -r out
	done
}

@test "DI21 a name that begins with a dash or a dot, and one that is taken" {
	python3 - "$fixture/alexnet.onnx" <<-'EOP'
		import sys
		model = open(sys.argv[1], "rb").read()
		for name in b"/c/v5", b"..c-5", b"-.-.-":
		    open(name.decode().replace("/", "_") + ".onnx", "wb").write(model.replace(b"\x05conv5", b"\x05" + name))
	EOP
	small=(--synth 3 --min-images 1 -q -o out)
	dissect -m _c_v5.onnx -l /c/v5 "${small[@]}"
	dissect -m ..c-5.onnx -l ..c-5 "${small[@]}"
	dissect -m -.-.-.onnx -l -.-.- "${small[@]}"
	[ "$(cd out && echo *-result.csv)" = "c-5-result.csv c-v5-result.csv layer-result.csv" ]
	[ -z "$(find out -mindepth 1 -maxdepth 1 -name '[.-]*' ! -name .stage)" ]
	python3 - <<-'EOP'
		model = open("_c_v5.onnx", "rb").read()
		open("taken.onnx", "wb").write(model.replace(b"/c/v5", b":c:v5"))
	EOP
	cp out/c-v5-result.csv before
	run --separate-stderr -2 dissect -m taken.onnx -l :c:v5 "${small[@]}"
	[ "$stderr" = "dissect: out: c-v5 is the name of the results of /c/v5 there; take another -o" ]
	cmp before out/c-v5-result.csv
}

@test "DI22 its filters stand beside it, or beside a link to it" {
	mkdir -p prefix/bin prefix/libexec elsewhere tools
	cp "$root"/pipelines/{dissect,dissect.mk,dissect.options,program.bash} prefix/libexec
	for filter in broden-cat broden-synth cnn-forward act-quantile act-segment act-top iou-score unit-label \
		unit-summary; do
		ln -s "$(command -v "$filter")" prefix/bin
	done
	ln -s ../libexec/dissect prefix/bin/dissect
	ln -s "$PWD/prefix/bin/dissect" elsewhere/dissect
	for command in prefix/bin/dissect elsewhere/dissect; do
		env -u NDPIPE_BIN PATH=/usr/bin:/bin "$command" -m "$fixture/alexnet.onnx" -l conv5 \
			--synth 3 --min-images 1 -q -o out
		[ -s out/conv5-result.csv ]
		rm -r out
	done
	run --separate-stderr -1 env -u NDPIPE_BIN PATH=/usr/bin:/bin prefix/libexec/dissect -m x -l y \
		--synth 1 -o out
	[ "$stderr" = "dissect: cnn-forward is neither beside dissect nor in PATH" ]
}

@test "DI23 of a stage that fails its own line and dissect's, and none of make's" {
	cp "$fixture/alexnet.onnx" model.onnx
	cp -r "$fixture/broden1_227" broken
	printf 'no picture' >"$(find broken/images -type f -name '*g' | sort | tail -n 1)"
	run --separate-stderr -1 dissect -m model.onnx -l conv5 --preset demo -b broken -o out
	[ "${#stderr_lines[@]}" = 3 ]
	[[ ${stderr_lines[0]} == "broden-cat: "* && ${stderr_lines[1]} == "cnn-forward: <stdin>: truncated"* ]]
	[ "${stderr_lines[2]}" = "dissect: out: stopped; the stages that are complete are kept" ]
}

@test "DI24 options as elsewhere" {
	dissect --help >help
	dissect -h | cmp - help
	dissect -qh | cmp - help
	for case in "--bogus|unknown option '--bogus'" "-X|unknown option '-X'" "-qX|unknown option '-X'" \
		"--bogus=1|unknown option '--bogus'" "-m|-m needs an argument" "--layer|--layer needs an argument" \
		"x|'x' is one operand too many"; do
		run --separate-stderr -2 dissect "${case%|*}"
		[ "$stderr" = "dissect: ${case#*|}; try 'dissect --help'" ]
	done
	run --separate-stderr -2 "${job[@]}" -t -1
	[ "$stderr" = "unit-label: --threads: -1 is not between 1 and 256" ]
	"${job[@]}" -qt2
	[ -s out/conv5-result.csv ]
}

@test "DI25 progress names the stage" {
	cat >terminal.py <<-'EOP'
		import os, pty, subprocess, sys
		leader, terminal = pty.openpty()
		p = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=terminal)
		os.close(terminal)
		try:
		    while True:
		        sys.stdout.buffer.write(os.read(leader, 65536))
		except OSError:
		    sys.exit(p.wait())
	EOP
	TERM=xterm python3 terminal.py "${job[@]}" >said
	for stage in 1 2 3 4; do
		grep -q "dissect: stage $stage of 5: [a-z]*-[a-z]*: 1 of 8" said
	done
	rm -r out
	TERM=xterm python3 terminal.py "${job[@]}" --rotate 1 --no-cache >said
	grep -q "dissect: stage 2 of 3: [a-z]*-[a-z]*: 1 of 8" said
	rm -r out
	TERM=xterm python3 terminal.py "${job[@]}" --rotate 1 >said
	grep -q "dissect: stage 2 of 4: rotate-basis: 1 of 8" said
}

@test "DI26 several layers in one pass of the network: the bytes of one at a time" {
	mkdir bin
	cat >bin/cnn-forward <<-'EOS'
		#!/bin/bash
		case $* in *--version* | *--help*) ;; *) [ -p /dev/stdin ] && echo "$*" >>"$PASSES" ;; esac
		PATH=${PATH#*:} exec cnn-forward "$@"
	EOS
	chmod +x bin/cnn-forward
	cp -r "$root/pipelines" pipelines
	export PASSES=$PWD/passes
	several=(env -u NDPIPE_BIN PATH="$PWD/bin:$PATH" pipelines/dissect
		-m "$root/pipelines/demo/demo.onnx" --preset demo --synth 12 --min-images 1 -q)
	"${several[@]}" -l conv1,conv3,conv5 -o out
	[ "$(wc -l <passes)" = 1 ]
	for l in conv5 conv3 conv1; do
		"${several[@]}" -l $l -o alone
	done
	[ "$(wc -l <passes)" = 4 ]
	for f in alone/*-result.csv; do
		cmp "$f" "out/${f##*/}"
	done
	for l in conv1 conv3 conv5; do
		for kind in act thr score top; do
			cmp <(ndr-dump alone/*/$l.$kind.ndr | grep -ve META -e PROV -e HEAD | cut -f 2-) \
				<(ndr-dump out/*/$l.$kind.ndr | grep -ve META -e PROV -e HEAD | cut -f 2-)
		done
		cmp <(strongest alone/$l.top.ndr) <(strongest out/$l.top.ndr)
	done
	# All is there: nothing runs.  One is not: it alone.  Two are not: these, in one pass.
	stat -c '%n %y' out/*/*.ndr >before
	"${several[@]}" -l conv1,conv3,conv5 -o out
	"${several[@]}" -l conv3 -o out --threshold 0.1
	stat -c '%n %y' out/*/*.ndr | cmp before -
	[ "$(wc -l <passes)" = 4 ]
	rm out/*/conv3.{act,thr}.ndr
	"${several[@]}" -l conv1,conv3,conv5 -o out
	[ "$(wc -l <passes)" = 5 ]
	[[ $(tail -n 1 passes) == *" -l conv3 "* ]]
	rm out/*/conv{1,5}.{act,thr}.ndr
	"${several[@]}" -l conv1,conv3,conv5 -o out
	[ "$(wc -l <passes)" = 6 ]
	[[ $(tail -n 1 passes) == *" -l conv1,conv5 "* ]]
	for f in alone/*-result.csv; do
		cmp "$f" "out/${f##*/}"
	done
	# In another basis too; and without activations kept.
	"${several[@]}" -l conv3,conv5 -o out --rotate 1
	"${several[@]}" -l conv5 -o alone --rotate 1
	cmp out/conv5.rotated-1-seed-1-result.csv alone/conv5.rotated-1-seed-1-result.csv
	: >passes
	"${several[@]}" -l conv3,conv5 -o uncached --no-cache
	[ "$(wc -l <passes)" = 2 ]
	[ "$(grep -c -e '-l conv3,conv5 ' passes)" = 2 ]
	for f in conv3-result.csv conv5-result.csv; do
		cmp uncached/$f alone/$f
	done
	for f in conv3.thr conv5.top conv5.score; do # all but what cnn-forward was told
		cmp <(ndr-dump alone/$f.ndr | grep -ve META -e PROV -e HEAD | cut -f 2-) \
			<(ndr-dump uncached/$f.ndr | grep -ve META -e PROV -e HEAD | cut -f 2-)
	done
	[ -z "$(find uncached -name '*.act.ndr' -o -name '*.copy' -o -name '*.each')" ]
}

@test "DI27 several layers: results and tables of each; the same files twice are refused" {
	run --separate-stderr -0 dissect -m "$root/pipelines/demo/demo.onnx" --preset demo --synth 6 \
		--min-images 1 -o out -l conv1,conv5/pre_relu
	[ "${lines[-1]}" = "$PWD/out/conv5-pre_relu-result.csv" ]
	[ "${lines[-2]}" = "$PWD/out/conv1-result.csv" ]
	[[ $output == *"strongest units of conv1"*"strongest units of conv5/pre_relu"*"conv1-result.csv  "*"conv5-pre_relu-result.csv  "* ]]
	for wrong in conv1,conv1 conv1,nothing; do
		run --separate-stderr -2 "${job[@]}" -l $wrong
		[ ! -e out/.stage/nothing.forward ]
		[ "$(wc -l <<<"$stderr")" = 1 ]
	done
}

@test "DI28 the strongest images stay beside thresholds and scores: act-top's, maps too" {
	first_run
	cmp <(act-top --maps --maxima -k 10 --no-provenance out/*/conv5.act.ndr | ndr-dump | grep 'TOP\|MAXIMA' | cut -f 2-) \
		<(ndr-dump out/conv5.top.ndr | grep 'TOP\|MAXIMA' | cut -f 2-)
	stat -c '%n %y' out/*/conv5.{act,thr,score}.ndr >before
	"${job[@]}" -q --strongest 3
	stat -c '%n %y' out/*/conv5.{act,thr,score}.ndr | cmp before -
	strongest out/conv5.top.ndr | cmp - <(act-top -k 3 out/*/conv5.act.ndr | strongest)
}

@test "DI29 a killed pass leaves no layer's activations, and the next run mends it" {
	mkdir bin
	printf '#!/bin/sh\nhead -c 5000 >/dev/null; kill -KILL $$\n' >bin/ndr-split
	chmod +x bin/ndr-split
	cp -r "$root/pipelines" pipelines
	several=(-m "$root/pipelines/demo/demo.onnx" --preset demo --synth 20 --min-images 1 -q -o out -l "conv1,conv3")
	PATH=$PWD/bin:$PATH run -1 env -u NDPIPE_BIN pipelines/dissect "${several[@]}"
	[[ $output == *"dissect: out: stopped; the stages that are complete are kept" ]]
	[ -z "$(find out -name '*.ndr')" ]
	dissect "${several[@]}"
	[ -s out/conv1-result.csv ]
	[ -s out/conv3-result.csv ]
}

@test "DI41 images of another size than the network takes are scaled to it, and that is said" {
	run --separate-stderr -0 "${job[@]}" --size 96
	said='images are scaled to the 112x112 that the network takes, the first from 96x96'
	[ "${stderr_lines[0]}" = "cnn-forward: warning: $said" ]
	[[ $stderr == *"dissect: warning: cnn-forward: $said"* ]]
	ndr-dump --provenance out/conv5.score.ndr | grep -q "warning=$said"
	broden-cat --size 96 "$fixture/broden1_227" |
		cnn-forward -m "$fixture/alexnet.onnx" -l conv5 --preset demo --resize -o act.ndr
	act-quantile -q -o thr.ndr act.ndr
	act-segment -q -T thr.ndr act.ndr | iou-score | unit-label -q --min-images 1 | cmp - out/conv5-result.csv
	run --separate-stderr -0 "${job[@]}" --check
	[ -z "$stderr" ]
	# What is wrong with the data is said by who reads it.
	cp -r "$fixture/broden1_227" bad
	echo >bad/index.csv
	run --separate-stderr -1 dissect -q -m "$fixture/alexnet.onnx" -l conv5 -b bad -o out --preset demo
	[[ ${stderr_lines[0]} == "broden-cat: "*"bad/index.csv: "* ]]
}

@test "DI42 a network that leaves the size open takes that of the images" {
	"$root/tests/tiny-onnx" open >open.onnx
	dissect -q -m open.onnx -l conv2 -b "$fixture/broden1_227" --size 24 -o out --preset demo --min-images 1
	broden-cat --size 24 "$fixture/broden1_227" |
		cnn-forward -m open.onnx -l conv2 --input-size 24x24 --preset demo -o act.ndr
	act-quantile -q -o thr.ndr act.ndr
	act-segment -q -T thr.ndr act.ndr | iou-score | unit-label -q --min-images 1 | cmp - out/conv2-result.csv
}

@test "DI38 --no-cache, several layers: a program that stops ends the pass, and the next run mends it" {
	mkdir bin
	cp -r "$root/pipelines" pipelines
	several=(-m "$root/pipelines/demo/demo.onnx" --preset demo --synth 6 --min-images 1 -q -o out -l "conv1,conv3" --no-cache)
	for stops in act-quantile act-top ndr-split iou-score cnn-forward; do
		# Only where it is a stage, behind a pipe.
		printf '#!/bin/sh\n[ -p /dev/stdin ] || exec %s "$@"\nhead -c 500 >/dev/null; kill -KILL $$\n' \
			"$(command -v $stops)" >bin/$stops
		chmod +x bin/$stops
		PATH=$PWD/bin:$PATH run -1 timeout 60 env -u NDPIPE_BIN pipelines/dissect "${several[@]}"
		rm bin/$stops
		[ ! -e out/conv1-result.csv ]
		[ -z "$(find out -name '*.ndr' -size 0)" ]
	done
	dissect "${several[@]}"
	[ -s out/conv1-result.csv ]
	[ -s out/conv3-result.csv ]
	[ -z "$(find out -name '*.each' -o -name '*.copy')" ]
}

@test "DI30 --report: unit-report's page, named last; not made again while nothing changes" {
	run --separate-stderr -0 "${job[@]}" --report
	[ "${lines[-1]}" = "$PWD/out/conv5.html" ]
	[ "${lines[-2]}" = "$PWD/out/conv5-result.csv" ]
	broden-cat "$fixture/broden1_227" >all.ndr
	ln -s out/*/conv5.act.ndr handmade.shown.ndr
	for kind in score thr top; do ln -s out/conv5.$kind.ndr handmade.$kind.ndr; done
	unit-report -q --network alexnet.onnx --data broden1_227 --min-images 1 --activations shown -i all.ndr handmade | sed s/handmade/conv5/ >by-hand
	# The order of options, and what sent the images, is all that differs in what it tells.
	cmp <(sed '/broden-cat\|unit-report\|sha256/d' by-hand) <(sed '/broden-cat\|unit-report\|sha256/d' out/conv5.html)
	stat -c '%n %y' out/* >before
	"${job[@]}" -q --report
	stat -c '%n %y' out/* | cmp before -
	"${job[@]}" -q --threshold 0.2
	stat -c '%y' out/conv5.html | cmp - <(sed -n 's/^out.conv5.html //p' before)
	"${job[@]}" -q --report --threshold 0.2
	run ! cmp -s out/conv5.html by-hand
	# Without a cache the network sees the images that are shown once more.
	cp out/conv5.html cached
	rm out/conv5.html out/*/conv5.act.ndr
	"${job[@]}" -q --report --threshold 0.2
	cmp cached out/conv5.html
	[ -z "$(find out -name 'conv5.act.ndr' -o -name '*.shown.ndr')" ]
	"${job[@]}" -q --report --threshold 0.2 --no-cache -o out2
	cmp cached out2/conv5.html
}

@test "DI31 --report of scenes, of several layers, of another basis, without a cache" {
	few=(dissect -q -m "$root/pipelines/demo/demo.onnx" --preset demo --synth 6 --min-images 1 -l "conv1,conv5")
	"${few[@]}" --report -o out
	[ -s out/conv1.html ]
	[ -s out/conv5.html ]
	"${few[@]}" --report -o out2 --no-cache
	[ -s out2/conv1.html ]
	[ -s out2/conv5.html ]
	"${few[@]}" --report -o out --rotate 1
	[ -s out/conv5.rotated-1-seed-1.html ]
}

@test "DI32 a directory that cannot be made or written in is named, and why" {
	: >file
	run --separate-stderr -1 "${job[@]}" -o file
	[[ $stderr == "dissect: file: File exists" ]]
	run --separate-stderr -1 "${job[@]}" -o file/out
	[[ $stderr == "dissect: file/out: Not a directory" ]]
	run --separate-stderr -1 "${job[@]}" -o /proc/out
	[[ $stderr == "dissect: /proc/out: "* && $stderr != *$'\n'* && $stderr != *mkdir* ]]
	mkdir -p taken/.lock
	run --separate-stderr -1 "${job[@]}" -o taken
	[[ $stderr == "dissect: taken: Is a directory" ]]
}

@test "DI33 two networks share a directory: nothing of either is made again" {
	cp "$root/pipelines/demo/demo.onnx" one.onnx
	# Another network with the same tensors: some weights are 0.
	python3 - <<-'EOP'
		model = bytearray(open("one.onnx", "rb").read())
		middle = len(model) // 2  # within the weights of conv5
		model[middle:middle + 40000] = bytes(40000)
		open("two.onnx", "wb").write(model)
	EOP
	few=(-l conv5 --preset demo --synth 20 --min-images 1 -o out -q)
	dissect -m one.onnx "${few[@]}"
	cp out/conv5-result.csv one.csv
	dissect -m two.onnx "${few[@]}"
	run ! cmp -s one.csv out/conv5-result.csv
	find out -name '*.ndr' -path '*/*/*' -printf '%p %T@\n' | sort >before
	[ "$(grep -c act.ndr before)" = 2 ]
	dissect -m one.onnx "${few[@]}"
	cmp one.csv out/conv5-result.csv
	find out -name '*.ndr' -path '*/*/*' -printf '%p %T@\n' | sort | cmp before -
	# The same bytes under another name are the same network, but for the folder's name.
	[ "$(echo out/one-* | sed 's/.*-//')" != "$(echo out/two-* | sed 's/.*-//')" ]
}

@test "DI34 going back to an option that was tried makes nothing again; order and place of options do not matter" {
	first_run
	"${job[@]}" -q --quantile 0.02 --upsample corners
	"${job[@]}" -q --rotate 0.5 --strongest 0
	find out -path '*/*/*' -type f -printf '%p %T@\n' | sort >before
	"${job[@]}" -q
	"${job[@]}" -q --upsample corners --quantile=0.02
	"${job[@]}" -q --strongest 0 --rotate 0.5
	find out -path '*/*/*' -type f -printf '%p %T@\n' | grep -v '/\.make\|/\.stage/' | sort >after
	grep -v '/\.make\|/\.stage/' before | cmp - after
	[ "$(find out -name 'conv5.quantile-0.02.upsample-corners.min-images-1-result.csv' | wc -l)" = 1 ]
	[ -z "$(find out -name '*.rotated-0.5-seed-1*top.ndr')" ]
}

@test "DI35 --keep-images: one stream for networks of one size, the same bytes" {
	"${job[@]}" -q -o alone
	"${job[@]}" -q --keep-images
	cmp alone/conv5-result.csv out/conv5-result.csv
	stat -c '%n %y' out/broden1_227-*/images.ndr >before
	cmp <(broden-cat "$fixture/broden1_227" | ndr-dump --type IMAGE) <(ndr-dump --type IMAGE out/broden1_227-*/images.ndr)
	"${job[@]}" -q --keep-images -m "$root/pipelines/demo/demo.onnx" -l conv3,conv4 --report
	cmp <(stat -c '%n %y' out/broden1_227-*/images.ndr) before
	[ -s out/conv4.html ]
}

@test "DI36 --paths: where each layer's files are, and nothing in the directory itself; --check does nothing" {
	run --separate-stderr -0 "${job[@]}" -l conv3,conv5 --check
	[ -z "$output$stderr" ]
	[ ! -e out ]
	run --separate-stderr -0 "${job[@]}" -q -l conv3,conv5 --paths
	[ "${lines[0]}" = "$(printf 'layer\tresult\tscore\tranges\tthr\ttop\tact\twarnings\taccuracy\tcontrol\tprobe\timages\tjoint\tablated\tformula')" ]
	[ ${#lines[@]} = 3 ]
	IFS=$'\037' read -r layer result score _ thr top act warnings _ < <(tr '\t' '\037' <<<"${lines[2]}")
	[ "$layer" = conv5 ]
	(cd out && unit-label -q --min-images 1 "$score" | cmp - "$result" && [ -s "$thr" ] && [ -s "$top" ] &&
		[ -s "$act" ] && [ -s "$warnings" ])
	[ -z "$(find out -maxdepth 1 -type f)" ]
	run --separate-stderr -2 "${job[@]}" --paths --report
	[ "$stderr" = "dissect: --report and --paths exclude each other" ]
	run --separate-stderr -2 "${job[@]}" --check=x
	[ "$stderr" = "dissect: --check takes no argument; try 'dissect --help'" ]
}

@test "DI46 --joint: sets of labels of all images and of both splits, those of the filters by hand" {
	local s index=$fixture/broden1_227/index.csv
	first_run
	"${job[@]}" -q --joint
	act-segment -q -T out/conv5.thr.ndr out/*/conv5.act.ndr >seg
	iou-score --joint seg | cmp - out/conv5.joint.ndr
	for s in train val; do
		iou-score --joint --split $s --index "$index" seg | cmp - out/conv5.$s.joint.ndr
	done
	stat -c '%n %y' out/*.joint.ndr >before
	"${job[@]}" -q --joint --threshold 0.2
	stat -c '%n %y' out/*.joint.ndr | cmp - before
	[ -z "$(find out -name '*.pipe')" ]
	# Without a cache, in a rotated basis.
	"${job[@]}" -q --joint --rotate 1
	"${job[@]}" -q --joint --rotate 1 --no-cache -o other
	for s in '' .train .val; do
		cmp {out,other}/conv5.rotated-1-seed-1$s.joint.ndr
	done
	# Of one split there is no other.
	"${job[@]}" -q --joint --split val -o val
	[ "$(cd val && echo *.joint.ndr)" = conv5.joint.ndr ]
	dissect -q -m "$fixture/alexnet.onnx" -l conv5 --synth 8 --preset demo --min-images 1 --joint -o synth
	[ "$(cd synth && echo *.joint.ndr)" = conv5.joint.ndr ]
	# Where one of the three stops, nothing is left.
	mkdir bin
	ln -s "$(dirname "$(command -v iou-score)")"/* bin
	rm bin/iou-score
	# shellcheck disable=SC2016 # for the script
	printf '#!/bin/sh\ncase "$*" in *"--split val"*" -o "*) cat >/dev/null; exit 1 ;; esac\nexec %q "$@"\n' \
		"$(command -v iou-score)" >bin/iou-score
	chmod +x bin/iou-score
	NDPIPE_BIN=$PWD/bin run -1 "${job[@]}" -q --joint --upsample corners
	[ -n "$(find out -name '*corners*score.ndr')" ]
	[ -z "$(find out -name '*.pipe' -o -name '*corners*joint*')" ]
}

@test "DI50 --formula: chosen on one split and scored on the other, and on the page" {
	first_run
	"${job[@]}" -q --formula 2 --report
	unit-formula -q --length 2 --min-images 1 --lengths lengths.tsv --score out/conv5.val.joint.ndr \
		out/conv5.train.joint.ndr >formula.csv
	cmp formula.csv out/conv5-formula.csv
	cmp lengths.tsv out/conv5.lengths.tsv
	[ "$(grep -c 'class="formula"' out/conv5.html)" = 128 ]
	stat -c '%n %y' out/*formula.csv out/*.html out/*.lengths.tsv >before
	"${job[@]}" -q --formula 2 --report
	stat -c '%n %y' out/*formula.csv out/*.html out/*.lengths.tsv | cmp - before
	# One split is all there is; without formulas the page has none.
	"${job[@]}" -q --formula 1 --split val -o val
	unit-formula -q --length 1 --min-images 1 --split all val/conv5.joint.ndr | cmp - val/conv5-formula.csv
	"${job[@]}" -q --report
	run ! grep -q 'class="formula"' out/conv5.html
	run --separate-stderr -2 "${job[@]}" --formula 17 -o none
	[[ $stderr == "unit-formula: --length"* ]]
	[ ! -e none ]
}

@test "DI37 -l with a comma in a name, and a part of the network" {
	python3 - "$fixture/alexnet.onnx" <<-'EOP'
		import sys
		model = open(sys.argv[1], "rb").read()
		open("named.onnx", "wb").write(model.replace(b"\x05conv5", b"\x05c/,v5").replace(b"\x05conv4", b"\x05c,nv4"))
	EOP
	run --separate-stderr -0 dissect -m named.onnx --synth 3 --min-images 1 -o out -l 'c\,nv4,conv3,c'
	[ "${lines[-3]}" = "$PWD/out/c-nv4-result.csv" ]
	[ "${lines[-2]}" = "$PWD/out/conv3-result.csv" ]
	[ "${lines[-1]}" = "$PWD/out/c--v5-result.csv" ]
	[[ $stderr == *"no tensor c: taken is the last one below it, c/,v5"* ]]
	run --separate-stderr -0 dissect -m named.onnx --synth 3 --min-images 1 -q -o out -l c,nv4
	[ -z "$stderr" ]
}

@test "DI63 what a filter of another version would make is made again by that one, and all after it" {
	"${job[@]}" -q
	stat -c '%n %y' out/*/conv5.act.ndr >before
	mkdir bin
	ln -s "$(dirname "$(command -v cnn-forward)")"/* bin
	rm bin/act-quantile
	printf '#!/bin/sh\n[ "$*" != --version ] || exec echo act-quantile 9.1\nexec "%s" "$@"\n' \
		"$(command -v act-quantile)" >bin/act-quantile
	chmod +x bin/act-quantile
	NDPIPE_BIN=$PWD/bin "${job[@]}" -q
	stat -c '%n %y' out/*/conv5.act.ndr | cmp - before
	[ "$(find out/*/ -name '*.act-quantile-9.1.thr.ndr' -o -name '*.act-quantile-9.1.score.ndr' | wc -l)" = 2 ]
	[ "$(find out/*/ -name '*.top.ndr' | wc -l)" = 1 ]
}

@test "DI39 --logits and --probe: the tables of the filters by hand; of a rotation, what turning back changed" {
	model=$root/pipelines/experiments/networks/baseline-s1.onnx
	scenes=(--synth 40 --kinds 40 --size 72)
	job=(dissect -q -m "$model" -l conv5 "${scenes[@]}" --preset demo -o out --min-images 1 --strongest 0)
	"${job[@]}" --logits score --task scene --probe color --cost 0.1 --pool avg
	broden-synth -q -n 40 --seed 3 --kinds 40 --size 72 -o images
	cnn-forward -q -m "$model" -l conv5,score --preset demo -o both images
	class-accuracy -q -l score -c scene --format tsv both | cmp - out/conv5.accuracy.tsv
	cnn-forward -q -m "$model" -l conv5 --preset demo images >act
	linear-probe -q -c color -C 0.1 --pool avg --format tsv act | cmp - out/conv5.probe.tsv
	[ ! -e out/conv5.control.tsv ]
	# Again: the network does not run, and nothing is made.
	find out -name '*.tsv' -printf '%p %T@\n' | sort >before
	"${job[@]}" --logits score --task scene --probe color --cost 0.1 --pool avg
	find out -name '*.tsv' -printf '%p %T@\n' | sort | cmp before -
	"${job[@]}" --logits score --task scene --rotate 1 --seed 2
	class-accuracy -q -l score -c scene --format tsv both | cmp - out/conv5.rotated-1-seed-2.accuracy.tsv
	[ "$(find out -name '*.npy' -printf '%h\n' | sort -u)" = "$(dirname out/*/made-from.txt)" ]
	ndrtonpy --type act -l score -o own.npy both
	rotate-basis --seed 2 act | rotate-basis --seed 2 --inverse | cnn-forward -q -m "$model" --from conv5 -l score |
		ndrtonpy --type act -l score -o turned.npy
	"${job[@]}" --logits score --rotate 0.5
	[ -s out/conv5.rotated-0.5-seed-1.control.tsv ]
	[ ! -e out/conv5.rotated-0.5-seed-1.accuracy.tsv ]
	python3 -c 'import numpy' 2>/dev/null || skip "no NumPy here"
	python3 - <<-'EOP'
		import numpy as np
		own, turned = np.load("own.npy").astype(float), np.load("turned.npy").astype(float)
		names, row = (line.split() for line in open("out/conv5.rotated-1-seed-2.control.tsv"))
		assert names == ["logits", "greatest", "difference"] and int(row[0]) == own.size == 1600
		assert abs(float(row[1]) - abs(own).max()) < 1e-4 * abs(own).max()
		assert 0 < float(row[2]) < 1e-4 * abs(own).max()
		assert abs(float(row[2]) - abs(own - turned).max()) < 1e-5 * abs(own).max(), row
	EOP
}

@test "DI40 --logits and --probe that cannot be are refused before anything is run" {
	model=$root/pipelines/experiments/networks/baseline-s1.onnx
	job=(dissect -q -m "$model" -l 'conv4,conv5' --synth 4 --kinds 40 --size 72 --preset demo -o out)
	run --separate-stderr -2 "${job[@]}" --logits nothing
	[[ $stderr == "cnn-forward: "*nothing* ]]
	run --separate-stderr -2 "${job[@]}" --logits conv1
	[[ $stderr == "cnn-forward: "*conv1* ]]
	run --separate-stderr -2 "${job[@]}" --pool avg
	[ "$stderr" = "dissect: --pool goes with --probe only" ]
	run --separate-stderr -2 "${job[@]}" --task scene
	[ "$stderr" = "dissect: --task goes with --logits only" ]
	run --separate-stderr -2 "${job[@]}" --probe color --pool all
	[[ $stderr == "linear-probe: --pool: "* ]]
	[ ! -e out ]
	run --separate-stderr -1 "${job[@]}" --min-images 1 --probe nothing
	[[ $stderr == *"linear-probe: "*"nothing"* ]]
}

@test "DI60 --dtype f16: activations at half the size, and the filters by hand; logits are not rounded" {
	first_run
	"${job[@]}" -q --dtype f16
	[ "$(find out -name conv5.act.ndr | wc -l)" = 2 ]
	broden-cat "$fixture/broden1_227" | cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5 --preset demo --dtype f16 -o act
	cmp act "$(find out -name conv5.act.ndr -printf '%s %p\n' | sort -n | head -n 1 | cut -d ' ' -f 2)"
	act-quantile -q act | cmp - out/conv5.thr.ndr
	act-segment -q -T out/conv5.thr.ndr act | iou-score | unit-label -q --min-images 1 | cmp - out/conv5-result.csv
	"${job[@]}" -q --dtype f16 --logits score --rotate 1
	awk 'NR == 2 { exit !($3 > 0 && $3 < 1e-4 * $2) }' out/conv5.rotated-1-seed-1.control.tsv
}

@test "DI61 --gzip: compressed activations of one layer, of several, of shards; the same results, whichever are there" {
	small=(dissect -q -m "$root/pipelines/experiments/networks/baseline-s1.onnx" --synth 5 --kinds 40 --size 72 --preset demo
		--min-images 1 -l "conv4,conv5" --report)
	"${small[@]}" -o plain
	"${small[@]}" -o zipped --gzip
	"${small[@]}" -o parts --gzip --shards 2
	for file in plain/*.*; do
		cmp "$file" "zipped/${file##*/}"
		cmp "$file" "parts/${file##*/}"
	done
	for l in conv4 conv5; do
		zcat zipped/*/$l.act.ndr.gz | cmp - plain/*/$l.act.ndr
		ndr-cat parts/*/shards-2/{1,2}/$l.act.ndr.gz | cmp - plain/*/$l.act.ndr
	done
	[ "$(find zipped parts -name '*.act.ndr' -o -name '*.part' | wc -l)" = 0 ]
	# What is there is taken, compressed or not.
	stat -c '%n %y' {plain,zipped}/*/*.act.ndr* >before
	"${small[@]}" -o plain --gzip --rotate 1
	"${small[@]}" -o zipped --rotate 1
	stat -c '%n %y' {plain,zipped}/*/*.act.ndr* | cmp before -
	cmp {plain,zipped}/conv5.rotated-1-seed-1-result.csv
	run --separate-stderr -2 "${small[@]}" -o none --gzip --no-cache
	[ "$stderr" = "dissect: --gzip and --no-cache exclude each other" ]
}

@test "DI62 --gzip: of a pass that stops nothing is taken for whole" {
	mkdir bin
	cp -r "$root/pipelines" pipelines
	printf '#!/bin/sh\n[ -p /dev/stdin ] || exec %s "$@"\nhead -c 90000 | %s "$@" | head -c 60000; exit 1\n' \
		"$(command -v cnn-forward)"{,} >bin/cnn-forward
	chmod +x bin/cnn-forward
	small=(-m "$root/pipelines/experiments/networks/baseline-s1.onnx" --synth 12 --size 72 --preset demo --min-images 1 -q -o out --gzip)
	for layers in conv5 conv4,conv5; do
		PATH=$PWD/bin:$PATH run -1 env -u NDPIPE_BIN pipelines/dissect "${small[@]}" -l $layers
		[ -z "$(find out -name '*.gz')" ]
		dissect "${small[@]}" -l $layers
		[ -z "$(find out -name '*.part')" ]
		zcat out/*/conv5.act.ndr.gz | ndr-check
		rm -r out
	done
}

@test "DI52 the table of the strongest units has labels with commas, quotes and other letters in its columns" {
	mkdir b
	cp -r "$fixture/broden1_227" b/d
	sed -i '2,$ s/^\([0-9]*\),\([^,]*\),/\1,"\2, ""\xc3\xbc""",/' b/d/label.csv
	dissect -m "$fixture/alexnet.onnx" -l conv5 -b b/d -o out --preset demo --min-images 1 >said
	python3 - <<-'EOP'
		import csv
		rows = list(csv.reader(open("out/conv5-result.csv", newline="", encoding="utf-8")))[:11]
		assert rows[1][2].endswith(', "\u00fc"'), rows[1]
		want = ["  " + r[0].ljust(6) + " " + r[1].ljust(10) + " " + r[2].ljust(24) + " " + r[3][:6] for r in rows]
		said = open("said", encoding="utf-8").read().split("\n")
		at = said.index("strongest units of conv5")
		assert said[at + 1:at + 12] == want, (said[at + 1:at + 12], want)
	EOP
}
