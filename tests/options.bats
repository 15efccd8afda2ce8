# The command line of every command, from tables: options, files that are none.
# shellcheck disable=SC2154 # set by bats
load helper

setup() {
	set +T # no trap of bats before each command of a function: that takes longer than most of them
	cd "$BATS_TEST_TMPDIR"
	PATH=$PATH:$root/build/bin
}

all_commands() {
	(cd "$root/cmd" && printf '%s\n' *.c | sed 's/\.c$//')
}

# complain TEXT... -- note a fault; the test goes on, and fails at no_complaints.
complain() {
	echo "$*" | tee -a complaints
}

no_complaints() {
	[ ! -e complaints ]
}

# said STATUS TEXT COMMAND... -- exit status, and the first line of what it says; no output
said() {
	local want=$1 text=$2 status=0 line
	shift 2
	"$@" >out 2>error || status=$?
	[ "$1" != full ] || shift
	IFS= read -r line <error || line=
	if [ $status != "$want" ] || [ "$line" != "$1: $text" ] || [ -s out ]; then
		complain "$*: exit $status: $(cat error)"
	fi
}

# full COMMAND... -- with standard output on a full disk
full() {
	"$@" >/dev/full
}

# Commands that read streams or arrays, with what they need before a FILE.
file_readers() {
	cat <<-EOF
		ndr-check
		ndr-dump
		ndr-cat
		ndr-head
		ndrtopam
		ndrtonpy --type act
		act-quantile
		act-top
		act-segment -T thr
		iou-score
		rotate-basis --seed 1
		cnn-forward -q -m $root/pipelines/demo/demo.onnx -l conv5
		unit-label
		unit-chance
		unit-formula --split all
		unit-summary
		npytondr --as act -l x
		pamtondr
	EOF
}

@test "OP01 -h is --help" {
	for command in $(all_commands); do
		"$command" --help >long
		"$command" -h | cmp - long || complain "$command"
		"$command" -qh | cmp - long || complain "$command -qh"
	done
	no_complaints
}

@test "OP02 the columns of --help stay columns; common options are one block at the end" {
	for command in $(all_commands); do
		"$command" --help >help
		# What an option does stands from column 34 on, beside it or, if that is long, below.
		awk 'NR > 3 && /^example/ { exit }
			NR > 3 && $0 != "" && substr($0, 33, 2) !~ /^ [^ ]$/ &&
			$0 !~ /^  (-[a-zA-Z],|   ) --[a-z-]+ [^ ]+$/' help >odd
		[ ! -s odd ] || complain "$command: $(cat odd)"
		# The last block begins with --output and ends with --version.
		sed -n '3,/^example/p' help | sed '1d;$d' | awk -v RS= 'END { print }' >block
		head -n 1 block | grep -q '^  -o, --output FILE' && tail -n 1 block | grep -q -- --version ||
			complain "$command: $(cat block)"
	done
	no_complaints
}

@test "OP03 only options that have an effect are listed; the others are taken" {
	# shellcheck disable=SC2046 # words
	for command in $(one_of 3 $(all_commands)); do
		"$command" --help >help
		for option in --threads=1 --quiet --verbose --force --progress --no-provenance; do
			"$command" $option --version >/dev/null || complain "$command $option"
		done
	done
	for unlisted in "ndr-dump force" "ndr-dump no-provenance" "ndr-dump threads" "ndrtopam progress" \
		"unit-summary threads" "unit-label force" "ndr-cat verbose"; do
		"${unlisted% *}" --help | grep -e "--${unlisted#* }" && complain "$unlisted"
	done
	no_complaints
}

@test "OP04 what is wrong with an option is said" {
	# shellcheck disable=SC2046 # words
	for command in $(one_of 4 $(all_commands)); do
		for n in -1 0 257 99999999999999999999; do
			said 2 "--threads: $n is not between 1 and 256" "$command" -t $n
		done
		said 2 "--threads: 'two' is not a whole number" "$command" --threads=two
		said 2 "unknown option '--bogus'" "$command" --bogus
		said 2 "unknown option '--bogus=1'" "$command" --bogus=1
		said 2 "unknown option '-X'" "$command" -X
		said 2 "--quiet takes no argument" "$command" --quiet=yes
		said 2 "--ver is --verbose or --version" "$command" --ver
		said 2 "-o needs an argument" "$command" -o
		said 2 "--output needs an argument" "$command" --output
	done
	said 2 "--no is --no-images or --no-labels" broden-synth --no
	said 2 "--seed: 18446744073709551616 is not between 0 and 18446744073709551615" \
		broden-synth --seed 18446744073709551616
	said 2 "--alpha: -1 is not between 0 and 1" rotate-basis --seed 1 -a -1
	said 2 "--threshold: -0.5 is not between 0 and 1" unit-label --threshold -0.5
	no_complaints
}

