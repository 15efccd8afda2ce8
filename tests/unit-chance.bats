# unit-chance: units and layers against chance, by hand and from a pipeline.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper
load filter
load stream

setup() {
	fixture=$(fixture)
	cd "$BATS_TEST_TMPDIR" || exit
}

# Two units, labels 1 (object) and 3 (part), four permutations.
#
#	unit	label	I	A	G	IoU	I under seeds 1 to 4
#	1	1	10	50	60	0.1	10	5	0	0
#		3	5	50	55	0.05	0	5	0	5
#	2	1	2	20	60	2/78	0	5	0	0
#		3	3	20	55	3/72	3	0	1	0
#
# Best IoUs by seed: unit 1 0.1, 0.05, 0, 0.05, of which one reaches 0.1; unit 2 3/72, 5/75,
# 1/74, 0, of which two reach 3/72.
by_hand() {
	stream '(Stream().preamble(minor=1)'"${1-}"'.record(SCORE, struct.pack("<24Q",
		*(0, 0, 0, 10, 50, 60, 0, 0, 0, 5, 50, 55, 0, 0, 0, 2, 20, 60, 0, 0, 0, 3, 20, 55)), [2, 4, 3])
		.record(COUNT, struct.pack("<4Q", 0, 3, 0, 2), [4])
		.chance(1, values=(0, 10, 0, 0, 0, 0, 0, 3)).chance(2, 0, 1, values=(0, 5, 0, 5))
		.chance(2, 1, 1, values=(0, 5, 0, 0)).chance(3, values=(0, 0, 0, 0, 0, 0, 0, 1))
		.chance(4, values=(0, 0, 0, 5, 0, 0, 0, 0)).end())'
}

@test "UC01 p, q and false discovery rates by hand" {
	by_hand >score
	run --separate-stderr -0 unit-chance --min-images 2 --fdr fdr --summary sum --format tsv -o units score
	[ "${stderr_lines[0]}" = "unit-chance: warning: conv5: 4 permutations: no unit of 2 can have q <= 0.05 unless 8 have the least p, 0.2" ]
	python3 - <<-'EOF'
	import csv
	def table(name):
	    return list(csv.DictReader(open(name), delimiter="\t"))
	def near(got, want):
	    assert abs(float(got) - want) < 1e-15, (got, want)
	one, two = table("units")
	assert (one["unit"], one["category"], one["label"]) == ("1", "object", "cat")
	assert (two["unit"], two["category"], two["label"]) == ("2", "part", "paw %")
	assert (one["permutations"], one["reached"], two["reached"]) == ("4", "1", "2")
	for row, score, mean, most, p in ((one, 0.1, 0.05, 0.1, 2 / 5),
	                                  (two, 3 / 72, (3 / 72 + 5 / 75 + 1 / 74) / 4, 5 / 75, 3 / 5)):
	    near(row["score"], score), near(row["permuted-mean"], mean)
	    near(row["permuted-most"], most), near(row["p"], p), near(row["q"], 3 / 5)
	rates = {(r["category"], round(float(r["cut"]), 3)): r for r in table("fdr")}
	assert len(rates) == 3 * 40
	for category, cut, observed, permuted in (
	    ("all", 0.04, 2, 5 / 4), ("object", 0.04, 1, 2 / 4), ("part", 0.04, 1, 3 / 4),
	    ("all", 0.045, 1, 4 / 4), ("all", 0.05, 1, 2 / 4), ("part", 0.05, 0, 0),
	    ("all", 0.095, 1, 1 / 4), ("all", 0.1, 0, 0), ("all", 0.01, 2, 6 / 4)):
	    row = rates[category, cut]
	    near(row["observed"], observed), near(row["permuted"], permuted)
	    if observed:
	        near(row["fdr"], permuted / observed)
	    else:
	        assert row["fdr"] == ""
	(row,) = table("sum")
	near(row["fdr"], 5 / 8)
	assert (row["detectors"], row["units-at-level"], row["cut-at-level"]) == ("2", "0", "")
	assert row["units-needed"] == "8"
	EOF
	# Above 0.07 there is a detector, and a quarter of one by chance.
	unit-chance -q --min-images 2 --threshold 0.07 --level 0.25 --summary sum score >units
	[ "$(sed -n 2p sum | cut -f 5,6,7,9,11)" = "1	0.25	0.25	0	0.070000000000000007" ]
	# Only two images hold label 3: then unit 2 has 2/78 and 0, 5/75, 0, 0.
	unit-chance -q --min-images 3 score | tr -d '\r' | grep ',2,object,cat,' | cut -d, -f 5,7,10 |
		grep -qx '0.02564102564102564,1,0.40000000000000002'
}

@test "UC02 what cannot be judged is refused" {
	run --separate-stderr -3 unit-chance "$fixture/conv5.score"
	[[ $stderr == *"layer conv5: no permutations (CHANCE): iou-score --permute makes them" ]]
	run --separate-stderr -3 unit-chance "$fixture/images.ndr"
	[[ $stderr == *"no scores in the input" ]]
	by_hand '.chance(0)' >early
	run --separate-stderr -3 unit-chance early
	[[ $stderr == *"early: CHANCE of layer 0 before its SCORE and COUNT" ]]
	by_hand >score
	cat score score >two
	run --separate-stderr -3 unit-chance two
	[[ $stderr == *"several segments: ndr-cat merges them first" || $stderr == *"another segment"* ]]
	stream '(Stream().preamble(minor=1).record(SCORE, struct.pack("<24Q", *[9] * 24), [2, 4, 3])
		.record(COUNT, struct.pack("<4Q", 0, 3, 0, 2), [4]).chance(1, 0, 1).end())' >part
	run --separate-stderr -3 unit-chance part
	[[ $stderr == *"units with different numbers of permutations" ]]
	stream '(Stream().preamble(minor=1).record(SCORE, struct.pack("<24Q", *[9] * 24), [2, 4, 3])
		.record(COUNT, struct.pack("<4Q", 0, 3, 0, 2), [4]).chance(1, values=[10] * 8).end())' >wrong
	run --separate-stderr -3 unit-chance wrong
	[[ $stderr == *"wrong: label 1: counts that masks cannot have" ]]
	refuses_damage score unit-chance --min-images 0
}

@test "UC03 shards, merged, give the bytes of the whole" {
	local i
	iou-score --permute 1-20 "$fixture/conv5.seg" | unit-chance -q --min-images 1 >want
	[ "$(wc -l <want)" = 129 ]
	for i in 1 2; do
		broden-synth --seed 7 -n 24 --shard $i/2 |
			cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5 --preset demo |
			act-segment -q -T "$fixture/conv5.thr" |
			iou-score -q --permute 1-20 -L "$fixture/images.ndr" >part$i
	done
	run --separate-stderr -3 unit-chance part1 part2
	[[ $stderr == *"a part of the data set: ndr-cat merges it with the others first" ]]
	ndr-cat part2 part1 | unit-chance -q --min-images 1 | cmp - want
	unit-chance --format json -q --min-images 1 <(ndr-cat part1 part2) | python3 -c \
		'import json, sys; assert len(json.load(sys.stdin)) == 128'
}

@test "UC04 permutations taken as observed, a thousand times: p is below 0.05 as often as that" {
	need_numpy
	iou-score -q --permute 1-20000 "$fixture/conv5.seg" | "$root/tests/calibrate" 19 >said
	grep -q '^1000 sets of 19 permutations, 128 units: ' said
}
