# broden-cat: a directory with every kind of cell and file, made here.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup_file() {
	export work=$BATS_FILE_TMPDIR
	make_reader >"$work/show"
	chmod +x "$work/show"
	make_directory "$work/b"
}

setup() {
	set +T # no trap of bats before each command of a function: that takes longer than most of them
	cd "$work" || exit
	PATH=$work:$PATH
}

# show < stream: a line for each ITEM, IMAGE, LABEL and END record.
make_reader() {
	cat <<-'EOF'
		#!/usr/bin/env python3
		import struct, sys
		f = sys.stdin.buffer
		while header := f.read(64):
		    kind, _, length = struct.unpack_from("<HHQ", header, 4)
		    item, group = struct.unpack_from("<II", header, 24)
		    dims = struct.unpack_from("<4I", header, 36)
		    data = f.read((length + 63) // 64 * 64)[:length]
		    if kind == 4:
		        print("item", item, *struct.unpack_from("<4I", data))
		    if kind == 5:
		        print("image", *dims[:2], *data[:6])
		    if kind == 6:
		        print("label", group, *dims[:3], *struct.unpack(f"<{length // 2}H", data))
		    if kind == 15:
		        print("end")
	EOF
}

# Three categories over 4 x 6 pixel images with 2 x 3 labels.
make_directory() {
	mkdir -p "$1/images/sub"
	python3 - "$1" <<-'EOF'
		import struct, sys, zlib
		root = sys.argv[1]
		def chunk(tag, data):
		    return struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))
		def png(name, labels):
		    rows = b"".join(b"\0" + b"".join(struct.pack("<HB", v, 0) for v in row) for row in labels)
		    head = struct.pack(">IIBBBBB", len(labels[0]), len(labels), 8, 2, 0, 0, 0)
		    with open(f"{root}/images/{name}", "wb") as f:
		        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
		                + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
		def table(name, text):
		    with open(f"{root}/{name}", "w", newline="") as f:
		        f.write(text.replace("\n", "\r\n"))
		png("sub/color.png", [[1, 1, 2], [2, 0, 1]])
		png("one.png", [[300, 0, 0], [0, 300, 7]])
		png("two.png", [[7, 7, 7], [0, 0, 0]])
		png("beyond.png", [[0, 0, 0], [0, 301, 0]])
		png("wide.png", [[1, 1, 1, 1]])
		table("category.csv", "name,first,last,count,frequency\ncolor,1,2,2,1\nobject,7,300,2,1\nscene,300,301,2,1\n")
		table("label.csv", "number,name,category,frequency,coverage,syns\n"
		      '1,red-c,color(1),1,1,"scarlet, crimson"\n2,"blue, dark",color(1),1,1,\n'
		      '7,"say ""car""",object(1),1,1,\n300,street,object(1);scene(2),1,1,\n')
		table("c_color.csv", "code,number,name,frequency,coverage\n1,1,red-c,1,3\n2,2,blue,1,2\n")
		table("c_object.csv", "code,number,name,frequency,coverage\n1,7,car,1,3\n2,300,street,1,0.25\n")
		table("c_scene.csv", "code,number,name,frequency,coverage\n1,300,street,2,2\n")
		table("index.csv", "image,split,ih,iw,sh,sw,color,object,scene\n"
		      "p.ppm,train,4,6,2,3,sub/color.png,one.png;two.png,300\n"
		      '"grey.jpg",train,4,6,2,3,,"300;two.png;7",\n'
		      "p.ppm,val,4,6,2,3,,,\n"
		      "rgb.png,val,4,6,2,3,2;1,,\n"
		      "bits.pbm,train,4,6,2,3,sub/color.png,,300;300\n"
		      "grey16.png,train,4,6,2,3,,0,\n"
		      "palette.png,val,4,6,2,3,,,300\n")
	EOF
	cd "$1/images" || exit
	ppmmake rgb:10/20/30 6 4 >p.ppm
	pgmmake -maxval 255 0.5 6 4 | pnmtojpeg -greyscale -quality 100 >grey.jpg
	ppmpat -gingham2 -randomseed=3 6 4 | pnmtopng -force >rgb.png
	pbmmake -white 6 4 >bits.pbm
	pgmmake -maxval 65535 0.25 6 4 | pnmtopng >grey16.png
	ppmmake rgb:ff/00/80 6 4 | pnmtopng >palette.png
}

