# unit-summary: the authors' figures from their files, and small tables by hand.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup_file() {
	export work=$BATS_FILE_TMPDIR
	cd "$work" || exit
	small >small.csv
}

setup() {
	cd "$work" || exit
}

# Six units: detectors are 1 (car, red-c), 2 (car), 3 (red-c; its best is blue-c), 5
# (empty names never count) and not 4 (0.04 itself).
small() {
	printf '%s\r\n' \
		unit,category,label,score,object-label,object-truth,object-activation,object-intersect,object-iou,color-label,color-truth,color-activation,color-intersect,color-iou \
		1,object,car,0.5,car,100,50.0,50,0.5,red-c,100,50.0,10,0.071428571428571425 \
		2,object,car,0.25,car,100,25.0,25,0.25,red-c,100,50.0,0,0.0 \
		3,color,blue-c,0.2,car,100,50.0,12,0.086956521739130432,blue-c,20,4.0,4,0.2 \
		4,object,tree,0.04,tree,52,52.0,4,0.04,red-c,100,50.0,1,0.006711409395973154 \
		5,color,red-c,0.071428571428571425,,0,0.0,0,0.0,red-c,100,50.0,10,0.071428571428571425 \
		6,color,,0.0,,0,0.0,0,0.0,,0,0.0,0,0.0
}

@test "US01 per category: the figures that were published for two networks" {
	need_shared
	cd "$shared/data/published"
	run --separate-stderr -0 unit-summary --count per-category caffe_reference_places205.csv ResNet-152-model_imagenet.csv
	[ -z "$stderr" ]
	[ "${lines[0]}" = "file                           units  detectors  unique  object    part   scene  material  texture  color" ]
	[ "${lines[1]}" = "caffe_reference_places205.csv    256        107      79   78/36    14/8   17/12       4/1    31/20    2/2" ]
	[ "${lines[2]}" = "ResNet-152-model_imagenet.csv   2048       1325     242  858/75  268/23  494/89      49/8   407/45    3/2" ]
	[ "${#lines[@]}" = 3 ]
}

@test "US02 top: the number that their report would print" {
	need_shared
	cd "$shared/data/published"
	unit-summary --format tsv caffe_reference_places205.csv ResNet-152-model_imagenet.csv |
		cut -f2-4 >"$work/got"
	printf '%s\t%s\t%s\n' units detectors unique 256 107 60 2048 1325 197 | cmp - "$work/got"
}

@test "US03 both rules by hand" {
	printf '%s\n' 'file       units  detectors  unique  object  color' \
		'small.csv      6          4       3     2/1    2/2' >want
	unit-summary small.csv | cmp - want
	unit-summary --count top small.csv | cmp - want
	printf '%s\n' 'file       units  detectors  unique  object  color' \
		'small.csv      6          4       3     3/1    3/2' >want
	unit-summary --count per-category small.csv | cmp - want
	unit-summary --threshold 0.039 --format tsv small.csv | sed -n 2p | cut -f2-4 | cmp - <(printf '6\t5\t4\n')
	unit-summary --threshold 1 --format tsv small.csv | sed -n 2p | cut -f2-4 | cmp - <(printf '6\t0\t0\n')
}

@test "US04 CSV, TSV and JSON" {
	cp small.csv 'a, b.csv'
	printf '%s\r\n' file,units,detectors,unique,object-detectors,object-unique,color-detectors,color-unique \
		'"a, b.csv",6,4,3,2,1,2,2' | cmp - <(unit-summary --format csv 'a, b.csv')
	python3 - <(unit-summary --format json 'a, b.csv') <<-'EOF'
		import json, sys
		assert json.load(open(sys.argv[1])) == [{
		    "file": "a, b.csv", "units": 6, "detectors": 4, "unique": 3,
		    "object-detectors": 2, "object-unique": 1,
		    "color-detectors": 2, "color-unique": 2}]
	EOF
}

