# plot and paint: pictures of results, and of what units see in photographs.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup_file() {
	export work=$BATS_FILE_TMPDIR
	cd "$work" || return
	dissect -q -m "$root/pipelines/demo/demo.onnx" --preset demo --synth 40 --min-images 1 \
		--compare gt -l "conv3,conv5" -o out
}

setup() {
	cd "$work" || return
}

need_gnuplot() {
	command -v gnuplot >/dev/null || skip "no gnuplot here"
}

@test "PL01 plots with their numbers, unit-summary's, and scripts that draw them again" {
	need_gnuplot
	run --separate-stderr -0 plot -o plots out/conv3-result.csv out/conv5-result.csv
	[ -z "$stderr" ]
	[ "${#lines[@]}" = 3 ]
	[ "${lines[2]}" = plots/categories.svg ]
	cmp plots/categories.tsv <(unit-summary --format tsv out/conv3-result.csv out/conv5-result.csv)
	cmp plots/concepts-conv5.tsv <(unit-summary --concepts --format tsv out/conv5-result.csv)
	for f in plots/*.svg; do
		python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$f"
		[ -s "${f%svg}png" ]
		[ -s "${f%svg}gp" ]
	done
	# Every concept is written in the plot, and every palette's colour is that of the pages.
	tail -n +2 plots/concepts-conv5.tsv | cut -f 3 | while read -r concept; do
		grep -q ">[^<]*$concept" plots/concepts-conv5.svg
	done
	sed -n 's/^categories=(\(.*\))/\1/p; s/^colors=(\(.*\))/\1/p' "$root/pipelines/drawing.bash" >ours
	python3 - "$root/lib/report/palette.c" <<-'EOP'
		import re, sys
		names, colors = map(str.split, open("ours"))
		assert re.findall(r'\{"(\w+)", \S+ "#(\w+)"\}', open(sys.argv[1]).read()) == list(zip(names, colors))
	EOP
	cp -r plots again
	rm again/*.svg again/*.png
	(cd again && for f in *.gp; do gnuplot "$f"; done)
	for f in plots/*; do
		cmp "$f" "again/${f##*/}"
	done
	[ -z "$(find plots -name '.*')" ]
}

@test "PL02 bars are as high as the numbers" {
	need_gnuplot
	plot -q -o high out/conv5-result.csv
	python3 - <<-'EOP'
		import re
		rows = [line.split("\t") for line in open("high/concepts-conv5.tsv")][1:]
		svg = open("high/concepts-conv5.svg").read()
		bars = []
		for points in re.findall(r"<polygon [^>]*points = '([^']*)'", svg):
		    p = [tuple(map(float, q.split(","))) for q in points.split()]
		    bars.append((max(y for _, y in p), min(x for x, _ in p), min(y for _, y in p)))
		foot = max(bars)[0]  # of bars; the key's boxes are higher up
		bars = sorted({(x, foot - top) for bottom, x, top in bars if bottom == foot})
		heights = [h for _, h in bars]
		want = [int(r[3]) for r in rows]
		assert len(heights) == len(want), (len(heights), len(want))
		unit = heights[0] / want[0]
		assert all(abs(h / unit - w) < 0.01 * max(want) for h, w in zip(heights, want))
	EOP
}

