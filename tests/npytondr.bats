# npytondr: arrays as streams, alone and beside the items of another one.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper
load stream

setup() {
	good=$root/tests/format/passed
	cd "$BATS_TEST_TMPDIR" || return
}

# npy DESCR SHAPE CODE NUMBERS... -- an array, written by the letter of the format
npy() {
	python3 - "$@" <<-'EOF'
		import os, struct, sys
		descr, shape, code, *numbers = sys.argv[1:]
		version = int(os.environ.get("VERSION", 1))
		head = "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }" % (
		    descr, os.environ.get("FORTRAN", "False"), shape)
		head = head.encode()
		head += b" " * (-(len(head) + 11 + 2 * (version > 1)) % 64) + b"\n"
		sys.stdout.buffer.write(
		    b"\x93NUMPY" + bytes([version, 0]) +
		    struct.pack("<H" if version == 1 else "<I", len(head)) + head +
		    struct.pack("%s%d%s" % (">" if descr[0] == ">" else "<", len(numbers), code),
		                *(int(x) if code in "bBhHiIqQ" else float(x) for x in numbers)))
	EOF
}

@test "NP01 activations: f4, f8 and u1, versions 1 to 3, with and without maps" {
	npy '<f4' '(2, 1, 1, 2)' f 1 2 3 4.5 >a.npy
	npytondr --as act -l conv a.npy >a
	ndr-check a
	[ "$(ndr-dump --type ACT --values 9 a | cut -f 3,4,5,8)" = "$(printf '0\tconv\tf32[1,1,2]\t1 2\n1\tconv\tf32[1,1,2]\t3 4.5')" ]
	npy '<f8' '(2, 1, 1, 2)' d 1 2 3 4.5 | npytondr --as act -l conv | cmp - a
	VERSION=2 npy '<f4' '(2, 1, 1, 2)' f 1 2 3 4.5 | npytondr --as act -l conv | cmp - a
	VERSION=3 npy '<f4' '(2,1,1,2)' f 1 2 3 4.5 | npytondr --as act -l conv | cmp - a
	# Python 2 wrote long numbers so.
	npy '<f4' '(2L, 1L, 1, 2L)' f 1 2 3 4.5 | npytondr --as act -l conv | cmp - a
	npy '|u1' '(1, 3)' B 7 8 255 | npytondr --as act -l fc >b
	[ "$(ndr-dump --type ACT --values 9 b | cut -f 5,8)" = $'f32[3,1,1]\t7 8 255' ]
}

@test "NP19 images of any number of channels, through a network of as many" {
	npy '<u2' '(2, 4, 1, 2)' H 1 2 3 4 5 6 7 65535 8 7 6 5 4 3 2 1 >a.npy
	npytondr --as planes a.npy >a
	ndr-check a
	[ "$(ndr-dump --type PLANES --values 9 a | cut -f 3,5,8)" = "$(printf '0\tf32[4,1,2]\t1 2 3 4 5 6 7 65535\n1\tf32[4,1,2]\t8 7 6 5 4 3 2 1')" ]
	ndr-dump --type ITEM a | grep -q 'image=2x1 '
	[ "$(od -An -tu2 -j 64 -N 4 a | xargs)" = "1 1" ] # ndr's version
	npy '<f8' '(1, 4, 8, 8)' d $(seq 256) | npytondr --as planes >b
	"$root/tests/tiny-onnx" bands >bands.onnx # which passes four channels on
	cnn-forward -q -m bands.onnx -l conv1 --mean 1,2,3,4 --scale 2 b | ndrtonpy --type act >c.npy
	# shellcheck disable=SC2046 # numbers
	npy '<f4' '(1, 4, 8, 8)' f $(seq 256 | awk '{print 2 * $1 - int((NR - 1) / 64) - 1}') >want.npy
	cmp <(npytondr --as act -l x want.npy) <(npytondr --as act -l x c.npy)
	run --separate-stderr -3 cnn-forward -q -m bands.onnx -l conv1 <(npy '|u1' '(1, 3, 8, 8)' B $(seq 0 191) | npytondr --as planes)
	[[ $stderr == *"item 0 (0): image of 3 channels, the network takes 4" ]]
	for shape in '(2, 8)' '(2, 2, 2)'; do
		run --separate-stderr -3 npytondr --as planes <(npy '<f4' "$shape" f $(seq 16))
		[[ $stderr == *"array is not of shape (N, channels, height, width)" ]]
	done
	run --separate-stderr -3 npytondr --as planes <(npy '<f4' '(1, 2, 1, 1)' f 1 nan)
	[[ $stderr == *"NaN or infinity (item 0, channel 1)" ]]
}