@test "US05 files with other categories share the table" {
	sed 's/object/part/g; s/color/stuff/g' small.csv >other.csv
	run --separate-stderr -0 unit-summary small.csv other.csv
	[ "${lines[0]}" = "file       units  detectors  unique  object  part  color  stuff" ]
	[ "${lines[1]}" = "small.csv      6          4       3     2/1     -    2/2      -" ]
	[ "${lines[2]}" = "other.csv      6          4       3       -   2/1      -    2/2" ]
	unit-summary --format csv small.csv other.csv | tail -n 1 |
		cmp - <(printf 'other.csv,6,4,3,,,2,1,,,2,2\r\n')
	unit-summary --format json small.csv other.csv | grep -q '"part-unique": null'
}

@test "US06 columns in any order, counts as floats, LF, units from 0" {
	python3 - <<-'EOF'
		import csv
		rows = list(csv.DictReader(open("small.csv", newline="")))
		names = list(reversed(rows[0]))
		for r in rows:
		    r["unit"] = str(int(r["unit"]) - 1)
		    for k in r:
		        if k.endswith("-truth") or k.endswith("-intersect"):
		            r[k] += ".0"
		with open("turned.csv", "w") as f:
		    w = csv.DictWriter(f, names + ["more"], lineterminator="\n", quoting=csv.QUOTE_ALL)
		    w.writeheader()
		    w.writerows(r | {"more": "x"} for r in rows)
	EOF
	unit-summary --format tsv turned.csv | cut -f2- |
		cmp - <(unit-summary --format tsv small.csv | cut -f2-)
}

@test "US07 what unit-label writes it reads" {
	{
		printf '%s\n' 'items 0 2000' 'category object' 'category color' \
			'label 1 object car,"x"' 'label 2 color red-c' 'label 3 object tree' \
			'layer conv5 50'
		for k in {1..50}; do
			printf '%s\n' "score $k 1 $((k % 7)) 100 50" "score $k 2 $((k % 5)) 60 40" \
				"score $k 3 $((k % 3)) 20 30"
		done
		printf '%s\n' 'images 1 99' 'images 2 99' 'images 3 99'
	} | python3 "$root/tests/score-stream" | unit-label >mine.csv
	run --separate-stderr -0 unit-summary --format tsv mine.csv
	[ -z "$stderr" ]
	# The same from the columns of the best label.
	python3 - <<-'EOF' | cmp - <(printf '%s\n' "${lines[1]}" | cut -f2-4)
		import csv
		rows = list(csv.DictReader(open("mine.csv", newline="")))
		best = [r["label"] for r in rows if float(r["score"]) > 0.04]
		print(len(rows), len(best), len(set(best)), sep="\t")
	EOF
}

@test "US08 a file that contradicts its counts: the counts are used, with a warning" {
	sed 's/^3,color,blue-c,0.2,/3,color,blue-c,0.1,/; s/,car,100,25.0,25,0.25/,car,100,25.0,25,0.26/' small.csv >odd.csv
	run --separate-stderr -0 unit-summary --format tsv odd.csv
	[ "$stderr" = "unit-summary: warning: odd.csv: row 3, the first of 2, is not what its own counts give: the counts are used" ]
	cmp <(printf '%s\n' "${lines[1]}" | cut -f2-) <(unit-summary --format tsv small.csv | sed -n 2p | cut -f2-)
	run --separate-stderr -0 unit-summary -q odd.csv
	[ -z "$stderr" ]
}

