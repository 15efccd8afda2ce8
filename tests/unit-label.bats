# unit-label: counts to the released tables.  Streams come from tests/score-stream.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup_file() {
	export work=$BATS_FILE_TMPDIR
	cd "$work" || exit
	describe | stream >one.score
}

setup() {
	cd "$work" || exit
}

stream() {
	python3 "$root/tests/score-stream"
}

# Labels 1 and 7 are objects, 2 is a color that 9 images hold.
preamble() {
	cat <<-'EOF'
		items 0 2000
		category object
		category color
		label 1 object car
		label 2 color red-c
		label 7 object tree,"old"
	EOF
}

describe() {
	preamble
	cat <<-'EOF'
		layer conv5 4
		score 1 1 0 10 100
		score 1 2 0 20 104
		score 2 1 20 60 100
		score 2 2 4 4 104
		score 2 7 30 60 60
		score 3 1 50 100 100
		score 3 2 30 100 104
		score 3 7 50 100 100
		score 4 1 0 12345678 100
		score 4 2 104 12345678 104
		images 1 30
		images 2 9
		images 7 2000
	EOF
}

header=unit,category,label,score,object-label,object-truth,object-activation
header+=,object-intersect,object-iou,color-label,color-truth,color-activation
header+=,color-intersect,color-iou

@test "UL01 the released files' bytes: order, digits, quotes, ties to the smaller number" {
	printf '%s\r\n' "$header" \
		'2,object,"tree,""old""",0.33333333333333331,"tree,""old""",60,60.0,30,0.33333333333333331,,0,0.0,0,0.0' \
		'3,object,car,0.33333333333333331,car,100,100.0,50,0.33333333333333331,,0,0.0,0,0.0' \
		'1,color,,0.0,,0,0.0,0,0.0,,0,0.0,0,0.0' \
		'4,color,,0.0,,0,0.0,0,0.0,,0,0.0,0,0.0' >want
	run --separate-stderr -0 unit-label -o got one.score
	[ -z "$output$stderr" ]
	cmp got want
}

@test "UL02 --min-images takes rare labels in" {
	printf '%s\r\n' "$header" \
		'2,object,"tree,""old""",0.33333333333333331,"tree,""old""",60,60.0,30,0.33333333333333331,red-c,104,4.0,4,0.038461538461538464' \
		'3,object,car,0.33333333333333331,car,100,100.0,50,0.33333333333333331,red-c,104,100.0,30,0.17241379310344829' \
		'4,color,red-c,8.4240006907680563e-06,,0,0.0,0,0.0,red-c,104,12345678.0,104,8.4240006907680563e-06' \
		'1,color,,0.0,,0,0.0,0,0.0,,0,0.0,0,0.0' >want
	unit-label --min-images 9 one.score | cmp - want
	unit-label --min-images 0 one.score | cmp - want
	unit-label --min-images 2000 one.score | cut -d, -f1-3 >got
	printf '%s\n' unit,category,label '2,object,"tree' '3,object,"tree' 1,color, 4,color, |
		cmp - got
}

