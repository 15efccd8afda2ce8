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

@test "AT04 cut or damaged input, misuse, help, a full disk" {
	refuses_damage "$fixture/conv5.ndr" act-top
	speaks_well "$fixture/conv5.ndr" act-top
	run -2 act-top -k 0 "$fixture/conv5.ndr"
}