@test "PL03 hostile labels and names of files" {
	need_gnuplot
	mkdir -p odd
	python3 - <<-'EOP'
		import csv
		rows = list(csv.reader(open("out/conv5-result.csv", newline="")))
		names = ["<script>alert(1)</script>", 'a"b', "x,y", "line\nend\ttab", "n" * 10000, "`id`", "a_b^c{d}@e", "\x1b[31m",
		         "$4", "&amp;", "é" * 40, "'; exit; '", "#"]
		column = [i for i, name in enumerate(rows[0]) if name.endswith("-label")]
		for row, name in zip(rows[1:], names):
		    was = row[2]
		    row[2] = name
		    for i in column:
		        row[i] = name if row[i] == was else row[i]
		csv.writer(open("odd/<b>'\"&-result.csv", "w", newline="")).writerows(rows)
	EOP
	plot -q -o odd/plots "odd/<b>'\"&-result.csv" "odd/<b>'\"&-result.csv"
	[ "$(find odd/plots -name '*.svg' | wc -l)" = 3 ]
	for f in odd/plots/*.svg; do
		python3 - "$f" <<-'EOP'
			import sys, xml.dom.minidom
			tree = xml.dom.minidom.parse(sys.argv[1])
			assert not tree.getElementsByTagName("script") or all("alert" not in s.toxml() for s in tree.getElementsByTagName("script"))
			text = "".join(n.data for t in tree.getElementsByTagName("text") for c in [t, *t.getElementsByTagName("tspan")] for n in c.childNodes if n.nodeType == 3)
			if "concepts" in sys.argv[1]:
			    assert "<script>alert(1)</script>" in text and "a_b^c{d}@e" in text and "é" * 27 in text, text
		EOP
	done
}

@test "PL04 misuse, and nothing to plot" {
	need_gnuplot
	for wrong in "" "-o p" "out/conv5-result.csv" "-o p --nonsense x" "-o"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr -2 plot $wrong
		[ -z "$output" ]
		[ "$(wc -l <<<"$stderr")" = 1 ]
	done
	run --separate-stderr -1 plot -o p none.csv
	[ -z "$(find p -type f)" ]
	run --separate-stderr -0 plot -o p --threshold 0.99 out/conv5-result.csv
	[ "$stderr" = "plot: out/conv5-result.csv: no unit detects a concept: nothing to plot" ]
	for program in plot paint; do
		run -0 $program --help
		[[ $output == "usage: $program "* ]]
		run -0 $program --version
	done
}

@test "PT02 paint -l: a part's name, as dissect and cnn-forward take it; options of dissect's table" {
	python3 - "$root/pipelines/demo/demo.onnx" <<-'EOP'
		import sys
		open("named.onnx", "wb").write(open(sys.argv[1], "rb").read().replace(b"\x05conv5", b"\x05c/,v5"))
	EOP
	ppmpat -gingham2 -randomseed=1 30 20 | pnmtojpeg >small.jpg
	dissect -q -m named.onnx --preset demo --synth 6 --min-images 1 -o parts -l c
	run --separate-stderr -0 paint -m named.onnx -l c -d parts --threshold=0 --format tsv -t1 small.jpg
	[ "${stderr_lines[0]}" = "cnn-forward: warning: no tensor c: taken is the last one below it, c/,v5" ]
	[ "${stderr_lines[1]}" = "unit-paint: warning: cnn-forward: images are scaled to the 112x112 that the network takes, the first from 20x30" ]
	[ "${#stderr_lines[@]}" = 2 ]
	[ -s parts/paintings/0-small.png ]
	run --separate-stderr -2 paint -m named.onnx -l conv1,conv3 -d parts small.jpg
	[ "$stderr" = "paint: -l 'conv1,conv3': not one layer; try 'paint --help'" ]
	run --separate-stderr -2 paint -m named.onnx -l nothing -d parts small.jpg
	[ "$(wc -l <<<"$stderr")" = 1 ]
	[[ $stderr == *nothing* ]]
	paint --help >help
	sed -n 's/^forward|\(--[a-z-]*\).*/\1/p' "$root/pipelines/dissect.options" >options
	[ -s options ]
	while read -r option; do
		grep -qe " $option " help
	done <options
}

@test "PT01 paint: a dissection's thresholds, result and options; the bytes of the pipe by hand" {
	ppmpat -gingham2 -randomseed=1 300 200 | pnmtojpeg >photo.jpg
	paint -m "$root/pipelines/demo/demo.onnx" -l conv5 -d out --threshold 0 --format tsv photo.jpg >table
	pamtondr photo.jpg | cnn-forward -m "$root/pipelines/demo/demo.onnx" -l conv5 --preset demo --resize --keep-images |
		unit-paint -T out/conv5.thr.ndr -r out/conv5-result.csv --compare gt --threshold 0 -d hand --format tsv | cmp - table
	cmp hand/0-photo.png out/paintings/0-photo.png
	[ "$(wc -l <table)" -gt 1 ]
	run --separate-stderr -1 paint -m "$root/pipelines/demo/demo.onnx" -l conv4 -d out photo.jpg
	[ "$stderr" = "paint: out/conv4.thr.ndr: cannot be read" ]
	run --separate-stderr -1 paint -m "$root/pipelines/demo/demo.onnx" -l conv5 -d out none.jpg
	[ "$stderr" = "paint: none.jpg: cannot be read" ]
	run --separate-stderr -2 paint -m x -l conv5 photo.jpg
	[ "$stderr" = "paint: -d is missing; try 'paint --help'" ]
}
