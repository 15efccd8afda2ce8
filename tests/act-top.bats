# act-top: the strongest images of each unit.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper
load filter

setup() {
	fixture=$(fixture)
	cd "$BATS_TEST_TMPDIR" || exit
}

numbers() {
	ndr-dump --type TOP --values 1000 "$1" | sed 's/.*\t//'
}

@test "AT01 two images by hand" {
	two_items
	# Unit 1 peaks at 6 and 3, unit 2 at 1 in both: the lower item comes first.
	act-top -k 2 act.ndr >top
	[ "$(numbers top)" = "6 0 3 1 1 0 1 1" ]
	act-top -k 3 act.ndr >top
	[ "$(numbers top)" = "6 0 3 1 0 -1 1 0 1 1 0 -1" ]
}

@test "AT02 file, redirect, pipe, gzip and threads: the same bytes" {
	same_bytes "$fixture/conv5.ndr" act-top -k 5
}

@test "AT03 shards, merged or read together" {
	for i in 1 2; do
		broden-synth --seed 7 -n 24 --shard $i/2 |
			cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5 --preset demo >act$i
		act-top -k 4 --no-provenance act$i >top$i
	done
	act-top -k 4 --no-provenance "$fixture/conv5.ndr" >whole
	act-top -k 4 --no-provenance act2 act1 | cmp - whole
	ndr-cat --no-provenance top2 top1 | cmp - whole
}

