# Parts of a data set, however many and in whatever order: the bytes of one run, provenance included.
# shellcheck disable=SC2154,SC2046,SC2086 # set by bats and helper.bash; lists of names without spaces
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

setup() {
	cd "$BATS_FILE_TMPDIR" || return
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
