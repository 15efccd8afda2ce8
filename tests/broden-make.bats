# broden-make: the sources of its page, made here, to a directory; what is refused; restarts.
# shellcheck disable=SC2154,SC2030,SC2031 # set by bats and by helper.bash; subshells
load helper

setup_file() {
	export work=$BATS_FILE_TMPDIR
	cd "$work" || exit
	mkdir sources
	cd sources || exit
	"$root/tests/make-sources"
}

setup() {
	set +T # no trap of bats before each command of a function: that takes longer than most of them
	cd "$work/sources" || exit
	rm -rf d d.part
}

# labels DIR -- name, categories and frequency
labels() {
	cut -d , -f 2-4 "$1/label.csv" | sed 1d | sort
}

@test "BM01 the page: VOC, ADE20K, Cityscapes, COCO, a folder for each class, to one directory" {
	sed -n 's/^\.Dl \$ //p' "$root/man/broden-make.1" | sed 's/\\&//g; s/\\-/-/g; s/\\e/\\/g' >lines
	[ "$(wc -l <lines)" = 3 ]
	rm -rf all
	while IFS= read -r line; do
		bash -o pipefail -c "$line" >said 2>&1
	done <lines
	labels all | grep -v -e '-c,' >got
	# By hand: VOC has maps of 5 images, code 1 on 2 and 2 on 3 of them, 15 on all; and so on.
	diff got - <<-'EOF'
		aeroplane,object(2),2
		bicycle,object(4),4
		car,object(12),12
		field,scene(2),2
		grass,material(3),3
		head,part(2),2
		person,object(15),15
		road,object(12),12
		street,scene(2),2
	EOF
	grep -q '^[0-9]*,aeroplane,.*,airplane' all/label.csv
	grep -q '^[0-9]*,person,.*,human' all/label.csv
	# 25 images and one of VOC's that has colours alone.
	[ "$(wc -l <all/index.csv)" = 26 ]
	# One video, one split; the map of a split is that of its images.
	[ "$(grep -c '^cityscapes/.*_00000[0-3]_' all/index.csv)" = 8 ]
	for i in 0 1 2 3; do
		[ "$(grep "^cityscapes/.*_00000${i}_" all/index.csv | cut -d , -f 2 | sort -u | wc -l)" = 1 ]
	done
	rm -r all
}

@test "BM02 pixels: codes, voids and borders, red + 256 green, sizes and the order of rows" {
	broden-make --size 0 --min-images 1 --min-coverage 0 -q -d d voc.txt ade.txt coco.txt
	PYTHONPATH=$root/tests python3 - <<-'EOP'
		import csv, hashlib
		from broden_png import labels
		rows = list(csv.DictReader(open("d/index.csv", newline="")))
		number = {r["name"]: int(r["number"]) for r in csv.DictReader(open("d/label.csv", newline=""))}
		def pixels(name):
		    return labels(f"d/images/{name}")
		def halves(a, b, border=0):
		    return [[number.get(a, 0)] * 5 + [border] + [number.get(b, 0)] * 6] * 8
		at = {r["image"]: r for r in rows}
		assert len(rows) == 12 and all(r["ih"] == "8" and r["iw"] == "12" and r["sh"] == "8" for r in rows)
		assert pixels(at["voc/2007_2.png"]["object"]) == halves("aeroplane", "person")
		assert pixels(at["voc/2007_3.png"]["object"]) == halves("bicycle", "person")
		assert "voc/2007_0.png" not in at
		assert pixels(at["ade/x/A_1.png"]["object"]) == halves("car", "person")
		assert pixels(at["ade/x/A_1.png"]["part"]) == halves("", "head")
		assert at["ade/x/A_3.png"]["part"] == ""
		assert pixels(at["coco/000000000001.png"]["object"]) == halves("bicycle", "")
		assert pixels(at["coco/000000000001.png"]["material"]) == halves("", "grass")
		order = [int(hashlib.md5(r["image"].encode()).hexdigest()[:16], 16) / 2 ** 64 for r in rows]
		assert order == sorted(order)
		assert [r["split"] for r in rows] == ["train" if h <= 0.7 else "val" for h in order]
		assert open("d/images/voc/2007_2.png", "rb").read() == open("VOC2012/JPEGImages/2007_2.png", "rb").read()
	EOP
	run -0 broden-check --exact d
	[ -z "$output" ]
}

@test "BM03 rare labels are dropped, and then what has none; the others have numbers by their images" {
	run --separate-stderr -0 broden-make --min-images 3 --min-coverage 0.5 -d d voc.txt ade.txt
	grep -qxF 'broden-make: warning: 3 label maps are missing, the first VOC2012/SegmentationClass/2007_0.png' <<<"$stderr"
	grep -qxF 'broden-make: warning: 1 images without any label are left out' <<<"$stderr"
	grep -qxF 'broden-make: warning: 2 labels are too rare and dropped, 3 are kept' <<<"$stderr"
	[ "$(sed 1d d/label.csv | cut -d , -f 1-4)" = $'1,person,object(9),9\n2,car,object(4),4\n3,bicycle,object(3),3' ]
	[ "$(head -n 1 d/category.csv d/c_object.csv | wc -l)" = 5 ]
	[ ! -e d/c_part.csv ]
	[ "$(sed 1d d/index.csv | cut -d , -f 3-6 | sort -u)" = 227,227,113,113 ]
	run -3 broden-make -q -d none voc.txt
	[ "$output" = "broden-make: no label is on 10 images and covers 0.5 of them (--min-images, --min-coverage)" ]
	[ ! -e none ]
	rm -rf none.part
}

