# unit-formula: formulas by hand, against all there are, on other images, by chance.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper
load filter
load stream

setup() {
	fixture=$(fixture)
	cd "$BATS_TEST_TMPDIR" || exit
}

setup_file() {
	local fixture
	fixture=$(fixture)
	cd "$BATS_FILE_TMPDIR" || return
	iou-score --joint "$fixture/conv5.seg" >whole
}

# Labels 1 and 2 (object), 3 (part); unit 1 has 55 pixels, unit 2 none.
#
#	class		categories	labels	pixels	unit 1
#	0				100	5
#	1		object		1	40	30
#	2		object		1 2	10	0
#	3		object		2	30	2
#	4		object part	2 3	20	18
#
# One label: 1 30 / (55 + 50 - 30), 2 20 / 95, 3 18 / 57.  Two: 1 OR 3 48 / (55 + 70 - 48).
# Three: (1 AND NOT 2) OR 3 48 / (55 + 60 - 48).
text='b"category.0=object\ncategory.1=part\ndataset.items=3\nlabel.1=0 cat\nlabel.2=0 a,b\nlabel.3=1 \"paw\"\n"
	b"layer.0.name=conv5\nlayer.0.shape=2 2 2\n"'
rows='((100, 3, (), ()), (40, 2, (0,), (1,)), (10, 1, (0,), (1, 2)), (30, 2, (0,), (2,)), (20, 1, (0, 1), (2, 3)))'
score='.record(SCORE, bytes(2 * 4 * 3 * 8), [2, 4, 3])'
counts=$score'.record(COUNT, struct.pack("<4Q", 0, 2, 3, 1), [4])'
by_hand() {
	stream "Stream().preamble($text, minor=1)${counts}.classes($rows)${1-.joint(0, ((0, 5), (1, 30), (3, 2), (4, 18)))}.end()"
}

# fields FILE -- of a CSV as lines of tab-separated fields
fields() {
	python3 -c 'import csv, sys
for row in csv.reader(open(sys.argv[1], newline="")): print(*row, sep="\t")' "$1"
}

