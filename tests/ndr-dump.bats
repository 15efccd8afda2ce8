# ndr-dump: lines that scripts can rely on.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper
load stream

setup() {
	good=$root/tests/format/passed
	cd "$BATS_TEST_TMPDIR" || return
}

@test "ND01 items, line by line" {
	tr ' ' '\t' >want <<-'EOF'
		0 HEAD - - - - schema=781a4dee|first=0|end=3|most=3
		1 META - - bytes[213] 213 items=3|categories=2|labels=4|layers=1
		2 PROV - - bytes[42] 42 program=make-corpus
		3 ITEM 0 - bytes[22] 22 image=2x2|labels=2x2|name=a.jpg
		4 IMAGE 0 - u8[2,2,3] 12 min=0|max=11|mean=5.5|zeros=1
		5 LABEL 0 object u16[1,2,2] 8 labels=1,3
		6 LABEL 0 part u16[2,1,1] 4 labels=1,3
		7 ACT 0 conv5 f32[2,2,2] 32 min=-2|max=1.00000002e+30|mean=1.25000002e+29|zeros=3
		8 SEG 0 conv5 bytes[128] 128 size=2x2|units=1|pixels=2
	EOF
	ndr-dump "$good/items.ndr" | tr ' ' '|' | head -n 9 | diff - want
	[ "$(ndr-dump "$good/items.ndr" | tail -n 1)" = $'15\tEND\t-\t-\t-\t-\titems=2' ]
	[[ $(ndr-dump "$good/subset.ndr" | tail -n 1) == *'items=2 subset' ]]
}

@test "ND02 what belongs to no item" {
	tr ' ' '\t' >want <<-'EOF'
		3 MATRIX - - f32[2,2] 16 min=-1|max=1|mean=0|zeros=2 0|1|-1
		4 SKETCH - conv5 bytes[32] 32 unit=0|bins=1
		5 SKETCH - conv5 bytes[16] 16 unit=1|bins=0
		6 THRESH - conv5 f64[2,8] 128 T=0..1|level=0.005|samples=100|rank-error=5 1|0|2
		7 SCORE - conv5 u64[2,4,3] 192 intersection=84|area=92|truth=100 0|1|2
		8 COUNT - - u64[4] 32 min=0|max=2|mean=0.75|zeros=2 0|2|0
		9 TOP - conv5 f64[2,2,2] 64 min=-1|max=3|mean=1|zeros=2 3|1|2
	EOF
	ndr-dump --values 3 "$good/summary.ndr" | tr ' ' '|' | sed '1,3d;$d' | diff - want
}

@test "ND03 --meta prints META as it is" {
	ndr-dump --meta "$good/items.ndr" >meta
	head -c 405 "$good/items.ndr" | tail -c 213 | cmp - meta
}

@test "ND04 --provenance, --type" {
	run -0 ndr-dump --provenance "$good/items.ndr"
	[ "$output" = $'id=00000000\nprogram=make-corpus\nversion=1' ]
	[ "$(ndr-dump --type ACT "$good/two-segments.ndr" | cut -f 3 | tr '\n' ' ')" = '0 2 4 ' ]
	[ "$(ndr-dump --type 0x8001 "$good/unknown-ignorable.ndr" | cut -f 5,6)" = $'u8[20]\t20' ]
	[ -z "$(ndr-dump --type score "$good/items.ndr")" ]
	ndr-dump --type act "$good/items.ndr" | cmp - <(ndr-dump --type ACT "$good/items.ndr")
	run --separate-stderr -2 ndr-dump --type NONE "$good/items.ndr"
	[[ $stderr == "ndr-dump: --type: no type 'NONE'"* ]]
	ndr-dump --meta --provenance "$good/items.ndr" |
		cmp - <(ndr-dump --meta "$good/items.ndr" && ndr-dump --provenance "$good/items.ndr")
}

@test "ND05 numbers read back exactly" {
	stream 'Stream().preamble().record(THRESH, struct.pack("<16d", 0.1, 1e300, -5e-324, 2**53, 1/3, *range(11)), [2, 8]).end()' |
		ndr-dump --values 5 --type THRESH | cut -f 8 >values
	[ "$(cat values)" = "0.1 1e+300 -4.94065645841247e-324 9007199254740992 0.3333333333333333" ] ||
		python3 -c 'assert [float(x) for x in open("values").read().split()] == [0.1, 1e300, -5e-324, 2.0**53, 1/3]'
}

@test "ND06 a name stays one word of one line" {
	stream 'Stream().preamble().item(0, name=b"a b%\n\x1b[1m\0").end()' >odd
	run -0 ndr-dump --type ITEM odd
	[ "${#lines[@]}" = 1 ]
	[[ $output == *'name=a%20b%25%0A%1B[1m' ]]
}

@test "ND07 -o" {
	ndr-dump -o text "$good/items.ndr"
	ndr-dump "$good/items.ndr" | cmp - text
}

@test "ND08 provenance is strangers' text: control characters do not reach a terminal" {
	stream 'Stream().head().meta().prov(b"id=00000000\nprogram=a\x1b[2J\tb\x7f\n").end()' >evil
	run -0 ndr-dump --provenance evil
	[ "${lines[1]}" = "program=a%1B[2J%09b%7F" ]
	ndr-dump evil >records
	grep -q $'\tprogram=a%1B\\[2J%09b%7F$' records
}
