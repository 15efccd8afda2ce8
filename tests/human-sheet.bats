# human-sheet: pages on which people say what units show.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup() {
	fixture=$(fixture)
	cd "$BATS_TEST_TMPDIR" || exit
}

phrases() {
	printf '%s\n' unit,phrase 1,grass '5,"<script>alert(1)</script>"' 9,'"a ""b"", c"'
}

@test "HT01 a sheet: truth, the best label and a decoy of each unit; the page does not tell which" {
	phrases >phrases.csv
	human-sheet -i "$fixture/images.ndr" --phrases phrases.csv --key key.csv --min-images 1 "$fixture/conv5" >sheet.html
	[ "$(head -n 1 key.csv)" = $'question,layer,unit,source,phrase\r' ]
	for source in truth method decoy; do
		[ "$(grep -c ",$source," key.csv)" = 3 ]
	done
	# The method's phrase is unit-label's, without its suffix.
	unit-label -q --min-images 1 "$fixture/conv5.score" | awk -F , '$1 == 9 { sub(/-[sc]$/, "", $3); print $3 }' >label
	grep -q ",9,method,$(<label)"$'\r' key.csv
	run -1 grep -q 'truth\|decoy\|method' sheet.html
	run -1 grep -q 'alert(1)</script>' sheet.html
	[ "$(grep -c '<section' sheet.html)" = 9 ]
	human-sheet -i "$fixture/images.ndr" --phrases phrases.csv --key again.csv --min-images 1 "$fixture/conv5" | cmp - sheet.html
	cmp key.csv again.csv
	human-sheet -i "$fixture/images.ndr" --phrases phrases.csv --key other.csv --min-images 1 --seed 2 "$fixture/conv5" >other.html
	run -1 cmp -s key.csv other.csv
}

@test "HT02 sheets that cannot be: exit 2 or 3, and no key is left" {
	phrases >phrases.csv
	run --separate-stderr -2 human-sheet -i "$fixture/images.ndr" --phrases phrases.csv "$fixture/conv5"
	[ "${stderr_lines[0]}" = 'human-sheet: --phrases goes with --key' ]
	run --separate-stderr -2 human-sheet -i "$fixture/images.ndr" --phrases phrases.csv --key none -o none "$fixture/conv5"
	[ "$stderr" = 'human-sheet: --key none: the same file as --output' ]
	printf 'unit,phrase\n999,x\n' >bad.csv
	run --separate-stderr -3 human-sheet -i "$fixture/images.ndr" --phrases bad.csv --key key.csv "$fixture/conv5"
	[[ $stderr == 'human-sheet: bad.csv: row 2'* ]]
	[ ! -e key.csv ]
	[ -z "$output" ]
	printf 'unit,phrase\n9,x\n9,y\n' >bad.csv
	run --separate-stderr -3 human-sheet -i "$fixture/images.ndr" --phrases bad.csv --key key.csv "$fixture/conv5"
	[ "$stderr" = 'human-sheet: bad.csv: row 3: unit 9 stands twice' ]
	printf 'layer,unit,phrase\nfc6,9,x\n' >bad.csv
	run --separate-stderr -3 human-sheet -i "$fixture/images.ndr" --phrases bad.csv --key key.csv "$fixture/conv5"
	[ "$stderr" = 'human-sheet: bad.csv: no phrase for a unit of layer conv5' ]
	printf 'rater,layer,unit,phrase,of\nann,conv5,9,x,3\nann,conv5,5,,3\n' >bad.csv
	run --separate-stderr -3 human-sheet -i "$fixture/images.ndr" --phrases bad.csv --key key.csv "$fixture/conv5"
	[ "$stderr" = 'human-sheet: bad.csv: up to row 3: 2 rows of 3 that the page saved: is the table cut?' ]
	printf 'bob,conv5,6,x,1\n' >>bad.csv
	run --separate-stderr -3 human-sheet -i "$fixture/images.ndr" --phrases bad.csv --key key.csv "$fixture/conv5"
	run --separate-stderr -1 human-sheet -i "$fixture/images.ndr" --sample 3 no/such
	[ "$stderr" = 'human-sheet: no/such.score.ndr: No such file or directory' ]
}

@test "HT03 in a browser: phrases are given, sheets answered, and human-score has the table by hand" {
	[ -x "$(command -v chromium || command -v chromium-browser)" ] || skip "no Chromium here"
	human-sheet -i "$fixture/images.ndr" --sample 4 --min-images 1 "$fixture/conv5" >describe.html
	grep -o 'data-unit="[0-9]*"' describe.html | grep -o '[0-9]*' >units
	{ echo unit,phrase && paste -d , <(head -n 2 units) <(printf '%s\n' '"a ""b"", c"' sky); } >said.csv
	"$root/tests/browser" --fill phrases.csv ann "" said.csv describe.html
	[ "$(head -n 1 phrases.csv)" = $'rater,layer,unit,phrase,of\r' ]
	[ "$(sed -n 2p phrases.csv)" = "ann,conv5,$(head -n 1 units),\"a \"\"b\"\", c\",4"$'\r' ]
	[ "$(grep -c ',,4' phrases.csv)" = 2 ]
	human-sheet -i "$fixture/images.ndr" --phrases phrases.csv --key key.csv --min-images 1 "$fixture/conv5" >sheet.html
	# Everyone says yes to truth and no to decoys, B no to the method.
	{
		echo question,answer
		tr -d '\r' <key.csv | awk -F , '/truth|method/ { print $1 ",yes" } /decoy/ { print $1 ",no" }'
	} >answers
	"$root/tests/browser" --fill A-1.csv A-1 A answers sheet.html
	# What the page saves for others is the same but for who says it.
	sed 's/A-1,A,/A-2,A,/' A-1.csv >A-2.csv
	sed 's/A-1,A,/B-1,B,/' A-1.csv | awk -F , -v OFS=, 'NR == FNR { method[$1] = /,method,/; next }
		method[$3] { sub(/yes/, "no", $4) } 1' key.csv - >B-1.csv
	run --separate-stderr -0 human-score --format tsv key.csv A-1.csv A-2.csv B-1.csv
	# 2 units, each accepted; no method's phrase; each group alike but for the method: pairs
	# 3 of 3 for truth and decoy, 1 of 3 for the method: 14 of 18.
	[ "$(cut -f 1-6,9-11,14-15 <<<"${lines[1]}")" = $'conv5\t2\t2\t2\t2\t1.0\t0\t2\t0.0\t0\t6' ]
	awk -F '\t' 'NR == 2 { exit !($16 - 14 / 18 < 1e-12 && 14 / 18 - $16 < 1e-12) }' <<<"$output"
}
