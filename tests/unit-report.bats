# unit-report: the page of a dissection.
# shellcheck disable=SC2154,SC2016 # set by bats and by helper.bash; for an inner shell
load helper

setup() {
	fixture=$(fixture)
	cd "$BATS_TEST_TMPDIR" || exit
	PATH=$PATH:$root/build/bin
}

page() {
	"$root/tests/page" "$@"
}

setup_file() {
	fixture=$(fixture)
	cd "$BATS_FILE_TMPDIR" || return
	dissect_by_hand d "$fixture/images.ndr"
}

# dissection STEM IMAGES [LAYER] -- what dissect leaves of conv3 of the demo's network, or another layer
dissection() {
	if [ "$1 $2 ${3-}" = "d $fixture/images.ndr " ]; then
		cp "$BATS_FILE_TMPDIR"/d.* .
	else
		dissect_by_hand "$@"
	fi
}
dissect_by_hand() {
	cnn-forward -q -m "$fixture/alexnet.onnx" -l "${3:-conv3}" --preset demo -o "$1.act.ndr" "$2"
	act-quantile -q -o "$1.thr.ndr" "$1.act.ndr"
	act-segment -q -T "$1.thr.ndr" -o "$1.seg.ndr" "$1.act.ndr"
	iou-score -o "$1.score.ndr" "$1.seg.ndr"
	act-top -q --maps --maxima -k 4 -o "$1.top.ndr" "$1.act.ndr"
	unit-label -q --min-images 1 -o "$1.csv" "$1.score.ndr"
}

# small DIR < label names, four of them, in quotes as CSV has them -- a data set of two images
# in DIR, with file names that are hostile too, and its dissection in DIR/s.*.ndr
small() {
	mkdir -p "$1/images"
	printf 'name\nthing\nscene\n' >"$1/category.csv"
	python3 -c '
import csv, sys
names = [row[0] for row in csv.reader(sys.stdin)]
rows = [["number", "name"]] + [[i + 1, name] for i, name in enumerate(names)]
csv.writer(open(sys.argv[1], "w", newline="")).writerows(rows)' "$1/label.csv"
	printf 'number,coverage\n1,1\n2,1\n3,1\n' >"$1/c_thing.csv"
	printf 'number,coverage\n4,1\n' >"$1/c_scene.csv"
	printf 'P3 4 1 255  1 0 0  1 0 0  2 0 0  3 0 0\n' | pnmtopng -force >"$1/images/one<b>&\"'.png" 2>"$1/said"
	printf 'P3 4 1 255  3 0 0  2 0 0  2 0 0  1 0 0\n' | pnmtopng -force >"$1/images/two.png" 2>"$1/said"
	python3 -c '
import csv, sys
names = ["one<b>&\"\x27.png", "two.png"]
csv.writer(open(sys.argv[1], "w", newline="")).writerows(
    [["image", "split", "ih", "iw", "sh", "sw", "thing", "scene"]] +
    [[n, "train", 1, 4, 1, 4, n, 4] for n in names])' "$1/index.csv"
	broden-cat -q -o "$1/images.ndr" "$1"
	echo 0 6 1 1  3 0 1 0 | python3 -c '
import struct, sys
head = b"{\x27descr\x27: \x27<f4\x27, \x27fortran_order\x27: False, \x27shape\x27: (2, 2, 1, 2)}"
head += b" " * (-(len(head) + 11) % 64) + b"\n"
v = list(map(float, sys.stdin.read().split()))
sys.stdout.buffer.write(b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head + struct.pack("<8f", *v))' |
		npytondr --as act --like "$1/images.ndr" -l '</title><script>alert(2)</script>' -o "$1/s.act.ndr"
	act-quantile -q --quantile 0.3 -o "$1/s.thr.ndr" "$1/s.act.ndr"
	act-segment -q --upsample resize -T "$1/s.thr.ndr" "$1/s.act.ndr" | iou-score -o "$1/s.score.ndr"
	act-top --maps -q -k 3 -o "$1/s.top.ndr" "$1/s.act.ndr"
}

