# broden-check: every fault of a directory made here, each once; statistics against a restatement.
# shellcheck disable=SC2154 # set by bats and by helper.bash
load helper

setup_file() {
	export work=$BATS_FILE_TMPDIR
	cd "$work" || exit
	broden-synth --seed 3 -n 12 --size 24 | "$root/tests/broden-directory" good
	broden-check --rewrite good >/dev/null
	awk -F , '$3 != ""' good/label.csv >label.csv # those that some image holds
	mv label.csv good
	make_restatement >restate
	chmod +x restate
	export PYTHONPATH=$root/tests
}

setup() {
	set +T # no trap of bats before each command of a function: that takes longer than most of them
	cd "$work" || exit
	PATH=$work:$PATH
	rm -rf d
}

# restate DIR -- the statistics as joinseg.py has them: bytes of each table, in fractions.
make_restatement() {
	cat <<-'EOF'
		#!/usr/bin/env python3
		import csv, io, sys
		from collections import defaultdict
		from fractions import Fraction
		from broden_png import labels
		d = sys.argv[1]
		def png(name):
		    return sum(labels(f"{d}/images/{name}"), [])
		def rows(name):
		    return list(csv.DictReader(open(f"{d}/{name}.csv", newline="")))
		def table(name, columns, rows):
		    out = io.StringIO()
		    csv.writer(out, lineterminator="\r\n").writerows([columns] + rows)
		    if out.getvalue().encode() != open(f"{d}/{name}.csv", "rb").read():
		        print(f"{name}.csv differs from:\n{out.getvalue()}")
		order = [r["name"] for r in rows("category")]
		names = {int(r["number"]): (r["name"], r["syns"]) for r in rows("label")}
		f, c = defaultdict(int), defaultdict(Fraction)
		for r in rows("index"):
		    for cat in order:
		        held = defaultdict(Fraction)
		        for p in filter(None, r[cat].split(";")):
		            if p.isdigit():
		                held[int(p)] = Fraction(1)
		                continue
		            pixels = png(p)
		            for v in set(pixels) - {0}:
		                held[v] += Fraction(pixels.count(v), len(pixels))
		        for v in held:
		            f[cat, v] += 1
		            c[cat, v] += held[v]
		table("category", ["name", "first", "last", "count", "frequency"],
		      [[cat, min(k), max(k), len(k), sum(f[cat, v] for v in k)]
		       for cat in order for k in [[v for g, v in f if g == cat]]])
		table("label", ["number", "name", "category", "frequency", "coverage", "syns"],
		      [[v, names[v][0], ";".join(f"{g}({f[g, v]})" for g in sorted(
		            (g for g in order if (g, v) in f), key=lambda g: (-f[g, v], order.index(g)))),
		        sum(f.get((g, v), 0) for g in order), "%f" % sum(c.get((g, v), 0) for g in order), names[v][1]]
		       for v in sorted(names)])
		for cat in order:
		    k = sorted((v for g, v in f if g == cat), key=lambda v: (-f[cat, v], -c[cat, v], v))
		    table(f"c_{cat}", ["code", "number", "name", "frequency", "coverage"],
		          [[i + 1, v, names[v][0], f[cat, v], repr(float(c[cat, v]))] for i, v in enumerate(k)])
	EOF
}

@test "BK01 a good directory: silence; remarks are no faults" {
	run --separate-stderr -0 broden-check --exact good
	[ -z "$output$stderr" ]
	cp -r good d
	printf 'bare.png,train,24,24,12,12,,,,,,\r\n' >>d/index.csv
	cp d/images/scene0000.png d/images/bare.png
	sed -i '1s/\r$/,depth\r/; 1!s/\r$/,\r/' d/index.csv
	run --separate-stderr -0 broden-check d
	[ "${#lines[@]}" = 2 ]
	[ "${lines[0]}" = "d/index.csv: row 1: remark: column 'depth' is no category of category.csv" ]
	[ "${lines[1]}" = "d/images/bare.png: index.csv row 14: remark: no label in any category: the row makes no item" ]
}

@test "BK02 --rewrite: the statistics of a restatement in fractions, byte by byte" {
	[ "$(restate good)" = "" ]
	grep -q ';' good/label.csv || grep -q ';' good/index.csv
	# Whatever was in them; names, numbers and synonyms stay.
	cp -r good d
	sed -i 's/,[0-9.]*,[0-9.]*\r$/,7,0.5\r/' d/c_*.csv
	sed -i '2s/\r$/someone;else\r/' d/label.csv
	sed -i '2,$s/,.*\r$/,1,2,3,4\r/' d/category.csv
	run -3 broden-check d
	broden-check -t 3 --rewrite d
	[ "$(restate d)" = "" ]
	grep -q 'someone;else' d/label.csv
	cmp good/category.csv d/category.csv
	for f in good/c_*.csv; do cmp "$f" "d/${f#good/}"; done
}

