# Parts of a data set, however many and in whatever order: the bytes of one run, provenance included.
# shellcheck disable=SC2154,SC2046,SC2086,SC2089,SC2090 # set by bats and helper.bash; lists of names without spaces
load helper

items=21 layers=conv4,conv5

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	local n i
	for n in 1 2 3 7; do
		for ((i = 1; i <= n; i++)); do
			broden-synth --seed 5 -n $items --size 72 --shard $i/$n -o images
			cnn-forward -q -m "$root/pipelines/experiments/networks/baseline-s1.onnx" -l $layers --preset demo -o $i.of$n.act images
		done
	done
	broden-synth --seed 5 -n $items --size 72 --no-images -o labels
	make_from 1 ''
}

# make_from N THRESHOLDS -- all that reducers make of each of N shards
make_from() {
	local n=$1 i
	for ((i = 1; i <= n; i++)); do
		act-quantile --partial -o $i.of$n.tail $i.of$n.act
		act-quantile --partial --sketch -o $i.of$n.sketch $i.of$n.act
		act-top -q -k 3 --maps --maxima -o $i.of$n.top $i.of$n.act
		[ $n != 1 ] || act-quantile -o thr $i.of$n.act
		act-segment -q -T thr -o $i.of$n.seg $i.of$n.act
		iou-score -q -o $i.of$n.score $i.of$n.seg
		iou-score -q --permute 1-3 -L labels -o $i.of$n.chance $i.of$n.seg
	done
}

# shuffled N KIND SEED -- the names of the shards' files in an order that is theirs by chance
shuffled() {
	seq -f "%g.of$1.$2" "$1" | shuf --random-source=<(yes "$3")
}

# Reducers work beside each other's files, dissect in a directory of its own.
setup() {
	cd "$BATS_FILE_TMPDIR" || return
	[ "$BATS_TEST_NUMBER" -le 5 ] || cd "$BATS_TEST_TMPDIR" || return
}

@test "SD01 thresholds, strongest images, scores, permuted labels: 2, 3 and 7 shards in any order are one run" {
	local n seed
	for n in 2 3 7; do
		make_from $n
		for seed in 1 2 3; do
			act-quantile -t $seed $(shuffled $n tail $seed) | cmp - thr
			ndr-cat $(shuffled $n tail $seed) | tee tails | cmp - 1.of1.tail
			act-quantile tails | cmp - thr
			ndr-cat $(shuffled $n sketch $seed) | cmp - 1.of1.sketch
			for kind in top score chance act; do
				ndr-cat $(shuffled $n $kind $seed) | cmp - 1.of1.$kind
			done
			unit-label -q --min-images 0 -l conv5 $(shuffled $n score $seed) | cmp - <(unit-label -q --min-images 0 -l conv5 1.of1.score)
		done
	done
}

@test "SD02 merged in steps, and a part of parts" {
	[ -e 3.of7.chance ] || make_from 7
	act-quantile --partial 2.of7.tail 5.of7.tail 3.of7.tail 4.of7.tail -o middle
	ndr-cat 7.of7.tail 6.of7.tail -o end
	act-quantile end 1.of7.tail middle | cmp - thr
	act-quantile --partial end middle 1.of7.tail | cmp - 1.of1.tail
	# Histograms too, and what they say is signed once.
	act-quantile --sketch $(shuffled 7 sketch 9) | cmp - <(act-quantile --sketch 1.of1.act)
	[ "$(act-quantile $(shuffled 7 sketch 9) | ndr-dump --provenance | grep -c program=act-quantile)" = 2 ]
}