@test "BM04 labels of whole images, synonyms of other sources, layers of one category" {
	printf 'image\tscene\ttexture\r\nStreet/0.png\tRoad scene\tdotted;woven\r\nfield/1.png\t\twoven\r\n' >whole.tsv
	cat >layers.txt <<-'EOF'
		images = photos
		whole = whole.tsv
		labels = colours
		kind = colour
		255,0,0 object car
		255,0,0 object vehicle
		255,0,0 part car
		0,0,0 object ground = street
		- object auto = car
	EOF
	broden-make --size 0 --min-images 1 --min-coverage 0 -q -d d layers.txt
	diff <(labels d) - <<-'EOF'
		car,object(4);part(4),8
		dotted,texture(1),1
		ground,object(4),4
		road scene,scene(1),1
		vehicle,object(4),4
		woven,texture(2),2
	EOF
	grep -q '^layers/Street/0.png,.*,layers/Street/0_object_1.png;layers/Street/0_object_2.png,layers/Street/0_part.png,' d/index.csv
	grep '^[0-9]*,car,' d/label.csv | grep -q 'auto'
	broden-check --exact d
}

@test "BM05 the same bytes whatever the threads, and from a run that was killed at any line" {
	mkdir -p ../again
	broden-make -q -t 1 --size 10 --crop --colors --min-images 2 --min-coverage 0 -d ../again/one ade.txt coco.txt voc.txt
	broden-make -q -t 5 --size 10 --crop --colors --min-images 2 --min-coverage 0 -d ../again/two ade.txt coco.txt voc.txt
	diff -r ../again/one ../again/two
	[ "$(ls ../again)" = $'one\ntwo' ]
	# A map that is no good ends a run; the images before it are kept.
	cp -r VOC2012 kept
	printf 'no PNG' >VOC2012/SegmentationClass/2007_4.png
	run --separate-stderr -3 broden-make -t 2 --size 10 --crop --colors --min-images 2 --min-coverage 0 -d d ade.txt coco.txt voc.txt
	[ "$stderr" = "broden-make: VOC2012/SegmentationClass/2007_4.png: label map is not a PNG" ]
	[ ! -e d ]
	[ "$(wc -l <d.part/counts)" = 12 ]
	cp kept/SegmentationClass/2007_4.png VOC2012/SegmentationClass/2007_4.png
	# Half a line, as of a run that was killed.
	printf '0000000' >>d.part/counts
	run --separate-stderr -0 broden-make -v --size 10 --crop --colors --min-images 2 --min-coverage 0 -d d ade.txt coco.txt voc.txt
	[[ $stderr == *"broden-make: 11 of 13 images are counted already"* ]]
	# The log that a run leaves which cannot write.
	mkdir -p o.part/images
	: >o.part/images/ade
	run -1 broden-make -q --size 10 --crop --colors --min-images 2 --min-coverage 0 -d o ade.txt coco.txt voc.txt
	mv o.part/counts ../again/counts
	rm -r o.part
	diff -r d ../again/one
	[ ! -e d.part ]
	# With other numbers files are written again, and nothing stays of the former ones; a table
	# that has changed is another plan.
	mkdir other.part
	cp -r d/images other.part
	cp ../again/counts other.part
	printf 'broden-make written 00000000\n' >other.part/written
	cp other.part/images/voc/2007_1.jpg other.part/images/voc/2007_1_part_1.png
	run --separate-stderr -0 broden-make -v --size 10 --crop --colors --min-images 2 --min-coverage 0 -d other ade.txt coco.txt voc.txt
	[[ $stderr == *"13 of 13 images are counted already"* && $stderr != *"begun again"* ]]
	diff -r other ../again/one
	rm -r other
	mkdir other.part
	cp ../again/counts other.part
	sed -i 's/"category_id": 149/"category_id": 1/' coco/panoptic_val2017.json
	run --separate-stderr -0 broden-make --size 10 --crop --colors --min-images 2 --min-coverage 0 -d other ade.txt coco.txt voc.txt
	[[ $stderr == *"begun again"* ]]
	run ! diff -rq other ../again/one
	rm -r other
	"$root/tests/make-sources"
	# Of another plan: begun again.
	mkdir -p other.part/images/x
	printf 'broden-make counts 00000000\n' >other.part/counts
	run --separate-stderr -0 broden-make --size 10 --crop --colors --min-images 2 --min-coverage 0 -d other ade.txt coco.txt voc.txt
	[[ $stderr == *"warning: other.part is of other sources or options: begun again"* ]]
	diff -r other ../again/one
	rm -rf VOC2012 ../again other
	mv kept VOC2012
}

@test "BM06 killed while it writes, again and again" {
	for i in {1..60}; do cp photos/Street/0.png "photos/Street/x$i.png" && cp colours/Street/0.png "colours/Street/x$i.png"; done
	broden-make -q --size 300 --min-images 1 --min-coverage 0 -d whole classes.txt
	for after in 0.05 0.1 0.15 0.2; do
		timeout -s KILL $after broden-make -q -t 1 --size 300 --min-images 1 --min-coverage 0 -d d classes.txt || true
		[ -d d ] || [ -d d.part ]
		[ ! -d d ] || break
	done
	[ -d d ] || broden-make -q --size 300 --min-images 1 --min-coverage 0 -d d classes.txt
	diff -r d whole
	rm -rf whole photos/Street/x* colours/Street/x*
}

# refused TEXT LINE... -- a source of these lines
refused() {
	local text=$1
	shift
	printf '%s\n' "$@" >bad.txt
	run -3 broden-make --min-images 1 --min-coverage 0 -d d bad.txt
	rm -rf d.part
	[ "$output" = "broden-make: $text" ]
	[ ! -e d ]
}