@test "UL03 random counts: what an independent restatement writes" {
	python3 - <<-'EOF'
		import random
		random.seed(3)
		cats = ["object", "color", "part"]
		labels = sorted(random.sample(range(1, 60), 25))
		cat = {n: random.randrange(3) for n in labels}
		held = {n: random.randrange(5, 20) for n in labels}
		units, counts, text = 40, {}, ["items 0 5000"]
		text += [f"category {c}" for c in cats]
		text += [f"label {n} {cats[cat[n]]} name{n}" for n in labels] + ["layer a/b 40"]
		for k in range(1, units + 1):
		    for n in labels:
		        i = random.choice([0, 0, 0, random.randrange(20000)]) if k % 8 else 0
		        counts[k, n] = (i, i + random.randrange(100000), i + random.randrange(100000))
		        text.append("score %d %d %d %d %d" % (k, n, *counts[k, n]))
		text += [f"images {n} {held[n]}" for n in labels]
		open("random.txt", "w").write("\n".join(text) + "\n")

		def real(v):
		    s = "%.17g" % v
		    return s if "." in s or "e" in s else s + ".0"
		def iou(k, n):
		    i, a, g = counts[k, n]
		    return i / (a + g - i)
		rows = []
		for k in range(1, units + 1):
		    row, found = [], []
		    for c in range(3):
		        ok = [n for n in labels if cat[n] == c and held[n] >= 12 and iou(k, n) > 0]
		        n = min(ok, key=lambda n: (-iou(k, n), n), default=0)
		        if n:
		            i, a, g = counts[k, n]
		            row += [f"name{n}", str(g), f"{a}.0", str(i), real(iou(k, n))]
		            found.append((-iou(k, n), n, c))
		        else:
		            row += ["", "0", "0.0", "0", "0.0"]
		    v, n, c = min(found, default=(0.0, 0, 2))
		    rows.append((v, k, [str(k), cats[c], f"name{n}" if n else "", real(0.0 - v)] + row))
		rows.sort(key=lambda r: r[:2])
		head = ["unit", "category", "label", "score"]
		head += [f"{c}-{s}" for c in cats for s in "label truth activation intersect iou".split()]
		with open("want.csv", "w", newline="") as f:
		    for r in [head] + [r[2] for r in rows]:
		        f.write(",".join(r) + "\r\n")
	EOF
	stream <random.txt | unit-label --min-images 12 | cmp - want.csv
}

@test "UL04 TSV and JSON say the same as CSV, and more" {
	python3 - <(unit-label one.score) <(unit-label --format tsv one.score) \
		<(unit-label --format json one.score) <<-'EOF'
		import csv, json, sys
		a = list(csv.DictReader(open(sys.argv[1], newline="")))
		lines = [line.rstrip("\n").split("\t") for line in open(sys.argv[2])]
		b = [dict(zip(lines[0], line)) for line in lines[1:]]
		c = json.load(open(sys.argv[3]))
		assert len(a) == 4 and len(b) == 4 and len(c) == 4
		for x, z, y in zip(a, b, c):
		    assert list(x) == list(y)[:len(x)] and list(z) == list(y)
		    assert all(z[k] == x[k] for k in x)
		    assert all(type(y[k])(z[k]) == y[k] for k in z)
		    assert type(y["unit"]) is int and type(y["score"]) is float
	EOF
}

@test "UL05 file, redirect and pipe: the same bytes; -t changes nothing" {
	unit-label one.score >want
	unit-label <one.score | cmp - want
	# shellcheck disable=SC2002 # a pipe is the point
	cat one.score | unit-label - | cmp - want
	gzip -c one.score | unit-label -t 4 | cmp - want
}

@test "UL06 shards add up, in any order; overlapping ones are refused" {
	describe | sed 's/^items.*/items 0 900/' | stream >a
	describe | sed 's/^items.*/items 900 2000/
		s/^\(score [0-9]* [0-9]*\) .*/\1 1 1 1/' | stream >b
	unit-label a b >sum
	cat b a | unit-label | cmp - sum
	# unit 2, tree: 30+1 of 60+1+60+1-30-1
	grep -q ',0.34065934065934067,"tree,""old""",61,61.0,31,0.34065934065934067,' sum
	# 9 images in each half: red-c is on 18 now
	grep -q ',red-c,' sum
	run --separate-stderr -3 unit-label a one.score
	[ -z "$output" ]
	[[ $stderr == "unit-label: one.score: "* ]]
	# One that counts images for labels but nothing for units.
	{
		describe | sed 's/^items.*/items 900 2000/'
		echo unscored
	} | stream >c
	run --separate-stderr -3 unit-label a c
	[ -z "$output" ]
	[ "$stderr" = "unit-label: layer conv5: 2 segments have COUNT, but 1 SCORE" ]
}