@test "SD03 another level of the same tails is signed, and one that they do not reach is refused" {
	act-quantile --quantile 0.001 1.of1.tail -o strict
	[ "$(ndr-dump --provenance strict | grep -c program=act-quantile)" = 2 ]
	cmp <(ndr-dump --type THRESH --values 999 strict | cut -f 2-) <(act-quantile --quantile 0.001 1.of1.act | ndr-dump --type THRESH --values 999 | cut -f 2-)
	run --separate-stderr -2 act-quantile --quantile 0.5 1.of1.tail
	[[ $stderr == "act-quantile: layer conv4: of the samples of a unit, parts keep the largest "*", which do not reach to this level" ]]
}

@test "SD04 what does not belong together is refused" {
	[ -e 3.of3.chance ] || make_from 3
	run --separate-stderr -3 act-quantile 1.of3.tail 2.of3.act 3.of3.tail
	[[ $stderr == *"activations among tails (TAIL) do not join them" ]]
	run --separate-stderr -3 act-quantile 1.of3.act 2.of3.tail 3.of3.tail
	[[ $stderr == *"tails (TAIL) among activations or sketches do not join them" ]]
	run --separate-stderr -3 act-quantile 1.of3.sketch 2.of3.tail 3.of3.tail
	[[ $stderr == *"tails (TAIL) among activations or sketches do not join them" ]]
	run --separate-stderr -2 act-quantile --sketch 1.of1.tail
	[[ $stderr == *"the largest samples of parts (TAIL), of which --sketch makes nothing" ]]
	act-quantile --partial --quantile 0.1 -o other 2.of3.act
	run --separate-stderr -3 act-quantile 1.of3.tail other 3.of3.tail
	[[ $stderr == *"tails (TAIL) of parts that keep different numbers of samples do not make one" ]]
	run --separate-stderr -1 act-quantile --partial --memory 1 --quantile 0.99 1.of1.act
	[[ $stderr == *"the largest samples may take "*" MiB, but --memory is 1: allow as many, or take --sketch" ]]
	act-quantile --partial --quantile 0.99 -o long 1.of1.act
	run --separate-stderr -1 act-quantile --memory 1 --quantile 0.99 long
	[[ $stderr == *"the largest samples may take "*" MiB, more than --memory leaves: allow as many" ]]
	# How many samples a part must keep, the data set says.
	broden-synth -n 2 --size 72 --no-labels | ndrtopam | pamtondr |
		cnn-forward -q -m "$root/pipelines/experiments/networks/baseline-s1.onnx" -l conv5 --preset demo -o unknown
	run --separate-stderr -3 act-quantile --partial unknown
	[[ $stderr == *"META does not say how many items the data set has (dataset.items)"* ]]
	act-quantile -q --partial --sketch unknown | act-quantile -q --sketch | ndr-check
}

@test "SD05 a shard without items keeps nothing, and the others count" {
	act-quantile --partial -q -o none <(ndr-head -q -n 0 1.of1.act)
	ndr-check none
	[ "$(ndr-dump none | grep -c TAIL)" = 0 ]
}

# The results of a dissection of 12 scenes, whole, and in parts with other options after it.
small() {
	dissect -q -m "$root/pipelines/experiments/networks/baseline-s1.onnx" --synth 12 --size 72 --preset demo --min-images 1 "$@"
}
# same DIR DIR -- the results in the one are in the other, byte for byte
same() {
	local file
	for file in "$1"/*.*; do
		cmp "$file" "$2/${file##*/}"
	done
	compgen -G "$2/*-result.csv" >/dev/null
}

@test "SD06 dissect --shards: the same results as without, of several layers, one by one or all at once" {
	small -l conv4,conv5 -o whole
	small -l conv4,conv5 -o parts --shards 3
	same whole parts
	# Parts that were put together are gone, activations stay, and nothing is made again.
	[ "$(cd parts/*/shards-3 && echo ./*/*)" = "./1/conv4.act.ndr ./1/conv5.act.ndr ./2/conv4.act.ndr ./2/conv5.act.ndr ./3/conv4.act.ndr ./3/conv5.act.ndr" ]
	find parts -name '*.ndr' -printf '%p %T@\n' | sort >before
	small -l conv4,conv5 -o parts --shards 3
	small -l conv4,conv5 -o parts --shards 3 --threshold 0.1
	find parts -name '*.ndr' -printf '%p %T@\n' | sort | cmp before -
	# Without shards all is there, too.
	small -l conv4,conv5 -o parts
	find parts -name '*.ndr' -printf '%p %T@\n' | sort | cmp before -
	small -l conv4,conv5 -o parts --shards 3 --upsample corners --jobs 2
	small -l conv4,conv5 -o whole --upsample corners
	same whole parts
}