@test "BM07 what is wrong with a source: its line and the reason" {
	refused "bad.txt: no 'images = DIR'" "# nothing"
	refused "bad.txt: line 1: no key: 'imges'" "imges = photos"
	refused "bad.txt: line 2: images again" "images = photos" "images = photos"
	refused "bad.txt: line 1: nothing behind '=' of 'images'" "images ="
	refused "bad.txt: line 2: behind 'labels =' there can be, and not before it, 'kind'" "images = photos" "kind = grey"
	refused "bad.txt: line 3: no kind of label map: 'gray'" "images = photos" "labels = colours" "kind = gray"
	refused "bad.txt: line 4: out of range for maps of this kind: '65536'" "images = photos" "labels = colours" "kind = grey" "65536 object car"
	refused "bad.txt: line 3: out of range for maps of this kind: '256'" "images = photos" "labels = colours" "256 object car"
	refused "bad.txt: line 4: a colour is R,G,B, and no '1,2'" "images = photos" "labels = colours" "kind = colour" "1,2 object car"
	refused "bad.txt: line 2: a code before any 'labels ='" "images = photos" "1 object car"
	refused "bad.txt: line 3: neither 'key = value' nor 'CODE CATEGORY NAME': '1'" "images = photos" "labels = colours" "1 object"
	refused "bad.txt: line 3: 'a/b' is no name for a category" "images = photos" "labels = colours" "1 a/b car"
	refused "bad.txt: line 3: a name is empty" "images = photos" "labels = colours" "1 object car = "
	refused "bad.txt: line 2: no code of the set has a name" "images = photos" "labels = colours"
	refused "bad.txt: line 2: a code of its set is void and has a name" "images = photos" "labels = colours" "void = 3 1" "1 object car"
	refused "bad.txt: line 2: panoptic maps need 'json = FILE'" "images = photos" "labels = colours" "kind = panoptic" "1 object car"
	refused "bad.txt: line 1: '*' stands once, behind the directory's '/': 'a*b*'" "images = a*b*"
	refused "photos: no images *.gif in it" "images = photos/*.gif" "labels = colours" "1 object car"
	refused "bad.txt: 'a/b' is no name for a folder: letters, digits, '.', '_', '-' ('name =' gives another)" "images = photos" "name = a/b"
	run -3 broden-make -d d voc.txt ./voc.txt
	[ "$output" = "broden-make: ./voc.txt: its name is 'voc', as that of voc.txt ('name =' gives another)" ]
	run -1 broden-make -d d none.txt
	[ "$output" = "broden-make: none.txt: No such file or directory" ]
	printf 'image\tscene\nno.png\tx\n' >whole.tsv
	refused "bad.txt: its table of whole images, row 2: no image 'no.png' in photos" "images = photos" "whole = whole.tsv"
	printf 'image\tscene\nStreet/0.png\n' >whole.tsv
	refused "whole.tsv: row 2: 1 fields instead of 2" "images = photos" "whole = whole.tsv"
}

@test "BM08 what is wrong with maps: the file, the place and the reason" {
	local set="labels = colours"
	refused "colours/Street/0.png: neither a palette nor grey: not of kind indexed" "images = photos" "$set" "1 object car"
	refused "colours/Street/0.png: colour 255,0,0 at column 0, row 0: not of kind grey" "images = photos" "$set" "kind = grey" "1 object car"
	refused "colours/Street/0.png: colour 255,0,0 at column 0, row 0 has no line in bad.txt (void = and other = void leave codes unlabelled)" \
		"images = photos" "$set" "kind = colour" "1,1,1 object car"
	refused "gtFine/train/jena/jena_000000_00_gtFine_labelIds.png: code 3 at column 5, row 0 has no line in bad.txt (void = and other = void leave codes unlabelled)" \
		"images = leftImg8bit/train/*_leftImg8bit.png" "labels = gtFine/train/*_gtFine_labelIds.png" "kind = grey" "7 object road" "24 object x" "26 object y"
	printf '%s\n' "images = photos" "labels = none" "missing = error" "1 object car" >bad.txt
	mkdir none
	run -1 broden-make -d d bad.txt
	[ "$output" = "broden-make: none/Street/0.png: No such file or directory" ]
	rm -r d.part none
	# Of another shape; with --size 0 of another size; beside an image of its name.
	cp -r photos shapes
	pngtopnm <photos/Street/0.png | pnmcut 0 0 12 4 | pnmtopng -force >shapes/Street/0.png
	refused "colours/Street/0.png: 12 x 8 pixels, which is not the shape of its image's 12 x 4" \
		"images = shapes" "labels = colours" "kind = colour" "255,0,0 object car"
	cp photos/Street/0.png shapes/Street/0_object.png
	refused "shapes/Street/0_object.png: called as a label map of Street/0.png will be: leave it out, by images = DIR/*SUFFIX, or rename it" \
		"images = shapes" "labels = colours" "kind = colour" "255,0,0 object car"
	cp shapes/Street/0.png shapes/Street/0.jpg
	rm shapes/Street/0_object.png
	refused "shapes/Street/0.png: the same name as Street/0.jpg but for its ending" "images = shapes" "labels = colours" "kind = colour" "255,0,0 object car"
	rm -r shapes
}

@test "BM09 JSON that is none, lies, or is deep" {
	local lines=("images = coco/val2017" "labels = coco/panoptic_val2017" "kind = panoptic" "json = bad.json" "category = object")
	printf '[]' >bad.json
	refused "bad.json: line 1, byte 0: no JSON object" "${lines[@]}"
	printf '{"annotations": [{"file_name": "a"' >bad.json
	run -3 broden-make -d d bad.txt
	[[ $output == "broden-make: bad.json: line 1, byte "*": '}' expected near end of file" ]]
	printf '{"annotations": [{"file_name": "a", "segments_info": [{"id": -1, "category_id": 1}]}]}' >bad.json
	run -3 broden-make -d d bad.txt
	[[ $output == "broden-make: bad.json: line 1, byte "*": id is no number from 0 to 2147483647, before here" ]]
	printf '{"annotations": [{"file_name": "000000000000.png", "segments_info": []}]}' >bad.json
	run -3 broden-make -d d bad.txt
	[[ $output == *"bad.txt: line 2: no code of the set has a name" || $output == *": segment 131338 at column 0, row 0 has no line in bad.txt"* ]]
	rm -rf d.part
	python3 -c 'print("{\"info\": " + "[" * 1000000)' >bad.json
	run -3 broden-make -d d bad.txt
	[[ $output == "broden-make: bad.json: line 1, byte "*"maximum parsing depth reached"* ]]
	[ ! -e d ]
}

