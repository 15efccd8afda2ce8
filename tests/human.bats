# human-sheet and human-score: what people say of units.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup() {
	fixture=$(fixture)
	cd "$BATS_TEST_TMPDIR" || exit
}

# Two layers' units; what is asked, and by whom it is answered.
key() {
	cat <<-'EOF'
		question,layer,unit,source,phrase
		q1,conv5,1,truth,dog
		q2,conv5,1,method,cat
		q3,conv5,2,truth,red
		q4,conv5,2,method,red
		q5,conv5,2,decoy,tree
		q6,conv5,3,truth,fuzzy
		r1,fc6,1,truth,car
	EOF
}

# answers RATER GROUP QUESTION=ANSWER...
answers() {
	local rater=$1 group=$2 pair
	shift 2
	for pair; do echo "$rater,$group,${pair%=*},${pair#*=}"; done
}

table() {
	echo rater,group,question,answer
	answers ann A q1=yes q2=yes q3=yes q4=yes q5=no q6=yes r1=yes
	answers bob A q1=yes q2=yes q3=yes q4=yes q5=no q6=no r1=no
	answers cid A q1=no q2=yes q3=yes q4=yes q5=no q6=no
	answers dan B q1=yes q2=no q3=yes q4=yes q5=no q6=yes r1=yes
	answers eve B q1=yes q2=no q3=yes q4=yes q5=no q6=yes
}

@test "HS01 the table of two layers, by hand" {
	key >key.csv
	table >answers.csv
	run --separate-stderr -0 human-score --format tsv key.csv answers.csv
	[ -z "$stderr" ]
	[ "${lines[0]}" = $'layer\tunits\tinterpretable\thuman\thuman-of\thuman-share\thuman-low\thuman-high\tmethod\tmethod-of\tmethod-share\tmethod-low\tmethod-high\tdecoys-yes\tdecoys\tagreement\talpha\talpha-low\talpha-high' ]
	# Units 1 and 2 are accepted by A (2 of 3, 3 of 3), 3 is not (1 of 3).  B accepts both
	# again, of the method's phrases only unit 2's.  Pairs: 44 of 60 are alike; yes 20 of
	# 30, apart 8: 1 - 29 * 8 / 400.
	[ "$(cut -f 1-6,9-11,14-15 <<<"${lines[1]}")" = $'conv5\t3\t2\t2\t2\t1.0\t1\t2\t0.5\t0\t5' ]
	awk -F '\t' 'NR == 2 { exit !($16 - 44 / 60 < 1e-12 && 44 / 60 - $16 < 1e-12 && $17 - 0.42 < 1e-12 && 0.42 - $17 < 1e-12 &&
		$18 <= $17 && $17 <= $19 && $7 - 0.342380 < 1e-6 && 0.342380 - $7 < 1e-6 && $8 == 1) }' <<<"$output"
	# fc6: half is no majority of A, so nothing is interpretable, and there is no share.
	[ "$(cut -f 1-6,9-11 <<<"${lines[2]}")" = $'fc6\t1\t0\t0\t0\t\t0\t0\t' ]
}

@test "HS02 raters in files of their own, rows in any order: the same bytes" {
	key >key.csv
	table >answers.csv
	human-score --format json key.csv answers.csv >whole
	for rater in ann bob cid dan eve; do
		{ head -n 1 answers.csv && grep "^$rater" answers.csv | tac; } >$rater.csv
	done
	human-score --format json key.csv eve.csv ann.csv dan.csv cid.csv bob.csv | cmp - whole
	{ head -n 1 key.csv && tail -n +2 key.csv | sort -r | sort -t , -k 2,2 -s; } >sorted.csv
	human-score --format json sorted.csv answers.csv | cmp - whole
}

@test "HS03 who says yes to decoys is left out, and said" {
	key >key.csv
	table >answers.csv
	human-score --format json key.csv answers.csv >without
	printf 'rater,group,question,answer\nyea,B,q5,yes\nyea,B,q1,no\n' >yea.csv
	table >answers.csv
	run --separate-stderr -0 human-score --format json key.csv answers.csv yea.csv
	[ "$stderr" = "human-score: warning: rater 'yea' says yes to 1 of 1 decoys: left out" ]
	[ "$output" = "$(<without)" ]
	human-score -q --format json --max-decoys 1 key.csv answers.csv yea.csv >with
	run -1 cmp -s with without
}

