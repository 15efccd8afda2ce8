# A forgotten shard is said, by every program that makes one of many.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper
load stream

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	local i
	for i in 1 2 3; do
		broden-synth --seed 7 -n 20 --shard $i/3 |
			cnn-forward -q -m "$root/pipelines/demo/demo.onnx" -l conv5 --preset demo -o act$i
	done
	act-quantile -q -o thr act1 act2 act3
	for i in 1 2 3; do
		act-segment -q -T thr -o seg$i act$i
		iou-score -q -o score$i seg$i
		act-quantile --partial -o tail$i act$i
		act-quantile --partial --sketch -o sketch$i act$i
	done
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
}

# refuses WHY COMMAND -- in a line that tells the option, which then makes it a warning
refuses() {
	local why=$1
	shift
	run --separate-stderr -3 "$@" -o "$BATS_TEST_TMPDIR/none"
	[ "$stderr" = "$1: $why (--incomplete goes on without)" ]
	[ ! -e "$BATS_TEST_TMPDIR/none" ]
	run --separate-stderr -0 "$@" --incomplete -o "$BATS_TEST_TMPDIR/part"
	[[ $'\n'$stderr == *$'\n'"$1: warning: $why"* ]]
}

warning() {
	ndr-dump --provenance "$1" | grep -c "^warning=$2\$"
}

@test "IC01 a shard in the middle" {
	local why='items 6 to 12 are missing: 13 of 20 are here'
	refuses "$why" act-quantile act1 act3
	[ "$(warning "$BATS_TEST_TMPDIR/part" "$why")" = 1 ]
	refuses "$why" act-quantile act3 act1
	refuses "$why" act-quantile sketch1 sketch3
	refuses "$why" act-quantile tail1 tail3
	refuses "$why" act-top act1 act3
	refuses "$why" iou-score seg1 seg3
	[ "$(warning "$BATS_TEST_TMPDIR/part" "$why")" = 1 ]
	refuses "$why" unit-label --min-images 0 score1 score3
	refuses "$why" ndr-cat score1 score3
	[ "$(warning "$BATS_TEST_TMPDIR/part" "$why")" = 1 ]
	refuses "$why" ndr-cat act1 act3
	run --separate-stderr -3 act-quantile --partial act1 act3
	[[ $stderr == "act-quantile: $why"* ]]
}

@test "IC02 a shard at an end is said, and refused by what does not merge" {
	refuses 'items 13 to 19 are missing: 13 of 20 are here' act-quantile act1 act2
	refuses 'items 0 to 5 are missing: 14 of 20 are here' act-quantile act2 act3
	refuses 'items 0 to 5 are missing: 14 of 20 are here' unit-label --min-images 0 score2 score3
	ndr-cat -o merged score2 score3
	refuses 'items 0 to 5 are missing: 14 of 20 are here' unit-label --min-images 0 merged
	run --separate-stderr -0 iou-score -o "$BATS_TEST_TMPDIR/part" seg1 seg2
	[ "$stderr" = 'iou-score: warning: items 13 to 19 are missing: 13 of 20 are here: the result is one of a part' ]
	run -1 warning "$BATS_TEST_TMPDIR/part" '.*missing.*' # for the whole will be made of it
	run --separate-stderr -0 act-top -o "$BATS_TEST_TMPDIR/part" act1
	[[ $stderr == 'act-top: warning: items 6 to 19 are missing: 6 of 20 are here'* ]]
	run --separate-stderr -0 act-quantile --partial -o "$BATS_TEST_TMPDIR/part" act1
	[ -z "$stderr" ]
}

@test "IC03 what is whole says nothing, in parts or merged" {
	local whole
	run --separate-stderr -0 act-quantile -o one act3 act1 act2
	[ -z "$stderr" ]
	run --separate-stderr -0 act-quantile -o two sketch3 sketch1 sketch2
	[ -z "$stderr" ]
	run --separate-stderr -0 iou-score -o three seg3 seg1 seg2
	[ -z "$stderr" ]
	for whole in 'score1 score2 score3' three; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr -0 unit-label --min-images 1 -o table $whole
		[[ $stderr != *missing* && $stderr != *'are here'* ]]
	done
}

@test "IC04 items that were left out on purpose are a warning that stays" {
	ndr-head -n 4 -o head1 act1
	run --separate-stderr -0 act-quantile -o part head1
	[ "$stderr" = 'act-quantile: warning: 4 of 20 items are here: others were left out on purpose' ]
	[ "$(warning part '4 of 20 items are here: others were left out on purpose')" = 1 ]
	head -c 999999999 act1 | ndr-head -n 4 | act-quantile --incomplete -q -o piped
	[ "$(warning piped '4 of 20 items are here: others were left out on purpose')" = 1 ]
	act-segment -q -T thr head1 | iou-score -q -o score
	run --separate-stderr -0 unit-label --min-images 0 -o table score
	[[ $stderr == *'not all items are here: others were left out on purpose'* ]]
	act-segment -T part act1 2>said | iou-score -q -o score
	grep -qx 'act-segment: warning: thresholds: act-quantile: 4 of 20 items are here: .*' said
	run --separate-stderr -0 unit-label --incomplete --min-images 0 -o table score
	[[ $stderr == *'act-segment: thresholds: act-quantile: 4 of 20 items are here'* ]]
	# What is cut short excuses what comes after it, no more.
	run --separate-stderr -3 act-quantile act2 head1 -o none
	[[ $stderr == *'items 13 to 19 are missing: 11 of 20'* ]]
}