@test "BM10 names that would end a cell, a line or a field; links" {
	mkdir -p odd/'a;b, "c"'
	cp photos/Street/0.png odd/'a;b, "c"'/$'new\nline%.png'
	cp photos/Street/0.png odd/ü.png
	cp photos/Street/1.png odd/$'\xff.png'
	ln -s .. odd/loop
	ln -s /etc/hostname odd/elsewhere.txt
	ln -s ../photos/Street/1.png odd/link.png
	mkdir maps
	printf 'images = odd\nlabels = maps\nkind = colour\n255,0,0 object red\n' >odd.txt
	broden-make --size 0 --colors --min-images 1 --min-coverage 0 -q -d d odd.txt
	[ "$(cut -d , -f 1 d/index.csv | sed 1d | sort)" = "$(printf '%s\n' 'odd/%FF.png' 'odd/a%3Bb%2C %22c%22/new%0Aline%25.png' odd/link.png 'odd/ü.png' | sort)" ]
	broden-check --exact d
	[ ! -L d/images/odd/link.png ]
	rm -r odd maps
}

@test "BM11 a directory that is there: --force replaces one of Broden's and nothing else" {
	mkdir d
	run -2 broden-make --force -d d voc.txt
	[ "$output" = "broden-make: d: no Broden directory, which --force would replace" ]
	rmdir d
	broden-make -q --min-images 1 --min-coverage 0 -d d voc.txt
	run -2 broden-make --min-images 1 --min-coverage 0 -d d coco.txt
	[ "$output" = "broden-make: d: is there already (--force replaces it)" ]
	broden-make -q --force --min-images 1 --min-coverage 0 -d d/ coco.txt
	[ ! -e d/images/voc ]
	[ -d d/images/coco ]
	[ ! -e d.part ]
	broden-check --exact d
	run -2 broden-make -d d2 --group '(' voc.txt
	[[ $output == "broden-make: --group '(': "* ]]
	rm -rf d2.part
}

# dissected DIR -- the table of a network's units, by unit
dissected() {
	cnn-forward -q -m "$fixture/alexnet.onnx" -l conv5 --preset demo <(broden-cat -q --categories object "$1") >"$1.act"
	act-quantile -q -o "$1.thr" "$1.act"
	act-segment -q -T "$1.thr" "$1.act" | iou-score -q | unit-label -q --min-images 0 | sort
}

@test "BM12 scenes that someone has as VOC does, with palettes and borders, dissected as those that were rendered" {
	fixture=$(fixture)
	cp -r "$fixture/broden1_227" a
	# Of the rendered ones, the first map of objects.
	awk -F , -v OFS=, 'NR == 1 { for (i = 7; i <= NF; i++) if ($i ~ /^object/) c = i; print "image,split,ih,iw,sh,sw,object\r"; next }
		{ sub(/;.*/, "", $c); sub(/\r/, "", $c); print $1, $2, $3, $4, $5, $6, $c "\r" }' "$fixture/broden1_227/index.csv" >a/index.csv
	sed -i -n '1p; /^object,/p' a/category.csv
	printf 'number\r\n' >a/c_object.csv
	python3 - <<-'EOP'
		import csv, os, struct, zlib
		def chunk(tag, data):
		    return struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))
		os.makedirs("v/JPEGImages")
		os.makedirs("v/SegmentationClass")
		names = {int(r["number"]): r["name"] for r in csv.DictReader(open("a/label.csv", newline=""))}
		used = set()
		for r in csv.DictReader(open("a/index.csv", newline="")):
		    os.link("a/images/" + r["image"], "v/JPEGImages/" + r["image"])
		    if not r["object"]:
		        continue
		    b = open("a/images/" + r["object"], "rb").read()
		    w, h = struct.unpack(">II", b[16:24])
		    raw = zlib.decompress(b[b.index(b"IDAT") + 4:b.index(b"IEND") - 8])
		    rows = [[raw[y * (3 * w + 1) + 1 + 3 * x] or 255 for x in range(w)] for y in range(h)]
		    used |= {v for row in rows for v in row}
		    with open("v/SegmentationClass/" + r["image"], "wb") as f:
		        f.write(b[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 3, 0, 0, 0)) + chunk(b"PLTE", os.urandom(768))
		                + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))) + chunk(b"IEND", b""))
		with open("v.txt", "w") as f:
		    f.write("images = v/JPEGImages\nlabels = v/SegmentationClass\nkind = indexed\nvoid = 255\n")
		    f.writelines(f"{v} object {names[v]}\n" for v in sorted(used - {255}))
	EOP
	broden-check --rewrite a >said
	broden-make -q --size 0 --min-images 1 --min-coverage 0 -d b v.txt
	diff <(sed 1d a/c_object.csv | cut -d , -f 3- | sort) <(sed 1d b/c_object.csv | cut -d , -f 3- | sort)
	dissected a >a.table
	dissected b >b.table
	[ "$(grep -c ',object,' a.table)" -gt 100 ]
	diff a.table b.table
	rm -r a b v
}