@test "UF01 three labels by hand; the single label is beside them" {
	by_hand >joint
	unit-formula --split all --min-images 0 --lengths lengths -o table joint
	[ "$(fields table)" = "layer	unit	category	label	score	length	category_noncomp	label_noncomp	score_noncomp	proven	bound	intersection	area	truth	numbers
conv5	1	((object AND (NOT object)) OR part)	((cat AND (NOT a,b)) OR \"paw\")	0.71641791044776115	3	object	cat	0.40000000000000002	yes	0.71641791044776115	48	55	60	1 AND NOT 2 OR 3
conv5	2			0.0	0			0.0	yes	0.0	0	0	0	" ]
	[ "$(head -n 4 lengths | cut -f 2-)" = "unit	length	label	score	proven	bound	numbers
1	1	cat	0.40000000000000002	yes	0.40000000000000002	1
1	2	(cat OR \"paw\")	0.62337662337662336	yes	0.62337662337662336	1 OR 3
1	3	((cat AND (NOT a,b)) OR \"paw\")	0.71641791044776115	yes	0.71641791044776115	1 AND NOT 2 OR 3" ]
	# Longer ones are not better.
	unit-formula --split all --min-images 0 --length 5 joint | cmp - table
	unit-formula --split all --min-images 0 --search beam joint >narrow
	[ "$(fields narrow | cut -f 1-9,12-)" = "$(fields table | cut -f 1-9,12-)" ]
	[ "$(fields narrow | cut -f 10,11 | sed -n 2p)" = "no	1.0" ]
	[ "$(unit-formula --split all --min-images 0 --format json joint | python3 -c 'import json, sys
print([row["numbers"] for row in json.load(sys.stdin)])')" = "['1 AND NOT 2 OR 3', '']" ]
}

@test "UF02 a domain has its images and labels alone; rare labels are left out" {
	by_hand >joint
	# Of object the area is 50: 1 30 / 70; 1 OR 2 50 / 100, as 1 AND NOT 2, but first in order; 3 is no object.
	unit-formula --split all --min-images 0 --domain object joint >table
	[ "$(fields table | cut -f 4,5,12- | sed -n 2p)" = "(cat OR a,b)	0.5	50	50	100	1 OR 2" ]
	# Of both the images of class 4: all of 3 and 2.
	unit-formula --split all --min-images 0 --domain part,object joint >table
	[ "$(fields table | cut -f 4,5,12- | sed -n 2p)" = "a,b	0.90000000000000002	18	18	20	2" ]
	unit-formula -v --split all --min-images 2 joint >table 2>said
	[ "$(fields table | cut -f 15 | sed -n 2p)" = "1 OR 2" ]
	[ "$(<said)" = "unit-formula: 1 labels left out: fewer than 2 images" ]
	unit-formula -q --split all --min-images 4 joint >table
	[ "$(fields table | cut -f 4,5,6 | sed -n 2p)" = "	0.0	0" ]
	run --separate-stderr -2 unit-formula --split all --domain object,parts joint
	[ "$stderr" = "unit-formula: there is no category 'parts', but object, part" ]
}

@test "UF03 with one category and one label it is network dissection" {
	for category in object color scene; do
		unit-formula --split all --domain $category --length 1 --format tsv "$BATS_FILE_TMPDIR/whole" |
			sort -k 2n | cut -f 4,5,12,13,14 >got
		python3 - "$fixture/conv5.score" $category >want <<-'EOF'
			import csv, subprocess, sys
			table = subprocess.run(["unit-label", "-q", sys.argv[1]], stdout=subprocess.PIPE, text=True).stdout
			c = sys.argv[2]
			for r in sorted(csv.DictReader(table.splitlines()), key=lambda r: int(r["unit"])):
			    if r[c + "-label"]:
			        print(r[c + "-label"], float(r[c + "-iou"]), r[c + "-intersect"], int(float(r[c + "-activation"])), r[c + "-truth"], sep="\t")
			    else:
			        print("none")
		EOF
		python3 - <<-'EOF'
			got, want = open("got").read().splitlines()[1:], open("want").read().splitlines()
			assert len(got) == len(want) == 128
			for a, b in zip(got, want):
			    if b == "none":
			        assert a.startswith("\t0.0\t"), (a, b)
			        continue
			    a, b = a.split("\t"), b.split("\t")
			    assert abs(float(a[1]) - float(b[1])) < 1e-15 and a[0] == b[0] and a[2:] == b[2:], (a, b)
		EOF
	done
}

@test "UF04 the best of all formulas of three labels, each tried in NumPy" {
	need_numpy
	unit-formula --split all --min-images 0 --lengths lengths -o table "$BATS_FILE_TMPDIR/whole"
	[ "$("$root/tests/formulas" "$BATS_FILE_TMPDIR/whole" lengths "$(exhaustive 4 128)")" = "$(exhaustive 12 384) formulas" ]
	sed -i '4s/$/1/' lengths
	run -1 "$root/tests/formulas" "$BATS_FILE_TMPDIR/whole" lengths 1
}

@test "UF05 planted formulas are found" {
	need_numpy
	"$root/tests/bench/joint-table" --labels 200 --classes 2000 --units 12 --pixels 4000000 --planted planted >joint
	unit-formula --split all --format tsv -o table joint
	python3 - <<-'EOF'
		import csv, re
		rows = {r["unit"]: r for r in csv.DictReader(open("table"), delimiter="\t")}
		for r in csv.DictReader(open("planted"), delimiter="\t"):
		    got = rows[r["unit"]]
		    assert got["proven"] == "yes", got
		    assert float(got["score"]) >= float(r["score"]) - 1e-12, (got, r)
		    labels = [set(re.findall(r"l\d+", x)) for x in (got["label"], r["formula"])]
		    assert labels[0] <= labels[1] or float(got["score"]) > float(r["score"]), (got, r)
	EOF
	# A beam of one gets less.
	unit-formula --split all --search beam --beam 1 --format tsv joint >narrow
	paste table narrow | awk -F '\t' 'NR > 1 { ours += $5; theirs += $20 } END { exit !(ours > theirs) }' ||
		cmp table narrow
}

@test "UF06 chosen on some images, scored on others" {
	by_hand >train
	by_hand '.joint(0, ((1, 4), (4, 6))).joint(1, ((0, 1),))' >others
	# A is 10: 4 + 6 of 60; 4 of 50.
	unit-formula --min-images 0 --score others --lengths lengths train >table
	[ "$(fields table | cut -f 5,9-11)" = "score	score_noncomp	score-val	score_noncomp-val
0.71641791044776115	0.40000000000000002	0.16666666666666666	0.071428571428571425
0.0	0.0	0.0	0.0" ]
	[ "$(cut -f 6 lengths | xargs)" = "score-val 0.071428571428571425 0.14285714285714285 0.16666666666666666 0.0 0.0 0.0" ]
	for case in "train|what formulas score on the images that they were chosen by is too good: give others with --score, or say --split all" \
		"--split all --score others train|--score needs other images than --split all leaves"; do
		# shellcheck disable=SC2086
		run --separate-stderr -2 unit-formula ${case%|*}
		[ "$stderr" = "unit-formula: ${case#*|}" ]
	done
	# Of other labels; without a pixel of any unit.
	stream 'Stream().preamble(minor=1).classes().joint().end()' >other
	run --separate-stderr -3 unit-formula --score other train
	[[ $stderr == *other* ]]
	by_hand '' >none
	run --separate-stderr -0 unit-formula --min-images 0 --score none train
	[[ $output == *",0.0,0.0,yes,"* ]]
	run --separate-stderr -3 unit-formula --score <(cat others train) train
	[[ $stderr == *"several segments: ndr-cat merges them first" ]]
}

@test "UF07 false discovery rates by length" {
	by_hand >joint
	# Best of one, two, three labels: 1 20 / 85 here, 0 there; 1 AND NOT 2 20 / 75.
	by_hand '.joint(0, ((0, 35), (1, 20)))' >chance1
	by_hand '.joint(1, ((0, 9),))' >chance2
	cat chance1 chance2 >chances
	unit-formula --split all --min-images 0 --threshold 0.25 --chance chances --fdr fdr -o table joint
	python3 - <<-'EOF'
		import csv
		rows = list(csv.DictReader(open("fdr"), delimiter="\t"))
		assert len(rows) == 3 * 41
		at = {(r["length"], round(float(r["cut"]), 3)): r for r in rows}
		for length, cut, observed, permuted in (("1", 0.2, 1, 0.5), ("1", 0.25, 1, 0), ("2", 0.25, 1, 0.5),
		                                        ("3", 0.25, 1, 0.5), ("3", 0.005, 1, 0.5)):
		    r = at[length, cut]
		    assert (int(r["observed"]), float(r["permuted"]), float(r["fdr"])) == (observed, permuted, permuted), r
		    assert (r["units"], r["permutations"]) == ("2", "2")
	EOF
	unit-formula --split all --min-images 0 --threshold 0.25 --chance chance2 --chance chance1 --fdr again joint | cmp - table
	cmp fdr again
	run --separate-stderr -2 unit-formula --split all --fdr fdr joint
	[ "${stderr_lines[0]}" = "unit-formula: --fdr goes with --chance" ]
}

@test "UF08 from a pipeline: labels that changed places, the same bytes from any input and threads" {
	iou-score -q --joint --permute 1 "$fixture/conv5.seg" >chance
	unit-formula -q --split all --chance chance --fdr fdr -o one "$BATS_FILE_TMPDIR/whole"
	awk -F '\t' 'NR > 1 && $3 > 0.0399 && $3 < 0.0401 { if ($6 == "" || $7 > $6 + 20) exit 1; n++ } END { exit n != 3 }' fdr
	for t in 1 2 4; do
		unit-formula -q -t $t --split all --chance chance --fdr fdr$t -o two "$BATS_FILE_TMPDIR/whole"
		cmp one two
		cmp fdr fdr$t
	done
	unit-formula --split all <"$BATS_FILE_TMPDIR/whole" | cmp - one
	unit-formula --progress --split all -o two "$BATS_FILE_TMPDIR/whole" 2>said
	[[ $(tail -n 1 said) =~ ^unit-formula:\ [0-9]+(,.*)?$ ]] # units, not images
	gzip -1 <"$BATS_FILE_TMPDIR/whole" >whole.gz
	unit-formula --split all whole.gz | cmp - one
}

@test "UF09 where the budget ends first, the gap is said, whatever the threads" {
	unit-formula -q --split all --length 4 --min-images 0 --format tsv -o best "$BATS_FILE_TMPDIR/whole"
	[ "$(cut -f 10 best | sort | uniq -c | xargs)" = "1 proven 128 yes" ]
	run --separate-stderr -0 unit-formula --split all --length 4 --min-images 0 --budget 1 --format tsv "$BATS_FILE_TMPDIR/whole"
	cp "$BATS_TEST_TMPDIR.said" some
	[[ $stderr == "unit-formula: warning: conv5: "*" of 128 units may have better formulas: the budget was not enough (the column bound says how much better)" ]]
	unit-formula -q -t 1 --split all --length 4 --min-images 0 --budget 1 --format tsv "$BATS_FILE_TMPDIR/whole" | cmp - some
	# No bound is below the best there is.
	join -t '	' -j 2 <(tail -n +2 best | sort -k 2,2) <(tail -n +2 some | sort -k 2,2) |
		awk -F '\t' '$19 > $5 + 1e-12 || $5 > $25 + 1e-12 || ($24 == "yes" && $19 < $5 - 1e-12) { print; bad = 1 } END { exit bad || NR != 128 }'
}

@test "UF10 what is no joint count of a whole is refused" {
	by_hand >joint
	for case in "3|announced items 0 to 2 overlap with those in another segment|cat joint joint" \
		"3|a part of the data set: ndr-cat merges it with the others first|stream 'Stream().preamble(minor=1, end=1).record(SCORE, bytes(192), [2, 4, 3]).classes().joint().end()'" \
		"3|<stdin>: JOINT of layer 0 before its SCORE|stream 'Stream().preamble(minor=1).classes().joint().end()'" \
		"3|no pixels by sets of labels (JOINT) in the input|stream 'Stream().preamble(minor=1).classes().end()'" \
		"3|<stdin>: COUNT after CLASSES|stream 'Stream().preamble(minor=1).classes().record(COUNT, struct.pack(\"<4Q\", 0, 1, 0, 1), [4]).joint().end()'" \
		"3|<stdin>: 2^37 pixels or more in all: IoUs of so many are not compared|stream 'Stream().preamble(minor=1).classes(((1 << 37, 2, (0,), (1,)),)).joint(0, ((0, 1),)).end()'"; do
		IFS='|' read -r want said command <<<"$case"
		run --separate-stderr "-$want" bash -c 'unit-formula --split all' < <(eval "$command")
		[ -z "$output" ]
		[[ $stderr == "unit-formula: "*"$said" ]]
	done
	# Images that were cut off on purpose are not missed, but that is said.
	ndr-head -q -n 20 "$fixture/conv5.seg" | iou-score -q --joint >some
	run --separate-stderr -0 unit-formula --split all -o table some
	[[ $stderr == "unit-formula: warning: "*"on purpose"* ]]
	run --separate-stderr -2 unit-formula --split all --layer conv4 joint
	[ "$stderr" = "unit-formula: there is no layer 'conv4'" ]
	run -2 unit-formula --split all --length 0 joint
	run -2 unit-formula --split all --length 17 joint
	run -2 unit-formula --split all --lengths joint joint
	refuses_damage joint unit-formula --split all
}

@test "UF11 --verify counts the formulas once more in masks and labels, and the images" {
	need_numpy
	unit-formula --split all --format tsv -o plain "$BATS_FILE_TMPDIR/whole"
	unit-formula --split all --format tsv --verify "$fixture/conv5.seg" -o table "$BATS_FILE_TMPDIR/whole"
	cut -f 1-14,16 table | cmp - plain
	for t in 1 3; do
		unit-formula -t $t --split all --format tsv --verify "$fixture/conv5.seg" "$BATS_FILE_TMPDIR/whole" | cmp - table
	done
	python3 - "$root/tests/permuted" "$fixture/conv5.seg" <<-'EOF'
		import csv, re, sys
		import numpy as np
		names = {"__name__": "permuted"}
		exec(open(sys.argv[1]).read(), names)
		_, images = names["read_images"](sys.argv[2])
		for row in csv.DictReader(open("table"), delimiter="\t"):
		    words = re.findall(r"OR|AND NOT|AND|\d+", row["numbers"])
		    n = 0
		    for image in images.values():
		        one = lambda c: image["labels"].get(int(c), np.zeros(image["size"], bool))
		        holds = one(words[0])
		        for op, c in zip(words[1::2], words[2::2]):
		            holds = holds | one(c) if op == "OR" else holds & one(c) if op == "AND" else holds & ~one(c)
		        n += bool(holds.any())
		    assert int(row["images"]) == n, (row, n)
	EOF
	# A domain; other images.
	run -0 unit-formula -q --split all --domain object,part --verify "$fixture/conv5.seg" "$BATS_FILE_TMPDIR/whole"
	ndr-head -q -n 20 "$fixture/conv5.seg" >some
	run --separate-stderr -3 unit-formula --split all --verify some "$BATS_FILE_TMPDIR/whole"
	[[ $stderr == "unit-formula: some: unit "*" of conv5: its formula has "*" pixels there, not "*": other masks, labels or images" ]]
	run --separate-stderr -3 unit-formula --split all --verify "$BATS_FILE_TMPDIR/whole" "$BATS_FILE_TMPDIR/whole"
	[[ $stderr == "unit-formula: $BATS_FILE_TMPDIR/whole: unit "* ]]
}
