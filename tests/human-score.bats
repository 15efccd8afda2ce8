# human-score: how far people agree with phrases for units.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup() {
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
	[ "${lines[0]}" = $'layer\tunits\tinterpretable\thuman\thuman-of\thuman-share\thuman-low\thuman-high\tmethod\tmethod-of\tmethod-share\tmethod-low\tmethod-high\tdecoys-yes\tdecoys\tagreement\talpha\talpha-low\talpha-high\tunanswered' ]
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
	{ echo rater,group,question,answer && answers yea B q1=no q2= q3= q4= q5=yes q6=; } >yea.csv
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
		[[ $stderr == "human-score: "*"$2" ]]
		[ -z "$output" ]
	}
	bad ann,B,q1,yes "bad.csv: row 35: rater 'ann' is of both groups"
	bad ann,A,q1,yes "rater 'ann' answers question q1 twice"
	bad ann,A,q9,yes "bad.csv: row 35: the key has no question 'q9'"
	bad ann,C,q1,yes "bad.csv: row 35: group 'C' is neither A nor B"
	bad fay,A,q1,maybe "bad.csv: row 35: answer 'maybe' is neither yes nor no"
	bad bob,A,q1, "rater 'bob' answers question q1 twice"
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
	run --separate-stderr -3 human-score key.csv answers.csv none.csv
	[ "$stderr" = 'human-score: none.csv: no answers' ]
	run --separate-stderr -1 human-score key.csv no-such
	[ "$stderr" = 'human-score: no-such: No such file or directory' ]
	run -2 human-score key.csv
}

@test "HS05 empty, cut and closed: refused, or nothing is left" {
	key >key.csv
	table >answers.csv
	: >empty
	run --separate-stderr -3 human-score empty answers.csv
	run --separate-stderr -3 human-score key.csv empty
	head -c 100 answers.csv >cut.csv
	run --separate-stderr -3 human-score -o none key.csv cut.csv
	[ -z "$output" ]
	[ ! -e none ]
	run --separate-stderr -1 bash -c 'human-score key.csv answers.csv >/dev/full'
	[ "$stderr" = 'human-score: <stdout>: No space left on device' ]
	run -141 unread human-score --format json key.csv answers.csv
}

@test "HS06 a table that was cut between rows is refused; --incomplete goes on, and the table says so" {
	key >key.csv
	table | sed 's/^bob,A,q4,.*/bob,A,q4,/' >answers.csv
	run --separate-stderr -0 human-score --format tsv key.csv answers.csv
	[ -z "$stderr" ]
	[ "$(cut -f 20 <<<"$output" | xargs)" = "unanswered 1 0" ]
	for lines in 12 13 29; do # bob lacks two rows, or one; eve five
		head -n $lines answers.csv >cut.csv
		run --separate-stderr -3 human-score key.csv cut.csv
	done
	[ "$stderr" = "human-score: rater 'eve' has rows of 1 of the 6 questions of layer conv5: is the table cut? (--incomplete goes on)" ]
	run --separate-stderr -0 human-score --incomplete --format tsv key.csv cut.csv
	[ "$stderr" = "human-score: warning: rater 'eve' has no rows of 5 questions" ]
	[ "$(cut -f 20 <<<"$output" | xargs)" = "unanswered 6 0" ]
}