@test "BM13 photographs: a part of Broden's own maps becomes the same rows, files and statistics again" {
	need_shared
	photographs=$(cd "$shared"/data/broden && pwd)
	python3 - "$photographs" <<-'EOP'
		import csv, sys
		d = sys.argv[1]
		names = {r["number"]: r["name"] for r in csv.DictReader(open(f"{d}/label.csv", newline=""))}
		with open("fasseg.txt", "w") as f:
		    f.write(f"images = {d}/images/fasseg/*.jpg\n")
		    for c, suffix in (("object", "_object.png"), ("part", "_part_1.png"), ("part", "_part_2.png"),
		                      ("material", "_material.png"), ("color", "_color.png")):
		        f.write(f"labels = {d}/images/fasseg/*{suffix}\nkind = broden\nmissing = skip\n")
		        f.writelines(f"{n} {c} {name}\n" for n, name in names.items())
	EOP
	broden-make -q --size 0 --min-images 1 --min-coverage 0 -d d fasseg.txt
	mkdir f
	ln -s "$photographs/images" f/images
	cp "$photographs"/{label,category,c_*}.csv f
	chmod u+w f/*.csv
	sed -n '1p; /^fasseg/p' "$photographs/index.csv" >f/index.csv
	broden-check --rewrite f >said
	diff <(cut -d , -f 1-6 f/index.csv) <(cut -d , -f 1-6 d/index.csv)
	for f in object part material color; do
		diff <(awk -F , '$4 > 0' f/c_$f.csv | cut -d , -f 3- | sort) <(cut -d , -f 3- d/c_$f.csv | sort)
	done
	while IFS=, read -r image _; do
		[ "$image" = image ] || cmp "d/images/$image" "$photographs/images/$image"
	done <d/index.csv
	rm -r f
}

# as_label IMAGE CATEGORY -- the names of its labels of the whole image, by index.csv and label.csv of d
as_label() {
	awk -F , -v image="$1" -v category="$2" '{ sub(/\r$/, "") }
		FILENAME ~ /label.csv/ { name[$1] = $2; next }
		FNR == 1 { for (i = 1; i <= NF; i++) if ($i == category) c = i; next }
		$1 == image { n = split($c, part, ";"); for (i = 1; i <= n; i++) printf("%s%s", (i > 1 ? ";" : ""), name[part[i]]) }' \
		d/label.csv d/index.csv
}

@test "BM14 tables of whole images as spreadsheets and pandas write them; columns of 1 and 0" {
	local make=(broden-make -q --size 0 --min-images 1 --min-coverage 0 --force -d d)
	printf '\xef\xbb\xbfimages = photos\r\nwhole = w.csv\r\n' >w.txt
	printf '\xef\xbb\xbf"image","scene",,"weather"\r\nStreet/0,"Alley; market place",7,\r\nfield/1.png,"a ""b"", c",8,Rain\r\n' >w.csv
	"${make[@]}" w.txt
	[ "$(as_label w/Street/0.png scene)" = "alley;market place" ]
	[ "$(as_label w/Street/0.png weather)" = "" ]
	[ "$(as_label w/field/1.png weather)" = "rain" ]
	grep -q '"a ""b"", c"' d/label.csv
	broden-check --exact d
	printf '\xef\xbb\xbfimage\tscene\nStreet/1\t alley ;; market place\n' >w.tsv
	sed -i 's/w.csv/w.tsv/' w.txt
	"${make[@]}" w.txt
	[ "$(as_label w/Street/1.png scene)" = "alley;market place" ]
	printf 'images = photos\nmarks = attribute m.csv\nmarks = mood m.tsv\n' >w.txt
	printf 'image,smiling,young\r\nStreet/0.png,1,-1\r\nStreet/1.png,0.0,True\r\nfield/0.png,1.0,1\r\nfield/1.png,,False\r\n' >m.csv
	printf 'image\tmerry\nStreet/0\t1\n' >m.tsv
	"${make[@]}" w.txt
	[ "$(as_label w/Street/0.png attribute)" = "smiling" ]
	[ "$(as_label w/Street/0.png mood)" = "merry" ]
	[ "$(as_label w/Street/1.png attribute)" = "young" ]
	[ "$(as_label w/field/0.png attribute)" = "smiling;young" ]
	run -1 grep '^w/field/1.png' d/index.csv
	rm -r d
	printf 'image,smiling\nStreet/0.png,2\n' >m.csv
	refused "m.csv: row 2: '2' is neither 1 nor 0" "images = photos" "marks = attribute m.csv"
	printf 'image;smiling\nStreet/0.png;1\n' >m.csv
	refused "m.csv: row 1: the first column is 'image', and then come labels, separated by ','" "images = photos" "marks = attribute m.csv"
	printf 'file,smiling\n' >m.tsv
	refused "m.tsv: row 1: the first column is 'image', and then come labels, separated by tabs (by ',' if the name ends in .csv)" \
		"images = photos" "marks = attribute m.tsv"
	refused "bad.txt: line 2: marks = CATEGORY TABLE, and not 'm.csv'" "images = photos" "marks = m.csv"
	printf 'image\n' >w.csv
	refused "w.csv: row 1: no column of a category" "images = photos" "whole = w.csv"
	printf '\xff\xfei\0' >w.tsv
	refused "w.tsv: UTF-16, not UTF-8" "images = photos" "whole = w.tsv"
	printf '\xff\xfei\0' >bad.txt
	run -3 broden-make -d d bad.txt
	[ "$output" = "broden-make: bad.txt: UTF-16, not UTF-8" ]
}

@test "BM15 pictures of other formats are passed over with a warning; a folder of maps that is not there, and maps of another name" {
	mkdir strange
	cp photos/Street/0.png strange/a.jfif
	cp photos/Street/0.png strange/b.WEBP
	cp photos/Street/0.png strange/c.heic
	touch strange/Thumbs.db
	printf 'images = strange\nlabels = colours/Street\nkind = colour\n255,0,0 object red\n' >strange.txt
	run --separate-stderr -3 broden-make --min-images 1 -d d strange.txt
	[ "${stderr_lines[0]}" = "broden-make: warning: 2 pictures are passed over, as they are neither JPEG nor PNG nor PNM, the first strange/b.WEBP" ]
	[ "${stderr_lines[1]}" = "broden-make: warning: 1 label maps are missing, the first colours/Street/a.png" ]
	[[ ${stderr_lines[3]} == "broden-make: no label is on 1 images"* ]]
	rm -r d.part strange/a.jfif
	run -3 broden-make --min-images 1 -d d strange.txt
	[ "$output" = "broden-make: strange: no images in it, but pictures that are neither JPEG nor PNG nor PNM" ]
	rm -r strange
	printf '%s\n' "images = photos" "labels = colour" "1 object car" >bad.txt
	run -1 broden-make -d d bad.txt
	[ "$output" = "broden-make: colour: No such file or directory" ]
}

@test "BM16 --skip-bad leaves out what is bad with a warning each; the rest is as without it, from a run that was cut short, too" {
	mkdir -p b/p b/m
	for i in 1 2 3 4 5 6; do
		cp photos/Street/0.png b/p/$i.png
		cp colours/Street/0.png b/m/$i.png
	done
	printf 'RIFF\x0c\0\0\0WEBPVP8 ' >b/p/2.jpg && rm b/p/2.png
	head -c 100 b/p/3.png >x && mv x b/p/3.png
	echo text >b/m/4.png
	rm b/m/6.png
	printf '%s\n' "images = b/p" "labels = b/m" "kind = colour" "missing = error" "255,0,0 object red" >b.txt
	local make=(broden-make --size 12 --label-size 4 --min-images 1 --min-coverage 0)
	run -3 "${make[@]}" -q -d none b.txt
	[ "$output" = "broden-make: b/p/2.jpg: neither JPEG nor PNG nor PNM, but WebP" ]
	rm -r none.part
	run --separate-stderr -0 "${make[@]}" --skip-bad -t 1 -d d b.txt
	[ "$stderr" = "broden-make: warning: left out: b/p/2.jpg: neither JPEG nor PNG nor PNM, but WebP
broden-make: warning: left out: b/p/3.png: premature end of PNG file
broden-make: warning: left out: b/m/4.png: label map is not a PNG
broden-make: warning: left out: b/m/6.png: No such file or directory
broden-make: warning: 4 images are bad, or their maps, and left out" ]
	# as if they had never been there
	mkdir -p good/p good/m
	cp b/p/[15].png good/p
	cp b/m/[15].png good/m
	sed 's/= b/= good/; 1i name = b' b.txt >good.txt
	"${make[@]}" -q -d two good.txt
	diff -r d two
	# A run that could not write: the next one goes on, and tells the sum.
	mkdir -p e.part
	: >e.part/images
	run -1 "${make[@]}" -q --skip-bad -d e b.txt
	rm e.part/images
	run --separate-stderr -0 "${make[@]}" -v --skip-bad -d e b.txt
	[[ $stderr == *"6 of 6 images are counted already"*"warning: 4 images are bad, or their maps, and left out"* ]]
	[[ $stderr != *"left out: "* ]]
	diff -r d e
	# With other options it begins again.
	rm -r e
	mkdir -p e.part
	: >e.part/images
	run -1 "${make[@]}" -q --skip-bad -d e b.txt
	rm e.part/images
	run --separate-stderr -3 "${make[@]}" -d e b.txt
	[[ $stderr == *"e.part is of other sources or options: begun again"* ]]
	rm -r e.part d two good b
}

@test "BM17 --upright turns pictures as EXIF's numbers say, and their maps show them so" {
	mkdir -p u/p u/m
	# rows: red and green above blue and white
	python3 - <<-'EOP'
		r, g, b, w = b"\xff\0\0", b"\0\xff\0", b"\0\0\xff", b"\xff\xff\xff"
		open("plain.ppm", "wb").write(b"P6 24 16 255\n" + (r * 12 + g * 12) * 8 + (b * 12 + w * 12) * 8)
	EOP
	pnmtopng -force plain.ppm >plain.png
	for n in 1 2 3 4 5 6 7 8; do
		"$root/tests/oriented" $n plain.png >u/p/$n.png
		# 1 is the upper left quarter of what is seen
		python3 - $n <<-'EOP'
			import sys
			w, h = (24, 16) if int(sys.argv[1]) < 5 else (16, 24)
			open("m.pgm", "wb").write(b"P5 %d %d 255\n" % (w, h) + (b"\1" * (w // 2) + b"\0" * (w // 2)) * (h // 2) + bytes(w * h // 2))
		EOP
		pnmtopng -force m.pgm >u/m/$n.png
	done
	printf '%s\n' "images = u/p" "labels = u/m" "kind = grey" "1 part corner" >u.txt
	local make=(broden-make -q --size 0 --min-images 1 --min-coverage 0 -d d)
	run -3 "${make[@]}" u.txt
	[ "$output" = "broden-make: u/m/5.png: 16 x 24 pixels, which is not the shape of its image's 24 x 16 (its camera was not held upright: --upright turns it)" ]
	cp u/m/1.png u/m/6.png
	run -3 "${make[@]}" --upright u.txt
	[ "$output" = "broden-make: u/m/6.png: 24 x 16 pixels, which is not the shape of its image's 16 x 24 (it is turned by --upright, and the map is not)" ]
	cp u/m/5.png u/m/6.png
	"${make[@]}" --upright u.txt
	broden-check --exact d
	# What is seen at the four corners: where EXIF puts the first row and the first column.
	broden-cat d | ndrtopam >seen.ppm
	python3 - <<-'EOP' >corners
		import csv, re
		data, at = open("seen.ppm", "rb").read(), 0
		for row in csv.DictReader(open("d/index.csv", newline="")):
		    w, h = int(row["iw"]), int(row["ih"])
		    head = re.compile(rb"P6\s+%d\s+%d\s+255\s" % (w, h)).match(data, at)
		    at = head.end()
		    name = lambda x, y: min("rgbw", key=lambda c: sum(abs(a - b) for a, b in zip(data[at + 3 * (y * w + x):at + 3 * (y * w + x) + 3],
		        {"r": (255, 0, 0), "g": (0, 255, 0), "b": (0, 0, 255), "w": (255, 255, 255)}[c])))
		    print(row["image"][2], f"{w}x{h}", name(1, 1) + name(w - 2, 1) + name(1, h - 2) + name(w - 2, h - 2))
		    at += 3 * w * h
	EOP
	sort corners | diff - <(printf '%s\n' "1 24x16 rgbw" "2 24x16 grwb" "3 24x16 wbgr" "4 24x16 bwrg" "5 16x24 rbgw" "6 16x24 brwg" "7 16x24 wgbr" "8 16x24 gwrb")
	# The middle square is that of what is seen; both ways of scaling go with it.
	rm -r d
	"${make[@]}" --upright --crop u.txt
	broden-check --exact d
	[ "$(cut -d , -f 3-6 d/index.csv | sed 1d | sort -u)" = 16,16,16,16 ]
	rm -r d u
}

@test "BM18 grey maps of 1 to 16 bits, with alpha, and as red, green and blue that are equal, are the same" {
	python3 - <<-'EOP'
		import os, struct, zlib
		def chunk(tag, data):
		    return struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))
		os.makedirs("k/p")
		names = {"g1": (0, 1), "g2": (0, 2), "g4": (0, 4), "g8": (0, 8), "g16": (0, 16), "ga8": (4, 8), "ga16": (4, 16), "rgb": (2, 8), "rgba": (6, 8)}
		for name, (kind, depth) in names.items():
		    os.makedirs("k/" + name)
		    os.system("cp photos/Street/0.png k/p/%s.png" % name)
		    rows = b""
		    for y in range(8):
		        row = [1 if x < 5 else 0 for x in range(12)]
		        if depth < 8:
		            bits = "".join(format(v, "0%db" % depth) for v in row)
		            rows += b"\0" + int(bits.ljust(-len(bits) % 8 + len(bits), "0"), 2).to_bytes((len(bits) + 7) // 8, "big")
		        else:
		            value = [struct.pack(">H" if depth == 16 else ">B", v) for v in row]
		            alpha = struct.pack(">H" if depth == 16 else ">B", 7)
		            rows += b"\0" + b"".join(v * (3 if kind in (2, 6) else 1) + (alpha if kind in (4, 6) else b"") for v in value)
		    open("k/%s/%s.png" % (name, name), "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 12, 8, depth, kind, 0, 0, 0))
		        + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
	EOP
	{
		echo "images = k/p"
		for n in g1 g2 g4 g8 g16 ga8 ga16 rgb rgba; do
			printf '%s\n' "labels = k/$n" "kind = grey" "1 object thing"
		done
	} >k.txt
	broden-make -q --size 0 --min-images 1 --min-coverage 0 -d d k.txt
	[ "$(cut -d , -f 7 d/index.csv | grep -c _object)" = 9 ]
	[ "$(cat d/images/k/*_object.png | wc -c)" = $((9 * $(wc -c <d/images/k/g8_object.png))) ]
	for n in g1 g2 g4 g16 ga8 ga16 rgb rgba; do
		cmp d/images/k/g8_object.png d/images/k/${n}_object.png
	done
	grep -q '^1,thing,object(9),9,3.750000' d/label.csv
	rm -r k d
}

@test "BM19 COCO's instances: polygons, runs and packed runs are drawn, the smaller on top" {
	cat >i.json <<-'EOF'
		{"info": {"year": 2017}, "annotations": [
		 {"image_id": 7, "category_id": 2, "segmentation": [[0, 0, 4, 0, 0, 4]], "iscrowd": 0},
		 {"image_id": 7, "category_id": 1, "segmentation": [[1, 1, 7, 1, 7, 5, 1, 5], [9, 0.5, 10.5, 0.5, 10.5, 1.5, 9, 1.5]], "area": 3.5},
		 {"image_id": 7, "category_id": 18, "segmentation": {"size": [8, 12], "counts": [90, 6]}, "iscrowd": 1},
		 {"image_id": 3, "category_id": 18, "segmentation": {"size": [8, 12], "counts": "j26"}},
		 {"image_id": 3, "category_id": 1, "segmentation": []},
		 {"image_id": 9, "category_id": 1, "segmentation": [[-5, -5, 99, -5, 99, 1e9, -5, 1e9]]}],
		 "images": [{"id": 3, "file_name": "Street/1.png", "height": 8, "width": 12}, {"id": 7, "file_name": "train2017/Street/0.png", "height": 8, "width": 12},
		 {"id": 1, "file_name": "else/0.png", "height": 1, "width": 1}, {"id": 8, "file_name": "Street/0.png", "height": 8, "width": 12},
		 {"id": 9, "file_name": "field/0.png", "height": 4, "width": 6}],
		 "categories": [{"id": 2, "name": "Person"}, {"id": 1, "name": "car"}, {"id": 18, "name": "dog"}]}
	EOF
	# Of two images of one last part the one whose name is that of the file counts: 8 is blank.
	sed -i 's/"image_id": 7/"image_id": 8/' i.json
	printf '%s\n' "images = photos" "labels = i.json" "kind = instances" "category = object" "18 animal hound = dog" >i.txt
	run --separate-stderr -0 broden-make -q --size 0 --min-images 1 --min-coverage 0 -d d i.txt
	broden-check --exact d
	python3 - <<-'EOP' >drawn
		import csv, struct, zlib
		name = {r["number"]: r["name"][0] for r in csv.DictReader(open("d/label.csv", newline=""))}
		for r in sorted(csv.DictReader(open("d/index.csv", newline="")), key=lambda r: r["image"]):
		    for c in "object", "animal":
		        if not r[c]:
		            continue
		        b = open("d/images/" + r[c], "rb").read()
		        w, h = struct.unpack(">II", b[16:24])
		        at, data = 8, b""
		        while at < len(b):
		            n, tag = struct.unpack(">I4s", b[at:at + 8])
		            data += b[at + 8:at + 8 + n] if tag == b"IDAT" else b""
		            at += n + 12
		        raw = zlib.decompress(data)
		        print(r["image"], c)
		        for y in range(h):
		            print("".join(name.get(str(raw[y * (3 * w + 1) + 1 + 3 * x]), ".") for x in range(w)))
	EOP
	diff drawn - <<-'EOF'
		i/Street/0.png object
		ppp......c..
		ppccccc.....
		pcccccc.....
		.cccccc.....
		.cccccc.....
		............
		............
		............
		i/Street/0.png animal
		............
		............
		...........h
		...........h
		...........h
		...........h
		...........h
		...........h
		i/Street/1.png animal
		............
		............
		...........h
		...........h
		...........h
		...........h
		...........h
		...........h
		i/field/0.png object
		cccccc
		cccccc
		cccccc
		cccccc
	EOF
	rm -r d
	local text=("images = photos" "labels = i.json" "kind = instances" "category = object")
	refused "i.json: no image 'field/1.png'" "${text[@]}" "missing = error"
	refused "i.json: category 18 of 'Street/0.png' has no line in bad.txt (void = and other = void leave categories unlabelled)" \
		"images = photos" "labels = i.json" "kind = instances" "1 object car" "2 object person"
	refused "bad.txt: line 2: labels of kind instances are a JSON file, without '*'" "images = photos" "labels = photos/*.json" "kind = instances" "category = object"
	refused "bad.txt: line 2: json and category are for panoptic maps" "${text[@]}" "json = i.json"
	sed 's/"counts": \[90, 6\]/"counts": [90, 5]/' i.json >bad.json
	text[1]="labels = bad.json"
	refused "bad.json: runs of 95 pixels in 'Street/0.png' of 12 x 8" "${text[@]}"
	sed 's/"j26"/"j2~"/' i.json >bad.json
	run -3 broden-make -d d bad.txt
	[[ $output == "broden-make: bad.json: line 5, byte "*": counts is no text of runs, before here" ]]
	sed 's/"image_id": 9/"image_id": 10/' i.json >bad.json
	refused "bad.json: annotation 5 is of image 10, which is not there" "${text[@]}"
	sed 's/\[0, 0, 4, 0, 0, 4\]/[0, 0, 4, 0, 0, 1e39]/' i.json >bad.json
	run -3 broden-make -d d bad.txt
	[[ $output == "broden-make: bad.json: line 2, byte "*": a polygon is no list of x and y, before here" ]]
	sed 's/"height": 4, "width": 6/"height": 2, "width": 8/' i.json >bad.json
	refused "bad.json: 8 x 2 pixels, which is not the shape of its image's 12 x 8" "${text[@]}"
	sed 's/"height": 4, "width": 6/"height": 0, "width": 4/' i.json >bad.json
	run -3 broden-make -q --min-images 1 --min-coverage 0 -d d bad.txt
	rm -r d.part
	[[ $output == "broden-make: field/0.png: "* ]]
	# What is drawn often is refused before it takes time.
	python3 -c 'print("[" + "[-9,-9,99,-9,99,99,-9,99]," * 33 + "[]]")' >often
	sed "s/\\[\\[-5.*/$(cat often)}],/" i.json >bad.json
	refused "field/0.png: what is drawn covers the picture more than 32 times" "${text[@]}"
}