# A directory of one row, with the given last cells and optional image.
one_row() {
	rm -rf bad
	cp -r b bad
	printf 'image,split,ih,iw,sh,sw,color,object,scene\r\n%s,train,4,6,2,3,%s\r\n' \
		"${2:-p.ppm}" "$1" >bad/index.csv
}

# The run fails with code $1 and one line that ends with $2, and writes no END.
refused() {
	run --separate-stderr "-$1" bash -c 'broden-cat bad >out'
	echo "$stderr"
	[ "${#stderr_lines[@]}" = 1 ]
	[[ $stderr == "broden-cat: bad/"*"$2" ]]
	! od -An -v -tx1 -w64 out | grep -q '^ 89 4e 44 52 0f 00'
}

@test "BC01 every kind of cell and file" {
	broden-cat b | show >out
	diff out - <<-EOF
		item 0 4 6 2 3
		image 4 6 16 32 48 16 32 48
		label 0 1 2 3 1 1 2 2 0 1
		label 1 2 2 3 300 0 0 0 300 7 7 7 7 0 0 0
		label 2 1 1 1 300
		item 1 4 6 2 3
		image 4 6 128 128 128 128 128 128
		label 1 1 2 3 7 7 7 0 0 0
		label 1 2 1 1 300 7
		item 3 4 6 2 3
		$(ndr_image rgb.png)
		label 0 2 1 1 2 1
		item 4 4 6 2 3
		image 4 6 255 255 255 255 255 255
		label 0 1 2 3 1 1 2 2 0 1
		label 2 2 1 1 300 300
		item 6 4 6 2 3
		image 4 6 255 0 128 255 0 128
		label 2 1 1 1 300
		end
	EOF
}

# The line of an image file according to netpbm.
ndr_image() {
	printf 'image 4 6 %s' "$(pngtopam "b/images/$1" | pamdepth 255 | pamtopnm |
		tail -c 72 | head -c 6 | od -An -tu1 | xargs)"
}

@test "BC02 META: names, primary categories, number of rows" {
	broden-cat b >s
	grep -qa '^dataset.items=7$' s
	grep -qa '^category.2=scene$' s
	grep -qa '^label.2=0 blue, dark$' s
	grep -qa '^label.7=1 say "car"$' s
	grep -qa '^label.300=2 street$' s
	broden-cat --categories object,color b >s
	grep -qa '^label.300=1 street$' s
	run ! grep -qa '^category.2' s
}

@test "BC03 --categories: only their labels, rows without any are dropped" {
	broden-cat --categories object --no-images b | show >out
	diff out - <<-EOF
		item 0 0 0 2 3
		label 0 2 2 3 300 0 0 0 300 7 7 7 7 0 0 0
		item 1 0 0 2 3
		label 0 1 2 3 7 7 7 0 0 0
		label 0 2 1 1 300 7
		end
	EOF
}

@test "BC04 --split, then --limit; numbers count the rows of the split" {
	broden-cat --split val --no-images b | show >out
	diff out - <<-EOF
		item 1 0 0 2 3
		label 0 2 1 1 2 1
		item 2 0 0 2 3
		label 2 1 1 1 300
		end
	EOF
	[ "$(broden-cat --split val --limit 2 b | show | grep -c item)" = 1 ]
	[ "$(broden-cat --limit 1 b | show | grep -c item)" = 1 ]
}

@test "BC05 shards: every item once, in any number of parts" {
	broden-cat b | show | grep -v end >whole
	for n in 1 2 3 7 9; do
		for i in $(seq $n); do
			broden-cat --shard "$i/$n" b
		done | show | grep -v end >parts
		cmp whole parts
	done
	for i in 1 2; do
		broden-cat --shard $i/2 -o part$i b
	done
	broden-cat -o one b
	ndr-cat part2 part1 | cmp - one
}

@test "BC06 --no-labels keeps the items and their sizes" {
	broden-cat --no-labels b | show | grep -v image >out
	diff out - <<-EOF
		item 0 4 6 2 3
		item 1 4 6 2 3
		item 3 4 6 2 3
		item 4 4 6 2 3
		item 6 4 6 2 3
		end
	EOF
}