@test "HS04 what cannot be: exit 3, file, row and reason" {
	key >key.csv
	table >answers.csv
	bad() { # ROW REASON
		{ table && echo "$1"; } >bad.csv
		run --separate-stderr -3 human-score key.csv bad.csv
		[[ $stderr == "human-score: "*"$2" ]] && [ -z "$output" ]
	}
	bad ann,B,q1,yes "bad.csv: row 35: rater 'ann' is of both groups"
	bad ann,A,q1,yes "rater 'ann' answers question q1 twice"
	bad ann,A,q9,yes "bad.csv: row 35: the key has no question 'q9'"
	bad ann,C,q1,yes "bad.csv: row 35: group 'C' is neither A nor B"
	bad fay,A,q1,maybe "bad.csv: row 35: answer 'maybe' is neither yes nor no"
	{ key && echo q1,conv5,9,truth,x; } >twice.csv
	run --separate-stderr -3 human-score twice.csv answers.csv
	[ "$stderr" = 'human-score: twice.csv: question q1 stands twice' ]
	{ key && echo q9,conv5,1,truth,x; } >two.csv
	run --separate-stderr -3 human-score two.csv answers.csv
	[[ $stderr == *'two phrases of one source for unit 1 of layer conv5: questions q1 and q9' ]]
	{ key && echo q9,conv5,1,guess,x; } >guess.csv
	run --separate-stderr -3 human-score guess.csv answers.csv
	[ "$stderr" = "human-score: guess.csv: row 9: source 'guess' is none of truth, method, decoy" ]
	head -n 1 answers.csv >none.csv
	run --separate-stderr -3 human-score key.csv none.csv
	[ "$stderr" = 'human-score: no answers' ]
	run --separate-stderr -1 human-score key.csv no-such
	[ "$stderr" = 'human-score: no-such: No such file or directory' ]
	run -2 human-score key.csv
}

phrases() {
	printf '%s\n' unit,phrase 1,grass '5,"<script>alert(1)</script>"' 9,'"a ""b"", c"'
}

@test "HS05 a sheet: truth, the best label and a decoy of each unit; the page does not tell which" {
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

@test "HS06 sheets that cannot be: exit 2 or 3, and no key is left" {
	phrases >phrases.csv
	run --separate-stderr -2 human-sheet -i "$fixture/images.ndr" --phrases phrases.csv "$fixture/conv5"
	[ "$stderr" = 'human-sheet: --phrases and --key go together' ]
	printf 'unit,phrase\n999,x\n' >bad.csv
	run --separate-stderr -3 human-sheet -i "$fixture/images.ndr" --phrases bad.csv --key key.csv "$fixture/conv5"
	[[ $stderr == 'human-sheet: bad.csv: row 2'* ]] && [ ! -e key.csv ] && [ -z "$output" ]
	printf 'unit,phrase\n9,x\n9,y\n' >bad.csv
	run --separate-stderr -3 human-sheet -i "$fixture/images.ndr" --phrases bad.csv --key key.csv "$fixture/conv5"
	[ "$stderr" = 'human-sheet: bad.csv: row 3: unit 9 stands twice' ]
	printf 'layer,unit,phrase\nfc6,9,x\n' >bad.csv
	run --separate-stderr -3 human-sheet -i "$fixture/images.ndr" --phrases bad.csv --key key.csv "$fixture/conv5"
	[ "$stderr" = 'human-sheet: bad.csv: no phrase for a unit of layer conv5' ]
	run --separate-stderr -1 human-sheet -i "$fixture/images.ndr" --sample 3 no/such
	[ "$stderr" = 'human-sheet: no/such.score.ndr: No such file or directory' ]
}

@test "HS07 in a browser: phrases are given, sheets answered, and human-score has the table by hand" {
	[ -x "$(command -v chromium || command -v chromium-browser)" ] || skip "no Chromium here"
	human-sheet -i "$fixture/images.ndr" --sample 4 --min-images 1 "$fixture/conv5" >describe.html
	grep -o 'data-unit="[0-9]*"' describe.html | grep -o '[0-9]*' >units
	{ echo unit,phrase && paste -d , <(head -n 2 units) <(printf '%s\n' '"a ""b"", c"' sky); } >said.csv
	"$root/tests/browser" --fill phrases.csv ann "" said.csv describe.html
	[ "$(head -n 1 phrases.csv)" = $'rater,layer,unit,phrase\r' ]
	[ "$(sed -n 2p phrases.csv)" = "ann,conv5,$(head -n 1 units),\"a \"\"b\"\", c\""$'\r' ]
	human-sheet -i "$fixture/images.ndr" --phrases phrases.csv --key key.csv --min-images 1 "$fixture/conv5" >sheet.html
	# Everyone says yes to truth and no to decoys, B no to the method.
	for rater in A-1 A-2 B-1; do
		{
			echo question,answer
			tr -d '\r' <key.csv | awk -F , -v group=${rater%-*} '/truth/ { print $1 ",yes" } /decoy/ { print $1 ",no" }
				/method/ { print $1 "," (group == "A" ? "yes" : "no") }'
		} >answers
		"$root/tests/browser" --fill "$rater.csv" "$rater" "${rater%-*}" answers sheet.html
	done
	run --separate-stderr -0 human-score --format tsv key.csv A-1.csv A-2.csv B-1.csv
	# 2 units, each accepted; no method's phrase; each group alike but for the method: pairs
	# 3 of 3 for truth and decoy, 1 of 3 for the method: 14 of 18.
	[ "$(cut -f 1-6,9-11,14-15 <<<"${lines[1]}")" = $'conv5\t2\t2\t2\t2\t1.0\t0\t2\t0.0\t0\t6' ]
	awk -F '\t' 'NR == 2 { exit !($16 - 14 / 18 < 1e-12 && 14 / 18 - $16 < 1e-12) }' <<<"$output"
}
