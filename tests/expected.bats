# The whole arithmetic against what independent programs made of it: the demo's network on 20
# rendered scenes (tests/restate), SqueezeNet on photographs (needs ../shared).
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup_file() {
	[ -d "$shared/data" ] || return 0
	cd "$BATS_FILE_TMPDIR" || exit
	broden-cat --limit 200 "$shared/data/broden" |
		cnn-forward -q -m "$shared/data/models/squeezenet1.0.onnx" -l fire9/concat \
			--channels bgr --mean 104,117,123 -o act
	act-quantile -o thr act
	ndrtonpy --type thresh -o thr.npy thr
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# agrees TABLE RESULT THRESHOLDS -- thresholds to 1e-4, samples at and above them exactly, best labels,
# counts of pixels to a few (float32 rounding at a mask's edge), IoU to 1e-3.
agrees() {
	python3 - "$1" "$2" "$3" <<-'EOP'
		import csv, struct, sys
		want = list(csv.DictReader(open(sys.argv[1], newline=""), delimiter="\t"))
		got = {row["unit"]: row for row in csv.DictReader(open(sys.argv[2], newline=""))}
		rows = list(struct.iter_unpack("<8d", open(sys.argv[3], "rb").read()[-64 * len(want):]))
		assert len(want) == len(got) > 100
		for w, t in zip(want, rows):
		    g, c = got[w["unit"]], w["category"]
		    assert abs(t[0] - float(w["T"])) <= 1e-4 * abs(float(w["T"])), w
		    assert (t[6], t[7]) == (int(w["samples_above"]), int(w["samples_at_or_above"])), w
		    assert (g["label"], g["category"]) == (w["label"], c), (w, g)
		    assert abs(float(g["score"]) - float(w["iou"])) <= 1e-3, (w, g)
		    for ours, theirs in (("intersect", "intersection"), ("activation", "activation"),
		                         ("truth", "truth")):
		        assert abs(float(g[f"{c}-{ours}"]) - int(w[theirs])) <= 8, (w, g)
	EOP
}

@test "XP01 SqueezeNet fire9/concat on 200 photographs: the defaults" {
	need_shared
	act-segment -T thr act | iou-score | unit-label -q --min-images 0 -o rf.csv
	agrees "$shared/data/expected/squeezenet_fire9_200_rf.tsv" rf.csv thr.npy
}

@test "XP02 the same as NetDissect-Lite upsamples and compares" {
	need_shared
	act-segment -T thr --upsample resize --compare gt act | iou-score |
		unit-label -q --min-images 0 -o resize.csv
	agrees "$shared/data/expected/squeezenet_fire9_200_resize_gt.tsv" resize.csv thr.npy
}

@test "XP03 a layer that saturates: a warning that names the tensor before it, no noise" {
	need_shared
	broden-cat --limit 200 --size 224 "$shared/data/broden" |
		cnn-forward -q -m "$shared/data/models/mobilenet_v1_0.25_224.onnx" --preset tf \
			-l conv_pw_13_relu -o mobile
	act-quantile -o mobile.thr mobile
	run --separate-stderr -0 bash -c 'act-segment -T mobile.thr mobile -o mobile.seg'
	[[ $stderr == "act-segment: warning: layer conv_pw_13_relu: 2"[0-9][0-9]" of 256 units "* ]]
	[[ $stderr == *" conv_pw_13_bn" ]]
	iou-score mobile.seg | unit-label -q | awk -F , 'NR > 1 && $4 > 0.04' >detectors
	[ "$(wc -l <detectors)" -le 2 ]
}

# 24 photographs hold detectors of every category, and each of their pixels counts.
@test "XP04 detectors don't depend on how convolutions are computed" {
	need_shared
	for a in direct winograd; do
		broden-cat --limit "$(exhaustive 24 200)" "$shared/data/broden" |
			cnn-forward -q -m "$shared/data/models/squeezenet1.0.onnx" -l fire9/concat \
				--channels bgr --mean 104,117,123 --algorithm $a -o act.$a
		act-quantile -q -o thr.$a act.$a
		act-segment -q -T thr.$a act.$a | iou-score | unit-label -q -o $a.csv
	done
	run ! cmp -s act.direct act.winograd
	python3 - <<-'EOP'
		import csv
		a, b = (list(csv.DictReader(open(n + ".csv", newline=""))) for n in ("direct", "winograd"))
		a, b = ({r["unit"]: r for r in t} for t in (a, b))
		assert a.keys() == b.keys() and len(a) == 512
		for unit, r in a.items():
		    x, y = float(r["score"]), float(b[unit]["score"])
		    assert abs(x - y) < 1e-3, unit
		    assert (x > 0.04) == (y > 0.04) or abs(x - 0.04) < 0.001, unit
		    assert x <= 0.04 or r["label"] == b[unit]["label"], unit
	EOP
}

@test "XP06 bicycles, signs, mouths and animals have units; in a random basis far fewer concepts have" {
	need_shared
	act-segment -q -T thr act | iou-score | unit-label -q --min-images 1 -o csv
	for label in bicycle sign mouth animal; do
		awk -F, -v l=$label 'NR > 1 && $4 > 0.04 && $3 == l { n++ } END { exit !n }' csv
	done
	rotate-basis --seed 1 --alpha 1 -o rotated act
	act-quantile -q -o rotated.thr rotated
	act-segment -q -T rotated.thr rotated | iou-score | unit-label -q --min-images 1 -o rotated.csv
	plain=$(awk -F, 'NR > 1 && $4 > 0.04 { print $3 }' csv | sort -u | wc -l)
	rotated=$(awk -F, 'NR > 1 && $4 > 0.04 { print $3 }' rotated.csv | sort -u | wc -l)
	[ $((3 * rotated)) -lt $((2 * plain)) ]
}

@test "XP05 the demo's conv5 on 20 rendered scenes" {
	broden-synth --seed 7 -n 20 |
		cnn-forward -q -m "$root/pipelines/demo/demo.onnx" -l conv5 --preset demo -o scenes
	act-quantile -q -o scenes.thr scenes
	ndrtonpy --type thresh -o scenes.npy scenes.thr
	act-segment -q -T scenes.thr scenes | iou-score | unit-label -q --min-images 0 -o scenes.csv
	agrees "$root/tests/expected/demo_conv5_20.tsv" scenes.csv scenes.npy
}