@test "BC07 --size scales images, --crop cuts both" {
	broden-cat --limit 1 --size 5 b | show >out
	diff out - <<-EOF
		item 0 5 5 2 3
		image 5 5 16 32 48 16 32 48
		label 0 1 2 3 1 1 2 2 0 1
		label 1 2 2 3 300 0 0 0 300 7 7 7 7 0 0 0
		label 2 1 1 1 300
		end
	EOF
	# The middle 4 of 6 columns are label columns 0.5 to 2.5.
	broden-cat --limit 1 --crop b | show >out
	diff out - <<-EOF
		item 0 4 4 2 2
		image 4 4 16 32 48 16 32 48
		label 0 1 2 2 1 2 0 1
		label 1 2 2 2 0 0 300 7 7 7 0 0
		label 2 1 1 1 300
		end
	EOF
}

@test "BC08 the same bytes from any number of threads, to a file and to a pipe" {
	broden-cat -t 1 b >one
	broden-cat -t 4 -o four b
	cmp one four
	broden-cat b | cmp - one
	broden-cat "$PWD/b/" | cmp - one
}

@test "BC09 bad files are named with their row, and end the run" {
	head -c 300 b/images/grey.jpg >b/images/cut.jpg
	head -c 60 b/images/sub/color.png >b/images/cut.png
	head -c 30 b/images/p.ppm >b/images/cut.ppm
	echo text >b/images/text
	one_row 'cut.png,,'
	refused 3 "images/cut.png: index.csv row 2: premature end of PNG file"
	one_row '1,,' cut.jpg
	refused 3 "images/cut.jpg: index.csv row 2: Premature end of JPEG file"
	one_row '1,,' cut.ppm
	refused 3 "images/cut.ppm: index.csv row 2: premature end of the picture"
	one_row '1,,' text
	refused 3 "images/text: index.csv row 2: neither JPEG nor PNG nor PNM"
	one_row 'text,,'
	refused 3 "images/text: index.csv row 2: label map is not a PNG"
	one_row 'none.png,,'
	refused 1 "images/none.png: index.csv row 2: No such file or directory"
	one_row ',,300' none.jpg
	refused 1 "images/none.jpg: index.csv row 2: No such file or directory"
	one_row 'sub,,'
	refused 3 "images/sub: index.csv row 2: not a regular file"
}

@test "BC10 wrong sizes and numbers are named with their row" {
	one_row 'wide.png,,'
	refused 3 "images/wide.png: index.csv row 2: label map is 4 x 1, the row says 3 x 2"
	one_row ',beyond.png,'
	refused 3 "beyond.png: index.csv row 2: pixel value 301 at column 1, row 1 is no label"
	one_row ',,301'
	refused 3 "images/p.ppm: index.csv row 2: column scene: 301 is no label"
	one_row ',,99999999999999999999999'
	refused 3 "column scene: 99999999999999999999 is no label"
	one_row ',,300'
	sed -i 's/,4,6,2,3/,6,4,2,3/' bad/index.csv
	refused 3 "images/p.ppm: index.csv row 2: image is 6 x 4, the row says 4 x 6"
	sed -i 's/,6,4,2,3/,-1,4,2,3/' bad/index.csv
	refused 3 "images/p.ppm: index.csv row 2: ih '-1' is not a size"
}

@test "BC11 names that leave the directory are refused" {
	one_row ',../../b/images/one.png,'
	refused 3 "row 2: name leads out of the directory"
	one_row ',sub/../../label.csv,'
	refused 3 "row 2: name leads out of the directory"
	one_row ',,300' "$PWD/b/images/p.ppm"
	refused 3 "row 2: name leads out of the directory"
	one_row ',link.png,'
	ln -s ../../b/images/one.png bad/images/link.png
	refused 3 "images/link.png: index.csv row 2: a symbolic link leads out of the directory"
	one_row ',out/one.png,'
	ln -s ../../b/images bad/images/out
	refused 3 "images/out/one.png: index.csv row 2: a symbolic link leads out of the directory"
	broden-cat --no-provenance --outside bad >out
	mkdir inside
	cp -r bad/. inside
	rm inside/images/out
	cp -r b/images inside/images/out
	broden-cat --no-provenance inside | cmp - out
	one_row ',,300' "$PWD/b/images/p.ppm"
	broden-cat --outside bad | ndr-dump --type ITEM | grep -qF "$PWD/b/images/p.ppm"
	one_row ',,300' "$PWD/b/images/none.ppm"
	run --separate-stderr -1 broden-cat --outside -o out bad
	[ "$stderr" = "broden-cat: bad/images/$PWD/b/images/none.ppm: index.csv row 2: No such file or directory" ]
	# A link that stays inside is fine, and so is a linked images folder.
	one_row ',link.png,'
	ln -s one.png bad/images/link.png
	broden-cat bad >out
	mv bad/images bad/elsewhere
	ln -s elsewhere bad/images
	broden-cat bad | cmp - out
}