@test "NP02 there and back again" {
	for f in items two-segments; do
		ndrtonpy --type act "$good/$f.ndr" >a.npy
		npytondr --as act -l conv5 a.npy | ndrtonpy --type act | cmp - a.npy
		ndrtonpy --type image "$good/$f.ndr" >i.npy
		npytondr --as image i.npy | ndrtonpy --type image | cmp - i.npy
	done
}

@test "NP03 --like: what was taken out and put back is the same stream" {
	stream 'Stream().preamble().item(0).image().label().label((1, 3), (2, 1, 1), group=1).act().item(2).image().label().act().end()' >like
	ndrtonpy --type act like >a.npy
	npytondr --no-provenance --as act --like like --keep-images a.npy >got
	ndr-check got
	cmp <(ndr-dump --values 99 got | cut -f 2-) <(ndr-dump --values 99 like | grep -v PROV | cut -f 2-)
	cmp <(ndr-dump --meta got) <(ndr-dump --meta like)
	npytondr --as act --like like a.npy >got
	[ -z "$(ndr-dump --type IMAGE got)" ]
	[ "$(ndr-dump --type LABEL got | wc -l)" = 3 ]
	ndr-dump --provenance got | grep -qx program=make-corpus
	ndrtonpy --type image like >i.npy
	npytondr --as image --like like i.npy >got
	[ "$(ndr-dump got | cut -f 2 | tr '\n' ' ')" = 'HEAD META PROV PROV ITEM IMAGE LABEL LABEL ITEM IMAGE LABEL END ' ]
}

@test "NP04 the layer's name and place" {
	npy '<f4' '(2, 1, 1, 2)' f 1 2 3 4 >a.npy
	npytondr --as act --like "$good/items.ndr" a.npy | ndr-dump --meta >meta
	grep -qx 'layer.0.name=conv5' meta
	grep -qx 'layer.0.offset=1.5 1.5' meta
	grep -qx 'layer.0.shape=1 1 2' meta
	npytondr --as act -l new --like "$good/items.ndr" --input 224,227 --stride 16 --offset=-7.5,0 \
		--size 3 a.npy | ndr-dump --meta >meta
	grep -qx 'layer.0.name=new' meta
	grep -qx 'layer.0.input=224 227' meta
	grep -qx 'layer.0.stride=16 16' meta
	grep -qx 'layer.0.offset=-7.5 0' meta
	grep -qx 'label.3=1 paw %25' meta
	run --separate-stderr -2 npytondr --as act a.npy
	[[ $stderr == *"--as act needs -l NAME, unless --like has one layer" ]]
	run -2 npytondr --as act -l x --stride 1,2,3 a.npy
	run -2 npytondr --as act -l x --input 0.5 a.npy
}

@test "NP05 as many rows as items" {
	for n in 1 3; do
		# shellcheck disable=SC2046
		npy '<f4' "($n, 1, 1, 1)" f $(seq $n) >a.npy
		run --separate-stderr -3 npytondr --as act --like "$good/items.ndr" -o none a.npy
		[[ $stderr == *"items.ndr has "*" items than a.npy rows ($n)" ]]
		[ ! -e none ]
	done
}

