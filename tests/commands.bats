# All commands: what each does like every other, from tables.
# shellcheck disable=SC2154,SC2030,SC2031,SC2094 # set by bats and helper.bash; subshells
load helper

# Readers of streams, in a form that takes every good stream of tests/format (thr:
# thresholds for it), and a FILE after it.
readers() {
	cat <<-'EOF'
		ndr-check
		ndr-dump
		ndr-cat
		ndr-head -n 99
		ndrtopam
		ndrtonpy --type act
		act-quantile
		act-top
		act-segment -q -T thr --upsample resize
		iou-score
		rotate-basis --seed 1 --alpha 0.5
		act-ablate --units 1
		unit-report -q --min-images 0 --upsample resize
	EOF
}

# Commands that write to standard output from FILE, with what they need first.
writers() {
	readers
	cat <<-'EOF'
		npytondr --as act -l conv5
		unit-label -q --min-images 0
	EOF
}

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	local format=$root/tests/format
	cp "$format/passed/items.ndr" items
	act-quantile --quantile 0.3 items >thr
	act-segment -q -T thr items | iou-score >score
	ndrtonpy --type act items >npy
	act-top --maps -k 2 items >d.top.ndr
	cp thr d.thr.ndr
	act-segment -q --upsample resize -T thr items | iou-score >d.score.ndr
	# Images are an operand, as other commands have them; the dissection is a fixed one.
	mkdir bin
	cat >bin/unit-report <<-'EOF'
		#!/bin/bash
		PATH=${PATH#*:}
		[ "$1 $2" = "-q --min-images" ] || exec unit-report "$@"
		words=() images=()
		while [ $# -gt 0 ]; do
			case $1 in
			-o | -t) words+=("$1" "${@:2:1}") && shift $(($# > 1)) ;;
			-?*) words+=("$1") ;;
			0 | resize | two) words+=("$1") ;;
			*) images=(-i "$1") ;;
			esac
			shift
		done
		exec unit-report "${words[@]}" "${images[@]}" "$BATS_FILE_TMPDIR/d"
	EOF
	chmod +x bin/unit-report
}

setup() {
	set +T # no trap of bats before each command of a function: that takes longer than most of them
	cd "$BATS_FILE_TMPDIR" || return
	PATH=$BATS_FILE_TMPDIR/bin:$PATH:$root/build/bin
}

# A small valid input of a command.
input_of() {
	case $1 in
	npytondr) echo npy ;;
	unit-label) echo score ;;
	*) echo items ;;
	esac
}

all_commands() {
	(cd "$root/cmd" && printf '%s\n' *.c | sed 's/\.c$//')
}

# complain TEXT... -- note a fault; the test goes on, and fails at no_complaints.
complain() {
	echo "$*" | tee -a "$BATS_TEST_TMPDIR/complaints"
}

no_complaints() {
	[ ! -e "$BATS_TEST_TMPDIR/complaints" ]
}

@test "CO01 --help: a usage line, every option, an example" {
	for command in $(all_commands); do
		"$command" --help >help 2>error || complain "$command --help: exit $?"
		[ ! -s error ] || complain "$command --help: says something on standard error"
		head -n 1 help | grep -q "^usage: $command " || complain "$command: no usage line"
		for word in --output --help --version example:; do
			grep -q -- "$word" help || complain "$command --help: no $word"
		done
		[ "$(awk 'length > 110' help | wc -l)" = 0 ] || complain "$command --help: wide lines"
	done
	no_complaints
}

@test "CO02 --version: name and number, the format, the libraries" {
	for command in $(all_commands); do
		"$command" --version >version 2>error || complain "$command --version: exit $?"
		head -n 1 version | grep -qxE "$command [0-9]+\.[0-9]+\.[0-9]+" ||
			complain "$command --version: $(head -n 1 version)"
		grep -qx 'ndr format 1.1' version || complain "$command: no format version"
	done
	no_complaints
}