@test "US09 hostile tables: file, row and reason; exit 3, no output" {
	refused() {
		run --separate-stderr -3 unit-summary small.csv bad.csv
		[ -z "$output" ]
		[ "$stderr" = "unit-summary: bad.csv: $1" ]
	}
	: >bad.csv
	refused "no header row"
	sed 's/-iou/-iou2/' small.csv >bad.csv
	refused "no column 'object-iou'"
	sed 's/^3,/2,/' small.csv >bad.csv
	refused "row 4: unit 2 is in row 3 already"
	sed 's/^3,color/3,sound/' small.csv >bad.csv
	refused "row 4: category 'sound': has no columns"
	sed '5s/52,52.0/52,-52/' small.csv >bad.csv
	refused "row 5: object-activation '-52': not a count of pixels"
	sed '5s/52,52.0,4/52,52.0,400/' small.csv >bad.csv
	refused "row 5: object-intersect '400': more than the whole"
	sed '7s/,0.0$//;7s/,0.0\r$/\r/' small.csv >bad.csv
	refused "row 7: 13 fields instead of 14"
	head -c 700 small.csv | sed '$s/,/,"/' >bad.csv
	run --separate-stderr -3 unit-summary bad.csv
	[ -z "$output" ]
	# Cut anywhere in a row: never a silent result.
	size=$(stat -c %s small.csv)
	for n in 1 100 $((size - 5)) $((size - 30)); do
		head -c "$n" small.csv >bad.csv
		run --separate-stderr -3 unit-summary bad.csv
		[ -z "$output" ]
		[[ $stderr == "unit-summary: bad.csv: "* ]]
	done
	head -c 100000 /dev/zero >bad.csv
	refused "NUL byte: not a CSV file"
}

@test "US10 file, redirect and pipe; no operand is standard input" {
	unit-summary --format tsv small.csv | cut -f2- >want
	unit-summary --format tsv <small.csv | cut -f2- | cmp - want
	# shellcheck disable=SC2002 # a pipe is the point
	cat small.csv | unit-summary --format tsv - | cut -f2- | cmp - want
	run --separate-stderr -0 unit-summary -o out small.csv
	[ -z "$output" ]
	unit-summary small.csv | cmp - out
}

@test "US11 misuse: exit 2, no output" {
	for misuse in '--threshold 2' '--count both' '--format xml' '--nonsense'; do
		# shellcheck disable=SC2086
		run --separate-stderr -2 unit-summary $misuse small.csv
		[ -z "$output" ]
		[[ $stderr == unit-summary:* ]]
	done
	run --separate-stderr -1 unit-summary no-such-file
	[ "$stderr" = "unit-summary: no-such-file: No such file or directory" ]
}

@test "US12 --help, --version, a full disk, a closed pipe" {
	run --separate-stderr -0 unit-summary --help
	[[ $output == "usage: unit-summary "* ]]
	run --separate-stderr -0 unit-summary --version
	[[ $output == "unit-summary "* ]]
	run --separate-stderr -1 bash -c 'unit-summary small.csv >/dev/full'
	[ "$stderr" = "unit-summary: <stdout>: No space left on device" ]
	run -141 unread unit-summary small.csv
	[ -z "$output" ]
}

@test "US13 --concepts: a row for each concept: an independent count" {
	need_shared
	for rule in top per-category; do
		for file in "$shared"/data/published/*.csv; do
			unit-summary -q --concepts --count $rule --format json -o concepts.json "$file"
			unit-summary -q --count $rule --format json -o summary.json "$file"
			python3 - "$file" $rule <<-'EOP'
				import csv, json, sys
				count = {}
				for row in csv.DictReader(open(sys.argv[1], newline="")):
				    found = {c[:-6]: (row[c], float(row[c[:-6] + "-iou"])) for c in row if c.endswith("-label")}
				    if sys.argv[2] == "top":
				        best = max(found, key=lambda c: found[c][1])
				        found = {best: found[best]}
				    for c, (label, iou) in found.items():
				        if label and iou > 0.04:
				            n, v, k = count.get((c, label), (0, 0, 0))
				            unit = int(float(row["unit"]))
				            count[c, label] = (n + 1, *min((v, k), (iou, unit), key=lambda x: (-x[0], x[1])))
				rows = json.load(open("concepts.json"))
				assert {(r["category"], r["concept"]): (r["detectors"], r["iou"], r["unit"]) for r in rows} == count and rows
				order = "object scene part material texture color".split()
				keys = [(order.index(r["category"]), -r["detectors"], -r["iou"]) for r in rows]
				assert keys == sorted(keys)
				total = json.load(open("summary.json"))[0]
				for c in order:
				    if c + "-unique" in total:
				        mine = [r["detectors"] for r in rows if r["category"] == c]
				        assert (total[c + "-detectors"], total[c + "-unique"]) == (sum(mine), len(mine))
			EOP
		done
	done
}