# Each with what the message says.
@test "NP06 arrays that are refused" {
	refused() {
		local want=$1 status=$2
		shift 2
		run --separate-stderr "-$status" npytondr -o none "$@" bad.npy
		[[ $stderr == "npytondr: bad.npy: "*"$want"* ]] || {
			echo "$stderr"
			return 1
		}
		[ ! -e none ]
	}
	npy '>f4' '(1, 2, 2, 3)' f 1 2 3 4 5 6 7 8 9 10 11 12 >bad.npy
	refused "array of '>f4', not of u1" 3 --as image
	npy '<c8' '(1, 1)' d 1 >bad.npy
	refused "array of '<c8', not of f2 to f8, u1 to u8, i1 to i8 or b1" 3 --as act -l x
	npy '<i2' '(1, 2, 2, 3)' h 1 2 3 4 5 6 7 8 9 10 11 12 >bad.npy
	refused "array of '<i2', not of u1" 3 --as image
	npy '<f16' '(1, 1)' d 1 1 >bad.npy
	refused "array of '<f16', not of" 3 --as act -l x
	npy '<f4' '(1, 2, 2, 3)' f 1 2 3 4 5 6 7 8 9 10 11 12 >bad.npy
	refused "array of '<f4', not of u1" 3 --as image
	npy '|u1' '(1, 2, 2, 1)' B 1 2 3 4 >bad.npy
	refused 'not of shape (N, height, width, 3)' 3 --as image
	npy '<f4' '(4,)' f 1 2 3 4 >bad.npy
	refused 'not of shape (N, units' 3 --as act -l x
	npy '<f4' '(1, 0)' f >bad.npy
	refused 'too large or empty' 3 --as act -l x
	npy '<f4' '(1, 2147483647, 2147483647, 2147483647)' f 1 >bad.npy
	refused 'too large' 3 --as act -l x
	npy '<f4' '(1, 2)' f 1 nan >bad.npy
	refused 'row 0, value 1: NaN or infinity (item 0, unit 1)' 3 --as act -l x
	npy '<f8' '(1, 2)' d 1 1e60 >bad.npy
	refused 'row 0, value 1: 1e+60 does not fit float32 (item 0, unit 1)' 3 --as act -l x
	npy '<f4' '(2, 2)' f 1 2 3 >bad.npy
	refused 'truncated within row 1' 4 --as act -l x
	npy '<f4' '(1, 2)' f 1 2 3 >bad.npy
	refused 'bytes after the array' 3 --as act -l x
	echo hello, world >bad.npy
	refused 'not an NPY file' 3 --as act -l x
	printf 'PK\3\4 and the rest of an npz' >bad.npy
	refused 'not an NPY file, but a zip archive' 3 --as act -l x
	npy '<f4' '(1, 1)' f 1 | head -c 50 >bad.npy
	refused 'truncated within the NPY header' 4 --as act -l x
	VERSION=9 npy '<f4' '(1, 1)' f 1 >bad.npy
	refused 'unknown version' 3 --as act -l x
	npy '<f4' '(1, -1)' f 1 >bad.npy
	refused 'bad shape' 3 --as act -l x
}

@test "NP07 an empty array is an empty stream" {
	npy '<f4' '(0, 2, 1, 1)' f | npytondr --as act -l x >a
	[ "$(ndr-dump a | tail -n 1 | cut -f 7)" = items=0 ]
}

# want SHAPE NUMBERS... < stream: the activations that it has, in order
want() {
	[ "$(ndr-dump --type ACT --values 99 | cut -f 5,8)" = "$(printf "f32[$1]\\t%s\\n" "${@:2}")" ]
}

@test "NP08 numbers of 16 bits, and of the other byte order" {
	npy '<f2' '(1, 6)' e 1 -0.5 65504 6e-8 0.33325195 -0 | npytondr --as act -l x |
		want 6,1,1 '1 -0.5 65504 5.96046448e-08 0.333251953 -0'
	npy '>f2' '(2, 1)' e 1 -0.5 | npytondr --as act -l x | want 1,1,1 1 -0.5
	npy '>f4' '(1, 2)' f 1 -2.5 | npytondr --as act -l x | want 2,1,1 '1 -2.5'
	npy '>f8' '(1, 2)' d 1 -2.5 | npytondr --as act -l x | want 2,1,1 '1 -2.5'
	npy '<f2' '(1, 2)' e 1 inf >bad.npy
	run --separate-stderr -3 npytondr --as act -l x bad.npy
	[ "$stderr" = "npytondr: bad.npy: row 0, value 1: NaN or infinity (item 0, unit 1)" ]
}