@test "UL07 several layers: named, chosen, or each to its file" {
	{
		preamble
		printf '%s\n' 'layer fire9/concat 1' 'score 1 1 1 2 2' 'layer conv1 2' \
			'score 2 7 1 3 3' 'images 1 100' 'images 7 100'
	} | stream >two.score
	run --separate-stderr -2 unit-label two.score
	[ -z "$output" ]
	[ "$stderr" = "unit-label: 2 layers: choose one with --layer, or write all with --directory: fire9/concat, conv1" ]
	unit-label --layer conv1 -o chosen.csv two.score
	[ "$(wc -l <chosen.csv)" = 3 ]
	unit-label -d made two.score
	[ "$(ls made)" = $'conv1-result.csv\nfire9-concat-result.csv' ]
	cmp made/conv1-result.csv chosen.csv
	unit-label -d made --format json --layer fire9/concat two.score
	[ -s made/fire9-concat-result.json ]
	run --separate-stderr -2 unit-label --layer conv2 two.score
	[ "$stderr" = "unit-label: --layer 'conv2': there are scores of fire9/concat, conv1" ]
	run --separate-stderr -2 unit-label -d made -o x two.score
	{
		preamble
		printf '%s\n' 'layer a/b 1' 'score 1 1 1 2 2' 'layer a-b 1' 'images 1 100'
	} | stream >same
	run --separate-stderr -2 unit-label -d made2 same
	[ "$stderr" = "unit-label: made2/a-b-result.csv: layers a/b and a-b have the same file: choose one with --layer" ]
	[ ! -e made2 ]
	# Names that would begin like an option, or hide the file.
	{
		preamble
		printf '%s\n' 'layer /features/0 1' 'score 1 1 1 2 2' 'layer ..-b 1' 'score 1 1 1 2 2' \
			'layer /.- 1' 'score 1 1 1 2 2' 'images 1 100'
	} | stream >odd
	unit-label -d made3 odd
	[ "$(ls -A made3)" = $'b-result.csv\nfeatures-0-result.csv\nlayer-result.csv' ]
}

@test "UL08 warnings: no image counts, few images, no label left; -v counts detectors" {
	describe | grep -v ^images | stream >uncounted
	run --separate-stderr -0 unit-label -o out uncounted
	[ "$stderr" = "unit-label: warning: the input does not say how many images hold each label: --min-images has no effect" ]
	unit-label --min-images 0 one.score | cmp - out
	describe | sed 's/^items.*/items 0 999/' | stream >few
	run --separate-stderr -0 unit-label -o out few
	[ "$stderr" = "unit-label: warning: only 999 images: labels that few of them hold can pass the threshold by chance" ]
	run --separate-stderr -0 unit-label -q -o out few
	[ -z "$stderr" ]
	run --separate-stderr -2 unit-label --min-images 5000 -o none one.score
	[ "$stderr" = "unit-label: no label is held by 5000 images or more: --min-images 5000 leaves none" ]
	[ ! -e none ]
	run --separate-stderr -0 unit-label -v -o out one.score
	[ "${stderr_lines[0]}" = "unit-label: 1 of 3 labels left out: fewer than 10 images" ]
	[ "${stderr_lines[1]}" = "unit-label: conv5: 2 of 4 units detect 2 concepts with IoU > 0.04" ]
	run --separate-stderr -0 unit-label -v --threshold 0.34 -o out one.score
	[[ $stderr == *"conv5: 0 of 4 units detect 0 concepts with IoU > 0.34" ]]
}

@test "UL09 exactly at the threshold is no detector" {
	for case in '4 52 52:0' '5 52 52:1' '40000000 520000000 520000000:0' \
		'40000001 520000000 520000000:1'; do
		{
			preamble
			printf '%s\n' 'layer x 1' "score 1 1 ${case%:*}" 'images 1 100'
		} | stream >edge
		run --separate-stderr -0 unit-label -v --min-images 1 -o out edge
		[[ $stderr == *"x: ${case#*:} of 1 units detect"* ]]
	done
}