@test "CO03 misuse: exit 2, one reason, a hint, no output" {
	# shellcheck disable=SC2046 # words
	for command in $(one_of 3 $(all_commands)); do
		for misuse in --nonsense '--threads 0' '--threads two' --output; do
			status=0
			# shellcheck disable=SC2086
			"$command" $misuse >out 2>error </dev/null || status=$?
			[ $status = 2 ] || complain "$command $misuse: exit $status"
			[ ! -s out ] || complain "$command $misuse: writes something"
			mapfile -t lines <error
			[ ${#lines[@]} = 2 ] || complain "$command $misuse: $(cat error)"
			[ "${lines[1]}" = "try '$command --help'" ] || complain "$command $misuse: no hint"
		done
	done
	no_complaints
}

@test "CO04 a help text or version that cannot be written: exit 1" {
	# shellcheck disable=SC2046 # words
	for command in $(one_of 3 $(all_commands)); do
		for option in --help --version; do
			status=0
			"$command" $option >/dev/full 2>error || status=$?
			[ $status = 1 ] || complain "$command $option: exit $status"
		done
	done
	no_complaints
}

@test "CO05 a missing file: exit 1, named, no output" {
	while read -r -a command; do
		status=0
		"${command[@]}" no/such >out 2>error || status=$?
		[ $status = 1 ] || complain "${command[*]}: exit $status"
		[ "$(cat error)" = "${command[0]}: no/such: No such file or directory" ] ||
			complain "${command[*]}: $(cat error)"
		[ ! -s out ] || complain "${command[*]}: writes something"
	done < <(writers)
	no_complaints
}

@test "CO06 a full disk: exit 1, for standard output and -o" {
	while read -r -a command; do
		[ "${command[0]}" = ndr-check ] && continue
		input=$(input_of "${command[0]}")
		status=0
		"${command[@]}" "$input" >/dev/full 2>error || status=$?
		[ $status = 1 ] && grep -q 'No space left on device$' error ||
			complain "${command[*]}: exit $status: $(cat error)"
		status=0
		"${command[@]}" -o /dev/full "$input" 2>error || status=$?
		[ $status = 1 ] && grep -q '/dev/full: No space left on device$' error ||
			complain "${command[*]} -o: exit $status: $(cat error)"
	done < <(writers)
	no_complaints
}

@test "CO07 the same bytes from a file, a redirect, a pipe, gzip, to -o" {
	while read -r -a command; do
		input=$(input_of "${command[0]}")
		"${command[@]}" "$input" >one || complain "${command[*]}: exit $?"
		"${command[@]}" <"$input" | cmp - one || complain "${command[*]}: redirect"
		# shellcheck disable=SC2002 # a pipe is wanted
		cat "$input" | "${command[@]}" - | cmp - one || complain "${command[*]}: pipe"
		[ "$input" = npy ] ||
			gzip -c "$input" | "${command[@]}" | cmp - one ||
			complain "${command[*]}: gzip"
		[ "${command[0]}" = ndr-check ] && continue
		"${command[@]}" -t 3 -o two "$input" && cmp one two || complain "${command[*]}: -o"
	done < <(writers)
	no_complaints
}

# What is in the corpus, and each place where a stream can be cut, is for test_format and
# test_record, which read as all commands do; a few show that a command passes on what the
# reader says.
@test "CO08 good streams are taken" {
	while read -r -a command; do
		for name in items two-segments ignorable-flags; do
			"${command[@]}" "$root/tests/format/passed/$name.ndr" >out 2>error ||
				complain "${command[*]} $name: exit $?"
			[ ! -s error ] || complain "${command[*]} $name: $(cat error)"
		done
	done < <(readers)
	no_complaints
}

@test "CO09 a bad stream is refused: exit status, one line, the file, no result" {
	while read -r -a command; do
		for name in second-segment-cut.4 payload-flipped.3 unknown-critical.3; do
			f=$root/tests/format/failed/$name.ndr status=0
			"${command[@]}" -o result "$f" >out 2>error || status=$?
			error=$(<error)
			[ $status = "${name##*.}" ] || complain "${command[*]} $name: exit $status: $error"
			[[ $error == "${command[0]}: $f: "* && $error != *$'\n'* ]] ||
				complain "${command[*]} $name: $error"
			[ ! -e result ] && [ ! -s out ] || complain "${command[*]} $name: a result"
		done
	done < <(readers | grep -v ndr-head)
	no_complaints
}

@test "CO10 a stream cut in a header, a payload, before its end: exit 4" {
	size=$(stat -c %s items)
	while read -r -a command; do
		for n in 0 99 $((size / 2)) $((size - 65)) $((size - 1)); do
			status=0
			head -c "$n" items | "${command[@]}" >out 2>error || status=$?
			error=$(<error)
			[[ $status = 4 && $error == "${command[0]}: <stdin>: "*truncated* ]] ||
				complain "${command[*]}, $n bytes: exit $status: $error"
		done
	done < <(readers | grep -v ndr-check)
	no_complaints
}

@test "CO11 a closed pipe: dead by SIGPIPE, silent" {
	broden-synth --seed 1 -n 3 >few
	for command in 'ndr-cat few' 'ndr-head few' 'ndrtopam few' broden-synth 'ndr-dump few' \
		'ndrtonpy --type image few'; do
		status=0
		# shellcheck disable=SC2086
		unread $command 2>error || status=$?
		[ $status = 141 ] || complain "$command: exit $status"
		[ ! -s error ] || complain "$command: $(cat error)"
	done
	no_complaints
}

@test "CO12 binary data are not written to a terminal" {
	while read -r -a command; do
		case ${command[0]} in
		ndr-check | ndr-dump | unit-label | unit-report) continue ;;
		esac
		input=$(input_of "${command[0]}")
		python3 - "${command[@]}" "$input" >terminal 2>&1 <<-'EOP' || complain "${command[*]}: $(cat terminal)"
			import os, pty, subprocess, sys
			leader, terminal = pty.openpty()
			p = subprocess.run(sys.argv[1:], stdout=terminal, stderr=subprocess.PIPE)
			assert p.returncode == 2, p
			assert b"terminal" in p.stderr and p.stderr.count(b"\n") == 1, p
			os.close(terminal)
		EOP
	done < <(writers)
	no_complaints
}

@test "CO13 a result file appears whole, with the rights of any new file" {
	(umask 027 && ndr-cat -o fresh items)
	[ "$(stat -c %a fresh)" = 640 ]
	echo old >kept
	run -4 ndr-cat -o kept /dev/null
	[ "$(cat kept)" = old ]
	mkdir -p elsewhere
	touch elsewhere/target
	ln -sf elsewhere/target link
	ndr-cat -o link items
	[ -L link ]
	cmp elsewhere/target items
	rm elsewhere/target
	ln -sf link chain
	ndr-cat -o chain items
	[ -L chain ]
	[ -L link ]
	cmp elsewhere/target items
	ln -sf loop loop
	run -1 ndr-cat -o loop items
	[ -L loop ]
	chmod 600 fresh
	ndr-cat -o fresh items
	[ "$(stat -c %a fresh)" = 600 ]
	long=$(printf 'n%.0s' {1..255})
	ndr-cat -o "$long" items
	cmp "$long" items
	[ -z "$(find . -name '.*.??????')" ]
}

@test "CO17 what is half written goes when a signal ends the program" {
	for signal in INT TERM HUP QUIT; do
		"$root/tests/interrupt" $signal 1 '.ndr.*' broden-synth -o endless || complain "$signal"
	done
	no_complaints
}

@test "CO15 a misspelt option is named, also among other letters" {
	# shellcheck disable=SC2046 # words
	for command in $(one_of 4 $(all_commands)); do
		for case in "-Xq|unknown option ,-X," "-qX|unknown option ,-X," \
			"-q -X|unknown option ,-X," "--nonsense|unknown option ,--nonsense," \
			"-qo|-o needs an argument" "--output|--output needs an argument"; do
			# shellcheck disable=SC2086
			"$command" ${case%|*} >out 2>error </dev/null || true
			IFS= read -r line <error
			[ "${line//\'/,}" = "$command: ${case#*|}" ] || complain "$command ${case%|*}: $line"
		done
	done
	no_complaints
}

@test "CO16 an input that is also standard output is refused, as it would never end" {
	while read -r -a command; do
		input=$(input_of "${command[0]}")
		cp "$input" copy
		for operand in copy -; do
			status=0
			(ulimit -f 1000 && "${command[@]}" "$operand" <copy >>copy 2>error) || status=$?
			[ $status = 1 ] && [[ $(<error) == *": input file is output file" ]] ||
				complain "${command[*]}: exit $status: $(cat error)"
			cmp copy "$input"
		done
	done < <(writers)
	no_complaints
	cp items copy
	ndr-cat -o copy copy
	cmp copy items
}

@test "CO14 closed standard descriptors: result files stay clean, results are not lost" {
	broden-synth -n 3 --seed 1 -o whole
	broden-synth -n 3 --seed 1 --progress -o result 2>&-
	cmp result whole
	broden-synth -n 3 --seed 1 --progress -o result <&- >&- 2>&-
	cmp result whole
	while read -r -a command; do
		[ "${command[0]}" = ndr-check ] && continue
		status=0
		"${command[@]}" "$(input_of "${command[0]}")" 2>error >&- || status=$?
		[ $status = 1 ] && grep -q "^${command[0]}: <stdout>: " error ||
			complain "${command[*]}: exit $status: $(cat error)"
		status=0
		"${command[@]}" 2>error >out <&- || status=$?
		[ $status = 1 ] && [ "$(cat error)" = "${command[0]}: <stdin>: Bad file descriptor" ] ||
			complain "${command[*]}: exit $status: $(cat error)"
	done < <(writers)
	no_complaints
}