@test "IC05 --incomplete leaves no warning in a part that its merge would belie" {
	local part
	for part in 1 2 3; do
		run --separate-stderr -0 iou-score --incomplete -o "incomplete$part" "seg$part"
		[[ $stderr == 'iou-score: warning: items '*': the result is one of a part' ]]
	done
	ndr-cat --incomplete -o incomplete23 incomplete2 incomplete3
	ndr-cat -o merged incomplete23 incomplete1
	run -1 warning merged '.*missing.*'
	run --separate-stderr -0 unit-label --min-images 1 -o table merged
	[[ $stderr != *missing* ]]
	run -0 act-top --incomplete -o "$BATS_TEST_TMPDIR/part" act1
	run -1 warning "$BATS_TEST_TMPDIR/part" '.*missing.*'
}

@test "IC06 a segment that was cut short excuses what was cut off it, and no shard behind it" {
	local why='items 6 to 12 are missing: 11 of 20 are here'
	ndr-head -n 4 -o cut act1
	act-segment -q -T thr cut | iou-score -q -o cutscore
	refuses "$why" act-quantile cut act3
	refuses "$why" act-top act3 cut
	refuses "$why" unit-label --min-images 0 cutscore score3
	refuses "$why" ndr-cat score3 cutscore
	# The same where a pipe could not be gone through twice.
	ndr-head -n 4 <act1 | act-segment -q -T thr | iou-score -q -o piped
	refuses "$why" unit-label --min-images 0 piped score3
	# Merged with its neighbour it is no longer the last.
	ndr-cat -o merged cutscore score2
	refuses 'items 13 to 19 are missing: 11 of 20 are here' unit-label --min-images 0 merged
	run --separate-stderr -0 unit-label --min-images 0 -o table cutscore score2 score3
	[[ $stderr == *'not all items are here: others were left out on purpose'* ]]
	[[ $stderr != *missing* ]]
	# Images that were skipped are no excuse either.
	for i in 0 2; do
		stream "Stream().preamble(first=$i, end=$i + 1, most=1).record(SCORE, bytes(192), [2, 4, 3]).end(flags=$i < 2)" >skipped$i
	done
	refuses 'item 1 is missing: 2 of 3 are here' ndr-cat skipped0 skipped2
}

@test "IC07 what turns a stream into a file misses them, too" {
	local why='items 6 to 12 are missing: 13 of 20 are here'
	refuses "$why" ndrtonpy --type act act1 act3
	refuses 'items 13 to 19 are missing: 13 of 20 are here' ndrtonpy --type act act1 act2
	ndr-cat -o score12 score1 score2
	run --separate-stderr -0 ndrtonpy --type score -o "$BATS_TEST_TMPDIR/part" score12
	[ "$stderr" = 'ndrtonpy: warning: items 13 to 19 are missing: 13 of 20 are here: the result is one of a part' ]
	# One item is whole, and so are thresholds.
	ndrtonpy --type act --item 14 -o "$BATS_TEST_TMPDIR/one" act1 act3
	act-quantile -q --incomplete -o thr13 act1 act3
	run --separate-stderr -0 ndrtonpy --type thresh -o "$BATS_TEST_TMPDIR/one" thr13
	[ -z "$stderr" ]
	run --separate-stderr -0 ndrtonpy --type act -o "$BATS_TEST_TMPDIR/all" act1 act2 act3
	[ -z "$stderr" ]
	local i
	for i in 1 2 3; do
		broden-synth --seed 7 -n 20 --shard $i/3 -o image$i
		cnn-forward -q -m "$root/pipelines/demo/demo.onnx" -l conv5 --preset demo --keep-images -o both$i image$i
	done
	refuses "$why" ndrtonpy --type image image1 image3
	refuses "$why" ndrtopam image1 image3
	run --separate-stderr -0 ndrtopam -o "$BATS_TEST_TMPDIR/part" image2 # a part is what was asked for
	[ -z "$stderr" ]
	run --separate-stderr -0 ndrtopam -o "$BATS_TEST_TMPDIR/part" <(ndr-head -n 2 image2)
	pamtondr -o any "$BATS_TEST_TMPDIR/part" "$BATS_TEST_TMPDIR/part"
	ndrtopam -o "$BATS_TEST_TMPDIR/again" any any # of no data set
	unit-label -q --min-images 0 --format csv -o result score1 score2 score3
	refuses "$why" unit-paint -T thr -r result --threshold 0 both1 both3
	# Mappers keep the promise for those who come after them.
	act-segment -q -T thr -o seg13 act1 act3
	refuses "$why" iou-score seg13
	ndr-split -d "$BATS_TEST_TMPDIR/split" act1 act3
	refuses "$why" act-top "$BATS_TEST_TMPDIR/split/conv5.ndr"
}

@test "IC08 what thresholds and activations were warned of is said again over what is painted" {
	ndr-head -n 4 -o few act1
	act-quantile -q -o fewthr few
	broden-synth --seed 7 -n 20 --shard 2/3 |
		cnn-forward -q -m "$root/pipelines/demo/demo.onnx" -l conv5 --keep-images -o shown
	unit-label -q --min-images 0 --format csv -o named score1 score2 score3
	run --separate-stderr -0 unit-paint -T fewthr -r named --threshold 0 shown
	[[ $stderr == *'unit-paint: warning: act-quantile: 4 of 20 items are here: others were left out on purpose'* ]]
	[[ $stderr == *'unit-paint: warning: cnn-forward: pixel values are fed as they are'* ]]
	run --separate-stderr -0 unit-paint -q -T fewthr -r named --threshold 0 shown
	[ -z "$stderr" ]
}