@test "UR01 every number on the page is that of the result table, at any cut" {
	dissection d "$fixture/images.ndr"
	for cut in 0 1; do # 0.04 and 0.1: UR12
		unit-report -q --min-images 1 --threshold $cut -i "$fixture/images.ndr" d >d.html
		page numbers d.html d.csv $cut
	done
	unit-label -q --min-images 8 -o few.csv d.score.ndr
	unit-report -q --min-images 8 -i "$fixture/images.ndr" d | tee few.html | wc -c
	page numbers few.html few.csv 0.04
}

@test "UR02 masks are those of act-segment, pixel by pixel; outlines those of the labels" {
	dissection d "$fixture/images.ndr"
	unit-report -q --min-images 1 -i "$fixture/images.ndr" -o d.html d
	page masks d.html d.seg.ndr d.top.ndr + truth d.html "$fixture/images.ndr" d.csv
	for how in "--upsample resize" "--upsample corners --compare gt"; do
		# shellcheck disable=SC2086 # options
		act-segment -q $how -T d.thr.ndr -o d.seg.ndr d.act.ndr
		iou-score -o d.score.ndr d.seg.ndr
		# shellcheck disable=SC2086
		unit-report -q $how --min-images 1 -i "$fixture/images.ndr" -o d.html d
		page masks d.html d.seg.ndr d.top.ndr
	done
}

@test "UR12 --activations: all detectors that fire on an image, and images at quantiles" {
	dissection d "$fixture/images.ndr"
	for cut in 0.04 0.1; do
		unit-report -q --min-images 1 --threshold $cut --activations act -i "$fixture/images.ndr" -o d.html d
		page numbers d.html d.csv $cut + fires d.html d.seg.ndr d.csv $cut + safe d.html
	done
	page masks d.html d.seg.ndr d.top.ndr + truth d.html "$fixture/images.ndr" d.csv + quantiles d.html d.act.ndr d.seg.ndr
	# From a pipe all are read, from a file those shown.
	unit-report -q --min-images 1 --threshold 0.1 --activations act -i "$fixture/images.ndr" --folder out d
	page fires out/index.html d.seg.ndr d.csv 0.1
	mkdir piped
	cp d.{thr,score,top}.ndr piped
	ndr-head -n 24 d.act.ndr >piped/all
	mkfifo piped/d.act.ndr
	cat d.act.ndr >piped/d.act.ndr &
	unit-report -q --min-images 1 --threshold 0.1 --activations act -i "$fixture/images.ndr" piped/d | cmp - d.html
	# Two sides, of which each has its own.
	dissection e "$fixture/images.ndr" conv2
	unit-report -q --min-images 1 --activations act -i "$fixture/images.ndr" -o both.html d e
	page safe both.html
}

