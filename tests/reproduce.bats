# reproduce: results beside released tables.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup() {
	command -v gnuplot >/dev/null || skip "no gnuplot here"
	cd "$BATS_TEST_TMPDIR"
}

# result UNIT,CATEGORY,LABEL,IOU... -- a result table: each unit has 1,000 pixels, and its
# label none beside them
result() {
	python3 - "$@" <<-'EOP'
		import sys
		categories = "object", "color"
		print(",".join(["unit", "category", "label", "score"] + [f"{c}-{k}" for c in categories for k in ("label", "truth", "activation", "intersect", "iou")]))
		for row in sys.argv[1:]:
		    unit, category, label, iou = row.split(",")
		    pixels = round(float(iou) * 1000)
		    print(",".join([unit, category, label, iou] + [str(x) for c in categories for x in ((label, pixels, 1000, pixels, iou) if c == category else ("", 0, 1000, 0, 0))]))
	EOP
}

@test "RE01 unit by unit, counted by hand, from 0 as from 1" {
	result 1,object,dog,0.1 2,object,cat,0.05 3,color,red-c,0.03 4,object,tree,0.2 >mine.csv
	result 0,object,dog,0.12 1,object,dog,0.05 2,color,red-c,0.05 4,object,sky,0.3 >theirs.csv
	run --separate-stderr -0 reproduce -o out theirs.csv mine.csv
	[ "${lines[1]}" = "$PWD/out/reproduce-theirs/index.html" ]
	cat >wanted <<-'EOT'
		released|theirs: 4 units, of which 4 detect 3 concepts by their best label, and 3 by category, added up.
		here|this dissection: 4 units, of which 3 detect 3 concepts by their best label, and 3 by category, added up.
		here|1 unit is here only, and 1 is there only.
		here|Of 3 units in both, 2 have the same label (66.7 %) and 3 a label of the same category. IoUs are 0.020000 apart at the median, and 0.020000 at most; Pearson's r is 0.960769.
		here|2 units are detectors in both, 0 only here, 1 only there: not the same table.
	EOT
	tr '\t' '|' <out/reproduce-theirs/says.tsv | diff - wanted
	[ "$(cut -f 2,3,6,9 out/reproduce-theirs/compared.tsv | tail -n +2 | sort | tr '\t\n' ', ')" = "1,dog,dog,yes 2,cat,dog,no 3,red-c,red-c,yes " ]
	[ "$(sed -n 2p out/reproduce-theirs/compared.tsv | cut -f 2)" = 2 ]
	grep -q '<b>Released:</b> theirs: 4 units' out/reproduce-theirs/index.html
	# The same table is said to be so.
	reproduce -q -o out mine.csv mine.csv
	grep -q 'the same labels and the same detectors' out/reproduce-mine/says.tsv
}

@test "RE02 SqueezeNet on photographs is what a restatement with others' activations found" {
	[ -n "${NDPIPE_LONG-}" ] || skip "long"
	[ -d "$shared/data/expected" ] || skip "no data here"
	mapfile -t rows < <(tail -n +2 "$shared/data/expected/squeezenet_fire9_200_rf.tsv" | cut -f 1,6-11)
	[ "${#rows[@]}" = 512 ]
	python3 - "${rows[@]}" >restated.csv <<-'EOP'
		import sys
		rows = [r.split("\t") for r in sys.argv[1:]]
		categories = sorted({r[2] for r in rows})
		print(",".join(["unit", "category", "label", "score"] + [f"{c}-{k}" for c in categories for k in ("label", "truth", "activation", "intersect", "iou")]))
		for unit, label, category, both, mask, truth, iou in rows:
		    print(",".join([unit, category, label, iou] + [x for c in categories for x in ((label, truth, mask, both, iou) if c == category else ("", "0", mask, "0", "0"))]))
	EOP
	reproduce -q -o out -m "$shared/data/models/squeezenet1.0.onnx" -l fire9/concat -b "$shared/data/broden" \
		--limit 200 --channels bgr --mean 104,117,123 --min-images 1 restated.csv
	grep -q 'Of 512 units in both, 512 have the same label (100.0 %)' out/reproduce-restated/says.tsv
	grep -q '358 units are detectors in both, 0 only here, 0 only there' out/reproduce-restated/says.tsv
}

@test "RE03 what is no table, is missing or is too much is refused" {
	result 1,object,dog,0.1 >one.csv
	run --separate-stderr -2 reproduce -o out one.csv
	[ "$stderr" = "reproduce: neither a result nor a layer (-l) to compare; try 'reproduce --help'" ]
	run --separate-stderr -2 reproduce one.csv one.csv
	run --separate-stderr -2 reproduce -o out one.csv one.csv -m net.onnx -l conv5
	run --separate-stderr -2 reproduce -o out -l a,b -m net.onnx one.csv
	run --separate-stderr -1 reproduce -o out one.csv none.csv
	[ "$stderr" = "reproduce: none.csv: cannot be read" ]
	printf 'a,b\n1,2\n' >bad.csv
	run --separate-stderr reproduce -o out bad.csv one.csv
	[ "$status" = 3 ]
	[ ! -e out/reproduce-bad ]
	run --separate-stderr -0 reproduce --help
}