@test "BC12 --skip-bad leaves bad items out and counts them" {
	cp -r b some
	rm some/images/rgb.png
	printf 'P6 6 4 255 cut' >some/images/p.ppm
	run --separate-stderr -0 bash -c 'broden-cat --skip-bad some | show'
	[ "${#stderr_lines[@]}" = 3 ]
	[[ $stderr == *"broden-cat: warning: skipped: some/images/rgb.png: index.csv row 5: No such file"* ]]
	[ "${stderr_lines[2]}" = "broden-cat: warning: 2 of 5 items skipped" ]
	[ "$(grep -c ^item <<<"$output")" = 3 ]
	[[ $output == *end ]]
	run --separate-stderr -1 broden-cat -t 1 --split val some
	run --separate-stderr -0 broden-cat -q --skip-bad -o /dev/null some
	[ -z "$stderr" ]
}

@test "BC13 tables that are missing, ragged or wrong" {
	for table in index category label c_object; do
		one_row ',,300'
		rm "bad/$table.csv"
		refused 1 "$table.csv: No such file or directory"
		[ ! -s out ]
	done
	one_row ',,300,'
	refused 3 "index.csv: row 2: 10 fields instead of 9"
	[ ! -s out ]
	one_row ',,300'
	printf '7,again,,,,\r\n' >>bad/label.csv
	refused 3 "label.csv: row 6: label 7 again"
	one_row ',,300'
	sed -i s/,scene// bad/index.csv
	refused 3 "index.csv: no column 'scene'"
	one_row ',,300'
	sed -i s/2.25/much/ bad/c_object.csv
	sed -i s/0.25/much/ bad/c_object.csv
	refused 3 "c_object.csv: row 3: coverage 'much': not a number"
	one_row '"red.png,,'
	refused 3 "index.csv: row 2: quoted field does not end"
}

@test "BC14 misuse: exit 2, one reason, no output" {
	for misuse in '' 'b b' '--limit 0 b' '--limit x b' '--shard 0/2 b' '--shard 3/2 b' \
		'--shard 1 b' '--shard 1/2/3 b' '--size 0 b' '--size 99999 b' '--nonsense b' \
		'--categories colour b' '--split test b'; do
		# shellcheck disable=SC2086
		run --separate-stderr -2 broden-cat $misuse
		[ -z "$output" ]
		[[ $stderr == broden-cat:* ]]
	done
}

@test "BC15 --help and --version" {
	run --separate-stderr -0 broden-cat --help
	[[ $output == "usage: broden-cat "*--skip-bad* ]]
	[ -z "$stderr" ]
	run --separate-stderr -0 broden-cat --version
	[[ $output == "broden-cat "*libjpeg-turbo*libpng* ]]
}

@test "BC16 a full disk, a closed pipe" {
	run --separate-stderr -1 bash -c 'broden-cat b >/dev/full'
	[[ $stderr == "broden-cat: <stdout>: No space left on device" ]]
	run -141 unread broden-cat b
	[ -z "$output" ]
	run --separate-stderr -1 broden-cat -o none/out b
	[[ $stderr == "broden-cat: none/out"* ]]
}

@test "BC17 scenes written as a directory come back" {
	broden-synth --seed 5 -n 6 -o scenes
	python3 "$root/tests/broden-directory" d <scenes
	broden-cat d | ndrtopam | cmp - <(ndrtopam scenes)
	broden-cat d | ndrtopam --type label | cmp - <(ndrtopam --type label scenes)
}

