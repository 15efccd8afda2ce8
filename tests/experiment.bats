# experiment: plans, their tables and pages.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup_file() {
	few_images
}

setup() {
	command -v gnuplot >/dev/null || skip "no gnuplot here"
	fixture=$(few_images)
	cd "$BATS_TEST_TMPDIR"
	ln -s "$fixture" data
	cp "$fixture/alexnet.onnx" one.onnx
	# Another network with the same tensors: some weights are 0.
	python3 - <<-'EOP'
		model = bytearray(open("one.onnx", "rb").read())
		middle = len(model) // 2
		model[middle:middle + 40000] = bytes(40000)
		open("two.onnx", "wb").write(model)
	EOP
}

# plan LINE... -- mine.tsv, of lines with | for tabs
plan() {
	printf '%s\n' "$@" | tr '|' '\t' >mine.tsv
}

# column FILE NAME [CATEGORY] -- its cells
column() {
	awk -F '\t' -v name="$2" -v category="${3-}" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		category == "" || $(at["category"]) == category { print $(at[name]) }' "$1"
}

few=(-b data/broden1_227 --min-images 1 --preset demo -q)

# The tables of a page, a line a cell; what it loads, and its policy.
cells() {
	python3 - "$1" <<-'EOP'
		import base64, hashlib, html.parser, re, sys
		page = open(sys.argv[1], encoding="utf-8").read()
		class Parser(html.parser.HTMLParser):
		    stack, cells, odd = [], [], []
		    def handle_starttag(self, tag, attributes):
		        d = dict(attributes)
		        if tag in ("script", "iframe", "object", "link", "base", "form"): self.odd.append(tag)
		        self.odd += [a for a in d if a.startswith("on") or a == "style"]
		        if tag == "img" and not d["src"].startswith("data:image/svg+xml;base64,"): self.odd.append(d["src"])
		        if tag in ("meta", "img"): return
		        self.stack.append(tag)
		        if tag in ("td", "th"): self.cells.append("")
		    def handle_endtag(self, tag):
		        assert self.stack.pop() == tag, tag
		    def handle_data(self, data):
		        if any(t in ("td", "th") for t in self.stack): self.cells[-1] += data
		parser = Parser()
		parser.feed(page)
		parser.close()
		assert not parser.odd and not parser.stack, (parser.odd, parser.stack)
		style = re.search("<style>(.*?)</style>", page, re.S).group(1)
		digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
		assert "default-src 'none'" in page and f"style-src 'sha256-{digest}'" in page
		print("\n".join(parser.cells))
	EOP
}

@test "EX01 the table is unit-summary's numbers, the page's tables are the tables" {
	plan 'name|-m|-l|depth' 'a|one.onnx|conv3,conv5|8' 'b|two.onnx|conv5|9'
	experiment -o out --as layers mine.tsv "${few[@]}"
	[ "$(column out/mine/results.tsv layer all)" = "$(printf 'conv3\nconv5\nconv5')" ]
	[ "$(column out/mine/results.tsv depth all)" = "$(printf '8\n8\n9')" ]
	for run in one:conv3:1 one:conv5:2 two:conv5:3; do
		IFS=: read -r network layer n <<<"$run"
		dissect -o by-hand -m "$network.onnx" -l "$layer" "${few[@]}"
		for rule in top per-category; do
			suffix=-per-category
			[ $rule != top ] || suffix=''
			unit-summary --format tsv --count $rule "by-hand/$layer-result.csv" >summary
			[ "$(column out/mine/results.tsv detectors$suffix all | sed -n "${n}p")" = "$(cut -f 3 summary | tail -n 1)" ]
			for category in object color; do
				[ "$(column out/mine/results.tsv unique$suffix $category | sed -n "${n}p")" = "$(column summary $category-unique)" ]
			done
		done
		# Restated: the mean of scores, and the sum of each label's greatest.
		python3 - "by-hand/$layer-result.csv" "$(column out/mine/results.tsv iou all | sed -n "${n}p")" \
			"$(column out/mine/results.tsv area all | sed -n "${n}p")" "$(column out/mine/results.tsv iou part | sed -n "${n}p")" <<-'EOP'
			import csv, sys
			rows = list(csv.DictReader(open(sys.argv[1], newline="")))
			best = {}
			for r in rows:
			    best[r["label"]] = max(best.get(r["label"], 0), float(r["score"]))
			wanted = sum(float(r["score"]) for r in rows) / len(rows), sum(best.values()), sum(float(r["part-iou"]) for r in rows) / len(rows)
			for a, b in zip(wanted, sys.argv[2:]):
			    assert abs(a - float(b)) < 1e-6, (wanted, sys.argv)
		EOP
		rm -r by-hand
	done
	cells out/mine/index.html >told
	for t in unique detectors; do
		tr '\t' '\n' <out/mine/$t.tsv >wanted
		python3 - told wanted <<-'EOP'
			import sys
			cells, wanted = (open(f, encoding="utf-8").read().split("\n")[:-1] for f in sys.argv[1:])
			assert any(cells[i:i + len(wanted)] == wanted for i in range(len(cells))), wanted
		EOP
		[ "$(sed -n '2,$p' out/mine/$t.tsv | awk -F '\t' '{ n = 0; for (i = 2; i <= NF; i++) n += $i; print n }')" = "$(column out/mine/results.tsv $t all)" ]
	done
	(cd out/mine && gnuplot unique.gp && [ -s unique.svg ] && [ -s unique.png ])
}

