# rotate-basis: rotations there and back, against products written out.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper
load filter

setup() {
	fixture=$(fixture)
	cd "$BATS_TEST_TMPDIR" || exit
}

# Payloads of the records of a type, one after the other.
payloads() {
	python3 - "$1" "$2" <<-'EOP'
		import struct, sys
		f = open(sys.argv[2], "rb")
		while h := f.read(64):
		    kind, length = struct.unpack_from("<4xH2xQ", h)
		    data = f.read(-(-length // 64) * 64)[:length]
		    if kind == int(sys.argv[1]):
		        sys.stdout.buffer.write(data)
	EOP
}

basis() {
	ndr-dump --meta "$1" | grep '\.basis='
}

@test "RB01 alpha 0 keeps activations bit by bit, and the basis" {
	rotate-basis --seed 1 --alpha 0 "$fixture/conv5.ndr" >same
	payloads 7 "$fixture/conv5.ndr" >want
	payloads 7 same | cmp - want
	run -1 basis same
	act-segment -q -T "$fixture/conv5.thr" same >/dev/null
	rotate-basis --seed 1 --alpha 0 --write-matrix one.ndr "$fixture/conv5.ndr" >same
	payloads 14 one.ndr | python3 -c 'import array, sys
q = array.array("f", sys.stdin.buffer.read())
assert len(q) == 128 * 128 and all(x == (i % 129 == 0) for i, x in enumerate(q))'
}

@test "RB02 the matrix that is written is orthogonal, and is the one that is applied" {
	for alpha in 0.6 1; do
		rotate-basis --seed 1 --alpha $alpha --write-matrix q.ndr "$fixture/conv5.ndr" >r.ndr
		payloads 14 q.ndr >q.f32
		payloads 7 "$fixture/conv5.ndr" >a.f32
		payloads 7 r.ndr >r.f32
		python3 - <<-'EOP'
			import array
			q, a, r = (array.array("f", open(n + ".f32", "rb").read()) for n in "qar")
			d = 128
			row = [q[i * d:i * d + d] for i in range(d)]
			def dot(x, y):
			    return sum(s * t for s, t in zip(x, y))
			assert max(abs(dot(row[i], row[j]) - (i == j)) for i in range(d)
			           for j in range(i + 1)) < 1e-5
			cells = len(a) // 24 // d
			for item in 0, 23:
			    for cell in 0, cells // 2, cells - 1:
			        at = slice(item * d * cells + cell, (item + 1) * d * cells, cells)
			        most = max(map(abs, a[at])) + 1
			        assert all(abs(dot(row[i], a[at]) - x) < 1e-5 * most
			                   for i, x in enumerate(r[at]))
		EOP
	done
}

@test "RB03 powers add up, and the inverse turns back" {
	close() {
		payloads 7 "$1" >one.f32
		payloads 7 "$2" >two.f32
		python3 -c 'import array
a, b = (array.array("f", open(n + ".f32", "rb").read()) for n in ("one", "two"))
most = max(map(abs, a))
assert len(a) == len(b) and max(abs(x - y) for x, y in zip(a, b)) < 1e-5 * most'
	}
	rotate-basis --seed 3 --alpha 0.25 "$fixture/conv5.ndr" |
		rotate-basis --seed 3 --alpha 0.75 >sum
	rotate-basis --seed 3 --write-matrix q.ndr "$fixture/conv5.ndr" >whole
	close whole sum
	rotate-basis --seed 3 --inverse whole >back
	close "$fixture/conv5.ndr" back
	rotate-basis --matrix q.ndr --inverse whole >back
	close "$fixture/conv5.ndr" back
	rotate-basis --matrix q.ndr --alpha 0.25 "$fixture/conv5.ndr" |
		rotate-basis --seed 3 --alpha 0.75 >sum
	close whole sum
	[ "$(basis sum)" != "$(basis whole)" ]
}

@test "RB04 --unpermute exchanges units and nothing else" {
	rotate-basis --seed 5 --alpha 0.5 --write-matrix q.ndr "$fixture/conv5.ndr" >plain
	rotate-basis --seed 5 --alpha 0.5 --unpermute --write-matrix p.ndr "$fixture/conv5.ndr" >un
	payloads 14 q.ndr | od -An -v -tx1 -w512 | sort >rows
	payloads 14 p.ndr | od -An -v -tx1 -w512 >unpermuted
	sort unpermuted | cmp - rows
	payloads 14 q.ndr | od -An -v -tx1 -w512 >permuted
	run -1 cmp unpermuted permuted
	# A known matrix: rows 2 3 1 of the identity are put back in their places.
	payloads 7 plain >/dev/null
	rotate-basis --seed 5 --alpha 0 --unpermute --write-matrix p0.ndr "$fixture/conv5.ndr" >un0
	payloads 14 p0.ndr | python3 -c 'import array, sys
p = array.array("f", sys.stdin.buffer.read())
assert sorted(p) == [0] * (128 * 127) + [1] * 128
assert all(sum(p[i::128]) == 1 == sum(p[128 * i:128 * i + 128]) for i in range(128))'
}

@test "RB05 file, redirect, pipe, gzip and threads: the same bytes, under each kernel set" {
	unset OPENBLAS_CORETYPE
	for set in $(instructions); do
		export NDPIPE_MACHINE=$set
		same_bytes "$fixture/conv5.ndr" rotate-basis --seed 1 --alpha 0.6
	done
}

@test "RB06 matrices that do not serve" {
	two_items
	rotate-basis --seed 1 --write-matrix q.ndr "$fixture/conv5.ndr" >/dev/null
	run --separate-stderr -3 rotate-basis --matrix q.ndr act.ndr
	[ -z "$output" ]
	[[ $stderr == "rotate-basis: q.ndr: no matrix of layer conv" ]]
	run --separate-stderr -3 rotate-basis --matrix act.ndr act.ndr
	[[ $stderr == "rotate-basis: act.ndr: no matrix of layer conv" ]]
	head -c 1000 q.ndr >cut.ndr
	run --separate-stderr -4 rotate-basis --matrix cut.ndr "$fixture/conv5.ndr"
	[[ $stderr == "rotate-basis: cut.ndr: "* ]]
}

@test "RB07 cut or damaged input, misuse, help, a full disk, a closed pipe" {
	refuses_damage "$fixture/conv5.ndr" rotate-basis --seed 1
	speaks_well "$fixture/conv5.ndr" rotate-basis --seed 1
	for misuse in '' '--seed 1 --matrix q.ndr' '--seed 1 --alpha 1.5' '--seed -1'; do
		# shellcheck disable=SC2086
		run --separate-stderr -2 rotate-basis $misuse "$fixture/conv5.ndr"
		[ -z "$output" ]
	done
	run --separate-stderr -2 rotate-basis --seed 1 --matrix q.ndr "$fixture/conv5.ndr"
	[[ ${stderr_lines[0]} == "rotate-basis: --seed and --matrix exclude each other" ]]
	run -141 unread rotate-basis --seed 1 "$fixture/conv5.ndr"
	run -0 --separate-stderr rotate-basis --version
	[[ $output == *OpenBLAS*kernels* ]]
}

@test "RB08 the matrix is written to a file of its own" {
	cp "$fixture/conv5.ndr" a.ndr
	ln -s a.ndr link.ndr
	rotate-basis --seed 1 --write-matrix q.ndr a.ndr >/dev/null
	cp q.ndr kept.ndr
	for misuse in 'a.ndr a.ndr' './a.ndr a.ndr' 'link.ndr a.ndr' 'm.ndr -o m.ndr a.ndr' \
		'- a.ndr'; do
		# shellcheck disable=SC2086
		run --separate-stderr -2 rotate-basis --seed 1 --write-matrix $misuse
		[ -z "$output" ]
	done
	run --separate-stderr -2 rotate-basis --matrix q.ndr --write-matrix q.ndr a.ndr
	[[ ${stderr_lines[0]} == "rotate-basis: --write-matrix q.ndr: the same file as --matrix" ]]
	cmp a.ndr "$fixture/conv5.ndr"
	cmp q.ndr kept.ndr
	[ ! -e m.ndr ]
	[ ! -e - ]
}

@test "RB09 the inverse of the last turn takes it off META, and only that" {
	turn() { rotate-basis "$@"; }
	turn --seed 1 --alpha 0.5 "$fixture/conv5.ndr" >one
	turn --seed 2 one >two
	[[ $(basis two) == *"=seed 1 alpha 0.5, seed 2 alpha 1" ]]
	turn --seed 2 --inverse two >back
	[ "$(basis back)" = "$(basis one)" ]
	turn --seed 1 --alpha 0.5 --inverse back >home
	run -1 basis home
	act-segment -q -T "$fixture/conv5.thr" home >/dev/null
	# A turn forth undoes one back; another turn undoes nothing.
	turn --seed 3 --inverse "$fixture/conv5.ndr" | turn --seed 3 >home
	run -1 basis home
	turn --seed 11 "$fixture/conv5.ndr" | turn --seed 1 --inverse >other
	[[ $(basis other) == *"=seed 11 alpha 1, seed 1 alpha 1 inverse" ]]
	turn --seed 2 --alpha 0.5 --inverse two >other
	[[ $(basis other) == *", seed 2 alpha 1, seed 2 alpha 0.5 inverse" ]]
	turn --seed 1 --alpha 0.5 --inverse two >other
	[[ $(basis other) == *", seed 2 alpha 1, seed 1 alpha 0.5 inverse" ]]
	# A matrix is known by its bytes.
	turn --seed 5 --write-matrix q.ndr "$fixture/conv5.ndr" >/dev/null
	turn --matrix q.ndr "$fixture/conv5.ndr" | turn --matrix q.ndr --inverse >home
	run -1 basis home
}

@test "RB13 a product that overflows names item, layer and unit" {
	two_items
	echo 1 1 1 1  3e38 0 3e38 0 | npy 2 2 1 2 |
		npytondr --as act --like labels.ndr -l conv -o large.ndr
	run --separate-stderr -3 rotate-basis --seed 3 -o got large.ndr
	[[ $stderr == "rotate-basis: large.ndr: item 1 (b.png): layer conv: unit "[01]" is infinite" ]]
	[ ! -e got ]
	rotate-basis --seed 3 --alpha 0 large.ndr | ndr-check
}

@test "RB11 segments of one schema by malice, with other layers: no matrix of one is for the other" {
	# Letters of either case in a key that nobody knows bring META's CRC-32 to any number.
	PYTHONPATH=$root/examples "$python" -c 'import numpy' 2>/dev/null || skip "no NumPy here"
	PYTHONPATH=$root/examples "$python" - <<-'EOF'
		import ndpipe, numpy, zlib
		def meta(units, capitals=0):
		    z = "".join("aA"[capitals >> i & 1] for i in range(64))
		    return {"dataset.items": 2, "layer.0.name": "c", "layer.0.shape": f"{units} 1 1", "z": z}
		def crc(*of):
		    return zlib.crc32(ndpipe._encode_meta(meta(*of)))
		left, chosen, basis = crc(300) ^ crc(2), 0, {}
		for i in range(64):
		    value, letters = crc(300, 1 << i) ^ crc(300), 1 << i
		    while value and value.bit_length() in basis:
		        more = basis[value.bit_length()]
		        value, letters = value ^ more[0], letters ^ more[1]
		    basis.setdefault(value.bit_length(), (value, letters))
		while left:
		    left, chosen = left ^ basis[left.bit_length()][0], chosen ^ basis[left.bit_length()][1]
		assert crc(300, chosen) == crc(2)
		with ndpipe.Writer(open("forged.ndr", "wb")) as out:
		    for n, (m, units) in enumerate([(meta(2), 2), (meta(300, chosen), 300)]):
		        out.begin(ndpipe.Segment(first=n, end=n + 1, most=1, meta=m))
		        out.write(ndpipe.item(n, "x"))
		        out.write(ndpipe.Record.of(ndpipe.ACT, numpy.ones((units, 1, 1), "f4"), n))
		        out.end()
	EOF
	rotate-basis --seed 1 forged.ndr >turned
	ndr-check turned
	[ "$(ndr-dump --type ACT turned | cut -f 5 | xargs)" = 'f32[2,1,1] f32[300,1,1]' ]
	act-ablate --units 2-300 --keep forged.ndr >/dev/null 2>said || [ $? = 2 ]
	act-ablate --units 2 forged.ndr | ndr-check
}