@test "BC18 real photographs: pixels and labels as other decoders read them" {
	need_shared
	[ "$(broden-cat --limit 40 "$shared/data/broden" | ndrtopam | pamfile -allimages | wc -l)" = 40 ]
	broden-cat --limit 1 "$shared/data/broden" | ndrtopam >image
	name=$(sed -n 2p "$shared/data/broden/index.csv" | cut -d, -f1)
	djpeg=$(jpegtopnm "$shared/data/broden/images/$name" 2>/dev/null | md5sum)
	[ "$djpeg" = "$(md5sum <image)" ]
	cell=$(sed -n 2p "$shared/data/broden/index.csv" | cut -d, -f7)
	broden-cat --limit 1 "$shared/data/broden" | ndrtopam --type label --category color >map
	# red + 256 * green, by netpbm: the two bytes of a PGM sample are green, red
	pngtopam "$shared/data/broden/images/$cell" | pamchannel -tupletype X 1 0 |
		tail -c $((113 * 113 * 2)) | cmp - <(tail -c $((113 * 113 * 2)) map)
}

# A copy of the directory as bad, with one row; $1: its last cells; then files of DIR/images
# made by a line of Python each: png(NAME, ROWS, colour type, bytes a pixel, palette).
with_files() {
	one_row "$1"
	shift
	printf '%s\n' "$@" | python3 -c '
import struct, sys, zlib
def chunk(tag, data):
    return struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))
def png(name, rows, kind, palette=b""):
    size = {2: 3, 3: 1, 0: 1, 6: 4}[kind]
    head = struct.pack(">IIBBBBB", len(rows[0]) // size, len(rows), 8, kind, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    with open(f"bad/images/{name}", "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
                + (chunk(b"PLTE", palette) if palette else b"")
                + chunk(b"IDAT", data) + chunk(b"IEND", b""))
exec(sys.stdin.read())
'
}

# What show says of the label maps of bad, with options.
labels() {
	broden-cat --no-images "$@" bad | show | grep ^label
}

@test "BC19 numbers in the blue channel are refused" {
	with_files 'm.png,,' 'png("m.png", [[0, 0, 0, 0, 0, 1, 0, 0, 0], [0] * 9], 2)'
	refused 3 "images/m.png: index.csv row 2: blue is 1 at column 1, row 0: labels are red + 256 * green, and blue is 0 (are the channels in BGR order?)"
	with_files 'm.png,,' 'png("m.png", [[1, 0, 0, 9] * 3, [2, 0, 0, 0] * 3], 6)'
	[ "$(labels)" = "label 0 1 2 3 1 1 1 2 2 2" ]
}

@test "BC20 palettes: colours, indices, and numbers that mean unlabelled" {
	# Indices 0, 1, 2; colours black, red 128 and green 128, as PASCAL VOC has them.
	colours='bytes([0, 0, 0, 128, 0, 0, 0, 128, 0])'
	with_files 'm.png,,' "png('m.png', [[0, 1, 2], [2, 1, 0]], 3, $colours)"
	refused 3 "by the colours of the palette, pixel value 128 at column 1, row 0 is no label (--palette-index takes its indices)"
	[ "$(labels --palette-index)" = "label 0 1 2 3 0 1 2 2 1 0" ]
	[ "$(labels --palette-index --void 1)" = "label 0 1 2 3 0 0 2 2 0 0" ]
	[ "$(labels --palette-index --ignore 1)" = "label 0 1 2 3 0 0 2 2 0 0" ]
	[ "$(labels --void 128,32768)" = "label 0 1 2 3 0 0 0 0 0 0" ]
	with_files 'm.png,,' "png('m.png', [[0, 1, 1], [1, 1, 0]], 3, bytes([0, 0, 0, 0, 0, 2]))"
	refused 3 "the palette gives blue 2 at column 1, row 0: labels are red + 256 * green, and blue is 0 (--palette-index takes its indices)"
	# Through the palette, as programs that shrink PNG files leave them.
	with_files 'm.png,,' "png('m.png', [[0, 1, 1], [1, 1, 0]], 3, bytes([2, 0, 0, 1, 0, 0]))"
	[ "$(labels)" = "label 0 1 2 3 2 1 1 1 1 2" ]
	# The option does nothing to a map without a palette.
	with_files 'm.png,,' 'png("m.png", [[0, 1, 2], [255, 1, 0]], 0)'
	[ "$(labels --palette-index --void 255)" = "label 0 1 2 3 0 1 2 0 1 0" ]
	refused 3 "m.png: index.csv row 2: pixel value 255 at column 0, row 1 is no label (--void 255, if it stands for unlabelled)"
	for list in '' x '1,' ',1' -1 65536 1.5; do
		run --separate-stderr -2 broden-cat --void "$list" bad
		[[ $stderr == "broden-cat: --void "* ]]
	done
}

