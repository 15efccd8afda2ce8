# ndr-check: silent about good streams, exact about bad ones; what it saves of them.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper
load stream

setup() {
	good=$root/tests/format/passed
	bad=$root/tests/format/failed
	cd "$BATS_TEST_TMPDIR" || return
}

@test "NK01 good streams: silence" {
	run --separate-stderr -0 ndr-check "$good"/*.ndr
	[ -z "$output$stderr" ]
}

@test "NK02 -v: a line for each segment" {
	run --separate-stderr -0 ndr-check -v "$good/two-segments.ndr"
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" = 2 ]
	[[ ${stderr_lines[0]} == "ndr-check: "*"two-segments.ndr: segment at byte 0: 2 items, 1 layers, 2 categories, schema "* ]]
	[[ ${stderr_lines[1]} == *": segment at byte 2496: 1 items, "* ]]
	run --separate-stderr -0 ndr-check -v "$good/subset.ndr"
	[[ $stderr == *": 2 items (subset), "* ]]
}

@test "NK03 every file is looked at; the last fault is the status" {
	run --separate-stderr -4 ndr-check "$bad/text.3.ndr" "$good/items.ndr" "$bad/no-end.4.ndr" "$good/items.ndr"
	[ "${#stderr_lines[@]}" = 2 ]
	[[ ${stderr_lines[0]} == *"text.3.ndr: record 0 at byte 0: not an ndr record" ]]
	[[ ${stderr_lines[1]} == *"no-end.4.ndr: truncated: no END record after 2240 bytes" ]]
	run --separate-stderr -3 ndr-check "$bad/no-end.4.ndr" "$bad/text.3.ndr"
	[ "${#stderr_lines[@]}" = 2 ]
}

@test "NK04 record, type and byte of a fault" {
	damage "$good/items.ndr" 850 >broken
	run --separate-stderr -3 ndr-check broken
	[ "$stderr" = "ndr-check: broken: record 5 (LABEL) at byte 832: payload crc mismatch" ] ||
		[ "$stderr" = "ndr-check: broken: record 5 at byte 832: header crc mismatch" ]
}

@test "NK05 --recover leaves a good stream as it is" {
	for f in items subset two-segments summary unknown-of-an-item no-image-no-labels; do
		ndr-check --recover "$good/$f.ndr" | cmp - "$good/$f.ndr"
	done
}

# Three items of eight records; a fault in the middle one.
@test "NK06 --recover gives up the item that is damaged, wherever it is" {
	stream 'Stream().preamble().whole_item(0).whole_item(1).whole_item(2).end()' >whole
	stream 'Stream().preamble().whole_item(0).whole_item(2).end(flags=1)' >want
	ndr-dump --type ITEM whole | cut -f 3 | tr '\n' ' ' >items
	[ "$(cat items)" = '0 1 2 ' ]
	size=$(stat -c %s whole)
	one=$(((size - 576 - 256) / 3))
	for ((at = 576 + one + 64; at < 576 + 2 * one; at += 37)); do
		damage whole $at >broken
		run -3 ndr-check broken
		ndr-check -q --recover broken >rest
		cmp rest want
	done
	# Without the header of ITEM nothing says that the item before it was whole.
	stream 'Stream().preamble().whole_item(2).end(flags=1)' >want
	damage whole $((576 + one)) | ndr-check -q --recover | cmp - want
	# A hole of whole steps of 64 bytes, from within one item to within another.
	{
		head -c $((576 + 128)) whole
		tail -c +$((576 + 2 * one + 129)) whole
	} >hole
	ndr-check -q --recover hole >rest
	run -0 ndr-dump rest
	[[ $output != *ITEM* ]]
	[[ $output == *"items=0 subset" ]]
}

@test "NK07 --recover: a cut stream keeps the items that something follows" {
	stream 'Stream().preamble().whole_item(0).whole_item(2).end()' >whole
	stream 'Stream().preamble().whole_item(0).end(flags=1)' >one
	size=$(stat -c %s whole)
	for n in 1 100 256 257 1000; do
		head -c $((size - n)) whole >part
		run --separate-stderr -0 bash -c 'ndr-check --recover part >rest'
		[[ $stderr == "ndr-check: warning: part: "*"(1 places in all)" ]]
		ndr-check rest
		[ "$(ndr-dump --type ITEM rest | wc -l)" -le 2 ]
		ndr-dump --type END rest | grep -q subset
	done
	head -c $((size - 1000)) whole | ndr-check -q --recover | cmp - one
}

@test "NK08 --recover: without HEAD and META there is nothing, and no output" {
	run --separate-stderr -3 ndr-check --recover "$bad/text.3.ndr"
	[ -z "$output" ]
	[[ $stderr == *"not an ndr record" ]]
	damage "$good/items.ndr" 20 >broken
	run --separate-stderr -3 ndr-check --recover -o none broken
	[ ! -e none ]
	run -4 ndr-check --recover /dev/null
	# But the next segment is unharmed.
	cat "$good/items.ndr" >>broken
	ndr-check -q --recover broken | cmp - "$good/items.ndr"
}

@test "NK09 --recover: all of the corpus becomes good streams or is refused" {
	for f in "$bad"/*.ndr; do
		status=0
		ndr-check -q --recover "$f" >rest 2>error || status=$?
		if [ $status = 0 ]; then
			ndr-check rest
		else
			[ ! -s rest ]
			[ $status -ge 3 ]
		fi
	done
}

@test "NK10 the corpus is what its writer writes" {
	"$root/tests/format/make-corpus" corpus
	# Compressed ones depend on the zlib at hand.
	diff -r --exclude='gzip*' --exclude=make-corpus corpus "$root/tests/format"
}

@test "NK11 --recover: what is left of an item that lost its ITEM does not begin another" {
	broken=$root/tests/fuzz/seeds/ndr/recovered-without-item.ndr
	run -3 ndr-check "$broken"
	ndr-check -q --recover "$broken" >rest
	ndr-check rest
}

@test "NK12 gzip that inflates without end ends: what belongs together is limited" {
	# An item of one unknown record after the other, of 16 MiB each.
	stream 'Stream().preamble().item(0).of_item(0x9000, bytes(1 << 24), [1 << 24], flags=0)' >start
	python3 -c '
import gzip, sys
names = {"__name__": "corpus"}
exec(open(sys.argv[1]).read(), names)
zeros = gzip.compress(bytes(1 << 24), 1)
sys.stdout.buffer.write(gzip.compress(open("start", "rb").read(), 1))
s = names["Stream"]()
for i in range(8):
    s.data, s.sequence = b"", 5 + i
    s.record(0x9000, bytes(1 << 24), [1 << 24], item=0, flags=0)
    sys.stdout.buffer.write(gzip.compress(s.data[:64]) + zeros)' "$root/tests/format/make-corpus" >bomb.gz
	for command in act-quantile act-top "iou-score --incomplete"; do
		# shellcheck disable=SC2086 # several words
		run --separate-stderr -3 $command bomb.gz
		[[ $stderr == *"more than 128 MiB of gzip data belong together: inflate the file first" ]]
	done
	gzip -dc bomb.gz >whole
	run -4 act-top whole
	run -4 ndr-check bomb.gz # which needs no more than a record at a time
}

@test "NK13 gzip data that inflate to more than 512 times their size are refused after 128 MiB" {
	python3 - "$root/tests/format/make-corpus" >bomb.gz <<-'EOL'
		import gzip, sys, zlib
		names = {"__name__": "corpus"}
		exec(open(sys.argv[1]).read(), names)
		s = names["Stream"]().preamble()
		sys.stdout.buffer.write(gzip.compress(s.data))
		zeros = gzip.compress(bytes(1 << 22), 9)
		for _ in range(36):
		    s.data = b""
		    s.record(0x9000, bytes(1 << 22), [1 << 22], flags=0)
		    sys.stdout.buffer.write(gzip.compress(s.data[:64]) + zeros)
		s.data = b""
		sys.stdout.buffer.write(gzip.compress(s.end().data))
	EOL
	[ "$(stat -c %s bomb.gz)" -lt 400000 ]
	run --separate-stderr -3 ndr-check bomb.gz
	[[ $stderr == *"bomb.gz: gzip data at byte "*" are more than 512 times what they were: inflate the file first" ]]
	gzip -dc bomb.gz | ndr-check
	# Recovery gives what came before.
	ndr-check -q --recover bomb.gz | ndr-check
}

@test "NK14 --recover: headers within headers, and zeros, take no longer than their bytes" {
	python3 - "$root/tests/format/make-corpus" >nested <<-'EOL'
		import sys
		names = {"__name__": "corpus"}
		exec(open(sys.argv[1]).read(), names)
		s = names["Stream"]().preamble()
		sys.stdout.buffer.write(s.data)
		for i in range(1 << 16, 0, -1):
		    s.data = b""
		    s.record(0x9000, b"", [64 * (i - 1)], length=64 * (i - 1), flags=0, payload_crc=1)
		    sys.stdout.buffer.write(s.data)
	EOL
	{
		cat nested
		head -c $((64 << 20)) /dev/zero
		cat "$good/items.ndr"
	} >both
	(
		ulimit -t 4
		ndr-check -q --recover both
	) >rest
	ndr-check rest
	tail -c "$(stat -c %s "$good/items.ndr")" rest | cmp - "$good/items.ndr"
}
