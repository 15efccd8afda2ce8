# helper.bash: run takes what a command says as bats' own does, and can fail.
# shellcheck disable=SC2154,SC2030,SC2031 # set by run; subshells
bats_run=$(declare -f run)
load helper
eval "bats_$bats_run"

# found -- what run left, apart from blanks around what a program said to standard error
found() {
	declare -p status output lines
	[ $# = 0 ] || declare -p stderr stderr_lines
}

says() {
	changed=yes
	printf ' a\n\nb \n*\n\n'
	printf 'one\n\ntwo\n' >&2
	return 3
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

@test "HE01 status, text and lines: bats' own" {
	for command in says true "bash -c says" "cat /dev/null" "echo -n x"; do
		export -f says
		for options in "" "--separate-stderr"; do
			# shellcheck disable=SC2086 # words
			bats_run $options $command
			found $options >theirs
			# shellcheck disable=SC2086
			run $options $command
			found $options | diff - theirs
		done
	done
	[ -z "${changed-}" ]
}

@test "HE02 another status than the one that is wanted fails" {
	for wrong in "-0 false" "-3 true" "! true" "--separate-stderr -4 says" "-1 says" no-such-command; do
		status=0
		# shellcheck disable=SC2086 # words
		(run $wrong) >told || status=$?
		[ "$status" = 1 ]
		grep -q 'exit status' told
	done
	run -3 says
	run ! says
	run ! --separate-stderr false
	run says
}

@test "HE03 unread: the reader is gone, whatever the pipe holds" {
	run -141 unread echo one
	run -141 unread cat "$BATS_TEST_FILENAME"
	run -0 unread true
}

@test "HE04 each test has an id of its own, and each file its letters" {
	(cd "$root/tests" && grep '^@test ' ./*.bats engines) >tests
	[ -s tests ]
	run ! grep -vE ':@test "[A-Z]{2}[0-9]{2} ' tests
	[ -z "$(sed -E 's/.*:@test "([^ ]*).*/\1/' tests | sort | uniq -d)" ]
	[ -z "$(sed -E 's/(.*):@test "([A-Z]*).*/\2 \1/' tests | sort -u | cut -d ' ' -f 1 | uniq -d)" ]
}