@test "BC21 cells that are neither a number nor a file; 2.0 is 2" {
	for word in cancer nan '"[1' 'two words' '[1 2]'; do
		one_row "${word/\"/},,"
		refused 3 "images/p.ppm: index.csv row 2: column color: '${word/\"/}' is neither a number nor a file"
	done
	one_row '"[1, 2]",,'
	refused 3 "column color: '[1, 2]' is neither a number nor a file"
	for number in -1 2.5 1e0 .5 +1; do
		one_row "$number,,"
		refused 3 "column color: '$number' is no label number"
	done
	one_row '65537,,'
	refused 3 "column color: 65537 is no label"
	one_row '2.0;1.00,,'
	[ "$(labels)" = "label 0 2 1 1 2 1" ]
	sed -i 's/,4,6,2,3,/,4.0,6.0,2.0,3.0,/' bad/index.csv
	[ "$(labels)" = "label 0 2 1 1 2 1" ]
}

@test "BC22 tables as people write them" {
	broden-cat --no-provenance b >want
	# Without split, and with columns in another order.
	cp -r b other
	awk -F, -v OFS=, 'NR > 1 { gsub(/"/, "") } { print $6, $3, $1, $4, $5, $7, $8, $9 }' \
		<(tr -d '\r' <b/index.csv) >other/index.csv
	broden-cat --no-provenance other | cmp - want
	run --separate-stderr -3 broden-cat --split train other
	[ "$stderr" = "broden-cat: other/index.csv: no column 'split'" ]
	# Without coverage where it decides nothing, and where it does.
	printf 'number\n1\n2\n' >other/c_color.csv
	broden-cat --no-provenance other | cmp - want
	printf 'number,coverage\n7,\n300,\n' >other/c_object.csv
	run --separate-stderr -0 broden-cat --no-provenance -o got other
	cmp got want
	[ "$stderr" = "broden-cat: warning: label 300 is of several categories, and a c_*.csv has no coverage for it: taken as 0" ]
	# Blanks, a byte order mark, numbers of a column of reals.
	sed 's/,/ , /g; 1s/^/\xef\xbb\xbf/' b/category.csv >other/category.csv
	sed '2,$s/^\([0-9]*\),/ \1.0 ,/' b/label.csv >other/label.csv
	run --separate-stderr -3 broden-cat other
	[[ $stderr == *"other/label.csv: row 2: number ' 1.0 ': not a whole number" ]]
	sed '2,$s/^\([0-9]*\),/\1.0,/' b/label.csv >other/label.csv
	one_row '  1 ; sub/color.png,one.png  ,'
	[ "$(labels)" = "$(printf 'label 0 1 2 3 1 1 2 2 0 1\nlabel 0 1 1 1 1\nlabel 1 1 2 3 300 0 0 0 300 7')" ]
	sed -i '1s/,/ , /g' bad/index.csv
	[ "$(labels | wc -l)" = 3 ]
	broden-cat --no-provenance -q other | cmp - want
}

