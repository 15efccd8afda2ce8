# unit-paint: what units see in new pictures.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup_file() {
	export work=$BATS_FILE_TMPDIR
	cd "$work" || return
	model=$root/pipelines/demo/demo.onnx
	broden-synth -n 60 | cnn-forward -m "$model" -l conv5 --preset demo -o act
	act-quantile -q -o thr act
	# The masks of a stream of SEG, by item and unit: sets of pixels.
	cat >masks.py <<-'EOP'
		import struct
		def masks(name):
		    data, at, found = open(name, "rb").read(), 0, {}
		    while at < len(data):
		        kind, = struct.unpack_from("<H", data, at + 4)
		        length, = struct.unpack_from("<Q", data, at + 8)
		        item, = struct.unpack_from("<I", data, at + 24)
		        at += 64
		        if kind == 10:
		            h, w, n, _ = struct.unpack_from("<4I", data, at)
		            first, size = at + (16 + 4 * n + 63) // 64 * 64, (h * w + 511) // 512 * 64
		            for i, unit in enumerate(struct.unpack_from(f"<{n}I", data, at + 16)):
		                bits = data[first + i * size:][:size]
		                found[item, unit] = {p for p in range(h * w) if bits[p // 8] >> p % 8 & 1}
		        at += (length + 63) // 64 * 64
		    return found, h, w
	EOP
	act-segment -q -T thr act | iou-score | unit-label -q --min-images 1 -o result.csv
	broden-synth --seed 9 -n 5 --no-labels | cnn-forward -m "$model" -l conv5 --preset demo --keep-images -o new
	unit-paint -T thr -r result.csv -d out --format json -o table.json new
}

setup() {
	cd "$work" || return
	paint=(unit-paint -T thr -r result.csv)
}

@test "UP01 masks, boxes and peaks are those of act-segment, unit by unit; concepts are unions" {
	act-segment -q -T thr -o seg new
	ndrtonpy --type act -o act.npy new
	ndrtonpy --type thresh -o thr.npy thr
	"${paint[@]}" --units "$(seq -s , 128)" --format json -o units.json new
	python3 - <<-'EOP'
		import csv, json, struct, sys
		sys.path.insert(0, ".")
		from masks import masks
		def npy(name):
		    raw = open(name, "rb").read()
		    size = 10 + struct.unpack("<H", raw[8:10])[0]
		    shape = eval(raw[10:size])["shape"]
		    return shape, raw[size:]
		items, units, height, width = npy("act.npy")[0]
		masks, h, w = masks("seg")
		cells = struct.unpack(f"<{items * units * height * width}f", npy("act.npy")[1])
		rows = [struct.unpack_from("<8d", npy("thr.npy")[1], 64 * k) for k in range(units)]
		def describe(m):
		    xs, ys = [i % w for i in m], [i // w for i in m]
		    return min(xs), min(ys), max(xs) - min(xs) + 1, max(ys) - min(ys) + 1, 100 * len(m) / (h * w)
		box = ("left", "top", "width", "height", "percent")
		table = json.load(open("units.json"))
		assert {(r["item"], r["unit"] - 1) for r in table} == set(masks)
		for r in table:
		    at = r["item"], r["unit"] - 1
		    assert tuple(r[k] for k in box) == describe(masks[at]), r
		    peak = max(cells[(at[0] * units + at[1]) * 196:][:196])
		    t = rows[at[1]]
		    assert (r["peak"], r["threshold"]) == (peak, t[0])
		    assert abs(r["strength"] - (peak - t[0]) / (t[2] - t[0])) < 1e-12
		for i in range(items):
		    s = [r["strength"] for r in table if r["item"] == i]
		    assert s == sorted(s, reverse=True)
		labels = {}
		for r in csv.DictReader(open("result.csv", newline="")):
		    if float(r["score"]) > 0.04:
		        labels.setdefault(r["label"], []).append(int(r["unit"]) - 1)
		seen = set()
		for r in json.load(open("table.json")):
		    fires = [k for k in labels[r["concept"]] if (r["item"], k) in masks]
		    assert r["fires"] == len(fires) and r["unit"] - 1 in fires
		    assert tuple(r[k] for k in box) == describe(set().union(*(masks[r["item"], k] for k in fires)))
		    seen.add((r["item"], r["concept"]))
		assert seen == {(i, c) for i in range(items) for c, ks in labels.items() if any((i, k) in masks for k in ks)}
		assert len(seen) > 20
	EOP
}

@test "UP02 the picture: dim where the mask is not, photograph and tint where it is" {
	unit=$("${paint[@]}" --format tsv new | awk -F '\t' '$1 == 2' | sort -t $'\t' -k 15gr | awk -F '\t' '{print $6; exit}')
	"${paint[@]}" --units "$unit" -d alone new >/dev/null
	ndrtopam new >all.ppm
	pngtopnm alone/2-*.png >painted.ppm
	act-segment -q -T thr -o seg new
	"${paint[@]}" --units "$unit" --format json -o one.json new
	python3 - "$unit" <<-'EOP'
		import json, re, sys
		sys.path.insert(0, ".")
		from masks import masks
		unit = int(sys.argv[1]) - 1
		found, h, w = masks("seg")
		mask = [p in found[2, unit] for p in range(h * w)]
		def pixels(name, n):
		    data = open(name, "rb").read()
		    for i in range(n + 1):
		        head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
		        width, height = int(head[1]), int(head[2])
		        body = data[head.end():head.end() + 3 * width * height]
		        data = data[head.end() + 3 * width * height:]
		    return width, body
		_, photo = pixels("all.ppm", 2)
		width, painted = pixels("painted.ppm", 0)
		row = next(r for r in json.load(open("one.json")) if r["item"] == 2)
		tag = min(row["left"], w - (min(len(row["concept"]), 24) * 6 + 2)), row["top"]
		dim = tinted = 0
		for y in range(h):
		    for x in range(w):
		        if tag[1] <= y < tag[1] + 10 and tag[0] <= x:
		            continue
		        a, b = photo[3 * (y * w + x):][:3], painted[3 * (y * width + x):][:3]
		        if not mask[y * w + x]:
		            assert all(v == (u * 45 + 50) // 100 for u, v in zip(a, b)), (y, x)
		            dim += 1
		            continue
		        inside = [abs(y - v) + abs(x - u) for v in range(y - 2, y + 3) for u in range(x - 2, x + 3)
		                  if (v == y or u == x) and not (0 <= v < h and 0 <= u < w and mask[v * w + u])]
		        if not inside:
		            assert all(v == (u * 70 + c * 30 + 50) // 100 for u, v, c in zip(a, b, (230, 159, 0))), (y, x)
		            tinted += 1
		        else:
		            assert b == (bytes((230, 159, 0)) if min(inside) == 1 else bytes(3)), (y, x)
		assert dim > 1000 and tinted > 20
	EOP
}

@test "UP03 file, pipe, gzip and threads: the same bytes" {
	for run in 1 2 3; do
		case $run in
		1) "${paint[@]}" -t 1 -d again --format json new ;;
		2) "${paint[@]}" -t 3 -d again --format json <new ;;
		3) gzip -c new | "${paint[@]}" -d again --format json ;;
		esac | cmp - table.json
		for f in out/*; do
			cmp "$f" "again/${f##*/}"
		done
		rm -r again
	done
	[ "$(find out -name "*.png" | wc -l)" = 5 ]
}

