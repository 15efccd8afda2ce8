# pamtondr: netpbm's formats as a stream of images.
# shellcheck disable=SC2054,SC2154 # set by bats and by helper.bash
load helper

setup_file() {
	export work=$BATS_FILE_TMPDIR
	cd "$work" || exit
	ppmpat -gingham2 -randomseed=1 20 10 >a.ppm
	ppmtopgm a.ppm >a.pgm
	pamditherbw a.pgm | pamtopnm >a.pbm
	pamstack -tupletype RGB_ALPHA a.ppm a.pgm >a.pam
}

setup() {
	cd "$work" || exit
}

# The image that file $1 becomes is the PPM $2.
becomes() {
	pamtondr "$1" | ndrtopam | cmp - "$2"
}

@test "PN01 every format becomes RGB of 8 bits" {
	pgmtoppm white <a.pgm >grey.ppm
	pamdepth 255 a.pbm | pamtopnm | pgmtoppm white >black.ppm
	becomes a.ppm a.ppm
	becomes a.pgm grey.ppm
	becomes a.pbm black.ppm
	becomes a.pam a.ppm
	for f in a.ppm a.pgm a.pbm; do
		pnmtoplainpnm $f >plain
		pamtondr plain | ndrtopam | cmp - <(pamtondr $f | ndrtopam)
		pamtopam <$f >pam
		pamtondr pam | ndrtopam | cmp - <(pamtondr $f | ndrtopam)
	done
	pamdepth 65535 a.ppm >deep
	becomes deep a.ppm
	pamdepth 15 a.ppm >shallow
	pamdepth 255 shallow >want
	becomes shallow want
}

@test "PN02 cat joins pictures, files join too, names count" {
	cat a.ppm a.pgm a.pbm a.pam >four
	pamtondr four >one
	[ "$(ndrtopam one | pamfile -allimages | wc -l)" = 4 ]
	grep -qa 'four#4' one
	run ! grep -qa 'four#1' one
	pamtondr a.ppm a.pgm a.pbm a.pam | ndrtopam | cmp - <(ndrtopam one)
	cat <(pnmtoplainpnm a.ppm) a.pgm | pamtondr | ndrtopam |
		cmp - <(pamtondr a.ppm a.pgm | ndrtopam)
}

@test "PN03 file, redirect, pipe and -o give the same bytes" {
	pamtondr <a.ppm >one
	pamtondr - <a.ppm | cmp - one
	head -c 99999 a.ppm | pamtondr -t 3 | cmp - one
	pamtondr -o two a.ppm
	pamtondr a.ppm | cmp - two
}

@test "PN04 broken input names file and image, and writes no END" {
	size=$(stat -c %s a.ppm)
	for n in 1 5 12 100 $((size - 1)); do
		(cat a.ppm; head -c $n a.ppm) >part
		run --separate-stderr -3 pamtondr -o none part
		[[ $stderr == "pamtondr: part: image 2: "* ]]
		[ "${#stderr_lines[@]}" = 1 ]
		[ ! -e none ]
		run -4 --separate-stderr bash -c 'pamtondr part 2>/dev/null | ndrtopam'
		head -c $n a.ppm >part
		run --separate-stderr -3 pamtondr part
		[[ $stderr == "pamtondr: part: image 1: "* ]]
		[ -z "$output" ]
	done
	run --separate-stderr -3 pamtondr - <<<hello
	[ "$stderr" = "pamtondr: <stdin>: neither JPEG nor PNG nor PNM" ]
	for text in 'P6 99999 99999 255 ' 'P6 4 0 255 ' 'P2 1 1 3 4 ' 'P9 1 1 1 '; do
		run --separate-stderr -3 pamtondr - <<<"$text"
		[[ $stderr == "pamtondr: <stdin>: image 1: "* ]]
		[ -z "$output" ]
	done
	pamstack -tupletype CMYK a.ppm a.pgm >inks
	run --separate-stderr -3 pamtondr inks
	[[ $stderr == *"PAM of 4 planes, tuple type 'CMYK'" ]]
	run --separate-stderr -3 pamtondr /dev/null
	[ "$stderr" = "pamtondr: /dev/null: no image" ]
	run --separate-stderr -3 pamtondr a.ppm <(printf '\n')
	[[ $stderr == *": neither JPEG nor PNG nor PNM" ]]
	run --separate-stderr -3 pamtondr <(printf 'RIFF\x0c\0\0\0WEBPVP8 ')
	[[ $stderr == *": neither JPEG nor PNG nor PNM, but WebP" ]]
	run --separate-stderr -3 pamtondr <(printf '\0\0\0\x18ftypheic\0\0\0\0mif1heic')
	[[ $stderr == *": neither JPEG nor PNG nor PNM, but HEIC" ]]
	run --separate-stderr -3 pamtondr <(printf '\xff\x0a')
	[[ $stderr == *": neither JPEG nor PNG nor PNM, but JPEG XL" ]]
}

