# Programs that know nothing of the suite but its format take part in its pipes.
# shellcheck disable=SC2154,SC2030,SC2031,SC2094 # set by bats and helper.bash; subshells
load helper
load filter

setup() {
	fixture=$(fixture)
	foreign=$root/tests/foreign
	cd "$BATS_TEST_TMPDIR" || return
}

thresholds() {
	ndr-dump --type THRESH --values 9999 "$1" | cut -f 8
}

@test "FO01 a filter in 40 lines of Python, in the middle of a pipe" {
	[ "$(wc -l <"$foreign/scale.py")" -le 40 ]
	# shellcheck disable=SC2002 # a pipe is wanted
	cat "$fixture/conv5.ndr" | "$foreign/scale.py" 2 | tee scaled | act-quantile >thr
	ndr-check scaled thr
	act-quantile "$fixture/conv5.ndr" >plain
	python3 - "$(thresholds thr)" "$(thresholds plain)" <<-'EOF'
		import sys
		a, b = ([float(x) for x in text.split()] for text in sys.argv[1:])
		assert len(a) == len(b) >= 8
		for i, (x, y) in enumerate(zip(a, b)):  # T, min and max are doubled, the rest stays
		    assert x == (2 * y if i % 8 < 3 else y), (i, x, y)
	EOF
	# Twice the activations and thresholds: the same masks, the same scores.
	act-segment -q -T thr scaled | iou-score | ndrtonpy --type score >score.npy
	ndrtonpy --type score "$fixture/conv5.score" | cmp - score.npy
}

@test "FO02 a filter that dies in the middle makes the last stage fail" {
	size=$(stat -c %s "$fixture/conv5.ndr")
	for n in $((size / 2)) $((size - 64)); do
		run --separate-stderr -4 bash -c \
			"head -c $n '$fixture/conv5.ndr' | '$foreign/scale.py' 2 2>said | act-quantile -o none"
		[[ $stderr == "act-quantile: <stdin>: "*truncated* ]]
		[ ! -e none ]
	done
}

@test "FO03 factor 1 gives back the very bytes" {
	"$foreign/scale.py" 1 <"$fixture/conv5.ndr" | cmp - "$fixture/conv5.ndr"
}