@test "BC23 what is odd in the tables is said, or refused" {
	one_row '1,,'
	printf '0,none,,,,\r\n' >>bad/label.csv
	run --separate-stderr -0 broden-cat -o /dev/null bad
	[ "$stderr" = "broden-cat: warning: bad/label.csv: row 6: 'none' has number 0, which stands for unlabelled and is never a label" ]
	one_row '1,,'
	printf '0,-,,,,\r\n' >>bad/label.csv
	run --separate-stderr -0 broden-cat -o /dev/null bad
	[ -z "$stderr" ]
	one_row '1,,'
	sed -i 's/^1,red-c/1,street/' bad/label.csv
	run --separate-stderr -0 broden-cat -o /dev/null bad
	[ "$stderr" = "broden-cat: warning: bad/label.csv: labels 1 and 300 are both 'street'" ]
	one_row '1,,'
	sed -i 's/scene/&,objects,/; 2s/$/,,/' bad/index.csv
	tr -d '\r' <bad/index.csv >t
	mv t bad/index.csv
	run --separate-stderr -0 broden-cat -o /dev/null bad
	[ "$stderr" = "broden-cat: warning: bad/index.csv: not read, as category.csv does not name them: objects" ]

	one_row '1,,'
	printf '9,caf\xe9,,,,\r\n' >>bad/label.csv
	refused 3 "label.csv: row 6: the name is not UTF-8 (if it is Latin-1, iconv -f latin1 -t utf-8)"
	one_row '1,,'
	printf 'caf\xe9,,,,\r\n' >>bad/category.csv
	refused 3 "category.csv: row 5: the name is not UTF-8 (if it is Latin-1, iconv -f latin1 -t utf-8)"
	one_row '1,,'
	printf '9, ,,,,\r\n' >>bad/label.csv
	refused 3 "label.csv: row 6: the name is empty"
	one_row '1,,'
	iconv -t utf-16 <b/label.csv >bad/label.csv
	refused 3 "label.csv: UTF-16, not UTF-8"
	one_row '1,,'
	tr '\n' '\r' <b/label.csv | tr -s '\r' >bad/label.csv
	refused 3 "label.csv: row 1: stray carriage return"
	for number in -1 65536 1e3 99999999999999999999999; do
		one_row '1,,'
		printf '%s,x,,,,\r\n' $number >>bad/label.csv
		run --separate-stderr -3 broden-cat bad
		[[ $stderr == "broden-cat: bad/label.csv: row 6: number '$number': "* ]]
	done
	one_row '1,,'
	printf 'color,,,,\r\n' >>bad/category.csv
	refused 3 "category.csv: row 5: category 'color' is not a new, plain name"
	one_row '1,,'
	printf 'sw,,,,\r\n' >>bad/category.csv
	cp bad/c_color.csv bad/c_sw.csv
	refused 3 "category.csv: category 'sw' is the name of another column of index.csv"
	rm bad/c_sw.csv
	one_row '1,,'
	sed -i '1s/object/color/' bad/index.csv
	refused 3 "index.csv: column 'color' is there twice"
	one_row '1,,'
	sed -i 's/,/;/g' bad/index.csv
	refused 3 "index.csv: no column 'image': fields are separated by ';', not ','"
	for column in image ih iw sh sw; do
		one_row '1,,'
		sed -i "1s/\b$column\b/x/" bad/index.csv
		refused 3 "index.csv: no column '$column'"
	done
	one_row ';0;,,'
	refused 3 "index.csv: none of 1 rows has a label in a category of category.csv"
	[ ! -s out ]
	run --separate-stderr -3 broden-cat --categories color --split train --limit 1 bad
	[[ $stderr == *"has a label in a category of color" ]]
}

@test "BC24 --skip-bad skips bad data alone, and says so in END" {
	cp -r b some2
	rm some2/images/rgb.png
	broden-cat -q --skip-bad -o out some2
	ndr-dump out | grep -q 'END.*subset'
	broden-cat -q --skip-bad -o out b
	ndr-dump out | grep -q 'END.*items=5$'
	cmp <(broden-cat --no-provenance b) <(broden-cat --no-provenance --skip-bad b)
	# As few open files as the program starts with, so that none is left for a row.
	run --separate-stderr -1 bash -c 'ulimit -n 4; broden-cat -t 1 --skip-bad b >out'
	[[ $stderr == *": Too many open files" ]]
	[ "${#stderr_lines[@]}" = 1 ]
}

@test "BC25 --skip-bad with faults of the system: exit 1, or all items" {
	cc -shared -fPIC -O1 -o inject.so "$root/tests/inject.c" -ldl 2>said || skip "no shared libraries here"
	ldd "$(command -v broden-cat)" | grep -q asan && skip "the sanitizer has its own malloc"
	broden-cat -t 1 --skip-bad --crop --size 5 --limit 2 -o want b
	rm -f got
	local n most step function status
	# Each of the first calls, and of malloc()'s, which are of the same few kinds, a sample.
	for function in read:20:1 open:20:1 "malloc:400:$(exhaustive 23 1)"; do
		IFS=: read -r function most step <<<"$function"
		for ((n = 1; n <= most; n += step)); do
			status=0
			INJECT=$function:$n LD_PRELOAD=./inject.so broden-cat -t 1 --skip-bad \
				--crop --size 5 --limit 2 -o got b 2>error || status=$?
			if [ $status = 0 ]; then
				cmp got want
				[ ! -s error ]
			else
				[ $status = 1 ]
				[ ! -e got ]
			fi
			rm -f got
		done
	done
}