@test "PN05 misuse: exit 2, a missing file: exit 1" {
	run --separate-stderr -2 pamtondr --nonsense
	[ -z "$output" ]
	run --separate-stderr -1 pamtondr none.ppm
	[ "$stderr" = "pamtondr: none.ppm: No such file or directory" ]
	[ -z "$output" ]
}

@test "PN06 --help, --version, a full disk, a closed pipe" {
	run --separate-stderr -0 pamtondr --help
	[[ $output == "usage: pamtondr "* ]]
	run --separate-stderr -0 pamtondr --version
	[[ $output == "pamtondr "* ]]
	run --separate-stderr -1 bash -c 'pamtondr a.ppm >/dev/full'
	[[ $stderr == "pamtondr: <stdout>: No space left on device" ]]
	run -141 unread pamtondr a.ppm
	[ -z "$output" ]
}

@test "PN07 JPEG and PNG, from a file and a pipe; broken ones" {
	pnmtopng a.ppm >a.png 2>/dev/null
	pnmtojpeg -quality=90 a.ppm >a.jpg
	becomes a.png a.ppm
	jpegtopnm -dct=int a.jpg >jpeg.ppm 2>/dev/null
	becomes a.jpg jpeg.ppm
	pamtondr a.png a.ppm a.jpg >three
	[ "$(ndr-dump --type ITEM three | grep -o 'name=.*' | tr '\n' ' ')" = 'name=a.png name=a.ppm name=a.jpg ' ]
	# shellcheck disable=SC2002 # a pipe is the point
	cat a.png | pamtondr | ndrtopam | cmp - a.ppm
	for f in a.png a.jpg; do
		head -c 60 $f >part
		run --separate-stderr -3 pamtondr -o none a.ppm part
		[[ $stderr == "pamtondr: part: "* ]]
		[ "${#stderr_lines[@]}" = 1 ]
		[ ! -e none ]
	done
}

# What netpbm does to a stored picture to turn it upright, of orientation 1 to 8, and what undoes it.
upright=("" -null -lr -r180 -tb -xy -cw -xform=transpose,leftright,topbottom -ccw)
undone=("" -null -lr -r180 -tb -xy -ccw -xform=transpose,leftright,topbottom -cw)

@test "PN08 a camera's orientation, each of eight: pictures are turned upright, or --stored" {
	for n in 1 2 3 4 5 6 7 8; do
		pamflip "${undone[n]}" a.ppm | pnmtopng 2>/dev/null >plain.png
		"$root/tests/oriented" $n plain.png >turned.png
		becomes turned.png a.ppm
		pamtondr --stored turned.png | ndrtopam | cmp - <(pngtopnm plain.png)
		pamflip "${undone[n]}" a.ppm | pnmtojpeg -quality=90 >plain.jpg
		"$root/tests/oriented" $n plain.jpg >turned.jpg
		pamtondr plain.jpg | ndrtopam | pamflip "${upright[n]}" | pamtopnm >turned.ppm
		becomes turned.jpg turned.ppm
		pamtondr --stored turned.jpg | ndrtopam | cmp - <(pamtondr plain.jpg | ndrtopam)
	done
	[ "$(pamtondr turned.jpg | ndrtopam | pamfile | grep -c '20 by 10')" = 1 ]
}

@test "PN09 a note of the camera that is malformed, or cut, is none" {
	pnmtojpeg a.ppm >plain.jpg
	"$root/tests/oriented" 6 plain.jpg >turned.jpg
	# Each byte of the note is another: the picture is upright, or turned, or stays; never an error.
	for at in {24..63}; do
		python3 -c 'import sys; d = bytearray(open("turned.jpg", "rb").read()); d[int(sys.argv[1])] ^= 0x5a
sys.stdout.buffer.write(d)' "$at" >odd.jpg
		run --separate-stderr pamtondr -o odd.ndr odd.jpg
		[ "$status" = 0 ] || [ "$at" -lt 28 ] || { echo "$at: $stderr"; return 1; }
	done
	"$root/tests/oriented" 9 plain.jpg >turned.jpg
	pamtondr turned.jpg | ndrtopam | cmp - <(pamtondr plain.jpg | ndrtopam)
}

@test "PN10 a JPEG that the decoder warns about, though it costs no pixel" {
	pnmtojpeg a.ppm >plain.jpg
	{ head -c 11 plain.jpg; printf '\2'; tail -c +13 plain.jpg; } >odd.jpg
	run --separate-stderr -0 pamtondr -v -o odd odd.jpg
	[ "$stderr" = "pamtondr: odd.jpg: Warning: unknown JFIF revision number 2.01" ]
	run --separate-stderr -0 pamtondr -v -o plain plain.jpg
	[ -z "$stderr" ]
	ndrtopam odd | cmp - <(ndrtopam plain)
}