@test "SD07 dissect --shards without a cache, in another basis, from histograms, of another share" {
	local options tried=("--no-cache --rotate 1" "--sketch --dtype f16" --no-cache "--rotate 0.5 --seed 2" "--quantile 0.02 --strongest 0")
	for options in "${tried[@]:0:$(exhaustive 2 5)}"; do
		small -l conv5 -o "whole$options" $options
		small -l conv5 -o "parts$options" $options --shards 4 --jobs 2
		same "whole$options" "parts$options"
		[[ $options != --no-cache* ]] || [ -z "$(find "parts$options" -name '*.act.ndr' -o -name '.pass*')" ]
	done
}

@test "SD08 what wants all images at once has them from the shards: pages, permuted labels, ranges, logits, probes" {
	local options=(-l conv5 --logits score --task scene --probe color --permute 1-2 --ranges 3 --joint --report --kinds 40)
	small -o whole "${options[@]}"
	small -o parts "${options[@]}" --shards 3
	for file in whole/*.*; do
		[ "$file" = whole/conv5.html ] || cmp "$file" "parts/${file##*/}"
	done
	# The page tells of the activations shown what ndr-cat made of them: the same.
	cmp whole/conv5.html parts/conv5.html
	[ -z "$(compgen -G 'parts/*/conv5.act.ndr')" ]
	# Activations that are gone are made again for what wants them.
	rm parts/*/shards-3/2/conv5.act.ndr
	small -o whole -l conv5 --kinds 40 --permute 1-2 --rotate 1 --logits score
	small -o parts -l conv5 --kinds 40 --permute 1-2 --rotate 1 --logits score --shards 3
	same whole parts
	IFS=$'\037' read -r _ _ _ _ _ _ act _ < <(small -o parts -l conv5 --kinds 40 --paths --shards 3 | tail -n 1 | tr '\t' '\037')
	(cd parts && ndr-cat $act | ndr-check)
	[ "$(wc -w <<<"$act")" = 3 ]
}

@test "SD09 a Broden directory in shards, and its page" {
	fixture=$(few_images)
	local job=(dissect -q -m "$fixture/alexnet.onnx" -l conv5 -b "$fixture/broden1_227" --preset demo --min-images 1 --report)
	"${job[@]}" -o whole
	"${job[@]}" -o parts --shards 8
	same whole parts
	run --separate-stderr -2 "${job[@]}" -o more --shards 9
	[ "$stderr" = "dissect: --shards 9: there are only 8 images" ]
	[ ! -e more ]
}

@test "SD10 killed at any moment and started again: shards that are finished stay, and the results are the same" {
	small -l conv4,conv5 -o whole --synth 6
	mkdir bin
	for filter in cnn-forward ndr-split act-quantile act-top act-segment iou-score ndr-cat; do
		cat >bin/$filter <<-'EOS'
			#!/bin/bash
			# The N-th stage that begins is killed with all others.
			case $* in *--version* | *--help* | *--list*) ;; *)
				if [[ " $* " == *" -o "* || ${0##*/} == ndr-split ]]; then
					echo "${0##*/} $*" >>"$STAGES"
					[ "$(wc -l <"$STAGES")" != "$KILLED" ] || { sleep 0.05; kill -KILL -- "-$(ps -o sid= $$ | tr -d ' ')"; }
				fi ;;
			esac
			PATH=${PATH#*:} exec "${0##*/}" "$@"
		EOS
		chmod +x bin/$filter
	done
	cp -r "$root/pipelines" pipelines
	in_parts() {
		PATH=$PWD/bin:$PATH env -u NDPIPE_BIN pipelines/dissect -q -m "$root/pipelines/experiments/networks/baseline-s1.onnx" \
			--synth 6 --size 72 --preset demo --min-images 1 -l conv4,conv5 -o parts --shards 2
	}
	export STAGES=$PWD/stages KILLED=0
	in_parts
	same whole parts
	local all n
	all=$(wc -l <stages)
	[ "$all" = $((2 * (1 + 2 * 2) + 4 + 2 * 2 + 2)) ]
	# shellcheck disable=SC2046 # numbers
	for n in $(one_of 10 $(seq 1 "$all")); do
		rm -r parts
		: >stages
		KILLED=$n
		run -1 in_parts
		[ "$(wc -l <stages)" = "$n" ]
		KILLED=0
		in_parts
		same whole parts
		# The stage that was killed, and at most those of its job that were not whole, ran twice.
		[ "$(wc -l <stages)" -le $((all + 3)) ]
		[ -z "$(find parts -name '.pass*' -o -name '.ndr.*')" ]
	done
}

