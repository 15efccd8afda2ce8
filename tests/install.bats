# make install and uninstall, as a packager calls them.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup() {
	make=(make -s -C "$root" B="$(dirname "${NDPIPE_BIN:-$root/build/bin}")"
		DESTDIR="$BATS_TEST_TMPDIR/stage" prefix=/opt/nd)
	stage=$BATS_TEST_TMPDIR/stage/opt/nd
}

@test "IN01 everything goes below DESTDIR and prefix, and goes away again" {
	"${make[@]}" install
	for source in "$root"/cmd/*.c; do
		[ -x "$stage/bin/$(basename "$source" .c)" ]
	done
	# The link is a relative one: a tree that is moved, or looked at where it is staged, works.
	[ "$stage/bin/dissect" -ef "$stage/libexec/ndpipe/dissect" ]
	[ -s "$stage/share/man/man1/act-quantile.1" ] && [ -s "$stage/share/man/man5/ndr.5" ] &&
		[ -s "$stage/share/man/man7/netdissect.7" ]
	"${make[@]}" uninstall
	run -0 find "$BATS_TEST_TMPDIR/stage" ! -type d
	[ -z "$output" ]
}

@test "IN02 an installed dissect finds its stages, without the source tree" {
	fixture=$(fixture)
	make -s -C "$root" B="$(dirname "${NDPIPE_BIN:-$root/build/bin}")" \
		prefix="$BATS_TEST_TMPDIR/local" install
	cd "$BATS_TEST_TMPDIR"
	env -u NDPIPE_BIN PATH="$BATS_TEST_TMPDIR/local/bin:/usr/bin:/bin" \
		dissect -q -m "$fixture/alexnet.onnx" -l conv5 -b "$fixture/broden1_227" -o out \
		--preset demo
	[ -s out/conv5-result.csv ]
}

@test "IN03 what a stranger's bytes could do if a check was forgotten is made hard" {
	command -v readelf || skip "no readelf here"
	ldd "$(command -v ndr-cat)" | grep -q san && skip "the sanitizers see more"
	for name in ndr-cat broden-cat cnn-forward; do
		readelf -hldW --dyn-syms "$(command -v $name)" >"$BATS_TEST_TMPDIR/said"
		grep -q 'Type: *DYN' "$BATS_TEST_TMPDIR/said"
		grep -q GNU_RELRO "$BATS_TEST_TMPDIR/said"
		grep -q 'Flags:.* NOW' "$BATS_TEST_TMPDIR/said"
		grep -q __stack_chk_fail "$BATS_TEST_TMPDIR/said"
		grep -q '__[a-z]*_chk@' "$BATS_TEST_TMPDIR/said"
	done
}