@test "EX02 nothing is made again; a changed option redoes what depends on it; images are shared" {
	plan 'name|-m|-l|--quantile' 'a|one.onnx|conv5|' 'b|two.onnx|conv5|' 'c|one.onnx|conv5|0.01'
	experiment -o out mine.tsv "${few[@]}"
	find out -name '*.ndr' -printf '%p %T@\n' | sort >before
	[ "$(grep -c 'act.ndr' before)" = 2 ]
	[ "$(grep -c 'images.ndr' before)" = 1 ]
	[ "$(grep -c 'thr.ndr' before)" = 3 ]
	cp out/mine/index.html first.html
	experiment -o out mine.tsv "${few[@]}"
	find out -name '*.ndr' -printf '%p %T@\n' | sort | cmp before -
	cmp first.html out/mine/index.html
	experiment -o out mine.tsv "${few[@]}" --upsample corners
	find out -name '*.ndr' -printf '%p %T@\n' | sort | comm -13 before - >new
	[ "$(wc -l <new)" = 3 ]
	[ "$(grep -c 'upsample-corners.score.ndr' new)" = 3 ]
}

@test "EX03 wrong plans are refused: file, line and reason, before anything is run" {
	refused() {
		local reason=$1
		shift
		plan "$@"
		run --separate-stderr -2 experiment -o out mine.tsv "${few[@]}"
		[ "${stderr_lines[-1]}" = "experiment: mine.tsv: $reason" ] || { echo "$stderr"; return 1; }
		[ -z "$(find out -name '*.ndr' 2>/dev/null)" ]
	}
	refused "line 1: no column 'name'" '-m|-l' 'one.onnx|conv5'
	refused "line 1: two columns 'name'" 'name|name' 'a|b'
	refused "line 1: a column without a name" 'name||-m' 'a||one.onnx'
	refused "line 1: dissect has no option '--nonsense' that a row can have" 'name|--nonsense' 'a|1'
	refused "line 1: dissect has no option '-o' that a row can have" 'name|-o' 'a|1'
	refused "line 1: 'unique' is a column of the results" 'name|unique' 'a|1'
	refused "line 3: 2 cells where the header has 3" '# mine' 'name|-m|-l' 'a|one.onnx'
	refused "line 3: 4 cells where the header has 3" '' 'name|-m|-l' 'a|one.onnx|conv5|x'
	refused "line 3: the name 'a' again, which line 2 has" 'name|-m|-l' 'a|one.onnx|conv5' 'a|two.onnx|conv5'
	refused "line 2: no name" 'name|-m|-l' '|one.onnx|conv5'
	refused "line 2: --sketch is yes or nothing, not 'maybe'" 'name|-m|-l|--sketch' 'a|one.onnx|conv5|maybe'
	refused "line 2: a control character" 'name|-m|-l' $'a\e[31m|one.onnx|conv5'
	refused "no rows" 'name|-m|-l'
	plan 'name|-m|-l' 'a|one.onnx|conv5' 'b|one.onnx|nothing'
	run --separate-stderr -2 experiment -o out mine.tsv "${few[@]}"
	[[ ${stderr_lines[-1]} == "experiment: mine.tsv: line 3: 'b' cannot be dissected: cnn-forward: "*nothing* ]]
	[ -z "$(find out -name '*.ndr')" ]
	plan 'name|csv' 'a|none.csv'
	run --separate-stderr -2 experiment -o out mine.tsv
	[[ $stderr == "experiment: mine.tsv: line 2: "*none.csv": cannot be read" ]]
	printf 'name\tcsv\na\t\xff.csv\n' >mine.tsv
	run --separate-stderr -2 experiment -o out mine.tsv
	[ "$stderr" = "experiment: mine.tsv: not UTF-8" ]
}