@test "UL10 counts that no masks can have, and streams without scores or labels" {
	for bad in '5 4 9' '5 9 4' '0 18446744073709551615 1'; do
		{
			preamble
			printf '%s\n' 'layer x 2' "score 2 7 $bad" 'images 7 100'
		} | stream >bad
		run --separate-stderr -3 unit-label -o none bad
		[ "$stderr" = "unit-label: layer x: unit 2, label 7: counts that masks cannot have" ]
		[ ! -e none ]
	done
	{
		preamble
		printf '%s\n' 'layer x 1' 'score 1 1 1 18446744073709551615 1'
	} >huge
	sed 's/^items.*/items 0 1/' huge | stream >a
	sed 's/^items.*/items 1 2/' huge | stream >b
	run --separate-stderr -3 unit-label a b
	[ "$stderr" = "unit-label: b: counts add up to more than 64 bits" ]
	{
		describe
		echo again
	} | stream >bad
	run --separate-stderr -3 unit-label bad
	[[ $stderr == "unit-label: bad: record "*" (SCORE) "*"comes twice in a segment" ]]
	preamble | stream >none.score
	run --separate-stderr -3 unit-label none.score
	[ "$stderr" = "unit-label: no scores in the input" ]
	printf '%s\n' 'layer x 1' | stream >none.score
	run --separate-stderr -3 unit-label none.score
	[ "$stderr" = "unit-label: the input has no labels" ]
}

@test "UL11 cut input: exit 4; damaged input: exit 3; nothing written" {
	size=$(stat -c %s one.score)
	for n in 0 1 63 64 200 $((size / 2)) $((size - 64)) $((size - 1)); do
		head -c "$n" one.score >part
		run --separate-stderr -4 unit-label -o none part
		[[ $stderr == "unit-label: part: "* ]]
		[ ! -e none ]
	done
	for n in 70 150 600 $((size - 200)); do
		cp one.score bad
		printf '\x55' | dd of=bad bs=1 seek="$n" conv=notrunc status=none
		run --separate-stderr -3 unit-label bad
		[ -z "$output" ]
		[[ $stderr == "unit-label: bad: "* ]]
	done
}

@test "UL12 misuse: exit 2, no output" {
	for misuse in '--threshold 2' '--threshold x' '--min-images -1' '--format xml' '--nonsense'; do
		# shellcheck disable=SC2086
		run --separate-stderr -2 unit-label $misuse one.score
		[ -z "$output" ]
		[[ $stderr == unit-label:* ]]
	done
	run --separate-stderr -1 unit-label no-such-file
	[ "$stderr" = "unit-label: no-such-file: No such file or directory" ]
}

@test "UL13 --help, --version, a full disk, a closed pipe" {
	run --separate-stderr -0 unit-label --help
	[[ $output == "usage: unit-label "* ]]
	run --separate-stderr -0 unit-label --version
	[[ $output == "unit-label "* ]]
	run --separate-stderr -1 bash -c 'unit-label one.score >/dev/full'
	[ "$stderr" = "unit-label: <stdout>: No space left on device" ]
	run --separate-stderr -1 unit-label -o none/out one.score
	run -141 unread unit-label one.score
	[ "$output" = "" ]
}

@test "UL25 warnings of the run come with the scores: they are said again, and are in JSON" {
	broden-synth -n 12 | cnn-forward -q -m "$root/pipelines/demo/demo.onnx" -l conv5 -o act
	act-quantile -o thr act
	act-segment -q -T thr act | iou-score >score
	for n in 1 2; do # once in order, then from streams without provenance
		run --separate-stderr -0 unit-label --min-images 1 --format json -o table.json score
		[[ ${stderr_lines[0]} == "unit-label: warning: cnn-forward: pixel values are fed as they are"* ]]
		[[ ${stderr_lines[-1]} == "unit-label: warning: only 12 images: "* ]]
		python3 - "${stderr_lines[@]}" <<-'EOP'
			import json, sys
			prefix = "unit-label: warning: "
			said = [line.removeprefix(prefix) for line in sys.argv[1:]]
			rows = json.load(open("table.json"))
			assert rows and all(row["warnings"] == said for row in rows)
			assert "unit" in rows[0] and list(rows[0])[-1] == "warnings"
		EOP
		ndr-head --no-provenance -n 99 act >plain
		act-segment --no-provenance -q -T thr plain | iou-score --no-provenance >score
	done
	ndr-dump --provenance score | grep -q ^warning=
	run ! grep -q ^option <(ndr-dump --provenance score)
	unit-label -q --min-images 1 score | head -n 1 | grep -v warnings
}