@test "UP04 concepts by name; what is not there is refused" {
	label=$(sed -n 2p result.csv | cut -d , -f 3)
	"${paint[@]}" --concepts "$label" --format json new >named
	python3 - "$label" <<-'EOP'
		import json, sys
		drop = lambda rows: [{k: v for k, v in r.items() if k != "painted"} for r in rows]
		want = [r for r in json.load(open("table.json")) if r["concept"] == sys.argv[1]]
		assert drop(json.load(open("named"))) == drop(want) and want
	EOP
	for wrong in "--units 0" "--units x" "--units 1,1" "--units 129" "--concepts nothing" "--concepts $label,$label" \
		"--units ," "--layer conv1" "--threshold 2" "-k -1"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr -2 "${paint[@]}" $wrong new
		[ -z "$output" ]
	done
	run --separate-stderr -2 unit-paint -T thr new
	run --separate-stderr -3 "${paint[@]}" act
	[[ $stderr == "unit-paint: act: item 0 ("*"): no image: cnn-forward --keep-images passes them on" ]]
	sed '2s/^[0-9]*/500/' result.csv >beyond.csv
	run --separate-stderr -3 unit-paint -T thr -r beyond.csv --threshold 0 new
	[ "$stderr" = "unit-paint: the result has unit 500, the layer 128 units" ]
	run --separate-stderr -4 "${paint[@]}" <(head -c 300000 new)
	run --separate-stderr -1 "${paint[@]}" -d /dev/null/x new
}