@test "AT05 --maps: the maps of these images, as they are in ACT" {
	act-top -k 3 --maps "$fixture/conv5.ndr" >top
	ndr-check top
	act-top -k 3 "$fixture/conv5.ndr" | ndr-dump --type TOP --values 100000 | cut -f 4- |
		cmp - <(ndr-dump --type TOP --values 100000 top | cut -f 4-)
	python3 - "$fixture/conv5.ndr" top <<-'EOF'
		import struct, sys
		def records(path):
		    data = open(path, "rb").read()
		    while data:
		        kind, length, item = *struct.unpack_from("<H", data, 4), *struct.unpack_from("<Q", data, 8), *struct.unpack_from("<I", data, 24)
		        dims = struct.unpack_from("<4I", data, 36)
		        yield kind, item, dims, data[64:64 + length]
		        data = data[64 + (length + 63) // 64 * 64:]
		acts = {item: payload for kind, item, dims, payload in records(sys.argv[1]) if kind == 7}
		size = 4 * [dims[1] * dims[2] for kind, item, dims, payload in records(sys.argv[1]) if kind == 7][0]
		maps, n = b"", 0
		for kind, item, dims, payload in records(sys.argv[2]):
		    if kind == 13:
		        top = struct.unpack("<%dd" % (len(payload) // 8), payload)
		        units, k = dims[:2]
		    if kind == 16:
		        first, count, of, h, w = struct.unpack_from("<5I", payload)
		        assert (first, of, 4 * h * w) == (n, k, size)
		        maps, n = maps + payload[64:], n + count
		assert n == units
		want = b"".join(acts[int(top[2 * i + 1])][i // k * size:][:size] for i in range(units * k))
		assert maps == want
	EOF
}

@test "AT06 --maps: shards in any order, threads, pipes: the same bytes" {
	for i in 1 2 3; do
		broden-synth --seed 7 -n 24 --shard $i/3 |
			cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5 --preset demo >act$i
		act-top -k 4 --maps --no-provenance act$i >top$i
	done
	act-top -k 4 --maps --no-provenance -t 1 "$fixture/conv5.ndr" >whole
	act-top -k 4 --maps --no-provenance -t 3 act2 act3 act1 | cmp - whole
	ndr-cat --no-provenance top3 top1 top2 | cmp - whole
	ndr-cat --no-provenance top2 top3 >two
	ndr-cat --no-provenance two top1 | cmp - whole
	# More images than a shard has; a shard without items; one without maps.
	for i in 1 2 3; do act-top -k 20 --maps --no-provenance act$i >top$i; done
	ndr-cat --no-provenance top2 top1 top3 |
		cmp - <(act-top -k 20 --maps --no-provenance "$fixture/conv5.ndr")
	act-top -k 20 --no-provenance act2 >top2
	run --separate-stderr -3 ndr-cat top1 top2 top3
	[[ $stderr == *"only some parts of the stream have the maps"* ]]
}

@test "AT07 --maxima: counts of images by their maxima, and an image of each bin" {
	act-top -k 3 --maxima "$fixture/conv5.ndr" >top
	ndr-check top
	act-top -k 3 --no-provenance "$fixture/conv5.ndr" | ndr-dump --type TOP --values 100000 | cut -f 4- |
		cmp - <(ndr-dump --type TOP --values 100000 top | cut -f 4-)
	python3 - "$fixture/conv5.ndr" top <<-'EOF'
		import struct, sys
		def records(path):
		    data = open(path, "rb").read()
		    while data:
		        kind, length, item = *struct.unpack_from("<H", data, 4), *struct.unpack_from("<Q", data, 8), *struct.unpack_from("<I", data, 24)
		        yield kind, item, struct.unpack_from("<4I", data, 36), data[64:64 + length]
		        data = data[64 + (length + 63) // 64 * 64:]
		def rank(x):  # the first number of splitmix64
		    m = (1 << 64) - 1
		    x = x + 0x9e3779b97f4a7c15 & m
		    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9 & m
		    x = (x ^ x >> 27) * 0x94d049bb133111eb & m
		    return x ^ x >> 31
		def place(v):
		    b, = struct.unpack("<I", struct.pack("<f", v + 0.0))
		    return (b + (1 << 31) if b < 1 << 31 else (1 << 32) - 1 - b) >> 20
		assert rank(0) == 0xe220a8397b1dcdaf  # as published
		want = {}
		for kind, item, (units, h, w, _), payload in records(sys.argv[1]):
		    if kind == 7:
		        for u in range(units):
		            v = max(struct.unpack_from("<%df" % (h * w), payload, 4 * h * w * u))
		            want.setdefault(u, {}).setdefault(place(v), []).append((rank(item), item, v))
		seen = []
		for kind, item, dims, payload in records(sys.argv[2]):
		    if kind == 22:
		        unit, bits, count = struct.unpack_from("<2IQ", payload)
		        got = list(struct.iter_unpack("<2IfIQ", payload[64:]))
		        assert bits == 12 and len(got) == count
		        assert got == [(b, *min(x)[1:], 0, len(x)) for b, x in sorted(want[unit].items())]
		        seen.append(unit)
		assert seen == sorted(want)
	EOF
}

@test "AT08 --maxima: shards in any order, threads: the same bytes; not of some only" {
	for i in 1 2 3; do
		broden-synth --seed 7 -n 24 --shard $i/3 |
			cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5 --preset demo >act$i
		act-top -k 4 --maps --maxima --no-provenance act$i >top$i
	done
	act-top -k 4 --maps --maxima --no-provenance -t 1 "$fixture/conv5.ndr" >whole
	act-top -k 4 --maps --maxima --no-provenance -t 3 act2 act3 act1 | cmp - whole
	ndr-cat --no-provenance top3 top1 top2 | cmp - whole
	ndr-cat --no-provenance top2 top3 >two
	ndr-cat --no-provenance two top1 | cmp - whole
	act-top -k 4 --maps --no-provenance act2 >top2
	for order in "top1 top2 top3" "top2 top1 top3"; do
		# shellcheck disable=SC2086 # three names
		run --separate-stderr -3 ndr-cat $order
		[[ $stderr == *"only some parts of the stream have the maxima"* ]]
	done
}

@test "AT04 cut or damaged input, misuse, help, a full disk" {
	refuses_damage "$fixture/conv5.ndr" act-top
	speaks_well "$fixture/conv5.ndr" act-top
	run -2 act-top -k 0 "$fixture/conv5.ndr"
}

@test "AT09 --format: a table with the images' names, units and ranks from 1" {
	two_items
	act-top -k 3 --format tsv act.ndr >got
	ndr-dump --type ITEM act.ndr | sed 's/.*name=//' >names
	diff got - <<-EOF
		$(printf 'unit\trank\tvalue\titem\tname\tlayer')
		$(printf '1\t1\t6.0\t0\t%s\t%s' "$(sed -n 1p names)" "$(ndr-dump --type ACT act.ndr | head -n 1 | cut -f 4)")
		$(printf '1\t2\t3.0\t1\t%s\t%s' "$(sed -n 2p names)" "$(ndr-dump --type ACT act.ndr | head -n 1 | cut -f 4)")
		$(printf '2\t1\t1.0\t0\t%s\t%s' "$(sed -n 1p names)" "$(ndr-dump --type ACT act.ndr | head -n 1 | cut -f 4)")
		$(printf '2\t2\t1.0\t1\t%s\t%s' "$(sed -n 2p names)" "$(ndr-dump --type ACT act.ndr | head -n 1 | cut -f 4)")
	EOF
	act-top -q -k 4 --format csv -t 1 "$fixture/conv5.ndr" >one
	act-top -q -k 4 --format csv -t 3 <"$fixture/conv5.ndr" | cmp - one
	[ "$(wc -l <one)" = $((1 + 4 * 128)) ]
	act-top --no-provenance -k 4 "$fixture/conv5.ndr" >plain
	act-top --no-provenance -k 4 --format ndr "$fixture/conv5.ndr" | cmp - plain
	run --separate-stderr -2 act-top --format csv --maps act.ndr
	[ "$stderr" = "act-top: --maps and --maxima go with --format ndr" ]
	run -1 bash -c 'act-top -q --format csv act.ndr >/dev/full'
	run -4 act-top --format csv -o none <(head -c -64 act.ndr)
	[ ! -e none ]
}