@test "NP12 integers of all sizes and signs, exactly or not at all" {
	npy '|i1' '(1, 3)' b -128 0 127 | npytondr --as act -l x | want 3,1,1 '-128 0 127'
	npy '|b1' '(1, 3)' B 1 0 1 | npytondr --as act -l x | want 3,1,1 '1 0 1'
	npy '>i2' '(1, 3)' h -32768 5 32767 | npytondr --as act -l x | want 3,1,1 '-32768 5 32767'
	npy '<i4' '(1, 3)' i -16777216 -5 2147483520 | npytondr --as act -l x | want 3,1,1 '-16777216 -5 2.14748352e+09'
	npy '>u4' '(1, 2)' I 7 4294967040 | npytondr --as act -l x | want 2,1,1 '7 4.29496704e+09'
	npy '<i8' '(1, 3)' q -9223372036854775808 -1 16777216 | npytondr --as act -l x | want 3,1,1 '-9.22337204e+18 -1 16777216'
	FORTRAN=True npy '<u8' '(2, 1)' Q 18446742974197923840 3 | npytondr --as act -l x | want 1,1,1 1.8446743e+19 3
	refused() {
		run --separate-stderr -3 npytondr --as act -l x <(npy "$1" '(1, 2)' "$2" 1 "$3")
		[[ $stderr == *": row 0, value 1: $3 is no float32 (item 0, unit 1): round it first" ]] || { echo "$stderr"; return 1; }
	}
	refused '<i4' i 16777217
	refused '<i4' i -16777217
	refused '<i4' i 2147483647
	refused '>u4' I 4294967295
	refused '<i8' q 9223372036854775807
	refused '<i8' q -9223372036854775807
	refused '<u8' Q 18446744073709551615
}

@test "NP13 tokens of a transformer by way of Python: the class token dropped, a grid, dissected" {
	need_numpy
	fixture=$(fixture)
	# The images' own means in 14 x 14 patches as 6 units, behind a class token of nonsense.
	ndrtonpy --type image -o images.npy "$fixture/images.ndr"
	python3 - <<-'EOF' | npytondr --as act --like "$fixture/images.ndr" -l block --input 112 --offset 3.5 --stride 8 --size 8 - >block.ndr
		import sys, numpy as np
		x = np.load("images.npy")
		side = x.shape[1] // 14
		patch = x[:, :14 * side, :14 * side].reshape(len(x), 14, side, 14, side, 3).mean((2, 4)).reshape(len(x), 196, 3)
		t = np.concatenate([np.full((len(x), 1, 6), 1e9), np.concatenate([patch, 255 - patch], 2)], 1)
		np.save("tokens", t)
		np.save(sys.stdout.buffer, t[:, 1:].swapaxes(1, 2).reshape(len(t), -1, 14, 14))
	EOF
	ndr-check block.ndr
	[ "$(ndr-dump --meta block.ndr | grep -ac 'layer.0.shape=6 14 14')" = 1 ]
	python3 - <<-'EOF'
		import numpy as np, subprocess, io
		t = np.load("tokens.npy").astype("f4")
		a = np.load(io.BytesIO(subprocess.run(["ndrtonpy", "--type", "act", "block.ndr"], stdout=subprocess.PIPE).stdout))
		for item, unit, y, x in (0, 0, 0, 0), (3, 4, 2, 13), (23, 5, 13, 1):
		    assert a[item, unit, y, x] == t[item, 1 + 14 * y + x, unit]
	EOF
	act-quantile -q --quantile 0.05 -o thr block.ndr
	act-segment -q -T thr block.ndr | iou-score | unit-label -q --min-images 1 >result.csv
	[ "$(wc -l <result.csv)" = 7 ]
}