@test "UR13 --activations: what is not shown is not read; what does not belong is refused" {
	broden-synth -q --seed 7 -n 150 -o images.ndr
	dissection d images.ndr
	act-top -q --maps --maxima -k 1 -o d.top.ndr d.act.ndr
	unit-report -q --activations act -i images.ndr -o d.html d
	python3 - d.act.ndr d.html <<-'EOF'
		import re, struct, sys
		data = bytearray(open(sys.argv[1], "rb").read())
		shown = {int(i) for i in re.findall(r"\n\.i(\d+)\{", open(sys.argv[2]).read())}
		at, spoilt = 0, {True: None, False: None}
		while at < len(data):
		    kind, = struct.unpack_from("<H", data, at + 4)
		    length, = struct.unpack_from("<Q", data, at + 8)
		    item, = struct.unpack_from("<I", data, at + 24)
		    if kind == 7:
		        spoilt[item in shown] = at + 64
		    at += 64 + (length + 63) // 64 * 64
		for name, which in (("hidden", False), ("seen", True)):
		    copy = bytearray(data)
		    copy[spoilt[which]] ^= 1
		    open(f"d.{name}.ndr", "wb").write(copy)
	EOF
	run -3 ndr-check d.hidden.ndr
	unit-report -q --activations hidden -i images.ndr d | sed 's/^option.activations=.*//' >hidden.html
	sed 's/^option.activations=.*//' d.html | cmp - hidden.html
	refused() {
		local status=$1 text=$2
		shift 2
		run --separate-stderr "-$status" unit-report -q -o none -i images.ndr "$@" d
		[ ! -e none ] && [[ $stderr == "unit-report: "*"$text"* ]] || { echo "$stderr"; return 1; }
	}
	refused 3 "d.seen.ndr: record " --activations seen
	refused 1 "d.gone.ndr: No such file" --activations gone
	refused 3 "d.thr.ndr: no activations of" --activations thr
	ndr-head -n 5 d.act.ndr >d.few.ndr
	refused 3 "d.few.ndr: no activations of" --activations few
	dissection e images.ndr conv2
	cp e.act.ndr d.other.ndr
	refused 3 "d.other.ndr: no layer conv3" --activations other
	rotate-basis -q --seed 1 d.act.ndr >d.rotated.ndr
	refused 3 "d.rotated.ndr: layer conv3 is of another basis" --activations rotated
	broden-synth -q --seed 8 -n 150 | cnn-forward -q -m "$fixture/alexnet.onnx" -l conv3 --preset demo -o d.strange.ndr
	refused 3 "not the activations that MAXIMA was made from" --activations strange
}

@test "UR03 the same bytes from a pipe, from --items, with any threads; nothing from outside" {
	dissection d "$fixture/images.ndr"
	unit-report -q -i "$fixture/images.ndr" -o one d
	unit-report -q d <"$fixture/images.ndr" | cmp - one
	gzip -c "$fixture/images.ndr" | unit-report -q d | cmp - one
	page safe one
	broden-cat -q "$fixture/broden1_227" | unit-report -q -o files d
	for t in 1 2 4; do
		broden-cat -t $t -q --items d.top.ndr "$fixture/broden1_227" |
			unit-report -t $t -q d | cmp - files
	done
	mkdir elsewhere
	cp d.*.ndr elsewhere
	unit-report -q -i "$fixture/images.ndr" elsewhere/d | cmp - one
}

@test "UR04 names of strangers are text, whatever they are" {
	long=$(printf 'n%.0s' {1..10000})
	names=('"<script>alert(1)</script>"' '"a""b"' $'"x,y\n&amp;"' "\"$long\"")
	for i in 0 1 2 3; do # each once as the best label
		printf '%s\n' "${names[@]:i}" "${names[@]:0:i}" | small s$i
		unit-report -q --upsample resize --min-images 0 -i s$i/images.ndr -o s.html s$i/s
		page safe s.html
		page text s.html >>spoken
	done
	for name in "'<script>alert(1)</script>'" "'a\"b'" "'x,y\\n&amp;'" "'$long'"; do
		[ "$(grep -cxF "$name" spoken)" -ge 2 ]
	done
	grep -qF "one<b>&\"\\'.png, activation 6, mask" spoken
	unit-report -q --upsample resize --min-images 0 --network '<script>alert(3)</script>' \
		--data '"&<b>' -i s0/images.ndr -o named.html s0/s
	page safe named.html
	grep -qF '<dd>&lt;script&gt;alert(3)&lt;/script&gt;' named.html
	grep -qF ' on &quot;&amp;&lt;b&gt;, 2 images</p>' named.html
	head -n 1 spoken | grep -qF '</title><script>alert(2)</script>'
	[ "$(grep -c '<script' s.html)" = 3 ]
}