@test "SD11 a signal ends the shards' stages" {
	"$root/tests/interrupt" TERM 2 'out/*/shards-100/*/.pass.*/.ndr.*' dissect -m "$root/pipelines/demo/demo.onnx" \
		--preset demo -l conv5 --synth 1000000 -o out --shards 100 --jobs 2
}

@test "SD12 options of engines that cannot be" {
	local wrong
	for wrong in "--shards 0|--shards: '0' is not between 1 and 9999; try 'dissect --help'" \
		"--shards x|--shards: 'x' is not between 1 and 9999; try 'dissect --help'" \
		"--shards 2 --jobs 0|--jobs: '0' is not between 1 and 9999; try 'dissect --help'" \
		"--shards 2 --engine lsf|--engine: 'lsf' is none of make, parallel, slurm; try 'dissect --help'" \
		"--shards 2 --keep-images|--keep-images and --shards exclude each other: each shard reads its own images" \
		"--shards 2 --sshlogin x|--sshlogin goes with --engine parallel only" \
		"--shards 2 --sbatch x|--sbatch goes with --engine slurm only" \
		"--shards 13|--shards 13: there are only 12 images" \
		"--engine make|--engine goes with --shards only" "--jobs 2|--jobs goes with --shards only"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr -2 small -l conv5 -o none ${wrong%%|*}
		[ "$stderr" = "dissect: ${wrong#*|}" ]
		[ ! -e none ]
	done
	mkdir bin
	ln -s "$(command -v bash)" "$(command -v readlink)" bin
	printf '#!/bin/sh\necho parallel of moreutils\n' >bin/parallel
	chmod +x bin/parallel
	PATH=$PWD/bin:$PATH run --separate-stderr -1 small -l conv5 -o none --shards 2 --engine parallel
	[ "$stderr" = "dissect: --engine parallel: no GNU parallel here" ]
}

@test "SD13 of a shard's stage that fails its own line and dissect's" {
	fixture=$(few_images)
	cp -r "$fixture/broden1_227" broken
	printf 'no picture' >"$(find broken/images -type f -name '*g' | sort | tail -n 1)"
	run --separate-stderr -1 dissect -m "$fixture/alexnet.onnx" -l conv5 --preset demo -b broken -o out --shards 4
	[ "${#stderr_lines[@]}" = 3 ]
	[[ ${stderr_lines[0]} == "broden-cat: "* && ${stderr_lines[1]} == "cnn-forward: <stdin>: truncated"* ]]
	[ "${stderr_lines[2]}" = "dissect: out: stopped; the stages that are complete are kept" ]
	[ "$(find out -name '*.tail.ndr' | wc -l)" = 3 ]
}
