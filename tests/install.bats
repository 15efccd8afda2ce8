# make install and uninstall, as a packager calls them.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup() {
	make=(make -s -C "$root" B="$(dirname "${NDPIPE_BIN:-$root/build/bin}")"
		DESTDIR="$BATS_TEST_TMPDIR/stage" prefix=/opt/nd)
	stage=$BATS_TEST_TMPDIR/stage/opt/nd
}

@test "IL01 everything goes below DESTDIR and prefix, and goes away again" {
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

@test "IL02 an installed dissect finds its stages, without the source tree" {
	fixture=$(fixture)
	make -s -C "$root" B="$(dirname "${NDPIPE_BIN:-$root/build/bin}")" \
		prefix="$BATS_TEST_TMPDIR/local" install
	cd "$BATS_TEST_TMPDIR"
	env -u NDPIPE_BIN PATH="$BATS_TEST_TMPDIR/local/bin:/usr/bin:/bin" \
		dissect -q -m "$fixture/alexnet.onnx" -l conv5 -b "$fixture/broden1_227" -o out \
		--preset demo
	[ -s out/conv5-result.csv ]
}

@test "IL03 what a stranger's bytes could do if a check was forgotten is made hard" {
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

# installed -- the suite in a place of its own, once for all tests
installed() {
	local=$BATS_FILE_TMPDIR/local
	[ -e "$local" ] || make -s -C "$root" B="$(dirname "${NDPIPE_BIN:-$root/build/bin}")" prefix="$local" install
	export PKG_CONFIG_PATH=$local/lib/pkgconfig
	cd "$BATS_TEST_TMPDIR"
}

@test "IL04 a filter in 40 lines of C, built against what is installed, in the middle of a pipe" {
	installed
	ldd "$(command -v ndr-cat)" | grep -q san && skip "the sanitizers want to be linked, too"
	fixture=$(fixture)
	[ "$(wc -l <"$root/tests/foreign/scale.c")" -le 40 ]
	[ "$(pkg-config --modversion ndpipe)" = "$(ndr-cat --version | sed -n '1s/.* //p')" ]
	# shellcheck disable=SC2046 # words
	cc -std=c11 -Wall -Wextra -Werror "$root/tests/foreign/scale.c" $(pkg-config --cflags --libs ndpipe) -o scale
	# shellcheck disable=SC2046
	cc -std=c11 "$root/tests/foreign/scale.c" $(pkg-config --cflags ndpipe) -L"$local/lib" -l:libndpipe.a \
		$(pkg-config --static --libs-only-l ndpipe | sed 's/-lndpipe//') -o scale-static
	readelf -d scale | grep -q "Shared library: .libndpipe.so.$(pkg-config --modversion ndpipe | cut -d . -f 1-2)\]"
	run ! grep -q libndpipe <(readelf -d scale-static)
	export LD_LIBRARY_PATH=$local/lib
	"$root/tests/foreign/scale.py" 2 <"$fixture/conv5.ndr" >want
	# shellcheck disable=SC2002 # a pipe is wanted
	cat "$fixture/conv5.ndr" | ./scale 2 | tee got | act-quantile >thr
	cmp got want
	./scale-static 2 <"$fixture/conv5.ndr" | cmp - want
	ndr-check got thr
	# What is cut, damaged or not to be written: the suite's exit status, and no END.
	size=$(stat -c %s want)
	for n in 100 $((size / 2)) $((size - 64)); do
		run --separate-stderr -4 bash -c "head -c $n want | ./scale 2 2>said | act-quantile -q -o none"
		[[ $(cat said) == "scale: <stdin>: "*truncated* && ! -e none ]]
	done
	# shellcheck disable=SC2016 # for the inner shell
	run -3 bash -c './scale 2 <"$1" >/dev/null' scale "$root/tests/format/failed/payload-crc-flipped.3.ndr"
	run -1 bash -c './scale 2 <want >/dev/full'
	run -141 bash -c 'set -o pipefail; ./scale 2 <want | head -c 10 >/dev/null'
}

@test "IL05 the library has what its headers declare, and nothing else; ndpipe(3) has all of it" {
	installed
	so=$(readlink -f "$local/lib/libndpipe.so")
	nm -D --defined-only "$so" | cut -d ' ' -f 3 | sort >shared
	nm -g --defined-only "$local/lib/libndpipe.a" | grep -oE '[^ ]+$' | grep -v ':$' | sort >static
	cmp shared static
	python3 - "$local" "$root/man/ndpipe.3" <<-'EOP'
		import re, sys
		page = open(sys.argv[2]).read().replace("\\&", "").replace("\\e", "\\")
		literal = " ".join(re.findall(r"^\.Bd -literal\n(.*?)^\.Ed", page, re.S | re.M))
		literal = " ".join(re.sub(r"/\*.*?\*/", "", literal, flags=re.S).split())
		names = set()
		for header in "ndr.h", "summary.h", "error.h":
		    text = open(f"{sys.argv[1]}/include/ndpipe/{header}").read()
		    assert "#include \"" not in text and "union" not in re.sub(r"/\*.*?\*/", "", text, flags=re.S)
		    bare = re.sub(r"/\*.*?\*/|\s*NDR_CHECK_RESULT|^#[^\n]*$", "", text, flags=re.S | re.M)
		    for declared in re.findall(r"[\w *]+\bndr_\w+\([^;{}]*\);", bare):
		        names.add(re.search(r"(ndr_\w+)\(", declared).group(1))
		        assert " ".join(declared.split()) in literal, declared
		    for declared in re.findall(r"^(?:struct|enum)[ \w]* \{.*?\};|^\#define \w+ +\S+", re.sub(r"/\*.*?\*/", "", text, flags=re.S), re.S | re.M):
		        assert "CHECK_RESULT" in declared or " ".join(declared.split()) in literal, declared
		assert names == set(open("shared").read().split()), names ^ set(open("shared").read().split())
	EOP
	# Each header stands alone, and claims no name that is not its own.
	for header in ndr summary error; do
		printf '#include <ndpipe/%s.h>\nint main(void) { return 0; }\n' $header >one.c
		# shellcheck disable=SC2046
		cc -std=c11 -Wall -Wextra -Werror -pedantic one.c $(pkg-config --cflags ndpipe) -o one
	done
}