@test "FO04 activations that Python wrote, to thresholds and on to a result" {
	ndr-head -n 12 "$fixture/images.ndr" >labels
	python3 - >theirs.npy <<-'EOF'
		import random, struct, sys
		random.seed(3)
		shape = 12, 4, 7, 7
		head = str({"descr": "<f4", "fortran_order": False, "shape": shape}).encode()
		head += b" " * (-(len(head) + 11) % 64) + b"\n"
		numbers = [random.gauss(0, 1) for _ in range(12 * 4 * 7 * 7)]
		sys.stdout.buffer.write(b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head +
		                        struct.pack("<%df" % len(numbers), *numbers))
	EOF
	npytondr --as act --like labels -l theirs <theirs.npy |
		tee theirs.ndr | act-quantile --quantile 0.05 >thr
	python3 - "$(thresholds thr)" <<-'EOF'
		import struct, sys
		data = open("theirs.npy", "rb").read()[-12 * 4 * 7 * 7 * 4:]
		numbers = struct.unpack("<%df" % (len(data) // 4), data)
		rows = [float(x) for x in sys.argv[1].split()]
		for unit in range(4):
		    samples = sorted((numbers[(i * 4 + unit) * 49 + k] for i in range(12) for k in range(49)), reverse=True)
		    t = samples[int(0.05 * len(samples))]
		    assert abs(rows[8 * unit] - t) < 1e-9 and rows[8 * unit + 3] == 12 * 49
		    assert rows[8 * unit + 6] == sum(x > t for x in samples) == 29
	EOF
	act-segment -q -T thr --upsample resize theirs.ndr | iou-score | unit-label -q --min-images 1 >csv
	[ "$(wc -l <csv)" = 5 ]
	head -n 1 csv | grep -q '^unit,category,label,score'
}

# FO04 is the same without it, which takes longer to start than all else here.
@test "FO05 activations that PyTorch computed, to a result" {
	[ "$(exhaustive 0 1)" = 1 ] || skip "with make check-all"
	/usr/bin/python3 -c 'import importlib.util as u; assert u.find_spec("torch")' 2>said || skip "no PyTorch here"
	ndr-head -n 6 "$fixture/images.ndr" | tee images | ndrtonpy --type image >images.npy
	/usr/bin/python3 "$foreign/convolve.py" images.npy conv.npy
	size=$(ndr-dump --type IMAGE images | head -n 1 | sed 's/.*u8\[\([0-9]*\),.*/\1/')
	npytondr --as act --like images -l conv --input "$size" --offset 1 --stride 4 --size 7 conv.npy >conv.ndr
	ndr-check conv.ndr
	act-quantile --quantile 0.02 conv.ndr >thr
	act-segment -q -T thr conv.ndr | iou-score | unit-label -q --min-images 1 >csv
	[ "$(wc -l <csv)" = 9 ]
	ndrtonpy --type act conv.ndr >back.npy
	/usr/bin/python3 -c 'import numpy; assert (numpy.load("back.npy") == numpy.load("conv.npy")).all()'
}

# module PROGRAM FILE... -- lines of Python to which ndpipe.py is a module
module() {
	PYTHONPATH=$root/examples "$python" -c "import io, sys
import numpy as np
import ndpipe
$1" "${@:2}"
}

need_numpy() {
	"$python" -c 'import numpy' 2>/dev/null || skip "no NumPy here"
}

@test "FO08 the module reads and writes every good stream: the same bytes" {
	need_numpy
	module '
import gzip
for name in sys.argv[1:]:
    out = io.BytesIO()
    ndpipe.copy(lambda record, segment: record, open(name, "rb"), out)
    want = open(name, "rb").read()
    if want[:2] == b"\x1f\x8b":
        want = gzip.decompress(want)
    # What a later version has behind its HEAD is for its readers.
    assert out.getvalue() == want or "newer-minor" in name, name
' "$root"/tests/format/passed/* "$fixture/conv5.ndr" "$fixture/conv5.thr" "$fixture/conv5.score" "$fixture/images.ndr"
}

@test "FO09 the module refuses what is no stream: status 3 and 4, as ndr-check" {
	need_numpy
	# What is in records is for ndr-check.
	mapfile -t bad < <(printf '%s\n' "$root"/tests/format/failed/* | grep -vE '/(chance|classes|count|head-range|image|item|joint|label|linear|matrix|maxima|meta-(category|escape|label|layer|zero)|planes-(none|of|size)|prov|score|seg|sketch|tail|thresh|too-many|top)[a-z0-9-]*\.3\.ndr')
	[ ${#bad[@]} -gt 60 ]
	module '
for name in sys.argv[1:]:
    try:
        ndpipe.copy(lambda record, segment: record, open(name, "rb"), io.BytesIO())
        code = 0
    except ndpipe.Error as e:
        code = e.code
    assert code == int(name.split(".")[-2]), (name, code)
' "${bad[@]}"
	module '
data = open(sys.argv[1], "rb").read()
for n in list(range(0, 700, 13)) + list(range(len(data) - 700, len(data), 61)):
    try:
        for s in ndpipe.segments(io.BytesIO(data[:n])):
            for r in s:
                pass
        raise SystemExit(f"{n} bytes are taken")
    except ndpipe.Truncated:
        pass
' "$fixture/conv5.ndr"
}

@test "FO10 the module writes streams that ndr-check takes: items, labels, activations, masks, thresholds" {
	need_numpy
	module '
rng = np.random.default_rng(1)
meta = {"dataset.items": 3, "category.0": "thing", "label.1": "0 cup % of\ttea", "layer.0.name": "conv", "layer.0.shape": "2 3 4",
        "layer.0.input": "8 8", "layer.0.offset": "1 1", "layer.0.stride": "2 2", "layer.0.size": "3 3"}
s = ndpipe.Segment(end=3, most=3, minor=0, meta=meta)
s.add_provenance("first", "1")
s.add_provenance("mine", "2", seed=7)
masks = rng.random((3, 2, 5, 30)) < 0.4
masks[1, 0] = False
with ndpipe.Writer(open("mine.ndr", "wb")) as out:
    out.begin(s)
    for i in range(3):
        out.write(ndpipe.item(i, f"é{i}.png", labels=(5, 30)))
        out.write(ndpipe.Record.of(ndpipe.LABEL, (rng.random((1, 5, 30)) < 0.5).astype(np.uint16), i))
        out.write(ndpipe.Record.of(ndpipe.ACT, rng.normal(size=(2, 3, 4)).astype(np.float32), i))
        out.write(ndpipe.seg(i, 0, masks[i]))
    out.end()
back = [r for s in ndpipe.segments(open("mine.ndr", "rb")) for r in s]
assert len(back) == 12
for i, r in enumerate(r for r in back if r.type == ndpipe.SEG):
    units, found = r.masks()
    assert units.tolist() == ([1] if i == 1 else [0, 1]) and (found == masks[i][units]).all()
assert back[0].info() == ("é0.png", (0, 0), (5, 30)) and back[2].array.dtype == np.float32
s = next(ndpipe.segments(open("mine.ndr", "rb")))
assert s.layers()[0]["shape"] == (2, 3, 4) and s.labels() == {1: ("thing", "cup % of\ttea")} and s.meta["dataset.items"] == "3"
'
	ndr-check mine.ndr
	ndr-dump --type PROV mine.ndr | grep -q . # ids and parents are right, or ndr-check would not take them
	[ "$(grep -ac '^parent=' mine.ndr)" = 1 ]
	act-quantile -q --quantile 0.2 mine.ndr | ndr-check -
	act-segment -q -T <(act-quantile -q --quantile 0.2 mine.ndr) mine.ndr | iou-score -q | ndr-check -
	iou-score -q mine.ndr | ndrtonpy --type score | tail -c +129 | od -A n -t u8 -v -w8 >pixels
	module '
got = np.loadtxt("pixels", dtype=int).reshape(2, 2, 3)
intersection = area = 0
records = [r for s in ndpipe.segments(open("mine.ndr", "rb")) for r in s]
labels = [r.array[0] for r in records if r.type == ndpipe.LABEL]
for r, l in zip((r for r in records if r.type == ndpipe.SEG), labels):
    for unit, mask in zip(*r.masks()):
        if unit == 1:
            intersection += (mask & (l == 1)).sum()
            area += mask.sum()
assert got[1, 1].tolist() == [intersection, area, sum((l == 1).sum() for l in labels)], got
'
}

@test "FO11 a filter of the module: the bytes of scale.py; cut, damaged, unread: the suite's exit status" {
	need_numpy
	printf '%s\n' 'import ndpipe' 'ndpipe.main(lambda r, s: r.with_array(2 * r.array) if r.type == ndpipe.ACT else r)' >twice.py
	export PYTHONPATH=$root/examples
	"$foreign/scale.py" 2 <"$fixture/conv5.ndr" >want
	# shellcheck disable=SC2002 # a pipe is wanted
	cat "$fixture/conv5.ndr" | "$python" twice.py | tee got | act-quantile | ndr-check -
	cmp got want
	run --separate-stderr -4 bash -c "head -c 100000 want | '$python' twice.py 2>said | act-quantile -q -o none"
	[[ $(cat said) == "twice.py: <stdin>: record at byte "*": truncated" && ! -e none ]]
	run --separate-stderr -3 "$python" twice.py <"$root/tests/format/failed/payload-crc-flipped.3.ndr"
	[[ $stderr == "twice.py: <stdin>: record at byte 0: a damaged header" ]]
	run -1 bash -c "'$python' twice.py <want >/dev/full"
	run -141 bash -c "set -o pipefail; '$python' twice.py <want | head -c 10 >/dev/null"
	# A program that dies on the way leaves no stream.
	printf '%s\n' 'import ndpipe' 'ndpipe.main(lambda r, s: 1 / (r.item < 7) and r)' >dies.py
	"$python" dies.py <want >part 2>/dev/null || true
	run -4 ndr-check part
}