@test "UL26 the best five labels over all categories, with counts: an independent restatement" {
	python3 - <<-'EOF'
		import random
		random.seed(5)
		text = ["items 0 5000", "category object", "category color", "category part"]
		text += [f"label {n} {('object', 'color', 'part')[n % 3]} name{n}" for n in range(1, 40)]
		text += ["layer a/b 30"]
		for k in range(1, 31):
		    for n in range(1, 40):
		        # Few values, so that some are equal; some units meet few labels, one none.
		        i = random.choice([0, 0, 40, 60, 80]) if n < k * 4 and k != 7 else 0
		        text.append(f"score {k} {n} {i} {random.choice([100, 200])} {random.choice([100, 200])}")
		text += [f"images {n} {9 if n % 5 == 0 else 10}" for n in range(1, 40)]
		open("many.txt", "w").write("\n".join(text) + "\n")
	EOF
	stream <many.txt >many
	unit-label --format json -o many.json many
	unit-label --format tsv -o many.tsv many
	python3 - <<-'EOF'
		import json
		from fractions import Fraction
		counts = {}
		for line in open("many.txt"):
		    w = line.split()
		    if w[0] == "score" and int(w[2]) % 5:
		        i, a, g = map(int, w[3:])
		        counts[int(w[1]), int(w[2])] = Fraction(i, a + g - i), i, a, g
		rows = json.load(open("many.json"))
		lines = [line.rstrip("\n").split("\t") for line in open("many.tsv")]
		assert len(rows) == len(lines) - 1 == 30
		for row, line in zip(rows, lines[1:]):
		    assert list(row) == lines[0] and row["layer"] == "a/b"
		    assert all(type(v)(x) == v for v, x in zip(row.values(), line))
		    best = sorted((-v[0], n) for (k, n), v in counts.items() if k == row["unit"] and v[0] > 0)
		    for at in range(1, 6):
		        got = [row[f"{c}-{at}"] for c in "label category intersect activation truth iou".split()]
		        if at > len(best):
		            assert got == ["", "", 0, 0.0, 0, 0.0], got
		            continue
		        iou, i, a, g = counts[row["unit"], best[at - 1][1]]
		        n = best[at - 1][1]
		        assert got == [f"name{n}", ("object", "color", "part")[n % 3], i, a, g, i / (a + g - i)]
		    assert row["label-1"] == row["label"] and row["iou-1"] == row["score"]
	EOF
}