# Each with what it needs beside.
@test "OP07 an option that would do nothing without another is refused" {
	local command option other
	while IFS='|' read -r command option other; do
		# shellcheck disable=SC2086 # words of a command line
		said 2 "$option goes with $other" $command $option 1
	done <<-EOF
		act-ablate --units 1|--result|--concept
		act-ablate|--concept|--result
		act-ablate --units 1|--threshold|--concept
		cnn-forward -m none -l conv5|--skip|--tokens
		human-sheet -i none none|--key|--phrases
		human-sheet -i none none|--phrases|--key
		iou-score|--block|--permute
		iou-score|--strata|--permute
		iou-score|--index|--split
		iou-score|--split|--index
		unit-chance|--bootstrap|--ranges
		unit-chance|--seed|--ranges
		unit-formula --split all|--beam|--search
		unit-formula --split all|--chance|--fdr
		unit-formula --split all|--fdr|--chance
		unit-formula --split all|--threshold|--fdr
		unit-label|--seed|--bootstrap
	EOF
	no_complaints
}

@test "OP05 a directory is no input, nor an output; no directory, no output" {
	act-quantile -q --quantile 0.3 -o thr "$root/tests/format/passed/items.ndr"
	mkdir directory
	while read -r -a command; do
		place='' # in the file
		[ "${command[0]}" != pamtondr ] || place=" image 1:"
		said 1 "directory:$place Is a directory" "${command[@]}" directory
		said 1 "<stdin>:$place Is a directory" "${command[@]}" - <directory
		said 1 "directory: Is a directory" "${command[@]}" -o directory never-read
		said 1 "none/result: No such file or directory" "${command[@]}" -o none/result never-read
	done < <(file_readers)
	for option in "act-segment -T" "iou-score -L" "rotate-basis --matrix"; do
		# shellcheck disable=SC2086 # words
		said 1 "directory: Is a directory" $option directory thr
	done
	said 1 "directory/category.csv: No such file or directory" broden-cat directory
	said 1 "none/result: No such file or directory" broden-synth -n 1 -o none/result
	no_complaints
}

# Every command and a good input, in the fixture's directory.
inputs() {
	cat <<-EOF
		ndr-check|conv5.ndr
		ndr-dump|conv5.ndr
		ndr-cat|conv5.ndr
		ndr-head -n 99|conv5.ndr
		ndrtopam|images.ndr
		ndrtonpy --type act|conv5.ndr
		act-quantile|conv5.ndr
		act-top|conv5.ndr
		act-segment -q -T $fixture/conv5.thr|conv5.ndr
		iou-score|conv5.seg
		rotate-basis --seed 1|conv5.ndr
		act-ablate --units 1|conv5.ndr
		cnn-forward -q -m $fixture/alexnet.onnx -l conv5|images.ndr
		unit-label -q --min-images 1|conv5.score
		unit-summary|conv5-result.csv
		npytondr --as act -l x|act.npy
		pamtondr|images.pam
		broden-cat|broden1_227
		broden-synth -n 3|
	EOF
}

@test "OP06 a good input; one that is not there, or cut; a full disk: exit status and one line" {
	fixture=$(fixture)
	cp -r "$fixture"/. .
	ndrtonpy --type act -o act.npy conv5.ndr
	ndrtopam -o images.pam images.ndr
	while IFS='|' read -r words input; do
		read -r -a command <<<"$words"
		name=${command[0]} status=0 want=4 place=''
		"${command[@]}" ${input:+"$input"} >good 2>error || status=$?
		if [ $status != 0 ] || [ -s error ] || [[ ! -s good && $name != ndr-check ]]; then
			complain "$words: exit $status: $(cat error)"
		fi
		[ ! -s good ] || said 1 "<stdout>: No space left on device" full "${command[@]}" \
			${input:+"$input"}
		[ -n "$input" ] || continue
		[ "$name" != broden-cat ] || place=/category.csv
		said 1 "missing$place: No such file or directory" "${command[@]}" missing
		[ -f "$input" ] || continue
		# Formats that do not say where they end.
		[ "$name" != pamtondr ] && [ "$name" != unit-summary ] || want=3
		head -c $(($(stat -c %s "$input") / 2 + 7)) "$input" >part
		status=0
		"${command[@]}" -o result part >out 2>error || status=$?
		if [ $status != $want ] || [[ "$(<error)" != "$name: part: "* ]] || [ -s out ] ||
			[ "$(wc -l <error)" != 1 ] || [ -e result ]; then
			complain "$words, cut: exit $status: $(cat error)"
		fi
	done < <(inputs)
	no_complaints
}
