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