@test "UP05 hostile names in pictures, files and tables" {
	python3 - <<-'EOP'
		import csv
		rows = list(csv.reader(open("result.csv", newline="")))
		names = ["<script>alert(1)</script>", 'a"b', "x,y", "line\nend", "n" * 10000, "\x1b[31m", "é"]
		column = [i for i, name in enumerate(rows[0]) if name.endswith("-label")]
		for row, name in zip(rows[1:], names):
		    was = row[2]
		    row[2] = name
		    for i in column:
		        row[i] = name if row[i] == was else row[i]
		csv.writer(open("hostile.csv", "w", newline="")).writerows(rows)
	EOP
	cp "$root/pipelines/demo/demo.onnx" .
	broden-synth --seed 4 -n 1 --no-labels | ndrtopam >'..<i>&"  .x.ppm'
	pamtondr '..<i>&"  .x.ppm' | cnn-forward -m demo.onnx -l conv5 --preset demo --keep-images -o odd
	unit-paint -T thr -r hostile.csv --format json -d hostile -k 50 odd >odd.json
	unit-paint -T thr -r hostile.csv --format tsv new >odd.tsv
	python3 -c 'import json; assert all(r["image"] == "..<i>&\"  .x.ppm" for r in json.load(open("odd.json")))'
	[ "$(awk -F '\t' '{print NF}' odd.tsv | sort -u)" = 16 ]
	run ! grep -q '[<>]' odd.json
	[ "$(ls hostile)" = "0-..-i-----.x.png" ]
	pngtopnm hostile/* | pamfile | grep -q PPM
	unit-paint -T thr -r hostile.csv --concepts 'x\,y' --format tsv new | cut -f 3 | sort -u | grep -qx 'x,y\|concept'
}

@test "UP06 photographs of any size, JPEG and PNG: scaled for the network, painted as they are" {
	ppmpat -gingham2 -randomseed=1 700 400 >big.ppm
	pnmtopng big.ppm >big.png 2>/dev/null
	pnmtojpeg big.ppm >big.jpg
	pamtondr big.ppm big.png big.jpg |
		cnn-forward -m "$root/pipelines/demo/demo.onnx" -l conv5 --preset demo --resize --keep-images -o big
	"${paint[@]}" --threshold 0 -d sizes --format json big >/dev/null
	for i in 0 1 2; do
		[[ $(pngtopnm sizes/$i-big.png | pamfile) == *"700 by "* ]]
	done
	cmp sizes/0-big.png sizes/1-big.png
	# Words are as large as the width has room for: 11 pixels a line up to 500.
	ppmpat -gingham2 -randomseed=1 60 1200 >tall.ppm
	pamtondr tall.ppm | cnn-forward -m "$root/pipelines/demo/demo.onnx" -l conv5 --preset demo --resize --keep-images |
		"${paint[@]}" --threshold 0 -d sizes --format tsv >tall.tsv
	painted=$(awk -F '\t' '$16 == 1' tall.tsv | wc -l)
	[ "$painted" -gt 0 ]
	[[ $(pngtopnm sizes/0-tall.png | pamfile) == *"240 by $((1200 + 2 + 11 * painted)) "* ]]
	ndrtopam big | head -c 840015 | cmp - big.ppm
	run --separate-stderr -3 cnn-forward -m "$root/pipelines/demo/demo.onnx" -l conv5 --preset demo <(pamtondr big.ppm)
	[[ $stderr == *"image of 400x700, the network takes 112x112"* ]]
}

@test "UP07 --help, --version, a full disk" {
	run --separate-stderr -0 unit-paint --help
	[[ $output == "usage: unit-paint "* ]]
	run --separate-stderr -1 bash -c 'unit-paint -T thr -r result.csv new >/dev/full'
	[ "$stderr" = "unit-paint: <stdout>: No space left on device" ]
}