@test "BC26 --max-label-pixels holds for maps together, and for labels of the whole image" {
	one_row ',one.png;two.png,'
	broden-cat --max-label-pixels 12 -o /dev/null bad
	run --separate-stderr -3 broden-cat --max-label-pixels 11 bad
	[[ $stderr == *"images/p.ppm: index.csv row 2: labels of 3 x 2 pixels times 2 are more than 11 (--max-label-pixels)" ]]
	one_row ',,300'
	broden-cat --max-label-pixels 6 -o /dev/null bad
	run --separate-stderr -3 broden-cat --max-label-pixels 5 bad
	sed -i 's/,4,6,2,3,/,4,6,16384,16384,/' bad/index.csv
	refused 3 "labels of 16384 x 16384 pixels times 1 are more than 33554432 (--max-label-pixels)"
	broden-cat --max-label-pixels 268435456 -o /dev/null bad
	# As many maps as a cell can name, of a size that each may have.
	one_row "$(printf 'm.png;%.0s' {1..600}),,"
	sed -i 's/,4,6,2,3,/,4,6,256,256,/' bad/index.csv
	refused 3 "labels of 256 x 256 pixels times 600 are more than 33554432 (--max-label-pixels)"
	one_row "$(printf 'm.png;%.0s' {1..2000}),,"
	refused 3 "2000 label maps are more than 1024"
}

@test "BC27 tables that are pipes are read, once" {
	cp -r b pipes
	for table in index category label c_object; do
		rm pipes/$table.csv
		mkfifo pipes/$table.csv
		cat b/$table.csv >pipes/$table.csv &
	done
	timeout 20 broden-cat pipes | cmp - <(broden-cat b)
}

@test "BC28 warnings of libjpeg that cost no pixel pass, and are counted; others do not" {
	one_row '1,,' plain.jpg
	cp b/images/grey.jpg bad/images/plain.jpg
	run --separate-stderr -0 broden-cat -v --no-provenance -o want bad
	[ -z "$stderr" ]
	# The version of JFIF is at byte 11; bytes after the last pixel, before the end.
	size=$(stat -c %s b/images/grey.jpg)
	{ head -c 11 b/images/grey.jpg; printf '\2'; tail -c +13 b/images/grey.jpg; } >bad/images/odd.jpg
	{ head -c $((size - 2)) b/images/grey.jpg; printf %0100d 7; tail -c 2 b/images/grey.jpg; } >bad/images/more.jpg
	sed -i '2{h; s/plain/odd/; p; g; s/plain/more/}' bad/index.csv
	run --separate-stderr -0 broden-cat -q --no-provenance -o got bad
	[ -z "$stderr" ]
	ndrtonpy --type image got | tail -c 144 | cmp - <(for _ in 1 2; do ndrtonpy --type image want | tail -c 72; done)
	run --separate-stderr -0 broden-cat -t 1 -v --no-provenance -o again bad
	cmp got again
	# The decoder has read some of them ahead.
	printf '%s\n' "${stderr_lines[@]}" | sed 's/data: [0-9]*/data: N/' >said
	diff said - <<-EOF
		broden-cat: item 0 (odd.jpg): Warning: unknown JFIF revision number 2.01
		broden-cat: item 1 (more.jpg): Corrupt JPEG data: N extraneous bytes before marker 0xd9
		broden-cat: 2 images with warnings of the decoder that cost no pixel
	EOF
	{ head -c $((size - 3)) b/images/grey.jpg; tail -c 2 b/images/grey.jpg; } >bad/images/odd.jpg
	refused 3 "images/odd.jpg: index.csv row 2: Corrupt JPEG data: premature end of data segment"
	run --separate-stderr -0 broden-cat --skip-bad -o got bad
	[ "${stderr_lines[1]}" = "broden-cat: warning: 1 of 2 items skipped" ]
}

@test "BC29 a camera's orientation: pixels as stored, with a warning; a row of the turned size is refused" {
	one_row '1,,' upside.jpg
	cp b/images/grey.jpg bad/images/plain.jpg
	"$root/tests/oriented" 3 b/images/grey.jpg >bad/images/upside.jpg
	run --separate-stderr -0 bash -c 'broden-cat --no-provenance bad >got'
	[ "$stderr" = "broden-cat: warning: 1 images note that the camera was not held upright: their pixels are taken as they are stored, as label maps belong to these" ]
	sed -i s/upside/plain/ bad/index.csv
	run --separate-stderr -0 bash -c 'broden-cat --no-provenance bad >plain'
	[ -z "$stderr" ]
	cmp <(show <got | sed s/upside/plain/) <(show <plain)
}