@test "BM20 a source's own split" {
	printf '%s\n' "images = photos" "name = one" "folders = scene" "split = val" >one.txt
	printf '%s\n' "images = photos" "name = two" "folders = scene" >two.txt
	printf '%s\n' "images = photos" "name = three" "folders = scene" "split = test-A" >three.txt
	broden-make -q --size 0 --min-images 1 --min-coverage 0 --split 1 --group . -d d one.txt two.txt three.txt
	[ "$(sed 1d d/index.csv | cut -d , -f 1,2 | sed 's/\/.*,/,/' | sort | uniq -c | sed 's/^ *//')" = $'4 one,val\n4 three,test-A\n4 two,train' ]
	broden-check --exact d
	[ "$(broden-cat -q --split test-A d | ndr-dump | cut -f 2 | grep -cx ITEM)" = 4 ]
	rm -r d
	refused "bad.txt: line 2: no name for a split: letters, digits, '.', '_', '-', and not 'a,b'" "images = photos" "split = a,b"
	refused "bad.txt: line 3: split again" "images = photos" "split = a" "split = b"
}

@test "BM21 a folder of label maps among those of images holds no images" {
	cp -r photos within
	cp -r colours within/maps
	printf '%s\n' "images = within" "folders = scene" "labels = within/maps" "kind = colour" "255,0,0 object car" >within.txt
	run --separate-stderr -0 broden-make --size 0 --min-images 1 --min-coverage 0 -d d within.txt
	[ -z "$stderr" ]
	[ "$(labels d)" = $'car,object(4),4\nfield,scene(2),2\nstreet,scene(2),2' ]
	rm -r d within
}