@test "EX04 hostile names: escaped on the page, in no script, whole in the table" {
	# shellcheck disable=SC2016 # no shell is to expand these
	names=('<script>alert(1)</script>' '"; system "touch owned"; "' '$(touch owned)' '`touch owned`' "it's" '-m' '*' 'a\tb\\n' '@' 'é{b}_c^d')
	# shellcheck disable=SC2016
	plan 'name|-m|-l|$(x)|<b>|csv' "$(printf '%s|one.onnx|conv5|x]|<i>|\n' "${names[@]:0:3}")" \
		"$(printf '%s|||x]|<i>|data/conv5-result.csv\n' "${names[@]:3}")"
	experiment -o out --as cuts mine.tsv "${few[@]}"
	[ ! -e owned ]
	[ ! -e out/mine/owned ]
	[ ! -e out/owned ]
	[ "$(column out/mine/results.tsv name all)" = "$(printf '%s\n' "${names[@]}")" ]
	cells out/mine/index.html >told
	for n in "${names[@]}"; do
		grep -qxF -- "$n" told
		[ "$n" = - ] || [ ${#n} -lt 3 ] || run ! grep -F -- "$n" out/mine/unique.gp
	done
	python3 -c 'import sys, xml.etree.ElementTree as e; e.parse("out/mine/unique.svg")'
}

@test "EX05 killed, and run again: it goes on" {
	plan 'name|-m|-l' 'a|one.onnx|conv5' 'b|two.onnx|conv5'
	mkdir bin
	# The second network's run waits to be killed.
	cat >bin/act-quantile <<-'EOS'
		#!/bin/bash
		if [ -p /dev/stdin ] || [[ $* != *two* ]]; then PATH=${PATH#*:} exec act-quantile "$@"; fi
		: >"$STARTED"
		exec sleep 60
	EOS
	chmod +x bin/act-quantile
	cp -r "$root/pipelines" pipelines
	export STARTED=$PWD/started
	python3 - env -u NDPIPE_BIN PATH="$PWD/bin:$PATH" pipelines/experiment -o out mine.tsv "${few[@]}" <<-'EOP'
		import os, signal, subprocess, sys, time
		p = subprocess.Popen(sys.argv[1:])
		for wait in range(1200):
		    if os.path.exists("started"):
		        break
		    time.sleep(0.05)
		p.send_signal(signal.SIGTERM)
		assert p.wait(20) == -signal.SIGTERM and wait < 1199
	EOP
	find out -maxdepth 1
	[ ! -e out/mine ]
	[ ! -e out/.lock ]
	[ -z "$(find out -name '.experiment*')" ]
	find out -name '*.act.ndr' -printf '%p %T@\n' | sort >before
	[ "$(wc -l <before)" = 2 ]
	experiment -o out mine.tsv "${few[@]}"
	find out -name '*.act.ndr' -printf '%p %T@\n' | sort | cmp before -
	[ "$(wc -l < <(column out/mine/results.tsv name all))" = 2 ]
}

@test "EX06 rotation: means over seeds and intervals by Student's t; cuts: unit-summary's numbers" {
	plan 'name|-m|-l|--rotate|--seed' 'own|one.onnx|conv5||' 'a|one.onnx|conv5|1|1' 'b|one.onnx|conv5|1|2' 'c|one.onnx|conv5|1|3'
	experiment -o out --as rotation mine.tsv "${few[@]}"
	[ -z "$(find out -name '*rotated*act*')" ]
	[ "$(find out -name '*.act.ndr' | wc -l)" = 1 ]
	column out/mine/results.tsv unique all >numbers
	python3 - <<-'EOP'
		import statistics
		own, *turned = map(int, open("numbers"))
		header, zero, one = (line.rstrip("\n").split("\t") for line in open("out/mine/unique.tsv"))
		assert header == ["alpha", "unique", "unique from", "unique to"], header
		assert [float(x) for x in zero] == [0, own, own, own], zero
		mean, half = statistics.mean(turned), 4.303 * statistics.stdev(turned) / 3 ** 0.5
		for got, wanted in zip(one, (1, mean, mean - half, mean + half)):
		    assert abs(float(got) - wanted) < 1e-3, (one, mean, half)
	EOP
	grep -q "^here	Unique detectors go from $(column out/mine/results.tsv unique all | head -n 1) " out/mine/says.tsv
	experiment -o out --as cuts mine.tsv "${few[@]}"
	dissect -o by-hand -m one.onnx -l conv5 "${few[@]}"
	for t in 0.01 0.04 0.07 0.20; do
		unit-summary --threshold $t --format tsv by-hand/conv5-result.csv | sed -n 2p >summary
		[ "$(awk -F '\t' -v t=$t '$1 == t { print $2 }' out/mine/unique.tsv)" = "$(cut -f 4 summary)" ]
		[ "$(awk -F '\t' -v t=$t '$1 == t { print $2 }' out/mine/detectors.tsv)" = "$(cut -f 3 summary)" ]
	done
}

@test "EX07 results of others are rows; training: units that pass from one category to another" {
	# By hand: unit 1 stays an object, unit 2 passes from color to object, unit 3 becomes a part.
	columns=unit,category,label,score,object-label,object-truth,object-activation,object-intersect,object-iou,part-label,part-truth,part-activation,part-intersect,part-iou,color-label,color-truth,color-activation,color-intersect,color-iou
	none=,0,0,0,0
	half=,100,100.0,50,0.33333333333333331
	weak=,100,100.0,2,0.010101010101010102
	printf '%s\n' $columns 1,object,tree,0.33333333333333331,tree$half,$none,$none 2,color,"\"red, \"\"dark\"\"\"",0.33333333333333331,$none,$none,"\"red, \"\"dark\"\"\"$half" \
		3,part,leg,0.010101010101010102,$none,leg$weak,$none >early.csv
	printf '%s\n' $columns 1,object,tree,0.33333333333333331,tree$half,$none,$none 2,object,dog,0.33333333333333331,dog$half,$none,$none \
		3,part,leg,0.33333333333333331,$none,leg$half,$none >late.csv
	plan 'name|iteration|csv' 'late|100|late.csv' 'early|0|early.csv'
	experiment -q -o out --as training mine.tsv
	[ "$(column out/mine/results.tsv detectors all)" = "$(printf '3\n2')" ]
	[ "$(cat out/mine/units-by-snapshot.tsv)" = "$(printf '%s\n' 'unit|0|100' '1|tree (object)|tree (object)' \
		"2|red, ''dark'' (color)|dog (object)" '3||leg (part)' | tr '|' '\t')" ]
	grep -qx "color	0	1	0	0	0	0	0" out/mine/transitions.tsv
	grep -qx "none	0	0	0	1	0	0	0" out/mine/transitions.tsv
	grep -q "^here	Of 2 units that are detectors in two snapshots that follow each other, 1 (50 %) have another category" out/mine/says.tsv
	printf 'no result\n' >late.csv
	run --separate-stderr -3 experiment -q -o out --as training mine.tsv
	[[ ${stderr_lines[-1]} == "experiment: mine.tsv: line 2: "*"late.csv is no result" ]]
}

@test "EX08 a network and images on the command line replace those of the rows, whose layers stay; warnings are on the page" {
	plan 'name|-m|-l|--preset|--synth|--kinds|--size' 'a|none.onnx|conv3|tf|40|40|72' 'b|none.onnx|conv5|tf|40|40|72'
	experiment -o out --as layers mine.tsv "${few[@]}" -m one.onnx
	[ "$(column out/mine/results.tsv layer all)" = "$(printf 'conv3\nconv5')" ]
	[ "$(column out/mine/results.tsv network all)" = "$(printf 'one\none')" ]
	[ "$(column out/mine/results.tsv -m all | sort -u)" = one.onnx ]
	[ -z "$(column out/mine/results.tsv --size all | tr -d '\n')" ]
	dissect -o by-hand -m one.onnx -l conv3 "${few[@]}"
	[ "$(column out/mine/results.tsv unique all | head -n 1)" = "$(unit-summary --format tsv by-hand/conv3-result.csv | tail -n 1 | cut -f 4)" ]
	grep -q '<li>only 8 images: .* <small>(a conv3, b conv5)</small></li>' out/mine/index.html
	# What logits name is a matter of the images; which tensor they are is the network's.
	plan 'name|-m|-l|--preset|--rotate|--logits|--task' "a|one.onnx|conv5|demo|1|score|nothing"
	experiment -q -o out --as rotation mine.tsv -b data/broden1_227 --min-images 1
	[ "$(sed 1d out/mine/control.tsv | wc -l)" = 1 ]
	plan 'name|-m|-l|--preset|--logits|--task' "a|none.onnx|conv5|demo|none|nothing"
	experiment -q -o out mine.tsv -m one.onnx "${few[@]}"
	# Scenes of another number: what else the row says of them stays.
	plan 'name|-m|-l|--preset|--synth|--kinds|--size' "a|$root/pipelines/experiments/networks/baseline-s1.onnx|conv5|demo|40|40|72"
	experiment -q -o out mine.tsv --synth 12 --min-images 1
	grep -q 'only 12 images' out/mine/index.html
}

@test "EX09 several plans: an index; an unknown experiment, no plan" {
	experiment -o out layers width --synth 6 -q --min-images 1
	grep -q '<a href="layers/index.html">layers</a>' out/index.html
	grep -q '<a href="width/index.html">width</a>' out/index.html
	cells out/index.html
	run --separate-stderr -2 experiment -o out
	[ "$stderr" = "experiment: no plan; try 'experiment --help'" ]
	run --separate-stderr -2 experiment -o out --as nothing layers
	[ "$stderr" = "experiment: --as: there is no experiment 'nothing'" ]
	run --separate-stderr -1 experiment -o out none
	[ "$stderr" = "experiment: none: cannot be read" ]
}

@test "EX10 chance: unit-chance's numbers of masks and labels put together by hand" {
	plan 'name|-m|-l|--permute|--ranges' 'own|one.onnx|conv5|1-20|6' 'plain|two.onnx|conv5||'
	experiment -o out --as chance mine.tsv "${few[@]}"
	broden-cat -q data/broden1_227 | cnn-forward -q -m one.onnx -l conv5 --preset demo -o act
	act-quantile -q -o thr act
	act-segment -q -T thr act >seg
	iou-score -q --permute 1-20 --segments 6 -o ranges seg
	iou-score -q --permute 1-20 seg | unit-chance -q --min-images 1 --format tsv --ranges ranges --fdr fdr --summary summary >chances
	diff <(cut -f 2- out/mine/chances.tsv) chances
	diff <(cut -f 2- out/mine/rates.tsv) fdr
	[ "$(sed 1d out/mine/rates.tsv | cut -f 1 | sort -u)" = own ]
	at() { awk -F '\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i } NR == 2 { print $c }' summary; }
	[ "$(sed -n 2p out/mine/runs.tsv | cut -f 1-4,9-10)" = "own	$(at units)	20	$(at detectors)	$(at units-at-level)	$(at detectors-at-level)" ]
	[ "$(awk -F '\t' '$1 == "0.040" { print $3 }' out/mine/fdr.tsv)" = "$(printf %.4f "$(at fdr-low)")" ]
	# The page has them, and the run without other labels is not made up.
	cells out/mine/index.html | grep -qx "$(sed -n 2p out/mine/runs.tsv | cut -f 5)"
	[ "$(wc -l <out/mine/runs.tsv)" = 2 ]
	grep -q "^here	own: at 0.04, $(at detectors) detector" out/mine/says.tsv
	# Without any, it says so.
	plan 'name|-m|-l' 'plain|two.onnx|conv5'
	experiment -q -o out --as chance mine.tsv "${few[@]}"
	grep -q "^here	No run counted with the labels of other images" out/mine/says.tsv
}

# statistics EXPRESSION -- what statistics.awk says, of x and y that are given as words
statistics() {
	awk -v xs="$2" -v ys="${3-}" -f "$root/pipelines/experiments/statistics.awk" -f <(printf 'BEGIN { n = split(xs, x, " "); split(ys, y, " ")\n%s }\n' "$1")
}

@test "EX11 correlations and intervals by hand, and as SciPy has them" {
	# By hand: 4 / sqrt(5 * 5); ranks 1 2.5 2.5 4 and 1 2 3 4, 4.5 / sqrt(4.5 * 5);
	# artanh 0.8 = 1.098612 and 1.959964 / sqrt 5 = 0.876523: tanh 0.222089 and tanh 1.975135.
	[ "$(statistics 'printf "%.6f", pearson(x, y, n)' '1 2 3 4' '1 3 2 4')" = 0.800000 ]
	[ "$(statistics 'printf "%.6f", pearson(x, y, n)' '1 2 3' '6 4 2')" = -1.000000 ]
	[ -z "$(statistics 'printf "%s", pearson(x, y, n)' '1 2 3' '5 5 5')" ]
	[ "$(statistics 'ranks(x, n, r); print r[1], r[2], r[3], r[4]' '30 20 20 5')" = '4 2.5 2.5 1' ]
	[ "$(statistics 'printf "%.6f", spearman(x, y, n)' '1 2 2 3' '1 2 3 4')" = 0.948683 ]
	[ "$(statistics 'printf "%.4f %.4f %d", fisher(0.8, 8, -1), fisher(0.8, 8, 1), fisher(1, 8, -1)' '')" = '0.2185 0.9622 1' ]
	# Mean 2, variance 1: 4.303 / sqrt 3.
	[ "$(statistics 'printf "%.4f", half(3, 6, 14)' '')" = 2.4843 ]
	"$python" -c 'import scipy.stats' 2>/dev/null || skip "no SciPy here"
	"$python" - <<-'EOP' >cases
		import numpy as np
		from scipy import stats
		rng = np.random.default_rng(5)
		for n in 8, 9, 15, 22:
		    x, y = rng.integers(0, 9, n), rng.normal(size=n).round(3)
		    y += 0.2 * x
		    r = stats.pearsonr(x, y)[0]
		    low, high = np.tanh(np.arctanh(r) + np.array([-1, 1]) * stats.norm.ppf(0.975) / np.sqrt(n - 3))
		    print(*x, "|", *y, "|", r, stats.spearmanr(x, y)[0], low, high,
		          stats.t.ppf(0.975, n - 1) * stats.sem(y))
	EOP
	while IFS='|' read -r x y wanted; do
		statistics 'for (i = 1; i <= n; i++) { s += y[i]; q += y[i] ^ 2 }
			r = pearson(x, y, n); print r, spearman(x, y, n), fisher(r, n, -1), fisher(r, n, 1), half(n, s, q)' "$x" "$y" >got
		awk -v wanted="$wanted" '{ split(wanted, w, " "); for (i = 1; i <= 5; i++) if (($i - w[i]) ^ 2 > 1e-6 * (i < 5 ? 1 : 10)) { print "is", $0, "not", wanted; exit 1 } }' got
	done <cases
}

# result FILE LABEL,... -- a result whose units detect these objects; "-" is none
result() {
	local file=$1 unit=0 label
	local -a of
	IFS=, read -r -a of <<<"$2"
	{
		echo unit,category,label,score,object-label,object-truth,object-activation,object-intersect,object-iou
		for label in "${of[@]}"; do
			unit=$((unit + 1))
			if [ "$label" = - ]; then
				echo "$unit,object,cup,0.010101010101010102,cup,100,100.0,2,0.010101010101010102"
			else
				echo "$unit,object,$label,0.33333333333333331,$label,100,100.0,50,0.33333333333333331"
			fi
		done
	} >"$file"
}

@test "EX12 accuracy: one of each training run counts; below eight no interval; the correlation is that of the table" {
	for i in 1 2 3 4; do
		result $i.csv "$(printf '%s,' a b c d | cut -c "1-$((2 * i - 1))"),-"
	done
	# By hand: 1 2 3 4 objects, and 10 30 20 40 percent: r = 0.8; the snapshots of w do not count.
	plan 'name|run|iteration|probe|top1|csv' 'w0|w|0|99||2.csv' 'w9|w|9|10||1.csv' 'x|||30|5|2.csv' 'y|||20|5|3.csv' 'z|||40|5|4.csv'
	experiment -q -o out --as accuracy mine.tsv
	[ "$(sed -n 2p out/mine/correlations.tsv | cut -f 2-)" = "$(printf '4\t0.800\t\t\t0.800')" ]
	# A constant has no correlation.
	[ "$(sed -n 4p out/mine/correlations.tsv | cut -f 2-)" = "$(printf '3\t\t\t\t')" ]
	[ "$(grep -c 'fewer than eight networks have no interval' out/mine/says.tsv)" = 1 ]
	[ "$(cut -f 1,2 out/mine/accuracies.tsv | sed 1d | tr '\t\n' ' ,')" = 'w0 no,w9 yes,x yes,y yes,z yes,' ]
	[ "$(head -n 1 out/mine/probe.tsv)" = "$(printf 'network\tunique object detectors\tnetworks\tsnapshots of w')" ]
	grep -qx "w0	2		99.00" out/mine/probe.tsv
	grep -qx "w9	1	10.00	10.00" out/mine/probe.tsv
	grep -qx "x	2	30.00	" out/mine/probe.tsv
	(cd out/mine && gnuplot probe.gp && [ -s probe.svg ])
	# Eight have one: 0.8 of the same numbers twice is 0.8 of n 8.
	plan 'name|probe|csv' 'a|10|1.csv' 'b|30|2.csv' 'c|20|3.csv' 'd|40|4.csv' 'e|10|1.csv' 'f|30|2.csv' 'g|20|3.csv' 'h|40|4.csv'
	experiment -q -o out --as accuracy mine.tsv
	[ "$(sed -n 2p out/mine/correlations.tsv | cut -f 2-)" = "$(printf '8\t0.800\t0.219\t0.962\t0.800')" ]
	grep -q '^here	Over 8 networks .* r = 0.80 (95 % interval 0.22 to 0.96; of ranks 0.80): this shows what the paper found' out/mine/says.tsv
}

@test "EX13 accuracy: what was measured is linear-probe's and class-accuracy's" {
	model=$root/pipelines/experiments/networks
	plan 'name|-m|-l|--preset|--kinds|--size|--synth|--probe|--logits|--task' \
		"a|$model/baseline-s1.onnx|conv5|demo|40|72|40|color|score|scene" "b|$model/gap-s1.onnx|conv4,conv5|demo|40|72|40|color||"
	experiment -q -o out --as accuracy mine.tsv --min-images 1
	broden-synth -q -n 40 --seed 3 --kinds 40 --size 72 -o images
	cnn-forward -q -m "$model/baseline-s1.onnx" -l conv5 --preset demo images | linear-probe -q -c color --format tsv >probe
	cnn-forward -q -m "$model/baseline-s1.onnx" -l score --preset demo images | class-accuracy -q -c scene --format tsv >own
	share=$(sed -n 2p probe | cut -f 7)
	[ "$(sed -n 2p out/mine/accuracies.tsv | cut -f 1,2,5,6)" = "a conv5	yes	$(awk -v x="$share" 'BEGIN { printf "%.2f", 100 * x }')	$(awk 'NR == 2 { printf "%.2f", 100 * $4 }' own)" ]
	# The highest layer of a network counts.
	[ "$(cut -f 1,2 out/mine/accuracies.tsv | tail -n 2 | tr '\t\n' ' ,')" = 'b conv4 no,b conv5 yes,' ]
}

@test "EX14 repeats: means, differences repeat by repeat and ratios by hand" {
	result two.csv a,b,-
	result three.csv a,b,c
	result four.csv a,b,c,d
	result one.csv a,a,-
	plan 'name|variant|repeat|--rotate|top1|csv' 'p1|plain|1||50|four.csv' 'p2|plain|2||52|three.csv' 'p3|plain|3||51|four.csv' \
		'n1|norm|1||40|three.csv' 'n2|norm|2||41|two.csv' 'n3|norm|3||42|two.csv' \
		'r1|plain|1|1||two.csv' 'r2|plain|2|1||three.csv' 'r3|plain|3|1||one.csv'
	experiment -q -o out --as repeats mine.tsv
	# Unique 4 3 4: mean 11/3, deviation 0.57735, half of the interval 4.303 * 0.57735 / sqrt 3 = 1.43433.
	grep -qx "unique detectors	plain	3	3.7	2.2	5.1	3.0	4.0" out/mine/variants.tsv
	grep -qx "unique detectors	norm	3	2.3	0.9	3.8	2.0	3.0" out/mine/variants.tsv
	# Ratios 2/4, 3/3, 1/4: mean 0.58333, deviation 0.38188, half 0.94870.
	grep -qx "rotated / own	plain	3	0.583	-0.365	1.532	0.250	1.000" out/mine/variants.tsv
	grep -qx "first guess, %	norm	3	41.00	38.52	43.48	40.00	42.00" out/mine/variants.tsv
	# Differences -1 -1 -2: mean -1.3333, deviation 0.57735; of percent -10 -11 -9.
	grep -q '^here	norm against plain, repeat by repeat: unique detectors -1.3 (-2.8 to +0.1), .* first guesses in percent -10.0 (-12.5 to -7.5): this does not show what the paper found.' out/mine/says.tsv
	grep -q '^here	From 3 initialisations plain has 3.7 unique detectors (2.2 to 5.1; single ones 3 to 4): their standard deviation is 16 % of the mean' out/mine/says.tsv
	grep -q '^here	Rotated, plain has 0.58 of its own unique detectors (95 % interval -0.37 to 1.53 over 3 repeats): this does not show' out/mine/says.tsv
	[ "$(sed -n 2p out/mine/spread.tsv)" = "$(printf '1\t4\t2\t3\t')" ]
}

@test "EX15 rotation: the control is dissect's; unique detectors at the cut of chance are unit-summary's" {
	model=$root/pipelines/experiments/networks/baseline-s1.onnx
	scenes=(--synth 800 --kinds 40 --size 72 --preset demo)
	plan 'name|--rotate|--seed|--logits|--task|--permute|-m|-l' "own|||score|scene||$model|conv5" "others|||||1-20|$model|conv5" "turned|1|2|score|scene||$model|conv5"
	experiment -q -o out --as rotation mine.tsv "${scenes[@]}"
	dissect -q -o out -m "$model" -l conv5 --logits score --task scene --strongest 0 "${scenes[@]}"
	dissect -q -o out -m "$model" -l conv5 --logits score --task scene --rotate 1 --seed 2 --strongest 0 "${scenes[@]}"
	[ "$(sed 1d out/mine/control.tsv | cut -f 1-3 | tr '\t\n' ' ,')" = 'own 0 ,turned 1 2,' ]
	[ "$(sed -n 3p out/mine/control.tsv | cut -f 7-9)" = "$(sed -n 2p out/conv5.rotated-1-seed-2.control.tsv)" ]
	percent=$(awk 'NR == 2 { printf "%.2f", 100 * $4 }' out/conv5.accuracy.tsv)
	[ "$(sed 1d out/mine/control.tsv | cut -f 5 | sort -u)" = "$percent" ]
	grep -q "^here	The control: .*$percent % of first guesses are right without rotation, and $percent % with it: the rotation takes nothing" out/mine/says.tsv
	[ "$(sed -n 2p out/mine/unique.tsv | cut -f 2)" = "$(unit-summary --format tsv out/conv5-result.csv | sed -n 2p | cut -f 4)" ]
	cut=$(sed -n 's/^here	At an IoU of \([0-9.]*\), the least .* from .*/\1/p' out/mine/says.tsv)
	[ "$cut" != 0.040 ]
	for result in conv5 conv5.rotated-1-seed-2; do
		unit-summary --format tsv --threshold "$cut" "out/$result-result.csv" | sed -n 2p | cut -f 4
	done >wanted
	sed 1d out/mine/unique-at-chance.tsv | cut -f 2 | diff - wanted
}

@test "EX16 human-eval: pages that ask; with phrases and answers, the table by hand" {
	plan 'name|-m|-l|sample' 'a|one.onnx|conv5|3'
	experiment -q -o out --as human-eval mine.tsv "${few[@]}"
	[ "$(grep -c '<section' out/mine/describe-1.html)" = 3 ]
	[ ! -e out/mine/key-1.csv ]
	grep -q '<td><a href="describe-1.html">describe-1.html</a></td>' out/mine/index.html
	grep -q '^here	Nobody has been asked yet' out/mine/says.tsv
	# Images that are not there are taken again, and nothing else is made.
	rm out/*/images.ndr
	find out -name '*.ndr' -printf '%p %T@\n' | sort >before
	experiment -q -o out --as human-eval mine.tsv "${few[@]}"
	find out -name '*.ndr' ! -name images.ndr -printf '%p %T@\n' | sort | cmp before -
	experiment -q -o out --as human-eval mine.tsv "${few[@]}"
	find out -name '*.ndr' ! -name images.ndr -printf '%p %T@\n' | sort | cmp before -
	# The page is human-sheet's.
	dissect -q -o out -m one.onnx -l conv5 --strongest 15 "${few[@]}"
	human-sheet -q -i out/*/images.ndr --sample 3 --min-images 1 out/conv5 | cmp - out/mine/describe-1.html
	grep -o 'data-unit="[0-9]*"' out/mine/describe-1.html | grep -o '[0-9]*' | head -n 2 >units
	{ echo unit,phrase && paste -d , units <(printf '%s\n' dog cat); } >phrases.csv
	plan 'name|-m|-l|phrases' 'a|one.onnx|conv5|phrases.csv'
	experiment -q -o out --as human-eval mine.tsv "${few[@]}"
	grep -q '<td><a href="sheet-1.html">sheet-1.html</a></td>' out/mine/index.html
	grep -q '^here	Nobody has judged phrases yet' out/mine/says.tsv
	# Both groups say yes to what is true, and no to all else.
	mkdir answers
	for rater in ann,A bob,B; do
		{
			echo rater,group,question,answer
			sed -n '2,$s/\r$//p' out/mine/key-1.csv | awk -F , -v r=$rater '{ print r "," $1 "," ($4 == "truth" ? "yes" : "no") }'
		} >"answers/$rater.csv"
	done
	plan 'name|-m|-l|phrases|answers' 'a|one.onnx|conv5|phrases.csv|answers'
	experiment -q -o out --as human-eval mine.tsv "${few[@]}"
	[ "$(sed -n 2p out/mine/people.tsv | cut -f 1-6,9-11,14)" = "$(printf 'conv5\t2\t2\t2\t2\t100.0\t0\t2\t0.0\t0')" ]
	grep -q '^here	conv5: 2 of 2 units are interpretable; of those that were judged again, the same phrases are accepted for 2 of 2 (100 %; 34 to 100 %), the dissection.s labels for 0 of 2 (0 %; 0 to 66 %): fewer, as in the paper' out/mine/says.tsv
	plan 'name|-m|-l|phrases' 'a|one.onnx|conv5|none.csv'
	run --separate-stderr -2 experiment -q -o out --as human-eval mine.tsv "${few[@]}"
	[[ $stderr == "experiment: mine.tsv: line 2: "*"/none.csv: cannot be read" ]]
	plan 'name|-m|-l|answers' 'a|one.onnx|conv5|answers'
	run --separate-stderr -2 experiment -q -o out --as human-eval mine.tsv "${few[@]}"
	[ "$stderr" = "experiment: mine.tsv: line 2: answers, but no phrases" ]
}

@test "EX17 a network on the command line is not called by the names of the plan's, nor run for each of them" {
	plan 'name|width|-m|-l|--quantile' 'trained|7|one.onnx|conv5|' 'not trained|9|two.onnx|conv5|'
	experiment -q -o out --as width mine.tsv "${few[@]}" -m one.onnx
	[ "$(column out/mine/results.tsv name all)" = one ]
	[ "$(column out/mine/results.tsv width all)" = "" ]
	# What differs in another option stays, without the words of other networks.
	plan 'name|width|-m|-l|--quantile' 'a|7|one.onnx|conv5|' 'b|9|two.onnx|conv5|0.01' 'c|8|two.onnx|conv5|'
	experiment -q -o out --as width mine.tsv "${few[@]}" -m one.onnx
	[ "$(column out/mine/results.tsv name all | tr '\n' ' ')" = "a b " ]
	[ -z "$(column out/mine/results.tsv width all | tr -d '\n')" ]
}

@test "EX18 ablation: the page's numbers are unit-ablate's by hand; without --ablate it says so" {
	model=$root/pipelines/experiments/networks/nodropout-s1.onnx
	scenes=(--synth 150 --kinds 40 --size 72 --preset demo --min-images 1)
	plan 'name|-m|-l|--logits|--task|--ablate|--random' "zero|$model|conv5|score|scene|zero|9" "mean|$model|conv5|score|scene|mean|9" "as it is|$model|conv5||||"
	experiment -q -o out --as ablation mine.tsv "${scenes[@]}"
	dissect -q -o out -m "$model" -l conv5 --strongest 0 "${scenes[@]}"
	act=$(find out -name conv5.act.ndr)
	unit-ablate -q -m "$model" --layer conv5 -l score -c scene -r out/conv5-result.csv --random 9 --to=mean \
		--effects effects --by-class classes --sets sets --format tsv -o mean.tsv "$act"
	diff <(sed 1d sets) <(sed 1d out/mine/sets.tsv | awk -F '\t' '$1 == "mean"' | cut -f 3-)
	python3 - <<-'EOP'
		import csv
		read = lambda f: list(csv.DictReader(open(f), delimiter="\t"))
		def shown(measure, x):
		    return x and ("%.2f" % (100 * float(x)) if measure == "accuracy" else "%.3f" % float(x))
		for measure in "accuracy", "logit":
		    rows = [r for r in read("mean.tsv") if r["measure"] == measure]
		    page = [r for r in read(f"out/mine/concepts-{measure}.tsv") if r["run"] == "mean conv5" or r["run"] == "mean"]
		    assert len(page) == len(rows) > 5
		    for r in rows:
		        p = next(q for q in page if q["concept"] == r["concept"])
		        assert (p["detectors"], p["its class"], p["known by"]) == (r["units"], r["class"], r["class-by"])
		        for name, column in {"drop of it": "drop", "of others": "others", "more": "more", "random more": "random",
		                             "from": "random-low", "to": "random-high"}.items():
		            assert p[name] == shown(measure, r[column]), (p, r)
		        assert all(p[c] == (r[c] and "%.3f" % float(r[c])) for c in "pq"), (p, r)
		    matrix = {r["without the detectors of"]: r for r in read(f"out/mine/effects-{measure}-2.tsv")}
		    for r in read("effects"):
		        assert matrix[r["concept"]][r["class"]] == shown(measure, r[measure])
		    steps = read(f"out/mine/classes-{measure}.tsv")
		    for step in steps:
		        of = [r for r in read("classes") if r["size"] == step["units"] and r["measure"] == measure]
		        for column, name in {"drop": "", "others": ": other classes", "random": ": random units"}.items():
		            key = next(k for k in step if k.startswith("mean") and k.endswith(name) and (name or ":" not in k))
		            mean = sum(float(r[column]) for r in of) / len(of)
		            assert abs(float(step[key]) - float(shown(measure, mean))) < (0.0101 if measure == "accuracy" else 0.00101), (step, key, mean)
		    assert [s["units"] for s in steps] == ["1", "2", "4", "8", "16"]
		tested = [r for r in read("mean.tsv") if r["p"] and r["measure"] == "logit"]
		said = next(l for l in open("out/mine/says.tsv") if l.startswith("here\tmean") and "By the class's logit" in l)
		assert f"for {sum(float(r['more']) > 0 for r in tested)} of {len(tested)} concepts" in said.split("By the class's logit")[1], said
	EOP
	cells out/mine/index.html | grep -qx "$(awk -F '\t' 'NR == 2 { print $6 }' out/mine/concepts-logit.tsv)"
	# Nothing is made again.
	find out -name '*.tsv' -path '*conv5*' -printf '%p %T@\n' | sort >before
	experiment -q -o out --as ablation mine.tsv "${scenes[@]}"
	find out -name '*.tsv' -path '*conv5*' -printf '%p %T@\n' | sort | diff before -
	plan 'name|-m|-l' "as it is|$model|conv5"
	experiment -q -o out --as ablation mine.tsv "${scenes[@]}"
	grep -q "^here	No run took units out" out/mine/says.tsv
	run --separate-stderr -2 dissect -q -o out -m "$model" -l conv5 --ablate zero --logits score "${scenes[@]}"
	[ "$stderr" = "dissect: --ablate needs --logits and --task" ]
	run --separate-stderr -2 dissect -q -o out -m "$model" -l conv5 --random 9 "${scenes[@]}"
	[ "$stderr" = "dissect: --random goes with --ablate only" ]
	run --separate-stderr -2 dissect -q -o out -m "$model" -l conv5 --ablate zero --logits score --task scene --rotate 1 "${scenes[@]}"
	[ "$stderr" = "dissect: --ablate and --rotate exclude each other" ]
	run --separate-stderr -2 dissect -q -o out -m "$model" -l conv5 --ablate none --logits score --task scene "${scenes[@]}"
	[[ $stderr == "unit-ablate: --to: "* ]]
}