@test "UR05 --folder: a page beside photographs in their own size" {
	dissection d "$fixture/images.ndr"
	unit-report -q --min-images 1 -i "$fixture/images.ndr" --folder out d
	page numbers out/index.html d.csv 0.04
	page masks out/index.html d.seg.ndr d.top.ndr
	page safe out/index.html
	used=$(ndr-dump --type TOP --values 100000 d.top.ndr | sed 's/.*\t//' | tr ' ' '\n' |
		awk 'NR % 2 == 0 && $1 >= 0' | sort -u | wc -l)
	[ "$(find out/images -name '*.jpg' | wc -l)" = "$used" ]
	for jpeg in out/images/*.jpg; do
		jpegtopnm "$jpeg" 2>said | head -n 2 | tail -n 1
	done | sort -u >sizes
	pamtopnm <(ndrtopam "$fixture/images.ndr") | head -n 2 | tail -n 1 | cmp - sizes
	[ -z "$(find out -name '.*.??????')" ]
	run --separate-stderr -2 unit-report --folder out -o page -i "$fixture/images.ndr" d
	[[ $stderr == *"--folder and --output exclude each other"* ]]
}

@test "UR06 two dissections side by side" {
	dissection d "$fixture/images.ndr"
	dissection e "$fixture/images.ndr" conv2
	unit-report -q --min-images 1 -i "$fixture/images.ndr" -o both.html d e
	page safe both.html
	unit-report -q --min-images 1 -i "$fixture/images.ndr" -o d.html d
	# A name for both networks, or for each its own.
	unit-report -q --network one.onnx -i "$fixture/images.ndr" d e | grep -c '<dd>one.onnx' | grep -qx 2
	unit-report -q --network one.onnx --network two.onnx -i "$fixture/images.ndr" -o named.html d e
	grep -o '<dd>[a-z]*.onnx' named.html | cmp - <(printf '<dd>one.onnx\n<dd>two.onnx\n')
	run --separate-stderr -2 unit-report --network one.onnx --network two.onnx -i "$fixture/images.ndr" d
	[[ $stderr == "unit-report: --network: 2 names of 1 networks"* ]]
	unit-report -q --min-images 1 -i "$fixture/images.ndr" -o e.html e
	for n in 0 1; do
		sed -n "/data-side=\"$n\"/,/<\/section>/p" both.html
	done | sed 's/id="v/id="u/; s/#v/#u/g; s/class="x t[0-9-]*"/class="x"/' | grep '<article\|<data\|<h3' >both
	for n in d e; do
		sed -n '/data-side="0"/,/<\/section>/{s/class="x t[0-9-]*"/class="x"/;p}' $n.html
	done | grep '<article\|<data\|<h3' | cmp - both
}

@test "UR07 what does not belong together is refused" {
	dissection d "$fixture/images.ndr"
	refused() {
		local status=$1 text=$2
		shift 2
		run --separate-stderr "-$status" unit-report -q -o none "$@"
		[ ! -e none ] && [ -z "$output" ] || return 1
		[[ $stderr == "unit-report: "*"$text"* ]] || { echo "$stderr"; return 1; }
	}
	refused 1 "gone.score.ndr: No such file or directory" -i "$fixture/images.ndr" gone
	refused 2 "no scores of --layer 'fc'" --layer fc -i "$fixture/images.ndr" d
	for kind in score thr top; do
		mkdir -p cut
		cp d.score.ndr d.thr.ndr d.top.ndr cut
		head -c -64 d.$kind.ndr >cut/d.$kind.ndr
		refused 4 "cut/d.$kind.ndr: " -i "$fixture/images.ndr" cut/d
		: >cut/d.$kind.ndr
		refused 4 "cut/d.$kind.ndr: " -i "$fixture/images.ndr" cut/d
		python3 -c 'import sys; d = bytearray(sys.stdin.buffer.read()); d[300] ^= 1; sys.stdout.buffer.write(d)' \
			<d.$kind.ndr >cut/d.$kind.ndr
		refused 3 "cut/d.$kind.ndr: " -i "$fixture/images.ndr" cut/d
	done
	head -c 5000 "$fixture/images.ndr" >part
	refused 4 "part: " -i part d
	ndr-head -n 2 "$fixture/images.ndr" >two
	refused 3 "images are not in the input, the first is item" -i two d
	broden-synth -q --seed 7 -n 24 --no-images -o labels.ndr
	refused 3 "has no image" -i labels.ndr d
	broden-synth -q --seed 7 -n 23 -o fewer.ndr
	refused 3 "fewer.ndr: of a data set of 23 items, not 24" -i fewer.ndr d
	act-top -q -k 4 -o d.top.ndr d.act.ndr
	refused 3 "act-top --maps writes them" -i "$fixture/images.ndr" d
	act-top -q --maps -k 4 -o d.top.ndr d.act.ndr
	dissection e "$fixture/images.ndr" conv2
	cp e.top.ndr d.top.ndr
	refused 3 "d.top.ndr: no layer conv3" -i "$fixture/images.ndr" d
	rotate-basis -q --seed 1 e.act.ndr >rotated
	act-quantile -q -o e.thr.ndr rotated
	refused 3 "e.thr.ndr: layer conv2 is of another basis than in the scores" -i "$fixture/images.ndr" e
}

@test "UR08 what the run warned of is on the page" {
	dissection d "$fixture/images.ndr"
	run --separate-stderr -0 unit-report --upsample resize -i "$fixture/images.ndr" -o d.html d
	[[ $stderr == *"warning: scores are of masks with --upsample rf, the masks shown are with --upsample resize"* ]]
	[[ $stderr == *"warning: only 24 images: labels that few of them hold can pass the threshold by chance"* ]]
	grep -q '<li>scores are of masks with --upsample rf' d.html
	grep -q '<li>only 24 images' d.html
	[[ $stderr != *"other thresholds"* ]]
	act-quantile -q --quantile 0.1 -o d.thr.ndr d.act.ndr
	run --separate-stderr -0 unit-report -i "$fixture/images.ndr" -o d.html d
	[[ $stderr == *"warning: scores are of masks with other thresholds than the masks shown"* ]]
}

@test "UR09 broden-cat --items: the named items, with their numbers" {
	broden-cat -q -o all "$fixture/broden1_227"
	act-top -q -k 1 "$fixture/conv5.ndr" >top
	broden-cat -q --items top -o some "$fixture/broden1_227"
	ndr-check some
	ndr-dump --type TOP --values 100000 top | sed 's/.*\t//' | tr ' ' '\n' | awk 'NR % 2 == 0' |
		sort -nu >wanted
	ndr-dump --type ITEM some | cut -f 3 | cmp - wanted
	[ "$(ndr-dump --type ITEM all | wc -l)" -gt "$(wc -l <wanted)" ]
	cat top top | broden-cat -q --items - "$fixture/broden1_227" | cmp - some
	run --separate-stderr -3 broden-cat -q --items "$fixture/conv5.thr" -o none "$fixture/broden1_227"
	[[ $stderr == "broden-cat: $fixture/conv5.thr: no TOP: act-top writes it" ]]
	run --separate-stderr -3 broden-cat -q --limit 5 --items top -o none "$fixture/broden1_227"
	[[ $stderr == "broden-cat: top: of a data set of 24 items, not 5" ]]
	[ ! -e none ]
}

@test "UR10 a full disk, a closed output" {
	dissection d "$fixture/images.ndr"
	run --separate-stderr -1 bash -c 'unit-report -q -i "$1" d >/dev/full' full "$fixture/images.ndr"
	[[ $stderr == "unit-report: <stdout>: No space left on device" ]]
	run --separate-stderr -1 unit-report -q -i "$fixture/images.ndr" --folder no/such d
	[[ $stderr == "unit-report: no/such: No such file or directory" ]]
}

@test "UR11 in a browser: numbers, order, filters, slider, links, keyboard, no error, no request" {
	[ -x "$(command -v chromium || command -v chromium-browser)" ] || skip "no Chromium here"
	dissection d "$fixture/images.ndr"
	unit-report -q --min-images 1 -i "$fixture/images.ndr" --activations act -o d.html d
	unit-report -q --min-images 1 -i "$fixture/images.ndr" --folder out d
	"$root/tests/browser" d.html d.csv out/index.html d.csv
}

@test "UR14 --formulas: each unit's, and pictures lit where it is true" {
	dissection d "$fixture/images.ndr"
	units=$(($(wc -l <d.csv) - 1))
	page invent "$fixture/images.ndr" $units conv3 >l.tsv
	unit-report -q --min-images 1 --formulas l.tsv -i "$fixture/images.ndr" -o d.html d
	page formulas d.html "$fixture/images.ndr" l.tsv + safe d.html + numbers d.html d.csv 0.04 + \
		masks d.html d.seg.ndr d.top.ndr
	# Without others' IoU, of one length; other layers are passed by.
	awk -F '\t' -v OFS='\t' '$3 == 1 || NR == 1 { print $1, $2, $3, $5, $7, $8; print "o" $1, $2, $3, 2, $7, "none" }' \
		l.tsv | sed '2d' >one.tsv
	unit-report -q --min-images 1 --formulas one.tsv -i "$fixture/images.ndr" d >one.html
	[ "$(grep -c 'class="formula"' one.html)" = "$units" ]
	run ! grep -q 'class="other"' one.html
	# Of two dissections, each has its own.
	unit-report -q --min-images 1 --formulas l.tsv --formulas one.tsv -i "$fixture/images.ndr" d d >both.html
	page safe both.html
	[ "$(grep -c 'class="formula"' both.html)" = $((2 * units)) ]
	[ "$(grep -c 'class="other"' both.html)" = "$units" ]
	refuse() { # NAME EXPRESSION MESSAGE
		sed "$2" l.tsv >"$1"
		run --separate-stderr -3 unit-report -q --min-images 1 --formulas "$1" -i "$fixture/images.ndr" -o none d
		[[ $stderr == "unit-report: $1: "$3 ]] || echo "$stderr"
		[[ $stderr == "unit-report: $1: "$3 ]]
		[ ! -e none ]
	}
	refuse layer 's/^conv3/conv4/' "no formulas of layer conv3, or not of all units, here 1"
	refuse short '$d' "no formulas of layer conv3, or not of all units, here $units"
	refuse order '3d' "line 3: lengths of a unit do not follow one another from 1 on"
	refuse unit "s/^conv3\t1\t/conv3\t$((units + 1))\t/" "line 2: unit '$((units + 1))' is not 1 to $units"
	refuse zero 's/^conv3\t1\t/conv3\t0\t/' "line 2: unit '0' is not 1 to $units"
	refuse score 's/\t0\.[0-9]*/\t2/' "line 2: score '2' is no IoU"
	refuse label '2s/[0-9]*$/65536/' "line 2: a formula of labels that the scores do not have"
	refuse word '3s/[0-9]*$/1 XOR 2/' "line 3: not a formula"
	refuse many '3s/[0-9]*$/1 OR 2 OR 3/' "line 3: a formula of more labels than its length"
	refuse fields '2s/\t[^\t]*$//' "line 2: too few fields"
	refuse column '1s/numbers/label/' "no column 'numbers': not what unit-formula --lengths writes"
	refuse nothing d empty
	run --separate-stderr -2 unit-report --formulas l.tsv --formulas l.tsv -i "$fixture/images.ndr" d
	[[ $stderr == *"--formulas: 2 files for 1 dissections"* ]]
}
