# unit-ablate: what sets of units that are taken out do to classes, against the same by
# act-ablate, cnn-forward and class-accuracy, and statistics against Python's.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper
load filter

# Scenes through a network that names forty kinds of them.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	ln -s "$root/pipelines/experiments/networks/baseline-s1.onnx" net.onnx
	broden-synth --seed 5 --kinds 40 --size 72 -n 260 -o images
	cnn-forward -q -m net.onnx -l conv5 --preset demo -o act images
	act-quantile -q -o thr act
	act-segment -q -T thr act | iou-score -q | unit-label -q --min-images 5 -o result.csv
	for to in zero mean; do
		unit-ablate -q -m net.onnx --layer conv5 -l score -c scene -r result.csv --random 12 --near 9 --to $to \
			--effects effects-$to --single single-$to --by-class classes-$to --sets sets-$to -o $to.csv act
	done
	ndr-dump --type ITEM act | sed 's/.*name=//' >names
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
	alone="$BATS_TEST_TMPDIR"
}

# truth -- tables of the images of each side, and the names of classes
truth() {
	cnn-forward -q -m net.onnx --from conv5 -l score -o score act
	python3 - <<-'EOP'
		import struct, zlib
		data, at, meta, items, sides = open("act", "rb").read(), 0, None, {}, ({}, {})
		while at < len(data):
		    kind, _, length = struct.unpack_from("<HHQ", data, at + 4)
		    item, group = struct.unpack_from("<II", data, at + 24)
		    body = data[at + 64:at + 64 + length]
		    if kind == 2:
		        meta = dict(line.split("=", 1) for line in body.decode().splitlines())
		        scene = next(k[9:] for k, v in meta.items() if k.startswith("category.") and v == "scene")
		        name = {int(k[6:]): v.split(" ", 1)[1] for k, v in meta.items() if k.startswith("label.") and v.split()[0] == scene}
		    elif kind == 4:
		        image = body[16:-1].decode()
		    elif kind == 6 and group == int(scene):
		        for number in struct.unpack("<%dH" % (length // 2), body):
		            if number in name:
		                sides[zlib.crc32(image.encode()) >= 1 << 31][image] = name[number]
		    at += 64 + -(-length // 64) * 64
		for side, of in zip(("train", "test"), sides):
		    with open(side + ".csv", "w") as f:
		        f.write("image,class\n" + "".join(f"{i},{c}\n" for i, c in of.items()))
		with open("classes", "w") as f:
		    f.writelines(name[n] + "\n" for n in sorted(name))
	EOP
}

# by_hand SIDE OPTION... -- what class-accuracy says of a side's images without these units
by_hand() {
	local side=$1
	shift
	if [ $# = 0 ]; then cat act; else act-ablate "$@" act; fi | cnn-forward -q -m net.onnx --from conv5 -l score |
		class-accuracy -q -l score --truth "$side.csv" --classes classes --by-class --format tsv
}

# drops BASE ABLATED -- class, images, and how much less of both measures, of classes with images
drops() {
	paste "$1" "$2" | awk -F '\t' 'NR > 1 && $3 > 0 { printf "%s\t%s\t%.12g\t%.12g\n", $2, $3, $8 - $17, $9 - $18 }'
}

# same WANT GOT -- tables of class, images and two numbers
same() {
	python3 - "$1" "$2" <<-'EOP'
		import sys
		a, b = ([line.rstrip("\n").split("\t") for line in open(f)] for f in sys.argv[1:])
		assert len(a) == len(b) > 5 and all(x[:2] == y[:2] for x, y in zip(a, b)), (len(a), len(b))
		for x, y in zip(a, b):
		    assert all(abs(float(s) - float(t)) < 1e-9 for s, t in zip(x[2:], y[2:])), (x, y)
		assert any(float(x[3]) for x in a)
	EOP
}

@test "UA01 drops are those of act-ablate, cnn-forward and class-accuracy on the images that test" {
	truth
	by_hand test >base
	for concept in $(sed 1d effects-zero | cut -f 1 | sort -u | head -n 2); do
		by_hand test --concept "$concept" -r result.csv >gone
		drops base gone >want
		awk -F '\t' -v c="$concept" '$1 == c { print $3, $4, $5, $6 }' OFS='\t' effects-zero >got
		same want got
	done
	# To the mean of the images that train: they alone are in this stream.
	python3 - <<-'EOP' >items
		import csv
		train = {r["image"] for r in csv.DictReader(open("train.csv"))}
		print(*(i for i, n in enumerate(open("names").read().split("\n")[:-1]) if n in train))
	EOP
	ndrtonpy --type act -o all.npy act
	python3 - <<-'EOP'
		keep = [int(i) for i in open("items").read().split()]
		data = open("all.npy", "rb").read()
		size = 128 * 81 * 4
		head = data[:10] + (b"{'descr': '<f4', 'fortran_order': False, 'shape': (%d, 128, 9, 9), }" % len(keep)).ljust(117) + b"\n"
		open("train.npy", "wb").write(head + b"".join(data[128 + i * size:128 + (i + 1) * size] for i in keep))
	EOP
	npytondr --as act -l conv5 train.npy >train.ndr
	concept=$(sed -n 2p effects-mean | cut -f 1)
	by_hand test --concept "$concept" -r result.csv --to mean --mean-of train.ndr >gone
	drops base gone >want
	awk -F '\t' -v c="$concept" '$1 == c { print $3, $4, $5, $6 }' OFS='\t' effects-mean >got
	same want got
	# One unit, on the images that train.
	by_hand train >base
	by_hand train --units 7 >gone
	drops base gone >want
	awk -F '\t' '$1 == 7 { print $2, $3, $4, $5 }' OFS='\t' single-zero >got
	same want got
	# A random set, by the numbers that the table has.
	by_hand test >base
	read -r concept units accuracy logit < <(awk -F '\t' '$2 == 5 && $3 ~ /,/ { print $1, $3, $6, $7; exit }' sets-zero)
	by_hand test --units "$units" >gone
	drops base gone >got
	python3 - "$concept" "$accuracy" "$logit" <<-'EOP'
		import csv, sys
		concept, *more = sys.argv[1:]
		of = next(r["class"] for r in csv.DictReader(open("zero.csv", newline="")) if r["concept"] == concept)
		rows = {r[0]: (float(r[2]), float(r[3])) for r in csv.reader(open("got"), delimiter="\t")}
		for m, want in enumerate(more):
		    others = [v[m] for c, v in rows.items() if c != of]
		    assert abs(rows[of][m] - sum(others) / len(others) - float(want)) < 1e-9, (concept, m)
	EOP
}

@test "UA02 p by permutation, q over concepts, means and quantiles: restated from the sets" {
	python3 - <<-'EOP'
		import csv, math
		from collections import defaultdict
		for to in "zero", "mean":
		    rows = list(csv.DictReader(open(to + ".csv", newline="")))
		    sets = defaultdict(list)
		    for r in csv.DictReader(open("sets-" + to), delimiter="\t"):
		        sets[r["concept"]].append(r)
		    effects = {(r["concept"], r["class"]): r for r in csv.DictReader(open("effects-" + to), delimiter="\t")}
		    assert len(rows) == 2 * len(sets) and len(sets) > 5
		    for measure in "accuracy", "logit":
		        found = []
		        for r in (r for r in rows if r["measure"] == measure):
		            own, *drawn = sets[r["concept"]]
		            assert [int(s["number"]) for s in drawn] == list(range(1, 13)) and own["number"] == "0"
		            units = own["units"].split(",")
		            assert len(units) == int(r["units"])
		            for s in drawn:
		                of = [int(u) for u in s["units"].split(",")]
		                assert of == sorted(set(of)) and len(of) == len(units) and of[0] > 0 and of[-1] <= 128
		            for name in "activation", "norm":
		                mean = sum(float(s[name]) for s in drawn) / 12
		                assert math.isclose(mean, float(r["random-" + name]), rel_tol=1e-9)
		                assert math.isclose(float(own[name]), float(r[name]), rel_tol=1e-9)
		            if not r["more"]:
		                assert not r["p"] and not r["q"]
		                continue
		            drops = {c: float(e[measure]) for (k, c), e in effects.items() if k == r["concept"]}
		            others = [v for c, v in drops.items() if c != r["class"]]
		            assert math.isclose(drops[r["class"]], float(r["drop"]), abs_tol=1e-12)
		            assert math.isclose(sum(others) / len(others), float(r["others"]), abs_tol=1e-12)
		            more = float(own[measure])
		            assert math.isclose(more, drops[r["class"]] - sum(others) / len(others), abs_tol=1e-12)
		            random = sorted(float(s[measure]) for s in drawn)
		            assert math.isclose(sum(random) / 12, float(r["random"]), abs_tol=1e-12)
		            assert float(r["random-low"]) == random[0] and float(r["random-high"]) == random[11]
		            p = (1 + sum(x >= more - 1e-12 * max(1, abs(more)) for x in random)) / 13
		            assert math.isclose(p, float(r["p"])), (r, p)
		            found.append((p, float(r["q"])))
		        n = len(found)
		        for p, q in found:
		            want = min(n * t / sum(s <= t for s, _ in found) for t, _ in found if t >= p)
		            assert math.isclose(q, min(1, want)), (p, q, want)
	EOP
}

@test "UA03 the most important units of a class, by accuracy and then by logit on the images that train" {
	python3 - <<-'EOP'
		import csv, math
		from collections import defaultdict
		drops = defaultdict(list)
		for r in csv.DictReader(open("single-zero"), delimiter="\t"):
		    drops[r["class"]].append((-float(r["accuracy"]), -float(r["logit"]), int(r["unit"])))
		sizes = defaultdict(list)
		rows = list(csv.DictReader(open("classes-zero"), delimiter="\t"))
		for r in rows:
		    best = sorted(u for *_, u in sorted(drops[r["class"]])[:int(r["size"])])
		    assert best == [int(u) for u in r["units"].split(",")], r
		    sizes[r["class"], r["measure"]].append(int(r["size"]))
		random = len(sizes) // 2  # one for each class: there are more than 12
		for p in (float(r["p"]) * (random + 1) for r in rows):
		    assert abs(p - round(p)) < 1e-9 and 1 <= p <= random + 1
		assert random > 12 and all(s == [1, 2, 4, 8, 16] for s in sizes.values())
	EOP
	truth
	IFS=$'\t' read -r class _ _ units _ base drop _ < <(awk -F '\t' '$3 == 16 && $5 == "logit"' classes-zero | head -n 1)
	by_hand test | awk -F '\t' -v c="$class" '$2 == c { print $9 }' >all
	by_hand test --units "$units" | awk -F '\t' -v c="$class" '$2 == c { print $9 }' >gone
	awk -v base="$base" -v drop="$drop" 'NR == FNR { all = $1; next } { d = all - $1 - drop; b = all - base; exit !(d * d < 1e-18 && b * b < 1e-18) }' all gone
}

@test "UA04 norms of outgoing weights are NumPy's; the class of a concept is that of its name, or by labels" {
	"$python" -c 'import onnx' 2>/dev/null || skip "no onnx here"
	"$python" - <<-'EOP'
		import csv, numpy as np, onnx
		from onnx import numpy_helper
		m = onnx.load("net.onnx")
		value = {t.name: numpy_helper.to_array(t).astype(np.float32) for t in m.graph.initializer}
		for n in m.graph.node:
		    if n.op_type == "Cast" and n.input[0] in value:
		        value[n.output[0]] = value[n.input[0]]
		fc6 = next(n for n in m.graph.node if n.op_type == "Gemm" and n.input[0] == "flat")
		w = value[fc6.input[1]].astype(float)
		w = w if w.shape[0] == 1152 else w.T
		norm = np.sqrt((w.reshape(128, 9, -1) ** 2).sum((1, 2)))
		for r in csv.DictReader(open("sets-zero"), delimiter="\t"):
		    units = [int(u) - 1 for u in r["units"].split(",")]
		    assert abs(norm[units].mean() - float(r["norm"])) < 1e-6, r
	EOP
	truth
	python3 - <<-'EOP'
		import csv
		classes = open("classes").read().split("\n")[:-1]
		for r in csv.DictReader(open("zero.csv", newline="")):
		    assert (r["class-by"] == "name") == (r["concept"] in classes and r["class"] == r["concept"])
		    if r["class-by"] == "name":
		        assert float(r["with"]) in (0, 1) and float(r["without"]) == 0
		    elif r["class"]:
		        assert float(r["with"]) > float(r["without"])
		assert {"name", "images"} <= {r["class-by"] for r in csv.DictReader(open("zero.csv", newline=""))}
	EOP
}

@test "UA05 the same bytes with any threads, from a pipe; another seed, other sets" {
	study() { unit-ablate -q -m net.onnx --layer conv5 -l score -c scene -r result.csv --random 3 "$@"; }
	study -t 1 --sets "$alone/a" -o "$alone/one" act
	study -t 3 --sets "$alone/b" -o "$alone/two" - <act
	cmp "$alone/one" "$alone/two"
	cmp "$alone/a" "$alone/b"
	study --seed 2 --sets "$alone/b" act >"$alone/two"
	run ! cmp -s "$alone/a" "$alone/b"
	diff <(awk -F '\t' '$2 == 0' "$alone/a") <(awk -F '\t' '$2 == 0' "$alone/b")
}

@test "UA06 what cannot be: one line each" {
	refused() {
		local status=$1 reason=$2
		shift 2
		run --separate-stderr "-$status" unit-ablate -q -m net.onnx --layer conv5 -l score -r result.csv "$@"
		[ "${stderr_lines[0]}" = "unit-ablate: $reason" ] || { echo "$stderr"; return 1; }
	}
	refused 2 "one of --category and --truth is needed" act
	refused 2 "one of --category and --truth is needed" -c scene --truth names act
	refused 2 "the input has no category 'taste'" -c taste act
	refused 2 "pool5: its maps are 3x3, logits have 1x1" -c scene -l pool5 act
	refused 2 "net.onnx: tensor conv5 does not follow from conv5" -c scene -l conv5 act
	refused 1 "activations of 24 images take more than --memory, 1 MiB" -c scene --memory 1 act
	refused 3 "the stream has no layer conv5" -c scene images
	printf '%s\n' cup plate >"$alone/classes"
	refused 2 "there are 40 logits, but $alone/classes has 2 lines: give the names of their classes with --classes" \
		-c scene --classes "$alone/classes" act
	refused 2 "--sets result.csv: the same file as --result" -c scene --sets result.csv act
	refused 2 "--single x: the same file as --effects" -c scene --effects x --single x act
	printf 'image,class\nnone,1\n' >"$alone/truth.csv"
	refused 3 "0 images of a class to train on and 0 to test on" --truth "$alone/truth.csv" act
	cnn-forward -q -m net.onnx -l conv4 --preset demo images | ndr-head -q -n 3 >"$alone/four"
	refused 3 "the stream has no layer conv5" -c scene "$alone/four"
	ndr-cat -q <(broden-synth --seed 5 --kinds 40 --size 72 -n 260 --shard 1/2 | cnn-forward -q -m net.onnx -l conv5 --preset demo) >"$alone/part"
	run --separate-stderr -3 unit-ablate -q -m net.onnx --layer conv5 -l score -r result.csv -c scene --random 1 "$alone/part"
	[[ $stderr == *"130 of 260 are here"* ]]
	unit-ablate -q -m net.onnx --layer conv5 -l score -r result.csv -c scene --random 1 --incomplete -o "$alone/got" "$alone/part"
	head -c -64 act >"$alone/cut"
	run --separate-stderr -4 unit-ablate -q -m net.onnx --layer conv5 -l score -r result.csv -c scene "$alone/cut"
	[ ! -e x ]
}