@test "BK03 tables of a walk, of numbers and names alone, get statistics" {
	cp -r good d
	for f in d/c_*.csv; do
		cut -d , -f 2 "$f" >new
		mv new "$f"
	done
	cut -d , -f 1,2 good/label.csv >d/label.csv
	printf 'name\n' >d/category.csv
	sed 1d good/category.csv | cut -d , -f 1 >>d/category.csv
	broden-check --exact d
	broden-check --rewrite d
	for f in category label c_object c_color; do cmp "good/$f.csv" "d/$f.csv"; done
}

@test "BK04 faults of files, sizes and labels: all of them, in one run" {
	cp -r good d
	rm d/images/scene0000.png
	head -c 200 good/images/scene0001.png >d/images/scene0001.png
	pngtopnm <good/images/scene0002.png | pnmcut 0 0 20 24 | pnmtopng -force >d/images/scene0002.png
	pngtopnm <good/images/scene0003_color_1.png | pnmcut 0 0 8 9 | pnmtopng -force >d/images/scene0003_color_1.png
	ppmmake rgb:ff/00/00 12 12 | pnmtopng -force >d/images/scene0004_color_1.png
	ppmmake rgb:ff/00/01 12 12 | pnmtopng -force >d/images/scene0005_color_1.png
	ln -sf /etc/hostname d/images/scene0006.png
	sed -i '9s/^scene/..\/scene/; 10s/,24,24,12,12,/,24,x,12,0,/; 11s/^scene0009/scene0008/' d/index.csv
	sed -i '12s/_color_1.png/_color_1.png;9999; ;0;nothing;/; 13s/,/,,/' d/index.csv
	run -3 broden-check -o got d
	[ "$output" = "broden-check: d: $(($(wc -l <got) - 1)) faults in 12 rows" ]
	cut -c 1-150 got >rest
	diff rest - <<-'EOF'
		d/images/scene0000.png: index.csv row 2: No such file or directory
		d/images/scene0001.png: index.csv row 3: premature end of PNG file
		d/images/scene0002.png: index.csv row 4: 20 x 24 pixels, the row says 24 x 24
		d/images/scene0003_color_1.png: index.csv row 5: 8 x 9 pixels, the row says 12 x 12
		d/images/scene0004_color_1.png: index.csv row 6: 144 pixels whose value is not in label.csv, the first 255 at column 0, row 0 (--void 255, if it stand
		d/images/scene0005_color_1.png: index.csv row 7: blue is 1 at column 0, row 0: labels are red + 256 * green, and blue is 0 (are the channels in BGR or
		d/images/scene0006.png: index.csv row 8: a symbolic link leads out of the directory
		d/images/../scene0007.png: index.csv row 9: name leads out of the directory
		d/images/scene0008.png: index.csv row 10: iw 'x' is not a size
		d/images/scene0008.png: index.csv row 10: sw '0' is not a size
		d/images/scene0010.png: index.csv row 12: column color: 9999 is not in label.csv
		d/images/scene0010.png: index.csv row 12: column color: 'nothing' is neither a number nor a file
		d/index.csv: row 13: 13 fields instead of 12
		d/index.csv: row 11: image 'scene0008.png' again, as in row 10, and in 2 rows in all
		d: remark: statistics are not compared, as 7 maps, numbers or rows are no good
	EOF
	run -3 broden-check --outside d
	[ "$(grep -c 'leads out of the directory' <<<"$output")" = 0 ]
	grep -qxF 'd/images/scene0006.png: index.csv row 8: neither JPEG nor PNG nor PNM' <<<"$output"
	# The same list whatever the threads, as JSON, and with a file's name that is no plain text.
	run -3 broden-check -t 1 -o one d
	cmp one got
	run -3 broden-check -t 5 --format json -o list.json d
	python3 - <<-'EOP'
		import json
		faults = json.load(open("list.json"))
		lines = open("got").read().splitlines()
		assert len(faults) == len(lines)
		for f, line in zip(faults, lines):
		    assert line.startswith(f["file"] + ":") and line.endswith(": " + f["reason"]), (f, line)
		    assert f["row"] is None or f" {f['row']}: " in line
		kinds = [f["kind"] for f in faults]
		assert set(kinds) == {"file", "size", "label", "table", "remark"}, set(kinds)
	EOP
}

@test "BK05 faults of tables: those of all, and the rows are looked at none the less" {
	cp -r good d
	sed -i '3s/^[0-9]*,/zwei,/; 4s/^[0-9]*,[^,]*/4,/; 6s/,.*/,two fields/' d/label.csv
	printf '2,again,color(1),1,1,\r\n70000,far,color(1),1,1,\r\n0,zero,,,,\r\n' >>d/label.csv
	rm d/c_part.csv
	sed -i '2s/[0-9]*,[a-z -]*,/1,other,/; 3s/^\([0-9]*\),[0-9]*,/\1,60000,/; 4s/,[0-9.]*\r$/,much\r/' d/c_scene.csv
	printf 'a/b,1,1,1,1\r\ncolor,1,1,1,1\r\n' >>d/category.csv
	rm d/images/scene0011.png
	run -3 broden-check -o got d
	cat got
	grep -qxF "d/category.csv: row 8: category 'a/b' is no plain name" got
	grep -qxF "d/category.csv: row 9: category 'color' again" got
	grep -qxF "d/label.csv: row 3: number 'zwei': not a whole number" got
	grep -qxF "d/label.csv: row 4: the name is empty" got
	grep -qE "^d/label.csv: row 6: [0-9] fields instead of 6$" got
	grep -qE "^d/label.csv: row [0-9]+: number '70000': out of range$" got
	grep -qE "^d/label.csv: row [0-9]+: 'zero' has number 0, which stands for unlabelled$" got
	grep -qxF "d/c_part.csv: No such file or directory" got
	grep -qxF "d/c_scene.csv: row 4: coverage 'much': not a number" got
	grep -qxF "d/images/scene0011.png: index.csv row 13: No such file or directory" got
	rm -r d
	mkdir d
	run -3 broden-check d
	[ "${lines[0]}" = "d/category.csv: No such file or directory" ]
	[ "${lines[1]}" = "d/label.csv: No such file or directory" ]
	[ "${lines[2]}" = "d/index.csv: No such file or directory" ]
	[ "${lines[3]}" = "d/images: No such file or directory" ]
	[ "${lines[4]}" = "broden-check: d: 4 faults in 0 rows" ]
}

@test "BK06 statistics that are not so; what scaling makes of them is one remark, unless --exact" {
	cp -r good d
	# One image more, and a little more of them: as before maps were scaled.
	awk -F , -v OFS=, 'NR == 2 { $4 += 1; sub(/\r/, "", $5); $5 = $5 * 1.05 "\r" } 1' good/c_object.csv >d/c_object.csv
	run -0 broden-check d
	[ "$output" = "d: remark: 1 statistics are near what the maps hold, as those of maps before they were scaled are" ]
	run -3 broden-check --exact d
	[ "${#lines[@]}" = 3 ]
	[[ ${lines[0]} == "d/c_object.csv: row 2: label "*": frequency "*", and "*" images hold it" ]]
	[[ ${lines[1]} == "d/c_object.csv: row 2: label "*": coverage "*", and it covers "*" images" ]]
	# Fewer than there are, or much more of them, no scaling makes.
	awk -F , -v OFS=, 'NR == 2 { $4 -= 1 } NR == 3 { sub(/\r/, "", $5); $5 = $5 * 1.2 "\r" } NR != 4' good/c_object.csv >d/c_object.csv
	sed -i '2s/,[0-9]*,/,9,/; 3s/,[0-9]*\r/,1\r/' d/category.csv
	sed -i '3s/([0-9]*)/(0)/; 4s/,color([0-9]*)/,texture(1)/' d/label.csv
	run -3 broden-check d
	printf '%s\n' "${lines[@]}" >got
	[ "${#lines[@]}" = 8 ]
	grep -qE "^d/category.csv: row 2: category 'color': first 9, and it is 1$" got
	grep -qE "^d/category.csv: row 3: category 'object': frequency 1, and it is [0-9]+$" got
	grep -qE "^d/label.csv: row 3: label 2 '.*': category color\(0\), and [0-9]+ images hold it there$" got
	grep -qE "^d/label.csv: row 4: label 3 '.*': category texture\(1\), which neither lists nor holds it$" got
	grep -qE "^d/c_object.csv: row 2: label [0-9]+ '.*': frequency [0-9]+, and [0-9]+ images hold it$" got
	grep -qE "^d/c_object.csv: row 3: label [0-9]+ '.*': coverage [0-9.]+, and it covers [0-9.]+ images$" got
	grep -qE "^d/c_object.csv: label [0-9]+ '.*' is not listed, and [0-9]+ images hold it$" got
	broden-check --rewrite d >/dev/null
	[ "$(restate d)" = "" ]
}

@test "BK07 --rewrite writes nothing where there are other faults, or all of it cannot be written" {
	cp -r good d
	sed -i 's/,[0-9.]*,[0-9.]*\r$/,7,0.5\r/' d/c_*.csv
	cp -r d before
	rm d/images/scene0003.png
	run -3 broden-check --rewrite d
	[[ "${lines[-1]}" == "broden-check: d: 1 faults in 12 rows, and nothing is rewritten" ]]
	cp good/images/scene0003.png d/images
	rm d/c_scene.csv
	mkdir d/c_scene.csv
	run -3 broden-check --rewrite d
	rmdir d/c_scene.csv
	cp before/c_scene.csv d
	diff -r before d
	[ -z "$(find d -name '.ndr*')" ]
	rm -r before
}

@test "BK08 palettes and the void, as broden-cat has them" {
	mkdir -p d/images
	ppmmake rgb:10/20/30 8 8 | pnmtopng >d/images/a.png
	python3 - <<-'EOP'
		import struct, zlib
		def chunk(tag, data):
		    return struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))
		open("d/images/m.png", "wb").write(
		    b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 2, 8, 3, 0, 0, 0))
		    + chunk(b"PLTE", bytes([0, 0, 0, 2, 0, 0, 1, 0, 0, 9, 0, 0]))
		    + chunk(b"IDAT", zlib.compress(bytes([0, 0, 1, 2, 3, 0, 1, 1, 3, 0]))) + chunk(b"IEND", b""))
	EOP
	printf 'name\nobject\n' >d/category.csv
	printf 'number,name\n1,cat\n2,dog\n' >d/label.csv
	printf 'number\n1\n2\n' >d/c_object.csv
	printf 'image,ih,iw,sh,sw,object\na.png,8,8,2,4,m.png\n' >d/index.csv
	run -3 broden-check d
	[ "${lines[0]}" = "d/images/m.png: index.csv row 2: by the colours of the palette (--palette-index takes its indices), 2 pixels whose value is not in label.csv, the first 9 at column 3, row 0" ]
	run -3 broden-check --palette-index d
	[ "${lines[0]}" = "d/images/m.png: index.csv row 2: 2 pixels whose value is not in label.csv, the first 3 at column 3, row 0" ]
	broden-check --palette-index --void 3 --rewrite d
	[ "$(sed 1d d/c_object.csv)" = $'1,1,cat,1,0.375\r\n2,2,dog,1,0.125\r' ]
}

