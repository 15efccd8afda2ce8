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
	[ "$(sed -n 2p sum | cut -f 5,6,7,11,13)" = "1	0.25	0.25	0	0.070000000000000007" ]
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

@test "UC04 permutations taken as observed, many times: p is below 0.05 as often as that" {
	need_numpy
	sets=$(exhaustive 250 1000)
	iou-score -q --permute 1-$((20 * sets)) "$fixture/conv5.seg" | "$root/tests/calibrate" 19 >said
	grep -q "^$sets sets of 19 permutations, 128 units: " said
}

@test "UC05 intervals of the rates are those of a restatement" {
	need_numpy
	iou-score -q --permute 1-9 "$fixture/conv5.seg" >all
	iou-score -q --permute 3,5,8 --segments 6 "$fixture/conv5.seg" >ranges
	unit-chance -q --min-images 1 --threshold 0.05 --fdr plain --summary sum all >units
	unit-chance -q --min-images 1 --threshold 0.05 --ranges ranges --bootstrap 40 --seed 9 --fdr fdr --summary sums all |
		cmp - units
	# A cut that one unit alone is above; of these two samples one has none there.
	awk -F , 'NR == 2 { print $5 * 0.99999 }' units >top
	unit-chance -q --min-images 1 --threshold "$(<top)" --ranges ranges --bootstrap 2 --seed 1 --summary one all >/dev/null
	# All but the intervals is as without them.
	cut -f -6 fdr | cmp - <(cut -f -6 plain)
	cut -f -7,10- sums | cmp - <(cut -f -7,10- sum)
	cat >restate <<-'EOF'
		import csv, math, re, struct, sys
		import numpy as np
		root = sys.argv[1]
		names = {"__name__": "permuted"}
		exec(open(root + "/tests/permuted").read().split("def read_images")[0], names)
		category, label, scores, permuted = [], {}, [], []
		for kind, _, _, dims, payload in names["records"]("ranges"):
		    if kind == 2:
		        category = re.findall(r"^category\.\d+=(.*)$", payload.decode(), re.M)
		        label = {int(n): int(c) for n, c in re.findall(r"^label\.(\d+)=(\d+) ", payload.decode(), re.M)}
		    if kind == 11:
		        scores.append(np.frombuffer(payload, "<u8").astype(float).reshape(dims[:3]))
		        permuted.append([])
		    if kind == 17:
		        permuted[-1].append(np.frombuffer(payload[64:], "<u8").astype(float).reshape(scores[0].shape[:2]))
		scores, permuted = np.array(scores), np.array(permuted)
		assert scores.shape[0] == 6 and permuted.shape[:2] == (6, 3)
		known = np.array([n in label for n in range(scores.shape[2])])
		of = np.array([label.get(n, -1) for n in range(scores.shape[2])])
		def best(both, area, truth):
		    union = area + np.maximum(truth, both) - both
		    iou = np.where((both > 0) & known, both / np.where(both > 0, union, 1), 0)
		    return iou.max(1), of[iou.argmax(1)]
		def count(found, cut, kind):
		    iou, is_of = found
		    return sum((iou > cut) & ((is_of == kind) | (kind is None)))
		def rates(sample, cut, kind, cache={}):
		    if sample not in cache:
		        s, p = scores[list(sample)].sum(0), permuted[list(sample)].sum(0)
		        cache[sample] = (best(s[:, :, 0], s[:, :, 1], s[:, :, 2]), [best(x, s[:, :, 1], s[:, :, 2]) for x in p])
		    seen, chance = cache[sample]
		    n = count(seen, cut, kind)
		    return np.mean([count(x, cut, kind) for x in chance]) / n if n else math.inf
		random = names["Generator"](9)
		samples = [tuple(random.below(6) for _ in range(6)) for _ in range(40)]
		def check(row, cut, kind):
		    value = sorted(rates(s, cut, kind) for s in samples)
		    low, high, middle = value[1], value[38], (value[19] + value[20]) / 2
		    if row["fdr"] == "" or not 0 < middle < math.inf or math.isinf(high):
		        assert row["fdr-high"] == "", row
		        return 0
		    rate = float(row["fdr"])
		    assert abs(float(row["fdr-low"]) - rate * low / middle) < 1e-12, (row, low, middle)
		    assert abs(float(row["fdr-high"]) - rate * high / middle) < 1e-12, (row, high, middle)
		    return 1
		n = 0
		for row in csv.DictReader(open("fdr"), delimiter="\t"):
		    if round(float(row["cut"]) * 200) in (2, 8, 16, 30):
		        n += check(row, float(row["cut"]), category.index(row["category"]) if row["category"] != "all" else None)
		(row,) = csv.DictReader(open("sums"), delimiter="\t")
		n += check(row, 0.05, None)
		assert n > 6, n
		random = names["Generator"](1)
		samples = [tuple(random.below(6) for _ in range(6)) for _ in range(2)]
		(row,) = csv.DictReader(open("one"), delimiter="\t")
		value = [rates(s, float(row["threshold"]), None) for s in samples]
		assert row["detectors"] == "1" and math.isinf(max(value)) and min(value) < math.inf, value
		assert row["fdr"] != "" and row["fdr-low"] == row["fdr-high"] == "", row
	EOF
	python3 restate "$root"
	run --separate-stderr -2 unit-chance --min-images 1 --ranges all all
	[[ $stderr == *"layer conv5: intervals need the permuted counts of ranges of images: iou-score --permute --segments writes them" ]]
	iou-score -q --segments 6 "$fixture/conv5.seg" >without
	run --separate-stderr -2 unit-chance --min-images 1 --ranges without all
	head -c 100000 ranges >short
	damage ranges 100000 >flipped
	iou-score -q --permute 3,5 --segments 6 "$fixture/conv5.seg" >fewer
	cat ranges ranges >twice
	for wrong in short:4 flipped:3 twice:3; do
		run --separate-stderr -${wrong#*:} unit-chance --min-images 1 --ranges "${wrong%:*}" -o none all
		[[ ${stderr_lines[-1]} == "unit-chance: "* ]]
		[ ! -e none ]
	done
	cat ranges fewer >both
	run --separate-stderr -3 unit-chance --min-images 1 --ranges both -o none all
	[[ $stderr == *"both: layer 0: ranges with different permutations" ]]
	run --separate-stderr -1 unit-chance --min-images 1 --memory 1 --ranges ranges all
	[[ $stderr == *"the counts of all ranges take more than 1 MiB"* ]]
	run --separate-stderr -1 unit-chance --ranges none all
	# Each table has a file of its own.
	cp all own
	for files in '--fdr f --summary f' '--fdr f -o f' '--summary f -o f' '--fdr own' '--summary ./own' '--ranges own --fdr own'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr -2 unit-chance --min-images 1 $files own
		[[ $stderr == *": the same file as "* ]]
	done
	cmp own all
	[ ! -e f ]
	unit-chance -q --min-images 1 --fdr /dev/null --summary /dev/null all >/dev/null
}