@test "NP14 an array larger than memory, in either order" {
	[ -n "${NDPIPE_LONG-}" ] || skip "with make check-all"
	for order in False True; do
		FORTRAN=$order npy "<f8" "(200000, 5, 10, 10)" d >large.npy
		truncate -s +$((200000 * 500 * 8)) large.npy # 800 MB, of zeros
		(
			ulimit -v 400000
			npytondr --as act -l x large.npy | head -c -64 >/dev/null
			[ "${PIPESTATUS[0]}" = 0 ]
		)
	done
}

@test "NP09 Fortran order, of files and of pipes" {
	# Of shape (2, 2, 1, 3), the first axis fastest: 100 n + 10 u + x.
	FORTRAN=True npy '<f4' '(2, 2, 1, 3)' f 0 100 10 110 1 101 11 111 2 102 12 112 >a.npy
	npytondr --as act -l x a.npy >a
	want 2,1,3 '0 1 2 10 11 12' '100 101 102 110 111 112' <a
	npytondr --as act -l x <a.npy | cmp - a
	# shellcheck disable=SC2002 # a pipe is wanted
	cat a.npy | npytondr --as act -l x - | cmp - a
	FORTRAN=True npy '>f8' '(2, 2, 1, 3)' d 0 100 10 110 1 101 11 111 2 102 12 112 |
		npytondr --as act -l x | cmp - a
	FORTRAN=True npy '|u1' '(2, 1, 1, 3)' B 1 4 2 5 3 6 | npytondr --as image |
		ndrtonpy --type image | tail -c 6 | cmp - <(printf '\1\2\3\4\5\6')
	FORTRAN=True npy '<f4' '(0, 2)' f | npytondr --as act -l x | ndr-check
	# Too few bytes and too many, where the size is known and where it is not.
	for n in 1 4 40; do
		head -c -$n a.npy >cut.npy
		run --separate-stderr -4 npytondr --as act -l x cut.npy
		[ "$stderr" = "npytondr: cut.npy: truncated: $((48 - n)) of the array's 48 bytes" ]
		run --separate-stderr -4 npytondr --as act -l x < <(cat cut.npy)
		[ "$stderr" = "npytondr: <stdin>: truncated: $((48 - n)) of the array's 48 bytes" ]
	done
	{ cat a.npy; echo; } >more.npy
	run --separate-stderr -3 npytondr --as act -l x more.npy
	[ "$stderr" = "npytondr: more.npy: bytes after the array" ]
	run --separate-stderr -3 npytondr --as act -l x < <(cat more.npy)
	run --separate-stderr -4 npytondr --as act -l x < <(FORTRAN=True npy '<f8' '(4000000000, 1000)' d 1)
	[[ $stderr == *"truncated: 8 of the array's 32000000000000 bytes" ]]
}

@test "NP10 what NumPy saves of any order and type" {
	need_numpy
	python3 - <<-'EOF'
		import numpy as np
		a = np.random.default_rng(1).normal(size=(5, 3, 4, 2)).astype("f2")
		np.save("c", a.astype("f4"))
		for i, (kind, order) in enumerate([("<f2", "C"), (">f2", "F"), ("<f4", "F"), (">f4", "C"), (">f8", "F"), ("<f8", "C")]):
		    np.save(f"n{i}", np.array(a, dtype=kind, order=order))
		np.save("t", np.moveaxis(np.ascontiguousarray(np.moveaxis(a, 0, -1)), -1, 0))
	EOF
	npytondr --as act -l x c.npy >want
	for f in n?.npy t.npy; do npytondr --as act -l x "$f" | cmp - want; done
}

@test "NP11 what is said of a layer is not passed over where none is written" {
	npy '|u1' '(1, 1, 1, 3)' B 1 2 3 >i.npy
	for option in --layer=x --input=1 --offset=1 --stride=1 --size=1 --keep-images; do
		run --separate-stderr -2 npytondr --as image "$option" i.npy
		[ "$output" = "" ]
		[[ ${stderr_lines[0]} == "npytondr: ${option%=*} goes with --as act" ]]
	done
	run --separate-stderr -2 npytondr --as planes --layer x i.npy
	[ "$output" = "" ]
}
