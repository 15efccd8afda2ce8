# The manual: complete, well-formed, and its examples run.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup_file() {
	setup_examples
}

setup() {
	fixture=$BATS_FILE_TMPDIR/examples
	set +T # no trap of bats before each command of a function: that takes longer than most of them
	man=$root/man
	commands=$(cd "$root/cmd" && printf '%s\n' *.c | sed 's/\.c$//' && echo dissect && echo experiment)
}

# complain TEXT... -- note a fault; the test goes on, and fails at no_complaints.
complain() {
	echo "$*" | tee -a "$BATS_TEST_TMPDIR/complaints"
}

no_complaints() {
	[ ! -e "$BATS_TEST_TMPDIR/complaints" ]
}

@test "MP01 every command has a page, every page a command" {
	for command in $commands; do
		[ -s "$man/$command.1" ] || complain "$command has no page"
	done
	for page in "$man"/*.1; do
		name=$(basename "$page" .1)
		grep -qx "$name" <<<"$commands" || complain "$page: no such command"
		grep -qx ".Nm $name" "$page" || complain "$page does not name $name"
		grep -qx ".Dt ${name^^} 1" "$page" || complain "$page has another title"
	done
	no_complaints
}

@test "MP02 mandoc has no warnings" {
	command -v mandoc >/dev/null || skip "no mandoc here"
	run -0 mandoc -Tlint -Wwarning "$man"/*
	[ -z "$output" ]
}

@test "MP03 sections are there, in order" {
	printf '%s\n' NAME SYNOPSIS DESCRIPTION OPTIONS ENVIRONMENT 'EXIT STATUS' EXAMPLES \
		'SEE ALSO' >"$BATS_TEST_TMPDIR/required"
	for page in "$man"/*.1; do
		sed -n 's/^\.Sh //p' "$page" | grep -vx CAVEATS |
			cmp -s - "$BATS_TEST_TMPDIR/required" ||
			complain "$page:" "$(sed -n 's/^\.Sh //p' "$page" | tr '\n' ',')"
		sed -n 's/^\.Sh //p' "$page" | tail -n 1 | grep -qx 'SEE ALSO\|CAVEATS' ||
			complain "$page: SEE ALSO and CAVEATS come last"
	done
	no_complaints
}

@test "MP04 pages and --help know the same options" {
	for page in "$man"/*.1; do
		name=$(basename "$page" .1)
		"$name" --help | grep -oE -- '(^|,) *(-[a-zA-Z], )?--[a-z-]+' | sed 's/.*--//' |
			sort -u >"$BATS_TEST_TMPDIR/help"
		sed -n '/^\.Sh OPTIONS/,/^\.Sh ENVIRONMENT/s/^\.It //p' "$page" |
			grep -o -- 'Fl -[a-z][a-z-]*' | sed 's/Fl -//' | sort -u \
			>"$BATS_TEST_TMPDIR/page"
		odd=$(comm -3 "$BATS_TEST_TMPDIR/help" "$BATS_TEST_TMPDIR/page" | tr -d '\t' | tr '\n' ' ')
		[ -z "$odd" ] || complain "$page: only in one of page and --help: $odd"
	done
	no_complaints
}

@test "MP05 pages that are referred to exist" {
	while IFS=: read -r page reference; do
		read -r _ name section _ <<<"$reference"
		[ -e "$man/$name.$section" ] && continue
		case $name.$section in
		cat.1 | gzip.1 | head.1 | make.1 | netpbm.1 | pam.5 | parallel.1 | pnm.5 | sbatch.1 | tee.1) ;;
		*) complain "$page: refers to $name($section)" ;;
		esac
	done < <(cd "$man" && grep -o '\bXr [^ ]* [0-9]' -- *)
	no_complaints
}

@test "MP06 netdissect(7) lists every command" {
	for command in $commands; do
		grep -q "^\.It.* Xr $command 1" "$man/netdissect.7" || complain "$command is not listed"
	done
	no_complaints
}

# run_examples PAGE < lines of shell -- in a copy of the fixture.  A program may be
# told by a closed pipe that its reader, head, has enough.
run_examples() {
	local line status
	rm -rf "$BATS_TEST_TMPDIR/here"
	cp -r "$fixture" "$BATS_TEST_TMPDIR/here"
	cd "$BATS_TEST_TMPDIR/here" || return
	while IFS= read -r line; do
		# Of hundreds of scenes the first two digits are enough.
		[[ ! $line =~ ^(.*\ -n\ [1-9][0-9])[0-9]+(.*)$ ]] || line=${BASH_REMATCH[1]}${BASH_REMATCH[2]}
		line=${line/--synth 100/--synth 30}
		status=0
		bash -o pipefail -c "$line" </dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/said" ||
			status=$?
		case "$status $line" in
		"0 "* | "141 "*head*) ;;
		*) complain "$1: exit $status: $line: $(cat "$BATS_TEST_TMPDIR/said")" ;;
		esac
	done
	cd "$root" || return
}

# The fixture, and files with other names that examples use.
setup_examples() {
	fixture=$BATS_FILE_TMPDIR/examples
	cp -r "$(fixture)" "$fixture"
	broden-synth --seed 7 -n 24 --no-images -o "$fixture/labels.ndr"
	for i in 1 2; do
		broden-synth --seed 7 -n 24 --shard $i/2 -o "$fixture/shard$i.ndr"
	done
	broden-cat "$fixture/broden1_227" | cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5 --preset demo |
		act-segment -q -T "$fixture/conv5.thr" -o "$fixture/broden.seg"
	ln -s conv5.ndr "$fixture/conv5.act.ndr"
	ndrtonpy --type act -o "$fixture/conv5.npy" "$fixture/conv5.ndr"
	cp "$fixture/alexnet.onnx" "$fixture/net.onnx"
	(cd "$fixture" && "$root/tests/make-sources")
	cp "$root/tests/caffe/deploy.prototxt" "$fixture"
	"$root/tests/caffe_model.py" "$fixture/deploy.prototxt" >"$fixture/bvlc_alexnet.caffemodel"
	ppmpat -gingham2 -randomseed=1 112 112 | pnmtojpeg >"$fixture/cat.jpg"
}

page_examples() {
	sed -n 's/^\.Dl \$ //p' "$1" | sed 's/\\&//g; s/\\-/-/g; s/\\e/\\/g'
}

@test "MP07 examples in pages run" {
	for page in "$man"/*.1 "$man/netdissect.7"; do
		examples=$(page_examples "$page")
		[ -n "$examples" ] || complain "$page has no example"
		run_examples "$(basename "$page")" <<<"$examples"
	done
	no_complaints
}

@test "MP08 examples in --help run, where they are not those of the page" {
	for command in $commands; do
		examples=$("$command" --help | sed -n '/^example:/,$s/^  //p')
		[ -n "$examples" ] || complain "$command --help has no example"
		examples=$(page_examples "$man/$command.1" | grep -vxFf - <(echo "$examples")) || continue
		run_examples "$command --help" <<<"$examples"
	done
	no_complaints
}

@test "MP09 the reader in ndr(5) reads, and refuses cut streams" {
	fixture=$(fixture)
	cd "$BATS_TEST_TMPDIR"
	sed -n '/^\.Sh EXAMPLES/,/^\.Ed/p' "$man/ndr.5" | sed '1,/^\.Bd/d; /^\.Ed/d; s/\\e/\\/g' >reader.py
	python3 reader.py <"$fixture/conv5.seg" >names
	[ "$(wc -l <names)" = 24 ]
	head -c -64 "$fixture/conv5.seg" >part.seg
	run ! python3 reader.py <part.seg
	# It knows the types of 1.0 only, and passes by what came later.
	for f in "$root"/tests/format/passed/summary-minor-1*.ndr; do python3 reader.py <"$f"; done
}
