# ndrtopam: images and label maps as netpbm reads them.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup_file() {
	export work=$BATS_FILE_TMPDIR
	cd "$work" || exit
	ppmpat -gingham2 -randomseed=1 20 10 >a.ppm
	ppmpat -poles -randomseed=2 7 31 >b.ppm
	cat a.ppm b.ppm | pamtondr >s
	mkdir -p d/images
	printf 'name\nthing\nscene\n' >d/category.csv
	printf 'number,name\n258,cup\n3,kitchen\n' >d/label.csv
	printf 'number,coverage\n258,1\n' >d/c_thing.csv
	printf 'number,coverage\n3,1\n' >d/c_scene.csv
	printf 'image,split,ih,iw,sh,sw,thing,scene\na.ppm,train,10,20,1,2,m.png,3\n' >d/index.csv
	cp a.ppm d/images
	# red 2 + 256 * green 1 is label 258
	printf 'P6 2 1 255\n\2\1\0\0\0\0' | pnmtopng -force >d/images/m.png
	broden-cat d >labelled
}

setup() {
	cd "$work" || exit
}

@test "NM01 images come back as they were" {
	ndrtopam s | cmp - <(cat a.ppm b.ppm)
	ndrtopam labelled | cmp - a.ppm
}

@test "NM02 file, redirect, pipe and -o give the same bytes; several files follow each other" {
	ndrtopam s >one
	ndrtopam <s | cmp - one
	head -c 99999 s | ndrtopam - | cmp - one
	ndrtopam -o two s
	cmp two one
	ndrtopam s s | cmp - <(cat one one)
	cat s s | ndrtopam | cmp - <(cat one one)
}

@test "NM03 --type label: 16-bit grey, one picture a layer" {
	ndrtopam --type label labelled | cmp - <(printf 'P5\n2 1\n65535\n\1\2\0\0P5\n1 1\n65535\n\0\3')
	ndrtopam --type label --category scene labelled | cmp - <(printf 'P5\n1 1\n65535\n\0\3')
	[ -z "$(ndrtopam --type label s)" ]
}

@test "NM04 netpbm's programs read the stream of pictures" {
	run -0 bash -c 'ndrtopam s | pamfile -allimages'
	[ "${#lines[@]}" = 2 ]
	[[ ${lines[1]} == *"PPM raw, 7 by 31"* ]]
}

@test "NM05 cut input: exit 4; damaged input: exit 3" {
	size=$(stat -c %s s)
	for n in 1 63 64 200 $((size / 2)) $((size - 64)) $((size - 1)); do
		head -c $n s >part
		run --separate-stderr -4 bash -c 'ndrtopam part >out'
		[[ $stderr == "ndrtopam: part: "* ]]
	done
	run --separate-stderr -4 ndrtopam -o none /dev/null
	[ ! -e none ]
	# A byte of the first image.
	cp s bad
	printf '\x55' | dd of=bad bs=1 seek=$((size - 1200)) conv=notrunc status=none
	run --separate-stderr -3 ndrtopam -o none bad
	[[ $stderr == "ndrtopam: bad: "* ]]
	[ ! -e none ]
	run --separate-stderr -3 ndrtopam a.ppm
	[ -z "$output" ]
}

@test "NM06 misuse: exit 2, no output" {
	for misuse in '--type act s' '--category none s' '--nonsense' '-t 0 s'; do
		# shellcheck disable=SC2086
		run --separate-stderr -2 ndrtopam $misuse
		[ -z "$output" ]
		[[ $stderr == ndrtopam:* ]]
	done
	run --separate-stderr -1 ndrtopam no-such-file
	[[ $stderr == "ndrtopam: no-such-file: No such file or directory" ]]
}

@test "NM07 --help, --version, a full disk, a closed pipe" {
	run --separate-stderr -0 ndrtopam --help
	[[ $output == "usage: ndrtopam "* ]]
	run --separate-stderr -0 ndrtopam --version
	[[ $output == "ndrtopam "* ]]
	run --separate-stderr -1 bash -c 'ndrtopam s >/dev/full'
	[[ $stderr == "ndrtopam: <stdout>: No space left on device" ]]
	run -141 unread ndrtopam s
	[ -z "$output" ]
}

@test "NM08 --type seg: one unit's masks" {
	seg=$root/tests/format/passed/items.ndr
	# Of 2 x 2 pixels, in two items: unit 2 has the first and the last, unit 1 none.
	for _ in 1 2; do printf 'P5\n2 2\n65535\n\377\377\0\0\0\0\377\377'; done >want
	ndrtopam --type seg --unit 2 "$seg" | cmp - want
	ndrtopam --type seg --unit 2 -l conv5 <"$seg" | cmp - want
	for _ in 1 2; do printf 'P5\n2 2\n65535\n\0\0\0\0\0\0\0\0'; done >want
	ndrtopam --type seg --unit 1 "$seg" | cmp - want
	run --separate-stderr -2 ndrtopam --type seg --unit 3 "$seg"
	[ "$stderr" = "ndrtopam: $seg: layer conv5 has 2 units" ]
	run --separate-stderr -2 ndrtopam --type seg "$seg"
	[ "$stderr" = "ndrtopam: --type seg needs --unit" ]
	run --separate-stderr -2 ndrtopam --unit 1 "$seg"
	[ "$stderr" = "ndrtopam: --unit and --layer go with --type seg" ]
	run --separate-stderr -2 ndrtopam --type seg --unit 1 -l conv4 "$seg"
	[ "$stderr" = "ndrtopam: --layer 'conv4': not in the input" ]
	run --separate-stderr -3 ndrtopam --type seg --unit 1 s
	run --separate-stderr -2 ndrtopam --type seg --unit 0 "$seg"
}