@test "BK09 the photographs: statistics of scenes and textures are those that are there, others are near" {
	need_shared
	mkdir d
	cp "$shared"/data/broden/*.csv d
	chmod u+w d/*.csv
	ln -s "$(cd "$shared"/data/broden/images && pwd)" d/images
	run -0 broden-check d
	[[ "$output" == "d: remark: "*" statistics are near what the maps hold, "* ]]
	broden-check --rewrite d >/dev/null
	for f in c_scene c_texture index; do cmp "$shared"/data/broden/$f.csv "d/$f.csv"; done
	run -0 broden-check --exact d
	[ -z "$output" ]
}

@test "BK10 names in cells, numbers that are none, names with control characters and without end: the place once, and the reason" {
	cp -r good d
	# rows 2 to 5; the row's own column of scenes comes last here
	python3 - <<-'EOP'
		import csv
		rows = list(csv.reader(open("good/index.csv", newline="")))
		at = rows[0].index("scene")
		rows[1][at] = "street;nan;-1;1.5;a/b"
		rows[2][0] = "no\x01ne\n.png"
		rows[3][0] = "x/" * 600 + "y.png"
		csv.writer(open("d/index.csv", "w", newline="")).writerows(rows)
		print(rows[1][0])
	EOP
	run -3 broden-check -o got d
	first=$(sed -n 2p good/index.csv | cut -d , -f 1)
	{
		for text in "street' is neither a number nor a file" "nan' is neither a number nor a file" "-1' is no label number" "1.5' is no label number"; do
			echo "d/images/$first: index.csv row 2: column scene: '$text"
		done
		echo "d/images/a/b: index.csv row 2: No such file or directory"
		echo "d/images/no?ne?.png: index.csv row 3: No such file or directory"
	} | diff - <(head -n 6 got)
	sed -n 7p got | grep -q '^d/images/x/x/.*x/y.png: index.csv row 4: No such file or directory$'
	run -3 broden-check --format json -o got d
	python3 -c 'import json; print(*[f["reason"] for f in json.load(open("got"))[4:7]], sep="\n")' | sort -u >reasons
	[ "$(cat reasons)" = "No such file or directory" ]
	# what broden-cat says of the first
	run -3 broden-cat d
	[[ $output == *"d/images/$first: index.csv row 2: column scene: 'street' is neither a number nor a file"* ]]
}