@test "UL27 -T: thresholds as act-quantile wrote them, and refusals" {
	fixture=$(fixture)
	act-quantile -q -o thr "$fixture/conv5.ndr"
	act-segment -q -T thr "$fixture/conv5.ndr" | iou-score -q -o score
	unit-label -q --min-images 1 --format json -T thr -o with.json score
	unit-label -q --min-images 1 --format tsv -T thr -o with.tsv score
	ndrtonpy --type thresh -o thr.npy thr
	python3 - <<-'EOF'
		import json, struct
		raw = open("thr.npy", "rb").read()
		values = raw[10 + struct.unpack("<H", raw[8:10])[0]:]
		rows = [struct.unpack_from("<8d", values, 64 * k) for k in range(len(values) // 64)]
		table = json.load(open("with.json"))
		lines = [line.rstrip("\n").split("\t") for line in open("with.tsv")]
		assert len(table) == len(rows) == len(lines) - 1
		for row, line in zip(table, lines[1:]):
		    t = rows[row["unit"] - 1]
		    assert [row[k] for k in ("threshold", "min", "max", "samples", "above")] == [*t[:4], t[6]]
		    assert [float(dict(zip(lines[0], line))[k]) for k in ("threshold", "min", "max")] == list(t[:3])
	EOF
	run --separate-stderr -2 unit-label -T thr score
	[[ $stderr == "unit-label: --thresholds goes with --format tsv or json: "* ]]
	run --separate-stderr -3 unit-label -q --min-images 1 --format tsv -T thr one.score
	[[ $stderr == "unit-label: thr: layer conv5 has "*" units, the input has 4" ]]
	[ -z "$output" ]
	run --separate-stderr -1 unit-label --format tsv -T none one.score
	[ "$stderr" = "unit-label: none: No such file or directory" ]
}

@test "UL28 names that mean something to JSON, HTML, TSV and spreadsheets" {
	python3 - >hostile.txt <<-'EOF'
		names = ["<script>alert(1)</script>", 'a"b', "x,y", "tab\\tnot", "=1+1", "&amp;", "\u2028", "é", "n" * 10000]
		print("items 0 2000\ncategory o<b>j\n" + "\n".join(f"label {n + 1} o<b>j {name}" for n, name in enumerate(names)))
		print(f"layer <i>conv</i> {len(names)}")
		print("\n".join(f"score {n + 1} {n + 1} {50 + n} 100 100" for n in range(len(names))))
		print("\n".join(f"images {n + 1} 100" for n in range(len(names))))
	EOF
	stream <hostile.txt >hostile
	unit-label -o hostile.csv hostile
	unit-label --format json -o hostile.json hostile
	unit-label --format tsv -o hostile.tsv hostile
	run ! grep -q '[<>&]' hostile.json
	run ! grep -q $'\u2028' hostile.json
	[ "$(wc -l <hostile.tsv)" = 10 ]
	python3 - <<-'EOF'
		import csv, json, re
		want = [line.split(" ", 3)[3].rstrip("\n") for line in open("hostile.txt", newline="\n") if line.startswith("label")]
		a = list(csv.DictReader(open("hostile.csv", newline="")))
		b = json.load(open("hostile.json"))
		lines = [line.rstrip("\n").split("\t") for line in open("hostile.tsv", newline="\n")]
		undo = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}
		c = [{k: re.sub(r"\\(.)", lambda m: undo[m[1]], v) for k, v in zip(lines[0], line)} for line in lines[1:]]
		for rows in a, b, c:
		    assert [row["label"] for row in sorted(rows, key=lambda row: int(row["unit"]))] == want
		assert all(row["layer"] == "<i>conv</i>" and row["category-1"] == "o<b>j" for row in b + c)
		assert len(lines[0]) == len(set(lines[0])) and {len(line) for line in lines} == {len(lines[0])}
	EOF
}

@test "UL29 --bootstrap: intervals of scores are those of a restatement" {
	local fixture
	fixture=$(fixture)
	iou-score --segments 12 "$fixture/conv5.seg" >blocks
	unit-label -q --min-images 1 blocks >plain
	iou-score "$fixture/conv5.seg" | unit-label -q --min-images 1 | cmp - plain
	run --separate-stderr -0 unit-label -v --min-images 1 --bootstrap 50 --seed 9 -o with blocks
	[[ $stderr == *"12 blocks of images are few for intervals"* ]]
	# Three columns more, all else the same.
	sed 's/,[^,]*,[^,]*,[^,]*$/\r/' with | cmp - plain
	cat >restate <<-'EOF'
		import csv, math, re, struct, sys
		root = sys.argv[1]
		source = open(root + "/tests/permuted").read().split("def read_images")[0]
		names = {"__name__": "permuted"}
		exec(source.replace("import numpy as np", ""), names)
		blocks, label = [], {}
		for kind, _, _, dims, payload in names["records"]("blocks"):
		    if kind == 2:
		        category = re.findall(r"^category\.\d+=(.*)$", payload.decode(), re.M)
		        for n, c, name in re.findall(r"^label\.(\d+)=(\d+) (.*)$", payload.decode(), re.M):
		            label[category[int(c)], name] = int(n)
		    if kind == 11:
		        blocks.append((dims, struct.unpack("<%dQ" % (len(payload) // 8), payload)))
		random, samples = names["Generator"](9), []
		for _ in range(50):
		    samples.append([random.below(len(blocks)) for _ in blocks])
		borderline = 0
		for row in csv.DictReader(open("with", newline="")):
		    at = (int(row["unit"]) - 1) * blocks[0][0][1] + label[row["category"], row["label"]]
		    ious = []
		    for sample in samples:
		        i, a, g = (sum(blocks[b][1][3 * at + k] for b in sample) for k in range(3))
		        ious.append(i / (a + g - i) if a + g - i else 0)
		    ious.sort()
		    low, high = ious[math.floor(0.025 * 50)], ious[math.ceil(0.975 * 50) - 1]
		    assert abs(low - float(row["score-low"])) < 1e-15, (row["unit"], low, row["score-low"])
		    assert abs(high - float(row["score-high"])) < 1e-15
		    assert (row["borderline"] == "yes") == (low <= 0.04 < high)
		    borderline += row["borderline"] == "yes"
		print(borderline)
	EOF
	[[ $stderr == *"0.04 is in the interval of $(python3 restate "$root") of 128 units"* ]]
	for format in tsv json; do
		unit-label -q --min-images 1 --bootstrap 9 --format $format blocks | grep -q borderline
	done
	# A table with intervals is still one.
	unit-summary --format tsv with | cut -f 2- | cmp - <(unit-summary --format tsv plain | cut -f 2-)
	run --separate-stderr -2 unit-label --min-images 1 --bootstrap 9 "$fixture/conv5.score"
	[[ $stderr == *"--bootstrap needs the counts of blocks of images: iou-score --segments writes them"* ]]
}

@test "UL30 --concept: all units by one label; --unit: the best labels of one" {
	unit-label -q --concept car --format tsv one.score >got
	diff got - <<-EOF
		$(printf 'unit\tscore\ttruth\tactivation\tintersect\tlabel\tlabel-score')
		$(printf '3\t0.33333333333333331\t100\t100\t50\tcar\t0.33333333333333331')
		$(printf '2\t0.14285714285714285\t100\t60\t20\ttree,"old"\t0.33333333333333331')
		$(printf '1\t0.0\t100\t10\t0\t\t0.0')
		$(printf '4\t0.0\t100\t12345678\t0\t\t0.0')
	EOF
	unit-label -q --min-images 1 --unit 3 --format tsv one.score >got
	diff got - <<-EOF
		$(printf 'label\tcategory\tscore\ttruth\tactivation\tintersect')
		$(printf 'car\tobject\t0.33333333333333331\t100\t100\t50')
		$(printf 'tree,"old"\tobject\t0.33333333333333331\t100\t100\t50')
		$(printf 'red-c\tcolor\t0.17241379310344829\t104\t100\t30')
	EOF
	[ "$(unit-label -q --unit 1 one.score | wc -l)" = 1 ]
	run --separate-stderr -2 unit-label -q --concept dog one.score
	[ "$stderr" = "unit-label: the scores have no label 'dog': ndr-dump --meta lists them" ]
	run --separate-stderr -2 unit-label -q --concept red-c one.score
	[ "$stderr" = "unit-label: label 'red-c' is on too few images (--min-images)" ]
	run --separate-stderr -2 unit-label -q --unit 5 one.score
	[ "$stderr" = "unit-label: unit 5: there are 1 to 4" ]
	for wrong in "--unit 0" "--concept car --unit 1" "--concept car -d x" "--unit 1 --bootstrap 9"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr -2 unit-label -q $wrong -o none one.score
		[ ! -e none ]
	done
}
