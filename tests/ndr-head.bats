# ndr-head: the first items, and no more reading than that.
# shellcheck disable=SC2154,SC2030,SC2031,SC2094 # set by bats and helper.bash; subshells
load helper
load stream

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	stream 'Stream().preamble().whole_item(0).whole_item(1).whole_item(2).end()' >three
}

@test "NH01 the first two of three, marked as a subset" {
	stream 'Stream().preamble(end=2, most=2, minor=1, more=struct.pack("<I", 3)).whole_item(0).whole_item(1).end(flags=1)' >want
	ndr-head --no-provenance -n 2 three >got
	cmp <(ndr-dump got | grep -v PROV | cut -f 2-) <(ndr-dump want | grep -v PROV | cut -f 2-)
	ndr-check got
}

@test "NH02 all of them: not a subset" {
	for n in 3 4 1000; do
		ndr-head -n $n three >got
		cmp <(ndr-dump got | grep -v PROV | cut -f 2-) <(ndr-dump three | grep -v PROV | cut -f 2-)
	done
	cmp <(ndr-head three) <(ndr-head -n 10 three)
}

@test "NH03 none of them: META stays" {
	ndr-head -n 0 three >got
	ndr-check got
	cmp <(ndr-dump --meta got) <(ndr-dump --meta three)
	[[ $(ndr-dump got | tail -n 1) == *'items=0 subset' ]]
	[ -z "$(ndr-dump --type ITEM got)" ]
}

@test "NH04 items are counted over segments" {
	stream 'Stream().preamble().whole_item(0).end().preamble(first=3, end=9, most=2).whole_item(4).whole_item(5).end()' >two
	ndr-head -n 2 two >got
	[ "$(ndr-dump --type ITEM got | cut -f 3 | tr '\n' ' ')" = '0 4 ' ]
	[ "$(ndr-dump --type END got | cut -f 7 | tr '\n' ' ')" = 'items=1 items=1 subset ' ]
	ndr-head -n 1 two >got
	[ "$(ndr-dump --type HEAD got | wc -l)" = 1 ]
}

@test "NH05 an endless stream ends; its writer dies of SIGPIPE" {
	{
		status=0
		broden-synth --seed 1 2>error || status=$?
		echo $status >status
	} | ndr-head -n 3 >got
	[ "$(cat status)" = 141 ]
	[ ! -s error ]
	[ "$(ndr-dump --type ITEM got | wc -l)" = 3 ]
}

@test "NH06 what comes later is not looked at" {
	size=$(stat -c %s three)
	damage three $((size - 200)) >broken
	run -3 ndr-head -n 3 broken
	ndr-head -n 1 broken | ndr-check
}

@test "NH07 it signs" {
	ndr-head -n 1 three | ndr-dump --provenance | grep -qx option.items=1
	[ -z "$(ndr-head -n 1 --no-provenance three | ndr-dump --provenance)" ]
}

@test "NH08 what was cut off a file goes together with the rest" {
	broden-synth --seed 5 -n 9 >whole
	broden-synth --seed 5 -n 9 --shard 2/2 >rest
	ndr-head -n 4 whole >part
	[[ $(ndr-dump --type HEAD part) == *'first=0 end=4 most=4 cut=9' ]]
	ndr-cat rest part | ndr-check
	# It can be looked up in any segment of a file, but not in a pipe.
	cat part rest >two
	ndr-head -n 6 two >got
	[ "$(ndr-dump --type HEAD got | cut -f 7 | cut -d ' ' -f 2-)" = $'first=0 end=4 most=4 cut=9\nfirst=4 end=6 most=2 cut=9' ]
	[[ $(ndr-head -n 4 <whole | ndr-dump --type HEAD) == *'first=0 end=9 most=4 cut=9' ]]
	# Nothing of it is in the way of others.
	ndr-head -n 0 rest >none
	ndr-cat none whole | ndr-check
}

@test "NH09 where a segment was cut is said once, in HEAD, and in the bytes of ndr(5)" {
	ndr-head --no-provenance -n 2 three >got
	stream 'Stream().head(end=2, most=2, minor=1, more=struct.pack("<I", 3)).meta().prov().whole_item(0).whole_item(1).end(flags=1)' >want
	cmp <(head -c 128 got) <(head -c 128 want)
	# Cut again, it ended where it ended first; a part that is whole says nothing.
	ndr-head -n 1 <got | ndr-dump --type HEAD | grep -q ' end=2 most=1 cut=3$'
	ndr-head -n 1 -o got1 got
	ndr-dump --type HEAD got1 | grep -q ' end=1 most=1 cut=3$'
	[[ $(ndr-head -n 3 got | ndr-dump --type HEAD) == *' end=2 most=2 cut=3' ]]
	[[ $(ndr-head -n 3 three | ndr-dump --type HEAD) == *' end=3 most=3' ]]
	# A merge keeps it where it is the end of the whole.
	stream 'Stream().preamble(first=3, end=6).whole_item(3).end()' >behind
	[[ $(ndr-cat behind got | ndr-dump --type HEAD) == *' first=0 end=6 '* ]]
	ndr-cat behind got | ndr-dump --type HEAD | grep -qv cut=
	ndr-head -n 0 three >none
	stream 'Stream().preamble(first=2, end=3, most=1).whole_item(2).end()' >last
	ndr-head -n 1 three >first
	ndr-cat none first | ndr-dump --type HEAD | grep -q ' end=1 most=1 cut=3$'
	ndr-cat last first | ndr-dump --type HEAD | grep -qv cut=
}

@test "NH10 a part of which all is cut off is left out on purpose, as others see it, from a file and from a pipe" {
	stream 'Stream().preamble(end=1, most=1).whole_item(0).end()' >one
	stream 'Stream().preamble(first=1, end=3, most=2).whole_item(1).whole_item(2).end()' >two
	for rest in 'one two' 'two one'; do
		# shellcheck disable=SC2086 # two words
		set -- $rest
		ndr-head -n 0 "$1" >file
		ndr-head -n 0 <"$1" >pipe
		for none in file pipe; do
			act-quantile --quantile 0.5 --no-provenance "$none" "$2" >"$none.thr" 2>said
			grep -q 'items are here: others were left out on purpose$' said
			act-quantile --quantile 0.5 --no-provenance "$2" "$none" | cmp - "$none.thr"
			ndr-cat "$none" "$2" >"$none.all"
			ndr-cat "$2" "$none" | cmp - "$none.all"
			act-quantile -q --quantile 0.5 --no-provenance "$none.all" | ndr-dump --type THRESH >thresholds
			cmp thresholds <(ndr-dump --type THRESH "$none.thr")
		done
		cmp <(ndr-dump --type THRESH file.thr) <(ndr-dump --type THRESH pipe.thr)
	done
	# The end of what was cut stays, though the part that says so has no items.
	ndr-dump --type HEAD file.all | grep -q ' first=0 end=1 most=1 cut=3$'
}
