# filter.bash -- what every filter of streams has in common, for their bats files.
#
# Each check takes a file and then the command that is to read it.
# shellcheck disable=SC2154 # set by bats

# The same bytes from a file, a redirect, a pipe, gzip, to -o, with any threads.
same_bytes() {
	local file=$1 t packed
	shift
	"$@" "$file" >"$BATS_TEST_TMPDIR/one"
	[ -s "$BATS_TEST_TMPDIR/one" ]
	"$@" <"$file" | cmp - "$BATS_TEST_TMPDIR/one"
	head -c 999999999 "$file" | "$@" - | cmp - "$BATS_TEST_TMPDIR/one"
	packed=$BATS_TEST_TMPDIR/${file##*/}.gz
	[ "$packed" -nt "$file" ] || gzip -1 <"$file" >"$packed"
	"$@" <"$packed" | cmp - "$BATS_TEST_TMPDIR/one"
	for t in 1 2 4; do
		"$@" -t $t -o "$BATS_TEST_TMPDIR/two" "$file"
		cmp "$BATS_TEST_TMPDIR/two" "$BATS_TEST_TMPDIR/one"
	done
	run -0 ndr-check "$BATS_TEST_TMPDIR/one"
}

# A stream that ends early: exit 4; one with a wrong byte: exit 3.  No file is left.
refuses_damage() {
	local file=$1 size n
	shift
	size=$(stat -c %s "$file")
	for n in 1 63 64 200 $((size / 2)) $((size - 64)) $((size - 1)); do
		head -c $n "$file" >"$BATS_TEST_TMPDIR/part"
		run --separate-stderr -4 "$@" -o "$BATS_TEST_TMPDIR/none" "$BATS_TEST_TMPDIR/part"
		[[ $stderr == "$1: $BATS_TEST_TMPDIR/part: "* && ${#stderr_lines[@]} = 1 ]]
		[ ! -e "$BATS_TEST_TMPDIR/none" ]
	done
	run -4 "$@" -o "$BATS_TEST_TMPDIR/none" /dev/null
	python3 - "$file" "$BATS_TEST_TMPDIR/bad" 5 300 $((size / 2)) $((size - 100)) <<-'EOP'
		import sys
		good = open(sys.argv[1], "rb").read()
		for number, at in enumerate(map(int, sys.argv[3:])):
		    with open(sys.argv[2] + str(number), "wb") as f:
		        f.write(good[:at] + bytes([good[at] ^ 16]) + good[at + 1:])
	EOP
	for n in 0 1 2 3; do
		run --separate-stderr -3 "$@" -o "$BATS_TEST_TMPDIR/none" "$BATS_TEST_TMPDIR/bad$n"
		[[ $stderr == "$1: $BATS_TEST_TMPDIR/bad$n: "* && ${#stderr_lines[@]} = 1 ]]
		[ ! -e "$BATS_TEST_TMPDIR/none" ]
	done
}

# --help, --version, misuse, a missing file, a full disk.
speaks_well() {
	local file=$1 misuse
	shift
	run --separate-stderr -0 "$1" --help
	[[ $output == "usage: $1 "* ]]
	run --separate-stderr -0 "$1" --version
	[[ $output == "$1 "* ]]
	for misuse in --nonsense '-t 0' '-o'; do
		# shellcheck disable=SC2086
		run --separate-stderr -2 "$@" "$file" $misuse
		[ -z "$output" ]
		[[ ${stderr_lines[0]} == "$1: "* ]]
		[[ ${stderr_lines[1]} == "try '$1 --help'" ]]
	done
	run --separate-stderr -1 "$@" no-such-file
	[ -z "$output" ]
	[[ $stderr == "$1: no-such-file: No such file or directory" ]]
	# shellcheck disable=SC2016 # for the inner shell
	run --separate-stderr -1 bash -c '"$@" >/dev/full' full "$@" "$file"
	[[ $stderr == "$1: <stdout>: No space left on device" ]]
}

# npy DIM... < numbers -- a NumPy array of float32
npy() {
	python3 -c '
import struct, sys
head = str(dict(descr="<f4", fortran_order=False, shape=tuple(map(int, sys.argv[1:])))).encode()
head += b" " * (-(len(head) + 11) % 64) + b"\n"
values = list(map(float, sys.stdin.read().split()))
sys.stdout.buffer.write(b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head
    + struct.pack(f"<{len(values)}f", *values))' "$@"
}

# Two items of 1x4 label pixels in the current directory, as labels.ndr and act.ndr:
#
#	          label maps   whole image   unit 1   unit 2
#	item 0    1 1 2 2      3             0 6      1 1
#	item 1    0 2 2 0                    3 0      1 0
two_items() {
	mkdir -p d/images
	printf 'name\nthing\nscene\n' >d/category.csv
	printf 'number,name\n1,cup\n2,plate\n3,kitchen\n' >d/label.csv
	printf 'number,coverage\n1,1\n2,1\n' >d/c_thing.csv
	printf 'number,coverage\n3,1\n' >d/c_scene.csv
	printf '%s\n' image,split,ih,iw,sh,sw,thing,scene a.png,train,1,4,1,4,a.png,3 \
		b.png,train,1,4,1,4,b.png, >d/index.csv
	printf 'P3 4 1 255  1 0 0  1 0 0  2 0 0  2 0 0\n' | pnmtopng -force >d/images/a.png
	printf 'P3 4 1 255  0 0 0  2 0 0  2 0 0  0 0 0\n' | pnmtopng -force >d/images/b.png
	broden-cat --no-images -o labels.ndr d
	echo 0 6 1 1  3 0 1 0 | npy 2 2 1 2 |
		npytondr --as act --like labels.ndr -l conv -o act.ndr
}
